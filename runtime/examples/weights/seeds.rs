//! Where the search begins: for each call inputs that go through its branches, as large and as nested as may be.

use crate::{
	calls::{
		Arg::{self, Bytes, Encoded, Items, Number, Variant},
		Calls,
	},
	faults,
	input::{Input, Origin},
	scene::{self, account, bytes, Scene, KEYS, MEMBERS, NOW, PARTIES},
};
use codec::{Compact, Encode};
use encrytrust_fault_proofs::{wire::Entry, Message};
use encrytrust_runtime::{KeyOwners, Runtime, RuntimeCall, ETS};
use encrytrust_types::{
	identity::DEV_VERIFYING_KEY,
	job::{DeclineReason, Offer, Role, Stage, Template, TemplateKind},
	merkle::Path,
};
use frame_support::{traits::KeyOwnerProofSystem, BoundedVec};
use sp_core::{ed25519, Pair, H256};
use sp_io::hashing::blake2_256;

type Bmpc = pallet_bmpc::Call<Runtime>;
type IdentityKeys = pallet_identity_keys::Call<Runtime>;

/// Bytes that a transaction can carry, beside itself.
pub(crate) const MAX_BYTES: usize = 3_931_000;
/// Bytes of a call within a call that leave room for the rest.
const LONGEST: usize = 3_920_000;

/// Collects inputs.
struct Seeds<'a> {
	calls: &'a Calls,
	scene: &'a mut Scene,
	inputs: Vec<Input>,
}

/// The first inputs of all calls.
pub(crate) fn seeds(calls: &Calls, scene: &mut Scene) -> Vec<Input> {
	let mut seeds = Seeds { calls, scene, inputs: Vec::new() };
	seeds.system();
	seeds.money();
	seeds.consensus();
	seeds.voting_nodes();
	seeds.later();
	seeds.wrappers();
	seeds.multisig();
	seeds.proxy();
	seeds.staking_and_tokens();
	seeds.registrations();
	seeds.jobs();
	seeds.reports();
	seeds.answers();
	seeds.identity();
	seeds.inputs.retain(|input| input.call.len() <= MAX_BYTES);
	seeds.inputs
}

