//! The user: makes and seals a selection, checks and decrypts the result (16).

pub use crate::exact::Exact;

use crate::{
	chain::{AccountId, H256},
	error::ProtocolError,
	job::Job,
	parallel,
	sealing::{seal, Place},
};
use codec::Encode;
use encrytrust_paillier::{packing::Layout, Plaintext, SecretKey};
use encrytrust_types::{
	dataset::{Column, Schema},
	job::{Selection, SelectionTerms, TemplateKind},
};
use num_bigint::{BigInt, BigUint, Sign};
use std::fmt;
use zeroize::Zeroizing;

/// Digits behind a number's own that a quotient is written with.
pub const EXTRA_DIGITS: u32 = 12;

/// What was asked of one feature; for a weighted sum, of all selected columns together; for a row-wise template, of one
/// row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// The columns' indices in the schema: one, two of a covariance, all of a weighted sum or of a row.
	pub columns: Vec<u16>,
	/// Over how many rows.
	pub rows: u64,
	/// The number or numbers.
	pub value: Value,
}

/// The numbers, in the columns' units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
	/// A sum.
	Sum(Exact),
	/// A mean, and the sum that it is of.
	Mean {
		/// The sum.
		sum: Exact,
		/// The mean.
		mean: Exact,
	},
	/// A variance.
	Variance {
		/// The mean.
		mean: Exact,
		/// Over one row less than there are; none over a single row.
		sample: Option<Exact>,
		/// Over all rows.
		population: Exact,
	},
	/// A covariance.
	Covariance {
		/// The means.
		means: [Exact; 2],
		/// Over one row less than there are; none over a single row.
		sample: Option<Exact>,
		/// Over all rows.
		population: Exact,
	},
	/// Rows by bin.
	Histogram(Vec<u64>),
	/// The columns' sums, each times its weight.
	WeightedSum(Exact),
	/// The sum of one row's columns, each times its weight if there are any.
	Row {
		/// The place of the row's data set among those of the job.
		data: u16,
		/// Its place in the data set's order.
		row: u64,
		/// The sum.
		sum: Exact,
	},
}

/// The number that was asked for, with its digits: of a variance or covariance the sample's, or the population's of one
/// row alone; counts one after the other.
impl fmt::Display for Value {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Sum(value)
			| Self::Mean { mean: value, .. }
			| Self::WeightedSum(value)
			| Self::Row { sum: value, .. } => value.fmt(f),
			Self::Variance { sample, population, .. } | Self::Covariance { sample, population, .. } => {
				sample.as_ref().unwrap_or(population).fmt(f)
			},
			Self::Histogram(counts) => {
				f.write_str(&counts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
			},
		}
	}
}

/// Checks what the chain cannot see: that these features are a question with an answer.
///
/// # Errors
///
/// [`ProtocolError::Template`], in words for the user.
pub fn check_question(kind: TemplateKind, schema: &Schema, features: &[u16]) -> Result<(), ProtocolError> {
	let decimals = |feature: &u16| schema.columns().get(usize::from(*feature)).map(|column| column.decimals);
	let mut decimals = features.iter().map(decimals);
	let first = decimals.next();
	let together = kind == TemplateKind::WeightedSum || kind.is_row_wise();
	if together && decimals.any(|decimals| Some(decimals) != first) {
		let text = "such a sum is over columns with equally many decimals: select such, or register the data anew";
		return Err(ProtocolError::Template(text.into()));
	}
	Ok(())
}

