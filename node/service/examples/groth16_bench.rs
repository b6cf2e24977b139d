//! Times of verifying and proving: CPU time on one core, the median of several rounds in which all take turns.
//!
//! usage: groth16_bench MODULE.wasm OUT.json
//!
//! MODULE is `tests/bench/groth16/wasm`, run by the executor that runs the runtime: it verifies by the host functions, and
//! by the same code compiled to Wasm. `scripts/bench groth16` builds it and renews `docs/performance.md`.

use ark_bn254::Bn254;
use ark_groth16::{prepare_verifying_key, Groth16};
use cpu_time::ProcessTime;
use encrytrust_circuits::{prove, Answer, ProvingKey, RecoveryCode, Secret, Statement, CONSTRAINTS};
use encrytrust_groth16::{
	decode_inputs,
	identity::{context, Action, KdfParams, PublicKey},
	verify, verify_batch, PreparedKey, Proof, VerifyingKey,
};
use encrytrust_runtime::{configs::RuntimeBlockWeights, Runtime};
use frame_support::dispatch::DispatchClass;
use pallet_identity_keys::{Config, WeightInfo};
use sc_executor::WasmExecutor;
use serde_json::{json, Map};
use sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode};
use sp_io::hashing::blake2_256;
use std::{error::Error, fs, hint::black_box, time::Duration};

const ROUNDS: usize = 9;

/// What the calls cost in a block, as measured.
type Weights = <Runtime as Config>::WeightInfo;

type HostFunctions = (sp_io::SubstrateHostFunctions, encrytrust_host_functions::HostFunctions);

fn main() -> Result<(), Box<dyn Error>> {
	let arguments: Vec<_> = std::env::args().skip(1).collect();
	let [module, out] = &arguments[..] else { return Err("usage: groth16_bench MODULE.wasm OUT.json".into()) };
	let fixture = Fixture::new()?;
	let wasm = Wasm::new(fs::read(module)?);
	let verifying_key = fixture.proving_key.verifying_key();
	let prepared = PreparedKey::from(&verifying_key).encode();
	let pairs: Vec<_> = fixture.items.iter().map(|(proof, inputs)| (&proof[..], &inputs[..])).collect();
	let bad: Vec<_> = pairs.iter().enumerate().map(|(i, pair)| (pairs[i / 2 * 2].0, pair.1)).collect();
	let (proof, inputs) = pairs[0];

	let theirs = prepare_verifying_key(&ark_groth16::VerifyingKey::<Bn254> {
		alpha_g1: verifying_key.alpha,
		beta_g2: verifying_key.beta,
		gamma_g2: verifying_key.gamma,
		delta_g2: verifying_key.delta,
		gamma_abc_g1: verifying_key.ic.clone(),
	});
	let decoded = Proof::decode(proof)?;
	let their_proof = ark_groth16::Proof { a: decoded.a, b: decoded.b, c: decoded.c };
	let their_inputs = decode_inputs(inputs)?;

	let task = |count: usize, repeats| wasm.task(&prepared, &pairs[..count], repeats);
	let (one, eight, many, all_bad) = (task(1, 20), task(8, 4), task(64, 1), wasm.task(&prepared, &bad, 1));
	let (one_pure, eight_pure, many_pure) = (task(1, 5), task(8, 1), task(64, 1));
	let key_bytes = verifying_key.encode();

	let mut rows = [
		row("ark", 20, || {
			repeat(20, || matches!(Groth16::<Bn254>::verify_proof(&theirs, &their_proof, &their_inputs), Ok(true)))
		}),
		row("native", 20, || repeat(20, || verify(&prepared, proof, inputs).is_ok())),
		row("native batch of 8", 32, || repeat(4, || verify_batch(&prepared, &pairs[..8]).len() == 8)),
		row("native batch of 64", 64, || verify_batch(&prepared, &pairs).iter().all(Result::is_ok)),
		row("native batch of 64, every second bad", 64, || verify_batch(&prepared, &bad).iter().any(Result::is_err)),
		row("host", 20, || wasm.run("host", &one)),
		row("host batch of 8", 32, || wasm.run("host", &eight)),
		row("host batch of 64", 64, || wasm.run("host", &many)),
		row("host batch of 64, every second bad", 64, || !wasm.run("host", &all_bad)),
		row("wasm", 5, || wasm.run("pure", &one_pure)),
		row("wasm batch of 8", 8, || wasm.run("pure", &eight_pure)),
		row("wasm batch of 64", 64, || wasm.run("pure", &many_pure)),
		row("reading a proof", 1, || Proof::decode(proof).is_ok()),
		row("preparing a key", 1, || VerifyingKey::decode(&key_bytes).map(|key| PreparedKey::from(&key)).is_ok()),
		row("proving", 1, || prove(&fixture.proving_key, &fixture.secret, &fixture.statement).is_ok()),
		row("deriving the secret", 1, || fixture.derive().is_ok()),
	];
	for round in 0..=ROUNDS {
		for row in &mut rows {
			row.measure(round > 0);
		}
	}

	let times: Map<_, _> =
		rows.iter().map(|row| (row.name.to_owned(), json!(row.median().as_nanos() as u64))).collect();
	for row in &rows {
		println!("{:40} {:9.3} ms", row.name, row.median().as_secs_f64() * 1e3);
	}
	let normal = RuntimeBlockWeights::get().get(DispatchClass::Normal).max_total.unwrap_or_default();
	let result = json!({
		"unit": "ns of CPU time a proof", "times": times,
		"weights": {
			"revoke_key": Weights::revoke_key().ref_time(),
			"revoke_keys of 64": Weights::revoke_keys(64).ref_time(),
			"revoke_keys of 64, all good": Weights::revoke_keys_good(64).ref_time(),
			"block": normal.ref_time(),
		},
		"sizes": {
			"constraints": CONSTRAINTS, "proving key": fixture.proving_key.to_bytes().len(),
			"verifying key": key_bytes.len(), "prepared key": prepared.len(), "proof": proof.len(),
		},
	});
	Ok(fs::write(out, serde_json::to_vec_pretty(&result)?)?)
}

