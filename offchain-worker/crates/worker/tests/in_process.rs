//! A worker in one process with its test: no node, no sockets, and a clock that stands still.

use async_trait::async_trait;
use codec::Decode;
use encrytrust_chain_client::{
	AccountId, Block, BlockNumber, Call, Contract, Dataset, Duty, Error as ChainError, Inclusion, JobInfo, KnownBlocks,
	OpenUnit, Party, Policy, Publication, Registration, Schedule, Signed, Status, H256,
};
use encrytrust_datasets::ColumnSpec;
use encrytrust_fault_proofs::Fault;
use encrytrust_protocol::{data_provider::EphemeralKey, keys, Job};
use encrytrust_transport::FetchError;
use encrytrust_types::{
	job::{
		Awaited, ComputingParty, DataParty, DeclineReason, DutyKind, Endpoint, MaskKey, Parameters, Role,
		SelectionTerms, Stage, TemplateKind,
	},
	DatasetId, JobId, Modulus,
};
use encrytrust_worker::{
	config::Config,
	database::Database,
	declaration::{declare, schema},
	keys::MasterSecret,
	task::{standing, Standing, TaskKind},
	Chain, Clock, Heads, Honest, Local, Network, Sleep, Surroundings, Worker,
};
use std::{
	collections::BTreeSet,
	fs,
	future::Future,
	path::Path,
	sync::{Arc, Mutex},
	time::Duration,
};
use tokio::sync::{watch, Notify};

const ME: AccountId = AccountId([1; 32]);
const GENESIS: H256 = H256([0; 32]);
/// The job of all these chains.
const JOB: JobId = 3;
const PASSPHRASE: &str = "correct horse";

/// A chain in all of whose blocks the account has the same duty. It has a new block when the test makes one.
struct OneJob {
	head: watch::Sender<BlockNumber>,
	duty: DutyKind,
	job: Mutex<Option<JobInfo>>,
	next_job: Mutex<JobId>,
	dataset: Option<Dataset>,
	signed: Mutex<Vec<Call>>,
	submitted: Notify,
	/// When duties are asked for.
	asked: Notify,
}

impl OneJob {
	/// The account may expire a job.
	fn overdue() -> Self {
		Self {
			head: watch::Sender::new(1),
			duty: DutyKind::Expire,
			job: Mutex::default(),
			next_job: Mutex::default(),
			dataset: None,
			signed: Mutex::default(),
			submitted: Notify::new(),
			asked: Notify::new(),
		}
	}

	fn end(&self) {
		if let Some(info) = &mut *self.job.lock().unwrap() {
			info.status = Status::Cancelled { at: 1 };
		}
	}

	/// The names of the calls that were signed.
	fn signed(&self) -> Vec<String> {
		self.signed.lock().unwrap().iter().map(|call| call.name.to_string()).collect()
	}

	fn make_blocks(&self, count: BlockNumber) {
		self.head.send_modify(|head| *head += count);
	}
}

#[async_trait]
impl Chain for OneJob {
	fn account(&self) -> AccountId {
		ME
	}

	fn genesis(&self) -> H256 {
		GENESIS
	}

	async fn follow(&self) -> Result<Box<dyn Heads>, ChainError> {
		Ok(Box::new(Blocks(self.head.subscribe())))
	}

	async fn finalized(&self) -> Result<Block, ChainError> {
		Ok(block(*self.head.borrow()))
	}

	async fn clock(&self, at: Block) -> Result<u32, ChainError> {
		Ok(at.number)
	}

	async fn block_at(&self, number: BlockNumber) -> Result<Option<Block>, ChainError> {
		Ok(Some(block(number)))
	}

	fn remember(&self, _seen: Vec<Block>) {}

	async fn seen(&self, _last: BlockNumber, head: Block) -> Result<KnownBlocks, ChainError> {
		let mut seen = KnownBlocks::default();
		seen.insert(head);
		Ok(seen)
	}

