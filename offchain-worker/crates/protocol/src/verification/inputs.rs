//! Checks of what the data providers have published and sealed.

use super::{selection::Message, Finding, Outcome, Party, View};
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

const TRANSFERS_PROVEN: &str = "the data provider knows what it transfers";
const SHOWN_ALREADY: Outcome = Outcome::Unseen("a fault is shown already: not all was looked at");
const SELECTORS_MISSING: Outcome = Outcome::Pending("the selectors that transfers are made from are not at hand");

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

/// What is found of a data provider's inputs, over all parts; or, if a fault is, up to the part that shows it.
#[derive(Default)]
struct Found {
	/// Units that are missing, and why.
	entries: Vec<(Unit, String)>,
	messages: Vec<(Unit, String)>,
	/// The first entry that is none.
	entry: Option<Outcome>,
	/// The first transfer whose sender has not shown that it knows what it holds.
	transfer: Option<Outcome>,
	/// The first feature that does not open.
	feature: Option<Outcome>,
}

impl Found {
	/// Whether something can be shown to the chain.
	fn is_fault(&self) -> bool {
		[&self.entry, &self.transfer, &self.feature].into_iter().flatten().any(is_fault)
	}
}

fn is_fault(outcome: &Outcome) -> bool {
	matches!(outcome, Outcome::Faulty(_))
}

/// Keeps the first thing that is wrong, and rather one that can be shown to the chain.
fn note(first: &mut Option<Outcome>, wrong: Outcome) {
	if first.as_ref().is_none_or(|first| !is_fault(first) && is_fault(&wrong)) {
		*first = Some(wrong);
	}
}

impl<'v> View<'v> {
	/// Checks a data provider's inputs; `selectors` are the coordinator's messages that are at hand.
	pub(super) fn check_inputs(&self, data: usize, selectors: &[(u16, Message)]) -> Vec<Finding> {
		let Some(party) = self.job.contract.data.get(data) else { return Vec::new() };
		let party = Party { stage: Stage::Inputs, who: party.party.who.clone(), role: Role::DataProvider };
		let Some(inputs) = self.inputs(data) else { return Vec::new() };
		let sealed = SealedInputs::new(self, data);
		let mut found = Found::default();
		for part in 0..self.job.contract.parts(data as u16) {
			self.look(part, &inputs, &sealed, selectors, &mut found);
			if found.is_fault() {
				break;
			}
		}
		// What was not looked at to the end does not hold for that.
		let seen = |outcome: Outcome| if found.is_fault() { SHOWN_ALREADY } else { outcome };
		let fine = seen(Outcome::Holds);
		let all = selectors.len() == self.job.computing.len() || self.has_own_selector(selectors);
		let transfers = seen(if all { Outcome::Holds } else { SELECTORS_MISSING });
		let sealed =
			self.computing.map_or(Outcome::Unseen("it is sealed for each computing provider"), |_| fine.clone());
		let mut findings = Vec::new();
		let check = "the manifest is the one committed to";
		match found.entries.is_empty() {
			true => findings.push(party.finding(check, fine.clone())),
			false => findings.extend(found.entries.into_iter().map(|(unit, why)| party.missing(check, unit, why))),
		}
		findings.push(party.finding("every entry is one", found.entry.unwrap_or(fine)));
		findings.push(party.finding(TRANSFERS_PROVEN, found.transfer.unwrap_or(transfers)));
		let check = "the selected features open to what was committed to";
		findings.extend(found.messages.into_iter().map(|(unit, why)| party.missing(check, unit, why)));
		findings.push(party.finding(check, found.feature.unwrap_or(sealed)));
		findings
	}

	/// Looks at a part: at every entry, whatever is wrong with the others; and at the selected features of a message, which is
	/// missing or not whatever is selected.
	fn look(
		&self,
		part: u32,
		inputs: &Inputs<'_>,
		sealed: &SealedInputs<'_>,
		selectors: &[(u16, Message)],
		found: &mut Found,
	) {
		let data = sealed.data as u16;
		let entries = inputs.entries(part);
		let leaves = entries.as_ref().map_err(ToString::to_string);
		let leaves = leaves.and_then(|entries| inputs.check_leaves(entries).map_err(|error| error.to_string()));
		if let Err(why) = leaves {
			found.entries.push((Unit::Entries { data, part }, why));
		}
		let entries = entries.ok();
		self.look_at_entries(data, entries.as_slice(), selectors, found);
		let Some((computing, secret)) = self.computing else { return };
		match inputs.message(part, computing, entries.as_ref()) {
			Err(error) => {
				let unit = Unit::Message { data, computing: computing as u16, part };
				found.messages.push((unit, error.to_string()));
			},
			Ok(message) => {
				// Before anything is opened.
				self.look_at_entries(data, &message.runs, selectors, found);
				if found.is_fault() {
					return;
				}
				let own = selectors.iter().find(|(place, _)| usize::from(*place) == computing);
				let own = own.map(|(_, message)| message);
				let wrong = self.first_wrong(&sealed.features(part, computing, &message), secret, own);
				wrong.into_iter().for_each(|wrong| note(&mut found.feature, wrong));
			},
		}
	}

