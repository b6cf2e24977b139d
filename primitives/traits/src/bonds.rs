//! Service bonds: what providers and coordinators have at stake, and how pallets charge faults to it.
//!
//! A bond is money on hold. A contract that its holder takes part in *engages* a part of it until the contract ends, so
//! that it cannot be unbonded meanwhile, nor stand for two contracts at once. A fault takes money off the bond as it was
//! in the fault's block: parts that have begun to unbond since are reached too.

use sp_runtime::{traits::Zero, DispatchResult};

/// What a slash moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slashed<Balance> {
	/// What was taken off the bond, at most what was asked for.
	pub taken: Balance,
	/// What of it went to the harmed, in their order; the rest went to the Foundation's pot.
	pub paid: Balance,
}

/// Bonds of service accounts, as the pallets that make contracts see them.
pub trait ServiceBonds<AccountId, Balance, BlockNumber> {
	/// What of the bond of `who` is engaged in no contract.
	fn available(who: &AccountId) -> Balance;

	/// Engage `amount` of the bond of `who`.
	///
	/// # Errors
	///
	/// If less is [`available`](Self::available); nothing has changed then.
	fn engage(who: &AccountId, amount: Balance) -> DispatchResult;

	/// End an engagement of `amount`, made by [`engage`](Self::engage), whatever is left of the bond.
	fn disengage(who: &AccountId, amount: Balance);

	/// The bond that a fault of `who` in block `at` can be charged to: what is bonded, and what began to unbond in that
	/// block or later and was not withdrawn.
	fn bond_at(who: &AccountId, at: BlockNumber) -> Balance;

	/// Take up to `amount` off the bond that `who` had in block `fault_block`. The `towards` are paid first, each at
	/// most its sum, one after the other; the Foundation's pot gets the rest, and what an account cannot take because it
	/// does not exist and the sum is below the existential deposit. Engagements stay as they are.
	fn slash(
		who: &AccountId,
		amount: Balance,
		towards: &[(AccountId, Balance)],
		fault_block: BlockNumber,
	) -> Slashed<Balance>;

	/// Make it so that `who` can engage `amount`, out of nothing.
	#[cfg(feature = "runtime-benchmarks")]
	fn endow(who: &AccountId, amount: Balance);
}

/// No bonds: nothing can be engaged but nothing, and nothing slashed.
impl<AccountId, Balance: Zero + Default, BlockNumber> ServiceBonds<AccountId, Balance, BlockNumber> for () {
	fn available(_: &AccountId) -> Balance {
		Zero::zero()
	}
	fn engage(_: &AccountId, amount: Balance) -> DispatchResult {
		if amount.is_zero() {
			Ok(())
		} else {
			Err(sp_runtime::DispatchError::Unavailable)
		}
	}
	fn disengage(_: &AccountId, _: Balance) {}
	fn bond_at(_: &AccountId, _: BlockNumber) -> Balance {
		Zero::zero()
	}
	fn slash(_: &AccountId, _: Balance, _: &[(AccountId, Balance)], _: BlockNumber) -> Slashed<Balance> {
		Slashed::default()
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn endow(_: &AccountId, _: Balance) {}
}
