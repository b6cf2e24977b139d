//! Moduli of every wrong kind, by provers who know all of their factors and cheat as well as they can.

use super::*;
use crate::{primes::random_prime, KeyError, KeySize};
use crypto_bigint::{
	modular::{BoxedMontyForm, BoxedMontyParams},
	ConcatenatingMul, Limb, Odd, Resize,
};
use proptest::prelude::*;
use std::sync::LazyLock;

static SECRET: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate(KeySize::Bits2048));
static PROOF: LazyLock<KeyProof> = LazyLock::new(|| KeyProof::prove(&SECRET, &HERE));

/// RFC 3526, section 3: a prime of 2048 bits.
static PRIME: LazyLock<BoxedUint> = LazyLock::new(|| {
	let digits = "\
	ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd\
	ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed\
	ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f\
	83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b\
	e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
	15728e5a8aacaa68ffffffffffffffff";
	BoxedUint::from_be_hex(digits, 2048).unwrap()
});

const HERE: Context = Context { genesis: [1; 32], party: [2; 32] };

fn key() -> &'static PublicKey {
	SECRET.public()
}

#[test]
fn proof_verifies_for_honest_key_of_every_size() {
	assert_eq!(PROOF.verify(key(), &HERE), Ok(ProvenKey::own(&SECRET)));
	for size in [KeySize::Bits256, KeySize::Bits3072] {
		let other = SecretKey::generate(size);
		let proof = KeyProof::prove(&other, &HERE);
		let read = KeyProof::from_bytes(other.public(), &proof.to_bytes()).unwrap();
		assert_eq!(read.verify(other.public(), &HERE), Ok(ProvenKey::own(&other)));
	}
}

#[test]
fn proof_has_documented_length() {
	assert_eq!(KeyProof::bytes(KeySize::Bits2048), 37_360);
	assert_eq!(KeyProof::bytes(KeySize::Bits3072), 55_664);
}

#[test]
fn proof_verifies_only_in_its_context() {
	let elsewhere = [Context { genesis: [9; 32], ..HERE }, Context { party: [9; 32], ..HERE }];
	for context in elsewhere {
		assert_eq!(PROOF.verify(key(), &context), Err(KeyProofError::FourthRoot { index: 0 }));
		assert_eq!(PROOF.factor_sizes.verify(key(), &context), Err(KeyProofError::Challenge));
	}
	let other = SecretKey::generate(KeySize::Bits2048);
	assert!(PROOF.verify(other.public(), &HERE).is_err());
	assert_eq!(PROOF.factor_sizes.verify(other.public(), &HERE), Err(KeyProofError::Challenge));
}

#[test]
fn seed_gives_different_randomness_in_each_context() {
	let [a, b] =
		[HERE, Context { party: [9; 32], ..HERE }].map(|context| KeyProof::prove_with(&SECRET, &context, &[7; 32]));
	assert_eq!(a, KeyProof::prove_with(&SECRET, &HERE, &[7; 32]));
	assert_ne!(a.two_primes.w, b.two_primes.w);
	assert_ne!(a.factor_sizes.commitments, b.factor_sizes.commitments);
}

#[test]
fn verify_fails_when_any_field_changes() {
	type Change = fn(&mut KeyProof);
	fn more(x: &mut Plaintext) {
		*x = key().add_plain(x, &key().one());
	}
	fn flip(x: &mut BoxedUint) {
		x.as_mut_words()[0] ^= 1;
	}
	use KeyProofError::*;
	let changes: [(&str, Change, &[KeyProofError]); 15] = [
		("w", |proof| more(&mut proof.two_primes.w), &[Symbol, FourthRoot { index: 0 }]),
		("w is 0", |proof| proof.two_primes.w = key().zero(), &[Symbol]),
		("w is 1", |proof| proof.two_primes.w = key().one(), &[Symbol]),
		("the first root", |proof| more(&mut proof.two_primes.fourth_roots[0].x), &[FourthRoot { index: 0 }]),
		("the last root", |proof| more(&mut proof.two_primes.fourth_roots[127].x), &[FourthRoot { index: 127 }]),
		("a sign", |proof| proof.two_primes.fourth_roots[5].negated ^= true, &[FourthRoot { index: 5 }]),
		("a factor w", |proof| proof.two_primes.fourth_roots[6].times_w ^= true, &[FourthRoot { index: 6 }]),
		("an N-th root", |proof| more(&mut proof.two_primes.nth_roots[7]), &[NthRoot { index: 7 }]),
		("a commitment", |proof| proof.factor_sizes.commitments.swap(0, 1), &[Challenge]),
		("no element", |proof| proof.factor_sizes.commitments[1].fill(0), &[NotInGroup]),
		("the challenge", |proof| proof.factor_sizes.challenge ^= 1, &[Challenge]),
		("p's response", |proof| flip(&mut proof.factor_sizes.factors[0]), &[Challenge]),
		("q's response", |proof| flip(&mut proof.factor_sizes.factors[1]), &[Challenge]),
		("a blinding", |proof| flip(&mut proof.factor_sizes.blindings[0]), &[Challenge]),
		("the product's blinding", |proof| flip(&mut proof.factor_sizes.blindings[2]), &[Challenge]),
	];
	for (name, change, allowed) in changes {
		let mut proof = PROOF.clone();
		change(&mut proof);
		let error = proof.verify(key(), &HERE).unwrap_err();
		assert!(allowed.contains(&error), "{name}: {error}");
	}
}

