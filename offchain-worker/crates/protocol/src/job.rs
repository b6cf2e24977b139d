//! A job as its parties see it.

use crate::{
	chain::{AccountId, Balance, BlockNumber, Contract, JobInfo, H256},
	encoding::{check_digest, decode_all, digest, Reader},
	error::ProtocolError,
	sealing::{Place, SealingKey},
};
use codec::Encode;
use encrytrust_fault_proofs::big_integers::Native;
use encrytrust_fault_proofs::{
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
	dataset::Column,
	job::{pair, Commitment, Selection, Stage, TemplateKind, TreeShape},
	limits::MAX_BLOCKS,
	merkle, JobId,
};
use std::sync::Arc;

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
	pub(crate) ring: Arc<Ring>,
	/// The computing providers' keys.
	pub(crate) computing: Arc<Vec<ComputingKey>>,
}

/// A computing provider's key.
#[derive(Debug)]
pub(crate) struct ComputingKey {
	pub(crate) key: PublicKey,
	pub(crate) ring: Ring,
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
	pub(crate) fn new(root: H256, blob: &impl Encode) -> Self {
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
		if info.contract.hash(&genesis, id) != info.contract_hash {
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

	/// Arithmetic under the user's key.
	pub fn ring(&self) -> &Ring {
		&self.ring
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
	pub(crate) fn entry_index(&self, computing: usize, feature: u16) -> usize {
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
	pub(crate) fn column(&self, column: u16) -> Result<&Column, ProtocolError> {
		let column = self.contract.schema.columns().get(usize::from(column));
		column.ok_or(ProtocolError::Selection("it names a column that there is not"))
	}

	/// The slots of a feature.
	pub(crate) fn layout(&self, feature: u16) -> Result<Layout, ProtocolError> {
		let columns = self.columns_of(feature);
		let (a, b) = columns.ok_or(ProtocolError::Selection("it names a feature that there is not"))?;
		let a = self.column(a)?.bits;
		let b = self.column(b)?.bits;
		let addends = self.contract.rows();
		let slots = self.contract.kind.slots(&self.contract.parameters, a, b);
		let slots: Vec<_> = slots.into_iter().map(|bits| Slot { bits, addends }).collect();
		Layout::new(&slots, self.key.size()).map_err(|error| ProtocolError::Template(error.to_string()))
	}

	/// The slots of a block of so many rows, of a row-wise template.
	pub(crate) fn row_layout(&self, rows: u64) -> Result<Layout, ProtocolError> {
		let addends = self.contract.parameters.addends(self.contract.selection.selected);
		let slots = vec![Slot { bits: self.contract.bits(), addends }; rows as usize];
		Layout::new(&slots, self.key.size()).map_err(|error| ProtocolError::Template(error.to_string()))
	}

	/// The rows of a data set that a block is of, by their place among those that the job is about.
	pub(crate) fn rows_of(&self, data: u16, block: u32) -> std::ops::Range<u64> {
		let rows = self.contract.data.get(usize::from(data)).map_or(0, |data| data.rows);
		let per_block = self.contract.packing().rows_per_block().unwrap_or(rows);
		let first = per_block.saturating_mul(block.into()).min(rows);
		first..first.saturating_add(per_block).min(rows)
	}

	/// The job without what was committed to: for what does not look at that.
	pub(crate) fn faults(
		&self,
	) -> FaultContext<'_, AccountId, Balance, BlockNumber, impl Fn(Stage, &AccountId) -> Option<H256>> {
		FaultContext {
			genesis: self.genesis,
			job: self.id,
			contract: &self.contract,
			roots: |_, _: &AccountId| None,
			integers: &Native,
		}
	}

	/// The job with what one party committed to, in whatever stage.
	pub(crate) fn faults_of(
		&self,
		commitment: &Commitment,
	) -> FaultContext<'_, AccountId, Balance, BlockNumber, impl Fn(Stage, &AccountId) -> Option<H256>> {
		let root = commitment.root;
		FaultContext {
			genesis: self.genesis,
			job: self.id,
			contract: &self.contract,
			roots: move |_, _: &AccountId| Some(root),
			integers: &Native,
		}
	}

	fn place<'p>(&self, from: &'p AccountId, to: &'p AccountId) -> Place<'p> {
		Place { commitment: self.contract.selection.commitment, genesis: self.genesis, from, to }
	}

	/// Where a computing provider's selection belongs.
	pub(crate) fn transfer_context(&self, computing: usize) -> Result<transfer::Context, ProtocolError> {
		let computing = self.contract.computing.get(computing).ok_or(ProtocolError::NotParty("computing provider"))?;
		Ok(transfer::Context {
			genesis: self.genesis.0,
			job: self.id,
			coordinator: self.contract.coordinator.who.0,
			provider: computing.party.who.0,
		})
	}

	/// Opens the selection that the user sealed to `me`, the one with this index among those it is sealed to.
	pub(crate) fn open_request(
		&self,
		index: usize,
		me: &AccountId,
		key: &SealingKey,
	) -> Result<Selection, ProtocolError> {
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
	pub(crate) fn read_messages(&self, blob: &[u8], commitment: &Commitment) -> Result<Vec<Vec<u8>>, ProtocolError> {
		let what = "the coordinator's selection";
		check_digest(what, blob, &commitment.blob)?;
		let count = self.computing.len();
		let mut reader = Reader::new(what, blob);
		let messages: Vec<Vec<u8>> = reader.vector(count..=count, "messages", Reader::value)?;
		reader.end()?;
		if merkle::root(&wire::leaves(self.message_roots(&messages).iter())) != commitment.root {
			return Err(ProtocolError::Commitment(what.into()));
		}
		Ok(messages)
	}

	/// Publishes the coordinator's messages.
	pub(crate) fn publish_messages(&self, messages: &[Vec<u8>]) -> Published {
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
	///
	/// # Errors
	///
	/// A stage without product trees.
	pub fn shape(&self, stage: Stage) -> Result<TreeShape, ProtocolError> {
		let shape = self.contract.tree_shape(stage);
		shape.ok_or_else(|| ProtocolError::Template("this stage has no product trees".into()))
	}

	/// The tree over leaves that are published in a stage.
	pub fn tree(&self, stage: Stage, leaves: Vec<Vec<u8>>) -> Option<Tree> {
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
