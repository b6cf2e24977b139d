//! Our half of `tests/interop/identity/run`: what iden3's tools check, and checks of what they made.
//!
//! | command | what it does |
//! |---|---|
//! | `make DIR` | with `DIR/proving_key.bin`: writes `witness.wtns`, our `ours.proof.json` and `ours.public.json`; the same under the development key as `dev.*.json` |
//! | `check DIR` | verifies `snarkjs.proof.json` and `snarkjs.public.json` under `DIR/verifying_key.bin` as the chain would, compares `snarkjs.vkey.json` with our own, and damages keys |
//! | `terms KEY` | prints, as JSON, what an sr25519 key of this secret is asked for with; the key in hexadecimal |
//! | `revocation DIR KEY GENESIS ID ACCOUNT` | writes `witness.wtns` for its revocation on a chain; key, genesis hash and account in hexadecimal |
//! | `proof DIR` | prints `snarkjs.proof.json` in hexadecimal, as the chain takes it |
//! | `poseidon` | hashes lines of two or four decimal numbers from the standard input |

use anyhow::{bail, ensure, Context, Result};
use ark_bn254::Fr;
use encrytrust_circuits::{
	iden3::{
		import_zkey, proof_from_json, proof_to_json, public_from_json, public_to_json, verifying_key_to_json,
		witness_file, ZkeyError,
	},
	poseidon, prove, Answer, ProvingKey, RecoveryCode, Secret, Statement,
};
use encrytrust_groth16::{
	identity::{context, Action, KdfParams, KeyTerms, PublicKey, Salt},
	verify, Error, PreparedKey, VerifyingKey,
};
use serde_json::{json, Value};
use std::{env, fs, io, path::Path};

fn main() -> Result<()> {
	let arguments: Vec<_> = env::args().skip(1).collect();
	match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
		["make", dir] => make(Path::new(dir)),
		["check", dir] => check(Path::new(dir)),
		["terms", key] => terms(key),
		["revocation", dir, key, genesis, id, account] => revocation(Path::new(dir), key, genesis, id, account),
		["proof", dir] => {
			println!("0x{}", hex::encode(proof_from_json(&read(Path::new(dir), "snarkjs", "proof")?)?));
			Ok(())
		},
		["poseidon"] => hash_lines(),
		_ => bail!(
			"usage: interop make DIR | check DIR | terms KEY | revocation DIR KEY GENESIS ID ACCOUNT | proof DIR | poseidon"
		),
	}
}

fn make(dir: &Path) -> Result<()> {
	let (secret, statement) = statement()?;
	fs::write(dir.join("witness.wtns"), witness_file(&secret, &statement)?)?;
	let ceremony = ProvingKey::from_bytes(&fs::read(dir.join("proving_key.bin"))?)?;
	for (name, key) in [("ours", ceremony), ("dev", ProvingKey::dev())] {
		write(dir, name, "proof", &proof_to_json(&prove(&key, &secret, &statement)?)?)?;
		write(dir, name, "public", &public_to_json(&statement.inputs())?)?;
		write(dir, name, "vkey", &verifying_key_to_json(&key.verifying_key()))?;
	}
	Ok(())
}

fn check(dir: &Path) -> Result<()> {
	let key = VerifyingKey::decode(&fs::read(dir.join("verifying_key.bin"))?)?;
	ensure!(read(dir, "snarkjs", "vkey")? == verifying_key_to_json(&key), "the verifying keys differ");

	let proof = proof_from_json(&read(dir, "snarkjs", "proof")?)?;
	let inputs = public_from_json(&read(dir, "snarkjs", "public")?)?;
	ensure!(inputs == statement()?.1.inputs(), "snarkjs has other public inputs");
	verify(&PreparedKey::from(&key).encode(), &proof, &inputs).context("snarkjs' proof is refused")?;

	let dev = PreparedKey::from(&ProvingKey::dev().verifying_key());
	ensure!(dev.verify(&proof, &inputs) == Err(Error::InvalidProof), "a proof passes under another key");
	check_refusals(dir)
}

