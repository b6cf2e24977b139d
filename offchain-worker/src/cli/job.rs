//! `encrytrust job`.

use super::{
	common::{account, role_name, table, text, Chain, Output, Signer},
	data::find_template,
	keys::{public_key, secret_key},
};
use crate::{
	amounts::{ets, parse_ets},
	keys::write_private,
	network,
	protocol::{commitment_of, user, Job, ProtocolError},
	timeline::{self, stage_name, Moment, What},
};
use anyhow::{anyhow, bail, Context, Result};
use encrytrust_chain_client::{
	AccountId, Balance, BlockNumber, Call, Client, JobInfo, Keypair, Party, Quote, Request, Schedule, Status,
};
use encrytrust_paillier::{Ciphertext, SecretKey};
use encrytrust_primitives::bmpc::{DataSetId, JobId, Role, Schema, Selection, SelectionTerms, Stage, TemplateKind};
use encrytrust_transport::Network;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::{
	collections::BTreeMap,
	fs,
	io::IsTerminal,
	path::{Path, PathBuf},
	time::Duration,
};

/// Blocks that a stage has by default.
const STAGE_BLOCKS: u32 = 50;

/// Commands about jobs.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
	/// What a job would cost. Nothing is sent.
	#[command(after_help = "\
Example:
  encrytrust job quote --template mean --datasets 0,1,2 --columns \"mean radius,mean area\" \\
      --computers 5F…,5G… --coordinator 5H… --key user.key --suri //Alice")]
	Quote {
		#[command(flatten)]
		job: JobArguments,
		#[command(flatten)]
		signer: Signer,
		#[command(flatten)]
		chain: Chain,
	},
	/// Asks for a job and puts its price on hold.
	#[command(after_help = "\
The columns are sealed to the coordinator. Which ones they are is noted beside the key, for `job result`.

Example:
  encrytrust job request --template mean --datasets 0,1,2 --columns \"mean radius,mean area\" \\
      --computers 5F…,5G… --coordinator 5H… --key user.key --max-price 12.5 --suri-file user.secret")]
	Request {
		#[command(flatten)]
		job: JobArguments,
		/// The most that you pay.
		#[arg(long, value_name = "ETS", value_parser = parse_ets)]
		max_price: Balance,
		#[command(flatten)]
		signer: Signer,
		#[command(flatten)]
		chain: Chain,
	},
	/// Where a job stands.
	#[command(after_help = "Example:\n  encrytrust job status 0")]
	Status {
		/// The job.
		id: JobId,
		#[command(flatten)]
		chain: Chain,
	},
	/// Follows a job to its end; the status is 1 unless it settles.
	#[command(after_help = "Example:\n  encrytrust job watch 0")]
	Watch {
		/// The job.
		id: JobId,
		#[command(flatten)]
		chain: Chain,
	},
	/// Fetches a job's result from its coordinator, checks it against the chain, and decrypts it.
	#[command(after_help = "Example:\n  encrytrust job result 0 --key user.key --json")]
	Result {
		/// The job.
		id: JobId,
		/// The key that the job was asked for with.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// File with its passphrase; else ENCRYTRUST_PASSPHRASE, else it is asked for.
		#[arg(long, value_name = "FILE")]
		passphrase_file: Option<PathBuf>,
		/// The columns that were asked for, if the note beside the key is lost.
		#[arg(long, value_delimiter = ',', value_name = "NAME,…")]
		columns: Vec<String>,
		#[command(flatten)]
		chain: Chain,
	},
	/// Accepts a result: the parties are paid at once.
	#[command(after_help = "Example:\n  encrytrust job accept 0 --suri-file user.secret")]
	Accept {
		/// The job.
		id: JobId,
		#[command(flatten)]
		signer: Signer,
		#[command(flatten)]
		chain: Chain,
	},
	/// Lists jobs, newest first.
	#[command(after_help = "Example:\n  encrytrust job list --user //Alice")]
	List {
		/// Only those that this account asked for or takes part in.
		#[arg(long, value_name = "ACCOUNT", value_parser = account)]
		user: Option<AccountId>,
		/// How many at most.
		#[arg(long, default_value_t = 20)]
		limit: u64,
		#[command(flatten)]
		chain: Chain,
	},
}

