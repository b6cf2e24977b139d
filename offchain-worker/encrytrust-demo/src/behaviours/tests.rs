//! Each cheat is found, by everybody who can see it and by nobody else, with a proof that the chain takes.

#[path = "../../../crates/protocol/src/tests/play.rs"]
pub(crate) mod play;

use super::*;
use encrytrust_protocol::{computing_provider, data_provider, verification::SealedInputs, Published};
use encrytrust_types::job::{FaultKind, Parameters, TemplateKind};
use play::*;
use std::str::FromStr;

/// A job whose inputs are there.
fn with_inputs(question: &Question) -> Play {
	if *question == Question::means() {
		return honest().until(Stage::Inputs);
	}
	let mut play = question.ask();
	play.select();
	play.inputs();
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
fn output_cheats_are_found_as_their_fault() {
	let mut four = Question::means();
	four.data.push(vec![vec![1, 1, 1, 1]]);
	let another = with_inputs(&Question { selected: vec![1, 3], ..Question::means() });
	let mut another = another;
	another.outputs();
	let previous = another.product(Stage::Outputs, &computing_provider(0)).trees;
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
		play.outputs_with(&|job, me, honest, store| cheat.output(job, me, honest, store, previous.clone()));
		expect(name, &play, Stage::Outputs, &computing_provider(0), kind, finders);
	}
}

#[test]
fn swapped_selection_is_found_as_selector_fault() {
	let mut play = Question::means().ask();
	play.select_with(|job, selection| Cheat::CordSwap.selection(job, selection));
	expect("a swap", &play, Stage::Selection, &COORDINATOR, FaultKind::Selector, &INSIDERS);
	// Its proofs hold: a data provider has no reason to refuse.
	let Published { commitment, blob } = play.selected();
	assert!(data_provider::read_selection(&play.job, &play.keys, &blob, &commitment).is_ok());
	let refused =
		computing_provider::check_selection(&play.job, &computing_provider(0), &play.selection, &blob, &commitment);
	refusal("a swap", refused, "selector of feature 0");
}

#[test]
fn short_result_is_found_as_shape_fault() {
	let mut play = honest().until(Stage::Outputs);
	play.result_with(&|job, _, honest, store| Cheat::CordShort.result(job, honest, store));
	expect("n - 1 of 3", &play, Stage::Result, &COORDINATOR, FaultKind::Shape, &ALL_EYES);
}

#[test]
fn replaced_column_is_found_as_column_fault() {
	let mut play = honest().until(Stage::Selection);
	play.inputs_with(&|job, me, honest, store| Cheat::DpColumn.inputs(job, me, honest, store));
	expect("a column", &play, Stage::Inputs, &data_provider(0), FaultKind::Column, &[Eyes::Computing(0)]);
	let view = play.view(Eyes::Computing(0));
	refusal("a column", SealedInputs::new(&view, 0).open(0), "feature of data provider 1: it does not open");
	let mut play = rows().ask();
	play.select();
	play.inputs_with(&|job, me, honest, store| Cheat::DpColumn.inputs(job, me, honest, store));
	expect("a column of rows", &play, Stage::Inputs, &data_provider(0), FaultKind::Column, &[Eyes::Computing(0)]);
}

#[test]
fn malformed_entry_is_found_as_entry_fault() {
	let mut play = honest().until(Stage::Selection);
	play.inputs_with(&|job, me, honest, store| Cheat::Malformed.inputs(job, me, honest, store));
	expect("an entry", &play, Stage::Inputs, &data_provider(0), FaultKind::Entry, &ALL_EYES);
}

#[test]
fn bytes_stay_honest_under_cheats_of_other_roles() {
	let play = honest();
	for cheat in Cheat::ALL {
		let output = play.commitment(Stage::Outputs, &computing_provider(0));
		if !matches!(cheat, Cheat::CpCell | Cheat::CpRow | Cheat::CpReplay) {
			assert_eq!(cheat.output(&play.job, &computing_provider(0), output, &play.blobs, None).unwrap(), output);
		}
		let result = play.commitment(Stage::Result, &COORDINATOR);
		if cheat != Cheat::CordShort {
			assert_eq!(cheat.result(&play.job, result, &play.blobs).unwrap(), result);
		}
		let inputs = play.commitment(Stage::Inputs, &data_provider(0));
		if !matches!(cheat, Cheat::DpColumn | Cheat::Malformed) {
			assert_eq!(cheat.inputs(&play.job, &data_provider(0), inputs, &play.blobs).unwrap(), inputs);
		}
		if cheat != Cheat::CordSwap {
			assert_eq!(cheat.selection(&play.job, play.selection.clone()), play.selection);
		}
	}
}

#[test]
fn cheat_is_parsed_from_its_name() {
	for cheat in Cheat::ALL {
		assert_eq!(Cheat::from_str(cheat.name()), Ok(cheat));
		let silent = [Stage::Confirmation, Stage::Selection, Stage::Inputs, Stage::Outputs, Stage::Result];
		let silent = silent.into_iter().filter(|stage| cheat.is_silent(*stage)).count();
		assert_eq!(silent, usize::from(cheat.name().starts_with("silent-")));
		let late = Stage::ALL.into_iter().filter(|stage| cheat.is_late(*stage)).count();
		assert_eq!(late, usize::from(cheat.name().starts_with("late-")));
	}
	assert!(Cheat::from_str("cp").unwrap_err().contains("cp-cell, cp-row"));
}

#[test]
fn cheat_is_found_by_full_and_short_name() {
	for cheat in Cheat::ALL {
		assert_eq!(by_name(cheat.name()), Ok(cheat));
	}
	for (name, expected) in [
		("cp", Role::ComputingProvider),
		("cord", Role::Coordinator),
		("dp", Role::DataProvider),
		("silent-cp", Role::ComputingProvider),
		("silent-cord", Role::Coordinator),
		("silent-dp", Role::DataProvider),
		("late-cp", Role::ComputingProvider),
		("late-cord", Role::Coordinator),
		("late-dp", Role::DataProvider),
	] {
		assert_eq!(by_name(name).map(Cheat::role), Ok(expected), "{name}");
	}
	assert!(by_name("judge").unwrap_err().contains("cp-cell"));
}
