//! Checks of what the data providers have published and sealed.

use super::{Finding, Outcome, Party, View};
use crate::{
	computing_provider::{self, FeatureError, SealedFeature},
	error::ProtocolError,
	inputs::Inputs,
	job::Job,
	parallel,
};
use encrytrust_fault_proofs::{answer::MessageOfPart, find::EntryRun, Fault, Opening};
use encrytrust_oblivious_transfer as transfer;
use encrytrust_paillier::SecretKey;
use encrytrust_types::job::{Role, Selection, Stage, Unit};

/// What a data provider sealed for the computing provider who looks.
#[derive(Debug)]
pub struct SealedInputs<'v> {
	view: View<'v>,
	data: usize,
	inputs: Option<Inputs<'v>>,
}

impl<'v> SealedInputs<'v> {
	/// Of a data provider, by its place in the contract.
	pub fn new(view: &View<'v>, data: usize) -> Self {
		Self { view: *view, data, inputs: view.inputs(data) }
	}

	/// Opens the selected features of a part, from what was served or was published on chain.
	///
	/// # Errors
	///
	/// A message that is missing, or the first feature that does not open.
	pub fn open(&self, part: u32) -> Result<computing_provider::Opened, ProtocolError> {
		let (computing, secret) = self.view.computing.ok_or(ProtocolError::NotParty("computing provider"))?;
		let not_party = ProtocolError::NotParty("data provider");
		let inputs = self.inputs.as_ref().ok_or(not_party)?;
		let message = inputs.message(part, computing, inputs.entries(part).ok().as_ref())?;
		let sealed = self.features(part, computing, &message);
		let opened = open_features(self.view.job, secret, &sealed);
		let opened = sealed.iter().zip(opened).map(|(sealed, opened)| {
			opened.map_err(|error| ProtocolError::Column {
				data: self.data,
				feature: sealed.feature,
				reason: error.to_string(),
			})
		});
		opened.collect()
	}

	/// The selected features of a message.
	fn features<'m>(&self, part: u32, computing: usize, message: &'m MessageOfPart) -> Vec<Sealed<'m>> {
		let job = self.view.job;
		let sealed = |feature: u16| {
			let index = job.entry_index(computing, feature) as u32;
			let run = message.runs.iter().find(|run| run.entry(index).is_some());
			let feature_of = run.and_then(|run| {
				let (entry, leaves) = (run.entry(index)?, run.ciphertexts(index)?);
				Some(SealedFeature { entry, leaves, bytes: message.sealed.get(usize::from(feature))? })
			});
			Sealed { computing, data: self.data, part, feature, run, sealed: feature_of }
		};
		self.view.selection.map(Selection::features).unwrap_or_default().into_iter().map(sealed).collect()
	}
}

/// What is found of a data provider's inputs, over all parts.
#[derive(Default)]
struct Found {
	/// Units that are missing, and why.
	entries: Vec<(Unit, String)>,
	messages: Vec<(Unit, String)>,
	/// The first entry that is none.
	entry: Option<Fault>,
	/// The first feature that does not open.
	feature: Option<Outcome>,
}

impl<'v> View<'v> {
	pub(super) fn check_inputs(&self, data: usize) -> Vec<Finding> {
		let Some(party) = self.job.contract.data.get(data) else { return Vec::new() };
		let party = Party { stage: Stage::Inputs, who: party.party.who.clone(), role: Role::DataProvider };
		let Some(inputs) = self.inputs(data) else { return Vec::new() };
		let sealed = SealedInputs::new(self, data);
		let mut found = Found::default();
		(0..self.job.contract.parts(data as u16)).for_each(|part| self.look(part, &inputs, &sealed, &mut found));
		let mut findings = Vec::new();
		let check = "the manifest is the one committed to";
		match found.entries.is_empty() {
			true => findings.push(party.finding(check, Outcome::Holds)),
			false => findings.extend(found.entries.into_iter().map(|(unit, why)| party.missing(check, unit, why))),
		}
		findings.push(party.finding("every entry is one", self.found(found.entry)));
		let check = "the selected features open to what was committed to";
		findings.extend(found.messages.into_iter().map(|(unit, why)| party.missing(check, unit, why)));
		let unseen = || Outcome::Unseen("it is sealed for each computing provider");
		let feature = found.feature.unwrap_or_else(|| self.computing.map_or_else(unseen, |_| Outcome::Holds));
		findings.push(party.finding(check, feature));
		findings
	}

