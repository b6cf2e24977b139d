//! What can be wrong with a cell, and what to do about it.

use crate::{MAX_BITS, MAX_DECIMALS};

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
	/// `1,234` and the like. As a decimal it would be another number: it is ambiguous.
	#[error(
		"is not a number but has separators, which may be of thousands or of decimals; \
		write it without separators of thousands, and with a point for decimals"
	)]
	Thousands,
	/// `1,5` and the like.
	#[error("is not a number but has a comma for decimals; write a decimal point")]
	DecimalComma,
	/// `NA` and the like.
	#[error("is not a number but a mark for a missing value; fill it or leave the row out")]
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
	/// Text in a PostgreSQL database without an encoding that is not UTF-8.
	#[error("the cell's text is not UTF-8; {CONVERT_IN_POSTGRES}")]
	NoEncoding,
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
	/// No column holds both the largest value and the maximal number of digits after the point.
	#[error(
		"makes the column too wide: with {decimals} decimals its largest value needs more than {MAX_BITS} bits; \
		round to fewer decimals"
	)]
	TooWide {
		/// The maximal number of digits after the point so far.
		decimals: u8,
	},
}

/// What to do about text in a PostgreSQL database that has no encoding: there `convert_from` alone converts nothing.
pub(crate) const CONVERT_IN_POSTGRES: &str =
	"in a database whose encoding is SQL_ASCII convert it, for example by a query with \
	convert_from(convert(convert_to(x, 'SQL_ASCII'), 'LATIN1', 'UTF8'), 'SQL_ASCII') AS x";

/// What to do about too many decimals.
fn more_decimals(decimals: u8) -> String {
	match decimals {
		MAX_DECIMALS => format!("at most {MAX_DECIMALS} are possible; round the value"),
		_ => {
			format!("the column has {decimals}; round the value or register the dataset with more decimals")
		},
	}
}

/// What to do about too few bits.
fn more_bits(bits: u8) -> &'static str {
	match bits {
		MAX_BITS => "correct the value, or use a larger unit",
		_ => "correct the value or register the dataset with more bits",
	}
}
