//! Unsigned calls.

use super::{faults::for_each_fault, *};
use codec::{Decode, Encode};
use frame_support::{
	dispatch::Pays,
	pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction},
	traits::{Authorize, Hooks, UnfilteredDispatchable},
};
use frame_system::{offchain::CreateTransactionBase, RawOrigin};
use sp_core::offchain::{
	testing::{TestOffchainExt, TestTransactionPoolExt},
	Duration, OffchainDbExt, OffchainWorkerExt, StorageKind, TransactionPoolExt,
};
use sp_io::offchain::{local_storage_get, local_storage_set};
use sp_runtime::offchain::storage_lock::{StorageLock, Time};

type Call = crate::Call<Test>;
type Extrinsic = <Test as CreateTransactionBase<Call>>::Extrinsic;

fn validity(call: &Call) -> Result<ValidTransaction, TransactionValidityError> {
	let source = [TransactionSource::Local, TransactionSource::InBlock, TransactionSource::External];
	let mut all =
		source.map(|source| call.authorize(source).expect("it can do without account").map(|(valid, _)| valid));
	let last = all[2].clone();
	assert!(all.iter_mut().all(|validity| *validity == last), "from wherever it comes");
	last
}

/// The call that is due from block `due` on, and how the job ends by it.
fn check_due(due: u64, call: Call, is_end: fn(StatusOf<Test>) -> bool) {
	System::set_block_number(due - 1);
	assert_eq!(validity(&call), Err(InvalidTransaction::Stale.into()), "too early");
	assert_eq!(Bmpc::due_call(0), None);
	System::set_block_number(due);
	assert_eq!(Bmpc::due_call(0), Some(call.clone()));
	let valid = validity(&call).expect("it is due");
	assert_eq!(valid.provides.len(), 1);
	assert!(valid.propagate);
	assert_ok!(call.clone().dispatch_bypass_filter(RawOrigin::Authorized.into()));
	assert!(is_end(status(0)));
	assert_eq!(validity(&call), Err(InvalidTransaction::Stale.into()), "once");
	assert_eq!(Bmpc::due_call(0), None);
}

#[test]
fn expire_is_accepted_unsigned_when_stage_is_overdue() {
	for stage in Stage::ALL {
		with_job(|job| {
			reach(job, stage);
			let end = |status| matches!(status, Status::Expired { .. } | Status::Lapsed { .. });
			check_due(2 + STAGE, Call::expire { job_id: job }, end);
		})
	}
}

#[test]
fn settle_is_accepted_unsigned_when_challenge_window_is_over() {
	with_job(|job| {
		reach_challenge(job);
		let due = 2 + CHALLENGE_PERIOD;
		check_due(due, Call::settle { job_id: job }, |status| matches!(status, Status::Settled { .. }));
	})
}

#[test]
fn only_expire_challenge_is_accepted_unsigned_when_unit_is_overdue() {
	with_job(|job| {
		reach(job, Stage::Result);
		System::set_block_number(1 + STAGE);
		assert_ok!(Bmpc::challenge(signed(COORDINATOR), job, [11].into_iter().collect()));
		let due = Bmpc::open_units(job)[0].deadline + 1;
		assert!(due > 2 + STAGE);
		System::set_block_number(due - 1);
		assert_eq!((Bmpc::due_call(job), Bmpc::is_overdue(job, due - 1)), (None, false));
		System::set_block_number(due);
		assert_eq!(validity(&Call::expire { job_id: job }), Err(InvalidTransaction::Stale.into()));
		let call = Call::expire_challenge { job_id: job };
		check_due(due, call, |status| matches!(status, Status::Faulty { .. }));
	})
}

#[test]
fn unsigned_calls_are_invalid_when_not_due() {
	with_job(|job| {
		reach_challenge(job);
		for call in [
			Call::expire { job_id: job },
			Call::settle { job_id: job },
			Call::expire { job_id: 7 },
			Call::settle { job_id: 7 },
			Call::expire_challenge { job_id: job },
			Call::expire_challenge { job_id: 7 },
			Call::publish { job_id: job, unit: 11, chunk: 0, bytes: Default::default(), path: Default::default() },
		] {
			assert_eq!(validity(&call), Err(InvalidTransaction::Stale.into()), "{call:?}");
		}
		assert!(Call::accept { job_id: job }.authorize(TransactionSource::Local).is_none());
	})
}

