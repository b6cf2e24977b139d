//! Benchmarks: every list as long as it can be, every key a real odd number of 3072 bits.

// Benchmarks never run on a chain.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use super::*;
use alloc::{format, vec, vec::Vec};
use encrytrust_primitives::{
	bmpc::{
		Address, Column, Commitment, DataSetId, DeclineReason, Endpoint, JobId, MaxColumns, MaxComputers,
		MaxDataProviders, MaxName, MaxPolicyEntries, Modulus, Name, Offer, Request, Role, Schedule, Schema,
		SelectionTerms, Stage, Status, Template, TemplateId, TemplateKind,
	},
	bonds::ServiceBonds,
	fees::ServiceFees,
	key_registry::KeyRegistry,
	token::Balance,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{fungible::Mutate, Get},
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
	Offer::ComputingProvider { price: 1, paillier: modulus() }
}

fn name(index: u32) -> Name {
	let width = most::<MaxName>() as usize;
	BoundedVec::truncate_from(format!("{index:0width$}").into_bytes())
}

fn schema(columns: u32) -> Schema {
	let column = |index| Column { name: name(index), decimals: 4, bits: 40 };
	BoundedVec::truncate_from((0..columns).map(column).collect())
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
	Pallet::<T>::do_add_template(Template { name: name(0), kind: TemplateKind::ColumnMean, retired: false })?;
	Ok(id)
}

fn data_set<T: Config>(provider: &T::AccountId, policy: PolicyOf<T>) -> Result<DataSetId, BenchmarkError> {
	let (id, columns) = (NextDataSetId::<T>::get(), schema(most::<MaxColumns>()));
	Pallet::<T>::do_register_dataset(provider.clone(), name(0), columns, 1_000_000, 1, policy)?;
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
		user_key: modulus(),
		selection: SelectionTerms {
			commitment: H256::repeat_byte(5),
			selected: most::<MaxColumns>() as u16,
			sealed: BoundedVec::truncate_from(vec![6; 256]),
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
		_(RawOrigin::Signed(who), name(0), schema(c), 1_000_000, 1, policy);
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

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
