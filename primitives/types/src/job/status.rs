//! Where jobs stand, and how they end.

use super::{commitment::Delivered, contract::Contract, stage::Stage};
use crate::limits::MaxParties;
use alloc::vec::Vec;
use bounded_collections::BoundedVec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::H256;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Status<AccountId, BlockNumber> {
	/// Under way: `awaited` owe their part of `stage`, in the last block `deadline` at the latest.
	Open {
		/// The stage.
		stage: Stage,
		/// The last block in which it may end.
		deadline: BlockNumber,
		/// Who has not delivered.
		awaited: BoundedVec<AccountId, MaxParties>,
	},
	/// The result is there. From the block after `until` on anyone may settle; the user may accept before.
	Challenge {
		/// Last block of the window.
		until: BlockNumber,
	},
	/// Everyone was paid.
	Settled {
		/// In this block.
		at: BlockNumber,
	},
	/// A stage was not over in time; the late were slashed, and the user was refunded.
	Expired {
		/// Which stage.
		stage: Stage,
		/// Who was late.
		late: BoundedVec<AccountId, MaxParties>,
		/// When it was noticed.
		at: BlockNumber,
	},
	/// A provider declined before anything was done; the user was refunded.
	Declined {
		/// Who.
		by: AccountId,
		/// Why.
		reason: DeclineReason,
		/// When.
		at: BlockNumber,
	},
	/// A party was shown to be at fault; it was slashed, and the user was refunded.
	Faulty {
		/// Who.
		offender: AccountId,
		/// What was wrong.
		fault: FaultKind,
		/// Who showed it; nobody for a demand that was not answered.
		reporter: Option<AccountId>,
		/// When.
		at: BlockNumber,
	},
}

impl<AccountId, BlockNumber> Status<AccountId, BlockNumber> {
	/// Whether the job is over.
	pub fn is_ended(&self) -> bool {
		!matches!(self, Self::Open { .. } | Self::Challenge { .. })
	}
}

/// Why a provider would not take a job.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum DeclineReason {
	/// The user's key comes without a proof that it is sound.
	UserKey,
	/// The dataset's policy forbids it.
	Policy,
	/// The data cannot be read, or is not what the contract says.
	Data,
	/// The schedule leaves too little time.
	Schedule,
	/// The selection does not open its commitment, or is another number of features.
	Selection,
	/// Anything else.
	Other,
	/// A computing provider's key comes without a proof that it is sound.
	ComputingKey,
}

/// What was wrong with what a party committed to.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
	/// A node of a product tree is not the product of its children.
	Product,
	/// A product tree has not the leaves that it should have.
	Shape,
	/// A leaf of a computing provider's tree is not what the data provider committed to.
	Output,
	/// A leaf of the coordinator's tree is not the computing provider's output.
	Result,
	/// A selector is not the one that follows from the selection.
	Selector,
	/// The proof about a selection message does not hold.
	SelectionProof,
	/// An entry of a data provider's manifest cannot be read as one.
	Entry,
	/// A data provider's sealed feature does not open to what it committed to.
	Column,
	/// A demand was not answered.
	Withheld,
	/// A data provider's proof that it knows what a transfer holds does not hold.
	Transfer,
}

/// A job as the runtime API returns it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct JobInfo<AccountId, Balance, BlockNumber> {
	/// The contract.
	pub contract: Contract<AccountId, Balance, BlockNumber>,
	/// The contract's hash, which the parties confirm.
	pub contract_hash: H256,
	/// The block of the request.
	pub requested_at: BlockNumber,
	/// The current status.
	pub status: Status<AccountId, BlockNumber>,
	/// Everything committed so far, by stage and party.
	pub commitments: Vec<Delivered<AccountId, BlockNumber>>,
}