/// A selection's terms: its commitment, its count, and the selection sealed to every receiver, each with account and
/// sealing key: the computing providers in the request's order, then the coordinator.
///
/// # Errors
///
/// A receiver's key that nothing can be sealed to, or too many receivers.
pub fn selection_terms(
	selection: &Selection,
	features: u16,
	genesis: H256,
	user: &AccountId,
	receivers: &[(AccountId, [u8; 32])],
) -> Result<SelectionTerms, ProtocolError> {
	let commitment = selection.commitment(features);
	let plaintext = Zeroizing::new(selection.encode());
	let seal_to = |(to, key): &(AccountId, [u8; 32])| {
		let sealed = seal(key, &Place { commitment, genesis, from: user, to }, &plaintext)
			.map_err(|source| ProtocolError::Sealed { what: format!("the selection for {to}"), source })?;
		sealed.try_into().map_err(|_| ProtocolError::Selection("it is too long to be sealed"))
	};
	let sealed = receivers.iter().map(seal_to).collect::<Result<Vec<_>, _>>()?;
	let sealed = sealed.try_into().map_err(|_| ProtocolError::Selection("it has too many receivers"))?;
	Ok(SelectionTerms { commitment, selected: selection.features().len() as u16, sealed })
}

/// Decrypts a part of the result, from [`Trees::values`](crate::Trees::values): an answer for each selected feature, in
/// their order, or one for all of a weighted sum, or one for each row.
///
/// # Errors
///
/// [`ProtocolError::Result`] for what no honest job gives: a count of rows that is not the contract's, numbers that no
/// rows have. Another key, or another selection.
pub fn decrypt(
	job: &Job,
	key: &SecretKey,
	selection: &Selection,
	part: u32,
	values: &[Vec<u8>],
) -> Result<Vec<Answer>, ProtocolError> {
	if key.public() != &job.key {
		return Err(ProtocolError::UserKey("the job was asked for with another key: name that one with --key".into()));
	}
	job.check_selection(selection)?;
	let features = selection.features();
	let outputs = job.contract.outputs_of(part);
	if outputs.len() != values.len() {
		return Err(ProtocolError::Selection("it is of another number of features than the result"));
	}
	let outputs: Vec<_> = outputs.zip(values).collect();
	let read = |(output, value): &(u32, &Vec<u8>)| {
		let ciphertext = key.public().ciphertext(value);
		ciphertext.map_err(|error| ProtocolError::Result { output: *output, reason: error.to_string() })
	};
	let of_run = |outputs: &[(u32, &Vec<u8>)]| {
		let plaintexts = key.decrypt_each(&outputs.iter().map(read).collect::<Result<Vec<_>, _>>()?);
		let answers = outputs.iter().zip(&plaintexts);
		let answers = answers.map(|((output, _), plaintext)| answers_of(job, key, &features, *output, plaintext));
		Ok(answers.collect::<Result<Vec<_>, ProtocolError>>()?.into_iter().flatten().collect())
	};
	parallel::map_runs(&outputs, of_run)
}

/// What an output says.
fn answers_of(
	job: &Job,
	key: &SecretKey,
	features: &[u16],
	output: u32,
	plaintext: &Plaintext,
) -> Result<Vec<Answer>, ProtocolError> {
	match job.contract.kind {
		TemplateKind::WeightedSum => Ok(vec![weighted_sum(job, key, features, plaintext)?]),
		kind if kind.is_row_wise() => rows(job, features, output, plaintext),
		_ => {
			let feature = features.get(output as usize);
			let feature = feature.ok_or(ProtocolError::Selection("it is of fewer features than the result"))?;
			Ok(vec![answer(job, output, *feature, plaintext)?])
		},
	}
}

/// The sums of a block's rows.
fn rows(job: &Job, features: &[u16], output: u32, plaintext: &Plaintext) -> Result<Vec<Answer>, ProtocolError> {
	let impossible = |reason: &str| ProtocolError::Result { output, reason: reason.into() };
	check_question(job.contract.kind, &job.contract.schema, features)?;
	let place = job.contract.place_of(output, 0).ok_or_else(|| impossible("there is no such block"))?;
	let rows = job.rows_of(place.data, place.block);
	let first_row = job.contract.data.get(usize::from(place.data)).map_or(0, |data| data.first_row);
	let layout = job.row_layout(rows.end - rows.start)?;
	let sums = layout.unpack(&job.key.add_plain(plaintext, &missing_offset(job, &layout)?));
	let sums = sums.map_err(|error| impossible(&error.to_string()))?;
	let first = features.first().ok_or(ProtocolError::Selection("it is of no features"))?;
	let decimals = job.column(*first)?.decimals.into();
	let answer = |(row, sum): (u64, i128)| {
		let sum = Exact::new(sum.into(), 1u8.into(), decimals, decimals)?;
		Some(Answer { columns: features.to_vec(), rows: 1, value: Value::Row { data: place.data, row, sum } })
	};
	let answers = rows.map(|row| first_row.saturating_add(row)).zip(sums).map(answer).collect::<Option<_>>();
	answers.ok_or_else(|| impossible("it is no number"))
}

