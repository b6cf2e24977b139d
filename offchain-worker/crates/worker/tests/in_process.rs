//! A worker in one process with its test: no node, no sockets, and a clock that stands still.

use async_trait::async_trait;
use encrytrust_chain_client::{
	AccountId, Block, BlockNumber, Call, DataSet, Demand, DemandAnswer, Duty, Error as ChainError, Inclusion, JobInfo,
	Landmarks, Registration, Signed, H256,
};
use encrytrust_fault_proofs::Fault;
use encrytrust_transport::FetchError;
use encrytrust_types::{
	job::{DutyKind, Endpoint, Role},
	DataSetId, JobId,
};
use encrytrust_worker::{
	config::Config, keys::MasterSecret, Chain, Clock, Heads, Honest, Local, Network, Surroundings, Worker,
};
use std::{
	fs,
	future::pending,
	sync::{Arc, Mutex},
	time::Duration,
};
use tokio::sync::Notify;

const HEAD: Block = Block { number: 7, hash: H256([7; 32]) };

/// A chain of which one block is seen, in which the account may expire a job.
#[derive(Default)]
struct OneBlock {
	signed: Mutex<Vec<String>>,
	submitted: Notify,
}

#[async_trait]
impl Chain for OneBlock {
	fn account(&self) -> AccountId {
		AccountId([1; 32])
	}

	fn genesis(&self) -> H256 {
		H256([0; 32])
	}

	async fn follow(&self) -> Result<Box<dyn Heads>, ChainError> {
		Ok(Box::new(NoMore))
	}

	async fn finalized(&self) -> Result<Block, ChainError> {
		Ok(HEAD)
	}

	async fn block_at(&self, number: BlockNumber) -> Result<Option<Block>, ChainError> {
		Ok((number == HEAD.number).then_some(HEAD))
	}

	fn remember(&self, _seen: Vec<Block>) {}

	async fn seen(&self, _last: BlockNumber, head: Block) -> Result<Landmarks, ChainError> {
		let mut seen = Landmarks::default();
		seen.insert(head);
		Ok(seen)
	}

	async fn duties(&self, _at: Block) -> Result<Vec<Duty>, ChainError> {
		Ok(vec![Duty { job: 3, kind: DutyKind::Expire, deadline: None }])
	}

	async fn demands(&self, _job: JobId, _at: Block) -> Result<Vec<Demand>, ChainError> {
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

	async fn data_set(&self, _id: DataSetId, _at: Block) -> Result<Option<DataSet>, ChainError> {
		Ok(None)
	}

	async fn answers(&self, _block: Block) -> Result<Vec<DemandAnswer>, ChainError> {
		Ok(vec![])
	}

	async fn nonce(&self, _at: Block) -> Result<u64, ChainError> {
		Ok(0)
	}

	fn sign(&self, call: &Call, nonce: u64, born: Block) -> Result<Signed, ChainError> {
		self.signed.lock().unwrap().push(call.name.to_string());
		Ok(Signed { bytes: vec![1], hash: H256([1; 32]), nonce, born: born.number, dies: born.number + 64 })
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

/// One block, and never another until the next restart.
struct NoMore;

#[async_trait]
impl Heads for NoMore {
	fn newest(&mut self) -> Result<Block, ChainError> {
		Ok(HEAD)
	}

	async fn next(&mut self) -> Result<Block, ChainError> {
		pending().await
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

/// Runs a worker on the chain's one block, until it has submitted something or this takes too long.
async fn run_once(chain: &Arc<OneBlock>, config: Config) -> bool {
	let local = Local::open(config).await.unwrap();
	let surroundings =
		Surroundings { chain: chain.clone(), network: Arc::new(NoNetwork), clock: Arc::new(StandingClock) };
	let worker = Worker::new(local, surroundings, Arc::new(Honest)).unwrap();
	tokio::select! {
		_ = worker.follow() => panic!("the chain is the same"),
		() = chain.submitted.notified() => true,
		() = tokio::time::sleep(Duration::from_secs(5)) => false,
	}
}

#[tokio::test]
async fn worker_signs_a_duty_once_when_it_is_started_twice() {
	let folder = tempfile::tempdir().unwrap();
	let config = config(folder.path());
	let chain = Arc::new(OneBlock::default());
	// Within one block the call becomes an intent; it is signed at the next look at a block, by the next worker.
	assert!(!run_once(&chain, config.clone()).await);
	assert!(run_once(&chain, config.clone()).await);
	assert!(run_once(&chain, config).await, "the same bytes are submitted again");
	assert_eq!(*chain.signed.lock().unwrap(), ["expire"]);
}
