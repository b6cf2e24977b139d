//! The command line: arguments, and what is printed.
//!
//! Every command writes its result to standard output, for people or with `--json` as one JSON value, and everything
//! else to standard error. An error is a sentence with its cause and the way out, or `{"error": …}`; the status is 1. So it
//! is where the result cannot be written; where nobody reads it any more (`| head`), the command ends as other tools do.

mod bond;
mod common;
mod completions;
mod data;
mod identity;
mod job;
mod keys;
mod role;
mod work;

use clap::{Args, CommandFactory, Parser, Subcommand};
use common::Output;
use encrytrust_chain_client::INCLUDED;
use encrytrust_terminal::{failed, log_to_stderr, output::OutputError};
use std::process::ExitCode;

/// Computations over data that nobody shows.
#[derive(Debug, Parser)]
#[command(
	name = "encrytrust",
	version,
	propagate_version = true,
	after_help = "\
Examples:
  encrytrust keys worker-new master.key                    a worker's keys
  encrytrust bond add 100 --suri-file account.secret       what a provider has at stake
  encrytrust worker run --config worker.toml               the daemon
  encrytrust identity status //Alice                       an account's identity keys
  encrytrust dataset list                                  what is on offer
  encrytrust job watch 0                                   how a job goes on"
)]
pub(crate) struct Arguments {
	#[command(subcommand)]
	command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
	/// The daemon that does a party's work.
	Worker(Group<work::Command>),
	/// Key files.
	Keys(Group<keys::Command>),
	/// Roles in jobs: what an account offers.
	Role(Group<role::Command>),
	/// Identity keys: asked for and issued, revoked and rotated by zero-knowledge proof.
	Identity(Group<identity::Command>),
	/// Bonds: what providers, coordinators and validators have at stake.
	Bond(Group<bond::Command>),
	/// Data sets on offer.
	Dataset(Group<data::Command>),
	/// Computations.
	Job(Group<job::Command>),
	/// Completions for a shell, on standard output.
	#[command(
		after_help = "Example:\n  encrytrust completions bash > ~/.local/share/bash-completion/completions/encrytrust"
	)]
	Completions(completions::Completions),
	/// The manual pages of all commands.
	#[command(hide = true)]
	ManPages(completions::ManPages),
}

#[derive(Debug, Args)]
struct Group<C: Subcommand> {
	/// Write the result, or the error, as JSON.
	#[arg(long, global = true)]
	json: bool,

	#[command(subcommand)]
	command: C,
}

/// Runs a command; the process's status.
pub(crate) async fn run(arguments: Arguments) -> ExitCode {
	log(&arguments.command);
	let (json, done) = match arguments.command {
		Command::Worker(group) => (group.json, work::run(group.command, &Output::new(group.json)).await),
		Command::Keys(group) => (group.json, keys::run(group.command, &Output::new(group.json)).await),
		Command::Role(group) => (group.json, role::run(group.command, &Output::new(group.json)).await),
		Command::Bond(group) => (group.json, bond::run(group.command, &Output::new(group.json)).await),
		Command::Identity(group) => (group.json, identity::run(group.command, &Output::new(group.json)).await),
		Command::Dataset(group) => (group.json, data::run(group.command, &Output::new(group.json)).await),
		Command::Job(group) => (group.json, job::run(group.command, &Output::new(group.json)).await),
		Command::Completions(options) => (false, options.write(Arguments::command())),
		Command::ManPages(options) => (false, options.write(Arguments::command())),
	};
	match done {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => failed(&error, json),
	}
}

impl Arguments {
	/// The process's arguments; or its status, once their fault, or the help that they ask for, is written.
	///
	/// # Errors
	///
	/// As said.
	pub(crate) fn read() -> Result<Self, ExitCode> {
		Self::try_parse().map_err(|error| match error.print() {
			Err(unwritten) if !error.use_stderr() => failed(&OutputError::from(unwritten).into(), false),
			_ => u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
		})
	}
}

/// Workers log each step, the other commands what went wrong, unless `RUST_LOG` says otherwise; and what they made in the
/// chain in any case: its ids are nowhere else.
fn log(command: &Command) {
	match command {
		Command::Worker(Group { command: work::Command::Run { .. }, .. }) => log_to_stderr("info", &[]),
		_ => log_to_stderr("warn", &[INCLUDED]),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_arguments_are_consistent() {
		Arguments::command().debug_assert();
	}
}
