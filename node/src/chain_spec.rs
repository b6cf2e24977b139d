//! The chains that the node knows by name: the presets of the runtime.

use encrytrust_runtime::{opaque::Block, WASM_BINARY};
use sc_chain_spec::{ChainSpecExtension, Properties};
use sc_service::ChainType;
use serde::{Deserialize, Serialize};

/// A chain specification with this node's extensions.
pub(crate) type ChainSpec = sc_service::GenericChainSpec<Extensions>;

/// What a specification carries beside the genesis.
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

/// One validator, one-second slots.
pub(crate) fn development() -> Result<ChainSpec, String> {
	spec("EncryTrust Development", "encrytrust_dev", ChainType::Development, sp_genesis_builder::DEV_RUNTIME_PRESET)
}

/// Four validators, two-second slots.
pub(crate) fn local() -> Result<ChainSpec, String> {
	let preset = sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
	spec("EncryTrust Local", "encrytrust_local", ChainType::Local, preset)
}

fn spec(name: &str, id: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, String> {
	let wasm = WASM_BINARY.ok_or("the runtime was built without its Wasm blob: build without SKIP_WASM_BUILD")?;
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), "ETS".into());
	properties.insert("tokenDecimals".into(), 12.into());
	properties.insert("ss58Format".into(), 42.into());
	Ok(ChainSpec::builder(wasm, Extensions::default())
		.with_name(name)
		.with_id(id)
		.with_protocol_id("ets")
		.with_chain_type(chain_type)
		.with_properties(properties)
		.with_genesis_config_preset_name(preset)
		.build())
}
