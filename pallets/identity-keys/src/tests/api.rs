//! The runtime API.

use super::*;

#[test]
fn keys_of_returns_pages_newest_first() {
	ExtBuilder.build_and_execute(|| {
		let first = issue(OWNER, terms(1));
		let other = issue(OTHER, terms(2));
		for n in 3..6 {
			let id = NewestKey::<Test>::get(OWNER).unwrap();
			let proof = proof(id, &OWNER, Some(terms(n)));
			assert_ok!(rotate_key(OWNER, id, proof, terms(n)));
		}
		const NONE: [KeyId; 0] = [];
		let ids = |from, limit| -> Vec<KeyId> {
			IdentityKeys::keys_of(&OWNER, from, limit).into_iter().map(|(id, _)| id).collect()
		};
		assert_eq!(ids(None, 64), [4, 3, 2, first]);
		assert_eq!(ids(None, 2), [4, 3]);
		assert_eq!(ids(Some(2), 64), [2, first]);
		assert_eq!(ids(Some(other), 64), NONE);
		assert_eq!(ids(Some(99), 64), NONE);
		assert_eq!(ids(None, 0), NONE);
		assert_eq!(IdentityKeys::keys_of(&OWNER, None, 1), [(4, key(4))]);
		assert_eq!(IdentityKeys::keys_of(&STRANGER, None, 64), []);
	})
}

#[test]
fn standing_returns_newest_requested_and_active() {
	ExtBuilder.build_and_execute(|| {
		let standing =
			|newest, requested, active, can_participate| Standing { newest, requested, active, can_participate };
		assert_eq!(IdentityKeys::standing(&OWNER), standing(None, None, false, true));
		let id = request(OWNER, terms(1));
		assert_eq!(IdentityKeys::standing(&OWNER), standing(None, Some(id), false, true));
		assert_ok!(IdentityKeys::issue_key(signed(NODE), id));
		assert_eq!(IdentityKeys::standing(&OWNER), standing(Some(id), None, true, true));
		assert_ok!(IdentityKeys::revoke_key(signed(OTHER), id, proof(id, &OTHER, None)));
		assert_eq!(IdentityKeys::standing(&OWNER), standing(Some(id), None, false, false));
		let next = request(OWNER, terms(2));
		assert_eq!(IdentityKeys::standing(&OWNER), standing(Some(id), Some(next), false, false));
	})
}

#[test]
fn statement_returns_inputs_of_proof() {
	ExtBuilder.build_and_execute(|| {
		let id = issue(OWNER, terms(2));
		let statement = |context| Statement {
			genesis: GENESIS,
			commitment: terms(2).commitment,
			fingerprint: terms(2).public_key.fingerprint(),
			context,
		};
		let revoke = context(Action::Revoke, &GENESIS.0, id, STRANGER.as_ref());
		assert_eq!(IdentityKeys::statement(id, &STRANGER, None), Some(statement(revoke)));
		let rotate = context(Action::Rotate { terms: &terms(9) }, &GENESIS.0, id, STRANGER.as_ref());
		assert_eq!(IdentityKeys::statement(id, &STRANGER, Some(terms(9))), Some(statement(rotate)));
		assert_eq!(IdentityKeys::statement(id + 1, &STRANGER, None), None);
	})
}

#[test]
fn verifying_key_info_returns_version_and_bytes() {
	ExtBuilder.build_and_execute(|| {
		let info = IdentityKeys::verifying_key_info().unwrap();
		assert_eq!(info.bytes, TRAPDOOR.verifying_key().encode());
		assert_eq!((info.version, info.development), (1, false));
	})
}
