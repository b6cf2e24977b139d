//! What commands share.

use anyhow::{bail, Context, Result};
use clap::Args;
use encrytrust_chain_client::{account_of, keypair, AccountId, Client, Keypair, NodeUrl};
pub(super) use encrytrust_job_client::names::{role_name, text};
use encrytrust_job_client::{Cache, JobClient};
pub(super) use encrytrust_terminal::table;
use encrytrust_terminal::{
	output::{json, line},
	Spinner,
};
use encrytrust_types::job::Role;
use encrytrust_worker::config::Secret;
use serde::Serialize;
use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// How long a command waits for a node.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the node is, and who signs.
#[derive(Clone, Debug, Args)]
pub(super) struct Chain {
	/// The node's RPC.
	#[arg(long, env = "ENCRYTRUST_URL", hide_env_values = true, default_value = "ws://127.0.0.1:9944", global = true)]
	pub(super) url: NodeUrl,
}

/// Where what is fetched is kept.
#[derive(Clone, Debug, Args)]
pub(super) struct Cached {
	/// Where what the parties publish is kept until the job is over, so that the next command goes on from there; what is there
	/// anybody may fetch. Else encrytrust/jobs in XDG_CACHE_HOME or ~/.cache.
	#[arg(long, env = "ENCRYTRUST_CACHE", hide_env_values = true, value_name = "FOLDER")]
	cache: Option<PathBuf>,
}

impl Cached {
	/// Of eight jobs at most, for a month at most.
	fn open(&self) -> Cache {
		let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
		let user = || variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
		let folder = self.cache.clone().or_else(|| Some(user()?.join("encrytrust").join("jobs")));
		folder.map_or_else(Cache::none, Cache::new)
	}
}

/// Who signs.
#[derive(Clone, Args)]
pub(super) struct Signer {
	/// File with the account's secret URI: twelve words, 0x and 64 hexadecimal digits, or //NAME.
	#[arg(long, value_name = "FILE", conflicts_with = "suri")]
	pub(super) suri_file: Option<PathBuf>,
	/// The account's secret URI. Others on this machine can see arguments: use it for development accounts alone.
	#[arg(long, value_name = "URI", env = "ENCRYTRUST_SURI", hide_env_values = true)]
	pub(super) suri: Option<String>,
}

impl std::fmt::Debug for Signer {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Signer").finish_non_exhaustive()
	}
}

impl Chain {
	/// Connects.
	pub(super) async fn connect(&self) -> Result<Client> {
		Ok(Client::connect(self.url.as_str(), Some(PATIENCE)).await?)
	}

	/// Connects, for jobs.
	pub(super) async fn jobs(&self) -> Result<JobClient> {
		Ok(JobClient::new(self.connect().await?, Arc::new(Spinner::default())))
	}

	/// The same, with what is fetched kept.
	pub(super) async fn jobs_with(&self, cached: &Cached) -> Result<JobClient> {
		Ok(self.jobs().await?.with_cache(cached.open()))
	}
}

impl Signer {
	/// The key pair.
	pub(super) fn keypair(&self) -> Result<Keypair> {
		let text = match (&self.suri_file, &self.suri) {
			(Some(path), _) => Secret::File(path.clone().into()).read("account's secret")?,
			(None, Some(uri)) => Zeroizing::new(uri.clone()),
			(None, None) => bail!("who signs? Give --suri-file FILE, or --suri URI, or set ENCRYTRUST_SURI"),
		};
		Ok(keypair(&text)?)
	}
}

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
	json: bool,
}

impl Output {
	/// JSON or text.
	pub(super) fn new(json: bool) -> Self {
		Self { json }
	}

	/// Whether JSON is asked for.
	pub(super) fn is_json(&self) -> bool {
		self.json
	}

	/// Prints a result: `value` as JSON, or what `text` makes of it.
	pub(super) fn print<T: Serialize>(&self, value: &T, text: impl FnOnce(&T) -> String) -> Result<()> {
		if self.json {
			json(&serde_json::to_string_pretty(value)?)?;
		} else {
			line(text(value).trim_end())?;
		}
		Ok(())
	}
}

/// An account by its address, by 0x and 64 hexadecimal digits, or by //NAME in development.
pub(super) fn account(text: &str) -> Result<AccountId, String> {
	if text.starts_with("//") {
		return keypair(text).map(|pair| account_of(&pair)).map_err(|error| error.to_string());
	}
	if let Some(digits) = text.strip_prefix("0x") {
		let mut bytes = [0; 32];
		return match hex::decode_to_slice(digits, &mut bytes) {
			Ok(()) => Ok(AccountId(bytes)),
			Err(_) => Err(format!("'{text}' is not an account: 0x needs 64 hexadecimal digits behind it")),
		};
	}
	AccountId::from_str(text).map_err(|error| format!("'{text}' is not an account's address: {error}"))
}

/// A role by its name.
pub(super) fn role(text: &str) -> Result<Role, String> {
	match text {
		"dp" | "data-provider" => Ok(Role::DataProvider),
		"cp" | "computing-provider" => Ok(Role::ComputingProvider),
		"cord" | "coordinator" => Ok(Role::Coordinator),
		other => Err(format!("'{other}' is not a role: write data-provider, computing-provider or coordinator")),
	}
}

/// A secret: from a file, or asked for in the terminal without echo.
pub(super) fn ask(file: Option<&PathBuf>, what: &'static str, prompt: &str, option: &str) -> Result<Zeroizing<String>> {
	if let Some(path) = file {
		return Ok(Secret::File(path.clone().into()).read(what)?);
	}
	let typed = rpassword::prompt_password(prompt);
	Ok(Zeroizing::new(typed.with_context(|| format!("give {option} FILE, or run this in a terminal"))?))
}

/// A Paillier passphrase: from a file, a variable, or asked for.
pub(super) fn passphrase(file: Option<&PathBuf>, prompt: &str) -> Result<Zeroizing<String>> {
	if let Some(path) = file {
		return Ok(Secret::File(path.clone().into()).read("passphrase")?);
	}
	if let Ok(text) = std::env::var("ENCRYTRUST_PASSPHRASE") {
		return Ok(Zeroizing::new(text));
	}
	let asked = rpassword::prompt_password(prompt);
	let hint = "give --passphrase-file FILE, or set ENCRYTRUST_PASSPHRASE, or run this in a terminal";
	Ok(Zeroizing::new(asked.context(hint)?))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn accounts_are_read_in_three_ways() {
		let alice = account("//Alice").unwrap();
		assert_eq!(account(&alice.to_string()), Ok(alice.clone()));
		assert_eq!(account(&format!("0x{}", hex::encode(alice.0))), Ok(alice));
		for bad in ["", "alice", "0x12", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQX"] {
			assert!(account(bad).is_err(), "{bad}");
		}
	}
}
