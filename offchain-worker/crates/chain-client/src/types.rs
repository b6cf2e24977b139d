//! The concrete types of this chain.

use crate::Error;
use codec::{Decode, Encode};
use encrytrust_types::{dataset, identity, job, JobId};
use std::str::FromStr;
pub use subxt::{ext::subxt_core::utils::H256, utils::AccountId32 as AccountId};
pub use subxt_signer::sr25519::Keypair;

/// An amount in the token's smallest unit.
pub type Balance = u128;
/// A block's number.
pub type BlockNumber = u32;

/// See [`job::Contract`].
pub type Contract = job::Contract<AccountId, Balance, BlockNumber>;
/// See [`dataset::DataSet`].
pub type DataSet = dataset::DataSet<AccountId, Balance>;
/// See [`job::Delivered`].
pub type Delivered = job::Delivered<AccountId, BlockNumber>;
/// See [`job::Demand`].
pub type Demand = job::Demand<AccountId, Balance, BlockNumber>;
/// See [`job::Duty`].
pub type Duty = job::Duty<BlockNumber>;
/// See [`job::JobInfo`].
pub type JobInfo = job::JobInfo<AccountId, Balance, BlockNumber>;
/// See [`job::Offer`].
pub type Offer = job::Offer<Balance>;
/// See [`job::Party`].
pub type Party = job::Party<AccountId, Balance>;
/// See [`dataset::Policy`].
pub type Policy = dataset::Policy<AccountId>;
/// See [`job::Quote`].
pub type Quote = job::Quote<AccountId, Balance>;
/// See [`job::Registration`].
pub type Registration = job::Registration<Balance>;
/// See [`job::Request`].
pub type Request = job::Request<AccountId, Balance, BlockNumber>;
/// See [`job::Schedule`].
pub type Schedule = job::Schedule<BlockNumber>;
/// See [`job::Status`].
pub type Status = job::Status<AccountId, BlockNumber>;

/// See [`identity::Key`].
pub type IdentityKey = identity::Key<AccountId, Balance>;
/// See [`identity::KeyEvent`].
pub type IdentityKeyEvent = identity::KeyEvent<AccountId, BlockNumber>;
/// See [`identity::KeyRequest`].
pub type IdentityKeyRequest = identity::KeyRequest<AccountId, Balance, BlockNumber>;

/// What a bond is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum BondKind {
	/// To make blocks.
	#[codec(index = 0)]
	Validator,
	/// To take part in jobs.
	#[codec(index = 1)]
	Service,
}

/// A part of a bond that is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Unbonding {
	/// How much.
	pub amount: Balance,
	/// In which block that began.
	pub since: BlockNumber,
	/// From which block on it can be withdrawn.
	pub until: BlockNumber,
}

/// A bond.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct BondInfo {
	/// Bonded.
	pub active: Balance,
	/// What of it contracts engage.
	pub engaged: Balance,
	/// What of it they do not.
	pub available: Balance,
	/// What is on its way out.
	pub unbonding: Vec<Unbonding>,
	/// What of that can be withdrawn in the next block.
	pub withdrawable: Balance,
}

/// The answer to a demand, as it stands in a block.
#[derive(Clone, Debug, PartialEq, Eq, Decode)]
pub struct DemandAnswer {
	/// For which job.
	pub job: JobId,
	/// The stage of the commitment.
	pub stage: job::Stage,
	/// Whose commitment.
	pub who: AccountId,
	/// Which part.
	pub piece: u32,
	/// The part.
	pub bytes: Vec<u8>,
}

/// A block's number and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
	/// Its number.
	pub number: BlockNumber,
	/// Its hash.
	pub hash: H256,
}

/// An account's money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct AccountBalance {
	/// Not on hold.
	pub free: Balance,
	/// On hold: deposits, escrow and bonds.
	pub reserved: Balance,
	/// The part of the above that may not be spent.
	pub frozen: Balance,
}

/// The sr25519 key pair of a secret URI: `//Alice`, or a phrase with derivations, or 0x and 32 bytes of seed.
pub fn keypair(suri: &str) -> Result<Keypair, Error> {
	let uri = subxt_signer::SecretUri::from_str(suri.trim()).map_err(|_| Error::SecretUri)?;
	Keypair::from_uri(&uri).map_err(|_| Error::SecretUri)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_development_account_has_its_known_address() {
		let alice: AccountId = keypair("//Alice\n").unwrap().public_key().into();
		assert_eq!(alice.to_string(), "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
	}

	#[test]
	fn a_bad_secret_is_refused_without_being_repeated() {
		let Err(error) = keypair("correct horse battery staple") else { panic!("accepted") };
		assert!(!error.to_string().contains("horse"));
	}
}
