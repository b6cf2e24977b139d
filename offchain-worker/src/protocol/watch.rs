//! What can be seen of a job by those who look: every check that a role can make of what the others committed to, and
//! the proof or the demand that follows from one that fails.
//!
//! A stranger sees the proofs about keys and selectors, digests and roots, entries, shapes and products, and the
//! coordinator's leaves. With the selection (user, coordinator, computing providers) also every selector and every leaf;
//! with a computing provider's secret key also what the data providers sealed for it.

use super::{
	cp::{self, FeatureError},
	decode_all, dp,
	keys::{self, Holder, ProvenKeys},
	parallel, Job, Outputs, ProtocolError, Published,
};
use codec::Encode;
use encrytrust_blob_store::digest;
use encrytrust_chain_client::{AccountId, Balance, BlockNumber, Delivered, H256};
use encrytrust_oblivious_transfer as transfer;
use encrytrust_paillier::SecretKey;
use encrytrust_primitives::{
	bmpc::{Commitment, Role, Selection, Stage},
	fault::{self, Fault, FaultContext, Opening, Producer},
	merkle,
	product_tree::Tree,
	wire::{self, Entry, InputsManifest, Product},
};

/// What was published, wherever it is kept.
pub trait Blobs {
	/// The blob with this sha2-256, if it is at hand.
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>>;

	/// The answer to a demand for this piece of a commitment, if the chain has one.
	fn answered(&self, _stage: Stage, _who: &AccountId, _piece: u32) -> Option<Vec<u8>> {
		None
	}
}

impl Blobs for std::collections::HashMap<[u8; 32], Vec<u8>> {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		self.get(digest).cloned()
	}
}

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
	pub check: &'static str,
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

