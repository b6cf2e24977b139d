//! Builds the runtime's Wasm blob, with the metadata hash that `CheckMetadataHash` verifies.

fn main() {
	#[cfg(feature = "std")]
	substrate_wasm_builder::WasmBuilder::init_with_defaults().enable_metadata_hash("ETS", 12).build();
}
