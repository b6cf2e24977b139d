//! The share of the block that is reserved for what parties of computation contracts owe.
//!
//! These calls have the class Operational, which has room in every block that nothing of the class Normal can take, and
//! they are free. So they are valid only while they are owed, and no other transaction may have the class: a batch of
//! them, for example, would take it from its content. See ADR 0030.

use crate::{enactment, AccountId, Bmpc, Enactment, Proxy, Runtime, RuntimeCall, RuntimeOrigin, System, VotingNodes};
use codec::{Decode, DecodeWithMemTracking, Encode};
use encrytrust_fault_proofs::Fault;
use encrytrust_types::JobId;
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo},
	ensure,
	traits::InstanceFilter,
	weights::Weight,
};
use pallet_bmpc::{extension::FindReport, WeightInfo};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::{
	impl_tx_ext_default,
	traits::{AsSystemOriginSigner, BlakeTwo256, Hash, StaticLookup, TransactionExtension, ValidateResult},
	transaction_validity::{InvalidTransaction, TransactionSource, ValidTransaction},
};

type ProxyType = <Runtime as pallet_proxy::Config>::ProxyType;

/// Picoseconds that Blake2b takes for a byte, in Wasm.
const HASHING_PER_BYTE: u64 = 4_000;

/// Refuses signed transactions of the class Operational that nobody owes. It carries no data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct CheckOwed;

impl TransactionExtension<RuntimeCall> for CheckOwed {
	const IDENTIFIER: &'static str = "CheckOwed";
	type Implicit = ();
	type Val = ();
	type Pre = ();

	/// It looks up the job and what it waits for.
	fn weight(&self, call: &RuntimeCall) -> Weight {
		type Weights = <Runtime as pallet_bmpc::Config>::WeightInfo;
		match contract_call(call) {
			Some(pallet_bmpc::Call::challenge { units, .. }) => Weights::challenge(units.count()),
			Some(_) => Weights::authorize(),
			None => match call {
				// It hashes the code.
				RuntimeCall::System(frame_system::Call::apply_authorized_upgrade { code }) => {
					Weight::from_parts(HASHING_PER_BYTE.saturating_mul(code.len() as u64), 0)
				},
				_ => Weight::zero(),
			},
		}
	}

	fn validate(
		&self,
		origin: RuntimeOrigin,
		call: &RuntimeCall,
		info: &DispatchInfo,
		_len: usize,
		_implicit: (),
		_inherited_implication: &impl Encode,
		_source: TransactionSource,
	) -> ValidateResult<(), RuntimeCall> {
		let Some(signer) = origin.as_system_origin_signer() else { return Ok((Default::default(), (), origin)) };
		let valid = match owed(signer, call) {
			Some(owed) => owed.ok_or(InvalidTransaction::Stale)?,
			None => {
				let allowed = info.class != DispatchClass::Operational || is_to_govern(signer, call);
				ensure!(allowed, InvalidTransaction::Call);
				Default::default()
			},
		};
		Ok((valid, (), origin))
	}

	impl_tx_ext_default!(RuntimeCall; prepare);
}

/// What pools go by for a call that `signer` owes, itself or as the proxy of the account that does: nothing if it is not
/// owed now. `None` for a call that nobody owes. A report of a fault is of use only while its job is under way.
fn owed(signer: &AccountId, call: &RuntimeCall) -> Option<Option<ValidTransaction>> {
	let inner = contract_call(call)?;
	let Some(who) = caller(signer, call) else { return Some(None) };
	let is_owed = match inner {
		pallet_bmpc::Call::report_fault { job_id, .. } => Bmpc::is_under_way(*job_id),
		_ => Bmpc::is_owed(&who, inner)?,
	};
	Some(is_owed.then(|| Bmpc::validity_of_owed(&who, inner)))
}

/// The account that makes a call about contracts: its signer, or whose proxy that is.
fn caller(signer: &AccountId, call: &RuntimeCall) -> Option<AccountId> {
	let RuntimeCall::Proxy(pallet_proxy::Call::proxy { real, force_proxy_type, call }) = call else {
		return Some(signer.clone());
	};
	let real = <Runtime as frame_system::Config>::Lookup::lookup(real.clone()).ok()?;
	is_proxy(&real, signer, *force_proxy_type, call).then_some(real)
}

/// Reports of faults, made by the signer or as a proxy.
#[derive(Debug)]
pub struct Reports;

impl FindReport<Runtime> for Reports {
	fn is_report(call: &RuntimeCall) -> bool {
		matches!(contract_call(call), Some(pallet_bmpc::Call::report_fault { .. }))
	}

	fn find<'a>(signer: &AccountId, call: &'a RuntimeCall) -> Option<(AccountId, JobId, &'a Fault)> {
		match contract_call(call)? {
			pallet_bmpc::Call::report_fault { job_id, fault } => Some((caller(signer, call)?, *job_id, fault)),
			_ => None,
		}
	}
}

/// Whether a call by `signer` for `real` would be dispatched: one that fails would have filled its share of the block for
/// nothing, and as often as its signer likes.
fn is_proxy(real: &AccountId, signer: &AccountId, force: Option<ProxyType>, call: &RuntimeCall) -> bool {
	let proxy = Proxy::find_proxy(real, signer, force);
	proxy.is_ok_and(|proxy| proxy.delay == 0 && proxy.proxy_type.filter(call))
}

/// A call about contracts, made by the signer or as a proxy.
fn contract_call(call: &RuntimeCall) -> Option<&pallet_bmpc::Call<Runtime>> {
	match call {
		RuntimeCall::Bmpc(call) => Some(call),
		RuntimeCall::Proxy(pallet_proxy::Call::proxy { call, .. }) => match &**call {
			RuntimeCall::Bmpc(call) => Some(call),
			_ => None,
		},
		_ => None,
	}
}

/// Calls of this class by those who govern the chain. Of anybody else they would fail, but only after they have filled the
/// block.
fn is_to_govern(signer: &AccountId, call: &RuntimeCall) -> bool {
	match call {
		// What it executes is paid for as everything else.
		RuntimeCall::VotingNodes(pallet_collective::Call::execute { .. }) => false,
		RuntimeCall::VotingNodes(_) => VotingNodes::is_member(signer),
		RuntimeCall::Enactment(enactment::Call::veto { decision_id }) => {
			VotingNodes::is_member(signer) && Enactment::may_veto(signer, *decision_id)
		},
		RuntimeCall::Sudo(_) => pallet_sudo::Key::<Runtime>::get().as_ref() == Some(signer),
		RuntimeCall::System(frame_system::Call::apply_authorized_upgrade { code }) => {
			// The encoding of what is authorized begins with the code's hash.
			let is_authorized = |hash: H256| {
				System::authorized_upgrade().is_some_and(|authorized| authorized.encode().starts_with(hash.as_ref()))
			};
			System::authorized_upgrade().is_some() && is_authorized(BlakeTwo256::hash(code))
		},
		_ => false,
	}
}
