//! The state in which calls are measured: a chain with everything that a call can refer to, as large as possible.
//!
//! It is made by the runtime's own calls, and always the same, so that committed inputs keep their meaning.

use crate::{
	calls::{Arg, Calls},
	faults::{self, Faulty},
};
use codec::{Decode, Encode};
use encrytrust_groth16::{
	decode_inputs, encode_scalar,
	identity::{public_inputs, INPUTS},
	simulation::Trapdoor,
	Fr,
};
use encrytrust_runtime::{
	configs::governance::{MotionDeposit, MotionDepositRatio},
	genesis_config_presets, AccountId, Balance, Balances, BlockNumber, Executive, Header, IdentityKeys, Runtime,
	RuntimeCall, RuntimeGenesisConfig, RuntimeOrigin, System, UncheckedExtrinsic, ETS,
};
use encrytrust_types::{
	dataset::{Column, Policy, Schema},
	identity::{possession_message, KdfParams, KeyId, KeySignature, KeyTerms, PublicKey, Purpose, Statement},
	job::{
		basis, Commitment, Contract, Endpoint, MaskKey, Offer, Parameters, Request, Schedule, Selection,
		SelectionTerms, Stage, Status, Terms,
	},
	limits::{MaxColumns, MaxName, MaxPolicyEntries},
	DatasetId, JobId, Modulus, Name, TemplateId,
};
use frame_support::{
	traits::{fungible::Mutate, Get},
	BoundedVec,
};
use frame_system::offchain::CreateAuthorizedTransaction;
use sp_consensus_babe::digests::{PreDigest, SecondaryPlainPreDigest};
use sp_core::{ecdsa, ed25519, sr25519, Pair, H256};
use sp_io::TestExternalities;
use sp_runtime::{
	traits::{Dispatchable, Header as _, IdentifyAccount, Saturating, TransactionExtension},
	BuildStorage, Digest, DigestItem, FixedPointNumber, MultiSignature, MultiSigner,
};

/// Parties of the largest job.
pub(crate) const PARTIES: u32 = 16;
/// Columns of the largest job: more of them would have to be published than a job may.
const LARGEST_COLUMNS: u32 = 40;
/// The maximum number of voting nodes.
pub(crate) const MEMBERS: u32 = 100;
/// What the voting nodes have decided to remark.
pub(crate) const DECIDED: [u8; 64] = [0xde; 64];
/// Keys of a batch of revocations.
pub(crate) const KEYS: u32 = 64;
/// Proxies and announcements of an account.
const PROXIES: u32 = 32;
/// The block in which the calls are measured; all expired things expired long before.
pub(crate) const NOW: BlockNumber = 440_001;
/// The length of every stage: the preset's outage, the margin for inclusion, a block each for work and bytes.
const STAGE: BlockNumber = 62;
/// The slot of the chain's first block, and the slots of an epoch.
const FIRST_SLOT: u64 = 1_000;
const EPOCH: u64 = 60;

type BmpcCall = pallet_bmpc::Call<Runtime>;
type AnyRequest = Request<AccountId, Balance, BlockNumber>;
pub(crate) type AnyContract = Contract<AccountId, Balance, BlockNumber>;

/// Jobs, by what can be done with them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Jobs {
	pub(crate) clearable: JobId,
	pub(crate) settleable: JobId,
	pub(crate) expired: JobId,
	pub(crate) unanswered: JobId,
	pub(crate) confirming: JobId,
	pub(crate) selecting: JobId,
	pub(crate) inputs: JobId,
	pub(crate) outputs: JobId,
	pub(crate) result: JobId,
	pub(crate) challenge: JobId,
	/// All of its commitments are wrong, and all that the user may challenge is challenged.
	pub(crate) faulty: JobId,
	/// The same, with a weighted sum over the maximum number of leaves.
	pub(crate) weighted: JobId,
	/// The maximum number of features that fit into a selection message, with keys of 2048 bits and of 3072 bits.
	pub(crate) wide: [JobId; 2],
}

