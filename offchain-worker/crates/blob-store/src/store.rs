//! The folder.

use crate::{cid, Digest};
use sha2::{Digest as _, Sha256};
use std::{
	collections::HashMap,
	fmt,
	fs::{self, File, TryLockError},
	io::{self, Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::SystemTime,
};
use tempfile::NamedTempFile;

/// How many files are remembered as verified; a file beyond that is read once more.
const REMEMBERED: usize = 4096;
/// Bytes read at a time while hashing.
const BUFFER: usize = 64 * 1024;

/// What can go wrong with a store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The file system refused.
	#[error("blob store: cannot {action} {}: {source}; check the folder's permissions and free space", path.display())]
	Io {
		/// What was tried.
		action: &'static str,
		/// With which file or folder.
		path: PathBuf,
		/// What the system said.
		source: io::Error,
	},
	/// A file's bytes are not its CID. It is out of the way: store or fetch the blob again.
	#[error(
		"blob {} is damaged: the bytes on disk have another hash; they were moved to {}, store or fetch the blob again",
		cid(digest),
		aside.display()
	)]
	Damaged {
		/// The blob.
		digest: Digest,
		/// Where its file is now.
		aside: PathBuf,
	},
}

/// What a store holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
	/// Complete blobs.
	pub blobs: u64,
	/// Their bytes.
	pub bytes: u64,
	/// Files set aside because their bytes were not their CID.
	pub damaged: u64,
}

/// Blobs in a folder. Clones share it; several stores and processes may have the same folder open.
#[derive(Clone)]
pub struct BlobStore {
	inner: Arc<Inner>,
}

struct Inner {
	blobs: PathBuf,
	partial: PathBuf,
	damaged: PathBuf,
	/// Files whose bytes were hashed since they were last changed, so that reading a range does not hash all again.
	verified: Mutex<HashMap<Digest, Fingerprint>>,
	/// Held shared while the store is open: a process that can lock it exclusively may remove what a crash left.
	_lock: File,
}

/// What changes when a file has been written to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Fingerprint {
	length: u64,
	modified: SystemTime,
}

impl BlobStore {
	/// Opens the store in `folder`, which is created if it is missing. Removes unfinished files that a crash left,
	/// unless another store has the folder open.
	pub fn open(folder: &Path) -> Result<Self, Error> {
		let [blobs, partial, damaged] = ["blobs", "partial", "damaged"].map(|name| folder.join(name));
		for path in [&blobs, &partial, &damaged] {
			fs::create_dir_all(path).map_err(io_error("create folder", path))?;
		}
		let lock = lock(&folder.join("lock"), &partial)?;
		Ok(Self { inner: Arc::new(Inner { blobs, partial, damaged, verified: Mutex::default(), _lock: lock }) })
	}

	/// Stores `bytes` and returns their digest. On return they are on disk, whole; a crash before leaves nothing.
	/// Storing what is there does nothing, but a damaged file is replaced.
	pub fn put(&self, bytes: &[u8]) -> Result<Digest, Error> {
		let digest = crate::digest(bytes);
		if self.is_intact(&digest)? {
			return Ok(digest);
		}
		let mut writer = self.writer()?;
		writer.write_all(bytes).map_err(io_error("write", writer.file.path()))?;
		writer.finish()
	}

	/// A blob to be written piece by piece; it is in the store after [`Writer::finish`].
	pub fn writer(&self) -> Result<Writer, Error> {
		let file =
			NamedTempFile::new_in(&self.inner.partial).map_err(io_error("create a file in", &self.inner.partial))?;
		Ok(Writer { store: self.clone(), file, hasher: Sha256::new() })
	}

