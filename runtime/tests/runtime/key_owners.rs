//! Equivocations are slashed whatever the validator does with its session keys, before or after.

use super::{
	conservation::{chain_with, Chain, EPOCH},
	*,
};
use codec::{Decode, Encode};
use encrytrust_runtime::key_owners::{Config, KeyOwnerProof, NoteKeyOwners, Records};
use frame_support::{
	assert_err, assert_ok,
	traits::{fungible::InspectHold, Get, KeyOwnerProofSystem},
};
use pallet_bonds::{BondKind::Validator, HoldReason};
use pallet_session::SessionManager;
use sp_consensus_babe::digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest};
use sp_core::{crypto::KeyTypeId, ed25519, sr25519, Pair, H256};
use sp_keyring::Sr25519Keyring::{self, AliceStash, BobStash, CharlieStash, DaveStash, Ferdie};
use sp_runtime::{
	traits::Header as _, transaction_validity::InvalidTransaction, ApplyExtrinsicResult, Digest, DigestItem,
};

/// Sessions of an era: most tests end before the first election.
const ERA: u32 = 6;
/// What a validator has at stake.
const STAKE: Balance = 100_000 * ETS;
/// What one of four validators has left of it after an equivocation: 1 - (3 / 4)^2.
const LEFT: Balance = 43_750 * ETS;

const BABE: Engine = Engine::Babe;
const GRANDPA: Engine = Engine::Grandpa;

/// The keys that a validator signs with.
struct Keys {
	sr25519: sr25519::Pair,
	ed25519: ed25519::Pair,
}

impl Keys {
	fn new(name: &str) -> Self {
		let seed = format!("//{name}");
		let sr25519 = Pair::from_string(&seed, None).expect("a seed");
		let ed25519 = Pair::from_string(&seed, None).expect("a seed");
		Self { sr25519, ed25519 }
	}

	fn set_keys(&self, owner: Sr25519Keyring) -> pallet_session::Call<Runtime> {
		let statement = [&b"POP_"[..], owner.to_account_id().as_ref()].concat();
		let (sr25519, ed25519) = (self.sr25519.sign(&statement), self.ed25519.sign(&statement));
		let keys = SessionKeys {
			babe: self.sr25519.public().into(),
			grandpa: self.ed25519.public().into(),
			authority_discovery: self.sr25519.public().into(),
		};
		pallet_session::Call::set_keys { keys, proof: (sr25519, ed25519, sr25519).encode() }
	}
}

/// The keys of a validator at genesis.
fn genesis_keys(stash: Sr25519Keyring) -> Keys {
	Keys::new(match stash {
		AliceStash => "Alice",
		BobStash => "Bob",
		CharlieStash => "Charlie",
		DaveStash => "Dave",
		other => panic!("{other} is no validator"),
	})
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
	Babe,
	Grandpa,
}

/// Two signatures of which an honest validator makes only one.
#[derive(Clone)]
enum Equivocation {
	Babe(sp_consensus_babe::EquivocationProof<Header>),
	Grandpa(sp_consensus_grandpa::EquivocationProof<Hash, BlockNumber>),
}

impl Equivocation {
	/// In the current slot or set.
	fn now(engine: Engine, keys: &Keys) -> Self {
		match engine {
			BABE => Self::of_slot(Babe::current_slot(), &keys.sr25519),
			GRANDPA => Self::of_set(Grandpa::current_set_id(), &keys.ed25519),
		}
	}

