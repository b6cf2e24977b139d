//! Stages: expected parties, deadlines and deliveries.

use crate::{pallet::*, types::*};
use encrytrust_types::{
	job::{Commitment, DeclineReason, Role, Stage, Status},
	limits::MaxParties,
	JobId,
};
use frame_support::{ensure, pallet_prelude::*};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::H256;
use sp_runtime::traits::{Saturating, Zero};

/// The parties that have not delivered in a stage.
type Awaited<T> = BoundedVec<AccountIdOf<T>, MaxParties>;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_confirm(who: T::AccountId, id: JobId, contract_hash: H256) -> DispatchResult {
		let job = Self::get_job(id)?;
		let awaited = Self::deliver(id, &job.contract, Stage::Confirmation, &who)?;
		ensure!(contract_hash == job.contract_hash, Error::<T>::WrongContract);
		Self::ensure_identity(&who)?;
		Self::deposit_event(Event::Confirmed { job_id: id, party: who });
		Self::advance(id, &job.contract, Stage::Confirmation, awaited);
		Ok(())
	}

	/// Returns the number of the job's parties, which the weight depends on.
	pub(crate) fn do_decline(who: T::AccountId, id: JobId, reason: DeclineReason) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		Self::deliver(id, &job.contract, Stage::Confirmation, &who)?;
		Self::refund(&job)?;
		Self::deposit_event(Event::Declined { job_id: id, party: who.clone(), reason, refunded: job.escrow });
		let at = frame_system::Pallet::<T>::block_number();
		Ok(Self::finish(id, &job.contract, Status::Declined { by: who, reason, at }))
	}

	pub(crate) fn do_commit(who: T::AccountId, id: JobId, stage: Stage, commitment: Commitment) -> DispatchResult {
		let contract = Self::get_job(id)?.contract;
		let awaited = Self::deliver(id, &contract, stage, &who)?;
		let at = frame_system::Pallet::<T>::block_number();
		Commitments::<T>::insert(id, (stage, &who), (commitment, at));
		Self::deposit_event(Event::Delivered { job_id: id, stage, party: who, commitment });
		Self::advance(id, &contract, stage, awaited);
		Ok(())
	}

	/// Check that `who` is expected to deliver in `stage` now, and return the parties that remain.
	fn deliver(id: JobId, contract: &ContractOf<T>, stage: Stage, who: &T::AccountId) -> Result<Awaited<T>, Error<T>> {
		ensure!(Self::expected_parties(contract, stage).any(|party| party == who), Error::<T>::NotParty);
		let Some(Status::Open { stage: current, deadline, mut awaited }) = Statuses::<T>::get(id) else {
			return Err(Error::<T>::WrongStage);
		};
		ensure!(current == stage, Error::<T>::WrongStage);
		ensure!(frame_system::Pallet::<T>::block_number() <= deadline, Error::<T>::TooLate);
		ensure!(awaited.contains(who), Error::<T>::AlreadyDelivered);
		awaited.retain(|other| other != who);
		Ok(awaited)
	}

	/// Enter the next stage if no party is awaited in this one.
	fn advance(id: JobId, contract: &ContractOf<T>, stage: Stage, awaited: Awaited<T>) {
		if !awaited.is_empty() {
			let deadline = Self::deadline(id, contract, stage);
			Statuses::<T>::insert(id, StatusOf::<T>::Open { stage, deadline, awaited });
		} else if let Some(next) = Stage::ALL.into_iter().find(|next| *next > stage) {
			Self::enter(id, contract, next);
		} else {
			let until = frame_system::Pallet::<T>::block_number().saturating_add(contract.challenge_period);
			Statuses::<T>::insert(id, StatusOf::<T>::Challenge { until });
			Self::deposit_event(Event::ChallengeStarted { job_id: id, until });
		}
	}

	/// The last block in which a stage may end: that of the schedule, moved by demands.
	pub(crate) fn deadline(id: JobId, contract: &ContractOf<T>, stage: Stage) -> BlockNumberFor<T> {
		contract.schedule.deadline(stage).saturating_add(Delays::<T>::get(id))
	}

	pub(super) fn enter(id: JobId, contract: &ContractOf<T>, stage: Stage) {
		let deadline = Self::deadline(id, contract, stage);
		// A contract has no more parties than the bound.
		let awaited = BoundedVec::truncate_from(Self::expected_parties(contract, stage).cloned().collect());
		Statuses::<T>::insert(id, StatusOf::<T>::Open { stage, deadline, awaited });
		Self::deposit_event(Event::StageEntered { job_id: id, stage, deadline });
	}

	/// The parties that must deliver in `stage`, in the contract's order.
	pub(crate) fn expected_parties(contract: &ContractOf<T>, stage: Stage) -> impl Iterator<Item = &T::AccountId> {
		let delivers = move |role: Role| match stage {
			Stage::Confirmation => true,
			Stage::Selection | Stage::Result => role == Role::Coordinator,
			Stage::Inputs => role == Role::DataProvider,
			Stage::Outputs => role == Role::ComputingProvider,
		};
		contract.parties().filter(move |(role, _)| delivers(*role)).map(|(_, party)| &party.who)
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
