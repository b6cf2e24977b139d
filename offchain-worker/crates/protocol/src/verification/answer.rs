//! The answer to an availability challenge.

use super::{published_trees, View};
use crate::{
	chain::{AccountId, Delivered},
	inputs::Inputs,
	job::Job,
};
use encrytrust_fault_proofs::{answer::Answer, big_integers::Native, FaultContext};
use encrytrust_types::job::{Stage, Unit};

/// A chunk of a unit that this account has committed to: `answer(job, unit, chunk, bytes, path)`; none if it is not at hand, or
/// not in the form that the contract says.
pub fn answer_chunk(view: &View<'_>, unit: &Unit, chunk: u32) -> Option<Answer> {
	let faults = view.job.faults();
	let who = &view.job.contract.unit_owner(unit)?.who;
	match *unit {
		Unit::Selection { computing } => {
			let messages = view.messages().ok()?;
			faults.selection_chunk(computing, chunk, &faults.shown_message(&messages, computing)?)
		},
		Unit::Entries { data, part } => faults.entries_chunk(data, chunk, &view.own_inputs(data)?.entries(part).ok()?),
		Unit::Message { data, computing, part } => {
			let inputs = view.own_inputs(data)?;
			let entries = inputs.entries(part).ok()?;
			let message = inputs.message(part, computing.into(), Some(&entries)).ok()?;
			faults.message_chunk(data, computing, chunk, &entries, &message.sealed)
		},
		Unit::Outputs { part, .. } => view.trees_chunk(unit, chunk, (Stage::Outputs, part), who),
		Unit::Result { part } => view.trees_chunk(unit, chunk, (Stage::Result, part), who),
	}
}

/// Whether a chunk with its path is what the unit's owner has committed to.
pub fn is_committed(job: &Job, commitments: &[Delivered], unit: &Unit, chunk: u32, answer: &Answer) -> bool {
	let roots = |stage: Stage, who: &AccountId| {
		let found = commitments.iter().find(|delivered| delivered.stage == stage && delivered.who == *who);
		found.map(|delivered| delivered.commitment.root)
	};
	let context = FaultContext { genesis: job.genesis, job: job.id, contract: &job.contract, roots, integers: &Native };
	context.check_chunk(unit, chunk, &answer.bytes, &answer.path).is_ok()
}

impl<'v> View<'v> {
	fn own_inputs(&self, data: u16) -> Option<Inputs<'v>> {
		self.inputs(data.into())
	}

	fn trees_chunk(&self, unit: &Unit, chunk: u32, (stage, part): (Stage, u32), who: &AccountId) -> Option<Answer> {
		let trees = published_trees(self, stage, who).ok()?;
		let product = trees.product(part).ok()?;
		let shown = trees.part(part, &product).ok()?;
		self.job.faults().trees_chunk(unit, chunk, &shown)
	}
}
