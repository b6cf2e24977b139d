//! Reading a table, whatever the kind of its source.

use crate::{
	csv_file, postgres, sqlite,
	table::{check_unique, CellSink, CellText, Header, RowPosition},
	CellFault, ColumnSpec, DataError, Decimal, Source, MAX_BITS, MAX_DECIMALS,
};

/// The names of the table's columns, in its order.
pub fn columns(source: &Source) -> Result<Vec<String>, DataError> {
	Ok(header(source)?.into_iter().map(|column| column.name).collect())
}

/// Calls `per_row` with every row's values of `columns`, in the order of `columns`, as integers `value × 10^decimals`
/// whose magnitude is below `2^bits`; returns the number of rows.
///
/// Stops at the first cell that is no such number ([`DataError::BadCell`]), with no more calls of `per_row`. A database
/// answers from one snapshot.
pub fn scan(source: &Source, columns: &[ColumnSpec], mut per_row: impl FnMut(&[i64]) + Send) -> Result<u64, DataError> {
	try_scan(source, columns, |values| {
		per_row(values);
		Ok(())
	})
}

/// As [`scan`], and stops at the first error of `per_row`, too.
pub fn try_scan<E: From<DataError> + Send>(
	source: &Source,
	columns: &[ColumnSpec],
	per_row: impl FnMut(&[i64]) -> Result<(), E> + Send,
) -> Result<u64, E> {
	check_columns(columns)?;
	let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
	read(source, &names, &mut FixedPoint { columns, values: vec![0; columns.len()], per_row })
}

fn check_columns(columns: &[ColumnSpec]) -> Result<(), DataError> {
	check_unique("the schema", columns.iter().map(|column| column.name.as_str()))?;
	match columns.iter().find(|column| column.decimals > MAX_DECIMALS || !(1..=MAX_BITS).contains(&column.bits)) {
		Some(ColumnSpec { name, decimals, bits }) => {
			Err(DataError::BadColumn { column: name.clone(), decimals: *decimals, bits: *bits })
		},
		None => Ok(()),
	}
}

/// The table's columns, in its order.
pub(crate) fn header(source: &Source) -> Result<Vec<Header>, DataError> {
	match source {
		Source::Csv { path } => csv_file::columns(path),
		Source::Sqlite { path, relation } => sqlite::columns(path, relation, &source.to_string()),
		Source::Postgres { url, relation } => postgres::columns(url, relation, &source.to_string()),
	}
}

/// Gives the cells of the columns called `names` to `sink`; returns the number of rows.
pub(crate) fn read<S: CellSink>(source: &Source, names: &[&str], sink: &mut S) -> Result<u64, S::Error> {
	match source {
		Source::Csv { path } => csv_file::read(path, names, sink),
		Source::Sqlite { path, relation } => sqlite::read(path, relation, &source.to_string(), names, sink),
		Source::Postgres { url, relation } => postgres::read(url, relation, &source.to_string(), names, sink),
	}
}

/// Makes fixed-point numbers of cells.
struct FixedPoint<'a, F> {
	columns: &'a [ColumnSpec],
	values: Vec<i64>,
	per_row: F,
}

impl<E, F> CellSink for FixedPoint<'_, F>
where
	E: From<DataError> + Send,
	F: FnMut(&[i64]) -> Result<(), E> + Send,
{
	type Error = E;

	fn cell(
		&mut self,
		index: usize,
		text: Result<CellText<'_>, CellFault>,
		at: RowPosition<'_>,
	) -> Result<(), DataError> {
		let text = text.map(CellText::as_str);
		let ColumnSpec { name, decimals, bits } = &self.columns[index];
		let value = text.and_then(Decimal::parse).and_then(|number| number.fixed(*decimals, *bits));
		self.values[index] = value.map_err(|fault| at.bad_cell(name, text, fault))?;
		Ok(())
	}

	fn end_row(&mut self) -> Result<(), E> {
		(self.per_row)(&self.values)
	}
}
