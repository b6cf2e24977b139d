//! Every proof that must not revoke a key, with its exact error. Which bytes the verifier rejects is tested in
//! `encrytrust-groth16`; here, that each rejection has its error and changes nothing.

use super::*;
use encrytrust_groth16::{identity::INPUTS, Proof, VerifyingKey, G1_LEN, G2_LEN};
use sp_core::hex2array;

/// A proof that [`STRANGER`] submits for the key of [`OWNER`].
struct Attempt {
	name: &'static str,
	key: KeyId,
	proof: Vec<u8>,
	error: DispatchError,
}

fn with(bytes: &[u8], at: usize, patch: &[u8]) -> Vec<u8> {
	let mut bytes = bytes.to_vec();
	bytes[at..at + patch.len()].copy_from_slice(patch);
	bytes
}

/// A point on the curve of the second group, with `x = 1`, whose order is not `r`.
const OUTSIDE_THE_SUBGROUP: [u8; G2_LEN] = hex2array!(
	"0000000000000000000000000000000000000000000000000000000000000000\
	 0000000000000000000000000000000000000000000000000000000000000001\
	 0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4\
	 2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb"
);

fn attempts(id: KeyId, ended: KeyId) -> Vec<Attempt> {
	let statement = IdentityKeys::statement(id, &STRANGER, None).expect("there is such a key");
	let good = proof_of(statement.clone(), 0);
	let other_context = |context| proof_of(Statement { context, ..statement.clone() }, 0);
	let context = |action, genesis: &[u8; 32], id, who: AccountId| context(action, genesis, id, who.as_ref());
	let chain = &GENESIS.0;
	let revoke = Action::Revoke;
	let new_terms = terms(7);
	let rotate = Action::Rotate { terms: &new_terms };
	let wrong_answer = Statement { commitment: encode_scalar(&Fr::from(77u8)), ..statement.clone() };
	let wrong_key = Statement { fingerprint: terms(7).public_key.fingerprint(), ..statement.clone() };
	let compressed = [&good[..32], &good[G1_LEN..G1_LEN + 64], &good[G1_LEN + G2_LEN..][..32]].concat();
	let attempt = |name, key, proof, error: Error| Attempt { name, key, proof, error: error.into() };
	vec![
		attempt("a wrong answer", id, proof_of(wrong_answer, 0), Error::InvalidProof),
		attempt("another public key", id, proof_of(wrong_key, 0), Error::InvalidProof),
		attempt("another's, copied", id, proof(id, &OTHER, None), Error::InvalidProof),
		attempt("another's, re-randomised", id, rerandomised(id, &OTHER), Error::InvalidProof),
		attempt("another chain's", id, other_context(context(revoke, &[1; 32], id, STRANGER)), Error::InvalidProof),
		attempt("another key's", id, other_context(context(revoke, chain, id + 1, STRANGER)), Error::InvalidProof),
		attempt("another action's", id, other_context(context(rotate, chain, id, STRANGER)), Error::InvalidProof),
		attempt("under another verifying key", id, prove(&Trapdoor::new(3, 9), statement, 0), Error::InvalidProof),
		attempt("A and C exchanged", id, [&good[192..], &good[64..192], &good[..64]].concat(), Error::InvalidProof),
		attempt("nothing", id, vec![], Error::ProofLength),
		attempt("truncated", id, good[..255].to_vec(), Error::ProofLength),
		attempt("longer", id, [&good[..], &[0]].concat(), Error::ProofLength),
		attempt("compressed", id, compressed, Error::ProofLength),
		attempt("10 kB of garbage", id, vec![0xa5; 10_000], Error::ProofLength),
		attempt("A off the curve", id, with(&good, 31, &[good[31] ^ 1]), Error::NotOnCurve),
		attempt("B off the curve", id, with(&good, G1_LEN + 31, &[good[G1_LEN + 31] ^ 1]), Error::NotOnCurve),
		attempt("B outside the subgroup", id, with(&good, G1_LEN, &OUTSIDE_THE_SUBGROUP), Error::NotInSubgroup),
		attempt("A the identity", id, with(&good, 0, &[0; G1_LEN]), Error::IdentityPoint),
		attempt("B the identity", id, with(&good, G1_LEN, &[0; G2_LEN]), Error::IdentityPoint),
		attempt("C the identity", id, with(&good, G1_LEN + G2_LEN, &[0; G1_LEN]), Error::IdentityPoint),
		attempt("an invalid coordinate", id, with(&good, 0, &[0xff; 32]), Error::CoordinateNotCanonical),
		attempt("for a key that there is not", 999, good.clone(), Error::UnknownKey),
		attempt("for a key that was revoked", ended, proof(ended, &STRANGER, None), Error::KeyEnded),
	]
}

/// Another valid proof of the same statement: simulated proofs differ as re-randomised ones do.
fn rerandomised(id: KeyId, submitter: &AccountId) -> Vec<u8> {
	let statement = IdentityKeys::statement(id, submitter, None).expect("there is such a key");
	let one = proof_of(statement.clone(), 0);
	let other = proof_of(statement, 1);
	assert_ne!(one, other);
	other
}

