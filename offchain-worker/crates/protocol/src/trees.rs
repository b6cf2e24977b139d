//! Product trees: written as they are complete, and read part by part.

use crate::{
	blobs::{Blobs, Store},
	chain::{AccountId, H256},
	error::ProtocolError,
	job::Job,
	parts::{Parts, PartsWriter},
};
use encrytrust_fault_proofs::{
	find::PartOfTrees,
	product_tree::Tree,
	wire::{product_leaves, Product},
};
use encrytrust_types::{
	job::{Commitment, Stage, TreeShape},
	merkle,
};

/// Writes product trees, output by output.
pub struct TreesWriter<'a> {
	job: &'a Job,
	shape: TreeShape,
	parts: PartsWriter<'a>,
	/// Output of the first tree of the part that is being made.
	first: u32,
	trees: Vec<Tree>,
}

impl<'a> TreesWriter<'a> {
	/// Nothing written yet; what is published goes to `store`.
	///
	/// # Errors
	///
	/// A stage without product trees.
	pub fn new(job: &'a Job, stage: Stage, store: &'a dyn Store) -> Result<Self, ProtocolError> {
		Ok(Self { job, shape: job.shape(stage)?, parts: PartsWriter::new(store), first: 0, trees: Vec::new() })
	}

	/// Output of the tree that comes next.
	pub(crate) fn next(&self) -> u32 {
		self.first + self.trees.len() as u32
	}

	/// Adds the tree of the next output; a part is kept as soon as it is complete.
	///
	/// # Errors
	///
	/// Numbers that make up no tree, or a store that does not keep.
	pub fn push(&mut self, tree: Tree) -> Result<(), ProtocolError> {
		self.trees.push(tree);
		if self.trees.len() as u32 == self.job.contract.part_size() {
			self.flush()?;
		}
		Ok(())
	}

	fn flush(&mut self) -> Result<(), ProtocolError> {
		let first = self.first;
		let product = Product { trees: std::mem::take(&mut self.trees) };
		let hashes = product.hashes(self.shape, self.job.ring.bytes());
		let hashes = hashes.ok_or_else(|| ProtocolError::Sums("the products make up no trees".into()))?;
		self.first += product.trees.len() as u32;
		self.parts.push(merkle::root(&product_leaves(first, &hashes)), &product)
	}

	/// What to commit to.
	///
	/// # Errors
	///
	/// As [`Self::push`].
	pub fn finish(mut self) -> Result<Commitment, ProtocolError> {
		if !self.trees.is_empty() {
			self.flush()?;
		}
		self.parts.finish(merkle::root)
	}
}

impl std::fmt::Debug for TreesWriter<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("TreesWriter").field("next", &self.next()).finish_non_exhaustive()
	}
}

/// Product trees that somebody has published, all of which hash to their commitment. That each node is a product, and each
/// leaf what it should be, is for [`verification`](crate::verification) to see.
pub struct Trees<'a> {
	job: &'a Job,
	parts: Parts<'a>,
	stage: Stage,
	roots: Vec<H256>,
}

impl<'a> Trees<'a> {
	/// Reads what `who` committed to in `Outputs` or `Result`: as many trees as there are outputs, of whatever size.
	///
	/// # Errors
	///
	/// What is not at hand, and what is not what the commitment says.
	pub fn read(
		job: &'a Job,
		blobs: &'a dyn Blobs,
		stage: Stage,
		who: &AccountId,
		commitment: &Commitment,
	) -> Result<Self, ProtocolError> {
		job.shape(stage)?;
		let mut parts = Parts::new(blobs, format!("what {who} published"), commitment);
		parts.answered = Some((stage, who.clone()));
		let mut trees = Self { job, parts, stage, roots: Vec::new() };
		let root = |part| {
			let product = trees.product(part)?;
			let read = job.faults().part_of_trees(stage, part, &product, &[]);
			Ok(read.ok_or_else(|| trees.parts.format("it has another number of trees, or one that is none"))?.root())
		};
		trees.roots = (0..job.contract.output_parts()).map(root).collect::<Result<_, ProtocolError>>()?;
		if merkle::root(&trees.roots) != commitment.root {
			return Err(ProtocolError::Commitment(trees.parts.what));
		}
		Ok(trees)
	}

	/// The trees of a part.
	///
	/// # Errors
	///
	/// A part that is not at hand any more.
	pub fn product(&self, part: u32) -> Result<Product, ProtocolError> {
		self.parts.decode(part)
	}

	/// A part's trees with their hashes and paths.
	pub(crate) fn part<'p>(&self, part: u32, product: &'p Product) -> Result<PartOfTrees<'p>, ProtocolError> {
		let read = self.job.faults().part_of_trees(self.stage, part, product, &self.roots);
		read.ok_or_else(|| self.parts.format("it has another number of trees, or one that is none"))
	}

	/// The outputs of a part: of trees with as many leaves as the contract says, and each such that it can be a ciphertext.
	///
	/// # Errors
	///
	/// The first that is none.
	pub fn values(&self, part: u32) -> Result<Vec<Vec<u8>>, ProtocolError> {
		let job = self.job;
		let shape = job.shape(self.stage)?;
		let value = |tree: Tree| {
			if !has_shape(&tree, shape) {
				return Err(self.parts.format("its trees have another number of leaves"));
			}
			let value = tree.root().filter(|value| job.ring.is_ciphertext(value));
			value.map(<[u8]>::to_vec).ok_or_else(|| self.parts.format("an output is no ciphertext"))
		};
		self.product(part)?.trees.into_iter().map(value).collect()
	}

	/// From a part to the commitment.
	pub(crate) fn path(&self, part: u32) -> Option<Vec<H256>> {
		merkle::path(&self.roots, part as usize)
	}
}

impl std::fmt::Debug for Trees<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Trees").field("stage", &self.stage).finish_non_exhaustive()
	}
}

/// Whether a tree has as many values on each level as the shape.
fn has_shape(tree: &Tree, shape: TreeShape) -> bool {
	let widths = (0..=shape.height()).map(|level| shape.width(level));
	tree.levels.iter().map(|level| level.len() as u64).eq(widths)
}
