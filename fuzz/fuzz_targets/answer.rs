//! Any bytes as an answer to a demand: none may panic.

#![no_main]

use codec::DecodeAll;
use encrytrust_fault_proofs::{big_integers::Native, sample::Sample};
use encrytrust_types::job::{
	sample::{contract, genesis, selection, SmallContract, JOB},
	Stage, TemplateKind,
};
use libfuzzer_sys::fuzz_target;
use primitive_types::H256;
use std::sync::LazyLock;

static CONTRACT: LazyLock<SmallContract> = LazyLock::new(|| contract(TemplateKind::ColumnSum));
static JOB_BLOBS: LazyLock<Sample<'static, u64, u128, u32>> =
	LazyLock::new(|| Sample::new(genesis(), JOB, &CONTRACT, selection(), &Native).expect("the contract is sound"));

/// Stage, party, piece, path and bytes.
type Answer = (Stage, u64, u32, Vec<H256>, Vec<u8>);

fuzz_target!(|bytes: &[u8]| {
	let Ok((stage, who, piece, path, bytes)) = Answer::decode_all(&mut &*bytes) else { return };
	let _ = JOB_BLOBS.context().check_answer(stage, &who, piece, &bytes, &path);
});
