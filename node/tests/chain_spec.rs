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
		let output = export("production", &[validator(1, 10_000, 50), validator(2, 20_000, 1)]);
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
	let keys = [address(1), address(2)].map(|key| {
		let keys = json!({ "babe": key, "grandpa": key, "authority_discovery": key });
		json!([key, key, keys])
	});
	assert_eq!(genesis["session"]["keys"], json!(keys));
	assert_eq!(genesis["bonds"]["validators"], json!([[address(1), 10_000 * ETS], [address(2), 20_000 * ETS]]));
	assert_eq!(genesis["votingNodesMembership"]["members"], json!([address(1), address(2)]));
	assert_eq!(genesis["sudo"]["key"], Value::Null);
	assert_eq!(genesis["identityKeys"]["development"], json!(false));
	assert_eq!(genesis["identityKeys"]["verifyingKey"], Value::Null);
}

/// The specification with a change of the genesis is loaded as a file.
fn load(chain_type: &str, change: Value) -> Output {
	let (folder, mut spec) = (tempfile::tempdir().unwrap(), specification().clone());
	let file = folder.path().join("chain.json");
	spec["chainType"] = json!(chain_type);
	merge(&mut spec["genesis"]["runtimeGenesis"]["patch"], change);
	fs::write(&file, spec.to_string()).unwrap();
	let mut node = Command::new(env!("CARGO_BIN_EXE_encrytrust-node"));
	node.args(["export-chain-spec", "--chain"]).arg(&file).output().unwrap()
}

fn merge(into: &mut Value, change: Value) {
	match (into, change) {
		(Value::Object(into), Value::Object(change)) => {
			change.into_iter().for_each(|(key, value)| merge(into.entry(key).or_insert(Value::Null), value))
		},
		(into, change) => *into = change,
	}
}

/// Among them the development key: anyone who reads the sources can forge proofs under it.
#[test]
fn load_fails_for_live_chain_with_parameters_of_development() {
	let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
	let mut balances = patch()["balances"]["balances"].clone();
	balances.as_array_mut().unwrap().push(json!([alice, ETS]));
	let mut keys = patch()["session"]["keys"].clone();
	keys[0][2]["babe"] = json!(alice);
	let slot = |duration| json!({ "consensusParameters": { "slotDuration": duration } });
	let bonds = |parameter: &str, value: u32| json!({ "bonds": { "parameters": { parameter: value } } });
	for (change, error) in [
		(json!({ "identityKeys": { "development": true } }), "`identityKeys.development`"),
		(json!({ "sudo": { "key": address(1) } }), "`sudo.key`"),
		(json!({ "balances": { "balances": balances } }), "the secret key of Alice"),
		(json!({ "session": { "keys": keys } }), "the secret key of Alice"),
		(json!({ "votingNodesMembership": { "members": [address(1), alice] } }), "the secret key of Alice"),
		(json!({ "identityKeys": { "authenticationNodes": [alice] } }), "the secret key of Alice"),
		(slot(5_999), "to at least 6000"),
		(bonds("minValidators", 2), "`bonds.parameters.minValidators`"),
		(
			json!({
				"consensusParameters": { "epochSlots": 500 },
				"bonds": { "parameters": { "sessionsPerEra": 1 } },
			}),
			"`bonds.parameters.sessionsPerEra`",
		),
		(bonds("validatorUnbonding", 100_799), "to at least 100800"),
		(bonds("serviceUnbonding", 14_399), "to at least 14400"),
		(json!({ "enactment": { "delay": 14_399 } }), "`enactment.delay`"),
	] {
		let output = load("Live", change.clone());
		let told = String::from_utf8_lossy(&output.stderr).into_owned();
		assert!(!output.status.success() && told.contains(error), "{change}: {told}");
		assert!(load("Local", change.clone()).status.success(), "{change}");
	}
	for change in
		[json!({}), slot(6_000), bonds("validatorUnbonding", 100_800), json!({ "enactment": { "delay": 14_400 } })]
	{
		let output = load("Live", change.clone());
		assert!(output.status.success(), "{change}: {}", String::from_utf8_lossy(&output.stderr));
	}
}

/// A test network, with the parameters of development.
#[test]
fn export_makes_live_chains_of_production_alone() {
	let output = export("local", &[validator(1, 10_000, 50)]);
	let spec: Value = serde_json::from_slice(&output.stdout).unwrap();
	assert_eq!(spec["chainType"], "Local");
	assert_eq!(specification()["chainType"], "Live");
	let mut node = Command::new(env!("CARGO_BIN_EXE_encrytrust-node"));
	let output = node.args(["export-chain-spec", "--chain", "production"]).output().unwrap();
	let told = String::from_utf8_lossy(&output.stderr).into_owned();
	assert!(!output.status.success() && told.contains("`production` has no validators yet"), "{told}");
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
			"only the chains `dev`, `local` and `production` can be changed: edit `chain.json` itself",
		),
	] {
		let refusal = refusal(chain, &validators);
		assert!(refusal.contains(error), "{refusal}");
	}
}
