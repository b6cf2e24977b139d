//! The seeds of the search: for each call inputs that reach its branches, as large and as deeply nested as possible.

mod services;

use crate::{
	calls::{
		Arg::{self, Bytes, Encoded, Items, Number, Variant},
		Calls,
	},
	input::{Input, Origin},
	scene::{self, account, bytes, Scene, DECIDED, MEMBERS, NOW},
};
use codec::Encode;
use encrytrust_runtime::{KeyOwners, Runtime, RuntimeCall, ETS};
use frame_support::traits::KeyOwnerProofSystem;
use sp_core::{ed25519, Pair, H256};
use sp_io::hashing::blake2_256;

/// The maximum number of bytes of content of a transaction.
pub(crate) const MAX_BYTES: usize = 3_931_000;
/// The maximum number of bytes of a contained call that leave room for the rest.
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
	seeds.decisions();
	seeds.later();
	seeds.wrappers();
	seeds.multisig();
	seeds.proxy();
	seeds.bonds_and_tokens();
	seeds.registrations();
	seeds.jobs();
	seeds.reports();
	seeds.publications();
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

	/// A call that contains so many calls.
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
		// Not that of System, in which the charged weight is stored.
		let prefix = sp_io::hashing::twox_128(b"Bmpc");
		for subkeys in [0u32, 1, 1_000, u32::MAX] {
			self.root("System.kill_prefix", &[Bytes(prefix.to_vec()), Number(subkeys.into())]);
		}
		self.named(Origin::Bare, "Timestamp.set", &[Number(u128::from(self.scene.slot) * 1_000)]);
		self.named(Origin::Bare, "FinalityClock.attest", &[Number(0)]);
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
		let alice = scene::pair("Alice");
		let alice_grandpa = ed25519_pair("Alice");
		let (babe_proof, grandpa_proof) = self.scene.state.execute_with(|| {
			let babe = (sp_core::crypto::key_types::BABE, alice.public().to_vec());
			let grandpa = (sp_core::crypto::key_types::GRANDPA, alice_grandpa.public().to_vec());
			(KeyOwners::prove(babe), KeyOwners::prove(grandpa))
		});
		let babe_proof = babe_proof.expect("a validator");
		let grandpa_proof = grandpa_proof.expect("a validator");
		let babe = self.babe_equivocation(0);
		let grandpa = grandpa_equivocation();
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
			let new = scene::pair("new");
			let new_grandpa = ed25519_pair("new");
			let keys = [new.public().0, new_grandpa.public().0, new.public().0].concat();
			let proof = (new.sign(&statement), new_grandpa.sign(&statement), new.sign(&statement)).encode();
			self.by(who, "Session.set_keys", &[Encoded(keys.clone()), Bytes(proof)]);
			self.by(who, "Session.set_keys", &[Encoded(keys), Bytes(vec![0; 1_000_000])]);
			self.by(who, "Session.purge_keys", &[]);
		}
	}

	/// Two headers of one slot, signed by the same key, with so many digest items in addition to the necessary ones.
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
			let index = Number((*index).into());
			let length = Number(proposal.len() as u128);
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
		let one = || bytes(account("member50"));
		let new = || bytes(account("stranger"));
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

	/// Decisions of the voting nodes.
	fn decisions(&mut self) {
		for length in [0, 64, 100_000, LONGEST] {
			let remark = || Encoded(self.remark(length));
			let arguments = [remark()];
			let of_decision = [Number(0), remark()];
			self.by("member99", "Enactment.schedule", &arguments);
			self.root("Enactment.schedule", &arguments);
			self.by("member99", "Enactment.enact", &of_decision);
			self.root("Enactment.enact", &of_decision);
		}
		let decided = self.calls.encode("System.remark", &[Bytes(DECIDED.to_vec())]);
		self.root("Enactment.enact", &[Number(0), Encoded(decided)]);
		for (who, decision) in [("member99", 0), ("member99", 1), ("stranger", 0)] {
			self.by(who, "Enactment.veto", &[Number(decision)]);
		}
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
		let none = || Variant("None", vec![]);
		let id = || Bytes(vec![3; 32]);
		for (length, when) in [(16, NOW + 10), (100_000, NOW + 20)] {
			let call = Encoded(self.remark(length));
			let when = Number(when.into());
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

	/// A call nested in so many calls that take a list or a single call.
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

	/// Nested calls.
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
			// The first fails, and the others are decoded in vain.
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
		let any = || Variant("Any", vec![]);
		let none = || Variant("None", vec![]);
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

	fn bonds_and_tokens(&mut self) {
		for kind in ["Validator", "Service"] {
			for (who, amount) in [("stranger", 20_000 * ETS), ("data0", ETS), ("AliceStash", ETS), ("data0", u128::MAX)]
			{
				let arguments = [Variant(kind, vec![]), Number(amount)];
				self.by(who, "Bonds.bond", &arguments);
				self.by(who, "Bonds.bond_more", &arguments);
				self.by(who, "Bonds.unbond", &arguments);
				self.by(who, "Bonds.withdraw", &arguments[..1]);
			}
		}
		for who in ["AliceStash", "stranger"] {
			self.by(who, "Bonds.declare", &[]);
			self.by(who, "Bonds.chill", &[]);
			self.by("stranger", "Bonds.chill_other", &[bytes(account(who))]);
		}
		let parameters = (10u32, 3u32, 1u32, 2u32, 10_000 * ETS, 10 * ETS, ETS, 600u32, 200u32).encode();
		self.root("Bonds.set_parameters", &[Encoded(parameters)]);
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
	let round = 1u64;
	let set_id = 0u64;
	let vote = |byte: u8| {
		let prevote = (H256::repeat_byte(byte), 1u32);
		// A message is signed with its round and set.
		let signature = pair.sign(&(0u8, prevote, round, set_id).encode());
		(prevote, signature)
	};
	(set_id, 0u8, round, pair.public(), vote(1), vote(2)).encode()
}
