//! Grants with vesting out of the six programs, and service fees.
//!
//! All of the token exists from genesis on, in the accounts of six [programs](encrytrust_types::token::Program)
//! that have no keys. This pallet pays it out of them, and pays fees back.
//!
//! # Grants
//!
//! The voting nodes [`grant`](Pallet::grant) a part of a program to a beneficiary, on terms that the program's
//! [policy](ProgramPolicy) admits. The whole amount is held in the program's account, so that no amount is granted
//! twice, and vests by block:
//!
//! ```text
//! until the cliff, `start + cliff`:     nothing
//! until the end, `start + duration`:    amount * (now - start) / duration, rounded down
//! from the end on:                      everything
//! ```
//!
//! The beneficiary [`claim`](Pallet::claim)s what has vested. Where the terms allow it, the voting nodes
//! [`withdraw_grant`](Pallet::withdraw_grant): the unvested part goes back to the program, the vested part stays with
//! the beneficiary. Grants are never merged, extended or replaced, and nobody else can make one, so that no other
//! account can change a beneficiary's schedule.
//!
//! # Service fees
//!
//! The [`FeeSchedule`](encrytrust_traits::fees::FeeSchedule) has the prices of the network's services. The voting
//! nodes set it; other pallets charge by it through [`ServiceFees`](encrytrust_traits::fees::ServiceFees), which
//! this pallet implements; fees go to the ecology program. A service account has a tier, bought calls of the API, and
//! optionally a developer's name. Gateways read this quota from the chain and count calls themselves: the chain does
//! not see calls that are not transactions, so it counts none.
//!
//! # Invariants
//!
//! What a program has on hold for grants is exactly what they owe; no beneficiary is paid more than was granted; all
//! that was granted and not withdrawn can eventually be claimed; and every deposit on hold belongs to a service
//! account. `try_state` checks them.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod grants;
#[cfg(test)]
mod mock;
pub mod runtime_api;
mod services;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod types;
mod vesting;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

