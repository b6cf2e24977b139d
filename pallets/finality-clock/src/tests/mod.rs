//! Tests: fixtures here, tests in a file for each subject.

mod attest;
mod clock;
mod inherent;
mod invariants;
mod try_state;

use crate::{mock::*, *};
use encrytrust_traits::finality::FinalityClock as _;
use frame_support::{assert_noop, assert_ok};

type Error = crate::Error<Test>;

fn now() -> u64 {
	Clock::now()
}

/// Pass a block of each author, in which it attests as given.
fn blocks(attested: &[(AccountId, u64)]) {
	for (author, finalized) in attested {
		next_block(*author);
		assert_ok!(attest(*finalized));
	}
}

/// Pass such blocks again and again, until the clock has caught up with what is attested.
fn settle(attested: &[(AccountId, u64)]) {
	loop {
		let before = now();
		// Whatever step may be taken is taken in as many blocks.
		(0..2).for_each(|_| blocks(attested));
		if now() == before {
			return;
		}
	}
}

/// Begin block `number` without passing those before it.
fn skip_to(number: u64) {
	System::set_block_number(number - 1);
	next_block(VALIDATORS[0]);
}
