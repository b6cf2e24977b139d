use super::*;
use frame_support::traits::{fungible::Mutate, tokens::Preservation::Expendable, LockableCurrency, WithdrawReasons};

/// What each party, the fee's account and the user have more, or less, than before `job` ended by `end`.
fn gains(end: impl FnOnce()) -> Vec<(AccountId, i128)> {
	let free = || funded().map(|who| (who, Balances::free_balance(who) as i128)).collect::<Vec<_>>();
	let before = free();
	end();
	let gain = |((who, before), (_, after)): ((AccountId, i128), (AccountId, i128))| (who, after - before);
	before.into_iter().zip(free()).map(gain).filter(|(_, gain)| *gain != 0).collect()
}

fn paid(job: JobId) -> Vec<Event> {
	let data = DATA.map(|who| (who, Role::DataProvider, DATA_PAY));
	let computing = COMPUTING.map(|who| (who, Role::ComputingProvider, COMPUTING_PAY));
	let all = data.into_iter().chain(computing).chain([(COORDINATOR, Role::Coordinator, COORDINATION_PRICE)]);
	let paid = all.map(|(who, role, amount)| Event::Paid { job, who, role, amount });
	paid.chain([Event::Settled { job, fee: FEE }]).collect()
}

fn every_pay() -> Vec<(AccountId, i128)> {
	let mut gains = vec![(COORDINATOR, COORDINATION_PRICE as i128), (FEES, FEE as i128)];
	gains.extend(DATA.map(|who| (who, DATA_PAY as i128)));
	gains.extend(COMPUTING.map(|who| (who, COMPUTING_PAY as i128)));
	gains
}

#[test]
fn settle_pays_everyone_after_the_window() {
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
		assert_eq!(Answers::<Test>::get(0, USER), 1);
		assert_noop!(Bmpc::settle(signed(STRANGER), job), Error::WrongStage);
		assert_noop!(Bmpc::accept(signed(USER), job), Error::WrongStage);
		assert_noop!(Bmpc::expire(signed(STRANGER), job), Error::WrongStage);
	})
}

