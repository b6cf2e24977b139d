//! Any bytes as an answer to a demand: none may panic.

#![no_main]

use encrytrust_primitives::{
	bmpc::{Stage, TemplateKind},
	fault::sample::{contract, genesis, selection, Sample, SmallContract, COMPUTING, COORDINATOR, DATA, JOB},
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static CONTRACT: LazyLock<SmallContract> = LazyLock::new(|| contract(TemplateKind::ColumnSum));
static JOB_BLOBS: LazyLock<Sample<'static, u64, u128, u32>> =
	LazyLock::new(|| Sample::new(genesis(), JOB, &CONTRACT, selection()).expect("the contract is sound"));

fuzz_target!(|bytes: &[u8]| {
	let context = JOB_BLOBS.context();
	let parties = [(Stage::Selection, COORDINATOR), (Stage::Inputs, DATA[0]), (Stage::Outputs, COMPUTING[0])];
	for (stage, who) in parties {
		let _ = context.check_answer(stage, &who, 0, bytes, &[]);
	}
});
