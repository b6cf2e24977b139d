//! Benchmarks: every list as long as it can be, every key a real odd number of 3072 bits.

// Benchmarks never run on a chain.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use super::*;
use alloc::{format, vec, vec::Vec};
use encrytrust_fault_proofs::{
	check, message_bytes,
	product_tree::{node_hash, Child, NodeProof, Step, Tree},
	ring::Ring,
	selector, wire, CiphertextProof, EntryProof, Fault, FaultError, MaxMessage, Message, Opening, Producer,
	SelectorProof, Verdict,
};
use encrytrust_host_functions::big_integers::Host;
use encrytrust_traits::{bonds::ServiceBonds, fees::ServiceFees, key_registry::KeyRegistry};
use encrytrust_types::{
	dataset::{Column, Schema},
	job::{
		Commitment, DeclineReason, Endpoint, Offer, Parameters, Request, Role, Schedule, Selection, SelectionTerms,
		Stage, Status, Template, TemplateKind, TreeShape,
	},
	limits::{
		MaxColumns, MaxComputers, MaxDataProviders, MaxName, MaxOpenDemands, MaxPolicyEntries, MaxWeights, MAX_BLOCKS,
		MAX_FEATURES, MAX_FEATURE_LEAVES,
	},
	merkle::{self, Path},
	token::Balance,
	Address, DataSetId, JobId, Modulus, Name, Number, TemplateId,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{fungible::Mutate, EnsureOrigin, Get},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System, RawOrigin};
use sp_core::H256;
use sp_runtime::traits::{One, Saturating};

/// What every account has: enough for anything, and for all of them together far from all that numbers hold.
const FUNDS: Balance = Balance::MAX / 4096;

fn most<Bound: Get<u32>>() -> u32 {
	Bound::get()
}

/// A number of 3072 bits that is odd and no prime: its bytes, and so itself, are multiples of three.
fn modulus() -> Modulus {
	let mut bytes = vec![0x5a; 384];
	(bytes[0], bytes[383]) = (0xff, 0x5d);
	BoundedVec::truncate_from(bytes)
}

fn endpoint() -> Endpoint {
	Endpoint { sealing: [1; 32], peer: [2; 32], address: Address::truncate_from(vec![b'/'; 128]) }
}

fn computing_offer<T: Config>() -> OfferOf<T> {
	Offer::ComputingProvider { price: 1, paillier: modulus(), key_proof: [7; 32] }
}

fn name(index: u32) -> Name {
	let width = most::<MaxName>() as usize;
	BoundedVec::truncate_from(format!("{index:0width$}").into_bytes())
}

fn schema(columns: u32) -> Schema {
	let column = |index| Column { name: name(index), decimals: 4, bits: 40 };
	Schema::V1(BoundedVec::truncate_from((0..columns).map(column).collect()))
}

fn fingerprint() -> H256 {
	H256::repeat_byte(6)
}

/// The longest policy; the template and the buyer that it allows stand last.
fn policy<T: Config>(template: TemplateId, buyer: T::AccountId) -> PolicyOf<T> {
	let others = most::<MaxPolicyEntries>().saturating_sub(1);
	let templates = vec![TemplateId::MIN; others as usize].into_iter().chain([template]).collect();
	let buyers = (0..others).map(|index| account("buyer", index, 0)).chain([buyer]).collect();
	PolicyOf::<T> {
		templates: BoundedVec::truncate_from(templates),
		min_rows: 1,
		buyers: Some(BoundedVec::truncate_from(buyers)),
		max_answers: Some(u32::MAX),
	}
}

/// All columns.
fn selection() -> Selection {
	Selection { salt: [5; 32], bitmap: vec![0xff; most::<MaxColumns>() as usize / 8] }
}

fn commitment() -> Commitment {
	Commitment { root: H256::repeat_byte(3), blob: [4; 32] }
}

/// An account with money and, but for one, as many jobs as it may have.
fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId
where
	T::Currency: Mutate<T::AccountId>,
{
	let who: T::AccountId = account(name, index, 0);
	T::Currency::set_balance(&who, FUNDS);
	T::Keys::activate(&who);
	let others = (1..T::MaxActiveJobs::get()).map(|index| JobId::MAX.saturating_sub(index.into())).collect();
	ActiveJobs::<T>::insert(&who, BoundedVec::truncate_from(others));
	who
}

fn provider<T: Config>(name: &'static str, index: u32, offer: OfferOf<T>) -> Result<T::AccountId, BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	let who = funded::<T>(name, index);
	T::Bonds::endow(&who, FUNDS);
	Pallet::<T>::do_register_role(who.clone(), endpoint(), offer)?;
	Ok(who)
}

fn template<T: Config>() -> Result<TemplateId, BenchmarkError> {
	let id = NextTemplateId::<T>::get();
	Pallet::<T>::do_add_template(Template { name: name(0), kind: TemplateKind::RowSum, retired: false })?;
	Ok(id)
}

