//! Which message units are at hand: what an availability challenge is decided by. No secret is looked at.

use super::View;
use crate::{error::ProtocolError, inputs::Inputs, trees::Trees};
use encrytrust_fault_proofs::find::EntryRun;
use encrytrust_types::job::{Stage, Unit};
use std::collections::{btree_map::Entry as Slot, BTreeMap};

/// Those of some units that are neither at hand, in the form that they were committed to, nor were published on chain; a unit
/// of a party that has committed to nothing yet is none of them.
///
/// A party asks for [`Contract::needed_units`](encrytrust_types::job::Contract::needed_units), the user for
/// [`Contract::user_units`](encrytrust_types::job::Contract::user_units).
pub fn missing(view: &View<'_>, units: impl IntoIterator<Item = Unit>) -> Vec<Unit> {
	let mut at_hand =
		AtHand { view: *view, messages: None, inputs: BTreeMap::new(), entries: None, trees: BTreeMap::new() };
	units.into_iter().filter(|unit| at_hand.lacks(unit).is_some()).collect()
}

/// What was read already.
struct AtHand<'v> {
	view: View<'v>,
	/// By computing provider: why the coordinator's message is not at hand, if it is not.
	messages: Option<Vec<Option<String>>>,
	inputs: BTreeMap<u16, Option<Inputs<'v>>>,
	/// The entries that were read last: units follow each other part by part.
	entries: Option<((u16, u32), Result<EntryRun, ProtocolError>)>,
	trees: BTreeMap<(Stage, Option<u16>), Option<Trees<'v>>>,
}

impl AtHand<'_> {
	/// Why a unit that was committed to is not at hand.
	fn lacks(&mut self, unit: &Unit) -> Option<String> {
		let who = &self.view.job.contract.unit_owner(unit)?.who;
		self.view.commitment(unit.stage(), who)?;
		match *unit {
			Unit::Selection { computing } => self.lacks_selection(computing),
			Unit::Entries { data, part } => self.lacks_entries(data, part),
			Unit::Message { data, computing, part } => self.lacks_message(data, computing, part),
			Unit::Outputs { computing, part } => self.lacks_trees(Stage::Outputs, Some(computing), part),
			Unit::Result { part } => self.lacks_trees(Stage::Result, None, part),
		}
	}

	fn lacks_selection(&mut self, computing: u16) -> Option<String> {
		let view = &self.view;
		let messages = self.messages.get_or_insert_with(|| {
			let messages = view.message_for_each().into_iter();
			messages.map(|message| message.err().map(|error| error.to_string())).collect()
		});
		messages.get(usize::from(computing))?.clone()
	}

	fn lacks_entries(&mut self, data: u16, part: u32) -> Option<String> {
		self.read(data, part);
		let inputs = self.inputs.get(&data)?.as_ref()?;
		let result = match &self.entries.as_ref()?.1 {
			Ok(entries) => inputs.check_leaves(entries).map_err(|error| error.to_string()),
			Err(error) => Err(error.to_string()),
		};
		result.err()
	}

	fn lacks_message(&mut self, data: u16, computing: u16, part: u32) -> Option<String> {
		self.read(data, part);
		let inputs = self.inputs.get(&data)?.as_ref()?;
		let entries = self.entries.as_ref()?.1.as_ref().ok();
		inputs.message(part, computing.into(), entries).err().map(|error| error.to_string())
	}

	fn read(&mut self, data: u16, part: u32) {
		let view = &self.view;
		let inputs = self.inputs.entry(data).or_insert_with(|| view.inputs(data.into()));
		if self.entries.as_ref().is_none_or(|(place, _)| *place != (data, part)) {
			self.entries = inputs.as_ref().map(|inputs| ((data, part), inputs.entries(part)));
		}
	}

	fn lacks_trees(&mut self, stage: Stage, computing: Option<u16>, part: u32) -> Option<String> {
		let trees = match self.trees.entry((stage, computing)) {
			Slot::Occupied(slot) => slot.into_mut(),
			Slot::Vacant(slot) => {
				let contract = &self.view.job.contract;
				let who = match computing {
					Some(computing) => &contract.computing.get(usize::from(computing))?.party.who,
					None => &contract.coordinator.who,
				};
				slot.insert(self.view.trees(stage, who))
			},
		};
		trees.as_ref()?.lacks(part).map(ToString::to_string)
	}
}
