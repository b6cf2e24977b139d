//! `encrytrust keys`.

use super::common::{passphrase, spinner, Output};
use crate::{
	keys::MasterSecret,
	network,
	output::{shown, write_private},
	protocol,
};
use anyhow::{bail, Context, Result};
use encrytrust_chain_client::{AccountId, H256};
use encrytrust_paillier::{key_file, KeySize, PublicKey, SecretKey};
use serde::Deserialize;
use serde_json::json;
use std::{
	fs,
	path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Commands about key files.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
	/// Makes a Paillier key: results are encrypted under a user's; computing providers register one as well.
	#[command(after_help = "\
Examples:
  encrytrust keys user-new user.key
  encrytrust keys user-new user.key --bits 3072 --passphrase-file passphrase.txt")]
	UserNew {
		/// The new file.
		file: PathBuf,
		/// 2048 or 3072.
		#[arg(long, default_value = "2048", value_parser = ["2048", "3072"])]
		bits: String,
		/// File with the passphrase; else ENCRYTRUST_PASSPHRASE, else it is asked for.
		#[arg(long, value_name = "FILE")]
		passphrase_file: Option<PathBuf>,
	},
	/// Makes a worker's master secret, from which its sealing key and its libp2p identity follow.
	#[command(after_help = "Example:\n  encrytrust keys worker-new master.key")]
	WorkerNew {
		/// The new file.
		file: PathBuf,
	},
	/// Shows the public parts of a key file of either kind.
	#[command(after_help = "Example:\n  encrytrust keys show user.key --json")]
	Show {
		/// The file.
		file: PathBuf,
	},
}

pub(super) async fn run(command: Command, output: &Output) -> Result<()> {
	match command {
		Command::UserNew { file, bits, passphrase_file } => {
			let size = if bits == "3072" { KeySize::Bits3072 } else { KeySize::Bits2048 };
			let passphrase = new_passphrase(passphrase_file.as_ref())?;
			let path = file.clone();
			tokio::task::spawn_blocking(move || new_paillier(&path, size, &passphrase)).await??;
			show(&file, output)
		},
		Command::WorkerNew { file } => {
			MasterSecret::create(&file)?;
			show(&file, output)
		},
		Command::Show { file } => show(&file, output),
	}
}

/// Makes a Paillier key in a new file.
pub(crate) fn new_paillier(path: &Path, size: KeySize, passphrase: &str) -> Result<SecretKey> {
	if path.exists() {
		bail!("{} is there already: keys are never overwritten, choose another name", shown(path));
	}
	let key = SecretKey::generate(size);
	key_file::write(path, &key_file::seal(&key, passphrase))?;
	Ok(key)
}

/// A file with a new passphrase of 32 random bytes, for keys that no person opens.
pub(crate) fn random_passphrase(path: &Path) -> Result<Zeroizing<String>> {
	let mut bytes = Zeroizing::new([0u8; 32]);
	getrandom::fill(&mut *bytes).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
	let text = Zeroizing::new(hex::encode(*bytes));
	write_private(path, text.as_bytes()).with_context(|| format!("cannot write {}", shown(path)))?;
	Ok(text)
}

fn new_passphrase(file: Option<&PathBuf>) -> Result<Zeroizing<String>> {
	let asked = file.is_none() && std::env::var_os("ENCRYTRUST_PASSPHRASE").is_none();
	let first = passphrase(file, "New passphrase: ")?;
	if first.is_empty() {
		bail!("the passphrase is empty: whoever gets the file could use the key");
	}
	if asked && *passphrase(file, "Again: ")? != *first {
		bail!("the two passphrases differ: nothing was made");
	}
	Ok(first)
}

/// A Paillier key file's public part, which needs no passphrase.
pub(crate) fn public_key(path: &Path) -> Result<PublicKey> {
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

/// The proof that a user's key is sound, made once for each chain and account and kept beside the key.
pub(crate) async fn ensure_proof(
	key: &Path,
	genesis: H256,
	owner: &AccountId,
	passphrase_file: Option<PathBuf>,
) -> Result<Vec<u8>> {
	if let Some(proof) = proof_of(key, genesis, owner)? {
		return Ok(proof);
	}
	let path = key.to_path_buf();
	let secret = tokio::task::spawn_blocking(move || secret_key(&path, passphrase_file.as_ref())).await??;
	let proof = prove(secret, genesis, owner).await?;
	let path = proof_path(key, genesis, owner);
	let folder = path.parent().unwrap_or(Path::new("."));
	fs::create_dir_all(folder).with_context(|| format!("cannot create the folder {}", shown(folder)))?;
	write_private(&path, &proof).with_context(|| format!("cannot write {}", shown(&path)))?;
	Ok(proof)
}

/// The proof beside a key, if it was made.
pub(crate) fn proof_of(key: &Path, genesis: H256, owner: &AccountId) -> Result<Option<Vec<u8>>> {
	let path = proof_path(key, genesis, owner);
	match fs::read(&path) {
		Ok(proof) => Ok(Some(proof)),
		Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
		Err(error) => Err(error).with_context(|| format!("cannot read {}", shown(&path))),
	}
}

/// Proves that a key is sound, which takes some seconds.
pub(crate) async fn prove(key: SecretKey, genesis: H256, owner: &AccountId) -> Result<Vec<u8>> {
	let bar = spinner("proving that the key is sound");
	let owner = owner.clone();
	let proof = tokio::task::spawn_blocking(move || protocol::keys::prove(&key, genesis, &owner)).await?;
	bar.finish_and_clear();
	Ok(proof)
}

/// `user.key` has its proofs in `user.key.proofs/`, named after chain and account.
fn proof_path(key: &Path, genesis: H256, owner: &AccountId) -> PathBuf {
	let mut name = key.file_name().unwrap_or_default().to_os_string();
	name.push(".proofs");
	key.with_file_name(name).join(format!("{}-{owner}", hex::encode(&genesis.0[..8])))
}

/// Opens a Paillier key file.
pub(crate) fn secret_key(path: &Path, passphrase_file: Option<&PathBuf>) -> Result<SecretKey> {
	let text = fs::read_to_string(path).with_context(|| format!("cannot read the key {}", shown(path)))?;
	let passphrase = passphrase(passphrase_file, "Passphrase: ")?;
	key_file::open(&text, &passphrase).with_context(|| format!("cannot open {}", shown(path)))
}

fn show(path: &Path, output: &Output) -> Result<()> {
	if let Ok(key) = public_key(path) {
		let modulus = hex::encode(key.modulus_bytes());
		let value = json!({ "file": path, "kind": "paillier", "bits": key.size().bits(), "modulus": modulus });
		return output.print(&value, |_| {
			format!("{}: Paillier key of {} bits\nmodulus {modulus}", shown(path), key.size().bits())
		});
	}
	let secret = MasterSecret::read(path)
		.with_context(|| format!("{} is neither a Paillier key file nor a worker's", shown(path)))?;
	let peer_key = network::peer_key(&secret);
	let (sealing, peer) = (hex::encode(secret.sealing().public()), hex::encode(peer_key));
	let peer_id = network::peer_id(&peer_key)?;
	let value = json!({ "file": path, "kind": "worker", "sealing": sealing, "peer": peer, "peer_id": peer_id });
	output.print(&value, |_| {
		format!("{}: a worker's keys\nsealing key  {sealing}\npeer key     {peer}\npeer id      {peer_id}", shown(path))
	})
}