/// The blobs that are not at hand and that a check of `stage` would look at. Fetch them and ask again: a data provider's
/// manifest names further ones.
pub fn wanted(view: &View<'_>, stage: Stage) -> Vec<Wanted> {
	let mut all = match stage {
		Stage::Confirmation => view.wanted_proofs(),
		Stage::Selection | Stage::Outputs | Stage::Result => view.wanted_of(stage),
		Stage::Inputs => [view.wanted_of(stage), view.wanted_messages()].concat(),
	};
	match stage {
		Stage::Inputs if view.computing.is_some() => all.extend(view.wanted_of(Stage::Selection)),
		Stage::Outputs if view.selection.is_some() => all.extend(view.wanted_of(Stage::Inputs)),
		Stage::Result => all.extend(view.wanted_of(Stage::Outputs)),
		_ => {},
	}
	all.retain(|wanted| view.blobs.blob(&wanted.digest).is_none());
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

/// What a party published in a stage: the blob that it committed to, or, where all of its pieces were demanded and
/// answered, what they make up, under the same root.
///
/// # Errors
///
/// Why there is nothing.
pub fn published(view: &View<'_>, stage: Stage, who: &AccountId) -> Result<Published, ProtocolError> {
	let missing = |reason: &str| ProtocolError::Format { what: format!("what {who} published"), reason: reason.into() };
	let commitment = view.commitment(stage, who).ok_or_else(|| missing("nothing was committed to"))?;
	if let Some(blob) = view.assembled(stage, who) {
		return Ok(Published { commitment: Commitment { blob: digest(&blob), ..commitment }, blob });
	}
	let blob = view.blobs.blob(&commitment.blob).ok_or_else(|| missing("the blob is not at hand"))?;
	Ok(Published { commitment, blob })
}

/// A data provider's inputs by rank, opened by the computing provider who looks: as [`cp::open_inputs`] does, but also
/// from answers to demands for the selected pieces, where manifest or message are withheld.
///
/// # Errors
///
/// The first feature that is missing or does not open.
pub fn open_inputs(view: &View<'_>, data: usize) -> Result<cp::Inputs, ProtocolError> {
	let (computing, secret) = view.computing.ok_or(ProtocolError::NotParty("computing provider"))?;
	let sealed = view.sealed_features(data, computing);
	let refused =
		|sealed: &Sealed, reason: &str| ProtocolError::Column { data, feature: sealed.feature, reason: reason.into() };
	let opened = sealed.iter().zip(open_features(view.job, secret, &sealed)).map(|(sealed, opened)| match opened {
		None => Err(refused(sealed, "its sealed bytes are not at hand")),
		Some(opened) => opened.map_err(|error| refused(sealed, &error.to_string())),
	});
	opened.collect()
}

/// The answer to a demand for a piece of what this account committed to; none if that is not at hand.
pub fn answer(view: &View<'_>, stage: Stage, me: &AccountId, piece: u32) -> Option<Answer> {
	let (blob, index) = (view.blobs.blob(&view.commitment(stage, me)?.blob)?, piece as usize);
	let (bytes, leaves) = match stage {
		Stage::Confirmation => return None,
		Stage::Selection => {
			let messages: Vec<Vec<u8>> = decode_all("", &blob).ok()?;
			let leaves = view.faults().selection_leaves(&messages)?;
			(messages.get(index)?.clone(), leaves)
		},
		Stage::Inputs => {
			let manifest: InputsManifest = decode_all("", &blob).ok()?;
			let features = usize::from(view.job.features());
			let message = view.blobs.blob(manifest.messages.get(index.checked_div(features)?)?)?;
			let sealed: Vec<Vec<u8>> = decode_all("", &message).ok()?;
			let chunks: Vec<Vec<u8>> =
				cp::chunks(sealed.get(index % features)?).into_iter().map(<[u8]>::to_vec).collect();
			((manifest.entries.get(index)?, chunks).encode(), manifest.leaves())
		},
		Stage::Outputs | Stage::Result => {
			let product: Product = decode_all("", &blob).ok()?;
			let hashes = product.hashes(view.job.contract.tree_shape(stage)?, view.job.ring.bytes())?;
			(product.trees.get(index)?.encode(), wire::product_leaves(&hashes))
		},
	};
	Some(Answer { bytes, path: merkle::path(&leaves, index)? })
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

	/// What the data providers sealed for the computing provider who looks, as far as their manifests are at hand.
	fn wanted_messages(&self) -> Vec<Wanted> {
		let Some((computing, _)) = self.computing else { return Vec::new() };
		let wanted = |data: usize| {
			let from = self.job.contract.data.get(data)?.party.who.clone();
			let digest = *self.manifest(data).ok()?.messages.get(computing)?;
			Some(Wanted { digest, from, role: Role::DataProvider })
		};
		(0..self.job.contract.data.len()).filter_map(wanted).collect()
	}

	/// A blob put together from answers to demands for all of its pieces.
	fn assembled(&self, stage: Stage, who: &AccountId) -> Option<Vec<u8>> {
		let pieces = (0..self.faults().pieces(stage)).map(|piece| self.blobs.answered(stage, who, piece));
		let pieces = pieces.collect::<Option<Vec<_>>>()?;
		match stage {
			Stage::Selection => Some(pieces.encode()),
			Stage::Outputs | Stage::Result => {
				let tree = |piece: &Vec<u8>| decode_all::<Tree>("", piece).ok();
				Some(Product { trees: pieces.iter().map(tree).collect::<Option<_>>()? }.encode())
			},
			// A manifest names messages, which no piece carries.
			Stage::Confirmation | Stage::Inputs => None,
		}
	}
}

/// Checks.
impl View<'_> {
	fn check_keys(&self) -> Vec<Finding> {
		let finding = |claim: keys::Claim| Finding {
			stage: Stage::Confirmation,
			who: claim.owner.clone(),
			role: (claim.holder != Holder::User).then_some(Role::ComputingProvider),
			check: "the modulus is a product of two large primes",
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
			let outcome = self.proof_holds(computing, &messages);
			findings.push(party.finding("the selectors are bits, and as many are 1 as the contract says", outcome));
			let outcome = self.selectors_hold(computing, &messages);
			findings.push(party.finding("the selectors are those of the user's selection", outcome));
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
		let features = self.features_open(data);
		match self.manifest(data) {
			Ok(manifest) => {
				let entries = self.found(self.faults().find_entry_fault(data as u16, &manifest));
				vec![
					party.finding(check, Outcome::Holds),
					party.finding("every entry is one", entries),
					opened(features),
				]
			},
			// Whoever needs features of it asks for these, others for the first piece.
			Err(error) if matches!(features, Outcome::Unseen(_)) => {
				vec![party.finding(check, self.missing(&party, 0, &error))]
			},
			Err(_) => vec![opened(features)],
		}
	}

	/// Whether everything opens that was sealed for the computing provider who looks: the first thing that does not.
	fn features_open(&self, data: usize) -> Outcome {
		let Some((computing, secret)) = self.computing else {
			return Outcome::Unseen("it is sealed for each computing provider");
		};
		let sealed = self.sealed_features(data, computing);
		let opened = open_features(self.job, secret, &sealed);
		let outcomes = sealed.iter().zip(opened).map(|(sealed, opened)| self.outcome(sealed, opened, secret));
		outcomes.into_iter().find(|outcome| *outcome != Outcome::Holds).unwrap_or(Outcome::Holds)
	}

	fn outcome(&self, sealed: &Sealed, opened: Opened, secret: &SecretKey) -> Outcome {
		let (piece, feature) = (sealed.piece, sealed.feature);
		let missing = |why: &str| Outcome::Missing { piece, why: format!("feature {feature}: {why}") };
		match opened {
			None => missing("its sealed bytes are not at hand"),
			Some(Ok(_)) => Outcome::Holds,
			Some(Err(FeatureError::Entry)) => Outcome::Unseen("an entry is wrong already"),
			Some(Err(error @ FeatureError::Sealed)) => missing(&error.to_string()),
			Some(Err(error @ FeatureError::Column)) => {
				self.shown(self.column_fault(sealed, secret), &format!("feature {feature}: {error}"))
			},
		}
	}

	/// The selected features that a data provider sealed for a computing provider: from the answers to demands, or from
	/// manifest and message.
	fn sealed_features(&self, data: usize, computing: usize) -> Vec<Sealed> {
		let (manifest, who) = (self.manifest(data).ok(), self.job.contract.data.get(data).map(|data| &data.party.who));
		let message = manifest.as_ref().and_then(|manifest| {
			let message = self.blobs.blob(manifest.messages.get(computing)?)?;
			cp::read_message(self.job, computing, data, manifest, &message).ok()
		});
		let answered = |piece: u32| {
			let answer = self.blobs.answered(Stage::Inputs, who?, piece)?;
			let (entry, chunks): (Entry, Vec<Vec<u8>>) = decode_all("an answer", &answer).ok()?;
			Some((entry, chunks.concat()))
		};
		let served = |feature: u16| {
			let entry = cp::entry(self.job, manifest.as_ref()?, computing, feature)?;
			Some((entry.clone(), message.as_ref()?.get(usize::from(feature))?.clone()))
		};
		let sealed = |feature: u16| {
			let piece = self.faults().inputs_piece(computing as u16, feature);
			Sealed { data, computing, feature, piece, bytes: answered(piece).or_else(|| served(feature)) }
		};
		self.selection.map(Selection::features).unwrap_or_default().into_iter().map(sealed).collect()
	}

	fn column_fault(&self, sealed: &Sealed, secret: &SecretKey) -> Option<Fault> {
		let Sealed { data, computing, feature, bytes, .. } = sealed;
		let (data, computing, feature, (entry, sealed)) = (*data, *computing, *feature, bytes.as_ref()?);
		let (messages, manifest, key) = (self.messages().ok()?, self.manifest(data).ok()?, secret.public());
		let bytes = self.job.computing.get(computing)?.ring.bytes();
		let selector = messages.get(computing)?.chunks(bytes).nth(feature.into())?;
		let [selector, transfer] = [selector, &entry.transfer].map(|bytes| key.ciphertext(bytes).ok());
		let opening = transfer::Opening::new(secret, &selector?, &transfer?);
		let opening = Opening {
			kappa: opening.kappa.to_bytes().try_into().ok()?,
			root: opening.root.to_bytes().try_into().ok()?,
		};
		let place = [data as u16, computing as u16, feature];
		self.faults().column_fault(place, &messages, &manifest, opening, sealed)
	}

	fn check_output(&self, computing: usize) -> Vec<Finding> {
		let Some(party) = self.job.contract.computing.get(computing) else { return Vec::new() };
		let party = Party { stage: Stage::Outputs, who: party.party.who.clone(), role: Role::ComputingProvider };
		let producer = Producer::Computing(computing as u16);
		self.check_trees(&party, producer, "every leaf is a committed input", |outputs| {
			let Some(selection) = self.selection else { return SELECTION_UNKNOWN };
			let manifests = (0..self.job.contract.data.len()).map(|data| self.manifest(data));
			let Ok(manifests) = manifests.collect::<Result<Vec<_>, _>>() else {
				return Outcome::Unseen("a data provider's manifest is not at hand");
			};
			let computing = computing as u16;
			self.found(self.faults().find_output_fault(computing, &outputs.product, selection, &manifests))
		})
	}

	fn check_result(&self) -> Vec<Finding> {
		let party =
			Party { stage: Stage::Result, who: self.job.contract.coordinator.who.clone(), role: Role::Coordinator };
		self.check_trees(&party, Producer::Coordinator, "every leaf is a computing provider's output", |outputs| {
			let all = self
				.job
				.contract
				.computing
				.iter()
				.map(|computing| self.trees(Stage::Outputs, &computing.party.who).map(|outputs| outputs.product));
			match all.collect::<Result<Vec<_>, _>>() {
				Ok(all) => self.found(self.faults().find_result_fault(&outputs.product, &all)),
				Err(_) => Outcome::Unseen("a computing provider's output is not at hand"),
			}
		})
	}

	/// Checks what both kinds of product trees have in common, then their leaves.
	fn check_trees(
		&self,
		party: &Party,
		producer: Producer,
		leaves: &'static str,
		check_leaves: impl FnOnce(&Outputs) -> Outcome,
	) -> Vec<Finding> {
		if self.commitment(party.stage, &party.who).is_none() {
			return Vec::new();
		}
		let check = "the trees are those committed to";
		let outputs = match self.trees(party.stage, &party.who) {
			Ok(outputs) => outputs,
			Err(error) => return vec![party.finding(check, self.missing(party, 0, &error))],
		};
		let products = self.found(self.faults().find_product_fault(producer, &outputs.product));
		let leaves_hold = match products {
			Outcome::Holds => check_leaves(&outputs),
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
impl View<'_> {
	fn faults(
		&self,
	) -> FaultContext<'_, AccountId, Balance, BlockNumber, impl Fn(Stage, &AccountId) -> Option<H256> + '_> {
		FaultContext {
			genesis: self.job.genesis,
			job: self.job.id,
			contract: &self.job.contract,
			roots: |stage, who: &AccountId| self.commitment(stage, who).map(|commitment| commitment.root),
		}
	}

	/// Something is missing: the piece to ask for is the first one that was not answered, beginning with `first`.
	fn missing(&self, party: &Party, first: u32, error: &ProtocolError) -> Outcome {
		let pieces = std::iter::once(first).chain(0..self.faults().pieces(party.stage));
		let mut open = pieces.filter(|piece| self.blobs.answered(party.stage, &party.who, *piece).is_none());
		Outcome::Missing { piece: open.next().unwrap_or(first), why: error.to_string() }
	}

	/// What was looked for and perhaps found.
	fn found(&self, fault: Option<Fault>) -> Outcome {
		fault.map_or(Outcome::Holds, |fault| self.shown(Some(fault), "nothing shows it"))
	}

	/// Something is wrong: with its proof, if there is one that the chain will take.
	fn shown(&self, fault: Option<Fault>, why: &str) -> Outcome {
		match fault.filter(|fault| fault::check(&self.faults(), fault).is_ok()) {
			Some(fault) => Outcome::Faulty(Box::new(fault)),
			None => Outcome::Refused(why.into()),
		}
	}

	fn messages(&self) -> Result<Vec<Vec<u8>>, ProtocolError> {
		let published = published(self, Stage::Selection, &self.job.contract.coordinator.who)?;
		self.job.read_messages(&published.blob, &published.commitment)
	}

	fn manifest(&self, data: usize) -> Result<InputsManifest, ProtocolError> {
		let party = self.job.contract.data.get(data).ok_or(ProtocolError::NotParty("data provider"))?;
		let published = published(self, Stage::Inputs, &party.party.who)?;
		cp::read_manifest(self.job, data, &published.blob, &published.commitment)
	}

	fn trees(&self, stage: Stage, who: &AccountId) -> Result<Outputs, ProtocolError> {
		let published = published(self, stage, who)?;
		self.job.read_trees(stage, "the blob", &published.blob, &published.commitment)
	}
}

const SELECTION_UNKNOWN: Outcome =
	Outcome::Unseen("the selection is known to the user, the coordinator and the computing providers");

/// A selected feature as it was sealed for a computing provider.
struct Sealed {
	data: usize,
	computing: usize,
	feature: u16,
	/// The piece to demand it by.
	piece: u32,
	/// Entry and sealed bytes, if they are at hand.
	bytes: Option<(Entry, Vec<u8>)>,
}

/// What a sealed feature opens to, if it is at hand.
type Opened = Option<Result<Vec<u8>, FeatureError>>;

fn open_features(job: &Job, secret: &SecretKey, sealed: &[Sealed]) -> Vec<Opened> {
	let open = |sealed: &Sealed| {
		let (entry, bytes) = sealed.bytes.as_ref()?;
		Some(cp::open_feature(job, sealed.computing, secret, sealed.data, sealed.feature, entry, bytes))
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
	fn finding(&self, check: &'static str, outcome: Outcome) -> Finding {
		Finding { stage: self.stage, who: self.who.clone(), role: Some(self.role), check, outcome }
	}
}
