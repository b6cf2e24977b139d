//! Makers of proofs: each looks at what was published and returns the first fault of a kind, if there is one.
//!
//! What is given must be the blobs that were committed to: a proof from others is refused by [`check`](super::check).

use super::{
	entry_place, is_single, Chunk, EntryProof, Fault, FaultContext, Message, Opening, Producer, SelectorProof,
};
use crate::{
	bmpc::{Number, Path, Selection, Stage},
	merkle,
	product_tree::{Hashes, Shape, Tree},
	ring::Ring,
	selector,
	wire::{self, Entry, InputsManifest, Product},
};
use alloc::vec::Vec;
use codec::Encode;
use sp_core::H256;

impl<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	/// The first tree of a wrong height, or node that is wrong, in what `producer` published.
	pub fn find_product_fault(&self, producer: Producer, product: &Product) -> Option<Fault> {
		let (shape, ring) = (self.trees(producer).ok()?.shape, self.user_ring().ok()?);
		let trees = Published::new(product, shape, &ring)?;
		(0..self.contract.outputs()).find_map(|output| {
			let (tree, hashes, path) = trees.get(output)?;
			let height = tree.levels.len().checked_sub(1)? as u8;
			if height != shape.height() {
				let root = hashes.prove(tree, height, 0, path)?;
				return Some(Fault::Shape { producer, output, root });
			}
			let (level, index) = self.first_wrong_node(tree, hashes, shape, &ring)?;
			let (left, right) = shape.children(level, index);
			let child = |index| hashes.child(tree, level.checked_sub(1)?, index);
			let node = hashes.prove(tree, level, index, path)?;
			Some(Fault::Product { producer, output, node, left: child(left)?, right: right.and_then(child) })
		})
	}

	/// From the root down, so that everything above the node found is in its place.
	fn first_wrong_node(&self, tree: &Tree, hashes: &Hashes, shape: Shape, ring: &Ring) -> Option<(u8, u64)> {
		let is_wrong = |(level, index): (u8, u64)| {
			let (left, right) = shape.children(level, index);
			let alone = hashes.children(level, index).1 == H256::zero();
			let below = level.checked_sub(1)?;
			let value = tree.value(level, index)?;
			let other_children = right.is_none() != alone;
			let wrong = other_children || !ring.is_reduced(value) || {
				let right = right.map(|right| tree.value(below, right));
				let weight = self.weight(shape, level, index);
				!super::product_holds(ring, weight, value, tree.value(below, left)?, right.flatten())?
			};
			wrong.then_some((level, index))
		};
		let nodes = (1..=shape.height()).rev();
		nodes.flat_map(|level| (0..shape.width(level)).map(move |index| (level, index))).find_map(is_wrong)
	}

	/// The first leaf of a computing provider's trees that is not what a data provider committed to. `manifests` are those
	/// of all data providers, in the contract's order.
	pub fn find_output_fault(
		&self,
		computing: u16,
		product: &Product,
		selection: &Selection,
		manifests: &[InputsManifest],
	) -> Option<Fault> {
		let (shape, ring) = (self.contract.tree_shape(Stage::Outputs)?, self.user_ring().ok()?);
		let (trees, total) = (Published::new(product, shape, &ring)?, self.contract.features());
		let choices = selection.choices(total);
		let selected = selection.features();
		let places = (0u16..).zip(manifests).flat_map(|(data, manifest)| {
			(0u16..).zip(&selected).map(move |(rank, feature)| (data, manifest, rank, *feature))
		});
		places.into_iter().find_map(|(data, manifest, rank, feature)| {
			let (output, index) = self.leaf_of(data, rank);
			let (tree, hashes, path) = trees.get(output)?;
			let choice = choices.get(usize::from(feature))?;
			let factor = selector::blinding(&self.genesis, self.job, choice, computing.into(), data.into(), &ring)?;
			let leaf = tree.value(0, index)?;
			let unblinded = ring.multiply(leaf, &ring.invert(&factor)?)?;
			let entry = manifest.entries.get(self.inputs_piece(computing, feature) as usize)?;
			let right = ring.is_reduced(leaf) && merkle::leaf(0, &unblinded) == entry.ciphertexts;
			if right || !is_single(entry) {
				return None;
			}
			Some(Fault::Output {
				computing,
				output,
				feature: selection.open(feature, total)?,
				data,
				leaf: hashes.prove(tree, 0, index, path)?,
				unblinded: unblinded.try_into().ok()?,
				entry: self.entry(manifest, computing, feature)?,
			})
		})
	}

	/// The first leaf of the coordinator's trees that is not the output of its computing provider. `outputs` are those of
	/// all computing providers, in the contract's order.
	pub fn find_result_fault(&self, result: &Product, outputs: &[Product]) -> Option<Fault> {
		let ring = self.user_ring().ok()?;
		let trees = Published::new(result, self.contract.tree_shape(Stage::Result)?, &ring)?;
		let shape = self.contract.tree_shape(Stage::Outputs)?;
		(0u16..).zip(outputs).find_map(|(computing, product)| {
			let sources = Published::new(product, shape, &ring)?;
			(0..self.contract.outputs()).find_map(|output| {
				let ((tree, hashes, path), (source, source_hashes, source_path)) =
					(trees.get(output)?, sources.get(output)?);
				if tree.value(0, computing.into())? == source.root()? {
					return None;
				}
				let leaf = hashes.prove(tree, 0, computing.into(), path)?;
				let root = source_hashes.prove(source, shape.height(), 0, source_path)?;
				Some(Fault::Result { output, computing, leaf, root })
			})
		})
	}

	/// The first selector of a message that does not follow from the selection. `messages` are all of the coordinator's.
	pub fn find_selector_fault(&self, computing: u16, messages: &[Vec<u8>], selection: &Selection) -> Option<Fault> {
		let (ring, total) = (self.computing_ring(computing).ok()?, self.contract.features());
		let choices = selection.choices(total);
		let message = messages.get(usize::from(computing))?;
		let wrong = (0u16..).zip(choices.iter().zip(message.chunks(ring.bytes()))).find(|(_, (choice, published))| {
			selector::selector(&self.genesis, self.job, choice, &ring).is_some_and(|expected| expected != *published)
		});
		let (feature, _) = wrong?;
		let selector = self.selector(messages, computing, feature)?;
		Some(Fault::Selector { computing, feature: selection.open(feature, total)?, selector })
	}

	/// The proof about a message that was found not to hold.
	pub fn selection_proof_fault(&self, computing: u16, messages: &[Vec<u8>]) -> Option<Fault> {
		let message = Message::try_from(messages.get(usize::from(computing))?.clone()).ok()?;
		let top_path = self.message_path(messages, computing)?;
		Some(Fault::SelectionProof { computing, message, top_path })
	}

	/// The first entry of a data provider's manifest that is malformed.
	pub fn find_entry_fault(&self, data: u16, manifest: &InputsManifest) -> Option<Fault> {
		let places = (0..self.contract.computing.len() as u16)
			.flat_map(|computing| (0..self.contract.features()).map(move |feature| (computing, feature)));
		places.into_iter().find_map(|(computing, feature)| {
			let entry = manifest.entries.get(self.inputs_piece(computing, feature) as usize)?;
			if is_single(entry) && self.computing_ring(computing).ok()?.is_ciphertext(&entry.transfer) {
				return None;
			}
			Some(Fault::Entry { data, computing, feature, entry: self.entry(manifest, computing, feature)? })
		})
	}

	/// The proof about a sealed feature that was found not to open to what it should; it has one chunk.
	pub fn column_fault(
		&self,
		[data, computing, feature]: [u16; 3],
		messages: &[Vec<u8>],
		manifest: &InputsManifest,
		opening: Opening,
		chunk: &[u8],
	) -> Option<Fault> {
		Some(Fault::Column {
			data,
			computing,
			feature,
			selector: self.selector(messages, computing, feature)?,
			entry: self.entry(manifest, computing, feature)?,
			opening,
			chunk: Chunk::try_from(chunk.to_vec()).ok()?,
			chunk_index: 0,
			chunk_path: Path::default(),
		})
	}

	/// A manifest's entry with its path.
	pub(super) fn entry(&self, manifest: &InputsManifest, computing: u16, feature: u16) -> Option<EntryProof> {
		let (_, index) = entry_place(0, self.contract.features(), computing, feature);
		let entry: &Entry = manifest.entries.get(index as usize)?;
		let path = merkle::path(&manifest.leaves(), index as usize)?;
		Some(EntryProof { entry: entry.clone(), path: path.try_into().ok()? })
	}

	fn selector(&self, messages: &[Vec<u8>], computing: u16, feature: u16) -> Option<SelectorProof> {
		let ring = self.computing_ring(computing).ok()?;
		let message = messages.get(usize::from(computing))?;
		let selector = message.chunks(ring.bytes()).nth(feature.into())?.to_vec();
		let leaves = wire::selection_leaves(message, self.contract.features(), ring.bytes());
		let path = merkle::path(&leaves, feature.into())?;
		Some(SelectorProof {
			selector: Number::try_from(selector).ok()?,
			path: path.try_into().ok()?,
			top_path: self.message_path(messages, computing)?,
		})
	}

	fn message_path(&self, messages: &[Vec<u8>], computing: u16) -> Option<Path> {
		let leaves = self.selection_leaves(messages)?;
		merkle::path(&leaves, computing.into())?.try_into().ok()
	}

	/// The Merkle leaves of what the coordinator publishes in [`Stage::Selection`]; `None` for more messages than
	/// computing providers.
	pub fn selection_leaves(&self, messages: &[Vec<u8>]) -> Option<Vec<H256>> {
		let root = |(computing, message): (u16, &Vec<u8>)| {
			let ring = self.computing_ring(computing).ok()?;
			Some(merkle::root(&wire::selection_leaves(message, self.contract.features(), ring.bytes())))
		};
		let roots = (0u16..).zip(messages).map(root).collect::<Option<Vec<_>>>()?;
		Some(wire::leaves(roots.iter()))
	}
}

/// Published trees with their hashes and their place.
struct Published<'a> {
	product: &'a Product,
	hashes: Vec<Hashes>,
	leaves: Vec<H256>,
}

impl<'a> Published<'a> {
	fn new(product: &'a Product, shape: Shape, ring: &Ring) -> Option<Self> {
		let hashes = product.hashes(shape, ring.bytes())?;
		let leaves = wire::product_leaves(&hashes);
		Some(Self { product, hashes, leaves })
	}

	fn get(&self, output: u16) -> Option<(&'a Tree, &Hashes, Path)> {
		let index = usize::from(output);
		let path = merkle::path(&self.leaves, index)?.try_into().ok()?;
		Some((self.product.trees.get(index)?, self.hashes.get(index)?, path))
	}
}
