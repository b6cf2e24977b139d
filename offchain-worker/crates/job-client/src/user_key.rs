//! A user's Paillier key file: made, opened in public, proven. The proofs are kept next to it.

use crate::{
	client::JobClient,
	files::write_private,
	paths::shown,
	progress::{Progress, Step},
};
use anyhow::{bail, Context, Result};
use encrytrust_chain_client::{AccountId, H256};
use encrytrust_paillier::{key_file, KeySize, PublicKey, SecretKey};
use encrytrust_protocol::keys;
use serde::Deserialize;
use std::{
	fs,
	path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Makes a Paillier key in a new file.
pub fn create(path: &Path, size: KeySize, passphrase: &str) -> Result<SecretKey> {
	if path.exists() {
		bail!("{} is there already: keys are never overwritten, choose another name", shown(path));
	}
	let key = SecretKey::generate(size);
	key_file::write(path, &key_file::seal(&key, passphrase))?;
	Ok(key)
}

/// A file with a new passphrase of 32 random bytes, for keys that no person opens.
pub fn random_passphrase(path: &Path) -> Result<Zeroizing<String>> {
	let mut bytes = Zeroizing::new([0u8; 32]);
	getrandom::fill(&mut *bytes).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
	let text = Zeroizing::new(hex::encode(*bytes));
	write_private(path, text.as_bytes()).with_context(|| format!("cannot write {}", shown(path)))?;
	Ok(text)
}

/// Opens a Paillier key file.
pub fn open(path: &Path, passphrase: &str) -> Result<SecretKey> {
	let text = fs::read_to_string(path).with_context(|| format!("cannot read the key {}", shown(path)))?;
	key_file::open(&text, passphrase).with_context(|| format!("cannot open {}", shown(path)))
}

/// A Paillier key file's public part, which needs no passphrase.
pub fn public_key(path: &Path) -> Result<PublicKey> {
	#[derive(Deserialize)]
	struct Public {
		modulus: String,
	}
	let text = fs::read_to_string(path)
		.with_context(|| format!("cannot read the key {}: make one with `encrytrust keys user-new`", shown(path)))?;
	let modulus = serde_json::from_str::<Public>(&text).ok().and_then(|public| hex::decode(public.modulus).ok());
	let modulus = modulus.with_context(|| format!("{} is not a Paillier key file", shown(path)))?;
	PublicKey::from_modulus(&modulus).with_context(|| format!("the key {} cannot be used", shown(path)))
}

impl JobClient {
	/// The proof that a user's key is sound, made once for each chain and account and kept next to the key. Only if it
	/// has to be made, the key is opened, on a thread for that.
	pub async fn ensure_proof(
		&self,
		key: &Path,
		owner: &AccountId,
		open: impl FnOnce(&Path) -> Result<SecretKey> + Send + 'static,
	) -> Result<Vec<u8>> {
		let genesis = self.chain.genesis();
		if let Some(proof) = proof_of(key, genesis, owner)? {
			return Ok(proof);
		}
		let path = key.to_path_buf();
		let secret = tokio::task::spawn_blocking(move || open(&path)).await??;
		let proof = prove(secret, genesis, owner, &*self.progress).await?;
		let path = proof_path(key, genesis, owner);
		let folder = path.parent().unwrap_or(Path::new("."));
		fs::create_dir_all(folder).with_context(|| format!("cannot create the folder {}", shown(folder)))?;
		write_private(&path, &proof).with_context(|| format!("cannot write {}", shown(&path)))?;
		Ok(proof)
	}
}

/// The proof next to a key, if it was made.
pub fn proof_of(key: &Path, genesis: H256, owner: &AccountId) -> Result<Option<Vec<u8>>> {
	let path = proof_path(key, genesis, owner);
	match fs::read(&path) {
		Ok(proof) => Ok(Some(proof)),
		Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
		Err(error) => Err(error).with_context(|| format!("cannot read {}", shown(&path))),
	}
}

/// Proves that a key is sound, which takes some seconds.
pub async fn prove(key: SecretKey, genesis: H256, owner: &AccountId, progress: &dyn Progress) -> Result<Vec<u8>> {
	progress.report(Step::ProvingKey);
	let owner = owner.clone();
	let proof = tokio::task::spawn_blocking(move || keys::prove(&key, genesis, &owner)).await?;
	progress.finish();
	Ok(proof)
}

/// `user.key` has its proofs in `user.key.proofs/`, named after chain and account.
fn proof_path(key: &Path, genesis: H256, owner: &AccountId) -> PathBuf {
	let mut name = key.file_name().unwrap_or_default().to_os_string();
	name.push(".proofs");
	key.with_file_name(name).join(format!("{}-{owner}", hex::encode(&genesis.0[..8])))
}
