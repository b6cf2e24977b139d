//! The content of calls: what is refused, and what is charged.

use super::preset;
use encrytrust_runtime::{
	content::{
		contained, content_weight, ensure_bounded, WeighContent, MAX_DIGEST_ITEMS, MAX_NESTING, NESTED_TOO_DEEPLY,
		TOO_MANY_DIGEST_ITEMS,
	},
	enactment,
	key_owners::KeyOwnerProof,
	AccountId, Executive, Header, Runtime, RuntimeCall, RuntimeOrigin, UncheckedExtrinsic,
};
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::GetCallMetadata,
	weights::Weight,
};
use frame_system::offchain::CreateAuthorizedTransaction;
use scale_info::{form::PortableForm, MetaType, PortableRegistry, Registry, Type, TypeDef};
use sp_consensus_babe::{AuthorityId, EquivocationProof, Slot};
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::{
	traits::{Header as _, TransactionExtension, TxBaseImplication},
	transaction_validity::{InvalidTransaction, TransactionSource},
	Digest, DigestItem,
};
use std::collections::BTreeSet;

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
		enactment::Call::schedule { call: call() }.into(),
		enactment::Call::enact { decision_id: 0, call: call() }.into(),
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
fn contained_finds_inner_calls_for_every_call_with_calls() {
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
	let step = |levels| time(&nested(levels + 1, remark(0))) - time(&nested(levels, remark(0)));
	assert!(step(MAX_NESTING - 1) > 2 * step(1), "{} and {}", step(1), step(MAX_NESTING - 1));
}

/// A call within so many others.
fn nested(levels: usize, call: RuntimeCall) -> RuntimeCall {
	(0..levels).fold(call, |call, _| pallet_utility::Call::as_derivative { index: 0, call: Box::new(call) }.into())
}

fn refused(reason: u8) -> Result<(), InvalidTransaction> {
	Err(InvalidTransaction::Custom(reason))
}

#[test]
fn ensure_bounded_fails_for_calls_nested_too_deeply() {
	assert_eq!(ensure_bounded(&nested(MAX_NESTING, remark(0))), Ok(()));
	assert_eq!(ensure_bounded(&nested(MAX_NESTING + 1, remark(0))), refused(NESTED_TOO_DEEPLY));
	for call in containing_calls() {
		assert_eq!(ensure_bounded(&nested(MAX_NESTING, call)), refused(NESTED_TOO_DEEPLY));
	}
}

/// A report of two headers with so many digest items.
fn report(digest_items: [usize; 2]) -> RuntimeCall {
	let header = |items| {
		let logs = vec![DigestItem::RuntimeEnvironmentUpdated; items];
		let zero = Default::default();
		Header::new(1, zero, zero, zero, Digest { logs })
	};
	let equivocation_proof = EquivocationProof {
		offender: AuthorityId::from(sp_core::sr25519::Public::default()),
		slot: Slot::from(1),
		first_header: header(digest_items[0]),
		second_header: header(digest_items[1]),
	};
	let key_owner_proof = KeyOwnerProof { session: 0, validator_count: 1 };
	let equivocation_proof = Box::new(equivocation_proof);
	pallet_babe::Call::report_equivocation { equivocation_proof, key_owner_proof }.into()
}

#[test]
fn ensure_bounded_fails_for_reports_of_headers_with_too_many_digest_items() {
	assert_eq!(ensure_bounded(&report([MAX_DIGEST_ITEMS; 2])), Ok(()));
	for items in [[MAX_DIGEST_ITEMS + 1, 0], [0, MAX_DIGEST_ITEMS + 1]] {
		assert_eq!(ensure_bounded(&report(items)), refused(TOO_MANY_DIGEST_ITEMS));
		assert_eq!(ensure_bounded(&nested(2, report(items))), refused(TOO_MANY_DIGEST_ITEMS));
	}
}

#[test]
fn validate_transaction_and_apply_extrinsic_fail_for_unbounded_content() {
	preset("development").execute_with(|| {
		let zero = Default::default();
		Executive::initialize_block(&Header::new(1, zero, zero, zero, Default::default()));
		let refusals = [
			(nested(MAX_NESTING + 1, remark(0)), NESTED_TOO_DEEPLY),
			(report([MAX_DIGEST_ITEMS + 1, 0]), TOO_MANY_DIGEST_ITEMS),
		];
		for (call, reason) in refusals {
			let refused = Err(InvalidTransaction::Custom(reason).into());
			for extrinsic in [general(call.clone()), UncheckedExtrinsic::new_bare(call.clone())] {
				let validity =
					Executive::validate_transaction(TransactionSource::External, extrinsic.clone(), Default::default());
				assert_eq!(validity.map(|_| ()), refused);
				assert_eq!(Executive::apply_extrinsic(extrinsic.clone()).map(|_| ()), refused);
				assert_eq!(extrinsic.get_dispatch_info().call_weight, Weight::MAX);
			}
		}
	});
}

/// Calls of the class Mandatory count towards no limit of a block: no transaction may have that class.
#[test]
fn transactions_of_and_around_inherents_are_refused() {
	let inherents: [RuntimeCall; 2] =
		[pallet_timestamp::Call::set { now: 1 }.into(), pallet_finality_clock::Call::attest { finalized: 0 }.into()];
	let proxied = |call: &RuntimeCall| {
		RuntimeCall::from(pallet_proxy::Call::proxy {
			real: Alice.to_account_id().into(),
			force_proxy_type: None,
			call: Box::new(call.clone()),
		})
	};
	preset("development").execute_with(|| {
		let zero = Default::default();
		Executive::initialize_block(&Header::new(1, zero, zero, zero, Default::default()));
		for call in inherents.iter().flat_map(|inherent| [inherent.clone(), proxied(inherent)]) {
			let origin = RuntimeOrigin::signed(Alice.to_account_id());
			let info = call.get_dispatch_info();
			assert_eq!(info.class, DispatchClass::Mandatory);
			let (base, source) = (TxBaseImplication(()), TransactionSource::InBlock);
			let validity = WeighContent.validate(origin, &call, &info, 0, (), &base, source);
			assert_eq!(validity.map(|_| ()), Err(InvalidTransaction::MandatoryValidation.into()));
		}
	});
}

fn general(call: RuntimeCall) -> UncheckedExtrinsic {
	let extension = <Runtime as CreateAuthorizedTransaction<pallet_bmpc::Call<Runtime>>>::create_extension();
	UncheckedExtrinsic::new_transaction(call, extension)
}

#[test]
fn transaction_is_charged_for_content_of_its_call() {
	let call = remark(1_000);
	let charged = |call: RuntimeCall| general(call).get_dispatch_info().extension_weight;
	let difference = charged(call.clone()).saturating_sub(charged(remark(0)));
	assert_eq!(difference, content_weight(&call).saturating_sub(content_weight(&remark(0))));
	assert!(difference.ref_time() > 0);
}
