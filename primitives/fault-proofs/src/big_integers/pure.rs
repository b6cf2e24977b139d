//! Plain arithmetic, without a host or assembly: what all others are compared with.

use super::{fixed_bytes, BigIntegers, MAX_BYTES, MAX_TERMS};
use alloc::vec::Vec;
use num_bigint::BigUint;
use num_traits::{One, Zero};

/// Arithmetic in pure code, wherever it runs.
#[derive(Clone, Copy, Debug)]
pub struct Pure;

impl BigIntegers for Pure {
	fn power(&self, base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
		let n = read_modulus(modulus, &[base, exponent])?;
		let power = BigUint::from_bytes_be(base).modpow(&BigUint::from_bytes_be(exponent), &n);
		Some(fixed_bytes(&power, modulus.len()))
	}

	#[allow(clippy::arithmetic_side_effects)] // the modulus is not zero
	fn multiply(&self, left: &[u8], right: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
		let n = read_modulus(modulus, &[left, right])?;
		let product = BigUint::from_bytes_be(left) * BigUint::from_bytes_be(right) % n;
		Some(fixed_bytes(&product, modulus.len()))
	}

	#[allow(clippy::arithmetic_side_effects)] // the modulus is not zero
	fn product_of_powers(&self, bases: &[u8], exponents: &[u8], width: u32, modulus: &[u8]) -> Option<Vec<u8>> {
		let n = read_modulus(modulus, &[])?;
		let product = terms(bases, exponents, width, modulus.len())?.fold(BigUint::one() % &n, |product, (base, e)| {
			product * BigUint::from_bytes_be(base).modpow(&BigUint::from_bytes_be(e), &n) % &n
		});
		Some(fixed_bytes(&product, modulus.len()))
	}

	fn is_coprime(&self, value: &[u8], modulus: &[u8]) -> bool {
		let coprime = |n: BigUint| n.is_one() || BigUint::from_bytes_be(value).modinv(&n).is_some();
		read_modulus(modulus, &[value]).is_some_and(coprime)
	}
}

/// The modulus, unless it or another operand is refused.
fn read_modulus(modulus: &[u8], operands: &[&[u8]]) -> Option<BigUint> {
	let fit = operands.iter().chain([&modulus]).all(|operand| operand.len() <= MAX_BYTES);
	fit.then(|| BigUint::from_bytes_be(modulus)).filter(|modulus| !modulus.is_zero())
}

/// Bases of `length` bytes and their exponents of `width`, if there are as many of both, and not too many.
pub(super) fn terms<'a>(
	bases: &'a [u8],
	exponents: &'a [u8],
	width: u32,
	length: usize,
) -> Option<impl Iterator<Item = (&'a [u8], &'a [u8])>> {
	let width = width as usize;
	if !(1..=MAX_BYTES).contains(&width) || length == 0 {
		return None;
	}
	let (bases, exponents) = (bases.chunks_exact(length), exponents.chunks_exact(width));
	let whole = bases.remainder().is_empty() && exponents.remainder().is_empty();
	let pairs = bases.len() == exponents.len() && bases.len() <= MAX_TERMS;
	(whole && pairs).then(|| bases.zip(exponents))
}
