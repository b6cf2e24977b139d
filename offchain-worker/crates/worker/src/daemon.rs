//! The daemon: follows finalised blocks, asks the runtime for its duties and does them.
//!
//! At each finalised block it brings the [outbox](crate::outbox) on, asks for the account's duties at that block, and
//! starts a [task](crate::task) for each duty that has neither an intent nor a task. A task ends with a call, which
//! becomes its intent, or with an error, after which it is started again with growing pauses while the duty stands. What takes
//! the machine a while for a mere request (proofs about keys, reading a source) is done for one confirmation at a time, and
//! seldom beside work that is owed.
//! Next to that it looks at what the others of its jobs committed to, and reports faults. What it lacks for its own stage it
//! challenges, and what is challenged of its own it publishes.
//! Nothing that another party, a database or the node does ends the daemon; only a signal does, and at any point: what
//! counts is on disk.

mod comparisons;
mod duties;
mod failure;
mod key_proofs;
mod mask_keys;
mod pressing;
mod scheduler;
mod watchtower;

use crate::{
	behaviour::Behaviour,
	chain::{Chain, NodeChain},
	config::Config,
	database::Database,
	keys::MasterSecret,
	network::{self, ExpectedBlobs, Network},
};
use anyhow::Context;
use comparisons::Comparisons;
use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{
	keypair, AccountId, Block, BlockNumber, Client, Error as ChainError, JobInfo, Party, H256,
};
use encrytrust_datasets::FingerprintKey;
use encrytrust_job_client::{
	files::private_folder, peers::current_endpoint, Clock, Patience, Sources, SystemClock, Unserved,
};
use encrytrust_paillier::{key_file, KeySize, SecretKey};
use encrytrust_protocol::{sealing::SealingKey, verification::Wanted, Job, ProtocolError};
use encrytrust_transport::FetchError;
use encrytrust_types::{job::Role, JobId};
use failure::Failure;
use scheduler::Scheduler;
use std::{
	collections::HashMap,
	convert::Infallible,
	fmt,
	future::Future,
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};
use tokio::sync::watch;
use tracing::{debug, info, warn};

/// How many checked jobs are kept: as many as an account can have, with those that are only requested.
const MAX_CHECKED: usize = 512;
/// How long others may take for blobs, however few they are.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a block takes on a live chain: the terms count bytes by blocks.
const BLOCK_SECONDS: u64 = 6;

/// What a worker has on its own machine: configuration, keys, database and blobs.
#[derive(Debug)]
pub struct Local {
	/// The configuration.
	pub config: Config,
	/// What all keys but account and Paillier key follow from.
	pub secret: MasterSecret,
	/// The own Paillier key, for computing providers.
	pub paillier: Option<Arc<SecretKey>>,
	/// The database.
	pub database: Database,
	/// Blobs, own and others'.
	pub blobs: BlobStore,
	/// The blobs that it takes when they are offered.
	pub expected: ExpectedBlobs,
	/// The sizes of others' keys that it takes. No configuration changes them: others than [`KeySize::SECURE`] are for tests.
	pub key_sizes: &'static [KeySize],
}

impl Local {
	/// Opens what a configuration names.
	///
	/// # Errors
	///
	/// What cannot be read or opened.
	pub async fn open(config: Config) -> anyhow::Result<Self> {
		let secret = MasterSecret::open(&config).await?;
		let paillier = open_paillier(&config).await?.map(Arc::new);
		private_folder(&config.state).with_context(|| format!("cannot create the folder {}", config.state))?;
		let database = Database::open(&config.database())?;
		let blobs = BlobStore::open(&config.blobs())?;
		let expected = ExpectedBlobs::new(blobs.clone());
		Ok(Self { config, secret, paillier, database, blobs, expected, key_sizes: KeySize::SECURE })
	}
}

/// What a worker meets: a node, the other workers and the time, or whatever stands in for them.
#[derive(Clone)]
pub struct Surroundings {
	/// The chain, for the worker's account.
	pub chain: Arc<dyn Chain>,
	/// The other workers. They get this one's blobs from [`Local::blobs`], and offer theirs to [`Local::expected`].
	pub network: Arc<dyn Network>,
	/// The time.
	pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Surroundings {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Surroundings").finish_non_exhaustive()
	}
}

/// A worker, ready to do duties.
pub struct Worker {
	config: Config,
	chain: Arc<dyn Chain>,
	network: Arc<dyn Network>,
	clock: Arc<dyn Clock>,
	/// The finality clock at the newest head: what deadlines are compared with.
	now: watch::Sender<BlockNumber>,
	behaviour: Arc<dyn Behaviour>,
	me: AccountId,
	genesis: H256,
	sealing: Arc<SealingKey>,
	fingerprint_key: FingerprintKey,
	paillier: Option<Arc<SecretKey>>,
	blobs: BlobStore,
	expected: ExpectedBlobs,
	database: Database,
	key_sizes: &'static [KeySize],
	/// How sources compared lately with what was declared of them.
	comparisons: Comparisons,
	/// At which head the pool took a chunk, by job, unit and chunk.
	published: Mutex<HashMap<(JobId, u32, u32), BlockNumber>>,
	/// Jobs that were checked, with the hashes of their contracts.
	checked: Mutex<HashMap<JobId, (H256, Job)>>,
}

