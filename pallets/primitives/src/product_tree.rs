//! Product trees: what a computing provider commits to (protocols.md, section 5, "Verifiable computation").
//!
//! A tree multiplies ciphertexts pairwise modulo `N^2`. Its leaves are committed inputs in canonical order, an inner
//! node's value is the product of its children's, so the root's value is the output, and one wrong product anywhere is
//! shown by one node with its two children. node = Blake2b-256(level ‖ index ‖ value ‖ left ‖ right), see [`node_hash`].

use crate::hash;
use alloc::{vec, vec::Vec};
use num_bigint::BigUint;
use num_traits::Zero;
use sp_core::H256;

/// A node: its value and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
	/// Product of the leaves below, modulo `N^2`.
	pub value: BigUint,
	/// See [`node_hash`].
	pub hash: H256,
}

/// All levels of a tree, leaves first. A node without a sibling is the only child of its parent, which has its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductTree {
	levels: Vec<Vec<Node>>,
}

impl ProductTree {
	/// The tree over `leaves` modulo `modulus` (`N^2`); `None` without leaves, or if the modulus is zero.
	pub fn new(leaves: &[BigUint], modulus: &BigUint) -> Option<Self> {
		if modulus.is_zero() {
			return None;
		}
		let bytes = modulus_bytes(modulus);
		let leaf = |(index, value): (usize, &BigUint)| node(0, index, value.clone(), bytes, None, None);
		let mut levels = vec![leaves.iter().enumerate().map(leaf).collect::<Vec<_>>()];
		while let Some(below) = levels.last().filter(|level| level.len() > 1) {
			let level = levels.len() as u8;
			let parent = |(index, pair): (usize, &[Node])| match pair {
				[left, right] => {
					let value = multiply(&left.value, &right.value, modulus);
					Some(node(level, index, value, bytes, Some(left), Some(right)))
				},
				[alone] => Some(node(level, index, alone.value.clone(), bytes, Some(alone), None)),
				_ => None,
			};
			let next = below.chunks(2).enumerate().filter_map(parent).collect();
			levels.push(next);
		}
		levels.last()?.first()?;
		Some(Self { levels })
	}

	/// The root: the output and its commitment.
	pub fn root(&self) -> Option<&Node> {
		self.levels.last()?.first()
	}

	/// The levels, leaves first.
	pub fn levels(&self) -> &[Vec<Node>] {
		&self.levels
	}
}

/// Hash of a node: level and index as little-endian `u8` and `u64`, the value big-endian in exactly `value_bytes`
/// bytes (the modulus' length), and the children's hashes, 32 zero bytes where there is no child.
pub fn node_hash(level: u8, index: u64, value: &BigUint, value_bytes: usize, left: H256, right: H256) -> H256 {
	let value = fixed_bytes(value, value_bytes);
	let parts: [&[u8]; 5] = [&[level], &index.to_le_bytes(), &value, left.as_bytes(), right.as_bytes()];
	hash::tagged("encrytrust/product-tree/1", &parts)
}

/// The big-endian bytes of `value`, left-padded with zeros to `length`; longer values keep their own length.
pub fn fixed_bytes(value: &BigUint, length: usize) -> Vec<u8> {
	let bytes = value.to_bytes_be();
	let mut fixed = vec![0; length.saturating_sub(bytes.len())];
	fixed.extend_from_slice(&bytes);
	fixed
}

/// The product modulo `modulus`, which is not zero.
#[allow(clippy::arithmetic_side_effects)]
fn multiply(left: &BigUint, right: &BigUint, modulus: &BigUint) -> BigUint {
	left * right % modulus
}

/// Bytes of a value modulo `modulus`.
fn modulus_bytes(modulus: &BigUint) -> usize {
	modulus.bits().div_ceil(8) as usize
}

fn node(level: u8, index: usize, value: BigUint, bytes: usize, left: Option<&Node>, right: Option<&Node>) -> Node {
	let child = |node: Option<&Node>| node.map(|node| node.hash).unwrap_or_default();
	let hash = node_hash(level, index as u64, &value, bytes, child(left), child(right));
	Node { value, hash }
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	proptest! {
		#[test]
		fn the_root_is_the_product(leaves in prop::collection::vec(1u64.., 1..40)) {
			let modulus = BigUint::from(0xffff_ffff_ffff_ffc5_u64);
			let leaves: Vec<_> = leaves.into_iter().map(BigUint::from).collect();
			let product = leaves.iter().fold(BigUint::from(1u8), |product, leaf| product * leaf % &modulus);
			let tree = ProductTree::new(&leaves, &modulus).unwrap();
			if leaves.len() > 1 {
				prop_assert_eq!(&tree.root().unwrap().value, &product);
			}
		}
	}

	#[test]
	fn a_tree_without_leaves_or_modulus_is_none() {
		assert_eq!(ProductTree::new(&[], &BigUint::from(35u8)), None);
		assert_eq!(ProductTree::new(&[BigUint::from(2u8), BigUint::from(3u8)], &BigUint::zero()), None);
	}

	#[test]
	fn the_same_value_elsewhere_has_another_hash() {
		let (seven, none) = (BigUint::from(7u8), H256::zero());
		let here = node_hash(0, 0, &seven, 4, none, none);
		assert_ne!(here, node_hash(0, 1, &seven, 4, none, none));
		assert_ne!(here, node_hash(1, 0, &seven, 4, none, none));
	}
}
