//! The demonstration's parties and what they tell the chain.

use super::{processes::Processes, KEY_SIZE};
use anyhow::{Context, Result};
use encrytrust_chain_client::{account_of, keypair, AccountId, Balance, BondKind, Call, Client, Keypair, Policy};
use encrytrust_datasets::ColumnSpec;
use encrytrust_job_client::{files::write_private, user_key};
use encrytrust_paillier::SecretKey;
use encrytrust_terminal::Spinner;
use encrytrust_types::{job::Role, token::ETS, DatasetId, TemplateId};
use encrytrust_worker::{
	config::Config,
	declaration::{declare, schema as chain_schema, Declaration},
	keys::MasterSecret,
	registration::endpoint_and_offer,
};
use futures::future::try_join_all;
use std::{
	fmt::Write as _,
	fs,
	path::{Path, PathBuf},
	sync::Arc,
};

/// What the user pays at most.
pub(super) const MAX_PRICE: Balance = 1_000 * ETS;
/// What every provider bonds: a job's bond is its price, unless the chain wants more at least, so this is enough for
/// whatever the user pays.
pub(super) const BOND: Balance = MAX_PRICE;
/// What everybody starts with.
const ENDOWMENT: Balance = 2_000 * ETS;
/// Price of a cell: 0.0001 ETS.
const CELL_PRICE: Balance = ETS / 10_000;
/// Price of a ciphertext multiplication: 0.01 ETS.
const WORK_PRICE: Balance = ETS / 100;
/// Price of a coordinator's job.
const JOB_PRICE: Balance = 2 * ETS;
/// The least rows behind a number, if there are as many.
const MIN_ROWS: u64 = 100;

/// A worker, as far as the demonstration knows it.
pub(super) struct Worker {
	pub(super) name: String,
	pub(super) config: PathBuf,
	pub(super) role: Role,
	signer: Keypair,
	/// The table's part of a data provider.
	data: Option<PathBuf>,
}

impl Worker {
	pub(super) fn account(&self) -> AccountId {
		account_of(&self.signer)
	}
}

/// Everybody.
pub(super) struct Parties {
	pub(super) user: Keypair,
	pub(super) user_key: Arc<SecretKey>,
	/// Its file, with the proof and the notes beside it.
	pub(super) key_file: PathBuf,
	workers: Vec<Worker>,
}

/// What registration gave.
pub(super) struct Accounts {
	pub(super) datasets: Vec<DatasetId>,
}

impl Parties {
	/// Makes keys and configurations: a data provider for each part, computing providers, a coordinator and a user.
	pub(super) async fn prepare(
		processes: &mut Processes,
		url: &str,
		parts: &[PathBuf],
		computing_providers: u16,
		user_key: &Path,
	) -> Result<Self> {
		let mut workers = Vec::new();
		for (index, part) in parts.iter().enumerate() {
			let name = format!("data-provider-{}", index + 1);
			workers.push(prepare_worker(processes, url, &name, Role::DataProvider, Some(part.clone()))?);
		}
		for index in 0..computing_providers {
			let name = format!("computing-provider-{}", index + 1);
			workers.push(prepare_worker(processes, url, &name, Role::ComputingProvider, None)?);
		}
		workers.push(prepare_worker(processes, url, "coordinator", Role::Coordinator, None)?);

		// The keys are made side by side: finding primes is all the work there is.
		let mut files = vec![user_key.to_path_buf()];
		let computing = workers.iter().filter(|worker| worker.role == Role::ComputingProvider);
		files.extend(computing.map(|worker| worker.config.with_file_name("paillier.key")));
		let make = |file: PathBuf| async move {
			let key = tokio::task::spawn_blocking(move || {
				let passphrase = user_key::random_passphrase(&file.with_extension("passphrase"))?;
				user_key::create(&file, KEY_SIZE, &passphrase)
			});
			key.await?
		};
		let mut keys = try_join_all(files.into_iter().map(make)).await?;
		let user = new_account(&user_key.with_extension("secret"))?;
		Ok(Self { user, user_key: Arc::new(keys.swap_remove(0)), key_file: user_key.into(), workers })
	}

	pub(super) fn workers(&self) -> &[Worker] {
		&self.workers
	}

	/// The first worker in a role.
	pub(super) fn worker(&self, role: Role) -> Result<&Worker> {
		self.workers.iter().find(|worker| worker.role == role).context("nobody plays that role")
	}

	pub(super) fn computing_providers(&self) -> Vec<AccountId> {
		let computing = self.workers.iter().filter(|worker| worker.role == Role::ComputingProvider);
		computing.map(Worker::account).collect()
	}

	pub(super) fn coordinator(&self) -> AccountId {
		let coordinator = self.workers.iter().find(|worker| worker.role == Role::Coordinator);
		coordinator.map_or(AccountId([0; 32]), Worker::account)
	}

	/// How many extrinsics a job takes of each party: confirmations and deliveries; of the user request and acceptance.
	pub(super) fn duties(&self) -> Vec<(AccountId, u32)> {
		let worker = |worker: &Worker| (worker.account(), if worker.role == Role::Coordinator { 3 } else { 2 });
		self.workers.iter().map(worker).chain([(account_of(&self.user), 2)]).collect()
	}

