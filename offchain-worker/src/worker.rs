//! The daemon: follows finalised blocks, asks the runtime for its duties and does them.
//!
//! At each finalised block it brings the [outbox](crate::outbox) on, asks `BmpcApi::duties` at that block, and starts a
//! task for each duty that has neither an intent nor a task. A task ends with a call, which becomes the duty's intent, or
//! with an error, after which it is started again with growing pauses while the duty stands. Nothing that another party,
//! a database or the node does ends the daemon; only a signal does, and at any point: what counts is on disk.

use crate::{
	amounts::ets,
	config::{Config, ConfigError},
	database::Database,
	keys::MasterSecret,
	network,
	outbox::{self, Account, Outbox},
	protocol::{commitment_of, cord, cp, dp, Job, ProtocolError, Published},
	sealing::SealingKey,
};
use anyhow::Context;
use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{
	keypair, AccountId, Balance, Block, Call, Client, DataSet, Duty, Error as ChainError, JobInfo, Party, H256,
};
use encrytrust_datasets::{ColumnSpec, DataError, Source};
use encrytrust_paillier::key_file;
use encrytrust_primitives::bmpc::{Commitment, DeclineReason, DutyKind, JobId, Role, Schema, Stage};
use encrytrust_transport::Network;
use std::{
	collections::HashMap,
	future::Future,
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

/// The longest pause before a duty that could not be done is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// A worker, ready to do duties.
#[derive(Debug)]
pub struct Worker {
	config: Config,
	account: Account,
	me: AccountId,
	genesis: H256,
	sealing: SealingKey,
	/// The modulus of the own Paillier key, for computing providers.
	modulus: Option<Vec<u8>>,
	blobs: BlobStore,
	database: Database,
	network: Network,
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
			ProtocolError::Selection(_) | ProtocolError::Sealed { .. } => DeclineReason::Selection,
			_ => DeclineReason::Other,
		};
		Self::Permanent(reason, error.to_string())
	}
}

