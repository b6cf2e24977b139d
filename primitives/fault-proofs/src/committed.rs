//! That what a proof shows was committed to.

use crate::{
	context::FaultContext,
	fault::{CiphertextProof, EntryProof, SelectorProof},
	ring::Ring,
	verdict::FaultError,
	wire::Entry,
};
use codec::Encode;
use encrytrust_types::{
	job::{FeatureOpening, Stage},
	merkle,
};
use primitive_types::H256;

impl<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	pub(crate) fn ensure_selection(&self, feature: &FeatureOpening) -> Result<(), FaultError> {
		if feature.feature >= self.contract.features() {
			return Err(FaultError::OutOfRange);
		}
		let opens = feature.verify(self.contract.selection.commitment, self.contract.features());
		opens.then_some(()).ok_or(FaultError::WrongSelection)
	}

	/// The coordinator committed to this selector; returns the ring that it is a number of.
	pub(crate) fn ensure_selector(
		&self,
		computing: u16,
		feature: u16,
		proof: &SelectorProof,
	) -> Result<Ring, FaultError> {
		let (ring, features) = (self.computing_ring(computing)?, self.contract.features());
		if feature >= features {
			return Err(FaultError::OutOfRange);
		}
		if !ring.is_number(&proof.selector) {
			return Err(FaultError::Length);
		}
		// Behind the selectors stands the rest of the message.
		let leaves = self.contract.message_leaves(computing).count();
		let leaf = merkle::leaf(feature.into(), &proof.selector);
		let root = merkle::climb(leaves.into(), feature.into(), leaf, &proof.path).ok_or(FaultError::PathLength)?;
		self.ensure_message(computing, root, &proof.top_path)?;
		Ok(ring)
	}

	/// As [`Self::ensure_selector`], of a selector that a transfer can be made from: with one that is not coprime to
	/// `N`, anything could be shown about the transfer. The coordinator is at fault for such a selector.
	pub(crate) fn ensure_sound_selector(
		&self,
		computing: u16,
		feature: u16,
		proof: &SelectorProof,
	) -> Result<Ring, FaultError> {
		let ring = self.ensure_selector(computing, feature, proof)?;
		if !ring.is_ciphertext(&proof.selector) {
			return Err(FaultError::MalformedSelector);
		}
		Ok(ring)
	}

	/// The coordinator committed to a message of this root.
	pub(crate) fn ensure_message(&self, computing: u16, root: H256, path: &[H256]) -> Result<(), FaultError> {
		let commitment = self.root(Stage::Selection, &self.contract.coordinator.who)?;
		let messages = self.contract.computing.len() as u64;
		ensure_path(commitment, messages, computing.into(), root.as_bytes(), path)
	}

	/// The data provider committed to this entry.
	pub(crate) fn ensure_entry(
		&self,
		data: u16,
		computing: u16,
		feature: u16,
		proof: &EntryProof,
	) -> Result<(), FaultError> {
		let features = self.contract.features();
		let who = &self.contract.data.get(usize::from(data)).ok_or(FaultError::OutOfRange)?.party.who;
		self.computing(computing)?;
		if feature >= features {
			return Err(FaultError::OutOfRange);
		}
		let commitment = self.root(Stage::Inputs, who)?;
		let place = (proof.part, self.entry_index(computing, feature));
		self.ensure_inputs(commitment, data, place, &proof.entry, &proof.path)
	}

	/// `path` leads from an entry in its place, of part and index there, to a data provider's commitment.
	pub(crate) fn ensure_inputs(
		&self,
		commitment: H256,
		data: u16,
		(part, index): (u32, u32),
		entry: &Entry,
		path: &[H256],
	) -> Result<(), FaultError> {
		let (parts, entries, index) = (self.contract.parts(data), u64::from(self.entries()), u64::from(index));
		if part >= parts {
			return Err(FaultError::OutOfRange);
		}
		let length = merkle::path_length(entries, index);
		let (within, above) = path.split_at_checked(length).ok_or(FaultError::PathLength)?;
		let leaf = merkle::leaf(index, &entry.encode());
		let root = merkle::climb(entries, index, leaf, within).ok_or(FaultError::OutOfRange)?;
		ensure_path(commitment, parts.into(), part.into(), root.as_bytes(), above)
	}
}

/// An entry commits to a ciphertext of this leaf, in this place of its part.
pub(crate) fn ensure_committed(entry: &Entry, block: u32, committed: &CiphertextProof) -> Result<(), FaultError> {
	if block >= entry.blocks {
		return Err(FaultError::OutOfRange);
	}
	match merkle::climb(entry.blocks.into(), block.into(), committed.leaf, &committed.path) {
		None => Err(FaultError::PathLength),
		Some(reached) if reached != entry.ciphertexts => Err(FaultError::NotCommitted),
		Some(_) => Ok(()),
	}
}

/// `path` leads from `data` in its place to the commitment.
pub(crate) fn ensure_path(root: H256, count: u64, index: u64, data: &[u8], path: &[H256]) -> Result<(), FaultError> {
	if index >= count {
		return Err(FaultError::OutOfRange);
	}
	match merkle::climb(count, index, merkle::leaf(index, data), path) {
		None => Err(FaultError::PathLength),
		Some(reached) if reached != root => Err(FaultError::NotCommitted),
		Some(_) => Ok(()),
	}
}
