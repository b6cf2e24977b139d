//! Looking at what others committed to: gets the blobs that a check needs, and checks.
//!
//! The daemon looks while a job is under way, `encrytrust job audit` at any time; they differ in what they know and where
//! they get blobs from.

use crate::artifacts::JobArtifacts;
use encrytrust_chain_client::{AccountId, Delivered};
use encrytrust_paillier::SecretKey;
use encrytrust_protocol::{
	keys::ProvenKeys,
	verification::{self, Finding, Outcome, View, Wanted},
	Job,
};
use encrytrust_types::job::{Selection, Stage};
use futures::future::join_all;
use std::{
	collections::{BTreeMap, BTreeSet},
	future::Future,
	sync::Arc,
	time::Duration,
};
use tokio::{
	task::{spawn_blocking, JoinError},
	time::timeout,
};
use tracing::debug;

/// How long a party may take for a blob: whoever waits for it may have a stage to deliver in.
const PATIENCE: Duration = Duration::from_secs(15);

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

/// What came of asking a party.
#[derive(Default)]
struct Gathered {
	from: Option<AccountId>,
	/// What it did not give.
	lacking: Vec<[u8; 32]>,
	/// Whether it kept one waiting.
	is_slow: bool,
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

	/// Gets the blobs that looking at a stage takes, each by `fetch`; those of different parties at once. What cannot be had
	/// is left out: the check tells. A party that has kept one waiting for 15 seconds is not asked again.
	pub async fn gather<F: Future<Output = Option<Vec<u8>>>>(
		self: &Arc<Self>,
		stage: Stage,
		fetch: impl Fn(Wanted) -> F,
	) -> Result<(), JoinError> {
		let mut failed = BTreeSet::new();
		let mut slow = BTreeSet::new();
		loop {
			let mut wanted = self.blocking(move |own| verification::wanted(&own.view(), stage)).await?;
			wanted.retain(|wanted| !failed.contains(&wanted.digest) && !slow.contains(&wanted.from));
			if wanted.is_empty() {
				return Ok(());
			}
			let mut by_party: BTreeMap<AccountId, Vec<Wanted>> = BTreeMap::new();
			for wanted in wanted {
				by_party.entry(wanted.from.clone()).or_default().push(wanted);
			}
			// What was fetched may name further blobs: they are asked for in the next round.
			let of_parties = by_party.into_values().map(|wanted| self.gather_from_party(wanted, &fetch));
			for gathered in join_all(of_parties).await {
				let Gathered { lacking, is_slow, from } = gathered?;
				failed.extend(lacking);
				slow.extend(is_slow.then_some(from).flatten());
			}
		}
	}

	/// One blob of a party after the other, until it keeps one waiting.
	async fn gather_from_party<F: Future<Output = Option<Vec<u8>>>>(
		self: &Arc<Self>,
		all: Vec<Wanted>,
		fetch: &impl Fn(Wanted) -> F,
	) -> Result<Gathered, JoinError> {
		let mut gathered = Gathered::default();
		for wanted in all {
			let Wanted { digest, from, .. } = wanted.clone();
			gathered.from = Some(from);
			let Ok(blob) = timeout(PATIENCE, fetch(wanted)).await else {
				gathered.is_slow = true;
				break;
			};
			let stored = match blob {
				Some(blob) => {
					self.blocking(move |own| own.artifacts.blobs.put(&blob)).await?.is_ok_and(|put| put == digest)
				},
				None => false,
			};
			if !stored {
				gathered.lacking.push(digest);
			}
		}
		Ok(gathered)
	}

	/// Checks a stage with what is at hand.
	pub async fn check(self: &Arc<Self>, stage: Stage) -> Result<Vec<Finding>, JoinError> {
		let findings = self.blocking(move |own| verification::check(&own.view(), stage)).await?;
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
