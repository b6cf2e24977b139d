//! Secret keys: generation, decryption and the owner's faster encryption.

use crate::{
	integer, primes,
	public_key::{Ciphertext, KeySize, Plaintext, PublicKey},
	ring::{Residue, SquareRing},
};
use crypto_bigint::{BoxedUint, ConcatenatingMul, ConcatenatingSquare, CtEq, NonZero, Odd, Resize};
use encrytrust_modular::inverse_limb;
use std::{fmt, slice};
use zeroize::{Zeroize, Zeroizing};

/// The prime `T = 2^61 - 1`, modulo whose square each half of a decryption is computed a second time.
const CHECK: u64 = (1 << 61) - 1;
/// The primes differ within their highest so many bits, as FIPS 186-5 (appendix A.1.3) demands.
const DIFFERENT_WITHIN: u32 = 100;

/// Why two numbers are no secret key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrimesError {
	/// Not 128 or 192 bytes each.
	#[error("the factors of a key have 128 or 192 bytes each, all alike, not {p} and {q}")]
	Length {
		/// Bytes of the first.
		p: usize,
		/// Bytes of the second.
		q: usize,
	},
	/// The product is a bit short.
	#[error("the product of the factors is shorter than {0} bits: choose both with their two highest bits set")]
	Product(u32),
	/// Not 3 modulo 4, as the proofs about a modulus need it.
	#[error("the factors must be congruent 3 modulo 4")]
	NotBlum,
	/// Within reach of Fermat's factorisation.
	#[error("the factors are too close to each other: their product would be factored at once")]
	TooClose,
	/// One of them is composite.
	#[error("a factor is not prime")]
	NotPrime,
}

/// A secret key: the primes `p` and `q` of `N = p q`, with what decryption needs of them. `Debug` shows the modulus only.
pub struct SecretKey {
	public: PublicKey,
	p: Factor,
	q: Factor,
	/// `1 / q mod p`.
	q_inverse: Zeroizing<BoxedUint>,
	/// 1 modulo `p^2` and 0 modulo `q^2`; and the other way round.
	idempotents: (Residue, Residue),
	/// Modulo `T^2`.
	check: SquareRing,
}

/// One prime of a key. Decryption modulo its square goes by `L(c^(p-1) mod p^2) h mod p`, `L(x) = (x - 1) / p`.
pub(crate) struct Factor {
	prime: NonZero<BoxedUint>,
	/// Modulo `p^2`.
	ring: SquareRing,
	/// Modulo `(p T)^2`.
	guarded: SquareRing,
	/// `p - 1`.
	order: NonZero<BoxedUint>,
	/// `1 / p mod 2^64`.
	inverse: u64,
	/// `L((1 + N)^(p-1)) = -q mod p`, and its inverse.
	g: Zeroizing<BoxedUint>,
	h: Zeroizing<BoxedUint>,
}

impl SecretKey {
	/// Makes a key from the operating system's randomness, in about a second.
	///
	/// Both primes have exactly half the bits and are congruent 3 modulo 4. As they are equally long, neither divides
	/// the other less 1, so `N` is coprime to `phi(N)`.
	///
	/// # Panics
	///
	/// If the operating system has no randomness.
	pub fn generate(size: KeySize) -> Self {
		let half = size.bits() / 2;
		let p = Zeroizing::new(primes::random_prime(half));
		loop {
			let q = Zeroizing::new(primes::random_prime(half));
			if far_apart(&p, &q) {
				return Self::from_checked(size, &p, &q);
			}
		}
	}

