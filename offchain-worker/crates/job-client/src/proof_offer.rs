//! Handing the proof about the user's key to a job's coordinator, who serves it to the others.

use crate::{
	client::JobClient,
	paths::shown,
	peers::{self, current_endpoint},
	user_key::proof_of,
};
use anyhow::{ensure, Context, Result};
use encrytrust_blob_store::digest;
use encrytrust_types::{job::Role, JobId};
use std::{
	path::Path,
	time::{Duration, Instant},
};

/// How long the coordinator's worker may take to notice a new job.
const OFFER_PATIENCE: Duration = Duration::from_secs(60);
/// The pause between two offers.
const OFFER_PAUSE: Duration = Duration::from_secs(1);

impl JobClient {
	/// Offers the proof about the user's key to the job's coordinator, until it has taken it.
	///
	/// # Errors
	///
	/// After a minute, or at once where waiting does not help: why, and how to try again.
	pub async fn offer_proof(&self, id: JobId, key: &Path, proof: Vec<u8>) -> Result<()> {
		let contract = self.info(id).await?.contract;
		let name = digest(&proof);
		ensure!(name == contract.user_key_proof, "job {id} was asked for with another proof than that beside the key");
		let network = peers::anonymous(Some(proof))?;
		let began = Instant::now();
		loop {
			let head = self.chain.finalized().await?;
			let registered = self.chain.at(head.hash).role(Role::Coordinator, &contract.coordinator.who).await?;
			let endpoint = current_endpoint(registered, &contract.coordinator);
			let Err(error) = peers::offer(&network, &endpoint, &name).await else { break };
			if !error.is_transient() || began.elapsed() > OFFER_PATIENCE {
				return Err(error).with_context(|| {
					format!(
						"job {id} is asked for, but its coordinator does not have the proof about your key, without \
						 which nobody confirms; offer it again within {} blocks of the request: encrytrust job offer {id} --key {}",
						contract.schedule.confirmation,
						shown(key)
					)
				});
			}
			tokio::time::sleep(OFFER_PAUSE).await;
		}
		network.shutdown().await;
		Ok(())
	}

	/// Offers the proof that is next to the key.
	pub async fn offer_kept_proof(&self, id: JobId, key: &Path) -> Result<()> {
		let user = self.info(id).await?.contract.user;
		let proof = proof_of(key, self.chain.genesis(), &user)?;
		let proof =
			proof.with_context(|| format!("there is no proof about {} for the user of job {id}", shown(key)))?;
		self.offer_proof(id, key, proof).await
	}
}
