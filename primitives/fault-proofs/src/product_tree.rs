//! Product trees: what computing providers and the coordinator commit to and publish, `docs/protocol/bmpc.md`.
//!
//! A tree multiplies ciphertexts pairwise modulo `N^2`: an inner node's value is the product of its children's, so the
//! root's value is the output, and one wrong product anywhere is shown by one node with its two children. Hashes are
//! those of the values *as published*, products or not: who has a tree that hashes to its commitment can show each node
//! of it that is wrong.

use crate::ring::Ring;
use alloc::{vec, vec::Vec};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use encrytrust_types::{hash, job::TreeShape, merkle::Path, Number};
use primitive_types::H256;
use scale_info::TypeInfo;

/// The highest level that a node can have. No tree of leaves that fit on any disk is higher.
pub const MAX_HEIGHT: u32 = 32;

/// The hash of a node. Level and index are little-endian `u8` and `u64`; a child that is not there is 32 zero bytes.
pub fn node_hash(level: u8, index: u64, value: H256, left: H256, right: H256) -> H256 {
	let parts: [&[u8]; 5] = [&[level], &index.to_le_bytes(), value.as_bytes(), left.as_bytes(), right.as_bytes()];
	hash::tagged("encrytrust/product-tree/2", &parts)
}

/// The hash of a value, big-endian in `2 |N|` bytes.
pub fn value_hash(value: &[u8]) -> H256 {
	hash::tagged("encrytrust/product-tree/value/2", &[value])
}

/// A published tree: the values of all levels, leaves first. A node without sibling is the only, left child of its
/// parent, which has its value.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Tree {
	/// The levels' values, each in `2 |N|` bytes.
	pub levels: Vec<Vec<Vec<u8>>>,
}

impl Tree {
	/// The tree that multiplies `leaves`; `None` without any, or if one is too long.
	pub fn multiply(leaves: Vec<Vec<u8>>, ring: &Ring) -> Option<Self> {
		Self::over(vec![leaves], ring)
	}

	/// The tree that raises the leaf `i` to `weights[i mod t]` and then multiplies; `None` without leaves or weights, or if
	/// a power does not exist.
	pub fn weighted(leaves: Vec<Vec<u8>>, weights: &[i32], ring: &Ring) -> Option<Self> {
		let powers = leaves.iter().zip(weights.iter().cycle()).map(|(leaf, weight)| power(leaf, *weight, ring));
		let powers = powers.collect::<Option<Vec<_>>>()?;
		(powers.len() == leaves.len()).then(|| Self::over(vec![leaves, powers], ring))?
	}

	fn over(mut levels: Vec<Vec<Vec<u8>>>, ring: &Ring) -> Option<Self> {
		while let Some(below) = levels.last().filter(|level| level.len() > 1) {
			let parent = |pair: &[Vec<u8>]| match pair {
				[left, right] => ring.multiply(left, right),
				alone => alone.first().cloned(),
			};
			let next = below.chunks(2).map(parent).collect::<Option<Vec<_>>>()?;
			levels.push(next);
		}
		levels.last()?.first()?;
		Some(Self { levels })
	}

	/// The output.
	pub fn root(&self) -> Option<&[u8]> {
		Some(self.levels.last()?.first()?)
	}

	/// A node's value.
	pub fn value(&self, level: u8, index: u64) -> Option<&[u8]> {
		Some(self.levels.get(usize::from(level))?.get(usize::try_from(index).ok()?)?)
	}

	/// The hashes of all nodes; `None` if the levels are not those of a tree over its own leaves, or a value has not
	/// `bytes` bytes. That a tree has as many leaves as it should is another matter.
	pub fn hashes(&self, shape: TreeShape, bytes: usize) -> Option<Hashes> {
		let leaves = self.levels.first().filter(|leaves| !leaves.is_empty())?;
		let shape = shape.with_leaves(leaves.len() as u64);
		if self.levels.len() != usize::from(shape.height()).checked_add(1)? || shape.height() as u32 > MAX_HEIGHT {
			return None;
		}
		let whole = |(level, values): (u8, &Vec<Vec<u8>>)| {
			values.len() as u64 == shape.width(level) && values.iter().all(|value| value.len() == bytes)
		};
		let levels = (0u8..).zip(&self.levels).all(whole).then(|| hash_levels(shape, &self.levels))?;
		Some(Hashes { shape, levels })
	}
}