	/// Two headers.
	fn of_slot(slot: sp_consensus_babe::Slot, pair: &sr25519::Pair) -> Self {
		let header = |byte| {
			let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index: 0, slot });
			let digest = Digest { logs: vec![DigestItem::babe_pre_digest(pre_digest)] };
			let mut header = Header::new(1, H256::zero(), H256::repeat_byte(byte), H256::zero(), digest);
			header.digest.push(DigestItem::babe_seal(pair.sign(header.hash().as_ref()).into()));
			header
		};
		let (offender, first_header, second_header) = (pair.public().into(), header(1), header(2));
		Self::Babe(sp_consensus_babe::EquivocationProof { offender, slot, first_header, second_header })
	}

	/// Two prevotes.
	fn of_set(set_id: u64, pair: &ed25519::Pair) -> Self {
		let (prevote, round) = (0u8, 1u64);
		let vote = |byte| {
			let target = (H256::repeat_byte(byte), 1u32);
			let signature = pair.sign(&(prevote, target, round, set_id).encode());
			(target, signature)
		};
		let bytes = (set_id, prevote, round, pair.public(), vote(1), vote(2)).encode();
		Self::Grandpa(Decode::decode(&mut &bytes[..]).expect("it is encoded by its fields"))
	}

	/// What a node asks the runtime for.
	fn key_owner_proof(&self) -> Option<KeyOwnerProof> {
		use sp_consensus_babe::runtime_decl_for_babe_api::BabeApiV2;
		use sp_consensus_grandpa::runtime_decl_for_grandpa_api::GrandpaApiV3;
		match self.clone() {
			Self::Babe(proof) => {
				<Runtime as BabeApiV2<Block>>::generate_key_ownership_proof(proof.slot, proof.offender)?.decode()
			},
			Self::Grandpa(proof) => {
				let (set_id, offender) = (proof.set_id(), proof.offender().clone());
				<Runtime as GrandpaApiV3<Block>>::generate_key_ownership_proof(set_id, offender)?.decode()
			},
		}
	}

	/// Report as a node does: without a signature, by the author of a block.
	fn report(&self, key_owner_proof: KeyOwnerProof) -> ApplyExtrinsicResult {
		let call = match self.clone() {
			Self::Babe(proof) => RuntimeCall::Babe(pallet_babe::Call::report_equivocation_unsigned {
				equivocation_proof: Box::new(proof),
				key_owner_proof,
			}),
			Self::Grandpa(proof) => RuntimeCall::Grandpa(pallet_grandpa::Call::report_equivocation_unsigned {
				equivocation_proof: Box::new(proof),
				key_owner_proof,
			}),
		};
		Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(call))
	}

	/// Report from an account.
	fn report_signed(&self, chain: &Chain, key_owner_proof: KeyOwnerProof) -> ApplyExtrinsicResult {
		let call = match self.clone() {
			Self::Babe(proof) => RuntimeCall::Babe(pallet_babe::Call::report_equivocation {
				equivocation_proof: Box::new(proof),
				key_owner_proof,
			}),
			Self::Grandpa(proof) => RuntimeCall::Grandpa(pallet_grandpa::Call::report_equivocation {
				equivocation_proof: Box::new(proof),
				key_owner_proof,
			}),
		};
		chain.apply(Ferdie, call)
	}
}

/// Whether blocks or votes that the keys sign now count.
fn are_active(keys: &Keys, engine: Engine) -> bool {
	match engine {
		BABE => Babe::authorities().iter().any(|(key, _)| *key == keys.sr25519.public().into()),
		GRANDPA => Grandpa::grandpa_authorities().iter().any(|(key, _)| *key == keys.ed25519.public().into()),
	}
}

fn with_chain(test: impl FnOnce(&mut Chain)) {
	with_eras(ERA, test);
}

fn with_eras(sessions: u32, test: impl FnOnce(&mut Chain)) {
	let mut state = chain_with(|parameters| {
		parameters.sessions_per_era = sessions;
		parameters.validator_unbonding = (sessions + 2) * EPOCH as BlockNumber;
	});
	state.execute_with(|| test(&mut Chain::start()));
}

/// The next block, made by the validators in turn.
fn next_block(chain: &mut Chain) {
	chain.blocks(1, System::block_number());
}

/// Into the second block of a session: GRANDPA's keys change at the end of the first.
fn run_to_session(chain: &mut Chain, session: u32) {
	while Session::current_index() < session {
		next_block(chain);
	}
	next_block(chain);
	assert_eq!(Session::current_index(), session);
}

