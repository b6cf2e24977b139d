//! The time that pauses are measured by.

use std::time::{Duration, Instant};

/// A clock that never goes back. Deadlines are not its concern: they are block numbers.
pub trait Clock: Send + Sync {
	/// The time since some moment before.
	fn now(&self) -> Duration;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
	fn default() -> Self {
		Self(Instant::now())
	}
}

impl Clock for SystemClock {
	fn now(&self) -> Duration {
		self.0.elapsed()
	}
}
