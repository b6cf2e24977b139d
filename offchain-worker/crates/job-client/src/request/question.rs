//! What a request asks for, in the terms of a template and a schema.

use super::JobRequest;
use crate::names::shown;
use anyhow::{anyhow, bail, ensure, Context, Result};
use encrytrust_paillier::fixed_point;
use encrytrust_types::{
	dataset::Schema,
	job::{pair, Parameters, TemplateKind},
};

/// What is asked for: features out of so many, ascending, and what the template needs beside them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
	pub(super) features: Vec<u16>,
	pub(super) of: u16,
	pub(super) parameters: Parameters,
}

pub(super) fn question(kind: TemplateKind, schema: &Schema, job: &JobRequest) -> Result<Question> {
	let columns = schema.columns().len() as u16;
	let of = kind.features(columns).context("the data sets have no pairs of columns, or too many: at most 1024")?;
	let indices = column_indices(schema, &job.columns)?;
	let mut sorted = indices.clone();
	sorted.sort_unstable();
	ensure!(sorted.windows(2).all(|pair| pair[0] != pair[1]), "a column is named twice");
	let features = match kind {
		TemplateKind::Covariance => {
			let is_wanted = |feature: &u16| {
				pair(*feature, columns).is_some_and(|(a, b)| [a, b].iter().all(|column| sorted.contains(column)))
			};
			(0..of).filter(is_wanted).collect()
		},
		_ => sorted,
	};
	ensure!(!features.is_empty(), "a covariance is of two columns at least: name more with --columns");
	let parameters = parameters(kind, schema, &indices, job)?;
	Ok(Question { features, of, parameters })
}

/// `indices` are the columns' places in the order in which they were named.
fn parameters(kind: TemplateKind, schema: &Schema, indices: &[u16], job: &JobRequest) -> Result<Parameters> {
	match kind {
		TemplateKind::WeightedSum | TemplateKind::RowWeightedSum => {
			ensure!(job.bins.is_none(), "--bins is for histograms");
		},
		TemplateKind::Histogram => ensure!(job.weights.is_empty(), "--weights is for weighted sums"),
		_ => ensure!(
			job.bins.is_none() && job.weights.is_empty(),
			"--bins is for histograms, --weights for weighted sums: this template takes neither"
		),
	}
	match kind {
		TemplateKind::WeightedSum | TemplateKind::RowWeightedSum => {
			let columns = indices.len();
			let weights = job.weights.len();
			ensure!(columns == weights, "--weights has {weights} weights for {columns} columns");
			ensure!(!job.weights.contains(&0), "a weight is 0: leave its column out");
			let mut weights: Vec<(u16, i32)> = indices.iter().copied().zip(job.weights.iter().copied()).collect();
			weights.sort_unstable();
			let weights: Vec<i32> = weights.into_iter().map(|(_, weight)| weight).collect();
			Ok(Parameters::Weights(weights.try_into().map_err(|_| anyhow!("too many weights: at most 32"))?))
		},
		TemplateKind::Histogram => {
			let bins = job.bins.as_deref().context("say the bins with --bins LOW,WIDTH,COUNT")?;
			let mut decimals =
				indices.iter().filter_map(|index| schema.columns().get(usize::from(*index))).map(|c| c.decimals);
			let first = decimals.next().unwrap_or_default();
			ensure!(
				decimals.all(|decimals| decimals == first),
				"these columns have different numbers of decimals, so they have no bins in common: ask for them apart"
			);
			histogram(bins, first)
		},
		_ => Ok(Parameters::None),
	}
}

/// `LOW,WIDTH,COUNT` for columns with so many decimals.
fn histogram(bins: &str, decimals: u8) -> Result<Parameters> {
	let wrong =
		|| format!("'{bins}' are no bins: write LOW,WIDTH,COUNT like 0,2.5,10, with at most {decimals} decimals");
	let parts: Vec<&str> = bins.split(',').map(str::trim).collect();
	let [low, width, count] = parts.as_slice() else { bail!(wrong()) };
	let number = |text: &str| fixed_point::parse(text, decimals).with_context(wrong);
	let low = number(low)?.try_into().with_context(wrong)?;
	let width = u64::try_from(number(width)?).with_context(wrong)?;
	let bins: u8 = count.parse().with_context(wrong)?;
	ensure!(width > 0, "bins cannot be 0 wide");
	ensure!((2..=64).contains(&bins), "there can be 2 to 64 bins, not {bins}");
	Ok(Parameters::Histogram { low, width, bins })
}

