//! Which errors are transient: whether the same call may succeed later without a change by anyone.
//!
//! Where a class of errors has both kinds, it is [`Retry::FewTimes`]: a wrong guess then costs seconds.

use rusqlite::ErrorCode;
use std::io;
use Retry::{FewTimes, Never, UntilDeadline};

/// How often to retry a call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
	/// The cause passes by itself, as a lock or a restart does: as long as there is time.
	UntilDeadline,
	/// The cause may pass, but may well come again each time, as a statement timeout does: a few times.
	FewTimes,
	/// The same call fails again until someone changes something.
	Never,
}

/// PostgreSQL's error classes: all of Appendix A of its manual.
const SQLSTATE_CLASSES: &[(&str, Retry)] = &[
	("00", Never),         // successful completion
	("01", Never),         // warning
	("02", Never),         // no data
	("03", Never),         // SQL statement not yet complete
	("08", UntilDeadline), // connection exception
	("09", Never),         // triggered action exception
	("0A", Never),         // feature not supported
	("0B", Never),         // invalid transaction initiation
	("0F", Never),         // locator exception
	("0L", Never),         // invalid grantor
	("0P", Never),         // invalid role specification
	("0Z", Never),         // diagnostics exception
	("10", Never),         // XQuery error
	("20", Never),         // case not found
	("21", Never),         // cardinality violation
	("22", Never),         // data exception
	("23", Never),         // integrity constraint violation
	("24", Never),         // invalid cursor state
	("25", Never),         // invalid transaction state, writing in a read-only transaction
	("26", Never),         // invalid SQL statement name: a pooler that forgets prepared statements
	("27", Never),         // triggered data change violation
	("28", Never),         // invalid authorization specification: a wrong password, TLS required
	("2B", Never),         // dependent privilege descriptors still exist
	("2D", Never),         // invalid transaction termination
	("2F", Never),         // SQL routine exception
	("34", Never),         // invalid cursor name
	("38", FewTimes),      // external routine exception: whatever a function does outside
	("39", FewTimes),      // external routine invocation exception
	("3B", Never),         // savepoint exception
	("3D", FewTimes),      // invalid catalog name: no such database, perhaps for as long as it is restored
	("3F", FewTimes),      // invalid schema name
	("40", UntilDeadline), // transaction rollback: serialisation, deadlock, conflict with recovery on a replica
	("42", Never),         // syntax error or access rule violation
	("44", Never),         // WITH CHECK OPTION violation
	("53", UntilDeadline), // insufficient resources
	("54", Never),         // program limit exceeded
	("55", FewTimes),      // object not in prerequisite state
	("57", UntilDeadline), // operator intervention: shutdown, start
	("58", FewTimes),      // system error: input and output
	("72", UntilDeadline), // snapshot too old
	("F0", FewTimes),      // configuration file error
	("HV", Never),         // foreign data wrapper error
	("P0", Never),         // PL/pgSQL error: what a function raises
	("XX", FewTimes),      // internal error
];

/// Single errors that are not as the rest of their class.
const SQLSTATES: &[(&str, Retry)] = &[
	("08P01", FewTimes),      // protocol violation; poolers use it for all that they have no code for
	("25P03", FewTimes),      // idle-in-transaction timeout
	("25P04", FewTimes),      // transaction timeout
	("40002", Never),         // transaction integrity constraint violation
	("42P01", FewTimes),      // no such table, perhaps for as long as it is replaced
	("53200", FewTimes),      // out of memory
	("53400", FewTimes),      // configuration limit exceeded: a query with too large temporary files
	("55006", UntilDeadline), // object in use
	("55P02", Never),         // cannot change runtime parameter
	("55P03", UntilDeadline), // lock not available
	("55P04", Never),         // unsafe new enum value usage
	("57014", FewTimes),      // query cancelled: the statement timeout, which the same query will meet again
	("57P04", FewTimes),      // database dropped, perhaps to be restored
	("HV000", FewTimes),      // foreign data wrapper error of no kind
	("HV001", FewTimes),      // foreign data wrapper out of memory
	("HV00N", UntilDeadline), // foreign server that is away
	("XX001", Never),         // data corrupted
	("XX002", Never),         // index corrupted
];

