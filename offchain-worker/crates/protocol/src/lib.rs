//! What the roles of a job compute: bytes in, bytes out, no network, no files, no clock.
//!
//! Everything here follows `docs/protocol/bmpc.md` and checks all that comes from another party, so that a role's worker
//! has only to fetch and to store.
//!
//! - [`user`], [`coordinator`], [`data_provider`], [`computing_provider`]: what each role makes of what it gets;
//! - [`keys`]: that everybody's key is one; [`sealing`]: messages to one party;
//! - [`verification`]: what each of them, and any stranger, can see of what the others did, with the proof of what is
//!   wrong; [`verification::report`]: the same from a job's end;
//! - [`PartsWriter`], [`TreesWriter`], [`Inputs`], [`Trees`]: what is published in parts, written and read, by way of
//!   [`Blobs`] and [`Store`].

#[cfg(test)]
extern crate self as encrytrust_protocol;

mod blobs;
pub mod chain;
pub mod computing_provider;
pub mod coordinator;
pub mod data_provider;
mod encoding;
mod error;
mod exact;
mod inputs;
mod job;
pub mod keys;
mod names;
mod parallel;
mod parts;
pub mod sealing;
#[cfg(test)]
mod tests;
mod trees;
pub mod user;
pub mod verification;

pub use blobs::{Blobs, ProgressBlobs, Store};
pub use encoding::{decode_all, digest};
pub use error::ProtocolError;
pub use inputs::Inputs;
pub use job::{commitment_of, Job, Published};
pub use names::{stage_name, unit_name};
pub use parts::{named, PartsWriter};
pub use trees::{Trees, TreesWriter};
