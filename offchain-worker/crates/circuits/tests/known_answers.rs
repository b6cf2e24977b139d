//! The numbers of `docs/protocol/identity.md`, in `tests/fixtures/vectors/identity.json`. Those of Unicode are compared
//! beside the normalisation, the coefficients of batches beside the verifier, and the signatures by the pallet.

use argon2::{Algorithm, Argon2, Params, Version};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use bip39::{Language, Mnemonic};
use blake2::{digest::consts::U32, Blake2b, Digest};
use encrytrust_circuits::{poseidon, prove, Answer, ProvingKey, RecoveryCode, Secret, Statement};
use encrytrust_groth16::{
	decode_scalar, encode_scalar,
	h2f::h2f,
	identity::{
		context, possession_message, public_inputs, Action, KdfParams, KeyTerms, PublicKey, Purpose, DEV_VERIFYING_KEY,
	},
	verdict_to_code, verify, verify_batch, PreparedKey, VerifyingKey,
};
use serde_json::{json, Value};

const VECTORS: &str = include_str!("../../../../tests/fixtures/vectors/identity.json");

fn vectors() -> Value {
	serde_json::from_str(VECTORS).unwrap()
}

fn hex_of(json: &Value) -> Vec<u8> {
	hex::decode(json.as_str().unwrap()).unwrap()
}

fn bytes<const N: usize>(json: &Value) -> [u8; N] {
	hex_of(json).try_into().unwrap()
}

fn public_key(case: &Value) -> PublicKey {
	let key = &case["public_key"];
	match case["key_type"].as_str().unwrap() {
		"sr25519" => PublicKey::Sr25519(bytes(key)),
		"ed25519" => PublicKey::Ed25519(bytes(key)),
		"ecdsa" => PublicKey::Ecdsa(bytes(key)),
		other => panic!("{other}"),
	}
}

fn kdf(params: &Value) -> KdfParams {
	let [memory_kib, passes, lanes] =
		["memory_kib", "passes", "lanes"].map(|name| params[name].as_u64().unwrap() as u32);
	KdfParams { memory_kib, passes, lanes }
}

fn terms(case: &Value) -> KeyTerms {
	KeyTerms {
		public_key: public_key(case),
		commitment: bytes(&case["commitment"]),
		salt: bytes(&case["salt"]),
		kdf: kdf(&case["kdf"]),
	}
}

fn blake2b(bytes: &[u8]) -> String {
	hex::encode(Blake2b::<U32>::digest(bytes))
}

fn prepared() -> Vec<u8> {
	PreparedKey::from(&VerifyingKey::decode(DEV_VERIFYING_KEY).unwrap()).encode()
}

/// What the code computes from the inputs of the vectors. A proof is different each time: a good one of the file is kept.
fn computed(vectors: &Value) -> Value {
	let mut computed = vectors.clone();
	for case in computed["h2f"].as_array_mut().unwrap() {
		let parts: Vec<_> = case["parts"].as_array().unwrap().iter().map(hex_of).collect();
		let parts: Vec<_> = parts.iter().map(Vec::as_slice).collect();
		case["scalar"] = json!(hex::encode(encode_scalar(&h2f(case["tag"].as_str().unwrap(), &parts))));
	}
	for case in computed["poseidon"].as_array_mut().unwrap() {
		let inputs: Vec<_> = case["inputs"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap().into()).collect();
		let hash = match inputs[..] {
			[a, b] => poseidon([a, b]),
			[a, b, c, d] => poseidon([a, b, c, d]),
			_ => panic!("two or four inputs"),
		};
		case["hash"] = json!(hex::encode(encode_scalar(&hash)));
	}
	for case in computed["fingerprints"].as_array_mut().unwrap() {
		case["key_fp"] = json!(hex::encode(public_key(case).fingerprint()));
	}
	for case in computed["possession"].as_array_mut().unwrap() {
		let purpose = match case["purpose"].as_str().unwrap() {
			"request" => Purpose::Request,
			"rotate" => Purpose::Rotate,
			other => panic!("{other}"),
		};
		let message = possession_message(purpose, &bytes(&case["genesis"]), &bytes(&case["owner"]), &public_key(case));
		case["message"] = json!(hex::encode(message));
	}
	compute_identity(&mut computed["identity"]);
	let identity = computed["identity"].clone();
	for batch in computed["batches"].as_array_mut().unwrap() {
		compute_batch(batch, &identity);
	}
	for case in computed["verdicts"].as_array_mut().unwrap() {
		let verdict = verify(&prepared(), &hex_of(&case["proof"]), &hex_of(&case["inputs"]));
		case["code"] = json!(verdict_to_code(verdict));
	}
	for case in computed["verifying_keys"].as_array_mut().unwrap() {
		let verdict = VerifyingKey::decode(&hex_of(&case["key"])).map(drop);
		case["code"] = json!(verdict_to_code(verdict));
	}
	computed
}