	/// The key of two primes, big-endian in exactly half the modulus' bytes.
	///
	/// # Errors
	///
	/// Factors of other lengths, that are not prime, not congruent 3 modulo 4, nearly equal, or whose product is short
	/// of a bit.
	pub fn from_primes(p_be: &[u8], q_be: &[u8]) -> Result<Self, PrimesError> {
		let length = PrimesError::Length { p: p_be.len(), q: q_be.len() };
		if p_be.len() != q_be.len() {
			return Err(length);
		}
		let size = KeySize::from_bytes(2 * p_be.len()).ok_or(length.clone())?;
		let read = |bytes| integer::from_bytes(bytes, size.bits() / 2).map(Zeroizing::new).ok_or(length.clone());
		let (p, q) = (read(p_be)?, read(q_be)?);
		let product = Zeroizing::new(p.concatenating_mul(&*q));
		if product.bits() != size.bits() {
			return Err(PrimesError::Product(size.bits()));
		}
		if p.as_words()[0] & q.as_words()[0] & 3 != 3 {
			return Err(PrimesError::NotBlum);
		}
		if !far_apart(&p, &q) {
			return Err(PrimesError::TooClose);
		}
		if !primes::is_probably_prime(&p) || !primes::is_probably_prime(&q) {
			return Err(PrimesError::NotPrime);
		}
		Ok(Self::from_checked(size, &p, &q))
	}

	fn from_checked(size: KeySize, p: &BoxedUint, q: &BoxedUint) -> Self {
		let public = PublicKey::from_checked(size, &p.concatenating_mul(q));
		let (p, q) = (Factor::new(p, q), Factor::new(q, p));
		let q_inverse = inverse(&q.prime.rem(&p.prime), &p.prime);
		let idempotents = idempotents(&public, &p.prime, &q.prime);
		Self { public, p, q, q_inverse, idempotents, check: SquareRing::new(&BoxedUint::from(CHECK)) }
	}

	/// The public key.
	pub fn public(&self) -> &PublicKey {
		&self.public
	}

	/// Decrypts, in constant time.
	///
	/// # Panics
	///
	/// If `c` belongs to another key, or the processor computes wrongly twice in a row; what it computed stays inside.
	pub fn decrypt(&self, c: &Ciphertext) -> Plaintext {
		self.decrypt_each(slice::from_ref(c)).pop().expect("there are as many plaintexts as ciphertexts")
	}

	/// As [`Self::decrypt`], of many ciphertexts: several times faster where the processor has AVX-512 IFMA.
	///
	/// # Panics
	///
	/// As [`Self::decrypt`].
	pub fn decrypt_each(&self, ciphertexts: &[Ciphertext]) -> Vec<Plaintext> {
		let integer = |c: &Ciphertext| {
			assert!(self.public == *c.key(), "the ciphertext belongs to another key");
			c.to_integer()
		};
		let integers: Vec<_> = ciphertexts.iter().map(integer).collect();
		let again = |c| self.try_decrypt(slice::from_ref(c)).pop()?;
		let plaintext = |(value, c): (Option<BoxedUint>, _)| {
			let value = value.or_else(|| again(c)).expect("the processor computes wrongly: stop using this machine");
			Plaintext::from_integer(self.public.size(), value)
		};
		self.try_decrypt(&integers).into_iter().zip(&integers).map(plaintext).collect()
	}

	/// Encrypts as [`PublicKey::encrypt`] does, with the same distribution, several times faster.
	///
	/// Modulo `p^2`, `r^N = (r^q)^p` is the `p`-th power of a uniform number modulo `p`, and so modulo `q^2`.
	///
	/// # Panics
	///
	/// If `m` belongs to a key of another size, or the operating system has no randomness.
	pub fn encrypt(&self, m: &Plaintext) -> Ciphertext {
		let ring = self.public.ring();
		let [p, q] = [&self.p, &self.q].map(|factor| ring.reduce(&factor.random_power()));
		let mask = ring.add(&ring.multiply(&p, &self.idempotents.0), &ring.multiply(&q, &self.idempotents.1));
		self.public.mask(m, &mask)
	}

	/// The factors, `p` first.
	pub(crate) fn factors(&self) -> [&Factor; 2] {
		[&self.p, &self.q]
	}

	/// The primes, big-endian, to be stored.
	pub(crate) fn primes(&self) -> [Zeroizing<Vec<u8>>; 2] {
		[&self.p, &self.q].map(|factor| Zeroizing::new(factor.prime.to_be_bytes().into()))
	}

