//! A computing provider: opens the selected inputs, re-randomises them and multiplies over the data providers (13).

use super::{check_digest, decode_all, parallel, Job, ProtocolError, Published};
use crate::sealing::SealingKey;
use encrytrust_chain_client::AccountId;
use encrytrust_oblivious_transfer::ColumnKey;
use encrytrust_paillier::SecretKey;
use encrytrust_primitives::{
	bmpc::{Commitment, FeatureChoice, Selection, Stage, TemplateKind},
	merkle, selector,
	wire::{self, Entry, InputsManifest, Product, SEALED_CHUNK},
};

/// Ciphertexts by rank, as they were committed to.
pub type Inputs = Vec<Vec<u8>>;

/// Opens the selection that the user sealed to the computing provider `me`, and checks it.
///
/// # Errors
///
/// A selection that does not open, or is not the committed one: decline the job.
pub fn open_request(job: &Job, me: &AccountId, key: &SealingKey) -> Result<Selection, ProtocolError> {
	job.open_request(job.computing_index(me)?, me, key)
}

/// Reads the coordinator's blob and checks that every selector for `me` is the one that the selection determines.
///
/// # Errors
///
/// What does not hold: [`watch::check`](super::watch::check) of the stage finds the proof of it.
pub fn check_selection(
	job: &Job,
	me: &AccountId,
	selection: &Selection,
	blob: &[u8],
	commitment: &Commitment,
) -> Result<(), ProtocolError> {
	let computing = job.computing_index(me)?;
	let messages = job.read_messages(blob, commitment)?;
	let message = messages.get(computing).map(Vec::as_slice).unwrap_or_default();
	match wrong_selector(job, computing, selection, message) {
		None => Ok(()),
		Some(feature) => {
			let reason = format!("the selector of feature {feature} is not the one that the selection determines");
			Err(ProtocolError::Selectors { computing, reason })
		},
	}
}

/// The first feature whose selector in a message is not the one that the selection determines.
pub(super) fn wrong_selector(job: &Job, computing: usize, selection: &Selection, message: &[u8]) -> Option<u16> {
	let ring = &job.computing.get(computing)?.ring;
	let choices: Vec<(usize, FeatureChoice)> = selection.choices(job.features()).into_iter().enumerate().collect();
	let check = |(feature, choice): &(usize, FeatureChoice)| {
		let published = message.get(feature * ring.bytes()..(feature + 1) * ring.bytes());
		let expected = selector::selector(&job.genesis, job.id, choice, ring);
		// An error is how the first wrong one ends the search.
		(published == expected.as_deref()).then_some(()).ok_or(*feature as u16)
	};
	parallel::map(&choices, check).err()
}

/// Reads a data provider's manifest and checks it against its commitment. `messages[j]` of it is the digest of the blob
/// for computing provider `j`.
///
/// # Errors
///
/// A blob that is not the committed one, or has not an entry for each computing provider and feature.
pub fn read_manifest(
	job: &Job,
	data_index: usize,
	blob: &[u8],
	commitment: &Commitment,
) -> Result<InputsManifest, ProtocolError> {
	let what = format!("the manifest of data provider {}", data_index + 1);
	check_digest(&what, blob, &commitment.blob)?;
	let manifest: InputsManifest = decode_all(&what, blob)?;
	let computing = job.computing.len();
	if manifest.messages.len() != computing || manifest.entries.len() != computing * usize::from(job.features()) {
		return Err(ProtocolError::Format { what, reason: "it has another number of features or parties".into() });
	}
	if manifest.root() != commitment.root {
		return Err(ProtocolError::Commitment(what));
	}
	Ok(manifest)
}

/// Opens the selected features of a data provider's message to `me`: its ciphertexts by rank, each the committed one.
///
/// # Errors
///
/// What does not open or fit: [`watch::check`](super::watch::check) of the stage finds the proof of it.
pub fn open_inputs(
	job: &Job,
	me: &AccountId,
	secret: &SecretKey,
	selection: &Selection,
	data_index: usize,
	manifest: &InputsManifest,
	message: &[u8],
) -> Result<Inputs, ProtocolError> {
	let computing = job.computing_index(me)?;
	let sealed = read_message(job, computing, data_index, manifest, message)?;
	let open = |feature: &u16| {
		let entry = entry(job, manifest, computing, *feature);
		let entry = entry.ok_or_else(|| ProtocolError::Commitment("an entry that there is not".into()))?;
		let sealed = sealed.get(usize::from(*feature)).map(Vec::as_slice).unwrap_or_default();
		open_feature(job, computing, secret, data_index, *feature, entry, sealed)
			.map_err(|reason| ProtocolError::Column { data: data_index, feature: *feature, reason: reason.to_string() })
	};
	parallel::map(&selection.features(), open)
}

/// The entry of a computing provider and a feature.
pub(super) fn entry<'m>(job: &Job, manifest: &'m InputsManifest, computing: usize, feature: u16) -> Option<&'m Entry> {
	manifest.entries.get(computing * usize::from(job.features()) + usize::from(feature))
}

