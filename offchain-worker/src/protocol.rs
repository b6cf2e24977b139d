//! What the roles of a job compute: bytes in, bytes out, no network, no files, no clock.
//!
//! Everything here follows `docs/protocol/bmpc.md` and checks all that comes from another party, so that a role's worker
//! has only to fetch and to store.
//!
//! - [`user`], [`cord`], [`dp`], [`cp`]: what each role makes of what it gets;
//! - [`keys`]: that everybody's key is one;
//! - [`watch`]: what each of them, and any stranger, can see of what the others did, with the proof of what is wrong;
//!   [`audit`]: the same as a report;
//! - [`cheat`]: ways to do it wrong, to show that they are found.

pub mod audit;
pub mod cheat;
pub mod cord;
pub mod cp;
pub mod dp;
mod exact;
pub mod keys;
mod parallel;
mod parts;
#[cfg(test)]
mod tests;
pub mod user;
pub mod watch;

pub use parts::{Blobs, Inputs, Store, Told, Trees};

use crate::sealing::{Place, SealError, SealingKey};
use codec::{Decode, Encode};
use encrytrust_blob_store::digest;
use encrytrust_chain_client::{AccountId, Balance, BlockNumber, Contract, JobInfo, H256};
use encrytrust_fault_proofs::{
	big_integers::Native,
	product_tree::Tree,
	ring::Ring,
	wire::{self, selection_leaves},
	FaultContext,
};
use encrytrust_oblivious_transfer as transfer;
use encrytrust_paillier::{
	packing::{Layout, Slot},
	PublicKey,
};
use encrytrust_types::{
	job::{pair, Commitment, Selection, Stage, TemplateKind, TreeShape},
	limits::MAX_BLOCKS,
	merkle, JobId,
};
use std::sync::Arc;

/// Why another party's bytes, or ours, are refused. All but [`ProtocolError::Store`] do not pass by waiting.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
	/// This account has no part in the job, or another.
	#[error("this account is no {0} of the job")]
	NotParty(&'static str),
	/// The contract's hash is not what the chain says.
	#[error("the contract does not have the hash that the chain tells")]
	ContractHash,
	/// What is computed cannot be done over these columns.
	#[error("the template: {0}")]
	Template(String),
	/// The user's key cannot be used.
	#[error("the user's key: {0}")]
	UserKey(String),
	/// A computing provider's key cannot be used.
	#[error("the key of computing provider {}: {reason}", index + 1)]
	ComputingKey {
		/// Which.
		index: usize,
		/// Why.
		reason: String,
	},
	/// The data providers' sealing keys do not go together.
	#[error("the masks between data providers: {0}")]
	Masks(String),
	/// A message does not open.
	#[error("{what}: {source}")]
	Sealed {
		/// Which message.
		what: String,
		/// Why.
		source: SealError,
	},
	/// Bytes that are not what they should be.
	#[error("{what} cannot be read: {reason}")]
	Format {
		/// Which bytes.
		what: String,
		/// Why.
		reason: String,
	},
	/// Bytes that are not those committed to.
	#[error("{0} is not what was committed to on chain")]
	Commitment(String),
	/// The selection is not one of the job's features.
	#[error("the selection: {0}")]
	Selection(&'static str),
	/// The coordinator's selectors are not those of the selection, or not proven.
	#[error("the coordinator's selection for computing provider {}: {reason}", computing + 1)]
	Selectors {
		/// For whom.
		computing: usize,
		/// Why.
		reason: String,
	},
	/// A sealed feature does not hold what was committed to.
	#[error("feature {feature} of data provider {}: {reason}", data + 1)]
	Column {
		/// Whose.
		data: usize,
		/// Which.
		feature: u16,
		/// Why.
		reason: String,
	},
	/// A result that does not fit the job.
	#[error("output {output} is impossible: {reason}")]
	Result {
		/// Which output.
		output: u32,
		/// Why.
		reason: String,
	},
	/// The sums do not fit.
	#[error("the sums do not fit the contract: {0}")]
	Sums(String),
	/// What is to be published cannot be kept. This one may pass.
	#[error("a blob cannot be kept: {0}")]
	Store(String),
}

/// A job as its parties see it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Job {
	/// Its id.
	pub id: JobId,
	/// The chain.
	pub genesis: H256,
	/// What was agreed.
	pub contract: Arc<Contract>,
	/// The user's key.
	pub key: PublicKey,
	/// Arithmetic under the user's key.
	ring: Arc<Ring>,
	/// The computing providers' keys.
	computing: Arc<Vec<ComputingKey>>,
}

