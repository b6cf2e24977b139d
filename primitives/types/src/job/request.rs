//! What users ask for, and what it costs.

use super::{selection::SelectionTerms, stage::Schedule, template::Parameters};
use crate::{
	bytes::Modulus,
	ids::{DatasetId, TemplateId},
	limits::{MaxComputingProviders, MaxDataProviders},
};
use alloc::vec::Vec;
use bounded_collections::BoundedVec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Rows of a dataset that follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct RowRange {
	/// The first, counted from 0 in the dataset's order.
	pub first: u64,
	/// How many.
	pub count: u64,
}

/// What a user asks for: formula (4).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Request<AccountId, Balance, BlockNumber> {
	/// What to compute.
	pub template: TemplateId,
	/// Over which datasets; each brings its provider.
	pub datasets: BoundedVec<DatasetId, MaxDataProviders>,
	/// Which rows, of row-wise templates alone: a range of each dataset, in their order, or none for all rows.
	pub row_ranges: BoundedVec<RowRange, MaxDataProviders>,
	/// Which computing providers.
	pub computing_providers: BoundedVec<AccountId, MaxComputingProviders>,
	/// Which coordinator.
	pub coordinator: AccountId,
	/// What the template needs beside the columns.
	pub parameters: Parameters,
	/// The user's Paillier key: the result can be read with it alone.
	pub user_key: Modulus,
	/// sha2-256 of the blob that proves that the user's key is sound, see `docs/protocol/key-proofs.md`.
	pub user_key_proof: [u8; 32],
	/// Which columns.
	pub selection: SelectionTerms,
	/// How long each stage is, in blocks of the finality clock.
	pub schedule: Schedule<BlockNumber>,
	/// The most that the user pays; the quote's total, prepaid fees and charges together must not be above it.
	pub max_price: Balance,
}

/// What a job costs: formula (5).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Quote<AccountId, Balance> {
	/// Pay of each data provider: cells × price.
	pub data: Vec<(AccountId, Balance)>,
	/// Pay of each computing provider: work × price.
	pub computing: Vec<(AccountId, Balance)>,
	/// Pay of the coordinator; with the fee, the formula's gas.
	pub coordination: Balance,
	/// The service fee.
	pub fee: Balance,
	/// All of these: held in escrow.
	pub total: Balance,
	/// The fees of the calls that the parties will owe, paid at the request and not returned.
	pub prepaid_fees: Balance,
	/// The most that the user is charged, see [`Contract::user_charges`](super::Contract::user_charges); on hold until the job
	/// ends.
	pub charges: Balance,
	/// What each party must have free of its service bond, see [`Contract::bond`](super::Contract::bond).
	pub bond: Balance,
}
