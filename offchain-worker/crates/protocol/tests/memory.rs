//! A blob that claims more than it has takes no more memory than it is long. Alone in its process, since it measures the
//! process.

#[path = "../src/tests/play.rs"]
mod play;

use codec::{Compact, Encode};
use encrytrust_fault_proofs::wire::{inputs_leaves, InputsPart, Manifest};
use encrytrust_protocol::{
	chain::H256,
	digest,
	verification::{check, missing, wanted, Outcome},
	Store,
};
use encrytrust_types::{
	job::{Stage, Unit},
	merkle,
};
use play::*;
use std::fs;

const LENGTH: usize = 16 << 20;
/// A few copies of a blob: as empty vectors its bytes take 24 times their length.
const ALLOWANCE_KIB: u64 = 6 * LENGTH as u64 / 1024;

/// The most memory that this process has had, in KiB.
fn peak() -> u64 {
	let status = fs::read_to_string("/proc/self/status").unwrap();
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
	line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// So many vectors in SCALE, each of them empty: as many bytes, and 24 times as many in memory.
fn empty_vectors() -> Vec<u8> {
	[Compact(LENGTH as u32).encode(), vec![0; LENGTH]].concat()
}

/// A blob with such vectors behind what comes before them.
fn behind(start: impl Encode) -> Vec<u8> {
	[start.encode(), empty_vectors()].concat()
}

#[test]
fn blobs_of_empty_vectors_take_no_more_memory_than_they_are_long() {
	let honest = honest();
	let part = honest.part(0);
	let InputsPart { entries, ciphertexts, .. } = &part;
	let two_trees = Compact(2u32);
	let three_levels = Compact(3u32);
	let roots = [H256([1; 32])];
	let manifest = |part: &[u8]| Manifest { parts: vec![digest(part)], roots: roots.to_vec() }.encode();
	let cases = [
		("messages of the coordinator", Stage::Selection, None),
		("a manifest", Stage::Inputs, None),
		("entries", Stage::Inputs, Some(empty_vectors())),
		("leaves of entries", Stage::Inputs, Some(behind(entries))),
		("names of messages", Stage::Inputs, Some(behind((entries, ciphertexts)))),
		("trees", Stage::Outputs, Some(empty_vectors())),
		("levels of a tree", Stage::Outputs, Some(behind(two_trees))),
		("values of a level", Stage::Outputs, Some(behind((two_trees, three_levels)))),
		("a result", Stage::Result, Some(empty_vectors())),
	];
	let before = peak();
	for (name, stage, part) in cases {
		let mut play = honest.clone();
		let who = match stage {
			Stage::Inputs => data_provider(0),
			Stage::Outputs => computing_provider(0),
			_ => COORDINATOR,
		};
		let blob = part.as_ref().map_or_else(empty_vectors, |part| manifest(part));
		part.iter().for_each(|part| play.blobs.keep(part).unwrap());
		let root = match stage {
			Stage::Inputs => merkle::root(&inputs_leaves(&roots)),
			_ => merkle::root(&roots),
		};
		let commitment = play.keep(&committed(blob, root));
		play.replace(stage, &who, commitment);
		expect_missing(name, &play, stage, |unit| match *unit {
			Unit::Selection { .. } | Unit::Result { .. } => true,
			Unit::Entries { data, .. } | Unit::Message { data, .. } => data == 0,
			Unit::Outputs { computing, .. } => computing == 0,
		});
		let grown = peak() - before;
		assert!(grown < ALLOWANCE_KIB, "{name}: {grown} KiB");
	}
	// A message is read if all else of its part is as it should be.
	let mut play = honest.clone();
	let message = empty_vectors();
	play.blobs.keep(&message).unwrap();
	let mut part = part.clone();
	part.messages[0] = digest(&message);
	play.replace_part(0, &part);
	let of_message = |unit: &Unit| matches!(unit, Unit::Message { data: 0, computing: 0, .. });
	expect_missing("a message", &play, Stage::Inputs, of_message);
	let grown = peak() - before;
	assert!(grown < ALLOWANCE_KIB, "a message: {grown} KiB");
}

/// Looks at everything, and lacks these units of the stage.
fn expect_missing(name: &str, play: &Play, stage: Stage, is_missing: impl Fn(&Unit) -> bool) {
	let view = play.view(Eyes::Computing(0));
	let of_stage = |unit: &Unit| unit.stage() == stage;
	let units = play.job.contract.all_units();
	let expected: Vec<_> = units.filter(|unit| of_stage(unit) && is_missing(unit)).collect();
	let found = missing(&view, play.job.contract.all_units().filter(of_stage));
	assert_eq!(found, expected, "{name}");
	assert!(wanted(&view, stage).iter().all(|wanted| wanted.max_bytes < LENGTH as u64), "{name}");
	let findings = check(&view, stage);
	assert!(findings.iter().any(|finding| matches!(finding.outcome, Outcome::Missing { .. })), "{name}");
}
