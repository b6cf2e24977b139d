use super::*;

#[test]
fn job_goes_through_all_stages() {
	with_job(|job| {
		let delivered = |stage, who: AccountId| Event::Delivered {
			job_id: job,
			stage,
			party: who,
			commitment: commitment(who as u8),
		};
		let entered = |stage, deadline| Event::StageEntered { job_id: job, stage, deadline };

		System::set_block_number(3);
		complete(job, Stage::Confirmation);
		let confirmed =
			expected_parties(Stage::Confirmation).into_iter().map(|who| Event::Confirmed { job_id: job, party: who });
		assert_eq!(events(), confirmed.chain([entered(Stage::Selection, 13)]).collect::<Vec<_>>());

		System::set_block_number(4);
		complete(job, Stage::Selection);
		assert_eq!(events(), [delivered(Stage::Selection, COORDINATOR), entered(Stage::Inputs, 14)]);

		// In any order.
		for who in [DATA[2], DATA[0]] {
			assert_ok!(deliver(job, Stage::Inputs, who));
			assert_eq!(events(), [delivered(Stage::Inputs, who)]);
		}
		assert_eq!(
			status(job),
			Status::Open {
				stage: Stage::Inputs,
				since: 4,
				awaited: BoundedVec::truncate_from(vec![Awaited { who: DATA[1], deadline: 14, challenged: false }]),
			}
		);
		assert_ok!(deliver(job, Stage::Inputs, DATA[1]));
		assert_eq!(events(), [delivered(Stage::Inputs, DATA[1]), entered(Stage::Outputs, 14)]);

		System::set_block_number(5);
		complete(job, Stage::Outputs);
		assert_eq!(
			events(),
			[
				delivered(Stage::Outputs, COMPUTING[0]),
				delivered(Stage::Outputs, COMPUTING[1]),
				entered(Stage::Result, 15),
			]
		);

		System::set_block_number(6);
		complete(job, Stage::Result);
		let until = 6 + CHALLENGE_PERIOD;
		assert_eq!(events(), [delivered(Stage::Result, COORDINATOR), Event::ChallengeStarted { job_id: job, until }]);
		assert_eq!(status(job), Status::Challenge { until, challenged: false });
		assert_eq!(escrow(USER), TOTAL);
	})
}

#[test]
fn delivery_fails_when_deadline_has_passed() {
	for stage in Stage::ALL {
		with_job(|job| {
			System::set_block_number(7);
			reach(job, stage);
			let deadline = if stage == Stage::Confirmation { 1 } else { 7 } + STAGE;
			let (last, others) =
				expected_parties(stage).split_last().map(|(last, others)| (*last, others.to_vec())).unwrap();
			System::set_block_number(deadline);
			others.into_iter().for_each(|who| ok(deliver(job, stage, who)));
			System::set_block_number(deadline + 1);
			assert_noop!(deliver(job, stage, last), Error::TooLate);
			System::set_block_number(deadline);
			assert_ok!(deliver(job, stage, last));
		})
	}
}

#[test]
fn delivery_fails_when_party_is_not_expected() {
	let everyone: Vec<_> = expected_parties(Stage::Confirmation).into_iter().chain([USER, STRANGER]).collect();
	for current in Stage::ALL {
		with_job(|job| {
			reach(job, current);
			for stage in Stage::ALL {
				for who in &everyone {
					let expected = match expected_parties(stage).contains(who) {
						false => Error::NotParty,
						true if stage != current => Error::WrongStage,
						true => continue,
					};
					assert_noop!(deliver(job, stage, *who), expected);
				}
			}
			if let [first, _, ..] = expected_parties(current)[..] {
				assert_ok!(deliver(job, current, first));
				assert_noop!(deliver(job, current, first), Error::AlreadyDelivered);
			}
		})
	}
}

#[test]
fn confirm_fails_when_contract_hash_is_wrong() {
	with_job(|job| {
		let other = make_job();
		for (case, hash) in [
			("nothing", H256::zero()),
			("another job with the same contract", hash(other)),
			("the contract on another chain", contract(job).hash(&H256::repeat_byte(1), job)),
		] {
			let result = confirm(DATA[0], job, hash, mask_key(DATA[0]));
			assert_eq!(result, Err(Error::WrongContract.into()), "{case}");
		}
		let confirm = |hash| confirm(DATA[0], job, hash, mask_key(DATA[0]));
		assert_noop!(confirm(hash(other)), Error::WrongContract);
		assert_ok!(confirm(hash(job)));
	})
}

#[test]
fn calls_fail_when_job_is_unknown() {
	with_providers(|| {
		let origin = || signed(DATA[0]);
		let commitment = commitment(1);
		for result in [
			confirm(DATA[0], 0, H256::zero(), None),
			Bmpc::commit_selection(origin(), 0, commitment, H256::zero()),
			Bmpc::commit_inputs(origin(), 0, commitment, H256::zero()),
			Bmpc::commit_output(origin(), 0, commitment, H256::zero()),
			Bmpc::commit_result(origin(), 0, commitment, H256::zero()),
			Bmpc::challenge(origin(), 0, UnitSet::default()),
			Bmpc::expire_challenge(origin(), 0).map(drop).map_err(|failure| failure.error),
			Bmpc::clear_job(origin(), 0),
		] {
			assert_eq!(result, Err(Error::UnknownJob.into()));
		}
		for result in [
			Bmpc::decline(origin(), 0, DeclineReason::Other),
			Bmpc::cancel(origin(), 0),
			Bmpc::accept(origin(), 0),
			Bmpc::settle(origin(), 0),
			Bmpc::expire(origin(), 0),
		] {
			assert_eq!(result.unwrap_err().error, Error::UnknownJob.into());
		}
	})
}

