//! Games in which everybody is honest.

use encrytrust_chain_client::Status;
use encrytrust_games::{check, play, Scenario};

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
