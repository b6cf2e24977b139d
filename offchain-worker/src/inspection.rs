//! Looking at what others committed to: gets the blobs that a check needs, and checks.
//!
//! The daemon looks while a job is under way, `encrytrust job audit` at any time; they differ in what they know and where
//! they get blobs from.

use crate::{
	protocol::{
		keys::ProvenKeys,
		watch::{self, Finding, View, Wanted},
		Blobs, Job, Store,
	},
	task::Piece,
};
use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{AccountId, BlockNumber, Client, Delivered, Error as ChainError};
use encrytrust_paillier::SecretKey;
use encrytrust_types::{
	job::{Selection, Stage},
	JobId,
};
use std::{
	collections::{BTreeMap, BTreeSet},
	future::Future,
	io,
	ops::RangeInclusive,
	sync::Arc,
};
use tokio::task::{spawn_blocking, JoinError};
use tracing::debug;

/// What somebody holds of a job.
pub struct Inspection {
	/// The job.
	pub job: Job,
	/// What is looked at, and what was committed to before.
	pub commitments: Vec<Delivered>,
	/// What is at hand.
	pub shelf: Shelf,
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

/// What was published in a job, as far as it is here.
#[derive(Clone, Debug)]
pub struct Shelf {
	/// Blobs.
	pub blobs: BlobStore,
	/// What was published in answer to demands.
	pub answers: Arc<Answers>,
}

/// Pieces that were demanded and answered.
pub type Answers = BTreeMap<Piece, Vec<u8>>;

impl Blobs for Shelf {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		// A damaged blob is set aside: it is one that is not here.
		self.blobs.get(digest).ok().flatten()
	}

	fn has(&self, digest: &[u8; 32]) -> bool {
		self.blobs.has(digest).unwrap_or_default()
	}

	fn answered(&self, stage: Stage, who: &AccountId, piece: u32) -> Option<Vec<u8>> {
		self.answers.get(&Piece { stage, who: who.clone(), piece }).cloned()
	}
}

impl Store for Shelf {
	fn keep(&self, blob: &[u8]) -> io::Result<()> {
		self.blobs.put(blob).map(|_| ()).map_err(io::Error::other)
	}
}

/// The answers to demands for a job's pieces that stand in these blocks. What the node has thrown away is left out: who
/// needs it can demand it again.
pub async fn read_answers(
	client: &Client,
	job: JobId,
	blocks: RangeInclusive<BlockNumber>,
) -> Result<Answers, ChainError> {
	let (mut answers, mut forgotten) = (Answers::new(), 0u32);
	for number in blocks {
		let Some(block) = client.block_at(number).await? else { continue };
		let found = match client.answers(block).await {
			Err(ChainError::StatePruned | ChainError::BlockPruned(_)) => {
				forgotten += 1;
				continue;
			},
			found => found?,
		};
		for answer in found.into_iter().filter(|answer| answer.job == job) {
			let piece = Piece { stage: answer.stage, who: answer.who, piece: answer.piece };
			answers.insert(piece, answer.bytes);
		}
	}
	if forgotten > 0 {
		debug!(job, "the node has forgotten {forgotten} of the blocks in which demands may have been answered");
	}
	Ok(answers)
}

impl Inspection {
	/// The view on it.
	pub fn view(&self) -> View<'_> {
		View {
			job: &self.job,
			commitments: &self.commitments,
			blobs: &self.shelf,
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
			let mut wanted = self.blocking(move |own| watch::wanted(&own.view(), stage)).await?;
			wanted.retain(|wanted| !failed.contains(&wanted.digest));
			if wanted.is_empty() {
				return Ok(());
			}
			// What was fetched may name further blobs: they are asked for in the next round.
			for wanted in wanted {
				let digest = wanted.digest;
				let stored = match fetch(wanted).await {
					Some(blob) => {
						self.blocking(move |own| own.shelf.blobs.put(&blob)).await?.is_ok_and(|put| put == digest)
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
		let findings = self.blocking(move |own| watch::check(&own.view(), stage)).await?;
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
