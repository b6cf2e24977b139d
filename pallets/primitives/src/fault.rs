//! Proofs that a party of a job is at fault: one extrinsic each, checked by arithmetic alone.
//!
//! The pallet, the workers and audits run the same [`check`]; [`find`] makes the proofs. What is shown, and to whom it is
//! charged, is in `docs/protocol/bmpc.md`.

use crate::{
	bmpc::{
		ComputingParty, Contract, FaultKind, FeatureChoice, FeatureOpening, JobId, Modulus, Number, Path, Role, Stage,
	},
	merkle,
	parts::Place,
	product_tree::{Child, NodeProof, PlaceError, Shape},
	ring::Ring,
	selector,
	transcript::Transcript,
	wire::{self, Entry, SEALED_CHUNK},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};

mod column;
pub mod demand;
pub mod find;
#[cfg(any(test, feature = "samples"))]
pub mod sample;
mod selection_proof;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

pub use selection_proof::Statement;

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
	let features = usize::from(features);
	let ciphertexts = features.saturating_mul(3).saturating_add(1).saturating_mul(modulus.saturating_mul(2));
	ciphertexts.saturating_add(features.saturating_mul(16)).saturating_add(modulus)
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
}

/// A proof of one fault.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Fault {
	/// A node is not the product (or the power) of its children, is not reduced, or has other children than it should.
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
	/// An entry has another number of chunks or ciphertexts than its part has blocks for, or its transfer is no ciphertext.
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
}

impl Fault {
	/// Whether the check takes about a millisecond at most: no exponentiation but by a template's weight. These are the faults
	/// that a watcher sees who has no secret of the job, but for that of a selection's proof.
	pub fn is_quick(&self) -> bool {
		matches!(self, Self::Product { .. } | Self::Shape { .. } | Self::Result { .. } | Self::Entry { .. })
	}

	/// Where a node's local storage has a proof about a job that its off-chain worker is to send.
	pub fn storage_key(job: JobId) -> Vec<u8> {
		[STORAGE_KEY, &job.to_le_bytes()].concat()
	}
}

/// Who is at fault, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict<AccountId> {
	/// Who.
	pub offender: AccountId,
	/// In which role.
	pub role: Role,
	/// The stage in which the offender committed to what is wrong.
	pub stage: Stage,
	/// What is wrong.
	pub kind: FaultKind,
}

/// Why a proof shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultError {
	/// A party, feature, output or piece that the job does not have.
	OutOfRange,
	/// The commitment is not there yet.
	NotDelivered,
	/// A number has not as many bytes as it must have, or is not below its modulus.
	Length,
	/// A node on another level than where this fault can be, or with children where there are none.
	WrongLevel,
	/// A path that is not as long as it must be.
	PathLength,
	/// Both children of a node are said to be the same.
	EqualChildren,
	/// The children are not those of the node.
	WrongChildren,
	/// The path does not lead to what was committed to: another job, party, tree or version.
	NotCommitted,
	/// The selection's opening does not open its commitment.
	WrongSelection,
	/// The feature is not selected, or belongs to another output or leaf.
	WrongFeature,
	/// The leaf without its blinding is not that leaf.
	WrongBlinding,
	/// The opening does not show what was transferred for a selected feature.
	WrongOpening,
	/// The entry itself is malformed: that is the fault to report.
	MalformedEntry,
	/// Nothing is wrong.
	Unfounded,
}

impl From<PlaceError> for FaultError {
	fn from(error: PlaceError) -> Self {
		match error {
			PlaceError::PathLength => Self::PathLength,
			PlaceError::Index => Self::OutOfRange,
			PlaceError::Sibling => Self::WrongChildren,
		}
	}
}

/// The job that a proof is about: its contract, and what was committed to.
#[derive(Clone, Copy, Debug)]
pub struct FaultContext<'a, AccountId, Balance, BlockNumber, Roots> {
	/// The chain, by its genesis block's hash.
	pub genesis: H256,
	/// The job.
	pub job: JobId,
	/// Its contract.
	pub contract: &'a Contract<AccountId, Balance, BlockNumber>,
	/// The root that a party committed to in a stage, if it has.
	pub roots: Roots,
}

