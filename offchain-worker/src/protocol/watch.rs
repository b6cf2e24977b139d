//! What can be seen of a job by those who look: every check that a role can make of what the others committed to, and
//! the proof or the demand that follows from one that fails.
//!
//! A stranger sees the proofs about keys and selectors, digests and roots, entries, shapes and products, and the
//! coordinator's leaves. With the selection (user, coordinator, computing providers) also every selector and every leaf;
//! with a computing provider's secret key also what the data providers sealed for it.

use super::{
	cp::{self, FeatureError, SealedFeature},
	decode_all, dp,
	keys::{self, Holder, ProvenKeys},
	parallel,
	parts::{named, named_message, Blobs, Inputs, Trees},
	Job, ProtocolError, Published,
};
use codec::Encode;
use encrytrust_blob_store::digest;
use encrytrust_chain_client::{AccountId, Balance, BlockNumber, Delivered, H256};
use encrytrust_fault_proofs::{
	big_integers::Native,
	demand::InputsPiece,
	find::{Chosen, PartOfInputs},
	wire::Product,
	Fault, FaultContext, Opening, Producer,
};
use encrytrust_oblivious_transfer as transfer;
use encrytrust_paillier::SecretKey;
use encrytrust_types::{
	job::{Commitment, Role, Selection, Stage},
	merkle,
};
use std::{borrow::Cow, collections::BTreeMap};

/// What somebody holds of a job.
#[derive(Clone, Copy)]
pub struct View<'a> {
	/// The job.
	pub job: &'a Job,
	/// What was committed to so far.
	pub commitments: &'a [Delivered],
	/// What was published.
	pub blobs: &'a dyn Blobs,
	/// The computing providers' keys, if the proofs about them were verified: selections are verified under no others.
	pub keys: Option<&'a ProvenKeys>,
	/// The selection, if it is known.
	pub selection: Option<&'a Selection>,
	/// A computing provider's place and key.
	pub computing: Option<(usize, &'a SecretKey)>,
}

impl std::fmt::Debug for View<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("View").field("job", &self.job.id).finish_non_exhaustive()
	}
}

/// A blob to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
	/// sha2-256.
	pub digest: [u8; 32],
	/// Who serves it.
	pub from: AccountId,
	/// In which role.
	pub role: Role,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
	/// The stage that it belongs to; [`Stage::Confirmation`] for keys.
	pub stage: Stage,
	/// Who made it.
	pub who: AccountId,
	/// In which role; none for the user.
	pub role: Option<Role>,
	/// What was checked, in words.
	pub check: Cow<'static, str>,
	/// What came out.
	pub outcome: Outcome,
}

/// What comes out of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// It is as it should be.
	Holds,
	/// It is not, and this shows it to the chain: `report_fault(job, fault)`.
	Faulty(Box<Fault>),
	/// It is not at hand, or not what its root says: `demand(job, stage, who, piece)`.
	Missing {
		/// Which piece.
		piece: u32,
		/// Why.
		why: String,
	},
	/// It is wrong in a way that the chain does not charge anybody with.
	Refused(String),
	/// This view does not show it.
	Unseen(&'static str),
}

/// The answer to a demand: `answer(job, stage, who, piece, bytes, path)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// The piece.
	pub bytes: Vec<u8>,
	/// Its path to the commitment's root.
	pub path: Vec<H256>,
}

/// The faults among findings, each with the one who is to blame.
pub fn faults(findings: &[Finding]) -> impl Iterator<Item = (&AccountId, &Fault)> {
	findings.iter().filter_map(|finding| match &finding.outcome {
		Outcome::Faulty(fault) => Some((&finding.who, &**fault)),
		_ => None,
	})
}

