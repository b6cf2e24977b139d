//! Checks of what the data providers have published and sealed.

use super::{Finding, Outcome, Party, View};
use crate::{
	computing_provider::{self, FeatureError, SealedFeature},
	encoding::decode_all,
	error::ProtocolError,
	inputs::Inputs,
	job::Job,
	parallel,
};
use encrytrust_fault_proofs::{demand::InputsPiece, Fault, Opening};
use encrytrust_oblivious_transfer as transfer;
use encrytrust_paillier::SecretKey;
use encrytrust_types::job::{Role, Selection, Stage};

const TRANSFERS_PROVEN: &str = "the data provider knows what it transfers";
const SELECTORS_MISSING: Outcome = Outcome::Unseen("the selectors that transfers are made from are not at hand");

/// What a data provider sealed for the computing provider who looks.
#[derive(Debug)]
pub struct SealedInputs<'v> {
	view: View<'v>,
	data: usize,
	/// What was published, if it can be had and is what was committed to.
	inputs: Option<Inputs<'v>>,
}

impl<'v> SealedInputs<'v> {
	/// Of a data provider, by its place in the contract.
	pub fn new(view: &View<'v>, data: usize) -> Self {
		Self { view: *view, data, inputs: view.inputs(data).ok() }
	}

	/// Opens the selected features of a part; also from answers to demands for their pieces, where manifest or message are
	/// withheld.
	///
	/// # Errors
	///
	/// The first feature that is missing or does not open.
	pub fn open(&self, part: u32) -> Result<computing_provider::Opened, ProtocolError> {
		let (computing, secret) = self.view.computing.ok_or(ProtocolError::NotParty("computing provider"))?;
		let sealed = self.features(part, computing);
		let refused = |sealed: &Sealed, reason: &str| ProtocolError::Column {
			data: self.data,
			feature: sealed.feature,
			reason: reason.into(),
		};
		let opened = open_features(self.view.job, secret, &sealed);
		let opened = sealed.iter().zip(opened).map(|(sealed, opened)| match opened {
			None => Err(refused(sealed, "its sealed bytes are not at hand")),
			Some(opened) => opened.map_err(|error| refused(sealed, &error.to_string())),
		});
		opened.collect()
	}

	/// The selected features in a part.
	fn features(&self, part: u32, computing: usize) -> Vec<Sealed> {
		let view = &self.view;
		let job = self.view.job;
		let data = self.data;
		let who = job.contract.data.get(data).map(|data| &data.party.who);
		let inputs = self.inputs.as_ref().and_then(|inputs| inputs.part(part).ok());
		let message = inputs.as_ref().and_then(|inputs| {
			let message = view.blobs.blob(inputs.messages.get(computing)?)?;
			computing_provider::read_message(job, computing, data, inputs, &message).ok()
		});
		let answered = |piece: u32| {
			let answer = view.blobs.answered(Stage::Inputs, who?, piece)?;
			let (entry, chunks, leaves): InputsPiece = decode_all("an answer", &answer).ok()?;
			Some(SealedFeature { entry, leaves, bytes: chunks.into_iter().flatten().collect() })
		};
		let served = |feature: u16| {
			let inputs = inputs.as_ref()?;
			let index = job.entry_index(computing, feature);
			let entry = inputs.entries.get(index)?.clone();
			let leaves = inputs.ciphertexts.get(index)?.clone();
			Some(SealedFeature { entry, leaves, bytes: message.as_ref()?.get(usize::from(feature))?.clone() })
		};
		let sealed = |feature: u16| {
			let piece = view.faults().inputs_piece(part, computing as u16, feature);
			Sealed { computing, data, part, feature, piece, bytes: answered(piece).or_else(|| served(feature)) }
		};
		view.selection.map(Selection::features).unwrap_or_default().into_iter().map(sealed).collect()
	}
}

impl<'v> View<'v> {
	pub(super) fn check_inputs(&self, data: usize) -> Vec<Finding> {
		let Some(party) = self.job.contract.data.get(data) else { return Vec::new() };
		let party = Party { stage: Stage::Inputs, who: party.party.who.clone(), role: Role::DataProvider };
		if self.commitment(party.stage, &party.who).is_none() {
			return Vec::new();
		}
		let check = "the manifest is the one committed to";
		let opened = |outcome| party.finding("the selected features open to what was committed to", outcome);
		let sealed = SealedInputs::new(self, data);
		let inputs = self.inputs(data);
		// Before anything is opened.
		let transfers = inputs.as_ref().map_or(SELECTORS_MISSING, |inputs| self.transfers_hold(data, inputs));
		let features = self.features_open(&sealed);
		match inputs {
			Ok(inputs) => vec![
				party.finding(check, Outcome::Holds),
				party.finding("every entry is one", self.entries_hold(data, &inputs)),
				party.finding(TRANSFERS_PROVEN, transfers),
				opened(features),
			],
			// Whoever needs features of it asks for these, others for the first piece.
			Err(error) if matches!(features, Outcome::Unseen(_)) => {
				vec![party.finding(check, self.missing(&party, 0, &error))]
			},
			Err(_) => vec![opened(features)],
		}
	}

	fn entries_hold(&self, data: usize, inputs: &Inputs<'_>) -> Outcome {
		let fault = (0..self.job.contract.parts(data as u16)).find_map(|part| {
			let published = inputs.part(part).ok()?;
			self.faults().find_entry_fault(data as u16, inputs.proof(part, &published))
		});
		self.found(fault)
	}

