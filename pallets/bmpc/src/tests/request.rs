use super::*;
use frame_support::traits::fungible::Mutate;
use sp_runtime::{DispatchError, TokenError};

#[test]
fn request_fixes_contract_and_holds_price() {
	with_providers(|| {
		let free = Balances::free_balance(USER);
		let deposit = deposits(USER);
		assert_ok!(Bmpc::request(signed(USER), request()));
		let job = Jobs::<Test>::get(0).unwrap();
		let party = |who, pay, seed| Party { who, pay, endpoint: endpoint(seed) };
		let data = |id: u64| DataParty {
			dataset: id,
			rows: ROWS,
			fingerprint: FINGERPRINT,
			party: party(DATA[id as usize], DATA_PAY, id as u8),
		};
		let computing =
			|who| ComputingParty { paillier: modulus(256), key_proof: KEY_PROOF, party: party(who, COMPUTING_PAY, 10) };
		assert_eq!(
			job.contract,
			Contract {
				user: USER,
				template: 1,
				kind: TemplateKind::ColumnMean,
				parameters: Parameters::None,
				schema: schema(),
				data: BoundedVec::truncate_from(vec![data(0), data(1), data(2)]),
				computing: BoundedVec::truncate_from(COMPUTING.map(computing).to_vec()),
				coordinator: party(COORDINATOR, COORDINATION_PRICE, 20),
				user_key: modulus(256),
				user_key_proof: KEY_PROOF,
				selection: request().selection,
				schedule: schedule(),
				challenge_period: CHALLENGE_PERIOD,
				fee: FEE,
				bond: TOTAL,
			}
		);
		let genesis = System::block_hash(0);
		assert_ne!(genesis, H256::zero());
		assert_eq!(job.contract_hash, job.contract.hash(&genesis, 0));
		assert_eq!((job.escrow, job.requested_at), (TOTAL, 1));
		assert_eq!((escrow(USER), deposits(USER)), (TOTAL, deposit + job.deposit));
		assert_eq!(Balances::free_balance(USER), free - TOTAL - job.deposit);
		for party in expected_parties(Stage::Confirmation) {
			assert_eq!(Bonds::available(&party), BOND - TOTAL, "{party} has engaged its bond");
		}
		assert_eq!(
			status(0),
			Status::Open {
				stage: Stage::Confirmation,
				deadline: 11,
				awaited: BoundedVec::truncate_from(expected_parties(Stage::Confirmation)),
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
		assert_eq!(
			Bmpc::quote(USER, request()),
			Ok(Quote {
				data: DATA.map(|who| (who, DATA_PAY)).to_vec(),
				computing: COMPUTING.map(|who| (who, COMPUTING_PAY)).to_vec(),
				coordination: COORDINATION_PRICE,
				fee: FEE,
				total: TOTAL,
				bond: TOTAL,
			})
		);
		// A quote ignores the maximum, because the price is its result.
		assert_eq!(Bmpc::quote(USER, Request { max_price: 0, ..request() }), Bmpc::quote(USER, request()));
	})
}

/// A change after which the request is refused.
type Case = (&'static str, fn(&mut RequestOf<Test>), Error);

const BAD_REQUESTS: [Case; 57] = [
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
	("a row too few for the policy", |_| restrict(|policy| policy.min_rows = 301), Error::TooFewRows),
	("a row alone against the policy", |request| row_wise(request, 2, 1), Error::TooFewRows),
	("weights for rows", weights_for_rows, Error::InvalidParameters),
	("weighted rows without weights", rows_without_weights, Error::InvalidParameters),
	("a row too many", |request| row_wise(request, 1, MOST_ROWS + 1), Error::TooManyRows),
	("rows beyond all numbers", |request| row_wise(request, 1, u64::MAX / 3), Error::TooManyRows),
	("a buyer against the policy", |_| restrict(|policy| policy.buyers = only(STRANGER)), Error::BuyerNotAllowed),
	("nobody may buy", |_| restrict(|policy| policy.buyers = Some(Default::default())), Error::BuyerNotAllowed),
	("no answer left", |_| restrict(|policy| policy.max_queries = Some(0)), Error::TooManyQueries),
	("a deadline in the past", |request| request.schedule.confirm_by = 1, Error::DeadlinePassed),
	("too little time to confirm", |request| request.schedule.confirm_by = 2, Error::StageTooShort),
	("too little time to select", |request| request.schedule.select_by = 12, Error::StageTooShort),
	("too little time for inputs", |request| request.schedule.inputs_by = 22, Error::StageTooShort),
	("too little time for outputs", |request| request.schedule.outputs_by = 32, Error::StageTooShort),
	("too little time for the result", |request| request.schedule.result_by = 42, Error::StageTooShort),
	("stages out of order", |request| request.schedule.inputs_by = 5, Error::StageTooShort),
	("a schedule without end", |request| request.schedule.result_by = MAX_JOB_SPAN + 2, Error::ScheduleTooLong),
	("deadlines at the end of time", |request| request.schedule.confirm_by = u64::MAX, Error::ScheduleTooLong),
	("a key too short", |request| request.user_key = modulus(255), Error::ModulusLength),
	("a key between the lengths", |request| request.user_key = modulus(383), Error::ModulusLength),
	("an even key", |request| *request.user_key.last_mut().unwrap() = 0x5c, Error::ModulusEven),
	("a prime key", |request| request.user_key = prime(), Error::ModulusPrime),
	("a data provider's bond a unit too low", |_| leave_bond(DATA[2], TOTAL - 1), Error::BondTooLow),
	("a computing provider's bond a unit too low", |_| leave_bond(COMPUTING[1], TOTAL - 1), Error::BondTooLow),
	("a coordinator's bond a unit too low", |_| leave_bond(COORDINATOR, TOTAL - 1), Error::BondTooLow),
	("a bond below the minimum of any job", |_| MinJobBond::set(BOND + 1), Error::BondTooLow),
	("a price beyond all numbers", |_| price(Balance::MAX), Error::Overflow),
	("a sum beyond all numbers", |_| price(Balance::MAX / 200), Error::Overflow),
];

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

/// A request for row sums over datasets with this `min_rows`, the first with so many rows and the others with one
/// block.
fn row_wise(request: &mut RequestOf<Test>, min_rows: u64, rows: u64) {
	request.template = 6;
	let policy = Policy { templates: BoundedVec::truncate_from((0..8).collect()), min_rows, ..policy() };
	for (index, (who, rows)) in DATA.into_iter().zip([rows, 1, 48]).enumerate() {
		request.datasets[index] = NextDatasetId::<Test>::get();
		assert_ok!(Bmpc::register_dataset(signed(who), name("Rows"), schema(), rows, FINGERPRINT, 0, policy.clone()));
	}
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
		// The maximum number of rows, at a price of zero.
		assert_eq!(Bmpc::quote(USER, asked).unwrap_err().error, "BondTooLow");
	});
}

/// Datasets with these columns and rows, one of each provider, with all templates allowed.
fn other_datasets(request: &mut RequestOf<Test>, columns: &[Column], rows: u64) {
	let templates = BoundedVec::truncate_from((0..8).collect());
	for (index, who) in DATA.into_iter().enumerate() {
		request.datasets[index] = NextDatasetId::<Test>::get();
		let schema = schema_of(columns.to_vec());
		let policy = Policy { templates: templates.clone(), ..policy() };
		assert_ok!(Bmpc::register_dataset(signed(who), name("Other"), schema, rows, FINGERPRINT, 0, policy));
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

fn only<S: frame_support::traits::Get<u32>>(buyer: AccountId) -> Option<BoundedVec<AccountId, S>> {
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
			// The quote is for the next block, so the call is made one block later.
			System::set_block_number(0);
			let mut bad = Request {
				schedule: Schedule { confirm_by: 11, select_by: 21, inputs_by: 31, outputs_by: 41, result_by: 51 },
				..request()
			};
			change(&mut bad);
			let refusal = Bmpc::quote(USER, bad.clone()).expect_err(case);
			assert_eq!(refusal.error, error.as_str(), "{case}");
			System::set_block_number(1);
			assert_noop!(Bmpc::request(signed(USER), Request { max_price: Balance::MAX, ..bad }), error);
		})
	}
}

