//! A worker's configuration: one TOML file. Relative paths start at the file's folder.
//!
//! ```toml
//! node = "ws://127.0.0.1:9944"
//! state = "state"                          # folder of database and blobs
//! roles = ["data-provider"]                # data-provider, computing-provider, coordinator
//! listen = "/ip4/0.0.0.0/tcp/4001"
//! announce = "/ip4/192.0.2.1/tcp/4001"     # what goes on chain; `listen` if left out
//! master_key = "master.key"                # made by `encrytrust keys worker-new`
//! account = { file = "account.secret" }    # or { env = "NAME" }, or { uri = "//Alice" } in development
//! max_bond = "500"                         # in ETS: jobs that put more at stake are declined; any bond if left out
//!
//! [paillier]                               # computing providers alone
//! key = "paillier.key"
//! passphrase = { env = "PAILLIER_PASSPHRASE" }
//!
//! [[dataset]]                              # read again whenever a job names the data set
//! id = 0
//! type = "csv"
//! path = "patients.csv"
//! ```

use crate::amounts::parse_ets;
use encrytrust_chain_client::Balance;
use encrytrust_datasets::Source;
use encrytrust_primitives::bmpc::{DataSetId, Role};
use serde::Deserialize;
use std::{
	collections::BTreeSet,
	fs,
	path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// What can be wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
	/// The file cannot be read.
	#[error("cannot read the configuration {}: {source}", path.display())]
	Read {
		/// Which file.
		path: PathBuf,
		/// What the system said.
		source: std::io::Error,
	},
	/// It is not what it should be.
	#[error("the configuration {} is wrong: {reason}", path.display())]
	Wrong {
		/// Which file.
		path: PathBuf,
		/// Where and why.
		reason: String,
	},
	/// A secret that it names is not there.
	#[error("cannot read the {what} from {place}: {reason}")]
	Secret {
		/// Which secret.
		what: &'static str,
		/// Where it should be.
		place: String,
		/// Why not.
		reason: String,
	},
}

/// A worker's configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
	/// The file it came from.
	pub path: PathBuf,
	/// The node's URL.
	pub node: String,
	/// Folder of database and blobs.
	pub state: PathBuf,
	/// The roles to play.
	pub roles: BTreeSet<Role>,
	/// The multiaddress to listen on.
	pub listen: String,
	/// The multiaddress that is registered on chain.
	pub announce: String,
	/// File of the master secret.
	pub master_key: PathBuf,
	/// The account's secret URI.
	pub account: Secret,
	/// The most that a job may put at stake.
	pub max_bond: Option<Balance>,
	/// A computing provider's key.
	pub paillier: Option<PaillierFile>,
	/// The data sets' sources.
	pub datasets: Vec<DatasetEntry>,
}

/// Where a secret is.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum Secret {
	/// In a file.
	File(PathBuf),
	/// In an environment variable.
	Env(String),
	/// Here: for development alone.
	Uri(String),
}

impl std::fmt::Debug for Secret {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		match self {
			Self::File(path) => f.debug_tuple("File").field(path).finish(),
			Self::Env(name) => f.debug_tuple("Env").field(name).finish(),
			Self::Uri(_) => f.write_str("Uri"),
		}
	}
}

impl Secret {
	/// The secret's text, without the line's end.
	pub fn read(&self, what: &'static str) -> Result<Zeroizing<String>, ConfigError> {
		let error = |place: String, reason: String| ConfigError::Secret { what, place, reason };
		let text = match self {
			Self::File(path) => fs::read_to_string(path)
				.map_err(|source| error(format!("the file {}", path.display()), source.to_string()))?,
			Self::Env(name) => std::env::var(name)
				.map_err(|source| error(format!("the environment variable {name}"), source.to_string()))?,
			Self::Uri(uri) => uri.clone(),
		};
		let text = Zeroizing::new(text);
		Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_string()))
	}
}

/// A Paillier key file with its passphrase.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaillierFile {
	/// The file.
	pub key: PathBuf,
	/// What opens it.
	pub passphrase: Secret,
}

/// A data set and where its rows are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DatasetEntry {
	/// The id on chain.
	pub id: DataSetId,
	/// The source; its keys stand beside the id.
	#[serde(flatten)]
	pub source: Source,
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
	node: String,
	state: PathBuf,
	roles: Vec<Role>,
	listen: String,
	announce: Option<String>,
	master_key: PathBuf,
	account: Secret,
	max_bond: Option<String>,
	paillier: Option<PaillierFile>,
	#[serde(default)]
	dataset: Vec<DatasetEntry>,
}