/// A block that the offender did not make: the report disables it, and BABE lets nobody who is disabled finish a block.
/// Into a block by another author, with room: the first block of a session has the maximum weight.
fn run_to_block_of_others(chain: &mut Chain, offender: Sr25519Keyring) {
	let is_full = || System::block_weight().total().any_gte(configs::RuntimeBlockWeights::get().max_block);
	while Authorship::author() == Some(offender.to_account_id()) || is_full() {
		next_block(chain);
	}
}

fn rotate(chain: &mut Chain, who: Sr25519Keyring, keys: &Keys) {
	assert_ok!(chain.apply(who, keys.set_keys(who).into()).expect("it is valid"));
}

fn purge(chain: &mut Chain, who: Sr25519Keyring) {
	assert_ok!(chain.apply(who, pallet_session::Call::purge_keys {}.into()).expect("it is valid"));
}

fn bonded(who: Sr25519Keyring) -> Balance {
	Balances::balance_on_hold(&HoldReason::ValidatorBond.into(), &who.to_account_id())
}

/// Report the equivocation with the proof that the runtime generates now, and see that `offender` is slashed.
fn assert_slashed(chain: &mut Chain, offender: Sr25519Keyring, equivocation: &Equivocation) {
	run_to_block_of_others(chain, offender);
	let proof = equivocation.key_owner_proof().expect("the key was active");
	assert_slashed_by(offender, equivocation, proof);
	chain.end();
}

fn assert_slashed_by(offender: Sr25519Keyring, equivocation: &Equivocation, proof: KeyOwnerProof) {
	assert_eq!(bonded(offender), STAKE);
	assert_ok!(equivocation.report(proof).expect("it is valid"));
	assert_eq!(bonded(offender), LEFT);
}

/// See that the report is refused by the transaction pool.
fn assert_refused(equivocation: &Equivocation, proof: KeyOwnerProof) {
	assert_eq!(equivocation.report(proof), Err(InvalidTransaction::BadProof.into()));
}

/// Alice changes its keys in session 1, equivocates with the old ones in this session or the next, and is reported at once
/// or in a later session of the era, in which other keys are active.
fn assert_slashed_after(change: impl Fn(&mut Chain)) {
	for engine in [BABE, GRANDPA] {
		for (session, reported_in) in [(1, 1), (2, 2), (1, 3), (2, 4)] {
			with_chain(|chain| {
				let keys = genesis_keys(AliceStash);
				run_to_session(chain, 1);
				change(chain);
				if session > 1 {
					run_to_session(chain, session);
				}
				assert!(are_active(&keys, engine));
				let equivocation = Equivocation::now(engine, &keys);
				if reported_in > session {
					run_to_session(chain, reported_in);
				}
				assert_slashed(chain, AliceStash, &equivocation);
			});
		}
	}
}

#[test]
fn equivocation_with_old_keys_is_slashed_after_rotation() {
	assert_slashed_after(|chain| rotate(chain, AliceStash, &Keys::new("new")));
}

#[test]
fn equivocation_with_old_keys_is_slashed_after_purge() {
	assert_slashed_after(|chain| purge(chain, AliceStash));
}

#[test]
fn equivocation_is_slashed_when_keys_are_rotated_in_every_session() {
	for engine in [BABE, GRANDPA] {
		with_chain(|chain| {
			for session in 0..4 {
				run_to_session(chain, session);
				rotate(chain, AliceStash, &Keys::new(&format!("new {session}")));
			}
			// The keys that are set in one session are active two sessions later.
			let keys = Keys::new("new 1");
			assert!(are_active(&keys, engine));
			let equivocation = Equivocation::now(engine, &keys);
			assert_slashed(chain, AliceStash, &equivocation);
		});
	}
}

/// The keys of the genesis are active for two sessions.
#[test]
fn equivocation_is_slashed_in_first_sessions() {
	for engine in [BABE, GRANDPA] {
		for session in [0, 1] {
			with_chain(|chain| {
				run_to_session(chain, session);
				let equivocation = Equivocation::now(engine, &genesis_keys(AliceStash));
				assert_slashed(chain, AliceStash, &equivocation);
			});
		}
	}
}

