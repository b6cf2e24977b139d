//! Faults, with what honest and cheating parties publish: real numbers of 2048 bits.

use super::*;
use encrytrust_fault_proofs::{sample::Sample, FaultError};
use encrytrust_host_functions::big_integers::Host;
use frame_support::dispatch::{DispatchErrorWithPostInfo, Pays};
use std::sync::LazyLock;

type TestSample = Sample<'static, AccountId, Balance, u64>;

/// The publications in the first job of [`request`], computed once.
static HONEST: LazyLock<TestSample> = LazyLock::new(|| {
	ExtBuilder.build().execute_with(|| {
		register_all();
		let contract = Box::leak(Box::new(contract(make_job())));
		Sample::new(System::block_hash(0), 0, contract, selection(), &Host).unwrap()
	})
});

/// A chain on which all parties of the first job have delivered up to `stage`, with their data changed by `cheat`.
fn with_published(stage: Stage, cheat: fn(&mut TestSample), test: impl FnOnce(JobId, &TestSample)) {
	let mut sample = HONEST.clone();
	cheat(&mut sample);
	with_job(|job| {
		complete(job, Stage::Confirmation);
		for stage in Stage::ALL.into_iter().filter(|done| (Stage::Selection..=stage).contains(done)) {
			expected_parties(stage).into_iter().for_each(|who| publish(job, stage, who, &sample));
		}
		System::reset_events();
		test(job, &sample);
	})
}

fn publish(job: JobId, stage: Stage, who: AccountId, sample: &TestSample) {
	let commitment = Commitment { root: sample.root(stage, &who).unwrap(), blob: [0; 32] };
	assert_ok!(Bmpc::do_commit(who, job, stage, commitment, basis(job, stage)));
}

fn pay_of(who: AccountId) -> Balance {
	match who {
		COORDINATOR => COORDINATION_PRICE,
		who if DATA.contains(&who) => DATA_PAY,
		_ => COMPUTING_PAY,
	}
}

fn role_of(who: AccountId) -> Role {
	match who {
		COORDINATOR => Role::Coordinator,
		who if DATA.contains(&who) => Role::DataProvider,
		_ => Role::ComputingProvider,
	}
}

fn report(who: AccountId, job: JobId, fault: Fault) -> Result<Pays, DispatchErrorWithPostInfo> {
	Bmpc::report_fault(signed(who), job, Box::new(fault)).map(|info| info.pays_fee)
}

