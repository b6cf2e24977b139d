//! Unsigned calls: nodes submit what is due themselves, and it is not accepted before it is due.

use crate::{pallet::*, types::*};
use alloc::{boxed::Box, vec::Vec};
use codec::Encode;
use encrytrust_fault_proofs::Fault;
use encrytrust_types::{
	job::{Demand, Stage, Status},
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

/// Blocks for which a call stays in the pool before it is validated again.
const LONGEVITY: TransactionLongevity = 16;

impl<T: Config> Pallet<T> {
	/// The signer, or `None` for an authorized unsigned call.
	pub(crate) fn ensure_signed_or_authorized(origin: OriginFor<T>) -> Result<Option<T::AccountId>, BadOrigin> {
		match ensure_authorized(origin.clone()) {
			Ok(()) => Ok(None),
			Err(_) => ensure_signed(origin).map(Some),
		}
	}

	pub(crate) fn authorize_settle(_: TransactionSource, job_id: &JobId) -> TransactionValidityWithRefund {
		let now = frame_system::Pallet::<T>::block_number();
		let due = matches!(Statuses::<T>::get(job_id), Some(Status::Challenge { until }) if now > until);
		Self::authorize(due && Self::open_demands(*job_id) == 0, ("settle", job_id))
	}

	pub(crate) fn authorize_expire(_: TransactionSource, job_id: &JobId) -> TransactionValidityWithRefund {
		let now = frame_system::Pallet::<T>::block_number();
		let due = matches!(Statuses::<T>::get(job_id), Some(Status::Open { deadline, .. }) if now > deadline);
		Self::authorize(due && Self::open_demands(*job_id) == 0, ("expire", job_id))
	}

	pub(crate) fn authorize_expire_demand(
		_: TransactionSource,
		job_id: &JobId,
		stage: &Stage,
		who: &T::AccountId,
		piece: &u32,
	) -> TransactionValidityWithRefund {
		let demands = Demands::<T>::get(job_id);
		let demand = demands.iter().find(|demand| (&demand.stage, &demand.who, &demand.piece) == (stage, who, piece));
		let due = demand.is_some_and(|demand| frame_system::Pallet::<T>::block_number() > demand.deadline);
		// One of them ends the job.
		Self::authorize(due, ("expire_demand", job_id))
	}

	/// Nobody pays for the verification of an invalid unsigned proof, so only proofs that are cheap to verify are
	/// accepted unsigned.
	pub(crate) fn authorize_report_fault(
		_: TransactionSource,
		job_id: &JobId,
		fault: &Fault,
	) -> TransactionValidityWithRefund {
		Self::authorize(Self::is_valid_unsigned_fault(*job_id, fault), ("report_fault", job_id))
	}

	/// The pool has at most one call of each kind for a job, and none before it is due.
	fn authorize(due: bool, tag: impl Encode) -> TransactionValidityWithRefund {
		if !due {
			return Err(InvalidTransaction::Stale.into());
		}
		let valid = ValidTransaction::with_tag_prefix("Bmpc").and_provides(tag).longevity(LONGEVITY).propagate(true);
		Ok((valid.build()?, Weight::zero()))
	}

	/// Submit the calls that are due, and the faults that this node's watchers found.
	pub(crate) fn submit_due_calls() {
		for call in Self::due_calls().into_iter().chain(Self::watched_faults()) {
			let transaction = T::create_authorized_transaction(call.into());
			// A call that is already in the pool is rejected, as it should be.
			let _ = SubmitTransaction::<T, Call<T>>::submit_transaction(transaction);
		}
	}

	/// The faults in this node's local storage of jobs under way; invalid ones are removed.
	fn watched_faults() -> Vec<Call<T>> {
		let open = Statuses::<T>::iter().filter(|(_, status)| !status.is_ended());
		open.filter_map(|(job, _)| {
			let key = Fault::storage_key(job);
			let mut stored = StorageValueRef::persistent(&key);
			let fault = stored.get::<Fault>().transpose()?.ok();
			let held = fault.filter(|fault| Self::is_valid_unsigned_fault(job, fault));
			if held.is_none() {
				stored.clear();
			}
			held.map(|fault| Call::report_fault { job_id: job, fault: Box::new(fault) })
		})
		.collect()
	}

	/// The calls that are due in the next block: for each job at most one, which ends it.
	pub(crate) fn due_calls() -> Vec<Call<T>> {
		Statuses::<T>::iter().filter_map(|(job, status)| Self::due_call(job, &status, Self::next_block())).collect()
	}

	fn due_call(job_id: JobId, status: &StatusOf<T>, next: BlockNumberFor<T>) -> Option<Call<T>> {
		let demands = Demands::<T>::get(job_id);
		if let Some(demand) = demands.iter().find(|demand| next > demand.deadline) {
			let Demand { stage, who, piece, .. } = demand.clone();
			return Some(Call::expire_demand { job_id, stage, who, piece });
		}
		match status {
			_ if !demands.is_empty() => None,
			Status::Open { deadline, .. } if next > *deadline => Some(Call::expire { job_id }),
			Status::Challenge { until } if next > *until => Some(Call::settle { job_id }),
			_ => None,
		}
	}
}
