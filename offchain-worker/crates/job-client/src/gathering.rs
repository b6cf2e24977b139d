//! Getting what a job's parties have published, and looking at it.

use crate::{
	artifacts::{read_publications, JobArtifacts},
	client::JobClient,
	inspection::Inspection,
	peers::{self, current_endpoint},
	progress::Step,
};
use anyhow::{Context, Result};
use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{JobInfo, Party};
use encrytrust_protocol::{
	verification::{View, Wanted},
	Job, ProgressBlobs,
};
use encrytrust_transport::Network;
use encrytrust_types::job::{Role, Selection, Stage};
use std::{cell::Cell, sync::Arc};
use tempfile::TempDir;

/// What was fetched of a job, with the folder that it is in.
pub(crate) struct Gathered {
	pub(crate) inspection: Arc<Inspection>,
	_folder: TempDir,
}

impl JobClient {
	/// Everything of these stages that can be had, from whoever has it.
	pub(crate) async fn gathered(
		&self,
		job: &Job,
		info: &JobInfo,
		selection: Option<Selection>,
		stages: &[Stage],
	) -> Result<Gathered> {
		let folder = tempfile::tempdir().context("cannot make a folder")?;
		let artifacts = JobArtifacts::of_blobs(BlobStore::open(folder.path())?);
		let inspection = |artifacts| {
			let inspection = Inspection::new(job.clone(), info.commitments.clone(), artifacts);
			Arc::new(Inspection { selection: selection.clone(), ..inspection })
		};
		let gathering = inspection(artifacts.clone());
		let network = peers::anonymous(None)?;
		self.progress.report(Step::Fetching);
		for stage in stages {
			gathering.gather(*stage, |wanted| self.fetch_wanted(&network, info, wanted)).await?;
		}
		network.shutdown().await;
		self.progress.finish();
		if info.published.count() == 0 {
			return Ok(Gathered { inspection: gathering, _folder: folder });
		}
		// What a party did not serve it has published on chain.
		let head = self.chain.finalized().await?;
		let publications =
			read_publications(job, &info.commitments, info.requested_at..=head.number, |number| async move {
				match self.chain.block_at(number).await? {
					Some(block) => self.chain.publications(block).await,
					None => Ok(vec![]),
				}
			});
		let artifacts = JobArtifacts { publications: Arc::new(publications.await?), ..artifacts };
		Ok(Gathered { inspection: inspection(artifacts), _folder: folder })
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

	/// A blob, from whoever serves it or else from another party: all keep what they fetched.
	async fn fetch_wanted(&self, network: &Network, info: &JobInfo, wanted: Wanted) -> Option<Vec<u8>> {
		let is_first = |(role, party): &(Role, &Party)| *role == wanted.role && party.who == wanted.from;
		let mut parties: Vec<_> = info.contract.parties().collect();
		parties.sort_by_key(|party| !is_first(party));
		for (role, party) in parties {
			if let Ok(blob) = self.fetch(network, role, party, &wanted).await {
				return Some(blob);
			}
		}
		None
	}

	/// A blob of a party, from where it is registered to be now.
	async fn fetch(&self, network: &Network, role: Role, party: &Party, wanted: &Wanted) -> Result<Vec<u8>> {
		let head = self.chain.finalized().await?;
		let registered = self.chain.at(head.hash).role(role, &party.who).await?;
		let from = current_endpoint(registered, party);
		Ok(peers::fetch(network, &from, &wanted.digest, wanted.max_bytes).await?)
	}
}
