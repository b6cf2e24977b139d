//! Modular arithmetic on public big integers: host functions with a pure fallback, so that the chain can check
//! moduli and (later) products at close to native speed. Nothing here is constant time; secrets stay with the workers.

use alloc::vec::Vec;
use num_bigint::BigUint;
use num_traits::{CheckedSub, Zero};
use sp_runtime_interface::{
	pass_by::{PassFatPointerAndRead, PassFatPointerAndReadWrite},
	runtime_interface,
};

/// The longest operand, in bytes: a number modulo `N^2` for a modulus `N` of 3072 bits.
pub const MAX_BYTES: usize = 768;

/// Big modular operations; all numbers are big-endian bytes. Names and encodings are permanent.
#[runtime_interface]
pub trait BigIntegers {
	/// Write `base ^ exponent mod modulus` into `out`, left-padded with zeros.
	///
	/// Returns 0, or 1 where nothing was written: an operand longer than [`MAX_BYTES`], a modulus of zero, or `out`
	/// shorter than the modulus.
	fn mod_pow(
		base: PassFatPointerAndRead<&[u8]>,
		exponent: PassFatPointerAndRead<&[u8]>,
		modulus: PassFatPointerAndRead<&[u8]>,
		out: PassFatPointerAndReadWrite<&mut [u8]>,
	) -> u32 {
		let Some(power) = mod_pow_fallback(base, exponent, modulus) else { return 1 };
		let Some(start) = out.len().checked_sub(power.len()) else { return 1 };
		let (padding, value) = out.split_at_mut(start);
		padding.fill(0);
		value.copy_from_slice(&power);
		0
	}
}

/// What the host function computes, in pure code: the power in exactly the modulus' length, or `None` for the
/// operands that it refuses.
pub fn mod_pow_fallback(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
	if [base, exponent, modulus].iter().any(|operand| operand.len() > MAX_BYTES) {
		return None;
	}
	let n = BigUint::from_bytes_be(modulus);
	if n.is_zero() {
		return None;
	}
	let power = BigUint::from_bytes_be(base).modpow(&BigUint::from_bytes_be(exponent), &n);
	Some(crate::product_tree::fixed_bytes(&power, modulus.len()))
}

/// Whether `modulus` passes Fermat's test to the base 2, as primes do and products of two large primes do not
/// (save with a probability that does not matter here). One modular exponentiation by the host.
pub fn is_probable_prime(modulus: &[u8]) -> bool {
	let n = BigUint::from_bytes_be(modulus);
	let one = BigUint::from(1u8);
	let Some(exponent) = n.checked_sub(&one).filter(|exponent| !exponent.is_zero()) else { return false };
	let exponent = crate::product_tree::fixed_bytes(&exponent, modulus.len());
	let mut power = alloc::vec![0; modulus.len()];
	big_integers::mod_pow(&[2], &exponent, modulus, &mut power) == 0 && BigUint::from_bytes_be(&power) == one
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	proptest! {
		#[test]
		fn host_and_fallback_agree(
			base in prop::collection::vec(any::<u8>(), 0..80),
			exponent in prop::collection::vec(any::<u8>(), 0..40),
			modulus in prop::collection::vec(any::<u8>(), 0..80),
		) {
			let mut out = alloc::vec![7; modulus.len()];
			let status = big_integers::mod_pow(&base, &exponent, &modulus, &mut out);
			match mod_pow_fallback(&base, &exponent, &modulus) {
				Some(power) => prop_assert_eq!((status, out), (0, power)),
				None => prop_assert_eq!(status, 1),
			}
		}
	}

	#[test]
	fn refused_operands_write_nothing() {
		for (name, base, modulus, out) in [
			("modulus of zero", vec![2], vec![0], 1),
			("base too long", vec![1; MAX_BYTES + 1], vec![5], 1),
			("modulus too long", vec![2], vec![1; MAX_BYTES + 1], MAX_BYTES + 1),
			("no room for the result", vec![2], vec![1, 1], 1),
		] {
			let mut out = vec![7; out];
			assert_eq!(big_integers::mod_pow(&base, &[3], &modulus, &mut out), 1, "{name}");
			assert!(out.iter().all(|byte| *byte == 7), "{name}");
		}
	}

	#[test]
	fn primes_are_told_from_products() {
		// 2^89 - 1 is prime, and so is 2^61 - 1.
		let (p, q) = (BigUint::from(2u8).pow(89) - 1u8, BigUint::from(2u8).pow(61) - 1u8);
		assert!(is_probable_prime(&p.to_bytes_be()));
		assert!(!is_probable_prime(&(p * q).to_bytes_be()));
		for small in [0u8, 1] {
			assert!(!is_probable_prime(&[small]));
		}
	}
}