	async fn duties(&self, _at: Block) -> Result<Vec<Duty>, ChainError> {
		self.asked.notify_one();
		let deadline = (self.duty == DutyKind::Confirm).then_some(100);
		Ok(vec![Duty { job: JOB, kind: self.duty, deadline }])
	}

	async fn open_units(&self, _job: JobId, _at: Block) -> Result<Vec<OpenUnit>, ChainError> {
		Ok(vec![])
	}

	async fn job(&self, id: JobId, _at: Block) -> Result<Option<JobInfo>, ChainError> {
		Ok(self.job.lock().unwrap().clone().filter(|_| id == JOB))
	}

	async fn next_job(&self, _at: Block) -> Result<JobId, ChainError> {
		Ok(*self.next_job.lock().unwrap())
	}

	async fn can_participate(&self, _at: Block) -> Result<bool, ChainError> {
		Ok(true)
	}

	async fn registration(&self, _: Role, _: &AccountId, _at: Block) -> Result<Option<Registration>, ChainError> {
		Ok(None)
	}

	async fn dataset(&self, _id: DatasetId, _at: Block) -> Result<Option<Dataset>, ChainError> {
		Ok(self.dataset.clone())
	}

	async fn publications(&self, _block: Block) -> Result<Vec<Publication>, ChainError> {
		Ok(vec![])
	}

	async fn publish(&self, _publication: &Publication) -> Result<(), ChainError> {
		Ok(())
	}

	async fn nonce(&self, _at: Block) -> Result<u64, ChainError> {
		Ok(0)
	}

	async fn next_nonce(&self) -> Result<u64, ChainError> {
		Ok(0)
	}

	async fn spec_version(&self, _at: Block) -> Result<u32, ChainError> {
		Ok(1)
	}

	fn sign(&self, call: &Call, nonce: u64, born: Block) -> Result<Signed, ChainError> {
		self.signed.lock().unwrap().push(call.clone());
		let birth = born.number;
		Ok(Signed { bytes: vec![1], hash: H256([1; 32]), nonce, birth, death: birth + 64, spec_version: 1 })
	}

	async fn submit(&self, _bytes: &[u8]) -> Result<(), ChainError> {
		self.submitted.notify_one();
		Ok(())
	}

	async fn inclusion(&self, _: Block, _: H256) -> Result<Option<Inclusion>, ChainError> {
		Ok(None)
	}

	async fn submit_via_node(&self, _: JobId, _: &Fault) -> Result<(), ChainError> {
		Ok(())
	}
}

fn block(number: BlockNumber) -> Block {
	Block { number, hash: H256::repeat_byte(number as u8) }
}

/// The newest block, and that after it once it is made.
struct Blocks(watch::Receiver<BlockNumber>);

#[async_trait]
impl Heads for Blocks {
	fn newest(&mut self) -> Result<Block, ChainError> {
		Ok(block(*self.0.borrow_and_update()))
	}

	async fn next(&mut self) -> Result<Block, ChainError> {
		self.0.changed().await.map_err(|_| ChainError::Disconnected)?;
		self.newest()
	}
}

/// A network in which nobody has anything: notes whom it is told to reserve for.
#[derive(Default)]
struct NoNetwork {
	/// When it is asked for something.
	asked: Notify,
	reserved: watch::Sender<BTreeSet<[u8; 32]>>,
}

#[async_trait]
impl Network for NoNetwork {
	async fn fetch(&self, _from: &Endpoint, _digest: &[u8; 32], _max: u64) -> Result<Vec<u8>, FetchError> {
		self.asked.notify_one();
		Err(FetchError::Stopped)
	}

	async fn reserve_for(&self, peers: &BTreeSet<[u8; 32]>) {
		self.reserved.send_replace(peers.clone());
	}
}

struct StandingClock;

impl Clock for StandingClock {
	fn now(&self) -> Duration {
		Duration::ZERO
	}

	fn sleep_until(&self, _time: Duration) -> Sleep<'_> {
		Box::pin(std::future::pending())
	}
}

