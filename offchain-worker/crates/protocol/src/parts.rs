//! What is published in parts: written and read one part after the other, so that memory does not grow with rows.

use crate::{
	blobs::{keep, Blobs, Store},
	chain::H256,
	encoding::{decode_all, Reader},
	error::ProtocolError,
};
use codec::Encode;
use encrytrust_fault_proofs::wire::Manifest;
use encrytrust_types::job::Commitment;

/// Writes parts, and the manifest that names them.
pub struct PartsWriter<'s> {
	store: &'s dyn Store,
	manifest: Manifest,
}

impl<'s> PartsWriter<'s> {
	/// Nothing written yet; parts and manifest go to `store`.
	pub fn new(store: &'s dyn Store) -> Self {
		Self { store, manifest: Manifest { parts: Vec::new(), roots: Vec::new() } }
	}

	/// Keeps the next part, whose root this is.
	///
	/// # Errors
	///
	/// A store that does not keep.
	pub fn push(&mut self, root: H256, part: &impl Encode) -> Result<(), ProtocolError> {
		self.manifest.parts.push(keep(self.store, &part.encode())?);
		self.manifest.roots.push(root);
		Ok(())
	}

	/// Number of the part that comes next.
	pub(crate) fn next(&self) -> u32 {
		self.manifest.roots.len() as u32
	}

	/// What to commit to: the manifest, and the root over the parts' roots.
	///
	/// # Errors
	///
	/// A store that does not keep.
	pub fn finish(self, root: impl FnOnce(&[H256]) -> H256) -> Result<Commitment, ProtocolError> {
		Ok(Commitment { root: root(&self.manifest.roots), blob: keep(self.store, &self.manifest.encode())? })
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
	/// Its roots lead to the commitment.
	manifest: Result<Manifest, ProtocolError>,
}

impl<'a> Parts<'a> {
	/// Of a commitment that is `root` over the roots of `count` parts.
	pub(crate) fn new(
		blobs: &'a dyn Blobs,
		what: String,
		commitment: &Commitment,
		count: u32,
		root: impl FnOnce(&[H256]) -> H256,
	) -> Self {
		let blob = blobs.blob(&commitment.blob).ok_or_else(|| missing(&what, "the blob is not at hand"));
		let manifest = blob.and_then(|blob| read_manifest(&what, &blob, count as usize));
		let manifest = manifest.and_then(|manifest| match root(&manifest.roots) == commitment.root {
			true => Ok(manifest),
			false => Err(ProtocolError::Commitment(what.clone())),
		});
		Self { blobs, what, manifest }
	}

	/// A part's root, and the bytes that were published.
	pub(crate) fn part(&self, part: u32) -> Result<(H256, Vec<u8>), ProtocolError> {
		let manifest = match &self.manifest {
			Ok(manifest) => manifest,
			Err(error) => return Err(self.format(&error.to_string())),
		};
		let named = manifest.roots.get(part as usize).zip(manifest.parts.get(part as usize));
		let (root, digest) = named.ok_or_else(|| self.format("it has another number of parts"))?;
		let bytes = self.blobs.blob(digest).ok_or_else(|| self.format(&format!("part {part} is not at hand")))?;
		Ok((*root, bytes))
	}

	/// The roots of all parts.
	pub(crate) fn roots(&self) -> &[H256] {
		self.manifest.as_ref().map(|manifest| &manifest.roots[..]).unwrap_or_default()
	}

	pub(crate) fn format(&self, reason: &str) -> ProtocolError {
		missing(&self.what, reason)
	}
}

/// A manifest of `count` parts.
fn read_manifest(what: &str, blob: &[u8], count: usize) -> Result<Manifest, ProtocolError> {
	let mut reader = Reader::new(what, blob);
	let parts = reader.vector(count..=count, "parts", Reader::value)?;
	let roots = reader.vector(count..=count, "parts", Reader::value)?;
	reader.end()?;
	Ok(Manifest { parts, roots })
}

fn missing(what: &str, reason: &str) -> ProtocolError {
	ProtocolError::Format { what: what.into(), reason: reason.into() }
}

/// The digests of the parts that a commitment's manifest names, if it is at hand.
pub fn named(blobs: &dyn Blobs, commitment: &Commitment) -> Vec<[u8; 32]> {
	let manifest = blobs.blob(&commitment.blob).and_then(|blob| decode_all::<Manifest>("", &blob).ok());
	manifest.map(|manifest| manifest.parts).unwrap_or_default()
}
