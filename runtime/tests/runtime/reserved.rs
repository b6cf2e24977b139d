//! What has the class Operational: calls of contracts while they are owed, and calls of root.

use super::{
	conservation::{chain, deliveries, fault, publication, request, tree_bytes, Chain},
	*,
};
use encrytrust_fault_proofs::Fault;
use encrytrust_runtime::{enactment, reserved::CheckOwed};
use encrytrust_types::{
	job::{Commitment, DeclineReason, Role, Status, Unit, UnitSet},
	JobId,
};
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::fungible::InspectHold,
};
use pallet_collective::Instance1;
use sp_core::H256;
use sp_keyring::Sr25519Keyring::{self, *};
use sp_runtime::{
	traits::{BlakeTwo256, Hash, TransactionExtension, TxBaseImplication},
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction},
};

type Contracts = pallet_bmpc::Call<Runtime>;
type Proxies = pallet_proxy::Call<Runtime>;
type Batches = pallet_utility::Call<Runtime>;

/// Confirmed by all; its coordinator owes the selection.
const SELECTING: JobId = 0;
/// Confirmed by nobody.
const PENDING: JobId = 1;
const UNKNOWN: JobId = 2;

fn valid_transaction(origin: RuntimeOrigin, call: &RuntimeCall) -> Result<ValidTransaction, TransactionValidityError> {
	let info = call.get_dispatch_info();
	let (base, source) = (TxBaseImplication(()), TransactionSource::External);
	CheckOwed.validate(origin, call, &info, 0, (), &base, source).map(|(valid, ..)| valid)
}

fn validity(origin: RuntimeOrigin, call: &RuntimeCall) -> Result<(), TransactionValidityError> {
	valid_transaction(origin, call).map(|_| ())
}

fn signed(who: Sr25519Keyring, call: impl Into<RuntimeCall>) -> Result<(), TransactionValidityError> {
	validity(RuntimeOrigin::signed(who.to_account_id()), &call.into())
}

/// A chain with the jobs [`SELECTING`] and [`PENDING`].
fn with_jobs(test: impl FnOnce(&mut Chain)) {
	chain().execute_with(|| {
		let mut chain = Chain::start();
		chain.register();
		for _ in [SELECTING, PENDING] {
			chain.send(Alice, pallet_bmpc::Call::request { request: request() });
		}
		deliver(&mut chain, SELECTING);
		chain.blocks(1, 0);
		test(&mut chain);
	});
}

/// All awaited parties deliver.
fn deliver(chain: &mut Chain, job: JobId) {
	deliveries(job).into_iter().for_each(|(who, call)| chain.send(who, call));
}

/// What a party owes in a job.
fn owed(job: JobId, who: Sr25519Keyring) -> RuntimeCall {
	let mut calls = deliveries(job).into_iter();
	calls.find(|(party, _)| *party == who).map(|(_, call)| call).expect("the party owes something")
}

fn funds(who: Sr25519Keyring) -> Balance {
	let data = System::account(who.to_account_id()).data;
	data.free + data.reserved
}

fn by_proxy(real: Sr25519Keyring, call: RuntimeCall) -> RuntimeCall {
	Proxies::proxy { real: real.to_account_id().into(), force_proxy_type: None, call: Box::new(call) }.into()
}

#[test]
fn owed_calls_are_valid_and_free() {
	with_jobs(|chain| {
		// Its confirmations, and then what is owed in each later stage.
		for job in [PENDING; 5] {
			let owed = deliveries(job);
			assert!(!owed.is_empty());
			for (who, call) in owed {
				let before = funds(who);
				assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational, "{call:?}");
				assert_eq!(chain.apply(who, call.clone()), Ok(Ok(())), "{call:?}");
				assert_eq!(funds(who), before - MICRO_ETS, "{call:?} costs more than its tip");
				assert_eq!(signed(who, call.clone()), Err(InvalidTransaction::Stale.into()), "{call:?} again");
			}
			chain.blocks(1, 0);
		}
		assert!(deliveries(PENDING).is_empty(), "the result is there");
	});
}

