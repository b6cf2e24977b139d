//! What the calls do, and the key registry for other pallets.

use crate::{pallet::*, types::*, WeightInfo};
use alloc::vec::Vec;
use codec::MaxEncodedLen;
use encrytrust_groth16::{
	decode_scalar,
	identity::{public_inputs, DEV_VERIFYING_KEY, INPUTS},
	Error as ProofError, PreparedKey, Verdict, VerifyingKey as Groth16Key,
};
use encrytrust_host_functions::proof_checks;
use encrytrust_traits::key_registry::KeyRegistry;
use encrytrust_types::identity::{
	context, possession_message, Action, KdfParamsError, Key, KeyChange, KeyEvent, KeyId, KeyRequest, KeySignature,
	KeyStatus, KeyTerms, PublicKey, Purpose, Scalar, PROOF_LEN,
};
use frame_support::{
	defensive, ensure,
	pallet_prelude::*,
	traits::{fungible::MutateHold, tokens::Precision, Footprint},
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System};
use sp_core::{ecdsa, ed25519, sr25519, H256};
use sp_io::crypto::{ecdsa_verify, ed25519_verify, sr25519_verify};
use sp_runtime::traits::{Convert, Saturating, Zero};

/// Authentication nodes and the verifying key.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_appoint_node(node: T::AccountId) -> DispatchResult {
		ensure!(!AuthenticationNodes::<T>::contains_key(&node), Error::<T>::AlreadyAppointed);
		AuthenticationNodes::<T>::insert(&node, ());
		Self::deposit_event(Event::NodeAppointed { node });
		Ok(())
	}

	pub(crate) fn do_dismiss_node(node: T::AccountId) -> DispatchResult {
		AuthenticationNodes::<T>::take(&node).ok_or(Error::<T>::UnknownNode)?;
		Self::deposit_event(Event::NodeDismissed { node });
		Ok(())
	}

	pub(crate) fn do_set_verifying_key(bytes: &[u8]) -> DispatchResult {
		// Before any of its points is decoded: a key of another arity has more.
		let inputs = Groth16Key::inputs_of_length(bytes.len()).ok_or(Error::<T>::VerifyingKeyLength)?;
		ensure!(inputs == INPUTS, Error::<T>::WrongArity);
		let key = Groth16Key::decode(bytes).map_err(Error::<T>::from)?;
		ensure!(bytes != DEV_VERIFYING_KEY || Development::<T>::get(), Error::<T>::DevelopmentKey);
		let current = CurrentVerifyingKey::<T>::get();
		ensure!(current.as_ref().is_none_or(|current| *current.bytes != *bytes), Error::<T>::SameVerifyingKey);
		let version = current.map_or(0, |current| current.version).checked_add(1).ok_or(Error::<T>::Overflow)?;
		// Both lengths are those of a key of this arity.
		CurrentPreparedKey::<T>::put(PreparedKeyBytes::truncate_from(PreparedKey::from(&key).encode()));
		CurrentVerifyingKey::<T>::put(VerifyingKey { version, bytes: BoundedVec::truncate_from(bytes.to_vec()) });
		Self::deposit_event(Event::VerifyingKeySet { version });
		Ok(())
	}
}

