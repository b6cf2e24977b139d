//! Every template against plain arithmetic over the rows.

use super::*;
use crate::user::{Answer, Value};
use num_bigint::BigInt;
use proptest::prelude::*;

/// `numerator / denominator` with so many digits behind the point, halves to the even digit: written down anew.
fn decimal(numerator: &BigInt, denominator: &BigInt, digits: u32) -> String {
	let zero = BigInt::from(0);
	let scaled: BigInt =
		(if *numerator < zero { -numerator } else { numerator.clone() }) * BigInt::from(10).pow(digits);
	let mut quotient = &scaled / denominator;
	let rest = &scaled % denominator;
	let odd = &quotient % 2 == BigInt::from(1);
	if &rest * 2 > *denominator || (&rest * 2 == *denominator && odd) {
		quotient += 1;
	}
	let sign = if *numerator < zero && quotient != zero { "-" } else { "" };
	let text = format!("{quotient:0>width$}", quotient = quotient.to_string(), width = digits as usize + 1);
	let (whole, fraction) = text.split_at(text.len() - digits as usize);
	if fraction.is_empty() {
		format!("{sign}{whole}")
	} else {
		format!("{sign}{whole}.{fraction}")
	}
}

/// A column of all data sets.
fn column(question: &Question, column: u16) -> Vec<BigInt> {
	question.data.iter().flatten().map(|row| row[usize::from(column)].into()).collect()
}

fn sum(values: impl Iterator<Item = BigInt>) -> BigInt {
	values.fold(BigInt::from(0), |sum, value| sum + value)
}

fn ten(power: u32) -> BigInt {
	BigInt::from(10).pow(power)
}

/// `sum((R a - A) (R b - B)) / R^2`, with the numbers' deviations from the mean one by one.
fn deviations(a: &[BigInt], b: &[BigInt]) -> BigInt {
	let rows = BigInt::from(a.len());
	let totals = [sum(a.iter().cloned()), sum(b.iter().cloned())];
	sum(a.iter().zip(b).map(|(a, b)| (a * &rows - &totals[0]) * (b * &rows - &totals[1])))
}

/// What an answer says, as text, and what the rows say.
fn compare(question: &Question, answer: &Answer) {
	let decimals = |column: u16| u32::from(question.columns[usize::from(column)].0);
	let values = |place: usize| column(question, answer.columns[place]);
	let rows = BigInt::from(question.data.iter().flatten().count());
	let mean = |place: usize| {
		let digits = decimals(answer.columns[place]);
		decimal(&sum(values(place).into_iter()), &(&rows * ten(digits)), digits + user::EXTRA_DIGITS)
	};
	let moment = |a: usize, b: usize, count: BigInt| {
		let digits = decimals(answer.columns[a]) + decimals(answer.columns[b]);
		let denominator = &rows * &rows * count * ten(digits);
		decimal(&deviations(&values(a), &values(b)), &denominator, digits + user::EXTRA_DIGITS)
	};
	let total = |place: usize| {
		let digits = decimals(answer.columns[place]);
		decimal(&sum(values(place).into_iter()), &ten(digits), digits)
	};
	let sample = |a, b| (rows > BigInt::from(1)).then(|| moment(a, b, &rows - 1));
	let text = |value: &Option<user::Exact>| value.as_ref().map(ToString::to_string);
	assert_eq!(BigInt::from(answer.rows), rows);
	match &answer.value {
		Value::Sum(value) => assert_eq!(value.to_string(), total(0)),
		Value::Mean { sum, mean: value } => {
			assert_eq!((sum.to_string(), value.to_string()), (total(0), mean(0)));
		},
		Value::Variance { mean: value, sample: of_sample, population } => {
			assert_eq!(value.to_string(), mean(0));
			assert_eq!((text(of_sample), population.to_string()), (sample(0, 0), moment(0, 0, rows.clone())));
		},
		Value::Covariance { means: [a, b], sample: of_sample, population } => {
			assert_eq!((a.to_string(), b.to_string()), (mean(0), mean(1)));
			assert_eq!((text(of_sample), population.to_string()), (sample(0, 1), moment(0, 1, rows.clone())));
		},
		Value::Histogram(counts) => {
			let Parameters::Histogram { low, width, bins } = question.parameters else { panic!("no bins") };
			let inside = |bin: u8, value: &BigInt| {
				let from = BigInt::from(low) + BigInt::from(width) * bin;
				let above = bin == 0 || *value >= from;
				above && (bin == bins - 1 || *value < from + width)
			};
			let counted = (0..bins).map(|bin| values(0).iter().filter(|value| inside(bin, value)).count() as u64);
			assert_eq!(*counts, counted.collect::<Vec<_>>());
		},
		Value::WeightedSum(value) => {
			let weights = question.parameters.weights().iter().enumerate();
			let weighted = weights.map(|(rank, weight)| sum(values(rank).into_iter()) * *weight);
			let digits = decimals(answer.columns[0]);
			assert_eq!(value.to_string(), decimal(&sum(weighted), &ten(digits), digits));
		},
		Value::Row { .. } => unreachable!("{answer:?}"),
	}
}