/// The cheat, its offender, the kind of fault, the first stage in which it can be proven, and the proof.
type Case = (&'static str, fn(&mut TestSample), AccountId, FaultKind, Stage, fn(&TestSample) -> Option<Fault>);

const CHOSEN: [u16; 3] = [1, 0, 2];

const FAULTS: &[Case] = &[
	(
		"CORD selects another column",
		|s| s.messages[1][..1024].rotate_left(512),
		COORDINATOR,
		FaultKind::Selector,
		Stage::Selection,
		|s| s.context().find_selector_fault(1, &s.context().shown_message(&s.messages, 1)?, &s.selection),
	),
	(
		"CORD proves nothing",
		|_| (),
		COORDINATOR,
		FaultKind::SelectionProof,
		Stage::Selection,
		|s| s.context().selection_proof_fault(0, &s.context().shown_message(&s.messages, 0)?),
	),
	(
		"a DP commits to two ciphertexts",
		|s| s.inputs[2][0].entries[4].blocks = 2,
		DATA[2],
		FaultKind::Entry,
		Stage::Inputs,
		|s| s.entry_fault(2),
	),
	(
		"a DP does not know what it transfers",
		|s| s.inputs[2][0].entries[4].proof.rho_response[19] ^= 1,
		DATA[2],
		FaultKind::Transfer,
		Stage::Inputs,
		|s| s.transfer_fault(2),
	),
	(
		"a DP seals something else",
		|s| s.reseal(CHOSEN, 0, &[7; VALUE_BYTES]).unwrap(),
		DATA[1],
		FaultKind::Column,
		Stage::Inputs,
		|s| s.column_fault(CHOSEN, 0, 0),
	),
	(
		"a CP adds one to a product",
		|s| s.outputs[1].trees[0].levels[1][0][VALUE_BYTES - 1] ^= 1,
		COMPUTING[1],
		FaultKind::Product,
		Stage::Outputs,
		|s| s.product_fault(Producer::Computing(1)),
	),
	(
		"a CP drops most of the leaves",
		|s| s.outputs[0].trees[0] = stump(),
		COMPUTING[0],
		FaultKind::Shape,
		Stage::Outputs,
		|s| s.product_fault(Producer::Computing(0)),
	),
	(
		"a CP replaces a leaf",
		|s| s.outputs[0].trees[1].levels[0][2][VALUE_BYTES - 1] ^= 1,
		COMPUTING[0],
		FaultKind::Output,
		Stage::Outputs,
		|s| s.output_fault(0),
	),
	(
		"CORD swaps two columns",
		|s| s.result.trees.swap(0, 1),
		COORDINATOR,
		FaultKind::Result,
		Stage::Result,
		|s| s.result_fault(),
	),
];

/// A proven fault of every kind, with its chain.
pub(super) fn for_each_fault(mut test: impl FnMut(JobId, FaultKind, Fault)) {
	for (name, cheat, _, kind, _, prove) in FAULTS {
		with_published(Stage::Result, *cheat, |job, sample| {
			test(job, *kind, prove(sample).unwrap_or_else(|| panic!("{name}: nothing is found")))
		})
	}
}

/// The events at the end of a job by a fault, when `delivered` had delivered.
fn convicted(
	job: JobId,
	offender: AccountId,
	fault: FaultKind,
	reporter: Option<AccountId>,
	delivered: &[AccountId],
) -> Vec<Event> {
	let injured_parties =
		expected_parties(Stage::Confirmation).into_iter().filter(|who| delivered.contains(who) && *who != offender);
	let compensated =
		injured_parties.map(|who| Event::Compensated { job_id: job, party: who, offender, amount: pay_of(who) });
	let role = role_of(offender);
	let end = Event::FaultProven { job_id: job, offender, role, fault, reporter, refunded: TOTAL };
	compensated.chain([Event::Slashed { job_id: job, offender, amount: contract(job).bond }, end]).collect()
}

/// The settlement table: each fault, proven in each stage from the first possible one on.
#[test]
fn report_fault_ends_job_in_every_stage() {
	for (name, cheat, offender, kind, first, prove) in FAULTS {
		for stage in Stage::ALL.into_iter().filter(|stage| stage >= first) {
			with_published(stage, *cheat, |job, sample| {
				let free = |who: AccountId| Balances::free_balance(who) + charges(who);
				let bond = contract(job).bond;
				let users = free(USER);
				let pot = free(POT);
				let delivered: Vec<_> =
					Stage::ALL.into_iter().skip(1).filter(|done| *done <= stage).flat_map(expected_parties).collect();
				let proof = prove(sample).unwrap_or_else(|| panic!("{name}: nothing is found"));
				assert_eq!(report(STRANGER, job, proof), Ok(Pays::No), "{name} in {stage:?}");
				assert_eq!(
					events(),
					convicted(job, *offender, *kind, Some(STRANGER), &delivered),
					"{name} in {stage:?}"
				);
				let at = System::block_number();
				let faulty = Status::Faulty { offender: *offender, fault: *kind, reporter: Some(STRANGER), at };
				assert_eq!((status(job), free(USER), escrow(USER)), (faulty, users + TOTAL, 0), "{name}");
				let paid: Balance = expected_parties(Stage::Confirmation)
					.into_iter()
					.filter(|who| delivered.contains(who) && who != offender)
					.map(pay_of)
					.sum();
				assert_eq!((free(POT), bonded(*offender)), (pot + bond - paid, BOND - bond), "{name}");
				let queries = u32::from(stage >= Stage::Inputs);
				assert_eq!((ActiveJobs::<Test>::iter().count(), QueryCounts::<Test>::get(0, USER)), (0, queries));
				assert!(expected_parties(Stage::Confirmation).into_iter().all(|who| charges(who) == 0), "{name}");
			})
		}
	}
}

#[test]
fn report_fault_fails_when_parties_are_honest() {
	with_published(
		Stage::Result,
		|_| (),
		|job, sample| {
			for (name, cheat, _, kind, _, prove) in
				FAULTS.iter().filter(|(_, _, _, kind, ..)| *kind != FaultKind::SelectionProof)
			{
				assert!(prove(sample).is_none_or(|_| *kind == FaultKind::Column), "{name}");
				let mut cheated = sample.clone();
				cheat(&mut cheated);
				// The publication of another cheat proves nothing about this commitment.
				let refused = report(STRANGER, job, prove(&cheated).unwrap()).unwrap_err();
				assert_eq!(refused.error, Error::NotCommitted.into(), "{name}");
			}
			let (_, _, _, _, _, prove) = FAULTS[4];
			assert_noop!(report(STRANGER, job, prove(sample).unwrap()), Error::FaultNotProven);
			assert_eq!(events(), []);
		},
	)
}

#[test]
fn report_fault_charges_fee_only_when_it_fails() {
	with_published(
		Stage::Outputs,
		|_| (),
		|job, _| {
			let refused = report(STRANGER, job, stump_fault(Producer::Computing(0), 0)).unwrap_err();
			assert_eq!((refused.error, refused.post_info.pays_fee), (Error::NotCommitted.into(), Pays::Yes));
		},
	)
}

#[test]
fn report_fault_fails_when_job_or_commitment_is_missing() {
	let fault = || stump_fault(Producer::Computing(1), 1);
	with_job(|job| {
		assert_noop!(report(STRANGER, job + 1, fault()), Error::UnknownJob);
		reach(job, Stage::Outputs);
		assert_ok!(deliver(job, Stage::Outputs, COMPUTING[0]));
		assert_noop!(report(STRANGER, job, fault()), Error::NotDelivered);
		assert_noop!(report(STRANGER, job, stump_fault(Producer::Coordinator, 0)), Error::NotDelivered);
		assert_noop!(report(STRANGER, job, stump_fault(Producer::Computing(2), 0)), Error::OutOfRange);
		assert_ok!(deliver(job, Stage::Outputs, COMPUTING[1]));
		assert_noop!(report(COMPUTING[1], job, fault()), Error::SelfReport);
		complete(job, Stage::Result);
		// The last block of the challenge window still counts, and after it the first call wins.
		System::set_block_number(1 + CHALLENGE_PERIOD);
		assert_ok!(report(COMPUTING[0], job, fault()));
		assert_noop!(report(STRANGER, job, fault()), Error::WrongStage);
	});
	with_job(|job| {
		reach_challenge(job);
		assert_ok!(Bmpc::accept(signed(USER), job));
		assert_noop!(report(STRANGER, job, fault()), Error::WrongStage);
	});
	with_job(|job| {
		reach(job, Stage::Result);
		System::set_block_number(2 + STAGE);
		assert_ok!(Bmpc::expire(signed(USER), job));
		assert_noop!(report(STRANGER, job, fault()), Error::WrongStage);
	})
}

#[test]
fn report_deposit_of_each_account_covers_one_report_while_its_job_is_under_way() {
	with_published(
		Stage::Outputs,
		|_| (),
		|job, _| {
			let fault = stump_fault(Producer::Computing(0), 0);
			let can_report = |who, fault: &Fault| Bmpc::can_report_on_deposit(&who, job, fault);
			let message = |length| Fault::SelectionProof {
				computing: 0,
				message: BoundedVec::truncate_from(vec![0; length]),
				top_path: Default::default(),
			};
			let longest = unit::message_bytes(3, 256) as usize;
			for (case, who, fault, expected) in [
				("the user", USER, &fault, true),
				("a party", DATA[0], &fault, true),
				("a stranger", STRANGER, &fault, false),
				("the longest message", DATA[0], &message(longest), true),
				("a longer message", DATA[0], &message(longest + 1), false),
			] {
				assert_eq!(can_report(who, fault), expected, "{case}");
			}
			for who in [USER, DATA[0], COMPUTING[1], COORDINATOR] {
				let (free, held) = (Balances::free_balance(who), charges(who));
				assert_ok!(Bmpc::take_report_deposit(&who, job));
				assert_eq!((Balances::free_balance(who), charges(who)), (free, held - report_deposit()), "{who}");
				assert!(!can_report(who, &fault), "{who} has paid by it once");
			}
			assert!(can_report(DATA[1], &fault), "each has its own");
			complete(job, Stage::Result);
			assert!(can_report(DATA[1], &fault), "in the challenge window");
			assert_ok!(Bmpc::accept(signed(USER), job));
			assert!(!can_report(DATA[1], &fault), "the job has ended");
			assert_ok!(Bmpc::do_try_state());
		},
	)
}

#[test]
fn report_deposit_is_made_good_when_the_report_holds() {
	with_job(|job| {
		reach(job, Stage::Result);
		let funds = || Balances::free_balance(DATA[0]) + charges(DATA[0]);
		let before = funds();
		assert_ok!(Bmpc::take_report_deposit(&DATA[0], job));
		assert_eq!(funds(), before - report_deposit());
		assert_ok!(report(DATA[0], job, stump_fault(Producer::Computing(0), 0)));
		assert_eq!(funds(), before + DATA_PAY);
	})
}

#[test]
fn report_fault_slashes_no_more_than_is_engaged() {
	with_job(|job| {
		reach(job, Stage::Outputs);
		System::set_block_number(5);
		assert_ok!(deliver(job, Stage::Outputs, COMPUTING[0]));
		// What is not engaged can be withdrawn at any time, and is not reached.
		System::set_block_number(6);
		let bond = contract(job).bond;
		assert_ok!(Bonds::unbond(COMPUTING[0], BOND - bond));
		assert!(Bonds::unbond(COMPUTING[0], 1).is_err());
		System::set_block_number(7);
		assert_ok!(report(USER, job, stump_fault(Producer::Computing(0), 0)));
		assert_eq!(bonded(COMPUTING[0]), BOND - bond);
		assert_ok!(Bonds::withdraw(COMPUTING[0]));
		assert_eq!(bonded(COMPUTING[0]), 0);
	})
}

#[test]
fn clear_job_works_when_job_is_faulty() {
	with_job(|job| {
		reach(job, Stage::Result);
		assert_ok!(report(USER, job, stump_fault(Producer::Computing(0), 0)));
		assert_noop!(Bmpc::clear_job(signed(STRANGER), job), Error::Retained);
		assert_ok!(Bmpc::clear_job(signed(USER), job));
		assert_eq!(Bmpc::job(job), None);
	})
}

#[test]
fn fault_errors_map_to_distinct_pallet_errors() {
	use FaultError::*;
	let all = [
		OutOfRange,
		NotDelivered,
		Length,
		WrongLevel,
		PathLength,
		EqualChildren,
		WrongChildren,
		NotCommitted,
		WrongSelection,
		WrongFeature,
		WrongBlinding,
		WrongOpening,
		MalformedEntry,
		MalformedSelector,
		FaultNotProven,
	];
	let names: std::collections::BTreeSet<_> = all.map(|error| Error::from(error).as_str()).into();
	assert_eq!(names.len(), all.len());
}

#[test]
fn report_fault_weight_depends_on_kind_and_number_of_parties() {
	let weight = |fault| Bmpc::fault_weight(&fault, 7).ref_time();
	let convict = <Test as Config>::WeightInfo::convict(7).ref_time();
	let shape = weight(stump_fault(Producer::Coordinator, 0));
	let proof = |kilobytes: usize| Fault::SelectionProof {
		computing: 0,
		message: BoundedVec::truncate_from(vec![0; kilobytes * 1_024]),
		top_path: Default::default(),
	};
	assert!(convict < shape && shape < weight(proof(1)) && weight(proof(1)) < weight(proof(1_000)));
}

#[test]
fn report_fault_and_expire_challenge_weigh_as_many_parties_as_the_job_has() {
	let convict = |parties| <Test as Config>::WeightInfo::convict(parties);
	with_job(|job| {
		reach(job, Stage::Result);
		let fault = stump_fault(Producer::Computing(0), 0);
		let expected = Bmpc::fault_weight(&fault, 6);
		let info = Bmpc::report_fault(signed(STRANGER), job, Box::new(fault.clone())).unwrap();
		assert_eq!(info.actual_weight, Some(expected));
		assert!(expected.all_lt(Bmpc::fault_weight(&fault, <MaxParties as Get<u32>>::get())));
	});
	with_job(|job| {
		reach(job, Stage::Result);
		let units = [contract(job).unit_index(&Unit::Outputs { computing: 0, part: 0 }).unwrap()];
		assert_ok!(Bmpc::challenge(signed(COORDINATOR), job, units.into_iter().collect()));
		System::set_block_number(Bmpc::open_units(job)[0].deadline + 1);
		let info = Bmpc::expire_challenge(signed(STRANGER), job).unwrap();
		assert_eq!(info.actual_weight, Some(convict(6)));
	})
}
