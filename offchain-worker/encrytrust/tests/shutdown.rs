//! The daemon when it is asked to end while something keeps it.

use std::{
	fs::{self, File},
	os::unix::fs::OpenOptionsExt,
	path::Path,
	process::{Child, Command, ExitStatus, Stdio},
	thread::sleep,
	time::{Duration, Instant},
};

/// Longer than the daemon waits for its threads.
const PATIENCE: Duration = Duration::from_secs(30);

/// Linux's flag for an error instead of waiting.
const O_NONBLOCK: i32 = 0o4000;

fn encrytrust() -> Command {
	let mut command = Command::new(env!("CARGO_BIN_EXE_encrytrust"));
	command.env_remove("RUST_LOG").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
	command
}

/// A daemon that reads from a pipe into which nobody writes, once it does.
fn kept_by(pipe: &str, folder: &Path) -> (Child, File) {
	let path = folder.join(pipe);
	assert!(Command::new("mkfifo").arg("-m").arg("600").arg(&path).status().unwrap().success());
	fs::write(folder.join("master.passphrase"), "correct horse").unwrap();
	if pipe != "master.key" {
		let mut command = encrytrust();
		command.args(["keys", "worker-new"]).arg(folder.join("master.key"));
		command.arg("--passphrase-file").arg(folder.join("master.passphrase"));
		assert!(command.status().unwrap().success());
	}
	let config = "node = \"ws://127.0.0.1:1\"\nstate = \"state\"\nroles = [\"computing-provider\"]\nlisten = \
		\"/ip4/127.0.0.1/tcp/0\"\nmaster_key = \"master.key\"\nmaster_passphrase = { file = \"master.passphrase\" }\naccount = { uri = \"//Alice\" }\n[paillier]\nkey = \
		\"paillier.key\"\npassphrase = { file = \"passphrase\" }\n";
	let file = folder.join("worker.toml");
	if pipe != "worker.toml" {
		fs::write(&file, config).unwrap();
	}
	let daemon = encrytrust().args(["worker", "run", "--config"]).arg(&file).spawn().unwrap();
	// It does not open before the daemon has opened the other end.
	let begin = Instant::now();
	loop {
		match File::options().write(true).custom_flags(O_NONBLOCK).open(&path) {
			Ok(writer) => return (daemon, writer),
			Err(error) => assert!(begin.elapsed() < PATIENCE, "{error}"),
		}
		sleep(Duration::from_millis(50));
	}
}

fn signal(daemon: &Child, name: &str) {
	assert!(Command::new("kill").args([format!("-{name}"), daemon.id().to_string()]).status().unwrap().success());
}

fn ended_within(daemon: &mut Child, patience: Duration) -> Option<ExitStatus> {
	let begin = Instant::now();
	loop {
		if let Some(status) = daemon.try_wait().unwrap() {
			return Some(status);
		}
		if begin.elapsed() > patience {
			return None;
		}
		sleep(Duration::from_millis(50));
	}
}

fn ended(daemon: &mut Child) -> ExitStatus {
	let status = ended_within(daemon, PATIENCE);
	let _ = daemon.kill();
	let _ = daemon.wait();
	status.expect("it ends")
}

#[test]
fn a_thread_that_waits_for_ever_does_not_keep_the_daemon() {
	for (name, pipe) in [("TERM", "passphrase"), ("INT", "passphrase"), ("TERM", "master.key")] {
		let folder = tempfile::tempdir().unwrap();
		let (mut daemon, _writer) = kept_by(pipe, folder.path());
		signal(&daemon, name);
		assert_eq!(ended(&mut daemon).code(), Some(0), "{name}, {pipe}");
	}
}

#[test]
fn a_second_signal_ends_the_daemon_at_once() {
	let folder = tempfile::tempdir().unwrap();
	let (mut daemon, _writer) = kept_by("worker.toml", folder.path());
	signal(&daemon, "INT");
	assert_eq!(ended_within(&mut daemon, Duration::from_secs(1)), None, "it is asked to end");
	signal(&daemon, "INT");
	assert_eq!(ended(&mut daemon).code(), Some(1));
}