/// The session pallet reports no change of keys if the last of the validators is missing, so GRANDPA goes on with its key.
#[test]
fn grandpa_equivocation_is_slashed_when_session_of_its_set_lacks_the_key() {
	with_chain(|chain| {
		run_to_session(chain, 1);
		let last = Session::validators().pop();
		let validators = [AliceStash, BobStash, CharlieStash, DaveStash];
		let last = validators.into_iter().find(|stash| Some(stash.to_account_id()) == last).expect("it is one of them");
		purge(chain, last);
		run_to_session(chain, 4);
		let keys = genesis_keys(last);
		assert_eq!((are_active(&keys, BABE), are_active(&keys, GRANDPA)), (false, true));
		let equivocation = Equivocation::now(GRANDPA, &keys);
		assert_slashed(chain, last, &equivocation);
	});
}

#[test]
fn report_stays_valid_when_another_validator_rotates() {
	for engine in [BABE, GRANDPA] {
		for session in [1, 2, 3] {
			with_chain(|chain| {
				run_to_session(chain, 1);
				let equivocation = Equivocation::now(engine, &genesis_keys(AliceStash));
				let proof = equivocation.key_owner_proof().expect("the key is active");
				rotate(chain, BobStash, &Keys::new("new"));
				if session > 1 {
					run_to_session(chain, session);
				}
				run_to_block_of_others(chain, AliceStash);
				assert_slashed_by(AliceStash, &equivocation, proof);
			});
		}
	}
}

#[test]
fn signed_report_is_filtered() {
	for engine in [BABE, GRANDPA] {
		with_chain(|chain| {
			run_to_session(chain, 1);
			rotate(chain, AliceStash, &Keys::new("new"));
			run_to_block_of_others(chain, AliceStash);
			let equivocation = Equivocation::now(engine, &genesis_keys(AliceStash));
			let proof = equivocation.key_owner_proof().expect("the key is active");
			let outcome = equivocation.report_signed(chain, proof).expect("it is valid");
			assert_err!(outcome, frame_system::Error::<Runtime>::CallFiltered);
			assert_eq!(bonded(AliceStash), STAKE);
		});
	}
}

/// Blocks and votes of keys that are not active count nowhere.
#[test]
fn report_is_refused_when_key_is_not_active_in_session() {
	for engine in [BABE, GRANDPA] {
		with_chain(|chain| {
			let (old, new) = (genesis_keys(AliceStash), Keys::new("new"));
			run_to_session(chain, 1);
			rotate(chain, AliceStash, &new);
			let too_early = Equivocation::now(engine, &new);
			run_to_session(chain, 3);
			let too_late = Equivocation::now(engine, &old);
			let stranger = Equivocation::now(engine, &Keys::new("stranger"));
			for (session, equivocation) in [(1, too_early), (3, too_late), (3, stranger)] {
				assert_eq!(equivocation.key_owner_proof(), None);
				assert_refused(&equivocation, KeyOwnerProof { session, validator_count: 4 });
			}
		});
	}
}

/// The more validators there are, the less is slashed.
#[test]
fn proof_is_refused_with_wrong_validator_count() {
	for engine in [BABE, GRANDPA] {
		with_chain(|chain| {
			run_to_session(chain, 1);
			let equivocation = Equivocation::now(engine, &genesis_keys(AliceStash));
			let proof = equivocation.key_owner_proof().expect("the key is active");
			for validator_count in [0, 3, 5, u32::MAX] {
				assert_refused(&equivocation, KeyOwnerProof { validator_count, ..proof });
			}
			assert_eq!(bonded(AliceStash), STAKE);
		});
	}
}

