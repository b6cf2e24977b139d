//! One whole job on a development chain of its own.
//!
//! Starts a node and a worker process for each party, splits a table over the data providers, registers everybody, asks
//! for means, decrypts them, accepts, and checks it all: means against the clear, every unit of money and bonds, every
//! stage. The processes it starts are its own children and end with it.

mod chain;
mod changes;
mod cheats;
mod checks;
mod clear;
mod kills;
mod processes;
mod publications;
mod unserved;

use crate::behaviours::Cheat;
use anyhow::{bail, Context, Result};
use chain::{Accounts, Parties};
use checks::{Ledger, Price};
use clear::Table;
use encrytrust_chain_client::{account_of, AccountId, Block, BlockNumber, Call, Quote};
use encrytrust_datasets::Inference;
use encrytrust_job_client::{
	amounts::ets,
	events::{self, JobEvent, JobEventKind},
	files::replace,
	names::party_names,
	user_key, JobClient, JobRequest, Requested, ResultView,
};
use encrytrust_paillier::KeySize;
use encrytrust_protocol::stage_name;
use encrytrust_terminal::{
	output::{line, remark},
	quote_text, quote_value, remark_left_out, table, watch, Spinner,
};
use encrytrust_worker::{
	config::{Config, Secret},
	database::Database,
};
use kills::Kills;
use processes::Processes;
use serde_json::{json, Map, Value};
use std::{
	collections::BTreeMap,
	convert::Infallible,
	path::{Path, PathBuf},
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::signal::unix::{signal, SignalKind};

/// The columns of the breast cancer table that are asked for.
const COLUMNS: [&str; 5] = ["mean_radius", "mean_texture", "mean_perimeter", "mean_area", "mean_smoothness"];

/// What to show.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  encrytrust-demo --node target/debug/encrytrust-node
  encrytrust-demo --data table.csv --columns age,weight --providers 4 --computing-providers 2 --json report.json
  encrytrust-demo --crash                                  everybody is killed on the way and goes on
  encrytrust-demo --kills 100                              somebody is killed every half second
  encrytrust-demo --cheat cp,silent-dp                     somebody cheats in each job, is caught and slashed
  encrytrust-demo --keep")]
pub(crate) struct Options {
	/// The node's program; the one beside this program if left out.
	#[arg(long, value_name = "FILE")]
	node: Option<PathBuf>,
	/// Another table than the breast cancer table of three hospitals: CSV with a header, split over the data providers.
	#[arg(long, value_name = "FILE.csv")]
	data: Option<PathBuf>,
	/// The columns to ask for.
	#[arg(long, value_delimiter = ',', value_name = "A,B,C")]
	columns: Vec<String>,
	/// Data providers.
	#[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=16))]
	providers: u16,
	/// Computing providers.
	#[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=16))]
	computing_providers: u16,
	/// Write means, expected, rows, job, stages, payments, blocks and seconds as JSON; of a cheat offender, proof, slashed,
	/// refunded and paid, and a list of those of several.
	#[arg(long, value_name = "FILE")]
	json: Option<PathBuf>,
	/// Kill every worker twice in each stage, and the node in two of them, with SIGKILL; all of it is started again. Then
	/// change a table: the next job is declined until the data set is refreshed.
	#[arg(long)]
	crash: bool,
	/// Kill this many children with SIGKILL at random moments of a job, workers and sometimes the node, and start them again.
	/// As many jobs are requested as that takes; each must settle once.
	#[arg(long, value_name = "N", conflicts_with_all = ["crash", "cheat", "keep"])]
	kills: Option<u32>,
	/// Somebody cheats, in a job for each kind: cp, cord, dp, malformed, withhold, withhold-one, silent-cp, silent-dp,
	/// silent-cord, late-cp, late-dp or late-cord; or finer cp-cell, cp-row, cp-replay, cord-swap, cord-short, dp-column,
	/// silent- or late- with selection, inputs, outputs or result. Of withhold-one the job settles.
	#[arg(long, value_name = "KIND,…", value_delimiter = ',', value_parser = crate::behaviours::by_name,
		conflicts_with_all = ["crash", "keep"])]
	cheat: Vec<Cheat>,
	/// Leave chain and workers running until Ctrl-C.
	#[arg(long)]
	keep: bool,
}

