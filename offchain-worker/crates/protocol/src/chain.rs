//! The concrete types of this chain, as `encrytrust-chain-client` has them.

use encrytrust_types::job;
pub use encrytrust_types::AccountId;
pub use primitive_types::H256;

/// An amount in the token's smallest unit.
pub type Balance = u128;
/// A block's number.
pub type BlockNumber = u32;

/// See [`job::Contract`].
pub type Contract = job::Contract<AccountId, Balance, BlockNumber>;
/// See [`job::Delivered`].
pub type Delivered = job::Delivered<AccountId, BlockNumber>;
/// See [`job::JobInfo`].
pub type JobInfo = job::JobInfo<AccountId, Balance, BlockNumber>;
/// See [`job::Party`].
pub type Party = job::Party<AccountId, Balance>;
/// See [`job::Schedule`].
pub type Schedule = job::Schedule<BlockNumber>;
/// See [`job::Status`].
pub type Status = job::Status<AccountId, BlockNumber>;
