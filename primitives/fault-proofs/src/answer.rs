//! Answers to availability challenges: made from what was published, and read back.
//!
//! What is read from answers is of the same types as what was published, so that every proof is made from either.

use crate::{
	context::FaultContext,
	find::{EntryRun, PartOfTrees, ShownMessage},
	product_tree::Tree,
	unit::{EntryItem, Items, Levels},
	wire::Product,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use encrytrust_types::{
	job::{Stage, Unit},
	merkle,
};
use primitive_types::H256;

/// A chunk of a unit with its path to the commitment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Answer {
	/// The chunk.
	pub bytes: Vec<u8>,
	/// From its items to the commitment.
	pub path: Vec<H256>,
}

/// A data provider's message, as its chunks show it.
#[derive(Clone, Debug)]
pub struct MessageOfPart {
	/// The entries of all features, in the runs in which they were shown.
	pub runs: Vec<EntryRun>,
	/// The sealed bytes of each feature.
	pub sealed: Vec<Vec<u8>>,
}

impl<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	/// A chunk of the coordinator's message for a computing provider.
	pub fn selection_chunk(&self, computing: u16, chunk: u32, message: &ShownMessage<'_>) -> Option<Answer> {
		let unit = Unit::Selection { computing };
		let range = self.contract.chunk_items(&unit, chunk)?;
		let places = self.contract.message_leaves(computing);
		let [start, end] = [range.start, range.end].map(|leaf| places.start(leaf.into()) as usize);
		let within = merkle::range_path(&self.message_leaves(computing, message.message)?, usize_range(&range))?;
		let path = [&within[..], &message.top_path].concat();
		self.answer(&unit, chunk, message.message.get(start..end)?.to_vec(), path)
	}

	/// A chunk of the entries of a part; `inputs` are all of them.
	pub fn entries_chunk(&self, data: u16, chunk: u32, inputs: &EntryRun) -> Option<Answer> {
		let unit = Unit::Entries { data, part: inputs.part };
		let range = usize_range(&self.contract.chunk_items(&unit, chunk)?);
		let mut bytes = Vec::new();
		for index in range.clone() {
			put_entry(&mut bytes, inputs, index)?;
		}
		let path = [merkle::range_path(&inputs.leaves(), range)?, inputs.path.clone()].concat();
		self.answer(&unit, chunk, bytes, path)
	}

	/// A chunk of a message to a computing provider; `inputs` are all entries of the part, `sealed` the sealed bytes of each
	/// feature.
	pub fn message_chunk(
		&self,
		data: u16,
		computing: u16,
		chunk: u32,
		inputs: &EntryRun,
		sealed: &[Vec<u8>],
	) -> Option<Answer> {
		let unit = Unit::Message { data, computing, part: inputs.part };
		let features = usize_range(&self.contract.chunk_items(&unit, chunk)?);
		let offset = self.entry_index(computing, 0) as usize;
		let mut bytes = Vec::new();
		for feature in features.clone() {
			put_entry(&mut bytes, inputs, offset.checked_add(feature)?)?;
			bytes.extend_from_slice(sealed.get(feature)?);
		}
		let run = offset.checked_add(features.start)?..offset.checked_add(features.end)?;
		let path = [merkle::range_path(&inputs.leaves(), run)?, inputs.path.clone()].concat();
		self.answer(&unit, chunk, bytes, path)
	}

	/// A chunk of a part of product trees.
	pub fn trees_chunk(&self, unit: &Unit, chunk: u32, trees: &PartOfTrees<'_>) -> Option<Answer> {
		let range = self.contract.chunk_items(unit, chunk)?;
		let mut bytes = Vec::new();
		for output in range.clone() {
			trees.tree(output)?.levels.iter().flatten().for_each(|value| bytes.extend_from_slice(value));
		}
		self.answer(unit, chunk, bytes, trees.range_path(range)?)
	}

	/// Whoever has published something of another form has no answer.
	fn answer(&self, unit: &Unit, chunk: u32, bytes: Vec<u8>, path: Vec<H256>) -> Option<Answer> {
		(self.contract.chunk_bytes(unit, chunk)? == bytes.len() as u64).then_some(Answer { bytes, path })
	}

	/// The coordinator's message for a computing provider, and the path from its root, as all chunks of the unit show them.
	pub fn read_selection(&self, computing: u16, answers: &[Answer]) -> Option<(Vec<u8>, Vec<H256>)> {
		let unit = Unit::Selection { computing };
		self.check_all(&unit, answers)?;
		let last = answers.last()?;
		let range = self.contract.chunk_items(&unit, (answers.len() as u32).checked_sub(1)?)?;
		let above = last.path.get(self.path_within(&unit, &range)..)?.to_vec();
		Some((answers.iter().flat_map(|answer| answer.bytes.iter().copied()).collect(), above))
	}

	/// All entries of a part, as all chunks of the unit show them.
	pub fn read_entries(&self, data: u16, part: u32, answers: &[Answer]) -> Option<EntryRun> {
		let unit = Unit::Entries { data, part };
		self.check_all(&unit, answers)?;
		let mut all = EntryRun { part, first: 0, entries: Vec::new(), ciphertexts: Vec::new(), path: Vec::new() };
		for (chunk, answer) in (0..).zip(answers) {
			let Items::Entries(items) = self.read_chunk(&unit, chunk, &answer.bytes).ok()? else { return None };
			all.extend(items);
			let range = self.contract.chunk_items(&unit, chunk)?;
			all.path = answer.path.get(self.path_within(&unit, &range)..)?.to_vec();
		}
		Some(all)
	}

	/// A message to a computing provider, as all chunks of the unit show it.
	pub fn read_message(&self, data: u16, computing: u16, part: u32, answers: &[Answer]) -> Option<MessageOfPart> {
		let unit = Unit::Message { data, computing, part };
		self.check_all(&unit, answers)?;
		let mut message = MessageOfPart { runs: Vec::new(), sealed: Vec::new() };
		for (chunk, answer) in (0..).zip(answers) {
			let Items::Features(items) = self.read_chunk(&unit, chunk, &answer.bytes).ok()? else { return None };
			let start = self.contract.chunk_items(&unit, chunk)?.start;
			let first = self.entry_index(computing, 0).checked_add(start)?;
			let path = answer.path.clone();
			let mut run = EntryRun { part, first, entries: Vec::new(), ciphertexts: Vec::new(), path };
			message.sealed.extend(items.iter().map(|item| item.sealed.to_vec()));
			run.extend(items.into_iter().map(|item| item.entry));
			message.runs.push(run);
		}
		Some(message)
	}

	/// A part of product trees, and the path from its root to the commitment, as all chunks of the unit show them.
	pub fn read_trees(&self, unit: &Unit, answers: &[Answer]) -> Option<(Product, Vec<H256>)> {
		let (Unit::Outputs { part, .. } | Unit::Result { part }) = *unit else { return None };
		self.check_all(unit, answers)?;
		let mut trees = Vec::new();
		for (chunk, answer) in (0..).zip(answers) {
			let Items::Trees(items) = self.read_chunk(unit, chunk, &answer.bytes).ok()? else { return None };
			trees.extend(items.into_iter().map(tree_of));
		}
		// A part is a node of the tree over all outputs: what is above it ends every path through it.
		let above = merkle::path_length(self.contract.output_parts().into(), part.into());
		let path = &answers.last()?.path;
		Some((Product { trees }, path.get(path.len().checked_sub(above)?..)?.to_vec()))
	}

	/// Whether these are all chunks of a unit.
	fn check_all(&self, unit: &Unit, answers: &[Answer]) -> Option<()> {
		let complete = !answers.is_empty() && self.contract.unit_chunks(unit) as usize == answers.len();
		let mut chunks = (0u32..).zip(answers);
		let hold = |(chunk, answer): (u32, &Answer)| self.check_chunk(unit, chunk, &answer.bytes, &answer.path).is_ok();
		(complete && chunks.all(hold)).then_some(())
	}
}

impl EntryRun {
	fn extend<'b>(&mut self, items: impl IntoIterator<Item = EntryItem<'b>>) {
		for item in items {
			self.entries.push(item.entry);
			self.ciphertexts.push(item.leaves);
		}
	}
}

fn put_entry(bytes: &mut Vec<u8>, inputs: &EntryRun, index: usize) -> Option<()> {
	inputs.entries.get(index)?.encode_to(bytes);
	inputs.ciphertexts.get(index)?.iter().for_each(|leaf| bytes.extend_from_slice(leaf.as_bytes()));
	Some(())
}

fn tree_of(levels: Levels<'_>) -> Tree {
	let level = |level: Vec<&[u8]>| level.into_iter().map(<[u8]>::to_vec).collect();
	Tree { levels: levels.into_iter().map(level).collect() }
}

fn usize_range(range: &core::ops::Range<u32>) -> core::ops::Range<usize> {
	range.start as usize..range.end as usize
}
