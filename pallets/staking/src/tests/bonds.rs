//! `bond`, `bond_more`, `unbond`, `withdraw`.

use super::*;
use encrytrust_traits::bonds::ServiceBonds;

/// What is asked for, and why it is refused.
type Reject = (&'static str, fn() -> DispatchResult, DispatchError);

const STRANGER: AccountId = PROVIDERS[2];

/// Each is refused after `prepare`, and changes nothing.
fn refuse(rejects: &[Reject], prepare: fn()) {
	for (case, call, error) in rejects {
		println!("{case}");
		ExtBuilder.build_and_execute(|| {
			prepare();
			assert_noop!(call(), *error);
		})
	}
}

#[test]
fn bond_holds_the_money() {
	ExtBuilder.build_and_execute(|| {
		for (kind, minimum) in [(Validator, MIN_VALIDATOR_BOND), (Service, MIN_SERVICE_BOND)] {
			assert_ok!(Staking::bond(signed(USER), kind, minimum));
			assert_eq!(ledger(kind, USER), LedgerOf::<Test> { active: minimum, ..Default::default() });
			assert_eq!(held(kind, USER), minimum);
			assert_eq!(events(), [Event::Bonded { who: USER, kind, amount: minimum }]);
		}
		assert_eq!(Balances::free_balance(USER), FUNDS - MIN_VALIDATOR_BOND - MIN_SERVICE_BOND);
	})
}

#[test]
fn bond_rejects() {
	let rejects: &[Reject] = &[
		("unsigned", || Staking::bond(RuntimeOrigin::none(), Service, 5_000), DispatchError::BadOrigin),
		(
			"a validator's below the minimum",
			|| Staking::bond(signed(USER), Validator, MIN_VALIDATOR_BOND - 1),
			Error::BelowMinimum.into(),
		),
		(
			"a service's below the minimum",
			|| Staking::bond(signed(USER), Service, MIN_SERVICE_BOND - 1),
			Error::BelowMinimum.into(),
		),
		("bonded", || Staking::bond(signed(PROVIDERS[0]), Service, 5_000), Error::AlreadyBonded.into()),
		(
			"more than the account can spare",
			|| Staking::bond(signed(USER), Service, FUNDS - EXISTENTIAL_DEPOSIT + 1),
			TokenError::FundsUnavailable.into(),
		),
	];
	refuse(rejects, || bond(PROVIDERS[0], Service, 5_000));
}

#[test]
fn bond_takes_all_but_the_existential_deposit() {
	ExtBuilder.build_and_execute(|| bond(USER, Service, FUNDS - EXISTENTIAL_DEPOSIT));
}

#[test]
fn bond_more_adds() {
	ExtBuilder.build_and_execute(|| {
		bond(USER, Service, 5_000);
		events();
		assert_ok!(Staking::bond_more(signed(USER), Service, 1));
		assert_eq!(ledger(Service, USER).active, 5_001);
		assert_eq!(events(), [Event::Bonded { who: USER, kind: Service, amount: 1 }]);
	})
}

#[test]
fn bond_more_rejects() {
	let rejects: &[Reject] = &[
		("unsigned", || Staking::bond_more(RuntimeOrigin::none(), Service, 1), DispatchError::BadOrigin),
		("nothing", || Staking::bond_more(signed(USER), Service, 0), Error::ZeroAmount.into()),
		("no bond", || Staking::bond_more(signed(STRANGER), Service, 1), Error::NotBonded.into()),
		("another kind", || Staking::bond_more(signed(USER), Validator, 1), Error::NotBonded.into()),
		("all unbonded", || Staking::bond_more(signed(PROVIDERS[1]), Service, 1), Error::NotBonded.into()),
		("more money than there is", || Staking::bond_more(signed(USER), Service, FUNDS), {
			TokenError::FundsUnavailable.into()
		}),
		(
			"more than numbers hold",
			|| Staking::bond_more(signed(USER), Service, Balance::MAX),
			sp_runtime::ArithmeticError::Overflow.into(),
		),
	];
	refuse(rejects, || {
		bond(USER, Service, 5_000);
		bond(PROVIDERS[1], Service, 5_000);
		assert_ok!(Staking::unbond(signed(PROVIDERS[1]), Service, 5_000));
	});
}

#[test]
fn unbond_begins_and_withdraw_ends() {
	ExtBuilder.build_and_execute(|| {
		bond(USER, Service, 5_000);
		events();
		assert_ok!(Staking::unbond(signed(USER), Service, 4_000));
		let until = 1 + SERVICE_UNBONDING;
		assert_eq!(ledger(Service, USER).active, MIN_SERVICE_BOND);
		assert_eq!(ledger(Service, USER).unbonding.to_vec(), [Chunk { amount: 4_000, since: 1, until }]);
		assert_eq!(events(), [Event::Unbonded { who: USER, kind: Service, amount: 4_000, until }]);
		assert_eq!(held(Service, USER), 5_000);

		System::set_block_number(until - 1);
		assert_noop!(Staking::withdraw(signed(USER), Service), Error::NothingMatured);
		System::set_block_number(until);
		assert_ok!(Staking::withdraw(signed(USER), Service));
		assert_eq!(events(), [Event::Withdrawn { who: USER, kind: Service, amount: 4_000 }]);
		assert_eq!((held(Service, USER), Balances::free_balance(USER)), (1_000, FUNDS - 1_000));
	})
}

#[test]
fn an_emptied_bond_leaves_no_record_and_can_be_made_anew() {
	ExtBuilder.build_and_execute(|| {
		bond(USER, Validator, 20_000);
		assert_ok!(Staking::unbond(signed(USER), Validator, 20_000));
		// While the old one is on its way out.
		bond(USER, Validator, 10_000);
		assert_ok!(Staking::unbond(signed(USER), Validator, 10_000));
		System::set_block_number(1 + VALIDATOR_UNBONDING);
		assert_ok!(Staking::withdraw(signed(USER), Validator));
		assert!(!Ledgers::<Test>::contains_key(Validator, USER));
		assert_eq!(Balances::free_balance(USER), FUNDS);
	})
}

#[test]
fn unbonding_of_one_block_is_one_part_and_of_two_are_two() {
	ExtBuilder.build_and_execute(|| {
		bond(USER, Service, 5_000);
		for amount in [1, 2] {
			assert_ok!(Staking::unbond(signed(USER), Service, amount));
		}
		System::set_block_number(2);
		// Parts that began in different blocks answer for different faults, even if they end together.
		assert_ok!(set_parameters(|parameters| parameters.service_unbonding = SERVICE_UNBONDING - 1));
		assert_ok!(Staking::unbond(signed(USER), Service, 4));
		let until = 1 + SERVICE_UNBONDING;
		let expected = [Chunk { amount: 3, since: 1, until }, Chunk { amount: 4, since: 2, until }];
		assert_eq!(ledger(Service, USER).unbonding.to_vec(), expected);
	})
}

#[test]
fn withdraw_takes_what_can_be_and_leaves_the_rest() {
	ExtBuilder.build_and_execute(|| {
		bond(USER, Service, 5_000);
		for (block, amount) in [(1, 10), (5, 20), (9, 30)] {
			System::set_block_number(block);
			assert_ok!(Staking::unbond(signed(USER), Service, amount));
		}
		System::set_block_number(5 + SERVICE_UNBONDING);
		events();
		assert_ok!(Staking::withdraw(signed(USER), Service));
		assert_eq!(events(), [Event::Withdrawn { who: USER, kind: Service, amount: 30 }]);
		let until = 9 + SERVICE_UNBONDING;
		assert_eq!(ledger(Service, USER).unbonding.to_vec(), [Chunk { amount: 30, since: 9, until }]);
	})
}

#[test]
fn unbond_rejects() {
	let rejects: &[Reject] = &[
		("unsigned", || Staking::unbond(RuntimeOrigin::none(), Service, 1), DispatchError::BadOrigin),
		("nothing", || Staking::unbond(signed(USER), Service, 0), Error::ZeroAmount.into()),
		("no bond", || Staking::unbond(signed(STRANGER), Service, 1), Error::NotBonded.into()),
		("more than there is", || Staking::unbond(signed(USER), Service, 5_001), Error::InsufficientBond.into()),
		("less than the minimum left", || Staking::unbond(signed(USER), Service, 4_001), Error::BelowMinimum.into()),
		("engaged", || Staking::unbond(signed(PROVIDERS[0]), Service, 2_001), Error::Engaged.into()),
		("all, but engaged", || Staking::unbond(signed(PROVIDERS[0]), Service, 5_000), Error::Engaged.into()),
		(
			"all of a candidate's",
			|| Staking::unbond(signed(VALIDATORS[0]), Validator, STAKES[0]),
			Error::StillCandidate.into(),
		),
		(
			"a candidate's below the minimum",
			|| Staking::unbond(signed(VALIDATORS[0]), Validator, STAKES[0] - MIN_VALIDATOR_BOND + 1),
			Error::BelowMinimum.into(),
		),
		("too many parts", || Staking::unbond(signed(PROVIDERS[1]), Service, 1), Error::TooManyChunks.into()),
	];
	refuse(rejects, || {
		bond(USER, Service, 5_000);
		bond(PROVIDERS[0], Service, 5_000);
		assert_ok!(<Staking as ServiceBonds<_, _, _>>::engage(&PROVIDERS[0], 3_000));
		bond(PROVIDERS[1], Service, 5_000);
		for block in 1..=u64::from(MAX_UNBONDING) {
			System::set_block_number(block);
			assert_ok!(Staking::unbond(signed(PROVIDERS[1]), Service, 1));
		}
		System::set_block_number(10);
	});
}

#[test]
fn unbond_leaves_what_is_engaged() {
	ExtBuilder.build_and_execute(|| {
		bond(USER, Service, 5_000);
		assert_ok!(<Staking as ServiceBonds<_, _, _>>::engage(&USER, 3_000));
		assert_ok!(Staking::unbond(signed(USER), Service, 2_000));
		assert_eq!(<Staking as ServiceBonds<_, _, _>>::available(&USER), 0);
	})
}

#[test]
fn withdraw_rejects() {
	let rejects: &[Reject] = &[
		("unsigned", || Staking::withdraw(RuntimeOrigin::none(), Service), DispatchError::BadOrigin),
		("no bond", || Staking::withdraw(signed(STRANGER), Service), Error::NotBonded.into()),
		("nothing unbonded", || Staking::withdraw(signed(USER), Service), Error::NothingMatured.into()),
	];
	refuse(rejects, || bond(USER, Service, 5_000));
}

#[test]
fn a_bond_below_a_raised_minimum_can_only_be_unbonded_whole() {
	ExtBuilder.build_and_execute(|| {
		bond(USER, Service, 5_000);
		assert_ok!(set_parameters(|parameters| parameters.min_service_bond = 5_001));
		assert_noop!(Staking::unbond(signed(USER), Service, 1), Error::BelowMinimum);
		assert_ok!(Staking::unbond(signed(USER), Service, 5_000));
	})
}
