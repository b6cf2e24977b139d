//! The keys that data providers agree on masks with: drawn for each job, on disk before anybody sees their public parts,
//! and erased when the job has ended.

use super::{blocking, Failure, Worker};
use encrytrust_chain_client::{Block, JobInfo};
use encrytrust_protocol::{data_provider::MaskKeys, Job};
use encrytrust_types::{job::MaskKey, JobId};
use tracing::info;

impl Worker {
	/// What this account posts with its confirmation: a data provider the public part of a key that is drawn for the job;
	/// the same one however often it is asked for.
	pub(super) fn draw_mask_key(&self, job: &Job) -> Result<Option<MaskKey>, Failure> {
		Ok(match job.data_index(&self.me) {
			Ok(_) => Some(self.database.draw_mask_key(job.id)?.public()),
			Err(_) => None,
		})
	}

	/// What this account agrees on masks with.
	pub(super) fn mask_keys(&self, job: &Job, info: &JobInfo) -> Result<MaskKeys, Failure> {
		let own = self.database.mask_key(job.id)?;
		let lost =
			|| Failure::transient("the database has no mask key of this job: put the state folder back as it was");
		Ok(MaskKeys::new(own.ok_or_else(lost)?, &info.mask_keys)?)
	}

	/// Erases the mask keys of jobs that have ended by this finalised block.
	pub(super) async fn erase_mask_keys(&self, head: Block) -> Result<(), Failure> {
		for job in self.database.jobs_with_mask_keys()? {
			if self.is_over(job, head).await? {
				let database = self.database.clone();
				blocking(move || database.erase_mask_key(job)).await??;
				info!(job, "the job has ended: its mask key is erased");
			}
		}
		Ok(())
	}

	/// Whether a job has ended. A node that lags behind what was seen before may not know it yet.
	async fn is_over(&self, job: JobId, head: Block) -> Result<bool, Failure> {
		Ok(match self.chain.job(job, head).await? {
			Some(info) => info.status.is_ended(),
			None => job < self.chain.next_job(head).await?,
		})
	}
}