impl Config {
	/// Reads and checks a configuration file.
	pub fn read(path: &Path) -> Result<Self, ConfigError> {
		let text = fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.into(), source })?;
		Self::parse(path, &text).map_err(|reason| ConfigError::Wrong { path: path.into(), reason })
	}

	fn parse(path: &Path, text: &str) -> Result<Self, String> {
		let raw: Raw = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_string())?;
		let folder = path.parent().unwrap_or(Path::new("."));
		let absolute = |path: PathBuf| folder.join(path);
		let secret = |secret: Secret| match secret {
			Secret::File(path) => Secret::File(absolute(path)),
			other => other,
		};
		let roles: BTreeSet<Role> = raw.roles.iter().copied().collect();
		if roles.is_empty() {
			return Err("`roles` is empty: name data-provider, computing-provider or coordinator".into());
		}
		if roles.contains(&Role::ComputingProvider) && raw.paillier.is_none() {
			return Err("a computing provider needs the section [paillier] with `key` and `passphrase`".into());
		}
		let mut ids = BTreeSet::new();
		if let Some(twice) = raw.dataset.iter().find(|entry| !ids.insert(entry.id)) {
			return Err(format!("data set {} stands twice", twice.id));
		}
		for (field, address) in [("listen", Some(&raw.listen)), ("announce", raw.announce.as_ref())] {
			if address.is_some_and(|address| !address.starts_with('/')) {
				return Err(format!("`{field}` is not a multiaddress: write it like /ip4/192.0.2.1/tcp/4001"));
			}
		}
		let max_bond = raw.max_bond.map(|amount| parse_ets(&amount)).transpose();
		let dataset = |entry: DatasetEntry| DatasetEntry { source: entry.source.relative_to(folder), ..entry };
		Ok(Self {
			path: path.into(),
			node: raw.node,
			state: absolute(raw.state),
			roles,
			announce: raw.announce.unwrap_or_else(|| raw.listen.clone()),
			listen: raw.listen,
			master_key: absolute(raw.master_key),
			account: secret(raw.account),
			max_bond: max_bond.map_err(|error| format!("`max_bond`: {error}"))?,
			paillier: raw
				.paillier
				.map(|file| PaillierFile { key: absolute(file.key), passphrase: secret(file.passphrase) }),
			datasets: raw.dataset.into_iter().map(dataset).collect(),
		})
	}

	/// The worker's database file.
	pub fn database(&self) -> PathBuf {
		self.state.join("worker.sqlite")
	}

	/// The source of a data set, by the file as it stands now: new ones need no restart.
	pub fn source(&self, id: DataSetId) -> Result<Option<Source>, ConfigError> {
		Ok(Self::read(&self.path)?.datasets.into_iter().find(|entry| entry.id == id).map(|entry| entry.source))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const GOOD: &str = r#"
node = "ws://127.0.0.1:9944"
state = "state"
roles = ["data-provider", "coordinator"]
listen = "/ip4/127.0.0.1/tcp/4001"
master_key = "master.key"
account = { uri = "//Alice" }

[[dataset]]
id = 3
type = "csv"
path = "rows.csv"
"#;

	fn parse(text: &str) -> Result<Config, String> {
		Config::parse(Path::new("/etc/encrytrust/worker.toml"), text)
	}

	#[test]
	fn paths_start_at_the_files_folder() {
		let config = parse(GOOD).unwrap();
		assert_eq!(config.state, Path::new("/etc/encrytrust/state"));
		assert_eq!(config.announce, config.listen);
		assert_eq!(config.max_bond, None);
		assert_eq!(parse(&format!("max_bond = \"0.5\"\n{GOOD}")).unwrap().max_bond, Some(500_000_000_000));
		assert_eq!(
			config.datasets,
			vec![DatasetEntry { id: 3, source: Source::Csv { path: "/etc/encrytrust/rows.csv".into() } }]
		);
	}

	#[test]
	fn what_is_wrong_is_named() {
		let with = |from: &str, to: &str| GOOD.replace(from, to);
		for (name, text, error) in [
			("an unknown key", format!("nodes = 1\n{GOOD}"), "unknown field `nodes`"),
			("no node", with("node = \"ws://127.0.0.1:9944\"", ""), "missing field `node`"),
			("no role", with("[\"data-provider\", \"coordinator\"]", "[]"), "`roles` is empty"),
			("a role that there is not", with("coordinator", "judge"), "unknown variant `judge`"),
			("a computing provider without key", with("coordinator", "computing-provider"), "[paillier]"),
			("an address that is none", with("/ip4/127.0.0.1/tcp/4001", "localhost:4001"), "multiaddress"),
			("a bond that is no amount", format!("max_bond = \"much\"\n{GOOD}"), "`max_bond`: 'much' is not an amount"),
			("a data set twice", format!("{GOOD}[[dataset]]\nid = 3\ntype = \"csv\"\npath = \"b\"\n"), "stands twice"),
			("a kind of source that there is not", with("\"csv\"", "\"xls\""), "unknown variant `xls`"),
			("a source without table", with("\"csv\"", "\"sqlite\""), "`table`"),
			("no secret's place", with("uri =", "password ="), "unknown variant `password`"),
			("not TOML", "roles".into(), "expected"),
		] {
			let found = parse(&text).expect_err(name);
			assert!(found.contains(error), "{name}: {found}");
		}
	}

	#[test]
	fn a_secret_is_read_and_never_shown() {
		let secret = Secret::Uri("//Alice".into());
		assert_eq!(&**secret.read("account").unwrap(), "//Alice");
		assert!(!format!("{secret:?}").contains("Alice"));
		let error = Secret::File("/nowhere/secret".into()).read("account").unwrap_err().to_string();
		assert!(error.contains("/nowhere/secret"), "{error}");
	}
}