	/// The number below `N` that is `p` modulo the one prime and `q` modulo the other, by Garner's recombination.
	pub(crate) fn combine(&self, p: &BoxedUint, q: &BoxedUint) -> BoxedUint {
		let bits = self.public.size().bits();
		let difference = Zeroizing::new(p.sub_mod(&Zeroizing::new(q.rem(&self.p.prime)), &self.p.prime));
		let quotient = Zeroizing::new(difference.mul_mod(&self.q_inverse, &self.p.prime));
		quotient.concatenating_mul(self.q.prime.as_ref()).wrapping_add(q.resize(bits))
	}

	/// The plaintexts, `None` after a fault.
	fn try_decrypt(&self, ciphertexts: &[BoxedUint]) -> Vec<Option<BoxedUint>> {
		let [p, q] = [&self.p, &self.q].map(|factor| factor.decrypt(ciphertexts, &self.check));
		let combine = |(p, q): (Option<_>, Option<_>)| {
			let (p, q): (Zeroizing<BoxedUint>, Zeroizing<BoxedUint>) = (p?, q?);
			let value = self.combine(&p, &q);
			let sound = value.rem(&self.p.prime).ct_eq(&p) & value.rem(&self.q.prime).ct_eq(&q);
			sound.to_bool().then_some(value)
		};
		p.into_iter().zip(q).map(combine).collect()
	}
}

impl Factor {
	fn new(prime: &BoxedUint, other: &BoxedUint) -> Self {
		let order = nonzero(prime.wrapping_sub(BoxedUint::one_with_precision(prime.bits_precision())));
		let modulus = nonzero(prime.clone());
		let zero = BoxedUint::zero_with_precision(prime.bits_precision());
		let g = Zeroizing::new(zero.sub_mod(&Zeroizing::new(other.rem(&modulus)), &modulus));
		let h = inverse(&g, &modulus);
		let guarded = Zeroizing::new(prime.concatenating_mul(BoxedUint::from(CHECK)));
		Self {
			ring: SquareRing::new(prime),
			guarded: SquareRing::new(&guarded),
			inverse: inverse_limb(prime.as_words()[0]),
			prime: modulus,
			order,
			g,
			h,
		}
	}

	/// `p`.
	pub(crate) fn prime(&self) -> &NonZero<BoxedUint> {
		&self.prime
	}

	/// `p - 1`.
	pub(crate) fn order(&self) -> &NonZero<BoxedUint> {
		&self.order
	}

	/// The ring modulo `p^2`.
	pub(crate) fn ring(&self) -> &SquareRing {
		&self.ring
	}

	/// The plaintexts modulo this prime, `None` after a fault.
	fn decrypt(&self, ciphertexts: &[BoxedUint], check: &SquareRing) -> Vec<Option<Zeroizing<BoxedUint>>> {
		let powers = |ring: &SquareRing| {
			let bases: Vec<_> = ciphertexts.iter().map(|c| ring.reduce(c)).collect();
			ring.power_each(&bases.iter().map(|base| (base, self.order.as_words())).collect::<Vec<_>>())
		};
		let (powers, expected) = (powers(&self.guarded), powers(check));
		powers.iter().zip(expected).map(|(power, expected)| self.finish(power, &expected, check)).collect()
	}

	/// The plaintext modulo this prime of a ciphertext's power with the exponent `p - 1`, unless it is not the one expected.
	fn finish(&self, power: &Residue, expected: &Residue, check: &SquareRing) -> Option<Zeroizing<BoxedUint>> {
		let sound = check.reduce(&Zeroizing::new(self.guarded.integer(power))) == *expected;

		// The power is 1 modulo p: its lower digit to the base p T is 1 + k p with k below T.
		let (low, high) = self.guarded.digits(power);
		let (low, high) = (Zeroizing::new(low), Zeroizing::new(high));
		let k = BoxedUint::from(low.as_words()[0].wrapping_sub(1).wrapping_mul(self.inverse));
		let one = BoxedUint::one_with_precision(low.bits_precision());
		let sound = sound & self.prime.concatenating_mul(&k).wrapping_add(one).ct_eq(&low).to_bool();

		// L = k + high T.
		let l = Zeroizing::new(
			high.concatenating_mul(BoxedUint::from(CHECK)).wrapping_add(k.resize(high.bits_precision() + 64)),
		);
		let l = Zeroizing::new(l.rem(&self.prime));
		let plaintext = l.mul_mod(&self.h, &self.prime);
		let sound = sound & plaintext.mul_mod(&self.g, &self.prime).ct_eq(&l).to_bool();
		sound.then_some(Zeroizing::new(plaintext))
	}

