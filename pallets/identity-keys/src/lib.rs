//! Revocable identity keys: issued by authentication nodes, revoked and rotated by zero-knowledge proof.
//!
//! A person requests a key with a commitment to a secret that is derived from an answer only they know. An
//! authentication node, appointed by the voting nodes, verifies who they are and issues the key. Anyone who later
//! proves knowledge of the secret, from any account, can revoke the key, or replace it by another:
//!
//! ```text
//! request ─> requested ─ issue ─> Active ─ revoke (proof) ─> Revoked
//!                 │                  └───── rotate (proof) ─> Rotated ─> another key, Active, of the same account
//!                 └─ refuse | expire ─> removed, deposit released
//! ```
//!
//! A proof is bound to its action, the chain, the key, the submitter and all of a successor's terms
//! ([`encrytrust_groth16::identity`]), so a copy is of no use to another account, and whoever relays a proof can alter
//! nothing. It cannot be replayed either, because a revoked or rotated key stays so. A key is registered only with its
//! own signature for its owner, so nobody registers a key that is another's.
//!
//! Other pallets ask [`KeyRegistry`](encrytrust_traits::key_registry::KeyRegistry) whether an account can
//! participate in something new.
//!
//! # Invariants
//!
//! An account has at most one active key, its newest, or one request. No public key is issued twice. Histories only
//! grow. Every request and every key, ended ones included, has a deposit, and an account has exactly its own deposits
//! on hold. `try_state` checks them.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
#[cfg(test)]
mod mock;
pub mod runtime_api;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