	/// Whether the data provider knows what it transfers: all transfers for a computing provider and part at once.
	fn transfers_hold(&self, data: usize, inputs: &Inputs<'_>) -> Outcome {
		let Ok(messages) = self.messages() else { return SELECTORS_MISSING };
		let places: Vec<_> = (0..self.job.computing.len() as u16).collect();
		let fault = (0..self.job.contract.parts(data as u16)).find_map(|part| {
			let published = inputs.part(part).ok()?;
			let find = |computing: &u16| {
				let place = [data as u16, *computing];
				let found =
					self.job.faults().find_unproven_transfer(place, &messages, part, &published, &random_seed());
				// An error is how the first one ends the search.
				found.map_or(Ok(()), |feature| Err([data as u16, *computing, feature]))
			};
			let place = parallel::map(&places, find).err()?;
			self.faults().transfer_fault(place, &messages, inputs.proof(part, &published))
		});
		self.found(fault)
	}

	/// Whether everything opens that was sealed for the computing provider who looks: the first thing that does not.
	fn features_open(&self, inputs: &SealedInputs<'_>) -> Outcome {
		let Some((computing, secret)) = self.computing else {
			return Outcome::Unseen("it is sealed for each computing provider");
		};
		let mut outcomes = (0..self.job.contract.parts(inputs.data as u16)).flat_map(|part| {
			let sealed = inputs.features(part, computing);
			let opened = open_features(self.job, secret, &sealed);
			sealed.iter().zip(opened).map(|(sealed, opened)| self.outcome(sealed, opened, secret)).collect::<Vec<_>>()
		});
		outcomes.find(|outcome| *outcome != Outcome::Holds).unwrap_or(Outcome::Holds)
	}

	fn outcome(&self, sealed: &Sealed, opened: Opened, secret: &SecretKey) -> Outcome {
		let piece = sealed.piece;
		let feature = sealed.feature;
		let missing = |why: &str| Outcome::Missing { piece, why: format!("feature {feature}: {why}") };
		match opened {
			None => missing("its sealed bytes are not at hand"),
			Some(Ok(_)) => Outcome::Holds,
			Some(Err(FeatureError::Entry)) => Outcome::Unseen("an entry is wrong already"),
			Some(Err(error @ FeatureError::Sealed)) => missing(&error.to_string()),
			Some(Err(error @ FeatureError::Column { block })) => {
				self.shown(self.column_fault(sealed, block, secret), &format!("feature {feature}: {error}"))
			},
		}
	}

	/// That a feature does not open to what was committed to. What its transfer holds is shown to everybody, so this is only
	/// made of a transfer whose sender knows that; any other one is the fault.
	fn column_fault(&self, sealed: &Sealed, block: u32, secret: &SecretKey) -> Option<Fault> {
		let Sealed { data, computing, part, feature, bytes, .. } = sealed;
		let data = *data;
		let computing = *computing;
		let feature = *feature;
		let sealed = bytes.as_ref()?;
		let messages = self.messages().ok()?;
		let inputs = self.inputs(data).ok()?;
		let key = secret.public();
		let bytes = self.job.computing.get(computing)?.ring.bytes();
		let selector = messages.get(computing)?.chunks(bytes).nth(feature.into())?;
		let selector = key.ciphertext(selector).ok()?;
		let published = inputs.part(*part).ok()?;
		let proof = inputs.proof(*part, &published);
		let place = [data as u16, computing as u16, feature];
		let transfer = transfer::Transfer::read(key, &sealed.entry.transfer, sealed.entry.proof.clone()).ok()?;
		let from = &self.job.contract.data.get(data)?.party.who.0;
		let context = self.job.transfer_context(computing).ok()?;
		let of = transfer::Place { context: &context, from, part: *part, column: feature.into() };
		let Ok(transfer) = transfer.verify(key, &of, &selector) else {
			return self.faults().transfer_fault(place, &messages, proof);
		};
		let opening = transfer::Opening::new(secret, &transfer);
		let opening = Opening {
			kappa: opening.kappa.to_bytes().try_into().ok()?,
			root: opening.root.to_bytes().try_into().ok()?,
			power: opening.power.to_bytes().try_into().ok()?,
		};
		let chunks = computing_provider::chunks(self.job, &sealed.bytes);
		self.faults().column_fault(place, &messages, proof, opening, &chunks, block)
	}

	pub(super) fn inputs(&self, data: usize) -> Result<Inputs<'v>, ProtocolError> {
		let not_party = ProtocolError::NotParty("data provider");
		let Some(party) = self.job.contract.data.get(data) else { return Err(not_party) };
		let commitment = self.commitment(Stage::Inputs, &party.party.who).ok_or(not_party)?;
		Inputs::read(self.job, self.blobs, data, &commitment)
	}
}

/// A selected feature as it was sealed for a computing provider.
struct Sealed {
	data: usize,
	computing: usize,
	part: u32,
	feature: u16,
	/// The piece to demand it by.
	piece: u32,
	/// What was sealed, if it is at hand.
	bytes: Option<SealedFeature>,
}

/// What a sealed feature opens to, block by block, if it is at hand.
type Opened = Option<Result<Vec<Vec<u8>>, FeatureError>>;

fn open_features(job: &Job, secret: &SecretKey, sealed: &[Sealed]) -> Vec<Opened> {
	let open = |sealed: &Sealed| {
		let place = (sealed.part, sealed.feature);
		Some(computing_provider::open_feature(
			job,
			sealed.computing,
			secret,
			sealed.data,
			place,
			sealed.bytes.as_ref()?,
		))
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