impl Options {
	fn kills(&self) -> Kills {
		match self.kills {
			Some(kills) => Kills::Random(kills),
			None if self.crash => Kills::EachStage,
			None => Kills::None,
		}
	}
}

/// Runs the demonstration.
///
/// # Errors
///
/// Anything that did not go as it should. The workers' folders are kept then, and the error says where.
pub(crate) async fn run(options: Options) -> Result<()> {
	let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
	let folder = tempfile::Builder::new().prefix("encrytrust-demo-").tempdir().context("cannot make a folder")?;
	let mut processes = Processes::new(folder.path());
	let done = tokio::select! {
		done = Demo::run(&options, &mut processes) => done,
		_ = tokio::signal::ctrl_c() => Ok(Ended::Interrupted),
		_ = terminate.recv() => Ok(Ended::Interrupted),
	};
	let started = processes.any_started();
	processes.stop().await;
	match done {
		Ok(Ended::ByItself) => Ok(()),
		Ok(Ended::Interrupted) if processes.kept => Ok(()),
		Ok(Ended::Interrupted) => bail!("interrupted"),
		Err(error) if started => Err(error.context(format!("the logs are in {}", folder.keep().display()))),
		Err(error) => Err(error),
	}
}

/// How it came to an end without a fault.
enum Ended {
	ByItself,
	Interrupted,
}

/// Says how far things are.
struct Progress {
	began: Instant,
	phase: Instant,
	seconds: Map<String, Value>,
}

impl Progress {
	fn new() -> Self {
		Self { began: Instant::now(), phase: Instant::now(), seconds: Map::new() }
	}

	fn say(&self, text: &str) {
		remark(format_args!("{:>6.1} s  {text}", self.began.elapsed().as_secs_f64()));
	}

	/// Ends a phase under its name.
	fn end(&mut self, name: &str) {
		self.seconds.insert(name.into(), rounded(self.phase.elapsed()));
		self.phase = Instant::now();
	}
}

fn rounded(time: Duration) -> Value {
	json!((time.as_secs_f64() * 1000.0).round() / 1000.0)
}

/// By party: from whom, and what.
type Seen = Vec<(String, Vec<(String, String)>)>;

struct Demo<'a> {
	options: &'a Options,
	progress: Progress,
	table: Table,
	columns: Vec<String>,
	/// Whom to kill in the next job.
	kills: Kills,
}

/// What came out of the job.
struct Outcome {
	quote: Quote,
	price: Price,
	result: ResultView,
	events: Vec<JobEvent>,
	ledger: Ledger,
	names: BTreeMap<AccountId, String>,
	blocks: (Block, Block),
}

