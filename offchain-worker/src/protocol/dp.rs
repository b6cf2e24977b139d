//! A data provider: packs the sums of its selected columns, splits them and encrypts a segment for each computing
//! provider: (7) and (10).

use super::{check_digest, cord, decode_all, Job, ProtocolError, Published};
use crate::sealing::{seal, Kind, SealingKey};
use codec::Encode;
use encrytrust_chain_client::AccountId;
use encrytrust_paillier::Encryptor;
use encrytrust_primitives::{
	bmpc::{Commitment, Selection},
	merkle,
	wire::InputsManifest,
};
use encrytrust_secret_sharing::additive;
use std::num::NonZeroUsize;

/// A source's sums, by selected column.
#[derive(Debug)]
pub struct Sums {
	/// How many rows were added up.
	pub rows: u64,
	/// The sums of the columns' fixed-point integers.
	pub sums: Vec<i128>,
}

/// What a data provider publishes.
#[derive(Debug)]
pub struct Inputs {
	/// The manifest.
	pub published: Published,
	/// The message sealed to each computing provider, in contract order.
	pub sealed: Vec<Vec<u8>>,
}

/// Opens what the coordinator sealed to the data provider `me`; `blob` is the coordinator's.
pub fn open_selection(
	job: &Job,
	me: &AccountId,
	key: &SealingKey,
	blob: &[u8],
	commitment: &Commitment,
) -> Result<Selection, ProtocolError> {
	let what = "the coordinator's selection";
	check_digest(what, blob, &commitment.blob)?;
	let messages: Vec<Vec<u8>> = decode_all(what, blob)?;
	if messages.len() != job.contract.data.len() || cord::messages_root(&messages) != commitment.root {
		return Err(ProtocolError::Commitment(what.into()));
	}
	let message = messages.get(job.data_index(me)?).ok_or_else(|| ProtocolError::Commitment(what.into()))?;
	let bytes = key
		.open(&job.place(Kind::Selection(job.id), &job.contract.coordinator.who, me), message)
		.map_err(|source| ProtocolError::Sealed { what: what.into(), source })?;
	job.read_selection(&bytes)
}

/// Encrypts the sums of the `selected` columns (indices into the schema).
pub fn inputs(job: &Job, me: &AccountId, selected: &[u16], sums: &Sums) -> Result<Inputs, ProtocolError> {
	let ciphertexts = encrypt(job, me, selected, sums)?;
	let leaves = ciphertexts.iter().flatten().enumerate();
	let leaves: Vec<_> = leaves.map(|(index, ciphertext)| merkle::leaf(index as u64, ciphertext)).collect();
	let sealed = job.contract.computing.iter().zip(&ciphertexts).map(|(computing, columns)| {
		let to = &computing.party;
		seal(&to.endpoint.sealing, &job.place(Kind::Inputs(job.id), me, &to.who), &columns.encode())
			.map_err(|source| ProtocolError::Sealed { what: format!("the inputs for {}", to.who), source })
	});
	let sealed = sealed.collect::<Result<Vec<_>, _>>()?;
	let digests = sealed.iter().map(|message| encrytrust_blob_store::digest(message)).collect();
	let root = merkle::root(&leaves);
	Ok(Inputs { published: Published::new(root, &InputsManifest { leaves, sealed: digests }), sealed })
}

/// Ciphertexts by computing provider and selected column.
fn encrypt(job: &Job, me: &AccountId, selected: &[u16], sums: &Sums) -> Result<Vec<Vec<Vec<u8>>>, ProtocolError> {
	let index = job.data_index(me)?;
	let expected = job.contract.data.get(index).map(|data| data.rows);
	if expected != Some(sums.rows) {
		let text = format!("the source has {} rows, the contract says {}", sums.rows, expected.unwrap_or_default());
		return Err(ProtocolError::Sums(text));
	}
	if selected.len() != job.selected() || sums.sums.len() != selected.len() {
		return Err(ProtocolError::Sums("another number of columns than selected".into()));
	}
	let computing = NonZeroUsize::new(job.contract.computing.len());
	let computing = computing.ok_or(ProtocolError::NotParty("computing provider"))?;
	let encryptor = Encryptor::new(&job.key);
	let mut by_computer = vec![Vec::with_capacity(selected.len()); computing.get()];
	for (column, sum) in selected.iter().zip(&sums.sums) {
		let layout = job.layout(*column)?;
		let slots = [(*sum, sums.rows), (i128::from(sums.rows), sums.rows)];
		let packed = layout.pack(slots.get(..layout.slots().len()).unwrap_or(&slots));
		let packed = packed.map_err(|error| ProtocolError::Sums(error.to_string()))?;
		for (segments, segment) in by_computer.iter_mut().zip(additive::split(&job.key, &packed, computing)) {
			segments.push(encryptor.encrypt(&segment).to_bytes());
		}
	}
	Ok(by_computer)
}
