//! Public keys, plaintexts, ciphertexts, and what everybody can do with them.

use crate::{
	integer,
	ring::{Residue, SquareRing},
	transcript::Transcript,
};
use crypto_bigint::{BoxedUint, CtEq, Gcd, Limb, NonZero, Reciprocal, Resize};
use std::{
	fmt,
	sync::{Arc, LazyLock},
};
use zeroize::{Zeroize, Zeroizing};

/// Primes below this bound are tried as factors of a modulus.
const SMALL_PRIMES_BELOW: u64 = 1 << 16;

/// Bytes by which a hash is longer than what it is reduced by: the remainder is uniform but for 2^-128.
const EXCESS_BYTES: usize = 16;

/// The lengths that a modulus `N` may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeySize {
	/// `N` of exactly 256 bits: factored in seconds, for tests alone. Chain and workers refuse it, unless they are made for
	/// tests.
	Bits256,
	/// `N` of exactly 2048 bits, about 112 bits of security.
	Bits2048,
	/// `N` of exactly 3072 bits, about 128 bits of security.
	Bits3072,
}

impl KeySize {
	/// The sizes that are secure.
	pub const SECURE: &[Self] = &[Self::Bits2048, Self::Bits3072];

	/// The length of `N` in bits.
	pub const fn bits(self) -> u32 {
		match self {
			Self::Bits256 => 256,
			Self::Bits2048 => 2048,
			Self::Bits3072 => 3072,
		}
	}

	/// The length of `N` in bytes; a ciphertext has twice as many.
	pub const fn bytes(self) -> usize {
		self.bits() as usize / 8
	}

	/// The size of a modulus of so many bytes, if there is one.
	pub const fn from_bytes(bytes: usize) -> Option<Self> {
		match bytes {
			32 => Some(Self::Bits256),
			256 => Some(Self::Bits2048),
			384 => Some(Self::Bits3072),
			_ => None,
		}
	}
}

/// Why bytes are no modulus.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
	/// No size that a key can have.
	#[error("a modulus has 256 or 384 bytes, not {bytes}: make a key with 2048 or 3072 bits")]
	Length {
		/// The bytes that were given.
		bytes: usize,
	},
	/// The highest bit is not set.
	#[error("the modulus has only {bits} significant bits of {expected}: make a key of exactly {expected} bits")]
	Bits {
		/// The bits up to the highest that is set.
		bits: u32,
		/// The bits of the bytes that were given.
		expected: u32,
	},
	/// Divisible by 2.
	#[error("the modulus is even, not a product of two large primes: make a new key")]
	Even,
	/// Divisible by a small prime.
	#[error("the modulus is divisible by {factor}, not a product of two large primes: make a new key")]
	SmallFactor {
		/// The smallest prime factor.
		factor: u64,
	},
	/// A prime: everybody could decrypt.
	#[error("the modulus is prime, which hides nothing: make a new key as the product of two primes")]
	Prime,
	/// A square: everybody can take the root and decrypt.
	#[error("the modulus is a square, which hides nothing: make a new key as the product of two different primes")]
	Square,
}

/// Why bytes are no ciphertext under a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CiphertextError {
	/// Not exactly `2 |N|` bytes.
	#[error(
		"a ciphertext under this key has {expected} bytes, not {bytes}: pad with zeros in front, and check the key"
	)]
	Length {
		/// The bytes that were given.
		bytes: usize,
		/// The bytes of a ciphertext.
		expected: usize,
	},
	/// Zero, or not below `N^2`.
	#[error("the ciphertext is not between 0 and N^2: it was made under another key or is damaged")]
	Range,
	/// Shares a factor with `N`.
	#[error("the ciphertext shares a factor with N: it was not made by encryption, refuse its sender")]
	NotCoprime,
}

/// Why bytes are no plaintext under a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaintextError {
	/// Not below `N`.
	#[error("the plaintext is not below N: pack fewer or smaller values, or use a longer key")]
	Range,
}

/// A public key: the modulus `N`. Cheap to clone.
#[derive(Clone)]
pub struct PublicKey(Arc<Shared>);

struct Shared {
	size: KeySize,
	ring: SquareRing,
}

/// An integer in `[0, N)`, erased when dropped; `Debug` does not show it and `==` takes constant time.
#[derive(Clone)]
pub struct Plaintext {
	size: KeySize,
	pub(crate) value: BoxedUint,
}

