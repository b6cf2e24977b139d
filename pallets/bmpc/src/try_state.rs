//! Invariants between blocks, one function each.

use crate::{pallet::*, types::*};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use encrytrust_traits::participants::Participants;
use encrytrust_types::{
	job::{Role, Stage, Status},
	x25519::is_full_order,
	DatasetId, JobId,
};
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchError,
};

impl<T: Config> Pallet<T> {
	/// Check all invariants: for `try_state`, and for tests of the whole runtime.
	pub fn do_try_state() -> Result<(), DispatchError> {
		Self::try_state_jobs()?;
		Self::try_state_statuses()?;
		Self::try_state_commitments()?;
		Self::try_state_mask_keys()?;
		Self::try_state_availability()?;
		Self::try_state_open_jobs()?;
		Self::try_state_holds()?;
		Self::try_state_active_jobs()?;
		Self::try_state_roles()?;
		Self::try_state_query_counts()?;
		Self::try_state_ids()
	}

	/// Every job has a status, and every status a job; its escrow is the sum of the contract's pay and fee, and its
	/// bond is at least that and all charges.
	fn try_state_jobs() -> Result<(), DispatchError> {
		for (id, job) in Jobs::<T>::iter() {
			ensure!(Statuses::<T>::contains_key(id), "a job without status");
			let quote = Self::quote_of(&job.contract).ok_or("a contract's sum overflows")?;
			ensure!(quote.total == job.escrow, "an escrow is not its contract's price");
			let charges =
				job.contract.parties().fold(quote.charges, |sum, (_, party)| sum.saturating_add(party.charges));
			let liable = quote.total.saturating_add(charges);
			ensure!(quote.bond >= liable, "a bond is below its contract's price and charges");
		}
		ensure!(Statuses::<T>::iter_keys().all(Jobs::<T>::contains_key), "a status without job");
		Ok(())
	}

	/// An open stage awaits some of its expected parties, none before the stage's length is over.
	fn try_state_statuses() -> Result<(), DispatchError> {
		for (id, status) in Statuses::<T>::iter() {
			let Status::Open { stage, since, awaited } = status else { continue };
			let contract = Jobs::<T>::get(id).ok_or("a status without job")?.contract;
			ensure!(!awaited.is_empty(), "an open stage awaits no party");
			let expected =
				|awaited: &AwaitedOf<T>| Self::expected_parties(&contract, stage).any(|who| *who == awaited.who);
			ensure!(awaited.iter().all(expected), "a stage awaits a party that is not expected to deliver");
			let earliest = since.saturating_add(contract.schedule.length(stage));
			ensure!(awaited.iter().all(|awaited| awaited.deadline >= earliest), "a deadline is before its stage's end");
		}
		Ok(())
	}

	/// A commitment belongs to an expected party, and exists exactly if that party is no longer awaited.
	fn try_state_commitments() -> Result<(), DispatchError> {
		let mut expected = 0usize;
		for (id, job) in Jobs::<T>::iter() {
			let status = Statuses::<T>::get(id).ok_or("a job without status")?;
			for stage in Stage::ALL.into_iter().skip(1) {
				for who in Self::expected_parties(&job.contract, stage) {
					let delivered = match &status {
						Status::Open { stage: current, awaited, .. } => {
							stage < *current
								|| (stage == *current && !awaited.iter().any(|awaited| awaited.who == *who))
						},
						Status::Challenge { .. } | Status::Settled { .. } => true,
						Status::Declined { .. } | Status::Lapsed { .. } | Status::Cancelled { .. } => false,
						// Parties that were in time and had not delivered are not on record.
						Status::Expired { stage: current, late, .. } if stage == *current => {
							!late.contains(who) && Commitments::<T>::contains_key(id, (stage, who))
						},
						Status::Expired { stage: current, .. } => stage < *current,
						// It can have ended in any stage, and which one is not on record.
						Status::Faulty { .. } => Commitments::<T>::contains_key(id, (stage, who)),
					};
					let there = Commitments::<T>::contains_key(id, (stage, who));
					ensure!(there == delivered, "commitments and status disagree");
					expected = expected.saturating_add(delivered.into());
				}
			}
		}
		ensure!(Commitments::<T>::iter_keys().count() == expected, "a commitment of an account that is not expected");
		Ok(())
	}

