use super::*;
use codec::Encode;
use frame_support::traits::ConstU32;
use sp_runtime::DispatchError::BadOrigin;

#[test]
fn register_dataset_holds_deposit_by_size() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Bmpc::register_role(signed(DATA[0]), endpoint(1), Offer::DataProvider, terms()));
		let before = deposits(DATA[0]);
		System::reset_events();
		assert_ok!(register_dataset(DATA[0], policy()));
		assert_eq!(events(), [Event::DatasetRegistered { dataset_id: 0, provider: DATA[0] }]);
		let dataset = Bmpc::dataset(0).unwrap();
		assert_eq!(dataset.deposit, 500 + dataset.encode().len() as Balance);
		assert_eq!(deposits(DATA[0]), before + dataset.deposit);
		assert_eq!((dataset.rows, dataset.price, dataset.withdrawn), (ROWS, CELL_PRICE, false));
	})
}

#[test]
fn register_dataset_fails_when_input_is_invalid() {
	let columns = schema_of;
	let good = || columns(vec![column("a"), column("b")]);
	let with = |decimals, bits| columns(vec![Column { decimals, bits, ..column("a") }]);
	let unknown = Policy { templates: BoundedVec::truncate_from(vec![0, 8]), ..policy() };
	let latin1 = Name::truncate_from(vec![0xe9]);
	with_providers(|| {
		for (case, title, schema, rows, policy, error) in [
			("no title", name(""), good(), 1, policy(), Error::InvalidName),
			("a title that is not UTF-8", latin1.clone(), good(), 1, policy(), Error::InvalidName),
			("a title with an escape", name("\u{1b}[2K"), good(), 1, policy(), Error::InvalidName),
			("a title of two lines", name("a\nb"), good(), 1, policy(), Error::InvalidName),
			("a title with DEL", name("a\u{7f}"), good(), 1, policy(), Error::InvalidName),
			("a title with a C1 control", name("\u{9b}2K"), good(), 1, policy(), Error::InvalidName),
			("a title with a line separator", name("a\u{2028}b"), good(), 1, policy(), Error::InvalidName),
			("a title with an override", name("a\u{202e}b"), good(), 1, policy(), Error::InvalidName),
			("a title with an isolate", name("a\u{2066}b"), good(), 1, policy(), Error::InvalidName),
			("a column with a tab", name("t"), columns(vec![column("a\tb")]), 1, policy(), Error::InvalidName),
			(
				"a column with an override",
				name("t"),
				columns(vec![column("\u{202d}")]),
				1,
				policy(),
				Error::InvalidName,
			),
			("no rows", name("t"), good(), 0, policy(), Error::EmptyDataset),
			("no columns", name("t"), columns(vec![]), 1, policy(), Error::EmptyDataset),
			("a column without name", name("t"), columns(vec![column("")]), 1, policy(), Error::InvalidName),
			("two columns of a name", name("t"), columns(vec![column("a"); 2]), 1, policy(), Error::DuplicateColumn),
			("too many decimals", name("t"), with(16, 40), 1, policy(), Error::InvalidColumn),
			("no bits", name("t"), with(3, 0), 1, policy(), Error::InvalidColumn),
			("too many bits", name("t"), with(3, 63), 1, policy(), Error::InvalidColumn),
			("a template to come", name("t"), good(), 1, unknown.clone(), Error::UnknownTemplate),
		] {
			let result = Bmpc::register_dataset(signed(DATA[0]), title, schema, rows, FINGERPRINT, 1, policy);
			assert_eq!(result, Err(error.into()), "{case}");
		}
		assert_noop!(register_dataset(COORDINATOR, policy()), Error::NotRegistered);
		for widest in [with(15, 62), with(0, 1)] {
			assert_ok!(Bmpc::register_dataset(signed(DATA[0]), name("t"), widest, 1, FINGERPRINT, 0, policy()));
		}
	})
}

#[test]
fn update_dataset_changes_price_policy_and_deposit() {
	with_providers(|| {
		let before = Bmpc::dataset(0).unwrap();
		let buyers = BoundedVec::<_, ConstU32<64>>::truncate_from(vec![USER, OTHER_USER]);
		let narrower = Policy { buyers: Some(buyers), max_queries: Some(3), ..policy() };
		assert_ok!(Bmpc::update_dataset(signed(DATA[0]), 0, 9, narrower.clone()));
		assert_eq!(events(), [Event::DatasetUpdated { dataset_id: 0 }]);
		let after = Bmpc::dataset(0).unwrap();
		// Length and two accounts, and an `u32`.
		assert_eq!(after.deposit, before.deposit + 1 + 16 + 4);
		assert_eq!(after, Dataset { price: 9, policy: narrower, deposit: after.deposit, ..before.clone() });
		assert_ok!(Bmpc::update_dataset(signed(DATA[0]), 0, CELL_PRICE, policy()));
		assert_eq!(Bmpc::dataset(0).unwrap(), before);
	})
}

#[test]
fn update_dataset_fails_when_template_is_unknown() {
	with_providers(|| {
		let unknown = Policy { templates: BoundedVec::truncate_from(vec![8]), ..policy() };
		assert_noop!(Bmpc::update_dataset(signed(DATA[0]), 0, 1, unknown), Error::UnknownTemplate);
	})
}

#[test]
fn withdraw_dataset_keeps_reduced_record() {
	with_providers(|| {
		let before = (Bmpc::dataset(0).unwrap(), deposits(DATA[0]));
		assert_ok!(Bmpc::withdraw_dataset(signed(DATA[0]), 0));
		assert_eq!(events(), [Event::DatasetWithdrawn { dataset_id: 0 }]);
		let after = Bmpc::dataset(0).unwrap();
		assert!(after.withdrawn && after.schema.columns().is_empty() && after.policy.templates.is_empty());
		assert_eq!((&after.title, after.rows), (&before.0.title, before.0.rows));
		assert_eq!(after.deposit, 500 + after.encode().len() as Balance);
		assert_eq!(deposits(DATA[0]), before.1 - before.0.deposit + after.deposit);
	})
}

