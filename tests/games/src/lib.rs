//! Jobs played by shipped workers and adversaries on the real pallets, in one process: see `README.md`.
//!
//! - [`scenario`]: what is drawn; [`cast`]: who plays;
//! - [`runtime`], [`chain`]: the pallets, and blocks, pool, forks and finality around them;
//! - [`world`]: what a worker meets of chain, network and time, and how a cheat stands between; [`lies`]: what it commits
//!   to;
//! - [`honest`]: the user; [`game`]: a game from its beginning to its end; [`properties`]: what holds after every game.

pub mod cast;
pub mod chain;
pub mod game;
pub mod honest;
pub mod lies;
pub mod properties;
pub mod runtime;
pub mod scenario;
pub mod world;

pub use game::{play, Record};
pub use properties::check;
pub use scenario::Scenario;
