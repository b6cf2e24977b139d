//! The daemon: follows finalised blocks, asks the runtime for its duties and does them.
//!
//! At each finalised block it brings the [outbox](crate::outbox) on, asks `BmpcApi::duties` at that block, and starts a
//! [task](crate::task) for each duty that has neither an intent nor a task. A task ends with a call, which becomes its
//! intent, or with an error, after which it is started again with growing pauses while the duty stands. Beside that it
//! looks at what the others of its jobs committed to, reports faults and demands what cannot be had. Nothing that another
//! party, a database or the node does ends the daemon; only a signal does, and at any point: what counts is on disk.

mod duties;
mod failure;
mod proofs;
mod watching;

use crate::{
	config::Config,
	database::Database,
	keys::MasterSecret,
	network::{self, Wishes},
	outbox::{Account, Outbox, OutboxError, State},
	output::private_folder,
	protocol::cheat::Cheat,
	sealing::SealingKey,
	task::{self, Task, TaskKind},
};
use anyhow::Context;
use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{keypair, AccountId, Block, BlockNumber, Call, Client, Error as ChainError, Party, H256};
use encrytrust_datasets::FingerprintKey;
use encrytrust_paillier::{key_file, SecretKey};
use encrytrust_primitives::bmpc::{DeclineReason, DutyKind, JobId, Role, Stage};
use encrytrust_transport::Network;
use failure::{must_decline, Failure};
use std::{
	collections::{HashMap, HashSet},
	convert::Infallible,
	future::Future,
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::task::{Id, JoinError, JoinSet};
use tracing::{error, info, warn};
use watching::Watch;

/// The longest pause before a duty that could not be done is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// Failures of what the bond of a confirmed job hangs on, after which the log says so as an error.
const LOUD_TRIES: u32 = 3;

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
			path,
			state
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
		private_folder(&config.state).with_context(|| format!("cannot create the folder {}", config.state))?;
		let database = Database::open(&config.database())?;
		let blobs = BlobStore::open(&config.blobs())?;
		let wishes = Wishes::new(blobs.clone());
		let network = network::start(&secret, &config.listen, Arc::new(blobs.clone()), wishes.clone())?;
		let client = Client::connect(config.node.as_str(), None).await?;
		if let Some(cheat) = cheat {
			anyhow::ensure!(client.is_development().await?, "a worker cheats on a development chain alone");
			warn!("this worker cheats: {}", cheat.name());
		}
		database.bind(client.genesis())?;
		client.remember(database.landmarks()?);
		let account = Account { client, signer };
		let me = account.id();
		info!(account = %me, node = %config.node, listen = config.listen, roles = ?config.roles, "the worker is up");
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
		let mut desk = Desk::new(self.database.clone(), self.cheat);
		let (mut head, mut remembered) = (heads.newest()?, 0);
		loop {
			if head.number > remembered {
				match self.remember(remembered, head).await {
					Ok(()) => remembered = head.number,
					Err(error) => warn!(block = head.number, "cannot remember this block: {error}"),
				}
			}
			if let Err(error) = desk.turn(&self, head).await {
				warn!(block = head.number, "{error:#}; trying again at the next block");
			}
			tokio::select! {
				next = heads.next() => head = next?,
				Some(done) = desk.tasks.join_next_with_id() => desk.finish(done, head),
				Some(done) = desk.watch.rounds.join_next_with_id() => desk.watch.finish(done, head),
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
		fetched.map_err(|error| Failure::transient(format!("cannot fetch from {}: {error}", party.who)))
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

/// What is under way.
struct Desk {
	outbox: Outbox,
	tasks: JoinSet<Result<Call, Failure>>,
	/// Which task each of `tasks` is.
	running: HashMap<Id, Task>,
	/// What is under way, and what waits to be tried again, by job and name.
	attempts: HashMap<(JobId, String), Attempts>,
	watch: Watch,
	/// Whether this worker shows what silence in the confirmation costs.
	is_silent: bool,
}

/// What was tried of a task.
struct Attempts {
	tries: u32,
	/// How many of the tries ended in a recurring failure.
	recurred: u32,
	/// The finalised block at which the task was first seen.
	since: BlockNumber,
	/// When it is tried again; none while it is under way.
	next: Option<Instant>,
	/// How it failed the last time.
	failure: Option<Failure>,
}

/// What to do about a task now.
#[derive(Debug, PartialEq, Eq)]
enum Next {
	Begin,
	Wait,
	Decline,
}

impl Desk {
	fn new(database: Database, cheat: Option<Cheat>) -> Self {
		Self {
			outbox: Outbox::new(database),
			tasks: JoinSet::new(),
			running: HashMap::new(),
			attempts: HashMap::new(),
			watch: Watch::default(),
			is_silent: cheat.is_some_and(|cheat| cheat.is_silent(Stage::Confirmation)),
		}
	}

	/// What there is to do at a finalised block.
	async fn turn(&mut self, worker: &Arc<Worker>, head: Block) -> anyhow::Result<()> {
		// What is due is done even if what was done cannot be sent now: a full disk or one stubborn extrinsic may pass.
		if let Err(error) = self.outbox.step(&worker.account, head).await {
			warn!(block = head.number, "cannot bring the extrinsics on: {error}; trying again at the next block");
		}
		let tasks = task::due(&worker.account.client, &worker.me, head).await?;
		let names: HashSet<_> = tasks.iter().map(key).collect();
		self.attempts.retain(|key, attempts| attempts.next.is_none() || names.contains(key));
		worker.wishes.retain(|job| tasks.iter().any(|task| task.job == job && is_confirmation(task)));
		let mut has_declined = false;
		for task in tasks {
			if !self.outbox.wants(task.job, &task.kind, head.number)? {
				continue;
			}
			match self.next(&task, head.number) {
				Next::Begin => {
					let (worker, work, refusal) = (worker.clone(), task.clone(), self.refusal(&task)?);
					self.begin(task, head, async move {
						match refusal {
							Some(failure) => Err(failure),
							None => worker.perform(work, head).await,
						}
					});
				},
				Next::Wait => {},
				Next::Decline => {
					self.decline(&task, head);
					has_declined = true;
				},
			}
		}
		if has_declined {
			// At the next block it may be too late.
			self.outbox.step(&worker.account, head).await?;
		}
		self.watch.turn(worker, &self.outbox, head).await
	}

	/// A confirmation that the chain refused once: it would again.
	fn refusal(&self, task: &Task) -> Result<Option<Failure>, OutboxError> {
		Ok(match self.outbox.state(task.job, &task.kind)? {
			Some(State::Failed { error, .. }) if is_confirmation(task) => {
				let text = format!("the chain refused the confirmation: {error}");
				Some(Failure::Permanent(DeclineReason::Other, text))
			},
			_ => None,
		})
	}

	fn next(&self, task: &Task, head: BlockNumber) -> Next {
		match self.attempts.get(&key(task)) {
			None => Next::Begin,
			Some(attempts) if self.must_decline(task, attempts, head) => Next::Decline,
			Some(Attempts { next: Some(at), .. }) if Instant::now() >= *at => Next::Begin,
			Some(_) => Next::Wait,
		}
	}

	fn must_decline(&self, task: &Task, attempts: &Attempts, head: BlockNumber) -> bool {
		let Attempts { recurred, since, failure, .. } = attempts;
		is_confirmation(task)
			&& !self.is_silent
			&& must_decline(failure.as_ref(), *recurred, *since, task.deadline, head)
	}

	fn begin(&mut self, task: Task, head: Block, work: impl Future<Output = Result<Call, Failure>> + Send + 'static) {
		let attempts = self.attempts.entry(key(&task)).or_insert_with(|| {
			info!(job = task.job, block = head.number, deadline = task.deadline, "to do: {}", task.kind);
			Attempts { tries: 0, recurred: 0, since: head.number, next: None, failure: None }
		});
		attempts.tries += 1;
		attempts.next = None;
		let id = self.tasks.spawn(work).id();
		self.running.insert(id, task);
	}

	/// Takes a task's outcome: its call becomes an intent.
	fn finish(&mut self, done: Result<(Id, Result<Call, Failure>), JoinError>, head: Block) {
		let (id, outcome) = done.unwrap_or_else(|panic| (panic.id(), Err(Failure::from(panic))));
		let Some(task) = self.running.remove(&id) else { return };
		match outcome {
			Ok(call) => self.intend(&task, &call, head),
			Err(failure) => self.fail(&task, failure, head),
		}
	}

	fn intend(&mut self, task: &Task, call: &Call, head: Block) {
		match self.outbox.intend(task, call, head.number) {
			Ok(_) => drop(self.attempts.remove(&key(task))),
			Err(error) => self.pause(task, Failure::transient(error)),
		}
	}

	fn fail(&mut self, task: &Task, failure: Failure, head: Block) {
		let Some(attempts) = self.attempts.get_mut(&key(task)) else { return };
		attempts.recurred += u32::from(matches!(failure, Failure::Recurring(..)));
		attempts.failure = Some(failure.clone());
		match self.attempts.get(&key(task)) {
			Some(attempts) if self.must_decline(task, attempts, head.number) => self.decline(task, head),
			_ => self.pause(task, failure),
		}
	}

	/// Declines a job that cannot be confirmed, or not in time.
	fn decline(&mut self, task: &Task, head: Block) {
		let Some(attempts) = self.attempts.get(&key(task)) else { return };
		let reason = attempts.failure.as_ref().map_or(DeclineReason::Other, Failure::reason);
		let (job, tries, deadline) = (task.job, attempts.tries, task.deadline);
		match &attempts.failure {
			Some(Failure::Permanent(_, text)) => warn!(job, ?reason, "declining: {text}"),
			Some(failure) => warn!(job, ?reason, tries, deadline, "declining, for it does not pass in time: {failure}"),
			None => warn!(job, ?reason, deadline, "declining, for the checks are not finished in time"),
		}
		self.intend(task, &Call::decline(job, reason), head);
	}

	fn pause(&mut self, task: &Task, failure: Failure) {
		let key = key(task);
		let Some(attempts) = self.attempts.get_mut(&key) else { return };
		let tries = attempts.tries;
		let pause = Duration::from_secs(1 << tries.min(6)).min(LONGEST_PAUSE) / 2;
		let (job, name) = (task.job, key.1);
		match task.deadline {
			Some(deadline) if is_owed(task) && tries >= LOUD_TRIES => error!(
				job,
				tries,
				"cannot {name} yet: {failure}; again in {pause:?}. What this job has at stake is LOST if it is not done \
				 by block {deadline}, and it is too late to decline"
			),
			_ => warn!(job, tries, "cannot {name} yet: {failure}; again in {pause:?}"),
		}
		attempts.failure = Some(failure);
		attempts.next = Some(Instant::now() + pause);
	}
}

/// There is one task of a name in each job.
fn key(task: &Task) -> (JobId, String) {
	(task.job, task.kind.to_string())
}

fn is_confirmation(task: &Task) -> bool {
	task.kind == TaskKind::Duty(DutyKind::Confirm)
}

/// Whether the job's whole bond is lost if a task is not done.
fn is_owed(task: &Task) -> bool {
	match task.kind {
		TaskKind::Duty(kind) => matches!(
			kind,
			DutyKind::CommitSelection | DutyKind::CommitInputs | DutyKind::CommitOutput | DutyKind::CommitResult
		),
		TaskKind::Answer(..) => true,
		TaskKind::ExpireDemand(_) | TaskKind::Demand(_) | TaskKind::Report => false,
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

#[cfg(test)]
mod tests {
	use super::*;

	const SEEN: BlockNumber = 100;
	const DEADLINE: BlockNumber = 150;

	fn task(kind: DutyKind) -> Task {
		Task { job: 7, kind: TaskKind::Duty(kind), deadline: Some(DEADLINE) }
	}

	fn block(number: BlockNumber) -> Block {
		Block { number, hash: H256([0; 32]) }
	}

	/// The calls that wait in a database to be signed.
	fn calls(database: &Database) -> Vec<String> {
		let connection = database.lock();
		let mut query = connection.prepare("SELECT call FROM intents").unwrap();
		let calls = query.query_map([], |row| row.get(0)).unwrap();
		calls.collect::<Result<_, _>>().unwrap()
	}

	/// Goes through the finalised blocks with a task of which each try ends as `work` says, without waiting between
	/// tries; the blocks of the tries, and the block in which there was a call.
	async fn follow<F>(desk: &mut Desk, task: &Task, work: fn() -> F) -> (Vec<BlockNumber>, Option<BlockNumber>)
	where
		F: Future<Output = Result<Call, Failure>> + Send + 'static,
	{
		let mut tries = vec![];
		for number in SEEN..=DEADLINE {
			if let Some(Attempts { next: Some(at), .. }) = desk.attempts.get_mut(&key(task)) {
				*at = Instant::now();
			}
			match desk.next(task, number) {
				Next::Begin => {
					tries.push(number);
					desk.begin(task.clone(), block(number), work());
				},
				Next::Wait => {},
				Next::Decline => desk.decline(task, block(number)),
			}
			tokio::task::yield_now().await;
			while let Some(done) = desk.tasks.try_join_next_with_id() {
				desk.finish(done, block(number));
			}
			if !desk.outbox.wants(task.job, &task.kind, number).unwrap() {
				return (tries, Some(number));
			}
		}
		(tries, None)
	}

	async fn transient() -> Result<Call, Failure> {
		Err(Failure::Transient(DeclineReason::UserKey, "not yet".into()))
	}

	async fn recurring() -> Result<Call, Failure> {
		Err(Failure::Recurring(DeclineReason::Data, "statement timeout".into()))
	}

	async fn permanent() -> Result<Call, Failure> {
		Err(Failure::Permanent(DeclineReason::Data, "wrong password".into()))
	}

	async fn panicking() -> Result<Call, Failure> {
		panic!("as expected in this test")
	}

	async fn endless() -> Result<Call, Failure> {
		std::future::pending().await
	}

	async fn confirmed() -> Result<Call, Failure> {
		Ok(Call::confirm(7, H256([0; 32])))
	}

	macro_rules! outcome {
		($kind:expr, $cheat:expr, $work:expr) => {{
			let folder = tempfile::tempdir().unwrap();
			let database = Database::open(&folder.path().join("worker.sqlite")).unwrap();
			let mut desk = Desk::new(database.clone(), $cheat);
			let (tries, called) = follow(&mut desk, &task($kind), $work).await;
			(tries.len(), called, calls(&database))
		}};
	}

	#[tokio::test]
	async fn a_confirmation_that_keeps_failing_is_declined_in_time() {
		let declined = |tries: usize, at: BlockNumber| (tries, Some(at), vec!["decline".to_string()]);
		let confirm = DutyKind::Confirm;
		assert_eq!(outcome!(confirm, None, confirmed), (1, Some(SEEN), vec!["confirm".into()]));
		assert_eq!(outcome!(confirm, None, permanent), declined(1, SEEN));
		assert_eq!(outcome!(confirm, None, recurring), declined(4, SEEN + 3));
		assert_eq!(outcome!(confirm, None, transient), declined(40, DEADLINE - 10));
		assert_eq!(outcome!(confirm, None, panicking), declined(40, DEADLINE - 10));
		assert_eq!(outcome!(confirm, None, endless), declined(1, DEADLINE - 10));
	}

	#[tokio::test]
	async fn what_cannot_be_declined_is_tried_until_its_deadline() {
		let all = (DEADLINE - SEEN + 1) as usize;
		for kind in [DutyKind::CommitSelection, DutyKind::CommitInputs, DutyKind::CommitOutput, DutyKind::CommitResult]
		{
			assert_eq!(outcome!(kind, None, transient), (all, None, vec![]));
			assert_eq!(outcome!(kind, None, permanent), (all, None, vec![]));
		}
		let silent = Some(Cheat::Silent(Stage::Confirmation));
		assert_eq!(outcome!(DutyKind::Confirm, silent, transient), (all, None, vec![]));
		assert_eq!(outcome!(DutyKind::Confirm, Some(Cheat::Silent(Stage::Inputs)), permanent).2, ["decline"]);
	}

	#[tokio::test]
	async fn a_confirmation_that_the_chain_refused_is_not_sent_again() {
		let folder = tempfile::tempdir().unwrap();
		let database = Database::open(&folder.path().join("worker.sqlite")).unwrap();
		let desk = Desk::new(database.clone(), None);
		for (kind, call, refused) in
			[(DutyKind::Confirm, Call::confirm(7, H256([0; 32])), true), (DutyKind::Settle, Call::settle(7), false)]
		{
			let task = task(kind);
			desk.outbox.intend(&task, &call, SEEN).unwrap();
			assert_eq!(desk.refusal(&task).unwrap(), None);
			let failed = "UPDATE intents SET state = 'failed', block = 101, error = 'WrongContract'";
			database.lock().execute(failed, []).unwrap();
			let refusal = desk.refusal(&task).unwrap().map(|failure| failure.to_string());
			let text = "the chain refused the confirmation: WrongContract";
			assert_eq!(refusal, refused.then(|| text.to_string()));
		}
	}

	#[tokio::test]
	async fn a_panic_of_one_task_leaves_the_others_as_they_are() {
		let folder = tempfile::tempdir().unwrap();
		let mut desk = Desk::new(Database::open(&folder.path().join("worker.sqlite")).unwrap(), None);
		desk.begin(Task { job: 8, ..task(DutyKind::Confirm) }, block(SEEN), endless());
		desk.begin(task(DutyKind::Confirm), block(SEEN), panicking());
		let done = desk.tasks.join_next_with_id().await.unwrap();
		desk.finish(done, block(SEEN));
		let is_under_way = |job| desk.attempts[&(job, "confirm".to_string())].next.is_none();
		assert!(is_under_way(8) && !is_under_way(7));
	}
}
