//! Invariants between blocks, one function each.

use crate::{pallet::*, types::*};
use frame_support::ensure;
use frame_system::Pallet as System;
use sp_runtime::{traits::Zero, DispatchError};

impl<T: Config> Pallet<T> {
	/// Check all invariants: for `try_state`, and for tests of the whole runtime.
	pub fn do_try_state() -> Result<(), DispatchError> {
		Self::try_state_now()?;
		Self::try_state_attestations()
	}

	/// The clock shows an ancestor of the block, or genesis.
	fn try_state_now() -> Result<(), DispatchError> {
		let now = Now::<T>::get();
		ensure!(now.is_zero() || now < System::<T>::block_number(), "the clock is ahead of the chain");
		Ok(())
	}

	/// Every attestation is about an ancestor of the block that it was made in, and no two were made in the same one.
	fn try_state_attestations() -> Result<(), DispatchError> {
		let latest = Attestations::<T>::get();
		let mut blocks = alloc::collections::BTreeSet::new();
		for Attestation { finalized, at } in latest.values() {
			ensure!(finalized < at, "an attestation about a block that is no ancestor");
			ensure!(*at <= System::<T>::block_number(), "an attestation of a later block");
			ensure!(blocks.insert(*at), "two attestations in a block");
		}
		Ok(())
	}
}
