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

impl Implementation for Ours {
	/// All three ways to encrypt must decrypt alike before one is handed out.
	fn encrypt(&self, m: &[u8]) -> Result<Vec<u8>> {
		let m = self.plaintext(m)?;
		let ciphertexts = [self.key().encrypt(&m), self.secret.encrypt(&m), self.encryptor.encrypt(&m)];
		anyhow::ensure!(ciphertexts.iter().all(|c| self.secret.decrypt(c) == m), "our encryptions differ");
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
		Ok(match name {
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
