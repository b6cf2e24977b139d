//! Modular arithmetic on public big integers: host functions, so that the chain checks moduli and proofs at close to native
//! speed. Nothing here is constant time; secrets stay with the workers.

use alloc::{vec, vec::Vec};
use encrytrust_fault_proofs::big_integers as arithmetic;
#[cfg(not(substrate_runtime))]
use encrytrust_fault_proofs::big_integers::BigIntegers as _;
use sp_runtime_interface::{
	pass_by::{PassFatPointerAndRead, PassFatPointerAndReadWrite},
	runtime_interface,
};

#[cfg(feature = "std")]
use encrytrust_fault_proofs::big_integers::Native as Arithmetic;
#[cfg(not(any(feature = "std", substrate_runtime)))]
use encrytrust_fault_proofs::big_integers::Pure as Arithmetic;

/// Big modular operations; all numbers are big-endian bytes. Names and encodings are permanent.
///
/// Those that write to `out` return 0, or 1 where nothing was written: an operand longer than
/// [`MAX_BYTES`](arithmetic::MAX_BYTES), a modulus of zero, or `out` shorter than the modulus.
#[runtime_interface]
pub trait BigIntegers {
	/// Write `base ^ exponent mod modulus` into `out`, left-padded with zeros.
	fn mod_pow(
		base: PassFatPointerAndRead<&[u8]>,
		exponent: PassFatPointerAndRead<&[u8]>,
		modulus: PassFatPointerAndRead<&[u8]>,
		out: PassFatPointerAndReadWrite<&mut [u8]>,
	) -> u32 {
		write(Arithmetic.power(base, exponent, modulus), out)
	}

	/// Write `left * right mod modulus` into `out`, left-padded with zeros.
	fn mod_mul(
		left: PassFatPointerAndRead<&[u8]>,
		right: PassFatPointerAndRead<&[u8]>,
		modulus: PassFatPointerAndRead<&[u8]>,
		out: PassFatPointerAndReadWrite<&mut [u8]>,
	) -> u32 {
		write(Arithmetic.multiply(left, right, modulus), out)
	}

	/// Write the product of all `bases`, each raised to its exponent, into `out`, left-padded with zeros.
	///
	/// `bases` are as long as `modulus` each, `exponents` have `width` bytes each; there must be as many of both, and no
	/// more than [`MAX_TERMS`](arithmetic::MAX_TERMS).
	fn multi_mod_pow(
		bases: PassFatPointerAndRead<&[u8]>,
		exponents: PassFatPointerAndRead<&[u8]>,
		width: u32,
		modulus: PassFatPointerAndRead<&[u8]>,
		out: PassFatPointerAndReadWrite<&mut [u8]>,
	) -> u32 {
		write(Arithmetic.product_of_powers(bases, exponents, width, modulus), out)
	}

	/// 1 if `value` shares no factor with `modulus`, and 0 if it does, or if either is refused.
	fn is_coprime(value: PassFatPointerAndRead<&[u8]>, modulus: PassFatPointerAndRead<&[u8]>) -> u32 {
		Arithmetic.is_coprime(value, modulus).into()
	}
}

/// Write a number to the end of `out`, if there is one and it has room.
#[cfg(not(substrate_runtime))]
fn write(number: Option<Vec<u8>>, out: &mut [u8]) -> u32 {
	let Some(number) = number else { return 1 };
	let Some(start) = out.len().checked_sub(number.len()) else { return 1 };
	let (padding, value) = out.split_at_mut(start);
	padding.fill(0);
	value.copy_from_slice(&number);
	0
}

/// The host's arithmetic: what the runtime computes with.
#[derive(Clone, Copy, Debug)]
pub struct Host;

impl arithmetic::BigIntegers for Host {
	fn power(&self, base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
		let mut out = vec![0; modulus.len()];
		(big_integers::mod_pow(base, exponent, modulus, &mut out) == 0).then_some(out)
	}

	fn multiply(&self, left: &[u8], right: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
		let mut out = vec![0; modulus.len()];
		(big_integers::mod_mul(left, right, modulus, &mut out) == 0).then_some(out)
	}

	fn product_of_powers(&self, bases: &[u8], exponents: &[u8], width: u32, modulus: &[u8]) -> Option<Vec<u8>> {
		let mut out = vec![0; modulus.len()];
		(big_integers::multi_mod_pow(bases, exponents, width, modulus, &mut out) == 0).then_some(out)
	}

	fn is_coprime(&self, value: &[u8], modulus: &[u8]) -> bool {
		big_integers::is_coprime(value, modulus) == 1
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_fault_proofs::big_integers::{BigIntegers, Pure, MAX_BYTES};
	use proptest::prelude::*;

	fn bytes(length: usize) -> impl Strategy<Value = Vec<u8>> {
		prop_oneof![
			4 => prop::collection::vec(any::<u8>(), 0..length),
			1 => prop::collection::vec(any::<u8>(), MAX_BYTES - 1..MAX_BYTES + 2),
		]
	}

	proptest! {
		#[test]
		fn host_returns_what_pure_code_does(
			base in bytes(80),
			exponent in prop::collection::vec(any::<u8>(), 0..40),
			modulus in bytes(40),
		) {
			prop_assert_eq!(Host.power(&base, &exponent, &modulus), Pure.power(&base, &exponent, &modulus));
			prop_assert_eq!(Host.multiply(&base, &exponent, &modulus), Pure.multiply(&base, &exponent, &modulus));
			prop_assert_eq!(Host.is_coprime(&base, &modulus), Pure.is_coprime(&base, &modulus));
			let product = Pure.product_of_powers(&base, &exponent, 5, &modulus);
			prop_assert_eq!(Host.product_of_powers(&base, &exponent, 5, &modulus), product);
		}

		#[test]
		fn host_returns_products_of_powers_as_pure_code_does(
			terms in prop::collection::vec((prop::array::uniform16(any::<u8>()), prop::array::uniform5(any::<u8>())), 0..20),
			modulus in prop::array::uniform16(any::<u8>()),
		) {
			let bases: Vec<u8> = terms.iter().flat_map(|(base, _)| *base).collect();
			let exponents: Vec<u8> = terms.iter().flat_map(|(_, exponent)| *exponent).collect();
			let expected = Pure.product_of_powers(&bases, &exponents, 5, &modulus);
			prop_assert_eq!(Host.product_of_powers(&bases, &exponents, 5, &modulus), expected);
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
			assert_eq!(big_integers::mod_mul(&base, &[3], &modulus, &mut out), 1, "{name}");
			assert_eq!(big_integers::multi_mod_pow(&base, &[3], 1, &modulus, &mut out), 1, "{name}");
			assert!(out.iter().all(|byte| *byte == 7), "{name}");
		}
	}
}
