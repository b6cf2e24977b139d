//! `encrytrust dataset`.

use super::common::{account, bounded_name, table, text, Chain, Output};
use crate::{
	amounts::{ets, parse_ets},
	config::Config,
};
use anyhow::{bail, Context, Result};
use encrytrust_chain_client::{keypair, AccountId, Balance, Call, Client, DataSet, Policy};
use encrytrust_datasets::{ColumnSpec, Source};
use encrytrust_primitives::bmpc::{Column, DataSetId, Schema, TemplateId, TemplateKind};
use serde_json::{json, Value};
use std::{
	fs,
	path::{Path, PathBuf},
};

/// Commands about data sets.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
	/// Finds a schema that holds all values of all sources: data sets that meet in a job need one and the same.
	#[command(after_help = "\
A source is a CSV file, or a TOML file with `type`, `path` or `url`, and `table` or `query`.

Example:
  encrytrust dataset schema a.csv b.csv c.csv > schema.json")]
	Schema {
		/// The sources.
		#[arg(required = true, value_name = "SOURCE")]
		sources: Vec<PathBuf>,
	},
	/// Puts a data set on offer, signed by a worker's account. Reads the source once and counts its rows.
	#[command(after_help = "\
Examples:
  encrytrust dataset register --config worker.toml --source patients.csv --schema schema.json \\
      --title \"Patients\" --price 0.000001 --min-rows 100
  encrytrust dataset register --config worker.toml --source visits.toml --title Visits --template mean \\
      --buyer 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY --price 0")]
	Register(Box<Registering>),
	/// Changes price and policy, for jobs to come. What is left out stays.
	#[command(after_help = "Example:\n  encrytrust dataset update 3 --config worker.toml --price 0.00002")]
	Update {
		/// The data set.
		id: DataSetId,
		/// The worker's configuration.
		#[arg(long, value_name = "FILE")]
		config: PathBuf,
		/// Price of a cell, in ETS.
		#[arg(long, value_name = "ETS", value_parser = parse_ets)]
		price: Option<Balance>,
		#[command(flatten)]
		policy: PolicyArguments,
	},
	/// Takes a data set off offer, for ever.
	#[command(after_help = "Example:\n  encrytrust dataset withdraw 3 --config worker.toml")]
	Withdraw {
		/// The data set.
		id: DataSetId,
		/// The worker's configuration.
		#[arg(long, value_name = "FILE")]
		config: PathBuf,
	},
	/// Lists the data sets on offer.
	#[command(after_help = "Example:\n  encrytrust dataset list --json")]
	List {
		#[command(flatten)]
		chain: Chain,
		/// Also those that were withdrawn.
		#[arg(long)]
		all: bool,
	},
}

#[derive(Debug, clap::Args)]
pub(super) struct Registering {
	/// The worker's configuration.
	#[arg(long, value_name = "FILE")]
	config: PathBuf,
	/// A CSV file, or a TOML file that describes a source.
	#[arg(long, value_name = "SOURCE")]
	source: PathBuf,
	/// The schema, as `dataset schema` prints it; found from the source alone if left out.
	#[arg(long, value_name = "FILE")]
	schema: Option<PathBuf>,
	/// What it is, in words.
	#[arg(long)]
	title: String,
	/// Price of a cell (a row of a selected column), in ETS.
	#[arg(long, value_name = "ETS", value_parser = parse_ets)]
	price: Balance,
	#[command(flatten)]
	policy: PolicyArguments,
}

/// Who may ask what.
#[derive(Debug, clap::Args)]
pub(super) struct PolicyArguments {
	/// A template allowed, by name or id; all that are open if left out. May be repeated.
	#[arg(long = "template", value_name = "TEMPLATE")]
	templates: Vec<String>,
	/// The least number of rows, over all data sets of a job, behind any number that leaves.
	#[arg(long, value_name = "ROWS")]
	min_rows: Option<u64>,
	/// A buyer allowed; everyone if left out. May be repeated.
	#[arg(long = "buyer", value_name = "ACCOUNT", value_parser = account)]
	buyers: Vec<AccountId>,
	/// The most jobs that one buyer gets.
	#[arg(long, value_name = "JOBS")]
	max_answers: Option<u32>,
}