impl Demo<'_> {
	async fn run(options: &Options, processes: &mut Processes) -> Result<Ended> {
		let table = Table::read(options.data.as_deref(), usize::from(options.providers))?;
		let parts = table.write_parts(processes.folder())?;
		let inference = infer(&parts).await?;
		if options.data.is_some() {
			remark_left_out(&inference);
		}
		let columns = wanted_columns(options, &inference)?;
		let schema = inference.columns;
		let mut demo = Demo { options, progress: Progress::new(), table, columns, kills: options.kills() };

		demo.progress.say("starting a development chain and the workers");
		let node = options.node.clone().map_or_else(beside_this_program, Ok)?;
		let url = processes.start_node(&node)?;
		let key_file = processes.folder().join("user.key");
		let parties = Parties::prepare(processes, &url, &parts, options.computing_providers, &key_file).await?;
		let client = processes.wait_for_node(&url).await?;
		let jobs = JobClient::new(client, Arc::new(Spinner::default()));
		parties.start_workers(processes)?;
		demo.progress.end("start");

		demo.progress.say("funding the accounts, bonding, registering roles and data sets");
		let accounts = parties.register(&jobs.chain, &schema, demo.table.rows()).await?;
		processes.check_alive()?;
		demo.progress.say(&format!(
			"each of the {} providers has {} at stake",
			parties.workers().len(),
			ets(chain::BOND)
		));
		demo.progress.end("register");

		if !options.cheat.is_empty() {
			demo.cheats(&jobs, &parties, &accounts, processes).await?;
			return Ok(Ended::ByItself);
		}
		loop {
			let outcome = demo.job(&jobs, &parties, &accounts, processes).await?;
			demo.report(&outcome, &parties)?;
			// A job may be over before all are killed.
			if !matches!(demo.kills, Kills::Random(1..)) {
				break;
			}
		}
		if options.crash {
			demo.kills = Kills::None;
			demo.changed_data(&jobs, &parties, &accounts, processes).await?;
		}
		if options.keep {
			match keep(&url, &parties, &accounts, processes).await? {}
		}
		Ok(Ended::ByItself)
	}

	/// Asks for the means, with a proof about the user's key.
	async fn ask(&self, jobs: &JobClient, parties: &Parties, accounts: &Accounts) -> Result<Requested> {
		let request = JobRequest {
			template: "mean".into(),
			datasets: accounts.datasets.clone(),
			row_ranges: vec![],
			columns: self.columns.clone(),
			weights: vec![],
			bins: None,
			computing_providers: parties.computing_providers(),
			coordinator: parties.coordinator(),
			key: parties.key_file.clone(),
			stage_blocks: None,
		};
		let user = account_of(&parties.user);
		let passphrase = Secret::File(parties.key_file.with_extension("passphrase").into());
		let open = move |key: &Path| user_key::open(key, &passphrase.read("passphrase")?);
		let proof = jobs.ensure_proof(&parties.key_file, &user, open).await?;
		let requested = jobs.request(&parties.user, &request, &proof, chain::MAX_PRICE).await?;
		jobs.offer_proof(requested.job, &parties.key_file, proof).await?;
		Ok(requested)
	}

	/// Quote, request, watch, decrypt, accept.
	async fn job(
		&mut self,
		jobs: &JobClient,
		parties: &Parties,
		accounts: &Accounts,
		processes: &mut Processes,
	) -> Result<Outcome> {
		let before = jobs.chain.finalized().await?;
		let Requested { job: id, quote, .. } = self.ask(jobs, parties, accounts).await?;
		line(format_args!("\nquote\n{}\n", quote_text(&quote_value(&quote))))?;
		self.progress.say(&format!("job {id} is asked for"));

		let info = jobs.info(id).await?;
		let names = party_names(&info);
		let is_result = |what: &JobEventKind| matches!(what, JobEventKind::Challenge { .. });
		let mut events = tokio::select! {
			events = watch(jobs, id, None, is_result, false) => events?,
			dead = self.kills.disturb(&jobs.chain, id, processes) => return Err(dead),
		};
		let last = events.last().map_or(before.number, |event| event.block);
		if events.iter().any(|event| event.kind.is_end()) {
			bail!("job {id} ended without a result");
		}
		self.progress.end("job");

		let result = jobs.decrypted(id, &parties.user_key, &parties.key_file).await?;
		if !result.verified {
			bail!("not all that the result was computed from was checked: {}", result.unchecked.join("; "));
		}
		self.progress.end("decrypt");

		self.progress.say("accepting the result: everyone is paid");
		jobs.chain.execute(&Call::accept(id), &parties.user).await?;
		events.extend(watch(jobs, id, Some(last + 1), JobEventKind::is_end, false).await?);
		let after = jobs.chain.finalized().await?;
		let ledger = Ledger::read(&jobs.chain, before, after, names.keys()).await?;
		self.progress.end("settle");
		let price = Price::of(&quote, account_of(&parties.user), parties.coordinator());
		Ok(Outcome { quote, price, result, events, ledger, names, blocks: (before, after) })
	}

	/// Prints and writes everything, and fails unless all of it is right.
	fn report(&mut self, outcome: &Outcome, parties: &Parties) -> Result<()> {
		let spans = events::spans(&outcome.events);
		let expected = self.table.means(&outcome.result)?;
		let mut faults = checks::means(&outcome.result, &expected, self.table.rows());
		faults.extend(checks::stages(&outcome.events, &spans));
		faults.extend(outcome.ledger.faults(&outcome.events, &outcome.price));
		faults.extend(outcome.ledger.repetitions(&parties.duties(), &outcome.names));

		line("\nstages")?;
		let mut rows = vec![vec!["STAGE".into(), "BLOCKS".into(), "TIME".into()]];
		rows.extend(spans.iter().map(|span| {
			vec![span.stage.clone(), format!("{}-{}", span.from_block, span.to_block), format!("{:.0} s", span.seconds)]
		}));
		line(table(&rows))?;

		line(format_args!("\nmeans over {} rows of {} data providers", outcome.result.rows, self.options.providers))?;
		let mut rows = vec![["COLUMN", "DECRYPTED", "IN THE CLEAR", ""].map(String::from).to_vec()];
		for answer in &outcome.result.results {
			let column = answer.columns.concat();
			let mean = answer.number("mean").unwrap_or_default();
			let clear = expected.get(&column).cloned().unwrap_or_default();
			let verdict = if mean == clear { "equal" } else { "DIFFERENT" };
			rows.push(vec![column, mean.into(), clear, verdict.into()]);
		}
		line(table(&rows))?;

		line("\npayments")?;
		line(table(&outcome.ledger.rows(&outcome.events, &outcome.names)))?;

		line("\nwhat each party saw")?;
		let seen = self.seen(outcome, parties)?;
		let mut rows = Vec::new();
		for (party, items) in &seen {
			rows.extend(items.iter().map(|(source, item)| vec![party.clone(), format!("from {source}"), item.clone()]));
		}
		line(table(&rows))?;

		self.progress.end("check");
		self.progress.seconds.insert("total".into(), rounded(self.progress.began.elapsed()));
		if let Some(path) = &self.options.json {
			let value = self.json(outcome, &spans, &expected, &seen, &faults);
			replace(path, (serde_json::to_string_pretty(&value)? + "\n").as_bytes())
				.with_context(|| format!("cannot write {}", path.display()))?;
		}
		if !faults.is_empty() {
			bail!("not all is right: {}", faults.join("; "));
		}
		line(format_args!(
			"\nAll is right: the means are those of the data in the clear, all {} are accounted for, and the job settled.",
			ets(outcome.quote.total)
		))?;
		Ok(())
	}

	/// What each party saw.
	fn seen(&self, outcome: &Outcome, parties: &Parties) -> Result<Seen> {
		let mut all = Vec::new();
		for worker in parties.workers() {
			let config = Config::read(&worker.config)?;
			let seen = Database::open(&config.database())?.seen(outcome.result.job)?;
			let name = outcome.names.get(&worker.account()).cloned().unwrap_or_default();
			all.push((name, seen.into_iter().map(|seen| (seen.source, seen.item)).collect()));
		}
		let columns = outcome.result.results.len();
		all.push((
			"user".into(),
			vec![("coordinator".into(), format!("{columns} ciphertexts, opened with the only key"))],
		));
		Ok(all)
	}

	fn json(
		&self,
		outcome: &Outcome,
		spans: &[events::Span],
		expected: &BTreeMap<String, String>,
		seen: &Seen,
		faults: &[String],
	) -> Value {
		let number = |text: &str| text.parse::<f64>().map_or(Value::Null, |number| json!(number));
		let results = || outcome.result.results.iter().map(|answer| (answer.columns.concat(), answer));
		let means = results().map(|(column, answer)| (column, number(answer.number("mean").unwrap_or_default())));
		let exact = results()
			.map(|(column, answer)| (column, json!({ "sum": answer.number("sum"), "mean": answer.number("mean") })));
		let seen = seen.iter().map(|(party, items)| {
			let items = items.iter().map(|(source, item)| json!({ "from": source, "what": item }));
			(party.clone(), items.collect::<Value>())
		});
		json!({
			"means": means.collect::<Map<_, _>>(),
			"expected": expected.iter().map(|(name, mean)| (name.clone(), number(mean))).collect::<Map<_, _>>(),
			"exact": exact.collect::<Map<_, _>>(),
			"rows": outcome.result.rows,
			"job": outcome.result.job,
			"quote": quote_value(&outcome.quote),
			"stages": spans,
			"payments": outcome.ledger.payments(&outcome.events, &outcome.names),
			"bonds": outcome.ledger.bonds(&outcome.names),
			"blocks": blocks(&outcome.events, outcome.blocks),
			"seconds": self.progress.seconds,
			"seen": seen.collect::<Map<_, _>>(),
			"ok": faults.is_empty(),
			"faults": faults,
		})
	}
}

