//! A computing provider: opens the selected inputs, re-randomises them and multiplies over the data providers (13).

use super::{Job, ProtocolError, Published};
use crate::sealing::SealingKey;
use encrytrust_chain_client::AccountId;
use encrytrust_paillier::{Ciphertext, SecretKey};
use encrytrust_primitives::{
	bmpc::{Commitment, Selection},
	wire::InputsManifest,
};

/// Opens the selection that the user sealed to the computing provider `me`, and checks it.
pub fn open_request(_job: &Job, _me: &AccountId, _key: &SealingKey) -> Result<Selection, ProtocolError> {
	unimplemented!()
}

/// Reads the coordinator's blob and checks that every selector for `me` is the one that the selection determines.
pub fn check_selection(
	_job: &Job,
	_me: &AccountId,
	_selection: &Selection,
	_blob: &[u8],
	_commitment: &Commitment,
) -> Result<(), ProtocolError> {
	unimplemented!()
}

/// Reads a data provider's manifest and checks it against its commitment. `messages[j]` of it is the digest of the blob
/// for computing provider `j`.
pub fn read_manifest(
	_job: &Job,
	_data_index: usize,
	_blob: &[u8],
	_commitment: &Commitment,
) -> Result<InputsManifest, ProtocolError> {
	unimplemented!()
}

/// Opens the selected features of a data provider's message to `me`: its ciphertexts by rank, each the committed one.
///
/// # Errors
///
/// What does not open or fit: [`watch::check`](super::watch::check) of the stage finds the proof of it.
pub fn open_inputs(
	_job: &Job,
	_me: &AccountId,
	_secret: &SecretKey,
	_selection: &Selection,
	_data_index: usize,
	_manifest: &InputsManifest,
	_message: &[u8],
) -> Result<Vec<Ciphertext>, ProtocolError> {
	unimplemented!()
}

/// Re-randomises and multiplies: `inputs[d]` are data provider `d`'s ciphertexts, by rank.
pub fn output(
	_job: &Job,
	_me: &AccountId,
	_selection: &Selection,
	_inputs: &[Vec<Ciphertext>],
) -> Result<Published, ProtocolError> {
	unimplemented!()
}
