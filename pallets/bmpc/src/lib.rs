//! Computation contracts (BMPC): a user pays providers to compute over data that none of them shows.
//!
//! Data providers, computing providers and coordinators register with keys and prices; data providers put datasets on
//! offer. A user's [`request`](Pallet::request) fixes a contract (parties, keys, columns, prices, schedule), holds its
//! whole price in escrow. The last confirmation binds all parties at once: it engages a part of each one's bond. From
//! then on each party that owes a stage has a clock of its own, which counts finalised blocks:
//!
//! ```text
//! request ─> Confirmation ─> Selection ─> Inputs ─> Outputs ─> Result ─> challenge window ─> settle | accept ─> Settled
//!                 │ decline, cancel, expire      a later stage overdue: expire
//!                 v                                  v
//!     Declined, Cancelled, Lapsed                 Expired          all: the user is refunded in full
//!     no provider loses anything    late parties are slashed, parties that had delivered are compensated out of that
//! ```
//!
//! Misbehaviour is detected by fraud proofs and slashed: anyone who sees that a party committed to something wrong
//! proves it by [`report_fault`](Pallet::report_fault), which ends the job at once as `Faulty`. A party that owes a stage
//! and lacks what it needs for it obtains it by an availability challenge: [`challenge`](Pallet::challenge) names units,
//! their owners [`publish`](Pallet::publish) them on chain or are at fault. Both are decided by arithmetic alone, see
//! [`encrytrust_fault_proofs`].
//!
//! Private values never come to the chain: it keeps commitments, and decides about money by them and by deadlines.
//! Types and rules that the workers share are in [`encrytrust_types`], the bytes in `docs/protocol/bmpc.md`.
//!
//! # Invariants
//!
//! All money that is taken in is paid out; every hold is explained by an open job, registration, dataset or record; and somebody without an interest in blocking a job can always end it. `try_state` checks them.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod calls;
mod errors;
mod events;
pub mod extension;
mod faults;
mod impls;
#[cfg(test)]
mod mock;
mod offchain;
pub mod runtime_api;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use frame_support::pallet_macros::import_section;