/// Of an SQLSTATE. An extension's own class is retried a few times.
pub(crate) fn of_sqlstate(code: &str) -> Retry {
	let find = |table: &[(&str, Retry)], key: &str| table.iter().find(|(known, _)| *known == key).map(|entry| entry.1);
	let class = code.get(..2).unwrap_or_default();
	find(SQLSTATES, code).or_else(|| find(SQLSTATE_CLASSES, class)).unwrap_or(FewTimes)
}

/// Of a SQLite result code.
pub(crate) fn of_sqlite(code: ErrorCode) -> Retry {
	match code {
		ErrorCode::DatabaseBusy
		| ErrorCode::DatabaseLocked
		| ErrorCode::FileLockingProtocolFailed
		| ErrorCode::OperationInterrupted
		| ErrorCode::SchemaChanged => UntilDeadline,
		// A disk that fails or a mount that is away; a journal that a writer leaves behind for a moment.
		ErrorCode::CannotOpen
		| ErrorCode::DiskFull
		| ErrorCode::InternalMalfunction
		| ErrorCode::OperationAborted
		| ErrorCode::OutOfMemory
		| ErrorCode::ReadOnly
		| ErrorCode::SystemIoFailure => FewTimes,
		// Among them: corrupt, not a database, no permission, an error in the statement.
		_ => Never,
	}
}

/// Of a file that cannot be opened or read.
pub(crate) fn of_file(error: &io::Error) -> Retry {
	use io::ErrorKind as Kind;
	match error.kind() {
		// A file system over a network that is away, or no more files or memory for now.
		Kind::StaleNetworkFileHandle
		| Kind::TimedOut
		| Kind::HostUnreachable
		| Kind::NetworkUnreachable
		| Kind::NetworkDown
		| Kind::NotConnected
		| Kind::ConnectionReset
		| Kind::ConnectionAborted
		| Kind::ResourceBusy
		| Kind::ExecutableFileBusy
		| Kind::WouldBlock
		| Kind::Interrupted
		| Kind::OutOfMemory => UntilDeadline,
		Kind::PermissionDenied | Kind::IsADirectory | Kind::NotADirectory | Kind::InvalidFilename => Never,
		// It may be about to be replaced, or its mount may be away: to the system that is the same.
		Kind::NotFound => FewTimes,
		_ if is_out_of_files(error) => UntilDeadline,
		// Such as a failing disk; but what no system call said is about the content.
		_ if error.raw_os_error().is_some() => FewTimes,
		_ => Never,
	}
}

/// EMFILE and ENFILE, which have no kind.
fn is_out_of_files(error: &io::Error) -> bool {
	matches!(error.raw_os_error(), Some(23 | 24))
}

