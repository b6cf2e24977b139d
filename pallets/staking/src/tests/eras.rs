//! Elections, eras, rewards, idlers, over real sessions.

use super::*;
use frame_support::traits::fungible::Mutate;
use pallet_authorship::EventHandler;
use sp_runtime::BuildStorage;

/// Leave the pot with `amount` above what it must keep.
fn leave_in_pot(amount: Balance) {
	let rest = FUNDS - EXISTENTIAL_DEPOSIT - amount;
	assert_ok!(<Balances as Mutate<_>>::transfer(
		&POT,
		&USER,
		rest,
		frame_support::traits::tokens::Preservation::Preserve
	));
}

fn rewarded(era: u32, who: AccountId, points: u32) -> Event {
	Event::Rewarded { era, who, points, amount: Balance::from(points) * REWARD }
}

fn accounts(validators: &[ValidatorOf<Test>]) -> Vec<AccountId> {
	validators.iter().map(|(who, _)| *who).collect()
}

#[test]
fn an_era_ends_with_pay_for_its_blocks() {
	ExtBuilder.build_and_execute(|| {
		run_to_session(1);
		assert_eq!(events(), [Event::ValidatorsElected { era: 1, validators: 4 }]);
		run_to_session(2);
		// The mock's first block has no author; the next nine are made in turn, beginning with the validator 12.
		let expected = [
			rewarded(0, 11, 2),
			rewarded(0, 12, 3),
			rewarded(0, 13, 2),
			rewarded(0, 14, 2),
			Event::EraStarted { era: 1, session: 2 },
		];
		assert_eq!(events(), expected);
		assert_eq!(Balances::free_balance(12), FUNDS - STAKES[1] + 3 * REWARD);
		assert_eq!(Balances::free_balance(POT), FUNDS - 9 * REWARD);
		assert_eq!(Points::<Test>::iter().count(), 0);
		assert_eq!(CurrentEra::<Test>::get(), Era { index: 1, start_session: 2, sessions: ERA });
		assert!(Planned::<Test>::get().is_none());
	})
}

#[test]
fn a_newcomer_with_more_takes_the_last_seat_with_the_next_era() {
	ExtBuilder.build_and_execute(|| {
		stand(NEWCOMERS[0], 50_000);
		run_to(2 * SESSION - 1);
		assert_eq!(elected(), at_genesis());
		assert_eq!(Session::validators(), VALIDATORS);
		run_to_session(2);
		assert_eq!(elected(), [(21, 50_000), (11, 40_000), (12, 30_000), (13, 20_000)]);
		assert_eq!(Session::validators(), [21, 11, 12, 13]);
		assert_eq!(Elected::<Test>::get().at, SESSION);
	})
}

#[test]
fn what_is_bonded_after_the_election_counts_in_the_next() {
	ExtBuilder.build_and_execute(|| {
		run_to_session(1);
		assert_ok!(Staking::bond_more(signed(VALIDATORS[3]), Validator, 40_000));
		run_to_session(2);
		assert_eq!(elected(), at_genesis());
		run_to_session(4);
		assert_eq!(elected()[0], (VALIDATORS[3], 50_000));
	})
}

#[test]
fn newcomers_are_limited_per_era() {
	ExtBuilder.build_and_execute(|| {
		[(21, 70_000), (22, 60_000), (23, 50_000)].into_iter().for_each(|(who, stake)| stand(who, stake));
		run_to_session(2);
		assert_eq!(accounts(&elected()), [21, 22, 11, 12]);
		run_to_session(4);
		assert_eq!(accounts(&elected()), [21, 22, 23, 11]);
	})
}

#[test]
fn with_too_few_candidates_the_old_validators_stay() {
	ExtBuilder.build_and_execute(|| {
		for who in &VALIDATORS[1..] {
			assert_ok!(Staking::chill(signed(*who)));
		}
		events();
		run_to_session(2);
		let events = events();
		assert_eq!(events[0], Event::ElectionSkipped { era: 1, candidates: 1 });
		assert_eq!(events.last(), Some(&Event::EraStarted { era: 1, session: 2 }));
		assert_eq!(Session::validators(), VALIDATORS);
		assert_eq!(elected(), at_genesis());
		// Their stakes stay those of the election that they won.
		assert_eq!(Elected::<Test>::get().at, 0);
		// As soon as there are enough, they are elected.
		assert_ok!(Staking::declare(signed(VALIDATORS[3])));
		run_to_session(4);
		assert_eq!(Session::validators(), [VALIDATORS[0], VALIDATORS[3]]);
	})
}

#[test]
fn an_election_that_would_admit_too_few_is_none() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set_parameters(|parameters| parameters.max_new = 1));
		VALIDATORS.iter().for_each(|who| chill(*who));
		NEWCOMERS[..3].iter().for_each(|who| stand(*who, 20_000));
		events();
		run_to_session(1);
		assert_eq!(events(), [Event::ElectionSkipped { era: 1, candidates: 1 }]);
	})
}

#[test]
fn who_has_no_keys_or_less_than_the_minimum_is_not_elected() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Session::purge_keys(signed(VALIDATORS[0])));
		assert_ok!(set_parameters(|parameters| parameters.min_validator_bond = STAKES[2]));
		run_to_session(2);
		assert_eq!(accounts(&elected()), VALIDATORS[1..3]);
	})
}

