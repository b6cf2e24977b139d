//! Proofs of faults in the scene's jobs, each of which is verified to the end, and their commitments.

use crate::scene::{selection, AnyContract, Jobs};
use encrytrust_fault_proofs::{
	product_tree::{Child, NodeProof, Step},
	transfer_proof::TransferProof,
	wire, CiphertextProof, EntryProof, Fault, Opening, Producer, SelectorProof,
};
use encrytrust_types::{
	job::{
		unit::{message_bytes, MessageLeaves},
		Stage, TreeShape,
	},
	merkle::{self, Path},
	JobId, Number,
};
use frame_support::BoundedVec;
use sp_core::H256;

/// Leaves of the trees of the weighted sum.
const WEIGHTED_LEAVES: u64 = 512;

/// A job of which every party has committed to something wrong, by how many there are of what: on that the lengths of paths
/// depend. Its keys have 3072 bits.
#[derive(Clone, Copy)]
pub(crate) struct Faulty {
	outputs: u64,
	parts: u64,
	features: u16,
	selected: u64,
	blocks: u32,
	computing: u64,
}

impl Faulty {
	pub(crate) fn of(contract: &AnyContract) -> Self {
		Self {
			outputs: contract.outputs().into(),
			parts: contract.parts(0).into(),
			features: contract.features(),
			selected: contract.selection.selected.into(),
			blocks: contract.blocks_of(0, 0).len() as u32,
			computing: contract.computing.len() as u64,
		}
	}

	/// The shape of a computing provider's trees.
	fn shape(&self) -> TreeShape {
		TreeShape::new(self.selected)
	}

	fn entries(&self) -> u64 {
		self.computing * u64::from(self.features)
	}

	fn node(&self, shape: TreeShape, level: u8) -> NodeProof {
		node(shape, level, merkle::path_length(self.outputs, 0))
	}

	/// A wrong product of two children.
	fn product(&self) -> NodeProof {
		let left = child().hash(0, 0);
		let right = child().hash(0, 1);
		NodeProof { left, right, ..self.node(self.shape(), 1) }
	}

	/// A root that is too low.
	fn low_root(&self) -> NodeProof {
		NodeProof { level: self.shape().height() - 1, ..self.node(TreeShape::new(1), 0) }
	}

	/// The coordinator's leaf of the fourth computing provider's output.
	fn result_leaf(&self) -> NodeProof {
		let leaf = self.node(TreeShape::new(self.computing), 0);
		NodeProof { index: 3, value: BoundedVec::truncate_from(vec![1; 768]), ..leaf }
	}

	/// The root of a computing provider's tree.
	fn root(&self) -> NodeProof {
		self.node(self.shape(), self.shape().height())
	}

	/// A leaf of a tree that is not re-randomised.
	fn output_leaf(&self) -> NodeProof {
		self.node(self.shape(), 0)
	}

	fn committed(&self) -> CiphertextProof {
		CiphertextProof { leaf: H256::repeat_byte(3), path: path(4, merkle::path_length(self.blocks.into(), 0)) }
	}

	/// The packet that is sealed for the first computing provider.
	fn packet(&self) -> Vec<u8> {
		vec![7; wire::sealed_bytes(self.blocks, 768)]
	}

	/// The first entry of the first part, with a transfer.
	fn entry(&self, transfer: Number) -> EntryProof {
		let committed = self.committed();
		let ciphertexts = merkle::climb(self.blocks.into(), 0, committed.leaf, &committed.path);
		let entry = wire::Entry {
			transfer,
			proof: transfer_proof(),
			sealed: merkle::leaf(0, &self.packet()),
			chunks: 1,
			ciphertexts: ciphertexts.expect("the path is as long as it must be"),
			blocks: self.blocks,
		};
		let length = merkle::path_length(self.entries(), 0) + merkle::path_length(self.parts, 0);
		EntryProof { part: 0, entry, path: path(5, length) }
	}

