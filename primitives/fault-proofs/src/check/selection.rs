//! Selection messages: selectors, and the proof about all of them.

use crate::{
	context::FaultContext,
	fault::SelectorProof,
	selection_proof::Statement,
	selector,
	verdict::{FaultError, Verdict},
	wire,
};
use codec::Encode;
use encrytrust_types::{
	job::{FaultKind, FeatureOpening, Stage},
	merkle,
};
use primitive_types::H256;

impl<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	pub(super) fn check_selector(
		&self,
		computing: u16,
		feature: &FeatureOpening,
		proof: &SelectorProof,
	) -> Result<Verdict<A>, FaultError> {
		self.ensure_selection(feature)?;
		let ring = self.ensure_selector(computing, feature.feature, proof)?;
		let expected = selector::selector(&self.genesis, self.job, &feature.choice, &ring);
		if expected.ok_or(FaultError::Length)? == *proof.selector {
			return Err(FaultError::Unfounded);
		}
		Ok(self.coordinators_fault(FaultKind::Selector))
	}

	pub(super) fn check_selection_proof(
		&self,
		computing: u16,
		message: &[u8],
		top_path: &[H256],
	) -> Result<Verdict<A>, FaultError> {
		let (ring, features) = (self.computing_ring(computing)?, self.contract.features());
		let root = merkle::root(&wire::selection_leaves(message, features, ring.bytes()));
		self.ensure_message(computing, root, top_path)?;
		let statement = Statement { features, selected: self.contract.selection.selected, ring: &ring };
		if statement.holds(self.transcript("encrytrust/selection/1", computing)?, message) {
			return Err(FaultError::Unfounded);
		}
		Ok(self.coordinators_fault(FaultKind::SelectionProof))
	}
}
