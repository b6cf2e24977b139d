//! Secret keys at rest: a JSON text whose secret part is encrypted under a passphrase. Paillier keys are kept so, and the
//! master secrets of workers.
//!
//! The passphrase goes through Argon2id (RFC 9106) with 64 MiB and 3 passes, the secret is sealed by ChaCha20-Poly1305
//! (RFC 8439). Everything else in the file, its kind and the modulus first of all, is authenticated with it.

use crate::secret_key::SecretKey;
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
	aead::{Aead, Payload},
	ChaCha20Poly1305, Key, KeyInit, Nonce,
};
use serde::{Deserialize, Serialize};
use std::{
	fmt, fs, io,
	io::Write,
	path::{Path, PathBuf},
};
use zeroize::Zeroizing;

const VERSION: u32 = 1;
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;
/// A file may ask for more work than ours, within what a small machine can give.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 32;
const MOST_LANES: u32 = 16;

/// Why a key file does not open.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
	/// Not the JSON of a key file.
	#[error("this is no key file, or it is damaged ({0}): restore it from a copy")]
	Damaged(String),
	/// Written by something newer.
	#[error("the key file has version {0}, this program reads version 1: use the program that wrote it")]
	Version(u32),
	/// It holds a key of another kind.
	#[error("this key file holds {found}, and not {wanted}: name another file")]
	Kind {
		/// What it should hold.
		wanted: Kind,
		/// What it holds.
		found: Kind,
	},
	/// Authentication failed.
	#[error("wrong passphrase, or the key file was changed: try again, or restore it from a copy")]
	Passphrase,
}

/// Why a key file was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
	/// There is something already; a key is never overwritten.
	#[error("{} exists already: keys are never overwritten, choose another path or move it away", .0.display())]
	Exists(PathBuf),
	/// Anything else.
	#[error("cannot write {}: {source}", path.display())]
	Io {
		/// The path.
		path: PathBuf,
		/// The system's answer.
		source: io::Error,
	},
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
	version: u32,
	kind: Kind,
	/// Of a Paillier key alone.
	#[serde(with = "hexadecimal", default, skip_serializing_if = "Vec::is_empty")]
	modulus: Vec<u8>,
	argon2id: Argon2id,
	#[serde(with = "hexadecimal")]
	nonce: [u8; 12],
	#[serde(with = "hexadecimal")]
	sealed: Vec<u8>,
}

/// What a key file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
	/// The primes of a Paillier key.
	#[serde(rename = "encrytrust-paillier-secret-key")]
	Paillier,
	/// The secret that a worker's keys follow from.
	#[serde(rename = "encrytrust-worker-master-secret")]
	Worker,
}

impl Kind {
	/// Its name in the file.
	fn label(self) -> &'static str {
		match self {
			Self::Paillier => "encrytrust-paillier-secret-key",
			Self::Worker => "encrytrust-worker-master-secret",
		}
	}
}

impl fmt::Display for Kind {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Paillier => "a Paillier key",
			Self::Worker => "a worker's master secret",
		})
	}
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Argon2id {
	memory_kib: u32,
	passes: u32,
	lanes: u32,
	#[serde(with = "hexadecimal")]
	salt: [u8; 16],
}

/// Bytes, of a fixed length or not, as hexadecimal text.
mod hexadecimal {
	use serde::{de::Error, Deserialize, Deserializer, Serializer};

	pub(super) fn serialize<S: Serializer>(bytes: &impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&hex::encode(bytes))
	}

	pub(super) fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<Vec<u8>>>(deserializer: D) -> Result<T, D::Error> {
		let bytes = hex::decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
		let length = bytes.len();
		T::try_from(bytes).map_err(|_| D::Error::custom(format!("a field cannot have {length} bytes")))
	}
}

/// Only the version, to distinguish a newer file from a damaged one.
#[derive(Deserialize)]
struct Versioned {
	version: u32,
}

/// Only the kind.
#[derive(Deserialize)]
struct OfKind {
	kind: Kind,
}