pub(super) async fn run(command: Command, output: &Output) -> Result<()> {
	match command {
		Command::Schema { sources } => {
			let sources = sources.iter().map(|path| source(path)).collect::<Result<Vec<_>>>()?;
			let columns = tokio::task::spawn_blocking(move || encrytrust_datasets::infer_schema(&sources)).await??;
			println!("{}", serde_json::to_string_pretty(&columns)?);
			Ok(())
		},
		Command::Register(registering) => register(*registering, output).await,
		Command::Update { id, config, price, policy } => update(id, &config, price, policy, output).await,
		Command::Withdraw { id, config } => {
			let config = Config::read(&config)?;
			let block = sign(&config, &Call::withdraw_dataset(id)).await?.0;
			output.print(&json!({ "id": id, "block": block }), |_| format!("block {block}: data set {id} is withdrawn"))
		},
		Command::List { chain, all } => list(&chain.connect().await?, all, output).await,
	}
}

/// A source by the path of a CSV file or of a TOML file that describes it.
pub(crate) fn source(path: &Path) -> Result<Source> {
	if path.extension().is_some_and(|extension| extension == "toml") {
		let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
		let source: Source =
			toml::from_str(&text).with_context(|| format!("{} does not describe a source", path.display()))?;
		return Ok(source.relative_to(path.parent().unwrap_or(Path::new("."))));
	}
	Ok(Source::Csv { path: path.into() })
}

/// The chain's form of a schema.
pub(crate) fn schema(columns: &[ColumnSpec]) -> Result<Schema> {
	let column = |column: &ColumnSpec| {
		Ok(Column { name: bounded_name(&column.name)?, decimals: column.decimals, bits: column.bits })
	};
	let columns = columns.iter().map(column).collect::<Result<Vec<_>>>()?;
	Schema::try_from(columns).map_err(|_| anyhow::anyhow!("too many columns: at most 256"))
}

async fn register(arguments: Registering, output: &Output) -> Result<()> {
	let config = Config::read(&arguments.config)?;
	let source = source(&arguments.source)?;
	let columns: Vec<ColumnSpec> = match &arguments.schema {
		Some(path) => {
			let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
			serde_json::from_str(&text).with_context(|| {
				format!("{} is not a schema: make one with `encrytrust dataset schema`", path.display())
			})?
		},
		None => {
			let sources = [source.clone()];
			tokio::task::spawn_blocking(move || encrytrust_datasets::infer_schema(&sources)).await??
		},
	};
	let schema = schema(&columns)?;
	let rows = tokio::task::spawn_blocking(move || encrytrust_datasets::scan(&source, &columns, |_| ())).await??;
	let client = Chain { url: config.node.clone() }.connect().await?;
	let policy = policy(&client, arguments.policy, None).await?;
	let title = bounded_name(&arguments.title)?;
	let call = Call::register_dataset(&title, &schema, rows, arguments.price, &policy);
	let (block, id) = sign(&config, &call).await?;
	let id = id.context("the chain did not tell the data set's id")?;
	output.print(&json!({ "id": id, "rows": rows, "columns": schema.len(), "block": block }), |_| {
		format!(
			"block {block}: data set {id} is on offer: {rows} rows, {} columns\n\
			 Tell the worker where it is; in {}:\n\n[[dataset]]\nid = {id}\ntype = …",
			schema.len(),
			config.path.display()
		)
	})
}

async fn update(
	id: DataSetId,
	config: &Path,
	price: Option<Balance>,
	arguments: PolicyArguments,
	output: &Output,
) -> Result<()> {
	let config = Config::read(config)?;
	let client = Chain { url: config.node.clone() }.connect().await?;
	let head = client.finalized().await?;
	let current = client.at(head.hash).data_set(id).await?;
	let current = current.with_context(|| format!("there is no data set {id}: look with `encrytrust dataset list`"))?;
	let policy = policy(&client, arguments, Some(current.policy)).await?;
	let block = sign(&config, &Call::update_dataset(id, price.unwrap_or(current.price), &policy)).await?.0;
	output.print(&json!({ "id": id, "block": block }), |_| format!("block {block}: data set {id} is changed"))
}

/// The policy that the arguments tell; what they leave out is as in `current`, or open.
async fn policy(client: &Client, arguments: PolicyArguments, current: Option<Policy>) -> Result<Policy> {
	let known = client.at(client.finalized().await?.hash).templates().await?;
	let mut templates = Vec::new();
	for name in &arguments.templates {
		templates.push(find_template(&known, name)?.0);
	}
	let many = |what: &str| anyhow::anyhow!("too many {what}: at most 64");
	let templates = match &current {
		Some(current) if templates.is_empty() => current.templates.clone(),
		None if templates.is_empty() => {
			let open = known.iter().filter(|(_, template)| !template.retired).map(|(id, _)| *id);
			open.collect::<Vec<_>>().try_into().map_err(|_| many("templates"))?
		},
		_ => templates.try_into().map_err(|_| many("templates"))?,
	};
	let buyers = match arguments.buyers {
		none if none.is_empty() => current.as_ref().and_then(|current| current.buyers.clone()),
		buyers => Some(buyers.try_into().map_err(|_| many("buyers"))?),
	};
	Ok(Policy {
		templates,
		min_rows: arguments.min_rows.or(current.as_ref().map(|current| current.min_rows)).unwrap_or(1),
		buyers,
		max_answers: arguments.max_answers.or(current.and_then(|current| current.max_answers)),
	})
}

