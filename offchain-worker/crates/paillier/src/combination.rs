//! Products of powers, for those who check proofs of ciphertexts, and of their roots, for those who make them.

use crate::{
	integer,
	public_key::{Ciphertext, Plaintext, PublicKey},
};
use encrytrust_modular::MontgomeryRing;

impl PublicKey {
	/// A ciphertext of `sum(k_i m_i)`: the product of the ciphertexts, each raised to its `k_i`.
	///
	/// For public factors: its time depends on them. A thousand terms with factors of 128 bits take as long as about ten
	/// with [`Self::scale`].
	///
	/// # Panics
	///
	/// If a ciphertext belongs to another key, or a factor to one of another size.
	pub fn combine_vartime(&self, terms: &[(&Ciphertext, Plaintext)]) -> Ciphertext {
		let terms: Vec<_> =
			terms.iter().map(|(c, k)| (self.residue(c).clone(), self.value(k).as_words().to_vec())).collect();
		self.wrap(self.ring().product_of_powers_vartime(&terms))
	}

	/// The product modulo `N` of numbers, each raised to its exponent.
	///
	/// For public exponents: its time depends on them, and not on the numbers, which may be secret.
	///
	/// # Panics
	///
	/// If a number or an exponent belongs to a key of another size.
	pub fn product_of_powers_vartime(&self, terms: &[(&Plaintext, Plaintext)]) -> Plaintext {
		let ring = MontgomeryRing::modulo(self.modulus().as_words()).expect("a modulus is odd and full");
		let term = |(number, exponent): &(&Plaintext, Plaintext)| {
			(ring.element(self.value(number).as_words(), &[]), self.value(exponent).as_words().to_vec())
		};
		let product = ring.product_of_powers_vartime(&terms.iter().map(term).collect::<Vec<_>>());
		Plaintext::from_integer(self.size(), integer::from_limbs(&ring.digits(&product)))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{KeySize, SecretKey};
	use num_bigint::BigUint;
	use proptest::prelude::*;
	use std::sync::LazyLock;

	static SECRET: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate(KeySize::Bits2048));

	fn factor() -> impl Strategy<Value = Plaintext> {
		let key = SECRET.public();
		prop_oneof![
			Just(key.zero()),
			Just(key.one()),
			any::<u128>().prop_map(|value| key.number(value)),
			Just(key.sub_plain(&key.zero(), &key.one())),
		]
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(12))]

		#[test]
		fn combination_agrees_with_single_powers(factors in prop::collection::vec(factor(), 0..40)) {
			let key = SECRET.public();
			let ciphertexts: Vec<_> = factors.iter().map(|_| SECRET.encrypt(&key.random_plaintext())).collect();
			let terms: Vec<_> = ciphertexts.iter().zip(factors).collect();
			let one = key.encrypt_with(&key.zero(), &key.one());
			let expected = terms.iter().fold(one, |product, (c, k)| key.add(&product, &key.scale(c, k)));
			prop_assert_eq!(key.combine_vartime(&terms), expected);
		}

		#[test]
		fn combination_agrees_with_plain_integers(factors in prop::collection::vec(factor(), 0..20)) {
			let key = SECRET.public();
			let n = BigUint::from_bytes_be(&key.modulus_bytes());
			let one = BigUint::from(1u8);
			let numbers: Vec<_> = factors.iter().map(|_| key.random_plaintext()).collect();
			let terms: Vec<_> = numbers.iter().zip(factors).collect();
			let big = |number: &Plaintext| BigUint::from_bytes_be(&number.to_bytes());
			let expected = terms.iter().fold(one, |product, (r, k)| product * big(r).modpow(&big(k), &n) % &n);
			prop_assert_eq!(big(&key.product_of_powers_vartime(&terms)), expected);
		}
	}
}
