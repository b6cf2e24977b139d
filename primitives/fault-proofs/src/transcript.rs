//! Fiat-Shamir transcripts: Blake2b-512 over parts, each behind its length as a little-endian `u32`.

use alloc::vec::Vec;
use blake2::{Blake2b512, Digest};
use core::fmt;
use zeroize::Zeroizing;

/// Bytes of a digest.
const DIGEST: usize = 64;

/// Everything that was said so far. Where a part begins and what comes after what is part of what is hashed.
///
/// Its own state is not erased: of a secret that lives longer keep the digest.
#[derive(Clone)]
pub struct Transcript(Blake2b512);

impl Transcript {
	/// A transcript of the protocol `label`.
	pub fn new(label: &str) -> Self {
		Self(Blake2b512::new()).with(label)
	}

	/// The transcript with one more part.
	#[must_use]
	pub fn with(mut self, part: impl AsRef<[u8]>) -> Self {
		self.append(part);
		self
	}

	/// Adds a part.
	pub fn append(&mut self, part: impl AsRef<[u8]>) {
		let part = part.as_ref();
		// A part of 4 GiB or more does not fit into memory beside its source here; the cast keeps the low bits.
		self.0.update((part.len() as u32).to_le_bytes());
		self.0.update(part);
	}

	/// The hash of all parts.
	pub fn digest(&self) -> Zeroizing<[u8; DIGEST]> {
		Zeroizing::new(self.0.clone().finalize().into())
	}

	/// A challenge of 128 bits: the first bytes of the digest, little-endian.
	pub fn challenge(&self) -> u128 {
		self.digest().first_chunk().map_or(0, |bytes| u128::from_le_bytes(*bytes))
	}

	/// As many bytes as asked for, which depend on all parts and on `label`.
	///
	/// Block `i` is the digest of the transcript `("encrytrust/expand/1", label, digest, i as u32)`; beyond 256 GiB they
	/// would repeat.
	pub fn expand(&self, label: &str, bytes: usize) -> Zeroizing<Vec<u8>> {
		let seed = Self::new("encrytrust/expand/1").with(label).with(self.digest().as_slice());
		let mut expanded = Zeroizing::new(Vec::with_capacity(bytes.next_multiple_of(DIGEST)));
		for index in 0..bytes.div_ceil(DIGEST) as u32 {
			expanded.extend_from_slice(&*seed.clone().with(index.to_le_bytes()).digest());
		}
		expanded.truncate(bytes);
		expanded
	}
}

impl fmt::Debug for Transcript {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("Transcript(…)")
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn where_a_part_ends_is_hashed() {
		let digest = |parts: &[&str]| {
			let transcript = parts.iter().fold(Transcript::new("test"), |transcript, part| transcript.with(part));
			transcript.digest()
		};
		let all = [digest(&[]), digest(&[""]), digest(&["ab"]), digest(&["a", "b"]), digest(&["b", "a"])];
		for (index, digest) in all.iter().enumerate() {
			assert!(!all[..index].contains(digest), "{index}");
		}
	}

	#[test]
	fn a_longer_expansion_begins_with_the_shorter_one() {
		let transcript = Transcript::new("test").with("part");
		let long = transcript.expand("label", 200);
		for length in [0, 1, 63, 64, 65, 128, 199] {
			assert_eq!(*transcript.expand("label", length), long[..length]);
		}
		assert_ne!(transcript.expand("other", 200), long);
		assert_ne!(Transcript::new("test").expand("label", 200), long);
	}
}