/// A secret, a key, and 64 proofs.
struct Fixture {
	answer: Answer,
	code: RecoveryCode,
	secret: Secret,
	proving_key: ProvingKey,
	statement: Statement,
	items: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Fixture {
	fn new() -> Result<Self, Box<dyn Error>> {
		let (answer, code) = (Answer::new("Fluffy")?, RecoveryCode::generate());
		let secret = Secret::derive(&answer, Some(&code), &[1; 16], &KdfParams::default())?;
		let proving_key = ProvingKey::dev();
		let fingerprint = PublicKey::Sr25519([2; 32]).fingerprint();
		let commitment = secret.commitment(&fingerprint)?;
		let statement = |key_id| {
			let context = context(Action::Revoke, &[3; 32], key_id, &[4; 32]);
			Statement { commitment, fingerprint, context }
		};
		let item = |key_id| -> Result<_, Box<dyn Error>> {
			let statement = statement(key_id);
			Ok((prove(&proving_key, &secret, &statement)?, statement.inputs()))
		};
		let items = (0..64).map(item).collect::<Result<_, _>>()?;
		Ok(Self { answer, code, secret, statement: statement(0), proving_key, items })
	}

	fn derive(&self) -> Result<Secret, Box<dyn Error>> {
		Ok(Secret::derive(&self.answer, Some(&self.code), &[1; 16], &KdfParams::default())?)
	}
}

/// The module in the executor.
struct Wasm {
	executor: WasmExecutor<HostFunctions>,
	code: Vec<u8>,
}

impl Wasm {
	fn new(code: Vec<u8>) -> Self {
		Self { executor: WasmExecutor::builder().build(), code }
	}

	/// What the module takes.
	fn task(&self, key: &[u8], items: &[(&[u8], &[u8])], repeats: u32) -> Vec<u8> {
		let head = [repeats, items.len() as u32, key.len() as u32].map(u32::to_le_bytes).concat();
		let inputs: Vec<u8> = items.iter().flat_map(|(_, inputs)| inputs.iter().copied()).collect();
		let proofs: Vec<u8> = items.iter().flat_map(|(proof, _)| proof.iter().copied()).collect();
		[&head[..], key, &inputs, &proofs].concat()
	}

	/// Whether every code says that its proof is good.
	fn run(&self, export: &str, task: &[u8]) -> bool {
		let fetcher = WrappedRuntimeCode(self.code.as_slice().into());
		let code = RuntimeCode { code_fetcher: &fetcher, hash: blake2_256(&self.code).to_vec(), heap_pages: None };
		let mut state = sp_io::TestExternalities::default();
		let (codes, _) = self.executor.call(&mut state.ext(), &code, export, task, CallContext::Offchain);
		let codes = codes.expect("the module does not trap");
		assert!(!codes.is_empty(), "the module says nothing");
		codes.iter().all(|code| *code == 0)
	}
}

/// An operation that verifies so many proofs, and its times.
struct Row<'a> {
	name: &'static str,
	proofs: u32,
	operation: Box<dyn FnMut() -> bool + 'a>,
	times: Vec<Duration>,
}

fn row<'a>(name: &'static str, proofs: u32, operation: impl FnMut() -> bool + 'a) -> Row<'a> {
	Row { name, proofs, operation: Box::new(operation), times: Vec::new() }
}

fn repeat(times: u32, mut operation: impl FnMut() -> bool) -> bool {
	(0..times).all(|_| operation())
}

impl Row<'_> {
	/// Panics if the operation does not do what it should: its time would be worth nothing.
	fn measure(&mut self, counts: bool) {
		let start = ProcessTime::now();
		assert!(black_box((self.operation)()), "{}", self.name);
		if counts {
			self.times.push(start.elapsed() / self.proofs);
		}
	}

	fn median(&self) -> Duration {
		let mut times = self.times.clone();
		times.sort();
		times[times.len() / 2]
	}
}