/// An element of the multiplicative group modulo `N^2`, kept ready for multiplication.
#[derive(Clone)]
pub struct Ciphertext {
	key: PublicKey,
	residue: Residue,
}

impl PublicKey {
	/// Takes a modulus, big-endian in exactly its length.
	///
	/// # Errors
	///
	/// Anything but an odd number of exactly 2048, 3072 or, in tests, 256 bits without a factor below 2^16 that is neither prime nor a
	/// square. This takes some milliseconds: keep the key.
	pub fn from_modulus(bytes_be: &[u8]) -> Result<Self, KeyError> {
		let size = KeySize::from_bytes(bytes_be.len()).ok_or(KeyError::Length { bytes: bytes_be.len() })?;
		let modulus = integer::from_bytes(bytes_be, size.bits()).ok_or(KeyError::Length { bytes: bytes_be.len() })?;
		if modulus.bits_vartime() != size.bits() {
			return Err(KeyError::Bits { bits: modulus.bits_vartime(), expected: size.bits() });
		}
		if modulus.as_words()[0] & 1 == 0 {
			return Err(KeyError::Even);
		}
		if let Some(factor) = small_factor(&modulus) {
			return Err(KeyError::SmallFactor { factor });
		}
		if modulus.checked_sqrt_vartime().is_some() {
			return Err(KeyError::Square);
		}
		let key = Self::from_checked(size, &modulus);
		if key.modulus_is_probably_prime() {
			return Err(KeyError::Prime);
		}
		Ok(key)
	}

	/// Takes a modulus that is known to be good.
	pub(crate) fn from_checked(size: KeySize, modulus: &BoxedUint) -> Self {
		Self(Arc::new(Shared { size, ring: SquareRing::new(modulus) }))
	}

	/// `N`, big-endian in exactly 256 or 384 bytes.
	pub fn modulus_bytes(&self) -> Vec<u8> {
		self.modulus().to_be_bytes().into()
	}

	/// The length of `N`.
	pub fn size(&self) -> KeySize {
		self.0.size
	}

	/// Encrypts with the operating system's randomness: `(1 + m N) r^N mod N^2`, `r` uniform below `N`.
	///
	/// That `r` shares a factor with `N` is as unlikely as to guess that factor.
	///
	/// # Panics
	///
	/// If `m` belongs to a key of another size, or the operating system has no randomness.
	pub fn encrypt(&self, m: &Plaintext) -> Ciphertext {
		self.encrypt_with(m, &self.random_plaintext())
	}

	/// Encrypts with the randomness `r`, for known answers.
	///
	/// An `r` must be uniform, secret and used once: take [`Self::encrypt`] wherever the ciphertext is meant to hide.
	///
	/// # Panics
	///
	/// If `m` or `r` belongs to a key of another size.
	pub fn encrypt_with(&self, m: &Plaintext, r: &Plaintext) -> Ciphertext {
		let mask = self.ring().power(&self.root(r), self.modulus().as_words());
		self.mask(m, &mask)
	}

	/// As [`Self::encrypt_with`], of many plaintexts each with its own randomness: several times faster where the processor
	/// has AVX-512 IFMA.
	///
	/// # Panics
	///
	/// If an `m` or `r` belongs to a key of another size.
	pub fn encrypt_each_with(&self, pairs: &[(&Plaintext, &Plaintext)]) -> Vec<Ciphertext> {
		let masks = self.nth_powers(pairs.iter().map(|(_, r)| *r));
		pairs.iter().zip(&masks).map(|((m, _), mask)| self.mask(m, mask)).collect()
	}

	/// As [`Self::encrypt`], of many plaintexts; see [`Self::encrypt_each_with`].
	///
	/// # Panics
	///
	/// If an `m` belongs to a key of another size, or the operating system has no randomness.
	pub fn encrypt_each(&self, messages: &[Plaintext]) -> Vec<Ciphertext> {
		let randomness: Vec<_> = messages.iter().map(|_| self.random_plaintext()).collect();
		self.encrypt_each_with(&messages.iter().zip(&randomness).collect::<Vec<_>>())
	}

