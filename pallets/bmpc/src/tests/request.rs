use super::*;
use frame_support::traits::fungible::Mutate;
use sp_runtime::{DispatchError, TokenError};

#[test]
fn request_fixes_contract_and_holds_price() {
	with_providers(|| {
		let (free, fees) = (Balances::free_balance(USER), Balances::free_balance(FEES));
		let deposit = deposits(USER);
		assert_ok!(Bmpc::request(signed(USER), request()));
		let job = Jobs::<Test>::get(0).unwrap();
		let charges_for = |units: &[u32]| {
			let units = units.iter().map(|unit| job.contract.unit(*unit).unwrap());
			let bytes = Balance::from(units.map(|unit| job.contract.unit_bytes(&unit)).sum::<u64>());
			bytes * ChargePerByte::get() + report_deposit()
		};
		// Two selections; entries and two messages of each data provider; outputs of two computing providers; the result.
		let data_charges = [&[0, 1, 2, 3, 4], &[0, 1, 5, 6, 7], &[0, 1, 8, 9, 10]].map(|units| charges_for(units));
		let computing_charges =
			[&[0, 2, 3, 5, 6, 8, 9, 11], &[1, 2, 4, 5, 7, 8, 10, 12]].map(|units| charges_for(units));
		let coordinator_charges = charges_for(&[0, 1, 2, 5, 8, 11, 12, 13]);
		let user_charges = coordinator_charges;
		let all = data_charges.iter().chain(&computing_charges).sum::<Balance>() + coordinator_charges + user_charges;
		let bond = TOTAL + all;
		let party = |who, pay, charges, seed| Party { who, pay, charges, endpoint: endpoint(seed) };
		let data = |id: usize| DataParty {
			dataset: id as u64,
			dataset_rows: ROWS,
			first_row: 0,
			rows: ROWS,
			fingerprint: FINGERPRINT,
			party: party(DATA[id], DATA_PAY, data_charges[id], id as u8),
		};
		let computing = |index: usize| ComputingParty {
			paillier: modulus(256),
			key_proof: KEY_PROOF,
			party: party(COMPUTING[index], COMPUTING_PAY, computing_charges[index], 10),
		};
		assert_eq!(
			job.contract,
			Contract {
				user: USER,
				template: 1,
				kind: TemplateKind::ColumnMean,
				parameters: Parameters::None,
				schema: schema(),
				data: BoundedVec::truncate_from(vec![data(0), data(1), data(2)]),
				computing: BoundedVec::truncate_from(vec![computing(0), computing(1)]),
				coordinator: party(COORDINATOR, COORDINATION_PRICE, coordinator_charges, 20),
				user_key: modulus(256),
				user_key_proof: KEY_PROOF,
				selection: request().selection,
				schedule: schedule(),
				challenge_period: CHALLENGE_PERIOD,
				answer_period: ANSWER_PERIOD,
				charge_per_byte: ChargePerByte::get(),
				user_charges,
				fee: FEE,
				bond,
			}
		);
		let genesis = System::block_hash(0);
		assert_ne!(genesis, H256::zero());
		assert_eq!(job.contract_hash, job.contract.hash(&genesis, 0));
		assert_eq!((job.escrow, job.requested_at), (TOTAL, 1));
		assert_eq!((escrow(USER), deposits(USER)), (TOTAL, deposit + job.deposit));
		assert_eq!(charges(USER), user_charges);
		assert_eq!(Balances::free_balance(USER), free - TOTAL - prepaid() - user_charges - job.deposit);
		assert_eq!(Balances::free_balance(FEES), fees + prepaid());
		// Nothing of a provider is locked before the last confirmation.
		for party in expected_parties(Stage::Confirmation) {
			assert_eq!((Bonds::available(&party), charges(party)), (BOND, 0), "{party}");
			assert_eq!(ActiveJobs::<Test>::get(party).len(), 0);
			assert_eq!(PendingJobs::<Test>::get(party).to_vec(), [0]);
		}
		assert_eq!((ActiveJobs::<Test>::get(USER).to_vec(), QueryCounts::<Test>::iter().count()), (vec![0], 0));
		assert_eq!(
			status(0),
			Status::Open {
				stage: Stage::Confirmation,
				since: 1,
				awaited: BoundedVec::truncate_from(
					expected_parties(Stage::Confirmation)
						.into_iter()
						.map(|who| Awaited { who, deadline: 11, challenged: false })
						.collect()
				),
			}
		);
		assert_eq!(
			events(),
			[
				Event::Requested { job_id: 0, user: USER, contract_hash: job.contract_hash, escrow: TOTAL },
				Event::StageEntered { job_id: 0, stage: Stage::Confirmation, deadline: 11 },
			]
		);
	})
}

