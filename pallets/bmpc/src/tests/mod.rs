//! Tests: fixtures here, tests in a file for each subject.

mod api;
mod availability;
mod consent;
mod datasets;
mod faults;
mod identity;
mod invariants;
mod mask_keys;
mod offchain;
mod request;
mod roles;
mod settlement;
mod stages;
mod try_state;

use crate::{
	mock::{bonds::Bonds, *},
	*,
};
use encrytrust_fault_proofs::{
	product_tree::{NodeProof, Tree},
	wire::{self, Product},
	Fault, Producer,
};
use encrytrust_traits::bonds::ServiceBonds;
use encrytrust_types::{dataset::*, job::*, limits::MaxParties, merkle, DatasetId, JobId, Modulus, Name, TemplateId};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::DispatchClass,
	pallet_prelude::Get,
	traits::fungible::InspectHold,
	weights::{Weight, WeightToFee},
};
use frame_system::limits::BlockWeights;
use sp_core::{bounded::BoundedVec, H256};
use sp_runtime::DispatchResult;

type Error = crate::Error<Test>;
type Event = crate::Event<Test>;

/// Rows of every dataset.
const ROWS: u64 = 100;
/// Selected columns.
const SELECTED: u16 = 2;
const CELL_PRICE: Balance = 7_000;
const WORK_PRICE: Balance = 1_000_000;
const COORDINATION_PRICE: Balance = 5_000_000;
/// Pay of each data provider in [`request`].
const DATA_PAY: Balance = 1_400_000;
/// Pay of each computing provider in [`request`]: three datasets by two columns.
const COMPUTING_PAY: Balance = 6_000_000;
/// 100, and one per cent of what all parties are paid.
const FEE: Balance = 212_100;
const TOTAL: Balance = 21_412_100;
/// The fees of six confirmations and what the last one does, and of seven deliveries with a challenge for each.
fn prepaid() -> Balance {
	type Weights = <Test as Config>::WeightInfo;
	let confirmations = [(6, Weights::confirm_first()), (1, Weights::confirm())];
	CallFees::weight_to_fee(&owed(&confirmations, Weights::authorize()).saturating_add(duties()))
}

/// What blocks are charged for all calls that the parties and the user owe after the confirmation of [`request`]'s job.
fn duties() -> Weight {
	type Weights = <Test as Config>::WeightInfo;
	let deliveries = [
		(1, Weights::commit_selection()),
		(3, Weights::commit_inputs()),
		(2, Weights::commit_output()),
		(1, Weights::commit_result()),
	];
	// Data providers need two selections; computing providers a selection, and entries and a message of each data provider;
	// the coordinator entries and trees; and the user what it does, and the result.
	let challenges = [(1, 0), (3, 2), (2, 7), (1, 5), (1, 8)];
	let challenges =
		challenges.map(|(count, units)| owed(&[(count, Weights::challenge(units))], Weights::challenge(units)));
	challenges.into_iter().fold(owed(&deliveries, Weights::authorize()), Weight::saturating_add)
}

/// So many calls of these weights, each with the check that it is owed, and what every extrinsic takes.
fn owed(calls: &[(u64, Weight)], check: Weight) -> Weight {
	let limits = <<Test as frame_system::Config>::BlockWeights as Get<BlockWeights>>::get();
	let base = limits.get(DispatchClass::Operational).base_extrinsic;
	calls.iter().fold(Weight::zero(), |sum, (count, weight)| sum + (*weight + check + base).saturating_mul(*count))
}

/// The fee of the most expensive report about the contract of [`request`]: by the weights here, of a transfer's proof.
fn report_deposit() -> Balance {
	type Weights = <Test as Config>::WeightInfo;
	let kilobytes = unit::message_bytes(3, 256).div_ceil(1_024) as u32;
	assert!(Weights::check_selection_proof(kilobytes).ref_time() < Weights::check_transfer().ref_time());
	let convict = Weights::convict(<MaxParties as Get<u32>>::get());
	CallFees::weight_to_fee(&Weights::check_transfer().saturating_add(convict))
}

