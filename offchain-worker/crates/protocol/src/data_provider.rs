//! A data provider: reads its rows in one pass, sums its columns or, for a row-wise template, cuts them into blocks;
//! packs, masks and splits what is in a block, encrypts a segment for each computing provider, (7) and (10), and seals
//! each so that only the selected ones can be opened.

mod accumulator;
mod inputs;

pub use accumulator::{Accumulator, Sums};
pub use inputs::InputsWriter;

use crate::{chain::AccountId, error::ProtocolError, job::Job, keys::ProvenKeys, parallel, sealing::SealingKey};
use encrytrust_oblivious_transfer::{SelectionMessage, VerifiedSelection};
use encrytrust_secret_sharing::masks::{self, Masks};
use encrytrust_types::job::Commitment;

/// Checks that masks can be agreed on with the other data providers: before confirming.
///
/// # Errors
///
/// [`ProtocolError::Masks`]: a sealing key stands in the contract twice, or agrees on nothing secret, or the own one is
/// another. Decline the job.
pub fn check_peers(job: &Job, me: &AccountId, key: &SealingKey) -> Result<(), ProtocolError> {
	masks(job, me, key).map(|_| ())
}

/// What this data provider shares with the others.
fn masks(job: &Job, me: &AccountId, key: &SealingKey) -> Result<Masks, ProtocolError> {
	let mine = job.data_index(me)?;
	let keys: Vec<_> = job.contract.data.iter().map(|data| data.party.endpoint.sealing).collect();
	if keys.get(mine) != Some(&key.public()) {
		return Err(ProtocolError::Masks("the contract has another sealing key for this account".into()));
	}
	let others = keys.iter().enumerate().filter(|(index, _)| *index != mine);
	let peers: Vec<_> = others.map(|(_, key)| *key).collect();
	let place = masks::Job { genesis: job.genesis.0, job: job.id };
	Masks::new(&key.secret(), &peers, &place).map_err(|error| ProtocolError::Masks(error.to_string()))
}

/// Reads the coordinator's blob, checks digest and root, and verifies the proofs for all computing providers.
///
/// # Errors
///
/// What does not hold: [`verification::check`](crate::verification::check) of the stage finds the proof of it.
pub fn read_selection(
	job: &Job,
	keys: &ProvenKeys,
	blob: &[u8],
	commitment: &Commitment,
) -> Result<Vec<VerifiedSelection>, ProtocolError> {
	let messages = job.read_messages(blob, commitment)?;
	let messages: Vec<_> = messages.iter().enumerate().collect();
	parallel::map(&messages, |(computing, message)| verify_message(job, keys, *computing, message))
}

/// Verifies the message for one computing provider.
pub(crate) fn verify_message(
	job: &Job,
	keys: &ProvenKeys,
	computing: usize,
	message: &[u8],
) -> Result<VerifiedSelection, ProtocolError> {
	let refused = |reason: String| ProtocolError::Selectors { computing, reason };
	let features = job.features().into();
	let context = job.transfer_context(computing)?;
	let key = keys.computing.get(computing).ok_or(ProtocolError::NotParty("computing provider"))?;
	let message = SelectionMessage::from_bytes(key.public(), features, message);
	let message = message.map_err(|error| refused(error.to_string()))?;
	message.verify(key, &context, features, job.selected()).map_err(|error| refused(error.to_string()))
}

/// The source has as many rows as the contract says.
fn check_rows(job: &Job, data: usize, rows: u64) -> Result<(), ProtocolError> {
	let expected = job.contract.data.get(data).map(|data| data.rows).unwrap_or_default();
	if expected != rows {
		let text = format!("the source has {rows} rows, the contract says {expected}");
		return Err(ProtocolError::Sums(text));
	}
	Ok(())
}
