//! The `encrytrust` command line, and the worker daemon.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod cli;

use cli::Arguments;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
	match Arguments::read() {
		Ok(arguments) => cli::run(arguments).await,
		Err(status) => status,
	}
}
