//! Modular arithmetic on public big integers, by a trait: the chain passes its host functions, workers [`Native`], and both
//! get the same numbers. Nothing here is constant time; secrets stay with the workers.

use alloc::{vec, vec::Vec};
use core::fmt;
use encrytrust_types::limits::MAX_FEATURES;
use num_bigint::BigUint;
use num_traits::{CheckedSub, One, Zero};

#[cfg(feature = "std")]
mod native;
mod pure;
#[cfg(test)]
mod tests;

#[cfg(feature = "std")]
pub use native::Native;
pub use pure::Pure;

/// The longest operand, in bytes: a number modulo `N^2` for a modulus `N` of 3072 bits.
pub const MAX_BYTES: usize = 768;

/// The most powers in a product: a selection message's ciphertexts, three for each feature and one for the count.
pub const MAX_TERMS: usize = 3 * MAX_FEATURES as usize + 1;

/// Modular arithmetic. All numbers are big-endian bytes, results as long as the modulus, left-padded with zeros.
///
/// `None` for operands that are refused: those longer than [`MAX_BYTES`], and a modulus of zero.
pub trait BigIntegers: fmt::Debug + Send + Sync {
	/// `base ^ exponent mod modulus`.
	fn power(&self, base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>>;

	/// Each base to the same power; where the processor computes several powers side by side, in less time than one by one.
	fn power_each(&self, bases: &[Vec<u8>], exponent: &[u8], modulus: &[u8]) -> Option<Vec<Vec<u8>>> {
		bases.iter().map(|base| self.power(base, exponent, modulus)).collect()
	}

	/// `left * right mod modulus`.
	fn multiply(&self, left: &[u8], right: &[u8], modulus: &[u8]) -> Option<Vec<u8>>;

	/// The product of all bases, each raised to its exponent.
	///
	/// `bases` are as long as `modulus` each, `exponents` have `width` bytes each; `None` also unless there are as many of
	/// both, and no more than [`MAX_TERMS`].
	fn product_of_powers(&self, bases: &[u8], exponents: &[u8], width: u32, modulus: &[u8]) -> Option<Vec<u8>>;

	/// Whether two numbers share no factor; false also for operands that are refused.
	fn is_coprime(&self, value: &[u8], modulus: &[u8]) -> bool;
}

/// Whether `modulus` passes Fermat's test to the base 2, as primes do and products of two large primes do not
/// (save with a probability that does not matter here). One modular exponentiation.
pub fn is_probable_prime(modulus: &[u8], integers: &dyn BigIntegers) -> bool {
	let (n, one) = (BigUint::from_bytes_be(modulus), BigUint::one());
	let Some(exponent) = n.checked_sub(&one).filter(|exponent| !exponent.is_zero()) else { return false };
	let power = integers.power(&[2], &fixed_bytes(&exponent, modulus.len()), modulus);
	power.is_some_and(|power| BigUint::from_bytes_be(&power) == one)
}

/// The big-endian bytes of `value`, left-padded with zeros to `length`; longer values keep their own length.
pub fn fixed_bytes(value: &BigUint, length: usize) -> Vec<u8> {
	let bytes = value.to_bytes_be();
	let mut fixed = vec![0; length.saturating_sub(bytes.len())];
	fixed.extend_from_slice(&bytes);
	fixed
}
