//! The host's arithmetic: Montgomery forms for odd moduli, which is to say for all that matter.

use super::{pure, MAX_BYTES};
use alloc::{vec, vec::Vec};
use crypto_bigint::{
	modular::{BoxedMontyForm, BoxedMontyParams},
	BoxedUint, Gcd, Odd, Resize,
};

pub(super) fn mod_pow(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
	let fit = base.len() <= MAX_BYTES && exponent.len() <= MAX_BYTES;
	let Some(ring) = Ring::new(modulus).filter(|_| fit) else { return pure::mod_pow(base, exponent, modulus) };
	let exponent = BoxedUint::from_be_slice_vartime(exponent);
	let power = ring.read(base).pow_bounded_exp(&exponent, exponent.bits_vartime());
	Some(ring.write(&power))
}

pub(super) fn is_coprime(value: &[u8], modulus: &[u8]) -> bool {
	let fit = value.len() <= MAX_BYTES;
	let Some(ring) = Ring::new(modulus).filter(|_| fit) else { return pure::is_coprime(value, modulus) };
	let (value, modulus) = (BoxedUint::from_be_slice_vartime(value), ring.params.modulus().as_ref());
	let precision = value.bits_precision().max(modulus.bits_precision());
	value.resize(precision).gcd_vartime(&modulus.resize(precision)).is_one().into()
}

/// Pippenger's bucket method: the exponents' windows from the highest down.
pub(super) fn multi_mod_pow(bases: &[u8], exponents: &[u8], width: usize, modulus: &[u8]) -> Option<Vec<u8>> {
	let Some(ring) = Ring::new(modulus) else { return pure::multi_mod_pow(bases, exponents, width, modulus) };
	let terms = pure::terms(bases, exponents, width, modulus.len())?;
	let terms: Vec<_> = terms.map(|(base, exponent)| (ring.read(base), exponent)).collect();
	let window = window_bits(terms.len());
	let windows = width.saturating_mul(8).div_ceil(window);
	let product = (0..windows).rev().fold(None, |product: Option<BoxedMontyForm>, index| {
		let shifted = product.map(|product| (0..window).fold(product, |power, _| power.square()));
		let mut buckets = vec![None; 1 << window];
		for (base, exponent) in &terms {
			if let Some(bucket) = buckets.get_mut(digit(exponent, index, window)) {
				*bucket = multiply(bucket.take(), Some(base));
			}
		}
		multiply(shifted, weighted(&buckets).as_ref())
	});
	let one = || BoxedMontyForm::one(&ring.params);
	Some(ring.write(&product.unwrap_or_else(one)))
}

/// Arithmetic modulo an odd number.
struct Ring {
	params: BoxedMontyParams,
	bytes: usize,
}

impl Ring {
	/// `None` for a modulus that is even, one, or too long.
	fn new(modulus: &[u8]) -> Option<Self> {
		let fits = (1..=MAX_BYTES).contains(&modulus.len());
		let odd = fits.then(|| Odd::new(BoxedUint::from_be_slice_vartime(modulus)).into_option())??;
		let is_one = bool::from(odd.as_ref().is_one());
		(!is_one).then(|| Self { params: BoxedMontyParams::new_vartime(odd), bytes: modulus.len() })
	}

	fn read(&self, number: &[u8]) -> BoxedMontyForm {
		let modulus = self.params.modulus();
		let number = BoxedUint::from_be_slice_vartime(number).rem_vartime(modulus.as_nz_ref());
		BoxedMontyForm::new(number.resize(modulus.bits_precision()), &self.params)
	}

	fn write(&self, number: &BoxedMontyForm) -> Vec<u8> {
		let digits = number.retrieve().to_be_bytes_trimmed_vartime();
		let mut bytes = vec![0; self.bytes.saturating_sub(digits.len())];
		bytes.extend_from_slice(&digits);
		bytes
	}
}

/// The product of all buckets, each raised to its index: products of the upper ones, multiplied up.
fn weighted(buckets: &[Option<BoxedMontyForm>]) -> Option<BoxedMontyForm> {
	let (_, product) = buckets.iter().skip(1).rev().fold((None, None), |(upper, product), bucket| {
		let upper = multiply(upper, bucket.as_ref());
		let product = multiply(product, upper.as_ref());
		(upper, product)
	});
	product
}

/// `a b`, where nothing is 1.
fn multiply(a: Option<BoxedMontyForm>, b: Option<&BoxedMontyForm>) -> Option<BoxedMontyForm> {
	match (a, b) {
		(Some(a), Some(b)) => Some(a.mul(b)),
		(a, b) => a.or_else(|| b.cloned()),
	}
}

/// Bits of an exponent taken at once, so that filling the buckets costs about as much as emptying them.
fn window_bits(terms: usize) -> usize {
	match terms {
		0..=7 => 3,
		8..=31 => 4,
		32..=127 => 5,
		128..=511 => 6,
		512..=1535 => 7,
		_ => 8,
	}
}

/// The `index`-th digit of a big-endian exponent to the base `2^window`, the lowest first.
#[allow(clippy::arithmetic_side_effects)] // a few thousand bits
fn digit(exponent: &[u8], index: usize, window: usize) -> usize {
	let bit = |bit: usize| {
		let byte = exponent.iter().rev().nth(bit / 8).copied().unwrap_or_default();
		usize::from(byte >> (bit % 8) & 1)
	};
	(0..window).rev().fold(0, |digit, offset| digit << 1 | bit(index * window + offset))
}
