//! What is written for people and programs: to standard output, to standard error, and to files that they name.
//!
//! This is the one place that writes to the standard streams, and nothing here panics. A result that cannot be written is
//! an [`OutputError`]; remarks on standard error are lost then, as there is nowhere else to say so.

use serde::Deserialize;
use std::{
	fmt::{self, Debug, Display},
	fs::{self, DirBuilder, File, Permissions},
	io::{self, BufWriter, ErrorKind, Write},
	ops::Deref,
	os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
	path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// Standard output does not take the result.
#[derive(Debug, thiserror::Error)]
#[error(
	"cannot write to standard output: {0}; what was sent to the chain stays sent, its ids are in the log on standard error"
)]
pub struct OutputError(#[from] io::Error);

impl OutputError {
	/// Whether nobody reads any more: `| head` has seen enough.
	pub fn is_closed_pipe(&self) -> bool {
		self.0.kind() == ErrorKind::BrokenPipe
	}
}

/// Writes a line to standard output.
pub fn line(text: impl Display) -> Result<(), OutputError> {
	let mut stdout = stdout();
	writeln!(stdout, "{text}")?;
	Ok(stdout.flush()?)
}

/// Standard output, for what is long.
pub fn stdout() -> impl Write {
	io::stdout().lock()
}

/// Writes a remark to standard error, as far as that goes.
pub fn remark(text: impl Display) {
	let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A path that somebody gave. It is shown unless it looks as if they had written a secret in its place.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct GivenPath(PathBuf);

impl From<PathBuf> for GivenPath {
	fn from(path: PathBuf) -> Self {
		Self(path)
	}
}

impl From<&Path> for GivenPath {
	fn from(path: &Path) -> Self {
		Self(path.into())
	}
}

impl From<&str> for GivenPath {
	fn from(path: &str) -> Self {
		Self(path.into())
	}
}

impl Deref for GivenPath {
	type Target = Path;

	fn deref(&self) -> &Path {
		&self.0
	}
}

impl Display for GivenPath {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&shown(&self.0))
	}
}

impl Debug for GivenPath {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		Debug::fmt(&shown(&self.0), f)
	}
}

/// A path for people; what looks like a secret rather than a path is left out.
pub fn shown(path: &Path) -> String {
	match may_be_secret(path) {
		true => "(not shown: it looks like a secret rather than a path)".into(),
		false => path.display().to_string(),
	}
}

/// Whether any part of a path looks like a secret phrase, a secret URI, a key or a seed.
fn may_be_secret(path: &Path) -> bool {
	const WORDS: usize = 6;
	const DIGITS: usize = 64;
	let text = path.to_string_lossy();
	let is_secret = |part: &str| {
		let has_digits = part.split(|char: char| !char.is_ascii_hexdigit()).any(|digits| digits.len() >= DIGITS);
		has_digits || part.starts_with("0x") || part.starts_with("0X") || part.split_whitespace().count() >= WORDS
	};
	text.starts_with("//") || text.contains("///") || text.split('/').any(is_secret)
}

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
		let (path, link) = (folder.path().join("rows.csv"), folder.path().join("link"));
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
	fn a_path_is_shown_unless_it_looks_like_a_secret() {
		const PHRASE: &str = "zebra quilt vortex jazz oxygen kiwi zebra quilt vortex jazz oxygen kiwi";
		let (seed, path) = ("7a65".repeat(16), "/etc/encrytrust");
		for secret in [
			PHRASE.to_string(),
			format!("{PHRASE}//hard"),
			format!("{PHRASE}//hard/soft///word"),
			format!("{path}/{PHRASE}/hard"),
			format!("{path}/0x7a65/hard"),
			format!("0x{seed}"),
			format!("0X{seed}//hard"),
			format!("{path}/{seed}"),
			format!("{seed}.key"),
			seed.to_uppercase(),
			"//zebra".into(),
			"zebra///quilt".into(),
		] {
			let given = GivenPath::from(&*secret);
			for text in [given.to_string(), format!("{given:?}")] {
				let text = text.to_lowercase();
				assert!(!text.contains("zebra") && !text.contains("7a65") && !text.contains("quilt"), "{text}");
			}
		}
		for path in ["master.key", "/etc//encrytrust/account.secret", "My own files/key 0x.txt", &seed[1..], "a/../b"] {
			assert_eq!(GivenPath::from(path).to_string(), path);
		}
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

	#[test]
	fn a_closed_pipe_is_told_from_a_full_disk() {
		assert!(OutputError(ErrorKind::BrokenPipe.into()).is_closed_pipe());
		assert!(!OutputError(ErrorKind::StorageFull.into()).is_closed_pipe());
	}
}
