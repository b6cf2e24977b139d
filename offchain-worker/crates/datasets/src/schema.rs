//! Which columns a data set can offer.

use crate::{
	columns,
	scan::{bad_cell, parse, read, At, Sink},
	CellFault, DataError, Source, MAX_BITS, MAX_DECIMALS,
};
use serde::{Deserialize, Serialize};

/// A column of fixed-point numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSpec {
	/// Its name in the table.
	pub name: String,
	/// Digits after the decimal point, at most [`MAX_DECIMALS`]: a value is computed with as `value × 10^decimals`.
	pub decimals: u8,
	/// The magnitude of these integers is below `2^bits`; from 1 to [`MAX_BITS`].
	pub bits: u8,
}

/// A schema that holds all values of all `sources`, for data sets that meet in a job.
///
/// Columns in the first source's order: those with a number in every row of every source. Each has the most decimals
/// seen and bits for the largest magnitude seen and one to spare. A column that has numbers in some rows only, or
/// numbers that fit no column, is left out with a warning in the log.
pub fn infer_schema(sources: &[Source]) -> Result<Vec<ColumnSpec>, DataError> {
	let Some(first) = sources.first() else { return Ok(vec![]) };
	let mut survey = Survey { columns: columns(first)?.into_iter().map(Range::new).collect() };
	for source in sources {
		let names: Vec<String> = survey.columns.iter().map(|range| range.name.clone()).collect();
		let names: Vec<&str> = names.iter().map(String::as_str).collect();
		if read(source, &names, &mut survey)? == 0 {
			return Err(DataError::NoRows { place: source.to_string() });
		}
		// What has no numbers here need not exist in the others.
		survey.columns.retain(Range::is_numeric);
	}
	if survey.columns.is_empty() {
		return Err(DataError::NoNumbers { place: first.to_string() });
	}
	Ok(survey.columns.iter().map(Range::spec).collect())
}

/// Looks at every cell.
struct Survey {
	columns: Vec<Range>,
}

/// What was seen of a column.
struct Range {
	name: String,
	/// Cells with numbers that were seen.
	numbers: u64,
	/// The first cell that cannot be.
	fault: Option<DataError>,
	/// The most digits after the point.
	decimals: u8,
	/// The largest magnitude, times `10^MAX_DECIMALS`.
	largest: u128,
}

impl Range {
	fn new(name: String) -> Self {
		Self { name, numbers: 0, fault: None, decimals: 0, largest: 0 }
	}

	fn see(&mut self, text: Option<&str>) -> Result<(), CellFault> {
		let number = parse(text)?;
		self.numbers += 1;
		// Refuses what no column holds.
		let decimals = number.decimals().min(MAX_DECIMALS.into()) as u8;
		number.fixed(decimals, MAX_BITS)?;
		self.decimals = self.decimals.max(decimals);
		self.largest = self.largest.max(number.magnitude(MAX_DECIMALS).unwrap_or(u128::MAX));
		if self.bits() > MAX_BITS {
			return Err(CellFault::TooLarge { decimals: self.decimals, bits: MAX_BITS });
		}
		Ok(())
	}

	/// Bits of the largest magnitude with the decimals seen so far.
	fn bits(&self) -> u8 {
		let largest = self.largest / 10u128.pow(u32::from(MAX_DECIMALS - self.decimals));
		(u128::BITS - largest.leading_zeros()) as u8
	}

	/// Whether every cell had a number; says so if only some had.
	fn is_numeric(&self) -> bool {
		let Some(fault) = &self.fault else { return self.numbers > 0 };
		if self.numbers > 0 {
			tracing::warn!("column \"{}\" is left out of the schema: {fault}", self.name);
		}
		false
	}

	fn spec(&self) -> ColumnSpec {
		ColumnSpec { name: self.name.clone(), decimals: self.decimals, bits: (self.bits() + 1).min(MAX_BITS) }
	}
}

impl Sink for Survey {
	fn cell(&mut self, index: usize, text: Option<&str>, at: At<'_>) -> Result<(), DataError> {
		let range = &mut self.columns[index];
		// One fault is enough, but further cells tell whether the column was meant to have numbers.
		match range.see(text) {
			Err(fault) if range.fault.is_none() => range.fault = Some(bad_cell(at, &range.name, text, fault)),
			_ => {},
		}
		Ok(())
	}

	fn end_row(&mut self) {}
}
