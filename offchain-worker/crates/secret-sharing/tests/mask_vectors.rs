//! `tests/fixtures/vectors/masks.json`: the bytes of "Masks" in `docs/protocol/bmpc.md`.

use encrytrust_paillier::PublicKey;
use encrytrust_secret_sharing::masks::{EphemeralKey, Job, Masks};
use encrytrust_types::x25519::is_full_order;
use serde_json::Value;
use std::{fs, path::PathBuf};

fn path() -> PathBuf {
	concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/vectors/masks.json").into()
}

fn read() -> Value {
	serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap()
}

fn bytes<const LENGTH: usize>(value: &Value) -> [u8; LENGTH] {
	hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

/// Replaces whatever follows from the inputs.
fn compute(mut vector: Value) -> Value {
	let user = PublicKey::from_modulus(&bytes::<256>(&vector["user_key"])).unwrap();
	let job = Job { genesis: bytes(&vector["genesis"]), job: vector["job"].as_u64().unwrap() };
	let secrets = vector["secrets"].as_array().unwrap().iter();
	let own: Vec<_> = secrets.map(|secret| EphemeralKey::from_secret(&bytes(secret))).collect();
	let keys: Vec<_> = own.iter().map(EphemeralKey::public).collect();
	vector["keys"] = keys.iter().map(hex::encode).collect();
	let with_others = |key: &EphemeralKey| {
		let peers: Vec<_> = keys.iter().copied().filter(|peer| *peer != key.public()).collect();
		Masks::new(key, &peers, &job).unwrap()
	};
	let masks: Vec<_> = own.iter().map(with_others).collect();
	for case in vector["masks"].as_array_mut().unwrap() {
		let [column, block] = ["column", "block"].map(|name| case[name].as_u64().unwrap());
		let number = |masks: &Masks| hex::encode(masks.mask(&user, column as u32, block).to_bytes());
		case["numbers"] = masks.iter().map(number).collect();
	}
	vector
}

#[test]
fn masks_are_those_of_the_vectors() {
	let vector = read();
	assert!(compute(vector.clone()) == vector, "other bytes: has the protocol's version changed?");
	for case in vector["refused"].as_array().unwrap() {
		assert!(!is_full_order(&bytes(&case["key"])), "{}", case["what"]);
	}
	assert!(vector["keys"].as_array().unwrap().iter().all(|key| is_full_order(&bytes(key))));
}

/// Writes the fixture again, for a new version of the protocol.
#[test]
#[ignore = "writes the file that the other test reads"]
fn write() {
	fs::write(path(), serde_json::to_string_pretty(&compute(read())).unwrap() + "\n").unwrap();
}