/// The columns' places in the schema, in the order in which they are named.
fn column_indices(schema: &Schema, names: &[String]) -> Result<Vec<u16>> {
	let index = |name: &String| {
		let found = schema.columns().iter().position(|column| column.name.as_slice() == name.trim().as_bytes());
		found.map(|index| index as u16).with_context(|| {
			let there: Vec<String> = schema.columns().iter().map(|column| shown(&column.name)).collect();
			format!("there is no column '{name}'; there are: {}", there.join(", "))
		})
	};
	names.iter().map(index).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_chain_client::AccountId;
	use encrytrust_types::dataset::Column;
	use std::path::PathBuf;

	fn schema(decimals: &[u8]) -> Schema {
		let column = |(index, decimals): (usize, &u8)| Column {
			name: format!("c{index}").into_bytes().try_into().unwrap(),
			decimals: *decimals,
			bits: 20,
		};
		decimals.iter().enumerate().map(column).collect::<Vec<_>>().try_into().unwrap()
	}

	fn arguments(columns: &[&str]) -> JobRequest {
		JobRequest {
			template: String::new(),
			datasets: vec![0],
			row_ranges: vec![],
			columns: columns.iter().map(ToString::to_string).collect(),
			weights: vec![],
			bins: None,
			computing_providers: vec![],
			coordinator: AccountId([0; 32]),
			key: PathBuf::new(),
			stage_blocks: None,
		}
	}

	#[test]
	fn features_are_columns_or_all_their_pairs_in_ascending_order() {
		let schema = schema(&[0; 4]);
		let features = |kind, columns: &[&str]| question(kind, &schema, &arguments(columns)).unwrap().features;
		assert_eq!(features(TemplateKind::ColumnMean, &["c3", "c0"]), [0, 3]);
		// 01 02 03 12 13 23
		assert_eq!(features(TemplateKind::Covariance, &["c3", "c0"]), [2]);
		assert_eq!(features(TemplateKind::Covariance, &["c3", "c1", "c2"]), [3, 4, 5]);
	}

	#[test]
	fn weights_go_with_their_columns() {
		let mut job = arguments(&["c3", "c0"]);
		job.weights = vec![-7, 2];
		let asked = question(TemplateKind::WeightedSum, &schema(&[0; 4]), &job).unwrap();
		assert_eq!(asked.features, [0, 3]);
		assert_eq!(asked.parameters, Parameters::Weights(vec![2, -7].try_into().unwrap()));
		assert_eq!(question(TemplateKind::RowWeightedSum, &schema(&[0; 4]), &job).unwrap(), asked);
	}

	#[test]
	fn bins_are_in_the_columns_unit() {
		let mut job = arguments(&["c1", "c0"]);
		job.bins = Some("-1.5, 0.25,10".into());
		let asked = question(TemplateKind::Histogram, &schema(&[2, 2, 0]), &job).unwrap();
		assert_eq!(asked.parameters, Parameters::Histogram { low: -150, width: 25, bins: 10 });
	}

	#[test]
	fn what_is_no_question_is_named() {
		use TemplateKind::*;
		let ask = |kind, columns: &[&str], weights: &[i32], bins: Option<&str>| {
			let job = JobRequest { weights: weights.to_vec(), bins: bins.map(Into::into), ..arguments(columns) };
			question(kind, &schema(&[0, 0, 2]), &job).unwrap_err().to_string()
		};
		for (error, found) in [
			("named twice", ask(ColumnSum, &["c0", "c0"], &[], None)),
			("there are: c0, c1, c2", ask(ColumnSum, &["c9"], &[], None)),
			("takes neither", ask(ColumnSum, &["c0"], &[1], None)),
			("takes neither", ask(RowSum, &["c0"], &[1], None)),
			("takes neither", ask(ColumnVariance, &["c0"], &[], Some("0,1,2"))),
			("two columns at least", ask(Covariance, &["c0"], &[], None)),
			("--bins is for histograms", ask(WeightedSum, &["c0"], &[1], Some("0,1,2"))),
			("2 weights for 1 columns", ask(WeightedSum, &["c0"], &[1, 2], None)),
			("a weight is 0", ask(WeightedSum, &["c0"], &[0], None)),
			("--weights is for weighted", ask(Histogram, &["c0"], &[1], Some("0,1,2"))),
			("say the bins", ask(Histogram, &["c0"], &[], None)),
			("LOW,WIDTH,COUNT", ask(Histogram, &["c0"], &[], Some("0,1"))),
			("LOW,WIDTH,COUNT", ask(Histogram, &["c0"], &[], Some("0,0.5,4"))),
			("LOW,WIDTH,COUNT", ask(Histogram, &["c0"], &[], Some("0,-1,4"))),
			("0 wide", ask(Histogram, &["c0"], &[], Some("0,0,4"))),
			("not 65", ask(Histogram, &["c0"], &[], Some("0,1,65"))),
			("no bins in common", ask(Histogram, &["c0", "c2"], &[], Some("0,1,4"))),
		] {
			assert!(found.contains(error), "{error}: {found}");
		}
	}
}
