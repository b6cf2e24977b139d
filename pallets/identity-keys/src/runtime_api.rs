//! What clients ask of the runtime.

use crate::{pallet::*, types::*};
use alloc::vec::Vec;
use codec::Codec;
use encrytrust_groth16::identity::DEV_VERIFYING_KEY;
use encrytrust_traits::key_registry::KeyRegistry;
use encrytrust_types::identity::{
	Action, Key, KeyEvent, KeyId, KeyRequest, PublicKey, Standing, Statement, VerifyingKeyInfo,
};

/// The maximal number of keys that the runtime API returns at once.
pub const MAX_PAGE: u32 = 64;

sp_api::decl_runtime_apis! {
	/// Identity keys.
	pub trait IdentityApi<AccountId, Balance, BlockNumber>
	where
		AccountId: Codec,
		Balance: Codec,
		BlockNumber: Codec,
	{
		/// An issued key; `None` if there is none of this id.
		fn key(id: KeyId) -> Option<Key<AccountId, Balance>>;

		/// A request; `None` if it was issued, refused or removed, or never was.
		fn request(id: KeyId) -> Option<KeyRequest<AccountId, Balance, BlockNumber>>;

		/// What `who` has to do with identity keys.
		fn standing(who: AccountId) -> Standing;

		/// The keys of `who`, the newest first: at most `limit`, and never more than 64; the next page begins with the key
		/// that the last of this one names as the one before it, `from`.
		fn keys_of(who: AccountId, from: Option<KeyId>, limit: u32) -> Vec<(KeyId, Key<AccountId, Balance>)>;

		/// All that happened to an issued key, in order.
		fn history(id: KeyId) -> Vec<KeyEvent<AccountId, BlockNumber>>;

		/// What a proof by which `submitter` revokes the key, or rotates it to `new_key`, has to be about, and what that was
		/// computed from; `None` if there is no such key.
		fn statement(id: KeyId, submitter: AccountId, new_key: Option<PublicKey>) -> Option<Statement>;

		/// The key that proofs are verified with.
		fn verifying_key() -> Option<VerifyingKeyInfo>;

		/// Who may issue keys, in an order that is fixed but means nothing.
		fn authentication_nodes() -> Vec<AccountId>;

		/// Whether nobody may start anything without an active key.
		fn identity_required() -> bool;
	}
}

impl<T: Config> Pallet<T> {
	/// An issued key.
	pub fn key(id: KeyId) -> Option<KeyOf<T>> {
		Keys::<T>::get(id)
	}

	/// A request.
	pub fn request(id: KeyId) -> Option<KeyRequestOf<T>> {
		Requests::<T>::get(id)
	}

	/// What `who` has to do with identity keys.
	pub fn standing(who: &T::AccountId) -> Standing {
		Standing {
			newest: NewestKey::<T>::get(who),
			requested: RequestedBy::<T>::get(who),
			active: Self::is_active(who),
			may_start: Self::may_start(who),
		}
	}

	/// The keys of `who`, the newest first.
	pub fn keys_of(who: &T::AccountId, from: Option<KeyId>, limit: u32) -> Vec<(KeyId, KeyOf<T>)> {
		let owned = |id: KeyId| Keys::<T>::get(id).filter(|key| key.owner == *who).map(|key| (id, key));
		let first = from.or_else(|| NewestKey::<T>::get(who)).and_then(owned);
		let keys = core::iter::successors(first, |(_, key)| key.previous.and_then(owned));
		keys.take(limit.min(MAX_PAGE) as usize).collect()
	}

	/// All that happened to an issued key.
	pub fn history(id: KeyId) -> Vec<KeyEventOf<T>> {
		Histories::<T>::get(id).into_inner()
	}

	/// What a proof has to be about.
	pub fn statement(id: KeyId, submitter: &T::AccountId, new_key: Option<PublicKey>) -> Option<Statement> {
		let terms = Keys::<T>::get(id)?.terms;
		let action = new_key.as_ref().map_or(Action::Revoke, |key| Action::Rotate { new_key: key.bytes() });
		Some(Statement {
			genesis: Self::genesis(),
			commitment: terms.commitment,
			fingerprint: terms.public_key.fingerprint(),
			context: Self::context(id, action, submitter),
		})
	}

	/// The key that proofs are verified with.
	pub fn verifying_key_info() -> Option<VerifyingKeyInfo> {
		let VerifyingKey { version, bytes } = CurrentVerifyingKey::<T>::get()?;
		let development = bytes[..] == DEV_VERIFYING_KEY[..];
		Some(VerifyingKeyInfo { version, bytes: bytes.into_inner(), development })
	}

	/// Who may issue keys.
	pub fn authentication_nodes() -> Vec<T::AccountId> {
		AuthenticationNodes::<T>::iter_keys().collect()
	}

	/// Whether nobody may start anything without an active key.
	pub fn identity_required() -> bool {
		IdentityRequired::<T>::get()
	}
}
