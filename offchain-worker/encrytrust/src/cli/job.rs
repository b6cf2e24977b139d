//! `encrytrust job`.

mod arguments;
mod audit;
mod result;
mod status;

use super::{
	common::{account, table, Cached, Chain, Output, Signer},
	keys::secret_key,
};
use anyhow::{bail, ensure, Context, Result};
use arguments::JobArguments;
use encrytrust_chain_client::{account_of, AccountId, Balance, Call, Keypair, Quote, Status};
use encrytrust_job_client::{
	amounts::{ets, parse_ets},
	check_key_use,
	events::{self, JobEventKind},
	noted_selection, price_of, result_commitment, JobClient, JobRequest, Requested,
};
use encrytrust_protocol::unit_name;
use encrytrust_terminal::{output::remark, quote_text, quote_value, watch};
use encrytrust_types::{job::RowRange, JobId};
use result::{result_text, write_rows};
use serde_json::json;
use status::{status_text, status_value};
use std::{convert::Infallible, path::PathBuf};

/// Commands about jobs.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
	/// What a job would cost. Nothing is sent.
	#[command(after_help = "\
Row-wise work that is too large for one job is split into jobs over ranges of rows, as `encrytrust job request` does it.

Example:
  encrytrust job quote --template mean --datasets 0,1,2 --columns mean_radius,mean_area \\
      --computing-providers 5F…,5G… --coordinator 5H… --key user.key --suri //Alice")]
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
Which columns they are is sealed to the computing providers and the coordinator; data providers learn only how many. It is
noted beside the key, in KEY.jobs/: without that note the result cannot be read. The first job with a key takes some
seconds more, for a proof that the key is sound; it is kept in KEY.proofs/ and handed to the coordinator's worker, which has
to be there for that. If it is not, hand it over later: `encrytrust job offer`.

Row-wise work that is too large for one job, since all of its data might have to be published on chain, is split into jobs
over ranges of rows. --max-price is for all of them together. `encrytrust job result` takes all their ids.

