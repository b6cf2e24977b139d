//! Unsigned calls: nodes submit what is due themselves, and it is not accepted before it is due.

use crate::pallet::*;
use alloc::{boxed::Box, vec::Vec};
use codec::Encode;
use encrytrust_fault_proofs::{Fault, Message};
use encrytrust_traits::finality::FinalityClock;
use encrytrust_types::{
	job::{Stage, Status},
	merkle::RangePath,
	JobId,
};
use frame_support::pallet_prelude::*;
use frame_system::{
	ensure_authorized, ensure_signed,
	offchain::SubmitTransaction,
	pallet_prelude::{BlockNumberFor, OriginFor},
};
use sp_core::{offchain::Duration, H256};
use sp_runtime::{
	offchain::{
		storage::StorageValueRef,
		storage_lock::{StorageLock, Time},
	},
	traits::{BadOrigin, Bounded, UniqueSaturatedInto},
	transaction_validity::TransactionValidityWithRefund,
};

/// Blocks for which a call stays in the pool before it is validated again.
const LONGEVITY: TransactionLongevity = 16;
/// What a bond is at stake for comes before everything else in pools and blocks, and what has the earliest deadline comes
/// first. No tip makes up for that.
const OWED_PRIORITY: TransactionPriority = TransactionPriority::MAX - (1 << 40);
/// Next come answers to requests, and roles that resume: they are not admitted by what they weigh, see [`Pallet::has_room`].
const ANSWER_PRIORITY: TransactionPriority = OWED_PRIORITY - (1 << 40);
/// Next come reports of faults: what they end must not be settled before. Signed ones are verified after they are paid for,
/// so that a false one must not keep what is owed from being included.
const REPORT_PRIORITY: TransactionPriority = ANSWER_PRIORITY - (1 << 40);
/// Next comes what ends jobs that are due, of which anybody can save up as many as it likes.
const DUE_PRIORITY: TransactionPriority = REPORT_PRIORITY - (1 << 40);
/// Where the off-chain worker's lock is stored.
const LOCK: &[u8] = b"encrytrust/bmpc/lock";
/// After this the lock is taken from a worker that did not release it.
const LOCK_DURATION: Duration = Duration::from_millis(30_000);

impl<T: Config> Pallet<T> {
	/// The signer, or `None` for an authorized unsigned call.
	pub(crate) fn ensure_signed_or_authorized(origin: OriginFor<T>) -> Result<Option<T::AccountId>, BadOrigin> {
		match ensure_authorized(origin.clone()) {
			Ok(()) => Ok(None),
			Err(_) => ensure_signed(origin).map(Some),
		}
	}

	pub(crate) fn authorize_settle(_: TransactionSource, job_id: &JobId) -> TransactionValidityWithRefund {
		let due = matches!(Self::due_call(*job_id), Some(Call::settle { .. }));
		Self::authorize(due.then_some(DUE_PRIORITY), ("settle", job_id))
	}

	pub(crate) fn authorize_expire(_: TransactionSource, job_id: &JobId) -> TransactionValidityWithRefund {
		let due = matches!(Self::due_call(*job_id), Some(Call::expire { .. }));
		Self::authorize(due.then_some(DUE_PRIORITY), ("expire", job_id))
	}

	pub(crate) fn authorize_expire_challenge(_: TransactionSource, job_id: &JobId) -> TransactionValidityWithRefund {
		let due = matches!(Self::due_call(*job_id), Some(Call::expire_challenge { .. }));
		Self::authorize(due.then_some(DUE_PRIORITY), ("expire_challenge", job_id))
	}

	/// A chunk is accepted from anyone while it is owed: it is checked against its owner's commitment.
	pub(crate) fn authorize_publish(
		_: TransactionSource,
		job_id: &JobId,
		unit: &u32,
		chunk: &u32,
		bytes: &Message,
		path: &RangePath,
	) -> TransactionValidityWithRefund {
		let deadline = Self::deadline_of_chunk(*job_id, (*unit, *chunk), bytes, path);
		let priority = deadline.map(|deadline| Self::before(OWED_PRIORITY, deadline));
		Self::authorize(priority, ("publish", job_id, unit, chunk))
	}

