//! The chains that the node knows by name: the presets of the runtime, unchanged or with changes.

use codec::Decode;
use encrytrust_runtime::{
	configs::RuntimeBlockWeights,
	genesis_config_presets::{well_known_keys, PRODUCTION_RUNTIME_PRESET},
	opaque::Block,
	AccountId, BlockNumber, WASM_BINARY,
};
use encrytrust_types::token::{Balance, Program, ETS, TOTAL_ISSUANCE};
use pallet_bonds::{min_validator_unbonding, Parameters};
use sc_chain_spec::{json_merge, ChainSpecExtension, Properties};
use sc_service::{ChainSpec as _, ChainType};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use serde_json::{json, Value};
use sp_core::{ed25519, sr25519};
use sp_io::hashing::twox_128;
use sp_runtime::{BuildStorage, Storage};
use std::{
	fs,
	path::{Path, PathBuf},
};

/// The chain that is made live with validators of its own.
const PRODUCTION: &str = "production";

/// Picoseconds in a millisecond.
const PICOSECONDS: u64 = 1_000_000_000;

/// A chain specification with this node's extensions.
pub(crate) type ChainSpec = sc_service::GenericChainSpec<Extensions>;

/// The parts of a specification besides the genesis.
#[derive(Default, Clone, Debug, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Extensions {
	/// Blocks whose hashes are known.
	pub(crate) fork_blocks: sc_client_api::ForkBlocks<Block>,
	/// Blocks that are known to be bad.
	pub(crate) bad_blocks: sc_client_api::BadBlocks<Block>,
	/// State for light clients.
	pub(crate) light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

/// How your own chain differs from one that the node knows.
#[derive(Debug, clap::Args)]
pub(crate) struct Changes {
	/// The chain's first validators, in JSON: a list of `{ "account", "babe", "grandpa", "authority_discovery", "bond",
	/// "free" }`. The account and the three public keys are in SS58; `bond` and the account's `free` balance are in
	/// whole ETS, out of the ecology program. The well-known accounts hold nothing then, there is no sudo key, and the
	/// validators' accounts are the voting nodes.
	#[arg(long, value_name = "FILE")]
	validators: Option<PathBuf>,

	/// Other changes of the genesis, in JSON: merged into it after the validators; a list replaces the whole list.
	#[arg(long, value_name = "FILE")]
	genesis: Option<PathBuf>,

	/// The chain's name, for people.
	#[arg(long)]
	name: Option<String>,

	/// The chain's id, for folders: letters, digits and underscores.
	#[arg(long)]
	id: Option<String>,
}

impl Changes {
	/// Whether there are no changes.
	pub(crate) fn is_empty(&self) -> bool {
		self.validators.is_none() && self.genesis.is_none() && self.name.is_none() && self.id.is_none()
	}
}

/// A validator of the genesis.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Validator {
	account: AccountId,
	babe: sr25519::Public,
	grandpa: ed25519::Public,
	authority_discovery: sr25519::Public,
	bond: u32,
	free: u32,
}

/// The head of a specification, and the preset that its genesis starts from.
struct Header {
	name: String,
	id: String,
	chain_type: ChainType,
	preset: &'static str,
}

impl Header {
	/// The chain that the node knows by the name `chain`.
	fn find(chain: &str) -> Option<Self> {
		let (name, id, chain_type, preset) = match chain {
			// One validator, one-second slots.
			"dev" => (
				"EncryTrust Development",
				"encrytrust_dev",
				ChainType::Development,
				sp_genesis_builder::DEV_RUNTIME_PRESET,
			),
			// Four validators, two-second slots.
			"local" => (
				"EncryTrust Local",
				"encrytrust_local",
				ChainType::Local,
				sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
			),
			// A live chain, over validators of its own.
			PRODUCTION => ("EncryTrust", "encrytrust", ChainType::Live, PRODUCTION_RUNTIME_PRESET),
			_ => return None,
		};
		Some(Self { name: name.into(), id: id.into(), chain_type, preset })
	}

	/// The specification: the preset, with `patch` merged into it.
	fn spec(self, patch: Value) -> Result<ChainSpec, String> {
		let wasm = WASM_BINARY.ok_or("the runtime was built without its Wasm blob: build without SKIP_WASM_BUILD")?;
		let mut properties = Properties::new();
		properties.insert("tokenSymbol".into(), "ETS".into());
		properties.insert("tokenDecimals".into(), 12.into());
		properties.insert("ss58Format".into(), 42.into());
		Ok(ChainSpec::builder(wasm, Extensions::default())
			.with_name(&self.name)
			.with_id(&self.id)
			.with_protocol_id("ets")
			.with_chain_type(self.chain_type)
			.with_properties(properties)
			.with_genesis_config_preset_name(self.preset)
			.with_genesis_config_patch(patch)
			.build())
	}
}

