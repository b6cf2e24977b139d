//! Which columns a data set can offer.

use crate::{
	columns,
	error::printable,
	scan::{header, read, unique},
	survey::Survey,
	CellFault, DataError, Source,
};
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

/// What tables have to offer.
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
	/// Why.
	pub reason: Reason,
	/// Why, where, and what to do about it, in words.
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
	/// It has no name that could be told.
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
			CellFault::NotUtf8 => Self::Encoding,
			CellFault::NotFinite => Self::NotFinite,
			CellFault::TooManyDecimals { .. } => Self::TooManyDecimals,
			CellFault::TooLarge { .. } | CellFault::TooWide { .. } => Self::TooLarge,
		}
	}
}

/// A schema that holds all values of all `sources`, for data sets that meet in a job, and what it leaves out.
///
/// Its columns are those called `named`, in that order: it fails if one of them cannot be offered. If none is named, they
/// are those with a number in every row of every source that do not look like ids, in the first source's order. Each has
/// the most decimals seen and bits for the largest magnitude seen and one to spare.
pub fn infer_schema(sources: &[Source], named: &[String]) -> Result<Inference, DataError> {
	let Some(first) = sources.first() else { return Ok(Inference::default()) };
	let header = header(first)?;
	unique(&first.to_string(), header.iter().map(|column| column.name.as_str()))?;
	unique("the list of columns", named.iter().map(String::as_str))?;
	let all: Vec<String> = header.iter().map(|column| column.name.clone()).collect();
	let mut survey = match named.is_empty() {
		true => Survey::of_all(header),
		false => Survey::of_named(named.to_vec()),
	};
	for source in sources {
		survey.begin_source();
		let names = survey.names();
		let names: Vec<&str> = names.iter().map(String::as_str).collect();
		let rows = read(source, &names, &mut survey)?;
		if rows == 0 {
			return Err(DataError::NoRows { place: source.to_string() });
		}
		// What is left out here need not exist in the others.
		survey.end_source(&source.to_string(), rows)?;
	}
	if named.is_empty() {
		for source in &sources[1..] {
			let more = columns(source)?.into_iter().filter(|name| !all.contains(name));
			more.for_each(|name| survey.leave_out_foreign(&name, &source.to_string(), &first.to_string()));
		}
	}
	let inference = survey.inference(&all);
	match inference.columns.is_empty() {
		true => Err(DataError::NoNumbers { place: first.to_string(), left_out: inference.left_out }),
		false => Ok(inference),
	}
}
