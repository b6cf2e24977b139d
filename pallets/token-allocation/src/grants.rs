//! What the calls about grants do, and what the runtime API tells of programs and grants.

use crate::{
	pallet::*,
	runtime_api::{GrantInfo, GrantInfoOf, ProgramInfo, Supply},
	types::*,
};
use alloc::vec::Vec;
use encrytrust_types::token::{Balance, Program};
use frame_support::{
	ensure,
	pallet_prelude::*,
	traits::{
		fungible::{Inspect, InspectHold, MutateHold},
		tokens::{DepositConsequence, Fortitude, Precision, Preservation, Provenance, Restriction},
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::CheckedAdd;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_grant(program: Program, beneficiary: T::AccountId, terms: GrantTermsOf<T>) -> DispatchResult {
		Self::check_terms(program, &terms)?;
		Self::check_beneficiary(&beneficiary, terms.amount)?;
		let source = program.account();
		// The account stays, whatever is granted: payments to it must never fail.
		let spendable = T::Currency::reducible_balance(&source, Preservation::Preserve, Fortitude::Polite);
		ensure!(terms.amount <= spendable, Error::<T>::ProgramExhausted);
		T::Currency::hold(&HoldReason::Grant.into(), &source, terms.amount)?;

		let id = NextGrantId::<T>::get();
		NextGrantId::<T>::put(id.checked_add(1).ok_or(Error::<T>::Overflow)?);
		GrantsByBeneficiary::<T>::try_append(&beneficiary, id).map_err(|()| Error::<T>::TooManyGrants)?;
		Self::deposit_event(Event::Granted { id, program, beneficiary: beneficiary.clone(), terms });
		Grants::<T>::insert(id, Grant { program, beneficiary, terms, claimed: 0, withdrawn: None });
		Ok(())
	}

	pub(crate) fn do_claim(who: T::AccountId, id: GrantId) -> DispatchResult {
		let mut grant = Grants::<T>::get(id).ok_or(Error::<T>::UnknownGrant)?;
		ensure!(grant.beneficiary == who, Error::<T>::NotBeneficiary);
		let amount = grant.claimable(Self::now());
		ensure!(amount > 0, Error::<T>::NothingToClaim);
		ensure!(Self::can_receive(&who, amount), Error::<T>::ClaimTooSmall);
		T::Currency::transfer_on_hold(
			&HoldReason::Grant.into(),
			&grant.program.account(),
			&who,
			amount,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Polite,
		)?;
		grant.claimed = grant.claimed.checked_add(amount).ok_or(Error::<T>::Overflow)?;
		Self::deposit_event(Event::Claimed { id, beneficiary: who, amount });
		Self::put_grant(id, grant);
		Ok(())
	}

	pub(crate) fn do_withdraw_grant(id: GrantId) -> DispatchResult {
		let mut grant = Grants::<T>::get(id).ok_or(Error::<T>::UnknownGrant)?;
		ensure!(grant.terms.revocable, Error::<T>::NotRevocable);
		ensure!(grant.withdrawn.is_none(), Error::<T>::AlreadyWithdrawn);
		let owed = grant.owed();
		grant.withdrawn = Some(Self::now());
		let released = owed.saturating_sub(grant.owed());
		ensure!(released > 0, Error::<T>::FullyVested);
		T::Currency::release(&HoldReason::Grant.into(), &grant.program.account(), released, Precision::Exact)?;
		Self::deposit_event(Event::GrantWithdrawn { id, released });
		Self::put_grant(id, grant);
		Ok(())
	}

	pub(crate) fn do_set_policy(program: Program, policy: Option<ProgramPolicyOf<T>>) -> DispatchResult {
		ensure!(policy.is_none_or(|policy| policy.is_valid()), Error::<T>::InvalidPolicy);
		Policies::<T>::set(program, policy);
		Self::deposit_event(Event::PolicySet { program, policy });
		Ok(())
	}

	/// Whether `terms` make sense, and the program's policy admits them.
	fn check_terms(program: Program, terms: &GrantTermsOf<T>) -> Result<(), Error<T>> {
		let policy = Policies::<T>::get(program).ok_or(Error::<T>::NoPolicy)?;
		ensure!(terms.amount > 0, Error::<T>::ZeroAmount);
		// Or a grant could be vested on the day it is made, past the policy's cliff.
		ensure!(terms.start >= Self::now(), Error::<T>::StartInPast);
		ensure!(terms.cliff <= terms.duration, Error::<T>::CliffAfterEnd);
		ensure!(terms.cliff >= policy.earliest_cliff, Error::<T>::CliffTooEarly);
		ensure!(terms.duration <= policy.longest_duration, Error::<T>::DurationTooLong);
		ensure!(policy.revocable || !terms.revocable, Error::<T>::RevocableNotAllowed);
		// A grant whose end never comes would never be paid in full.
		ensure!(terms.start.checked_add(&terms.duration).is_some(), Error::<T>::Overflow);
		Ok(())
	}

	fn check_beneficiary(beneficiary: &T::AccountId, amount: Balance) -> Result<(), Error<T>> {
		let is_program = Program::ALL.iter().any(|program| program.account::<T::AccountId>() == *beneficiary);
		ensure!(!is_program, Error::<T>::InvalidBeneficiary);
		ensure!(Self::can_receive(beneficiary, amount), Error::<T>::BelowExistentialDeposit);
		Ok(())
	}

	/// Whether the account exists, or would with `amount`.
	fn can_receive(who: &T::AccountId, amount: Balance) -> bool {
		T::Currency::can_deposit(who, amount, Provenance::Extant) == DepositConsequence::Success
	}

	/// Write a grant; or remove it, if nothing is left to be paid.
	fn put_grant(id: GrantId, grant: GrantOf<T>) {
		if grant.owed() > 0 {
			return Grants::<T>::insert(id, grant);
		}
		Grants::<T>::remove(id);
		GrantsByBeneficiary::<T>::mutate_exists(&grant.beneficiary, |ids| {
			*ids = ids.take().and_then(|mut ids| {
				ids.retain(|open| *open != id);
				(!ids.is_empty()).then_some(ids)
			})
		});
		Self::deposit_event(Event::GrantClosed { id });
	}

	fn now() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number()
	}
}

