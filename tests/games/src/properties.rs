//! What holds after every game.

use crate::{
	cast::{account, computing, data, name, rows, seat_of, Seat, BOND, COLUMNS, USER},
	game::{parameters, JobRecord, Record},
	lies::{Lie, What},
	runtime::PREPAID_FEES,
	scenario::Scenario,
};
use encrytrust_chain_client::{Contract, Party, Status};
use encrytrust_protocol::user::{Answer, Value};
use encrytrust_types::{
	job::{pair, Commitment, Parameters, Stage, TemplateKind},
	token::Balance,
};

/// What is broken, in words; nothing if all holds. That no money comes or goes is checked when the record is made.
pub fn check(record: &Record) -> Vec<String> {
	let checks = [
		safety,
		profit,
		termination,
		free_result,
		finder_and_chain,
		no_lie_settles,
		honest_games_settle,
		right_answers,
	];
	checks.iter().flat_map(|check| check(record)).collect()
}

/// No honest party loses bond; its charges are never above what it put on hold; an honest user pays what the contract
/// says for a result, and nothing but fees and charges without.
fn safety(record: &Record) -> Vec<String> {
	let mut broken = vec![];
	for seat in honest(record) {
		let lost = record.before[seat].saturating_sub(has(record, seat));
		if seat == USER {
			let most = record.fees[seat] + record.jobs.iter().map(most_paid).sum::<Balance>();
			if lost > most {
				broken.push(format!("the honest user lost {lost}, at most {most} is in order"));
			}
			continue;
		}
		if record.bonds[seat] != BOND || record.slashed[seat] != 0 {
			broken.push(format!("{} is honest and lost bond: {}", name(seat), record.slashed[seat]));
		}
		let charges = record.jobs.iter().filter_map(|job| Some(party(&job.info.contract, seat)?.charges));
		let most = record.fees[seat] + charges.sum::<Balance>();
		if lost > most {
			broken.push(format!("{} is honest and lost {lost}, at most {most} is in order", name(seat)));
		}
	}
	broken
}

/// What a seat has in the end.
fn has(record: &Record, seat: Seat) -> Balance {
	record.after[seat] + record.saved[seat]
}

/// The most that an honest user pays for a job, without fees.
fn most_paid(job: &JobRecord) -> Balance {
	let contract = &job.info.contract;
	let prepaid = PREPAID_FEES;
	match job.info.status {
		Status::Settled { .. } => price(contract) + prepaid + contract.user_charges,
		_ => prepaid + contract.user_charges,
	}
}

/// No coalition ends with more than honest execution pays it.
fn profit(record: &Record) -> Vec<String> {
	let coalition = record.scenario.coalition();
	let before: Balance = coalition.iter().map(|seat| record.before[*seat]).sum();
	let after: Balance = coalition.iter().map(|seat| has(record, *seat)).sum();
	let gained = after.saturating_sub(before);
	// What it would be paid by others: its own money does not make it richer.
	let pay = |job: &JobRecord| {
		let pays = coalition.iter().filter_map(|seat| Some(party(&job.info.contract, *seat)?.pay));
		if coalition.contains(&USER) {
			0
		} else {
			pays.sum::<Balance>()
		}
	};
	let most: Balance = record.jobs.iter().map(pay).sum();
	if gained > most {
		return vec![format!("the coalition gained {gained}, honest execution pays it {most}")];
	}
	vec![]
}

/// Every job ends in time.
fn termination(record: &Record) -> Vec<String> {
	let late = record.jobs.iter().filter_map(|job| {
		let took = job.ended.map(|ended| ended.saturating_sub(job.info.requested_at));
		let in_time = took.is_some_and(|took| took <= job.bound);
		(!in_time).then(|| format!("job {} took {took:?} final blocks, at most {} are in order", job.id, job.bound))
	});
	late.collect()
}

