//! Any bytes as a proof against an honest job: none may panic, and none may hold.

#![no_main]

use codec::DecodeLimit;
use encrytrust_fault_proofs::{big_integers::Native, check, sample::Sample, Fault};
use encrytrust_types::job::{
	sample::{contract, genesis, selection, SmallContract, JOB},
	FaultKind, TemplateKind,
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static CONTRACT: LazyLock<SmallContract> = LazyLock::new(|| contract(TemplateKind::ColumnSum));
static JOB_BLOBS: LazyLock<Sample<'static, u64, u128, u32>> =
	LazyLock::new(|| Sample::new(genesis(), JOB, &CONTRACT, selection(), &Native).expect("the contract is sound"));

fuzz_target!(|bytes: &[u8]| {
	let Ok(fault) = Fault::decode_all_with_depth_limit(8, &mut &*bytes) else { return };
	// The sample's proofs about selections are none.
	let found = check(&JOB_BLOBS.context(), &fault).is_ok_and(|verdict| verdict.kind != FaultKind::SelectionProof);
	assert!(!found, "an honest job is found at fault");
});
