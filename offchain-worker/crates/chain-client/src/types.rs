//! The concrete types of this chain.

use codec::{Decode, Encode};
use encrytrust_primitives::{bmpc, identity};
pub use subxt::{ext::subxt_core::utils::H256, utils::AccountId32 as AccountId};
pub use subxt_signer::sr25519::Keypair;

/// Accounts are 32 bytes, addresses `MultiAddress`, signatures `MultiSignature`: as in Polkadot's configuration.
pub(crate) type ChainConfig = subxt::PolkadotConfig;

/// An amount in the token's smallest unit.
pub type Balance = u128;
/// A block's number.
pub type BlockNumber = u32;

/// See [`bmpc::Contract`].
pub type Contract = bmpc::Contract<AccountId, Balance, BlockNumber>;
/// See [`bmpc::DataSet`].
pub type DataSet = bmpc::DataSet<AccountId, Balance>;
/// See [`bmpc::Delivered`].
pub type Delivered = bmpc::Delivered<AccountId, BlockNumber>;
/// See [`bmpc::Demand`].
pub type Demand = bmpc::Demand<AccountId, Balance, BlockNumber>;
/// See [`bmpc::Duty`].
pub type Duty = bmpc::Duty<BlockNumber>;
/// See [`bmpc::JobInfo`].
pub type JobInfo = bmpc::JobInfo<AccountId, Balance, BlockNumber>;
/// See [`bmpc::Offer`].
pub type Offer = bmpc::Offer<Balance>;
/// See [`bmpc::Party`].
pub type Party = bmpc::Party<AccountId, Balance>;
/// See [`bmpc::Policy`].
pub type Policy = bmpc::Policy<AccountId>;
/// See [`bmpc::Quote`].
pub type Quote = bmpc::Quote<AccountId, Balance>;
/// See [`bmpc::Registration`].
pub type Registration = bmpc::Registration<Balance>;
/// See [`bmpc::Request`].
pub type Request = bmpc::Request<AccountId, Balance, BlockNumber>;
/// See [`bmpc::Schedule`].
pub type Schedule = bmpc::Schedule<BlockNumber>;
/// See [`bmpc::Status`].
pub type Status = bmpc::Status<AccountId, BlockNumber>;

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

/// The arguments of an `answer` to a demand.
#[derive(Clone, Debug, PartialEq, Eq, Decode)]
pub struct DemandAnswer {
	/// The job.
	pub job: bmpc::JobId,
	/// The stage of the commitment.
	pub stage: bmpc::Stage,
	/// The account that made it.
	pub who: AccountId,
	/// The piece's index.
	pub piece: u32,
	/// The piece.
	pub bytes: Vec<u8>,
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
