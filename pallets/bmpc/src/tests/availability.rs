use super::*;
use codec::Encode;
use sp_runtime::DispatchError;

const JOB: JobId = 0;
/// The units of the first computing provider's and the coordinator's trees, see `units_are_numbered_as_documented`.
const OUTPUTS: u32 = 11;
const RESULT: u32 = 13;

/// A chain with a job that has all outputs, in block 1.
fn with_outputs(test: impl FnOnce()) {
	with_job(|job| {
		reach(job, Stage::Result);
		COMPUTING.into_iter().for_each(|who| commit_trees(job, Stage::Outputs, who));
		System::reset_events();
		test();
	})
}

/// A chain with a job in its challenge window.
fn with_result(test: impl FnOnce()) {
	with_job(|job| {
		reach_challenge(job);
		commit_trees(job, Stage::Outputs, COMPUTING[0]);
		commit_trees(job, Stage::Result, COORDINATOR);
		System::reset_events();
		test();
	})
}

fn units(units: &[u32]) -> UnitSet {
	units.iter().copied().collect()
}

fn challenge(who: AccountId, numbers: &[u32]) -> DispatchResult {
	Bmpc::challenge(signed(who), JOB, units(numbers))
}

/// The only chunk of the first computing provider's trees.
fn chunk_of(stage: Stage) -> Vec<u8> {
	values(&trees(JOB, stage))
}

fn publish(unit: u32, bytes: Vec<u8>) -> DispatchResult {
	let origin = frame_system::RawOrigin::Authorized.into();
	Bmpc::publish(origin, JOB, unit, 0, BoundedVec::truncate_from(bytes), Default::default())
}

fn deadline(who: AccountId) -> u64 {
	match status(JOB) {
		Status::Open { awaited, .. } => awaited.into_iter().find(|awaited| awaited.who == who).unwrap().deadline,
		Status::Challenge { until, .. } => until,
		ended => panic!("{ended:?}"),
	}
}

fn expire_challenge() -> DispatchResult {
	Bmpc::expire_challenge(signed(STRANGER), JOB).map(drop).map_err(|failure| failure.error)
}

#[test]
fn units_are_numbered_as_documented() {
	with_job(|job| {
		let contract = contract(job);
		assert_eq!(contract.unit(0), Some(Unit::Selection { computing: 0 }));
		assert_eq!(contract.unit(2), Some(Unit::Entries { data: 0, part: 0 }));
		assert_eq!(contract.unit(OUTPUTS), Some(Unit::Outputs { computing: 0, part: 0 }));
		assert_eq!(contract.unit(RESULT), Some(Unit::Result { part: 0 }));
		assert_eq!(contract.units(), RESULT + 1);
	})
}

#[test]
fn challenge_opens_units_with_their_places_in_the_queue() {
	with_outputs(|| {
		System::set_block_number(3);
		assert_ok!(challenge(COORDINATOR, &[OUTPUTS, OUTPUTS + 1]));
		let bytes = contract(JOB).unit_bytes(&Unit::Outputs { computing: 0, part: 0 });
		let rate = u64::from(PUBLICATION_RATE);
		let ends = [3 * rate + bytes, 3 * rate + 2 * bytes].map(|end| end.div_ceil(rate));
		let from = [3, (3 * rate + bytes) / rate];
		let opened = |place: usize| Event::UnitChallenged {
			job_id: JOB,
			unit: OUTPUTS + place as u32,
			challenger: COORDINATOR,
			from: from[place],
			deadline: ends[place] + ANSWER_PERIOD,
		};
		assert_eq!(events(), [opened(0), opened(1)]);
		assert_eq!(Bmpc::open_units(JOB).len(), 2);
		assert_noop!(challenge(COORDINATOR, &[OUTPUTS]), Error::AlreadyChallenged);
	})
}

