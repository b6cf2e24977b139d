//! Paillier's public arithmetic: numbers modulo `N^2`, as the bytes that are committed and published.

use crate::big_integers::{fixed_bytes, BigIntegers, Secret, MAX_BYTES};
use alloc::vec::Vec;
use num_bigint::BigUint;
use num_traits::{One, Zero};

/// Numbers modulo `N^2`: big-endian, each in exactly `2 |N|` bytes.
#[derive(Clone, Debug)]
pub struct Ring {
	n: BigUint,
	n_bytes: Vec<u8>,
	modulus: Vec<u8>,
	integers: &'static dyn BigIntegers,
}

impl Ring {
	/// The ring of a modulus `N`, big-endian without leading zeros, whose arithmetic is that of `integers`; `None` if `N` is
	/// zero or too long.
	#[allow(clippy::arithmetic_side_effects)] // a product of integers without bound
	pub fn new(n: &[u8], integers: &'static dyn BigIntegers) -> Option<Self> {
		let length = n.len().checked_mul(2).filter(|length| *length <= MAX_BYTES)?;
		let value = BigUint::from_bytes_be(n);
		let modulus = fixed_bytes(&(&value * &value), length);
		(!value.is_zero()).then(|| Self { n: value, n_bytes: n.to_vec(), modulus, integers })
	}

	/// Bytes of a number.
	pub fn bytes(&self) -> usize {
		self.modulus.len()
	}

	/// `N`.
	pub fn n(&self) -> &BigUint {
		&self.n
	}

	/// `N` in `|N|` bytes.
	pub fn n_bytes(&self) -> &[u8] {
		&self.n_bytes
	}

	/// Whether these are a number's bytes, as many as must be.
	pub fn is_number(&self, bytes: &[u8]) -> bool {
		bytes.len() == self.bytes()
	}

	/// Whether a number is below `N^2`.
	pub fn is_reduced(&self, number: &[u8]) -> bool {
		self.is_number(number) && *number < *self.modulus
	}

	/// Whether a number can be a ciphertext: between 0 and `N^2`, and coprime to `N`.
	pub fn is_ciphertext(&self, number: &[u8]) -> bool {
		self.is_reduced(number) && self.is_coprime(number)
	}

	/// Whether a number shares no factor with `N`.
	pub fn is_coprime(&self, number: &[u8]) -> bool {
		self.integers.is_coprime(number, &self.n_bytes)
	}

	/// Whether `bytes` are a number below `N` in `|N|` bytes.
	pub fn is_plaintext(&self, bytes: &[u8]) -> bool {
		bytes.len() == self.n_bytes.len() && *bytes < *self.n_bytes
	}

	/// The number modulo `N^2`.
	pub fn reduce(&self, number: &[u8]) -> Option<Vec<u8>> {
		self.multiply(number, &[1])
	}

	/// `left right`; `None` for numbers that are too long.
	pub fn multiply(&self, left: &[u8], right: &[u8]) -> Option<Vec<u8>> {
		self.integers.multiply(left, right, &self.modulus)
	}

	/// As [`Self::multiply`], in constant time where the integers are [`Native`](crate::big_integers::Native).
	pub fn multiply_secrets(&self, left: &[u8], right: &[u8]) -> Option<Secret> {
		self.integers.multiply_secrets(left, right, &self.modulus)
	}

	/// A number of any length modulo `N`, in constant time as above.
	pub(crate) fn remainder_modulo_n(&self, number: &[u8]) -> Option<Secret> {
		self.integers.remainder(number, &self.n_bytes)
	}

	/// The inverses modulo `N`, in constant time as above; `None` where there is none.
	pub(crate) fn invert_each_modulo_n(&self, numbers: &[Secret]) -> Vec<Option<Secret>> {
		self.integers.invert_each(numbers, &self.n_bytes)
	}

	/// `base ^ exponent`; `None` for numbers that are too long.
	pub fn pow(&self, base: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
		self.integers.power(base, exponent, &self.modulus)
	}

	/// Each base to the same power; `None` if a number is too long.
	pub fn pow_each(&self, bases: &[Vec<u8>], exponent: &[u8]) -> Option<Vec<Vec<u8>>> {
		self.integers.power_each(bases, exponent, &self.modulus)
	}

	/// The inverse; `None` if there is none.
	pub fn invert(&self, number: &[u8]) -> Option<Vec<u8>> {
		let inverse = BigUint::from_bytes_be(number).modinv(&BigUint::from_bytes_be(&self.modulus))?;
		Some(fixed_bytes(&inverse, self.bytes()))
	}

	/// The product of `bases`, each raised to its exponent of `width` bytes; `None` for what is too long or does not
	/// pair.
	pub fn product_of_powers(&self, bases: &[u8], exponents: &[u8], width: u32) -> Option<Vec<u8>> {
		self.integers.product_of_powers(bases, exponents, width, &self.modulus)
	}

	/// As [`Self::product_of_powers`], modulo `N`: of `bases` of `|N|` bytes.
	pub fn product_of_powers_modulo_n(&self, bases: &[u8], exponents: &[u8], width: u32) -> Option<Vec<u8>> {
		self.integers.product_of_powers(bases, exponents, width, &self.n_bytes)
	}

	/// `(1 + N)^m r^N`: the encryption of `m` with the randomness `r`.
	pub fn encrypt(&self, m: &BigUint, r: &[u8]) -> Option<Vec<u8>> {
		self.multiply(&self.power_of_generator(m), &self.pow(r, &self.n_bytes)?)
	}

	/// `(1 + N)^m = 1 + m N`.
	#[allow(clippy::arithmetic_side_effects)] // N is not zero
	pub(crate) fn power_of_generator(&self, m: &BigUint) -> Vec<u8> {
		let power = (m % &self.n) * &self.n + BigUint::one();
		fixed_bytes(&power, self.bytes())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::big_integers::Pure;

	#[test]
	fn numbers_are_read_in_one_way() {
		let ring = Ring::new(&[15], &Pure).unwrap();
		assert_eq!((ring.bytes(), ring.n_bytes()), (2, &[15][..]));
		for (name, bytes, reduced, ciphertext) in [
			("zero", &[0, 0][..], true, false),
			("one", &[0, 1], true, true),
			("a multiple of a factor", &[0, 3], true, false),
			("the largest", &[0, 224], true, true),
			("the modulus", &[0, 225], false, false),
			("above the modulus", &[0, 226], false, false),
			("too short", &[1], false, false),
			("too long", &[0, 0, 1], false, false),
		] {
			assert_eq!((ring.is_reduced(bytes), ring.is_ciphertext(bytes)), (reduced, ciphertext), "{name}");
		}
		assert!(ring.is_plaintext(&[14]) && !ring.is_plaintext(&[15]) && !ring.is_plaintext(&[0, 1]));
		assert!(Ring::new(&[0], &Pure).is_none());
		assert!(Ring::new(&[1; 385], &Pure).is_none());
	}

	#[test]
	fn an_encryption_is_the_papers() {
		let ring = Ring::new(&[15], &Pure).unwrap();
		// 16^4 2^15 modulo 225
		assert_eq!(ring.encrypt(&4u8.into(), &[2]), Some(vec![0, (61u64 * (1 << 15) % 225) as u8]));
	}
}