#[test]
fn request_works_at_every_limit() {
	with_providers(|| {
		restrict(|policy| {
			policy.min_rows = 300;
			policy.buyers = only(USER);
			policy.max_queries = Some(1);
			policy.templates = BoundedVec::truncate_from(vec![1]);
		});
		let mut limits = request();
		limits.selection.selected = 3;
		limits.user_key = modulus(384);
		let quote = Bmpc::quote(USER, limits.clone()).unwrap();
		limits.max_price = quote.total;
		expected_parties(Stage::Confirmation).into_iter().for_each(|who| leave_bond(who, quote.bond));
		limits.schedule = Schedule {
			confirm_by: 1 + MIN_STAGE,
			select_by: 1 + 2 * MIN_STAGE,
			inputs_by: 1 + 3 * MIN_STAGE,
			outputs_by: 1 + 4 * MIN_STAGE,
			result_by: 1 + MAX_JOB_SPAN,
		};
		assert_ok!(Bmpc::request(signed(USER), limits));
	})
}

#[test]
fn request_fails_when_price_exceeds_maximum() {
	with_providers(|| {
		let bad = Request { max_price: TOTAL - 1, ..request() };
		assert_noop!(Bmpc::request(signed(USER), bad), Error::PriceAboveMaximum);
	})
}

