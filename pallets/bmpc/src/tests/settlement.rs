use super::*;
use frame_support::traits::{fungible::Mutate, tokens::Preservation::Expendable, LockableCurrency, WithdrawReasons};

/// The changes of what is free or on hold for charges, of each party, the fees' destination and the user when `end` ends `job`.
fn gains(end: impl FnOnce()) -> Vec<(AccountId, i128)> {
	let free = || funded().map(|who| (who, (Balances::free_balance(who) + charges(who)) as i128)).collect::<Vec<_>>();
	let before = free();
	end();
	let gain = |((who, before), (_, after)): ((AccountId, i128), (AccountId, i128))| (who, after - before);
	before.into_iter().zip(free()).map(gain).filter(|(_, gain)| *gain != 0).collect()
}

fn paid(job: JobId) -> Vec<Event> {
	let data = DATA.map(|who| (who, Role::DataProvider, DATA_PAY));
	let computing = COMPUTING.map(|who| (who, Role::ComputingProvider, COMPUTING_PAY));
	let all = data.into_iter().chain(computing).chain([(COORDINATOR, Role::Coordinator, COORDINATION_PRICE)]);
	let paid = all.map(|(who, role, amount)| Event::Paid { job_id: job, party: who, role, amount });
	paid.chain([Event::Settled { job_id: job, fee: FEE }]).collect()
}

fn every_pay() -> Vec<(AccountId, i128)> {
	let mut gains = vec![(COORDINATOR, COORDINATION_PRICE as i128), (FEES, FEE as i128)];
	gains.extend(DATA.map(|who| (who, DATA_PAY as i128)));
	gains.extend(COMPUTING.map(|who| (who, COMPUTING_PAY as i128)));
	gains
}

#[test]
fn settle_pays_all_parties_after_challenge_window() {
	with_job(|job| {
		reach_challenge(job);
		let until = 1 + CHALLENGE_PERIOD;
		System::set_block_number(until);
		System::reset_events();
		assert_noop!(Bmpc::settle(signed(STRANGER), job), Error::ChallengeOpen);
		System::set_block_number(until + 1);
		let gains = gains(|| ok(Bmpc::settle(signed(STRANGER), job)));
		assert_eq!(gains, every_pay());
		assert_eq!(events(), paid(job));
		assert_eq!((status(job), escrow(USER)), (Status::Settled { at: until + 1 }, 0));
		assert_eq!(ActiveJobs::<Test>::iter().count(), 0);
		assert_eq!(QueryCounts::<Test>::get(0, USER), 1);
		assert_noop!(Bmpc::settle(signed(STRANGER), job), Error::WrongStage);
		assert_noop!(Bmpc::accept(signed(USER), job), Error::WrongStage);
		assert_noop!(Bmpc::expire(signed(STRANGER), job), Error::WrongStage);
	})
}

#[test]
fn accept_pays_all_parties_within_challenge_window() {
	with_job(|job| {
		reach_challenge(job);
		System::reset_events();
		for who in [STRANGER, COORDINATOR, DATA[0]] {
			assert_noop!(Bmpc::accept(signed(who), job), Error::NotAuthorized);
		}
		assert_eq!(gains(|| ok(Bmpc::accept(signed(USER), job))), every_pay());
		assert_eq!(events(), paid(job));
		assert_eq!(status(job), Status::Settled { at: 1 });
	})
}

#[test]
fn settle_and_accept_fail_when_result_is_missing() {
	for stage in Stage::ALL {
		with_job(|job| {
			reach(job, stage);
			System::set_block_number(1_000);
			assert_noop!(Bmpc::accept(signed(USER), job), Error::WrongStage);
			assert_noop!(Bmpc::settle(signed(STRANGER), job), Error::WrongStage);
		})
	}
}

/// The stage, its silent parties, and the parties compensated out of the slash of each of them, in order. For
/// [`Stage::Confirmation`] see the tests of consent.
type Expiry<'a> = (Stage, &'a [AccountId], &'a [AccountId]);

