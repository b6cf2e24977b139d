//! The share of the block that is reserved for what parties of computation contracts owe.
//!
//! These calls have the class Operational, which has room in every block that nothing of the class Normal can take, and
//! they are free. So they are valid only while they are owed, and no other transaction may have the class: a batch of
//! them, for example, would take it from its content. See ADR 0030.

use crate::{enactment, AccountId, Bmpc, Proxy, Runtime, RuntimeCall, RuntimeOrigin, System, VotingNodes};
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo},
	ensure,
	weights::Weight,
};
use pallet_bmpc::WeightInfo;
use scale_info::TypeInfo;
use sp_runtime::{
	impl_tx_ext_default,
	traits::{AsSystemOriginSigner, StaticLookup, TransactionExtension, ValidateResult},
	transaction_validity::{InvalidTransaction, TransactionSource},
};

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
			Some(pallet_bmpc::Call::challenge { .. }) => Weights::challenge(),
			Some(_) => Weights::authorize(),
			None => Weight::zero(),
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
		if let Some(signer) = origin.as_system_origin_signer() {
			match is_owed(signer, call) {
				Some(owed) => ensure!(owed, InvalidTransaction::Stale),
				None => {
					let allowed = info.class != DispatchClass::Operational || is_to_govern(signer, call);
					ensure!(allowed, InvalidTransaction::Call);
				},
			}
		}
		Ok((Default::default(), (), origin))
	}

	impl_tx_ext_default!(RuntimeCall; prepare);
}

/// Whether `signer` owes a call, itself or as the proxy of the account that does; `None` for a call that nobody owes. A
/// report of a fault is of use only while its job is under way.
fn is_owed(signer: &AccountId, call: &RuntimeCall) -> Option<bool> {
	let inner = contract_call(call)?;
	if let pallet_bmpc::Call::report_fault { job_id, .. } = inner {
		return Some(Bmpc::is_under_way(*job_id));
	}
	let RuntimeCall::Proxy(pallet_proxy::Call::proxy { real, .. }) = call else { return Bmpc::is_owed(signer, inner) };
	let real = <Runtime as frame_system::Config>::Lookup::lookup(real.clone()).ok()?;
	Bmpc::is_owed(&real, inner).map(|owed| owed && Proxy::find_proxy(&real, signer, None).is_ok())
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
		RuntimeCall::VotingNodes(_) | RuntimeCall::Enactment(enactment::Call::veto { .. }) => {
			VotingNodes::is_member(signer)
		},
		RuntimeCall::Sudo(_) => pallet_sudo::Key::<Runtime>::get().as_ref() == Some(signer),
		RuntimeCall::System(frame_system::Call::apply_authorized_upgrade { .. }) => {
			System::authorized_upgrade().is_some()
		},
		_ => false,
	}
}
