//! The voting nodes: which majorities decisions need.

use super::*;
use codec::Encode;
use configs::governance::MotionDuration;
use frame_support::{assert_ok, dispatch::GetDispatchInfo, traits::Get};
use pallet_collective::Instance1;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave};
use sp_runtime::traits::{BlakeTwo256, Hash as _};

type Event = pallet_collective::Event<Runtime, Instance1>;

/// Three of four are two thirds.
const THRESHOLD: u32 = 3;

fn signed(who: Sr25519Keyring) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.to_account_id())
}

/// A proposal that needs two thirds of the voting nodes, and leads to root.
fn proposal() -> RuntimeCall {
	pallet_whitelist::Call::whitelist_call { call_hash: Hash::repeat_byte(7) }.into()
}

fn is_executed() -> bool {
	pallet_whitelist::WhitelistedCall::<Runtime>::contains_key(Hash::repeat_byte(7))
}

/// Whether a motion with these votes is carried after its end.
fn is_carried(prime: Option<Sr25519Keyring>, ayes: &[Sr25519Keyring]) -> bool {
	preset("development").execute_with(|| {
		System::set_block_number(1);
		if let Some(prime) = prime {
			let who = prime.to_account_id().into();
			assert_ok!(VotingNodesMembership::set_prime(RuntimeOrigin::root(), who));
			assert_eq!(pallet_collective::Prime::<Runtime, Instance1>::get(), Some(prime.to_account_id()));
		}
		let call = proposal();
		let length = proposal().encoded_size() as u32;
		let hash = BlakeTwo256::hash_of(&call);
		let weight = call.get_dispatch_info().call_weight;
		assert_ok!(VotingNodes::propose(signed(Alice), THRESHOLD, Box::new(call), length));
		for who in ayes {
			assert_ok!(VotingNodes::vote(signed(*who), hash, 0, true));
		}
		System::set_block_number(1 + <MotionDuration as Get<BlockNumber>>::get());
		assert_ok!(VotingNodes::close(signed(Dave), hash, 0, weight, length));
		let executed = |record: &frame_system::EventRecord<RuntimeEvent, Hash>| {
			matches!(record.event, RuntimeEvent::VotingNodes(Event::Executed { result: Ok(()), .. }))
		};
		assert_eq!(System::events().iter().any(executed), is_executed());
		is_executed()
	})
}

/// With the SDK's default vote, a prime member's single aye after seven days would count as unanimity, and so as root.
#[test]
fn motion_is_not_carried_by_abstentions_when_there_is_a_prime_member() {
	for (prime, ayes, carried) in [
		(None, &[Alice][..], false),
		(Some(Alice), &[Alice], false),
		(Some(Alice), &[Alice, Bob], false),
		(Some(Alice), &[Bob, Charlie], false),
		(Some(Alice), &[Alice, Bob, Charlie], true),
		(Some(Dave), &[Alice, Bob, Charlie], true),
		(None, &[Alice, Bob, Charlie, Dave], true),
	] {
		assert_eq!(is_carried(prime, ayes), carried, "prime {prime:?}, ayes {ayes:?}");
	}
}

/// A motion with a lower threshold does not have the origin of two thirds.
#[test]
fn motion_is_not_executed_when_less_than_two_thirds_agree() {
	preset("development").execute_with(|| {
		System::set_block_number(1);
		for threshold in [1, 2] {
			let call = proposal();
			let length = call.encoded_size() as u32;
			let hash = BlakeTwo256::hash_of(&call);
			let weight = call.get_dispatch_info().call_weight;
			assert_ok!(VotingNodes::propose(signed(Alice), threshold, Box::new(call), length));
			if threshold > 1 {
				[Alice, Bob].into_iter().for_each(|who| ok(VotingNodes::vote(signed(who), hash, 0, true)));
				assert_ok!(VotingNodes::close(signed(Alice), hash, 0, weight, length));
			}
			assert!(!is_executed(), "threshold {threshold}");
		}
	});
}

fn ok<T, E: core::fmt::Debug>(result: Result<T, E>) {
	assert!(result.is_ok(), "{:?}", result.err());
}
