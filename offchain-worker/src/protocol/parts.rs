//! What is published in parts: written and read one part after the other, so that memory does not grow with rows.

use super::{decode_all, Job, ProtocolError};
use codec::Encode;
use encrytrust_blob_store::digest;
use encrytrust_chain_client::{AccountId, H256};
use encrytrust_fault_proofs::{
	find::{PartOfInputs, PartOfTrees},
	product_tree::Tree,
	wire::{inputs_leaves, product_leaves, InputsPart, Manifest, Product},
};
use encrytrust_types::{
	job::{Commitment, Stage, TreeShape},
	merkle,
};
use std::io;

/// What was published, wherever it is kept.
pub trait Blobs {
	/// The blob with this sha2-256, if it is at hand.
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>>;

	/// Whether it is at hand.
	fn has(&self, digest: &[u8; 32]) -> bool {
		self.blob(digest).is_some()
	}

	/// The answer to a demand for this piece of a commitment, if the chain has one.
	fn answered(&self, _stage: Stage, _who: &AccountId, _piece: u32) -> Option<Vec<u8>> {
		None
	}
}

/// Where blobs are kept for others to fetch.
pub trait Store: Blobs + Sync {
	/// Keeps a blob.
	///
	/// # Errors
	///
	/// What the place says.
	fn keep(&self, blob: &[u8]) -> io::Result<()>;
}

impl Blobs for std::collections::HashMap<[u8; 32], Vec<u8>> {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		self.get(digest).cloned()
	}
}

/// Blobs that say of each one that is read: how far a long look at them is.
pub struct Told<'b, F> {
	/// What is read.
	pub blobs: &'b dyn Blobs,
	/// Called for each blob that is at hand.
	pub tell: F,
}

impl<F: Fn()> Blobs for Told<'_, F> {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		let blob = self.blobs.blob(digest);
		blob.iter().for_each(|_| (self.tell)());
		blob
	}

	fn has(&self, digest: &[u8; 32]) -> bool {
		self.blobs.has(digest)
	}

	fn answered(&self, stage: Stage, who: &AccountId, piece: u32) -> Option<Vec<u8>> {
		self.blobs.answered(stage, who, piece)
	}
}

impl<F> std::fmt::Debug for Told<'_, F> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Told").finish_non_exhaustive()
	}
}

/// Keeps a blob and says which it is.
pub(super) fn keep(store: &dyn Store, blob: &[u8]) -> Result<[u8; 32], ProtocolError> {
	store.keep(blob).map_err(|error| ProtocolError::Store(error.to_string()))?;
	Ok(digest(blob))
}

/// Writes parts, and the manifest that names them.
pub(super) struct PartsWriter<'s> {
	store: &'s dyn Store,
	manifest: Manifest,
	roots: Vec<H256>,
}

impl<'s> PartsWriter<'s> {
	pub(super) fn new(store: &'s dyn Store) -> Self {
		Self { store, manifest: Manifest { parts: Vec::new() }, roots: Vec::new() }
	}

	/// Keeps the next part, whose root this is.
	pub(super) fn push(&mut self, root: H256, part: &impl Encode) -> Result<(), ProtocolError> {
		self.manifest.parts.push(keep(self.store, &part.encode())?);
		self.roots.push(root);
		Ok(())
	}

	/// Number of the part that comes next.
	pub(super) fn next(&self) -> u32 {
		self.roots.len() as u32
	}

	/// What to commit to: the manifest, and the root over the parts' roots.
	pub(super) fn finish(self, root: impl FnOnce(&[H256]) -> H256) -> Result<Commitment, ProtocolError> {
		Ok(Commitment { root: root(&self.roots), blob: keep(self.store, &self.manifest.encode())? })
	}
}

/// Writes product trees, output by output.
pub(super) struct TreesWriter<'a> {
	job: &'a Job,
	shape: TreeShape,
	parts: PartsWriter<'a>,
	/// Output of the first tree of the part that is being made.
	first: u32,
	trees: Vec<Tree>,
}