#[test]
fn calls_that_are_not_owed_are_stale() {
	with_jobs(|_| {
		let job = |id| Bmpc::job(id).expect("the job is there");
		let commitment = Commitment { root: H256::zero(), blob: [0; 32] };
		let basis = H256::zero();
		let confirm = |job_id, contract_hash| Contracts::confirm { job_id, contract_hash, mask_key: Some([9; 32]) };
		let decline = |job_id| Contracts::decline { job_id, reason: DeclineReason::Other };
		let challenge = |job_id, unit| {
			let units: UnitSet = job(SELECTING).contract.unit_index(&unit).into_iter().collect();
			Contracts::challenge { job_id, units }
		};
		let publish = Contracts::publish {
			job_id: SELECTING,
			unit: 0,
			chunk: 0,
			bytes: Default::default(),
			path: Default::default(),
		};
		let report = |job_id| Contracts::report_fault { job_id, fault: Box::new(fault(0)) };
		let hash = |id| job(id).contract_hash;
		for (case, who, call) in [
			("confirmed", Bob, confirm(SELECTING, hash(SELECTING))),
			("another contract", Bob, confirm(PENDING, hash(SELECTING))),
			("no party", AliceStash, confirm(PENDING, hash(PENDING))),
			("the user", Alice, confirm(PENDING, hash(PENDING))),
			("no job", Bob, confirm(UNKNOWN, hash(PENDING))),
			("no mask key", Bob, Contracts::confirm { job_id: PENDING, contract_hash: hash(PENDING), mask_key: None }),
			("confirmed", Bob, decline(SELECTING)),
			("no party", AliceStash, decline(PENDING)),
			("no job", Bob, decline(UNKNOWN)),
			("another basis", Ferdie, Contracts::commit_selection { job_id: SELECTING, commitment, basis }),
			("another role", Bob, Contracts::commit_selection { job_id: SELECTING, commitment, basis }),
			("not confirmed", Ferdie, Contracts::commit_selection { job_id: PENDING, commitment, basis }),
			("a later stage", Bob, Contracts::commit_inputs { job_id: SELECTING, commitment, basis }),
			("a later stage", Dave, Contracts::commit_output { job_id: SELECTING, commitment, basis }),
			("a later stage", Ferdie, Contracts::commit_result { job_id: SELECTING, commitment, basis }),
			("a unit that is not needed", Ferdie, challenge(SELECTING, Unit::Result { part: 0 })),
			("a party that owes nothing", Dave, challenge(SELECTING, Unit::Selection { computing: 0 })),
			("before the challenge window", Alice, challenge(SELECTING, Unit::Result { part: 0 })),
			("no job", Ferdie, challenge(UNKNOWN, Unit::Result { part: 0 })),
			("needs no account", Bob, publish),
			("not suspended", Bob, Contracts::resume_role { role: Role::DataProvider }),
			("not registered", Alice, Contracts::resume_role { role: Role::DataProvider }),
			("not under way", AliceStash, report(PENDING)),
			("no job", AliceStash, report(UNKNOWN)),
		] {
			assert_eq!(signed(who, call.clone()), Err(InvalidTransaction::Stale.into()), "{case}: {call:?}");
		}
	});
}

#[test]
fn suspended_party_may_resume() {
	with_jobs(|chain| {
		let resume = || Contracts::resume_role { role: Role::DataProvider };
		let confirmation = Bmpc::job(PENDING).expect("the job is there").contract.schedule.confirmation;
		chain.wait_until(System::block_number() + confirmation);
		chain.send(AliceStash, Contracts::expire { job_id: PENDING });
		assert_eq!(chain.apply(Bob, resume().into()), Ok(Ok(())));
		assert_eq!(signed(Bob, resume()), Err(InvalidTransaction::Stale.into()));
	});
}

