//! PostgreSQL databases.

use crate::{
	scan::{positions, At, Header, Sink},
	source::quoted,
	CellFault, DataError, LeftOut, Reason, Relation,
};
use futures::TryStreamExt;
use std::{env, future::Future, panic, pin::pin, str::FromStr, thread, time::Duration};
use tokio::{runtime, time::timeout};
use tokio_postgres::{
	config::{Host, SslMode},
	error::SqlState,
	types::{Kind, Type},
	Client, Column, Config, Error, NoTls, RowStream,
};

/// How long a server may take to let us in, unless the URL's `connect_timeout` says otherwise.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a query may take until its next row. A machine that is gone is noticed earlier, by keep-alives.
const NEXT_ROW: Duration = Duration::from_secs(600);

/// See [`crate::scan::header`].
pub(crate) fn columns(url: &str, relation: &Relation, place: &str) -> Result<Vec<Header>, DataError> {
	block_on(place, async { header_of(&connect(url, place).await?, relation, place).await })
}

/// See [`crate::scan::read`].
pub(crate) fn read(
	url: &str,
	relation: &Relation,
	place: &str,
	names: &[&str],
	sink: &mut dyn Sink,
) -> Result<u64, DataError> {
	block_on(place, async {
		let client = connect(url, place).await?;
		let header = header_of(&client, relation, place).await?;
		let there: Vec<String> = header.iter().map(|column| column.name.clone()).collect();
		let positions = positions(place, &there, names)?;
		// The text of some types reads as another number: the bits 1010 are ten.
		if let Some(column) = positions.iter().find_map(|position| header[*position].not_numeric.clone()) {
			return Err(DataError::Unfit { place: place.into(), column });
		}
		let columns: Vec<String> = names.iter().map(|name| format!("{}::text", quoted(name))).collect();
		let sql = format!("SELECT {} FROM {}", columns.join(", "), relation.sql_item());
		let none: [&str; 0] = [];
		let rows = client.query_raw(&sql, none).await.map_err(|error| failure(place, &error))?;
		drain(rows, names.len(), place, sink).await
	})
}

/// Gives all rows to `sink`. The server sends as fast as they are taken: little is held in memory.
async fn drain(rows: RowStream, width: usize, place: &str, sink: &mut dyn Sink) -> Result<u64, DataError> {
	let (mut rows, mut count) = (pin!(rows), 0);
	let late = |_| unavailable(place, format!("no row for {} s", NEXT_ROW.as_secs()));
	while let Some(row) =
		timeout(NEXT_ROW, rows.try_next()).await.map_err(late)?.map_err(|error| failure(place, &error))?
	{
		count += 1;
		let at = At { place, row: count, line: None };
		for index in 0..width {
			let text: Option<&str> = row.try_get(index).map_err(|error| failure(place, &error))?;
			sink.cell(index, text.ok_or(CellFault::Empty), at)?;
		}
		sink.end_row();
	}
	Ok(count)
}

/// Host, port and database of a URL, without user and password.
pub(crate) fn server(url: &str) -> String {
	let Ok(config) = Config::from_str(url) else { return "PostgreSQL at an unreadable URL".into() };
	let host = match config.get_hosts().first() {
		Some(Host::Tcp(host)) => host.clone(),
		Some(Host::Unix(path)) => path.display().to_string(),
		None => config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default(),
	};
	let port = config.get_ports().first().copied().unwrap_or(5432);
	format!("PostgreSQL at {host}:{port}/{}", config.get_dbname().or(config.get_user()).unwrap_or_default())
}

/// A connection in a read-only transaction; one snapshot answers all its queries.
async fn connect(url: &str, place: &str) -> Result<Client, DataError> {
	let config = configuration(url)?;
	let patience = config.get_connect_timeout().copied().unwrap_or(CONNECT);
	let late = |_| unavailable(place, format!("no answer within {} s", patience.as_secs()));
	let connected = timeout(patience, config.connect(NoTls)).await.map_err(late)?;
	let (client, connection) = connected.map_err(|error| failure(place, &error))?;
	// Ends with the client; its error is also the query's.
	tokio::spawn(async { connection.await.unwrap_or_else(|error| tracing::debug!(%error, "PostgreSQL connection")) });
	// Servers before version 12 would round floats.
	let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL extra_float_digits = 3";
	client.batch_execute(begin).await.map_err(|error| failure(place, &error))?;
	Ok(client)
}