/// What a file holds, if it is a key file. Nothing says so but the file itself: opening it tells.
pub fn kind(text: &str) -> Option<Kind> {
	serde_json::from_str::<OfKind>(text).ok().map(|file| file.kind)
}

/// Seals a key under a passphrase, as JSON text. Takes about a quarter of a second, on purpose.
///
/// # Panics
///
/// If the operating system has no randomness, or no 64 MiB of memory.
pub fn seal(key: &SecretKey, passphrase: &str) -> String {
	let primes = Zeroizing::new(key.primes().map(|prime| prime.to_vec()).concat());
	seal_as(Kind::Paillier, key.public().modulus_bytes(), &primes, passphrase)
}

/// Opens what [`seal`] made.
///
/// # Errors
///
/// Text that is no key file, one of another version or kind, a wrong passphrase or a change anywhere in the file.
pub fn open(text: &str, passphrase: &str) -> Result<SecretKey, OpenError> {
	let (primes, modulus) = open_as(Kind::Paillier, text, passphrase)?;
	let (p, q) = primes.split_at(primes.len() / 2);
	let key = SecretKey::from_primes(p, q).map_err(|error| OpenError::Damaged(error.to_string()))?;
	if key.public().modulus_bytes() != modulus {
		return Err(OpenError::Damaged("the primes do not make up the modulus".into()));
	}
	Ok(key)
}

/// Seals a worker's master secret, as [`seal`] does a key.
///
/// # Panics
///
/// If the operating system has no randomness, or no 64 MiB of memory.
pub fn seal_master(secret: &[u8; 32], passphrase: &str) -> String {
	seal_as(Kind::Worker, Vec::new(), secret, passphrase)
}

/// Opens what [`seal_master`] made.
///
/// # Errors
///
/// As [`open`].
pub fn open_master(text: &str, passphrase: &str) -> Result<Zeroizing<[u8; 32]>, OpenError> {
	let (secret, _) = open_as(Kind::Worker, text, passphrase)?;
	let secret = <[u8; 32]>::try_from(secret.as_slice());
	secret.map(Zeroizing::new).map_err(|_| OpenError::Damaged("its secret has not 32 bytes".into()))
}

fn seal_as(kind: Kind, modulus: Vec<u8>, secret: &[u8], passphrase: &str) -> String {
	let (mut salt, mut nonce) = ([0; 16], [0; 12]);
	crate::integer::fill(&mut salt);
	crate::integer::fill(&mut nonce);
	let mut file = KeyFile {
		version: VERSION,
		kind,
		modulus,
		argon2id: Argon2id { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES, salt },
		nonce,
		sealed: Vec::new(),
	};
	let cipher = cipher(&file.argon2id, passphrase).expect("these parameters are valid");
	let payload = Payload { msg: secret, aad: &associated_data(&file) };
	file.sealed = cipher.encrypt(&Nonce::from(nonce), payload).expect("a key is shorter than the cipher's limit");
	serde_json::to_string_pretty(&file).expect("a key file is representable in JSON") + "\n"
}

/// The secret and the modulus.
fn open_as(wanted: Kind, text: &str, passphrase: &str) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), OpenError> {
	let damaged = |error: serde_json::Error| OpenError::Damaged(error.to_string());
	let Versioned { version } = serde_json::from_str(text).map_err(damaged)?;
	if version != VERSION {
		return Err(OpenError::Version(version));
	}
	let file: KeyFile = serde_json::from_str(text).map_err(damaged)?;
	if file.kind != wanted {
		return Err(OpenError::Kind { wanted, found: file.kind });
	}
	let payload = Payload { msg: &file.sealed, aad: &associated_data(&file) };
	let opened = cipher(&file.argon2id, passphrase)?.decrypt(&Nonce::from(file.nonce), payload);
	Ok((Zeroizing::new(opened.map_err(|_| OpenError::Passphrase)?), file.modulus))
}