/// Of a connection to a server. A name that is not known and a resolver that is away are the same to the system.
pub(crate) fn of_connection(error: &io::Error) -> Retry {
	use io::ErrorKind as Kind;
	match error.kind() {
		// That a server is of the wrong kind for `target_session_attrs` is the client's own: it passes with the failover.
		Kind::PermissionDenied if error.raw_os_error().is_none() => UntilDeadline,
		Kind::PermissionDenied | Kind::InvalidInput | Kind::Unsupported => Never,
		_ => UntilDeadline,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_sqlstate_has_its_class() {
		for (retry, codes) in [
			(
				UntilDeadline,
				"08000 08001 08003 08004 08006 08007 40000 40001 40003 40P01 53000 53100 53300 55006 55P03 57000 57P01 \
				 57P02 57P03 57P05 72000 HV00N",
			),
			(
				FewTimes,
				"08P01 25P03 25P04 38000 38004 39000 39P01 3D000 3F000 42P01 53200 53400 55000 57014 57P04 58000 58030 \
				 58P01 F0000 F0001 HV000 HV001 XX000 AB123 99999",
			),
			(
				Never,
				"00000 01000 02000 03000 09000 0A000 0B000 0F000 0L000 0P000 0Z000 10608 20000 21000 22000 22003 22012 \
				 22P02 23505 24000 25000 25006 25P01 25P02 26000 27000 28000 28P01 2B000 2D000 2F000 34000 3B000 40002 \
				 42000 42501 42601 42703 42P05 44000 54000 54001 55P02 55P04 HV002 HV00B P0000 P0001 P0002 XX001 XX002",
			),
		] {
			for code in codes.split_whitespace() {
				assert_eq!(of_sqlstate(code), retry, "{code}");
			}
		}
	}

	#[test]
	fn sqlstates_are_sorted_without_duplicates_and_differ_from_their_class() {
		for table in [SQLSTATE_CLASSES, SQLSTATES] {
			assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0));
		}
		for (code, retry) in SQLSTATES {
			let class = SQLSTATE_CLASSES.iter().find(|(class, _)| code.starts_with(class)).unwrap();
			assert_ne!(class.1, *retry, "{code}");
		}
	}

	#[test]
	fn sqlite_codes_have_their_class() {
		use rusqlite::ffi;
		for (code, retry) in [
			(ffi::SQLITE_BUSY, UntilDeadline),
			(ffi::SQLITE_BUSY_SNAPSHOT, UntilDeadline),
			(ffi::SQLITE_LOCKED, UntilDeadline),
			(ffi::SQLITE_LOCKED_SHAREDCACHE, UntilDeadline),
			(ffi::SQLITE_PROTOCOL, UntilDeadline),
			(ffi::SQLITE_INTERRUPT, UntilDeadline),
			(ffi::SQLITE_SCHEMA, UntilDeadline),
			(ffi::SQLITE_CANTOPEN, FewTimes),
			(ffi::SQLITE_FULL, FewTimes),
			(ffi::SQLITE_IOERR_READ, FewTimes),
			(ffi::SQLITE_NOMEM, FewTimes),
			(ffi::SQLITE_READONLY_RECOVERY, FewTimes),
			(ffi::SQLITE_INTERNAL, FewTimes),
			(ffi::SQLITE_ABORT, FewTimes),
			(ffi::SQLITE_ERROR, Never),
			(ffi::SQLITE_CORRUPT, Never),
			(ffi::SQLITE_NOTADB, Never),
			(ffi::SQLITE_PERM, Never),
			(ffi::SQLITE_AUTH, Never),
			(ffi::SQLITE_TOOBIG, Never),
			(ffi::SQLITE_MISMATCH, Never),
			(ffi::SQLITE_RANGE, Never),
		] {
			assert_eq!(of_sqlite(ffi::Error::new(code).code), retry, "{code}");
		}
	}

	#[test]
	fn errors_of_files_and_connections_have_their_class() {
		// The numbers are Linux's.
		for (errno, file, connection) in [
			(1, Never, Never),                   // EPERM
			(2, FewTimes, UntilDeadline),        // ENOENT: no file; a socket whose server is away
			(4, UntilDeadline, UntilDeadline),   // EINTR
			(5, FewTimes, UntilDeadline),        // EIO
			(12, UntilDeadline, UntilDeadline),  // ENOMEM
			(13, Never, Never),                  // EACCES
			(16, UntilDeadline, UntilDeadline),  // EBUSY
			(20, Never, UntilDeadline),          // ENOTDIR
			(21, Never, UntilDeadline),          // EISDIR
			(23, UntilDeadline, UntilDeadline),  // ENFILE
			(24, UntilDeadline, UntilDeadline),  // EMFILE
			(32, FewTimes, UntilDeadline),       // EPIPE
			(99, FewTimes, UntilDeadline),       // EADDRNOTAVAIL: no free port for now
			(101, UntilDeadline, UntilDeadline), // ENETUNREACH
			(103, UntilDeadline, UntilDeadline), // ECONNABORTED
			(104, UntilDeadline, UntilDeadline), // ECONNRESET
			(107, UntilDeadline, UntilDeadline), // ENOTCONN: a mount whose process is gone
			(110, UntilDeadline, UntilDeadline), // ETIMEDOUT
			(111, FewTimes, UntilDeadline),      // ECONNREFUSED
			(113, UntilDeadline, UntilDeadline), // EHOSTUNREACH
			(116, UntilDeadline, UntilDeadline), // ESTALE
		] {
			let error = io::Error::from_raw_os_error(errno);
			assert_eq!((of_file(&error), of_connection(&error)), (file, connection), "{error}");
		}
		assert_eq!(of_file(&io::Error::other("not UTF-8")), Never);
		// As a resolver's failure comes.
		assert_eq!(of_connection(&io::Error::other("failed to lookup address information")), UntilDeadline);
		let read_only = io::Error::new(io::ErrorKind::PermissionDenied, "database does not allow writes");
		assert_eq!(of_connection(&read_only), UntilDeadline);
	}
}