const EXPIRIES: [Expiry; 7] = [
	(Stage::Selection, &[COORDINATOR], &[]),
	(Stage::Inputs, &[DATA[2]], &[DATA[0], DATA[1], COORDINATOR]),
	(Stage::Inputs, &DATA, &[COORDINATOR]),
	(Stage::Outputs, &[COMPUTING[0]], &[DATA[0], DATA[1], DATA[2], COMPUTING[1], COORDINATOR]),
	(Stage::Outputs, &[COMPUTING[1]], &[DATA[0], DATA[1], DATA[2], COMPUTING[0], COORDINATOR]),
	(Stage::Outputs, &COMPUTING, &[DATA[0], DATA[1], DATA[2], COORDINATOR]),
	// It had delivered the selection; but it is late, so it is not compensated.
	(Stage::Result, &[COORDINATOR], &[DATA[0], DATA[1], DATA[2], COMPUTING[0], COMPUTING[1]]),
];

fn pay(who: AccountId) -> Balance {
	match who {
		COORDINATOR => COORDINATION_PRICE,
		who if DATA.contains(&who) => DATA_PAY,
		_ => COMPUTING_PAY,
	}
}

#[test]
fn expire_refunds_user_slashes_late_parties_and_compensates_others() {
	for (stage, silent, injured_parties) in EXPIRIES {
		with_job(|job| {
			reach(job, stage);
			let punctual = expected_parties(stage).into_iter().filter(|who| !silent.contains(who));
			punctual.for_each(|who| ok(deliver(job, stage, who)));
			let (deadline, stake) = (1 + STAGE, contract(job).bond);
			System::set_block_number(deadline);
			System::reset_events();
			assert_noop!(Bmpc::expire(signed(STRANGER), job), Error::NotOverdue);
			System::set_block_number(deadline + 1);
			let gains = gains(|| ok(Bmpc::expire(signed(STRANGER), job)));

			let slashed = stake * silent.len() as Balance;
			let rest = slashed - injured_parties.iter().map(|who| pay(*who)).sum::<Balance>();
			let mut expected: Vec<_> = injured_parties.iter().map(|who| (*who, pay(*who) as i128)).collect();
			expected.extend([(USER, TOTAL as i128), (POT, rest as i128)]);
			assert_eq!(sorted(gains), sorted(expected), "{stage:?}, {silent:?}");
			for who in expected_parties(Stage::Confirmation) {
				let lost = if silent.contains(&who) { stake } else { 0 };
				assert_eq!((bonded(who), Bonds::available(&who)), (BOND - lost, BOND - lost), "{stage:?}: {who}");
			}
			// The bond of the first silent party suffices to compensate all injured parties.
			let compensated = |who: &AccountId| Event::Compensated {
				job_id: job,
				party: *who,
				offender: silent[0],
				amount: pay(*who),
			};
			let mut expected: Vec<_> = injured_parties.iter().map(compensated).collect();
			expected.extend(silent.iter().map(|who| Event::Slashed { job_id: job, offender: *who, amount: stake }));
			expected.push(Event::Expired {
				job_id: job,
				stage,
				late_parties: silent.to_vec(),
				refunded: TOTAL,
				slashed,
			});
			assert_eq!(events(), expected);

			let late = BoundedVec::truncate_from(silent.to_vec());
			assert_eq!(status(job), Status::Expired { stage, late, at: deadline + 1 });
			let answered = expected_parties(Stage::Inputs).iter().filter(|who| injured_parties.contains(who)).count();
			assert_eq!(
				(escrow(USER), QueryCounts::<Test>::iter().count(), ActiveJobs::<Test>::iter().count()),
				(0, answered, 0)
			);
			assert!(funded().all(|who| charges(who) == 0), "charges are left");
			assert_noop!(Bmpc::expire(signed(STRANGER), job), Error::WrongStage);
			assert_noop!(deliver(job, stage, silent[0]), Error::WrongStage);
		})
	}
}

fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
	all.sort();
	all
}

/// A job in which both computing providers are late in the stage `Outputs`.
fn without_outputs(job: JobId) {
	reach(job, Stage::Outputs);
	System::set_block_number(2 + STAGE);
	System::reset_events();
}

/// Slash a bond for another fault, so that only `left` remains.
fn lose_bond(who: AccountId, left: Balance) {
	Bonds::slash(&who, bonded(who) - left, &[], 0);
}

