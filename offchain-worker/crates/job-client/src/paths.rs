//! Paths as people give them: somebody may have written a secret in a path's place.

use serde::Deserialize;
use std::{
	fmt::{self, Debug, Display},
	ops::Deref,
	path::{Path, PathBuf},
};

/// A path that somebody gave. It is shown unless it looks as if they had written a secret in its place.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct GivenPath(PathBuf);

impl From<PathBuf> for GivenPath {
	fn from(path: PathBuf) -> Self {
		Self(path)
	}
}

impl From<&Path> for GivenPath {
	fn from(path: &Path) -> Self {
		Self(path.into())
	}
}

impl From<&str> for GivenPath {
	fn from(path: &str) -> Self {
		Self(path.into())
	}
}

impl Deref for GivenPath {
	type Target = Path;

	fn deref(&self) -> &Path {
		&self.0
	}
}

impl Display for GivenPath {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&shown(&self.0))
	}
}

impl Debug for GivenPath {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		Debug::fmt(&shown(&self.0), f)
	}
}

/// A path for people; what looks like a secret rather than a path is left out.
pub fn shown(path: &Path) -> String {
	match may_be_secret(path) {
		true => "(not shown: it looks like a secret rather than a path)".into(),
		false => path.display().to_string(),
	}
}

/// Whether any part of a path looks like a secret phrase, a secret URI, a key or a seed.
fn may_be_secret(path: &Path) -> bool {
	const WORDS: usize = 6;
	const DIGITS: usize = 64;
	let text = path.to_string_lossy();
	let is_secret = |part: &str| {
		let has_digits = part.split(|char: char| !char.is_ascii_hexdigit()).any(|digits| digits.len() >= DIGITS);
		has_digits || part.starts_with("0x") || part.starts_with("0X") || part.split_whitespace().count() >= WORDS
	};
	text.starts_with("//") || text.contains("///") || text.split('/').any(is_secret)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_path_is_shown_unless_it_looks_like_a_secret() {
		const PHRASE: &str = "zebra quilt vortex jazz oxygen kiwi zebra quilt vortex jazz oxygen kiwi";
		let (seed, path) = ("7a65".repeat(16), "/etc/encrytrust");
		for secret in [
			PHRASE.to_string(),
			format!("{PHRASE}//hard"),
			format!("{PHRASE}//hard/soft///word"),
			format!("{path}/{PHRASE}/hard"),
			format!("{path}/0x7a65/hard"),
			format!("0x{seed}"),
			format!("0X{seed}//hard"),
			format!("{path}/{seed}"),
			format!("{seed}.key"),
			seed.to_uppercase(),
			"//zebra".into(),
			"zebra///quilt".into(),
		] {
			let given = GivenPath::from(&*secret);
			for text in [given.to_string(), format!("{given:?}")] {
				let text = text.to_lowercase();
				assert!(!text.contains("zebra") && !text.contains("7a65") && !text.contains("quilt"), "{text}");
			}
		}
		for path in ["master.key", "/etc//encrytrust/account.secret", "My own files/key 0x.txt", &seed[1..], "a/../b"] {
			assert_eq!(GivenPath::from(path).to_string(), path);
		}
	}
}
