//! The election: a pure function, so that tests can run it on any candidates.

use crate::Balance;
use alloc::{collections::BTreeSet, vec::Vec};
use core::cmp::Reverse;

/// Sort by rank: larger stakes first, and smaller accounts first for equal stakes.
pub(crate) fn rank<AccountId: Clone + Ord>(candidates: &mut [(AccountId, Balance)]) {
	candidates.sort_unstable_by_key(|(who, stake)| (Reverse(*stake), who.clone()));
}

/// Fill at most `seats` by rank, at most `max_new` of them with candidates that are not `incumbents`.
///
/// The limit on newcomers bounds how fast stake can take over the chain. No incumbent loses a seat to a candidate with
/// a smaller stake.
pub fn elect<AccountId: Clone + Ord>(
	mut candidates: Vec<(AccountId, Balance)>,
	incumbents: &BTreeSet<AccountId>,
	seats: u32,
	max_new: u32,
) -> Vec<(AccountId, Balance)> {
	rank(&mut candidates);
	let mut new = 0u32;
	let admitted = candidates.into_iter().filter(|(who, _)| {
		if incumbents.contains(who) {
			return true;
		}
		new = new.saturating_add(1);
		new <= max_new
	});
	admitted.take(seats as usize).collect()
}