impl fmt::Debug for Worker {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Worker").field("me", &self.me.to_string()).field("config", &self.config).finish_non_exhaustive()
	}
}

/// Runs a worker through a node, the workers' network and the machine's clock, until `shutdown`.
///
/// # Errors
///
/// What keeps it from starting: configuration, keys, database, an address in use, a runtime that does not fit. A node
/// that is away or behind is waited for. At any time: a chain that was begun again since the state folder was first
/// used.
pub async fn run(
	config: Config,
	behaviour: Arc<dyn Behaviour>,
	shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
	tokio::select! {
		result = start_and_follow(config, behaviour) => result,
		() = shutdown => {
			info!("asked to end");
			Ok(())
		},
	}
}

async fn start_and_follow(config: Config, behaviour: Arc<dyn Behaviour>) -> anyhow::Result<()> {
	let path = config.path.clone();
	let state = config.state.clone();
	let worker = start(config, behaviour).await?;
	let Err(error) = worker.follow().await;
	Err(match error {
		ChainError::Reset(reset) => anyhow::anyhow!(
			"the chain was reset: use another state folder, by `state` in {}; {} is the former chain's and stays as it is \
			 ({reset})",
			path,
			state
		),
		error => error.into(),
	})
}

/// Opens keys, database and blobs, connects and listens.
async fn start(config: Config, behaviour: Arc<dyn Behaviour>) -> anyhow::Result<Worker> {
	let signer = keypair(&config.account.read("account's secret")?)?;
	let local = Local::open(config).await?;
	let Local { config, secret, blobs, expected, .. } = &local;
	let served = behaviour.blobs(Arc::new(blobs.clone()));
	let network = network::start(secret, &config.listen, served, expected.clone())?;
	let client = Client::connect(config.node.as_str(), None).await?;
	let chain = behaviour.chain(Arc::new(NodeChain::new(client, signer, config.proxy_for.clone())));
	let clock = Arc::new(SystemClock::default());
	let surroundings = Surroundings { chain, network: Arc::new(network), clock };
	let worker = Worker::new(local, surroundings, behaviour)?;
	let Config { node, listen, roles, .. } = &worker.config;
	info!(account = %worker.me, %node, listen, ?roles, "the worker is up");
	Ok(worker)
}

impl Worker {
	/// A worker that has not begun yet.
	///
	/// # Errors
	///
	/// A database that belongs to another chain.
	pub fn new(local: Local, surroundings: Surroundings, behaviour: Arc<dyn Behaviour>) -> anyhow::Result<Self> {
		let Local { config, secret, paillier, database, blobs, expected, key_sizes } = local;
		let Surroundings { chain, network, clock } = surroundings;
		let genesis = chain.genesis();
		database.bind(genesis)?;
		chain.remember(database.landmarks()?);
		Ok(Self {
			me: chain.account(),
			genesis,
			sealing: Arc::new(secret.sealing()),
			fingerprint_key: secret.fingerprint_key(),
			config,
			chain,
			network,
			comparisons: Comparisons::new(clock.clone()),
			clock,
			now: watch::Sender::new(0),
			behaviour,
			paillier,
			blobs,
			expected,
			database,
			key_sizes,
			published: Mutex::default(),
			checked: Mutex::default(),
		})
	}

	/// Does duties until the chain is another.
	///
	/// # Errors
	///
	/// [`ChainError::Reset`], and what keeps the chain from being followed at all.
	pub async fn follow(self) -> Result<Infallible, ChainError> {
		let worker = Arc::new(self);
		let mut heads = worker.chain.follow().await?;
		let mut scheduler = Scheduler::new(worker.database.clone(), worker.clock.clone(), &*worker.behaviour);
		let mut head = heads.newest()?;
		let mut remembered = 0;
		loop {
			if head.number > remembered {
				match worker.remember(remembered, head).await {
					Ok(()) => remembered = head.number,
					Err(error) => warn!(block = head.number, "cannot remember this block: {error}"),
				}
			}
			if let Err(error) = worker.erase_mask_keys(head).await {
				warn!(
					block = head.number,
					"cannot erase the mask keys of ended jobs: {error}; trying again at the next block"
				);
			}
			if let Err(error) = scheduler.on_finalized_block(&worker, head).await {
				warn!(block = head.number, "{error:#}; trying again at the next block");
			}
			tokio::select! {
				next = heads.next() => head = next?,
				Some(done) = scheduler.tasks.join_next_with_id() => scheduler.finish(done, head),
				Some(done) = scheduler.watchtower.rounds.join_next_with_id() => scheduler.watchtower.finish(done),
			}
		}
	}

