//! The crate of this repository.

use crate::Implementation;
use anyhow::{bail, Context, Result};
use encrytrust_paillier::{Ciphertext, Encryptor, Plaintext, PublicKey, SecretKey};
use std::hint::black_box;

pub struct Ours {
	secret: SecretKey,
	encryptor: Encryptor,
}

impl Ours {
	pub fn new(p: &[u8], q: &[u8]) -> Result<Self> {
		let secret = SecretKey::from_primes(p, q)?;
		let encryptor = Encryptor::new(secret.public());
		Ok(Self { secret, encryptor })
	}

	fn key(&self) -> &PublicKey {
		self.secret.public()
	}

	fn plaintext(&self, bytes: &[u8]) -> Result<Plaintext> {
		Ok(self.key().plaintext(bytes)?)
	}

	fn ciphertext(&self, bytes: &[u8]) -> Result<Ciphertext> {
		Ok(self.key().ciphertext(bytes)?)
	}
}

/// How many operations a call of those on many does.
const MANY: usize = 64;

fn many<T: Clone>(item: &T) -> Vec<T> {
	vec![item.clone(); MANY]
}

impl Implementation for Ours {
	/// All ways to encrypt must decrypt alike, by both ways to decrypt, before one is handed out.
	fn encrypt(&self, m: &[u8]) -> Result<Vec<u8>> {
		let m = self.plaintext(m)?;
		let ciphertexts = [self.key().encrypt(&m), self.secret.encrypt(&m), self.encryptor.encrypt(&m)];
		let at_once = [self.key().encrypt_each(&many(&m)), self.encryptor.encrypt_each(&many(&m))].concat();
		let decrypted = [self.secret.decrypt_each(&ciphertexts), self.secret.decrypt_each(&at_once)].concat();
		let alike = decrypted.iter().chain(&ciphertexts.each_ref().map(|c| self.secret.decrypt(c))).all(|found| *found == m);
		anyhow::ensure!(alike, "our encryptions differ");
		// The sum of two less the third has the same plaintext, and hands all of them to the peers.
		let minus_one = self.key().sub_plain(&self.key().zero(), &self.key().one());
		let [a, b, c] = ciphertexts;
		Ok(self.key().add(&self.key().add(&a, &b), &self.key().scale(&c, &minus_one)).to_bytes())
	}

	fn encrypt_under(&self, n: &[u8], m: &[u8]) -> Result<Vec<u8>> {
		let key = PublicKey::from_modulus(n)?;
		Ok(key.encrypt(&key.plaintext(m)?).to_bytes())
	}

	fn decrypt(&self, c: &[u8]) -> Result<Vec<u8>> {
		Ok(self.secret.decrypt(&self.ciphertext(c)?).to_bytes())
	}

	fn add(&self, a: &[u8], b: &[u8]) -> Result<Vec<u8>> {
		Ok(self.key().add(&self.ciphertext(a)?, &self.ciphertext(b)?).to_bytes())
	}

	fn scale(&self, c: &[u8], k: &[u8]) -> Result<Vec<u8>> {
		Ok(self.key().scale(&self.ciphertext(c)?, &self.plaintext(k)?).to_bytes())
	}

	fn operation<'a>(&'a self, name: &str) -> Result<Box<dyn FnMut() + 'a>> {
		let key = self.key();
		let (m, k) = (key.random_plaintext(), key.random_plaintext());
		let (a, b) = (self.secret.encrypt(&m), self.secret.encrypt(&k));
		let bytes = a.to_bytes();
		key.ciphertext(&bytes).context("our own ciphertext")?;
		let (messages, ciphertexts) = (many(&m), many(&a));
		let scalar = k.clone();
		let scale_each = move || {
			let pairs: Vec<_> = ciphertexts.iter().map(|c| (c, &scalar)).collect();
			drop(black_box(key.scale_each(&pairs)));
		};
		let ciphertexts = many(&a);
		Ok(match name {
			"encrypt-many" => Box::new(move || drop(black_box(key.encrypt_each(&messages)))),
			"encrypt-table-many" => Box::new(move || drop(black_box(self.encryptor.encrypt_each(&messages)))),
			"decrypt-many" => Box::new(move || drop(black_box(self.secret.decrypt_each(&ciphertexts)))),
			"scale-many" => Box::new(scale_each),
			"encrypt" => Box::new(move || drop(black_box(key.encrypt(&m)))),
			"encrypt-own-key" => Box::new(move || drop(black_box(self.secret.encrypt(&m)))),
			"encrypt-table" => Box::new(move || drop(black_box(self.encryptor.encrypt(&m)))),
			"decrypt" => Box::new(move || drop(black_box(self.secret.decrypt(&a)))),
			"add" => Box::new(move || drop(black_box(key.add(black_box(&a), black_box(&b))))),
			"scale" => Box::new(move || drop(black_box(key.scale(&a, &k)))),
			"read" => Box::new(move || drop(black_box(key.ciphertext(&bytes)))),
			"write" => Box::new(move || drop(black_box(a.to_bytes()))),
			_ => bail!("no operation {name}"),
		})
	}
}
