//! The blobs that workers publish; layout and commitments in `docs/protocol/bmpc.md`.

use crate::{
	product_tree::{Hashes, Tree},
	transfer_proof::TransferProof,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use encrytrust_types::{
	job::{
		unit::{self, MessageLeaves},
		TreeShape,
	},
	merkle, Number,
};
use primitive_types::H256;
use scale_info::TypeInfo;

/// Bytes by which sealing lengthens a chunk.
const TAG: usize = unit::SEAL_BYTES as usize;
/// The most bytes of a chunk of a sealed feature.
pub const SEALED_CHUNK: u32 = 8_192 + 16;

/// What a data provider commits to for one computing provider and feature.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Entry {
	/// The transfer `Z` of the key, modulo the square of the computing provider's modulus.
	pub transfer: Number,
	/// That the data provider knows what the transfer holds.
	pub proof: TransferProof,
	/// Merkle root over the sealed chunks.
	pub sealed: H256,
	/// Number of chunks.
	pub chunks: u32,
	/// Merkle root over the ciphertexts under the user's key.
	pub ciphertexts: H256,
	/// Number of ciphertexts.
	pub blocks: u32,
}

/// What a party commits to in [`Stage::Inputs`](encrytrust_types::job::Stage::Inputs), `Outputs` and `Result`: where its
/// parts are.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Manifest {
	/// sha2-256 of the blob of each part.
	pub parts: Vec<[u8; 32]>,
	/// The root of each part: each is judged, whether or not the others are at hand.
	pub roots: Vec<H256>,
}

/// A part of what a data provider publishes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct InputsPart {
	/// Computing provider by computing provider, feature by feature.
	pub entries: Vec<Entry>,
	/// The Merkle leaves of each entry's ciphertexts: by them a leaf of a product tree is shown to be another number.
	pub ciphertexts: Vec<Vec<H256>>,
	/// sha2-256 of each computing provider's sealed bytes: the blob `SCALE(Vec<Vec<u8>>)` of all features.
	pub messages: Vec<[u8; 32]>,
}

impl InputsPart {
	/// The part's Merkle leaves.
	pub fn leaves(&self) -> Vec<H256> {
		leaves(self.entries.iter().map(Encode::encode))
	}

	/// The part's root.
	pub fn root(&self) -> H256 {
		merkle::root(&self.leaves())
	}
}

/// The Merkle leaves of a data provider's commitment, from the roots of its parts.
pub fn inputs_leaves(roots: &[H256]) -> Vec<H256> {
	leaves(roots.iter())
}

/// Whole ciphertexts of `bytes` bytes in a chunk: it is sealed and opened without its neighbours.
pub fn ciphertexts_per_chunk(bytes: usize) -> usize {
	unit::ciphertexts_per_packet(bytes as u64) as usize
}

/// Number of chunks of so many ciphertexts of `bytes` bytes.
pub fn chunks(blocks: u32, bytes: usize) -> u32 {
	blocks.div_ceil(ciphertexts_per_chunk(bytes) as u32)
}

/// Bytes of all chunks of so many ciphertexts of `bytes` bytes.
pub fn sealed_bytes(blocks: u32, bytes: usize) -> usize {
	let plain = (blocks as usize).saturating_mul(bytes);
	plain.saturating_add((chunks(blocks, bytes) as usize).saturating_mul(TAG))
}

/// Sealed ciphertexts of `bytes` bytes in chunks.
pub fn sealed_chunks(sealed: &[u8], bytes: usize) -> core::slice::Chunks<'_, u8> {
	sealed.chunks(ciphertexts_per_chunk(bytes).saturating_mul(bytes).saturating_add(TAG))
}

/// The Merkle leaves of a selection message about `features` features: its selectors of `bytes` bytes each, and behind
/// them the rest, cut as [`MessageLeaves`] says. Every string of bytes has as many, whether it is a message or not: some are
/// shorter or empty if it ends too early, and the last has all that is behind it.
pub fn selection_leaves(message: &[u8], features: u16, bytes: usize) -> Vec<H256> {
	let places = MessageLeaves::new(features, bytes / 2);
	let (mut rest, mut parts) = (message, Vec::with_capacity(places.count() as usize));
	for leaf in 1..u64::from(places.count()) {
		let length = places.start(leaf).saturating_sub(places.start(leaf.saturating_sub(1))) as usize;
		let (part, behind) = rest.split_at(length.min(rest.len()));
		parts.push(part);
		rest = behind;
	}
	parts.push(rest);
	leaves(parts.into_iter())
}

/// A part of what a computing provider or the coordinator publishes: a product tree for each of its outputs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Product {
	/// The trees, by output.
	pub trees: Vec<Tree>,
}

impl Product {
	/// The hashes of all trees, whose values have `bytes` bytes; `None` if one is none, see [`Tree::hashes`].
	pub fn hashes(&self, shape: TreeShape, bytes: usize) -> Option<Vec<Hashes>> {
		self.trees.iter().map(|tree| tree.hashes(shape, bytes)).collect()
	}
}

/// The Merkle leaves of trees, the first of which is that of the output `first`. Parts begin at multiples of a power of two:
/// the root over a part's leaves is a node of the Merkle tree over those of all, which is the commitment.
pub fn product_leaves(first: u32, hashes: &[Hashes]) -> Vec<H256> {
	(first.into()..).zip(hashes).map(|(output, hashes)| merkle::leaf(output, hashes.root().as_bytes())).collect()
}

/// Merkle leaves over anything.
pub fn leaves<Data: AsRef<[u8]>>(data: impl Iterator<Item = Data>) -> Vec<H256> {
	(0u64..).zip(data).map(|(index, data)| merkle::leaf(index, data.as_ref())).collect()
}
