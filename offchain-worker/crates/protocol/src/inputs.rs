//! What a data provider has published, read part by part.

use crate::{blobs::Blobs, chain::H256, encoding::decode_all, error::ProtocolError, job::Job, parts::Parts};
use encrytrust_fault_proofs::{
	find::PartOfInputs,
	wire::{inputs_leaves, InputsPart},
};
use encrytrust_types::{job::Commitment, merkle};

/// A data provider's inputs, all of whose parts hash to their commitment.
pub struct Inputs<'a> {
	job: &'a Job,
	parts: Parts<'a>,
	data: u16,
	roots: Vec<H256>,
}

impl<'a> Inputs<'a> {
	/// Reads the parts of a data provider's manifest.
	///
	/// # Errors
	///
	/// What is not at hand, is not what the commitment says, or has not an entry for each computing provider and feature.
	pub fn read(
		job: &'a Job,
		blobs: &'a dyn Blobs,
		data: usize,
		commitment: &Commitment,
	) -> Result<Self, ProtocolError> {
		let parts = Parts::new(blobs, format!("the manifest of data provider {}", data + 1), commitment);
		let mut inputs = Self { job, parts, data: data as u16, roots: Vec::new() };
		let root = |part| Ok(inputs.part(part)?.root());
		inputs.roots = (0..job.contract.parts(data as u16)).map(root).collect::<Result<_, ProtocolError>>()?;
		if merkle::root(&inputs_leaves(&inputs.roots)) != commitment.root {
			return Err(ProtocolError::Commitment(inputs.parts.what));
		}
		Ok(inputs)
	}

	/// A part.
	///
	/// # Errors
	///
	/// A part that is not at hand any more.
	pub fn part(&self, part: u32) -> Result<InputsPart, ProtocolError> {
		let job = self.job;
		let inputs: InputsPart = self.parts.decode(part)?;
		let computing = job.computing.len();
		let blocks = job.contract.blocks_of(self.data, part).len();
		let entries = computing * usize::from(job.features());
		let counts = [inputs.messages.len(), inputs.entries.len(), inputs.ciphertexts.len()];
		if counts != [computing, entries, entries] {
			return Err(self.parts.format("it has another number of features or parties"));
		}
		let mut leaves = inputs.entries.iter().zip(&inputs.ciphertexts);
		if !leaves.all(|(entry, leaves)| leaves.len() == blocks && merkle::root(leaves) == entry.ciphertexts) {
			return Err(self.parts.format("an entry commits to other ciphertexts than it has leaves of"));
		}
		Ok(inputs)
	}

	/// A part with what leads to the commitment.
	pub(crate) fn proof<'p>(&'p self, part: u32, inputs: &'p InputsPart) -> PartOfInputs<'p> {
		PartOfInputs { part, inputs, roots: &self.roots }
	}

	/// The roots of all parts.
	pub(crate) fn roots(&self) -> &[H256] {
		&self.roots
	}

	/// From an entry, by its place in a part, to the commitment.
	pub(crate) fn path(&self, part: u32, index: usize, inputs: &InputsPart) -> Option<Vec<H256>> {
		let within = merkle::path(&inputs.leaves(), index)?;
		Some([within, merkle::path(&inputs_leaves(&self.roots), part as usize)?].concat())
	}
}

impl std::fmt::Debug for Inputs<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Inputs").field("data", &self.data).finish_non_exhaustive()
	}
}

/// The messages that a part of inputs names for a computing provider, if it is at hand.
pub(crate) fn named_message(blobs: &dyn Blobs, part: &[u8; 32], computing: usize) -> Option<[u8; 32]> {
	let part: InputsPart = decode_all("", &blobs.blob(part)?).ok()?;
	part.messages.get(computing).copied()
}
