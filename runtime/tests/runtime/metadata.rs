//! The metadata file that clients are built with, and the metadata hash, are those of this runtime.

use super::*;
use codec::Decode;
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use frame_support::traits::Get;
use merkleized_metadata::{generate_metadata_digest, ExtraInfo};
use scale_info::TypeDef;
use std::{collections::BTreeSet, fs, path::Path};

/// Set to write the files instead of comparing them: `scripts/metadata` does.
const UPDATE: &str = "UPDATE_METADATA";

#[test]
fn metadata_file_of_worker_is_current() {
	is_current("../offchain-worker/crates/chain-client/metadata.scale", &metadata(16));
}

/// RFC 78 of the Polkadot fellowship. The Wasm blob does not reveal the hash that it was built with, so it is compared
/// here.
#[test]
fn metadata_hash_is_current() {
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

/// Errors that no call of their pallet returns: what calls of other pallets return when they engage a bond, and a reason
/// for which a job lapses.
const OF_NO_CALL: [(&str, &str); 3] =
	[("Bonds", "NotAvailable"), ("Bmpc", "DatasetChanged"), ("Bmpc", "DuplicateMaskKey")];

/// The docs of a call or an error, as wallets show them.
#[test]
fn calls_and_errors_of_own_pallets_are_documented() {
	let RuntimeMetadataPrefixed(_, RuntimeMetadata::V15(metadata)) =
		Decode::decode(&mut &metadata(15)[..]).expect("metadata is metadata")
	else {
		panic!("version 15 is version 15");
	};
	let variants = |ty: u32| match &metadata.types.resolve(ty).expect("a known type").type_def {
		TypeDef::Variant(variants) => variants.variants.clone(),
		other => panic!("calls and errors are variants, not {other:?}"),
	};
	for name in ["Bmpc", "IdentityKeys", "Bonds", "TokenAllocation"] {
		let pallet = metadata.pallets.iter().find(|pallet| pallet.name == name).expect("it is in the runtime");
		let calls = variants(pallet.calls.as_ref().expect("it has calls").ty.id);
		let errors = variants(pallet.error.as_ref().expect("it has errors").ty.id);
		let mut documented = BTreeSet::new();
		for call in &calls {
			for heading in ["## Dispatch Origin", "## Details", "## Errors", "## Events"] {
				assert!(!section(&call.docs, heading).is_empty(), "{name}.{}: {heading}", call.name);
			}
			documented.extend(section(&call.docs, "## Errors").split('`').skip(1).step_by(2).map(String::from));
		}
		for error in &errors {
			let undocumented = OF_NO_CALL.contains(&(name, &error.name));
			assert_ne!(
				documented.contains(&error.name),
				undocumented,
				"{name}.{}: which calls end with it",
				error.name
			);
			let text = error.docs.join(" ");
			assert!(text.trim().ends_with('.') && text.len() > 20, "{name}.{}: {text:?}", error.name);
		}
	}
}

/// The text below a heading, up to the next one.
fn section(docs: &[String], heading: &str) -> String {
	let below = docs.iter().skip_while(|line| line.trim() != heading).skip(1);
	below.take_while(|line| !line.trim().starts_with("##")).map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// Constants that are genesis parameters are read from storage, so any chain will do.
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
