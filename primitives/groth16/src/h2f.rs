//! Hashing to the scalar field.

use ark_bn254::Fr;
use ark_ff::PrimeField;
use blake2::{Blake2b512, Digest};

/// What every hash of this protocol begins with.
const DOMAIN: &str = "encrytrust/identity/2";
/// Bytes of a digest.
pub const DIGEST_LEN: usize = 64;

/// Blake2b-512 over the domain `encrytrust/identity/2`, `tag` and `parts`, each behind its length as a little-endian
/// `u32`.
///
/// The lengths make the encoding injective.
pub fn digest(tag: &str, parts: &[&[u8]]) -> [u8; DIGEST_LEN] {
	let mut hasher = Blake2b512::new();
	for part in [DOMAIN.as_bytes(), tag.as_bytes()].iter().chain(parts) {
		// A part of 4 GiB or more does not fit into memory beside its source here; the cast keeps the low bits.
		hasher.update((part.len() as u32).to_le_bytes());
		hasher.update(part);
	}
	hasher.finalize().into()
}

/// The [`digest`], read as a big-endian number and reduced modulo `r`. 512 bits leave a bias below `2^-256`.
pub fn h2f(tag: &str, parts: &[&[u8]]) -> Fr {
	Fr::from_be_bytes_mod_order(&digest(tag, parts))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn parts_cannot_be_shifted_into_each_other() {
		assert_ne!(h2f("t", &[b"ab", b"c"]), h2f("t", &[b"a", b"bc"]));
		assert_ne!(h2f("t", &[b"ab"]), h2f("ta", &[b"b"]));
		assert_ne!(h2f("t", &[b""]), h2f("t", &[]));
	}
}
