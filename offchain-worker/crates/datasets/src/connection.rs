//! Connection URLs of PostgreSQL, which may hold a password: parsed here alone, and never shown.

use crate::DataError;
use serde::{de, Deserialize, Deserializer};
use std::{
	env, fmt,
	hash::{BuildHasher, RandomState},
	os::unix::ffi::OsStringExt,
	str::FromStr,
};
use tokio_postgres::{
	config::{Host, LoadBalanceHosts, SslMode},
	Config,
};
use zeroize::Zeroizing;

/// Options that a URL may have after its `?`.
const OPTIONS: [&str; 18] = [
	"user",
	"password",
	"dbname",
	"options",
	"application_name",
	"sslmode",
	"sslnegotiation",
	"host",
	"hostaddr",
	"port",
	"connect_timeout",
	"tcp_user_timeout",
	"keepalives",
	"keepalives_idle",
	"keepalives_interval",
	"keepalives_retries",
	"target_session_attrs",
	"channel_binding",
];
const ENCODE: &str =
	"a user name or password with @ / ? # % or a blank in it must be percent-encoded: write @ as %40, \
	/ as %2F, ? as %3F, # as %23, % as %25, a blank as %20; or leave the password out and set PGPASSWORD";
const FORMS: &str =
	"it is neither postgres://user:password@host:port/database nor host=… user=… password='…' dbname=…; \
	in the second form write ' as \\' and \\ as \\\\";

/// Where a PostgreSQL database is and who asks: `postgres://user[:password]@host[:port]/database[?options]`, or libpq's
/// `key=value` form.
///
/// Debug and Display name the server alone, errors repeat nothing of a URL, the text is overwritten when it is dropped,
/// and it cannot be serialised.
#[derive(Clone)]
pub struct ConnectionUrl {
	text: Zeroizing<String>,
	server: String,
}

impl FromStr for ConnectionUrl {
	type Err = DataError;

	fn from_str(text: &str) -> Result<Self, DataError> {
		let config =
			parse(text).map_err(|reason| DataError::BadSource { reason: format!("its PostgreSQL URL: {reason}") })?;
		Ok(Self { text: Zeroizing::new(text.into()), server: server(&config) })
	}
}

impl<'de> Deserialize<'de> for ConnectionUrl {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		Zeroizing::new(String::deserialize(deserializer)?).parse().map_err(de::Error::custom)
	}
}

impl fmt::Display for ConnectionUrl {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&self.server)
	}
}

impl fmt::Debug for ConnectionUrl {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "ConnectionUrl({self})")
	}
}

impl PartialEq for ConnectionUrl {
	fn eq(&self, other: &Self) -> bool {
		*self.text == *other.text
	}
}

impl Eq for ConnectionUrl {}

impl ConnectionUrl {
	/// The whole text, which may hold a password.
	pub(crate) fn secret_text(&self) -> &str {
		&self.text
	}

	/// The parameters to connect with: the password from the URL or else from PGPASSWORD.
	pub(crate) fn config(&self) -> Result<Config, DataError> {
		let mut config = parse(&self.text).map_err(|reason| DataError::BadSource { reason })?;
		if config.get_password().is_none() {
			if let Some(password) = env::var_os("PGPASSWORD") {
				config.password(Zeroizing::new(password.into_vec()).as_slice());
			}
		}
		Ok(config)
	}
}

/// The parameters of each server, in the order in which they are to be tried. That their numbers do not fit is left to the
/// client, which refuses it.
pub(crate) fn servers(config: &Config) -> Vec<Config> {
	let (hosts, addresses, ports) = (config.get_hosts(), config.get_hostaddrs(), config.get_ports());
	let count = hosts.len().max(addresses.len());
	let fits = |length: usize, usual: usize| length == count || length == usual;
	if !fits(hosts.len(), 0) || !fits(addresses.len(), 0) || !(fits(ports.len(), 1) || ports.is_empty()) {
		return vec![config.clone()];
	}
	let mut order: Vec<usize> = (0..count).collect();
	if config.get_load_balance_hosts() == LoadBalanceHosts::Random {
		let random = RandomState::new();
		order.sort_by_key(|index| random.hash_one(index));
	}
	let server = |index: usize| {
		let mut server = without_servers(config);
		match hosts.get(index) {
			Some(Host::Tcp(name)) => _ = server.host(name),
			Some(Host::Unix(path)) => _ = server.host_path(path),
			None => {},
		}
		addresses.get(index).map(|address| server.hostaddr(*address));
		ports.get(index).or(ports.first()).map(|port| server.port(*port));
		server
	};
	order.into_iter().map(server).collect()
}

