use super::*;
use codec::Encode;

const JOB: JobId = 0;

/// A chain with a job that has all outputs, in block 1; the result is due by block 51.
fn with_outputs(test: impl FnOnce()) {
	with_job(|job| {
		reach(job, Stage::Result);
		commit_trees(job, Stage::Outputs, COMPUTING[0]);
		System::reset_events();
		test();
	})
}

/// A demand for the first computing provider's output.
fn outputs() -> Product {
	trees(JOB, Stage::Outputs)
}

fn demand(by: AccountId, who: AccountId, piece: u32) -> DispatchResult {
	Bmpc::demand(signed(by), JOB, Stage::Outputs, who, piece)
}

fn answer(who: AccountId, piece: u32) -> DispatchResult {
	answer_with(who, piece, outputs().encode(), Path::default())
}

fn answer_with(who: AccountId, piece: u32, bytes: Vec<u8>, path: Path) -> DispatchResult {
	Bmpc::answer(signed(STRANGER), JOB, Stage::Outputs, who, piece, BoundedVec::truncate_from(bytes), path)
}

/// 1.1 million empty trees.
fn empty_trees() -> Vec<u8> {
	let count = 1_100_000u32;
	[codec::Compact(count).encode(), vec![0; count as usize]].concat()
}

fn expire_demand(who: AccountId, piece: u32) -> DispatchResult {
	Bmpc::expire_demand(signed(STRANGER), JOB, Stage::Outputs, who, piece)
}

fn on_hold(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::DemandDeposit.into(), &who)
}

fn deadline() -> u64 {
	match status(JOB) {
		Status::Open { deadline, .. } => deadline,
		Status::Challenge { until } => until,
		ended => panic!("{ended:?}"),
	}
}

#[test]
fn demand_holds_deposit_and_moves_deadlines() {
	with_outputs(|| {
		System::set_block_number(3);
		assert_ok!(demand(USER, COMPUTING[0], 0));
		let demand = Demand {
			stage: Stage::Outputs,
			who: COMPUTING[0],
			piece: 0,
			by: USER,
			deposit: DEMAND_DEPOSIT,
			deadline: 3 + DEMAND_PERIOD,
		};
		let Demand { stage, who, piece, by, deadline: until, .. } = demand.clone();
		assert_eq!(events(), [Event::Demanded { job_id: JOB, stage, who, piece, by, deadline: until }]);
		assert_eq!((Bmpc::demands(JOB), on_hold(USER), deadline()), (vec![demand], DEMAND_DEPOSIT, 51 + DEMAND_PERIOD));
		assert_ok!(self::demand(DATA[0], COMPUTING[1], 0));
		assert_eq!(deadline(), 51 + 2 * DEMAND_PERIOD);
		// The challenge window has its full length.
		complete(JOB, Stage::Result);
		assert_eq!(deadline(), 3 + CHALLENGE_PERIOD);
		assert_ok!(Bmpc::demand(signed(USER), JOB, Stage::Result, COORDINATOR, 0));
		assert_eq!(deadline(), 3 + CHALLENGE_PERIOD + DEMAND_PERIOD);
	})
}

#[test]
fn demand_moves_deadlines_of_later_stages() {
	with_job(|job| {
		reach(job, Stage::Inputs);
		assert_ok!(Bmpc::demand(signed(DATA[0]), job, Stage::Selection, COORDINATOR, 1));
		assert_eq!(deadline(), 31 + DEMAND_PERIOD);
		complete(job, Stage::Inputs);
		assert_eq!(deadline(), 41 + DEMAND_PERIOD);
	})
}

#[test]
fn answer_pays_deposit_to_party() {
	with_outputs(|| {
		assert_ok!(demand(USER, COMPUTING[0], 0));
		System::set_block_number(1 + DEMAND_PERIOD);
		System::reset_events();
		let users = Balances::free_balance(USER);
		let theirs = Balances::free_balance(COMPUTING[0]);
		assert_ok!(answer(COMPUTING[0], 0));
		let answered = Event::DemandAnswered { job_id: JOB, stage: Stage::Outputs, who: COMPUTING[0], piece: 0 };
		assert_eq!(events(), [answered]);
		assert_eq!((Bmpc::demands(JOB), on_hold(USER)), (vec![], 0));
		assert_eq!(Balances::free_balance(USER), users);
		assert_eq!(Balances::free_balance(COMPUTING[0]), theirs + DEMAND_DEPOSIT);
		assert_noop!(answer(COMPUTING[0], 0), Error::UnknownDemand);
		assert_noop!(expire_demand(COMPUTING[0], 0), Error::UnknownDemand);
	})
}

