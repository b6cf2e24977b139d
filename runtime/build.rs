//! Builds the runtime's Wasm blob, with the metadata hash that `CheckMetadataHash` verifies.
//!
//! The hash is read from a file (docs/adr/0021-metadata-hash-in-a-file.md): computing it here would build the blob twice.

fn main() {
	// The blob has a compiler of its own, which a linter around the native one would replace.
	std::env::remove_var("RUSTC_WORKSPACE_WRAPPER");
	#[cfg(feature = "std")]
	{
		std::env::set_var("RUNTIME_METADATA_HASH", include_str!("metadata-hash").trim());
		substrate_wasm_builder::WasmBuilder::init_with_defaults().build();
	}
}
