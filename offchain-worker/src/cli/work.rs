//! `encrytrust worker`.

use super::common::{table, Output};
use crate::{config::Config, database::Database, output::shown, protocol::cheat::Cheat, worker};
use anyhow::{Context, Result};
use std::{future::Future, path::PathBuf, process};
use tokio::{
	signal::unix::{signal, SignalKind},
	sync::oneshot,
};

/// Commands of the daemon.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
	/// Runs the daemon until SIGTERM or Ctrl-C; a second one ends it at once. It may be killed at any point: it goes on where it was.
	#[command(after_help = "Example:\n  encrytrust worker run --config /etc/encrytrust/worker.toml")]
	Run {
		/// Its configuration.
		#[arg(long, value_name = "FILE")]
		config: PathBuf,
		/// Do something wrong, to show that it is noticed: on a development chain alone.
		#[arg(long, value_name = "KIND", hide = true)]
		cheat: Option<Cheat>,
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
		Command::Run { config, cheat } => {
			let shutdown = shutdown()?;
			worker::run(Config::read(&config)?, cheat, shutdown).await
		},
		Command::Seen { job, config } => {
			let path = Config::read(&config)?.database();
			anyhow::ensure!(path.exists(), "this worker has not run yet: there is no {}", shown(&path));
			let seen = Database::open(&path)?.seen(job)?;
			output.print(&seen, |seen| {
				if seen.is_empty() {
					return format!("nothing of job {job}");
				}
				let row =
					|seen: &crate::database::Seen| vec![seen.role.clone(), seen.source.clone(), seen.item.clone()];
				let heading = ["AS", "FROM", "WHAT"].map(String::from).to_vec();
				table(&std::iter::once(heading).chain(seen.iter().map(row)).collect::<Vec<_>>())
			})
		},
	}
}

/// Waits for SIGTERM or Ctrl-C. A second one ends the process at once, whatever keeps it.
fn shutdown() -> Result<impl Future<Output = ()>> {
	let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
	let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
	let mut either = async move || {
		tokio::select! {
			_ = terminate.recv() => {},
			_ = interrupt.recv() => {},
		}
	};
	let (sender, receiver) = oneshot::channel();
	tokio::spawn(async move {
		either().await;
		// Nobody waits if the worker has ended meanwhile.
		let _ = sender.send(());
		either().await;
		process::exit(1);
	});
	Ok(async move {
		let _ = receiver.await;
	})
}
