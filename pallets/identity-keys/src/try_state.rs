//! What must hold between blocks; one function each.

use crate::{pallet::*, types::*};
use alloc::{collections::BTreeMap, vec::Vec};
use encrytrust_groth16::{PreparedKey, VerifyingKey as Groth16Key};
use encrytrust_traits::key_registry::KeyRegistry;
use encrytrust_types::identity::{KeyChange, KeyStatus};
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Check all invariants: for `try_state`, and for tests of the whole runtime.
	pub fn do_try_state() -> Result<(), DispatchError> {
		Self::try_state_requests()?;
		Self::try_state_keys()?;
		Self::try_state_succession()?;
		Self::try_state_public_keys()?;
		Self::try_state_histories()?;
		Self::try_state_holds()?;
		Self::try_state_verifying_key()
	}

	/// Each request is its owner's only one, and its owner has no active key.
	fn try_state_requests() -> Result<(), DispatchError> {
		for (id, request) in Requests::<T>::iter() {
			ensure!(id < NextKeyId::<T>::get(), "a request of an id to come");
			ensure!(RequestedBy::<T>::get(&request.owner) == Some(id), "a request that its owner does not know of");
			ensure!(!Self::is_active(&request.owner), "a request beside an active key");
			ensure!(request.requested_at <= request.expires_at, "a request that never could be issued");
		}
		ensure!(Requests::<T>::iter().count() == RequestedBy::<T>::iter().count(), "an owner of no request");
		Ok(())
	}

	/// Only an account's newest key is active, and only active keys have a deposit.
	fn try_state_keys() -> Result<(), DispatchError> {
		for (id, key) in Keys::<T>::iter() {
			ensure!(id < NextKeyId::<T>::get(), "a key of an id to come");
			ensure!(!Requests::<T>::contains_key(id), "a key that was not issued");
			let active = key.status == KeyStatus::Active;
			ensure!(!active || NewestKey::<T>::get(&key.owner) == Some(id), "an active key that is not the newest");
			ensure!(active || key.deposit == 0, "a deposit for a key that has ended");
		}
		Ok(())
	}

	/// From its newest key on, all keys of an account can be reached, each once; and what a key was rotated to exists.
	fn try_state_succession() -> Result<(), DispatchError> {
		let mut reached = 0usize;
		for (owner, newest) in NewestKey::<T>::iter() {
			let mut next = Some(newest);
			while let Some(id) = next {
				let key = Keys::<T>::get(id).ok_or("a key before another is missing")?;
				ensure!(key.owner == owner, "a key before another is somebody else's");
				ensure!(key.previous.is_none_or(|previous| previous < id), "a key before another is younger");
				if let KeyStatus::Rotated { to } = key.status {
					let successor = Keys::<T>::get(to).ok_or("a key was rotated to none")?;
					ensure!(successor.previous == Some(id), "a key was rotated to a stranger");
				}
				reached = reached.saturating_add(1);
				next = key.previous;
			}
		}
		ensure!(reached == Keys::<T>::iter().count(), "a key cannot be reached from its owner");
		Ok(())
	}

	/// Each public key was issued once.
	fn try_state_public_keys() -> Result<(), DispatchError> {
		for (public_key, id) in IssuedKeys::<T>::iter() {
			let key = Keys::<T>::get(id).ok_or("an issued public key without a key")?;
			ensure!(key.terms.public_key == public_key, "a public key of another key");
		}
		ensure!(IssuedKeys::<T>::iter().count() == Keys::<T>::iter().count(), "a public key was issued twice");
		Ok(())
	}

	/// A history begins as a key does, and ends as its key did.
	fn try_state_histories() -> Result<(), DispatchError> {
		for (id, key) in Keys::<T>::iter() {
			let history = Histories::<T>::get(id);
			ensure!(history.is_sorted_by_key(|event| event.at), "a history out of order");
			let changes: Vec<_> = history.iter().map(|event| event.change).collect();
			let end = match changes.as_slice() {
				[KeyChange::Requested, KeyChange::Issued, end @ ..] | [KeyChange::Succeeded { .. }, end @ ..] => end,
				_ => return Err("a history without a beginning".into()),
			};
			ensure!(
				match (key.status, end) {
					(KeyStatus::Active, []) | (KeyStatus::Revoked, [KeyChange::Revoked { .. }]) => true,
					(KeyStatus::Rotated { to }, [KeyChange::Rotated { to: recorded, .. }]) => to == *recorded,
					_ => false,
				},
				"a history of another end"
			);
		}
		ensure!(Histories::<T>::iter().count() == Keys::<T>::iter().count(), "a history without a key");
		Ok(())
	}

	/// What requests and keys say is what is on hold.
	fn try_state_holds() -> Result<(), DispatchError> {
		let requests = Requests::<T>::iter_values().map(|request| (request.owner, request.deposit));
		let keys = Keys::<T>::iter_values().map(|key| (key.owner, key.deposit));
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		for (owner, deposit) in requests.chain(keys) {
			let sum = deposits.entry(owner).or_default();
			*sum = sum.saturating_add(deposit);
		}
		for (owner, deposit) in deposits {
			let held = T::Currency::balance_on_hold(&HoldReason::KeyDeposit.into(), &owner);
			ensure!(held == deposit, "deposits are not what is on hold");
		}
		Ok(())
	}

	/// The prepared key is that of the verifying key.
	fn try_state_verifying_key() -> Result<(), DispatchError> {
		let prepared = CurrentVerifyingKey::<T>::get()
			.map(|key| Groth16Key::decode(&key.bytes).map(|key| PreparedKey::from(&key).encode()))
			.transpose()
			.map_err(|_| "the verifying key is none")?;
		let stored = CurrentPreparedKey::<T>::get().map(|prepared| prepared.into_inner());
		ensure!(prepared == stored, "the prepared key is another key's");
		Ok(())
	}
}