fn config(folder: &Path) -> Config {
	let text = "node = \"ws://nowhere\"\nstate = \"state\"\nroles = [\"coordinator\", \"data-provider\"]\nlisten = \
		\"/ip4/127.0.0.1/tcp/0\"\nmaster_key = \"master.key\"\nmaster_passphrase = { file = \"passphrase\" }\naccount = \
		{ uri = \"//Alice\" }\n[[dataset]]\nid = 0\ntype = \"csv\"\npath = \"rows.csv\"\n";
	let path = folder.join("worker.toml");
	fs::write(&path, text).unwrap();
	fs::write(folder.join("passphrase"), PASSPHRASE).unwrap();
	fs::write(folder.join("rows.csv"), "age,weight\n31,71\n47,80\n").unwrap();
	MasterSecret::generate().write(&folder.join("master.key"), PASSPHRASE).unwrap();
	Config::read(&path).unwrap()
}

/// A product of two primes.
fn modulus() -> Modulus {
	let vectors = include_str!("../../../../tests/fixtures/vectors/masks.json");
	let line = vectors.lines().find_map(|line| line.trim().strip_prefix("\"user_key\": \"")).unwrap();
	hex::decode(line.trim_end_matches(['"', ','])).unwrap().try_into().unwrap()
}

/// A chain on which the account is asked to provide the data of a job, whose keys it has verified before.
async fn confirming(config: &Config) -> OneJob {
	let chain = requested(config).await;
	let info = chain.job.lock().unwrap().clone().unwrap();
	let database = Database::open(&config.database()).unwrap();
	for claim in keys::claims(&Job::checked(JOB, GENESIS, &info).unwrap()) {
		database.remember_proven(&claim).unwrap();
	}
	chain
}

/// A chain on which the account is asked to provide the data of a job.
async fn requested(config: &Config) -> OneJob {
	let column = |name: &str| ColumnSpec { name: name.into(), decimals: 0, bits: 30 };
	let columns = vec![column("age"), column("weight")];
	let rows = declare(config, config.source(0).unwrap().unwrap(), columns.clone()).await.unwrap();
	let master = MasterSecret::read(&config.master_key, PASSPHRASE).unwrap();
	let sealing = master.sealing().public();
	let party = |who: AccountId, sealing| Party {
		pay: 1,
		charges: 0,
		endpoint: Endpoint { sealing, peer: who.0, address: Default::default() },
		who,
	};
	let data = |dataset: u64, who, sealing| DataParty {
		dataset,
		dataset_rows: rows.rows,
		first_row: 0,
		rows: rows.rows,
		fingerprint: rows.fingerprint,
		party: party(who, sealing),
	};
	let [other, computing, coordinator] = [2, 3, 4].map(|byte| AccountId([byte; 32]));
	let schema = schema(&columns).unwrap();
	let contract = Contract {
		user: AccountId([9; 32]),
		template: 1,
		kind: TemplateKind::ColumnMean,
		parameters: Parameters::None,
		schema: schema.clone(),
		data: vec![data(0, ME, sealing), data(1, other, [2; 32])].try_into().unwrap(),
		computing: vec![ComputingParty { paillier: modulus(), key_proof: [5; 32], party: party(computing, [3; 32]) }]
			.try_into()
			.unwrap(),
		coordinator: party(coordinator, [4; 32]),
		user_key: modulus(),
		user_key_proof: [6; 32],
		selection: SelectionTerms { commitment: GENESIS, selected: 1, sealed: Default::default() },
		schedule: Schedule::uniform(100),
		challenge_period: 1,
		answer_period: 1,
		charge_per_byte: 0,
		user_charges: 0,
		fee: 0,
		bond: 0,
	};
	let policy = Policy { templates: vec![1].try_into().unwrap(), min_rows: 1, buyers: None, max_queries: None };
	let dataset = Dataset {
		provider: ME,
		title: Default::default(),
		schema,
		rows: rows.rows,
		fingerprint: rows.fingerprint,
		price: 0,
		policy,
		withdrawn: false,
		deposit: 0,
	};
	let awaited = vec![Awaited { who: ME, deadline: 100, challenged: false }].try_into().unwrap();
	let info = JobInfo {
		contract_hash: contract.hash(&GENESIS, JOB),
		contract,
		requested_at: 1,
		status: Status::Open { stage: Stage::Confirmation, since: 1, awaited },
		mask_keys: vec![None; 2],
		commitments: vec![],
		published: Default::default(),
	};
	OneJob {
		duty: DutyKind::Confirm,
		job: Mutex::new(Some(info)),
		next_job: Mutex::new(JOB + 1),
		dataset: Some(dataset),
		..OneJob::overdue()
	}
}

