//! Reading a table, wherever it is.

use crate::{
	cell_text, csv_file, postgres, sqlite, Cell, CellFault, ColumnSpec, DataError, Decimal, LeftOut, Source, MAX_BITS,
	MAX_DECIMALS,
};

/// The names of the table's columns, in its order.
pub fn columns(source: &Source) -> Result<Vec<String>, DataError> {
	Ok(header(source)?.into_iter().map(|column| column.name).collect())
}

/// A column, as the table describes it.
pub(crate) struct Header {
	/// Its name.
	pub(crate) name: String,
	/// Why its type has no numbers, and what to do about it; `None` where only the cells can tell.
	pub(crate) not_numeric: Option<LeftOut>,
}

impl From<String> for Header {
	fn from(name: String) -> Self {
		Self { name, not_numeric: None }
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

/// Hands every row's values of `columns` to `per_row`, in the order of `columns`, as integers `value × 10^decimals`
/// whose magnitude is below `2^bits`; returns the number of rows.
///
/// Stops at the first cell that is no such number ([`DataError::BadCell`]), with no more calls of `per_row`. A database
/// answers from one snapshot.
pub fn scan(source: &Source, columns: &[ColumnSpec], per_row: impl FnMut(&[i64]) + Send) -> Result<u64, DataError> {
	check_columns(columns)?;
	let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
	read(source, &names, &mut FixedPoint { columns, values: vec![0; columns.len()], per_row })
}

/// Takes a table's cells as they are read, row by row, column by column.
pub(crate) trait Sink: Send {
	/// The text of a cell of the column with this index among the wanted ones, or why it has none that could be a number.
	fn cell(&mut self, column: usize, text: Result<&str, CellFault>, at: At<'_>) -> Result<(), DataError>;

	/// All cells of a row were given.
	fn end_row(&mut self);
}

/// Which row is read.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
	/// The table.
	pub(crate) place: &'a str,
	/// From 1.
	pub(crate) row: u64,
	/// In a file.
	pub(crate) line: Option<u64>,
}

/// Gives the cells of the columns called `names` to `sink`; returns the number of rows.
pub(crate) fn read(source: &Source, names: &[&str], sink: &mut dyn Sink) -> Result<u64, DataError> {
	match source {
		Source::Csv { path } => csv_file::read(path, names, sink),
		Source::Sqlite { path, relation } => sqlite::read(path, relation, &source.to_string(), names, sink),
		Source::Postgres { url, relation } => postgres::read(url, relation, &source.to_string(), names, sink),
	}
}

/// Where the columns called `names` stand in a table's `header`.
pub(crate) fn positions(place: &str, header: &[String], names: &[&str]) -> Result<Vec<usize>, DataError> {
	unique(place, header.iter().map(String::as_str))?;
	let position = |name: &&str| {
		header.iter().position(|column| column == name).ok_or_else(|| DataError::MissingColumn {
			place: place.into(),
			column: (*name).into(),
			there: header.to_vec(),
		})
	};
	names.iter().map(position).collect()
}

pub(crate) fn unique<'a>(place: &str, names: impl Iterator<Item = &'a str>) -> Result<(), DataError> {
	let mut names: Vec<&str> = names.collect();
	names.sort_unstable();
	match names.windows(2).find(|pair| pair[0] == pair[1]) {
		Some(pair) => Err(DataError::DuplicateColumn { place: place.into(), column: pair[0].into() }),
		None => Ok(()),
	}
}

fn check_columns(columns: &[ColumnSpec]) -> Result<(), DataError> {
	unique("the schema", columns.iter().map(|column| column.name.as_str()))?;
	match columns.iter().find(|column| column.decimals > MAX_DECIMALS || !(1..=MAX_BITS).contains(&column.bits)) {
		Some(ColumnSpec { name, decimals, bits }) => {
			Err(DataError::BadColumn { column: name.clone(), decimals: *decimals, bits: *bits })
		},
		None => Ok(()),
	}
}

/// Makes fixed-point numbers of cells.
struct FixedPoint<'a, F> {
	columns: &'a [ColumnSpec],
	values: Vec<i64>,
	per_row: F,
}

impl<F: FnMut(&[i64]) + Send> Sink for FixedPoint<'_, F> {
	fn cell(&mut self, index: usize, text: Result<&str, CellFault>, at: At<'_>) -> Result<(), DataError> {
		let ColumnSpec { name, decimals, bits } = &self.columns[index];
		let value = text.and_then(Decimal::parse).and_then(|number| number.fixed(*decimals, *bits));
		self.values[index] = value.map_err(|fault| bad_cell(at, name, text, fault))?;
		Ok(())
	}

	fn end_row(&mut self) {
		(self.per_row)(&self.values);
	}
}

/// The error for a cell. Only now it matters what a text is that is not a number.
pub(crate) fn bad_cell(at: At<'_>, column: &str, text: Result<&str, CellFault>, fault: CellFault) -> DataError {
	let cell = Cell { place: at.place.into(), row: at.row, line: at.line, column: column.into() };
	let value = text.unwrap_or_default();
	DataError::BadCell { cell, value: value.into(), fault: precisely(fault, value) }
}

/// A cell's fault, told more precisely by its text.
pub(crate) fn precisely(fault: CellFault, text: &str) -> CellFault {
	match fault {
		CellFault::NotANumber => cell_text::fault_of(text),
		other => other,
	}
}
