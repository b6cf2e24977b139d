//! Every invariant, violated once.

use super::*;

type Corruption = (&'static str, fn(JobId), &'static str);

const CORRUPTIONS: &[Corruption] = &[
	("a status is lost", |job| Statuses::<Test>::remove(job), "a job without status"),
	("a job is lost", |job| Jobs::<Test>::remove(job), "a status without job"),
	("an escrow changes", |job| change(job, |job| job.escrow -= 1), "an escrow is not its contract's price"),
	(
		"a bond shrinks",
		|job| change(job, |job| job.contract.bond = job.escrow),
		"a bond is below its contract's price and charges",
	),
	(
		"charges grow",
		|job| change(job, |job| job.contract.bond -= 1),
		"a bond is below its contract's price and charges",
	),
	("a deadline moves", |job| set_open(job, STAGE, &DATA[1..]), "a deadline is before its stage's end"),
	("nobody is awaited", |job| set_open(job, STAGE + 1, &[]), "an open stage awaits no party"),
	(
		"a stranger is awaited",
		|job| set_open(job, STAGE + 1, &[DATA[1], DATA[2], STRANGER]),
		"a stage awaits a party that is not expected to deliver",
	),
	("a party is awaited again", |job| set_open(job, STAGE + 1, &DATA), "commitments and status disagree"),
	("a party is forgotten", |job| set_open(job, STAGE + 1, &DATA[2..]), "commitments and status disagree"),
	(
		"a stranger commits",
		|job| Commitments::<Test>::insert(job, (Stage::Inputs, STRANGER), (commitment(1), 1)),
		"a commitment of an account that is not expected",
	),
	("a mask key is lost", |job| MaskKeys::<Test>::remove(job), "mask keys and confirmations disagree"),
	(
		"a mask key is of small order",
		|job| MaskKeys::<Test>::mutate(job, |keys| keys[1] = Some([0; 32])),
		"a mask key of small order",
	),
	(
		"a mask key is copied",
		|job| MaskKeys::<Test>::mutate(job, |keys| keys[1] = keys[0]),
		"a mask key is there twice",
	),
	(
		"a job that is not there has mask keys",
		|job| MaskKeys::<Test>::insert(9, MaskKeys::<Test>::get(job)),
		"mask keys without job",
	),
	("escrow is released", |_| release(HoldReason::Escrow, USER), "escrow on hold differs from the open jobs'"),
	(
		"a deposit is released",
		|_| release(HoldReason::StorageDeposit, DATA[0]),
		"deposits on hold differ from the records'",
	),
	(
		"a provider's charges are released",
		|_| release(HoldReason::Charges, DATA[0]),
		"charges on hold differ from the open jobs'",
	),
	(
		"the user's charges are released",
		|_| release(HoldReason::Charges, USER),
		"charges on hold differ from the open jobs'",
	),
	(
		"a charge is not taken",
		|job| Availability::<Test>::mutate(job, |all| all.charged = BoundedVec::truncate_from(vec![1])),
		"charges on hold differ from the open jobs'",
	),
	(
		"somebody is charged too much",
		|job| Availability::<Test>::mutate(job, |all| all.charged = BoundedVec::truncate_from(vec![Balance::MAX])),
		"an account was charged more than was on hold",
	),
	("a unit is not there", |_| change_unit(|open| open.unit = 1_000), "a unit that is not there"),
	("a unit was not committed to", |_| change_unit(|open| open.unit = 11), "a unit of nothing committed to"),
	("nobody waits", |_| change_unit(|open| open.waiting = 0), "nobody waits for a unit"),
	("a unit has no time", |_| change_unit(|open| open.deadline = open.from), "nobody waits for a unit"),
	(
		"a unit is published in full",
		|_| change_unit(|open| open.published = [0].into_iter().collect()),
		"a unit is open though it is published",
	),
	(
		"a unit is open twice",
		|job| {
			Availability::<Test>::mutate(job, |all| {
				let first = all.open[0].clone();
				all.open.try_push(first).unwrap();
			})
		},
		"a unit is open twice",
	),
	(
		"a published unit is open",
		|job| Availability::<Test>::mutate(job, |all| all.published = [0].into_iter().collect()),
		"a published unit is open",
	),
	(
		"a job that is not there has challenges",
		|job| Availability::<Test>::insert(9, Availability::<Test>::get(job)),
		"challenges without job",
	),
	("publication is not counted", |_| ConfirmedPublication::<Test>::put(0), "confirmed publication is miscounted"),
	("owed time is not counted", |_| ConfirmedTime::<Test>::put(0), "the time of what is owed is miscounted"),
	("an open job is not in the index", |job| OpenJobs::<Test>::remove(job), "the index of open jobs is wrong"),
	("an ended job is in the index", |_| OpenJobs::<Test>::insert(9, ()), "the index of open jobs is wrong"),
	("a job is inactive", |_| ActiveJobs::<Test>::remove(USER), "an open job is not listed once"),
	("a party's job is inactive", |_| ActiveJobs::<Test>::remove(DATA[0]), "an open job is not listed once"),
	("a request is not pending", |_| PendingJobs::<Test>::remove(DATA[0]), "an open job is not listed once"),
	(
		"a stranger is active",
		|job| ActiveJobs::<Test>::insert(STRANGER, BoundedVec::truncate_from(vec![job])),
		"a listed job is not open",
	),
	(
		"a stranger is asked",
		|job| PendingJobs::<Test>::insert(STRANGER, BoundedVec::truncate_from(vec![job])),
		"a listed job is not open",
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

fn change_unit(change: fn(&mut OpenUnitOf<Test>)) {
	Availability::<Test>::mutate(0, |all| change(&mut all.open[0]));
}

fn change_role(change: fn(&mut RegistrationOf<Test>)) {
	Roles::<Test>::mutate(Role::Coordinator, COORDINATOR, |role| change(role.as_mut().unwrap()));
}

fn set_open(job: JobId, deadline: u64, awaited: &[AccountId]) {
	let awaited = awaited.iter().map(|who| Awaited { who: *who, deadline, challenged: false }).collect();
	let awaited = BoundedVec::truncate_from(awaited);
	Statuses::<Test>::insert(job, StatusOf::<Test>::Open { stage: Stage::Inputs, since: 1, awaited });
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
			// A request beside it, and a challenge of a selection.
			make_job();
			assert_ok!(Bmpc::challenge(signed(DATA[1]), job, [0].into_iter().collect()));
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
