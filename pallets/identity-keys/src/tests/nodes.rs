//! Authentication nodes, the verifying key, and whether keys are required.

use super::*;
use encrytrust_groth16::identity::DEV_VERIFYING_KEY;

#[test]
fn admin_origin_appoints_and_dismisses_nodes() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(IdentityKeys::appoint_node(RuntimeOrigin::root(), STRANGER));
		assert_noop!(IdentityKeys::appoint_node(RuntimeOrigin::root(), STRANGER), Error::AlreadyAppointed);
		assert_ok!(IdentityKeys::dismiss_node(RuntimeOrigin::root(), STRANGER));
		assert_noop!(IdentityKeys::dismiss_node(RuntimeOrigin::root(), STRANGER), Error::UnknownNode);
		assert_eq!(events(), [Event::NodeAppointed { node: STRANGER }, Event::NodeDismissed { node: STRANGER }]);
	})
}

#[test]
fn admin_calls_fail_when_origin_is_not_admin() {
	ExtBuilder.build_and_execute(|| {
		let key = Trapdoor::new(3, 2).verifying_key().encode();
		for (name, outcome) in [
			("appoint_node", IdentityKeys::appoint_node(signed(NODE), STRANGER)),
			("dismiss_node", IdentityKeys::dismiss_node(signed(NODE), OTHER_NODE)),
			("set_verifying_key", IdentityKeys::set_verifying_key(signed(NODE), key)),
			("set_identity_required", IdentityKeys::set_identity_required(signed(NODE), true)),
		] {
			assert_eq!(outcome, Err(DispatchError::BadOrigin), "{name}");
		}
		assert_eq!(events(), []);
	})
}

#[test]
fn keys_stay_active_when_their_node_is_dismissed() {
	ExtBuilder.build_and_execute(|| {
		issue(OWNER, terms(1));
		assert_ok!(IdentityKeys::dismiss_node(RuntimeOrigin::root(), NODE));
		assert!(IdentityKeys::is_active(&OWNER));
		assert_noop!(request_key(OTHER, terms(2), NODE), Error::UnknownNode);
	})
}

#[test]
fn revoke_key_fails_when_verifying_key_was_replaced() {
	ExtBuilder.build_and_execute(|| {
		let id = issue(OWNER, terms(1));
		let old = proof(id, &STRANGER, None);
		let next = Trapdoor::new(3, 2);
		assert_ok!(IdentityKeys::set_verifying_key(RuntimeOrigin::root(), next.verifying_key().encode()));
		assert_eq!(events().last(), Some(&Event::VerifyingKeySet { version: 2 }));
		assert_noop!(IdentityKeys::revoke_key(signed(STRANGER), id, old), Error::InvalidProof);
		let new = prove(&next, IdentityKeys::statement(id, &STRANGER, None).unwrap(), 0);
		assert_ok!(IdentityKeys::revoke_key(signed(STRANGER), id, new));
		assert_eq!(changes(id).last(), Some(&(1, STRANGER, KeyChange::Revoked { verifying_key: 2 })));
	})
}

#[test]
fn set_verifying_key_fails_when_invalid() {
	ExtBuilder.build_and_execute(|| {
		let good = Trapdoor::new(3, 2).verifying_key().encode();
		let patched = |at: usize, patch: &[u8]| {
			let mut bytes = good.clone();
			bytes[at..at + patch.len()].copy_from_slice(patch);
			bytes
		};
		for (name, bytes, error) in [
			("none", vec![], Error::VerifyingKeyLength),
			("truncated", good[..703].to_vec(), Error::VerifyingKeyLength),
			("10 kB of garbage", vec![0xa5; 10_000], Error::VerifyingKeyLength),
			("for two inputs", Trapdoor::new(2, 2).verifying_key().encode(), Error::WrongArity),
			("for four inputs", Trapdoor::new(4, 2).verifying_key().encode(), Error::WrongArity),
			("alpha the identity", patched(0, &[0; 64]), Error::IdentityPoint),
			("alpha off its curve", patched(31, &[good[31] ^ 1]), Error::NotOnCurve),
			("an invalid coordinate", patched(0, &[0xff; 32]), Error::CoordinateNotCanonical),
			("delta is gamma", patched(320, &good[192..320]), Error::NoContribution),
			("the development key", DEV_VERIFYING_KEY.to_vec(), Error::DevelopmentKey),
			("the same again", TRAPDOOR.verifying_key().encode(), Error::SameVerifyingKey),
		] {
			let set = IdentityKeys::set_verifying_key(RuntimeOrigin::root(), bytes);
			assert_eq!(set, Err(error.into()), "{name}");
		}
		assert_eq!(CurrentVerifyingKey::<Test>::get().unwrap().version, 1);
		assert_eq!(events(), []);
	})
}

#[test]
fn revoke_key_fails_when_no_verifying_key_is_set() {
	ExtBuilder.build_with(GenesisConfig { verifying_key: None, ..genesis() }).execute_with(|| {
		let id = issue(OWNER, terms(1));
		let revoke = proof(id, &OWNER, None);
		let rotate = proof(id, &OWNER, Some(terms(2)));
		let batch = BoundedVec::truncate_from(vec![(id, revoke.clone())]);
		assert_noop!(IdentityKeys::revoke_key(signed(OWNER), id, revoke), Error::NoVerifyingKey);
		assert_noop!(rotate_key(OWNER, id, rotate, terms(2)), Error::NoVerifyingKey);
		assert_noop!(IdentityKeys::revoke_keys(signed(OWNER), batch), Error::NoVerifyingKey);
		check_invariants();
	})
}

#[test]
fn can_participate_depends_on_key_and_requirement() {
	ExtBuilder.build_and_execute(|| {
		let revoked = issue(OTHER, terms(2));
		assert_ok!(IdentityKeys::revoke_key(signed(OTHER), revoked, proof(revoked, &OTHER, None)));
		issue(OWNER, terms(1));
		request(RELAY, terms(3));
		for (required, expected) in [(false, [true, false, true, true]), (true, [true, false, false, false])] {
			assert_ok!(IdentityKeys::set_identity_required(RuntimeOrigin::root(), required));
			assert_eq!(events().pop(), Some(Event::IdentityRequiredSet { required }));
			// An active key, an ended key, a request, nothing.
			let may = [OWNER, OTHER, RELAY, STRANGER].map(|who| IdentityKeys::can_participate(&who));
			assert_eq!(may, expected, "required: {required}");
		}
		assert_eq!(
			[OWNER, OTHER, RELAY, STRANGER].map(|who| IdentityKeys::is_active(&who)),
			[true, false, false, false]
		);
	})
}
