//! The blobs that workers publish; layout and commitments in `docs/protocol/bmpc.md`.

use crate::{merkle, product_tree};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use num_bigint::BigUint;
use sp_core::H256;

/// What a data provider publishes: the committed leaves, and where each computing provider finds its part.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct InputsManifest {
	/// Leaf hashes of all ciphertexts: computing provider by computing provider, column by column.
	pub leaves: Vec<H256>,
	/// sha2-256 of the message sealed to each computing provider.
	pub sealed: Vec<[u8; 32]>,
}

/// The root of a product tree.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RootNode {
	/// The product, big-endian in the length of `N^2`.
	pub value: Vec<u8>,
	/// Its level: 0 if the tree is a single leaf.
	pub level: u8,
	/// Hash of the left child, zero without one.
	pub left: H256,
	/// Hash of the right child, zero without one.
	pub right: H256,
}

impl RootNode {
	/// The node's hash.
	pub fn hash(&self) -> H256 {
		let value = BigUint::from_bytes_be(&self.value);
		product_tree::node_hash(self.level, 0, &value, self.value.len(), self.left, self.right)
	}
}

/// What a computing provider or the coordinator publishes: one product for each selected column.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Product {
	/// The trees' roots by selected column.
	pub roots: Vec<RootNode>,
}

impl Product {
	/// The commitment that goes on chain: Merkle root over the roots' hashes.
	pub fn root(&self) -> H256 {
		let leaf = |(index, root): (usize, &RootNode)| merkle::leaf(index as u64, root.hash().as_bytes());
		merkle::root(&self.roots.iter().enumerate().map(leaf).collect::<Vec<_>>())
	}
}
