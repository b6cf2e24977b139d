use super::*;
use crate::runtime_api::{AccountInfo, GrantInfo, ProgramInfo, Supply};
use encrytrust_types::token::{ETS, TOTAL_ISSUANCE};
use frame_support::traits::Hooks;

#[test]
fn supply_is_everything_and_where_it_is() {
	with_grant(ALICE, |_| {
		let Supply { total, programs } = TokenAllocation::supply();
		assert_eq!(total, TOTAL_ISSUANCE);
		assert_eq!(programs.iter().map(|(program, _)| *program).collect::<Vec<_>>(), Program::ALL);
		let team = Program::Team.account();
		let allocation = 420_000_000 * ETS;
		let info = ProgramInfo { account: team, allocation, free: allocation - AMOUNT, granted: AMOUNT };
		assert_eq!(programs[3].1, info);
		let everywhere: Balance = programs.iter().map(|(_, program)| program.free + program.granted).sum();
		assert_eq!(everywhere + FUNDS * CUSTOMERS.len() as Balance, TOTAL_ISSUANCE);
	})
}

#[test]
fn a_grant_tells_when_and_how_much() {
	with_grant(ALICE, |id| {
		let info = GrantInfo {
			program: Program::Team,
			beneficiary: ALICE,
			terms: terms(),
			vested: 0,
			claimed: 0,
			claimable: 0,
			cliff_block: 21,
			end_block: 51,
			withdrawn: None,
		};
		at(20);
		assert_eq!(TokenAllocation::grant_info(id), Some(info.clone()));
		at(25);
		assert_eq!(TokenAllocation::grant_info(id), Some(GrantInfo { vested: 350, claimable: 350, ..info.clone() }));
		assert_ok!(TokenAllocation::claim(signed(ALICE), id));
		at(26);
		let claimed = GrantInfo { vested: 375, claimed: 350, claimable: 25, ..info };
		assert_eq!(TokenAllocation::grant_info(id), Some(claimed.clone()));
		assert_ok!(TokenAllocation::withdraw_grant(root(), id));
		at(51);
		assert_eq!(TokenAllocation::grant_info(id), Some(GrantInfo { withdrawn: Some(26), ..claimed }));
		assert_ok!(TokenAllocation::claim(signed(ALICE), id));
		assert_eq!(TokenAllocation::grant_info(id), None);
	})
}

#[test]
fn grants_are_those_of_the_account() {
	ExtBuilder.build_and_execute(|| {
		for who in [ALICE, BOB, ALICE] {
			grant_to(who, terms());
		}
		let ids = |who| TokenAllocation::grants_of(&who).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
		assert_eq!((ids(ALICE), ids(BOB), ids(NOBODY)), (vec![0, 2], vec![1], vec![]));
		assert_eq!(TokenAllocation::grants_of(&BOB)[0].1, TokenAllocation::grant_info(1).unwrap());
	})
}

#[test]
fn an_account_tells_its_quota() {
	with_account(|| {
		assert_eq!(TokenAllocation::fee_schedule(), FEES);
		assert_ok!(TokenAllocation::register_developer(signed(ALICE), name("Dev")));
		assert_ok!(TokenAllocation::buy_api_calls(signed(ALICE), 5));
		let developer = Some(name("Dev"));
		for (tier, included_calls) in
			[Tier::Basic, Tier::Professional, Tier::Enterprise].into_iter().zip(INCLUDED_CALLS)
		{
			let _ = TokenAllocation::upgrade_account(signed(ALICE), tier);
			let (api_calls, deposit, developer) = (5, deposits(ALICE), developer.clone());
			let info = AccountInfo { tier, included_calls, api_calls, developer, deposit };
			assert_eq!(TokenAllocation::account_info(&ALICE), Some(info));
		}
		assert_eq!(TokenAllocation::account_info(&BOB), None);
	})
}

#[test]
fn the_configuration_is_sound() {
	TokenAllocation::integrity_test();
}