/// What the runtime API tells; see [`crate::runtime_api`].
impl<T: Config> Pallet<T> {
	/// Everything that exists, and what of it the programs have.
	pub fn supply() -> Supply<T::AccountId, Balance> {
		let programs = Program::ALL.map(|program| (program, Self::program_info(program)));
		Supply { total: T::Currency::total_issuance(), programs: programs.into() }
	}

	/// The open grants of `who`, oldest first.
	pub fn grants_of(who: &T::AccountId) -> Vec<(GrantId, GrantInfoOf<T>)> {
		let ids = GrantsByBeneficiary::<T>::get(who);
		ids.into_iter().filter_map(|id| Some((id, Self::grant_info(id)?))).collect()
	}

	/// An open grant.
	pub fn grant_info(id: GrantId) -> Option<GrantInfoOf<T>> {
		let grant = Grants::<T>::get(id)?;
		let now = Self::now();
		Some(GrantInfo {
			vested: grant.vested(now),
			claimable: grant.claimable(now),
			cliff_block: grant.terms.cliff_block(),
			end_block: grant.terms.end_block(),
			program: grant.program,
			beneficiary: grant.beneficiary,
			terms: grant.terms,
			claimed: grant.claimed,
			withdrawn: grant.withdrawn,
		})
	}

	fn program_info(program: Program) -> ProgramInfo<T::AccountId, Balance> {
		let account = program.account();
		ProgramInfo {
			allocation: program.allocation(),
			free: T::Currency::balance(&account),
			granted: T::Currency::balance_on_hold(&HoldReason::Grant.into(), &account),
			account,
		}
	}
}
