//! The state at genesis.

use super::*;
use sp_runtime::BuildStorage;

#[test]
fn genesis_validators_are_bonded_candidates_and_elected() {
	ExtBuilder.build_and_execute(|| {
		for (who, stake) in at_genesis() {
			assert_eq!((held(Validator, who), ledger(Validator, who).active), (stake, stake));
		}
		assert_eq!(Candidates::<Test>::get().to_vec(), VALIDATORS);
		assert_eq!(elected(), at_genesis());
		assert_eq!(Session::validators(), VALIDATORS);
		let queued: Vec<_> = Session::queued_keys().into_iter().map(|(who, _)| who).collect();
		assert_eq!(queued, VALIDATORS);
		assert_eq!(CurrentEra::<Test>::get(), Era { index: 0, start_session: 0, sessions: ERA });
	})
}

#[test]
fn session_validators_are_kept_when_genesis_names_none() {
	let storage = genesis(Vec::new(), parameters()).build_storage().unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		assert_eq!(Session::validators(), VALIDATORS);
		assert_eq!(elected(), []);
	})
}

#[test]
fn genesis_panics_when_invalid() {
	let cases = [
		("a bond below the minimum", vec![(11, MIN_VALIDATOR_BOND - 1)], parameters()),
		("a validator twice", vec![(11, 20_000), (11, 20_000)], parameters()),
		("a validator without money", vec![(NOBODY, 20_000)], parameters()),
		("more validators than seats", at_genesis(), Parameters { validators: 3, ..parameters() }),
		("bonds that can flee", at_genesis(), Parameters { validator_unbonding: 4 * SESSION - 1, ..parameters() }),
		("bad parameters", at_genesis(), Parameters { max_new: 0, ..parameters() }),
	];
	for (case, validators, parameters) in cases {
		let build = move || genesis(validators, parameters).build_storage().map(drop);
		let outcome = std::panic::catch_unwind(build);
		assert!(!matches!(outcome, Ok(Ok(()))), "{case}");
	}
}
