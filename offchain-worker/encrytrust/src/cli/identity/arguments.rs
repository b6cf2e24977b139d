//! The commands and their arguments.

use super::key_text::public_key;
use crate::cli::common::{account, Chain, Signer};
use encrytrust_chain_client::AccountId;
use encrytrust_types::identity::{KeyId, PublicKey};
use std::path::PathBuf;

/// Commands about identity keys.
#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Command {
	/// Asks an authentication node to issue a key. What revokes it later is an answer only you know, and a recovery code
	/// of twelve words that is made now.
	#[command(after_help = "\
Examples:
  encrytrust identity request --public-key ed25519:0x… --key-file key.secret --node 5Ferdie… --suri-file account.secret
  encrytrust identity request --public-key ecdsa:0x… --possession 0x… --node 5Ferdie… --answer-file answer.txt --new-code-file code.txt --suri-file account.secret

The answer is the same however it is typed: case, spaces around it and the forms of letters do not matter. Write the twelve
words down and keep them away from this machine: without them the answer revokes nothing.")]
	Request {
		#[command(flatten)]
		key: NewKey,
		/// The authentication node that is asked.
		#[arg(long, value_name = "ACCOUNT", value_parser = account)]
		node: AccountId,
		/// File with the answer; it is asked for if left out.
		#[arg(long, value_name = "FILE")]
		answer_file: Option<PathBuf>,
		#[command(flatten)]
		sender: Sender,
	},
	/// Issues a key, once its owner is known to be who they say. For authentication nodes.
	#[command(after_help = "Example:\n  encrytrust identity issue 3 --suri-file node.secret")]
	Issue {
		/// The key's id.
		id: KeyId,
		#[command(flatten)]
		sender: Sender,
	},
	/// Refuses to issue a key; its owner gets the deposit back. For authentication nodes.
	#[command(after_help = "Example:\n  encrytrust identity refuse 3 --suri-file node.secret")]
	Refuse {
		/// The key's id.
		id: KeyId,
		#[command(flatten)]
		sender: Sender,
	},
	/// Removes a request that was not issued in time; its owner gets the deposit back. Anybody can.
	#[command(after_help = "Example:\n  encrytrust identity expire 3 --suri-file account.secret")]
	Expire {
		/// The key's id.
		id: KeyId,
		#[command(flatten)]
		sender: Sender,
	},
	/// Revokes a key, from any account, with a proof of knowing its answer and code that tells neither.
	#[command(after_help = "\
Examples:
  encrytrust identity revoke 3 --suri-file any.secret
  encrytrust identity revoke 3 --answer-file answer.txt --code-file code.txt --suri-file any.secret --json

A wrong answer or code is found here, before anything is sent or paid for.")]
	Revoke {
		/// The key's id.
		id: KeyId,
		#[command(flatten)]
		known: Known,
		#[command(flatten)]
		sender: Sender,
	},
	/// Puts another key into a key's place, with the same proof. The answer stays, the recovery code is a new one.
	#[command(after_help = "\
Examples:
  encrytrust identity rotate 3 --public-key sr25519:0x… --key-file key.secret --suri-file any.secret
  encrytrust identity rotate 3 --public-key sr25519:0x… --key-file key.secret --answer-file answer.txt --code-file old.txt --new-code-file new.txt --suri-file any.secret

The new key belongs to the account that the old one belonged to. Its deposit is held from the account that signs.")]
	Rotate {
		/// The key's id.
		id: KeyId,
		#[command(flatten)]
		known: Known,
		#[command(flatten)]
		key: NewKey,
		#[command(flatten)]
		sender: Sender,
	},
	/// Prints what a new key signs to be registered, for `--possession`: for a key whose secret is elsewhere.
	#[command(after_help = "\
Examples:
  encrytrust identity message --public-key ed25519:0x… --owner 5Bob…
  encrytrust identity message --public-key ed25519:0x… --owner 5Bob… --rotate

The message is 64 bytes, printed in hexadecimal; the key signs the bytes, not their digits.")]
	Message {
		/// The new key: sr25519:, ed25519: or ecdsa:, then 0x and its bytes in hexadecimal.
		#[arg(long, value_name = "TYPE:HEX", value_parser = public_key)]
		public_key: PublicKey,
		/// The account that requests the key, or whose key is rotated to it.
		#[arg(long, value_name = "ACCOUNT", value_parser = account)]
		owner: AccountId,
		/// The new key takes another's place.
		#[arg(long)]
		rotate: bool,
		#[command(flatten)]
		chain: Chain,
	},
	/// What keys an account has and had, and what became of them.
	#[command(after_help = "Example:\n  encrytrust identity status //Bob")]
	Status {
		/// Whose.
		#[arg(value_name = "ACCOUNT", value_parser = account)]
		who: AccountId,
		#[command(flatten)]
		chain: Chain,
	},
}

/// Who signs, and where to.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Sender {
	#[command(flatten)]
	pub(super) signer: Signer,
	#[command(flatten)]
	pub(super) chain: Chain,
}

/// A key to come, and how its secret is derived.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct NewKey {
	/// The key: sr25519:, ed25519: or ecdsa:, then 0x and its bytes in hexadecimal.
	#[arg(long, value_name = "TYPE:HEX", value_parser = public_key)]
	pub(super) public_key: PublicKey,
	/// File with the key's secret, which signs that it is yours: twelve words, 0x and 64 hexadecimal digits, or //NAME;
	/// of an ed25519 key, 0x and the 64 digits of its seed.
	#[arg(long, value_name = "FILE", required_unless_present = "possession", conflicts_with = "possession")]
	pub(super) key_file: Option<PathBuf>,
	/// The key's signature, in hexadecimal, over what `encrytrust identity message` prints: for a key whose secret is
	/// elsewhere.
	#[arg(long, value_name = "HEX")]
	pub(super) possession: Option<String>,
	/// New file for the new recovery code; else it is shown in the terminal, and asked for again.
	#[arg(long, value_name = "FILE")]
	pub(super) new_code_file: Option<PathBuf>,
	/// No recovery code: the answer alone revokes the key. Whoever guesses it can, and can try for ever unseen.
	#[arg(long, conflicts_with = "new_code_file")]
	pub(super) answer_only: bool,
	/// Memory that deriving the secret takes, in MiB: 16 to 256.
	#[arg(long, value_name = "MIB", default_value_t = 64)]
	pub(super) memory: u32,
	/// Passes over that memory: 1 to 8.
	#[arg(long, default_value_t = 3)]
	pub(super) passes: u32,
	/// Lanes of that memory: 1 to 4.
	#[arg(long, default_value_t = 1)]
	pub(super) lanes: u32,
}

/// What the owner of a key knows, and what proving it takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Known {
	/// File with the answer; it is asked for if left out.
	#[arg(long, value_name = "FILE")]
	pub(super) answer_file: Option<PathBuf>,
	/// File with the recovery code; it is asked for if left out.
	#[arg(long, value_name = "FILE")]
	pub(super) code_file: Option<PathBuf>,
	/// The key was asked for with --answer-only: there is no recovery code.
	#[arg(long, conflicts_with = "code_file")]
	pub(super) no_code: bool,
	/// The ceremony's proving key (proving_key.bin); development chains need none.
	#[arg(long, value_name = "FILE")]
	pub(super) proving_key: Option<PathBuf>,
}