/// Rows of a data set, so that 16 of them go into as many ciphertexts as they may: 62 each, for they have 40 bits and a sign
/// in room for the sum of 256.
const ROWS: u64 = 62 * MAX_BLOCKS / 16;
/// What leads from an output to the commitment, or from a part of that size.
const OUTPUT_PATH: usize = 20;
/// Parts of a data set: with 256 columns of 3072 bits they have 2 blocks each.
const PARTS: u64 = MAX_BLOCKS / 16 / 2;
/// What leads from a part of inputs to the commitment.
const PARTS_PATH: usize = 15;

fn data_set<T: Config>(provider: &T::AccountId, policy: PolicyOf<T>) -> Result<DataSetId, BenchmarkError> {
	let (id, columns) = (NextDataSetId::<T>::get(), schema(most::<MaxColumns>()));
	Pallet::<T>::do_register_dataset(provider.clone(), name(0), columns, ROWS, fingerprint(), 1, policy)?;
	Ok(id)
}

/// A request over `d` data sets and by `c` computing providers, all of them registered, and its user.
fn new_request<T: Config>(d: u32, c: u32) -> Result<(T::AccountId, RequestOf<T>), BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	let (user, template) = (funded::<T>("user", 0), template::<T>()?);
	let mut data_sets = Vec::new();
	for index in 0..d {
		let provider = provider::<T>("data", index, Offer::DataProvider)?;
		data_sets.push(data_set::<T>(&provider, policy::<T>(template, user.clone()))?);
	}
	let computers = (0..c).map(|index| provider::<T>("computing", index, computing_offer::<T>()));
	// Benchmarks are set up in block 0 and run in block 1.
	let now = System::<T>::block_number().max(One::one());
	System::<T>::set_block_number(now);
	let after = |stages: u32| now.saturating_add(T::MinStage::get().saturating_mul(stages.into()));
	let request = Request {
		template,
		data_sets: BoundedVec::truncate_from(data_sets),
		computers: BoundedVec::truncate_from(computers.collect::<Result<_, _>>()?),
		coordinator: provider::<T>("coordinator", 0, Offer::Coordinator { price: 1 })?,
		parameters: Parameters::None,
		user_key: modulus(),
		user_key_proof: [7; 32],
		selection: SelectionTerms {
			commitment: selection().commitment(most::<MaxColumns>() as u16),
			selected: most::<MaxColumns>() as u16,
			sealed: BoundedVec::truncate_from(vec![BoundedVec::truncate_from(vec![6; 256]); c as usize + 1]),
		},
		schedule: Schedule {
			confirm_by: after(1),
			select_by: after(2),
			inputs_by: after(3),
			outputs_by: after(4),
			result_by: after(5),
		},
		max_price: Balance::MAX,
	};
	Ok((user, request))
}

/// A job in `stage`, all of whose debtors but the last have delivered; returns that one, too.
fn job_in<T: Config>(stage: Stage, d: u32, c: u32) -> Result<(JobId, T::AccountId), BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	let id = NextJobId::<T>::get();
	let (user, request) = new_request::<T>(d, c)?;
	Pallet::<T>::do_request(user, request)?;
	loop {
		let Some(Status::Open { stage: current, awaited, .. }) = Statuses::<T>::get(id) else {
			return Err("the job is not open".into());
		};
		let (last, others) = awaited.split_last().ok_or("nobody is awaited")?;
		others.iter().try_for_each(|who| deliver::<T>(id, current, who))?;
		if current == stage {
			return Ok((id, last.clone()));
		}
		deliver::<T>(id, current, last)?;
	}
}

fn deliver<T: Config>(id: JobId, stage: Stage, who: &T::AccountId) -> Result<(), BenchmarkError> {
	match stage {
		Stage::Confirmation => Pallet::<T>::do_confirm(who.clone(), id, hash::<T>(id)?)?,
		stage => Pallet::<T>::do_commit(who.clone(), id, stage, commitment())?,
	}
	Ok(())
}

/// A job with its result.
fn job_with_result<T: Config>(d: u32, c: u32) -> Result<JobId, BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	let (id, coordinator) = job_in::<T>(Stage::Result, d, c)?;
	deliver::<T>(id, Stage::Result, &coordinator)?;
	Ok(id)
}

fn hash<T: Config>(id: JobId) -> Result<H256, BenchmarkError> {
	Ok(Jobs::<T>::get(id).ok_or("no such job")?.hash)
}

/// Data sets and computing providers that make, with the coordinator, `p` parties.
fn split(p: u32) -> (u32, u32) {
	let data = p.saturating_sub(1) / 2;
	(data, p.saturating_sub(1).saturating_sub(data))
}

fn status<T: Config>(id: JobId) -> Result<StatusOf<T>, BenchmarkError> {
	Ok(Statuses::<T>::get(id).ok_or("no such job")?)
}

fn assert_stage<T: Config>(id: JobId, expected: Stage) -> Result<(), BenchmarkError> {
	assert!(matches!(status::<T>(id)?, Status::Open { stage, .. } if stage == expected));
	Ok(())
}

