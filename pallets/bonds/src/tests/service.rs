//! Service bonds, as pallets that make contracts use them.

use super::*;
use encrytrust_traits::bonds::{ServiceBonds, Slashed};

const WHO: AccountId = PROVIDERS[0];

fn engage(amount: Balance) -> DispatchResult {
	<Bonds as ServiceBonds<_, _, _>>::engage(&WHO, amount)
}

fn disengage(amount: Balance) {
	<Bonds as ServiceBonds<_, _, _>>::disengage(&WHO, amount);
}

fn available() -> Balance {
	<Bonds as ServiceBonds<_, _, _>>::available(&WHO)
}

fn bond_at(block: u64) -> Balance {
	<Bonds as ServiceBonds<_, _, _>>::bond_at(&WHO, block)
}

fn slash(amount: Balance, towards: &[(AccountId, Balance)], fault_block: u64) -> Slashed<Balance> {
	<Bonds as ServiceBonds<_, _, _>>::slash(&WHO, amount, towards, fault_block)
}

fn slashed(amount: Balance) -> Event {
	Event::Slashed { offender: WHO, kind: Service, amount }
}

fn compensated(to: AccountId, amount: Balance) -> Event {
	Event::Compensated { offender: WHO, recipient: to, amount }
}

/// An account's gain since genesis.
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

/// Unbond and withdraw the rest of the bond.
fn take_back() {
	let active = Ledgers::<Test>::get(Service, WHO).map_or(0, |ledger| ledger.active);
	if active > 0 {
		assert_ok!(Bonds::unbond(signed(WHO), Service, active));
	}
	System::set_block_number(System::block_number() + SERVICE_UNBONDING);
	if Ledgers::<Test>::contains_key(Service, WHO) {
		assert_ok!(Bonds::withdraw(signed(WHO), Service));
	}
	assert!(!Ledgers::<Test>::contains_key(Service, WHO));
	assert_eq!(held(Service, WHO), 0);
}