/// Otherwise whoever owes one call could fill the share of the block with others.
#[test]
fn owed_call_is_refused_within_another_call() {
	with_jobs(|_| {
		let owed = || owed(SELECTING, Ferdie);
		let boxed = || Box::new(owed());
		let calls = || vec![owed()];
		let threshold_1 =
			pallet_multisig::Call::<Runtime>::as_multi_threshold_1 { other_signatories: vec![alice()], call: boxed() };
		let batch = || RuntimeCall::from(Batches::batch { calls: calls() });
		for (case, call) in [
			("batch", batch()),
			("batch_all", Batches::batch_all { calls: calls() }.into()),
			("force_batch", Batches::force_batch { calls: calls() }.into()),
			("if_else", Batches::if_else { main: boxed(), fallback: boxed() }.into()),
			("as_derivative", Batches::as_derivative { index: 0, call: boxed() }.into()),
			("multisig", threshold_1.into()),
			("proxy of a proxy", by_proxy(Ferdie, by_proxy(Ferdie, owed()))),
			("batch by a proxy", by_proxy(Ferdie, batch())),
		] {
			assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational, "{case}");
			assert_eq!(signed(Ferdie, call), Err(InvalidTransaction::Call.into()), "{case}");
		}
		// One call of another class makes the batch Normal: it pays, and takes nothing of the share.
		let remark = frame_system::Call::remark { remark: vec![] }.into();
		assert_eq!(signed(Ferdie, Batches::batch { calls: vec![owed(), remark] }), Ok(()));
	});
}

fn alice() -> AccountId {
	Alice.to_account_id()
}

#[test]
fn proxy_makes_owed_calls() {
	with_jobs(|chain| {
		let delegate = AliceStash.to_account_id().into();
		let proxy_type = configs::governance::ProxyType::Worker;
		chain.send(Ferdie, Proxies::add_proxy { delegate, proxy_type, delay: 0 });
		let stale = Err(InvalidTransaction::Stale.into());
		let owed = || owed(SELECTING, Ferdie);
		for (case, who, call, expected) in [
			("its proxy", AliceStash, by_proxy(Ferdie, owed()), Ok(())),
			("another account", BobStash, by_proxy(Ferdie, owed()), stale),
			("of a party that does not owe it", AliceStash, by_proxy(Bob, owed()), stale),
			("the proxy for itself", AliceStash, owed(), stale),
		] {
			assert_eq!(signed(who, call), expected, "{case}");
		}
		assert_eq!(chain.apply(AliceStash, by_proxy(Ferdie, owed())), Ok(Ok(())));
		assert!(deliveries(SELECTING).iter().all(|(who, _)| *who != Ferdie), "the selection is committed");
	});
}

/// A call that is dispatched and fails has filled the block as much as one that is owed, and its signer may repeat it.
#[test]
fn call_that_its_proxy_may_not_make_is_not_owed() {
	use configs::governance::ProxyType;
	with_jobs(|chain| {
		for (delegate, proxy_type, delay) in [(AliceStash, ProxyType::Any, 1), (BobStash, ProxyType::Worker, 0)] {
			let delegate = delegate.to_account_id().into();
			chain.send(Ferdie, Proxies::add_proxy { delegate, proxy_type, delay });
		}
		let by = |force_proxy_type| {
			let (real, call) = (Ferdie.to_account_id().into(), Box::new(owed(SELECTING, Ferdie)));
			RuntimeCall::from(Proxies::proxy { real, force_proxy_type, call })
		};
		let stale = Err(InvalidTransaction::Stale.into());
		assert_eq!(signed(AliceStash, by(None)), stale, "it must be announced");
		assert_eq!(signed(BobStash, by(Some(ProxyType::Any))), stale, "it is no such proxy");
		assert_eq!(signed(BobStash, by(None)), Ok(()));
		assert_eq!(signed(BobStash, by(Some(ProxyType::Worker))), Ok(()));
	});
}

