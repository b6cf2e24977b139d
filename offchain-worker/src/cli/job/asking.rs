//! Asking for a job.

use super::job_info;
use crate::{
	amounts::ets,
	cli::{
		common::{account, text},
		data::find_template,
		keys::{proof_of, public_key},
	},
	network,
	output::{shown, write_private},
	protocol::user,
};
use anyhow::{anyhow, bail, ensure, Context, Result};
use encrytrust_blob_store::digest;
use encrytrust_chain_client::{AccountId, Balance, BlockNumber, Call, Client, Keypair, Quote, Request, Schedule};
use encrytrust_paillier::fixed_point;
use encrytrust_primitives::bmpc::{
	pair, DataSetId, JobId, Parameters, Role, Schema, Selection, SelectionTerms, TemplateKind,
};
use serde::{Deserialize, Serialize};
use std::{
	fs,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};

/// Blocks that a stage has by default.
const STAGE_BLOCKS: u32 = 50;
/// How long the coordinator's worker may take to notice a new job.
const OFFER_PATIENCE: Duration = Duration::from_secs(60);
/// The pause between two offers.
const OFFER_PAUSE: Duration = Duration::from_secs(1);

/// What a job computes, and by whom.
#[derive(Clone, Debug, clap::Args)]
pub struct JobArguments {
	/// sum, mean, variance, covariance, histogram, weighted-sum, row-sum or row-weighted-sum, or a template's name or id.
	#[arg(long)]
	pub template: String,
	/// The data sets.
	#[arg(long, required = true, value_delimiter = ',', value_name = "ID,…")]
	pub datasets: Vec<DataSetId>,
	/// The columns wanted, by name. A covariance is of every pair of them.
	#[arg(long, required = true, value_delimiter = ',', value_name = "NAME,…")]
	pub columns: Vec<String>,
	/// For a weighted sum, of columns or of rows: an integer for each column, in the order of --columns.
	#[arg(long, value_delimiter = ',', value_name = "WEIGHT,…", allow_hyphen_values = true)]
	pub weights: Vec<i32>,
	/// For a histogram: where the first bin begins, how wide each is, and how many there are, 2 to 64. The first bin also
	/// counts all below, the last all above.
	#[arg(long, value_name = "LOW,WIDTH,COUNT", allow_hyphen_values = true)]
	pub bins: Option<String>,
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
	/// The columns' names, for people.
	columns: Vec<String>,
	/// The features' indices.
	features: Vec<u16>,
	salt: String,
}

/// A request that was made.
#[derive(Clone, Debug)]
pub struct Requested {
	/// The job.
	pub job: JobId,
	/// In which block.
	pub block: BlockNumber,
	/// What it costs.
	pub quote: Quote,
}

/// What a job with these arguments would cost.
pub(super) async fn quote_only(client: &Client, user: &AccountId, job: &JobArguments) -> Result<Quote> {
	// The proof about the key is made for a request: a price does not depend on it.
	let (request, _) = prepare(client, user, job, 0, [0; 32]).await?;
	quote(client, user, &request).await
}

/// Asks for a job; `proof` is the proof about its key, from [`crate::cli::ensure_proof`]. The coordinator does not have
/// that yet: [`offer_proof`].
pub async fn request(
	client: &Client,
	signer: &Keypair,
	job: &JobArguments,
	proof: &[u8],
	max_price: Balance,
) -> Result<Requested> {
	let user = AccountId::from(signer.public_key());
	let (request, note) = prepare(client, &user, job, max_price, digest(proof)).await?;
	let quote = quote(client, &user, &request).await?;
	if quote.total > max_price {
		bail!("the job costs {}, more than --max-price {}: nothing was sent", ets(quote.total), ets(max_price));
	}
	// Before it is sent: without the note nobody knows which columns the result is about.
	write_note(&job.key, &note)?;
	let (block, events) = client.execute(&Call::request(&request), signer).await?;
	let id = events.iter().find(|event| event.is("Bmpc", "Requested")).and_then(|event| event.number("job"));
	let id = id.and_then(|id| id.try_into().ok()).context("the chain did not tell the job's id")?;
	Ok(Requested { job: id, block: block.number, quote })
}