/// A computing provider's key.
#[derive(Debug)]
struct ComputingKey {
	key: PublicKey,
	ring: Ring,
}

/// A blob to publish, and what to commit to on chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
	/// Root, and sha2-256 of the blob.
	pub commitment: Commitment,
	/// The blob.
	pub blob: Vec<u8>,
}

impl Published {
	fn new(root: H256, blob: &impl Encode) -> Self {
		let blob = blob.encode();
		Self { commitment: Commitment { root, blob: digest(&blob) }, blob }
	}
}

impl Job {
	/// A job with this contract; refused if one of its keys cannot be one, or its template cannot be computed.
	pub fn new(id: JobId, genesis: H256, contract: Contract) -> Result<Self, ProtocolError> {
		let ring = |modulus: &[u8]| Ring::new(modulus, &Native).ok_or("it is no modulus");
		let key = PublicKey::from_modulus(&contract.user_key);
		let key = key.map_err(|error| ProtocolError::UserKey(error.to_string()))?;
		let user_ring = ring(&contract.user_key).map_err(|error| ProtocolError::UserKey(error.into()))?;
		let computing = contract.computing.iter().enumerate().map(|(index, computing)| {
			let error = |reason: String| ProtocolError::ComputingKey { index, reason };
			let key = PublicKey::from_modulus(&computing.paillier).map_err(|reason| error(reason.to_string()))?;
			let ring = ring(&computing.paillier).map_err(|reason| error(reason.into()))?;
			Ok(ComputingKey { key, ring })
		});
		let computing = Arc::new(computing.collect::<Result<_, _>>()?);
		let job = Self { id, genesis, contract: Arc::new(contract), key, ring: Arc::new(user_ring), computing };
		job.check_template()?;
		Ok(job)
	}

	/// The job as the chain tells it; refused also if the contract's hash is not the chain's.
	pub fn checked(id: JobId, genesis: H256, info: &JobInfo) -> Result<Self, ProtocolError> {
		if info.contract.hash(&genesis, id) != info.hash {
			return Err(ProtocolError::ContractHash);
		}
		Self::new(id, genesis, info.contract.clone())
	}

	/// The chain refuses such a contract; without these checks a wrong one could make wrong numbers.
	fn check_template(&self) -> Result<(), ProtocolError> {
		let contract = &self.contract;
		if !contract.parameters.fit(contract.kind, contract.data.len() as u32, contract.selection.selected) {
			return Err(ProtocolError::Template("its parameters do not fit it".into()));
		}
		if self.features() == 0 {
			return Err(ProtocolError::Template("it has no features over these columns, or too many".into()));
		}
		match contract.packing().rows_per_block() {
			None => (0..self.features()).try_for_each(|feature| self.layout(feature).map(|_| ())),
			Some(rows) => {
				let blocks =
					contract.data.iter().map(|data| contract.packing().blocks(data.rows)).fold(0, u64::saturating_add);
				if !(1..=MAX_BLOCKS).contains(&blocks) {
					return Err(ProtocolError::Template("its rows go into too many blocks, or none".into()));
				}
				self.row_layout(rows).map(|_| ())
			},
		}
	}

	/// What the selection is made from: columns, or pairs of columns; `K`.
	pub fn features(&self) -> u16 {
		self.contract.features()
	}

	/// How many features are selected: `t`.
	pub fn selected(&self) -> usize {
		self.contract.selection.selected.into()
	}

	/// Where the entry of a computing provider and a feature stands in a part of inputs.
	fn entry_index(&self, computing: usize, feature: u16) -> usize {
		computing * usize::from(self.features()) + usize::from(feature)
	}

