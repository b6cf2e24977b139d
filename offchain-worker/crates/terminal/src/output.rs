//! What is written for people and programs, to standard output and to standard error.
//!
//! This is the one place that writes to the standard streams, and nothing here panics. Text of others, which a name on
//! chain or an error of a server can contain, does not control the terminal: see
//! [`escaped`](encrytrust_types::text::escaped). A result that cannot be written is an [`OutputError`]; remarks on standard
//! error are lost then, as there is nowhere else to say so.

use crate::escape::{escaped_json, escaped_lines};
use std::{
	fmt::Display,
	io::{self, ErrorKind, Write},
};

/// Standard output does not take the result.
#[derive(Debug, thiserror::Error)]
#[error(
	"cannot write to standard output: {0}; what was sent to the chain stays sent, its ids are in the log on standard error"
)]
pub struct OutputError(#[from] io::Error);

impl OutputError {
	/// Whether nobody reads any more: `| head` has seen enough.
	pub fn is_closed_pipe(&self) -> bool {
		self.0.kind() == ErrorKind::BrokenPipe
	}
}

/// Writes text for people to standard output. Its line breaks are the caller's; all else that controls a terminal is
/// escaped.
pub fn line(text: impl Display) -> Result<(), OutputError> {
	write_line(&escaped_lines(&text.to_string()))
}

/// Writes JSON text to standard output. Values stay exact: what controls a terminal is written as JSON's own escape.
pub fn json(text: &str) -> Result<(), OutputError> {
	write_line(&escaped_json(text))
}

fn write_line(text: &str) -> Result<(), OutputError> {
	let mut stdout = stdout();
	writeln!(stdout, "{text}")?;
	Ok(stdout.flush()?)
}

/// Standard output, for what is long.
pub fn stdout() -> impl Write {
	io::stdout().lock()
}

/// Writes a remark to standard error, as far as that goes; escaped as [`line`] does.
pub fn remark(text: impl Display) {
	let _ = writeln!(io::stderr().lock(), "{}", escaped_lines(&text.to_string()));
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_closed_pipe_is_told_from_a_full_disk() {
		assert!(OutputError(ErrorKind::BrokenPipe.into()).is_closed_pipe());
		assert!(!OutputError(ErrorKind::StorageFull.into()).is_closed_pipe());
	}
}
