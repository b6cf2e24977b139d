//! Files that are written whole or not at all, and those that are their owner's alone.

use std::{
	fs::{self, DirBuilder, File, Permissions},
	io::{self, BufWriter, Write},
	os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
	path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// A file that takes another's place once it is whole. Dropped before [`Self::finish`], it leaves all as it was.
#[derive(Debug)]
pub struct Replacement(BufWriter<Target>);

#[derive(Debug)]
enum Target {
	Whole {
		file: NamedTempFile,
		path: PathBuf,
	},
	/// A pipe or a device cannot be replaced.
	Direct(File),
}

impl Replacement {
	/// For the file of this name, which may be there or not.
	pub fn new(path: &Path) -> io::Result<Self> {
		// Where the name is a link, what it leads to is replaced.
		let path = fs::canonicalize(path).unwrap_or_else(|_| path.into());
		let target = match fs::metadata(&path) {
			Ok(metadata) if !metadata.is_file() => Target::Direct(File::options().write(true).open(&path)?),
			Ok(metadata) => Target::Whole { file: beside(&path, metadata.permissions().mode() & 0o777)?, path },
			Err(_) => Target::Whole { file: beside(&path, 0o666)?, path },
		};
		Ok(Self(BufWriter::new(target)))
	}

	/// Puts it in its place: on return it is on disk.
	pub fn finish(self) -> io::Result<()> {
		match self.0.into_inner().map_err(io::IntoInnerError::into_error)? {
			Target::Whole { file, path } => {
				file.as_file().sync_all()?;
				file.persist(&path)?;
				sync_folder(&path)
			},
			Target::Direct(mut file) => file.flush(),
		}
	}
}

impl Write for Replacement {
	fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
		self.0.write(bytes)
	}

	fn flush(&mut self) -> io::Result<()> {
		self.0.flush()
	}
}

impl Write for Target {
	fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
		match self {
			Self::Whole { file, .. } => file.write(bytes),
			Self::Direct(file) => file.write(bytes),
		}
	}

	fn flush(&mut self) -> io::Result<()> {
		match self {
			Self::Whole { file, .. } => file.flush(),
			Self::Direct(file) => file.flush(),
		}
	}
}

/// Writes a file that takes another's place once it is whole.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
	let mut file = Replacement::new(path)?;
	file.write_all(bytes)?;
	file.finish()
}

/// Writes a new file that only its owner can read, whole or not at all; one that is there stays.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
	let mut file = beside(path, 0o600)?;
	file.write_all(bytes)?;
	file.as_file().sync_all()?;
	file.persist_noclobber(path)?;
	sync_folder(path)
}

/// Makes a folder that only its owner can enter; one that is there stays as it is.
pub fn private_folder(path: &Path) -> io::Result<()> {
	DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a file that only its owner can read and write, or leaves the one that is there to its owner alone.
pub fn private_file(path: &Path) -> io::Result<()> {
	let file = File::options().write(true).create(true).truncate(false).mode(0o600).open(path)?;
	match file.metadata()?.permissions().mode() & 0o077 {
		0 => Ok(()),
		_ => file.set_permissions(Permissions::from_mode(0o600)),
	}
}

/// An unfinished file in the folder of another, with a mode as far as the process's mask allows it.
fn beside(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
	let permissions = Permissions::from_mode(mode);
	let file = tempfile::Builder::new().prefix(".unfinished-").permissions(permissions).tempfile_in(folder(path));
	// The error's own text has the path, which may be a secret in a path's place.
	file.map_err(|error| error.kind().into())
}

fn folder(path: &Path) -> &Path {
	path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A name is only safe from a power cut once its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
	File::open(folder(path))?.sync_all()
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::io::ErrorKind;

	fn names(folder: &Path) -> Vec<String> {
		let entries = fs::read_dir(folder).unwrap();
		entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
	}

	#[test]
	fn a_file_is_replaced_once_it_is_whole() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("rows.csv");
		fs::write(&path, "old").unwrap();
		fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
		let mut unfinished = Replacement::new(&path).unwrap();
		unfinished.write_all(b"new").unwrap();
		unfinished.flush().unwrap();
		assert_eq!(fs::read(&path).unwrap(), b"old");
		drop(unfinished);
		assert_eq!((fs::read(&path).unwrap(), names(folder.path())), (b"old".to_vec(), vec!["rows.csv".into()]));
		replace(&path, b"new").unwrap();
		assert_eq!((fs::read(&path).unwrap(), names(folder.path())), (b"new".to_vec(), vec!["rows.csv".into()]));
		assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
	}

	#[test]
	fn what_a_link_leads_to_is_replaced() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("rows.csv");
		let link = folder.path().join("link");
		fs::write(&path, "old").unwrap();
		std::os::unix::fs::symlink(&path, &link).unwrap();
		replace(&link, b"new").unwrap();
		assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
		assert_eq!(fs::read(&path).unwrap(), b"new");
	}

	#[test]
	fn devices_are_written_to_and_a_full_one_is_an_error() {
		replace(Path::new("/dev/null"), b"new").unwrap();
		assert_eq!(replace(Path::new("/dev/full"), b"new").unwrap_err().kind(), ErrorKind::StorageFull);
	}

	#[test]
	fn a_private_file_that_is_there_stays() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("secret");
		write_private(&path, b"first").unwrap();
		assert_eq!(write_private(&path, b"second").unwrap_err().kind(), ErrorKind::AlreadyExists);
		assert_eq!((fs::read(&path).unwrap(), names(folder.path())), (b"first".to_vec(), vec!["secret".into()]));
		assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
	}

	#[test]
	fn private_folders_and_files_are_their_owners_alone() {
		let folder = tempfile::tempdir().unwrap();
		let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
		let (outer, state) = (folder.path().join("outer"), folder.path().join("outer/state"));
		for _ in 0..2 {
			private_folder(&state).unwrap();
			assert_eq!((mode(&outer), mode(&state)), (0o700, 0o700));
		}
		let (new, old) = (state.join("new"), state.join("old"));
		fs::write(&old, "what was there").unwrap();
		fs::set_permissions(&old, Permissions::from_mode(0o644)).unwrap();
		for path in [&new, &old] {
			private_file(path).unwrap();
			assert_eq!(mode(path), 0o600);
		}
		assert_eq!(fs::read(&old).unwrap(), b"what was there");
	}
}
