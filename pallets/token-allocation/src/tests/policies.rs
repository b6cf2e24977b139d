use super::*;

const STRICT: ProgramPolicyOf<Test> = ProgramPolicy { earliest_cliff: 40, longest_duration: 40, revocable: false };

#[test]
fn set_policy_applies_to_future_grants() {
	with_grant(ALICE, |id| {
		assert_ok!(TokenAllocation::set_policy(root(), Program::Team, Some(STRICT)));
		assert_eq!(events(), [Event::PolicySet { program: Program::Team, policy: Some(STRICT) }]);
		assert_noop!(TokenAllocation::grant(root(), Program::Team, ALICE, terms()), Error::CliffTooEarly);
		grant_to(ALICE, GrantTerms { cliff: 40, revocable: false, ..terms() });
		assert_eq!(Grants::<Test>::get(id).unwrap().terms, terms());
		assert_ok!(TokenAllocation::withdraw_grant(root(), id));
	})
}

#[test]
fn grant_fails_when_policy_was_removed() {
	with_grant(ALICE, |id| {
		assert_ok!(TokenAllocation::set_policy(root(), Program::Team, None));
		assert_eq!(events(), [Event::PolicySet { program: Program::Team, policy: None }]);
		assert_noop!(TokenAllocation::grant(root(), Program::Team, ALICE, terms()), Error::NoPolicy);
		at(51);
		assert_ok!(TokenAllocation::claim(signed(ALICE), id));
	})
}

#[test]
fn set_policy_fails_when_no_terms_are_admitted() {
	ExtBuilder.build_and_execute(|| {
		let empty = ProgramPolicy { earliest_cliff: 41, ..STRICT };
		assert_noop!(TokenAllocation::set_policy(root(), Program::Team, Some(empty)), Error::InvalidPolicy);
	})
}

#[test]
fn set_policy_requires_admin_origin() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(TokenAllocation::set_policy(signed(ALICE), Program::Team, Some(STRICT)), BadOrigin);
	})
}
