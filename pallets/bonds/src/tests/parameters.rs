//! `set_parameters`.

use super::*;

/// An era and two sessions.
const LEAST: u64 = (ERA as u64 + 2) * SESSION;
/// The number of blocks for which evidence is kept.
const EVIDENCE: u64 = EVIDENCE_SESSIONS as u64 * SESSION;

#[test]
fn set_parameters_bounds_validator_unbonding_by_era_and_evidence() {
	ExtBuilder.build_and_execute(|| {
		for unbonding in [LEAST, EVIDENCE] {
			assert_ok!(set_parameters(|parameters| parameters.validator_unbonding = unbonding));
		}
		// Both change together, in either direction; an era under way does not matter here.
		for (sessions, unbonding) in [(1, 3 * SESSION), (6, 8 * SESSION), (1, 3 * SESSION)] {
			assert_ok!(set_parameters(|parameters| {
				(parameters.sessions_per_era, parameters.validator_unbonding) = (sessions, unbonding)
			}));
		}
	})
}

#[test]
fn set_parameters_stores_parameters() {
	ExtBuilder.build_and_execute(|| {
		// At the bounds.
		let parameters = Parameters {
			validators: MAX_VALIDATORS,
			max_new: 1,
			min_validators: MAX_VALIDATORS,
			sessions_per_era: 1,
			min_validator_bond: 1,
			min_service_bond: 1,
			reward_per_block: 0,
			validator_unbonding: 3 * SESSION,
			service_unbonding: 1,
		};
		assert_ok!(Bonds::set_parameters(RuntimeOrigin::root(), parameters.clone()));
		assert_eq!(events(), [Event::ParametersSet { parameters: parameters.clone() }]);
		assert_eq!(Bonds::parameters(), parameters);
	})
}

#[test]
fn set_parameters_fails_when_invalid() {
	type Reject = (fn(&mut ParametersOf<Test>), DispatchError);
	let rejects: &[Reject] = &[
		(|parameters| parameters.validators = 0, Error::InvalidValidators.into()),
		(|parameters| parameters.validators = MAX_VALIDATORS + 1, Error::InvalidValidators.into()),
		(|parameters| parameters.max_new = 0, Error::InvalidMaxNew.into()),
		(|parameters| parameters.min_validators = 0, Error::InvalidMinValidators.into()),
		(|parameters| parameters.min_validators = parameters.validators + 1, Error::InvalidMinValidators.into()),
		(|parameters| parameters.sessions_per_era = 0, Error::InvalidSessionsPerEra.into()),
		(|parameters| parameters.min_validator_bond = 0, Error::InvalidMinimumBond.into()),
		(|parameters| parameters.min_service_bond = 0, Error::InvalidMinimumBond.into()),
		(|parameters| parameters.validator_unbonding = 0, Error::InvalidUnbonding.into()),
		// Shorter than an era and two sessions, by either parameter.
		(|parameters| parameters.validator_unbonding = LEAST - 1, Error::InvalidUnbonding.into()),
		(|parameters| parameters.sessions_per_era = ERA + 5, Error::InvalidUnbonding.into()),
		(|parameters| parameters.sessions_per_era = u32::MAX, Error::InvalidUnbonding.into()),
		// Longer than the evidence is kept.
		(|parameters| parameters.validator_unbonding = EVIDENCE + 1, Error::InvalidUnbonding.into()),
		(|parameters| parameters.service_unbonding = 0, Error::InvalidUnbonding.into()),
	];
	ExtBuilder.build_and_execute(|| {
		for (change, error) in rejects {
			assert_noop!(set_parameters(change), *error);
		}
		let unchanged = Bonds::parameters();
		assert_noop!(Bonds::set_parameters(signed(USER), unchanged.clone()), DispatchError::BadOrigin);
		assert_eq!(unchanged, parameters());
	})
}

#[test]
fn default_parameters_are_valid() {
	assert_ok!(Bonds::check_parameters(&Default::default()));
}

#[test]
fn check_config_passes() {
	Bonds::check_config();
}
