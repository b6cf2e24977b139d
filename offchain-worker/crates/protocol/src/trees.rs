//! Product trees: written as they are complete, and read part by part.

use crate::{
	blobs::{answers, Blobs, Store},
	chain::{AccountId, H256},
	encoding::Reader,
	error::ProtocolError,
	job::Job,
	parts::{Parts, PartsWriter},
};
use encrytrust_fault_proofs::{
	find::PartOfTrees,
	product_tree::{Tree, MAX_HEIGHT},
	wire::{product_leaves, Product},
	Producer,
};
use encrytrust_types::{
	job::{Commitment, Stage, TreeShape, Unit},
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

/// Product trees that somebody has committed to, as far as they are at hand. That each node is a product, and each leaf what
/// it should be, is for [`verification`](crate::verification) to see.
pub struct Trees<'a> {
	job: &'a Job,
	blobs: &'a dyn Blobs,
	parts: Parts<'a>,
	/// Whose.
	producer: Producer,
	commitment: Commitment,
	/// Of each part: from its root to the commitment, and whether all of it was published on chain.
	found: Vec<Result<Found, ProtocolError>>,
}

/// A part that is at hand.
struct Found {
	above: Vec<H256>,
	on_chain: bool,
}

impl<'a> Trees<'a> {
	/// What `who` committed to in `Outputs` or `Result`, as far as it is at hand. Each part is judged by itself.
	///
	/// # Errors
	///
	/// Somebody who commits to no trees in this stage.
	pub fn new(
		job: &'a Job,
		blobs: &'a dyn Blobs,
		stage: Stage,
		who: &AccountId,
		commitment: &Commitment,
	) -> Result<Self, ProtocolError> {
		job.shape(stage)?;
		let producer = match stage {
			Stage::Outputs => Producer::Computing(job.computing_index(who)? as u16),
			Stage::Result if job.contract.coordinator.who == *who => Producer::Coordinator,
			_ => return Err(ProtocolError::NotParty("producer of product trees")),
		};
		let count = job.contract.output_parts();
		let parts = Parts::new(blobs, format!("what {who} published"), commitment, count, merkle::root);
		let mut trees = Self { job, blobs, parts, producer, commitment: *commitment, found: Vec::new() };
		trees.found = (0..count).map(|part| trees.find(part)).collect();
		Ok(trees)
	}

	/// Reads what `who` committed to in `Outputs` or `Result`: as many trees as there are outputs, of whatever size.
	///
	/// # Errors
	///
	/// What is neither at hand nor was published on chain, and what is not what the commitment says.
	pub fn read(
		job: &'a Job,
		blobs: &'a dyn Blobs,
		stage: Stage,
		who: &AccountId,
		commitment: &Commitment,
	) -> Result<Self, ProtocolError> {
		let mut trees = Self::new(job, blobs, stage, who, commitment)?;
		match trees.found.iter().position(Result::is_err) {
			None => Ok(trees),
			Some(missing) => Err(trees.found.swap_remove(missing).err().unwrap_or_else(|| trees.missing())),
		}
	}

	/// The message unit that a part is published in.
	pub fn unit(&self, part: u32) -> Unit {
		match self.producer {
			Producer::Computing(computing) => Unit::Outputs { computing, part },
			Producer::Coordinator => Unit::Result { part },
		}
	}

	/// Why a part is not at hand; nothing for one that is.
	pub fn lacks(&self, part: u32) -> Option<&ProtocolError> {
		self.found.get(part as usize)?.as_ref().err()
	}

	fn find(&self, part: u32) -> Result<Found, ProtocolError> {
		if let Some((_, above)) = self.answered(part) {
			return Ok(Found { above, on_chain: true });
		}
		let (root, product) = self.served(part)?;
		let read = self.job.faults().part_of_trees(self.stage(), part, &product, &[]);
		if read.ok_or_else(|| self.missing())?.root() != root {
			return Err(ProtocolError::Commitment(self.parts.what.clone()));
		}
		let above = merkle::path(self.parts.roots(), part as usize).ok_or_else(|| self.missing())?;
		Ok(Found { above, on_chain: false })
	}

