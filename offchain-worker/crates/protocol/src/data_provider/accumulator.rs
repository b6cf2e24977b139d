//! Sums of columns.

use super::check_rows;
use crate::{chain::AccountId, error::ProtocolError, job::Job};
use encrytrust_types::job::{Parameters, TemplateKind};
use std::fmt;

/// The sums that every feature of a source needs, in one pass over its rows and in memory that does not grow with them.
///
/// All features are summed, selected or not: a data provider does not know which are. Debug shows no sum.
pub struct Accumulator {
	kind: TemplateKind,
	bins: Bins,
	rows: u64,
	/// By column.
	sums: Vec<i128>,
	/// By feature: of squares, or of products of a pair.
	products: Vec<i128>,
	/// By column, bin by bin.
	counts: Vec<u64>,
}

/// The bins of a histogram; none of other templates.
#[derive(Clone, Copy, Debug)]
struct Bins {
	low: i64,
	width: u64,
	count: usize,
}

/// A source's sums: by feature, then slot by slot. Debug shows none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Sums {
	pub(super) rows: u64,
	features: Vec<Vec<i128>>,
}

impl fmt::Debug for Accumulator {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Accumulator").field("rows", &self.rows).finish_non_exhaustive()
	}
}

impl fmt::Debug for Sums {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Sums").field("rows", &self.rows).finish_non_exhaustive()
	}
}

impl Sums {
	/// The slots of a feature.
	pub fn feature(&self, feature: u16) -> &[i128] {
		self.features.get(usize::from(feature)).map(Vec::as_slice).unwrap_or_default()
	}
}

impl Accumulator {
	/// Nothing summed yet.
	pub fn new(job: &Job) -> Self {
		let columns = job.contract.schema.columns().len();
		let kind = job.contract.kind;
		let bins = match job.contract.parameters {
			Parameters::Histogram { low, width, bins } => Bins { low, width, count: bins.into() },
			_ => Bins { low: 0, width: 1, count: 0 },
		};
		let products = match kind {
			TemplateKind::ColumnVariance | TemplateKind::Covariance => job.features().into(),
			_ => 0,
		};
		Self {
			kind,
			bins,
			rows: 0,
			sums: vec![0; columns],
			products: vec![0; products],
			counts: vec![0; columns * bins.count],
		}
	}

	/// Adds a row: the fixed-point integers of *all* columns of the schema.
	///
	/// # Errors
	///
	/// A row that does not fit the schema, or sums beyond 127 bits: what was added so far is of no use then.
	pub fn add(&mut self, row: &[i64]) -> Result<(), ProtocolError> {
		if row.len() != self.sums.len() {
			return Err(ProtocolError::Sums("a row has another number of columns than the schema".into()));
		}
		self.rows = self.rows.checked_add(1).ok_or_else(|| ProtocolError::Sums("there are too many rows".into()))?;
		self.sums.iter_mut().zip(row).try_for_each(|(sum, value)| add(sum, (*value).into()))?;
		match self.kind {
			TemplateKind::ColumnVariance => {
				self.products.iter_mut().zip(row).try_for_each(|(sum, value)| add(sum, product(*value, *value)))
			},
			TemplateKind::Covariance => {
				let pairs =
					row.iter().enumerate().flat_map(|(a, x)| row.iter().skip(a + 1).map(move |y| product(*x, *y)));
				self.products.iter_mut().zip(pairs).try_for_each(|(sum, product)| add(sum, product))
			},
			TemplateKind::Histogram => {
				let counts = self.counts.chunks_mut(self.bins.count).zip(row);
				// There are no more in a bin than rows.
				counts.for_each(|(counts, value)| counts[self.bins.of(*value)] += 1);
				Ok(())
			},
			// A row is its own sum.
			TemplateKind::RowSum | TemplateKind::RowWeightedSum => {
				Err(ProtocolError::Sums("rows are not added to each other".into()))
			},
			TemplateKind::ColumnSum | TemplateKind::ColumnMean | TemplateKind::WeightedSum => Ok(()),
		}
	}

	/// How many rows were added.
	pub fn rows(&self) -> u64 {
		self.rows
	}

	/// The sums.
	///
	/// # Errors
	///
	/// Another number of rows than the contract says for `me`.
	pub fn finish(self, job: &Job, me: &AccountId) -> Result<Sums, ProtocolError> {
		check_rows(job, job.data_index(me)?, self.rows)?;
		let values = |feature| self.values(job, feature);
		let features = (0..job.features()).map(values).collect::<Option<_>>();
		let features = features.ok_or_else(|| ProtocolError::Sums("a feature names no columns".into()))?;
		Ok(Sums { rows: self.rows, features })
	}

	/// The slots of a feature, as `TemplateKind::slots` lists them.
	fn values(&self, job: &Job, feature: u16) -> Option<Vec<i128>> {
		let (a, b) = job.columns_of(feature)?;
		let sum = |column: u16| self.sums.get(usize::from(column)).copied();
		let product = || self.products.get(usize::from(feature)).copied();
		let rows = i128::from(self.rows);
		Some(match self.kind {
			TemplateKind::RowSum | TemplateKind::RowWeightedSum => return None,
			TemplateKind::ColumnSum | TemplateKind::WeightedSum => vec![sum(a)?],
			TemplateKind::ColumnMean => vec![sum(a)?, rows],
			TemplateKind::ColumnVariance => vec![sum(a)?, product()?, rows],
			TemplateKind::Covariance => vec![sum(a)?, sum(b)?, product()?, rows],
			TemplateKind::Histogram => {
				let counts = self.counts.chunks(self.bins.count).nth(a.into())?;
				counts.iter().map(|count| i128::from(*count)).collect()
			},
		})
	}
}

/// Adds to a sum; the contract's bounds keep it in 120 bits, a contract without bounds would not.
fn add(sum: &mut i128, value: i128) -> Result<(), ProtocolError> {
	*sum = sum.checked_add(value).ok_or_else(|| ProtocolError::Sums("a sum is longer than 127 bits".into()))?;
	Ok(())
}

/// At most 126 bits.
fn product(a: i64, b: i64) -> i128 {
	i128::from(a) * i128::from(b)
}

impl Bins {
	/// The bin of a value: the first takes all below, the last all above.
	fn of(&self, value: i64) -> usize {
		let bin = (i128::from(value) - i128::from(self.low)).div_euclid(self.width.into());
		bin.clamp(0, self.count as i128 - 1) as usize
	}
}
