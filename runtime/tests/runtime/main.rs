//! The real runtime: guarantees of its configuration.
//!
//! These tests are outside the library, which takes minutes to compile, so that it is compiled only once.

mod bonds;
mod calls;
mod conservation;
mod content;
mod faults;
mod finality;
mod genesis;
mod governance;
mod identity;
mod key_owners;
mod metadata;
mod money;
mod reserved;
mod weights;

use encrytrust_runtime::*;
use sp_io::TestExternalities;
use sp_runtime::BuildStorage;

/// The state after the genesis of a preset.
fn preset(name: &str) -> TestExternalities {
	preset_with(name, |_| {})
}

/// The state after the genesis of a preset with a `change`.
fn preset_with(name: &str, change: impl FnOnce(&mut RuntimeGenesisConfig)) -> TestExternalities {
	let patch = genesis_config_presets::get_preset(&name.into()).expect("the preset exists");
	let patch: serde_json::Value = serde_json::from_slice(&patch).expect("a preset is JSON");
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("a genesis is JSON");
	merge(&mut config, patch);
	let mut config: RuntimeGenesisConfig = serde_json::from_value(config).expect("a patched genesis is a genesis");
	change(&mut config);
	config.build_storage().expect("the preset builds").into()
}

/// Puts `patch` over `config`, as the genesis builder does.
fn merge(config: &mut serde_json::Value, patch: serde_json::Value) {
	match (config, patch) {
		(serde_json::Value::Object(config), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(config.entry(key).or_insert(serde_json::Value::Null), value);
			}
		},
		(config, patch) => *config = patch,
	}
}