/// In which block what happened.
fn blocks(events: &[JobEvent], (first, last): (Block, Block)) -> Value {
	let mut blocks = Map::new();
	blocks.insert("first".into(), json!(first.number));
	for event in events {
		let name = match &event.kind {
			JobEventKind::Requested { .. } => "requested",
			JobEventKind::Entered(stage) => stage_name(*stage),
			JobEventKind::Challenge { .. } => "challenge",
			JobEventKind::Settled { .. } => "settled",
			_ => continue,
		};
		blocks.insert(name.into(), json!(event.block));
	}
	let last: BlockNumber = last.number;
	blocks.insert("last".into(), json!(last));
	Value::Object(blocks)
}

async fn infer(parts: &[PathBuf]) -> Result<Inference> {
	let sources: Vec<_> = parts.iter().map(|path| encrytrust_datasets::Source::Csv { path: path.clone() }).collect();
	Ok(tokio::task::spawn_blocking(move || encrytrust_datasets::infer_schema(&sources, &[])).await??)
}

/// The columns that were asked for; without a wish five of the breast cancer table's, or a table's first five.
fn wanted_columns(options: &Options, inference: &Inference) -> Result<Vec<String>> {
	let there = || inference.columns.iter().map(|column| column.name.clone());
	let wanted: Vec<String> = match (&options.columns, &options.data) {
		(columns, _) if !columns.is_empty() => columns.iter().map(|name| name.trim().to_string()).collect(),
		(_, None) => COLUMNS.map(String::from).to_vec(),
		_ => there().take(COLUMNS.len()).collect(),
	};
	if let Some(missing) = wanted.iter().find(|name| !there().any(|column| column == **name)) {
		if let Some(left_out) = inference.left_out.iter().find(|left_out| left_out.name == *missing) {
			bail!("{left_out}");
		}
		let there: Vec<String> = there().collect();
		bail!("there is no column of numbers called '{missing}'; there are: {}", there.join(", "));
	}
	Ok(wanted)
}