/// Writes a sealed key, readable by its owner only: the whole file or nothing, and never over another.
///
/// # Errors
///
/// If there is a file at `path` already, or the system refuses.
pub fn write(path: &Path, sealed: &str) -> Result<(), WriteError> {
	let error = |source: io::Error| match source.kind() {
		io::ErrorKind::AlreadyExists => WriteError::Exists(path.into()),
		_ => WriteError::Io { path: path.into(), source },
	};
	let mut suffix = [0; 8];
	crate::integer::fill(&mut suffix);
	let mut temporary = path.as_os_str().to_owned();
	temporary.push(format!(".{}", hex::encode(suffix)));
	let temporary = PathBuf::from(temporary);
	let written = write_new(&temporary, sealed).and_then(|()| {
		// A link, unlike a rename, fails where the name is taken.
		fs::hard_link(&temporary, path)
	});
	let removed = fs::remove_file(&temporary);
	written.map_err(error)?;
	removed.map_err(error)?;
	sync_directory(path).map_err(error)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
	let mut options = fs::OpenOptions::new();
	options.write(true).create_new(true);
	#[cfg(unix)]
	std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
	let mut file = options.open(path)?;
	file.write_all(text.as_bytes())?;
	file.sync_all()
}

/// A name is only safe from a power cut once its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
	let directory = match path.parent() {
		Some(parent) if parent != Path::new("") => parent,
		_ => Path::new("."),
	};
	fs::File::open(directory)?.sync_all()
}

fn cipher(parameters: &Argon2id, passphrase: &str) -> Result<ChaCha20Poly1305, OpenError> {
	let Argon2id { memory_kib, passes, lanes, salt } = parameters;
	if *memory_kib > MOST_MEMORY_KIB || *passes > MOST_PASSES || *lanes > MOST_LANES {
		return Err(OpenError::Damaged("it asks for more memory or passes than a key file may".into()));
	}
	let damaged = |error: argon2::Error| OpenError::Damaged(error.to_string());
	let params = Params::new(*memory_kib, *passes, *lanes, Some(32)).map_err(damaged)?;
	let mut key = Zeroizing::new([0; 32]);
	Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
		.hash_password_into(passphrase.as_bytes(), salt, &mut *key)
		.map_err(damaged)?;
	Ok(ChaCha20Poly1305::new(Key::from_slice(&*key)))
}