/// What is to be added to a block so that every slot has the offset of its layout. A value carries its column's, which
/// the weights have multiplied, negative ones as well: their sum may be less than that of their absolute values.
fn missing_offset(job: &Job, layout: &Layout) -> Result<Plaintext, ProtocolError> {
	let contract = &job.contract;
	let addends = BigInt::from(contract.parameters.addends(contract.selection.selected));
	let carried: BigInt = match contract.parameters.weights() {
		[] => addends.clone(),
		weights => weights.iter().map(|weight| BigInt::from(*weight)).sum(),
	};
	let of_slot = (addends - carried) << contract.bits();
	let mut position = 0;
	let mut offset = BigInt::ZERO;
	for slot in layout.slots() {
		offset += &of_slot << position;
		position += slot.width();
	}
	let plaintext = job.key.plaintext(&offset.magnitude().to_bytes_be());
	plaintext.map_err(|error| ProtocolError::Template(error.to_string()))
}

/// What the sums of one feature say.
fn answer(job: &Job, output: u32, feature: u16, plaintext: &Plaintext) -> Result<Answer, ProtocolError> {
	let impossible = |reason: &str| ProtocolError::Result { output, reason: reason.into() };
	let (a, b) = job.columns_of(feature).ok_or_else(|| impossible("there is no such feature"))?;
	let sums = job.layout(feature)?.unpack(plaintext).map_err(|error| impossible(&error.to_string()))?;
	let rows = job.contract.rows();
	let sums = Sums { rows, columns: [job.column(a)?, job.column(b)?], values: &sums };
	let value = sums.value(job.contract.kind).map_err(impossible)?;
	Ok(Answer { columns: if a == b { vec![a] } else { vec![a, b] }, rows, value })
}

/// The decrypted sums of a feature, slot by slot.
struct Sums<'a> {
	rows: u64,
	columns: [&'a Column; 2],
	values: &'a [i128],
}

