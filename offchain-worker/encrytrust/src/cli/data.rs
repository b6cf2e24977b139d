//! `encrytrust dataset`.

mod policy;

use policy::PolicyArguments;

use super::common::{table, text, Chain, Output};
use anyhow::{Context, Result};
use encrytrust_chain_client::{AccountId, Balance, BlockNumber, Call, Client, Dataset};
use encrytrust_datasets::{ColumnSpec, Inference, Source};
use encrytrust_job_client::{
	amounts::{ets, parse_ets},
	paths::shown,
};
use encrytrust_terminal::remark_left_out;
use encrytrust_types::{dataset::Column, job::Template, DatasetId, JobId, TemplateId};
use encrytrust_worker::{
	config::{toml_error, Config},
	declaration::{bounded_name, declare, schema, Declaration},
	registration::{dataset, refresh_dataset, Refreshed},
};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// Commands about data sets.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
	/// Finds a schema that holds all values of all sources: data sets that meet in a job need one and the same.
	#[command(after_help = "\
A source is a CSV file, or a TOML file with `type`, `path` or `url`, and `table` or `query`.

Standard output gets the columns, with --json an object of `columns`, `left_out` and `remarks`; `dataset register --schema`
reads either. Standard error tells every column that is left out, with the reason.

Examples:
  encrytrust dataset schema a.csv b.csv c.csv > schema.json
  encrytrust dataset schema patients.csv --column age --column patient_no > schema.json")]
	Schema {
		/// The sources.
		#[arg(required = true, value_name = "SOURCE")]
		sources: Vec<PathBuf>,
		/// A column to offer, also one that looks like an id; all with numbers that do not if left out. May be repeated: the
		/// schema has these, in this order.
		#[arg(long = "column", value_name = "NAME")]
		columns: Vec<String>,
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
		id: DatasetId,
		/// The worker's configuration.
		#[arg(long, value_name = "FILE")]
		config: PathBuf,
		/// Price of a cell, in ETS.
		#[arg(long, value_name = "ETS", value_parser = parse_ets)]
		price: Option<Balance>,
		#[command(flatten)]
		policy: PolicyArguments,
	},
	/// Declares that a data set's rows have changed, for jobs to come: says what has changed, and signs the new declaration.
	#[command(after_help = "\
Until then the worker declines jobs over the data set: what it has is not what it declared.

Example:
  encrytrust dataset refresh 3 --config worker.toml")]
	Refresh {
		/// The data set.
		id: DatasetId,
		/// The worker's configuration, which names the data set's source.
		#[arg(long, value_name = "FILE")]
		config: PathBuf,
	},
	/// Takes a data set off offer, for ever.
	#[command(after_help = "Example:\n  encrytrust dataset withdraw 3 --config worker.toml")]
	Withdraw {
		/// The data set.
		id: DatasetId,
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
	/// A column to offer, also one that looks like an id; all with numbers that do not if left out. May be repeated.
	#[arg(long = "column", value_name = "NAME", conflicts_with = "schema")]
	columns: Vec<String>,
	/// What it is, in words.
	#[arg(long)]
	title: String,
	/// Price of a cell (a row of a selected column), in ETS.
	#[arg(long, value_name = "ETS", value_parser = parse_ets)]
	price: Balance,
	#[command(flatten)]
	policy: PolicyArguments,
}

pub(super) async fn run(command: Command, output: &Output) -> Result<()> {
	match command {
		Command::Schema { sources, columns } => {
			let sources = sources.iter().map(|path| source(path)).collect::<Result<Vec<_>>>()?;
			let inference = infer(sources, columns).await?;
			// Columns are JSON in text too: a file of them is what `register` takes.
			let columns = serde_json::to_string_pretty(&inference.columns)?;
			output.print(&inference, |_| columns)
		},
		Command::Register(registering) => register(*registering, output).await,
		Command::Update { id, config, price, policy } => update(id, &config, price, policy, output).await,
		Command::Refresh { id, config } => refresh(id, &config, output).await,
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
		let text = encrytrust_datasets::read_text(path)?;
		let source: Source = toml::from_str(&text).map_err(|error| {
			anyhow::anyhow!("{} does not describe a source: {}", shown(path), toml_error(&text, &error))
		})?;
		return Ok(source.relative_to(path.parent().unwrap_or(Path::new("."))));
	}
	Ok(Source::Csv { path: path.into() })
}