/// The node's program in this program's folder.
fn beside_this_program() -> Result<PathBuf> {
	let path =
		std::env::current_exe().context("this program does not know where it is")?.with_file_name("encrytrust-node");
	anyhow::ensure!(path.exists(), "there is no node at {}: name its program with --node", path.display());
	Ok(path)
}

/// The size of the demonstration's keys.
const KEY_SIZE: KeySize = KeySize::Bits2048;

/// Prints where everything is, and waits until a child ends, which none should.
async fn keep(url: &str, parties: &Parties, accounts: &Accounts, processes: &mut Processes) -> Result<Infallible> {
	line(format_args!("\nnode              {url}"))?;
	line(format_args!("user's account    {}", account_of(&parties.user)))?;
	line(format_args!("user's secret     {}", processes.folder().join("user.secret").display()))?;
	line(format_args!("user's key        {}", processes.folder().join("user.key").display()))?;
	line(format_args!("its passphrase    {}", processes.folder().join("user.passphrase").display()))?;
	line(format_args!(
		"data sets         {}",
		accounts.datasets.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
	))?;
	for worker in parties.workers() {
		line(format_args!("{:<17} {} {}", worker.name, worker.account(), worker.config.display()))?;
	}
	line("\nRunning until Ctrl-C.")?;
	processes.kept = true;
	Err(processes.wait_for_a_death().await)
}