	/// The columns of a feature, as indices into the schema: one twice, or a pair.
	pub fn columns_of(&self, feature: u16) -> Option<(u16, u16)> {
		let columns = self.contract.schema.columns().len() as u16;
		match self.contract.kind {
			TemplateKind::Covariance => pair(feature, columns),
			_ => (feature < columns).then_some((feature, feature)),
		}
	}

	/// The place among the data providers of an account.
	pub fn data_index(&self, who: &AccountId) -> Result<usize, ProtocolError> {
		let index = self.contract.data.iter().position(|data| data.party.who == *who);
		index.ok_or(ProtocolError::NotParty("data provider"))
	}

	/// The place among the computing providers of an account.
	pub fn computing_index(&self, who: &AccountId) -> Result<usize, ProtocolError> {
		let index = self.contract.computing.iter().position(|computing| computing.party.who == *who);
		index.ok_or(ProtocolError::NotParty("computing provider"))
	}

	/// Bits and decimals of a feature's columns.
	fn column(&self, column: u16) -> Result<&encrytrust_types::dataset::Column, ProtocolError> {
		let column = self.contract.schema.columns().get(usize::from(column));
		column.ok_or(ProtocolError::Selection("it names a column that there is not"))
	}

	/// The slots of a feature.
	fn layout(&self, feature: u16) -> Result<Layout, ProtocolError> {
		let columns = self.columns_of(feature);
		let (a, b) = columns.ok_or(ProtocolError::Selection("it names a feature that there is not"))?;
		let (a, b) = (self.column(a)?.bits, self.column(b)?.bits);
		let addends = self.contract.rows();
		let slots = self.contract.kind.slots(&self.contract.parameters, a, b);
		let slots: Vec<_> = slots.into_iter().map(|bits| Slot { bits, addends }).collect();
		Layout::new(&slots, self.key.size()).map_err(|error| ProtocolError::Template(error.to_string()))
	}

	/// The slots of a block of so many rows, of a row-wise template.
	fn row_layout(&self, rows: u64) -> Result<Layout, ProtocolError> {
		let addends = self.contract.parameters.addends(self.contract.selection.selected);
		let slots = vec![Slot { bits: self.contract.bits(), addends }; rows as usize];
		Layout::new(&slots, self.key.size()).map_err(|error| ProtocolError::Template(error.to_string()))
	}

	/// The rows of a data set that a block is of, by their place in its order.
	fn rows_of(&self, data: u16, block: u32) -> std::ops::Range<u64> {
		let rows = self.contract.data.get(usize::from(data)).map_or(0, |data| data.rows);
		let per_block = self.contract.packing().rows_per_block().unwrap_or(rows);
		let first = per_block.saturating_mul(block.into()).min(rows);
		first..first.saturating_add(per_block).min(rows)
	}