impl Sums<'_> {
	/// What the sums mean; or why no rows have such sums.
	fn value(&self, kind: TemplateKind) -> Result<Value, &'static str> {
		let none = "it has other slots than the template";
		let mean = |column, sum| self.mean(column, sum).ok_or("it is over no rows");
		match (kind, self.values) {
			(TemplateKind::ColumnSum, [sum]) => Ok(Value::Sum(self.sum(*sum).ok_or(none)?)),
			(TemplateKind::ColumnMean, [sum, count]) => {
				self.check_count(*count)?;
				Ok(Value::Mean { sum: self.sum(*sum).ok_or(none)?, mean: mean(0, *sum)? })
			},
			(TemplateKind::ColumnVariance, [sum, squares, count]) => {
				self.check_count(*count)?;
				let spread = self.spread(*sum, *sum, *squares);
				if *squares > self.bound() || spread.sign() == Sign::Minus {
					return Err("no numbers have this sum and these squares");
				}
				let [sample, population] = self.moments(spread);
				Ok(Value::Variance { mean: mean(0, *sum)?, sample, population: population.ok_or(none)? })
			},
			(TemplateKind::Covariance, [a, b, product, count]) => {
				self.check_count(*count)?;
				if product.abs() > self.bound() {
					return Err("no numbers have such products");
				}
				let [sample, population] = self.moments(self.spread(*a, *b, *product));
				let means = [mean(0, *a)?, mean(1, *b)?];
				Ok(Value::Covariance { means, sample, population: population.ok_or(none)? })
			},
			(TemplateKind::Histogram, counts) => self.histogram(counts),
			_ => Err(none),
		}
	}

	fn check_count(&self, count: i128) -> Result<(), &'static str> {
		(count == i128::from(self.rows)).then_some(()).ok_or("it is not over the rows of the contract")
	}

	/// The largest sum of products of the columns' values.
	fn bound(&self) -> i128 {
		let largest = |column: &Column| (1i128 << column.bits) - 1;
		// The contract's template was checked: such sums have at most 120 bits.
		(largest(self.columns[0]) * largest(self.columns[1])).saturating_mul(self.rows.into())
	}

	/// `R sum(ab) - sum(a) sum(b)`: `R^2` times the covariance over all rows.
	fn spread(&self, a: i128, b: i128, product: i128) -> BigInt {
		BigInt::from(self.rows) * product - BigInt::from(a) * b
	}

	fn decimals(&self) -> u32 {
		self.columns.iter().map(|column| u32::from(column.decimals)).sum()
	}

	/// Of a sample, and of the population.
	fn moments(&self, spread: BigInt) -> [Option<Exact>; 2] {
		let rows = BigUint::from(self.rows);
		let decimals = self.decimals();
		[self.rows.saturating_sub(1), self.rows]
			.map(|count| Exact::new(spread.clone(), &rows * count, decimals, decimals + EXTRA_DIGITS))
	}

	fn sum(&self, sum: i128) -> Option<Exact> {
		let decimals = self.columns[0].decimals.into();
		Exact::new(sum.into(), 1u8.into(), decimals, decimals)
	}

	fn mean(&self, column: usize, sum: i128) -> Option<Exact> {
		let decimals = self.columns[column].decimals.into();
		Exact::new(sum.into(), self.rows.into(), decimals, decimals + EXTRA_DIGITS)
	}

	fn histogram(&self, counts: &[i128]) -> Result<Value, &'static str> {
		let counts = counts.iter().map(|count| u64::try_from(*count)).collect::<Result<Vec<_>, _>>();
		let counts = counts.map_err(|_| "a bin has less than no rows, or too many")?;
		let total: i128 = counts.iter().map(|count| i128::from(*count)).sum();
		self.check_count(total)?;
		Ok(Value::Histogram(counts))
	}
}

/// The number that a weighted sum's output holds: less the offsets of all rows, each times its weight.
fn weighted_sum(job: &Job, key: &SecretKey, features: &[u16], plaintext: &Plaintext) -> Result<Answer, ProtocolError> {
	let impossible = |reason: &str| ProtocolError::Result { output: 0, reason: reason.into() };
	check_question(job.contract.kind, &job.contract.schema, features)?;
	let rows = job.contract.rows();
	let mut sum = signed(key, plaintext);
	let mut bound = BigInt::ZERO;
	let mut decimals = 0;
	for (feature, weight) in features.iter().zip(job.contract.parameters.weights()) {
		let column = job.column(*feature)?;
		decimals = column.decimals.into();
		sum -= (BigInt::from(*weight) * rows) << column.bits;
		bound += BigInt::from(weight.unsigned_abs()) * rows * ((1i64 << column.bits) - 1);
	}
	if sum.magnitude() > bound.magnitude() {
		return Err(impossible("no rows have such a sum"));
	}
	let sum = Exact::new(sum, 1u8.into(), decimals, decimals).ok_or_else(|| impossible("it is no number"))?;
	Ok(Answer { columns: features.to_vec(), rows, value: Value::WeightedSum(sum) })
}

/// A number modulo `N` as the one between `-N / 2` and `N / 2`.
fn signed(key: &SecretKey, plaintext: &Plaintext) -> BigInt {
	let [value, modulus] =
		[plaintext.to_bytes(), key.public().modulus_bytes()].map(|bytes| BigInt::from_bytes_be(Sign::Plus, &bytes));
	if &value * 2u8 > modulus {
		value - modulus
	} else {
		value
	}
}