/// Offers the proof about the user's key to the job's coordinator, until it has taken it.
///
/// # Errors
///
/// After a minute, or at once where waiting does not help: why, and how to try again.
pub async fn offer_proof(client: &Client, id: JobId, key: &Path, proof: Vec<u8>) -> Result<()> {
	let contract = job_info(client, id).await?.contract;
	let name = digest(&proof);
	ensure!(name == contract.user_key_proof, "job {id} was asked for with another proof than that beside the key");
	let network = network::anonymous(Some(proof))?;
	let began = Instant::now();
	loop {
		let head = client.finalized().await?;
		let current = client.at(head.hash).role(Role::Coordinator, &contract.coordinator.who).await?;
		let endpoint = current.map_or_else(|| contract.coordinator.endpoint.clone(), |current| current.endpoint);
		let Err(error) = network::offer(&network, &endpoint, &name).await else { break };
		if !error.is_temporary() || began.elapsed() > OFFER_PATIENCE {
			return Err(error).with_context(|| {
				format!(
					"job {id} is asked for, but its coordinator does not have the proof about your key, without which \
					 nobody confirms; offer it again before block {}: encrytrust job offer {id} --key {}",
					contract.schedule.confirm_by,
					shown(key)
				)
			});
		}
		tokio::time::sleep(OFFER_PAUSE).await;
	}
	network.shutdown().await;
	Ok(())
}

/// Offers the proof that is beside the key.
pub(super) async fn offer_again(client: &Client, id: JobId, key: &Path) -> Result<()> {
	let user = job_info(client, id).await?.contract.user;
	let proof = proof_of(key, client.genesis(), &user)?;
	let proof = proof.with_context(|| format!("there is no proof about {} for the user of job {id}", shown(key)))?;
	offer_proof(client, id, key, proof).await
}

/// A request and what has to be noted of it; it has to be made within a few blocks.
async fn prepare(
	client: &Client,
	user: &AccountId,
	job: &JobArguments,
	max_price: Balance,
	user_key_proof: [u8; 32],
) -> Result<(Request, Note)> {
	let head = client.finalized().await?;
	let api = client.at(head.hash);
	let (template, kind) = find_template(&api.templates().await?, &job.template)?;
	let first = *job.datasets.first().context("name at least one data set with --datasets")?;
	let set = api.data_set(first).await?;
	let set = set.with_context(|| format!("there is no data set {first}: look with `encrytrust dataset list`"))?;
	if set.withdrawn {
		bail!("data set {first} was withdrawn: choose another with `encrytrust dataset list`");
	}
	let Question { features, of, parameters } = question(kind, &set.schema, job)?;
	user::check_question(kind, &set.schema, &features)?;

	let mut salt = [0; 32];
	getrandom::fill(&mut salt).map_err(|error| anyhow!("no random bytes: {error}"))?;
	let selection = Selection::new(salt, &features, of).context("a column is named twice")?;
	let mut receivers = Vec::with_capacity(job.computers.len() + 1);
	for (role, account) in parties(job) {
		let registered = api.role(role, account).await?;
		let registered = registered.with_context(|| {
			let role = crate::cli::common::role_name(role);
			format!("{account} is not registered as {role}: look with `encrytrust role list`")
		})?;
		receivers.push((account.clone(), registered.endpoint.sealing));
	}
	let terms = user::selection_terms(&selection, of, client.genesis(), user, &receivers)?;
	let note = Note {
		genesis: hex::encode(client.genesis()),
		commitment: hex::encode(terms.commitment),
		columns: job.columns.clone(),
		features,
		salt: hex::encode(salt),
	};
	let bounded = |what: &str, most: u32| anyhow!("too many {what}: at most {most}");
	let request = Request {
		template,
		parameters,
		data_sets: job.datasets.clone().try_into().map_err(|_| bounded("data sets", 16))?,
		computers: job.computers.clone().try_into().map_err(|_| bounded("computing providers", 16))?,
		coordinator: job.coordinator.clone(),
		user_key: public_key(&job.key)?.modulus_bytes().try_into().map_err(|_| anyhow!("the key is too long"))?,
		user_key_proof,
		selection: terms,
		schedule: schedule(head.number, job.stage_blocks),
		max_price,
	};
	Ok((request, note))
}

