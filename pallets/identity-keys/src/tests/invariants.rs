//! Over any sequence of calls, the invariants hold, and the pallet agrees with a small model.

use super::*;
use proptest::{prelude::*, test_runner::TestRunner};
use std::{cell::Cell, collections::BTreeMap};

/// Random actions. Numbers choose among what exists, modulo its count.
#[derive(Clone, Debug)]
enum Step {
	Pass(u8),
	Request {
		who: u8,
		key: u8,
		node: u8,
	},
	Issue {
		id: u8,
		node: u8,
	},
	Refuse {
		id: u8,
		node: u8,
	},
	Expire(u8),
	/// With a proof for `proven` by `prover`.
	Revoke {
		id: u8,
		proven: u8,
		who: u8,
		prover: u8,
	},
	Rotate {
		id: u8,
		who: u8,
		prover: u8,
		key: u8,
	},
	RevokeMany {
		who: u8,
		revocations: Vec<(u8, u8)>,
	},
	Node {
		node: u8,
		appoint: bool,
	},
}

fn step() -> impl Strategy<Value = Step> {
	let (a, b, c, d) = (any::<u8>(), any::<u8>(), 0..3u8, any::<u8>());
	// Mostly the same account, so that proofs are mostly valid.
	let prover = prop_oneof![3 => Just(0u8), 1 => any::<u8>()];
	prop_oneof![
		3 => (1..LIFETIME as u8 + 5).prop_map(Step::Pass),
		6 => (a, b, c.clone()).prop_map(|(who, key, node)| Step::Request { who, key, node }),
		6 => (a, c.clone()).prop_map(|(id, node)| Step::Issue { id, node }),
		2 => (a, c.clone()).prop_map(|(id, node)| Step::Refuse { id, node }),
		3 => a.prop_map(Step::Expire),
		3 => (a, prover.clone(), b, prover.clone())
			.prop_map(|(id, other, who, prover)| Step::Revoke { id, proven: other, who, prover }),
		4 => (a, b, prover, d).prop_map(|(id, who, prover, key)| Step::Rotate { id, who, prover, key }),
		2 => (a, prop::collection::vec((b, c.clone()), 1..4))
			.prop_map(|(who, revocations)| Step::RevokeMany { who, revocations }),
		2 => (c, any::<bool>()).prop_map(|(node, appoint)| Step::Node { node, appoint }),
	]
}

/// The model: the expected status of each key, and the keys by account.
#[derive(Default)]
struct Model {
	histories: BTreeMap<KeyId, HistoryOf<Test>>,
	revoked: u32,
	rotated: u32,
	expired: u32,
	refused: u32,
	dismissed: u32,
}

fn anyone(number: u8) -> AccountId {
	[OWNER, OTHER, STRANGER, RELAY][usize::from(number % 4)].clone()
}

fn node(number: u8) -> AccountId {
	[NODE, NODE, OTHER_NODE][usize::from(number % 3)].clone()
}

fn id(number: u8) -> KeyId {
	u64::from(number) % NextKeyId::<Test>::get().max(1)
}

/// A proof for the key, if it exists.
fn try_proof(id: KeyId, who: &AccountId, new_terms: Option<KeyTerms>) -> Vec<u8> {
	IdentityKeys::statement(id, who, new_terms).map(|statement| proof_of(statement, 0)).unwrap_or_default()
}

fn is_active(id: KeyId) -> bool {
	Keys::<Test>::get(id).is_some_and(|key| key.status == KeyStatus::Active)
}

