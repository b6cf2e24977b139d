//! Inputs in the making.

use super::{check_rows, masks, Accumulator, MaskKeys, Sums};
use crate::{
	blobs::{keep, Store},
	chain::{AccountId, H256},
	error::ProtocolError,
	job::Job,
	parallel,
	parts::PartsWriter,
};
use codec::Encode;
use encrytrust_fault_proofs::wire::{self, inputs_leaves, Entry, InputsPart};
use encrytrust_oblivious_transfer::{ColumnKey, Transfer, VerifiedSelection};
use encrytrust_paillier::{Ciphertext, Encryptor, Plaintext};
use encrytrust_secret_sharing::{additive, masks::Masks};
use encrytrust_types::{
	job::{Commitment, DataParty},
	merkle,
};
use std::{num::NonZeroUsize, ops::Range};

/// A data provider's inputs in the making: takes rows, and publishes part by part, in memory that does not grow with
/// them.
pub struct InputsWriter<'a> {
	provider: Provider<'a>,
	rows: Rows,
	parts: PartsWriter<'a>,
	store: &'a dyn Store,
}

/// What was read and is not published yet.
enum Rows {
	/// All of it, added up.
	Sums(Accumulator),
	/// The rows of the part that comes next, one behind the other.
	Blocks {
		/// Rows of the dataset that were read, published ones as well.
		read: u64,
		values: Vec<i64>,
	},
}

impl<'a> InputsWriter<'a> {
	/// Nothing read yet; what is published goes to `store`. `selections` are those of all computing providers, in
	/// contract order.
	///
	/// # Errors
	///
	/// Selections that are not of this job, or mask keys with which no masks can be agreed on.
	pub fn new(
		job: &'a Job,
		me: &'a AccountId,
		keys: &MaskKeys,
		selections: &'a [VerifiedSelection],
		store: &'a dyn Store,
	) -> Result<Self, ProtocolError> {
		if selections.len() != job.computing.len() {
			return Err(ProtocolError::Sums("another number of computing providers".into()));
		}
		let data = job.data_index(me)?;
		let encryptor = Encryptor::new(&job.key);
		let provider = Provider { job, me, data, masks: masks(job, me, keys)?, selections, encryptor };
		let rows = match job.contract.packing().rows_per_block() {
			None => Rows::Sums(Accumulator::new(job)),
			Some(_) => Rows::Blocks { read: 0, values: Vec::new() },
		};
		Ok(Self { provider, rows, parts: PartsWriter::new(store), store })
	}

	/// Adds a row: the fixed-point integers of *all* columns of the schema. What is committed to is known once there
	/// are as many as the contract says.
	///
	/// # Errors
	///
	/// Rows that do not fit the schema, sums beyond 127 bits, or a store that does not keep: the inputs have to be
	/// begun again.
	pub fn add(&mut self, row: &[i64]) -> Result<(), ProtocolError> {
		let (read, values) = match &mut self.rows {
			Rows::Sums(sums) => return sums.add(row),
			Rows::Blocks { read, values } => (read, values),
		};
		if row.len() != self.provider.job.contract.schema.columns().len() {
			return Err(ProtocolError::Sums("a row has another number of columns than the schema".into()));
		}
		*read += 1;
		let range = self.provider.rows();
		// Whether the dataset has as many rows as it should is told at the end.
		if !range.contains(&(*read - 1)) {
			return Ok(());
		}
		values.extend_from_slice(row);
		if *read - range.start == self.provider.end_of_part(self.parts.next()) {
			let values = std::mem::take(values);
			self.publish_rows(&values)?;
		}
		Ok(())
	}

	/// Publishes a part's rows.
	fn publish_rows(&mut self, values: &[i64]) -> Result<(), ProtocolError> {
		let job = self.provider.job;
		let part = self.parts.next();
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
	/// Another number of rows than the contract says, or a store that does not keep.
	pub fn finish(mut self) -> Result<Commitment, ProtocolError> {
		let job = self.provider.job;
		let me = self.provider.me;
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

impl std::fmt::Debug for InputsWriter<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("InputsWriter").field("job", &self.provider.job.id).finish_non_exhaustive()
	}
}

pub(crate) fn pack_sums(job: &Job, feature: u16, sums: &Sums) -> Result<Plaintext, ProtocolError> {
	let values: Vec<_> = sums.feature(feature).iter().map(|value| (*value, sums.rows)).collect();
	job.layout(feature)?.pack(&values).map_err(|error| ProtocolError::Sums(error.to_string()))
}

/// A column of a block's rows.
pub(crate) fn pack_rows(job: &Job, feature: u16, rows: &[&[i64]]) -> Result<Plaintext, ProtocolError> {
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
	/// The rows of its dataset that the job is about.
	fn rows(&self) -> Range<u64> {
		self.job.contract.data.get(self.data).map_or(0..0, DataParty::row_range)
	}

	/// How many of these rows there are up to the end of a part.
	fn end_of_part(&self, part: u32) -> u64 {
		let blocks = self.job.contract.blocks_of(self.data as u16, part);
		self.job.rows_of(self.data as u16, blocks.end.saturating_sub(1)).end
	}

	/// A part of what is published, and the messages for the computing providers that it does not name yet: `pack`
	/// makes the plaintext of a feature and a block.
	fn part(
		&self,
		part: u32,
		pack: impl Fn(u16, u32) -> Result<Plaintext, ProtocolError> + Sync,
	) -> Result<(InputsPart, Vec<Vec<u8>>), ProtocolError> {
		let blocks = self.job.contract.blocks_of(self.data as u16, part);
		let features = self.job.features();
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
				let transfers = selection.transfer_each(&self.me.0, part, columns).into_iter().zip(columns);
				let sealed = transfers.map(|((key, transfer), column)| {
					let blocks = by_feature[*column].iter();
					let ciphertexts: Vec<_> = blocks.filter_map(|segments| segments.get(computing)).collect();
					self.seal(key, transfer, &ciphertexts)
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
	fn seal(&self, key: ColumnKey, transfer: Transfer, ciphertexts: &[&Vec<u8>]) -> Result<Sealed, ProtocolError> {
		let chunks = seal(key, ciphertexts, wire::ciphertexts_per_chunk(self.job.ring.bytes()));
		let leaves = wire::leaves(ciphertexts.iter());
		let Transfer { ciphertext, proof } = transfer;
		let transfer = ciphertext.to_bytes().try_into();
		let transfer = transfer.map_err(|_| ProtocolError::Sums("a transfer is too long".into()))?;
		let entry = Entry {
			transfer,
			proof,
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
