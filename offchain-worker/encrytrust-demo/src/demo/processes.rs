//! The demonstration's children: a node and workers, with a folder each.

use crate::behaviours::Cheat;
use anyhow::{anyhow, bail, Context, Result};
use encrytrust_chain_client::Client;
use encrytrust_types::job::Commitment;
use std::{
	ffi::OsString,
	fs::{self, File},
	net::TcpListener,
	path::{Path, PathBuf},
	process::Stdio,
	time::Duration,
};
use tokio::process::{Child, Command};
use tracing::warn;

/// How long the node may take to answer.
const PATIENCE: Duration = Duration::from_secs(180);
/// The node's name among the children.
const NODE: &str = "node";
/// How often the children are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Children of this process. They are killed when this is dropped, whatever the reason.
pub(super) struct Processes {
	folder: PathBuf,
	running: Vec<Running>,
	ports: Vec<TcpListener>,
	/// All is done, and they are left running for people.
	pub(super) kept: bool,
}

/// What a cheat takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Means {
	/// What the worker committed to in another job, to be used again.
	Earlier(Commitment),
	/// The peer key of the worker that is not served.
	Unserved([u8; 32]),
}

impl Means {
	fn arguments(self) -> [OsString; 2] {
		match self {
			Self::Earlier(commitment) => ["--earlier".into(), hex::encode(commitment.blob).into()],
			Self::Unserved(peer) => ["--unserved".into(), hex::encode(peer).into()],
		}
	}
}

struct Running {
	name: String,
	log: PathBuf,
	program: PathBuf,
	arguments: Vec<OsString>,
	child: Child,
}

impl Running {
	fn spawn(name: &str, log: &Path, program: &Path, arguments: &[OsString]) -> Result<Child> {
		let file = File::options().create(true).append(true).open(log);
		let file = file.with_context(|| format!("cannot write {}", log.display()))?;
		let mut command = Command::new(program);
		command.args(arguments).stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).kill_on_drop(true);
		command
			.spawn()
			.with_context(|| format!("cannot start {name}, {}: name the node's program with --node", program.display()))
	}

	/// Kills it with SIGKILL and starts it again.
	async fn restart(&mut self) -> Result<()> {
		self.child.kill().await.with_context(|| format!("cannot kill {}", self.name))?;
		self.child = Self::spawn(&self.name, &self.log, &self.program, &self.arguments)?;
		Ok(())
	}
}

impl Processes {
	pub(super) fn new(folder: &Path) -> Self {
		Self { folder: folder.into(), running: Vec::new(), ports: Vec::new(), kept: false }
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
		let rpc = self.port()?;
		let p2p = self.port()?;
		let mut arguments: Vec<OsString> =
			["--dev", "--no-prometheus", "--no-telemetry", "--no-mdns", "--base-path"].map(OsString::from).into();
		arguments.push(self.folder.join("node").into());
		arguments.extend(["--rpc-port".into(), rpc.to_string().into()]);
		arguments.extend(["--listen-addr".into(), format!("/ip4/127.0.0.1/tcp/{p2p}").into()]);
		self.start(NODE, program.into(), arguments)?;
		Ok(format!("ws://127.0.0.1:{rpc}"))
	}

	/// Starts a worker: this very program.
	pub(super) fn start_worker(&mut self, name: &str, config: &Path) -> Result<()> {
		let program = std::env::current_exe().context("this program does not know where it is")?;
		let mut arguments: Vec<OsString> = ["worker", "--config"].map(OsString::from).into();
		arguments.push(config.into());
		self.start(name, program, arguments)
	}

	/// Has a worker that is running cheat from now on, with what that takes.
	pub(super) async fn make_cheat(&mut self, name: &str, cheat: Cheat, means: Option<Means>) -> Result<()> {
		let worker = self.running.iter_mut().find(|running| running.name == name);
		let worker = worker.with_context(|| format!("there is no worker {name}"))?;
		worker.arguments.extend(["--behaviour", cheat.name()].map(OsString::from));
		worker.arguments.extend(means.into_iter().flat_map(Means::arguments));
		worker.restart().await
	}

	/// Has a cheat be honest again.
	pub(super) async fn make_honest(&mut self, name: &str) -> Result<()> {
		let worker = self.running.iter_mut().find(|running| running.name == name);
		let worker = worker.with_context(|| format!("there is no worker {name}"))?;
		if let Some(at) = worker.arguments.iter().position(|argument| argument == "--behaviour") {
			worker.arguments.truncate(at);
		}
		worker.restart().await
	}

	fn start(&mut self, name: &str, program: PathBuf, arguments: Vec<OsString>) -> Result<()> {
		self.ports.clear();
		let log = self.folder.join(format!("{name}.log"));
		let child = Running::spawn(name, &log, &program, &arguments)?;
		self.running.push(Running { name: name.into(), log, program, arguments, child });
		Ok(())
	}

	/// Kills every worker with SIGKILL and starts it again.
	pub(super) async fn restart_workers(&mut self) -> Result<()> {
		for running in self.running.iter_mut().filter(|running| running.name != NODE) {
			running.restart().await?;
		}
		Ok(())
	}

	/// Kills a worker with SIGKILL, whichever is in this place modulo their number, and starts it again; returns its name.
	pub(super) async fn restart_worker(&mut self, place: usize) -> Result<String> {
		let mut workers: Vec<_> = self.running.iter_mut().filter(|running| running.name != NODE).collect();
		let count = workers.len().max(1);
		let worker = workers.get_mut(place % count).context("there is no worker")?;
		worker.restart().await?;
		Ok(worker.name.clone())
	}

	/// Kills the node with SIGKILL and starts it again on its database.
	pub(super) async fn restart_node(&mut self) -> Result<()> {
		for running in self.running.iter_mut().filter(|running| running.name == NODE) {
			running.restart().await?;
		}
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
				warn!("cannot end {}: {error}", running.name);
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
