//! From a request to a key.

use super::*;

#[test]
fn issue_key_activates_requested_key() {
	ExtBuilder.build_and_execute(|| {
		let id = request(OWNER, terms(1));
		assert_eq!(held(&OWNER), IdentityKeys::request(id).unwrap().deposit);
		assert!(held(&OWNER) > 500, "every byte costs");
		assert!(!IdentityKeys::is_active(&OWNER));
		pass(3);
		assert_ok!(IdentityKeys::issue_key(signed(NODE), id));
		let expires_at = 1 + LIFETIME;
		assert_eq!(
			events(),
			[
				Event::KeyRequested { key_id: id, owner: OWNER, node: NODE, expires_at },
				Event::KeyIssued { key_id: id, owner: OWNER, node: NODE },
			]
		);
		assert!(IdentityKeys::is_active(&OWNER));
		let issued = key(id);
		assert_eq!(
			(issued.owner, issued.terms, issued.issuer, issued.previous, issued.status),
			(OWNER, terms(1), NODE, None, KeyStatus::Active)
		);
		assert_eq!(issued.deposit, held(&OWNER));
		assert_eq!(changes(id), [(1, OWNER, KeyChange::Requested), (4, NODE, KeyChange::Issued)]);
		assert_eq!(IdentityKeys::request(id), None);
	})
}

#[test]
fn request_key_fails_when_input_is_invalid() {
	ExtBuilder.build_and_execute(|| {
		issue(OTHER, terms(9));
		request(RELAY, terms(8));
		events();
		let r = Fr::from(0u8) - Fr::from(1u8);
		let mut not_below_r = encode_scalar(&r);
		not_below_r[31] += 1;
		let kdf = |memory_kib, passes, lanes| KeyTerms { kdf: KdfParams { memory_kib, passes, lanes }, ..terms(1) };
		for (name, owner, terms, node, error) in [
			("a second request", RELAY, terms(1), NODE, Error::AlreadyRequested),
			("an active key", OTHER, terms(1), NODE, Error::AlreadyActive),
			("no authentication node", OWNER, terms(1), STRANGER, Error::UnknownNode),
			("somebody's public key", OWNER, terms(9), NODE, Error::KeyTaken),
			("r", OWNER, KeyTerms { commitment: not_below_r, ..terms(1) }, NODE, Error::InvalidCommitment),
			("2^256 - 1", OWNER, KeyTerms { commitment: [0xff; 32], ..terms(1) }, NODE, Error::InvalidCommitment),
			("little memory", OWNER, kdf(16_383, 3, 1), NODE, Error::KdfMemory),
			("100 GB of memory", OWNER, kdf(100 << 20, 3, 1), NODE, Error::KdfMemory),
			("no pass", OWNER, kdf(65_536, 0, 1), NODE, Error::KdfPasses),
			("a minute of passes", OWNER, kdf(65_536, 300, 1), NODE, Error::KdfPasses),
			("no lane", OWNER, kdf(65_536, 3, 0), NODE, Error::KdfLanes),
			("many lanes", OWNER, kdf(65_536, 3, 5), NODE, Error::KdfLanes),
		] {
			assert_noop!(request_key(owner, terms, node), error);
			assert_eq!(events(), [], "{name}");
		}
		let poor = request_key(NOBODY, terms(1), NODE);
		assert_noop!(poor, DispatchError::Token(TokenError::FundsUnavailable));
		let largest = KeyTerms { commitment: encode_scalar(&r), ..terms(1) };
		assert_ok!(request_key(OWNER, largest, NODE));
	})
}

#[test]
fn issue_and_refuse_fail_when_signer_is_not_named_node() {
	ExtBuilder.build_and_execute(|| {
		let id = request(OWNER, terms(1));
		for who in [OTHER_NODE, OWNER, STRANGER] {
			assert_noop!(IdentityKeys::issue_key(signed(who.clone()), id), Error::NotAuthorized);
			assert_noop!(IdentityKeys::refuse_key(signed(who), id), Error::NotAuthorized);
		}
		assert_noop!(IdentityKeys::issue_key(signed(NODE), id + 1), Error::UnknownRequest);
		assert_noop!(IdentityKeys::refuse_key(signed(NODE), id + 1), Error::UnknownRequest);
		assert_ok!(IdentityKeys::issue_key(signed(NODE), id));
		assert_noop!(IdentityKeys::issue_key(signed(NODE), id), Error::UnknownRequest);
		assert_noop!(IdentityKeys::refuse_key(signed(NODE), id), Error::UnknownRequest);
	})
}

#[test]
fn refuse_key_removes_request_and_releases_deposit() {
	ExtBuilder.build_and_execute(|| {
		let id = request(OWNER, terms(1));
		events();
		assert_ok!(IdentityKeys::refuse_key(signed(NODE), id));
		assert_eq!(events(), [Event::RequestRefused { key_id: id, owner: OWNER, node: NODE }]);
		assert_eq!((held(&OWNER), IdentityKeys::request(id)), (0, None));
		// Account and public key can be used again, but the id is not.
		assert!(IdentityKeys::can_participate(&OWNER));
		assert_eq!(request(OWNER, terms(1)), id + 1);
	})
}

#[test]
fn expire_request_works_when_last_block_has_passed() {
	ExtBuilder.build_and_execute(|| {
		let first = request(OWNER, terms(1));
		let second = request(OTHER, terms(2));
		events();
		System::set_block_number(1 + LIFETIME);
		assert_noop!(IdentityKeys::expire_request(signed(STRANGER), first), Error::NotExpired);
		assert_ok!(IdentityKeys::issue_key(signed(NODE), first));
		pass(1);
		assert_noop!(IdentityKeys::issue_key(signed(NODE), second), Error::RequestExpired);
		assert_ok!(IdentityKeys::expire_request(signed(STRANGER), second));
		assert_noop!(IdentityKeys::expire_request(signed(STRANGER), second), Error::UnknownRequest);
		assert_eq!(
			events(),
			[
				Event::KeyIssued { key_id: first, owner: OWNER, node: NODE },
				Event::RequestExpired { key_id: second, owner: OTHER },
			]
		);
		assert_eq!(held(&OTHER), 0);
	})
}

#[test]
fn issue_key_fails_when_node_was_dismissed() {
	ExtBuilder.build_and_execute(|| {
		let id = request(OWNER, terms(1));
		assert_ok!(IdentityKeys::dismiss_node(RuntimeOrigin::root(), NODE));
		assert_noop!(IdentityKeys::issue_key(signed(NODE), id), Error::NodeDismissed);
		// Its owner can request a key from another node at once.
		assert_ok!(IdentityKeys::expire_request(signed(OWNER), id));
		assert_ok!(request_key(OWNER, terms(1), OTHER_NODE));
		assert_ok!(IdentityKeys::issue_key(signed(OTHER_NODE), id + 1));
	})
}

#[test]
fn issue_key_fails_when_public_key_was_issued_to_another() {
	ExtBuilder.build_and_execute(|| {
		let first = request(OWNER, terms(1));
		let second = request(OTHER, terms(1));
		assert_ok!(IdentityKeys::issue_key(signed(NODE), second));
		assert_noop!(IdentityKeys::issue_key(signed(NODE), first), Error::KeyTaken);
		assert_ok!(IdentityKeys::refuse_key(signed(NODE), first));
	})
}