/// What a row-wise template tells of a row: the place of its data set, its own place there, and its sum.
type Row = (u16, u64, String);

/// The sums of all rows: row by row, data set by data set.
fn sums_of_rows_in(question: &Question) -> Vec<Row> {
	let digits = question.columns[usize::from(question.selected[0])].0.into();
	let weight = |rank: usize| question.parameters.weights().get(rank).copied().unwrap_or(1);
	let sum_of = |row: &Vec<i64>| {
		let columns = question.selected.iter().enumerate();
		sum(columns.map(|(rank, column)| BigInt::from(row[usize::from(*column)]) * weight(rank)))
	};
	let rows = (0u16..).zip(&question.data).flat_map(|(data, rows)| {
		(0u64..).zip(rows).map(move |(row, values)| (data, row, decimal(&sum_of(values), &ten(digits), digits)))
	});
	rows.collect()
}

fn answered_rows(question: &Question, answers: &[Answer]) -> Vec<Row> {
	let told = answers.iter().map(|answer| {
		assert_eq!((&answer.columns, answer.rows), (&question.selected, 1));
		match &answer.value {
			Value::Row { data, row, sum } => (*data, *row, sum.to_string()),
			other => panic!("{other:?}"),
		}
	});
	told.collect()
}

/// The answers are those of plain arithmetic.
fn check(question: &Question) -> Play {
	let play = Play::honest(question);
	let answers = play.answers();
	if question.kind.is_row_wise() {
		assert_eq!(answered_rows(question, &answers), sums_of_rows_in(question));
		return play;
	}
	let expected = if question.kind == TemplateKind::WeightedSum { 1 } else { question.selected.len() };
	assert_eq!(answers.len(), expected);
	answers.iter().for_each(|answer| compare(question, answer));
	play
}

/// And who sees the most sees nothing wrong, in whatever it looks at.
fn check_and_watch(question: &Question) {
	let play = check(question);
	for stage in [Stage::Selection, Stage::Inputs, Stage::Outputs, Stage::Result] {
		for finding in verification::check(&play.view(Eyes::Computing(0)), stage) {
			assert_eq!(finding.outcome, verification::Outcome::Holds, "{finding:?}");
		}
	}
}

fn weights(weights: &[i32]) -> Parameters {
	Parameters::Weights(weights.to_vec().try_into().unwrap())
}

#[test]
fn sums_and_means() {
	check_and_watch(&Question { computers: 2, ..Question::of(TemplateKind::ColumnSum, Parameters::None, &[1]) });
	check_and_watch(&Question::means());
}

#[test]
fn variances() {
	check_and_watch(&Question {
		computers: 2,
		..Question::of(TemplateKind::ColumnVariance, Parameters::None, &[0, 1, 3])
	});
	let one_row = vec![vec![vec![-7, 7, 0, 1]]];
	check(&Question {
		data: one_row,
		computers: 1,
		..Question::of(TemplateKind::ColumnVariance, Parameters::None, &[0])
	});
}

#[test]
fn covariances_of_pairs() {
	// Pairs of four columns: (0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3).
	check_and_watch(&Question { computers: 2, ..Question::of(TemplateKind::Covariance, Parameters::None, &[1, 5]) });
}

#[test]
fn histograms_with_open_ends() {
	let bins = Parameters::Histogram { low: -5, width: 10, bins: 4 };
	check_and_watch(&Question { computers: 2, ..Question::of(TemplateKind::Histogram, bins, &[0, 2]) });
}

#[test]
fn weighted_sums_with_either_sign() {
	let columns = vec![(2, 20), (3, 20), (2, 30), (2, 1)];
	for given in [[3, -2, 1], [-1, -70_000, i32::MIN]] {
		let question = Question::of(TemplateKind::WeightedSum, weights(&given), &[0, 2, 3]);
		check_and_watch(&Question { columns: columns.clone(), computers: 2, ..question });
	}
}

#[test]
fn the_widest_columns() {
	let most = (1i64 << 62) - 1;
	let data = vec![vec![vec![most, -most], vec![most, -most]], vec![vec![most, most]]];
	for kind in [TemplateKind::ColumnSum, TemplateKind::ColumnMean] {
		check(&Question {
			columns: vec![(0, 62), (15, 62)],
			data: data.clone(),
			computers: 1,
			..Question::of(kind, Parameters::None, &[0, 1])
		});
	}
	let most = (1i64 << 59) - 1;
	let data = vec![vec![vec![most, -most], vec![-most, -most]], vec![vec![most, most]]];
	for (kind, selected) in [(TemplateKind::ColumnVariance, vec![0, 1]), (TemplateKind::Covariance, vec![0])] {
		check(&Question {
			columns: vec![(0, 59), (15, 59)],
			data: data.clone(),
			computers: 1,
			..Question::of(kind, Parameters::None, &selected)
		});
	}
}

