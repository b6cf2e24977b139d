//! Arithmetic modulo the square of an odd number.

use crate::{integer, montgomery};
use crypto_bigint::{BoxedUint, ConcatenatingMul, NonZero, Resize};
use std::hint::black_box;
use zeroize::{Zeroize, Zeroizing};

/// Bits of the exponent that one multiplication takes care of.
const WINDOW: usize = 5;

/// The integers modulo `n^2`, for an odd `n` that may be secret.
pub(crate) struct Ring {
	modulus: NonZero<BoxedUint>,
	limbs: Zeroizing<Box<[u64]>>,
	/// `-1 / n mod 2^64`.
	inverse: u64,
	/// `R` and `R^2`: 1 and `R` in Montgomery form.
	one: Residue,
	radix: Residue,
}

/// An element of a [`Ring`] in Montgomery form: low digit, then high digit to the base `n`, each below `n`.
///
/// The digits are unique, so equal numbers are equal here. Erased when dropped: most of them are secret or the power of
/// a secret.
#[derive(Clone, PartialEq)]
pub(crate) struct Residue(Zeroizing<Box<[u64]>>);

impl Ring {
	/// The ring modulo `modulus^2`, for an odd modulus that fills its last limb at least in part.
	pub(crate) fn new(modulus: &BoxedUint) -> Self {
		let limbs: Zeroizing<Box<[u64]>> = Zeroizing::new(modulus.as_words().into());
		let modulus = NonZero::new(modulus.clone()).into_option().expect("an odd number is not zero");
		let length = limbs.len();
		let mut one = Residue::from_digits(&[1], &[], length);
		one.double(64 * length, &limbs);
		let mut radix = one.clone();
		radix.double(64 * length, &limbs);
		let inverse = inverse_limb(limbs[0]).wrapping_neg();
		Self { modulus, limbs, inverse, one, radix }
	}

	/// The modulus `n`, of which this ring takes the square.
	pub(crate) fn modulus(&self) -> &NonZero<BoxedUint> {
		&self.modulus
	}

	/// `low + high n`, for digits below `n` in at most its length.
	pub(crate) fn element(&self, low: &[u64], high: &[u64]) -> Residue {
		self.multiply(&Residue::from_digits(low, high, self.limbs.len()), &self.radix)
	}

	/// `x mod n^2`, for an `x` of any length.
	pub(crate) fn reduce(&self, x: &BoxedUint) -> Residue {
		let (quotient, low) = x.div_rem(&self.modulus);
		let high = quotient.rem(&self.modulus);
		self.element(low.as_words(), high.as_words())
	}

	/// The digits `(x0, x1)` with `x = x0 + x1 n`.
	pub(crate) fn digits(&self, x: &Residue) -> (BoxedUint, BoxedUint) {
		let length = self.limbs.len();
		let plain = self.multiply(x, &Residue::from_digits(&[1], &[], length));
		let (low, high) = plain.0.split_at(length);
		(integer::from_limbs(low), integer::from_limbs(high))
	}

	/// `x` as an integer in `[0, n^2)`, in twice the modulus' length.
	pub(crate) fn integer(&self, x: &Residue) -> BoxedUint {
		let (low, high) = self.digits(x);
		let bits = 2 * self.modulus.bits_precision();
		high.concatenating_mul(self.modulus.as_ref()).wrapping_add(low.resize(bits))
	}

	/// `a b`.
	pub(crate) fn multiply(&self, a: &Residue, b: &Residue) -> Residue {
		let mut product = self.uninitialised();
		montgomery::multiply(&mut product.0, &a.0, &b.0, &self.limbs, self.inverse);
		product
	}

	/// `a + b`.
	pub(crate) fn add(&self, a: &Residue, b: &Residue) -> Residue {
		let mut sum = a.clone();
		montgomery::add(&mut sum.0, &b.0, &self.limbs);
		sum
	}

	/// `base ^ exponent`, in a time that depends on the length of the exponent's limbs alone.
	pub(crate) fn power(&self, base: &Residue, exponent: &[u64]) -> Residue {
		let table = self.powers(base, 1 << WINDOW);
		let windows = (64 * exponent.len()).div_ceil(WINDOW);
		let mut power = self.select(&table, window(exponent, windows - 1, WINDOW));
		let mut spare = self.uninitialised();
		for index in (0..windows - 1).rev() {
			for _ in 0..WINDOW {
				montgomery::square(&mut spare.0, &power.0, &self.limbs, self.inverse);
				std::mem::swap(&mut power, &mut spare);
			}
			let factor = self.select(&table, window(exponent, index, WINDOW));
			montgomery::multiply(&mut spare.0, &power.0, &factor.0, &self.limbs, self.inverse);
			std::mem::swap(&mut power, &mut spare);
		}
		power
	}

	/// The first `count` powers of `base`, from the zeroth.
	pub(crate) fn powers(&self, base: &Residue, count: usize) -> Vec<Residue> {
		std::iter::successors(Some(self.one.clone()), |power| Some(self.multiply(power, base))).take(count).collect()
	}

	/// `table[index]`, reading every entry so that the index leaves no trace in the cache.
	pub(crate) fn select(&self, table: &[Residue], index: usize) -> Residue {
		let mut selected = self.uninitialised();
		for (position, entry) in table.iter().enumerate() {
			let difference = black_box((position ^ index) as u64);
			// All ones where the difference is 0.
			let mask = (difference | difference.wrapping_neg()) >> 63;
			let mask = mask.wrapping_sub(1);
			for (limb, entry) in selected.0.iter_mut().zip(entry.0.iter()) {
				*limb |= entry & mask;
			}
		}
		selected
	}

