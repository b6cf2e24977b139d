//! Attacks 5 and 6: who is slower.

use super::*;
use encrytrust_games::{
	cast::{computing, data, COORDINATOR, USER},
	chain::Release,
	lies::What,
	runtime::OUTAGE,
	scenario::{Authors, Cut, Fork, Moment},
};
use encrytrust_types::job::Stage;

#[test]
fn delivery_in_the_last_block_leaves_the_next_one_its_whole_clock() {
	// The clock may go by a few blocks at once.
	let last = Release::BeforeDeadline(4);
	let scenario = Scenario::default()
		.delivering(COORDINATOR, Stage::Selection, last)
		.delivering(COORDINATOR, Stage::Result, last)
		.delivering(data(0), Stage::Inputs, last)
		.delivering(computing(0), Stage::Outputs, last);
	let record = played("last", &scenario);
	assert_settled("last", &record);
	assert_no_slash("last", &record);
}

#[test]
fn stalled_finality_slashes_nobody_in_whatever_stage() {
	for from in moments() {
		let stall = Some(Cut { from, length: OUTAGE as u8 });
		let name = format!("{from:?}");
		let record = played(&name, &Scenario { stall, ..Scenario::default() });
		assert_no_slash(&name, &record);
		if from.stage > 0 {
			assert_settled(&name, &record);
		}
	}
}

#[test]
fn authors_who_censor_and_fill_make_nobody_late() {
	for seed in 0..8 {
		let authors = Authors { dishonest: 2, censor: true, fill: true, attest: (seed % 3) as u8, seed };
		let record = played("censored", &Scenario { authors, ..Scenario::default() });
		assert_settled("censored", &record);
	}
}

#[test]
fn fault_is_reported_at_once_by_everybody_who_sees_it() {
	let scenario = Scenario::default().lying(computing(0), Stage::Outputs, What::Node, 0, 2);
	let record = played("node", &scenario);
	assert_faulty("node", &record, computing(0), &[FaultKind::Product]);
	let committed = record.jobs[0].info.commitments.iter().find(|delivered| delivered.who == account(computing(0)));
	let committed = committed.expect("it committed").at;
	let reported =
		calls(&record).find_map(|(block, _, call)| matches!(call, Call::report_fault { .. }).then_some(block));
	let waited = reported.expect("it was reported") - committed;
	assert!(waited <= 6, "it took {waited} blocks\n{}", told(&record));
}

#[test]
fn forks_leave_no_delivery_on_another_basis() {
	for (stage, depth) in (1..6).flat_map(|stage| [1, 2, 3].map(|depth| (stage, depth))) {
		let forks = [0, 3].map(|after| Fork { at: Moment { stage, after }, depth, swaps: false });
		let record = played("fork", &Scenario { forks: forks.to_vec(), lag: 3, ..Scenario::default() });
		assert_settled("fork", &record);
	}
}

#[test]
fn job_of_a_user_who_never_looks_settles_by_itself() {
	let record = played("settled", &Scenario::default().with_coalition(&[USER]));
	assert_settled("settled", &record);
}
