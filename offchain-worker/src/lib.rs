//! The EncryTrust worker and command line.
//!
//! - [`worker`]: the daemon around it, with [`task`], [`outbox`], [`inspection`], [`database`], [`network`], [`keys`] and
//!   [`config`]; [`declaration`]: what its data sets are declared to be;
//! - [`cli`]: the `encrytrust` command line, which writes through [`output`]; [`demo`]: one whole job on a chain of its own.

// The standard streams are written to in `output` alone: what is printed otherwise panics on a full disk.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod amounts;
pub mod cheat;
pub mod cli;
pub mod config;
pub mod database;
pub mod declaration;
pub mod demo;
pub mod inspection;
pub mod keys;
pub mod network;
pub mod outbox;
pub mod output;
pub mod task;
pub mod timeline;
pub mod worker;