fn configuration(url: &str) -> Result<Config, DataError> {
	let bad = |why: String| DataError::BadSource { why: format!("the PostgreSQL URL is not one: {why}") };
	let mut config = Config::from_str(url).map_err(|error| bad(reason(&error)))?;
	if config.get_ssl_mode() == SslMode::Require {
		return Err(bad("sslmode=require is not supported; use a local socket or a tunnel".into()));
	}
	if config.get_password().is_none() {
		if let Ok(password) = env::var("PGPASSWORD") {
			config.password(password);
		}
	}
	if config.get_connect_timeout().is_none() {
		config.connect_timeout(CONNECT);
	}
	config.application_name("encrytrust").keepalives_idle(Duration::from_secs(30));
	config.keepalives_interval(Duration::from_secs(10)).keepalives_retries(3);
	Ok(config)
}

async fn header_of(client: &Client, relation: &Relation, place: &str) -> Result<Vec<Header>, DataError> {
	let sql = format!("SELECT * FROM {}", relation.sql_item());
	let statement = client.prepare(&sql).await.map_err(|error| failure(place, &error))?;
	let header = |column: &Column| {
		let name = column.name().to_string();
		Header { not_numeric: not_numeric(&name, column.type_()), name }
	};
	Ok(statement.columns().iter().map(header).collect())
}

/// Why a column's type has no numbers, and the cast that makes some; `None` if it has, or if its text may be some.
fn not_numeric(name: &str, kind: &Type) -> Option<LeftOut> {
	let column = quoted(name);
	if let Kind::Array(_) = kind.kind() {
		let why = format!("its type is an array; offer an item of it by a query with {column}[1] AS {column}");
		return Some(LeftOut::new(name, Reason::Array, why));
	}
	let (reason, cast) = match *kind {
		Type::BOOL => (Reason::Boolean, format!("{column}::int")),
		Type::MONEY => (Reason::Money, format!("{column}::numeric")),
		Type::DATE => (Reason::Date, format!("{column} - DATE '1970-01-01'")),
		Type::TIMESTAMP | Type::TIMESTAMPTZ | Type::TIME | Type::TIMETZ | Type::INTERVAL => {
			(Reason::Date, format!("extract(epoch FROM {column})"))
		},
		Type::BIT => (Reason::Type, format!("{column}::int")),
		Type::UUID => {
			let why = "its type is uuid: it looks like an id, and has no numbers";
			return Some(LeftOut::new(name, Reason::Id, why.into()));
		},
		Type::BYTEA | Type::VARBIT => {
			let why = format!("its type is {}, which has no numbers", type_name(kind));
			return Some(LeftOut::new(name, Reason::Type, why));
		},
		_ => return None,
	};
	let why = format!("its type is {}; offer it by a query with {cast} AS {column}", type_name(kind));
	Some(LeftOut::new(name, reason, why))
}

/// A type as SQL names it.
fn type_name(kind: &Type) -> &str {
	match kind.name() {
		"bool" => "boolean",
		other => other,
	}
}

/// Runs `work` on a thread of its own, so that it does not matter whether the caller has a runtime.
fn block_on<T: Send>(place: &str, work: impl Future<Output = Result<T, DataError>> + Send) -> Result<T, DataError> {
	let run = || {
		let runtime = runtime::Builder::new_current_thread().enable_all().build();
		runtime.map_err(|error| unavailable(place, error.to_string()))?.block_on(work)
	};
	thread::scope(|scope| scope.spawn(run).join().unwrap_or_else(|cause| panic::resume_unwind(cause)))
}

fn failure(place: &str, error: &Error) -> DataError {
	let Some(answer) = error.as_db_error() else { return unavailable(place, reason(error)) };
	let (place, why) = (place.to_string(), answer.message().to_string());
	match answer.code() {
		&SqlState::INSUFFICIENT_PRIVILEGE => DataError::Refused { place, why },
		code => match &code.code()[..2] {
			// Connection exception, insufficient resources, operator intervention (shutdown).
			"08" | "53" | "57" => DataError::Unavailable { place, why },
			// Invalid authorization specification.
			"28" => DataError::Refused { place, why },
			_ => DataError::BadSql { place, why },
		},
	}
}

fn unavailable(place: &str, why: String) -> DataError {
	DataError::Unavailable { place: place.into(), why }
}

/// An error with its causes: the first alone says little.
fn reason(error: &dyn std::error::Error) -> String {
	let causes = std::iter::successors(error.source(), |cause| cause.source());
	causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
