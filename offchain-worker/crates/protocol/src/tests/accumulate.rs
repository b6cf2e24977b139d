//! What a data provider sums in one pass.

use super::*;
use proptest::prelude::*;

/// A job over one data set of three columns with so many rows.
fn job(kind: TemplateKind, parameters: Parameters, rows: usize) -> Job {
	static JOB: LazyLock<Job> = LazyLock::new(|| {
		let columns = vec![(0, 59), (0, 59), (0, 59)];
		Question { columns, data: vec![vec![vec![0; 3]]], computers: 1, selected: vec![0], ..Question::means() }
			.ask()
			.job
	});
	let mut contract = (*JOB.contract).clone();
	(contract.kind, contract.parameters) = (kind, parameters);
	(contract.data[0].dataset_rows, contract.data[0].rows) = (rows as u64, rows as u64);
	Job { contract: contract.into(), ..JOB.clone() }
}

#[test]
fn values_fall_into_bins_by_the_floor() {
	let bins = |low, width, bins| Parameters::Histogram { low, width, bins };
	for (name, parameters, value, expected) in [
		("the lower edge", bins(-5, 10, 3), -5, [1, 0, 0]),
		("below", bins(-5, 10, 3), -6, [1, 0, 0]),
		("the end of the first", bins(-5, 10, 3), 4, [1, 0, 0]),
		("the second", bins(-5, 10, 3), 5, [0, 1, 0]),
		("the last", bins(-5, 10, 3), 15, [0, 0, 1]),
		("above", bins(-5, 10, 3), i64::MAX, [0, 0, 1]),
		("far below", bins(i64::MAX, u64::MAX, 3), i64::MIN, [1, 0, 0]),
		("far above", bins(i64::MIN, 1, 3), i64::MAX, [0, 0, 1]),
	] {
		let job = job(TemplateKind::Histogram, parameters, 1);
		assert_eq!(sums(&job, &data_provider(0), &[vec![value, 0, 0]]).feature(0), expected, "{name}");
	}
}

#[test]
fn what_does_not_fit_the_contract_has_no_sums() {
	let job = job(TemplateKind::ColumnVariance, Parameters::None, 2);
	let finish = |rows: &[&[i64]], who: &AccountId| {
		let mut accumulator = data_provider::Accumulator::new(&job);
		rows.iter().try_for_each(|row| accumulator.add(row))?;
		accumulator.finish(&job, who)
	};
	assert!(finish(&[&[1, 2, 3], &[4, 5, 6]], &data_provider(0)).is_ok());
	refusal("a row less", finish(&[&[1, 2, 3]], &data_provider(0)), "1 rows, the contract says 2");
	refusal(
		"a row more",
		finish(&[&[1, 2, 3], &[4, 5, 6], &[7, 8, 9]], &data_provider(0)),
		"3 rows, the contract says 2",
	);
	refusal("a column less", finish(&[&[1, 2, 3], &[4, 5]], &data_provider(0)), "another number of columns");
	refusal("a stranger", finish(&[&[1, 2, 3], &[4, 5, 6]], &computing_provider(0)), "no data provider");
	// Squares of 126 bits: the third one does not fit.
	let wide: &[i64] = &[i64::MIN, 0, 0];
	refusal("sums of 128 bits", finish(&[wide; 3], &data_provider(0)), "longer than 127 bits");
}

proptest! {
	#[test]
	fn every_feature_is_summed(rows in prop::collection::vec(prop::array::uniform3(-1000i64..1000), 1..20)) {
		let table: Vec<Vec<i64>> = rows.iter().map(|row| row.to_vec()).collect();
		let count = rows.len() as i128;
		let total = |value: &dyn Fn(&[i64; 3]) -> i64| rows.iter().map(|row| i128::from(value(row))).sum::<i128>();
		let column = |column: usize| total(&|row| row[column]);
		let product = |a: usize, b: usize| total(&|row| row[a] * row[b]);
		let features = |kind| {
			let job = job(kind, Parameters::None, rows.len());
			let sums = sums(&job, &data_provider(0), &table);
			(0..3).map(|feature| sums.feature(feature).to_vec()).collect::<Vec<_>>()
		};
		let columns = |slots: &dyn Fn(usize) -> Vec<i128>| (0..3).map(slots).collect::<Vec<_>>();
		prop_assert_eq!(features(TemplateKind::ColumnSum), columns(&|a| vec![column(a)]));
		prop_assert_eq!(features(TemplateKind::ColumnMean), columns(&|a| vec![column(a), count]));
		prop_assert_eq!(features(TemplateKind::ColumnVariance), columns(&|a| vec![column(a), product(a, a), count]));
		let pairs = [(0, 1), (0, 2), (1, 2)].map(|(a, b)| vec![column(a), column(b), product(a, b), count]);
		prop_assert_eq!(features(TemplateKind::Covariance), pairs.to_vec());
	}
}
