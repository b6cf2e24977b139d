//! How long a transfer may take: a slow peer holds what others wait for.

use std::time::Duration;

/// A time that grows with the bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
	/// However few they are.
	grace: Duration,
	/// The slowest rate, in bytes a second.
	rate: u32,
}

impl Pace {
	/// That of a response: a peer that reads nothing is given up within three seconds, one that reads steadily has nine for
	/// 1 MiB.
	pub(crate) const RESPONSE: Self = Self::new(Duration::from_secs(1), 128 * 1024);
	/// That of a blob that a peer offers: it may be far away.
	pub(crate) const OFFER: Self = Self::new(Duration::from_secs(3), 128 * 1024);

	pub(crate) const fn new(grace: Duration, rate: u32) -> Self {
		Self { grace, rate }
	}

	/// The longest time that so many bytes may take.
	pub(crate) fn allowed(&self, bytes: u64) -> Duration {
		let milliseconds = bytes.saturating_mul(1000) / u64::from(self.rate.max(1));
		self.grace.saturating_add(Duration::from_millis(milliseconds))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn allowed_time_grows_with_the_bytes() {
		let pace = Pace::new(Duration::from_secs(2), 1000);
		assert_eq!(
			[0, 1, 999, 1000, 5500].map(|bytes| pace.allowed(bytes).as_millis()),
			[2000, 2001, 2999, 3000, 7500]
		);
		assert!(pace.allowed(u64::MAX) > Duration::from_secs(1 << 40));
		assert_eq!(Pace::RESPONSE.allowed(crate::MAX_CHUNK as u64), Duration::from_secs(9));
	}
}
