//! What the call and the inherent do.

use crate::{pallet::*, types::*, WeightInfo};
use alloc::{collections::BTreeSet, vec::Vec};
use encrytrust_traits::finality::FinalityClock;
use frame_support::{
	defensive, ensure,
	traits::{FindAuthor, Get, ValidatorSet},
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System};
use sp_runtime::{
	traits::{One, Saturating, UniqueSaturatedInto},
	DispatchResult,
};

impl<T: Config> Pallet<T> {
	/// Check that there can be validators, and that the inherent fits into a block.
	pub(crate) fn check_config() {
		assert!(T::MaxValidators::get() > 0, "there are no validators");
		let block = T::BlockWeights::get().max_block;
		assert!(<T as Config>::WeightInfo::attest().all_lte(block), "a block has no room for an attestation");
	}

	pub(crate) fn do_attest(finalized: BlockNumberFor<T>) -> DispatchResult {
		let at = System::<T>::block_number();
		ensure!(finalized < at, Error::<T>::NotAnAncestor);
		let validators = T::ValidatorSet::validators();
		let author = Self::author_among(&validators).ok_or(Error::<T>::NotValidator)?;
		Self::record(author, Attestation { finalized, at }, validators)
	}

	/// The block's author, if it is one of `validators`.
	///
	/// It is looked up anew: `Authorship` remembers whom it found when the block began, before a new session's validators
	/// were there, among whom the author has another index.
	pub(crate) fn author_among(validators: &[T::AccountId]) -> Option<T::AccountId> {
		let digest = System::<T>::digest();
		let items = digest.logs.iter().filter_map(|item| item.as_pre_runtime());
		T::FindAuthor::find_author(items).filter(|author| validators.contains(author))
	}

	/// Record the attestation of one of `validators`, and move the clock.
	pub(crate) fn record(
		author: T::AccountId,
		attestation: Attestation<BlockNumberFor<T>>,
		validators: Vec<T::AccountId>,
	) -> DispatchResult {
		let at_block = attestation.at;
		let mut latest = Attestations::<T>::get();
		let is_new = latest.get(&author).is_none_or(|previous| previous.at < attestation.at);
		ensure!(is_new, Error::<T>::AlreadyAttested);
		let validators: BTreeSet<_> = validators.into_iter().collect();
		latest.retain(|who, _| validators.contains(who));
		if latest.try_insert(author, attestation).is_err() {
			// Not an error: no author could make a block.
			defensive!("there are more validators than the maximum");
		}

		let attested = |who| latest.get(who).map(|attestation| attestation.finalized).unwrap_or_default();
		if let Some(median) = lower_median(validators.iter().map(attested).collect()) {
			let most = Now::<T>::get().saturating_add(Self::longest_step(at_block));
			Now::<T>::mutate(|now| *now = median.min(most).max(*now));
		}
		Attestations::<T>::put(latest);
		Ok(())
	}
}

/// Blocks in one of which the clock may move by two: so it catches up with finality after a stall.
const CATCH_UP: u64 = 64;

impl<T: Config> Pallet<T> {
	/// By how much the clock moves in a block at most. Were it by more, a stall of finality that ends, or a majority of
	/// validators that attest nothing for a while, would have deadlines pass in a block.
	fn longest_step(at: BlockNumberFor<T>) -> BlockNumberFor<T> {
		let at: u64 = at.unique_saturated_into();
		if at.is_multiple_of(CATCH_UP) {
			2u32.into()
		} else {
			One::one()
		}
	}
}

/// The middle one, or of two middle ones the smaller; `None` of none.
pub(crate) fn lower_median<Height: Copy + Ord>(mut heights: Vec<Height>) -> Option<Height> {
	let place = heights.len().checked_sub(1)? / 2;
	let (_, median, _) = heights.select_nth_unstable(place);
	Some(*median)
}

impl<T: Config> FinalityClock<BlockNumberFor<T>> for Pallet<T> {
	fn now() -> BlockNumberFor<T> {
		Now::<T>::get()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set(now: BlockNumberFor<T>) {
		Now::<T>::put(now);
	}
}
