//! The vested amount of a grant: exact in every block, without overflow.

use crate::types::{Grant, GrantTerms};
use encrytrust_types::token::Balance;
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding,
	traits::{AtLeast32BitUnsigned, SaturatedConversion},
	Rounding,
};

impl<BlockNumber: AtLeast32BitUnsigned + Copy> GrantTerms<Balance, BlockNumber> {
	/// The amount that has vested by block `now`: nothing before the cliff, everything from the end on, and in between
	/// `amount * (now - start) / duration`, rounded down.
	pub fn vested(&self, now: BlockNumber) -> Balance {
		let elapsed = now.saturating_sub(self.start);
		if now < self.start || elapsed < self.cliff {
			0
		} else if elapsed >= self.duration {
			self.amount
		} else {
			let elapsed = elapsed.saturated_into();
			let duration = self.duration.saturated_into();
			// Never `None`: the duration is longer than what has elapsed, so not zero, and the result is below the
			// amount.
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
	/// The amount that has vested by block `now`; after a withdrawal, by the block of that.
	pub fn vested(&self, now: BlockNumber) -> Balance {
		self.terms.vested(self.withdrawn.map_or(now, |at| at.min(now)))
	}

	/// The amount that the beneficiary can claim in block `now`.
	pub fn claimable(&self, now: BlockNumber) -> Balance {
		self.vested(now).saturating_sub(self.claimed)
	}

	/// The amount that is yet to be paid, now or later, which the program has on hold.
	pub fn owed(&self) -> Balance {
		let total = self.withdrawn.map_or(self.terms.amount, |at| self.terms.vested(at));
		total.saturating_sub(self.claimed)
	}
}
