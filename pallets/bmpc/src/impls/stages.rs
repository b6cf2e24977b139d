//! Stages: expected parties, deadlines and deliveries.

use crate::{pallet::*, types::*};
use alloc::vec::Vec;
use encrytrust_traits::finality::FinalityClock;
use encrytrust_types::{
	job::{basis, Commitment, DeclineReason, Delivered, MaskKey, MaskKeyList, Role, Stage, Status},
	limits::MaxParties,
	x25519::is_full_order,
	JobId,
};
use frame_support::{ensure, pallet_prelude::*, storage::with_storage_layer};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::H256;
use sp_runtime::traits::{Saturating, Zero};

/// The parties that have not delivered in a stage.
type AwaitedParties<T> = BoundedVec<AwaitedOf<T>, MaxParties>;

impl<T: Config> Pallet<T> {
	/// Returns whether the confirmation began the job or ended it, on which the weight depends.
	pub(crate) fn do_confirm(
		who: T::AccountId,
		id: JobId,
		contract_hash: H256,
		mask_key: Option<MaskKey>,
	) -> Result<bool, DispatchError> {
		let job = Self::get_job(id)?;
		let awaited = Self::check_confirmation(&who, id, &job, contract_hash, mask_key)?;
		let is_last = awaited.is_empty();
		Self::deposit_event(Event::Confirmed { job_id: id, party: who.clone() });
		let confirmed = with_storage_layer(|| -> DispatchResult {
			Self::post_mask_key(id, &job.contract, &who, mask_key)?;
			if is_last {
				return Self::activate(id, &job);
			}
			Self::await_others(&who, id);
			Ok(())
		});
		match confirmed {
			Ok(()) => {
				Self::advance(id, &job.contract, Stage::Confirmation, awaited);
				Ok(is_last)
			},
			Err(reason) => {
				Self::lapse(id, &job)?;
				Self::deposit_event(Event::Lapsed { job_id: id, silent_parties: Vec::new(), reason: Some(reason) });
				Ok(true)
			},
		}
	}

	/// Check that `who` owes this confirmation, and return the parties that remain.
	pub(crate) fn check_confirmation(
		who: &T::AccountId,
		id: JobId,
		job: &JobOf<T>,
		contract_hash: H256,
		mask_key: Option<MaskKey>,
	) -> Result<AwaitedParties<T>, Error<T>> {
		let awaited = Self::deliver(id, &job.contract, Stage::Confirmation, who)?;
		ensure!(contract_hash == job.contract_hash, Error::<T>::WrongContract);
		match (mask_key, Self::data_place(&job.contract, who)) {
			(Some(key), Some(_)) => ensure!(is_full_order(&key), Error::<T>::InvalidMaskKey),
			(None, Some(_)) => return Err(Error::<T>::MaskKeyMissing),
			(Some(_), None) => return Err(Error::<T>::MaskKeyNotAllowed),
			(None, None) => {},
		}
		ensure!(!awaited.is_empty() || Self::has_room(job), Error::<T>::ReservedSpaceFull);
		Ok(awaited)
	}

	/// Keep the mask key of a data provider. One that is there already ends the job: to refuse it would be to let whoever
	/// copies a key out of the pool, and is included first, keep its owner from confirming in time.
	fn post_mask_key(
		id: JobId,
		contract: &ContractOf<T>,
		who: &T::AccountId,
		mask_key: Option<MaskKey>,
	) -> Result<(), Error<T>> {
		let Some(place) = Self::data_place(contract, who) else { return Ok(()) };
		let mut keys = Self::mask_keys(id, contract);
		ensure!(!keys.contains(&mask_key), Error::<T>::DuplicateMaskKey);
		*keys.get_mut(place).ok_or(Error::<T>::NotParty)? = mask_key;
		MaskKeys::<T>::insert(id, keys);
		Ok(())
	}

	/// The mask keys of a job's data providers, in the contract's order; none of those that have not confirmed.
	pub(crate) fn mask_keys(id: JobId, contract: &ContractOf<T>) -> MaskKeyList {
		let mut keys = MaskKeys::<T>::get(id);
		keys.bounded_resize(contract.data.len(), None);
		keys
	}