/// What a job computes, and by whom.
#[derive(Clone, Debug, clap::Args)]
pub struct JobArguments {
	/// sum or mean, or a template's name or id.
	#[arg(long)]
	pub template: String,
	/// The data sets.
	#[arg(long, required = true, value_delimiter = ',', value_name = "ID,…")]
	pub datasets: Vec<DataSetId>,
	/// The columns wanted, by name.
	#[arg(long, required = true, value_delimiter = ',', value_name = "NAME,…")]
	pub columns: Vec<String>,
	/// The computing providers.
	#[arg(long, required = true, value_delimiter = ',', value_name = "ACCOUNT,…", value_parser = account)]
	pub computers: Vec<AccountId>,
	/// The coordinator.
	#[arg(long, value_name = "ACCOUNT", value_parser = account)]
	pub coordinator: AccountId,
	/// Your Paillier key file: the result can be read with it alone.
	#[arg(long, value_name = "FILE")]
	pub key: PathBuf,
	/// Blocks that each stage has.
	#[arg(long, default_value_t = STAGE_BLOCKS, value_name = "BLOCKS")]
	pub stage_blocks: u32,
}

/// What the user has to remember of a request: the chain has a commitment alone.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
	genesis: String,
	commitment: String,
	columns: Vec<String>,
	salt: String,
}

pub(super) async fn run(command: Command, output: &Output) -> Result<()> {
	match command {
		Command::Quote { job, signer, chain } => {
			let client = chain.connect().await?;
			let user = AccountId::from(signer.keypair()?.public_key());
			let (request, _) = prepare(&client, &user, &job, 0).await?;
			output.print(&quote_value(&quote(&client, &user, &request).await?), quote_text)
		},
		Command::Request { job, max_price, signer, chain } => {
			let client = chain.connect().await?;
			let (id, block, quote) = request(&client, &signer.keypair()?, &job, max_price).await?;
			let value = json!({ "job": id, "block": block, "total": ets(quote.total) });
			output.print(&value, |_| {
				format!(
					"block {block}: job {id} is asked for, {} are on hold\nFollow it with `encrytrust job watch {id}`",
					ets(quote.total)
				)
			})
		},
		Command::Status { id, chain } => {
			let client = chain.connect().await?;
			let info = job_info(&client, id).await?;
			output.print(&status_value(id, &info), |_| status_text(id, &info))
		},
		Command::Watch { id, chain } => watch_command(&chain.connect().await?, id, output).await,
		Command::Result { id, key, passphrase_file, columns, chain } => {
			let client = chain.connect().await?;
			// What is wrong with the job is told before a passphrase is asked for.
			let info = job_info(&client, id).await?;
			result_commitment(id, &info)?;
			let columns = selected_columns(&info, &key, &columns)?;
			let path = key.clone();
			let key = tokio::task::spawn_blocking(move || secret_key(&path, passphrase_file.as_ref())).await??;
			let view = decrypt_result(&client, id, &key, &columns).await?;
			output.print(&view, ResultView::text)
		},
		Command::Accept { id, signer, chain } => {
			let client = chain.connect().await?;
			let (block, _) = client.execute(&Call::accept(id), &signer.keypair()?).await?;
			output.print(&json!({ "job": id, "block": block.number }), |_| {
				format!("block {}: job {id} is accepted, everyone is paid", block.number)
			})
		},
		Command::List { user, limit, chain } => list(&chain.connect().await?, user, limit, output).await,
	}
}