/// The mask key that was posted.
fn posted(chain: &OneJob) -> Option<MaskKey> {
	let signed = chain.signed.lock().unwrap();
	let [call] = &signed[..] else { panic!("one call: {signed:?}") };
	assert_eq!(call.name, "confirm");
	let (job, _, key) = <(JobId, H256, Option<MaskKey>)>::decode(&mut &*call.arguments).unwrap();
	assert_eq!(job, JOB);
	key
}

fn worker(chain: &Arc<OneJob>, network: Arc<NoNetwork>, local: Local) -> Worker {
	let surroundings = Surroundings { chain: chain.clone(), network, clock: Arc::new(StandingClock) };
	Worker::new(local, surroundings, Arc::new(Honest)).unwrap()
}

/// Runs a worker until something has come to pass, and ends it there.
async fn run_until(chain: &Arc<OneJob>, config: Config, done: impl Future<Output = ()>) {
	run_in(Arc::default(), chain, config, done).await;
}

async fn run_in(network: Arc<NoNetwork>, chain: &Arc<OneJob>, config: Config, done: impl Future<Output = ()>) {
	let worker = worker(chain, network, Local::open(config).await.unwrap());
	tokio::select! {
		_ = worker.follow() => panic!("the chain is the same"),
		() = done => {},
		() = tokio::time::sleep(Duration::from_secs(60)) => panic!("it does not come to pass"),
	}
}

#[tokio::test]
async fn worker_signs_call_once_when_restarted_before_inclusion() {
	let folder = tempfile::tempdir().unwrap();
	let config = config(folder.path());
	let chain = Arc::new(OneJob::overdue());
	run_until(&chain, config.clone(), chain.submitted.notified()).await;
	// After these a worker submits again what is in no block.
	chain.make_blocks(4);
	run_until(&chain, config, chain.submitted.notified()).await;
	assert_eq!(chain.signed(), ["expire"]);
}

#[tokio::test]
async fn mask_key_is_on_disk_before_it_is_posted_and_the_same_after_a_crash() {
	let folder = tempfile::tempdir().unwrap();
	let config = config(folder.path());
	let chain = Arc::new(confirming(&config).await);
	let database = || Database::open(&config.database()).unwrap();
	// Drawn and stored, and nothing else, when the worker crashed.
	let drawn = database().draw_mask_key(JOB).unwrap().public();
	run_until(&chain, config.clone(), chain.submitted.notified()).await;
	assert_eq!(posted(&chain), Some(drawn));
	chain.make_blocks(4);
	run_until(&chain, config.clone(), chain.submitted.notified()).await;
	assert_eq!(posted(&chain), Some(drawn), "nothing is signed anew");
	assert_eq!(database().mask_key(JOB).unwrap().unwrap().public(), drawn);
}

