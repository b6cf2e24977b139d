//! A column's bytes under a key of their own: ChaCha20-Poly1305 (RFC 8439) over chunks, in the STREAM construction of
//! Hoang, Reyhanitabar, Rogaway and Vizár (CRYPTO 2015), so that memory does not grow with rows and a chunk can neither
//! be moved nor the last ones be cut off.

use crate::selection::{number, Context};
use chacha20poly1305::{aead::Aead, ChaCha20Poly1305, KeyInit};
use encrytrust_paillier::Plaintext;
use std::{
	fmt,
	io::{self, Read, Write},
};
use zeroize::Zeroizing;

/// Bytes of a chunk before it is sealed. All but the last have as many.
pub const CHUNK: usize = 1 << 13;
/// Bytes by which sealing lengthens a chunk.
const TAG: usize = 16;

/// The key of one column, for one data provider, computing provider and job. It seals once: its nonces count from 0.
pub struct ColumnKey(Zeroizing<[u8; 32]>);

/// Why a column was not sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
	/// Reading or writing failed.
	#[error("reading or writing a column failed: {0}")]
	Io(#[from] io::Error),
	/// Another key, a changed chunk, or one that is missing.
	#[error(
		"chunk {chunk} of the sealed column does not open: it was sealed under another key, or was changed or cut"
	)]
	Refused {
		/// The chunk's index.
		chunk: u64,
	},
}

impl ColumnKey {
	/// The key of a column that the number `kappa` was transferred for, from the data provider `from`.
	pub fn new(context: &Context, from: &[u8; 32], column: usize, kappa: &Plaintext) -> Self {
		let transcript = context.transcript("encrytrust/selection/column-key/1").with(from).with(number(column));
		let digest = transcript.with(&*Zeroizing::new(kappa.to_bytes())).digest();
		Self(Zeroizing::new(std::array::from_fn(|index| digest[index])))
	}

	/// Seals all that there is to read, chunk by chunk, and says how many bytes were written.
	///
	/// # Errors
	///
	/// What reading and writing fail with.
	pub fn seal(self, mut plain: impl Read, mut sealed: impl Write) -> Result<u64, SealError> {
		let cipher = ChaCha20Poly1305::new((&*self.0).into());
		let mut written = 0;
		for_each_chunk(&mut plain, CHUNK, |index, last, chunk| {
			let chunk =
				cipher.encrypt(&nonce(index, last).into(), chunk).expect("a chunk is not too long to be sealed");
			written += chunk.len() as u64;
			sealed.write_all(&chunk).map_err(SealError::Io)
		})?;
		Ok(written)
	}

	/// Seals chunks that are cut already, the last of which ends the column.
	///
	/// # Panics
	///
	/// If a chunk is longer than RFC 8439 allows, 256 GiB.
	pub fn seal_chunks<'c>(self, chunks: impl ExactSizeIterator<Item = &'c [u8]>) -> Vec<Vec<u8>> {
		let cipher = ChaCha20Poly1305::new((&*self.0).into());
		let count = chunks.len() as u64;
		let seal = |(index, chunk): (u64, &[u8])| {
			let nonce = nonce(index, index + 1 == count);
			cipher.encrypt(&nonce.into(), chunk).expect("a chunk is not too long to be sealed")
		};
		(0..).zip(chunks).map(seal).collect()
	}

	/// Opens a sealed column, chunk by chunk, and says how many bytes were written.
	///
	/// # Errors
	///
	/// What reading and writing fail with, and the first chunk that does not open. What was written until then is
	/// genuine but cut: drop it.
	pub fn open(&self, mut sealed: impl Read, mut plain: impl Write) -> Result<u64, SealError> {
		let mut written = 0;
		for_each_chunk(&mut sealed, CHUNK + TAG, |index, last, chunk| {
			let chunk = self.open_chunk(index, last, chunk)?;
			written += chunk.len() as u64;
			plain.write_all(&chunk).map_err(SealError::Io)
		})?;
		Ok(written)
	}

	/// Opens one chunk by itself: enough to show that it is not what was committed to.
	///
	/// # Errors
	///
	/// A chunk that was not sealed by this key in this place.
	pub fn open_chunk(&self, index: u64, last: bool, chunk: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
		let cipher = ChaCha20Poly1305::new((&*self.0).into());
		let plain = cipher.decrypt(&nonce(index, last).into(), chunk);
		plain.map(Zeroizing::new).map_err(|_| SealError::Refused { chunk: index })
	}
}

/// The chunk's index, and 1 for the last chunk.
fn nonce(index: u64, last: bool) -> [u8; 12] {
	let mut nonce = [0; 12];
	nonce[..8].copy_from_slice(&index.to_le_bytes());
	nonce[8] = u8::from(last);
	nonce
}

/// Reads full chunks of `size` bytes and a last one of at most that many, which is empty only if nothing else is there.
fn for_each_chunk(
	reader: &mut impl Read,
	size: usize,
	mut work: impl FnMut(u64, bool, &[u8]) -> Result<(), SealError>,
) -> Result<(), SealError> {
	let mut chunk = read_chunk(reader, size)?;
	for index in 0.. {
		// Only what comes next shows whether this was the last one.
		let next = if chunk.len() == size { read_chunk(reader, size)? } else { Zeroizing::default() };
		work(index, next.is_empty(), &chunk)?;
		if next.is_empty() {
			break;
		}
		chunk = next;
	}
	Ok(())
}

fn read_chunk(reader: &mut impl Read, size: usize) -> Result<Zeroizing<Vec<u8>>, SealError> {
	let mut chunk = Zeroizing::new(Vec::with_capacity(size));
	reader.take(size as u64).read_to_end(&mut chunk)?;
	Ok(chunk)
}

impl fmt::Debug for ColumnKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("ColumnKey(…)")
	}
}
