//! Products of powers of ciphertexts, for those who check proofs.

use crate::{
	public_key::{Ciphertext, Plaintext, PublicKey},
	ring::{window, Residue},
};

impl PublicKey {
	/// A ciphertext of `sum(k_i m_i)`: the product of the ciphertexts, each raised to its `k_i`.
	///
	/// Pippenger's bucket method, for public factors: its time depends on them. A thousand terms with factors of 128 bits
	/// take as long as about thirty with [`Self::scale`].
	///
	/// # Panics
	///
	/// If a ciphertext belongs to another key, or a factor to one of another size.
	pub fn combine_vartime(&self, terms: &[(&Ciphertext, Plaintext)]) -> Ciphertext {
		let ring = self.ring();
		let terms: Vec<_> = terms.iter().map(|(c, k)| (self.residue(c), self.value(k))).collect();
		let bits = terms.iter().map(|(_, k)| k.bits_vartime() as usize).max().unwrap_or(0);
		let width = window_width(terms.len());
		let product = (0..bits.div_ceil(width)).rev().fold(None, |product: Option<Residue>, index| {
			let shifted = product.map(|product| (0..width).fold(product, |power, _| ring.multiply(&power, &power)));
			let mut buckets = vec![None; 1 << width];
			for (base, k) in &terms {
				let bucket = &mut buckets[window(k.as_words(), index, width)];
				*bucket = multiply(self, bucket.take(), Some(*base));
			}
			let sum = weighted(self, &buckets);
			multiply(self, shifted, sum.as_ref())
		});
		self.wrap(product.unwrap_or_else(|| ring.element(&[1], &[])))
	}
}

/// The product of all buckets, each raised to its index: products of the upper ones, multiplied up.
fn weighted(key: &PublicKey, buckets: &[Option<Residue>]) -> Option<Residue> {
	let (_, product) = buckets.iter().skip(1).rev().fold((None, None), |(upper, product), bucket| {
		let upper = multiply(key, upper, bucket.as_ref());
		let product = multiply(key, product, upper.as_ref());
		(upper, product)
	});
	product
}

/// `a b`, where nothing is 1.
fn multiply(key: &PublicKey, a: Option<Residue>, b: Option<&Residue>) -> Option<Residue> {
	match (a, b) {
		(Some(a), Some(b)) => Some(key.ring().multiply(&a, b)),
		(a, b) => a.or_else(|| b.cloned()),
	}
}

/// Bits of a factor taken at once, so that filling the buckets costs about as much as emptying them.
fn window_width(terms: usize) -> usize {
	match terms {
		0..=7 => 3,
		8..=31 => 4,
		32..=127 => 5,
		128..=511 => 6,
		_ => 8,
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
