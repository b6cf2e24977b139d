//! The concrete types of this chain.

use codec::{Decode, Encode};
pub use encrytrust_types::AccountId;
use encrytrust_types::{dataset, identity, job, JobId};
pub use subxt::ext::subxt_core::utils::H256;
pub use subxt_signer::sr25519::Keypair;

/// Accounts are 32 bytes, addresses `MultiAddress`, signatures `MultiSignature`: as in Polkadot's configuration.
pub(crate) type ChainConfig = subxt::PolkadotConfig;

/// An amount in the token's smallest unit.
pub type Balance = u128;
/// A block's number.
pub type BlockNumber = u32;

/// See [`job::Contract`].
pub type Contract = job::Contract<AccountId, Balance, BlockNumber>;
/// See [`dataset::Dataset`].
pub type Dataset = dataset::Dataset<AccountId, Balance>;
/// See [`job::Delivered`].
pub type Delivered = job::Delivered<AccountId, BlockNumber>;
/// See [`job::Duty`].
pub type Duty = job::Duty<BlockNumber>;
/// See [`job::JobInfo`].
pub type JobInfo = job::JobInfo<AccountId, Balance, BlockNumber>;
/// See [`job::Offer`].
pub type Offer = job::Offer<Balance>;
/// See [`job::OpenUnit`].
pub type OpenUnit = job::OpenUnit<BlockNumber>;
/// See [`job::Party`].
pub type Party = job::Party<AccountId, Balance>;
/// See [`dataset::Policy`].
pub type Policy = dataset::Policy<AccountId>;
/// See [`job::Quote`].
pub type Quote = job::Quote<AccountId, Balance>;
/// See [`job::Registration`].
pub type Registration = job::Registration<AccountId, Balance, BlockNumber>;
/// See [`job::Request`].
pub type Request = job::Request<AccountId, Balance, BlockNumber>;
/// See [`job::Schedule`].
pub type Schedule = job::Schedule<BlockNumber>;
/// See [`job::Status`].
pub type Status = job::Status<AccountId, BlockNumber>;

/// See [`job::Terms`].
pub type Terms = job::Terms<AccountId, Balance, BlockNumber>;

/// See [`identity::Key`].
pub type IdentityKey = identity::Key<AccountId, Balance>;
/// See [`identity::KeyEvent`].
pub type IdentityKeyEvent = identity::KeyEvent<AccountId, BlockNumber>;
/// See [`identity::KeyRequest`].
pub type IdentityKeyRequest = identity::KeyRequest<AccountId, Balance, BlockNumber>;

/// The kinds of bonds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum BondKind {
	/// Needed to validate.
	#[codec(index = 0)]
	Validator,
	/// Needed to take part in jobs.
	#[codec(index = 1)]
	Service,
}

/// A part of a bond that is unbonding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Unbonding {
	/// The amount.
	pub amount: Balance,
	/// The block in which unbonding began.
	pub since: BlockNumber,
	/// The block from which on it can be withdrawn.
	pub until: BlockNumber,
}

/// A bond.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct BondInfo {
	/// The bond without what is unbonding.
	pub active: Balance,
	/// The part of it that contracts engage.
	pub engaged: Balance,
	/// The rest of it.
	pub available: Balance,
	/// The parts that are unbonding.
	pub unbonding: Vec<Unbonding>,
	/// The amount of these that can be withdrawn in the next block.
	pub withdrawable: Balance,
}

/// The arguments of a `publish`: a chunk of a challenged unit.
#[derive(Clone, Debug, PartialEq, Eq, Decode)]
pub struct Publication {
	/// The job.
	pub job: JobId,
	/// The unit's number.
	pub unit: u32,
	/// The chunk's number.
	pub chunk: u32,
	/// The chunk.
	pub bytes: Vec<u8>,
	/// From the chunk to the commitment's root.
	pub path: Vec<H256>,
}

/// A block's number and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
	/// The number.
	pub number: BlockNumber,
	/// The hash.
	pub hash: H256,
}

/// An account's balance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct AccountBalance {
	/// Not on hold.
	pub free: Balance,
	/// On hold: deposits, escrow and bonds.
	pub reserved: Balance,
	/// The part of the above that may not be spent.
	pub frozen: Balance,
}
