//! Revocation and rotation.

use super::*;

#[test]
fn revoke_key_works_for_anyone_with_valid_proof() {
	ExtBuilder.build_and_execute(|| {
		let id = issue(OWNER, terms(1));
		let deposit = held(&OWNER);
		events();
		pass(2);
		assert_ok!(IdentityKeys::revoke_key(signed(STRANGER), id, proof(id, &STRANGER, None)));
		assert_eq!(events(), [Event::KeyRevoked { key_id: id, owner: OWNER, submitter: STRANGER }]);
		// The record stays, and so does its deposit.
		assert_eq!((key(id).status, key(id).deposit, held(&OWNER)), (KeyStatus::Revoked, deposit, deposit));
		assert!(!IdentityKeys::is_active(&OWNER));
		assert!(!IdentityKeys::can_participate(&OWNER));
		assert_eq!(changes(id)[2..], [(3, STRANGER, KeyChange::Revoked { verifying_key: 1 })]);
	})
}

#[test]
fn request_key_fails_when_public_key_was_revoked() {
	ExtBuilder.build_and_execute(|| {
		let first = issue(OWNER, terms(1));
		assert_ok!(IdentityKeys::revoke_key(signed(OWNER), first, proof(first, &OWNER, None)));
		assert_noop!(request_key(OWNER, terms(1), NODE), Error::KeyTaken);
		assert_noop!(request_key(OTHER, terms(1), NODE), Error::KeyTaken);
		let second = request(OWNER, terms(2));
		assert!(!IdentityKeys::can_participate(&OWNER), "a request is no key");
		assert_ok!(IdentityKeys::issue_key(signed(NODE), second));
		assert!(IdentityKeys::can_participate(&OWNER));
		assert_eq!(key(second).previous, Some(first));
	})
}

#[test]
fn rotate_key_works_for_anyone_with_valid_proof() {
	ExtBuilder.build_and_execute(|| {
		let from = issue(OWNER, terms(1));
		let deposit = held(&OWNER);
		events();
		pass(2);
		let rotation = proof(from, &STRANGER, Some(terms(2)));
		assert_ok!(rotate_key(STRANGER, from, rotation, terms(2)));
		let to = from + 1;
		assert_eq!(
			events(),
			[Event::KeyRotated { old_key_id: from, new_key_id: to, owner: OWNER, submitter: STRANGER }]
		);
		// The old record keeps the owner's deposit; whoever rotates pays for the new one.
		let old = key(from);
		assert_eq!((old.status, old.depositor, old.deposit), (KeyStatus::Rotated { to }, OWNER, deposit));
		let new = key(to);
		assert_eq!(
			(new.owner, new.terms, new.issuer, new.previous, new.status, new.deposit),
			(OWNER, terms(2), NODE, Some(from), KeyStatus::Active, deposit)
		);
		assert_eq!(new.depositor, STRANGER);
		assert_eq!((held(&OWNER), held(&STRANGER)), (deposit, deposit));
		assert!(IdentityKeys::is_active(&OWNER));
		assert!(!IdentityKeys::is_active(&STRANGER));
		assert_eq!(changes(from)[2..], [(3, STRANGER, KeyChange::Rotated { to, verifying_key: 1 })]);
		assert_eq!(changes(to), [(3, STRANGER, KeyChange::Succeeded { from })]);

		// From now on the secret of the new key is needed.
		assert_ok!(IdentityKeys::revoke_key(signed(OTHER), to, proof(to, &OTHER, None)));
	})
}

#[test]
fn rotate_key_fails_when_new_key_is_invalid() {
	ExtBuilder.build_and_execute(|| {
		let id = issue(OWNER, terms(1));
		let taken = issue(OTHER, terms(2));
		events();
		for (name, terms, error) in [
			("somebody's", key(taken).terms, Error::KeyTaken),
			("the same", terms(1), Error::KeyTaken),
			("no scalar", KeyTerms { commitment: [0xff; 32], ..terms(3) }, Error::InvalidCommitment),
			("parameters", KeyTerms { kdf: KdfParams { lanes: 9, ..Default::default() }, ..terms(3) }, Error::KdfLanes),
		] {
			let proof = proof(id, &OWNER, Some(terms));
			assert_noop!(rotate_key(OWNER, id, proof, terms), error);
			assert_eq!(events(), [], "{name}");
		}
	})
}

#[test]
fn rotate_key_fails_when_signer_cannot_pay_deposit() {
	ExtBuilder.build_and_execute(|| {
		let id = issue(OWNER, terms(1));
		let deposit = held(&OWNER);
		assert_ok!(Balances::transfer_allow_death(signed(STRANGER), RELAY, FUNDS - deposit));
		let poor = rotate_key(STRANGER, id, proof(id, &STRANGER, Some(terms(2))), terms(2));
		assert_noop!(poor, DispatchError::Token(TokenError::FundsUnavailable));
		// An owner without funds does not prevent it: a thief of the owner's account could take them.
		assert_ok!(Balances::transfer_allow_death(signed(OWNER), RELAY, FUNDS - deposit - 100));
		assert_ok!(rotate_key(RELAY, id, proof(id, &RELAY, Some(terms(2))), terms(2)));
	})
}
