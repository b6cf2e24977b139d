//! A user's side of jobs: what `encrytrust job` and the demonstration do, without printing and without arguments.
//!
//! - [`JobClient`]: requests jobs, fetches and decrypts results, audits; how far it is goes to a [`Progress`];
//! - [`user_key`]: the user's Paillier key file, with the proofs and notes next to it;
//! - [`events`]: a job's life as the chain's events report it; [`names`]: what parties are called; [`amounts`]: money as
//!   people write it;
//! - [`Inspection`], [`JobArtifacts`], [`Sources`], [`peers`]: fetching and checking what others published, which workers do as
//!   well, for no longer than their [`Patience`] by a [`Clock`] lasts; [`Cache`]: where a user keeps what was fetched;
//! - [`files`]: files that are written whole or not at all; [`paths`]: paths that may be shown.

pub mod amounts;
mod artifacts;
mod audit;
mod cache;
mod client;
mod clock;
pub mod events;
mod fetching;
pub mod files;
mod gathering;
mod inspection;
pub mod names;
pub mod paths;
pub mod peers;
mod progress;
mod proof_offer;
mod request;
mod result;
mod templates;
pub mod user_key;

pub use artifacts::{first_publication, read_publications, JobArtifacts, Publications};
pub use audit::{word, Audit, Ending, Extrinsic, Payment};
pub use cache::Cache;
pub use client::{takes_part, JobClient};
pub use clock::{Clock, Sleep, SystemClock};
pub use fetching::{Patience, Sources, Unserved};
pub use inspection::Inspection;
pub use progress::{Progress, Step, Unreported};
pub use request::{check_key_use, noted_selection, price_of, JobRequest, Requested};
pub use result::{result_commitment, AnswerView, JobResult, ResultView};
pub use templates::find_template;
