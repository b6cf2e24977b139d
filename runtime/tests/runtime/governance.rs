//! The voting nodes: which majorities decisions need, what a motion costs, and how decisions take effect.

use super::*;
use codec::Encode;
use configs::governance::{MotionDeposit, MotionDepositRatio, MotionDuration};
use enactment::{Decisions, Error, Event, Origin};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{GetDispatchInfo, Pays},
	traits::{fungible::InspectHold, Get, OnInitialize},
	weights::Weight,
};
use pallet_collective::Instance1;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve};
use sp_runtime::{
	traits::{BlakeTwo256, Dispatchable, Hash as _, Saturating},
	DispatchError::{self, BadOrigin},
	FixedPointNumber,
};

type Members = pallet_collective::RawOrigin<AccountId, Instance1>;

/// Three of four are two thirds.
const THRESHOLD: u32 = 3;
/// The delay of the development chain.
const DELAY: BlockNumber = 5;

fn signed(who: Sr25519Keyring) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.to_account_id())
}

fn members(ayes: u32) -> RuntimeOrigin {
	Members::Members(ayes, 4).into()
}

/// A call that the voting nodes alone decide on, and that leads to root.
fn whitelisting() -> RuntimeCall {
	pallet_whitelist::Call::whitelist_call { call_hash: Hash::repeat_byte(7) }.into()
}

fn is_whitelisted() -> bool {
	pallet_whitelist::WhitelistedCall::<Runtime>::contains_key(Hash::repeat_byte(7))
}

fn schedule(call: RuntimeCall) -> enactment::Call<Runtime> {
	enactment::Call::schedule { call: Box::new(call) }
}

/// The proposal to decide on that call.
fn proposal() -> RuntimeCall {
	schedule(whitelisting()).into()
}

/// Whether a decision was made.
fn is_decided() -> bool {
	Decisions::<Runtime>::contains_key(0)
}

/// Begins the blocks up to `block`, with what the scheduler does in them.
fn run_to(block: BlockNumber) {
	while System::block_number() < block {
		System::set_block_number(System::block_number() + 1);
		Scheduler::on_initialize(System::block_number());
	}
}

fn development(test: impl FnOnce()) {
	preset("development").execute_with(|| {
		System::set_block_number(1);
		test();
	});
}

fn happened(event: Event<Runtime>) -> bool {
	System::events().into_iter().any(|record| record.event == RuntimeEvent::Enactment(event.clone()))
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
			matches!(record.event, RuntimeEvent::VotingNodes(pallet_collective::Event::Executed { result: Ok(()), .. }))
		};
		assert_eq!(System::events().iter().any(executed), is_decided());
		is_decided()
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
	development(|| {
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
			assert!(!is_decided(), "threshold {threshold}");
		}
	});
}

fn ok<T, E: core::fmt::Debug>(result: Result<T, E>) {
	assert!(result.is_ok(), "{:?}", result.err());
}

/// No majority executes a call of the voting nodes at once, and only a decision that takes effect has their origin.
#[test]
fn calls_of_voting_nodes_require_an_enacted_decision() {
	for (name, origin, decides, executes) in [
		("nobody", RuntimeOrigin::none(), false, false),
		("an account", signed(Eve), false, false),
		("a voting node", Members::Member(Alice.to_account_id()).into(), false, false),
		("half of them", members(2), false, false),
		("two thirds of them", members(3), true, false),
		("all of them", members(4), true, false),
		("an enacted decision", Origin::VotingNodes.into(), false, true),
		("root", RuntimeOrigin::root(), true, true),
	] {
		development(|| {
			let executed = whitelisting().dispatch(origin.clone());
			assert_eq!(executed.map_err(|error| error.error).err(), (!executes).then_some(BadOrigin), "{name}");
			assert_eq!(is_whitelisted(), executes, "{name}");
			let decided = RuntimeCall::from(schedule(whitelisting())).dispatch(origin);
			assert_eq!(decided.map_err(|error| error.error).err(), (!decides).then_some(BadOrigin), "{name}");
			assert_eq!(is_decided(), decides, "{name}");
		});
	}
}

#[test]
fn decision_takes_effect_after_the_delay() {
	development(|| {
		assert_ok!(Enactment::schedule(members(3), Box::new(whitelisting())));
		let call_hash = BlakeTwo256::hash_of(&whitelisting());
		assert!(happened(Event::Scheduled { decision_id: 0, call_hash, enacted_at: 1 + DELAY }));
		run_to(DELAY);
		assert!(!is_whitelisted());
		run_to(1 + DELAY);
		assert!(is_whitelisted() && !is_decided());
		assert!(happened(Event::Enacted { decision_id: 0, result: Ok(()) }));
	});
}

/// The delay is over once, whatever becomes of the call.
#[test]
fn decision_ends_when_its_call_fails() {
	development(|| {
		let removal = pallet_whitelist::Call::remove_whitelisted_call { call_hash: Hash::repeat_byte(7) };
		assert_ok!(Enactment::schedule(members(3), Box::new(removal.into())));
		run_to(1 + DELAY);
		let error: DispatchError = pallet_whitelist::Error::<Runtime>::CallIsNotWhitelisted.into();
		assert!(happened(Event::Enacted { decision_id: 0, result: Err(error) }));
		assert!(!is_decided());
	});
}

