//! A transaction extension that charges a call for its content: for its bytes and the calls that it contains.
//!
//! The weight that a pallet of the SDK gives its call was benchmarked with content of one shape. Decoding, weighing and
//! hashing content of another shape can take far longer, and a caller chooses the shape. See ADR 0024.

use crate::{configs::governance::MaxProposals, Runtime, RuntimeCall};
use alloc::{collections::VecDeque, vec, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{traits::Get, weights::Weight};
use scale_info::TypeInfo;
use sp_runtime::{impl_tx_ext_default, traits::TransactionExtension};

/// Picoseconds for a byte that is decoded and encoded again.
const BYTE: u64 = 5_000;
/// Picoseconds for a byte of a call that contains others: contained calls are copied and hashed, and the densest content
/// is a list of empty lists.
const CONTAINING_BYTE: u64 = 40_000;
/// Picoseconds for a contained call: it is weighed, filtered and dispatched.
const CONTAINED_CALL: u64 = 1_000_000;
/// Picoseconds for each call around a contained call: every one of them weighs all that it contains.
const NESTING_LEVEL: u64 = 2_000_000;

/// Charges a call for its content. It carries no data and refuses nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct WeighContent;

impl TransactionExtension<RuntimeCall> for WeighContent {
	const IDENTIFIER: &'static str = "WeighContent";
	type Implicit = ();
	type Val = ();
	type Pre = ();

	fn weight(&self, call: &RuntimeCall) -> Weight {
		content_weight(call)
	}

	impl_tx_ext_default!(RuntimeCall; validate prepare);
}

/// The weight of a call's content, beyond what its pallet charges.
pub fn content_weight(call: &RuntimeCall) -> Weight {
	let byte = if contained(call).is_empty() { BYTE } else { CONTAINING_BYTE };
	let mut weight = Weight::from_parts(byte.saturating_mul(call.encoded_size() as u64), 0);
	// Breadth first, without recursion: a call may be nested as deeply as the decoder allows.
	let mut queue = VecDeque::from([(call, 0u64)]);
	while let Some((call, level)) = queue.pop_front() {
		weight.saturating_accrue(own_weight(call));
		for inner in contained(call) {
			let level = level.saturating_add(1);
			let picoseconds = CONTAINED_CALL.saturating_add(NESTING_LEVEL.saturating_mul(level));
			weight.saturating_accrue(Weight::from_parts(picoseconds, 0));
			queue.push_back((inner, level));
		}
	}
	weight
}

/// The weight of what a call has besides contained calls.
fn own_weight(call: &RuntimeCall) -> Weight {
	match call {
		// A change of the members goes through the votes of every open motion.
		RuntimeCall::VotingNodesMembership(_) => {
			let motions = u64::from(<MaxProposals as Get<u32>>::get());
			<Runtime as frame_system::Config>::DbWeight::get().reads_writes(motions, motions)
		},
		_ => Weight::zero(),
	}
}

/// The calls that a call contains, at the next level.
pub fn contained(call: &RuntimeCall) -> Vec<&RuntimeCall> {
	use pallet_collective::Call as VotingNodes;
	use pallet_multisig::Call as Multisig;
	use pallet_proxy::Call as Proxy;
	use pallet_scheduler::Call as Scheduler;
	use pallet_sudo::Call as Sudo;
	use pallet_utility::Call as Utility;
	use pallet_whitelist::Call as Whitelist;
	match call {
		RuntimeCall::Utility(
			Utility::batch { calls } | Utility::batch_all { calls } | Utility::force_batch { calls },
		) => calls.iter().collect(),
		RuntimeCall::Utility(Utility::if_else { main, fallback }) => vec![main, fallback],
		RuntimeCall::Utility(
			Utility::as_derivative { call, .. }
			| Utility::dispatch_as { call, .. }
			| Utility::dispatch_as_fallible { call, .. }
			| Utility::with_weight { call, .. },
		)
		| RuntimeCall::Multisig(Multisig::as_multi { call, .. } | Multisig::as_multi_threshold_1 { call, .. })
		| RuntimeCall::Proxy(Proxy::proxy { call, .. } | Proxy::proxy_announced { call, .. })
		| RuntimeCall::Sudo(
			Sudo::sudo { call } | Sudo::sudo_unchecked_weight { call, .. } | Sudo::sudo_as { call, .. },
		)
		| RuntimeCall::Scheduler(
			Scheduler::schedule { call, .. }
			| Scheduler::schedule_named { call, .. }
			| Scheduler::schedule_after { call, .. }
			| Scheduler::schedule_named_after { call, .. },
		)
		| RuntimeCall::Whitelist(Whitelist::dispatch_whitelisted_call_with_preimage { call })
		| RuntimeCall::VotingNodes(
			VotingNodes::propose { proposal: call, .. } | VotingNodes::execute { proposal: call, .. },
		) => vec![call],
		_ => Vec::new(),
	}
}
