//! `N` is a product of two primes congruent 3 modulo 4, and coprime to `phi(N)`.
//!
//! Canetti, Gennaro, Goldfeder, Makriyannis, Peled, "UC Non-Interactive, Proactive, Threshold ECDSA with Identifiable
//! Aborts" (2020), figure 16, with as many `N`-th roots as the bound on small factors asks for (Goldberg, Reyzin, Sagga,
//! Baldimtsi, "Efficient Noninteractive Certification of RSA Moduli and Beyond", ASIACRYPT 2019, section 3.1).

use super::{jacobi::jacobi, Context, KeyProofError, Nonces};
use crate::{
	public_key::{Plaintext, PublicKey},
	secret_key::SecretKey,
	transcript::Transcript,
};

/// A modulus with more than two prime factors, or one congruent 1 modulo 4, has fourth roots for at most half of the
/// elements: an error of `2^-128`.
pub(super) const FOURTH_ROOTS: usize = 128;
/// A modulus that shares a factor with `phi(N)` has `N`-th roots for at most one element in 2^16, as no factor is below
/// that: an error of `2^-128`.
pub(super) const NTH_ROOTS: usize = 8;

/// The proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TwoPrimes {
	/// A number whose Jacobi symbol is -1.
	pub(super) w: Plaintext,
	/// `x` with `x^4 = (-1)^a w^b y`.
	pub(super) fourth_roots: Vec<FourthRoot>,
	/// `z` with `z^N = y`.
	pub(super) nth_roots: Vec<Plaintext>,
}

/// One of the four numbers `±y`, `±w y` has a fourth root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FourthRoot {
	pub(super) negated: bool,
	pub(super) times_w: bool,
	pub(super) x: Plaintext,
}

impl TwoPrimes {
	pub(super) fn prove(secret: &SecretKey, context: &Context, nonces: &Nonces) -> Self {
		let key = secret.public();
		let w = (0u32..)
			.map(|attempt| nonces.plaintext(key, &format!("w {attempt}")))
			.find(|w| symbol(key, w) == -1)
			.expect("half of the numbers have the symbol -1");
		let transcript = transcript(key, context, &w);
		let w_is_square = secret.squares(&w.value);
		let fourth_roots = elements(key, &transcript, "fourth root", FOURTH_ROOTS)
			.map(|y| FourthRoot::new(secret, &w, w_is_square, &y))
			.collect();
		let nth_roots = elements(key, &transcript, "N-th root", NTH_ROOTS)
			.map(|y| Plaintext::from_integer(key.size(), secret.nth_root(&y.value)))
			.collect();
		Self { w, fourth_roots, nth_roots }
	}

	pub(super) fn verify(&self, key: &PublicKey, context: &Context) -> Result<(), KeyProofError> {
		if symbol(key, &self.w) != -1 {
			return Err(KeyProofError::Symbol);
		}
		let transcript = transcript(key, context, &self.w);
		let fourth = elements(key, &transcript, "fourth root", FOURTH_ROOTS);
		for (index, (root, y)) in self.fourth_roots.iter().zip(fourth).enumerate() {
			let square = key.mul_plain(&root.x, &root.x);
			if key.mul_plain(&square, &square) != root.radicand(key, &self.w, &y) {
				return Err(KeyProofError::FourthRoot { index });
			}
		}
		let nth = elements(key, &transcript, "N-th root", NTH_ROOTS);
		let powers = key.nth_powers_modulo_n(&self.nth_roots);
		let wrong = powers.iter().zip(nth).position(|(power, y)| *power != y);
		wrong.map_or(Ok(()), |index| Err(KeyProofError::NthRoot { index }))
	}
}

impl FourthRoot {
	/// -1 is a square modulo neither prime and `w` modulo one of them: the two bits make `y` one modulo both.
	fn new(secret: &SecretKey, w: &Plaintext, w_is_square: [bool; 2], y: &Plaintext) -> Self {
		let [p, q] = secret.squares(&y.value);
		let times_w = p != q;
		let negated = p ^ (!times_w || w_is_square[0]);
		let mut root = Self { negated, times_w, x: y.clone() };
		let radicand = root.radicand(secret.public(), w, y);
		root.x = Plaintext::from_integer(secret.public().size(), secret.fourth_root(&radicand.value));
		root
	}

	/// `(-1)^a w^b y`.
	fn radicand(&self, key: &PublicKey, w: &Plaintext, y: &Plaintext) -> Plaintext {
		let y = if self.times_w { key.mul_plain(y, w) } else { y.clone() };
		if self.negated {
			key.sub_plain(&key.zero(), &y)
		} else {
			y
		}
	}
}

fn symbol(key: &PublicKey, w: &Plaintext) -> i8 {
	jacobi(&w.value, key.modulus().as_ref())
}

fn transcript(key: &PublicKey, context: &Context, w: &Plaintext) -> Transcript {
	context.transcript(key, "two primes").with(w.to_bytes())
}

/// The numbers whose roots are asked for.
fn elements<'a>(
	key: &'a PublicKey,
	transcript: &'a Transcript,
	kind: &'a str,
	count: usize,
) -> impl Iterator<Item = Plaintext> + 'a {
	(0..count).map(move |index| key.derived_plaintext(transcript, &format!("{kind} {index}")))
}
