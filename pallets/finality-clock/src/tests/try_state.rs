//! Every invariant is checked.

use super::*;
use sp_runtime::DispatchError;

#[test]
fn try_state_finds_broken_invariants() {
	let attestation = |who: AccountId, finalized, at| {
		Attestations::<Test>::mutate(|latest| latest.try_insert(who, Attestation { finalized, at })).expect("room");
	};
	let cases: [(&str, &dyn Fn()); 5] = [
		("the clock is ahead of the chain", &|| Now::<Test>::put(50)),
		("an attestation about a block that is no ancestor", &|| attestation(11, 40, 40)),
		("an attestation of a later block", &|| attestation(11, 40, 51)),
		("two attestations in a block", &|| {
			attestation(11, 40, 50);
			attestation(12, 41, 50);
		}),
		("", &|| {
			Now::<Test>::put(49);
			attestation(11, 49, 50);
			attestation(12, 40, 49);
		}),
	];
	for (expected, damage) in cases {
		new_chain().execute_with(|| {
			skip_to(50);
			damage();
			let expected = if expected.is_empty() { Ok(()) } else { Err(DispatchError::Other(expected)) };
			assert_eq!(Clock::do_try_state(), expected);
		});
	}
}

#[test]
fn configuration_is_possible() {
	Clock::check_config();
}
