//! Entries of data providers' manifests.

use crate::{
	context::FaultContext,
	fault::EntryProof,
	verdict::{FaultError, Verdict},
};
use codec::Encode;
use encrytrust_types::job::{FaultKind, Stage};
use primitive_types::H256;

impl<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	pub(super) fn check_entry(
		&self,
		data: u16,
		computing: u16,
		feature: u16,
		proof: &EntryProof,
	) -> Result<Verdict<A>, FaultError> {
		self.ensure_entry(data, computing, feature, proof)?;
		if self.is_well_formed(data, computing, proof.part, &proof.entry)? {
			return Err(FaultError::Unfounded);
		}
		self.data_providers_fault(data, FaultKind::Entry)
	}
}
