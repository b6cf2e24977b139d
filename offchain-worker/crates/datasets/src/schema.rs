//! The columns that a dataset offers, and those that it cannot offer.

use crate::{printing::printable, CellFault};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A column of fixed-point numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSpec {
	/// Its name in the table.
	pub name: String,
	/// Digits after the decimal point, at most [`crate::MAX_DECIMALS`]: a value is computed with as `value × 10^decimals`.
	pub decimals: u8,
	/// The magnitude of these integers is below `2^bits`; from 1 to [`crate::MAX_BITS`].
	pub bits: u8,
}

/// The columns that tables can offer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Inference {
	/// The schema.
	pub columns: Vec<ColumnSpec>,
	/// All other columns.
	pub left_out: Vec<LeftOut>,
	/// Sentences about what was read in one of two possible ways.
	pub remarks: Vec<String>,
}

/// A column that is not offered. Displays as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
	/// Its name in the table.
	pub name: String,
	/// The kind of reason.
	pub reason: Reason,
	/// The reason in words: where, and what to do about it.
	pub explanation: String,
}

impl LeftOut {
	pub(crate) fn new(name: &str, reason: Reason, explanation: String) -> Self {
		Self { name: name.into(), reason, explanation }
	}
}

impl fmt::Display for LeftOut {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "column \"{}\" is left out: {}", printable(&self.name), self.explanation)
	}
}

/// Why a column is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
	/// It looks like an id.
	Id,
	/// Its name is a number: the first line may be a row.
	NumberForName,
	/// Its name is blank or garbled.
	Name,
	/// Some sources do not have it.
	NotEverywhere,
	/// It has no numbers, but text.
	Text,
	/// It has numbers, but not only.
	NotANumber,
	/// Cells are empty.
	Empty,
	/// Truth values.
	Boolean,
	/// Dates or times.
	Date,
	/// Amounts of money.
	Money,
	/// Percentages.
	Percentage,
	/// Separators of thousands.
	Thousands,
	/// Commas for decimals.
	DecimalComma,
	/// `NA` and the like.
	Missing,
	/// Lists.
	Array,
	/// BLOBs.
	Blob,
	/// Another type without numbers.
	Type,
	/// Text that is not UTF-8.
	Encoding,
	/// Cells with line breaks.
	LineBreak,
	/// NaN or infinities.
	NotFinite,
	/// More digits after the point than a column holds.
	TooManyDecimals,
	/// Values that no column holds.
	TooLarge,
}

impl From<CellFault> for Reason {
	fn from(fault: CellFault) -> Self {
		match fault {
			CellFault::Empty => Self::Empty,
			CellFault::NotANumber => Self::NotANumber,
			CellFault::Boolean => Self::Boolean,
			CellFault::Date => Self::Date,
			CellFault::Money => Self::Money,
			CellFault::Percentage => Self::Percentage,
			CellFault::Thousands => Self::Thousands,
			CellFault::DecimalComma => Self::DecimalComma,
			CellFault::Missing => Self::Missing,
			CellFault::Array => Self::Array,
			CellFault::LineBreak => Self::LineBreak,
			CellFault::Blob(_) => Self::Blob,
			CellFault::NotUtf8 | CellFault::NoEncoding => Self::Encoding,
			CellFault::NotFinite => Self::NotFinite,
			CellFault::TooManyDecimals { .. } => Self::TooManyDecimals,
			CellFault::TooLarge { .. } | CellFault::TooWide { .. } => Self::TooLarge,
		}
	}
}
