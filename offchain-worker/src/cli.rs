//! The command line: arguments, and what is printed.
//!
//! Every command writes its result to standard output, for people or with `--json` as one JSON value, and everything
//! else to standard error. An error is a sentence with its cause and the way out, or `{"error": …}`; the status is 1. So it
//! is where the result cannot be written; where nobody reads it any more (`| head`), the command ends as other tools do.

mod bond;
mod common;
mod data;
mod identity;
mod job;
mod keys;
mod role;
mod work;

pub(crate) use common::table;
pub use common::{Chain, Output};
pub(crate) use data::{schema, tell_left_out};
#[cfg(test)]
pub(crate) use job::Payment;
pub use job::{decrypt_result, offer_proof, request, watch, AnswerView, JobArguments, Requested, ResultView};
pub(crate) use job::{ending, job_info, party_names, quote_text, quote_value, Ending};
pub(crate) use keys::{ensure_proof, new_paillier, random_passphrase};
pub(crate) use role::endpoint_and_offer;

use crate::output::{self, OutputError};
use clap::{Args, Parser, Subcommand};
use encrytrust_chain_client::INCLUDED;
use serde_json::json;
use std::{io::IsTerminal, process::ExitCode};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
	filter::filter_fn, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt, EnvFilter, Layer,
};

/// What the shell tells of a tool that SIGPIPE ended: 128 and the signal's number.
const CLOSED_PIPE: u8 = 141;

