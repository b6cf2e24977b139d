//! Plays random games and counts how they end: `tally [GAMES] [SEED] [BITS]`. That shows whether what is drawn reaches what it
//! should; the test `random_games` is for finding what is broken, and makes it small.

use encrytrust_chain_client::Status;
use encrytrust_games::{
	check,
	game::{play_with, KeySize},
	scenario::scenario,
	Record,
};
use proptest::{
	strategy::{Strategy, ValueTree},
	test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{collections::BTreeMap, time::Instant};

fn main() {
	let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().expect("a number"));
	let games = arguments.next().unwrap_or(200);
	let seed = arguments.next().unwrap_or_default();
	let size = if arguments.next() == Some(2_048) { KeySize::Bits2048 } else { KeySize::Bits256 };
	let mut bytes = [0; 32];
	bytes[..8].copy_from_slice(&seed.to_le_bytes());
	let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
	let mut runner = TestRunner::new_with_rng(Config::default(), rng);
	let mut ends = BTreeMap::<String, u64>::new();
	let mut blocks = 0u64;
	let started = Instant::now();
	for _ in 0..games {
		let scenario = scenario().new_tree(&mut runner).expect("a scenario can be drawn").current();
		let record = play_with(&scenario, size);
		let broken = check(&record);
		assert!(broken.is_empty(), "{broken:#?}\n{scenario:#?}");
		blocks += u64::from(record.blocks);
		*ends.entry(end(&record)).or_default() += 1;
	}
	let taken = started.elapsed();
	ends.iter().for_each(|(end, count)| println!("{count:6} {end}"));
	println!("{games} games of {} blocks in {taken:.1?}: {:.1?} each", blocks / games, taken / games as u32);
}

/// How a game ended, in a few words.
fn end(record: &Record) -> String {
	if let Some(refused) = &record.refused {
		return format!("refused: {refused}");
	}
	let Some(job) = record.jobs.last() else { return "no job".into() };
	match &job.info.status {
		Status::Settled { .. } => {
			format!("settled, {} lies, {} challenges", record.told.len(), challenges(record).min(1))
		},
		Status::Expired { stage, .. } => format!("expired in {stage:?}"),
		Status::Declined { reason, .. } => format!("declined: {reason:?}"),
		Status::Faulty { fault, .. } => format!("faulty: {fault:?}"),
		Status::Lapsed { .. } => "lapsed".into(),
		Status::Cancelled { .. } => "cancelled".into(),
		status => format!("{status:?}"),
	}
}

fn challenges(record: &Record) -> usize {
	use encrytrust_games::runtime::RuntimeCall;
	let is_challenge = |call: &RuntimeCall| matches!(call, RuntimeCall::Bmpc(pallet_bmpc::Call::challenge { .. }));
	record.log.iter().filter(|(_, included)| is_challenge(&included.call)).count()
}
