//! Computation contracts (BMPC): a user pays providers to compute over data that none of them shows.
//!
//! Data providers, computing providers and coordinators register with keys and prices; data providers put data sets on
//! offer. A user's [`request`](Pallet::request) fixes a contract (parties, keys, columns, prices, schedule), holds its
//! whole price and engages a bond of each party. From then on each stage has those who owe it and a deadline:
//!
//! ```text
//! request ─> Confirmation ─> Selection ─> Inputs ─> Outputs ─> Result ─> challenge window ─> settle | accept ─> Settled
//!                 │ decline                 any stage overdue: expire
//!                 v                                  v
//!              Declined                           Expired          both: the user is refunded in full
//!                                       the late are slashed, those who worked are paid of it
//! ```
//!
//! Whoever sees that a party committed to something wrong shows it by [`report_fault`](Pallet::report_fault), which ends
//! the job at once, `Faulty`; what was committed to but not published is had by [`demand`](Pallet::demand). Both are
//! decided by arithmetic alone, see [`encrytrust_fault_proofs::=fault`].
//!
//! Private values never come here: the chain keeps commitments and decides about money by them and by deadlines alone.
//! Types and rules that the workers share are in [`encrytrust_types::job`], the bytes in `docs/protocol/bmpc.md`.
//!
//! # What holds at every block
//!
//! Money that is taken in is paid out to the unit; every hold is explained by an open job, or by a registration, data
//! set or record; and a job can always be ended by somebody who has no interest in blocking it. `try_state` checks it.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
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

