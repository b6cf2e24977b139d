//! Benchmarks: every list has its maximum length, every key is a real odd number of 3072 bits.

// Benchmarks never run on a chain.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

mod setup;

use super::*;
use alloc::{format, vec, vec::Vec};
use encrytrust_fault_proofs::{
	check, message_bytes,
	product_tree::{node_hash, Child, NodeProof, Step, Tree},
	ring::Ring,
	selector,
	transfer_proof::TransferProof,
	wire, CiphertextProof, EntryProof, Fault, FaultError, MaxMessage, Message, Opening, Producer, SelectorProof,
	Verdict,
};
use encrytrust_host_functions::big_integers::Host;
use encrytrust_traits::{bonds::ServiceBonds, fees::ServiceFees, finality::FinalityClock, key_registry::KeyRegistry};
use encrytrust_types::{
	dataset::{Column, Schema},
	job::{
		Commitment, DeclineReason, Endpoint, MaskKey, Offer, Parameters, Request, Role, Schedule, Selection,
		SelectionTerms, Stage, Status, Template, TemplateKind, TreeShape, Unit, UnitSet,
	},
	limits::{
		MaxColumns, MaxComputingProviders, MaxDataProviders, MaxName, MaxPolicyEntries, MaxWeights, MAX_BLOCKS,
		MAX_FEATURES, MAX_FEATURE_LEAVES, MAX_UNITS,
	},
	merkle::{self, RangePath},
	token::Balance,
	Address, DatasetId, JobId, Modulus, Name, Number, TemplateId,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{fungible::Mutate, EnsureOrigin, Get},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System, RawOrigin};