/// A kind of job.
#[derive(Clone, Copy)]
enum Shape {
	/// The maximum number of parties, and as many columns as may then have to be published: means.
	Largest,
	/// The maximum number of parties, and several blocks of rows: sums of rows.
	Rows,
	/// A weighted sum.
	Weighted,
	/// Pairs of columns, one data and one computing provider, the latter with a key of so many bytes.
	Pairs { columns: u16, key: usize },
}

/// The state, and the ids of what is in it.
pub(crate) struct Scene {
	pub(crate) state: TestExternalities,
	pub(crate) jobs: Jobs,
	/// Identity keys: active ones from the first on, then a requested one, and one whose request has expired.
	pub(crate) keys: [KeyId; 3],
	pub(crate) datasets: [DatasetId; 2],
	/// A request like that of the largest job.
	pub(crate) request: AnyRequest,
	/// The hash of the open contract.
	pub(crate) contract: H256,
	/// Motions: open, approved, disapproved.
	pub(crate) motions: [(H256, u32, Vec<u8>); 3],
	pub(crate) preimages: Vec<Vec<u8>>,
	pub(crate) slot: u64,
	/// The encoded extensions of a transaction, and their part of the signed payload.
	extension: Vec<u8>,
	implicit: Vec<u8>,
	trapdoor: Trapdoor,
}

/// A key pair by the name of its account.
pub(crate) fn pair(name: &str) -> sr25519::Pair {
	sr25519::Pair::from_string(&format!("//{name}"), None).expect("a derivation path is one")
}

/// The account of a name; other signatures by their prefix.
pub(crate) fn account(name: &str) -> AccountId {
	let uri = |name| format!("//{name}");
	let signer: MultiSigner = match name.split_once(':') {
		Some(("ed25519", name)) => ed25519::Pair::from_string(&uri(name), None).expect("a path").public().into(),
		Some(("ecdsa", name)) => ecdsa::Pair::from_string(&uri(name), None).expect("a path").public().into(),
		_ => pair(name).public().into(),
	};
	signer.into_account()
}

/// The key pair of the account with a name.
fn sign(name: &str, message: &[u8]) -> MultiSignature {
	let uri = |name| format!("//{name}");
	match name.split_once(':') {
		Some(("ed25519", name)) => ed25519::Pair::from_string(&uri(name), None).expect("a path").sign(message).into(),
		Some(("ecdsa", name)) => ecdsa::Pair::from_string(&uri(name), None).expect("a path").sign(message).into(),
		_ => pair(name).sign(message).into(),
	}
}

/// The names of all signers.
pub(crate) fn names() -> Vec<String> {
	let fixed =
		["Alice", "AliceStash", "Ferdie", "user", "coordinator", "stranger", "ed25519:stranger", "ecdsa:stranger"];
	let parties = (0..PARTIES).flat_map(|index| [format!("data{index}"), format!("computing{index}")]);
	let others = ["narrow", "wide0", "wide1", "proxied", "proxy0", "grantee", "tenant"].map(String::from);
	let keys = (0..KEYS + 2).map(|index| format!("owner{index}"));
	let members = (0..MEMBERS).map(|index| format!("member{index}"));
	fixed.map(String::from).into_iter().chain(parties).chain(others).chain(keys).chain(members).collect()
}

impl Scene {
	pub(crate) fn new(calls: &Calls) -> Self {
		let mut state = genesis();
		let mut builder = Builder { calls, parent: Default::default() };
		let trapdoor = Trapdoor::new(INPUTS, 1);
		let mut scene = state.execute_with(|| {
			builder.begin(1, FIRST_SLOT);
			builder.endow();
			builder.register();
			let mut jobs = Jobs::default();
			builder.old_jobs(&mut jobs);
			let over = builder.request_key(KEYS);
			builder.end(FIRST_SLOT);

			builder.begin(NOW - 1, FIRST_SLOT + EPOCH);
			let active = builder.issue_keys(&trapdoor);
			let asked = builder.request_key(KEYS + 1);
			builder.govern();
			builder.accounts();
			builder.new_jobs(&mut jobs);
			let motions = builder.motions();
			let preimages = builder.preimages();
			builder.fill();
			let request = builder.request(Shape::Largest);
			let contract = pallet_bmpc::Jobs::<Runtime>::get(jobs.confirming).expect("the job is there").contract_hash;
			builder.end(FIRST_SLOT + EPOCH);

			let slot = FIRST_SLOT + EPOCH + 1;
			builder.begin(NOW, slot);
			System::reset_events();
			let extension = <Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_extension();
			Self {
				state: Default::default(),
				jobs,
				keys: [active, asked, over],
				datasets: [0, 1],
				request,
				contract,
				motions,
				preimages,
				slot,
				extension: extension.encode(),
				implicit: extension.implicit().expect("the chain knows its own genesis").encode(),
				trapdoor,
			}
		});
		state.commit_all().expect("there is no transaction open");
		scene.state = state;
		scene
	}

