//! Demands: made, answered, or expired.

use crate::{pallet::*, types::*};
use encrytrust_fault_proofs::Verdict;
use encrytrust_types::{
	job::{Demand, FaultKind, Stage, Status},
	JobId,
};
use frame_support::{
	ensure,
	pallet_prelude::*,
	traits::{fungible::MutateHold, tokens::Precision},
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::H256;
use sp_runtime::traits::Saturating;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_demand(
		by: T::AccountId,
		id: JobId,
		stage: Stage,
		who: T::AccountId,
		piece: u32,
	) -> DispatchResult {
		let contract = Self::get_job(id)?.contract;
		ensure!(Self::everyone(&contract).any(|party| *party == by), Error::<T>::NotParty);
		ensure!(by != who, Error::<T>::SelfReport);
		let now = frame_system::Pallet::<T>::block_number();
		let period = T::DemandPeriod::get();
		let delayed = Self::delay(id, now, period)?;
		ensure!(Commitments::<T>::contains_key(id, (stage, &who)), Error::<T>::NotDelivered);
		ensure!(piece < Self::fault_context(id, &contract).pieces(stage, &who), Error::<T>::OutOfRange);
		let count = DemandCounts::<T>::get(id, &by);
		ensure!(count < T::MaxDemands::get(), Error::<T>::TooManyDemands);
		let mut demands = Demands::<T>::get(id);
		ensure!(!demands.iter().any(|demand| is_for(demand, stage, &who, piece)), Error::<T>::AlreadyDemanded);

		let deposit = T::DemandDeposit::get();
		let deadline = now.saturating_add(period);
		T::Currency::hold(&HoldReason::DemandDeposit.into(), &by, deposit)?;
		let demand = Demand { stage, who: who.clone(), piece, by: by.clone(), deposit, deadline };
		demands.try_push(demand).map_err(|_| Error::<T>::TooManyDemands)?;
		Demands::<T>::insert(id, demands);
		DemandCounts::<T>::insert(id, &by, count.saturating_add(1));
		Delays::<T>::mutate(id, |delay| delay.saturating_accrue(period));
		Statuses::<T>::insert(id, delayed);
		Self::deposit_event(Event::Demanded { job_id: id, stage, who, piece, by, deadline });
		Ok(())
	}

	/// The job's status with its deadline, or the end of its challenge window, moved by `period`.
	fn delay(id: JobId, now: BlockNumberFor<T>, period: BlockNumberFor<T>) -> Result<StatusOf<T>, Error<T>> {
		let mut status = Statuses::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		let (Status::Open { deadline: end, .. } | Status::Challenge { until: end }) = &mut status else {
			return Err(Error::<T>::WrongStage);
		};
		ensure!(now <= *end, Error::<T>::TooLate);
		end.saturating_accrue(period);
		Ok(status)
	}

	pub(crate) fn do_answer(
		id: JobId,
		stage: Stage,
		who: T::AccountId,
		piece: u32,
		bytes: &[u8],
		path: &[H256],
	) -> DispatchResult {
		let contract = Self::get_job(id)?.contract;
		let demand = Self::take_demand(id, stage, &who, piece)?;
		ensure!(frame_system::Pallet::<T>::block_number() <= demand.deadline, Error::<T>::TooLate);
		let context = Self::fault_context(id, &contract);
		context.check_answer(stage, &who, piece, bytes, path).map_err(Error::<T>::from)?;
		Self::pay_on_hold(HoldReason::DemandDeposit, &demand.by, &demand.who, demand.deposit)?;
		Self::deposit_event(Event::DemandAnswered { job_id: id, stage, who, piece });
		Ok(())
	}

	pub(crate) fn do_expire_demand(id: JobId, stage: Stage, who: T::AccountId, piece: u32) -> DispatchResult {
		let job = Self::get_job(id)?;
		let demands = Demands::<T>::get(id);
		let demand = demands.iter().find(|demand| is_for(demand, stage, &who, piece));
		let deadline = demand.ok_or(Error::<T>::UnknownDemand)?.deadline;
		ensure!(frame_system::Pallet::<T>::block_number() > deadline, Error::<T>::NotOverdue);
		let mut parties = job.contract.parties();
		let (role, _) = parties.find(|(_, party)| party.who == who).ok_or(Error::<T>::NotParty)?;
		drop(parties);
		Self::convict(id, &job, Verdict { offender: who, role, stage, kind: FaultKind::Withheld }, None)
	}

	/// Remove a demand from the open ones.
	fn take_demand(id: JobId, stage: Stage, who: &T::AccountId, piece: u32) -> Result<DemandOf<T>, Error<T>> {
		let mut demands = Demands::<T>::get(id);
		let place = demands.iter().position(|demand| is_for(demand, stage, who, piece));
		let demand = demands.remove(place.ok_or(Error::<T>::UnknownDemand)?);
		if demands.is_empty() {
			Demands::<T>::remove(id);
		} else {
			Demands::<T>::insert(id, demands);
		}
		Ok(demand)
	}

	/// End a job's demands and release their deposits.
	pub(crate) fn release_demands(id: JobId) -> DispatchResult {
		for demand in Demands::<T>::take(id) {
			let reason = HoldReason::DemandDeposit.into();
			T::Currency::release(&reason, &demand.by, demand.deposit, Precision::Exact)?;
		}
		Ok(())
	}

	/// Number of a job's open demands.
	pub(crate) fn open_demands(id: JobId) -> u32 {
		Demands::<T>::decode_len(id).unwrap_or_default() as u32
	}
}

fn is_for<A: PartialEq, B, N>(demand: &Demand<A, B, N>, stage: Stage, who: &A, piece: u32) -> bool {
	demand.stage == stage && demand.who == *who && demand.piece == piece
}
