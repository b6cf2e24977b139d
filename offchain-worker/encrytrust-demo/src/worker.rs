//! One of the demonstration's workers: the daemon, which may be told to cheat.

use crate::behaviours::{by_name, Cheat, Cheating, LateDelivery};
use anyhow::{ensure, Context, Result};
use encrytrust_chain_client::Client;
use encrytrust_terminal::process::asked_to_end;
use encrytrust_transport::peer_id_of;
use encrytrust_worker::{config::Config, Behaviour, Honest};
use std::{path::PathBuf, sync::Arc};
use tracing::warn;

/// Which worker.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
	/// Its configuration.
	#[arg(long, value_name = "FILE")]
	config: PathBuf,
	/// What it does wrong; nothing if left out.
	#[arg(long, value_name = "KIND", value_parser = by_name)]
	behaviour: Option<Cheat>,
	/// sha2-256 of the manifest of what it committed to in another job.
	#[arg(long, value_name = "HEX", value_parser = digest)]
	earlier: Option<[u8; 32]>,
	/// The Ed25519 key of the worker that it serves nothing to.
	#[arg(long, value_name = "HEX", value_parser = digest, required_if_eq("behaviour", "withhold-one"))]
	unserved: Option<[u8; 32]>,
}

/// Runs the worker until SIGTERM or Ctrl-C; a second one ends it at once.
pub(crate) async fn run(options: Options) -> Result<()> {
	let shutdown = asked_to_end().context("cannot listen for signals")?;
	let config = Config::read(&options.config)?;
	let behaviour: Arc<dyn Behaviour> = match options.behaviour {
		None => Arc::new(Honest),
		Some(cheat) => {
			let client = Client::connect(config.node.as_str(), None).await?;
			ensure!(client.is_development().await?, "a worker cheats on a development chain alone");
			warn!("this worker cheats: {}", cheat.name());
			let unserved = options.unserved.map(|key| peer_id_of(&key)).transpose()?;
			let late_delivery = LateDelivery::file_beside(&options.config);
			Arc::new(Cheating { cheat, earlier: options.earlier, unserved, late_delivery })
		},
	};
	encrytrust_worker::run(config, behaviour, shutdown).await
}

fn digest(text: &str) -> Result<[u8; 32], String> {
	let mut bytes = [0; 32];
	hex::decode_to_slice(text, &mut bytes).map_err(|error| format!("'{text}' is no digest: {error}"))?;
	Ok(bytes)
}