use setup::{
	along, assert_stage, basis, challenge_result, change_contract, check_fault, commit, commitment, committed,
	computing_offer, contract, dataset, deep_node, deliver, endpoint, entry, entry_root, fingerprint, funded, genesis,
	hash, in_shape, is_published, job_in, job_of_last_data_provider, job_with_result, largest_job, mask_key, modulus,
	most, most_units, name, new_request, number, open_unit, pass, policy, provider, schema, selection, selector_proof,
	selector_root, split, stage_length, status, template, terms, tree_root, FUNDS, ROWS,
};
use sp_core::H256;
use sp_runtime::traits::{One, Saturating, Zero};

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register_role() {
		let who = funded::<T>("computing", 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), endpoint(), computing_offer::<T>(), terms::<T>(Some(who.clone())));
		assert!(Roles::<T>::contains_key(Role::ComputingProvider, who));
	}

	#[benchmark]
	fn update_role() -> Result<(), BenchmarkError> {
		let who = provider::<T>("computing", 0, computing_offer::<T>())?;
		let shorter = Endpoint { address: Address::truncate_from(vec![b'/']), ..endpoint() };
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), shorter.clone(), computing_offer::<T>(), terms::<T>(None));
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
		let id = NextDatasetId::<T>::get();
		#[extrinsic_call]
		_(RawOrigin::Signed(who), name(0), schema(c), 1_000_000, fingerprint(), 1, policy);
		assert!(Datasets::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn update_dataset() -> Result<(), BenchmarkError> {
		let who = provider::<T>("data", 0, Offer::DataProvider)?;
		let long = policy::<T>(template::<T>()?, who.clone());
		let id = dataset::<T>(&who, PolicyOf::<T> { buyers: None, ..long.clone() })?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, 2, long.clone());
		assert!(Datasets::<T>::get(id).is_some_and(|dataset| dataset.policy == long));
		Ok(())
	}

	#[benchmark]
	fn refresh_dataset() -> Result<(), BenchmarkError> {
		let who = provider::<T>("data", 0, Offer::DataProvider)?;
		let id = dataset::<T>(&who, policy::<T>(template::<T>()?, who.clone()))?;
		let other = H256::repeat_byte(7);
		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, ROWS, other);
		assert!(Datasets::<T>::get(id).is_some_and(|dataset| dataset.fingerprint == other));
		Ok(())
	}

	#[benchmark]
	fn withdraw_dataset() -> Result<(), BenchmarkError> {
		let who = provider::<T>("data", 0, Offer::DataProvider)?;
		let id = dataset::<T>(&who, policy::<T>(template::<T>()?, who.clone()))?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who), id);
		assert!(Datasets::<T>::get(id).is_some_and(|dataset| dataset.withdrawn));
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
		let (id, last) = job_of_last_data_provider::<T>()?;
		let hash = hash::<T>(id)?;
		let mask_key = mask_key::<T>(id, &last)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last), id, hash, mask_key);
		assert_stage::<T>(id, Stage::Selection)
	}

	#[benchmark]
	fn confirm_first() -> Result<(), BenchmarkError> {
		let (id, _) = job_in::<T>(Stage::Confirmation, most::<MaxDataProviders>(), most::<MaxComputingProviders>())?;
		let contract = contract::<T>(id)?;
		Pallet::<T>::enter(id, &contract, Stage::Confirmation);
		MaskKeys::<T>::remove(id);
		let who = contract.data.last().ok_or("there is no data provider")?.party.who.clone();
		let hash = hash::<T>(id)?;
		let mask_key = mask_key::<T>(id, &who)?;
		#[extrinsic_call]
		confirm(RawOrigin::Signed(who), id, hash, mask_key);
		assert_stage::<T>(id, Stage::Confirmation)
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
		let (id, last) = job_in::<T>(Stage::Selection, most::<MaxDataProviders>(), most::<MaxComputingProviders>())?;
		let basis = basis::<T>(id, Stage::Selection)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last), id, commitment(), basis);
		assert_stage::<T>(id, Stage::Inputs)
	}

	#[benchmark]
	fn commit_inputs() -> Result<(), BenchmarkError> {
		let (id, last) = job_in::<T>(Stage::Inputs, most::<MaxDataProviders>(), most::<MaxComputingProviders>())?;
		let basis = basis::<T>(id, Stage::Inputs)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last), id, commitment(), basis);
		assert_stage::<T>(id, Stage::Outputs)
	}

	#[benchmark]
	fn commit_output() -> Result<(), BenchmarkError> {
		let (id, last) = job_in::<T>(Stage::Outputs, most::<MaxDataProviders>(), most::<MaxComputingProviders>())?;
		let basis = basis::<T>(id, Stage::Outputs)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last), id, commitment(), basis);
		assert_stage::<T>(id, Stage::Result)
	}

	#[benchmark]
	fn commit_result() -> Result<(), BenchmarkError> {
		let (id, last) = job_in::<T>(Stage::Result, most::<MaxDataProviders>(), most::<MaxComputingProviders>())?;
		let basis = basis::<T>(id, Stage::Result)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last), id, commitment(), basis);
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
		// The maximum number of slashes, and of compensations out of them.
		let (d, c) = split(p);
		let (id, last) = job_in::<T>(Stage::Inputs, d, c)?;
		deliver::<T>(id, Stage::Inputs, &last)?;
		pass::<T>(stage_length::<T>());
		#[extrinsic_call]
		_(RawOrigin::Signed(account("stranger", 0, 0)), id);
		assert!(matches!(status::<T>(id)?, Status::Expired { late, .. } if late.len() == c as usize));
		Ok(())
	}

	#[benchmark]
	fn clear_job() -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(most::<MaxDataProviders>(), most::<MaxComputingProviders>())?;
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
		let id = largest_job::<T>()?;
		let value = number();
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

	/// The highest tree over powers, and the most expensive weight: all of its bits are set, and it is negative.
	#[benchmark]
	fn check_power() -> Result<(), BenchmarkError> {
		let id = largest_job::<T>()?;
		let value = number();
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
		let id = largest_job::<T>()?;
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
		let id = largest_job::<T>()?;
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
		let id = largest_job::<T>()?;
		let mut other = number();
		other.iter_mut().for_each(|byte| *byte = 1);
		let leaf = in_shape(deep_node(0, number()), 16);
		let root = deep_node(8, other);
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
		let id = largest_job::<T>()?;
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

	/// `b` KiB: as many features as fit into a message of that length, in which every number is possible. As many
	/// leaves as a message of any length can have are hashed, because one that is too short or too long can be reported
	/// as well.
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
		let id = largest_job::<T>()?;
		let mut entry = entry();
		// Not coprime to the modulus: both are multiples of three.
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

	/// A valid opening, and a chunk that opens to numbers of which the first is not what was committed to.
	#[benchmark]
	fn check_column() -> Result<(), BenchmarkError> {
		let id = largest_job::<T>()?;
		let ring = Ring::new(&modulus(), &Host).ok_or("no ring")?;
		// The selector 1 + N, and a transfer of kappa under it: (1 + N)^kappa rho^N, which rho opens.
		let mut selector = selector_proof();
		let mut next = modulus();
		// No carry: the modulus is odd.
		next[383] += 1;
		selector.selector = BoundedVec::truncate_from([vec![0; 384], next.to_vec()].concat());
		let short = Modulus::truncate_from([vec![0], vec![0x77; 383]].concat());
		let scaled = ring.pow(&selector.selector, &short).ok_or("no power")?;
		let root = ring.pow(&short, ring.n_bytes()).ok_or("no power")?;
		let transfer = ring.multiply(&scaled, &root).ok_or("no transfer")?;
		let power = encrytrust_fault_proofs::opening_power(&ring, &short).ok_or("no power")?;
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
			opening: Opening { kappa: short.clone(), root: short, power: BoundedVec::truncate_from(power) },
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

	/// Numbers that prove nothing, with responses of full length.
	#[benchmark]
	fn check_transfer() -> Result<(), BenchmarkError> {
		let id = largest_job::<T>()?;
		let (selector, entry) = (selector_proof(), entry());
		commit::<T>(id, Stage::Selection, 0, selector_root(&selector))?;
		commit::<T>(id, Stage::Inputs, 0, entry_root(&entry))?;
		let fault = Fault::Transfer { data: 0, computing: 0, feature: 0, selector, entry };
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
		// Everybody else was charged, and is to be compensated.
		let charged = vec![One::one(); p as usize + 1];
		Availability::<T>::mutate(id, |all| all.charged = BoundedVec::truncate_from(charged));
		challenge_result::<T>(id)?;
		#[extrinsic_call]
		expire_challenge(RawOrigin::Signed(account("stranger", 0, 0)), id);
		assert!(matches!(status::<T>(id)?, Status::Faulty { .. }));
		Ok(())
	}

	/// A computing provider challenges `u` of the units that it needs, in a job of as many units as can be.
	#[benchmark]
	fn challenge(u: Linear<1, 1_000>) -> Result<(), BenchmarkError> {
		let (id, last) = job_in::<T>(Stage::Outputs, most::<MaxDataProviders>(), 1)?;
		let contract = most_units::<T>(id)?;
		let units: UnitSet =
			contract.needed_units(Stage::Outputs, Role::ComputingProvider, 0).take(u as usize).collect();
		assert_eq!(units.count(), u);
		#[extrinsic_call]
		_(RawOrigin::Signed(last), id, units);
		assert_eq!(Availability::<T>::get(id).open.len() as u32, u);
		Ok(())
	}

	/// A chunk of selectors or of the rest of a message, whichever that many bytes fit.
	#[benchmark]
	fn publish_selection(b: Linear<3, 256>) -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(most::<MaxDataProviders>(), most::<MaxComputingProviders>())?;
		let fits = |columns: u32| message_bytes(columns as u16, 256) <= b as usize * 1_024;
		let columns = (1..=most::<MaxColumns>()).take_while(|columns| fits(*columns)).last().unwrap_or(1);
		change_contract::<T>(id, |contract| {
			contract.kind = TemplateKind::ColumnSum;
			contract.schema = schema(columns);
			// A message has more leaves of shorter numbers.
			contract.computing.iter_mut().for_each(|computing| computing.paillier.truncate(256));
		})?;
		let message = vec![1; message_bytes(columns as u16, 256)];
		let leaves = wire::selection_leaves(&message, columns as u16, 512);
		let unit = Unit::Selection { computing: 0 };
		let contract = contract::<T>(id)?;
		let items = contract.chunk_items(&unit, 0).ok_or("no chunk")?;
		let bytes = contract.chunk_bytes(&unit, 0).ok_or("no chunk")? as usize;
		let within = merkle::range_path(&leaves, items.start as usize..items.end as usize).ok_or("no path")?;
		let above = vec![H256::zero(); 4];
		let leaf = merkle::leaf(0, merkle::root(&leaves).as_bytes());
		commit::<T>(id, Stage::Selection, 0, merkle::climb(16, 0, leaf, &above).ok_or("no root")?)?;
		let number = open_unit::<T>(id, &unit)?;
		let path = RangePath::truncate_from([within, above].concat());
		let chunk = Message::truncate_from(message[..bytes].to_vec());
		#[extrinsic_call]
		publish(RawOrigin::Authorized, id, number, 0, chunk, path);
		assert!(is_published::<T>(id, number, 0));
		Ok(())
	}

	/// Features of a message of a data provider, which take longer than its entries alone: as many columns of 128
	/// ciphertexts as fit into a chunk.
	#[benchmark]
	fn publish_inputs(b: Linear<2, 256>) -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(most::<MaxDataProviders>(), 1)?;
		let bytes = 768;
		let blocks = ((b * 1_024).saturating_sub(1_000) / (bytes as u32 + 48)).clamp(1, 128);
		change_contract::<T>(id, |contract| {
			contract.schema = schema(1);
			contract.selection.selected = 1;
			let per_block = contract.packing().rows_per_block().unwrap_or(1);
			contract.data.iter_mut().for_each(|data| data.rows = per_block * u64::from(blocks));
			// As long as a contract with the maximum number of providers.
			let sealed = contract.selection.sealed.first().cloned().unwrap_or_default();
			contract.selection.sealed = BoundedVec::truncate_from(vec![sealed; 17]);
		})?;
		let blocks = contract::<T>(id)?.blocks_of(0, 0).len() as u32;
		let sealed = vec![7; wire::sealed_bytes(blocks, bytes)];
		let leaves = vec![H256::repeat_byte(4); blocks as usize];
		let entry = wire::Entry {
			transfer: number(),
			sealed: merkle::root(&wire::leaves(wire::sealed_chunks(&sealed, bytes))),
			chunks: wire::chunks(blocks, bytes),
			ciphertexts: merkle::root(&leaves),
			blocks,
		};
		let root = merkle::leaf(0, merkle::leaf(0, &codec::Encode::encode(&entry)).as_bytes());
		commit::<T>(id, Stage::Inputs, 0, root)?;
		let hashes: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.0).collect();
		let chunk = Message::truncate_from([codec::Encode::encode(&entry), hashes, sealed].concat());
		let number = open_unit::<T>(id, &Unit::Message { data: 0, computing: 0, part: 0 })?;
		#[extrinsic_call]
		publish(RawOrigin::Authorized, id, number, 0, chunk, Default::default());
		assert!(is_published::<T>(id, number, 0));
		Ok(())
	}

	/// As many trees over 16 leaves as fit into a chunk of that length. There are more of shorter numbers in a kilobyte.
	#[benchmark]
	fn publish_trees(b: Linear<16, 256>) -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(most::<MaxDataProviders>(), most::<MaxComputingProviders>())?;
		let trees = (b * 1_024 / 16_000).clamp(1, 16);
		change_contract::<T>(id, |contract| {
			contract.kind = TemplateKind::ColumnSum;
			contract.schema = schema(16);
			contract.selection.selected = trees as u16;
			contract.user_key.truncate(256);
		})?;
		let shape = TreeShape::new(16);
		let levels = (0..=shape.height()).map(|level| vec![vec![1; 512]; shape.width(level) as usize]).collect();
		let product = wire::Product { trees: vec![Tree { levels }; trees as usize] };
		let hashes = product.hashes(shape, 512).ok_or("no trees")?;
		commit::<T>(id, Stage::Outputs, 0, merkle::root(&wire::product_leaves(0, &hashes)))?;
		let chunk = product.trees.iter().flat_map(|tree| tree.levels.concat().concat()).collect();
		let chunk = Message::truncate_from(chunk);
		let number = open_unit::<T>(id, &Unit::Outputs { computing: 0, part: 0 })?;
		#[extrinsic_call]
		publish(RawOrigin::Authorized, id, number, 0, chunk, Default::default());
		assert!(is_published::<T>(id, number, 0));
		Ok(())
	}

	#[benchmark]
	fn authorize() -> Result<(), BenchmarkError> {
		let id = job_with_result::<T>(most::<MaxDataProviders>(), most::<MaxComputingProviders>())?;
		challenge_result::<T>(id)?;
		let validity;
		#[block]
		{
			let source = frame_support::pallet_prelude::TransactionSource::External;
			validity = Pallet::<T>::authorize_expire_challenge(source, &id);
		}
		assert!(validity.is_ok());
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