/// A pool that is full drops what has the lowest priority, and a block's author begins with the highest.
#[test]
fn owed_calls_come_before_all_others_and_the_most_urgent_first() {
	with_jobs(|chain| {
		let of = |who: Sr25519Keyring, call: &RuntimeCall| {
			valid_transaction(RuntimeOrigin::signed(who.to_account_id()), call).expect("it is valid")
		};
		let selection = owed(SELECTING, Ferdie);
		let confirmation = owed(PENDING, Ferdie);
		// What a bond is at stake for; answers to requests; reports by those who have a deposit; what is due; all else.
		let report: RuntimeCall = Contracts::report_fault { job_id: SELECTING, fault: Box::new(fault(0)) }.into();
		let priorities = [
			of(Ferdie, &selection).priority,
			of(Ferdie, &confirmation).priority,
			of(Bob, &report).priority,
			of(AliceStash, &report).priority,
		];
		assert!(priorities.is_sorted_by(|before, after| before > after), "{priorities:?}");
		assert_eq!(priorities[3], of(AliceStash, &frame_system::Call::remark { remark: vec![] }.into()).priority);
		// The greatest tip that the pool counts, on the smallest call.
		assert!(priorities[2] > u64::MAX / 2);

		// A duty is in a pool once, whoever signs for it.
		let delegate = AliceStash.to_account_id().into();
		let proxy_type = configs::governance::ProxyType::Worker;
		chain.send(Ferdie, Proxies::add_proxy { delegate, proxy_type, delay: 0 });
		let own = of(Ferdie, &selection).provides;
		assert_eq!(own.len(), 1);
		assert_eq!(of(AliceStash, &by_proxy(Ferdie, selection)).provides, own);
		assert_ne!(of(Ferdie, &confirmation).provides, own);
		let decline = Contracts::decline { job_id: PENDING, reason: DeclineReason::Other }.into();
		assert_eq!(of(Ferdie, &decline).provides, of(Ferdie, &confirmation).provides, "one or the other");
	});
}

/// Of others such calls would fail, but only after they have filled the block.
#[test]
fn calls_of_those_who_govern_pass() {
	with_jobs(|_| {
		let pages = || RuntimeCall::from(frame_system::Call::set_heap_pages { pages: 8 });
		let sudo = || RuntimeCall::from(pallet_sudo::Call::sudo { call: Box::new(pages()) });
		let motion = || pallet_collective::Call::<Runtime, Instance1>::execute {
			proposal: Box::new(pages()),
			length_bound: 100,
		};
		let upgrade = |code| RuntimeCall::from(frame_system::Call::apply_authorized_upgrade { code: vec![code] });
		let refused = Err(InvalidTransaction::Call.into());
		for (case, who, call, expected) in [
			("root's own call", FerdieStash, pages(), refused),
			("sudo by its key", FerdieStash, sudo(), Ok(())),
			("sudo by another", Alice, sudo(), refused),
			("a member's own call", Alice, motion().into(), refused),
			("a veto of nothing", Alice, enactment::Call::<Runtime>::veto { decision_id: 7 }.into(), refused),
			("no upgrade is authorised", Alice, upgrade(1), refused),
		] {
			assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational, "{case}");
			assert_eq!(signed(who, call), expected, "{case}");
		}
		System::authorize_upgrade(RuntimeOrigin::root(), BlakeTwo256::hash(&[1])).expect("root may");
		assert_eq!(signed(Alice, upgrade(1)), Ok(()), "it is authorised");
		assert_eq!(signed(Alice, upgrade(2)), refused, "another one is");
		// The call itself decides about transactions without an account.
		let expire = Contracts::expire { job_id: UNKNOWN }.into();
		assert_eq!(validity(RuntimeOrigin::none(), &expire), Ok(()));
	});
}

#[test]
fn fault_is_reported_only_while_its_job_is_under_way() {
	with_jobs(|chain| {
		let report = || Contracts::report_fault { job_id: SELECTING, fault: Box::new(fault(0)) };
		assert_eq!(signed(AliceStash, report()), Ok(()));
		// Selection, inputs, outputs, result.
		(0..4).for_each(|_| deliver(chain, SELECTING));
		assert_eq!(signed(AliceStash, report()), Ok(()), "in the challenge window");
		chain.send(Alice, Contracts::accept { job_id: SELECTING });
		assert_eq!(signed(AliceStash, report()), Err(InvalidTransaction::Stale.into()));
	});
}

