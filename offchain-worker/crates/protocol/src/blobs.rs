//! Where published bytes are kept: by whoever uses this crate.

use crate::{chain::Contract, encoding::digest, error::ProtocolError};
use encrytrust_fault_proofs::answer::Answer;
use encrytrust_types::job::Unit;
use std::io;

/// What was published, wherever it is kept.
pub trait Blobs {
	/// The blob with this sha2-256, if it is at hand.
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>>;

	/// Whether it is at hand.
	fn has(&self, digest: &[u8; 32]) -> bool {
		self.blob(digest).is_some()
	}

	/// A chunk of a unit with its path, if it was published on chain.
	fn answer(&self, _unit: &Unit, _chunk: u32) -> Option<Answer> {
		None
	}
}

/// Where blobs are kept for others to fetch.
pub trait Store: Blobs + Sync {
	/// Keeps a blob.
	///
	/// # Errors
	///
	/// What the place says.
	fn keep(&self, blob: &[u8]) -> io::Result<()>;
}

impl Blobs for std::collections::HashMap<[u8; 32], Vec<u8>> {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		self.get(digest).cloned()
	}
}

/// Blobs that report their reading: how far a long look at them is.
pub struct ProgressBlobs<'b, F> {
	/// What is read.
	pub blobs: &'b dyn Blobs,
	/// Called for each blob that is at hand.
	pub on_read: F,
}

impl<F: Fn()> Blobs for ProgressBlobs<'_, F> {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		let blob = self.blobs.blob(digest);
		blob.iter().for_each(|_| (self.on_read)());
		blob
	}

	fn has(&self, digest: &[u8; 32]) -> bool {
		self.blobs.has(digest)
	}

	fn answer(&self, unit: &Unit, chunk: u32) -> Option<Answer> {
		self.blobs.answer(unit, chunk)
	}
}

impl<F> std::fmt::Debug for ProgressBlobs<'_, F> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("ProgressBlobs").finish_non_exhaustive()
	}
}

/// Keeps a blob and says which it is.
pub(crate) fn keep(store: &dyn Store, blob: &[u8]) -> Result<[u8; 32], ProtocolError> {
	store.keep(blob).map_err(|error| ProtocolError::Store(error.to_string()))?;
	Ok(digest(blob))
}

/// All chunks of a unit, if all of them were published on chain.
pub(crate) fn answers(blobs: &dyn Blobs, contract: &Contract, unit: &Unit) -> Option<Vec<Answer>> {
	let chunks = contract.unit_chunks(unit);
	(chunks > 0).then(|| (0..chunks).map(|chunk| blobs.answer(unit, chunk)).collect())?
}