/// Once a coalition with the user can compute the result, all who have delivered are paid, or it has lost the price.
fn free_result(record: &Record) -> Vec<String> {
	let scenario = &record.scenario;
	let coalition = scenario.coalition();
	if !coalition.contains(&USER) {
		return vec![];
	}
	let price: Balance =
		record.jobs.iter().filter(|job| is_known(job, scenario)).map(|job| price(&job.info.contract)).sum();
	let before: Balance = coalition.iter().map(|seat| record.before[*seat]).sum();
	let after: Balance = coalition.iter().map(|seat| has(record, *seat)).sum();
	let lost = before.saturating_sub(after);
	if lost >= price {
		return vec![];
	}
	let unpaid = record.jobs.iter().filter(|job| is_known(job, scenario)).flat_map(|job| {
		let delivered = job.info.commitments.iter().filter_map(|delivered| seat_of(&delivered.who.0));
		let unpaid = delivered.filter(|seat| scenario.is_honest(*seat)).filter(|seat| {
			let pay = party(&job.info.contract, *seat).map_or(0, |party| party.pay);
			let settled = matches!(job.info.status, Status::Settled { .. });
			// With one job, what a party was paid is of this one.
			!settled && record.compensated[*seat] < pay
		});
		unpaid
			.map(|seat| format!("{} was not paid for a result that the coalition has", name(seat)))
			.collect::<Vec<_>>()
	});
	unpaid.collect()
}

/// Whether a coalition with the user can compute what it could not without the others.
fn is_known(job: &JobRecord, scenario: &Scenario) -> bool {
	let delivered = |stage, seat: Seat| {
		let who = account(seat);
		job.info.commitments.iter().any(|delivered| delivered.stage == stage && delivered.who == who)
	};
	let data: Vec<_> = (0..scenario.tables.len()).map(data).filter(|seat| scenario.is_honest(*seat)).collect();
	let mut computing = (0..scenario.computing).map(computing);
	!data.is_empty()
		&& data.iter().all(|seat| delivered(Stage::Inputs, *seat))
		&& computing.all(|seat| !scenario.is_honest(seat) || delivered(Stage::Outputs, seat))
}

/// What the chain would convict is not left unreported by who has it in its hands, unless the user did not wait.
fn finder_and_chain(record: &Record) -> Vec<String> {
	if !record.scenario.is_honest(USER) && record.scenario.user.accepts_at_once {
		return vec![];
	}
	let faults = record.jobs.iter().flat_map(|job| &job.in_hand);
	faults
		.map(|(seat, fault)| format!("{} had a fault in its hands and did not report it: {fault:.200?}", name(*seat)))
		.collect()
}

/// With an honest user, who looks at everything that is not sealed for somebody and challenges what it lacks, no job settles
/// on a lie that can be seen. This does not ask any finder.
fn no_lie_settles(record: &Record) -> Vec<String> {
	if !record.scenario.is_honest(USER) {
		return vec![];
	}
	let settled = record.jobs.iter().filter(|job| matches!(job.info.status, Status::Settled { .. }));
	let lies = settled.flat_map(|job| {
		let stands = |told: &(Stage, Commitment)| {
			job.info.commitments.iter().any(|delivered| (delivered.stage, delivered.commitment) == *told)
		};
		let told = record.told.iter().filter(move |(_, stage, _, commitment)| stands(&(*stage, *commitment)));
		told.filter(|(_, _, lie, _)| is_seen_by_the_user(lie))
	});
	lies.map(|(seat, stage, lie, _)| format!("a job settled on the lie of {} in {stage:?}: {lie:?}", name(*seat)))
		.collect()
}

fn is_seen_by_the_user(lie: &Lie) -> bool {
	// What is sealed for one computing provider is for that one to see.
	!matches!(lie.what, What::SealedRoot | What::Ciphertexts | What::Leaves | What::Sealed | What::Message)
}

/// Where everybody is honest, the job settles.
fn honest_games_settle(record: &Record) -> Vec<String> {
	if !record.scenario.coalition().is_empty() {
		return vec![];
	}
	let unsettled = record.jobs.iter().filter(|job| !matches!(job.info.status, Status::Settled { .. }));
	// A confirmation has no reserve: whoever is cut off in it is not named any more, and loses nothing.
	let excused = |job: &JobRecord| matches!(job.info.status, Status::Lapsed { .. } | Status::Declined { .. });
	let unsettled = unsettled.filter(|job| !excused(job));
	unsettled.map(|job| format!("everybody is honest, and job {} is {:?}", job.id, job.info.status)).collect()
}

