//! `encrytrust worker`.

use super::common::{table, Output};
use anyhow::{Context, Result};
use encrytrust_job_client::paths::shown;
use encrytrust_terminal::process::asked_to_end;
use encrytrust_worker::{
	config::Config,
	database::{Database, Seen},
	Honest,
};
use std::{path::PathBuf, sync::Arc};

/// Commands of the daemon.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
	/// Runs the daemon until SIGTERM or Ctrl-C; a second one ends it at once. It may be killed at any point: it goes on
	/// where it was.
	#[command(after_help = "Example:\n  encrytrust worker run --config /etc/encrytrust/worker.toml")]
	Run {
		/// Its configuration.
		#[arg(long, value_name = "FILE")]
		config: PathBuf,
	},
	/// Shows what this worker saw of a job: kinds and sizes of what it received.
	#[command(after_help = "Example:\n  encrytrust worker seen 0 --config /etc/encrytrust/worker.toml")]
	Seen {
		/// The job.
		job: u64,
		/// The worker's configuration.
		#[arg(long, value_name = "FILE")]
		config: PathBuf,
	},
}

pub(super) async fn run(command: Command, output: &Output) -> Result<()> {
	match command {
		Command::Run { config } => {
			let shutdown = asked_to_end().context("cannot listen for signals")?;
			encrytrust_worker::run(Config::read(&config)?, Arc::new(Honest), shutdown).await
		},
		Command::Seen { job, config } => {
			let path = Config::read(&config)?.database();
			anyhow::ensure!(path.exists(), "this worker has not run yet: there is no {}", shown(&path));
			let seen = Database::open(&path)?.seen(job)?;
			output.print(&seen, |seen| {
				if seen.is_empty() {
					return format!("nothing of job {job}");
				}
				let row = |seen: &Seen| vec![seen.role.clone(), seen.source.clone(), seen.item.clone()];
				let heading = ["AS", "FROM", "WHAT"].map(String::from).to_vec();
				table(&std::iter::once(heading).chain(seen.iter().map(row)).collect::<Vec<_>>())
			})
		},
	}
}