	/// The mask keys of a job are those of the data providers that have confirmed: all of them, once all have. Each is of
	/// full order, and there once.
	fn try_state_mask_keys() -> Result<(), DispatchError> {
		for (id, job) in Jobs::<T>::iter() {
			let status = Statuses::<T>::get(id).ok_or("a job without status")?;
			let keys = Self::mask_keys(id, &job.contract);
			for (data, key) in job.contract.data.iter().zip(&keys) {
				let confirmed = match &status {
					Status::Open { stage: Stage::Confirmation, awaited, .. } => {
						!awaited.iter().any(|awaited| awaited.who == data.party.who)
					},
					Status::Declined { .. } | Status::Lapsed { .. } | Status::Cancelled { .. } => key.is_some(),
					_ => true,
				};
				ensure!(key.is_some() == confirmed, "mask keys and confirmations disagree");
			}
			let posted: Vec<_> = keys.iter().flatten().collect();
			ensure!(posted.iter().all(|key| is_full_order(key)), "a mask key of small order");
			ensure!(posted.iter().collect::<BTreeSet<_>>().len() == posted.len(), "a mask key is there twice");
		}
		ensure!(MaskKeys::<T>::iter_keys().all(Jobs::<T>::contains_key), "mask keys without job");
		Ok(())
	}

	/// Open units are those of a job under way: committed to, not published in full, each once, and waited for by somebody.
	/// The bytes that confirmed jobs may publish are counted.
	fn try_state_availability() -> Result<(), DispatchError> {
		for (id, availability) in Availability::<T>::iter() {
			let contract = Jobs::<T>::get(id).ok_or("challenges without job")?.contract;
			let status = Statuses::<T>::get(id).ok_or("challenges without status")?;
			ensure!(status.is_active() || availability.open.is_empty(), "an open unit of a job that has ended");
			let mut seen = BTreeSet::new();
			for open in &availability.open {
				let unit = contract.unit(open.unit).ok_or("a unit that is not there")?;
				let owner = &contract.unit_owner(&unit).ok_or("a unit of nobody")?.who;
				ensure!(Commitments::<T>::contains_key(id, (unit.stage(), owner)), "a unit of nothing committed to");
				ensure!(seen.insert(open.unit), "a unit is open twice");
				ensure!(!availability.published.contains(open.unit), "a published unit is open");
				ensure!(open.published.count() < contract.unit_chunks(&unit), "a unit is open though it is published");
				ensure!(open.waiting != 0 && open.from < open.deadline, "nobody waits for a unit");
			}
			let limits =
				core::iter::once(contract.user_charges).chain(contract.parties().map(|(_, party)| party.charges));
			let within = availability.charged.iter().zip(limits).all(|(charged, limit)| *charged <= limit);
			ensure!(within, "an account was charged more than was on hold");
		}
		let confirmed =
			Self::open_jobs().filter(|(id, _)| Statuses::<T>::get(id).is_some_and(|status| status.is_active()));
		let needs = confirmed.map(|(_, job)| (job.contract.publication(), job.owed_time));
		let (bytes, time) =
			needs.fold((0u64, 0u64), |sum, job| (sum.0.saturating_add(job.0), sum.1.saturating_add(job.1)));
		ensure!(ConfirmedPublication::<T>::get() == bytes, "confirmed publication is miscounted");
		ensure!(ConfirmedTime::<T>::get() == time, "the time of what is owed is miscounted");
		Ok(())
	}

	/// The index of open jobs has exactly these.
	fn try_state_open_jobs() -> Result<(), DispatchError> {
		let open: BTreeSet<_> = Self::open_jobs().map(|(id, _)| id).collect();
		ensure!(OpenJobs::<T>::iter_keys().collect::<BTreeSet<_>>() == open, "the index of open jobs is wrong");
		Ok(())
	}