/// A runtime upgrade: the decision to whitelist a call and to dispatch it.
#[test]
fn decision_leads_to_root() {
	development(|| {
		let call: RuntimeCall = frame_system::Call::set_heap_pages { pages: 77 }.into();
		let call_hash = BlakeTwo256::hash_of(&call);
		let dispatch = pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage { call: Box::new(call) };
		let calls = vec![pallet_whitelist::Call::whitelist_call { call_hash }.into(), dispatch.into()];
		let both = pallet_utility::Call::batch_all { calls };
		assert_ok!(Enactment::schedule(members(3), Box::new(both.into())));
		let pages = || frame_support::storage::unhashed::get::<u64>(sp_core::storage::well_known_keys::HEAP_PAGES);
		run_to(DELAY);
		assert_eq!(pages(), None);
		run_to(1 + DELAY);
		assert_eq!(pages(), Some(77));
	});
}

/// If the dispatch takes effect before the call is whitelisted, any account dispatches it afterwards: both take the delay.
#[test]
fn dispatch_is_deferred_when_call_is_not_whitelisted_yet() {
	development(|| {
		let call: RuntimeCall = frame_system::Call::set_heap_pages { pages: 77 }.into();
		let call_hash = BlakeTwo256::hash_of(&call);
		let dispatch =
			|| pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage { call: Box::new(call.clone()) };
		assert_ok!(Enactment::schedule(members(3), Box::new(dispatch().into())));
		run_to(2);
		let whitelist = pallet_whitelist::Call::whitelist_call { call_hash };
		assert_ok!(Enactment::schedule(members(3), Box::new(whitelist.into())));
		run_to(1 + DELAY);
		let not_whitelisted = pallet_whitelist::Error::<Runtime>::CallIsNotWhitelisted;
		let early = RuntimeCall::from(dispatch()).dispatch(signed(Eve));
		assert_eq!(early.map_err(|error| error.error), Err(not_whitelisted.into()));
		run_to(2 + DELAY);
		assert_ok!(RuntimeCall::from(dispatch()).dispatch(signed(Eve)));
		assert!(!pallet_whitelist::WhitelistedCall::<Runtime>::contains_key(call_hash));
	});
}

#[test]
fn decision_is_cancelled_when_more_than_a_third_veto() {
	for (vetoes, cancelled) in [(&[][..], false), (&[Dave], false), (&[Charlie, Dave], true)] {
		development(|| {
			assert_ok!(Enactment::schedule(members(3), Box::new(whitelisting())));
			for who in vetoes {
				assert_eq!(Enactment::veto(signed(*who), 0).expect("a voting node vetoes").pays_fee, Pays::No);
				assert!(happened(Event::Vetoed { decision_id: 0, who: who.to_account_id() }));
			}
			assert_eq!(is_decided(), !cancelled, "{vetoes:?}");
			assert_eq!(happened(Event::Cancelled { decision_id: 0 }), cancelled, "{vetoes:?}");
			run_to(1 + DELAY);
			assert_eq!(is_whitelisted(), !cancelled, "{vetoes:?}");
			assert!(!is_decided());
		});
	}
}

#[test]
fn veto_fails_when_it_is_not_due() {
	development(|| {
		assert_ok!(Enactment::schedule(members(3), Box::new(whitelisting())));
		assert_ok!(Enactment::veto(signed(Dave), 0));
		for (case, origin, id, error) in [
			("a stranger", signed(Eve), 0, Error::<Runtime>::NotAuthorized.into()),
			("a second time", signed(Dave), 0, Error::<Runtime>::AlreadyVetoed.into()),
			("no such decision", signed(Alice), 1, Error::<Runtime>::NotFound.into()),
			("two thirds", members(3), 0, BadOrigin),
		] {
			assert_eq!(Enactment::veto(origin, id).map_err(|error| error.error), Err(error), "{case}");
		}
		run_to(1 + DELAY);
		assert!(is_whitelisted());
		assert_eq!(
			Enactment::veto(signed(Alice), 0).map_err(|error| error.error),
			Err(Error::<Runtime>::NotFound.into())
		);
	});
}

#[test]
fn veto_of_former_voting_node_does_not_count() {
	development(|| {
		assert_ok!(Enactment::schedule(members(3), Box::new(whitelisting())));
		assert_ok!(Enactment::veto(signed(Dave), 0));
		assert_ok!(VotingNodesMembership::swap_member(
			RuntimeOrigin::root(),
			Dave.to_account_id().into(),
			Eve.to_account_id().into()
		));
		assert_ok!(Enactment::veto(signed(Eve), 0));
		assert!(is_decided());
		assert_ok!(Enactment::veto(signed(Charlie), 0));
		assert!(!is_decided());
	});
}