/// From a request to a key.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_request_key(
		owner: T::AccountId,
		terms: KeyTerms,
		node: T::AccountId,
		possession: &KeySignature,
	) -> DispatchResult {
		ensure!(!RequestedBy::<T>::contains_key(&owner), Error::<T>::AlreadyRequested);
		ensure!(!Self::is_active(&owner), Error::<T>::AlreadyActive);
		ensure!(AuthenticationNodes::<T>::contains_key(&node), Error::<T>::UnknownNode);
		Self::check_terms(&terms)?;
		Self::check_possession(Purpose::Request, &owner, &terms.public_key, possession)?;

		let id = Self::next_id()?;
		let deposit = Self::hold_deposit(&owner)?;
		let requested_at = System::<T>::block_number();
		let expires_at = requested_at.saturating_add(T::RequestLifetime::get());
		RequestedBy::<T>::insert(&owner, id);
		Self::deposit_event(Event::KeyRequested { key_id: id, owner: owner.clone(), node: node.clone(), expires_at });
		Requests::<T>::insert(id, KeyRequest { owner, terms, node, requested_at, expires_at, deposit });
		Ok(())
	}

	pub(crate) fn do_issue_key(node: T::AccountId, id: KeyId) -> DispatchResult {
		let request = Self::request_to(&node, id)?;
		ensure!(AuthenticationNodes::<T>::contains_key(&node), Error::<T>::NodeDismissed);
		ensure!(System::<T>::block_number() <= request.expires_at, Error::<T>::RequestExpired);
		// If several accounts request the same public key, it belongs to the first to whom it is issued.
		Self::ensure_new(&request.terms.public_key)?;

		Self::remove_request(id, &request.owner);
		let KeyRequest { owner, terms, requested_at, deposit, .. } = request;
		let previous = NewestKey::<T>::get(&owner);
		Self::record_at(id, requested_at, &owner, KeyChange::Requested);
		Self::record(id, &node, KeyChange::Issued);
		Self::deposit_event(Event::KeyIssued { key_id: id, owner: owner.clone(), node: node.clone() });
		let (depositor, status) = (owner.clone(), KeyStatus::Active);
		Self::put_active(id, Key { owner, terms, issuer: node, previous, status, depositor, deposit });
		Ok(())
	}

	pub(crate) fn do_refuse_key(node: T::AccountId, id: KeyId) -> DispatchResult {
		let KeyRequest { owner, deposit, .. } = Self::request_to(&node, id)?;
		Self::remove_request(id, &owner);
		Self::release(&owner, deposit)?;
		Self::deposit_event(Event::RequestRefused { key_id: id, owner, node });
		Ok(())
	}

	pub(crate) fn do_expire_request(id: KeyId) -> DispatchResult {
		let request = Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest)?;
		let dismissed = !AuthenticationNodes::<T>::contains_key(&request.node);
		ensure!(dismissed || System::<T>::block_number() > request.expires_at, Error::<T>::NotExpired);
		Self::remove_request(id, &request.owner);
		Self::release(&request.owner, request.deposit)?;
		Self::deposit_event(Event::RequestExpired { key_id: id, owner: request.owner });
		Ok(())
	}

	/// The request with this id, if it names `node`.
	fn request_to(node: &T::AccountId, id: KeyId) -> Result<KeyRequestOf<T>, Error<T>> {
		let request = Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest)?;
		ensure!(request.node == *node, Error::<T>::NotAuthorized);
		Ok(request)
	}

	fn remove_request(id: KeyId, owner: &T::AccountId) {
		Requests::<T>::remove(id);
		RequestedBy::<T>::remove(owner);
	}

	/// Cheap checks first. Knowledge of a commitment that is not a scalar could never be proven, nor could a secret be
	/// derived with more memory than machines have.
	fn check_terms(terms: &KeyTerms) -> Result<(), Error<T>> {
		terms.kdf.check().map_err(|error| match error {
			KdfParamsError::Memory => Error::<T>::KdfMemory,
			KdfParamsError::Passes => Error::<T>::KdfPasses,
			KdfParamsError::Lanes => Error::<T>::KdfLanes,
		})?;
		ensure!(decode_scalar(&terms.commitment).is_ok(), Error::<T>::InvalidCommitment);
		Self::ensure_new(&terms.public_key)
	}

	/// A public key that has ended must not be issued again: a thief would still have it.
	fn ensure_new(public_key: &PublicKey) -> Result<(), Error<T>> {
		ensure!(!IssuedKeys::<T>::contains_key(public_key), Error::<T>::KeyTaken);
		Ok(())
	}

	/// A key that is registered has signed for its owner. The signature is by the key alone, not by another of its type.
	pub(crate) fn check_possession(
		purpose: Purpose,
		owner: &T::AccountId,
		public_key: &PublicKey,
		possession: &KeySignature,
	) -> Result<(), Error<T>> {
		let owner = owner.clone().into();
		let message = possession_message(purpose, Self::genesis().as_fixed_bytes(), &owner, public_key);
		let valid = match (*public_key, *possession) {
			(PublicKey::Sr25519(key), KeySignature::Sr25519(signature)) => {
				sr25519_verify(&sr25519::Signature::from_raw(signature), &message, &sr25519::Public::from_raw(key))
			},
			(PublicKey::Ed25519(key), KeySignature::Ed25519(signature)) => {
				ed25519_verify(&ed25519::Signature::from_raw(signature), &message, &ed25519::Public::from_raw(key))
			},
			(PublicKey::Ecdsa(key), KeySignature::Ecdsa(signature)) => {
				ecdsa_verify(&ecdsa::Signature::from_raw(signature), &message, &ecdsa::Public::from_raw(key))
			},
			_ => false,
		};
		ensure!(valid, Error::<T>::InvalidPossession);
		Ok(())
	}

	fn next_id() -> Result<KeyId, Error<T>> {
		let id = NextKeyId::<T>::get();
		NextKeyId::<T>::put(id.checked_add(1).ok_or(Error::<T>::Overflow)?);
		Ok(id)
	}

	/// The deposit for a key: for the key, its history, and the three entries that refer to it.
	fn deposit() -> Balance {
		let ids = T::AccountId::max_encoded_len().saturating_mul(2).saturating_add(PublicKey::max_encoded_len());
		let values = KeyOf::<T>::max_encoded_len().saturating_add(HistoryOf::<T>::max_encoded_len());
		T::StorageDeposit::convert(Footprint::from_parts(5, values.saturating_add(ids)))
	}

	/// Hold the deposit for a key, and return its amount.
	fn hold_deposit(who: &T::AccountId) -> Result<Balance, DispatchError> {
		let deposit = Self::deposit();
		T::Currency::hold(&HoldReason::KeyDeposit.into(), who, deposit)?;
		Ok(deposit)
	}

	fn release(owner: &T::AccountId, deposit: Balance) -> DispatchResult {
		T::Currency::release(&HoldReason::KeyDeposit.into(), owner, deposit, Precision::Exact)?;
		Ok(())
	}

	/// Write an active key, its owner's newest.
	fn put_active(id: KeyId, key: KeyOf<T>) {
		IssuedKeys::<T>::insert(key.terms.public_key, id);
		NewestKey::<T>::insert(&key.owner, id);
		Keys::<T>::insert(id, key);
	}

	fn record(id: KeyId, by: &T::AccountId, change: KeyChange) {
		Self::record_at(id, System::<T>::block_number(), by, change);
	}

	fn record_at(id: KeyId, at: BlockNumberFor<T>, by: &T::AccountId, change: KeyChange) {
		if Histories::<T>::try_append(id, KeyEvent { at, by: by.clone(), change }).is_err() {
			defensive!("a key begins in one or two steps and ends in one");
		}
	}
}

