//! Requesting a job.

mod note;
mod question;
mod split;

use crate::{amounts::ets, client::JobClient, names::role_name, templates::find_template, user_key::public_key};
use anyhow::{anyhow, bail, Context, Result};
use encrytrust_blob_store::digest;
use encrytrust_chain_client::{account_of, AccountId, Balance, BlockNumber, Call, Keypair, Quote, Request, Schedule};
use encrytrust_protocol::user;
use encrytrust_types::{
	job::{Role, RowRange, Selection},
	DatasetId, JobId,
};
pub use note::{check_key_use, noted_selection};
use note::{write_note, Note};
use question::{question, Question};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The shortest stages that are tried, and the longest, in blocks.
const SHORTEST_STAGE: u32 = 80;
const LONGEST_STAGE: u32 = 80 << 12;

/// What a job computes, and by whom.
#[derive(Clone, Debug)]
pub struct JobRequest {
	/// `sum`, `mean`, `variance`, `covariance`, `histogram`, `weighted-sum`, `row-sum`, `row-weighted-sum`, or a
	/// template's name or id.
	pub template: String,
	/// The data sets.
	pub datasets: Vec<DatasetId>,
	/// Which rows of each data set, for row-wise templates alone; all rows if empty.
	pub row_ranges: Vec<RowRange>,
	/// The columns wanted, by name. A covariance is of every pair of them.
	pub columns: Vec<String>,
	/// For a weighted sum, of columns or of rows: an integer for each column, in the order of `columns`.
	pub weights: Vec<i32>,
	/// For a histogram, in the columns' unit: `LOW,WIDTH,COUNT`.
	pub bins: Option<String>,
	/// The computing providers.
	pub computing_providers: Vec<AccountId>,
	/// The coordinator.
	pub coordinator: AccountId,
	/// The user's Paillier key file: the result can be read with it alone.
	pub key: PathBuf,
	/// Finalised blocks that each stage may take; as few as the parties' terms allow, up to a factor of two, if `None`.
	pub stage_blocks: Option<u32>,
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

impl JobClient {
	/// What such a job would cost. Nothing is sent.
	pub async fn quote(&self, user: &AccountId, job: &JobRequest) -> Result<Quote> {
		// The proof about the key is made for a request: a price does not depend on it.
		let (mut request, _) = self.prepare(user, job, 0, [0; 32]).await?;
		self.price(user, &mut request, job.stage_blocks).await
	}

	/// Requests a job; `proof` is the proof about its key, from [`Self::ensure_proof`]. The coordinator does not have
	/// that yet: [`Self::offer_proof`].
	pub async fn request(
		&self,
		signer: &Keypair,
		job: &JobRequest,
		proof: &[u8],
		max_price: Balance,
	) -> Result<Requested> {
		let user = account_of(signer);
		let (mut request, mut note) = self.prepare(&user, job, max_price, digest(proof)).await?;
		let quote = self.price(&user, &mut request, job.stage_blocks).await?;
		let price = price_of(&quote);
		if price > max_price {
			bail!("the job costs up to {}, more than --max-price {}: nothing was sent", ets(price), ets(max_price));
		}
		note.data_providers = quote.data.iter().map(|(who, _)| who.to_string()).collect();
		// Before it is sent: without the note nobody knows which columns the result is about.
		write_note(&job.key, &note)?;
		let (block, events) = self.chain.execute(&Call::request(&request), signer).await?;
		let id = events.iter().find(|event| event.is("Bmpc", "Requested")).and_then(|event| event.number("job_id"));
		let id = id.and_then(|id| id.try_into().ok()).context("the chain did not tell the job's id")?;
		Ok(Requested { job: id, block: block.number, quote })
	}

