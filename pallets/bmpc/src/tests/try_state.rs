//! Each invariant is seen broken once.

use super::*;

type Corruption = (&'static str, fn(JobId), &'static str);

const CORRUPTIONS: &[Corruption] = &[
	("a status is lost", |job| Statuses::<Test>::remove(job), "a job without status"),
	("a job is lost", |job| Jobs::<Test>::remove(job), "a status without job"),
	("an escrow changes", |job| change(job, |job| job.escrow -= 1), "an escrow is not its contract's price"),
	(
		"a bond shrinks",
		|job| change(job, |job| job.contract.bond = job.escrow - 1),
		"a bond is below its contract's price",
	),
	("a deadline moves", |job| set_open(job, 32, &DATA[1..]), "a deadline is not its schedule's"),
	("nobody is awaited", |job| set_open(job, 31, &[]), "an open stage awaits nobody"),
	(
		"a stranger is awaited",
		|job| set_open(job, 31, &[DATA[1], DATA[2], STRANGER]),
		"a stage awaits somebody who owes nothing",
	),
	("a party is awaited again", |job| set_open(job, 31, &DATA), "commitments and status disagree"),
	("a party is forgotten", |job| set_open(job, 31, &DATA[2..]), "commitments and status disagree"),
	(
		"a stranger commits",
		|job| Commitments::<Test>::insert(job, (Stage::Inputs, STRANGER), (commitment(1), 1)),
		"a commitment of a stranger",
	),
	("escrow is released", |_| release(HoldReason::Escrow, USER), "escrow on hold differs from the open jobs'"),
	(
		"a deposit is released",
		|_| release(HoldReason::StorageDeposit, DATA[0]),
		"deposits on hold differ from the records'",
	),
	("a job is inactive", |_| ActiveJobs::<Test>::remove(USER), "an open job is not active once"),
	(
		"a stranger is active",
		|job| ActiveJobs::<Test>::insert(STRANGER, BoundedVec::truncate_from(vec![job])),
		"an active job is not open",
	),
	("a role counts wrong", |_| change_role(|role| role.jobs = 0), "a role's jobs are miscounted"),
	("a role offers another", |_| change_role(|role| role.offer = Offer::DataProvider), "an offer is for another role"),
	("answers are lost", |_| Answers::<Test>::remove(0, USER), "answers are missing"),
	("a job's id is reused", |_| NextJobId::<Test>::put(0), "a job ahead of its id"),
	("a data set's id is reused", |_| NextDataSetId::<Test>::put(2), "a data set ahead of its id"),
	("a template's id is reused", |_| NextTemplateId::<Test>::put(1), "a template ahead of its id"),
];

fn change(job: JobId, change: fn(&mut JobOf<Test>)) {
	Jobs::<Test>::mutate_extant(job, change);
}

fn change_role(change: fn(&mut RegistrationOf<Test>)) {
	Roles::<Test>::mutate(Role::Coordinator, COORDINATOR, |role| change(role.as_mut().unwrap()));
}

fn set_open(job: JobId, deadline: u64, awaited: &[AccountId]) {
	let awaited = BoundedVec::truncate_from(awaited.to_vec());
	Statuses::<Test>::insert(job, StatusOf::<Test>::Open { stage: Stage::Inputs, deadline, awaited });
}

fn release(reason: HoldReason, who: AccountId) {
	use frame_support::traits::{fungible::MutateHold, tokens::Precision::Exact};
	assert_ok!(<Balances as MutateHold<_>>::release(&reason.into(), &who, 1, Exact));
}

#[test]
fn every_corruption_is_noticed() {
	for (case, corrupt, expected) in CORRUPTIONS {
		ExtBuilder.build().execute_with(|| {
			register_all();
			let job = make_job();
			reach(job, Stage::Inputs);
			assert_ok!(deliver(job, Stage::Inputs, DATA[0]));
			assert_ok!(Bmpc::do_try_state());
			corrupt(job);
			assert_eq!(Bmpc::do_try_state(), Err((*expected).into()), "{case}");
		})
	}
}

#[test]
fn the_configuration_admits_jobs() {
	Bmpc::check_config();
}