/// All parameters but those that say where the servers are.
fn without_servers(config: &Config) -> Config {
	let mut copy = Config::new();
	config.get_user().map(|user| copy.user(user));
	config.get_password().map(|password| copy.password(password));
	config.get_dbname().map(|name| copy.dbname(name));
	config.get_options().map(|options| copy.options(options));
	config.get_application_name().map(|name| copy.application_name(name));
	config.get_connect_timeout().map(|timeout| copy.connect_timeout(*timeout));
	config.get_tcp_user_timeout().map(|timeout| copy.tcp_user_timeout(*timeout));
	copy.ssl_mode(config.get_ssl_mode())
		.ssl_negotiation(config.get_ssl_negotiation())
		.keepalives(config.get_keepalives())
		.target_session_attrs(config.get_target_session_attrs())
		.channel_binding(config.get_channel_binding())
		.load_balance_hosts(config.get_load_balance_hosts());
	copy
}

/// Parses a URL, or says what is wrong with it without repeating any of it.
fn parse(text: &str) -> Result<Config, String> {
	let rest = ["postgres://", "postgresql://"].iter().find_map(|scheme| text.strip_prefix(scheme));
	if let Some(rest) = rest {
		check_url(rest)?;
	}
	let config = Config::from_str(text).map_err(|error| reason(&error))?;
	if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
		return Err("it names no host".into());
	}
	// What was taken for a host may be the end of a password.
	if !config.get_hosts().iter().all(is_host) {
		return Err(format!("its host is not the name of one; {ENCODE}"));
	}
	if config.get_ssl_mode() == SslMode::Require {
		return Err("sslmode=require is not supported; use a local socket or a tunnel".into());
	}
	Ok(config)
}

/// The parser takes what is before the first @ for the credentials, whatever it is; this refuses what is ambiguous.
fn check_url(rest: &str) -> Result<(), String> {
	let (credentials, place) = rest.split_once('@').unwrap_or(("", rest));
	let in_credentials = |char: char| !char.is_ascii() || is_unreserved(char) || "!$&'()*+,;=:%".contains(char);
	let in_place = |char: char| in_credentials(char) || "/?[]".contains(char);
	if !credentials.chars().all(in_credentials) || !place.chars().all(in_place) || !are_escapes_whole(rest) {
		return Err(ENCODE.into());
	}
	let options = place.split_once('?').map_or("", |(_, options)| options);
	let known = |option: &str| option.split_once('=').is_some_and(|(key, _)| OPTIONS.contains(&key));
	match options.split('&').all(|option| option.is_empty() || known(option)) {
		true => Ok(()),
		false => Err(format!(
			"one of its options is not known; there are {}; write & in a password as %26",
			OPTIONS.join(", ")
		)),
	}
}

fn is_unreserved(char: char) -> bool {
	char.is_ascii_alphanumeric() || "-._~".contains(char)
}

/// Whether two hexadecimal digits follow each %.
fn are_escapes_whole(text: &str) -> bool {
	let is_escape = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
	text.split('%').skip(1).all(is_escape)
}

fn is_host(host: &Host) -> bool {
	match host {
		Host::Tcp(name) => name.chars().all(|char| !char.is_ascii() || is_unreserved(char) || char == ':'),
		Host::Unix(_) => true,
	}
}

/// The parser's own words repeat parts of what it reads, except about a value whose option it names.
fn reason(error: &tokio_postgres::Error) -> String {
	let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
	match cause.strip_prefix("invalid value for option") {
		Some(_) => cause,
		None => FORMS.into(),
	}
}

