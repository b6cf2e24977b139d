//! Attacks 3 and 4: who is bound, and by what.

use super::*;
use encrytrust_games::{
	cast::{data, USER},
	scenario::{Cut, Moment, UserMoves},
};

#[test]
fn schedule_outside_the_terms_is_refused() {
	let user = UserMoves { hurries: 1, ..UserMoves::default() };
	let record = played("hurry", &Scenario { user, ..Scenario::default() }.with_coalition(&[USER]));
	assert_eq!(record.refused.as_deref(), Some("StageTooShort"));
	assert!(record.jobs.is_empty());
	assert_eq!(record.before, record.after);
}

#[test]
fn absent_party_loses_nothing_and_takes_part_in_the_next_job() {
	let from = Moment { stage: 0, after: 0 };
	let cuts = vec![(data(0), Cut { from, length: 100 })];
	let record = played("absent", &Scenario { cuts, ..Scenario::default() });
	assert!(matches!(end(&record), Status::Lapsed { .. }), "{}", told(&record));
	assert_no_slash("absent", &record);
	assert_eq!(record.before[data(0)], record.after[data(0)]);
	let resumed =
		calls(&record).any(|(_, seat, call)| seat == Some(data(0)) && matches!(call, Call::resume_role { .. }));
	assert!(resumed || record.blocks < 150, "{}", told(&record));
}

#[test]
fn party_that_is_absent_again_and_again_resumes_its_role_each_time() {
	let from = Moment { stage: 0, after: 0 };
	let cuts = vec![(data(0), Cut { from, length: 60 })];
	let record = played("absent again", &Scenario { cuts, jobs: 3, ..Scenario::default() });
	assert_eq!((record.refused.as_deref(), record.jobs.len()), (None, 3), "{}", told(&record));
	assert!(record.jobs.iter().all(|job| matches!(job.info.status, Status::Lapsed { .. })), "{}", told(&record));
	let resumed =
		|(_, seat, call): &(_, Option<_>, &Call)| *seat == Some(data(0)) && matches!(call, Call::resume_role { .. });
	assert!(calls(&record).filter(resumed).count() >= 2, "{}", told(&record));
	assert_no_slash("absent again", &record);
}

#[test]
fn parties_that_are_not_served_the_users_proof_lose_nothing() {
	for (keeps_proof, bad_proof) in [(true, false), (false, true)] {
		let user = UserMoves { keeps_proof, bad_proof, ..UserMoves::default() };
		let record = played("no proof", &Scenario { user, ..Scenario::default() }.with_coalition(&[USER]));
		assert!(matches!(end(&record), Status::Declined { .. } | Status::Lapsed { .. }), "{}", told(&record));
		assert_no_slash("no proof", &record);
	}
}

#[test]
fn selection_that_was_not_sealed_is_declined() {
	for bad_seals in [0b001, 0b010, 0b100, 0b111] {
		let user = UserMoves { bad_seals, ..UserMoves::default() };
		let record = played("bad seal", &Scenario { user, ..Scenario::default() }.with_coalition(&[USER]));
		assert!(matches!(end(&record), Status::Declined { .. }), "{bad_seals}: {}", told(&record));
	}
}
