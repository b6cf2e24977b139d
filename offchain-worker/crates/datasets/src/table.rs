//! A table as each kind of source gives it: its columns, then its cells row by row.

use crate::{cell_text, Cell, CellFault, DataError, LeftOut};

/// A column, as the table describes it.
pub(crate) struct Header {
	pub(crate) name: String,
	/// Why its type has no numbers, and what to do about it; `None` where only the cells can show it.
	pub(crate) not_numeric: Option<LeftOut>,
	/// Whether its type has numbers alone.
	pub(crate) is_typed: bool,
}

impl From<String> for Header {
	fn from(name: String) -> Self {
		Self { name, not_numeric: None, is_typed: false }
	}
}

/// A cell's text.
#[derive(Clone, Copy)]
pub(crate) enum CellText<'a> {
	/// Of a value that the source knows as a number: a point in it is a decimal point.
	Number(&'a str),
	/// As somebody wrote it.
	Written(&'a str),
}

impl<'a> CellText<'a> {
	pub(crate) fn as_str(self) -> &'a str {
		match self {
			Self::Number(text) | Self::Written(text) => text,
		}
	}
}

/// Takes a table's cells as they are read, row by row, column by column.
pub(crate) trait CellSink: Send {
	/// What stops the reading: an error of the table, or one of the sink's own.
	type Error: From<DataError> + Send;

	/// The text of a cell of the column with this index among the requested ones, or why it has none that could be a
	/// number.
	fn cell(
		&mut self,
		column: usize,
		text: Result<CellText<'_>, CellFault>,
		at: RowPosition<'_>,
	) -> Result<(), DataError>;

	/// A cell that begins on `line` has line breaks in it; `column` need not be one of the requested ones.
	fn line_break(&mut self, _column: &str, _line: u64) {}

	/// All cells of a row were given.
	fn end_row(&mut self) -> Result<(), Self::Error>;
}

/// The row that is being read.
#[derive(Clone, Copy)]
pub(crate) struct RowPosition<'a> {
	/// The table.
	pub(crate) place: &'a str,
	/// From 1.
	pub(crate) row: u64,
	/// In a file.
	pub(crate) line: Option<u64>,
}

impl RowPosition<'_> {
	/// The error for a cell of this row. Only now it matters what a text is that is not a number.
	pub(crate) fn bad_cell(self, column: &str, text: Result<&str, CellFault>, fault: CellFault) -> DataError {
		let cell = Cell { place: self.place.into(), row: self.row, line: self.line, column: column.into() };
		let value = text.unwrap_or_default();
		DataError::BadCell { cell, value: value.into(), fault: precise_fault(fault, value) }
	}
}

/// A cell's fault, made more precise by its text.
pub(crate) fn precise_fault(fault: CellFault, text: &str) -> CellFault {
	match fault {
		CellFault::NotANumber => cell_text::fault_of(text),
		other => other,
	}
}

/// The positions of the columns called `names` in a table's `header`.
pub(crate) fn positions(place: &str, header: &[String], names: &[&str]) -> Result<Vec<usize>, DataError> {
	check_unique(place, header.iter().map(String::as_str))?;
	let position = |name: &&str| {
		header.iter().position(|column| column == name).ok_or_else(|| DataError::MissingColumn {
			place: place.into(),
			column: (*name).into(),
			existing: header.to_vec(),
		})
	};
	names.iter().map(position).collect()
}

pub(crate) fn check_unique<'a>(place: &str, names: impl Iterator<Item = &'a str>) -> Result<(), DataError> {
	let mut names: Vec<&str> = names.collect();
	names.sort_unstable();
	match names.windows(2).find(|pair| pair[0] == pair[1]) {
		Some(pair) => Err(DataError::DuplicateColumn { place: place.into(), column: pair[0].into() }),
		None => Ok(()),
	}
}
