//! Tests: fixtures here, the rest by what they are about.

mod accounts;
mod api;
mod claim;
mod fees;
mod genesis;
mod grant;
mod invariants;
mod policies;
mod try_state;
mod vesting;
mod withdraw_grant;

use crate::{mock::*, *};
use encrytrust_traits::fees::{FeeSchedule, Service, ServiceFees, Tier};
use encrytrust_types::token::Program;
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use sp_runtime::{traits::BadOrigin, DispatchResult};

type Error = crate::Error<Test>;
type Event = crate::Event<Test>;

/// What [`terms`] grant: vests by 25 in each block.
const AMOUNT: Balance = 1_000;

/// Start in block 11, cliff in block 21, end in block 51; revocable.
fn terms() -> GrantTermsOf<Test> {
	GrantTerms { amount: AMOUNT, start: 11, cliff: 10, duration: 40, revocable: true }
}

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

fn at(block: u64) {
	System::set_block_number(block);
}

/// Grant on the team's terms.
fn grant_to(who: AccountId, terms: GrantTermsOf<Test>) -> GrantId {
	let id = NextGrantId::<Test>::get();
	assert_ok!(TokenAllocation::grant(root(), Program::Team, who, terms));
	id
}

/// A chain with the grant of [`terms`] to `who`, made in block 1.
fn with_grant(who: AccountId, test: impl FnOnce(GrantId)) {
	ExtBuilder.build_and_execute(|| {
		let id = grant_to(who, terms());
		System::reset_events();
		test(id);
	})
}

/// A chain on which Alice has a service account.
fn with_account(test: impl FnOnce()) {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(TokenAllocation::create_account(signed(ALICE)));
		System::reset_events();
		test();
	})
}

fn open_grants(who: AccountId) -> Vec<GrantId> {
	GrantsByBeneficiary::<Test>::get(who).into_inner()
}

fn name(text: &str) -> DeveloperName {
	DeveloperName::truncate_from(text.as_bytes().to_vec())
}

fn free(who: AccountId) -> Balance {
	Balances::free_balance(who)
}

/// What a program has on hold for grants.
fn granted(program: Program) -> Balance {
	Balances::balance_on_hold(&HoldReason::Grant.into(), &program.account())
}

fn deposits(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::StorageDeposit.into(), &who)
}

/// What the ecology program received since genesis.
fn collected() -> Balance {
	let ecology = Program::Ecology.account();
	free(ecology) - endowment(ecology)
}

/// The pallet's events since the last look.
fn events() -> Vec<Event> {
	let events = System::read_events_for_pallet::<Event>();
	System::reset_events();
	events
}
