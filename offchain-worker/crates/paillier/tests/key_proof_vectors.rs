//! `tests/fixtures/vectors/key-proofs.json`: the bytes of `docs/protocol/key-proofs.md`.

use encrytrust_paillier::{
	key_proof::{Context, KeyProof},
	transcript::Transcript,
	SecretKey,
};
use serde::{Deserialize, Serialize};
use std::{fs, path::PathBuf};

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Vectors {
	transcript: TranscriptVector,
	proofs: Vec<ProofVector>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct TranscriptVector {
	label: String,
	parts: Vec<String>,
	digest: String,
	challenge: String,
	expand_label: String,
	expanded: String,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct ProofVector {
	p: String,
	q: String,
	genesis: String,
	party: String,
	seed: String,
	proof: String,
}

fn path() -> PathBuf {
	concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/vectors/key-proofs.json").into()
}

fn read() -> Vectors {
	serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap()
}

fn bytes<const LENGTH: usize>(text: &str) -> [u8; LENGTH] {
	hex::decode(text).unwrap().try_into().unwrap()
}

/// The same inputs with what this code makes of them.
fn compute(vectors: &Vectors) -> Vectors {
	let TranscriptVector { label, parts, expand_label, expanded, .. } = &vectors.transcript;
	let transcript = parts.iter().map(|part| hex::decode(part).unwrap()).fold(Transcript::new(label), Transcript::with);
	let transcript = TranscriptVector {
		label: label.clone(),
		parts: parts.clone(),
		digest: hex::encode(*transcript.digest()),
		challenge: hex::encode(transcript.challenge().to_be_bytes()),
		expand_label: expand_label.clone(),
		expanded: hex::encode(&*transcript.expand(expand_label, expanded.len() / 2)),
	};
	let proofs = vectors.proofs.iter().map(|vector| {
		let (secret, context) = vector.read();
		let proof = KeyProof::prove_with(&secret, &context, &bytes(&vector.seed));
		vector.with(&proof.to_bytes())
	});
	Vectors { transcript, proofs: proofs.collect() }
}

impl ProofVector {
	fn read(&self) -> (SecretKey, Context) {
		let [p, q] = [&self.p, &self.q].map(|prime| hex::decode(prime).unwrap());
		let context = Context { genesis: bytes(&self.genesis), party: bytes(&self.party) };
		(SecretKey::from_primes(&p, &q).unwrap(), context)
	}

	fn with(&self, proof: &[u8]) -> Self {
		let Self { p, q, genesis, party, seed, .. } = self;
		let [p, q, genesis, party, seed] = [p, q, genesis, party, seed].map(Clone::clone);
		Self { p, q, genesis, party, seed, proof: hex::encode(proof) }
	}
}

#[test]
fn proofs_match_vectors() {
	let vectors = read();
	assert!(compute(&vectors) == vectors, "another proof: has the protocol's version changed?");
}

#[test]
fn proofs_of_vectors_verify() {
	for vector in read().proofs {
		let (secret, context) = vector.read();
		let key = secret.public();
		let proof = KeyProof::from_bytes(key, &hex::decode(&vector.proof).unwrap()).unwrap();
		assert_eq!(proof.verify(key, &context).unwrap().public(), key);
	}
}

/// Writes the file again from the inputs in it, for a new version of the protocol.
#[test]
#[ignore = "writes the file that the other tests read"]
fn write() {
	let vectors = serde_json::to_string_pretty(&compute(&read())).unwrap();
	fs::write(path(), vectors + "\n").unwrap();
}