fn pass<T: Config>(blocks: BlockNumberFor<T>) {
	System::<T>::set_block_number(System::<T>::block_number().saturating_add(blocks).saturating_add(One::one()));
}

fn user<T: Config>(id: JobId) -> Result<T::AccountId, BenchmarkError> {
	Ok(Jobs::<T>::get(id).ok_or("no such job")?.contract.user)
}

fn genesis<T: Config>() -> H256 {
	System::<T>::block_hash(BlockNumberFor::<T>::from(0u32))
}

/// As many open demands of different parties as asked for, for different pieces.
fn open_demands<T: Config>(id: JobId, count: u32) -> Result<(), BenchmarkError> {
	let contract = Jobs::<T>::get(id).ok_or("no such job")?.contract;
	let askers = contract.data.iter().map(|data| &data.party).chain(contract.computing.iter().map(|c| &c.party));
	let askers: Vec<_> = askers.map(|party| party.who.clone()).collect();
	for (piece, by) in (0..count).zip(askers.iter().cycle()) {
		Pallet::<T>::do_demand(by.clone(), id, Stage::Result, contract.coordinator.who.clone(), piece)?;
	}
	Ok(())
}

/// What a party committed to in a stage, replaced by `root`.
fn commit<T: Config>(id: JobId, stage: Stage, index: usize, root: H256) -> Result<(), BenchmarkError> {
	let contract = Jobs::<T>::get(id).ok_or("no such job")?.contract;
	let who = Pallet::<T>::debtors(&contract, stage).nth(index).cloned().ok_or("no such party")?;
	Commitments::<T>::mutate(id, (stage, who), |entry| entry.as_mut().map(|(commitment, _)| commitment.root = root))
		.ok_or("it committed to nothing")?;
	Ok(())
}

/// Another contract for the job than a request made.
fn change_contract<T: Config>(id: JobId, change: impl FnOnce(&mut ContractOf<T>)) -> Result<(), BenchmarkError> {
	let mut job = Jobs::<T>::get(id).ok_or("no such job")?;
	change(&mut job.contract);
	Jobs::<T>::insert(id, job);
	Ok(())
}

/// Who is the first to commit to something in a stage.
fn first_debtor<T: Config>(id: JobId, stage: Stage) -> Result<T::AccountId, BenchmarkError> {
	let contract = Jobs::<T>::get(id).ok_or("no such job")?.contract;
	let first = Pallet::<T>::debtors(&contract, stage).next().cloned();
	Ok(first.ok_or("no such party")?)
}

fn check_fault<T: Config>(id: JobId, fault: &Fault) -> Result<Verdict<T::AccountId>, FaultError> {
	let job = Jobs::<T>::get(id).ok_or(FaultError::OutOfRange)?;
	check(&Pallet::<T>::fault_context(id, &job.contract), fault)
}

/// A number below the square of [`modulus`], coprime to it.
fn number() -> Number {
	BoundedVec::truncate_from([vec![0x55; 767], vec![2]].concat())
}

/// A node whose path, of no step yet, leads to a commitment over 256 outputs.
fn deep_node(level: u8, value: Number) -> NodeProof {
	let output_path = Path::truncate_from(vec![H256::repeat_byte(1); OUTPUT_PATH]);
	let (left, right) = Default::default();
	NodeProof { level, index: 0, value, left, right, path: Default::default(), output_path }
}

/// The node in a tree over so many leaves.
fn in_shape(node: NodeProof, leaves: u64) -> NodeProof {
	along(node, TreeShape::new(leaves))
}

/// The node in a tree of `shape`.
fn along(node: NodeProof, shape: TreeShape) -> NodeProof {
	let step = Step { value: H256::repeat_byte(2), sibling: H256::repeat_byte(3) };
	NodeProof { path: BoundedVec::truncate_from(vec![step; usize::from(shape.height() - node.level)]), ..node }
}

/// The commitment that a node's path leads to, the first tree's leftmost.
fn tree_root(node: &NodeProof) -> H256 {
	let (mut level, mut hash) = (node.level, node.hash());
	for step in &node.path {
		level += 1;
		hash = node_hash(level, 0, step.value, hash, step.sibling);
	}
	merkle::climb(MAX_BLOCKS, 0, merkle::leaf(0, hash.as_bytes()), &node.output_path).unwrap_or_default()
}

/// The first entry of 16 providers and 256 features in the first part.
fn entry() -> EntryProof {
	let sealed = merkle::leaf(0, &vec![7; wire::SEALED_CHUNK as usize]);
	let ciphertexts = merkle::root(&[committed().leaf, H256::repeat_byte(4)]);
	let entry = wire::Entry { transfer: number(), sealed, chunks: 1, ciphertexts, blocks: 2 };
	EntryProof { part: 0, entry, path: BoundedVec::truncate_from(vec![H256::repeat_byte(5); 12 + PARTS_PATH]) }
}

