//! Chain specifications with new validators, as an operator makes them.

use encrytrust_types::token::{Program, ETS};
use serde_json::{json, Value};
use sp_core::{
	crypto::{AccountId32, Ss58Codec},
	ed25519, sr25519,
};
use std::{
	fs,
	process::{Command, Output},
	sync::LazyLock,
};

/// The account and public keys whose bytes are all `byte`.
fn address(byte: u8) -> String {
	sr25519::Public::from_raw([byte; 32]).to_ss58check()
}

fn validator(byte: u8, bond: u64, free: u64) -> Value {
	let (key, grandpa) = (address(byte), ed25519::Public::from_raw([byte; 32]).to_ss58check());
	json!({ "account": key, "babe": key, "grandpa": grandpa, "authority_discovery": key, "bond": bond, "free": free })
}

fn export(chain: &str, validators: &[Value]) -> Output {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("validators.json");
	fs::write(&file, json!(validators).to_string()).unwrap();
	let mut node = Command::new(env!("CARGO_BIN_EXE_encrytrust-node"));
	node.args(["export-chain-spec", "--chain", chain, "--validators"]).arg(file).output().unwrap()
}

/// The specification of a chain of two validators. It is made once: the node compiles the runtime for it.
fn specification() -> &'static Value {
	static SPECIFICATION: LazyLock<Value> = LazyLock::new(|| {
		let output = export("local", &[validator(1, 10_000, 50), validator(2, 20_000, 1)]);
		assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
		serde_json::from_slice(&output.stdout).unwrap()
	});
	&SPECIFICATION
}

/// What its genesis changes in the preset.
fn patch() -> &'static Value {
	&specification()["genesis"]["runtimeGenesis"]["patch"]
}

fn refusal(chain: &str, validators: &[Value]) -> String {
	let output = export(chain, validators);
	assert!(!output.status.success());
	String::from_utf8(output.stderr).unwrap()
}

#[test]
fn export_endows_validators_out_of_the_ecology_program() {
	let genesis = patch();
	let balances = genesis["balances"]["balances"].as_array().unwrap();
	let ecology = Program::Ecology.allocation() - 30_051 * ETS;
	assert_eq!(balances.len(), Program::ALL.len() + 2);
	for (account, amount) in [
		(address(1), 10_050 * ETS),
		(address(2), 20_001 * ETS),
		(Program::Ecology.account::<AccountId32>().to_ss58check(), ecology),
	] {
		assert!(balances.contains(&json!([account, amount])), "{account}: {amount}");
	}
}

#[test]
fn export_gives_validators_keys_a_bond_and_a_vote() {
	let genesis = patch();
	assert_eq!(specification()["chainType"], "Live");
	let keys = [address(1), address(2)].map(|key| {
		let keys = json!({ "babe": key, "grandpa": key, "authority_discovery": key });
		json!([key, key, keys])
	});
	assert_eq!(genesis["session"]["keys"], json!(keys));
	assert_eq!(genesis["staking"]["validators"], json!([[address(1), 10_000 * ETS], [address(2), 20_000 * ETS]]));
	assert_eq!(genesis["votingNodesMembership"]["members"], json!([address(1), address(2)]));
	assert_eq!(genesis["sudo"]["key"], Value::Null);
	assert_eq!(genesis["identityKeys"]["development"], json!(false));
	assert_eq!(genesis["identityKeys"]["verifyingKey"], Value::Null);
}

/// Anyone who reads the sources can forge proofs under the development key.
#[test]
fn load_fails_for_live_chain_with_development_keys() {
	let (folder, mut spec) = (tempfile::tempdir().unwrap(), specification().clone());
	let file = folder.path().join("chain.json");
	for development in [false, true] {
		spec["genesis"]["runtimeGenesis"]["patch"]["identityKeys"]["development"] = json!(development);
		fs::write(&file, spec.to_string()).unwrap();
		let mut node = Command::new(env!("CARGO_BIN_EXE_encrytrust-node"));
		let output = node.args(["export-chain-spec", "--chain"]).arg(&file).output().unwrap();
		assert_eq!(output.status.success(), !development);
		let error = String::from_utf8_lossy(&output.stderr).into_owned();
		assert_eq!(error.contains("identityKeys.development"), development, "{error}");
	}
}

#[test]
fn export_fails_for_invalid_validators_and_unknown_chain() {
	let whole = u64::try_from(Program::Ecology.allocation() / ETS).unwrap();
	// The program's account must live on.
	assert!(export("local", &[validator(1, whole - 2, 1)]).status.success());
	for (chain, validators, error) in [
		("local", vec![], "a chain needs a validator: the list is empty"),
		(
			"local",
			vec![validator(1, whole, 1)],
			"the validators hold 600000001 ETS, more than the ecology program's 600000000",
		),
		(
			"chain.json",
			vec![validator(1, 10_000, 50)],
			"only the chains `dev` and `local` can be changed: edit `chain.json` itself",
		),
	] {
		let refusal = refusal(chain, &validators);
		assert!(refusal.contains(error), "{refusal}");
	}
}
