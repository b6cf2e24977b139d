//! Arithmetic modulo an odd number, or modulo its square.

use crate::montgomery::{self, MOST_LIMBS};
use std::{fmt, hint::black_box};
use zeroize::{Zeroize, Zeroizing};

/// Bits of the exponent that one multiplication takes care of.
pub(crate) const WINDOW: usize = 5;

/// The integers modulo `n`, or modulo `n^2`, for an odd `n` that may be secret.
#[derive(Clone)]
pub struct MontgomeryRing {
	pub(crate) n: Zeroizing<Box<[u64]>>,
	/// `-1 / n mod 2^64`.
	pub(crate) inverse: u64,
	/// `R` and `R^2`: 1 and `R` in Montgomery form.
	pub(crate) one: Residue,
	radix: Residue,
}

/// An element of a [`MontgomeryRing`] in Montgomery form: low digit, then high digit to the base `n`, each below `n`; modulo `n` the
/// low one alone.
///
/// The digits are unique, so equal numbers are equal here. Erased when dropped: most of them are secret or the power of
/// a secret.
#[derive(Clone, PartialEq)]
pub struct Residue(pub(crate) Zeroizing<Box<[u64]>>);

impl MontgomeryRing {
	/// The ring modulo `n`.
	///
	/// `None` for an `n` that is even or 1, whose highest limb is 0, or that has more than [`MOST_LIMBS`].
	pub fn modulo(n: &[u64]) -> Option<Self> {
		Self::new(n, 1)
	}

	/// The ring modulo `n^2`; `None` as for [`Self::modulo`].
	pub fn modulo_square(n: &[u64]) -> Option<Self> {
		Self::new(n, 2)
	}

	fn new(n: &[u64], digits: usize) -> Option<Self> {
		let (first, last) = (*n.first()?, *n.last()?);
		if n.len() > MOST_LIMBS || first & 1 == 0 || last == 0 || n == [1] {
			return None;
		}
		let inverse = inverse_limb(first).wrapping_neg();
		// The highest power of 2^64 below n; 64 doublings later it is R.
		let mut one = Residue::zero(digits * n.len());
		one.0[n.len() - 1] = 1;
		let one = doubled(&one, 64, n);
		// 2^l R, which is squared 6 times in Montgomery form: 2^(64 l) R = R^2.
		let radix = doubled(&one, n.len(), n);
		let mut ring = Self { n: Zeroizing::new(n.into()), inverse, one, radix };
		ring.radix = ring.square_repeatedly(&ring.radix, 6);
		Some(ring)
	}

	/// `n`.
	pub fn n(&self) -> &[u64] {
		&self.n
	}

	/// 1.
	pub fn one(&self) -> &Residue {
		&self.one
	}

	/// `low + high n`, for digits below `n` in at most its length; modulo `n` there is no high one.
	///
	/// # Panics
	///
	/// If a digit is longer than `n`, or one is high modulo `n`.
	pub fn element(&self, low: &[u64], high: &[u64]) -> Residue {
		let mut digits = self.zero();
		digits.0[..low.len()].copy_from_slice(low);
		digits.0[self.n.len()..][..high.len()].copy_from_slice(high);
		self.multiply(&digits, &self.radix)
	}

	/// The digits of `x`, the low one first, each in as many limbs as `n` has.
	pub fn digits(&self, x: &Residue) -> Zeroizing<Box<[u64]>> {
		let mut unit = self.zero();
		unit.0[0] = 1;
		self.multiply(x, &unit).0
	}

	/// `a b`.
	pub fn multiply(&self, a: &Residue, b: &Residue) -> Residue {
		let mut product = self.zero();
		montgomery::multiply(&mut product.0, &a.0, &b.0, &self.n, self.inverse);
		product
	}

	/// `a + b`.
	pub fn add(&self, a: &Residue, b: &Residue) -> Residue {
		let mut sum = a.clone();
		montgomery::add(&mut sum.0, &b.0, &self.n);
		sum
	}

	/// `base ^ exponent`, in a time that depends on the length of the exponent's limbs alone.
	pub fn power(&self, base: &Residue, exponent: &[u64]) -> Residue {
		let table = self.powers(base, 1 << WINDOW);
		let mut power = self.one.clone();
		for index in (0..(64 * exponent.len()).div_ceil(WINDOW)).rev() {
			let factor = self.select(&table, bits_at(exponent, index * WINDOW, WINDOW));
			power = self.multiply(&self.square_repeatedly(&power, WINDOW), &factor);
		}
		power
	}

	/// The first `count` powers of `base`, from the zeroth.
	pub fn powers(&self, base: &Residue, count: usize) -> Vec<Residue> {
		std::iter::successors(Some(self.one.clone()), |power| Some(self.multiply(power, base))).take(count).collect()
	}

