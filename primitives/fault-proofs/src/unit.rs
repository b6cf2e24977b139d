//! Chunks of message units: what a party publishes of its commitment once it is challenged to, shown to everybody.

use crate::{
	committed::ensure_path,
	context::FaultContext,
	product_tree::root_of_levels,
	ring::Ring,
	verdict::FaultError,
	wire::{self, Entry},
};
use alloc::vec::Vec;
use codec::{DecodeAll, Encode};
use core::ops::Range;
use encrytrust_types::{
	job::{unit::entry_bytes, Stage, TreeShape, Unit},
	merkle,
};
use primitive_types::H256;

/// What a chunk has, taken apart; it stands in the chunk's bytes.
#[derive(Clone, Debug)]
pub enum Items<'a> {
	/// Leaves of a selection message, one behind the other.
	Leaves(Vec<&'a [u8]>),
	/// Entries, with the leaves of their ciphertexts.
	Entries(Vec<EntryItem<'a>>),
	/// Features of a message: entries with what was sealed.
	Features(Vec<FeatureItem<'a>>),
	/// Product trees: the values of each, level by level.
	Trees(Vec<Levels<'a>>),
}

/// An entry in a chunk.
#[derive(Clone, Debug)]
pub struct EntryItem<'a> {
	/// It is complete; see [`read_entry`].
	pub entry: Entry,
	/// What its leaf hashes.
	pub bytes: &'a [u8],
	/// The leaves of its ciphertexts.
	pub leaves: Vec<H256>,
}

/// A feature in a chunk of a message.
#[derive(Clone, Debug)]
pub struct FeatureItem<'a> {
	/// The entry.
	pub entry: EntryItem<'a>,
	/// The sealed packets, one behind the other.
	pub sealed: &'a [u8],
}

/// The levels of a product tree, leaves first.
pub type Levels<'a> = Vec<Vec<&'a [u8]>>;

/// Where a run of Merkle leaves stands: `path` leads from it to the root of its tree, and from there to the commitment.
struct Run {
	count: u64,
	first: u64,
	leaves: Vec<H256>,
}

impl<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	/// Check that `bytes` are a chunk of a unit, with the `path` to the commitment of its owner.
	///
	/// The contract says how long a chunk, its path and each item is. All of it is compared before anything is hashed: whoever
	/// sends other bytes makes nobody work for them. So a party whose commitment is to something of another form cannot
	/// answer.
	///
	/// # Errors
	///
	/// See [`FaultError`]; what is not of the form that the contract says, or does not hash to the commitment, is
	/// `NotCommitted`.
	pub fn check_chunk(&self, unit: &Unit, chunk: u32, bytes: &[u8], path: &[H256]) -> Result<(), FaultError> {
		let owner = self.contract.unit_owner(unit).ok_or(FaultError::OutOfRange)?;
		let root = self.root(unit.stage(), &owner.who)?;
		let range = self.contract.chunk_items(unit, chunk).ok_or(FaultError::OutOfRange)?;
		if self.chunk_path_length(unit, &range) != path.len() {
			return Err(FaultError::PathLength);
		}
		let items = self.read_chunk(unit, chunk, bytes)?;
		let (within, above) = path.split_at_checked(self.path_within(unit, &range)).ok_or(FaultError::PathLength)?;
		let run = self.run(unit, range, &items).ok_or(FaultError::NotCommitted)?;
		let reached = merkle::climb_range(run.count, run.first, &run.leaves, within).ok_or(FaultError::PathLength)?;
		match *unit {
			Unit::Selection { computing } => {
				let messages = self.contract.computing.len() as u64;
				ensure_path(root, messages, computing.into(), reached.as_bytes(), above)
			},
			Unit::Entries { data, part } | Unit::Message { data, part, .. } => {
				let parts = self.contract.parts(data).into();
				ensure_path(root, parts, part.into(), reached.as_bytes(), above)
			},
			Unit::Outputs { .. } | Unit::Result { .. } => {
				(reached == root).then_some(()).ok_or(FaultError::NotCommitted)
			},
		}
	}

	/// Take a chunk apart by the lengths that the contract says. Nothing is hashed.
	///
	/// # Errors
	///
	/// `OutOfRange` for no such chunk, `NotCommitted` for bytes of another form.
	pub fn read_chunk<'b>(&self, unit: &Unit, chunk: u32, bytes: &'b [u8]) -> Result<Items<'b>, FaultError> {
		let range = self.contract.chunk_items(unit, chunk).ok_or(FaultError::OutOfRange)?;
		if self.contract.chunk_bytes(unit, chunk) != Some(bytes.len() as u64) {
			return Err(FaultError::NotCommitted);
		}
		let mut reader = Reader(bytes);
		let items = match *unit {
			Unit::Selection { computing } => self.read_leaves(&mut reader, computing, range),
			Unit::Entries { data, part } => {
				let features = u32::from(self.contract.features());
				let user = self.user_ring()?;
				let entry = |index: u32, reader: &mut Reader<'b>| {
					let computing = u16::try_from(index.checked_div(features)?).ok()?;
					self.read_item(reader, (data, part, computing), &user)
				};
				range.map(|index| entry(index, &mut reader)).collect::<Option<_>>().map(Items::Entries)
			},
			Unit::Message { data, computing, part } => {
				let user = self.user_ring()?;
				let sealed = wire::sealed_bytes(self.contract.blocks_of(data, part).len() as u32, user.bytes());
				let mut feature = || {
					let entry = self.read_item(&mut reader, (data, part, computing), &user)?;
					Some(FeatureItem { entry, sealed: reader.take(sealed)? })
				};
				range.map(|_| feature()).collect::<Option<_>>().map(Items::Features)
			},
			Unit::Outputs { .. } | Unit::Result { .. } => {
				let shape = self.contract.tree_shape(unit.stage()).ok_or(FaultError::OutOfRange)?;
				let value = self.user_ring()?.bytes();
				range.map(|_| read_tree(&mut reader, shape, value)).collect::<Option<_>>().map(Items::Trees)
			},
		};
		items.filter(|_| reader.is_done()).ok_or(FaultError::NotCommitted)
	}

	fn read_leaves<'b>(&self, reader: &mut Reader<'b>, computing: u16, range: Range<u32>) -> Option<Items<'b>> {
		let places = self.contract.message_leaves(computing);
		let leaf = |index: u32| {
			let index = u64::from(index);
			let length = places.start(index.checked_add(1)?).checked_sub(places.start(index))?;
			reader.take(usize::try_from(length).ok()?)
		};
		range.map(leaf).collect::<Option<_>>().map(Items::Leaves)
	}

	/// An entry with its leaves.
	fn read_item<'b>(
		&self,
		reader: &mut Reader<'b>,
		(data, part, computing): (u16, u32, u16),
		user: &Ring,
	) -> Option<EntryItem<'b>> {
		let modulus = self.computing(computing).ok()?.paillier.len();
		let (entry, bytes) = read_entry(reader, modulus)?;
		if !self.is_complete(data, part, &entry, user) {
			return None;
		}
		let leaves = (0..entry.blocks).map(|_| reader.take(H256::len_bytes()).map(H256::from_slice));
		Some(EntryItem { leaves: leaves.collect::<Option<_>>()?, entry, bytes })
	}

	/// The Merkle leaves of a chunk; `None` for an entry with other leaves or packets than it commits to.
	fn run(&self, unit: &Unit, range: Range<u32>, items: &Items<'_>) -> Option<Run> {
		let indexed = |first: u32| u64::from(first)..;
		let (count, first) = (self.run_count(unit), self.run_first(unit, &range));
		let leaves = match items {
			Items::Leaves(parts) => {
				indexed(range.start).zip(parts).map(|(index, part)| merkle::leaf(index, part)).collect()
			},
			Items::Entries(entries) => {
				indexed(first).zip(entries).map(|(index, item)| item.leaf(index)).collect::<Option<_>>()?
			},
			Items::Features(features) => {
				let bytes = self.user_ring().ok()?.bytes();
				let features = indexed(first).zip(features);
				features.map(|(index, item)| item.leaf(index, bytes)).collect::<Option<_>>()?
			},
			Items::Trees(trees) => {
				let shape = self.contract.tree_shape(unit.stage())?;
				let tree =
					|(output, tree): (u64, &Levels)| merkle::leaf(output, root_of_levels(shape, tree).as_bytes());
				indexed(first).zip(trees).map(tree).collect()
			},
		};
		Some(Run { count, first: first.into(), leaves })
	}

	/// Leaves of the tree in which a chunk is a run.
	fn run_count(&self, unit: &Unit) -> u64 {
		match *unit {
			Unit::Selection { computing } => self.contract.message_leaves(computing).count().into(),
			Unit::Entries { .. } | Unit::Message { .. } => self.entries().into(),
			Unit::Outputs { .. } | Unit::Result { .. } => self.contract.outputs().into(),
		}
	}

	/// The first leaf of a chunk in that tree.
	fn run_first(&self, unit: &Unit, range: &Range<u32>) -> u32 {
		match *unit {
			Unit::Message { computing, .. } => self.entry_index(computing, 0).saturating_add(range.start),
			_ => range.start,
		}
	}

	/// How much of a chunk's path is within that tree.
	pub(crate) fn path_within(&self, unit: &Unit, range: &Range<u32>) -> usize {
		merkle::range_path_length(self.run_count(unit), self.run_first(unit, range).into(), range.len() as u64)
	}

	/// Hashes of a chunk's path.
	fn chunk_path_length(&self, unit: &Unit, range: &Range<u32>) -> usize {
		let above = match *unit {
			Unit::Selection { computing } => {
				merkle::path_length(self.contract.computing.len() as u64, computing.into())
			},
			Unit::Entries { data, part } | Unit::Message { data, part, .. } => {
				merkle::path_length(self.contract.parts(data).into(), part.into())
			},
			Unit::Outputs { .. } | Unit::Result { .. } => 0,
		};
		self.path_within(unit, range).saturating_add(above)
	}
}

