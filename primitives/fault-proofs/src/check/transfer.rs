//! Transfers: that a data provider knows what it transfers.

use crate::{
	context::FaultContext,
	fault::{EntryProof, SelectorProof},
	verdict::{FaultError, Verdict},
};
use codec::Encode;
use encrytrust_types::job::{FaultKind, Stage};
use primitive_types::H256;

impl<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	pub(super) fn check_transfer(
		&self,
		[data, computing, feature]: [u16; 3],
		selector: &SelectorProof,
		proof: &EntryProof,
	) -> Result<Verdict<A>, FaultError> {
		self.ensure_entry(data, computing, feature, proof)?;
		let ring = self.ensure_sound_selector(computing, feature, selector)?;
		if !self.is_well_formed(data, computing, proof.part, &proof.entry)? {
			return Err(FaultError::MalformedEntry);
		}
		let transfer = self.transfer([data, computing, feature], proof.part, &selector.selector, &proof.entry)?;
		if transfer.holds(&ring).ok_or(FaultError::Length)? {
			return Err(FaultError::FaultNotProven);
		}
		self.data_providers_fault(data, FaultKind::Transfer)
	}
}
