//! A worker in one process with its test: no node, no sockets, and a clock that stands still.

use async_trait::async_trait;
use encrytrust_chain_client::{
	AccountId, Block, BlockNumber, Call, Dataset, Duty, Error as ChainError, Inclusion, JobInfo, KnownBlocks, OpenUnit,
	Publication, Registration, Signed, H256,
};
use encrytrust_fault_proofs::Fault;
use encrytrust_transport::FetchError;
use encrytrust_types::{
	job::{DutyKind, Endpoint, Role, Stage},
	DatasetId, JobId,
};
use encrytrust_worker::{
	config::Config,
	keys::MasterSecret,
	task::{standing, Standing, TaskKind},
	Chain, Clock, Heads, Honest, Local, Network, Surroundings, Worker,
};
use std::{
	fs,
	sync::{Arc, Mutex},
	time::Duration,
};
use tokio::sync::{watch, Notify};

/// A chain in all of whose blocks the account may expire a job. It has a new block when the test makes one.
struct Overdue {
	head: watch::Sender<BlockNumber>,
	signed: Mutex<Vec<String>>,
	submitted: Notify,
}

impl Overdue {
	fn new() -> Self {
		Self { head: watch::Sender::new(1), signed: Mutex::default(), submitted: Notify::new() }
	}

	fn make_blocks(&self, count: BlockNumber) {
		self.head.send_modify(|head| *head += count);
	}
}

#[async_trait]
impl Chain for Overdue {
	fn account(&self) -> AccountId {
		AccountId([1; 32])
	}

	fn genesis(&self) -> H256 {
		H256([0; 32])
	}

	async fn follow(&self) -> Result<Box<dyn Heads>, ChainError> {
		Ok(Box::new(Blocks(self.head.subscribe())))
	}

	async fn finalized(&self) -> Result<Block, ChainError> {
		Ok(block(*self.head.borrow()))
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
		Ok(vec![Duty { job: 3, kind: DutyKind::Expire, deadline: None }])
	}

	async fn open_units(&self, _job: JobId, _at: Block) -> Result<Vec<OpenUnit>, ChainError> {
		Ok(vec![])
	}

	async fn job(&self, _id: JobId, _at: Block) -> Result<Option<JobInfo>, ChainError> {
		Ok(None)
	}

	async fn next_job(&self, _at: Block) -> Result<JobId, ChainError> {
		Ok(0)
	}

	async fn can_participate(&self, _at: Block) -> Result<bool, ChainError> {
		Ok(true)
	}

	async fn registration(&self, _: Role, _: &AccountId, _at: Block) -> Result<Option<Registration>, ChainError> {
		Ok(None)
	}

	async fn dataset(&self, _id: DatasetId, _at: Block) -> Result<Option<Dataset>, ChainError> {
		Ok(None)
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
		self.signed.lock().unwrap().push(call.name.to_string());
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

struct NoNetwork;

#[async_trait]
impl Network for NoNetwork {
	async fn fetch(&self, _from: &Endpoint, _digest: &[u8; 32]) -> Result<Vec<u8>, FetchError> {
		Err(FetchError::Stopped)
	}
}

struct StandingClock;

impl Clock for StandingClock {
	fn now(&self) -> Duration {
		Duration::ZERO
	}
}

fn config(folder: &std::path::Path) -> Config {
	let text =
		"node = \"ws://nowhere\"\nstate = \"state\"\nroles = [\"coordinator\"]\nlisten = \"/ip4/127.0.0.1/tcp/0\"\n\
		master_key = \"master.key\"\naccount = { uri = \"//Alice\" }\n";
	let path = folder.join("worker.toml");
	fs::write(&path, text).unwrap();
	MasterSecret::create(&folder.join("master.key")).unwrap();
	Config::read(&path).unwrap()
}

/// Runs a worker until it has submitted something, and ends it there.
async fn run_until_submitted(chain: &Arc<Overdue>, config: Config) {
	let local = Local::open(config).await.unwrap();
	let surroundings =
		Surroundings { chain: chain.clone(), network: Arc::new(NoNetwork), clock: Arc::new(StandingClock) };
	let worker = Worker::new(local, surroundings, Arc::new(Honest)).unwrap();
	tokio::select! {
		_ = worker.follow() => panic!("the chain is the same"),
		() = chain.submitted.notified() => {},
	}
}

#[tokio::test]
async fn worker_signs_call_once_when_restarted_before_inclusion() {
	let folder = tempfile::tempdir().unwrap();
	let config = config(folder.path());
	let chain = Arc::new(Overdue::new());
	run_until_submitted(&chain, config.clone()).await;
	// After these a worker submits again what is in no block.
	chain.make_blocks(4);
	run_until_submitted(&chain, config).await;
	assert_eq!(*chain.signed.lock().unwrap(), ["expire"]);
}

#[tokio::test]
async fn reports_and_challenges_are_over_once_their_job_is() {
	for (kind, expected) in [
		(TaskKind::Report, Standing::Over),
		(TaskKind::Challenge(Stage::Inputs), Standing::Over),
		(TaskKind::Duty(DutyKind::Expire), Standing::Open),
	] {
		let kind = kind.to_string();
		assert_eq!(standing(&Overdue::new(), 3, &kind, block(1)).await.unwrap(), expected, "{kind}");
	}
}
