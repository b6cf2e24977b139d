//! A clock that a test sets.

use crate::{Clock, Sleep};
use std::{sync::Mutex, time::Duration};

/// Shows what was set, and never wakes anybody.
#[derive(Default)]
pub(crate) struct SetClock(Mutex<Duration>);

impl SetClock {
	pub(crate) fn set(&self, seconds: u64) {
		*self.0.lock().unwrap() = Duration::from_secs(seconds);
	}
}

impl Clock for SetClock {
	fn now(&self) -> Duration {
		*self.0.lock().unwrap()
	}

	fn sleep_until(&self, _: Duration) -> Sleep<'_> {
		Box::pin(std::future::pending())
	}
}