#[test]
fn answer_fails_when_part_does_not_match_demand() {
	with_outputs(|| {
		assert_ok!(demand(USER, COMPUTING[0], 0));
		let changed = |change: fn(&mut Product)| {
			let mut product = outputs();
			change(&mut product);
			product.encode()
		};
		let nested = vec![4; 100_000];
		let none = Path::default;
		for (case, bytes, path, error) in [
			("stumps", stumps().encode(), none(), Error::NotCommitted),
			("another tree", changed(|part| part.trees[1].levels[0][0][0] ^= 1), none(), Error::NotCommitted),
			("a tree less", changed(|part| drop(part.trees.pop())), none(), Error::NotCommitted),
			("a tree more", changed(|part| part.trees.push(stump())), none(), Error::NotCommitted),
			("nothing", vec![], none(), Error::NotCommitted),
			("a byte more", [outputs().encode(), vec![0]].concat(), none(), Error::NotCommitted),
			("nonsense", nested, none(), Error::NotCommitted),
			("more empty trees than fit anywhere", empty_trees(), none(), Error::NotCommitted),
			("a path", outputs().encode(), BoundedVec::truncate_from(vec![H256::zero()]), Error::WrongPathLength),
		] {
			assert_eq!(answer_with(COMPUTING[0], 0, bytes, path), Err(error.into()), "{case}");
		}
		assert_noop!(answer(COMPUTING[0], 1), Error::UnknownDemand);
		assert_noop!(answer(COMPUTING[1], 0), Error::UnknownDemand);
		System::set_block_number(2 + DEMAND_PERIOD);
		assert_noop!(answer(COMPUTING[0], 0), Error::TooLate);
	})
}

#[test]
fn expire_demand_convicts_party_that_did_not_answer() {
	with_outputs(|| {
		assert_ok!(demand(DATA[0], COMPUTING[0], 0));
		assert_ok!(demand(USER, COMPUTING[1], 0));
		System::set_block_number(1 + DEMAND_PERIOD);
		assert_noop!(expire_demand(COMPUTING[0], 0), Error::NotOverdue);
		System::set_block_number(2 + DEMAND_PERIOD);
		System::reset_events();
		let free = Balances::free_balance(DATA[0]);
		assert_ok!(expire_demand(COMPUTING[0], 0));
		// It receives its pay and its deposit; the other deposit is released, too.
		assert_eq!(Balances::free_balance(DATA[0]), free + DATA_PAY + DEMAND_DEPOSIT);
		assert_eq!((on_hold(USER), on_hold(DATA[0]), escrow(USER)), (0, 0, 0));
		let proven = Event::FaultProven {
			job_id: JOB,
			offender: COMPUTING[0],
			role: Role::ComputingProvider,
			fault: FaultKind::Withheld,
			reporter: None,
			refunded: TOTAL,
		};
		assert_eq!(events().last(), Some(&proven));
		assert_eq!(bonded(COMPUTING[0]), BOND - TOTAL);
		assert_eq!(bonded(COMPUTING[1]), BOND);
		let at = 2 + DEMAND_PERIOD;
		let faulty = Status::Faulty { offender: COMPUTING[0], fault: FaultKind::Withheld, reporter: None, at };
		assert_eq!(status(JOB), faulty);
		assert_noop!(expire_demand(COMPUTING[1], 0), Error::UnknownDemand);
		assert_ok!(Bmpc::clear_job(signed(USER), JOB));
		assert_eq!((DemandCounts::<Test>::iter().count(), Delays::<Test>::iter().count()), (0, 0));
	})
}

#[test]
fn demand_fails_when_signer_is_not_user_or_other_party() {
	with_outputs(|| {
		for (case, by, stage, who, piece, error) in [
			("a stranger", STRANGER, Stage::Outputs, COMPUTING[0], 0, Error::NotParty),
			("another user", OTHER_USER, Stage::Outputs, COMPUTING[0], 0, Error::NotParty),
			("of oneself", COMPUTING[0], Stage::Outputs, COMPUTING[0], 0, Error::SelfReport),
			("of who did not commit", USER, Stage::Outputs, DATA[0], 0, Error::NotDelivered),
			("of a stranger", USER, Stage::Outputs, STRANGER, 0, Error::NotDelivered),
			("of what is not there yet", USER, Stage::Result, COORDINATOR, 0, Error::NotDelivered),
			("of a confirmation", USER, Stage::Confirmation, COORDINATOR, 0, Error::NotDelivered),
			("a part that is not there", USER, Stage::Outputs, COMPUTING[0], 1, Error::OutOfRange),
			("a message that is not there", USER, Stage::Selection, COORDINATOR, 2, Error::OutOfRange),
			("an entry that is not there", USER, Stage::Inputs, DATA[0], 6, Error::OutOfRange),
		] {
			assert_eq!(Bmpc::demand(signed(by), JOB, stage, who, piece), Err(error.into()), "{case}");
		}
		assert_noop!(Bmpc::demand(signed(USER), 7, Stage::Outputs, COMPUTING[0], 0), Error::UnknownJob);
		for (stage, who, last) in [(Stage::Selection, COORDINATOR, 1), (Stage::Inputs, DATA[2], 5)] {
			assert_ok!(Bmpc::demand(signed(USER), JOB, stage, who, last));
		}
	})
}