/// Computations over data that nobody shows.
#[derive(Debug, Parser)]
#[command(
	name = "encrytrust",
	version,
	propagate_version = true,
	after_help = "\
Examples:
  encrytrust demo --node target/debug/encrytrust-node      one whole job on a chain of its own
  encrytrust keys worker-new master.key                    a worker's keys
  encrytrust bond add 100 --suri-file account.secret       what a provider has at stake
  encrytrust worker run --config worker.toml               the daemon
  encrytrust identity status //Alice                       an account's identity keys
  encrytrust dataset list                                  what is on offer
  encrytrust job watch 0                                   how a job goes on"
)]
pub struct Arguments {
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
	/// A whole job on a development chain of its own, from registration to payment, checked against the clear.
	Demo(crate::demo::Options),
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
pub async fn run(arguments: Arguments) -> ExitCode {
	log_to_stderr(&arguments.command);
	let (json, done) = match arguments.command {
		Command::Worker(group) => (group.json, work::run(group.command, &Output::new(group.json)).await),
		Command::Keys(group) => (group.json, keys::run(group.command, &Output::new(group.json)).await),
		Command::Role(group) => (group.json, role::run(group.command, &Output::new(group.json)).await),
		Command::Bond(group) => (group.json, bond::run(group.command, &Output::new(group.json)).await),
		Command::Identity(group) => (group.json, identity::run(group.command, &Output::new(group.json)).await),
		Command::Dataset(group) => (group.json, data::run(group.command, &Output::new(group.json)).await),
		Command::Job(group) => (group.json, job::run(group.command, &Output::new(group.json)).await),
		Command::Demo(options) => (false, crate::demo::run(options).await),
	};
	match done {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => ended(&error, json),
	}
}

impl Arguments {
	/// The process's arguments; or its status, once their fault, or the help that they ask for, is written.
	///
	/// # Errors
	///
	/// As said.
	pub fn read() -> Result<Self, ExitCode> {
		Self::try_parse().map_err(|error| match error.print() {
			Err(failed) if !error.use_stderr() => ended(&OutputError::from(failed).into(), false),
			_ => u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
		})
	}
}

/// The status of a command that failed. Why is told where the result would have been, if that is possible.
fn ended(error: &anyhow::Error, json: bool) -> ExitCode {
	let text = sentence(error);
	match error.chain().find_map(|cause| cause.downcast_ref::<OutputError>()) {
		Some(output) if output.is_closed_pipe() => return ExitCode::from(CLOSED_PIPE),
		None if json && output::line(json!({ "error": text })).is_ok() => {},
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

/// Workers say each step; the demonstration only what went wrong; the other commands also what they have made, as soon as
/// it is in the chain. `RUST_LOG` decides otherwise, but for what was made: ids that are nowhere else are never lost.
fn log_to_stderr(command: &Command) {
	let (default, is_sender) = match command {
		Command::Worker(Group { command: work::Command::Run { .. }, .. }) => ("info", false),
		Command::Demo(_) => ("warn", false),
		_ => ("warn", true),
	};
	let filter = log_filter(EnvFilter::try_from_default_env().ok(), default, is_sender);
	// Fails only if a subscriber is there already: then that one is used.
	let _ = subscriber(filter, std::io::stderr().is_terminal(), std::io::stderr).try_init();
}

fn log_filter(wanted: Option<EnvFilter>, default: &str, is_sender: bool) -> EnvFilter {
	const QUIET: &str = "subxt=error,subxt_rpcs=error,jsonrpsee=error,libp2p=error,libp2p_swarm=error";
	let filter = wanted.unwrap_or_else(|| EnvFilter::new(format!("{default},{QUIET}")));
	match format!("{INCLUDED}=info").parse() {
		Ok(included) if is_sender => filter.add_directive(included),
		_ => filter,
	}
}

fn subscriber<W>(filter: EnvFilter, is_terminal: bool, writer: W) -> impl Subscriber + Send + Sync
where
	W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
	// An error of the log itself would be printed to where it could not be written, which panics.
	let lines = tracing_subscriber::fmt::layer().with_target(false).log_internal_errors(false);
	let lines = lines.with_ansi(is_terminal).with_writer(writer);
	tracing_subscriber::registry().with(filter_fn(is_harmless)).with(lines.with_filter(filter))
}

/// Some libraries tell below warnings what they send and where to: queries and URLs, and so what is secret in them.
fn is_harmless(event: &Metadata<'_>) -> bool {
	const TALKATIVE: [&str; 7] =
		["tokio_postgres", "postgres_protocol", "subxt", "jsonrpsee", "soketto", "hyper", "rustls"];
	*event.level() <= Level::WARN || !TALKATIVE.iter().any(|library| event.target().starts_with(library))
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;
	use std::{
		io::Write,
		sync::{Arc, Mutex},
	};

	#[test]
	fn a_cause_is_said_once() {
		let cause = std::io::Error::other("no room");
		let error = anyhow::Error::new(cause).context("cannot write x: no room").context("while tidying up");
		assert_eq!(sentence(&error), "while tidying up: cannot write x: no room");
	}

	/// What is logged.
	#[derive(Clone, Default)]
	struct Log(Arc<Mutex<Vec<u8>>>);

	impl Write for Log {
		fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
			self.0.lock().unwrap().extend_from_slice(bytes);
			Ok(bytes.len())
		}

		fn flush(&mut self) -> std::io::Result<()> {
			Ok(())
		}
	}

	#[test]
	fn libraries_that_tell_what_they_send_are_not_logged_whatever_is_asked_for() {
		for filter in ["trace", "tokio_postgres=trace", "tokio_postgres::prepare=debug,jsonrpsee-client=trace"] {
			let log = Log::default();
			let writer = log.clone();
			let subscriber =
				subscriber(EnvFilter::new(format!("{filter},encrytrust=debug")), false, move || writer.clone());
			tracing::subscriber::with_default(subscriber, || {
				tracing::debug!(target: "tokio_postgres::prepare", "preparing query: SELECT hush");
				tracing::info!(target: "tokio_postgres::connection", "NOTICE: hush");
				tracing::debug!(target: "jsonrpsee-client", "Connecting to target: hush");
				tracing::debug!(target: "subxt_rpcs", "Connection to ws://u:hush@node was closed");
				tracing::warn!(target: "jsonrpsee-client", "a warning");
				tracing::debug!("one of ours");
			});
			let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
			assert!(log.contains("one of ours") && !log.contains("hush"), "{filter}: {log}");
			assert_eq!(log.contains("a warning"), filter != "tokio_postgres=trace", "{filter}: {log}");
		}
	}

	#[test]
	fn what_a_command_made_is_logged_whatever_is_asked_for() {
		let wanted = [None, Some("error"), Some("off"), Some("encrytrust=error")];
		for (wanted, is_sender) in wanted.into_iter().flat_map(|wanted| [(wanted, true), (wanted, false)]) {
			let log = Log::default();
			let writer = log.clone();
			let filter = log_filter(wanted.map(EnvFilter::new), "warn", is_sender);
			tracing::subscriber::with_default(subscriber(filter, false, move || writer.clone()), || {
				tracing::info!(target: INCLUDED, "DataSetRegistered id=3");
				tracing::info!("something else");
			});
			let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
			assert_eq!(log.contains("id=3"), is_sender, "{wanted:?}: {log}");
			assert!(!log.contains("something else"), "{wanted:?}: {log}");
		}
	}

	#[test]
	fn the_arguments_are_consistent() {
		Arguments::command().debug_assert();
	}
}
