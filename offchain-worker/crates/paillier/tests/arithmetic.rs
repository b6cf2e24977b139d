//! Homomorphic arithmetic against plain big integers, and what must be refused.

use encrytrust_paillier::{
	CiphertextError, KeyError, KeySize, Plaintext, PlaintextError, PrimesError, PublicKey, SecretKey,
};
use num_bigint::BigUint;
use proptest::prelude::*;
use std::sync::LazyLock;

static P: LazyLock<BigUint> = LazyLock::new(|| example("p"));
static Q: LazyLock<BigUint> = LazyLock::new(|| example("q"));
static N: LazyLock<BigUint> = LazyLock::new(|| &*P * &*Q);
static SECRET: LazyLock<SecretKey> =
	LazyLock::new(|| SecretKey::from_primes(&P.to_bytes_be(), &Q.to_bytes_be()).unwrap());
static KEY: LazyLock<PublicKey> = LazyLock::new(|| SECRET.public().clone());

/// The 2048-bit prime of RFC 3526, section 3.
const PRIME: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
	EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
	EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
	83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
	E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
	15728E5A8AACAA68FFFFFFFFFFFFFFFF";

/// A prime of the example key of ISO/IEC 18033-6.
fn example(name: &str) -> BigUint {
	let text = include_str!("../../../../tests/fixtures/paillier/iso-iec-18033-6.json");
	let examples: serde_json::Value = serde_json::from_str(text).unwrap();
	BigUint::parse_bytes(examples[name].as_str().unwrap().as_bytes(), 16).unwrap()
}

fn plaintext(value: &BigUint) -> Plaintext {
	KEY.plaintext(&value.to_bytes_be()).unwrap()
}

fn big(plaintext: &Plaintext) -> BigUint {
	BigUint::from_bytes_be(&plaintext.to_bytes())
}

/// Big-endian bytes of a given length.
fn padded(value: &BigUint, length: usize) -> Vec<u8> {
	let bytes = value.to_bytes_be();
	[vec![0; length - bytes.len()], bytes].concat()
}

/// Numbers below `N`, often at its ends: `N - k` stands for `-k`.
fn below_n() -> impl Strategy<Value = BigUint> {
	let uniform = prop::collection::vec(any::<u32>(), 64).prop_map(|digits| BigUint::new(digits) % &*N);
	let small = any::<u64>().prop_map(BigUint::from);
	let negative = (1u64..).prop_map(|value| &*N - value);
	prop_oneof![2 => uniform, 1 => small, 1 => negative]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(12))]

	#[test]
	fn ciphertext_arithmetic_agrees_with_plaintexts(a in below_n(), b in below_n(), k in below_n()) {
		let [x, y] = [&a, &b].map(|value| KEY.encrypt(&plaintext(value)));
		prop_assert_eq!(big(&SECRET.decrypt(&KEY.add(&x, &y))), (&a + &b) % &*N);
		prop_assert_eq!(big(&SECRET.decrypt(&KEY.scale(&x, &plaintext(&k)))), &a * &k % &*N);
	}

	#[test]
	fn plaintext_arithmetic_agrees_with_integers(a in below_n(), b in below_n()) {
		let (x, y) = (plaintext(&a), plaintext(&b));
		prop_assert_eq!(big(&KEY.add_plain(&x, &y)), (&a + &b) % &*N);
		prop_assert_eq!(big(&KEY.sub_plain(&x, &y)), (&a + &*N - &b) % &*N);
	}

	#[test]
	fn encryption_agrees_with_its_definition(m in below_n(), r in below_n()) {
		let square = &*N * &*N;
		let expected = (BigUint::from(1u8) + &m * &*N) * r.modpow(&N, &square) % &square;
		let ciphertext = KEY.encrypt_with(&plaintext(&m), &plaintext(&r));
		prop_assert_eq!(BigUint::from_bytes_be(&ciphertext.to_bytes()), expected);
	}

	#[test]
	fn batch_encryption_agrees_with_single_encryption(pairs in prop::collection::vec((below_n(), below_n()), 0..12)) {
		let pairs: Vec<_> = pairs.iter().map(|(m, r)| (plaintext(m), plaintext(r))).collect();
		let ciphertexts = KEY.encrypt_each_with(&pairs.iter().map(|(m, r)| (m, r)).collect::<Vec<_>>());
		let (messages, expected): (Vec<_>, Vec<_>) =
			pairs.into_iter().map(|(m, r)| (m.clone(), KEY.encrypt_with(&m, &r))).unzip();
		prop_assert_eq!(&ciphertexts, &expected);
		prop_assert_eq!(SECRET.decrypt_each(&ciphertexts), messages.clone());
		let scaled: Vec<_> = ciphertexts.iter().zip(&messages).collect();
		let expected: Vec<_> = scaled.iter().map(|(c, k)| KEY.scale(c, k)).collect();
		prop_assert_eq!(KEY.scale_each(&scaled), expected);
		let fresh = KEY.encrypt_each(&messages);
		prop_assert!(fresh.iter().zip(&ciphertexts).all(|(fresh, given)| fresh != given));
		prop_assert_eq!(SECRET.decrypt_each(&fresh), messages);
	}

	#[test]
	fn ciphertext_encoding_round_trips(digits in prop::collection::vec(any::<u32>(), 128)) {
		let value = BigUint::new(digits) % (&*N * &*N);
		let ciphertext = KEY.ciphertext(&padded(&value, 512)).unwrap();
		prop_assert_eq!(ciphertext.to_bytes(), padded(&value, 512));
	}
}

