//! What must hold between blocks; one function each.

use crate::{pallet::*, types::*};
use alloc::collections::BTreeMap;
use encrytrust_types::{
	job::{Role, Stage, Status},
	DataSetId,
};
use frame_support::{
	ensure,
	traits::{fungible::InspectHold, Get},
};
use sp_runtime::{traits::Zero, DispatchError};

impl<T: Config> Pallet<T> {
	/// Check all invariants: for `try_state`, and for tests of the whole runtime.
	pub fn do_try_state() -> Result<(), DispatchError> {
		Self::try_state_jobs()?;
		Self::try_state_statuses()?;
		Self::try_state_commitments()?;
		Self::try_state_demands()?;
		Self::try_state_holds()?;
		Self::try_state_active_jobs()?;
		Self::try_state_roles()?;
		Self::try_state_answers()?;
		Self::try_state_ids()
	}

	/// Every job has a status, every status a job; its escrow is the sum of the contract's pays and fee, and what a
	/// party has at stake is no less.
	fn try_state_jobs() -> Result<(), DispatchError> {
		for (id, job) in Jobs::<T>::iter() {
			ensure!(Statuses::<T>::contains_key(id), "a job without status");
			let quote = Self::quote_of(&job.contract).ok_or("a contract's sum overflows")?;
			ensure!(quote.total == job.escrow, "an escrow is not its contract's price");
			ensure!(quote.bond >= quote.total, "a bond is below its contract's price");
			ensure!(job.contract.schedule.is_increasing(), "a schedule does not increase");
		}
		ensure!(Statuses::<T>::iter_keys().all(Jobs::<T>::contains_key), "a status without job");
		Ok(())
	}

	/// An open stage awaits somebody, only those who owe it something, and until its own deadline.
	fn try_state_statuses() -> Result<(), DispatchError> {
		for (id, status) in Statuses::<T>::iter() {
			let Status::Open { stage, deadline, awaited } = status else { continue };
			let contract = Jobs::<T>::get(id).ok_or("a status without job")?.contract;
			ensure!(deadline == Self::deadline(id, &contract, stage), "a deadline is not its schedule's");
			ensure!(!awaited.is_empty(), "an open stage awaits nobody");
			let owes = |who| Self::debtors(&contract, stage).any(|debtor| debtor == who);
			ensure!(awaited.iter().all(owes), "a stage awaits somebody who owes nothing");
		}
		Ok(())
	}

	/// A commitment belongs to a party that owed it, and is there exactly if that party is not awaited any more.
	fn try_state_commitments() -> Result<(), DispatchError> {
		let mut expected = 0usize;
		for (id, job) in Jobs::<T>::iter() {
			let status = Statuses::<T>::get(id).ok_or("a job without status")?;
			for stage in Stage::ALL.into_iter().skip(1) {
				for who in Self::debtors(&job.contract, stage) {
					let delivered = match &status {
						Status::Open { stage: current, awaited, .. }
						| Status::Expired { stage: current, late: awaited, .. } => {
							stage < *current || (stage == *current && !awaited.contains(who))
						},
						Status::Challenge { .. } | Status::Settled { .. } => true,
						Status::Declined { .. } => false,
						// It ended in the midst of any stage, and which one is not on record.
						Status::Faulty { .. } => Commitments::<T>::contains_key(id, (stage, who)),
					};
					let there = Commitments::<T>::contains_key(id, (stage, who));
					ensure!(there == delivered, "commitments and status disagree");
					expected = expected.saturating_add(delivered.into());
				}
			}
		}
		ensure!(Commitments::<T>::iter_keys().count() == expected, "a commitment of a stranger");
		Ok(())
	}

	/// A demand is for a part that was committed to, by somebody else of the same job, and can be answered before the job
	/// ends by its deadlines; those who made it have it counted.
	fn try_state_demands() -> Result<(), DispatchError> {
		for (id, demands) in Demands::<T>::iter() {
			let contract = Jobs::<T>::get(id).ok_or("demands without job")?.contract;
			let (Some(Status::Open { deadline: end, .. }) | Some(Status::Challenge { until: end })) =
				Statuses::<T>::get(id)
			else {
				return Err("demands of a job that has ended".into());
			};
			ensure!(!demands.is_empty(), "a list of no demands");
			for demand in &demands {
				ensure!(
					Commitments::<T>::contains_key(id, (demand.stage, &demand.who)),
					"a demand for nothing committed to"
				);
				let pieces = Self::fault_context(id, &contract).pieces(demand.stage, &demand.who);
				ensure!(demand.piece < pieces, "a demand for a part that is not there");
				let asks = Self::everyone(&contract).any(|who| *who == demand.by) && demand.by != demand.who;
				ensure!(asks, "a demand of a stranger, or of oneself");
				ensure!(demand.deadline <= end, "a demand outlasts its job's deadlines");
				let made = demands.iter().filter(|other| other.by == demand.by).count();
				ensure!(made <= DemandCounts::<T>::get(id, &demand.by) as usize, "demands are not counted");
			}
		}
		for (id, _, count) in DemandCounts::<T>::iter() {
			ensure!(Jobs::<T>::contains_key(id), "a count of demands without job");
			ensure!((1..=T::MaxDemands::get()).contains(&count), "a count of demands out of bounds");
		}
		ensure!(Delays::<T>::iter_keys().all(Jobs::<T>::contains_key), "a delay without job");
		Ok(())
	}