	/// Looks for an entry that is none, and for a transfer whose sender has not shown that it knows what it holds: all of a
	/// computing provider at once.
	fn look_at_entries(&self, data: u16, runs: &[EntryRun], selectors: &[(u16, Message)], found: &mut Found) {
		if found.is_fault() {
			return;
		}
		let entry = runs.iter().find_map(|run| self.faults().find_entry_fault(data, run));
		if let Some(entry) = entry {
			note(&mut found.entry, self.found(Some(entry)));
		}
		let transfer = runs.iter().find_map(|run| {
			let find = |(computing, message): &(u16, Message)| {
				let place = [data, *computing];
				let unproven = self.job.faults().find_unproven_transfer(place, &message.bytes, run, &random_seed());
				// An error is how the first one ends the search.
				unproven.map_or(Ok(()), |feature| Err([data, *computing, feature]))
			};
			let place = parallel::map(selectors, find).err()?;
			let (_, message) = selectors.iter().find(|(computing, _)| *computing == place[1])?;
			self.faults().transfer_fault(place, &message.shown(), run)
		});
		if let Some(transfer) = transfer {
			note(&mut found.transfer, self.found(Some(transfer)));
		}
	}

	/// Whether a computing provider who looks has the message that the transfers to it are made from: it needs no other.
	fn has_own_selector(&self, selectors: &[(u16, Message)]) -> bool {
		self.computing.is_some_and(|(own, _)| selectors.iter().any(|(place, _)| usize::from(*place) == own))
	}

	/// The first selected feature of a message that does not open, rather one for which that can be shown: proofs are made until
	/// one is. `own` is the coordinator's message for the computing provider who looks.
	fn first_wrong(&self, sealed: &[Sealed<'_>], secret: &SecretKey, own: Option<&Message>) -> Option<Outcome> {
		let opened = open_features(self.job, secret, sealed);
		let mut first = None;
		for (sealed, error) in sealed.iter().zip(opened).filter_map(|(sealed, opened)| Some((sealed, opened.err()?))) {
			note(&mut first, self.outcome(sealed, error, secret, own));
			if first.as_ref().is_some_and(is_fault) {
				break;
			}
		}
		first
	}

	fn outcome(&self, sealed: &Sealed<'_>, error: FeatureError, secret: &SecretKey, own: Option<&Message>) -> Outcome {
		match (error, own) {
			(FeatureError::Entry, _) => Outcome::Unseen("an entry is wrong already"),
			(FeatureError::Leaves, _) => Outcome::Pending("the leaves of an entry's ciphertexts are not at hand"),
			// The proof shows the selector that the transfer was made from.
			(FeatureError::Column { .. }, None) => SELECTORS_MISSING,
			// Which feature it is stays out of all texts: it is a selected one.
			(FeatureError::Column { block }, Some(own)) => {
				self.shown(self.column_fault(sealed, block, secret, own), "a selected feature does not open")
			},
		}
	}

	/// That a feature does not open to what was committed to. What its transfer holds is shown to everybody, so this is
	/// only made of a transfer whose sender knows that; any other one is the fault.
	fn column_fault(&self, sealed: &Sealed<'_>, block: u32, secret: &SecretKey, own: &Message) -> Option<Fault> {
		let Sealed { data, computing, part, feature, run, sealed } = *sealed;
		let sealed = sealed?;
		let key = secret.public();
		let bytes = self.job.computing.get(computing)?.ring.bytes();
		let selector = key.ciphertext(own.bytes.chunks(bytes).nth(feature.into())?).ok()?;
		let place = [data as u16, computing as u16, feature];
		let transfer = transfer::Transfer::read(key, &sealed.entry.transfer, sealed.entry.proof.clone()).ok()?;
		let from = &self.job.contract.data.get(data)?.party.who.0;
		let context = self.job.transfer_context(computing).ok()?;
		let of = transfer::Place { context: &context, from, part, column: feature.into() };
		let Ok(transfer) = transfer.verify(key, &of, &selector) else {
			return self.faults().transfer_fault(place, &own.shown(), run?);
		};
		let opening = transfer::Opening::new(secret, &transfer);
		let opening = Opening {
			kappa: opening.kappa.to_bytes().try_into().ok()?,
			root: opening.root.to_bytes().try_into().ok()?,
			power: opening.power.to_bytes().try_into().ok()?,
		};
		let chunks = computing_provider::chunks(self.job, sealed.bytes);
		self.faults().column_fault(place, &own.shown(), run?, opening, &chunks, block)
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

/// Weights for batches that nobody can foresee.
fn random_seed() -> [u8; 32] {
	let mut seed = [0; 32];
	getrandom::fill(&mut seed).expect("the operating system gives random bytes");
	seed
}
