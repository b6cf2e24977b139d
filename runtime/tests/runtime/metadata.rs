//! The metadata file that the workers are built against is this runtime's.

use super::*;
use codec::Encode;
use std::{fs, path::PathBuf};

/// Set to write the file instead of comparing it: `scripts/metadata` does.
const UPDATE: &str = "UPDATE_METADATA";

#[test]
fn the_workers_metadata_file_is_current() {
	let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../offchain-worker/crates/chain-client/metadata.scale");
	// Constants that are genesis parameters are read from storage: any chain's will do.
	let metadata = TestExternalities::default().execute_with(|| Runtime::metadata_at_version(16)).expect("version 16");
	let metadata: &[u8] = &metadata;
	if std::env::var_os(UPDATE).is_some() {
		fs::write(&path, metadata).expect("the file can be written");
		return;
	}
	let file = fs::read(&path).expect("the file exists");
	assert!(file == metadata, "the runtime's metadata changed: run scripts/metadata and commit the file");
}

#[test]
fn every_call_and_error_of_bmpc_is_documented() {
	let metadata = TestExternalities::default().execute_with(|| Runtime::metadata().encode());
	let text = String::from_utf8_lossy(&metadata);
	for heading in ["## Dispatch Origin", "## Details", "## Errors", "## Events"] {
		assert!(text.contains(heading), "{heading}");
	}
}