	/// The job without what was committed to: for what does not look at that.
	fn faults(&self) -> FaultContext<'_, AccountId, Balance, BlockNumber, impl Fn(Stage, &AccountId) -> Option<H256>> {
		FaultContext {
			genesis: self.genesis,
			job: self.id,
			contract: &self.contract,
			roots: |_, _: &AccountId| None,
			integers: &Native,
		}
	}

	fn place<'p>(&self, from: &'p AccountId, to: &'p AccountId) -> Place<'p> {
		Place { commitment: self.contract.selection.commitment, genesis: self.genesis, from, to }
	}

	/// Where a computing provider's selection belongs.
	fn transfer_context(&self, computing: usize) -> Result<transfer::Context, ProtocolError> {
		let computing = self.contract.computing.get(computing).ok_or(ProtocolError::NotParty("computing provider"))?;
		Ok(transfer::Context {
			genesis: self.genesis.0,
			job: self.id,
			coordinator: self.contract.coordinator.who.0,
			provider: computing.party.who.0,
		})
	}

	/// Opens the selection that the user sealed to `me`, the one with this index among those it is sealed to.
	fn open_request(&self, index: usize, me: &AccountId, key: &SealingKey) -> Result<Selection, ProtocolError> {
		let sealed = self.contract.selection.sealed.get(index);
		let sealed = sealed.ok_or(ProtocolError::Selection("it is not sealed to this account"))?;
		let bytes = key
			.open(&self.place(&self.contract.user, me), sealed)
			.map_err(|source| ProtocolError::Sealed { what: "the user's selection".into(), source })?;
		let selection: Selection = decode_all("the selection", &bytes)?;
		self.check_selection(&selection)?;
		Ok(selection)
	}

	/// Checks that a selection is the committed one, of `t` of the job's features.
	///
	/// # Errors
	///
	/// [`ProtocolError::Selection`].
	pub fn check_selection(&self, selection: &Selection) -> Result<(), ProtocolError> {
		if !selection.is_of(self.contract.selection.selected, self.features()) {
			return Err(ProtocolError::Selection("it is not of as many features as the contract says"));
		}
		if selection.commitment(self.features()) != self.contract.selection.commitment {
			return Err(ProtocolError::Selection("it does not open the contract's commitment"));
		}
		Ok(())
	}

	/// Reads the coordinator's messages, one for each computing provider, and checks them against their commitment.
	fn read_messages(&self, blob: &[u8], commitment: &Commitment) -> Result<Vec<Vec<u8>>, ProtocolError> {
		let what = "the coordinator's selection";
		check_digest(what, blob, &commitment.blob)?;
		let messages: Vec<Vec<u8>> = decode_all(what, blob)?;
		if messages.len() != self.computing.len() {
			return Err(ProtocolError::Format {
				what: what.into(),
				reason: "it has another number of messages".into(),
			});
		}
		if merkle::root(&wire::leaves(self.message_roots(&messages).iter())) != commitment.root {
			return Err(ProtocolError::Commitment(what.into()));
		}
		Ok(messages)
	}

	/// Publishes the coordinator's messages.
	fn publish_messages(&self, messages: &[Vec<u8>]) -> Published {
		Published::new(merkle::root(&wire::leaves(self.message_roots(messages).iter())), &messages)
	}

	/// The root of each computing provider's message.
	fn message_roots(&self, messages: &[Vec<u8>]) -> Vec<H256> {
		let root = |(message, computing): (&Vec<u8>, &ComputingKey)| {
			merkle::root(&selection_leaves(message, self.features(), computing.ring.bytes()))
		};
		messages.iter().zip(self.computing.iter()).map(root).collect()
	}

	/// The shape of the trees of `Outputs` or `Result`.
	fn shape(&self, stage: Stage) -> Result<TreeShape, ProtocolError> {
		let shape = self.contract.tree_shape(stage);
		shape.ok_or_else(|| ProtocolError::Template("this stage has no product trees".into()))
	}

	/// The tree over leaves that are published in a stage.
	fn tree(&self, stage: Stage, leaves: Vec<Vec<u8>>) -> Option<Tree> {
		match (stage, self.contract.parameters.weights()) {
			(Stage::Outputs, weights @ [_, ..]) => Tree::weighted(leaves, weights, &self.ring),
			_ => Tree::multiply(leaves, &self.ring),
		}
	}
}

/// What an account committed to in a stage.
pub fn commitment_of(info: &JobInfo, stage: Stage, who: &AccountId) -> Option<Commitment> {
	let delivered = info.commitments.iter().find(|delivered| delivered.stage == stage && delivered.who == *who);
	delivered.map(|delivered| delivered.commitment)
}

fn check_digest(what: &str, bytes: &[u8], expected: &[u8; 32]) -> Result<(), ProtocolError> {
	if digest(bytes) == *expected {
		Ok(())
	} else {
		Err(ProtocolError::Commitment(what.into()))
	}
}

/// Decodes all of `bytes`.
fn decode_all<T: Decode>(what: &str, mut bytes: &[u8]) -> Result<T, ProtocolError> {
	let format = |reason: String| ProtocolError::Format { what: what.into(), reason };
	let value = T::decode(&mut bytes).map_err(|error| format(error.to_string()))?;
	if bytes.is_empty() {
		Ok(value)
	} else {
		Err(format(format!("{} bytes are left over", bytes.len())))
	}
}
