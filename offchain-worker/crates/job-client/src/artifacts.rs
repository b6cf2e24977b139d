//! What was published in a job, as far as it is here.

use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{AccountId, BlockNumber, DemandAnswer, Error as ChainError};
use encrytrust_protocol::{Blobs, Piece, Store};
use encrytrust_types::{job::Stage, JobId};
use std::{collections::BTreeMap, future::Future, io, ops::RangeInclusive, sync::Arc};
use tracing::debug;

/// Blobs, and what was published in answer to demands.
#[derive(Clone, Debug)]
pub struct JobArtifacts {
	/// Blobs.
	pub blobs: BlobStore,
	/// Pieces that were demanded and answered.
	pub answers: Arc<Answers>,
}

/// Pieces that were demanded and answered.
pub type Answers = BTreeMap<Piece, Vec<u8>>;

impl JobArtifacts {
	/// Blobs alone.
	pub fn of_blobs(blobs: BlobStore) -> Self {
		Self { blobs, answers: Arc::default() }
	}
}

impl Blobs for JobArtifacts {
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

impl Store for JobArtifacts {
	fn keep(&self, blob: &[u8]) -> io::Result<()> {
		self.blobs.put(blob).map(|_| ()).map_err(io::Error::other)
	}
}

/// The answers to demands for a job's pieces that stand in these blocks; `answers_in` reads those of a block, if there
/// is one of this number. What the node has thrown away is left out: who needs it can demand it again.
pub async fn read_answers<F: Future<Output = Result<Vec<DemandAnswer>, ChainError>>>(
	job: JobId,
	blocks: RangeInclusive<BlockNumber>,
	answers_in: impl Fn(BlockNumber) -> F,
) -> Result<Answers, ChainError> {
	let mut answers = Answers::new();
	let mut forgotten = 0u32;
	for number in blocks {
		let found = match answers_in(number).await {
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
