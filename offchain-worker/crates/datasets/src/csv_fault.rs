//! What can be wrong with a CSV file, and what to do about it.

use crate::MAX_ROW;

/// What is wrong with a CSV file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvFault {
	/// A cell in quotes goes on to the end of the file.
	#[error("the quote that opens here is never closed; remove it, or close it")]
	OpenQuote,
	/// A quote where none is allowed.
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
	/// A character that text does not have.
	#[error("has a NUL byte; is the file damaged, or no text?")]
	Nul,
	/// Line ends of old Macintoshes, or a stray one.
	#[error("a carriage return without a line feed; end lines by line feeds, for example by `tr '\\r' '\\n'`")]
	LoneReturn,
	/// Nothing between two line ends.
	#[error("the line is empty; remove it (an empty cell of a table with one column is written \"\")")]
	EmptyLine,
	/// A row that does not end.
	#[error("the row is longer than {} MiB; does a quote that opens here miss its end?", MAX_ROW >> 20)]
	TooLong,
	/// A cell in quotes with lines that have as many cells as a row.
	#[error(
		"the quotes that open here enclose lines that look like rows; remove quotes that stand alone, \
		or write the text of the cell on one line"
	)]
	EnclosedRows,
	/// Excel's `sep=,`.
	#[error("the line only names a separator; remove it, and separate the cells by commas")]
	SeparatorLine,
	/// A header without commas, but with another separator.
	#[error("the file seems to be separated by {0}; separate the cells by commas")]
	Separator(&'static str),
	/// A column whose name is blank.
	#[error("column {0} has no name; name it, or remove the column from every row")]
	NoName(usize),
	/// A column's name with a line break, a tab, a second byte order mark or the like.
	#[error(
		"the name of column {0} has a line break, or a control or invisible character such as a second byte order mark; \
		correct the name or the quotes"
	)]
	ControlCharacter(usize),
	/// A header that is a row.
	#[error("has numbers where the columns' names should be; add a first line with names")]
	NumbersForNames,
}