/// Check a proof: who is at fault, or why it shows nothing.
///
/// # Errors
///
/// See [`FaultError`].
pub fn check<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>>(
	context: &FaultContext<A, B, N, Roots>,
	fault: &Fault,
) -> Result<Verdict<A>, FaultError> {
	match fault {
		Fault::Product { producer, output, node, left, right } => {
			context.check_product(*producer, *output, node, left, right.as_ref())
		},
		Fault::Shape { producer, output, root } => context.check_shape(*producer, *output, root),
		Fault::Output { computing, output, feature, data, leaf, unblinded, entry, committed } => {
			let place = Leaf { computing: *computing, output: *output, data: *data };
			context.check_output(place, feature, leaf, unblinded, entry, committed)
		},
		Fault::Result { output, computing, leaf, root } => context.check_result(*output, *computing, leaf, root),
		Fault::Selector { computing, feature, selector } => context.check_selector(*computing, feature, selector),
		Fault::SelectionProof { computing, message, top_path } => {
			context.check_selection_proof(*computing, message, top_path)
		},
		Fault::Entry { data, computing, feature, entry } => context.check_entry(*data, *computing, *feature, entry),
		Fault::Column {
			data,
			computing,
			feature,
			selector,
			entry,
			opening,
			chunk,
			chunk_index,
			chunk_path,
			block,
			committed,
		} => {
			let place = [*data, *computing, *feature];
			let chunk = column::SealedChunk { bytes: chunk, index: *chunk_index, path: chunk_path };
			context.check_column(place, selector, entry, opening, chunk, (*block, committed))
		},
	}
}

/// The trees that a party committed to.
struct Trees<'a, AccountId> {
	owner: &'a AccountId,
	role: Role,
	stage: Stage,
	shape: Shape,
	root: H256,
}

impl<A: Clone> Trees<'_, A> {
	fn verdict(&self, kind: FaultKind) -> Verdict<A> {
		Verdict { offender: self.owner.clone(), role: self.role, stage: self.stage, kind }
	}
}

/// The place of a leaf in a computing provider's tree.
struct Leaf {
	computing: u16,
	output: u32,
	data: u16,
}

