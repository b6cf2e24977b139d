//! Arithmetic at the speed of the processor: Montgomery forms for odd moduli, which is to say for all that matter.

use super::{
	fixed_bytes,
	pure::{terms, Pure},
	BigIntegers, Secret, MAX_BYTES,
};
use alloc::vec::Vec;
use crypto_bigint::{BoxedUint, ConcatenatingMul, Gcd, NonZero};
use encrytrust_modular::{MontgomeryRing, Residue};
use num_bigint::BigUint;
use num_traits::{Euclid, Zero};
use zeroize::Zeroizing;

/// Arithmetic by `encrytrust-modular`: what workers compute with, and what the chain's host functions do.
#[derive(Clone, Copy, Debug)]
pub struct Native;

impl BigIntegers for Native {
	fn power(&self, base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
		let fit = base.len() <= MAX_BYTES && exponent.len() <= MAX_BYTES;
		match Modulus::read(modulus).filter(|_| fit) {
			Some(ring) => Some(ring.product_of_powers([(base, exponent)])),
			None => Pure.power(base, exponent, modulus),
		}
	}

	fn power_each(&self, bases: &[Vec<u8>], exponent: &[u8], modulus: &[u8]) -> Option<Vec<Vec<u8>>> {
		let fit = bases.iter().map(Vec::as_slice).chain([exponent]).all(|operand| operand.len() <= MAX_BYTES);
		let Some(modulus) = Modulus::read(modulus).filter(|_| fit) else {
			return Pure.power_each(bases, exponent, modulus);
		};
		let exponent = BigUint::from_bytes_be(exponent).to_u64_digits();
		let bases: Vec<_> = bases.iter().map(|base| modulus.residue(base)).collect();
		let terms: Vec<_> = bases.iter().map(|base| (base, &exponent[..])).collect();
		Some(modulus.ring.power_each(&terms).iter().map(|power| modulus.bytes_of(power)).collect())
	}

	fn multiply(&self, left: &[u8], right: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
		Pure.multiply(left, right, modulus)
	}

	fn product_of_powers(&self, bases: &[u8], exponents: &[u8], width: u32, modulus: &[u8]) -> Option<Vec<u8>> {
		match Modulus::read(modulus) {
			Some(ring) => Some(ring.product_of_powers(terms(bases, exponents, width, modulus.len())?)),
			None => Pure.product_of_powers(bases, exponents, width, modulus),
		}
	}

	fn is_coprime(&self, value: &[u8], modulus: &[u8]) -> bool {
		if value.len() > MAX_BYTES || modulus.len() > MAX_BYTES {
			return false;
		}
		let modulus = NonZero::new(BoxedUint::from_be_slice_vartime(modulus)).into_option();
		modulus.is_some_and(|modulus| {
			// A ciphertext is twice as long as its modulus, and a remainder is found sooner than a divisor.
			let value = BoxedUint::from_be_slice_vartime(value).rem_vartime(&modulus);
			modulus.as_ref().gcd_vartime(&value).is_one().into()
		})
	}

	fn remainder(&self, value: &[u8], modulus: &[u8]) -> Option<Secret> {
		let divisor = read_modulus(modulus, [value, &[]])?;
		Some(secret_bytes(&Zeroizing::new(secret(value).rem(&divisor)), modulus.len()))
	}

	fn multiply_secrets(&self, left: &[u8], right: &[u8], modulus: &[u8]) -> Option<Secret> {
		let divisor = read_modulus(modulus, [left, right])?;
		let product = Zeroizing::new(secret(left).concatenating_mul(&*secret(right)));
		Some(secret_bytes(&Zeroizing::new(product.rem(&divisor)), modulus.len()))
	}

	fn invert(&self, number: &[u8], modulus: &[u8]) -> Option<Secret> {
		let divisor = read_modulus(modulus, [number, &[]])?;
		if divisor.as_ref().is_one().into() {
			return Some(Secret::new(alloc::vec![0; modulus.len()]));
		}
		let reduced = Zeroizing::new(secret(number).rem(&divisor));
		let inverse = reduced.invert_mod(&divisor).into_option().map(Zeroizing::new)?;
		Some(secret_bytes(&inverse, modulus.len()))
	}
}

/// The integer of big-endian bytes, in their length.
fn secret(bytes: &[u8]) -> Zeroizing<BoxedUint> {
	let bits = (bytes.len() as u32).saturating_mul(8).next_multiple_of(64).max(64);
	Zeroizing::new(BoxedUint::from_be_slice_truncated(bytes, bits))
}

/// An integer's last `length` bytes, big-endian, left-padded with zeros.
fn secret_bytes(number: &BoxedUint, length: usize) -> Secret {
	let bytes = Zeroizing::new(number.to_be_bytes());
	let mut fixed = Zeroizing::new(alloc::vec![0; length]);
	fixed.iter_mut().rev().zip(bytes.iter().rev()).for_each(|(fixed, byte)| *fixed = *byte);
	fixed
}

/// A modulus as integer, if no operand is too long.
fn read_modulus(modulus: &[u8], operands: [&[u8]; 2]) -> Option<NonZero<BoxedUint>> {
	let fit = operands.into_iter().chain([modulus]).all(|operand| operand.len() <= MAX_BYTES);
	let modulus = fit.then(|| NonZero::new(BoxedUint::from_be_slice_vartime(modulus)))?;
	modulus.into_option()
}

/// An odd modulus `m`, in the ring that suits it: one that is a square `n^2`, as Paillier's are, by digits to the base `n`,
/// which takes about half the time; any other one as `n = m`.
struct Modulus {
	m: BigUint,
	n: BigUint,
	ring: MontgomeryRing,
	bytes: usize,
}

#[allow(clippy::arithmetic_side_effects)] // integers without bound; no divisor is zero
impl Modulus {
	/// `None` for a modulus that is even, one, or too long.
	fn read(modulus: &[u8]) -> Option<Self> {
		let m = (modulus.len() <= MAX_BYTES).then(|| BigUint::from_bytes_be(modulus))?;
		let root = m.sqrt();
		let (n, ring) = if &root * &root == m {
			(root.clone(), MontgomeryRing::modulo_square(&root.to_u64_digits())?)
		} else {
			(m.clone(), MontgomeryRing::modulo(&m.to_u64_digits())?)
		};
		Some(Self { m, n, ring, bytes: modulus.len() })
	}

	/// The product of bases, each raised to its exponent, as bytes.
	fn product_of_powers<'a>(&self, terms: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) -> Vec<u8> {
		let terms = terms.into_iter().map(|(base, exponent)| {
			let exponent = BigUint::from_bytes_be(exponent);
			(self.residue(base), exponent.to_u64_digits())
		});
		self.bytes_of(&self.ring.product_of_powers_vartime(&terms.collect::<Vec<_>>()))
	}

	fn residue(&self, number: &[u8]) -> Residue {
		let (high, low) = (BigUint::from_bytes_be(number) % &self.m).div_rem_euclid(&self.n);
		self.ring.element(&low.to_u64_digits(), &high.to_u64_digits())
	}

	fn bytes_of(&self, residue: &Residue) -> Vec<u8> {
		let digits = self.ring.digits(residue);
		let digits = digits.chunks(self.ring.n().len()).rev();
		let number = digits.fold(BigUint::zero(), |number, digit| number * &self.n + integer(digit));
		fixed_bytes(&number, self.bytes)
	}
}

fn integer(limbs: &[u64]) -> BigUint {
	BigUint::from_bytes_le(&limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect::<Vec<_>>())
}