/// Whom a selection is sealed to, in this order.
fn parties(job: &JobArguments) -> impl Iterator<Item = (Role, &AccountId)> {
	let computers = job.computers.iter().map(|account| (Role::ComputingProvider, account));
	computers.chain([(Role::Coordinator, &job.coordinator)])
}

/// What is asked for: features out of so many, ascending, and what the template needs beside them.
#[derive(Debug, PartialEq, Eq)]
struct Question {
	features: Vec<u16>,
	of: u16,
	parameters: Parameters,
}

fn question(kind: TemplateKind, schema: &Schema, job: &JobArguments) -> Result<Question> {
	let columns = schema.columns().len() as u16;
	let of = kind.features(columns).context("the data sets have no pairs of columns, or too many: at most 1024")?;
	let indices = column_indices(schema, &job.columns)?;
	let mut sorted = indices.clone();
	sorted.sort_unstable();
	ensure!(sorted.windows(2).all(|pair| pair[0] != pair[1]), "a column is named twice");
	let features = match kind {
		TemplateKind::Covariance => {
			let is_wanted = |feature: &u16| {
				pair(*feature, columns).is_some_and(|(a, b)| [a, b].iter().all(|column| sorted.contains(column)))
			};
			(0..of).filter(is_wanted).collect()
		},
		_ => sorted,
	};
	ensure!(!features.is_empty(), "a covariance is of two columns at least: name more with --columns");
	let parameters = parameters(kind, schema, &indices, job)?;
	Ok(Question { features, of, parameters })
}

/// `indices` are the columns' places in the order in which they were named.
fn parameters(kind: TemplateKind, schema: &Schema, indices: &[u16], job: &JobArguments) -> Result<Parameters> {
	match kind {
		TemplateKind::WeightedSum | TemplateKind::RowWeightedSum => {
			ensure!(job.bins.is_none(), "--bins is for histograms");
		},
		TemplateKind::Histogram => ensure!(job.weights.is_empty(), "--weights is for weighted sums"),
		_ => ensure!(
			job.bins.is_none() && job.weights.is_empty(),
			"--bins is for histograms, --weights for weighted sums: this template takes neither"
		),
	}
	match kind {
		TemplateKind::WeightedSum | TemplateKind::RowWeightedSum => {
			let (columns, weights) = (indices.len(), job.weights.len());
			ensure!(columns == weights, "--weights has {weights} weights for {columns} columns");
			ensure!(!job.weights.contains(&0), "a weight is 0: leave its column out");
			let mut weights: Vec<(u16, i32)> = indices.iter().copied().zip(job.weights.iter().copied()).collect();
			weights.sort_unstable();
			let weights: Vec<i32> = weights.into_iter().map(|(_, weight)| weight).collect();
			Ok(Parameters::Weights(weights.try_into().map_err(|_| anyhow!("too many weights: at most 32"))?))
		},
		TemplateKind::Histogram => {
			let bins = job.bins.as_deref().context("say the bins with --bins LOW,WIDTH,COUNT")?;
			let mut decimals =
				indices.iter().filter_map(|index| schema.columns().get(usize::from(*index))).map(|c| c.decimals);
			let first = decimals.next().unwrap_or_default();
			ensure!(
				decimals.all(|decimals| decimals == first),
				"these columns have different numbers of decimals, so they have no bins in common: ask for them apart"
			);
			histogram(bins, first)
		},
		_ => Ok(Parameters::None),
	}
}

/// `LOW,WIDTH,COUNT` for columns with so many decimals.
fn histogram(bins: &str, decimals: u8) -> Result<Parameters> {
	let wrong =
		|| format!("'{bins}' are no bins: write LOW,WIDTH,COUNT like 0,2.5,10, with at most {decimals} decimals");
	let parts: Vec<&str> = bins.split(',').map(str::trim).collect();
	let [low, width, count] = parts.as_slice() else { bail!(wrong()) };
	let number = |text: &str| fixed_point::parse(text, decimals).with_context(wrong);
	let low = number(low)?.try_into().with_context(wrong)?;
	let width = u64::try_from(number(width)?).with_context(wrong)?;
	let bins: u8 = count.parse().with_context(wrong)?;
	ensure!(width > 0, "bins cannot be 0 wide");
	ensure!((2..=64).contains(&bins), "there can be 2 to 64 bins, not {bins}");
	Ok(Parameters::Histogram { low, width, bins })
}

