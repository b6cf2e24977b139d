use super::*;

fn duties(who: AccountId) -> Vec<(DutyKind, Option<u64>)> {
	Bmpc::duties(who).into_iter().map(|duty| (duty.kind, duty.deadline)).collect()
}

/// The duties of all accounts that have any.
fn all_duties() -> Vec<(AccountId, DutyKind)> {
	funded().flat_map(|who| duties(who).into_iter().map(move |(kind, _)| (who, kind))).collect()
}

#[test]
fn job_returns_contract_status_and_commitments() {
	with_job(|job| {
		reach(job, Stage::Outputs);
		System::set_block_number(5);
		assert_ok!(deliver(job, Stage::Outputs, COMPUTING[1]));
		let info = Bmpc::job(job).unwrap();
		assert_eq!((info.contract, info.contract_hash), (contract(job), hash(job)));
		assert_eq!((info.requested_at, info.status), (1, status(job)));
		assert_eq!(info.mask_keys, DATA.map(mask_key));
		let delivered = |stage, who: AccountId, at| Delivered { stage, who, at, commitment: commitment(who as u8) };
		assert_eq!(
			info.commitments,
			[
				delivered(Stage::Selection, COORDINATOR, 1),
				delivered(Stage::Inputs, DATA[0], 1),
				delivered(Stage::Inputs, DATA[1], 1),
				delivered(Stage::Inputs, DATA[2], 1),
				delivered(Stage::Outputs, COMPUTING[1], 5),
			]
		);
		assert_eq!(Bmpc::job(job + 1), None);
	})
}

#[test]
fn duties_name_expected_parties_of_current_stage() {
	let kinds = [
		DutyKind::Confirm,
		DutyKind::CommitSelection,
		DutyKind::CommitInputs,
		DutyKind::CommitOutput,
		DutyKind::CommitResult,
	];
	for (stage, kind) in Stage::ALL.into_iter().zip(kinds) {
		with_job(|job| {
			let deadline = 1 + STAGE;
			reach(job, stage);
			let mut awaited = expected_parties(stage);
			while let Some(who) = awaited.pop() {
				assert_eq!(duties(who), [(kind, Some(deadline))]);
				assert_ok!(deliver(job, stage, who));
				assert!(!duties(who).contains(&(kind, Some(deadline))));
			}
			assert_eq!(duties(USER), []);
			assert_eq!(duties(STRANGER), []);
		})
	}
}

#[test]
fn duties_change_after_deadline() {
	with_job(|job| {
		reach(job, Stage::Inputs);
		assert_ok!(deliver(job, Stage::Inputs, DATA[0]));
		System::set_block_number(1 + STAGE);
		assert_eq!(all_duties(), [(DATA[1], DutyKind::CommitInputs), (DATA[2], DutyKind::CommitInputs)]);
		// A delivery is too late now, and one of the punctual parties has to expire the job.
		System::set_block_number(2 + STAGE);
		assert_eq!(all_duties(), [(DATA[0], DutyKind::Expire)]);
		assert_ok!(Bmpc::expire(signed(DATA[0]), job));
		assert_eq!(all_duties(), []);
	})
}

#[test]
fn expire_is_duty_of_first_party_that_is_not_late() {
	let cases: [(Stage, &[AccountId], AccountId); 5] = [
		// The parties that deliver in the stage, and the one whose duty it is to expire the job.
		(Stage::Confirmation, &[], COORDINATOR),
		(Stage::Confirmation, &[COMPUTING[1], COORDINATOR], COMPUTING[1]),
		(Stage::Selection, &[], DATA[0]),
		(Stage::Inputs, &[DATA[1]], DATA[1]),
		(Stage::Inputs, &[], COMPUTING[0]),
	];
	for (stage, punctual, expires) in cases {
		with_job(|job| {
			reach(job, stage);
			punctual.iter().for_each(|who| ok(deliver(job, stage, *who)));
			System::set_block_number(100);
			assert_eq!(all_duties(), [(expires, DutyKind::Expire)], "{stage:?}");
		})
	}
}

#[test]
fn settle_is_duty_of_coordinator_after_challenge_window() {
	with_job(|job| {
		reach_challenge(job);
		System::set_block_number(1 + CHALLENGE_PERIOD);
		assert_eq!(all_duties(), []);
		System::set_block_number(2 + CHALLENGE_PERIOD);
		assert_eq!(all_duties(), [(COORDINATOR, DutyKind::Settle)]);
		assert_ok!(Bmpc::settle(signed(COORDINATOR), job));
		assert_eq!(all_duties(), []);
	})
}

