//! The inner loops: multiplication and squaring modulo `n^2` in Montgomery form, on digits to the base `n`.
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
//! No branch and no address depends on a digit.

use std::hint::black_box;

/// Lengths that the keys need; for these the compiler unrolls, others take the same code with loops of any length.
macro_rules! by_length {
	($length:expr, $kernel:ident, $out:expr, $a:expr, $b:expr, $n:expr, $inverse:expr) => {
		match $length {
			16 => fixed::<16>($kernel, $out, $a, $b, $n, $inverse),
			17 => fixed::<17>($kernel, $out, $a, $b, $n, $inverse),
			24 => fixed::<24>($kernel, $out, $a, $b, $n, $inverse),
			25 => fixed::<25>($kernel, $out, $a, $b, $n, $inverse),
			32 => fixed::<32>($kernel, $out, $a, $b, $n, $inverse),
			48 => fixed::<48>($kernel, $out, $a, $b, $n, $inverse),
			length => $kernel($out, $a, $b, $n, $inverse, &mut vec![0; 3 * length]),
		}
	};
}

/// `out = a b / R mod n^2`; all but `n` are two digits of `n.len()` limbs, `inverse` is `-1 / n mod 2^64`.
pub(crate) fn multiply(out: &mut [u64], a: &[u64], b: &[u64], n: &[u64], inverse: u64) {
	by_length!(n.len(), multiply_kernel, out, a, b, n, inverse)
}

/// `out = a^2 / R mod n^2`, as [`multiply`].
pub(crate) fn square(out: &mut [u64], a: &[u64], n: &[u64], inverse: u64) {
	by_length!(n.len(), square_kernel, out, a, &[], n, inverse)
}

/// `x = x + y mod n^2`, on two digits.
pub(crate) fn add(x: &mut [u64], y: &[u64], n: &[u64]) {
	let ((x0, x1), (y0, y1)) = (x.split_at_mut(n.len()), y.split_at(n.len()));
	let top = add_digit(x0, y0, 0);
	let (_, carry) = subtract_if_not_less(x0, top, n);
	let top = add_digit(x1, y1, carry);
	subtract_if_not_less(x1, top, n);
}

/// Runs a kernel on slices whose length the compiler knows.
#[inline(always)]
fn fixed<const L: usize>(
	kernel: impl Fn(&mut [u64], &[u64], &[u64], &[u64], u64, &mut [u64]),
	out: &mut [u64],
	a: &[u64],
	b: &[u64],
	n: &[u64],
	inverse: u64,
) {
	let mut scratch = [[0; L]; 3];
	kernel(&mut out[..2 * L], &a[..2 * L], b, &n[..L], inverse, scratch.as_flattened_mut());
}

#[inline(always)]
fn multiply_kernel(out: &mut [u64], a: &[u64], b: &[u64], n: &[u64], inverse: u64, scratch: &mut [u64]) {
	let l = n.len();
	let ((a0, a1), (b0, b1)) = (a[..2 * l].split_at(l), b[..2 * l].split_at(l));
	let (quotient, _) = scratch.split_at_mut(l);
	let (low, high) = out.split_at_mut(l);
	low.fill(0);
	let top = multiply_reduce(low, 0, a0, b0, n, inverse, quotient);
	let (_, carry) = subtract_if_not_less(low, top, n);
	let top = negate(high, quotient);
	let top = multiply_twice_reduce(high, top, a0, b1, a1, b0, n, inverse);
	finish(high, top, carry, n);
}

#[inline(always)]
fn square_kernel(out: &mut [u64], a: &[u64], _: &[u64], n: &[u64], inverse: u64, scratch: &mut [u64]) {
	let l = n.len();
	let (a0, a1) = a[..2 * l].split_at(l);
	let (wide, quotient) = scratch.split_at_mut(2 * l);
	let (low, high) = out.split_at_mut(l);
	square_wide(wide, a0);
	let top = reduce(wide, n, inverse, quotient);
	low.copy_from_slice(&wide[l..]);
	let (_, carry) = subtract_if_not_less(low, top, n);
	let top = negate(high, quotient);
	let twice = &mut wide[..l];
	twice.copy_from_slice(a0);
	let bit = shift_left(twice);
	subtract_if_not_less(twice, bit, n);
	let top = multiply_reduce(high, top, twice, a1, n, inverse, quotient);
	finish(high, top, carry, n);
}

