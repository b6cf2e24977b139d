//! The content of calls: its bounds, and its weight.
//!
//! The weight that a pallet of the SDK gives its call was benchmarked with content of one shape. Decoding, weighing and
//! hashing content of another shape can take far longer, and a caller chooses the shape. What is never needed is
//! refused before it is weighed ([`ensure_bounded`]), and for the rest there is a transaction extension
//! ([`WeighContent`]) that charges a call for its bytes and for the calls that it contains. See ADR 0024.

use crate::{Runtime, RuntimeCall, RuntimeOrigin};
use alloc::{collections::VecDeque, vec, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo},
	ensure,
	traits::Get,
	weights::Weight,
};
use scale_info::TypeInfo;
use sp_runtime::{
	impl_tx_ext_default,
	traits::{Header as _, TransactionExtension, ValidateResult},
	transaction_validity::{InvalidTransaction, TransactionSource},
};

/// The maximum number of open motions.
type MaxProposals = <Runtime as pallet_collective::Config<pallet_collective::Instance1>>::MaxProposals;

/// The maximum number of calls around a call. Several pallets weigh or encode all that a call contains at each level,
/// so the time grows with the square of the levels times the bytes.
pub const MAX_NESTING: usize = 6;
/// The maximum number of digest items of a header that an equivocation report shows. Blocks have up to four.
pub const MAX_DIGEST_ITEMS: usize = 16;

/// `InvalidTransaction::Custom` of a call that is nested more deeply than [`MAX_NESTING`].
pub const NESTED_TOO_DEEPLY: u8 = 1;
/// `InvalidTransaction::Custom` of an equivocation report with more than [`MAX_DIGEST_ITEMS`] in a header.
pub const TOO_MANY_DIGEST_ITEMS: u8 = 2;

/// Picoseconds for a byte that is decoded and encoded again.
const BYTE: u64 = 5_000;
/// Picoseconds for a byte of a call that contains others, half of it again for every further level: contained calls are
/// encoded and hashed, and the densest content is a list of empty lists.
const CONTAINING_BYTE: u64 = 40_000;
/// Picoseconds for a contained call: it is weighed, filtered and dispatched.
const CONTAINED_CALL: u64 = 1_000_000;
/// Picoseconds for each call around a contained call: every one of them weighs all that it contains.
const NESTING_LEVEL: u64 = 2_000_000;

/// Refuses content that takes long to weigh. It is fast itself: it visits each call once.
pub fn ensure_bounded(call: &RuntimeCall) -> Result<(), InvalidTransaction> {
	for (call, level) in Calls::of(call) {
		ensure!(level <= MAX_NESTING, InvalidTransaction::Custom(NESTED_TOO_DEEPLY));
		if let RuntimeCall::Babe(
			pallet_babe::Call::report_equivocation { equivocation_proof, .. }
			| pallet_babe::Call::report_equivocation_unsigned { equivocation_proof, .. },
		) = call
		{
			let headers = [&equivocation_proof.first_header, &equivocation_proof.second_header];
			let bounded = headers.iter().all(|header| header.digest().logs.len() <= MAX_DIGEST_ITEMS);
			ensure!(bounded, InvalidTransaction::Custom(TOO_MANY_DIGEST_ITEMS));
		}
	}
	Ok(())
}

/// Charges a call for its content, and refuses transactions of the class that no block's weight bounds. It carries no
/// data.
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

	/// Calls of the class Mandatory are inherents, which are bare and do not come here. Calls that contain one, such as
	/// `Proxy.proxy`, have its class and would not count towards a block's weight.
	fn validate(
		&self,
		origin: RuntimeOrigin,
		_call: &RuntimeCall,
		info: &DispatchInfo,
		_len: usize,
		_implicit: (),
		_inherited_implication: &impl Encode,
		_source: TransactionSource,
	) -> ValidateResult<(), RuntimeCall> {
		ensure!(info.class != DispatchClass::Mandatory, InvalidTransaction::MandatoryValidation);
		Ok((Default::default(), (), origin))
	}

	impl_tx_ext_default!(RuntimeCall; prepare);
}

/// The weight of a call's content, beyond what its pallet charges.
pub fn content_weight(call: &RuntimeCall) -> Weight {
	let mut weight = Weight::zero();
	let mut deepest = 0u64;
	for (call, level) in Calls::of(call) {
		weight.saturating_accrue(own_weight(call));
		deepest = level as u64;
		if level > 0 {
			let picoseconds = CONTAINED_CALL.saturating_add(NESTING_LEVEL.saturating_mul(deepest));
			weight.saturating_accrue(Weight::from_parts(picoseconds, 0));
		}
	}
	let byte = if deepest == 0 { BYTE } else { CONTAINING_BYTE.saturating_mul(deepest.saturating_add(1)) / 2 };
	weight.saturating_add(Weight::from_parts(byte.saturating_mul(call.encoded_size() as u64), 0))
}

/// The weight of what a call has besides contained calls.
fn own_weight(call: &RuntimeCall) -> Weight {
	match call {
		// A change of the members goes through the votes of every open motion.
		RuntimeCall::VotingNodesMembership(_) => {
			let motions = u64::from(<MaxProposals as Get<u32>>::get());
			<Runtime as frame_system::Config>::DbWeight::get().reads_writes(motions, motions)
		},
		// The motion's call is decoded and weighed, of the length that the bound allows.
		RuntimeCall::VotingNodes(pallet_collective::Call::close { length_bound, .. }) => {
			Weight::from_parts(CONTAINING_BYTE.saturating_mul((*length_bound).into()), 0)
		},
		_ => Weight::zero(),
	}
}

/// A call and all that it contains with the number of calls around each, breadth first and without recursion.
struct Calls<'a>(VecDeque<(&'a RuntimeCall, usize)>);

impl<'a> Calls<'a> {
	fn of(call: &'a RuntimeCall) -> Self {
		Self(VecDeque::from([(call, 0)]))
	}
}

impl<'a> Iterator for Calls<'a> {
	type Item = (&'a RuntimeCall, usize);

	fn next(&mut self) -> Option<Self::Item> {
		let (call, level) = self.0.pop_front()?;
		self.0.extend(contained(call).into_iter().map(|inner| (inner, level.saturating_add(1))));
		Some((call, level))
	}
}

/// The calls that a call contains, at the next level.
pub fn contained(call: &RuntimeCall) -> Vec<&RuntimeCall> {
	use crate::enactment::Call as Enactment;
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
		| RuntimeCall::Enactment(Enactment::schedule { call } | Enactment::enact { call, .. })
		| RuntimeCall::VotingNodes(
			VotingNodes::propose { proposal: call, .. } | VotingNodes::execute { proposal: call, .. },
		) => vec![call],
		_ => Vec::new(),
	}
}
