//! `tests/fixtures/vectors/selection.json`: the bytes of `docs/protocol/selection.md`.

use encrytrust_oblivious_transfer::{Context, Opening, Selection, SelectionMessage};
use encrytrust_paillier::{key_proof::ProvenKey, SecretKey};
use serde::{Deserialize, Serialize};
use std::{fs, path::PathBuf};

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Vector {
	p: String,
	q: String,
	genesis: String,
	job: u64,
	coordinator: String,
	provider: String,
	columns: usize,
	chosen: Vec<usize>,
	seed: String,
	message: String,
	transfers: Vec<Transfer>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Transfer {
	data_provider: String,
	column: usize,
	kappa: String,
	rho: String,
	plain: String,
	transfer: String,
	sealed: String,
	opening: Option<String>,
}

fn path() -> PathBuf {
	concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/vectors/selection.json").into()
}

fn read() -> Vector {
	serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap()
}

fn bytes<const LENGTH: usize>(text: &str) -> [u8; LENGTH] {
	hex::decode(text).unwrap().try_into().unwrap()
}

/// Replaces whatever follows from the inputs.
fn compute(mut vector: Vector) -> Vector {
	let secret = SecretKey::from_primes(&hex::decode(&vector.p).unwrap(), &hex::decode(&vector.q).unwrap()).unwrap();
	let key = secret.public();
	let context = Context {
		genesis: bytes(&vector.genesis),
		job: vector.job,
		coordinator: bytes(&vector.coordinator),
		provider: bytes(&vector.provider),
	};
	let selection = Selection::new(vector.columns, &vector.chosen).unwrap();
	let message = SelectionMessage::prove_with(&selection, key, &context, &bytes(&vector.seed));
	vector.message = hex::encode(message.to_bytes());
	let verified = message.verify(&ProvenKey::own(&secret), &context, vector.columns, vector.chosen.len()).unwrap();
	assert_eq!(verified.chosen(&secret), vector.chosen);
	for transfer in &mut vector.transfers {
		let [kappa, rho] =
			[&transfer.kappa, &transfer.rho].map(|number| key.plaintext(&hex::decode(number).unwrap()).unwrap());
		let from = bytes(&transfer.data_provider);
		let (column_key, ciphertext) = verified.transfer_with(&from, transfer.column, &kappa, &rho);
		let mut sealed = vec![];
		column_key.seal(hex::decode(&transfer.plain).unwrap().as_slice(), &mut sealed).unwrap();
		transfer.transfer = hex::encode(ciphertext.to_bytes());
		transfer.sealed = hex::encode(sealed);
		let chosen = vector.chosen.contains(&transfer.column);
		transfer.opening = chosen.then(|| {
			let opening = Opening::new(&secret, verified.selector(transfer.column).unwrap(), &ciphertext);
			assert_eq!(opening.kappa, kappa);
			hex::encode(opening.to_bytes())
		});
	}
	vector
}

#[test]
fn messages_match_vectors() {
	assert!(compute(read()) == read(), "another message: has the protocol's version changed?");
}

/// Writes the file again from the inputs in it, for a new version of the protocol.
#[test]
#[ignore = "writes the file that the other test reads"]
fn write() {
	fs::write(path(), serde_json::to_string_pretty(&compute(read())).unwrap() + "\n").unwrap();
}
