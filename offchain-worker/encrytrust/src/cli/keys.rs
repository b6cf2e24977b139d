//! `encrytrust keys`.

use super::common::{passphrase, Output};
use anyhow::{bail, Context, Result};
use encrytrust_job_client::{paths::shown, peers, user_key};
use encrytrust_paillier::{
	key_file::{self, Kind},
	KeySize, SecretKey,
};
use encrytrust_worker::{
	keys::{KeyError, MasterSecret},
	network::peer_key,
};
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
	#[command(after_help = "\
Examples:
  encrytrust keys worker-new master.key
  encrytrust keys worker-new master.key --passphrase-file master.passphrase")]
	WorkerNew {
		/// The new file.
		file: PathBuf,
		/// File with the passphrase; else ENCRYTRUST_PASSPHRASE, else it is asked for.
		#[arg(long, value_name = "FILE")]
		passphrase_file: Option<PathBuf>,
	},
	/// Encrypts a worker's master secret that stands in a file in the clear, as former versions made them.
	#[command(after_help = "Example:\n  encrytrust keys worker-encrypt old.key master.key")]
	WorkerEncrypt {
		/// The file as it is. It stays: erase it afterwards.
		old: PathBuf,
		/// The new file.
		new: PathBuf,
		/// File with the passphrase; else ENCRYTRUST_PASSPHRASE, else it is asked for.
		#[arg(long, value_name = "FILE")]
		passphrase_file: Option<PathBuf>,
	},
	/// Shows the public parts of a key file of either kind. A worker's is opened for that.
	#[command(after_help = "\
Examples:
  encrytrust keys show user.key --json
  encrytrust keys show master.key --passphrase-file master.passphrase")]
	Show {
		/// The file.
		file: PathBuf,
		/// File with the passphrase; else ENCRYTRUST_PASSPHRASE, else it is asked for.
		#[arg(long, value_name = "FILE")]
		passphrase_file: Option<PathBuf>,
	},
}

pub(super) async fn run(command: Command, output: &Output) -> Result<()> {
	match command {
		Command::UserNew { file, bits, passphrase_file } => {
			let size = if bits == "3072" { KeySize::Bits3072 } else { KeySize::Bits2048 };
			let passphrase = new_passphrase(passphrase_file.as_ref())?;
			let path = file.clone();
			tokio::task::spawn_blocking(move || user_key::create(&path, size, &passphrase)).await??;
			show_paillier(&file, output)
		},
		Command::WorkerNew { file, passphrase_file } => {
			write_master(MasterSecret::generate(), file, passphrase_file, output).await
		},
		Command::WorkerEncrypt { old, new, passphrase_file } => {
			write_master(MasterSecret::read_plain(&old)?, new, passphrase_file, output).await
		},
		Command::Show { file, passphrase_file } => show(&file, passphrase_file.as_ref(), output),
	}
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

/// Opens a Paillier key file, once its passphrase is known.
pub(super) fn secret_key(path: &Path, passphrase_file: Option<&PathBuf>) -> Result<SecretKey> {
	user_key::open(path, &passphrase(passphrase_file, "Passphrase: ")?)
}

/// Writes a master secret to a new file.
async fn write_master(
	secret: MasterSecret,
	file: PathBuf,
	passphrase_file: Option<PathBuf>,
	output: &Output,
) -> Result<()> {
	let passphrase = new_passphrase(passphrase_file.as_ref())?;
	let path = file.clone();
	let written = tokio::task::spawn_blocking(move || secret.write(&path, &passphrase).map(|()| secret));
	show_master(&file, &written.await??, output)
}

fn show(path: &Path, passphrase_file: Option<&PathBuf>, output: &Output) -> Result<()> {
	let text = fs::read_to_string(path).map(Zeroizing::new);
	let text = text.with_context(|| format!("cannot read the key file {}", shown(path)))?;
	match key_file::kind(&text) {
		Some(Kind::Paillier) => show_paillier(path, output),
		Some(Kind::Worker) => {
			let secret = MasterSecret::read(path, &passphrase(passphrase_file, "Passphrase: ")?)?;
			show_master(path, &secret, output)
		},
		None if MasterSecret::read_plain(path).is_ok() => Err(KeyError::Plain(path.into()).into()),
		None => bail!("{} is neither a Paillier key file nor a worker's", shown(path)),
	}
}

fn show_paillier(path: &Path, output: &Output) -> Result<()> {
	let key = user_key::public_key(path)?;
	let modulus = hex::encode(key.modulus_bytes());
	let value = json!({ "file": path, "kind": "paillier", "bits": key.size().bits(), "modulus": modulus });
	output.print(&value, |_| format!("{}: Paillier key of {} bits\nmodulus {modulus}", shown(path), key.size().bits()))
}

fn show_master(path: &Path, secret: &MasterSecret, output: &Output) -> Result<()> {
	let key = peer_key(secret);
	let sealing = hex::encode(secret.sealing().public());
	let peer = hex::encode(key);
	let peer_id = peers::peer_id(&key)?;
	let value = json!({ "file": path, "kind": "worker", "sealing": sealing, "peer": peer, "peer_id": peer_id });
	output.print(&value, |_| {
		format!("{}: a worker's keys\nsealing key  {sealing}\npeer key     {peer}\npeer id      {peer_id}", shown(path))
	})
}