#[test]
fn request_changes_nothing_when_funds_are_missing() {
	with_providers(|| {
		let deposit = 2_000;
		for funds in [EXISTENTIAL_DEPOSIT, TOTAL, TOTAL + deposit] {
			assert_ok!(<Balances as Mutate<_>>::transfer(
				&OTHER_USER,
				&NOBODY,
				funds - Balances::free_balance(NOBODY),
				frame_support::traits::tokens::Preservation::Preserve
			));
			assert_noop!(Bmpc::request(signed(NOBODY), request()), DispatchError::Token(TokenError::FundsUnavailable));
		}
	})
}

#[test]
fn request_fails_when_query_count_is_used_up() {
	with_providers(|| {
		restrict(|policy| policy.max_queries = Some(2));
		// Jobs under way and settled jobs count, declined ones do not.
		let first = make_job();
		let second = make_job();
		assert_noop!(Bmpc::request(signed(USER), request()), Error::TooManyQueries);
		assert_ok!(Bmpc::decline(signed(DATA[0]), first, DeclineReason::Policy));
		reach_challenge(second);
		assert_ok!(Bmpc::accept(signed(USER), second));
		let third = make_job();
		assert_noop!(Bmpc::request(signed(USER), request()), Error::TooManyQueries);
		// Another buyer has its own count; clearing a record does not lower it.
		assert_ok!(Bmpc::request(signed(OTHER_USER), request()));
		assert_ok!(Bmpc::clear_job(signed(USER), second));
		System::set_block_number(12);
		assert_ok!(Bmpc::expire(signed(STRANGER), third));
		make_job();
		assert_noop!(Bmpc::request(signed(USER), request()), Error::TooManyQueries);
	})
}

#[test]
fn request_fails_when_party_has_maximum_of_active_jobs() {
	with_providers(|| {
		let jobs: Vec<_> = (0..MAX_ACTIVE_JOBS).map(|_| make_job()).collect();
		assert_noop!(Bmpc::request(signed(OTHER_USER), request()), Error::TooManyJobs);
		assert_eq!(Bmpc::quote(OTHER_USER, request()).unwrap_err().error, "TooManyJobs");
		assert_ok!(Bmpc::decline(signed(DATA[0]), jobs[1], DeclineReason::Other));
		assert_ok!(Bmpc::request(signed(OTHER_USER), request()));
		assert_eq!(ActiveJobs::<Test>::get(COORDINATOR).to_vec(), [jobs[0], jobs[2], 3]);
	})
}

#[test]
fn job_bond_is_minimum_when_price_is_low() {
	with_providers(|| {
		for (least, bond) in [(TOTAL - 1, TOTAL), (TOTAL, TOTAL), (TOTAL + 1, TOTAL + 1)] {
			MinJobBond::set(least);
			assert_eq!(Bmpc::quote(USER, request()).unwrap().bond, bond);
			let job = make_job();
			assert_eq!(contract(job).bond, bond);
			// A later change affects neither the contract nor what is disengaged at its end.
			MinJobBond::set(1);
			assert_ok!(Bmpc::decline(signed(DATA[0]), job, DeclineReason::Other));
			assert_eq!(Bonds::available(&DATA[0]), BOND);
		}
	})
}

#[test]
fn request_fails_when_bond_is_engaged_in_another_job() {
	with_providers(|| {
		leave_bond(COORDINATOR, 2 * TOTAL - 1);
		let job = make_job();
		assert_eq!(Bmpc::quote(OTHER_USER, request()).unwrap_err().error, "BondTooLow");
		assert_noop!(Bmpc::request(signed(OTHER_USER), request()), Error::BondTooLow);
		reach_challenge(job);
		assert_noop!(Bmpc::request(signed(OTHER_USER), request()), Error::BondTooLow);
		assert_ok!(Bmpc::accept(signed(USER), job));
		assert_ok!(Bmpc::request(signed(OTHER_USER), request()));
	})
}
