//! A computing provider: opens the selected inputs, re-randomises them and multiplies over the data providers (13).

use crate::{
	blobs::Store,
	chain::{AccountId, H256},
	error::ProtocolError,
	job::Job,
	parallel,
	sealing::SealingKey,
	trees::TreesWriter,
};
use encrytrust_fault_proofs::{
	selector,
	wire::{self, Entry},
};
use encrytrust_oblivious_transfer::ColumnKey;
use encrytrust_paillier::{Ciphertext, SecretKey};
use encrytrust_types::{
	job::{Commitment, FeatureChoice, Place, Selection, Stage},
	merkle,
};
use std::collections::BTreeMap;

/// The ciphertexts of a part as they were committed to: by rank, then block by block.
pub type Opened = Vec<Vec<Vec<u8>>>;

/// Opens the selection that the user sealed to the computing provider `me`, and checks it.
///
/// # Errors
///
/// A selection that does not open, or is not the committed one: decline the job.
pub fn open_request(job: &Job, me: &AccountId, key: &SealingKey) -> Result<Selection, ProtocolError> {
	job.open_request(job.computing_index(me)?, me, key)
}

/// Reads the coordinator's blob and checks that every selector for `me` is the one that the selection determines.
///
/// # Errors
///
/// What does not hold: [`verification::check`](crate::verification::check) of the stage finds the proof of it.
pub fn check_selection(
	job: &Job,
	me: &AccountId,
	selection: &Selection,
	blob: &[u8],
	commitment: &Commitment,
) -> Result<(), ProtocolError> {
	let messages = job.read_messages(blob, commitment)?;
	check_message(job, me, selection, messages.get(job.computing_index(me)?).map(Vec::as_slice).unwrap_or_default())
}

/// Checks that every selector for `me` in the coordinator's message for it is the one that the selection determines. See
/// [`verification::published_message`](crate::verification::published_message).
///
/// # Errors
///
/// What does not hold: [`verification::check`](crate::verification::check) of the stage finds the proof of it.
pub fn check_message(job: &Job, me: &AccountId, selection: &Selection, message: &[u8]) -> Result<(), ProtocolError> {
	let computing = job.computing_index(me)?;
	match wrong_selector(job, computing, selection, message) {
		None => Ok(()),
		Some(feature) => {
			let reason = format!("the selector of feature {feature} is not the one that the selection determines");
			Err(ProtocolError::Selectors { computing, reason })
		},
	}
}

/// The first feature whose selector in a message is not the one that the selection determines.
pub(crate) fn wrong_selector(job: &Job, computing: usize, selection: &Selection, message: &[u8]) -> Option<u16> {
	let keys = job.computing.get(computing)?;
	let choices: Vec<(usize, FeatureChoice)> = selection.choices(job.features()).into_iter().enumerate().collect();
	let check = |choices: &[(usize, FeatureChoice)]| {
		let parts = choices.iter().map(|(_, choice)| {
			let randomness = selector::randomness(&job.genesis, job.id, choice, &keys.ring);
			let randomness = keys.key.plaintext(&randomness).expect("a derived root is below N");
			(keys.key.number(choice.rank.is_some().into()), randomness)
		});
		let parts: Vec<_> = parts.collect();
		let expected = keys.key.encrypt_each_with(&parts.iter().map(|(bit, r)| (bit, r)).collect::<Vec<_>>());
		let is_wrong = |((feature, _), expected): &(&(usize, _), &Ciphertext)| {
			let published = message.get(feature * keys.ring.bytes()..(feature + 1) * keys.ring.bytes());
			published != Some(&expected.to_bytes())
		};
		// An error is how the first wrong one ends the search.
		match choices.iter().zip(&expected).find(is_wrong) {
			None => Ok(Vec::<()>::new()),
			Some(((feature, _), _)) => Err(*feature as u16),
		}
	};
	parallel::map_runs(&choices, check).err()
}