// FRAME's macros write types without `Debug`, full paths, and an `expect`.
#[allow(missing_debug_implementations, unused_qualifications, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::{boxed::Box, string::String, vec::Vec};
	use encrytrust_fault_proofs::{Fault, Message};
	use encrytrust_traits::{bonds::ServiceBonds, fees::ServiceFees, key_registry::KeyRegistry};
	use encrytrust_types::{
		dataset::Schema,
		job::{Commitment, DeclineReason, Endpoint, FaultKind, Offer, Role, Stage, Template, TemplateKind},
		limits::{MaxOpenDemands, MaxParties},
		merkle::Path,
		token::Balance,
		DataSetId, JobId, Name, TemplateId,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Footprint},
	};
	use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
	use sp_core::H256;
	use sp_runtime::{traits::Convert, Permill};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<Hash = H256> + CreateAuthorizedTransaction<Call<Self>> {
		/// The money: prices, escrow and deposits.
		type Currency: fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who adds and retires templates: the voting nodes.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// What parties have at stake.
		type Bonds: ServiceBonds<Self::AccountId, Balance, BlockNumberFor<Self>>;

		/// What a contract costs beside its parties' pay. The destination of fees also receives whatever a party's
		/// account cannot take.
		type ServiceFees: ServiceFees<Self::AccountId>;

		/// Whose identity key keeps it from starting anything.
		type Keys: KeyRegistry<Self::AccountId>;

		/// The least that each party has at stake in a job.
		#[pallet::constant]
		type MinJobBond: Get<Balance>;

		/// What of the job's bond it costs a party to leave an offer unanswered. Every later stage costs all of it.
		#[pallet::constant]
		type NoShow: Get<Permill>;

		/// Blocks between a job's result and its settlement, unless the user accepts earlier.
		#[pallet::constant]
		type ChallengePeriod: Get<BlockNumberFor<Self>>;

		/// The least number of blocks that a schedule gives each stage.
		#[pallet::constant]
		type MinStage: Get<BlockNumberFor<Self>>;

		/// The most blocks from a request to its last deadline.
		#[pallet::constant]
		type MaxJobSpan: Get<BlockNumberFor<Self>>;

		/// What a demand puts on hold. The party that answers it gets it.
		#[pallet::constant]
		type DemandDeposit: Get<BalanceOf<Self>>;

		/// Blocks in which a demand must be answered. By as many, each demand moves its job's deadlines.
		#[pallet::constant]
		type DemandPeriod: Get<BlockNumberFor<Self>>;

		/// The most demands that an account ever makes in a job.
		#[pallet::constant]
		type MaxDemands: Get<u32>;

		/// The most jobs under way that one account takes part in, as user or provider.
		#[pallet::constant]
		type MaxActiveJobs: Get<u32>;

		/// Blocks after a job's end until anyone may clear its record.
		#[pallet::constant]
		type Retention: Get<BlockNumberFor<Self>>;

		/// The deposit for what an account stores: role, data set or job.
		type StorageDeposit: Convert<Footprint, BalanceOf<Self>>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why money is on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The price of jobs under way.
		#[codec(index = 0)]
		Escrow,
		/// Deposits for registrations, data sets and records of jobs.
		#[codec(index = 1)]
		StorageDeposit,
		/// Deposits for demands that are open.
		#[codec(index = 2)]
		DemandDeposit,
	}

	/// The templates that jobs may name, by id. Only the voting nodes make ids, so a fast hasher is safe.
	#[pallet::storage]
	pub type Templates<T: Config> = StorageMap<_, Twox64Concat, TemplateId, Template>;

	/// The next template's id.
	#[pallet::storage]
	pub type NextTemplateId<T: Config> = StorageValue<_, TemplateId, ValueQuery>;

	/// Registrations by role and account. A role is one of three bytes and needs no hash; accounts can be made at will,
	/// so theirs is a strong one.
	#[pallet::storage]
	pub type Roles<T: Config> = StorageDoubleMap<_, Identity, Role, Blake2_128Concat, T::AccountId, RegistrationOf<T>>;

	/// Data sets by id. Ids are consecutive, so a fast hasher is safe. A withdrawn one stays, without columns and
	/// policy: what jobs and answers refer to.
	#[pallet::storage]
	pub type DataSets<T: Config> = StorageMap<_, Twox64Concat, DataSetId, DataSetOf<T>>;

	/// The next data set's id.
	#[pallet::storage]
	pub type NextDataSetId<T: Config> = StorageValue<_, DataSetId, ValueQuery>;

	/// How many jobs a buyer has settled or under way over a data set. Ids are consecutive, buyers can be made at will.
	#[pallet::storage]
	pub type Answers<T: Config> =
		StorageDoubleMap<_, Twox64Concat, DataSetId, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

	/// What never changes about a job, by id, until its record is cleared. Ids are consecutive.
	#[pallet::storage]
	pub type Jobs<T: Config> = StorageMap<_, Twox64Concat, JobId, JobOf<T>>;

	/// Where a job stands, by id; apart from [`Jobs`], whose values are large and never written again.
	#[pallet::storage]
	pub type Statuses<T: Config> = StorageMap<_, Twox64Concat, JobId, StatusOf<T>>;

	/// The next job's id.
	#[pallet::storage]
	pub type NextJobId<T: Config> = StorageValue<_, JobId, ValueQuery>;

	/// What was committed, and in which block, by job and then stage and party. Only a job's parties have entries here,
	/// so fast hashers are safe.
	#[pallet::storage]
	pub type Commitments<T: Config> =
		StorageDoubleMap<_, Twox64Concat, JobId, Twox64Concat, (Stage, T::AccountId), (Commitment, BlockNumberFor<T>)>;

	/// The open demands of jobs under way.
	#[pallet::storage]
	pub type Demands<T: Config> =
		StorageMap<_, Twox64Concat, JobId, BoundedVec<DemandOf<T>, MaxOpenDemands>, ValueQuery>;

	/// How many demands an account has made in a job, answered or not. Only a job's user and parties have entries here.
	#[pallet::storage]
	pub type DemandCounts<T: Config> =
		StorageDoubleMap<_, Twox64Concat, JobId, Twox64Concat, T::AccountId, u32, ValueQuery>;

	/// By how many blocks demands have moved a job's deadlines.
	#[pallet::storage]
	pub type Delays<T: Config> = StorageMap<_, Twox64Concat, JobId, BlockNumberFor<T>, ValueQuery>;

	/// The jobs under way of an account, as user or provider. Accounts can be made at will: a strong hasher.
	#[pallet::storage]
	pub type ActiveJobs<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, BoundedVec<JobId, T::MaxActiveJobs>, ValueQuery>;

	/// The templates at genesis.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Id, name and computation of each.
		pub templates: Vec<(TemplateId, String, TemplateKind)>,
		/// Nothing of the runtime's configuration.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (id, name, kind) in &self.templates {
				let name = Name::try_from(name.clone().into_bytes());
				assert!(name.is_ok(), "the name of template {id} is too long");
				assert!(!Templates::<T>::contains_key(id), "template {id} stands twice");
				Templates::<T>::insert(id, Template { name: name.unwrap_or_default(), kind: *kind, retired: false });
			}
			let next = self.templates.iter().map(|(id, ..)| id.saturating_add(1)).max();
			NextTemplateId::<T>::put(next.unwrap_or_default());
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account took a role.
		RoleRegistered {
			/// Who.
			who: T::AccountId,
			/// Which role.
			role: Role,
		},
		/// A role's endpoint or offer changed, for jobs to come.
		RoleUpdated {
			/// Who.
			who: T::AccountId,
			/// Which role.
			role: Role,
		},
		/// An account gave up a role.
		RoleUnregistered {
			/// Who.
			who: T::AccountId,
			/// Which role.
			role: Role,
		},
		/// A data set was put on offer.
		DataSetRegistered {
			/// Which.
			id: DataSetId,
			/// By whom.
			provider: T::AccountId,
		},
		/// A data set's price or policy changed, for jobs to come.
		DataSetUpdated {
			/// Which.
			id: DataSetId,
		},
		/// A data set's rows changed, for jobs to come.
		DataSetRefreshed {
			/// Which.
			id: DataSetId,
			/// How many rows it has now.
			rows: u64,
		},
		/// A data set takes no more jobs.
		DataSetWithdrawn {
			/// Which.
			id: DataSetId,
		},
		/// A template was added.
		TemplateAdded {
			/// Which.
			id: TemplateId,
		},
		/// A template takes no more jobs.
		TemplateRetired {
			/// Which.
			id: TemplateId,
		},
		/// A job was made; its price is on hold.
		Requested {
			/// Which.
			job: JobId,
			/// Who pays.
			user: T::AccountId,
			/// What the parties confirm.
			hash: H256,
			/// The escrow.
			total: BalanceOf<T>,
		},
		/// A stage began.
		StageEntered {
			/// Of which job.
			job: JobId,
			/// Which.
			stage: Stage,
			/// The last block in which it may end.
			deadline: BlockNumberFor<T>,
		},
		/// A party confirmed the contract.
		Confirmed {
			/// Of which job.
			job: JobId,
			/// Who.
			who: T::AccountId,
		},
		/// A party declined the contract; the job ended and the user was refunded.
		Declined {
			/// Which job.
			job: JobId,
			/// Who.
			who: T::AccountId,
			/// Why.
			reason: DeclineReason,
			/// What the user got back.
			refunded: BalanceOf<T>,
		},
		/// A party delivered what it owed a stage.
		Delivered {
			/// For which job.
			job: JobId,
			/// Which stage.
			stage: Stage,
			/// Who.
			who: T::AccountId,
			/// What it committed to.
			commitment: Commitment,
		},
		/// The result is there; the window for challenges began.
		ChallengeStarted {
			/// Of which job.
			job: JobId,
			/// Its last block.
			until: BlockNumberFor<T>,
		},
		/// A party was paid.
		Paid {
			/// For which job.
			job: JobId,
			/// Who.
			who: T::AccountId,
			/// In which role.
			role: Role,
			/// How much.
			amount: BalanceOf<T>,
		},
		/// A party's account could not take its pay, for it does not exist and the pay is below the existential deposit:
		/// somebody else received it.
		PaymentDiverted {
			/// For which job.
			job: JobId,
			/// Who was to be paid.
			who: T::AccountId,
			/// In which role.
			role: Role,
			/// How much.
			amount: BalanceOf<T>,
			/// Who received it: the fee's destination, or the user if even that account could not.
			to: T::AccountId,
		},
		/// All parties were paid, and the job ended.
		Settled {
			/// Which.
			job: JobId,
			/// The service fee.
			fee: BalanceOf<T>,
		},
		/// A stage was overdue; the job ended and the user was refunded.
		Expired {
			/// Which job.
			job: JobId,
			/// Which stage.
			stage: Stage,
			/// Who owed it.
			late: Vec<T::AccountId>,
			/// What the user got back.
			refunded: BalanceOf<T>,
			/// What all of the late lost together.
			slashed: BalanceOf<T>,
		},
		/// A party was shown to be at fault; the job ended and the user was refunded.
		FaultProven {
			/// Which job.
			job: JobId,
			/// Who.
			offender: T::AccountId,
			/// In which role.
			role: Role,
			/// What was wrong.
			fault: FaultKind,
			/// Who showed it; nobody if a demand was not answered.
			reporter: Option<T::AccountId>,
			/// What the user got back.
			refunded: BalanceOf<T>,
		},
		/// Somebody asked for a part of what a party committed to. All deadlines of the job moved.
		Demanded {
			/// In which job.
			job: JobId,
			/// The stage of the commitment.
			stage: Stage,
			/// Whose commitment.
			who: T::AccountId,
			/// Which part.
			piece: u32,
			/// Who asked.
			by: T::AccountId,
			/// The last block in which it may be answered.
			deadline: BlockNumberFor<T>,
		},
		/// A demand was answered; the part stands in the transaction.
		DemandAnswered {
			/// In which job.
			job: JobId,
			/// The stage of the commitment.
			stage: Stage,
			/// Whose commitment.
			who: T::AccountId,
			/// Which part.
			piece: u32,
		},
		/// A party lost of its bond for being late, or at fault. What of it compensated nobody is the Foundation's.
		Slashed {
			/// In which job.
			job: JobId,
			/// Who.
			who: T::AccountId,
			/// How much; less than the contract says only if the bond was less by then.
			amount: BalanceOf<T>,
		},
		/// A party that had delivered was paid out of the bond of one that was late or at fault.
		Compensated {
			/// For which job.
			job: JobId,
			/// Who was paid.
			who: T::AccountId,
			/// Out of whose bond.
			by: T::AccountId,
			/// How much.
			amount: BalanceOf<T>,
		},
		/// An ended job's record was cleared.
		JobCleared {
			/// Which.
			job: JobId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account has no such role. Register it with `register_role` first.
		NotRegistered,
		/// The account has this role. Change it with `update_role`.
		AlreadyRegistered,
		/// Jobs are under way in this role. Give it up when they have ended.
		RoleInUse,
		/// The address is not a multiaddress in text. Give one like `/ip4/192.0.2.1/tcp/4001`.
		InvalidAddress,
		/// The Paillier modulus has neither 2048 nor 3072 bits exactly. Make a key of one of these lengths.
		ModulusLength,
		/// The Paillier modulus is even. Make a key with a tool that knows Paillier.
		ModulusEven,
		/// The Paillier modulus is a prime, so that anyone can decrypt. It must be the product of two primes.
		ModulusPrime,
		/// A title or name is empty or not UTF-8. Give text.
		InvalidName,
		/// There are no columns, or no rows. Register a data set that has both.
		EmptyDataSet,
		/// A column has more than 15 decimals, or its integers have no bits or more than 62. Scale the column.
		InvalidColumn,
		/// Two columns have one name. Rename one.
		DuplicateColumn,
		/// There is no such template. Look them up with `BmpcApi_templates`.
		UnknownTemplate,
		/// The template takes no new jobs. Choose another.
		TemplateRetired,
		/// There are as many templates as ids.
		TooManyTemplates,
		/// There is no such data set. Look them up with `BmpcApi_data_sets`.
		UnknownDataSet,
		/// The data set has been withdrawn. Choose another.
		DataSetWithdrawn,
		/// The data set, or the job, is somebody else's. Sign with its owner's account.
		NotAuthorized,
		/// A request needs at least one data set and one computing provider.
		NoProvider,
		/// An account stands in the request twice, or the user is one of the providers. Every party must be another
		/// account, and of each data provider only one data set can take part.
		DuplicateParty,
		/// The data sets' columns differ. Choose data sets with equal columns.
		SchemaMismatch,
		/// No feature is selected, or more than there are, or the selection is not sealed to each computing provider and
		/// the coordinator. Select between one and all features, and seal to all of them in the contract's order.
		InvalidSelection,
		/// The parameters are not those of the template, or not as many weights as columns are selected. Look at
		/// `docs/protocol/bmpc.md`.
		InvalidParameters,
		/// There is no pair of columns, or more than 1024 features, or than fit into a message of 1.5 MiB. Choose other
		/// data sets or another template, or computing providers whose keys have 2048 bits.
		TooManyFeatures,
		/// The sums would be wider than 120 bits or than the user's key. Ask for fewer bins, smaller weights or narrower
		/// columns, or make a key of 3072 bits.
		ValuesTooWide,
		/// A data set's policy does not allow this template. Choose another template or data set.
		TemplateNotAllowed,
		/// A data set's policy asks for more rows behind a number. Add data sets; behind the numbers of a row-wise template
		/// there is one row each: choose another.
		TooFewRows,
		/// A data set's policy does not allow this user. Ask its provider to be allowed.
		BuyerNotAllowed,
		/// A data set's policy allows this user no more jobs.
		TooManyAnswers,
		/// The first deadline is not in the future. Make the schedule from the current block on.
		DeadlinePassed,
		/// A stage has less than `MinStage` blocks, or ends before the one before it. Give each more time.
		StageTooShort,
		/// The last deadline is more than `MaxJobSpan` blocks away. Give the stages less time.
		ScheduleTooLong,
		/// The price is above the user's maximum. Raise the maximum, or choose cheaper providers.
		PriceAboveMaximum,
		/// A sum is beyond what numbers on this chain hold. Choose smaller data sets or lower prices.
		Overflow,
		/// A party, or the user, has `MaxActiveJobs` jobs under way. Wait for one to end, or choose another party.
		TooManyJobs,
		/// A party's free service bond is below the job's bond. Choose another party, or have it add to its bond with
		/// `Staking::bond_more`.
		BondTooLow,
		/// There is no such job, or its record has been cleared.
		UnknownJob,
		/// The account owes this stage of the job nothing.
		NotParty,
		/// The job is in another stage, or has ended. Look at `BmpcApi_job`.
		WrongStage,
		/// The stage's deadline has passed. Anyone may expire the job now.
		TooLate,
		/// The account has confirmed, or delivered, already.
		AlreadyDelivered,
		/// The hash is not that of the job's contract. Hash the contract as `BmpcApi_job` tells it.
		WrongContract,
		/// The challenge window is open. Settle after its last block; only the user can accept before.
		ChallengeOpen,
		/// The stage's deadline has not passed. Expire the job after it.
		NotOverdue,
		/// The job has not ended. Its record can be cleared afterwards.
		NotEnded,
		/// The proof names a party, feature, output or part that the job does not have. Count from 0, as in the contract.
		OutOfRange,
		/// The party has not committed to anything in that stage. There is nothing to report or to demand.
		NotDelivered,
		/// A number in the proof has not the length that the job's keys give it, or is not below its modulus.
		WrongLength,
		/// The node is not on the level where this fault can be, or a leaf has children. Show the node itself.
		WrongLevel,
		/// A path in the proof is too long or too short for its place.
		WrongPathLength,
		/// The node's two children are said to be the same. No tree has such a node.
		EqualChildren,
		/// The children in the proof are not those of the node.
		WrongChildren,
		/// The proof does not lead to what the party committed to in this job. Make it from the blobs of this job.
		NotCommitted,
		/// The selection's opening does not open the contract's commitment.
		WrongSelection,
		/// The feature is not selected, or belongs to another output or leaf.
		WrongFeature,
		/// The leaf without its blinding is not that leaf. Take the blinding of this feature, provider and job.
		WrongBlinding,
		/// The opening does not show what was transferred: only a column that was chosen can be complained about.
		WrongOpening,
		/// The entry itself is malformed. Report that, as `Entry`.
		MalformedEntry,
		/// What the proof shows is as it should be: nobody is at fault.
		Unfounded,
		/// The account accuses, or asks, itself.
		SelfAccusation,
		/// This part is demanded already. Wait for the answer.
		AlreadyDemanded,
		/// The account has made `MaxDemands` demands in this job, or the job has as many open ones as it can.
		TooManyDemands,
		/// There is no such demand, or it was answered.
		UnknownDemand,
		/// A demand is open. Answer it, or expire it after its deadline, and then try again.
		DemandOpen,
		/// Only the user may clear this record before `Retention` blocks have passed since the job's end.
		Retained,
		/// The account's identity key was revoked, or it has none where one is required. Have one issued, see
		/// `IdentityKeys::request_key`; choose another party until then.
		InactiveIdentity,
		/// The rows of a row-wise template go into more than 2^20 ciphertexts of a column. Choose fewer or smaller data sets.
		TooManyRows,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			Self::check_config();
		}

		/// Expires and settles whatever is due, by calls that need no account.
		fn offchain_worker(_: BlockNumberFor<T>) {
			Self::submit_due_calls();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Take a role in jobs, with keys, address and price.
		///
		/// ## Dispatch Origin
		///
		/// Signed.
		///
		/// ## Details
		///
		/// The offer names the role; an account may have several. A deposit for the registration goes on hold. To get
		/// jobs, the account also needs a service bond: `Staking::bond(Service, amount)`, before or after.
		///
		/// ## Errors
		///
		/// - `AlreadyRegistered`: use `update_role`.
		/// - `InactiveIdentity`: have an identity key issued.
		/// - `InvalidAddress`: give a multiaddress in text.
		/// - `ModulusLength`, `ModulusEven`, `ModulusPrime`: make a Paillier key of 2048 or 3072 bits.
		///
		/// ## Events
		///
		/// `RoleRegistered`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_role())]
		pub fn register_role(origin: OriginFor<T>, endpoint: Endpoint, offer: Offer<BalanceOf<T>>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register_role(who, endpoint, offer)
		}

		/// Change a role's keys, address or price, for jobs to come.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the role's account.
		///
		/// ## Details
		///
		/// The offer names the role. Jobs under way keep what their contracts say. The deposit is adjusted.
		///
		/// ## Errors
		///
		/// - `NotRegistered`: use `register_role`.
		/// - `InvalidAddress`, `ModulusLength`, `ModulusEven`, `ModulusPrime`: as for `register_role`.
		///
		/// ## Events
		///
		/// `RoleUpdated`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::update_role())]
		pub fn update_role(origin: OriginFor<T>, endpoint: Endpoint, offer: Offer<BalanceOf<T>>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_update_role(who, endpoint, offer)
		}

		/// Give up a role.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the role's account.
		///
		/// ## Details
		///
		/// The deposit is released. A data provider's data sets take no jobs until it registers again.
		///
		/// ## Errors
		///
		/// - `NotRegistered`: there is nothing to give up.
		/// - `RoleInUse`: wait until the role's jobs have ended.
		///
		/// ## Events
		///
		/// `RoleUnregistered`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::unregister_role())]
		pub fn unregister_role(origin: OriginFor<T>, role: Role) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unregister_role(who, role)
		}

		/// Put a data set on offer.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a registered data provider.
		///
		/// ## Details
		///
		/// `price` is that of a cell: a row of a selected column. Columns are fixed; other columns are another data set.
		/// `fingerprint` is a digest of the rows under a key that the provider keeps. A deposit goes on hold.
		///
		/// ## Errors
		///
		/// - `NotRegistered`: register as a data provider first.
		/// - `InvalidName`, `EmptyDataSet`, `InvalidColumn`, `DuplicateColumn`: correct title, rows or columns.
		/// - `UnknownTemplate`: the policy names a template that does not exist.
		///
		/// ## Events
		///
		/// `DataSetRegistered`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::register_dataset(schema.columns().len() as u32))]
		pub fn register_dataset(
			origin: OriginFor<T>,
			title: Name,
			schema: Schema,
			rows: u64,
			fingerprint: H256,
			price: BalanceOf<T>,
			policy: PolicyOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register_dataset(who, title, schema, rows, fingerprint, price, policy)
		}

		/// Change a data set's price and policy, for jobs to come.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the data set's provider.
		///
		/// ## Details
		///
		/// Jobs under way keep what their contracts say. The deposit is adjusted.
		///
		/// ## Errors
		///
		/// - `UnknownDataSet`, `NotAuthorized`, `DataSetWithdrawn`: name a data set of yours that is on offer.
		/// - `UnknownTemplate`: the policy names a template that does not exist.
		///
		/// ## Events
		///
		/// `DataSetUpdated`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::update_dataset())]
		pub fn update_dataset(
			origin: OriginFor<T>,
			id: DataSetId,
			price: BalanceOf<T>,
			policy: PolicyOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_update_dataset(who, id, price, policy)
		}

		/// Take a data set off offer, for ever.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the data set's provider.
		///
		/// ## Details
		///
		/// Jobs under way go on. Of the record, title, rows and price stay; columns and policy go, and with them their
		/// part of the deposit.
		///
		/// ## Errors
		///
		/// - `UnknownDataSet`, `NotAuthorized`, `DataSetWithdrawn`: name a data set of yours that is on offer.
		///
		/// ## Events
		///
		/// `DataSetWithdrawn`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::withdraw_dataset())]
		pub fn withdraw_dataset(origin: OriginFor<T>, id: DataSetId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_dataset(who, id)
		}

		/// Add a template.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// It gets the next id and is open to jobs, whatever its `retired` says.
		///
		/// ## Errors
		///
		/// - `InvalidName`: give it a name.
		/// - `TooManyTemplates`: every id is taken.
		///
		/// ## Events
		///
		/// `TemplateAdded`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::add_template())]
		pub fn add_template(origin: OriginFor<T>, template: Template) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_add_template(template)
		}

		/// Close a template to new jobs.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// Jobs under way go on.
		///
		/// ## Errors
		///
		/// - `UnknownTemplate`, `TemplateRetired`: name one that is open.
		///
		/// ## Events
		///
		/// `TemplateRetired`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::retire_template())]
		pub fn retire_template(origin: OriginFor<T>, id: TemplateId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_retire_template(id)
		}

		/// Ask for a computation and put its price on hold.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the user.
		///
		/// ## Details
		///
		/// Fixes the contract: parties with keys and pay, columns, schedule, fee, bond. The whole price goes on hold,
		/// and a deposit for the record; of each party's service bond, the job's bond is engaged until the job ends. All
		/// parties must confirm before anything is computed.
		///
		/// ## Errors
		///
		/// Those that `BmpcApi_quote` tells beforehand, each with its way out:
		///
		/// - of the request: `NoProvider`, `DuplicateParty`, `InvalidSelection`, `InvalidParameters`, `TooManyFeatures`,
		///   `ValuesTooWide`, `ModulusLength`, `ModulusEven`, `ModulusPrime`;
		/// - of the schedule: `DeadlinePassed`, `StageTooShort`, `ScheduleTooLong`;
		/// - of template and parties: `UnknownTemplate`, `TemplateRetired`, `NotRegistered`, `InactiveIdentity`,
		///   `TooManyJobs`, `BondTooLow`;
		/// - of data sets: `UnknownDataSet`, `DataSetWithdrawn`, `SchemaMismatch`, `TemplateNotAllowed`, `TooFewRows`,
		///   `TooManyRows`, `BuyerNotAllowed`, `TooManyAnswers`;
		/// - of numbers: `Overflow`.
		///
		/// And two that it does not: `PriceAboveMaximum`, and the currency's own if the user's funds do not suffice.
		///
		/// ## Events
		///
		/// `Requested`, `StageEntered`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::request(request.data_sets.len() as u32, request.computers.len() as u32))]
		pub fn request(origin: OriginFor<T>, request: RequestOf<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_request(who, request)
		}

		/// Confirm a job's contract.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a party of the job.
		///
		/// ## Details
		///
		/// `hash` is the contract's, see `docs/protocol/bmpc.md`. The last confirmation ends the stage.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotParty`, `WrongStage`, `TooLate`, `AlreadyDelivered`: there is nothing to confirm.
		/// - `WrongContract`: hash the contract that the chain has.
		/// - `InactiveIdentity`: have an identity key issued, or `decline`.
		///
		/// ## Events
		///
		/// `Confirmed`; `StageEntered` with the last one.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::confirm())]
		pub fn confirm(origin: OriginFor<T>, job: JobId, hash: H256) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_confirm(who, job, hash)
		}

		/// Decline a job's contract, which ends the job.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a party that has not confirmed.
		///
		/// ## Details
		///
		/// The user is refunded in full, and nobody's bond is touched.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotParty`, `WrongStage`, `TooLate`, `AlreadyDelivered`: there is nothing to decline.
		///
		/// ## Events
		///
		/// `Declined`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::decline(<MaxParties as Get<u32>>::get()))]
		pub fn decline(origin: OriginFor<T>, job: JobId, reason: DeclineReason) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let parties = Self::do_decline(who, job, reason)?;
			Ok(Some(T::WeightInfo::decline(parties)).into())
		}

		/// Commit the selection that was sent to the data providers.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the job's coordinator.
		///
		/// ## Details
		///
		/// Ends the stage `Selection`.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotParty`, `WrongStage`, `TooLate`: there is nothing to deliver.
		///
		/// ## Events
		///
		/// `Delivered`, `StageEntered`.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::commit_selection())]
		pub fn commit_selection(origin: OriginFor<T>, job: JobId, commitment: Commitment) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit(who, job, Stage::Selection, commitment)
		}

		/// Commit a data set's encrypted columns.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a data provider of the job.
		///
		/// ## Details
		///
		/// The last one ends the stage `Inputs`.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotParty`, `WrongStage`, `TooLate`, `AlreadyDelivered`: there is nothing to deliver.
		///
		/// ## Events
		///
		/// `Delivered`; `StageEntered` with the last one.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::commit_inputs())]
		pub fn commit_inputs(origin: OriginFor<T>, job: JobId, commitment: Commitment) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit(who, job, Stage::Inputs, commitment)
		}

		/// Commit a computing provider's product trees.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a computing provider of the job.
		///
		/// ## Details
		///
		/// The last one ends the stage `Outputs`.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotParty`, `WrongStage`, `TooLate`, `AlreadyDelivered`: there is nothing to deliver.
		///
		/// ## Events
		///
		/// `Delivered`; `StageEntered` with the last one.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::commit_output())]
		pub fn commit_output(origin: OriginFor<T>, job: JobId, commitment: Commitment) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit(who, job, Stage::Outputs, commitment)
		}

		/// Commit the result.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the job's coordinator.
		///
		/// ## Details
		///
		/// Ends the stage `Result` and begins the challenge window.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotParty`, `WrongStage`, `TooLate`: there is nothing to deliver.
		///
		/// ## Events
		///
		/// `Delivered`, `ChallengeStarted`.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::commit_result())]
		pub fn commit_result(origin: OriginFor<T>, job: JobId, commitment: Commitment) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit(who, job, Stage::Result, commitment)
		}

		/// Accept a result and pay the parties at once.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the job's user.
		///
		/// ## Details
		///
		/// Ends the challenge window early, and open demands with it: their deposits are released.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotAuthorized`: name a job of yours.
		/// - `WrongStage`: there is no result yet, or the job has ended.
		///
		/// ## Events
		///
		/// `Paid` for each party (or `PaymentDiverted`), `Settled`.
		#[pallet::call_index(15)]
		#[pallet::weight(
			T::WeightInfo::settle(<MaxParties as Get<u32>>::get())
				.saturating_add(T::WeightInfo::release_demands(<MaxOpenDemands as Get<u32>>::get()))
		)]
		pub fn accept(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let demands = Self::open_demands(job);
			let parties = Self::do_accept(who, job)?;
			Ok(Some(T::WeightInfo::settle(parties).saturating_add(T::WeightInfo::release_demands(demands))).into())
		}

		/// Pay the parties of a job whose challenge window is over.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone, or without an account: nodes with an off-chain worker send it by themselves, free of charge.
		///
		/// ## Details
		///
		/// Each party gets what the contract says and the fee's destination the fee. The pay of a party whose account
		/// cannot take it goes to the fee's destination, so that nobody can block the others.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `WrongStage`: there is no result, or the job has ended.
		/// - `ChallengeOpen`: wait for the window's end.
		/// - `DemandOpen`: answer or expire the demand first.
		///
		/// ## Events
		///
		/// `Paid` for each party (or `PaymentDiverted`), `Settled`.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::settle(<MaxParties as Get<u32>>::get()))]
		#[pallet::authorize(Self::authorize_settle)]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize())]
		pub fn settle(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			let parties = Self::do_settle(job)?;
			Ok(Some(T::WeightInfo::settle(parties)).into())
		}

		/// End a job whose stage is overdue, slash whoever is late and refund the user.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone, or without an account: nodes with an off-chain worker send it by themselves, free of charge.
		///
		/// ## Details
		///
		/// The whole escrow is released. Each party that owed the stage loses the job's bond, or the part `NoShow` of it
		/// if the stage is `Confirmation`. Out of that, the parties that had delivered and are not late get their pay, in
		/// the contract's order; the Foundation gets the rest.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `WrongStage`: the job has ended, or nobody owes anything.
		/// - `NotOverdue`: the deadline's block still counts.
		/// - `DemandOpen`: answer or expire the demand first.
		///
		/// ## Events
		///
		/// `Slashed` for each late party, `Compensated` for each pay out of one's bond, `Expired`.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::expire(<MaxParties as Get<u32>>::get()))]
		#[pallet::authorize(Self::authorize_expire)]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize())]
		pub fn expire(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			let parties = Self::do_expire(job)?;
			Ok(Some(T::WeightInfo::expire(parties)).into())
		}

		/// Clear the record of an ended job and release its deposit to the user.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the job's user, or by anyone once `Retention` blocks have passed since its end.
		///
		/// ## Details
		///
		/// The chain's history keeps what the state forgets.
		///
		/// ## Errors
		///
		/// - `UnknownJob`: it has been cleared, or never was.
		/// - `NotEnded`, `Retained`: wait.
		///
		/// ## Events
		///
		/// `JobCleared`.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::clear_job())]
		pub fn clear_job(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_clear_job(who, job)
		}

		/// Show that a party committed to something wrong, which ends the job.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone but the accused. Without an account for a proof that is checked quickly (`Product`, `Shape`,
		/// `Result`, `Entry`), by a node with an off-chain worker: what its local storage has under
		/// `encrytrust/bmpc/fault/` and the job's number is sent as soon as it holds, free of charge.
		///
		/// ## Details
		///
		/// While the job is under way, the challenge window included. The proof is checked by arithmetic alone. If it
		/// holds, the call is free: the user is refunded in full and the accused loses the job's bond, out of which the
		/// other parties that had delivered get their pay, in the contract's order; the Foundation gets the rest. If not,
		/// nothing changes but the fee.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `WrongStage`: the job has ended.
		/// - `SelfAccusation`: the accused cannot report itself.
		/// - `Unfounded`: nobody is at fault.
		/// - `OutOfRange`, `NotDelivered`, `WrongLength`, `WrongLevel`, `WrongPathLength`, `EqualChildren`,
		///   `WrongChildren`, `NotCommitted`, `WrongSelection`, `WrongFeature`, `WrongBlinding`, `WrongOpening`,
		///   `MalformedEntry`: the proof shows nothing; make it from the blobs of this job.
		///
		/// ## Events
		///
		/// `Compensated` for each pay out of the bond, `Slashed`, `FaultProven`.
		#[pallet::call_index(19)]
		#[pallet::weight(Pallet::<T>::fault_weight(fault))]
		#[pallet::authorize(|source, job, fault| Self::authorize_report_fault(source, job, fault))]
		#[pallet::weight_of_authorize(Pallet::<T>::authorize_fault_weight(fault))]
		pub fn report_fault(origin: OriginFor<T>, job: JobId, fault: Box<Fault>) -> DispatchResultWithPostInfo {
			let reporter = Self::ensure_signed_or_authorized(origin)?;
			Self::do_report_fault(reporter, job, &fault)?;
			Ok(Pays::No.into())
		}

		/// Ask a party for a part of what it committed to.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the job's user or another party.
		///
		/// ## Details
		///
		/// For blobs that cannot be had, or are not what their root says. The parts are those of `docs/protocol/bmpc.md`.
		/// A deposit goes on hold; the party gets it with its answer. The stage's deadline, or the window's end, and all
		/// later ones move by `DemandPeriod`.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `WrongStage`, `TooLate`: the job has ended, or its stage or window is over.
		/// - `NotParty`, `SelfAccusation`: only the user and the other parties may ask.
		/// - `NotDelivered`, `OutOfRange`: there is no such part.
		/// - `AlreadyDemanded`, `TooManyDemands`: wait for the answers.
		///
		/// ## Events
		///
		/// `Demanded`.
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::demand())]
		pub fn demand(origin: OriginFor<T>, job: JobId, stage: Stage, who: T::AccountId, piece: u32) -> DispatchResult {
			let by = ensure_signed(origin)?;
			Self::do_demand(by, job, stage, who, piece)
		}

		/// Answer a demand.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone.
		///
		/// ## Details
		///
		/// `bytes` are the part, and `path` leads from it to the commitment's root: see `docs/protocol/bmpc.md`. The
		/// contract says how long the part and every list in it are; anything else is no answer. The party that was asked
		/// gets the deposit.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `UnknownDemand`: there is nothing to answer.
		/// - `TooLate`: the demand's deadline has passed.
		/// - `NotCommitted`, `WrongPathLength`: these are not the part that was asked for.
		///
		/// ## Events
		///
		/// `DemandAnswered`.
		#[pallet::call_index(21)]
		#[pallet::weight(Pallet::<T>::answer_weight(bytes))]
		pub fn answer(
			origin: OriginFor<T>,
			job: JobId,
			stage: Stage,
			who: T::AccountId,
			piece: u32,
			bytes: Message,
			path: Path,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_answer(job, stage, who, piece, &bytes, &path)
		}

		/// End a job in which a demand was not answered.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone, or without an account: nodes with an off-chain worker send it by themselves, free of charge.
		///
		/// ## Details
		///
		/// The party that was asked is at fault, as after `report_fault`. All deposits for demands are released.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `UnknownDemand`: it was answered, or the job has ended.
		/// - `NotOverdue`: the deadline's block still counts.
		///
		/// ## Events
		///
		/// `Compensated` for each pay out of the bond, `Slashed`, `FaultProven`.
		#[pallet::call_index(22)]
		#[pallet::weight(Pallet::<T>::convict_weight())]
		#[pallet::authorize(Self::authorize_expire_demand)]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize())]
		pub fn expire_demand(
			origin: OriginFor<T>,
			job: JobId,
			stage: Stage,
			who: T::AccountId,
			piece: u32,
		) -> DispatchResult {
			Self::ensure_signed_or_authorized(origin)?;
			Self::do_expire_demand(job, stage, who, piece)
		}

		/// Declare that a data set has other rows now, for jobs to come.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the data set's provider.
		///
		/// ## Details
		///
		/// Contracts name the fingerprint of the rows that they are about: a job that was requested over the rows from
		/// before can no longer be confirmed honestly, and jobs that are confirmed go on over the rows that they were
		/// confirmed with. Columns, price and policy stay.
		///
		/// ## Errors
		///
		/// - `UnknownDataSet`, `NotAuthorized`, `DataSetWithdrawn`: name a data set of yours that is on offer.
		/// - `EmptyDataSet`: there are no rows; withdraw the data set instead.
		///
		/// ## Events
		///
		/// `DataSetRefreshed`.
		#[pallet::call_index(23)]
		#[pallet::weight(T::WeightInfo::refresh_dataset())]
		pub fn refresh_dataset(origin: OriginFor<T>, id: DataSetId, rows: u64, fingerprint: H256) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_refresh_dataset(who, id, rows, fingerprint)
		}
	}
}
