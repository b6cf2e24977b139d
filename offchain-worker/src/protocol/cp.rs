//! A computing provider: multiplies the data providers' ciphertexts, column by column (13).

use super::{check_digest, decode_all, Job, ProtocolError, Published};
use crate::sealing::{Kind, SealingKey};
use encrytrust_chain_client::AccountId;
use encrytrust_paillier::Ciphertext;
use encrytrust_primitives::{bmpc::Commitment, merkle, wire::InputsManifest};

/// Reads a data provider's manifest and checks it against its commitment.
pub fn read_manifest(
	job: &Job,
	data_index: usize,
	blob: &[u8],
	commitment: &Commitment,
) -> Result<InputsManifest, ProtocolError> {
	let what = format!("the manifest of data provider {}", data_index + 1);
	check_digest(&what, blob, &commitment.blob)?;
	let manifest: InputsManifest = decode_all(&what, blob)?;
	let computing = job.contract.computing.len();
	if manifest.sealed.len() != computing || manifest.leaves.len() != computing * job.selected() {
		return Err(ProtocolError::Format { what, reason: "it has another number of columns or parties".into() });
	}
	if merkle::root(&manifest.leaves) != commitment.root {
		return Err(ProtocolError::Commitment(what));
	}
	Ok(manifest)
}

/// Opens what a data provider sealed to the computing provider `me`: its ciphertexts by selected column, each the one
/// that was committed to.
pub fn open_inputs(
	job: &Job,
	me: &AccountId,
	key: &SealingKey,
	data_index: usize,
	manifest: &InputsManifest,
	message: &[u8],
) -> Result<Vec<Ciphertext>, ProtocolError> {
	let (mine, what) = (job.computing_index(me)?, format!("the message of data provider {}", data_index + 1));
	let sender = &job.contract.data.get(data_index).ok_or(ProtocolError::NotParty("data provider"))?.party.who;
	let expected = manifest.sealed.get(mine).ok_or_else(|| ProtocolError::Commitment(what.clone()))?;
	check_digest(&what, message, expected)?;
	let plaintext = key
		.open(&job.place(Kind::Inputs(job.id), sender, me), message)
		.map_err(|source| ProtocolError::Sealed { what: what.clone(), source })?;
	let ciphertexts: Vec<Vec<u8>> = decode_all(&what, &plaintext)?;
	if ciphertexts.len() != job.selected() {
		return Err(ProtocolError::Format { what, reason: "it has another number of columns".into() });
	}
	for (column, ciphertext) in ciphertexts.iter().enumerate() {
		let index = mine * job.selected() + column;
		if manifest.leaves.get(index) != Some(&merkle::leaf(index as u64, ciphertext)) {
			return Err(ProtocolError::Commitment(format!("{what}, column {column},")));
		}
	}
	job.read_ciphertexts(&what, ciphertexts.iter())
}

/// Multiplies: `inputs[i]` are data provider `i`'s ciphertexts, by selected column.
pub fn output(job: &Job, inputs: &[Vec<Ciphertext>]) -> Result<Published, ProtocolError> {
	job.multiply(inputs)
}
