//! The coordinator: hands the selection to the data providers and multiplies the computing providers' outputs.

use super::{Job, ProtocolError, Published};
use crate::sealing::{seal, Kind, SealingKey};
use codec::Encode;
use encrytrust_chain_client::AccountId;
use encrytrust_paillier::Ciphertext;
use encrytrust_primitives::{bmpc::Selection, merkle};

/// Opens the selection that the user sealed to the coordinator.
pub fn open_request(job: &Job, key: &SealingKey) -> Result<Selection, ProtocolError> {
	let contract = &job.contract;
	let place = job.place(Kind::Request(contract.selection.commitment), &contract.user, &contract.coordinator.who);
	let bytes = key
		.open(&place, &contract.selection.sealed)
		.map_err(|source| ProtocolError::Sealed { what: "the user's selection".into(), source })?;
	job.read_selection(&bytes)
}

/// Seals the selection to each data provider.
pub fn selection(job: &Job, selection: &Selection) -> Result<Published, ProtocolError> {
	let contract = &job.contract;
	let plaintext = selection.encode();
	let message = |to: &AccountId, key: &[u8; 32]| {
		let place = job.place(Kind::Selection(job.id), &contract.coordinator.who, to);
		seal(key, &place, &plaintext)
			.map_err(|source| ProtocolError::Sealed { what: format!("the selection for {to}"), source })
	};
	let messages = contract.data.iter().map(|data| message(&data.party.who, &data.party.endpoint.sealing));
	let messages = messages.collect::<Result<Vec<_>, _>>()?;
	Ok(Published::new(messages_root(&messages), &messages))
}

/// Merkle root over the sealed messages.
pub(super) fn messages_root(messages: &[Vec<u8>]) -> encrytrust_chain_client::H256 {
	let leaves = messages.iter().enumerate().map(|(index, message)| merkle::leaf(index as u64, message));
	merkle::root(&leaves.collect::<Vec<_>>())
}

/// Multiplies the outputs (14): `outputs[j]` are computing provider `j`'s, by selected column.
pub fn result(job: &Job, outputs: &[Vec<Ciphertext>]) -> Result<Published, ProtocolError> {
	job.multiply(outputs)
}
