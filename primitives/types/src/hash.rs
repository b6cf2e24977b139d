//! Domain-separated hashing.

use blake2::{digest::consts::U32, Blake2b, Digest};
use primitive_types::H256;

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

	/// By an implementation of its own, in Python.
	#[test]
	fn known_answers() {
		use crate::{job, merkle};
		let leaves = [(0, b"a"), (1, b"b"), (2, b"c")].map(|(index, data)| merkle::leaf(index, data));
		let selection = job::Selection::new([1; 32], &[0, 9, 29], 30).unwrap();
		let genesis = H256::repeat_byte(2);
		let info = job::sealing_info("inputs", &genesis, &[3; 32], &[4; 32], &7u64.to_le_bytes());
		for (name, hash, expected) in [
			(
				"tagged",
				tagged("encrytrust/test", &[b"abc", b""]),
				"200b6e29261b5c1889c744c824e781233cffb9743cebeae5909f05299e5a8cda",
			),
			("leaf", merkle::leaf(5, b"abc"), "2113c4fef8b73981098e98fab5b38dbe12ea2e065307ad2b17fb8a7ccf939312"),
			("root", merkle::root(&leaves), "028f486209c60d7298b112984884e10e693c477e342801357039b7d9a10f9a16"),
			("selection", selection.commitment(30), "3ad5e89da300574506180c9a70771dc1fca5bef2d17b01f162021f79c6408cb6"),
			("sealing info", H256(info), "dff547dd264d30962eb31f889609528bc5b83406110fd737c03c147f0e927765"),
		] {
			assert_eq!(alloc::format!("{hash:x}"), expected, "{name}");
		}
	}
}