/// Keys that must not be imported.
fn check_refusals(dir: &Path) -> Result<()> {
	let first = import_zkey(&fs::read(dir.join("key_0000.zkey"))?);
	ensure!(first == Err(ZkeyError::VerifyingKey(Error::NoContribution)), "a key without contributions: {first:?}");

	let file = fs::read(dir.join("key_0001.zkey"))?;
	import_zkey(&file)?;
	ensure!(import_zkey(&file[..file.len() - 1]) == Err(ZkeyError::Malformed), "a truncated key");
	// At the end are the contributions, which are snarkjs' to verify.
	for at in (0..file.len() - 2_000).step_by(9_973) {
		let mut damaged = file.clone();
		damaged[at] ^= 1;
		ensure!(import_zkey(&damaged).is_err(), "byte {at} of a zkey does not matter");
	}
	Ok(())
}

/// The key that proofs are about, and the salt of its secret: the same in every run.
const PUBLIC_KEY: PublicKey = PublicKey::Sr25519([2; 32]);
const SALT: Salt = [1; 16];

fn statement() -> Result<(Secret, Statement)> {
	let kdf = KdfParams::default();
	let terms = KeyTerms { public_key: PublicKey::Ecdsa([3; 33]), commitment: [0; 32], salt: SALT, kdf };
	about(&PUBLIC_KEY, context(Action::Rotate { terms: &terms }, &[4; 32], 5, &[6; 32]))
}

/// The secret, and the statement of its proof about a key in a context.
fn about(public_key: &PublicKey, context: [u8; 32]) -> Result<(Secret, Statement)> {
	let code = RecoveryCode::parse("legal winner thank year wave sausage worth useful legal winner thank yellow")?;
	let secret = Secret::derive(&Answer::new("Fluffy")?, Some(&code), &SALT, &KdfParams::default())?;
	let fingerprint = public_key.fingerprint();
	let statement = Statement { commitment: secret.commitment(&fingerprint)?, fingerprint, context };
	Ok((secret, statement))
}

fn terms(key: &str) -> Result<()> {
	let (_, Statement { commitment, .. }) = about(&PublicKey::Sr25519(bytes(key)?), [0; 32])?;
	let KdfParams { memory_kib, passes, lanes } = KdfParams::default();
	let hex = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
	let terms = json!({
		"publicKey": { "Sr25519": key }, "commitment": hex(&commitment), "salt": hex(&SALT),
		"kdf": { "memoryKib": memory_kib, "passes": passes, "lanes": lanes },
	});
	println!("{terms}");
	Ok(())
}

fn bytes(text: &str) -> Result<[u8; 32]> {
	let bytes = hex::decode(text.trim_start_matches("0x"))?;
	bytes.try_into().map_err(|_| anyhow::anyhow!("{text} is not of 32 bytes"))
}

fn revocation(dir: &Path, key: &str, genesis: &str, id: &str, account: &str) -> Result<()> {
	let context = context(Action::Revoke, &bytes(genesis)?, id.parse()?, &bytes(account)?);
	let (secret, statement) = about(&PublicKey::Sr25519(bytes(key)?), context)?;
	Ok(fs::write(dir.join("witness.wtns"), witness_file(&secret, &statement)?)?)
}

fn hash_lines() -> Result<()> {
	for line in io::stdin().lines() {
		let line = line?;
		let numbers = line.split_whitespace().map(|number| number.parse::<Fr>().ok());
		let numbers = numbers.collect::<Option<Vec<_>>>().with_context(|| format!("no numbers: {line}"))?;
		println!(
			"{}",
			match numbers[..] {
				[a, b] => poseidon([a, b]),
				[a, b, c, d] => poseidon([a, b, c, d]),
				_ => bail!("two or four numbers a line, not {}", numbers.len()),
			}
		);
	}
	Ok(())
}

fn read(dir: &Path, name: &str, kind: &str) -> Result<Value> {
	let path = dir.join(format!("{name}.{kind}.json"));
	let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
	serde_json::from_slice(&bytes).with_context(|| path.display().to_string())
}

fn write(dir: &Path, name: &str, kind: &str, json: &Value) -> Result<()> {
	Ok(fs::write(dir.join(format!("{name}.{kind}.json")), serde_json::to_vec_pretty(json)?)?)
}
