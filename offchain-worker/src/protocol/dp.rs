//! A data provider: sums its columns in one pass, packs, masks and splits the sums, encrypts a segment for each computing
//! provider, (7) and (10), and seals each so that only the selected ones can be opened.

use super::{cp::chunks, keys::ProvenKeys, parallel, Job, ProtocolError, Published};
use crate::sealing::SealingKey;
use codec::Encode;
use encrytrust_blob_store::digest;
use encrytrust_chain_client::AccountId;
use encrytrust_oblivious_transfer::{SelectionMessage, VerifiedSelection};
use encrytrust_paillier::{Encryptor, Plaintext};
use encrytrust_primitives::{
	bmpc::{Commitment, Parameters, TemplateKind},
	merkle,
	wire::{self, Entry, InputsManifest},
};
use encrytrust_secret_sharing::{
	additive,
	masks::{self, Masks},
};
use std::num::NonZeroUsize;

/// The sums that every feature of a source needs, in one pass over its rows and in memory that does not grow with them.
///
/// All features are summed, selected or not: a data provider does not know which are.
#[derive(Debug)]
pub struct Accumulator {
	kind: TemplateKind,
	bins: Bins,
	rows: u64,
	/// By column.
	sums: Vec<i128>,
	/// By feature: of squares, or of products of a pair.
	products: Vec<i128>,
	/// By column, bin by bin.
	counts: Vec<u64>,
	/// Why there are no sums.
	fault: Option<&'static str>,
}

/// The bins of a histogram; none of other templates.
#[derive(Clone, Copy, Debug)]
struct Bins {
	low: i64,
	width: u64,
	count: usize,
}

/// A source's sums: by feature, then slot by slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
	rows: u64,
	features: Vec<Vec<i128>>,
}

impl Sums {
	/// The slots of a feature.
	pub fn feature(&self, feature: u16) -> &[i128] {
		self.features.get(usize::from(feature)).map(Vec::as_slice).unwrap_or_default()
	}
}

/// What a data provider publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
	/// The manifest.
	pub published: Published,
	/// A blob for each computing provider, in contract order.
	pub messages: Vec<Vec<u8>>,
}

impl Accumulator {
	/// Nothing summed yet.
	pub fn new(job: &Job) -> Self {
		let columns = job.contract.schema.len();
		let kind = job.contract.kind;
		let bins = match job.contract.parameters {
			Parameters::Histogram { low, width, bins } => Bins { low, width, count: bins.into() },
			_ => Bins { low: 0, width: 1, count: 0 },
		};
		let products = match kind {
			TemplateKind::ColumnVariance | TemplateKind::Covariance => job.features().into(),
			_ => 0,
		};
		Self {
			kind,
			bins,
			rows: 0,
			sums: vec![0; columns],
			products: vec![0; products],
			counts: vec![0; columns * bins.count],
			fault: None,
		}
	}

	/// Adds a row: the fixed-point integers of *all* columns of the schema.
	pub fn add(&mut self, row: &[i64]) {
		if let Err(fault) = self.try_add(row) {
			self.fault.get_or_insert(fault);
		}
	}