Examples:
  encrytrust job request --template mean --datasets 0,1,2 --columns mean_radius,mean_area \\
      --computing-providers 5F…,5G… --coordinator 5H… --key user.key --max-price 12.5 --suri-file user.secret
  encrytrust job request --template weighted-sum --columns age,weight --weights 3,-1 …
  encrytrust job request --template histogram --columns age --bins 0,10,12 …
  encrytrust job request --template row-sum --columns age,weight …")]
	Request {
		#[command(flatten)]
		job: JobArguments,
		/// File with the key's passphrase; else ENCRYTRUST_PASSPHRASE, else it is asked for. Needed once for each key.
		#[arg(long, value_name = "FILE")]
		passphrase_file: Option<PathBuf>,
		/// The most that you pay.
		#[arg(long, value_name = "ETS", value_parser = parse_ets)]
		max_price: Balance,
		/// Use a key that jobs with other data providers were asked for with: those of this job could learn something of
		/// their results, from whether and when you accept this one's.
		#[arg(long)]
		reuse_key: bool,
		#[command(flatten)]
		signer: Signer,
		#[command(flatten)]
		chain: Chain,
	},
	/// Hands the proof about your key to a job's coordinator, if that could not be done when the job was asked for.
	#[command(after_help = "Example:\n  encrytrust job offer 0 --key user.key")]
	Offer {
		/// The job.
		id: JobId,
		/// The key that the job was asked for with.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
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
	#[command(after_help = "\
With --fetch, what the parties publish is fetched as soon as they have committed to it. A party that serves slowly then cannot
use up the challenge window: result, audit and challenge find it here.

Examples:
  encrytrust job watch 0
  encrytrust job watch 0 --fetch")]
	Watch {
		/// The job.
		id: JobId,
		/// Fetch what the parties publish, for `job result`, `job audit` and `job challenge`.
		#[arg(long)]
		fetch: bool,
		#[command(flatten)]
		cached: Cached,
		#[command(flatten)]
		chain: Chain,
	},
	/// Fetches a job's result from its coordinator, checks it and all below it, and decrypts it.
	#[command(after_help = "\
A row-wise template has a line for each row: its data set, its place there from 0, and its sum. With --json each is an object
of its own. Of work that was split into several jobs, name all of them: their rows follow one another.

Of a party that serves slowly it fetches what comes in time, and says what is not checked for want of it. That may be repeated:
what was fetched is kept, see --cache.

Examples:
  encrytrust job result 0 --key user.key --json
  encrytrust job result 1 --key user.key --csv rows.csv
  encrytrust job result 2 3 4 --key user.key --csv rows.csv")]
	Result {
		/// The job, or the jobs that row-wise work was split into.
		#[arg(required = true, value_name = "ID")]
		ids: Vec<JobId>,
		/// The key that the job was asked for with.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// File with its passphrase; else ENCRYTRUST_PASSPHRASE, else it is asked for.
		#[arg(long, value_name = "FILE")]
		passphrase_file: Option<PathBuf>,
		/// Write the rows of a row-wise template to this file instead of standard output.
		#[arg(long, value_name = "FILE")]
		csv: Option<PathBuf>,
		#[command(flatten)]
		cached: Cached,
		#[command(flatten)]
		chain: Chain,
	},
	/// Checks a job again from the chain and the published blobs alone; the status is 1 unless nothing is wrong.
	#[command(after_help = "\
Anybody may: without --key it checks what strangers can see, with the user's key file also what takes the selection that is
noted beside it (no passphrase is needed).

Examples:
  encrytrust job audit 0
  encrytrust job audit 0 --key user.key --json
  encrytrust job audit 0 --key user.key --report --suri-file user.secret")]
	Audit {
		/// The job.
		id: JobId,
		/// The key that the job was asked for with.
		#[arg(long, value_name = "FILE")]
		key: Option<PathBuf>,
		/// Show the first fault to the chain, while the job is not over: the party at fault is slashed, the user refunded.
		#[arg(long)]
		report: bool,
		#[command(flatten)]
		cached: Cached,
		#[command(flatten)]
		signer: Signer,
		#[command(flatten)]
		chain: Chain,
	},
	/// Lists the jobs that ended by a party's fault, newest first.
	#[command(after_help = "Example:\n  encrytrust job faults --json")]
	Faults {
		/// How many at most.
		#[arg(long, default_value_t = 20)]
		limit: u64,
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
	/// Cancels a job that is not confirmed by all: its price is released. The prepaid fees are not returned.
	#[command(after_help = "Example:\n  encrytrust job cancel 0 --suri-file user.secret")]
	Cancel {
		/// The job.
		id: JobId,
		#[command(flatten)]
		signer: Signer,
		#[command(flatten)]
		chain: Chain,
	},
	/// Challenges the availability of what a result rests on and nobody serves. Once in the challenge window: what is
	/// missing must be published on chain then, or its owner is at fault.
	#[command(after_help = "\
Both sides pay for what is published. It asks the parties for what is not here yet, for a few minutes at most, and challenges
all that has not come by then. What `job result`, `job audit` and `job watch --fetch` have fetched is here, see --cache.

Example:
  encrytrust job challenge 0 --suri-file user.secret")]
	Challenge {
		/// The job.
		id: JobId,
		#[command(flatten)]
		cached: Cached,
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

pub(super) async fn run(command: Command, output: &Output) -> Result<()> {
	match command {
		Command::Quote { job, signer, chain } => {
			let jobs = chain.jobs().await?;
			let user = account_of(&signer.keypair()?);
			quote(&jobs, &user, &job.into(), output).await
		},
		Command::Request { job, passphrase_file, max_price, reuse_key, signer, chain } => {
			let jobs = chain.jobs().await?;
			let signer = signer.keypair()?;
			let job: JobRequest = job.into();
			let parts = jobs.split(&account_of(&signer), &job).await?;
			if !reuse_key {
				check_key_use(&job.key, parts.iter().flat_map(|(_, quote)| quote.data.iter().map(|(who, _)| who)))?;
			}
			request(&jobs, job, &parts, passphrase_file, max_price, &signer, output).await
		},
		Command::Offer { id, key, chain } => {
			chain.jobs().await?.offer_kept_proof(id, &key).await?;
			output.print(&json!({ "job": id, "taken": true }), |_| {
				format!("the coordinator of job {id} has the proof about your key")
			})
		},
		Command::Status { id, chain } => {
			let info = chain.jobs().await?.info(id).await?;
			output.print(&status_value(id, &info), |_| status_text(id, &info))
		},
		Command::Watch { id, fetch, cached, chain } => {
			watch_to_end(&chain.jobs_with(&cached).await?, id, fetch, output).await
		},
		Command::Result { ids, key, passphrase_file, csv, cached, chain } => {
			let jobs = chain.jobs_with(&cached).await?;
			// What is wrong with a job is told before a passphrase is asked for.
			let mut row_wise = true;
			for id in &ids {
				let info = jobs.info(*id).await?;
				result_commitment(*id, &info)?;
				noted_selection(&key, &info.contract.selection, info.contract.features())?;
				row_wise &= info.contract.kind.is_row_wise();
			}
			ensure!(row_wise || csv.is_none(), "--csv is for the rows of a row-wise template: this job has none");
			let path = key.clone();
			let secret = tokio::task::spawn_blocking(move || secret_key(&path, passphrase_file.as_ref())).await??;
			match ids[..] {
				_ if row_wise => write_rows(&jobs, &ids, &secret, &key, csv.as_deref(), output).await,
				[id] => output.print(&jobs.decrypted(id, &secret, &key).await?, result_text),
				_ => bail!("only the rows of row-wise jobs are put together: name one job"),
			}
		},
		Command::Audit { id, key, report, cached, signer, chain } => {
			let jobs = chain.jobs_with(&cached).await?;
			let signer = if report { Some(signer.keypair()?) } else { None };
			audit::audit(&jobs, id, key.as_deref(), signer.as_ref(), output).await
		},
		Command::Faults { limit, chain } => audit::faults(&chain.jobs().await?, limit, output).await,
		Command::Accept { id, signer, chain } => {
			let client = chain.connect().await?;
			let (block, _) = client.execute(&Call::accept(id), &signer.keypair()?).await?;
			output.print(&json!({ "job": id, "block": block.number }), |_| {
				format!("block {}: job {id} is accepted, everyone is paid", block.number)
			})
		},
		Command::Cancel { id, signer, chain } => {
			let client = chain.connect().await?;
			let (block, _) = client.execute(&Call::cancel(id), &signer.keypair()?).await?;
			output.print(&json!({ "job": id, "block": block.number }), |_| {
				format!("block {}: job {id} is cancelled, its price is released", block.number)
			})
		},
		Command::Challenge { id, cached, signer, chain } => {
			let (block, units) = chain.jobs_with(&cached).await?.challenge(id, &signer.keypair()?).await?;
			let units: Vec<String> = units.iter().map(unit_name).collect();
			output.print(&json!({ "job": id, "block": block.number, "units": units }), |_| {
				let units = units.join("\n  ");
				format!("block {}: challenged; follow with `encrytrust job watch {id}`\n  {units}", block.number)
			})
		},
		Command::List { user, limit, chain } => status::list(&chain.jobs().await?, user, limit, output).await,
	}
}

/// Prints what the work costs, job by job if it takes several.
async fn quote(jobs: &JobClient, user: &AccountId, job: &JobRequest, output: &Output) -> Result<()> {
	let parts = jobs.split(user, job).await?;
	if let [(_, quote)] = &parts[..] {
		return output.print(&quote_value(quote), quote_text);
	}
	let total = parts.iter().map(|(_, quote)| price_of(quote)).fold(0, Balance::saturating_add);
	let quotes = parts.iter().map(|(part, quote)| {
		let mut value = quote_value(quote);
		value["rows"] = ranges_value(part);
		value
	});
	let value = json!({ "jobs": quotes.collect::<Vec<_>>(), "price": ets(total) });
	output.print(&value, |_| parts_text(&parts))
}

/// Which rows a part of the work is about.
fn ranges_value(part: &JobRequest) -> serde_json::Value {
	let ranges = part.datasets.iter().zip(&part.row_ranges);
	ranges.map(|(dataset, range)| json!({ "dataset": dataset, "first": range.first, "count": range.count })).collect()
}

/// What each part of the work is about, and its price; the sum is last.
fn parts_text(parts: &[(JobRequest, Quote)]) -> String {
	let range = |(dataset, range): (&u64, &RowRange)| {
		format!("{}-{} of {dataset}", range.first, range.first.saturating_add(range.count).saturating_sub(1))
	};
	let rows = |(part, quote): &(JobRequest, Quote)| {
		let ranges: Vec<_> = part.datasets.iter().zip(&part.row_ranges).map(range).collect();
		vec![ranges.join(", "), ets(price_of(quote))]
	};
	let total = parts.iter().map(|(_, quote)| price_of(quote)).fold(0, Balance::saturating_add);
	let heading = vec!["ROWS, OF DATASET".to_string(), "COSTS UP TO".to_string()];
	let last = vec![format!("{} jobs together", parts.len()), ets(total)];
	table(&std::iter::once(heading).chain(parts.iter().map(rows)).chain([last]).collect::<Vec<_>>())
}

/// Requests a job, or the jobs that the work was split into.
async fn request(
	jobs: &JobClient,
	job: JobRequest,
	parts: &[(JobRequest, Quote)],
	passphrase_file: Option<PathBuf>,
	max_price: Balance,
	signer: &Keypair,
	output: &Output,
) -> Result<()> {
	let user = account_of(signer);
	let open = move |key: &std::path::Path| secret_key(key, passphrase_file.as_ref());
	let proof = jobs.ensure_proof(&job.key, &user, open).await?;
	if parts.len() > 1 {
		return request_parts(jobs, parts, &proof, max_price, signer, output).await;
	}
	let Requested { job: id, block, quote } = jobs.request(signer, &job, &proof, max_price).await?;
	remark(format_args!("job {id} is asked for in block {block}; handing the proof about your key to the coordinator"));
	jobs.offer_proof(id, &job.key, proof).await?;
	let value = json!({ "job": id, "block": block, "total": ets(quote.total) });
	output.print(&value, |_| {
		format!(
			"block {block}: job {id} is asked for, {} are on hold\nFollow it with `encrytrust job watch {id}`",
			ets(quote.total)
		)
	})
}

/// Requests the jobs that the work was split into, one after the other.
async fn request_parts(
	jobs: &JobClient,
	parts: &[(JobRequest, Quote)],
	proof: &[u8],
	max_price: Balance,
	signer: &Keypair,
	output: &Output,
) -> Result<()> {
	let total = parts.iter().map(|(_, quote)| price_of(quote)).fold(0, Balance::saturating_add);
	remark(parts_text(parts));
	ensure!(
		total <= max_price,
		"the {} jobs cost up to {}, more than --max-price {}: nothing was sent",
		parts.len(),
		ets(total),
		ets(max_price)
	);
	let mut requested = Vec::new();
	for (part, quote) in parts {
		let made = jobs.request(signer, part, proof, price_of(quote)).await;
		let Requested { job: id, block, .. } = made.with_context(|| {
			let ids = requested.iter().map(JobId::to_string).collect::<Vec<_>>().join(", ");
			format!("after {} of {} jobs ({ids})", requested.len(), parts.len())
		})?;
		requested.push(id);
		remark(format_args!(
			"job {id} is asked for in block {block}; handing the proof about your key to the coordinator"
		));
		jobs.offer_proof(id, &part.key, proof.to_vec()).await?;
	}
	let ids = requested.iter().map(JobId::to_string).collect::<Vec<_>>().join(" ");
	output.print(&json!({ "jobs": requested, "price": ets(total) }), |_| {
		format!(
			"the jobs {ids} are asked for, for up to {}\nFollow each with `encrytrust job watch ID`, and have the rows \
			 with `encrytrust job result {ids} …`",
			ets(total)
		)
	})
}

async fn watch_to_end(jobs: &JobClient, id: JobId, fetch: bool, output: &Output) -> Result<()> {
	let events = tokio::select! {
		events = watch(jobs, id, None, JobEventKind::is_end, output.is_json()) => events?,
		never = keep_fetching(jobs, id), if fetch => match never {},
	};
	let spans = events::spans(&events);
	let info = jobs.info(id).await?;
	if !matches!(info.status, Status::Settled { .. }) {
		let status = status_text(id, &info);
		bail!("{}; the user was refunded", status.lines().next().unwrap_or_default());
	}
	let value = json!({ "job": id, "settled": true, "status": status_value(id, &info)["status"], "stages": spans });
	output.print(&value, |_| {
		let row = |span: &events::Span| {
			vec![span.stage.clone(), format!("{}-{}", span.from_block, span.to_block), format!("{:.0} s", span.seconds)]
		};
		let heading = ["STAGE", "BLOCKS", "TIME"].map(String::from).to_vec();
		table(&std::iter::once(heading).chain(spans.iter().map(row)).collect::<Vec<_>>())
	})
}

/// Fetches what is published, as long as it is waited for something else.
async fn keep_fetching(jobs: &JobClient, id: JobId) -> Infallible {
	if let Err(error) = jobs.keep_fetching(id).await {
		remark(format_args!("not fetching any more what is published: {error:#}"));
	}
	std::future::pending().await
}