/// Every field that is not sealed; all but the modulus, which is last, have a fixed length.
fn associated_data(file: &KeyFile) -> Vec<u8> {
	let Argon2id { memory_kib, passes, lanes, salt } = &file.argon2id;
	let numbers = [file.version, *memory_kib, *passes, *lanes].map(u32::to_be_bytes);
	let parts = [file.kind.label().as_bytes(), numbers.as_flattened(), salt, &file.modulus];
	parts.concat()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::KeySize;
	use serde_json::{json, Value};
	use std::sync::LazyLock;

	static SEALED: LazyLock<(SecretKey, String)> = LazyLock::new(|| {
		let key = SecretKey::generate(KeySize::Bits2048);
		let sealed = seal(&key, "correct horse");
		(key, sealed)
	});

	/// The sealed key with one field changed.
	fn changed(pointer: &str, change: impl Fn(&Value) -> Value) -> String {
		let mut file: Value = serde_json::from_str(&SEALED.1).unwrap();
		let field = file.pointer_mut(pointer).unwrap();
		*field = change(field);
		file.to_string()
	}

	/// The same hexadecimal text with its first digit changed.
	fn flipped(value: &Value) -> Value {
		let text = value.as_str().unwrap();
		let first = if text.starts_with('0') { '1' } else { '0' };
		json!(format!("{first}{}", &text[1..]))
	}

	#[test]
	fn key_file_opens_with_its_passphrase() {
		let (key, sealed) = &*SEALED;
		let opened = open(sealed, "correct horse").unwrap();
		assert_eq!(opened.public(), key.public());
		let m = key.public().random_plaintext();
		assert_eq!(opened.decrypt(&key.public().encrypt(&m)), m);
	}

	#[test]
	fn master_secret_opens_with_its_passphrase_and_as_nothing_else() {
		let sealed = seal_master(&[7; 32], "correct horse");
		assert!(!sealed.contains(&"07".repeat(8)) && !sealed.contains("modulus"), "{sealed}");
		assert_eq!(*open_master(&sealed, "correct horse").unwrap(), [7; 32]);
		assert_eq!(open_master(&sealed, "correct hors"), Err(OpenError::Passphrase));
		let (wanted, found) = (Kind::Paillier, Kind::Worker);
		assert_eq!(open(&sealed, "correct horse").unwrap_err(), OpenError::Kind { wanted, found });
		assert_eq!((kind(&sealed), kind(&SEALED.1), kind("{}")), (Some(Kind::Worker), Some(Kind::Paillier), None));
		let (wanted, found) = (found, wanted);
		assert_eq!(open_master(&SEALED.1, "correct horse"), Err(OpenError::Kind { wanted, found }));
		// The kind is authenticated.
		let renamed = changed("/kind", |_| json!(Kind::Worker.label()));
		assert_eq!(open_master(&renamed, "correct horse"), Err(OpenError::Passphrase));
		assert_eq!(
			[Kind::Paillier, Kind::Worker].map(|kind| json!(kind)),
			[Kind::Paillier.label(), Kind::Worker.label()]
		);
	}

	#[test]
	fn file_and_debug_show_no_prime() {
		let (key, sealed) = &*SEALED;
		for prime in key.primes() {
			let prime = hex::encode(&prime[..8]);
			assert!(!sealed.contains(&prime) && !format!("{key:?}").contains(&prime));
		}
	}

	#[test]
	fn read_fails_for_invalid_files() {
		let damaged = |error: &OpenError| matches!(error, OpenError::Damaged(_));
		let passphrase = |error: &OpenError| *error == OpenError::Passphrase;
		for (name, text, phrase, expected) in [
			("empty", String::new(), "correct horse", &damaged as &dyn Fn(&OpenError) -> bool),
			("cut off", SEALED.1[..200].into(), "correct horse", &damaged),
			("other JSON", "{}".into(), "correct horse", &damaged),
			("newer", changed("/version", |_| json!(2)), "correct horse", &|error| *error == OpenError::Version(2)),
			("another kind", changed("/kind", |_| json!("rsa")), "correct horse", &damaged),
			("endless work", changed("/argon2id/memory_kib", |_| json!(u32::MAX)), "correct horse", &damaged),
			("wrong passphrase", SEALED.1.clone(), "correct hors", &passphrase),
			("no passphrase", SEALED.1.clone(), "", &passphrase),
			("another modulus", changed("/modulus", flipped), "correct horse", &passphrase),
			("another salt", changed("/argon2id/salt", flipped), "correct horse", &passphrase),
			("less memory", changed("/argon2id/memory_kib", |_| json!(32768)), "correct horse", &passphrase),
			("another nonce", changed("/nonce", flipped), "correct horse", &passphrase),
			("another key", changed("/sealed", flipped), "correct horse", &passphrase),
			("no key", changed("/sealed", |_| json!("")), "correct horse", &passphrase),
		] {
			let error = open(&text, phrase).expect_err(name);
			assert!(expected(&error), "{name}: {error}");
		}
	}

	#[test]
	fn file_is_private_and_not_overwritten() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("user.key");
		write(&path, "first").unwrap();
		assert!(matches!(write(&path, "second"), Err(WriteError::Exists(_))));
		assert_eq!(fs::read_to_string(&path).unwrap(), "first");
		assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
		#[cfg(unix)]
		{
			use std::os::unix::fs::PermissionsExt;
			assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
		}
		let missing = folder.path().join("missing").join("user.key");
		assert!(matches!(write(&missing, "text"), Err(WriteError::Io { .. })));
	}
}