	/// Until when a chunk is owed; `None` for what is not owed now.
	fn deadline_of_chunk(id: JobId, place: (u32, u32), bytes: &[u8], path: &[H256]) -> Option<BlockNumberFor<T>> {
		let availability = Availability::<T>::get(id);
		let open = availability.open.iter().find(|open| open.unit == place.0)?;
		let job = Self::get_job(id).ok()?;
		Self::check_publication(id, &job.contract, &availability, place, bytes, path).ok()?;
		Some(open.deadline)
	}

	/// Whether all parties of a job have confirmed it, and it has not ended.
	pub fn is_under_way(id: JobId) -> bool {
		Statuses::<T>::get(id).is_some_and(|status| status.is_active())
	}

	/// What pools and authors go by for a call that `who` owes, see [`Self::is_owed`]: its deadline, and that it is owed once.
	pub fn validity_of_owed(who: &T::AccountId, call: &Call<T>) -> ValidTransaction {
		let (duty, number) = match call {
			Call::resume_role { role } => ("resume", *role as JobId),
			Call::challenge { job_id, .. } => ("challenge", *job_id),
			Call::confirm { job_id, .. }
			| Call::decline { job_id, .. }
			| Call::commit_selection { job_id, .. }
			| Call::commit_inputs { job_id, .. }
			| Call::commit_output { job_id, .. }
			| Call::commit_result { job_id, .. } => ("deliver", *job_id),
			Call::report_fault { job_id, fault } if Self::can_report_on_deposit(who, *job_id, fault) => {
				return ValidTransaction { priority: REPORT_PRIORITY, ..Default::default() };
			},
			_ => return ValidTransaction::default(),
		};
		let (stage, deadline) = match Statuses::<T>::get(number) {
			Some(Status::Open { stage, awaited, .. }) if duty != "resume" => {
				(Some(stage), awaited.iter().find(|awaited| awaited.who == *who).map(|awaited| awaited.deadline))
			},
			Some(Status::Challenge { until, .. }) if duty != "resume" => (None, Some(until)),
			_ => (None, None),
		};
		let is_answer = matches!(stage, Some(Stage::Confirmation)) || duty == "resume";
		let class = if is_answer { ANSWER_PRIORITY } else { OWED_PRIORITY };
		let priority = Self::before(class, deadline.unwrap_or_else(Bounded::max_value));
		ValidTransaction {
			priority,
			provides: alloc::vec![("Bmpc", who, duty, number, stage).encode()],
			..Default::default()
		}
	}

	/// Before later deadlines of the same class.
	fn before(class: TransactionPriority, deadline: BlockNumberFor<T>) -> TransactionPriority {
		let deadline: u64 = deadline.unique_saturated_into();
		class.saturating_sub(deadline.min(u32::MAX.into()))
	}

	/// Whether `who` owes this call now: such calls are free and have a share of the block of their own. `None` for calls
	/// that nobody owes.
	pub fn is_owed(who: &T::AccountId, call: &Call<T>) -> Option<bool> {
		let delivers = |id: &JobId, stage, basis: &H256| {
			let Ok(job) = Self::get_job(*id) else { return false };
			Self::deliver(*id, &job.contract, stage, who).is_ok() && Self::basis(*id, &job, stage) == *basis
		};
		Some(match call {
			Call::confirm { job_id, contract_hash, mask_key } => Self::get_job(*job_id)
				.is_ok_and(|job| Self::check_confirmation(who, *job_id, &job, *contract_hash, *mask_key).is_ok()),
			Call::decline { job_id, .. } => {
				let job = Self::get_job(*job_id);
				job.is_ok_and(|job| Self::deliver(*job_id, &job.contract, Stage::Confirmation, who).is_ok())
			},
			Call::commit_selection { job_id, basis, .. } => delivers(job_id, Stage::Selection, basis),
			Call::commit_inputs { job_id, basis, .. } => delivers(job_id, Stage::Inputs, basis),
			Call::commit_output { job_id, basis, .. } => delivers(job_id, Stage::Outputs, basis),
			Call::commit_result { job_id, basis, .. } => delivers(job_id, Stage::Result, basis),
			Call::challenge { job_id, units } => {
				let job = Self::get_job(*job_id);
				job.is_ok_and(|job| Self::check_challenge(who, *job_id, &job.contract, units).is_ok())
			},
			// It needs no account.
			Call::publish { .. } => false,
			Call::resume_role { role } => Roles::<T>::get(role, who).is_some_and(|role| role.suspended),
			_ => return None,
		})
	}