#[test]
fn publication_charges_owner_and_challenger_alike_and_restarts_the_clock() {
	with_outputs(|| {
		assert_ok!(challenge(COORDINATOR, &[OUTPUTS]));
		System::set_block_number(1 + ANSWER_PERIOD);
		System::reset_events();
		let bytes = chunk_of(Stage::Outputs);
		let cost = bytes.len() as Balance * ChargePerByte::get();
		let before = [COORDINATOR, COMPUTING[0], COMPUTING[1]].map(charges);
		let fees = Balances::free_balance(FEES);
		assert_ok!(publish(OUTPUTS, bytes.clone()));
		assert_eq!(events(), [Event::ChunkPublished { job_id: JOB, unit: OUTPUTS, chunk: 0 }]);
		let after = [COORDINATOR, COMPUTING[0], COMPUTING[1]].map(charges);
		assert_eq!(after, [before[0] - cost, before[1] - cost, before[2]]);
		assert_eq!(Balances::free_balance(FEES), fees + 2 * cost);
		assert_eq!(deadline(COORDINATOR), 1 + ANSWER_PERIOD + STAGE);
		assert_eq!(Bmpc::open_units(JOB), []);
		assert_noop!(publish(OUTPUTS, bytes), Error::UnknownUnit);
		assert_noop!(expire_challenge(), Error::NotOverdue);
		// What is left of the charges is released.
		complete(JOB, Stage::Result);
		assert_ok!(Bmpc::accept(signed(USER), JOB));
		assert_eq!([COORDINATOR, COMPUTING[0], COMPUTING[1], USER].map(charges), [0; 4]);
	})
}

#[test]
fn publish_fails_when_bytes_are_not_the_chunk() {
	with_outputs(|| {
		assert_ok!(challenge(COORDINATOR, &[OUTPUTS]));
		let changed = |change: fn(&mut Product)| {
			let mut product = trees(JOB, Stage::Outputs);
			change(&mut product);
			values(&product)
		};
		let count = 1_100_000u32;
		let empty_trees = [codec::Compact(count).encode(), vec![0; count as usize]].concat();
		for (case, bytes) in [
			("stumps", values(&stumps())),
			("another tree", changed(|part| part.trees[1].levels[0][0][0] ^= 1)),
			("a tree less", changed(|part| drop(part.trees.pop()))),
			("a tree more", changed(|part| part.trees.push(stump()))),
			("nothing", vec![]),
			("a byte more", [chunk_of(Stage::Outputs), vec![0]].concat()),
			("nonsense", vec![4; 100_000]),
			("more empty trees than fit anywhere", empty_trees),
		] {
			assert_eq!(publish(OUTPUTS, bytes), Err(Error::NotCommitted.into()), "{case}");
		}
		assert_noop!(publish(OUTPUTS + 1, chunk_of(Stage::Outputs)), Error::UnknownUnit);
		let chunk = BoundedVec::truncate_from(chunk_of(Stage::Outputs));
		let origin = || frame_system::RawOrigin::Authorized.into();
		let next = Bmpc::publish(origin(), JOB, OUTPUTS, 1, chunk.clone(), Default::default());
		assert_eq!(next, Err(Error::OutOfRange.into()));
		// Inside another call nobody would find it.
		let signed = Bmpc::publish(signed(COMPUTING[0]), JOB, OUTPUTS, 0, chunk, Default::default());
		assert_eq!(signed, Err(DispatchError::BadOrigin));
	})
}

#[test]
fn publish_fails_before_its_turn_and_after_its_deadline() {
	with_outputs(|| {
		QueueEnd::<Test>::put(4 * u64::from(PUBLICATION_RATE));
		assert_ok!(challenge(COORDINATOR, &[OUTPUTS]));
		System::set_block_number(3);
		assert_noop!(publish(OUTPUTS, chunk_of(Stage::Outputs)), Error::TooEarly);
		let open = &Bmpc::open_units(JOB)[0];
		System::set_block_number(open.deadline + 1);
		assert_noop!(publish(OUTPUTS, chunk_of(Stage::Outputs)), Error::TooLate);
		System::set_block_number(open.deadline);
		assert_noop!(expire_challenge(), Error::NotOverdue);
		assert_ok!(publish(OUTPUTS, chunk_of(Stage::Outputs)));
	})
}

