//! Makers of proofs: each looks at what was published and returns the first fault of a kind, if there is one.
//!
//! What is given must be the blobs that were committed to: a proof from others is refused by [`check`](crate::check).

use crate::{
	context::FaultContext,
	fault::{Chunk, CiphertextProof, EntryProof, Fault, Message, Opening, Producer, SelectorProof},
	product_tree::{product_holds, Child, Hashes, Tree},
	ring::Ring,
	selector,
	transfer_proof::find_unproven,
	wire::{self, Entry, InputsPart, Product},
};
use alloc::vec::Vec;
use codec::Encode;
use core::ops::Range;
use encrytrust_types::{
	job::{FeatureChoice, Place, Selection, Stage, TreeShape},
	merkle::{self, Path},
	Number,
};
use primitive_types::H256;

/// Entries of a part of a data provider's inputs that follow each other, and what shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRun {
	/// The part.
	pub part: u32,
	/// The place of the first entry in its part.
	pub first: u32,
	/// The entries, computing provider by computing provider, feature by feature.
	pub entries: Vec<Entry>,
	/// The Merkle leaves of each entry's ciphertexts; none where they are not at hand.
	pub ciphertexts: Vec<Vec<H256>>,
	/// From the run to the root of its part, see [`merkle::climb_range`], and from there to the commitment.
	pub path: Vec<H256>,
}

impl EntryRun {
	/// A whole part as it was published; `above` leads from its root to the commitment.
	pub fn whole(part: u32, inputs: InputsPart, above: Vec<H256>) -> Self {
		let InputsPart { entries, ciphertexts, .. } = inputs;
		Self { part, first: 0, entries, ciphertexts, path: above }
	}

	/// The Merkle leaves of the entries.
	pub fn leaves(&self) -> Vec<H256> {
		let leaf = |(index, entry): (u64, &Entry)| merkle::leaf(index, &entry.encode());
		(self.first.into()..).zip(&self.entries).map(leaf).collect()
	}

	/// An entry, by its place in the part.
	pub fn entry(&self, index: u32) -> Option<&Entry> {
		self.entries.get(index.checked_sub(self.first)? as usize)
	}

	/// The Merkle leaves of an entry's ciphertexts, by its place in the part.
	pub fn ciphertexts(&self, index: u32) -> Option<&[H256]> {
		self.ciphertexts.get(index.checked_sub(self.first)? as usize).map(Vec::as_slice)
	}
}

/// The coordinator's message for a computing provider, and what shows it.
#[derive(Clone, Debug)]
pub struct ShownMessage<'a> {
	/// The message.
	pub message: &'a [u8],
	/// From its root to the commitment.
	pub top_path: Path,
}

/// A part of published trees, with their hashes.
#[derive(Clone, Debug)]
pub struct PartOfTrees<'a> {
	first: u32,
	product: &'a Product,
	hashes: Vec<Hashes>,
	leaves: Vec<H256>,
	/// From the part's root to the commitment.
	above: Vec<H256>,
}

/// A selection by rank: the features, and what is committed to of each.
#[derive(Clone, Debug)]
pub struct Chosen<'a> {
	selection: &'a Selection,
	features: Vec<(u16, FeatureChoice)>,
}

impl<'a> Chosen<'a> {
	/// A selection of `total` features.
	pub fn new(selection: &'a Selection, total: u16) -> Self {
		let choices = (0u16..).zip(selection.choices(total));
		Self { selection, features: choices.filter(|(_, choice)| choice.rank.is_some()).collect() }
	}

	/// The feature of a rank, and what is committed to of it.
	pub fn get(&self, rank: u16) -> Option<&(u16, FeatureChoice)> {
		self.features.get(usize::from(rank))
	}
}

impl<'a> PartOfTrees<'a> {
	fn get(&self, output: u32) -> Option<(&'a Tree, &Hashes, Path)> {
		let index = output.checked_sub(self.first)? as usize;
		let path = [merkle::path(&self.leaves, index)?, self.above.clone()].concat();
		Some((self.tree(output)?, self.hashes.get(index)?, path.try_into().ok()?))
	}

