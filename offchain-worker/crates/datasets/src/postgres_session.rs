//! A session with PostgreSQL: a connection to the first of its servers that answers, in which nothing is waited for without
//! a limit.
//!
//! The limits are well below a stage of a job (300 s by default): an attempt that hangs is not repeated, and its job lost.

use crate::{
	connection,
	postgres_error::{failure, unavailable},
	ConnectionUrl, DataError,
};
use std::{future::Future, time::Duration};
use tokio::{
	net::lookup_host,
	time::{timeout, timeout_at, Instant},
};
use tokio_postgres::{config::Host, Client, Config, Error, NoTls, RowStream, Statement};

/// The timeout of connecting to one address, unless the URL has a `connect_timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The timeout of asking the server to stop.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(2);
const DEFAULT_PORT: u16 = 5432;

/// The limits of waiting.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
	/// For all that precedes the rows: connecting to any of the servers, and the columns of the table, which may be locked.
	pub(crate) start: Duration,
	/// For the first row, and for each next one.
	pub(crate) row: Duration,
}

/// The limits of workers and of the command line.
pub(crate) const LIMITS: Limits = Limits { start: Duration::from_secs(30), row: Duration::from_secs(90) };

/// A connection in a read-only transaction: one snapshot answers all its queries.
pub(crate) struct Session<'a> {
	client: Client,
	place: &'a str,
	/// When the columns must be known.
	start: Instant,
	row: Duration,
	/// Whether the database's text has no encoding: the server sends any bytes as they are, or refuses to.
	pub(crate) is_sql_ascii: bool,
}

impl<'a> Session<'a> {
	/// Connects to the first server of the URL that answers.
	pub(crate) async fn open(url: &ConnectionUrl, place: &'a str, limits: Limits) -> Result<Self, DataError> {
		let start = Instant::now() + limits.start;
		let (client, is_sql_ascii) = connect(url, place, start).await?;
		let session = Self { client, place, start, row: limits.row, is_sql_ascii };
		// Servers before version 12 would round floats.
		let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL extra_float_digits = 3";
		session.until(start, session.client.batch_execute(begin)).await?;
		Ok(session)
	}

	/// Prepares a query.
	pub(crate) async fn prepare(&self, sql: &str) -> Result<Statement, DataError> {
		self.until(self.start, self.client.prepare(sql)).await
	}

	/// Starts a query.
	pub(crate) async fn query(&self, sql: &str) -> Result<RowStream, DataError> {
		let none: [&str; 0] = [];
		self.next(self.client.query_raw(sql, none)).await
	}

	/// Waits for what comes next of a query.
	pub(crate) async fn next<T>(&self, next: impl Future<Output = Result<T, Error>>) -> Result<T, DataError> {
		self.until(Instant::now() + self.row, next).await
	}

	/// Waits for the server's answer, and stops what it does once that takes too long: it would go on, or wait for a lock,
	/// once for every attempt.
	async fn until<T>(&self, limit: Instant, answer: impl Future<Output = Result<T, Error>>) -> Result<T, DataError> {
		let began = Instant::now();
		match timeout_at(limit, answer).await {
			Ok(answered) => answered.map_err(|error| failure(self.place, &error)),
			Err(_) => {
				let _ = timeout(CANCEL_TIMEOUT, self.client.cancel_token().cancel_query(NoTls)).await;
				Err(silent(self.place, began))
			},
		}
	}
}

/// The error for a server that has not answered since `began`.
fn silent(place: &str, began: Instant) -> DataError {
	unavailable(place, format!("no answer within {} s", began.elapsed().as_secs_f64().round()))
}

/// Connects to one address after the other; whether the database's text has no encoding.
async fn connect(url: &ConnectionUrl, place: &str, limit: Instant) -> Result<(Client, bool), DataError> {
	let mut failed: Option<DataError> = None;
	for server in connection::servers(&url.config()?) {
		let addresses = match addresses(&server, place, limit).await {
			Ok(addresses) => addresses.into_iter().map(Ok).collect(),
			Err(error) => vec![Err(error)],
		};
		for address in addresses {
			let connected = match address {
				Ok(address) => connect_to(address, place, limit).await,
				Err(error) => Err(error),
			};
			match connected {
				Ok(connected) => return Ok(connected),
				// One that may answer later is worth another attempt, whatever the others say.
				Err(error) if failed.as_ref().is_none_or(|failed| !failed.is_transient()) => failed = Some(error),
				Err(_) => {},
			}
		}
	}
	Err(failed.unwrap_or_else(|| unavailable(place, "its name has no address".into())))
}

/// The parameters for each address of a server.
async fn addresses(server: &Config, place: &str, limit: Instant) -> Result<Vec<Config>, DataError> {
	let [Host::Tcp(name)] = server.get_hosts() else { return Ok(vec![server.clone()]) };
	if !server.get_hostaddrs().is_empty() {
		return Ok(vec![server.clone()]);
	}
	let port = server.get_ports().first().copied().unwrap_or(DEFAULT_PORT);
	let began = Instant::now();
	let found = timeout_at(limit.min(began + connect_timeout(server)), lookup_host((name.as_str(), port))).await;
	let found = found.map_err(|_| silent(place, began))?;
	let found = found.map_err(|error| unavailable(place, format!("cannot look up its name: {error}")))?;
	let with_address = |address: std::net::SocketAddr| {
		let mut server = server.clone();
		server.hostaddr(address.ip());
		server
	};
	Ok(found.map(with_address).collect())
}

async fn connect_to(mut server: Config, place: &str, limit: Instant) -> Result<(Client, bool), DataError> {
	server.application_name("encrytrust").keepalives_idle(Duration::from_secs(30));
	server.keepalives_interval(Duration::from_secs(10)).keepalives_retries(3);
	let began = Instant::now();
	let connected = timeout_at(limit.min(began + connect_timeout(&server)), server.connect(NoTls)).await;
	let (client, connection) = connected.map_err(|_| silent(place, began))?.map_err(|error| failure(place, &error))?;
	let is_sql_ascii = connection.parameter("server_encoding") == Some("SQL_ASCII");
	// Ends with the client; its error is also the query's, and may repeat what was sent: it is not logged.
	tokio::spawn(async { connection.await.unwrap_or_default() });
	Ok((client, is_sql_ascii))
}

fn connect_timeout(server: &Config) -> Duration {
	server.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT)
}