#[test]
fn challenge_fails_when_nobody_owes_the_challenger() {
	with_outputs(|| {
		for (case, who, numbers, error) in [
			("a stranger", STRANGER, vec![OUTPUTS], Error::NotParty),
			("the user before the result", USER, vec![OUTPUTS], Error::NotParty),
			("who owes nothing in this stage", DATA[0], vec![OUTPUTS], Error::NotParty),
			("one's own unit", COORDINATOR, vec![RESULT], Error::OutOfRange),
			("a message for somebody else", COORDINATOR, vec![3], Error::OutOfRange),
			("a unit that is not there", COORDINATOR, vec![OUTPUTS, 1_000], Error::OutOfRange),
			("no unit", COORDINATOR, vec![], Error::AlreadyPublished),
		] {
			assert_eq!(challenge(who, &numbers), Err(error.into()), "{case}");
		}
		System::set_block_number(2 + STAGE);
		assert_noop!(challenge(COORDINATOR, &[OUTPUTS]), Error::TooLate);
		assert_noop!(Bmpc::challenge(signed(COORDINATOR), 7, units(&[0])), Error::UnknownJob);
	});
	with_result(|| {
		assert_noop!(challenge(COORDINATOR, &[OUTPUTS]), Error::NotParty);
		assert_noop!(challenge(USER, &[3]), Error::OutOfRange);
		System::set_block_number(2 + CHALLENGE_PERIOD);
		assert_noop!(challenge(USER, &[OUTPUTS]), Error::TooLate);
	})
}

#[test]
fn expire_challenge_convicts_owner_and_makes_good_for_charges() {
	with_outputs(|| {
		assert_ok!(challenge(COORDINATOR, &[OUTPUTS, OUTPUTS + 1]));
		let bytes = chunk_of(Stage::Outputs);
		let cost = bytes.len() as Balance * ChargePerByte::get();
		assert_ok!(publish(OUTPUTS, bytes));
		System::set_block_number(Bmpc::open_units(JOB)[0].deadline);
		assert_noop!(expire_challenge(), Error::NotOverdue);
		System::set_block_number(Bmpc::open_units(JOB)[0].deadline + 1);
		let before = [COORDINATOR, COMPUTING[0]].map(|who| Balances::free_balance(who) + charges(who));
		let bond = contract(JOB).bond;
		assert_ok!(expire_challenge());
		let after = [COORDINATOR, COMPUTING[0]].map(|who| Balances::free_balance(who) + charges(who));
		assert_eq!(after, [before[0] + COORDINATION_PRICE + cost, before[1] + COMPUTING_PAY + cost]);
		assert_eq!((bonded(COMPUTING[0]), bonded(COMPUTING[1]), bonded(COORDINATOR)), (BOND, BOND - bond, BOND));
		let Status::Faulty { offender, fault, reporter, .. } = status(JOB) else { panic!("not faulty") };
		assert_eq!((offender, fault, reporter), (COMPUTING[1], FaultKind::Withheld, None));
		assert_eq!((escrow(USER), charges(USER)), (0, 0));
		assert_noop!(expire_challenge(), Error::NotOverdue);
		assert_ok!(Bmpc::clear_job(signed(USER), JOB));
		assert_eq!(Availability::<Test>::iter().count(), 0);
	})
}

#[test]
fn stage_does_not_expire_and_challenger_may_deliver_while_a_unit_is_open() {
	with_outputs(|| {
		System::set_block_number(1 + STAGE);
		assert_ok!(challenge(COORDINATOR, &[OUTPUTS]));
		System::set_block_number(2 + STAGE);
		assert_noop!(Bmpc::expire(signed(STRANGER), JOB), Error::UnitOpen);
		System::set_block_number(5 + STAGE);
		assert_ok!(publish(OUTPUTS, chunk_of(Stage::Outputs)));
		System::set_block_number(5 + 2 * STAGE);
		assert_noop!(Bmpc::expire(signed(STRANGER), JOB), Error::NotOverdue);
		System::set_block_number(6 + 2 * STAGE);
		assert_ok!(Bmpc::expire(signed(STRANGER), JOB));
	});
	with_outputs(|| {
		assert_ok!(challenge(COORDINATOR, &[OUTPUTS]));
		System::set_block_number(2 + STAGE);
		assert_ok!(deliver(JOB, Stage::Result, COORDINATOR));
	})
}

#[test]
fn user_challenges_once_and_has_a_whole_window_after_the_publication() {
	with_result(|| {
		System::set_block_number(1 + CHALLENGE_PERIOD);
		assert_ok!(challenge(USER, &[OUTPUTS, RESULT]));
		assert_noop!(challenge(USER, &[OUTPUTS]), Error::AlreadyChallenged);
		System::set_block_number(2 + CHALLENGE_PERIOD);
		assert_noop!(Bmpc::settle(signed(STRANGER), JOB), Error::UnitOpen);
		assert_ok!(publish(OUTPUTS, chunk_of(Stage::Outputs)));
		assert_eq!(deadline(USER), 1 + CHALLENGE_PERIOD, "another unit is open");
		let until = Bmpc::open_units(JOB)[0].deadline;
		System::set_block_number(until);
		assert_ok!(publish(RESULT, chunk_of(Stage::Result)));
		assert_eq!(deadline(USER), until + CHALLENGE_PERIOD);
		System::set_block_number(until + CHALLENGE_PERIOD);
		assert_noop!(Bmpc::settle(signed(STRANGER), JOB), Error::ChallengeOpen);
		System::set_block_number(until + CHALLENGE_PERIOD + 1);
		assert_ok!(Bmpc::settle(signed(STRANGER), JOB));
	})
}

