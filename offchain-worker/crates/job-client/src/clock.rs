//! The time that pauses and patience are measured by.

use std::{
	future::Future,
	pin::Pin,
	time::{Duration, Instant},
};

/// Waits for a time.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A clock that never goes back. Deadlines are not its concern: they are block numbers.
pub trait Clock: Send + Sync {
	/// The time since some moment before.
	fn now(&self) -> Duration;

	/// Returns once this time has come.
	fn sleep_until(&self, time: Duration) -> Sleep<'_>;
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

	fn sleep_until(&self, time: Duration) -> Sleep<'_> {
		Box::pin(tokio::time::sleep(time.saturating_sub(self.now())))
	}
}
