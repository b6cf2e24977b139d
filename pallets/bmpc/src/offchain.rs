//! Calls that need no account: whatever is due is sent by the nodes themselves, and accepted from nobody before.

use crate::{pallet::*, types::*};
use alloc::{boxed::Box, vec::Vec};
use codec::Encode;
use encrytrust_fault_proofs::Fault;
use encrytrust_types::{
	job::{Stage, Status},
	JobId,
};
use frame_support::pallet_prelude::*;
use frame_system::{
	ensure_authorized, ensure_signed,
	offchain::SubmitTransaction,
	pallet_prelude::{BlockNumberFor, OriginFor},
};
use sp_runtime::{
	offchain::storage::StorageValueRef, traits::BadOrigin, transaction_validity::TransactionValidityWithRefund,
};

/// Blocks for which a call stays in the pool before it is looked at again.
const LONGEVITY: TransactionLongevity = 16;

impl<T: Config> Pallet<T> {
	/// Anyone who signed, or nobody for the call that was found due.
	pub(crate) fn ensure_signed_or_authorized(origin: OriginFor<T>) -> Result<Option<T::AccountId>, BadOrigin> {
		match ensure_authorized(origin.clone()) {
			Ok(()) => Ok(None),
			Err(_) => ensure_signed(origin).map(Some),
		}
	}

	pub(crate) fn authorize_settle(_: TransactionSource, job: &JobId) -> TransactionValidityWithRefund {
		let now = frame_system::Pallet::<T>::block_number();
		let due = matches!(Statuses::<T>::get(job), Some(Status::Challenge { until }) if now > until);
		Self::authorize(due && Self::open_demands(*job) == 0, ("settle", job))
	}

	pub(crate) fn authorize_expire(_: TransactionSource, job: &JobId) -> TransactionValidityWithRefund {
		let (now, status) = (frame_system::Pallet::<T>::block_number(), Statuses::<T>::get(job));
		let due = matches!(status, Some(Status::Open { deadline, .. }) if now > deadline);
		Self::authorize(due && Self::open_demands(*job) == 0, ("expire", job))
	}

	pub(crate) fn authorize_expire_demand(
		_: TransactionSource,
		job: &JobId,
		stage: &Stage,
		who: &T::AccountId,
		piece: &u32,
	) -> TransactionValidityWithRefund {
		let demands = Demands::<T>::get(job);
		let demand = demands.iter().find(|demand| (&demand.stage, &demand.who, &demand.piece) == (stage, who, piece));
		let due = demand.is_some_and(|demand| frame_system::Pallet::<T>::block_number() > demand.deadline);
		// One of them ends the job.
		Self::authorize(due, ("expire_demand", job))
	}

	/// Nobody pays for looking at what does not hold: only proofs that are quick to check can do without an account.
	pub(crate) fn authorize_report_fault(
		_: TransactionSource,
		job: &JobId,
		fault: &Fault,
	) -> TransactionValidityWithRefund {
		Self::authorize(Self::is_quick_fault(*job, fault), ("report_fault", job))
	}

	/// At most one of each kind for a job is in the pool, and none before it is due.
	fn authorize(due: bool, tag: impl Encode) -> TransactionValidityWithRefund {
		if !due {
			return Err(InvalidTransaction::Stale.into());
		}
		let valid = ValidTransaction::with_tag_prefix("Bmpc").and_provides(tag).longevity(LONGEVITY).propagate(true);
		Ok((valid.build()?, Weight::zero()))
	}

	/// Send whatever is due, and the faults that this node's watchers found.
	pub(crate) fn submit_due_calls() {
		for call in Self::due_calls().into_iter().chain(Self::watched_faults()) {
			let transaction = T::create_authorized_transaction(call.into());
			// What is in the pool already is refused, and that is well.
			let _ = SubmitTransaction::<T, Call<T>>::submit_transaction(transaction);
		}
	}

	/// The faults in this node's local storage, of jobs that are under way; what does not hold is removed.
	fn watched_faults() -> Vec<Call<T>> {
		let open = Statuses::<T>::iter().filter(|(_, status)| !status.is_ended());
		open.filter_map(|(job, _)| {
			let key = Fault::storage_key(job);
			let mut stored = StorageValueRef::persistent(&key);
			let fault = stored.get::<Fault>().transpose()?.ok();
			let held = fault.filter(|fault| Self::is_quick_fault(job, fault));
			if held.is_none() {
				stored.clear();
			}
			held.map(|fault| Call::report_fault { job, fault: Box::new(fault) })
		})
		.collect()
	}

	/// What is due in the next block: for each job at most one call, which ends it.
	pub(crate) fn due_calls() -> Vec<Call<T>> {
		Statuses::<T>::iter().filter_map(|(job, status)| Self::due_call(job, &status, Self::next_block())).collect()
	}

	fn due_call(job: JobId, status: &StatusOf<T>, next: BlockNumberFor<T>) -> Option<Call<T>> {
		let demands = Demands::<T>::get(job);
		if let Some(demand) = demands.iter().find(|demand| next > demand.deadline) {
			let (stage, who, piece) = (demand.stage, demand.who.clone(), demand.piece);
			return Some(Call::expire_demand { job, stage, who, piece });
		}
		match status {
			_ if !demands.is_empty() => None,
			Status::Open { deadline, .. } if next > *deadline => Some(Call::expire { job }),
			Status::Challenge { until } if next > *until => Some(Call::settle { job }),
			_ => None,
		}
	}
}
