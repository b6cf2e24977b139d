//! Benchmarks: as many validators as may, each with an attestation.

// Benchmarks never run on a chain.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use super::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::traits::{Get, ValidatorSet};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::{One, Saturating};

#[benchmarks]
mod benchmarks {
	use super::*;

	/// The call's work. Authors are in a digest that benchmarks do not have, and the chain that they run on has fewer
	/// validators than it may have, so both are looked up and others are taken.
	#[benchmark]
	fn attest() -> Result<(), BenchmarkError> {
		let validators: Vec<T::AccountId> =
			(0..T::MaxValidators::get()).map(|index| account("validator", index, 0)).collect();
		let mut latest = AttestationsOf::<T>::new();
		for (height, who) in validators.iter().enumerate() {
			let finalized = BlockNumberFor::<T>::from(height as u32);
			let attestation = Attestation { finalized, at: finalized.saturating_add(One::one()) };
			latest.try_insert(who.clone(), attestation).map_err(|_| "too many validators")?;
		}
		Attestations::<T>::put(latest);
		let finalized = BlockNumberFor::<T>::from(T::MaxValidators::get()).saturating_add(One::one());
		let attestation = Attestation { finalized, at: finalized.saturating_add(One::one()) };
		let author = validators[0].clone();
		#[block]
		{
			let current = T::ValidatorSet::validators();
			let _ = Pallet::<T>::author_among(&current);
			// The last of all is compared with every one.
			let _ = validators.contains(&validators[validators.len() - 1]);
			Pallet::<T>::record(author.clone(), attestation, validators)?;
		}
		assert_eq!(Attestations::<T>::get().get(&author), Some(&attestation));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_chain(), crate::mock::Test);
}
