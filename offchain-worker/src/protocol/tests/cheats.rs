//! Each cheat is found, by everybody who can see it and by nobody else, with a proof that the chain takes.

use super::*;
use crate::protocol::{decode_all, parts::TreesWriter};
use codec::Encode;
use encrytrust_fault_proofs::{
	big_integers::{fixed_bytes, Native},
	check, wire, Fault, FaultContext,
};
use encrytrust_types::{job::FaultKind, merkle};
use std::str::FromStr;

/// Who is at fault, for what, as the chain decides.
fn verdict(play: &Play, fault: &Fault) -> Option<(AccountId, FaultKind)> {
	let roots = |stage, who: &AccountId| {
		let found = play.commitments.iter().find(|delivered| delivered.stage == stage && delivered.who == *who);
		found.map(|delivered| delivered.commitment.root)
	};
	let context =
		FaultContext { genesis: GENESIS, job: play.job.id, contract: &play.job.contract, roots, integers: &Native };
	check(&context, fault).ok().map(|verdict| (verdict.offender, verdict.kind))
}

/// What somebody finds in a stage.
fn seen(play: &Play, eyes: Eyes, stage: Stage) -> Vec<(AccountId, FaultKind)> {
	let findings = watch::check(&play.view(eyes), stage);
	let faults = watch::faults(&findings).map(|(who, fault)| {
		let (offender, kind) = verdict(play, fault).expect("the chain takes it");
		assert_eq!(*who, offender);
		(offender, kind)
	});
	faults.collect()
}

/// Exactly these find exactly one fault.
fn expect(name: &str, play: &Play, stage: Stage, offender: &AccountId, kind: FaultKind, finders: &[Eyes]) {
	for eyes in ALL_EYES {
		let expected = if finders.contains(&eyes) { vec![(offender.clone(), kind)] } else { vec![] };
		let mut found = seen(play, eyes, stage);
		// A wrong selection is wrong under every key.
		found.dedup();
		assert_eq!(found, expected, "{name} by {eyes:?}");
	}
}

const INSIDERS: [Eyes; 3] = [Eyes::User, Eyes::Computing(0), Eyes::Computing(1)];

/// A job whose inputs are there.
fn with_inputs(question: &Question) -> Play {
	if *question == Question::means() {
		return honest().until(Stage::Inputs);
	}
	let mut play = question.ask();
	play.select(None);
	play.inputs(None);
	play
}

fn weighted() -> Question {
	let weights = Parameters::Weights(vec![2, -3].try_into().unwrap());
	Question { columns: vec![(2, 20); 4], ..Question::of(TemplateKind::WeightedSum, weights, &[0, 2]) }
}

/// Sums of the rows of one block and of two.
fn rows() -> Question {
	let data = vec![vec![vec![1, -2, 3, 0]; 7], vec![vec![4, 5, -6, 1]; 70]];
	let columns = vec![(2, 61), (0, 3), (2, 20), (0, 1)];
	Question { columns, data, computers: 2, ..Question::of(TemplateKind::RowSum, Parameters::None, &[0, 2]) }
}

/// And weighted.
fn weighted_rows() -> Question {
	let parameters = Parameters::Weights(vec![2, -3].try_into().unwrap());
	Question { kind: TemplateKind::RowWeightedSum, parameters, ..rows() }
}

#[test]
fn a_computing_provider_who_multiplies_other_numbers() {
	let mut four = Question::means();
	four.data.push(vec![vec![1, 1, 1, 1]]);
	let another = with_inputs(&Question { selected: vec![1, 3], ..Question::means() });
	let mut another = another;
	another.outputs(None);
	let previous = another.product(Stage::Outputs, &cp(0)).trees;
	for (name, question, cheat, previous, kind, finders) in [
		("a cell", Question::means(), Cheat::CpCell, None, FaultKind::Output, &INSIDERS[..]),
		("a cell of a weighted sum", weighted(), Cheat::CpCell, None, FaultKind::Output, &INSIDERS),
		("zeros", Question::means(), Cheat::CpReplay, None, FaultKind::Output, &INSIDERS),
		("another job", Question::means(), Cheat::CpReplay, Some(previous), FaultKind::Output, &INSIDERS),
		("a row of three", Question::means(), Cheat::CpRow, None, FaultKind::Shape, &ALL_EYES),
		("a row of four", four, Cheat::CpRow, None, FaultKind::Product, &ALL_EYES),
		("a row of a weighted sum", weighted(), Cheat::CpRow, None, FaultKind::Shape, &ALL_EYES),
		("a cell of rows", rows(), Cheat::CpCell, None, FaultKind::Output, &INSIDERS),
		("a cell of weighted rows", weighted_rows(), Cheat::CpCell, None, FaultKind::Output, &INSIDERS),
		("a column of rows", rows(), Cheat::CpRow, None, FaultKind::Shape, &ALL_EYES),
		("a column of weighted rows", weighted_rows(), Cheat::CpRow, None, FaultKind::Shape, &ALL_EYES),
	] {
		let mut play = with_inputs(&question);
		play.outputs(Some((cheat, previous)));
		expect(name, &play, Stage::Outputs, &cp(0), kind, finders);
	}
}