/// A chain with a key of [`OWNER`] and a revoked one of [`OTHER`].
fn with_keys(test: impl FnOnce(KeyId, KeyId)) {
	ExtBuilder.build_and_execute(|| {
		let id = issue(OWNER, terms(1));
		let ended = issue(OTHER, terms(2));
		assert_ok!(IdentityKeys::revoke_key(signed(OTHER), ended, proof(ended, &OTHER, None)));
		events();
		test(id, ended);
		// A valid proof is accepted.
		assert_ok!(IdentityKeys::revoke_key(signed(STRANGER), id, proof(id, &STRANGER, None)));
	})
}

#[test]
fn revoke_key_fails_for_every_invalid_proof() {
	with_keys(|id, ended| {
		for Attempt { name, key, proof, error } in attempts(id, ended) {
			assert_noop!(IdentityKeys::revoke_key(signed(STRANGER), key, proof), error);
			assert_eq!(events(), [], "{name}");
		}
	})
}

#[test]
fn revoke_keys_reports_every_invalid_proof() {
	with_keys(|id, ended| {
		for Attempt { name, key, proof, error } in attempts(id, ended) {
			let batch = BoundedVec::truncate_from(vec![(key, proof.clone()), (key, proof)]);
			assert_ok!(IdentityKeys::revoke_keys(signed(STRANGER), batch));
			let refused = |index| Event::RevocationRefused { index, key_id: key, error };
			assert_eq!(events(), [refused(0), refused(1)], "{name}");
			assert!(IdentityKeys::is_active(&OWNER), "{name}");
		}
	})
}

#[test]
fn rotate_key_fails_for_every_invalid_proof() {
	with_keys(|id, ended| {
		let new = terms(7);
		for Attempt { name, key, proof, error } in attempts(id, ended) {
			// The proof of a rotation.
			if name == "another action's" {
				continue;
			}
			assert_noop!(rotate_key(STRANGER, key, proof, new), error);
			assert_eq!(events(), [], "{name}");
		}
		let revocation = proof(id, &STRANGER, None);
		assert_noop!(rotate_key(STRANGER, id, revocation, new), Error::InvalidProof);
		let to_another_key = proof(id, &STRANGER, Some(terms(8)));
		assert_noop!(rotate_key(STRANGER, id, to_another_key, new), Error::InvalidProof);
	})
}

/// A proof of the wrong length is rejected by its length alone: neither a key nor a point is decoded.
#[test]
fn revoke_key_does_not_verify_when_length_is_wrong() {
	const UNKNOWN: KeyId = 1_000;
	ExtBuilder.build_and_execute(|| {
		for length in [0, 255, 257, 3_000_000] {
			let proof = vec![0xff; length];
			assert_noop!(IdentityKeys::revoke_key(signed(STRANGER), UNKNOWN, proof.clone()), Error::ProofLength);
			assert_noop!(rotate_key(STRANGER, UNKNOWN, proof, terms(1)), Error::ProofLength);
		}
		for (inputs, error) in [(0, Error::WrongArity), (INPUTS + 1, Error::WrongArity), (16, Error::WrongArity)] {
			let key = vec![0xff; VerifyingKey::len_with_inputs(inputs)];
			assert_noop!(IdentityKeys::set_verifying_key(RuntimeOrigin::root(), key.clone()), error);
			let longer = [key, vec![0xff]].concat();
			let refused = IdentityKeys::set_verifying_key(RuntimeOrigin::root(), longer);
			assert_noop!(refused, Error::VerifyingKeyLength);
		}
	})
}

#[test]
fn revoke_key_fails_when_proof_is_replayed() {
	ExtBuilder.build_and_execute(|| {
		let id = issue(OWNER, terms(1));
		let proof = proof(id, &STRANGER, None);
		assert_ok!(IdentityKeys::revoke_key(signed(STRANGER), id, proof.clone()));
		assert_noop!(IdentityKeys::revoke_key(signed(STRANGER), id, proof.clone()), Error::KeyEnded);
		// Nor for the next key, even if it has the same secret and commitment.
		let next = issue(OWNER, KeyTerms { commitment: terms(1).commitment, ..terms(3) });
		assert_noop!(IdentityKeys::revoke_key(signed(STRANGER), next, proof), Error::InvalidProof);
	})
}

#[test]
fn revoke_key_fails_when_key_is_only_requested() {
	ExtBuilder.build_and_execute(|| {
		let id = request(OWNER, terms(1));
		assert_noop!(IdentityKeys::revoke_key(signed(OWNER), id, vec![0; 256]), Error::UnknownKey);
	})
}

proptest::proptest! {
	#![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]

	/// A valid proof that is damaged in any way is rejected, and nothing changes.
	#[test]
	fn revoke_key_fails_when_proof_is_damaged(
		at: proptest::sample::Index,
		flip in 1u8..,
		cut: proptest::sample::Index,
		tail in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
	) {
		ExtBuilder.build().execute_with(|| {
			let id = issue(OWNER, terms(1));
			let good = proof(id, &STRANGER, None);
			assert!(Proof::decode(&good).is_ok());
			let at = at.index(good.len());
			for damaged in [
				with(&good, at, &[good[at] ^ flip]),
				[&good[..cut.index(good.len())], &tail[..]].concat(),
			] {
				if damaged != good {
					frame_support::assert_storage_noop!({
						assert!(IdentityKeys::revoke_key(signed(STRANGER), id, damaged).is_err());
					});
				}
			}
			check_invariants();
		})
	}
}