#[test]
fn decline_ends_job_and_refunds_user() {
	with_job(|job| {
		let free = Balances::free_balance(USER) + charges(USER);
		assert_ok!(deliver(job, Stage::Confirmation, DATA[0]));
		System::reset_events();
		System::set_block_number(11);
		let who = COMPUTING[1];
		let reason = DeclineReason::UserKey;
		assert_ok!(Bmpc::decline(signed(who), job, reason));
		assert_eq!(events(), [Event::Declined { job_id: job, party: who, reason, refunded: TOTAL }]);
		assert_eq!(status(job), Status::Declined { by: who, reason, at: 11 });
		assert_eq!((escrow(USER), Balances::free_balance(USER)), (0, free + TOTAL));
		assert_eq!(QueryCounts::<Test>::iter().count(), 0);
		assert_eq!((ActiveJobs::<Test>::iter().count(), PendingJobs::<Test>::iter().count()), (0, 0));
		for party in expected_parties(Stage::Confirmation) {
			assert_eq!((bonded(party), Bonds::available(&party)), (BOND, BOND));
		}
	})
}

#[test]
fn decline_fails_when_party_has_confirmed() {
	with_job(|job| {
		assert_ok!(deliver(job, Stage::Confirmation, DATA[0]));
		let decline = |who| Bmpc::decline(signed(who), job, DeclineReason::Other);
		for who in [USER, STRANGER] {
			assert_noop!(decline(who), Error::NotParty);
		}
		assert_noop!(decline(DATA[0]), Error::AlreadyDelivered);
		System::set_block_number(12);
		assert_noop!(decline(DATA[1]), Error::TooLate);
		System::set_block_number(11);
		assert_ok!(decline(DATA[1]));
		assert_noop!(decline(DATA[2]), Error::WrongStage);
		assert_noop!(deliver(job, Stage::Confirmation, DATA[2]), Error::WrongStage);
	});
	with_job(|job| {
		complete(job, Stage::Confirmation);
		assert_noop!(Bmpc::decline(signed(DATA[1]), job, DeclineReason::Other), Error::WrongStage);
	})
}

#[test]
fn jobs_of_same_parties_are_independent() {
	with_job(|first| {
		let second = make_job();
		reach(first, Stage::Outputs);
		assert!(
			matches!(status(second), Status::Open { stage: Stage::Confirmation, ref awaited, .. } if awaited.len() == 6)
		);
		assert_noop!(deliver(second, Stage::Outputs, COMPUTING[0]), Error::WrongStage);
		assert_ok!(Bmpc::decline(signed(DATA[0]), second, DeclineReason::Other));
		assert_eq!(escrow(USER), TOTAL);
		complete(first, Stage::Outputs);
	})
}

#[test]
fn delivery_fails_on_another_basis() {
	for stage in Stage::ALL.into_iter().skip(1) {
		with_job(|job| {
			reach(job, stage);
			let who = expected_parties(stage)[0];
			let commit = |basis| Bmpc::do_commit(who, job, stage, commitment(1), basis);
			let other = make_job();
			// The contract's hash, the basis of another stage, and that of another job with the same contract.
			for wrong in [H256::zero(), hash(job), basis(other, Stage::Selection)] {
				assert_noop!(commit(wrong), Error::WrongBasis);
			}
			if stage > Stage::Selection {
				assert_noop!(commit(basis(job, Stage::Selection)), Error::WrongBasis);
			}
			// A fork with another commitment of the stage before.
			let right = basis(job, stage);
			if let Some(before) =
				Stage::ALL.into_iter().rfind(|before| *before < stage && *before != Stage::Confirmation)
			{
				let changed = expected_parties(before)[0];
				let change = |blob| {
					Commitments::<Test>::mutate(job, (before, changed), |entry| entry.as_mut().unwrap().0.blob = blob)
				};
				change([0xff; 32]);
				assert_noop!(commit(right), Error::WrongBasis);
				change([changed as u8; 32]);
			}
			assert_ok!(commit(right));
		})
	}
}

/// Deliveries of the same stage do not change each other's basis.
#[test]
fn basis_is_of_earlier_stages_alone() {
	with_job(|job| {
		reach(job, Stage::Inputs);
		let before = basis(job, Stage::Inputs);
		assert_ok!(deliver(job, Stage::Inputs, DATA[0]));
		assert_eq!(basis(job, Stage::Inputs), before);
		for who in &DATA[1..] {
			assert_ok!(Bmpc::commit_inputs(signed(*who), job, commitment(1), before));
		}
		assert_ne!(basis(job, Stage::Outputs), before);
	})
}
