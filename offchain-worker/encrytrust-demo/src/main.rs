//! `encrytrust-demo`: whole jobs on a development chain of their own, by workers that follow the protocol, or cheat.

// The standard streams are written to in `encrytrust_terminal` alone: what is printed otherwise panics on a full disk.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod behaviours;
mod demo;
mod worker;

use clap::{Parser, Subcommand};
use demo::Options;
use encrytrust_terminal::{failed, log_to_stderr, output::OutputError, process};
use std::process::ExitCode;

/// A whole job on a development chain of its own, from registration to payment, checked against the clear.
#[derive(Debug, Parser)]
#[command(name = "encrytrust-demo", version, args_conflicts_with_subcommands = true)]
struct Arguments {
	#[command(flatten)]
	options: Options,

	#[command(subcommand)]
	command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
	/// One of the demonstration's workers.
	Worker(worker::Options),
}

fn main() -> ExitCode {
	match Arguments::try_parse() {
		Ok(arguments) => process::run(run(arguments)),
		Err(error) => refused(&error),
	}
}

async fn run(arguments: Arguments) -> ExitCode {
	let done = match arguments.command {
		Some(Command::Worker(options)) => {
			log_to_stderr("info", &[]);
			worker::run(options).await
		},
		None => {
			log_to_stderr("warn", &[]);
			demo::run(arguments.options).await
		},
	};
	match done {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => failed(&error, false),
	}
}

/// What is wrong with the arguments, or the help that they ask for.
fn refused(error: &clap::Error) -> ExitCode {
	match error.print() {
		Err(unwritten) if !error.use_stderr() => failed(&OutputError::from(unwritten).into(), false),
		_ => u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	#[test]
	fn arguments_are_consistent() {
		Arguments::command().debug_assert();
	}
}
