//! Where a table is.

use crate::DataError;
use serde::{Deserialize, Serialize};
use std::{
	fmt,
	path::{Path, PathBuf},
};

/// A table somewhere. [Read from configuration](crate) by its `type`; Debug and Display leave the URL's password out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Source {
	/// A CSV file: comma-separated, UTF-8, the first line names the columns.
	Csv {
		/// The file.
		path: PathBuf,
	},
	/// A SQLite database.
	Sqlite {
		/// Its file.
		path: PathBuf,
		/// What of it.
		relation: Relation,
	},
	/// A PostgreSQL database.
	Postgres {
		/// `postgres://user[:password]@host[:port]/database[?options]`, or libpq's `key=value` form.
		url: String,
		/// What of it.
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
			Self::Postgres { url, relation } => write!(f, "{relation} of {}", crate::postgres::server(url)),
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
	/// What stands behind `FROM`: the quoted name, or the query in brackets.
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

/// How a source stands in a configuration file.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum Written {
	Csv {
		path: PathBuf,
	},
	Sqlite {
		path: PathBuf,
		#[serde(default, skip_serializing_if = "Option::is_none")]
		table: Option<String>,
		#[serde(default, skip_serializing_if = "Option::is_none")]
		query: Option<String>,
	},
	Postgres {
		url: String,
		#[serde(default, skip_serializing_if = "Option::is_none")]
		table: Option<String>,
		#[serde(default, skip_serializing_if = "Option::is_none")]
		query: Option<String>,
	},
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
		_ => Err(DataError::BadSource { why: "give a database either `table` or `query`".into() }),
	}
}

impl From<Source> for Written {
	fn from(source: Source) -> Self {
		let split = |relation| match relation {
			Relation::Table(name) => (Some(name), None),
			Relation::Query(query) => (None, Some(query)),
		};
		match source {
			Source::Csv { path } => Self::Csv { path },
			Source::Sqlite { path, relation } => {
				let (table, query) = split(relation);
				Self::Sqlite { path, table, query }
			},
			Source::Postgres { url, relation } => {
				let (table, query) = split(relation);
				Self::Postgres { url, table, query }
			},
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn sources_are_read_from_toml_and_written_back() {
		for text in [
			"type = \"csv\"\npath = \"a.csv\"\n",
			"type = \"sqlite\"\npath = \"a.db\"\ntable = \"t\"\n",
			"type = \"sqlite\"\npath = \"a.db\"\nquery = \"SELECT 1\"\n",
			"type = \"postgres\"\nurl = \"postgres://u:secret@h/d\"\ntable = \"s.t\"\n",
		] {
			let source: Source = toml::from_str(text).unwrap();
			assert_eq!(toml::to_string(&source).unwrap(), text);
			let json = serde_json::to_string(&source).unwrap();
			assert_eq!(serde_json::from_str::<Source>(&json).unwrap(), source);
		}
	}

	#[test]
	fn a_wrong_configuration_is_refused_with_the_reason() {
		for (text, why) in [
			("path = \"a.csv\"", "type"),
			("type = \"excel\"\npath = \"a.xls\"", "unknown variant"),
			("type = \"csv\"", "path"),
			("type = \"csv\"\npath = \"a.csv\"\ntable = \"t\"", "unknown field"),
			("type = \"sqlite\"\npath = \"a.db\"", "either `table` or `query`"),
			("type = \"sqlite\"\npath = \"a.db\"\ntable = \"t\"\nquery = \"q\"", "either `table` or `query`"),
			("type = \"postgres\"\ntable = \"t\"", "url"),
		] {
			let error = toml::from_str::<Source>(text).unwrap_err().to_string();
			assert!(error.contains(why), "{text}: {error}");
		}
	}

	#[test]
	fn a_password_is_never_shown() {
		for url in
			["postgres://u:hush@db:5433/d", "host=db port=5433 user=u password=hush dbname=d", "postgres://u:hush@:x/"]
		{
			let source = Source::Postgres { url: url.into(), relation: Relation::Table("t".into()) };
			for shown in [format!("{source:?}"), source.to_string()] {
				assert!(!shown.contains("hush"), "{shown}");
				assert!(shown.contains("db:5433/d") || url.ends_with("x/"), "{shown}");
			}
		}
	}

	#[test]
	fn names_are_quoted() {
		assert_eq!(Relation::Table("s.a\"; DROP".into()).sql_item(), "\"s\".\"a\"\"; DROP\"");
		assert_eq!(Relation::Query("SELECT 1 -- one;\n".into()).sql_item(), "(SELECT 1 -- one\n) AS data");
	}

	#[test]
	fn paths_are_taken_from_the_configuration_files_folder() {
		let csv = |path: &str| Source::Csv { path: path.into() };
		assert_eq!(csv("a.csv").relative_to(Path::new("/etc/worker")), csv("/etc/worker/a.csv"));
		assert_eq!(csv("/data/a.csv").relative_to(Path::new("/etc/worker")), csv("/data/a.csv"));
	}
}