/// Ends of a key.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_revoke_key(submitter: T::AccountId, id: KeyId, proof: &[u8]) -> DispatchResult {
		ensure!(proof.len() == PROOF_LEN, Error::<T>::ProofLength);
		let key = Self::active_key(id)?;
		let (verifying_key, prepared) = Self::verifying_key()?;
		let inputs = Self::inputs(id, &key.terms, Action::Revoke, &submitter);
		Self::accept(proof_checks::verify(&prepared, &inputs, proof))?;
		Self::revoke(submitter, id, key, verifying_key);
		Ok(())
	}

	pub(crate) fn do_rotate_key(
		submitter: T::AccountId,
		id: KeyId,
		proof: &[u8],
		terms: KeyTerms,
		possession: &KeySignature,
	) -> DispatchResult {
		ensure!(proof.len() == PROOF_LEN, Error::<T>::ProofLength);
		let key = Self::active_key(id)?;
		Self::check_terms(&terms)?;
		Self::check_possession(Purpose::Rotate, &key.owner, &terms.public_key, possession)?;
		let (verifying_key, prepared) = Self::verifying_key()?;
		let inputs = Self::inputs(id, &key.terms, Action::Rotate { terms: &terms }, &submitter);
		Self::accept(proof_checks::verify(&prepared, &inputs, proof))?;

		let to = Self::next_id()?;
		// The old key's record stays, and so does its deposit.
		let deposit = Self::hold_deposit(&submitter)?;
		let depositor = submitter.clone();
		let Key { owner, issuer, .. } = key.clone();
		Keys::<T>::insert(id, Key { status: KeyStatus::Rotated { to }, ..key });
		Self::record(id, &submitter, KeyChange::Rotated { to, verifying_key });
		Self::record(to, &submitter, KeyChange::Succeeded { from: id });
		Self::deposit_event(Event::KeyRotated { old_key_id: id, new_key_id: to, owner: owner.clone(), submitter });
		let (previous, status) = (Some(id), KeyStatus::Active);
		Self::put_active(to, Key { owner, terms, issuer, previous, status, depositor, deposit });
		Ok(())
	}

	/// Returns whether all proofs were valid, which the weight depends on.
	pub(crate) fn do_revoke_keys(submitter: T::AccountId, batch: &RevocationsOf<T>) -> Result<bool, DispatchError> {
		ensure!(!batch.is_empty(), Error::<T>::EmptyBatch);
		let (verifying_key, prepared) = Self::verifying_key()?;
		let read: Vec<_> = batch.iter().map(|(id, proof)| Self::read_revocation(&submitter, *id, proof)).collect();
		let items: Vec<_> = read.iter().flatten().map(|(inputs, proof)| (&inputs[..], *proof)).collect();
		let mut verdicts = proof_checks::verify_batch(&prepared, &items).into_iter();

		let mut all_valid = true;
		for ((index, (id, _)), read) in (0u32..).zip(batch).zip(&read) {
			let verdict = match read {
				Ok(_) => Self::accept(verdicts.next().unwrap_or(Err(ProofError::InvalidProof))),
				Err(error) => Err(*error),
			};
			// An earlier one in the batch can have ended the key.
			match verdict.and_then(|()| Ok(Self::active_key(*id)?)) {
				Ok(key) => Self::revoke(submitter.clone(), *id, key, verifying_key),
				Err(error) => {
					all_valid = false;
					Self::deposit_event(Event::RevocationRefused { index, key_id: *id, error });
				},
			}
		}
		Ok(all_valid)
	}

	/// The public inputs and the proof of a revocation, after all checks except the verification of the proof.
	fn read_revocation<'a>(
		submitter: &T::AccountId,
		id: KeyId,
		proof: &'a [u8],
	) -> Result<(Vec<u8>, &'a [u8; PROOF_LEN]), DispatchError> {
		let key = Self::active_key(id)?;
		let proof = proof.try_into().map_err(|_| Error::<T>::ProofLength)?;
		Ok((Self::inputs(id, &key.terms, Action::Revoke, submitter), proof))
	}

	/// The record of a revoked key stays, and so does its deposit.
	fn revoke(submitter: T::AccountId, id: KeyId, key: KeyOf<T>, verifying_key: u32) {
		Self::record(id, &submitter, KeyChange::Revoked { verifying_key });
		Self::deposit_event(Event::KeyRevoked { key_id: id, owner: key.owner.clone(), submitter });
		Keys::<T>::insert(id, Key { status: KeyStatus::Revoked, ..key });
	}

	fn active_key(id: KeyId) -> Result<KeyOf<T>, Error<T>> {
		let key = Keys::<T>::get(id).ok_or(Error::<T>::UnknownKey)?;
		ensure!(key.status == KeyStatus::Active, Error::<T>::KeyEnded);
		Ok(key)
	}

	/// The verifying key's version, and its prepared form.
	fn verifying_key() -> Result<(u32, PreparedKeyBytes), Error<T>> {
		let version = CurrentVerifyingKey::<T>::get().map(|key| key.version);
		version.zip(CurrentPreparedKey::<T>::get()).ok_or(Error::<T>::NoVerifyingKey)
	}

	/// The public inputs of a proof that `submitter` may use.
	fn inputs(id: KeyId, terms: &KeyTerms, action: Action<'_>, submitter: &T::AccountId) -> Vec<u8> {
		public_inputs(&terms.commitment, &terms.public_key.fingerprint(), &Self::context(id, action, submitter))
	}

	/// The context of a proof that `submitter` may use.
	pub(crate) fn context(id: KeyId, action: Action<'_>, submitter: &T::AccountId) -> Scalar {
		context(action, Self::genesis().as_fixed_bytes(), id, &submitter.clone().into())
	}

	pub(crate) fn genesis() -> H256 {
		frame_system::BlockHash::<T>::get(BlockNumberFor::<T>::zero())
	}

	fn accept(verdict: Verdict) -> DispatchResult {
		Ok(verdict.map_err(Error::<T>::from)?)
	}
}

