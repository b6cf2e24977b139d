//! Attacks 1, 2 and 7: what is withheld.

use super::*;
use encrytrust_games::{
	cast::{computing, data, COORDINATOR, USER},
	lies::What,
	runtime::{CHARGE_PER_BYTE, OUTAGE},
	scenario::{Cut, Malice, Moment, UserMoves},
};
use encrytrust_types::job::Stage;

/// Everything is withheld from these, by everybody of the coalition, and published once it is challenged.
fn withheld_from(receivers: &[Seat], coalition: &[Seat]) -> Scenario {
	let mut mask = 0;
	for kind in 0..3 {
		receivers.iter().for_each(|receiver| mask |= 1 << (kind * SEATS + receiver));
	}
	let all = Scenario { tables: vec![0, 1, 2], computing: 3, selected: 0b1111, ..Scenario::default() };
	coalition.iter().fold(all, |all, seat| all.with(*seat, |deviation| deviation.withheld = mask))
}

fn challenged(record: &Record, by: Seat) -> Vec<usize> {
	let units = calls(record).filter_map(|(_, seat, call)| match call {
		Call::challenge { units, .. } if seat == Some(by) => Some(units.iter().count()),
		_ => None,
	});
	units.collect()
}

fn published_bytes(record: &Record, owners: impl Fn(u32) -> bool) -> u128 {
	let bytes = calls(record).filter_map(|(_, _, call)| match call {
		Call::publish { unit, bytes, .. } if owners(*unit) => Some(bytes.len() as u128),
		_ => None,
	});
	bytes.sum()
}

#[test]
fn five_units_and_more_that_are_withheld_are_challenged_at_once() {
	let providers = [data(0), data(1), data(2), computing(0), computing(1), computing(2)];
	let record = played("coordinator", &withheld_from(&[COORDINATOR], &providers));
	assert_settled("coordinator", &record);
	assert_eq!(challenged(&record, COORDINATOR), [6], "outputs and entries\n{}", told(&record));

	let others = [USER, data(0), data(1), data(2), COORDINATOR, computing(1), computing(2)];
	let record = played("computing provider", &withheld_from(&[computing(0)], &others));
	assert_settled("computing provider", &record);
	assert_eq!(challenged(&record, computing(0)), [7], "its selection, entries and messages\n{}", told(&record));
}

#[test]
fn withholding_pays_nothing() {
	let record = played("withheld", &withheld_from(&[COORDINATOR], &[computing(0)]));
	assert_settled("withheld", &record);
	let contract = &record.jobs[0].info.contract;
	let unit =
		|unit: u32| contract.unit(unit).and_then(|unit| contract.unit_owner(&unit)).expect("there is one").who.clone();
	let bytes = published_bytes(&record, |number| unit(number) == account(computing(0)));
	assert!(bytes > 0, "{}", told(&record));
	let party = encrytrust_games::properties::party(contract, computing(0)).expect("it takes part");
	let gained = record.after[computing(0)] - record.before[computing(0)];
	assert_eq!(gained + record.fees[computing(0)], party.pay - bytes * CHARGE_PER_BYTE, "both pay for each byte");
}

#[test]
fn unit_that_is_withheld_from_one_is_published_and_nobody_loses() {
	// A user has a result from whoever has fetched it.
	let all: Vec<Seat> = (0..SEATS).collect();
	for (name, scenario, owner) in [
		("selection", withheld_from(&[data(0)], &[COORDINATOR]), COORDINATOR),
		("messages", withheld_from(&[computing(0)], &[data(1)]), data(1)),
		("outputs", withheld_from(&[COORDINATOR], &[computing(1)]), computing(1)),
		("result", withheld_from(&all, &[COORDINATOR]), COORDINATOR),
	] {
		let record = played(name, &scenario);
		assert_settled(name, &record);
		assert_no_slash(name, &record);
		let contract = &record.jobs[0].info.contract;
		let is_owners = |unit: u32| {
			let party = contract.unit(unit).and_then(|unit| contract.unit_owner(&unit));
			party.is_some_and(|party| party.who == account(owner))
		};
		assert!(published_bytes(&record, is_owners) > 0, "{name}\n{}", told(&record));
		assert_eq!(published_bytes(&record, |unit| !is_owners(unit)), 0, "{name}\n{}", told(&record));
	}
}

#[test]
fn unit_that_is_not_published_is_its_owners_fault() {
	// A user has a result from whoever has fetched it.
	let all: Vec<Seat> = (0..SEATS).collect();
	for (name, scenario, offender) in [
		("outputs", withheld_from(&[COORDINATOR], &[computing(1)]).unpublishing(computing(1)), computing(1)),
		("messages", withheld_from(&[computing(0)], &[data(1)]).unpublishing(data(1)), data(1)),
		("selection", withheld_from(&[data(0)], &[COORDINATOR]).unpublishing(COORDINATOR), COORDINATOR),
		("result", withheld_from(&all, &[COORDINATOR]).unpublishing(COORDINATOR), COORDINATOR),
	] {
		let record = played(name, &scenario);
		assert_faulty(name, &record, offender, &[FaultKind::Withheld]);
	}
}

