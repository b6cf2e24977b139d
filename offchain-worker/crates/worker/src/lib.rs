//! The worker daemon, as a library: [`run`] starts one on a machine; [`Worker::new`] makes one over whatever [`Chain`],
//! [`Network`] and [`Clock`] it is given, so that several can run in one process, without sockets and in simulated
//! time.
//!
//! - [`Worker`]: the daemon; [`outbox`] and [`task`]: what makes its extrinsics happen once; [`Behaviour`]: what it does with what
//!   its roles have made;
//! - [`config`], [`keys`], [`database`], [`network`]: what it has on its own machine;
//! - [`declaration`], [`registration`]: what it tells the chain about its data sets and itself.

mod behaviour;
mod chain;
pub mod config;
mod daemon;
pub mod database;
pub mod declaration;
pub mod keys;
pub mod network;
pub mod outbox;
pub mod registration;
#[cfg(test)]
mod set_clock;
pub mod task;

pub use behaviour::{Behaviour, Honest};
pub use chain::{Chain, Heads, NodeChain};
pub use daemon::{run, Local, Surroundings, Worker};
pub use encrytrust_job_client::{Clock, Sleep, SystemClock};
pub use network::Network;
