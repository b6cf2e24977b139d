//! Key owners: the session keys that are active in a session, with their validators and what these have at stake.
//!
//! Equivocation reports are checked against these records, which never change. See ADR 0027.

pub use pallet::*;

use crate::Balance;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{marker::PhantomData, ops::RangeInclusive};
use frame_support::{
	traits::{Get, KeyOwnerProofSystem},
	BoundedVec,
};
use pallet_session::SessionManager;
use scale_info::TypeInfo;
use sp_consensus_babe::Slot;
use sp_consensus_grandpa::SetId;
use sp_core::crypto::KeyTypeId;
use sp_runtime::traits::{Convert, OpaqueKeys};
use sp_session::{GetSessionNumber, GetValidatorCount, ValidatorCount};
use sp_staking::SessionIndex;

/// A validator of a session.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KeyOwner<AccountId, Keys> {
	pub account: AccountId,
	/// What it has at stake.
	pub exposure: Balance,
	/// The keys that it signs with in this session.
	pub keys: Keys,
}

/// The validators of a session.
pub type KeyOwnersOf<T> = BoundedVec<
	KeyOwner<<T as pallet_session::Config>::ValidatorId, <T as pallet_session::Config>::Keys>,
	<T as Config>::MaxValidators,
>;

/// Where to look a key up. The record itself is on chain, so this proves nothing that has to be checked further.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct KeyOwnerProof {
	pub session: SessionIndex,
	/// The number of validators of the session, which the slashed fraction depends on.
	pub validator_count: ValidatorCount,
}

impl GetSessionNumber for KeyOwnerProof {
	fn session(&self) -> SessionIndex {
		self.session
	}
}

impl GetValidatorCount for KeyOwnerProof {
	fn validator_count(&self) -> ValidatorCount {
		self.validator_count
	}
}

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;

	#[pallet::config]
	pub trait Config: frame_system::Config + pallet_session::Config<Keys: MaxEncodedLen> {
		/// What a validator of the session that begins has at stake; `None` if there is nothing to slash.
		type ExposureOf: Convert<Self::ValidatorId, Option<Balance>>;
		type MaxValidators: Get<u32>;
		/// Sessions for which records are kept. Lowering it needs a migration that removes the older ones.
		type EvidenceSessions: Get<SessionIndex>;
	}

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// The validators of the latest sessions. Indices are consecutive, so a fast hasher is safe.
	#[pallet::storage]
	pub type Records<T: Config> = StorageMap<_, Twox64Concat, SessionIndex, KeyOwnersOf<T>>;
}

impl<T: Config> Pallet<T> {
	/// Records the validators of a session that begins, and removes the record that is too old.
	///
	/// When `pallet_session` starts a session, its queued keys are still those that become active with it; those for the
	/// next session are queued afterwards. Genesis does the same.
	fn note_session(session: SessionIndex) {
		let owner = |(account, keys): (T::ValidatorId, T::Keys)| {
			let exposure = T::ExposureOf::convert(account.clone())?;
			Some(KeyOwner { account, exposure, keys })
		};
		let owners: Vec<_> = pallet_session::QueuedKeys::<T>::get().into_iter().filter_map(owner).collect();
		// BABE and GRANDPA have the same maximum.
		Records::<T>::insert(session, KeyOwnersOf::<T>::truncate_from(owners));
		if let Some(old) = session.checked_sub(T::EvidenceSessions::get()) {
			Records::<T>::remove(old);
		}
	}

	/// The proof that a key is active in a session, if it is.
	pub fn prove_in(session: SessionIndex, id: KeyTypeId, key: &[u8]) -> Option<KeyOwnerProof> {
		let owners = Records::<T>::get(session)?;
		let validator_count = owners.len() as ValidatorCount;
		find_owner(owners, id, key).map(|_| KeyOwnerProof { session, validator_count })
	}
}

fn find_owner<AccountId, Keys: OpaqueKeys>(
	owners: impl IntoIterator<Item = KeyOwner<AccountId, Keys>>,
	id: KeyTypeId,
	key: &[u8],
) -> Option<KeyOwner<AccountId, Keys>> {
	// A key of an unknown type is empty, and would be everyone's.
	let is_known = Keys::key_ids().contains(&id);
	owners.into_iter().find(|owner| is_known && owner.keys.get_raw(id) == key)
}

impl<T: Config, Key: AsRef<[u8]>> KeyOwnerProofSystem<(KeyTypeId, Key)> for Pallet<T> {
	type Proof = KeyOwnerProof;
	type IdentificationTuple = (T::ValidatorId, Balance);

	fn prove((id, key): (KeyTypeId, Key)) -> Option<Self::Proof> {
		Self::prove_in(pallet_session::CurrentIndex::<T>::get(), id, key.as_ref())
	}

	fn check_proof((id, key): (KeyTypeId, Key), proof: Self::Proof) -> Option<Self::IdentificationTuple> {
		let owners = Records::<T>::get(proof.session)?;
		if owners.len() as ValidatorCount != proof.validator_count {
			return None;
		}
		find_owner(owners, id, key.as_ref()).map(|owner| (owner.account, owner.exposure))
	}
}

/// A session manager that records the key owners of each session that `Inner` starts.
pub struct NoteKeyOwners<T, Inner>(PhantomData<(T, Inner)>);

impl<T: Config, Inner: SessionManager<T::ValidatorId>> SessionManager<T::ValidatorId> for NoteKeyOwners<T, Inner> {
	fn new_session(session: SessionIndex) -> Option<Vec<T::ValidatorId>> {
		Inner::new_session(session)
	}

	fn new_session_genesis(session: SessionIndex) -> Option<Vec<T::ValidatorId>> {
		Inner::new_session_genesis(session)
	}

	fn start_session(session: SessionIndex) {
		// First, because an era that begins with the session brings new exposures.
		Inner::start_session(session);
		Pallet::<T>::note_session(session);
	}

	fn end_session(session: SessionIndex) {
		Inner::end_session(session);
	}
}

/// The session that BABE expects in the proof about a key that signed in `slot`: that of the slot's epoch. Epochs without
/// any block have no session. As pallet-babe computes it for itself (`session_index_for_epoch`).
pub fn session_of_slot<T: pallet_babe::Config>(slot: Slot) -> SessionIndex {
	let since_genesis = *slot.saturating_sub(pallet_babe::GenesisSlot::<T>::get());
	let epoch = since_genesis.checked_div(T::EpochDuration::get()).unwrap_or_default();
	let skips = pallet_babe::SkippedEpochs::<T>::get();
	let last_skip = skips.iter().rev().find(|(resumed_at, _)| *resumed_at <= epoch);
	let skipped = last_skip.map_or(0, |(resumed_at, session)| resumed_at.saturating_sub((*session).into()));
	epoch.saturating_sub(skipped).try_into().unwrap_or(SessionIndex::MAX)
}

/// The sessions that GRANDPA accepts in the proof about a key that signed in the set `set_id`: the latest ones, as many as
/// there can be records of.
pub fn sessions_of_set<T: Config + pallet_grandpa::Config>(set_id: SetId) -> Option<RangeInclusive<SessionIndex>> {
	let last = pallet_grandpa::SetIdSession::<T>::get(set_id)?;
	let first = match set_id.checked_sub(1) {
		Some(previous) => pallet_grandpa::SetIdSession::<T>::get(previous)?.saturating_add(1),
		None => 0,
	};
	let oldest = last.saturating_add(1).saturating_sub(T::EvidenceSessions::get());
	Some(first.max(oldest)..=last)
}
