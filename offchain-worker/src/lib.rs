//! The EncryTrust worker and command line.
//!
//! - [`worker`]: the daemon around it, with [`task`], [`outbox`], [`database`], [`network`], [`keys`] and
//!   [`config`]; [`declaration`]: what its data sets are declared to be;
//! - [`cli`]: the `encrytrust` command line; [`demo`]: one whole job on a chain of its own.

// The standard streams are written to in `encrytrust_terminal` alone: what is printed otherwise panics on a full disk.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod cheat;
pub mod cli;
pub mod config;
pub mod database;
pub mod declaration;
pub mod demo;
pub mod keys;
pub mod network;
pub mod outbox;
pub mod task;
pub mod worker;