/// The schema of sources; what is left out of it is told on standard error.
async fn infer(sources: Vec<Source>, columns: Vec<String>) -> Result<Inference> {
	let infer = move || encrytrust_datasets::infer_schema(&sources, &columns);
	let inference = tokio::task::spawn_blocking(infer).await??;
	remark_left_out(&inference);
	Ok(inference)
}

/// A schema that was made before; what of the source could be read in two ways is told on standard error.
async fn of_schema(source: Source, columns: Vec<ColumnSpec>) -> Result<Inference> {
	let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
	let remarks = tokio::task::spawn_blocking(move || encrytrust_datasets::remarks(&source, &names)).await??;
	let inference = Inference { columns, remarks, ..Inference::default() };
	remark_left_out(&inference);
	Ok(inference)
}

/// A schema as `dataset schema` prints it: the columns, or an object with them.
fn read_schema(path: &Path) -> Result<Vec<ColumnSpec>> {
	let text = encrytrust_datasets::read_text(path)?;
	let columns = serde_json::from_str(&text).and_then(|value| match value {
		Value::Object(mut object) => serde_json::from_value(object.remove("columns").unwrap_or_default()),
		columns => serde_json::from_value(columns),
	});
	columns.with_context(|| format!("{} is not a schema: make one with `encrytrust dataset schema`", shown(path)))
}

async fn register(arguments: Registering, output: &Output) -> Result<()> {
	let config = Config::read(&arguments.config)?;
	let source = source(&arguments.source)?;
	let inference = match &arguments.schema {
		Some(path) => of_schema(source.clone(), read_schema(path)?).await?,
		None => infer(vec![source.clone()], arguments.columns).await?,
	};
	let asked = (source.clone(), inference.clone());
	let left_out = tokio::task::spawn_blocking(move || left_out(&asked.0, &asked.1)).await??;
	let columns = inference.columns;
	let schema = schema(&columns)?;
	let Declaration { rows, fingerprint } = declare(&config, source, columns).await?;
	let client = Chain { url: config.node.clone() }.connect().await?;
	let templates = policy::templates(&client).await?;
	let policy = policy::policy(&templates, arguments.policy, None)?;
	let disclosure = policy::disclosure(&policy, &templates);
	let title = bounded_name(&arguments.title)?;
	let call = Call::register_dataset(&title, &schema, rows, fingerprint, arguments.price, &policy);
	let (block, id) = sign(&config, &call).await?;
	let id = id.context("the chain did not tell the data set's id")?;
	let columns = schema.columns().len();
	let registered = json!({
		"id": id, "rows": rows, "columns": columns, "left_out": left_out, "disclosure": disclosure, "block": block,
	});
	output.print(&registered, |_| {
		format!(
			"block {block}: data set {id} is on offer: {rows} rows, {columns} columns\n\
			 {disclosure}\n\
			 Tell the worker where it is; in {}:\n\n[[dataset]]\nid = {id}\ntype = …",
			config.path
		)
	})
}

/// All columns of a source that its data set does not offer, with the reason: also those that nobody asked for.
fn left_out(source: &Source, inference: &Inference) -> Result<Vec<Value>> {
	let told = inference.left_out.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
	let mut others = encrytrust_datasets::columns(source)?;
	others.retain(|name| {
		let is_told = inference.left_out.iter().any(|left_out| left_out.name == *name);
		!is_told && !inference.columns.iter().any(|column| column.name == *name)
	});
	let explanation = "it is not among the columns that were asked for";
	let other = |name: String| json!({ "name": name, "reason": "not-asked-for", "explanation": explanation });
	Ok(told.into_iter().chain(others.into_iter().map(other)).collect())
}

