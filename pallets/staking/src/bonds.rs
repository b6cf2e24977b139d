//! Bonds of both kinds: putting up, taking back, engaging and slashing them.

use crate::{pallet::*, types::*};
use encrytrust_traits::bonds::{ServiceBonds, Slashed};
use frame_support::{
	defensive, ensure,
	pallet_prelude::*,
	traits::{
		fungible::{Balanced, BalancedHold, MutateHold},
		tokens::Precision,
		Imbalance,
	},
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System};
use sp_runtime::{
	traits::{Saturating, Zero},
	ArithmeticError,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_bond(who: T::AccountId, kind: BondKind, amount: Balance) -> DispatchResult {
		ensure!(Self::active(kind, &who).is_zero(), Error::<T>::AlreadyBonded);
		ensure!(amount >= CurrentParameters::<T>::get().minimum(kind), Error::<T>::BelowMinimum);
		Self::add_to_bond(who, kind, amount)
	}

	pub(crate) fn do_bond_more(who: T::AccountId, kind: BondKind, amount: Balance) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		ensure!(!Self::active(kind, &who).is_zero(), Error::<T>::NotBonded);
		Self::add_to_bond(who, kind, amount)
	}

	fn add_to_bond(who: T::AccountId, kind: BondKind, amount: Balance) -> DispatchResult {
		Ledgers::<T>::try_mutate(kind, &who, |entry| {
			let ledger = entry.get_or_insert_default();
			ledger.active = ledger.active.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
			T::Currency::hold(&kind.hold_reason().into(), &who, amount)
		})?;
		Self::deposit_event(Event::Bonded { who, kind, amount });
		Ok(())
	}

	pub(crate) fn do_unbond(who: T::AccountId, kind: BondKind, amount: Balance) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let parameters = CurrentParameters::<T>::get();
		let now = System::<T>::block_number();
		let until = now.saturating_add(Self::unbonding(kind));
		Ledgers::<T>::try_mutate(kind, &who, |entry| {
			let ledger = entry.as_mut().ok_or(Error::<T>::NotBonded)?;
			let rest = ledger.active.checked_sub(amount).ok_or(Error::<T>::InsufficientBond)?;
			ensure!(rest >= ledger.engaged, Error::<T>::Engaged);
			ensure!(rest.is_zero() || rest >= parameters.minimum(kind), Error::<T>::BelowMinimum);
			let ends_candidacy = kind == BondKind::Validator && rest.is_zero();
			ensure!(!ends_candidacy || !Self::is_candidate(&who), Error::<T>::StillCandidate);
			ledger.active = rest;
			ledger.push_chunk(Chunk { amount, since: now, until }).map_err(|()| Error::<T>::TooManyChunks)
		})?;
		Self::deposit_event(Event::Unbonded { who, kind, amount, until });
		Ok(())
	}

	pub(crate) fn do_withdraw(who: T::AccountId, kind: BondKind) -> DispatchResult {
		let now = System::<T>::block_number();
		let mut ledger = Ledgers::<T>::get(kind, &who).ok_or(Error::<T>::NotBonded)?;
		let amount = ledger.withdrawable(now);
		ensure!(!amount.is_zero(), Error::<T>::NothingMatured);
		T::Currency::release(&kind.hold_reason().into(), &who, amount, Precision::Exact)?;
		ledger.drop_withdrawable(now);
		Self::put_ledger(kind, &who, ledger);
		Self::deposit_event(Event::Withdrawn { who, kind, amount });
		Ok(())
	}

	/// What `who` has bonded.
	pub(crate) fn active(kind: BondKind, who: &T::AccountId) -> Balance {
		Ledgers::<T>::get(kind, who).map_or(0, |ledger| ledger.active)
	}

	/// Write a ledger, or remove one of which nothing is left.
	fn put_ledger(kind: BondKind, who: &T::AccountId, ledger: LedgerOf<T>) {
		Ledgers::<T>::set(kind, who, Some(ledger).filter(|ledger| !ledger.is_empty()));
	}

	/// Take up to `amount` off what of a bond answers for a fault in block `at`.
	pub(crate) fn slash_bond(
		kind: BondKind,
		who: &T::AccountId,
		amount: Balance,
		at: BlockNumberFor<T>,
	) -> CreditOf<T> {
		let mut ledger = Ledgers::<T>::get(kind, who).unwrap_or_default();
		let due = amount.min(ledger.liable(at));
		if due.is_zero() {
			return CreditOf::<T>::zero();
		}
		let (credit, missing) = <T::Currency as BalancedHold<_>>::slash(&kind.hold_reason().into(), who, due);
		if !missing.is_zero() {
			defensive!("a bond is on hold");
		}
		// What was taken, not what was due: the ledger follows the money.
		ledger.take(credit.peek(), at);
		Self::put_ledger(kind, who, ledger);
		Self::deposit_event(Event::Slashed { who: who.clone(), kind, amount: credit.peek() });
		credit
	}

	/// Give to the pot what was taken off the bond of `who`.
	pub(crate) fn resolve_to_pot(who: &T::AccountId, credit: CreditOf<T>) {
		if credit.peek().is_zero() {
			return;
		}
		if let Err(credit) = <T::Currency as Balanced<_>>::resolve(&T::RewardPot::get(), credit) {
			defensive!("the pot exists");
			// The issuance is fixed: rather than out of the world, the money goes back.
			let _ = <T::Currency as Balanced<_>>::resolve(who, credit);
		}
	}

	/// Pay `to` for what a fault of `who` did to it; what it cannot take comes back.
	fn compensate(who: &T::AccountId, to: &T::AccountId, credit: CreditOf<T>) -> Result<Balance, CreditOf<T>> {
		let amount = credit.peek();
		if amount.is_zero() {
			return Ok(amount);
		}
		<T::Currency as Balanced<_>>::resolve(to, credit)?;
		Self::deposit_event(Event::Compensated { who: who.clone(), to: to.clone(), amount });
		Ok(amount)
	}
}