/// The blobs that are not at hand and that a check of `stage` would look at. Fetch them and ask again: a manifest names parts,
/// and parts of inputs name messages.
pub fn wanted(view: &View<'_>, stage: Stage) -> Vec<Wanted> {
	let mut all = match stage {
		Stage::Confirmation => view.wanted_proofs(),
		Stage::Selection => view.wanted_of(stage),
		Stage::Inputs => [view.wanted_parts(stage), view.wanted_messages()].concat(),
		Stage::Outputs | Stage::Result => view.wanted_parts(stage),
	};
	match stage {
		Stage::Inputs if view.computing.is_some() => all.extend(view.wanted_of(Stage::Selection)),
		Stage::Outputs if view.selection.is_some() => all.extend(view.wanted_parts(Stage::Inputs)),
		Stage::Result => all.extend(view.wanted_parts(Stage::Outputs)),
		_ => {},
	}
	all.retain(|wanted| !view.blobs.has(&wanted.digest));
	all
}

/// Checks everything that was committed to in a stage, as far as this view shows it; in [`Stage::Confirmation`], the
/// proofs about keys.
pub fn check(view: &View<'_>, stage: Stage) -> Vec<Finding> {
	match stage {
		Stage::Confirmation => view.check_keys(),
		Stage::Selection => view.check_selection(),
		Stage::Inputs => (0..view.job.contract.data.len()).flat_map(|data| view.check_inputs(data)).collect(),
		Stage::Outputs => (0..view.job.computing.len()).flat_map(|index| view.check_output(index)).collect(),
		Stage::Result => view.check_result(),
	}
}

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

/// The product trees that a party committed to in [`Stage::Outputs`] or [`Stage::Result`].
///
/// # Errors
///
/// What of them is neither at hand nor was answered to a demand, or is not what the commitment says.
pub fn published_trees<'v>(view: &View<'v>, stage: Stage, who: &AccountId) -> Result<Trees<'v>, ProtocolError> {
	let missing = || ProtocolError::Commitment(format!("what {who} published"));
	Trees::read(view.job, view.blobs, stage, who, &view.commitment(stage, who).ok_or_else(missing)?)
}

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
	pub fn open(&self, part: u32) -> Result<cp::Opened, ProtocolError> {
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
		let (view, job, data) = (&self.view, self.view.job, self.data);
		let who = job.contract.data.get(data).map(|data| &data.party.who);
		let inputs = self.inputs.as_ref().and_then(|inputs| inputs.part(part).ok());
		let message = inputs.as_ref().and_then(|inputs| {
			let message = view.blobs.blob(inputs.messages.get(computing)?)?;
			cp::read_message(job, computing, data, inputs, &message).ok()
		});
		let answered = |piece: u32| {
			let answer = view.blobs.answered(Stage::Inputs, who?, piece)?;
			let (entry, chunks, leaves): InputsPiece = decode_all("an answer", &answer).ok()?;
			Some(SealedFeature { entry, leaves, bytes: chunks.into_iter().flatten().collect() })
		};
		let served = |feature: u16| {
			let (inputs, index) = (inputs.as_ref()?, job.entry_index(computing, feature));
			let (entry, leaves) = (inputs.entries.get(index)?.clone(), inputs.ciphertexts.get(index)?.clone());
			Some(SealedFeature { entry, leaves, bytes: message.as_ref()?.get(usize::from(feature))?.clone() })
		};
		let sealed = |feature: u16| {
			let piece = view.faults().inputs_piece(part, computing as u16, feature);
			Sealed { computing, data, part, feature, piece, bytes: answered(piece).or_else(|| served(feature)) }
		};
		view.selection.map(Selection::features).unwrap_or_default().into_iter().map(sealed).collect()
	}
}

