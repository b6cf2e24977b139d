//! Checks of the proofs about keys.

use super::{Finding, Outcome, View};
use crate::keys::{self, Holder};
use encrytrust_types::job::{Role, Stage};

impl View<'_> {
	pub(super) fn check_keys(&self) -> Vec<Finding> {
		let finding = |claim: keys::Claim| Finding {
			stage: Stage::Confirmation,
			who: claim.owner.clone(),
			role: (claim.holder != Holder::User).then_some(Role::ComputingProvider),
			check: "the modulus is a product of two large primes".into(),
			outcome: match self.blobs.blob(&claim.proof) {
				None => Outcome::Unseen("the proof is not at hand"),
				Some(blob) => match keys::verify(self.job.genesis, &claim, &blob) {
					Ok(()) => Outcome::Holds,
					Err(error) => Outcome::Refused(error.to_string()),
				},
			},
		};
		keys::claims(self.job).into_iter().map(finding).collect()
	}
}
