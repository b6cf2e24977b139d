//! Attacks 9 and 10: what has another form than it should.

use super::*;
use encrytrust_games::{
	cast::{computing, data, COORDINATOR, USER},
	lies::What,
};
use encrytrust_types::job::Stage;

/// Feature 0 is selected, and the first computing provider opens it.
#[test]
fn irregular_chunks_are_their_owners_fault() {
	for how in 0..6 {
		let name = format!("sealed otherwise, {how}");
		let record = played(&name, &Scenario::default().lying(data(0), Stage::Inputs, What::Sealed, 0, how));
		assert_faulty(&name, &record, data(0), &[FaultKind::Column, FaultKind::Withheld]);
	}
}

/// No defence needs free money. Faults that are quick to verify are left to the node, which needs no account; for the others a
/// party that cannot pay the fee of a report has its deposit.
#[test]
fn fault_is_shown_by_those_who_have_no_free_money() {
	let mut red = vec![];
	for (name, seat, stage, what, how) in [
		("column", data(0), Stage::Inputs, What::Sealed, 1),
		("ciphertexts", data(0), Stage::Inputs, What::Ciphertexts, 0),
		("transfer", data(0), Stage::Inputs, What::TransferProof, 1),
		("entry", data(0), Stage::Inputs, What::Transfer, 1),
		("selector", COORDINATOR, Stage::Selection, What::Features, 0),
		("proof", COORDINATOR, Stage::Selection, What::MessageByte, 7),
		("leaf", computing(0), Stage::Outputs, What::Leaf, 0),
		("node", computing(0), Stage::Outputs, What::Node, 2),
		("result", COORDINATOR, Stage::Result, What::Leaf, 0),
	] {
		let honest = Scenario::default().seats().into_iter().filter(|other| *other != seat && *other != USER);
		let poor = Scenario { poor: honest.collect(), ..Scenario::default() };
		let record = play(&poor.with_coalition(&[USER]).lying(seat, stage, what, 0, how));
		if !matches!(end(&record), Status::Faulty { .. }) {
			red.push((name, end(&record).clone(), check(&record)));
		}
	}
	assert!(red.is_empty(), "{red:#?}");
}

#[test]
fn malformed_entry_is_its_owners_fault() {
	for (what, how) in
		[(What::Transfer, 0), (What::Transfer, 1), (What::Transfer, 2), (What::Counts, 0), (What::Counts, 3)]
	{
		// For the second computing provider, feature 1, which nobody opens.
		let name = format!("{what:?} {how}");
		let record = played(&name, &Scenario::default().lying(data(1), Stage::Inputs, what, 5, how));
		assert_faulty(&name, &record, data(1), &[FaultKind::Entry, FaultKind::Transfer, FaultKind::Withheld]);
	}
}

/// Of whatever feature and for whomever: a number of which nobody has shown to know what it holds is not opened.
#[test]
fn transfer_that_is_not_proven_is_its_owners_fault() {
	for place in [0, 1, 5, 7] {
		for how in [1, 2, 3] {
			let name = format!("{place} {how}");
			let record =
				played(&name, &Scenario::default().lying(data(1), Stage::Inputs, What::TransferProof, place, how));
			assert_faulty(&name, &record, data(1), &[FaultKind::Transfer, FaultKind::Entry]);
		}
	}
}

#[test]
fn manifest_that_nobody_can_read_is_made_up_for_on_chain_or_its_owners_fault() {
	for (what, how) in [(What::Blob, 0), (What::Blob, 1), (What::Manifest, 0), (What::Manifest, 4), (What::Root, 0)] {
		let name = format!("{what:?} {how}");
		for (seat, stage) in [(data(0), Stage::Inputs), (computing(0), Stage::Outputs), (COORDINATOR, Stage::Result)] {
			let record = played(&name, &Scenario::default().lying(seat, stage, what, 0, how));
			assert_faulty(&name, &record, seat, &[FaultKind::Withheld]);
		}
	}
}

/// Neither used nor reported: nothing shows it to the chain but that its owner cannot publish it.
#[test]
fn part_that_is_not_what_its_root_says_is_its_owners_fault() {
	for (seat, stage) in [(data(0), Stage::Inputs), (computing(0), Stage::Outputs), (COORDINATOR, Stage::Result)] {
		for how in 0..2 {
			let name = format!("{seat} {how}");
			let record = played(&name, &Scenario::default().lying(seat, stage, What::Part, 0, how));
			assert_faulty(&name, &record, seat, &[FaultKind::Withheld]);
		}
	}
}

/// A data provider and a computing provider together: the one spoils an entry of its own, the other alters what a third one
/// contributed.
#[test]
fn contribution_is_not_altered_unnoticed_behind_a_malformed_entry() {
	let scenario = Scenario::default().lying(data(0), Stage::Inputs, What::Transfer, 7, 0).lying(
		computing(1),
		Stage::Outputs,
		What::Leaf,
		2,
		3,
	);
	let record = played("altered", &scenario);
	assert!(matches!(end(&record), Status::Faulty { .. }), "{}", told(&record));
}

#[test]
fn every_lie_about_a_tree_is_its_owners_fault() {
	for (seat, stage) in [(computing(0), Stage::Outputs), (COORDINATOR, Stage::Result)] {
		for (what, hows) in
			[(What::Node, 0..3), (What::Leaf, 0..4), (What::Width, 0..3), (What::Form, 0..5), (What::Order, 0..3)]
		{
			for how in hows {
				let name = format!("{seat} {what:?} {how}");
				let record = played(&name, &Scenario::default().lying(seat, stage, what, 0, how));
				assert_faulty(
					&name,
					&record,
					seat,
					&[FaultKind::Product, FaultKind::Shape, FaultKind::Output, FaultKind::Result, FaultKind::Withheld],
				);
			}
		}
	}
}

#[test]
fn every_lie_about_a_selection_is_the_coordinators_fault() {
	for (what, hows) in
		[(What::MessageByte, 0..3), (What::MessageLength, 0..4), (What::MessageCount, 0..2), (What::Features, 0..1)]
	{
		for how in hows {
			let name = format!("{what:?} {how}");
			let record = played(&name, &Scenario::default().lying(COORDINATOR, Stage::Selection, what, 0, how));
			let kinds = [FaultKind::SelectionProof, FaultKind::Selector, FaultKind::Withheld];
			assert_faulty(&name, &record, COORDINATOR, &kinds);
		}
	}
}

/// The user and all but one data provider: what the honest one committed to is not had for nothing.
#[test]
fn result_is_not_free_for_a_user_with_all_who_compute() {
	let coalition = [USER, data(1), computing(0), computing(1), COORDINATOR];
	for stage in [Stage::Outputs, Stage::Result] {
		for silent in [computing(0), COORDINATOR] {
			let never = encrytrust_games::chain::Release::Never;
			let scenario = Scenario::default().with_coalition(&coalition).delivering(silent, stage, never);
			played("silent", &scenario);
		}
	}
}