#[test]
fn dispatch_fails_when_origin_is_none() {
	with_job(|job| {
		for origin in [RawOrigin::None, RawOrigin::Root] {
			for call in [
				Call::expire { job_id: job },
				Call::settle { job_id: job },
				Call::expire_challenge { job_id: job },
				Call::publish { job_id: job, unit: 11, chunk: 0, bytes: Default::default(), path: Default::default() },
			] {
				let refused = call.dispatch_bypass_filter(origin.clone().into()).unwrap_err();
				assert_eq!(refused.error, sp_runtime::DispatchError::BadOrigin);
			}
		}
	})
}

/// A report of a fault that is in all deliveries of these tests.
fn report(job: JobId, output: u32) -> Call {
	Call::report_fault { job_id: job, fault: Box::new(stump_fault(Producer::Computing(1), output)) }
}

/// A proof of a fault that is in no delivery.
fn unfounded() -> Fault {
	let Fault::Shape { producer, root, .. } = stump_fault(Producer::Computing(1), 0) else { unreachable!() };
	Fault::Shape { producer, output: 1, root }
}

#[test]
fn report_fault_is_accepted_unsigned_when_cheap_to_verify() {
	with_job(|job| {
		reach(job, Stage::Outputs);
		assert_eq!(validity(&report(job, 0)), Err(InvalidTransaction::Stale.into()), "nothing is delivered");
		complete(job, Stage::Outputs);
		let valid = validity(&report(job, 0)).expect("it holds");
		assert_eq!((valid.provides.len(), valid.propagate), (1, true));
		assert_eq!(validity(&report(job, 1)).map(|valid| valid.provides), Ok(valid.provides), "one for a job");
		for wrong in [report(job + 1, 0), Call::report_fault { job_id: job, fault: Box::new(unfounded()) }] {
			assert_eq!(validity(&wrong), Err(InvalidTransaction::Stale.into()));
		}
		let post = report(job, 0).dispatch_bypass_filter(RawOrigin::Authorized.into()).unwrap();
		assert_eq!(post.pays_fee, Pays::No);
		let faulty = matches!(status(job), Status::Faulty { offender, reporter: None, .. } if offender == COMPUTING[1]);
		assert!(faulty);
		assert_eq!(validity(&report(job, 0)), Err(InvalidTransaction::Stale.into()), "once");
	})
}

/// They would make every node compute powers without a fee.
#[test]
fn report_fault_is_rejected_unsigned_when_expensive_to_verify() {
	for_each_fault(|job, kind, fault| {
		let quick = matches!(kind, FaultKind::Product | FaultKind::Shape | FaultKind::Result | FaultKind::Entry);
		let weight = Bmpc::authorize_fault_weight(&fault);
		let call = Call::report_fault { job_id: job, fault: Box::new(fault) };
		assert_eq!(validity(&call).is_ok(), quick, "{kind:?}");
		let base = <Test as Config>::WeightInfo::authorize();
		assert_eq!(weight.all_gt(base), quick, "{kind:?}");
	})
}

/// A chain with what its off-chain worker uses, and what that submits.
fn offchain() -> (sp_io::TestExternalities, impl Fn() -> Vec<Vec<u8>>) {
	let (pool, sent) = TestTransactionPoolExt::new();
	let (offchain, _) = TestOffchainExt::new();
	let mut ext = ExtBuilder.build();
	ext.register_extension(TransactionPoolExt::new(pool));
	ext.register_extension(OffchainDbExt::new(offchain.clone()));
	ext.register_extension(OffchainWorkerExt::new(offchain));
	(ext, move || sent.read().transactions.clone())
}

