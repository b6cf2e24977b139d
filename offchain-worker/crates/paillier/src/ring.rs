//! Arithmetic modulo the square of an odd number: [`encrytrust_modular`]'s, between integers.

use crate::integer;
use crypto_bigint::{BoxedUint, ConcatenatingMul, NonZero, Resize};
use encrytrust_modular as modular;
use std::ops::Deref;
use zeroize::Zeroize;

pub(crate) use modular::Residue;

/// The integers modulo `n^2`, for an odd `n` that may be secret.
pub(crate) struct SquareRing {
	modulus: NonZero<BoxedUint>,
	limbs: modular::MontgomeryRing,
}

impl SquareRing {
	/// The ring modulo `modulus^2`, for an odd modulus above 1 that fills its last limb at least in part.
	pub(crate) fn new(modulus: &BoxedUint) -> Self {
		let limbs = modular::MontgomeryRing::modulo_square(modulus.as_words())
			.expect("keys and their factors are odd and full");
		let modulus = NonZero::new(modulus.clone()).into_option().expect("an odd number is not zero");
		Self { modulus, limbs }
	}

	/// The modulus `n`, of which this ring takes the square.
	pub(crate) fn modulus(&self) -> &NonZero<BoxedUint> {
		&self.modulus
	}

	/// `x mod n^2`, for an `x` of any length.
	pub(crate) fn reduce(&self, x: &BoxedUint) -> Residue {
		let (quotient, low) = x.div_rem(&self.modulus);
		let high = quotient.rem(&self.modulus);
		self.element(low.as_words(), high.as_words())
	}

	/// The digits `(x0, x1)` with `x = x0 + x1 n`.
	pub(crate) fn digits(&self, x: &Residue) -> (BoxedUint, BoxedUint) {
		let digits = self.limbs.digits(x);
		let (low, high) = digits.split_at(digits.len() / 2);
		(integer::from_limbs(low), integer::from_limbs(high))
	}

	/// `x` as an integer in `[0, n^2)`, in twice the modulus' length.
	pub(crate) fn integer(&self, x: &Residue) -> BoxedUint {
		let (low, high) = self.digits(x);
		let bits = 2 * self.modulus.bits_precision();
		high.concatenating_mul(self.modulus.as_ref()).wrapping_add(low.resize(bits))
	}
}

impl Deref for SquareRing {
	type Target = modular::MontgomeryRing;

	fn deref(&self) -> &modular::MontgomeryRing {
		&self.limbs
	}
}

impl Drop for SquareRing {
	fn drop(&mut self) {
		self.modulus.zeroize();
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use num_bigint::BigUint;
	use proptest::prelude::*;

	fn big(x: &BoxedUint) -> BigUint {
		BigUint::from_bytes_be(&x.to_be_bytes())
	}

	proptest! {
		#[test]
		fn integer_round_trips(
			mut modulus in prop::collection::vec(any::<u64>(), 1..5),
			x in prop::collection::vec(any::<u64>(), 1..12),
		) {
			modulus[0] |= 3;
			*modulus.last_mut().unwrap() |= 1;
			let modulus = integer::from_limbs(&modulus);
			let x = integer::from_limbs(&x);
			let ring = SquareRing::new(&modulus);
			let n = big(&modulus);
			let residue = ring.reduce(&x);
			let expected = big(&x) % (&n * &n);
			prop_assert_eq!(big(&ring.integer(&residue)), expected.clone());
			let (low, high) = ring.digits(&residue);
			prop_assert_eq!((big(&low), big(&high)), (&expected % &n, &expected / &n));
		}
	}
}
