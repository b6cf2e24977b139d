//! Encryption from a table of powers.

use crate::{
	integer,
	public_key::{Ciphertext, Plaintext, PublicKey},
};
use encrytrust_modular::FixedBase;
use std::slice;
use zeroize::Zeroizing;

/// Encrypts many plaintexts under one key, many times faster than [`PublicKey::encrypt`].
///
/// Damgård, Jurik, Nielsen, "A generalization of Paillier's public-key system with applications to electronic voting"
/// (2010), section 4.2: instead of `r^N` it masks with `h_s^a`, `h = -y^2` and `h_s = h^N` for a random `y`, and an
/// exponent `a` of `|N| / 2` random bits. Powers of the fixed base come from a table: no squarings are left.
///
/// # Security
///
/// One more assumption than full exponents need: that powers of `h` with exponents of half the length cannot be told
/// from random elements of the group that `h` generates. Where that is not wanted, use [`PublicKey::encrypt`].
///
/// The table has up to 4.2 MB for 2048 bits and 9.4 MB for 3072, and takes some milliseconds to make.
pub struct Encryptor {
	key: PublicKey,
	/// Powers of `h_s`.
	powers: FixedBase,
}

impl Encryptor {
	/// Draws a base and makes its table.
	///
	/// # Panics
	///
	/// If the operating system has no randomness.
	pub fn new(key: &PublicKey) -> Self {
		let ring = key.ring();
		let y = key.random_plaintext();
		let y = ring.element(y.as_words(), &[]);
		let minus_one = key.sub_plain(&key.zero(), &key.one());
		let h = ring.multiply(&ring.element(minus_one.as_words(), &[]), &ring.multiply(&y, &y));
		// Whether h is taken modulo N or N^2 does not matter to its N-th power.
		let base = ring.power(&h, key.modulus().as_words());
		Self { key: key.clone(), powers: FixedBase::new(ring, &base, Self::exponent_bits(key).div_ceil(64) as usize) }
	}

	/// Bits of the random exponents.
	fn exponent_bits(key: &PublicKey) -> u32 {
		key.size().bits() / 2
	}

	/// The key.
	pub fn public(&self) -> &PublicKey {
		&self.key
	}

	/// Encrypts with fresh randomness, in constant time.
	///
	/// # Panics
	///
	/// If `m` belongs to a key of another size, or the operating system has no randomness.
	pub fn encrypt(&self, m: &Plaintext) -> Ciphertext {
		self.encrypt_each(slice::from_ref(m)).pop().expect("there are as many ciphertexts as plaintexts")
	}

	/// As [`Self::encrypt`], of many plaintexts: several times faster where the processor has AVX-512 IFMA.
	///
	/// # Panics
	///
	/// As [`Self::encrypt`].
	pub fn encrypt_each(&self, messages: &[Plaintext]) -> Vec<Ciphertext> {
		let draw = |_| Zeroizing::new(integer::random(Self::exponent_bits(&self.key)));
		let exponents: Vec<_> = messages.iter().map(draw).collect();
		let masks = self.powers.power_each(&exponents.iter().map(|exponent| exponent.as_words()).collect::<Vec<_>>());
		messages.iter().zip(&masks).map(|(m, mask)| self.key.mask(m, mask)).collect()
	}
}

impl std::fmt::Debug for Encryptor {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Encryptor").field("key", &self.key).finish_non_exhaustive()
	}
}