	/// Adds the plaintexts: one multiplication modulo `N^2`.
	///
	/// The sum is no fresh ciphertext: who knows the summands recognises it. See [`Self::rerandomise`].
	///
	/// # Panics
	///
	/// If a ciphertext belongs to another key.
	pub fn add(&self, a: &Ciphertext, b: &Ciphertext) -> Ciphertext {
		self.wrap(self.ring().multiply(self.residue(a), self.residue(b)))
	}

	/// Multiplies the plaintext by `k`: one exponentiation modulo `N^2`, in constant time. Multiply by `N - k` for `-k`.
	///
	/// # Panics
	///
	/// If `c` belongs to another key, or `k` to one of another size.
	pub fn scale(&self, c: &Ciphertext, k: &Plaintext) -> Ciphertext {
		self.wrap(self.ring().power(self.residue(c), self.value(k).as_words()))
	}

	/// As [`Self::scale`], of many ciphertexts each by its own number: several times faster where the processor has AVX-512
	/// IFMA.
	///
	/// # Panics
	///
	/// As [`Self::scale`].
	pub fn scale_each(&self, pairs: &[(&Ciphertext, &Plaintext)]) -> Vec<Ciphertext> {
		let scalars: Vec<_> = pairs.iter().map(|(_, k)| self.value(k)).collect();
		let terms = pairs.iter().zip(&scalars).map(|((c, _), k)| (self.residue(c), k.as_words()));
		self.ring().power_each(&terms.collect::<Vec<_>>()).into_iter().map(|power| self.wrap(power)).collect()
	}

	/// Another, fresh ciphertext of the same plaintext, which cannot be linked to `c` without the secret key.
	///
	/// # Panics
	///
	/// If `c` belongs to another key, or the operating system has no randomness.
	pub fn rerandomise(&self, c: &Ciphertext) -> Ciphertext {
		self.add(c, &self.encrypt(&self.zero()))
	}

	/// Reads a ciphertext, big-endian in exactly `2 |N|` bytes.
	///
	/// # Errors
	///
	/// Another length, a number outside `(0, N^2)`, or one that shares a factor with `N`.
	pub fn ciphertext(&self, bytes_be: &[u8]) -> Result<Ciphertext, CiphertextError> {
		let expected = 2 * self.size().bytes();
		let length = CiphertextError::Length { bytes: bytes_be.len(), expected };
		if bytes_be.len() != expected {
			return Err(length);
		}
		let value = integer::from_bytes(bytes_be, 2 * self.size().bits()).ok_or(length)?;
		let (high, low) = value.div_rem_vartime(self.modulus());
		let in_range = value.is_nonzero().to_bool() && high.cmp_vartime(self.modulus().as_ref()).is_lt();
		if !in_range {
			return Err(CiphertextError::Range);
		}
		if !low.gcd_vartime(self.modulus().as_ref()).is_one().to_bool() {
			return Err(CiphertextError::NotCoprime);
		}
		let high = high.resize(self.size().bits());
		Ok(self.wrap(self.ring().element(low.as_words(), high.as_words())))
	}

	/// Reads a plaintext, big-endian, in any number of bytes.
	///
	/// # Errors
	///
	/// A number that is not below `N`.
	pub fn plaintext(&self, bytes_be: &[u8]) -> Result<Plaintext, PlaintextError> {
		use crypto_bigint::CtLt;
		let value = integer::from_bytes(bytes_be, self.size().bits()).ok_or(PlaintextError::Range)?;
		let plaintext = Plaintext { size: self.size(), value };
		let below = plaintext.value.ct_lt(self.modulus().as_ref()).to_bool();
		below.then_some(plaintext).ok_or(PlaintextError::Range)
	}

	/// A plaintext derived from a transcript, as good as uniform in `[0, N)`: it expands to 16 bytes more than `N` has,
	/// read big-endian and taken modulo `N`.
	pub fn derived_plaintext(&self, transcript: &Transcript, label: &str) -> Plaintext {
		let bytes = transcript.expand(label, self.size().bytes() + EXCESS_BYTES);
		let bits = 8 * bytes.len() as u32;
		let wide = integer::from_bytes(&bytes, bits).map(Zeroizing::new).expect("the bits are as many as the bytes");
		Plaintext { size: self.size(), value: wide.rem(self.modulus()) }
	}

	/// A plaintext drawn uniformly from `[0, N)`.
	///
	/// # Panics
	///
	/// If the operating system has no randomness.
	pub fn random_plaintext(&self) -> Plaintext {
		Plaintext { size: self.size(), value: integer::random_below(self.modulus()) }
	}