/// Sealed bytes of a job's ciphertexts in chunks.
pub(crate) fn chunks<'s>(job: &Job, sealed: &'s [u8]) -> Vec<&'s [u8]> {
	wire::sealed_chunks(sealed, job.ring.bytes()).collect()
}

/// Why a selected feature does not open to what was committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FeatureError {
	/// The entry itself is none.
	#[error("its entry cannot be read as one")]
	Entry,
	/// The leaves of its ciphertexts are not at hand.
	#[error("the leaves of its ciphertexts are not at hand")]
	Leaves,
	/// What opens, or does not, is the data provider's: the first block of the part that is not what it should be.
	#[error("it does not open to the ciphertext that was committed to (block {block} of its part)")]
	Column {
		/// Its place in the part.
		block: u32,
	},
}

/// A feature as it was sealed, whose packets are those of its entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SealedFeature<'a> {
	/// What was committed to.
	pub(crate) entry: &'a Entry,
	/// The Merkle leaves of its ciphertexts.
	pub(crate) leaves: &'a [H256],
	/// The sealed bytes.
	pub(crate) bytes: &'a [u8],
}

/// Opens one selected feature in a part: its ciphertexts, block by block.
pub(crate) fn open_feature(
	job: &Job,
	computing: usize,
	secret: &SecretKey,
	data_index: usize,
	(part, feature): (u32, u16),
	sealed: SealedFeature<'_>,
) -> Result<Vec<Vec<u8>>, FeatureError> {
	let context = job.transfer_context(computing).map_err(|_| FeatureError::Entry)?;
	let from = &job.contract.data.get(data_index).ok_or(FeatureError::Entry)?.party.who;
	let entry = sealed.entry;
	let bytes = job.ring.bytes();
	let blocks = job.contract.blocks_of(data_index as u16, part).len() as u32;
	if (entry.blocks, entry.chunks) != (blocks, wire::chunks(blocks, bytes)) {
		return Err(FeatureError::Entry);
	}
	let transfer = secret.public().ciphertext(&entry.transfer).map_err(|_| FeatureError::Entry)?;
	if sealed.leaves.len() as u32 != blocks {
		return Err(FeatureError::Leaves);
	}
	let chunks = chunks(job, sealed.bytes);
	let key = ColumnKey::new(&context, &from.0, feature.into(), &secret.decrypt(&transfer));
	let mut opened = Vec::with_capacity(blocks as usize);
	let mut leaves = (0u32..).zip(sealed.leaves);
	for (index, chunk) in (0u32..).zip(chunks) {
		let first = opened.len() as u32;
		let expected = wire::ciphertexts_per_chunk(bytes).min((blocks - first) as usize);
		let plain = key.open_chunk(index.into(), index + 1 == entry.chunks, chunk);
		let plain = plain.ok().filter(|plain| plain.len() == expected * bytes);
		let plain = plain.ok_or(FeatureError::Column { block: first })?;
		for (ciphertext, (block, leaf)) in plain.chunks(bytes).zip(&mut leaves) {
			if !is_input(job, ciphertext) || merkle::leaf(block.into(), ciphertext) != *leaf {
				return Err(FeatureError::Column { block });
			}
			opened.push(ciphertext.to_vec());
		}
	}
	Ok(opened)
}

/// Whether a number can be a ciphertext of a data provider. One is what nobody's encryption is, and what multiplies
/// nothing.
fn is_input(job: &Job, number: &[u8]) -> bool {
	job.ring.is_ciphertext(number) && job.ring.reduce(&[1]).as_deref() != Some(number)
}

/// A leaf's output and place, and the leaf.
type Leaf = ((u32, u64), Vec<u8>);

/// A computing provider at work: re-randomises what it opens, multiplies, and publishes trees as they are complete.
pub struct OutputWriter<'a> {
	job: &'a Job,
	computing: u32,
	/// By rank: what blindings follow from.
	chosen: Vec<FeatureChoice>,
	/// Leaves of trees that are not complete yet, by output and place.
	leaves: BTreeMap<(u32, u64), Vec<u8>>,
	trees: TreesWriter<'a>,
}