/// What an honest user decrypts of data providers who tell the truth is right.
fn right_answers(record: &Record) -> Vec<String> {
	let scenario = &record.scenario;
	let truthful = record.told.iter().all(|(_, stage, ..)| *stage != Stage::Inputs);
	let mut broken = vec![];
	for job in &record.jobs {
		let Some(answers) = job.answers.as_ref().filter(|_| truthful) else { continue };
		let expected = expected(scenario, &job.selection.features());
		let found: Vec<f64> = answers.iter().flat_map(numbers).collect();
		let close = |(found, expected): (&f64, &f64)| (found - expected).abs() < 1e-6;
		if found.len() != expected.len() || !found.iter().zip(&expected).all(close) {
			broken.push(format!("job {} is answered by {found:?}, right is {expected:?}", job.id));
		}
	}
	broken
}

/// The numbers of an answer.
fn numbers(answer: &Answer) -> Vec<f64> {
	let number = |exact: &encrytrust_protocol::user::Exact| exact.rounded(9).parse().expect("it is a number");
	match &answer.value {
		Value::Sum(sum) | Value::WeightedSum(sum) | Value::Row { sum, .. } => vec![number(sum)],
		Value::Mean { mean, .. } => vec![number(mean)],
		Value::Variance { population, .. } | Value::Covariance { population, .. } => vec![number(population)],
		Value::Histogram(counts) => counts.iter().map(|count| *count as f64).collect(),
	}
}

/// The right numbers, in the clear.
fn expected(scenario: &Scenario, features: &[u16]) -> Vec<f64> {
	let tables = scenario.tables.iter().enumerate();
	let tables: Vec<Vec<Vec<i64>>> = tables.map(|(provider, table)| rows(provider, *table)).collect();
	let all: Vec<&Vec<i64>> = tables.iter().flatten().collect();
	let count = all.len() as f64;
	let sum = |value: &dyn Fn(&Vec<i64>) -> f64| all.iter().map(|row| value(row)).sum::<f64>();
	let column = |feature: u16| move |row: &Vec<i64>| row[usize::from(feature)] as f64;
	let mean = |feature: u16| sum(&column(feature)) / count;
	let covariance = |a: u16, b: u16| sum(&|row| column(a)(row) * column(b)(row)) / count - mean(a) * mean(b);
	let kind = scenario.kind();
	let parameters = parameters(kind, features.len() as u16);
	let of_row = |row: &Vec<i64>| {
		let weights = parameters.weights();
		let weight = |rank: usize| weights.get(rank).map_or(1, |weight| i64::from(*weight));
		features.iter().enumerate().map(|(rank, feature)| weight(rank) * row[usize::from(*feature)]).sum::<i64>() as f64
	};
	match kind {
		TemplateKind::ColumnSum => features.iter().map(|feature| sum(&column(*feature))).collect(),
		TemplateKind::ColumnMean => features.iter().map(|feature| mean(*feature)).collect(),
		TemplateKind::ColumnVariance => features.iter().map(|feature| covariance(*feature, *feature)).collect(),
		TemplateKind::Covariance => {
			let pairs = features.iter().filter_map(|feature| pair(*feature, COLUMNS as u16));
			pairs.map(|(a, b)| covariance(a, b)).collect()
		},
		TemplateKind::Histogram => features.iter().flat_map(|feature| histogram(&all, *feature, &parameters)).collect(),
		TemplateKind::WeightedSum => vec![all.iter().map(|row| of_row(row)).sum()],
		TemplateKind::RowSum | TemplateKind::RowWeightedSum => all.iter().map(|row| of_row(row)).collect(),
	}
}

fn histogram(rows: &[&Vec<i64>], feature: u16, parameters: &Parameters) -> Vec<f64> {
	let Parameters::Histogram { low, width, bins } = parameters else { return vec![] };
	let mut counts = vec![0.0; usize::from(*bins)];
	for row in rows {
		let bin = (row[usize::from(feature)] - low).div_euclid(*width as i64);
		counts[bin.clamp(0, i64::from(*bins) - 1) as usize] += 1.0;
	}
	counts
}

fn honest(record: &Record) -> Vec<Seat> {
	record.scenario.seats().into_iter().filter(|seat| record.scenario.is_honest(*seat)).collect()
}

/// A seat's part in a contract.
pub fn party(contract: &Contract, seat: Seat) -> Option<&Party> {
	let who = account(seat);
	contract.parties().map(|(_, party)| party).find(|party| party.who == who)
}

/// What a job costs: every party's pay, and the fee.
pub fn price(contract: &Contract) -> Balance {
	contract.parties().map(|(_, party)| party.pay).sum::<Balance>() + contract.fee
}