impl Seeds<'_> {
	fn add(&mut self, origin: Origin, call: Vec<u8>) {
		self.inputs.push(Input { origin, call });
	}

	fn named(&mut self, origin: Origin, name: &str, arguments: &[Arg]) {
		let call = self.calls.encode(name, arguments);
		self.add(origin, call);
	}

	fn by(&mut self, who: &str, name: &str, arguments: &[Arg]) {
		self.named(signed(who), name, arguments);
	}

	fn root(&mut self, name: &str, arguments: &[Arg]) {
		self.named(Origin::Root, name, arguments);
	}

	fn native(&mut self, who: &str, call: impl Into<RuntimeCall>) {
		self.add(signed(who), call.into().encode());
	}

	/// A short call that does nothing.
	fn remark(&self, length: usize) -> Vec<u8> {
		self.calls.encode("System.remark", &[Bytes(vec![0; length])])
	}

	/// So many calls in one.
	fn batch(&self, name: &str, call: &[u8], count: usize) -> Vec<u8> {
		self.calls.encode(name, &[Items(vec![Encoded(call.to_vec()); count])])
	}

	fn system(&mut self) {
		for length in [0, 1, 256, 100_000, LONGEST] {
			for who in ["stranger", "ed25519:stranger", "ecdsa:stranger"] {
				self.by(who, "System.remark", &[Bytes(vec![0; length])]);
			}
			self.by("stranger", "System.remark_with_event", &[Bytes(vec![0; length])]);
			self.by("stranger", "System.apply_authorized_upgrade", &[Bytes(vec![0; length])]);
			self.root("System.set_code", &[Bytes(vec![0; length])]);
			self.root("System.set_code_without_checks", &[Bytes(vec![0; length])]);
			self.by("stranger", "Preimage.note_preimage", &[Bytes(vec![0; length])]);
			self.root("Preimage.note_preimage", &[Bytes(vec![1; length])]);
		}
		self.root("System.set_heap_pages", &[Number(64)]);
		let hash = || Bytes(vec![8; 32]);
		self.root("System.authorize_upgrade", &[hash()]);
		self.root("System.authorize_upgrade_without_checks", &[hash()]);
		for count in [0, 1, 1_000, 10_000] {
			let key = |index: u32| Bytes(index.encode());
			let pairs = (0..count).map(|index| Items(vec![key(index), Bytes(vec![])])).collect();
			self.root("System.set_storage", &[Items(pairs)]);
			self.root("System.kill_storage", &[Items((0..count).map(key).collect())]);
		}
		// Not that of the system, where the weight that is charged is written down.
		let prefix = sp_io::hashing::twox_128(b"Bmpc");
		for subkeys in [0u32, 1, 1_000, u32::MAX] {
			self.root("System.kill_prefix", &[Bytes(prefix.to_vec()), Number(subkeys.into())]);
		}
		self.named(Origin::Bare, "Timestamp.set", &[Number(u128::from(self.scene.slot) * 1_000)]);
	}

	fn money(&mut self) {
		let new = || Bytes(vec![77; 32]);
		for (who, value) in [("stranger", ETS), ("stranger", u128::MAX), ("user", ETS), ("proxied", 0)] {
			for to in [new(), bytes(account("user"))] {
				self.by(who, "Balances.transfer_allow_death", &[to.clone(), Number(value)]);
				self.by(who, "Balances.transfer_keep_alive", &[to, Number(value)]);
			}
			self.by(who, "Balances.burn", &[Number(value), Number(0)]);
			self.root("Balances.force_transfer", &[bytes(account(who)), new(), Number(value)]);
			self.root("Balances.force_set_balance", &[bytes(account(who)), Number(value)]);
			self.root("Balances.force_unreserve", &[bytes(account(who)), Number(value)]);
		}
		self.by("stranger", "Balances.transfer_all", &[new(), Number(0)]);
		self.by("owner0", "Balances.transfer_all", &[new(), Number(1)]);
		self.root("Balances.force_adjust_total_issuance", &[Variant("Increase", vec![]), Number(1)]);
		for count in [0, 1, 1_000] {
			let existing = scene::names().iter().cycle().take(count).map(|name| bytes(account(name))).collect();
			self.by("stranger", "Balances.upgrade_accounts", &[Items(existing)]);
			let others = (0..100 * count as u32).map(|index| bytes(blake2_256(&index.encode()))).collect();
			self.by("stranger", "Balances.upgrade_accounts", &[Items(others)]);
		}
	}

	fn consensus(&mut self) {
		let (alice, alice_grandpa) = (scene::pair("Alice"), ed25519_pair("Alice"));
		let (babe_proof, grandpa_proof) = self.scene.state.execute_with(|| {
			let babe = (sp_core::crypto::key_types::BABE, alice.public().to_vec());
			let grandpa = (sp_core::crypto::key_types::GRANDPA, alice_grandpa.public().to_vec());
			(KeyOwners::prove(babe), KeyOwners::prove(grandpa))
		});
		let (babe_proof, grandpa_proof) = (babe_proof.expect("a validator"), grandpa_proof.expect("a validator"));
		let (babe, grandpa) = (self.babe_equivocation(0), grandpa_equivocation());
		let long_digests = [14, 200_000].map(|items| self.babe_equivocation(items));
		for suffix in ["", "_unsigned"] {
			let origin = || if suffix.is_empty() { signed("stranger") } else { Origin::Bare };
			for evidence in &long_digests {
				let arguments = [Encoded(evidence.clone()), Encoded(babe_proof.encode())];
				self.named(origin(), &format!("Babe.report_equivocation{suffix}"), &arguments);
			}
			for (pallet, evidence, proof) in [("Babe", &babe, &babe_proof), ("Grandpa", &grandpa, &grandpa_proof)] {
				let name = format!("{pallet}.report_equivocation{suffix}");
				let mut proof = proof.clone();
				self.named(origin(), &name, &[Encoded(evidence.clone()), Encoded(proof.encode())]);
				proof.session += 1;
				self.named(origin(), &name, &[Encoded(evidence.clone()), Encoded(proof.encode())]);
			}
		}
		let config = vec![Items(vec![Number(1), Number(4)]), Variant("PrimarySlots", vec![])];
		self.root("Babe.plan_config_change", &[Variant("V1", config)]);
		self.root("Grandpa.note_stalled", &[Number(1_000), Number(1)]);
		let keys = [alice.public().0, alice_grandpa.public().0, alice.public().0].concat();
		for who in ["AliceStash", "stranger"] {
			let statement = [&b"POP_"[..], account(who).as_ref()].concat();
			let proof = (alice.sign(&statement), alice_grandpa.sign(&statement), alice.sign(&statement)).encode();
			self.by(who, "Session.set_keys", &[Encoded(keys.clone()), Bytes(proof)]);
			let (new, new_grandpa) = (scene::pair("new"), ed25519_pair("new"));
			let keys = [new.public().0, new_grandpa.public().0, new.public().0].concat();
			let proof = (new.sign(&statement), new_grandpa.sign(&statement), new.sign(&statement)).encode();
			self.by(who, "Session.set_keys", &[Encoded(keys.clone()), Bytes(proof)]);
			self.by(who, "Session.set_keys", &[Encoded(keys), Bytes(vec![0; 1_000_000])]);
			self.by(who, "Session.purge_keys", &[]);
		}
	}

	/// Two headers of one slot, signed by the same key, with so many digest items beside those that they need.
	fn babe_equivocation(&self, items: usize) -> Vec<u8> {
		use sp_consensus_babe::{
			digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest},
			EquivocationProof,
		};
		use sp_runtime::{traits::Header as _, Digest, DigestItem};
		let slot = self.scene.slot.into();
		let header = |byte| {
			let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index: 0, slot });
			let mut logs = vec![DigestItem::RuntimeEnvironmentUpdated; items];
			logs.push(DigestItem::babe_pre_digest(pre_digest));
			let digest = Digest { logs };
			let zero = H256::zero();
			let mut header = encrytrust_runtime::Header::new(NOW, zero, H256::repeat_byte(byte), zero, digest);
			let seal = scene::pair("Alice").sign(header.hash().as_ref());
			header.digest.push(DigestItem::babe_seal(seal.into()));
			header
		};
		let offender = scene::pair("Alice").public().into();
		EquivocationProof { offender, slot, first_header: header(1), second_header: header(2) }.encode()
	}

	fn voting_nodes(&mut self) {
		let [open, approved, disapproved] = self.scene.motions.clone();
		let member = "member99";
		let members = |count: u32| Items((0..count).map(|index| bytes(account(&format!("member{index}")))).collect());
		for length in [0, 64, 100_000, LONGEST] {
			let remark = self.remark(length);
			let bound = Number(remark.len() as u128);
			self.by(member, "VotingNodes.execute", &[Encoded(remark.clone()), bound.clone()]);
			for threshold in [1, 2, 67] {
				let arguments = [Number(threshold), Encoded(remark.clone()), bound.clone()];
				self.by(member, "VotingNodes.propose", &arguments);
			}
		}
		for depth in [4, 250] {
			let nested = self.nested("Utility.batch", self.remark(0), depth);
			let bound = Number(nested.len() as u128);
			self.by(member, "VotingNodes.execute", &[Encoded(nested.clone()), bound.clone()]);
			self.by(member, "VotingNodes.propose", &[Number(2), Encoded(nested), bound]);
		}
		for (hash, index, proposal) in [&open, &approved, &disapproved] {
			let (index, length) = (Number((*index).into()), Number(proposal.len() as u128));
			let weight = Items(vec![Number(10_000_000_000), Number(1_000_000)]);
			for approve in [0, 1] {
				self.by(member, "VotingNodes.vote", &[bytes(hash), index.clone(), Number(approve)]);
			}
			self.by("stranger", "VotingNodes.close", &[bytes(hash), index, weight, length]);
			self.root("VotingNodes.disapprove_proposal", &[bytes(hash)]);
			self.root("VotingNodes.kill", &[bytes(hash)]);
			self.by("stranger", "VotingNodes.release_proposal_cost", &[bytes(hash)]);
		}
		for count in [0, 1, MEMBERS] {
			let old = Number(MEMBERS.into());
			self.root("VotingNodes.set_members", &[members(count), Variant("None", vec![]), old]);
			self.root("VotingNodesMembership.reset_members", &[members(count)]);
		}
		let (one, new) = (|| bytes(account("member50")), || bytes(account("stranger")));
		self.root("VotingNodesMembership.add_member", &[new()]);
		self.root("VotingNodesMembership.remove_member", &[one()]);
		self.root("VotingNodesMembership.swap_member", &[one(), new()]);
		self.root("VotingNodesMembership.set_prime", &[one()]);
		self.root("VotingNodesMembership.clear_prime", &[]);
		self.by(member, "VotingNodesMembership.change_key", &[new()]);
		self.root("Whitelist.whitelist_call", &[Bytes(vec![8; 32])]);
		self.root("Whitelist.remove_whitelisted_call", &[Bytes(vec![1; 32])]);
		let weight = Items(vec![Number(1_000_000), Number(0)]);
		let arguments = [Bytes(vec![1; 32]), Number(1_000), weight];
		self.root("Whitelist.dispatch_whitelisted_call", &arguments);
		self.root("Whitelist.dispatch_whitelisted_call_with_preimage", &[Encoded(self.remark(100_000))]);
		self.root("Whitelist.remove_deferred_dispatch", &[Bytes(vec![1; 32])]);
		self.by("stranger", "Whitelist.remove_deferred_dispatch", &[Bytes(vec![1; 32])]);
	}

	/// Preimages and tasks.
	fn later(&mut self) {
		let preimages = self.scene.preimages.clone();
		for preimage in &preimages {
			let hash = || bytes(blake2_256(preimage));
			self.by("stranger", "Preimage.note_preimage", &[Bytes(preimage.clone())]);
			self.by("stranger", "Preimage.unnote_preimage", &[hash()]);
			self.root("Preimage.unnote_preimage", &[hash()]);
			self.root("Preimage.request_preimage", &[hash()]);
			self.root("Preimage.unrequest_preimage", &[hash()]);
		}
		for count in [0, 1, 1_024] {
			let hashes = preimages.iter().cycle().take(count).map(|preimage| bytes(blake2_256(preimage))).collect();
			self.by("stranger", "Preimage.ensure_updated", &[Items(hashes)]);
		}
		let (none, id) = (|| Variant("None", vec![]), || Bytes(vec![3; 32]));
		for (length, when) in [(16, NOW + 10), (100_000, NOW + 20)] {
			let (call, when) = (Encoded(self.remark(length)), Number(when.into()));
			let tail = [none(), Number(0), call];
			self.root("Scheduler.schedule", &[std::slice::from_ref(&when), &tail[..]].concat());
			self.root("Scheduler.schedule_after", &[&[Number(9)], &tail[..]].concat());
			self.root("Scheduler.schedule_named", &[&[Bytes(vec![88; 32]), when], &tail[..]].concat());
			self.root("Scheduler.schedule_named_after", &[&[Bytes(vec![89; 32]), Number(9)], &tail[..]].concat());
		}
		let when = || Number((NOW + 10).into());
		for index in [0, 1, 48] {
			let task = || Items(vec![when(), Number(index)]);
			self.root("Scheduler.cancel", &[when(), Number(index)]);
			self.root("Scheduler.set_retry", &[task(), Number(3), Number(1)]);
			self.root("Scheduler.cancel_retry", &[task()]);
		}
		self.root("Scheduler.cancel_named", &[id()]);
		self.root("Scheduler.set_retry_named", &[id(), Number(3), Number(1)]);
		self.root("Scheduler.cancel_retry_named", &[id()]);
		let call = || Encoded(self.remark(16));
		let weight = || Items(vec![Number(1_000), Number(0)]);
		let arguments = [call(), weight(), call()];
		self.by("Alice", "Sudo.sudo", &arguments[..1]);
		self.by("stranger", "Sudo.sudo", &arguments[..1]);
		self.by("Alice", "Sudo.sudo_unchecked_weight", &arguments[..2]);
		self.by("Alice", "Sudo.sudo_as", &[bytes(account("user")), arguments[2].clone()]);
		self.by("Alice", "Sudo.set_key", &[bytes(account("user"))]);
		self.by("Alice", "Sudo.remove_key", &[]);
	}

	/// A call within so many calls that take a list, or one.
	fn nested(&self, name: &str, call: Vec<u8>, depth: usize) -> Vec<u8> {
		(0..depth).fold(call, |call, _| {
			let call = Encoded(call);
			let arguments = match name {
				"Utility.as_derivative" => vec![Number(0), call],
				"Utility.if_else" => vec![call, Encoded(self.remark(0))],
				"Proxy.proxy" => vec![bytes(account("proxied")), Variant("None", vec![]), call],
				"Multisig.as_multi_threshold_1" => vec![Items(vec![Bytes(vec![0; 32])]), call],
				"Whitelist.dispatch_whitelisted_call_with_preimage" => vec![call],
				_ => vec![Items(vec![call])],
			};
			self.calls.encode(name, &arguments)
		})
	}

	/// Calls in calls.
	fn wrappers(&mut self) {
		let none = Variant("system", vec![Variant("None", vec![])]);
		let root = Variant("system", vec![Variant("Root", vec![])]);
		let failing = self.calls.encode("Balances.transfer_allow_death", &[Bytes(vec![1; 32]), Number(u128::MAX)]);
		let transfer = self.calls.encode("Balances.transfer_allow_death", &[Bytes(vec![77; 32]), Number(ETS)]);
		let inner = [self.remark(0), self.remark(100_000), failing, transfer];
		for name in ["Utility.batch", "Utility.batch_all", "Utility.force_batch"] {
			for call in &inner[..1] {
				for count in [0, 1, 100, 1_000, 10_922] {
					let batch = self.batch(name, call, count);
					self.add(signed("stranger"), batch);
				}
			}
			for call in &inner[2..] {
				for count in [1, 100, 1_000] {
					let batch = self.batch(name, call, count);
					self.add(signed("stranger"), batch);
				}
			}
			// The first fails, and those behind it are decoded for nothing.
			for count in [100, 1_000, 10_921] {
				let items = std::iter::once(&inner[2]).chain(std::iter::repeat_n(&inner[0], count));
				let items = items.map(|call| Encoded(call.clone())).collect();
				self.by("stranger", name, &[Items(items)]);
			}
			for (depth, width) in [(3, 1), (5, 1), (5, 1_000), (5, 5_000), (5, 10_922), (240, 5_000)] {
				let nested = self.nested(name, self.batch(name, &inner[0], width), depth);
				self.add(signed("stranger"), nested);
			}
		}
		for name in ["Utility.as_derivative", "Utility.if_else", "Multisig.as_multi_threshold_1", "Proxy.proxy"] {
			let who = if name == "Proxy.proxy" { "proxy0" } else { "stranger" };
			for call in &inner {
				for depth in [1, 5] {
					let nested = self.nested(name, call.clone(), depth);
					self.add(signed(who), nested);
				}
			}
			for (depth, width) in [(5, 1), (5, 1_000), (5, 10_000), (240, 1_000)] {
				let nested = self.nested(name, self.batch("Utility.batch", &inner[0], width), depth);
				self.add(signed(who), nested);
			}
		}
		// Some calls weigh their content again when they are dispatched, others encode it whenever they are weighed.
		for outer in ["Utility.batch", "Utility.as_derivative"] {
			for encoding in ["Multisig.as_multi_threshold_1", "Whitelist.dispatch_whitelisted_call_with_preimage"] {
				for leaf in [self.remark(3_000_000), self.batch("Utility.batch", &inner[0], 10_922)] {
					for (outside, inside) in [(2, 3), (3, 2), (1, 4), (120, 120)] {
						let nested = self.nested(outer, self.nested(encoding, leaf.clone(), inside), outside);
						self.add(signed("stranger"), nested);
					}
				}
			}
		}
		let items = [&inner[0], &inner[2]].map(|call| Encoded(call.clone()));
		let failing = self.calls.encode("Utility.batch_all", &[Items(items.to_vec())]);
		for call in inner.iter().chain([&failing]) {
			let call = || Encoded(call.clone());
			for origin in [&none, &root] {
				self.root("Utility.dispatch_as", &[origin.clone(), call()]);
				self.root("Utility.dispatch_as_fallible", &[origin.clone(), call()]);
			}
			let weight = Items(vec![Number(1_000_000_000), Number(0)]);
			self.root("Utility.with_weight", &[call(), weight]);
			self.by("stranger", "Utility.if_else", &[Encoded(inner[2].clone()), call()]);
		}
	}

	fn multisig(&mut self) {
		let weight = || Items(vec![Number(1_000_000_000), Number(1_000_000)]);
		let none = || Variant("None", vec![]);
		let point = || Items(vec![Number((NOW - 1).into()), Number(0)]);
		let hash = || Bytes(vec![9; 32]);
		for count in [1, 50, 99] {
			let others = || Items(scene::signatories().into_iter().take(count).map(bytes).collect());
			for length in [0, 100_000, LONGEST] {
				let remark = || Encoded(self.remark(length));
				let arguments = [others(), remark()];
				let multi = |threshold| [Number(threshold), others(), none(), remark(), weight()];
				let multis = [1, 2, 50].map(multi);
				self.by("stranger", "Multisig.as_multi_threshold_1", &arguments);
				multis.iter().for_each(|multi| self.by("stranger", "Multisig.as_multi", multi));
			}
			for (hash, point) in [(hash(), point()), (hash(), none()), (Bytes(vec![1; 32]), none())] {
				let arguments = [Number(50), others(), point, hash, weight()];
				self.by("stranger", "Multisig.approve_as_multi", &arguments);
			}
			self.by("stranger", "Multisig.cancel_as_multi", &[Number(50), others(), point(), hash()]);
			self.by("stranger", "Multisig.poke_deposit", &[Number(50), others(), hash()]);
		}
	}

	fn proxy(&mut self) {
		let (any, none) = (|| Variant("Any", vec![]), || Variant("None", vec![]));
		let proxied = || bytes(account("proxied"));
		for who in ["proxy0", "stranger"] {
			for length in [0, 100_000, LONGEST] {
				self.by(who, "Proxy.proxy", &[proxied(), none(), Encoded(self.remark(length))]);
				let arguments = [bytes(account(who)), proxied(), none(), Encoded(self.remark(length))];
				self.by("user", "Proxy.proxy_announced", &arguments);
			}
		}
		let new = || bytes(account("user"));
		for who in ["proxied", "user"] {
			self.by(who, "Proxy.add_proxy", &[new(), any(), Number(0)]);
			self.by(who, "Proxy.add_proxy", &[bytes(account("member1")), any(), Number(1)]);
			self.by(who, "Proxy.remove_proxy", &[bytes(account("stranger")), any(), Number(0)]);
			self.by(who, "Proxy.remove_proxies", &[]);
			self.by(who, "Proxy.reject_announcement", &[bytes(account("stranger")), Bytes(vec![30; 32])]);
			self.by(who, "Proxy.poke_deposit", &[]);
			self.by(who, "Proxy.create_pure", &[any(), Number(0), Number(0)]);
		}
		self.by("stranger", "Proxy.poke_deposit", &[]);
		let hash = || Bytes(vec![30; 32]);
		self.by("stranger", "Proxy.announce", &[proxied(), Bytes(vec![99; 32])]);
		self.by("stranger", "Proxy.remove_announcement", &[proxied(), hash()]);
		let at = [Number((NOW - 1).into()), Number(0)];
		let arguments = [bytes(account("stranger")), any(), Number(0), at[0].clone(), at[1].clone()];
		self.by("stranger", "Proxy.kill_pure", &arguments);
	}

	fn staking_and_tokens(&mut self) {
		for kind in ["Validator", "Service"] {
			for (who, amount) in [("stranger", 20_000 * ETS), ("data0", ETS), ("AliceStash", ETS), ("data0", u128::MAX)]
			{
				let arguments = [Variant(kind, vec![]), Number(amount)];
				self.by(who, "Staking.bond", &arguments);
				self.by(who, "Staking.bond_more", &arguments);
				self.by(who, "Staking.unbond", &arguments);
				self.by(who, "Staking.withdraw", &arguments[..1]);
			}
		}
		for who in ["AliceStash", "stranger"] {
			self.by(who, "Staking.declare", &[]);
			self.by(who, "Staking.chill", &[]);
			self.by("stranger", "Staking.chill_other", &[bytes(account(who))]);
		}
		let parameters = (10u32, 3u32, 1u32, 2u32, 10_000 * ETS, 10 * ETS, ETS, 600u32, 200u32).encode();
		self.root("Staking.set_parameters", &[Encoded(parameters)]);
		let terms = (ETS, NOW, 1u32, 2u32, true).encode();
		for who in ["grantee", "user"] {
			let arguments = [Variant("Ecology", vec![]), bytes(account(who)), Encoded(terms.clone())];
			self.root("TokenAllocation.grant", &arguments);
		}
		for id in [0, 15, 16] {
			self.by("grantee", "TokenAllocation.claim", &[Number(id)]);
			self.root("TokenAllocation.withdraw_grant", &[Number(id)]);
		}
		let policy = (0u32, 100u32, true).encode();
		self.root(
			"TokenAllocation.set_policy",
			&[Variant("Team", vec![]), Encoded(Some(()).encode().into_iter().chain(policy).collect())],
		);
		self.root("TokenAllocation.set_policy", &[Variant("Team", vec![]), Variant("None", vec![])]);
		let fees = encrytrust_traits::fees::FeeSchedule::default().encode();
		self.root("TokenAllocation.set_fees", &[Encoded(fees)]);
		for who in ["tenant", "user"] {
			self.by(who, "TokenAllocation.create_account", &[]);
			self.by(who, "TokenAllocation.upgrade_account", &[Variant("Enterprise", vec![])]);
			for length in [0, 1, 64] {
				self.by(who, "TokenAllocation.register_developer", &[Bytes(vec![b'n'; length])]);
			}
			self.by(who, "TokenAllocation.buy_api_calls", &[Number(u32::MAX.into())]);
			self.by(who, "TokenAllocation.buy_api_calls", &[Number(10)]);
			self.by(who, "TokenAllocation.close_account", &[]);
		}
	}

	fn registrations(&mut self) {
		for length in [1, 256, 384] {
			for fill in [0x5a, 0xff, 0] {
				let mut key = vec![fill; length];
				(key[0], key[length - 1]) = (0xff, 0x5d);
				let paillier = BoundedVec::truncate_from(key);
				let offer = Offer::ComputingProvider { price: 1, paillier, key_proof: [7; 32] };
				for who in ["stranger", "owner0"] {
					let (endpoint, offer) = (scene::endpoint(), offer.clone());
					self.native(who, Bmpc::register_role { endpoint, offer });
				}
				self.native("computing0", Bmpc::update_role { endpoint: scene::endpoint(), offer });
			}
		}
		for (who, role) in [("wide0", Role::DataProvider), ("data0", Role::DataProvider)] {
			self.native(who, Bmpc::unregister_role { role });
		}
		for columns in [1, 256] {
			let (title, schema, policy) = (scene::name(0), scene::schema(columns), scene::policy(6));
			self.native(
				"data0",
				Bmpc::register_dataset { title, schema, rows: 1_000, fingerprint: H256::zero(), price: 1, policy },
			);
		}
		for id in self.scene.data_sets {
			for who in ["data0", "data1"] {
				self.native(who, Bmpc::update_dataset { id, price: 2, policy: scene::policy(5) });
				self.native(who, Bmpc::refresh_dataset { id, rows: 2_000, fingerprint: H256::repeat_byte(1) });
				self.native(who, Bmpc::withdraw_dataset { id });
			}
		}
		let template = Template { name: scene::name(0), kind: TemplateKind::RowSum, retired: false };
		self.add(Origin::Root, RuntimeCall::from(Bmpc::add_template { template }).encode());
		self.root("Bmpc.retire_template", &[Number(6)]);
	}

	fn jobs(&mut self) {
		let request = self.scene.request.clone();
		for length in [256, 384] {
			let mut request = request.clone();
			request.user_key = BoundedVec::truncate_from(vec![0xff; length]);
			self.native("user", Bmpc::request { request });
		}
		self.native("user", Bmpc::request { request });
		let jobs = self.scene.jobs;
		let commitment = scene::commitment;
		let (data, computing) = (format!("data{}", PARTIES - 1), format!("computing{}", PARTIES - 1));
		let hash = self.scene.contract;
		for who in ["coordinator", "stranger"] {
			self.native(who, Bmpc::confirm { job: jobs.confirming, hash });
			self.native(who, Bmpc::confirm { job: jobs.confirming, hash: H256::zero() });
			self.native(who, Bmpc::decline { job: jobs.confirming, reason: DeclineReason::Other });
			self.native(who, Bmpc::commit_selection { job: jobs.selecting, commitment: commitment() });
			self.native(who, Bmpc::commit_result { job: jobs.result, commitment: commitment() });
			self.native(who, Bmpc::commit_inputs { job: jobs.inputs, commitment: commitment() });
			self.native(who, Bmpc::commit_output { job: jobs.outputs, commitment: commitment() });
		}
		self.native(&data, Bmpc::commit_inputs { job: jobs.inputs, commitment: commitment() });
		self.native(&computing, Bmpc::commit_output { job: jobs.outputs, commitment: commitment() });
		for job in [jobs.challenge, jobs.faulty, jobs.confirming] {
			self.native("user", Bmpc::accept { job });
			let who = account("coordinator");
			self.native("user", Bmpc::demand { job, stage: Stage::Result, who: who.clone(), piece: 255 });
			self.native("data0", Bmpc::demand { job, stage: Stage::Selection, who, piece: 1 });
			let who = account("data1");
			self.native("user", Bmpc::demand { job, stage: Stage::Inputs, who, piece: 99 });
		}
		for job in [jobs.clearable, jobs.faulty] {
			self.native("stranger", Bmpc::clear_job { job });
			self.native("user", Bmpc::clear_job { job });
		}
		let stages = [(jobs.settleable, jobs.expired), (jobs.faulty, jobs.inputs)];
		for (settled, expired) in stages {
			for origin in [signed("stranger"), Origin::General] {
				self.add(origin.clone(), RuntimeCall::from(Bmpc::settle { job: settled }).encode());
				self.add(origin.clone(), RuntimeCall::from(Bmpc::expire { job: expired }).encode());
				for (stage, piece) in [(Stage::Inputs, 60), (Stage::Inputs, 1), (Stage::Selection, 0)] {
					let who = account(if stage == Stage::Inputs { "data0" } else { "coordinator" });
					let call = Bmpc::expire_demand { job: jobs.unanswered, stage, who, piece };
					self.add(origin.clone(), RuntimeCall::from(call).encode());
				}
			}
		}
	}

	fn reports(&mut self) {
		for (job, fault) in faults::all(&self.scene.jobs) {
			let call = RuntimeCall::from(Bmpc::report_fault { job, fault: Box::new(fault) }).encode();
			self.add(signed("stranger"), call.clone());
			self.add(Origin::General, call);
		}
	}

	/// Answers to demands: what decodes to much, what is hashed for long, and what is right.
	fn answers(&mut self) {
		let jobs = self.scene.jobs;
		let full = Path::truncate_from(vec![H256::zero(); 32]);
		let mut add = |job, stage, who: &str, bytes: Vec<u8>, path: Path| {
			let (who, bytes) = (account(who), Message::truncate_from(bytes));
			self.native("stranger", Bmpc::answer { job, stage, who, piece: 0, bytes, path });
		};
		for (job, wide) in jobs.wide.into_iter().zip(faults::WIDE) {
			add(job, Stage::Selection, "coordinator", faults::message(wide), Path::default());
			for length in [0, 1_000, 1_023, 1_572_864] {
				add(job, Stage::Selection, "coordinator", vec![1; length], Path::default());
			}
		}
		for length in [0, 1, 1_000, 1_023, 100_000, 1_572_864] {
			for (stage, who) in
				[(Stage::Selection, "coordinator"), (Stage::Inputs, "data0"), (Stage::Outputs, "computing0")]
			{
				for fill in [0, 4, 0xff] {
					add(jobs.faulty, stage, who, vec![fill; length], full.clone());
				}
			}
		}
		let zero = H256::zero();
		let entry =
			|chunks, blocks| Entry { transfer: faults::number(), sealed: zero, chunks, ciphertexts: zero, blocks };
		for count in [0u32, 1, 10_000, 100_000, 500_000, 1_000_000, 1_100_000, 1_500_000] {
			// Empty chunks, no leaves.
			let chunks = vec![vec![0u8; 0]; count as usize].encode();
			let inputs = [entry(count, 0).encode(), chunks, Compact(0u32).encode()].concat();
			add(jobs.faulty, Stage::Inputs, "data0", inputs, full.clone());
			// One tree with as many empty levels, one level with as many empty values, and as many trees without levels.
			for prefix in [vec![1u32], vec![1, 1], vec![]] {
				let mut product: Vec<u8> = prefix.into_iter().flat_map(|count| Compact(count).encode()).collect();
				product.extend(Compact(count).encode());
				product.resize(product.len() + count as usize, 0);
				add(jobs.faulty, Stage::Outputs, "computing0", product.clone(), full.clone());
				add(jobs.weighted, Stage::Outputs, "computing0", product, full.clone());
			}
		}
		for leaves in [1_000u32, 49_000] {
			let inputs = [entry(0, leaves).encode(), vec![0], vec![zero; leaves as usize].encode()].concat();
			add(jobs.faulty, Stage::Inputs, "data0", inputs, full.clone());
		}
		let chunks = vec![vec![7u8; 8_208]; 190];
		let inputs = [entry(190, 0).encode(), chunks.encode(), Compact(0u32).encode()].concat();
		add(jobs.faulty, Stage::Inputs, "data0", inputs, full.clone());
		// Two trees of the right shape, and the one of the weighted sum.
		let widths = [256, 128, 64, 32, 16, 8, 4, 2, 1];
		let levels: Vec<_> = widths.iter().map(|width| vec![faults::number().into_inner(); *width]).collect();
		add(jobs.faulty, Stage::Outputs, "computing0", vec![levels.clone(); 2].encode(), full.clone());
		let widths = [512, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1];
		let levels: Vec<_> = widths.iter().map(|width| vec![faults::number().into_inner(); *width]).collect();
		add(jobs.weighted, Stage::Outputs, "computing0", vec![levels].encode(), Path::default());
	}

	fn identity(&mut self) {
		let [active, asked, over] = self.scene.keys;
		self.root("IdentityKeys.appoint_node", &[bytes(account("stranger"))]);
		self.root("IdentityKeys.dismiss_node", &[bytes(account("Ferdie"))]);
		let node = account("Ferdie");
		for who in ["stranger", "owner0"] {
			self.native(who, IdentityKeys::request_key { terms: scene::terms(1_000), node: node.clone() });
		}
		for key in [asked, over] {
			self.native("Ferdie", IdentityKeys::issue_key { key });
			self.native("Ferdie", IdentityKeys::refuse_key { key });
			self.native("stranger", IdentityKeys::expire_request { key });
		}
		let who = "stranger";
		let proofs: Vec<_> = (0..u64::from(KEYS)).map(|key| self.scene.key_proof(active + key, who, None)).collect();
		let new = scene::terms(2_000);
		let rotation = self.scene.key_proof(active, who, Some(new.public_key));
		for proof in [proofs[0].clone(), proofs[1].clone(), vec![0; 256], vec![0; 100_000], vec![]] {
			self.native(who, IdentityKeys::revoke_key { key: active, proof: proof.clone() });
			self.native(who, IdentityKeys::rotate_key { key: active, proof, terms: new });
		}
		self.native(who, IdentityKeys::rotate_key { key: active, proof: rotation, terms: new });
		let proof_of =
			|index: u64, every: u64| if every > 0 && index.is_multiple_of(every) { (index + 1) % 64 } else { index };
		for count in [0, 1, 2, 8, 63, 64] {
			for every in [0, 1, 2, 8, 64] {
				let item = |index| (active + index, proofs[proof_of(index, every) as usize].clone());
				let revocations = BoundedVec::truncate_from((0..count).map(item).collect());
				self.native(who, IdentityKeys::revoke_keys { revocations });
			}
			let same = BoundedVec::truncate_from(vec![(active, proofs[0].clone()); count as usize]);
			self.native(who, IdentityKeys::revoke_keys { revocations: same });
			let long = BoundedVec::truncate_from(vec![(active, vec![0; 50_000]); count as usize]);
			self.native(who, IdentityKeys::revoke_keys { revocations: long });
		}
		for key in [DEV_VERIFYING_KEY.to_vec(), vec![0; 704], vec![0; 1_000_000], vec![]] {
			self.root("IdentityKeys.set_verifying_key", &[Bytes(key)]);
		}
		for required in [0, 1] {
			self.root("IdentityKeys.set_identity_required", &[Number(required)]);
		}
	}
}

fn signed(who: &str) -> Origin {
	Origin::Signed(who.to_owned())
}

fn ed25519_pair(name: &str) -> ed25519::Pair {
	ed25519::Pair::from_string(&format!("//{name}"), None).expect("a derivation path is one")
}

/// Two votes of one round, signed by the same key.
fn grandpa_equivocation() -> Vec<u8> {
	let pair = ed25519_pair("Alice");
	let (round, set_id) = (1u64, 0u64);
	let vote = |byte: u8| {
		let prevote = (H256::repeat_byte(byte), 1u32);
		// A message is signed with its round and set.
		let signature = pair.sign(&(0u8, prevote, round, set_id).encode());
		(prevote, signature)
	};
	(set_id, 0u8, round, pair.public(), vote(1), vote(2)).encode()
}