#[test]
fn enact_fails_except_for_root_and_its_own_call() {
	development(|| {
		assert_ok!(Enactment::schedule(members(3), Box::new(whitelisting())));
		let remark = || Box::new(frame_system::Call::remark { remark: vec![] }.into());
		for origin in [signed(Alice), members(4), Origin::VotingNodes.into()] {
			assert_noop!(Enactment::enact(origin, 0, Box::new(whitelisting())), BadOrigin);
		}
		assert_noop!(Enactment::enact(RuntimeOrigin::root(), 0, remark()), Error::<Runtime>::CallMismatch);
		assert_noop!(Enactment::enact(RuntimeOrigin::root(), 1, remark()), Error::<Runtime>::NotFound);
	});
}

#[test]
fn schedule_fails_when_call_is_too_heavy_for_the_scheduler() {
	development(|| {
		let most = configs::governance::MaxProposalWeight::get();
		let heavy = |weight: Weight| {
			let call = Box::new(frame_system::Call::remark { remark: vec![] }.into());
			Box::new(RuntimeCall::from(pallet_utility::Call::with_weight { call, weight }))
		};
		let too_heavy = heavy(most.saturating_add(Weight::from_parts(1, 0)));
		assert_noop!(Enactment::schedule(members(3), too_heavy), Error::<Runtime>::CallTooHeavy);
		assert_ok!(Enactment::schedule(members(3), heavy(most)));
		run_to(1 + DELAY);
		// `with_weight` is for root.
		assert!(happened(Event::Enacted { decision_id: 0, result: Err(BadOrigin) }));
	});
}

/// The scheduler keeps long calls as preimages.
#[test]
fn preimage_is_removed_when_decision_is_enacted_or_cancelled() {
	for vetoes in [&[][..], &[Charlie, Dave]] {
		development(|| {
			let remark = frame_system::Call::remark { remark: vec![7; 1_000] };
			let preimages = || pallet_preimage::RequestStatusFor::<Runtime>::iter().count();
			assert_ok!(Enactment::schedule(members(3), Box::new(remark.into())));
			assert_eq!(preimages(), 1);
			vetoes.iter().for_each(|who| ok(Enactment::veto(signed(*who), 0)));
			run_to(1 + DELAY);
			assert_eq!(preimages(), 0, "{vetoes:?}");
			assert_eq!(pallet_preimage::PreimageFor::<Runtime>::iter().count(), 0, "{vetoes:?}");
		});
	}
}

/// The amount on hold for motions.
fn motion_deposits(who: Sr25519Keyring) -> Balance {
	let reason = pallet_collective::HoldReason::<Instance1>::ProposalSubmission.into();
	Balances::balance_on_hold(&reason, &who.to_account_id())
}

/// Proposes a remark with a number.
fn propose(who: Sr25519Keyring, number: u8) -> Hash {
	let call: RuntimeCall = frame_system::Call::remark { remark: vec![number] }.into();
	let hash = BlakeTwo256::hash_of(&call);
	assert_ok!(VotingNodes::propose(signed(who), THRESHOLD, Box::new(call), 100));
	hash
}

#[test]
fn motion_deposit_grows_with_open_motions_and_is_released() {
	development(|| {
		let first = propose(Alice, 0);
		assert_eq!(motion_deposits(Alice), 10 * ETS);
		propose(Bob, 1);
		propose(Bob, 2);
		assert_eq!(motion_deposits(Bob), 12 * ETS + 14_400 * MILLI_ETS);
		assert_noop!(
			VotingNodes::release_proposal_cost(signed(Eve), first),
			pallet_collective::Error::<Runtime, Instance1>::ProposalActive
		);
		[Charlie, Dave].into_iter().for_each(|who| ok(VotingNodes::vote(signed(who), first, 0, false)));
		assert_ok!(VotingNodes::close(signed(Eve), first, 0, Weight::zero(), 0));
		assert_ok!(VotingNodes::release_proposal_cost(signed(Eve), first));
		assert_eq!(motion_deposits(Alice), 0);
	});
}

/// Whoever fills the list of motions keeps others from theirs.
#[test]
fn deposits_for_all_motions_exceed_the_issuance() {
	let most: u32 = <Runtime as pallet_collective::Config<Instance1>>::MaxProposals::get();
	let deposit = |open: usize| MotionDepositRatio::get().saturating_pow(open).saturating_mul_int(MotionDeposit::get());
	let all: Balance = (0..most as usize).map(deposit).sum();
	assert!(all > encrytrust_types::token::TOTAL_ISSUANCE, "{all}");
}

/// Killing a motion would burn its deposit.
#[test]
fn kill_fails_for_every_origin() {
	development(|| {
		let hash = propose(Alice, 0);
		for origin in [RuntimeOrigin::root(), members(4), Origin::VotingNodes.into(), signed(Alice)] {
			assert_noop!(VotingNodes::kill(origin, hash), BadOrigin);
		}
		assert_ok!(VotingNodes::disapprove_proposal(RuntimeOrigin::root(), hash));
	});
}
