use super::*;
use sp_runtime::{Permill, TokenError};

fn fee(service: Service, value: Balance) -> Balance {
	<TokenAllocation as ServiceFees<_>>::fee(service, value)
}

fn charge(who: AccountId, service: Service, value: Balance) -> Result<Balance, sp_runtime::DispatchError> {
	<TokenAllocation as ServiceFees<_>>::charge(&who, service, value)
}

#[test]
fn fee_depends_on_service() {
	ExtBuilder.build_and_execute(|| {
		for (service, value, price) in [
			(Service::DeveloperRegistration, 1_000_000, 3_000),
			(Service::AccountCreation, 1_000_000, 1_000),
			(Service::AccountTier(Tier::Basic), 1_000_000, 0),
			(Service::AccountTier(Tier::Professional), 1_000_000, 20_000),
			(Service::AccountTier(Tier::Enterprise), 1_000_000, 50_000),
			(Service::ApiCalls(0), 1_000_000, 0),
			(Service::ApiCalls(3), 1_000_000, 21),
			(Service::DataTransaction, 0, 400),
			// 1.5 per cent, rounded down.
			(Service::DataTransaction, 1_000, 415),
			(Service::DataTransaction, 1_066, 415),
			(Service::DataTransaction, 1_067, 416),
			(Service::ContractCall, 0, 900),
			(Service::ContractCall, 1_000, 915),
		] {
			assert_eq!(fee(service, value), price, "{service:?} over {value}");
		}
	})
}

#[test]
fn fee_saturates_when_price_overflows() {
	ExtBuilder.build_and_execute(|| {
		let expensive = FeeSchedule {
			api_call: Balance::MAX / 2,
			data_transaction: Balance::MAX,
			contract_call: 1,
			share: Permill::one(),
			..FEES
		};
		assert_ok!(TokenAllocation::set_fees(root(), expensive));
		assert_eq!(fee(Service::ApiCalls(2), 0), Balance::MAX - 1);
		assert_eq!(fee(Service::ApiCalls(3), 0), Balance::MAX);
		assert_eq!(fee(Service::DataTransaction, 1), Balance::MAX);
		assert_eq!(fee(Service::ContractCall, Balance::MAX - 1), Balance::MAX);
		assert_eq!(fee(Service::ContractCall, Balance::MAX), Balance::MAX);
	})
}

#[test]
fn charge_pays_ecology_program() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(<TokenAllocation as ServiceFees<_>>::destination(), Program::Ecology.account::<AccountId>());
		assert_eq!(charge(ALICE, Service::ContractCall, 1_000), Ok(915));
		assert_eq!(events(), [Event::FeePaid { who: ALICE, service: Service::ContractCall, amount: 915 }]);
		assert_eq!((free(ALICE), collected()), (FUNDS - 915, 915));
	})
}

#[test]
fn charge_does_nothing_when_fee_is_zero() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(TokenAllocation::set_fees(root(), FeeSchedule::default()));
		System::reset_events();
		assert_eq!(charge(NOBODY, Service::ContractCall, 1_000), Ok(0));
		assert_eq!(System::events(), []);
	})
}

#[test]
fn charge_leaves_existential_deposit_to_payer() {
	ExtBuilder.build_and_execute(|| {
		let most = FUNDS - EXISTENTIAL_DEPOSIT;
		let of = |data_transaction| FeeSchedule { data_transaction, ..FEES };
		assert_ok!(TokenAllocation::set_fees(root(), of(most + 1)));
		assert_noop!(charge(ALICE, Service::DataTransaction, 0), TokenError::NotExpendable);
		assert_ok!(TokenAllocation::set_fees(root(), of(FUNDS + 1)));
		assert_noop!(charge(ALICE, Service::DataTransaction, 0), TokenError::FundsUnavailable);
		assert_ok!(TokenAllocation::set_fees(root(), of(most)));
		assert_eq!(charge(ALICE, Service::DataTransaction, 0), Ok(most));
		assert_eq!((free(ALICE), collected()), (EXISTENTIAL_DEPOSIT, most));
	})
}

#[test]
fn set_fees_applies_at_once() {
	ExtBuilder.build_and_execute(|| {
		let schedule = FeeSchedule { api_call: 8, enterprise: FEES.professional, ..FEES };
		assert_ok!(TokenAllocation::set_fees(root(), schedule.clone()));
		assert_eq!(events(), [Event::FeesSet { schedule }]);
		assert_eq!(fee(Service::ApiCalls(2), 0), 16);
	})
}

#[test]
fn set_fees_fails_when_upgrade_would_be_negative() {
	ExtBuilder.build_and_execute(|| {
		let falling = FeeSchedule { enterprise: FEES.professional - 1, ..FEES };
		assert_noop!(TokenAllocation::set_fees(root(), falling), Error::InvalidSchedule);
	})
}

#[test]
fn set_fees_requires_admin_origin() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(TokenAllocation::set_fees(signed(ALICE), FEES), BadOrigin);
	})
}