// FRAME's macros write types without `Debug`, full paths, and an `expect`.
#[allow(missing_debug_implementations, unused_qualifications, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use encrytrust_types::identity::{KeyId, KeySignature, KeyTerms, PublicKey};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Footprint},
	};
	use frame_system::pallet_prelude::*;
	use sp_core::{Bytes, H256};
	use sp_runtime::traits::Convert;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<Hash = H256, AccountId: Into<[u8; 32]>> {
		/// Deposits are held in this currency.
		type Currency: fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who appoints authentication nodes, sets verifying keys and decides whether keys are required: the voting
		/// nodes.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The number of blocks in which a request can be issued.
		#[pallet::constant]
		type RequestLifetime: Get<BlockNumberFor<Self>>;

		/// The maximum number of keys that are revoked by one extrinsic.
		#[pallet::constant]
		type MaxBatch: Get<u32>;

		/// The deposit for the footprint of a key (docs/adr/0026-exact-deposits.md).
		type StorageDeposit: Convert<Footprint, Balance>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Reasons for holds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposits for requests and keys.
		#[codec(index = 0)]
		KeyDeposit,
	}

	/// The accounts that may issue keys. Only the voting nodes add them, but accounts can be chosen by an attacker: a
	/// strong hasher.
	#[pallet::storage]
	pub type AuthenticationNodes<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, ()>;

	/// Keys that are not yet issued, by id. Ids are consecutive, so a fast hasher is safe.
	#[pallet::storage]
	pub type Requests<T: Config> = StorageMap<_, Twox64Concat, KeyId, KeyRequestOf<T>>;

	/// The request of an account. Accounts can be chosen by an attacker: a strong hasher.
	#[pallet::storage]
	pub type RequestedBy<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, KeyId>;

	/// All issued keys, by id, including those that have ended. Ids are consecutive.
	#[pallet::storage]
	pub type Keys<T: Config> = StorageMap<_, Twox64Concat, KeyId, KeyOf<T>>;

	/// The history of each key; events are appended and never changed. Ids are consecutive.
	#[pallet::storage]
	pub type Histories<T: Config> = StorageMap<_, Twox64Concat, KeyId, HistoryOf<T>, ValueQuery>;

	/// The newest key of an account, which may have ended. Accounts can be chosen by an attacker: a strong hasher.
	#[pallet::storage]
	pub type NewestKey<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, KeyId>;

	/// The id of every public key that was ever issued, so that none is issued again. Public keys can be chosen by an
	/// attacker: a strong hasher.
	#[pallet::storage]
	pub type IssuedKeys<T: Config> = StorageMap<_, Blake2_128Concat, PublicKey, KeyId>;

	/// The next key's id.
	#[pallet::storage]
	pub type NextKeyId<T: Config> = StorageValue<_, KeyId, ValueQuery>;

	/// The verifying key.
	#[pallet::storage]
	pub type CurrentVerifyingKey<T: Config> = StorageValue<_, VerifyingKey>;

	/// The verifying key in prepared form; stored separately, so that reading the version does not read 23 kB.
	#[pallet::storage]
	pub type CurrentPreparedKey<T: Config> = StorageValue<_, PreparedKeyBytes>;

	/// Whether the development key may be set: only the genesis of a development chain allows it.
	#[pallet::storage]
	pub type Development<T: Config> = StorageValue<_, bool, ValueQuery>;

	/// Whether only accounts with an active key can participate in something new.
	#[pallet::storage]
	pub type IdentityRequired<T: Config> = StorageValue<_, bool, ValueQuery>;

	/// Nodes and verifying key at genesis.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Whether this is a development chain: only there can the verifying key be the one made from a public seed.
		pub development: bool,
		/// The verifying key, in hexadecimal. Without one, keys cannot be revoked until the voting nodes set it.
		pub verifying_key: Option<Bytes>,
		/// The accounts that may issue keys.
		pub authentication_nodes: Vec<T::AccountId>,
		/// Whether only accounts with an active key can participate in something new.
		pub identity_required: bool,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Development::<T>::put(self.development);
			IdentityRequired::<T>::put(self.identity_required);
			for node in &self.authentication_nodes {
				assert!(!AuthenticationNodes::<T>::contains_key(node), "authentication node {node:?} is listed twice");
				AuthenticationNodes::<T>::insert(node, ());
			}
			if let Some(Bytes(key)) = &self.verifying_key {
				let set = Pallet::<T>::do_set_verifying_key(key);
				assert!(set.is_ok(), "the verifying key of identity keys: {set:?}");
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	// Fields are named so that they need no docs.
	#[allow(missing_docs)]
	pub enum Event<T: Config> {
		/// An account may issue keys.
		NodeAppointed { node: T::AccountId },
		/// An account may no longer issue keys.
		NodeDismissed { node: T::AccountId },
		/// A key was requested from an authentication node. It can be issued up to and including the block
		/// `expires_at`.
		KeyRequested { key_id: KeyId, owner: T::AccountId, node: T::AccountId, expires_at: BlockNumberFor<T> },
		/// A key was issued.
		KeyIssued { key_id: KeyId, owner: T::AccountId, node: T::AccountId },
		/// A request was refused.
		RequestRefused { key_id: KeyId, owner: T::AccountId, node: T::AccountId },
		/// A request was removed: it was not issued in time, or its node was dismissed.
		RequestExpired { key_id: KeyId, owner: T::AccountId },
		/// A key was revoked by a proof of `submitter`.
		KeyRevoked { key_id: KeyId, owner: T::AccountId, submitter: T::AccountId },
		/// A key was rotated by a proof of `submitter`.
		KeyRotated { old_key_id: KeyId, new_key_id: KeyId, owner: T::AccountId, submitter: T::AccountId },
		/// The revocation at `index` of a batch failed; it changed nothing.
		RevocationRefused { index: u32, key_id: KeyId, error: DispatchError },
		/// A verifying key was set, the `version`th.
		VerifyingKeySet { version: u32 },
		/// It was decided whether identity keys are required.
		IdentityRequiredSet { required: bool },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is already an authentication node. There is nothing to do.
		AlreadyAppointed,
		/// The account is not an authentication node. Look them up with `IdentityApi_authentication_nodes`.
		UnknownNode,
		/// This key was requested from another authentication node. That node has to sign.
		NotAuthorized,
		/// The authentication node was dismissed after the key was requested. Remove the request with `expire_request`
		/// and request a key from another node.
		NodeDismissed,
		/// There is no such request: it was issued, refused or removed, or never existed.
		UnknownRequest,
		/// The account already has a request. Wait until it is issued or refused, or remove it with `expire_request`
		/// when it has expired.
		AlreadyRequested,
		/// The request has expired. Request the key again.
		RequestExpired,
		/// The request can still be issued. Remove it after its last block.
		NotExpired,
		/// The account has an active key. Replace it with `rotate_key`.
		AlreadyActive,
		/// This public key was already issued. Make a new one.
		KeyTaken,
		/// The signature is not by the new key, or it is for another owner, purpose, key or chain. Sign the message for
		/// this owner with the key itself.
		InvalidPossession,
		/// There is no issued key with this id. Look keys up with `IdentityApi_keys_of`.
		UnknownKey,
		/// The key has already been revoked or rotated, which is permanent.
		KeyEnded,
		/// The commitment is not a scalar: its number is not below the group's order. Take the one that the client
		/// computed.
		InvalidCommitment,
		/// The derivation's memory is not between 16384 and 262144 KiB. Choose a value in this range.
		KdfMemory,
		/// The derivation's number of passes is not between 1 and 8. Choose a value in this range.
		KdfPasses,
		/// The derivation's number of lanes is not between 1 and 4. Choose a value in this range.
		KdfLanes,
		/// No verifying key is set. The voting nodes set one with `set_verifying_key`.
		NoVerifyingKey,
		/// The proof does not prove this statement: it is for another answer, account, chain, key, action or successor,
		/// or for an older verifying key. Prove again for this key, from this account.
		InvalidProof,
		/// The proof does not have exactly 256 bytes. Encode its points uncompressed.
		ProofLength,
		/// A coordinate is not below the field's modulus. Reduce it.
		CoordinateNotCanonical,
		/// A point is not on its curve. Check the order of coordinates and bytes.
		NotOnCurve,
		/// A point of the second group does not have order `r`.
		NotInSubgroup,
		/// A point is the identity, which no honest proof or key contains.
		IdentityPoint,
		/// The bytes do not have the length of a verifying key.
		VerifyingKeyLength,
		/// The verifying key is not for three public inputs. Take the one of this version's circuit.
		WrongArity,
		/// Nobody contributed to the verifying key's second phase: its proofs can be forged. Contribute first.
		NoContribution,
		/// Anyone can forge proofs under the development key: a live chain does not accept it. Hold a ceremony.
		DevelopmentKey,
		/// This verifying key is already set.
		SameVerifyingKey,
		/// The batch is empty. Name at least one key.
		EmptyBatch,
		/// The ids or the verifying keys' versions are used up.
		Overflow,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Appoint an authentication node: the account may issue keys.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// Each request names the authentication node that is to issue the key.
		///
		/// ## Errors
		///
		/// - `AlreadyAppointed`: there is nothing to do.
		///
		/// ## Events
		///
		/// `NodeAppointed`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::appoint_node())]
		pub fn appoint_node(origin: OriginFor<T>, node: T::AccountId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_appoint_node(node)
		}

		/// Dismiss an authentication node: the account may no longer issue keys.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// Keys that it issued stay as they are. Its open requests can no longer be issued, and can be removed by
		/// anyone.
		///
		/// ## Errors
		///
		/// - `UnknownNode`: name an authentication node.
		///
		/// ## Events
		///
		/// `NodeDismissed`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::dismiss_node())]
		pub fn dismiss_node(origin: OriginFor<T>, node: T::AccountId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_dismiss_node(node)
		}

		/// Request a key from an authentication node.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the future owner of the key.
		///
		/// ## Details
		///
		/// A deposit is held for as long as the record is kept: until the request is refused or removed, and for ever
		/// once the key is issued. The authentication node issues the key once it has verified, off the chain, who the
		/// owner is. `possession` is a signature by the key itself for this owner, so that nobody can request a key that
		/// is another's. For how the commitment and the signed message are computed see `docs/protocol/identity.md`.
		///
		/// ## Errors
		///
		/// - `AlreadyRequested`, `AlreadyActive`: an account has one request or one active key.
		/// - `UnknownNode`: name an authentication node.
		/// - `KeyTaken`: make a new key.
		/// - `InvalidCommitment`, `KdfMemory`, `KdfPasses`, `KdfLanes`: correct the value.
		/// - `InvalidPossession`: sign with the key itself, for this account.
		/// - `Overflow`: all ids are used up.
		/// - The currency's own if the account's funds do not suffice.
		///
		/// ## Events
		///
		/// `KeyRequested`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::request_key())]
		pub fn request_key(
			origin: OriginFor<T>,
			terms: KeyTerms,
			node: T::AccountId,
			possession: KeySignature,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_request_key(who, terms, node, &possession)
		}

		/// Issue a requested key.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the authentication node that the request names.
		///
		/// ## Details
		///
		/// The key is active from now on.
		///
		/// ## Errors
		///
		/// - `UnknownRequest`, `NotAuthorized`: name a request made to this account.
		/// - `NodeDismissed`: this account may no longer issue keys.
		/// - `RequestExpired`: its owner has to request it again.
		/// - `KeyTaken`: the same public key was issued in the meantime. Refuse the request.
		///
		/// ## Events
		///
		/// `KeyIssued`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::issue_key())]
		pub fn issue_key(origin: OriginFor<T>, key_id: KeyId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_issue_key(who, key_id)
		}

		/// Refuse to issue a key.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the authentication node that the request names.
		///
		/// ## Details
		///
		/// The request is removed and its deposit released.
		///
		/// ## Errors
		///
		/// - `UnknownRequest`, `NotAuthorized`: name a request made to this account.
		///
		/// ## Events
		///
		/// `RequestRefused`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::refuse_key())]
		pub fn refuse_key(origin: OriginFor<T>, key_id: KeyId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_refuse_key(who, key_id)
		}

		/// Remove a request that can no longer be issued.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone.
		///
		/// ## Details
		///
		/// That is the case after its last block, and once its authentication node was dismissed. The deposit is
		/// released to its owner.
		///
		/// ## Errors
		///
		/// - `UnknownRequest`: there is nothing to remove.
		/// - `NotExpired`: it can still be issued.
		///
		/// ## Events
		///
		/// `RequestExpired`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::expire_request())]
		pub fn expire_request(origin: OriginFor<T>, key_id: KeyId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire_request(key_id)
		}

		/// Revoke a key, with a proof of knowing its secret.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone; the proof is bound to the account.
		///
		/// ## Details
		///
		/// The key ends permanently. Its record is kept for ever, and so is its deposit. What is under way continues; the
		/// owner cannot participate in something new until it has another key. For what is proven see
		/// `docs/protocol/identity.md`.
		///
		/// ## Errors
		///
		/// - `UnknownKey`, `KeyEnded`: name a key that is active.
		/// - `NoVerifyingKey`: the voting nodes have to set one.
		/// - `ProofLength`, `CoordinateNotCanonical`, `IdentityPoint`, `NotOnCurve`, `NotInSubgroup`: these bytes are
		///   not a proof.
		/// - `InvalidProof`: prove again for this key, from this account.
		///
		/// ## Events
		///
		/// `KeyRevoked`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::revoke_key())]
		pub fn revoke_key(origin: OriginFor<T>, key_id: KeyId, proof: Vec<u8>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_revoke_key(who, key_id, &proof)
		}

		/// Replace a key by another, with a proof of knowing its secret.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone; the proof is bound to the account and to all terms of the new key.
		///
		/// ## Details
		///
		/// The old key ends permanently, and keeps its deposit. The new one belongs to the same account, is active at
		/// once, and takes over the issuer. Its deposit is held from the signer, so that a thief of the owner's account
		/// cannot prevent the rotation by emptying it. Commitment, salt and parameters are new as well: the signer
		/// chooses the new secret. `possession` is a signature by the new key for the owner of the old one.
		///
		/// ## Errors
		///
		/// - `KeyTaken`: make a new key.
		/// - `InvalidCommitment`, `KdfMemory`, `KdfPasses`, `KdfLanes`: correct the value.
		/// - `InvalidPossession`: sign with the new key, for the owner of the old one.
		/// - `Overflow`: all ids are used up.
		/// - Those of `revoke_key`.
		/// - The currency's own if the signer's funds do not suffice for the deposit.
		///
		/// ## Events
		///
		/// `KeyRotated`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::rotate_key())]
		pub fn rotate_key(
			origin: OriginFor<T>,
			key_id: KeyId,
			proof: Vec<u8>,
			terms: KeyTerms,
			possession: KeySignature,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_rotate_key(who, key_id, &proof, terms, &possession)
		}

		/// Revoke many keys, with a proof for each.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone; all proofs are bound to the account. Meant for an authority that relays for others.
		///
		/// ## Details
		///
		/// The proofs are verified together, which takes a fraction of the time. Each valid one revokes its key, even
		/// if others are invalid. The fee is that for invalid proofs only, and is refunded in part if all are valid.
		///
		/// ## Errors
		///
		/// - `EmptyBatch`: name at least one key.
		/// - `NoVerifyingKey`: the voting nodes have to set one.
		///
		/// ## Events
		///
		/// `KeyRevoked` for each valid proof, `RevocationRefused` with an error of `revoke_key` for each other.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::revoke_keys(revocations.len() as u32))]
		pub fn revoke_keys(origin: OriginFor<T>, revocations: RevocationsOf<T>) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let count = revocations.len() as u32;
			let all_valid = Self::do_revoke_keys(who, &revocations)?;
			Ok(all_valid.then(|| T::WeightInfo::revoke_keys_good(count)).into())
		}

		/// Set the verifying key.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// All checks that its use relies on are made here, once. Proofs under an earlier key are invalid from now on.
		///
		/// ## Errors
		///
		/// - `VerifyingKeyLength`, `CoordinateNotCanonical`, `IdentityPoint`, `NotOnCurve`, `NotInSubgroup`: these
		///   bytes are not a verifying key.
		/// - `NoContribution`, `WrongArity`: finish the ceremony for this version's circuit.
		/// - `DevelopmentKey`: a live chain takes a key from a ceremony.
		/// - `SameVerifyingKey`: there is nothing to do.
		///
		/// ## Events
		///
		/// `VerifyingKeySet`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::set_verifying_key())]
		pub fn set_verifying_key(origin: OriginFor<T>, verifying_key: Vec<u8>) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_verifying_key(&verifying_key)
		}

		/// Decide whether only accounts with an active key can participate in something new.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// If not, only accounts whose key has ended are excluded. What is under way continues.
		///
		/// ## Errors
		///
		/// None.
		///
		/// ## Events
		///
		/// `IdentityRequiredSet`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::set_identity_required())]
		pub fn set_identity_required(origin: OriginFor<T>, required: bool) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			IdentityRequired::<T>::put(required);
			Self::deposit_event(Event::IdentityRequiredSet { required });
			Ok(())
		}
	}
}
