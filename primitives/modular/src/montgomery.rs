//! The inner loops: multiplication and squaring in Montgomery form, modulo `n`, or modulo `n^2` on digits to the base `n`.
//!
//! A number `x` modulo `n^2` is held as two digits below `n`, `x = x0 + x1 n`. With `R = 2^(64 L)` for a modulus of `L`
//! limbs, one Montgomery reduction of `x0 y0` gives its quotient `m` for free, `x0 y0 = u R - m n`, so that
//!
//! ```text
//! x y / R  =  u + n (x0 y1 + x1 y0 - m) / R   (mod n^2)
//! ```
//!
//! and the second digit is one more reduction. That is 5 `L^2` word products instead of the 8 `L^2` of a multiplication
//! modulo a number twice as long, and 3.5 instead of 6 for a square. The second digit is also what Paillier's
//! decryption looks for, `(x - 1) / n` of an `x` that is 1 modulo `n`.
//!
//! A number modulo `n` is its first digit alone.
//!
//! No branch and no address depends on a digit.

use crate::rows::{Portable, Row};
use std::hint::black_box;
#[cfg(target_arch = "x86_64")]
use zeroize::Zeroizing;

/// The longest `n`, in limbs: the square of a key's modulus of 3072 bits.
pub const MOST_LIMBS: usize = 96;

/// `out = a b / R`, modulo `n` or `n^2`; all but `n` are one or two digits of `n.len()` limbs, `inverse` is
/// `-1 / n mod 2^64`.
pub(crate) fn multiply(out: &mut [u64], a: &[u64], b: &[u64], n: &[u64], inverse: u64) {
	#[cfg(target_arch = "x86_64")]
	if let Some(adx) = crate::rows::Adx::detect() {
		return multiply_by(adx, out, a, b, n, inverse);
	}
	multiply_by(Portable, out, a, b, n, inverse)
}

/// `out = a^2 / R`, as [`multiply`].
pub(crate) fn square(out: &mut [u64], a: &[u64], n: &[u64], inverse: u64) {
	#[cfg(target_arch = "x86_64")]
	if let Some(adx) = crate::rows::Adx::detect() {
		return square_by(adx, out, a, n, inverse);
	}
	square_by(Portable, out, a, n, inverse)
}

/// `x = x + y`, modulo `n` or `n^2`.
pub(crate) fn add(x: &mut [u64], y: &[u64], n: &[u64]) {
	let ((x0, x1), (y0, y1)) = (x.split_at_mut(n.len()), y.split_at(n.len()));
	let top = add_digit(x0, y0, 0);
	let (_, carry) = subtract_if_not_less(x0, top, n);
	let top = add_digit(x1, y1, carry);
	subtract_if_not_less(x1, top, n);
}

/// Brings digits from below `2 n` to below `n`; `tops` are their limbs above those of `n`.
#[cfg(target_arch = "x86_64")]
pub(crate) fn bring_below(x: &mut [u64], tops: [u64; 2], n: &[u64]) {
	let (low, high) = x.split_at_mut(n.len());
	let (_, mut carry) = subtract_if_not_less(low, tops[0], n);
	for limb in high.iter_mut() {
		(*limb, carry) = split(u128::from(*limb) + u128::from(carry));
	}
	let (top, _) = subtract_if_not_less(high, tops[1] + carry, n);
	subtract_if_not_less(high, top, n);
}

/// `x - y`, which must not be negative, of as many limbs.
#[cfg(target_arch = "x86_64")]
pub(crate) fn difference(x: &[u64], y: &[u64]) -> Zeroizing<Vec<u64>> {
	let mut borrow = 0;
	let mut limb = |(x, y): (&u64, &u64)| {
		let (limb, next) = subtract(*x, *y, borrow);
		borrow = next;
		limb
	};
	Zeroizing::new(x.iter().zip(y).map(&mut limb).collect())
}

fn multiply_by(row: impl Row, out: &mut [u64], a: &[u64], b: &[u64], n: &[u64], inverse: u64) {
	let l = n.len();
	let ((a0, a1), (b0, b1)) = (a.split_at(l), b.split_at(l));
	let mut scratch = [0; 3 * MOST_LIMBS];
	let (wide, quotient) = scratch[..3 * l].split_at_mut(2 * l);
	let (low, high) = out.split_at_mut(l);
	add_product(row, wide, a0, b0);
	let carry = reduce_low(row, low, wide, n, inverse, quotient);
	if high.is_empty() {
		return;
	}
	negate(wide, quotient);
	let top = add_product(row, wide, a0, b1) + add_product(row, wide, a1, b0);
	reduce_high(row, high, wide, top, carry, n, inverse, quotient);
}

