//! Elections, eras, rewards and idle validators, over real sessions.

use super::*;
use frame_support::traits::fungible::Mutate;
use pallet_authorship::EventHandler;
use sp_runtime::BuildStorage;

/// Leave the pot with `amount` above its existential deposit.
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
	Event::Rewarded { era, validator: who, points, amount: Balance::from(points) * REWARD }
}

fn accounts(validators: &[ValidatorOf<Test>]) -> Vec<AccountId> {
	validators.iter().map(|(who, _)| *who).collect()
}

#[test]
fn era_end_pays_validators_for_their_blocks() {
	ExtBuilder.build_and_execute(|| {
		run_to_session(1);
		assert_eq!(events(), [Event::ValidatorsElected { era: 1, validators: 4 }]);
		run_to_session(2);
		// The mock's first block has no author; the next nine are authored in turn, beginning with validator 12.
		let expected = [
			rewarded(0, 11, 2),
			rewarded(0, 12, 3),
			rewarded(0, 13, 2),
			rewarded(0, 14, 2),
			Event::EraStarted { era: 1, first_session: 2 },
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
fn newcomer_with_larger_bond_takes_last_seat_in_next_era() {
	ExtBuilder.build_and_execute(|| {
		become_candidate(NEWCOMERS[0], 50_000);
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
fn bond_more_after_election_counts_in_next_one() {
	ExtBuilder.build_and_execute(|| {
		run_to_session(1);
		assert_ok!(Bonds::bond_more(signed(VALIDATORS[3]), Validator, 40_000));
		run_to_session(2);
		assert_eq!(elected(), at_genesis());
		run_to_session(4);
		assert_eq!(elected()[0], (VALIDATORS[3], 50_000));
	})
}

#[test]
fn election_limits_newcomers() {
	ExtBuilder.build_and_execute(|| {
		[(21, 70_000), (22, 60_000), (23, 50_000)].into_iter().for_each(|(who, stake)| become_candidate(who, stake));
		run_to_session(2);
		assert_eq!(accounts(&elected()), [21, 22, 11, 12]);
		run_to_session(4);
		assert_eq!(accounts(&elected()), [21, 22, 23, 11]);
	})
}

#[test]
fn election_is_skipped_when_candidates_are_too_few() {
	ExtBuilder.build_and_execute(|| {
		for who in &VALIDATORS[1..] {
			assert_ok!(Bonds::chill(signed(*who)));
		}
		events();
		run_to_session(2);
		let events = events();
		assert_eq!(events[0], Event::ElectionSkipped { era: 1, candidates: 1 });
		assert_eq!(events.last(), Some(&Event::EraStarted { era: 1, first_session: 2 }));
		assert_eq!(Session::validators(), VALIDATORS);
		assert_eq!(elected(), at_genesis());
		// Their stakes stay those of their last election.
		assert_eq!(Elected::<Test>::get().at, 0);
		// Once there are enough candidates, they are elected.
		assert_ok!(Bonds::declare(signed(VALIDATORS[3])));
		run_to_session(4);
		assert_eq!(Session::validators(), [VALIDATORS[0], VALIDATORS[3]]);
	})
}

#[test]
fn election_is_skipped_when_newcomer_limit_leaves_too_few() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set_parameters(|parameters| parameters.max_new = 1));
		VALIDATORS.iter().for_each(|who| chill(*who));
		NEWCOMERS[..3].iter().for_each(|who| become_candidate(*who, 20_000));
		events();
		run_to_session(1);
		assert_eq!(events(), [Event::ElectionSkipped { era: 1, candidates: 1 }]);
	})
}

#[test]
fn election_excludes_candidates_without_keys_or_minimum_bond() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Session::purge_keys(signed(VALIDATORS[0])));
		assert_ok!(set_parameters(|parameters| parameters.min_validator_bond = STAKES[2]));
		run_to_session(2);
		assert_eq!(accounts(&elected()), VALIDATORS[1..3]);
	})
}

#[test]
fn idle_validator_is_chilled_without_slash() {
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
			Event::EraStarted { era: 1, first_session: 2 },
		];
		assert_eq!(events(), expected);
		assert_eq!(Candidates::<Test>::get().to_vec(), [11, 12]);
		assert_eq!((held(Validator, 13), held(Validator, 14)), (STAKES[2], STAKES[3]));
	})
}

#[test]
fn rewards_leave_existential_deposit_in_pot() {
	let unpaid =
		|who, points| Event::RewardUnpaid { era: 0, validator: who, amount: Balance::from(points as u32) * REWARD };
	let paid = |who, points| rewarded(0, who, points);
	let cases = [
		(9 * REWARD, [paid(11, 2), paid(12, 3), paid(13, 2), paid(14, 2)]),
		(9 * REWARD - 1, [paid(11, 2), paid(12, 3), paid(13, 2), unpaid(14, 2)]),
		// A balance that does not suffice for one validator suffices for the next.
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
fn era_end_pays_nothing_when_reward_is_zero() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set_parameters(|parameters| parameters.reward_per_block = 0));
		events();
		run_to_session(2);
		let started = Event::EraStarted { era: 1, first_session: 2 };
		assert_eq!(events(), [Event::ValidatorsElected { era: 1, validators: 4 }, started]);
		assert_eq!(Balances::free_balance(POT), FUNDS);
	})
}

#[test]
fn reward_is_unpaid_when_it_exceeds_pot() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set_parameters(|parameters| parameters.reward_per_block = Balance::MAX));
		run_to_session(2);
		assert!(events().contains(&Event::RewardUnpaid { era: 0, validator: 11, amount: Balance::MAX }));
	})
}

#[test]
fn era_under_way_keeps_length_when_parameters_change() {
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
fn elected_era_keeps_length_when_parameters_change() {
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
fn era_works_with_one_session() {
	let parameters = Parameters { sessions_per_era: 1, ..parameters() };
	let storage = genesis(at_genesis(), parameters).build_storage().unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		System::set_block_number(1);
		become_candidate(NEWCOMERS[0], 50_000);
		for session in 1..5 {
			run_to_session(session);
			assert_eq!(CurrentEra::<Test>::get(), Era { index: session, start_session: session, sessions: 1 });
			check_invariants();
		}
		assert_eq!(Session::validators(), [21, 11, 12, 13]);
	})
}

#[test]
fn note_author_counts_only_validators() {
	ExtBuilder.build_and_execute(|| {
		for author in [USER, VALIDATORS[0], VALIDATORS[0]] {
			Bonds::note_author(author);
		}
		assert_eq!(Points::<Test>::iter().collect::<Vec<_>>(), [(VALIDATORS[0], 2)]);
	})
}

#[test]
fn session_records_are_pruned_when_stakes_can_be_withdrawn() {
	ExtBuilder.build_and_execute(|| {
		// Eight sessions, the unbonding period, after the end of session 0.
		run_to_session(8);
		assert_eq!(OldestSession::<Test>::get(), 0);
		run_to_session(9);
		assert_eq!(OldestSession::<Test>::get(), 1);
		run_to_session(20);
		assert_eq!(OldestSession::<Test>::get(), 12);
		assert_eq!(SessionRecords::<Test>::iter().count(), 9);
		// With a shorter period two are removed at once.
		assert_ok!(
			set_parameters(|parameters| (parameters.sessions_per_era, parameters.validator_unbonding) = (1, 15))
		);
		run_to_session(21);
		assert_eq!(OldestSession::<Test>::get(), 14);
		run_to_session(30);
		assert_eq!(OldestSession::<Test>::get(), 27);
	})
}
