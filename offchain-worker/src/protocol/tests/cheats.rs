//! Each cheat is found, by everybody who can see it and by nobody else, with a proof that the chain takes.

use super::*;
use crate::protocol::decode_all;
use codec::Encode;
use encrytrust_primitives::{
	bmpc::FaultKind,
	fault::{self, Fault, FaultContext},
	merkle, wire,
};
use std::str::FromStr;

/// Who is at fault, for what, as the chain decides.
fn verdict(play: &Play, fault: &Fault) -> Option<(AccountId, FaultKind)> {
	let roots = |stage, who: &AccountId| {
		let found = play.commitments.iter().find(|delivered| delivered.stage == stage && delivered.who == *who);
		found.map(|delivered| delivered.commitment.root)
	};
	let context = FaultContext { genesis: GENESIS, job: play.job.id, contract: &play.job.contract, roots };
	fault::check(&context, fault).ok().map(|verdict| (verdict.offender, verdict.kind))
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

#[test]
fn a_computing_provider_who_multiplies_other_numbers() {
	let mut four = Question::means();
	four.data.push(vec![vec![1, 1, 1, 1]]);
	let another = with_inputs(&Question { selected: vec![1, 3], ..Question::means() });
	let previous = cp::output(&another.job, &cp(0), &another.selection, &another.opened(0)).unwrap().blob;
	for (name, question, cheat, previous, kind, finders) in [
		("a cell", Question::means(), Cheat::CpCell, None, FaultKind::Output, &INSIDERS[..]),
		("a cell of a weighted sum", weighted(), Cheat::CpCell, None, FaultKind::Output, &INSIDERS),
		("zeros", Question::means(), Cheat::CpReplay, None, FaultKind::Output, &INSIDERS),
		("another job", Question::means(), Cheat::CpReplay, Some(&previous[..]), FaultKind::Output, &INSIDERS),
		("a row of three", Question::means(), Cheat::CpRow, None, FaultKind::Shape, &ALL_EYES),
		("a row of four", four, Cheat::CpRow, None, FaultKind::Product, &ALL_EYES),
		("a row of a weighted sum", weighted(), Cheat::CpRow, None, FaultKind::Shape, &ALL_EYES),
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
	let Published { commitment, blob } = play.published(Stage::Selection, &CORD);
	assert!(dp::read_selection(&play.job, &play.keys, &blob, &commitment).is_ok());
	let refused = cp::check_selection(&play.job, &cp(0), &play.selection, &blob, &commitment);
	refusal("a swap", refused, "selector of feature 0");
}

#[test]
fn a_coordinator_whose_proof_does_not_hold() {
	let play = honest();
	let honest = play.published(Stage::Selection, &CORD);
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
		play.publish(Stage::Selection, CORD, play.job.publish_messages(&messages));
		for eyes in [Eyes::Stranger, Eyes::User] {
			let found = seen(&play, eyes, Stage::Selection);
			assert_eq!(found.first(), Some(&(CORD, FaultKind::SelectionProof)), "{name}");
		}
		let Published { commitment, blob } = play.published(Stage::Selection, &CORD);
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
	let product = play.outputs_of(Stage::Result, &CORD).product;
	let trees = product.trees.into_iter().rev().collect();
	let swapped = wire::Product { trees };
	let published = play.job.publish(Stage::Result, &swapped).unwrap();
	play.replace(Stage::Result, &CORD, published);
	expect("a swap", &play, Stage::Result, &CORD, FaultKind::Result, &ALL_EYES);
}

#[test]
fn a_data_provider_who_seals_something_else() {
	let mut play = honest().until(Stage::Selection);
	play.inputs(Some(Cheat::DpColumn));
	expect("a column", &play, Stage::Inputs, &dp(0), FaultKind::Column, &[Eyes::Computing(0)]);
	let published = play.published(Stage::Inputs, &dp(0));
	let manifest = cp::read_manifest(&play.job, 0, &published.blob, &published.commitment).unwrap();
	let message = &play.blobs[&manifest.messages[0]];
	let opened = cp::open_inputs(&play.job, &cp(0), &COMPUTING[0], &play.selection, 0, &manifest, message);
	refusal("a column", opened, "feature 0 of data provider 1: it does not open");
}

/// Data provider 0 seals these bytes for computing provider 0 as feature 0, commits to them, and transfers the key of
/// another draw if `moved`.
fn seal_instead(play: &mut Play, bytes: &[u8], moved: bool) {
	let Published { commitment, blob } = play.published(Stage::Selection, &CORD);
	let selection = dp::read_selection(&play.job, &play.keys, &blob, &commitment).unwrap().swap_remove(0);
	let honest = play.published(Stage::Inputs, &dp(0));
	let mut manifest = cp::read_manifest(&play.job, 0, &honest.blob, &honest.commitment).unwrap();
	let mut message: Vec<Vec<u8>> = decode_all("test", &play.blobs[&manifest.messages[0]]).unwrap();

	let (key, mut transfer) = selection.transfer(&dp(0).0, 0);
	if moved {
		transfer = selection.transfer(&dp(0).0, 0).1;
	}
	message[0].clear();
	key.seal(bytes, &mut message[0]).unwrap();
	let chunks = wire::leaves(cp::chunks(&message[0]).into_iter());
	manifest.entries[0] = wire::Entry {
		transfer: transfer.to_bytes().try_into().unwrap(),
		sealed: merkle::root(&chunks),
		chunks: chunks.len() as u32,
		ciphertexts: merkle::leaf(0, bytes),
		blocks: 1,
	};
	let message = message.encode();
	manifest.messages[0] = digest(&message);
	play.blobs.insert(digest(&message), message);
	play.replace(Stage::Inputs, &dp(0), Published::new(manifest.root(), &manifest));
}

#[test]
fn a_data_provider_who_seals_what_is_no_ciphertext() {
	let honest = honest().until(Stage::Inputs);
	let modulus = num_bigint::BigUint::from_bytes_be(&USER.public().modulus_bytes());
	let fixed = |number: num_bigint::BigUint| encrytrust_primitives::product_tree::fixed_bytes(&number, 512);
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
	let honest = play.published(Stage::Inputs, &dp(1));
	let manifest = cp::read_manifest(&play.job, 1, &honest.blob, &honest.commitment).unwrap();
	type Change = fn(&mut wire::Entry);
	let changes: [(&str, Change); 4] = [
		("two chunks", |entry| entry.chunks = 2),
		("no ciphertext", |entry| entry.blocks = 0),
		("a transfer of zero", |entry| entry.transfer.iter_mut().for_each(|byte| *byte = 0)),
		("a short transfer", |entry| _ = entry.transfer.pop()),
	];
	for (name, change) in changes {
		let mut manifest = manifest.clone();
		change(&mut manifest.entries[5]);
		play.replace(Stage::Inputs, &dp(1), Published::new(manifest.root(), &manifest));
		expect(name, &play, Stage::Inputs, &dp(1), FaultKind::Entry, &ALL_EYES);
	}
}

#[test]
fn honest_bytes_under_a_cheat_of_another_role_stay() {
	let play = honest();
	for cheat in Cheat::ALL {
		let output = play.published(Stage::Outputs, &cp(0));
		if !matches!(cheat, Cheat::CpCell | Cheat::CpRow | Cheat::CpReplay) {
			assert_eq!(cheat.output(&play.job, output.clone(), None).unwrap(), output);
		}
		let result = play.published(Stage::Result, &CORD);
		if cheat != Cheat::CordShort {
			assert_eq!(cheat.result(&play.job, result.clone()).unwrap(), result);
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
