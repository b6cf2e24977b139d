//! Types of the pallet's storage and calls. Other types that clients see are in [`crate::runtime_api`].

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use encrytrust_traits::fees::Tier;
use encrytrust_types::token::{Balance, Program};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::{bounded::BoundedVec, ConstU32};

/// A grant's id; consecutive from zero, never reused.
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

/// The grants that a program can make.
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
	/// The minimum number of blocks from a grant's start to its cliff.
	pub earliest_cliff: BlockNumber,
	/// The maximum number of blocks from a grant's start to its end; at least `earliest_cliff`.
	pub longest_duration: BlockNumber,
	/// Whether grants are allowed whose unvested part can be withdrawn.
	pub revocable: bool,
}

impl<BlockNumber: PartialOrd> ProgramPolicy<BlockNumber> {
	/// Whether there are terms that the policy admits.
	pub fn is_valid(&self) -> bool {
		self.earliest_cliff <= self.longest_duration
	}
}

/// The amount of a grant and its vesting: nothing before the cliff, then linearly by block since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct GrantTerms<Balance, BlockNumber> {
	/// The granted amount.
	pub amount: Balance,
	/// The block from which cliff and duration count.
	pub start: BlockNumber,
	/// Blocks from the start until anything has vested.
	pub cliff: BlockNumber,
	/// Blocks from the start until everything has vested; at least `cliff`.
	pub duration: BlockNumber,
	/// Whether the unvested part can be withdrawn.
	pub revocable: bool,
}

/// An open grant: one that is not paid in full.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Grant<AccountId, Balance, BlockNumber> {
	/// The program that pays it.
	pub program: Program,
	/// The account that claims it.
	pub beneficiary: AccountId,
	/// Amount and vesting.
	pub terms: GrantTerms<Balance, BlockNumber>,
	/// The amount that has been paid.
	pub claimed: Balance,
	/// The block in which its unvested part was withdrawn. Nothing vests after it.
	pub withdrawn: Option<BlockNumber>,
}

/// A service account, by which gateways decide about requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Account {
	/// Determines the daily calls of the API.
	pub tier: Tier,
	/// The total of calls of the API bought on top of the tier's own. The chain does not count those made.
	pub api_calls: u64,
	/// The name under which it is listed as a developer.
	pub developer: Option<DeveloperName>,
	/// The amount on hold for this record.
	pub deposit: Balance,
}
