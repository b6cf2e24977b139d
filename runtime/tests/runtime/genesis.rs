use super::*;
use encrytrust_traits::fees::ServiceFees;
use encrytrust_types::token::{Program, TOTAL_ISSUANCE};
use frame_support::traits::fungible::{Inspect, InspectHold};
use sp_keyring::Sr25519Keyring;

const PRESETS: [&str; 2] = ["development", "local_testnet"];

#[test]
fn genesis_issues_two_billion_and_endows_from_ecology_program() {
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
fn slot_duration_depends_on_preset() {
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
fn genesis_has_templates_and_voting_nodes_add_others() {
	preset("development").execute_with(|| {
		assert_eq!(Bmpc::templates().len(), 8);
		assert_eq!(pallet_collective::Members::<Runtime, pallet_collective::Instance1>::get().len(), 4);
		let template = Bmpc::templates()[0].1.clone();
		let alice = Sr25519Keyring::Alice.to_account_id();
		assert!(Bmpc::add_template(RuntimeOrigin::signed(alice), template.clone()).is_err());
		Bmpc::add_template(enactment::Origin::VotingNodes.into(), template).expect("they decided");
	});
}

#[test]
fn sudo_key_exists_only_in_presets() {
	let mut production = TestExternalities::from(RuntimeGenesisConfig::default().build_storage().expect("builds"));
	production.execute_with(|| assert_eq!(pallet_sudo::Key::<Runtime>::get(), None));
	preset("development").execute_with(|| assert!(pallet_sudo::Key::<Runtime>::get().is_some()));
}

/// What an operator adds to `production`: two validators, who are the voting nodes.
fn with_validators(config: &mut RuntimeGenesisConfig) {
	let validators = [[1; 32], [2; 32]].map(AccountId::from);
	let bond = 10_000 * ETS;
	let spent = 2 * (bond + ETS);
	let ecology = Program::Ecology.account::<AccountId>();
	config.balances.balances.iter_mut().filter(|(who, _)| *who == ecology).for_each(|(_, amount)| *amount -= spent);
	for (who, key) in validators.into_iter().zip([3, 4]) {
		let keys = SessionKeys {
			babe: sp_core::sr25519::Public::from_raw([key; 32]).into(),
			grandpa: sp_core::ed25519::Public::from_raw([key; 32]).into(),
			authority_discovery: sp_core::sr25519::Public::from_raw([key; 32]).into(),
		};
		config.balances.balances.push((who.clone(), bond + ETS));
		config.bonds.validators.push((who.clone(), bond));
		config.session.keys.push((who.clone(), who.clone(), keys));
		config.voting_nodes_membership.members.try_push(who).expect("two are not too many");
	}
}

#[test]
fn production_has_no_development_parameters() {
	const HOUR: u64 = 3_600_000;
	preset_with("production", with_validators).execute_with(|| {
		let slot = Babe::slot_duration();
		let computation = configs::RuntimeBlockWeights::get().max_block.ref_time() / 1_000_000_000;
		assert!(3 * computation <= slot, "{computation} of {slot} ms");
		let time = |blocks: BlockNumber| u64::from(blocks) * slot;
		let bonds = Bonds::parameters();
		let session = consensus_parameters::EpochSlots::<Runtime>::get() * slot;
		assert_eq!(session, HOUR);
		assert_eq!(u64::from(bonds.sessions_per_era) * session, 6 * HOUR);
		assert_eq!(time(bonds.validator_unbonding), 28 * 24 * HOUR);
		assert_eq!(time(bonds.service_unbonding), 24 * HOUR);
		assert_eq!(time(enactment::Delay::<Runtime>::get()), 3 * 24 * HOUR);
		assert_eq!((bonds.min_validators, bonds.min_validator_bond), (4, 10_000 * ETS));
		assert_eq!(pallet_sudo::Key::<Runtime>::get(), None);
		assert!(IdentityKeys::verifying_key_info().is_none() && IdentityKeys::authentication_nodes().is_empty());
		for (name, public) in genesis_config_presets::well_known_keys() {
			assert!(!System::account_exists(&public.into()), "{name} has an account");
		}
		assert_eq!(Balances::total_issuance(), TOTAL_ISSUANCE);
		assert_eq!((Session::validators().len(), Babe::authorities().len()), (2, 2));
		assert_eq!(Bmpc::templates().len(), 8);
	});
}

#[test]
fn service_fees_go_to_ecology_program() {
	let destination = <TokenAllocation as ServiceFees<AccountId>>::destination();
	assert_eq!(destination, Program::Ecology.account::<AccountId>());
}

#[test]
fn genesis_has_policies_of_all_programs_and_bonds_of_validators() {
	for name in PRESETS {
		preset(name).execute_with(|| {
			assert_eq!(pallet_token_allocation::Policies::<Runtime>::iter().count(), Program::ALL.len(), "{name}");
			let elected = Bonds::era().elected;
			assert_eq!(elected.len(), Session::validators().len(), "{name}");
			for (who, stake) in elected {
				let bonded = Balances::balance_on_hold(&pallet_bonds::HoldReason::ValidatorBond.into(), &who);
				assert_eq!(bonded, stake, "{name}: {who}");
			}
		});
	}
}
