//! Why a table cannot be read, and what to do about it.

use crate::{
	printing::{printable, shown},
	retry, CellFault, CsvFault, LeftOut, Retry, MAX_BITS, MAX_DECIMALS,
};
use std::{
	fmt, io,
	path::{Path, PathBuf},
};

/// Why a table cannot be read, or not as its schema says.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
	/// The file does not exist.
	#[error("{} does not exist; correct the dataset's path", .0.display())]
	FileMissing(PathBuf),
	/// The file system refuses to read the file.
	#[error("cannot read {}: {source}; check that the worker's user may read it", path.display())]
	Unreadable {
		/// The file.
		path: PathBuf,
		/// The system's error.
		source: io::Error,
	},
	/// A CSV file without a first line.
	#[error("{place} is empty; its first line must name the columns")]
	NoHeader {
		/// The file.
		place: String,
	},
	/// The table has no such column.
	#[error("{place} has no column \"{}\"; it has: {}", printable(column), printable(&existing.join(", ")))]
	MissingColumn {
		/// The table.
		place: String,
		/// The column that the schema names.
		column: String,
		/// The table's columns.
		existing: Vec<String>,
	},
	/// Two columns have the same name: it is ambiguous which one is meant.
	#[error("{place} has the column \"{}\" twice; rename one of them", printable(column))]
	DuplicateColumn {
		/// The table, or the schema.
		place: String,
		/// The name.
		column: String,
	},
	/// A column of the schema cannot be computed with.
	#[error(
		"column \"{column}\" of the schema has {decimals} decimals and {bits} bits; \
		at most {max_decimals} decimals and from 1 to {max_bits} bits are possible",
		max_decimals = MAX_DECIMALS,
		max_bits = MAX_BITS
	)]
	BadColumn {
		/// The name.
		column: String,
		/// The digits after the decimal point.
		decimals: u8,
		/// The width.
		bits: u8,
	},
	/// A file that is not valid CSV.
	#[error("{place}, line {line}: {fault}")]
	BadCsv {
		/// The file.
		place: String,
		/// The line where it begins, from 1.
		line: u64,
		/// The fault.
		fault: CsvFault,
	},
	/// Text in another encoding than UTF-8.
	#[error(
		"{place}{}: the text is not UTF-8; convert the file, for example by `{command}`",
		line.map(|line| format!(", line {line}")).unwrap_or_default()
	)]
	NotUtf8 {
		/// The file.
		place: String,
		/// The first line that is not UTF-8, if single bytes are not.
		line: Option<u64>,
		/// The command that converts it.
		command: String,
	},
	/// A row of a CSV file is longer or shorter than the header.
	#[error(
		"{place}, row {row} (line {line}): {found} cells where the header has {expected}; \
		correct the row, cells that contain commas need quotes"
	)]
	Ragged {
		/// The file.
		place: String,
		/// The row; the first one after the header is 1.
		row: u64,
		/// The line of the file.
		line: u64,
		/// The number of its cells.
		found: u64,
		/// The number of the header's cells.
		expected: u64,
	},
	/// A cell is not a number that fits its column.
	#[error("{cell}: {}{fault}", shown(value))]
	BadCell {
		/// The position.
		cell: Cell,
		/// The text of the cell; empty if there is none.
		value: String,
		/// The fault.
		fault: CellFault,
	},
	/// A table without rows, from which no schema can be inferred.
	#[error("{place} has no rows; a schema is inferred from the values")]
	NoRows {
		/// The table.
		place: String,
	},
	/// No column has numbers in all rows.
	#[error("{place} has no column to offer: {}", sentences(left_out))]
	NoNumbers {
		/// The table.
		place: String,
		/// The reasons.
		left_out: Vec<LeftOut>,
	},
	/// A column that was asked for cannot be offered.
	#[error("{place}: column \"{}\" cannot be offered: {}", printable(&column.name), column.explanation)]
	Unfit {
		/// The table.
		place: String,
		/// The column.
		column: LeftOut,
	},
	/// A SQLite database whose tables are described in another encoding than UTF-8.
	#[error(
		"{place} has names or definitions that are not UTF-8; convert the database, for example by \
		`sqlite3 old.db .dump | iconv -f ISO-8859-1 -t UTF-8 | sqlite3 new.db`"
	)]
	NamesNotUtf8 {
		/// The database.
		place: String,
	},
	/// The database cannot be reached, went away, or is too busy: the same call may succeed later.
	#[error("{place} is not available: {reason}; check that the database runs, and try again")]
	Unavailable {
		/// The database.
		place: String,
		/// What happened.
		reason: String,
	},
	/// The database aborted the query, for a cause that is likely to recur.
	#[error(
		"{place}: the query was aborted: {reason}; if that happens again, check the database's log, make the query \
		 faster or raise the database's limits"
	)]
	Aborted {
		/// The database.
		place: String,
		/// What happened.
		reason: String,
	},
	/// The database denies access.
	#[error("{place} denies access: {reason}; check user, password and privileges in the dataset's configuration")]
	AccessDenied {
		/// The database.
		place: String,
		/// Its message.
		reason: String,
	},
	/// There is no such table, schema or database: it may be about to be replaced.
	#[error("{place}: {reason}; if it is not about to be replaced, correct the dataset's table or query")]
	TableMissing {
		/// The table or query.
		place: String,
		/// The database's message.
		reason: String,
	},
	/// The query is invalid.
	#[error("{place}: {reason}; correct the dataset's table or query")]
	BadSql {
		/// The table or query.
		place: String,
		/// The database's message.
		reason: String,
	},
	/// The configuration of a source is invalid.
	#[error("invalid data source: {reason}")]
	BadSource {
		/// What is wrong with it.
		reason: String,
	},
}

