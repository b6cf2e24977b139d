//! Additive segments over a Paillier modulus: equation (7) of the BMPC paper.

use encrytrust_paillier::{Plaintext, PublicKey};
use std::num::NonZeroUsize;

/// Splits a plaintext into `count` segments in `[0, N)` that add up to it modulo `N`.
///
/// All but the last are drawn uniformly from `[0, N)`, so that any `count - 1` of them are uniform and independent of
/// the plaintext. With a count of 1 the segment is the plaintext.
///
/// # Panics
///
/// If the plaintext belongs to a key of another size, or the operating system has no randomness.
pub fn split(key: &PublicKey, plaintext: &Plaintext, count: NonZeroUsize) -> Vec<Plaintext> {
	let mut segments: Vec<_> = (1..count.get()).map(|_| key.random_plaintext()).collect();
	segments.push(key.sub_plain(plaintext, &combine(key, &segments)));
	segments
}

/// The sum of segments modulo `N`; 0 of none.
///
/// # Panics
///
/// If a segment belongs to a key of another size.
pub fn combine(key: &PublicKey, segments: &[Plaintext]) -> Plaintext {
	segments.iter().fold(key.zero(), |sum, segment| key.add_plain(&sum, segment))
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_paillier::{KeySize, SecretKey};
	use proptest::prelude::*;
	use std::sync::LazyLock;

	static SECRET: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate(KeySize::Bits2048));

	fn key() -> &'static PublicKey {
		SECRET.public()
	}

	fn count(count: usize) -> NonZeroUsize {
		NonZeroUsize::new(count).unwrap()
	}

	/// Plaintexts from everywhere in `[0, N)`: 0, `N - 1`, and in between.
	fn plaintexts() -> impl Strategy<Value = Plaintext> {
		prop_oneof![
			Just(key().zero()),
			Just(key().sub_plain(&key().zero(), &key().one())),
			prop::collection::vec(any::<u8>(), 255).prop_map(|bytes| key().plaintext(&bytes).unwrap()),
		]
	}

	proptest! {
		#[test]
		fn segments_add_up_to_plaintext(plaintext in plaintexts(), parts in 1usize..20) {
			let segments = split(key(), &plaintext, count(parts));
			prop_assert_eq!(segments.len(), parts);
			prop_assert_eq!(combine(key(), &segments), plaintext);
		}

		#[test]
		fn segment_sums_add_up_to_sum_of_plaintexts(a in plaintexts(), b in plaintexts(), parts in 1usize..6) {
			let [x, y] = [&a, &b].map(|plaintext| split(key(), plaintext, count(parts)));
			let sums: Vec<_> = x.iter().zip(&y).map(|(x, y)| key().add_plain(x, y)).collect();
			prop_assert_eq!(combine(key(), &sums), key().add_plain(&a, &b));
		}
	}

	#[test]
	fn split_returns_plaintext_for_one_segment() {
		let plaintext = key().random_plaintext();
		assert_eq!(split(key(), &plaintext, count(1)), [plaintext]);
	}

	#[test]
	fn combine_returns_zero_for_no_segments() {
		assert_eq!(combine(key(), &[]), key().zero());
	}

	/// The highest byte of each segment over many splits of 0, against its share of `[0, N)`.
	#[test]
	fn segments_are_uniform_for_any_index() {
		const SPLITS: u32 = 2000;
		let halves = (0..SPLITS).map(|_| {
			let segments = split(key(), &key().zero(), count(3));
			let low = segments.iter().map(|segment| u32::from(segment.to_bytes()[0] < 64));
			low.collect::<Vec<_>>()
		});
		let low = halves.fold([0; 3], |sum, low| std::array::from_fn(|index| sum[index] + low[index]));
		// N lies in (9/16, 1] of 2^2048, so that a quarter of 2^2048 is a quarter to 4/9 of [0, N); 6 deviations around.
		for count in low {
			assert!((385..=1030).contains(&count), "{count} of {SPLITS} segments are below 2^2046");
		}
	}

	#[test]
	fn segments_differ_between_splits() {
		let plaintext = key().one();
		assert_ne!(split(key(), &plaintext, count(2)), split(key(), &plaintext, count(2)));
	}

	#[test]
	fn encrypted_segments_decrypt_to_plaintext() {
		let plaintext = key().random_plaintext();
		let segments = split(key(), &plaintext, count(3));
		let ciphertexts = segments.iter().map(|segment| SECRET.encrypt(segment));
		let product = ciphertexts.reduce(|a, b| key().add(&a, &b)).unwrap();
		assert_eq!(SECRET.decrypt(&product), plaintext);
	}
}
