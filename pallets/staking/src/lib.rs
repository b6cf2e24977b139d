//! Validators and service bonds: election, rewards without inflation, slashing.
//!
//! Money on hold is what accounts have at stake. There are two kinds of bonds:
//!
//! - A **validator bond** lets its holder stand as a candidate. Every era the candidates with the largest bonds are
//!   elected ([`election`]), with a limit on newcomers. Validators earn per block out of the Foundation's pot, for
//!   nothing is ever minted; who makes no block in an era, or commits an offence ([`offences`]), stands no more.
//! - A **service bond** answers for what its holder does in contracts, as provider or coordinator. Pallets that make
//!   contracts reach it through [`ServiceBonds`](encrytrust_traits::bonds::ServiceBonds): they engage a part of it
//!   while a contract runs, and charge faults to it. The harmed are paid first, the pot gets the rest.
//!
//! ```text
//! bond ─> bonded ─ unbond ─> unbonding ─ some blocks ─> withdraw
//!          │  ^ bond_more        │
//!          │                     └─ still answers for what was done while it was bonded
//!          └─ declare ─> candidate ─ election ─> validator ─ chill, idle era, offence ─> no candidate
//! ```
//!
//! # What holds at every block
//!
//! What an account has on hold for a kind of bond is exactly what its ledger says. Every acting validator has a known
//! stake. A bond pays for nothing more than there is of it, and all that is left of it can be taken back by its holder.
//! `try_state` checks it.

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
		/// The money.
		type Currency: fungible::Inspect<Self::AccountId, Balance = Balance>
			+ fungible::Mutate<Self::AccountId>
			+ fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::BalancedHold<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who sets the parameters: the voting nodes.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who pays rewards and receives what of slashes nobody was harmed for: the Foundation program. The account
		/// must exist.
		type RewardPot: Get<Self::AccountId>;

		/// Sessions: keys, acting validators, disabling.
		type Sessions: ValidatorSessions<Self::AccountId>;

		/// The most validators.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// The most candidates.
		#[pallet::constant]
		type MaxCandidates: Get<u32>;

		/// The most parts of a bond that are being unbonded at once.
		#[pallet::constant]
		type MaxUnbonding: Get<u32>;

		/// The most blocks of a session. Never changed after genesis.
		type SessionLength: Get<BlockNumberFor<Self>>;

		/// The sessions for which the chain keeps what offences are proven by.
		#[pallet::constant]
		type EvidenceSessions: Get<u32>;

		/// Weights of the calls and hooks.
		type WeightInfo: WeightInfo;
	}

	/// Why money is on hold.
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

	/// Bonds by kind and account. A kind is one of two bytes and needs no hash; accounts can be made at will, so theirs
	/// is a strong one.
	#[pallet::storage]
	pub type Ledgers<T: Config> =
		StorageDoubleMap<_, Identity, BondKind, Blake2_128Concat, T::AccountId, LedgerOf<T>, OptionQuery>;

	/// Who stands in the next election, sorted.
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

	/// How many sessions the next era has, since its election: who was elected knows for how long.
	#[pallet::storage]
	pub type NextEraSessions<T: Config> = StorageValue<_, u32, OptionQuery>;

	/// Blocks that validators made in the era under way. Only validators have entries, but accounts can be made at will:
	/// a strong hasher.
	#[pallet::storage]
	pub type Points<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

	/// The sessions whose offences can be punished. Indices are consecutive, so a fast hasher is safe.
	#[pallet::storage]
	pub type SessionRecords<T: Config> = StorageMap<_, Twox64Concat, SessionIndex, SessionRecord<BlockNumberFor<T>>>;

	/// The first of [`SessionRecords`].
	#[pallet::storage]
	pub type OldestSession<T: Config> = StorageValue<_, SessionIndex, ValueQuery>;

	/// What validators were charged with for offences in a session. Indices are consecutive, accounts can be made at
	/// will.
	#[pallet::storage]
	pub type SessionSlashes<T: Config> =
		StorageDoubleMap<_, Twox64Concat, SessionIndex, Blake2_128Concat, T::AccountId, Balance>;

	/// Validators that offended, with the gravest fraction, until an era begins without them: they are disabled anew in
	/// each session, for the session pallet forgets it whenever keys or validators change.
	#[pallet::storage]
	pub type Offenders<T: Config> = StorageValue<_, BoundedVec<(T::AccountId, Perbill), T::MaxCandidates>, ValueQuery>;

	/// Parameters and validators at genesis. Balances must be built before, and the session pallet after: it asks for
	/// the validators.
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
			let (unbonding, sessions) = (self.parameters.validator_unbonding, self.parameters.sessions_per_era);
			let least = least_unbonding(T::SessionLength::get(), sessions);
			assert!(
				unbonding >= least,
				"a validator's bond could flee before its era ends: `staking.parameters.validatorUnbonding` is {unbonding:?} \
				 blocks, and must be at least {least:?}: {sessions} sessions of an era and two more"
			);
			let checked = Pallet::<T>::check_parameters(&self.parameters);
			assert!(checked.is_ok(), "the parameters of staking: {checked:?}");
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
	pub enum Event<T: Config> {
		/// Money was bonded.
		Bonded {
			/// Whose.
			who: T::AccountId,
			/// For what.
			kind: BondKind,
			/// How much.
			amount: Balance,
		},
		/// A part of a bond began to unbond.
		Unbonded {
			/// Whose.
			who: T::AccountId,
			/// Of which kind.
			kind: BondKind,
			/// How much.
			amount: Balance,
			/// The block from which on it can be withdrawn.
			until: BlockNumberFor<T>,
		},
		/// What had been unbonded was withdrawn.
		Withdrawn {
			/// By whom.
			who: T::AccountId,
			/// Of which kind.
			kind: BondKind,
			/// How much.
			amount: Balance,
		},
		/// An account became a candidate.
		Declared {
			/// Who.
			who: T::AccountId,
		},
		/// An account is no candidate any more.
		Chilled {
			/// Who.
			who: T::AccountId,
			/// Why.
			reason: ChillReason,
		},
		/// The parameters were set.
		ParametersSet {
			/// To what.
			parameters: ParametersOf<T>,
		},
		/// The validators of an era were elected.
		ValidatorsElected {
			/// Of which era.
			era: u32,
			/// How many.
			validators: u32,
		},
		/// An election had too few candidates: the old validators stay for another era.
		ElectionSkipped {
			/// For which era.
			era: u32,
			/// How many could have been elected.
			candidates: u32,
		},
		/// An era began.
		EraStarted {
			/// Which.
			era: u32,
			/// With which session.
			session: SessionIndex,
		},
		/// A validator was paid for its blocks.
		Rewarded {
			/// In which era.
			era: u32,
			/// Who.
			who: T::AccountId,
			/// How many blocks.
			points: u32,
			/// How much.
			amount: Balance,
		},
		/// The pot could not pay a validator for its blocks.
		RewardUnpaid {
			/// In which era.
			era: u32,
			/// Whom.
			who: T::AccountId,
			/// How much was due.
			amount: Balance,
		},
		/// Money was taken off a bond, for an offence or a fault.
		Slashed {
			/// Whose.
			who: T::AccountId,
			/// Of which kind.
			kind: BondKind,
			/// How much.
			amount: Balance,
		},
		/// Who was harmed was paid out of what was taken off a bond.
		Compensated {
			/// Whose bond.
			who: T::AccountId,
			/// Who was paid.
			to: T::AccountId,
			/// How much.
			amount: Balance,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// There is no such bond. Bond with `bond` first.
		NotBonded,
		/// There is a bond of this kind. Add to it with `bond_more`.
		AlreadyBonded,
		/// The amount is zero. Give one above.
		ZeroAmount,
		/// A bond would be, or is, below the minimum of its kind. Bond at least that, or unbond all; look the minimum
		/// up with `StakingApi_parameters`.
		BelowMinimum,
		/// The bond is less than the amount. Unbond no more than `StakingApi_bond` tells to be active.
		InsufficientBond,
		/// Contracts have engaged this part of the bond. Unbond no more than `StakingApi_bond` tells to be available,
		/// or wait until contracts end.
		Engaged,
		/// A candidate cannot unbond all. End the candidacy with `chill` first.
		StillCandidate,
		/// As many parts of the bond as may are being unbonded. Take back with `withdraw` what can be, or wait.
		TooManyChunks,
		/// Nothing of the bond can be withdrawn yet. `StakingApi_bond` tells when each part can.
		NothingMatured,
		/// The account is a candidate already.
		AlreadyCandidate,
		/// The account is no candidate. Become one with `declare`.
		NotCandidate,
		/// The account has no session keys. Set them with `session.set_keys` first.
		NoSessionKeys,
		/// There are as many candidates as may be, and none that is not elected has a smaller bond. Bond more.
		TooManyCandidates,
		/// The candidate's bond is not below the minimum. Only such ones can be chilled by others.
		NotBelowMinimum,
		/// Contracts have engaged the bond, or there is none. Bond more with `bond` or `bond_more`, kind `Service`.
		NotAvailable,
		/// The number of validators is zero or above `MaxValidators`. Choose one between.
		InvalidValidators,
		/// No newcomer could ever be elected. Allow at least one per era.
		InvalidMaxNew,
		/// The least number of validators is zero or above the most. Choose one between.
		InvalidMinValidators,
		/// An era has no session. Give it at least one.
		InvalidSessionsPerEra,
		/// A minimum bond is zero. Choose one above.
		InvalidMinimumBond,
		/// A time of unbonding is zero, or that of validators' bonds is shorter than an era and two sessions, so that bonds
		/// could flee, or longer than the sessions that evidence is kept for. Lengthen or shorten it, or the era.
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
		/// That the default parameters are possible, and that a block has room for an era's end and an election.
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
		/// The money goes on hold. `kind` says what the bond is for: to make blocks, or to take part in contracts.
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
		/// The money goes on hold. For a candidate it counts from the next election on.
		///
		/// ## Errors
		///
		/// - `NotBonded`: use `bond`.
		/// - `ZeroAmount`: add something.
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

		/// Begin to take back a bond, or a part of it.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the bond's holder.
		///
		/// ## Details
		///
		/// Nothing or at least the minimum must remain bonded, and what contracts have engaged. The part can be
		/// withdrawn some blocks later; until then it answers for what was done while it was bonded. For a validator that
		/// is not before its eras have ended, however short the time of unbonding has become meanwhile.
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

		/// Take back all that has been unbonded for long enough.
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
		/// - `NotBonded`: there is nothing to take back.
		/// - `NothingMatured`: wait; `StakingApi_bond` tells until when.
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
		/// If there are as many candidates as may be, the smallest bond among those that are not elected makes room,
		/// provided that it is smaller.
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
		/// `Chilled` for who made room, `Declared`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::declare())]
		pub fn declare(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_declare(who)
		}

		/// Stand in no election any more.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a candidate.
		///
		/// ## Details
		///
		/// Who is elected stays a validator until its era ends, and should make blocks until then.
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

		/// End the candidacy of somebody whose bond is below the minimum.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone.
		///
		/// ## Details
		///
		/// Bonds can come to be below the minimum when it is raised. They are not elected, but take up room.
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
		/// They hold from now on. An era under way keeps its length, as does the next one once its validators are elected,
		/// and what is being unbonded keeps its time.
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
