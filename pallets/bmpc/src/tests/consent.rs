//! Nobody is bound before the last confirmation: terms, lapses, cancelled requests, suspended roles, charges and fees.

use super::*;
use frame_support::traits::{fungible::Mutate, tokens::Preservation::Expendable};
use sp_runtime::DispatchError;

/// The last to confirm.
const LAST: AccountId = COORDINATOR;

fn set_terms(who: AccountId, change: impl FnOnce(&mut TermsOf<Test>)) {
	let mut terms = terms();
	change(&mut terms);
	let (endpoint, offer) = match who {
		COORDINATOR => (endpoint(20), coordinator_offer()),
		_ if DATA.contains(&who) => (endpoint((who - DATA[0]) as u8), Offer::DataProvider),
		_ => (endpoint(10), computing_offer()),
	};
	assert_ok!(Bmpc::update_role(signed(who), endpoint, offer, terms));
}

fn accounts<S: Get<u32>>(all: &[AccountId]) -> Option<BoundedVec<AccountId, S>> {
	Some(BoundedVec::truncate_from(all.to_vec()))
}

/// All but the last confirm.
fn confirm_but_last(job: JobId) {
	let parties = expected_parties(Stage::Confirmation).into_iter().filter(|who| *who != LAST);
	parties.for_each(|who| ok(deliver(job, Stage::Confirmation, who)));
}

/// All that a job may lock or spend of each account: what is free, escrow, charges, bond and engaged bond.
fn balances() -> Vec<(AccountId, [Balance; 5])> {
	let of = |who| {
		[Balances::free_balance(who), escrow(who), charges(who), bonded(who), bonded(who) - Bonds::available(&who)]
	};
	funded().map(|who| (who, of(who))).collect()
}

fn publication() -> u64 {
	Bmpc::draft(USER, request()).unwrap().publication()
}

