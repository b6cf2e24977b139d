//! What is noted of a request, next to the user's key.

use crate::{files::write_private, paths::shown};
use anyhow::{Context, Result};
use encrytrust_types::job::{Selection, SelectionTerms};
use serde::{Deserialize, Serialize};
use std::{
	fs,
	path::{Path, PathBuf},
};

/// What the user has to remember of a request: the chain has a commitment alone.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Note {
	pub(super) genesis: String,
	pub(super) commitment: String,
	/// The columns' names, for people.
	pub(super) columns: Vec<String>,
	/// The features' indices.
	pub(super) features: Vec<u16>,
	pub(super) salt: String,
}

/// `user.key` has its notes in `user.key.jobs/`.
fn note_path(key: &Path, commitment: &str) -> PathBuf {
	let mut name = key.file_name().unwrap_or_default().to_os_string();
	name.push(".jobs");
	key.with_file_name(name).join(format!("{commitment}.json"))
}

pub(super) fn write_note(key: &Path, note: &Note) -> Result<()> {
	let path = note_path(key, &note.commitment);
	let folder = path.parent().unwrap_or(Path::new("."));
	fs::create_dir_all(folder).with_context(|| format!("cannot create the folder {}", shown(folder)))?;
	write_private(&path, &serde_json::to_vec_pretty(note)?).with_context(|| format!("cannot write {}", shown(&path)))
}

/// What a job was asked for, by the note beside the key.
pub fn noted_selection(key: &Path, terms: &SelectionTerms, of: u16) -> Result<Selection> {
	let path = note_path(key, &hex::encode(terms.commitment));
	let lost =
		|| format!("cannot read the note of the request, {}: it is made where the job is asked for", shown(&path));
	let note: Note = serde_json::from_slice(&fs::read(&path).with_context(lost)?).with_context(lost)?;
	let mut salt = [0; 32];
	hex::decode_to_slice(&note.salt, &mut salt).with_context(lost)?;
	let selection = Selection::new(salt, &note.features, of);
	selection.filter(|selection| selection.commitment(of) == terms.commitment).with_context(lost)
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_chain_client::H256;

	#[test]
	fn a_note_opens_its_own_commitment_alone() {
		let folder = tempfile::tempdir().unwrap();
		let key = folder.path().join("user.key");
		let selection = Selection::new([3; 32], &[1, 4], 6).unwrap();
		let commitment = selection.commitment(6);
		let note = Note {
			genesis: String::new(),
			commitment: hex::encode(commitment),
			columns: vec![],
			features: vec![1, 4],
			salt: hex::encode([3; 32]),
		};
		write_note(&key, &note).unwrap();
		let terms = SelectionTerms { commitment, selected: 2, sealed: Default::default() };
		assert_eq!(noted_selection(&key, &terms, 6).unwrap(), selection);
		assert!(noted_selection(&key, &terms, 7).is_err());
		let other = SelectionTerms { commitment: H256([9; 32]), ..terms };
		assert!(noted_selection(&key, &other, 6).is_err());
	}
}
