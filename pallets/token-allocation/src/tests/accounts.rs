use super::*;
use codec::Encode;
use sp_runtime::TokenError;

fn account(who: AccountId) -> Account {
	Accounts::<Test>::get(who).unwrap()
}

/// The deposit for the record of `who`.
fn deposit(who: AccountId) -> Balance {
	BASE_DEPOSIT + account(who).encoded_size() as Balance * ByteDeposit::get()
}

#[test]
fn create_account_charges_fee_and_holds_deposit() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(TokenAllocation::create_account(signed(ALICE)));
		let paid = Event::FeePaid { who: ALICE, service: Service::AccountCreation, amount: 1_000 };
		assert_eq!(events(), [paid, Event::AccountCreated { who: ALICE }]);
		let deposit = deposit(ALICE);
		assert_eq!(account(ALICE), Account { tier: Tier::Basic, api_calls: 0, developer: None, deposit });
		assert_eq!((deposits(ALICE), collected(), free(ALICE)), (deposit, 1_000, FUNDS - 1_000 - deposit));
	})
}

#[test]
fn create_account_fails_when_account_exists() {
	with_account(|| {
		assert_noop!(TokenAllocation::create_account(signed(ALICE)), Error::AccountExists);
	})
}

#[test]
fn service_calls_change_nothing_when_funds_are_missing() {
	with_account(|| {
		let expensive = FeeSchedule {
			account_creation: FUNDS,
			professional: FUNDS,
			enterprise: FUNDS,
			developer_registration: FUNDS,
			api_call: FUNDS,
			..FEES
		};
		assert_ok!(TokenAllocation::set_fees(root(), expensive));
		type Call = (AccountId, fn(RuntimeOrigin) -> DispatchResult);
		let calls: [Call; 4] = [
			(BOB, TokenAllocation::create_account),
			(ALICE, |who| TokenAllocation::upgrade_account(who, Tier::Professional)),
			(ALICE, |who| TokenAllocation::register_developer(who, name("Dev"))),
			(ALICE, |who| TokenAllocation::buy_api_calls(who, 1)),
		];
		for (who, call) in calls {
			let error = if who == BOB { TokenError::NotExpendable } else { TokenError::FundsUnavailable };
			assert_noop!(call(signed(who)), error);
		}
	})
}

#[test]
fn create_account_charges_nothing_when_deposit_cannot_be_held() {
	ExtBuilder.build_and_execute(|| {
		let account_creation = FUNDS - EXISTENTIAL_DEPOSIT;
		assert_ok!(TokenAllocation::set_fees(root(), FeeSchedule { account_creation, ..FEES }));
		assert_noop!(TokenAllocation::create_account(signed(ALICE)), TokenError::FundsUnavailable);
	})
}

#[test]
fn upgrade_account_charges_difference_of_current_prices() {
	with_account(|| {
		for (tier, amount) in [(Tier::Professional, 20_000), (Tier::Enterprise, 30_000)] {
			assert_ok!(TokenAllocation::upgrade_account(signed(ALICE), tier));
			let paid = Event::FeePaid { who: ALICE, service: Service::AccountTier(tier), amount };
			assert_eq!(events(), [paid, Event::AccountUpgraded { who: ALICE, tier }]);
			assert_eq!(account(ALICE).tier, tier);
		}
		assert_eq!(collected(), 51_000);
	});
	with_account(|| {
		assert_ok!(TokenAllocation::upgrade_account(signed(ALICE), Tier::Enterprise));
		assert_eq!(collected(), 51_000);
	});
	with_account(|| {
		assert_ok!(TokenAllocation::upgrade_account(signed(ALICE), Tier::Professional));
		let schedule = FeeSchedule { professional: 60_000, enterprise: 60_000, ..FEES };
		assert_ok!(TokenAllocation::set_fees(root(), schedule));
		System::reset_events();
		assert_ok!(TokenAllocation::upgrade_account(signed(ALICE), Tier::Enterprise));
		assert_eq!(events(), [Event::AccountUpgraded { who: ALICE, tier: Tier::Enterprise }]);
	});
}

#[test]
fn upgrade_account_fails_when_tier_is_not_higher() {
	with_account(|| {
		assert_noop!(TokenAllocation::upgrade_account(signed(ALICE), Tier::Basic), Error::NotHigherTier);
		assert_ok!(TokenAllocation::upgrade_account(signed(ALICE), Tier::Professional));
		for tier in [Tier::Basic, Tier::Professional] {
			assert_noop!(TokenAllocation::upgrade_account(signed(ALICE), tier), Error::NotHigherTier);
		}
	})
}

