use super::*;

fn genesis(policies: Vec<(Program, ProgramPolicyOf<Test>)>, fees: FeeSchedule) {
	ExtBuilder::build_with(GenesisConfig { policies, fees }).execute_with(check_invariants);
}

#[test]
fn genesis_stores_policies_and_fees() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(Policies::<Test>::get(Program::Team), Some(TEAM));
		assert_eq!(Policies::<Test>::get(Program::EarlyInvestors), Some(EARLY_INVESTORS));
		assert_eq!(Policies::<Test>::iter().count(), 2);
		assert_eq!(Fees::<Test>::get(), FEES);
	})
}

#[test]
fn genesis_accepts_equal_bounds() {
	let policy = ProgramPolicy { earliest_cliff: 100, ..TEAM };
	genesis(vec![(Program::Team, policy)], FeeSchedule { enterprise: FEES.professional, ..FEES });
}

#[test]
#[should_panic(expected = "the policy of Team is listed twice")]
fn genesis_panics_when_policy_is_listed_twice() {
	genesis(vec![(Program::Team, TEAM), (Program::EarlyInvestors, EARLY_INVESTORS), (Program::Team, TEAM)], FEES);
}

#[test]
#[should_panic(expected = "the earliest cliff of Team is after its longest duration")]
fn genesis_panics_when_policy_admits_no_terms() {
	genesis(vec![(Program::Team, ProgramPolicy { earliest_cliff: 101, ..TEAM })], FEES);
}

#[test]
#[should_panic(expected = "the tier Enterprise costs less than Professional")]
fn genesis_panics_when_higher_tier_is_cheaper() {
	genesis(vec![], FeeSchedule { enterprise: FEES.professional - 1, ..FEES });
}