// FRAME's macros write types without `Debug`, full paths, and an `expect`.
#[allow(missing_debug_implementations, unused_qualifications, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use encrytrust_traits::fees::{FeeSchedule, Service, Tier};
	use encrytrust_types::token::{Balance, Program};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Footprint},
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::traits::Convert;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Grants, fees and deposits are paid in this currency.
		type Currency: fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>
			+ fungible::Mutate<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who makes and withdraws grants, and sets policies and fees: the voting nodes.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The maximum number of open grants of one beneficiary.
		#[pallet::constant]
		type MaxGrants: Get<u32>;

		/// The calls of the API that the tiers include every day: `Basic`, `Professional`, `Enterprise`. Gateways
		/// enforce them; the chain does not count calls.
		#[pallet::constant]
		type IncludedCalls: Get<[u32; 3]>;

		/// The deposit for the footprint of a service account's record (docs/adr/0026-exact-deposits.md).
		type StorageDeposit: Convert<Footprint, Balance>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Reasons for holds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Granted by a program and not paid yet.
		#[codec(index = 0)]
		Grant,
		/// The deposit for a service account's record.
		#[codec(index = 1)]
		StorageDeposit,
	}

	/// The grants that a program can make; none without a policy. A program is one of six bytes and needs no hash.
	#[pallet::storage]
	pub type Policies<T: Config> = StorageMap<_, Identity, Program, ProgramPolicyOf<T>>;

	/// The open grants by id, each until all of it has been paid. Ids are consecutive, so a fast hasher is safe.
	#[pallet::storage]
	pub type Grants<T: Config> = StorageMap<_, Twox64Concat, GrantId, GrantOf<T>>;

	/// The next grant's id.
	#[pallet::storage]
	pub type NextGrantId<T: Config> = StorageValue<_, GrantId, ValueQuery>;

	/// The open grants of an account, oldest first. Accounts can be chosen by an attacker: a strong hasher.
	#[pallet::storage]
	pub type GrantsByBeneficiary<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, BoundedVec<GrantId, T::MaxGrants>, ValueQuery>;

	/// The prices of services.
	#[pallet::storage]
	pub type Fees<T: Config> = StorageValue<_, FeeSchedule, ValueQuery>;

	/// The service accounts, by account. Accounts can be chosen by an attacker: a strong hasher.
	#[pallet::storage]
	pub type Accounts<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Account>;

	/// Policies and fees at genesis.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The programs' policies; a program without one makes no grants.
		pub policies: Vec<(Program, ProgramPolicyOf<T>)>,
		/// The prices of services.
		pub fees: FeeSchedule,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (program, policy) in &self.policies {
				assert!(!Policies::<T>::contains_key(program), "the policy of {program:?} is listed twice");
				assert!(policy.is_valid(), "the earliest cliff of {program:?} is after its longest duration");
				Policies::<T>::insert(program, policy);
			}
			assert!(Pallet::<T>::is_valid_schedule(&self.fees), "the tier Enterprise costs less than Professional");
			Fees::<T>::put(&self.fees);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	// Fields are named so that they need no docs.
	#[allow(missing_docs)]
	pub enum Event<T: Config> {
		/// A grant was made; its amount is held.
		Granted { grant_id: GrantId, program: Program, beneficiary: T::AccountId, terms: GrantTermsOf<T> },
		/// Vested money was paid.
		Claimed { grant_id: GrantId, beneficiary: T::AccountId, amount: Balance },
		/// The unvested part of a grant went back to its program.
		GrantWithdrawn { grant_id: GrantId, released: Balance },
		/// A grant ended: nothing is left to be paid.
		GrantClosed { grant_id: GrantId },
		/// A program's policy changed, for future grants. Without a policy, the program makes no grants.
		PolicySet { program: Program, policy: Option<ProgramPolicyOf<T>> },
		/// The prices of services changed.
		FeesSet { schedule: FeeSchedule },
		/// A service fee was paid to the ecology program.
		FeePaid { who: T::AccountId, service: Service, amount: Balance },
		/// A service account was opened.
		AccountCreated { who: T::AccountId },
		/// A service account was upgraded to a higher tier.
		AccountUpgraded { who: T::AccountId, tier: Tier },
		/// A service account was listed as a developer.
		DeveloperRegistered { who: T::AccountId, name: DeveloperName },
		/// A service account bought calls of the API.
		ApiCallsBought { who: T::AccountId, count: u32 },
		/// A service account was closed.
		AccountClosed { who: T::AccountId },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The program has no policy and makes no grants. Set one with `set_policy` first.
		NoPolicy,
		/// The amount is zero. Grant at least one unit.
		ZeroAmount,
		/// The grant would start before this block. Start it in this block or later.
		StartInPast,
		/// The cliff would come after the grant's end. Make it at most as long as the duration.
		CliffAfterEnd,
		/// The program's policy requires a longer cliff. Look it up in `Policies`.
		CliffTooEarly,
		/// The program's policy requires a shorter duration. Look it up in `Policies`.
		DurationTooLong,
		/// The program's policy does not allow grants that can be withdrawn. Make one that cannot.
		RevocableNotAllowed,
		/// The beneficiary is a program, whose account has no key to claim with. Name another account.
		InvalidBeneficiary,
		/// The beneficiary's account does not exist, and the amount is below the existential deposit. Grant more, or
		/// send the account the existential deposit first.
		BelowExistentialDeposit,
		/// The program cannot spend as much and keep its existential deposit. `TokenAllocationApi_supply` returns its
		/// free balance.
		ProgramExhausted,
		/// The beneficiary has `MaxGrants` open grants. Wait until one is paid, or name another account.
		TooManyGrants,
		/// There is no such grant, or all of it has been paid. `TokenAllocationApi_grants` returns those of an account.
		UnknownGrant,
		/// The grant belongs to another account. Sign with its beneficiary's account.
		NotBeneficiary,
		/// All that has vested was already claimed. `TokenAllocationApi_grant` returns the cliff's block and the amount
		/// that can be claimed.
		NothingToClaim,
		/// The beneficiary's account does not exist, and what can be claimed is below the existential deposit. Nothing
		/// is lost: claim when more has vested, or send the account the existential deposit first.
		ClaimTooSmall,
		/// The grant was made such that it cannot be withdrawn.
		NotRevocable,
		/// The grant's unvested part has already been withdrawn. The vested part belongs to the beneficiary.
		AlreadyWithdrawn,
		/// All of the grant has vested and belongs to the beneficiary: there is nothing to withdraw.
		FullyVested,
		/// The policy's earliest cliff is after its longest duration. Make it at most as long.
		InvalidPolicy,
		/// The tier `Enterprise` would cost less than `Professional`. Make it cost at least as much.
		InvalidSchedule,
		/// The account already has a service account.
		AccountExists,
		/// The account has no service account. Open one with `create_account` first.
		NoAccount,
		/// The tier is not above the account's. Choose a higher one; to go lower, close the account and open another.
		NotHigherTier,
		/// The account is already listed as a developer. To change the name, close the account and open another.
		AlreadyDeveloper,
		/// The name is empty, not UTF-8, or has characters that control a terminal or the order of a line. Give plain text.
		InvalidName,
		/// The number of calls is zero. Buy at least one.
		ZeroCalls,
		/// A number would overflow. Choose an earlier start, or buy fewer calls.
		Overflow,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::MaxGrants::get() > 0, "MaxGrants must admit a grant");
			assert!(T::IncludedCalls::get().is_sorted(), "a tier must not include fewer calls than the one below");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Grant a part of a program, to vest over time.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// Nothing vests before `start + cliff`, everything has vested from `start + duration` on, and in between the
		/// amount vests linearly by block since the start. The whole amount is held in the program's account. The grant
		/// gets the next id.
		///
		/// ## Errors
		///
		/// - of the terms: `ZeroAmount`, `StartInPast`, `CliffAfterEnd`, `Overflow`: correct them.
		/// - of the policy: `NoPolicy`, `CliffTooEarly`, `DurationTooLong`, `RevocableNotAllowed`: follow it, or change
		///   it with `set_policy`.
		/// - of the beneficiary: `InvalidBeneficiary`, `BelowExistentialDeposit`, `TooManyGrants`: name another
		///   account.
		/// - `ProgramExhausted`: grant at most the program's free balance.
		///
		/// ## Events
		///
		/// `Granted`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::grant())]
		pub fn grant(
			origin: OriginFor<T>,
			program: Program,
			beneficiary: T::AccountId,
			terms: GrantTermsOf<T>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_grant(program, beneficiary, terms)
		}

		/// Claim all that has vested of a grant.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the grant's beneficiary.
		///
		/// ## Details
		///
		/// The money is free at once. The last payment removes the grant's record.
		///
		/// ## Errors
		///
		/// - `UnknownGrant`, `NotBeneficiary`: name your own open grant.
		/// - `NothingToClaim`: wait; `TokenAllocationApi_grant` returns until which block.
		/// - `ClaimTooSmall`: wait until more has vested, or send the account the existential deposit first.
		///
		/// ## Events
		///
		/// `Claimed`; `GrantClosed` with the last payment.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim(origin: OriginFor<T>, grant_id: GrantId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim(who, grant_id)
		}

		/// Withdraw a grant's unvested part.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// The unvested part goes back to the program. The vested part stays with the beneficiary, to be claimed at any
		/// time; if nothing of it is left, the grant's record is removed.
		///
		/// ## Errors
		///
		/// - `UnknownGrant`: name an open grant.
		/// - `NotRevocable`, `AlreadyWithdrawn`, `FullyVested`: there is nothing to withdraw.
		///
		/// ## Events
		///
		/// `GrantWithdrawn`; `GrantClosed` if nothing is left to be paid.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::withdraw_grant())]
		pub fn withdraw_grant(origin: OriginFor<T>, grant_id: GrantId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_withdraw_grant(grant_id)
		}

		/// Set or remove a program's policy.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// Without a policy, the program makes no grants. Existing grants keep their terms.
		///
		/// ## Errors
		///
		/// - `InvalidPolicy`: make the earliest cliff at most as long as the longest duration.
		///
		/// ## Events
		///
		/// `PolicySet`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_policy())]
		pub fn set_policy(
			origin: OriginFor<T>,
			program: Program,
			policy: Option<ProgramPolicyOf<T>>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_policy(program, policy)
		}

		/// Set the prices of services.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// The prices apply at once. Fees already paid are not affected.
		///
		/// ## Errors
		///
		/// - `InvalidSchedule`: make `enterprise` at least `professional`.
		///
		/// ## Events
		///
		/// `FeesSet`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_fees())]
		pub fn set_fees(origin: OriginFor<T>, schedule: FeeSchedule) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_fees(schedule)
		}

		/// Open a service account of the tier `Basic`.
		///
		/// ## Dispatch Origin
		///
		/// Signed.
		///
		/// ## Details
		///
		/// Costs the fee `account_creation`. A deposit for the record is held until the account is closed.
		///
		/// ## Errors
		///
		/// - `AccountExists`: there is nothing to open.
		/// - The currency's own if the funds do not suffice.
		///
		/// ## Events
		///
		/// `FeePaid` unless it is free, `AccountCreated`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::create_account())]
		pub fn create_account(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_create_account(who)
		}

		/// Upgrade to a higher tier.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a service account's owner.
		///
		/// ## Details
		///
		/// Costs the difference of the tiers' current prices, whatever was paid for the current tier.
		///
		/// ## Errors
		///
		/// - `NoAccount`: use `create_account`.
		/// - `NotHigherTier`: choose one above the account's.
		/// - The currency's own if the funds do not suffice.
		///
		/// ## Events
		///
		/// `FeePaid` unless it is free, `AccountUpgraded`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::upgrade_account())]
		pub fn upgrade_account(origin: OriginFor<T>, tier: Tier) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_upgrade_account(who, tier)
		}

		/// List the account as a developer.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a service account's owner.
		///
		/// ## Details
		///
		/// Costs the fee `developer_registration`. The account's deposit grows by the name's size. Names are neither
		/// unique nor verified.
		///
		/// ## Errors
		///
		/// - `NoAccount`: use `create_account`.
		/// - `AlreadyDeveloper`: there is nothing to register.
		/// - `InvalidName`: give it a name in plain text, in UTF-8.
		/// - The currency's own if the funds do not suffice.
		///
		/// ## Events
		///
		/// `FeePaid` unless it is free, `DeveloperRegistered`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::register_developer())]
		pub fn register_developer(origin: OriginFor<T>, name: DeveloperName) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register_developer(who, name)
		}

		/// Buy calls of the API on top of the tier's own.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a service account's owner.
		///
		/// ## Details
		///
		/// Costs the fee `api_call` for each. They add up, and do not expire while the account is open. Gateways count
		/// the calls made; the chain does not.
		///
		/// ## Errors
		///
		/// - `NoAccount`: use `create_account`.
		/// - `ZeroCalls`, `Overflow`: choose another number.
		/// - The currency's own if the funds do not suffice.
		///
		/// ## Events
		///
		/// `FeePaid` unless it is free, `ApiCallsBought`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::buy_api_calls())]
		pub fn buy_api_calls(origin: OriginFor<T>, count: u32) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_buy_api_calls(who, count)
		}

		/// Close a service account.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a service account's owner.
		///
		/// ## Details
		///
		/// The deposit is released. Tier, bought calls and the listing as a developer are lost; fees are not refunded.
		///
		/// ## Errors
		///
		/// - `NoAccount`: there is nothing to close.
		///
		/// ## Events
		///
		/// `AccountClosed`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::close_account())]
		pub fn close_account(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_close_account(who)
		}
	}
}
