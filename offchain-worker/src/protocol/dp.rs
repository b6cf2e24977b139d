//! A data provider: reads its rows in one pass, sums its columns or, for a row-wise template, cuts them into blocks; packs,
//! masks and splits what is in a block, encrypts a segment for each computing provider, (7) and (10), and seals each so that
//! only the selected ones can be opened.

use super::{
	keys::ProvenKeys,
	parallel,
	parts::{keep, PartsWriter, Store},
	Job, ProtocolError,
};
use crate::sealing::SealingKey;
use codec::Encode;
use encrytrust_chain_client::{AccountId, H256};
use encrytrust_fault_proofs::wire::{self, inputs_leaves, Entry, InputsPart};
use encrytrust_oblivious_transfer::{ColumnKey, SelectionMessage, VerifiedSelection};
use encrytrust_paillier::{Ciphertext, Encryptor, Plaintext};
use encrytrust_secret_sharing::{
	additive,
	masks::{self, Masks},
};
use encrytrust_types::{
	job::{Commitment, Parameters, TemplateKind},
	merkle,
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

impl Accumulator {
	/// Nothing summed yet.
	pub fn new(job: &Job) -> Self {
		let columns = job.contract.schema.columns().len();
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
			// A row is its own sum.
			TemplateKind::RowSum | TemplateKind::RowWeightedSum => Err("rows are not added to each other"),
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
		check_rows(job, job.data_index(me)?, self.rows)?;
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
			TemplateKind::RowSum | TemplateKind::RowWeightedSum => return None,
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

/// The source has as many rows as the contract says.
fn check_rows(job: &Job, data: usize, rows: u64) -> Result<(), ProtocolError> {
	let expected = job.contract.data.get(data).map(|data| data.rows).unwrap_or_default();
	if expected != rows {
		let text = format!("the source has {rows} rows, the contract says {expected}");
		return Err(ProtocolError::Sums(text));
	}
	Ok(())
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

/// A data provider's inputs in the making: takes rows, and publishes part by part, in memory that does not grow with them.
pub struct Inputs<'a> {
	provider: Provider<'a>,
	rows: Rows,
	parts: PartsWriter<'a>,
	store: &'a dyn Store,
	/// Why there are none.
	fault: Option<ProtocolError>,
}

/// What was read and is not published yet.
enum Rows {
	/// All of it, added up.
	Sums(Accumulator),
	/// The rows of the part that comes next, one behind the other.
	Blocks {
		/// Rows that were read, published ones as well.
		read: u64,
		values: Vec<i64>,
	},
}

impl<'a> Inputs<'a> {
	/// Nothing read yet; what is published goes to `store`. `selections` are those of all computing providers, in contract
	/// order.
	///
	/// # Errors
	///
	/// Selections that are not of this job, or no masks: see [`check_peers`].
	pub fn new(
		job: &'a Job,
		me: &'a AccountId,
		key: &SealingKey,
		selections: &'a [VerifiedSelection],
		store: &'a dyn Store,
	) -> Result<Self, ProtocolError> {
		if selections.len() != job.computing.len() {
			return Err(ProtocolError::Sums("another number of computing providers".into()));
		}
		let (data, encryptor) = (job.data_index(me)?, Encryptor::new(&job.key));
		let provider = Provider { job, me, data, masks: masks(job, me, key)?, selections, encryptor };
		let rows = match job.contract.packing().rows_per_block() {
			None => Rows::Sums(Accumulator::new(job)),
			Some(_) => Rows::Blocks { read: 0, values: Vec::new() },
		};
		Ok(Self { provider, rows, parts: PartsWriter::new(store), store, fault: None })
	}

	/// Adds a row: the fixed-point integers of *all* columns of the schema. What goes wrong is told at the end.
	pub fn add(&mut self, row: &[i64]) {
		if self.fault.is_none() {
			self.fault = self.try_add(row).err();
		}
	}

	fn try_add(&mut self, row: &[i64]) -> Result<(), ProtocolError> {
		let (read, values) = match &mut self.rows {
			Rows::Sums(sums) => {
				sums.add(row);
				return Ok(());
			},
			Rows::Blocks { read, values } => (read, values),
		};
		if row.len() != self.provider.job.contract.schema.columns().len() {
			return Err(ProtocolError::Sums("a row has another number of columns than the schema".into()));
		}
		*read += 1;
		if *read > self.provider.rows() {
			// That there are too many is told at the end.
			return Ok(());
		}
		values.extend_from_slice(row);
		if *read == self.provider.end_of_part(self.parts.next()) {
			let values = std::mem::take(values);
			self.publish_rows(&values)?;
		}
		Ok(())
	}

	/// Publishes a part's rows.
	fn publish_rows(&mut self, values: &[i64]) -> Result<(), ProtocolError> {
		let (job, part) = (self.provider.job, self.parts.next());
		let rows: Vec<&[i64]> = values.chunks(job.contract.schema.columns().len().max(1)).collect();
		let per_block = job.contract.packing().rows_per_block().unwrap_or_default().max(1) as usize;
		let blocks: Vec<&[&[i64]]> = rows.chunks(per_block).collect();
		let pack = |feature: u16, block: u32| {
			let first = job.contract.blocks_of(self.provider.data as u16, part).start;
			let rows = blocks.get((block - first) as usize).copied().unwrap_or_default();
			pack_rows(job, feature, rows)
		};
		let (inputs, messages) = self.provider.part(part, pack)?;
		self.publish(inputs, messages)
	}

	fn publish(&mut self, mut inputs: InputsPart, messages: Vec<Vec<u8>>) -> Result<(), ProtocolError> {
		inputs.messages = messages.iter().map(|message| keep(self.store, message)).collect::<Result<_, _>>()?;
		self.parts.push(inputs.root(), &inputs)
	}

	/// What to commit to.
	///
	/// # Errors
	///
	/// Another number of rows than the contract says, rows that do not fit the schema, sums beyond 127 bits, or a store that
	/// does not keep.
	pub fn finish(mut self) -> Result<Commitment, ProtocolError> {
		if let Some(fault) = self.fault {
			return Err(fault);
		}
		let (job, me) = (self.provider.job, self.provider.me);
		match std::mem::replace(&mut self.rows, Rows::Blocks { read: 0, values: Vec::new() }) {
			Rows::Sums(sums) => {
				let sums = sums.finish(job, me)?;
				let (inputs, messages) = self.provider.part(0, |feature, _| pack_sums(job, feature, &sums))?;
				self.publish(inputs, messages)?;
			},
			Rows::Blocks { read, .. } => check_rows(job, self.provider.data, read)?,
		}
		self.parts.finish(|roots| merkle::root(&inputs_leaves(roots)))
	}
}

impl std::fmt::Debug for Inputs<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Inputs").field("job", &self.provider.job.id).finish_non_exhaustive()
	}
}

fn pack_sums(job: &Job, feature: u16, sums: &Sums) -> Result<Plaintext, ProtocolError> {
	let values: Vec<_> = sums.feature(feature).iter().map(|value| (*value, sums.rows)).collect();
	job.layout(feature)?.pack(&values).map_err(|error| ProtocolError::Sums(error.to_string()))
}

/// A column of a block's rows.
fn pack_rows(job: &Job, feature: u16, rows: &[&[i64]]) -> Result<Plaintext, ProtocolError> {
	let value = |row: &&[i64]| row.get(usize::from(feature)).map(|value| (i128::from(*value), 1));
	let values = rows.iter().map(value).collect::<Option<Vec<_>>>();
	let values = values.ok_or_else(|| ProtocolError::Sums("a row has too few columns".into()))?;
	job.row_layout(values.len() as u64)?.pack(&values).map_err(|error| ProtocolError::Sums(error.to_string()))
}

/// One data provider at work.
struct Provider<'a> {
	job: &'a Job,
	me: &'a AccountId,
	/// Its place in the contract.
	data: usize,
	masks: Masks,
	selections: &'a [VerifiedSelection],
	encryptor: Encryptor,
}