#[test]
fn a_coordinator_who_selects_something_else() {
	let mut play = Question::means().ask();
	play.select(Some(Cheat::CordSwap));
	expect("a swap", &play, Stage::Selection, &CORD, FaultKind::Selector, &INSIDERS);
	// Its proofs hold: a data provider has no reason to refuse.
	let Published { commitment, blob } = play.selected();
	assert!(dp::read_selection(&play.job, &play.keys, &blob, &commitment).is_ok());
	let refused = cp::check_selection(&play.job, &cp(0), &play.selection, &blob, &commitment);
	refusal("a swap", refused, "selector of feature 0");
}

#[test]
fn a_coordinator_whose_proof_does_not_hold() {
	let play = honest();
	let honest = play.selected();
	let messages: Vec<Vec<u8>> = decode_all("test", &honest.blob).unwrap();
	// A selector of 2, which is no bit; a message cut short; one of another provider.
	let ring = &play.job.computing[1].ring;
	let mut two = messages.clone();
	let doubled = ring.multiply(&two[1][..512], &two[1][..512]).unwrap();
	two[1][..512].copy_from_slice(&doubled);
	let (mut short, mut moved) = (messages.clone(), messages.clone());
	short[1].pop();
	moved[1] = messages[0].clone();
	for (name, messages) in [("no bit", two), ("cut short", short), ("another's", moved)] {
		let mut play = Question::means().ask();
		let commitment = play.keep(&play.job.publish_messages(&messages));
		play.commit(Stage::Selection, CORD, commitment);
		for eyes in [Eyes::Stranger, Eyes::User] {
			let found = seen(&play, eyes, Stage::Selection);
			assert_eq!(found.first(), Some(&(CORD, FaultKind::SelectionProof)), "{name}");
		}
		let Published { commitment, blob } = play.selected();
		let read = dp::read_selection(&play.job, &play.keys, &blob, &commitment);
		refusal(name, read, "the coordinator's selection for computing provider 2");
	}
}

#[test]
fn a_coordinator_who_leaves_an_output_out() {
	let mut play = honest().until(Stage::Outputs);
	play.result(Some(Cheat::CordShort));
	expect("n - 1 of 3", &play, Stage::Result, &CORD, FaultKind::Shape, &ALL_EYES);
}

#[test]
fn a_coordinator_who_swaps_outputs() {
	let mut play = honest();
	let mut swapped = TreesWriter::new(&play.job, Stage::Result, &play.blobs).unwrap();
	let trees = play.product(Stage::Result, &CORD).trees.into_iter().rev();
	trees.for_each(|tree| swapped.push(tree).unwrap());
	let commitment = swapped.finish().unwrap();
	play.replace(Stage::Result, &CORD, commitment);
	expect("a swap", &play, Stage::Result, &CORD, FaultKind::Result, &ALL_EYES);
}

#[test]
fn a_data_provider_who_seals_something_else() {
	let mut play = honest().until(Stage::Selection);
	play.inputs(Some(Cheat::DpColumn));
	expect("a column", &play, Stage::Inputs, &dp(0), FaultKind::Column, &[Eyes::Computing(0)]);
	let view = play.view(Eyes::Computing(0));
	refusal("a column", SealedInputs::new(&view, 0).open(0), "feature 0 of data provider 1: it does not open");
	let mut play = rows().ask();
	play.select(None);
	play.inputs(Some(Cheat::DpColumn));
	expect("a column of rows", &play, Stage::Inputs, &dp(0), FaultKind::Column, &[Eyes::Computing(0)]);
}