/// A request and what has to be noted of it; it has to be made within a few blocks.
async fn prepare(client: &Client, user: &AccountId, job: &JobArguments, max_price: Balance) -> Result<(Request, Note)> {
	let head = client.finalized().await?;
	let api = client.at(head.hash);
	let (template, _) = find_template(&api.templates().await?, &job.template)?;
	let first = *job.datasets.first().context("name at least one data set with --datasets")?;
	let set = api.data_set(first).await?;
	let set = set.with_context(|| format!("there is no data set {first}: look with `encrytrust dataset list`"))?;
	if set.withdrawn {
		bail!("data set {first} was withdrawn: choose another with `encrytrust dataset list`");
	}
	let columns = column_indices(&set.schema, &job.columns)?;

	let mut salt = [0; 32];
	getrandom::fill(&mut salt).map_err(|error| anyhow!("no random bytes: {error}"))?;
	let selection = Selection::new(salt, &columns, set.schema.len() as u16).context("a column is named twice")?;
	let coordinator = api.role(Role::Coordinator, &job.coordinator).await?;
	let coordinator = coordinator.with_context(|| {
		format!("{} is not registered as a coordinator: look with `encrytrust role list`", job.coordinator)
	})?;
	let sealing = coordinator.endpoint.sealing;
	let sealed = user::seal_selection(&selection, client.genesis(), user, &job.coordinator, &sealing)?;
	let commitment = selection.commitment();
	let note = Note {
		genesis: hex::encode(client.genesis()),
		commitment: hex::encode(commitment),
		columns: job.columns.clone(),
		salt: hex::encode(salt),
	};
	let sealed = sealed.try_into().map_err(|_| anyhow!("the sealed selection is too long"))?;
	let bounded = |what: &str, most: u32| anyhow!("too many {what}: at most {most}");
	let request = Request {
		template,
		data_sets: job.datasets.clone().try_into().map_err(|_| bounded("data sets", 16))?,
		computers: job.computers.clone().try_into().map_err(|_| bounded("computing providers", 16))?,
		coordinator: job.coordinator.clone(),
		user_key: public_key(&job.key)?.modulus_bytes().try_into().map_err(|_| anyhow!("the key is too long"))?,
		selection: SelectionTerms { commitment, selected: columns.len() as u16, sealed },
		schedule: schedule(head.number, job.stage_blocks),
		max_price,
	};
	Ok((request, note))
}

/// Deadlines one after the other from the next block on. The first has room for the request to get into a block.
fn schedule(head: BlockNumber, blocks: u32) -> Schedule {
	const ROOM: u32 = 5;
	let by = |stage: u32| head.saturating_add(ROOM).saturating_add(blocks.saturating_mul(stage));
	Schedule { confirm_by: by(1), select_by: by(2), inputs_by: by(3), outputs_by: by(4), result_by: by(5) }
}

/// The columns' places in the schema, ascending.
fn column_indices(schema: &Schema, names: &[String]) -> Result<Vec<u16>> {
	let index = |name: &String| {
		let found = schema.iter().position(|column| column.name.as_slice() == name.trim().as_bytes());
		found.map(|index| index as u16).with_context(|| {
			let there: Vec<String> = schema.iter().map(|column| text(&column.name)).collect();
			format!("there is no column '{name}'; there are: {}", there.join(", "))
		})
	};
	let mut indices = names.iter().map(index).collect::<Result<Vec<_>>>()?;
	indices.sort_unstable();
	Ok(indices)
}

/// The chain's price for a request, or its refusal.
async fn quote(client: &Client, user: &AccountId, request: &Request) -> Result<Quote> {
	let head = client.finalized().await?;
	client.at(head.hash).quote(user, request).await?.context("the chain would refuse this job")
}

/// Asks for a job: its id, its block, and what it costs.
pub async fn request(
	client: &Client,
	signer: &Keypair,
	job: &JobArguments,
	max_price: Balance,
) -> Result<(JobId, BlockNumber, Quote)> {
	let user = AccountId::from(signer.public_key());
	let (request, note) = prepare(client, &user, job, max_price).await?;
	let quote = quote(client, &user, &request).await?;
	if quote.total > max_price {
		bail!("the job costs {}, more than --max-price {}: nothing was sent", ets(quote.total), ets(max_price));
	}
	// Before it is sent: without the note nobody knows which columns the result is about.
	write_note(&job.key, &note)?;
	let (block, events) = client.execute(&Call::request(&request), signer).await?;
	let id = events.iter().find(|event| event.is("Bmpc", "Requested")).and_then(|event| event.number("job"));
	let id = id.and_then(|id| id.try_into().ok()).context("the chain did not tell the job's id")?;
	Ok((id, block.number, quote))
}

/// `user.key` has its notes in `user.key.jobs/`.
fn notes_folder(key: &Path) -> PathBuf {
	let mut name = key.file_name().unwrap_or_default().to_os_string();
	name.push(".jobs");
	key.with_file_name(name)
}

fn write_note(key: &Path, note: &Note) -> Result<()> {
	let folder = notes_folder(key);
	fs::create_dir_all(&folder).with_context(|| format!("cannot create the folder {}", folder.display()))?;
	let path = folder.join(format!("{}.json", note.commitment));
	write_private(&path, &serde_json::to_vec_pretty(note)?).with_context(|| format!("cannot write {}", path.display()))
}