async fn refresh(id: DatasetId, path: &Path, output: &Output) -> Result<()> {
	let config = Config::read(path)?;
	let client = Chain { url: config.node.clone() }.connect().await?;
	let Refreshed { now, changes, block, under_way } = refresh_dataset(&config, &client, id).await?;
	let value = json!({ "id": id, "rows": now.rows, "changes": changes, "block": block, "under_way": under_way });
	output.print(&value, |_| match block {
		None => format!("data set {id} is what it was declared to be: nothing to do"),
		Some(block) => refreshed_text(id, block, &changes, &under_way),
	})
}

fn refreshed_text(id: DatasetId, block: BlockNumber, changes: &[String], under_way: &[JobId]) -> String {
	let changes = changes.iter().map(|change| format!("\n  - {change}")).collect::<String>();
	format!(
		"block {block}: data set {id} is declared anew:{changes}\n{}\
		 Who has bought a result from before and buys it again learns what the changed rows come to: refresh seldom, \
		 with many rows at once.",
		under_way_text(under_way)
	)
}

fn under_way_text(jobs: &[JobId]) -> String {
	if jobs.is_empty() {
		return String::new();
	}
	let jobs: Vec<String> = jobs.iter().map(JobId::to_string).collect();
	format!(
		"Under way over the rows as they were declared before: job {}. The worker declines what is not confirmed yet; \
		 for what is, put these rows back until its inputs are committed to: what the job has at stake is lost otherwise.\n",
		jobs.join(", ")
	)
}

async fn update(
	id: DatasetId,
	config: &Path,
	price: Option<Balance>,
	arguments: PolicyArguments,
	output: &Output,
) -> Result<()> {
	let config = Config::read(config)?;
	let client = Chain { url: config.node.clone() }.connect().await?;
	let current = dataset(&client, id).await?;
	let templates = policy::templates(&client).await?;
	let policy = policy::policy(&templates, arguments, Some(current.policy))?;
	let disclosure = policy::disclosure(&policy, &templates);
	let block = sign(&config, &Call::update_dataset(id, price.unwrap_or(current.price), &policy)).await?.0;
	output.print(&json!({ "id": id, "disclosure": disclosure, "block": block }), |_| {
		format!("block {block}: data set {id} is changed\n{disclosure}")
	})
}

/// Signs by a worker's account; the block, and the id of a data set that was registered.
async fn sign(config: &Config, call: &Call) -> Result<(u32, Option<DatasetId>)> {
	let signer = config.owner()?;
	let client = Chain { url: config.node.clone() }.connect().await?;
	let (block, events) = client.execute(call, &signer).await?;
	let id =
		events.iter().find(|event| event.is("Bmpc", "DatasetRegistered")).and_then(|event| event.number("dataset_id"));
	Ok((block.number, id.and_then(|id| id.try_into().ok())))
}

/// All data sets.
pub(crate) async fn datasets(client: &Client) -> Result<Vec<(DatasetId, Dataset)>> {
	const PAGE: u32 = 64;
	let block = client.finalized().await?;
	let mut all = Vec::<(DatasetId, Dataset)>::new();
	loop {
		let from = all.last().map_or(0, |(id, _)| id + 1);
		let page = client.at(block.hash).datasets(from, PAGE).await?;
		let last = page.len() < PAGE as usize;
		all.extend(page);
		if last {
			return Ok(all);
		}
	}
}

async fn list(client: &Client, all: bool, output: &Output) -> Result<()> {
	let sets = datasets(client).await?;
	let templates = policy::templates(client).await?;
	let offered = sets.iter().filter(|(_, set)| all || !set.withdrawn);
	let entries: Vec<Value> = offered.map(|(id, set)| entry(*id, set, &templates)).collect();
	output.print(&entries, |entries| {
		let row = |entry: &Value| {
			let cell = |key: &str| match &entry[key] {
				Value::String(text) => text.clone(),
				Value::Array(items) => items.len().to_string(),
				other => other.to_string(),
			};
			["id", "title", "provider", "rows", "columns", "price", "disclosure"].map(cell).to_vec()
		};
		let heading = ["ID", "TITLE", "PROVIDER", "ROWS", "COLUMNS", "PRICE OF A CELL", "WHAT A BUYER LEARNS"];
		let heading = heading.map(String::from).to_vec();
		table(&std::iter::once(heading).chain(entries.iter().map(row)).collect::<Vec<_>>())
	})
}