/// Reads the message of a data provider to a computing provider: the sealed bytes of each feature.
pub(super) fn read_message(
	job: &Job,
	computing: usize,
	data_index: usize,
	manifest: &InputsManifest,
	message: &[u8],
) -> Result<Vec<Vec<u8>>, ProtocolError> {
	let what = format!("the message of data provider {} to computing provider {}", data_index + 1, computing + 1);
	let expected = manifest.messages.get(computing).ok_or_else(|| ProtocolError::Commitment(what.clone()))?;
	check_digest(&what, message, expected)?;
	let sealed: Vec<Vec<u8>> = decode_all(&what, message)?;
	if sealed.len() != usize::from(job.features()) {
		return Err(ProtocolError::Format { what, reason: "it has another number of features".into() });
	}
	Ok(sealed)
}

/// Sealed bytes in chunks.
pub(super) fn chunks(sealed: &[u8]) -> Vec<&[u8]> {
	sealed.chunks(SEALED_CHUNK as usize).collect()
}

/// Why a selected feature does not open to what was committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FeatureError {
	/// The entry itself is none.
	#[error("its entry cannot be read as one")]
	Entry,
	/// The bytes are not those of the entry: whoever has served them may have others.
	#[error("its sealed bytes are not those committed to")]
	Sealed,
	/// What opens, or does not, is the data provider's.
	#[error("it does not open to the ciphertext that was committed to")]
	Column,
}

/// Opens one selected feature.
pub(super) fn open_feature(
	job: &Job,
	computing: usize,
	secret: &SecretKey,
	data_index: usize,
	feature: u16,
	entry: &Entry,
	sealed: &[u8],
) -> Result<Vec<u8>, FeatureError> {
	let context = job.transfer_context(computing).map_err(|_| FeatureError::Entry)?;
	let from = &job.contract.data.get(data_index).ok_or(FeatureError::Entry)?.party.who;
	if entry.blocks != 1 || entry.chunks != 1 {
		return Err(FeatureError::Entry);
	}
	let transfer = secret.public().ciphertext(&entry.transfer).map_err(|_| FeatureError::Entry)?;
	let chunks = chunks(sealed);
	if chunks.len() != 1 || merkle::root(&wire::leaves(chunks.into_iter())) != entry.sealed {
		return Err(FeatureError::Sealed);
	}
	let key = ColumnKey::new(&context, &from.0, feature.into(), &secret.decrypt(&transfer));
	let opened = key.open_chunk(0, true, sealed).map_err(|_| FeatureError::Column)?;
	// One is what nobody's encryption is, and what multiplies nothing.
	let one = job.ring.reduce(&[1]);
	if !job.ring.is_ciphertext(&opened)
		|| one.as_ref() == Some(&*opened)
		|| merkle::leaf(0, &opened) != entry.ciphertexts
	{
		return Err(FeatureError::Column);
	}
	Ok(opened.to_vec())
}

/// Re-randomises and multiplies: `inputs[d]` are data provider `d`'s ciphertexts, by rank.
///
/// # Errors
///
/// Inputs that are not of this job.
pub fn output(job: &Job, me: &AccountId, selection: &Selection, inputs: &[Inputs]) -> Result<Published, ProtocolError> {
	let computing = job.computing_index(me)?;
	let wrong = || ProtocolError::Sums("a data provider has another number of features".into());
	if inputs.len() != job.contract.data.len() || inputs.iter().any(|inputs| inputs.len() != job.selected()) {
		return Err(wrong());
	}
	let chosen = chosen(job, selection);
	let leaf = |(output, leaf): &(u16, u64)| {
		let (data, rank) = place(job, *output, *leaf);
		let (ciphertext, choice) = (inputs.get(data)?.get(rank)?, chosen.get(rank)?);
		let (computing, data) = (computing as u32, data as u32);
		let blinding = selector::blinding(&job.genesis, job.id, choice, computing, data, &job.ring)?;
		job.ring.multiply(ciphertext, &blinding)
	};
	let leaves = job.shape(Stage::Outputs)?.leaves();
	let places: Vec<_> =
		(0..job.outputs() as u16).flat_map(|output| (0..leaves).map(move |leaf| (output, leaf))).collect();
	let mut values = parallel::map(&places, |place| leaf(place).ok_or_else(wrong))?.into_iter();
	let tree = |_| job.tree(Stage::Outputs, values.by_ref().take(leaves as usize).collect());
	let trees = (0..job.outputs()).map(tree).collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
	job.publish(Stage::Outputs, &Product { trees })
}

/// Which data provider and rank a leaf of a computing provider's tree is of.
fn place(job: &Job, output: u16, leaf: u64) -> (usize, usize) {
	let (leaf, selected) = (leaf as usize, job.selected());
	match job.contract.kind {
		TemplateKind::WeightedSum => (leaf / selected, leaf % selected),
		_ => (leaf, output.into()),
	}
}

/// The choices of the selected features, by rank: what blindings follow from.
fn chosen(job: &Job, selection: &Selection) -> Vec<FeatureChoice> {
	selection.choices(job.features()).into_iter().filter(|choice| choice.rank.is_some()).collect()
}
