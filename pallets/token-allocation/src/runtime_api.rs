//! What clients and gateways ask of the runtime. Every answer is as of the block that is asked.

use crate::types::{AccountIdOf, DeveloperName, GrantId, GrantTerms};
use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use encrytrust_traits::fees::{FeeSchedule, Tier};
use encrytrust_types::token::{Balance, Program};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;

/// A grant as the runtime API returns it.
pub type GrantInfoOf<T> = GrantInfo<AccountIdOf<T>, Balance, BlockNumberFor<T>>;

/// Where the programs' money is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Supply<AccountId, Balance> {
	/// Everything that exists.
	pub total: Balance,
	/// All six programs.
	pub programs: Vec<(Program, ProgramInfo<AccountId, Balance>)>,
}

/// A program's money.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ProgramInfo<AccountId, Balance> {
	/// Its account, which has no key.
	pub account: AccountId,
	/// The part of the issuance that is the program's, before anything left it.
	pub allocation: Balance,
	/// What is not granted, the existential deposit that it must keep included.
	pub free: Balance,
	/// What is on hold for grants: owed, but not paid yet.
	pub granted: Balance,
}

/// An open grant.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct GrantInfo<AccountId, Balance, BlockNumber> {
	/// Out of which program.
	pub program: Program,
	/// To whom.
	pub beneficiary: AccountId,
	/// How much and when.
	pub terms: GrantTerms<Balance, BlockNumber>,
	/// What has vested.
	pub vested: Balance,
	/// What of it has been paid.
	pub claimed: Balance,
	/// What of it can be claimed: the rest.
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
	/// Calls of the API bought on top of them, ever. Gateways count those made; the chain does not.
	pub api_calls: u64,
	/// The name that it is listed under, if as a developer.
	pub developer: Option<DeveloperName>,
	/// What is on hold for its record.
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
		/// Everything that exists, and what of it the programs have.
		fn supply() -> Supply<AccountId, Balance>;

		/// The open grants of `who`, oldest first.
		fn grants(who: AccountId) -> Vec<(GrantId, GrantInfo<AccountId, Balance, BlockNumber>)>;

		/// A grant; `None` if there never was one of this id, or all of it has been paid.
		fn grant(id: GrantId) -> Option<GrantInfo<AccountId, Balance, BlockNumber>>;

		/// What services cost.
		fn fee_schedule() -> FeeSchedule;

		/// The service account of `who`.
		fn account(who: AccountId) -> Option<AccountInfo<Balance>>;
	}
}
