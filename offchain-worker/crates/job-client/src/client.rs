//! What all operations share.

use crate::{cache::Cache, progress::Progress};
use anyhow::{Context, Result};
use encrytrust_chain_client::{AccountId, Client, JobInfo, StorageKey};
use encrytrust_types::JobId;
use std::{fmt, sync::Arc};

/// Jobs, through a node.
#[derive(Clone)]
pub struct JobClient {
	/// The node.
	pub chain: Client,
	pub(crate) progress: Arc<dyn Progress>,
	pub(crate) cache: Cache,
}

impl fmt::Debug for JobClient {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("JobClient").field("chain", &self.chain).finish_non_exhaustive()
	}
}

impl JobClient {
	/// Steps that take long are reported to `progress`.
	pub fn new(chain: Client, progress: Arc<dyn Progress>) -> Self {
		Self { chain, progress, cache: Cache::none() }
	}

	/// The same, with what is fetched kept from one operation to the next.
	#[must_use]
	pub fn with_cache(self, cache: Cache) -> Self {
		Self { cache, ..self }
	}

	/// A job as the newest finalised block has it.
	pub async fn info(&self, id: JobId) -> Result<JobInfo> {
		let head = self.chain.finalized().await?;
		let info = self.chain.at(head.hash).job(id).await?;
		info.with_context(|| {
			format!("there is no job {id}, or its record was cleared: look with `encrytrust job list`")
		})
	}

	/// The newest `limit` of the jobs that are `wanted`, newest first.
	pub async fn newest(&self, limit: u64, wanted: impl Fn(&JobInfo) -> bool) -> Result<Vec<(JobId, JobInfo)>> {
		let head = self.chain.finalized().await?;
		let next = self.chain.storage(&StorageKey::next_job_id(), head.hash).await?.unwrap_or_default();
		let mut jobs = Vec::new();
		for id in (0..next).rev() {
			if jobs.len() as u64 >= limit {
				break;
			}
			let info = self.chain.at(head.hash).job(id).await?;
			jobs.extend(info.filter(&wanted).map(|info| (id, info)));
		}
		Ok(jobs)
	}
}

/// Whether an account requested a job or takes part in it.
pub fn takes_part(info: &JobInfo, account: &AccountId) -> bool {
	info.contract.user == *account || info.contract.parties().any(|(_, party)| party.who == *account)
}
