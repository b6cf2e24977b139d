//! A worker's keys.
//!
//! One key file of 32 random bytes, the *master secret*, encrypted under a passphrase and readable by its owner alone; from
//! it follow the key that messages are sealed to, the libp2p identity and the key of fingerprints, each under a tag of its
//! own. The account's secret and a computing provider's Paillier key stand apart. Mask keys follow from nothing: they are
//! drawn for each job, and are in the database until it has ended.

use crate::config::Config;
use encrytrust_datasets::FingerprintKey;
use encrytrust_job_client::{files::write_private, paths::GivenPath};
use encrytrust_paillier::key_file::{self, OpenError};
use encrytrust_protocol::sealing::SealingKey;
use encrytrust_types::hash::tagged;
use std::{fmt, fs, io, os::unix::fs::PermissionsExt, path::Path};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What can be wrong with a key file.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
	/// It cannot be read or written.
	#[error("cannot {action} the key file {path}: {source}{}", hint(source))]
	Io {
		/// What was tried.
		action: &'static str,
		/// Which file.
		path: GivenPath,
		/// What the system said.
		source: io::Error,
	},
	/// Others could read it.
	#[error("the key file {path} can be read by others (mode {mode:o}): chmod 600 it")]
	Permissions {
		/// Which file.
		path: GivenPath,
		/// Its mode.
		mode: u32,
	},
	/// Its secret stands there in the clear.
	#[error(
		"the key file {0} is not encrypted: make one that is by `encrytrust keys worker-encrypt OLD NEW`, name that as \
		 `master_key`, and erase the old one"
	)]
	Plain(GivenPath),
	/// Its secret does not stand there in the clear.
	#[error("{0} is no plain key file of a former version: it has to hold 64 hexadecimal digits")]
	NotPlain(GivenPath),
	/// It does not open.
	#[error("cannot open the key file {path}: {source}")]
	Open {
		/// Which file.
		path: GivenPath,
		/// Why not.
		source: OpenError,
	},
}

fn hint(error: &io::Error) -> &'static str {
	match error.kind() {
		io::ErrorKind::NotFound => "; make one with `encrytrust keys worker-new FILE`",
		io::ErrorKind::AlreadyExists => "; it is there already and is not overwritten",
		_ => "",
	}
}

/// The secret that a worker's keys follow from.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MasterSecret([u8; 32]);

impl fmt::Debug for MasterSecret {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("MasterSecret")
	}
}

impl MasterSecret {
	/// A new one.
	///
	/// # Panics
	///
	/// If the operating system has no randomness.
	pub fn generate() -> Self {
		let mut secret = Self([0; 32]);
		getrandom::fill(&mut secret.0).expect("the operating system gives random bytes");
		secret
	}

	/// Writes it to a new file that only its owner can read, encrypted under a passphrase. Takes about a quarter of a second.
	pub fn write(&self, path: &Path, passphrase: &str) -> Result<(), KeyError> {
		let sealed = key_file::seal_master(&self.0, passphrase);
		let written = write_private(path, sealed.as_bytes());
		written.map_err(|source| KeyError::Io { action: "write", path: path.into(), source })
	}

	/// The one that a configuration names.
	///
	/// # Errors
	///
	/// If key file or passphrase cannot be read, or do not fit each other.
	pub async fn open(config: &Config) -> anyhow::Result<Self> {
		let (path, passphrase) = (config.master_key.clone(), config.master_passphrase.clone());
		let secret = tokio::task::spawn_blocking(move || {
			let passphrase = passphrase.read("master secret's passphrase")?;
			anyhow::Ok(Self::read(&path, &passphrase)?)
		});
		secret.await?
	}

	/// The one in a file.
	pub fn read(path: &Path, passphrase: &str) -> Result<Self, KeyError> {
		let text = private_text(path)?;
		if plain(&text).is_some() {
			return Err(KeyError::Plain(path.into()));
		}
		let opened = key_file::open_master(&text, passphrase);
		let secret = opened.map_err(|source| KeyError::Open { path: path.into(), source })?;
		Ok(Self(*secret))
	}

	/// The one that stands in a file in the clear, as former versions made them.
	pub fn read_plain(path: &Path) -> Result<Self, KeyError> {
		plain(&private_text(path)?).ok_or_else(|| KeyError::NotPlain(path.into()))
	}

	/// The key that messages are sealed to.
	pub fn sealing(&self) -> SealingKey {
		SealingKey::derive(&self.derive("encrytrust/worker/sealing/1"))
	}