	fn answered(&self, part: u32) -> Option<(Product, Vec<H256>)> {
		let answers = answers(self.blobs, &self.job.contract, &self.unit(part))?;
		self.job.faults_of(&self.commitment).read_trees(&self.unit(part), &answers)
	}

	fn served(&self, part: u32) -> Result<(H256, Product), ProtocolError> {
		let (root, bytes) = self.parts.part(part)?;
		let count = self.job.contract.outputs_of(part).len();
		Ok((root, read_product(&self.parts.what, &bytes, count, self.job.ring.bytes())?))
	}

	fn found(&self, part: u32) -> Result<&Found, ProtocolError> {
		match self.found.get(part as usize) {
			Some(Ok(found)) => Ok(found),
			Some(Err(error)) => Err(self.parts.format(&error.to_string())),
			None => Err(self.parts.format("it has another number of parts")),
		}
	}

	fn missing(&self) -> ProtocolError {
		self.parts.format("it has another number of trees, or one that is none")
	}

	fn stage(&self) -> Stage {
		self.producer.stage()
	}

	/// The trees of a part.
	///
	/// # Errors
	///
	/// A part that is not at hand, or not any more.
	pub fn product(&self, part: u32) -> Result<Product, ProtocolError> {
		if self.found(part)?.on_chain {
			return self.answered(part).map(|(product, _)| product).ok_or_else(|| self.missing());
		}
		Ok(self.served(part)?.1)
	}

	/// A part's trees with their hashes and paths.
	pub(crate) fn part<'p>(&self, part: u32, product: &'p Product) -> Result<PartOfTrees<'p>, ProtocolError> {
		let above = &self.found(part)?.above;
		self.job.faults().part_of_trees(self.stage(), part, product, above).ok_or_else(|| self.missing())
	}

	/// The outputs of a part: of trees with as many leaves as the contract says, and each such that it can be a ciphertext.
	///
	/// # Errors
	///
	/// The first that is none.
	pub fn values(&self, part: u32) -> Result<Vec<Vec<u8>>, ProtocolError> {
		let job = self.job;
		let shape = job.shape(self.stage())?;
		let value = |tree: Tree| {
			if !has_shape(&tree, shape) {
				return Err(self.parts.format("its trees have another number of leaves"));
			}
			let value = tree.root().filter(|value| job.ring.is_ciphertext(value));
			value.map(<[u8]>::to_vec).ok_or_else(|| self.parts.format("an output is no ciphertext"))
		};
		self.product(part)?.trees.into_iter().map(value).collect()
	}
}

impl std::fmt::Debug for Trees<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Trees").field("producer", &self.producer).finish_non_exhaustive()
	}
}

/// A part of `count` trees, whose values have `length` bytes each. That the levels are those of a tree is for
/// [`Tree::hashes`] to see: one of another height is a fault.
fn read_product(what: &str, blob: &[u8], count: usize, length: usize) -> Result<Product, ProtocolError> {
	const MAX_LEVELS: usize = MAX_HEIGHT as usize + 1;
	let value = |reader: &mut Reader<'_>| reader.string(length, "a value");
	let level = |reader: &mut Reader<'_>| reader.vector(1..=usize::MAX, "values", value);
	let tree = |reader: &mut Reader<'_>| Ok(Tree { levels: reader.vector(1..=MAX_LEVELS, "levels", level)? });
	let mut reader = Reader::new(what, blob);
	let trees = reader.vector(count..=count, "trees", tree)?;
	reader.end()?;
	Ok(Product { trees })
}

/// Whether a tree has as many values on each level as the shape.
fn has_shape(tree: &Tree, shape: TreeShape) -> bool {
	let widths = (0..=shape.height()).map(|level| shape.width(level));
	tree.levels.iter().map(|level| level.len() as u64).eq(widths)
}