/// Products, and leaves of trees.
impl<'a, A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'a, A, B, N, Roots> {
	fn check_product(
		&self,
		producer: Producer,
		output: u32,
		node: &NodeProof,
		left: &Child,
		right: Option<&Child>,
	) -> Result<Verdict<A>, FaultError> {
		let (trees, ring) = (self.trees(producer)?, self.user_ring()?);
		let below = node.level.checked_sub(1).ok_or(FaultError::WrongLevel)?;
		if node.left == node.right {
			return Err(FaultError::EqualChildren);
		}
		self.ensure_node(&trees, &ring, output, node)?;
		let guilty = Ok(trees.verdict(FaultKind::Product));
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
			return Err(FaultError::Unfounded);
		}
		guilty
	}

	fn check_shape(&self, producer: Producer, output: u32, root: &NodeProof) -> Result<Verdict<A>, FaultError> {
		let trees = self.trees(producer)?;
		if !root.path.is_empty() {
			return Err(FaultError::PathLength);
		}
		if !self.user_ring()?.is_number(&root.value) {
			return Err(FaultError::Length);
		}
		self.ensure_tree(&trees, output, root.hash(), &root.output_path)?;
		if root.level == trees.shape.height() {
			return Err(FaultError::Unfounded);
		}
		Ok(trees.verdict(FaultKind::Shape))
	}

	fn check_output(
		&self,
		place: Leaf,
		feature: &FeatureOpening,
		leaf: &NodeProof,
		unblinded: &[u8],
		entry: &EntryProof,
		committed: &CiphertextProof,
	) -> Result<Verdict<A>, FaultError> {
		let Leaf { computing, output, data } = place;
		let (trees, ring) = (self.trees(Producer::Computing(computing))?, self.user_ring()?);
		self.ensure_selection(feature)?;
		let rank = feature.choice.rank.ok_or(FaultError::WrongFeature)?;
		self.ensure_entry(data, computing, feature.feature, entry)?;
		let place = self.contract.place_of(output, leaf.index);
		let place = place.filter(|place| (place.data, place.rank) == (data, rank)).ok_or(FaultError::WrongFeature)?;
		let (part, block) = self.contract.part_and_place(place.block);
		if part != entry.part {
			return Err(FaultError::WrongFeature);
		}
		ensure_leaf(leaf)?;
		self.ensure_node(&trees, &ring, output, leaf)?;
		if !self.is_complete(data, part, &entry.entry, &ring) {
			return Err(FaultError::MalformedEntry);
		}
		ensure_committed(&entry.entry, block, committed)?;
		if !ring.is_reduced(unblinded) {
			return Err(FaultError::Length);
		}
		let factor = self.blinding(&feature.choice, computing, place, &ring);
		let blinded = factor.and_then(|factor| ring.multiply(unblinded, &factor)).ok_or(FaultError::Length)?;
		if Some(blinded) != ring.reduce(&leaf.value) {
			return Err(FaultError::WrongBlinding);
		}
		if ring.is_reduced(&leaf.value) && merkle::leaf(block.into(), unblinded) == committed.leaf {
			return Err(FaultError::Unfounded);
		}
		Ok(trees.verdict(FaultKind::Output))
	}

	fn check_result(
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
			return Err(FaultError::Unfounded);
		}
		Ok(trees.verdict(FaultKind::Result))
	}

	fn trees(&self, producer: Producer) -> Result<Trees<'a, A>, FaultError> {
		let (owner, role) = match producer {
			Producer::Computing(index) => (&self.computing(index)?.party.who, Role::ComputingProvider),
			Producer::Coordinator => (&self.contract.coordinator.who, Role::Coordinator),
		};
		let stage = producer.stage();
		let shape = self.contract.tree_shape(stage).ok_or(FaultError::OutOfRange)?;
		Ok(Trees { owner, role, stage, shape, root: self.root(stage, owner)? })
	}

	/// The node is in the place it claims, in a tree that was committed to.
	fn ensure_node(&self, trees: &Trees<A>, ring: &Ring, output: u32, node: &NodeProof) -> Result<(), FaultError> {
		if !ring.is_number(&node.value) {
			return Err(FaultError::Length);
		}
		self.ensure_tree(trees, output, node.tree_root(trees.shape)?, &node.output_path)
	}

	fn ensure_tree(&self, trees: &Trees<A>, output: u32, tree: H256, path: &[H256]) -> Result<(), FaultError> {
		ensure_path(trees.root, self.contract.outputs().into(), output.into(), tree.as_bytes(), path)
	}

	/// The factor that re-randomises a ciphertext for a computing provider.
	fn blinding(&self, choice: &FeatureChoice, computing: u16, place: Place, ring: &Ring) -> Option<Vec<u8>> {
		let Place { data, block, .. } = place;
		selector::blinding(&self.genesis, self.job, choice, computing.into(), data.into(), block, ring)
	}

	/// The weight that a node raises its child to, if it holds a power.
	fn weight(&self, shape: Shape, level: u8, index: u64) -> Option<i32> {
		let weights = self.contract.parameters.weights();
		let rank = index.checked_rem(weights.len() as u64).filter(|_| shape.is_power(level))?;
		weights.get(rank as usize).copied()
	}
}

/// Selections and inputs.
impl<'a, A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'a, A, B, N, Roots> {
	fn check_selector(
		&self,
		computing: u16,
		feature: &FeatureOpening,
		proof: &SelectorProof,
	) -> Result<Verdict<A>, FaultError> {
		self.ensure_selection(feature)?;
		let ring = self.ensure_selector(computing, feature.feature, proof)?;
		let expected = selector::selector(&self.genesis, self.job, &feature.choice, &ring);
		if expected.ok_or(FaultError::Length)? == *proof.selector {
			return Err(FaultError::Unfounded);
		}
		Ok(self.coordinators_fault(FaultKind::Selector))
	}

	fn check_selection_proof(
		&self,
		computing: u16,
		message: &[u8],
		top_path: &[H256],
	) -> Result<Verdict<A>, FaultError> {
		let (ring, features) = (self.computing_ring(computing)?, self.contract.features());
		let root = merkle::root(&wire::selection_leaves(message, features, ring.bytes()));
		self.ensure_message(computing, root, top_path)?;
		let statement = Statement { features, selected: self.contract.selection.selected, ring: &ring };
		if statement.holds(self.transcript("encrytrust/selection/1", computing)?, message) {
			return Err(FaultError::Unfounded);
		}
		Ok(self.coordinators_fault(FaultKind::SelectionProof))
	}

