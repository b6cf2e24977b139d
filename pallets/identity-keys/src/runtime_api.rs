//! The runtime API, for clients.

use crate::{pallet::*, types::*};
use alloc::vec::Vec;
use codec::Codec;
use encrytrust_groth16::identity::DEV_VERIFYING_KEY;
use encrytrust_traits::key_registry::KeyRegistry;
use encrytrust_types::identity::{
	Action, Key, KeyEvent, KeyId, KeyRequest, KeyTerms, Standing, Statement, VerifyingKeyInfo,
};

/// The maximum number of keys that the runtime API returns at once.
pub const MAX_PAGE: u32 = 64;

sp_api::decl_runtime_apis! {
	/// Identity keys.
	pub trait IdentityApi<AccountId, Balance, BlockNumber>
	where
		AccountId: Codec,
		Balance: Codec,
		BlockNumber: Codec,
	{
		/// An issued key; `None` if there is none with this id.
		fn key(id: KeyId) -> Option<Key<AccountId, Balance>>;

		/// A request; `None` if it was issued, refused or removed, or never existed.
		fn request(id: KeyId) -> Option<KeyRequest<AccountId, Balance, BlockNumber>>;

		/// The standing of `who`: its newest key, its request, and what it can do.
		fn standing(who: AccountId) -> Standing;

		/// The keys of `who`, the newest first: at most `limit`, and never more than 64. The next page starts `from`
		/// the previous key of the last one of this page.
		fn keys_of(who: AccountId, from: Option<KeyId>, limit: u32) -> Vec<(KeyId, Key<AccountId, Balance>)>;

		/// The history of an issued key, in order.
		fn history(id: KeyId) -> Vec<KeyEvent<AccountId, BlockNumber>>;

		/// The statement that `submitter` has to prove to revoke the key, or to rotate it to a key of `new_terms`, and
		/// what it is computed from; `None` if there is no such key.
		fn statement(id: KeyId, submitter: AccountId, new_terms: Option<KeyTerms>) -> Option<Statement>;

		/// The key with which proofs are verified.
		fn verifying_key() -> Option<VerifyingKeyInfo>;

		/// The accounts that may issue keys, in a fixed order without meaning.
		fn authentication_nodes() -> Vec<AccountId>;

		/// Whether only accounts with an active key can participate in something new.
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

	/// The standing of `who`.
	pub fn standing(who: &T::AccountId) -> Standing {
		Standing {
			newest: NewestKey::<T>::get(who),
			requested: RequestedBy::<T>::get(who),
			active: Self::is_active(who),
			can_participate: Self::can_participate(who),
		}
	}

	/// The keys of `who`, the newest first.
	pub fn keys_of(who: &T::AccountId, from: Option<KeyId>, limit: u32) -> Vec<(KeyId, KeyOf<T>)> {
		let owned = |id: KeyId| Keys::<T>::get(id).filter(|key| key.owner == *who).map(|key| (id, key));
		let first = from.or_else(|| NewestKey::<T>::get(who)).and_then(owned);
		let keys = core::iter::successors(first, |(_, key)| key.previous.and_then(owned));
		keys.take(limit.min(MAX_PAGE) as usize).collect()
	}

	/// The history of an issued key.
	pub fn history(id: KeyId) -> Vec<KeyEventOf<T>> {
		Histories::<T>::get(id).into_inner()
	}

	/// The statement of a proof.
	pub fn statement(id: KeyId, submitter: &T::AccountId, new_terms: Option<KeyTerms>) -> Option<Statement> {
		let terms = Keys::<T>::get(id)?.terms;
		let action = new_terms.as_ref().map_or(Action::Revoke, |terms| Action::Rotate { terms });
		Some(Statement {
			genesis: Self::genesis(),
			commitment: terms.commitment,
			fingerprint: terms.public_key.fingerprint(),
			context: Self::context(id, action, submitter),
		})
	}

	/// The key with which proofs are verified.
	pub fn verifying_key_info() -> Option<VerifyingKeyInfo> {
		let VerifyingKey { version, bytes } = CurrentVerifyingKey::<T>::get()?;
		let development = bytes[..] == DEV_VERIFYING_KEY[..];
		Some(VerifyingKeyInfo { version, bytes: bytes.into_inner(), development })
	}

	/// The accounts that may issue keys.
	pub fn authentication_nodes() -> Vec<T::AccountId> {
		AuthenticationNodes::<T>::iter_keys().collect()
	}

	/// Whether only accounts with an active key can participate in something new.
	pub fn identity_required() -> bool {
		IdentityRequired::<T>::get()
	}
}
