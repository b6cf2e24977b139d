//! A data provider: reads its rows in one pass, sums its columns or, for a row-wise template, cuts them into blocks;
//! packs, masks and splits what is in a block, encrypts a segment for each computing provider, (7) and (10), and seals
//! each so that only the selected ones can be opened.

mod accumulator;
mod inputs;

pub use accumulator::{Accumulator, Sums};
pub use inputs::InputsWriter;
#[cfg(test)]
pub(crate) use inputs::{pack_rows, pack_sums};

use crate::{chain::AccountId, error::ProtocolError, job::Job, keys::ProvenKeys, parallel};
use encrytrust_oblivious_transfer::{SelectionMessage, VerifiedSelection};
pub use encrytrust_secret_sharing::masks::EphemeralKey;
use encrytrust_secret_sharing::masks::{self, Masks};
use encrytrust_types::job::{Commitment, MaskKey};

/// The keys that the data providers of a job agree on masks with.
#[derive(Clone, Debug)]
pub struct MaskKeys {
	/// One's own.
	own: EphemeralKey,
	/// The public ones of all, in contract order.
	all: Vec<MaskKey>,
}

impl MaskKeys {
	/// One's own key of a job, and the public keys that the data providers have posted, in contract order.
	///
	/// # Errors
	///
	/// [`ProtocolError::Masks`]: one of them has not posted its key yet.
	pub fn new(own: EphemeralKey, posted: &[Option<MaskKey>]) -> Result<Self, ProtocolError> {
		let all = posted.iter().copied().collect::<Option<_>>();
		let all = all.ok_or_else(|| ProtocolError::Masks("a data provider has not posted its mask key".into()))?;
		Ok(Self { own, all })
	}
}

/// What this data provider shares with the others.
///
/// # Errors
///
/// [`ProtocolError::Masks`]: a key is there twice, or agrees on nothing secret, or the own one is another, or there is
/// not one for each provider.
pub(crate) fn masks(job: &Job, me: &AccountId, keys: &MaskKeys) -> Result<Masks, ProtocolError> {
	let mine = job.data_index(me)?;
	if keys.all.len() != job.contract.data.len() {
		return Err(ProtocolError::Masks("there is not one mask key for each data provider".into()));
	}
	if keys.all.get(mine) != Some(&keys.own.public()) {
		return Err(ProtocolError::Masks("the job has another mask key for this account".into()));
	}
	let others = keys.all.iter().enumerate().filter(|(index, _)| *index != mine);
	let peers: Vec<_> = others.map(|(_, key)| *key).collect();
	let place = masks::Job { genesis: job.genesis.0, job: job.id };
	Masks::new(&keys.own, &peers, &place).map_err(|error| ProtocolError::Masks(error.to_string()))
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
	let expected = job.contract.data.get(data).map(|data| data.dataset_rows).unwrap_or_default();
	if expected != rows {
		let text = format!("the source has {rows} rows, the contract says {expected}");
		return Err(ProtocolError::Sums(text));
	}
	Ok(())
}