	fn check_entry(
		&self,
		data: u16,
		computing: u16,
		feature: u16,
		proof: &EntryProof,
	) -> Result<Verdict<A>, FaultError> {
		self.ensure_entry(data, computing, feature, proof)?;
		if self.is_well_formed(data, computing, proof.part, &proof.entry)? {
			return Err(FaultError::Unfounded);
		}
		self.data_providers_fault(data, FaultKind::Entry)
	}

	fn ensure_selection(&self, feature: &FeatureOpening) -> Result<(), FaultError> {
		if feature.feature >= self.contract.features() {
			return Err(FaultError::OutOfRange);
		}
		let opens = feature.verify(self.contract.selection.commitment, self.contract.features());
		opens.then_some(()).ok_or(FaultError::WrongSelection)
	}

	/// The coordinator committed to this selector; returns the ring that it is a number of.
	fn ensure_selector(&self, computing: u16, feature: u16, proof: &SelectorProof) -> Result<Ring, FaultError> {
		let (ring, features) = (self.computing_ring(computing)?, self.contract.features());
		if feature >= features {
			return Err(FaultError::OutOfRange);
		}
		if !ring.is_number(&proof.selector) {
			return Err(FaultError::Length);
		}
		// Behind the selectors stands the rest of the message.
		let parts = u64::from(features).saturating_add(1);
		let leaf = merkle::leaf(feature.into(), &proof.selector);
		let root = merkle::climb(parts, feature.into(), leaf, &proof.path).ok_or(FaultError::PathLength)?;
		self.ensure_message(computing, root, &proof.top_path)?;
		Ok(ring)
	}

	/// The coordinator committed to a message of this root.
	fn ensure_message(&self, computing: u16, root: H256, path: &[H256]) -> Result<(), FaultError> {
		let commitment = self.root(Stage::Selection, &self.contract.coordinator.who)?;
		let messages = self.contract.computing.len() as u64;
		ensure_path(commitment, messages, computing.into(), root.as_bytes(), path)
	}

	/// The data provider committed to this entry.
	fn ensure_entry(&self, data: u16, computing: u16, feature: u16, proof: &EntryProof) -> Result<(), FaultError> {
		let features = self.contract.features();
		let who = &self.contract.data.get(usize::from(data)).ok_or(FaultError::OutOfRange)?.party.who;
		self.computing(computing)?;
		if feature >= features {
			return Err(FaultError::OutOfRange);
		}
		let commitment = self.root(Stage::Inputs, who)?;
		let place = (proof.part, self.entry_index(computing, feature));
		self.ensure_inputs(commitment, data, place, &proof.entry, &proof.path)
	}

	/// `path` leads from an entry in its place, of part and index there, to a data provider's commitment.
	fn ensure_inputs(
		&self,
		commitment: H256,
		data: u16,
		(part, index): (u32, u32),
		entry: &Entry,
		path: &[H256],
	) -> Result<(), FaultError> {
		let (parts, entries, index) = (self.contract.parts(data), u64::from(self.entries()), u64::from(index));
		if part >= parts {
			return Err(FaultError::OutOfRange);
		}
		let length = merkle::path_length(entries, index);
		let (within, above) = path.split_at_checked(length).ok_or(FaultError::PathLength)?;
		let leaf = merkle::leaf(index, &entry.encode());
		let root = merkle::climb(entries, index, leaf, within).ok_or(FaultError::OutOfRange)?;
		ensure_path(commitment, parts.into(), part.into(), root.as_bytes(), above)
	}

	/// Number of entries of a part: one for each computing provider and feature.
	fn entries(&self) -> u32 {
		(self.contract.computing.len() as u32).saturating_mul(self.contract.features().into())
	}

	/// The place of an entry in its part.
	fn entry_index(&self, computing: u16, feature: u16) -> u32 {
		u32::from(computing).saturating_mul(self.contract.features().into()).saturating_add(feature.into())
	}

