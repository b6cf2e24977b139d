//! Every invariant, violated once.

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
	("a deadline moves", |job| set_open(job, 37, &DATA[1..]), "a deadline is not its schedule's"),
	("nobody is awaited", |job| set_open(job, 36, &[]), "an open stage awaits no party"),
	(
		"a stranger is awaited",
		|job| set_open(job, 36, &[DATA[1], DATA[2], STRANGER]),
		"a stage awaits a party that is not expected to deliver",
	),
	("a party is awaited again", |job| set_open(job, 36, &DATA), "commitments and status disagree"),
	("a party is forgotten", |job| set_open(job, 36, &DATA[2..]), "commitments and status disagree"),
	(
		"a stranger commits",
		|job| Commitments::<Test>::insert(job, (Stage::Inputs, STRANGER), (commitment(1), 1)),
		"a commitment of an account that is not expected",
	),
	("escrow is released", |_| release(HoldReason::Escrow, USER), "escrow on hold differs from the open jobs'"),
	(
		"a deposit is released",
		|_| release(HoldReason::StorageDeposit, DATA[0]),
		"deposits on hold differ from the records'",
	),
	(
		"a demand's deposit is released",
		|_| release(HoldReason::DemandDeposit, USER),
		"deposits on hold differ from the demands'",
	),
	(
		"a demand asks for nothing",
		|_| change_demand(|demand| demand.who = DATA[1]),
		"a demand for nothing committed to",
	),
	("a demand asks for more", |_| change_demand(|demand| demand.piece = 6), "a demand for a part that is not there"),
	("a stranger asks", |_| change_demand(|demand| demand.by = STRANGER), "a demand of a stranger, or of oneself"),
	("somebody asks itself", |_| change_demand(|demand| demand.by = DATA[0]), "a demand of a stranger, or of oneself"),
	(
		"a demand outlasts its job",
		|_| change_demand(|demand| demand.deadline = 37),
		"a demand outlasts its job's deadlines",
	),
	("a demand is not counted", |job| DemandCounts::<Test>::remove(job, USER), "demands are not counted"),
	(
		"too many demands are counted",
		|job| DemandCounts::<Test>::insert(job, USER, 3),
		"a count of demands out of bounds",
	),
	("a stranger's job counts demands", |_| DemandCounts::<Test>::insert(9, USER, 1), "a count of demands without job"),
	("a job that is not there is delayed", |_| Delays::<Test>::insert(9, 1), "a delay without job"),
	(
		"a job that is not there has demands",
		|job| Demands::<Test>::insert(9, Demands::<Test>::get(job)),
		"demands without job",
	),
	("a list of demands stays", |job| Demands::<Test>::insert(job, demands(&[])), "a list of no demands"),
	("a job is inactive", |_| ActiveJobs::<Test>::remove(USER), "an open job is not active once"),
	(
		"a stranger is active",
		|job| ActiveJobs::<Test>::insert(STRANGER, BoundedVec::truncate_from(vec![job])),
		"an active job is not open",
	),
	("a role counts wrong", |_| change_role(|role| role.jobs = 0), "a role's jobs are miscounted"),
	("a role offers another", |_| change_role(|role| role.offer = Offer::DataProvider), "an offer is for another role"),
	("query counts are lost", |_| QueryCounts::<Test>::remove(0, USER), "queries are not counted"),
	("a job's id is reused", |_| NextJobId::<Test>::put(0), "a job ahead of its id"),
	("a dataset's id is reused", |_| NextDatasetId::<Test>::put(2), "a dataset ahead of its id"),
	("a template's id is reused", |_| NextTemplateId::<Test>::put(1), "a template ahead of its id"),
];

fn change(job: JobId, change: fn(&mut JobOf<Test>)) {
	Jobs::<Test>::mutate_extant(job, change);
}

fn demands(demands: &[DemandOf<Test>]) -> BoundedVec<DemandOf<Test>, MaxOpenDemands> {
	BoundedVec::truncate_from(demands.to_vec())
}

fn change_demand(change: fn(&mut DemandOf<Test>)) {
	Demands::<Test>::mutate(0, |demands| change(&mut demands[0]));
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
fn try_state_fails_for_every_corruption() {
	for (case, corrupt, expected) in CORRUPTIONS {
		ExtBuilder.build().execute_with(|| {
			register_all();
			let job = make_job();
			reach(job, Stage::Inputs);
			assert_ok!(deliver(job, Stage::Inputs, DATA[0]));
			assert_ok!(Bmpc::demand(signed(USER), job, Stage::Inputs, DATA[0], 5));
			assert_ok!(Bmpc::do_try_state());
			corrupt(job);
			assert_eq!(Bmpc::do_try_state(), Err((*expected).into()), "{case}");
		})
	}
}

#[test]
fn check_config_passes() {
	Bmpc::check_config();
}
