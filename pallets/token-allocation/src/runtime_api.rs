//! The runtime API, for clients and gateways. Results are as of the block at which it is called.

use crate::types::{AccountIdOf, DeveloperName, GrantId, GrantTerms};
use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use encrytrust_traits::fees::{FeeSchedule, Tier};
use encrytrust_types::token::{Balance, Program};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;

/// A grant as the runtime API returns it.
pub type GrantInfoOf<T> = GrantInfo<AccountIdOf<T>, Balance, BlockNumberFor<T>>;

/// The total issuance and the programs' money.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Supply<AccountId, Balance> {
	/// The total issuance.
	pub total: Balance,
	/// All six programs.
	pub programs: Vec<(Program, ProgramInfo<AccountId, Balance>)>,
}

/// A program's money.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ProgramInfo<AccountId, Balance> {
	/// Its account, which has no key.
	pub account: AccountId,
	/// The program's part of the issuance at genesis.
	pub allocation: Balance,
	/// The amount that is not granted, including the existential deposit that must remain.
	pub free: Balance,
	/// The amount on hold for grants: owed, but not paid yet.
	pub granted: Balance,
}

/// An open grant.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct GrantInfo<AccountId, Balance, BlockNumber> {
	/// The program that pays it.
	pub program: Program,
	/// The account that claims it.
	pub beneficiary: AccountId,
	/// Amount and vesting.
	pub terms: GrantTerms<Balance, BlockNumber>,
	/// The amount that has vested.
	pub vested: Balance,
	/// The amount that has been paid.
	pub claimed: Balance,
	/// The amount that can be claimed: the difference.
	pub claimable: Balance,
	/// The first block in which something can be claimed.
	pub cliff_block: BlockNumber,
	/// The first block in which everything has vested, unless it was withdrawn.
	pub end_block: BlockNumber,
	/// The block in which its unvested part was withdrawn.
	pub withdrawn: Option<BlockNumber>,
}

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AccountInfo<Balance> {
	/// Its tier.
	pub tier: Tier,
	/// Calls of the API that the tier includes every day.
	pub included_calls: u32,
	/// The total of calls of the API bought on top of them. Gateways count those made; the chain does not.
	pub api_calls: u64,
	/// The name under which it is listed as a developer.
	pub developer: Option<DeveloperName>,
	/// The amount on hold for its record.
	pub deposit: Balance,
}

sp_api::decl_runtime_apis! {
	/// The token's programs, their grants, and service fees.
	pub trait TokenAllocationApi<AccountId, Balance, BlockNumber>
	where
		AccountId: Codec,
		Balance: Codec,
		BlockNumber: Codec,
	{
		/// The total issuance, and the programs' part of it.
		fn supply() -> Supply<AccountId, Balance>;

		/// The open grants of `who`, oldest first.
		fn grants(who: AccountId) -> Vec<(GrantId, GrantInfo<AccountId, Balance, BlockNumber>)>;

		/// A grant; `None` if there was never one with this id, or all of it has been paid.
		fn grant(id: GrantId) -> Option<GrantInfo<AccountId, Balance, BlockNumber>>;

		/// The prices of services.
		fn fee_schedule() -> FeeSchedule;

		/// The service account of `who`.
		fn account(who: AccountId) -> Option<AccountInfo<Balance>>;
	}
}