/// Whoever is cut off for as long as one may be, in whatever stage, while everybody else plays against it: it loses nothing,
/// and the user has nothing for free.
#[test]
fn party_that_is_cut_off_loses_nothing_while_the_others_challenge_it() {
	let all = |except: Seat| Scenario::default().seats().into_iter().filter(move |seat| *seat != except);
	for seat in [data(0), computing(1), COORDINATOR] {
		let coalition: Vec<Seat> = all(seat).collect();
		for from in moments() {
			let cut = Cut { from, length: OUTAGE as u8 };
			let malice = coalition.iter().map(|seat| Malice { seat: *seat, at: from, units: u32::MAX });
			let scenario = Scenario {
				cuts: vec![(seat, cut)],
				malice: malice.collect(),
				user: UserMoves::default(),
				..Scenario::default()
			};
			let name = format!("{seat} from {from:?}");
			let record = played(&name, &scenario.with_coalition(&coalition));
			assert_no_slash(&name, &record);
		}
	}
}

/// Whoever is cut off, or meets a finality that stalls, for as long as may be, and is then served nothing, has time left to
/// challenge and to deliver.
#[test]
fn party_that_is_cut_off_and_served_nothing_is_not_late() {
	let all = Scenario { tables: vec![0, 1, 2], computing: 3, ..Scenario::default() }.seats();
	for seat in [data(0), computing(0), COORDINATOR] {
		let others: Vec<Seat> = all.iter().copied().filter(|other| *other != seat).collect();
		for from in moments().filter(|moment| (1..5).contains(&moment.stage)) {
			let cut = Cut { from, length: OUTAGE as u8 };
			let withheld = withheld_from(&[seat], &others);
			for scenario in [
				Scenario { cuts: vec![(seat, cut)], ..withheld.clone() },
				Scenario { stall: Some(cut), ..withheld.clone() },
			] {
				let name = format!("{seat} from {from:?}");
				assert_settled(&name, &played(&name, &scenario));
			}
		}
	}
}

/// With a computing provider in the coalition the user reads a result and lets the job fail; that counts as an answer, and
/// costs the price.
#[test]
fn answer_of_a_job_that_failed_is_not_given_back() {
	let scenario = Scenario { max_queries: Some(1), jobs: 2, computing: 1, ..Scenario::default() };
	let scenario = scenario.with_coalition(&[USER]).delivering(
		computing(0),
		Stage::Outputs,
		encrytrust_games::chain::Release::Never,
	);
	let record = played("failed", &scenario);
	assert!(matches!(end(&record), Status::Expired { .. }), "{}", told(&record));
	assert_eq!(record.refused.as_deref(), Some("TooManyQueries"));
}

/// A user who challenges in the window whatever may be challenged has all of it published, and the job settles.
#[test]
fn users_challenge_delays_the_end_and_no_more() {
	let at = Moment { stage: 5, after: 1 };
	let malice = vec![Malice { seat: USER, at, units: u32::MAX }];
	let record = played("user", &Scenario { malice, ..Scenario::default() }.with_coalition(&[USER]));
	assert_settled("user", &record);
	assert!(published_bytes(&record, |_| true) > 0);
}

/// Everybody else serves each blob, after as many blocks as nobody can call a refusal, and so on until the stage is over.
#[test]
fn party_that_is_served_slowly_challenges_in_time() {
	let all = Scenario { tables: vec![0, 1, 2], computing: 3, ..Scenario::default() };
	for seat in [data(0), computing(0), COORDINATOR] {
		let others: Vec<Seat> = all.seats().into_iter().filter(|other| *other != seat).collect();
		for blocks in [8, 20, 60] {
			let name = format!("{seat}, served after {blocks} blocks");
			let record = played(&name, &all.clone().with_coalition(&others).slow(&others, blocks));
			assert_settled(&name, &record);
			assert!(!challenged(&record, seat).is_empty(), "{name}\n{}", told(&record));
		}
	}
}

/// A slow party that cheats as well: who has looked at it is as quick as with any other.
#[test]
fn slow_party_that_lies_is_at_fault() {
	for (seat, stage, what, how) in [
		(COORDINATOR, Stage::Selection, What::Features, 0),
		(data(1), Stage::Inputs, What::TransferProof, 1),
		(computing(1), Stage::Outputs, What::Node, 2),
		(COORDINATOR, Stage::Result, What::Leaf, 0),
	] {
		for blocks in [1, 12, 60] {
			let name = format!("{seat}, serving after {blocks} blocks");
			let scenario = Scenario::default().lying(seat, stage, what, 0, how).slow(&[seat], blocks);
			let record = played(&name, &scenario);
			assert!(matches!(end(&record), Status::Faulty { .. }), "{name}: {:?}\n{}", end(&record), told(&record));
		}
	}
}

/// Another one that waits for a slow party hears of a fault in what the others have published.
#[test]
fn slow_party_does_not_keep_others_from_seeing_a_fault() {
	let scenario = Scenario { tables: vec![0, 1, 2], ..Scenario::default() };
	let scenario = scenario.lying(data(0), Stage::Inputs, What::TransferProof, 0, 2);
	let scenario = scenario.with_coalition(&[data(2), COORDINATOR]).slow(&[data(2), COORDINATOR], 60);
	let record = played("slow and faulty", &scenario);
	assert_faulty("slow and faulty", &record, data(0), &[FaultKind::Transfer, FaultKind::Entry]);
}

/// While there is time nobody pays for a challenge of what comes slowly.
#[test]
fn slow_parties_are_not_challenged_while_there_is_time() {
	let scenario = Scenario { tables: vec![0, 1, 2], computing: 3, slack: 40, ..Scenario::default() };
	let record = played("slow line", &scenario.clone().slow(&scenario.seats(), 2));
	assert_settled("slow line", &record);
	let providers = scenario.seats().into_iter().filter(|seat| *seat != USER);
	let challenges: Vec<usize> = providers.flat_map(|seat| challenged(&record, seat)).collect();
	assert!(challenges.is_empty(), "{challenges:?}\n{}", told(&record));
}