impl DataError {
	/// A file that cannot be opened.
	pub(crate) fn of_file(path: &Path, source: io::Error) -> Self {
		match source.kind() {
			io::ErrorKind::NotFound => Self::FileMissing(path.into()),
			_ => Self::Unreadable { path: path.into(), source },
		}
	}

	/// How often to retry the same call.
	pub fn retry(&self) -> Retry {
		match self {
			Self::Unavailable { .. } => Retry::UntilDeadline,
			Self::Aborted { .. } | Self::FileMissing(_) | Self::TableMissing { .. } => Retry::FewTimes,
			Self::Unreadable { source, .. } => retry::of_file(source),
			_ => Retry::Never,
		}
	}

	/// Whether the same call may succeed later without a change by anyone.
	pub fn is_transient(&self) -> bool {
		self.retry() != Retry::Never
	}

	/// The error of a database about `place`, by how often to retry its call.
	pub(crate) fn of_database(retry: Retry, place: &str, reason: String) -> Self {
		let place = place.into();
		match retry {
			Retry::UntilDeadline => Self::Unavailable { place, reason },
			Retry::FewTimes => Self::Aborted { place, reason },
			Retry::Never => Self::BadSql { place, reason },
		}
	}

	/// The same error with `hide` applied to the database's own message.
	pub(crate) fn hiding(mut self, hide: impl FnOnce(&str) -> String) -> Self {
		match &mut self {
			Self::Unavailable { reason, .. }
			| Self::Aborted { reason, .. }
			| Self::AccessDenied { reason, .. }
			| Self::TableMissing { reason, .. }
			| Self::BadSql { reason, .. } => *reason = hide(reason),
			_ => {},
		}
		self
	}
}

/// The position of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
	/// The file, table or query.
	pub place: String,
	/// The row, from 1, without the header.
	pub row: u64,
	/// The line of a file.
	pub line: Option<u64>,
	/// The column's name.
	pub column: String,
}

impl fmt::Display for Cell {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}, row {}", self.place, self.row)?;
		if let Some(line) = self.line {
			write!(f, " (line {line})")?;
		}
		write!(f, ", column \"{}\"", printable(&self.column))
	}
}

/// The sentences of columns that are left out, in one line.
fn sentences(left_out: &[LeftOut]) -> String {
	left_out.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
