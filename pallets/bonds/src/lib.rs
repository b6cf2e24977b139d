//! Bonds of validators and of service accounts: election, rewards without inflation, slashing.
//!
//! A bond is money on hold that its holder has at stake. There are two kinds of bonds:
//!
//! - A **validator bond** lets its holder be a candidate. Every era the candidates with the largest bonds are elected
//!   ([`election`]), with a limit on newcomers. Validators are paid for each block out of the Foundation's pot, because
//!   nothing is ever minted. A validator that authors no block in an era, or commits an offence ([`offences`]), is no
//!   longer a candidate.
//! - A **service bond** is at stake in the contracts of its holder, as provider or coordinator. Pallets that make
//!   contracts reach it through [`ServiceBonds`](encrytrust_traits::bonds::ServiceBonds): they engage a part of it
//!   while a contract runs, and slash it for faults. Injured parties are paid first, the pot receives the rest.
//!
//! ```text
//! bond ─> bonded ─ unbond ─> unbonding ─ some blocks ─> withdraw
//!          │  ^ bond_more        │
//!          │                     └─ can still be slashed for what was done while it was bonded
//!          └─ declare ─> candidate ─ election ─> validator ─ chill, idle era, offence ─> no longer a candidate
//! ```
//!
//! # Invariants
//!
//! What an account has on hold for a kind of bond is exactly the sum of its ledger. Every acting validator has a known
//! stake. A bond is never slashed by more than there is of it, and its holder can withdraw all that is left.
//! `try_state` checks them.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bonds;
pub mod election;
#[cfg(test)]
mod mock;
pub mod offences;
pub mod runtime_api;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod types;
mod validators;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use validators::{ExposureOf, ValidatorSessions};
pub use weights::WeightInfo;

