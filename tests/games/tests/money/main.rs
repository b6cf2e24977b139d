//! The attacks on money of which each was once possible, and is no more: see the threat model in `docs/security.md`.
//!
//! Every game is also held to all properties.

mod availability;
mod clocks;
mod consent;
mod forms;

use encrytrust_chain_client::Status;
use encrytrust_games::{
	cast::{account, Seat, SEATS},
	check,
	game::{play, Record},
	runtime::RuntimeCall,
	scenario::Scenario,
};
use encrytrust_types::job::FaultKind;

type Call = pallet_bmpc::Call<encrytrust_games::runtime::Runtime>;

/// Plays a game in which no property is broken.
#[track_caller]
fn played(name: &str, scenario: &Scenario) -> Record {
	let record = play(scenario);
	let broken = check(&record);
	assert!(broken.is_empty(), "{name}: {broken:#?}\n{}", told(&record));
	record
}

/// How a game's newest job ended.
fn end(record: &Record) -> &Status {
	&record.jobs.last().expect("there was a job").info.status
}

#[track_caller]
fn assert_settled(name: &str, record: &Record) {
	assert!(matches!(end(record), Status::Settled { .. }), "{name}: {:?}\n{}", end(record), told(record));
}

/// The newest job ended by a fault of this seat, of one of these kinds.
#[track_caller]
fn assert_faulty(name: &str, record: &Record, by: Seat, kinds: &[FaultKind]) {
	let faulty = match end(record) {
		Status::Faulty { offender, fault, .. } => *offender == account(by) && kinds.contains(fault),
		_ => false,
	};
	assert!(faulty, "{name}: {:?}\n{}", end(record), told(record));
}

/// Nobody's bond is touched.
#[track_caller]
fn assert_no_slash(name: &str, record: &Record) {
	assert_eq!(record.slashed, [0; SEATS], "{name}: {:?}\n{}", end(record), told(record));
}

/// The calls of jobs, with the block and the seat of each.
fn calls(record: &Record) -> impl Iterator<Item = (u32, Option<Seat>, &Call)> {
	record.log.iter().filter_map(|(block, included)| match &included.call {
		RuntimeCall::Bmpc(call) if included.outcome.is_ok() => {
			let seat = included.signer.as_ref().and_then(|who| encrytrust_games::cast::seat_of(who.as_ref()));
			Some((*block, seat, call))
		},
		_ => None,
	})
}

/// A game's calls, for people.
fn told(record: &Record) -> String {
	let line = |(block, included): &(u32, encrytrust_games::chain::Included)| {
		let seat = included.signer.as_ref().and_then(|who| encrytrust_games::cast::seat_of(who.as_ref()));
		let who = seat.map_or("nobody".into(), encrytrust_games::cast::name);
		format!("{block}: {who}: {:.120?} {:?}", included.call, included.outcome)
	};
	record.log.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// All moments at which something can happen: at the beginning of each stage, of the window, and a little later.
fn moments() -> impl Iterator<Item = encrytrust_games::scenario::Moment> {
	(0..6).flat_map(|stage| [0, 3].map(|after| encrytrust_games::scenario::Moment { stage, after }))
}
