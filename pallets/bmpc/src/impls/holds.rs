//! Money on hold: storage deposits, and payments out of a hold.

use crate::{pallet::*, types::*};
use codec::{Encode, MaxEncodedLen};
use core::cmp::Ordering;
use encrytrust_traits::fees::ServiceFees;
use encrytrust_types::job::{Commitment, MaskKey, Stage};
use frame_support::{
	pallet_prelude::*,
	storage::with_storage_layer,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
		Footprint,
	},
};
use sp_runtime::traits::{Convert, Zero};

impl<T: Config> Pallet<T> {
	/// The deposit for one value of `size` bytes.
	pub(super) fn deposit_for(size: usize) -> BalanceOf<T> {
		T::StorageDeposit::convert(Footprint::from_parts(1, size))
	}

	/// The bytes that a job stores: the contract, the data providers' mask keys and all later commitments.
	pub(super) fn job_size(contract: &ContractOf<T>) -> usize {
		let commitments = Stage::ALL.into_iter().skip(1).map(|stage| Self::expected_parties(contract, stage).count());
		let commitment = Commitment::max_encoded_len().saturating_add(T::AccountId::max_encoded_len());
		let mask_keys = contract.data.len().saturating_mul(Option::<MaskKey>::max_encoded_len());
		let commitments = commitments.sum::<usize>().saturating_mul(commitment);
		contract.encoded_size().saturating_add(mask_keys).saturating_add(commitments)
	}

	pub(super) fn adjust_deposit(who: &T::AccountId, old: BalanceOf<T>, new: BalanceOf<T>) -> DispatchResult {
		let reason = HoldReason::StorageDeposit.into();
		match new.cmp(&old) {
			Ordering::Greater => T::Currency::hold(&reason, who, new.saturating_sub(old)),
			Ordering::Less => T::Currency::release(&reason, who, old.saturating_sub(new), Precision::Exact).map(|_| ()),
			Ordering::Equal => Ok(()),
		}
	}

	/// Pay `amount` of what `payer` has on hold for `reason` to `payee`, and return who received it. An account that
	/// cannot take it must not block others: the fees' destination takes its place, and `payer` that of the fees'
	/// destination.
	pub(super) fn pay_on_hold(
		reason: HoldReason,
		payer: &T::AccountId,
		payee: &T::AccountId,
		amount: BalanceOf<T>,
	) -> Result<T::AccountId, DispatchError> {
		let reason = reason.into();
		for recipient in [payee.clone(), T::ServiceFees::destination()] {
			let transfer = || {
				T::Currency::transfer_on_hold(
					&reason,
					payer,
					&recipient,
					amount,
					Precision::Exact,
					Restriction::Free,
					// A lock that the payer puts on its account must not hold up what it owes.
					Fortitude::Force,
				)
			};
			if amount.is_zero() || with_storage_layer(transfer).is_ok() {
				return Ok(recipient);
			}
		}
		T::Currency::release(&reason, payer, amount, Precision::Exact)?;
		Ok(payer.clone())
	}
}
