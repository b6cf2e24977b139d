//! The daemon: follows finalised blocks, asks the runtime for its duties and does them.
//!
//! At each finalised block it brings the [outbox](crate::outbox) on, asks `BmpcApi::duties` at that block, and starts a
//! [task](crate::task) for each duty that has neither an intent nor a task. A task ends with a call, which becomes its
//! intent, or with an error, after which it is started again with growing pauses while the duty stands. Beside that it
//! looks at what the others of its jobs committed to, reports faults and demands what cannot be had. Nothing that another
//! party, a database or the node does ends the daemon; only a signal does, and at any point: what counts is on disk.

mod duties;
mod proofs;
mod watching;

use crate::{
	config::{Config, ConfigError},
	database::{Database, DatabaseError},
	keys::MasterSecret,
	network::{self, Wishes},
	outbox::{Account, Outbox},
	protocol::{cheat::Cheat, ProtocolError},
	sealing::SealingKey,
	task::{self, Task, TaskKind},
};
use anyhow::Context;
use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{keypair, AccountId, Block, BlockNumber, Call, Client, Error as ChainError, Party, H256};
use encrytrust_datasets::FingerprintKey;
use encrytrust_paillier::{key_file, SecretKey};
use encrytrust_primitives::bmpc::{DeclineReason, DutyKind, JobId, Role};
use encrytrust_transport::Network;
use std::{
	collections::{HashMap, HashSet},
	convert::Infallible,
	future::Future,
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::task::{JoinError, JoinSet};
use tracing::{error, info, warn};
use watching::Watch;

/// The longest pause before a duty that could not be done is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// A worker, ready to do duties.
#[derive(Debug)]
pub struct Worker {
	config: Config,
	account: Account,
	me: AccountId,
	genesis: H256,
	sealing: Arc<SealingKey>,
	fingerprint_key: FingerprintKey,
	/// The own Paillier key, for computing providers.
	paillier: Option<Arc<SecretKey>>,
	blobs: BlobStore,
	wishes: Wishes,
	database: Database,
	network: Network,
	/// What it does wrong: to show that others notice.
	cheat: Option<Cheat>,
}

/// Why a duty was not done.
#[derive(Debug, thiserror::Error)]
enum Failure {
	/// It may be possible later.
	#[error("{0}")]
	Passing(String),
	/// It will never be possible; at confirmation the job is declined for this reason.
	#[error("{1}")]
	Permanent(DeclineReason, String),
}

impl From<ChainError> for Failure {
	fn from(error: ChainError) -> Self {
		Self::Passing(error.to_string())
	}
}

impl From<ProtocolError> for Failure {
	fn from(error: ProtocolError) -> Self {
		let reason = match error {
			ProtocolError::UserKey(_) => DeclineReason::UserKey,
			ProtocolError::ComputingKey { .. } => DeclineReason::ComputingKey,
			ProtocolError::Selection(_) | ProtocolError::Sealed { .. } => DeclineReason::Selection,
			ProtocolError::Store(_) => return Self::Passing(error.to_string()),
			_ => DeclineReason::Other,
		};
		Self::Permanent(reason, error.to_string())
	}
}

impl From<DatabaseError> for Failure {
	fn from(error: DatabaseError) -> Self {
		Self::Passing(error.to_string())
	}
}

impl From<ConfigError> for Failure {
	fn from(error: ConfigError) -> Self {
		// Somebody is at work on the file.
		Self::Passing(error.to_string())
	}
}

/// Runs a worker until `shutdown`.
///
/// # Errors
///
/// What keeps it from starting: configuration, keys, database, an address in use, a runtime that does not fit. A node that
/// is away or behind is waited for. With a `cheat` also a chain that is none to develop on. At any time: a chain that was
/// begun anew since the state folder was first used.
pub async fn run(config: Config, cheat: Option<Cheat>, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
	tokio::select! {
		result = start_and_follow(config, cheat) => result,
		() = shutdown => {
			info!("asked to end");
			Ok(())
		},
	}
}

async fn start_and_follow(config: Config, cheat: Option<Cheat>) -> anyhow::Result<()> {
	let (path, state) = (config.path.clone(), config.state.clone());
	let worker = Arc::new(Worker::start(config, cheat).await?);
	let Err(error) = worker.follow().await;
	Err(match error {
		ChainError::Reset(reset) => anyhow::anyhow!(
			"the chain was reset: use another state folder, by `state` in {}; {} is the former chain's and stays as it is \
			 ({reset})",
			path.display(),
			state.display()
		),
		error => error.into(),
	})
}

impl Worker {
	/// Opens keys, database and blobs, connects and listens.
	async fn start(config: Config, cheat: Option<Cheat>) -> anyhow::Result<Self> {
		let secret = MasterSecret::read(&config.master_key)?;
		let signer = keypair(&config.account.read("account's secret")?)?;
		let paillier = open_paillier(&config).await?.map(Arc::new);
		std::fs::create_dir_all(&config.state)
			.with_context(|| format!("cannot create the folder {}", config.state.display()))?;
		let database = Database::open(&config.database())?;
		let blobs = BlobStore::open(&config.blobs())?;
		let wishes = Wishes::new(blobs.clone());
		let network = network::start(&secret, &config.listen, Arc::new(blobs.clone()), wishes.clone())?;
		let client = Client::connect(&config.node, None).await?;
		if let Some(cheat) = cheat {
			anyhow::ensure!(client.is_development().await?, "a worker cheats on a development chain alone");
			warn!("this worker cheats: {}", cheat.name());
		}
		database.bind(client.genesis())?;
		client.remember(database.landmarks()?);
		let account = Account { client, signer };
		let me = account.id();
		info!(account = %me, node = config.node, listen = config.listen, roles = ?config.roles, "the worker is up");
		Ok(Self {
			genesis: account.client.genesis(),
			sealing: Arc::new(secret.sealing()),
			fingerprint_key: secret.fingerprint_key(),
			network,
			config,
			account,
			me,
			paillier,
			blobs,
			wishes,
			database,
			cheat,
		})
	}

	/// Does duties until the chain is another.
	async fn follow(self: Arc<Self>) -> Result<Infallible, ChainError> {
		let mut heads = self.account.client.follow().await?;
		let mut desk = Desk::new(&self);
		let (mut head, mut remembered) = (heads.newest()?, 0);
		loop {
			if head.number > remembered {
				match self.remember(remembered, head).await {
					Ok(()) => remembered = head.number,
					Err(error) => warn!(block = head.number, "cannot remember this block: {error:#}"),
				}
			}
			if let Err(error) = desk.turn(&self, head).await {
				warn!(block = head.number, "{error:#}; trying again at the next block");
			}
			tokio::select! {
				next = heads.next() => head = next?,
				Some(done) = desk.tasks.join_next() => desk.finish(done, head),
				Some(done) = desk.watch.rounds.join_next() => desk.watch.finish(done, head),
			}
		}
	}

	/// Remembers what tells this chain from one that is begun anew, before anything is done that depends on it.
	async fn remember(&self, last: BlockNumber, head: Block) -> anyhow::Result<()> {
		Ok(self.database.remember(&self.account.client.seen(last, head).await?)?)
	}

	/// A blob of another party, from where it is registered to be now; or from here, if it is here.
	async fn fetch(&self, role: Role, party: &Party, digest: &[u8; 32], head: Block) -> Result<Vec<u8>, Failure> {
		let (blobs, wanted) = (self.blobs.clone(), *digest);
		if let Ok(Some(blob)) = blocking(move || blobs.get(&wanted)).await? {
			return Ok(blob);
		}
		let client = &self.account.client;
		let current = match client.at(head.hash).role(role, &party.who).await {
			// Work may take longer than the node keeps a state.
			Err(ChainError::Forgotten) => client.at(client.finalized().await?.hash).role(role, &party.who).await?,
			current => current?,
		};
		let endpoint = current.map_or_else(|| party.endpoint.clone(), |registration| registration.endpoint);
		let fetched = network::fetch(&self.network, &endpoint, digest).await;
		fetched.map_err(|error| Failure::Passing(format!("cannot fetch from {}: {error}", party.who)))
	}

	/// Stores a blob for others to fetch: before anything commits to it.
	async fn store(&self, blob: Vec<u8>) -> Result<(), Failure> {
		let blobs = self.blobs.clone();
		let stored = blocking(move || blobs.put(&blob)).await?;
		stored.map(|_| ()).map_err(|error| Failure::Passing(error.to_string()))
	}

	/// Notes what was seen, for `encrytrust worker seen`. It is not worth failing a duty for.
	fn note(&self, job: JobId, role: &str, source: &str, item: &str) {
		if let Err(error) = self.database.note(job, role, source, item) {
			warn!(job, "{error}");
		}
	}
}

/// What is under way.
struct Desk {
	outbox: Outbox,
	tasks: JoinSet<(Task, Result<Call, Failure>)>,
	/// What is under way, and what waits to be tried again, by job and name.
	pauses: HashMap<(JobId, String), Pause>,
	watch: Watch,
}

enum Pause {
	UnderWay { tries: u32 },
	Until { tries: u32, at: Instant },
}

impl Desk {
	fn new(worker: &Worker) -> Self {
		let outbox = Outbox::new(worker.database.clone());
		Self { outbox, tasks: JoinSet::new(), pauses: HashMap::new(), watch: Watch::default() }
	}

	/// What there is to do at a finalised block.
	async fn turn(&mut self, worker: &Arc<Worker>, head: Block) -> anyhow::Result<()> {
		// What is due is done even if what was done cannot be sent now: a full disk or one stubborn extrinsic may pass.
		if let Err(error) = self.outbox.step(&worker.account, head).await {
			warn!(block = head.number, "cannot bring the extrinsics on: {error}; trying again at the next block");
		}
		let tasks = task::due(&worker.account.client, &worker.me, head).await?;
		let names: HashSet<_> = tasks.iter().map(|task| (task.job, task.kind.to_string())).collect();
		self.pauses.retain(|key, pause| matches!(pause, Pause::UnderWay { .. }) || names.contains(key));
		let confirm = TaskKind::Duty(DutyKind::Confirm);
		worker.wishes.retain(|job| tasks.iter().any(|task| task.job == job && task.kind == confirm));
		for task in tasks {
			if self.outbox.wants(task.job, &task.kind, head.number)? {
				self.begin(worker, task, head);
			}
		}
		self.watch.turn(worker, &self.outbox, head).await
	}

	/// Starts a task, unless it is under way or pausing.
	fn begin(&mut self, worker: &Arc<Worker>, task: Task, head: Block) {
		let key = (task.job, task.kind.to_string());
		let tries = match self.pauses.get(&key) {
			Some(Pause::UnderWay { .. }) => return,
			Some(Pause::Until { at, .. }) if Instant::now() < *at => return,
			Some(Pause::Until { tries, .. }) => tries + 1,
			None => {
				info!(job = task.job, block = head.number, deadline = task.deadline, "to do: {}", task.kind);
				1
			},
		};
		self.pauses.insert(key, Pause::UnderWay { tries });
		let worker = worker.clone();
		self.tasks.spawn(async move { (task.clone(), worker.perform(task, head).await) });
	}

	/// Takes a task's outcome: its call becomes an intent.
	fn finish(&mut self, done: Result<(Task, Result<Call, Failure>), JoinError>, head: Block) {
		let (task, outcome) = match done {
			Ok(done) => done,
			Err(error) => {
				error!("a task failed: {error}");
				self.pauses.retain(|_, pause| !matches!(pause, Pause::UnderWay { .. }));
				return;
			},
		};
		let call = match outcome {
			Ok(call) => call,
			Err(Failure::Permanent(reason, text)) if task.kind == TaskKind::Duty(DutyKind::Confirm) => {
				warn!(job = task.job, ?reason, "declining: {text}");
				Call::decline(task.job, reason)
			},
			Err(failure) => return self.pause(task, &failure),
		};
		match self.outbox.intend(&task, &call, head.number) {
			Ok(_) => {
				self.pauses.remove(&(task.job, task.kind.to_string()));
			},
			Err(error) => self.pause(task, &Failure::Passing(error.to_string())),
		}
	}

	fn pause(&mut self, task: Task, failure: &Failure) {
		let key = (task.job, task.kind.to_string());
		let tries = match self.pauses.get(&key) {
			Some(Pause::UnderWay { tries } | Pause::Until { tries, .. }) => *tries,
			None => 1,
		};
		let pause = Duration::from_secs(1 << tries.min(6)).min(LONGEST_PAUSE) / 2;
		warn!(job = task.job, tries, "cannot {} yet: {failure}; again in {pause:?}", key.1);
		self.pauses.insert(key, Pause::Until { tries, at: Instant::now() + pause });
	}
}

/// Runs what computes or reads files on a thread for that.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
	tokio::task::spawn_blocking(work).await.map_err(|error| Failure::Passing(format!("a task failed: {error}")))
}

/// A computing provider's key.
pub(crate) async fn open_paillier(config: &Config) -> anyhow::Result<Option<SecretKey>> {
	let Some(file) = config.paillier.clone() else { return Ok(None) };
	let key = tokio::task::spawn_blocking(move || {
		let passphrase = file.passphrase.read("Paillier key's passphrase")?;
		let text = std::fs::read_to_string(&file.key)
			.with_context(|| format!("cannot read the Paillier key {}", file.key.display()))?;
		key_file::open(&text, &passphrase)
			.with_context(|| format!("cannot open the Paillier key {}", file.key.display()))
	});
	Ok(Some(key.await??))
}