fn square_by(row: impl Row, out: &mut [u64], a: &[u64], n: &[u64], inverse: u64) {
	let l = n.len();
	let (a0, a1) = a.split_at(l);
	let mut scratch = [0; 3 * MOST_LIMBS];
	let (wide, quotient) = scratch[..3 * l].split_at_mut(2 * l);
	let (low, high) = out.split_at_mut(l);
	square_wide(row, wide, a0);
	let carry = reduce_low(row, low, wide, n, inverse, quotient);
	if high.is_empty() {
		return;
	}
	negate(wide, quotient);
	let twice = &mut *quotient;
	twice.copy_from_slice(a0);
	let bit = shift_left(twice);
	subtract_if_not_less(twice, bit, n);
	let top = add_product(row, wide, twice, a1);
	reduce_high(row, high, wide, top, carry, n, inverse, quotient);
}

/// The lower digit of a product: `wide / R` brought below `n`. Returns the carry into the higher digit.
#[inline(always)]
fn reduce_low(row: impl Row, low: &mut [u64], wide: &mut [u64], n: &[u64], inverse: u64, quotient: &mut [u64]) -> u64 {
	let top = reduce(row, wide, n, inverse, quotient);
	low.copy_from_slice(&wide[n.len()..]);
	subtract_if_not_less(low, top, n).1
}

/// The higher digit of a product: `(wide + top R^2) / R + carry - 1` brought below `n`.
///
/// The -1 is what [`negate`] left: it took `R - quotient`, and `R / R = 1`. Before it the number is below `3 n + 1` and
/// not 0, so that nothing is ever borrowed.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn reduce_high(
	row: impl Row,
	high: &mut [u64],
	wide: &mut [u64],
	top: u64,
	carry: u64,
	n: &[u64],
	inverse: u64,
	quotient: &mut [u64],
) {
	let top = top + reduce(row, wide, n, inverse, quotient);
	high.copy_from_slice(&wide[n.len()..]);
	let mut borrow = 1 - carry;
	for limb in high.iter_mut() {
		(*limb, borrow) = subtract(*limb, 0, borrow);
	}
	let (top, _) = subtract_if_not_less(high, top - borrow, n);
	subtract_if_not_less(high, top, n);
}

/// Subtracts `n` from `x + top R` unless that is smaller; returns the new top and whether it subtracted.
#[inline(always)]
fn subtract_if_not_less(x: &mut [u64], top: u64, n: &[u64]) -> (u64, u64) {
	let mut borrow = 0;
	for (limb, n) in x.iter().zip(n) {
		borrow = subtract(*limb, *n, borrow).1;
	}
	// 1 where nothing is borrowed from beyond the top; black_box keeps the compiler from making it a branch.
	let enough = black_box(1 - u64::from(top < borrow));
	let mask = enough.wrapping_neg();
	let mut borrow = 0;
	for (limb, n) in x.iter_mut().zip(n) {
		(*limb, borrow) = subtract(*limb, n & mask, borrow);
	}
	(top - borrow, enough)
}

/// `wide = R - x`, which is `R` where `x` is 0.
#[inline(always)]
fn negate(wide: &mut [u64], x: &[u64]) {
	let (low, high) = wide.split_at_mut(x.len());
	let mut carry = 1;
	for (limb, x) in low.iter_mut().zip(x) {
		(*limb, carry) = split(u128::from(!x) + u128::from(carry));
	}
	high.fill(0);
	high[0] = carry;
}

/// `x = x + y + carry`; returns the carry that leaves it.
#[inline(always)]
fn add_digit(x: &mut [u64], y: &[u64], mut carry: u64) -> u64 {
	for (x, y) in x.iter_mut().zip(y) {
		(*x, carry) = split(u128::from(*x) + u128::from(*y) + u128::from(carry));
	}
	carry
}

/// Doubles `x` and returns the bit that left it.
#[inline(always)]
fn shift_left(x: &mut [u64]) -> u64 {
	let mut carry = 0;
	for limb in x {
		let out = *limb >> 63;
		*limb = *limb << 1 | carry;
		carry = out;
	}
	carry
}

/// `wide = wide + a b`; returns the carry that leaves it.
#[inline(always)]
fn add_product(row: impl Row, wide: &mut [u64], a: &[u64], b: &[u64]) -> u64 {
	let l = a.len();
	let mut top = 0;
	for (i, b) in b.iter().enumerate() {
		let carry = row.add_product(&mut wide[i..i + l], a, *b);
		(wide[i + l], top) = split(u128::from(wide[i + l]) + u128::from(carry) + u128::from(top));
	}
	top
}

