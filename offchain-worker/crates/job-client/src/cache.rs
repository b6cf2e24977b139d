//! Where a user keeps what was fetched of jobs, so that the next command goes on from there.
//!
//! It has a folder for each job, of blobs alone, each in the place of its hash: everybody may fetch them, and nothing that is
//! read from here is taken for anything else. What is bounded is how many jobs it has; what is fetched of a job, its contract
//! bounds.

use crate::files::private_folder;
use anyhow::{Context, Result};
use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::H256;
use encrytrust_types::JobId;
use std::{
	fs::{self, File},
	path::{Path, PathBuf},
	time::{Duration, SystemTime},
};
use tempfile::TempDir;
use tracing::debug;

/// The maximum number of jobs in the cache.
const MAX_JOBS: usize = 8;
/// For how long after it was last used: no job takes longer.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What was fetched of jobs, in a folder; or in none.
#[derive(Clone, Debug, Default)]
pub struct Cache(Option<PathBuf>);

impl Cache {
	/// In this folder, which is made when it is needed, for its owner alone.
	pub fn new(folder: PathBuf) -> Self {
		Self(Some(folder))
	}

	/// Nothing is kept.
	pub fn none() -> Self {
		Self(None)
	}

	/// What was fetched of a job. What was kept of those that were not used for longest goes.
	pub(crate) fn open(&self, genesis: H256, job: JobId) -> Result<CachedJob> {
		let Some(cache) = &self.0 else {
			let folder = tempfile::tempdir().context("cannot make a folder")?;
			return Ok(CachedJob {
				blobs: BlobStore::open(folder.path())?,
				place: Place::Temporary { _folder: folder },
			});
		};
		let folder = cache.join(format!("{}-{job}", hex::encode(&genesis.0[..8])));
		let made = private_folder(cache).and_then(|()| private_folder(&folder));
		made.context("cannot make a folder for what is fetched; name another with --cache")?;
		let blobs = BlobStore::open(&folder)?;
		let used = File::open(&folder).and_then(|folder| folder.set_modified(SystemTime::now()));
		used.context("cannot use the folder for what is fetched; name another with --cache")?;
		sweep(cache, SystemTime::now());
		Ok(CachedJob { blobs, place: Place::Kept { folder, is_over: false } })
	}
}

/// What was fetched of a job.
#[derive(Debug)]
pub(crate) struct CachedJob {
	pub(crate) blobs: BlobStore,
	/// Behind `blobs`: a folder is removed when it is not in use any more.
	place: Place,
}

#[derive(Debug)]
enum Place {
	Temporary { _folder: TempDir },
	Kept { folder: PathBuf, is_over: bool },
}

impl CachedJob {
	/// The job is over: nothing of it is kept after this.
	pub(crate) fn end(&mut self) {
		if let Place::Kept { is_over, .. } = &mut self.place {
			*is_over = true;
		}
	}
}

impl Drop for Place {
	fn drop(&mut self) {
		if let Self::Kept { folder, is_over: true } = self {
			remove(folder);
		}
	}
}

/// Removes what was kept of jobs for too long, and of the oldest above the most.
fn sweep(cache: &Path, now: SystemTime) {
	let Ok(entries) = fs::read_dir(cache) else { return };
	let used = |folder: PathBuf| Some((fs::metadata(&folder).ok()?.modified().ok()?, folder));
	let mut jobs: Vec<_> =
		entries.filter_map(|entry| used(entry.ok()?.path())).filter(|(_, path)| is_job(path)).collect();
	jobs.sort();
	let above = jobs.len().saturating_sub(MAX_JOBS);
	for (place, (used, folder)) in jobs.iter().enumerate() {
		if place < above || now.duration_since(*used).is_ok_and(|since| since > LONGEST) {
			remove(folder);
		}
	}
}

