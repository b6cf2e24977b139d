//! What was published in a job, as far as it is here.

use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{BlockNumber, Delivered, Error as ChainError, Publication};
use encrytrust_protocol::{
	verification::{is_committed, Answer},
	Blobs, Job, Store,
};
use encrytrust_types::job::Unit;
use std::{collections::BTreeMap, future::Future, io, ops::RangeInclusive, sync::Arc};
use tracing::debug;

/// Blobs, and what was published on chain.
#[derive(Clone, Debug)]
pub struct JobArtifacts {
	/// Blobs.
	pub blobs: BlobStore,
	/// Chunks that were published because their units were challenged.
	pub publications: Arc<Publications>,
}

/// Published chunks with their paths, by unit and chunk.
pub type Publications = BTreeMap<(Unit, u32), Answer>;

impl JobArtifacts {
	/// Blobs alone.
	pub fn of_blobs(blobs: BlobStore) -> Self {
		Self { blobs, publications: Arc::default() }
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

	fn answer(&self, unit: &Unit, chunk: u32) -> Option<Answer> {
		self.publications.get(&(*unit, chunk)).cloned()
	}
}

impl Store for JobArtifacts {
	fn keep(&self, blob: &[u8]) -> io::Result<()> {
		self.blobs.put(blob).map(|_| ()).map_err(io::Error::other)
	}
}

/// The chunks of a job's units that were published in these blocks, as they were committed to; `published_in` reads those of
/// a block, if there is one of this number. What the node has thrown away is left out.
pub async fn read_publications<F: Future<Output = Result<Vec<Publication>, ChainError>>>(
	job: &Job,
	commitments: &[Delivered],
	blocks: RangeInclusive<BlockNumber>,
	published_in: impl Fn(BlockNumber) -> F,
) -> Result<Publications, ChainError> {
	let mut publications = Publications::new();
	let mut forgotten = 0u32;
	for number in blocks {
		let found = match published_in(number).await {
			Err(ChainError::BlockPruned(_)) => {
				forgotten += 1;
				continue;
			},
			found => found?,
		};
		for Publication { unit, chunk, bytes, path, .. } in found.into_iter().filter(|found| found.job == job.id) {
			let answer = Answer { bytes, path };
			let unit = job.contract.unit(unit).filter(|unit| is_committed(job, commitments, unit, chunk, &answer));
			publications.extend(unit.map(|unit| ((unit, chunk), answer)));
		}
	}
	if forgotten > 0 {
		debug!(job = job.id, "the node has forgotten {forgotten} of the blocks in which units may have been published");
	}
	Ok(publications)
}
