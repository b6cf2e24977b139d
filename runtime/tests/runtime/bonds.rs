//! Validators' bonds, with the sessions, elections and offences of the real runtime.

use super::{
	conservation::{chain_with, equivocation_of, Chain, EPOCH},
	*,
};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use pallet_bonds::{BondKind::Validator, Call, Error, Event, HoldReason};
use sp_keyring::Sr25519Keyring::AliceStash;
use sp_staking::offence::ReportOffence;

/// Blocks of an era of two sessions and two more.
const LEAST: BlockNumber = 4 * EPOCH as BlockNumber;

fn bonded() -> Balance {
	Balances::balance_on_hold(&HoldReason::ValidatorBond.into(), &AliceStash.to_account_id())
}

fn is_validator() -> bool {
	Session::validators().contains(&AliceStash.to_account_id())
}

/// Chill and unbond all right after the election, withdraw as soon as possible, and equivocate in the term's last
/// block.
#[test]
fn offence_slashes_whole_bond_when_validator_unbonds_after_election() {
	chain_with(|parameters| parameters.validator_unbonding = LEAST).execute_with(|| {
		let mut chain = Chain::start();
		let planned = || pallet_bonds::Planned::<Runtime>::exists();
		while !planned() {
			chain.blocks(1, 0);
		}
		let stake = bonded();
		chain.send(AliceStash, Call::chill {});
		chain.send(AliceStash, Call::unbond { kind: Validator, amount: stake });
		let ledger = pallet_bonds::Ledgers::<Runtime>::get(Validator, AliceStash.to_account_id());
		assert_eq!(ledger.expect("there is one").active, 0, "all of it is being unbonded");
		let mut last = None;
		while is_validator() {
			assert_eq!(bonded(), stake, "it makes blocks with nothing at stake");
			last = equivocation_of(&AliceStash.to_account_id());
			chain.blocks(1, 1);
			chain.send(AliceStash, Call::withdraw { kind: Validator });
		}
		let offence = last.expect("it was a validator");
		assert!(Offences::report_offence(vec![], offence).is_ok());
		assert!(bonded() < stake, "nothing is taken");
		chain.end();
		assert!(chain.met("Bonds(Event::Slashed"));
	});
}

#[test]
fn genesis_panics_when_unbonding_is_shorter_than_era() {
	let built = |unbonding| {
		let build = move || drop(chain_with(move |parameters| parameters.validator_unbonding = unbonding));
		std::panic::catch_unwind(build).is_ok()
	};
	assert!(built(LEAST));
	assert!(!built(LEAST - 1));
}

/// In both ways: by a shorter unbonding period, or by a longer era.
#[test]
fn set_parameters_fails_when_unbonding_is_shorter_than_era() {
	chain_with(|parameters| parameters.validator_unbonding = LEAST).execute_with(|| {
		System::set_block_number(1);
		let parameters = Bonds::parameters();
		for (sessions, unbonding, allowed) in [
			(2, LEAST - 1, false),
			(3, LEAST, false),
			(u32::MAX, LEAST, false),
			(2, BlockNumber::MAX, false),
			(1, LEAST - EPOCH as BlockNumber, true),
			(3, LEAST + EPOCH as BlockNumber, true),
		] {
			let mut changed = parameters.clone();
			(changed.sessions_per_era, changed.validator_unbonding) = (sessions, unbonding);
			let voted = enactment::Origin::VotingNodes.into();
			if allowed {
				assert_ok!(Bonds::set_parameters(voted, changed));
			} else {
				assert_noop!(Bonds::set_parameters(voted, changed), Error::<Runtime>::InvalidUnbonding);
			}
		}
		let set = |event: &RuntimeEvent| matches!(event, RuntimeEvent::Bonds(Event::ParametersSet { .. }));
		assert_eq!(System::events().iter().filter(|record| set(&record.event)).count(), 2);
	});
}