/// Values of columns with so many bits, and their ends, over and over.
fn table(rows: usize, bits: &[u8]) -> Vec<Vec<i64>> {
	let value = |row: usize, column: usize, bits: u8| {
		let most = (1i64 << bits) - 1;
		match (row + column) % 5 {
			0 => most,
			1 => -most,
			_ => ((row * 7919 + column * 104_729) as i64 * 31) % most,
		}
	};
	(0..rows).map(|row| bits.iter().enumerate().map(|(column, bits)| value(row, column, *bits)).collect()).collect()
}

/// Two columns of 62 bits: 31 rows a block, and 16 blocks a chunk.
fn rows(sizes: &[usize], parameters: Parameters) -> Question {
	let kind = if parameters == Parameters::None { TemplateKind::RowSum } else { TemplateKind::RowWeightedSum };
	let columns = vec![(2, 62), (0, 1), (2, 5)];
	let bits: Vec<u8> = columns.iter().map(|(_, bits)| *bits).collect();
	let data = sizes.iter().map(|rows| table(*rows, &bits)).collect();
	Question { columns, data, computers: 2, ..Question::of(kind, parameters, &[0, 2]) }
}

#[test]
fn sums_of_rows() {
	// One row; a block and a row; three chunks less a row.
	let question = rows(&[1, 32, 48 * 31 - 1], Parameters::None);
	let contract = question.ask().job.contract;
	assert_eq!((contract.packing().rows_per_block(), contract.outputs()), (Some(31), 1 + 2 + 48));
	check_and_watch(&question);
}

#[test]
fn sums_of_rows_in_several_parts() {
	// Of one column, 32 rows a block.
	let question = Question { computers: 1, selected: vec![0], ..rows(&[128 * 32 + 1, 5], Parameters::None) };
	let contract = question.ask().job.contract;
	assert_eq!((contract.part_size(), contract.parts(0), contract.output_parts()), (128, 2, 2));
	check_and_watch(&question);
}

/// The data providers read all of their rows, and are asked for some of them.
#[test]
fn sums_of_a_range_of_rows_are_numbered_as_in_the_dataset() {
	let question = rows(&[100, 40], Parameters::None);
	let mut play = question.ask();
	let ranges = [31..93, 39..40];
	let mut contract = Contract::clone(&play.job.contract);
	for (data, range) in contract.data.iter_mut().zip(&ranges) {
		(data.first_row, data.rows) = (range.start, range.end - range.start);
	}
	play.job = Job::new(3, GENESIS, contract).unwrap();
	play.select();
	play.inputs();
	play.outputs();
	play.result();
	let mut expected = sums_of_rows_in(&question);
	expected.retain(|(data, row, _)| ranges[usize::from(*data)].contains(row));
	assert_eq!(answered_rows(&question, &play.answers()), expected);
}

#[test]
fn weighted_sums_of_rows_with_either_sign() {
	for given in [[3, -2], [-1, -70_000], [i32::MIN, i32::MAX], [1, -1]] {
		check_and_watch(&rows(&[1, 60], weights(&given)));
	}
}

/// Any template over small tables.
fn question() -> impl Strategy<Value = Question> {
	let columns = prop::collection::vec((0u8..4, 1u8..30), 2..4);
	let parties = (prop::collection::vec(1usize..4, 1..4), 1usize..3);
	(0usize..8, columns, parties, any::<u64>(), any::<[i32; 3]>()).prop_flat_map(
		|(kind, mut columns, (sizes, computers), pick, given)| {
			use TemplateKind::*;
			let kinds =
				[ColumnSum, ColumnMean, ColumnVariance, Covariance, Histogram, WeightedSum, RowSum, RowWeightedSum];
			let kind = kinds[kind];
			if kind == WeightedSum || kind.is_row_wise() {
				columns.iter_mut().for_each(|column| column.0 = 2);
			}
			let features = kind.features(columns.len() as u16).unwrap();
			let mut selected: Vec<u16> = (0..features).filter(|feature| pick >> feature & 1 == 1).collect();
			if selected.is_empty() {
				selected.push(pick as u16 % features);
			}
			let parameters = match kind {
				Histogram => {
					Parameters::Histogram { low: given[0].into(), width: 1 + pick % 1000, bins: 2 + (pick % 63) as u8 }
				},
				WeightedSum | RowWeightedSum => weights(&given.map(|weight| weight | 1)[..selected.len()]),
				_ => Parameters::None,
			};
			let row = columns.iter().map(|(_, bits)| -(1i64 << bits) + 1..1i64 << bits).collect::<Vec<_>>();
			let data: Vec<_> = sizes.into_iter().map(|size| prop::collection::vec(row.clone(), size)).collect();
			data.prop_map(move |data| Question {
				kind,
				parameters: parameters.clone(),
				columns: columns.clone(),
				data,
				computers,
				selected: selected.clone(),
			})
		},
	)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
	#[test]
	fn any_job_is_plain_arithmetic(question in question()) {
		check(&question);
	}
}