/// The specification of a chain that the node knows by name, or of a file.
pub(crate) fn load(chain: &str) -> Result<ChainSpec, String> {
	match Header::find(chain) {
		Some(header) if header.chain_type == ChainType::Live => Err(format!(
			"`{chain}` has no validators yet: make its specification with `export-chain-spec --chain {chain} \
			 --validators FILE`, and give that file"
		)),
		Some(header) => header.spec(json!({})),
		None => {
			let spec = ChainSpec::from_json_file(chain.into())?;
			if spec.chain_type() == ChainType::Live {
				check_live(&build(&spec)?)?;
			}
			Ok(spec)
		},
	}
}

/// The specification of a chain that the node knows, with changes. Its genesis is built once, so that an error in the
/// changes is reported now and not by the first node.
pub(crate) fn changed(chain: &str, changes: &Changes) -> Result<ChainSpec, String> {
	let mut header = Header::find(chain).ok_or_else(|| {
		format!("only the chains `dev`, `local` and `production` can be changed: edit `{chain}` itself")
	})?;
	let mut patch = json!({});
	match &changes.validators {
		Some(path) => json_merge(&mut patch, genesis_of(&read::<Vec<Validator>>(path)?)?),
		None if header.chain_type == ChainType::Live => {
			return Err(format!("`{chain}` needs validators: name them with `--validators FILE`"));
		},
		None => {},
	}
	if let Some(path) = &changes.genesis {
		json_merge(&mut patch, read(path)?);
	}
	header.name = changes.name.clone().unwrap_or(header.name);
	header.id = changes.id.clone().unwrap_or(header.id);
	let spec = header.spec(patch)?;
	let storage = build(&spec)?;
	check_issuance(&storage)?;
	if spec.chain_type() == ChainType::Live {
		check_live(&storage)?;
	}
	Ok(spec)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
	let text = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
	serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The parts of a genesis that name validators or hold their money.
fn genesis_of(validators: &[Validator]) -> Result<Value, String> {
	if validators.is_empty() {
		return Err("a chain needs a validator: the list is empty".into());
	}
	let accounts = validators.iter().map(|validator| &validator.account).collect::<Vec<_>>();
	Ok(json!({
		"balances": { "balances": balances(validators)? },
		"identityKeys": { "development": false, "verifyingKey": null, "authenticationNodes": [] },
		"session": { "keys": validators.iter().map(session_keys).collect::<Vec<_>>() },
		"bonds": { "validators": validators.iter().map(bond).collect::<Vec<_>>() },
		"sudo": { "key": null },
		"votingNodesMembership": { "members": accounts },
	}))
}

/// The programs' balances, and the validators' out of the ecology program's.
fn balances(validators: &[Validator]) -> Result<Vec<(AccountId, Balance)>, String> {
	let held = validators
		.iter()
		.map(|validator| {
			(validator.account.clone(), (Balance::from(validator.bond) + Balance::from(validator.free)) * ETS)
		})
		.collect::<Vec<_>>();
	let spent = held.iter().map(|(_, amount)| amount).sum::<Balance>();
	let ecology = Program::Ecology.allocation();
	let left = ecology.checked_sub(spent).ok_or_else(|| {
		format!("the validators hold {} ETS, more than the ecology program's {}", spent / ETS, ecology / ETS)
	})?;
	let programs = Program::ALL.map(|program| match program {
		Program::Ecology => (program.account(), left),
		_ => (program.account(), program.allocation()),
	});
	Ok(programs.into_iter().chain(held).collect())
}

fn session_keys(validator: &Validator) -> Value {
	let Validator { account, babe, grandpa, authority_discovery, .. } = validator;
	json!([account, account, { "babe": babe, "grandpa": grandpa, "authority_discovery": authority_discovery }])
}

fn bond(validator: &Validator) -> (&AccountId, Balance) {
	(&validator.account, Balance::from(validator.bond) * ETS)
}

/// The state of the genesis.
fn build(spec: &ChainSpec) -> Result<Storage, String> {
	// The builder's error repeats the whole genesis after its cause.
	spec.build_storage().map_err(|error| {
		let cause = error.split(" for blob:").next().unwrap_or(&error);
		format!("the genesis cannot be built: {cause}")
	})
}

/// A value in the state of the genesis; its type's default if it is not set.
fn value<T: Decode + Default>(storage: &Storage, pallet: &str, entry: &str) -> T {
	let bytes = storage.top.get(&entry_key(pallet, entry));
	bytes.and_then(|bytes| T::decode(&mut &bytes[..]).ok()).unwrap_or_default()
}

/// The key of a value in the state.
fn entry_key(pallet: &str, entry: &str) -> Vec<u8> {
	[twox_128(pallet.as_bytes()), twox_128(entry.as_bytes())].concat()
}

/// Checks that hold for every live chain, whether its genesis is built now or read from a file.
fn check_live(storage: &Storage) -> Result<(), String> {
	check_development(storage)?;
	check_sudo(storage)?;
	check_well_known(storage)?;
	check_slots(storage)?;
	check_unbonding(storage)?;
	check_parameters(storage)
}

/// Checks that no single account has the powers of root.
fn check_sudo(storage: &Storage) -> Result<(), String> {
	match storage.top.contains_key(&entry_key("Sudo", "Key")) {
		false => Ok(()),
		true => Err("a live chain has no sudo key: set `sudo.key` of the genesis to null".into()),
	}
}

/// Checks that no account, session key or voting node is one whose secret key everybody knows. Accounts and keys are at
/// the end of the storage keys of what they have, voting nodes are in a list.
fn check_well_known(storage: &Storage) -> Result<(), String> {
	let members: Vec<[u8; 32]> = value(storage, "VotingNodesMembership", "Members");
	let is_named = |public: &[u8; 32]| members.contains(public) || storage.top.keys().any(|key| key.ends_with(public));
	match well_known_keys().into_iter().find(|(_, public)| is_named(public)) {
		None => Ok(()),
		Some((name, _)) => Err(format!(
			"everybody knows the secret key of {name}, which has money, a session key, a vote or an office in the genesis: \
			 take it out of `balances`, `session`, `bonds`, `votingNodesMembership` and `identityKeys`"
		)),
	}
}

/// Checks that the blocks' computation leaves time to send, receive and vote: it takes a third of a slot at most.
fn check_slots(storage: &Storage) -> Result<(), String> {
	let slot: u64 = value(storage, "ConsensusParameters", "SlotDuration");
	let computation = RuntimeBlockWeights::get().max_block.ref_time() / PICOSECONDS;
	let least = computation.saturating_mul(3);
	match slot >= least {
		true => Ok(()),
		false => Err(format!(
			"blocks of {computation} ms of computation do not fit slots of {slot} ms: set \
			 `consensusParameters.slotDuration` of the genesis to at least {least}"
		)),
	}
}

/// Checks that periods are not those of a demonstration.
fn check_parameters(storage: &Storage) -> Result<(), String> {
	const HOUR: u64 = 3_600_000;
	const DAY: u64 = 24 * HOUR;
	let slot: u64 = value(storage, "ConsensusParameters", "SlotDuration");
	let epoch: u64 = value(storage, "ConsensusParameters", "EpochSlots");
	let bonds: Parameters<BlockNumber> = value(storage, "Bonds", "CurrentParameters");
	let delay: BlockNumber = value(storage, "Enactment", "Delay");
	let blocks = |time: u64| time.div_ceil(slot.max(1));
	let session = epoch.max(1);
	for (name, found, least) in [
		("bonds.parameters.minValidators", u64::from(bonds.min_validators), 3),
		("bonds.parameters.sessionsPerEra", u64::from(bonds.sessions_per_era), blocks(HOUR).div_ceil(session)),
		("bonds.parameters.validatorUnbonding", u64::from(bonds.validator_unbonding), blocks(7 * DAY)),
		("bonds.parameters.serviceUnbonding", u64::from(bonds.service_unbonding), blocks(DAY)),
		("enactment.delay", u64::from(delay), blocks(DAY)),
	] {
		if found < least {
			return Err(format!(
				"`{name}` of the genesis is {found}, as on a development chain: set it to at least {least}"
			));
		}
	}
	Ok(())
}

/// Checks that no validator's bond can be withdrawn while it validates. Building a genesis checks it too, but one that
/// is read from a file was not built here.
fn check_unbonding(storage: &Storage) -> Result<(), String> {
	let Parameters { sessions_per_era, validator_unbonding, .. }: Parameters<BlockNumber> =
		value(storage, "Bonds", "CurrentParameters");
	let slots: u64 = value(storage, "ConsensusParameters", "EpochSlots");
	let least = min_validator_unbonding(slots, sessions_per_era);
	match u64::from(validator_unbonding) >= least {
		true => Ok(()),
		false => Err(format!(
			"a validator's bond could be withdrawn before its era ends: `bonds.parameters.validatorUnbonding` of the \
			 genesis is {validator_unbonding} blocks; set it to at least {least}, {sessions_per_era} sessions of an era and \
			 two more of {slots} slots each"
		)),
	}
}

/// Checks that the development key of identity proofs is not accepted: anyone who reads the sources can forge proofs
/// under it.
fn check_development(storage: &Storage) -> Result<(), String> {
	match value(storage, "IdentityKeys", "Development") {
		false => Ok(()),
		true => Err(
			"a live chain accepts no development keys: set `identityKeys.development` of the genesis to false, and \
		             `identityKeys.verifyingKey` to a ceremony's key or to null"
				.into(),
		),
	}
}

/// Checks that the genesis has the whole issuance: nothing is ever minted later.
fn check_issuance(storage: &Storage) -> Result<(), String> {
	let issued: Balance = value(storage, "Balances", "TotalIssuance");
	match issued == TOTAL_ISSUANCE {
		true => Ok(()),
		false => Err(format!(
			"the genesis issues {issued} of {TOTAL_ISSUANCE} units (10^-12 ETS): balances in the change of the genesis \
			 must add up to what they replace"
		)),
	}
}
