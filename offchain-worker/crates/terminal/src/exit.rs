//! The status that a program ends with, and the error that it writes.

use crate::output::{self, OutputError};
use serde_json::json;
use std::process::ExitCode;

/// What the shell tells of a tool that SIGPIPE ended: 128 and the signal's number.
const CLOSED_PIPE: u8 = 141;

/// The status of a command that failed. Why is told where the result would have been, if that is possible.
pub fn failed(error: &anyhow::Error, json: bool) -> ExitCode {
	let text = sentence(error);
	match error.chain().find_map(|cause| cause.downcast_ref::<OutputError>()) {
		Some(output) if output.is_closed_pipe() => return ExitCode::from(CLOSED_PIPE),
		None if json && output::json(&json!({ "error": text }).to_string()).is_ok() => {},
		_ => output::remark(format_args!("error: {text}")),
	}
	ExitCode::FAILURE
}

/// An error with its causes. Many say their cause themselves: nothing is said twice.
fn sentence(error: &anyhow::Error) -> String {
	let mut text = String::new();
	for cause in error.chain().map(ToString::to_string) {
		if text.is_empty() {
			text = cause;
		} else if !text.contains(&cause) {
			text = format!("{text}: {cause}");
		}
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_cause_is_said_once() {
		let cause = std::io::Error::other("no room");
		let error = anyhow::Error::new(cause).context("cannot write x: no room").context("while tidying up");
		assert_eq!(sentence(&error), "while tidying up: cannot write x: no room");
	}
}
