//! Tests: fixtures here, tests in a file for each subject.

mod api;
mod bonds;
mod candidates;
mod election;
mod eras;
mod genesis;
mod invariants;
mod offences;
mod parameters;
mod service;
mod try_state;

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold, BoundedVec};
use sp_runtime::{DispatchError, DispatchResult, TokenError};
use BondKind::{Service, Validator};

type Error = crate::Error<Test>;
type Event = crate::Event<Test>;

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn bond(who: AccountId, kind: BondKind, amount: Balance) {
	assert_ok!(Bonds::bond(signed(who), kind, amount));
}

/// Bond and become a candidate.
fn become_candidate(who: AccountId, amount: Balance) {
	bond(who, Validator, amount);
	assert_ok!(Bonds::declare(signed(who)));
}

fn chill(who: AccountId) {
	assert_ok!(Bonds::chill(signed(who)));
}

fn ledger(kind: BondKind, who: AccountId) -> LedgerOf<Test> {
	Ledgers::<Test>::get(kind, who).expect("there is a bond")
}

fn held(kind: BondKind, who: AccountId) -> Balance {
	Balances::balance_on_hold(&kind.hold_reason().into(), &who)
}

fn elected() -> Vec<ValidatorOf<Test>> {
	Elected::<Test>::get().validators.into_inner()
}

/// The validators of genesis with their stakes.
fn at_genesis() -> Vec<ValidatorOf<Test>> {
	VALIDATORS.into_iter().zip(STAKES).collect()
}

fn set_parameters(change: impl FnOnce(&mut ParametersOf<Test>)) -> DispatchResult {
	let mut parameters = Bonds::parameters();
	change(&mut parameters);
	Bonds::set_parameters(RuntimeOrigin::root(), parameters)
}

/// The pallet's events since the last call.
fn events() -> Vec<Event> {
	let events = System::read_events_for_pallet::<Event>();
	System::reset_events();
	events
}
