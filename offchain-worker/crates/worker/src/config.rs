//! A worker's configuration: one TOML file. Relative paths start at the file's folder.
//!
//! ```toml
//! node = "ws://127.0.0.1:9944"
//! state = "state"                          # folder of database and blobs
//! roles = ["data-provider"]                # data-provider, computing-provider, coordinator
//! listen = "/ip4/0.0.0.0/tcp/4001"
//! announce = "/ip4/192.0.2.1/tcp/4001"     # what goes on chain; `listen` if left out
//! master_key = "master.key"                # made by `encrytrust keys worker-new`
//! master_passphrase = { file = "master.passphrase" }    # what opens it; or { env = "NAME" }
//! account = { file = "account.secret" }    # or { env = "NAME" }, or { uri = "//Alice" } in development
//! proxy_for = "5Grw…"                      # the account that has made `account` its proxy; left out: works for itself
//! watch = true                             # check every job of the chain; left out: only one's own
//!
//! [terms]                                  # what goes on chain: requests outside of them are refused. All may be left out
//! max_bond = "500"                         # in ETS: the most that one job may put at stake; 1,000 if left out
//! max_publication = 67108864               # bytes that a job may have to publish on chain; 64 MiB if left out
//! base_blocks = 10                         # blocks that a stage needs besides the time for the work
//! work_per_block = 100                     # ciphertexts that it makes or multiplies in a block
//! bytes_per_block = 1048576                # bytes that it fetches or serves in a block
//! buyers = ["5Grw…"]                       # whose jobs it takes; everybody's if left out
//! co_providers = ["5FHn…"]                 # with whom it takes jobs; with everybody if left out
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

use encrytrust_chain_client::{keypair, AccountId, BlockNumber, Keypair, NodeUrl, Terms};
use encrytrust_datasets::Source;
use encrytrust_job_client::{amounts::parse_ets, paths::GivenPath};
use encrytrust_types::{job::Role, DatasetId};
use serde::Deserialize;
use std::{
	collections::BTreeSet,
	env::{self, VarError},
	fs,
	path::{Path, PathBuf},
	str::FromStr,
};
use zeroize::Zeroizing;

/// What can be wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
	/// The file cannot be read.
	#[error("cannot read the configuration {path}: {source}")]
	Read {
		/// Which file.
		path: GivenPath,
		/// What the system said.
		source: std::io::Error,
	},
	/// It is not what it should be.
	#[error("the configuration {path} is wrong: {reason}")]
	Wrong {
		/// Which file.
		path: GivenPath,
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
	pub path: GivenPath,
	/// The node's URL.
	pub node: NodeUrl,
	/// Folder of database and blobs.
	pub state: GivenPath,
	/// The roles to play.
	pub roles: BTreeSet<Role>,
	/// The multiaddress to listen on.
	pub listen: String,
	/// The multiaddress that is registered on chain.
	pub announce: String,
	/// File of the master secret.
	pub master_key: GivenPath,
	/// What opens it.
	pub master_passphrase: Secret,
	/// The account's secret URI.
	pub account: Secret,
	/// What it asks of jobs.
	pub terms: Terms,
	/// The account that the worker works for, if that is not the one which signs: it has made that one its proxy.
	pub proxy_for: Option<AccountId>,
	/// Check every job of the chain, not only one's own.
	pub watch: bool,
	/// A computing provider's key.
	pub paillier: Option<PaillierFile>,
	/// The data sets' sources.
	pub datasets: Vec<DatasetEntry>,
}

/// Where a secret is. Debug shows nothing that may be the secret itself.
#[derive(Clone, Deserialize)]
#[serde(try_from = "WrittenSecret")]
pub enum Secret {
	/// In a file.
	File(GivenPath),
	/// In an environment variable.
	Env(String),
	/// Here: for development alone.
	Uri(Zeroizing<String>),
}

/// How a secret stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "{ file = \"…\" }, { env = \"…\" } or { uri = \"…\" }")]
struct WrittenSecret {
	file: Option<GivenPath>,
	env: Option<String>,
	uri: Option<String>,
}

