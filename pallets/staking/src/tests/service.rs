//! Service bonds, as the pallets that make contracts use them.

use super::*;
use encrytrust_traits::bonds::{ServiceBonds, Slashed};

const WHO: AccountId = PROVIDERS[0];

fn engage(amount: Balance) -> DispatchResult {
	<Staking as ServiceBonds<_, _, _>>::engage(&WHO, amount)
}

fn disengage(amount: Balance) {
	<Staking as ServiceBonds<_, _, _>>::disengage(&WHO, amount);
}

fn available() -> Balance {
	<Staking as ServiceBonds<_, _, _>>::available(&WHO)
}

fn bond_at(block: u64) -> Balance {
	<Staking as ServiceBonds<_, _, _>>::bond_at(&WHO, block)
}

fn slash(amount: Balance, towards: &[(AccountId, Balance)], fault_block: u64) -> Slashed<Balance> {
	<Staking as ServiceBonds<_, _, _>>::slash(&WHO, amount, towards, fault_block)
}

fn slashed(amount: Balance) -> Event {
	Event::Slashed { who: WHO, kind: Service, amount }
}

fn compensated(to: AccountId, amount: Balance) -> Event {
	Event::Compensated { who: WHO, to, amount }
}

/// What an account has got on top of what it had at genesis.
fn gain(who: AccountId) -> Balance {
	Balances::free_balance(who) - FUNDS
}

fn parts() -> Vec<Balance> {
	ledger(Service, WHO).unbonding.iter().map(|chunk| chunk.amount).collect()
}

/// A chain on which `WHO` has bonded 5000.
fn with_bond(test: impl FnOnce()) {
	ExtBuilder.build_and_execute(|| {
		bond(WHO, Service, 5_000);
		events();
		test();
	})
}

/// Unbond and withdraw all that is left.
fn take_back() {
	let active = Ledgers::<Test>::get(Service, WHO).map_or(0, |ledger| ledger.active);
	if active > 0 {
		assert_ok!(Staking::unbond(signed(WHO), Service, active));
	}
	System::set_block_number(System::block_number() + SERVICE_UNBONDING);
	if Ledgers::<Test>::contains_key(Service, WHO) {
		assert_ok!(Staking::withdraw(signed(WHO), Service));
	}
	assert!(!Ledgers::<Test>::contains_key(Service, WHO));
	assert_eq!(held(Service, WHO), 0);
}

#[test]
fn engage_takes_from_what_is_available_and_disengage_gives_back() {
	with_bond(|| {
		assert_eq!(available(), 5_000);
		assert_ok!(engage(3_000));
		assert_ok!(engage(2_000));
		assert_eq!((available(), ledger(Service, WHO).engaged), (0, 5_000));
		assert_noop!(engage(1), Error::NotAvailable);
		disengage(3_000);
		assert_eq!(available(), 3_000);
		disengage(2_000);
		assert_eq!(available(), 5_000);
	})
}

#[test]
fn only_active_service_bonds_are_available() {
	ExtBuilder.build_and_execute(|| {
		bond(WHO, Validator, 20_000);
		assert_eq!(available(), 0);
		assert_noop!(engage(1), Error::NotAvailable);
		assert_ok!(engage(0));
		assert!(!Ledgers::<Test>::contains_key(Service, WHO));
		bond(WHO, Service, 5_000);
		assert_ok!(Staking::unbond(signed(WHO), Service, 4_000));
		assert_eq!(available(), 1_000);
	})
}

