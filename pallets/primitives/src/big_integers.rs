//! Modular arithmetic on public big integers: host functions with a pure fallback, so that the chain checks moduli and
//! proofs at close to native speed. Nothing here is constant time; secrets stay with the workers.

use crate::{bmpc::MAX_FEATURES, product_tree::fixed_bytes};
use alloc::{vec, vec::Vec};
use num_bigint::BigUint;
use num_traits::{CheckedSub, One, Zero};
use sp_runtime_interface::{
	pass_by::{PassFatPointerAndRead, PassFatPointerAndReadWrite},
	runtime_interface,
};

#[cfg(feature = "std")]
mod native;
#[cfg(not(any(feature = "std", substrate_runtime)))]
use self::pure as native;
#[cfg(feature = "std")]
pub use native::mod_pow_each;

/// The longest operand, in bytes: a number modulo `N^2` for a modulus `N` of 3072 bits.
pub const MAX_BYTES: usize = 768;

/// The most powers in a product: a selection message's ciphertexts, three for each feature and one for the count.
pub const MAX_TERMS: usize = 3 * MAX_FEATURES as usize + 1;

/// Big modular operations; all numbers are big-endian bytes. Names and encodings are permanent.
///
/// Those that write to `out` return 0, or 1 where nothing was written: an operand longer than [`MAX_BYTES`], a modulus of
/// zero, or `out` shorter than the modulus.
#[runtime_interface]
pub trait BigIntegers {
	/// Write `base ^ exponent mod modulus` into `out`, left-padded with zeros.
	fn mod_pow(
		base: PassFatPointerAndRead<&[u8]>,
		exponent: PassFatPointerAndRead<&[u8]>,
		modulus: PassFatPointerAndRead<&[u8]>,
		out: PassFatPointerAndReadWrite<&mut [u8]>,
	) -> u32 {
		write(native::mod_pow(base, exponent, modulus), out)
	}

	/// Write `left * right mod modulus` into `out`, left-padded with zeros.
	fn mod_mul(
		left: PassFatPointerAndRead<&[u8]>,
		right: PassFatPointerAndRead<&[u8]>,
		modulus: PassFatPointerAndRead<&[u8]>,
		out: PassFatPointerAndReadWrite<&mut [u8]>,
	) -> u32 {
		write(pure::mod_mul(left, right, modulus), out)
	}

	/// Write the product of all `bases`, each raised to its exponent, into `out`, left-padded with zeros.
	///
	/// `bases` are as long as `modulus` each, `exponents` have `width` bytes each; there must be as many of both, and no
	/// more than [`MAX_TERMS`].
	fn multi_mod_pow(
		bases: PassFatPointerAndRead<&[u8]>,
		exponents: PassFatPointerAndRead<&[u8]>,
		width: u32,
		modulus: PassFatPointerAndRead<&[u8]>,
		out: PassFatPointerAndReadWrite<&mut [u8]>,
	) -> u32 {
		write(native::multi_mod_pow(bases, exponents, width as usize, modulus), out)
	}

