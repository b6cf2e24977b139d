//! Games in which everybody is honest.

use encrytrust_chain_client::Status;
use encrytrust_games::{cast::SEATS, check, play, scenario::Moment, Scenario};

#[test]
fn honest_game_settles_with_right_answers_and_everybody_is_paid() {
	let scenario = Scenario::default();
	let started = std::time::Instant::now();
	let record = play(&scenario);
	eprintln!("a game took {:?} and {} blocks", started.elapsed(), record.blocks);
	assert_eq!(check(&record), Vec::<String>::new(), "{:#?}", record.log);
	let job = &record.jobs[0];
	assert!(matches!(job.info.status, Status::Settled { .. }), "{:?}: {:#?}", job.info.status, record.log);
	assert!(job.answers.is_some());
}

#[test]
fn workers_that_are_ended_at_any_moment_go_on_from_what_is_on_disk() {
	for stage in 0..6 {
		for after in 0..6 {
			let moment = Moment { stage, after };
			let restarts = (1..SEATS).map(|seat| (seat, moment)).collect();
			let record = play(&Scenario { restarts, ..Scenario::default() });
			assert_eq!(check(&record), Vec::<String>::new(), "{moment:?}: {:#?}", record.log);
			let job = &record.jobs[0];
			assert!(matches!(job.info.status, Status::Settled { .. }), "{moment:?}: {:?}", job.info.status);
		}
	}
}
