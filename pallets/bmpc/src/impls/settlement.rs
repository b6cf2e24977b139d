//! Ends of a job: payment, refund, slashes and compensation. Functions that return a number return that of the job's
//! parties, which the weight depends on.

use crate::{pallet::*, types::*};
use alloc::collections::{BTreeSet, VecDeque};
use encrytrust_traits::{
	bonds::{ServiceBonds, Slashed},
	fees::ServiceFees,
};
use encrytrust_types::{
	job::{Stage, Status},
	JobId,
};
use frame_support::{
	ensure,
	pallet_prelude::*,
	traits::{fungible::MutateHold, tokens::Precision},
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::{Saturating, Zero};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_accept(who: T::AccountId, id: JobId) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		ensure!(job.contract.user == who, Error::<T>::NotAuthorized);
		ensure!(matches!(Statuses::<T>::get(id), Some(Status::Challenge { .. })), Error::<T>::WrongStage);
		Self::pay_parties(id, job)
	}

	pub(crate) fn do_settle(id: JobId) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		let Some(Status::Challenge { until }) = Statuses::<T>::get(id) else {
			return Err(Error::<T>::WrongStage.into());
		};
		ensure!(frame_system::Pallet::<T>::block_number() > until, Error::<T>::ChallengeOpen);
		ensure!(Self::open_demands(id) == 0, Error::<T>::DemandOpen);
		Self::pay_parties(id, job)
	}

	pub(crate) fn do_expire(id: JobId) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		let Some(Status::Open { stage, deadline, awaited: late_parties }) = Statuses::<T>::get(id) else {
			return Err(Error::<T>::WrongStage.into());
		};
		let at = frame_system::Pallet::<T>::block_number();
		ensure!(at > deadline, Error::<T>::NotOverdue);
		ensure!(Self::open_demands(id) == 0, Error::<T>::DemandOpen);
		Self::refund(&job)?;
		let slashed = Self::slash_late(id, &job.contract, stage, &late_parties);
		Self::deposit_event(Event::Expired {
			job_id: id,
			stage,
			late_parties: late_parties.to_vec(),
			refunded: job.escrow,
			slashed,
		});
		Ok(Self::finish(id, &job.contract, Status::Expired { stage, late: late_parties, at }))
	}

	/// Slash the parties that are late in `stage`, compensate those that had delivered out of that, and return the sum
	/// of the slashes.
	fn slash_late(id: JobId, contract: &ContractOf<T>, stage: Stage, late: &[T::AccountId]) -> BalanceOf<T> {
		let stake = match stage {
			Stage::Confirmation => T::NoShow::get().mul_floor(contract.bond),
			_ => contract.bond,
		};
		let fault_block = Self::deadline(id, contract, stage);
		let mut claims = Self::injured_parties(id, contract, late);
		let mut slashed = BalanceOf::<T>::zero();
		for offender in late {
			let amount = Self::slash_towards(id, offender, stake, &mut claims, fault_block);
			Self::deposit_event(Event::Slashed { job_id: id, offender: offender.clone(), amount });
			slashed.saturating_accrue(amount);
		}
		slashed
	}

	/// The parties that delivered in a job that ended by the fault of `offenders`, with their pay, in the contract's
	/// order.
	pub(crate) fn injured_parties(
		id: JobId,
		contract: &ContractOf<T>,
		offenders: &[T::AccountId],
	) -> VecDeque<(T::AccountId, BalanceOf<T>)> {
		let delivered: BTreeSet<_> = Commitments::<T>::iter_key_prefix(id).map(|(_, who)| who).collect();
		let injured = |party: &PartyOf<T>| delivered.contains(&party.who) && !offenders.contains(&party.who);
		let parties = contract.parties().map(|(_, party)| party);
		let parties = parties.filter(|party| injured(party) && !party.pay.is_zero());
		parties.map(|party| (party.who.clone(), party.pay)).collect()
	}

	/// Slash up to `stake` of the bond of `offender`, first towards the `claims`, which are reduced by what they are
	/// paid; return the sum of the slash.
	pub(crate) fn slash_towards(
		job_id: JobId,
		offender: &T::AccountId,
		stake: BalanceOf<T>,
		claims: &mut VecDeque<(T::AccountId, BalanceOf<T>)>,
		fault_block: BlockNumberFor<T>,
	) -> BalanceOf<T> {
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
		Self::everyone(&job.contract).for_each(|who| DemandCounts::<T>::remove(id, who));
		Delays::<T>::remove(id);
		Statuses::<T>::remove(id);
		Jobs::<T>::remove(id);
		Self::deposit_event(Event::JobCleared { job_id: id });
		Ok(())
	}

	fn pay_parties(id: JobId, job: JobOf<T>) -> Result<u32, DispatchError> {
		let JobOf::<T> { contract, .. } = job;
		Self::release_demands(id)?;
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
		let at = frame_system::Pallet::<T>::block_number();
		Ok(Self::finish(id, &contract, Status::Settled { at }))
	}

	pub(crate) fn refund(job: &JobOf<T>) -> DispatchResult {
		T::Currency::release(&HoldReason::Escrow.into(), &job.contract.user, job.escrow, Precision::Exact)?;
		Ok(())
	}

	/// Write a job's end and revert what [`Self::begin`] counted. Only a settled job stays in the query counts. Returns
	/// the number of parties.
	pub(crate) fn finish(id: JobId, contract: &ContractOf<T>, status: StatusOf<T>) -> u32 {
		for who in Self::everyone(contract) {
			ActiveJobs::<T>::mutate_exists(who, |jobs| {
				*jobs = jobs.take().and_then(|mut jobs| {
					jobs.retain(|job| *job != id);
					(!jobs.is_empty()).then_some(jobs)
				})
			});
		}
		for (_, party) in contract.parties() {
			T::Bonds::disengage(&party.who, contract.bond);
		}
		Self::recount_roles(contract, |jobs| jobs.saturating_sub(1));
		if !matches!(status, Status::Settled { .. }) {
			for data in &contract.data {
				QueryCounts::<T>::mutate_exists(data.dataset, &contract.user, |queries| {
					*queries = queries.and_then(|queries| queries.checked_sub(1)).filter(|queries| *queries > 0)
				});
			}
		}
		Statuses::<T>::insert(id, status);
		contract.parties().count() as u32
	}
}
