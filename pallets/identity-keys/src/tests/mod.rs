//! Tests: fixtures here, the rest by what they are about.

mod api;
mod batches;
mod ends;
mod genesis;
mod invariants;
mod nodes;
mod rejects;
mod requests;
mod try_state;

use crate::{mock::*, *};
use encrytrust_groth16::{decode_inputs, encode_scalar, identity::public_inputs, simulation::Trapdoor, Fr};
use encrytrust_traits::key_registry::KeyRegistry;
use encrytrust_types::identity::{
	context, Action, KdfParams, KeyChange, KeyEvent, KeyId, KeyStatus, KeyTerms, PublicKey, Standing, Statement,
};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold, BoundedVec};
use sp_runtime::{DispatchError, TokenError};

type Error = crate::Error<Test>;
type Event = crate::Event<Test>;

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// A key of its own for each number.
fn terms(n: u8) -> KeyTerms {
	let public_key = match n % 3 {
		0 => PublicKey::Sr25519([n; 32]),
		1 => PublicKey::Ed25519([n; 32]),
		_ => PublicKey::Ecdsa([n; 33]),
	};
	KeyTerms { public_key, commitment: encode_scalar(&Fr::from(n)), salt: [n; 16], kdf: KdfParams::default() }
}

/// `owner` asks [`NODE`] for a key.
fn request(owner: AccountId, terms: KeyTerms) -> KeyId {
	let id = NextKeyId::<Test>::get();
	assert_ok!(IdentityKeys::request_key(signed(owner), terms, NODE));
	id
}

/// `owner` gets a key.
fn issue(owner: AccountId, terms: KeyTerms) -> KeyId {
	let id = request(owner, terms);
	assert_ok!(IdentityKeys::issue_key(signed(NODE), id));
	id
}

/// A good proof by which `submitter` revokes a key, or rotates it to another.
fn proof(id: KeyId, submitter: &AccountId, new_key: Option<PublicKey>) -> Vec<u8> {
	proof_of(IdentityKeys::statement(id, submitter, new_key).expect("there is such a key"), 0)
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

/// The pallet's events since the last look.
fn events() -> Vec<Event> {
	let events = System::read_events_for_pallet::<Event>();
	System::reset_events();
	events
}
