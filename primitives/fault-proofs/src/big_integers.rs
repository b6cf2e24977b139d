//! Modular arithmetic on big integers, by a trait: the chain passes its host functions, workers [`Native`], and both
//! get the same numbers. The chain's are public. What workers compute of secrets goes through
//! [`BigIntegers::remainder`],
//! [`BigIntegers::multiply_secrets`] and [`BigIntegers::invert_each`], which take constant time with [`Native`]; all
//! others may take a time that depends on their operands.

use alloc::{vec, vec::Vec};
use core::fmt;
use encrytrust_types::limits::MAX_FEATURES;
use num_bigint::BigUint;
use num_traits::{CheckedSub, One, Zero};
use zeroize::Zeroizing;

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

	/// `value mod modulus`.
	fn remainder(&self, value: &[u8], modulus: &[u8]) -> Option<Secret> {
		Pure.multiply(value, &[1], modulus).map(Zeroizing::new)
	}

	/// `left * right mod modulus`.
	fn multiply_secrets(&self, left: &[u8], right: &[u8], modulus: &[u8]) -> Option<Secret> {
		self.multiply(left, right, modulus).map(Zeroizing::new)
	}

	/// The inverses of numbers, where there are any: all by that of their product (Montgomery 1987, section 10.3.1).
	fn invert_each(&self, numbers: &[Secret], modulus: &[u8]) -> Vec<Option<Secret>> {
		let invert = |number: &Secret| self.invert(number, modulus);
		let Some(mut products) = products(self, numbers, modulus) else { return vec![None; numbers.len()] };
		let Some(mut inverse) = products.pop().and_then(|product| invert(&product)) else {
			return numbers.iter().map(invert).collect();
		};
		let mut inverses = Vec::with_capacity(numbers.len());
		for (before, number) in products.iter().zip(numbers).rev() {
			inverses.push(self.multiply_secrets(before, &inverse, modulus));
			inverse = self.multiply_secrets(&inverse, number, modulus).unwrap_or_default();
		}
		inverses.reverse();
		inverses
	}

	/// The inverse of a number, if it has one.
	fn invert(&self, number: &[u8], modulus: &[u8]) -> Option<Secret> {
		let modulus_value = BigUint::from_bytes_be(modulus);
		// Modulo 1 everything is 0, and its own inverse.
		let inverse = match modulus_value.is_one() {
			true => BigUint::zero(),
			false => BigUint::from_bytes_be(number).modinv(&modulus_value)?,
		};
		Some(Zeroizing::new(fixed_bytes(&inverse, modulus.len())))
	}
}

/// A number that is erased when dropped.
pub type Secret = Zeroizing<Vec<u8>>;

/// The products of the first none, one, two, … of all numbers.
fn products<Integers: BigIntegers + ?Sized>(
	integers: &Integers,
	numbers: &[Secret],
	modulus: &[u8],
) -> Option<Vec<Secret>> {
	let mut products = vec![integers.remainder(&[1], modulus)?];
	for number in numbers {
		products.push(integers.multiply_secrets(products.last()?, number, modulus)?);
	}
	Some(products)
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
