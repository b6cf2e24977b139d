//! Decisions of the voting nodes take effect after a delay, in which more than one third of them can veto. See ADR 0029.

pub use pallet::*;

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	traits::{EnsureOrigin, OriginTrait, SortedMembers},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;

/// The number of a decision, in the order in which they were made.
pub type DecisionId = u32;

/// A decision that has not taken effect yet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Decision<BlockNumber, Hash, Vetoes> {
	/// The first block in which it takes effect.
	pub enacted_at: BlockNumber,
	/// The hash of the call.
	pub call_hash: Hash,
	/// The voting nodes that vetoed.
	pub vetoes: Vetoes,
}

/// The runtime's decisions.
pub type DecisionOf<T> = Decision<
	BlockNumberFor<T>,
	<T as frame_system::Config>::Hash,
	BoundedVec<<T as frame_system::Config>::AccountId, <T as Config>::MaxVotingNodes>,
>;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::boxed::Box;
	use codec::DecodeWithMemTracking;
	use frame_support::{
		dispatch::{GetDispatchInfo, PostDispatchInfo},
		pallet_prelude::*,
		traits::{
			schedule::{v3::Anon, DispatchTime, HARD_DEADLINE},
			QueryPreimage, StorePreimage,
		},
	};
	use frame_system::{pallet_prelude::*, RawOrigin};
	use sp_runtime::{
		traits::{Dispatchable, Hash as _, Saturating},
		Weight,
	};

	/// Picoseconds of a call, besides the database.
	const CALL: u64 = 60_000_000;
	/// Blocks in three days of six-second slots.
	const THREE_DAYS: u32 = 43_200;

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeOrigin: From<Origin>> {
		/// The runtime's calls.
		type RuntimeCall: Parameter
			+ Dispatchable<RuntimeOrigin = Self::RuntimeOrigin, PostInfo = PostDispatchInfo>
			+ GetDispatchInfo
			+ From<Call<Self>>;

		/// The origins of scheduled calls.
		type PalletsOrigin: From<RawOrigin<Self::AccountId>>;

		/// Who decides: two thirds of the voting nodes.
		type DecisionOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who can veto.
		type VotingNodes: SortedMembers<Self::AccountId>;

		/// The maximum number of voting nodes.
		type MaxVotingNodes: Get<u32>;

		/// The maximum weight of a call that is decided on: less than the scheduler has in a block.
		#[pallet::constant]
		type MaxCallWeight: Get<Weight>;

		/// Carries decisions out.
		type Scheduler: Anon<
			BlockNumberFor<Self>,
			<Self as Config>::RuntimeCall,
			Self::PalletsOrigin,
			Hasher = Self::Hashing,
		>;

		/// Keeps calls until then.
		type Preimages: StorePreimage<H = Self::Hashing>;
	}

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// The origin of a decision that takes effect.
	#[pallet::origin]
	#[derive(
		Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, scale_info::TypeInfo,
	)]
	pub enum Origin {
		/// Two thirds of the voting nodes decided, and the delay is over.
		VotingNodes,
	}

	/// The number of blocks from a decision to its enactment. Never changed after genesis.
	#[pallet::storage]
	pub type Delay<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

	/// The number of decisions so far.
	#[pallet::storage]
	pub type NextDecisionId<T: Config> = StorageValue<_, DecisionId, ValueQuery>;

	/// The decisions that have not taken effect yet. Ids are consecutive, so a fast hasher is safe.
	#[pallet::storage]
	pub type Decisions<T: Config> = StorageMap<_, Twox64Concat, DecisionId, DecisionOf<T>>;

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// The number of blocks from a decision to its enactment.
		pub delay: BlockNumberFor<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self { delay: THREE_DAYS.into() }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.delay > 0u32.into(), "a decision of the voting nodes takes effect in a later block");
			Delay::<T>::put(self.delay);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(fn deposit_event)]
	pub enum Event<T: Config> {
		/// The voting nodes decided on a call, which takes effect in the block `enacted_at`.
		Scheduled { decision_id: DecisionId, call_hash: T::Hash, enacted_at: BlockNumberFor<T> },
		/// A voting node vetoed a decision.
		Vetoed { decision_id: DecisionId, who: T::AccountId },
		/// More than one third of the voting nodes vetoed a decision, which has no effect.
		Cancelled { decision_id: DecisionId },
		/// A decision took effect, with this result.
		Enacted { decision_id: DecisionId, result: DispatchResult },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// There is no such decision, or it has been enacted or cancelled. Look it up in `Decisions`.
		NotFound,
		/// The account is not a voting node. Sign with the account of one.
		NotAuthorized,
		/// The voting node has vetoed this decision already.
		AlreadyVetoed,
		/// The call weighs more than `MaxCallWeight`. Split it.
		CallTooHeavy,
		/// The call is not the one that was decided on. Give that one.
		CallMismatch,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Decide on a call, which takes effect after the delay unless more than one third of the voting nodes veto.
		///
		/// ## Dispatch Origin
		///
		/// `DecisionOrigin`: a motion of two thirds of the voting nodes.
		///
		/// ## Details
		///
		/// The call is dispatched by the scheduler, with the origin that the calls of the voting nodes require.
		///
		/// ## Errors
		///
		/// - `CallTooHeavy`: split the call.
		///
		/// ## Events
		///
		/// `Scheduled`.
		#[pallet::call_index(0)]
		#[pallet::weight((Pallet::<T>::weight(8, 8), DispatchClass::Operational))]
		pub fn schedule(origin: OriginFor<T>, call: Box<<T as Config>::RuntimeCall>) -> DispatchResult {
			T::DecisionOrigin::ensure_origin(origin)?;
			Self::do_schedule(call)
		}

		/// Veto a decision that has not taken effect yet.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by a voting node.
		///
		/// ## Details
		///
		/// The decision is cancelled as soon as more than one third of the voting nodes have vetoed. A veto is not
		/// withdrawn, and costs no fee.
		///
		/// ## Errors
		///
		/// - `NotAuthorized`: sign with a voting node's account.
		/// - `NotFound`: the decision has been enacted or cancelled.
		/// - `AlreadyVetoed`: once is enough.
		///
		/// ## Events
		///
		/// `Vetoed`, and `Cancelled` if it was the last veto that was needed.
		#[pallet::call_index(1)]
		#[pallet::weight((Pallet::<T>::weight(2, 1), DispatchClass::Operational))]
		pub fn veto(origin: OriginFor<T>, decision_id: DecisionId) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_veto(who, decision_id)?;
			Ok(Pays::No.into())
		}

		/// Carry out a decision. The scheduler makes this call.
		///
		/// ## Dispatch Origin
		///
		/// Root.
		///
		/// ## Details
		///
		/// The decision ends whether or not its call succeeds.
		///
		/// ## Errors
		///
		/// - `NotFound`: the decision has been enacted or cancelled.
		/// - `CallMismatch`: give the call that was decided on.
		///
		/// ## Events
		///
		/// `Enacted`, with the call's result.
		#[pallet::call_index(2)]
		#[pallet::weight((
			Pallet::<T>::weight(2, 1).saturating_add(call.get_dispatch_info().call_weight),
			DispatchClass::Operational,
		))]
		pub fn enact(
			origin: OriginFor<T>,
			decision_id: DecisionId,
			call: Box<<T as Config>::RuntimeCall>,
		) -> DispatchResult {
			ensure_root(origin)?;
			Self::do_enact(decision_id, *call)
		}
	}

	impl<T: Config> Pallet<T> {
		fn do_schedule(call: Box<<T as Config>::RuntimeCall>) -> DispatchResult {
			let weight = call.get_dispatch_info().call_weight;
			ensure!(weight.all_lte(T::MaxCallWeight::get()), Error::<T>::CallTooHeavy);
			let decision_id = NextDecisionId::<T>::get();
			let call_hash = T::Hashing::hash_of(&call);
			let enacted_at = frame_system::Pallet::<T>::block_number().saturating_add(Delay::<T>::get());
			let enact: <T as Config>::RuntimeCall = Call::<T>::enact { decision_id, call }.into();
			let stored = T::Preimages::bound(enact)?;
			let time = DispatchTime::At(enacted_at);
			T::Scheduler::schedule(time, None, HARD_DEADLINE, RawOrigin::<T::AccountId>::Root.into(), stored.clone())?;
			// The scheduler has requested the preimage: what storing it requested would keep it for ever.
			T::Preimages::drop(&stored);
			let vetoes = Default::default();
			Decisions::<T>::insert(decision_id, Decision { enacted_at, call_hash, vetoes });
			NextDecisionId::<T>::put(decision_id.saturating_add(1));
			Self::deposit_event(Event::Scheduled { decision_id, call_hash, enacted_at });
			Ok(())
		}

		/// A cancelled decision stays in the scheduler, which finds no decision when its time has come.
		/// Whether a voting node may veto a decision: there is one, and it has not done so.
		pub fn may_veto(who: &T::AccountId, decision_id: DecisionId) -> bool {
			Decisions::<T>::get(decision_id).is_some_and(|decision| !decision.vetoes.contains(who))
		}

		fn do_veto(who: T::AccountId, decision_id: DecisionId) -> DispatchResult {
			ensure!(T::VotingNodes::contains(&who), Error::<T>::NotAuthorized);
			let mut decision = Decisions::<T>::get(decision_id).ok_or(Error::<T>::NotFound)?;
			ensure!(!decision.vetoes.contains(&who), Error::<T>::AlreadyVetoed);
			let members = T::VotingNodes::sorted_members();
			// Those who are not voting nodes any more make room.
			decision.vetoes.retain(|who| members.contains(who));
			// There is room, as each voting node vetoes once.
			decision.vetoes.try_push(who.clone()).map_err(|_| Error::<T>::AlreadyVetoed)?;
			Self::deposit_event(Event::Vetoed { decision_id, who });
			if decision.vetoes.len().saturating_mul(3) > members.len() {
				Decisions::<T>::remove(decision_id);
				Self::deposit_event(Event::Cancelled { decision_id });
			} else {
				Decisions::<T>::insert(decision_id, decision);
			}
			Ok(())
		}

		fn do_enact(decision_id: DecisionId, call: <T as Config>::RuntimeCall) -> DispatchResult {
			let decision = Decisions::<T>::take(decision_id).ok_or(Error::<T>::NotFound)?;
			ensure!(decision.call_hash == T::Hashing::hash_of(&call), Error::<T>::CallMismatch);
			let result = call.dispatch(Origin::VotingNodes.into());
			let result = result.map(|_| ()).map_err(|error| error.error);
			Self::deposit_event(Event::Enacted { decision_id, result });
			Ok(())
		}

		fn weight(reads: u64, writes: u64) -> Weight {
			Weight::from_parts(CALL, 0).saturating_add(T::DbWeight::get().reads_writes(reads, writes))
		}
	}
}

/// A decision of two thirds of the voting nodes that takes effect after its delay.
pub struct EnsureEnacted;

impl<O> EnsureOrigin<O> for EnsureEnacted
where
	O: OriginTrait + From<Origin>,
	for<'a> &'a O::PalletsOrigin: TryInto<&'a Origin>,
{
	type Success = ();

	fn try_origin(origin: O) -> Result<(), O> {
		let is_enacted = matches!(origin.caller().try_into(), Ok(Origin::VotingNodes));
		if is_enacted {
			Ok(())
		} else {
			Err(origin)
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<O, ()> {
		Ok(Origin::VotingNodes.into())
	}
}
