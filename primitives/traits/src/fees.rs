//! Service fees (white paper, table 3): what using the network's services costs, beside the transaction's own fee.
//!
//! The schedule is in storage and the voting nodes set it. What is paid goes to the ecology program.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use encrytrust_types::token::Balance;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::{DispatchError, Permill};

/// How much of the network's services an account may use.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub enum Tier {
	/// Every new account's.
	#[default]
	#[codec(index = 0)]
	Basic,
	/// More calls, for teams.
	#[codec(index = 1)]
	Professional,
	/// Most calls, for organisations.
	#[codec(index = 2)]
	Enterprise,
}

/// A service that costs a fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Service {
	/// To be listed as a developer.
	#[codec(index = 0)]
	DeveloperRegistration,
	/// A service account of the tier `Basic`.
	#[codec(index = 1)]
	AccountCreation,
	/// A tier above `Basic`: what it costs to go from `Basic` to this one.
	#[codec(index = 2)]
	AccountTier(Tier),
	/// This many calls of the API on top of the tier's own.
	#[codec(index = 3)]
	ApiCalls(u32),
	/// One trade of data.
	#[codec(index = 4)]
	DataTransaction,
	/// One computation contract.
	#[codec(index = 5)]
	ContractCall,
}

/// The prices of all services, in the token's smallest units.
#[derive(
	Clone,
	Debug,
	Default,
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
pub struct FeeSchedule {
	/// To be listed as a developer.
	pub developer_registration: Balance,
	/// A service account.
	pub account_creation: Balance,
	/// From `Basic` to `Professional`.
	pub professional: Balance,
	/// From `Basic` to `Enterprise`; at least `professional`.
	pub enterprise: Balance,
	/// One call of the API beyond the tier's own.
	pub api_call: Balance,
	/// A trade of data: this, and `share` of its price.
	pub data_transaction: Balance,
	/// A computation contract: this, and `share` of what its parties are paid.
	pub contract_call: Balance,
	/// The part of the value that changes hands.
	pub share: Permill,
}

/// By what pallets charge for services.
pub trait ServiceFees<AccountId> {
	/// What `service` costs today when `value` changes hands by it, rounded down; the largest number if it is beyond all.
	fn fee(service: Service, value: Balance) -> Balance;

	/// Whom fees are paid to: an account that exists and has no key.
	fn destination() -> AccountId;

	/// Take today's fee from the free balance of `who`, and return it.
	///
	/// # Errors
	///
	/// If `who` has not as much to spend; nothing has changed then.
	fn charge(who: &AccountId, service: Service, value: Balance) -> Result<Balance, DispatchError>;
}
