//! Benchmarks: real keys and real proofs.

// Benchmarks never run on a chain.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use super::*;
use alloc::vec::Vec;
use encrytrust_groth16::{
	decode_inputs, encode_scalar,
	identity::{public_inputs, INPUTS},
	simulation::Trapdoor,
	Fr,
};
use encrytrust_types::identity::{
	possession_message, KdfParams, KeyId, KeySignature, KeyTerms, PublicKey, Purpose, Statement,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{fungible::Mutate, EnsureOrigin, Get},
	BoundedVec,
};
use frame_system::{Pallet as System, RawOrigin};
use sp_core::{crypto::KeyTypeId, ecdsa};
use sp_io::crypto::{ecdsa_generate, ecdsa_sign};
use sp_runtime::traits::{One, Saturating};

/// The balance of every account.
const FUNDS: Balance = Balance::MAX / 4096;

/// Where the keystore of the benchmarks keeps the identity keys.
const KEYS: KeyTypeId = KeyTypeId(*b"idky");

/// The trapdoor of the verifying key that benchmarks set.
fn trapdoor() -> Trapdoor {
	Trapdoor::new(INPUTS, 1)
}

fn public_key(index: u32) -> ecdsa::Public {
	ecdsa_generate(KEYS, Some(alloc::format!("//{index}").into_bytes()))
}

/// Terms with an ECDSA key: its bytes are the longest.
fn terms(index: u32) -> KeyTerms {
	KeyTerms {
		public_key: PublicKey::Ecdsa(public_key(index).0),
		commitment: encode_scalar(&Fr::from(u64::from(index) + 1)),
		salt: [1; 16],
		kdf: KdfParams::default(),
	}
}

/// The signature by which the key of some [`terms`] is registered for `owner`.
fn possession<T: Config>(index: u32, purpose: Purpose, owner: &T::AccountId) -> Result<KeySignature, BenchmarkError> {
	let key = public_key(index);
	let genesis = Pallet::<T>::genesis();
	let message =
		possession_message(purpose, genesis.as_fixed_bytes(), &owner.clone().into(), &PublicKey::Ecdsa(key.0));
	let signature = ecdsa_sign(KEYS, &key, &message).ok_or("the keystore has the key")?;
	Ok(KeySignature::Ecdsa(signature.0))
}

/// An authentication node.
fn node<T: Config>() -> T::AccountId {
	let node = account("node", 0, 0);
	AuthenticationNodes::<T>::insert(&node, ());
	node
}

fn owner<T: Config>(index: u32) -> T::AccountId
where
	T::Currency: Mutate<T::AccountId>,
{
	let who = account("owner", index, 0);
	T::Currency::set_balance(&who, FUNDS);
	who
}

/// A request, and the node that it names.
fn requested<T: Config>(index: u32) -> Result<(KeyId, T::AccountId), BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	// Benchmarks are set up in block 0 and run in block 1.
	System::<T>::set_block_number(System::<T>::block_number().max(One::one()));
	let id = NextKeyId::<T>::get();
	let node = node::<T>();
	let owner = owner::<T>(index);
	let possession = possession::<T>(index, Purpose::Request, &owner)?;
	Pallet::<T>::do_request_key(owner, terms(index), node.clone(), &possession)?;
	Ok((id, node))
}

fn issued<T: Config>(index: u32) -> Result<KeyId, BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	let (id, node) = requested::<T>(index)?;
	Pallet::<T>::do_issue_key(node, id)?;
	Ok(id)
}

/// A proof by which `submitter` revokes the key, or rotates it.
fn proof<T: Config>(
	id: KeyId,
	submitter: &T::AccountId,
	new_terms: Option<KeyTerms>,
) -> Result<Vec<u8>, BenchmarkError> {
	let statement = Pallet::<T>::statement(id, submitter, new_terms).ok_or("no such key")?;
	let Statement { commitment, fingerprint, context, .. } = statement;
	let inputs = decode_inputs(&public_inputs(&commitment, &fingerprint, &context)).map_err(|_| "no scalars")?;
	Ok(trapdoor().prove(&inputs, id).encode())
}

fn set_key<T: Config>() -> Result<(), BenchmarkError> {
	Ok(Pallet::<T>::do_set_verifying_key(&trapdoor().verifying_key().encode())?)
}