	/// 1 if `value` shares no factor with `modulus`, and 0 if it does, or if either is refused.
	fn is_coprime(value: PassFatPointerAndRead<&[u8]>, modulus: PassFatPointerAndRead<&[u8]>) -> u32 {
		native::is_coprime(value, modulus).into()
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

/// `base ^ exponent mod modulus`, as long as the modulus, by the host; `None` for operands that it refuses.
pub fn mod_pow(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
	let mut out = vec![0; modulus.len()];
	(big_integers::mod_pow(base, exponent, modulus, &mut out) == 0).then_some(out)
}

/// [`mod_pow`] of each base; for workers, to whom many at once come cheaper.
#[cfg(not(feature = "std"))]
pub fn mod_pow_each(bases: &[Vec<u8>], exponent: &[u8], modulus: &[u8]) -> Option<Vec<Vec<u8>>> {
	bases.iter().map(|base| mod_pow(base, exponent, modulus)).collect()
}

/// `left * right mod modulus`, as long as the modulus, by the host; `None` for operands that it refuses.
pub fn mod_mul(left: &[u8], right: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
	let mut out = vec![0; modulus.len()];
	(big_integers::mod_mul(left, right, modulus, &mut out) == 0).then_some(out)
}

/// The product of all bases, each raised to its exponent of `width` bytes, by the host; `None` for operands that it
/// refuses, for bases that are not as long as the modulus, and for more than [`MAX_TERMS`].
pub fn multi_mod_pow(bases: &[u8], exponents: &[u8], width: u32, modulus: &[u8]) -> Option<Vec<u8>> {
	let mut out = vec![0; modulus.len()];
	(big_integers::multi_mod_pow(bases, exponents, width, modulus, &mut out) == 0).then_some(out)
}

/// Whether two numbers share no factor, by the host.
pub fn is_coprime(value: &[u8], modulus: &[u8]) -> bool {
	big_integers::is_coprime(value, modulus) == 1
}

/// Whether `modulus` passes Fermat's test to the base 2, as primes do and products of two large primes do not
/// (save with a probability that does not matter here). One modular exponentiation by the host.
pub fn is_probable_prime(modulus: &[u8]) -> bool {
	let (n, one) = (BigUint::from_bytes_be(modulus), BigUint::one());
	let Some(exponent) = n.checked_sub(&one).filter(|exponent| !exponent.is_zero()) else { return false };
	let power = mod_pow(&[2], &fixed_bytes(&exponent, modulus.len()), modulus);
	power.is_some_and(|power| BigUint::from_bytes_be(&power) == one)
}

/// What the host functions compute, in pure code: the number in exactly the modulus' length, or `None` for the operands
/// that they refuse.
pub mod pure {
	use super::*;

	/// See [`BigIntegers::mod_pow`].
	pub fn mod_pow(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
		let n = read_modulus(modulus, &[base, exponent])?;
		let power = BigUint::from_bytes_be(base).modpow(&BigUint::from_bytes_be(exponent), &n);
		Some(fixed_bytes(&power, modulus.len()))
	}

	/// See [`BigIntegers::mod_mul`].
	#[allow(clippy::arithmetic_side_effects)] // the modulus is not zero
	pub fn mod_mul(left: &[u8], right: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
		let n = read_modulus(modulus, &[left, right])?;
		let product = BigUint::from_bytes_be(left) * BigUint::from_bytes_be(right) % n;
		Some(fixed_bytes(&product, modulus.len()))
	}

	/// See [`BigIntegers::multi_mod_pow`].
	#[allow(clippy::arithmetic_side_effects)] // the modulus is not zero
	pub fn multi_mod_pow(bases: &[u8], exponents: &[u8], width: usize, modulus: &[u8]) -> Option<Vec<u8>> {
		let n = read_modulus(modulus, &[])?;
		let product = terms(bases, exponents, width, modulus.len())?.fold(BigUint::one() % &n, |product, (base, e)| {
			product * BigUint::from_bytes_be(base).modpow(&BigUint::from_bytes_be(e), &n) % &n
		});
		Some(fixed_bytes(&product, modulus.len()))
	}

	/// See [`BigIntegers::is_coprime`].
	pub fn is_coprime(value: &[u8], modulus: &[u8]) -> bool {
		let coprime = |n: BigUint| n.is_one() || BigUint::from_bytes_be(value).modinv(&n).is_some();
		read_modulus(modulus, &[value]).is_some_and(coprime)
	}

	/// The modulus, unless it or another operand is refused.
	fn read_modulus(modulus: &[u8], operands: &[&[u8]]) -> Option<BigUint> {
		let fit = operands.iter().chain([&modulus]).all(|operand| operand.len() <= MAX_BYTES);
		fit.then(|| BigUint::from_bytes_be(modulus)).filter(|modulus| !modulus.is_zero())
	}

	/// Bases and their exponents, if there are as many of both, and not too many.
	pub(super) fn terms<'a>(
		bases: &'a [u8],
		exponents: &'a [u8],
		width: usize,
		length: usize,
	) -> Option<impl Iterator<Item = (&'a [u8], &'a [u8])>> {
		if !(1..=MAX_BYTES).contains(&width) || length == 0 {
			return None;
		}
		let (bases, exponents) = (bases.chunks_exact(length), exponents.chunks_exact(width));
		let whole = bases.remainder().is_empty() && exponents.remainder().is_empty();
		let pairs = bases.len() == exponents.len() && bases.len() <= MAX_TERMS;
		(whole && pairs).then(|| bases.zip(exponents))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	/// Bytes of any length, at the edges of limbs as well.
	fn bytes() -> impl Strategy<Value = Vec<u8>> {
		prop_oneof![
			4 => prop::collection::vec(any::<u8>(), 0..80),
			1 => prop::collection::vec(prop_oneof![Just(0), Just(1), Just(0xff)], 0..80),
			1 => prop::collection::vec(any::<u8>(), MAX_BYTES - 1..MAX_BYTES + 2),
		]
	}

	/// Odd and even moduli, zero and one, squares and their neighbours.
	fn modulus() -> impl Strategy<Value = Vec<u8>> {
		let square = |root: Vec<u8>, more: u8| (BigUint::from_bytes_be(&root).pow(2) + more).to_bytes_be();
		prop_oneof![
			bytes(),
			(0..4u8, 0..9usize).prop_map(|(number, zeros)| [vec![0; zeros], vec![number]].concat()),
			(prop::collection::vec(any::<u8>(), 0..40), 0..3u8).prop_map(move |(root, more)| square(root, more)),
		]
	}

	proptest! {
		#[test]
		fn host_and_pure_code_agree(
			base in bytes(),
			exponent in prop::collection::vec(any::<u8>(), 0..40),
			modulus in modulus(),
		) {
			prop_assert_eq!(mod_pow(&base, &exponent, &modulus), pure::mod_pow(&base, &exponent, &modulus));
			prop_assert_eq!(mod_mul(&base, &exponent, &modulus), pure::mod_mul(&base, &exponent, &modulus));
			prop_assert_eq!(is_coprime(&base, &modulus), pure::is_coprime(&base, &modulus));
			let bases = [base, exponent.clone(), modulus.clone()];
			let powers: Option<Vec<_>> = bases.iter().map(|base| pure::mod_pow(base, &exponent, &modulus)).collect();
			prop_assert_eq!(mod_pow_each(&bases, &exponent, &modulus), powers);
		}

		#[test]
		fn host_and_pure_code_agree_on_products_of_powers(
			terms in prop::collection::vec((prop::array::uniform16(any::<u8>()), prop::array::uniform5(any::<u8>())), 0..40),
			root in any::<u64>(),
			add in 0..3u128,
		) {
			// A square, or a number beside it; odd or even.
			let modulus = u128::from(root).pow(2).saturating_add(add).to_be_bytes();
			let bases: Vec<u8> = terms.iter().flat_map(|(base, _)| *base).collect();
			let exponents: Vec<u8> = terms.iter().flat_map(|(_, exponent)| *exponent).collect();
			let expected = pure::multi_mod_pow(&bases, &exponents, 5, &modulus);
			prop_assert_eq!(multi_mod_pow(&bases, &exponents, 5, &modulus), expected);
		}
	}

	/// Exponents and bases at their edges, under moduli of each kind.
	#[test]
	fn host_and_pure_code_agree_at_the_edges() {
		let square = vec![0xff; MAX_BYTES / 2];
		let square = fixed_bytes(&BigUint::from_bytes_be(&square).pow(2), MAX_BYTES);
		let next = fixed_bytes(&(BigUint::from_bytes_be(&square) + 2u8), MAX_BYTES);
		let even = fixed_bytes(&(BigUint::from_bytes_be(&square) - 1u8), MAX_BYTES);
		for modulus in [vec![1], vec![0, 0, 1], vec![2], vec![9], vec![15], vec![225], square.clone(), next, even] {
			for base in [vec![], vec![0], vec![1], modulus.clone(), vec![0xff; MAX_BYTES], square.clone()] {
				for exponent in [&[][..], &[0], &[0, 0, 1], &[2], &[0xff; 17]] {
					let power = pure::mod_pow(&base, exponent, &modulus);
					assert!(
						power.is_some() && mod_pow(&base, exponent, &modulus) == power,
						"{modulus:?} {base:?} {exponent:?}"
					);
				}
				assert_eq!(is_coprime(&base, &modulus), pure::is_coprime(&base, &modulus), "{modulus:?} {base:?}");
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
			assert_eq!(big_integers::mod_mul(&base, &[3], &modulus, &mut out), 1, "{name}");
			assert_eq!(big_integers::multi_mod_pow(&base, &[3], 1, &modulus, &mut out), 1, "{name}");
			assert!(out.iter().all(|byte| *byte == 7), "{name}");
		}
	}

	#[test]
	fn bases_and_exponents_come_in_pairs() {
		let most = ([0, 1].repeat(MAX_TERMS), vec![1; MAX_TERMS]);
		let more = ([0, 1].repeat(MAX_TERMS + 1), vec![1; MAX_TERMS + 1]);
		for (name, bases, exponents, width) in [
			("a base cut short", &[1; 5][..], &[1; 2][..], 1),
			("an exponent cut short", &[1; 4], &[1; 3], 2),
			("a base without exponent", &[1; 6], &[1; 2], 1),
			("exponents without width", &[], &[], 0),
			("one more than any message has", &more.0, &more.1, 1),
		] {
			assert_eq!(multi_mod_pow(bases, exponents, width, &[1, 1]), None, "{name}");
		}
		assert_eq!(multi_mod_pow(&[], &[], 1, &[1, 1]), Some(vec![0, 1]));
		assert_eq!(multi_mod_pow(&most.0, &most.1, 1, &[1, 1]), Some(vec![0, 1]));
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

	/// `cargo test … -- --ignored --nocapture powers_take`: what the weights are bounded by.
	#[test]
	#[ignore = "measures"]
	fn powers_take() {
		for bytes in [512, 768] {
			let (n, base) = (vec![0xab; bytes / 2], vec![0x5d; bytes]);
			let modulus = BigUint::from_bytes_be(&n).pow(2).to_bytes_be();
			let tell = |name: &str, work: &dyn Fn() -> bool| {
				let begin = std::time::Instant::now();
				(0..10).for_each(|_| assert!(work(), "{name}"));
				println!("{bytes} bytes, {name}: {:?}", begin.elapsed() / 10);
			};
			tell("short exponent", &|| mod_pow(&base, &[0xcd; 16], &modulus).is_some());
			tell("half exponent", &|| mod_pow(&base, &n, &modulus).is_some());
			tell("half exponent, no square", &|| mod_pow(&modulus, &n, &base).is_some());
			tell("product", &|| mod_mul(&base, &base, &modulus).is_some());
			tell("common factors", &|| !is_coprime(&base, &n));
			tell("prime", &|| !is_probable_prime(&n));
			for terms in [91, 3_001] {
				let (bases, exponents) = (base.repeat(terms), [0xcd; 33].repeat(terms));
				let powers = || multi_mod_pow(&bases, &exponents, 33, &modulus).is_some();
				tell(&format!("{terms} powers"), &powers);
			}
		}
	}
}
