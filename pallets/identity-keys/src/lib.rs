//! Identity keys: issued by authentication nodes, revoked and rotated by zero-knowledge proof.
//!
//! A person asks for a key with a commitment to a secret that follows from an answer only they know. An authentication
//! node, appointed by the voting nodes, finds out who they are and issues the key. Whoever later proves knowledge of
//! the secret, from any account, has the key revoked, or another put into its place:
//!
//! ```text
//! request ─> requested ─ issue ─> Active ─ revoke (proof) ─> Revoked
//!                 │                  └───── rotate (proof) ─> Rotated ─> another key, Active, of the same account
//!                 └─ refuse | expire ─> gone, deposit back
//! ```
//!
//! A proof is bound to what it asks for, to the chain, the key and the submitter ([`encrytrust_groth16::identity`]): it
//! is worthless to whoever copies it. It can't be replayed either, for a key that has ended stays so.
//!
//! Other pallets ask [`KeyRegistry`](encrytrust_traits::key_registry::KeyRegistry) whether an account may start
//! something.
//!
//! # What holds at every block
//!
//! An account has at most one active key, its newest, or one request. No public key is issued twice. Histories only grow.
//! What an account has on hold is what its request or its active key says. `try_state` checks it.

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
	use encrytrust_types::identity::{KeyId, KeyTerms, PublicKey};
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
		/// The money: deposits.
		type Currency: fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who appoints authentication nodes, sets verifying keys and decides whether keys are required: the voting nodes.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Blocks in which a request can be issued.
		#[pallet::constant]
		type RequestLifetime: Get<BlockNumberFor<Self>>;

		/// The most keys that are revoked by one extrinsic.
		#[pallet::constant]
		type MaxBatch: Get<u32>;

		/// The deposit for what a key stores.
		type StorageDeposit: Convert<Footprint, Balance>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why money is on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposits for requests and active keys.
		#[codec(index = 0)]
		KeyDeposit,
	}

	/// Who may issue keys. Only the voting nodes make entries, but accounts can be made at will: a strong hasher.
	#[pallet::storage]
	pub type AuthenticationNodes<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, ()>;

	/// What is yet to be issued, by the key's id. Ids are consecutive, so a fast hasher is safe.
	#[pallet::storage]
	pub type Requests<T: Config> = StorageMap<_, Twox64Concat, KeyId, KeyRequestOf<T>>;

	/// The request of an account. Accounts can be made at will: a strong hasher.
	#[pallet::storage]
	pub type RequestedBy<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, KeyId>;

	/// All keys that were ever issued, by id. Ids are consecutive.
	#[pallet::storage]
	pub type Keys<T: Config> = StorageMap<_, Twox64Concat, KeyId, KeyOf<T>>;

	/// What happened to each key; entries are appended and never changed. Ids are consecutive.
	#[pallet::storage]
	pub type Histories<T: Config> = StorageMap<_, Twox64Concat, KeyId, HistoryOf<T>, ValueQuery>;

	/// The newest key of an account, which may have ended. Accounts can be made at will: a strong hasher.
	#[pallet::storage]
	pub type NewestKey<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, KeyId>;

	/// The key's id of every public key that was ever issued, so that none is again. They can be made at will: a strong
	/// hasher.
	#[pallet::storage]
	pub type IssuedKeys<T: Config> = StorageMap<_, Blake2_128Concat, PublicKey, KeyId>;

	/// The next key's id.
	#[pallet::storage]
	pub type NextKeyId<T: Config> = StorageValue<_, KeyId, ValueQuery>;

	/// The verifying key.
	#[pallet::storage]
	pub type CurrentVerifyingKey<T: Config> = StorageValue<_, VerifyingKey>;

	/// The verifying key as it is used; apart, since who only asks for its version need not read 23 kB.
	#[pallet::storage]
	pub type CurrentPreparedKey<T: Config> = StorageValue<_, PreparedKeyBytes>;

	/// Whether the development key may be set: only by the genesis of a chain that is not live.
	#[pallet::storage]
	pub type Development<T: Config> = StorageValue<_, bool, ValueQuery>;

	/// Whether nobody may start anything without an active key.
	#[pallet::storage]
	pub type IdentityRequired<T: Config> = StorageValue<_, bool, ValueQuery>;

	/// The chain's first state.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Whether this is a development chain: only there may the verifying key be the one made from a public seed.
		pub development: bool,
		/// The verifying key, in hexadecimal. Without one, keys can't be revoked until the voting nodes set it.
		pub verifying_key: Option<Bytes>,
		/// Who may issue keys.
		pub authentication_nodes: Vec<T::AccountId>,
		/// Whether nobody may start anything without an active key.
		pub identity_required: bool,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Development::<T>::put(self.development);
			IdentityRequired::<T>::put(self.identity_required);
			for node in &self.authentication_nodes {
				assert!(!AuthenticationNodes::<T>::contains_key(node), "authentication node {node:?} stands twice");
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
	pub enum Event<T: Config> {
		/// An account may issue keys.
		NodeAppointed {
			/// Which.
			node: T::AccountId,
		},
		/// An account may issue keys no more.
		NodeDismissed {
			/// Which.
			node: T::AccountId,
		},
		/// A key was asked for.
		KeyRequested {
			/// Its id, once it is issued.
			key: KeyId,
			/// By whom.
			owner: T::AccountId,
			/// Who is asked to issue it.
			node: T::AccountId,
			/// The last block in which it can be issued.
			expires_at: BlockNumberFor<T>,
		},
		/// A key was issued.
		KeyIssued {
			/// Which.
			key: KeyId,
			/// Whose it is.
			owner: T::AccountId,
			/// By whom.
			node: T::AccountId,
		},
		/// A request was refused.
		RequestRefused {
			/// Which.
			key: KeyId,
			/// Whose it was.
			owner: T::AccountId,
			/// By whom.
			node: T::AccountId,
		},
		/// A request was removed: it was not issued in time, or whom it asked was dismissed.
		RequestExpired {
			/// Which.
			key: KeyId,
			/// Whose it was.
			owner: T::AccountId,
		},
		/// A key was revoked.
		KeyRevoked {
			/// Which.
			key: KeyId,
			/// Whose it was.
			owner: T::AccountId,
			/// Who submitted the proof.
			by: T::AccountId,
		},
		/// A key was rotated.
		KeyRotated {
			/// Which.
			from: KeyId,
			/// The key in its place.
			to: KeyId,
			/// Whose they are.
			owner: T::AccountId,
			/// Who submitted the proof.
			by: T::AccountId,
		},
		/// One revocation of a batch was refused; it changed nothing.
		RevocationRefused {
			/// Its place in the batch.
			index: u32,
			/// Of which key.
			key: KeyId,
			/// Why.
			error: DispatchError,
		},
		/// A verifying key was set.
		VerifyingKeySet {
			/// How many were set, this one included.
			version: u32,
		},
		/// It was decided whether keys are required.
		IdentityRequiredSet {
			/// What.
			required: bool,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is an authentication node. There is nothing to appoint.
		AlreadyAppointed,
		/// The account is no authentication node. Look them up with `IdentityApi_authentication_nodes`.
		UnknownNode,
		/// Another authentication node was asked to issue this key. Let that one sign.
		NotAuthorized,
		/// The authentication node was dismissed since the key was asked for. Remove the request with `expire_request`
		/// and ask another node.
		NodeDismissed,
		/// There is no such request: it was issued, refused or removed, or never was.
		UnknownRequest,
		/// The account has a request. Wait until it is issued or refused, or remove it with `expire_request` after its
		/// time.
		AlreadyRequested,
		/// The request's time is over. Ask for the key again.
		RequestExpired,
		/// The request can still be issued. Remove it after its last block.
		NotExpired,
		/// The account has an active key. Put another in its place with `rotate_key`.
		AlreadyActive,
		/// This public key was issued before, to whomever. Make a new one.
		KeyTaken,
		/// There is no issued key of this id. Look keys up with `IdentityApi_keys_of`.
		UnknownKey,
		/// The key was revoked or rotated before, which is for ever.
		KeyEnded,
		/// The commitment is not a scalar: its number is not below the group's order. Take the one that the client
		/// computed.
		InvalidCommitment,
		/// The derivation's memory is not 16384 to 262144 KiB. Choose between.
		KdfMemory,
		/// The derivation's passes are not 1 to 8. Choose between.
		KdfPasses,
		/// The derivation's lanes are not 1 to 4. Choose between.
		KdfLanes,
		/// No verifying key is set. The voting nodes set one with `set_verifying_key`.
		NoVerifyingKey,
		/// The proof does not prove this statement: another answer, account, chain, key or action, or an older verifying
		/// key. Prove again for this key, from this account.
		InvalidProof,
		/// A proof has exactly 256 bytes, uncompressed.
		ProofLength,
		/// A coordinate is not below the field's modulus. Reduce it.
		CoordinateNotCanonical,
		/// A point is not on its curve. Check the order of coordinates and bytes.
		NotOnCurve,
		/// A point of the second group is not of order `r`.
		NotInSubgroup,
		/// A point is the identity, which no honest proof or key contains.
		IdentityPoint,
		/// These are not the bytes of a verifying key.
		VerifyingKeyLength,
		/// The verifying key is not for three public inputs. Take the one of this version's circuit.
		WrongArity,
		/// Nobody contributed to the verifying key's second phase: its proofs can be forged. Contribute first.
		NoContribution,
		/// Anybody can forge proofs under the development key: a live chain does not take it. Hold a ceremony.
		DevelopmentKey,
		/// This is the verifying key already.
		SameVerifyingKey,
		/// The batch is empty. Name at least one key.
		EmptyBatch,
		/// The ids, or the verifying keys' versions, are used up.
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
		/// Let an account issue keys.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// Requests name the authentication node that they ask.
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

		/// Let an account issue no more keys.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// Keys that it issued stay as they are. What was asked of it can't be issued any more, and be removed by anyone.
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

		/// Ask an authentication node to issue a key.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the key's owner to be.
		///
		/// ## Details
		///
		/// A deposit goes on hold until the request or the key has ended. The authentication node issues the key once it
		/// has found out, away from the chain, who its owner is. `docs/protocol/identity.md` tells how the commitment is
		/// computed.
		///
		/// ## Errors
		///
		/// - `AlreadyRequested`, `AlreadyActive`: an account has one request or one active key.
		/// - `UnknownNode`: ask an authentication node.
		/// - `KeyTaken`: make a new key.
		/// - `InvalidCommitment`, `KdfMemory`, `KdfPasses`, `KdfLanes`: correct the number.
		/// - `Overflow`: every id is taken.
		/// - The currency's own if the account's funds do not suffice.
		///
		/// ## Events
		///
		/// `KeyRequested`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::request_key())]
		pub fn request_key(origin: OriginFor<T>, terms: KeyTerms, node: T::AccountId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_request_key(who, terms, node)
		}

		/// Issue a key that was asked for.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the authentication node that the request names.
		///
		/// ## Details
		///
		/// The key is its owner's and active from now on.
		///
		/// ## Errors
		///
		/// - `UnknownRequest`, `NotAuthorized`: name a request made to this account.
		/// - `NodeDismissed`: this account may issue no keys any more.
		/// - `RequestExpired`: its owner has to ask again.
		/// - `KeyTaken`: the same public key was issued meanwhile. Refuse.
		///
		/// ## Events
		///
		/// `KeyIssued`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::issue_key())]
		pub fn issue_key(origin: OriginFor<T>, key: KeyId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_issue_key(who, key)
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
		pub fn refuse_key(origin: OriginFor<T>, key: KeyId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_refuse_key(who, key)
		}

		/// Remove a request that can't be issued any more.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone.
		///
		/// ## Details
		///
		/// That is so after its last block, and as soon as the authentication node was dismissed. The deposit goes back to
		/// its owner.
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
		pub fn expire_request(origin: OriginFor<T>, key: KeyId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire_request(key)
		}

		/// Revoke a key, with a proof of knowing its secret.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone; the proof is bound to the account.
		///
		/// ## Details
		///
		/// The key has ended for ever, and its deposit goes back to its owner. What is under way goes on; the owner starts
		/// nothing new until it has another key. `docs/protocol/identity.md` tells what is proven.
		///
		/// ## Errors
		///
		/// - `UnknownKey`, `KeyEnded`: name a key that is active.
		/// - `NoVerifyingKey`: the voting nodes have to set one.
		/// - `ProofLength`, `CoordinateNotCanonical`, `IdentityPoint`, `NotOnCurve`, `NotInSubgroup`: these bytes are no
		///   proof.
		/// - `InvalidProof`: prove again for this key, from this account.
		///
		/// ## Events
		///
		/// `KeyRevoked`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::revoke_key())]
		pub fn revoke_key(origin: OriginFor<T>, key: KeyId, proof: Vec<u8>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_revoke_key(who, key, &proof)
		}

		/// Put another key into a key's place, with a proof of knowing its secret.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone; the proof is bound to the account and to the new public key.
		///
		/// ## Details
		///
		/// The old key has ended for ever. The new one belongs to the same account, is active at once, and takes over the
		/// deposit and the issuer. Commitment, salt and parameters are new as well: who submits chooses the secret.
		///
		/// ## Errors
		///
		/// - `KeyTaken`: make a new key.
		/// - `InvalidCommitment`, `KdfMemory`, `KdfPasses`, `KdfLanes`: correct the number.
		/// - Those of `revoke_key`.
		///
		/// ## Events
		///
		/// `KeyRotated`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::rotate_key())]
		pub fn rotate_key(origin: OriginFor<T>, key: KeyId, proof: Vec<u8>, terms: KeyTerms) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_rotate_key(who, key, &proof, terms)
		}

		/// Revoke many keys, with a proof for each.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone; all proofs are bound to the account. Meant for an authority that relays for others.
		///
		/// ## Details
		///
		/// The proofs are verified together, which takes a fraction of the time. Each that is good revokes its key, whatever
		/// becomes of the others. The fee is that of bad proofs throughout, and is given back in part if there is none.
		///
		/// ## Errors
		///
		/// - `EmptyBatch`: name at least one key.
		/// - `NoVerifyingKey`: the voting nodes have to set one.
		///
		/// ## Events
		///
		/// `KeyRevoked` for each good proof, `RevocationRefused` with an error of `revoke_key` for each other.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::revoke_keys(revocations.len() as u32))]
		pub fn revoke_keys(origin: OriginFor<T>, revocations: RevocationsOf<T>) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let count = revocations.len() as u32;
			let all_good = Self::do_revoke_keys(who, &revocations)?;
			Ok(all_good.then(|| T::WeightInfo::revoke_keys_good(count)).into())
		}

		/// Set the verifying key.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// Every check that its use relies upon is made here, once. Proofs under an earlier key are void from now on.
		///
		/// ## Errors
		///
		/// - `VerifyingKeyLength`, `CoordinateNotCanonical`, `IdentityPoint`, `NotOnCurve`, `NotInSubgroup`: these bytes
		///   are no key.
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

		/// Decide whether nobody may start anything without an active key.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// If not, only accounts whose key has ended are kept from it. What is under way goes on.
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
