//! A rotation's proof is bound to everything about the new key: a relay that alters any of it is refused.

use super::*;

/// The terms of a rotation with one thing altered, each named by it. The new key signs as it should: only the proof is
/// for other terms.
fn alterations(new: KeyTerms) -> Vec<(&'static str, KeyTerms)> {
	let kdf = new.kdf;
	let next = |mut scalar: [u8; 32]| {
		scalar[31] += 1;
		scalar
	};
	vec![
		("public key", KeyTerms { public_key: terms(new.salt[0] + 3).public_key, ..new }),
		("public key of another type", KeyTerms { public_key: terms(new.salt[0] + 1).public_key, ..new }),
		("commitment", KeyTerms { commitment: next(new.commitment), ..new }),
		("salt", KeyTerms { salt: [0xaa; 16], ..new }),
		("memory", KeyTerms { kdf: KdfParams { memory_kib: kdf.memory_kib / 2, ..kdf }, ..new }),
		("passes", KeyTerms { kdf: KdfParams { passes: kdf.passes - 1, ..kdf }, ..new }),
		("lanes", KeyTerms { kdf: KdfParams { lanes: kdf.lanes + 1, ..kdf }, ..new }),
	]
}

/// The number of the [`terms`] that a public key is of.
fn number(public_key: &PublicKey) -> u8 {
	(0..16).find(|n| terms(*n).public_key == *public_key).expect("a key of these tests")
}

fn rotate(id: KeyId, proof: Vec<u8>, terms: KeyTerms) -> DispatchResult {
	let message = possession_message(Purpose::Rotate, &GENESIS.0, OWNER.as_ref(), &terms.public_key);
	let possession = sign(number(&terms.public_key), &message);
	IdentityKeys::rotate_key(signed(RELAY), id, proof, terms, possession)
}

#[test]
fn rotate_key_fails_when_relay_alters_terms() {
	// A successor of each type.
	for n in [6, 7, 8] {
		ExtBuilder.build_and_execute(|| {
			let id = issue(OWNER, terms(1));
			let proof = proof(id, &RELAY, Some(terms(n)));
			for (name, altered) in alterations(terms(n)) {
				assert_ne!(altered, terms(n), "{name}");
				assert_noop!(rotate(id, proof.clone(), altered), Error::InvalidProof);
			}
			assert_ok!(rotate(id, proof, terms(n)));
			assert_eq!(key(id + 1).terms, terms(n));
		})
	}
}

/// The bytes of one key can be those of a key of another type, whose owner is someone else.
#[test]
fn statement_depends_on_type_of_key() {
	ExtBuilder.build_and_execute(|| {
		let id = issue(OWNER, terms(1));
		let new = terms(6);
		let PublicKey::Sr25519(bytes) = new.public_key else { panic!("an sr25519 key") };
		let relabelled = KeyTerms { public_key: PublicKey::Ed25519(bytes), ..new };
		let proven = IdentityKeys::statement(id, &RELAY, Some(new)).unwrap();
		let altered = IdentityKeys::statement(id, &RELAY, Some(relabelled)).unwrap();
		assert_ne!(proven.context, altered.context);
		assert_ne!(new.public_key.fingerprint(), relabelled.public_key.fingerprint());
	})
}
