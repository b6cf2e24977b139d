//! Data sources: where a table is.

use crate::{ConnectionUrl, DataError};
use serde::Deserialize;
use std::{
	fmt,
	path::{Path, PathBuf},
};

/// A table somewhere. [Read from configuration](crate) by its `type`, and never written: a URL may hold a password.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub enum Source {
	/// A CSV file: comma-separated, UTF-8, the first line names the columns.
	Csv {
		/// The file.
		path: PathBuf,
	},
	/// A SQLite database.
	Sqlite {
		/// The file.
		path: PathBuf,
		/// The table or query.
		relation: Relation,
	},
	/// A PostgreSQL database.
	Postgres {
		/// The server, and the user.
		url: ConnectionUrl,
		/// The table or query.
		relation: Relation,
	},
}

/// What is read of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
	/// All rows of a table or view; the name may be qualified: `schema.table`.
	Table(String),
	/// The rows of one query.
	Query(String),
}

impl Source {
	/// The same source with a relative path taken from `folder`: that of the configuration file.
	pub fn relative_to(self, folder: &Path) -> Self {
		match self {
			Self::Csv { path } => Self::Csv { path: folder.join(path) },
			Self::Sqlite { path, relation } => Self::Sqlite { path: folder.join(path), relation },
			Self::Postgres { .. } => self,
		}
	}
}

/// The source as errors name it.
impl fmt::Display for Source {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Csv { path } => path.display().fmt(f),
			Self::Sqlite { path, relation } => write!(f, "{relation} of {}", path.display()),
			Self::Postgres { url, relation } => write!(f, "{relation} of {url}"),
		}
	}
}

impl fmt::Debug for Source {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "Source({self})")
	}
}

impl fmt::Display for Relation {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Table(name) => write!(f, "table \"{name}\""),
			Self::Query(_) => f.write_str("the query"),
		}
	}
}

impl Relation {
	/// What follows `FROM`: the quoted name, or the query in brackets.
	pub(crate) fn sql_item(&self) -> String {
		match self {
			Self::Table(name) => name.split('.').map(quoted).collect::<Vec<_>>().join("."),
			// A new line, since the query may end in a comment.
			Self::Query(query) => format!("({}\n) AS data", query.trim().trim_end_matches(';')),
		}
	}
}

/// An identifier in SQL, whatever it contains.
pub(crate) fn quoted(name: &str) -> String {
	format!("\"{}\"", name.replace('"', "\"\""))
}

/// A source as it is written in a configuration file.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum Written {
	Csv { path: PathBuf },
	Sqlite { path: PathBuf, table: Option<String>, query: Option<String> },
	Postgres { url: ConnectionUrl, table: Option<String>, query: Option<String> },
}

impl TryFrom<Written> for Source {
	type Error = DataError;

	fn try_from(written: Written) -> Result<Self, DataError> {
		Ok(match written {
			Written::Csv { path } => Self::Csv { path },
			Written::Sqlite { path, table, query } => Self::Sqlite { path, relation: relation(table, query)? },
			Written::Postgres { url, table, query } => Self::Postgres { url, relation: relation(table, query)? },
		})
	}
}

fn relation(table: Option<String>, query: Option<String>) -> Result<Relation, DataError> {
	match (table, query) {
		(Some(table), None) => Ok(Relation::Table(table)),
		(None, Some(query)) => Ok(Relation::Query(query)),
		_ => Err(DataError::BadSource { reason: "give a database either `table` or `query`".into() }),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn source_is_read_from_toml() {
		let table = |name: &str| Relation::Table(name.into());
		let url = "postgres://u:secret@h/d".parse().unwrap();
		for (text, expected) in [
			("type = \"csv\"\npath = \"a.csv\"\n", Source::Csv { path: "a.csv".into() }),
			(
				"type = \"sqlite\"\npath = \"a.db\"\ntable = \"t\"\n",
				Source::Sqlite { path: "a.db".into(), relation: table("t") },
			),
			(
				"type = \"sqlite\"\npath = \"a.db\"\nquery = \"SELECT 1\"\n",
				Source::Sqlite { path: "a.db".into(), relation: Relation::Query("SELECT 1".into()) },
			),
			(
				"type = \"postgres\"\nurl = \"postgres://u:secret@h/d\"\ntable = \"s.t\"\n",
				Source::Postgres { url, relation: table("s.t") },
			),
		] {
			assert_eq!(toml::from_str::<Source>(text).unwrap(), expected);
		}
	}

	#[test]
	fn source_fails_for_wrong_configuration_with_reason() {
		for (text, reason) in [
			("path = \"a.csv\"", "type"),
			("type = \"excel\"\npath = \"a.xls\"", "unknown variant"),
			("type = \"csv\"", "path"),
			("type = \"csv\"\npath = \"a.csv\"\ntable = \"t\"", "unknown field"),
			("type = \"sqlite\"\npath = \"a.db\"", "either `table` or `query`"),
			("type = \"sqlite\"\npath = \"a.db\"\ntable = \"t\"\nquery = \"q\"", "either `table` or `query`"),
			("type = \"postgres\"\ntable = \"t\"", "url"),
			("type = \"postgres\"\nurl = \"postgres://u:p@q@h/d\"\ntable = \"t\"", "%40"),
		] {
			let error = toml::from_str::<Source>(text).unwrap_err().to_string();
			assert!(error.contains(reason), "{text}: {error}");
		}
	}

	#[test]
	fn display_and_debug_of_source_do_not_show_the_password() {
		for url in ["postgres://u:hush@db:5433/d", "host=db port=5433 user=u password=hush dbname=d"] {
			let source = Source::Postgres { url: url.parse().unwrap(), relation: Relation::Table("t".into()) };
			assert_eq!(source.to_string(), "table \"t\" of PostgreSQL at db:5433/d");
			assert_eq!(format!("{source:?}"), format!("Source({source})"));
		}
	}

	#[test]
	fn sql_item_quotes_names() {
		assert_eq!(Relation::Table("s.a\"; DROP".into()).sql_item(), "\"s\".\"a\"\"; DROP\"");
		assert_eq!(Relation::Query("SELECT 1 -- one;\n".into()).sql_item(), "(SELECT 1 -- one\n) AS data");
	}

	#[test]
	fn relative_to_joins_relative_paths_only() {
		let csv = |path: &str| Source::Csv { path: path.into() };
		assert_eq!(csv("a.csv").relative_to(Path::new("/etc/worker")), csv("/etc/worker/a.csv"));
		assert_eq!(csv("/data/a.csv").relative_to(Path::new("/etc/worker")), csv("/data/a.csv"));
	}
}