/// Revocations of `n` keys by `submitter`; with `bad`, every second proof is for another key.
fn batch<T: Config>(n: u32, submitter: &T::AccountId, bad: bool) -> Result<RevocationsOf<T>, BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	set_key::<T>()?;
	let mut batch = Vec::new();
	for index in 0..n {
		let id = issued::<T>(index)?;
		let proven = if bad && index % 2 == 1 { id - 1 } else { id };
		batch.push((id, proof::<T>(proven, submitter, None)?));
	}
	Ok(BoundedVec::truncate_from(batch))
}

fn is_revoked<T: Config>(id: KeyId) -> bool {
	use encrytrust_types::identity::KeyStatus;
	Keys::<T>::get(id).is_some_and(|key| key.status == KeyStatus::Revoked)
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn appoint_node() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let node: T::AccountId = account("node", 0, 0);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, node.clone());
		assert!(AuthenticationNodes::<T>::contains_key(node));
		Ok(())
	}

	#[benchmark]
	fn dismiss_node() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let node = node::<T>();
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, node.clone());
		assert!(!AuthenticationNodes::<T>::contains_key(node));
		Ok(())
	}

	#[benchmark]
	fn request_key() -> Result<(), BenchmarkError> {
		let who = owner::<T>(0);
		let node = node::<T>();
		let id = NextKeyId::<T>::get();
		let possession = possession::<T>(0, Purpose::Request, &who)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who), terms(0), node, possession);
		assert!(Requests::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn issue_key() -> Result<(), BenchmarkError> {
		let (id, node) = requested::<T>(0)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(node), id);
		assert!(Keys::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn refuse_key() -> Result<(), BenchmarkError> {
		let (id, node) = requested::<T>(0)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(node), id);
		assert!(!Requests::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn expire_request() -> Result<(), BenchmarkError> {
		let (id, node) = requested::<T>(0)?;
		let after = T::RequestLifetime::get().saturating_add(One::one());
		System::<T>::set_block_number(System::<T>::block_number().saturating_add(after));
		#[extrinsic_call]
		_(RawOrigin::Signed(node), id);
		assert!(!Requests::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn revoke_key() -> Result<(), BenchmarkError> {
		set_key::<T>()?;
		let id = issued::<T>(0)?;
		let who: T::AccountId = account("submitter", 0, 0);
		let proof = proof::<T>(id, &who, None)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, proof);
		assert!(is_revoked::<T>(id));
		Ok(())
	}

	#[benchmark]
	fn rotate_key() -> Result<(), BenchmarkError> {
		set_key::<T>()?;
		let id = issued::<T>(0)?;
		let who: T::AccountId = account("submitter", 0, 0);
		T::Currency::set_balance(&who, FUNDS);
		let proof = proof::<T>(id, &who, Some(terms(1)))?;
		let possession = possession::<T>(1, Purpose::Rotate, &owner::<T>(0))?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, proof, terms(1), possession);
		assert!(Keys::<T>::contains_key(id + 1));
		Ok(())
	}

	#[benchmark]
	fn revoke_keys(n: Linear<1, { T::MaxBatch::get() }>) -> Result<(), BenchmarkError> {
		let who: T::AccountId = account("submitter", 0, 0);
		let batch = batch::<T>(n, &who, true)?;
		let first = batch[0].0;
		#[extrinsic_call]
		_(RawOrigin::Signed(who), batch);
		assert!(is_revoked::<T>(first));
		assert!(n < 2 || !is_revoked::<T>(first + 1));
		Ok(())
	}

	#[benchmark]
	fn revoke_keys_good(n: Linear<1, { T::MaxBatch::get() }>) -> Result<(), BenchmarkError> {
		let who: T::AccountId = account("submitter", 0, 0);
		let batch = batch::<T>(n, &who, false)?;
		let keys: Vec<_> = batch.iter().map(|(id, _)| *id).collect();
		#[extrinsic_call]
		revoke_keys(RawOrigin::Signed(who), batch);
		assert!(keys.into_iter().all(is_revoked::<T>));
		Ok(())
	}

	#[benchmark]
	fn set_verifying_key() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let key = trapdoor().verifying_key().encode();
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, key.clone());
		assert!(CurrentVerifyingKey::<T>::get().is_some_and(|current| current.bytes[..] == key[..]));
		Ok(())
	}

	#[benchmark]
	fn set_identity_required() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, true);
		assert!(IdentityRequired::<T>::get());
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder.build(), crate::mock::Test);
}