/// The answer to a demand for a piece of what this account committed to; none if that is not at hand.
pub fn answer(view: &View<'_>, stage: Stage, me: &AccountId, piece: u32) -> Option<Answer> {
	match stage {
		Stage::Confirmation => None,
		Stage::Selection => {
			let blob = view.blobs.blob(&view.commitment(stage, me)?.blob)?;
			let messages: Vec<Vec<u8>> = decode_all("", &blob).ok()?;
			let path = merkle::path(&view.job.faults().selection_leaves(&messages)?, piece as usize)?;
			Some(Answer { bytes: messages.get(piece as usize)?.clone(), path })
		},
		Stage::Inputs => {
			let data = view.job.data_index(me).ok()?;
			let entries = (view.job.computing.len() * usize::from(view.job.features())) as u32;
			let (part, index) = (piece.checked_div(entries)?, (piece % entries) as usize);
			let inputs = view.inputs(data).ok()?;
			let published = inputs.part(part).ok()?;
			let features = usize::from(view.job.features());
			let message = view.blobs.blob(published.messages.get(index.checked_div(features)?)?)?;
			let sealed: Vec<Vec<u8>> = decode_all("", &message).ok()?;
			let chunks = cp::chunks(view.job, sealed.get(index % features)?).into_iter().map(<[u8]>::to_vec);
			let bytes =
				(published.entries.get(index)?, chunks.collect::<Vec<_>>(), published.ciphertexts.get(index)?).encode();
			Some(Answer { bytes, path: inputs.path(part, index, &published)? })
		},
		Stage::Outputs | Stage::Result => {
			let trees = published_trees(view, stage, me).ok()?;
			let path = trees.path(piece)?;
			Some(Answer { bytes: trees.product(piece).ok()?.encode(), path })
		},
	}
}

/// What to fetch, and from whom.
impl View<'_> {
	fn commitment(&self, stage: Stage, who: &AccountId) -> Option<Commitment> {
		let found = self.commitments.iter().find(|delivered| delivered.stage == stage && delivered.who == *who);
		found.map(|delivered| delivered.commitment)
	}

	/// What was committed to in a stage.
	fn wanted_of(&self, stage: Stage) -> Vec<Wanted> {
		let role = match stage {
			Stage::Confirmation | Stage::Selection | Stage::Result => Role::Coordinator,
			Stage::Inputs => Role::DataProvider,
			Stage::Outputs => Role::ComputingProvider,
		};
		let delivered = self.commitments.iter().filter(|delivered| delivered.stage == stage);
		let wanted =
			|delivered: &Delivered| Wanted { digest: delivered.commitment.blob, from: delivered.who.clone(), role };
		delivered.map(wanted).collect()
	}

	/// The proofs about keys: the user's is served by the coordinator.
	fn wanted_proofs(&self) -> Vec<Wanted> {
		let coordinator = &self.job.contract.coordinator.who;
		let claims = keys::claims(self.job).into_iter();
		let wanted = claims.map(|claim| match claim.holder {
			Holder::User => Wanted { digest: claim.proof, from: coordinator.clone(), role: Role::Coordinator },
			Holder::Computing(_) => Wanted { digest: claim.proof, from: claim.owner, role: Role::ComputingProvider },
		});
		wanted.collect()
	}

	/// What was committed to in a stage, and the parts that it names, as far as these names are at hand.
	fn wanted_parts(&self, stage: Stage) -> Vec<Wanted> {
		let manifests = self.wanted_of(stage).into_iter();
		let with_parts = manifests.flat_map(|manifest| {
			let commitment = self.commitment(stage, &manifest.from);
			let parts = commitment.map(|commitment| named(self.blobs, &commitment)).unwrap_or_default();
			// Whoever names more parts than there are names them in vain.
			let parts = parts.into_iter().take(self.parts(stage, &manifest.from) as usize);
			let part = |digest| Wanted { digest, ..manifest.clone() };
			std::iter::once(manifest.clone()).chain(parts.map(part)).collect::<Vec<_>>()
		});
		with_parts.collect()
	}

	/// How many parts a party publishes in a stage.
	fn parts(&self, stage: Stage, who: &AccountId) -> u32 {
		match stage {
			Stage::Inputs => self.job.data_index(who).map_or(0, |data| self.job.contract.parts(data as u16)),
			Stage::Outputs | Stage::Result => self.job.contract.output_parts(),
			Stage::Confirmation | Stage::Selection => 0,
		}
	}

	/// What the data providers sealed for the computing provider who looks, as far as the names are at hand.
	fn wanted_messages(&self) -> Vec<Wanted> {
		let Some((computing, _)) = self.computing else { return Vec::new() };
		let message =
			|part: Wanted| Some(Wanted { digest: named_message(self.blobs, &part.digest, computing)?, ..part });
		self.wanted_parts(Stage::Inputs).into_iter().filter_map(message).collect()
	}

	/// The coordinator's messages, put together from answers to demands for all of them.
	fn assembled_selection(&self) -> Option<Vec<u8>> {
		let who = &self.job.contract.coordinator.who;
		let pieces = 0..self.faults().pieces(Stage::Selection, who);
		let pieces = pieces.map(|piece| self.blobs.answered(Stage::Selection, who, piece));
		Some(pieces.collect::<Option<Vec<_>>>()?.encode())
	}
}