#[test]
fn published_unit_is_not_opened_again() {
	with_outputs(|| {
		assert_ok!(challenge(COORDINATOR, &[OUTPUTS]));
		assert_ok!(publish(OUTPUTS, chunk_of(Stage::Outputs)));
		complete(JOB, Stage::Result);
		assert_noop!(challenge(USER, &[OUTPUTS]), Error::AlreadyPublished);
		assert_ok!(challenge(USER, &[OUTPUTS, OUTPUTS + 1]));
		assert_eq!(Bmpc::open_units(JOB).iter().map(|open| open.unit).collect::<Vec<_>>(), [OUTPUTS + 1]);
	})
}

/// Otherwise the queue could be filled for nothing, by jobs that end before what they challenged has its turn.
#[test]
fn challenger_is_charged_for_what_is_not_published_when_the_job_ends() {
	with_outputs(|| {
		assert_ok!(challenge(COORDINATOR, &[OUTPUTS]));
		let contract = contract(JOB);
		let cost = Balance::from(contract.unit_bytes(&contract.unit(OUTPUTS).unwrap())) * ChargePerByte::get();
		complete(JOB, Stage::Result);
		let funds = |who| Balances::free_balance(who) + charges(who);
		let before = [COORDINATOR, COMPUTING[0]].map(funds);
		assert_ok!(Bmpc::accept(signed(USER), JOB));
		let after = [COORDINATOR, COMPUTING[0]].map(funds);
		assert_eq!(after, [before[0] + COORDINATION_PRICE - cost, before[1] + COMPUTING_PAY]);
	})
}

#[test]
fn open_units_end_with_their_job() {
	for (case, end) in [
		("accept", (|| ok(Bmpc::accept(signed(USER), JOB))) as fn()),
		("fault", || ok(Bmpc::report_fault(signed(USER), JOB, Box::new(stump_fault(Producer::Computing(1), 0))))),
	] {
		with_result(|| {
			assert_ok!(challenge(USER, &[OUTPUTS]));
			end();
			assert_eq!((Bmpc::open_units(JOB), charges(USER), charges(COMPUTING[0])), (vec![], 0, 0), "{case}");
			assert_noop!(publish(OUTPUTS, chunk_of(Stage::Outputs)), Error::UnknownUnit);
		})
	}
}

#[test]
fn duties_are_to_publish_and_to_expire_what_was_not_published() {
	let kinds = |who| Bmpc::duties(who).into_iter().map(|duty| (duty.kind, duty.deadline)).collect::<Vec<_>>();
	with_outputs(|| {
		assert_ok!(challenge(COORDINATOR, &[OUTPUTS]));
		let until = Bmpc::open_units(JOB)[0].deadline;
		assert_eq!(kinds(COMPUTING[0]), [(DutyKind::Publish, Some(until))]);
		assert_eq!(kinds(COMPUTING[1]), []);
		assert_eq!(kinds(COORDINATOR), [(DutyKind::CommitResult, None)], "its clock stands still");
		System::set_block_number(until + 1);
		assert_eq!(kinds(COMPUTING[0]), []);
		for who in [COORDINATOR, USER] {
			assert_eq!(kinds(who), [(DutyKind::ExpireChallenge, None)]);
		}
	})
}

#[test]
fn deadlines_count_finalised_blocks() {
	with_outputs(|| {
		assert_ok!(challenge(COORDINATOR, &[OUTPUTS]));
		let until = Bmpc::open_units(JOB)[0].deadline;
		// Finality stalls.
		System::set_block_number(until + 100);
		FinalityLag::set(100);
		assert_noop!(expire_challenge(), Error::NotOverdue);
		assert_noop!(Bmpc::expire(signed(STRANGER), JOB), Error::NotOverdue);
		assert_ok!(publish(OUTPUTS, chunk_of(Stage::Outputs)));
	})
}
