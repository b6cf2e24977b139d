//! The shape of product trees.

/// Which nodes a tree has: that follows from its leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeShape {
	leaves: u64,
	weighted: bool,
}

impl TreeShape {
	/// A tree that multiplies `leaves`.
	pub const fn new(leaves: u64) -> Self {
		Self { leaves, weighted: false }
	}

	/// A tree that raises `leaves` to powers, and then multiplies: level 1 is as wide as the leaves, and each of its nodes
	/// is the only parent of its leaf.
	pub const fn weighted(leaves: u64) -> Self {
		Self { leaves, weighted: true }
	}

	/// The shape of the same kind over another number of leaves.
	pub const fn with_leaves(self, leaves: u64) -> Self {
		Self { leaves, ..self }
	}

	/// Number of leaves.
	pub fn leaves(&self) -> u64 {
		self.leaves
	}

	/// Level of the root.
	pub fn height(&self) -> u8 {
		let halvings = u64::BITS.saturating_sub(self.leaves.saturating_sub(1).leading_zeros());
		(halvings as u8).saturating_add(self.weighted.into())
	}

	/// Number of nodes on a level; none above the root.
	pub fn width(&self, level: u8) -> u64 {
		let halvings = level.saturating_sub(self.weighted.into());
		let per_node = 1u64.checked_shl(halvings.into()).filter(|_| level <= self.height());
		per_node.map_or(0, |leaves| self.leaves.div_ceil(leaves))
	}

	/// Number of nodes.
	pub fn nodes(&self) -> u64 {
		(0..=self.height()).fold(0, |nodes, level| nodes.saturating_add(self.width(level)))
	}

	/// Index of the parent of a node of `level`.
	pub fn parent(&self, level: u8, index: u64) -> u64 {
		if self.is_power(level.saturating_add(1)) {
			index
		} else {
			index / 2
		}
	}

	/// Indices of the children of an inner node: the left one, and the right one unless it is alone.
	pub fn children(&self, level: u8, index: u64) -> (u64, Option<u64>) {
		if self.is_power(level) {
			return (index, None);
		}
		let (left, below) = (index.saturating_mul(2), level.saturating_sub(1));
		(left, left.checked_add(1).filter(|right| *right < self.width(below)))
	}

	/// Whether nodes of this level hold powers of leaves instead of products.
	pub fn is_power(&self, level: u8) -> bool {
		self.weighted && level == 1
	}
}
