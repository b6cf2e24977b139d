//! Types of the pallet's storage and calls. What clients see beyond them is in [`crate::runtime_api`].

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use encrytrust_traits::fees::Tier;
use encrytrust_types::token::{Balance, Program};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::{bounded::BoundedVec, ConstU32};

/// A grant's number; consecutive from zero, never used again.
pub type GrantId = u64;
/// The name that a developer is listed under: UTF-8.
pub type DeveloperName = BoundedVec<u8, ConstU32<64>>;

/// An account of the chain.
pub type AccountIdOf<T> = <T as frame_system::Config>::AccountId;
/// A program's policy.
pub type ProgramPolicyOf<T> = ProgramPolicy<BlockNumberFor<T>>;
/// A grant's terms.
pub type GrantTermsOf<T> = GrantTerms<Balance, BlockNumberFor<T>>;
/// A grant.
pub type GrantOf<T> = Grant<AccountIdOf<T>, Balance, BlockNumberFor<T>>;

/// Which grants a program makes.
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
pub struct ProgramPolicy<BlockNumber> {
	/// The fewest blocks from a grant's start to its cliff.
	pub earliest_cliff: BlockNumber,
	/// The most blocks from a grant's start to its end; at least `earliest_cliff`.
	pub longest_duration: BlockNumber,
	/// Whether a grant may be made such that its unvested part can be withdrawn.
	pub revocable: bool,
}

impl<BlockNumber: PartialOrd> ProgramPolicy<BlockNumber> {
	/// Whether there are terms that the policy admits.
	pub fn is_valid(&self) -> bool {
		self.earliest_cliff <= self.longest_duration
	}
}

/// What is granted and how it vests: nothing before the cliff, then linearly by block since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct GrantTerms<Balance, BlockNumber> {
	/// How much.
	pub amount: Balance,
	/// The block from which time counts.
	pub start: BlockNumber,
	/// Blocks from the start until anything has vested.
	pub cliff: BlockNumber,
	/// Blocks from the start until everything has vested; at least `cliff`.
	pub duration: BlockNumber,
	/// Whether the unvested part can be withdrawn.
	pub revocable: bool,
}

/// An open grant: one of which something is still to be paid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Grant<AccountId, Balance, BlockNumber> {
	/// Out of which program.
	pub program: Program,
	/// To whom.
	pub beneficiary: AccountId,
	/// How much and when.
	pub terms: GrantTerms<Balance, BlockNumber>,
	/// What has been paid.
	pub claimed: Balance,
	/// The block in which its unvested part was withdrawn. It vests no further than it had by then.
	pub withdrawn: Option<BlockNumber>,
}

/// A service account: by what gateways decide whom they serve.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Account {
	/// How many calls of the API it may make every day.
	pub tier: Tier,
	/// Calls of the API bought on top of the tier's own, ever. The chain does not count those made.
	pub api_calls: u64,
	/// The name that it is listed under, if as a developer.
	pub developer: Option<DeveloperName>,
	/// What is on hold for this record.
	pub deposit: Balance,
}