	pub(super) fn start_workers(&self, processes: &mut Processes) -> Result<()> {
		self.workers.iter().try_for_each(|worker| processes.start_worker(&worker.name, &worker.config))
	}

	/// Funds everybody out of //Alice, bonds, and registers roles and data sets.
	pub(super) async fn register(&self, client: &Client, schema: &[ColumnSpec], rows: u64) -> Result<Accounts> {
		let alice = keypair("//Alice")?;
		let accounts = self.workers.iter().map(Worker::account).chain([account_of(&self.user)]);
		let transfers: Vec<Call> = accounts.map(|account| Call::transfer(&account, ENDOWMENT)).collect();
		client.execute_all(&transfers, &alice).await.context("cannot fund the accounts from //Alice")?;

		let registrations = self.workers.iter().map(|worker| register_worker(client, worker, schema, rows));
		let datasets = try_join_all(registrations).await?.into_iter().flatten().collect();
		Ok(Accounts { datasets })
	}
}

/// All that the chain has.
async fn templates(client: &Client) -> Result<Vec<TemplateId>> {
	let templates = client.at(client.finalized().await?.hash).templates().await?;
	Ok(templates.into_iter().map(|(id, _)| id).collect())
}

/// A worker's folder with keys and configuration.
fn prepare_worker(
	processes: &mut Processes,
	url: &str,
	name: &str,
	role: Role,
	data: Option<PathBuf>,
) -> Result<Worker> {
	let folder = processes.folder().join(name);
	fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
	let passphrase = user_key::random_passphrase(&folder.join("master.passphrase"))?;
	MasterSecret::generate().write(&folder.join("master.key"), &passphrase)?;
	let signer = new_account(&folder.join("account.secret"))?;
	let role_name = serde_json::to_value(role)?;
	let mut config = format!(
		"node = \"{url}\"\nstate = \"state\"\nroles = [{role_name}]\nlisten = \"/ip4/127.0.0.1/tcp/{port}\"\n\
		 master_key = \"master.key\"\nmaster_passphrase = {{ file = \"master.passphrase\" }}\n\
		 account = {{ file = \"account.secret\" }}\n",
		port = processes.port()?
	);
	if role == Role::ComputingProvider {
		config.push_str("\n[paillier]\nkey = \"paillier.key\"\npassphrase = { file = \"paillier.passphrase\" }\n");
	}
	let path = folder.join("worker.toml");
	fs::write(&path, config).with_context(|| format!("cannot write {}", path.display()))?;
	Ok(Worker { name: name.into(), config: path, role, signer, data })
}

/// A new account, its secret in a file.
fn new_account(path: &Path) -> Result<Keypair> {
	let mut seed = [0; 32];
	getrandom::fill(&mut seed).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
	let secret = format!("0x{}", hex::encode(seed));
	write_private(path, secret.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
	Ok(keypair(&secret)?)
}

/// Bonds, and registers a worker's role and a data provider's data set, whose id it writes into the worker's configuration.
async fn register_worker(
	client: &Client,
	worker: &Worker,
	schema: &[ColumnSpec],
	rows: u64,
) -> Result<Option<DatasetId>> {
	let price = match worker.role {
		Role::DataProvider => None,
		Role::ComputingProvider => Some(WORK_PRICE),
		Role::Coordinator => Some(JOB_PRICE),
	};
	let config = Config::read(&worker.config)?;
	let (endpoint, offer) =
		endpoint_and_offer(&config, client.genesis(), worker.role, price, &Spinner::default()).await?;
	let mut calls = vec![Call::bond(BondKind::Service, BOND), Call::register_role(&endpoint, &offer, &config.terms)];
	if let Some(path) = &worker.data {
		let source = encrytrust_datasets::Source::Csv { path: path.clone() };
		let Declaration { rows: mine, fingerprint } = declare(&config, source, schema.to_vec()).await?;
		let title = worker.name.as_bytes().to_vec().try_into().map_err(|_| anyhow::anyhow!("the title is too long"))?;
		let policy = Policy {
			templates: templates(client).await?.try_into().map_err(|_| anyhow::anyhow!("too many templates"))?,
			min_rows: rows.min(MIN_ROWS),
			buyers: None,
			max_queries: None,
		};
		calls.push(Call::register_dataset(&title, &chain_schema(schema)?, mine, fingerprint, CELL_PRICE, &policy));
	}
	let done = client.execute_all(&calls, &worker.signer).await;
	let done = done.with_context(|| format!("cannot register {}", worker.name))?;
	let Some(path) = &worker.data else { return Ok(None) };
	let mut events = done.iter().flat_map(|(_, events)| events);
	let registered = events.find(|event| event.is("Bmpc", "DatasetRegistered"));
	let id = registered.and_then(|event| event.number("dataset_id")).and_then(|id| id.try_into().ok());
	let id: DatasetId = id.context("the chain did not tell the data set's id")?;
	let mut config = fs::read_to_string(&worker.config)?;
	write!(config, "\n[[dataset]]\nid = {id}\ntype = \"csv\"\npath = {}\n", serde_json::to_string(path)?)?;
	fs::write(&worker.config, config).with_context(|| format!("cannot write {}", worker.config.display()))?;
	Ok(Some(id))
}