	/// Every amount on hold is explained by an open job, or by a role, dataset or record.
	fn try_state_holds() -> Result<(), DispatchError> {
		let mut holds = BTreeMap::<T::AccountId, (BalanceOf<T>, BalanceOf<T>, BalanceOf<T>)>::new();
		let mut add = |who: T::AccountId, [escrow, deposit, charges]: [BalanceOf<T>; 3]| {
			let sum = holds.entry(who).or_default();
			sum.0 = sum.0.checked_add(escrow).ok_or("escrow overflows")?;
			sum.1 = sum.1.checked_add(deposit).ok_or("deposits overflow")?;
			sum.2 = sum.2.checked_add(charges).ok_or("charges overflow")?;
			Ok::<_, DispatchError>(())
		};
		for (id, job) in Jobs::<T>::iter() {
			let ended = Statuses::<T>::get(id).is_none_or(|status| status.is_ended());
			let user = job.contract.user.clone();
			add(user, [if ended { Zero::zero() } else { job.escrow }, job.deposit, Zero::zero()])?;
			for (who, charges) in Self::charges_on_hold(id, &job.contract) {
				add(who, [Zero::zero(), Zero::zero(), charges])?;
			}
		}
		for (_, who, registration) in Roles::<T>::iter() {
			add(who, [Zero::zero(), registration.deposit, Zero::zero()])?;
		}
		for (_, dataset) in Datasets::<T>::iter() {
			add(dataset.provider, [Zero::zero(), dataset.deposit, Zero::zero()])?;
		}
		for (who, (escrow, deposit, charges)) in holds {
			let held = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &who);
			ensure!(held(HoldReason::Escrow) == escrow, "escrow on hold differs from the open jobs'");
			ensure!(held(HoldReason::StorageDeposit) == deposit, "deposits on hold differ from the records'");
			ensure!(held(HoldReason::Charges) == charges, "charges on hold differ from the open jobs'");
		}
		Ok(())
	}

	/// What a job's accounts have on hold for charges.
	fn charges_on_hold(id: JobId, contract: &ContractOf<T>) -> Vec<(T::AccountId, BalanceOf<T>)> {
		let Some(status) = Statuses::<T>::get(id).filter(|status| !status.is_ended()) else { return Vec::new() };
		let charged = Availability::<T>::get(id).charged;
		let left =
			|place: usize, held: BalanceOf<T>| held.saturating_sub(charged.get(place).copied().unwrap_or_default());
		let mut holds = alloc::vec![(contract.user.clone(), left(0, contract.user_charges))];
		if status.is_active() {
			for (place, (_, party)) in contract.parties().enumerate() {
				holds.push((party.who.clone(), left(place.saturating_add(1), party.charges)));
			}
		}
		holds
	}

	/// An account's active jobs are the open jobs that it takes part in, each once: as a party from the last confirmation on.
	/// Its pending jobs are those that it has still to confirm.
	fn try_state_active_jobs() -> Result<(), DispatchError> {
		let mut expected = [0usize; 2];
		for (id, job) in Self::open_jobs() {
			let status = Statuses::<T>::get(id);
			let active = status.as_ref().is_some_and(|status| status.is_active());
			let is_awaited = |who: &T::AccountId| match &status {
				Some(Status::Open { awaited, .. }) => awaited.iter().any(|awaited| awaited.who == *who),
				_ => false,
			};
			for who in Self::everyone(&job.contract) {
				let pending = !active && *who != job.contract.user;
				if pending && !is_awaited(who) {
					continue;
				}
				let jobs = if pending { PendingJobs::<T>::get(who) } else { ActiveJobs::<T>::get(who) };
				ensure!(jobs.iter().filter(|other| **other == id).count() == 1, "an open job is not listed once");
				let [active, waiting] = &mut expected;
				let count = if pending { waiting } else { active };
				*count = count.saturating_add(1);
			}
		}
		let active = ActiveJobs::<T>::iter_values().map(|jobs| jobs.len()).sum::<usize>();
		let pending = PendingJobs::<T>::iter_values().map(|jobs| jobs.len()).sum::<usize>();
		ensure!([active, pending] == expected, "a listed job is not open");
		for (who, jobs) in ConfirmedJobs::<T>::iter() {
			for id in jobs {
				let Some(Status::Open { stage: Stage::Confirmation, awaited, .. }) = Statuses::<T>::get(id) else {
					return Err("a confirmed job does not wait for confirmations".into());
				};
				ensure!(awaited.iter().all(|awaited| awaited.who != who), "a confirmed job waits for its party");
			}
		}
		Ok(())
	}

	/// A registration's offer is that of its role, and it counts the role's confirmed jobs under way.
	fn try_state_roles() -> Result<(), DispatchError> {
		let mut counts = BTreeMap::<(Role, T::AccountId), u32>::new();
		let active = |id: &JobId| Statuses::<T>::get(id).is_some_and(|status| status.is_active());
		for (_, job) in Self::open_jobs().filter(|(id, _)| active(id)) {
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

	/// A buyer's query count is at least its jobs on record in which the provider committed to inputs, or still may. Records
	/// can be cleared.
	fn try_state_query_counts() -> Result<(), DispatchError> {
		let mut counts = BTreeMap::<(DatasetId, T::AccountId), u32>::new();
		for (id, job) in Jobs::<T>::iter() {
			let active = Statuses::<T>::get(id).is_some_and(|status| status.is_active());
			let buyer = T::Participants::buyer(&job.contract.user);
			for data in &job.contract.data {
				if !active && !Commitments::<T>::contains_key(id, (Stage::Inputs, &data.party.who)) {
					continue;
				}
				let count = counts.entry((data.dataset, buyer.clone())).or_default();
				*count = count.saturating_add(1);
			}
		}
		for ((id, buyer), count) in counts {
			ensure!(QueryCounts::<T>::get(id, buyer) >= count, "queries are not counted");
		}
		Ok(())
	}

	/// Every id is below the next one.
	fn try_state_ids() -> Result<(), DispatchError> {
		ensure!(Jobs::<T>::iter_keys().all(|id| id < NextJobId::<T>::get()), "a job ahead of its id");
		ensure!(Datasets::<T>::iter_keys().all(|id| id < NextDatasetId::<T>::get()), "a dataset ahead of its id");
		ensure!(Templates::<T>::iter_keys().all(|id| id < NextTemplateId::<T>::get()), "a template ahead of its id");
		Ok(())
	}

	fn open_jobs() -> impl Iterator<Item = (u64, JobOf<T>)> {
		Jobs::<T>::iter().filter(|(id, _)| Statuses::<T>::get(id).is_some_and(|status| !status.is_ended()))
	}
}
