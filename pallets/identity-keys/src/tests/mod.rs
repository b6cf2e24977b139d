//! Tests: fixtures here, tests in a file for each subject.

mod api;
mod batches;
mod ends;
mod genesis;
mod invariants;
mod nodes;
mod possession;
mod rejects;
mod requests;
mod successors;
mod try_state;
mod vectors;

use crate::{mock::*, *};
use encrytrust_groth16::{decode_inputs, encode_scalar, identity::public_inputs, simulation::Trapdoor, Fr};
use encrytrust_traits::key_registry::KeyRegistry;
use encrytrust_types::identity::{
	context, possession_message, Action, KdfParams, KeyChange, KeyEvent, KeyId, KeySignature, KeyStatus, KeyTerms,
	PublicKey, Purpose, Standing, Statement,
};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold, BoundedVec};
use sp_core::{ecdsa, ed25519, sr25519, Pair};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

type Error = crate::Error<Test>;
type Event = crate::Event<Test>;

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// Terms with a different public key for each number, which is also every byte of the key's seed and of the salt.
fn terms(n: u8) -> KeyTerms {
	let seed = [n; 32];
	let public_key = match n % 3 {
		0 => PublicKey::Sr25519(sr25519::Pair::from_seed(&seed).public().0),
		1 => PublicKey::Ed25519(ed25519::Pair::from_seed(&seed).public().0),
		_ => PublicKey::Ecdsa(ecdsa::Pair::from_seed(&seed).public().0),
	};
	KeyTerms { public_key, commitment: encode_scalar(&Fr::from(n)), salt: [n; 16], kdf: KdfParams::default() }
}

/// A signature by the key of [`terms`] with this number.
fn sign(n: u8, message: &[u8]) -> KeySignature {
	let seed = [n; 32];
	match n % 3 {
		0 => KeySignature::Sr25519(sr25519::Pair::from_seed(&seed).sign(message).0),
		1 => KeySignature::Ed25519(ed25519::Pair::from_seed(&seed).sign(message).0),
		_ => KeySignature::Ecdsa(ecdsa::Pair::from_seed(&seed).sign(message).0),
	}
}

/// The signature with which the key of some [`terms`] is registered.
fn possession(purpose: Purpose, owner: &AccountId, terms: &KeyTerms) -> KeySignature {
	sign(terms.salt[0], &possession_message(purpose, &GENESIS.0, owner.as_ref(), &terms.public_key))
}

/// `owner` requests a key, with its signature.
fn request_key(owner: AccountId, terms: KeyTerms, node: AccountId) -> DispatchResult {
	let possession = possession(Purpose::Request, &owner, &terms);
	IdentityKeys::request_key(signed(owner), terms, node, possession)
}

/// `submitter` rotates a key, with the signature of the new one.
fn rotate_key(submitter: AccountId, id: KeyId, proof: Vec<u8>, terms: KeyTerms) -> DispatchResult {
	let owner = Keys::<Test>::get(id).map_or(submitter.clone(), |key| key.owner);
	let possession = possession(Purpose::Rotate, &owner, &terms);
	IdentityKeys::rotate_key(signed(submitter), id, proof, terms, possession)
}

/// `owner` requests a key from [`NODE`].
fn request(owner: AccountId, terms: KeyTerms) -> KeyId {
	let id = NextKeyId::<Test>::get();
	assert_ok!(request_key(owner, terms, NODE));
	id
}

/// `owner` is issued a key.
fn issue(owner: AccountId, terms: KeyTerms) -> KeyId {
	let id = request(owner, terms);
	assert_ok!(IdentityKeys::issue_key(signed(NODE), id));
	id
}

/// A valid proof by which `submitter` revokes a key, or rotates it to another.
fn proof(id: KeyId, submitter: &AccountId, new_terms: Option<KeyTerms>) -> Vec<u8> {
	proof_of(IdentityKeys::statement(id, submitter, new_terms).expect("there is such a key"), 0)
}

fn proof_of(statement: Statement, nonce: u64) -> Vec<u8> {
	prove(&TRAPDOOR, statement, nonce)
}

fn prove(trapdoor: &Trapdoor, Statement { commitment, fingerprint, context, .. }: Statement, nonce: u64) -> Vec<u8> {
	let inputs = decode_inputs(&public_inputs(&commitment, &fingerprint, &context)).expect("scalars");
	trapdoor.prove(&inputs, nonce).encode()
}

fn held(who: &AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::KeyDeposit.into(), who)
}

fn key(id: KeyId) -> KeyOf<Test> {
	Keys::<Test>::get(id).expect("there is such a key")
}

fn changes(id: KeyId) -> Vec<(u64, AccountId, KeyChange)> {
	IdentityKeys::history(id).into_iter().map(|KeyEvent { at, by, change }| (at, by, change)).collect()
}

fn pass(blocks: u64) {
	System::set_block_number(System::block_number() + blocks);
}

/// The pallet's events since the last call.
fn events() -> Vec<Event> {
	let events = System::read_events_for_pallet::<Event>();
	System::reset_events();
	events
}
