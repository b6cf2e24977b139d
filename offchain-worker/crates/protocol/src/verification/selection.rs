//! Checks of the coordinator's messages.

use super::{Finding, Outcome, Party, View, SELECTION_UNKNOWN};
use crate::{
	computing_provider::wrong_selector, data_provider::verify_message, encoding::digest, error::ProtocolError,
	job::Published,
};
use codec::Encode;
use encrytrust_types::job::{Commitment, Role, Stage};

/// The coordinator's messages: the blob that it committed to, or, where all of its pieces were demanded and answered, what
/// they make up, under the same root.
///
/// # Errors
///
/// Why there is nothing.
pub fn published_selection(view: &View<'_>) -> Result<Published, ProtocolError> {
	let missing =
		|reason: &str| ProtocolError::Format { what: "the coordinator's selection".into(), reason: reason.into() };
	let who = &view.job.contract.coordinator.who;
	let commitment = view.commitment(Stage::Selection, who).ok_or_else(|| missing("nothing was committed to"))?;
	if let Some(blob) = view.assembled_selection() {
		return Ok(Published { commitment: Commitment { blob: digest(&blob), ..commitment }, blob });
	}
	let blob = view.blobs.blob(&commitment.blob).ok_or_else(|| missing("the blob is not at hand"))?;
	Ok(Published { commitment, blob })
}

impl View<'_> {
	pub(super) fn check_selection(&self) -> Vec<Finding> {
		let party =
			Party { stage: Stage::Selection, who: self.job.contract.coordinator.who.clone(), role: Role::Coordinator };
		if self.commitment(party.stage, &party.who).is_none() {
			return Vec::new();
		}
		let check = "the messages are those committed to";
		let messages = match self.messages() {
			Ok(messages) => messages,
			Err(error) => {
				let own = self.computing.map_or(0, |(index, _)| index as u32);
				return vec![party.finding(check, self.missing(&party, own, &error))];
			},
		};
		let mut findings = vec![party.finding(check, Outcome::Holds)];
		for computing in 0..self.job.computing.len() {
			let selectors = format!("the selectors for computing provider {}", computing + 1);
			let bits = format!("{selectors} are bits, and as many are 1 as the contract says");
			findings.push(party.finding(bits, self.proof_holds(computing, &messages)));
			let selection = format!("{selectors} are those of the user's selection");
			findings.push(party.finding(selection, self.selectors_hold(computing, &messages)));
		}
		findings
	}

	fn proof_holds(&self, computing: usize, messages: &[Vec<u8>]) -> Outcome {
		let Some(keys) = self.keys else { return Outcome::Unseen("the proofs about the keys were not verified") };
		let message = messages.get(computing).map(Vec::as_slice).unwrap_or_default();
		match verify_message(self.job, keys, computing, message) {
			Ok(_) => Outcome::Holds,
			Err(error) => {
				self.shown(self.faults().selection_proof_fault(computing as u16, messages), &error.to_string())
			},
		}
	}

	fn selectors_hold(&self, computing: usize, messages: &[Vec<u8>]) -> Outcome {
		let Some(selection) = self.selection else { return SELECTION_UNKNOWN };
		let message = messages.get(computing).map(Vec::as_slice).unwrap_or_default();
		match wrong_selector(self.job, computing, selection, message) {
			None => Outcome::Holds,
			Some(_) => self.shown(
				self.faults().find_selector_fault(computing as u16, messages, selection),
				"the message ends before its selectors do",
			),
		}
	}

	/// The coordinator's messages, put together from answers to demands for all of them.
	fn assembled_selection(&self) -> Option<Vec<u8>> {
		let who = &self.job.contract.coordinator.who;
		let pieces = 0..self.faults().pieces(Stage::Selection, who);
		let pieces = pieces.map(|piece| self.blobs.answered(Stage::Selection, who, piece));
		Some(pieces.collect::<Option<Vec<_>>>()?.encode())
	}

	pub(super) fn messages(&self) -> Result<Vec<Vec<u8>>, ProtocolError> {
		let published = published_selection(self)?;
		self.job.read_messages(&published.blob, &published.commitment)
	}
}