	/// Nobody pays for the verification of an invalid unsigned proof, so only proofs that are cheap to verify are
	/// accepted unsigned.
	pub(crate) fn authorize_report_fault(
		_: TransactionSource,
		job_id: &JobId,
		fault: &Fault,
	) -> TransactionValidityWithRefund {
		let valid = Self::is_valid_unsigned_fault(*job_id, fault);
		Self::authorize(valid.then_some(REPORT_PRIORITY), ("report_fault", job_id))
	}

	/// The pool has at most one call of each kind for a job, and none that is not due, which has no priority.
	fn authorize(priority: Option<TransactionPriority>, tag: impl Encode) -> TransactionValidityWithRefund {
		let priority = priority.ok_or(InvalidTransaction::Stale)?;
		let valid = ValidTransaction::with_tag_prefix("Bmpc").and_provides(tag).longevity(LONGEVITY).propagate(true);
		Ok((valid.priority(priority).build()?, Weight::zero()))
	}

	/// Submit the calls that are due, and the faults that this node's watchers found; one worker at a time.
	pub(crate) fn submit_due_calls() {
		let mut lock = StorageLock::<Time>::with_deadline(LOCK, LOCK_DURATION);
		let Ok(_guard) = lock.try_lock() else { return };
		let open: Vec<_> = OpenJobs::<T>::iter_keys().collect();
		let due = open.iter().filter_map(|id| Self::due_call(*id));
		for call in due.chain(open.iter().filter_map(|id| Self::watched_fault(*id))) {
			let transaction = T::create_authorized_transaction(call.into());
			// A call that is already in the pool is rejected, as it should be.
			let _ = SubmitTransaction::<T, Call<T>>::submit_transaction(transaction);
		}
	}

	/// The fault of a job under way in this node's local storage; an invalid one is removed.
	fn watched_fault(job: JobId) -> Option<Call<T>> {
		let key = Fault::storage_key(job);
		let mut stored = StorageValueRef::persistent(&key);
		let fault = stored.get::<Fault>().transpose()?.ok();
		let held = fault.filter(|fault| Self::is_valid_unsigned_fault(job, fault));
		if held.is_none() {
			stored.clear();
		}
		held.map(|fault| Call::report_fault { job_id: job, fault: Box::new(fault) })
	}

	/// The call that is due for a job, at most one, which ends it.
	pub(crate) fn due_call(job_id: JobId) -> Option<Call<T>> {
		let now = T::Clock::now();
		if Self::is_overdue(job_id, now) {
			return Some(Call::expire_challenge { job_id });
		}
		let is_challenged = Self::is_challenged(job_id);
		match Statuses::<T>::get(job_id)? {
			Status::Open { stage, .. } if is_challenged && stage != Stage::Confirmation => None,
			Status::Open { awaited, .. } => {
				(!Self::late_parties(awaited).is_empty()).then_some(Call::expire { job_id })
			},
			Status::Challenge { until, .. } => (now > until && !is_challenged).then_some(Call::settle { job_id }),
			_ => None,
		}
	}
}