/// Data provider 0 seals these bytes for computing provider 0 as feature 0, commits to them, and transfers the key of
/// another draw if `moved`.
fn seal_instead(play: &mut Play, bytes: &[u8], moved: bool) {
	let Published { commitment, blob } = play.selected();
	let selection = dp::read_selection(&play.job, &play.keys, &blob, &commitment).unwrap().swap_remove(0);
	let mut part = play.part(0);
	let mut message: Vec<Vec<u8>> = decode_all("test", &play.blobs.get(&part.messages[0])).unwrap();

	let (key, mut transfer) = selection.transfer(&dp(0).0, 0);
	if moved {
		transfer = selection.transfer(&dp(0).0, 0).1;
	}
	let chunks = key.seal_chunks([bytes].into_iter());
	let leaves = wire::leaves([bytes].into_iter());
	part.entries[0] = wire::Entry {
		transfer: transfer.to_bytes().try_into().unwrap(),
		sealed: merkle::root(&wire::leaves(chunks.iter())),
		chunks: 1,
		ciphertexts: merkle::root(&leaves),
		blocks: 1,
	};
	part.ciphertexts[0] = leaves;
	message[0] = chunks.concat();
	let message = message.encode();
	part.messages[0] = digest(&message);
	play.blobs.keep(&message).unwrap();
	play.replace_part(0, &part);
}

#[test]
fn a_data_provider_who_seals_what_is_no_ciphertext() {
	let honest = honest().until(Stage::Inputs);
	let modulus = num_bigint::BigUint::from_bytes_be(&USER.public().modulus_bytes());
	let fixed = |number: num_bigint::BigUint| fixed_bytes(&number, 512);
	let good = USER.public().encrypt(&USER.public().one()).to_bytes();
	for (name, bytes, moved) in [
		("zero", fixed(0u8.into()), false),
		("one", fixed(1u8.into()), false),
		("N squared", fixed(modulus.pow(2)), false),
		("a multiple of N", fixed(&modulus * 5u8), false),
		("short", good[1..].to_vec(), false),
		("long", [&good[..], &[0]].concat(), false),
		("nothing", Vec::new(), false),
		("under another key", good.clone(), true),
	] {
		let mut play = honest.clone();
		seal_instead(&mut play, &bytes, moved);
		expect(name, &play, Stage::Inputs, &dp(0), FaultKind::Column, &[Eyes::Computing(0)]);
	}
	let mut play = honest;
	seal_instead(&mut play, &good, false);
	expect("a ciphertext", &play, Stage::Inputs, &dp(0), FaultKind::Column, &[]);
}

#[test]
fn a_data_provider_whose_entries_are_none() {
	let mut play = honest().until(Stage::Inputs);
	let part = play.part(1);
	type Change = fn(&mut wire::Entry);
	let changes: [(&str, Change); 4] = [
		("two chunks", |entry| entry.chunks = 2),
		("no ciphertext", |entry| entry.blocks = 0),
		("a transfer of zero", |entry| entry.transfer.iter_mut().for_each(|byte| *byte = 0)),
		("a short transfer", |entry| _ = entry.transfer.pop()),
	];
	for (name, change) in changes {
		let mut part = part.clone();
		change(&mut part.entries[5]);
		play.replace_part(1, &part);
		expect(name, &play, Stage::Inputs, &dp(1), FaultKind::Entry, &ALL_EYES);
	}
}

#[test]
fn honest_bytes_under_a_cheat_of_another_role_stay() {
	let play = honest();
	for cheat in Cheat::ALL {
		let output = play.commitment(Stage::Outputs, &cp(0));
		if !matches!(cheat, Cheat::CpCell | Cheat::CpRow | Cheat::CpReplay) {
			assert_eq!(cheat.output(&play.job, &cp(0), output, &play.blobs, None).unwrap(), output);
		}
		let result = play.commitment(Stage::Result, &CORD);
		if cheat != Cheat::CordShort {
			assert_eq!(cheat.result(&play.job, result, &play.blobs).unwrap(), result);
		}
		let inputs = play.commitment(Stage::Inputs, &dp(0));
		if cheat != Cheat::DpColumn {
			assert_eq!(cheat.inputs(&play.job, &dp(0), inputs, &play.blobs).unwrap(), inputs);
		}
		if cheat != Cheat::CordSwap {
			assert_eq!(cheat.selection(&play.job, play.selection.clone()), play.selection);
		}
	}
}

#[test]
fn cheats_are_named() {
	for cheat in Cheat::ALL {
		assert_eq!(Cheat::from_str(cheat.name()), Ok(cheat));
		let silent = [Stage::Confirmation, Stage::Selection, Stage::Inputs, Stage::Outputs, Stage::Result];
		let silent = silent.into_iter().filter(|stage| cheat.is_silent(*stage)).count();
		assert_eq!(silent, usize::from(cheat.name().starts_with("silent-")));
	}
	assert!(Cheat::from_str("cp").unwrap_err().contains("cp-cell, cp-row"));
}
