//! Datasets from CSV, SQLite and PostgreSQL by one interface.
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
//! url = "postgres://reader@localhost/clinic"   # the password is in the URL or in PGPASSWORD
//! table = "public.visits"                      # or: query = "…"
//! ```
//!
//! A CSV file is read strictly: a stray quote, a row that is too long or too short, an empty line or text that is not UTF-8
//! is refused with its line, since a guess about it could change the numbers.
//!
//! Where the numbers come from: CSV cells, SQLite integers and text as they are, reals and PostgreSQL's
//! floats as the shortest decimal that reads back as the same float, PostgreSQL's other types as its cast to `text`.
//! Databases are opened read-only; a table's name may be qualified (`schema.table`), a name with a dot in it needs a
//! query. PostgreSQL is spoken to without TLS: reach a server on another machine through a tunnel.
//!
//! Everything here blocks: async code calls it on a thread for that (`spawn_blocking`).

mod cell_fault;
mod cell_text;
mod connection;
mod csv_fault;
mod csv_file;
mod csv_reader;
mod decimal;
mod encoding;
mod error;
mod fingerprint;
mod ids;
mod inference;
mod limits;
mod postgres;
mod postgres_error;
mod postgres_session;
mod printing;
mod retry;
mod scan;
mod schema;
mod secrets;
mod source;
mod sqlite;
mod survey;
mod table;

pub use cell_fault::CellFault;
pub use connection::ConnectionUrl;
pub use csv_fault::CsvFault;
pub use decimal::Decimal;
pub use encoding::read_text;
pub use error::{Cell, DataError};
pub use fingerprint::{summarize, FingerprintKey, Summarizer, Summary};
pub use inference::{infer_schema, remarks};
use limits::MAX_ROW;
pub use limits::{MAX_BITS, MAX_DECIMALS};
pub use retry::Retry;
pub use scan::{columns, scan, try_scan};
pub use schema::{ColumnSpec, Inference, LeftOut, Reason};
pub use source::{Relation, Source};