#[test]
fn offchain_worker_submits_valid_faults_and_removes_invalid_ones() {
	let (mut ext, sent) = offchain();
	ext.execute_with(|| {
		register_all();
		let job = make_job();
		reach(job, Stage::Result);
		let key = Fault::storage_key(job);
		let keep = |bytes: &[u8]| local_storage_set(StorageKind::PERSISTENT, &key, bytes);
		let kept = || local_storage_get(StorageKind::PERSISTENT, &key).is_some();
		let calls = || sent().len();

		for wrong in [vec![], vec![0xff; 100], unfounded().encode()] {
			keep(&wrong);
			Bmpc::offchain_worker(11);
			assert_eq!((kept(), calls()), (false, 0), "{wrong:?}");
		}
		keep(&stump_fault(Producer::Computing(1), 0).encode());
		Bmpc::offchain_worker(11);
		assert_eq!((kept(), calls()), (true, 1));
		let extrinsic = Extrinsic::decode(&mut &sent()[0][..]).unwrap();
		assert_eq!(extrinsic.function, report(job, 0).into());
		assert_ok!(report(job, 0).dispatch_bypass_filter(RawOrigin::Authorized.into()));
		Bmpc::offchain_worker(12);
		assert_eq!(calls(), 1, "the job has ended");
		check_invariants();
	});
}

#[test]
fn offchain_worker_submits_each_due_call() {
	let (mut ext, sent) = offchain();
	ext.execute_with(|| {
		register_all();
		let jobs = [make_job(), make_job()];
		reach_challenge(jobs[1]);
		System::set_block_number(1 + STAGE);
		Bmpc::offchain_worker(1 + STAGE);
		assert_eq!(sent().len(), 0);
		System::set_block_number(2 + STAGE);
		Bmpc::offchain_worker(2 + STAGE);
		let sent: Vec<_> = sent().iter().map(|bytes| Extrinsic::decode(&mut &bytes[..]).unwrap()).collect();
		let calls: Vec<_> = sent.into_iter().map(|extrinsic| extrinsic.function.encode()).collect();
		let expected = [Call::expire { job_id: jobs[0] }, Call::settle { job_id: jobs[1] }];
		let mut expected: Vec<_> = expected.into_iter().map(|call| RuntimeCall::from(call).encode()).collect();
		expected.sort();
		let mut calls = calls;
		calls.sort();
		assert_eq!(calls, expected);
		// Each of them succeeds.
		for call in [Call::expire { job_id: jobs[0] }, Call::settle { job_id: jobs[1] }] {
			System::set_block_number(2 + CHALLENGE_PERIOD);
			assert_ok!(call.dispatch_bypass_filter(RawOrigin::Authorized.into()));
			check_invariants();
		}
	});
}

#[test]
fn offchain_worker_looks_only_at_open_jobs_and_works_alone() {
	let (mut ext, sent) = offchain();
	ext.execute_with(|| {
		register_all();
		let job = make_job();
		System::set_block_number(2 + STAGE);
		let calls = || sent().len();
		OpenJobs::<Test>::remove(job);
		Bmpc::offchain_worker(1);
		assert_eq!(calls(), 0, "the job is not in the index");
		OpenJobs::<Test>::insert(job, ());
		// Another worker is at it; it keeps the lock until it is dropped.
		let mut lock = StorageLock::<Time>::with_deadline(b"encrytrust/bmpc/lock", Duration::from_millis(1_000));
		let guard = lock.try_lock().map_err(drop).unwrap();
		Bmpc::offchain_worker(2);
		assert_eq!(calls(), 0, "another worker has the lock");
		drop(guard);
		Bmpc::offchain_worker(3);
		assert_eq!(calls(), 1);
		Bmpc::offchain_worker(4);
		assert_eq!(calls(), 2, "the lock is released");
		assert_ok!(Bmpc::expire(signed(STRANGER), job));
		assert_eq!(OpenJobs::<Test>::iter().count(), 0);
		check_invariants();
	});
}

/// The calls that `who` owes now, of all that a party can owe.
fn owed(job: JobId, who: AccountId) -> Vec<&'static str> {
	let commitment = commitment(1);
	let units: UnitSet = match status(job) {
		Status::Open { stage, .. } => {
			let contract = contract(job);
			let place = Bmpc::role_and_place(&contract, &who);
			place.map(|(role, place)| contract.needed_units(stage, role, place).collect()).unwrap_or_default()
		},
		_ => contract(job).user_units().collect(),
	};
	[
		("confirm", Call::confirm { job_id: job, contract_hash: hash(job), mask_key: mask_key(who) }),
		("decline", Call::decline { job_id: job, reason: DeclineReason::Other }),
		("commit_selection", Call::commit_selection { job_id: job, commitment, basis: basis(job, Stage::Selection) }),
		("commit_inputs", Call::commit_inputs { job_id: job, commitment, basis: basis(job, Stage::Inputs) }),
		("commit_output", Call::commit_output { job_id: job, commitment, basis: basis(job, Stage::Outputs) }),
		("commit_result", Call::commit_result { job_id: job, commitment, basis: basis(job, Stage::Result) }),
		("challenge", Call::challenge { job_id: job, units }),
	]
	.into_iter()
	.filter(|(_, call)| Bmpc::is_owed(&who, call).expect("it can be owed"))
	.map(|(name, _)| name)
	.collect()
}

