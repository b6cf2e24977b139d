//! What others are built against is this runtime's metadata, and the hash of it.

use super::*;
use codec::{Decode, Encode};
use frame_metadata::RuntimeMetadataPrefixed;
use frame_support::traits::Get;
use merkleized_metadata::{generate_metadata_digest, ExtraInfo};
use std::{fs, path::Path};

/// Set to write the files instead of comparing them: `scripts/metadata` does.
const UPDATE: &str = "UPDATE_METADATA";

#[test]
fn the_workers_metadata_file_is_current() {
	is_current("../offchain-worker/crates/chain-client/metadata.scale", &metadata(16));
}

/// RFC 78 of the Polkadot fellowship. The blob that is built with it tells nobody, so it is compared here.
#[test]
fn the_metadata_hash_is_current() {
	let RuntimeMetadataPrefixed(_, metadata) = Decode::decode(&mut &metadata(15)[..]).expect("metadata is metadata");
	let extra = ExtraInfo {
		spec_version: VERSION.spec_version,
		spec_name: VERSION.spec_name.to_string(),
		base58_prefix: <<Runtime as frame_system::Config>::SS58Prefix as Get<u16>>::get(),
		decimals: ETS.ilog10() as u8,
		token_symbol: "ETS".into(),
	};
	let digest = generate_metadata_digest(&metadata, extra).expect("metadata has a digest");
	is_current("metadata-hash", format!("0x{}\n", hex::encode(digest.hash())).as_bytes());
}

#[test]
fn every_call_and_error_of_bmpc_is_documented() {
	let metadata = TestExternalities::default().execute_with(|| Runtime::metadata().encode());
	let text = String::from_utf8_lossy(&metadata);
	for heading in ["## Dispatch Origin", "## Details", "## Errors", "## Events"] {
		assert!(text.contains(heading), "{heading}");
	}
}

/// Constants that are genesis parameters are read from storage: any chain's will do.
fn metadata(version: u32) -> Vec<u8> {
	let metadata = TestExternalities::default().execute_with(|| Runtime::metadata_at_version(version));
	metadata.expect("the runtime has the version").to_vec()
}

fn is_current(file: &str, content: &[u8]) {
	let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
	if std::env::var_os(UPDATE).is_some() {
		fs::write(&path, content).expect("the file can be written");
		return;
	}
	let written = fs::read(&path).expect("the file exists");
	assert!(written == content, "the runtime's metadata changed: run scripts/metadata and commit {file}");
}