	fn try_add(&mut self, row: &[i64]) -> Result<(), &'static str> {
		if row.len() != self.sums.len() {
			return Err("a row has another number of columns than the schema");
		}
		self.rows = self.rows.checked_add(1).ok_or("there are too many rows")?;
		self.sums.iter_mut().zip(row).try_for_each(|(sum, value)| add(sum, (*value).into()))?;
		match self.kind {
			TemplateKind::ColumnVariance => {
				self.products.iter_mut().zip(row).try_for_each(|(sum, value)| add(sum, product(*value, *value)))
			},
			TemplateKind::Covariance => {
				let pairs =
					row.iter().enumerate().flat_map(|(a, x)| row.iter().skip(a + 1).map(move |y| product(*x, *y)));
				self.products.iter_mut().zip(pairs).try_for_each(|(sum, product)| add(sum, product))
			},
			TemplateKind::Histogram => {
				let counts = self.counts.chunks_mut(self.bins.count).zip(row);
				// There are no more in a bin than rows.
				counts.for_each(|(counts, value)| counts[self.bins.of(*value)] += 1);
				Ok(())
			},
			TemplateKind::ColumnSum | TemplateKind::ColumnMean | TemplateKind::WeightedSum => Ok(()),
		}
	}

	/// How many rows were added.
	pub fn rows(&self) -> u64 {
		self.rows
	}

	/// The sums.
	///
	/// # Errors
	///
	/// Another number of rows than the contract says for `me`, rows that do not fit the schema, or sums beyond 127 bits.
	pub fn finish(self, job: &Job, me: &AccountId) -> Result<Sums, ProtocolError> {
		if let Some(fault) = self.fault {
			return Err(ProtocolError::Sums(fault.into()));
		}
		let index = job.data_index(me)?;
		let expected = job.contract.data.get(index).map(|data| data.rows).unwrap_or_default();
		if expected != self.rows {
			let text = format!("the source has {} rows, the contract says {expected}", self.rows);
			return Err(ProtocolError::Sums(text));
		}
		let values = |feature| self.values(job, feature);
		let features = (0..job.features()).map(values).collect::<Option<_>>();
		let features = features.ok_or_else(|| ProtocolError::Sums("a feature names no columns".into()))?;
		Ok(Sums { rows: self.rows, features })
	}

	/// The slots of a feature, as `TemplateKind::slots` lists them.
	fn values(&self, job: &Job, feature: u16) -> Option<Vec<i128>> {
		let (a, b) = job.columns_of(feature)?;
		let sum = |column: u16| self.sums.get(usize::from(column)).copied();
		let product = || self.products.get(usize::from(feature)).copied();
		let rows = i128::from(self.rows);
		Some(match self.kind {
			TemplateKind::ColumnSum | TemplateKind::WeightedSum => vec![sum(a)?],
			TemplateKind::ColumnMean => vec![sum(a)?, rows],
			TemplateKind::ColumnVariance => vec![sum(a)?, product()?, rows],
			TemplateKind::Covariance => vec![sum(a)?, sum(b)?, product()?, rows],
			TemplateKind::Histogram => {
				let counts = self.counts.chunks(self.bins.count).nth(a.into())?;
				counts.iter().map(|count| i128::from(*count)).collect()
			},
		})
	}
}

/// Adds to a sum; the contract's bounds keep it in 120 bits, a contract without bounds would not.
fn add(sum: &mut i128, value: i128) -> Result<(), &'static str> {
	*sum = sum.checked_add(value).ok_or("a sum is longer than 127 bits")?;
	Ok(())
}

/// At most 126 bits.
fn product(a: i64, b: i64) -> i128 {
	i128::from(a) * i128::from(b)
}

impl Bins {
	/// The bin of a value: the first takes all below, the last all above.
	fn of(&self, value: i64) -> usize {
		let bin = (i128::from(value) - i128::from(self.low)).div_euclid(self.width.into());
		bin.clamp(0, self.count as i128 - 1) as usize
	}
}

/// Checks that masks can be agreed on with the other data providers: before confirming.
///
/// # Errors
///
/// [`ProtocolError::Masks`]: a sealing key stands in the contract twice, or agrees on nothing secret, or the own one is
/// another. Decline the job.
pub fn check_peers(job: &Job, me: &AccountId, key: &SealingKey) -> Result<(), ProtocolError> {
	masks(job, me, key).map(|_| ())
}

/// What this data provider shares with the others.
fn masks(job: &Job, me: &AccountId, key: &SealingKey) -> Result<Masks, ProtocolError> {
	let mine = job.data_index(me)?;
	let keys: Vec<_> = job.contract.data.iter().map(|data| data.party.endpoint.sealing).collect();
	if keys.get(mine) != Some(&key.public()) {
		return Err(ProtocolError::Masks("the contract has another sealing key for this account".into()));
	}
	let others = keys.iter().enumerate().filter(|(index, _)| *index != mine);
	let peers: Vec<_> = others.map(|(_, key)| *key).collect();
	let place = masks::Job { genesis: job.genesis.0, job: job.id };
	Masks::new(&key.secret(), &peers, &place).map_err(|error| ProtocolError::Masks(error.to_string()))
}

/// Reads the coordinator's blob, checks digest and root, and verifies the proofs for all computing providers.
///
/// # Errors
///
/// What does not hold: [`watch::check`](super::watch::check) of the stage finds the proof of it.
pub fn read_selection(
	job: &Job,
	keys: &ProvenKeys,
	blob: &[u8],
	commitment: &Commitment,
) -> Result<Vec<VerifiedSelection>, ProtocolError> {
	let messages = job.read_messages(blob, commitment)?;
	let messages: Vec<_> = messages.iter().enumerate().collect();
	parallel::map(&messages, |(computing, message)| verify_message(job, keys, *computing, message))
}

