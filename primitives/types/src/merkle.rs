//! Binary Merkle trees: leaf = Blake2b-256(0x00 ‖ index as u64 LE ‖ data), node = Blake2b-256(0x01 ‖ left ‖ right).
//!
//! A node without a sibling moves up unchanged, so a tree over `n` leaves has no padding. The leaf's index is hashed
//! with it: a path proves the place as well as the content. The root of no leaves is 32 zero bytes.
//!
//! The root over each `2^k` leaves in turn is a node of the tree: a path from a leaf leads through it, and the root over these
//! roots is that over the leaves.

use alloc::vec::Vec;
use blake2::{digest::consts::U32, Blake2b, Digest};
use bounded_collections::{BoundedVec, ConstU32};
use core::ops::Range;
use primitive_types::H256;

/// A Merkle path, bottom first.
pub type Path = BoundedVec<H256, ConstU32<32>>;
/// What shows a run of leaves, bottom first: at most two siblings on each level.
pub type RangePath = BoundedVec<H256, ConstU32<64>>;

/// The hash of the leaf at `index`.
pub fn leaf(index: u64, data: &[u8]) -> H256 {
	let hasher = Blake2b::<U32>::new().chain_update([0]).chain_update(index.to_le_bytes());
	H256(hasher.chain_update(data).finalize().into())
}

/// The root over leaf hashes made by [`leaf`].
pub fn root(leaves: &[H256]) -> H256 {
	let mut level = leaves.to_vec();
	while level.len() > 1 {
		level = parents(&level);
	}
	level.first().copied().unwrap_or_default()
}

/// The siblings from the leaf at `index` up to the root, bottom first; `None` if there is no such leaf.
pub fn path(leaves: &[H256], index: usize) -> Option<Vec<H256>> {
	leaves.get(index)?;
	let (mut level, mut index, mut siblings) = (leaves.to_vec(), index, Vec::new());
	while level.len() > 1 {
		siblings.extend(level.get(index ^ 1));
		level = parents(&level);
		index >>= 1;
	}
	Some(siblings)
}

/// How many siblings the path of the leaf at `index` has in a tree over `count` leaves.
pub fn path_length(count: u64, index: u64) -> usize {
	let (mut width, mut index, mut length) = (count, index, 0usize);
	while width > 1 {
		length = length.saturating_add(usize::from(index ^ 1 < width));
		width = width.div_ceil(2);
		index >>= 1;
	}
	length
}

/// Whether `path` leads from `leaf` at `index` to `root` in a tree over `count` leaves.
pub fn verify(root: H256, count: u64, index: u64, leaf: H256, path: &[H256]) -> bool {
	climb(count, index, leaf, path) == Some(root)
}

/// The root that `path` leads to from `leaf` at `index` in a tree over `count` leaves; `None` if there is no such leaf, or
/// the path has another length.
pub fn climb(count: u64, index: u64, leaf: H256, path: &[H256]) -> Option<H256> {
	if index >= count {
		return None;
	}
	let (mut width, mut index, mut hash, mut path) = (count, index, leaf, path.iter());
	while width > 1 {
		if index ^ 1 < width {
			let sibling = path.next()?;
			hash = if index & 1 == 0 { node(&hash, sibling) } else { node(sibling, &hash) };
		}
		width = width.div_ceil(2);
		index >>= 1;
	}
	path.next().is_none().then_some(hash)
}

/// The siblings that lead from a run of leaves up to the root, bottom first, and on each level the left one before the right
/// one; `None` for no leaves, or such as there are not.
pub fn range_path(leaves: &[H256], run: Range<usize>) -> Option<Vec<H256>> {
	leaves.get(run.clone()).filter(|run| !run.is_empty())?;
	let (mut level, mut first, mut last) = (leaves.to_vec(), run.start, run.end.checked_sub(1)?);
	let mut siblings = Vec::new();
	while level.len() > 1 {
		let left = (first & 1 == 1).then(|| level.get(first ^ 1)).flatten();
		let right = (last & 1 == 0).then(|| level.get(last ^ 1)).flatten();
		siblings.extend(left.into_iter().chain(right));
		level = parents(&level);
		(first, last) = (first >> 1, last >> 1);
	}
	Some(siblings)
}

