//! Types of the pallet's storage. What clients and workers see is in [`encrytrust_types`].

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use encrytrust_types::{
	dataset, job,
	limits::{MaxParticipants, MAX_UNITS},
};
use frame_support::{traits::fungible::Inspect, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use sp_core::{ConstU32, H256};

/// An account.
pub type AccountIdOf<T> = <T as frame_system::Config>::AccountId;
/// An amount of [`Config::Currency`].
pub type BalanceOf<T> = <<T as Config>::Currency as Inspect<AccountIdOf<T>>>::Balance;
/// A user's request.
pub type RequestOf<T> = job::Request<AccountIdOf<T>, BalanceOf<T>, BlockNumberFor<T>>;
/// A computation contract.
pub type ContractOf<T> = job::Contract<AccountIdOf<T>, BalanceOf<T>, BlockNumberFor<T>>;
/// A party and its pay.
pub type PartyOf<T> = job::Party<AccountIdOf<T>, BalanceOf<T>>;
/// A data provider's part in a job.
pub type DataPartyOf<T> = job::DataParty<AccountIdOf<T>, BalanceOf<T>>;
/// A computing provider's part in a job.
pub type ComputingPartyOf<T> = job::ComputingParty<AccountIdOf<T>, BalanceOf<T>>;
/// A registered role.
pub type RegistrationOf<T> = job::Registration<AccountIdOf<T>, BalanceOf<T>, BlockNumberFor<T>>;
/// What a party asks of jobs.
pub type TermsOf<T> = job::Terms<AccountIdOf<T>, BalanceOf<T>, BlockNumberFor<T>>;
/// A role's offer.
pub type OfferOf<T> = job::Offer<BalanceOf<T>>;
/// A dataset on offer.
pub type DatasetOf<T> = dataset::Dataset<AccountIdOf<T>, BalanceOf<T>>;
/// A dataset's policy.
pub type PolicyOf<T> = dataset::Policy<AccountIdOf<T>>;
/// A job's status.
pub type StatusOf<T> = job::Status<AccountIdOf<T>, BlockNumberFor<T>>;
/// The part of a job that never changes.
pub type JobOf<T> = Job<AccountIdOf<T>, BalanceOf<T>, BlockNumberFor<T>>;
/// A job as the runtime API returns it.
pub type JobInfoOf<T> = job::JobInfo<AccountIdOf<T>, BalanceOf<T>, BlockNumberFor<T>>;
/// What was challenged and published in a job.
pub type AvailabilityOf<T> = AvailabilityState<BalanceOf<T>, BlockNumberFor<T>>;
/// A challenged unit.
pub type OpenUnitOf<T> = job::OpenUnit<BlockNumberFor<T>>;
/// A party that owes its part of a stage.
pub type AwaitedOf<T> = job::Awaited<AccountIdOf<T>, BlockNumberFor<T>>;
/// The price of a job.
pub type QuoteOf<T> = job::Quote<AccountIdOf<T>, BalanceOf<T>>;

/// The part of a job that never changes; the rest is its [`job::Status`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Job<AccountId, Balance, BlockNumber> {
	/// Parties, prices and schedule.
	pub contract: job::Contract<AccountId, Balance, BlockNumber>,
	/// The hash that the parties confirm.
	pub contract_hash: H256,
	/// The block of the request.
	pub requested_at: BlockNumber,
	/// Held from the user until the job ends: every party's pay and the fee.
	pub escrow: Balance,
	/// Held from the user until the job's record is cleared.
	pub deposit: Balance,
	/// Picoseconds that blocks are charged for the calls that the parties will owe once all have confirmed.
	pub owed_time: u64,
}

/// What was challenged and published in a job, and what its accounts were charged.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct AvailabilityState<Balance, BlockNumber> {
	/// Units published in full.
	pub published: job::UnitSet,
	/// Units challenged and not published in full.
	pub open: BoundedVec<job::OpenUnit<BlockNumber>, ConstU32<MAX_UNITS>>,
	/// What each account was charged so far, by place: the user, then the parties in the contract's order.
	pub charged: BoundedVec<Balance, MaxParticipants>,
	/// The places whose report deposit is taken, a bit each.
	pub report_deposits_taken: u64,
}

impl<Balance, BlockNumber> Default for AvailabilityState<Balance, BlockNumber> {
	fn default() -> Self {
		Self {
			published: Default::default(),
			open: BoundedVec::new(),
			charged: BoundedVec::new(),
			report_deposits_taken: 0,
		}
	}
}

/// The bit of a place in a set of places.
pub(crate) fn place_bit(place: u8) -> u64 {
	1u64.checked_shl(place.into()).unwrap_or_default()
}