#[test]
fn public_key_fails_for_invalid_moduli() {
	let bytes = N.to_bytes_be();
	let prime = BigUint::parse_bytes(PRIME.as_bytes(), 16).unwrap();
	// N / 3, made odd, times 3.
	let third = (&*N / 3u8) >> 1u32 << 1u32;
	for (name, bytes, expected) in [
		("nothing", vec![], KeyError::Length { bytes: 0 }),
		("a byte short", bytes[1..].to_vec(), KeyError::Length { bytes: 255 }),
		("a byte too many", [&[0], &bytes[..]].concat(), KeyError::Length { bytes: 257 }),
		("1024 bits", bytes[..128].to_vec(), KeyError::Length { bytes: 128 }),
		("a bit short", padded(&(&*N >> 1u32), 256), KeyError::Bits { bits: 2047, expected: 2048 }),
		("zero", vec![0; 256], KeyError::Bits { bits: 0, expected: 2048 }),
		("even", padded(&(&*N - 1u8), 256), KeyError::Even),
		("a small factor", padded(&((third - 1u8) * 3u8), 256), KeyError::SmallFactor { factor: 3 }),
		("prime", padded(&prime, 256), KeyError::Prime),
		("a square", padded(&(&*P * &*P), 256), KeyError::Square),
	] {
		assert_eq!(PublicKey::from_modulus(&bytes), Err(expected), "{name}");
	}
	assert_eq!(PublicKey::from_modulus(&bytes).as_ref(), Ok(&*KEY));
}

#[test]
fn ciphertext_fails_for_invalid_values() {
	let square = &*N * &*N;
	let length = |bytes| CiphertextError::Length { bytes, expected: 512 };
	for (name, bytes, expected) in [
		("nothing", vec![], length(0)),
		("a byte short", vec![1; 511], length(511)),
		("a byte too many", padded(&BigUint::from(1u8), 513), length(513)),
		("zero", vec![0; 512], CiphertextError::Range),
		("N^2", padded(&square, 512), CiphertextError::Range),
		("N^2 + 1", padded(&(&square + 1u8), 512), CiphertextError::Range),
		("all bits set", vec![255; 512], CiphertextError::Range),
		("N", padded(&N, 512), CiphertextError::NotCoprime),
		("a multiple of p", padded(&(&*P * 12_345u32), 512), CiphertextError::NotCoprime),
		("N^2 - N", padded(&(&square - &*N), 512), CiphertextError::NotCoprime),
	] {
		assert_eq!(KEY.ciphertext(&bytes), Err(expected), "{name}");
	}
	for good in [BigUint::from(1u8), &square - 1u8] {
		assert_eq!(KEY.ciphertext(&padded(&good, 512)).unwrap().to_bytes(), padded(&good, 512));
	}
}

#[test]
fn plaintext_fails_for_invalid_values() {
	for (name, value) in [("N", N.clone()), ("N + 1", &*N + 1u8), ("far too long", &*N << 64u32)] {
		assert_eq!(KEY.plaintext(&value.to_bytes_be()), Err(PlaintextError::Range), "{name}");
	}
	for good in [vec![], vec![0; 1000], (&*N - 1u8).to_bytes_be()] {
		assert_eq!(big(&KEY.plaintext(&good).unwrap()), BigUint::from_bytes_be(&good));
	}
}

#[test]
fn secret_key_fails_for_invalid_factors() {
	let (p, q) = (P.to_bytes_be(), Q.to_bytes_be());
	let bytes = |value: BigUint| padded(&value, 128);
	let two = BigUint::from(2u8);
	for (name, p, q, expected) in [
		("nothing", vec![], vec![], PrimesError::Length { p: 0, q: 0 }),
		("512 bits", p[..64].to_vec(), q[..64].to_vec(), PrimesError::Length { p: 64, q: 64 }),
		("unlike", p.clone(), q[1..].to_vec(), PrimesError::Length { p: 128, q: 127 }),
		("a short product", p.clone(), bytes(&*Q >> 1u32 | BigUint::from(3u8)), PrimesError::Product(2048)),
		("even", p.clone(), bytes(&*Q - 1u8), PrimesError::NotBlum),
		("1 modulo 4", p.clone(), bytes(&*Q - 2u8), PrimesError::NotBlum),
		("equal", p.clone(), p.clone(), PrimesError::TooClose),
		("close", p.clone(), bytes(&*P + two.pow(923)), PrimesError::TooClose),
		("composite", p.clone(), bytes(&*Q - 4u8), PrimesError::NotPrime),
	] {
		assert_eq!(SecretKey::from_primes(&p, &q).expect_err(name), expected, "{name}");
	}
}

#[test]
#[should_panic(expected = "belongs to another key")]
fn add_panics_for_ciphertexts_of_different_keys() {
	let other = PublicKey::from_modulus(&SecretKey::generate(KeySize::Bits2048).public().modulus_bytes()).unwrap();
	let [a, b] = [&*KEY, &other].map(|key| key.encrypt(&key.one()));
	KEY.add(&a, &b);
}

#[test]
#[should_panic(expected = "belongs to a key of another size")]
fn encrypt_panics_for_plaintexts_of_another_size() {
	let longer = SecretKey::generate(KeySize::Bits3072);
	KEY.encrypt(&longer.public().one());
}

#[test]
fn debug_shows_no_secret() {
	let m = plaintext(&(BigUint::from(0xdead_beef_u32) << 64u32));
	for text in [format!("{:?}", *SECRET), format!("{m:?}")] {
		let shown = text.to_lowercase();
		for secret in [P.to_str_radix(16), Q.to_str_radix(16), "deadbeef".into()] {
			assert!(!shown.contains(&secret[..8]), "{text}");
		}
	}
}