#[test]
fn demand_fails_when_limits_are_reached() {
	with_outputs(|| {
		assert_ok!(demand(USER, COMPUTING[0], 0));
		assert_noop!(demand(DATA[0], COMPUTING[0], 0), Error::AlreadyDemanded);
		assert_ok!(answer(COMPUTING[0], 0));
		// An answered demand counts, and the part may be demanded again.
		assert_ok!(demand(USER, COMPUTING[0], 0));
		assert_noop!(demand(USER, COMPUTING[1], 0), Error::TooManyDemands);
		assert_ok!(demand(DATA[0], COMPUTING[1], 0));
	})
}

#[test]
fn demand_changes_nothing_when_funds_are_missing() {
	with_outputs(|| {
		let free = Balances::free_balance(USER);
		use frame_support::traits::{fungible::Mutate, tokens::Preservation::Preserve};
		assert_ok!(<Balances as Mutate<_>>::transfer(&USER, &POT, free - EXISTENTIAL_DEPOSIT, Preserve));
		let before = (status(JOB), Delays::<Test>::get(JOB));
		assert!(demand(USER, COMPUTING[0], 0).is_err());
		assert_eq!((status(JOB), Delays::<Test>::get(JOB), Bmpc::demands(JOB)), (before.0, before.1, vec![]));
	})
}

#[test]
fn expire_and_settle_fail_when_demand_is_open() {
	with_outputs(|| {
		// In the deadline's block, so that demand and stage become overdue in the same block.
		System::set_block_number(51);
		assert_ok!(demand(USER, COMPUTING[0], 0));
		System::set_block_number(52 + DEMAND_PERIOD);
		assert_noop!(Bmpc::expire(signed(STRANGER), JOB), Error::DemandOpen);
		assert_ok!(expire_demand(COMPUTING[0], 0));
		assert_eq!(bonded(COORDINATOR), BOND, "the one that was kept from its work lost nothing");
	});
	with_outputs(|| {
		complete(JOB, Stage::Result);
		System::set_block_number(1 + CHALLENGE_PERIOD);
		assert_ok!(demand(USER, COMPUTING[0], 0));
		System::set_block_number(2 + CHALLENGE_PERIOD + DEMAND_PERIOD);
		assert_noop!(Bmpc::settle(signed(STRANGER), JOB), Error::DemandOpen);
		assert_ok!(expire_demand(COMPUTING[0], 0));
	});
	with_outputs(|| {
		complete(JOB, Stage::Result);
		System::set_block_number(1 + CHALLENGE_PERIOD);
		assert_ok!(demand(USER, COMPUTING[0], 0));
		System::set_block_number(1 + CHALLENGE_PERIOD + DEMAND_PERIOD);
		assert_ok!(answer(COMPUTING[0], 0));
		System::set_block_number(2 + CHALLENGE_PERIOD + DEMAND_PERIOD);
		assert_ok!(Bmpc::settle(signed(STRANGER), JOB));
	})
}

#[test]
fn demand_fails_when_stage_or_window_is_over() {
	with_outputs(|| {
		System::set_block_number(52);
		assert_noop!(demand(USER, COMPUTING[0], 0), Error::TooLate);
		assert_ok!(Bmpc::expire(signed(STRANGER), JOB));
		assert_noop!(demand(USER, COMPUTING[0], 0), Error::WrongStage);
	});
	with_outputs(|| {
		complete(JOB, Stage::Result);
		System::set_block_number(2 + CHALLENGE_PERIOD);
		assert_noop!(demand(USER, COMPUTING[0], 0), Error::TooLate);
	})
}

#[test]
fn open_demands_are_released_when_job_ends() {
	for (case, end) in [
		("accept", (|| ok(Bmpc::accept(signed(USER), JOB))) as fn()),
		("fault", || ok(Bmpc::report_fault(signed(USER), JOB, Box::new(stump_fault(Producer::Computing(1), 0))))),
	] {
		with_outputs(|| {
			complete(JOB, Stage::Result);
			assert_ok!(demand(DATA[0], COMPUTING[0], 0));
			assert_ok!(demand(USER, COMPUTING[1], 0));
			end();
			assert_eq!((on_hold(DATA[0]), on_hold(USER), Bmpc::demands(JOB)), (0, 0, vec![]), "{case}");
			assert_noop!(answer(COMPUTING[0], 0), Error::UnknownDemand);
		})
	}
}

#[test]
fn duties_include_answering_and_expiring_demands() {
	let kinds = |who| Bmpc::duties(who).into_iter().map(|duty| (duty.kind, duty.deadline)).collect::<Vec<_>>();
	with_outputs(|| {
		assert_ok!(demand(USER, COORDINATOR, 0).or_else(|_| Bmpc::demand(
			signed(USER),
			JOB,
			Stage::Selection,
			COORDINATOR,
			0
		)));
		let until = 1 + DEMAND_PERIOD;
		let result = (DutyKind::CommitResult, Some(51 + DEMAND_PERIOD));
		assert_eq!(kinds(COORDINATOR), [(DutyKind::AnswerDemand, Some(until)), result]);
		assert_eq!(kinds(USER), []);
		System::set_block_number(until);
		assert_eq!(kinds(COORDINATOR), []);
		assert_eq!(kinds(USER), [(DutyKind::ExpireDemand, None)]);
	})
}
