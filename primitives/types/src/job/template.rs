//! What jobs compute.

use crate::{
	bytes::Name,
	limits::{MaxWeights, MAX_FEATURES, MAX_FEATURE_LEAVES},
};
use alloc::vec::Vec;
use bounded_collections::BoundedVec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What is computed.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum TemplateKind {
	/// The sum of each selected column over all rows of all data sets.
	ColumnSum,
	/// The mean of each selected column over all rows of all data sets.
	ColumnMean,
	/// The variance of each selected column over all rows of all data sets.
	ColumnVariance,
	/// The covariance of each selected pair of columns over all rows of all data sets.
	Covariance,
	/// How many rows of all data sets fall into each bin, for each selected column.
	Histogram,
	/// The sum of the selected columns' sums, each times its weight.
	WeightedSum,
	/// For each row of each data set, the sum of the selected columns.
	RowSum,
	/// For each row of each data set, the sum of the selected columns, each times its weight.
	RowWeightedSum,
}

impl TemplateKind {
	/// Whether there is a number for each row, instead of numbers over all rows.
	pub fn is_row_wise(self) -> bool {
		matches!(self, Self::RowSum | Self::RowWeightedSum)
	}

	/// How many of a job's rows are behind each number.
	pub fn rows_behind(self, rows: u64) -> u64 {
		if self.is_row_wise() {
			rows.min(1)
		} else {
			rows
		}
	}

	/// Number of features that a selection is made from, over so many columns: the columns, or for [`Self::Covariance`]
	/// their pairs. `None` if there are none, or more than [`MAX_FEATURES`].
	pub fn features(self, columns: u16) -> Option<u16> {
		let columns = u32::from(columns);
		let features = match self {
			Self::Covariance => columns.saturating_mul(columns.saturating_sub(1)) / 2,
			_ => columns,
		};
		u16::try_from(features).ok().filter(|features| (1..=MAX_FEATURES).contains(features))
	}

	/// Bits of the addends in the slots of a feature, lowest slot first, whose columns have `a` and `b` bits (twice the
	/// same but for [`Self::Covariance`]); in those of a row, for a row-wise template.
	pub fn slots(self, parameters: &Parameters, a: u8, b: u8) -> Vec<u8> {
		let product = a.saturating_add(b);
		match (self, parameters) {
			(Self::ColumnMean, _) => alloc::vec![a, 1],
			(Self::ColumnVariance, _) => alloc::vec![a, product, 1],
			(Self::Covariance, _) => alloc::vec![a, b, product, 1],
			(Self::Histogram, Parameters::Histogram { bins, .. }) => alloc::vec![1; usize::from(*bins)],
			(Self::ColumnSum | Self::WeightedSum | Self::Histogram | Self::RowSum | Self::RowWeightedSum, _) => {
				alloc::vec![a]
			},
		}
	}
}

/// The columns `a < b` of a pair: pairs are counted in lexicographic order. `None` if there are not as many.
pub fn pair(feature: u16, columns: u16) -> Option<(u16, u16)> {
	let mut rest = feature;
	for a in 0..columns {
		let pairs = columns.checked_sub(a)?.checked_sub(1)?;
		match rest.checked_sub(pairs) {
			Some(later) => rest = later,
			None => return Some((a, a.checked_add(1)?.checked_add(rest)?)),
		}
	}
	None
}

/// What a template needs beside the columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Parameters {
	/// Nothing.
	#[default]
	None,
	/// The bins of [`TemplateKind::Histogram`], in the columns' fixed-point integers: a value falls into the bin
	/// `floor((value - low) / width)`; the first bin takes all below, the last one all above.
	Histogram {
		/// Where the first bin begins.
		low: i64,
		/// How wide each bin is.
		width: u64,
		/// How many there are, 2 to 64.
		bins: u8,
	},
	/// The weights of [`TemplateKind::WeightedSum`] and [`TemplateKind::RowWeightedSum`], by rank of the selected columns.
	Weights(BoundedVec<i32, MaxWeights>),
}

