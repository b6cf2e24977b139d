//! The blobs that workers publish; layout and commitments in `docs/protocol/bmpc.md`.

use crate::bmpc::Number;
use crate::{
	merkle,
	product_tree::{Hashes, Shape, Tree},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;

/// Bytes of a chunk of a sealed feature, with its tag; only the last one has fewer.
pub const SEALED_CHUNK: u32 = 8_192 + 16;

/// What a data provider commits to for one computing provider and feature.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Entry {
	/// The transfer `Z` of the key, modulo the square of the computing provider's modulus.
	pub transfer: Number,
	/// Merkle root over the sealed chunks.
	pub sealed: H256,
	/// Number of chunks.
	pub chunks: u32,
	/// Merkle root over the ciphertexts under the user's key.
	pub ciphertexts: H256,
	/// Number of ciphertexts.
	pub blocks: u32,
}

/// What a data provider publishes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct InputsManifest {
	/// Computing provider by computing provider, feature by feature.
	pub entries: Vec<Entry>,
	/// sha2-256 of each computing provider's sealed bytes: the blob `SCALE(Vec<Vec<u8>>)` of all features.
	pub messages: Vec<[u8; 32]>,
}

impl InputsManifest {
	/// The commitment's Merkle leaves.
	pub fn leaves(&self) -> Vec<H256> {
		leaves(self.entries.iter().map(Encode::encode))
	}

	/// The commitment that goes on chain.
	pub fn root(&self) -> H256 {
		merkle::root(&self.leaves())
	}
}

/// The Merkle leaves of a selection message about `features` features: its selectors of `bytes` bytes each, and behind
/// them the rest. Every string of bytes has them, whether it is a message or not.
pub fn selection_leaves(message: &[u8], features: u16, bytes: usize) -> Vec<H256> {
	let (mut rest, mut parts) = (message, Vec::with_capacity(usize::from(features).saturating_add(1)));
	for _ in 0..features {
		let (selector, behind) = rest.split_at(bytes.min(rest.len()));
		parts.push(selector);
		rest = behind;
	}
	parts.push(rest);
	leaves(parts.into_iter())
}

/// What a computing provider or the coordinator publishes: a product tree for each output.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Product {
	/// The trees by output.
	pub trees: Vec<Tree>,
}

impl Product {
	/// The hashes of all trees, whose values have `bytes` bytes; `None` if one is none, see [`Tree::hashes`].
	pub fn hashes(&self, shape: Shape, bytes: usize) -> Option<Vec<Hashes>> {
		self.trees.iter().map(|tree| tree.hashes(shape, bytes)).collect()
	}
}

/// The Merkle leaves over trees, whose root is the commitment of [`Product`].
pub fn product_leaves(hashes: &[Hashes]) -> Vec<H256> {
	leaves(hashes.iter().map(Hashes::root))
}

/// Merkle leaves over anything.
pub fn leaves<Data: AsRef<[u8]>>(data: impl Iterator<Item = Data>) -> Vec<H256> {
	(0u64..).zip(data).map(|(index, data)| merkle::leaf(index, data.as_ref())).collect()
}
