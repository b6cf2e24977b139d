//! What calls are charged for their content.

use encrytrust_runtime::{
	weigh_content::{contained, content_weight},
	AccountId, RuntimeCall, RuntimeOrigin, UncheckedExtrinsic,
};
use frame_support::{dispatch::GetDispatchInfo, traits::GetCallMetadata, weights::Weight};
use scale_info::{form::PortableForm, MetaType, PortableRegistry, Registry, Type, TypeDef};
use sp_keyring::Sr25519Keyring::Alice;
use std::collections::BTreeSet;

/// Levels of nesting, near to what the decoder allows.
const DEEP: usize = 200;

fn remark(length: usize) -> RuntimeCall {
	frame_system::Call::remark { remark: vec![0; length] }.into()
}

/// One of each call that contains others.
fn containing_calls() -> Vec<RuntimeCall> {
	let call = || Box::new(remark(0));
	let calls = || vec![remark(0), remark(0)];
	let origin = || Box::new(RuntimeOrigin::none().caller);
	let account: AccountId = Alice.to_account_id();
	vec![
		pallet_utility::Call::batch { calls: calls() }.into(),
		pallet_utility::Call::batch_all { calls: calls() }.into(),
		pallet_utility::Call::force_batch { calls: calls() }.into(),
		pallet_utility::Call::if_else { main: call(), fallback: call() }.into(),
		pallet_utility::Call::as_derivative { index: 0, call: call() }.into(),
		pallet_utility::Call::dispatch_as { as_origin: origin(), call: call() }.into(),
		pallet_utility::Call::dispatch_as_fallible { as_origin: origin(), call: call() }.into(),
		pallet_utility::Call::with_weight { call: call(), weight: Weight::zero() }.into(),
		pallet_multisig::Call::as_multi_threshold_1 { other_signatories: vec![], call: call() }.into(),
		pallet_multisig::Call::as_multi {
			threshold: 2,
			other_signatories: vec![],
			maybe_timepoint: None,
			call: call(),
			max_weight: Weight::zero(),
		}
		.into(),
		pallet_proxy::Call::proxy { real: account.clone().into(), force_proxy_type: None, call: call() }.into(),
		pallet_proxy::Call::proxy_announced {
			delegate: account.clone().into(),
			real: account.clone().into(),
			force_proxy_type: None,
			call: call(),
		}
		.into(),
		pallet_sudo::Call::sudo { call: call() }.into(),
		pallet_sudo::Call::sudo_unchecked_weight { call: call(), weight: Weight::zero() }.into(),
		pallet_sudo::Call::sudo_as { who: account.into(), call: call() }.into(),
		pallet_scheduler::Call::schedule { when: 1, maybe_periodic: None, priority: 0, call: call() }.into(),
		pallet_scheduler::Call::schedule_after { after: 1, maybe_periodic: None, priority: 0, call: call() }.into(),
		pallet_scheduler::Call::schedule_named {
			id: [0; 32],
			when: 1,
			maybe_periodic: None,
			priority: 0,
			call: call(),
		}
		.into(),
		pallet_scheduler::Call::schedule_named_after {
			id: [0; 32],
			after: 1,
			maybe_periodic: None,
			priority: 0,
			call: call(),
		}
		.into(),
		pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage { call: call() }.into(),
		RuntimeCall::VotingNodes(pallet_collective::Call::propose { threshold: 1, proposal: call(), length_bound: 9 }),
		RuntimeCall::VotingNodes(pallet_collective::Call::execute { proposal: call(), length_bound: 9 }),
	]
}

/// The names of all calls that have a field of the runtime's call type, or a list of it.
fn containing_calls_by_type() -> BTreeSet<(String, String)> {
	let mut registry = Registry::new();
	let call = registry.register_type(&MetaType::new::<RuntimeCall>()).id;
	let types = PortableRegistry::from(registry);
	let resolve = |id: u32| types.resolve(id).expect("a registered type");
	let is_call =
		|id: u32| id == call || matches!(&resolve(id).type_def, TypeDef::Sequence(list) if list.type_param.id == call);
	let variants = |of: &Type<PortableForm>| match &of.type_def {
		TypeDef::Variant(variants) => variants.variants.clone(),
		other => panic!("calls are enums, not {other:?}"),
	};
	let mut names = BTreeSet::new();
	for pallet in variants(resolve(call)) {
		for call in variants(resolve(pallet.fields[0].ty.id)) {
			if call.fields.iter().any(|field| is_call(field.ty.id)) {
				names.insert((pallet.name.clone(), call.name));
			}
		}
	}
	names
}

#[test]
fn contained_finds_the_calls_within_every_call_that_has_some() {
	let mut named = BTreeSet::new();
	for call in containing_calls() {
		let metadata = call.get_call_metadata();
		let inner = contained(&call);
		assert!(!inner.is_empty() && inner.iter().all(|inner| **inner == remark(0)), "{metadata:?}");
		named.insert((metadata.pallet_name.to_owned(), metadata.function_name.to_owned()));
	}
	assert_eq!(named, containing_calls_by_type());
}

#[test]
fn content_weight_grows_with_bytes_calls_and_levels() {
	let time = |call: &RuntimeCall| content_weight(call).ref_time();
	assert!(time(&remark(1_000)) > time(&remark(0)));
	let batch = |count| RuntimeCall::from(pallet_utility::Call::batch { calls: vec![remark(0); count] });
	assert!(time(&batch(2)) - time(&batch(1)) > 1_000_000);
	let nested = |levels| {
		(0..levels)
			.fold(remark(0), |call, _| pallet_utility::Call::as_derivative { index: 0, call: Box::new(call) }.into())
	};
	let step = |levels| time(&nested(levels + 1)) - time(&nested(levels));
	assert!(step(DEEP) > 10 * step(1), "{} and {}", step(1), step(DEEP));
}

#[test]
fn transactions_are_charged_for_the_content_of_their_call() {
	let call = remark(1_000);
	let extrinsic = |call: RuntimeCall| {
		let extension = <encrytrust_runtime::Runtime as frame_system::offchain::CreateAuthorizedTransaction<
			pallet_bmpc::Call<encrytrust_runtime::Runtime>,
		>>::create_extension();
		UncheckedExtrinsic::new_transaction(call, extension)
	};
	let charged = |call: RuntimeCall| extrinsic(call).get_dispatch_info().extension_weight;
	let difference = charged(call.clone()).saturating_sub(charged(remark(0)));
	assert_eq!(difference, content_weight(&call).saturating_sub(content_weight(&remark(0))));
	assert!(difference.ref_time() > 0);
}
