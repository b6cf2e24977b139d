//! Serves `tests/bench/paillier/bench.py`: one command a line on the standard input, one line of answer each.
//!
//! | command | answer |
//! |---|---|
//! | `key P Q` | `ok`; the key of both implementations from here on |
//! | `WHO encrypt M` | a ciphertext |
//! | `WHO encrypt-under N M` | a ciphertext under somebody else's modulus (ours only) |
//! | `WHO decrypt C` | the plaintext in `[0, N)` |
//! | `WHO add C C`, `WHO scale C K` | a ciphertext |
//! | `WHO measure OPERATION COUNT` | CPU time in nanoseconds of that many operations |
//!
//! `WHO` is `ours` or `fast-paillier`; numbers are hexadecimal, big-endian.

mod ours;
mod peer;

use anyhow::{bail, Context, Result};
use cpu_time::ProcessTime;
use std::{
	hint::black_box,
	io::{stdin, stdout, BufRead, Write},
};

/// What an implementation does for the checks and the measurements. All numbers are big-endian bytes.
pub trait Implementation {
	/// The ciphertext of a plaintext.
	fn encrypt(&self, m: &[u8]) -> Result<Vec<u8>>;
	/// The ciphertext of a plaintext under another modulus.
	fn encrypt_under(&self, n: &[u8], m: &[u8]) -> Result<Vec<u8>>;
	/// The plaintext of a ciphertext, in `[0, N)`.
	fn decrypt(&self, c: &[u8]) -> Result<Vec<u8>>;
	/// The ciphertext of a sum.
	fn add(&self, a: &[u8], b: &[u8]) -> Result<Vec<u8>>;
	/// The ciphertext of a product.
	fn scale(&self, c: &[u8], k: &[u8]) -> Result<Vec<u8>>;
	/// One operation on operands drawn now, to be called many times.
	fn operation<'a>(&'a self, name: &str) -> Result<Box<dyn FnMut() + 'a>>;
}

fn main() -> Result<()> {
	let mut key: Option<[Box<dyn Implementation>; 2]> = None;
	for line in stdin().lock().lines() {
		let line = line?;
		let words: Vec<&str> = line.split_whitespace().collect();
		let answer = match words[..] {
			["key", p, q] => {
				let (p, q) = (bytes(p)?, bytes(q)?);
				key = Some([Box::new(ours::Ours::new(&p, &q)?), Box::new(peer::FastPaillier::new(&p, &q)?)]);
				"ok".into()
			},
			[who, ..] => {
				let [ours, peer] = key.as_ref().context("the first command must be key")?;
				let implementation = match who {
					"ours" => ours,
					"fast-paillier" => peer,
					_ => bail!("no implementation {who}"),
				};
				answer(implementation.as_ref(), &words[1..]).with_context(|| line.clone())?
			},
			[] => continue,
		};
		writeln!(stdout(), "{answer}")?;
	}
	Ok(())
}

fn answer(implementation: &dyn Implementation, words: &[&str]) -> Result<String> {
	Ok(hex::encode(match words[..] {
		["encrypt", m] => implementation.encrypt(&bytes(m)?)?,
		["encrypt-under", n, m] => implementation.encrypt_under(&bytes(n)?, &bytes(m)?)?,
		["decrypt", c] => implementation.decrypt(&bytes(c)?)?,
		["add", a, b] => implementation.add(&bytes(a)?, &bytes(b)?)?,
		["scale", c, k] => implementation.scale(&bytes(c)?, &bytes(k)?)?,
		["measure", operation, count] => return measure(implementation, operation, count.parse()?),
		_ => bail!("no such command"),
	}))
}

fn measure(implementation: &dyn Implementation, operation: &str, count: u64) -> Result<String> {
	let mut operation = implementation.operation(operation)?;
	let start = ProcessTime::now();
	for _ in 0..count {
		black_box(&mut operation)();
	}
	Ok(start.elapsed().as_nanos().to_string())
}

fn bytes(text: &str) -> Result<Vec<u8>> {
	hex::decode(text).with_context(|| format!("{text} is not hexadecimal"))
}