impl Model {
	fn act(&mut self, step: Step) {
		match step {
			Step::Pass(blocks) => pass(blocks.into()),
			Step::Request { who, key, node: asked } => {
				let who = anyone(who);
				let terms = terms(key);
				let standing = IdentityKeys::standing(&who);
				let free = standing.requested.is_none() && !standing.active;
				let possible = free
					&& AuthenticationNodes::<Test>::contains_key(node(asked))
					&& !IssuedKeys::<Test>::contains_key(terms.public_key);
				assert_eq!(request_key(who, terms, node(asked)).is_ok(), possible);
			},
			Step::Issue { id: number, node: by } => {
				let id = id(number);
				let by = node(by);
				let possible = Requests::<Test>::get(id).is_some_and(|request| {
					request.node == by
						&& AuthenticationNodes::<Test>::contains_key(&by)
						&& System::block_number() <= request.expires_at
						&& !IssuedKeys::<Test>::contains_key(request.terms.public_key)
				});
				let done = IdentityKeys::issue_key(signed(by), id);
				assert_eq!((done.is_ok(), possible && is_active(id)), (possible, possible));
				self.dismissed += u32::from(done == Err(Error::NodeDismissed.into()));
			},
			Step::Refuse { id: number, node: by } => {
				self.refused += u32::from(IdentityKeys::refuse_key(signed(node(by)), id(number)).is_ok());
			},
			Step::Expire(number) => {
				self.expired += u32::from(IdentityKeys::expire_request(signed(RELAY), id(number)).is_ok());
			},
			Step::Revoke { id: number, proven, who, prover } => {
				let proven = id(number.wrapping_add(proven));
				let id = id(number);
				let prover = anyone(who.wrapping_add(prover));
				let who = anyone(who);
				let good = is_active(id) && id == proven && who == prover;
				let proof = try_proof(proven, &prover, None);
				assert_eq!(IdentityKeys::revoke_key(signed(who), id, proof).is_ok(), good);
				self.revoked += u32::from(good);
			},
			Step::Rotate { id: number, who, prover, key } => {
				let id = id(number);
				let terms = terms(key);
				let prover = anyone(who.wrapping_add(prover));
				let who = anyone(who);
				let good = is_active(id) && who == prover && !IssuedKeys::<Test>::contains_key(terms.public_key);
				let proof = try_proof(id, &prover, Some(terms));
				assert_eq!(rotate_key(who, id, proof, terms).is_ok(), good);
				self.rotated += u32::from(good);
			},
			Step::RevokeMany { who, revocations } => {
				let who = anyone(who);
				let prove = |(number, bad): (u8, u8)| {
					let by = if bad == 0 { NOBODY } else { who.clone() };
					(id(number), try_proof(id(number), &by, None))
				};
				let batch = BoundedVec::truncate_from(revocations.into_iter().map(prove).collect());
				assert_ok!(IdentityKeys::revoke_keys(signed(who), batch));
			},
			Step::Node { node: number, appoint } => {
				let root = RuntimeOrigin::root();
				let _ = match appoint {
					true => IdentityKeys::appoint_node(root, node(number)),
					false => IdentityKeys::dismiss_node(root, node(number)),
				};
			},
		}
		self.check();
	}

	/// Check the invariants, and that histories only grow.
	fn check(&mut self) {
		check_invariants();
		for (id, history) in Histories::<Test>::iter() {
			let before = self.histories.insert(id, history.clone()).unwrap_or_default();
			assert!(history.starts_with(&before), "the history of {id} was rewritten");
		}
		assert!(self.histories.keys().all(Keys::<Test>::contains_key), "a key was forgotten");
	}

	/// From any state, all requests can be removed and all keys revoked, and what is on hold then is the keys' deposits.
	fn wind_up(mut self) {
		pass(LIFETIME + 1);
		for id in 0..NextKeyId::<Test>::get() {
			if Requests::<Test>::contains_key(id) {
				assert_ok!(IdentityKeys::expire_request(signed(RELAY), id));
			}
			if is_active(id) {
				assert_ok!(IdentityKeys::revoke_key(signed(RELAY), id, proof(id, &RELAY, None)));
			}
		}
		self.check();
		let deposits: Balance = Keys::<Test>::iter_values().map(|key| key.deposit).sum();
		assert_eq!(funded().map(|who| held(&who)).sum::<Balance>(), deposits);
	}
}

#[test]
fn invariants_hold_over_any_sequence_of_calls() {
	let seen: [Cell<u32>; 5] = Default::default();
	let names = ["revocations", "rotations", "expiries", "refusals", "dismissed nodes"];
	let run = |steps: Vec<Step>| {
		ExtBuilder.build().execute_with(|| {
			let mut model = Model::default();
			steps.into_iter().for_each(|step| model.act(step));
			let counts = [model.revoked, model.rotated, model.expired, model.refused, model.dismissed];
			seen.iter().zip(counts).for_each(|(cell, count)| cell.set(cell.get() + count));
			model.wind_up();
		});
		Ok(())
	};
	// A sequence that random ones may not reach: a node is dismissed while a request to it is open.
	let request = Step::Request { who: 0, key: 1, node: 0 };
	run(vec![request, Step::Node { node: 0, appoint: false }, Step::Issue { id: 0, node: 0 }])
		.unwrap_or_else(|error: TestCaseError| panic!("{error}"));
	let config = ProptestConfig { cases: 32, source_file: Some(file!()), ..Default::default() };
	let steps = prop::collection::vec(step(), 1..60);
	TestRunner::new(config).run(&steps, run).unwrap_or_else(|error| panic!("{error}"));
	// The test would be worth little if these events never happened.
	for (name, count) in names.iter().zip(&seen) {
		assert!(count.get() > 0, "there were no {name}");
	}
}