#[test]
fn expire_compensates_from_next_bond_when_first_is_used_up() {
	with_job(|job| {
		without_outputs(job);
		let [first, second] = COMPUTING;
		lose_bond(first, DATA_PAY + 600);
		let gains = gains(|| ok(Bmpc::expire(signed(STRANGER), job)));
		let compensated = |by, who, amount| Event::Compensated { job_id: job, party: who, offender: by, amount };
		let bond = contract(job).bond;
		let slashed = DATA_PAY + 600 + bond;
		assert_eq!(
			events(),
			[
				compensated(first, DATA[0], DATA_PAY),
				compensated(first, DATA[1], 600),
				Event::Slashed { job_id: job, offender: first, amount: DATA_PAY + 600 },
				compensated(second, DATA[1], DATA_PAY - 600),
				compensated(second, DATA[2], DATA_PAY),
				compensated(second, COORDINATOR, COORDINATION_PRICE),
				Event::Slashed { job_id: job, offender: second, amount: bond },
				Event::Expired {
					job_id: job,
					stage: Stage::Outputs,
					late_parties: COMPUTING.to_vec(),
					refunded: TOTAL,
					slashed
				},
			]
		);
		assert!(gains.contains(&(POT, (slashed - 3 * DATA_PAY - COORDINATION_PRICE) as i128)), "{gains:?}");
	})
}

#[test]
fn expire_works_when_bond_is_gone() {
	with_job(|job| {
		without_outputs(job);
		COMPUTING.into_iter().for_each(|who| lose_bond(who, 0));
		assert_eq!(gains(|| ok(Bmpc::expire(signed(STRANGER), job))), [(USER, TOTAL as i128)]);
		let nothing = |who| Event::Slashed { job_id: job, offender: who, amount: 0 };
		let expired = Event::Expired {
			job_id: job,
			stage: Stage::Outputs,
			late_parties: COMPUTING.to_vec(),
			refunded: TOTAL,
			slashed: 0,
		};
		assert_eq!(events(), [nothing(COMPUTING[0]), nothing(COMPUTING[1]), expired]);
	})
}

#[test]
fn expire_slashes_no_more_than_is_engaged() {
	with_job(|job| {
		reach(job, Stage::Outputs);
		assert_ok!(deliver(job, Stage::Outputs, COMPUTING[1]));
		let bond = contract(job).bond;
		// The rest begins to unbond before and after the deadline; it can never be reached.
		System::set_block_number(1 + STAGE);
		assert_ok!(Bonds::unbond(COMPUTING[0], 1_000));
		System::set_block_number(2 + STAGE);
		assert_ok!(Bonds::unbond(COMPUTING[0], BOND - bond - 1_000));
		System::reset_events();
		assert_ok!(Bmpc::expire(signed(STRANGER), job));
		assert!(events().contains(&Event::Slashed { job_id: job, offender: COMPUTING[0], amount: bond }));
		assert_ok!(Bonds::withdraw(COMPUTING[0]));
		assert_eq!(Balances::free_balance(COMPUTING[0]) + deposits(COMPUTING[0]), FUNDS - bond);
	})
}

#[test]
fn expire_compensates_others_when_an_account_cannot_receive() {
	ExtBuilder.build_and_execute(|| {
		let job = job_with_a_pauper(EXISTENTIAL_DEPOSIT - 4, Stage::Outputs);
		assert_ok!(deliver(job, Stage::Outputs, NOBODY));
		vanish(NOBODY);
		System::set_block_number(2 + STAGE);
		System::reset_events();
		let bond = contract(job).bond;
		let gains = gains(|| ok(Bmpc::expire(signed(STRANGER), job)));
		let paid = 3 * DATA_PAY + COORDINATION_PRICE;
		assert!(gains.contains(&(POT, (bond - paid) as i128)), "{gains:?}");
		assert!(gains.contains(&(COORDINATOR, COORDINATION_PRICE as i128)), "{gains:?}");
		assert!(!events().iter().any(|event| matches!(event, Event::Compensated { party: NOBODY, .. })));
	})
}

#[test]
fn settle_charges_fee_as_of_request() {
	with_job(|job| {
		FlatFee::set(50_000);
		reach_challenge(job);
		assert_eq!(gains(|| ok(Bmpc::accept(signed(USER), job))), every_pay());
	})
}

