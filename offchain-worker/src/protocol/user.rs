//! The user: makes and seals a selection, checks and decrypts the result (16).

use super::{Job, ProtocolError};
use encrytrust_chain_client::{AccountId, H256};
use encrytrust_paillier::SecretKey;
use encrytrust_primitives::bmpc::{Selection, SelectionTerms};

/// An exact quotient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rational {
	// numerator, denominator
}

impl Rational {
	/// In decimal, rounded to so many digits behind the point, halves to the even digit.
	pub fn round(&self, _digits: u32) -> String {
		unimplemented!()
	}
}

/// What was asked of one feature; for a weighted sum, of all selected columns together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// The columns' indices in the schema: one, two of a covariance, all of a weighted sum.
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
	Sum(Rational),
	/// A mean; of the sum.
	Mean { sum: Rational, mean: Rational },
	/// Mean, sample variance (none over one row) and population variance.
	Variance { mean: Rational, sample: Option<Rational>, population: Rational },
	/// Means, sample and population covariance.
	Covariance { means: [Rational; 2], sample: Option<Rational>, population: Rational },
	/// Counts by bin.
	Histogram(Vec<u64>),
	/// A weighted sum.
	WeightedSum(Rational),
}

impl Value {
	/// The main number as text with the digits that results are written with; counts separated by spaces.
	pub fn text(&self) -> String {
		unimplemented!()
	}
}

/// A selection's terms: commitment, count, and the selection sealed to every receiver: account and sealing key of each
/// computing provider in the request's order, then of the coordinator.
pub fn selection_terms(
	_selection: &Selection,
	_features: u16,
	_genesis: H256,
	_user: &AccountId,
	_receivers: &[(AccountId, [u8; 32])],
) -> Result<SelectionTerms, ProtocolError> {
	unimplemented!()
}

/// Checks the result's blob against its commitment and decrypts it.
///
/// # Errors
///
/// [`ProtocolError::Result`] for what no honest job gives.
pub fn decrypt(
	_job: &Job,
	_key: &SecretKey,
	_selection: &Selection,
	_result: &super::Outputs,
) -> Result<Vec<Answer>, ProtocolError> {
	unimplemented!()
}
