//! `encrytrust job`.

mod answers;
mod asking;
mod auditing;

pub use answers::{decrypt_result, AnswerView, ResultView};
pub(crate) use asking::noted_selection;
pub use asking::{offer_proof, request, JobArguments, Requested};
#[cfg(test)]
pub(crate) use auditing::Payment;
pub(crate) use auditing::{ending, Ending};

use super::{
	common::{account, role_name, spinner, table, Chain, Output, Signer},
	keys::{ensure_proof, secret_key},
};
use crate::{
	amounts::{ets, parse_ets},
	inspection::{read_answers, Inspection, Shelf},
	network,
	output::remark,
	protocol::{
		watch::{wanted, View, Wanted},
		Job, Told,
	},
	timeline::{self, stage_name, Moment, What},
};
use anyhow::{bail, ensure, Context, Result};
use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{
	AccountId, Balance, BlockNumber, Call, Client, JobInfo, Party, Quote, Status, StorageKey,
};
use encrytrust_transport::Network;
use encrytrust_types::{
	job::{Role, Selection, Stage},
	JobId,
};
use serde_json::{json, Value};
use std::{cell::Cell, collections::BTreeMap, io::IsTerminal, path::PathBuf, sync::Arc};

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
Which columns they are is sealed to the computing providers and the coordinator; data providers learn only how many. It is
noted beside the key, in KEY.jobs/: without that note the result cannot be read. The first job with a key takes some
seconds more, for a proof that the key is sound; it is kept in KEY.proofs/ and handed to the coordinator's worker, which has
to be there for that. If it is not, hand it over later: `encrytrust job offer`.

Examples:
  encrytrust job request --template mean --datasets 0,1,2 --columns \"mean radius,mean area\" \\
      --computers 5F…,5G… --coordinator 5H… --key user.key --max-price 12.5 --suri-file user.secret
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
	#[command(after_help = "Example:\n  encrytrust job watch 0")]
	Watch {
		/// The job.
		id: JobId,
		#[command(flatten)]
		chain: Chain,
	},
	/// Fetches a job's result from its coordinator, checks it and all below it, and decrypts it.
	#[command(after_help = "\
A row-wise template has a line for each row: its data set, its place there from 0, and its sum. With --json each is an object
of its own.

Examples:
  encrytrust job result 0 --key user.key --json
  encrytrust job result 1 --key user.key --csv rows.csv")]
	Result {
		/// The job.
		id: JobId,
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
			let client = chain.connect().await?;
			let user = AccountId::from(signer.keypair()?.public_key());
			output.print(&quote_value(&asking::quote_only(&client, &user, &job).await?), quote_text)
		},
		Command::Request { job, passphrase_file, max_price, signer, chain } => {
			let (client, signer) = (chain.connect().await?, signer.keypair()?);
			let user = AccountId::from(signer.public_key());
			let proof = ensure_proof(&job.key, client.genesis(), &user, passphrase_file).await?;
			let Requested { job: id, block, quote } = request(&client, &signer, &job, &proof, max_price).await?;
			remark(format_args!(
				"job {id} is asked for in block {block}; handing the proof about your key to the coordinator"
			));
			offer_proof(&client, id, &job.key, proof).await?;
			let value = json!({ "job": id, "block": block, "total": ets(quote.total) });
			output.print(&value, |_| {
				format!(
					"block {block}: job {id} is asked for, {} are on hold\nFollow it with `encrytrust job watch {id}`",
					ets(quote.total)
				)
			})
		},
		Command::Offer { id, key, chain } => {
			asking::offer_again(&chain.connect().await?, id, &key).await?;
			output.print(&json!({ "job": id, "taken": true }), |_| {
				format!("the coordinator of job {id} has the proof about your key")
			})
		},
		Command::Status { id, chain } => {
			let client = chain.connect().await?;
			let info = job_info(&client, id).await?;
			output.print(&status_value(id, &info), |_| status_text(id, &info))
		},
		Command::Watch { id, chain } => watch_command(&chain.connect().await?, id, output).await,
		Command::Result { id, key, passphrase_file, csv, chain } => {
			let client = chain.connect().await?;
			// What is wrong with the job is told before a passphrase is asked for.
			let info = job_info(&client, id).await?;
			answers::result_commitment(id, &info)?;
			noted_selection(&key, &info.contract.selection, info.contract.features())?;
			let row_wise = info.contract.kind.is_row_wise();
			ensure!(row_wise || csv.is_none(), "--csv is for the rows of a row-wise template: this job has none");
			let path = key.clone();
			let secret = tokio::task::spawn_blocking(move || secret_key(&path, passphrase_file.as_ref())).await??;
			if row_wise {
				return answers::write_rows(&client, id, &secret, &key, csv.as_deref(), output).await;
			}
			let view = decrypt_result(&client, id, &secret, &key).await?;
			output.print(&view, ResultView::text)
		},
		Command::Audit { id, key, report, signer, chain } => {
			let client = chain.connect().await?;
			let signer = if report { Some(signer.keypair()?) } else { None };
			auditing::audit(&client, id, key.as_deref(), signer.as_ref(), output).await
		},
		Command::Faults { limit, chain } => auditing::faults(&chain.connect().await?, limit, output).await,
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