impl EntryItem<'_> {
	/// The entry's leaf, if the leaves of its ciphertexts are those that it commits to.
	fn leaf(&self, index: u64) -> Option<H256> {
		(merkle::root(&self.leaves) == self.entry.ciphertexts).then(|| merkle::leaf(index, self.bytes))
	}
}

impl FeatureItem<'_> {
	/// The entry's leaf, if leaves and packets are those that it commits to.
	fn leaf(&self, index: u64, bytes: usize) -> Option<H256> {
		let packets = wire::leaves(wire::sealed_chunks(self.sealed, bytes));
		(merkle::root(&packets) == self.entry.entry.sealed).then(|| self.entry.leaf(index))?
	}
}

/// Reads an entry for a computing provider whose modulus has so many bytes, and the bytes that are hashed.
///
/// Every entry under a modulus is equally long, as each number in it is; one with a shorter or longer number is refused.
pub(crate) fn read_entry<'b>(reader: &mut Reader<'b>, modulus: usize) -> Option<(Entry, &'b [u8])> {
	let bytes = reader.take(usize::try_from(entry_bytes(modulus)).ok()?)?;
	let entry = Entry::decode_all(&mut &*bytes).ok()?;
	let whole = [&entry.transfer, &entry.proof.commitment].map(|number| number.len());
	let halves = [&entry.proof.kappa_response, &entry.proof.rho_response].map(|number| number.len());
	(whole == [modulus.checked_mul(2)?; 2] && halves == [modulus; 2]).then_some((entry, bytes))
}

fn read_tree<'b>(reader: &mut Reader<'b>, shape: TreeShape, value: usize) -> Option<Levels<'b>> {
	let level = |level: u8| (0..shape.width(level)).map(|_| reader.take(value)).collect::<Option<_>>();
	(0..=shape.height()).map(level).collect()
}

/// Reads what is as long as is known beforehand.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
	fn take(&mut self, length: usize) -> Option<&'a [u8]> {
		let (taken, rest) = self.0.split_at_checked(length)?;
		self.0 = rest;
		Some(taken)
	}

	fn is_done(&self) -> bool {
		self.0.is_empty()
	}
}

#[cfg(test)]
mod tests;
