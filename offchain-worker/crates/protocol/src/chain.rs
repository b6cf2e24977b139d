//! The concrete types of this chain, as `encrytrust-chain-client` has them.

use encrytrust_primitives::bmpc;
pub use primitive_types::H256;
// The account's type alone, with its address as text: nothing of a client.
pub use subxt_core::utils::AccountId32 as AccountId;

/// An amount in the token's smallest unit.
pub type Balance = u128;
/// A block's number.
pub type BlockNumber = u32;

/// See [`bmpc::Contract`].
pub type Contract = bmpc::Contract<AccountId, Balance, BlockNumber>;
/// See [`bmpc::Delivered`].
pub type Delivered = bmpc::Delivered<AccountId, BlockNumber>;
/// See [`bmpc::JobInfo`].
pub type JobInfo = bmpc::JobInfo<AccountId, Balance, BlockNumber>;
/// See [`bmpc::Party`].
pub type Party = bmpc::Party<AccountId, Balance>;
/// See [`bmpc::Schedule`].
pub type Schedule = bmpc::Schedule<BlockNumber>;
/// See [`bmpc::Status`].
pub type Status = bmpc::Status<AccountId, BlockNumber>;
