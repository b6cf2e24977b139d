//! Where jobs stand, and how they end.

use super::{challenge::UnitSet, commitment::Delivered, contract::Contract, mask_key::MaskKey, stage::Stage};
use crate::limits::MaxParties;
use alloc::vec::Vec;
use bounded_collections::BoundedVec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::H256;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// A party that owes its part of a stage.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Awaited<AccountId, BlockNumber> {
	/// The party.
	pub who: AccountId,
	/// The last value of the finality clock at which it may deliver. It does not count while units that the party
	/// challenged are open.
	pub deadline: BlockNumber,
	/// Whether the party has made its availability challenge in this stage.
	pub challenged: bool,
}

/// Where a job stands. Block numbers are values of the finality clock, but for `at`: the block in which a job ended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Status<AccountId, BlockNumber> {
	/// Under way: the `awaited` owe their part of `stage`, which began at `since`.
	Open {
		/// The stage.
		stage: Stage,
		/// When the stage before ended.
		since: BlockNumber,
		/// Who has not delivered.
		awaited: BoundedVec<Awaited<AccountId, BlockNumber>, MaxParties>,
	},
	/// The result is there. After `until` anyone may settle; the user may accept before.
	Challenge {
		/// The end of the window.
		until: BlockNumber,
		/// Whether the user has made its availability challenge.
		challenged: bool,
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
	/// Not all providers confirmed in time, or one lacked what the contract needs at the last confirmation; the user was
	/// refunded, and nobody was slashed.
	Lapsed {
		/// When.
		at: BlockNumber,
	},
	/// The user cancelled the job before all had confirmed, and was refunded.
	Cancelled {
		/// When.
		at: BlockNumber,
	},
	/// A party was shown to be at fault; it was slashed, and the user was refunded.
	Faulty {
		/// Who.
		offender: AccountId,
		/// What was wrong.
		fault: FaultKind,
		/// Who showed it; nobody for a challenged unit that was not published.
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

	/// Whether all parties have confirmed and the job is under way: their bonds are engaged.
	pub fn is_active(&self) -> bool {
		matches!(self, Self::Challenge { .. })
			|| matches!(self, Self::Open { stage, .. } if *stage != Stage::Confirmation)
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
	/// A challenged unit was not published in time.
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
	/// The mask keys of the data providers, in the contract's order; none of those that have not confirmed. All stages
	/// after the confirmation have all of them.
	pub mask_keys: Vec<Option<MaskKey>>,
	/// Everything committed so far, by stage and party.
	pub commitments: Vec<Delivered<AccountId, BlockNumber>>,
	/// The units that were challenged and published in full: they are in the blocks.
	pub published: UnitSet,
}
