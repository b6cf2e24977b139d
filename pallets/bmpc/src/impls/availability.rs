//! Availability challenges: units challenged, published, or not published in time.

use crate::{pallet::*, types::*};
use alloc::collections::BTreeMap;
use encrytrust_fault_proofs::Verdict;
use encrytrust_traits::{fees::ServiceFees, finality::FinalityClock};
use encrytrust_types::{
	job::{FaultKind, OpenUnit, Stage, Status, Unit, UnitSet},
	JobId,
};
use frame_support::{ensure, pallet_prelude::*};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::H256;
use sp_runtime::traits::{Saturating, UniqueSaturatedInto};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_challenge(who: T::AccountId, id: JobId, units: UnitSet) -> DispatchResult {
		let contract = Self::get_job(id)?.contract;
		let status = Self::check_challenge(&who, id, &contract, &units)?;
		let place = Self::place(&contract, &who).ok_or(Error::<T>::NotParty)?;
		let mut availability = Availability::<T>::get(id);
		let (now, waiting) = (Self::now(), place_bit(place));
		for open in availability.open.iter_mut().filter(|open| units.contains(open.unit)) {
			open.waiting |= waiting;
		}
		let open: UnitSet = availability.open.iter().map(|open| open.unit).collect();
		let published = availability.published.clone();
		let mut queue = QueueEnd::<T>::get().max(Self::queue_position());
		for unit in units.iter().filter(|unit| !published.contains(*unit) && !open.contains(*unit)) {
			let bytes = contract.unit(unit).map_or(0, |unit| contract.unit_bytes(&unit));
			let from = Self::turn(queue);
			queue = queue.saturating_add(bytes);
			let deadline = Self::turn(queue.saturating_add(Self::rate().saturating_sub(1)));
			let deadline = deadline.max(now).saturating_add(contract.answer_period);
			let open = OpenUnit { unit, challenger: place, waiting, from, deadline, published: Default::default() };
			availability.open.try_push(open).map_err(|_| Error::<T>::OutOfRange)?;
			Self::deposit_event(Event::UnitChallenged { job_id: id, unit, challenger: who.clone(), from, deadline });
		}
		QueueEnd::<T>::put(queue);
		Availability::<T>::insert(id, availability);
		Statuses::<T>::insert(id, status);
		Ok(())
	}

	/// Whether `who` may challenge these units now; returns the job's status with the challenge noted.
	///
	/// Only a party that owes the current stage may, once in the stage and within its length, and the user once in the
	/// challenge window. Each may name what its own stage needs, or what concerns the user.
	pub(crate) fn check_challenge(
		who: &T::AccountId,
		id: JobId,
		contract: &ContractOf<T>,
		units: &UnitSet,
	) -> Result<StatusOf<T>, Error<T>> {
		let now = T::Clock::now();
		let mut status = Statuses::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		let allowed: UnitSet = match &mut status {
			Status::Open { stage, since, awaited } => {
				let owes = awaited.iter_mut().find(|awaited| awaited.who == *who).ok_or(Error::<T>::NotParty)?;
				ensure!(!owes.challenged, Error::<T>::AlreadyChallenged);
				ensure!(now <= since.saturating_add(contract.schedule.length(*stage)), Error::<T>::TooLate);
				owes.challenged = true;
				Self::needed_units(contract, *stage, who)
			},
			Status::Challenge { until, challenged } => {
				ensure!(contract.user == *who, Error::<T>::NotParty);
				ensure!(!*challenged, Error::<T>::AlreadyChallenged);
				ensure!(now <= *until, Error::<T>::TooLate);
				*challenged = true;
				contract.user_units().collect()
			},
			_ => return Err(Error::<T>::WrongStage),
		};
		ensure!(units.iter().all(|unit| allowed.contains(unit)), Error::<T>::OutOfRange);
		let published = Availability::<T>::get(id).published;
		ensure!(units.iter().any(|unit| !published.contains(unit)), Error::<T>::AlreadyPublished);
		Ok(status)
	}

	/// The units of others that `who` needs for what it owes in `stage`.
	fn needed_units(contract: &ContractOf<T>, stage: Stage, who: &T::AccountId) -> UnitSet {
		let role = Self::role_and_place(contract, who);
		role.map(|(role, place)| contract.needed_units(stage, role, place).collect()).unwrap_or_default()
	}

	/// The value of the finality clock at which a position in the queue of what is published has its turn. The queue moves at
	/// `PublicationRate`, so that what has its turn finds room in blocks.
	fn turn(position: u64) -> BlockNumberFor<T> {
		Self::block(position.checked_div(Self::rate()).unwrap_or_default())
	}

	fn rate() -> u64 {
		u64::from(T::PublicationRate::get()).max(1)
	}

	/// The bytes whose turn has come or passed, since genesis.
	fn queue_position() -> u64 {
		let now: u64 = T::Clock::now().unique_saturated_into();
		now.saturating_mul(T::PublicationRate::get().into())
	}

	/// The bytes whose turn is still to come.
	pub(crate) fn queued() -> u64 {
		QueueEnd::<T>::get().saturating_sub(Self::queue_position())
	}

	fn block(number: u64) -> BlockNumberFor<T> {
		number.unique_saturated_into()
	}

	pub(crate) fn do_publish(id: JobId, unit: u32, chunk: u32, bytes: &[u8], path: &[H256]) -> DispatchResult {
		let contract = Self::get_job(id)?.contract;
		let mut availability = Availability::<T>::get(id);
		let which = Self::check_publication(id, &contract, &availability, (unit, chunk), bytes, path)?;
		let owner = contract.unit_owner(&which).ok_or(Error::<T>::OutOfRange)?;
		let owner = Self::place(&contract, &owner.who).ok_or(Error::<T>::NotParty)?;
		let position = availability.open.iter().position(|open| open.unit == unit).ok_or(Error::<T>::UnknownUnit)?;
		let open = availability.open.get_mut(position).ok_or(Error::<T>::UnknownUnit)?;
		ensure!(open.published.insert(chunk), Error::<T>::OutOfRange);
		let challenger = open.challenger;
		let complete = open.published.count() >= contract.unit_chunks(&which);
		Self::charge(&contract, &mut availability, &[owner, challenger], bytes.len() as u64)?;
		Self::deposit_event(Event::ChunkPublished { job_id: id, unit, chunk });
		if complete {
			let open = availability.open.remove(position);
			ensure!(availability.published.insert(unit), Error::<T>::OutOfRange);
			Self::resume_clocks(id, &contract, &availability, open.waiting);
		}
		Availability::<T>::insert(id, availability);
		Ok(())
	}

	/// Whether these bytes are a chunk that is owed now; returns its unit. The cheap checks come first.
	pub(crate) fn check_publication(
		id: JobId,
		contract: &ContractOf<T>,
		availability: &AvailabilityOf<T>,
		(unit, chunk): (u32, u32),
		bytes: &[u8],
		path: &[H256],
	) -> Result<Unit, Error<T>> {
		let open = availability.open.iter().find(|open| open.unit == unit).ok_or(Error::<T>::UnknownUnit)?;
		let now = T::Clock::now();
		ensure!(now >= open.from, Error::<T>::TooEarly);
		ensure!(now <= open.deadline, Error::<T>::TooLate);
		ensure!(!open.published.contains(chunk), Error::<T>::AlreadyPublished);
		let unit = contract.unit(unit).ok_or(Error::<T>::OutOfRange)?;
		Self::fault_context(id, contract).check_chunk(&unit, chunk, bytes, path)?;
		Ok(unit)
	}

	/// Take what `bytes` cost from what each of some places has on hold for charges.
	fn charge(
		contract: &ContractOf<T>,
		availability: &mut AvailabilityOf<T>,
		places: &[u8],
		bytes: u64,
	) -> DispatchResult {
		let amount = contract.charge_per_byte.saturating_mul(bytes.into());
		places.iter().try_for_each(|place| Self::charge_place(contract, availability, *place, amount))
	}

	/// Take `amount` from what a place has on hold for charges.
	pub(crate) fn charge_place(
		contract: &ContractOf<T>,
		availability: &mut AvailabilityOf<T>,
		place: u8,
		amount: BalanceOf<T>,
	) -> DispatchResult {
		let who = Self::everyone(contract).nth(place.into()).ok_or(Error::<T>::NotParty)?;
		let destination = T::ServiceFees::destination();
		Self::pay_on_hold(HoldReason::Charges, who, &destination, amount)?;
		let charged = availability.charged.get(usize::from(place)).copied().unwrap_or_default();
		Self::set_charged(availability, place, charged.saturating_add(amount))?;
		Ok(())
	}

	/// Charge who has challenged units that are not published when the job ends: they have their place in the queue.
	pub(crate) fn charge_for_queue(id: JobId, contract: &ContractOf<T>) -> DispatchResult {
		let mut availability = Availability::<T>::get(id);
		let unpublished = |open: &OpenUnit<BlockNumberFor<T>>| {
			let Some(unit) = contract.unit(open.unit) else { return 0 };
			let missing = (0..contract.unit_chunks(&unit)).filter(|chunk| !open.published.contains(*chunk));
			missing.filter_map(|chunk| contract.chunk_bytes(&unit, chunk)).fold(0u64, u64::saturating_add)
		};
		let mut bytes = BTreeMap::<u8, u64>::new();
		for open in &availability.open {
			let sum = bytes.entry(open.challenger).or_default();
			*sum = sum.saturating_add(unpublished(open));
		}
		for (place, bytes) in bytes {
			Self::charge(contract, &mut availability, &[place], bytes)?;
		}
		Availability::<T>::insert(id, availability);
		Ok(())
	}

	fn set_charged(availability: &mut AvailabilityOf<T>, place: u8, amount: BalanceOf<T>) -> Result<(), Error<T>> {
		let index = usize::from(place);
		while availability.charged.len() <= index {
			availability.charged.try_push(Default::default()).map_err(|_| Error::<T>::OutOfRange)?;
		}
		*availability.charged.get_mut(index).ok_or(Error::<T>::OutOfRange)? = amount;
		Ok(())
	}

	/// Give those who waited for a unit, and wait for no other, the whole length of their stage again, or the user a whole
	/// challenge window.
	fn resume_clocks(id: JobId, contract: &ContractOf<T>, availability: &AvailabilityOf<T>, waited: u64) {
		let still = availability.open.iter().fold(0u64, |waiting, open| waiting | open.waiting);
		let resumed = |place: u8| (waited & !still) & place_bit(place) != 0;
		let now = Self::now();
		Statuses::<T>::mutate(id, |status| match status {
			Some(Status::Open { stage, awaited, .. }) => {
				let length = contract.schedule.length(*stage);
				for awaited in awaited.iter_mut() {
					if Self::place(contract, &awaited.who).is_some_and(resumed) {
						awaited.deadline = awaited.deadline.max(now.saturating_add(length));
					}
				}
			},
			Some(Status::Challenge { until, .. }) if resumed(0) => {
				*until = (*until).max(now.saturating_add(contract.challenge_period));
			},
			_ => {},
		});
	}

	/// Returns the number of the job's parties, which the weight depends on.
	pub(crate) fn do_expire_challenge(id: JobId) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		let now = T::Clock::now();
		let availability = Availability::<T>::get(id);
		let overdue = availability.open.iter().find(|open| now > open.deadline).ok_or(Error::<T>::NotOverdue)?;
		let unit = job.contract.unit(overdue.unit).ok_or(Error::<T>::UnknownUnit)?;
		let who = job.contract.unit_owner(&unit).ok_or(Error::<T>::OutOfRange)?.who.clone();
		let (role, _) = Self::role_and_place(&job.contract, &who).ok_or(Error::<T>::NotParty)?;
		let verdict = Verdict { offender: who, role, stage: unit.stage(), kind: FaultKind::Withheld };
		Self::convict(id, &job, verdict, None)
	}

	/// Whether a challenged unit of a job is not published yet. Then no stage expires and nothing settles.
	pub(crate) fn is_challenged(id: JobId) -> bool {
		!Availability::<T>::get(id).open.is_empty()
	}

	/// Whether a challenged unit is overdue at this value of the finality clock.
	pub(crate) fn is_overdue(id: JobId, now: BlockNumberFor<T>) -> bool {
		Availability::<T>::get(id).open.iter().any(|open| now > open.deadline)
	}

	/// Whether `who` waits for a unit that it challenged.
	pub(crate) fn is_waiting(id: JobId, contract: &ContractOf<T>, who: &T::AccountId) -> bool {
		let Some(place) = Self::place(contract, who) else { return false };
		let bit = place_bit(place);
		Availability::<T>::get(id).open.iter().any(|open| open.waiting & bit != 0)
	}
}
