//! Random primes for keys.

use crate::integer::SystemRandom;
use crypto_bigint::{BoxedUint, RandomBits, RandomMod, Unsigned, UnsignedWithMontyForm, U1024, U128, U1536};
use crypto_primes::{
	hazmat::{SetBits, SmallFactorsSieveFactory},
	is_prime, sieve_and_find, Flavor,
};
use zeroize::Zeroize;

/// A random prime of exactly `bits` bits, half as many as a key has, congruent 3 modulo 4.
///
/// Its two highest bits are set, so that a product of two such primes has exactly twice the bits. Candidates are sieved
/// upwards from a random start, then tested by Baillie-PSW (crypto-primes).
pub(crate) fn random_prime(bits: u32) -> BoxedUint {
	match bits {
		128 => search::<U128>(bits),
		1024 => search::<U1024>(bits),
		1536 => search::<U1536>(bits),
		_ => unreachable!("keys have primes of 128, 1024 or 1536 bits"),
	}
}

/// Whether `candidate` is prime.
pub(crate) fn is_probably_prime(candidate: &BoxedUint) -> bool {
	is_prime(Flavor::Any, candidate)
}

fn search<T>(bits: u32) -> BoxedUint
where
	T: Unsigned + UnsignedWithMontyForm + RandomBits + RandomMod + Zeroize,
{
	let sieve = SmallFactorsSieveFactory::<T>::new(Flavor::Any, bits, SetBits::TwoMsb)
		.expect("the length has room for a prime");
	let mut prime = sieve_and_find(&mut SystemRandom, sieve, |_, candidate| {
		candidate.as_limbs()[0].0 & 3 == 3 && is_prime(Flavor::Any, candidate)
	})
	.expect("the sieve has the right length")
	.expect("the sieve starts again until it finds a prime");
	let boxed = BoxedUint::from_words(prime.as_limbs().iter().map(|limb| limb.0));
	prime.zeroize();
	boxed
}