impl<T: Config> From<ProofError> for Error<T> {
	fn from(error: ProofError) -> Self {
		match error {
			ProofError::InvalidProof => Self::InvalidProof,
			ProofError::ProofLength => Self::ProofLength,
			ProofError::CoordinateNotCanonical => Self::CoordinateNotCanonical,
			ProofError::NotOnCurve => Self::NotOnCurve,
			ProofError::NotInSubgroup => Self::NotInSubgroup,
			ProofError::IdentityPoint => Self::IdentityPoint,
			ProofError::KeyLength => Self::VerifyingKeyLength,
			ProofError::NoContribution => Self::NoContribution,
			// The public inputs are the pallet's own, and as many as those of the prepared key.
			ProofError::MissingInput
			| ProofError::SurplusInput
			| ProofError::InputsLength
			| ProofError::ScalarNotCanonical
			| ProofError::NotPrepared => {
				defensive!("inputs or prepared key", error);
				Self::NoVerifyingKey
			},
		}
	}
}

impl<T: Config> KeyRegistry<T::AccountId> for Pallet<T> {
	fn is_active(who: &T::AccountId) -> bool {
		let key = NewestKey::<T>::get(who).and_then(Keys::<T>::get);
		key.is_some_and(|key| key.status == KeyStatus::Active)
	}

