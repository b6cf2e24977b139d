//! The table, and its means in the clear by exact arithmetic: the oracle that the decrypted means are compared with.
//!
//! Nothing here is shared with what the workers do: another reader of decimals, another integer type, another rounding.

use anyhow::{bail, ensure, Context, Result};
use csv::StringRecord;
use encrytrust_datasets::Source;
use encrytrust_job_client::{AnswerView, ResultView};
use num_bigint::BigInt;
use std::{
	collections::BTreeMap,
	fs,
	path::{Path, PathBuf},
};

/// The breast cancer table of three hospitals, see `tests/fixtures/wdbc/README.md`.
const HOSPITALS: [&str; 3] = [
	include_str!("../../../../tests/fixtures/wdbc/hospital-1.csv"),
	include_str!("../../../../tests/fixtures/wdbc/hospital-2.csv"),
	include_str!("../../../../tests/fixtures/wdbc/hospital-3.csv"),
];

/// A table, split into parts.
pub(super) struct Table {
	header: StringRecord,
	parts: Vec<Vec<StringRecord>>,
}

impl Table {
	/// The table of a file over so many providers; without a file the hospitals', each with its own if there are three.
	pub(super) fn read(path: Option<&Path>, providers: usize) -> Result<Self> {
		let texts: Vec<String> = match path {
			Some(path) => {
				// The reader below is lenient: what the workers' reader refuses must not be split.
				encrytrust_datasets::scan(&Source::Csv { path: path.into() }, &[], |_| ())?;
				vec![fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?]
			},
			None => HOSPITALS.map(String::from).to_vec(),
		};
		let mut parts = Vec::new();
		let mut header = StringRecord::new();
		for text in &texts {
			let mut reader = csv::Reader::from_reader(text.as_bytes());
			header = reader.headers().context("the table has no header")?.clone();
			parts.push(reader.records().collect::<Result<Vec<_>, _>>().context("the table is not CSV")?);
		}
		if parts.len() != providers {
			parts = split(parts.concat(), providers)?;
		}
		Ok(Self { header, parts })
	}

	/// Rows of all parts.
	pub(super) fn rows(&self) -> u64 {
		self.parts.iter().map(Vec::len).sum::<usize>() as u64
	}

	/// Adds the first part's first row to that part once more.
	pub(super) fn repeat_first_row(&mut self) {
		if let Some(part) = self.parts.first_mut() {
			part.extend(part.first().cloned());
		}
	}

	/// Writes each part as a file of its own.
	pub(super) fn write_parts(&self, folder: &Path) -> Result<Vec<PathBuf>> {
		let write = |(index, rows): (usize, &Vec<StringRecord>)| {
			let path = folder.join(format!("part-{}.csv", index + 1));
			let mut writer = csv::Writer::from_path(&path)?;
			writer.write_record(&self.header)?;
			rows.iter().try_for_each(|row| writer.write_record(row))?;
			writer.flush()?;
			Ok(path)
		};
		self.parts.iter().enumerate().map(write).collect()
	}

	/// The means of the result's columns, with as many digits as the result has.
	pub(super) fn means(&self, result: &ResultView) -> Result<BTreeMap<String, String>> {
		let mean = |answer: &AnswerView| {
			let column = answer.columns.first().cloned().unwrap_or_default();
			let found = answer.number("mean");
			let digits = found.and_then(|mean| mean.split_once('.')).map_or(0, |(_, digits)| digits.len());
			let place = self.header.iter().position(|name| name.trim() == column);
			let place = place.with_context(|| format!("the table has no column '{column}'"))?;
			let cells = self.parts.iter().flatten().map(|row| row.get(place).unwrap_or_default());
			Ok((column, mean(cells, digits)?))
		};
		result.results.iter().map(mean).collect()
	}
}

/// Splits rows into parts that are equally long, give or take one row.
fn split(rows: Vec<StringRecord>, parts: usize) -> Result<Vec<Vec<StringRecord>>> {
	ensure!(rows.len() >= parts, "the table has {} rows, too few for {parts} data providers", rows.len());
	let count = rows.len();
	Ok((0..parts).map(|part| rows[count * part / parts..count * (part + 1) / parts].to_vec()).collect())
}

