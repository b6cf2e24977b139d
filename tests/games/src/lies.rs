//! What a party commits to instead of what its role has made: every field can be another.

use codec::Encode;
use encrytrust_blob_store::BlobStore;
use encrytrust_fault_proofs::{
	product_tree::Tree,
	wire::{self, inputs_leaves, product_leaves, selection_leaves, InputsPart, Manifest, Product},
};
use encrytrust_job_client::JobArtifacts;
use encrytrust_protocol::{coordinator, decode_all, digest, Blobs, Job, PartsWriter, Store};
use encrytrust_types::{
	job::{Commitment, Selection, Stage},
	merkle,
};
use sp_core::H256;

/// A lie: what is another, where, and how. Places are counted modulo what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lie {
	/// What.
	pub what: What,
	/// Where.
	pub place: u16,
	/// How.
	pub how: u8,
}

/// What can be another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
	/// The mask key that is posted with a confirmation: none, or another's.
	MaskKey,
	/// The commitment's root.
	Root,
	/// The blob that the commitment names: one that nobody has, or one that cannot be read.
	Blob,
	/// The manifest: numbers of parts and roots, their order.
	Manifest,
	/// A selection message: some of its bytes.
	MessageByte,
	/// A selection message's length.
	MessageLength,
	/// How many selection messages there are.
	MessageCount,
	/// Which features the selection messages select.
	Features,
	/// An entry's transfer.
	Transfer,
	/// The proof about a transfer.
	TransferProof,
	/// How many ciphertexts or packets an entry has.
	Counts,
	/// The root over an entry's packets.
	SealedRoot,
	/// The ciphertexts that an entry commits to, with their leaves.
	Ciphertexts,
	/// The list of an entry's leaves alone.
	Leaves,
	/// How many entries there are.
	Entries,
	/// A feature's sealed bytes, to which its entry commits.
	Sealed,
	/// A message's bytes alone.
	Message,
	/// A node of a product tree.
	Node,
	/// A leaf of a product tree, all above being its products.
	Leaf,
	/// How many leaves a product tree has.
	Width,
	/// The bytes or levels of a product tree.
	Form,
	/// The order of product trees.
	Order,
}

impl What {
	/// What there is to lie about in a stage.
	pub fn of(stage: Stage) -> &'static [Self] {
		match stage {
			Stage::Confirmation => &[Self::MaskKey],
			Stage::Selection => {
				&[Self::Root, Self::Blob, Self::MessageByte, Self::MessageLength, Self::MessageCount, Self::Features]
			},
			Stage::Inputs => &[
				Self::Root,
				Self::Blob,
				Self::Manifest,
				Self::Transfer,
				Self::TransferProof,
				Self::Counts,
				Self::SealedRoot,
				Self::Ciphertexts,
				Self::Leaves,
				Self::Entries,
				Self::Sealed,
				Self::Message,
			],
			Stage::Outputs | Stage::Result => {
				&[Self::Root, Self::Blob, Self::Manifest, Self::Node, Self::Leaf, Self::Width, Self::Form, Self::Order]
			},
		}
	}
}

/// A party's commitment that is about to be made.
#[derive(Debug)]
pub struct Statement<'a> {
	/// The job.
	pub job: &'a Job,
	/// The stage.
	pub stage: Stage,
	/// What the role has made.
	pub commitment: Commitment,
	/// The user's selection.
	pub selection: &'a Selection,
	/// Where the party keeps its blobs.
	pub blobs: &'a BlobStore,
}

