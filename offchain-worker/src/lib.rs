//! The EncryTrust worker and command line.
//!
//! - [`protocol`]: what the roles of a job compute, bytes in, bytes out;
//! - [`worker`]: the daemon around it, with [`task`], [`outbox`], [`inspection`], [`database`], [`network`], [`keys`] and
//!   [`config`]; [`declaration`]: what its data sets are declared to be;
//! - [`cli`]: the `encrytrust` command line; [`demo`]: one whole job on a chain of its own.

pub mod amounts;
pub mod cli;
pub mod config;
pub mod database;
pub mod declaration;
pub mod demo;
pub mod inspection;
pub mod keys;
pub mod network;
pub mod outbox;
pub mod protocol;
pub mod sealing;
pub mod task;
pub mod timeline;
pub mod worker;
