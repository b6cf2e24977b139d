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
	OffchainDbExt, OffchainWorkerExt, StorageKind, TransactionPoolExt,
};
use sp_io::offchain::{local_storage_get, local_storage_set};

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
	// One block before, so that it is included in the first possible block.
	assert_eq!(Bmpc::due_calls(), std::slice::from_ref(&call));
	System::set_block_number(due - 2);
	assert_eq!(Bmpc::due_calls(), []);
	System::set_block_number(due);
	let valid = validity(&call).expect("it is due");
	assert_eq!(valid.provides.len(), 1);
	assert!(valid.propagate);
	assert_ok!(call.clone().dispatch_bypass_filter(RawOrigin::Authorized.into()));
	assert!(is_end(status(0)));
	assert_eq!(validity(&call), Err(InvalidTransaction::Stale.into()), "once");
	assert_eq!(Bmpc::due_calls(), []);
}

#[test]
fn expire_is_accepted_unsigned_when_stage_is_overdue() {
	for (stage, deadline) in Stage::ALL.into_iter().zip([11, 21, 31, 41, 51]) {
		with_job(|job| {
			reach(job, stage);
			check_due(deadline + 1, Call::expire { job_id: job }, |status| matches!(status, Status::Expired { .. }));
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
fn only_expire_demand_is_accepted_unsigned_when_demand_is_overdue() {
	with_job(|job| {
		reach(job, Stage::Result);
		System::set_block_number(51);
		assert_ok!(Bmpc::demand(signed(USER), job, Stage::Outputs, COMPUTING[0], 0));
		let due = 52 + DEMAND_PERIOD;
		System::set_block_number(due);
		assert_eq!(validity(&Call::expire { job_id: job }), Err(InvalidTransaction::Stale.into()));
		let call = Call::expire_demand { job_id: job, stage: Stage::Outputs, who: COMPUTING[0], piece: 0 };
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
			Call::expire_demand { job_id: job, stage: Stage::Outputs, who: COMPUTING[0], piece: 0 },
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
			for call in [Call::expire { job_id: job }, Call::settle { job_id: job }] {
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

#[test]
fn offchain_worker_submits_valid_faults_and_removes_invalid_ones() {
	let (pool, sent) = TestTransactionPoolExt::new();
	let (offchain, _) = TestOffchainExt::new();
	let mut ext = ExtBuilder.build();
	ext.register_extension(TransactionPoolExt::new(pool));
	ext.register_extension(OffchainDbExt::new(offchain.clone()));
	ext.register_extension(OffchainWorkerExt::new(offchain));
	ext.execute_with(|| {
		register_all();
		let job = make_job();
		reach(job, Stage::Result);
		let key = Fault::storage_key(job);
		let keep = |bytes: &[u8]| local_storage_set(StorageKind::PERSISTENT, &key, bytes);
		let kept = || local_storage_get(StorageKind::PERSISTENT, &key).is_some();
		let calls = || sent.read().transactions.len();

		for wrong in [vec![], vec![0xff; 100], unfounded().encode()] {
			keep(&wrong);
			Bmpc::offchain_worker(11);
			assert_eq!((kept(), calls()), (false, 0), "{wrong:?}");
		}
		keep(&stump_fault(Producer::Computing(1), 0).encode());
		Bmpc::offchain_worker(11);
		assert_eq!((kept(), calls()), (true, 1));
		let extrinsic = Extrinsic::decode(&mut &sent.read().transactions[0][..]).unwrap();
		assert_eq!(extrinsic.function, report(job, 0).into());
		assert_ok!(report(job, 0).dispatch_bypass_filter(RawOrigin::Authorized.into()));
		Bmpc::offchain_worker(12);
		assert_eq!(calls(), 1, "the job has ended");
		check_invariants();
	});
}

#[test]
fn offchain_worker_submits_each_due_call() {
	let (pool, state) = TestTransactionPoolExt::new();
	let mut ext = ExtBuilder.build();
	ext.register_extension(TransactionPoolExt::new(pool));
	ext.register_extension(OffchainDbExt::new(TestOffchainExt::new().0));
	ext.execute_with(|| {
		register_all();
		let jobs = [make_job(), make_job()];
		reach_challenge(jobs[1]);
		System::set_block_number(11);
		Bmpc::offchain_worker(11);
		let sent: Vec<_> =
			state.read().transactions.iter().map(|bytes| Extrinsic::decode(&mut &bytes[..]).unwrap()).collect();
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