/// How many siblings a run of `length` leaves has that begins at `first`, in a tree over `count` leaves.
pub fn range_path_length(count: u64, first: u64, length: u64) -> usize {
	let (mut width, mut first, mut last) = (count, first, first.saturating_add(length).saturating_sub(1));
	let mut siblings = 0usize;
	while width > 1 {
		let left = first & 1 == 1;
		let right = last & 1 == 0 && last ^ 1 < width;
		siblings = siblings.saturating_add(usize::from(left)).saturating_add(usize::from(right));
		width = width.div_ceil(2);
		(first, last) = (first >> 1, last >> 1);
	}
	siblings
}

/// The root that `path` leads to from a run of leaves that begins at `first`, in a tree over `count` leaves; `None` for no
/// leaves, such as there are not, or a path of another length. Nothing is hashed but for a path of the right length.
pub fn climb_range(count: u64, first: u64, run: &[H256], path: &[H256]) -> Option<H256> {
	let last = first.checked_add(run.len() as u64)?.checked_sub(1)?;
	if run.is_empty() || last >= count || path.len() != range_path_length(count, first, run.len() as u64) {
		return None;
	}
	let (mut width, mut first, mut last) = (count, first, last);
	let (mut level, mut path) = (run.to_vec(), path.iter().copied());
	while width > 1 {
		let left = if first & 1 == 1 { Some(path.next()?) } else { None };
		let right = if last & 1 == 0 && last ^ 1 < width { Some(path.next()?) } else { None };
		level = parents(&left.into_iter().chain(level).chain(right).collect::<Vec<_>>());
		width = width.div_ceil(2);
		(first, last) = (first >> 1, last >> 1);
	}
	level.first().copied()
}

/// The path of the leaf `within` a run, from the run and the path that shows it: see [`climb_range`].
pub fn path_in_run(count: u64, first: u64, run: &[H256], path: &[H256], within: usize) -> Option<Vec<H256>> {
	run.get(within)?;
	climb_range(count, first, run, path)?;
	let (mut width, mut first, mut last) = (count, first, first.saturating_add(run.len() as u64).saturating_sub(1));
	let mut index = first.saturating_add(within as u64);
	let (mut level, mut path, mut siblings) = (run.to_vec(), path.iter().copied(), Vec::new());
	while width > 1 {
		let left = if first & 1 == 1 { Some(path.next()?) } else { None };
		let right = if last & 1 == 0 && last ^ 1 < width { Some(path.next()?) } else { None };
		level = left.into_iter().chain(level).chain(right).collect();
		let from = first & !1;
		siblings.extend((index ^ 1).checked_sub(from).and_then(|place| level.get(place as usize)));
		level = parents(&level);
		width = width.div_ceil(2);
		(first, last, index) = (first >> 1, last >> 1, index >> 1);
	}
	Some(siblings)
}

fn parents(level: &[H256]) -> Vec<H256> {
	let pair = |pair: &[H256]| match pair {
		[left, right] => node(left, right),
		[alone] => *alone,
		_ => H256::zero(),
	};
	level.chunks(2).map(pair).collect()
}