/// The mean of decimal numbers, rounded to `digits` digits, halves to the even one.
fn mean<'a>(cells: impl Iterator<Item = &'a str>, digits: usize) -> Result<String> {
	// Sums by number of decimals: brought to the same scale at the end.
	let mut sums = BTreeMap::<usize, BigInt>::new();
	let mut count = 0u64;
	for cell in cells {
		let (digits, scale) = decimal(cell.trim())?;
		*sums.entry(scale).or_default() += digits;
		count += 1;
	}
	let ten = BigInt::from(10);
	let scale = sums.keys().max().copied().unwrap_or_default();
	let sum: BigInt = sums.into_iter().map(|(from, sum)| sum * ten.pow((scale - from) as u32)).sum();
	ensure!(count > 0, "there are no rows");
	let numerator = sum * ten.pow(digits as u32);
	let denominator = ten.pow(scale as u32) * count;
	Ok(point(&half_even(&numerator, &denominator), digits))
}

/// `12.50` as 1250 and 2.
fn decimal(text: &str) -> Result<(BigInt, usize)> {
	let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
	let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
	let digits: Option<BigInt> = format!("{whole}{fraction}").parse().ok();
	match (digits, exponent.parse::<i64>()) {
		(Some(digits), Ok(exponent)) => {
			let scale = fraction.len() as i64 - exponent;
			Ok((digits * BigInt::from(10).pow((-scale).max(0) as u32), scale.max(0) as usize))
		},
		_ => bail!("'{text}' is not a number"),
	}
}

fn half_even(numerator: &BigInt, denominator: &BigInt) -> BigInt {
	let two = BigInt::from(2);
	let floor: BigInt = {
		let quotient = numerator / denominator;
		if &quotient * denominator > *numerator {
			quotient - 1
		} else {
			quotient
		}
	};
	let rest = (numerator - &floor * denominator) * &two;
	let odd = &floor % &two != BigInt::from(0);
	match rest.cmp(denominator) {
		std::cmp::Ordering::Greater => floor + 1,
		std::cmp::Ordering::Equal if odd => floor + 1,
		_ => floor,
	}
}

/// Sets the decimal point.
fn point(value: &BigInt, digits: usize) -> String {
	let text = format!("{:0>width$}", value.magnitude().to_string(), width = digits + 1);
	let (whole, fraction) = text.split_at(text.len() - digits);
	let sign = if *value < BigInt::from(0) { "-" } else { "" };
	if digits == 0 {
		format!("{sign}{whole}")
	} else {
		format!("{sign}{whole}.{fraction}")
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn mean_is_exact_for_decimal_cells() {
		for (cells, digits, expected) in [
			(&["1", "2"][..], 2, "1.50"),
			(&["0.1", "0.2", "-0.6"], 3, "-0.100"),
			(&["1e2", "2.5e-1"], 3, "50.125"),
			(&["1", "1", "2"], 5, "1.33333"),
			(&["0", "1"], 0, "0"),
			(&["1", "2"], 0, "2"),
			(&["-1", "-2"], 0, "-2"),
		] {
			assert_eq!(mean(cells.iter().copied(), digits).unwrap(), expected, "{cells:?}");
		}
		assert!(mean(["one"].into_iter(), 2).is_err());
	}

	#[test]
	fn table_keeps_all_rows_for_any_number_of_providers() {
		assert_eq!(Table::read(None, 3).unwrap().rows(), 569);
		let five = Table::read(None, 5).unwrap();
		assert_eq!((five.parts.len(), five.rows()), (5, 569));
		assert!(five.parts.iter().all(|part| (113..=114).contains(&part.len())));
	}

	#[test]
	fn read_fails_when_table_has_fewer_rows_than_providers() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("t.csv");
		fs::write(&path, "a\n1\n2\n").unwrap();
		assert!(Table::read(Some(&path), 3).is_err());
		assert_eq!(Table::read(Some(&path), 2).unwrap().rows(), 2);
	}
}