/// BABE and GRANDPA compare the session of the proof with that of the equivocation.
#[test]
fn proof_is_refused_for_another_session() {
	with_chain(|chain| {
		let keys = genesis_keys(AliceStash);
		run_to_session(chain, 1);
		rotate(chain, BobStash, &Keys::new("new"));
		let (block, vote) = (Equivocation::now(BABE, &keys), Equivocation::now(GRANDPA, &keys));
		run_to_session(chain, 3);
		let proof = KeyOwnerProof { session: 3, validator_count: 4 };
		for equivocation in [block, vote] {
			let outcome = equivocation.report(proof.clone());
			assert!(!matches!(outcome, Ok(Ok(()))), "{outcome:?}");
			assert_eq!(bonded(AliceStash), STAKE);
		}
	});
}

/// When no block is made for whole epochs, epochs and sessions are numbered apart.
#[test]
fn babe_equivocation_is_slashed_after_skipped_epochs() {
	for gaps in 0..3 {
		for reported_at_once in [true, false] {
			with_chain(|chain| {
				run_to_session(chain, 1);
				for _ in 0..gaps {
					chain.slot += 7 * EPOCH;
					next_block(chain);
					next_block(chain);
				}
				let equivocation = Equivocation::now(BABE, &genesis_keys(AliceStash));
				if !reported_at_once {
					chain.slot += 3 * EPOCH;
					next_block(chain);
				}
				assert_slashed(chain, AliceStash, &equivocation);
			});
		}
	}
}

#[test]
fn proof_contains_stake_of_its_session() {
	with_eras(2, |chain| {
		let key = (sp_core::crypto::key_types::BABE, genesis_keys(AliceStash).sr25519.public());
		let bond = pallet_bonds::Call::bond_more { kind: Validator, amount: ETS };
		assert_ok!(chain.apply(AliceStash, bond.into()).expect("it is valid"));
		run_to_session(chain, 1);
		let before = KeyOwners::prove(key).expect("the key is active");
		run_to_session(chain, 2);
		let after = KeyOwners::prove(key).expect("the key is active");
		for (proof, stake) in [(before, STAKE), (after, STAKE + ETS)] {
			assert_eq!(KeyOwners::check_proof(key, proof), Some((AliceStash.to_account_id(), stake)));
		}
	});
}

/// The session pallet returns an empty key for a type that it does not know.
#[test]
fn key_owner_is_none_for_unknown_key_type() {
	with_chain(|_| {
		let key = (KeyTypeId(*b"none"), Vec::new());
		assert_eq!(KeyOwners::prove(key.clone()), None);
		assert_eq!(KeyOwners::check_proof(key, KeyOwnerProof { session: 0, validator_count: 4 }), None);
	});
}

#[test]
fn records_are_kept_for_evidence_sessions() {
	with_chain(|_| {
		let kept = <Runtime as Config>::EvidenceSessions::get();
		let start = <NoteKeyOwners<Runtime, ()> as SessionManager<AccountId>>::start_session;
		(1..kept).for_each(start);
		assert_eq!(Records::<Runtime>::iter_keys().count() as u32, kept);
		for session in kept..kept + 10 {
			start(session);
			assert_eq!(Records::<Runtime>::iter_keys().count() as u32, kept);
			assert!(Records::<Runtime>::contains_key(session));
			assert!(!Records::<Runtime>::contains_key(session - kept));
			assert!(Records::<Runtime>::contains_key(session - kept + 1));
		}
	});
}

/// A set that lives as long as elections fail has more sessions than there are records.
#[test]
fn search_for_set_is_limited_to_sessions_with_records() {
	with_chain(|_| {
		let kept = <Runtime as Config>::EvidenceSessions::get();
		let sessions = |last| {
			pallet_grandpa::SetIdSession::<Runtime>::insert(0, last);
			encrytrust_runtime::key_owners::sessions_of_set::<Runtime>(0)
		};
		assert_eq!(sessions(0), Some(0..=0));
		assert_eq!(sessions(kept - 1), Some(0..=kept - 1));
		assert_eq!(sessions(kept), Some(1..=kept));
		assert_eq!(sessions(u32::MAX), Some(u32::MAX - kept..=u32::MAX));
		assert_eq!(encrytrust_runtime::key_owners::sessions_of_set::<Runtime>(1), None);
	});
}