	/// `table[index]`, reading every entry so that the index leaves no trace in the cache.
	pub fn select(&self, table: &[Residue], index: usize) -> Residue {
		let mut selected = self.zero();
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

	/// `x ^ (2 ^ times)`.
	pub(crate) fn square_repeatedly(&self, x: &Residue, times: usize) -> Residue {
		let (mut power, mut spare) = (x.clone(), self.zero());
		for _ in 0..times {
			montgomery::square(&mut spare.0, &power.0, &self.n, self.inverse);
			std::mem::swap(&mut power, &mut spare);
		}
		power
	}

	pub(crate) fn zero(&self) -> Residue {
		Residue::zero(self.one.0.len())
	}
}

impl Drop for MontgomeryRing {
	fn drop(&mut self) {
		self.inverse.zeroize();
	}
}

impl fmt::Debug for MontgomeryRing {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("MontgomeryRing(…)")
	}
}

impl Residue {
	fn zero(limbs: usize) -> Self {
		Self(Zeroizing::new(vec![0; limbs].into()))
	}
}

impl fmt::Debug for Residue {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("Residue(…)")
	}
}

/// `2^times x`.
pub(crate) fn doubled(x: &Residue, times: usize, n: &[u64]) -> Residue {
	let mut double = x.clone();
	for _ in 0..times {
		let copy = double.clone();
		montgomery::add(&mut double.0, &copy.0, n);
	}
	double
}

/// `width` bits of `number` from bit `from` up, less than 64; beyond its end there are zeros.
pub fn bits_at(number: &[u64], from: usize, width: usize) -> usize {
	let limb = |index: usize| u128::from(number.get(index).copied().unwrap_or(0));
	let (index, shift) = (from / 64, from % 64);
	let bits = (limb(index) | limb(index + 1) << 64) >> shift;
	(bits & ((1 << width) - 1)) as usize
}

/// `1 / x mod 2^64` of an odd `x`, by Newton's iteration: each step doubles the right bits, of which `x` itself has 3.
pub fn inverse_limb(x: u64) -> u64 {
	(0..5).fold(x, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(x.wrapping_mul(inverse))))
}

#[cfg(test)]
mod tests {
	use super::*;
	use num_bigint::BigUint;
	use proptest::prelude::*;

	fn integer(limbs: &[u64]) -> BigUint {
		BigUint::from_bytes_le(&limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect::<Vec<_>>())
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
			let n = integer(&limbs);
			(Just(limbs), below_square(&n), below_square(&n), prop::collection::vec(any::<u64>(), 0..4))
		})
	}

	proptest! {
		#[test]
		fn agrees_with_plain_integers((limbs, a, b, exponent) in operands()) {
			let n = integer(&limbs);
			let rings = [(MontgomeryRing::modulo(&limbs), n.clone()), (MontgomeryRing::modulo_square(&limbs), &n * &n)];
			for (ring, modulus) in rings {
				let ring = ring.unwrap();
				let (a, b) = (&a % &modulus, &b % &modulus);
				let element = |x: &BigUint| ring.element(&(x % &n).to_u64_digits(), &(x / &n).to_u64_digits());
				let number = |x: &Residue| {
					let digits = ring.digits(x);
					let (low, high) = digits.split_at(limbs.len());
					integer(low) + integer(high) * &n
				};
				let (x, y) = (element(&a), element(&b));
				prop_assert_eq!(number(&x), a.clone());
				prop_assert_eq!(number(ring.one()), BigUint::from(1u8));
				prop_assert_eq!(number(&ring.multiply(&x, &y)), &a * &b % &modulus);
				prop_assert_eq!(number(&ring.add(&x, &y)), (&a + &b) % &modulus);
				let power = a.modpow(&integer(&exponent), &modulus);
				prop_assert_eq!(number(&ring.power(&x, &exponent)), power);
			}
		}

		#[test]
		fn inverse_of_a_limb(x in any::<u64>()) {
			prop_assert_eq!((x | 1).wrapping_mul(inverse_limb(x | 1)), 1);
		}

		#[test]
		fn windows_make_up_the_number(number in prop::collection::vec(any::<u64>(), 1..5), width in 1usize..9) {
			let windows = (64 * number.len()).div_ceil(width);
			let sum = (0..windows).rev().fold(BigUint::from(0u8), |sum, index| {
				(sum << width) + bits_at(&number, index * width, width)
			});
			prop_assert_eq!(sum, integer(&number));
		}
	}

	#[test]
	fn moduli_without_a_ring_are_refused() {
		for (name, n) in [
			("nothing", vec![]),
			("zero", vec![0]),
			("one", vec![1]),
			("even", vec![2, 1]),
			("a highest limb of zero", vec![3, 0]),
			("too long", vec![1; MOST_LIMBS + 1]),
		] {
			assert!(MontgomeryRing::modulo(&n).is_none() && MontgomeryRing::modulo_square(&n).is_none(), "{name}");
		}
		assert!(MontgomeryRing::modulo(&[3]).is_some() && MontgomeryRing::modulo_square(&[1; MOST_LIMBS]).is_some());
	}
}
