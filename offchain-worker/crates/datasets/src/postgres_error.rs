//! What PostgreSQL's errors mean.

use crate::{cell_fault::CONVERT_IN_POSTGRES, retry, DataError, Retry};
use std::io;
use tokio_postgres::{error::SqlState, Error};

/// The error for what the server or the client says.
pub(crate) fn failure(place: &str, error: &Error) -> DataError {
	let Some(answer) = error.as_db_error() else { return failure_without_answer(place, error) };
	let code = answer.code();
	let reason = format!("SQLSTATE {}: {}", code.code(), answer.message());
	// Invalid authorization specification, insufficient privilege.
	if code.code().starts_with("28") || code == &SqlState::INSUFFICIENT_PRIVILEGE {
		return DataError::AccessDenied { place: place.into(), reason };
	}
	if [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME, SqlState::INVALID_CATALOG_NAME].contains(code) {
		return DataError::TableMissing { place: place.into(), reason };
	}
	let reason = match [SqlState::CHARACTER_NOT_IN_REPERTOIRE, SqlState::UNTRANSLATABLE_CHARACTER].contains(code) {
		true => format!("{reason}; leave the text out of the query, or {CONVERT_IN_POSTGRES}"),
		false => reason,
	};
	DataError::of_database(retry::of_sqlstate(code.code()), place, reason)
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

/// The error for a database that does not answer now.
pub(crate) fn unavailable(place: &str, reason: String) -> DataError {
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
	use crate::ConnectionUrl;
	use tokio::runtime;
	use tokio_postgres::NoTls;

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
