//! `declare`, `chill`, `chill_other`.

use super::*;

fn candidates() -> Vec<AccountId> {
	Candidates::<Test>::get().into_inner()
}

/// The maximum number of candidates: the four validators and four newcomers with bonds of 12000 and more.
fn fill() {
	for (index, who) in NEWCOMERS[..4].iter().enumerate() {
		become_candidate(*who, 12_000 + 1_000 * index as Balance);
	}
	assert_eq!(candidates().len() as u32, MAX_CANDIDATES);
	events();
}

#[test]
fn declare_adds_candidate() {
	ExtBuilder.build_and_execute(|| {
		bond(NEWCOMERS[0], Validator, MIN_VALIDATOR_BOND);
		events();
		assert_ok!(Bonds::declare(signed(NEWCOMERS[0])));
		assert_eq!(events(), [Event::Declared { who: NEWCOMERS[0] }]);
		assert_eq!(candidates(), [11, 12, 13, 14, 21]);
	})
}

#[test]
fn declare_fails_when_account_is_not_eligible() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(Bonds::declare(RuntimeOrigin::none()), DispatchError::BadOrigin);
		assert_noop!(Bonds::declare(signed(NEWCOMERS[0])), Error::NotBonded);
		bond(NEWCOMERS[0], Service, MIN_VALIDATOR_BOND);
		assert_noop!(Bonds::declare(signed(NEWCOMERS[0])), Error::NotBonded);
		bond(NEWCOMERS[0], Validator, MIN_VALIDATOR_BOND);
		assert_ok!(set_parameters(|parameters| parameters.min_validator_bond += 1));
		assert_noop!(Bonds::declare(signed(NEWCOMERS[0])), Error::BelowMinimum);
		bond(PROVIDERS[0], Validator, MIN_VALIDATOR_BOND + 1);
		assert_noop!(Bonds::declare(signed(PROVIDERS[0])), Error::NoSessionKeys);
		assert_noop!(Bonds::declare(signed(VALIDATORS[0])), Error::AlreadyCandidate);
		assert_ok!(Bonds::unbond(signed(NEWCOMERS[0]), Validator, MIN_VALIDATOR_BOND));
		assert_noop!(Bonds::declare(signed(NEWCOMERS[0])), Error::NotBonded);
	})
}

#[test]
fn declare_outbids_smallest_candidate_that_is_not_elected() {
	ExtBuilder.build_and_execute(|| {
		fill();
		bond(NEWCOMERS[4], Validator, 12_001);
		events();
		// Validator 14 has only 10000, but is elected.
		assert_ok!(Bonds::declare(signed(NEWCOMERS[4])));
		let outbid = Event::Chilled { who: NEWCOMERS[0], reason: ChillReason::Outbid };
		assert_eq!(events(), [outbid, Event::Declared { who: NEWCOMERS[4] }]);
		assert_eq!(candidates(), [11, 12, 13, 14, 22, 23, 24, 25]);
		// A candidate that was outbid keeps its bond.
		assert_eq!(ledger(Validator, NEWCOMERS[0]).active, 12_000);
	})
}

#[test]
fn declare_fails_when_bond_equals_smallest() {
	ExtBuilder.build_and_execute(|| {
		fill();
		bond(NEWCOMERS[4], Validator, 12_000);
		assert_noop!(Bonds::declare(signed(NEWCOMERS[4])), Error::TooManyCandidates);
	})
}

#[test]
fn declare_outbids_last_by_rank_when_bonds_are_equal() {
	ExtBuilder.build_and_execute(|| {
		NEWCOMERS[..4].iter().for_each(|who| become_candidate(*who, 12_000));
		become_candidate(NEWCOMERS[4], 12_001);
		assert_eq!(candidates(), [11, 12, 13, 14, 21, 22, 23, 25]);
	})
}

#[test]
fn declare_does_not_outbid_validator_of_next_era() {
	ExtBuilder.build_and_execute(|| {
		become_candidate(NEWCOMERS[0], 12_000);
		// Session 1 begins: era 1 is planned, with the newcomer instead of validator 14.
		run_to_session(1);
		assert_eq!(Planned::<Test>::get().unwrap().exposure(&NEWCOMERS[0]), Some(12_000));
		NEWCOMERS[1..4].iter().for_each(|who| become_candidate(*who, 13_000));
		bond(NEWCOMERS[4], Validator, 13_001);
		assert_ok!(Bonds::declare(signed(NEWCOMERS[4])));
		assert_eq!(candidates(), [11, 12, 13, 14, 21, 22, 23, 25]);
	})
}

#[test]
fn declare_fails_when_all_candidates_are_elected() {
	ExtBuilder.build_and_execute(|| {
		let all = BoundedVec::truncate_from((1..=MAX_CANDIDATES.into()).collect::<Vec<AccountId>>());
		let seats = all.iter().map(|who| (*who, 1)).take(MAX_VALIDATORS as usize).collect();
		let rest = all.iter().skip(MAX_VALIDATORS as usize).map(|who| (*who, 1)).collect();
		let election = |validators| ElectionOf::<Test> { at: 1, validators: BoundedVec::truncate_from(validators) };
		let before = (Candidates::<Test>::get(), Elected::<Test>::get());
		Candidates::<Test>::put(all);
		Elected::<Test>::put(election(seats));
		Planned::<Test>::put(election(rest));
		bond(NEWCOMERS[0], Validator, 500_000);
		assert_noop!(Bonds::declare(signed(NEWCOMERS[0])), Error::TooManyCandidates);
		Candidates::<Test>::put(before.0);
		Elected::<Test>::put(before.1);
		Planned::<Test>::kill();
	})
}

#[test]
fn chill_ends_candidacy() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Bonds::chill(signed(VALIDATORS[1])));
		assert_eq!(events(), [Event::Chilled { who: VALIDATORS[1], reason: ChillReason::Requested }]);
		assert_eq!(candidates(), [11, 13, 14]);
		assert_ok!(Bonds::unbond(signed(VALIDATORS[1]), Validator, STAKES[1]));
	})
}

#[test]
fn chill_fails_when_not_candidate() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(Bonds::chill(RuntimeOrigin::none()), DispatchError::BadOrigin);
		assert_noop!(Bonds::chill(signed(USER)), Error::NotCandidate);
	})
}

#[test]
fn chill_other_works_for_anyone_when_bond_is_below_minimum() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(Bonds::chill_other(RuntimeOrigin::none(), VALIDATORS[2]), DispatchError::BadOrigin);
		assert_noop!(Bonds::chill_other(signed(USER), NEWCOMERS[0]), Error::NotCandidate);
		assert_ok!(set_parameters(|parameters| parameters.min_validator_bond = STAKES[2]));
		assert_noop!(Bonds::chill_other(signed(USER), VALIDATORS[2]), Error::NotBelowMinimum);
		assert_ok!(set_parameters(|parameters| parameters.min_validator_bond = STAKES[2] + 1));
		events();
		assert_ok!(Bonds::chill_other(signed(USER), VALIDATORS[2]));
		assert_eq!(events(), [Event::Chilled { who: VALIDATORS[2], reason: ChillReason::BelowMinimum }]);
	})
}