	/// A transaction signed by an account.
	pub(crate) fn signed(&self, who: &str, call: &[u8]) -> Vec<u8> {
		let payload = [call, &self.extension, &self.implicit].concat();
		let signature = match payload.len() {
			..=256 => sign(who, &payload),
			_ => sign(who, &sp_io::hashing::blake2_256(&payload)),
		};
		let head = (0x84u8, 0u8, account(who), signature).encode();
		[&head, &self.extension, call].concat().encode()
	}

	/// An unsigned transaction, which the call itself must authorise.
	pub(crate) fn general(&self, call: &[u8]) -> Vec<u8> {
		[&[0x45, 0], &self.extension[..], call].concat().encode()
	}

	/// A bare extrinsic: an inherent, or an unsigned transaction of the old kind.
	pub(crate) fn bare(&self, call: &[u8]) -> Vec<u8> {
		[&[0x05], call].concat().encode()
	}

	/// A proof that `by` may revoke a key, or rotate it.
	pub(crate) fn key_proof(&mut self, key: KeyId, by: &str, new: Option<KeyTerms>) -> Vec<u8> {
		let trapdoor = &self.trapdoor;
		self.state.execute_with(|| {
			let statement = IdentityKeys::statement(key, &account(by), new).expect("there is such a key");
			let Statement { commitment, fingerprint, context, .. } = statement;
			let inputs = decode_inputs(&public_inputs(&commitment, &fingerprint, &context)).expect("scalars");
			trapdoor.prove(&inputs, key).encode()
		})
	}

	/// The measures of the faulty job.
	pub(crate) fn faulty(&mut self) -> Faulty {
		let jobs = self.jobs;
		self.state.execute_with(|| faulty(&jobs))
	}

	pub(crate) fn basis(&mut self, job: JobId, stage: Stage) -> H256 {
		self.state.execute_with(|| basis_of(job, stage))
	}

	/// Units of a job with the bytes of their first chunks.
	pub(crate) fn units(&mut self, job: JobId) -> Vec<(u32, usize)> {
		self.state.execute_with(|| {
			let contract = pallet_bmpc::Jobs::<Runtime>::get(job).expect("the job is there").contract;
			let bytes = |unit| contract.chunk_bytes(&unit, 0).unwrap_or_default() as usize;
			(0..).zip(contract.all_units()).map(|(index, unit)| (index, bytes(unit))).collect()
		})
	}

	/// The signature by which the key of some [`terms`] is registered for the account with a name.
	pub(crate) fn possession(&mut self, index: u32, purpose: Purpose, owner: &str) -> KeySignature {
		self.state.execute_with(|| possession(index, purpose, owner))
	}
}

/// The key of some [`terms`].
fn identity_key(index: u32) -> ecdsa::Pair {
	ecdsa::Pair::from_string(&format!("//key{index}"), None).expect("a derivation path is one")
}

fn possession(index: u32, purpose: Purpose, owner: &str) -> KeySignature {
	let genesis = System::block_hash(0);
	let message = possession_message(purpose, &genesis.0, &account(owner).into(), &terms(index).public_key);
	KeySignature::Ecdsa(identity_key(index).sign(&message).0)
}

/// The terms of a key.
pub(crate) fn terms(index: u32) -> KeyTerms {
	KeyTerms {
		public_key: PublicKey::Ecdsa(identity_key(index).public().0),
		commitment: encode_scalar(&Fr::from(u64::from(index) + 1)),
		salt: [1; 16],
		kdf: KdfParams::default(),
	}
}