	/// The place of a data provider among those of a job.
	fn data_place(contract: &ContractOf<T>, who: &T::AccountId) -> Option<usize> {
		contract.data.iter().position(|data| data.party.who == *who)
	}

	/// End a job that was not confirmed: the user is refunded, and no provider loses anything.
	pub(super) fn lapse(id: JobId, job: &JobOf<T>) -> Result<u32, DispatchError> {
		let at = frame_system::Pallet::<T>::block_number();
		Self::refund(job)?;
		Self::finish(id, job, Status::Lapsed { at })
	}

	pub(crate) fn do_cancel(who: T::AccountId, id: JobId) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		ensure!(job.contract.user == who, Error::<T>::NotAuthorized);
		let pending = matches!(Statuses::<T>::get(id), Some(Status::Open { stage: Stage::Confirmation, .. }));
		ensure!(pending, Error::<T>::WrongStage);
		Self::refund(&job)?;
		Self::deposit_event(Event::Cancelled { job_id: id, refunded: job.escrow });
		let at = frame_system::Pallet::<T>::block_number();
		Self::finish(id, &job, Status::Cancelled { at })
	}

	/// Returns the number of the job's parties, which the weight depends on.
	pub(crate) fn do_decline(who: T::AccountId, id: JobId, reason: DeclineReason) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		Self::deliver(id, &job.contract, Stage::Confirmation, &who)?;
		Self::refund(&job)?;
		Self::deposit_event(Event::Declined { job_id: id, party: who.clone(), reason, refunded: job.escrow });
		let at = frame_system::Pallet::<T>::block_number();
		Self::finish(id, &job, Status::Declined { by: who, reason, at })
	}

	pub(crate) fn do_commit(
		who: T::AccountId,
		id: JobId,
		stage: Stage,
		commitment: Commitment,
		basis: H256,
	) -> DispatchResult {
		let job = Self::get_job(id)?;
		let awaited = Self::deliver(id, &job.contract, stage, &who)?;
		ensure!(basis == Self::basis(id, &job, stage), Error::<T>::WrongBasis);
		let at = frame_system::Pallet::<T>::block_number();
		Commitments::<T>::insert(id, (stage, &who), (commitment, at));
		Self::deposit_event(Event::Delivered { job_id: id, stage, party: who, commitment });
		Self::advance(id, &job.contract, stage, awaited);
		Ok(())
	}

	/// The basis that a delivery in `stage` must name, see [`encrytrust_types::job::basis`].
	pub(crate) fn basis(id: JobId, job: &JobOf<T>, stage: Stage) -> H256 {
		basis(job.contract_hash, &Self::mask_keys(id, &job.contract), stage, &Self::commitments(id, &job.contract))
	}

	/// Everything committed so far, by stage and then in the contract's order.
	pub(crate) fn commitments(id: JobId, contract: &ContractOf<T>) -> Vec<Delivered<T::AccountId, BlockNumberFor<T>>> {
		let delivered = |stage: Stage, who: &T::AccountId| {
			let (commitment, at) = Commitments::<T>::get(id, (stage, who))?;
			Some(Delivered { stage, who: who.clone(), at, commitment })
		};
		let of_stage = |stage| Self::expected_parties(contract, stage).filter_map(move |who| delivered(stage, who));
		Stage::ALL.into_iter().flat_map(of_stage).collect()
	}

	/// Check that `who` is expected to deliver in `stage` now, and return the parties that remain.
	pub(crate) fn deliver(
		id: JobId,
		contract: &ContractOf<T>,
		stage: Stage,
		who: &T::AccountId,
	) -> Result<AwaitedParties<T>, Error<T>> {
		ensure!(Self::expected_parties(contract, stage).any(|party| party == who), Error::<T>::NotParty);
		let Some(Status::Open { stage: current, mut awaited, .. }) = Statuses::<T>::get(id) else {
			return Err(Error::<T>::WrongStage);
		};
		ensure!(current == stage, Error::<T>::WrongStage);
		let owes = awaited.iter().find(|awaited| awaited.who == *who).ok_or(Error::<T>::AlreadyDelivered)?;
		// The clock of a party that waits for what it challenged stands still.
		let in_time = T::Clock::now() <= owes.deadline || Self::is_waiting(id, contract, who);
		ensure!(in_time, Error::<T>::TooLate);
		awaited.retain(|other| other.who != *who);
		Ok(awaited)
	}

	/// Enter the next stage if no party is awaited in this one.
	fn advance(id: JobId, contract: &ContractOf<T>, stage: Stage, awaited: AwaitedParties<T>) {
		if !awaited.is_empty() {
			Statuses::<T>::mutate(id, |status| {
				if let Some(Status::Open { awaited: current, .. }) = status {
					*current = awaited;
				}
			});
		} else if let Some(next) = Stage::ALL.into_iter().find(|next| *next > stage) {
			Self::enter(id, contract, next);
		} else {
			let until = Self::now().saturating_add(contract.challenge_period);
			Statuses::<T>::insert(id, StatusOf::<T>::Challenge { until, challenged: false });
			Self::deposit_event(Event::ChallengeStarted { job_id: id, until });
		}
	}

	pub(super) fn enter(id: JobId, contract: &ContractOf<T>, stage: Stage) {
		let since = Self::now();
		let deadline = since.saturating_add(contract.schedule.length(stage));
		let await_party = |who: &T::AccountId| AwaitedOf::<T> { who: who.clone(), deadline, challenged: false };
		// A contract has no more parties than the bound.
		let awaited = BoundedVec::truncate_from(Self::expected_parties(contract, stage).map(await_party).collect());
		Statuses::<T>::insert(id, StatusOf::<T>::Open { stage, since, awaited });
		Self::deposit_event(Event::StageEntered { job_id: id, stage, deadline });
	}

	/// When a length begins: with this block. It has passed once the finality clock shows a later block than its last, which
	/// is not before this block is final, and moves by one block for each that is made.
	pub(crate) fn now() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number()
	}

	/// Whether parties in `role` deliver in `stage`.
	pub(crate) fn owes(stage: Stage, role: Role) -> bool {
		match stage {
			Stage::Confirmation => true,
			Stage::Selection | Stage::Result => role == Role::Coordinator,
			Stage::Inputs => role == Role::DataProvider,
			Stage::Outputs => role == Role::ComputingProvider,
		}
	}

	/// The parties that must deliver in `stage`, in the contract's order.
	pub(crate) fn expected_parties(contract: &ContractOf<T>, stage: Stage) -> impl Iterator<Item = &T::AccountId> {
		contract.parties().filter(move |(role, _)| Self::owes(stage, *role)).map(|(_, party)| &party.who)
	}

	/// The role of a party and its place in it.
	pub(crate) fn role_and_place(contract: &ContractOf<T>, who: &T::AccountId) -> Option<(Role, u16)> {
		let mut parties = Self::places(contract).zip(contract.parties());
		parties.find(|(_, (_, party))| party.who == *who).map(|(place, _)| place)
	}

	/// The place of an account among all that take part: 0 is the user, `i + 1` the contract's party `i`.
	pub(crate) fn place(contract: &ContractOf<T>, who: &T::AccountId) -> Option<u8> {
		let position = Self::everyone(contract).position(|other| other == who)?;
		u8::try_from(position).ok()
	}

	/// The user and all parties.
	pub(crate) fn everyone(contract: &ContractOf<T>) -> impl Iterator<Item = &T::AccountId> {
		core::iter::once(&contract.user).chain(contract.parties().map(|(_, party)| &party.who))
	}

	/// The genesis hash, to which hashes and proofs are bound.
	pub(crate) fn genesis() -> H256 {
		frame_system::BlockHash::<T>::get(BlockNumberFor::<T>::zero())
	}

	pub(crate) fn get_job(id: JobId) -> Result<JobOf<T>, Error<T>> {
		Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)
	}
}