#[test]
fn dataset_calls_fail_when_signer_is_not_provider_or_dataset_is_withdrawn() {
	with_providers(|| {
		assert_ok!(Bmpc::withdraw_dataset(signed(DATA[0]), 0));
		for (case, who, id, error) in [
			("unknown", DATA[0], 3, Error::UnknownDataset),
			("somebody else's", DATA[0], 1, Error::NotAuthorized),
			("withdrawn", DATA[0], 0, Error::DatasetWithdrawn),
		] {
			let expected = Err(sp_runtime::DispatchError::from(error));
			assert_eq!(Bmpc::update_dataset(signed(who), id, 1, policy()), expected, "{case}");
			assert_eq!(Bmpc::refresh_dataset(signed(who), id, 1, FINGERPRINT), expected, "{case}");
			assert_eq!(Bmpc::withdraw_dataset(signed(who), id), expected, "{case}");
		}
	})
}

#[test]
fn refresh_dataset_changes_only_rows_and_fingerprint() {
	with_providers(|| {
		let before = Bmpc::dataset(0).unwrap();
		let held = deposits(DATA[0]);
		let fingerprint = H256::repeat_byte(0xf2);
		assert_ok!(Bmpc::refresh_dataset(signed(DATA[0]), 0, ROWS + 7, fingerprint));
		assert_eq!(events(), [Event::DatasetRefreshed { dataset_id: 0, rows: ROWS + 7 }]);
		assert_eq!(Bmpc::dataset(0).unwrap(), Dataset { rows: ROWS + 7, fingerprint, ..before });
		assert_eq!(deposits(DATA[0]), held);
		assert_noop!(Bmpc::refresh_dataset(signed(DATA[0]), 0, 0, fingerprint), Error::EmptyDataset);
	})
}

#[test]
fn contract_keeps_rows_when_dataset_is_refreshed() {
	with_job(|job| {
		complete(job, Stage::Confirmation);
		let before = contract(job);
		assert_ok!(Bmpc::refresh_dataset(signed(DATA[0]), 0, ROWS + 7, H256::repeat_byte(0xf2)));
		assert_eq!(contract(job), before);
		assert_eq!((before.data[0].rows, before.data[0].fingerprint), (ROWS, FINGERPRINT));
		Stage::ALL.into_iter().skip(1).for_each(|stage| complete(job, stage));
		assert_ok!(Bmpc::accept(signed(USER), job));
		assert_ok!(Bmpc::request(signed(USER), Request { max_price: Balance::MAX, ..request() }));
		let data = &contract(job + 1).data[0];
		assert_eq!((data.rows, data.fingerprint), (ROWS + 7, H256::repeat_byte(0xf2)));
	})
}

#[test]
fn jobs_continue_when_dataset_is_withdrawn() {
	with_job(|job| {
		complete(job, Stage::Confirmation);
		assert_ok!(Bmpc::withdraw_dataset(signed(DATA[0]), 0));
		Stage::ALL.into_iter().skip(1).for_each(|stage| complete(job, stage));
		assert_ok!(Bmpc::accept(signed(USER), job));
	})
}

#[test]
fn template_calls_require_admin_origin() {
	ExtBuilder.build_and_execute(|| {
		let template = Template { name: name("Variance"), kind: TemplateKind::ColumnMean, retired: false };
		assert_noop!(Bmpc::add_template(signed(USER), template.clone()), BadOrigin);
		assert_noop!(Bmpc::retire_template(signed(USER), 0), BadOrigin);

		// An added template is not retired, whatever its field is.
		let claimed = Template { retired: true, ..template.clone() };
		assert_ok!(Bmpc::add_template(RuntimeOrigin::root(), claimed));
		assert_eq!(Bmpc::template(8), Some(template.clone()));
		assert_ok!(Bmpc::retire_template(RuntimeOrigin::root(), 8));
		assert_eq!(events(), [Event::TemplateAdded { template_id: 8 }, Event::TemplateRetired { template_id: 8 }]);
		assert_eq!(
			Bmpc::templates().iter().map(|(id, template)| (*id, template.retired)).collect::<Vec<_>>(),
			(0..9).map(|id| (id, id == 8)).collect::<Vec<_>>()
		);

		let unnamed = Template { name: name(""), ..template.clone() };
		let escaping = Template { name: name("\u{1b}c"), ..template };
		for (case, result, error) in [
			("no name", Bmpc::add_template(RuntimeOrigin::root(), unnamed), Error::InvalidName),
			("an escape", Bmpc::add_template(RuntimeOrigin::root(), escaping), Error::InvalidName),
			("unknown", Bmpc::retire_template(RuntimeOrigin::root(), 9), Error::UnknownTemplate),
			("retired", Bmpc::retire_template(RuntimeOrigin::root(), 8), Error::TemplateRetired),
		] {
			assert_eq!(result, Err(error.into()), "{case}");
		}
	})
}

#[test]
fn add_template_fails_when_ids_are_used_up() {
	ExtBuilder.build_and_execute(|| {
		NextTemplateId::<Test>::put(TemplateId::MAX);
		let template = Template { name: name("Last"), kind: TemplateKind::ColumnMean, retired: false };
		assert_noop!(Bmpc::add_template(RuntimeOrigin::root(), template), Error::TooManyTemplates);
	})
}
