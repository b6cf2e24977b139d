//! What is noted of a request, next to the user's key.

use crate::{files::write_private, paths::shown};
use anyhow::{bail, Context, Result};
use encrytrust_chain_client::AccountId;
use encrytrust_types::job::{Selection, SelectionTerms};
use serde::{Deserialize, Serialize};
use std::{
	collections::BTreeSet,
	fs, io,
	path::{Path, PathBuf},
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What the user has to remember of a request: the chain has a commitment alone. A secret, which is erased when dropped.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct Note {
	pub(super) genesis: String,
	pub(super) commitment: String,
	/// The columns' names, for people.
	pub(super) columns: Vec<String>,
	/// The features' indices.
	pub(super) features: Vec<u16>,
	pub(super) salt: String,
	/// The data providers' accounts.
	#[serde(default)]
	pub(super) data_providers: Vec<String>,
}

/// `user.key` has its notes in `user.key.jobs/`.
fn notes_folder(key: &Path) -> PathBuf {
	let mut name = key.file_name().unwrap_or_default().to_os_string();
	name.push(".jobs");
	key.with_file_name(name)
}

fn note_path(key: &Path, commitment: &str) -> PathBuf {
	notes_folder(key).join(format!("{commitment}.json"))
}

pub(super) fn write_note(key: &Path, note: &Note) -> Result<()> {
	let path = note_path(key, &note.commitment);
	let folder = path.parent().unwrap_or(Path::new("."));
	fs::create_dir_all(folder).with_context(|| format!("cannot create the folder {}", shown(folder)))?;
	let text = Zeroizing::new(serde_json::to_vec_pretty(note)?);
	write_private(&path, &text).with_context(|| format!("cannot write {}", shown(&path)))
}

/// What a job was asked for, by the note beside the key.
pub fn noted_selection(key: &Path, terms: &SelectionTerms, of: u16) -> Result<Selection> {
	let path = note_path(key, &hex::encode(terms.commitment));
	let lost =
		|| format!("cannot read the note of the request, {}: it is made where the job is asked for", shown(&path));
	let text = Zeroizing::new(fs::read(&path).with_context(lost)?);
	let note: Note = serde_json::from_slice(&text).with_context(lost)?;
	let mut salt = Zeroizing::new([0; 32]);
	hex::decode_to_slice(&note.salt, &mut *salt).with_context(lost)?;
	let selection = Selection::new(*salt, &note.features, of);
	selection.filter(|selection| selection.commitment(of) == terms.commitment).with_context(lost)
}

/// Checks that a key was used for no request to other data providers, by the notes beside it.
///
/// What is encrypted under the key is public, and an input carries no proof that its provider knows what it holds: a data
/// provider may commit to an earlier result, changed, and learn from what the user does with the sum.
///
/// # Errors
///
/// Earlier requests with the key, and a data provider that none of them named.
pub fn check_key_use<'a>(key: &Path, data_providers: impl IntoIterator<Item = &'a AccountId>) -> Result<()> {
	let folder = notes_folder(key);
	let unreadable = || format!("cannot read the notes of earlier requests in {}", shown(&folder));
	let entries = match fs::read_dir(&folder) {
		Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
		entries => entries.with_context(unreadable)?,
	};
	let mut requests = 0;
	let mut earlier = BTreeSet::new();
	for entry in entries {
		let path = entry.with_context(unreadable)?.path();
		if path.extension().is_some_and(|extension| extension == "json") {
			let text = Zeroizing::new(fs::read(&path).with_context(unreadable)?);
			let note: Note = serde_json::from_slice(&text).with_context(unreadable)?;
			earlier.extend(note.data_providers.iter().cloned());
			requests += 1;
		}
	}
	let new = data_providers.into_iter().map(AccountId::to_string).find(|provider| !earlier.contains(provider));
	match new.filter(|_| requests > 0) {
		None => Ok(()),
		Some(new) => bail!(
			"the key {} was used for {requests} earlier requests without the data provider {new}, who could learn from this \
			 job something of their results: make a key for each study with `encrytrust keys user-new`, or go on with \
			 --reuse-key; see docs/security.md",
			shown(key)
		),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_chain_client::H256;

	fn note(commitment: &str, data_providers: &[AccountId]) -> Note {
		Note {
			genesis: String::new(),
			commitment: commitment.into(),
			columns: vec![],
			features: vec![1, 4],
			salt: hex::encode([3; 32]),
			data_providers: data_providers.iter().map(AccountId::to_string).collect(),
		}
	}

	#[test]
	fn check_key_use_fails_for_data_providers_that_no_earlier_request_named() {
		let folder = tempfile::tempdir().unwrap();
		let key = folder.path().join("user.key");
		let [a, b, c] = [1, 2, 3].map(|byte| AccountId([byte; 32]));
		let check = |providers: &[&AccountId]| check_key_use(&key, providers.iter().copied());
		assert!(check(&[&a, &c]).is_ok(), "the first request");
		// Work that was split may leave a provider out of one of its jobs.
		write_note(&key, &note("01", &[a.clone(), b.clone()])).unwrap();
		write_note(&key, &note("02", std::slice::from_ref(&a))).unwrap();
		assert!(check(&[&a, &b]).is_ok() && check(&[&b]).is_ok());
		let error = check(&[&a, &c]).unwrap_err().to_string();
		assert!(error.contains(&c.to_string()) && error.contains("--reuse-key"), "{error}");
		write_note(&key, &note("03", &[a.clone(), c.clone()])).unwrap();
		assert!(check(&[&a, &c]).is_ok());
		fs::write(folder.path().join("user.key.jobs/04.json"), "nothing").unwrap();
		assert!(check(&[&a]).is_err(), "a note that cannot be read");
	}

	#[test]
	fn check_key_use_fails_for_notes_without_data_providers() {
		let folder = tempfile::tempdir().unwrap();
		let key = folder.path().join("user.key");
		fs::create_dir(folder.path().join("user.key.jobs")).unwrap();
		let text = r#"{ "genesis": "", "commitment": "01", "columns": [], "features": [], "salt": "" }"#;
		fs::write(folder.path().join("user.key.jobs/01.json"), text).unwrap();
		assert!(check_key_use(&key, [&AccountId([1; 32])]).is_err());
	}

	#[test]
	fn a_note_opens_its_own_commitment_alone() {
		let folder = tempfile::tempdir().unwrap();
		let key = folder.path().join("user.key");
		let selection = Selection::new([3; 32], &[1, 4], 6).unwrap();
		let commitment = selection.commitment(6);
		write_note(&key, &note(&hex::encode(commitment), &[])).unwrap();
		let terms = SelectionTerms { commitment, selected: 2, sealed: Default::default() };
		assert_eq!(noted_selection(&key, &terms, 6).unwrap(), selection);
		assert!(noted_selection(&key, &terms, 7).is_err());
		let other = SelectionTerms { commitment: H256([9; 32]), ..terms };
		assert!(noted_selection(&key, &other, 6).is_err());
	}
}