#[test]
fn calls_are_owed_only_by_awaited_parties_in_their_stage() {
	let cases: [(Stage, &[&str]); 5] = [
		(Stage::Confirmation, &["confirm", "decline"]),
		// The coordinator needs nothing from others for the selection.
		(Stage::Selection, &["commit_selection"]),
		(Stage::Inputs, &["commit_inputs", "challenge"]),
		(Stage::Outputs, &["commit_output", "challenge"]),
		(Stage::Result, &["commit_result", "challenge"]),
	];
	for (stage, calls) in cases {
		with_job(|job| {
			reach(job, stage);
			for who in funded() {
				let expected = if expected_parties(stage).contains(&who) { calls } else { &[] };
				assert_eq!(owed(job, who), expected, "{stage:?}: {who}");
			}
			let first = expected_parties(stage)[0];
			System::set_block_number(2 + STAGE);
			assert!(owed(job, first).is_empty(), "too late in {stage:?}");
			System::set_block_number(1 + STAGE);
			assert_eq!(owed(job, first), calls, "the last moment of {stage:?}");
			assert_ok!(deliver(job, stage, first));
			if expected_parties(stage).len() > 1 {
				assert!(owed(job, first).is_empty(), "{stage:?}: it has delivered");
			}
		})
	}
	with_job(|job| {
		reach_challenge(job);
		assert_eq!(owed(job, USER), ["challenge"]);
		assert!(funded().filter(|who| *who != USER).all(|who| owed(job, who).is_empty()));
		assert_ok!(Bmpc::accept(signed(USER), job));
		assert!(funded().all(|who| owed(job, who).is_empty()));
	})
}

#[test]
fn calls_are_not_owed_with_wrong_contents() {
	with_job(|job| {
		let confirm = |job_id, contract_hash, mask_key| {
			Bmpc::is_owed(&DATA[0], &Call::confirm { job_id, contract_hash, mask_key })
		};
		let key = mask_key(DATA[0]);
		assert_eq!(confirm(job, hash(job), key), Some(true));
		assert_eq!((confirm(job, H256::zero(), key), confirm(7, hash(job), key)), (Some(false), Some(false)));
		assert_eq!((confirm(job, hash(job), None), confirm(job, hash(job), Some([0; 32]))), (Some(false), Some(false)));
		reach(job, Stage::Inputs);
		let commitment = commitment(1);
		let inputs = |basis| Bmpc::is_owed(&DATA[0], &Call::commit_inputs { job_id: job, commitment, basis });
		assert_eq!(inputs(basis(job, Stage::Inputs)), Some(true));
		assert_eq!(inputs(basis(job, Stage::Selection)), Some(false));
		let challenge = |who, units: &[u32]| {
			let units = units.iter().copied().collect();
			Bmpc::is_owed(&who, &Call::challenge { job_id: job, units })
		};
		// Two selections; a unit of its own; none.
		assert_eq!((challenge(DATA[0], &[0, 1]), challenge(DATA[0], &[0, 2])), (Some(true), Some(false)));
		assert_eq!((challenge(DATA[0], &[]), challenge(USER, &[0])), (Some(false), Some(false)));
		assert_ok!(Bmpc::challenge(signed(DATA[0]), job, [0].into_iter().collect()));
		assert_eq!((challenge(DATA[0], &[1]), challenge(DATA[1], &[0])), (Some(false), Some(true)));
		for call in [
			Call::accept { job_id: job },
			Call::cancel { job_id: job },
			Call::settle { job_id: job },
			Call::expire { job_id: job },
			Call::expire_challenge { job_id: job },
			report(job, 0),
		] {
			assert_eq!(Bmpc::is_owed(&USER, &call), None, "{call:?}");
		}
	})
}
