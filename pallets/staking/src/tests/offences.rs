//! Offences, reported through the offences pallet.

use super::*;
use sp_runtime::Perbill;
use sp_staking::{
	offence::{Kind, Offence, OnOffenceHandler, ReportOffence},
	SessionIndex,
};

/// An equivocation, of which each further one in the same slot is worse.
struct Equivocation {
	offender: ValidatorOf<Test>,
	session: SessionIndex,
	slot: u64,
	percent: u32,
}

impl Offence<ValidatorOf<Test>> for Equivocation {
	const ID: Kind = *b"test:equivocatio";
	type Slot = u64;

	fn offenders(&self) -> Vec<ValidatorOf<Test>> {
		vec![self.offender]
	}
	fn session_index(&self) -> SessionIndex {
		self.session
	}
	fn validator_set_count(&self) -> u32 {
		VALIDATORS.len() as u32
	}
	fn slot(&self) -> u64 {
		self.slot
	}
	fn slash_fraction(&self, offenders: u32) -> Perbill {
		Perbill::from_percent(self.percent * offenders)
	}
}

fn report(offender: ValidatorOf<Test>, session: SessionIndex, slot: u64, percent: u32) {
	let offence = Equivocation { offender, session, slot, percent };
	assert!(Offences::report_offence(vec![], offence).is_ok());
}

/// A chain whose pot changes by slashes alone.
fn without_rewards(test: impl FnOnce()) {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set_parameters(|parameters| parameters.reward_per_block = 0));
		events();
		test();
	})
}

fn slashed(who: AccountId, amount: Balance) -> Event {
	Event::Slashed { who, kind: Validator, amount }
}

fn chilled(who: AccountId) -> Event {
	Event::Chilled { who, reason: ChillReason::Offence }
}

fn in_pot() -> Balance {
	Balances::free_balance(POT) - FUNDS
}

const FIRST: ValidatorOf<Test> = (VALIDATORS[0], STAKES[0]);
const SECOND: ValidatorOf<Test> = (VALIDATORS[1], STAKES[1]);

#[test]
fn an_offence_takes_its_part_chills_and_disables() {
	without_rewards(|| {
		report(FIRST, 0, 1, 10);
		assert_eq!(events(), [slashed(11, 4_000), chilled(11)]);
		assert_eq!((held(Validator, 11), in_pot()), (36_000, 4_000));
		assert_eq!(Candidates::<Test>::get().to_vec(), [12, 13, 14]);
		assert_eq!(Session::disabled_validators(), [0]);
		// It answers with what it had at stake, and is gone with the next era.
		run_to_session(2);
		assert_eq!(Session::validators(), [12, 13, 14]);
	})
}

#[test]
fn who_was_elected_again_before_its_offence_is_disabled_in_that_era_too() {
	without_rewards(|| {
		run_to_session(1);
		report(FIRST, 1, 1, 10);
		assert_eq!(Session::disabled_validators(), [0]);
		for session in [2, 3] {
			run_to_session(session);
			assert_eq!((Session::validators()[0], Session::disabled_validators()), (11, vec![0]), "{session}");
		}
		run_to_session(4);
		assert_eq!(Session::validators(), [12, 13, 14]);
		assert_eq!(Session::disabled_validators(), Vec::<u32>::new());
		assert!(!Offenders::<Test>::exists());
	})
}

#[test]
fn a_further_offender_in_a_slot_costs_the_first_the_difference() {
	without_rewards(|| {
		report(FIRST, 0, 1, 10);
		events();
		report(SECOND, 0, 1, 10);
		let mut seen = events();
		// The offences pallet lists reports by hash.
		seen.sort_by_key(|event| matches!(event, Event::Chilled { .. }));
		assert_eq!(seen, [slashed(11, 4_000), slashed(12, 6_000), chilled(12)]);
		assert_eq!(in_pot(), 14_000);
	})
}

#[test]
fn of_the_offences_of_a_session_the_gravest_counts() {
	without_rewards(|| {
		report(FIRST, 0, 1, 10);
		report(FIRST, 0, 2, 10);
		report(FIRST, 0, 3, 5);
		assert_eq!(in_pot(), 4_000);
		report(FIRST, 0, 4, 15);
		assert_eq!(in_pot(), 6_000);
		assert_eq!(SessionSlashes::<Test>::get(0, 11), Some(6_000));
	})
}

#[test]
fn every_session_counts_but_never_more_than_there_is() {
	without_rewards(|| {
		run_to_session(1);
		report(FIRST, 0, 1, 60);
		report(FIRST, 1, 2, 60);
		assert_eq!(in_pot(), 40_000);
		assert!(!Ledgers::<Test>::contains_key(Validator, 11));
		report(FIRST, 0, 3, 100);
		assert_eq!(in_pot(), 40_000);
		assert_eq!(Balances::free_balance(11), FUNDS - 40_000);
	})
}

#[test]
fn the_smallest_part_is_rounded_down_to_nothing_but_the_validator_is_chilled() {
	without_rewards(|| {
		report((VALIDATORS[3], 99), 0, 1, 1);
		assert_eq!(events(), [chilled(14)]);
		report((VALIDATORS[2], 100), 0, 2, 1);
		assert_eq!(events(), [slashed(13, 1), chilled(13)]);
	})
}