	/// The plaintext 0.
	pub fn zero(&self) -> Plaintext {
		Plaintext { size: self.size(), value: BoxedUint::zero_with_precision(self.size().bits()) }
	}

	/// The plaintext 1.
	pub fn one(&self) -> Plaintext {
		Plaintext { size: self.size(), value: BoxedUint::one_with_precision(self.size().bits()) }
	}

	/// `a + b mod N`.
	///
	/// # Panics
	///
	/// If a plaintext belongs to a key of another size.
	pub fn add_plain(&self, a: &Plaintext, b: &Plaintext) -> Plaintext {
		Plaintext { size: self.size(), value: self.value(a).value.add_mod(&self.value(b).value, self.modulus()) }
	}

	/// `a - b mod N`.
	///
	/// # Panics
	///
	/// If a plaintext belongs to a key of another size.
	pub fn sub_plain(&self, a: &Plaintext, b: &Plaintext) -> Plaintext {
		Plaintext { size: self.size(), value: self.value(a).value.sub_mod(&self.value(b).value, self.modulus()) }
	}

	/// `a b mod N`.
	///
	/// # Panics
	///
	/// If a plaintext belongs to a key of another size.
	pub fn mul_plain(&self, a: &Plaintext, b: &Plaintext) -> Plaintext {
		let [a, b] = [a, b].map(|factor| self.ring().element(self.value(factor).as_words(), &[]));
		self.low(&self.ring().multiply(&a, &b))
	}

	/// The plaintext of a number, which every key has room for.
	pub fn number(&self, value: u128) -> Plaintext {
		let value = BoxedUint::from(value).resize(self.size().bits());
		Plaintext { size: self.size(), value }
	}

	/// `r^N mod N^2` of each `r`.
	fn nth_powers<'a>(&self, roots: impl Iterator<Item = &'a Plaintext>) -> Vec<Residue> {
		let roots: Vec<_> = roots.map(|r| self.root(r)).collect();
		let terms: Vec<_> = roots.iter().map(|root| (root, self.modulus().as_words())).collect();
		self.ring().power_each(&terms)
	}

	/// `r^N mod N` of each `r`.
	pub(crate) fn nth_powers_modulo_n(&self, roots: &[Plaintext]) -> Vec<Plaintext> {
		self.nth_powers(roots.iter()).iter().map(|power| self.low(power)).collect()
	}

	/// `r` as an element.
	fn root(&self, r: &Plaintext) -> Residue {
		self.ring().element(self.value(r).as_words(), &[])
	}

	/// An element's lower digit: the number that it is modulo `N`.
	fn low(&self, residue: &Residue) -> Plaintext {
		let (low, high) = self.ring().digits(residue);
		drop(Zeroizing::new(high));
		Plaintext { size: self.size(), value: low }
	}

	pub(crate) fn ring(&self) -> &SquareRing {
		&self.0.ring
	}

	pub(crate) fn modulus(&self) -> &NonZero<BoxedUint> {
		self.ring().modulus()
	}

	/// `(1 + m N) mask`, for a mask that is an `N`-th power.
	pub(crate) fn mask(&self, m: &Plaintext, mask: &Residue) -> Ciphertext {
		let message = self.ring().element(&[1], self.value(m).as_words());
		self.wrap(self.ring().multiply(&message, mask))
	}

	/// The residue of a ciphertext, after a check that it is this key's.
	pub(crate) fn residue<'a>(&self, c: &'a Ciphertext) -> &'a Residue {
		assert!(self == &c.key, "the ciphertext belongs to another key");
		&c.residue
	}

	/// A plaintext below `N`, after a check that it is of this key's size.
	///
	/// One that was read under another key may be larger: it is reduced, as the group does with exponents.
	pub(crate) fn value(&self, m: &Plaintext) -> Plaintext {
		assert!(self.size() == m.size, "the plaintext belongs to a key of another size");
		Plaintext { size: m.size, value: m.value.rem(self.modulus()) }
	}

	pub(crate) fn wrap(&self, residue: Residue) -> Ciphertext {
		Ciphertext { key: self.clone(), residue }
	}

	/// Fermat's test to the base 2, which products of two large primes pass with a probability that does not matter.
	fn modulus_is_probably_prime(&self) -> bool {
		let two = self.ring().element(&[2], &[]);
		let exponent = self.modulus().wrapping_sub(BoxedUint::one_with_precision(self.size().bits()));
		let (low, _) = self.ring().digits(&self.ring().power(&two, exponent.as_words()));
		low.is_one().to_bool()
	}
}

