//! Types of the pallet's storage. What clients and workers see is in [`encrytrust_types`].

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use encrytrust_types::{dataset, job};
use frame_support::traits::fungible::Inspect;
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use sp_core::H256;

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
/// A registered role.
pub type RegistrationOf<T> = job::Registration<BalanceOf<T>>;
/// A role's offer.
pub type OfferOf<T> = job::Offer<BalanceOf<T>>;
/// A data set on offer.
pub type DataSetOf<T> = dataset::DataSet<AccountIdOf<T>, BalanceOf<T>>;
/// A data set's policy.
pub type PolicyOf<T> = dataset::Policy<AccountIdOf<T>>;
/// A job's status.
pub type StatusOf<T> = job::Status<AccountIdOf<T>, BlockNumberFor<T>>;
/// A job's fixed part.
pub type JobOf<T> = Job<AccountIdOf<T>, BalanceOf<T>, BlockNumberFor<T>>;
/// A job as the runtime API tells it.
pub type JobInfoOf<T> = job::JobInfo<AccountIdOf<T>, BalanceOf<T>, BlockNumberFor<T>>;
/// A demand.
pub type DemandOf<T> = job::Demand<AccountIdOf<T>, BalanceOf<T>, BlockNumberFor<T>>;
/// What a job costs.
pub type QuoteOf<T> = job::Quote<AccountIdOf<T>, BalanceOf<T>>;

/// What never changes about a job; where it stands is its [`job::Status`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Job<AccountId, Balance, BlockNumber> {
	/// The contract.
	pub contract: job::Contract<AccountId, Balance, BlockNumber>,
	/// The contract's hash, which the parties confirm.
	pub hash: H256,
	/// In which block it was made.
	pub requested_at: BlockNumber,
	/// What the user has on hold for it until it ends: every party's pay and the fee.
	pub escrow: Balance,
	/// What the user has on hold for its record until that is cleared.
	pub deposit: Balance,
}