/// `x + top R`, which is below `3 n + 1` and above 0, plus `carry - 1`, brought below `n`.
///
/// The -1 is what [`negate`] left: it took `R - quotient`, and `R / R = 1`.
#[inline(always)]
fn finish(x: &mut [u64], top: u64, carry: u64, n: &[u64]) {
	let mut borrow = 1 - carry;
	for limb in x.iter_mut() {
		let (difference, borrowed) = limb.overflowing_sub(borrow);
		*limb = difference;
		borrow = u64::from(borrowed);
	}
	let (top, _) = subtract_if_not_less(x, top - borrow, n);
	subtract_if_not_less(x, top, n);
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

/// `out = R - x`, with its carry, which is 1 where `x` is 0.
#[inline(always)]
fn negate(out: &mut [u64], x: &[u64]) -> u64 {
	let mut carry = 1;
	for (out, x) in out.iter_mut().zip(x) {
		let (sum, overflow) = (!x).overflowing_add(carry);
		*out = sum;
		carry = u64::from(overflow);
	}
	carry
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

/// `x = (x + top R + a b) / R` up to a multiple of `n`, whose quotients are kept; returns the new top.
#[inline(always)]
fn multiply_reduce(
	x: &mut [u64],
	mut top: u64,
	a: &[u64],
	b: &[u64],
	n: &[u64],
	inverse: u64,
	quotient: &mut [u64],
) -> u64 {
	let l = n.len();
	assert!(x.len() == l && a.len() == l && b.len() == l && quotient.len() == l);
	for i in 0..l {
		let (low, mut carry_b) = multiply_add(x[0], a[0], b[i], 0);
		let q = low.wrapping_mul(inverse);
		quotient[i] = q;
		let (_, mut carry_n) = multiply_add(low, n[0], q, 0);
		for j in 1..l {
			let sum;
			(sum, carry_b) = multiply_add(x[j], a[j], b[i], carry_b);
			(x[j - 1], carry_n) = multiply_add(sum, n[j], q, carry_n);
		}
		(x[l - 1], top) = split(u128::from(top) + u128::from(carry_b) + u128::from(carry_n));
	}
	top
}

/// `x = (x + top R + a b + c d) / R` up to a multiple of `n`; returns the new top.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn multiply_twice_reduce(
	x: &mut [u64],
	mut top: u64,
	a: &[u64],
	b: &[u64],
	c: &[u64],
	d: &[u64],
	n: &[u64],
	inverse: u64,
) -> u64 {
	let l = n.len();
	assert!(x.len() == l && a.len() == l && b.len() == l && c.len() == l && d.len() == l);
	for i in 0..l {
		let (low, mut carry_b) = multiply_add(x[0], a[0], b[i], 0);
		let (low, mut carry_d) = multiply_add(low, c[0], d[i], 0);
		let q = low.wrapping_mul(inverse);
		let (_, mut carry_n) = multiply_add(low, n[0], q, 0);
		for j in 1..l {
			let mut sum;
			(sum, carry_b) = multiply_add(x[j], a[j], b[i], carry_b);
			(sum, carry_d) = multiply_add(sum, c[j], d[i], carry_d);
			(x[j - 1], carry_n) = multiply_add(sum, n[j], q, carry_n);
		}
		let sum = u128::from(top) + u128::from(carry_b) + u128::from(carry_d) + u128::from(carry_n);
		(x[l - 1], top) = split(sum);
	}
	top
}

/// `wide = a^2`, of twice the length.
#[inline(always)]
fn square_wide(wide: &mut [u64], a: &[u64]) {
	let l = a.len();
	assert!(wide.len() == 2 * l);
	wide.fill(0);
	for i in 0..l {
		let mut carry = 0;
		for (x, y) in wide[2 * i + 1..i + l].iter_mut().zip(&a[i + 1..]) {
			(*x, carry) = multiply_add(*x, *y, a[i], carry);
		}
		wide[i + l] = carry;
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

/// Adds `n` times the quotients to `wide`, so that its lower half becomes 0; returns the top of the upper half.
#[inline(always)]
fn reduce(wide: &mut [u64], n: &[u64], inverse: u64, quotient: &mut [u64]) -> u64 {
	let l = n.len();
	assert!(wide.len() == 2 * l && quotient.len() == l);
	let mut top = 0;
	for i in 0..l {
		let q = wide[i].wrapping_mul(inverse);
		quotient[i] = q;
		let mut carry = 0;
		for (x, n) in wide[i..i + l].iter_mut().zip(n) {
			(*x, carry) = multiply_add(*x, *n, q, carry);
		}
		(wide[i + l], top) = split(u128::from(wide[i + l]) + u128::from(carry) + u128::from(top));
	}
	top
}

#[inline(always)]
fn multiply_add(x: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
	// Cannot overflow: (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1.
	split(u128::from(a).wrapping_mul(u128::from(b)).wrapping_add(u128::from(x)).wrapping_add(u128::from(carry)))
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
