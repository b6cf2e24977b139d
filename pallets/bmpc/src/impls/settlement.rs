//! Ends of a job: payment, refund, slashes and compensation. Functions that return a number return that of the job's
//! parties, which the weight depends on.

use crate::{pallet::*, types::*};
use alloc::collections::{BTreeSet, VecDeque};
use encrytrust_traits::{
	bonds::{ServiceBonds, Slashed},
	fees::ServiceFees,
	finality::FinalityClock,
	participants::Participants,
};
use encrytrust_types::{
	job::{Stage, Status},
	limits::MaxParties,
	JobId,
};
use frame_support::{
	ensure,
	pallet_prelude::*,
	traits::{fungible::MutateHold, tokens::Precision},
};
use sp_runtime::traits::{Saturating, Zero};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_accept(who: T::AccountId, id: JobId) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		ensure!(job.contract.user == who, Error::<T>::NotAuthorized);
		ensure!(matches!(Statuses::<T>::get(id), Some(Status::Challenge { .. })), Error::<T>::WrongStage);
		Self::charge_for_queue(id, &job.contract)?;
		Self::pay_parties(id, job)
	}

	pub(crate) fn do_settle(id: JobId) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		let Some(Status::Challenge { until, .. }) = Statuses::<T>::get(id) else {
			return Err(Error::<T>::WrongStage.into());
		};
		ensure!(T::Clock::now() > until, Error::<T>::ChallengeOpen);
		ensure!(!Self::is_challenged(id), Error::<T>::UnitOpen);
		Self::pay_parties(id, job)
	}

	pub(crate) fn do_expire(id: JobId) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		let Some(Status::Open { stage, awaited, .. }) = Statuses::<T>::get(id) else {
			return Err(Error::<T>::WrongStage.into());
		};
		let late = Self::late_parties(awaited);
		ensure!(!late.is_empty(), Error::<T>::NotOverdue);
		if stage == Stage::Confirmation {
			return Self::expire_request(id, &job, late);
		}
		ensure!(!Self::is_challenged(id), Error::<T>::UnitOpen);
		Self::refund(&job)?;
		let slashed = Self::slash_late(id, &job.contract, &late);
		Self::deposit_event(Event::Expired {
			job_id: id,
			stage,
			late_parties: late.to_vec(),
			refunded: job.escrow,
			slashed,
		});
		let at = frame_system::Pallet::<T>::block_number();
		Self::finish(id, &job, Status::Expired { stage, late, at })
	}

	/// The awaited parties whose deadlines have passed.
	pub(crate) fn late_parties(awaited: BoundedVec<AwaitedOf<T>, MaxParties>) -> BoundedVec<T::AccountId, MaxParties> {
		let now = T::Clock::now();
		let late = awaited.into_iter().filter(|awaited| now > awaited.deadline);
		BoundedVec::truncate_from(late.map(|awaited| awaited.who).collect())
	}

	/// A request that was neither confirmed nor declined in time lapses, and the silent parties take no new ones until they
	/// resume; but a last one is not silent that could not confirm because the queue is full.
	fn expire_request(
		id: JobId,
		job: &JobOf<T>,
		mut silent: BoundedVec<T::AccountId, MaxParties>,
	) -> Result<u32, DispatchError> {
		if silent.len() == 1 && !Self::has_room(job) {
			silent.clear();
		}
		for (role, party) in job.contract.parties().filter(|(_, party)| silent.contains(&party.who)) {
			Self::change_role(role, &party.who, |registration| {
				registration.suspended = true;
				registration.record.missed = registration.record.missed.saturating_add(1);
			});
		}
		let parties = Self::lapse(id, job)?;
		Self::deposit_event(Event::Lapsed { job_id: id, silent_parties: silent.into_inner(), reason: None });
		Ok(parties)
	}

	/// Slash the parties that are late, make good for the others out of that, and return the sum of the slashes.
	fn slash_late(id: JobId, contract: &ContractOf<T>, late: &[T::AccountId]) -> BalanceOf<T> {
		let mut claims = Self::claims(id, contract, late);
		let mut slashed = BalanceOf::<T>::zero();
		for offender in late {
			let amount = Self::slash_towards(id, offender, contract.bond, &mut claims);
			Self::deposit_event(Event::Slashed { job_id: id, offender: offender.clone(), amount });
			Self::note_fault(contract, offender);
			slashed.saturating_accrue(amount);
		}
		slashed
	}

	/// Count a fault in the record of each role that `offender` has in the job.
	pub(crate) fn note_fault(contract: &ContractOf<T>, offender: &T::AccountId) {
		for (role, _) in contract.parties().filter(|(_, party)| party.who == *offender) {
			Self::change_role(role, offender, |registration| {
				registration.record.faults = registration.record.faults.saturating_add(1);
			});
		}
	}

	/// What is made good out of the bonds of `offenders` in a job that ended by their fault, in the contract's order: the
	/// pay of those that had delivered, and what anybody else was charged for publications.
	pub(crate) fn claims(
		id: JobId,
		contract: &ContractOf<T>,
		offenders: &[T::AccountId],
	) -> VecDeque<(T::AccountId, BalanceOf<T>)> {
		let delivered: BTreeSet<_> = Commitments::<T>::iter_key_prefix(id).map(|(_, who)| who).collect();
		let charged = Availability::<T>::get(id).charged;
		let pays = core::iter::once(Zero::zero()).chain(contract.parties().map(|(_, party)| party.pay));
		let claim = |(place, (who, pay)): (usize, (&T::AccountId, BalanceOf<T>))| {
			let pay = if delivered.contains(who) { pay } else { Zero::zero() };
			let claim = pay.saturating_add(charged.get(place).copied().unwrap_or_default());
			(!offenders.contains(who) && !claim.is_zero()).then(|| (who.clone(), claim))
		};
		Self::everyone(contract).zip(pays).enumerate().filter_map(claim).collect()
	}

	/// Slash up to `stake` of the bond of `offender`, first towards the `claims`, which are reduced by what they are
	/// paid; return the sum of the slash. Only what is engaged for the job is reached, which is still bonded now.
	pub(crate) fn slash_towards(
		job_id: JobId,
		offender: &T::AccountId,
		stake: BalanceOf<T>,
		claims: &mut VecDeque<(T::AccountId, BalanceOf<T>)>,
	) -> BalanceOf<T> {
		let fault_block = frame_system::Pallet::<T>::block_number();
		let mut left = stake;
		while !left.is_zero() {
			// One claim at a time, so that an event can report what each party received.
			let claim = claims.pop_front();
			let amount = claim.as_ref().map_or(left, |(_, owed)| left.min(*owed));
			let Slashed { taken, paid } = T::Bonds::slash(offender, amount, claim.as_slice(), fault_block);
			left.saturating_reduce(taken);
			if let Some((party, owed)) = claim {
				if !paid.is_zero() {
					Self::deposit_event(Event::Compensated {
						job_id,
						party: party.clone(),
						offender: offender.clone(),
						amount: paid,
					});
				}
				if taken < owed {
					claims.push_front((party, owed.saturating_sub(taken)));
				}
			}
			if taken < amount {
				// The bond is used up.
				break;
			}
		}
		stake.saturating_sub(left)
	}

	pub(crate) fn do_clear_job(who: T::AccountId, id: JobId) -> DispatchResult {
		let job = Self::get_job(id)?;
		let ended_at = match Statuses::<T>::get(id) {
			Some(
				Status::Settled { at }
				| Status::Expired { at, .. }
				| Status::Declined { at, .. }
				| Status::Lapsed { at }
				| Status::Cancelled { at }
				| Status::Faulty { at, .. },
			) => at,
			_ => return Err(Error::<T>::NotEnded.into()),
		};
		let kept_until = ended_at.saturating_add(T::Retention::get());
		let over = frame_system::Pallet::<T>::block_number() > kept_until;
		ensure!(over || job.contract.user == who, Error::<T>::Retained);
		Self::adjust_deposit(&job.contract.user, job.deposit, Zero::zero())?;
		for stage in Stage::ALL {
			Self::expected_parties(&job.contract, stage).for_each(|party| Commitments::<T>::remove(id, (stage, party)));
		}
		MaskKeys::<T>::remove(id);
		Availability::<T>::remove(id);
		Statuses::<T>::remove(id);
		Jobs::<T>::remove(id);
		Self::deposit_event(Event::JobCleared { job_id: id });
		Ok(())
	}

	fn pay_parties(id: JobId, job: JobOf<T>) -> Result<u32, DispatchError> {
		let contract = &job.contract;
		for (role, party) in contract.parties() {
			let PartyOf::<T> { who: party, pay: amount, .. } = party.clone();
			let recipient = Self::pay_on_hold(HoldReason::Escrow, &contract.user, &party, amount)?;
			Self::deposit_event(if recipient == party {
				Event::Paid { job_id: id, party, role, amount }
			} else {
				Event::PaymentDiverted { job_id: id, party, role, amount, recipient }
			});
		}
		let destination = T::ServiceFees::destination();
		Self::pay_on_hold(HoldReason::Escrow, &contract.user, &destination, contract.fee)?;
		Self::deposit_event(Event::Settled { job_id: id, fee: contract.fee });
		Self::recount_roles(contract, |role| role.record.settled = role.record.settled.saturating_add(1));
		let at = frame_system::Pallet::<T>::block_number();
		Self::finish(id, &job, Status::Settled { at })
	}

	pub(crate) fn refund(job: &JobOf<T>) -> DispatchResult {
		T::Currency::release(&HoldReason::Escrow.into(), &job.contract.user, job.escrow, Precision::Exact)?;
		Ok(())
	}

	/// Write a job's end and revert what [`Self::begin`] and [`Self::activate`] did. Returns the number of parties.
	pub(crate) fn finish(id: JobId, job: &JobOf<T>, status: StatusOf<T>) -> Result<u32, DispatchError> {
		let contract = &job.contract;
		let was_active = Statuses::<T>::get(id).is_some_and(|status| status.is_active());
		OpenJobs::<T>::remove(id);
		Self::forget_active(&contract.user, id);
		let charged = Availability::<T>::get(id).charged;
		Self::release_charges(&contract.user, contract.user_charges, charged.first())?;
		for (place, (_, party)) in contract.parties().enumerate() {
			if was_active {
				Self::forget_active(&party.who, id);
				T::Bonds::disengage(&party.who, contract.bond);
				Self::release_charges(&party.who, party.charges, charged.get(place.saturating_add(1)))?;
			} else {
				Self::forget_pending(&party.who, id);
			}
		}
		if was_active {
			Self::recount_roles(contract, |role| role.jobs = role.jobs.saturating_sub(1));
			ConfirmedPublication::<T>::mutate(|bytes| *bytes = bytes.saturating_sub(contract.publication()));
			ConfirmedTime::<T>::mutate(|time| *time = time.saturating_sub(job.owed_time));
			Self::give_back_queries(id, contract);
		}
		Availability::<T>::mutate_exists(id, |availability| {
			if let Some(availability) = availability {
				availability.open = BoundedVec::new();
			}
		});
		Statuses::<T>::insert(id, status);
		Ok(contract.parties().count() as u32)
	}

	/// A query counts from the provider's commitment on, whatever becomes of the job: what it committed to can be read.
	fn give_back_queries(id: JobId, contract: &ContractOf<T>) {
		let buyer = T::Participants::buyer(&contract.user);
		for data in &contract.data {
			if !Commitments::<T>::contains_key(id, (Stage::Inputs, &data.party.who)) {
				QueryCounts::<T>::mutate_exists(data.dataset, &buyer, |queries| {
					*queries = queries.and_then(|queries| queries.checked_sub(1)).filter(|queries| *queries > 0)
				});
			}
		}
	}

	fn forget_active(who: &T::AccountId, id: JobId) {
		ActiveJobs::<T>::mutate_exists(who, |jobs| {
			*jobs = jobs.take().and_then(|mut jobs| {
				jobs.retain(|job| *job != id);
				(!jobs.is_empty()).then_some(jobs)
			})
		});
	}

	/// Release what is left of the charges that were held.
	fn release_charges(who: &T::AccountId, held: BalanceOf<T>, charged: Option<&BalanceOf<T>>) -> DispatchResult {
		let left = held.saturating_sub(charged.copied().unwrap_or_default());
		T::Currency::release(&HoldReason::Charges.into(), who, left, Precision::Exact)?;
		Ok(())
	}
}