/// The hashes of the nodes of a tree of `shape`, whose levels have as many values as nodes.
fn hash_levels<Value: AsRef<[u8]>>(shape: TreeShape, levels: &[Vec<Value>]) -> Vec<Vec<H256>> {
	let mut hashes: Vec<Vec<H256>> = Vec::with_capacity(levels.len());
	for (level, values) in (0u8..).zip(levels) {
		let below = hashes.last();
		let child = |index: u64| below.and_then(|below| below.get(index as usize)).copied().unwrap_or_default();
		let node = |(index, value): (u64, &Value)| {
			let (left, right) = shape.children(level, index);
			let right = right.map(child).unwrap_or_default();
			node_hash(level, index, value_hash(value.as_ref()), child(left), right)
		};
		let next = (0u64..).zip(values).map(node).collect();
		hashes.push(next);
	}
	hashes
}

/// The hash of the root of a tree of `shape`, whose levels have as many values as nodes.
pub(crate) fn root_of_levels<Value: AsRef<[u8]>>(shape: TreeShape, levels: &[Vec<Value>]) -> H256 {
	hash_levels(shape, levels).last().and_then(|level| level.first()).copied().unwrap_or_default()
}

/// The hashes of a tree's nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashes {
	shape: TreeShape,
	levels: Vec<Vec<H256>>,
}

impl Hashes {
	/// The root's.
	pub fn root(&self) -> H256 {
		self.levels.last().and_then(|level| level.first()).copied().unwrap_or_default()
	}

	/// A node's; zero if there is none.
	pub fn get(&self, level: u8, index: u64) -> H256 {
		let level = self.levels.get(usize::from(level));
		level.and_then(|level| level.get(index as usize)).copied().unwrap_or_default()
	}

	/// The hashes of a node's children: zero where there is none.
	pub fn children(&self, level: u8, index: u64) -> (H256, H256) {
		let Some(below) = level.checked_sub(1) else { return Default::default() };
		let (left, right) = self.shape.children(level, index);
		(self.get(below, left), right.map(|right| self.get(below, right)).unwrap_or_default())
	}

	/// The proof that a node of `tree`, whose hashes these are, is where it is. `output_path` leads from the tree's root
	/// to the commitment.
	pub fn prove(&self, tree: &Tree, level: u8, index: u64, output_path: Path) -> Option<NodeProof> {
		let (left, right) = self.children(level, index);
		let value = Number::try_from(tree.value(level, index)?.to_vec()).ok()?;
		let (mut path, mut here) = (Vec::new(), (level, index));
		while here.0 < self.shape.height() {
			let parent = (here.0.checked_add(1)?, self.shape.parent(here.0, here.1));
			let (left, right) = self.children(parent.0, parent.1);
			let sibling = if left == self.get(here.0, here.1) { right } else { left };
			path.push(Step { value: value_hash(tree.value(parent.0, parent.1)?), sibling });
			here = parent;
		}
		Some(NodeProof { level, index, value, left, right, path: path.try_into().ok()?, output_path })
	}

	/// A node as the child of another.
	pub fn child(&self, tree: &Tree, level: u8, index: u64) -> Option<Child> {
		let (left, right) = self.children(level, index);
		Some(Child { value: tree.value(level, index)?.to_vec().try_into().ok()?, left, right })
	}
}

/// One level up on the way to the root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Step {
	/// [`value_hash`] of the parent.
	pub value: H256,
	/// The other child of the parent; zero if there is none.
	pub sibling: H256,
}

