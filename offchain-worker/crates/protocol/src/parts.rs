//! What is published in parts: written and read one part after the other, so that memory does not grow with rows.

use crate::{
	blobs::{keep, Blobs, Store},
	chain::{AccountId, H256},
	encoding::decode_all,
	error::ProtocolError,
};
use codec::{Decode, Encode};
use encrytrust_fault_proofs::wire::Manifest;
use encrytrust_types::job::{Commitment, Stage};

/// Writes parts, and the manifest that names them.
pub struct PartsWriter<'s> {
	store: &'s dyn Store,
	manifest: Manifest,
	roots: Vec<H256>,
}

impl<'s> PartsWriter<'s> {
	/// Nothing written yet; parts and manifest go to `store`.
	pub fn new(store: &'s dyn Store) -> Self {
		Self { store, manifest: Manifest { parts: Vec::new() }, roots: Vec::new() }
	}

	/// Keeps the next part, whose root this is.
	///
	/// # Errors
	///
	/// A store that does not keep.
	pub fn push(&mut self, root: H256, part: &impl Encode) -> Result<(), ProtocolError> {
		self.manifest.parts.push(keep(self.store, &part.encode())?);
		self.roots.push(root);
		Ok(())
	}

	/// Number of the part that comes next.
	pub(crate) fn next(&self) -> u32 {
		self.roots.len() as u32
	}

	/// What to commit to: the manifest, and the root over the parts' roots.
	///
	/// # Errors
	///
	/// A store that does not keep.
	pub fn finish(self, root: impl FnOnce(&[H256]) -> H256) -> Result<Commitment, ProtocolError> {
		Ok(Commitment { root: root(&self.roots), blob: keep(self.store, &self.manifest.encode())? })
	}
}

impl std::fmt::Debug for PartsWriter<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("PartsWriter").field("next", &self.next()).finish_non_exhaustive()
	}
}

/// The parts that a manifest names.
pub(crate) struct Parts<'a> {
	blobs: &'a dyn Blobs,
	pub(crate) what: String,
	manifest: Result<Manifest, ProtocolError>,
	/// Where the answer to a demand is a part as it was published.
	pub(crate) answered: Option<(Stage, AccountId)>,
}

impl<'a> Parts<'a> {
	pub(crate) fn new(blobs: &'a dyn Blobs, what: String, commitment: &Commitment) -> Self {
		let blob = blobs.blob(&commitment.blob).ok_or_else(|| missing(&what, "the blob is not at hand"));
		let manifest = blob.and_then(|blob| decode_all(&what, &blob));
		Self { blobs, what, manifest, answered: None }
	}

	/// A part as it was published; an answer to a demand comes before what is served.
	fn bytes(&self, part: u32) -> Result<Vec<u8>, ProtocolError> {
		let answered = self.answered.as_ref();
		if let Some(bytes) = answered.and_then(|(stage, who)| self.blobs.answered(*stage, who, part)) {
			return Ok(bytes);
		}
		let manifest = match &self.manifest {
			Ok(manifest) => manifest,
			Err(error) => return Err(self.format(&error.to_string())),
		};
		let digest = manifest.parts.get(part as usize).ok_or_else(|| self.format("it has another number of parts"))?;
		self.blobs.blob(digest).ok_or_else(|| self.format(&format!("part {part} is not at hand")))
	}

	pub(crate) fn decode<T: Decode>(&self, part: u32) -> Result<T, ProtocolError> {
		decode_all(&self.what, &self.bytes(part)?)
	}

	pub(crate) fn format(&self, reason: &str) -> ProtocolError {
		missing(&self.what, reason)
	}
}

fn missing(what: &str, reason: &str) -> ProtocolError {
	ProtocolError::Format { what: what.into(), reason: reason.into() }
}

/// The digests of the parts that a commitment's manifest names, if it is at hand.
pub fn named(blobs: &dyn Blobs, commitment: &Commitment) -> Vec<[u8; 32]> {
	let manifest = blobs.blob(&commitment.blob).and_then(|blob| decode_all::<Manifest>("", &blob).ok());
	manifest.map(|manifest| manifest.parts).unwrap_or_default()
}