fn compute_identity(identity: &mut Value) {
	let answer = Answer::new(identity["answer"].as_str().unwrap()).unwrap();
	let code = RecoveryCode::parse(identity["recovery_code"].as_str().unwrap()).unwrap();
	let secret = Secret::derive(&answer, Some(&code), &bytes(&identity["salt"]), &kdf(&identity["kdf"])).unwrap();
	let fingerprint = public_key(identity).fingerprint();
	let commitment = secret.commitment(&fingerprint).unwrap();
	let genesis = bytes(&identity["genesis"]);
	let submitter = bytes(&identity["submitter"]);
	let key_id = identity["key_id"].as_u64().unwrap();
	let new_terms = terms(&identity["new_terms"]);
	identity["normalised"] = json!(answer.as_str());
	let words = identity["recovery_code"].as_str().unwrap();
	let (entropy, length) = Mnemonic::parse_in_normalized(Language::English, words).unwrap().to_entropy_array();
	let entropy = entropy[..length].to_vec();
	identity["entropy"] = json!(hex::encode(&entropy));
	identity["argon2id"] = json!(hex::encode(argon2id(&[answer.as_str().as_bytes(), &entropy].concat(), identity)));
	identity["key_fp"] = json!(hex::encode(fingerprint));
	identity["commitment"] = json!(hex::encode(commitment));
	for (name, action) in [("revoke", Action::Revoke), ("rotate", Action::Rotate { terms: &new_terms })] {
		let context = context(action, &genesis, key_id, &submitter);
		identity[format!("ctx_{name}")] = json!(hex::encode(context));
		let statement = Statement { commitment, fingerprint, context };
		let proof = &mut identity[format!("proof_{name}")];
		if verify(&prepared(), &hex_of(proof), &statement.inputs()).is_err() {
			*proof = json!(hex::encode(prove(&ProvingKey::dev(), &secret, &statement).unwrap()));
		}
	}
	identity["dev_verifying_key"] = json!(hex::encode(DEV_VERIFYING_KEY));
	identity["dev_verifying_key_hash"] = json!(blake2b(DEV_VERIFYING_KEY));
	identity["dev_prepared_key_hash"] = json!(blake2b(&prepared()));
}

/// What the secret is reduced from, which the crate shows to nobody.
fn argon2id(password: &[u8], identity: &Value) -> [u8; 64] {
	let KdfParams { memory_kib, passes, lanes } = kdf(&identity["kdf"]);
	let params = Params::new(memory_kib, passes, lanes, Some(64)).unwrap();
	let mut hash = [0; 64];
	let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
	argon2.hash_password_into(password, &hex_of(&identity["salt"]), &mut hash).unwrap();
	hash
}

/// A batch's items name a proof and a context of `identity`, and how many bytes of the proof there are.
fn compute_batch(batch: &mut Value, identity: &Value) {
	let items = batch["items"].as_array().unwrap().iter().map(|item| {
		let scalar = |name: &str| bytes(&identity[name]);
		let proof = hex_of(&identity[item["proof"].as_str().unwrap()]);
		let context = scalar(item["ctx"].as_str().unwrap());
		let inputs = public_inputs(&scalar("commitment"), &scalar("key_fp"), &context);
		(proof[..item["length"].as_u64().unwrap() as usize].to_vec(), inputs)
	});
	let items: Vec<_> = items.collect();
	let items: Vec<_> = items.iter().map(|(proof, inputs)| (&proof[..], &inputs[..])).collect();
	let codes: Vec<_> = verify_batch(&prepared(), &items).into_iter().map(verdict_to_code).collect();
	batch["codes"] = json!(codes);
}

/// The commitment is to what [`argon2id`] gives here.
#[test]
fn commitment_is_to_the_derived_secret() {
	let identity = &vectors()["identity"];
	let secret = Fr::from_be_bytes_mod_order(&hex_of(&identity["argon2id"]));
	let fingerprint = decode_scalar(&bytes(&identity["key_fp"])).unwrap();
	assert_eq!(json!(hex::encode(encode_scalar(&poseidon([secret, fingerprint])))), identity["commitment"]);
}

#[test]
fn vectors_match() {
	let vectors = vectors();
	let computed = computed(&vectors);
	assert_eq!(computed, vectors, "computed:\n{}", serde_json::to_string_pretty(&computed).unwrap());
}
