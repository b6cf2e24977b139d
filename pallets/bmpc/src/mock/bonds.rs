//! Service bonds on holds, as small as they can be and still count every unit.

use super::{AccountId, Balance, Balances, Test, POT};
use encrytrust_traits::bonds::{ServiceBonds, Slashed};
use frame_support::{
	ensure,
	traits::{
		fungible::{Balanced, BalancedHold, Credit, MutateHold},
		tokens::Precision::Exact,
		Imbalance,
	},
};
pub(crate) use pallet::{HoldReason, Ledger, Ledgers};
use sp_runtime::{DispatchError, DispatchResult};

// FRAME's macros write what only a public module of a library may have.
#[allow(missing_debug_implementations, unused_qualifications, unreachable_pub, missing_docs)]
#[frame_support::pallet]
pub(crate) mod pallet {
	use super::{AccountId, Balance};
	use frame_support::pallet_prelude::*;

	/// What an account has at stake.
	#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
	pub struct Ledger {
		/// Bonded.
		pub active: Balance,
		/// What of it contracts engage.
		pub engaged: Balance,
		/// What is on its way out, and since when.
		pub unbonding: Vec<(u64, Balance)>,
	}

	#[pallet::config]
	pub trait Config: frame_system::Config {}

	#[pallet::pallet]
	#[pallet::without_storage_info]
	pub struct Pallet<T>(_);

	#[pallet::composite_enum]
	pub enum HoldReason {
		ServiceBond,
	}

	#[pallet::storage]
	pub type Ledgers<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Ledger, ValueQuery>;
}

/// The pallet, as far as it is called.
#[allow(unreachable_pub)] // as the runtime is, whose associated type it becomes
#[derive(Debug)]
pub struct Bonds;

impl Bonds {
	/// Bond `amount`, or more of it.
	pub(crate) fn bond(who: AccountId, amount: Balance) -> DispatchResult {
		Balances::hold(&HoldReason::ServiceBond.into(), &who, amount)?;
		Ledgers::<Test>::mutate(who, |ledger| ledger.active += amount);
		Ok(())
	}

	/// Begin to take out `amount`; it stays on hold until [`Self::withdraw`].
	pub(crate) fn unbond(who: AccountId, amount: Balance) -> DispatchResult {
		ensure!(Self::available(&who) >= amount, DispatchError::Unavailable);
		let now = super::System::block_number();
		Ledgers::<Test>::mutate(who, |ledger| {
			ledger.active -= amount;
			ledger.unbonding.push((now, amount));
		});
		Ok(())
	}

	/// Take out all that is on its way.
	pub(crate) fn withdraw(who: AccountId) -> DispatchResult {
		let chunks = Ledgers::<Test>::mutate(who, |ledger| core::mem::take(&mut ledger.unbonding));
		let amount = chunks.into_iter().map(|(_, amount)| amount).sum();
		Balances::release(&HoldReason::ServiceBond.into(), &who, amount, Exact).map(|_| ())
	}

	/// All parts of a bond that a fault in block `at` can be charged to, the first to go first.
	fn parts(ledger: &mut Ledger, at: u64) -> impl Iterator<Item = &mut Balance> {
		let late = ledger.unbonding.iter_mut().filter(move |(since, _)| *since >= at).map(|(_, amount)| amount);
		core::iter::once(&mut ledger.active).chain(late)
	}
}

impl ServiceBonds<AccountId, Balance, u64> for Bonds {
	fn available(who: &AccountId) -> Balance {
		let ledger = Ledgers::<Test>::get(who);
		ledger.active.saturating_sub(ledger.engaged)
	}

	fn engage(who: &AccountId, amount: Balance) -> DispatchResult {
		ensure!(Self::available(who) >= amount, DispatchError::Unavailable);
		Ledgers::<Test>::mutate(who, |ledger| ledger.engaged += amount);
		Ok(())
	}

	fn disengage(who: &AccountId, amount: Balance) {
		// Panics at what was never engaged, or is disengaged twice.
		Ledgers::<Test>::mutate(who, |ledger| ledger.engaged -= amount);
	}

	fn bond_at(who: &AccountId, at: u64) -> Balance {
		Self::parts(&mut Ledgers::<Test>::get(who), at).map(|part| *part).sum()
	}

	fn slash(who: &AccountId, amount: Balance, towards: &[(AccountId, Balance)], fault_block: u64) -> Slashed<Balance> {
		let taken = Ledgers::<Test>::mutate(who, |ledger| {
			let mut taken = 0;
			for part in Self::parts(ledger, fault_block) {
				let cut = (amount - taken).min(*part);
				*part -= cut;
				taken += cut;
			}
			taken
		});
		let (mut credit, missing) =
			<Balances as BalancedHold<AccountId>>::slash(&HoldReason::ServiceBond.into(), who, taken);
		assert_eq!(missing, 0, "less is on hold than the ledger says");
		let mut paid = 0;
		for (to, sum) in towards {
			let (part, rest) = credit.split(*sum);
			let amount = part.peek();
			credit = match Balances::resolve(to, part) {
				Ok(()) => {
					paid += amount;
					rest
				},
				Err(part) => rest.merge(part),
			};
		}
		let rest: Result<(), Credit<AccountId, Balances>> = Balances::resolve(&POT, credit);
		assert!(rest.is_ok(), "the pot exists");
		Slashed { taken, paid }
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn endow(who: &AccountId, amount: Balance) {
		use frame_support::traits::fungible::Mutate;
		Balances::mint_into(who, amount * 2).expect("there is room for it");
		Self::bond(*who, amount).expect("it was just minted");
	}
}
