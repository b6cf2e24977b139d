//! How the clock moves.

use super::*;
use crate::impls::lower_median;

/// Attestations of one validator each.
fn attested(heights: &[u64]) -> u64 {
	Current::set((1..=heights.len() as u64).collect());
	skip_to(1_000);
	let authors: Vec<_> = (1..).zip(heights.iter().copied()).collect();
	settle(&authors);
	now()
}

#[test]
fn clock_is_zero_at_genesis() {
	execute(|| assert_eq!(now(), 0));
}

#[test]
fn clock_is_lower_median_of_latest_attestations() {
	let cases: [(&[u64], u64); 9] = [
		(&[97], 97),
		(&[97, 95], 95),
		(&[97, 95, 93], 95),
		(&[97, 93, 999, 95], 95),
		(&[5, 5, 5, 900], 5),
		(&[5, 5, 900, 900], 5),
		(&[5, 900, 900, 900], 900),
		(&[1, 2, 3, 4, 5, 6, 7, 8], 4),
		(&[0, 0, 0, 900, 901], 0),
	];
	for (heights, expected) in cases {
		execute(|| assert_eq!(attested(heights), expected, "{heights:?}"));
	}
}

#[test]
fn lower_median_is_of_any_order_and_none_of_nothing() {
	assert_eq!(lower_median::<u64>(vec![]), None);
	for heights in [[3, 1, 2], [1, 2, 3], [2, 3, 1]] {
		assert_eq!(lower_median(heights.to_vec()), Some(2));
	}
	assert_eq!(lower_median(vec![4, 1, 3, 2]), Some(2));
}

#[test]
fn validator_without_attestation_counts_as_attesting_genesis() {
	execute(|| {
		skip_to(100);
		settle(&[(11, 99), (12, 99)]);
		assert_eq!(now(), 0, "two of four have not attested");
		settle(&[(13, 97)]);
		assert_eq!(now(), 97);
	});
}

#[test]
fn clock_does_not_decrease_when_attestations_do() {
	execute(|| {
		skip_to(100);
		settle(&[(11, 90), (12, 90), (13, 90), (14, 90)]);
		assert_eq!(now(), 90);
		settle(&[(11, 5), (12, 5), (13, 5), (14, 5)]);
		assert_eq!(now(), 90);
	});
}

#[test]
fn validator_counts_once_however_many_blocks_it_authors() {
	execute(|| {
		skip_to(100);
		settle(&[(11, 50), (12, 50), (13, 50), (14, 50)]);
		for _ in 0..100 {
			next_block(14);
			assert_ok!(attest(System::block_number() - 1));
		}
		assert_eq!(now(), 50);
	});
}

#[test]
fn attestation_counts_until_its_author_is_no_longer_a_validator() {
	execute(|| {
		skip_to(100);
		settle(&[(11, 50), (12, 50), (13, 50), (14, 99)]);
		assert_eq!(now(), 50);
		// 12 and 13 make room for validators that have not attested: 0, 0, 60, 99.
		Current::set(vec![11, 14, 21, 22]);
		settle(&[(11, 60)]);
		assert_eq!(now(), 50);
		assert_eq!(Attestations::<Test>::get().keys().copied().collect::<Vec<_>>(), [11, 14]);
		settle(&[(21, 61)]);
		assert_eq!(now(), 60);
		// 13 comes back with nothing.
		Current::set(vec![11, 13, 14, 21]);
		settle(&[(11, 80), (21, 81)]);
		assert_eq!(now(), 80);
		assert!(!Attestations::<Test>::get().contains_key(&13));
	});
}

#[test]
fn blocks_without_attestation_leave_the_clock() {
	execute(|| {
		skip_to(100);
		settle(&[(11, 90), (12, 90), (13, 90)]);
		for author in VALIDATORS.into_iter().cycle().take(40) {
			next_block(author);
		}
		assert_eq!(now(), 90);
		settle(&[(11, 140), (12, 140), (13, 140)]);
		assert_eq!(now(), 140);
	});
}

/// Validators take turns; finality lags by three blocks; the liars attest as high as they can.
#[test]
fn half_of_the_validators_cannot_raise_the_clock_above_finality() {
	execute(|| {
		let stalled = 100;
		for number in 2..400u64 {
			let author = VALIDATORS[number as usize % 4];
			let finalized = number.saturating_sub(3).min(stalled);
			next_block(author);
			assert_ok!(attest(if [12, 14].contains(&author) { number - 1 } else { finalized }));
			assert!(now() <= finalized, "block {number}");
		}
		assert_eq!(now(), stalled);
	});
}

/// The limit of the guarantee.
#[test]
fn more_than_half_of_the_validators_can_raise_the_clock() {
	execute(|| {
		skip_to(100);
		settle(&[(11, 10), (12, 100), (13, 101), (14, 102)]);
		assert_eq!(now(), 100);
	});
}

#[test]
fn fewer_than_half_of_the_validators_cannot_hold_the_clock_back() {
	execute(|| {
		for number in 2..200u64 {
			let author = VALIDATORS[number as usize % 4];
			next_block(author);
			// One of four attests nothing, and lies, in turn.
			if author != 12 {
				assert_ok!(attest(number.saturating_sub(3)));
			} else if number % 8 < 4 {
				assert_ok!(attest(0));
			}
			// The others attest within four blocks, and finality lags by three. It took the clock as many blocks to begin as
			// three attestations do, and a lag is made up for by a block of 64.
			assert!(now() + 3 + 2 * 4 + 3 >= number, "block {number}: {}", now());
		}
	});
}

#[test]
fn clock_stands_still_while_finality_stalls_and_resumes_with_it() {
	execute(|| {
		let mut turns = VALIDATORS.into_iter().cycle();
		let mut author = |finalized: u64| {
			next_block(turns.next().expect("turns do not end"));
			assert_ok!(attest(finalized));
			now()
		};
		while System::block_number() < 50 {
			author(System::block_number() - 1);
		}
		let stalled = System::block_number() - 1;
		let during: Vec<_> = (0..200).map(|_| author(stalled)).collect();
		assert!(during.iter().all(|now| *now <= stalled));
		assert_eq!(during.last(), Some(&stalled));
		// Three of four have to attest that finality has resumed.
		let resumed = System::block_number();
		let after: Vec<_> = (0..4).map(|block| author(resumed + block) - stalled).collect();
		assert_eq!(after, [0, 0, 1, 2], "and no deadline passes in a block");
	});
}

/// What all validators attest is far ahead, and the clock has to make up for it.
#[test]
fn clock_moves_by_one_and_in_every_64th_block_by_two() {
	execute(|| {
		skip_to(10_000);
		blocks(&[(11, 9_000), (12, 9_000), (13, 9_000), (14, 9_000)]);
		for author in VALIDATORS.into_iter().cycle().take(200) {
			let before = now();
			next_block(author);
			assert_ok!(attest(9_000));
			let step = if System::block_number().is_multiple_of(64) { 2 } else { 1 };
			assert_eq!(now() - before, step, "block {}", System::block_number());
		}
	});
}