#[test]
fn the_harmed_are_paid_in_their_order_and_the_pot_gets_the_rest() {
	/// What is asked for, who is to be paid; what is taken, what the two are paid and the pot gets.
	type Case = (Balance, &'static [(AccountId, Balance)], Balance, [Balance; 3]);
	let cases: &[Case] = &[
		(0, &[(USER, 100)], 0, [0, 0, 0]),
		(1_000, &[], 1_000, [0, 0, 1_000]),
		(1_000, &[(USER, 1_000)], 1_000, [1_000, 0, 0]),
		(1_000, &[(USER, 999)], 1_000, [999, 0, 1]),
		(1_000, &[(USER, 600), (11, 600)], 1_000, [600, 400, 0]),
		(1_000, &[(USER, 1_001), (11, 600)], 1_000, [1_000, 0, 0]),
		(1_000, &[(USER, 0), (11, 600)], 1_000, [0, 600, 400]),
		(5_000, &[(USER, 5_000)], 5_000, [5_000, 0, 0]),
		(5_001, &[(USER, 2_000), (11, 4_000)], 5_000, [2_000, 3_000, 0]),
		(Balance::MAX, &[(USER, 1), (11, 1)], 5_000, [1, 1, 4_998]),
	];
	for (amount, towards, taken, [user, other, pot]) in cases {
		with_bond(|| {
			let outcome = slash(*amount, towards, 1);
			assert_eq!(outcome, Slashed { taken: *taken, paid: user + other });
			let gains = (gain(USER), Balances::free_balance(11) + STAKES[0] - FUNDS, gain(POT));
			assert_eq!(gains, (*user, *other, *pot));
			let mut expected = Vec::new();
			expected.extend((*taken > 0).then(|| slashed(*taken)));
			expected.extend((*user > 0).then(|| compensated(USER, *user)));
			expected.extend((*other > 0).then(|| compensated(11, *other)));
			assert_eq!(events(), expected);
			assert_eq!(held(Service, WHO), 5_000 - taken);
			check_invariants();
			take_back();
			assert_eq!(Balances::free_balance(WHO), FUNDS - taken);
		})
	}
}

#[test]
fn who_has_nothing_loses_nothing() {
	ExtBuilder.build_and_execute(|| {
		bond(WHO, Validator, 20_000);
		events();
		assert_eq!(slash(1_000, &[(USER, 1_000)], 1), Slashed::default());
		assert_eq!(events(), []);
	})
}

#[test]
fn an_account_that_does_not_exist_is_paid_from_the_existential_deposit_on() {
	for (sum, paid) in [(EXISTENTIAL_DEPOSIT - 1, 0), (EXISTENTIAL_DEPOSIT, EXISTENTIAL_DEPOSIT)] {
		with_bond(|| {
			let left = 150 - sum;
			let outcome = slash(150, &[(NOBODY, sum), (USER, 1_000)], 1);
			assert_eq!(outcome, Slashed { taken: 150, paid: paid + left });
			assert_eq!(Balances::free_balance(NOBODY), paid);
			// What it cannot take is the pot's, not the next one's.
			assert_eq!((gain(USER), gain(POT)), (left, sum - paid));
		})
	}
}

#[test]
fn two_slashes_in_one_block_take_no_more_than_there_is() {
	with_bond(|| {
		assert_eq!(slash(3_000, &[(USER, 3_000)], 1), Slashed { taken: 3_000, paid: 3_000 });
		assert_eq!(slash(3_000, &[(USER, 3_000)], 1), Slashed { taken: 2_000, paid: 2_000 });
		assert_eq!(slash(3_000, &[(USER, 3_000)], 1), Slashed::default());
		assert!(!Ledgers::<Test>::contains_key(Service, WHO));
		assert_eq!(gain(USER), 5_000);
	})
}

#[test]
fn what_began_to_unbond_since_the_fault_answers_the_latest_first() {
	with_bond(|| {
		for (block, amount) in [(4, 1_000), (5, 1_500), (6, 500)] {
			System::set_block_number(block);
			assert_ok!(Staking::unbond(signed(WHO), Service, amount));
		}
		assert_eq!([4, 5, 6, 7].map(bond_at), [5_000, 4_000, 2_500, 2_000]);
		assert_eq!(slash(2_300, &[], 5).taken, 2_300);
		assert_eq!((ledger(Service, WHO).active, parts()), (0, vec![1_000, 1_500, 200]));
		// The part of block 4 had left before the fault of block 5.
		assert_eq!(slash(5_000, &[], 5).taken, 1_700);
		assert_eq!(parts(), [1_000]);
		assert_eq!(slash(5_000, &[], 5), Slashed::default());
		check_invariants();
		take_back();
	})
}

#[test]
fn what_was_withdrawn_answers_no_more() {
	with_bond(|| {
		assert_ok!(Staking::unbond(signed(WHO), Service, 4_000));
		System::set_block_number(1 + SERVICE_UNBONDING);
		// Matured, but not withdrawn: it answers.
		assert_eq!(bond_at(1), 5_000);
		assert_ok!(Staking::withdraw(signed(WHO), Service));
		assert_eq!(bond_at(1), 1_000);
		assert_eq!(slash(5_000, &[], 1).taken, 1_000);
	})
}

#[test]
fn engagements_outlive_a_slash() {
	with_bond(|| {
		assert_ok!(engage(4_000));
		assert_eq!(slash(3_000, &[], 1).taken, 3_000);
		assert_eq!((ledger(Service, WHO).engaged, available()), (4_000, 0));
		assert_noop!(Staking::unbond(signed(WHO), Service, 1), Error::Engaged);
		assert_eq!(slash(3_000, &[], 1).taken, 2_000);
		// Nothing is bonded, but the contracts count: who bonds anew has them engaged.
		bond(WHO, Service, 4_500);
		assert_eq!(available(), 500);
		disengage(4_000);
		assert_eq!(available(), 4_500);
		take_back();
	})
}

#[test]
fn the_last_engagement_of_a_lost_bond_ends_its_record() {
	with_bond(|| {
		assert_ok!(engage(4_000));
		slash(5_000, &[], 1);
		check_invariants();
		disengage(4_000);
		assert!(!Ledgers::<Test>::contains_key(Service, WHO));
	})
}

#[test]
fn whatever_a_slash_leaves_can_be_taken_back() {
	for amount in [1, 3_999, 4_000, 4_001, 4_900, 4_901, 4_999, 5_000] {
		with_bond(|| {
			slash(amount, &[(USER, amount / 2)], 1);
			take_back();
			assert_eq!(Balances::free_balance(WHO), FUNDS - amount);
		});
		// Even of an account that has nothing else but what keeps it alive.
		ExtBuilder.build_and_execute(|| {
			bond(WHO, Service, FUNDS - EXISTENTIAL_DEPOSIT);
			slash(FUNDS - EXISTENTIAL_DEPOSIT - 5_000 + amount, &[], 1);
			take_back();
			assert_eq!(Balances::free_balance(WHO), EXISTENTIAL_DEPOSIT + 5_000 - amount);
		})
	}
}

#[test]
fn bonds_of_both_kinds_are_apart() {
	with_bond(|| {
		bond(WHO, Validator, 20_000);
		assert_eq!(slash(Balance::MAX, &[], 1).taken, 5_000);
		assert_eq!((held(Service, WHO), held(Validator, WHO)), (0, 20_000));
	})
}
