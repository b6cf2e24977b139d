//! Sealed features: what a transfer holds, and what a chunk opens to.

use crate::{
	committed::{ensure_committed, ensure_path},
	context::FaultContext,
	fault::{CiphertextProof, EntryProof, Opening, SelectorProof},
	opening::opening_holds,
	verdict::{FaultError, Verdict},
	wire,
};
use alloc::vec::Vec;
use chacha20poly1305::{aead::Aead, ChaCha20Poly1305, KeyInit};
use codec::Encode;
use core::ops::Range;
use encrytrust_types::{
	job::{FaultKind, Stage},
	merkle::{self, Path},
};
use primitive_types::H256;

/// A chunk with the proof that it was committed to.
pub(super) struct SealedChunk<'a> {
	pub(super) bytes: &'a [u8],
	pub(super) index: u32,
	pub(super) path: &'a Path,
}

impl SealedChunk<'_> {
	/// The blocks that it is of, if `blocks` are those of its entry.
	fn blocks(&self, blocks: u32, bytes: usize) -> Range<u32> {
		let per_chunk = wire::ciphertexts_per_chunk(bytes) as u32;
		let first = self.index.saturating_mul(per_chunk);
		first..first.saturating_add(per_chunk).min(blocks)
	}
}

impl<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	pub(super) fn check_column(
		&self,
		[data, computing, feature]: [u16; 3],
		selector: &SelectorProof,
		proof: &EntryProof,
		opening: &Opening,
		chunk: SealedChunk,
		(block, committed): (u32, &CiphertextProof),
	) -> Result<Verdict<A>, FaultError> {
		let entry = &proof.entry;
		self.ensure_entry(data, computing, feature, proof)?;
		let ring = self.ensure_sound_selector(computing, feature, selector)?;
		if !self.is_well_formed(data, computing, proof.part, entry)? {
			return Err(FaultError::MalformedEntry);
		}
		ensure_path(entry.sealed, entry.chunks.into(), chunk.index.into(), chunk.bytes, chunk.path)?;
		ensure_committed(entry, block, committed)?;
		let user = self.user_ring()?;
		let blocks = chunk.blocks(entry.blocks, user.bytes());
		let place =
			block.checked_sub(blocks.start).filter(|_| blocks.contains(&block)).ok_or(FaultError::OutOfRange)?;
		if !opening_holds(&ring, &selector.selector, &entry.transfer, opening).ok_or(FaultError::Length)? {
			return Err(FaultError::WrongOpening);
		}
		let key = self.column_key([data, computing, feature], &opening.kappa)?;
		let last = chunk.index.checked_add(1) == Some(entry.chunks);
		let right = |plain: Vec<u8>| {
			let ciphertext = plain.chunks(user.bytes()).nth(place as usize).unwrap_or_default();
			plain.len() == blocks.len().saturating_mul(user.bytes())
				&& user.is_ciphertext(ciphertext)
				&& Some(ciphertext) != user.reduce(&[1]).as_deref()
				&& merkle::leaf(block.into(), ciphertext) == committed.leaf
		};
		if open_chunk(&key, chunk.index.into(), last, chunk.bytes).is_some_and(right) {
			return Err(FaultError::FaultNotProven);
		}
		self.data_providers_fault(data, FaultKind::Column)
	}

	/// The key that a feature is sealed under: of each part another, for `kappa` is.
	pub(crate) fn column_key(
		&self,
		[data, computing, feature]: [u16; 3],
		kappa: &[u8],
	) -> Result<[u8; 32], FaultError> {
		let from = &self.contract.data.get(usize::from(data)).ok_or(FaultError::OutOfRange)?.party.who;
		let transcript = self.transcript("encrytrust/selection/column-key/1", computing)?;
		let transcript = transcript.with(from.encode()).with(u32::from(feature).to_le_bytes()).with(kappa);
		transcript.digest().first_chunk().copied().ok_or(FaultError::Length)
	}
}

/// ChaCha20-Poly1305 with the chunk's index, and 1 for the last one, as nonce.
fn open_chunk(key: &[u8; 32], index: u64, last: bool, chunk: &[u8]) -> Option<Vec<u8>> {
	let number = u128::from(index) | u128::from(last) << 64;
	let nonce: [u8; 12] = *number.to_le_bytes().first_chunk()?;
	ChaCha20Poly1305::new(key.into()).decrypt(&nonce.into(), chunk).ok()
}
