//! A minimal pallet of service bonds on hold that is exact to the unit.

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

// FRAME's macros generate items that only a public module of a library may have.
#[allow(missing_debug_implementations, unused_qualifications, unreachable_pub, missing_docs)]
#[frame_support::pallet]
pub(crate) mod pallet {
	use super::{AccountId, Balance};
	use frame_support::pallet_prelude::*;

	/// An account's bond.
	#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
	pub struct Ledger {
		/// The bonded amount.
		pub active: Balance,
		/// The amount that contracts have engaged.
		pub engaged: Balance,
		/// The parts that are being unbonded, with the block in which they began to.
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

/// The calls of the pallet.
#[allow(unreachable_pub)] // like the runtime, whose associated type it is
#[derive(Debug)]
pub struct Bonds;

impl Bonds {
	/// Bond `amount`, or add it to the bond.
	pub(crate) fn bond(who: AccountId, amount: Balance) -> DispatchResult {
		Balances::hold(&HoldReason::ServiceBond.into(), &who, amount)?;
		Ledgers::<Test>::mutate(who, |ledger| ledger.active += amount);
		Ok(())
	}

	/// Begin to unbond `amount`; it stays on hold until [`Self::withdraw`].
	pub(crate) fn unbond(who: AccountId, amount: Balance) -> DispatchResult {
		ensure!(Self::available(&who) >= amount, DispatchError::Unavailable);
		let now = super::System::block_number();
		Ledgers::<Test>::mutate(who, |ledger| {
			ledger.active -= amount;
			ledger.unbonding.push((now, amount));
		});
		Ok(())
	}

	/// Withdraw all parts that are being unbonded.
	pub(crate) fn withdraw(who: AccountId) -> DispatchResult {
		let chunks = Ledgers::<Test>::mutate(who, |ledger| core::mem::take(&mut ledger.unbonding));
		let amount = chunks.into_iter().map(|(_, amount)| amount).sum();
		Balances::release(&HoldReason::ServiceBond.into(), &who, amount, Exact).map(|_| ())
	}

	/// All parts of a bond that can be slashed for a fault in block `at`, in the order of slashing.
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
		// Panics if it was never engaged, or is disengaged twice.
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
