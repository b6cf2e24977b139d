use super::*;

fn genesis(policies: Vec<(Program, ProgramPolicyOf<Test>)>, fees: FeeSchedule) {
	ExtBuilder::build_with(GenesisConfig { policies, fees }).execute_with(check_invariants);
}

#[test]
fn policies_and_fees_are_those_of_the_genesis() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(Policies::<Test>::get(Program::Team), Some(TEAM));
		assert_eq!(Policies::<Test>::get(Program::EarlyInvestors), Some(EARLY_INVESTORS));
		assert_eq!(Policies::<Test>::iter().count(), 2);
		assert_eq!(Fees::<Test>::get(), FEES);
	})
}

#[test]
fn equal_bounds_are_sound() {
	let policy = ProgramPolicy { earliest_cliff: 100, ..TEAM };
	genesis(vec![(Program::Team, policy)], FeeSchedule { enterprise: FEES.professional, ..FEES });
}

#[test]
#[should_panic(expected = "the policy of Team stands twice")]
fn a_policy_that_stands_twice_panics() {
	genesis(vec![(Program::Team, TEAM), (Program::EarlyInvestors, EARLY_INVESTORS), (Program::Team, TEAM)], FEES);
}

#[test]
#[should_panic(expected = "the earliest cliff of Team is after its longest duration")]
fn a_policy_that_admits_nothing_panics() {
	genesis(vec![(Program::Team, ProgramPolicy { earliest_cliff: 101, ..TEAM })], FEES);
}

#[test]
#[should_panic(expected = "the tier Enterprise costs less than Professional")]
fn fees_that_fall_panic() {
	genesis(vec![], FeeSchedule { enterprise: FEES.professional - 1, ..FEES });
}
