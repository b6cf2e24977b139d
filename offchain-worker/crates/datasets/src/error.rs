//! What can be wrong with a table, and what to do about it.

use std::{fmt, io, path::PathBuf};

/// The longest piece of a cell that an error repeats, in characters.
const SHOWN: usize = 40;

/// Why a table cannot be read, or not as its schema says.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
	/// There is no such file.
	#[error("{} does not exist; correct the data set's path", .0.display())]
	FileMissing(PathBuf),
	/// The file system refused.
	#[error("cannot read {}: {source}; check that the worker's user may read it", path.display())]
	Unreadable {
		/// Which file.
		path: PathBuf,
		/// What the system said.
		source: io::Error,
	},
	/// A CSV file without a first line.
	#[error("{place} is empty; its first line must name the columns")]
	NoHeader {
		/// Which file.
		place: String,
	},
	/// The table has no such column.
	#[error("{place} has no column \"{column}\"; it has: {}", there.join(", "))]
	MissingColumn {
		/// Which table.
		place: String,
		/// The column that the schema names.
		column: String,
		/// The columns that there are.
		there: Vec<String>,
	},
	/// Two columns have one name: nobody can tell which is meant.
	#[error("{place} has the column \"{column}\" twice; rename one of them")]
	DuplicateColumn {
		/// Which table, or the schema.
		place: String,
		/// The name.
		column: String,
	},
	/// A column of the schema cannot be computed with.
	#[error(
		"column \"{column}\" of the schema has {decimals} decimals and {bits} bits; \
		at most {max_decimals} decimals and from 1 to {max_bits} bits are possible",
		max_decimals = crate::MAX_DECIMALS,
		max_bits = crate::MAX_BITS
	)]
	BadColumn {
		/// Its name.
		column: String,
		/// Its digits after the point.
		decimals: u8,
		/// Its width.
		bits: u8,
	},
	/// A row of a CSV file is longer or shorter than the header.
	#[error("{place}, row {row} (line {line}): {found} cells where the header has {expected}; correct the row")]
	Ragged {
		/// Which file.
		place: String,
		/// Which row, the first below the header being 1.
		row: u64,
		/// Which line of the file.
		line: u64,
		/// Its cells.
		found: u64,
		/// The header's.
		expected: u64,
	},
	/// A cell is not a number that fits its column.
	#[error("{cell}: {}{fault}", shown(value))]
	BadCell {
		/// Where.
		cell: Cell,
		/// What stands there; empty where nothing does.
		value: String,
		/// What is wrong with it.
		fault: CellFault,
	},
	/// A table without rows tells nothing about its columns.
	#[error("{place} has no rows; a schema is told from the values")]
	NoRows {
		/// Which table.
		place: String,
	},
	/// No column has numbers in all rows.
	#[error("{place} has no column with a number in every row; there is nothing to compute with")]
	NoNumbers {
		/// Which table.
		place: String,
	},
	/// The database cannot be reached, or went away, or is too busy: the same call may work later.
	#[error("{place} is not available: {why}; check that the database runs, it is worth trying again")]
	Unavailable {
		/// Which database.
		place: String,
		/// What happened.
		why: String,
	},
	/// The database does not let the worker in.
	#[error("{place} refuses the worker: {why}; check user, password and rights in the data set's configuration")]
	Refused {
		/// Which database.
		place: String,
		/// What it said.
		why: String,
	},
	/// The database does not understand the query, or has no such table.
	#[error("{place}: {why}; correct the data set's table or query")]
	BadSql {
		/// Which table or query.
		place: String,
		/// What the database said.
		why: String,
	},
	/// The configuration of a source is not one.
	#[error("this is no source of data: {why}")]
	BadSource {
		/// What is wrong with it.
		why: String,
	},
}

impl DataError {
	/// Whether the same call may work later without anybody's doing.
	pub fn is_temporary(&self) -> bool {
		matches!(self, Self::Unavailable { .. })
	}
}

/// Where a cell is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
	/// File, table or query.
	pub place: String,
	/// Which row, from 1, without the header.
	pub row: u64,
	/// Which line of a file.
	pub line: Option<u64>,
	/// Which column.
	pub column: String,
}

impl fmt::Display for Cell {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}, row {}", self.place, self.row)?;
		if let Some(line) = self.line {
			write!(f, " (line {line})")?;
		}
		write!(f, ", column \"{}\"", self.column)
	}
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CellFault {
	/// Nothing, blanks, or NULL.
	#[error("the cell is empty; fill it or leave the row out")]
	Empty,
	/// Not a decimal number.
	#[error("is not a number; write it as digits with a decimal point, or leave the row out")]
	NotANumber,
	/// NaN or an infinity.
	#[error("is not a finite number; leave the row out")]
	NotFinite,
	/// Digits after the point that the column has no place for; they are not rounded silently.
	#[error(
		"has {found} decimals, the column has {decimals}; round the value or register the data set with more decimals"
	)]
	TooManyDecimals {
		/// The value's digits after the point.
		found: u64,
		/// The column's.
		decimals: u8,
	},
	/// The value does not fit the column's slot.
	#[error(
		"is too large: with {decimals} decimals its magnitude must be below 2^{bits}; \
		correct the value or register the data set with more bits"
	)]
	TooLarge {
		/// The column's digits after the point.
		decimals: u8,
		/// The column's width.
		bits: u8,
	},
}

/// A value as an error repeats it, with a blank behind it.
fn shown(value: &str) -> String {
	let value = value.trim();
	match value.char_indices().nth(SHOWN) {
		_ if value.is_empty() => String::new(),
		Some((end, _)) => format!("\"{}…\" ", &value[..end]),
		None => format!("\"{value}\" "),
	}
}