#[test]
fn from_bytes_fails_for_invalid_bytes() {
	let bytes = PROOF.to_bytes();
	assert_eq!(KeyProof::from_bytes(key(), &bytes), Ok(PROOF.clone()));
	let expected = KeyProof::bytes(KeySize::Bits2048);
	for length in [0, 1, expected - 1, expected + 1, KeyProof::bytes(KeySize::Bits3072)] {
		let mut other = bytes.clone();
		other.resize(length, 0);
		assert_eq!(KeyProof::from_bytes(key(), &other), Err(KeyProofError::Length { bytes: length, expected }));
	}
	let after_roots = expected - 16 - 2 * 160 - 5 * 384;
	let blindings = expected - 3 * 384;
	for (name, at, field) in [
		("w", 0, "w"),
		("the first fourth root", 256 + 32, "a fourth root"),
		("the last N-th root", after_roots - 256, "an N-th root"),
		("the first blinding", blindings, "a blinding's response"),
		("the last blinding", expected - 384, "a blinding's response"),
	] {
		let mut other = bytes.clone();
		other[at..at + 256].fill(0xff);
		assert_eq!(KeyProof::from_bytes(key(), &other), Err(KeyProofError::OutOfRange { field }), "{name}");
	}
}

/// `N` in the bytes of a key.
fn modulus(factors: &[&BoxedUint]) -> Vec<u8> {
	let product = factors.iter().fold(BoxedUint::one(), |product, factor| product.concatenating_mul(*factor));
	product.resize(2048).to_be_bytes().into()
}

/// A prime of `bits` bits, its three highest set so that products are long enough, that is `residue` modulo 4.
fn prime(bits: u32, residue: u64) -> BoxedUint {
	use crate::{integer::random, primes::is_probably_prime};
	loop {
		let mut candidate = random(64 * bits.div_ceil(64)).wrapping_shr_vartime(64 * bits.div_ceil(64) - bits);
		for bit in bits - 3..bits {
			candidate.as_mut_words()[bit as usize / 64] |= 1 << (bit % 64);
		}
		candidate.as_mut_words()[0] = candidate.as_words()[0] & !3 | residue;
		// Most candidates have a small factor, which is found sooner than that they are not prime.
		let divides = |small: u64| candidate.rem_limb(NonZero::new(Limb(small)).unwrap()) == Limb::ZERO;
		if !(3..2000).step_by(2).any(divides) && is_probably_prime(&candidate) {
			return candidate;
		}
	}
}

#[test]
fn verify_fails_for_moduli_that_cannot_be_keys() {
	let p = random_prime(1024);
	let small = prime(16, 3);
	let rest = prime(2032, 3);
	let even = {
		let mut bytes = key().modulus_bytes();
		bytes[255] &= 0xfe;
		bytes
	};
	let short = {
		let mut bytes = key().modulus_bytes();
		bytes[0] = 0x7f;
		bytes
	};
	for (name, bytes, expected) in [
		("a square", modulus(&[&p, &p]), KeyError::Square),
		("a small factor", modulus(&[&small, &rest]), KeyError::SmallFactor { factor: small.as_words()[0] }),
		("even", even, KeyError::Even),
		("a bit short", short, KeyError::Bits { bits: 2047, expected: 2048 }),
		("a byte short", key().modulus_bytes()[1..].to_vec(), KeyError::Length { bytes: 255 }),
		("prime", PRIME.to_be_bytes().into(), KeyError::Prime),
	] {
		assert_eq!(PublicKey::from_modulus(&bytes), Err(expected), "{name}");
	}
}

/// A prover who knows the primes of `N`, however many, finds the roots of as many elements as have one.
struct Cheat {
	primes: Vec<BoxedUint>,
	key: PublicKey,
}

impl Cheat {
	fn new(primes: &[BoxedUint]) -> Self {
		let key = PublicKey::from_modulus(&modulus(&primes.iter().collect::<Vec<_>>())).unwrap();
		Self { primes: primes.to_vec(), key }
	}

