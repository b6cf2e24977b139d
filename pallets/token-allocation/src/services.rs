//! The calls about services, and the part of the runtime API about them.

use crate::{pallet::*, runtime_api::AccountInfo, types::*};
use codec::Encode;
use core::cmp::Ordering;
use encrytrust_traits::fees::{FeeSchedule, Service, ServiceFees, Tier};
use encrytrust_types::{
	text::printable,
	token::{Balance, Program},
};
use frame_support::{
	ensure,
	pallet_prelude::*,
	traits::{
		fungible::{Mutate, MutateHold},
		tokens::{Precision, Preservation},
		Footprint,
	},
};
use sp_runtime::traits::Convert;

impl<T: Config> ServiceFees<T::AccountId> for Pallet<T> {
	fn fee(service: Service, value: Balance) -> Balance {
		let fees = Fees::<T>::get();
		match service {
			Service::DeveloperRegistration => fees.developer_registration,
			Service::AccountCreation => fees.account_creation,
			Service::AccountTier(Tier::Basic) => 0,
			Service::AccountTier(Tier::Professional) => fees.professional,
			Service::AccountTier(Tier::Enterprise) => fees.enterprise,
			Service::ApiCalls(count) => fees.api_call.saturating_mul(count.into()),
			Service::DataTransaction => fees.data_transaction.saturating_add(fees.share.mul_floor(value)),
			Service::ContractCall => fees.contract_call.saturating_add(fees.share.mul_floor(value)),
		}
	}

	fn destination() -> T::AccountId {
		Program::Ecology.account()
	}

	fn charge(who: &T::AccountId, service: Service, value: Balance) -> Result<Balance, DispatchError> {
		Self::pay(who, service, Self::fee(service, value))
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_fees(schedule: FeeSchedule) -> DispatchResult {
		ensure!(Self::is_valid_schedule(&schedule), Error::<T>::InvalidSchedule);
		Fees::<T>::put(&schedule);
		Self::deposit_event(Event::FeesSet { schedule });
		Ok(())
	}

	pub(crate) fn do_create_account(who: T::AccountId) -> DispatchResult {
		ensure!(!Accounts::<T>::contains_key(&who), Error::<T>::AccountExists);
		Self::charge(&who, Service::AccountCreation, 0)?;
		Self::put_account(&who, Account::default())?;
		Self::deposit_event(Event::AccountCreated { who });
		Ok(())
	}

	pub(crate) fn do_upgrade_account(who: T::AccountId, tier: Tier) -> DispatchResult {
		let account = Self::account_of(&who)?;
		ensure!(tier > account.tier, Error::<T>::NotHigherTier);
		let price = |tier| Self::fee(Service::AccountTier(tier), 0);
		Self::pay(&who, Service::AccountTier(tier), price(tier).saturating_sub(price(account.tier)))?;
		Self::put_account(&who, Account { tier, ..account })?;
		Self::deposit_event(Event::AccountUpgraded { who, tier });
		Ok(())
	}

	pub(crate) fn do_register_developer(who: T::AccountId, name: DeveloperName) -> DispatchResult {
		let account = Self::account_of(&who)?;
		ensure!(account.developer.is_none(), Error::<T>::AlreadyDeveloper);
		ensure!(Self::is_valid_name(&name), Error::<T>::InvalidName);
		Self::charge(&who, Service::DeveloperRegistration, 0)?;
		Self::put_account(&who, Account { developer: Some(name.clone()), ..account })?;
		Self::deposit_event(Event::DeveloperRegistered { who, name });
		Ok(())
	}

	pub(crate) fn do_buy_api_calls(who: T::AccountId, count: u32) -> DispatchResult {
		let account = Self::account_of(&who)?;
		ensure!(count > 0, Error::<T>::ZeroCalls);
		let api_calls = account.api_calls.checked_add(count.into()).ok_or(Error::<T>::Overflow)?;
		Self::charge(&who, Service::ApiCalls(count), 0)?;
		Self::put_account(&who, Account { api_calls, ..account })?;
		Self::deposit_event(Event::ApiCallsBought { who, count });
		Ok(())
	}

	pub(crate) fn do_close_account(who: T::AccountId) -> DispatchResult {
		let account = Self::account_of(&who)?;
		Self::adjust_deposit(&who, account.deposit, 0)?;
		Accounts::<T>::remove(&who);
		Self::deposit_event(Event::AccountClosed { who });
		Ok(())
	}

	/// The price of an upgrade is never negative.
	pub(crate) fn is_valid_schedule(schedule: &FeeSchedule) -> bool {
		schedule.enterprise >= schedule.professional
	}

	pub(crate) fn is_valid_name(name: &DeveloperName) -> bool {
		!name.is_empty() && printable(name).is_some()
	}

	fn account_of(who: &T::AccountId) -> Result<Account, Error<T>> {
		Accounts::<T>::get(who).ok_or(Error::<T>::NoAccount)
	}

	/// Take `amount` from the free balance of `who`, whose account stays, and return it.
	fn pay(who: &T::AccountId, service: Service, amount: Balance) -> Result<Balance, DispatchError> {
		if amount > 0 {
			T::Currency::transfer(who, &Self::destination(), amount, Preservation::Preserve)?;
			Self::deposit_event(Event::FeePaid { who: who.clone(), service, amount });
		}
		Ok(amount)
	}

	/// Write a service account with the deposit for its size at the current price.
	fn put_account(who: &T::AccountId, mut account: Account) -> DispatchResult {
		let deposit = T::StorageDeposit::convert(Footprint::from_parts(1, account.encoded_size()));
		Self::adjust_deposit(who, account.deposit, deposit)?;
		account.deposit = deposit;
		Accounts::<T>::insert(who, account);
		Ok(())
	}

	fn adjust_deposit(who: &T::AccountId, old: Balance, new: Balance) -> DispatchResult {
		let reason = HoldReason::StorageDeposit.into();
		match new.cmp(&old) {
			Ordering::Greater => T::Currency::hold(&reason, who, new.saturating_sub(old)),
			Ordering::Less => T::Currency::release(&reason, who, old.saturating_sub(new), Precision::Exact).map(|_| ()),
			Ordering::Equal => Ok(()),
		}
	}
}

/// What the runtime API returns; see [`crate::runtime_api`].
impl<T: Config> Pallet<T> {
	/// The prices of services.
	pub fn fee_schedule() -> FeeSchedule {
		Fees::<T>::get()
	}

	/// The service account of `who`.
	pub fn account_info(who: &T::AccountId) -> Option<AccountInfo<Balance>> {
		let Account { tier, api_calls, developer, deposit } = Accounts::<T>::get(who)?;
		Some(AccountInfo { tier, included_calls: Self::included_calls(tier), api_calls, developer, deposit })
	}

	fn included_calls(tier: Tier) -> u32 {
		let [basic, professional, enterprise] = T::IncludedCalls::get();
		match tier {
			Tier::Basic => basic,
			Tier::Professional => professional,
			Tier::Enterprise => enterprise,
		}
	}
}
