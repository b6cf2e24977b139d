//! What must hold between blocks; one function each.

use crate::{pallet::*, types::*};
use alloc::collections::BTreeMap;
use encrytrust_types::token::{Balance, Program};
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Check all invariants: for `try_state`, and for tests of the whole runtime.
	pub fn do_try_state() -> Result<(), DispatchError> {
		Self::try_state_grants()?;
		Self::try_state_holds()?;
		Self::try_state_beneficiaries()?;
		Self::try_state_rules()?;
		Self::try_state_accounts()
	}

	/// A grant has an id of the past and possible terms; no more was paid than has vested, and something is owed.
	fn try_state_grants() -> Result<(), DispatchError> {
		let (now, next) = (frame_system::Pallet::<T>::block_number(), NextGrantId::<T>::get());
		for (id, grant) in Grants::<T>::iter() {
			ensure!(id < next, "a grant ahead of its id");
			ensure!(grant.terms.cliff <= grant.terms.duration, "a cliff after its grant's end");
			ensure!(grant.claimed <= grant.vested(now), "a grant paid more than has vested");
			ensure!(grant.owed() > 0, "a grant owes nothing");
			ensure!(grant.withdrawn.is_none() || grant.terms.revocable, "an irrevocable grant is withdrawn");
		}
		Ok(())
	}

	/// What a program has on hold for grants is what its open grants owe.
	fn try_state_holds() -> Result<(), DispatchError> {
		let mut owed = BTreeMap::<Program, Balance>::new();
		for grant in Grants::<T>::iter_values() {
			let sum = owed.entry(grant.program).or_default();
			*sum = sum.checked_add(grant.owed()).ok_or("grants overflow")?;
		}
		for program in Program::ALL {
			let held = T::Currency::balance_on_hold(&HoldReason::Grant.into(), &program.account());
			ensure!(held == owed.remove(&program).unwrap_or_default(), "what is on hold differs from what is owed");
		}
		Ok(())
	}

	/// A beneficiary's grants are the open ones made to it, each once.
	fn try_state_beneficiaries() -> Result<(), DispatchError> {
		for (id, grant) in Grants::<T>::iter() {
			let ids = GrantsByBeneficiary::<T>::get(&grant.beneficiary);
			ensure!(ids.iter().filter(|open| **open == id).count() == 1, "a grant is not its beneficiary's once");
		}
		let listed = GrantsByBeneficiary::<T>::iter_values().map(|ids| ids.len()).sum::<usize>();
		ensure!(listed == Grants::<T>::iter_keys().count(), "a beneficiary has a grant that is not there");
		Ok(())
	}

	/// Every policy admits some terms, and upgrades do not cost less than nothing.
	fn try_state_rules() -> Result<(), DispatchError> {
		ensure!(Policies::<T>::iter_values().all(|policy| policy.is_valid()), "a policy admits nothing");
		ensure!(Self::is_valid_schedule(&Fees::<T>::get()), "a tier costs less than the one below");
		Ok(())
	}

	/// A service account's owner has its deposit on hold, and a developer has a name.
	fn try_state_accounts() -> Result<(), DispatchError> {
		for (who, Account { deposit, developer, .. }) in Accounts::<T>::iter() {
			let held = T::Currency::balance_on_hold(&HoldReason::StorageDeposit.into(), &who);
			ensure!(held == deposit, "a deposit on hold differs from the record's");
			ensure!(developer.as_ref().is_none_or(Self::is_valid_name), "a developer without name");
		}
		Ok(())
	}
}