#[test]
fn expire_fails_when_result_is_delivered() {
	with_job(|job| {
		reach_challenge(job);
		System::set_block_number(1_000);
		assert_noop!(Bmpc::expire(signed(STRANGER), job), Error::WrongStage);
		assert_ok!(Bmpc::settle(signed(STRANGER), job));
	})
}

/// A job in `stage`, in which one computing provider has only its bond and earns `pay`.
fn job_with_a_pauper(pay: Balance, stage: Stage) -> JobId {
	register_all();
	BaseDeposit::set(0);
	ByteDeposit::set(0);
	ChargePerByte::set(0);
	FeePerMillisecond::set(0);
	let offer = Offer::ComputingProvider { price: pay / 6, paillier: modulus(256), key_proof: KEY_PROOF };
	assert_ok!(Bmpc::register_role(signed(NOBODY), endpoint(1), offer, terms()));
	assert_ok!(<Balances as Mutate<_>>::transfer(&STRANGER, &NOBODY, BOND + EXISTENTIAL_DEPOSIT, Expendable));
	assert_ok!(Bonds::bond(NOBODY, BOND));
	let computing_providers = BoundedVec::truncate_from(vec![COMPUTING[0], NOBODY]);
	assert_ok!(Bmpc::request(signed(USER), Request { computing_providers, ..request() }));
	for stage in Stage::ALL.into_iter().filter(|done| *done < stage) {
		let pauper = |who| if who == COMPUTING[1] { NOBODY } else { who };
		expected_parties(stage).into_iter().map(pauper).for_each(|who| ok(deliver(0, stage, who)));
	}
	0
}

/// A job with its result, in which one computing provider earns `pay` and has no account any more.
fn result_by_one_who_vanished(pay: Balance) -> JobId {
	let job = job_with_a_pauper(pay, Stage::Result);
	assert_ok!(deliver(job, Stage::Result, COORDINATOR));
	vanish(NOBODY);
	System::reset_events();
	job
}

/// Slash its whole bond for another fault and spend its balance, so that the account is reaped.
fn vanish(who: AccountId) {
	lose_bond(who, 0);
	assert_ok!(<Balances as Mutate<_>>::transfer(&who, &STRANGER, Balances::free_balance(who), Expendable));
	assert!(!System::account_exists(&who));
}

#[test]
fn settle_diverts_pay_to_fees_destination_when_account_cannot_receive() {
	ExtBuilder.build_and_execute(|| {
		let amount = EXISTENTIAL_DEPOSIT - 4;
		let role = Role::ComputingProvider;
		let job = result_by_one_who_vanished(amount);
		let fee = contract(job).fee;
		let gains = gains(|| ok(Bmpc::accept(signed(USER), job)));
		assert!(gains.contains(&(FEES, (fee + amount) as i128)), "{gains:?}");
		assert!(gains.contains(&(COORDINATOR, COORDINATION_PRICE as i128)));
		assert!(events().contains(&Event::PaymentDiverted {
			job_id: job,
			party: NOBODY,
			role,
			amount,
			recipient: FEES
		}));
		assert_eq!((escrow(USER), Balances::free_balance(NOBODY)), (0, 0));
	})
}

#[test]
fn settle_creates_account_when_pay_is_existential_deposit() {
	ExtBuilder.build_and_execute(|| {
		let amount = EXISTENTIAL_DEPOSIT + 2;
		let role = Role::ComputingProvider;
		let job = result_by_one_who_vanished(amount);
		assert_ok!(Bmpc::accept(signed(USER), job));
		assert!(events().contains(&Event::Paid { job_id: job, party: NOBODY, role, amount }));
		assert_eq!(Balances::free_balance(NOBODY), amount);
	})
}

#[test]
fn settle_returns_pay_to_user_when_fees_destination_is_missing() {
	ExtBuilder.build_and_execute(|| {
		let job = result_by_one_who_vanished(EXISTENTIAL_DEPOSIT - 4);
		FeeDestination::set(NOBODY + 1);
		let fee = contract(job).fee;
		// The fee suffices to create an account; a pay of 96 does not.
		assert_ok!(Bmpc::accept(signed(USER), job));
		let diverted = |event: &Event| matches!(event, Event::PaymentDiverted { recipient: USER, amount: 96, .. });
		assert!(events().iter().any(diverted));
		assert_eq!((escrow(USER), Balances::free_balance(NOBODY + 1)), (0, fee));
	})
}