#[test]
fn register_developer_raises_deposit_by_size_of_name() {
	with_account(|| {
		let before = deposits(ALICE);
		assert_ok!(TokenAllocation::register_developer(signed(ALICE), name("Société")));
		let paid = Event::FeePaid { who: ALICE, service: Service::DeveloperRegistration, amount: 3_000 };
		assert_eq!(events(), [paid, Event::DeveloperRegistered { who: ALICE, name: name("Société") }]);
		assert_eq!(account(ALICE).developer, Some(name("Société")));
		// Nine bytes, and one for their number.
		assert_eq!((deposits(ALICE), account(ALICE).deposit), (before + 10, deposit(ALICE)));
	})
}

#[test]
fn register_developer_fails_when_name_is_invalid() {
	with_account(|| {
		let controls = ["a\u{1b}[1A", "a\nb", "a\u{9b}1A", "a\u{202e}b"];
		for bytes in [&b""[..], b"\xff"].into_iter().chain(controls.map(str::as_bytes)) {
			let name = DeveloperName::truncate_from(bytes.to_vec());
			assert_noop!(TokenAllocation::register_developer(signed(ALICE), name), Error::InvalidName);
		}
		let longest = name(&"n".repeat(64));
		assert_ok!(TokenAllocation::register_developer(signed(ALICE), longest.clone()));
		assert_noop!(TokenAllocation::register_developer(signed(ALICE), longest), Error::AlreadyDeveloper);
	})
}

#[test]
fn buy_api_calls_adds_to_quota() {
	with_account(|| {
		assert_ok!(TokenAllocation::buy_api_calls(signed(ALICE), 100));
		let paid = Event::FeePaid { who: ALICE, service: Service::ApiCalls(100), amount: 700 };
		assert_eq!(events(), [paid, Event::ApiCallsBought { who: ALICE, count: 100 }]);
		assert_ok!(TokenAllocation::buy_api_calls(signed(ALICE), 11));
		assert_eq!((account(ALICE).api_calls, collected()), (111, 1_777));
	})
}

#[test]
fn buy_api_calls_fails_when_count_is_zero_or_overflows() {
	with_account(|| {
		assert_noop!(TokenAllocation::buy_api_calls(signed(ALICE), 0), Error::ZeroCalls);
		Accounts::<Test>::mutate_extant(ALICE, |account| account.api_calls = u64::MAX - 5);
		assert_noop!(TokenAllocation::buy_api_calls(signed(ALICE), 6), Error::Overflow);
		assert_ok!(TokenAllocation::buy_api_calls(signed(ALICE), 5));
		assert_eq!(account(ALICE).api_calls, u64::MAX);
	})
}

#[test]
fn close_account_releases_deposit_but_not_fees() {
	with_account(|| {
		assert_ok!(TokenAllocation::register_developer(signed(ALICE), name("Dev")));
		assert_ok!(TokenAllocation::buy_api_calls(signed(ALICE), 1));
		System::reset_events();
		assert_ok!(TokenAllocation::close_account(signed(ALICE)));
		assert_eq!(events(), [Event::AccountClosed { who: ALICE }]);
		assert_eq!((deposits(ALICE), free(ALICE), collected()), (0, FUNDS - 4_007, 4_007));
		assert_ok!(TokenAllocation::create_account(signed(ALICE)));
		assert_eq!((account(ALICE).developer, account(ALICE).api_calls), (None, 0));
	})
}

#[test]
fn close_account_releases_recorded_deposit_when_price_has_changed() {
	with_account(|| {
		let before = deposits(ALICE);
		ByteDeposit::set(9);
		assert_eq!(deposits(ALICE), before);
		assert_ok!(TokenAllocation::register_developer(signed(ALICE), name("Dev")));
		assert_eq!(deposits(ALICE), deposit(ALICE));
		ByteDeposit::set(2);
		assert_ok!(TokenAllocation::close_account(signed(ALICE)));
		assert_eq!((deposits(ALICE), free(ALICE)), (0, FUNDS - collected()));
	})
}

#[test]
fn service_calls_fail_when_there_is_no_account() {
	with_account(|| {
		type Call = fn(RuntimeOrigin) -> DispatchResult;
		let calls: [Call; 4] = [
			|who| TokenAllocation::upgrade_account(who, Tier::Professional),
			|who| TokenAllocation::register_developer(who, name("Dev")),
			|who| TokenAllocation::buy_api_calls(who, 1),
			TokenAllocation::close_account,
		];
		for call in calls {
			assert_noop!(call(signed(BOB)), Error::NoAccount);
			assert_noop!(call(root()), BadOrigin);
		}
		assert_noop!(TokenAllocation::create_account(root()), BadOrigin);
	})
}
