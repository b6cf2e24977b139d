//! What EncryTrust's programs write: results and remarks ([`output`]), tables, progress, the log, and the status and
//! error that they end with; how they run until then ([`process`]).

// The standard streams are written to in `output` alone: what is printed otherwise panics on a full disk.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod datasets;
mod escape;
mod exit;
mod jobs;
mod log;
pub mod output;
pub mod process;
mod progress;
mod table;

pub use datasets::remark_left_out;
pub use exit::failed;
pub use jobs::{quote_text, quote_value, watch};
pub use log::log_to_stderr;
pub use progress::{spinner, Spinner};
pub use table::table;