/// Deadlines one after the other from the next block on. The first has room for the request to get into a block.
fn schedule(head: BlockNumber, blocks: u32) -> Schedule {
	const ROOM: u32 = 5;
	let by = |stage: u32| head.saturating_add(ROOM).saturating_add(blocks.saturating_mul(stage));
	Schedule { confirm_by: by(1), select_by: by(2), inputs_by: by(3), outputs_by: by(4), result_by: by(5) }
}

/// The columns' places in the schema, in the order in which they are named.
fn column_indices(schema: &Schema, names: &[String]) -> Result<Vec<u16>> {
	let index = |name: &String| {
		let found = schema.columns().iter().position(|column| column.name.as_slice() == name.trim().as_bytes());
		found.map(|index| index as u16).with_context(|| {
			let there: Vec<String> = schema.columns().iter().map(|column| text(&column.name)).collect();
			format!("there is no column '{name}'; there are: {}", there.join(", "))
		})
	};
	names.iter().map(index).collect()
}

/// The chain's price for a request, or its refusal.
async fn quote(client: &Client, user: &AccountId, request: &Request) -> Result<Quote> {
	let head = client.finalized().await?;
	client.at(head.hash).quote(user, request).await?.context("the chain would refuse this job")
}

/// `user.key` has its notes in `user.key.jobs/`.
fn note_path(key: &Path, commitment: &str) -> PathBuf {
	let mut name = key.file_name().unwrap_or_default().to_os_string();
	name.push(".jobs");
	key.with_file_name(name).join(format!("{commitment}.json"))
}

fn write_note(key: &Path, note: &Note) -> Result<()> {
	let path = note_path(key, &note.commitment);
	let folder = path.parent().unwrap_or(Path::new("."));
	fs::create_dir_all(folder).with_context(|| format!("cannot create the folder {}", shown(folder)))?;
	write_private(&path, &serde_json::to_vec_pretty(note)?).with_context(|| format!("cannot write {}", shown(&path)))
}