#[test]
fn what_began_to_unbond_since_the_election_answers_and_what_began_before_does_not() {
	without_rewards(|| {
		run_to(SESSION - 1);
		assert_ok!(Staking::unbond(signed(11), Validator, 5_000));
		// The election of era 1, with 35000.
		run_to_session(1);
		assert_ok!(Staking::unbond(signed(11), Validator, 1_000));
		run_to_session(2);
		assert_ok!(Staking::unbond(signed(11), Validator, 20_000));
		events();
		report((11, 35_000), 2, 1, 50);
		// Of 17500, 14000 are bonded; the rest comes from the last part.
		assert_eq!(events(), [slashed(11, 17_500), chilled(11)]);
		let parts = |who| ledger(Validator, who).unbonding.iter().map(|chunk| chunk.amount).collect::<Vec<_>>();
		assert_eq!((ledger(Validator, 11).active, parts(11)), (0, vec![5_000, 1_000, 16_500]));
		// The other half, and not what was not at stake.
		report((11, 35_000), 2, 2, 100);
		assert_eq!((in_pot(), parts(11)), (35_000, vec![5_000]));
		// In session 1 all of it was.
		report((11, 40_000), 1, 1, 100);
		assert_eq!(in_pot(), 40_000);
	})
}

#[test]
fn what_was_withdrawn_answers_no_more() {
	without_rewards(|| {
		assert_ok!(set_parameters(|parameters| parameters.validator_unbonding = 4 * SESSION));
		assert_ok!(Staking::unbond(signed(11), Validator, 30_000));
		run_to(4 * SESSION);
		assert_noop!(Staking::withdraw(signed(11), Validator), Error::NothingMatured);
		run_to(4 * SESSION + 1);
		assert_ok!(Staking::withdraw(signed(11), Validator));
		report(FIRST, 0, 1, 100);
		assert_eq!(in_pot(), 10_000);
	})
}

fn lengths(sessions: u32, unbonding: u32) {
	assert_ok!(set_parameters(|parameters| {
		(parameters.sessions_per_era, parameters.validator_unbonding) = (sessions, u64::from(unbonding) * SESSION)
	}));
}

/// The first validator unbonds all that it has.
fn unbond_all() {
	chill(11);
	assert_ok!(Staking::unbond(signed(11), Validator, STAKES[0]));
}

/// Blocks in each of which the first validator tries to withdraw, until it is no validator any more, or for twelve sessions.
/// Tells which was its last session.
fn flee() -> SessionIndex {
	let mut last = Session::current_index();
	for _ in 0..12 * SESSION {
		run_to(System::block_number() + 1);
		let _ = Staking::withdraw(signed(11), Validator);
		if !Session::validators().contains(&11) {
			break;
		}
		last = Session::current_index();
		assert_eq!(held(Validator, 11), STAKES[0], "session {last}: it makes blocks with nothing at stake");
	}
	last
}

/// Who leaves right after its election, with all it has, and equivocates in the last block of its term, answers with all
/// of it: whatever the lengths of eras and of unbonding are, or become.
#[test]
fn no_validator_outlives_its_bond() {
	type Escape = fn();
	let escapes: [(&str, SessionIndex, Escape); 5] = [
		("after the election", 3, || {
			lengths(2, 4);
			run_to_session(1);
			unbond_all();
		}),
		("eras become longer after the election", 3, || {
			lengths(2, 4);
			run_to_session(1);
			unbond_all();
			lengths(8, 10);
		}),
		("unbonding becomes shorter in a long era", 7, || {
			lengths(6, 8);
			run_to_session(2);
			lengths(1, 3);
			unbond_all();
		}),
		("unbonding becomes shorter after the election of a long era", 7, || {
			lengths(6, 8);
			run_to_session(1);
			lengths(1, 3);
			unbond_all();
		}),
		("elections are skipped", 13, || {
			lengths(2, 4);
			run_to_session(1);
			unbond_all();
			VALIDATORS[1..].iter().for_each(|who| chill(*who));
		}),
	];
	for (name, expected, escape) in escapes {
		without_rewards(|| {
			escape();
			let last = flee();
			assert_eq!((last, in_pot()), (expected, 0), "{name}");
			report(FIRST, last, 1, 100);
			assert_eq!(in_pot(), STAKES[0], "{name}");
		});
	}
}

/// The relation binds nobody for longer than it must.
#[test]
fn who_is_no_validator_any_more_withdraws_when_its_time_has_come() {
	without_rewards(|| {
		lengths(2, 4);
		run_to_session(1);
		unbond_all();
		run_to(5 * SESSION - 1);
		assert_noop!(Staking::withdraw(signed(11), Validator), Error::NothingMatured);
		run_to(5 * SESSION);
		assert!(!Session::validators().contains(&11));
		assert_ok!(Staking::withdraw(signed(11), Validator));
	})
}

#[test]
fn a_forgotten_session_takes_nothing() {
	without_rewards(|| {
		run_to(9 * SESSION - 1);
		assert_eq!(OldestSession::<Test>::get(), 0);
		run_to_session(9);
		events();
		let before = in_pot();
		report(FIRST, 0, 1, 100);
		assert_eq!((events(), in_pot()), (vec![], before));
		assert_eq!(Session::disabled_validators(), Vec::<u32>::new());
	})
}

#[test]
fn charges_go_with_their_session() {
	without_rewards(|| {
		report(FIRST, 0, 1, 10);
		run_to(9 * SESSION - 1);
		assert_eq!(SessionSlashes::<Test>::iter().count(), 1);
		run_to_session(9);
		assert_eq!(SessionSlashes::<Test>::iter().count(), 0);
	})
}

#[test]
fn the_weight_is_told() {
	without_rewards(|| {
		assert_eq!(Staking::on_offence(&[], &[], 0), <() as WeightInfo>::on_offence(0));
	})
}