	/// A job as the chain tells it. To check its keys takes long, and is done once for each contract.
	fn checked(&self, id: JobId, info: &JobInfo) -> Result<Job, ProtocolError> {
		let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
		match checked.get(&id) {
			Some((hash, job)) if *hash == info.contract_hash && *job.contract == info.contract => Ok(job.clone()),
			_ => {
				let job = Job::checked(id, self.genesis, info)?;
				if checked.len() >= MAX_CHECKED {
					checked.clear();
				}
				checked.insert(id, (info.contract_hash, job.clone()));
				Ok(job)
			},
		}
	}

	/// Remembers what tells this chain from one that is begun again, before anything is done that depends on it.
	async fn remember(&self, last: BlockNumber, head: Block) -> anyhow::Result<()> {
		Ok(self.database.remember(&self.chain.seen(last, head).await?)?)
	}

	/// A blob of at most `max` bytes of another party, from where it is registered to be now; or from here, if it is here.
	async fn fetch(
		&self,
		role: Role,
		party: &Party,
		digest: &[u8; 32],
		max: u64,
		head: Block,
	) -> Result<Vec<u8>, Failure> {
		let fetched = self.try_fetch(role, party, digest, max, head).await?;
		fetched.map_err(|error| Failure::transient(format!("cannot fetch from {}: {error}", party.who)))
	}

	async fn try_fetch(
		&self,
		role: Role,
		party: &Party,
		digest: &[u8; 32],
		max: u64,
		head: Block,
	) -> Result<Result<Vec<u8>, FetchError>, Failure> {
		let blobs = self.blobs.clone();
		let wanted = *digest;
		if let Ok(Some(blob)) = blocking(move || blobs.get(&wanted)).await? {
			return Ok(Ok(blob));
		}
		let registered = match self.chain.registration(role, &party.who, head).await {
			// Work may take longer than the node keeps a state.
			Err(ChainError::StatePruned) => {
				self.chain.registration(role, &party.who, self.chain.finalized().await?).await?
			},
			registered => registered?,
		};
		Ok(self.network.fetch(&current_endpoint(registered, party), digest, max).await)
	}

	/// A blob from whoever serves it.
	async fn fetch_wanted(&self, info: &JobInfo, wanted: Wanted, head: Block) -> Result<Vec<u8>, Unserved> {
		let mut parties = info.contract.parties();
		let party = parties.find(|(role, party)| *role == wanted.role && party.who == wanted.from);
		let (role, party) = party.ok_or(Unserved::Lacking)?;
		match self.try_fetch(role, party, &wanted.digest, wanted.max_bytes, head).await {
			Ok(Ok(blob)) => Ok(blob),
			Ok(Err(error)) => {
				debug!("cannot fetch from {}: {error}", party.who);
				Err(Unserved::from(&error))
			},
			Err(failure) => {
				debug!("{failure}");
				Err(Unserved::Lacking)
			},
		}
	}

	/// From whom blobs are fetched and for how long: as the terms say how much the line carries.
	fn sources(&self) -> Sources<'_> {
		let bytes_per_second = u64::from(self.config.terms.bytes_per_block) / BLOCK_SECONDS;
		Sources { clock: &*self.clock, patience: Patience { base: PATIENCE, bytes_per_second }, others: vec![] }
	}

	/// Stores a blob for others to fetch: before anything commits to it.
	async fn store(&self, blob: Vec<u8>) -> Result<(), Failure> {
		let blobs = self.blobs.clone();
		let stored = blocking(move || blobs.put(&blob)).await?;
		stored.map(|_| ()).map_err(Failure::transient)
	}

	/// Notes what was seen, for `encrytrust worker seen`. It is not worth failing a duty for.
	fn note(&self, job: JobId, role: &str, source: &str, item: &str) {
		if let Err(error) = self.database.note(job, role, source, item) {
			warn!(job, "{error}");
		}
	}
}

/// Runs what computes or reads files on a thread for that.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
	tokio::task::spawn_blocking(work).await.map_err(Failure::from)
}

/// A computing provider's key.
pub(crate) async fn open_paillier(config: &Config) -> anyhow::Result<Option<SecretKey>> {
	let Some(file) = config.paillier.clone() else { return Ok(None) };
	let key = tokio::task::spawn_blocking(move || {
		let passphrase = file.passphrase.read("Paillier key's passphrase")?;
		let text = std::fs::read_to_string(&*file.key)
			.with_context(|| format!("cannot read the Paillier key {}", file.key))?;
		key_file::open(&text, &passphrase).with_context(|| format!("cannot open the Paillier key {}", file.key))
	});
	Ok(Some(key.await??))
}