	/// The blob's bytes; `None` if the store has no such blob.
	///
	/// Fails with [`Error::Damaged`] where the bytes on disk are others; from then on the store has no such blob.
	pub fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
		let path = self.path(digest);
		let bytes = match fs::read(&path) {
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
			result => result.map_err(io_error("read", &path))?,
		};
		if crate::digest(&bytes) != *digest {
			return Err(self.set_aside(digest, &path));
		}
		Ok(Some(bytes))
	}

	/// The blob's total length, and its bytes from `offset` on, at most `length` of them: fewer at its end, none
	/// beyond. `None` if the store has no such blob.
	///
	/// All of the file is hashed at the first call and again whenever it was changed, so that here as well no bytes come
	/// out that are not the blob's; fails as [`Self::get`] does.
	pub fn read_range(&self, digest: &Digest, offset: u64, length: usize) -> Result<Option<(u64, Vec<u8>)>, Error> {
		let path = self.path(digest);
		let Some((mut file, total)) = self.open_verified(digest, &path)? else { return Ok(None) };
		let mut bytes = Vec::new();
		if offset < total {
			file.seek(SeekFrom::Start(offset)).map_err(io_error("read", &path))?;
			file.take(length as u64).read_to_end(&mut bytes).map_err(io_error("read", &path))?;
		}
		Ok(Some((total, bytes)))
	}

	/// Whether the store has a file for this blob; its bytes are looked at when they are read.
	pub fn has(&self, digest: &Digest) -> Result<bool, Error> {
		Ok(self.size(digest)?.is_some())
	}

	/// The blob's length in bytes; `None` if the store has no such blob.
	pub fn size(&self, digest: &Digest) -> Result<Option<u64>, Error> {
		let path = self.path(digest);
		match fs::metadata(&path) {
			Ok(metadata) => Ok(Some(metadata.len())),
			Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
			Err(error) => Err(io_error("look at", &path)(error)),
		}
	}

	/// Removes the blob; whether there was one.
	pub fn remove(&self, digest: &Digest) -> Result<bool, Error> {
		let path = self.path(digest);
		self.verified().remove(digest);
		match fs::remove_file(&path) {
			Ok(()) => Ok(true),
			Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
			Err(error) => Err(io_error("remove", &path)(error)),
		}
	}

	/// Counts what is there.
	pub fn stats(&self) -> Result<Stats, Error> {
		let mut stats = Stats { damaged: entries(&self.inner.damaged)?.len() as u64, ..Stats::default() };
		for shard in entries(&self.inner.blobs)? {
			for path in entries(&shard)? {
				// A blob removed meanwhile does not count.
				if let Ok(metadata) = fs::metadata(&path) {
					stats.blobs += 1;
					stats.bytes += metadata.len();
				}
			}
		}
		Ok(stats)
	}

	fn path(&self, digest: &Digest) -> PathBuf {
		let name = cid(digest).to_string();
		let shard: String = name.chars().rev().skip(1).take(2).collect::<Vec<_>>().into_iter().rev().collect();
		self.inner.blobs.join(shard).join(name)
	}

	fn verified(&self) -> MutexGuard<'_, HashMap<Digest, Fingerprint>> {
		// The map is only a memory of what was read: it is sound after a panic elsewhere.
		self.inner.verified.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn is_intact(&self, digest: &Digest) -> Result<bool, Error> {
		match self.open_verified(digest, &self.path(digest)) {
			Ok(file) => Ok(file.is_some()),
			Err(Error::Damaged { .. }) => Ok(false),
			Err(error) => Err(error),
		}
	}

	/// The blob's file and length; its bytes have the digest.
	fn open_verified(&self, digest: &Digest, path: &Path) -> Result<Option<(File, u64)>, Error> {
		let mut file = match File::open(path) {
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
			result => result.map_err(io_error("open", path))?,
		};
		let fingerprint = fingerprint(&file).map_err(io_error("look at", path))?;
		if self.verified().get(digest) != Some(&fingerprint) {
			if hash(&mut file).map_err(io_error("read", path))? != *digest {
				return Err(self.set_aside(digest, path));
			}
			let mut verified = self.verified();
			if verified.len() >= REMEMBERED {
				verified.clear();
			}
			verified.insert(*digest, fingerprint);
		}
		Ok(Some((file, fingerprint.length)))
	}

	/// Moves a file whose bytes are not its name out of the way; the error says where to.
	fn set_aside(&self, digest: &Digest, path: &Path) -> Error {
		self.verified().remove(digest);
		let aside = self.inner.damaged.join(cid(digest).to_string());
		match fs::rename(path, &aside) {
			// Another reader may have been first.
			Err(error) if error.kind() != io::ErrorKind::NotFound => io_error("set aside", path)(error),
			_ => {
				tracing::warn!(cid = %cid(digest), aside = %aside.display(), "a blob was damaged on disk and is set aside");
				Error::Damaged { digest: *digest, aside }
			},
		}
	}
}

