//! The coordinator: encrypts the selection to the computing providers and multiplies their outputs.

use crate::{
	blobs::Store,
	error::ProtocolError,
	job::{Job, Published},
	parallel,
	sealing::SealingKey,
	trees::{Trees, TreesWriter},
};
use encrytrust_fault_proofs::selector;
use encrytrust_oblivious_transfer::{self as transfer, SelectionMessage};
use encrytrust_types::job::{Commitment, Selection, Stage};
use zeroize::Zeroizing;

/// Opens the selection that the user sealed to the coordinator, and checks it.
///
/// # Errors
///
/// A selection that does not open, or is not the committed one: decline the job.
pub fn open_request(job: &Job, key: &SealingKey) -> Result<Selection, ProtocolError> {
	job.open_request(job.contract.computing.len(), &job.contract.coordinator.who, key)
}

/// Selectors and proofs for every computing provider: the blob of the stage `Selection`.
///
/// # Errors
///
/// None for a selection of the job.
pub fn selection(job: &Job, selection: &Selection) -> Result<Published, ProtocolError> {
	let all: Vec<usize> = (0..job.computing.len()).collect();
	let messages = parallel::map(&all, |computing| message(job, selection, *computing))?;
	Ok(job.publish_messages(&messages))
}

/// The message for one computing provider.
fn message(job: &Job, selection: &Selection, computing: usize) -> Result<Vec<u8>, ProtocolError> {
	let refused = |reason: String| ProtocolError::Selectors { computing, reason };
	let keys = job.computing.get(computing).ok_or(ProtocolError::NotParty("computing provider"))?;
	let root = |choice| {
		let bytes = selector::randomness(&job.genesis, job.id, choice, &keys.ring);
		keys.key.plaintext(&bytes).map_err(|error| refused(error.to_string()))
	};
	let roots = selection.choices(job.features()).iter().map(root).collect::<Result<Vec<_>, _>>()?;
	let chosen = Zeroizing::new(selection.features().into_iter().map(usize::from).collect::<Vec<_>>());
	let chosen =
		transfer::Selection::new(job.features().into(), &chosen).map_err(|error| refused(error.to_string()))?;
	let context = job.transfer_context(computing)?;
	Ok(SelectionMessage::prove_determined(&chosen, &keys.key, &context, &roots).to_bytes())
}

/// Multiplies the outputs (14), part by part: `outputs[j]` are computing provider `j`'s.
///
/// # Errors
///
/// Outputs that are not of this job, or a store that does not keep.
pub fn result(job: &Job, outputs: &[Trees<'_>], store: &dyn Store) -> Result<Commitment, ProtocolError> {
	let wrong = || ProtocolError::Sums("a party has another number of outputs".into());
	let mut trees = TreesWriter::new(job, Stage::Result, store)?;
	for part in 0..job.contract.output_parts() {
		let values = outputs.iter().map(|outputs| outputs.values(part)).collect::<Result<Vec<_>, _>>()?;
		let mut values: Vec<_> = values.into_iter().map(Vec::into_iter).collect();
		for _ in job.contract.outputs_of(part) {
			let leaves = values.iter_mut().map(Iterator::next).collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
			trees.push(job.tree(Stage::Result, leaves).ok_or_else(wrong)?)?;
		}
	}
	trees.finish()
}
