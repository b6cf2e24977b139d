//! Between bytes, limbs and integers, and random numbers from the operating system.

use crypto_bigint::{rand_core, BoxedUint, CtLt};
use std::convert::Infallible;
use zeroize::{Zeroize, Zeroizing};

/// The integer of little-endian limbs, in exactly their length.
pub(crate) fn from_limbs(limbs: &[u64]) -> BoxedUint {
	BoxedUint::from_words(limbs.iter().copied())
}

/// The integer of big-endian bytes, in exactly `bits` bits (a multiple of 64); `None` where it does not fit.
///
/// Leading zeros are no reason to refuse, so that short and padded encodings both read.
pub(crate) fn from_bytes(bytes: &[u8], bits: u32) -> Option<BoxedUint> {
	let length = bits as usize / 8;
	let excess = bytes.len().saturating_sub(length);
	let (leading, rest) = bytes.split_at(excess);
	if leading.iter().any(|byte| *byte != 0) {
		return None;
	}
	BoxedUint::from_be_slice(&Zeroizing::new(padded(rest, bits)), bits).ok()
}

/// Big-endian bytes padded with leading zeros to `bits` bits.
pub(crate) fn padded(bytes: &[u8], bits: u32) -> Vec<u8> {
	let mut padded = vec![0; bits as usize / 8];
	let start = padded.len() - bytes.len();
	padded[start..].copy_from_slice(bytes);
	padded
}

/// A number drawn uniformly from `[0, bound)`, whose highest bit must be set within its precision or close to it.
pub(crate) fn random_below(bound: &BoxedUint) -> BoxedUint {
	let bits = bound.bits_precision();
	loop {
		let mut candidate = random(bits);
		// Whether a draw was refused says nothing about the one that is kept.
		if candidate.ct_lt(bound).to_bool() {
			return candidate;
		}
		candidate.zeroize();
	}
}

/// A number of `bits` random bits, a multiple of 64.
pub(crate) fn random(bits: u32) -> BoxedUint {
	let mut bytes = Zeroizing::new(vec![0; bits as usize / 8]);
	fill(&mut bytes);
	BoxedUint::from_be_slice(&bytes, bits).expect("the bytes are as many as the bits")
}

/// Fills a buffer with the operating system's randomness.
///
/// # Panics
///
/// Where the system has none, for then nothing secret can be made.
pub(crate) fn fill(bytes: &mut [u8]) {
	getrandom::fill(bytes).expect("the operating system gives random bytes");
}

/// The operating system's randomness, as the prime search wants it.
pub(crate) struct SystemRandom;

impl rand_core::TryRng for SystemRandom {
	type Error = Infallible;

	fn try_next_u32(&mut self) -> Result<u32, Infallible> {
		let mut bytes = [0; 4];
		fill(&mut bytes);
		Ok(u32::from_le_bytes(bytes))
	}

	fn try_next_u64(&mut self) -> Result<u64, Infallible> {
		let mut bytes = [0; 8];
		fill(&mut bytes);
		Ok(u64::from_le_bytes(bytes))
	}

	fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
		fill(bytes);
		Ok(())
	}
}

impl rand_core::TryCryptoRng for SystemRandom {}