	fn entry_root(&self, proof: &EntryProof) -> H256 {
		let (within, above) = proof.path.split_at(merkle::path_length(self.entries(), 0));
		let leaf = merkle::leaf(0, &codec::Encode::encode(&proof.entry));
		climb(self.parts, merkle::leaf(0, climb(self.entries(), leaf, within).as_bytes()), above)
	}

	fn message_leaves(&self) -> u64 {
		MessageLeaves::new(self.features, 384).count().into()
	}

	fn selector(&self) -> SelectorProof {
		let [path, top_path] =
			[self.message_leaves(), self.computing].map(|count| path(6, merkle::path_length(count, 0)));
		SelectorProof { selector: number(), path, top_path }
	}

	fn selector_root(&self) -> H256 {
		let SelectorProof { selector, path, top_path } = self.selector();
		let root = climb(self.message_leaves(), merkle::leaf(0, &selector), &path);
		climb(self.computing, merkle::leaf(0, root.as_bytes()), &top_path)
	}
}

/// A number below the square of [`modulus`].
pub(crate) fn number() -> Number {
	BoundedVec::truncate_from([vec![0x55; 767], vec![2]].concat())
}

fn path(byte: u8, length: usize) -> Path {
	BoundedVec::truncate_from(vec![H256::repeat_byte(byte); length])
}

/// A wrong node of a tree of a shape.
fn node(shape: TreeShape, level: u8, output_path: usize) -> NodeProof {
	let step = Step { value: H256::repeat_byte(2), sibling: H256::repeat_byte(3) };
	let path_to_root = vec![step; usize::from(shape.height().saturating_sub(level))];
	let (left, right) = Default::default();
	let output_path = path(1, output_path);
	NodeProof {
		level,
		index: 0,
		value: number(),
		left,
		right,
		path: BoundedVec::truncate_from(path_to_root),
		output_path,
	}
}

/// A commitment to a node of a tree of a shape, the first of so many trees.
fn tree_root(node: &NodeProof, shape: TreeShape, outputs: u64) -> H256 {
	let hash = node.tree_root(shape).unwrap_or_else(|_| node.hash());
	climb(outputs, merkle::leaf(0, hash.as_bytes()), &node.output_path)
}

/// The root of the path of the first of so many leaves.
fn climb(count: u64, leaf: H256, path: &[H256]) -> H256 {
	merkle::climb(count, 0, leaf, path).expect("the path is as long as it must be")
}

fn child() -> Child {
	Child { value: number(), left: H256::zero(), right: H256::zero() }
}

/// A wrong power of a child; the weight of the first is positive, that of the second negative.
fn power(index: u64) -> NodeProof {
	NodeProof { index, left: child().hash(0, index), ..node(TreeShape::weighted(WEIGHTED_LEAVES), 1, 0) }
}

/// Responses of full length, which prove nothing.
pub(crate) fn transfer_proof() -> TransferProof {
	let half = || BoundedVec::truncate_from([vec![0], vec![0x77; 383]].concat());
	TransferProof { commitment: number(), kappa_response: half(), rho_response: half() }
}

/// Not coprime to the modulus: both are multiples of three.
fn multiple_of_three() -> Number {
	BoundedVec::truncate_from([vec![0; 383], vec![3], vec![0; 384]].concat())
}

/// Features of the jobs over pairs of columns, and the lengths of the keys for their selection.
pub(crate) const WIDE: [(u16, usize); 2] = [(990, 256), (666, 384)];

/// A selection message in which every number is possible, and the proof is wrong.
pub(crate) fn message((features, key): (u16, usize)) -> Vec<u8> {
	let number = [vec![0x55; 2 * key - 1], vec![2]].concat();
	let mut message = number.repeat(3 * usize::from(features) + 1);
	message.resize(message_bytes(features, key) as usize, 0x33);
	message
}

fn message_root(wide: (u16, usize)) -> H256 {
	let root = merkle::root(&wire::selection_leaves(&message(wide), wide.0, 2 * wide.1));
	climb(1, merkle::leaf(0, root.as_bytes()), &[])
}

