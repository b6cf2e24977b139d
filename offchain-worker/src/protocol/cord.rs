//! The coordinator: encrypts the selection to the computing providers and multiplies their outputs.

use super::{parallel, Job, Outputs, ProtocolError, Published};
use crate::sealing::SealingKey;
use encrytrust_oblivious_transfer::{self as transfer, SelectionMessage};
use encrytrust_primitives::{
	bmpc::{Selection, Stage},
	selector,
	wire::Product,
};

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
	let chosen: Vec<usize> = selection.features().into_iter().map(usize::from).collect();
	let chosen =
		transfer::Selection::new(job.features().into(), &chosen).map_err(|error| refused(error.to_string()))?;
	let context = job.transfer_context(computing)?;
	Ok(SelectionMessage::prove_determined(&chosen, &keys.key, &context, &roots).to_bytes())
}

/// Multiplies the outputs (14): `outputs[j]` are computing provider `j`'s, from [`Job::read_outputs`].
///
/// # Errors
///
/// Outputs that are not of this job.
pub fn result(job: &Job, outputs: &[Outputs]) -> Result<Published, ProtocolError> {
	let leaf = |outputs: &Outputs, output: usize| outputs.values().nth(output).map(<[u8]>::to_vec);
	let tree = |output: usize| {
		let leaves = outputs.iter().map(|outputs| leaf(outputs, output)).collect::<Option<Vec<_>>>()?;
		job.tree(Stage::Result, leaves)
	};
	let trees = (0..job.outputs()).map(tree).collect::<Option<Vec<_>>>();
	let trees = trees.ok_or_else(|| ProtocolError::Sums("a party has another number of outputs".into()))?;
	job.publish(Stage::Result, &Product { trees })
}
