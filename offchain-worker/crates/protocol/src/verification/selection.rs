//! Checks of the coordinator's messages.

use super::{Finding, Outcome, Party, View, SELECTION_UNKNOWN};
use crate::{
	blobs::answers, computing_provider::wrong_selector, data_provider::verify_message, encoding::digest,
	error::ProtocolError, job::Published,
};
use codec::Encode;
use encrytrust_fault_proofs::find::ShownMessage;
use encrytrust_types::{
	job::{Commitment, Role, Stage, Unit},
	merkle::{self, Path},
};

/// The coordinator's messages: the blob that it committed to, or, where all of its units were published on chain, what they
/// make up, under the same root.
///
/// # Errors
///
/// Why there is nothing.
pub fn published_selection(view: &View<'_>) -> Result<Published, ProtocolError> {
	let who = &view.job.contract.coordinator.who;
	let commitment = view.commitment(Stage::Selection, who).ok_or_else(|| missing("nothing was committed to"))?;
	if let Some(blob) = view.assembled_selection() {
		return Ok(Published { commitment: Commitment { blob: digest(&blob), ..commitment }, blob });
	}
	let blob = view.blobs.blob(&commitment.blob).ok_or_else(|| missing("the blob is not at hand"))?;
	Ok(Published { commitment, blob })
}

/// The coordinator's message for one computing provider: all that this one needs.
///
/// # Errors
///
/// Why there is nothing.
pub fn published_message(view: &View<'_>, computing: usize) -> Result<Vec<u8>, ProtocolError> {
	Ok(view.message(computing)?.bytes)
}

fn missing(reason: &str) -> ProtocolError {
	ProtocolError::Format { what: "the coordinator's selection".into(), reason: reason.into() }
}

/// The coordinator's message for a computing provider, with its path to the commitment.
#[derive(Clone)]
pub(super) struct Message {
	pub(super) bytes: Vec<u8>,
	top_path: Path,
}

impl Message {
	pub(super) fn shown(&self) -> ShownMessage<'_> {
		ShownMessage { message: &self.bytes, top_path: self.top_path.clone() }
	}
}

impl View<'_> {
	pub(super) fn check_selection(&self) -> Vec<Finding> {
		let party =
			Party { stage: Stage::Selection, who: self.job.contract.coordinator.who.clone(), role: Role::Coordinator };
		if self.commitment(party.stage, &party.who).is_none() {
			return Vec::new();
		}
		let check = "the messages are those committed to";
		let all = self.message_for_each();
		let lacks =
			all.iter().enumerate().filter_map(|(computing, message)| Some((computing, message.as_ref().err()?)));
		// A computing provider needs its own alone.
		let needed = |computing: usize| self.computing.is_none_or(|(own, _)| own == computing);
		let lacks = lacks.filter(|(computing, _)| needed(*computing));
		let mut findings: Vec<_> = lacks
			.map(|(computing, error)| party.missing(check, Unit::Selection { computing: computing as u16 }, error))
			.collect();
		if findings.is_empty() {
			findings.push(party.finding(check, Outcome::Holds));
		}
		for (computing, message) in
			all.iter().enumerate().filter_map(|(at, message)| Some((at, message.as_ref().ok()?)))
		{
			let selectors = format!("the selectors for computing provider {}", computing + 1);
			let bits = format!("{selectors} are bits, and as many are 1 as the contract says");
			findings.push(party.finding(bits, self.proof_holds(computing, message)));
			let selection = format!("{selectors} are those of the user's selection");
			findings.push(party.finding(selection, self.selectors_hold(computing, message)));
		}
		findings
	}

	fn proof_holds(&self, computing: usize, message: &Message) -> Outcome {
		let Some(keys) = self.keys else { return Outcome::Pending("the proofs about the keys were not verified") };
		match verify_message(self.job, keys, computing, &message.bytes) {
			Ok(_) => Outcome::Holds,
			Err(error) => {
				let fault = self.faults().selection_proof_fault(computing as u16, &message.shown());
				self.shown(fault, &error.to_string())
			},
		}
	}

	fn selectors_hold(&self, computing: usize, message: &Message) -> Outcome {
		let Some(selection) = self.selection else { return SELECTION_UNKNOWN };
		match wrong_selector(self.job, computing, selection, &message.bytes) {
			None => Outcome::Holds,
			Some(_) => self.shown(
				self.faults().find_selector_fault(computing as u16, &message.shown(), selection),
				"the message ends before its selectors do",
			),
		}
	}

	/// The coordinator's messages, put together from all units that were published on chain.
	fn assembled_selection(&self) -> Option<Vec<u8>> {
		let messages = (0..self.job.computing.len()).map(|computing| self.answered_message(computing));
		let messages: Vec<_> = messages.map(|message| Some(message?.bytes)).collect::<Option<_>>()?;
		Some(messages.encode())
	}

	fn answered_message(&self, computing: usize) -> Option<Message> {
		let computing = computing as u16;
		let answers = answers(self.blobs, &self.job.contract, &Unit::Selection { computing })?;
		let (bytes, above) = self.faults().read_selection(computing, &answers)?;
		Some(Message { bytes, top_path: above.try_into().ok()? })
	}

	/// The message for a computing provider. One that is longer than can be shown is none. All messages are read for it.
	pub(super) fn message(&self, computing: usize) -> Result<Message, ProtocolError> {
		let message = self.message_for_each().into_iter().nth(computing);
		message.unwrap_or_else(|| Err(missing("there is no such computing provider")))
	}

	/// The messages that are at hand, with the places of their computing providers.
	pub(super) fn selectors(&self) -> Vec<(u16, Message)> {
		(0..).zip(self.message_for_each()).filter_map(|(place, message)| Some((place, message.ok()?))).collect()
	}

	/// The message for each computing provider.
	pub(super) fn message_for_each(&self) -> Vec<Result<Message, ProtocolError>> {
		let computing = 0..self.job.computing.len();
		let answered: Vec<_> = computing.map(|computing| self.answered_message(computing)).collect();
		if answered.iter().all(Option::is_some) {
			return answered.into_iter().flatten().map(Ok).collect();
		}
		let served = self.served_messages();
		let served = answered.into_iter().enumerate().map(|(computing, answered)| match (answered, &served) {
			(Some(message), _) => Ok(message),
			(None, Err(error)) => Err(missing(&error.to_string())),
			(None, Ok(served)) => match served.get(computing) {
				Some(message) if message.bytes.len() <= encrytrust_fault_proofs::Message::bound() => {
					Ok(message.clone())
				},
				_ => Err(missing("the message is longer than one can be")),
			},
		});
		served.collect()
	}

	fn served_messages(&self) -> Result<Vec<Message>, ProtocolError> {
		let messages = self.messages()?;
		let leaves = self.faults().selection_leaves(&messages).unwrap_or_default();
		let message = |(place, bytes): (usize, Vec<u8>)| {
			let top_path = merkle::path(&leaves, place).and_then(|path| path.try_into().ok());
			Some(Message { bytes, top_path: top_path? })
		};
		let read = messages.into_iter().enumerate().map(message).collect::<Option<_>>();
		read.ok_or_else(|| missing("it has another number of messages"))
	}

	pub(super) fn messages(&self) -> Result<Vec<Vec<u8>>, ProtocolError> {
		let published = published_selection(self)?;
		self.job.read_messages(&published.blob, &published.commitment)
	}
}