	/// `x^p mod p^2`, for an `x` uniform modulo `p`.
	fn random_power(&self) -> Zeroizing<BoxedUint> {
		let x = Zeroizing::new(integer::random_below(&self.prime));
		let power = self.ring.power(&self.ring.element(x.as_words(), &[]), self.prime.as_words());
		Zeroizing::new(self.ring.integer(&power))
	}
}

/// The numbers that are 1 modulo one prime's square and 0 modulo the other's.
fn idempotents(public: &PublicKey, p: &BoxedUint, q: &BoxedUint) -> (Residue, Residue) {
	let squares = [p, q].map(|prime| nonzero(prime.concatenating_square()));
	let [first, second] = [(0, 1), (1, 0)].map(|(one, zero): (usize, usize)| {
		let inverse = inverse(&squares[zero].rem(&squares[one]), &squares[one]);
		public.ring().reduce(&Zeroizing::new(inverse.concatenating_mul(squares[zero].as_ref())))
	});
	squares.into_iter().for_each(|mut square| square.zeroize());
	(first, second)
}

/// `1 / x mod modulus`, of an `x` below the modulus, which is odd and coprime to it.
fn inverse(x: &BoxedUint, modulus: &NonZero<BoxedUint>) -> Zeroizing<BoxedUint> {
	let odd = Odd::new(modulus.as_ref().clone()).into_option().expect("odd by construction");
	Zeroizing::new(x.invert_odd_mod(&odd).into_option().expect("different primes are coprime"))
}

fn nonzero(x: BoxedUint) -> NonZero<BoxedUint> {
	NonZero::new(x).into_option().expect("primes and their products are not zero")
}

fn far_apart(p: &BoxedUint, q: &BoxedUint) -> bool {
	let p_is_larger = p.cmp_vartime(q).is_gt();
	let difference = Zeroizing::new(if p_is_larger { p.wrapping_sub(q) } else { q.wrapping_sub(p) });
	difference.bits() > p.bits_precision() - DIFFERENT_WITHIN
}

impl Drop for Factor {
	fn drop(&mut self) {
		self.prime.zeroize();
		self.order.zeroize();
		self.inverse.zeroize();
	}
}

impl fmt::Debug for SecretKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("SecretKey").field("public", &self.public).finish_non_exhaustive()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// A bit that flips in any number which a decryption goes by is noticed.
	#[test]
	fn decrypt_returns_nothing_when_a_bit_of_the_key_flips() {
		type Fault = fn(&mut SecretKey);
		fn flip(number: &mut BoxedUint) {
			number.as_mut_words()[3] ^= 1 << 7;
		}
		fn flip_order(factor: &mut Factor) {
			let mut order = factor.order.as_ref().clone();
			flip(&mut order);
			factor.order = nonzero(order);
		}
		let faults: [(&str, Fault); 8] = [
			("the exponent", |key| flip_order(&mut key.p)),
			("the other exponent", |key| flip_order(&mut key.q)),
			("the factor of L", |key| flip(&mut key.p.h)),
			("its inverse", |key| flip(&mut key.p.g)),
			("the inverse of p modulo 2^64", |key| key.p.inverse ^= 2),
			("the ring", |key| key.p.guarded = SquareRing::new(&key.q.guarded.modulus().as_ref().clone())),
			("the recombination", |key| flip(&mut key.q_inverse)),
			("the check", |key| key.check = SquareRing::new(&BoxedUint::from(CHECK - 2))),
		];
		let mut key = SecretKey::generate(KeySize::Bits2048);
		let m = key.public.random_plaintext();
		let c = [key.public.encrypt(&m).to_integer()];
		let [p, q] = key.primes();
		assert!(key.try_decrypt(&c)[0].is_some());
		for (name, fault) in faults {
			fault(&mut key);
			assert!(key.try_decrypt(&c)[0].is_none(), "{name}");
			key = SecretKey::from_primes(&p, &q).unwrap();
		}
	}
}
