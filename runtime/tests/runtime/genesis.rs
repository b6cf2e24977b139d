use super::*;
use encrytrust_traits::fees::ServiceFees;
use encrytrust_types::token::{Program, TOTAL_ISSUANCE};
use frame_support::traits::fungible::{Inspect, InspectHold};
use sp_keyring::Sr25519Keyring;

const PRESETS: [&str; 2] = ["development", "local_testnet"];

#[test]
fn two_billion_exist_and_endowments_come_out_of_the_ecology_program() {
	for name in PRESETS {
		preset(name).execute_with(|| {
			assert_eq!(Balances::total_issuance(), TOTAL_ISSUANCE, "{name}");
			let held: Balance = frame_system::Account::<Runtime>::iter_values()
				.map(|account| account.data.free + account.data.reserved)
				.sum();
			assert_eq!(held, TOTAL_ISSUANCE, "{name}");
			let endowed: Balance =
				Sr25519Keyring::well_known().map(|key| Balances::total_balance(&key.to_account_id())).sum();
			assert!(endowed > 0);
			for program in Program::ALL {
				let spent = if program == Program::Ecology { endowed } else { 0 };
				let held = Balances::free_balance(program.account::<AccountId>());
				assert_eq!(held, program.allocation() - spent, "{name}: {program:?}");
			}
		});
	}
}

#[test]
fn each_chain_has_its_own_slots() {
	for (name, slot, validators) in [("development", 1_000, 1), ("local_testnet", 2_000, 4)] {
		preset(name).execute_with(|| {
			assert_eq!(Babe::slot_duration(), slot, "{name}");
			assert_eq!(Session::validators().len(), validators, "{name}");
			assert_eq!(Babe::authorities().len(), validators, "{name}");
			assert_eq!(Grandpa::grandpa_authorities().len(), validators, "{name}");
		});
	}
}

#[test]
fn the_templates_are_there_and_others_take_the_voting_nodes() {
	preset("development").execute_with(|| {
		assert_eq!(Bmpc::templates().len(), 8);
		assert_eq!(pallet_collective::Members::<Runtime, pallet_collective::Instance1>::get().len(), 4);
		let template = Bmpc::templates()[0].1.clone();
		let alice = Sr25519Keyring::Alice.to_account_id();
		assert!(Bmpc::add_template(RuntimeOrigin::signed(alice), template.clone()).is_err());
		let two_thirds = pallet_collective::RawOrigin::<AccountId, pallet_collective::Instance1>::Members(3, 4);
		Bmpc::add_template(two_thirds.into(), template).expect("three of four are two thirds");
	});
}

#[test]
fn sudo_has_no_key_but_in_the_presets() {
	let mut production = TestExternalities::from(RuntimeGenesisConfig::default().build_storage().expect("builds"));
	production.execute_with(|| assert_eq!(pallet_sudo::Key::<Runtime>::get(), None));
	preset("development").execute_with(|| assert!(pallet_sudo::Key::<Runtime>::get().is_some()));
}

#[test]
fn service_fees_go_to_the_ecology_program() {
	let destination = <TokenAllocation as ServiceFees<AccountId>>::destination();
	assert_eq!(destination, Program::Ecology.account::<AccountId>());
}

#[test]
fn every_program_has_a_policy_and_validators_have_bonds() {
	for name in PRESETS {
		preset(name).execute_with(|| {
			assert_eq!(pallet_token_allocation::Policies::<Runtime>::iter().count(), Program::ALL.len(), "{name}");
			let elected = Staking::era().elected;
			assert_eq!(elected.len(), Session::validators().len(), "{name}");
			for (who, stake) in elected {
				let bonded =
					Balances::balance_on_hold(&pallet_encrytrust_staking::HoldReason::ValidatorBond.into(), &who);
				assert_eq!(bonded, stake, "{name}: {who}");
			}
		});
	}
}