impl TryFrom<WrittenSecret> for Secret {
	type Error = &'static str;

	fn try_from(written: WrittenSecret) -> Result<Self, Self::Error> {
		match (written.file, written.env, written.uri.map(Zeroizing::new)) {
			(Some(path), None, None) => Ok(Self::File(path)),
			(None, Some(name), None) => Ok(Self::Env(name)),
			(None, None, Some(uri)) => Ok(Self::Uri(uri)),
			_ => Err("say where a secret is by one of `file`, `env` and `uri`"),
		}
	}
}

impl std::fmt::Debug for Secret {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "Secret({})", self.place())
	}
}

impl Secret {
	/// The secret's text, without the line's end.
	pub fn read(&self, what: &'static str) -> Result<Zeroizing<String>, ConfigError> {
		let error = |reason| ConfigError::Secret { what, place: self.place(), reason };
		let text = match self {
			Self::File(path) => {
				Zeroizing::new(fs::read_to_string(&**path).map_err(|source| error(source.to_string()))?)
			},
			Self::Env(name) => Zeroizing::new(env::var(name).map_err(|source| match source {
				VarError::NotPresent => error("it is not set".into()),
				// The error holds the value.
				VarError::NotUnicode(_) => error("it is not UTF-8".into()),
			})?),
			Self::Uri(uri) => uri.clone(),
		};
		Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_string()))
	}
}

impl Secret {
	/// Where it is, for people. What looks as if somebody had written the secret in its place is left out.
	fn place(&self) -> String {
		match self {
			Self::File(path) => format!("the file {path}"),
			Self::Env(name) if is_variable(name) => format!("the environment variable {name}"),
			Self::Env(_) => "the environment variable that `env` names, which does not look like one".into(),
			Self::Uri(_) => "the configuration".into(),
		}
	}
}

fn is_variable(name: &str) -> bool {
	name.chars().all(|char| char.is_ascii_uppercase() || char.is_ascii_digit() || char == '_')
}

/// What is wrong with a TOML text and in which line. The library's own words show the line, which may hold a secret, and
/// repeat values, which may be one.
pub fn toml_error(text: &str, error: &toml::de::Error) -> String {
	let before = error.span().and_then(|span| text.get(..span.start));
	let line = before.map_or(String::new(), |before| format!("line {}: ", before.matches('\n').count() + 1));
	format!("{line}{}", without_value(&error.message().replace('\n', ", ")))
}

/// A message of serde without the value that it repeats. Keys are shown if they look like keys.
fn without_value(message: &str) -> String {
	let (said, expected) = match message.split_once(", expected") {
		Some((said, expected)) => (said, format!(", expected{expected}")),
		None => (message, String::new()),
	};
	let is_key = |char: char| char.is_ascii_alphanumeric() || "-_".contains(char);
	let has_value = ["invalid type", "invalid value", "invalid length", "unknown variant"]
		.iter()
		.any(|prefix| said.starts_with(prefix));
	let has_other_key = ["unknown field", "duplicate"].iter().any(|prefix| said.starts_with(prefix))
		&& !said.split('`').nth(1).is_some_and(|key| key.chars().all(is_key));
	if !has_value && !has_other_key {
		return message.into();
	}
	let words = said.split(['`', '"']).next().unwrap_or_default().trim_end();
	format!("{words}{expected}")
}

/// A Paillier key file with its passphrase.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaillierFile {
	/// The file.
	pub key: GivenPath,
	/// What opens it.
	pub passphrase: Secret,
}

/// A data set and where its rows are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DatasetEntry {
	/// The id on chain.
	pub id: DatasetId,
	/// The source; its keys stand beside the id.
	#[serde(flatten)]
	pub source: Source,
}

/// The terms as written, with the defaults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenTerms {
	max_bond: String,
	max_publication: u64,
	max_span: BlockNumber,
	base_blocks: BlockNumber,
	work_per_block: u32,
	bytes_per_block: u32,
	buyers: Option<Vec<String>>,
	co_providers: Option<Vec<String>>,
}