/// Host, port and database, without user and password.
fn server(config: &Config) -> String {
	let host = match config.get_hosts().first() {
		Some(Host::Tcp(host)) => host.clone(),
		Some(Host::Unix(path)) => path.display().to_string(),
		None => config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default(),
	};
	let port = config.get_ports().first().copied().unwrap_or(5432);
	// The database's name may be a whole connection string.
	let database = config.get_dbname().filter(|name| name.chars().all(|char| !char.is_ascii() || is_unreserved(char)));
	format!("PostgreSQL at {host}:{port}{}{}", if database.is_some() { "/" } else { "" }, database.unwrap_or_default())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::secrets::MIN_HIDDEN;

	/// Of each secret here no four characters in a row are in any message.
	const URLS: &[(&str, &str, Result<&str, &str>)] = &[
		("plain", "postgres://u:hush-wvut@db:5433/d", Ok("hush-wvut")),
		("plain, long scheme", "postgresql://u:hush-wvut@db:5433/d", Ok("hush-wvut")),
		("encoded @", "postgres://u:hush%40zqxv@db:5433/d", Ok("hush@zqxv")),
		("encoded / # ? % and blank", "postgres://u:hu%2Fsh%23zq%3Fxv%25%20j@db:5433/d", Ok("hu/sh#zq?xv% j")),
		("a colon", "postgres://u:hush:zqxv@db:5433/d", Ok("hush:zqxv")),
		("letters", "postgres://u:hüßh-zqxv@db:5433/d", Ok("hüßh-zqxv")),
		("in the options", "postgres://u@db:5433/d?password=hush%40zqxv", Ok("hush@zqxv")),
		("keys", "host=db port=5433 user=u password=hush-zqxv dbname=d", Ok("hush-zqxv")),
		("keys, quoted", "host=db port=5433 user=u password='hush @/#% zqxv' dbname=d", Ok("hush @/#% zqxv")),
		("keys, escaped", "host=db port=5433 user=u password='hush\\'zqxv' dbname=d", Ok("hush'zqxv")),
		("a bare @", "postgres://u:hush@zqxv@db:5433/d", Err("%40")),
		("a bare @ and no port", "postgres://reader:half@secrethalf@127.0.0.1/ward", Err("%40")),
		("a bare @ in the user", "postgres://us@zqxv:hush@db:5433/d", Err("%40")),
		("two bare @", "postgres://u:hu@sh@zqxv@db:5433/d", Err("%40")),
		("a bare /", "postgres://u:hush/zqxv@db:5433/d", Err("%2F")),
		("a bare #", "postgres://u:hush#zqxv@db:5433/d", Err("%23")),
		("a bare ?", "postgres://u:hush?zqxv@db:5433/d", Err("%3F")),
		("a bare %", "postgres://u:hush%zqxv@db:5433/d", Err("%25")),
		("a % at the end", "postgres://u:hushzqxv%@db:5433/d", Err("%25")),
		("a blank", "postgres://u:hush zqxv@db:5433/d", Err("%20")),
		("a quote", "postgres://u:hush\"zqxv@db:5433/d", Err("percent-encoded")),
		("a bracket", "postgres://u:hush[zqxv@db:5433/d", Err("percent-encoded")),
		("a line's end", "postgres://u:hush\nzqxv@db:5433/d", Err("percent-encoded")),
		("no host", "postgres://u:hushzqxv", Err("port")),
		("nothing behind @", "postgres://u:hushzqxv@", Err("no host")),
		("no such port", "postgres://u:hushzqxv@db:zqxvport/d", Err("`port`")),
		("a bare & in the options", "postgres://u@db/d?password=hush&zqxv", Err("%26")),
		("a bare & and = in the options", "postgres://u@db/d?password=hush&zqxv=1", Err("%26")),
		("a bare @ in the options", "postgres://u@db/d?password=hush@zqxv", Err("%40")),
		("an option of another name", "postgres://u@db/d?pass=hushzqxv", Err("not known")),
		("another scheme", "postgre://u:hushzqxv@db/d", Err("postgres://user")),
		("another scheme with options", "pg://u:hushzqxv@db/d?connect_timeout=1", Err("postgres://user")),
		("no scheme", "u:hushzqxv@db/d", Err("postgres://user")),
		("keys, a bare blank", "host=db user=u password=hush zqxv dbname=d", Err("password='…'")),
		("keys, a bare blank and =", "host=db user=u password=hush zqxv=1", Err("password='…'")),
		("keys, a bare quote", "host=db user=u password='hush'zqxv' dbname=d", Err("password='…'")),
		("keys, an open quote", "host=db user=u password='hushzqxv dbname=d", Err("password='…'")),
		("keys, an unknown one", "host=db user=u pwd=hushzqxv", Err("password='…'")),
		("keys, a host with @", "host=u:hush@zqxv user=u", Err("%40")),
		("TLS", "postgres://u:hushzqxv@db/d?sslmode=require", Err("sslmode=require is not supported")),
		("no such TLS mode", "postgres://u:hush@db/d?sslmode=zqxv", Err("`sslmode`")),
		("nothing", "", Err("no host")),
	];

	fn has_no_part(secret: &str, shown: &str, name: &str) {
		let secret: Vec<char> = secret.chars().collect();
		for part in secret.windows(MIN_HIDDEN).map(String::from_iter) {
			assert!(!shown.contains(&part), "{name}: {part} is in {shown}");
		}
	}

	#[test]
	fn url_is_parsed_or_refused_without_showing_its_secret() {
		for (name, url, expected) in URLS {
			let parsed = url.parse::<ConnectionUrl>();
			match (&parsed, expected) {
				(Ok(parsed), Ok(password)) => {
					let config = parsed.config().unwrap();
					assert_eq!(config.get_password(), Some(password.as_bytes()), "{name}");
					assert_eq!(parsed.to_string(), "PostgreSQL at db:5433/d", "{name}");
				},
				(Err(error), Err(reason)) => assert!(error.to_string().contains(reason), "{name}: {error}"),
				_ => panic!("{name}: {parsed:?}"),
			}
			let text = match &parsed {
				Ok(parsed) => format!("{parsed} {parsed:?}"),
				Err(error) => format!("{error} {error:?}"),
			};
			for secret in ["hush-wvut", "hush", "zqxv", "half@secrethalf", "hüßh-zqxv"] {
				has_no_part(secret, &text, name);
			}
		}
	}

	#[test]
	fn servers_have_their_own_place_and_all_other_parameters() {
		let rest =
			"user=u password=p dbname=d options='-c a=b' application_name=x sslmode=disable sslnegotiation=direct \
			connect_timeout=7 tcp_user_timeout=8 keepalives=0 target_session_attrs=read-only channel_binding=disable";
		let config = |text: String| text.parse::<Config>().unwrap();
		for (places, each) in [
			("host=a,b port=1,2", &["host=a port=1", "host=b port=2"][..]),
			("host=a,/b port=3", &["host=a port=3", "host=/b port=3"]),
			("hostaddr=127.0.0.1,::1", &["hostaddr=127.0.0.1", "hostaddr=::1"]),
			("host=a,b hostaddr=1.1.1.1,2.2.2.2", &["host=a hostaddr=1.1.1.1", "host=b hostaddr=2.2.2.2"]),
			("host=a,b hostaddr=1.1.1.1", &["host=a,b hostaddr=1.1.1.1"]),
			("host=a,b port=1,2,3", &["host=a,b port=1,2,3"]),
		] {
			let each: Vec<Config> = each.iter().map(|place| config(format!("{place} {rest}"))).collect();
			assert_eq!(servers(&config(format!("{places} {rest}"))), each, "{places}");
		}
		let random = servers(&config(format!("host=a,b,c load_balance_hosts=random {rest}")));
		assert!(["a", "b", "c"]
			.iter()
			.all(|host| random.iter().any(|server| server.get_hosts() == [Host::Tcp(host.to_string())])));
	}

	#[test]
	fn display_omits_database_that_may_be_a_connection_string() {
		for url in ["postgres://hush@db", "host=db dbname=postgres://u:hush@h/d", "host=db user=hush dbname='a hush'"] {
			let url: ConnectionUrl = url.parse().unwrap();
			assert_eq!(url.to_string(), "PostgreSQL at db:5432");
		}
	}
}