/// A node, and the way from it to the commitment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct NodeProof {
	/// Its level; leaves are on level 0.
	pub level: u8,
	/// Its place on the level.
	pub index: u64,
	/// Its value.
	pub value: Number,
	/// Hash of its left child; zero if there is none.
	pub left: H256,
	/// Hash of its right child; zero if there is none.
	pub right: H256,
	/// From the node up to the root of its tree.
	pub path: BoundedVec<Step, ConstU32<MAX_HEIGHT>>,
	/// Merkle path from the tree's root up to the commitment.
	pub output_path: Path,
}

/// The child of a node that is shown.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Child {
	/// Its value.
	pub value: Number,
	/// Hash of its left child; zero if there is none.
	pub left: H256,
	/// Hash of its right child; zero if there is none.
	pub right: H256,
}

/// Why a node cannot be in a tree of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceError {
	/// The path is not as long as from its level to the root.
	PathLength,
	/// There are not as many nodes on its level.
	Index,
	/// The path says that a node has a sibling which a tree of that shape does not have.
	Sibling,
}

impl NodeProof {
	/// The node's hash.
	pub fn hash(&self) -> H256 {
		node_hash(self.level, self.index, value_hash(&self.value), self.left, self.right)
	}

	/// The hash of the root that the path leads to in a tree of `shape`.
	///
	/// # Errors
	///
	/// If there is no such place in such a tree.
	pub fn tree_root(&self, shape: TreeShape) -> Result<H256, PlaceError> {
		let levels = usize::from(shape.height()).checked_sub(usize::from(self.level));
		if levels != Some(self.path.len()) {
			return Err(PlaceError::PathLength);
		}
		if self.index >= shape.width(self.level) {
			return Err(PlaceError::Index);
		}
		let (mut level, mut index, mut hash) = (self.level, self.index, self.hash());
		for step in &self.path {
			let parent = shape.parent(level, index);
			level = level.saturating_add(1);
			let (left, right) = match shape.children(level, parent) {
				(_, None) if step.sibling != H256::zero() => return Err(PlaceError::Sibling),
				(left, _) if left == index => (hash, step.sibling),
				_ => (step.sibling, hash),
			};
			hash = node_hash(level, parent, step.value, left, right);
			index = parent;
		}
		Ok(hash)
	}
}

impl Child {
	/// In the place of a child that there is not.
	pub fn none() -> Self {
		Self { value: Number::default(), left: H256::zero(), right: H256::zero() }
	}

	/// The child's hash, if it stands there.
	pub fn hash(&self, level: u8, index: u64) -> H256 {
		node_hash(level, index, value_hash(&self.value), self.left, self.right)
	}
}

/// `value ^ weight`; `None` if it has no inverse and the weight is negative, or if it is too long.
fn power(value: &[u8], weight: i32, ring: &Ring) -> Option<Vec<u8>> {
	let power = ring.pow(value, &weight.unsigned_abs().to_be_bytes())?;
	if weight < 0 {
		ring.invert(&power)
	} else {
		Some(power)
	}
}

