//! What can be wrong with a table, and what to do about it.

use crate::{printing::shown, retry, CellFault, CsvFault, LeftOut, Retry, MAX_BITS, MAX_DECIMALS};
use std::{
	fmt, io,
	path::{Path, PathBuf},
};

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
	#[error("{place} has no column \"{column}\"; it has: {}", existing.join(", "))]
	MissingColumn {
		/// Which table.
		place: String,
		/// The column that the schema names.
		column: String,
		/// The table's columns.
		existing: Vec<String>,
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
		max_decimals = MAX_DECIMALS,
		max_bits = MAX_BITS
	)]
	BadColumn {
		/// Its name.
		column: String,
		/// Its digits after the point.
		decimals: u8,
		/// Its width.
		bits: u8,
	},
	/// A file that is not CSV as it should be.
	#[error("{place}, line {line}: {fault}")]
	BadCsv {
		/// Which file.
		place: String,
		/// The line where it begins, from 1.
		line: u64,
		/// What is wrong.
		fault: CsvFault,
	},
	/// Text in another encoding than UTF-8.
	#[error(
		"{place}{}: the text is not UTF-8; convert the file, for example by `{command}`",
		line.map(|line| format!(", line {line}")).unwrap_or_default()
	)]
	NotUtf8 {
		/// Which file.
		place: String,
		/// The first line that is not UTF-8, if single bytes are not.
		line: Option<u64>,
		/// What converts it.
		command: String,
	},
	/// A row of a CSV file is longer or shorter than the header.
	#[error(
		"{place}, row {row} (line {line}): {found} cells where the header has {expected}; \
		correct the row, cells that contain commas need quotes"
	)]
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
	#[error("{place} has no column to offer: {}", sentences(left_out))]
	NoNumbers {
		/// Which table.
		place: String,
		/// Why not.
		left_out: Vec<LeftOut>,
	},
	/// A column that was asked for cannot be offered.
	#[error("{place}: column \"{}\" cannot be offered: {}", column.name, column.explanation)]
	Unfit {
		/// Which table.
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
		/// Which database.
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
	/// The database broke off, for a cause that may well come again.
	#[error(
		"{place} broke off: {why}; if that happens again, look into the database's log, make the query faster or raise \
		 the database's limits"
	)]
	BrokenOff {
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
	/// A file that cannot be opened.
	pub(crate) fn of_file(path: &Path, source: io::Error) -> Self {
		match source.kind() {
			io::ErrorKind::NotFound => Self::FileMissing(path.into()),
			_ => Self::Unreadable { path: path.into(), source },
		}
	}

	/// How often the same call is worth repeating.
	pub fn retry(&self) -> Retry {
		match self {
			Self::Unavailable { .. } => Retry::UntilDeadline,
			Self::BrokenOff { .. } | Self::FileMissing(_) => Retry::FewTimes,
			Self::Unreadable { source, .. } => retry::of_file(source),
			_ => Retry::Never,
		}
	}

	/// Whether the same call may work later without anybody's doing.
	pub fn is_transient(&self) -> bool {
		self.retry() != Retry::Never
	}

	/// The error of a database about `place`, by how often its call is worth repeating.
	pub(crate) fn of_database(retry: Retry, place: &str, why: String) -> Self {
		let place = place.into();
		match retry {
			Retry::UntilDeadline => Self::Unavailable { place, why },
			Retry::FewTimes => Self::BrokenOff { place, why },
			Retry::Never => Self::BadSql { place, why },
		}
	}

	/// The same error with `hide` applied to the database's own message.
	pub(crate) fn hiding(mut self, hide: impl FnOnce(&str) -> String) -> Self {
		match &mut self {
			Self::Unavailable { why, .. }
			| Self::BrokenOff { why, .. }
			| Self::Refused { why, .. }
			| Self::BadSql { why, .. } => *why = hide(why),
			_ => {},
		}
		self
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

/// The sentences of columns that are left out, in one line.
fn sentences(left_out: &[LeftOut]) -> String {
	left_out.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