impl<T: Config> ServiceBonds<T::AccountId, Balance, BlockNumberFor<T>> for Pallet<T> {
	fn available(who: &T::AccountId) -> Balance {
		Ledgers::<T>::get(BondKind::Service, who).map_or(0, |ledger| ledger.available())
	}

	fn engage(who: &T::AccountId, amount: Balance) -> DispatchResult {
		let mut ledger = Ledgers::<T>::get(BondKind::Service, who).unwrap_or_default();
		ensure!(amount <= ledger.available(), Error::<T>::NotAvailable);
		ledger.engaged = ledger.engaged.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		Self::put_ledger(BondKind::Service, who, ledger);
		Ok(())
	}

	fn disengage(who: &T::AccountId, amount: Balance) {
		let mut ledger = Ledgers::<T>::get(BondKind::Service, who).unwrap_or_default();
		if amount > ledger.engaged {
			defensive!("only what was engaged is disengaged");
		}
		ledger.engaged = ledger.engaged.saturating_sub(amount);
		Self::put_ledger(BondKind::Service, who, ledger);
	}

	fn bond_at(who: &T::AccountId, at: BlockNumberFor<T>) -> Balance {
		Ledgers::<T>::get(BondKind::Service, who).map_or(0, |ledger| ledger.liable(at))
	}

	fn slash(
		who: &T::AccountId,
		amount: Balance,
		towards: &[(T::AccountId, Balance)],
		fault_block: BlockNumberFor<T>,
	) -> Slashed<Balance> {
		let mut left = Self::slash_bond(BondKind::Service, who, amount, fault_block);
		let mut slashed = Slashed { taken: left.peek(), paid: 0 };
		let mut refused = CreditOf::<T>::zero();
		for (to, sum) in towards {
			let (part, rest) = left.split(*sum);
			left = rest;
			match Self::compensate(who, to, part) {
				Ok(paid) => slashed.paid = slashed.paid.saturating_add(paid),
				Err(part) => refused.subsume(part),
			}
		}
		Self::resolve_to_pot(who, left.merge(refused));
		slashed
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn endow(who: &T::AccountId, amount: Balance) {
		use frame_support::traits::{
			fungible::{Inspect, Mutate},
			Defensive,
		};
		let amount = amount.max(CurrentParameters::<T>::get().min_service_bond);
		let minted = amount.saturating_add(T::Currency::minimum_balance());
		let _ = T::Currency::mint_into(who, minted).defensive();
		let _ = Self::add_to_bond(who.clone(), BondKind::Service, amount).defensive();
	}
}