/// The columns that a job was asked for: by the note beside the key, or as named.
fn selected_columns(info: &JobInfo, key: &Path, named: &[String]) -> Result<Vec<u16>> {
	let schema = &info.contract.schema;
	let commitment = info.contract.selection.commitment;
	if !named.is_empty() {
		return column_indices(schema, named);
	}
	let path = notes_folder(key).join(format!("{}.json", hex::encode(commitment)));
	let lost = || format!("cannot read the note of the request, {}: name the columns with --columns", path.display());
	let note: Note = serde_json::from_slice(&fs::read(&path).with_context(lost)?).with_context(lost)?;
	let columns = column_indices(schema, &note.columns)?;
	let mut salt = [0; 32];
	hex::decode_to_slice(&note.salt, &mut salt).with_context(lost)?;
	let selection = Selection::new(salt, &columns, schema.len() as u16);
	if selection.map(|selection| selection.commitment()) != Some(commitment) {
		bail!("the note {} is not of this job: name the columns with --columns", path.display());
	}
	Ok(columns)
}

/// A job as the newest finalised block has it.
async fn job_info(client: &Client, id: JobId) -> Result<JobInfo> {
	let head = client.finalized().await?;
	let info = client.at(head.hash).job(id).await?;
	info.with_context(|| format!("there is no job {id}, or its record was cleared: look with `encrytrust job list`"))
}

/// What the coordinator committed to, or why there is no result.
fn result_commitment(id: JobId, info: &JobInfo) -> Result<encrytrust_primitives::bmpc::Commitment> {
	let names = |who: &[AccountId]| who.iter().map(AccountId::to_string).collect::<Vec<_>>().join(", ");
	match &info.status {
		Status::Open { stage, deadline, awaited } => bail!(
			"job {id} has no result yet: it is in the stage {} until block {deadline}, waiting for {}; \
			 follow it with `encrytrust job watch {id}`",
			stage_name(*stage),
			names(awaited)
		),
		Status::Expired { stage, late, .. } => bail!(
			"job {id} has no result: the stage {} was overdue, by {}; you were refunded, ask for it again with others",
			stage_name(*stage),
			names(late)
		),
		Status::Declined { by, reason, .. } => {
			bail!("job {id} has no result: {by} declined it ({reason:?}); you were refunded")
		},
		Status::Challenge { .. } | Status::Settled { .. } => {},
	}
	commitment_of(info, Stage::Result, &info.contract.coordinator.who)
		.with_context(|| format!("the chain has no commitment to the result of job {id}"))
}

/// A job's result for people and programs.
#[derive(Clone, Debug, Serialize)]
pub struct ResultView {
	/// The job.
	pub job: JobId,
	/// Over how many rows.
	pub rows: u64,
	/// `sum` or `mean`.
	pub template: &'static str,
	/// By column, in the schema's order.
	pub columns: Vec<ColumnView>,
	/// Whether all computing providers' outputs could be fetched and multiply to the result.
	pub verified: bool,
}

/// A column's result.
#[derive(Clone, Debug, Serialize)]
pub struct ColumnView {
	/// Its name.
	pub name: String,
	/// The exact sum.
	pub sum: String,
	/// The mean, rounded behind at least 12 more digits than the column has.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub mean: Option<String>,
}

impl ResultView {
	fn text(&self) -> String {
		let row = |column: &ColumnView| match &column.mean {
			Some(mean) => vec![column.name.clone(), mean.clone(), column.sum.clone()],
			None => vec![column.name.clone(), column.sum.clone()],
		};
		let mut heading = vec!["COLUMN".to_string(), "MEAN".into(), "SUM".into()];
		if self.template == "sum" {
			heading.remove(1);
		}
		let rows: Vec<_> = std::iter::once(heading).chain(self.columns.iter().map(row)).collect();
		let checked = if self.verified {
			"the result is what the chain has, and the product of all computing providers' outputs"
		} else {
			"the result is what the chain has; not all computing providers could be asked for their outputs"
		};
		format!("job {} over {} rows; {checked}\n\n{}", self.job, self.rows, table(&rows))
	}
}

