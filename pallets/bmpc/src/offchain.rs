//! Calls that need no account: whatever is due is sent by the nodes themselves, and accepted from nobody before.

use crate::{pallet::*, types::*};
use alloc::vec::Vec;
use codec::Encode;
use encrytrust_primitives::bmpc::{JobId, Stage, Status};
use frame_support::pallet_prelude::*;
use frame_system::{
	ensure_authorized, ensure_signed,
	offchain::SubmitTransaction,
	pallet_prelude::{BlockNumberFor, OriginFor},
};
use sp_runtime::{traits::BadOrigin, transaction_validity::TransactionValidityWithRefund};

/// Blocks for which a call stays in the pool before it is looked at again.
const LONGEVITY: TransactionLongevity = 16;

impl<T: Config> Pallet<T> {
	/// Anyone who signed, or the call that was found due.
	pub(crate) fn ensure_signed_or_authorized(origin: OriginFor<T>) -> Result<(), BadOrigin> {
		ensure_authorized(origin.clone()).or_else(|_| ensure_signed(origin).map(|_| ()))
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

	/// At most one of each kind for a job is in the pool, and none before it is due.
	fn authorize(due: bool, tag: impl Encode) -> TransactionValidityWithRefund {
		if !due {
			return Err(InvalidTransaction::Stale.into());
		}
		let valid = ValidTransaction::with_tag_prefix("Bmpc").and_provides(tag).longevity(LONGEVITY).propagate(true);
		Ok((valid.build()?, Weight::zero()))
	}

	/// Send whatever is due.
	pub(crate) fn submit_due_calls() {
		for call in Self::due_calls() {
			let transaction = T::create_authorized_transaction(call.into());
			// What is in the pool already is refused, and that is well.
			let _ = SubmitTransaction::<T, Call<T>>::submit_transaction(transaction);
		}
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