impl Parameters {
	/// Whether they are what a template over so many data sets and selected features needs.
	pub fn fit(&self, kind: TemplateKind, data_sets: u32, selected: u16) -> bool {
		use TemplateKind::*;
		match (self, kind) {
			(Self::None, ColumnSum | ColumnMean | ColumnVariance | Covariance) => true,
			(Self::None, RowSum) => (1..=MAX_FEATURE_LEAVES).contains(&selected.into()),
			(Self::Histogram { width, bins, .. }, Histogram) => *width > 0 && (2..=64).contains(bins),
			(Self::Weights(weights), WeightedSum | RowWeightedSum) => {
				let trees = if kind.is_row_wise() { 1 } else { data_sets };
				let leaves = u64::from(trees).saturating_mul(selected.into());
				weights.len() == usize::from(selected)
					&& !weights.contains(&0)
					&& (1..=MAX_FEATURE_LEAVES).contains(&leaves)
			},
			_ => false,
		}
	}

	/// The weights, by rank; none but for a weighted sum.
	pub fn weights(&self) -> &[i32] {
		match self {
			Self::Weights(weights) => weights,
			Self::None | Self::Histogram { .. } => &[],
		}
	}

	/// How often the value of a selected column stands in a row's sum, all columns together: the weights' absolute values,
	/// or one each.
	pub fn addends(&self, selected: u16) -> u64 {
		match self.weights() {
			[] => selected.into(),
			weights => weights.iter().fold(0, |sum, weight| sum.saturating_add(weight.unsigned_abs().into())),
		}
	}
}

/// A template that jobs may name.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Template {
	/// Its name for people.
	pub name: Name,
	/// What it computes.
	pub kind: TemplateKind,
	/// Retired templates take no new jobs.
	pub retired: bool,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn pairs_are_counted_in_lexicographic_order() {
		for columns in 0..12u16 {
			let all: Vec<_> = (0..columns).flat_map(|a| (a + 1..columns).map(move |b| (a, b))).collect();
			let counted: Vec<_> = (0..).map_while(|feature| pair(feature, columns)).collect();
			assert_eq!(counted, all);
			let features = TemplateKind::Covariance.features(columns);
			assert_eq!(features, (!all.is_empty()).then_some(all.len() as u16));
		}
		assert_eq!(TemplateKind::Covariance.features(45), Some(990));
		assert_eq!(TemplateKind::Covariance.features(46), None);
		assert_eq!(TemplateKind::ColumnSum.features(1024), Some(1024));
		assert_eq!(TemplateKind::ColumnSum.features(1025), None);
	}

	#[test]
	fn parameters_fit_their_template_alone() {
		let histogram = |width, bins| Parameters::Histogram { low: -5, width, bins };
		let weights = |weights: &[i32]| Parameters::Weights(weights.to_vec().try_into().unwrap());
		use TemplateKind::*;
		for (name, kind, parameters, fit) in [
			("a sum without", ColumnSum, Parameters::None, true),
			("a sum with weights", ColumnSum, weights(&[1, 2]), false),
			("a covariance with bins", Covariance, histogram(1, 2), false),
			("a histogram without", Histogram, Parameters::None, false),
			("one bin", Histogram, histogram(1, 1), false),
			("two bins", Histogram, histogram(1, 2), true),
			("64 bins", Histogram, histogram(u64::MAX, 64), true),
			("65 bins", Histogram, histogram(1, 65), false),
			("bins without width", Histogram, histogram(0, 2), false),
			("as many weights as columns", WeightedSum, weights(&[i32::MIN, i32::MAX]), true),
			("a weight too few", WeightedSum, weights(&[1]), false),
			("a weight too many", WeightedSum, weights(&[1, 2, 3]), false),
			("a weight of zero", WeightedSum, weights(&[1, 0]), false),
			("rows without", RowSum, Parameters::None, true),
			("rows with weights", RowSum, weights(&[1, 2]), false),
			("weighted rows without", RowWeightedSum, Parameters::None, false),
			("weighted rows", RowWeightedSum, weights(&[-1, 2]), true),
			("weighted rows with a zero", RowWeightedSum, weights(&[0, 2]), false),
		] {
			assert_eq!(parameters.fit(kind, 16, 2), fit, "{name}");
		}
		assert!(weights(&[1; 32]).fit(WeightedSum, 16, 32));
		assert!(!weights(&[1; 32]).fit(WeightedSum, 17, 32));
		// Rows are not added over data sets.
		assert!(weights(&[1; 32]).fit(RowWeightedSum, 17, 32));
		for (selected, fit) in [(0, false), (1, true), (512, true), (513, false)] {
			assert_eq!(Parameters::None.fit(RowSum, 16, selected), fit, "{selected}");
		}
	}
}
