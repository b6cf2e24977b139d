//! Data sets from CSV, SQLite and PostgreSQL by one interface.
//!
//! A [`Source`] says where a table is. [`scan`] reads columns of it as fixed-point integers, row by row, in memory that
//! does not grow with the rows; [`infer_schema`] finds out which columns there are to offer. Numbers are taken from
//! their decimal text, never through a binary fraction, so that a sum over them is exact.
//!
//! ```toml
//! type = "csv"
//! path = "patients.csv"
//! ```
//! ```toml
//! type = "sqlite"
//! path = "patients.db"
//! table = "visits"            # or: query = "SELECT age, weight FROM visits JOIN …"
//! ```
//! ```toml
//! type = "postgres"
//! url = "postgres://reader@localhost/clinic"   # the password may stand in the URL or in PGPASSWORD
//! table = "public.visits"                      # or: query = "…"
//! ```
//!
//! Where the numbers come from: CSV cells as they stand; SQLite integers and text as they stand, reals and PostgreSQL's
//! floats as the shortest decimal that reads back as the same float, PostgreSQL's other types as its cast to `text`.
//! Databases are opened read-only; a table's name may be qualified (`schema.table`), a name with a dot in it needs a
//! query. PostgreSQL is spoken to without TLS: reach a server on another machine through a tunnel.
//!
//! Everything here blocks: async code calls it on a thread for that (`spawn_blocking`).

mod csv_file;
mod decimal;
mod error;
mod fingerprint;
mod postgres;
mod scan;
mod schema;
mod source;
mod sqlite;

pub use decimal::{Decimal, MAX_BITS, MAX_DECIMALS};
pub use error::{Cell, CellFault, DataError};
pub use fingerprint::{summarize, FingerprintKey, Summarizer, Summary};
pub use scan::{columns, scan};
pub use schema::{infer_schema, ColumnSpec};
pub use source::{Relation, Source};