	/// The seed of the libp2p identity (Ed25519).
	pub fn peer_seed(&self) -> Zeroizing<[u8; 32]> {
		self.derive("encrytrust/worker/peer/1")
	}

	/// The key of data sets' fingerprints.
	pub fn fingerprint_key(&self) -> FingerprintKey {
		FingerprintKey::new(*self.derive("encrytrust/worker/fingerprint/1"))
	}

	fn derive(&self, tag: &str) -> Zeroizing<[u8; 32]> {
		Zeroizing::new(tagged(tag, &[&self.0]).0)
	}
}

/// The text of a file that others cannot read.
fn private_text(path: &Path) -> Result<Zeroizing<String>, KeyError> {
	let io = |source| KeyError::Io { action: "read", path: path.into(), source };
	let mode = fs::metadata(path).map_err(io)?.permissions().mode() & 0o777;
	if mode & 0o077 != 0 {
		return Err(KeyError::Permissions { path: path.into(), mode });
	}
	fs::read_to_string(path).map(Zeroizing::new).map_err(io)
}

fn plain(text: &str) -> Option<MasterSecret> {
	let mut secret = MasterSecret([0; 32]);
	hex::decode_to_slice(text.trim(), &mut secret.0).ok()?;
	Some(secret)
}

#[cfg(test)]
mod tests {
	use super::*;

	const PASSPHRASE: &str = "correct horse";

	#[test]
	fn a_written_secret_reads_back_and_is_private() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("master.key");
		let written = MasterSecret::generate();
		written.write(&path, PASSPHRASE).unwrap();
		let read = MasterSecret::read(&path, PASSPHRASE).unwrap();
		assert_eq!(written.0, read.0);
		assert!(!fs::read_to_string(&path).unwrap().contains(&hex::encode(written.0)));
		assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
		assert_ne!(*read.peer_seed(), read.sealing().public());
	}

	#[test]
	fn a_file_that_is_there_stays() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("master.key");
		let first = MasterSecret::generate();
		first.write(&path, PASSPHRASE).unwrap();
		let again = MasterSecret::generate().write(&path, PASSPHRASE);
		assert!(again.unwrap_err().to_string().contains("not overwritten"));
		assert_eq!(MasterSecret::read(&path, PASSPHRASE).unwrap().0, first.0);
	}

	#[test]
	fn files_that_are_no_private_secret_are_refused() {
		let folder = tempfile::tempdir().unwrap();
		let sealed = key_file::seal_master(&[1; 32], PASSPHRASE);
		for (name, text, mode, error) in [
			("short", "abcd", 0o600, "no key file"),
			("text", "correct horse battery staple", 0o600, "no key file"),
			("plain", &"ab".repeat(32), 0o600, "worker-encrypt"),
			("plain with the line's end", &format!("{}\n", "ab".repeat(32)), 0o600, "worker-encrypt"),
			("open", &sealed, 0o644, "chmod 600"),
			("another passphrase", &key_file::seal_master(&[1; 32], "other"), 0o600, "wrong passphrase"),
		] {
			let path = folder.path().join(name);
			fs::write(&path, text).unwrap();
			fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
			let refused = MasterSecret::read(&path, PASSPHRASE).unwrap_err().to_string();
			assert!(refused.contains(error), "{name}: {refused}");
		}
		let missing = MasterSecret::read(&folder.path().join("none"), PASSPHRASE);
		assert!(missing.unwrap_err().to_string().contains("worker-new"));
	}

	#[test]
	fn a_plain_secret_is_read_to_be_encrypted() {
		let folder = tempfile::tempdir().unwrap();
		let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
		write_private(&old, format!("{}\n", "ab".repeat(32)).as_bytes()).unwrap();
		let secret = MasterSecret::read_plain(&old).unwrap();
		assert_eq!(secret.0, [0xab; 32]);
		secret.write(&new, PASSPHRASE).unwrap();
		assert_eq!(MasterSecret::read(&new, PASSPHRASE).unwrap().0, secret.0);
		assert!(MasterSecret::read_plain(&new).unwrap_err().to_string().contains("64 hexadecimal"));
	}

	#[test]
	fn a_secret_in_a_key_files_place_is_not_shown() {
		for secret in ["7a65".repeat(16), format!("0x{}//hard", "7a65".repeat(16))] {
			let written = MasterSecret::generate().write(&Path::new("/").join(&secret).join("x"), PASSPHRASE);
			for error in [MasterSecret::read(Path::new(&secret), PASSPHRASE).unwrap_err(), written.unwrap_err()] {
				assert!(!format!("{error} {error:?}").contains("7a65"), "{error}");
			}
		}
	}
}
