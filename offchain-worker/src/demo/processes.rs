//! The demonstration's children: a node and workers, with a folder each.

use anyhow::{anyhow, bail, Context, Result};
use encrytrust_chain_client::Client;
use std::{
	fs::{self, File},
	net::TcpListener,
	path::{Path, PathBuf},
	process::Stdio,
	time::Duration,
};
use tokio::process::{Child, Command};

/// How long the node may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the children are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Children of this process. They are killed when this is dropped, whatever the reason.
pub(super) struct Processes {
	folder: PathBuf,
	running: Vec<Running>,
	ports: Vec<TcpListener>,
}

struct Running {
	name: String,
	log: PathBuf,
	child: Child,
}

impl Processes {
	pub(super) fn new(folder: &Path) -> Self {
		Self { folder: folder.into(), running: Vec::new(), ports: Vec::new() }
	}

	pub(super) fn folder(&self) -> &Path {
		&self.folder
	}

	pub(super) fn any_started(&self) -> bool {
		!self.running.is_empty()
	}

	/// A free port of the loopback interface. It stays taken until a child is started, so that no two are the same.
	pub(super) fn port(&mut self) -> Result<u16> {
		let listener = TcpListener::bind("127.0.0.1:0").context("cannot find a free port")?;
		let port = listener.local_addr()?.port();
		self.ports.push(listener);
		Ok(port)
	}

	/// Starts a development node; its URL.
	pub(super) fn start_node(&mut self, program: &Path) -> Result<String> {
		let (rpc, p2p) = (self.port()?, self.port()?);
		let base = self.folder.join("node");
		let mut command = Command::new(program);
		command.args(["--dev", "--no-prometheus", "--no-telemetry", "--no-mdns", "--base-path"]).arg(base);
		command.arg("--rpc-port").arg(rpc.to_string());
		command.arg("--listen-addr").arg(format!("/ip4/127.0.0.1/tcp/{p2p}"));
		self.start("node", command)?;
		Ok(format!("ws://127.0.0.1:{rpc}"))
	}

	/// Starts a worker: this very program.
	pub(super) fn start_worker(&mut self, name: &str, config: &Path) -> Result<()> {
		let program = std::env::current_exe().context("this program does not know where it is")?;
		let mut command = Command::new(program);
		command.args(["worker", "run", "--config"]).arg(config);
		self.start(name, command)
	}

	fn start(&mut self, name: &str, mut command: Command) -> Result<()> {
		self.ports.clear();
		let log = self.folder.join(format!("{name}.log"));
		let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
		let both = file.try_clone()?;
		command.stdin(Stdio::null()).stdout(file).stderr(both).kill_on_drop(true);
		let child = command.spawn().with_context(|| {
			let program = command.as_std().get_program().to_string_lossy().into_owned();
			format!("cannot start {name}, {program}: name the node's program with --node")
		})?;
		self.running.push(Running { name: name.into(), log, child });
		Ok(())
	}

	/// Connects to the node, unless it dies before.
	pub(super) async fn wait_for_node(&mut self, url: &str) -> Result<Client> {
		tokio::select! {
			client = Client::connect(url, Some(PATIENCE)) => Ok(client?),
			dead = self.wait_for_a_death() => Err(dead),
		}
	}

	/// Fails if a child has ended: none should.
	pub(super) fn check_alive(&mut self) -> Result<()> {
		for running in &mut self.running {
			if let Some(status) = running.child.try_wait()? {
				bail!("{} ended ({status}): {}", running.name, last_lines(&running.log));
			}
		}
		Ok(())
	}

	/// Waits until a child has ended, which none should.
	pub(super) async fn wait_for_a_death(&mut self) -> anyhow::Error {
		loop {
			if let Err(error) = self.check_alive() {
				return error;
			}
			tokio::time::sleep(LOOK).await;
		}
	}

	/// Kills the children, workers first, and waits until they have ended.
	pub(super) async fn stop(&mut self) {
		while let Some(mut running) = self.running.pop() {
			if let Err(error) = running.child.kill().await {
				eprintln!("cannot end {}: {error}", running.name);
			}
		}
	}
}

/// The end of a log, as a reason.
fn last_lines(log: &Path) -> String {
	let text = fs::read_to_string(log).map_err(|error| anyhow!(error)).unwrap_or_default();
	let lines: Vec<&str> = text.lines().rev().take(5).collect();
	lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
