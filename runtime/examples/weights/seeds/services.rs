//! The seeds of our own services: computation contracts and identity keys.

use super::*;
use crate::{
	faults,
	scene::{KEYS, PARTIES},
};
use encrytrust_fault_proofs::Message;
use encrytrust_types::{
	identity::{Purpose, DEV_VERIFYING_KEY},
	job::{DeclineReason, Offer, Role, Stage, Template, TemplateKind, UnitSet},
	merkle::RangePath,
	JobId,
};
use frame_support::BoundedVec;

type Bmpc = pallet_bmpc::Call<Runtime>;
type IdentityKeys = pallet_identity_keys::Call<Runtime>;

impl Seeds<'_> {
	pub(super) fn registrations(&mut self) {
		for length in [1, 256, 384] {
			for fill in [0x5a, 0xff, 0] {
				let mut key = vec![fill; length];
				(key[0], key[length - 1]) = (0xff, 0x5d);
				let paillier = BoundedVec::truncate_from(key);
				let offer = Offer::ComputingProvider { price: 1, paillier, key_proof: [7; 32] };
				for who in ["stranger", "owner0"] {
					let endpoint = scene::endpoint();
					let offer = offer.clone();
					self.native(who, Bmpc::register_role { endpoint, offer, terms: scene::role_terms() });
				}
				let (endpoint, terms) = (scene::endpoint(), scene::role_terms());
				self.native("computing0", Bmpc::update_role { endpoint, offer, terms });
			}
		}
		for (who, role) in [("wide0", Role::DataProvider), ("data0", Role::DataProvider)] {
			self.native(who, Bmpc::unregister_role { role });
			self.native(who, Bmpc::resume_role { role });
		}
		for columns in [1, 256] {
			let title = scene::name(0);
			let schema = scene::schema(columns);
			let policy = scene::policy(6);
			self.native(
				"data0",
				Bmpc::register_dataset { title, schema, rows: 1_000, fingerprint: H256::zero(), price: 1, policy },
			);
		}
		for id in self.scene.datasets {
			for who in ["data0", "data1"] {
				self.native(who, Bmpc::update_dataset { dataset_id: id, price: 2, policy: scene::policy(5) });
				self.native(
					who,
					Bmpc::refresh_dataset { dataset_id: id, rows: 2_000, fingerprint: H256::repeat_byte(1) },
				);
				self.native(who, Bmpc::withdraw_dataset { dataset_id: id });
			}
		}
		let template = Template { name: scene::name(0), kind: TemplateKind::RowSum, retired: false };
		self.add(Origin::Root, RuntimeCall::from(Bmpc::add_template { template }).encode());
		self.root("Bmpc.retire_template", &[Number(6)]);
	}

	pub(super) fn jobs(&mut self) {
		let request = self.scene.request.clone();
		for length in [256, 384] {
			let mut request = request.clone();
			request.user_key = BoundedVec::truncate_from(vec![0xff; length]);
			self.native("user", Bmpc::request { request });
		}
		self.native("user", Bmpc::request { request });
		let jobs = self.scene.jobs;
		let commitment = scene::commitment;
		let data = format!("data{}", PARTIES - 1);
		let computing = format!("computing{}", PARTIES - 1);
		let hash = self.scene.contract;
		let selecting = self.scene.basis(jobs.selecting, Stage::Selection);
		let inputs = self.scene.basis(jobs.inputs, Stage::Inputs);
		let outputs = self.scene.basis(jobs.outputs, Stage::Outputs);
		let result = self.scene.basis(jobs.result, Stage::Result);
		let mask_key = Some([9; 32]);
		for who in ["coordinator", "stranger"] {
			self.native(who, Bmpc::confirm { job_id: jobs.confirming, contract_hash: hash, mask_key: None });
			self.native(who, Bmpc::confirm { job_id: jobs.confirming, contract_hash: H256::zero(), mask_key });
			self.native(who, Bmpc::decline { job_id: jobs.confirming, reason: DeclineReason::Other });
			self.native(
				who,
				Bmpc::commit_selection { job_id: jobs.selecting, commitment: commitment(), basis: selecting },
			);
			self.native(who, Bmpc::commit_result { job_id: jobs.result, commitment: commitment(), basis: result });
			self.native(who, Bmpc::commit_inputs { job_id: jobs.inputs, commitment: commitment(), basis: inputs });
			self.native(who, Bmpc::commit_output { job_id: jobs.outputs, commitment: commitment(), basis: outputs });
		}
		self.native(&data, Bmpc::commit_inputs { job_id: jobs.inputs, commitment: commitment(), basis: inputs });
		self.native(&computing, Bmpc::commit_output { job_id: jobs.outputs, commitment: commitment(), basis: outputs });
		for job in [jobs.challenge, jobs.faulty, jobs.confirming] {
			self.native("user", Bmpc::accept { job_id: job });
			self.native("user", Bmpc::cancel { job_id: job });
		}
		for (who, job) in [("user", jobs.challenge), ("coordinator", jobs.result), ("data0", jobs.inputs)] {
			let all = self.scene.units(job);
			for count in [0, 1, all.len()] {
				let units: UnitSet = all.iter().rev().take(count).map(|(unit, _)| *unit).collect();
				self.native(who, Bmpc::challenge { job_id: job, units });
			}
		}
		for job in [jobs.clearable, jobs.faulty] {
			self.native("stranger", Bmpc::clear_job { job_id: job });
			self.native("user", Bmpc::clear_job { job_id: job });
		}
		let stages = [(jobs.settleable, jobs.expired), (jobs.faulty, jobs.inputs)];
		for (settled, expired) in stages {
			for origin in [signed("stranger"), Origin::General] {
				self.add(origin.clone(), RuntimeCall::from(Bmpc::settle { job_id: settled }).encode());
				self.add(origin.clone(), RuntimeCall::from(Bmpc::expire { job_id: expired }).encode());
				for job_id in [jobs.unanswered, jobs.faulty] {
					let call = Bmpc::expire_challenge { job_id };
					self.add(origin.clone(), RuntimeCall::from(call).encode());
				}
			}
		}
	}

	pub(super) fn reports(&mut self) {
		let faulty = self.scene.faulty();
		for (job, fault) in faults::all(&self.scene.jobs, faulty) {
			let call = RuntimeCall::from(Bmpc::report_fault { job_id: job, fault: Box::new(fault) }).encode();
			self.add(signed("stranger"), call.clone());
			self.add(Origin::General, call);
		}
	}

	/// Publications: of every kind of unit, with bytes of the right length and of others, which are hashed to the end or not
	/// at all, and valid ones.
	pub(super) fn publications(&mut self) {
		let jobs = self.scene.jobs;
		let full = RangePath::truncate_from(vec![H256::zero(); 64]);
		for job_id in [jobs.faulty, jobs.weighted, jobs.wide[0], jobs.wide[1]] {
			for (unit, length) in self.scene.units(job_id) {
				for (length, fill) in [(length, 0), (length, 0xff), (length + 1, 0), (0, 0)] {
					for path in [RangePath::default(), full.clone()] {
						self.publish(job_id, unit, vec![fill; length], path);
					}
				}
			}
		}
		for (job, wide) in jobs.wide.into_iter().zip(faults::WIDE) {
			let length = self.scene.units(job).first().map_or(0, |(_, length)| *length);
			let mut chunk = faults::message(wide);
			chunk.truncate(length);
			self.publish(job, 0, chunk, RangePath::default());
		}
	}

	fn publish(&mut self, job_id: JobId, unit: u32, bytes: Vec<u8>, path: RangePath) {
		let bytes = Message::truncate_from(bytes);
		let call = Bmpc::publish { job_id, unit, chunk: 0, bytes, path };
		self.add(Origin::General, RuntimeCall::from(call).encode());
	}

	pub(super) fn identity(&mut self) {
		let [active, asked, over] = self.scene.keys;
		self.root("IdentityKeys.appoint_node", &[bytes(account("stranger"))]);
		self.root("IdentityKeys.dismiss_node", &[bytes(account("Ferdie"))]);
		let node = account("Ferdie");
		for who in ["stranger", "owner0"] {
			let (terms, node) = (scene::terms(1_000), node.clone());
			let possession = self.scene.possession(1_000, Purpose::Request, who);
			self.native(who, IdentityKeys::request_key { terms, node, possession });
		}
		for key in [asked, over] {
			self.native("Ferdie", IdentityKeys::issue_key { key_id: key });
			self.native("Ferdie", IdentityKeys::refuse_key { key_id: key });
			self.native("stranger", IdentityKeys::expire_request { key_id: key });
		}
		let who = "stranger";
		let proofs: Vec<_> = (0..u64::from(KEYS)).map(|key| self.scene.key_proof(active + key, who, None)).collect();
		let new = scene::terms(2_000);
		let rotation = self.scene.key_proof(active, who, Some(new));
		let possession = self.scene.possession(2_000, Purpose::Rotate, "owner0");
		for proof in [proofs[0].clone(), proofs[1].clone(), vec![0; 256], vec![0; 100_000], vec![]] {
			self.native(who, IdentityKeys::revoke_key { key_id: active, proof: proof.clone() });
			self.native(who, IdentityKeys::rotate_key { key_id: active, proof, terms: new, possession });
		}
		self.native(who, IdentityKeys::rotate_key { key_id: active, proof: rotation, terms: new, possession });
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
