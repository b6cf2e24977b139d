//! Any bytes as a chunk of a message unit: none may panic.

#![no_main]

use codec::DecodeAll;
use encrytrust_fault_proofs::{big_integers::Native, sample::Sample};
use encrytrust_types::job::{
	sample::{contract, genesis, selection, SmallContract, JOB},
	TemplateKind, Unit,
};
use libfuzzer_sys::fuzz_target;
use primitive_types::H256;
use std::sync::LazyLock;

static CONTRACT: LazyLock<SmallContract> = LazyLock::new(|| contract(TemplateKind::ColumnSum));
static JOB_BLOBS: LazyLock<Sample<'static, u64, u128, u32>> =
	LazyLock::new(|| Sample::new(genesis(), JOB, &CONTRACT, selection(), &Native).expect("the contract is sound"));

/// Unit, number of the chunk, path and bytes.
type Chunk = (Unit, u32, Vec<H256>, Vec<u8>);

fuzz_target!(|bytes: &[u8]| {
	let Ok((unit, chunk, path, bytes)) = Chunk::decode_all(&mut &*bytes) else { return };
	let _ = JOB_BLOBS.context().check_chunk(&unit, chunk, &bytes, &path);
});
