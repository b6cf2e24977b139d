//! The runtime API, for clients.

use crate::{pallet::*, types::*};
use alloc::{collections::BTreeSet, vec::Vec};
use codec::Codec;
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System};
use sp_runtime::traits::{One, Saturating};

sp_api::decl_runtime_apis! {
	/// Validators and bonds.
	pub trait BondsApi<AccountId, BlockNumber>
	where
		AccountId: Codec,
		BlockNumber: Codec,
	{
		/// The parameters.
		fn parameters() -> Parameters<BlockNumber>;

		/// The era under way with its validators.
		fn era() -> EraInfo<AccountId>;

		/// All validators and candidates, the largest bond first.
		fn validators() -> Vec<ValidatorInfo<AccountId>>;

		/// A bond; `None` if `who` has none of this kind.
		fn bond(kind: BondKind, who: AccountId) -> Option<BondInfo<BlockNumber>>;
	}
}

impl<T: Config> Pallet<T> {
	/// The parameters.
	pub fn parameters() -> ParametersOf<T> {
		CurrentParameters::<T>::get()
	}

	/// The era under way with its validators.
	pub fn era() -> EraInfo<T::AccountId> {
		let Era { index, start_session, sessions } = CurrentEra::<T>::get();
		EraInfo { index, start_session, sessions, elected: Elected::<T>::get().validators.into_inner() }
	}

	/// All validators and candidates, the largest bond first.
	pub fn validators() -> Vec<ValidatorInfo<T::AccountId>> {
		let elected = Elected::<T>::get();
		let candidates: BTreeSet<_> = Candidates::<T>::get().into_iter().collect();
		let rate = CurrentParameters::<T>::get().reward_per_block;
		let everyone: BTreeSet<_> = elected.validators.iter().map(|(who, _)| who).chain(&candidates).collect();
		let mut validators: Vec<_> = everyone
			.into_iter()
			.map(|who| {
				let exposure = elected.exposure(who);
				let points = Points::<T>::get(who);
				ValidatorInfo {
					who: who.clone(),
					stake: Self::active(BondKind::Validator, who),
					points,
					pending_reward: Self::reward(points, rate),
					elected: exposure.is_some(),
					candidate: candidates.contains(who),
					exposure: exposure.unwrap_or_default(),
				}
			})
			.collect();
		// Stable: for equal bonds the smaller account stays first.
		validators.sort_by_key(|validator| core::cmp::Reverse(validator.stake));
		validators
	}

	/// A bond; `None` if `who` has none of this kind.
	pub fn bond_info(kind: BondKind, who: T::AccountId) -> Option<BondInfo<BlockNumberFor<T>>> {
		let ledger = Ledgers::<T>::get(kind, who)?;
		let next_block = System::<T>::block_number().saturating_add(One::one());
		Some(BondInfo {
			active: ledger.active,
			engaged: ledger.engaged,
			available: ledger.available(),
			withdrawable: ledger.withdrawable(next_block),
			unbonding: ledger.unbonding.into_inner(),
		})
	}
}
