//! Proofs about the keys that a job's parties encrypt under: got, verified, and remembered.

use super::{blocking, Failure, Worker};
use encrytrust_chain_client::Block;
use encrytrust_protocol::{
	keys::{self, Claim, Evidence, Holder, ProvenKeys},
	verification::KEY_PROOF_BYTES,
	Job, ProtocolError,
};
use encrytrust_types::{
	job::{DeclineReason, Role},
	JobId,
};
use tracing::info;

impl Worker {
	/// Verifies the proofs about the user's and all computing providers' keys, each once.
	pub(super) async fn verify_keys(&self, job: &Job, head: Block) -> Result<ProvenKeys, Failure> {
		let proofs = self.unverified_proofs(job, head).await?;
		self.verify_proofs(job.id, proofs).await?;
		keys::verify_keys(job, |claim| match self.is_proven(claim)? {
			true => Ok(Evidence::VerifiedBefore),
			false => Err(Failure::transient("a key's proof was forgotten as soon as it was verified")),
		})
	}

	/// The proofs of a job that were not verified yet, from whoever serves them.
	pub(super) async fn unverified_proofs(&self, job: &Job, head: Block) -> Result<Vec<(Claim, Vec<u8>)>, Failure> {
		let mut proofs = Vec::new();
		for claim in keys::claims(job) {
			// The coordinator needs the user's blob for the others.
			let served = claim.holder == Holder::User && job.contract.coordinator.who == self.me;
			let proven = self.is_proven(&claim)?;
			if proven && !served {
				continue;
			}
			let reason = match claim.holder {
				Holder::User => DeclineReason::UserKey,
				Holder::Computing(_) => DeclineReason::ComputingKey,
			};
			let blob = self.proof(job, &claim, head).await.map_err(|failure| failure.because(reason))?;
			if !proven {
				proofs.push((claim, blob));
			}
		}
		Ok(proofs)
	}

	/// Verifies proofs, and remembers those that hold. Each takes the machine a while.
	pub(super) async fn verify_proofs(&self, job: JobId, proofs: Vec<(Claim, Vec<u8>)>) -> Result<(), Failure> {
		for (claim, blob) in proofs {
			// Another job of the same party may have been faster.
			if self.is_proven(&claim)? {
				continue;
			}
			let genesis = self.genesis;
			let verified = claim.clone();
			blocking(move || keys::verify(genesis, &verified, &blob)).await??;
			self.database.remember_proven(&claim)?;
			info!(job, owner = %claim.owner, "the key is proven");
		}
		Ok(())
	}

	/// Whether a claim needs no proof any more: nobody needs one about its own key.
	fn is_proven(&self, claim: &Claim) -> Result<bool, Failure> {
		Ok(claim.owner == self.me || self.database.is_proven(claim)?)
	}

	/// The blob of a claim, from whoever serves it.
	async fn proof(&self, job: &Job, claim: &Claim, head: Block) -> Result<Vec<u8>, Failure> {
		let contract = &job.contract;
		match claim.holder {
			Holder::User if contract.coordinator.who == self.me => {
				self.expected.add(job.id, claim.proof);
				let blobs = self.blobs.clone();
				let digest = claim.proof;
				let blob = blocking(move || blobs.get(&digest)).await?;
				let blob = blob.map_err(Failure::transient)?;
				blob.ok_or_else(|| Failure::transient("the user has not offered the proof of its key yet"))
			},
			Holder::User => {
				self.fetch(Role::Coordinator, &contract.coordinator, &claim.proof, KEY_PROOF_BYTES, head).await
			},
			Holder::Computing(index) => {
				let computing = contract.computing.get(index).ok_or(ProtocolError::NotParty("computing provider"))?;
				self.fetch(Role::ComputingProvider, &computing.party, &claim.proof, KEY_PROOF_BYTES, head).await
			},
		}
	}
}
