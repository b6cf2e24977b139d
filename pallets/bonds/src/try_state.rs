//! Invariants between blocks, one function each.

use crate::{election, pallet::*, types::*, ValidatorSessions};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::{traits::Zero, DispatchError};

impl<T: Config> Pallet<T> {
	/// Check all invariants: for `try_state`, and for tests of the whole runtime.
	pub fn do_try_state() -> Result<(), DispatchError> {
		Self::check_parameters(&CurrentParameters::<T>::get())?;
		Self::try_state_ledgers()?;
		Self::try_state_holds()?;
		Self::try_state_candidates()?;
		Self::try_state_elections()?;
		Self::try_state_points()?;
		Self::try_state_validators()?;
		Self::try_state_sessions()
	}

	/// No ledger is empty, its parts are in order and not empty, and only service bonds are engaged.
	fn try_state_ledgers() -> Result<(), DispatchError> {
		for (kind, _, ledger) in Ledgers::<T>::iter() {
			ensure!(!ledger.is_empty(), "an empty ledger");
			ensure!(kind == BondKind::Service || ledger.engaged.is_zero(), "a validator's bond is engaged");
			let chunks = &ledger.unbonding;
			ensure!(chunks.iter().all(|chunk| !chunk.amount.is_zero()), "an empty part of a bond");
			ensure!(chunks.iter().all(|chunk| chunk.since < chunk.until), "a part matures before it is unbonded");
			ensure!(chunks.is_sorted_by_key(|chunk| chunk.since), "parts of a bond out of order");
		}
		Ok(())
	}

	/// The total of a ledger is on hold.
	fn try_state_holds() -> Result<(), DispatchError> {
		for (kind, who, ledger) in Ledgers::<T>::iter() {
			let held = T::Currency::balance_on_hold(&kind.hold_reason().into(), &who);
			ensure!(held == ledger.total(), "a bond is not what is on hold");
		}
		Ok(())
	}

	/// Candidates are sorted, each once, and have a bond.
	fn try_state_candidates() -> Result<(), DispatchError> {
		let candidates = Candidates::<T>::get();
		ensure!(candidates.is_sorted_by(|a, b| a < b), "candidates out of order");
		let bonded = |who| !Self::active(BondKind::Validator, who).is_zero();
		ensure!(candidates.iter().all(bonded), "a candidate without bond");
		Ok(())
	}

	/// Elected validators are in the order of their stakes, each once, and have a stake.
	fn try_state_elections() -> Result<(), DispatchError> {
		for Election { validators, .. } in [Elected::<T>::get(), Planned::<T>::get().unwrap_or_default()] {
			let mut ranked = validators.to_vec();
			election::rank(&mut ranked);
			ensure!(ranked == *validators, "the elected are out of order");
			let accounts: BTreeSet<_> = validators.iter().map(|(who, _)| who).collect();
			ensure!(accounts.len() == validators.len(), "an account is elected twice");
			ensure!(validators.iter().all(|(_, stake)| !stake.is_zero()), "a validator without stake");
		}
		Ok(())
	}

	/// Only validators have points, and none has zero.
	fn try_state_points() -> Result<(), DispatchError> {
		let elected = Elected::<T>::get();
		for (who, points) in Points::<T>::iter() {
			ensure!(elected.exposure(&who).is_some(), "points of an account that is not a validator");
			ensure!(points > 0, "zero points");
		}
		Ok(())
	}

	/// Every acting validator has a known stake: offences can be proven and punished.
	fn try_state_validators() -> Result<(), DispatchError> {
		let elected = Elected::<T>::get();
		let known = |who| elected.exposure(who).is_some();
		ensure!(T::Sessions::validators().iter().all(known), "a validator was not elected");
		Ok(())
	}

	/// The sessions on record are consecutive, and charges are for offences in them.
	fn try_state_sessions() -> Result<(), DispatchError> {
		let mut sessions: Vec<_> = SessionRecords::<T>::iter_keys().collect();
		sessions.sort_unstable();
		let expected = (OldestSession::<T>::get()..).take(sessions.len());
		ensure!(sessions.iter().copied().eq(expected), "a session is missing");
		let known = |(session, _)| sessions.contains(&session);
		ensure!(SessionSlashes::<T>::iter_keys().all(known), "a charge for a forgotten session");
		Ok(())
	}
}
