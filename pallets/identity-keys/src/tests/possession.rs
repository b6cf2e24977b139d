//! The signature by a key without which it is not registered.

use super::*;

/// A signature that does not register the key of `terms(n)` for [`OWNER`].
fn invalid(purpose: Purpose, n: u8) -> Vec<(&'static str, KeySignature)> {
	let terms_of = terms;
	let key = terms_of(n).public_key;
	let message = |purpose, genesis, owner: &AccountId, key| possession_message(purpose, genesis, owner.as_ref(), key);
	let other_purpose = match purpose {
		Purpose::Request => Purpose::Rotate,
		Purpose::Rotate => Purpose::Request,
	};
	let good = message(purpose, &GENESIS.0, &OWNER, &key);
	let signature = sign(n, &good);
	// Keys of the same type have numbers that differ by three.
	let same_type = n + 3;
	vec![
		("for another account", sign(n, &message(purpose, &GENESIS.0, &OTHER, &key))),
		("for another purpose", sign(n, &message(other_purpose, &GENESIS.0, &OWNER, &key))),
		("for another chain", sign(n, &message(purpose, &[1; 32], &OWNER, &key))),
		("for another key", sign(n, &message(purpose, &GENESIS.0, &OWNER, &terms_of(same_type).public_key))),
		("by another key", sign(same_type, &good)),
		("by a key of another type", sign(n + 1, &good)),
		("of another type, of the same bytes", relabelled(signature)),
		("of a wrapped message", sign(n, &[b"<Bytes>", &good[..], b"</Bytes>"].concat())),
		("of a part of the message", sign(n, &good[..32])),
		("damaged at its start", damaged(signature, 0)),
		("damaged at its end", damaged(signature, 63)),
		("of zeros", zeros(signature)),
	]
}

fn relabelled(signature: KeySignature) -> KeySignature {
	match signature {
		KeySignature::Sr25519(bytes) => KeySignature::Ed25519(bytes),
		KeySignature::Ed25519(bytes) => KeySignature::Sr25519(bytes),
		KeySignature::Ecdsa(bytes) => KeySignature::Sr25519(bytes[..64].try_into().unwrap()),
	}
}

fn damaged(mut signature: KeySignature, at: usize) -> KeySignature {
	match &mut signature {
		KeySignature::Sr25519(bytes) | KeySignature::Ed25519(bytes) => bytes[at] ^= 1,
		KeySignature::Ecdsa(bytes) => bytes[at] ^= 1,
	}
	signature
}

fn zeros(signature: KeySignature) -> KeySignature {
	match signature {
		KeySignature::Sr25519(_) => KeySignature::Sr25519([0; 64]),
		KeySignature::Ed25519(_) => KeySignature::Ed25519([0; 64]),
		KeySignature::Ecdsa(_) => KeySignature::Ecdsa([0; 65]),
	}
}

#[test]
fn request_key_fails_without_signature_by_key() {
	ExtBuilder.build_and_execute(|| {
		for n in [3, 4, 5] {
			let terms = terms(n);
			for (name, signature) in invalid(Purpose::Request, n) {
				let refused = IdentityKeys::request_key(signed(OWNER), terms, NODE, signature);
				assert_eq!(refused, Err(Error::InvalidPossession.into()), "{name}, {:?}", terms.public_key);
			}
			// The same key, with its signature.
			assert_ok!(request_key(OWNER, terms, NODE));
			assert_ok!(IdentityKeys::refuse_key(signed(NODE), NextKeyId::<Test>::get() - 1));
		}
	})
}

#[test]
fn rotate_key_fails_without_signature_by_new_key() {
	ExtBuilder.build_and_execute(|| {
		let first = issue(OWNER, terms(1));
		for (id, n) in (first..).zip([3, 4, 5]) {
			let terms = terms(n);
			let proof = proof(id, &STRANGER, Some(terms));
			for (name, signature) in invalid(Purpose::Rotate, n) {
				let refused = IdentityKeys::rotate_key(signed(STRANGER), id, proof.clone(), terms, signature);
				assert_eq!(refused, Err(Error::InvalidPossession.into()), "{name}, {:?}", terms.public_key);
			}
			// It is for the owner, not for the submitter.
			let submitter = possession(Purpose::Rotate, &STRANGER, &terms);
			assert_noop!(
				IdentityKeys::rotate_key(signed(STRANGER), id, proof.clone(), terms, submitter),
				Error::InvalidPossession
			);
			assert_ok!(rotate_key(STRANGER, id, proof, terms));
		}
	})
}

/// Whoever sees a request in the pool or in a block cannot register its key first.
#[test]
fn request_key_fails_when_signature_is_copied() {
	ExtBuilder.build_and_execute(|| {
		let signature = possession(Purpose::Request, &OWNER, &terms(1));
		assert_noop!(IdentityKeys::request_key(signed(OTHER), terms(1), NODE, signature), Error::InvalidPossession);
		assert_ok!(IdentityKeys::request_key(signed(OWNER), terms(1), NODE, signature));
	})
}
