//! Getting what a job's parties have published, and looking at it.

use crate::{
	artifacts::{first_publication, read_publications, JobArtifacts, Publications},
	cache::CachedJob,
	client::JobClient,
	clock::SystemClock,
	fetching::{Patience, Sources, Unserved},
	inspection::Inspection,
	peers::{self, current_endpoint},
	progress::{Step, Unreported},
};
use anyhow::Result;
use encrytrust_chain_client::{AccountId, BlockNumber, Error as ChainError, JobInfo};
use encrytrust_protocol::{
	verification::{View, Wanted},
	Job, ProgressBlobs,
};
use encrytrust_transport::Network;
use encrytrust_types::{
	job::{Endpoint, Selection, Stage},
	JobId,
};
use std::{cell::Cell, collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::sleep;
use tracing::debug;

/// How long the parties may take, for a user who has the whole challenge window for it.
pub(crate) const USUAL: Patience = Patience { base: Duration::from_secs(15), bytes_per_second: 64 << 10 };
/// The same before a challenge, which the window ends for: what was fetched before is at hand.
pub(crate) const SHORT: Patience = Patience { base: Duration::from_secs(15), bytes_per_second: 512 << 10 };
/// The stages in which something is published.
pub(crate) const PUBLISHED: [Stage; 4] = [Stage::Selection, Stage::Inputs, Stage::Outputs, Stage::Result];
/// Finalised blocks after which what could not be had is asked for again.
const ASK_AGAIN: BlockNumber = 10;
/// How often in a row a block that cannot be read is asked for again.
const MAX_FAILURES: u32 = 4;
/// The pause before that.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What was fetched of a job, with the folder that it is in.
pub(crate) struct Gathered {
	pub(crate) inspection: Arc<Inspection>,
	/// How many blobs could not be had.
	lacking: usize,
	_cached: CachedJob,
}

impl JobClient {
	/// Everything of these stages that can be had in time, from whoever has it.
	pub(crate) async fn gathered(
		&self,
		job: &Job,
		info: &JobInfo,
		selection: Option<Selection>,
		stages: &[Stage],
		patience: Patience,
	) -> Result<Gathered> {
		let mut cached = self.cache.open(job.genesis, job.id)?;
		if info.status.is_ended() {
			cached.end();
		}
		let artifacts = JobArtifacts::of_blobs(cached.blobs.clone());
		let inspection = |artifacts| {
			let inspection = Inspection::new(job.clone(), info.commitments.clone(), artifacts);
			Arc::new(Inspection { selection: selection.clone(), ..inspection })
		};
		let gathering = inspection(artifacts.clone());
		let network = peers::anonymous(None)?;
		self.progress.report(Step::Fetching);
		let lacking = self.gather(&gathering, info, stages, patience, &network).await;
		network.shutdown().await;
		self.progress.finish();
		let lacking = lacking?;
		if info.published.count() == 0 {
			return Ok(Gathered { inspection: gathering, lacking, _cached: cached });
		}
		// What a party did not serve it has published on chain.
		let publications = self.published(job, info).await?;
		let artifacts = JobArtifacts { publications: Arc::new(publications), ..artifacts };
		Ok(Gathered { inspection: inspection(artifacts), lacking, _cached: cached })
	}

	/// Fetches what is not at hand; how much of it could not be had.
	async fn gather(
		&self,
		inspection: &Arc<Inspection>,
		info: &JobInfo,
		stages: &[Stage],
		patience: Patience,
		network: &Network,
	) -> Result<usize> {
		let clock = SystemClock::default();
		let endpoints = self.endpoints(info).await?;
		let others = info.contract.parties().map(|(_, party)| party.who.clone()).collect();
		let sources = Sources { clock: &clock, patience, others };
		let fetch = |from: AccountId, wanted: Wanted| {
			let endpoint = endpoints.get(&from);
			async move {
				let endpoint = endpoint.ok_or(Unserved::Lacking)?;
				let fetched = peers::fetch(network, endpoint, &wanted.digest, wanted.max_bytes).await;
				fetched.map_err(|error| {
					debug!(who = %from, "{error}");
					Unserved::from(&error)
				})
			}
		};
		Ok(inspection.gather(stages, sources, fetch).await?)
	}

	/// Where the parties are registered to be now.
	async fn endpoints(&self, info: &JobInfo) -> Result<BTreeMap<AccountId, Endpoint>> {
		let head = self.chain.finalized().await?;
		let mut endpoints = BTreeMap::new();
		for (role, party) in info.contract.parties() {
			let registered = self.chain.at(head.hash).role(role, &party.who).await?;
			endpoints.insert(party.who.clone(), current_endpoint(registered, party));
		}
		Ok(endpoints)
	}

	/// Fetches what the parties of a job publish as soon as they have committed to it, until the job is over: what is in the
	/// [`Cache`](crate::Cache) by then, no party can be slow to serve.
	pub async fn keep_fetching(&self, id: JobId) -> Result<()> {
		let quiet = Self { progress: Arc::new(Unreported), ..self.clone() };
		let mut heads = self.chain.follow().await?;
		let mut committed = 0;
		// What could not be had is asked for again from this block on.
		let mut again = None;
		let mut head = heads.newest()?;
		loop {
			let info = self.info(id).await?;
			if info.status.is_ended() {
				return Ok(());
			}
			if info.commitments.len() > committed || again.is_some_and(|again| head.number >= again) {
				committed = info.commitments.len();
				let job = Job::checked(id, self.chain.genesis(), &info)?;
				let gathered = quiet.gathered(&job, &info, None, &PUBLISHED, USUAL).await;
				let is_whole = match gathered {
					Ok(gathered) => gathered.lacking == 0,
					Err(error) => {
						debug!(job = id, "{error:#}; again in {ASK_AGAIN} blocks");
						false
					},
				};
				again = (!is_whole).then(|| head.number.saturating_add(ASK_AGAIN));
			}
			head = heads.next().await?;
		}
	}

	/// The chunks that were published of a job. A request that fails is made again, some times in a row.
	async fn published(&self, job: &Job, info: &JobInfo) -> Result<Publications> {
		let mut publications = Publications::new();
		let Some(mut next) = first_publication(job, &info.commitments, info.published.iter()) else {
			return Ok(publications);
		};
		let head = self.chain.finalized().await?;
		let mut failures = 0;
		while next <= head.number {
			let blocks = next..=head.number;
			let keep = |found: Publications, number: BlockNumber| {
				publications.extend(found);
				next = number + 1;
				failures = 0;
				Ok::<_, ChainError>(())
			};
			let published_in = |number| self.chain.publications_at(number, head);
			match read_publications(job, &info.commitments, blocks, published_in, keep).await {
				Err(error) if error.is_transient() && failures < MAX_FAILURES => {
					debug!(job = job.id, block = next, "{error}; reading on from there");
					failures += 1;
					sleep(READ_AGAIN_AFTER).await;
				},
				read => read?,
			}
		}
		Ok(publications)
	}

	/// Looks at what was gathered, and reports how much of it was read.
	pub(crate) async fn looked_at<T: Send + 'static>(
		&self,
		gathered: &Gathered,
		look: impl FnOnce(&View<'_>) -> T + Send + 'static,
	) -> Result<T> {
		let progress = self.progress.clone();
		let looked = gathered.inspection.blocking(move |own| {
			let blobs_read = Cell::new(0);
			progress.report(Step::Checking { blobs_read: 0 });
			let on_read = || {
				blobs_read.set(blobs_read.get() + 1);
				progress.report(Step::Checking { blobs_read: blobs_read.get() });
			};
			let blobs = ProgressBlobs { blobs: &own.artifacts, on_read };
			let looked = look(&View { blobs: &blobs, ..own.view() });
			progress.finish();
			looked
		});
		Ok(looked.await?)
	}
}
