//! What the runtime API tells.

use super::*;
use encrytrust_traits::bonds::ServiceBonds;
use pallet_authorship::EventHandler;

#[test]
fn the_era_with_its_validators() {
	ExtBuilder.build_and_execute(|| {
		run_to_session(3);
		let expected = EraInfo { index: 1, start_session: 2, sessions: ERA, elected: at_genesis() };
		assert_eq!(Staking::era(), expected);
	})
}

#[test]
fn validators_and_candidates_by_their_bonds() {
	ExtBuilder.build_and_execute(|| {
		stand(NEWCOMERS[0], 25_000);
		assert_ok!(Staking::chill(signed(14)));
		assert_ok!(Staking::bond_more(signed(13), Validator, 80_000));
		[11, 11, 12].into_iter().for_each(Staking::note_author);
		let info = |who, stake, exposure, points, elected, candidate| {
			let pending_reward = Balance::from(points) * REWARD;
			ValidatorInfo { who, stake, points, pending_reward, elected, candidate, exposure }
		};
		let expected = [
			info(13, 100_000, 20_000, 0u32, true, true),
			info(11, 40_000, 40_000, 2, true, true),
			info(12, 30_000, 30_000, 1, true, true),
			info(21, 25_000, 0, 0, false, true),
			info(14, 10_000, 10_000, 0, true, false),
		];
		assert_eq!(Staking::validators(), expected);
	})
}

#[test]
fn a_bond_and_what_of_it_can_be_withdrawn() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(Staking::bond_info(Service, USER), None);
		bond(USER, Service, 5_000);
		assert_ok!(Staking::unbond(signed(USER), Service, 1_000));
		assert_ok!(<Staking as ServiceBonds<_, _, _>>::engage(&USER, 1_500));
		let until = 1 + SERVICE_UNBONDING;
		let expected = |withdrawable| BondInfo {
			active: 4_000,
			engaged: 1_500,
			available: 2_500,
			unbonding: vec![Chunk { amount: 1_000, since: 1, until }],
			withdrawable,
		};
		// It tells of the next block, in which a call would be.
		System::set_block_number(until - 2);
		assert_eq!(Staking::bond_info(Service, USER), Some(expected(0)));
		System::set_block_number(until - 1);
		assert_eq!(Staking::bond_info(Service, USER), Some(expected(1_000)));
		assert_eq!(Staking::bond_info(Validator, USER), None);
	})
}
