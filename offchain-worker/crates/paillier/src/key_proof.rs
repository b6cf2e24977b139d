//! Proofs that a modulus is what it claims: [`KeyProof`], as `docs/protocol/key-proofs.md` writes them.
//!
//! Two proofs in one. *Two primes*: `N` is the product of exactly two different primes, both congruent 3 modulo 4, and
//! coprime to `phi(N)`. *Factor sizes*: both are longer than half of `N` less 258 bits.
//!
//! Why it takes both: a proof that a ciphertext holds a bit goes by challenges of 128 bits, and a prime factor of `N` that
//! is shorter lets its owner cheat with a chance of one in that factor.

mod encoding;
mod factor_sizes;
mod group;
mod jacobi;
mod two_primes;

use crate::{
	integer,
	public_key::{Plaintext, PublicKey},
	secret_key::SecretKey,
	transcript::Transcript,
};
use crypto_bigint::{BoxedUint, NonZero};
use factor_sizes::FactorSizes;
use group::Group;
use two_primes::TwoPrimes;
use zeroize::Zeroizing;

/// Where a key is registered. A proof made for one place is refused in any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
	/// The chain, by its genesis block's hash.
	pub genesis: [u8; 32],
	/// The account that registers the key.
	pub party: [u8; 32],
}

/// Why a proof is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProofError {
	/// The bytes are no proof.
	#[error("a proof about this key has {expected} bytes, not {bytes}: fetch it again, and check whose key it is")]
	Length {
		/// The bytes that were given.
		bytes: usize,
		/// The bytes of a proof.
		expected: usize,
	},
	/// A number is written in another way than the one that is allowed.
	#[error("{field} of the proof is not reduced: refuse the key, no honest prover writes that")]
	OutOfRange {
		/// The root's index.
		field: &'static str,
	},
	/// Anything else than -1 would allow for a modulus with other factors.
	#[error("the Jacobi symbol of the proof's w is not -1: refuse the key, or ask its owner for a new proof")]
	Symbol,
	/// Perhaps there are more than two primes, or one is congruent 1 modulo 4.
	#[error("fourth root {index} is wrong: the modulus may have other factors than two primes, or the proof was made for another key, chain or account; refuse the key")]
	FourthRoot {
		/// Which of them.
		index: usize,
	},
	/// Perhaps encryption under this key loses information.
	#[error("N-th root {index} is wrong: the modulus may share a factor with phi(N), or the proof was made for another key, chain or account; refuse the key")]
	NthRoot {
		/// Which of them.
		index: usize,
	},
	/// A commitment is outside of the group.
	#[error("a commitment of the proof is no square modulo the group's prime: refuse the key")]
	NotInGroup,
	/// Perhaps a factor is small.
	#[error("the responses do not fit the challenge: the modulus may have a small factor, or the proof was made for another key, chain or account; refuse the key")]
	Challenge,
}

/// A publicly verifiable proof about a modulus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyProof {
	two_primes: TwoPrimes,
	factor_sizes: FactorSizes,
}

/// A public key whose modulus was proven: what proofs about ciphertexts under it need to be sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenKey(PublicKey);

impl KeyProof {
	/// Proves a key's modulus with the operating system's randomness.
	///
	/// # Panics
	///
	/// If the operating system has no randomness, or the processor computes wrongly; what it computed stays inside.
	pub fn prove(secret: &SecretKey, context: &Context) -> Self {
		let mut seed = Zeroizing::new([0; 32]);
		integer::fill(&mut *seed);
		Self::prove_with(secret, context, &seed)
	}

	/// Proves with randomness derived from a seed, the key and the context, for known answers.
	///
	/// The same seed makes the same proof. Another context makes other randomness, so that even a seed used twice gives
	/// nothing away.
	///
	/// # Panics
	///
	/// If the processor computes wrongly; what it computed stays inside.
	pub fn prove_with(secret: &SecretKey, context: &Context, seed: &[u8; 32]) -> Self {
		let nonces = Nonces::new(secret, context, seed);
		let factors = secret.factors().map(|factor| factor.prime().as_ref());
		let proof = Self {
			two_primes: TwoPrimes::prove(secret, context, &nonces),
			factor_sizes: FactorSizes::prove(secret.public(), factors, context, &nonces),
		};
		// A root that is right modulo one prime only would factor N.
		proof.verify(secret.public(), context).expect("the processor computes wrongly: stop using this machine");
		proof
	}

	/// Verifies a proof about `key`, in some hundred milliseconds: keep the result.
	///
	/// [`PublicKey::from_modulus`] has checked that `N` is odd, of its exact length, neither prime nor a square, and without
	/// a factor below 2^16: this builds on it.
	///
	/// # Errors
	///
	/// The first check that fails.
	pub fn verify(&self, key: &PublicKey, context: &Context) -> Result<ProvenKey, KeyProofError> {
		self.two_primes.verify(key, context)?;
		self.factor_sizes.verify(key, context)?;
		Ok(ProvenKey(key.clone()))
	}
}

impl ProvenKey {
	/// One's own key needs no proof.
	pub fn own(secret: &SecretKey) -> Self {
		Self(secret.public().clone())
	}

	/// A key that [`KeyProof::verify`] has accepted before: only for callers that keep a record of that.
	pub fn verified_before(key: PublicKey) -> Self {
		Self(key)
	}

	/// The key.
	pub fn public(&self) -> &PublicKey {
		&self.0
	}
}

impl Context {
	fn transcript(&self, key: &PublicKey, part: &str) -> Transcript {
		Transcript::new("encrytrust/key-proof/1")
			.with(part)
			.with(self.genesis)
			.with(self.party)
			.with(key.modulus_bytes())
	}
}

/// A prover's randomness: derived from a seed and from everything that must not meet the same randomness twice.
struct Nonces(Transcript);

impl Nonces {
	fn new(secret: &SecretKey, context: &Context, seed: &[u8; 32]) -> Self {
		let primes = secret.primes();
		Self(context.transcript(secret.public(), "nonces").with(&*primes[0]).with(&*primes[1]).with(seed))
	}

	fn plaintext(&self, key: &PublicKey, label: &str) -> Plaintext {
		key.derived_plaintext(&self.0, label)
	}

	/// A number of less than `bits` bits, by one.
	fn bits(&self, bits: u32, label: &str) -> Zeroizing<BoxedUint> {
		let mut bytes = self.0.expand(label, bits as usize / 8);
		bytes[0] &= 0x7f;
		Zeroizing::new(integer::from_bytes(&bytes, bits).expect("as many bytes as bits"))
	}

	/// A number below `bound`, as good as uniform.
	fn below(&self, bound: &NonZero<BoxedUint>, label: &str) -> Zeroizing<BoxedUint> {
		let bits = bound.bits_precision() + 128;
		let bytes = self.0.expand(label, bits as usize / 8);
		let wide = Zeroizing::new(integer::from_bytes(&bytes, bits).expect("as many bytes as bits"));
		Zeroizing::new(wide.rem(bound))
	}
}

#[cfg(test)]
mod tests;