/// Neighbouring odd primes below [`SMALL_PRIMES_BELOW`], with their product, which fits into a word.
struct SmallPrimes {
	primes: Vec<u64>,
	product: Reciprocal,
}

/// All odd primes below [`SMALL_PRIMES_BELOW`], ascending.
static SMALL_PRIMES: LazyLock<Vec<SmallPrimes>> = LazyLock::new(|| {
	let mut runs: Vec<(u64, Vec<u64>)> = Vec::new();
	for prime in odd_primes(SMALL_PRIMES_BELOW as usize) {
		match runs.last_mut().and_then(|run| Some((run.0.checked_mul(prime)?, run))) {
			Some((product, run)) => {
				run.0 = product;
				run.1.push(prime);
			},
			None => runs.push((prime, vec![prime])),
		}
	}
	let reciprocal = |product| Reciprocal::new(NonZero::new(Limb(product)).expect("a product of primes is not 0"));
	runs.into_iter().map(|(product, primes)| SmallPrimes { primes, product: reciprocal(product) }).collect()
});

/// The sieve of Eratosthenes.
fn odd_primes(below: usize) -> impl Iterator<Item = u64> {
	let mut is_prime = vec![true; below];
	for number in 2..below {
		if is_prime[number] {
			(number * number..below).step_by(number).for_each(|multiple| is_prime[multiple] = false);
		}
	}
	(3..below).filter(move |number| is_prime[*number]).map(|number| number as u64)
}

/// The smallest odd prime below [`SMALL_PRIMES_BELOW`] that divides a number. The long division is by products of many primes at
/// once; what remains of it is a word.
fn small_factor(modulus: &BoxedUint) -> Option<u64> {
	SMALL_PRIMES.iter().find_map(|run| {
		let rest = modulus.rem_limb_with_reciprocal(&run.product).0;
		run.primes.iter().copied().find(|prime| rest.is_multiple_of(*prime))
	})
}

impl PartialEq for PublicKey {
	fn eq(&self, other: &Self) -> bool {
		Arc::ptr_eq(&self.0, &other.0) || self.modulus() == other.modulus()
	}
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let bytes = self.modulus_bytes();
		write!(f, "PublicKey({} bits, ", self.size().bits())?;
		bytes[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
		f.write_str("…)")
	}
}

impl Plaintext {
	pub(crate) fn from_integer(size: KeySize, value: BoxedUint) -> Self {
		Self { size, value }
	}

	pub(crate) fn as_words(&self) -> &[u64] {
		self.value.as_words()
	}

	/// The size of the keys that this plaintext is for.
	pub fn size(&self) -> KeySize {
		self.size
	}

	/// Big-endian in exactly as many bytes as the modulus.
	pub fn to_bytes(&self) -> Vec<u8> {
		self.value.to_be_bytes().into()
	}
}

impl PartialEq for Plaintext {
	fn eq(&self, other: &Self) -> bool {
		self.size == other.size && self.value.ct_eq(&other.value).to_bool()
	}
}

impl Eq for Plaintext {}

impl fmt::Debug for Plaintext {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("Plaintext(…)")
	}
}

impl Drop for Plaintext {
	fn drop(&mut self) {
		self.value.zeroize();
	}
}

impl Ciphertext {
	/// Big-endian in exactly `2 |N|` bytes.
	pub fn to_bytes(&self) -> Vec<u8> {
		self.to_integer().to_be_bytes().into()
	}

	/// The key that this ciphertext is under.
	pub fn key(&self) -> &PublicKey {
		&self.key
	}

	pub(crate) fn to_integer(&self) -> BoxedUint {
		self.key.ring().integer(&self.residue)
	}
}

impl PartialEq for Ciphertext {
	fn eq(&self, other: &Self) -> bool {
		self.key == other.key && self.residue == other.residue
	}
}

impl Eq for Ciphertext {}

impl fmt::Debug for Ciphertext {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let bytes = self.to_bytes();
		f.write_str("Ciphertext(")?;
		bytes[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
		f.write_str("…)")
	}
}
