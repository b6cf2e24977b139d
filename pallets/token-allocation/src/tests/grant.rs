use super::*;

type Change = fn(&mut GrantTermsOf<Test>);

#[test]
fn grant_holds_amount_in_account_of_program() {
	ExtBuilder.build_and_execute(|| {
		let before = free(Program::Team.account());
		assert_ok!(TokenAllocation::grant(root(), Program::Team, ALICE, terms()));
		let id = 0;
		let program = Program::Team;
		let beneficiary = ALICE;
		let terms = terms();
		assert_eq!(events(), [Event::Granted { grant_id: id, program, beneficiary, terms }]);
		assert_eq!(Grants::<Test>::get(id), Some(Grant { program, beneficiary, terms, claimed: 0, withdrawn: None }));
		assert_eq!((granted(program), free(program.account())), (AMOUNT, before - AMOUNT));
		assert_eq!(free(ALICE), FUNDS);
	})
}

#[test]
fn grants_have_consecutive_ids() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!([ALICE, BOB, ALICE].map(|who| grant_to(who, terms())), [0, 1, 2]);
		assert_eq!(open_grants(ALICE), [0, 2]);
		assert_eq!(open_grants(BOB), [1]);
		assert_eq!(granted(Program::Team), 3 * AMOUNT);
	})
}

#[test]
fn grant_ids_are_never_reused() {
	ExtBuilder.build_and_execute(|| {
		let first = grant_to(ALICE, terms());
		assert_ok!(TokenAllocation::withdraw_grant(root(), first));
		assert_eq!(grant_to(ALICE, terms()), first + 1);
	})
}

#[test]
fn grant_requires_admin_origin() {
	ExtBuilder.build_and_execute(|| {
		for origin in [signed(ALICE), signed(Program::Team.account()), RuntimeOrigin::none()] {
			assert_noop!(TokenAllocation::grant(origin, Program::Team, ALICE, terms()), BadOrigin);
		}
	})
}

#[test]
fn grant_fails_when_policy_does_not_admit_terms() {
	let team: [(&str, Change, Error); 6] = [
		("of nothing", |terms| terms.amount = 0, Error::ZeroAmount),
		("a start yesterday", |terms| terms.start = 4, Error::StartInPast),
		("a cliff after the end", |terms| terms.cliff = 41, Error::CliffAfterEnd),
		("a cliff too early", |terms| terms.cliff = 9, Error::CliffTooEarly),
		("a duration too long", |terms| terms.duration = 101, Error::DurationTooLong),
		("an end that never comes", |terms| terms.start = u64::MAX - 39, Error::Overflow),
	];
	ExtBuilder.build_and_execute(|| {
		at(5);
		for (case, change, error) in team {
			let mut terms = terms();
			change(&mut terms);
			let result = TokenAllocation::grant(root(), Program::Team, ALICE, terms);
			assert_eq!(result, Err(error.into()), "{case}");
		}
		let revocable = TokenAllocation::grant(root(), Program::EarlyInvestors, ALICE, terms());
		assert_eq!(revocable, Err(Error::RevocableNotAllowed.into()));
		let no_policy = TokenAllocation::grant(root(), Program::Foundation, ALICE, terms());
		assert_eq!(no_policy, Err(Error::NoPolicy.into()));
		assert_eq!((events(), NextGrantId::<Test>::get()), (vec![], 0));
	})
}

#[test]
fn grant_works_at_bounds_of_policy() {
	let bounds: &[(&str, Change)] = &[
		("a start today", |terms| terms.start = 5),
		("the earliest cliff", |terms| terms.cliff = 10),
		("a cliff at the end", |terms| terms.cliff = 40),
		("the longest duration", |terms| terms.duration = 100),
		("the last end", |terms| terms.start = u64::MAX - 40),
		("irrevocable", |terms| terms.revocable = false),
	];
	for (case, change) in bounds {
		ExtBuilder.build_and_execute(|| {
			at(5);
			let mut terms = terms();
			change(&mut terms);
			assert_eq!(TokenAllocation::grant(root(), Program::Team, ALICE, terms), Ok(()), "{case}");
		})
	}
}

#[test]
fn grant_vests_at_start_when_it_has_no_cliff_or_duration() {
	ExtBuilder.build_and_execute(|| {
		let at_once = GrantTerms { amount: AMOUNT, start: 5, cliff: 0, duration: 0, revocable: false };
		assert_ok!(TokenAllocation::grant(root(), Program::EarlyInvestors, ALICE, at_once));
		at(4);
		assert_noop!(TokenAllocation::claim(signed(ALICE), 0), Error::NothingToClaim);
		at(5);
		assert_ok!(TokenAllocation::claim(signed(ALICE), 0));
		assert_eq!(free(ALICE), FUNDS + AMOUNT);
	})
}

#[test]
fn grant_leaves_existential_deposit_to_program() {
	ExtBuilder.build_and_execute(|| {
		let account = Program::Team.account();
		let all = free(account) - EXISTENTIAL_DEPOSIT;
		let of = |amount| GrantTerms { amount, ..terms() };
		assert_noop!(TokenAllocation::grant(root(), Program::Team, ALICE, of(all + 1)), Error::ProgramExhausted);
		grant_to(ALICE, of(all));
		assert_eq!((free(account), granted(Program::Team)), (EXISTENTIAL_DEPOSIT, all));
		assert_noop!(TokenAllocation::grant(root(), Program::Team, BOB, of(1)), Error::ProgramExhausted);
	})
}

#[test]
fn grant_fails_when_new_beneficiary_gets_less_than_existential_deposit() {
	ExtBuilder.build_and_execute(|| {
		let of = |amount| GrantTerms { amount, ..terms() };
		assert_noop!(
			TokenAllocation::grant(root(), Program::Team, NOBODY, of(EXISTENTIAL_DEPOSIT - 1)),
			Error::BelowExistentialDeposit
		);
		grant_to(NOBODY, of(EXISTENTIAL_DEPOSIT));
		grant_to(ALICE, of(1));
	})
}

#[test]
fn grant_fails_when_beneficiary_is_program() {
	ExtBuilder.build_and_execute(|| {
		for program in Program::ALL {
			assert_noop!(
				TokenAllocation::grant(root(), Program::Team, program.account(), terms()),
				Error::InvalidBeneficiary
			);
		}
	})
}

#[test]
fn grant_fails_when_beneficiary_has_maximum_of_open_grants() {
	ExtBuilder.build_and_execute(|| {
		for _ in 0..MAX_GRANTS {
			grant_to(ALICE, terms());
		}
		assert_noop!(TokenAllocation::grant(root(), Program::Team, ALICE, terms()), Error::TooManyGrants);
		grant_to(BOB, terms());
		assert_ok!(TokenAllocation::withdraw_grant(root(), 1));
		grant_to(ALICE, terms());
		assert_eq!(open_grants(ALICE), [0, 2, 4]);
	})
}