/// The state after the genesis of the development chain.
fn genesis() -> TestExternalities {
	let patch = genesis_config_presets::get_preset(&"development".into()).expect("the preset exists");
	let patch = serde_json::from_slice(&patch).expect("a preset is JSON");
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("a genesis is JSON");
	merge(&mut config, patch);
	let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("a patched genesis is a genesis");
	config.build_storage().expect("the preset builds").into()
}

/// Puts `patch` over `config`, as the genesis builder does.
fn merge(config: &mut serde_json::Value, patch: serde_json::Value) {
	match (config, patch) {
		(serde_json::Value::Object(config), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(config.entry(key).or_insert(serde_json::Value::Null), value);
			}
		},
		(config, patch) => *config = patch,
	}
}

pub(crate) fn name(index: u32) -> Name {
	let width = <MaxName as Get<u32>>::get() as usize;
	BoundedVec::truncate_from(format!("{index:0width$}").into_bytes())
}

/// An odd number of so many bytes that is not a prime: its bytes, and so the number itself, are multiples of three.
pub(crate) fn modulus(bytes: usize) -> Modulus {
	let mut modulus = vec![0x5a; bytes];
	modulus[0] = 0xff;
	modulus[bytes - 1] = 0x5d;
	BoundedVec::truncate_from(modulus)
}

pub(crate) fn endpoint() -> Endpoint {
	Endpoint { sealing: [1; 32], peer: [2; 32], address: BoundedVec::truncate_from(vec![b'/'; 128]) }
}

pub(crate) fn schema(columns: u32) -> Schema {
	let column = |index| Column { name: name(index), decimals: 4, bits: 40 };
	Schema::V1(BoundedVec::truncate_from((0..columns).map(column).collect()))
}

/// The longest policy; the template and the buyer that it allows are last.
pub(crate) fn policy(template: TemplateId) -> Policy<AccountId> {
	let others = <MaxPolicyEntries as Get<u32>>::get() - 1;
	let templates = (0..others).map(|_| 0).chain([template]).collect();
	let buyers = (0..others).map(|index| AccountId::new([index as u8; 32])).chain([account("user")]).collect();
	Policy {
		templates: BoundedVec::truncate_from(templates),
		min_rows: 1,
		buyers: Some(BoundedVec::truncate_from(buyers)),
		max_queries: Some(u32::MAX),
	}
}

/// Terms that allow every job here, with the longest lists.
pub(crate) fn role_terms() -> Terms<AccountId, Balance, BlockNumber> {
	let most = <MaxPolicyEntries as Get<u32>>::get() as usize;
	let of_jobs = ["coordinator", "narrow", "wide0", "wide1"].map(String::from).into_iter();
	let parties = (0..PARTIES).flat_map(|index| [format!("data{index}"), format!("computing{index}")]);
	let allowed = |names: Vec<String>| {
		let others = (0..most.saturating_sub(names.len())).map(|index| AccountId::new([index as u8; 32]));
		let accounts: Vec<_> = others.chain(names.iter().map(|name| account(name))).collect();
		Some(BoundedVec::truncate_from(accounts))
	};
	Terms {
		base: 0,
		work_per_block: u32::MAX,
		bytes_per_block: u32::MAX,
		max_bond: Balance::MAX,
		max_publication: u64::MAX,
		max_span: BlockNumber::MAX,
		buyers: allowed(vec!["user".into()]),
		co_providers: allowed(of_jobs.chain(parties).collect()),
	}
}

/// The measures of the faulty job.
fn faulty(jobs: &Jobs) -> Faulty {
	Faulty::of(&pallet_bmpc::Jobs::<Runtime>::get(jobs.faulty).expect("the job is there").contract)
}

/// What a delivery in `stage` must name.
fn basis_of(job: JobId, stage: Stage) -> H256 {
	let info = encrytrust_runtime::Bmpc::job(job).expect("the job is there");
	basis(info.contract_hash, &info.mask_keys, stage, &info.commitments)
}

/// The mask key that a party posts: data providers have one.
fn mask_key_of(job: JobId, who: &AccountId) -> Option<MaskKey> {
	let contract = encrytrust_runtime::Bmpc::job(job).expect("the job is there").contract;
	let place = contract.data.iter().position(|data| data.party.who == *who)?;
	Some([place as u8 + 2; 32])
}