/// A template by id, by its name, or by what it computes: `sum`, `mean` and so on.
pub(crate) fn find_template(
	known: &[(TemplateId, encrytrust_primitives::bmpc::Template)],
	wanted: &str,
) -> Result<(TemplateId, TemplateKind)> {
	let kind = match wanted {
		"sum" | "column-sum" => Some(TemplateKind::ColumnSum),
		"mean" | "column-mean" => Some(TemplateKind::ColumnMean),
		"variance" | "column-variance" => Some(TemplateKind::ColumnVariance),
		"covariance" => Some(TemplateKind::Covariance),
		"histogram" => Some(TemplateKind::Histogram),
		"weighted-sum" => Some(TemplateKind::WeightedSum),
		"row-sum" => Some(TemplateKind::RowSum),
		"row-weighted-sum" => Some(TemplateKind::RowWeightedSum),
		_ => None,
	};
	let fits = |(id, template): &&(TemplateId, encrytrust_primitives::bmpc::Template)| {
		wanted.parse() == Ok(*id)
			|| text(&template.name) == wanted
			|| (kind == Some(template.kind) && !template.retired)
	};
	match known.iter().find(fits) {
		Some((id, template)) => Ok((*id, template.kind)),
		None => {
			let names: Vec<String> =
				known.iter().map(|(id, template)| format!("{id} ({})", text(&template.name))).collect();
			bail!("there is no template '{wanted}'; the chain has {}", names.join(", "))
		},
	}
}

/// Signs by a worker's account; the block, and the id of a data set that was registered.
async fn sign(config: &Config, call: &Call) -> Result<(u32, Option<DataSetId>)> {
	let signer = keypair(&config.account.read("account's secret")?)?;
	let client = Chain { url: config.node.clone() }.connect().await?;
	let (block, events) = client.execute(call, &signer).await?;
	let id = events.iter().find(|event| event.is("Bmpc", "DataSetRegistered")).and_then(|event| event.number("id"));
	Ok((block.number, id.and_then(|id| id.try_into().ok())))
}

/// All data sets.
pub(crate) async fn data_sets(client: &Client) -> Result<Vec<(DataSetId, DataSet)>> {
	const PAGE: u32 = 64;
	let (block, mut all) = (client.finalized().await?, Vec::<(DataSetId, DataSet)>::new());
	loop {
		let from = all.last().map_or(0, |(id, _)| id + 1);
		let page = client.at(block.hash).data_sets(from, PAGE).await?;
		let last = page.len() < PAGE as usize;
		all.extend(page);
		if last {
			return Ok(all);
		}
	}
}

async fn list(client: &Client, all: bool, output: &Output) -> Result<()> {
	let sets = data_sets(client).await?;
	let entries: Vec<Value> = sets.iter().filter(|(_, set)| all || !set.withdrawn).map(entry).collect();
	output.print(&entries, |entries| {
		let row = |entry: &Value| {
			let cell = |key: &str| match &entry[key] {
				Value::String(text) => text.clone(),
				Value::Array(items) => items.len().to_string(),
				other => other.to_string(),
			};
			["id", "title", "provider", "rows", "columns", "price", "min_rows"].map(cell).to_vec()
		};
		let heading = ["ID", "TITLE", "PROVIDER", "ROWS", "COLUMNS", "PRICE OF A CELL", "LEAST ROWS"];
		let heading = heading.map(String::from).to_vec();
		table(&std::iter::once(heading).chain(entries.iter().map(row)).collect::<Vec<_>>())
	})
}

fn entry((id, set): &(DataSetId, DataSet)) -> Value {
	let column =
		|column: &Column| json!({ "name": text(&column.name), "decimals": column.decimals, "bits": column.bits });
	json!({
		"id": id,
		"title": text(&set.title),
		"provider": set.provider.to_string(),
		"rows": set.rows,
		"columns": set.schema.iter().map(column).collect::<Vec<_>>(),
		"price": ets(set.price),
		"templates": set.policy.templates.to_vec(),
		"min_rows": set.policy.min_rows,
		"buyers": set.policy.buyers.as_ref().map(|buyers| buyers.iter().map(AccountId::to_string).collect::<Vec<_>>()),
		"max_answers": set.policy.max_answers,
		"withdrawn": set.withdrawn,
	})
}
