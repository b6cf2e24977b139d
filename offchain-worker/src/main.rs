//! The `encrytrust` command line.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use encrytrust::cli::{self, Arguments};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
	match Arguments::read() {
		Ok(arguments) => cli::run(arguments).await,
		Err(status) => status,
	}
}