#[test]
fn settle_works_when_prices_are_zero() {
	with_providers(|| {
		ChargePerByte::set(0);
		for id in 0..3 {
			assert_ok!(Bmpc::update_dataset(signed(DATA[id as usize]), id, 0, policy()));
		}
		let job = make_job();
		System::reset_events();
		reach_challenge(job);
		assert_ok!(Bmpc::accept(signed(USER), job));
		let unpaid = Event::Paid { job_id: job, party: DATA[0], role: Role::DataProvider, amount: 0 };
		assert!(events().contains(&unpaid));
	})
}

#[test]
fn settle_pays_when_user_locks_its_account() {
	with_job(|job| {
		reach_challenge(job);
		Balances::set_lock(*b"all mine", &USER, Balance::MAX, WithdrawReasons::all());
		assert_eq!(gains(|| ok(Bmpc::accept(signed(USER), job))), every_pay());
	});
	with_job(|job| {
		Balances::set_lock(*b"all mine", &USER, Balance::MAX, WithdrawReasons::all());
		System::set_block_number(2 + STAGE);
		assert_eq!(gains(|| ok(Bmpc::expire(signed(STRANGER), job))), [(USER, TOTAL as i128)]);
	})
}

#[test]
fn settle_pays_party_without_free_balance() {
	with_job(|job| {
		complete(job, Stage::Confirmation);
		let free = Balances::free_balance(COORDINATOR) - EXISTENTIAL_DEPOSIT;
		assert_ok!(<Balances as Mutate<_>>::transfer(&COORDINATOR, &STRANGER, free, Expendable));
		Stage::ALL.into_iter().skip(1).for_each(|stage| complete(job, stage));
		assert_eq!(gains(|| ok(Bmpc::accept(signed(USER), job))), every_pay());
	})
}

#[test]
fn weight_of_end_depends_on_number_of_parties() {
	with_job(|job| {
		reach_challenge(job);
		let info = Bmpc::accept(signed(USER), job).unwrap();
		assert_eq!(info.actual_weight, Some(<() as WeightInfo>::settle(6)));
		let job = make_job();
		reach(job, Stage::Selection);
		System::set_block_number(2 + STAGE);
		let info = Bmpc::expire(signed(STRANGER), job).unwrap();
		assert_eq!(info.actual_weight, Some(<() as WeightInfo>::expire(6)));
	})
}

#[test]
fn clear_job_works_for_user_at_once_and_for_anyone_after_retention() {
	with_job(|job| {
		let deposit = Jobs::<Test>::get(job).unwrap().deposit;
		assert_noop!(Bmpc::clear_job(signed(USER), job), Error::NotEnded);
		reach_challenge(job);
		assert_noop!(Bmpc::clear_job(signed(USER), job), Error::NotEnded);
		assert_ok!(Bmpc::accept(signed(USER), job));
		System::set_block_number(1 + RETENTION);
		System::reset_events();
		assert_noop!(Bmpc::clear_job(signed(STRANGER), job), Error::Retained);
		System::set_block_number(2 + RETENTION);
		assert_eq!(gains(|| ok(Bmpc::clear_job(signed(STRANGER), job))), [(USER, deposit as i128)]);
		assert_eq!(events(), [Event::JobCleared { job_id: job }]);
		assert_eq!((Jobs::<Test>::iter().count(), Statuses::<Test>::iter().count()), (0, 0));
		assert_eq!((Commitments::<Test>::iter().count(), deposits(USER)), (0, 0));
		assert_noop!(Bmpc::clear_job(signed(USER), job), Error::UnknownJob);
	})
}

#[test]
fn clear_job_works_when_job_was_declined_or_expired() {
	with_job(|job| {
		assert_ok!(Bmpc::decline(signed(DATA[0]), job, DeclineReason::Other));
		assert_ok!(Bmpc::clear_job(signed(USER), job));
		let job = make_job();
		reach(job, Stage::Inputs);
		assert_ok!(deliver(job, Stage::Inputs, DATA[0]));
		System::set_block_number(2 + STAGE);
		assert_ok!(Bmpc::expire(signed(STRANGER), job));
		assert_ok!(Bmpc::clear_job(signed(USER), job));
		assert_eq!((Commitments::<Test>::iter().count(), deposits(USER)), (0, 0));
	})
}