/// Fetches, checks and decrypts a job's result; `columns` are the selected ones, ascending.
pub async fn decrypt_result(client: &Client, id: JobId, key: &SecretKey, columns: &[u16]) -> Result<ResultView> {
	let info = job_info(client, id).await?;
	let commitment = result_commitment(id, &info)?;
	let job = Job::checked(id, client.genesis(), &info)?;
	let network = network::anonymous()?;
	let coordinator = &job.contract.coordinator;
	let blob = fetch(client, &network, Role::Coordinator, coordinator, &commitment.blob).await;
	let blob = blob.context("cannot fetch the result from the coordinator")?;
	let computers = job.contract.computing.len();
	let (_, ciphertexts) = job.read_product("the coordinator's result", &blob, &commitment, computers)?;
	let outputs = outputs(client, &network, &job, &info).await?;
	let verified = outputs.len() == computers;
	if verified && !user::is_product(&job, &ciphertexts, &outputs) {
		bail!("the coordinator's result is not the product of the computing providers' outputs: do not accept it");
	}
	network.shutdown().await;
	let results = user::decrypt(&job, key, columns, &ciphertexts)?;
	let kind = job.contract.kind;
	let view = |result: &user::ColumnResult| ColumnView {
		name: job.contract.schema.get(usize::from(result.column)).map(|column| text(&column.name)).unwrap_or_default(),
		sum: result.sum(),
		mean: (kind == TemplateKind::ColumnMean).then(|| result.mean()),
	};
	Ok(ResultView {
		job: id,
		rows: job.contract.rows(),
		template: if kind == TemplateKind::ColumnMean { "mean" } else { "sum" },
		columns: results.iter().map(view).collect(),
		verified,
	})
}

/// The outputs of those computing providers that can be reached.
async fn outputs(client: &Client, network: &Network, job: &Job, info: &JobInfo) -> Result<Vec<Vec<Ciphertext>>> {
	let mut outputs = Vec::new();
	for computing in &job.contract.computing {
		let Some(commitment) = commitment_of(info, Stage::Outputs, &computing.party.who) else { continue };
		let role = Role::ComputingProvider;
		let Ok(blob) = fetch(client, network, role, &computing.party, &commitment.blob).await else { continue };
		let what = format!("the output of {}", computing.party.who);
		let read: Result<_, ProtocolError> = job.read_product(&what, &blob, &commitment, job.contract.data.len());
		outputs.push(read?.1);
	}
	Ok(outputs)
}

/// A blob of a party, from where it is registered to be now.
async fn fetch(client: &Client, network: &Network, role: Role, party: &Party, digest: &[u8; 32]) -> Result<Vec<u8>> {
	let head = client.finalized().await?;
	let current = client.at(head.hash).role(role, &party.who).await?;
	let endpoint = current.map_or_else(|| party.endpoint.clone(), |registration| registration.endpoint);
	Ok(network::fetch(network, &endpoint, digest).await?)
}

/// Follows a job from block `from` until a moment that `ends`, or its end. Progress goes to standard error.
pub async fn watch(
	client: &Client,
	id: JobId,
	from: Option<BlockNumber>,
	ends: impl Fn(&What) -> bool,
	quiet: bool,
) -> Result<Vec<Moment>> {
	let info = job_info(client, id).await?;
	let names = party_names(&info);
	let bar = (!quiet && std::io::stderr().is_terminal()).then(spinner);
	let moments = timeline::follow(client, id, from.unwrap_or(info.requested_at), ends, |moment| {
		let line = format!("block {:>6}  {}", moment.block, describe(&moment.what, &names));
		match &bar {
			Some(bar) => {
				bar.println(line);
				bar.set_message(format!("job {id}: block {}", moment.block));
			},
			None if !quiet => eprintln!("{line}"),
			None => {},
		}
	})
	.await;
	if let Some(bar) = bar {
		bar.finish_and_clear();
	}
	moments
}

fn spinner() -> ProgressBar {
	let bar = ProgressBar::new_spinner();
	if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
		bar.set_style(style);
	}
	bar.enable_steady_tick(Duration::from_millis(120));
	bar
}

/// `data provider 1` and so on.
pub(crate) fn party_names(info: &JobInfo) -> BTreeMap<AccountId, String> {
	let mut counts = BTreeMap::new();
	let mut names: BTreeMap<AccountId, String> = BTreeMap::new();
	for (role, party) in info.contract.parties() {
		let count = counts.entry(role).or_insert(0);
		*count += 1;
		let name = match role {
			Role::Coordinator => role_name(role).to_string(),
			_ => format!("{} {count}", role_name(role)),
		};
		names.insert(party.who.clone(), name);
	}
	names.insert(info.contract.user.clone(), "user".into());
	names
}

