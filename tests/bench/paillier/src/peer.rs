//! The crate fast-paillier, whose plaintexts are signed: `m - N` stands for an `m` above `N / 2`.

use crate::Implementation;
use anyhow::{anyhow, bail, Result};
use fast_paillier::{backend::Integer, DecryptionKey};
use rand_core::OsRng;
use std::hint::black_box;

pub struct FastPaillier(DecryptionKey);

impl FastPaillier {
	pub fn new(p: &[u8], q: &[u8]) -> Result<Self> {
		Ok(Self(DecryptionKey::from_primes(Integer::from_bytes_msf(p), Integer::from_bytes_msf(q))?))
	}

	fn signed(&self, m: &[u8]) -> Integer {
		let m = Integer::from_bytes_msf(m);
		if &m > self.0.encryption_key().half_n() {
			return m - self.0.n();
		}
		m
	}

	fn random(&self) -> Integer {
		let mut below_n = Integer::zero();
		below_n.assign_random_below(self.0.n(), &mut OsRng);
		self.signed(&below_n.to_bytes_msf())
	}
}

impl Implementation for FastPaillier {
	fn encrypt(&self, m: &[u8]) -> Result<Vec<u8>> {
		Ok(self.0.encryption_key().encrypt_with_random(&mut OsRng, &self.signed(m))?.0.to_bytes_msf())
	}

	fn encrypt_under(&self, _: &[u8], _: &[u8]) -> Result<Vec<u8>> {
		Err(anyhow!("not needed"))
	}

	fn decrypt(&self, c: &[u8]) -> Result<Vec<u8>> {
		let m = self.0.decrypt(&Integer::from_bytes_msf(c))?;
		let m = if m < Integer::zero() { m + self.0.n() } else { m };
		Ok(m.to_bytes_msf())
	}

	fn add(&self, a: &[u8], b: &[u8]) -> Result<Vec<u8>> {
		let [a, b] = [a, b].map(Integer::from_bytes_msf);
		Ok(self.0.encryption_key().oadd(&a, &b)?.to_bytes_msf())
	}

	fn scale(&self, c: &[u8], k: &[u8]) -> Result<Vec<u8>> {
		let [c, k] = [c, k].map(Integer::from_bytes_msf);
		Ok(self.0.encryption_key().omul(&k, &c)?.to_bytes_msf())
	}

	fn operation<'a>(&'a self, name: &str) -> Result<Box<dyn FnMut() + 'a>> {
		let key = self.0.encryption_key();
		let (m, k) = (self.random(), self.random());
		let [a, b] = [&m, &k].map(|m| self.0.encrypt_with_random(&mut OsRng, m).map(|encrypted| encrypted.0));
		let (a, b) = (a?, b?);
		// An exponent of full length, as ours: not its shorter, inverted form.
		let k = Integer::from_bytes_msf(&k.to_bytes_msf());
		Ok(match name {
			"encrypt" => Box::new(move || drop(black_box(key.encrypt_with_random(&mut OsRng, &m)))),
			"encrypt-own-key" => Box::new(move || drop(black_box(self.0.encrypt_with_random(&mut OsRng, &m)))),
			"decrypt" => Box::new(move || drop(black_box(self.0.decrypt(&a)))),
			"add" => Box::new(move || drop(black_box(key.oadd(&a, &b)))),
			"scale" => Box::new(move || drop(black_box(key.omul(&k, &a)))),
			_ => bail!("no operation {name}"),
		})
	}
}
