//! The leaves of computing providers' trees: ciphertexts of data providers, re-randomised.

use super::trees::ensure_leaf;
use crate::{
	committed::ensure_committed,
	context::FaultContext,
	fault::{CiphertextProof, EntryProof, Producer},
	product_tree::NodeProof,
	ring::Ring,
	selector,
	verdict::{FaultError, Verdict},
};
use alloc::vec::Vec;
use codec::Encode;
use encrytrust_types::{
	job::{FaultKind, FeatureChoice, FeatureOpening, Place, Stage},
	merkle,
};
use primitive_types::H256;

/// The place of a leaf in a computing provider's tree.
pub(super) struct Leaf {
	pub(super) computing: u16,
	pub(super) output: u32,
	pub(super) data: u16,
}

impl<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	pub(super) fn check_output(
		&self,
		place: Leaf,
		feature: &FeatureOpening,
		leaf: &NodeProof,
		unblinded: &[u8],
		entry: &EntryProof,
		committed: &CiphertextProof,
	) -> Result<Verdict<A>, FaultError> {
		let Leaf { computing, output, data } = place;
		let (trees, ring) = (self.trees(Producer::Computing(computing))?, self.user_ring()?);
		self.ensure_selection(feature)?;
		let rank = feature.choice.rank.ok_or(FaultError::WrongFeature)?;
		self.ensure_entry(data, computing, feature.feature, entry)?;
		let place = self.contract.place_of(output, leaf.index);
		let place = place.filter(|place| (place.data, place.rank) == (data, rank)).ok_or(FaultError::WrongFeature)?;
		let (part, block) = self.contract.part_and_place(place.block);
		if part != entry.part {
			return Err(FaultError::WrongFeature);
		}
		ensure_leaf(leaf)?;
		self.ensure_node(&trees, &ring, output, leaf)?;
		if !self.is_complete(data, part, &entry.entry, &ring) {
			return Err(FaultError::MalformedEntry);
		}
		ensure_committed(&entry.entry, block, committed)?;
		if !ring.is_reduced(unblinded) {
			return Err(FaultError::Length);
		}
		let factor = self.blinding(&feature.choice, computing, place, &ring);
		let blinded = factor.and_then(|factor| ring.multiply(unblinded, &factor)).ok_or(FaultError::Length)?;
		if Some(blinded) != ring.reduce(&leaf.value) {
			return Err(FaultError::WrongBlinding);
		}
		if ring.is_reduced(&leaf.value) && merkle::leaf(block.into(), unblinded) == committed.leaf {
			return Err(FaultError::Unfounded);
		}
		Ok(trees.verdict(FaultKind::Output))
	}

	/// The factor that re-randomises a ciphertext for a computing provider.
	fn blinding(&self, choice: &FeatureChoice, computing: u16, place: Place, ring: &Ring) -> Option<Vec<u8>> {
		let Place { data, block, .. } = place;
		selector::blinding(&self.genesis, self.job, choice, computing.into(), data.into(), block, ring)
	}
}