impl Lie {
	/// What is committed to instead; the same if the lie does not apply.
	pub fn tell(&self, honest: &Statement<'_>) -> Commitment {
		let told = match self.what {
			// What is posted with a confirmation is no commitment.
			What::MaskKey => None,
			What::Root => Some(Commitment { root: garbage(self.place), ..honest.commitment }),
			What::Blob => self.blob(honest),
			What::Manifest => self.manifest(honest),
			What::MessageByte | What::MessageLength | What::MessageCount => self.messages(honest),
			What::Features => self.features(honest),
			What::Transfer
			| What::TransferProof
			| What::Counts
			| What::SealedRoot
			| What::Ciphertexts
			| What::Leaves
			| What::Entries
			| What::Sealed
			| What::Message => self.inputs(honest),
			What::Node | What::Leaf | What::Width | What::Form | What::Order => self.trees(honest),
		};
		told.unwrap_or(honest.commitment)
	}

	fn blob(&self, honest: &Statement<'_>) -> Option<Commitment> {
		let blob = if self.how.is_multiple_of(2) { garbage(self.place).0 } else { honest.keep(&[self.how; 9]) };
		Some(Commitment { blob, ..honest.commitment })
	}

	fn manifest(&self, honest: &Statement<'_>) -> Option<Commitment> {
		let mut manifest = honest.manifest()?;
		match self.how % 6 {
			0 => drop(manifest.parts.pop()),
			1 => manifest.parts.push(garbage(self.place).0),
			2 => drop(manifest.roots.pop()),
			3 => manifest.roots.push(garbage(self.place)),
			4 => *manifest.parts.first_mut()? = garbage(self.place).0,
			_ => *manifest.roots.first_mut()? = garbage(self.place),
		}
		let root = match honest.stage {
			Stage::Inputs => merkle::root(&inputs_leaves(&manifest.roots)),
			_ => merkle::root(&manifest.roots),
		};
		// A wrong manifest of the right commitment, or the commitment to a wrong manifest.
		let root = if self.how & 0x40 == 0 { root } else { honest.commitment.root };
		Some(Commitment { root, blob: honest.keep(&manifest.encode()) })
	}

	fn messages(&self, honest: &Statement<'_>) -> Option<Commitment> {
		let mut messages: Vec<Vec<u8>> = decode_all("", &honest.get(&honest.commitment.blob)?).ok()?;
		let count = messages.len();
		let message = messages.get_mut(usize::from(self.place) % count.max(1))?;
		match self.what {
			What::MessageByte => flip(message.iter_mut(), usize::from(self.place) * 37, self.how),
			What::MessageLength => match self.how % 4 {
				0 => message.clear(),
				1 => message.truncate(message.len() / 2),
				2 => drop(message.pop()),
				_ => message.push(self.how),
			},
			_ if self.how.is_multiple_of(2) => drop(messages.pop()),
			_ => messages.push(vec![self.how; 64]),
		}
		Some(honest.publish_messages(&messages))
	}

	/// The coordinator selects other features, and proves that well.
	fn features(&self, honest: &Statement<'_>) -> Option<Commitment> {
		let total = honest.job.features();
		let mut features = honest.selection.features();
		let other = (0..total).map(|feature| (feature + self.place) % total);
		let other = other.into_iter().find(|feature| !features.contains(feature))?;
		*features.first_mut()? = other;
		let selection = Selection::new(honest.selection.salt, &features, total)?;
		let published = coordinator::selection(honest.job, &selection).ok()?;
		honest.keep(&published.blob);
		Some(published.commitment)
	}

	fn inputs(&self, honest: &Statement<'_>) -> Option<Commitment> {
		let store = honest.artifacts();
		let mut parts = PartsWriter::new(&store);
		for digest in honest.manifest()?.parts {
			let mut part: InputsPart = decode_all("", &honest.get(&digest)?).ok()?;
			self.change_part(honest, &mut part)?;
			parts.push(part.root(), &part).ok()?;
		}
		parts.finish(|roots| merkle::root(&inputs_leaves(roots))).ok()
	}

