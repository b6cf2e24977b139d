//! Every invariant, violated once.

use super::*;
use frame_support::traits::{fungible::MutateHold, tokens::Precision::Exact};

type Corruption = (&'static str, fn(), &'static str);

const CORRUPTIONS: &[Corruption] = &[
	("ids go back", || NextKeyId::<Test>::put(4), "a request with an unused id"),
	("a request is forgotten by its owner", || RequestedBy::<Test>::remove(RELAY), "a request that is not its owner's"),
	("an owner remembers too much", || RequestedBy::<Test>::insert(NOBODY, 9), "an owner without request"),
	(
		"a request expires before it is made",
		|| Requests::<Test>::mutate(4, |request| request.as_mut().unwrap().expires_at = 0),
		"a request that never could be issued",
	),
	(
		"a key is active again",
		|| change(0, |key| key.status = KeyStatus::Active),
		"an active key that is not the newest",
	),
	("an ended key loses its deposit", || change(0, |key| key.deposit = 0), "a key without a deposit"),
	("a previous key is missing", || Keys::<Test>::remove(0), "a previous key is missing"),
	(
		"a previous key belongs to a stranger",
		|| change(0, |key| key.owner = NOBODY),
		"a previous key belongs to another account",
	),
	("a key precedes itself", || change(1, |key| key.previous = Some(1)), "a previous key is newer"),
	(
		"a key is rotated to a stranger",
		|| change(0, |key| key.status = KeyStatus::Rotated { to: 2 }),
		"a successor does not name its predecessor",
	),
	(
		"a key is rotated to none",
		|| change(0, |key| key.status = KeyStatus::Rotated { to: 9 }),
		"a successor is missing",
	),
	("a key is lost", || change(1, |key| key.previous = None), "a key cannot be reached from its owner"),
	("an account forgets its key", || NewestKey::<Test>::remove(STRANGER), "a key cannot be reached from its owner"),
	("a public key is exchanged", || change(3, |key| key.terms = terms(9)), "a public key of another key"),
	("a public key is forgotten", || IssuedKeys::<Test>::remove(terms(1).public_key), "a public key was issued twice"),
	(
		"a history is out of order",
		|| Histories::<Test>::mutate(0, |history| history[0].at = 99),
		"a history out of order",
	),
	("a history is emptied", || Histories::<Test>::remove(0), "a history without a beginning"),
	(
		"a history loses its end",
		|| {
			Histories::<Test>::mutate(3, |history| history.pop());
		},
		"a history of another end",
	),
	("a history of no key", || Histories::<Test>::insert(9, HistoryOf::<Test>::default()), "a history without a key"),
	(
		"a deposit is released",
		|| {
			assert_ok!(<Balances as MutateHold<_>>::release(&HoldReason::KeyDeposit.into(), &OWNER, 1, Exact));
		},
		"deposits are not what is on hold",
	),
	("a deposit is ascribed to another", || change(0, |key| key.depositor = OTHER), "deposits are not what is on hold"),
	(
		"a request's deposit grows",
		|| Requests::<Test>::mutate(4, |request| request.as_mut().unwrap().deposit += 1),
		"deposits are not what is on hold",
	),
	(
		"the prepared key is another's",
		|| CurrentPreparedKey::<Test>::mutate(|key| key.as_mut().unwrap()[40] ^= 1),
		"the prepared key is another key's",
	),
	(
		"the verifying key is invalid",
		|| CurrentVerifyingKey::<Test>::mutate(|key| key.as_mut().unwrap().bytes[31] ^= 1),
		"the verifying key is invalid",
	),
];

fn change(id: KeyId, change: fn(&mut KeyOf<Test>)) {
	Keys::<Test>::mutate(id, |key| change(key.as_mut().unwrap()));
}

/// Key 0 was rotated to 1, 2 is active, 3 revoked, 4 requested.
fn set_up() {
	let first = issue(OWNER, terms(1));
	let rotation = proof(first, &OWNER, Some(terms(2)));
	assert_ok!(rotate_key(OWNER, first, rotation, terms(2)));
	issue(OTHER, terms(3));
	let revoked = issue(STRANGER, terms(4));
	assert_ok!(IdentityKeys::revoke_key(signed(OWNER), revoked, proof(revoked, &OWNER, None)));
	request(RELAY, terms(5));
}

#[test]
fn try_state_fails_for_every_corruption() {
	for (name, corrupt, message) in CORRUPTIONS {
		ExtBuilder.build().execute_with(|| {
			set_up();
			check_invariants();
			corrupt();
			assert_eq!(IdentityKeys::do_try_state(), Err(DispatchError::Other(message)), "{name}");
		});
	}
}
