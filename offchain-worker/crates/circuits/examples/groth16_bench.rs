//! Times of proving and verifying, beside arkworks' own verifier: CPU time on one core, the median of several batches.
//! Prints a table; with a path as its argument, writes JSON there as well.

use anyhow::Result;
use ark_bn254::Bn254;
use ark_groth16::{prepare_verifying_key, Groth16};
use cpu_time::ProcessTime;
use encrytrust_circuits::{prove, Answer, ProvingKey, RecoveryCode, Secret, Statement, CONSTRAINTS};
use encrytrust_groth16::{
	decode_inputs,
	identity::{context, key_fingerprint, Action, KdfParams},
	verify, verify_batch, PreparedKey, Proof, VerifyingKey,
};
use serde_json::{json, Map};
use std::{hint::black_box, time::Duration};

const BATCHES: usize = 9;

fn main() -> Result<()> {
	let (answer, code, salt) = (Answer::new("Fluffy")?, RecoveryCode::generate(), [1; 16]);
	let derive = || Secret::derive(&answer, Some(&code), &salt, &KdfParams::default());
	let secret = derive()?;
	let proving_key = ProvingKey::dev();
	let statement = |key_id| -> Result<Statement> {
		let fingerprint = key_fingerprint(&[2; 32]);
		let context = context(Action::Revoke, &[3; 32], key_id, &[4; 32]);
		Ok(Statement { commitment: secret.commitment(&fingerprint)?, fingerprint, context })
	};

	let verifying_key = proving_key.verifying_key();
	let key_bytes = verifying_key.encode();
	let prepared = PreparedKey::from(&verifying_key).encode();
	let items = (0..64)
		.map(|key_id| {
			let statement = statement(key_id)?;
			Ok((prove(&proving_key, &secret, &statement)?, statement.inputs()))
		})
		.collect::<Result<Vec<_>>>()?;
	let pairs: Vec<_> = items.iter().map(|(proof, inputs)| (&proof[..], &inputs[..])).collect();
	let (proof, inputs) = pairs[0];

	let theirs = prepare_verifying_key(&ark_groth16::VerifyingKey::<Bn254> {
		alpha_g1: verifying_key.alpha,
		beta_g2: verifying_key.beta,
		gamma_g2: verifying_key.gamma,
		delta_g2: verifying_key.delta,
		gamma_abc_g1: verifying_key.ic.clone(),
	});
	let Proof { a, b, c } = Proof::decode(proof)?;
	let (their_proof, their_inputs) = (ark_groth16::Proof { a, b, c }, decode_inputs(inputs)?);
	let bad = [(proof, pairs[1].1); 64];

	let per_proof = |n: u32, time: Duration| time / n;
	let rows = [
		(
			"arkworks, prepared key, points decoded",
			measure(20, || Groth16::<Bn254>::verify_proof(&theirs, &their_proof, &their_inputs)),
		),
		("verify, from bytes", measure(20, || verify(&prepared, proof, inputs))),
		("batch of 1, per proof", measure(20, || verify_batch(&prepared, &pairs[..1]))),
		("batch of 8, per proof", per_proof(8, measure(4, || verify_batch(&prepared, &pairs[..8])))),
		("batch of 64, per proof", per_proof(64, measure(1, || verify_batch(&prepared, &pairs)))),
		("batch of 64 bad proofs, per proof", per_proof(64, measure(1, || verify_batch(&prepared, &bad)))),
		("reading a proof", measure(50, || Proof::decode(proof))),
		("reading a prepared key", measure(50, || PreparedKey::decode(&prepared))),
		(
			"validating and preparing a key",
			measure(5, || VerifyingKey::decode(&key_bytes).map(|key| PreparedKey::from(&key))),
		),
		("proving", measure(2, || prove(&proving_key, &secret, &statement(0).expect("as above")))),
		("Argon2id, 64 MiB, three passes", measure(1, derive)),
	];
	for (name, time) in &rows {
		println!("{name:40} {:9.3} ms", time.as_secs_f64() * 1e3);
	}
	println!(
		"{CONSTRAINTS} constraints; proving key {} bytes, verifying key {}, prepared {}, proof {}",
		proving_key.to_bytes().len(),
		key_bytes.len(),
		prepared.len(),
		proof.len()
	);
	if let Some(path) = std::env::args().nth(1) {
		let times: Map<_, _> =
			rows.iter().map(|(name, time)| ((*name).to_owned(), json!(time.as_nanos() as u64))).collect();
		std::fs::write(path, serde_json::to_vec_pretty(&json!({ "unit": "ns of CPU time", "times": times }))?)?;
	}
	Ok(())
}

/// CPU time of one call: the median over batches of `count` calls.
fn measure<T>(count: u32, mut operation: impl FnMut() -> T) -> Duration {
	black_box(operation());
	let mut times: Vec<_> = (0..BATCHES)
		.map(|_| {
			let start = ProcessTime::now();
			for _ in 0..count {
				black_box(operation());
			}
			start.elapsed() / count
		})
		.collect();
	times.sort();
	times[BATCHES / 2]
}