/// What a job was asked for, by the note beside the key.
pub(crate) fn noted_selection(key: &Path, terms: &SelectionTerms, of: u16) -> Result<Selection> {
	let path = note_path(key, &hex::encode(terms.commitment));
	let lost =
		|| format!("cannot read the note of the request, {}: it is made where the job is asked for", shown(&path));
	let note: Note = serde_json::from_slice(&fs::read(&path).with_context(lost)?).with_context(lost)?;
	let mut salt = [0; 32];
	hex::decode_to_slice(&note.salt, &mut salt).with_context(lost)?;
	let selection = Selection::new(salt, &note.features, of);
	selection.filter(|selection| selection.commitment(of) == terms.commitment).with_context(lost)
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_primitives::bmpc::Column;

	fn schema(decimals: &[u8]) -> Schema {
		let column = |(index, decimals): (usize, &u8)| Column {
			name: format!("c{index}").into_bytes().try_into().unwrap(),
			decimals: *decimals,
			bits: 20,
		};
		decimals.iter().enumerate().map(column).collect::<Vec<_>>().try_into().unwrap()
	}

	fn arguments(columns: &[&str]) -> JobArguments {
		JobArguments {
			template: String::new(),
			datasets: vec![0],
			columns: columns.iter().map(ToString::to_string).collect(),
			weights: vec![],
			bins: None,
			computers: vec![],
			coordinator: AccountId([0; 32]),
			key: PathBuf::new(),
			stage_blocks: 1,
		}
	}

	#[test]
	fn features_are_columns_or_all_their_pairs_in_ascending_order() {
		let schema = schema(&[0; 4]);
		let features = |kind, columns: &[&str]| question(kind, &schema, &arguments(columns)).unwrap().features;
		assert_eq!(features(TemplateKind::ColumnMean, &["c3", "c0"]), [0, 3]);
		// 01 02 03 12 13 23
		assert_eq!(features(TemplateKind::Covariance, &["c3", "c0"]), [2]);
		assert_eq!(features(TemplateKind::Covariance, &["c3", "c1", "c2"]), [3, 4, 5]);
	}

	#[test]
	fn weights_go_with_their_columns() {
		let mut job = arguments(&["c3", "c0"]);
		job.weights = vec![-7, 2];
		let asked = question(TemplateKind::WeightedSum, &schema(&[0; 4]), &job).unwrap();
		assert_eq!(asked.features, [0, 3]);
		assert_eq!(asked.parameters, Parameters::Weights(vec![2, -7].try_into().unwrap()));
		assert_eq!(question(TemplateKind::RowWeightedSum, &schema(&[0; 4]), &job).unwrap(), asked);
	}

	#[test]
	fn bins_are_in_the_columns_unit() {
		let mut job = arguments(&["c1", "c0"]);
		job.bins = Some("-1.5, 0.25,10".into());
		let asked = question(TemplateKind::Histogram, &schema(&[2, 2, 0]), &job).unwrap();
		assert_eq!(asked.parameters, Parameters::Histogram { low: -150, width: 25, bins: 10 });
	}

	#[test]
	fn what_is_no_question_is_named() {
		use TemplateKind::*;
		let ask = |kind, columns: &[&str], weights: &[i32], bins: Option<&str>| {
			let job = JobArguments { weights: weights.to_vec(), bins: bins.map(Into::into), ..arguments(columns) };
			question(kind, &schema(&[0, 0, 2]), &job).unwrap_err().to_string()
		};
		for (error, found) in [
			("named twice", ask(ColumnSum, &["c0", "c0"], &[], None)),
			("there are: c0, c1, c2", ask(ColumnSum, &["c9"], &[], None)),
			("takes neither", ask(ColumnSum, &["c0"], &[1], None)),
			("takes neither", ask(RowSum, &["c0"], &[1], None)),
			("takes neither", ask(ColumnVariance, &["c0"], &[], Some("0,1,2"))),
			("two columns at least", ask(Covariance, &["c0"], &[], None)),
			("--bins is for histograms", ask(WeightedSum, &["c0"], &[1], Some("0,1,2"))),
			("2 weights for 1 columns", ask(WeightedSum, &["c0"], &[1, 2], None)),
			("a weight is 0", ask(WeightedSum, &["c0"], &[0], None)),
			("--weights is for weighted", ask(Histogram, &["c0"], &[1], Some("0,1,2"))),
			("say the bins", ask(Histogram, &["c0"], &[], None)),
			("LOW,WIDTH,COUNT", ask(Histogram, &["c0"], &[], Some("0,1"))),
			("LOW,WIDTH,COUNT", ask(Histogram, &["c0"], &[], Some("0,0.5,4"))),
			("LOW,WIDTH,COUNT", ask(Histogram, &["c0"], &[], Some("0,-1,4"))),
			("0 wide", ask(Histogram, &["c0"], &[], Some("0,0,4"))),
			("not 65", ask(Histogram, &["c0"], &[], Some("0,1,65"))),
			("no bins in common", ask(Histogram, &["c0", "c2"], &[], Some("0,1,4"))),
		] {
			assert!(found.contains(error), "{error}: {found}");
		}
	}

	#[test]
	fn a_note_opens_its_own_commitment_alone() {
		let folder = tempfile::tempdir().unwrap();
		let key = folder.path().join("user.key");
		let selection = Selection::new([3; 32], &[1, 4], 6).unwrap();
		let commitment = selection.commitment(6);
		let note = Note {
			genesis: String::new(),
			commitment: hex::encode(commitment),
			columns: vec![],
			features: vec![1, 4],
			salt: hex::encode([3; 32]),
		};
		write_note(&key, &note).unwrap();
		let terms = SelectionTerms { commitment, selected: 2, sealed: Default::default() };
		assert_eq!(noted_selection(&key, &terms, 6).unwrap(), selection);
		assert!(noted_selection(&key, &terms, 7).is_err());
		let other = SelectionTerms { commitment: encrytrust_chain_client::H256([9; 32]), ..terms };
		assert!(noted_selection(&key, &other, 6).is_err());
	}

	#[test]
	fn deadlines_follow_each_other() {
		let schedule = schedule(10, 50);
		assert_eq!((schedule.confirm_by, schedule.result_by), (65, 265));
		assert!(schedule.is_increasing());
	}
}
