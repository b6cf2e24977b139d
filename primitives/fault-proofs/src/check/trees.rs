//! Product trees: nodes, shapes, and the coordinator's leaves.

use crate::{
	committed::ensure_path,
	context::FaultContext,
	fault::Producer,
	product_tree::{product_holds, Child, NodeProof},
	ring::Ring,
	verdict::{FaultError, Verdict},
};
use codec::Encode;
use encrytrust_types::job::{FaultKind, Role, Stage, TreeShape};
use primitive_types::H256;

/// The trees that a party committed to.
pub(super) struct Trees<'a, AccountId> {
	owner: &'a AccountId,
	role: Role,
	stage: Stage,
	shape: TreeShape,
	root: H256,
}

impl<A: Clone> Trees<'_, A> {
	pub(super) fn verdict(&self, kind: FaultKind) -> Verdict<A> {
		Verdict { offender: self.owner.clone(), role: self.role, stage: self.stage, kind }
	}
}

impl<'a, A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'a, A, B, N, Roots> {
	pub(super) fn check_product(
		&self,
		producer: Producer,
		output: u32,
		node: &NodeProof,
		left: &Child,
		right: Option<&Child>,
	) -> Result<Verdict<A>, FaultError> {
		let (trees, ring) = (self.trees(producer)?, self.user_ring()?);
		let guilty = Ok(trees.verdict(FaultKind::Product));
		let Some(below) = node.level.checked_sub(1) else {
			// A leaf is wrong by itself: what it is multiplied into is nothing that can be decrypted.
			ensure_leaf(node)?;
			self.ensure_node(&trees, &ring, output, node)?;
			return if ring.is_ciphertext(&node.value) { Err(FaultError::FaultNotProven) } else { guilty };
		};
		if node.left == node.right {
			return Err(FaultError::EqualChildren);
		}
		self.ensure_node(&trees, &ring, output, node)?;
		let (left_index, right_index) = trees.shape.children(node.level, node.index);
		if right_index.is_some() != (node.right != H256::zero()) || !ring.is_reduced(&node.value) {
			return guilty;
		}
		ensure_child(&ring, left, below, left_index, node.left)?;
		match (right, right_index) {
			(Some(right), Some(index)) => ensure_child(&ring, right, below, index, node.right)?,
			(None, None) => (),
			_ => return Err(FaultError::WrongChildren),
		}
		let weight = self.weight(trees.shape, node.level, node.index);
		let right = right.map(|right| &right.value[..]);
		let holds = product_holds(&ring, weight, &node.value, &left.value, right).ok_or(FaultError::Length)?;
		if holds {
			return Err(FaultError::FaultNotProven);
		}
		guilty
	}

	pub(super) fn check_shape(
		&self,
		producer: Producer,
		output: u32,
		root: &NodeProof,
	) -> Result<Verdict<A>, FaultError> {
		let trees = self.trees(producer)?;
		if !root.path.is_empty() {
			return Err(FaultError::PathLength);
		}
		if !self.user_ring()?.is_number(&root.value) {
			return Err(FaultError::Length);
		}
		self.ensure_tree(&trees, output, root.hash(), &root.output_path)?;
		if root.level == trees.shape.height() {
			return Err(FaultError::FaultNotProven);
		}
		Ok(trees.verdict(FaultKind::Shape))
	}

	pub(super) fn check_result(
		&self,
		output: u32,
		computing: u16,
		leaf: &NodeProof,
		root: &NodeProof,
	) -> Result<Verdict<A>, FaultError> {
		let (trees, ring) = (self.trees(Producer::Coordinator)?, self.user_ring()?);
		let source = self.trees(Producer::Computing(computing))?;
		ensure_leaf(leaf)?;
		if leaf.index != u64::from(computing) {
			return Err(FaultError::OutOfRange);
		}
		if root.level != source.shape.height() {
			return Err(FaultError::WrongLevel);
		}
		self.ensure_node(&trees, &ring, output, leaf)?;
		self.ensure_node(&source, &ring, output, root)?;
		if leaf.value == root.value {
			return Err(FaultError::FaultNotProven);
		}
		Ok(trees.verdict(FaultKind::Result))
	}

	pub(super) fn trees(&self, producer: Producer) -> Result<Trees<'a, A>, FaultError> {
		let (owner, role) = match producer {
			Producer::Computing(index) => (&self.computing(index)?.party.who, Role::ComputingProvider),
			Producer::Coordinator => (&self.contract.coordinator.who, Role::Coordinator),
		};
		let stage = producer.stage();
		let shape = self.contract.tree_shape(stage).ok_or(FaultError::OutOfRange)?;
		Ok(Trees { owner, role, stage, shape, root: self.root(stage, owner)? })
	}

	/// The node is in the place it claims, in a tree that was committed to.
	pub(super) fn ensure_node(
		&self,
		trees: &Trees<A>,
		ring: &Ring,
		output: u32,
		node: &NodeProof,
	) -> Result<(), FaultError> {
		if !ring.is_number(&node.value) {
			return Err(FaultError::Length);
		}
		self.ensure_tree(trees, output, node.tree_root(trees.shape)?, &node.output_path)
	}

	fn ensure_tree(&self, trees: &Trees<A>, output: u32, tree: H256, path: &[H256]) -> Result<(), FaultError> {
		ensure_path(trees.root, self.contract.outputs().into(), output.into(), tree.as_bytes(), path)
	}
}

pub(super) fn ensure_leaf(leaf: &NodeProof) -> Result<(), FaultError> {
	let childless = (leaf.left, leaf.right) == (H256::zero(), H256::zero());
	(leaf.level == 0 && childless).then_some(()).ok_or(FaultError::WrongLevel)
}

fn ensure_child(ring: &Ring, child: &Child, level: u8, index: u64, hash: H256) -> Result<(), FaultError> {
	if !ring.is_number(&child.value) {
		return Err(FaultError::Length);
	}
	(child.hash(level, index) == hash).then_some(()).ok_or(FaultError::WrongChildren)
}