impl Default for WrittenTerms {
	fn default() -> Self {
		Self {
			max_bond: "1000".into(),
			max_publication: 64 << 20,
			max_span: 14_400,
			base_blocks: 10,
			work_per_block: 100,
			bytes_per_block: 1 << 20,
			buyers: None,
			co_providers: None,
		}
	}
}

impl WrittenTerms {
	fn parse(self) -> Result<Terms, String> {
		let accounts = |name: &str, list: Option<Vec<String>>| {
			let Some(list) = list else { return Ok(None) };
			let account = |text: &String| {
				text.parse::<AccountId>().map_err(|_| format!("`{name}`: '{text}' is no account: write it in SS58"))
			};
			let accounts = list.iter().map(account).collect::<Result<Vec<_>, _>>()?;
			accounts.try_into().map(Some).map_err(|_| format!("`{name}`: at most 64 accounts"))
		};
		for (name, rate) in [("work_per_block", self.work_per_block), ("bytes_per_block", self.bytes_per_block)] {
			if rate == 0 {
				return Err(format!("`{name}` is 0: no stage would ever be long enough"));
			}
		}
		Ok(Terms {
			base: self.base_blocks,
			work_per_block: self.work_per_block,
			bytes_per_block: self.bytes_per_block,
			max_bond: parse_ets(&self.max_bond).map_err(|error| format!("`max_bond`: {error}"))?,
			max_publication: self.max_publication,
			max_span: self.max_span,
			buyers: accounts("buyers", self.buyers)?,
			co_providers: accounts("co_providers", self.co_providers)?,
		})
	}
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
	master_passphrase: Option<Secret>,
	account: Secret,
	#[serde(default)]
	terms: WrittenTerms,
	proxy_for: Option<String>,
	#[serde(default)]
	watch: bool,
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
		let raw: Raw = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
		let folder = path.parent().unwrap_or(Path::new("."));
		let absolute = |path: &Path| GivenPath::from(folder.join(path));
		let secret = |secret: Secret| match secret {
			Secret::File(path) => Secret::File(absolute(&path)),
			other => other,
		};
		let roles: BTreeSet<Role> = raw.roles.iter().copied().collect();
		if roles.is_empty() && !raw.watch {
			return Err(
				"`roles` is empty: name data-provider, computing-provider or coordinator, or set `watch`".into()
			);
		}
		if roles.contains(&Role::ComputingProvider) && raw.paillier.is_none() {
			return Err("a computing provider needs the section [paillier] with `key` and `passphrase`".into());
		}
		let master_passphrase = raw.master_passphrase.ok_or(
			"`master_passphrase` is missing: say what opens `master_key`, by { file = \"…\" } or { env = \"…\" }",
		)?;
		let mut ids = BTreeSet::new();
		if let Some(twice) = raw.dataset.iter().find(|entry| !ids.insert(entry.id)) {
			return Err(format!("data set {} stands twice", twice.id));
		}
		for (field, address) in [("listen", Some(&raw.listen)), ("announce", raw.announce.as_ref())] {
			if address.is_some_and(|address| !address.starts_with('/')) {
				return Err(format!("`{field}` is not a multiaddress: write it like /ip4/192.0.2.1/tcp/4001"));
			}
		}
		let proxy_for = raw.proxy_for.map(|address| AccountId::from_str(&address)).transpose();
		let dataset = |entry: DatasetEntry| DatasetEntry { source: entry.source.relative_to(folder), ..entry };
		Ok(Self {
			path: path.into(),
			node: raw.node.as_str().into(),
			state: absolute(&raw.state),
			roles,
			announce: raw.announce.unwrap_or_else(|| raw.listen.clone()),
			listen: raw.listen,
			master_key: absolute(&raw.master_key),
			master_passphrase: secret(master_passphrase),
			account: secret(raw.account),
			terms: raw.terms.parse().map_err(|error| format!("[terms]: {error}"))?,
			proxy_for: proxy_for.map_err(|_| "`proxy_for` is not the address of an account".to_string())?,
			watch: raw.watch,
			paillier: raw
				.paillier
				.map(|file| PaillierFile { key: absolute(&file.key), passphrase: secret(file.passphrase) }),
			datasets: raw.dataset.into_iter().map(dataset).collect(),
		})
	}

	/// The key pair of the account that owns roles, datasets and bonds, which a proxy cannot change.
	///
	/// # Errors
	///
	/// If `account` is a proxy, or cannot be read.
	pub fn owner(&self) -> anyhow::Result<Keypair> {
		if let Some(owner) = &self.proxy_for {
			anyhow::bail!(
				"`account` of {} is a proxy that only works: sign this by {owner}, with a copy of the configuration that \
				 names its secret as `account` and has no `proxy_for`",
				self.path
			);
		}
		Ok(keypair(&self.account.read("account's secret")?)?)
	}

	/// The worker's database file.
	pub fn database(&self) -> PathBuf {
		self.state.join("worker.sqlite")
	}

	/// The folder of the worker's blobs.
	pub fn blobs(&self) -> PathBuf {
		self.state.join("blobs")
	}

	/// The source of a data set, by the file as it stands now: new ones need no restart.
	pub fn source(&self, id: DatasetId) -> Result<Option<Source>, ConfigError> {
		Ok(Self::read(&self.path)?.datasets.into_iter().find(|entry| entry.id == id).map(|entry| entry.source))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_types::token::ETS;

	const GOOD: &str = r#"
node = "ws://127.0.0.1:9944"
state = "state"
roles = ["data-provider", "coordinator"]
listen = "/ip4/127.0.0.1/tcp/4001"
master_key = "master.key"
master_passphrase = { file = "master.passphrase" }
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
		assert_eq!(&*config.state, Path::new("/etc/encrytrust/state"));
		assert!(format!("{:?}", config.master_passphrase).contains("/etc/encrytrust/master.passphrase"));
		assert_eq!(config.announce, config.listen);
		assert_eq!((config.terms.max_bond, config.watch), (1_000 * ETS, false));
		assert_eq!((config.terms.buyers, config.terms.co_providers), (None, None));
		assert!(parse(&GOOD.replace("roles", "watch = true\nroles")).unwrap().watch);
		let terms = "\n[terms]\nmax_bond = \"0.5\"\nbase_blocks = 7\n";
		let terms = parse(&format!("{GOOD}{terms}")).unwrap().terms;
		assert_eq!((terms.max_bond, terms.base, terms.work_per_block), (ETS / 2, 7, 100));
		assert_eq!(
			config.datasets,
			vec![DatasetEntry { id: 3, source: Source::Csv { path: "/etc/encrytrust/rows.csv".into() } }]
		);
	}

	#[test]
	fn owner_signs_what_a_proxy_cannot() {
		let config = parse(GOOD).unwrap();
		let alice: AccountId = encrytrust_chain_client::account_of(&config.owner().unwrap());
		assert_eq!(config.proxy_for, None);
		let proxy = parse(&format!("proxy_for = \"{alice}\"\n{}", GOOD.replace("//Alice", "//Bob"))).unwrap();
		assert_eq!(proxy.proxy_for, Some(alice.clone()));
		let refusal = proxy.owner().err().unwrap().to_string();
		assert!(refusal.contains(&format!("sign this by {alice}")), "{refusal}");
	}

	#[test]
	fn what_is_wrong_is_named() {
		let with = |from: &str, to: &str| GOOD.replace(from, to);
		for (name, text, error) in [
			("an unknown key", format!("nodes = 1\n{GOOD}"), "unknown field `nodes`"),
			("no node", with("node = \"ws://127.0.0.1:9944\"", ""), "missing field `node`"),
			("no role", with("[\"data-provider\", \"coordinator\"]", "[]"), "`roles` is empty"),
			(
				"a role that there is not",
				with("coordinator", "judge"),
				"line 4: unknown variant, expected one of `data-",
			),
			("a computing provider without key", with("coordinator", "computing-provider"), "[paillier]"),
			("an address that is none", with("/ip4/127.0.0.1/tcp/4001", "localhost:4001"), "multiaddress"),
			(
				"a bond that is no amount",
				format!("{GOOD}\n[terms]\nmax_bond = \"much\"\n"),
				"[terms]: `max_bond`: 'much' is not an amount",
			),
			("work that never ends", format!("{GOOD}\n[terms]\nwork_per_block = 0\n"), "`work_per_block` is 0"),
			("a buyer that is none", format!("{GOOD}\n[terms]\nbuyers = [\"Bob\"]\n"), "'Bob' is no account"),
			("an owner that is no account", format!("proxy_for = \"Alice\"\n{GOOD}"), "`proxy_for` is not the address"),
			("a data set twice", format!("{GOOD}[[dataset]]\nid = 3\ntype = \"csv\"\npath = \"b\"\n"), "stands twice"),
			(
				"a kind of source that there is not",
				with("\"csv\"", "\"xls\""),
				"unknown variant, expected one of `csv`",
			),
			("a source without table", with("\"csv\"", "\"sqlite\""), "`table`"),
			(
				"no passphrase of the master secret",
				with("master_passphrase = { file = \"master.passphrase\" }\n", ""),
				"`master_passphrase` is missing",
			),
			("no secret's place", with("uri =", "password ="), "line 8: unknown field `password`, expected"),
			("two places of a secret", with("{ uri", "{ env = \"A\", uri"), "by one of `file`, `env` and `uri`"),
			("no place of a secret", with("{ uri = \"//Alice\" }", "{}"), "by one of `file`, `env` and `uri`"),
			("not TOML", "roles".into(), "expected"),
		] {
			let found = parse(&text).expect_err(name);
			assert!(found.contains(error), "{name}: {found}");
		}
	}

	#[test]
	fn a_secret_is_read_and_never_shown() {
		let secret = Secret::Uri("//Alice".to_string().into());
		assert_eq!(&**secret.read("account").unwrap(), "//Alice");
		assert!(!format!("{secret:?}").contains("Alice"));
		let error = Secret::File("/nowhere/secret".into()).read("account").unwrap_err().to_string();
		assert!(error.contains("/nowhere/secret"), "{error}");
		let error = Secret::Env("ENCRYTRUST_NO_SUCH".into()).read("account").unwrap_err().to_string();
		assert!(error.contains("ENCRYTRUST_NO_SUCH: it is not set"), "{error}");
	}

	#[test]
	fn nothing_of_a_secret_is_in_any_error_of_a_configuration() {
		const PHRASE: &str = "zebra quilt vortex jazz oxygen kiwi zebra quilt vortex jazz oxygen kiwi";
		let account = |text: &str| GOOD.replace("{ uri = \"//Alice\" }", text);
		let source = |text: &str| GOOD.replace("type = \"csv\"\npath = \"rows.csv\"", text);
		let postgres = |url: &str| source(&format!("type = \"postgres\"\ntable = \"t\"\nurl = {url}"));
		let half = "postgres://u:zebra@quilt@h/d";
		let quoted = "\"postgres://u:zebra@quilt@h/d\"";
		let texts = [
			account(&format!("\"{PHRASE}\"")),
			account(PHRASE),
			account(&format!("{{ uri = {PHRASE} }}")),
			account(&format!("{{ uri = \"{PHRASE} }}")),
			account(&format!("{{ uri = [\"{PHRASE}\"] }}")),
			account(&format!("{{ uri = \"{PHRASE}\", file = \"x\" }}")),
			account(&format!("{{ seed = \"{PHRASE}\" }}")),
			account(&format!("{{ \"{PHRASE}\" = \"uri\" }}")),
			account("{ uri = 0x7a656272617a65627261 }"),
			GOOD.replace("{ file = \"master.passphrase\" }", &format!("\"{PHRASE}\"")),
			format!("{GOOD}\nuri = \"{PHRASE}\""),
			format!("{GOOD}\n{PHRASE}"),
			format!("{GOOD}\n[paillier]\nkey = \"k\"\npassphrase = \"{PHRASE}\""),
			format!("{GOOD}\n[paillier]\nkey = \"k\"\npassphrase = 73656372657473"),
			postgres(quoted),
			postgres(half),
			postgres(&format!("'{half}")),
			postgres(&format!("[{quoted}]")),
			postgres(&format!("{{ uri = {quoted} }}")),
			postgres("73656372657473"),
			source(&format!("type = {quoted}\ntable = \"t\"")),
			source(&format!("type = \"postgres\"\ntable = \"t\"\nurl = \"postgres://u:p@h/d\"\nother = {quoted}")),
			source(&format!("type = \"postgres\"\ntable = \"t\"\nurls = {quoted}")),
			GOOD.replace("id = 3", &format!("id = {quoted}")),
			GOOD.replace("\"data-provider\"", quoted),
			GOOD.replace("\"ws://127.0.0.1:9944\"", &format!("[{quoted}]")),
			GOOD.replace("\"/ip4/127.0.0.1/tcp/4001\"", quoted),
		];
		let secrets = [PHRASE, half, "73656372657473", "7a656272617a65627261", "zebra", "quilt"];
		for text in texts {
			let found = parse(&text).expect_err(&text);
			let shown = format!("{found} {:?}", ConfigError::Wrong { path: "x".into(), reason: found.clone() });
			for secret in secrets {
				for part in secret.as_bytes().windows(5) {
					let part = std::str::from_utf8(part).unwrap();
					let is_ours = "postgres://u:".contains(part);
					assert!(is_ours || !shown.contains(part), "{part} is in {shown}\n{text}");
				}
			}
		}
	}

	#[test]
	fn what_stands_in_a_secrets_place_is_not_shown_where_it_may_be_one() {
		const PHRASE: &str = "zebra quilt vortex jazz oxygen kiwi zebra quilt vortex jazz oxygen kiwi";
		let hard = format!("{PHRASE}//hard");
		for secret in [PHRASE, &hard, "//zebra", "zebra///quilt", "0x7a65627261", "0x7a65627261//hard", "zebra"] {
			let places = [format!("{{ file = \"{secret}\" }}"), format!("{{ env = \"{secret}\" }}")];
			for place in places.iter().filter(|place| !place.contains("file = \"zebra\"")) {
				let config = parse(&GOOD.replace("{ uri = \"//Alice\" }", place)).unwrap();
				let error = config.account.read("account").unwrap_err();
				for shown in [format!("{config:?}"), error.to_string(), format!("{error:?}")] {
					assert!(!shown.contains("zebra") && !shown.contains("7a65"), "{shown}");
				}
			}
		}
	}

	#[test]
	fn a_secret_in_a_key_files_place_is_not_shown() {
		let seed = "7a65".repeat(16);
		let paillier = format!("{GOOD}\n[paillier]\nkey = \"{seed}\"\npassphrase = {{ file = \"{seed}\" }}\n");
		let config = parse(&paillier.replace("master.key", &seed)).unwrap();
		assert!(!format!("{config:?}").contains("7a65"), "{config:?}");
	}

	#[test]
	fn a_configuration_is_shown_without_its_secrets() {
		let text = GOOD.replace("ws://", "ws://u:zebra@").replace("//Alice", "//quilt").replace(
			"type = \"csv\"\npath = \"rows.csv\"",
			"type = \"postgres\"\nurl = \"postgres://u:vortex@h/d\"\ntable = \"t\"",
		);
		let shown = format!("{:?}", parse(&text).unwrap());
		assert!(shown.contains("ws://127.0.0.1:9944") && shown.contains("PostgreSQL at h:5432/d"), "{shown}");
		for secret in ["zebra", "quilt", "vortex"] {
			assert!(!shown.contains(secret), "{shown}");
		}
	}
}