impl<'a> TreesWriter<'a> {
	pub(super) fn new(job: &'a Job, stage: Stage, store: &'a dyn Store) -> Result<Self, ProtocolError> {
		Ok(Self { job, shape: job.shape(stage)?, parts: PartsWriter::new(store), first: 0, trees: Vec::new() })
	}

	/// Output of the tree that comes next.
	pub(super) fn next(&self) -> u32 {
		self.first + self.trees.len() as u32
	}

	pub(super) fn push(&mut self, tree: Tree) -> Result<(), ProtocolError> {
		self.trees.push(tree);
		if self.trees.len() as u32 == self.job.contract.part_size() {
			self.flush()?;
		}
		Ok(())
	}

	fn flush(&mut self) -> Result<(), ProtocolError> {
		let (first, product) = (self.first, Product { trees: std::mem::take(&mut self.trees) });
		let hashes = product.hashes(self.shape, self.job.ring.bytes());
		let hashes = hashes.ok_or_else(|| ProtocolError::Sums("the products make up no trees".into()))?;
		self.first += product.trees.len() as u32;
		self.parts.push(merkle::root(&product_leaves(first, &hashes)), &product)
	}

	pub(super) fn finish(mut self) -> Result<Commitment, ProtocolError> {
		if !self.trees.is_empty() {
			self.flush()?;
		}
		self.parts.finish(merkle::root)
	}
}

/// Product trees that somebody has published, all of which hash to their commitment. That each node is a product, and each
/// leaf what it should be, is for [`watch`](super::watch) to see.
pub struct Trees<'a> {
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
		let parts = Parts::new(job, blobs, format!("what {who} published"), commitment);
		let mut trees =
			Self { parts: Parts { answered: Some((stage, who.clone())), ..parts }, stage, roots: Vec::new() };
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
	pub(super) fn part<'p>(&self, part: u32, product: &'p Product) -> Result<PartOfTrees<'p>, ProtocolError> {
		let read = self.parts.job.faults().part_of_trees(self.stage, part, product, &self.roots);
		read.ok_or_else(|| self.parts.format("it has another number of trees, or one that is none"))
	}

	/// The outputs of a part: of trees with as many leaves as the contract says, and each such that it can be a ciphertext.
	///
	/// # Errors
	///
	/// The first that is none.
	pub fn values(&self, part: u32) -> Result<Vec<Vec<u8>>, ProtocolError> {
		let (job, shape) = (self.parts.job, self.parts.job.shape(self.stage)?);
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
	pub(super) fn path(&self, part: u32) -> Option<Vec<H256>> {
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

/// A data provider's inputs, all of whose parts hash to their commitment.
pub struct Inputs<'a> {
	parts: Parts<'a>,
	data: u16,
	roots: Vec<H256>,
}

impl<'a> Inputs<'a> {
	/// Reads the parts of a data provider's manifest.
	///
	/// # Errors
	///
	/// What is not at hand, is not what the commitment says, or has not an entry for each computing provider and feature.
	pub fn read(
		job: &'a Job,
		blobs: &'a dyn Blobs,
		data: usize,
		commitment: &Commitment,
	) -> Result<Self, ProtocolError> {
		let parts = Parts::new(job, blobs, format!("the manifest of data provider {}", data + 1), commitment);
		let mut inputs = Self { parts, data: data as u16, roots: Vec::new() };
		let root = |part| Ok(inputs.part(part)?.root());
		inputs.roots = (0..job.contract.parts(data as u16)).map(root).collect::<Result<_, ProtocolError>>()?;
		if merkle::root(&inputs_leaves(&inputs.roots)) != commitment.root {
			return Err(ProtocolError::Commitment(inputs.parts.what));
		}
		Ok(inputs)
	}

	/// A part.
	///
	/// # Errors
	///
	/// A part that is not at hand any more.
	pub fn part(&self, part: u32) -> Result<InputsPart, ProtocolError> {
		let (job, inputs) = (self.parts.job, self.parts.decode::<InputsPart>(part)?);
		let (computing, blocks) = (job.computing.len(), job.contract.blocks_of(self.data, part).len());
		let entries = computing * usize::from(job.features());
		let counts = [inputs.messages.len(), inputs.entries.len(), inputs.ciphertexts.len()];
		if counts != [computing, entries, entries] {
			return Err(self.parts.format("it has another number of features or parties"));
		}
		let mut leaves = inputs.entries.iter().zip(&inputs.ciphertexts);
		if !leaves.all(|(entry, leaves)| leaves.len() == blocks && merkle::root(leaves) == entry.ciphertexts) {
			return Err(self.parts.format("an entry commits to other ciphertexts than it has leaves of"));
		}
		Ok(inputs)
	}

	/// A part with what leads to the commitment.
	pub(super) fn proof<'p>(&'p self, part: u32, inputs: &'p InputsPart) -> PartOfInputs<'p> {
		PartOfInputs { part, inputs, roots: &self.roots }
	}

	/// The roots of all parts.
	pub(super) fn roots(&self) -> &[H256] {
		&self.roots
	}

	/// From an entry, by its place in a part, to the commitment.
	pub(super) fn path(&self, part: u32, index: usize, inputs: &InputsPart) -> Option<Vec<H256>> {
		let within = merkle::path(&inputs.leaves(), index)?;
		Some([within, merkle::path(&inputs_leaves(&self.roots), part as usize)?].concat())
	}
}

impl std::fmt::Debug for Inputs<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Inputs").field("data", &self.data).finish_non_exhaustive()
	}
}