#[test]
fn who_made_no_block_in_a_whole_era_is_chilled_but_keeps_the_bond() {
	ExtBuilder.build_and_execute(|| {
		while System::block_number() < 2 * SESSION {
			next_block(Some(VALIDATORS[System::block_number() as usize % 2]));
		}
		let chilled = |who| Event::Chilled { who, reason: ChillReason::Idle };
		let expected = [
			Event::ValidatorsElected { era: 1, validators: 4 },
			rewarded(0, 11, 4),
			rewarded(0, 12, 5),
			chilled(13),
			chilled(14),
			Event::EraStarted { era: 1, session: 2 },
		];
		assert_eq!(events(), expected);
		assert_eq!(Candidates::<Test>::get().to_vec(), [11, 12]);
		assert_eq!((held(Validator, 13), held(Validator, 14)), (STAKES[2], STAKES[3]));
	})
}

#[test]
fn the_pot_pays_whom_it_can_and_keeps_its_own_deposit() {
	let unpaid = |who, points| Event::RewardUnpaid { era: 0, who, amount: Balance::from(points as u32) * REWARD };
	let paid = |who, points| rewarded(0, who, points);
	let cases = [
		(9 * REWARD, [paid(11, 2), paid(12, 3), paid(13, 2), paid(14, 2)]),
		(9 * REWARD - 1, [paid(11, 2), paid(12, 3), paid(13, 2), unpaid(14, 2)]),
		// What does not suffice for one suffices for the next.
		(5 * REWARD - 1, [paid(11, 2), unpaid(12, 3), paid(13, 2), unpaid(14, 2)]),
		(0, [unpaid(11, 2), unpaid(12, 3), unpaid(13, 2), unpaid(14, 2)]),
	];
	for (amount, expected) in cases {
		ExtBuilder.build_and_execute(|| {
			leave_in_pot(amount);
			run_to_session(2);
			assert_eq!(events()[1..5], expected);
			assert!(Balances::free_balance(POT) >= EXISTENTIAL_DEPOSIT);
		})
	}
}

#[test]
fn without_a_reward_nobody_is_paid() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set_parameters(|parameters| parameters.reward_per_block = 0));
		events();
		run_to_session(2);
		let started = Event::EraStarted { era: 1, session: 2 };
		assert_eq!(events(), [Event::ValidatorsElected { era: 1, validators: 4 }, started]);
		assert_eq!(Balances::free_balance(POT), FUNDS);
	})
}

#[test]
fn a_reward_beyond_all_money_is_unpaid() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set_parameters(|parameters| parameters.reward_per_block = Balance::MAX));
		run_to_session(2);
		assert!(events().contains(&Event::RewardUnpaid { era: 0, who: 11, amount: Balance::MAX }));
	})
}

#[test]
fn an_era_under_way_keeps_its_length() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set_parameters(|parameters| parameters.sessions_per_era = 3));
		run_to_session(2);
		assert_eq!(CurrentEra::<Test>::get(), Era { index: 1, start_session: 2, sessions: 3 });
		run_to(5 * SESSION - 1);
		assert_eq!(CurrentEra::<Test>::get().index, 1);
		run_to_session(5);
		assert_eq!(CurrentEra::<Test>::get(), Era { index: 2, start_session: 5, sessions: 3 });
	})
}

#[test]
fn an_era_keeps_the_length_that_it_was_elected_for() {
	ExtBuilder.build_and_execute(|| {
		// The election of era 1.
		run_to_session(1);
		assert_ok!(set_parameters(|parameters| parameters.sessions_per_era = 3));
		run_to_session(2);
		assert_eq!(CurrentEra::<Test>::get(), Era { index: 1, start_session: 2, sessions: ERA });
		run_to_session(4);
		assert_eq!(CurrentEra::<Test>::get(), Era { index: 2, start_session: 4, sessions: 3 });
	})
}

#[test]
fn an_era_may_have_one_session() {
	let parameters = Parameters { sessions_per_era: 1, ..parameters() };
	let storage = genesis(at_genesis(), parameters).build_storage().unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		System::set_block_number(1);
		stand(NEWCOMERS[0], 50_000);
		for session in 1..5 {
			run_to_session(session);
			assert_eq!(CurrentEra::<Test>::get(), Era { index: session, start_session: session, sessions: 1 });
			check_invariants();
		}
		assert_eq!(Session::validators(), [21, 11, 12, 13]);
	})
}

#[test]
fn only_validators_have_points() {
	ExtBuilder.build_and_execute(|| {
		for author in [USER, VALIDATORS[0], VALIDATORS[0]] {
			Staking::note_author(author);
		}
		assert_eq!(Points::<Test>::iter().collect::<Vec<_>>(), [(VALIDATORS[0], 2)]);
	})
}

#[test]
fn sessions_are_forgotten_when_what_was_at_stake_can_have_been_withdrawn() {
	ExtBuilder.build_and_execute(|| {
		// Eight sessions of unbonding after the end of session 0.
		run_to_session(8);
		assert_eq!(OldestSession::<Test>::get(), 0);
		run_to_session(9);
		assert_eq!(OldestSession::<Test>::get(), 1);
		run_to_session(20);
		assert_eq!(OldestSession::<Test>::get(), 12);
		assert_eq!(SessionRecords::<Test>::iter().count(), 9);
		// A shorter time lets go of two at once.
		assert_ok!(
			set_parameters(|parameters| (parameters.sessions_per_era, parameters.validator_unbonding) = (1, 15))
		);
		run_to_session(21);
		assert_eq!(OldestSession::<Test>::get(), 14);
		run_to_session(30);
		assert_eq!(OldestSession::<Test>::get(), 27);
	})
}