	/// Whether an entry has a ciphertext for each block of its part, and as many chunks as these take.
	fn is_complete(&self, data: u16, part: u32, entry: &Entry, user: &Ring) -> bool {
		let blocks = self.contract.blocks_of(data, part).len() as u32;
		(entry.blocks, entry.chunks) == (blocks, wire::chunks(blocks, user.bytes()))
	}

	/// Whether an entry can be read as one.
	fn is_well_formed(&self, data: u16, computing: u16, part: u32, entry: &Entry) -> Result<bool, FaultError> {
		let complete = self.is_complete(data, part, entry, &self.user_ring()?);
		Ok(complete && self.computing_ring(computing)?.is_ciphertext(&entry.transfer))
	}

	fn coordinators_fault(&self, kind: FaultKind) -> Verdict<A> {
		let offender = self.contract.coordinator.who.clone();
		Verdict { offender, role: Role::Coordinator, stage: Stage::Selection, kind }
	}

	fn data_providers_fault(&self, data: u16, kind: FaultKind) -> Result<Verdict<A>, FaultError> {
		let offender = self.contract.data.get(usize::from(data)).ok_or(FaultError::OutOfRange)?.party.who.clone();
		Ok(Verdict { offender, role: Role::DataProvider, stage: Stage::Inputs, kind })
	}

	fn computing(&self, index: u16) -> Result<&'a ComputingParty<A, B>, FaultError> {
		self.contract.computing.get(usize::from(index)).ok_or(FaultError::OutOfRange)
	}

	fn root(&self, stage: Stage, who: &A) -> Result<H256, FaultError> {
		(self.roots)(stage, who).ok_or(FaultError::NotDelivered)
	}

	fn user_ring(&self) -> Result<Ring, FaultError> {
		Ring::new(&self.contract.user_key).ok_or(FaultError::Length)
	}

	fn computing_ring(&self, index: u16) -> Result<Ring, FaultError> {
		Ring::new(&self.computing(index)?.paillier).ok_or(FaultError::Length)
	}

	/// `S(label)` of `docs/protocol/selection.md`.
	fn transcript(&self, label: &str, computing: u16) -> Result<Transcript, FaultError> {
		let provider = &self.computing(computing)?.party.who;
		let start = Transcript::new(label).with(self.genesis).with(self.job.to_le_bytes());
		Ok(start.with(self.contract.coordinator.who.encode()).with(provider.encode()))
	}
}

/// An entry commits to a ciphertext of this leaf, in this place of its part.
fn ensure_committed(entry: &Entry, block: u32, committed: &CiphertextProof) -> Result<(), FaultError> {
	if block >= entry.blocks {
		return Err(FaultError::OutOfRange);
	}
	match merkle::climb(entry.blocks.into(), block.into(), committed.leaf, &committed.path) {
		None => Err(FaultError::PathLength),
		Some(reached) if reached != entry.ciphertexts => Err(FaultError::NotCommitted),
		Some(_) => Ok(()),
	}
}

/// Whether a node's value is what its children say; `None` for numbers that are too long.
fn product_holds(ring: &Ring, weight: Option<i32>, value: &[u8], left: &[u8], right: Option<&[u8]>) -> Option<bool> {
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

fn ensure_leaf(leaf: &NodeProof) -> Result<(), FaultError> {
	let childless = (leaf.left, leaf.right) == (H256::zero(), H256::zero());
	(leaf.level == 0 && childless).then_some(()).ok_or(FaultError::WrongLevel)
}

fn ensure_child(ring: &Ring, child: &Child, level: u8, index: u64, hash: H256) -> Result<(), FaultError> {
	if !ring.is_number(&child.value) {
		return Err(FaultError::Length);
	}
	(child.hash(level, index) == hash).then_some(()).ok_or(FaultError::WrongChildren)
}

/// `path` leads from `data` in its place to the commitment.
fn ensure_path(root: H256, count: u64, index: u64, data: &[u8], path: &[H256]) -> Result<(), FaultError> {
	if index >= count {
		return Err(FaultError::OutOfRange);
	}
	match merkle::climb(count, index, merkle::leaf(index, data), path) {
		None => Err(FaultError::PathLength),
		Some(reached) if reached != root => Err(FaultError::NotCommitted),
		Some(_) => Ok(()),
	}
}
