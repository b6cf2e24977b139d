//! Proofs of faults: what an extrinsic carries. Each is checked by arithmetic alone, see [`check`](crate::check).

use crate::{
	product_tree::{Child, NodeProof},
	wire::{Entry, SEALED_CHUNK},
};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use encrytrust_types::{
	job::{unit, FeatureOpening, Stage},
	merkle::Path,
	JobId, Modulus, Number,
};
use primitive_types::H256;
use scale_info::TypeInfo;

/// The longest selection message, 1.5 MiB: what can be shown, and checked, in one block.
pub type MaxMessage = ConstU32<1_572_864>;
/// A selection message.
pub type Message = BoundedVec<u8, MaxMessage>;
/// A chunk of a sealed feature.
pub type Chunk = BoundedVec<u8, ConstU32<SEALED_CHUNK>>;

/// What the key of a proof in a node's local storage begins with.
const STORAGE_KEY: &[u8] = b"encrytrust/bmpc/fault/";

/// Bytes of a selection message about so many features under a modulus of so many bytes. Where they are more than
/// [`MaxMessage`], nobody could show that a message is wrong: no such job is made.
pub fn message_bytes(features: u16, modulus: usize) -> usize {
	usize::try_from(unit::message_bytes(features, modulus)).unwrap_or(usize::MAX)
}

/// Who publishes product trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Producer {
	/// The computing provider in this place of the contract, in [`Stage::Outputs`].
	Computing(u16),
	/// The coordinator, in [`Stage::Result`].
	Coordinator,
}

impl Producer {
	/// In which stage.
	pub fn stage(self) -> Stage {
		match self {
			Self::Computing(_) => Stage::Outputs,
			Self::Coordinator => Stage::Result,
		}
	}
}

/// Proof that a selector was committed to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SelectorProof {
	/// The selector `X`.
	pub selector: Number,
	/// From it to the root of its message.
	pub path: Path,
	/// From there to the commitment.
	pub top_path: Path,
}

/// Proof that an entry was committed to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct EntryProof {
	/// The part that it is in.
	pub part: u32,
	/// The entry.
	pub entry: Entry,
	/// From it to the root of its part, and from there to the commitment.
	pub path: Path,
}

/// Proof that an entry commits to a ciphertext.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CiphertextProof {
	/// Its Merkle leaf: whoever shows this need not have the ciphertext.
	pub leaf: H256,
	/// From it to the entry's root.
	pub path: Path,
}

/// What a transfer holds, with what proves it: `docs/protocol/selection.md`, "Opening".
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Opening {
	/// The number.
	pub kappa: Modulus,
	/// The `N`-th root.
	pub root: Modulus,
	/// A power of it, by which the check takes half of the squarings: see [`opening_power`](crate::opening_power).
	pub power: Number,
}

/// A proof of one fault.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Fault {
	/// A node is not the product (or the power) of its children, is not reduced, or has other children than it should; or a leaf
	/// is no ciphertext.
	#[codec(index = 0)]
	Product {
		/// Whose tree.
		producer: Producer,
		/// Which tree.
		output: u32,
		/// The node.
		node: NodeProof,
		/// Its left child.
		left: Child,
		/// Its right child, if it has one.
		right: Option<Child>,
	},
	/// A tree is not as high as a tree over the expected leaves.
	#[codec(index = 1)]
	Shape {
		/// Whose tree.
		producer: Producer,
		/// Which tree.
		output: u32,
		/// Its root, with an empty path.
		root: NodeProof,
	},
	/// A leaf of a computing provider's tree is not the re-randomised ciphertext of a data provider.
	#[codec(index = 2)]
	Output {
		/// Whose tree, by the provider's place in the contract.
		computing: u16,
		/// Which tree.
		output: u32,
		/// The feature that the leaf belongs to.
		feature: FeatureOpening,
		/// Whose ciphertext, by the provider's place in the contract.
		data: u16,
		/// The leaf.
		leaf: NodeProof,
		/// The leaf without its blinding.
		unblinded: Number,
		/// What the data provider committed to.
		entry: EntryProof,
		/// The ciphertext of this leaf's block there.
		committed: CiphertextProof,
	},
	/// A leaf of the coordinator's tree is not the computing provider's output.
	#[codec(index = 3)]
	Result {
		/// Which tree.
		output: u32,
		/// Whose output, by the provider's place in the contract.
		computing: u16,
		/// The leaf of the coordinator's tree.
		leaf: NodeProof,
		/// The root of the computing provider's tree.
		root: NodeProof,
	},
	/// A selector is not the one that follows from the selection.
	#[codec(index = 4)]
	Selector {
		/// Under whose key, by the provider's place in the contract.
		computing: u16,
		/// What is selected.
		feature: FeatureOpening,
		/// The selector.
		selector: SelectorProof,
	},
	/// A selection message is none, or its proof does not hold.
	#[codec(index = 5)]
	SelectionProof {
		/// For whom, by the provider's place in the contract.
		computing: u16,
		/// The message.
		message: Message,
		/// From the message's root to the commitment.
		top_path: Path,
	},
	/// An entry has another number of chunks or ciphertexts than its part has blocks for, or its transfer is no
	/// ciphertext, or the proof about that has a number out of range.
	#[codec(index = 6)]
	Entry {
		/// Whose manifest, by the provider's place in the contract.
		data: u16,
		/// For whom, by the provider's place in the contract.
		computing: u16,
		/// Which feature.
		feature: u16,
		/// The entry.
		entry: EntryProof,
	},
	/// A sealed feature does not open to what was committed to.
	#[codec(index = 7)]
	Column {
		/// Whose feature, by the provider's place in the contract.
		data: u16,
		/// For whom, by the provider's place in the contract.
		computing: u16,
		/// Which feature.
		feature: u16,
		/// The selector that the transfer was made from.
		selector: SelectorProof,
		/// What was committed to.
		entry: EntryProof,
		/// The number that was transferred.
		opening: Opening,
		/// The sealed chunk that does not open to what it should.
		chunk: Chunk,
		/// Its place.
		chunk_index: u32,
		/// From it to the entry's root.
		chunk_path: Path,
		/// The block in this chunk that does not open to what it should, by its place in the part.
		block: u32,
		/// What it should open to.
		committed: CiphertextProof,
	},
	/// The proof that the data provider knows what a transfer holds does not hold.
	#[codec(index = 8)]
	Transfer {
		/// Whose transfer, by the provider's place in the contract.
		data: u16,
		/// For whom, by the provider's place in the contract.
		computing: u16,
		/// Which feature.
		feature: u16,
		/// The selector that the transfer was made from.
		selector: SelectorProof,
		/// The entry.
		entry: EntryProof,
	},
}

impl Fault {
	/// Whether the check takes about a millisecond at most: no exponentiation but by a template's weight. These are the faults
	/// that a watcher sees who has no secret of the job, but for that of a selection's proof.
	pub fn is_cheap_to_verify(&self) -> bool {
		matches!(self, Self::Product { .. } | Self::Shape { .. } | Self::Result { .. } | Self::Entry { .. })
	}

	/// Where a node's local storage has a proof about a job that its off-chain worker is to send.
	pub fn storage_key(job: JobId) -> Vec<u8> {
		[STORAGE_KEY, &job.to_le_bytes()].concat()
	}
}