#[test]
fn quote_follows_formula_5() {
	with_providers(|| {
		let contract = Bmpc::draft(USER, request()).unwrap();
		assert_eq!(
			Bmpc::quote(USER, request()),
			Ok(Quote {
				data: DATA.map(|who| (who, DATA_PAY)).to_vec(),
				computing: COMPUTING.map(|who| (who, COMPUTING_PAY)).to_vec(),
				coordination: COORDINATION_PRICE,
				fee: FEE,
				total: TOTAL,
				prepaid_fees: prepaid(),
				charges: contract.user_charges,
				bond: contract.bond,
			})
		);
		// A quote ignores the maximum, because the price is its result.
		assert_eq!(Bmpc::quote(USER, Request { max_price: 0, ..request() }), Bmpc::quote(USER, request()));
	})
}

/// A change after which the request is refused.
type Case = (&'static str, fn(&mut RequestOf<Test>), Error);

const BAD_REQUESTS: [Case; 61] = [
	("no dataset", |request| request.datasets.clear(), Error::NoProvider),
	("no computing provider", |request| request.computing_providers.clear(), Error::NoProvider),
	("unknown template", |request| request.template = 8, Error::UnknownTemplate),
	("retired template", |_| retire(1), Error::TemplateRetired),
	("unknown dataset", |request| request.datasets[2] = 3, Error::UnknownDataset),
	("withdrawn dataset", |_| ok(Bmpc::withdraw_dataset(signed(DATA[1]), 1)), Error::DatasetWithdrawn),
	("a dataset twice", |request| request.datasets[2] = 0, Error::DuplicateParty),
	("a computing provider twice", |request| request.computing_providers[1] = COMPUTING[0], Error::DuplicateParty),
	("a computing provider coordinates", |request| request.coordinator = COMPUTING[0], Error::DuplicateParty),
	("a data provider computes", |request| request.computing_providers[0] = DATA[0], Error::DuplicateParty),
	("the user computes", |request| request.computing_providers[0] = USER, Error::DuplicateParty),
	("the user coordinates", |request| request.coordinator = USER, Error::DuplicateParty),
	("an unregistered computing provider", |request| request.computing_providers[0] = STRANGER, Error::NotRegistered),
	("an unregistered coordinator", |request| request.coordinator = STRANGER, Error::NotRegistered),
	("an unregistered data provider", |_| unregister(DATA[0]), Error::NotRegistered),
	("other columns", |request| request.datasets[2] = other_columns(), Error::SchemaMismatch),
	("no column selected", |request| request.selection.selected = 0, Error::InvalidSelection),
	("a selection sealed to too few", |request| drop(request.selection.sealed.pop()), Error::InvalidSelection),
	("a selection sealed to too many", seal_to_one_more, Error::InvalidSelection),
	("weights for a mean", |request| request.parameters = weights(&[1, 2]), Error::InvalidParameters),
	("a histogram without bins", |request| request.template = 4, Error::InvalidParameters),
	("a histogram of one bin", |request| histogram(request, 1), Error::InvalidParameters),
	("a weight too few", |request| weigh(request, &[1]), Error::InvalidParameters),
	("more bins than the key has room for", too_many_bins, Error::ValuesTooWide),
	("squares of wide columns", |request| wide(request, 2), Error::ValuesTooWide),
	("products of wide columns", |request| wide(request, 3), Error::ValuesTooWide),
	("a pair of one column", one_column, Error::TooManyFeatures),
	("more columns than there are", |request| request.selection.selected = 4, Error::InvalidSelection),
	("a template against the policy", |_| restrict(|policy| policy.templates.truncate(1)), Error::TemplateNotAllowed),
	("a row too few for the policy", |_| restrict(|policy| policy.min_rows = ROWS + 1), Error::TooFewRows),
	("a row alone against the policy", |request| row_wise(request, 2, 1), Error::TooFewRows),
	("weights for rows", weights_for_rows, Error::InvalidParameters),
	("weighted rows without weights", rows_without_weights, Error::InvalidParameters),
	("a row too many", |request| row_wise(request, 1, MOST_ROWS + 1), Error::TooManyRows),
	("rows beyond all numbers", |request| row_wise(request, 1, u64::MAX / 3), Error::TooManyRows),
	("a range of rows for a mean", |request| range(request, 0, 1), Error::InvalidRowRange),
	("an empty range of rows", |request| rows_from(request, 0, 0), Error::InvalidRowRange),
	("rows behind the last", |request| rows_from(request, 90, 8), Error::InvalidRowRange),
	("rows beyond all numbers again", |request| rows_from(request, u64::MAX, 2), Error::InvalidRowRange),
	("a range for some datasets", one_range_too_few, Error::InvalidRowRange),
	("a buyer against the policy", |_| restrict(|policy| policy.buyers = only(STRANGER)), Error::BuyerNotAllowed),
	("nobody may buy", |_| restrict(|policy| policy.buyers = Some(Default::default())), Error::BuyerNotAllowed),
	("no answer left", |_| restrict(|policy| policy.max_queries = Some(0)), Error::TooManyQueries),
	("too little time to confirm", |request| request.schedule.confirmation = MIN_STAGE - 1, Error::StageTooShort),
	("too little time to select", |request| request.schedule.selection = LEAST - 1, Error::StageTooShort),
	("too little time for inputs", |request| request.schedule.inputs = LEAST - 1, Error::StageTooShort),
	("too little time for outputs", |request| request.schedule.outputs = LEAST - 1, Error::StageTooShort),
	("too little time for the result", |request| request.schedule.result = LEAST - 1, Error::StageTooShort),
	("a stage of nothing", |request| request.schedule.inputs = 0, Error::StageTooShort),
	(
		"a schedule without end",
		|request| request.schedule.result = MAX_JOB_SPAN - 4 * STAGE + 1,
		Error::ScheduleTooLong,
	),
	("a stage to the end of time", |request| request.schedule.confirmation = u64::MAX, Error::ScheduleTooLong),
	("a key too short", |request| request.user_key = modulus(255), Error::ModulusLength),
	("a key between the lengths", |request| request.user_key = modulus(383), Error::ModulusLength),
	("an even key", |request| *request.user_key.last_mut().unwrap() = 0x5c, Error::ModulusEven),
	("a prime key", |request| request.user_key = prime(), Error::ModulusPrime),
	("a data provider's bond a unit too low", |_| leave_bond(DATA[2], job_bond() - 1), Error::BondTooLow),
	("a computing provider's bond a unit too low", |_| leave_bond(COMPUTING[1], job_bond() - 1), Error::BondTooLow),
	("a coordinator's bond a unit too low", |_| leave_bond(COORDINATOR, job_bond() - 1), Error::BondTooLow),
	("a bond below the minimum of any job", |_| MinJobBond::set(BOND + 1), Error::BondTooLow),
	("a price beyond all numbers", |_| price(Balance::MAX), Error::Overflow),
	("a sum beyond all numbers", |_| price(Balance::MAX / 200), Error::Overflow),
];

/// The least length of a stage by everybody's terms: a block for the work, and one for the bytes.
const LEAST: u64 = ANSWER_PERIOD + 2;

/// The bond of the job of [`request`].
fn job_bond() -> Balance {
	Bmpc::quote(USER, request()).unwrap().bond
}

fn seal_to_one_more(request: &mut RequestOf<Test>) {
	let one = request.selection.sealed[0].clone();
	request.selection.sealed.try_push(one).unwrap();
}

fn weights(weights: &[i32]) -> Parameters {
	Parameters::Weights(BoundedVec::truncate_from(weights.to_vec()))
}

fn weigh(request: &mut RequestOf<Test>, by: &[i32]) {
	(request.template, request.parameters) = (5, weights(by));
}

fn histogram(request: &mut RequestOf<Test>, bins: u8) {
	(request.template, request.parameters) = (4, Parameters::Histogram { low: 0, width: 1, bins });
}

/// A ciphertext of 2048 bits has 48 rows: 40 bits, a sign and one more for two columns. All datasets together may have
/// 2^20.
const MOST_ROWS: u64 = 48 * ((1 << 20) - 2);

/// The price of a cell of a few rows, of which the charges are less than half.
const ROW_PRICE: Balance = 100_000;

/// A request for row sums over datasets with this `min_rows`, the first with so many rows and the others with one
/// block.
fn row_wise(request: &mut RequestOf<Test>, min_rows: u64, rows: u64) {
	request.template = 6;
	let policy = Policy { templates: BoundedVec::truncate_from((0..8).collect()), min_rows, ..policy() };
	for (index, (who, rows)) in DATA.into_iter().zip([rows, 1, 48]).enumerate() {
		request.datasets[index] = NextDatasetId::<Test>::get();
		assert_ok!(Bmpc::register_dataset(
			signed(who),
			name("Rows"),
			schema(),
			rows,
			FINGERPRINT,
			ROW_PRICE,
			policy.clone()
		));
	}
}

/// The same range of rows of every dataset.
fn range(request: &mut RequestOf<Test>, first: u64, count: u64) {
	let ranges = request.datasets.iter().map(|_| RowRange { first, count });
	request.row_ranges = BoundedVec::truncate_from(ranges.collect());
}

/// Row sums over a range of the first dataset's 97 rows, and the first row of the others.
fn rows_from(request: &mut RequestOf<Test>, first: u64, count: u64) {
	row_wise(request, 1, 97);
	range(request, 0, 1);
	request.row_ranges[0] = RowRange { first, count };
}

fn one_range_too_few(request: &mut RequestOf<Test>) {
	row_wise(request, 1, 97);
	range(request, 0, 1);
	request.row_ranges.pop();
}

#[test]
fn quote_and_contract_are_of_the_rows_requested() {
	with_providers(|| {
		let mut asked = Request { max_price: Balance::MAX, ..request() };
		// The second of three blocks of 48 rows and one row of the third, of the first dataset.
		rows_from(&mut asked, 48, 49);
		let quote = Bmpc::quote(USER, asked.clone()).unwrap();
		assert_eq!(quote.data[0], (DATA[0], 2 * 49 * ROW_PRICE), "two columns");
		assert_eq!(quote.computing, COMPUTING.map(|who| (who, 8 * WORK_PRICE)).to_vec());
		assert_ok!(Bmpc::request(signed(USER), asked));
		let contract = contract(0);
		let data = &contract.data[0];
		assert_eq!((data.dataset_rows, data.row_range()), (97, 48..97));
		assert_eq!([0, 1, 2].map(|data| contract.blocks(data)), [2, 1, 1]);
		complete(0, Stage::Confirmation);
		assert!(status(0).is_active(), "the dataset is as it was, and the job begins");
	});
}

fn weights_for_rows(request: &mut RequestOf<Test>) {
	row_wise(request, 1, 1);
	request.parameters = weights(&[1, 2]);
}

fn rows_without_weights(request: &mut RequestOf<Test>) {
	row_wise(request, 1, 1);
	request.template = 7;
}

#[test]
fn quote_charges_row_wise_work_by_block_of_rows() {
	with_providers(|| {
		let mut asked = Request { max_price: Balance::MAX, ..request() };
		// Three, one and one block of two columns.
		row_wise(&mut asked, 1, 97);
		let quote = Bmpc::quote(USER, asked.clone()).unwrap();
		assert_eq!(quote.computing, COMPUTING.map(|who| (who, 10 * WORK_PRICE)).to_vec());
		assert_ok!(Bmpc::request(signed(USER), asked));
		let contract = contract(0);
		assert_eq!((contract.outputs(), contract.work()), (5, 10));
		assert_eq!([0, 1, 2, 3].map(|data| contract.blocks(data)), [3, 1, 1, 0]);
	});
	with_providers(|| {
		let mut asked = request();
		row_wise(&mut asked, 1, MOST_ROWS);
		// The maximum number of rows: all of them can be counted, but not published.
		assert_eq!(Bmpc::quote(USER, asked).unwrap_err().error, "PublicationTooLarge");
	});
}

/// Datasets with these columns and rows, one of each provider, with all templates allowed.
fn other_datasets(request: &mut RequestOf<Test>, columns: &[Column], rows: u64) {
	let templates = BoundedVec::truncate_from((0..8).collect());
	for (index, who) in DATA.into_iter().enumerate() {
		request.datasets[index] = NextDatasetId::<Test>::get();
		let schema = schema_of(columns.to_vec());
		let policy = Policy { templates: templates.clone(), ..policy() };
		assert_ok!(Bmpc::register_dataset(signed(who), name("Other"), schema, rows, FINGERPRINT, CELL_PRICE, policy));
	}
}

fn too_many_bins(request: &mut RequestOf<Test>) {
	other_datasets(request, schema().columns(), 1 << 30);
	histogram(request, 64);
}

fn wide(request: &mut RequestOf<Test>, template: TemplateId) {
	let column = |text| Column { bits: 60, ..column(text) };
	other_datasets(request, &["a", "b", "c"].map(column), 1);
	request.template = template;
}

fn one_column(request: &mut RequestOf<Test>) {
	other_datasets(request, &[column("a")], ROWS);
	request.template = 3;
}

#[test]
fn request_accepts_every_template_with_its_parameters() {
	let histogram = Parameters::Histogram { low: -5, width: 10, bins: 64 };
	let none = Parameters::None;
	let parameters =
		[none.clone(), none.clone(), none.clone(), none.clone(), histogram, weights(&[3, -2]), none, weights(&[3, -2])];
	for (template, parameters) in (0..).zip(parameters) {
		with_providers(|| {
			let mut asked = Request { parameters: parameters.clone(), max_price: Balance::MAX, ..request() };
			let kind = KINDS[usize::from(template)];
			match kind.is_row_wise() {
				true => row_wise(&mut asked, 1, ROWS),
				false => other_datasets(&mut asked, schema().columns(), ROWS),
			}
			asked.template = template;
			assert_ok!(Bmpc::request(signed(USER), asked));
			let contract = contract(0);
			assert_eq!((contract.kind, &contract.parameters), (kind, &parameters));
			let outputs = [SELECTED, SELECTED, SELECTED, SELECTED, SELECTED, 1, 5, 6];
			assert_eq!(contract.outputs(), u32::from(outputs[usize::from(template)]));
		})
	}
}

fn retire(template: TemplateId) {
	assert_ok!(Bmpc::retire_template(RuntimeOrigin::root(), template));
}

fn unregister(who: AccountId) {
	assert_ok!(Bmpc::unregister_role(signed(who), Role::DataProvider));
}

/// Unbond all but `amount` of a bond.
fn leave_bond(who: AccountId, amount: Balance) {
	assert_ok!(Bonds::unbond(who, Bonds::available(&who) - amount));
}

/// A dataset of the third provider whose columns differ in one name.
fn other_columns() -> DatasetId {
	let schema = schema_of(["radius", "texture", "volume"].map(column).to_vec());
	let id = NextDatasetId::<Test>::get();
	assert_ok!(Bmpc::register_dataset(signed(DATA[2]), name("Other"), schema, ROWS, FINGERPRINT, 1, policy()));
	id
}

/// Change the policy of one dataset.
fn restrict(change: fn(&mut PolicyOf<Test>)) {
	let mut policy = policy();
	change(&mut policy);
	assert_ok!(Bmpc::update_dataset(signed(DATA[1]), 1, CELL_PRICE, policy));
}

fn only<S: Get<u32>>(buyer: AccountId) -> Option<BoundedVec<AccountId, S>> {
	Some(BoundedVec::truncate_from(vec![buyer]))
}

/// Change the price of one dataset, which has 200 selected cells.
fn price(price: Balance) {
	assert_ok!(Bmpc::update_dataset(signed(DATA[1]), 1, price, policy()));
}

#[test]
fn quote_and_request_fail_alike_when_request_is_invalid() {
	for (case, change, error) in BAD_REQUESTS {
		with_providers(|| {
			let mut bad = request();
			change(&mut bad);
			let refusal = Bmpc::quote(USER, bad.clone()).expect_err(case);
			assert_eq!(refusal.error, error.as_str(), "{case}");
			assert_noop!(Bmpc::request(signed(USER), Request { max_price: Balance::MAX, ..bad }), error);
		})
	}
}

#[test]
fn request_works_at_every_limit() {
	with_providers(|| {
		restrict(|policy| {
			policy.min_rows = ROWS;
			policy.buyers = only(USER);
			policy.max_queries = Some(1);
			policy.templates = BoundedVec::truncate_from(vec![1]);
		});
		let mut limits = request();
		limits.selection.selected = 3;
		limits.user_key = modulus(384);
		let quote = Bmpc::quote(USER, limits.clone()).unwrap();
		limits.max_price = quote.total + quote.prepaid_fees + quote.charges;
		expected_parties(Stage::Confirmation).into_iter().for_each(|who| leave_bond(who, quote.bond));
		limits.schedule = Schedule {
			confirmation: MIN_STAGE,
			selection: LEAST,
			inputs: LEAST,
			outputs: LEAST,
			result: MAX_JOB_SPAN - MIN_STAGE - 3 * LEAST,
		};
		assert_ok!(Bmpc::request(signed(USER), limits));
		complete(0, Stage::Confirmation);
		assert!(status(0).is_active());
	})
}

#[test]
fn request_fails_when_price_exceeds_maximum() {
	with_providers(|| {
		let quote = Bmpc::quote(USER, request()).unwrap();
		let price = quote.total + quote.prepaid_fees + quote.charges;
		let bad = Request { max_price: price - 1, ..request() };
		assert_noop!(Bmpc::request(signed(USER), bad), Error::PriceAboveMaximum);
		assert_ok!(Bmpc::request(signed(USER), Request { max_price: price, ..request() }));
	})
}

#[test]
fn request_changes_nothing_when_funds_are_missing() {
	with_providers(|| {
		let deposit = 2_000;
		for funds in [EXISTENTIAL_DEPOSIT, TOTAL, TOTAL + prepaid(), TOTAL + prepaid() + deposit] {
			assert_ok!(<Balances as Mutate<_>>::transfer(
				&OTHER_USER,
				&NOBODY,
				funds - Balances::free_balance(NOBODY),
				frame_support::traits::tokens::Preservation::Preserve
			));
			frame_support::assert_storage_noop!({
				let error = Bmpc::request(signed(NOBODY), request()).unwrap_err();
				// Too little altogether, or too little to keep the account alive.
				let missing = [TokenError::FundsUnavailable, TokenError::NotExpendable].map(DispatchError::Token);
				assert!(missing.contains(&error), "{funds}: {error:?}");
			});
		}
	})
}

/// A query counts while its provider may commit to inputs, and for good once it has: what it committed to can be read.
#[test]
fn queries_count_from_last_confirmation_and_are_given_back_where_nothing_was_committed() {
	with_providers(|| {
		restrict(|policy| policy.max_queries = Some(2));
		let counts = || [0, 1, 2].map(|dataset| QueryCounts::<Test>::get(dataset, USER));
		let jobs: Vec<_> = (0..3).map(|_| make_job()).collect();
		assert_eq!(counts(), [0; 3], "requests do not count");
		complete(jobs[0], Stage::Confirmation);
		complete(jobs[1], Stage::Confirmation);
		assert_eq!(counts(), [2; 3]);
		// It was requested before, and is judged at its last confirmation.
		complete(jobs[2], Stage::Confirmation);
		assert!(matches!(status(jobs[2]), Status::Lapsed { .. }));
		assert_noop!(Bmpc::request(signed(USER), request()), Error::TooManyQueries);
		// Another buyer has its own count.
		assert_ok!(Bmpc::request(signed(OTHER_USER), request()));

		// Two providers committed to inputs, the second did not.
		complete(jobs[0], Stage::Selection);
		[DATA[0], DATA[2]].into_iter().for_each(|who| ok(deliver(jobs[0], Stage::Inputs, who)));
		System::set_block_number(2 + STAGE);
		assert_ok!(Bmpc::expire(signed(STRANGER), jobs[0]));
		assert_eq!(counts(), [2, 1, 2]);
		assert_ok!(Bmpc::request(signed(USER), request()));
		// Clearing a record does not lower the count.
		assert_ok!(Bmpc::clear_job(signed(USER), jobs[0]));
		assert_eq!(counts(), [2, 1, 2]);
		// Nobody had committed to inputs.
		assert_ok!(Bmpc::expire(signed(STRANGER), jobs[1]));
		assert_eq!(counts(), [1, 0, 1]);
	})
}

#[test]
fn request_fails_when_party_has_maximum_of_jobs() {
	with_providers(|| {
		let jobs: Vec<_> = (0..MAX_ACTIVE_JOBS).map(|_| make_job()).collect();
		let refused = || {
			assert_noop!(Bmpc::request(signed(OTHER_USER), request()), Error::TooManyJobs);
			assert_eq!(Bmpc::quote(OTHER_USER, request()).unwrap_err().error, "TooManyJobs");
		};
		refused();
		jobs.iter().for_each(|job| complete(*job, Stage::Confirmation));
		assert_eq!(PendingJobs::<Test>::iter().count(), 0);
		refused();
		System::set_block_number(2 + STAGE);
		assert_ok!(Bmpc::expire(signed(STRANGER), jobs[1]));
		assert_ok!(Bmpc::request(signed(OTHER_USER), request()));
		assert_eq!(PendingJobs::<Test>::get(COORDINATOR).to_vec(), [3]);
		assert_eq!(ActiveJobs::<Test>::get(COORDINATOR).to_vec(), [jobs[0], jobs[2]]);
	})
}

#[test]
fn job_bond_is_minimum_when_price_is_low() {
	with_providers(|| {
		let priced = job_bond();
		for (least, bond) in [(priced - 1, priced), (priced, priced), (priced + 1, priced + 1)] {
			MinJobBond::set(least);
			assert_eq!(Bmpc::quote(USER, request()).unwrap().bond, bond);
			let job = make_job();
			assert_eq!(contract(job).bond, bond);
			reach_challenge(job);
			assert_eq!(Bonds::available(&DATA[0]), BOND - bond);
			// A later change affects neither the contract nor what is disengaged at its end.
			MinJobBond::set(1);
			assert_ok!(Bmpc::accept(signed(USER), job));
			assert_eq!(Bonds::available(&DATA[0]), BOND);
		}
	})
}

#[test]
fn request_fails_when_bond_is_engaged_in_another_job() {
	with_providers(|| {
		leave_bond(COORDINATOR, 2 * job_bond() - 1);
		let job = make_job();
		complete(job, Stage::Confirmation);
		assert_eq!(Bmpc::quote(OTHER_USER, request()).unwrap_err().error, "BondTooLow");
		assert_noop!(Bmpc::request(signed(OTHER_USER), request()), Error::BondTooLow);
		Stage::ALL.into_iter().skip(1).for_each(|stage| complete(job, stage));
		assert_noop!(Bmpc::request(signed(OTHER_USER), request()), Error::BondTooLow);
		assert_ok!(Bmpc::accept(signed(USER), job));
		assert_ok!(Bmpc::request(signed(OTHER_USER), request()));
	})
}
