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

#[cfg(test)]
mod tests {
	use super::*;
	use crate::product_tree::{fixed_bytes, ProductTree};

	#[test]
	fn a_root_node_hashes_as_in_its_tree() {
		let modulus = BigUint::from(0xffff_ffff_ffff_ffc5_u64);
		for count in 1u64..6 {
			let leaves: Vec<_> = (0..count).map(|leaf| BigUint::from(leaf + 2)).collect();
			let tree = ProductTree::new(&leaves, &modulus).unwrap();
			let (root, level) = (tree.root().unwrap(), tree.levels().len() - 1);
			let child = |index: usize| match level {
				0 => H256::zero(),
				_ => tree.levels()[level - 1].get(index).map(|node| node.hash).unwrap_or_default(),
			};
			let node =
				RootNode { value: fixed_bytes(&root.value, 8), level: level as u8, left: child(0), right: child(1) };
			assert_eq!(node.hash(), root.hash, "{count} leaves");
		}
	}

	#[test]
	fn a_products_commitment_holds_every_root_in_its_place() {
		let root = |value| RootNode { value: vec![value; 8], level: 0, left: H256::zero(), right: H256::zero() };
		let commitment = |values: &[u8]| Product { roots: values.iter().copied().map(root).collect() }.root();
		assert_ne!(commitment(&[1, 2]), commitment(&[2, 1]));
		assert_ne!(commitment(&[1, 2]), commitment(&[1]));
		assert_eq!(Product { roots: vec![] }.root(), H256::zero());
	}
}