impl From<DataError> for Failure {
	fn from(error: DataError) -> Self {
		if error.is_temporary() {
			Self::Passing(error.to_string())
		} else {
			Self::Permanent(DeclineReason::Data, error.to_string())
		}
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
/// is away is waited for.
pub async fn run(config: Config, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
	tokio::select! {
		result = start_and_follow(config) => result,
		() = shutdown => {
			info!("asked to end");
			Ok(())
		},
	}
}

async fn start_and_follow(config: Config) -> anyhow::Result<()> {
	let worker = Arc::new(Worker::start(config).await?);
	worker.follow().await
}

impl Worker {
	/// Opens keys, database and blobs, connects and listens.
	async fn start(config: Config) -> anyhow::Result<Self> {
		let secret = MasterSecret::read(&config.master_key)?;
		let signer = keypair(&config.account.read("account's secret")?)?;
		let modulus = open_paillier(&config).await?;
		std::fs::create_dir_all(&config.state)
			.with_context(|| format!("cannot create the folder {}", config.state.display()))?;
		let database = Database::open(&config.database())?;
		let blobs = BlobStore::open(&config.state.join("blobs"))?;
		let network = network::start(&secret, &config.listen, Arc::new(blobs.clone()))?;
		let client = Client::connect(&config.node, None).await?;
		database.bind(client.genesis())?;
		let account = Account { client, signer };
		let me = account.id();
		info!(account = %me, node = config.node, listen = config.listen, roles = ?config.roles, "the worker is up");
		Ok(Self {
			genesis: account.client.genesis(),
			sealing: secret.sealing(),
			network,
			config,
			account,
			me,
			modulus,
			blobs,
			database,
		})
	}

	/// Does duties for ever.
	async fn follow(self: Arc<Self>) -> anyhow::Result<()> {
		let mut heads = self.account.client.follow().await?;
		let mut desk = Desk::new(&self);
		let mut head = *heads.borrow_and_update();
		loop {
			if let Err(error) = desk.turn(&self, head).await {
				warn!(block = head.number, "{error:#}; trying again at the next block");
			}
			tokio::select! {
				changed = heads.changed() => {
					changed.context("the chain is no longer followed")?;
					head = *heads.borrow_and_update();
				},
				Some(done) = desk.tasks.join_next() => desk.finish(done, head),
			}
		}
	}

	/// Does a duty: the call that fulfils it.
	async fn perform(&self, duty: Duty, head: Block) -> Result<Call, Failure> {
		let job = duty.job;
		match duty.kind {
			DutyKind::Settle => return Ok(Call::settle(job)),
			DutyKind::Expire => return Ok(Call::expire(job)),
			_ => {},
		}
		let info = self.account.client.at(head.hash).job(job).await?;
		let info = info.ok_or_else(|| Failure::Passing(format!("the chain does not know job {job}")))?;
		let checked = Job::checked(job, self.genesis, &info)?;
		match duty.kind {
			DutyKind::Confirm => self.confirm(&checked, &info, head).await,
			DutyKind::CommitSelection => {
				let commitment = self.publish(self.select(&checked)?).await?;
				Ok(Call::commit_selection(job, &commitment))
			},
			DutyKind::CommitInputs => {
				let commitment = self.inputs(&checked, &info, head).await?;
				Ok(Call::commit_inputs(job, &commitment))
			},
			DutyKind::CommitOutput => {
				let commitment = self.publish(self.output(&checked, &info, head).await?).await?;
				Ok(Call::commit_output(job, &commitment))
			},
			DutyKind::CommitResult => {
				let commitment = self.publish(self.result(&checked, &info, head).await?).await?;
				Ok(Call::commit_result(job, &commitment))
			},
			DutyKind::Settle | DutyKind::Expire => Err(Failure::Passing("unreachable duty".into())),
		}
	}

	/// Checks a contract from the side of each role that this account has in it.
	async fn confirm(&self, job: &Job, info: &JobInfo, head: Block) -> Result<Call, Failure> {
		check_bond(job.contract.bond, self.config.max_bond)?;
		if !self.account.client.at(head.hash).standing(&self.me).await?.may_start {
			let text = "this account has no active identity key: `encrytrust identity status` tells more";
			return Err(Failure::Permanent(DeclineReason::Other, text.into()));
		}
		for (role, party) in job.contract.parties().filter(|(_, party)| party.who == self.me) {
			self.confirm_role(job, role, party, head).await?;
		}
		Ok(Call::confirm(job.id, info.hash))
	}

	async fn confirm_role(&self, job: &Job, role: Role, party: &Party, head: Block) -> Result<(), Failure> {
		let decline = |text: &str| Err(Failure::Permanent(DeclineReason::Other, text.into()));
		if !self.config.roles.contains(&role) {
			return decline("this worker does not play that role: see `roles` in its configuration");
		}
		if party.endpoint.sealing != self.sealing.public() {
			return decline("the contract has another sealing key: `encrytrust role update` registers this worker's");
		}
		match role {
			Role::DataProvider => self.confirm_data(job, head).await,
			Role::ComputingProvider => {
				let index = job.computing_index(&self.me)?;
				let contract = job.contract.computing.get(index).map(|computing| computing.paillier.as_slice());
				if contract != self.modulus.as_deref() {
					return decline(
						"the contract has another Paillier key: `encrytrust role update` registers this one",
					);
				}
				Ok(())
			},
			Role::Coordinator => {
				let selection = cord::open_request(job, &self.sealing)?;
				self.note(job.id, "cord", "user", &format!("selection of {} columns", selection.columns().len()));
				Ok(())
			},
		}
	}

	/// The data set is this account's, its policy allows the job, and the source has what the contract says.
	async fn confirm_data(&self, job: &Job, head: Block) -> Result<(), Failure> {
		let index = job.data_index(&self.me)?;
		let data = job.contract.data.get(index).ok_or(ProtocolError::NotParty("data provider"))?;
		let api = self.account.client.at(head.hash);
		let on_chain = api.data_set(data.data_set).await?;
		let Some(on_chain) = on_chain.filter(|set| set.provider == self.me) else {
			return Err(Failure::Permanent(DeclineReason::Data, "the data set is not this account's".into()));
		};
		check_policy(job, &on_chain).map_err(|text| Failure::Permanent(DeclineReason::Policy, text))?;
		let source = self.source(data.data_set)?;
		let rows = scan(source, columns(&job.contract.schema), |_| ()).await?.0;
		if rows != data.rows {
			let text =
				format!("the source has {rows} rows, the contract says {}: register the data set anew", data.rows);
			return Err(Failure::Permanent(DeclineReason::Data, text));
		}
		Ok(())
	}

	fn source(&self, id: u64) -> Result<Source, Failure> {
		let source = self.config.source(id)?;
		source.ok_or_else(|| {
			let text = format!("the configuration has no [[dataset]] with id {id}");
			Failure::Permanent(DeclineReason::Data, text)
		})
	}

	/// The coordinator's selection, sealed to each data provider.
	fn select(&self, job: &Job) -> Result<Published, Failure> {
		let selection = cord::open_request(job, &self.sealing)?;
		Ok(cord::selection(job, &selection)?)
	}

	/// A data provider's encrypted columns.
	async fn inputs(&self, job: &Job, info: &JobInfo, head: Block) -> Result<Commitment, Failure> {
		let coordinator = &job.contract.coordinator;
		let commitment = delivered(info, Stage::Selection, &coordinator.who)?;
		let blob = self.fetch(Role::Coordinator, coordinator, &commitment.blob, head).await?;
		let selection = dp::open_selection(job, &self.me, &self.sealing, &blob, &commitment)?;
		let selected = selection.columns();
		self.note(job.id, "dp", "coordinator", &format!("selection of {} columns", selected.len()));

		let data = job.contract.data.get(job.data_index(&self.me)?).ok_or(ProtocolError::NotParty("data provider"))?;
		let all = columns(&job.contract.schema);
		let specs = selected.iter().filter_map(|column| all.get(usize::from(*column)).cloned()).collect::<Vec<_>>();
		let (rows, sums) = scan(self.source(data.data_set)?, specs, |sums| sums).await?;
		self.note(job.id, "dp", "own data", &format!("{rows} rows of {} columns in the clear", selected.len()));

		let (job, me) = (job.clone(), self.me.clone());
		let inputs = blocking(move || dp::inputs(&job, &me, &selected, &dp::Sums { rows, sums })).await??;
		for message in inputs.sealed {
			self.store(message).await?;
		}
		self.publish(inputs.published).await
	}

	/// A computing provider's products.
	async fn output(&self, job: &Job, info: &JobInfo, head: Block) -> Result<Published, Failure> {
		let mine = job.computing_index(&self.me)?;
		let mut inputs = Vec::with_capacity(job.contract.data.len());
		for (index, data) in job.contract.data.iter().enumerate() {
			let commitment = delivered(info, Stage::Inputs, &data.party.who)?;
			let blob = self.fetch(Role::DataProvider, &data.party, &commitment.blob, head).await?;
			let manifest = cp::read_manifest(job, index, &blob, &commitment)?;
			let digest = manifest.sealed.get(mine).ok_or(ProtocolError::NotParty("computing provider"))?;
			let message = self.fetch(Role::DataProvider, &data.party, digest, head).await?;
			let columns = cp::open_inputs(job, &self.me, &self.sealing, index, &manifest, &message)?;
			let size = 2 * job.contract.user_key.len();
			let item = format!("{} ciphertexts of {size} bytes, no key", columns.len());
			self.note(job.id, "cp", &format!("data provider {}", index + 1), &item);
			inputs.push(columns);
		}
		let job = job.clone();
		Ok(blocking(move || cp::output(&job, &inputs)).await??)
	}

	/// The coordinator's result.
	async fn result(&self, job: &Job, info: &JobInfo, head: Block) -> Result<Published, Failure> {
		let mut outputs = Vec::with_capacity(job.contract.computing.len());
		for (index, computing) in job.contract.computing.iter().enumerate() {
			let commitment = delivered(info, Stage::Outputs, &computing.party.who)?;
			let blob = self.fetch(Role::ComputingProvider, &computing.party, &commitment.blob, head).await?;
			let what = format!("the output of computing provider {}", index + 1);
			let (_, columns) = job.read_product(&what, &blob, &commitment, job.contract.data.len())?;
			let item = format!("{} products of {} bytes, no key", columns.len(), 2 * job.contract.user_key.len());
			self.note(job.id, "cord", &format!("computing provider {}", index + 1), &item);
			outputs.push(columns);
		}
		let job = job.clone();
		Ok(blocking(move || cord::result(&job, &outputs)).await??)
	}

	/// A blob of another party, from where it is registered to be now; or from here, if it is here.
	async fn fetch(&self, role: Role, party: &Party, digest: &[u8; 32], head: Block) -> Result<Vec<u8>, Failure> {
		let (blobs, wanted) = (self.blobs.clone(), *digest);
		if let Ok(Some(blob)) = blocking(move || blobs.get(&wanted)).await? {
			return Ok(blob);
		}
		let current = self.account.client.at(head.hash).role(role, &party.who).await?;
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

	async fn publish(&self, published: Published) -> Result<Commitment, Failure> {
		self.store(published.blob).await?;
		Ok(published.commitment)
	}

	/// Notes what was seen, for `encrytrust worker seen`. It is not worth failing a duty for.
	fn note(&self, job: JobId, role: &str, source: &str, item: &str) {
		if let Err(error) = self.database.note(job, role, source, item) {
			warn!(job, "{error}");
		}
	}
}

/// Duties under way.
struct Desk {
	outbox: Outbox,
	tasks: JoinSet<(Duty, Result<Call, Failure>)>,
	/// What is under way, and what waits to be tried again.
	pauses: HashMap<(JobId, DutyKind), Pause>,
}

enum Pause {
	UnderWay { tries: u32 },
	Until { tries: u32, at: Instant },
}

impl Desk {
	fn new(worker: &Worker) -> Self {
		Self { outbox: Outbox::new(worker.database.clone()), tasks: JoinSet::new(), pauses: HashMap::new() }
	}

	/// What there is to do at a finalised block.
	async fn turn(&mut self, worker: &Arc<Worker>, head: Block) -> anyhow::Result<()> {
		self.outbox.step(&worker.account, head).await?;
		let duties = worker.account.client.at(head.hash).duties(&worker.me).await?;
		let stands = |job: JobId, kind: DutyKind| duties.iter().any(|duty| duty.job == job && duty.kind == kind);
		self.pauses.retain(|(job, kind), pause| matches!(pause, Pause::UnderWay { .. }) || stands(*job, *kind));
		for duty in duties {
			if self.outbox.wants(duty.job, duty.kind, head.number)? {
				self.begin(worker, duty, head);
			}
		}
		Ok(())
	}

	/// Starts a duty's task, unless it is under way or pausing.
	fn begin(&mut self, worker: &Arc<Worker>, duty: Duty, head: Block) {
		let tries = match self.pauses.get(&(duty.job, duty.kind)) {
			Some(Pause::UnderWay { .. }) => return,
			Some(Pause::Until { at, .. }) if Instant::now() < *at => return,
			Some(Pause::Until { tries, .. }) => tries + 1,
			None => {
				info!(
					job = duty.job,
					block = head.number,
					deadline = duty.deadline,
					"duty: {}",
					outbox::name(duty.kind)
				);
				1
			},
		};
		self.pauses.insert((duty.job, duty.kind), Pause::UnderWay { tries });
		let worker = worker.clone();
		self.tasks.spawn(async move { (duty, worker.perform(duty, head).await) });
	}

	/// Takes a task's outcome: its call becomes an intent.
	fn finish(&mut self, done: Result<(Duty, Result<Call, Failure>), tokio::task::JoinError>, head: Block) {
		let (duty, outcome) = match done {
			Ok(done) => done,
			Err(error) => {
				error!("a task failed: {error}");
				self.pauses.retain(|_, pause| !matches!(pause, Pause::UnderWay { .. }));
				return;
			},
		};
		let call = match outcome {
			Ok(call) => call,
			Err(Failure::Permanent(reason, text)) if duty.kind == DutyKind::Confirm => {
				warn!(job = duty.job, ?reason, "declining: {text}");
				Call::decline(duty.job, reason)
			},
			Err(failure) => return self.pause(duty, &failure),
		};
		match self.outbox.intend(&duty, &call, head.number) {
			Ok(_) => {
				self.pauses.remove(&(duty.job, duty.kind));
			},
			Err(error) => self.pause(duty, &Failure::Passing(error.to_string())),
		}
	}

	fn pause(&mut self, duty: Duty, failure: &Failure) {
		let tries = match self.pauses.get(&(duty.job, duty.kind)) {
			Some(Pause::UnderWay { tries } | Pause::Until { tries, .. }) => *tries,
			None => 1,
		};
		let pause = Duration::from_secs(1 << tries.min(6)).min(LONGEST_PAUSE) / 2;
		warn!(job = duty.job, tries, "cannot {} yet: {failure}; again in {pause:?}", outbox::name(duty.kind));
		self.pauses.insert((duty.job, duty.kind), Pause::Until { tries, at: Instant::now() + pause });
	}
}

/// Runs what computes or reads files on a thread for that.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
	tokio::task::spawn_blocking(work).await.map_err(|error| Failure::Passing(format!("a task failed: {error}")))
}

/// Streams a source once and adds up each column: rows, and what `finish` makes of the sums.
async fn scan<T: Send + 'static>(
	source: Source,
	columns: Vec<ColumnSpec>,
	finish: impl FnOnce(Vec<i128>) -> T + Send + 'static,
) -> Result<(u64, T), Failure> {
	let read = move || {
		let mut sums = vec![0i128; columns.len()];
		// A value has at most 62 bits and there are at most 2^64 of them: no sum leaves an i128.
		let add = |row: &[i64]| sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += i128::from(*value));
		let rows = encrytrust_datasets::scan(&source, &columns, add)?;
		Ok::<_, DataError>((rows, finish(sums)))
	};
	Ok(blocking(read).await??)
}

