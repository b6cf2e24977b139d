//! How sources compared with what was declared of them on chain. Anybody can ask for jobs about a dataset, and many of them
//! within some minutes take one reading of its source.

use crate::{declaration::Declaration, Clock};
use encrytrust_types::DatasetId;
use std::{
	collections::HashMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};

/// How long a comparison is of use. A source that changes later is noticed by its next reading.
const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// The newest comparison of each dataset.
pub(super) struct Comparisons {
	clock: Arc<dyn Clock>,
	newest: Mutex<HashMap<DatasetId, Comparison>>,
}

/// How the rows of a source differed from those that were declared, if they did.
struct Comparison {
	/// When it was begun.
	begun: Duration,
	declared: Declaration,
	difference: Option<String>,
}

impl Comparisons {
	pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
		Self { clock, newest: Mutex::default() }
	}

	/// The time to remember a comparison by that begins now.
	pub(super) fn now(&self) -> Duration {
		self.clock.now()
	}

	/// How the source differed lately from this declaration; the outer `None` if it is to be read.
	pub(super) fn lately(&self, dataset: DatasetId, declared: Declaration) -> Option<Option<String>> {
		let now = self.now();
		let newest = self.lock();
		let known = newest.get(&dataset)?;
		let is_fresh = known.declared == declared && now.saturating_sub(known.begun) < LIFETIME;
		is_fresh.then(|| known.difference.clone())
	}

	/// Remembers how a source differed.
	pub(super) fn remember(
		&self,
		dataset: DatasetId,
		declared: Declaration,
		begun: Duration,
		difference: Option<String>,
	) {
		self.lock().insert(dataset, Comparison { begun, declared, difference });
	}

	/// It is sound after a panic elsewhere: each change is one insertion.
	fn lock(&self) -> MutexGuard<'_, HashMap<DatasetId, Comparison>> {
		self.newest.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::set_clock::SetClock;
	use encrytrust_chain_client::H256;

	#[test]
	fn comparison_is_of_use_for_its_declaration_and_some_minutes() {
		let clock = Arc::new(SetClock::default());
		let comparisons = Comparisons::new(clock.clone());
		let declared = |rows| Declaration { rows, fingerprint: H256([1; 32]) };
		assert_eq!(comparisons.lately(3, declared(5)), None);
		let begun = comparisons.now();
		clock.set(100);
		comparisons.remember(3, declared(5), begun, None);
		comparisons.remember(4, declared(5), begun, Some("6 rows instead of 5".into()));
		assert_eq!(comparisons.lately(3, declared(5)), Some(None));
		assert_eq!(comparisons.lately(4, declared(5)), Some(Some("6 rows instead of 5".into())));
		assert_eq!(comparisons.lately(3, declared(6)), None, "it was declared anew");
		assert_eq!(comparisons.lately(5, declared(5)), None);
		clock.set(299);
		assert_eq!(comparisons.lately(3, declared(5)), Some(None));
		clock.set(300);
		assert_eq!(comparisons.lately(3, declared(5)), None);
	}
}