#[test]
fn disengage_reverts_engage() {
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
fn available_counts_only_active_service_bond() {
	ExtBuilder.build_and_execute(|| {
		bond(WHO, Validator, 20_000);
		assert_eq!(available(), 0);
		assert_noop!(engage(1), Error::NotAvailable);
		assert_ok!(engage(0));
		assert!(!Ledgers::<Test>::contains_key(Service, WHO));
		bond(WHO, Service, 5_000);
		assert_ok!(Bonds::unbond(signed(WHO), Service, 4_000));
		assert_eq!(available(), 1_000);
	})
}

#[test]
fn slash_pays_injured_parties_in_order_and_pot_the_rest() {
	/// The requested slash and the parties to compensate; the slash, the two compensations, and the pot's part.
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
fn slash_takes_nothing_when_there_is_no_bond() {
	ExtBuilder.build_and_execute(|| {
		bond(WHO, Validator, 20_000);
		events();
		assert_eq!(slash(1_000, &[(USER, 1_000)], 1), Slashed::default());
		assert_eq!(events(), []);
	})
}

#[test]
fn slash_pays_new_account_only_from_existential_deposit_on() {
	for (sum, paid) in [(EXISTENTIAL_DEPOSIT - 1, 0), (EXISTENTIAL_DEPOSIT, EXISTENTIAL_DEPOSIT)] {
		with_bond(|| {
			let left = 150 - sum;
			let outcome = slash(150, &[(NOBODY, sum), (USER, 1_000)], 1);
			assert_eq!(outcome, Slashed { taken: 150, paid: paid + left });
			assert_eq!(Balances::free_balance(NOBODY), paid);
			// The pot receives what the account cannot take, not the next party.
			assert_eq!((gain(USER), gain(POT)), (left, sum - paid));
		})
	}
}

#[test]
fn two_slashes_in_one_block_take_at_most_the_bond() {
	with_bond(|| {
		assert_eq!(slash(3_000, &[(USER, 3_000)], 1), Slashed { taken: 3_000, paid: 3_000 });
		assert_eq!(slash(3_000, &[(USER, 3_000)], 1), Slashed { taken: 2_000, paid: 2_000 });
		assert_eq!(slash(3_000, &[(USER, 3_000)], 1), Slashed::default());
		assert!(!Ledgers::<Test>::contains_key(Service, WHO));
		assert_eq!(gain(USER), 5_000);
	})
}

#[test]
fn slash_takes_latest_unbonding_part_since_fault_first() {
	with_bond(|| {
		for (block, amount) in [(4, 1_000), (5, 1_500), (6, 500)] {
			System::set_block_number(block);
			assert_ok!(Bonds::unbond(signed(WHO), Service, amount));
		}
		assert_eq!([4, 5, 6, 7].map(bond_at), [5_000, 4_000, 2_500, 2_000]);
		assert_eq!(slash(2_300, &[], 5).taken, 2_300);
		assert_eq!((ledger(Service, WHO).active, parts()), (0, vec![1_000, 1_500, 200]));
		// The part of block 4 began to unbond before the fault in block 5.
		assert_eq!(slash(5_000, &[], 5).taken, 1_700);
		assert_eq!(parts(), [1_000]);
		assert_eq!(slash(5_000, &[], 5), Slashed::default());
		check_invariants();
		take_back();
	})
}

#[test]
fn slash_takes_nothing_when_bond_was_withdrawn() {
	with_bond(|| {
		assert_ok!(Bonds::unbond(signed(WHO), Service, 4_000));
		System::set_block_number(1 + SERVICE_UNBONDING);
		// A part that matured but was not withdrawn can be slashed.
		assert_eq!(bond_at(1), 5_000);
		assert_ok!(Bonds::withdraw(signed(WHO), Service));
		assert_eq!(bond_at(1), 1_000);
		assert_eq!(slash(5_000, &[], 1).taken, 1_000);
	})
}

#[test]
fn slash_keeps_engagements() {
	with_bond(|| {
		assert_ok!(engage(4_000));
		assert_eq!(slash(3_000, &[], 1).taken, 3_000);
		assert_eq!((ledger(Service, WHO).engaged, available()), (4_000, 0));
		assert_noop!(Bonds::unbond(signed(WHO), Service, 1), Error::Engaged);
		assert_eq!(slash(3_000, &[], 1).taken, 2_000);
		// Nothing is bonded, but the contracts count: a new bond is engaged by them.
		bond(WHO, Service, 4_500);
		assert_eq!(available(), 500);
		disengage(4_000);
		assert_eq!(available(), 4_500);
		take_back();
	})
}

#[test]
fn disengage_removes_ledger_when_bond_is_gone() {
	with_bond(|| {
		assert_ok!(engage(4_000));
		slash(5_000, &[], 1);
		check_invariants();
		disengage(4_000);
		assert!(!Ledgers::<Test>::contains_key(Service, WHO));
	})
}

#[test]
fn withdraw_releases_what_slash_left() {
	for amount in [1, 3_999, 4_000, 4_001, 4_900, 4_901, 4_999, 5_000] {
		with_bond(|| {
			slash(amount, &[(USER, amount / 2)], 1);
			take_back();
			assert_eq!(Balances::free_balance(WHO), FUNDS - amount);
		});
		// Even for an account whose only other money is the existential deposit.
		ExtBuilder.build_and_execute(|| {
			bond(WHO, Service, FUNDS - EXISTENTIAL_DEPOSIT);
			slash(FUNDS - EXISTENTIAL_DEPOSIT - 5_000 + amount, &[], 1);
			take_back();
			assert_eq!(Balances::free_balance(WHO), EXISTENTIAL_DEPOSIT + 5_000 - amount);
		})
	}
}

#[test]
fn slash_of_service_bond_leaves_validator_bond() {
	with_bond(|| {
		bond(WHO, Validator, 20_000);
		assert_eq!(slash(Balance::MAX, &[], 1).taken, 5_000);
		assert_eq!((held(Service, WHO), held(Validator, WHO)), (0, 20_000));
	})
}