impl fmt::Debug for BlobStore {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("BlobStore").field("blobs", &self.inner.blobs).finish_non_exhaustive()
	}
}

/// A blob that is being written. Dropped before [`Self::finish`], it leaves nothing.
pub struct Writer {
	store: BlobStore,
	file: NamedTempFile,
	hasher: Sha256,
}

impl Writer {
	/// Puts the blob in its place and returns its digest. On return it is on disk.
	pub fn finish(self) -> Result<Digest, Error> {
		let digest: Digest = self.hasher.finalize().into();
		let path = self.store.path(&digest);
		let shard = path.parent().unwrap_or(&self.store.inner.blobs);
		self.file.as_file().sync_all().map_err(io_error("write", self.file.path()))?;
		if !shard.exists() {
			fs::create_dir_all(shard).map_err(io_error("create folder", shard))?;
			sync_folder(&self.store.inner.blobs)?;
		}
		// Others that write the same blob write the same bytes: the last one wins and nothing changes.
		self.file.persist(&path).map_err(|error| io_error("create", &path)(error.error))?;
		sync_folder(shard)?;
		Ok(digest)
	}
}

impl Write for Writer {
	fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
		let written = self.file.write(bytes)?;
		self.hasher.update(&bytes[..written]);
		Ok(written)
	}

	fn flush(&mut self) -> io::Result<()> {
		self.file.flush()
	}
}

impl fmt::Debug for Writer {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Writer").field("file", &self.file.path()).finish_non_exhaustive()
	}
}

/// Takes the folder's lock; a process that gets it exclusively removes unfinished files first.
fn lock(path: &Path, partial: &Path) -> Result<File, Error> {
	let options = File::options().create(true).truncate(false).write(true).open(path);
	let lock = options.map_err(io_error("open", path))?;
	match lock.try_lock() {
		Ok(()) => {
			for left in entries(partial)? {
				tracing::debug!(file = %left.display(), "removing an unfinished blob");
				fs::remove_file(&left).map_err(io_error("remove", &left))?;
			}
			lock.unlock().map_err(io_error("unlock", path))?;
		},
		Err(TryLockError::WouldBlock) => {},
		Err(TryLockError::Error(error)) => return Err(io_error("lock", path)(error)),
	}
	lock.lock_shared().map_err(io_error("lock", path))?;
	Ok(lock)
}

fn fingerprint(file: &File) -> io::Result<Fingerprint> {
	let metadata = file.metadata()?;
	Ok(Fingerprint { length: metadata.len(), modified: metadata.modified()? })
}

fn hash(file: &mut File) -> io::Result<Digest> {
	let mut hasher = Sha256::new();
	let mut buffer = vec![0; BUFFER];
	loop {
		match file.read(&mut buffer)? {
			0 => return Ok(hasher.finalize().into()),
			read => hasher.update(&buffer[..read]),
		}
	}
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
	let read = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>();
	read().map_err(io_error("list", folder))
}

/// A rename is on disk once its folder is.
fn sync_folder(folder: &Path) -> Result<(), Error> {
	File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error("write", folder))
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
	let path = path.to_owned();
	move |source| Error::Io { action, path, source }
}