/// Any digest: the chain does not verify key proofs.
const KEY_PROOF: [u8; 32] = [7; 32];
/// The bond of every provider: enough for the maximum number of jobs.
const BOND: Balance = 100_000_000;

/// A prime of 2048 bits: RFC 3526, group 14.
const PRIME: &str = "
	FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD
	EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED
	EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F
	83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B
	E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510
	15728E5A8AACAA68FFFFFFFFFFFFFFFF";

/// A product of two primes, that of `tests/fixtures/vectors/selection.json`.
const MODULUS: &str = "
	8991906A9CEB1D81B53242ED51D423385A506FBC5183DD76266048F1FAA96F6105C0A92BF70DDACDA8B8DD909DC966BE
	ED7B2E3B260E2644CAD29B7DA773D1F914E80C535213FB95582CFAD672F42C529D9044F43F7C752AD8570E571EA321CC
	B94971817F2AE56743A469D6A2E29DD1BB89892254C24B6B2E719F9329D5332BD40AE594F7D174750F2587A027403D3C
	8704F8F355CC420A76C6E89124FAFE48C5D42E2C6CD3603BD594D5F546B430AD0AB7827BD20675982F942EE6C1011771
	ADCFB3F470A64655196FD01F5DB54EC7400CF1D7160B85F046758477B87138D1232297625CBA77CCF6AD63C14B454615
	7DF33FBA9FE78E2142DEB290C25ADC89";

fn prime() -> Modulus {
	number(PRIME)
}

fn number(digits: &str) -> Modulus {
	let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
	let byte = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap();
	BoundedVec::truncate_from(digits.chunks(2).map(byte).collect())
}

/// A modulus of `8 * length` bits: a true one of 2048, and for other lengths an odd number that three divides.
fn modulus(length: usize) -> Modulus {
	if length == 256 {
		return number(MODULUS);
	}
	let mut bytes = vec![0x5a; length];
	(bytes[0], bytes[length - 1]) = (0xff, 0x5d);
	BoundedVec::truncate_from(bytes)
}

fn name(text: &str) -> Name {
	BoundedVec::truncate_from(text.as_bytes().to_vec())
}

fn endpoint(seed: u8) -> Endpoint {
	let address = BoundedVec::truncate_from(b"/ip4/127.0.0.1/tcp/4001".to_vec());
	Endpoint { sealing: [seed; 32], peer: [seed + 100; 32], address }
}

fn computing_offer() -> OfferOf<Test> {
	Offer::ComputingProvider { price: WORK_PRICE, paillier: modulus(256), key_proof: KEY_PROOF }
}

fn coordinator_offer() -> OfferOf<Test> {
	Offer::Coordinator { price: COORDINATION_PRICE }
}

fn column(text: &str) -> Column {
	Column { name: name(text), decimals: 3, bits: 40 }
}

fn schema() -> Schema {
	schema_of(["radius", "texture", "area"].map(column).to_vec())
}

fn schema_of(columns: Vec<Column>) -> Schema {
	Schema::V1(BoundedVec::truncate_from(columns))
}

/// Terms that allow everything here.
fn terms() -> TermsOf<Test> {
	Terms {
		base: 0,
		work_per_block: 1_000,
		bytes_per_block: 1_000_000,
		max_bond: Balance::MAX,
		max_publication: u64::MAX,
		max_span: u64::MAX,
		buyers: None,
		co_providers: None,
	}
}

/// What providers declare their rows to be.
const FINGERPRINT: H256 = H256::repeat_byte(0xf1);

fn policy() -> PolicyOf<Test> {
	let templates = BoundedVec::truncate_from(vec![0, 1]);
	Policy { templates, min_rows: ROWS, buyers: None, max_queries: None }
}

fn register_dataset(provider: AccountId, policy: PolicyOf<Test>) -> DispatchResult {
	Bmpc::register_dataset(signed(provider), name("Cells"), schema(), ROWS, FINGERPRINT, CELL_PRICE, policy)
}

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// All providers register and bond, each data provider with one dataset: 0, 1, 2.
fn register_all() {
	expected_parties(Stage::Confirmation).into_iter().for_each(|who| ok(Bonds::bond(who, BOND)));
	for (seed, who) in DATA.into_iter().enumerate() {
		assert_ok!(Bmpc::register_role(signed(who), endpoint(seed as u8), Offer::DataProvider, terms()));
		assert_ok!(register_dataset(who, policy()));
	}
	for who in COMPUTING {
		assert_ok!(Bmpc::register_role(signed(who), endpoint(10), computing_offer(), terms()));
	}
	assert_ok!(Bmpc::register_role(signed(COORDINATOR), endpoint(20), coordinator_offer(), terms()));
}