fn entry_root(proof: &EntryProof) -> H256 {
	let (leaf, (within, above)) = (merkle::leaf(0, &codec::Encode::encode(&proof.entry)), proof.path.split_at(12));
	let root = merkle::climb(16 * 256, 0, leaf, within).unwrap_or_default();
	merkle::climb(PARTS, 0, merkle::leaf(0, root.as_bytes()), above).unwrap_or_default()
}

/// The first of two ciphertexts.
fn committed() -> CiphertextProof {
	let path = BoundedVec::truncate_from(vec![H256::repeat_byte(4)]);
	CiphertextProof { leaf: H256::repeat_byte(3), path }
}

/// The first selector of 256 for the first of 16 providers.
fn selector_proof() -> SelectorProof {
	let path = |length| BoundedVec::truncate_from(vec![H256::repeat_byte(6); length]);
	SelectorProof { selector: number(), path: path(9), top_path: path(4) }
}

fn selector_root(proof: &SelectorProof) -> H256 {
	let root = merkle::climb(257, 0, merkle::leaf(0, &proof.selector), &proof.path).unwrap_or_default();
	merkle::climb(16, 0, merkle::leaf(0, root.as_bytes()), &proof.top_path).unwrap_or_default()
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register_role() {
		let who = funded::<T>("computing", 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), endpoint(), computing_offer::<T>());
		assert!(Roles::<T>::contains_key(Role::ComputingProvider, who));
	}

	#[benchmark]
	fn update_role() -> Result<(), BenchmarkError> {
		let who = provider::<T>("computing", 0, computing_offer::<T>())?;
		let shorter = Endpoint { address: Address::truncate_from(vec![b'/']), ..endpoint() };
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), shorter.clone(), computing_offer::<T>());
		assert!(Roles::<T>::get(Role::ComputingProvider, who).is_some_and(|role| role.endpoint == shorter));
		Ok(())
	}

	#[benchmark]
	fn unregister_role() -> Result<(), BenchmarkError> {
		let who = provider::<T>("computing", 0, computing_offer::<T>())?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), Role::ComputingProvider);
		assert!(!Roles::<T>::contains_key(Role::ComputingProvider, who));
		Ok(())
	}

	#[benchmark]
	fn register_dataset(c: Linear<1, 256>) -> Result<(), BenchmarkError> {
		let who = provider::<T>("data", 0, Offer::DataProvider)?;
		let policy = policy::<T>(template::<T>()?, who.clone());
		let id = NextDataSetId::<T>::get();
		#[extrinsic_call]
		_(RawOrigin::Signed(who), name(0), schema(c), 1_000_000, fingerprint(), 1, policy);
		assert!(DataSets::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn update_dataset() -> Result<(), BenchmarkError> {
		let who = provider::<T>("data", 0, Offer::DataProvider)?;
		let long = policy::<T>(template::<T>()?, who.clone());
		let id = data_set::<T>(&who, PolicyOf::<T> { buyers: None, ..long.clone() })?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, 2, long.clone());
		assert!(DataSets::<T>::get(id).is_some_and(|data_set| data_set.policy == long));
		Ok(())
	}

	#[benchmark]
	fn refresh_dataset() -> Result<(), BenchmarkError> {
		let who = provider::<T>("data", 0, Offer::DataProvider)?;
		let id = data_set::<T>(&who, policy::<T>(template::<T>()?, who.clone()))?;
		let other = H256::repeat_byte(7);
		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, ROWS, other);
		assert!(DataSets::<T>::get(id).is_some_and(|data_set| data_set.fingerprint == other));
		Ok(())
	}

	#[benchmark]
	fn withdraw_dataset() -> Result<(), BenchmarkError> {
		let who = provider::<T>("data", 0, Offer::DataProvider)?;
		let id = data_set::<T>(&who, policy::<T>(template::<T>()?, who.clone()))?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who), id);
		assert!(DataSets::<T>::get(id).is_some_and(|data_set| data_set.withdrawn));
		Ok(())
	}

	#[benchmark]
	fn add_template() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let id = NextTemplateId::<T>::get();
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, Template { name: name(0), kind: TemplateKind::ColumnSum, retired: false });
		assert!(Templates::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn retire_template() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let id = template::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id);
		assert!(Templates::<T>::get(id).is_some_and(|template| template.retired));
		Ok(())
	}

	#[benchmark]
	fn request(d: Linear<1, 16>, c: Linear<1, 16>) -> Result<(), BenchmarkError> {
		let id = NextJobId::<T>::get();
		let (user, asked) = new_request::<T>(d, c)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(user), asked);
		assert_stage::<T>(id, Stage::Confirmation)
	}

	#[benchmark]
	fn confirm() -> Result<(), BenchmarkError> {
		let (id, last) = job_in::<T>(Stage::Confirmation, most::<MaxDataProviders>(), most::<MaxComputers>())?;
		let hash = hash::<T>(id)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last), id, hash);
		assert_stage::<T>(id, Stage::Selection)
	}

	#[benchmark]
	fn decline(p: Linear<3, 33>) -> Result<(), BenchmarkError> {
		let (d, c) = split(p);
		let (id, last) = job_in::<T>(Stage::Confirmation, d, c)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last), id, DeclineReason::Other);
		assert!(matches!(status::<T>(id)?, Status::Declined { .. }));
		Ok(())
	}

	#[benchmark]
	fn commit_selection() -> Result<(), BenchmarkError> {
		let (id, last) = job_in::<T>(Stage::Selection, most::<MaxDataProviders>(), most::<MaxComputers>())?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last), id, commitment());
		assert_stage::<T>(id, Stage::Inputs)
	}

	#[benchmark]
	fn commit_inputs() -> Result<(), BenchmarkError> {
		let (id, last) = job_in::<T>(Stage::Inputs, most::<MaxDataProviders>(), most::<MaxComputers>())?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last), id, commitment());
		assert_stage::<T>(id, Stage::Outputs)
	}

	#[benchmark]
	fn commit_output() -> Result<(), BenchmarkError> {
		let (id, last) = job_in::<T>(Stage::Outputs, most::<MaxDataProviders>(), most::<MaxComputers>())?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last), id, commitment());
		assert_stage::<T>(id, Stage::Result)
	}

	#[benchmark]
	fn commit_result() -> Result<(), BenchmarkError> {
		let (id, last) = job_in::<T>(Stage::Result, most::<MaxDataProviders>(), most::<MaxComputers>())?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last), id, commitment());
		assert!(matches!(status::<T>(id)?, Status::Challenge { .. }));
		Ok(())
	}

	#[benchmark]
	fn settle(p: Linear<3, 33>) -> Result<(), BenchmarkError> {
		let (d, c) = split(p);
		let id = job_with_result::<T>(d, c)?;
		T::Currency::set_balance(&T::ServiceFees::destination(), FUNDS);
		pass::<T>(T::ChallengePeriod::get());
		#[extrinsic_call]
		_(RawOrigin::Signed(account("stranger", 0, 0)), id);
		assert!(matches!(status::<T>(id)?, Status::Settled { .. }));
		Ok(())
	}

	#[benchmark]
	fn expire(p: Linear<3, 33>) -> Result<(), BenchmarkError> {
		// As many are slashed, and as many paid out of it, as can be.
		let (d, c) = split(p);
		let (id, last) = job_in::<T>(Stage::Inputs, d, c)?;
		deliver::<T>(id, Stage::Inputs, &last)?;
		pass::<T>(T::MinStage::get().saturating_mul(5u32.into()));
		#[extrinsic_call]
		_(RawOrigin::Signed(account("stranger", 0, 0)), id);
		assert!(matches!(status::<T>(id)?, Status::Expired { late, .. } if late.len() == c as usize));
		Ok(())
	}

	#[benchmark]
	fn clear_job() -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(most::<MaxDataProviders>(), most::<MaxComputers>())?;
		T::Currency::set_balance(&T::ServiceFees::destination(), FUNDS);
		pass::<T>(T::ChallengePeriod::get());
		Pallet::<T>::do_settle(id)?;
		pass::<T>(T::Retention::get());
		#[extrinsic_call]
		_(RawOrigin::Signed(account("stranger", 0, 0)), id);
		assert!(!Jobs::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn check_product() -> Result<(), BenchmarkError> {
		let (id, value) = (job_with_result::<T>(16, 16)?, number());
		let child = Child { value: value.clone(), left: H256::zero(), right: H256::zero() };
		let node = NodeProof { left: child.hash(0, 0), right: child.hash(0, 1), ..deep_node(1, value) };
		let node = in_shape(node, 256);
		commit::<T>(id, Stage::Outputs, 0, tree_root(&node))?;
		let fault = Fault::Product {
			producer: Producer::Computing(0),
			output: 0,
			node,
			left: child.clone(),
			right: Some(child),
		};
		let verdict;
		#[block]
		{
			verdict = check_fault::<T>(id, &fault);
		}
		assert!(verdict.is_ok());
		Ok(())
	}

	/// The highest tree over powers, and the weight that takes the longest: all bits of it are set, and it is negative.
	#[benchmark]
	fn check_power() -> Result<(), BenchmarkError> {
		let (id, value) = (job_with_result::<T>(16, 16)?, number());
		change_contract::<T>(id, |contract| {
			contract.kind = TemplateKind::WeightedSum;
			contract.selection.selected = most::<MaxWeights>() as u16;
			let weights = vec![-i32::MAX; most::<MaxWeights>() as usize];
			contract.parameters = Parameters::Weights(BoundedVec::truncate_from(weights));
		})?;
		let child = Child { value: value.clone(), left: H256::zero(), right: H256::zero() };
		let node = NodeProof { left: child.hash(0, 0), ..deep_node(1, value) };
		let shape = TreeShape::weighted(MAX_FEATURE_LEAVES);
		// Of the only output.
		let node = NodeProof { output_path: Default::default(), ..along(node, shape) };
		commit::<T>(id, Stage::Outputs, 0, merkle::leaf(0, node.tree_root(shape).map_err(|_| "no root")?.as_bytes()))?;
		let producer = Producer::Computing(0);
		let fault = Fault::Product { producer, output: 0, node, left: child, right: None };
		let verdict;
		#[block]
		{
			verdict = check_fault::<T>(id, &fault);
		}
		assert!(verdict.is_ok());
		Ok(())
	}

	#[benchmark]
	fn check_shape() -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(16, 16)?;
		let root = deep_node(9, number());
		commit::<T>(id, Stage::Outputs, 0, tree_root(&root))?;
		let fault = Fault::Shape { producer: Producer::Computing(0), output: 0, root };
		let verdict;
		#[block]
		{
			verdict = check_fault::<T>(id, &fault);
		}
		assert!(verdict.is_ok());
		Ok(())
	}

	#[benchmark]
	fn check_output() -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(16, 16)?;
		let feature = selection().open(0, most::<MaxColumns>() as u16).ok_or("no such feature")?;
		let ring = Ring::new(&modulus(), &Host).ok_or("no ring")?;
		let factor = selector::blinding(&genesis::<T>(), id, &feature.choice, 0, 0, 0, &ring).ok_or("no blinding")?;
		let leaf = ring.multiply(&number(), &factor).ok_or("no leaf")?;
		let leaf = in_shape(deep_node(0, BoundedVec::truncate_from(leaf)), 256);
		commit::<T>(id, Stage::Outputs, 0, tree_root(&leaf))?;
		let entry = entry();
		commit::<T>(id, Stage::Inputs, 0, entry_root(&entry))?;
		let fault = Fault::Output {
			computing: 0,
			output: 0,
			feature,
			data: 0,
			leaf,
			unblinded: number(),
			entry,
			committed: committed(),
		};
		let verdict;
		#[block]
		{
			verdict = check_fault::<T>(id, &fault);
		}
		assert!(verdict.is_ok());
		Ok(())
	}

	#[benchmark]
	fn check_result() -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(16, 16)?;
		let mut other = number();
		other.iter_mut().for_each(|byte| *byte = 1);
		let (leaf, root) = (in_shape(deep_node(0, number()), 16), deep_node(8, other));
		commit::<T>(id, Stage::Result, 0, tree_root(&leaf))?;
		commit::<T>(id, Stage::Outputs, 0, tree_root(&root))?;
		let fault = Fault::Result { output: 0, computing: 0, leaf, root };
		let verdict;
		#[block]
		{
			verdict = check_fault::<T>(id, &fault);
		}
		assert!(verdict.is_ok());
		Ok(())
	}

	#[benchmark]
	fn check_selector() -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(16, 16)?;
		let feature = selection().open(0, most::<MaxColumns>() as u16).ok_or("no such feature")?;
		let selector = selector_proof();
		commit::<T>(id, Stage::Selection, 0, selector_root(&selector))?;
		let fault = Fault::Selector { computing: 0, feature, selector };
		let verdict;
		#[block]
		{
			verdict = check_fault::<T>(id, &fault);
		}
		assert!(verdict.is_ok());
		Ok(())
	}

	/// `b` KiB: as many features as have a message of that length, every number of which can be one. As many leaves as a
	/// message of any length can have are hashed: one that is cut short, or too long, can be reported as well.
	#[benchmark]
	fn check_selection_proof(
		b: Linear<3, { <MaxMessage as sp_core::TypedGet>::get() / 1_024 }>,
	) -> Result<(), BenchmarkError> {
		let ring = Ring::new(&modulus(), &Host).ok_or("no ring")?;
		let features = (1..=MAX_FEATURES)
			.take_while(|features| message_bytes(*features, 384) <= b as usize * 1_024)
			.last()
			.unwrap_or(1);
		let mut message = vec![1; message_bytes(features, 384)];
		message.chunks_exact_mut(768).for_each(|number| number[767] = 2);
		let statement = encrytrust_fault_proofs::Statement { features, selected: 1, ring: &ring };
		let holds;
		#[block]
		{
			let leaves = wire::selection_leaves(&message, MAX_FEATURES, ring.bytes());
			core::hint::black_box(merkle::root(&leaves));
			holds = statement.holds(encrytrust_fault_proofs::transcript::Transcript::new("benchmark"), &message);
		}
		assert!(!holds);
		Ok(())
	}

	#[benchmark]
	fn check_entry() -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(16, 16)?;
		let mut entry = entry();
		// Coprime to nothing: a multiple of three, as the modulus is.
		entry.entry.transfer = BoundedVec::truncate_from([vec![0; 383], vec![3], vec![0; 384]].concat());
		commit::<T>(id, Stage::Inputs, 0, entry_root(&entry))?;
		let fault = Fault::Entry { data: 0, computing: 0, feature: 0, entry };
		let verdict;
		#[block]
		{
			verdict = check_fault::<T>(id, &fault);
		}
		assert!(verdict.is_ok());
		Ok(())
	}

	/// An opening that holds, and a chunk that opens to numbers, of which the first is not what was committed to.
	#[benchmark]
	fn check_column() -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(16, 16)?;
		let ring = Ring::new(&modulus(), &Host).ok_or("no ring")?;
		// The selector 1 + N, and a transfer of kappa under it: (1 + N)^kappa rho^N, which rho opens.
		let mut selector = selector_proof();
		let mut next = modulus();
		// No carry: the modulus is odd.
		next[383] += 1;
		selector.selector = BoundedVec::truncate_from([vec![0; 384], next.to_vec()].concat());
		let short = Modulus::truncate_from([vec![0], vec![0x77; 383]].concat());
		let power = ring.pow(&selector.selector, &short).ok_or("no power")?;
		let root = ring.pow(&short, ring.n_bytes()).ok_or("no power")?;
		let transfer = ring.multiply(&power, &root).ok_or("no transfer")?;
		let chunk = {
			let contract = Jobs::<T>::get(id).ok_or("no such job")?.contract;
			let plain = [number().to_vec(), number().to_vec()].concat();
			Pallet::<T>::fault_context(id, &contract).seal_chunk([0; 3], &short, &plain, 0, true).ok_or("no chunk")?
		};
		let mut entry = entry();
		entry.entry.transfer = BoundedVec::truncate_from(transfer);
		entry.entry.sealed = merkle::leaf(0, &chunk);
		commit::<T>(id, Stage::Selection, 0, selector_root(&selector))?;
		commit::<T>(id, Stage::Inputs, 0, entry_root(&entry))?;
		let fault = Fault::Column {
			data: 0,
			computing: 0,
			feature: 0,
			selector,
			entry,
			opening: Opening { kappa: short.clone(), root: short },
			chunk: BoundedVec::truncate_from(chunk),
			chunk_index: 0,
			chunk_path: Default::default(),
			block: 0,
			committed: committed(),
		};
		let verdict;
		#[block]
		{
			verdict = check_fault::<T>(id, &fault);
		}
		assert!(verdict.is_ok());
		Ok(())
	}

	#[benchmark]
	fn convict(p: Linear<3, 33>) -> Result<(), BenchmarkError> {
		let (d, c) = split(p);
		let id = job_with_result::<T>(d, c)?;
		let who = Jobs::<T>::get(id).ok_or("no such job")?.contract.coordinator.who;
		Pallet::<T>::do_demand(user::<T>(id)?, id, Stage::Result, who.clone(), 0)?;
		pass::<T>(T::DemandPeriod::get());
		#[extrinsic_call]
		expire_demand(RawOrigin::Signed(account("stranger", 0, 0)), id, Stage::Result, who, 0);
		assert!(matches!(status::<T>(id)?, Status::Faulty { .. }));
		Ok(())
	}

	#[benchmark]
	fn release_demands(d: Linear<0, { <MaxOpenDemands as sp_core::TypedGet>::get() }>) -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(most::<MaxDataProviders>(), most::<MaxComputers>())?;
		open_demands::<T>(id, d)?;
		#[block]
		{
			Pallet::<T>::release_demands(id)?;
		}
		assert_eq!(Pallet::<T>::open_demands(id), 0);
		Ok(())
	}

	#[benchmark]
	fn demand() -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(most::<MaxDataProviders>(), most::<MaxComputers>())?;
		let (open, user) = (most::<MaxOpenDemands>() - 1, user::<T>(id)?);
		open_demands::<T>(id, open)?;
		let who = Jobs::<T>::get(id).ok_or("no such job")?.contract.coordinator.who;
		#[extrinsic_call]
		_(RawOrigin::Signed(user), id, Stage::Result, who, 255);
		assert_eq!(Pallet::<T>::open_demands(id), open + 1);
		Ok(())
	}

	/// As many features as have a message of that length.
	#[benchmark]
	fn answer_selection(
		b: Linear<3, { <MaxMessage as sp_core::TypedGet>::get() / 1_024 }>,
	) -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(most::<MaxDataProviders>(), most::<MaxComputers>())?;
		let features = |columns: u16| TemplateKind::Covariance.features(columns).unwrap_or_default();
		let columns = (2..).take_while(|columns| message_bytes(features(*columns), 256) <= b as usize * 1_024);
		let columns = columns.take(44).last().unwrap_or(2);
		change_contract::<T>(id, |contract| {
			contract.kind = TemplateKind::Covariance;
			contract.schema = schema(columns.into());
			// Of shorter numbers a message has more.
			contract.computing.iter_mut().for_each(|computing| computing.paillier.truncate(256));
		})?;
		let message = Message::truncate_from(vec![1; message_bytes(features(columns), 256)]);
		let leaves = wire::selection_leaves(&message, features(columns), 512);
		let path = Path::truncate_from(vec![H256::zero(); 4]);
		let leaf = merkle::leaf(0, merkle::root(&leaves).as_bytes());
		commit::<T>(id, Stage::Selection, 0, merkle::climb(16, 0, leaf, &path).ok_or("no root")?)?;
		let (user, who) = (user::<T>(id)?, first_debtor::<T>(id, Stage::Selection)?);
		Pallet::<T>::do_demand(user, id, Stage::Selection, who.clone(), 0)?;
		#[extrinsic_call]
		answer(RawOrigin::Signed(account("stranger", 0, 0)), id, Stage::Selection, who, 0, message, path);
		assert_eq!(Pallet::<T>::open_demands(id), 0);
		Ok(())
	}

	/// One column of as many blocks as go into a piece of that length, at most the most of a part.
	#[benchmark]
	fn answer_inputs(b: Linear<2, 100>) -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(most::<MaxDataProviders>(), 1)?;
		let (bytes, leaf) = (768, H256::repeat_byte(4));
		let blocks = ((b * 1_024).saturating_sub(1_000) / (bytes as u32 + 33)).clamp(1, 128);
		change_contract::<T>(id, |contract| {
			contract.schema = schema(1);
			contract.selection.selected = 1;
			let per_block = contract.packing().rows_per_block().unwrap_or(1);
			contract.data.iter_mut().for_each(|data| data.rows = per_block * u64::from(blocks));
			// As long as a contract with more providers.
			let sealed = contract.selection.sealed.first().cloned().unwrap_or_default();
			contract.selection.sealed = BoundedVec::truncate_from(vec![sealed; 17]);
		})?;
		let chunk = |index| vec![7; wire::sealed_length(blocks, index, bytes)];
		let chunks: Vec<_> = (0..wire::chunks(blocks, bytes) as usize).map(chunk).collect();
		let leaves = vec![leaf; blocks as usize];
		let entry = wire::Entry {
			transfer: number(),
			sealed: merkle::root(&wire::leaves(chunks.iter())),
			chunks: chunks.len() as u32,
			ciphertexts: merkle::root(&leaves),
			blocks,
		};
		let root = merkle::leaf(0, merkle::leaf(0, &codec::Encode::encode(&entry)).as_bytes());
		commit::<T>(id, Stage::Inputs, 0, root)?;
		let piece = Message::truncate_from(codec::Encode::encode(&(entry, chunks, leaves)));
		let (user, who) = (user::<T>(id)?, first_debtor::<T>(id, Stage::Inputs)?);
		Pallet::<T>::do_demand(user, id, Stage::Inputs, who.clone(), 0)?;
		#[extrinsic_call]
		answer(RawOrigin::Signed(account("stranger", 0, 0)), id, Stage::Inputs, who, 0, piece, Path::default());
		assert_eq!(Pallet::<T>::open_demands(id), 0);
		Ok(())
	}

	/// As many trees over 16 leaves as go into a piece of that length, at most the most of a part. Of shorter numbers there
	/// are more to a kilobyte.
	#[benchmark]
	fn answer_trees(b: Linear<16, 1_000>) -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(most::<MaxDataProviders>(), most::<MaxComputers>())?;
		let trees = (b * 1_024 / 16_000).clamp(1, 64);
		change_contract::<T>(id, |contract| {
			contract.kind = TemplateKind::ColumnSum;
			contract.schema = schema(64);
			contract.selection.selected = trees as u16;
			contract.user_key.truncate(256);
		})?;
		let shape = TreeShape::new(16);
		let levels = (0..=shape.height()).map(|level| vec![vec![1; 512]; shape.width(level) as usize]).collect();
		let product = wire::Product { trees: vec![Tree { levels }; trees as usize] };
		let hashes = product.hashes(shape, 512).ok_or("no trees")?;
		commit::<T>(id, Stage::Outputs, 0, merkle::root(&wire::product_leaves(0, &hashes)))?;
		let piece = Message::truncate_from(codec::Encode::encode(&product));
		let (user, who) = (user::<T>(id)?, first_debtor::<T>(id, Stage::Outputs)?);
		Pallet::<T>::do_demand(user, id, Stage::Outputs, who.clone(), 0)?;
		#[extrinsic_call]
		answer(RawOrigin::Signed(account("stranger", 0, 0)), id, Stage::Outputs, who, 0, piece, Path::default());
		assert_eq!(Pallet::<T>::open_demands(id), 0);
		Ok(())
	}

	#[benchmark]
	fn authorize() -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(most::<MaxDataProviders>(), most::<MaxComputers>())?;
		open_demands::<T>(id, most::<MaxOpenDemands>())?;
		pass::<T>(T::DemandPeriod::get());
		let last = Pallet::<T>::demands(id).pop().ok_or("no demand")?;
		let validity;
		#[block]
		{
			let source = frame_support::pallet_prelude::TransactionSource::External;
			validity = Pallet::<T>::authorize_expire_demand(source, &id, &last.stage, &last.who, &last.piece);
		}
		assert!(validity.is_ok());
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