/// Verifies the message for one computing provider.
pub(super) fn verify_message(
	job: &Job,
	keys: &ProvenKeys,
	computing: usize,
	message: &[u8],
) -> Result<VerifiedSelection, ProtocolError> {
	let refused = |reason: String| ProtocolError::Selectors { computing, reason };
	let (features, context) = (job.features().into(), job.transfer_context(computing)?);
	let key = keys.computing.get(computing).ok_or(ProtocolError::NotParty("computing provider"))?;
	let message = SelectionMessage::from_bytes(key.public(), features, message);
	let message = message.map_err(|error| refused(error.to_string()))?;
	message.verify(key, &context, features, job.selected()).map_err(|error| refused(error.to_string()))
}

/// Encrypts, seals and commits every feature for every computing provider; `selections` are theirs, in contract order.
///
/// # Errors
///
/// Sums that are not of this job, or no masks: see [`check_peers`].
pub fn inputs(
	job: &Job,
	me: &AccountId,
	key: &SealingKey,
	selections: &[VerifiedSelection],
	sums: &Sums,
) -> Result<Inputs, ProtocolError> {
	if selections.len() != job.computing.len() || sums.features.len() != usize::from(job.features()) {
		return Err(ProtocolError::Sums("another number of features or computing providers".into()));
	}
	let provider = Provider { job, me, masks: masks(job, me, key)?, selections, encryptor: Encryptor::new(&job.key) };
	let features: Vec<u16> = (0..job.features()).collect();
	let columns = parallel::map(&features, |feature| provider.feature(*feature, sums))?;
	Ok(publish(job.computing.len(), columns))
}

/// One data provider at work.
struct Provider<'a> {
	job: &'a Job,
	me: &'a AccountId,
	masks: Masks,
	selections: &'a [VerifiedSelection],
	encryptor: Encryptor,
}

/// An entry and the sealed bytes that it is about.
type Sealed = (Entry, Vec<u8>);

impl Provider<'_> {
	/// A feature for every computing provider.
	fn feature(&self, feature: u16, sums: &Sums) -> Result<Vec<Sealed>, ProtocolError> {
		let segments = self.segments(feature, sums)?;
		let seal = |(selection, segment)| self.seal(selection, feature, segment);
		self.selections.iter().zip(&segments).map(seal).collect()
	}

	/// The packed sums, masked and split.
	fn segments(&self, feature: u16, sums: &Sums) -> Result<Vec<Plaintext>, ProtocolError> {
		let values: Vec<_> = sums.feature(feature).iter().map(|value| (*value, sums.rows)).collect();
		let packed = self.job.layout(feature)?.pack(&values);
		let packed = packed.map_err(|error| ProtocolError::Sums(error.to_string()))?;
		let key = &self.job.key;
		let masked = key.add_plain(&packed, &self.masks.mask(key, feature.into(), 0));
		let count = NonZeroUsize::new(self.selections.len()).ok_or(ProtocolError::NotParty("computing provider"))?;
		Ok(additive::split(key, &masked, count))
	}

	/// Encrypts a segment under the user's key, and seals it for whoever may open this feature.
	fn seal(&self, selection: &VerifiedSelection, feature: u16, segment: &Plaintext) -> Result<Sealed, ProtocolError> {
		let ciphertext = self.encryptor.encrypt(segment).to_bytes();
		let (key, transfer) = selection.transfer(&self.me.0, feature.into());
		let mut sealed = Vec::new();
		let failed = |reason: String| ProtocolError::Sums(format!("feature {feature} is not sealed: {reason}"));
		key.seal(ciphertext.as_slice(), &mut sealed).map_err(|error| failed(error.to_string()))?;
		let chunks = wire::leaves(chunks(&sealed).into_iter());
		let transfer = transfer.to_bytes().try_into().map_err(|_| failed("its transfer is too long".into()))?;
		let entry = Entry {
			transfer,
			sealed: merkle::root(&chunks),
			chunks: chunks.len() as u32,
			ciphertexts: merkle::leaf(0, &ciphertext),
			blocks: 1,
		};
		Ok((entry, sealed))
	}
}

/// Manifest and messages of what was sealed, by feature and computing provider.
fn publish(computing: usize, columns: Vec<Vec<Sealed>>) -> Inputs {
	let mut by_computing: Vec<Vec<Sealed>> = (0..computing).map(|_| Vec::with_capacity(columns.len())).collect();
	for column in columns {
		by_computing.iter_mut().zip(column).for_each(|(sealed, feature)| sealed.push(feature));
	}
	let (mut entries, mut messages) = (Vec::new(), Vec::new());
	for sealed in by_computing {
		let (own, bytes): (Vec<Entry>, Vec<Vec<u8>>) = sealed.into_iter().unzip();
		entries.extend(own);
		messages.push(bytes.encode());
	}
	let manifest = InputsManifest { entries, messages: messages.iter().map(|message| digest(message)).collect() };
	Inputs { published: Published::new(manifest.root(), &manifest), messages }
}