/// Whether this is a folder of a job: the user may have named one that has other things.
fn is_job(folder: &Path) -> bool {
	let name = folder.file_name().and_then(|name| name.to_str()).and_then(|name| name.split_once('-'));
	let is_named = name.is_some_and(|(genesis, job)| {
		genesis.len() == 16 && genesis.bytes().all(|digit| digit.is_ascii_hexdigit()) && job.parse::<JobId>().is_ok()
	});
	is_named && folder.join("blobs").is_dir()
}

/// Removes what was kept of a job, unless somebody is reading it.
fn remove(folder: &Path) {
	let is_in_use = File::open(folder.join("lock")).is_ok_and(|lock| lock.try_lock().is_err());
	let removed = if is_in_use { Ok(()) } else { fs::remove_dir_all(folder) };
	if let Err(error) = removed {
		debug!("cannot remove what was fetched of a job: {error}");
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::os::unix::fs::PermissionsExt;

	const GENESIS: H256 = H256([7; 32]);

	fn jobs(cache: &Path) -> Vec<String> {
		let mut names: Vec<_> =
			fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
		names.sort();
		names
	}

	fn age(cache: &Path, job: &str, by: Duration) {
		File::open(cache.join(job)).unwrap().set_modified(SystemTime::now() - by).unwrap();
	}

	#[test]
	fn what_was_fetched_is_there_for_the_next_command_until_the_job_is_over() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("cache");
		let cache = Cache::new(path.clone());
		let digest = cache.open(GENESIS, 5).unwrap().blobs.put(b"a part").unwrap();
		assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
		assert_eq!(cache.open(GENESIS, 6).unwrap().blobs.get(&digest).unwrap(), None, "of another job");
		assert_eq!(cache.open(H256([8; 32]), 5).unwrap().blobs.get(&digest).unwrap(), None, "on another chain");
		let mut kept = cache.open(GENESIS, 5).unwrap();
		assert_eq!(kept.blobs.get(&digest).unwrap(), Some(b"a part".to_vec()));
		kept.end();
		assert_eq!(kept.blobs.get(&digest).unwrap(), Some(b"a part".to_vec()), "as long as it is looked at");
		let other = cache.open(GENESIS, 5).unwrap();
		drop(kept);
		assert_eq!(other.blobs.get(&digest).unwrap(), Some(b"a part".to_vec()), "nor is it taken from another command");
		drop(other);
		cache.open(GENESIS, 5).unwrap().end();
		assert_eq!(jobs(&path), ["0707070707070707-6", "0808080808080808-5"]);
	}

	#[test]
	fn few_jobs_are_kept_and_nothing_else_is_touched() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path();
		let cache = Cache::new(path.into());
		for other in ["0707070707070707-5", "0707070707070707-x", "thesis"] {
			fs::create_dir(path.join(other)).unwrap();
			age(path, other, 2 * LONGEST);
		}
		for job in 10..10 + MAX_JOBS as JobId {
			drop(cache.open(GENESIS, job).unwrap());
			age(path, &format!("0707070707070707-{job}"), Duration::from_secs(1_000 - job));
		}
		drop(cache.open(GENESIS, 10 + MAX_JOBS as JobId).unwrap());
		let kept = jobs(path);
		assert_eq!(kept.len(), MAX_JOBS + 3, "{kept:?}");
		assert!(!kept.contains(&"0707070707070707-10".to_string()), "that was not used for longest");
		age(path, "0707070707070707-12", LONGEST + Duration::from_secs(1));
		drop(cache.open(GENESIS, 13).unwrap());
		assert!(!jobs(path).contains(&"0707070707070707-12".to_string()));
	}

	#[test]
	fn without_a_folder_nothing_is_kept() {
		let cache = Cache::none();
		let digest = cache.open(GENESIS, 5).unwrap().blobs.put(b"a part").unwrap();
		assert_eq!(cache.open(GENESIS, 5).unwrap().blobs.get(&digest).unwrap(), None);
	}
}