/// Checks.
impl View<'_> {
	fn check_keys(&self) -> Vec<Finding> {
		let finding = |claim: keys::Claim| Finding {
			stage: Stage::Confirmation,
			who: claim.owner.clone(),
			role: (claim.holder != Holder::User).then_some(Role::ComputingProvider),
			check: "the modulus is a product of two large primes".into(),
			outcome: match self.blobs.blob(&claim.proof) {
				None => Outcome::Unseen("the proof is not at hand"),
				Some(blob) => match keys::verify(self.job.genesis, &claim, &blob) {
					Ok(()) => Outcome::Holds,
					Err(error) => Outcome::Refused(error.to_string()),
				},
			},
		};
		keys::claims(self.job).into_iter().map(finding).collect()
	}

	fn check_selection(&self) -> Vec<Finding> {
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
		match dp::verify_message(self.job, keys, computing, message) {
			Ok(_) => Outcome::Holds,
			Err(error) => {
				self.shown(self.faults().selection_proof_fault(computing as u16, messages), &error.to_string())
			},
		}
	}

	fn selectors_hold(&self, computing: usize, messages: &[Vec<u8>]) -> Outcome {
		let Some(selection) = self.selection else { return SELECTION_UNKNOWN };
		let message = messages.get(computing).map(Vec::as_slice).unwrap_or_default();
		match cp::wrong_selector(self.job, computing, selection, message) {
			None => Outcome::Holds,
			Some(_) => self.shown(
				self.faults().find_selector_fault(computing as u16, messages, selection),
				"the message ends before its selectors do",
			),
		}
	}

	fn check_inputs(&self, data: usize) -> Vec<Finding> {
		let Some(party) = self.job.contract.data.get(data) else { return Vec::new() };
		let party = Party { stage: Stage::Inputs, who: party.party.who.clone(), role: Role::DataProvider };
		if self.commitment(party.stage, &party.who).is_none() {
			return Vec::new();
		}
		let check = "the manifest is the one committed to";
		let opened = |outcome| party.finding("the selected features open to what was committed to", outcome);
		let sealed = SealedInputs::new(self, data);
		let features = self.features_open(&sealed);
		match self.inputs(data) {
			Ok(inputs) => vec![
				party.finding(check, Outcome::Holds),
				party.finding("every entry is one", self.entries_hold(data, &inputs)),
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
		let (piece, feature) = (sealed.piece, sealed.feature);
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

	fn column_fault(&self, sealed: &Sealed, block: u32, secret: &SecretKey) -> Option<Fault> {
		let Sealed { data, computing, part, feature, bytes, .. } = sealed;
		let (data, computing, feature, sealed) = (*data, *computing, *feature, bytes.as_ref()?);
		let (messages, inputs, key) = (self.messages().ok()?, self.inputs(data).ok()?, secret.public());
		let bytes = self.job.computing.get(computing)?.ring.bytes();
		let selector = messages.get(computing)?.chunks(bytes).nth(feature.into())?;
		let [selector, transfer] = [selector, &sealed.entry.transfer].map(|bytes| key.ciphertext(bytes).ok());
		let opening = transfer::Opening::new(secret, &selector?, &transfer?);
		let opening = Opening {
			kappa: opening.kappa.to_bytes().try_into().ok()?,
			root: opening.root.to_bytes().try_into().ok()?,
		};
		let (place, published) = ([data as u16, computing as u16, feature], inputs.part(*part).ok()?);
		let chunks = cp::chunks(self.job, &sealed.bytes);
		self.faults().column_fault(place, &messages, inputs.proof(*part, &published), opening, &chunks, block)
	}

	fn check_output(&self, computing: usize) -> Vec<Finding> {
		let Some(party) = self.job.contract.computing.get(computing) else { return Vec::new() };
		let party = Party { stage: Stage::Outputs, who: party.party.who.clone(), role: Role::ComputingProvider };
		let producer = Producer::Computing(computing as u16);
		self.check_trees(&party, producer, "every leaf is a committed input", |trees| {
			let Some(selection) = self.selection else { return SELECTION_UNKNOWN };
			let inputs = (0..self.job.contract.data.len()).map(|data| self.inputs(data));
			let Ok(inputs) = inputs.collect::<Result<Vec<_>, _>>() else {
				return Outcome::Unseen("a data provider's manifest is not at hand");
			};
			let chosen = Chosen::new(selection, self.job.features());
			let mut parts = 0..self.job.contract.output_parts();
			self.found(parts.find_map(|part| self.wrong_leaf(computing as u16, part, trees, &chosen, &inputs)))
		})
	}

	/// The first leaf in a part of a computing provider's trees that is no committed input.
	fn wrong_leaf(
		&self,
		computing: u16,
		part: u32,
		trees: &Trees<'_>,
		chosen: &Chosen<'_>,
		inputs: &[Inputs<'_>],
	) -> Option<Fault> {
		let (job, product) = (self.job, trees.product(part).ok()?);
		let trees = trees.part(part, &product).ok()?;
		let load = |(data, part): (u16, u32)| Some(((data, part), inputs.get(usize::from(data))?.part(part).ok()?));
		let below: BTreeMap<_, _> = job.faults().inputs_below(&trees).into_iter().map(load).collect::<Option<_>>()?;
		let roots: Vec<_> = inputs.iter().map(Inputs::roots).collect();
		let outputs: Vec<u32> = job.contract.outputs_of(part).collect();
		let check = |outputs: &[u32]| {
			let inputs = |(data, part): (u16, u32)| {
				let (inputs, roots) = (below.get(&(data, part))?, roots.get(usize::from(data))?);
				Some(PartOfInputs { part, inputs, roots })
			};
			// An error is how the first wrong one ends the search.
			match job.faults().find_output_fault(computing, outputs, &trees, chosen, inputs) {
				None => Ok(Vec::<()>::new()),
				Some(fault) => Err(Box::new(fault)),
			}
		};
		parallel::map_runs(&outputs, check).err().map(|fault| *fault)
	}

	fn check_result(&self) -> Vec<Finding> {
		let party =
			Party { stage: Stage::Result, who: self.job.contract.coordinator.who.clone(), role: Role::Coordinator };
		self.check_trees(&party, Producer::Coordinator, "every leaf is a computing provider's output", |result| {
			let computing = self.job.contract.computing.iter();
			let all = computing.map(|computing| published_trees(self, Stage::Outputs, &computing.party.who));
			let Ok(all) = all.collect::<Result<Vec<_>, _>>() else {
				return Outcome::Unseen("a computing provider's output is not at hand");
			};
			let mut parts = 0..self.job.contract.output_parts();
			self.found(parts.find_map(|part| {
				let products = all.iter().map(|trees| trees.product(part).ok()).collect::<Option<Vec<Product>>>()?;
				let outputs = all.iter().zip(&products).map(|(trees, product)| trees.part(part, product).ok());
				let (outputs, product) = (outputs.collect::<Option<Vec<_>>>()?, result.product(part).ok()?);
				self.faults().find_result_fault(&result.part(part, &product).ok()?, &outputs)
			}))
		})
	}

	/// Checks what both kinds of product trees have in common, then their leaves.
	fn check_trees(
		&self,
		party: &Party,
		producer: Producer,
		leaves: &'static str,
		check_leaves: impl FnOnce(&Trees<'_>) -> Outcome,
	) -> Vec<Finding> {
		if self.commitment(party.stage, &party.who).is_none() {
			return Vec::new();
		}
		let check = "the trees are those committed to";
		let trees = match published_trees(self, party.stage, &party.who) {
			Ok(trees) => trees,
			Err(error) => return vec![party.finding(check, self.missing(party, 0, &error))],
		};
		let wrong_product = (0..self.job.contract.output_parts()).find_map(|part| {
			let product = trees.product(part).ok()?;
			self.faults().find_product_fault(producer, &trees.part(part, &product).ok()?)
		});
		let products = self.found(wrong_product);
		let leaves_hold = match products {
			Outcome::Holds => check_leaves(&trees),
			_ => Outcome::Unseen("the trees are wrong already"),
		};
		vec![
			party.finding(check, Outcome::Holds),
			party.finding("every node is the product of its children", products),
			party.finding(leaves, leaves_hold),
		]
	}
}

/// What was published, read.
impl<'v> View<'v> {
	fn faults(
		&self,
	) -> FaultContext<'_, AccountId, Balance, BlockNumber, impl Fn(Stage, &AccountId) -> Option<H256> + '_> {
		FaultContext {
			genesis: self.job.genesis,
			job: self.job.id,
			contract: &self.job.contract,
			roots: |stage, who: &AccountId| self.commitment(stage, who).map(|commitment| commitment.root),
			integers: &Native,
		}
	}

	/// Something is missing: the piece to ask for is the first one that was not answered, beginning with `first`.
	fn missing(&self, party: &Party, first: u32, error: &ProtocolError) -> Outcome {
		let pieces = std::iter::once(first).chain(0..self.faults().pieces(party.stage, &party.who));
		let mut open = pieces.filter(|piece| self.blobs.answered(party.stage, &party.who, *piece).is_none());
		Outcome::Missing { piece: open.next().unwrap_or(first), why: error.to_string() }
	}

	/// What was looked for and perhaps found.
	fn found(&self, fault: Option<Fault>) -> Outcome {
		fault.map_or(Outcome::Holds, |fault| self.shown(Some(fault), "nothing shows it"))
	}

	/// Something is wrong: with its proof, if there is one that the chain will take.
	fn shown(&self, fault: Option<Fault>, why: &str) -> Outcome {
		match fault.filter(|fault| encrytrust_fault_proofs::check(&self.faults(), fault).is_ok()) {
			Some(fault) => Outcome::Faulty(Box::new(fault)),
			None => Outcome::Refused(why.into()),
		}
	}

	fn messages(&self) -> Result<Vec<Vec<u8>>, ProtocolError> {
		let published = published_selection(self)?;
		self.job.read_messages(&published.blob, &published.commitment)
	}

	fn inputs(&self, data: usize) -> Result<Inputs<'v>, ProtocolError> {
		let not_party = ProtocolError::NotParty("data provider");
		let Some(party) = self.job.contract.data.get(data) else { return Err(not_party) };
		let commitment = self.commitment(Stage::Inputs, &party.party.who).ok_or(not_party)?;
		Inputs::read(self.job, self.blobs, data, &commitment)
	}
}

const SELECTION_UNKNOWN: Outcome =
	Outcome::Unseen("the selection is known to the user, the coordinator and the computing providers");

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
		Some(cp::open_feature(job, sealed.computing, secret, sealed.data, place, sealed.bytes.as_ref()?))
	};
	let opened = parallel::map(sealed, |sealed| Ok::<_, std::convert::Infallible>(open(sealed)));
	opened.unwrap_or_else(|never| match never {})
}

/// Whose commitment is looked at.
struct Party {
	stage: Stage,
	who: AccountId,
	role: Role,
}

impl Party {
	fn finding(&self, check: impl Into<Cow<'static, str>>, outcome: Outcome) -> Finding {
		Finding { stage: self.stage, who: self.who.clone(), role: Some(self.role), check: check.into(), outcome }
	}
}
