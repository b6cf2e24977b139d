//! A worker's keys.
//!
//! One file of 32 random bytes, the *master secret*, readable by its owner alone; from it follow the key that messages
//! are sealed to and the libp2p identity, each under a tag of its own. The account's secret and a computing provider's
//! Paillier key stand apart: the one holds money, the other is kept encrypted.

use encrytrust_datasets::FingerprintKey;
use encrytrust_job_client::{files::write_private, paths::GivenPath};
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
	/// It is not a master secret.
	#[error("{0} is not a worker's key file: it has to hold 64 hexadecimal digits")]
	Format(GivenPath),
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
	/// A new one, in a new file that only its owner can read.
	pub fn create(path: &Path) -> Result<Self, KeyError> {
		let mut secret = Self([0; 32]);
		getrandom::fill(&mut secret.0).expect("the operating system gives random bytes");
		let text = Zeroizing::new(format!("{}\n", hex::encode(secret.0)));
		write_private(path, text.as_bytes()).map_err(|source| KeyError::Io {
			action: "write",
			path: path.into(),
			source,
		})?;
		Ok(secret)
	}

	/// The one in a file.
	pub fn read(path: &Path) -> Result<Self, KeyError> {
		let io = |source| KeyError::Io { action: "read", path: path.into(), source };
		let mode = fs::metadata(path).map_err(io)?.permissions().mode() & 0o777;
		if mode & 0o077 != 0 {
			return Err(KeyError::Permissions { path: path.into(), mode });
		}
		let text = Zeroizing::new(fs::read_to_string(path).map_err(io)?);
		let mut secret = Self([0; 32]);
		hex::decode_to_slice(text.trim(), &mut secret.0).map_err(|_| KeyError::Format(path.into()))?;
		Ok(secret)
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

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_written_secret_reads_back_and_is_private() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("master.key");
		let written = MasterSecret::create(&path).unwrap();
		let read = MasterSecret::read(&path).unwrap();
		assert_eq!(written.0, read.0);
		assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
		assert_ne!(*read.peer_seed(), read.sealing().public());
	}

	#[test]
	fn a_file_that_is_there_stays() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("master.key");
		let first = MasterSecret::create(&path).unwrap();
		assert!(MasterSecret::create(&path).unwrap_err().to_string().contains("not overwritten"));
		assert_eq!(MasterSecret::read(&path).unwrap().0, first.0);
	}

	#[test]
	fn files_that_are_no_private_secret_are_refused() {
		let folder = tempfile::tempdir().unwrap();
		for (name, text, mode, error) in [
			("short", "abcd", 0o600, "64 hexadecimal"),
			("text", "correct horse battery staple", 0o600, "64 hexadecimal"),
			("open", &"ab".repeat(32), 0o644, "chmod 600"),
		] {
			let path = folder.path().join(name);
			fs::write(&path, text).unwrap();
			fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
			assert!(MasterSecret::read(&path).unwrap_err().to_string().contains(error), "{name}");
		}
		assert!(MasterSecret::read(&folder.path().join("none")).unwrap_err().to_string().contains("worker-new"));
	}

	#[test]
	fn a_secret_in_a_key_files_place_is_not_shown() {
		for secret in ["7a65".repeat(16), format!("0x{}//hard", "7a65".repeat(16))] {
			for error in
				[MasterSecret::read(Path::new(&secret)), MasterSecret::create(&Path::new("/").join(&secret).join("x"))]
			{
				let error = error.unwrap_err();
				assert!(!format!("{error} {error:?}").contains("7a65"), "{error}");
			}
		}
	}
}