impl Provider<'_> {
	/// How many rows there are.
	fn rows(&self) -> u64 {
		self.job.contract.data.get(self.data).map_or(0, |data| data.rows)
	}

	/// How many rows there are up to the end of a part.
	fn end_of_part(&self, part: u32) -> u64 {
		let blocks = self.job.contract.blocks_of(self.data as u16, part);
		self.job.rows_of(self.data as u16, blocks.end.saturating_sub(1)).end
	}

	/// A part of what is published, and the messages for the computing providers that it does not name yet: `pack` makes the
	/// plaintext of a feature and a block.
	fn part(
		&self,
		part: u32,
		pack: impl Fn(u16, u32) -> Result<Plaintext, ProtocolError> + Sync,
	) -> Result<(InputsPart, Vec<Vec<u8>>), ProtocolError> {
		let (blocks, features) = (self.job.contract.blocks_of(self.data as u16, part), self.job.features());
		let places: Vec<_> =
			(0..features).flat_map(|feature| blocks.clone().map(move |block| (feature, block))).collect();
		let ciphertexts = parallel::map_runs(&places, |places| {
			let segments = places.iter().map(|(feature, block)| self.split(*feature, *block, &pack(*feature, *block)?));
			Ok(self.encrypt(&segments.collect::<Result<Vec<_>, _>>()?))
		})?;
		let by_feature: Vec<_> = ciphertexts.chunks(blocks.len().max(1)).collect();
		let columns: Vec<usize> = (0..by_feature.len()).collect();
		let seal = |(computing, selection): (usize, &VerifiedSelection)| {
			parallel::map_runs(&columns, |columns| {
				let transfers = selection.transfer_each(&self.me.0, columns).into_iter().zip(columns);
				let sealed = transfers.map(|((key, transfer), column)| {
					let blocks = by_feature[*column].iter();
					let ciphertexts: Vec<_> = blocks.filter_map(|segments| segments.get(computing)).collect();
					self.seal(key, &transfer, &ciphertexts)
				});
				sealed.collect()
			})
		};
		let sealed = self.selections.iter().enumerate().map(seal).collect::<Result<Vec<_>, ProtocolError>>()?;
		let mut inputs = InputsPart { entries: Vec::new(), ciphertexts: Vec::new(), messages: Vec::new() };
		let mut bytes = Vec::with_capacity(self.selections.len() * by_feature.len());
		for Sealed { entry, leaves, bytes: sealed } in sealed.into_iter().flatten() {
			inputs.entries.push(entry);
			inputs.ciphertexts.push(leaves);
			bytes.push(sealed);
		}
		let messages = bytes.chunks(usize::from(features).max(1)).map(Encode::encode).collect();
		Ok((inputs, messages))
	}

	/// Masks a plaintext and splits it into a segment for each computing provider.
	fn split(&self, feature: u16, block: u32, plaintext: &Plaintext) -> Result<Vec<Plaintext>, ProtocolError> {
		let key = &self.job.key;
		let count = NonZeroUsize::new(self.selections.len()).ok_or(ProtocolError::NotParty("computing provider"))?;
		if self.job.contract.kind.is_row_wise() {
			// Rows are not added over data providers: there is no sum in which masks would cancel.
			return Ok(additive::split(key, plaintext, count));
		}
		let mask = self.masks.mask(key, feature.into(), block.into());
		Ok(additive::split(key, &key.add_plain(plaintext, &mask), count))
	}

	/// Encrypts segments under the user's key.
	fn encrypt(&self, segments: &[Vec<Plaintext>]) -> Vec<Vec<Vec<u8>>> {
		let ciphertexts = self.encryptor.encrypt_each(&segments.concat());
		ciphertexts
			.chunks(self.selections.len().max(1))
			.map(|of_place| of_place.iter().map(Ciphertext::to_bytes).collect())
			.collect()
	}

	/// Seals a feature's ciphertexts of a part for whoever may open it.
	fn seal(&self, key: ColumnKey, transfer: &Ciphertext, ciphertexts: &[&Vec<u8>]) -> Result<Sealed, ProtocolError> {
		let chunks = seal(key, ciphertexts, wire::ciphertexts_per_chunk(self.job.ring.bytes()));
		let leaves = wire::leaves(ciphertexts.iter());
		let transfer = transfer.to_bytes().try_into();
		let transfer = transfer.map_err(|_| ProtocolError::Sums("a transfer is too long".into()))?;
		let entry = Entry {
			transfer,
			sealed: merkle::root(&wire::leaves(chunks.iter())),
			chunks: chunks.len() as u32,
			ciphertexts: merkle::root(&leaves),
			blocks: leaves.len() as u32,
		};
		Ok(Sealed { entry, leaves, bytes: chunks.concat() })
	}
}

/// An entry, the leaves of its ciphertexts, and the sealed bytes.
struct Sealed {
	entry: Entry,
	leaves: Vec<H256>,
	bytes: Vec<u8>,
}

fn seal(key: ColumnKey, ciphertexts: &[&Vec<u8>], per_chunk: usize) -> Vec<Vec<u8>> {
	let chunks: Vec<Vec<u8>> = ciphertexts.chunks(per_chunk).map(concat).collect();
	key.seal_chunks(chunks.iter().map(Vec::as_slice))
}

fn concat(ciphertexts: &[&Vec<u8>]) -> Vec<u8> {
	ciphertexts.iter().flat_map(|ciphertext| ciphertext.iter().copied()).collect()
}