#[tokio::test]
async fn mask_key_is_drawn_for_a_confirmation_and_erased_when_the_job_has_ended() {
	let folder = tempfile::tempdir().unwrap();
	let config = config(folder.path());
	let chain = Arc::new(confirming(&config).await);
	let database = || Database::open(&config.database()).unwrap();
	run_until(&chain, config.clone(), chain.submitted.notified()).await;
	let secret = database().mask_key(JOB).unwrap().unwrap().secret();
	assert_eq!(posted(&chain), Some(EphemeralKey::from_secret(&secret).public()));

	// A node that lags behind does not know the job yet: the key stays.
	let job = chain.job.lock().unwrap().take();
	*chain.next_job.lock().unwrap() = JOB;
	chain.make_blocks(1);
	run_until(&chain, config.clone(), two_blocks(&chain)).await;
	assert!(database().mask_key(JOB).unwrap().is_some());

	*chain.job.lock().unwrap() = job;
	*chain.next_job.lock().unwrap() = JOB + 1;
	chain.end();
	run_until(&chain, config.clone(), two_blocks(&chain)).await;
	assert!(database().jobs_with_mask_keys().unwrap().is_empty());
	for entry in fs::read_dir(&*config.state).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
	{
		let bytes = fs::read(&entry).unwrap();
		assert!(!bytes.windows(32).any(|window| window == *secret), "it is still in {}", entry.display());
	}
}

#[tokio::test]
async fn connections_are_reserved_for_the_parties_of_a_job_until_it_has_ended() {
	let folder = tempfile::tempdir().unwrap();
	let config = config(folder.path());
	let chain = Arc::new(confirming(&config).await);
	let network = Arc::new(NoNetwork::default());
	let mut reserved = network.reserved.subscribe();
	let parties = BTreeSet::from([ME.0, [2; 32], [3; 32], [4; 32]]);
	run_in(network.clone(), &chain, config, async {
		reserved.wait_for(|peers| *peers == parties).await.unwrap();
		chain.end();
		chain.make_blocks(1);
		reserved.wait_for(BTreeSet::is_empty).await.unwrap();
	})
	.await;
}

#[tokio::test]
async fn source_is_not_read_for_a_request_whose_keys_are_not_proven() {
	let folder = tempfile::tempdir().unwrap();
	let config = config(folder.path());
	let chain = Arc::new(requested(&config).await);
	// A worker that reads it declines.
	fs::write(folder.path().join("rows.csv"), "age,weight\n31,71\n").unwrap();
	let network = Arc::new(NoNetwork::default());
	let asks_for_proof = async {
		tokio::select! {
			() = network.asked.notified() => {},
			() = chain.submitted.notified() => panic!("{:?}", chain.signed()),
		}
	};
	run_in(network.clone(), &chain, config.clone(), asks_for_proof).await;
	assert!(chain.signed().is_empty());
}

#[tokio::test]
async fn request_is_declined_when_the_source_is_not_what_was_declared() {
	let folder = tempfile::tempdir().unwrap();
	let config = config(folder.path());
	let chain = Arc::new(confirming(&config).await);
	fs::write(folder.path().join("rows.csv"), "age,weight\n31,71\n").unwrap();
	run_until(&chain, config, chain.submitted.notified()).await;
	let signed = chain.signed.lock().unwrap();
	let [call] = &signed[..] else { panic!("one call: {signed:?}") };
	let declined = <(JobId, DeclineReason)>::decode(&mut &*call.arguments).unwrap();
	assert_eq!((&*call.name, declined), ("decline", (JOB, DeclineReason::Data)));
}

/// The worker has looked at two blocks: all of the first one is done.
async fn two_blocks(chain: &OneJob) {
	chain.asked.notified().await;
	chain.make_blocks(1);
	chain.asked.notified().await;
}

#[tokio::test]
async fn reports_and_challenges_are_over_once_their_job_is() {
	for (kind, expected) in [
		(TaskKind::Report, Standing::Over),
		(TaskKind::Challenge(Stage::Inputs), Standing::Over),
		(TaskKind::Duty(DutyKind::Expire), Standing::Open),
	] {
		let kind = kind.to_string();
		assert_eq!(standing(&OneJob::overdue(), JOB, &kind, block(1)).await.unwrap(), expected, "{kind}");
	}
}