/// The commitments, with their parties, in which [`all`] shows faults.
pub(crate) fn roots(jobs: &Jobs, faulty: Faulty) -> Vec<(JobId, Stage, String, H256)> {
	let weighted = TreeShape::weighted(WEIGHTED_LEAVES);
	let of_computing = [faulty.product(), faulty.low_root(), faulty.output_leaf(), faulty.root()]
		.map(|node| tree_root(&node, faulty.shape(), faulty.outputs));
	let of_data = [multiple_of_three(), number()].map(|transfer| faulty.entry_root(&faulty.entry(transfer)));
	let result = tree_root(&faulty.result_leaf(), TreeShape::new(faulty.computing), faulty.outputs);
	let mut roots = vec![
		(jobs.faulty, Stage::Selection, "coordinator".to_owned(), faulty.selector_root()),
		(jobs.faulty, Stage::Result, "coordinator".to_owned(), result),
		(jobs.weighted, Stage::Outputs, "computing0".to_owned(), tree_root(&power(0), weighted, 1)),
		(jobs.weighted, Stage::Outputs, "computing1".to_owned(), tree_root(&power(1), weighted, 1)),
	];
	for (index, root) in of_computing.into_iter().enumerate() {
		roots.push((jobs.faulty, Stage::Outputs, format!("computing{index}"), root));
	}
	for (index, root) in of_data.into_iter().enumerate() {
		roots.push((jobs.faulty, Stage::Inputs, format!("data{index}"), root));
	}
	for (job, wide) in jobs.wide.into_iter().zip(WIDE) {
		roots.push((job, Stage::Selection, "coordinator".to_owned(), message_root(wide)));
	}
	roots
}

/// A proof of each fault, with its job, and the most expensive one that fails late.
pub(crate) fn all(jobs: &Jobs, faulty: Faulty) -> Vec<(JobId, Fault)> {
	let feature = selection().open(0, faulty.features).expect("there is such a feature");
	let computing = Producer::Computing;
	let short = BoundedVec::truncate_from([vec![0], vec![0x77; 383]].concat());
	let opening = Opening { kappa: short.clone(), root: short, power: number() };
	let mut all = vec![
		(
			jobs.faulty,
			Fault::Product {
				producer: computing(0),
				output: 0,
				node: faulty.product(),
				left: child(),
				right: Some(child()),
			},
		),
		(
			jobs.weighted,
			Fault::Product { producer: computing(0), output: 0, node: power(0), left: child(), right: None },
		),
		(
			jobs.weighted,
			Fault::Product { producer: computing(1), output: 0, node: power(1), left: child(), right: None },
		),
		(jobs.faulty, Fault::Shape { producer: computing(1), output: 0, root: faulty.low_root() }),
		(
			jobs.faulty,
			Fault::Output {
				computing: 2,
				output: 0,
				feature: feature.clone(),
				data: 1,
				leaf: faulty.output_leaf(),
				unblinded: number(),
				entry: faulty.entry(number()),
				committed: faulty.committed(),
			},
		),
		(jobs.faulty, Fault::Result { output: 0, computing: 3, leaf: faulty.result_leaf(), root: faulty.root() }),
		(jobs.faulty, Fault::Selector { computing: 0, feature, selector: faulty.selector() }),
		(jobs.faulty, Fault::Entry { data: 0, computing: 0, feature: 0, entry: faulty.entry(multiple_of_three()) }),
		(
			jobs.faulty,
			Fault::Column {
				data: 1,
				computing: 0,
				feature: 0,
				selector: faulty.selector(),
				entry: faulty.entry(number()),
				opening,
				chunk: BoundedVec::truncate_from(faulty.packet()),
				chunk_index: 0,
				chunk_path: Default::default(),
				block: 0,
				committed: faulty.committed(),
			},
		),
		(
			jobs.faulty,
			Fault::Transfer {
				data: 1,
				computing: 0,
				feature: 0,
				selector: faulty.selector(),
				entry: faulty.entry(number()),
			},
		),
	];
	for (job, wide) in jobs.wide.into_iter().zip(WIDE) {
		let message = BoundedVec::truncate_from(message(wide));
		all.push((job, Fault::SelectionProof { computing: 0, message, top_path: Default::default() }));
	}
	all
}