/// A first report by an account of the job is paid for by what it has on hold, whatever it has free.
#[test]
fn party_reports_by_its_deposit() {
	with_jobs(|chain| {
		let delegate = BobStash.to_account_id().into();
		let proxy_type = configs::governance::ProxyType::Worker;
		chain.send(Bob, Proxies::add_proxy { delegate, proxy_type, delay: 0 });
		(0..3).for_each(|_| deliver(chain, SELECTING));
		for who in [Bob, Charlie, BobStash, AliceStash] {
			let dest = DaveStash.to_account_id().into();
			chain.send(who, pallet_balances::Call::transfer_all { dest, keep_alive: true });
		}
		let held = |who: Sr25519Keyring| System::account(who.to_account_id()).data.reserved;
		// It names no number that was committed to.
		let wrong = || {
			let mut wrong = fault(0);
			if let Fault::Product { output, .. } = &mut wrong {
				*output += 1_000;
			}
			RuntimeCall::from(Contracts::report_fault { job_id: SELECTING, fault: Box::new(wrong) })
		};
		let unpaid = || Err(TransactionValidityError::from(InvalidTransaction::Payment));
		let before = held(Bob);
		assert_eq!(chain.apply(AliceStash, wrong()).map(|_| ()), unpaid(), "a stranger has no deposit");
		assert_eq!(chain.apply(BobStash, by_proxy(Bob, wrong())), Ok(Ok(())), "its proxy: the call within fails");
		let taken = before - held(Bob);
		let fee = wrong().get_dispatch_info().call_weight.ref_time();
		assert!(taken > Balance::from(fee), "{taken} of {fee}");
		assert_eq!(chain.apply(Bob, wrong()).map(|_| ()), unpaid(), "once");
		assert_eq!(chain.apply(BobStash, by_proxy(Bob, wrong())).map(|_| ()), unpaid(), "its proxy, once");

		let before = funds(Charlie);
		let report = Contracts::report_fault { job_id: SELECTING, fault: Box::new(fault(0)) };
		assert_eq!(chain.apply(Charlie, report.into()), Ok(Ok(())), "another's deposit is its own");
		assert!(matches!(Bmpc::job(SELECTING).expect("it is there").status, Status::Faulty { .. }));
		assert!(funds(Charlie) > before, "all is made good, and what it had delivered is paid");
		let charges = RuntimeHoldReason::Bmpc(pallet_bmpc::HoldReason::Charges);
		let parties =
			[Bob, Charlie, Dave, Eve, Ferdie].map(|who| Balances::balance_on_hold(&charges, &who.to_account_id()));
		assert_eq!(parties, [0; 5], "nothing is left on hold");
	});
}

#[test]
fn publication_is_valid_while_its_bytes_are_owed() {
	with_jobs(|chain| {
		// Selection, inputs, outputs: the result is owed.
		(0..3).for_each(|_| deliver(chain, SELECTING));
		let contract = Bmpc::job(SELECTING).expect("the job is there").contract;
		let unit = |computing| {
			contract.unit_index(&Unit::Outputs { computing, part: 0 }).expect("the unit of a computing provider")
		};
		let publish = |job, unit, bytes| Executive::apply_extrinsic(publication(job, unit, bytes));
		let stale = Err(InvalidTransaction::Stale.into());
		assert_eq!(publish(SELECTING, unit(0), tree_bytes()), stale, "not challenged");
		chain.challenge(SELECTING, 0);
		let wrong = |position: usize| {
			let mut bytes = tree_bytes();
			bytes[position] ^= 1;
			bytes
		};
		let length = tree_bytes().len();
		for (case, job, unit, bytes) in [
			("first byte", SELECTING, unit(0), wrong(0)),
			("last byte", SELECTING, unit(0), wrong(length - 1)),
			("too short", SELECTING, unit(0), tree_bytes()[1..].to_vec()),
			("too long", SELECTING, unit(0), [tree_bytes(), vec![0]].concat()),
			("nothing", SELECTING, unit(0), vec![]),
			("another unit", SELECTING, unit(1), tree_bytes()),
			("no such unit", SELECTING, u32::MAX, tree_bytes()),
			("another job", PENDING, unit(0), tree_bytes()),
			("no job", UNKNOWN, unit(0), tree_bytes()),
		] {
			assert_eq!(publish(job, unit, bytes), stale, "{case}");
		}
		assert_eq!(publish(SELECTING, unit(0), tree_bytes()), Ok(Ok(())));
		assert_eq!(publish(SELECTING, unit(0), tree_bytes()), stale, "again");
	});
}