	fn change_part(&self, honest: &Statement<'_>, part: &mut InputsPart) -> Option<()> {
		let job = honest.job;
		let features = usize::from(job.features());
		let index = usize::from(self.place) % part.entries.len().max(1);
		let (computing, feature) = (index / features, index % features);
		let entry = part.entries.get_mut(index)?;
		let leaves = part.ciphertexts.get_mut(index)?;
		match self.what {
			What::Transfer => match self.how % 5 {
				0 => entry.transfer.iter_mut().for_each(|byte| *byte = 0),
				1 => entry.transfer.iter_mut().for_each(|byte| *byte = 0xff),
				2 => entry.transfer = Default::default(),
				3 => drop(entry.transfer.pop()),
				_ => flip(entry.transfer.iter_mut(), usize::from(self.place) * 13, self.how),
			},
			What::TransferProof => match self.how % 5 {
				0 => flip(entry.proof.commitment.iter_mut(), 3, self.how),
				1 => flip(entry.proof.kappa_response.iter_mut(), 5, self.how),
				2 => flip(entry.proof.rho_response.iter_mut(), 7, self.how),
				3 => entry.proof.kappa_response.iter_mut().for_each(|byte| *byte = 0xff),
				_ => entry.proof.commitment = Default::default(),
			},
			What::Counts => match self.how % 5 {
				0 => entry.blocks += 1,
				1 => entry.blocks = 0,
				2 => entry.chunks += 1,
				3 => entry.chunks = 0,
				_ => (entry.blocks, entry.chunks) = (u32::MAX, u32::MAX),
			},
			What::SealedRoot => entry.sealed = garbage(self.place),
			What::Ciphertexts => {
				let leaf = leaves.first_mut()?;
				*leaf = garbage(self.place);
				entry.ciphertexts = merkle::root(leaves);
			},
			What::Leaves => match self.how % 4 {
				0 => drop(leaves.pop()),
				1 => leaves.push(garbage(self.place)),
				2 => *leaves.first_mut()? = garbage(self.place),
				_ => drop(part.ciphertexts.pop()),
			},
			What::Entries => match self.how % 3 {
				0 => drop(part.entries.pop()),
				1 => part.entries.push(part.entries.last()?.clone()),
				_ => part.entries.reverse(),
			},
			What::Sealed | What::Message => {
				let mut message: Vec<Vec<u8>> = decode_all("", &honest.get(part.messages.get(computing)?)?).ok()?;
				let sealed = message.get_mut(feature)?;
				match self.how % 8 {
					0 => sealed.clear(),
					1 => flip(sealed.iter_mut(), usize::from(self.place) * 11, self.how),
					2 => drop(sealed.pop()),
					3 => sealed.push(self.how),
					// A packet of the longest length under a short key, and boundaries that are shifted.
					4 => sealed.resize(8_208, self.how),
					5 => {
						let by = sealed.len().min(16);
						sealed.rotate_left(by);
					},
					6 => drop(message.pop()),
					_ => message.push(vec![self.how]),
				}
				if self.what == What::Sealed {
					let bytes = job.ring().bytes();
					let sealed = message.get(feature).cloned().unwrap_or_default();
					entry.sealed = merkle::root(&wire::leaves(wire::sealed_chunks(&sealed, bytes)));
				}
				*part.messages.get_mut(computing)? = honest.keep(&message.encode());
			},
			_ => return None,
		}
		Some(())
	}

	fn trees(&self, honest: &Statement<'_>) -> Option<Commitment> {
		let job = honest.job;
		let store = honest.artifacts();
		let mut parts = PartsWriter::new(&store);
		let shape = job.shape(honest.stage).ok()?;
		let mut first = 0;
		for digest in honest.manifest()?.parts {
			let mut product: Product = decode_all("", &honest.get(&digest)?).ok()?;
			let count = product.trees.len();
			self.change_trees(honest, &mut product.trees)?;
			let hashes = product.hashes(shape, job.ring().bytes());
			let root =
				hashes.map_or_else(|| garbage(self.place), |hashes| merkle::root(&product_leaves(first, &hashes)));
			parts.push(root, &product).ok()?;
			first += count as u32;
		}
		parts.finish(merkle::root).ok()
	}