	fn can_participate(who: &T::AccountId) -> bool {
		match NewestKey::<T>::contains_key(who) {
			true => Self::is_active(who),
			false => !IdentityRequired::<T>::get(),
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn activate(who: &T::AccountId) {
		use sp_runtime::traits::{BlakeTwo256, Hash};
		let hash = BlakeTwo256::hash_of(who).0;
		let terms = KeyTerms {
			public_key: PublicKey::Sr25519(hash),
			commitment: Default::default(),
			salt: Default::default(),
			kdf: Default::default(),
		};
		let id = NextKeyId::<T>::mutate(|next| {
			let id = *next;
			next.saturating_inc();
			id
		});
		let owner = who.clone();
		let issuer = who.clone();
		let depositor = who.clone();
		let status = KeyStatus::Active;
		Self::put_active(id, Key { owner, terms, issuer, previous: None, status, depositor, deposit: 0 });
	}
}

/// Configuration.
impl<T: Config> Pallet<T> {
	/// Panics, before the chain ever runs, at constants with which no key could be issued or no batch submitted.
	pub(crate) fn check_config() {
		assert!(!T::RequestLifetime::get().is_zero(), "RequestLifetime must be at least one block");
		assert!(T::MaxBatch::get() > 0, "MaxBatch must admit a key");
		let batch = T::WeightInfo::revoke_keys(T::MaxBatch::get());
		assert!(batch.all_lte(T::BlockWeights::get().max_block), "a block has no room for the largest batch");
	}
}