/// The schema's columns as the data sets' crate wants them.
pub fn columns(schema: &Schema) -> Vec<ColumnSpec> {
	let column = |column: &encrytrust_primitives::bmpc::Column| ColumnSpec {
		name: String::from_utf8_lossy(&column.name).into_owned(),
		decimals: column.decimals,
		bits: column.bits,
	};
	schema.iter().map(column).collect()
}

/// The contract puts no more at stake than the configuration allows.
fn check_bond(bond: Balance, most: Option<Balance>) -> Result<(), Failure> {
	match most {
		Some(most) if bond > most => {
			let text = format!("the job puts {} at stake, `max_bond` allows {}", ets(bond), ets(most));
			Err(Failure::Permanent(DeclineReason::Other, text))
		},
		_ => Ok(()),
	}
}

/// The chain refuses a job against the policy when it is made; the provider decides again by the policy of now.
fn check_policy(job: &Job, set: &DataSet) -> Result<(), String> {
	let policy = &set.policy;
	if !policy.templates.contains(&job.contract.template) {
		return Err(format!("the policy does not allow template {}", job.contract.template));
	}
	if job.contract.rows() < policy.min_rows {
		return Err(format!(
			"the policy wants {} rows behind a number, the job has {}",
			policy.min_rows,
			job.contract.rows()
		));
	}
	if policy.buyers.as_ref().is_some_and(|buyers| !buyers.contains(&job.contract.user)) {
		return Err(format!("the policy does not allow the buyer {}", job.contract.user));
	}
	Ok(())
}