/// All features.
pub(crate) fn selection() -> Selection {
	Selection { salt: [5; 32], bitmap: vec![0xff; 32] }
}

pub(crate) fn commitment() -> Commitment {
	Commitment { root: H256::repeat_byte(3), blob: [4; 32] }
}

/// Makes a scene block by block.
struct Builder<'a> {
	calls: &'a Calls,
	parent: H256,
}

impl Builder<'_> {
	/// Begin a block; the blocks between it and the last one are skipped.
	fn begin(&mut self, number: BlockNumber, slot: u64) {
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
	fn end(&mut self, slot: u64) {
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

	fn endow(&self) {
		for name in names() {
			Balances::set_balance(&account(&name), 1_000_000 * ETS);
		}
	}

	/// Bonds, roles and datasets.
	fn register(&self) {
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

	fn request(&self, shape: Shape) -> AnyRequest {
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
			others.iter().for_each(|who| self.deliver(job, current, who));
			if current == stage {
				return job;
			}
			self.deliver(job, current, last);
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

	fn old_jobs(&self, jobs: &mut Jobs) {
		jobs.clearable = self.job_with_result(Shape::Largest);
		self.by("user", BmpcCall::accept { job_id: jobs.clearable });
		jobs.settleable = self.job_with_result(Shape::Largest);
		jobs.expired = self.job_in(Shape::Largest, Stage::Inputs);
		let last = account(&format!("data{}", PARTIES - 1));
		self.deliver(jobs.expired, Stage::Inputs, &last);
		jobs.unanswered = self.job_with_result(Shape::Largest);
		self.challenge_all(jobs.unanswered);
	}

	fn new_jobs(&self, jobs: &mut Jobs) {
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

	fn request_key(&self, index: u32) -> KeyId {
		let key = pallet_identity_keys::NextKeyId::<Runtime>::get();
		let owner = format!("owner{index}");
		let possession = possession(index, Purpose::Request, &owner);
		let node = account("Ferdie");
		self.by(&owner, pallet_identity_keys::Call::request_key { terms: terms(index), node, possession });
		key
	}

	fn issue_keys(&self, trapdoor: &Trapdoor) -> KeyId {
		let verifying_key = trapdoor.verifying_key().encode();
		self.call(RuntimeOrigin::root(), pallet_identity_keys::Call::set_verifying_key { verifying_key });
		let keys: Vec<_> = (0..KEYS).map(|index| self.request_key(index)).collect();
		keys.iter().for_each(|key| self.by("Ferdie", pallet_identity_keys::Call::issue_key { key_id: *key }));
		keys[0]
	}

	/// Columns of the largest job: more of them would have to be published than a job may.
	const LARGEST_COLUMNS: u32 = 40;
	/// The maximum number of voting nodes.
	fn govern(&self) {
		let members = (0..MEMBERS).map(|index| bytes(account(&format!("member{index}")))).collect();
		self.named(RuntimeOrigin::root(), "VotingNodesMembership.reset_members", &[Arg::Items(members)]);
		let code = Arg::Bytes(H256::repeat_byte(1).0.to_vec());
		self.named(RuntimeOrigin::root(), "Whitelist.whitelist_call", &[code]);
		let decided = self.calls.encode("System.remark", &[Arg::Bytes(DECIDED.to_vec())]);
		self.named(RuntimeOrigin::root(), "Enactment.schedule", &[Arg::Encoded(decided)]);
	}

	/// One less than the maximum number of motions, each for the longest remark.
	fn motions(&self) -> [(H256, u32, Vec<u8>); 3] {
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
	fn preimages(&self) -> Vec<Vec<u8>> {
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
	fn accounts(&self) {
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
	fn fill(&self) {
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

/// The signatories of the scene's multisig, apart from a stranger.
pub(crate) fn signatories() -> Vec<AccountId> {
	(0..99u8).map(|index| AccountId::new([index; 32])).collect()
}

/// The bytes of an account or hash.
pub(crate) fn bytes(value: impl AsRef<[u8]>) -> Arg {
	Arg::Bytes(value.as_ref().to_vec())
}
