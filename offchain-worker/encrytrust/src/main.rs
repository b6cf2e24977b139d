//! The `encrytrust` command line, and the worker daemon.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod cli;

use cli::Arguments;
use encrytrust_terminal::process;
use std::process::ExitCode;

fn main() -> ExitCode {
	match Arguments::read() {
		Ok(arguments) => process::run(cli::run(arguments)),
		Err(status) => status,
	}
}