/// The parts that a manifest names.
struct Parts<'a> {
	job: &'a Job,
	blobs: &'a dyn Blobs,
	what: String,
	manifest: Result<Manifest, ProtocolError>,
	/// Where the answer to a demand is a part as it was published.
	answered: Option<(Stage, AccountId)>,
}

impl<'a> Parts<'a> {
	fn new(job: &'a Job, blobs: &'a dyn Blobs, what: String, commitment: &Commitment) -> Self {
		let blob = blobs.blob(&commitment.blob).ok_or_else(|| missing(&what, "the blob is not at hand"));
		let manifest = blob.and_then(|blob| decode_all(&what, &blob));
		Self { job, blobs, what, manifest, answered: None }
	}

	/// A part as it was published; an answer to a demand comes before what is served.
	fn bytes(&self, part: u32) -> Result<Vec<u8>, ProtocolError> {
		let answered = self.answered.as_ref();
		if let Some(bytes) = answered.and_then(|(stage, who)| self.blobs.answered(*stage, who, part)) {
			return Ok(bytes);
		}
		let manifest = match &self.manifest {
			Ok(manifest) => manifest,
			Err(error) => return Err(self.format(&error.to_string())),
		};
		let digest = manifest.parts.get(part as usize).ok_or_else(|| self.format("it has another number of parts"))?;
		self.blobs.blob(digest).ok_or_else(|| self.format(&format!("part {part} is not at hand")))
	}

	fn decode<T: codec::Decode>(&self, part: u32) -> Result<T, ProtocolError> {
		decode_all(&self.what, &self.bytes(part)?)
	}

	fn format(&self, reason: &str) -> ProtocolError {
		missing(&self.what, reason)
	}
}

fn missing(what: &str, reason: &str) -> ProtocolError {
	ProtocolError::Format { what: what.into(), reason: reason.into() }
}

/// The digests of the parts that a commitment's manifest names, if it is at hand.
pub(super) fn named(blobs: &dyn Blobs, commitment: &Commitment) -> Vec<[u8; 32]> {
	let manifest = blobs.blob(&commitment.blob).and_then(|blob| decode_all::<Manifest>("", &blob).ok());
	manifest.map(|manifest| manifest.parts).unwrap_or_default()
}

/// The messages that a part of inputs names for a computing provider, if it is at hand.
pub(super) fn named_message(blobs: &dyn Blobs, part: &[u8; 32], computing: usize) -> Option<[u8; 32]> {
	let part: InputsPart = decode_all("", &blobs.blob(part)?).ok()?;
	part.messages.get(computing).copied()
}
