//! What a data provider declares its rows to be, and how it notices later that they have changed.
//!
//! On chain stands a [fingerprint](encrytrust_datasets::Summary::fingerprint) alone. The summary that it was made of stays
//! in the worker's database, so that the worker can say *what* has changed.

use crate::{
	config::Config,
	database::{Database, DatabaseError},
	keys::MasterSecret,
};
use anyhow::Context;
use encrytrust_chain_client::H256;
use encrytrust_datasets::{summarize, ColumnSpec, FingerprintKey, Source, Summary};
use encrytrust_job_client::files::private_folder;
use encrytrust_types::{
	dataset::{Column, Schema},
	text::printable,
	Name,
};

/// Rows as they are declared on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
	/// Number of rows.
	pub rows: u64,
	/// Their fingerprint.
	pub fingerprint: H256,
}

impl Declaration {
	/// The declaration of rows with this summary.
	pub fn new(summary: &Summary, columns: &[ColumnSpec], key: &FingerprintKey) -> Self {
		Self { rows: summary.rows, fingerprint: H256(summary.fingerprint(columns, key)) }
	}
}

/// A column whose name on chain is not UTF-8: it is no column of a table, and none is guessed.
#[derive(Debug, thiserror::Error)]
#[error("the name of column {0} of the schema on chain is not UTF-8: register the data set again")]
pub struct UnreadableName(usize);

/// The schema's columns as the data sets' crate wants them.
pub fn columns(schema: &Schema) -> Result<Vec<ColumnSpec>, UnreadableName> {
	let column = |(index, column): (usize, &Column)| {
		let name = String::from_utf8(column.name.to_vec()).map_err(|_| UnreadableName(index))?;
		Ok(ColumnSpec { name, decimals: column.decimals, bits: column.bits })
	};
	schema.columns().iter().enumerate().map(column).collect()
}

/// The chain's form of a schema.
pub fn schema(columns: &[ColumnSpec]) -> anyhow::Result<Schema> {
	let column = |column: &ColumnSpec| {
		Ok(Column { name: bounded_name(&column.name)?, decimals: column.decimals, bits: column.bits })
	};
	let columns = columns.iter().map(column).collect::<anyhow::Result<Vec<_>>>()?;
	Schema::try_from(columns).map_err(|_| anyhow::anyhow!("too many columns: at most 256"))
}

/// A name for the chain.
pub fn bounded_name(text: &str) -> anyhow::Result<Name> {
	if text.contains(char::REPLACEMENT_CHARACTER) {
		anyhow::bail!("'{text}' has lost a character (U+FFFD) when it was converted; correct the name");
	}
	if printable(text.as_bytes()).is_none() {
		anyhow::bail!("{text:?} has control characters, which the chain refuses in names; correct the name");
	}
	let name = Name::try_from(text.as_bytes().to_vec());
	name.map_err(|_| anyhow::anyhow!("'{text}' is too long for a name: at most 64 bytes"))
}

/// Reads a source and makes the declaration of its rows, whose summary is kept in the worker's state folder: before
/// anything is signed, so that no declaration is on chain without it.
pub async fn declare(config: &Config, source: Source, columns: Vec<ColumnSpec>) -> anyhow::Result<Declaration> {
	let key = MasterSecret::open(config).await?.fingerprint_key();
	private_folder(&config.state).with_context(|| format!("cannot create the folder {}", config.state))?;
	let database = Database::open(&config.database())?;
	let read = move || {
		let summary = summarize(&source, &columns, &key)?;
		let declaration = Declaration::new(&summary, &columns, &key);
		database.remember_summary(declaration.fingerprint, &summary)?;
		Ok(declaration)
	};
	tokio::task::spawn_blocking(read).await?
}

/// How rows differ from those that were declared, in a sentence; nothing if they do not.
pub fn difference(
	database: &Database,
	declared: Declaration,
	now: &Summary,
	columns: &[ColumnSpec],
	key: &FingerprintKey,
) -> Result<Option<String>, DatabaseError> {
	if Declaration::new(now, columns, key) == declared {
		return Ok(None);
	}
	let changes = match database.summary(declared.fingerprint)? {
		Some(before) => before.changes(now, columns).join(", "),
		None if now.rows != declared.rows => format!("{} rows instead of {}", now.rows, declared.rows),
		// The state folder or the master key is another one.
		None => "the details of the declaration are not in this worker's state folder".into(),
	};
	Ok(Some(format!("the source is not what was declared on chain: {changes}")))
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_datasets::Summarizer;

	fn specs() -> Vec<ColumnSpec> {
		vec![ColumnSpec { name: "age".into(), decimals: 0, bits: 8 }]
	}

	fn summary(rows: &[i64]) -> Summary {
		let mut summarizer = Summarizer::new(1, &FingerprintKey::new([1; 32]));
		rows.iter().for_each(|row| summarizer.add(&[*row]));
		summarizer.finish()
	}

	#[test]
	fn a_difference_is_told_as_far_as_it_is_known() {
		let folder = tempfile::tempdir().unwrap();
		let database = Database::open(&folder.path().join("worker.sqlite")).unwrap();
		let key = FingerprintKey::new([1; 32]);
		let other = FingerprintKey::new([2; 32]);
		let declared = Declaration::new(&summary(&[1, 2]), &specs(), &key);
		let tell = |now: &[i64], key| difference(&database, declared, &summary(now), &specs(), key).unwrap();
		assert_eq!(tell(&[2, 1], &key), None);
		assert!(tell(&[1, 2, 3], &key).unwrap().contains("3 rows instead of 2"));
		assert!(tell(&[1, 3], &key).unwrap().contains("not in this worker's state folder"));
		database.remember_summary(declared.fingerprint, &summary(&[1, 2])).unwrap();
		assert_eq!(tell(&[2, 1], &key), None);
		assert!(tell(&[1, 3], &key).unwrap().contains("another sum of column \"age\""));
		// Another master key.
		assert!(tell(&[1, 2], &other).is_some());
	}

	#[test]
	fn bounded_name_refuses_what_the_chain_refuses() {
		let longest = "n".repeat(64);
		for text in ["dose (mg)", "größe", &longest] {
			assert_eq!(bounded_name(text).unwrap().to_vec(), text.as_bytes());
		}
		for (text, reason) in [
			("a\u{1b}[1A", "has control characters"),
			("a\u{202e}b", "has control characters"),
			("a\u{fffd}b", "has lost a character"),
			(&"n".repeat(65), "is too long"),
		] {
			let error = bounded_name(text).unwrap_err().to_string();
			assert!(error.contains(reason) && printable(error.as_bytes()).is_some(), "{error:?}");
		}
	}

	#[test]
	fn a_column_whose_name_is_not_utf8_is_refused_and_not_guessed() {
		let schema = |name: &[u8]| {
			let name = name.to_vec().try_into().unwrap();
			Schema::try_from(vec![Column { name, decimals: 1, bits: 8 }]).unwrap()
		};
		assert_eq!(columns(&schema("größe".as_bytes())).unwrap()[0].name, "größe");
		assert!(columns(&schema(b"gr\xf6\xdfe")).unwrap_err().to_string().contains("is not UTF-8"));
	}

	#[test]
	fn a_name_that_lost_a_character_is_no_name_for_the_chain() {
		let column = |name: &str| [ColumnSpec { name: name.into(), decimals: 0, bits: 8 }];
		assert!(schema(&column("größe")).is_ok());
		let error = schema(&column("gr\u{fffd}e")).unwrap_err().to_string();
		assert!(error.contains("has lost a character"), "{error}");
	}
}