/// A job as the newest finalised block has it.
pub(crate) async fn job_info(client: &Client, id: JobId) -> Result<JobInfo> {
	let head = client.finalized().await?;
	let info = client.at(head.hash).job(id).await?;
	info.with_context(|| format!("there is no job {id}, or its record was cleared: look with `encrytrust job list`"))
}

/// Everything of these stages that can be had, from whoever has it, in a folder that goes with what is returned.
async fn gathered(
	client: &Client,
	job: &Job,
	info: &JobInfo,
	selection: Option<Selection>,
	stages: &[Stage],
) -> Result<(Arc<Inspection>, tempfile::TempDir)> {
	let folder = tempfile::tempdir().context("cannot make a folder")?;
	let inspection = |shelf| {
		let (job, selection) = (job.clone(), selection.clone());
		Arc::new(Inspection {
			job,
			commitments: info.commitments.clone(),
			shelf,
			keys: None,
			selection,
			computing: None,
		})
	};
	let blobs = BlobStore::open(folder.path())?;
	let shelf = Shelf { blobs, answers: Arc::default() };
	let network = network::anonymous(None)?;
	let (gathering, bar) = (inspection(shelf.clone()), spinner("fetching what was published"));
	for stage in stages {
		gathering.gather(*stage, |wanted| fetch_wanted(client, &network, info, wanted)).await?;
	}
	network.shutdown().await;
	bar.finish_and_clear();
	let published = stages.iter().filter(|stage| **stage != Stage::Confirmation);
	if published.clone().all(|stage| wanted(&gathering.view(), *stage).is_empty()) {
		return Ok((gathering, folder));
	}
	// What a party does not serve it may have published in answer to demands.
	let head = client.finalized().await?;
	let answers = read_answers(client, job.id, info.requested_at..=head.number).await?;
	Ok((inspection(Shelf { answers: Arc::new(answers), ..shelf }), folder))
}

/// Looks at what was gathered, and shows how much of it was read.
async fn looked_at<T: Send + 'static>(
	inspection: &Arc<Inspection>,
	look: impl FnOnce(&View<'_>) -> T + Send + 'static,
) -> Result<T> {
	let looked = inspection.blocking(move |own| {
		let (bar, read) = (spinner("checking"), Cell::new(0u64));
		let tell = || {
			read.set(read.get() + 1);
			bar.set_message(format!("checking, blob {} is read", read.get()));
		};
		let looked = look(&View { blobs: &Told { blobs: &own.shelf, tell }, ..own.view() });
		bar.finish_and_clear();
		looked
	});
	Ok(looked.await?)
}

/// A blob, from whoever serves it or else from another party: all keep what they fetched.
async fn fetch_wanted(client: &Client, network: &Network, info: &JobInfo, wanted: Wanted) -> Option<Vec<u8>> {
	let is_first = |(role, party): &(Role, &Party)| *role == wanted.role && party.who == wanted.from;
	let mut parties: Vec<_> = info.contract.parties().collect();
	parties.sort_by_key(|party| !is_first(party));
	for (role, party) in parties {
		if let Ok(blob) = fetch(client, network, role, party, &wanted.digest).await {
			return Some(blob);
		}
	}
	None
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
	let bar = (!quiet && std::io::stderr().is_terminal()).then(|| spinner(&format!("job {id}")));
	let moments = timeline::follow(client, id, from.unwrap_or(info.requested_at), ends, |moment| {
		let line = format!("block {:>6}  {}", moment.block, describe(&moment.what, &names));
		match &bar {
			Some(bar) => {
				bar.println(line);
				bar.set_message(format!("job {id}: block {}", moment.block));
			},
			None if !quiet => remark(line),
			None => {},
		}
	})
	.await;
	if let Some(bar) = bar {
		bar.finish_and_clear();
	}
	moments
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
		What::Demanded { stage, who, piece } => {
			format!("  piece {piece} of what {} delivered ({}) is demanded", name(who), stage_name(*stage))
		},
		What::Answered { stage, who, piece } => {
			format!("  the demand for piece {piece} of {} ({}) is answered", name(who), stage_name(*stage))
		},
		What::Faulty { offender, fault, reporter } => {
			let shown = reporter.as_ref().map(|who| format!(", shown by {}", name(who))).unwrap_or_default();
			format!("{} is at fault ({fault}){shown}; the user was refunded", name(offender))
		},
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
		Status::Faulty { offender, fault, reporter, at } => json!({
			"state": "faulty",
			"offender": offender.to_string(),
			"fault": fault,
			"reporter": reporter.as_ref().map(AccountId::to_string),
			"at": at,
		}),
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
		"template": info.contract.kind,
		"features": info.contract.features(),
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
		Status::Faulty { offender, fault, at, .. } => {
			format!("ended in block {at} by a fault of {} ({fault:?})", list(std::slice::from_ref(offender)))
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
		"job {id}, asked for in block {}: {status}\n{:?}: {} of {} features over {} rows, {} at stake of each party\n\n{}",
		info.requested_at,
		info.contract.kind,
		info.contract.selection.selected,
		info.contract.features(),
		info.contract.rows(),
		ets(info.contract.bond),
		table(&rows)
	)
}

async fn list(client: &Client, user: Option<AccountId>, limit: u64, output: &Output) -> Result<()> {
	let head = client.finalized().await?;
	let next = client.storage(&StorageKey::next_job_id(), head.hash).await?.unwrap_or_default();
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
