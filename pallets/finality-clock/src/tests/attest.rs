//! The call.

use super::*;
use sp_runtime::DispatchError;

#[test]
fn attest_records_attestation_of_author() {
	execute(|| {
		skip_to(50);
		assert_ok!(attest(49));
		let recorded: Vec<_> = Attestations::<Test>::get().into_iter().collect();
		assert_eq!(recorded, [(VALIDATORS[0], Attestation { finalized: 49, at: 50 })]);
	});
}

#[test]
fn attest_replaces_previous_attestation_of_author_even_by_a_lower_one() {
	execute(|| {
		skip_to(50);
		blocks(&[(12, 40), (12, 30)]);
		assert_eq!(Attestations::<Test>::get().get(&12), Some(&Attestation { finalized: 30, at: 52 }));
	});
}

#[test]
fn attest_is_refused_where_it_cannot_be_true() {
	let author = Some(VALIDATORS[1]);
	let cases: [(&str, Option<AccountId>, u64, Error); 5] = [
		("its own block", author, 50, Error::NotAnAncestor),
		("the next block", author, 51, Error::NotAnAncestor),
		("the last block of all", author, u64::MAX, Error::NotAnAncestor),
		("an author that is not a validator", Some(STRANGER), 49, Error::NotValidator),
		("no author", None, 49, Error::NotValidator),
	];
	for (case, author, finalized, error) in cases {
		execute(|| {
			skip_to(49);
			next_block(author);
			assert_noop!(attest(finalized), error);
			assert!(Attestations::<Test>::get().is_empty(), "{case}");
		});
	}
}

#[test]
fn attest_is_refused_twice_in_a_block() {
	execute(|| {
		skip_to(50);
		assert_ok!(attest(40));
		assert_noop!(attest(41), Error::AlreadyAttested);
		assert_noop!(attest(40), Error::AlreadyAttested);
		next_block(VALIDATORS[0]);
		assert_ok!(attest(40));
	});
}

#[test]
fn attest_is_refused_from_accounts_and_root() {
	execute(|| {
		skip_to(50);
		for origin in [RuntimeOrigin::signed(VALIDATORS[0]), RuntimeOrigin::root()] {
			assert_noop!(Clock::attest(origin, 49), DispatchError::BadOrigin);
		}
	});
}
