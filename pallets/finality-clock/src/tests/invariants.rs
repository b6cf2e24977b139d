//! Over any sequence of blocks, sets of validators and lies, the clock keeps its guarantees.

use super::*;
use proptest::{collection::vec, prelude::*};

/// One block. Numbers choose among what exists, modulo its count.
#[derive(Clone, Debug)]
struct Step {
	author: usize,
	/// What is final when the block is authored, as a part of its number, 256 being all of it; it never decreases.
	finality: u8,
	/// How far behind an honest author's view of finality is.
	behind: u64,
	/// What a dishonest author attests, as a part of what it can, 255 being all of it; `None` if nothing.
	lie: Option<u8>,
	/// The session's validators change: the number of them, and the first one.
	session: Option<(usize, u64)>,
}

fn step() -> impl Strategy<Value = Step> {
	let finality = prop_oneof![3 => Just(0u8), 1 => any::<u8>(), 1 => Just(255u8)];
	let lie = prop_oneof![Just(None), Just(Some(255)), any::<u8>().prop_map(Some)];
	let session = prop_oneof![9 => Just(None), 1 => (1..=MAX_VALIDATORS as usize, 0..6u64).prop_map(Some)];
	(any::<usize>(), finality, 0..5u64, lie, session).prop_map(|(author, finality, behind, lie, session)| Step {
		author,
		finality,
		behind,
		lie,
		session,
	})
}

/// Of `count` validators from `first` on, the first `liars` lie. A validator is honest, or not, for all of its sessions.
#[derive(Clone, Copy, Debug)]
struct Committee {
	count: usize,
	first: u64,
	max_liars: fn(usize) -> usize,
}

impl Committee {
	/// Liars have accounts from 100 on, and a session takes at most as many as it may have.
	fn validators(self) -> Vec<AccountId> {
		let liars = (self.max_liars)(self.count) as u64;
		let honest = self.count as u64 - liars;
		(0..liars).map(|index| 100 + self.first + index).chain((0..honest).map(|index| self.first + index)).collect()
	}
}

fn is_liar(who: &AccountId) -> bool {
	*who >= 100
}

/// Runs the blocks; after each, `check` sees the clock, the honest validators' greatest attestation so far, and the
/// least of the latest ones of the honest validators of this session if the block had an attestation.
fn run(steps: &[Step], max_liars: fn(usize) -> usize, mut check: impl FnMut(u64, u64, Option<u64>)) {
	new_chain().execute_with(|| {
		let mut committee = Committee { count: 4, first: 0, max_liars };
		let mut finalized = 0;
		let mut greatest = 0;
		let mut before = 0;
		for step in steps {
			if let Some((count, first)) = step.session {
				committee = Committee { count, first, max_liars };
			}
			let validators = committee.validators();
			Current::set(validators.clone());
			let author = validators[step.author % validators.len()];
			next_block(author);
			let number = System::block_number();
			finalized = finalized.max((number - 1) * u64::from(step.finality) / 256);
			let attestation = if is_liar(&author) {
				step.lie.map(|lie| (number - 1) * u64::from(lie) / 255)
			} else {
				greatest = greatest.max(finalized.saturating_sub(step.behind));
				Some(finalized.saturating_sub(step.behind))
			};
			if let Some(finalized) = attestation {
				assert_ok!(attest(finalized));
			}
			let latest = Attestations::<Test>::get();
			let honest = validators.iter().filter(|who| !is_liar(who));
			let least = honest.map(|who| latest.get(who).map_or(0, |latest| latest.finalized)).min();
			assert!(now() >= before, "the clock decreased");
			assert!(now() < number);
			before = now();
			check(now(), greatest, attestation.and(least));
			check_invariants();
		}
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(512))]

	#[test]
	fn clock_is_not_above_an_honest_attestation_if_at_most_half_lie(steps in vec(step(), 1..120)) {
		run(&steps, |count| count / 2, |now, greatest, _| assert!(now <= greatest, "{now} > {greatest}"));
	}

	#[test]
	fn clock_catches_up_with_honest_attestations_if_fewer_than_half_lie(steps in vec(step(), 1..120)) {
		let mut before = 0;
		run(&steps, |count| (count - 1) / 2, |now, _, least| {
			if let Some(least) = least {
				assert!(now >= least || now > before, "{now} < {least}");
			}
			before = now;
		});
	}
}

/// Finality lags by `lag` blocks, and validators author in turn: the clock lags by `lag` and two turns at most, the one in
/// which it began and another.
#[test]
fn clock_lags_by_two_turns_of_the_validators_and_finality() {
	for (count, lag) in (1..=MAX_VALIDATORS as usize).flat_map(|count| [1, 2, 5].map(|lag| (count, lag))) {
		new_chain().execute_with(|| {
			let validators = Committee { count, first: 0, max_liars: |count| (count - 1) / 2 }.validators();
			Current::set(validators.clone());
			for author in validators.into_iter().cycle().take(100) {
				next_block(author);
				let number = System::block_number();
				assert_ok!(attest(if is_liar(&author) { 0 } else { number.saturating_sub(lag) }));
				assert!(now() + 2 * count as u64 + lag >= number, "{count}, {lag}, {number}: {}", now());
			}
		});
	}
}
