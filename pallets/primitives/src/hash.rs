//! Domain-separated hashing.

use blake2::{digest::consts::U32, Blake2b, Digest};
use sp_core::H256;

/// Blake2b-256 over `domain` and `parts`, each behind its length as a little-endian `u32`.
///
/// The lengths make the encoding injective: no two lists of parts hash the same bytes.
pub fn tagged(domain: &str, parts: &[&[u8]]) -> H256 {
	let mut hasher = Blake2b::<U32>::new();
	for part in core::iter::once(domain.as_bytes()).chain(parts.iter().copied()) {
		// A part of 4 GiB or more does not fit into memory beside its source here; the cast keeps the low bits.
		hasher.update((part.len() as u32).to_le_bytes());
		hasher.update(part);
	}
	H256(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn parts_cannot_be_shifted_into_each_other() {
		assert_ne!(tagged("d", &[b"ab", b"c"]), tagged("d", &[b"a", b"bc"]));
		assert_ne!(tagged("d", &[b"ab"]), tagged("da", &[b"b"]));
		assert_ne!(tagged("d", &[b""]), tagged("d", &[]));
	}
}