	fn change_trees(&self, honest: &Statement<'_>, trees: &mut Vec<Tree>) -> Option<()> {
		if self.what == What::Order {
			match self.how % 3 {
				0 => trees.reverse(),
				1 => drop(trees.pop()),
				_ => trees.push(trees.last()?.clone()),
			}
			return Some(());
		}
		let count = trees.len().max(1);
		let tree = trees.get_mut(usize::from(self.place) % count)?;
		let levels = tree.levels.len().max(1);
		let place = usize::from(self.place) / count;
		match self.what {
			What::Node => {
				let level = tree.levels.get_mut(place % levels)?;
				let width = level.len().max(1);
				let value = level.get_mut(usize::from(self.how) % width)?;
				match self.how % 4 {
					0 => value.iter_mut().for_each(|byte| *byte = 0xff),
					1 => value.iter_mut().for_each(|byte| *byte = 0),
					_ => flip(value.iter_mut(), place * 5 + 40, self.how),
				}
			},
			What::Leaf => {
				let mut leaves = tree.levels.first()?.clone();
				let width = leaves.len().max(1);
				let leaf = leaves.get_mut(place % width)?;
				match self.how % 4 {
					0 => *leaf = honest.job.key.encrypt(&honest.job.key.zero()).to_bytes(),
					1 => *leaf = honest.job.ring().reduce(&[1])?,
					2 => leaf.iter_mut().for_each(|byte| *byte = 0),
					_ => *leaf = honest.job.ring().multiply(leaf, leaf)?,
				}
				*tree = honest.job.tree(honest.stage, leaves)?;
			},
			What::Width => {
				let mut leaves = tree.levels.first()?.clone();
				match self.how % 3 {
					0 if leaves.len() > 1 => drop(leaves.pop()),
					1 => leaves.push(leaves.last()?.clone()),
					_ => leaves.extend(leaves.clone()),
				}
				*tree = honest.job.tree(honest.stage, leaves)?;
			},
			_ => match self.how % 5 {
				0 => drop(tree.levels.pop()),
				1 => tree.levels.push(vec![tree.root()?.to_vec()]),
				2 => drop(tree.levels.last_mut()?.first_mut()?.pop()),
				3 => tree.levels.first_mut()?.push(vec![]),
				_ => tree.levels.clear(),
			},
		}
		Some(())
	}
}

impl Statement<'_> {
	fn artifacts(&self) -> JobArtifacts {
		JobArtifacts::of_blobs(self.blobs.clone())
	}

	fn get(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		self.artifacts().blob(digest)
	}

	fn keep(&self, blob: &[u8]) -> [u8; 32] {
		self.artifacts().keep(blob).expect("a blob can be kept");
		digest(blob)
	}

	fn manifest(&self) -> Option<Manifest> {
		decode_all("", &self.get(&self.commitment.blob)?).ok()
	}

	fn publish_messages(&self, messages: &[Vec<u8>]) -> Commitment {
		let features = self.job.features();
		let computing = &self.job.contract.computing;
		let root = |(index, message): (usize, &Vec<u8>)| {
			let bytes = computing.get(index).map_or(64, |computing| 2 * computing.paillier.len());
			merkle::root(&selection_leaves(message, features, bytes))
		};
		let roots: Vec<H256> = messages.iter().enumerate().map(root).collect();
		Commitment { root: merkle::root(&wire::leaves(roots.iter())), blob: self.keep(&messages.encode()) }
	}
}

fn garbage(seed: u16) -> H256 {
	H256([seed as u8 | 1; 32])
}

/// Changes a byte.
fn flip<'b>(mut bytes: impl ExactSizeIterator<Item = &'b mut u8>, place: usize, how: u8) {
	let length = bytes.len().max(1);
	if let Some(byte) = bytes.nth(place % length) {
		*byte ^= how | 1;
	}
}