#[test]
fn accept_pays_everyone_before_the_window_ends() {
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
fn nothing_is_paid_before_the_result() {
	for stage in Stage::ALL {
		with_job(|job| {
			reach(job, stage);
			System::set_block_number(1_000);
			assert_noop!(Bmpc::accept(signed(USER), job), Error::WrongStage);
			assert_noop!(Bmpc::settle(signed(STRANGER), job), Error::WrongStage);
		})
	}
}

#[test]
fn every_overdue_stage_expires_with_a_full_refund() {
	for (stage, deadline) in Stage::ALL.into_iter().zip([11, 21, 31, 41, 51]) {
		with_job(|job| {
			reach(job, stage);
			// All but the last deliver.
			let mut late = debtors(stage);
			let last = late.pop().unwrap();
			late.drain(..).for_each(|who| ok(deliver(job, stage, who)));
			System::set_block_number(deadline);
			System::reset_events();
			assert_noop!(Bmpc::expire(signed(STRANGER), job), Error::NotOverdue);
			System::set_block_number(deadline + 1);
			let gains = gains(|| ok(Bmpc::expire(signed(STRANGER), job)));
			assert_eq!(gains, [(USER, TOTAL as i128)], "{stage:?}");
			assert_eq!(events(), [Event::Expired { job, stage, late: vec![last], refunded: TOTAL }]);
			let late = BoundedVec::truncate_from(vec![last]);
			assert_eq!(status(job), Status::Expired { stage, late, at: deadline + 1 });
			assert_eq!(escrow(USER), 0);
			assert_eq!((Answers::<Test>::iter().count(), ActiveJobs::<Test>::iter().count()), (0, 0));
			assert_noop!(Bmpc::expire(signed(STRANGER), job), Error::WrongStage);
			assert_noop!(deliver(job, stage, last), Error::WrongStage);
		})
	}
}

#[test]
fn a_result_does_not_expire() {
	with_job(|job| {
		reach_challenge(job);
		System::set_block_number(1_000);
		assert_noop!(Bmpc::expire(signed(STRANGER), job), Error::WrongStage);
		assert_ok!(Bmpc::settle(signed(STRANGER), job));
	})
}

/// A job in its challenge window, one of whose computing providers has no money at all and earns `pay`.
fn job_with_a_pauper(pay: Balance) -> JobId {
	register_all();
	BaseDeposit::set(0);
	ByteDeposit::set(0);
	let offer = Offer::ComputingProvider { price: pay / 6, paillier: modulus(256) };
	assert_ok!(Bmpc::register_role(signed(NOBODY), endpoint(1), offer));
	let computers = BoundedVec::truncate_from(vec![COMPUTING[0], NOBODY]);
	assert_ok!(Bmpc::request(signed(USER), Request { computers, ..request() }));
	for stage in Stage::ALL {
		let pauper = |who| if who == COMPUTING[1] { NOBODY } else { who };
		debtors(stage).into_iter().map(pauper).for_each(|who| ok(deliver(0, stage, who)));
	}
	System::reset_events();
	0
}

#[test]
fn a_pay_that_its_account_cannot_take_goes_to_the_fees_destination() {
	ExtBuilder.build_and_execute(|| {
		let (amount, role) = (EXISTENTIAL_DEPOSIT - 4, Role::ComputingProvider);
		let job = job_with_a_pauper(amount);
		let fee = contract(job).fee;
		let gains = gains(|| ok(Bmpc::accept(signed(USER), job)));
		assert!(gains.contains(&(FEES, (fee + amount) as i128)), "{gains:?}");
		assert!(gains.contains(&(COORDINATOR, COORDINATION_PRICE as i128)));
		assert!(events().contains(&Event::PaymentDiverted { job, who: NOBODY, role, amount, to: FEES }));
		assert_eq!((escrow(USER), Balances::free_balance(NOBODY)), (0, 0));
	})
}

#[test]
fn a_pay_of_the_existential_deposit_makes_the_account() {
	ExtBuilder.build_and_execute(|| {
		let (amount, role) = (EXISTENTIAL_DEPOSIT + 2, Role::ComputingProvider);
		let job = job_with_a_pauper(amount);
		assert_ok!(Bmpc::accept(signed(USER), job));
		assert!(events().contains(&Event::Paid { job, who: NOBODY, role, amount }));
		assert_eq!(Balances::free_balance(NOBODY), amount);
	})
}

#[test]
fn a_missing_fee_destination_strands_nothing() {
	ExtBuilder.build_and_execute(|| {
		let job = job_with_a_pauper(EXISTENTIAL_DEPOSIT - 4);
		FeeDestination::set(NOBODY + 1);
		// 1 % of 15,296 suffices for an account of its own; a pay of 96 does not.
		assert_ok!(Bmpc::accept(signed(USER), job));
		let diverted = |event: &Event| matches!(event, Event::PaymentDiverted { to: USER, amount: 96, .. });
		assert!(events().iter().any(diverted));
		assert_eq!((escrow(USER), Balances::free_balance(NOBODY + 1)), (0, 152));
	})
}

#[test]
fn zero_prices_settle_too() {
	with_providers(|| {
		for id in 0..3 {
			assert_ok!(Bmpc::update_dataset(signed(DATA[id as usize]), id, 0, policy()));
		}
		let job = make_job();
		System::reset_events();
		reach_challenge(job);
		assert_ok!(Bmpc::accept(signed(USER), job));
		let unpaid = Event::Paid { job, who: DATA[0], role: Role::DataProvider, amount: 0 };
		assert!(events().contains(&unpaid));
	})
}

#[test]
fn a_user_who_locks_its_account_pays_all_the_same() {
	with_job(|job| {
		reach_challenge(job);
		Balances::set_lock(*b"all mine", &USER, Balance::MAX, WithdrawReasons::all());
		assert_eq!(gains(|| ok(Bmpc::accept(signed(USER), job))), every_pay());
	});
	with_job(|job| {
		Balances::set_lock(*b"all mine", &USER, Balance::MAX, WithdrawReasons::all());
		System::set_block_number(12);
		assert_eq!(gains(|| ok(Bmpc::expire(signed(STRANGER), job))), [(USER, TOTAL as i128)]);
	})
}

#[test]
fn a_party_that_spent_all_its_money_is_paid() {
	with_job(|job| {
		let free = Balances::free_balance(COORDINATOR) - EXISTENTIAL_DEPOSIT;
		assert_ok!(<Balances as Mutate<_>>::transfer(&COORDINATOR, &STRANGER, free, Expendable));
		reach_challenge(job);
		assert_eq!(gains(|| ok(Bmpc::accept(signed(USER), job))), every_pay());
	})
}

#[test]
fn a_settlement_weighs_what_its_parties_do() {
	with_job(|job| {
		reach_challenge(job);
		let info = Bmpc::accept(signed(USER), job).unwrap();
		assert_eq!(info.actual_weight, Some(<() as WeightInfo>::settle(6)));
	})
}

#[test]
fn clear_job_is_the_users_first_and_then_everybodys() {
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
		assert_eq!(events(), [Event::JobCleared { job }]);
		assert_eq!((Jobs::<Test>::iter().count(), Statuses::<Test>::iter().count()), (0, 0));
		assert_eq!((Commitments::<Test>::iter().count(), deposits(USER)), (0, 0));
		assert_noop!(Bmpc::clear_job(signed(USER), job), Error::UnknownJob);
	})
}

#[test]
fn the_user_clears_a_declined_or_expired_job_at_once() {
	with_job(|job| {
		assert_ok!(Bmpc::decline(signed(DATA[0]), job, DeclineReason::Other));
		assert_ok!(Bmpc::clear_job(signed(USER), job));
		let job = make_job();
		reach(job, Stage::Inputs);
		assert_ok!(deliver(job, Stage::Inputs, DATA[0]));
		System::set_block_number(32);
		assert_ok!(Bmpc::expire(signed(STRANGER), job));
		assert_ok!(Bmpc::clear_job(signed(USER), job));
		assert_eq!((Commitments::<Test>::iter().count(), deposits(USER)), (0, 0));
	})
}
