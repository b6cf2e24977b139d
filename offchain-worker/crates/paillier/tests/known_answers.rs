//! Figures of others: the numerical examples of ISO/IEC 18033-6, and what Python's phe computed.

use encrytrust_paillier::{Ciphertext, Encryptor, KeySize, Plaintext, PublicKey, SecretKey};
use serde::Deserialize;

#[derive(Deserialize)]
struct Phe {
	keys: Vec<Answers>,
}

#[derive(Deserialize)]
struct Answers {
	p: String,
	q: String,
	encryptions: Vec<Encryption>,
	sums: Vec<Sum>,
	products: Vec<Product>,
}

#[derive(Deserialize)]
struct Iso {
	p: String,
	q: String,
	encryptions: Vec<Encryption>,
	sum: Encryption,
}

#[derive(Deserialize)]
struct Encryption {
	plaintext: String,
	#[serde(default)]
	randomness: String,
	ciphertext: String,
}

#[derive(Deserialize)]
struct Sum {
	of: [usize; 2],
	#[serde(flatten)]
	entry: Encryption,
}

#[derive(Deserialize)]
struct Product {
	of: usize,
	scalar: String,
	#[serde(flatten)]
	entry: Encryption,
}

impl Encryption {
	fn plaintext(&self, key: &PublicKey) -> Plaintext {
		key.plaintext(&bytes(&self.plaintext)).unwrap()
	}

	fn ciphertext(&self, key: &PublicKey) -> Ciphertext {
		key.ciphertext(&bytes(&self.ciphertext)).unwrap()
	}

	/// Encrypts to exactly this ciphertext, which decrypts.
	fn check(&self, secret: &SecretKey) {
		let key = secret.public();
		let randomness = key.plaintext(&bytes(&self.randomness)).unwrap();
		let ciphertext = key.encrypt_with(&self.plaintext(key), &randomness);
		assert_eq!(hex::encode(ciphertext.to_bytes()), self.ciphertext);
		assert_eq!(secret.decrypt(&self.ciphertext(key)), self.plaintext(key));
	}
}

fn bytes(text: &str) -> Vec<u8> {
	hex::decode(text).unwrap()
}

fn read<T: for<'de> Deserialize<'de>>(name: &str) -> T {
	let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/paillier");
	serde_json::from_str(&std::fs::read_to_string(format!("{folder}/{name}")).unwrap()).unwrap()
}

#[test]
fn ciphertexts_match_examples_of_the_standard() {
	let iso: Iso = read("iso-iec-18033-6.json");
	let secret = SecretKey::from_primes(&bytes(&iso.p), &bytes(&iso.q)).unwrap();
	let key = secret.public();
	for encryption in &iso.encryptions {
		encryption.check(&secret);
	}
	let [a, b] = [0, 1].map(|index| iso.encryptions[index].ciphertext(key));
	let sum = key.add(&a, &b);
	assert_eq!(hex::encode(sum.to_bytes()), iso.sum.ciphertext);
	assert_eq!(secret.decrypt(&sum), iso.sum.plaintext(key));
}

#[test]
fn ciphertexts_match_vectors_of_phe() {
	let phe: Phe = read("phe.json");
	for answers in &phe.keys {
		let secret = SecretKey::from_primes(&bytes(&answers.p), &bytes(&answers.q)).unwrap();
		let key = secret.public();
		let ciphertexts: Vec<_> = answers.encryptions.iter().map(|encryption| encryption.ciphertext(key)).collect();
		for encryption in &answers.encryptions {
			encryption.check(&secret);
		}
		for sum in &answers.sums {
			let ours = key.add(&ciphertexts[sum.of[0]], &ciphertexts[sum.of[1]]);
			assert_eq!(ours, sum.entry.ciphertext(key));
			assert_eq!(secret.decrypt(&ours), sum.entry.plaintext(key));
		}
		for product in &answers.products {
			let scalar = key.plaintext(&bytes(&product.scalar)).unwrap();
			let ours = key.scale(&ciphertexts[product.of], &scalar);
			// For scalars above N / 2 phe inverts and multiplies by N less them: another ciphertext of the same product.
			for ciphertext in [ours, product.entry.ciphertext(key)] {
				assert_eq!(secret.decrypt(&ciphertext), product.entry.plaintext(key));
			}
		}
	}
	assert_eq!(phe.keys.len(), 2, "one key of either size");
}

/// Every way to encrypt, both sizes, with new keys.
#[test]
fn new_key_decrypts_what_it_encrypts() {
	for size in [KeySize::Bits2048, KeySize::Bits3072] {
		let secret = SecretKey::generate(size);
		let key = PublicKey::from_modulus(&secret.public().modulus_bytes()).unwrap();
		assert_eq!((key.size(), &key), (size, secret.public()));
		let encryptor = Encryptor::new(&key);
		let m = key.random_plaintext();
		let ciphertexts = [key.encrypt(&m), secret.encrypt(&m), encryptor.encrypt(&m)];
		for ciphertext in &ciphertexts {
			assert_eq!(secret.decrypt(ciphertext), m);
			let fresh = key.rerandomise(ciphertext);
			assert_eq!(secret.decrypt(&fresh), m);
			assert_ne!(&fresh, ciphertext);
			assert_eq!(key.ciphertext(&ciphertext.to_bytes()).as_ref(), Ok(ciphertext));
			assert_eq!(ciphertext.to_bytes().len(), 2 * size.bytes());
		}
		assert_ne!(ciphertexts[0], ciphertexts[1]);
		assert_ne!(ciphertexts[0], key.encrypt(&m), "randomness is fresh");
	}
}
