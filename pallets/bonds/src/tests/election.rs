//! The election function.

use super::*;
use crate::election::{elect, rank};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Candidates, incumbents, seats, maximum number of newcomers, and the elected.
type Case = (&'static [ValidatorOf<Test>], &'static [AccountId], u32, u32, &'static [AccountId]);

#[test]
fn elect_fills_seats_by_rank() {
	let cases: &[Case] = &[
		(&[], &[1], 3, 3, &[]),
		(&[(1, 5), (2, 7), (3, 6)], &[], 3, 3, &[2, 3, 1]),
		// For equal stakes the smaller account wins.
		(&[(3, 5), (1, 5), (2, 5)], &[], 2, 2, &[1, 2]),
		// Newcomers beyond the limit leave their seats to incumbents with smaller stakes.
		(&[(1, 9), (2, 8), (3, 7), (4, 1)], &[4], 3, 2, &[1, 2, 4]),
		// Or their seats stay empty.
		(&[(1, 9), (2, 8)], &[], 2, 1, &[1]),
		// Incumbents with smaller stakes lose their seats, even all of them.
		(&[(1, 9), (2, 8), (3, 7)], &[3], 2, 2, &[1, 2]),
		// Incumbents do not count as new.
		(&[(1, 9), (2, 8), (3, 7)], &[1, 2, 3], 3, 1, &[1, 2, 3]),
	];
	for (candidates, incumbents, seats, max_new, expected) in cases {
		let incumbents = incumbents.iter().copied().collect();
		let elected = elect(candidates.to_vec(), &incumbents, *seats, *max_new);
		assert_eq!(elected.into_iter().map(|(who, _)| who).collect::<Vec<_>>(), *expected);
	}
}

proptest! {
	#[test]
	fn elect_is_fair_for_any_candidates(
		candidates in prop::collection::btree_map(0..40u64, 1..20u128, 0..30),
		incumbents in prop::collection::btree_set(0..40u64, 0..20),
		seats in 1..25u32,
		max_new in 1..25u32,
		shift in 0..30usize,
	) {
		let list: Vec<_> = candidates.clone().into_iter().collect();
		let elected = elect(list.clone(), &incumbents, seats, max_new);
		check(&candidates, &incumbents, &elected, seats, max_new);

		let mut rotated = list;
		let middle = shift.min(rotated.len());
		rotated.rotate_left(middle);
		prop_assert_eq!(elect(rotated, &incumbents, seats, max_new), elected, "the order of candidates matters");
	}
}

fn check(
	candidates: &BTreeMap<AccountId, Balance>,
	incumbents: &BTreeSet<AccountId>,
	elected: &[ValidatorOf<Test>],
	seats: u32,
	max_new: u32,
) {
	let winners: BTreeSet<_> = elected.iter().map(|(who, _)| *who).collect();
	assert_eq!(winners.len(), elected.len(), "somebody has two seats");
	assert!(elected.iter().all(|(who, stake)| candidates[who] == *stake), "a stake changed");
	assert!(elected.len() <= seats as usize, "there are too many seats");
	let new = winners.difference(incumbents).count();
	assert!(new <= max_new as usize, "there are too many newcomers");

	let mut ranked = elected.to_vec();
	rank(&mut ranked);
	assert_eq!(ranked, elected, "not by rank");

	for (loser, stake) in candidates.iter().filter(|(who, _)| !winners.contains(who)) {
		let better =
			|winner: &&ValidatorOf<Test>| (winner.1, std::cmp::Reverse(winner.0)) > (*stake, std::cmp::Reverse(*loser));
		if incumbents.contains(loser) {
			assert_eq!(elected.iter().filter(better).count(), seats as usize, "an incumbent lost to less");
		} else {
			let full = elected.iter().filter(better).count() == seats as usize;
			let new = elected.iter().filter(better).filter(|(who, _)| !incumbents.contains(who)).count();
			assert!(full || new == max_new as usize, "a newcomer lost for nothing");
		}
	}
}