/// A chain on which everyone is registered.
fn with_providers(test: impl FnOnce()) {
	ExtBuilder.build_and_execute(|| {
		register_all();
		System::reset_events();
		test();
	})
}

/// The length of every stage.
const STAGE: u64 = 10;

fn schedule() -> Schedule<u64> {
	Schedule::uniform(STAGE)
}

/// Two of three columns.
fn selection() -> Selection {
	Selection::new([3; 32], &[0, 2], 3).unwrap()
}

/// Means of two columns over all datasets, by all providers.
fn request() -> RequestOf<Test> {
	Request {
		template: 1,
		datasets: BoundedVec::truncate_from(vec![0, 1, 2]),
		row_ranges: BoundedVec::new(),
		computing_providers: BoundedVec::truncate_from(COMPUTING.to_vec()),
		coordinator: COORDINATOR,
		user_key: modulus(256),
		selection: SelectionTerms {
			commitment: selection().commitment(3),
			selected: SELECTED,
			sealed: BoundedVec::truncate_from(vec![BoundedVec::truncate_from(vec![2; 100]); 3]),
		},
		parameters: Parameters::None,
		user_key_proof: KEY_PROOF,
		schedule: schedule(),
		max_price: 2 * TOTAL,
	}
}

/// Make the job of [`request`].
fn make_job() -> JobId {
	let id = NextJobId::<Test>::get();
	assert_ok!(Bmpc::request(signed(USER), request()));
	id
}

/// A chain with one job, in the stage `Confirmation` since block 1.
fn with_job(test: impl FnOnce(JobId)) {
	with_providers(|| {
		let job = make_job();
		System::reset_events();
		test(job);
	})
}

fn hash(job: JobId) -> H256 {
	Jobs::<Test>::get(job).unwrap().contract_hash
}

fn contract(job: JobId) -> ContractOf<Test> {
	Jobs::<Test>::get(job).unwrap().contract
}

fn status(job: JobId) -> StatusOf<Test> {
	Statuses::<Test>::get(job).unwrap()
}

/// A commitment to two stumps, trees of one node each, which are hashed quickly.
fn commitment(seed: u8) -> Commitment {
	Commitment { root: merkle::root(&stump_leaves()), blob: [seed; 32] }
}

/// Bytes of a number modulo the square of the user's modulus.
const VALUE_BYTES: usize = 512;

fn stump() -> Tree {
	Tree { levels: vec![vec![vec![1; VALUE_BYTES]]] }
}

/// The only part of the commitment.
fn stumps() -> Product {
	Product { trees: vec![stump(), stump()] }
}

fn stump_leaves() -> Vec<H256> {
	wire::product_leaves(0, &stumps().hashes(TreeShape::new(1), VALUE_BYTES).unwrap())
}

/// The first part of trees with the shape that the job's contract requires; their products are wrong.
fn trees(job: JobId, stage: Stage) -> Product {
	let contract = contract(job);
	let shape = contract.tree_shape(stage).unwrap();
	let level = |level| vec![vec![1; VALUE_BYTES]; shape.width(level) as usize];
	let tree = Tree { levels: (0..=shape.height()).map(level).collect() };
	Product { trees: vec![tree; contract.outputs_of(0).len()] }
}

/// The values of trees, one behind the other: a chunk.
fn values(product: &Product) -> Vec<u8> {
	product.trees.iter().flat_map(|tree| tree.levels.concat().concat()).collect()
}

/// As if `who` had committed to [`trees`]: stumps cannot be published.
fn commit_trees(job: JobId, stage: Stage, who: AccountId) {
	let shape = contract(job).tree_shape(stage).unwrap();
	let hashes = trees(job, stage).hashes(shape, VALUE_BYTES).unwrap();
	let root = merkle::root(&wire::product_leaves(0, &hashes));
	Commitments::<Test>::mutate(job, (stage, who), |entry| entry.as_mut().unwrap().0.root = root);
}