	fn uninitialised(&self) -> Residue {
		Residue::from_digits(&[], &[], self.limbs.len())
	}
}

impl Drop for Ring {
	fn drop(&mut self) {
		self.modulus.zeroize();
		self.inverse.zeroize();
	}
}

impl Residue {
	fn double(&mut self, times: usize, modulus: &[u64]) {
		for _ in 0..times {
			let copy = self.clone();
			montgomery::add(&mut self.0, &copy.0, modulus);
		}
	}

	fn from_digits(low: &[u64], high: &[u64], length: usize) -> Self {
		let mut limbs = vec![0; 2 * length].into_boxed_slice();
		limbs[..low.len()].copy_from_slice(low);
		limbs[length..length + high.len()].copy_from_slice(high);
		Self(Zeroizing::new(limbs))
	}
}

/// Bits `index * width ..` of `exponent`, as many as `width`.
pub(crate) fn window(exponent: &[u64], index: usize, width: usize) -> usize {
	let bit = index * width;
	let (limb, shift) = (bit / 64, bit % 64);
	let mut bits = exponent[limb] >> shift;
	if shift + width > 64 && limb + 1 < exponent.len() {
		bits |= exponent[limb + 1] << (64 - shift);
	}
	(bits & ((1 << width) - 1)) as usize
}

/// `1 / x mod 2^64` of an odd `x`, by Newton's iteration: each step doubles the right bits, of which `x` itself has 3.
pub(crate) fn inverse_limb(x: u64) -> u64 {
	(0..5).fold(x, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(x.wrapping_mul(inverse))))
}

#[cfg(test)]
mod tests {
	use super::*;
	use num_bigint::BigUint;
	use proptest::prelude::*;

	fn big(x: &BoxedUint) -> BigUint {
		BigUint::from_bytes_be(&x.to_be_bytes())
	}

	fn boxed(limbs: &[u64]) -> BoxedUint {
		integer::from_limbs(limbs)
	}

	/// An odd modulus of one of the lengths in use, at its edges as well: all bits set, and a nearly empty last limb.
	fn modulus() -> impl Strategy<Value = Vec<u64>> {
		let length = prop::sample::select(vec![1usize, 2, 3, 16, 17, 24, 25, 32, 48]);
		length.prop_flat_map(|length| {
			prop_oneof![
				3 => prop::collection::vec(any::<u64>(), length),
				1 => Just(vec![u64::MAX; length]),
				1 => prop::collection::vec(any::<u64>(), length).prop_map(|mut limbs| {
					*limbs.last_mut().unwrap() = 1;
					limbs
				}),
			]
			.prop_map(|mut limbs| {
				limbs[0] |= 3;
				*limbs.last_mut().unwrap() |= 1;
				limbs
			})
		})
	}

	/// A number below `n^2`, often at its ends and at multiples of `n`.
	fn below_square(n: &BigUint) -> impl Strategy<Value = BigUint> {
		let (n, square) = (n.clone(), n * n);
		(prop::collection::vec(any::<u32>(), 100), 0u8..8).prop_map(move |(digits, kind)| {
			let any = BigUint::new(digits);
			match kind {
				0 => BigUint::from(0u8),
				1 => &square - 1u8,
				2 => n.clone(),
				3 => (any % &n) * &n,
				4 => &square - &n,
				_ => any % &square,
			}
		})
	}

	fn operands() -> impl Strategy<Value = (Vec<u64>, BigUint, BigUint, Vec<u64>)> {
		modulus().prop_flat_map(|limbs| {
			let n = big(&boxed(&limbs));
			(Just(limbs), below_square(&n), below_square(&n), prop::collection::vec(any::<u64>(), 1..4))
		})
	}

	proptest! {
		#[test]
		fn agrees_with_plain_integers((limbs, a, b, exponent) in operands()) {
			let ring = Ring::new(&boxed(&limbs));
			let n = big(&boxed(&limbs));
			let square = &n * &n;
			let residue = |x: &BigUint| {
				let bits = 128 * limbs.len() as u32;
				ring.reduce(&BoxedUint::from_be_slice(&integer::padded(&x.to_bytes_be(), bits), bits).unwrap())
			};
			let (x, y) = (residue(&a), residue(&b));
			prop_assert_eq!(big(&ring.integer(&x)), a.clone());
			prop_assert_eq!(big(&ring.integer(&ring.multiply(&x, &y))), &a * &b % &square);
			prop_assert_eq!(big(&ring.integer(&ring.add(&x, &y))), (&a + &b) % &square);
			let power = a.modpow(&big(&boxed(&exponent)), &square);
			prop_assert_eq!(big(&ring.integer(&ring.power(&x, &exponent))), power);
			let (low, high) = ring.digits(&x);
			prop_assert_eq!((big(&low), big(&high)), (&a % &n, &a / &n));
		}

		#[test]
		fn inverse_of_a_limb(x in any::<u64>()) {
			prop_assert_eq!((x | 1).wrapping_mul(inverse_limb(x | 1)), 1);
		}

		#[test]
		fn windows_make_up_the_exponent(exponent in prop::collection::vec(any::<u64>(), 1..5), width in 1usize..9) {
			let windows = (64 * exponent.len()).div_ceil(width);
			let sum = (0..windows).rev().fold(BigUint::from(0u8), |sum, index| {
				(sum << width) + window(&exponent, index, width)
			});
			prop_assert_eq!(sum, big(&boxed(&exponent)));
		}
	}
}