/// `wide = a^2`, of twice the length; `wide` must be 0.
#[inline(always)]
fn square_wide(row: impl Row, wide: &mut [u64], a: &[u64]) {
	let l = a.len();
	for i in 0..l {
		wide[i + l] = row.add_product(&mut wide[2 * i + 1..i + l], &a[i + 1..], a[i]);
	}
	let (mut bit, mut carry) = (0, 0);
	for (pair, a) in wide.chunks_exact_mut(2).zip(a) {
		let (low, high) = split(u128::from(*a) * u128::from(*a));
		let doubled = [pair[0] << 1 | bit, pair[1] << 1 | pair[0] >> 63];
		bit = pair[1] >> 63;
		(pair[0], carry) = split(u128::from(doubled[0]) + u128::from(low) + u128::from(carry));
		(pair[1], carry) = split(u128::from(doubled[1]) + u128::from(high) + u128::from(carry));
	}
}

/// Adds `n` times the quotients to `wide`, so that its lower half becomes 0; returns the carry that leaves it.
#[inline(always)]
fn reduce(row: impl Row, wide: &mut [u64], n: &[u64], inverse: u64, quotient: &mut [u64]) -> u64 {
	let l = n.len();
	let mut top = 0;
	for (i, quotient) in quotient.iter_mut().enumerate() {
		*quotient = wide[i].wrapping_mul(inverse);
		let carry = row.add_product(&mut wide[i..i + l], n, *quotient);
		(wide[i + l], top) = split(u128::from(wide[i + l]) + u128::from(carry) + u128::from(top));
	}
	top
}

#[inline(always)]
fn subtract(x: u64, y: u64, borrow: u64) -> (u64, u64) {
	let (low, high) = split(u128::from(x).wrapping_sub(u128::from(y)).wrapping_sub(u128::from(borrow)));
	(low, high & 1)
}

#[inline(always)]
fn split(x: u128) -> (u64, u64) {
	(x as u64, (x >> 64) as u64)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::ring::inverse_limb;
	#[cfg(target_arch = "x86_64")]
	use num_bigint::BigUint;
	use proptest::prelude::*;

	proptest! {
		/// What the processor's own rows do is what plain Rust does; the ring's tests compare one of them with integers.
		#[test]
		fn every_way_computes_the_same(
			limbs in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>()), 1..=48),
			digits in 1..=2usize,
		) {
			let column = |pick: fn(&(u64, u64, u64, u64, u64)) -> u64| limbs.iter().map(pick).collect::<Vec<_>>();
			let mut n = column(|limb| limb.0);
			n[0] |= 1;
			*n.last_mut().unwrap() |= 1 << 63;
			let number = |low: Vec<u64>, high: Vec<u64>| {
				let mut number = [low, high].concat();
				number.truncate(digits * n.len());
				number.chunks_exact_mut(n.len()).for_each(|digit| {
					subtract_if_not_less(digit, 0, &n);
				});
				number
			};
			let a = number(column(|limb| limb.1), column(|limb| limb.2));
			let b = number(column(|limb| limb.3), column(|limb| limb.4));
			let inverse = inverse_limb(n[0]).wrapping_neg();
			let [mut fast, mut plain] = [vec![0; a.len()], vec![0; a.len()]];
			multiply(&mut fast, &a, &b, &n, inverse);
			multiply_by(Portable, &mut plain, &a, &b, &n, inverse);
			prop_assert_eq!(&fast, &plain);
			square(&mut fast, &a, &n, inverse);
			square_by(Portable, &mut plain, &a, &n, inverse);
			prop_assert_eq!(&fast, &plain);
			multiply(&mut plain, &a, &a, &n, inverse);
			prop_assert_eq!(&fast, &plain);
		}
	}

	/// Every digit below `2 n`, by how far it is from 0, `n` or `2 n`.
	#[cfg(target_arch = "x86_64")]
	#[test]
	fn digits_are_brought_below_n() {
		for n in [vec![3], vec![u64::MAX], vec![u64::MAX; 3], vec![1, 1]] {
			let number = integer(&n);
			let ends = [0u8.into(), &number - 1u8, number.clone(), &number + 1u8, &number * 2u8 - 1u8];
			for (low, high) in ends.iter().flat_map(|low| ends.iter().map(move |high| (low, high))) {
				let limbs = |digit: &BigUint| {
					let mut limbs = digit.to_u64_digits();
					limbs.resize(n.len() + 1, 0);
					limbs
				};
				let (low_limbs, high_limbs) = (limbs(low), limbs(high));
				let mut x = [&low_limbs[..n.len()], &high_limbs[..n.len()]].concat();
				bring_below(&mut x, [low_limbs[n.len()], high_limbs[n.len()]], &n);
				let (x0, x1) = x.split_at(n.len());
				assert!(integer(x0) < number && integer(x1) < number, "{low} + {high} * {number}");
				let expected = (low + high * &number) % (&number * &number);
				assert_eq!(integer(x0) + integer(x1) * &number, expected, "{low} + {high} * {number}");
			}
		}
	}

	#[cfg(target_arch = "x86_64")]
	fn integer(limbs: &[u64]) -> BigUint {
		BigUint::from_bytes_le(&limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect::<Vec<_>>())
	}
}