#[test]
fn duties_list_all_jobs_of_account() {
	with_job(|first| {
		let second = make_job();
		reach(first, Stage::Inputs);
		let jobs: Vec<_> = Bmpc::duties(DATA[0]).into_iter().map(|duty| (duty.job, duty.kind)).collect();
		assert_eq!(jobs, [(first, DutyKind::CommitInputs), (second, DutyKind::Confirm)]);
	})
}

#[test]
fn roles_are_listed_once_over_all_pages() {
	ExtBuilder.build_and_execute(|| {
		BaseDeposit::set(0);
		ByteDeposit::set(0);
		for who in 100..170 {
			assert_ok!(Bmpc::register_role(signed(who), endpoint(1), coordinator_offer(), terms()));
		}
		assert_ok!(Bmpc::register_role(signed(DATA[0]), endpoint(1), Offer::DataProvider, terms()));
		let mut seen = Vec::new();
		let mut after = None;
		loop {
			let page = Bmpc::roles(Role::Coordinator, after, 32);
			assert!(page.len() <= 32);
			let Some((last, _)) = page.last() else { break };
			after = Some(*last);
			seen.extend(page.iter().map(|(who, _)| *who));
		}
		seen.sort();
		assert_eq!(seen, (100..170).collect::<Vec<_>>());
		assert_eq!(Bmpc::roles(Role::Coordinator, None, u32::MAX).len(), 64);
		assert_eq!(Bmpc::roles(Role::DataProvider, None, u32::MAX).len(), 1);
		assert_eq!(Bmpc::roles(Role::ComputingProvider, None, u32::MAX), []);
		assert_eq!(Bmpc::roles(Role::Coordinator, None, 0), []);
	})
}

#[test]
fn datasets_are_paged_by_id() {
	with_providers(|| {
		for _ in 3..70 {
			assert_ok!(register_dataset(DATA[0], policy()));
		}
		let ids = |from, limit| Bmpc::datasets(from, limit).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
		assert_eq!(ids(0, 2), [0, 1]);
		assert_eq!(ids(0, u32::MAX), (0..64).collect::<Vec<_>>());
		assert_eq!(ids(64, u32::MAX), (64..70).collect::<Vec<_>>());
		assert_eq!((ids(70, 10), ids(u64::MAX, 10)), (vec![], vec![]));
	})
}

#[test]
fn genesis_stores_templates() {
	ExtBuilder.build_and_execute(|| {
		let template = |kind| Template { name: name(&format!("{kind:?}")), kind, retired: false };
		assert_eq!(Bmpc::templates(), (0..).zip(KINDS.map(template)).collect::<Vec<_>>());
		assert_eq!(Bmpc::template(8), None);
		assert_eq!(NextTemplateId::<Test>::get(), 8);
	})
}

#[test]
fn genesis_panics_when_templates_are_invalid() {
	use frame_support::traits::BuildGenesisConfig;
	let build = |templates| {
		let genesis = GenesisConfig::<Test> { templates, ..Default::default() };
		std::panic::catch_unwind(|| sp_io::TestExternalities::default().execute_with(|| genesis.build())).is_ok()
	};
	let sum = |id, name: &str| (id, name.to_owned(), TemplateKind::ColumnSum);
	assert!(build(vec![sum(0, "a"), sum(7, "b")]));
	assert!(!build(vec![sum(0, "a"), sum(0, "b")]));
	assert!(!build(vec![sum(0, &"a".repeat(65))]));
}

#[test]
fn call_and_hold_reason_indices_are_stable() {
	use codec::Encode;
	use frame_support::traits::{GetCallIndex, GetCallName};
	let names = Call::<Test>::get_call_names();
	assert_eq!(
		names,
		[
			"register_role",
			"update_role",
			"unregister_role",
			"register_dataset",
			"update_dataset",
			"withdraw_dataset",
			"add_template",
			"retire_template",
			"request",
			"confirm",
			"decline",
			"commit_selection",
			"commit_inputs",
			"commit_output",
			"commit_result",
			"accept",
			"settle",
			"expire",
			"clear_job",
			"report_fault",
			"challenge",
			"publish",
			"expire_challenge",
			"refresh_dataset",
			"cancel",
			"resume_role",
		]
	);
	assert_eq!(Call::<Test>::get_call_indices(), (0..names.len() as u8).collect::<Vec<_>>());
	let reasons = [HoldReason::Escrow, HoldReason::StorageDeposit, HoldReason::Charges];
	assert_eq!(reasons.map(|reason| reason.encode()), [[0], [1], [2]]);
}
