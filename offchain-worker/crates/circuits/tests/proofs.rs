//! From an answer to a verdict.

use encrytrust_circuits::{
	iden3::{import_zkey, proof_from_json, proof_to_json, public_from_json, public_to_json, ZkeyError},
	prove, Answer, ProveError, ProvingKey, RecoveryCode, Secret, Statement,
};
use encrytrust_groth16::{
	identity::{context, key_fingerprint, Action, KdfParams, DEV_VERIFYING_KEY},
	verify, verify_batch, Error, PreparedKey, VerifyingKey,
};
use std::sync::LazyLock;

const FAST: KdfParams = KdfParams { memory_kib: 16_384, passes: 1, lanes: 1 };
const GENESIS: [u8; 32] = [1; 32];
const PUBLIC_KEY: [u8; 32] = [2; 32];
const ALICE: [u8; 32] = [3; 32];

static DEV: LazyLock<ProvingKey> = LazyLock::new(ProvingKey::dev);

fn key() -> Vec<u8> {
	PreparedKey::from(&VerifyingKey::decode(DEV_VERIFYING_KEY).unwrap()).encode()
}

fn secret(answer: &str) -> Secret {
	let code =
		RecoveryCode::parse("legal winner thank year wave sausage worth useful legal winner thank yellow").unwrap();
	Secret::derive(&Answer::new(answer).unwrap(), Some(&code), &[4; 16], &FAST).unwrap()
}

/// The statement of a key with the answer "Fluffy".
fn statement(public_key: &[u8], context: [u8; 32]) -> Statement {
	let fingerprint = key_fingerprint(public_key);
	Statement { commitment: secret("Fluffy").commitment(&fingerprint).unwrap(), fingerprint, context }
}

#[test]
fn proof_verifies_only_for_its_statement() {
	let revoke = |genesis, key_id, submitter| context(Action::Revoke, genesis, key_id, submitter);
	let rotate = |new_key| context(Action::Rotate { new_key }, &GENESIS, 5, &ALICE);
	let good = statement(&PUBLIC_KEY, revoke(&GENESIS, 5, &ALICE));
	let proof = prove(&DEV, &secret(" FLUFFY"), &good).unwrap();
	let other_commitment = secret("Rex").commitment(&good.fingerprint).unwrap();
	for (name, statement, expected) in [
		("the statement", good, Ok(())),
		("another account", statement(&PUBLIC_KEY, revoke(&GENESIS, 5, &[9; 32])), Err(Error::InvalidProof)),
		("another chain", statement(&PUBLIC_KEY, revoke(&[9; 32], 5, &ALICE)), Err(Error::InvalidProof)),
		("another key's id", statement(&PUBLIC_KEY, revoke(&GENESIS, 6, &ALICE)), Err(Error::InvalidProof)),
		("another public key", statement(&[9; 32], good.context), Err(Error::InvalidProof)),
		("another action", statement(&PUBLIC_KEY, rotate(&[])), Err(Error::InvalidProof)),
		("another commitment", Statement { commitment: other_commitment, ..good }, Err(Error::InvalidProof)),
		("another fingerprint", Statement { fingerprint: key_fingerprint(&[9; 32]), ..good }, Err(Error::InvalidProof)),
		("no scalar", Statement { context: [0xff; 32], ..good }, Err(Error::ScalarNotCanonical)),
	] {
		assert_eq!(verify(&key(), &proof, &statement.inputs()), expected, "{name}");
	}
}

#[test]
fn rotation_proof_verifies_only_for_its_new_key() {
	let rotate = |new_key| statement(&PUBLIC_KEY, context(Action::Rotate { new_key }, &GENESIS, 5, &ALICE));
	let proof = prove(&DEV, &secret("Fluffy"), &rotate(&[7; 33])).unwrap();
	assert_eq!(verify(&key(), &proof, &rotate(&[7; 33]).inputs()), Ok(()));
	assert_eq!(verify(&key(), &proof, &rotate(&[7; 32]).inputs()), Err(Error::InvalidProof));
}

#[test]
fn proofs_of_one_statement_differ_and_all_verify() {
	let good = statement(&PUBLIC_KEY, [0; 32]);
	let proofs: Vec<_> = (0..3).map(|_| prove(&DEV, &secret("Fluffy"), &good).unwrap()).collect();
	assert_ne!(proofs[0], proofs[1]);
	let inputs = good.inputs();
	let items: Vec<_> = proofs.iter().map(|proof| (&proof[..], &inputs[..])).collect();
	assert_eq!(verify_batch(&key(), &items), [Ok(()); 3]);
}

#[test]
fn prove_fails_for_wrong_answer() {
	let refused = prove(&DEV, &secret("Rex"), &statement(&PUBLIC_KEY, [0; 32]));
	assert!(matches!(refused, Err(ProveError::WrongSecret)));
	let no_scalar = Statement { context: [0xff; 32], ..statement(&PUBLIC_KEY, [0; 32]) };
	let refused = prove(&DEV, &secret("Fluffy"), &no_scalar);
	assert!(matches!(refused, Err(ProveError::Statement(Error::ScalarNotCanonical))));
}

#[test]
fn json_round_trips() {
	let good = statement(&PUBLIC_KEY, [0; 32]);
	let proof = prove(&DEV, &secret("Fluffy"), &good).unwrap();
	let json = proof_to_json(&proof).unwrap();
	assert_eq!(proof_from_json(&json).unwrap(), proof);
	assert_eq!(public_from_json(&public_to_json(&good.inputs()).unwrap()).unwrap(), good.inputs());
	for (pointer, value) in [
		("/protocol", "plonk"),
		("/curve", "bls12381"),
		("/pi_a/0", "-1"),
		("/pi_a/2", "0"),
		("/pi_b/0/1", "x"),
		("/pi_c/1", "21888242871839275222246405745257275088696311157297823662689037894645226208583"),
	] {
		let mut bad = json.clone();
		*bad.pointer_mut(pointer).unwrap() = value.into();
		assert!(proof_from_json(&bad).is_err(), "{pointer}");
	}
	assert!(proof_from_json(&serde_json::json!({})).is_err());
	assert!(public_from_json(&serde_json::json!(["1", 2])).is_err());
}

#[test]
fn read_fails_for_files_that_are_not_zkeys() {
	for file in [&b""[..], b"zkey", b"r1cs\x01\0\0\0\0\0\0\0", &[0xff; 10_000]] {
		assert_eq!(import_zkey(file), Err(ZkeyError::Malformed));
	}
}