fn delivered(info: &JobInfo, stage: Stage, who: &AccountId) -> Result<Commitment, Failure> {
	commitment_of(info, stage, who).ok_or_else(|| Failure::Passing(format!("{who} has not delivered yet")))
}

/// The modulus of a computing provider's key, which is opened to see that the passphrase fits.
pub(crate) async fn open_paillier(config: &Config) -> anyhow::Result<Option<Vec<u8>>> {
	let Some(file) = config.paillier.clone() else { return Ok(None) };
	let modulus = tokio::task::spawn_blocking(move || {
		let passphrase = file.passphrase.read("Paillier key's passphrase")?;
		let text = std::fs::read_to_string(&file.key)
			.with_context(|| format!("cannot read the Paillier key {}", file.key.display()))?;
		let key = key_file::open(&text, &passphrase)
			.with_context(|| format!("cannot open the Paillier key {}", file.key.display()))?;
		anyhow::Ok(key.public().modulus_bytes())
	});
	Ok(Some(modulus.await??))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_bond_above_the_most_is_declined() {
		assert!(check_bond(Balance::MAX, None).is_ok());
		assert!(check_bond(5, Some(5)).is_ok());
		let Err(Failure::Permanent(DeclineReason::Other, text)) = check_bond(6, Some(5)) else { panic!("accepted") };
		assert!(text.contains("`max_bond`"), "{text}");
	}
}
