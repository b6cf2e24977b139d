//! Looking at what others committed to: gets the blobs that a check needs, and checks.
//!
//! The daemon looks while a job is under way, `encrytrust job audit` at any time; they differ in what they know and where
//! they get blobs from.

use crate::{
	artifacts::JobArtifacts,
	fetching::{gather, Sources, Unserved},
};
use encrytrust_chain_client::{AccountId, Delivered};
use encrytrust_paillier::SecretKey;
use encrytrust_protocol::{
	keys::ProvenKeys,
	verification::{self, Finding, Outcome, View, Wanted},
	Job,
};
use encrytrust_types::job::{Selection, Stage};
use std::{future::Future, sync::Arc};
use tokio::task::{spawn_blocking, JoinError};
use tracing::debug;

/// What somebody holds of a job.
pub struct Inspection {
	/// The job.
	pub job: Job,
	/// What is looked at, and what was committed to before.
	pub commitments: Vec<Delivered>,
	/// What is at hand.
	pub artifacts: JobArtifacts,
	/// The computing providers' keys, once they are proven.
	pub keys: Option<ProvenKeys>,
	/// The selection, for those who know it.
	pub selection: Option<Selection>,
	/// A computing provider's place and key.
	pub computing: Option<(usize, Arc<SecretKey>)>,
}

impl std::fmt::Debug for Inspection {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Inspection").field("job", &self.job.id).finish_non_exhaustive()
	}
}

impl Inspection {
	/// Of a job, by somebody who knows no more than what was published.
	pub fn new(job: Job, commitments: Vec<Delivered>, artifacts: JobArtifacts) -> Self {
		Self { job, commitments, artifacts, keys: None, selection: None, computing: None }
	}

	/// The same, with other things at hand.
	pub fn with_artifacts(&self, artifacts: JobArtifacts) -> Self {
		Self {
			job: self.job.clone(),
			commitments: self.commitments.clone(),
			artifacts,
			keys: self.keys.clone(),
			selection: self.selection.clone(),
			computing: self.computing.clone(),
		}
	}

	/// The view on it.
	pub fn view(&self) -> View<'_> {
		View {
			job: &self.job,
			commitments: &self.commitments,
			blobs: &self.artifacts,
			keys: self.keys.as_ref(),
			selection: self.selection.as_ref(),
			computing: self.computing.as_ref().map(|(index, key)| (*index, &**key)),
		}
	}

	/// Gets the blobs that looking at some stages takes, each by `fetch`, from all parties at once, until nothing is left that
	/// may still come in time; how many blobs are left. What cannot be had is left out: the check tells. Dropped before it is
	/// done, it leaves what was fetched.
	pub async fn gather<F: Future<Output = Result<Vec<u8>, Unserved>>>(
		self: &Arc<Self>,
		stages: &[Stage],
		sources: Sources<'_>,
		fetch: impl Fn(AccountId, Wanted) -> F,
	) -> Result<usize, JoinError> {
		// What was fetched may name further blobs.
		let look = || {
			let stages = stages.to_vec();
			self.blocking(move |own| {
				stages.iter().flat_map(|stage| verification::wanted(&own.view(), *stage)).collect()
			})
		};
		let ask = |source, wanted: Wanted| {
			let digest = wanted.digest;
			let fetched = fetch(source, wanted);
			async move {
				match fetched.await {
					Ok(blob) => self.keep(blob, digest).await,
					Err(unserved) => Ok(Err(unserved)),
				}
			}
		};
		gather(sources, look, ask).await
	}

	/// Stores what was fetched, if it is what was wanted.
	async fn keep(self: &Arc<Self>, blob: Vec<u8>, digest: [u8; 32]) -> Result<Result<(), Unserved>, JoinError> {
		let put = self.blocking(move |own| own.artifacts.blobs.put(&blob)).await?;
		Ok(if put.is_ok_and(|put| put == digest) { Ok(()) } else { Err(Unserved::Lacking) })
	}

	/// Checks a stage with what is at hand.
	pub async fn check(self: &Arc<Self>, stage: Stage) -> Result<Vec<Finding>, JoinError> {
		self.findings(stage, verification::check).await
	}

	/// The same, but nothing more after the first fault that can be shown to the chain.
	pub async fn check_until_fault(self: &Arc<Self>, stage: Stage) -> Result<Vec<Finding>, JoinError> {
		self.findings(stage, verification::check_until_fault).await
	}

	async fn findings(
		self: &Arc<Self>,
		stage: Stage,
		check: impl FnOnce(&View<'_>, Stage) -> Vec<Finding> + Send + 'static,
	) -> Result<Vec<Finding>, JoinError> {
		let findings = self.blocking(move |own| check(&own.view(), stage)).await?;
		for finding in &findings {
			debug!(job = self.job.id, ?stage, who = %finding.who, "{}: {}", finding.check, word(&finding.outcome));
		}
		Ok(findings)
	}

	/// Runs what computes or reads files on a thread for that.
	pub async fn blocking<T: Send + 'static>(
		self: &Arc<Self>,
		work: impl FnOnce(&Self) -> T + Send + 'static,
	) -> Result<T, JoinError> {
		let own = self.clone();
		spawn_blocking(move || work(&own)).await
	}
}

/// An outcome for the log. Its content may be secret as long as nobody has shown it to the chain.
fn word(outcome: &Outcome) -> &'static str {
	match outcome {
		Outcome::Holds => "holds",
		Outcome::Faulty(_) => "faulty",
		Outcome::Missing { .. } => "missing",
		Outcome::Refused(_) => "wrong",
		Outcome::Pending(_) => "not to be seen yet",
		Outcome::Unseen(_) => "not to be seen from here",
	}
}
