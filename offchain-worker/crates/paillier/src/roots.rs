//! Roots modulo `N`, which take the primes.

use crate::{
	public_key::{Ciphertext, Plaintext},
	secret_key::{Factor, SecretKey},
};
use crypto_bigint::{BoxedUint, ConcatenatingMul, Limb, Resize};
use zeroize::Zeroizing;

impl SecretKey {
	/// Opens a ciphertext: the plaintext `m` and the `r` below `N` with `c = (1 + m N) r^N mod N^2`.
	///
	/// With both, anyone checks the decryption by [`crate::PublicKey::encrypt_with`]. They say nothing about the key.
	///
	/// # Panics
	///
	/// If `c` belongs to another key, or the processor computes wrongly; what it computed stays inside.
	pub fn open(&self, c: &Ciphertext) -> (Plaintext, Plaintext) {
		let key = self.public();
		let m = self.decrypt(c);
		// Modulo N the message is gone, and r^N is left.
		let (low, _) = key.ring().digits(key.residue(c));
		let r = Plaintext::from_integer(key.size(), self.nth_root(&low));
		assert!(key.encrypt_with(&m, &r) == *c, "the processor computes wrongly: stop using this machine");
		(m, r)
	}

	/// The `x` below `N` with `x^N = y mod N`, in constant time.
	pub(crate) fn nth_root(&self, y: &BoxedUint) -> BoxedUint {
		let [p, q] = self.factors();
		self.combine(&p.power(y, &p.nth_root_exponent(q)), &q.power(y, &q.nth_root_exponent(p)))
	}

	/// The square `x` with `x^4 = y mod N`, of a `y` that is a square modulo both primes; in constant time.
	pub(crate) fn fourth_root(&self, y: &BoxedUint) -> BoxedUint {
		let [p, q] = self.factors().map(|factor| factor.power(y, &factor.fourth_root_exponent()));
		self.combine(&p, &q)
	}

	/// Whether `y`, coprime to `N`, is a square modulo `p`, and modulo `q`. Does not hide the answer.
	pub(crate) fn squares(&self, y: &BoxedUint) -> [bool; 2] {
		self.factors().map(|factor| factor.power(y, &factor.half_order()).is_one().to_bool())
	}
}

impl Factor {
	/// `y^exponent mod p`.
	fn power(&self, y: &BoxedUint, exponent: &BoxedUint) -> Zeroizing<BoxedUint> {
		let y = Zeroizing::new(y.rem(self.prime()));
		let power = self.ring().power(&self.ring().element(y.as_words(), &[]), exponent.as_words());
		let (low, high) = self.ring().digits(&power);
		drop(Zeroizing::new(high));
		Zeroizing::new(low)
	}

	/// `1 / N mod (p - 1)`, where `N` is `q`.
	fn nth_root_exponent(&self, other: &Self) -> Zeroizing<BoxedUint> {
		let order = self.order();
		let other = Zeroizing::new(other.prime().rem(order));
		let inverse = other.invert_mod(order).into_option();
		Zeroizing::new(inverse.expect("equally long primes do not divide each other's order"))
	}

	/// `((p + 1) / 4)^2`: twice the square root that is a square itself, for `p = 3 mod 4`.
	fn fourth_root_exponent(&self) -> Zeroizing<BoxedUint> {
		// (p + 1) / 4 = (p >> 2) + 1.
		let root = Zeroizing::new(self.prime().wrapping_shr_vartime(2).wrapping_add(Limb::ONE));
		let square = Zeroizing::new(root.concatenating_mul(&*root));
		let bits = self.prime().bits_precision();
		Zeroizing::new(square.rem(self.order()).resize(bits))
	}

	/// `(p - 1) / 2`.
	fn half_order(&self) -> Zeroizing<BoxedUint> {
		Zeroizing::new(self.prime().wrapping_shr_vartime(1))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::KeySize;

	#[test]
	fn ciphertext_opens_to_its_plaintext_and_randomness() {
		let secret = SecretKey::generate(KeySize::Bits2048);
		let key = secret.public();
		for m in [key.zero(), key.one(), key.random_plaintext()] {
			let r = key.random_plaintext();
			let (opened, root) = secret.open(&key.encrypt_with(&m, &r));
			assert!(opened == m && root == r);
		}
	}

	#[test]
	fn fourth_roots_are_squares() {
		let secret = SecretKey::generate(KeySize::Bits2048);
		let key = secret.public();
		let power = |x: &Plaintext, times: u32| (0..times).fold(x.clone(), |x, _| key.mul_plain(&x, &x));
		let root = power(&key.random_plaintext(), 1);
		let y = &power(&root, 2).value;
		assert_eq!(secret.squares(y), [true; 2]);
		assert_eq!(secret.fourth_root(y), root.value);
	}
}