	/// Whether `y` is the power `2^times` of a number modulo all primes.
	fn is_power(&self, y: &Plaintext, times: u32) -> bool {
		self.primes.iter().all(|prime| {
			let order = prime.wrapping_sub(BoxedUint::one());
			let twos = order.trailing_zeros_vartime().min(times);
			let exponent = order.wrapping_shr_vartime(twos);
			let params = BoxedMontyParams::new(Odd::new(prime.clone()).unwrap());
			let y = y.value.rem(&NonZero::new(prime.clone()).unwrap()).resize(prime.bits_precision());
			BoxedMontyForm::new(y, &params).pow(&exponent).retrieve().is_one().to_bool()
		})
	}

	/// Of how many elements, out of 128, one of the four variants has a fourth root, with the best `w` of either symbol.
	fn fourth_roots(&self) -> usize {
		let transcript = Transcript::new("test");
		let numbers = || (0..).map(|index| self.key.derived_plaintext(&transcript, &format!("w {index}")));
		let with =
			|symbol| numbers().find(|w| jacobi::jacobi(&w.value, self.key.modulus().as_ref()) == symbol).unwrap();
		let found = |w: &Plaintext| {
			let variants = |y: &Plaintext| {
				let times_w = self.key.mul_plain(y, w);
				let negated = [y, &times_w].map(|y| self.key.sub_plain(&self.key.zero(), y));
				[y.clone(), times_w].into_iter().chain(negated).any(|y| self.is_power(&y, 2))
			};
			(0..128).filter(|index| variants(&self.key.derived_plaintext(&transcript, &format!("y {index}")))).count()
		};
		[-1, 1].map(|symbol| found(&with(symbol))).into_iter().max().unwrap()
	}
}

/// At most half of the elements have roots, so that 128 of 128 are out of reach: 100 is 6 deviations above a half.
#[test]
fn fourth_roots_are_too_few_for_moduli_with_other_factors() {
	let cheats = [
		("three primes", Cheat::new(&[prime(683, 3), prime(683, 3), prime(682, 3)])),
		("four primes", Cheat::new(&[prime(512, 3), prime(512, 3), prime(512, 3), prime(512, 3)])),
		("a prime 1 modulo 4", Cheat::new(&[prime(1024, 1), prime(1024, 3)])),
		("both primes 1 modulo 4", Cheat::new(&[prime(1024, 1), prime(1024, 1)])),
	];
	for (name, cheat) in cheats {
		let roots = cheat.fourth_roots();
		assert!(roots <= 100, "{name}: {roots} of 128");
	}
	let primes = SECRET.factors().map(|factor| factor.prime().as_ref().clone());
	assert_eq!(Cheat { primes: primes.to_vec(), key: key().clone() }.fourth_roots(), 128);
}

/// `p^2 q` divides its own `phi`: an `N`-th power modulo `p` is a `p`-th power modulo `p^2`, of which there are few.
#[test]
fn nth_roots_are_too_few_for_prime_power() {
	let (p, q) = (prime(512, 3), prime(1024, 3));
	let key = PublicKey::from_modulus(&modulus(&[&p, &p, &q])).unwrap();
	let square = NonZero::new(p.concatenating_mul(&p)).unwrap();
	let order = p.wrapping_sub(BoxedUint::one());
	let params = BoxedMontyParams::new(Odd::new(square.as_ref().clone()).unwrap());
	let transcript = Transcript::new("test");
	for index in 0..16 {
		let y = key.derived_plaintext(&transcript, &format!("y {index}")).value.rem(&square);
		let y = BoxedMontyForm::new(y.resize(square.bits_precision()), &params);
		assert!(!y.pow(&order).retrieve().is_one().to_bool(), "{index} has an N-th root");
	}
}

/// What the factors may be without being found out, and what not.
#[test]
fn verify_fails_for_small_factor() {
	for (bits, expected) in [(1000, Ok(())), (700, Err(KeyProofError::Challenge)), (64, Err(KeyProofError::Challenge))]
	{
		let factors = [prime(bits, 3), prime(2048 - bits, 3)];
		let key = PublicKey::from_modulus(&modulus(&[&factors[0], &factors[1]])).unwrap();
		let nonces = Nonces(HERE.transcript(&key, "test"));
		let proof = FactorSizes::prove(&key, [&factors[0], &factors[1]], &HERE, &nonces);
		assert_eq!(proof.verify(&key, &HERE), expected, "{bits} bits");
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	/// A changed byte is refused: when it is read, or when it is verified.
	#[test]
	fn verify_fails_for_changed_bytes(at in any::<prop::sample::Index>(), change in 1u8..) {
		let mut bytes = PROOF.to_bytes();
		*at.get_mut(&mut bytes) ^= change;
		let verified = KeyProof::from_bytes(key(), &bytes).and_then(|proof| proof.verify(key(), &HERE));
		prop_assert!(verified.is_err());
	}
}
