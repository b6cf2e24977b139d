//! Computation contracts: everything that is fixed when a job is made.

use super::{
	party::{Endpoint, Role},
	selection::SelectionTerms,
	stage::Schedule,
	template::{Parameters, TemplateKind},
};
use crate::{
	bytes::Modulus,
	dataset::Schema,
	hash,
	ids::{DatasetId, JobId, TemplateId},
	limits::{MaxComputingProviders, MaxDataProviders},
};
use bounded_collections::BoundedVec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::H256;
use scale_info::TypeInfo;

/// A party of a job and its pay.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Party<AccountId, Balance> {
	/// Who.
	pub who: AccountId,
	/// What it is paid at settlement.
	pub pay: Balance,
	/// The most that it is charged: for what is published on chain by it or for it, and for one report of a fault that does
	/// not hold. On hold from the last confirmation until the job ends.
	pub charges: Balance,
	/// Its keys and address when the job was made.
	pub endpoint: Endpoint,
}

/// A dataset's part in a job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct DataParty<AccountId, Balance> {
	/// Which dataset.
	pub dataset: DatasetId,
	/// Its rows when the job was made.
	pub dataset_rows: u64,
	/// The first of its rows that the job is about, counted from 0 in the dataset's order.
	pub first_row: u64,
	/// How many of its rows the job is about.
	pub rows: u64,
	/// [`Dataset::fingerprint`](crate::dataset::Dataset::fingerprint) when the job was made: the contract is about these rows and no others.
	pub fingerprint: H256,
	/// Its provider.
	pub party: Party<AccountId, Balance>,
}

impl<AccountId, Balance> DataParty<AccountId, Balance> {
	/// The rows that the job is about, by their places in the dataset's order.
	pub fn row_range(&self) -> core::ops::Range<u64> {
		self.first_row..self.first_row.saturating_add(self.rows)
	}
}

/// A computing provider's part in a job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ComputingParty<AccountId, Balance> {
	/// Its Paillier key when the job was made.
	pub paillier: Modulus,
	/// sha2-256 of the blob that proves that the key is sound.
	pub key_proof: [u8; 32],
	/// The provider.
	pub party: Party<AccountId, Balance>,
}

/// A computation contract: everything that is fixed when a job is made. Its [`Contract::hash`] is what parties confirm.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Contract<AccountId, Balance, BlockNumber> {
	/// Who pays and reads the result.
	pub user: AccountId,
	/// What is computed.
	pub template: TemplateId,
	/// What that template computed when the job was made.
	pub kind: TemplateKind,
	/// What it needs beside the columns.
	pub parameters: Parameters,
	/// The datasets' columns.
	pub schema: Schema,
	/// The data providers, in the request's order.
	pub data: BoundedVec<DataParty<AccountId, Balance>, MaxDataProviders>,
	/// The computing providers, in the request's order.
	pub computing: BoundedVec<ComputingParty<AccountId, Balance>, MaxComputingProviders>,
	/// The coordinator.
	pub coordinator: Party<AccountId, Balance>,
	/// The user's Paillier key.
	pub user_key: Modulus,
	/// sha2-256 of the blob that proves that the key is sound.
	pub user_key_proof: [u8; 32],
	/// Which columns, hidden.
	pub selection: SelectionTerms,
	/// How long each stage is.
	pub schedule: Schedule<BlockNumber>,
	/// Blocks of the finality clock between the result and its settlement, unless the user accepts earlier.
	pub challenge_period: BlockNumber,
	/// Blocks of the finality clock that a party has to publish a challenged unit, from its place in the queue on.
	pub answer_period: BlockNumber,
	/// What each byte that is published on chain costs its owner and the challenger, each.
	pub charge_per_byte: Balance,
	/// The most that the user is charged: for what is published on chain for it, and for one report of a fault that does not
	/// hold. On hold from the request until the job ends.
	pub user_charges: Balance,
	/// The service fee, paid to the ecology program at settlement.
	pub fee: Balance,
	/// What each party has at stake: engaged from its service bond from the last confirmation until the job ends, and never
	/// less than the price and all charges, so that the bond of one pays all others.
	pub bond: Balance,
}

impl<AccountId, Balance, BlockNumber> Contract<AccountId, Balance, BlockNumber> {
	/// Rows that the job is about, of all datasets together.
	pub fn rows(&self) -> u64 {
		self.data.iter().fold(0, |rows, data| rows.saturating_add(data.rows))
	}

	/// All parties: data providers, computing providers, coordinator.
	pub fn parties(&self) -> impl Iterator<Item = (Role, &Party<AccountId, Balance>)> {
		let data = self.data.iter().map(|data| (Role::DataProvider, &data.party));
		let computing = self.computing.iter().map(|computing| (Role::ComputingProvider, &computing.party));
		data.chain(computing).chain(core::iter::once((Role::Coordinator, &self.coordinator)))
	}

	/// Number of features that the selection is made from: `K`. No contract without them is made.
	pub fn features(&self) -> u16 {
		self.kind.features(self.schema.columns().len() as u16).unwrap_or_default()
	}
}

impl<AccountId: Encode, Balance: Encode, BlockNumber: Encode> Contract<AccountId, Balance, BlockNumber> {
	/// What the parties confirm: Blake2b-256 under the tag `encrytrust/bmpc/contract/5` over genesis hash, job id
	/// (u64 LE) and the contract's SCALE encoding.
	pub fn hash(&self, genesis: &H256, job: JobId) -> H256 {
		hash::tagged("encrytrust/bmpc/contract/5", &[genesis.as_bytes(), &job.to_le_bytes(), &self.encode()])
	}
}
