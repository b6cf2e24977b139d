//! `set_parameters`.

use super::*;

#[test]
fn set_parameters_sets_them() {
	ExtBuilder.build_and_execute(|| {
		// At their bounds.
		let parameters = Parameters {
			validators: MAX_VALIDATORS,
			max_new: 1,
			min_validators: MAX_VALIDATORS,
			sessions_per_era: 1,
			min_validator_bond: 1,
			min_service_bond: 1,
			reward_per_block: 0,
			validator_unbonding: 1,
			service_unbonding: 1,
		};
		assert_ok!(Staking::set_parameters(RuntimeOrigin::root(), parameters.clone()));
		assert_eq!(events(), [Event::ParametersSet { parameters: parameters.clone() }]);
		assert_eq!(Staking::parameters(), parameters);
	})
}

#[test]
fn set_parameters_rejects() {
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
		(|parameters| parameters.service_unbonding = 0, Error::InvalidUnbonding.into()),
	];
	ExtBuilder.build_and_execute(|| {
		for (change, error) in rejects {
			assert_noop!(set_parameters(change), *error);
		}
		let unchanged = Staking::parameters();
		assert_noop!(Staking::set_parameters(signed(USER), unchanged.clone()), DispatchError::BadOrigin);
		assert_eq!(unchanged, parameters());
	})
}

#[test]
fn the_default_is_valid() {
	assert_ok!(Staking::check_parameters(&Default::default()));
}

#[test]
fn the_configuration_is_sound() {
	Staking::check_config();
}
