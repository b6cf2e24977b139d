//! What a data provider has published, read part by part; in blobs, or on chain.

use crate::{
	blobs::{answers, Blobs},
	chain::H256,
	encoding::{check_digest, Reader},
	error::ProtocolError,
	job::Job,
	parts::Parts,
};
use encrytrust_fault_proofs::{
	answer::MessageOfPart,
	find::EntryRun,
	wire::{self, inputs_leaves, Entry, InputsPart},
};
use encrytrust_types::{
	job::{Commitment, Unit},
	merkle,
};

/// A data provider's inputs. Each part is judged by itself, and in a part each entry.
pub struct Inputs<'a> {
	job: &'a Job,
	blobs: &'a dyn Blobs,
	parts: Parts<'a>,
	data: u16,
	commitment: Commitment,
}

impl<'a> Inputs<'a> {
	/// What a data provider has committed to, as far as it is at hand.
	pub fn new(job: &'a Job, blobs: &'a dyn Blobs, data: usize, commitment: &Commitment) -> Self {
		let what = format!("the manifest of data provider {}", data + 1);
		let root = |roots: &[H256]| merkle::root(&inputs_leaves(roots));
		let parts = Parts::new(blobs, what, commitment, job.contract.parts(data as u16), root);
		Self { job, blobs, parts, data: data as u16, commitment: *commitment }
	}

	/// The same, if all entries and leaves are at hand.
	///
	/// # Errors
	///
	/// What is not at hand, or is not what the commitment says.
	pub fn read(
		job: &'a Job,
		blobs: &'a dyn Blobs,
		data: usize,
		commitment: &Commitment,
	) -> Result<Self, ProtocolError> {
		let inputs = Self::new(job, blobs, data, commitment);
		let check = |part| inputs.check_leaves(&inputs.entries(part)?);
		(0..job.contract.parts(data as u16)).try_for_each(check)?;
		Ok(inputs)
	}

	/// The blob of a part.
	///
	/// # Errors
	///
	/// A part that is not at hand, has another number of entries or of their leaves than the contract says, or another root than
	/// the commitment says. Its `messages` are as many as it says: see [`Self::message`].
	pub fn part(&self, part: u32) -> Result<InputsPart, ProtocolError> {
		let (root, bytes) = self.parts.part(part)?;
		let inputs = read_part(self.job, &self.parts.what, &bytes)?;
		if inputs.root() != root {
			return Err(ProtocolError::Commitment(self.parts.what.clone()));
		}
		Ok(inputs)
	}

	/// The entries of a part. Where an entry has other leaves than it commits to, or none, they are left out: see
	/// [`Self::check_leaves`].
	///
	/// # Errors
	///
	/// A part that is neither at hand nor was published on chain.
	pub fn entries(&self, part: u32) -> Result<EntryRun, ProtocolError> {
		let unit = Unit::Entries { data: self.data, part };
		let faults = self.job.faults_of(&self.commitment);
		let answered = answers(self.blobs, &self.job.contract, &unit);
		if let Some(run) = answered.and_then(|answers| faults.read_entries(self.data, part, &answers)) {
			return Ok(run);
		}
		let inputs = self.part(part)?;
		let above = merkle::path(&inputs_leaves(self.parts.roots()), part as usize);
		let above = above.ok_or_else(|| self.parts.format("it has another number of parts"))?;
		let mut run = EntryRun::whole(part, inputs, above);
		for (entry, leaves) in run.entries.iter().zip(&mut run.ciphertexts) {
			if leaves.len() != entry.blocks as usize || merkle::root(leaves) != entry.ciphertexts {
				leaves.clear();
			}
		}
		Ok(run)
	}

	/// Whether the leaves of all entries are at hand, but for those of entries that are none.
	///
	/// # Errors
	///
	/// The first whose leaves are not.
	pub fn check_leaves(&self, run: &EntryRun) -> Result<(), ProtocolError> {
		let lacks = |(entry, leaves): (&Entry, &Vec<H256>)| leaves.is_empty() && self.is_complete(run.part, entry);
		match run.entries.iter().zip(&run.ciphertexts).any(lacks) {
			true => Err(self.parts.format("an entry commits to other ciphertexts than it has leaves of")),
			false => Ok(()),
		}
	}

