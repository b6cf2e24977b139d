//! Makes the scene block by block.

use super::*;

/// Makes a scene block by block.
pub(super) struct Builder<'a> {
	calls: &'a Calls,
	parent: H256,
}

impl<'a> Builder<'a> {
	pub(super) fn new(calls: &'a Calls) -> Self {
		Self { calls, parent: Default::default() }
	}

	/// Begin a block; the blocks between it and the last one are skipped.
	pub(super) fn begin(&mut self, number: BlockNumber, slot: u64) {
		System::set_block_number(number - 1);
		let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index: 0, slot: slot.into() });
		let digest = DigestItem::PreRuntime(sp_consensus_babe::BABE_ENGINE_ID, pre_digest.encode());
		let header = Header::new(number, H256::zero(), H256::zero(), self.parent, Digest { logs: vec![digest] });
		Executive::initialize_block(&header);
		// The only validator attests, so that deadlines count from the block before. In the block in which calls are
		// measured, the attestation is one of them.
		if number < NOW {
			let attestation = pallet_finality_clock::Call::attest { finalized: number - 1 }.into();
			let applied = Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(attestation));
			applied.expect("valid").expect("the author is a validator");
		}
	}

	/// End a block.
	pub(super) fn end(&mut self, slot: u64) {
		let now = self.calls.encode("Timestamp.set", &[Arg::Number(u128::from(slot) * 1_000)]);
		let now = RuntimeCall::decode(&mut &now[..]).expect("a call");
		Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(now)).expect("valid").expect("the time is set");
		self.parent = Executive::finalize_block().hash();
	}

	/// Dispatch a call; panics if it fails, because the scene would be incomplete.
	fn call(&self, origin: RuntimeOrigin, call: impl Into<RuntimeCall>) {
		let call = call.into();
		if let Err(error) = call.clone().dispatch(origin) {
			let call = format!("{call:?}");
			panic!("{}: {:?}", &call[..call.len().min(200)], error.error);
		}
	}

	fn by(&self, who: &str, call: impl Into<RuntimeCall>) {
		self.call(RuntimeOrigin::signed(account(who)), call);
	}

	fn named(&self, origin: RuntimeOrigin, name: &str, arguments: &[Arg]) {
		let call = self.calls.encode(name, arguments);
		self.call(origin, RuntimeCall::decode(&mut &call[..]).expect("the types are those of the runtime"));
	}

	pub(super) fn endow(&self) {
		for name in names() {
			Balances::set_balance(&account(&name), 1_000_000 * ETS);
		}
	}

	/// Bonds, roles and datasets.
	pub(super) fn register(&self) {
		let providers = (0..PARTIES).map(|index| (format!("data{index}"), Offer::DataProvider));
		let offer = |key| Offer::ComputingProvider { price: ETS / 100, paillier: modulus(key), key_proof: [7; 32] };
		let computing_providers = (0..PARTIES).map(|index| (format!("computing{index}"), offer(384)));
		let others = [
			("narrow", offer(256)),
			("wide0", Offer::DataProvider),
			("wide1", Offer::DataProvider),
			("coordinator", Offer::Coordinator { price: ETS }),
		];
		let others = others.map(|(name, offer)| (name.to_owned(), offer));
		for (who, offer) in providers.chain(computing_providers).chain(others) {
			let kind = Arg::Variant("Service", vec![]);
			let amount = Arg::Number(100_000 * ETS);
			self.named(RuntimeOrigin::signed(account(&who)), "Bonds.bond", &[kind, amount]);
			self.by(&who, BmpcCall::register_role { endpoint: endpoint(), offer, terms: role_terms() });
		}
		for (columns, template, rows) in [(LARGEST_COLUMNS, 1, 1_000_000), (32, 5, 1_000_000), (8, 6, 690)] {
			for index in 0..PARTIES {
				self.dataset(&format!("data{index}"), columns, template, rows);
			}
		}
		self.dataset("wide0", 45, 3, 1_000);
		self.dataset("wide1", 37, 3, 1_000);
	}

	fn dataset(&self, who: &str, columns: u32, template: TemplateId, rows: u64) {
		let title = name(0);
		let schema = schema(columns);
		let policy = policy(template);
		// A column costs an ETS: more than twice what its provider may be charged for publications.
		let price = ETS / Balance::from(rows);
		self.by(who, BmpcCall::register_dataset { title, schema, rows, fingerprint: H256::zero(), price, policy });
	}

	pub(super) fn request(&self, shape: Shape) -> AnyRequest {
		let all = |name: &str| (0..PARTIES).map(|index| account(&format!("{name}{index}"))).collect::<Vec<_>>();
		let of = u64::from(PARTIES);
		let (template, datasets, computing_providers, selected, parameters) = match shape {
			Shape::Largest => (1, (0..of).collect(), all("computing"), LARGEST_COLUMNS as u16, Parameters::None),
			Shape::Rows => (6, (2 * of..3 * of).collect(), all("computing"), 8, Parameters::None),
			Shape::Weighted => {
				let weights = (0..32).map(|index| if index % 2 == 0 { i32::MAX } else { -i32::MAX }).collect();
				let weights = Parameters::Weights(BoundedVec::truncate_from(weights));
				(5, (of..2 * of).collect(), all("computing"), 32, weights)
			},
			Shape::Pairs { columns, key } => {
				let (dataset, computer) = if key == 256 { (3 * of, "narrow") } else { (3 * of + 1, "computing0") };
				(3, vec![dataset], vec![account(computer)], columns * (columns - 1) / 2, Parameters::None)
			},
		};
		let features = if matches!(shape, Shape::Weighted) { 32 } else { selected };
		let readers = computing_providers.len() + 1;
		Request {
			template,
			datasets: BoundedVec::truncate_from(datasets),
			row_ranges: BoundedVec::new(),
			computing_providers: BoundedVec::truncate_from(computing_providers),
			coordinator: account("coordinator"),
			parameters,
			user_key: modulus(384),
			user_key_proof: [7; 32],
			selection: SelectionTerms {
				commitment: selection().commitment(features),
				selected,
				sealed: BoundedVec::truncate_from(vec![BoundedVec::truncate_from(vec![6; 256]); readers]),
			},
			schedule: Schedule::uniform(STAGE),
			max_price: Balance::MAX,
		}
	}

	/// A job in which only the last party of a stage has not delivered.
	fn job_in(&self, shape: Shape, stage: Stage) -> JobId {
		let job = pallet_bmpc::NextJobId::<Runtime>::get();
		self.by("user", BmpcCall::request { request: self.request(shape) });
		loop {
			let Some(Status::Open { stage: current, awaited, .. }) = pallet_bmpc::Statuses::<Runtime>::get(job) else {
				panic!("the job is not open");
			};
			let (last, others) = awaited.split_last().expect("somebody is awaited");
			others.iter().for_each(|awaited| self.deliver(job, current, &awaited.who));
			if current == stage {
				return job;
			}
			self.deliver(job, current, &last.who);
		}
	}

	/// A job with its result.
	fn job_with_result(&self, shape: Shape) -> JobId {
		let job = self.job_in(shape, Stage::Result);
		self.deliver(job, Stage::Result, &account("coordinator"));
		job
	}

	fn deliver(&self, job: JobId, stage: Stage, who: &AccountId) {
		let commitment = commitment();
		let basis = basis_of(job, stage);
		let call = match stage {
			Stage::Confirmation => BmpcCall::confirm {
				job_id: job,
				contract_hash: pallet_bmpc::Jobs::<Runtime>::get(job).expect("a job").contract_hash,
				mask_key: mask_key_of(job, who),
			},
			Stage::Selection => BmpcCall::commit_selection { job_id: job, commitment, basis },
			Stage::Inputs => BmpcCall::commit_inputs { job_id: job, commitment, basis },
			Stage::Outputs => BmpcCall::commit_output { job_id: job, commitment, basis },
			Stage::Result => BmpcCall::commit_result { job_id: job, commitment, basis },
		};
		self.call(RuntimeOrigin::signed(who.clone()), call);
	}

	/// The user challenges all that it may, in the challenge window.
	fn challenge_all(&self, job: JobId) {
		let contract = pallet_bmpc::Jobs::<Runtime>::get(job).expect("the job is there").contract;
		let units = contract.user_units().collect();
		self.by("user", BmpcCall::challenge { job_id: job, units });
	}

	pub(super) fn old_jobs(&self, jobs: &mut Jobs) {
		jobs.clearable = self.job_with_result(Shape::Largest);
		self.by("user", BmpcCall::accept { job_id: jobs.clearable });
		jobs.settleable = self.job_with_result(Shape::Largest);
		jobs.expired = self.job_in(Shape::Largest, Stage::Inputs);
		let last = account(&format!("data{}", PARTIES - 1));
		self.deliver(jobs.expired, Stage::Inputs, &last);
		jobs.unanswered = self.job_with_result(Shape::Largest);
		self.challenge_all(jobs.unanswered);
	}

	pub(super) fn new_jobs(&self, jobs: &mut Jobs) {
		jobs.confirming = self.job_in(Shape::Largest, Stage::Confirmation);
		jobs.selecting = self.job_in(Shape::Largest, Stage::Selection);
		jobs.inputs = self.job_in(Shape::Largest, Stage::Inputs);
		jobs.outputs = self.job_in(Shape::Largest, Stage::Outputs);
		jobs.result = self.job_in(Shape::Largest, Stage::Result);
		jobs.challenge = self.job_with_result(Shape::Largest);
		jobs.faulty = self.job_with_result(Shape::Rows);
		self.challenge_all(jobs.faulty);
		jobs.weighted = self.job_with_result(Shape::Weighted);
		jobs.wide = [(45, 256), (37, 384)].map(|(columns, key)| {
			let job = self.job_with_result(Shape::Pairs { columns, key });
			self.challenge_all(job);
			job
		});
		for (job, stage, who, root) in faults::roots(jobs, faulty(jobs)) {
			pallet_bmpc::Commitments::<Runtime>::mutate(job, (stage, account(&who)), |entry| {
				entry.as_mut().expect("it has committed to something").0.root = root;
			});
		}
	}

	pub(super) fn request_key(&self, index: u32) -> KeyId {
		let key = pallet_identity_keys::NextKeyId::<Runtime>::get();
		let owner = format!("owner{index}");
		let possession = possession(index, Purpose::Request, &owner);
		let node = account("Ferdie");
		self.by(&owner, pallet_identity_keys::Call::request_key { terms: terms(index), node, possession });
		key
	}

	pub(super) fn issue_keys(&self, trapdoor: &Trapdoor) -> KeyId {
		let verifying_key = trapdoor.verifying_key().encode();
		self.call(RuntimeOrigin::root(), pallet_identity_keys::Call::set_verifying_key { verifying_key });
		let keys: Vec<_> = (0..KEYS).map(|index| self.request_key(index)).collect();
		keys.iter().for_each(|key| self.by("Ferdie", pallet_identity_keys::Call::issue_key { key_id: *key }));
		keys[0]
	}

	/// The voting nodes, and what they have decided.
	pub(super) fn govern(&self) {
		let members = (0..MEMBERS).map(|index| bytes(account(&format!("member{index}")))).collect();
		self.named(RuntimeOrigin::root(), "VotingNodesMembership.reset_members", &[Arg::Items(members)]);
		let code = Arg::Bytes(H256::repeat_byte(1).0.to_vec());
		self.named(RuntimeOrigin::root(), "Whitelist.whitelist_call", &[code]);
		let decided = self.calls.encode("System.remark", &[Arg::Bytes(DECIDED.to_vec())]);
		self.named(RuntimeOrigin::root(), "Enactment.schedule", &[Arg::Encoded(decided)]);
	}

	/// One less than the maximum number of motions, each for the longest remark.
	pub(super) fn motions(&self) -> [(H256, u32, Vec<u8>); 3] {
		let mut motions = Vec::new();
		for index in 0..MEMBERS - 1 {
			let remark = self.calls.encode("System.remark", &[Arg::Bytes(vec![index as u8; 64])]);
			let length = Arg::Number(u128::MAX >> 96);
			let arguments = [Arg::Number(2), Arg::Encoded(remark.clone()), length];
			let who = format!("member{}", index % MEMBERS);
			let ratio = MotionDepositRatio::get().saturating_pow(index as usize);
			let deposit = ratio.saturating_mul_int(MotionDeposit::get());
			Balances::set_balance(&account(&who), 1_000_000 * ETS + deposit);
			self.named(RuntimeOrigin::signed(account(&who)), "VotingNodes.propose", &arguments);
			motions.push((H256(sp_io::hashing::blake2_256(&remark)), index, remark));
		}
		for (motion, approve) in [(1, 1), (2, 0)] {
			for member in 0..MEMBERS - 1 {
				let who = RuntimeOrigin::signed(account(&format!("member{member}")));
				let (hash, index, _) = &motions[motion];
				let arguments = [bytes(hash), Arg::Number((*index).into()), Arg::Number(approve)];
				self.named(who, "VotingNodes.vote", &arguments);
			}
		}
		motions.truncate(3);
		motions.try_into().expect("there are three")
	}

	/// A short preimage that a voting node noted, one that a stranger noted, and a requested one.
	pub(super) fn preimages(&self) -> Vec<Vec<u8>> {
		let preimages: Vec<_> = (0..3u8).map(|index| vec![index; 1_024]).collect();
		for preimage in &preimages[..2] {
			let who = RuntimeOrigin::signed(account("stranger"));
			self.named(who, "Preimage.note_preimage", &[Arg::Bytes(preimage.clone())]);
		}
		let hash = sp_io::hashing::blake2_256(&preimages[2]).to_vec();
		self.named(RuntimeOrigin::root(), "Preimage.request_preimage", &[Arg::Bytes(hash)]);
		preimages
	}

	/// Proxies, announcements, multisigs, grants, service accounts, tasks.
	pub(super) fn accounts(&self) {
		let any = || Arg::Variant("Any", vec![]);
		let stranger = || RuntimeOrigin::signed(account("stranger"));
		for index in 0..PROXIES - 1 {
			let who = if index == 0 { account("proxy0") } else { AccountId::new([index as u8; 32]) };
			let origin = RuntimeOrigin::signed(account("proxied"));
			self.named(origin, "Proxy.add_proxy", &[bytes(who), any(), Arg::Number(0)]);
		}
		let origin = RuntimeOrigin::signed(account("proxied"));
		self.named(origin, "Proxy.add_proxy", &[bytes(account("stranger")), any(), Arg::Number(0)]);
		for index in 0..PROXIES - 1 {
			let hash = Arg::Bytes(vec![index as u8; 32]);
			self.named(stranger(), "Proxy.announce", &[bytes(account("proxied")), hash]);
		}
		self.named(stranger(), "Proxy.create_pure", &[any(), Arg::Number(0), Arg::Number(0)]);
		let others = Arg::Items(signatories().into_iter().map(bytes).collect());
		let weight = || Arg::Items(vec![Arg::Number(0), Arg::Number(0)]);
		let none = || Arg::Variant("None", vec![]);
		let arguments = [Arg::Number(50), others, none(), Arg::Bytes(vec![9; 32]), weight()];
		self.named(stranger(), "Multisig.approve_as_multi", &arguments);
		let remark = || Arg::Encoded(self.calls.encode("System.remark", &[Arg::Bytes(vec![0; 16])]));
		for index in 0..49u8 {
			let arguments =
				[Arg::Bytes(vec![index; 32]), Arg::Number((NOW + 10).into()), none(), Arg::Number(0), remark()];
			self.named(RuntimeOrigin::root(), "Scheduler.schedule_named", &arguments);
		}
		let task = || Arg::Items(vec![Arg::Number((NOW + 10).into()), Arg::Number(1)]);
		self.named(RuntimeOrigin::root(), "Scheduler.set_retry", &[task(), Arg::Number(3), Arg::Number(1)]);
		let terms = (1_000 * ETS, NOW - 1, 0u32, 0u32, false).encode();
		for _ in 0..16 {
			let program = Arg::Variant("Ecology", vec![]);
			let arguments = [program, bytes(account("grantee")), Arg::Encoded(terms.clone())];
			self.named(RuntimeOrigin::root(), "TokenAllocation.grant", &arguments);
		}
		let tenant = || RuntimeOrigin::signed(account("tenant"));
		self.named(tenant(), "TokenAllocation.create_account", &[]);
	}

	/// One less than the maximum number of jobs of each party.
	pub(super) fn fill(&self) {
		let most = <<Runtime as pallet_bmpc::Config>::MaxActiveJobs as Get<u32>>::get() as usize;
		let accounts: Vec<_> = pallet_bmpc::ActiveJobs::<Runtime>::iter().collect();
		for (who, jobs) in accounts {
			let mut all = jobs.into_inner();
			let missing = most.saturating_sub(all.len() + 1) as u64;
			all.extend((0..missing).map(|index| JobId::MAX - index));
			all.sort();
			pallet_bmpc::ActiveJobs::<Runtime>::insert(who, BoundedVec::truncate_from(all));
		}
	}
}
