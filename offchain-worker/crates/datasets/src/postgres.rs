//! PostgreSQL databases.

use crate::{
	postgres_error::{failure, unavailable},
	postgres_session::{Limits, Session, LIMITS},
	secrets::Secrets,
	source::quoted,
	table::{positions, CellSink, CellText, Header, RowPosition},
	CellFault, ConnectionUrl, DataError, LeftOut, Reason, Relation,
};
use futures::TryStreamExt;
use std::{error::Error, future::Future, panic, pin::pin, thread};
use tokio::runtime;
use tokio_postgres::{
	types::{FromSql, Kind, Type},
	Column,
};

/// See [`crate::scan::header`].
pub(crate) fn columns(url: &ConnectionUrl, relation: &Relation, place: &str) -> Result<Vec<Header>, DataError> {
	block_on(url, relation, place, async {
		let session = Session::open(url, place, LIMITS).await?;
		header_of(&session, relation).await
	})
}

/// See [`crate::scan::read`].
pub(crate) fn read<S: CellSink>(
	url: &ConnectionUrl,
	relation: &Relation,
	place: &str,
	names: &[&str],
	sink: &mut S,
) -> Result<u64, S::Error> {
	read_within(LIMITS, url, relation, place, names, sink)
}

fn read_within<S: CellSink>(
	limits: Limits,
	url: &ConnectionUrl,
	relation: &Relation,
	place: &str,
	names: &[&str],
	sink: &mut S,
) -> Result<u64, S::Error> {
	block_on(url, relation, place, async {
		let session = Session::open(url, place, limits).await?;
		let header = header_of(&session, relation).await?;
		let there: Vec<String> = header.iter().map(|column| column.name.clone()).collect();
		let positions = positions(place, &there, names)?;
		// The text of some types reads as another number: the bits 1010 are ten.
		if let Some(column) = positions.iter().find_map(|position| header[*position].not_numeric.clone()) {
			return Err(DataError::Unfit { place: place.into(), column });
		}
		let text_of = |name: &&str| match session.is_sql_ascii {
			// As text the server would refuse the whole query for one cell.
			true => format!("convert_to({}::text, 'SQL_ASCII')", quoted(name)),
			false => format!("{}::text", quoted(name)),
		};
		let columns: Vec<String> = names.iter().map(text_of).collect();
		let sql = format!("SELECT {} FROM {}", columns.join(", "), relation.sql_item());
		let is_typed: Vec<bool> = positions.iter().map(|position| header[*position].is_typed).collect();
		drain(&session, &sql, &is_typed, place, sink).await
	})?
}

/// Gives all rows to `sink`, whose own error is the inner one. The server sends as fast as rows are taken: few are held
/// in memory.
async fn drain<S: CellSink>(
	session: &Session<'_>,
	sql: &str,
	is_typed: &[bool],
	place: &str,
	sink: &mut S,
) -> Result<Result<u64, S::Error>, DataError> {
	let mut rows = pin!(session.query(sql).await?);
	let mut count = 0;
	while let Some(row) = session.next(rows.try_next()).await? {
		count += 1;
		let at = RowPosition { place, row: count, line: None };
		for (index, is_typed) in is_typed.iter().enumerate() {
			let bytes: Option<RawText<'_>> = row.try_get(index).map_err(|error| failure(place, &error))?;
			sink.cell(index, text_of_cell(bytes, *is_typed), at)?;
		}
		if let Err(error) = sink.end_row() {
			return Ok(Err(error));
		}
	}
	Ok(Ok(count))
}

/// The bytes of a `text` or a `bytea`, which are the same.
struct RawText<'a>(&'a [u8]);

impl<'a> FromSql<'a> for RawText<'a> {
	fn from_sql(_: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
		Ok(Self(bytes))
	}

	fn accepts(kind: &Type) -> bool {
		matches!(*kind, Type::TEXT | Type::BYTEA)
	}
}

fn text_of_cell(bytes: Option<RawText<'_>>, is_typed: bool) -> Result<CellText<'_>, CellFault> {
	let RawText(bytes) = bytes.ok_or(CellFault::Empty)?;
	let text = std::str::from_utf8(bytes).map_err(|_| CellFault::NoEncoding)?;
	Ok(if is_typed { CellText::Number(text) } else { CellText::Written(text) })
}

async fn header_of(session: &Session<'_>, relation: &Relation) -> Result<Vec<Header>, DataError> {
	let statement = session.prepare(&format!("SELECT * FROM {}", relation.sql_item())).await?;
	let header = |column: &Column| {
		let name = column.name().to_string();
		Header { not_numeric: not_numeric(&name, column.type_()), is_typed: is_number(column.type_()), name }
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

/// Whether a type's values are numbers.
fn is_number(kind: &Type) -> bool {
	match kind.kind() {
		Kind::Domain(inner) => is_number(inner),
		_ => [Type::INT2, Type::INT4, Type::INT8, Type::FLOAT4, Type::FLOAT8, Type::NUMERIC, Type::OID].contains(kind),
	}
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
		let runtime = runtime.map_err(|error| unavailable(place, error.to_string()))?;
		let done = runtime.block_on(work);
		// The system may still be looking up a name.
		runtime.shutdown_background();
		done
	};
	let done = thread::scope(|scope| scope.spawn(run).join().unwrap_or_else(|cause| panic::resume_unwind(cause)));
	done.map_err(|error| error.hiding(|text| Secrets::of(url, relation).hide(text)))
}

#[cfg(test)]
mod tests;