fn node(left: &H256, right: &H256) -> H256 {
	let hasher = Blake2b::<U32>::new().chain_update([1]).chain_update(left);
	H256(hasher.chain_update(right).finalize().into())
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn leaves(count: usize) -> Vec<H256> {
		(0..count).map(|i| leaf(i as u64, &[i as u8; 3])).collect()
	}

	proptest! {
		#[test]
		fn every_leaf_has_a_path_and_no_path_serves_another_place(count in 1usize..70, pick in 0usize..70, other in 0usize..70) {
			let (leaves, index) = (leaves(count), pick % count);
			let (root, path) = (root(&leaves), path(&leaves, index).unwrap());
			prop_assert!(verify(root, count as u64, index as u64, leaves[index], &path));
			if other % count != index {
				prop_assert!(!verify(root, count as u64, (other % count) as u64, leaves[index], &path));
			}
			let mut longer = path.clone();
			prop_assert_eq!(path.len(), path_length(count as u64, index as u64));
			longer.push(H256::zero());
			prop_assert!(!verify(root, count as u64, index as u64, leaves[index], &longer));
		}
	}

	proptest! {
		#[test]
		fn groups_of_a_power_of_two_are_nodes_of_the_tree(count in 1usize..70, log in 0u32..5, pick in 0usize..70) {
			let (leaves, size, index) = (leaves(count), 1 << log, pick % count);
			let groups: Vec<_> = leaves.chunks(size).map(root).collect();
			prop_assert_eq!(root(&groups), root(&leaves));
			let (group, within) = (index / size, index % size);
			let inner = path(leaves.chunks(size).nth(group).unwrap(), within).unwrap();
			let outer = path(&groups, group).unwrap();
			prop_assert_eq!([&inner[..], &outer].concat(), path(&leaves, index).unwrap());
			prop_assert_eq!(climb(groups.len() as u64, group as u64, groups[group], &outer), Some(root(&leaves)));
		}
	}

	proptest! {
		#[test]
		fn a_run_is_shown_as_its_leaves_are(count in 1usize..70, start in 0usize..70, length in 1usize..70, change in 0usize..70) {
			let (leaves, first) = (leaves(count), start % count);
			let run = first..(first + length).min(count);
			let path = range_path(&leaves, run.clone()).unwrap();
			let (total, place) = (count as u64, first as u64);
			prop_assert_eq!(path.len(), range_path_length(total, place, run.len() as u64));
			prop_assert_eq!(climb_range(total, place, &leaves[run.clone()], &path), Some(root(&leaves)));
			if run.len() == 1 {
				prop_assert_eq!(Some(path.clone()), super::path(&leaves, first));
			}
			for (within, index) in run.clone().enumerate() {
				let single = path_in_run(total, place, &leaves[run.clone()], &path, within);
				prop_assert_eq!(single, super::path(&leaves, index));
			}
			prop_assert_eq!(path_in_run(total, place, &leaves[run.clone()], &path, run.len()), None);
			// Nothing else leads there: another leaf, place, run or path.
			let mut changed = leaves[run.clone()].to_vec();
			let changed_at = change % changed.len();
			changed[changed_at] = leaf(0, b"another");
			prop_assert_ne!(climb_range(total, place, &changed, &path), Some(root(&leaves)));
			for other in 0..total {
				prop_assert!(other == place || climb_range(total, other, &leaves[run.clone()], &path) != Some(root(&leaves)));
			}
			prop_assert_eq!(climb_range(total, place, &leaves[run.clone()], &[&path[..], &[H256::zero()]].concat()), None);
			if let [_, shorter @ ..] = &path[..] {
				prop_assert_eq!(climb_range(total, place, &leaves[run], shorter), None);
			}
		}
	}

	#[test]
	fn there_is_no_run_of_nothing() {
		let leaves = leaves(3);
		let backwards = Range { start: 2, end: 1 };
		for run in [0..0, 3..3, 2..4, 3..4, backwards, 0..usize::MAX] {
			assert_eq!(range_path(&leaves, run.clone()), None, "{run:?}");
		}
		assert_eq!(climb_range(3, 0, &[], &[]), None);
		assert_eq!(climb_range(3, 2, &leaves[..2], &[]), None);
		assert_eq!(climb_range(3, u64::MAX, &leaves[..2], &[]), None);
		assert_eq!(range_path_length(0, 0, 0), 0);
	}

	#[test]
	fn an_index_behind_the_last_leaf_has_no_path() {
		assert_eq!(path(&leaves(3), 3), None);
		assert!(!verify(root(&leaves(3)), 3, 3, leaf(3, b""), &[]));
		assert_eq!(root(&[]), H256::zero());
	}
}
