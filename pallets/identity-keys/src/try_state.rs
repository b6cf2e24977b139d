//! Invariants between blocks, one function each.

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
			ensure!(id < NextKeyId::<T>::get(), "a request with an unused id");
			ensure!(RequestedBy::<T>::get(&request.owner) == Some(id), "a request that is not its owner's");
			ensure!(!Self::is_active(&request.owner), "a request next to an active key");
			ensure!(request.requested_at <= request.expires_at, "a request that never could be issued");
		}
		ensure!(Requests::<T>::iter().count() == RequestedBy::<T>::iter().count(), "an owner without request");
		Ok(())
	}

	/// Only an account's newest key is active, and every key has a deposit, those that have ended included.
	fn try_state_keys() -> Result<(), DispatchError> {
		for (id, key) in Keys::<T>::iter() {
			ensure!(id < NextKeyId::<T>::get(), "a key with an unused id");
			ensure!(!Requests::<T>::contains_key(id), "a key that was not issued");
			let active = key.status == KeyStatus::Active;
			ensure!(!active || NewestKey::<T>::get(&key.owner) == Some(id), "an active key that is not the newest");
			ensure!(key.deposit > 0, "a key without a deposit");
		}
		Ok(())
	}

	/// All keys of an account can be reached from its newest, each once; and the successors of rotated keys exist.
	fn try_state_succession() -> Result<(), DispatchError> {
		let mut reached = 0usize;
		for (owner, newest) in NewestKey::<T>::iter() {
			let mut next = Some(newest);
			while let Some(id) = next {
				let key = Keys::<T>::get(id).ok_or("a previous key is missing")?;
				ensure!(key.owner == owner, "a previous key belongs to another account");
				ensure!(key.previous.is_none_or(|previous| previous < id), "a previous key is newer");
				if let KeyStatus::Rotated { to } = key.status {
					let successor = Keys::<T>::get(to).ok_or("a successor is missing")?;
					ensure!(successor.previous == Some(id), "a successor does not name its predecessor");
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

	/// The deposits of requests and keys are on hold.
	fn try_state_holds() -> Result<(), DispatchError> {
		let requests = Requests::<T>::iter_values().map(|request| (request.owner, request.deposit));
		let keys = Keys::<T>::iter_values().map(|key| (key.depositor, key.deposit));
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		for (depositor, deposit) in requests.chain(keys) {
			let sum = deposits.entry(depositor).or_default();
			*sum = sum.saturating_add(deposit);
		}
		for (depositor, deposit) in deposits {
			let held = T::Currency::balance_on_hold(&HoldReason::KeyDeposit.into(), &depositor);
			ensure!(held == deposit, "deposits are not what is on hold");
		}
		Ok(())
	}

	/// The prepared key is that of the verifying key.
	fn try_state_verifying_key() -> Result<(), DispatchError> {
		let prepared = CurrentVerifyingKey::<T>::get()
			.map(|key| Groth16Key::decode(&key.bytes).map(|key| PreparedKey::from(&key).encode()))
			.transpose()
			.map_err(|_| "the verifying key is invalid")?;
		let stored = CurrentPreparedKey::<T>::get().map(|prepared| prepared.into_inner());
		ensure!(prepared == stored, "the prepared key is another key's");
		Ok(())
	}
}
