//! Offences, reported through the offences pallet.

use super::*;
use sp_runtime::Perbill;
use sp_staking::{
	offence::{Kind, Offence, OnOffenceHandler, ReportOffence},
	SessionIndex,
};

/// An equivocation: each further one in the same slot increases the fraction.
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

/// A chain whose pot changes only by slashes.
fn without_rewards(test: impl FnOnce()) {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set_parameters(|parameters| parameters.reward_per_block = 0));
		events();
		test();
	})
}

fn slashed(who: AccountId, amount: Balance) -> Event {
	Event::Slashed { offender: who, kind: Validator, amount }
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
fn offence_slashes_fraction_chills_and_disables() {
	without_rewards(|| {
		report(FIRST, 0, 1, 10);
		assert_eq!(events(), [slashed(11, 4_000), chilled(11)]);
		assert_eq!((held(Validator, 11), in_pot()), (36_000, 4_000));
		assert_eq!(Candidates::<Test>::get().to_vec(), [12, 13, 14]);
		assert_eq!(Session::disabled_validators(), [0]);
		// Its stake is slashed, and it is no validator from the next era on.
		run_to_session(2);
		assert_eq!(Session::validators(), [12, 13, 14]);
	})
}

#[test]
fn offender_is_disabled_in_era_it_was_already_elected_for() {
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
fn second_offender_in_slot_charges_first_the_difference() {
	without_rewards(|| {
		report(FIRST, 0, 1, 10);
		events();
		report(SECOND, 0, 1, 10);
		let mut seen = events();
		// The offences pallet orders reports by hash.
		seen.sort_by_key(|event| matches!(event, Event::Chilled { .. }));
		assert_eq!(seen, [slashed(11, 4_000), slashed(12, 6_000), chilled(12)]);
		assert_eq!(in_pot(), 14_000);
	})
}

#[test]
fn only_largest_offence_of_session_is_charged() {
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
fn offences_of_sessions_add_up_to_at_most_the_bond() {
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
fn offence_chills_when_slash_rounds_to_zero() {
	without_rewards(|| {
		report((VALIDATORS[3], 99), 0, 1, 1);
		assert_eq!(events(), [chilled(14)]);
		report((VALIDATORS[2], 100), 0, 2, 1);
		assert_eq!(events(), [slashed(13, 1), chilled(13)]);
	})
}

#[test]
fn offence_slashes_only_parts_that_began_to_unbond_after_election() {
	without_rewards(|| {
		run_to(SESSION - 1);
		assert_ok!(Bonds::unbond(signed(11), Validator, 5_000));
		// The election of era 1, with a stake of 35000.
		run_to_session(1);
		assert_ok!(Bonds::unbond(signed(11), Validator, 1_000));
		run_to_session(2);
		assert_ok!(Bonds::unbond(signed(11), Validator, 20_000));
		events();
		report((11, 35_000), 2, 1, 50);
		// Of the 17500, 14000 are taken from the bonded amount, and the rest from the last part.
		assert_eq!(events(), [slashed(11, 17_500), chilled(11)]);
		let parts = |who| ledger(Validator, who).unbonding.iter().map(|chunk| chunk.amount).collect::<Vec<_>>();
		assert_eq!((ledger(Validator, 11).active, parts(11)), (0, vec![5_000, 1_000, 16_500]));
		// The other half, but nothing that was not at stake.
		report((11, 35_000), 2, 2, 100);
		assert_eq!((in_pot(), parts(11)), (35_000, vec![5_000]));
		// In session 1 all of it was at stake.
		report((11, 40_000), 1, 1, 100);
		assert_eq!(in_pot(), 40_000);
	})
}

#[test]
fn offence_slashes_nothing_when_bond_was_withdrawn() {
	without_rewards(|| {
		assert_ok!(set_parameters(|parameters| parameters.validator_unbonding = 4 * SESSION));
		assert_ok!(Bonds::unbond(signed(11), Validator, 30_000));
		run_to(4 * SESSION);
		assert_noop!(Bonds::withdraw(signed(11), Validator), Error::NothingMatured);
		run_to(4 * SESSION + 1);
		assert_ok!(Bonds::withdraw(signed(11), Validator));
		report(FIRST, 0, 1, 100);
		assert_eq!(in_pot(), 10_000);
	})
}

fn lengths(sessions: u32, unbonding: u32) {
	assert_ok!(set_parameters(|parameters| {
		(parameters.sessions_per_era, parameters.validator_unbonding) = (sessions, u64::from(unbonding) * SESSION)
	}));
}

/// The first validator unbonds its whole bond.
fn unbond_all() {
	chill(11);
	assert_ok!(Bonds::unbond(signed(11), Validator, STAKES[0]));
}

/// The first validator tries to withdraw in each block until it is no longer a validator, for at most twelve sessions.
/// Returns its last session.
fn flee() -> SessionIndex {
	let mut last = Session::current_index();
	for _ in 0..12 * SESSION {
		run_to(System::block_number() + 1);
		let _ = Bonds::withdraw(signed(11), Validator);
		if !Session::validators().contains(&11) {
			break;
		}
		last = Session::current_index();
		assert_eq!(held(Validator, 11), STAKES[0], "session {last}: it makes blocks with nothing at stake");
	}
	last
}

/// A validator that unbonds right after its election and equivocates in the last block of its term is slashed by its
/// whole stake, whatever the lengths of eras and unbonding periods are, or become.
#[test]
fn validator_cannot_withdraw_before_its_term_ends() {
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

/// A bond is not withheld for longer than necessary.
#[test]
fn former_validator_withdraws_when_period_is_over() {
	without_rewards(|| {
		lengths(2, 4);
		run_to_session(1);
		unbond_all();
		run_to(5 * SESSION - 1);
		assert_noop!(Bonds::withdraw(signed(11), Validator), Error::NothingMatured);
		run_to(5 * SESSION);
		assert!(!Session::validators().contains(&11));
		assert_ok!(Bonds::withdraw(signed(11), Validator));
	})
}

#[test]
fn offence_slashes_nothing_when_session_was_pruned() {
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
fn session_slashes_are_pruned_with_their_session() {
	without_rewards(|| {
		report(FIRST, 0, 1, 10);
		run_to(9 * SESSION - 1);
		assert_eq!(SessionSlashes::<Test>::iter().count(), 1);
		run_to_session(9);
		assert_eq!(SessionSlashes::<Test>::iter().count(), 0);
	})
}

#[test]
fn on_offence_returns_weight() {
	without_rewards(|| {
		assert_eq!(Bonds::on_offence(&[], &[], 0), <() as WeightInfo>::on_offence(0));
	})
}
