//! How much of a grant has vested: to the unit, in every block, without overflow.

use crate::types::{Grant, GrantTerms};
use encrytrust_types::token::Balance;
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding,
	traits::{AtLeast32BitUnsigned, SaturatedConversion},
	Rounding,
};

impl<BlockNumber: AtLeast32BitUnsigned + Copy> GrantTerms<Balance, BlockNumber> {
	/// What has vested by block `now`: nothing before the cliff, everything from the end on, and in between
	/// `amount * (now - start) / duration`, rounded down.
	pub fn vested(&self, now: BlockNumber) -> Balance {
		let elapsed = now.saturating_sub(self.start);
		if now < self.start || elapsed < self.cliff {
			0
		} else if elapsed >= self.duration {
			self.amount
		} else {
			let (elapsed, duration) = (elapsed.saturated_into(), self.duration.saturated_into());
			// Never `None`: the duration is above what has elapsed, so not zero, and the result below the amount.
			multiply_by_rational_with_rounding(self.amount, elapsed, duration, Rounding::Down).unwrap_or_default()
		}
	}

	/// The first block in which anything has vested.
	pub fn cliff_block(&self) -> BlockNumber {
		self.start.saturating_add(self.cliff)
	}

	/// The first block in which everything has vested.
	pub fn end_block(&self) -> BlockNumber {
		self.start.saturating_add(self.duration)
	}
}

impl<AccountId, BlockNumber: AtLeast32BitUnsigned + Copy> Grant<AccountId, Balance, BlockNumber> {
	/// What has vested by block `now`; after a withdrawal, what had by then.
	pub fn vested(&self, now: BlockNumber) -> Balance {
		self.terms.vested(self.withdrawn.map_or(now, |at| at.min(now)))
	}

	/// What the beneficiary can claim in block `now`.
	pub fn claimable(&self, now: BlockNumber) -> Balance {
		self.vested(now).saturating_sub(self.claimed)
	}

	/// What is yet to be paid, now or later: what the program has on hold for it.
	pub fn owed(&self) -> Balance {
		let total = self.withdrawn.map_or(self.terms.amount, |at| self.terms.vested(at));
		total.saturating_sub(self.claimed)
	}
}
