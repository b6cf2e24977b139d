//! Random games, as many as `ENCRYTRUST_GAMES` says.

use encrytrust_games::{check, play, scenario::scenario};
use proptest::test_runner::{Config, TestCaseError, TestRunner};

#[test]
fn no_property_is_broken_in_random_games() {
	let games = std::env::var("ENCRYTRUST_GAMES").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000);
	let mut runner = TestRunner::new(Config { cases: games, ..Config::default() });
	let outcome = runner.run(&scenario(), |scenario| {
		let broken = check(&play(&scenario));
		if broken.is_empty() { Ok(()) } else { Err(TestCaseError::fail(broken.join("\n"))) }
	});
	outcome.unwrap();
}
