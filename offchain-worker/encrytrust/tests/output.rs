//! The program when nobody takes what it writes: a full disk is an error, a pipe that nobody reads ends it quietly, and it
//! never panics.

use std::{
	fs::{self, File},
	path::Path,
	process::{Command, Output, Stdio},
};

/// Commands that need no chain and write something, with the status that they have otherwise.
fn commands(folder: &Path) -> Vec<(Vec<String>, i32)> {
	let file = |name: &str, text: &str| {
		let path = folder.join(name);
		fs::write(&path, text).unwrap();
		path.display().to_string()
	};
	let table = file("table.csv", "age,weight\n31,71.5\n47,80.25\n");
	let master = folder.join("master.key").display().to_string();
	let passphrase = file("master.passphrase", "correct horse");
	let config = "node = \"ws://127.0.0.1:1\"\nstate = \"state\"\nroles = [\"coordinator\"]\nlisten = \
		\"/ip4/127.0.0.1/tcp/0\"\nmaster_key = \"master.key\"\nmaster_passphrase = { file = \"master.passphrase\" }\n\
		account = { uri = \"//Alice\" }\n";
	let config = file("worker.toml", config);
	run(&["keys", "worker-new", &master, "--passphrase-file", &passphrase], Stdio::null(), Stdio::null());
	let all: &[(&[&str], i32)] = &[
		(&["--help"], 0),
		(&["job", "request", "--help"], 0),
		(&["--version"], 0),
		(&["completions", "bash"], 0),
		(&["keys", "show", &master, "--passphrase-file", &passphrase], 0),
		(&["keys", "show", &master, "--json", "--passphrase-file", &passphrase], 0),
		(&["dataset", "schema", &table], 0),
		(&["keys", "show", "nowhere.key", "--json"], 1),
		(&["worker", "seen", "0", "--config", &config, "--json"], 1),
	];
	all.iter().map(|(words, status)| (words.iter().map(ToString::to_string).collect(), *status)).collect()
}

fn run(words: &[impl AsRef<std::ffi::OsStr>], stdout: impl Into<Stdio>, stderr: impl Into<Stdio>) -> Output {
	let mut command = Command::new(env!("CARGO_BIN_EXE_encrytrust"));
	command.args(words).env_remove("RUST_LOG").stdin(Stdio::null()).stdout(stdout).stderr(stderr);
	command.spawn().unwrap().wait_with_output().unwrap()
}

fn full() -> File {
	File::options().write(true).open("/dev/full").unwrap()
}

/// A pipe that nobody reads.
fn closed_pipe() -> Stdio {
	let (reader, writer) = std::io::pipe().unwrap();
	drop(reader);
	writer.into()
}

fn told(output: &Output) -> String {
	let text = String::from_utf8_lossy(&output.stderr).into_owned();
	assert!(!text.contains("panicked"), "{text}");
	text
}

#[test]
fn a_full_disk_is_a_sentence_and_status_1() {
	let folder = tempfile::tempdir().unwrap();
	for (words, _) in commands(folder.path()) {
		let output = run(&words, full(), Stdio::piped());
		let text = told(&output);
		assert_eq!(output.status.code(), Some(1), "{words:?}: {text}");
		assert!(text.starts_with("error: ") && text.lines().count() == 1, "{words:?}: {text}");
		let is_told =
			text.contains("No space left on device") || text.contains("nowhere.key") || text.contains("has not run");
		assert!(is_told, "{words:?}: {text}");
	}
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
	let folder = tempfile::tempdir().unwrap();
	for (words, status) in commands(folder.path()) {
		let output = run(&words, closed_pipe(), Stdio::piped());
		let text = told(&output);
		if status == 0 {
			assert_eq!((output.status.code(), text.as_str()), (Some(141), ""), "{words:?}");
		} else {
			// The error is still told.
			assert_eq!(output.status.code(), Some(1), "{words:?}");
			assert!(text.starts_with("error: "), "{words:?}: {text}");
		}
	}
}

#[test]
fn a_log_that_cannot_be_written_changes_nothing() {
	let folder = tempfile::tempdir().unwrap();
	for (words, status) in commands(folder.path()) {
		for stderr in [Stdio::from(full()), closed_pipe()] {
			let output = run(&words, Stdio::piped(), stderr);
			assert_eq!(output.status.code(), Some(status), "{words:?}");
			assert!(!output.stdout.is_empty() || status == 1, "{words:?}");
		}
		let output = run(&words, full(), full());
		assert_eq!(output.status.code(), Some(1), "{words:?}");
	}
}

#[test]
fn a_chatty_log_that_cannot_be_written_changes_nothing() {
	// Nobody answers there: the command gives up after some seconds, and its log is full of that.
	let words = ["job", "status", "0", "--json", "--url", "ws://127.0.0.1:1"];
	for stderr in [Stdio::from(full()), closed_pipe()] {
		let mut command = Command::new(env!("CARGO_BIN_EXE_encrytrust"));
		command.args(words).env("RUST_LOG", "trace").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
		let output = command.spawn().unwrap().wait_with_output().unwrap();
		assert_eq!(output.status.code(), Some(1));
		assert!(String::from_utf8_lossy(&output.stdout).contains("no node answers"));
	}
}