	/// Looks at a part: at every entry, whatever is wrong with the others; and at every selected feature of a message, which is
	/// missing or not whatever is selected.
	fn look(&self, part: u32, inputs: &Inputs<'_>, sealed: &SealedInputs<'_>, found: &mut Found) {
		let data = sealed.data as u16;
		let entries = inputs.entries(part);
		let leaves = entries.as_ref().map_err(ToString::to_string);
		let leaves = leaves.and_then(|entries| inputs.check_leaves(entries).map_err(|error| error.to_string()));
		if let Err(why) = leaves {
			found.entries.push((Unit::Entries { data, part }, why));
		}
		let entries = entries.ok();
		self.look_for_entry(data, entries.as_slice(), found);
		let Some((computing, secret)) = self.computing else { return };
		match inputs.message(part, computing, entries.as_ref()) {
			Err(error) => {
				let unit = Unit::Message { data, computing: computing as u16, part };
				found.messages.push((unit, error.to_string()));
			},
			Ok(message) => {
				self.look_for_entry(data, &message.runs, found);
				let outcome = self.features_open(&sealed.features(part, computing, &message), secret);
				if !matches!(found.feature, Some(Outcome::Faulty(_))) && outcome != Outcome::Holds {
					found.feature = Some(outcome);
				}
			},
		}
	}

	fn look_for_entry(&self, data: u16, runs: &[EntryRun], found: &mut Found) {
		if found.entry.is_none() {
			found.entry = runs.iter().find_map(|run| self.faults().find_entry_fault(data, run));
		}
	}

	/// Whether the selected features of a message open: the first that does not, shown if it can be.
	fn features_open(&self, sealed: &[Sealed<'_>], secret: &SecretKey) -> Outcome {
		let opened = open_features(self.job, secret, sealed);
		let outcomes = sealed.iter().zip(opened).map(|(sealed, opened)| self.outcome(sealed, opened, secret));
		let wrong: Vec<_> = outcomes.filter(|outcome| *outcome != Outcome::Holds).collect();
		let shown = wrong.iter().position(|outcome| matches!(outcome, Outcome::Faulty(_))).unwrap_or_default();
		wrong.into_iter().nth(shown).unwrap_or(Outcome::Holds)
	}

	fn outcome(&self, sealed: &Sealed<'_>, opened: Opened, secret: &SecretKey) -> Outcome {
		match opened {
			Ok(_) => Outcome::Holds,
			Err(FeatureError::Entry) => Outcome::Unseen("an entry is wrong already"),
			Err(FeatureError::Leaves) => Outcome::Unseen("the leaves of an entry's ciphertexts are not at hand"),
			Err(error @ FeatureError::Column { block }) => {
				let why = format!("feature {}: {error}", sealed.feature);
				self.shown(self.column_fault(sealed, block, secret), &why)
			},
		}
	}

	fn column_fault(&self, sealed: &Sealed<'_>, block: u32, secret: &SecretKey) -> Option<Fault> {
		let Sealed { data, computing, feature, run, sealed, .. } = *sealed;
		let sealed = sealed?;
		let message = self.message(computing).ok()?;
		let key = secret.public();
		let bytes = self.job.computing.get(computing)?.ring.bytes();
		let selector = message.bytes.chunks(bytes).nth(feature.into())?;
		let [selector, transfer] = [selector, &sealed.entry.transfer].map(|bytes| key.ciphertext(bytes).ok());
		let opening = transfer::Opening::new(secret, &selector?, &transfer?);
		let opening = Opening {
			kappa: opening.kappa.to_bytes().try_into().ok()?,
			root: opening.root.to_bytes().try_into().ok()?,
		};
		let place = [data as u16, computing as u16, feature];
		let chunks = computing_provider::chunks(self.job, sealed.bytes);
		self.faults().column_fault(place, &message.shown(), run?, opening, &chunks, block)
	}

	/// What a data provider has committed to; none if it has not.
	pub(super) fn inputs(&self, data: usize) -> Option<Inputs<'v>> {
		let who = &self.job.contract.data.get(data)?.party.who;
		Some(Inputs::new(self.job, self.blobs, data, &self.commitment(Stage::Inputs, who)?))
	}
}

/// A selected feature as it was sealed for a computing provider.
#[derive(Clone, Copy)]
struct Sealed<'m> {
	data: usize,
	computing: usize,
	part: u32,
	feature: u16,
	/// The entries that its own is among.
	run: Option<&'m EntryRun>,
	/// What was sealed, if the message has it.
	sealed: Option<SealedFeature<'m>>,
}

/// What a sealed feature opens to, block by block.
type Opened = Result<Vec<Vec<u8>>, FeatureError>;

fn open_features(job: &Job, secret: &SecretKey, sealed: &[Sealed<'_>]) -> Vec<Opened> {
	let open = |sealed: &Sealed<'_>| {
		let place = (sealed.part, sealed.feature);
		let feature = sealed.sealed.ok_or(FeatureError::Entry)?;
		computing_provider::open_feature(job, sealed.computing, secret, sealed.data, place, feature)
	};
	let opened = parallel::map(sealed, |sealed| Ok::<_, std::convert::Infallible>(open(sealed)));
	opened.unwrap_or_else(|never| match never {})
}
