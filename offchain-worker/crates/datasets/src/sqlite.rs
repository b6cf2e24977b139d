//! SQLite databases.

use crate::{
	retry,
	table::{positions, CellSink, CellText, Header, RowPosition},
	CellFault, DataError, Relation, Retry,
};
use rusqlite::{types::ValueRef, Connection, Error, ErrorCode, OpenFlags, Statement};
use std::{path::Path, time::Duration};

/// How long a writer may block us.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// See [`crate::scan::header`].
pub(crate) fn columns(path: &Path, relation: &Relation, place: &str) -> Result<Vec<Header>, DataError> {
	let connection = open(path, place)?;
	let statement = prepare(&connection, relation, place)?;
	Ok(names_of(&statement, place)?.into_iter().map(Header::from).collect())
}

/// See [`crate::scan::read`].
pub(crate) fn read<S: CellSink>(
	path: &Path,
	relation: &Relation,
	place: &str,
	names: &[&str],
	sink: &mut S,
) -> Result<u64, S::Error> {
	let connection = open(path, place)?;
	let mut statement = prepare(&connection, relation, place)?;
	// By position: SQLite takes a quoted name that is no column for a text.
	let positions = positions(place, &names_of(&statement, place)?, names)?;
	let mut rows = statement.query([]).map_err(|error| failure(place, error))?;
	let mut count = 0;
	while let Some(row) = rows.next().map_err(|error| failure(place, error))? {
		count += 1;
		let at = RowPosition { place, row: count, line: None };
		for (index, position) in positions.iter().enumerate() {
			cell(index, row.get_ref(*position).map_err(|error| failure(place, error))?, at, sink)?;
		}
		sink.end_row()?;
	}
	Ok(count)
}

fn cell(index: usize, value: ValueRef<'_>, at: RowPosition<'_>, sink: &mut impl CellSink) -> Result<(), DataError> {
	match value {
		ValueRef::Null => sink.cell(index, Err(CellFault::Empty), at),
		ValueRef::Integer(value) => sink.cell(index, Ok(CellText::Number(&value.to_string())), at),
		// Rust prints the shortest decimal that reads back as this float: what was written, up to 15 digits.
		ValueRef::Real(value) => sink.cell(index, Ok(CellText::Number(&value.to_string())), at),
		// SQLite takes any bytes for text.
		ValueRef::Text(text) => {
			let text = std::str::from_utf8(text).map(CellText::Written);
			sink.cell(index, text.map_err(|_| CellFault::NotUtf8), at)
		},
		ValueRef::Blob(bytes) => sink.cell(index, Err(CellFault::Blob(bytes.len())), at),
	}
}

fn open(path: &Path, place: &str) -> Result<Connection, DataError> {
	// SQLite has the same error for both.
	match path.try_exists() {
		Ok(true) => {},
		Ok(false) => return Err(DataError::FileMissing(path.into())),
		Err(source) => return Err(DataError::Unreadable { path: path.into(), source }),
	}
	let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
	let connection = Connection::open_with_flags(path, flags).map_err(|error| failure(place, error))?;
	connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| failure(place, error))?;
	Ok(connection)
}

fn prepare<'a>(connection: &'a Connection, relation: &Relation, place: &str) -> Result<Statement<'a>, DataError> {
	check_definitions(connection, place)?;
	let sql = format!("SELECT * FROM {}", relation.sql_item());
	connection.prepare(&sql).map_err(|error| failure(place, error))
}

/// Whether all names are UTF-8: SQLite takes any bytes, and rusqlite panics at a name that is not. From UTF-16 SQLite
/// makes UTF-8 itself.
fn check_definitions(connection: &Connection, place: &str) -> Result<(), DataError> {
	let fail = |error| failure(place, error);
	let encoding: String = connection.pragma_query_value(None, "encoding", |row| row.get(0)).map_err(fail)?;
	if encoding != "UTF-8" {
		return Ok(());
	}
	let mut statement = connection.prepare("SELECT CAST(sql AS BLOB) FROM sqlite_schema").map_err(fail)?;
	let mut definitions = statement.query([]).map_err(fail)?;
	while let Some(row) = definitions.next().map_err(fail)? {
		if let ValueRef::Blob(sql) = row.get_ref(0).map_err(fail)? {
			std::str::from_utf8(sql).map_err(|_| DataError::NamesNotUtf8 { place: place.into() })?;
		}
	}
	Ok(())
}

/// The names of the columns, which must differ. In views and in queries inside others SQLite makes them differ: it calls
/// the second `age` `age:1`, and a fifth one by a random number.
fn names_of(statement: &Statement<'_>, place: &str) -> Result<Vec<String>, DataError> {
	let names: Vec<String> = statement.column_names().into_iter().map(String::from).collect();
	let is_copy = |name: &&str| names.iter().any(|other| is_renamed(other, name));
	match names.iter().map(String::as_str).find(is_copy) {
		Some(column) => Err(DataError::DuplicateColumn { place: place.into(), column: column.into() }),
		None => Ok(names),
	}
}

/// Whether `name` is what SQLite calls a second column `original`.
fn is_renamed(name: &str, original: &str) -> bool {
	name.rsplit_once(':').is_some_and(|(stem, number)| {
		stem.eq_ignore_ascii_case(original) && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
	})
}

fn failure(place: &str, error: Error) -> DataError {
	let reason = match &error {
		// Without the statement, which is generated.
		Error::SqlInputError { msg, .. } | Error::SqliteFailure(_, Some(msg)) => msg.clone(),
		other => other.to_string(),
	};
	match error.sqlite_error_code() {
		Some(ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied) => {
			DataError::AccessDenied { place: place.into(), reason }
		},
		// It has no code of its own.
		Some(_) if reason.starts_with("no such table") => DataError::TableMissing { place: place.into(), reason },
		code => DataError::of_database(code.map_or(Retry::Never, retry::of_sqlite), place, reason),
	}
}