// FRAME's macros write types without `Debug`, full paths, and an `expect`.
#[allow(missing_debug_implementations, unused_qualifications, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{pallet_prelude::*, traits::fungible};
	use frame_system::pallet_prelude::*;
	use sp_runtime::Perbill;
	use sp_staking::SessionIndex;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Bonds and rewards are paid in this currency.
		type Currency: fungible::Inspect<Self::AccountId, Balance = Balance>
			+ fungible::Mutate<Self::AccountId>
			+ fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::BalancedHold<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who sets the parameters: the voting nodes.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Pays rewards, and receives the part of slashes that compensates no injured party: the Foundation program.
		/// The account must exist.
		type RewardPot: Get<Self::AccountId>;

		/// Sessions: keys, acting validators, disabling.
		type Sessions: ValidatorSessions<Self::AccountId>;

		/// The maximum number of validators.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// The maximum number of candidates.
		#[pallet::constant]
		type MaxCandidates: Get<u32>;

		/// The maximum number of parts of a bond that are being unbonded at once.
		#[pallet::constant]
		type MaxUnbonding: Get<u32>;

		/// The maximum number of blocks of a session. Never changed after genesis.
		type SessionLength: Get<BlockNumberFor<Self>>;

		/// The number of sessions for which the chain keeps evidence of offences.
		#[pallet::constant]
		type EvidenceSessions: Get<u32>;

		/// Weights of the calls and hooks.
		type WeightInfo: WeightInfo;
	}

	/// Reasons for holds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Validator bonds.
		#[codec(index = 0)]
		ValidatorBond,
		/// Service bonds.
		#[codec(index = 1)]
		ServiceBond,
	}

	/// The parameters.
	#[pallet::storage]
	pub type CurrentParameters<T: Config> = StorageValue<_, ParametersOf<T>, ValueQuery>;

	/// Bonds by kind and account. A kind is one of two bytes and needs no hash; accounts can be chosen by an attacker,
	/// so they need a strong hasher.
	#[pallet::storage]
	pub type Ledgers<T: Config> =
		StorageDoubleMap<_, Identity, BondKind, Blake2_128Concat, T::AccountId, LedgerOf<T>, OptionQuery>;

	/// The candidates in the next election, sorted by account.
	#[pallet::storage]
	pub type Candidates<T: Config> = StorageValue<_, BoundedVec<T::AccountId, T::MaxCandidates>, ValueQuery>;

	/// The era under way.
	#[pallet::storage]
	pub type CurrentEra<T: Config> = StorageValue<_, Era, ValueQuery>;

	/// The validators of the era under way.
	#[pallet::storage]
	pub type Elected<T: Config> = StorageValue<_, ElectionOf<T>, ValueQuery>;

	/// The validators of the next era, between their election and its first session.
	#[pallet::storage]
	pub type Planned<T: Config> = StorageValue<_, ElectionOf<T>, OptionQuery>;

	/// The number of sessions of the next era, from its election on: it must not change for the validators elected.
	#[pallet::storage]
	pub type NextEraSessions<T: Config> = StorageValue<_, u32, OptionQuery>;

	/// Blocks that validators authored in the era under way. Only validators have entries, but accounts can be chosen
	/// by an attacker: a strong hasher.
	#[pallet::storage]
	pub type Points<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

	/// The sessions whose offences can be punished. Indices are consecutive, so a fast hasher is safe.
	#[pallet::storage]
	pub type SessionRecords<T: Config> = StorageMap<_, Twox64Concat, SessionIndex, SessionRecord<BlockNumberFor<T>>>;

	/// The first of [`SessionRecords`].
	#[pallet::storage]
	pub type OldestSession<T: Config> = StorageValue<_, SessionIndex, ValueQuery>;

	/// The amounts that validators were charged for offences in a session. Indices are consecutive; accounts can be
	/// chosen by an attacker.
	#[pallet::storage]
	pub type SessionSlashes<T: Config> =
		StorageDoubleMap<_, Twox64Concat, SessionIndex, Blake2_128Concat, T::AccountId, Balance>;

	/// Validators that offended, with the largest fraction, until an era begins without them. They are disabled again
	/// in each session, because the session pallet forgets it whenever keys or validators change.
	#[pallet::storage]
	pub type Offenders<T: Config> = StorageValue<_, BoundedVec<(T::AccountId, Perbill), T::MaxCandidates>, ValueQuery>;

	/// Parameters and validators at genesis. Balances must be built before, and the session pallet after, because it
	/// reads the validators.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The parameters.
		pub parameters: ParametersOf<T>,
		/// The validators of the first era with their bonds, which go on hold. They are candidates.
		pub validators: Vec<(T::AccountId, Balance)>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let unbonding = self.parameters.validator_unbonding;
			let sessions = self.parameters.sessions_per_era;
			let minimum = min_validator_unbonding(T::SessionLength::get(), sessions);
			assert!(
				unbonding >= minimum,
				"a validator's bond could be withdrawn before its era ends: `bonds.parameters.validatorUnbonding` is \
				 {unbonding:?} blocks, and must be at least {minimum:?}: {sessions} sessions of an era and two more"
			);
			let checked = Pallet::<T>::check_parameters(&self.parameters);
			assert!(checked.is_ok(), "the parameters of bonds: {checked:?}");
			CurrentParameters::<T>::put(&self.parameters);
			CurrentEra::<T>::put(Era { sessions: self.parameters.sessions_per_era, ..Default::default() });
			let mut validators = self.validators.clone();
			election::rank(&mut validators);
			let seats = self.parameters.validators as usize;
			assert!(validators.len() <= seats, "there are more validators than {seats} seats");
			let mut candidates: Vec<_> = validators.iter().map(|(who, _)| who.clone()).collect();
			candidates.sort();
			assert!(candidates.len() <= T::MaxCandidates::get() as usize, "there are more validators than candidates");
			for (who, amount) in &validators {
				let bonded = Pallet::<T>::do_bond(who.clone(), BondKind::Validator, *amount);
				assert!(bonded.is_ok(), "the bond of validator {who:?}: {bonded:?}");
			}
			Candidates::<T>::put(BoundedVec::truncate_from(candidates));
			let validators = BoundedVec::truncate_from(validators);
			Elected::<T>::put(ElectionOf::<T> { at: Default::default(), validators });
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	// Fields are named so that they need no docs.
	#[allow(missing_docs)]
	pub enum Event<T: Config> {
		/// Money was bonded.
		Bonded { who: T::AccountId, kind: BondKind, amount: Balance },
		/// A part of a bond began to unbond. It can be withdrawn from the block `until` on.
		Unbonded { who: T::AccountId, kind: BondKind, amount: Balance, until: BlockNumberFor<T> },
		/// Unbonded money was withdrawn.
		Withdrawn { who: T::AccountId, kind: BondKind, amount: Balance },
		/// An account became a candidate.
		Declared { who: T::AccountId },
		/// A candidacy ended.
		Chilled { who: T::AccountId, reason: ChillReason },
		/// The parameters were set.
		ParametersSet { parameters: ParametersOf<T> },
		/// The validators of an era were elected, as many as `validators`.
		ValidatorsElected { era: u32, validators: u32 },
		/// An election for an era had only `candidates` to elect, too few: the current validators stay for another era.
		ElectionSkipped { era: u32, candidates: u32 },
		/// An era began.
		EraStarted { era: u32, first_session: SessionIndex },
		/// A validator was paid for the blocks that it authored in an era, one point each.
		Rewarded { era: u32, validator: T::AccountId, points: u32, amount: Balance },
		/// The pot could not pay a validator the amount due for its blocks.
		RewardUnpaid { era: u32, validator: T::AccountId, amount: Balance },
		/// A bond was slashed, for an offence or a fault.
		Slashed { offender: T::AccountId, kind: BondKind, amount: Balance },
		/// An injured party was paid out of a slash.
		Compensated { offender: T::AccountId, recipient: T::AccountId, amount: Balance },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// There is no such bond. Bond with `bond` first.
		NotBonded,
		/// There is already a bond of this kind. Add to it with `bond_more`.
		AlreadyBonded,
		/// The amount is zero. Give a larger one.
		ZeroAmount,
		/// A bond would be, or is, below the minimum of its kind. Bond at least that, or unbond all of it; look the
		/// minimum up with `BondsApi_parameters`.
		BelowMinimum,
		/// The bond is less than the amount. Unbond at most what `BondsApi_bond` returns as active.
		InsufficientBond,
		/// Contracts have engaged this part of the bond. Unbond at most what `BondsApi_bond` returns as available, or
		/// wait until contracts end.
		Engaged,
		/// A candidate cannot unbond all. End the candidacy with `chill` first.
		StillCandidate,
		/// The maximum number of parts of the bond are being unbonded. Withdraw those that have matured with
		/// `withdraw`, or wait.
		TooManyChunks,
		/// No part of the bond can be withdrawn yet. `BondsApi_bond` returns when each part can.
		NothingMatured,
		/// The account is already a candidate.
		AlreadyCandidate,
		/// The account is not a candidate. Become one with `declare`.
		NotCandidate,
		/// The account has no session keys. Set them with `session.set_keys` first.
		NoSessionKeys,
		/// There are `MaxCandidates` candidates, and none that is not elected has a smaller bond. Bond more.
		TooManyCandidates,
		/// The candidate's bond is not below the minimum. Other accounts can chill only candidates below it.
		NotBelowMinimum,
		/// Contracts have engaged the bond, or there is none. Bond more with `bond` or `bond_more`, kind `Service`.
		NotAvailable,
		/// The number of validators is zero or above `MaxValidators`. Choose one between.
		InvalidValidators,
		/// The maximum number of newcomers is zero, so that none could ever be elected. Allow at least one per era.
		InvalidMaxNew,
		/// The minimum number of validators is zero or above the maximum. Choose one between.
		InvalidMinValidators,
		/// An era has no session. Give it at least one.
		InvalidSessionsPerEra,
		/// A minimum bond is zero. Choose a larger one.
		InvalidMinimumBond,
		/// An unbonding period is zero, or that of validators' bonds is shorter than an era and two sessions, so that
		/// bonds could be withdrawn before they can be slashed, or longer than the sessions for which evidence is kept.
		/// Change it, or the length of the era.
		InvalidUnbonding,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	impl<T: Config> Pallet<T> {
		/// Check that the limits are possible, and that an era's end and an election fit into a block.
		pub(crate) fn check_config() {
			assert!(T::MaxValidators::get() > 0, "there is no seat");
			assert!(T::MaxCandidates::get() >= T::MaxValidators::get(), "there are more seats than candidates");
			assert!(T::MaxUnbonding::get() > 0, "nothing can be unbonded");
			let election = T::WeightInfo::elect(T::MaxCandidates::get())
				.saturating_add(T::WeightInfo::withhold_bonds(T::MaxValidators::get()));
			let rotation = T::WeightInfo::end_era(T::MaxValidators::get()).saturating_add(election);
			let block = T::BlockWeights::get().max_block;
			assert!(rotation.all_lte(block), "a block has no room for an era's end and an election");
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Bond money.
		///
		/// ## Dispatch Origin
		///
		/// Signed.
		///
		/// ## Details
		///
		/// The money is held. `kind` says what the bond is for: to validate, or to take part in contracts.
		///
		/// ## Errors
		///
		/// - `AlreadyBonded`: use `bond_more`.
		/// - `BelowMinimum`: bond at least the minimum of this kind.
		/// - The currency's own if the account's funds do not suffice.
		///
		/// ## Events
		///
		/// `Bonded`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::bond())]
		pub fn bond(origin: OriginFor<T>, kind: BondKind, #[pallet::compact] amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond(who, kind, amount)
		}

		/// Add to a bond.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the bond's holder.
		///
		/// ## Details
		///
		/// The money is held. For a candidate it counts from the next election on.
		///
		/// ## Errors
		///
		/// - `NotBonded`: use `bond`.
		/// - `ZeroAmount`: add more than zero.
		/// - The currency's own if the account's funds do not suffice.
		///
		/// ## Events
		///
		/// `Bonded`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::bond_more())]
		pub fn bond_more(origin: OriginFor<T>, kind: BondKind, #[pallet::compact] amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond_more(who, kind, amount)
		}

		/// Begin to unbond a bond, or a part of it.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the bond's holder.
		///
		/// ## Details
		///
		/// Either nothing or at least the minimum must remain bonded, and at least what contracts have engaged. The
		/// part can be withdrawn after the unbonding period; until then it can be slashed for what was done while it
		/// was bonded. A validator's bond can not be withdrawn before its eras have ended, even if the unbonding period
		/// was shortened.
		///
		/// ## Errors
		///
		/// - `NotBonded`, `ZeroAmount`, `InsufficientBond`: name a part of what is bonded.
		/// - `Engaged`: leave what contracts have engaged, or wait until they end.
		/// - `BelowMinimum`: leave the minimum, or nothing.
		/// - `StillCandidate`: use `chill` before unbonding all of a validator's bond.
		/// - `TooManyChunks`: use `withdraw` first.
		///
		/// ## Events
		///
		/// `Unbonded`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::unbond())]
		pub fn unbond(origin: OriginFor<T>, kind: BondKind, #[pallet::compact] amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unbond(who, kind, amount)
		}

		/// Withdraw all parts of a bond whose unbonding period is over.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the bond's holder.
		///
		/// ## Details
		///
		/// The money is released.
		///
		/// ## Errors
		///
		/// - `NotBonded`: there is nothing to withdraw.
		/// - `NothingMatured`: wait; `BondsApi_bond` returns until when.
		///
		/// ## Events
		///
		/// `Withdrawn`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, kind: BondKind) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(who, kind)
		}

		/// Become a candidate in elections of validators.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the holder of a validator bond.
		///
		/// ## Details
		///
		/// If there are `MaxCandidates` candidates, the one with the smallest bond of those that are not elected is
		/// replaced, provided that its bond is smaller.
		///
		/// ## Errors
		///
		/// - `NotBonded`, `BelowMinimum`: bond at least the minimum for validators.
		/// - `NoSessionKeys`: set them with `session.set_keys`.
		/// - `AlreadyCandidate`: there is nothing to do.
		/// - `TooManyCandidates`: bond more.
		///
		/// ## Events
		///
		/// `Chilled` for a replaced candidate, `Declared`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::declare())]
		pub fn declare(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_declare(who)
		}

		/// End a candidacy.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a candidate.
		///
		/// ## Details
		///
		/// An elected account stays a validator until its era ends, and should author blocks until then.
		///
		/// ## Errors
		///
		/// - `NotCandidate`: there is nothing to do.
		///
		/// ## Events
		///
		/// `Chilled`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::chill())]
		pub fn chill(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_chill(who)
		}

		/// End the candidacy of another account whose bond is below the minimum.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone.
		///
		/// ## Details
		///
		/// A bond can be below the minimum when that is raised. Such candidates are not elected, but take up places.
		///
		/// ## Errors
		///
		/// - `NotCandidate`, `NotBelowMinimum`: name a candidate with less than the minimum.
		///
		/// ## Events
		///
		/// `Chilled`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::chill_other())]
		pub fn chill_other(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_chill_other(who)
		}

		/// Set the parameters.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// They apply at once. An era under way keeps its length, as does the next one once its validators are elected,
		/// and parts that are being unbonded keep their period.
		///
		/// ## Errors
		///
		/// - `InvalidValidators`, `InvalidMaxNew`, `InvalidMinValidators`, `InvalidSessionsPerEra`,
		///   `InvalidMinimumBond`, `InvalidUnbonding`: correct the number.
		///
		/// ## Events
		///
		/// `ParametersSet`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: ParametersOf<T>) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(parameters)
		}
	}
}