fn describe(what: &What, names: &BTreeMap<AccountId, String>) -> String {
	let name = |who: &AccountId| names.get(who).cloned().unwrap_or_else(|| who.to_string());
	match what {
		What::Requested { total } => format!("requested, {} on hold", ets(*total)),
		What::Entered(stage) => format!("stage {}", stage_name(*stage)),
		What::Confirmed(who) => format!("  {} confirmed", name(who)),
		What::Delivered(stage, who) => format!("  {} delivered ({})", name(who), stage_name(*stage)),
		What::Challenge { until } => format!("the result is there; challenges until block {until}"),
		What::Paid { who, amount, .. } => format!("  {} got {}", name(who), ets(*amount)),
		What::Settled { fee } => format!("settled; fee {}", ets(*fee)),
		What::Slashed { who, amount } => format!("  {} lost {} of its bond", name(who), ets(*amount)),
		What::Compensated { who, by, amount } => {
			format!("  {} got {} out of the bond of {}", name(who), ets(*amount), name(by))
		},
		What::Expired(stage) => format!("expired: the stage {} was overdue; the user was refunded", stage_name(*stage)),
		What::Declined(who) => format!("declined by {}; the user was refunded", name(who)),
	}
}

async fn watch_command(client: &Client, id: JobId, output: &Output) -> Result<()> {
	let spans = timeline::spans(&watch(client, id, None, What::is_end, output.is_json()).await?);
	let info = job_info(client, id).await?;
	if !matches!(info.status, Status::Settled { .. }) {
		let status = status_text(id, &info);
		bail!("{}; the user was refunded", status.lines().next().unwrap_or_default());
	}
	let value = json!({ "job": id, "settled": true, "status": status_value(id, &info)["status"], "stages": spans });
	output.print(&value, |_| {
		let row = |span: &timeline::Span| {
			vec![span.stage.clone(), format!("{}-{}", span.from_block, span.to_block), format!("{:.0} s", span.seconds)]
		};
		let heading = ["STAGE", "BLOCKS", "TIME"].map(String::from).to_vec();
		table(&std::iter::once(heading).chain(spans.iter().map(row)).collect::<Vec<_>>())
	})
}

/// A quote as JSON.
pub(crate) fn quote_value(quote: &Quote) -> Value {
	let parts = |parts: &[(AccountId, Balance)]| {
		parts.iter().map(|(who, pay)| json!({ "account": who.to_string(), "pay": ets(*pay) })).collect::<Vec<_>>()
	};
	json!({
		"data": parts(&quote.data),
		"computing": parts(&quote.computing),
		"coordination": ets(quote.coordination),
		"fee": ets(quote.fee),
		"total": ets(quote.total),
		"bond": ets(quote.bond),
	})
}

/// A quote's JSON as a table.
pub(crate) fn quote_text(value: &Value) -> String {
	let cell = |value: &Value| value.as_str().unwrap_or_default().to_string();
	let mut rows = Vec::new();
	for (key, name) in [("data", "data provider"), ("computing", "computing provider")] {
		for (index, part) in value[key].as_array().into_iter().flatten().enumerate() {
			rows.push(vec![format!("{name} {}", index + 1), cell(&part["pay"]), cell(&part["account"])]);
		}
	}
	let sums = [
		("coordination", "coordinator"),
		("fee", "service fee"),
		("total", "total"),
		("bond", "at stake of each party"),
	];
	for (key, name) in sums {
		rows.push(vec![name.to_string(), cell(&value[key])]);
	}
	table(&rows)
}