/// The proof that a stump does not have the required leaves.
fn stump_fault(producer: Producer, output: u32) -> Fault {
	let hashes = stump().hashes(TreeShape::new(1), VALUE_BYTES).unwrap();
	let path = BoundedVec::truncate_from(merkle::path(&stump_leaves(), output as usize).unwrap());
	let root: NodeProof = hashes.prove(&stump(), 0, 0, path).unwrap();
	Fault::Shape { producer, output, root }
}

/// The call by which `who` delivers in `stage`.
/// Confirms; what it weighed is left out.
fn confirm(who: AccountId, job: JobId, hash: H256, key: Option<MaskKey>) -> DispatchResult {
	let confirmed = Bmpc::confirm(signed(who), job, hash, key);
	confirmed.map(|_| ()).map_err(|error| error.error)
}

fn deliver(job: JobId, stage: Stage, who: AccountId) -> DispatchResult {
	let origin = signed(who);
	let commitment = commitment(who as u8);
	let basis = basis(job, stage);
	match stage {
		Stage::Confirmation => confirm(who, job, hash(job), mask_key(who)),
		Stage::Selection => Bmpc::commit_selection(origin, job, commitment, basis),
		Stage::Inputs => Bmpc::commit_inputs(origin, job, commitment, basis),
		Stage::Outputs => Bmpc::commit_output(origin, job, commitment, basis),
		Stage::Result => Bmpc::commit_result(origin, job, commitment, basis),
	}
}

/// The mask key that `who` posts: data providers have one.
fn mask_key(who: AccountId) -> Option<MaskKey> {
	DATA.contains(&who).then_some([who as u8; 32])
}

/// What a delivery in `stage` is made from.
fn basis(job: JobId, stage: Stage) -> H256 {
	Jobs::<Test>::get(job).map(|record| Bmpc::basis(job, &record, stage)).unwrap_or_default()
}

/// The parties that owe the current stage.
fn awaited(job: JobId) -> Vec<AccountId> {
	match status(job) {
		Status::Open { awaited, .. } => awaited.into_iter().map(|awaited| awaited.who).collect(),
		_ => vec![],
	}
}

/// The expected parties of `stage` in the job of [`request`].
fn expected_parties(stage: Stage) -> Vec<AccountId> {
	match stage {
		Stage::Confirmation => DATA.into_iter().chain(COMPUTING).chain([COORDINATOR]).collect(),
		Stage::Selection | Stage::Result => vec![COORDINATOR],
		Stage::Inputs => DATA.to_vec(),
		Stage::Outputs => COMPUTING.to_vec(),
	}
}

/// All parties deliver in all stages before `stage`.
fn reach(job: JobId, stage: Stage) {
	Stage::ALL.into_iter().filter(|done| *done < stage).for_each(|done| complete(job, done));
}

/// All expected parties deliver in `stage`.
fn complete(job: JobId, stage: Stage) {
	expected_parties(stage).into_iter().for_each(|who| ok(deliver(job, stage, who)));
}

/// All parties deliver in all stages: the challenge window begins.
fn reach_challenge(job: JobId) {
	Stage::ALL.into_iter().for_each(|stage| complete(job, stage));
}

/// [`assert_ok`] as an expression.
#[track_caller]
fn ok<T, E: core::fmt::Debug>(result: Result<T, E>) {
	assert!(result.is_ok(), "{:?}", result.err());
}

/// What `who` has on hold for charges.
fn charges(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Charges.into(), &who)
}

fn escrow(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Escrow.into(), &who)
}

/// The amount on hold for a service bond.
fn bonded(who: AccountId) -> Balance {
	Balances::balance_on_hold(&bonds::HoldReason::ServiceBond.into(), &who)
}

fn deposits(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::StorageDeposit.into(), &who)
}

/// The pallet's events since the last call.
fn events() -> Vec<Event> {
	let events = System::read_events_for_pallet::<Event>();
	System::reset_events();
	events
}
