//! The state in which calls are measured: a chain with everything that a call can refer to, as large as possible.
//!
//! It is made by the runtime's own calls, and always the same, so that committed inputs keep their meaning.

mod builder;

use crate::{
	calls::{Arg, Calls},
	faults::{self, Faulty},
};
use builder::Builder;
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
	limits::{MaxName, MaxPolicyEntries},
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
		let mut builder = Builder::new(calls);
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

/// The signatories of the scene's multisig, apart from a stranger.
pub(crate) fn signatories() -> Vec<AccountId> {
	(0..99u8).map(|index| AccountId::new([index; 32])).collect()
}

/// The bytes of an account or hash.
pub(crate) fn bytes(value: impl AsRef<[u8]>) -> Arg {
	Arg::Bytes(value.as_ref().to_vec())
}