	/// Whether all entries are complete.
	pub(crate) fn are_complete(&self, run: &EntryRun) -> bool {
		run.entries.iter().all(|entry| self.is_complete(run.part, entry))
	}

	/// The message to a computing provider in a part, as it was committed to: of each feature whose entry is complete the
	/// packets are those of the entry, and cut where the contract says. `entries` are those of the part, if they are at hand.
	///
	/// # Errors
	///
	/// A message that is neither at hand, in this form, nor was published on chain.
	pub fn message(
		&self,
		part: u32,
		computing: usize,
		entries: Option<&EntryRun>,
	) -> Result<MessageOfPart, ProtocolError> {
		let unit = Unit::Message { data: self.data, computing: computing as u16, part };
		let faults = self.job.faults_of(&self.commitment);
		let answered = answers(self.blobs, &self.job.contract, &unit);
		let read = answered.and_then(|answers| faults.read_message(self.data, computing as u16, part, &answers));
		match (read, entries) {
			(Some(message), _) => Ok(message),
			(None, Some(entries)) => self.served_message(part, computing, entries),
			(None, None) => Err(self.parts.format(&format!("part {part} is not at hand"))),
		}
	}

	fn served_message(&self, part: u32, computing: usize, entries: &EntryRun) -> Result<MessageOfPart, ProtocolError> {
		let what = format!("the message of data provider {} to computing provider {}", self.data + 1, computing + 1);
		let missing = |reason: &str| ProtocolError::Format { what: what.clone(), reason: reason.into() };
		let digest = message_of(self.job, &self.part(part)?, computing);
		let digest = digest.ok_or_else(|| missing("the part names another number of messages"))?;
		let blob = self.blobs.blob(&digest).ok_or_else(|| missing("the blob is not at hand"))?;
		check_digest(&what, &blob, &digest)?;
		let features = usize::from(self.job.features());
		let mut reader = Reader::new(&what, &blob);
		let sealed: Vec<Vec<u8>> = reader.vector(features..=features, "features", Reader::value)?;
		reader.end()?;
		let first = self.job.entry_index(computing, 0);
		let entries_of = entries.entries.iter().skip(first);
		let mut features = entries_of.zip(&sealed).filter(|(entry, _)| self.is_complete(part, entry));
		if !features.all(|(entry, sealed)| self.is_sealed(entry, sealed)) {
			return Err(missing("its sealed bytes are not those committed to"));
		}
		Ok(MessageOfPart { runs: vec![entries.clone()], sealed })
	}

	/// Whether these are the packets of an entry, cut where the contract says.
	fn is_sealed(&self, entry: &Entry, sealed: &[u8]) -> bool {
		let bytes = self.job.ring.bytes();
		sealed.len() == wire::sealed_bytes(entry.blocks, bytes)
			&& merkle::root(&wire::leaves(wire::sealed_chunks(sealed, bytes))) == entry.sealed
	}

	/// Whether an entry has as many blocks and packets as its part takes.
	pub(crate) fn is_complete(&self, part: u32, entry: &Entry) -> bool {
		self.job.faults().has_all_blocks(self.data, part, entry)
	}
}

impl std::fmt::Debug for Inputs<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Inputs").field("data", &self.data).finish_non_exhaustive()
	}
}

/// The message that a part of inputs names for a computing provider, if it is at hand.
pub(crate) fn named_message(job: &Job, blobs: &dyn Blobs, part: &[u8; 32], computing: usize) -> Option<[u8; 32]> {
	message_of(job, &read_part(job, "", &blobs.blob(part)?).ok()?, computing)
}

/// A part with as many entries, and lists of leaves, as the contract says.
fn read_part(job: &Job, what: &str, blob: &[u8]) -> Result<InputsPart, ProtocolError> {
	let count = job.computing.len() * usize::from(job.features());
	let mut reader = Reader::new(what, blob);
	let part = InputsPart {
		entries: reader.vector(count..=count, "features or parties", Reader::value)?,
		ciphertexts: reader.vector(count..=count, "lists of leaves", Reader::value)?,
		messages: reader.value()?,
	};
	reader.end()?;
	Ok(part)
}

/// The message that a part names for a computing provider; none if it has not one for each.
fn message_of(job: &Job, part: &InputsPart, computing: usize) -> Option<[u8; 32]> {
	let messages = Some(&part.messages).filter(|messages| messages.len() == job.computing.len());
	messages?.get(computing).copied()
}
