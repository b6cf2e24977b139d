//! PostgreSQL databases.

use crate::{
	retry,
	secrets::Secrets,
	source::quoted,
	table::{positions, CellSink, Header, RowPosition},
	CellFault, ConnectionUrl, DataError, LeftOut, Reason, Relation, Retry,
};
use futures::TryStreamExt;
use std::{future::Future, io, panic, pin::pin, thread, time::Duration};
use tokio::{runtime, time::timeout};
use tokio_postgres::{
	error::SqlState,
	types::{Kind, Type},
	Client, Column, Config, Error, NoTls, RowStream,
};

/// The timeout of connecting, unless the URL has a `connect_timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The timeout of a query's next row. A machine that is gone is noticed earlier, by keep-alives.
const NEXT_ROW_TIMEOUT: Duration = Duration::from_secs(600);

/// See [`crate::scan::header`].
pub(crate) fn columns(url: &ConnectionUrl, relation: &Relation, place: &str) -> Result<Vec<Header>, DataError> {
	block_on(url, relation, place, async { header_of(&connect(url, place).await?, relation, place).await })
}

/// See [`crate::scan::read`].
pub(crate) fn read<S: CellSink>(
	url: &ConnectionUrl,
	relation: &Relation,
	place: &str,
	names: &[&str],
	sink: &mut S,
) -> Result<u64, S::Error> {
	block_on(url, relation, place, async {
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
	})?
}

/// Gives all rows to `sink`, whose own error is the inner one. The server sends as fast as rows are taken: few are held
/// in memory.
async fn drain<S: CellSink>(
	rows: RowStream,
	width: usize,
	place: &str,
	sink: &mut S,
) -> Result<Result<u64, S::Error>, DataError> {
	let mut rows = pin!(rows);
	let mut count = 0;
	let late = |_| unavailable(place, format!("no row for {} s", NEXT_ROW_TIMEOUT.as_secs()));
	while let Some(row) =
		timeout(NEXT_ROW_TIMEOUT, rows.try_next()).await.map_err(late)?.map_err(|error| failure(place, &error))?
	{
		count += 1;
		let at = RowPosition { place, row: count, line: None };
		for index in 0..width {
			let text: Option<&str> = row.try_get(index).map_err(|error| failure(place, &error))?;
			sink.cell(index, text.ok_or(CellFault::Empty), at)?;
		}
		if let Err(error) = sink.end_row() {
			return Ok(Err(error));
		}
	}
	Ok(Ok(count))
}

/// A connection in a read-only transaction; one snapshot answers all its queries.
async fn connect(url: &ConnectionUrl, place: &str) -> Result<Client, DataError> {
	let config = configuration(url)?;
	let connect_timeout = config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT);
	let late = |_| unavailable(place, format!("no answer within {} s", connect_timeout.as_secs()));
	let connected = timeout(connect_timeout, config.connect(NoTls)).await.map_err(late)?;
	let (client, connection) = connected.map_err(|error| failure(place, &error))?;
	// Ends with the client; its error is also the query's, and may repeat what was sent: it is not logged.
	tokio::spawn(async { connection.await.unwrap_or_default() });
	// Servers before version 12 would round floats.
	let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL extra_float_digits = 3";
	client.batch_execute(begin).await.map_err(|error| failure(place, &error))?;
	Ok(client)
}