	/// Every unit on hold is explained by an open job or demand, or by a role, data set or record.
	fn try_state_holds() -> Result<(), DispatchError> {
		let mut holds = BTreeMap::<T::AccountId, (BalanceOf<T>, BalanceOf<T>, BalanceOf<T>)>::new();
		let mut add = |who: T::AccountId, escrow: BalanceOf<T>, deposit: BalanceOf<T>| {
			let sum = holds.entry(who).or_default();
			sum.0 = sum.0.checked_add(escrow).ok_or("escrow overflows")?;
			sum.1 = sum.1.checked_add(deposit).ok_or("deposits overflow")?;
			Ok::<_, DispatchError>(())
		};
		for (id, job) in Jobs::<T>::iter() {
			let ended = Statuses::<T>::get(id).is_none_or(|status| status.is_ended());
			add(job.contract.user, if ended { Zero::zero() } else { job.escrow }, job.deposit)?;
		}
		for (_, who, registration) in Roles::<T>::iter() {
			add(who, Zero::zero(), registration.deposit)?;
		}
		for (_, data_set) in DataSets::<T>::iter() {
			add(data_set.provider, Zero::zero(), data_set.deposit)?;
		}
		for demand in Demands::<T>::iter_values().flatten() {
			let sum = &mut holds.entry(demand.by).or_default().2;
			*sum = sum.checked_add(demand.deposit).ok_or("deposits overflow")?;
		}
		for (who, (escrow, deposit, demands)) in holds {
			let held = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &who);
			ensure!(held(HoldReason::Escrow) == escrow, "escrow on hold differs from the open jobs'");
			ensure!(held(HoldReason::StorageDeposit) == deposit, "deposits on hold differ from the records'");
			ensure!(held(HoldReason::DemandDeposit) == demands, "deposits on hold differ from the demands'");
		}
		Ok(())
	}

	/// An account's active jobs are the open jobs that it takes part in, each once.
	fn try_state_active_jobs() -> Result<(), DispatchError> {
		let mut expected = 0usize;
		for (id, job) in Self::open_jobs() {
			for who in Self::everyone(&job.contract) {
				let jobs = ActiveJobs::<T>::get(who);
				ensure!(jobs.iter().filter(|active| **active == id).count() == 1, "an open job is not active once");
				expected = expected.saturating_add(1);
			}
		}
		let active = ActiveJobs::<T>::iter_values().map(|jobs| jobs.len()).sum::<usize>();
		ensure!(active == expected, "an active job is not open");
		Ok(())
	}

	/// A registration's offer is that of its role, and it counts the role's open jobs.
	fn try_state_roles() -> Result<(), DispatchError> {
		let mut counts = BTreeMap::<(Role, T::AccountId), u32>::new();
		for (_, job) in Self::open_jobs() {
			for (role, party) in job.contract.parties() {
				let count = counts.entry((role, party.who.clone())).or_default();
				*count = count.saturating_add(1);
			}
		}
		for (role, who, registration) in Roles::<T>::iter() {
			ensure!(registration.offer.role() == role, "an offer is for another role");
			let count = counts.remove(&(role, who)).unwrap_or_default();
			ensure!(registration.jobs == count, "a role's jobs are miscounted");
		}
		ensure!(counts.is_empty(), "a party of an open job is not registered");
		Ok(())
	}

	/// A buyer's answers are at least the jobs on record that are open or settled (records of settled ones go).
	fn try_state_answers() -> Result<(), DispatchError> {
		let mut counts = BTreeMap::<(DataSetId, T::AccountId), u32>::new();
		for (id, job) in Jobs::<T>::iter() {
			let counted = match Statuses::<T>::get(id) {
				Some(Status::Settled { .. }) => true,
				Some(status) => !status.is_ended(),
				None => false,
			};
			for data in job.contract.data.iter().filter(|_| counted) {
				let count = counts.entry((data.data_set, job.contract.user.clone())).or_default();
				*count = count.saturating_add(1);
			}
		}
		for ((id, buyer), count) in counts {
			ensure!(Answers::<T>::get(id, buyer) >= count, "answers are missing");
		}
		Ok(())
	}

	/// Every id is below the next one.
	fn try_state_ids() -> Result<(), DispatchError> {
		ensure!(Jobs::<T>::iter_keys().all(|id| id < NextJobId::<T>::get()), "a job ahead of its id");
		ensure!(DataSets::<T>::iter_keys().all(|id| id < NextDataSetId::<T>::get()), "a data set ahead of its id");
		ensure!(Templates::<T>::iter_keys().all(|id| id < NextTemplateId::<T>::get()), "a template ahead of its id");
		Ok(())
	}

	fn open_jobs() -> impl Iterator<Item = (u64, JobOf<T>)> {
		Jobs::<T>::iter().filter(|(id, _)| Statuses::<T>::get(id).is_some_and(|status| !status.is_ended()))
	}
}
