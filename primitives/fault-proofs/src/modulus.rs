//! Which Paillier moduli are taken.

use crate::big_integers::{is_probable_prime, BigIntegers};

/// Why a modulus is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModulusError {
	/// Of none of the permitted lengths, exactly.
	Length,
	/// Even.
	Even,
	/// A prime.
	Prime,
}

/// Cheap checks of a Paillier modulus: one of the permitted `lengths` in bytes, to the bit; odd; not a prime.
///
/// They refuse mistakes. That the modulus is a product of two fitting primes is for the key's owner to prove.
pub fn check_modulus(modulus: &[u8], lengths: &[u32], integers: &dyn BigIntegers) -> Result<(), ModulusError> {
	let full = modulus.first().is_some_and(|byte| byte & 0x80 != 0);
	if !full || !lengths.iter().any(|length| *length as usize == modulus.len()) {
		return Err(ModulusError::Length);
	}
	if modulus.last().is_none_or(|byte| byte & 1 == 0) {
		return Err(ModulusError::Even);
	}
	if is_probable_prime(modulus, integers) {
		return Err(ModulusError::Prime);
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::big_integers::Native;

	/// The prime of RFC 3526's group 14, 2048 bits.
	const PRIME: &str = "\
		FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
		EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
		EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
		83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
		E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
		15728E5A8AACAA68FFFFFFFFFFFFFFFF";

	#[test]
	fn moduli_are_refused_by_length_parity_and_primality() {
		let modulus = |len: usize, first: u8, last: u8| {
			let mut bytes = vec![0x5a; len];
			(bytes[0], bytes[len - 1]) = (first, last);
			bytes
		};
		let prime = num_bigint::BigUint::parse_bytes(PRIME.as_bytes(), 16).unwrap().to_bytes_be();
		for (name, modulus, error) in [
			("empty", vec![], ModulusError::Length),
			("2040 bits", modulus(255, 0xff, 1), ModulusError::Length),
			("2047 bits", modulus(256, 0x7f, 1), ModulusError::Length),
			("2056 bits", modulus(257, 0xff, 1), ModulusError::Length),
			("3064 bits", modulus(383, 0xff, 1), ModulusError::Length),
			("4096 bits", modulus(512, 0xff, 1), ModulusError::Length),
			("a leading zero", modulus(256, 0, 1), ModulusError::Length),
			("even", modulus(256, 0xff, 2), ModulusError::Even),
			("prime", prime.clone(), ModulusError::Prime),
		] {
			assert_eq!(check_modulus(&modulus, &[256, 384], &Native), Err(error), "{name}");
		}
		assert_eq!(check_modulus(&modulus(256, 0xff, 3), &[256, 384], &Native), Ok(()));
		assert_eq!(check_modulus(&modulus(384, 0x80, 3), &[256, 384], &Native), Ok(()));
		for (length, checked) in [(32, Ok(())), (256, Err(ModulusError::Length))] {
			assert_eq!(check_modulus(&modulus(length, 0xff, 3), &[32, 384], &Native), checked, "{length}");
		}
	}
}
