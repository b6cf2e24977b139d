//! A worker's key file from the command line: made, shown, and converted from a former version's.

use std::{
	fs,
	os::unix::fs::PermissionsExt,
	path::Path,
	process::{Command, Output, Stdio},
};

fn keys(words: &[&str]) -> Output {
	let mut command = Command::new(env!("CARGO_BIN_EXE_encrytrust"));
	command.arg("keys").args(words).env_remove("RUST_LOG").env_remove("ENCRYTRUST_PASSPHRASE").stdin(Stdio::null());
	command.output().unwrap()
}

fn printed(words: &[&str]) -> serde_json::Value {
	let output = keys(&[words, &["--json"]].concat());
	assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
	serde_json::from_slice(&output.stdout).unwrap()
}

fn refused(words: &[&str], with: &str) {
	let output = keys(words);
	let text = String::from_utf8_lossy(&output.stderr);
	assert!(output.status.code() == Some(1) && text.contains(with), "{words:?}: {text}");
}

fn write(folder: &Path, name: &str, text: &str) -> String {
	let path = folder.join(name);
	fs::write(&path, text).unwrap();
	fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
	path.display().to_string()
}

#[test]
fn a_workers_key_file_opens_with_its_passphrase_alone() {
	let folder = tempfile::tempdir().unwrap();
	let [right, wrong, empty] = [("right", "correct horse\n"), ("wrong", "correct hors\n"), ("empty", "\n")]
		.map(|(name, text)| write(folder.path(), name, text));
	let file = folder.path().join("master.key").display().to_string();
	let made = printed(&["worker-new", &file, "--passphrase-file", &right]);
	assert_eq!(printed(&["show", &file, "--passphrase-file", &right]), made);
	assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
	refused(&["show", &file, "--passphrase-file", &wrong], "wrong passphrase");
	refused(&["worker-new", &file, "--passphrase-file", &right], "not overwritten");
	let other = folder.path().join("other.key").display().to_string();
	refused(&["worker-new", &other, "--passphrase-file", &empty], "the passphrase is empty");
	assert!(!Path::new(&other).exists());
}

#[test]
fn a_plain_key_file_is_refused_and_converted() {
	let folder = tempfile::tempdir().unwrap();
	let passphrase = write(folder.path(), "passphrase", "correct horse");
	let old = write(folder.path(), "old.key", &format!("{}\n", "7a65".repeat(16)));
	let new = folder.path().join("master.key").display().to_string();
	refused(&["show", &old, "--passphrase-file", &passphrase], "encrytrust keys worker-encrypt");
	let converted = printed(&["worker-encrypt", &old, &new, "--passphrase-file", &passphrase]);
	assert_eq!(printed(&["show", &new, "--passphrase-file", &passphrase]), converted);
	assert!(!fs::read_to_string(&new).unwrap().contains("7a65"));
	assert!(Path::new(&old).exists(), "the old one is left to its owner");
	refused(&["worker-encrypt", &new, &old, "--passphrase-file", &passphrase], "no plain key file");
}
