//! `tests/fixtures/vectors/selection.json`: the bytes of `docs/protocol/selection.md`.

use encrytrust_oblivious_transfer::{
	Context, Opening, Place, Selection, SelectionMessage, TransferSecrets, VerifiedSelection,
};
use encrytrust_paillier::{key_proof::ProvenKey, PublicKey, SecretKey};
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
	unproven: Vec<Unproven>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Transfer {
	data_provider: String,
	column: usize,
	part: u32,
	kappa: String,
	rho: String,
	kappa_nonce: String,
	rho_nonce: String,
	plain: String,
	transfer: String,
	proof: String,
	sealed: String,
	opening: Option<String>,
}

/// A transfer whose proof does not hold.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Unproven {
	what: String,
	data_provider: String,
	column: usize,
	part: u32,
	transfer: String,
	proof: String,
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
		let number = |number: &String| key.plaintext(&hex::decode(number).unwrap()).unwrap();
		let secrets = TransferSecrets {
			kappa: number(&transfer.kappa),
			rho: number(&transfer.rho),
			kappa_nonce: number(&transfer.kappa_nonce),
			rho_nonce: number(&transfer.rho_nonce),
		};
		let from = bytes(&transfer.data_provider);
		let (column_key, made) = verified.transfer_with(&from, transfer.part, transfer.column, secrets.clone());
		let mut sealed = vec![];
		column_key.seal(hex::decode(&transfer.plain).unwrap().as_slice(), &mut sealed).unwrap();
		transfer.transfer = hex::encode(made.ciphertext.to_bytes());
		transfer.proof = hex::encode(&made.to_bytes()[512..]);
		transfer.sealed = hex::encode(sealed);
		let chosen = vector.chosen.contains(&transfer.column);
		transfer.opening = chosen.then(|| {
			let place = Place { context: &context, from: &from, part: transfer.part, column: transfer.column };
			let proven = made.verify(key, &place, verified.selector(transfer.column).unwrap()).unwrap();
			let opening = Opening::new(&secret, &proven);
			assert_eq!(opening.kappa, secrets.kappa);
			hex::encode(opening.to_bytes())
		});
	}
	vector.unproven = unproven(key, &verified, &vector.transfers);
	for unproven in &vector.unproven {
		let from = bytes(&unproven.data_provider);
		let place = Place { context: &context, from: &from, part: unproven.part, column: unproven.column };
		let read = hex::decode([&unproven.transfer[..], &unproven.proof].concat()).unwrap();
		let read = encrytrust_oblivious_transfer::Transfer::from_bytes(key, &read).unwrap();
		let selector = verified.selector(unproven.column).unwrap();
		assert!(read.verify(key, &place, selector).is_err(), "{}", unproven.what);
	}
	vector
}

/// The first transfer as a cheat would change it.
fn unproven(key: &PublicKey, selection: &VerifiedSelection, transfers: &[Transfer]) -> Vec<Unproven> {
	let honest = |what: &str| {
		let Transfer { data_provider, column, part, transfer, proof, .. } = &transfers[0];
		let (data_provider, transfer, proof) = (data_provider.clone(), transfer.clone(), proof.clone());
		Unproven { what: what.into(), data_provider, column: *column, part: *part, transfer, proof }
	};
	let terms = (0..selection.columns()).map(|column| (selection.selector(column).unwrap(), key.number(1 << column)));
	let bitmap = key.combine_vartime(&terms.collect::<Vec<_>>());
	let other = |proof: &str| format!("{:02x}{}", u8::from_str_radix(&proof[..2], 16).unwrap() ^ 1, &proof[2..]);
	vec![
		Unproven { part: transfers[0].part + 1, ..honest("in another part") },
		Unproven { column: transfers[1].column, ..honest("of another column") },
		Unproven { transfer: hex::encode(bitmap.to_bytes()), ..honest("the selection itself") },
		Unproven { proof: other(&transfers[0].proof), ..honest("another commitment") },
		Unproven { proof: transfers[1].proof.clone(), ..honest("another transfer's proof") },
	]
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