fn configuration(url: &ConnectionUrl) -> Result<Config, DataError> {
	let mut config = url.config()?;
	if config.get_connect_timeout().is_none() {
		config.connect_timeout(CONNECT_TIMEOUT);
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

/// Why a column's type has no numbers, and the cast that makes some; `None` if it has numbers, or if its text may be
/// one.
fn not_numeric(name: &str, kind: &Type) -> Option<LeftOut> {
	let column = quoted(name);
	if let Kind::Array(_) = kind.kind() {
		let explanation = format!("its type is an array; offer an item of it by a query with {column}[1] AS {column}");
		return Some(LeftOut::new(name, Reason::Array, explanation));
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
			let explanation = "its type is uuid: it looks like an id, and has no numbers";
			return Some(LeftOut::new(name, Reason::Id, explanation.into()));
		},
		Type::BYTEA | Type::VARBIT => {
			let explanation = format!("its type is {}, which has no numbers", type_name(kind));
			return Some(LeftOut::new(name, Reason::Type, explanation));
		},
		_ => return None,
	};
	let explanation = format!("its type is {}; offer it by a query with {cast} AS {column}", type_name(kind));
	Some(LeftOut::new(name, reason, explanation))
}

/// A type as SQL names it.
fn type_name(kind: &Type) -> &str {
	match kind.name() {
		"bool" => "boolean",
		other => other,
	}
}

/// Runs `work` on a thread of its own, so that it does not matter whether the caller has a runtime. A server's messages
/// may repeat what it was sent: the source's secrets are hidden in its errors.
fn block_on<T: Send>(
	url: &ConnectionUrl,
	relation: &Relation,
	place: &str,
	work: impl Future<Output = Result<T, DataError>> + Send,
) -> Result<T, DataError> {
	let run = || {
		let runtime = runtime::Builder::new_current_thread().enable_all().build();
		runtime.map_err(|error| unavailable(place, error.to_string()))?.block_on(work)
	};
	let done = thread::scope(|scope| scope.spawn(run).join().unwrap_or_else(|cause| panic::resume_unwind(cause)));
	done.map_err(|error| error.hiding(|text| Secrets::of(url, relation).hide(text)))
}

fn failure(place: &str, error: &Error) -> DataError {
	let Some(answer) = error.as_db_error() else { return failure_without_answer(place, error) };
	let code = answer.code().code();
	let reason = format!("SQLSTATE {code}: {}", answer.message());
	// Invalid authorization specification, insufficient privilege.
	if code.starts_with("28") || answer.code() == &SqlState::INSUFFICIENT_PRIVILEGE {
		return DataError::AccessDenied { place: place.into(), reason };
	}
	DataError::of_database(retry::of_sqlstate(code), place, reason)
}

/// An error of the client itself. Its kinds of errors differ only in their texts.
fn failure_without_answer(place: &str, error: &Error) -> DataError {
	let reason = reason(error);
	let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
	let refused = |reason| DataError::AccessDenied { place: place.into(), reason };
	match error.to_string().as_str() {
		// No password where one is needed, or a server that cannot prove that it knows it.
		"authentication error" | "invalid configuration" | "error performing TLS handshake" => refused(reason),
		"connection closed" | "timeout waiting for server" => unavailable(place, reason),
		"error connecting to server" | "error communicating with the server" => {
			match cause.map_or(Retry::UntilDeadline, retry::of_connection) {
				Retry::Never => refused(reason),
				retry => DataError::of_database(retry, place, reason),
			}
		},
		// Another protocol than PostgreSQL's, perhaps of a proxy.
		"unexpected message from server" | "error parsing response from server" => {
			DataError::of_database(Retry::FewTimes, place, reason)
		},
		_ => DataError::of_database(Retry::Never, place, reason),
	}
}

fn unavailable(place: &str, reason: String) -> DataError {
	DataError::of_database(Retry::UntilDeadline, place, reason)
}

/// An error with its causes: the first alone says little.
fn reason(error: &dyn std::error::Error) -> String {
	let causes = std::iter::successors(error.source(), |cause| cause.source());
	causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn client_errors_have_their_retry_class() {
		let url = |rest: &str| format!("postgres://u@{rest}?connect_timeout=5");
		let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
		for (url, retry, text) in [
			// The port is reserved: no server listens on it.
			(url("127.0.0.1:1/d"), Retry::UntilDeadline, "refused"),
			(url("%2Fnonexistent:1/d"), Retry::UntilDeadline, "No such file"),
			(url("no-such-host.invalid/d"), Retry::UntilDeadline, "lookup"),
		] {
			let config = url.parse::<ConnectionUrl>().unwrap().config().unwrap();
			let error = runtime.block_on(config.connect(NoTls)).err().unwrap();
			let failure = failure("x", &error);
			assert_eq!(failure.retry(), retry, "{failure}");
			assert!(failure.to_string().contains(text), "{failure}");
		}
	}
}
