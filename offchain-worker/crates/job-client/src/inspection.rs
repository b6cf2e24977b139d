//! Looking at what others committed to: gets the blobs that a check needs, and checks.
//!
//! The daemon looks while a job is under way, `encrytrust job audit` at any time; they differ in what they know and where
//! they get blobs from.

use crate::artifacts::JobArtifacts;
use encrytrust_chain_client::Delivered;
use encrytrust_paillier::SecretKey;
use encrytrust_protocol::{
	keys::ProvenKeys,
	verification::{self, Finding, View, Wanted},
	Job,
};
use encrytrust_types::job::{Selection, Stage};
use std::{collections::BTreeSet, future::Future, sync::Arc};
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

	/// Gets the blobs that looking at a stage takes, each by `fetch`. What cannot be had is left out: the check tells.
	pub async fn gather<F: Future<Output = Option<Vec<u8>>>>(
		self: &Arc<Self>,
		stage: Stage,
		fetch: impl Fn(Wanted) -> F,
	) -> Result<(), JoinError> {
		let mut failed = BTreeSet::new();
		loop {
			let mut wanted = self.blocking(move |own| verification::wanted(&own.view(), stage)).await?;
			wanted.retain(|wanted| !failed.contains(&wanted.digest));
			if wanted.is_empty() {
				return Ok(());
			}
			// What was fetched may name further blobs: they are asked for in the next round.
			for wanted in wanted {
				let digest = wanted.digest;
				let stored = match fetch(wanted).await {
					Some(blob) => {
						self.blocking(move |own| own.artifacts.blobs.put(&blob)).await?.is_ok_and(|put| put == digest)
					},
					None => false,
				};
				if !stored {
					failed.insert(digest);
				}
			}
		}
	}

	/// Checks a stage with what is at hand.
	pub async fn check(self: &Arc<Self>, stage: Stage) -> Result<Vec<Finding>, JoinError> {
		let findings = self.blocking(move |own| verification::check(&own.view(), stage)).await?;
		for finding in &findings {
			debug!(job = self.job.id, ?stage, who = %finding.who, "{}: {:?}", finding.check, finding.outcome);
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
