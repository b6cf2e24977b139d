//! What can be wrong with a table, and what to do about it.

use crate::{connection::Secrets, retry, LeftOut, Retry, MAX_BITS, MAX_DECIMALS};
use std::{
	fmt, io,
	path::{Path, PathBuf},
};

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
	pub fn is_temporary(&self) -> bool {
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

	/// The same error without the secrets that a database repeated.
	pub(crate) fn without(mut self, secrets: &Secrets) -> Self {
		match &mut self {
			Self::Unavailable { why, .. }
			| Self::BrokenOff { why, .. }
			| Self::Refused { why, .. }
			| Self::BadSql { why, .. } => *why = secrets.hide(why),
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

/// What is wrong with a CSV file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvFault {
	/// A cell in quotes goes on to the end of the file.
	#[error("the quote that opens here is never closed; remove it, or close it")]
	OpenQuote,
	/// A quote where none may stand.
	#[error(
		"a quote inside a cell that does not begin with one; remove it, \
		or put the whole cell in quotes and double the quotes in it"
	)]
	QuoteInCell,
	/// A quote that opens and closes in the middle of something: it may have swallowed rows.
	#[error(
		"the quote that opens here closes on line {closed} with text after it; remove the quotes that stand alone, \
		and double those inside a cell in quotes"
	)]
	TextAfterQuote {
		/// The line on which it closes.
		closed: u64,
	},
	/// A character that no text has.
	#[error("has a NUL byte; is the file damaged, or no text?")]
	Nul,
	/// Line ends of old Macintoshes, or a stray one.
	#[error("a carriage return without a line feed; end lines by line feeds, for example by `tr '\\r' '\\n'`")]
	LoneReturn,
	/// Nothing between two line ends.
	#[error("the line is empty; remove it (an empty cell of a table with one column is written \"\")")]
	EmptyLine,
	/// A row that does not end.
	#[error("the row is longer than {} MiB; does a quote that opens here miss its end?", crate::MAX_ROW >> 20)]
	TooLong,
	/// Excel's `sep=,`.
	#[error("the line only tells a separator; remove it, and separate the cells by commas")]
	SeparatorLine,
	/// A header without commas, but with another separator.
	#[error("the file seems to be separated by {0}; separate the cells by commas")]
	Separator(&'static str),
	/// A column whose name is blank.
	#[error("column {0} has no name; name it, or remove the column from every row")]
	NoName(usize),
	/// A column's name with a line break, a tab or the like.
	#[error("the name of column {0} has a line break or another control character; correct the name or the quotes")]
	ControlCharacter(usize),
	/// A header that is a row.
	#[error("has numbers where the columns' names should be; add a first line with names")]
	NumbersForNames,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CellFault {
	/// Nothing, blanks, or NULL.
	#[error("the cell is empty; fill it or leave the row out")]
	Empty,
	/// Not a decimal number, nor one of the kinds of text below.
	#[error("is not a number; write it as digits with a decimal point, or leave the row out")]
	NotANumber,
	/// `true`, `no` and the like.
	#[error("is not a number but a truth value; write 1 or 0")]
	Boolean,
	/// A date or a time of day.
	#[error("is not a number but a date or a time; write a number, such as the days since 1970-01-01")]
	Date,
	/// A number with a currency.
	#[error("is not a number but an amount of money; write the digits alone, with a decimal point")]
	Money,
	/// A number with a percent sign.
	#[error("is not a number but a percentage; write the digits alone")]
	Percentage,
	/// `1,234` and the like. As a decimal it would be another number: nobody can tell which is meant.
	#[error(
		"is not a number but has separators, which may be of thousands or of decimals; \
		write it without separators of thousands, and with a point for decimals"
	)]
	Thousands,
	/// `1,5` and the like.
	#[error("is not a number but has a comma for decimals; write a decimal point")]
	DecimalComma,
	/// `NA` and the like.
	#[error("is not a number but stands for a missing value; fill it or leave the row out")]
	Missing,
	/// `{1,2}` and the like.
	#[error("is not a number but a list; make a column of each item")]
	Array,
	/// A cell in quotes with line breaks: it may have swallowed rows.
	#[error(
		"the cell's quotes open here and hold line breaks; correct the quotes, which may have swallowed rows, \
		and write the number on one line"
	)]
	LineBreak,
	/// A BLOB in SQLite.
	#[error("the cell is a BLOB of {0} bytes, not a number; write it as INTEGER, REAL or TEXT")]
	Blob(usize),
	/// Text in SQLite that is not UTF-8.
	#[error("the cell's text is not UTF-8; write it as UTF-8")]
	NotUtf8,
	/// NaN or an infinity.
	#[error("is not a finite number; leave the row out")]
	NotFinite,
	/// Digits after the point that the column has no place for; they are not rounded silently.
	#[error("has {found} decimals, {}", more_decimals(*decimals))]
	TooManyDecimals {
		/// The value's digits after the point.
		found: u64,
		/// The column's.
		decimals: u8,
	},
	/// The value does not fit the column's slot.
	#[error("is too large: with {decimals} decimals its magnitude must be below 2^{bits}; {}", more_bits(*bits))]
	TooLarge {
		/// The column's digits after the point.
		decimals: u8,
		/// The column's width.
		bits: u8,
	},
	/// No column holds both the largest value and the most digits after the point that it has.
	#[error(
		"makes the column too wide: with {decimals} decimals its largest value needs more than {MAX_BITS} bits; \
		round to fewer decimals"
	)]
	TooWide {
		/// The most digits after the point so far.
		decimals: u8,
	},
}

/// What to do about too many decimals.
fn more_decimals(decimals: u8) -> String {
	match decimals {
		MAX_DECIMALS => format!("at most {MAX_DECIMALS} are possible; round the value"),
		_ => {
			format!("the column has {decimals}; round the value or register the data set with more decimals")
		},
	}
}

/// What to do about too few bits.
fn more_bits(bits: u8) -> &'static str {
	match bits {
		MAX_BITS => "correct the value, or use a larger unit",
		_ => "correct the value or register the data set with more bits",
	}
}

/// The sentences of columns that are left out, in one line.
fn sentences(left_out: &[LeftOut]) -> String {
	left_out.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A value as an error repeats it, with a blank behind it.
pub(crate) fn shown(value: &str) -> String {
	let value = value.trim();
	match value.char_indices().nth(SHOWN) {
		_ if value.is_empty() => String::new(),
		Some((end, _)) => format!("\"{}…\" ", printable(&value[..end])),
		None => format!("\"{}\" ", printable(value)),
	}
}

/// Text whose control characters are escaped: a terminal would obey them.
pub(crate) fn printable(text: &str) -> String {
	let escaped = |character: char| match character.is_control() {
		true => character.escape_default().to_string(),
		false => character.to_string(),
	};
	text.chars().map(escaped).collect()
}
