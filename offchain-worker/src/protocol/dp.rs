//! A data provider: sums its columns in one pass, packs, masks and splits the sums, encrypts a segment for each computing
//! provider, (7) and (10), and seals each so that only the selected ones can be opened.

use super::{keys::ProvenKeys, Job, ProtocolError, Published};
use crate::sealing::SealingKey;
use encrytrust_chain_client::AccountId;
use encrytrust_oblivious_transfer::VerifiedSelection;
use encrytrust_primitives::bmpc::Commitment;

/// The sums of every feature of a source, in memory that does not grow with the rows.
#[derive(Debug)]
pub struct Accumulator {}

/// A source's sums, slot by slot of every feature.
#[derive(Debug)]
pub struct Sums {}

/// What a data provider publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
	/// The manifest.
	pub published: Published,
	/// A blob for each computing provider, in contract order.
	pub messages: Vec<Vec<u8>>,
}

impl Accumulator {
	/// Nothing summed yet.
	pub fn new(_job: &Job) -> Self {
		unimplemented!()
	}

	/// Adds a row: the fixed-point integers of *all* columns of the schema.
	pub fn add(&mut self, _row: &[i64]) {
		unimplemented!()
	}

	/// The sums.
	///
	/// # Errors
	///
	/// Another number of rows than the contract says for `me`, or sums beyond 127 bits.
	pub fn finish(self, _job: &Job, _me: &AccountId) -> Result<Sums, ProtocolError> {
		unimplemented!()
	}
}

/// Reads the coordinator's blob, checks digest and root, and verifies the proofs for all computing providers.
///
/// # Errors
///
/// What does not hold: [`watch::check`](super::watch::check) of the stage finds the proof of it.
pub fn read_selection(
	_job: &Job,
	_keys: &ProvenKeys,
	_blob: &[u8],
	_commitment: &Commitment,
) -> Result<Vec<VerifiedSelection>, ProtocolError> {
	unimplemented!()
}

/// Encrypts, seals and commits every feature for every computing provider; `selections` are theirs, in contract order.
pub fn inputs(
	_job: &Job,
	_me: &AccountId,
	_key: &SealingKey,
	_selections: &[VerifiedSelection],
	_sums: &Sums,
) -> Result<Inputs, ProtocolError> {
	unimplemented!()
}
