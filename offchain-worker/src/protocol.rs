//! What the roles of a job compute: bytes in, bytes out, no network, no files, no clock.
//!
//! Everything here follows `docs/protocol/bmpc.md` and checks all that comes from another party, so that a role's worker
//! has only to fetch and to store. The roles are [`cord`], [`dp`], [`cp`] and [`user`].

pub mod audit;
pub mod cheat;
pub mod cord;
pub mod cp;
pub mod dp;
pub mod keys;
#[cfg(test)]
mod tests;
pub mod user;
pub mod watch;

use crate::sealing::{Kind, Place, SealError};
use codec::{Decode, Encode};
use encrytrust_blob_store::digest;
use encrytrust_chain_client::{AccountId, Contract, JobInfo, H256};
use encrytrust_paillier::{
	packing::{Layout, Slot},
	Ciphertext, PublicKey,
};
use encrytrust_primitives::{
	bmpc::{Commitment, JobId, Selection, Stage, TemplateKind},
	product_tree::ProductTree,
	wire::{Product, RootNode},
};
use num_bigint::BigUint;
use std::sync::Arc;

/// Why another party's bytes, or ours, are refused. None of these passes by waiting.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
	/// This account has no part in the job, or another.
	#[error("this account is no {0} of the job")]
	NotParty(&'static str),
	/// The contract's hash is not what the chain says.
	#[error("the contract does not have the hash that the chain tells")]
	ContractHash,
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
	/// The selection is not one of the job's columns.
	#[error("the selection: {0}")]
	Selection(&'static str),
	/// A ciphertext that cannot be one.
	#[error("{what} has a bad ciphertext for column {column}: {reason}")]
	Ciphertext {
		/// Whose.
		what: String,
		/// Which selected column.
		column: usize,
		/// Why.
		reason: String,
	},
	/// A result that does not fit the job.
	#[error("the result of column {column} is impossible: {reason}")]
	Result {
		/// Which selected column.
		column: usize,
		/// Why.
		reason: String,
	},
	/// The sums do not fit.
	#[error("the sums do not fit the contract: {0}")]
	Sums(String),
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
	/// A job with this contract; refused if the user's key cannot be one.
	pub fn new(id: JobId, genesis: H256, contract: Contract) -> Result<Self, ProtocolError> {
		let key =
			PublicKey::from_modulus(&contract.user_key).map_err(|error| ProtocolError::UserKey(error.to_string()))?;
		Ok(Self { id, genesis, contract: Arc::new(contract), key })
	}

	/// The job as the chain tells it; refused also if the contract's hash is not the chain's.
	pub fn checked(id: JobId, genesis: H256, info: &JobInfo) -> Result<Self, ProtocolError> {
		if info.contract.hash(&genesis, id) != info.hash {
			return Err(ProtocolError::ContractHash);
		}
		Self::new(id, genesis, info.contract.clone())
	}

	/// How many columns are selected.
	pub fn selected(&self) -> usize {
		self.contract.selection.selected.into()
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

	fn place<'p>(&self, kind: Kind, from: &'p AccountId, to: &'p AccountId) -> Place<'p> {
		Place { kind, genesis: self.genesis, from, to }
	}

	/// The slots of a column, an index into the schema: its sum, and for a mean the count of rows.
	fn layout(&self, column: u16) -> Result<Layout, ProtocolError> {
		let bits = self.contract.schema.get(usize::from(column)).map(|column| column.bits);
		let bits = bits.ok_or(ProtocolError::Selection("it names a column that there is not"))?;
		let slot = |bits| Slot { bits, addends: self.contract.rows() };
		let slots = match self.contract.kind {
			TemplateKind::ColumnSum => vec![slot(bits)],
			TemplateKind::ColumnMean => vec![slot(bits), slot(1)],
		};
		Layout::new(&slots, self.key.size()).map_err(|error| ProtocolError::Sums(error.to_string()))
	}

	/// Reads a selection and checks that it is the committed one, of `t` of the schema's columns.
	fn read_selection(&self, bytes: &[u8]) -> Result<Selection, ProtocolError> {
		let selection: Selection = decode_all("the selection", bytes)?;
		if selection.commitment() != self.contract.selection.commitment {
			return Err(ProtocolError::Selection("it does not open the contract's commitment"));
		}
		let columns = self.contract.schema.len();
		if selection.bitmap.len() != columns.div_ceil(8) {
			return Err(ProtocolError::Selection("its length is not that of the schema"));
		}
		let selected = selection.columns();
		if selected.last().is_some_and(|last| usize::from(*last) >= columns) {
			return Err(ProtocolError::Selection("it names a column that there is not"));
		}
		if selected.len() != self.selected() {
			return Err(ProtocolError::Selection("it has another number of columns than the contract says"));
		}
		Ok(selection)
	}

	/// Multiplies ciphertexts in product trees, one for each selected column: `inputs[i]` are party `i`'s by column.
	fn multiply(&self, inputs: &[Vec<Ciphertext>]) -> Result<Published, ProtocolError> {
		let modulus = BigUint::from_bytes_be(&self.contract.user_key).pow(2);
		let value =
			|party: &Vec<Ciphertext>, column: usize| Some(BigUint::from_bytes_be(&party.get(column)?.to_bytes()));
		let root = |column: usize| {
			let leaves = inputs.iter().map(|party| value(party, column)).collect::<Option<Vec<_>>>()?;
			Some(root_node(&ProductTree::new(&leaves, &modulus)?, 2 * self.contract.user_key.len()))
		};
		let roots = (0..self.selected()).map(root).collect::<Option<Vec<_>>>();
		let roots = roots.ok_or_else(|| ProtocolError::Sums("a party has another number of columns".into()))?;
		let product = Product { roots };
		Ok(Published::new(product.root(), &product))
	}

	/// Reads a product and checks it against its commitment: number of columns, heights of trees over `leaves` leaves,
	/// and every value.
	pub fn read_product(
		&self,
		what: &str,
		blob: &[u8],
		commitment: &Commitment,
		leaves: usize,
	) -> Result<(Product, Vec<Ciphertext>), ProtocolError> {
		check_digest(what, blob, &commitment.blob)?;
		let product: Product = decode_all(what, blob)?;
		if product.root() != commitment.root {
			return Err(ProtocolError::Commitment(what.into()));
		}
		let format = |reason: &str| ProtocolError::Format { what: what.into(), reason: reason.into() };
		if product.roots.len() != self.selected() {
			return Err(format("it has another number of columns"));
		}
		let height = leaves.next_power_of_two().trailing_zeros() as u8;
		if product.roots.iter().any(|root| root.level != height) {
			return Err(format("its trees have another height"));
		}
		let values = product.roots.iter().map(|root| &root.value);
		let ciphertexts = self.read_ciphertexts(what, values)?;
		Ok((product, ciphertexts))
	}

	/// Reads ciphertexts by selected column: length, range, and that they share no factor with the key.
	fn read_ciphertexts<'b>(
		&self,
		what: &str,
		bytes: impl Iterator<Item = &'b Vec<u8>>,
	) -> Result<Vec<Ciphertext>, ProtocolError> {
		let read = |(column, bytes): (usize, &Vec<u8>)| {
			self.key.ciphertext(bytes).map_err(|error| ProtocolError::Ciphertext {
				what: what.into(),
				column,
				reason: error.to_string(),
			})
		};
		bytes.enumerate().map(read).collect()
	}
}

/// What an account committed to in a stage.
pub fn commitment_of(info: &JobInfo, stage: Stage, who: &AccountId) -> Option<Commitment> {
	let delivered = info.commitments.iter().find(|delivered| delivered.stage == stage && delivered.who == *who);
	delivered.map(|delivered| delivered.commitment)
}

fn root_node(tree: &ProductTree, bytes: usize) -> RootNode {
	let levels = tree.levels();
	let level = levels.len() - 1;
	let children = level.checked_sub(1).map(|below| levels[below].as_slice()).unwrap_or_default();
	let child = |index: usize| children.get(index).map(|node| node.hash).unwrap_or_default();
	let value = encrytrust_primitives::product_tree::fixed_bytes(&levels[level][0].value, bytes);
	RootNode { value, level: level as u8, left: child(0), right: child(1) }
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