	/// The tree of an output.
	pub fn tree(&self, output: u32) -> Option<&'a Tree> {
		self.product.trees.get(output.checked_sub(self.first)? as usize)
	}

	fn outputs(&self) -> impl Iterator<Item = u32> {
		(self.first..).take(self.hashes.len())
	}

	/// From the trees of some outputs that follow each other to the commitment.
	pub(crate) fn range_path(&self, outputs: Range<u32>) -> Option<Vec<H256>> {
		let place = |output: u32| output.checked_sub(self.first).map(|place| place as usize);
		let within = merkle::range_path(&self.leaves, place(outputs.start)?..place(outputs.end)?)?;
		Some([within, self.above.clone()].concat())
	}

	/// The root over the part.
	pub fn root(&self) -> H256 {
		merkle::root(&self.leaves)
	}
}

impl<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	/// A part of what was published in a stage; `above` leads from its root to the commitment, see [`PartOfTrees::root`]. `None`
	/// if it has not as many trees as it must have, or one is none.
	pub fn part_of_trees<'p>(
		&self,
		stage: Stage,
		part: u32,
		product: &'p Product,
		above: &[H256],
	) -> Option<PartOfTrees<'p>> {
		let outputs = self.contract.outputs_of(part);
		let hashes = product.hashes(self.contract.tree_shape(stage)?, self.user_ring().ok()?.bytes())?;
		let leaves = wire::product_leaves(outputs.start, &hashes);
		let above = above.to_vec();
		(leaves.len() == outputs.len()).then_some(PartOfTrees { first: outputs.start, product, hashes, leaves, above })
	}

	/// The first tree of a wrong height, or node that is wrong, in a part of what `producer` published.
	pub fn find_product_fault(&self, producer: Producer, trees: &PartOfTrees) -> Option<Fault> {
		let (shape, ring) = (self.contract.tree_shape(producer.stage())?, self.user_ring().ok()?);
		trees.outputs().find_map(|output| {
			let (tree, hashes, path) = trees.get(output)?;
			let height = tree.levels.len().checked_sub(1)? as u8;
			if height != shape.height() {
				let root = hashes.prove(tree, height, 0, path)?;
				return Some(Fault::Shape { producer, output, root });
			}
			let Some((level, index)) = self.first_wrong_node(tree, hashes, shape, &ring) else {
				let index = wrong_leaf(tree, &ring)?;
				let node = hashes.prove(tree, 0, index, path)?;
				return Some(Fault::Product { producer, output, node, left: Child::none(), right: None });
			};
			let (left, right) = shape.children(level, index);
			let child = |index| hashes.child(tree, level.checked_sub(1)?, index);
			let node = hashes.prove(tree, level, index, path)?;
			Some(Fault::Product { producer, output, node, left: child(left)?, right: right.and_then(child) })
		})
	}

	/// From the root down, so that everything above the node found is in its place.
	fn first_wrong_node(&self, tree: &Tree, hashes: &Hashes, shape: TreeShape, ring: &Ring) -> Option<(u8, u64)> {
		let is_wrong = |(level, index): (u8, u64)| {
			let (left, right) = shape.children(level, index);
			let alone = hashes.children(level, index).1 == H256::zero();
			let below = level.checked_sub(1)?;
			let value = tree.value(level, index)?;
			let other_children = right.is_none() != alone;
			let wrong = other_children || !ring.is_reduced(value) || {
				let right = right.map(|right| tree.value(below, right));
				let weight = self.weight(shape, level, index);
				!product_holds(ring, weight, value, tree.value(below, left)?, right.flatten())?
			};
			wrong.then_some((level, index))
		};
		let nodes = (1..=shape.height()).rev();
		nodes.flat_map(|level| (0..shape.width(level)).map(move |index| (level, index))).find_map(is_wrong)
	}

	/// The parts of inputs that the leaves of a part of the computing providers' trees are made of: data provider and part,
	/// ascending.
	pub fn inputs_below(&self, trees: &PartOfTrees) -> Vec<(u16, u32)> {
		let mut parts: Vec<_> =
			trees.outputs().flat_map(|output| self.places(output)).map(|place| self.part(place)).collect();
		parts.sort_unstable();
		parts.dedup();
		parts
	}

	fn places(&self, output: u32) -> Vec<Place> {
		let leaves = self.contract.tree_shape(Stage::Outputs).map_or(0, |shape| shape.leaves());
		(0..leaves).filter_map(|leaf| self.contract.place_of(output, leaf)).collect()
	}

	fn part(&self, place: Place) -> (u16, u32) {
		(place.data, self.contract.part_and_place(place.block).0)
	}

	/// The first leaf in the trees of some outputs by a computing provider that is not what a data provider committed to.
	/// `inputs` are those that have the entry of this computing provider and a feature, which is named behind data provider and
	/// part: see [`Self::inputs_below`]. Leaves whose entry is not at hand, or is none, are passed over. Many outputs at once
	/// come cheaper than each alone.
	pub fn find_output_fault<'i>(
		&self,
		computing: u16,
		outputs: &[u32],
		trees: &PartOfTrees,
		chosen: &Chosen,
		inputs: impl Fn((u16, u32), u16) -> Option<&'i EntryRun>,
	) -> Option<Fault> {
		let ring = self.user_ring().ok()?;
		let leaves = outputs.iter().flat_map(|output| {
			let places = (0u64..).zip(self.places(*output));
			places.map(move |(index, place)| (*output, index, place))
		});
		let leaves: Vec<(u32, u64, Place)> = leaves.collect();
		let root = |(_, _, place): &(u32, u64, Place)| {
			let (_, choice) = chosen.get(place.rank)?;
			let (data, block) = (place.data.into(), place.block);
			Some(selector::blinding_root(&self.genesis, self.job, choice, computing.into(), data, block, &ring))
		};
		let roots = leaves.iter().map(root).collect::<Option<Vec<_>>>()?;
		let mut leaves = leaves.into_iter().zip(selector::unblindings(&roots, &ring));
		leaves.find_map(|((output, index, place), unblinding)| {
			let (feature, _) = chosen.get(place.rank)?;
			let inputs = inputs(self.part(place), *feature)?;
			let entry_index = self.entry_index(computing, *feature);
			let (entry, ciphertexts) = (inputs.entry(entry_index)?, inputs.ciphertexts(entry_index)?);
			if !self.is_complete(place.data, inputs.part, entry, &ring) {
				return None;
			}
			let (_, block) = self.contract.part_and_place(place.block);
			let leaf = trees.tree(output)?.value(0, index)?;
			let unblinded = ring.multiply_secrets(leaf, &unblinding?)?;
			let committed = ciphertexts.get(block as usize)?;
			if ring.is_reduced(leaf) && merkle::leaf(block.into(), &unblinded) == *committed {
				return None;
			}
			let (tree, hashes, path) = trees.get(output)?;
			Some(Fault::Output {
				computing,
				output,
				feature: chosen.selection.open(*feature, self.contract.features())?,
				data: place.data,
				leaf: hashes.prove(tree, 0, index, path)?,
				unblinded: unblinded.to_vec().try_into().ok()?,
				entry: self.entry(inputs, computing, *feature)?,
				committed: self.committed(inputs, computing, *feature, block)?,
			})
		})
	}

	/// The first leaf of a part of the coordinator's trees that is not the output of its computing provider. `outputs` are
	/// the same part of all computing providers' trees, in the contract's order; those that are not at hand are passed over.
	pub fn find_result_fault(&self, result: &PartOfTrees, outputs: &[Option<PartOfTrees>]) -> Option<Fault> {
		let shape = self.contract.tree_shape(Stage::Outputs)?;
		(0u16..).zip(outputs).find_map(|(computing, sources)| {
			let sources = sources.as_ref()?;
			result.outputs().find_map(|output| {
				let ((tree, hashes, path), (source, source_hashes, source_path)) =
					(result.get(output)?, sources.get(output)?);
				if tree.value(0, computing.into())? == source.root()? {
					return None;
				}
				let leaf = hashes.prove(tree, 0, computing.into(), path)?;
				let root = source_hashes.prove(source, shape.height(), 0, source_path)?;
				Some(Fault::Result { output, computing, leaf, root })
			})
		})
	}

	/// The first selector of a message that does not follow from the selection.
	pub fn find_selector_fault(
		&self,
		computing: u16,
		shown: &ShownMessage<'_>,
		selection: &Selection,
	) -> Option<Fault> {
		let (ring, total) = (self.computing_ring(computing).ok()?, self.contract.features());
		let choices = selection.choices(total);
		let wrong =
			(0u16..).zip(choices.iter().zip(shown.message.chunks(ring.bytes()))).find(|(_, (choice, published))| {
				selector::selector(&self.genesis, self.job, choice, &ring)
					.is_some_and(|expected| expected != *published)
			});
		let (feature, _) = wrong?;
		let selector = self.selector(shown, computing, feature)?;
		Some(Fault::Selector { computing, feature: selection.open(feature, total)?, selector })
	}

	/// The proof about a message that was found not to hold.
	pub fn selection_proof_fault(&self, computing: u16, shown: &ShownMessage<'_>) -> Option<Fault> {
		let message = Message::try_from(shown.message.to_vec()).ok()?;
		Some(Fault::SelectionProof { computing, message, top_path: shown.top_path.clone() })
	}

	/// The first entry of a data provider's inputs that is malformed.
	pub fn find_entry_fault(&self, data: u16, inputs: &EntryRun) -> Option<Fault> {
		let features = u32::from(self.contract.features());
		(inputs.first..).zip(&inputs.entries).find_map(|(index, entry)| {
			let computing = u16::try_from(index.checked_div(features)?).ok()?;
			let feature = u16::try_from(index.checked_rem(features)?).ok()?;
			if self.is_well_formed(data, computing, inputs.part, entry).ok()? {
				return None;
			}
			Some(Fault::Entry { data, computing, feature, entry: self.entry(inputs, computing, feature)? })
		})
	}

	/// The proof about the first transfer for a computing provider, of those in a run of entries, whose maker is found
	/// not to have shown that it knows what it holds. `seed` as in
	/// [`find_unproven`](crate::transfer_proof::find_unproven).
	pub fn find_transfer_fault(
		&self,
		[data, computing]: [u16; 2],
		shown: &ShownMessage<'_>,
		inputs: &EntryRun,
		seed: &[u8; 32],
	) -> Option<Fault> {
		let feature = self.find_unproven_transfer([data, computing], shown.message, inputs, seed)?;
		self.transfer_fault([data, computing, feature], shown, inputs)
	}

	/// The feature of the first such transfer. Malformed entries and selectors are other faults.
	pub fn find_unproven_transfer(
		&self,
		[data, computing]: [u16; 2],
		message: &[u8],
		inputs: &EntryRun,
		seed: &[u8; 32],
	) -> Option<u16> {
		let ring = self.computing_ring(computing).ok()?;
		let selectors = message.chunks(ring.bytes());
		let (mut features, mut transfers) = (Vec::new(), Vec::new());
		for (feature, selector) in (0..self.contract.features()).zip(selectors) {
			let Some(entry) = inputs.entry(self.entry_index(computing, feature)) else { continue };
			if ring.is_ciphertext(selector) && self.is_well_formed(data, computing, inputs.part, entry).ok()? {
				features.push(feature);
				transfers.push(self.transfer([data, computing, feature], inputs.part, selector, entry).ok()?);
			}
		}
		features.get(find_unproven(&ring, &transfers, seed)?).copied()
	}

	/// The proof about a transfer that was found not to be proven.
	pub fn transfer_fault(
		&self,
		[data, computing, feature]: [u16; 3],
		shown: &ShownMessage<'_>,
		inputs: &EntryRun,
	) -> Option<Fault> {
		let selector = self.selector(shown, computing, feature)?;
		Some(Fault::Transfer { data, computing, feature, selector, entry: self.entry(inputs, computing, feature)? })
	}

	/// The proof about a sealed feature of which a block, by its place in the part, was found not to open to what it should.
	/// `chunks` are those of the feature.
	pub fn column_fault(
		&self,
		[data, computing, feature]: [u16; 3],
		shown: &ShownMessage<'_>,
		inputs: &EntryRun,
		opening: Opening,
		chunks: &[&[u8]],
		block: u32,
	) -> Option<Fault> {
		let per_chunk = wire::ciphertexts_per_chunk(self.user_ring().ok()?.bytes()) as u32;
		let chunk_index = block.checked_div(per_chunk)?;
		let chunk = chunks.get(chunk_index as usize)?;
		let chunk_path = merkle::path(&wire::leaves(chunks.iter()), chunk_index as usize)?;
		Some(Fault::Column {
			data,
			computing,
			feature,
			selector: self.selector(shown, computing, feature)?,
			entry: self.entry(inputs, computing, feature)?,
			opening,
			chunk: Chunk::try_from(chunk.to_vec()).ok()?,
			chunk_index,
			chunk_path: chunk_path.try_into().ok()?,
			block,
			committed: self.committed(inputs, computing, feature, block)?,
		})
	}

	/// An entry with its path.
	pub fn entry(&self, inputs: &EntryRun, computing: u16, feature: u16) -> Option<EntryProof> {
		let index = self.entry_index(computing, feature);
		let (count, first) = (self.entries().into(), inputs.first.into());
		let run = inputs.leaves();
		let length = merkle::range_path_length(count, first, run.len() as u64);
		let (path, above) = inputs.path.split_at_checked(length)?;
		let within = merkle::path_in_run(count, first, &run, path, index.checked_sub(inputs.first)? as usize)?;
		let path = [&within[..], above].concat().try_into().ok()?;
		Some(EntryProof { part: inputs.part, entry: inputs.entry(index)?.clone(), path })
	}

	fn committed(&self, inputs: &EntryRun, computing: u16, feature: u16, block: u32) -> Option<CiphertextProof> {
		let leaves = inputs.ciphertexts(self.entry_index(computing, feature))?;
		let path = merkle::path(leaves, block as usize)?;
		Some(CiphertextProof { leaf: *leaves.get(block as usize)?, path: path.try_into().ok()? })
	}

	fn selector(&self, shown: &ShownMessage<'_>, computing: u16, feature: u16) -> Option<SelectorProof> {
		let ring = self.computing_ring(computing).ok()?;
		let selector = shown.message.chunks(ring.bytes()).nth(feature.into())?.to_vec();
		let path = merkle::path(&self.message_leaves(computing, shown.message)?, feature.into())?;
		Some(SelectorProof {
			selector: Number::try_from(selector).ok()?,
			path: path.try_into().ok()?,
			top_path: shown.top_path.clone(),
		})
	}

	/// The Merkle leaves of a message.
	pub(crate) fn message_leaves(&self, computing: u16, message: &[u8]) -> Option<Vec<H256>> {
		let ring = self.computing_ring(computing).ok()?;
		Some(wire::selection_leaves(message, self.contract.features(), ring.bytes()))
	}

	/// One of all messages that the coordinator has published.
	pub fn shown_message<'m>(&self, messages: &'m [Vec<u8>], computing: u16) -> Option<ShownMessage<'m>> {
		let top_path = merkle::path(&self.selection_leaves(messages)?, computing.into())?.try_into().ok()?;
		Some(ShownMessage { message: messages.get(usize::from(computing))?, top_path })
	}

	/// The Merkle leaves of what the coordinator publishes in [`Stage::Selection`]; `None` for more messages than
	/// computing providers.
	pub fn selection_leaves(&self, messages: &[Vec<u8>]) -> Option<Vec<H256>> {
		let root =
			|(computing, message): (u16, &Vec<u8>)| Some(merkle::root(&self.message_leaves(computing, message)?));
		let roots = (0u16..).zip(messages).map(root).collect::<Option<Vec<_>>>()?;
		Some(wire::leaves(roots.iter()))
	}
}

/// The first leaf of a tree that is no ciphertext. All are coprime to `N` if their product is.
fn wrong_leaf(tree: &Tree, ring: &Ring) -> Option<u64> {
	let leaves = tree.levels.first()?;
	if ring.is_coprime(tree.root()?) && leaves.iter().all(|leaf| ring.is_reduced(leaf)) {
		return None;
	}
	leaves.iter().position(|leaf| !ring.is_ciphertext(leaf)).map(|index| index as u64)
}
