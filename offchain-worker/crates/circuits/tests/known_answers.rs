//! The numbers of `docs/protocol/identity.md`, in `tests/fixtures/vectors/identity.json`.

use encrytrust_circuits::{poseidon, Answer, RecoveryCode, Secret};
use encrytrust_groth16::{
	encode_scalar,
	h2f::h2f,
	identity::{context, key_fingerprint, Action, KdfParams, DEV_VERIFYING_KEY},
	PreparedKey, VerifyingKey,
};
use serde_json::{json, Value};

const VECTORS: &str = include_str!("../../../../tests/fixtures/vectors/identity.json");

fn vectors() -> Value {
	serde_json::from_str(VECTORS).unwrap()
}

fn bytes<const N: usize>(json: &Value) -> [u8; N] {
	hex::decode(json.as_str().unwrap()).unwrap().try_into().unwrap()
}

/// What the code computes from the inputs of the vectors. A proof is different each time: the file's is kept.
fn computed(vectors: &Value) -> Value {
	let mut computed = vectors.clone();
	for case in computed["h2f"].as_array_mut().unwrap() {
		let parts: Vec<_> =
			case["parts"].as_array().unwrap().iter().map(|p| hex::decode(p.as_str().unwrap()).unwrap()).collect();
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
	let identity = &mut computed["identity"];
	let answer = Answer::new(identity["answer"].as_str().unwrap()).unwrap();
	let code = RecoveryCode::parse(identity["recovery_code"].as_str().unwrap()).unwrap();
	let params = &identity["kdf"];
	let [memory_kib, passes, lanes] =
		["memory_kib", "passes", "lanes"].map(|name| params[name].as_u64().unwrap() as u32);
	let secret =
		Secret::derive(&answer, Some(&code), &bytes(&identity["salt"]), &KdfParams { memory_kib, passes, lanes });
	let public_key = hex::decode(identity["public_key"].as_str().unwrap()).unwrap();
	let fingerprint = key_fingerprint(&public_key);
	let (genesis, submitter) = (bytes(&identity["genesis"]), bytes(&identity["submitter"]));
	let key_id = identity["key_id"].as_u64().unwrap();
	let new_key = hex::decode(identity["new_key"].as_str().unwrap()).unwrap();
	identity["normalised"] = json!(answer.as_str());
	identity["key_fp"] = json!(hex::encode(fingerprint));
	identity["commitment"] = json!(hex::encode(secret.unwrap().commitment(&fingerprint).unwrap()));
	identity["ctx_revoke"] = json!(hex::encode(context(Action::Revoke, &genesis, key_id, &submitter)));
	identity["ctx_rotate"] =
		json!(hex::encode(context(Action::Rotate { new_key: &new_key }, &genesis, key_id, &submitter)));
	identity["dev_verifying_key"] = json!(hex::encode(DEV_VERIFYING_KEY));
	computed
}

#[test]
fn vectors_match() {
	let vectors = vectors();
	let computed = computed(&vectors);
	assert_eq!(computed, vectors, "computed:\n{}", serde_json::to_string_pretty(&computed).unwrap());
}

#[test]
fn proof_in_vectors_verifies() {
	let identity = &vectors()["identity"];
	let inputs = ["commitment", "key_fp", "ctx_revoke"].map(|name| bytes::<32>(&identity[name])).concat();
	let key = PreparedKey::from(&VerifyingKey::decode(DEV_VERIFYING_KEY).unwrap());
	let proof = hex::decode(identity["proof_revoke"].as_str().unwrap()).unwrap();
	assert_eq!(key.verify(&proof, &inputs), Ok(()));
}