fn entry(id: DatasetId, set: &Dataset, templates: &[(TemplateId, Template)]) -> Value {
	let column =
		|column: &Column| json!({ "name": text(&column.name), "decimals": column.decimals, "bits": column.bits });
	json!({
		"id": id,
		"title": text(&set.title),
		"provider": set.provider.to_string(),
		"rows": set.rows,
		"columns": set.schema.columns().iter().map(column).collect::<Vec<_>>(),
		"price": ets(set.price),
		"templates": set.policy.templates.to_vec(),
		"min_rows": set.policy.min_rows,
		"disclosure": policy::disclosure(&set.policy, templates),
		"buyers": set.policy.buyers.as_ref().map(|buyers| buyers.iter().map(AccountId::to_string).collect::<Vec<_>>()),
		"max_queries": set.policy.max_queries,
		"withdrawn": set.withdrawn,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::fs;

	fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join(name);
		fs::write(&path, bytes).unwrap();
		(folder, path)
	}

	#[tokio::test]
	async fn a_schema_is_read_as_it_is_printed_in_text_and_in_json() {
		let (_folder, table) = written("t.csv", b"id,age,note\n7,30,fine\n");
		let inference = infer(vec![source(&table).unwrap()], vec![]).await.unwrap();
		let json = serde_json::to_value(&inference).unwrap();
		assert_eq!(json["left_out"][0]["name"], "id");
		assert_eq!(json["left_out"][1]["reason"], "text");
		let text = serde_json::to_string_pretty(&inference.columns).unwrap();
		for printed in [text.clone(), json.to_string(), format!("\u{feff}{text}")] {
			let (_folder, path) = written("schema.json", printed.as_bytes());
			assert_eq!(read_schema(&path).unwrap(), inference.columns, "{printed}");
		}
	}

	#[test]
	fn every_column_that_is_not_offered_is_told_also_those_that_nobody_asked_for() {
		let (_folder, table) = written("t.csv", b"id,age,note,weight\n7,30,fine,80\n");
		let source = source(&table).unwrap();
		let told = |inference: &Inference| {
			let left_out = left_out(&source, inference).unwrap();
			left_out.iter().map(|entry| format!("{}: {}", entry["name"], entry["reason"])).collect::<Vec<_>>()
		};
		let all = encrytrust_datasets::infer_schema(std::slice::from_ref(&source), &[]).unwrap();
		assert_eq!(told(&all), ["\"id\": \"id\"", "\"note\": \"text\""]);
		let age = encrytrust_datasets::infer_schema(std::slice::from_ref(&source), &["age".into()]).unwrap();
		let by_schema = Inference { columns: age.columns.clone(), ..Inference::default() };
		for inference in [age, by_schema] {
			let names = ["id", "note", "weight"].map(|name| format!("\"{name}\": \"not-asked-for\""));
			assert_eq!(told(&inference), names);
		}
	}

	#[test]
	fn jobs_under_way_are_named_with_what_to_do() {
		assert_eq!(under_way_text(&[]), "");
		let text = under_way_text(&[3, 14]);
		assert!(text.contains("declared before: job 3, 14.") && text.ends_with("lost otherwise.\n"), "{text}");
	}

	#[test]
	fn what_is_no_schema_is_refused_with_the_way_out() {
		for (bytes, message) in [
			(&b""[..], "make one with `encrytrust dataset schema`"),
			(b"{}", "make one with `encrytrust dataset schema`"),
			(b"{\"left_out\": []}", "make one with `encrytrust dataset schema`"),
			(b"[{\"name\": \"a\"}]", "missing field `decimals`"),
			(b"\xff\xfe[\0]\0", "`iconv -f UTF-16 -t UTF-8 "),
			(b"[{\"name\": \"gr\xf6\xdfe\"}]", "line 1: the text is not UTF-8"),
		] {
			let (_folder, path) = written("schema.json", bytes);
			let error = format!("{:#}", read_schema(&path).unwrap_err());
			assert!(error.contains(message), "{error}");
		}
	}
}
