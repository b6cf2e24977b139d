//! Reports about jobs from their end.

use super::*;
use crate::chain::{JobInfo, Status};
use crate::{
	keys,
	verification::report::{report, Report, Verdict},
	ProgressBlobs,
};
use encrytrust_types::job::{DeclineReason, FaultKind};

fn info(play: &Play, status: Status) -> JobInfo {
	JobInfo {
		contract: (*play.job.contract).clone(),
		contract_hash: play.job.contract.hash(&GENESIS, play.job.id),
		requested_at: 4,
		status,
		mask_keys: play.posted_mask_keys(),
		commitments: play.commitments.clone(),
		published: Default::default(),
	}
}

fn count(report: &Report, verdict: Verdict) -> usize {
	report.lines.iter().filter(|line| line.verdict == verdict).count()
}

/// A job of one computing provider with proofs about both keys.
fn proven() -> Play {
	let question = Question { computers: 1, ..Question::means() };
	let mut play = question.ask();
	let proofs =
		[keys::prove(&USER, GENESIS, &USER_ACCOUNT), keys::prove(&COMPUTING[0], GENESIS, &computing_provider(0))];
	let mut contract = (*play.job.contract).clone();
	contract.user_key_proof = digest(&proofs[0]);
	contract.computing[0].key_proof = digest(&proofs[1]);
	play.job = Job::new(3, GENESIS, contract).unwrap();
	proofs.iter().for_each(|proof| play.blobs.keep(proof).unwrap());
	play.select();
	play.inputs();
	play.outputs();
	play.result();
	play
}

#[test]
fn an_honest_job_holds_line_by_line() {
	let play = proven();
	let settled = info(&play, Status::Settled { at: 90 });
	// Without keys of its own: the report verifies them.
	let with_selection = report(&View { keys: None, ..play.view(Eyes::User) }, &settled);
	let stranger = report(&View { keys: None, ..play.view(Eyes::Stranger) }, &settled);
	for report in [&with_selection, &stranger] {
		assert!(report.sound, "{report}");
		// Contract and keys 3; selection 3; inputs 4 of each of three; outputs 3; result 3.
		assert_eq!(report.lines.len(), 24);
	}
	let read = std::cell::Cell::new(0);
	let told = ProgressBlobs { blobs: &play.blobs, on_read: || read.set(read.get() + 1) };
	assert_eq!(report(&View { blobs: &told, ..play.view(Eyes::Stranger) }, &settled), stranger);
	// Two proofs about keys, the selection, and a manifest with a part for each of three, one and one: at least once each.
	assert!(read.get() >= 2 + 1 + 2 * 5, "{} blobs were read", read.get());
	assert_eq!((count(&with_selection, Verdict::Unseen), count(&stranger, Verdict::Unseen)), (3, 5));
	let text = stranger.to_string();
	for words in [
		"settled in block 90: everyone was paid",
		"holds          4  confirmation user                  the contract has the hash that the parties confirm",
		"holds          -  confirmation computing provider 1  the modulus is a product of two large primes",
		"unseen        10  selection    coordinator           the selectors for computing provider 1 are those of the user's selection",
		"holds         14  outputs      computing provider 1  every node is the product of its children",
		"as a stranger sees it: nothing is wrong",
	] {
		assert!(text.contains(words), "{words}\n{text}");
	}
	let json = serde_json::to_string(&stranger).unwrap();
	assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), stranger);
}

#[test]
fn what_is_wrong_is_named_in_one_line() {
	let mut play = honest().until(Stage::Inputs);
	play.outputs_with(&|job, me, honest, store| {
		let honest = Trees::read(job, store, Stage::Outputs, me, &honest)?.product(0)?;
		let mut others = TreesWriter::new(job, Stage::Outputs, store)?;
		for tree in honest.trees {
			let mut leaves = tree.levels.into_iter().next().unwrap();
			leaves[0] = job.key.encrypt(&job.key.one()).to_bytes();
			others.push(job.tree(Stage::Outputs, leaves).unwrap())?;
		}
		others.finish()
	});
	let offender = computing_provider(0);
	let faulty =
		Status::Faulty { offender: offender.clone(), fault: FaultKind::Output, reporter: Some(COORDINATOR), at: 31 };
	let report = report(&play.view(Eyes::User), &info(&play, faulty));
	assert!(!report.sound);
	assert_eq!(count(&report, Verdict::Faulty), 1);
	let line = report.lines.iter().find(|line| line.verdict == Verdict::Faulty).unwrap();
	assert_eq!((line.party.as_str(), line.block), ("computing provider 1", Some(14)));
	assert_eq!(line.reason.as_deref(), Some("tree 0: a leaf is not what data provider 1 committed to"));
	let expected = format!(
		"ended by a fault in block 31: computing provider 1 ({offender}), output, shown by coordinator ({COORDINATOR})"
	);
	assert_eq!(report.status, expected);
}

#[test]
fn every_end_has_its_line() {
	let play = Question::means().ask();
	let late = vec![data_provider(1), computing_provider(0)].try_into().unwrap();
	for (status, words, sound) in [
		(Status::Challenge { until: 7, challenged: false }, "may be challenged until block 7", true),
		(
			Status::Open { stage: Stage::Inputs, since: 5, awaited: Default::default() },
			"open: stage inputs since block 5",
			true,
		),
		(
			Status::Declined { by: computing_provider(2), reason: DeclineReason::UserKey, at: 3 },
			"by computing provider 3",
			true,
		),
		(Status::Expired { stage: Stage::Inputs, late, at: 9 }, "late: data provider 2", false),
		(
			Status::Faulty { offender: COORDINATOR, fault: FaultKind::Withheld, reporter: None, at: 9 },
			"a challenged unit was not published",
			false,
		),
	] {
		let report = report(&play.view(Eyes::Stranger), &info(&play, status));
		assert!(report.status.contains(words), "{}", report.status);
		assert_eq!(report.sound, sound, "{}", report.status);
	}
}

#[test]
fn another_contract_is_not_sound() {
	let play = Question::means().ask();
	let other = JobInfo { contract_hash: H256([1; 32]), ..info(&play, Status::Settled { at: 1 }) };
	assert!(!report(&play.view(Eyes::Stranger), &other).sound);
}