	/// A request and what has to be noted of it; it has to be made within a few blocks.
	async fn prepare(
		&self,
		user: &AccountId,
		job: &JobRequest,
		max_price: Balance,
		user_key_proof: [u8; 32],
	) -> Result<(Request, Note)> {
		let genesis = self.chain.genesis();
		let head = self.chain.finalized().await?;
		let api = self.chain.at(head.hash);
		let (template, kind) = find_template(&api.templates().await?, &job.template)?;
		let first = *job.datasets.first().context("name at least one data set with --datasets")?;
		let set = api.dataset(first).await?;
		let set = set.with_context(|| format!("there is no data set {first}: look with `encrytrust dataset list`"))?;
		if set.withdrawn {
			bail!("data set {first} was withdrawn: choose another with `encrytrust dataset list`");
		}
		let Question { features, of, parameters } = question(kind, &set.schema, job)?;
		user::check_question(kind, &set.schema, &features)?;

		let mut salt = Zeroizing::new([0; 32]);
		getrandom::fill(&mut *salt).map_err(|error| anyhow!("no random bytes: {error}"))?;
		let selection = Selection::new(*salt, &features, of).context("a column is named twice")?;
		let mut receivers = Vec::with_capacity(job.computing_providers.len() + 1);
		for (role, account) in parties(job) {
			let registered = api.role(role, account).await?;
			let registered = registered.with_context(|| {
				let role = role_name(role);
				format!("{account} is not registered as {role}: look with `encrytrust role list`")
			})?;
			receivers.push((account.clone(), registered.endpoint.sealing));
		}
		let terms = user::selection_terms(&selection, of, genesis, user, &receivers)?;
		let note = Note {
			genesis: hex::encode(genesis),
			commitment: hex::encode(terms.commitment),
			columns: job.columns.clone(),
			features,
			salt: hex::encode(*salt),
			data_providers: vec![],
		};
		let bounded = |what: &str, most: u32| anyhow!("too many {what}: at most {most}");
		let request = Request {
			template,
			parameters,
			datasets: job.datasets.clone().try_into().map_err(|_| bounded("data sets", 16))?,
			row_ranges: job.row_ranges.clone().try_into().map_err(|_| bounded("ranges of rows", 16))?,
			computing_providers: job
				.computing_providers
				.clone()
				.try_into()
				.map_err(|_| bounded("computing providers", 16))?,
			coordinator: job.coordinator.clone(),
			user_key: public_key(&job.key)?.modulus_bytes().try_into().map_err(|_| anyhow!("the key is too long"))?,
			user_key_proof,
			selection: terms,
			schedule: schedule(job.stage_blocks.unwrap_or(SHORTEST_STAGE)),
			max_price,
		};
		Ok((request, note))
	}

	/// The chain's price for a request, or its refusal. Without a length that the user chose the stages are doubled until the
	/// parties' terms allow them.
	async fn price(&self, user: &AccountId, request: &mut Request, stage_blocks: Option<u32>) -> Result<Quote> {
		let head = self.chain.finalized().await?;
		loop {
			let quote = self.chain.at(head.hash).quote(user, request).await?;
			let length = request.schedule.inputs;
			match quote {
				Err(refusal) if refusal.is("StageTooShort") && stage_blocks.is_none() && length < LONGEST_STAGE => {
					request.schedule = schedule(length.saturating_mul(2));
				},
				quote => return quote.context("the chain would refuse this job"),
			}
		}
	}
}

/// Stages of a length each; to confirm takes no work, and the chain allows no longer than it needs.
fn schedule(length: BlockNumber) -> Schedule {
	Schedule { confirmation: length.min(SHORTEST_STAGE), ..Schedule::uniform(length) }
}

/// The most that a user pays for a job.
pub fn price_of(quote: &Quote) -> Balance {
	quote.total.saturating_add(quote.prepaid_fees).saturating_add(quote.charges)
}

/// Whom a selection is sealed to, in this order.
fn parties(job: &JobRequest) -> impl Iterator<Item = (Role, &AccountId)> {
	let computing = job.computing_providers.iter().map(|account| (Role::ComputingProvider, account));
	computing.chain([(Role::Coordinator, &job.coordinator)])
}
