//! Encryption from a table of powers.

use crate::{
	integer,
	public_key::{Ciphertext, Plaintext, PublicKey},
	ring::Residue,
};
use encrytrust_modular::bits_at;
use zeroize::Zeroizing;

/// Bits of the exponent that one row of the table takes care of.
const WINDOW: usize = 5;

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
/// The table has about 3.4 MB for 2048 bits and 7.6 MB for 3072, and takes some tens of milliseconds to make.
pub struct Encryptor {
	key: PublicKey,
	/// Row `i` holds the powers `0..2^WINDOW` of `h_s^(2^(i WINDOW))`.
	rows: Vec<Vec<Residue>>,
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
		let mut base = ring.power(&h, key.modulus().as_words());
		let rows = (0..(key.size().bits() as usize / 2).div_ceil(WINDOW))
			.map(|_| {
				let row = ring.powers(&base, 1 << WINDOW);
				base = ring.multiply(&row[row.len() - 1], &base);
				row
			})
			.collect();
		Self { key: key.clone(), rows }
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
		let ring = self.key.ring();
		let exponent = Zeroizing::new(integer::random(self.key.size().bits() / 2));
		let factors = self
			.rows
			.iter()
			.enumerate()
			.map(|(index, row)| ring.select(row, bits_at(exponent.as_words(), index * WINDOW, WINDOW)));
		let mask = factors.reduce(|product, factor| ring.multiply(&product, &factor)).expect("a table has rows");
		self.key.mask(m, &mask)
	}
}

impl std::fmt::Debug for Encryptor {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Encryptor").field("key", &self.key).finish_non_exhaustive()
	}
}