impl<'a> OutputWriter<'a> {
	/// Nothing multiplied yet; what is published goes to `store`.
	///
	/// # Errors
	///
	/// An account that is no computing provider of the job.
	pub fn new(
		job: &'a Job,
		me: &AccountId,
		selection: &Selection,
		store: &'a dyn Store,
	) -> Result<Self, ProtocolError> {
		let chosen = selection.choices(job.features()).into_iter().filter(|choice| choice.rank.is_some()).collect();
		let computing = job.computing_index(me)? as u32;
		let trees = TreesWriter::new(job, Stage::Outputs, store)?;
		Ok(Self { job, computing, chosen, leaves: BTreeMap::new(), trees })
	}

	/// Adds a part of a data provider's inputs: all parts of the first, in their order, then those of the second, and
	/// so on.
	///
	/// # Errors
	///
	/// Inputs that are not of this job, or a store that does not keep.
	pub fn add(&mut self, data: usize, part: u32, opened: &Opened) -> Result<(), ProtocolError> {
		let places = (0u16..).zip(opened).flat_map(|(rank, ciphertexts)| {
			let blocks = self.job.contract.blocks_of(data as u16, part);
			blocks
				.zip(ciphertexts)
				.map(move |(block, ciphertext)| (Place { data: data as u16, block, rank }, ciphertext))
		});
		let places: Vec<_> = places.collect();
		let leaves = parallel::map_runs(&places, |places| self.blind(places).ok_or_else(wrong))?;
		self.leaves.extend(leaves);
		self.multiply()
	}

	/// The trees whose leaves are all there.
	fn multiply(&mut self) -> Result<(), ProtocolError> {
		let width = self.job.shape(Stage::Outputs)?.leaves();
		while self.leaves.range((self.trees.next(), 0)..=(self.trees.next(), width)).count() as u64 == width {
			let later = self.leaves.split_off(&(self.trees.next() + 1, 0));
			let leaves = std::mem::replace(&mut self.leaves, later).into_values().collect();
			self.trees.push(self.job.tree(Stage::Outputs, leaves).ok_or_else(wrong)?)?;
		}
		Ok(())
	}

	/// The leaves that ciphertexts become.
	fn blind(&self, ciphertexts: &[(Place, &Vec<u8>)]) -> Option<Vec<Leaf>> {
		let job = self.job;
		let root = |(place, _): &(Place, _)| {
			let choice = self.chosen.get(usize::from(place.rank))?;
			let data = place.data.into();
			let root =
				selector::blinding_root(&job.genesis, job.id, choice, self.computing, data, place.block, &job.ring);
			job.key.plaintext(&root).ok()
		};
		let zero = job.key.zero();
		let roots = ciphertexts.iter().map(root).collect::<Option<Vec<_>>>()?;
		let blindings = job.key.encrypt_each_with(&roots.iter().map(|root| (&zero, root)).collect::<Vec<_>>());
		let leaf = |((place, ciphertext), blinding): (&(Place, &Vec<u8>), &Ciphertext)| {
			// In constant time: whoever knows the blinding knows which ciphertext was taken.
			let leaf = job.key.add(&job.key.ciphertext(ciphertext).ok()?, blinding);
			Some((job.contract.leaf_of(*place), leaf.to_bytes()))
		};
		ciphertexts.iter().zip(&blindings).map(leaf).collect()
	}

	/// What to commit to.
	///
	/// # Errors
	///
	/// Inputs that are missing, or a store that does not keep.
	pub fn finish(self) -> Result<Commitment, ProtocolError> {
		if self.trees.next() != self.job.contract.outputs() || !self.leaves.is_empty() {
			return Err(wrong());
		}
		self.trees.finish()
	}
}

fn wrong() -> ProtocolError {
	ProtocolError::Sums("a data provider has another number of features or blocks".into())
}

impl std::fmt::Debug for OutputWriter<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("OutputWriter")
			.field("job", &self.job.id)
			.field("next", &self.trees.next())
			.finish_non_exhaustive()
	}
}