// FRAME's macros write types without `Debug`, full paths, and an `expect`.
#[allow(missing_debug_implementations, unused_qualifications, clippy::expect_used)]
#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::{boxed::Box, string::String, vec::Vec};
	use encrytrust_fault_proofs::{Fault, Message};
	use encrytrust_traits::{
		bonds::ServiceBonds, fees::ServiceFees, finality::FinalityClock, key_registry::KeyRegistry,
		participants::Participants,
	};
	use encrytrust_types::{
		dataset::Schema,
		job::{
			Commitment, DeclineReason, Endpoint, FaultKind, MaskKey, MaskKeyList, Role, Stage, Template, TemplateKind,
			UnitSet,
		},
		limits::MaxParties,
		merkle::RangePath,
		token::Balance,
		DatasetId, JobId, Name, TemplateId,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Footprint},
		weights::WeightToFee,
	};
	use frame_system::{ensure_authorized, offchain::CreateAuthorizedTransaction, pallet_prelude::*};
	use sp_core::H256;
	use sp_runtime::traits::{Convert, Saturating, Zero};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<Hash = H256> + CreateAuthorizedTransaction<Call<Self>> {
		/// Prices, escrow and deposits are paid in this currency.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who adds and retires templates: the voting nodes.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The parties' service bonds.
		type Bonds: ServiceBonds<Self::AccountId, Balance, BlockNumberFor<Self>>;

		/// The fee of a contract, in addition to its parties' pay. The fees' destination also receives the pay of
		/// accounts that cannot take it.
		type ServiceFees: ServiceFees<Self::AccountId>;

		/// Decides by identity keys which accounts can participate in new jobs.
		type Keys: KeyRegistry<Self::AccountId>;

		/// By whom buyers are told apart: accounts are free.
		type Participants: Participants<Self::AccountId>;

		/// Time, in finalised blocks: all deadlines count by it.
		type Clock: FinalityClock<BlockNumberFor<Self>>;
		/// The lengths in bytes that Paillier moduli may have.
		type ModulusLengths: Get<&'static [u32]>;

		/// The minimum that each party has at stake in a job.
		#[pallet::constant]
		type MinJobBond: Get<Balance>;

		/// Blocks of the clock between a job's result and its settlement, unless the user accepts earlier.
		#[pallet::constant]
		type ChallengePeriod: Get<BlockNumberFor<Self>>;

		/// The minimum length of the stage in which a request is confirmed. Later stages are at least as long as the parties
		/// may be cut off, and as their terms say.
		#[pallet::constant]
		type MinStage: Get<BlockNumberFor<Self>>;

		/// The maximum length of all stages together.
		#[pallet::constant]
		type MaxJobSpan: Get<BlockNumberFor<Self>>;

		/// The blocks in which what is submitted is included, even if half of the authors censor it.
		#[pallet::constant]
		type InclusionMargin: Get<BlockNumberFor<Self>>;

		/// How fast the queue of what must be published moves, in bytes for each block of the clock: a quarter of the share
		/// of the block that is reserved for it, so that what is late delays nobody else.
		#[pallet::constant]
		type PublicationRate: Get<u32>;

		/// The maximum number of bytes that a job may have to publish.
		#[pallet::constant]
		type MaxPublication: Get<u64>;

		/// The maximum number of bytes that all confirmed jobs may have to publish: the longest queue.
		#[pallet::constant]
		type MaxConfirmedPublication: Get<u64>;

		/// The maximum number of picoseconds that blocks are charged for the calls that the parties of all confirmed jobs
		/// owe: few enough that all of them together are included within the margin for inclusion.
		#[pallet::constant]
		type MaxConfirmedTime: Get<u64>;

		/// What a published byte costs its owner, and the account that challenged it.
		#[pallet::constant]
		type ChargePerByte: Get<BalanceOf<Self>>;

		/// The fee of a call, which a request prepays for those that the parties will owe.
		type CallFees: WeightToFee<Balance = BalanceOf<Self>>;

		/// What a request prepays for each byte that its job may have to publish, and each block that the job can take: room
		/// for it is kept from others.
		#[pallet::constant]
		type PublicationRoomPrice: Get<BalanceOf<Self>>;

		/// What a request prepays for each millisecond of the calls that the parties will owe, and each block that the job
		/// can take: room for them is kept from others.
		#[pallet::constant]
		type TimeRoomPrice: Get<BalanceOf<Self>>;

		/// The maximum number of jobs under way in which one account takes part, as user or provider; and of requests to it
		/// that are not confirmed by all.
		#[pallet::constant]
		type MaxActiveJobs: Get<u32>;

		/// Blocks after a job's end until anyone may clear its record.
		#[pallet::constant]
		type Retention: Get<BlockNumberFor<Self>>;

		/// The deposit for the footprint of a role, dataset or job (docs/adr/0026-exact-deposits.md).
		type StorageDeposit: Convert<Footprint, BalanceOf<Self>>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Reasons for holds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The price of jobs under way.
		#[codec(index = 0)]
		Escrow,
		/// Deposits for registrations, datasets and records of jobs.
		#[codec(index = 1)]
		StorageDeposit,
		/// What publications on chain may cost in jobs under way.
		#[codec(index = 2)]
		Charges,
	}

	/// The templates that jobs may name, by id. Only the voting nodes create ids, so a fast hasher is safe.
	#[pallet::storage]
	pub type Templates<T: Config> = StorageMap<_, Twox64Concat, TemplateId, Template>;

	/// The next template's id.
	#[pallet::storage]
	pub type NextTemplateId<T: Config> = StorageValue<_, TemplateId, ValueQuery>;

	/// Registrations by role and account. A role is one of three bytes and needs no hash; accounts can be chosen by an
	/// attacker, so they need a strong hasher.
	#[pallet::storage]
	pub type Roles<T: Config> = StorageDoubleMap<_, Identity, Role, Blake2_128Concat, T::AccountId, RegistrationOf<T>>;

	/// Datasets by id. Ids are consecutive, so a fast hasher is safe. A withdrawn one stays without columns and policy,
	/// because jobs and query counts refer to it.
	#[pallet::storage]
	pub type Datasets<T: Config> = StorageMap<_, Twox64Concat, DatasetId, DatasetOf<T>>;

	/// The next dataset's id.
	#[pallet::storage]
	pub type NextDatasetId<T: Config> = StorageValue<_, DatasetId, ValueQuery>;

	/// For how many jobs of a buyer a dataset's provider committed to inputs, or may in jobs under way. Ids are consecutive; accounts can be chosen by an
	/// attacker, so they need a strong hasher.
	#[pallet::storage]
	pub type QueryCounts<T: Config> =
		StorageDoubleMap<_, Twox64Concat, DatasetId, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

	/// The part of a job that never changes, by id, until its record is cleared. Ids are consecutive.
	#[pallet::storage]
	pub type Jobs<T: Config> = StorageMap<_, Twox64Concat, JobId, JobOf<T>>;

	/// A job's status, by id; separate from [`Jobs`], whose values are large and written only once.
	#[pallet::storage]
	pub type Statuses<T: Config> = StorageMap<_, Twox64Concat, JobId, StatusOf<T>>;

	/// The next job's id.
	#[pallet::storage]
	pub type NextJobId<T: Config> = StorageValue<_, JobId, ValueQuery>;

	/// Commitments with the block of their delivery, by job and then stage and party. Only a job's parties have entries
	/// here, so fast hashers are safe.
	#[pallet::storage]
	pub type Commitments<T: Config> =
		StorageDoubleMap<_, Twox64Concat, JobId, Twox64Concat, (Stage, T::AccountId), (Commitment, BlockNumberFor<T>)>;

	/// The mask keys that the data providers of a job have posted. Ids are consecutive.
	#[pallet::storage]
	pub type MaskKeys<T: Config> = StorageMap<_, Twox64Concat, JobId, MaskKeyList, ValueQuery>;

	/// What was challenged and published in a job. Ids are consecutive.
	#[pallet::storage]
	pub type Availability<T: Config> = StorageMap<_, Twox64Concat, JobId, AvailabilityOf<T>, ValueQuery>;

	/// The end of the queue of what must be published, in bytes since genesis at `PublicationRate`.
	#[pallet::storage]
	pub type QueueEnd<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// Bytes that all confirmed jobs under way may have to publish.
	#[pallet::storage]
	pub type ConfirmedPublication<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// Picoseconds that blocks are charged for what the parties of all confirmed jobs under way owe.
	#[pallet::storage]
	pub type ConfirmedTime<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// How long a party may be cut off from the chain without losing anything, in blocks of the clock.
	#[pallet::storage]
	pub type Outage<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

	/// Jobs that have not ended: what off-chain workers look at.
	#[pallet::storage]
	pub type OpenJobs<T: Config> = StorageMap<_, Twox64Concat, JobId, ()>;

	/// Requests that a provider has still to answer. Accounts can be chosen by an attacker: a strong hasher.
	#[pallet::storage]
	pub type PendingJobs<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, BoundedVec<JobId, T::MaxActiveJobs>, ValueQuery>;

	/// Requests that a provider has confirmed before all others have, as many as fit: it ends them if another stays silent.
	/// Anybody may, so those that do not fit wait for the others. Accounts can be chosen by an attacker: a strong hasher.
	#[pallet::storage]
	pub type ConfirmedJobs<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, BoundedVec<JobId, T::MaxActiveJobs>, ValueQuery>;

	/// The jobs under way of an account: as user those requested, as provider those confirmed by all. Accounts can be chosen by an attacker: a strong hasher.
	#[pallet::storage]
	pub type ActiveJobs<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, BoundedVec<JobId, T::MaxActiveJobs>, ValueQuery>;

	/// The templates at genesis.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Id, name and computation of each template.
		pub templates: Vec<(TemplateId, String, TemplateKind)>,
		/// How long a party may be cut off from the chain without losing anything, in blocks.
		pub outage: BlockNumberFor<T>,
		/// No value depends on the runtime's configuration.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (id, name, kind) in &self.templates {
				let name = Name::try_from(name.clone().into_bytes());
				assert!(name.is_ok(), "the name of template {id} is too long");
				assert!(!Templates::<T>::contains_key(id), "template {id} is listed twice");
				Templates::<T>::insert(id, Template { name: name.unwrap_or_default(), kind: *kind, retired: false });
			}
			let next = self.templates.iter().map(|(id, ..)| id.saturating_add(1)).max();
			NextTemplateId::<T>::put(next.unwrap_or_default());
			Outage::<T>::put(self.outage);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			Self::check_config();
		}

		/// Expire and settle jobs that are due, by calls that need no account.
		fn offchain_worker(_: BlockNumberFor<T>) {
			Self::submit_due_calls();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	impl<T: Config> Pallet<T> {
		/// Panics, before the chain ever runs, at constants with which no job could go through.
		pub(crate) fn check_config() {
			let stages = BlockNumberFor::<T>::from(Stage::ALL.len() as u32);
			let min_stage = T::MinStage::get();
			assert!(!min_stage.is_zero(), "MinStage must be at least one block, or deadlines need not increase");
			assert!(T::MaxJobSpan::get() >= stages.saturating_mul(min_stage), "MaxJobSpan must fit all stages");
			assert!(!T::InclusionMargin::get().is_zero(), "InclusionMargin must leave a block to publish in");
			assert!(T::PublicationRate::get() > 0, "PublicationRate must move the queue");
			assert!(T::MaxConfirmedPublication::get() >= T::MaxPublication::get(), "the queue must admit a job");
			assert!(T::MaxConfirmedTime::get() > 0, "MaxConfirmedTime must admit a job");
			assert!(T::MaxActiveJobs::get() > 0, "MaxActiveJobs must admit a job");
			assert!(!T::ModulusLengths::get().is_empty(), "ModulusLengths must admit a key");
		}
	}
}