/// What a party's terms do not allow: the party, what sets the terms (just within or just outside of them), and the error.
type Case = (&'static str, AccountId, Box<dyn Fn(bool)>, Error);

fn cases() -> Vec<Case> {
	let bond = Bmpc::quote(USER, request()).unwrap().bond;
	let bytes = publication();
	let mut cases: Vec<Case> = Vec::new();
	for who in expected_parties(Stage::Confirmation) {
		let others: Vec<_> = expected_parties(Stage::Confirmation).into_iter().filter(|other| *other != who).collect();
		let missing = others[1..].to_vec();
		let set = move |change: fn(&mut TermsOf<Test>, bool)| -> Box<dyn Fn(bool)> {
			Box::new(move |within: bool| set_terms(who, |terms| change(terms, within)))
		};
		let most_bond =
			Box::new(move |within: bool| set_terms(who, |terms| terms.max_bond = bond - Balance::from(!within)));
		cases.push(("a bond too high", who, most_bond, Error::BondAboveTerms));
		let most =
			Box::new(move |within: bool| set_terms(who, |terms| terms.max_publication = bytes - u64::from(!within)));
		cases.push(("a publication too long", who, most, Error::PublicationAboveTerms));
		let buyers = set(|terms, within| terms.buyers = accounts(&[STRANGER, if within { USER } else { OTHER_USER }]));
		cases.push(("another buyer", who, buyers, Error::BuyerNotAllowed));
		let nobody = set(|terms, within| terms.buyers = if within { None } else { accounts(&[]) });
		cases.push(("no buyer", who, nobody, Error::BuyerNotAllowed));
		let co_providers = Box::new(move |within: bool| {
			set_terms(who, |terms| terms.co_providers = accounts(if within { &others } else { &missing }))
		});
		cases.push(("another provider", who, co_providers, Error::CoProviderNotAllowed));
		// A block for the work and one for the bytes.
		let base = set(|terms, within| terms.base = STAGE - ANSWER_PERIOD - 2 + u64::from(!within));
		cases.push(("too little time", who, base, Error::StageTooShort));
		// The least work is six ciphertexts.
		let work = set(|terms, within| terms.work_per_block = if within { 6_000 } else { 1 });
		cases.push(("too little time for the work", who, work, Error::StageTooShort));
		let bytes = set(|terms, within| terms.bytes_per_block = if within { 1_000_000 } else { 1_000 });
		cases.push(("too little time for the bytes", who, bytes, Error::StageTooShort));
	}
	cases
}

#[test]
fn request_fails_when_outside_of_terms() {
	with_providers(|| {
		for (case, who, set, error) in cases() {
			set(true);
			assert!(Bmpc::quote(USER, request()).is_ok(), "{case}: {who}");
			set(false);
			assert_eq!(Bmpc::quote(USER, request()).unwrap_err().error, error.as_str(), "{case}: {who}");
			assert_noop!(Bmpc::request(signed(USER), request()), error);
			set_terms(who, |_| ());
		}
	})
}

/// What can be missing at the last confirmation: what makes it so, and the reason that the job lapses for.
type Obstacle = (&'static str, Box<dyn Fn()>, DispatchError);

fn obstacles() -> Vec<Obstacle> {
	let mut obstacles: Vec<Obstacle> = vec![
		("a key is revoked", Box::new(|| Revoked::set(vec![DATA[1]])), Error::InactiveIdentity.into()),
		("the last one's key is revoked", Box::new(|| Revoked::set(vec![LAST])), Error::InactiveIdentity.into()),
		(
			"a bond is withdrawn",
			Box::new(|| {
				assert_ok!(Bonds::unbond(COMPUTING[0], BOND));
				assert_ok!(Bonds::withdraw(COMPUTING[0]));
			}),
			DispatchError::Unavailable,
		),
		(
			"charges are not affordable",
			Box::new(|| {
				let free = Balances::free_balance(COMPUTING[1]) - EXISTENTIAL_DEPOSIT;
				assert_ok!(<Balances as Mutate<_>>::transfer(&COMPUTING[1], &STRANGER, free, Expendable));
			}),
			sp_runtime::TokenError::FundsUnavailable.into(),
		),
		(
			"rows changed",
			Box::new(|| ok(Bmpc::refresh_dataset(signed(DATA[2]), 2, ROWS, H256::repeat_byte(0xf2)))),
			Error::DatasetChanged.into(),
		),
		(
			"rows were added",
			Box::new(|| ok(Bmpc::refresh_dataset(signed(DATA[2]), 2, ROWS + 1, FINGERPRINT))),
			Error::DatasetChanged.into(),
		),
		(
			"a dataset is withdrawn",
			Box::new(|| ok(Bmpc::withdraw_dataset(signed(DATA[0]), 0))),
			Error::DatasetWithdrawn.into(),
		),
		(
			"a policy changed",
			Box::new(|| {
				let policy = Policy { min_rows: ROWS + 1, ..policy() };
				assert_ok!(Bmpc::update_dataset(signed(DATA[0]), 0, CELL_PRICE, policy));
			}),
			Error::TooFewRows.into(),
		),
		(
			"a role is given up",
			Box::new(|| ok(Bmpc::unregister_role(signed(COMPUTING[0]), Role::ComputingProvider))),
			Error::NotRegistered.into(),
		),
	];
	for (case, _, set, error) in cases() {
		obstacles.push((case, Box::new(move || set(false)), error.into()));
	}
	obstacles
}

#[test]
fn job_lapses_when_something_is_missing_at_last_confirmation() {
	let count = ExtBuilder.build().execute_with(|| {
		register_all();
		obstacles().len()
	});
	for number in 0..count {
		with_providers(|| {
			let (case, obstruct, reason) = obstacles().remove(number);
			let job = make_job();
			confirm_but_last(job);
			obstruct();
			System::reset_events();
			let mut expected = balances();
			let user = expected.iter_mut().find(|(who, _)| *who == USER).map(|(_, user)| user).unwrap();
			*user = [user[0] + TOTAL + user[2], 0, 0, user[3], user[4]];
			assert_ok!(deliver(job, Stage::Confirmation, LAST));
			assert_eq!(balances(), expected, "{case}");
			assert_eq!(status(job), Status::Lapsed { at: 1 }, "{case}");
			let lapsed = Event::Lapsed { job_id: job, silent_parties: vec![], reason: Some(reason) };
			assert_eq!(events(), [Event::Confirmed { job_id: job, party: LAST }, lapsed], "{case}");
			let lists = (ActiveJobs::<Test>::iter().count(), PendingJobs::<Test>::iter().count());
			assert_eq!((lists, OpenJobs::<Test>::iter().count(), ConfirmedPublication::<Test>::get()), ((0, 0), 0, 0));
			assert_eq!(QueryCounts::<Test>::iter().count(), 0);
			for (role, who, registration) in Roles::<Test>::iter() {
				assert_eq!((registration.suspended, registration.jobs), (false, 0), "{case}: {role:?} {who}");
				assert_eq!(registration.record, Record::default());
			}
			assert_ok!(Bmpc::clear_job(signed(USER), job));
		})
	}
}

#[test]
fn last_confirmation_engages_bonds_holds_charges_and_takes_slots() {
	with_job(|job| {
		let before = balances();
		confirm_but_last(job);
		assert_eq!(balances(), before, "nothing is locked before");
		assert_ok!(deliver(job, Stage::Confirmation, LAST));
		let contract = contract(job);
		for (_, party) in contract.parties() {
			let (who, charges) = (party.who, party.charges);
			let (_, before) = before.iter().find(|(other, _)| *other == who).unwrap();
			let (_, now) = balances().into_iter().find(|(other, _)| *other == who).unwrap();
			assert_eq!(now, [before[0] - charges, 0, charges, before[3], contract.bond], "{who}");
			let publications = charges - report_deposit();
			assert!(publications > 0 && 2 * publications <= party.pay, "{who}");
			assert_eq!((ActiveJobs::<Test>::get(who).to_vec(), PendingJobs::<Test>::get(who).len()), (vec![job], 0));
		}
		assert_eq!(ConfirmedPublication::<Test>::get(), contract.publication());
		assert_eq!(ConfirmedTime::<Test>::get(), duties().ref_time());
	})
}

#[test]
fn request_lapses_when_it_is_not_answered_and_suspends_silent_roles() {
	let everyone = expected_parties(Stage::Confirmation);
	for silent in [&everyone[..1], &everyone[3..4], &everyone[5..], &everyone[..]] {
		with_job(|job| {
			let before = balances();
			let others = everyone.iter().filter(|who| !silent.contains(who));
			others.for_each(|who| ok(deliver(job, Stage::Confirmation, *who)));
			System::set_block_number(1 + STAGE);
			assert_noop!(Bmpc::expire(signed(STRANGER), job), Error::NotOverdue);
			System::set_block_number(2 + STAGE);
			System::reset_events();
			assert_ok!(Bmpc::expire(signed(STRANGER), job));
			let silent_parties = silent.to_vec();
			assert_eq!(events(), [Event::Lapsed { job_id: job, silent_parties, reason: None }]);
			assert_eq!(status(job), Status::Lapsed { at: 2 + STAGE });
			for ((who, before), (_, now)) in before.into_iter().zip(balances()) {
				let refund = if who == USER { TOTAL + before[2] } else { 0 };
				assert_eq!(now, [before[0] + refund, 0, 0, before[3], before[4]], "{who}");
			}
			for (_, who, registration) in Roles::<Test>::iter() {
				let missed = u32::from(silent.contains(&who));
				assert_eq!((registration.suspended, registration.record.missed), (missed == 1, missed), "{who}");
			}
			assert_noop!(Bmpc::request(signed(USER), request()), Error::RoleSuspended);
			silent.iter().for_each(|who| resume(*who));
			assert_ok!(Bmpc::request(signed(USER), request()));
		})
	}
}

fn role_of(who: AccountId) -> Role {
	match who {
		COORDINATOR => Role::Coordinator,
		_ if DATA.contains(&who) => Role::DataProvider,
		_ => Role::ComputingProvider,
	}
}

/// The role resumes by its duty.
fn resume(who: AccountId) {
	let role = role_of(who);
	let duty = Duty { job: role as JobId, kind: DutyKind::Resume, deadline: None };
	assert_eq!(Bmpc::duties(who), [duty]);
	assert_eq!(Bmpc::is_owed(&who, &Call::<Test>::resume_role { role }), Some(true));
	System::reset_events();
	assert_ok!(Bmpc::resume_role(signed(who), role));
	assert_eq!(events(), [Event::RoleResumed { who, role }]);
	assert_eq!((Bmpc::duties(who), Bmpc::is_owed(&who, &Call::<Test>::resume_role { role })), (vec![], Some(false)));
	assert_noop!(Bmpc::resume_role(signed(who), role), Error::NotSuspended);
	assert_noop!(Bmpc::resume_role(signed(USER), role), Error::NotRegistered);
}

/// A suspended role takes no new requests; those made before go on.
#[test]
fn suspended_role_confirms_what_was_requested_before() {
	with_job(|first| {
		System::set_block_number(5);
		let second = make_job();
		System::set_block_number(2 + STAGE);
		assert_ok!(Bmpc::expire(signed(STRANGER), first));
		complete(second, Stage::Confirmation);
		assert!(status(second).is_active());
	})
}

#[test]
fn cancel_refunds_user_until_last_confirmation() {
	with_job(|job| {
		let before = balances();
		confirm_but_last(job);
		for who in [STRANGER, DATA[0]] {
			assert_noop!(Bmpc::cancel(signed(who), job), Error::NotAuthorized);
		}
		System::reset_events();
		assert_ok!(Bmpc::cancel(signed(USER), job));
		assert_eq!(events(), [Event::Cancelled { job_id: job, refunded: TOTAL }]);
		assert_eq!(status(job), Status::Cancelled { at: 1 });
		for ((who, before), (_, now)) in before.into_iter().zip(balances()) {
			let refund = if who == USER { TOTAL + before[2] } else { 0 };
			assert_eq!(now, [before[0] + refund, 0, 0, before[3], before[4]], "{who}");
		}
		assert_noop!(Bmpc::cancel(signed(USER), job), Error::WrongStage);
		assert_noop!(deliver(job, Stage::Confirmation, LAST), Error::WrongStage);
		assert_ok!(Bmpc::clear_job(signed(USER), job));
	});
	for stage in Stage::ALL.into_iter().skip(1) {
		with_job(|job| {
			reach(job, stage);
			assert_noop!(Bmpc::cancel(signed(USER), job), Error::WrongStage);
		})
	}
}

#[test]
fn fees_are_prepaid_and_not_returned() {
	for (case, end) in [
		("cancel", (|job| ok(Bmpc::cancel(signed(USER), job))) as fn(JobId)),
		("decline", |job| ok(Bmpc::decline(signed(DATA[0]), job, DeclineReason::Other))),
		("lapse", |job| {
			System::set_block_number(System::block_number() + STAGE + 1);
			assert_ok!(Bmpc::expire(signed(STRANGER), job));
		}),
	] {
		with_providers(|| {
			let before = [USER, FEES].map(Balances::free_balance);
			let job = make_job();
			end(job);
			assert_ok!(Bmpc::clear_job(signed(USER), job));
			let after = [USER, FEES].map(Balances::free_balance);
			assert_eq!(after, [before[0] - prepaid(), before[1] + prepaid()], "{case}");
		})
	}
}

#[test]
fn request_prepays_room_for_what_its_job_may_call() {
	with_providers(|| {
		let contract = Bmpc::draft(USER, request()).unwrap();
		let milliseconds = duties().ref_time().div_ceil(1_000_000_000);
		TimeRoomPrice::set(3);
		let expected = prepaid() + 3 * Balance::from(milliseconds) * Balance::from(Bmpc::span(&contract));
		assert_eq!(Bmpc::quote(USER, request()).unwrap().prepaid_fees, expected);
	})
}

#[test]
fn charges_for_publications_are_at_most_half_of_pay() {
	with_providers(|| {
		let contract = Bmpc::draft(USER, request()).unwrap();
		let charges = contract.coordinator.charges - report_deposit();
		let cheapest = 2 * charges;
		for (price, accepted) in [(cheapest, true), (cheapest - 1, false)] {
			let offer = Offer::Coordinator { price };
			assert_ok!(Bmpc::update_role(signed(COORDINATOR), endpoint(20), offer, terms()));
			match accepted {
				true => assert!(Bmpc::quote(USER, request()).is_ok()),
				false => {
					assert_noop!(Bmpc::request(signed(USER), request()), Error::PayBelowCharges);
				},
			}
		}
		assert_ok!(Bmpc::update_role(signed(COORDINATOR), endpoint(20), coordinator_offer(), terms()));
		ChargePerByte::set(1_000_000);
		assert_noop!(Bmpc::request(signed(USER), request()), Error::PayBelowCharges);
	})
}

#[test]
fn last_confirmation_waits_for_room_for_what_its_job_may_publish_and_call() {
	let limits: [fn(); 2] =
		[|| MaxConfirmedPublication::set(publication()), || MaxConfirmedTime::set(duties().ref_time())];
	for limit in limits {
		with_providers(|| {
			limit();
			let (first, second) = (make_job(), make_job());
			complete(first, Stage::Confirmation);
			confirm_but_last(second);
			let owed = |job| {
				let call = Call::<Test>::confirm { job_id: job, contract_hash: hash(job), mask_key: mask_key(LAST) };
				Bmpc::is_owed(&LAST, &call).unwrap()
			};
			assert!(!owed(second), "it would fail");
			assert_noop!(deliver(second, Stage::Confirmation, LAST), Error::ReservedSpaceFull);
			Stage::ALL.into_iter().skip(1).for_each(|stage| complete(first, stage));
			assert_ok!(Bmpc::accept(signed(USER), first));
			assert!(owed(second));
			assert_ok!(deliver(second, Stage::Confirmation, LAST));
			assert!(status(second).is_active());
		});
	}
	with_providers(|| {
		MaxConfirmedPublication::set(publication());
		let (first, second) = (make_job(), make_job());
		complete(first, Stage::Confirmation);
		confirm_but_last(second);
		System::set_block_number(2 + STAGE);
		assert_ok!(Bmpc::expire(signed(STRANGER), second));
		assert!(matches!(status(second), Status::Lapsed { .. }));
		let parties = contract(second).parties().map(|(role, party)| (role, party.who)).collect::<Vec<_>>();
		let suspended = parties.iter().any(|(role, who)| Roles::<Test>::get(role, who).unwrap().suspended);
		assert!(!suspended, "the last one could not confirm");
	});
}

/// A job that ends with challenged units leaves them in the queue: whoever makes one such job after the other must not make
/// it longer than the limit.
#[test]
fn units_of_ended_jobs_take_room_until_their_turn_has_passed() {
	with_providers(|| {
		let bytes = publication();
		MaxConfirmedPublication::set(bytes);
		let first = make_job();
		reach_challenge(first);
		let units = contract(first).user_units().take(1).collect();
		assert_ok!(Bmpc::challenge(signed(USER), first, units));
		assert_ok!(Bmpc::accept(signed(USER), first));
		let second = make_job();
		confirm_but_last(second);
		assert_noop!(deliver(second, Stage::Confirmation, LAST), Error::ReservedSpaceFull);
		let end = QueueEnd::<Test>::get().div_ceil(u64::from(PUBLICATION_RATE));
		assert!(end <= 1 + STAGE, "the request is still open");
		System::set_block_number(end - 1);
		assert_noop!(deliver(second, Stage::Confirmation, LAST), Error::ReservedSpaceFull);
		System::set_block_number(end);
		assert_ok!(deliver(second, Stage::Confirmation, LAST));
		assert!(status(second).is_active());
	})
}

/// A party that is cut off as long as it may be, in any stage, has lost nothing when it is back; and nobody is late while
/// finality stalls.
#[test]
fn outage_and_stall_cost_nobody_anything() {
	for stage in Stage::ALL {
		with_job(|job| {
			reach(job, stage);
			let before = balances();
			// The clock stands still for much longer than a stage.
			FinalityLag::set(50 * STAGE);
			System::set_block_number(1 + 50 * STAGE);
			assert_noop!(Bmpc::expire(signed(STRANGER), job), Error::NotOverdue);
			assert_eq!(Bmpc::due_call(job), None);
			// It jumps over the outage, and another margin passes.
			System::set_block_number(1 + 50 * STAGE + OUTAGE + INCLUSION_MARGIN);
			assert_noop!(Bmpc::expire(signed(STRANGER), job), Error::NotOverdue);
			expected_parties(stage).into_iter().for_each(|who| ok(deliver(job, stage, who)));
			if stage != Stage::Confirmation {
				assert_eq!(balances(), before, "{stage:?}");
			}
			assert!(status(job).is_active(), "{stage:?}");
		})
	}
}

/// Data providers have clocks of their own: the challenge of one does not lengthen another's.
#[test]
fn challenge_lengthens_only_the_clocks_of_those_who_wait() {
	with_job(|job| {
		reach(job, Stage::Inputs);
		let deadlines = || match status(job) {
			Status::Open { awaited, .. } => awaited.iter().map(|awaited| (awaited.who, awaited.deadline)).collect(),
			_ => vec![],
		};
		let leaves: Vec<_> = (0..2).map(|index| merkle::leaf(index, selection_root().as_bytes())).collect();
		Commitments::<Test>::mutate(job, (Stage::Selection, COORDINATOR), |entry| {
			entry.as_mut().unwrap().0.root = merkle::root(&leaves)
		});
		let challenge = |who| Bmpc::challenge(signed(who), job, [0].into_iter().collect());
		System::set_block_number(4);
		assert_ok!(challenge(DATA[0]));
		let open = Bmpc::open_units(job).remove(0);
		// Another joins, at no cost and without another place in the queue.
		System::set_block_number(5);
		assert_ok!(challenge(DATA[1]));
		let joined = Bmpc::open_units(job);
		assert_eq!(joined.len(), 1);
		assert_eq!((joined[0].challenger, joined[0].waiting), (1, 0b110));
		assert_eq!((joined[0].from, joined[0].deadline), (open.from, open.deadline));
		let before = DATA.map(charges);
		System::set_block_number(7);
		let bytes =
			BoundedVec::truncate_from(vec![0; contract(job).unit_bytes(&Unit::Selection { computing: 0 }) as usize]);
		let cost = bytes.len() as Balance * ChargePerByte::get();
		let path = BoundedVec::truncate_from(merkle::path(&leaves, 0).unwrap());
		assert_ok!(Bmpc::publish(frame_system::RawOrigin::Authorized.into(), job, 0, 0, bytes, path));
		assert_eq!(DATA.map(charges), [before[0] - cost, before[1], before[2]]);
		assert_eq!(deadlines(), [(DATA[0], 7 + STAGE), (DATA[1], 7 + STAGE), (DATA[2], 1 + STAGE)]);
		// The one that did not wait is late, and the others are not.
		System::set_block_number(2 + STAGE);
		assert_noop!(deliver(job, Stage::Inputs, DATA[2]), Error::TooLate);
		assert_ok!(deliver(job, Stage::Inputs, DATA[0]));
		assert_ok!(Bmpc::expire(signed(STRANGER), job));
		let Status::Expired { late, .. } = status(job) else { panic!("not expired") };
		assert_eq!(late.to_vec(), [DATA[2]]);
		assert_eq!(bonded(DATA[1]), BOND);
	})
}

/// The root of a selection message of zeros.
fn selection_root() -> H256 {
	let (features, modulus) = (3, 256);
	let message = vec![0; unit::message_bytes(features, modulus) as usize];
	merkle::root(&wire::selection_leaves(&message, features, 2 * modulus))
}
