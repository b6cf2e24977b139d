//! `encrytrust keys`.

use super::common::{passphrase, Output};
use anyhow::{bail, Context, Result};
use encrytrust_job_client::{paths::shown, peers, user_key};
use encrytrust_paillier::{KeySize, SecretKey};
use encrytrust_worker::{keys::MasterSecret, network::peer_key};
use serde_json::json;
use std::path::{Path, PathBuf};
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
			tokio::task::spawn_blocking(move || user_key::create(&path, size, &passphrase)).await??;
			show(&file, output)
		},
		Command::WorkerNew { file } => {
			MasterSecret::create(&file)?;
			show(&file, output)
		},
		Command::Show { file } => show(&file, output),
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

fn show(path: &Path, output: &Output) -> Result<()> {
	if let Ok(key) = user_key::public_key(path) {
		let modulus = hex::encode(key.modulus_bytes());
		let value = json!({ "file": path, "kind": "paillier", "bits": key.size().bits(), "modulus": modulus });
		return output.print(&value, |_| {
			format!("{}: Paillier key of {} bits\nmodulus {modulus}", shown(path), key.size().bits())
		});
	}
	let secret = MasterSecret::read(path)
		.with_context(|| format!("{} is neither a Paillier key file nor a worker's", shown(path)))?;
	let key = peer_key(&secret);
	let sealing = hex::encode(secret.sealing().public());
	let peer = hex::encode(key);
	let peer_id = peers::peer_id(&key)?;
	let value = json!({ "file": path, "kind": "worker", "sealing": sealing, "peer": peer, "peer_id": peer_id });
	output.print(&value, |_| {
		format!("{}: a worker's keys\nsealing key  {sealing}\npeer key     {peer}\npeer id      {peer_id}", shown(path))
	})
}