fn status_value(id: JobId, info: &JobInfo) -> Value {
	let accounts = |who: &[AccountId]| who.iter().map(AccountId::to_string).collect::<Vec<_>>();
	let status = match &info.status {
		Status::Open { stage, deadline, awaited } => {
			json!({ "state": "open", "stage": stage, "deadline": deadline, "awaited": accounts(awaited) })
		},
		Status::Challenge { until } => json!({ "state": "challenge", "until": until }),
		Status::Settled { at } => json!({ "state": "settled", "at": at }),
		Status::Expired { stage, late, at } => {
			json!({ "state": "expired", "stage": stage, "late": accounts(late), "at": at })
		},
		Status::Declined { by, reason, at } => {
			json!({ "state": "declined", "by": by.to_string(), "reason": reason, "at": at })
		},
	};
	let delivered = info.commitments.iter().map(|delivered| {
		json!({
			"stage": delivered.stage,
			"who": delivered.who.to_string(),
			"block": delivered.at,
			"root": hex::encode(delivered.commitment.root),
			"blob": encrytrust_blob_store::cid(&delivered.commitment.blob).to_string(),
		})
	});
	let parties = info.contract.parties();
	json!({
		"job": id,
		"user": info.contract.user.to_string(),
		"requested_at": info.requested_at,
		"rows": info.contract.rows(),
		"selected": info.contract.selection.selected,
		"schedule": info.contract.schedule,
		"fee": ets(info.contract.fee),
		"bond": ets(info.contract.bond),
		"status": status,
		"parties": parties.map(|(role, party)| json!({
			"role": role, "account": party.who.to_string(), "pay": ets(party.pay)
		})).collect::<Vec<_>>(),
		"delivered": delivered.collect::<Vec<_>>(),
	})
}

fn status_text(id: JobId, info: &JobInfo) -> String {
	let names = party_names(info);
	let list = |who: &[AccountId]| {
		who.iter().map(|who| names.get(who).cloned().unwrap_or_else(|| who.to_string())).collect::<Vec<_>>().join(", ")
	};
	let status = match &info.status {
		Status::Open { stage, deadline, awaited } => {
			format!("in the stage {} until block {deadline}, waiting for {}", stage_name(*stage), list(awaited))
		},
		Status::Challenge { until } => format!("the result is there; challenges until block {until}"),
		Status::Settled { at } => format!("settled in block {at}"),
		Status::Expired { stage, late, at } => {
			format!("expired in block {at}: the stage {} was overdue, by {}", stage_name(*stage), list(late))
		},
		Status::Declined { by, reason, at } => {
			format!("declined in block {at} by {} ({reason:?})", list(std::slice::from_ref(by)))
		},
	};
	let row = |(role, party): (Role, &Party)| {
		let stages = info.commitments.iter().filter(|delivered| delivered.who == party.who);
		let stages: Vec<String> =
			stages.map(|delivered| format!("{} in block {}", stage_name(delivered.stage), delivered.at)).collect();
		vec![role_name(role).to_string(), party.who.to_string(), ets(party.pay), stages.join(", ")]
	};
	let heading = ["ROLE", "ACCOUNT", "PAY", "DELIVERED"].map(String::from).to_vec();
	let rows: Vec<_> = std::iter::once(heading).chain(info.contract.parties().map(row)).collect();
	format!(
		"job {id}, asked for in block {}: {status}\n{} of {} columns over {} rows, {} at stake of each party\n\n{}",
		info.requested_at,
		info.contract.selection.selected,
		info.contract.schema.len(),
		info.contract.rows(),
		ets(info.contract.bond),
		table(&rows)
	)
}

async fn list(client: &Client, user: Option<AccountId>, limit: u64, output: &Output) -> Result<()> {
	let head = client.finalized().await?;
	let next: JobId = client.value("Bmpc", "NextJobId", head.hash).await?.unwrap_or_default();
	let mut entries = Vec::new();
	for id in (0..next).rev() {
		if entries.len() as u64 >= limit {
			break;
		}
		let Some(info) = client.at(head.hash).job(id).await? else { continue };
		let takes_part = |account: &AccountId| {
			info.contract.user == *account || info.contract.parties().any(|(_, party)| party.who == *account)
		};
		if user.as_ref().is_none_or(takes_part) {
			entries.push((id, info));
		}
	}
	let values: Vec<Value> = entries.iter().map(|(id, info)| status_value(*id, info)).collect();
	output.print(&values, |_| {
		let row = |(id, info): &(JobId, JobInfo)| {
			let first = status_text(*id, info);
			let first =
				first.lines().next().and_then(|line| line.split_once(": ")).map(|(_, status)| status.to_string());
			vec![id.to_string(), info.requested_at.to_string(), first.unwrap_or_default()]
		};
		let heading = ["JOB", "BLOCK", "STATUS"].map(String::from).to_vec();
		table(&std::iter::once(heading).chain(entries.iter().map(row)).collect::<Vec<_>>())
	})
}
