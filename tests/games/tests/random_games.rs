//! Random games: `ENCRYTRUST_GAMES` says how many, `ENCRYTRUST_GAMES_SEED` which, `ENCRYTRUST_GAMES_BITS` with how long keys.
//!
//! Seeds of games that were once red are in `proptest-regressions/`, and are played first.

use encrytrust_games::{
	check,
	game::{play_with, KeySize},
	scenario::scenario,
};
use proptest::test_runner::{Config, FileFailurePersistence, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::{env, str::FromStr, thread};

/// Games where nothing else is said.
const GAMES: u32 = 2_000;
/// The seed where nothing else is said: the same games in each run.
const SEED: u64 = 16;

fn variable<T: FromStr>(name: &str, default: T) -> T {
	match env::var(name) {
		Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")),
		Err(_) => default,
	}
}

fn size() -> KeySize {
	match variable("ENCRYTRUST_GAMES_BITS", 256) {
		256 => KeySize::Bits256,
		2_048 => KeySize::Bits2048,
		other => panic!("there are games with 256 and with 2048 bits, not {other}"),
	}
}

/// Plays so many games; what was red, made as small as it gets.
fn run(games: u32, seed: u64) -> Result<(), String> {
	let persistence = FileFailurePersistence::Direct("proptest-regressions/random_games.txt");
	let failure_persistence: Option<Box<dyn proptest::test_runner::FailurePersistence>> = Some(Box::new(persistence));
	let config = Config { cases: games, failure_persistence, max_shrink_iters: 2_000, ..Config::default() };
	let mut bytes = [0; 32];
	bytes[..8].copy_from_slice(&seed.to_le_bytes());
	let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
	let played = runner.run(&scenario(), |scenario| {
		let broken = check(&play_with(&scenario, size()));
		if broken.is_empty() {
			Ok(())
		} else {
			Err(TestCaseError::fail(broken.join("\n")))
		}
	});
	played.map_err(|error| error.to_string())
}

#[test]
fn no_property_is_broken_in_random_games() {
	let games = variable("ENCRYTRUST_GAMES", GAMES);
	let seed = variable("ENCRYTRUST_GAMES_SEED", SEED);
	let threads = thread::available_parallelism().map_or(1, |cores| cores.get() as u32);
	let share = |thread: u32| games / threads + u32::from(thread < games % threads);
	let red: Vec<String> = thread::scope(|scope| {
		let run =
			|thread: u32| scope.spawn(move || run(share(thread), seed.wrapping_mul(1_000).wrapping_add(thread.into())));
		let running: Vec<_> = (0..threads).map(run).collect();
		running.into_iter().filter_map(|thread| thread.join().expect("games do not panic").err()).collect()
	});
	assert!(red.is_empty(), "{}", red.join("\n\n"));
}