/// Whether a node's value is what its children say; `None` for numbers that are too long.
pub(crate) fn product_holds(
	ring: &Ring,
	weight: Option<i32>,
	value: &[u8],
	left: &[u8],
	right: Option<&[u8]>,
) -> Option<bool> {
	Some(match (weight, right) {
		(Some(weight), _) => {
			let power = ring.pow(left, &weight.unsigned_abs().to_be_bytes())?;
			match weight {
				0.. => power == value,
				// No inverse is needed: the value times the power is one.
				_ => ring.multiply(&power, value)? == ring.reduce(&[1])?,
			}
		},
		(None, Some(right)) => ring.multiply(left, right)? == value,
		(None, None) => left == value,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::big_integers::Pure;
	use proptest::prelude::*;

	fn ring() -> Ring {
		Ring::new(&[0x7f, 0xff, 0xff, 0xed], &Pure).unwrap()
	}

	fn leaves(count: u64) -> Vec<Vec<u8>> {
		(0..count).map(|leaf| (leaf + 2).to_be_bytes().to_vec()).collect()
	}

	proptest! {
		#[test]
		fn every_node_has_its_place_and_no_other(count in 1u64..40, weighted: bool, pick: prop::sample::Index) {
			let ring = ring();
			let (shape, tree) = match weighted {
				true => (TreeShape::weighted(count), Tree::weighted(leaves(count), &[3, -2, 5], &ring).unwrap()),
				false => (TreeShape::new(count), Tree::multiply(leaves(count), &ring).unwrap()),
			};
			let hashes = tree.hashes(shape, 8).unwrap();
			let widths: Vec<_> = (0..=shape.height()).map(|level| shape.width(level)).collect();
			prop_assert_eq!(&widths, &tree.levels.iter().map(|level| level.len() as u64).collect::<Vec<_>>());
			prop_assert_eq!(shape.width(shape.height() + 1), 0);
			prop_assert_eq!(shape.nodes(), widths.iter().sum::<u64>());
			let nodes: Vec<_> = (0..=shape.height()).zip(&widths)
				.flat_map(|(level, width)| (0..*width).map(move |index| (level, index))).collect();
			let (level, index) = nodes[pick.index(nodes.len())];
			let proof = hashes.prove(&tree, level, index, Default::default()).unwrap();
			prop_assert_eq!(proof.tree_root(shape), Ok(hashes.root()));
			for other in [TreeShape::new(count + 1), TreeShape::weighted(count + 1), TreeShape::new(count), TreeShape::weighted(count)] {
				if other != shape {
					let root = proof.tree_root(other);
					prop_assert!(root != Ok(hashes.root()) || other.height() == shape.height(), "{:?}", other);
				}
			}
			let elsewhere = NodeProof { index: index ^ 1, ..proof };
			prop_assert_ne!(elsewhere.tree_root(shape), Ok(hashes.root()));
		}

		#[test]
		fn the_root_is_the_product(count in 1u64..40) {
			let (ring, leaves) = (ring(), leaves(count));
			let product = leaves.iter().skip(1).fold(leaves[0].clone(), |product, leaf| ring.multiply(&product, leaf).unwrap());
			let tree = Tree::multiply(leaves.clone(), &ring).unwrap();
			prop_assert_eq!(tree.root(), Some(&product[..]));
			let weighted = Tree::weighted(leaves, &[1], &ring).unwrap();
			prop_assert_eq!(weighted.root(), Some(&product[..]));
		}
	}

	#[test]
	fn a_negative_weight_divides() {
		let ring = ring();
		let tree = Tree::weighted(vec![vec![0, 0, 0, 0, 0, 0, 0, 6]; 2], &[3, -3], &ring).unwrap();
		assert_eq!(tree.root(), Some(&[0, 0, 0, 0, 0, 0, 0, 1][..]));
		assert_eq!(Tree::weighted(vec![vec![0; 8]], &[-1], &ring), None);
		assert_eq!(Tree::multiply(vec![], &ring), None);
		assert_eq!(Tree::weighted(leaves(1), &[], &ring), None);
	}

	/// By an implementation of its own, in Python.
	#[test]
	fn node_hash_is_as_specified() {
		let node = node_hash(1, 2, value_hash(&[0, 0, 0, 7]), H256::repeat_byte(0xaa), H256::zero());
		let expected = "d5cd585e884ac45e8b191c6f0e0978c0dab54f424e36eafe28240fbba9276e27";
		assert_eq!(alloc::format!("{node:x}"), expected);
	}

	#[test]
	fn the_same_value_elsewhere_has_another_hash() {
		let (seven, none) = (value_hash(&[0, 7]), H256::zero());
		let here = node_hash(0, 0, seven, none, none);
		assert_ne!(here, node_hash(0, 1, seven, none, none));
		assert_ne!(here, node_hash(1, 0, seven, none, none));
		assert_ne!(seven, value_hash(&[7]));
	}
}
