//! Products of powers of ciphertexts, for those who check proofs.

use crate::public_key::{Ciphertext, Plaintext, PublicKey};

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
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{KeySize, SecretKey};
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
		fn agrees_with_one_power_at_a_time(factors in prop::collection::vec(factor(), 0..40)) {
			let key = SECRET.public();
			let ciphertexts: Vec<_> = factors.iter().map(|_| SECRET.encrypt(&key.random_plaintext())).collect();
			let terms: Vec<_> = ciphertexts.iter().zip(factors).collect();
			let one = key.encrypt_with(&key.zero(), &key.one());
			let expected = terms.iter().fold(one, |product, (c, k)| key.add(&product, &key.scale(c, k)));
			prop_assert_eq!(key.combine_vartime(&terms), expected);
		}
	}
}
