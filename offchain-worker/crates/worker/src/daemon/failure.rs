//! Why a duty was not done, and what follows from it.
//!
//! | failure | at the confirmation | later |
//! |---|---|---|
//! | transient | tried again until [`margin`] before the deadline, then declined | tried again until the deadline |
//! | recurring | tried [`MAX_TRIES`] times, then declined | the same |
//! | permanent | declined | the same: an operator may mend it |
//!
//! Who declines in time loses nothing; who is silent is not named in new requests until it resumes. Once all have confirmed
//! nobody can decline any more. What a party lacks of others in a later stage it obtains by an availability challenge.

use crate::{config::ConfigError, database::DatabaseError};
use encrytrust_chain_client::{BlockNumber, Error as ChainError};
use encrytrust_datasets::{DataError, Retry};
use encrytrust_protocol::ProtocolError;
use encrytrust_types::job::{DeclineReason, UnitSet};
use tokio::task::JoinError;

/// How often a recurring failure is met before the job is declined.
pub(super) const MAX_TRIES: u32 = 4;
/// The finalised head is about three blocks behind the best; one more until the call is signed, one to be included in.
const MIN_MARGIN: BlockNumber = 5;
/// Enough for a call that has to be submitted again.
const MAX_MARGIN: BlockNumber = 10;

/// Why a duty was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
	/// The cause may pass by itself.
	#[error("{1}")]
	Transient(DeclineReason, String),
	/// The cause may pass, but it may well come again each time.
	#[error("{1}")]
	Recurring(DeclineReason, String),
	/// It will never be possible.
	#[error("{1}")]
	Permanent(DeclineReason, String),
	/// Units are missing that others committed to.
	#[error("{text}")]
	Lacking {
		/// Which.
		units: UnitSet,
		/// From which value of the finality clock on they are challenged.
		pressing_from: BlockNumber,
		/// In words.
		text: String,
	},
}

impl Failure {
	/// A transient failure of the worker itself or of what is around it.
	pub(super) fn transient(text: impl ToString) -> Self {
		Self::Transient(DeclineReason::Other, text.to_string())
	}

	/// The same failure with a more precise reason, if it has none yet.
	pub(super) fn because(mut self, precise: DeclineReason) -> Self {
		if let Self::Transient(reason, _) | Self::Recurring(reason, _) | Self::Permanent(reason, _) = &mut self {
			if *reason == DeclineReason::Other {
				*reason = precise;
			}
		}
		self
	}

	/// The reason to decline for.
	pub(super) fn reason(&self) -> DeclineReason {
		match self {
			Self::Transient(reason, _) | Self::Recurring(reason, _) | Self::Permanent(reason, _) => *reason,
			Self::Lacking { .. } => DeclineReason::Other,
		}
	}
}

/// Whether a confirmation must be declined now that failed with `failure`, or is still under way for the first time, and
/// that had `recurred` recurring failures. It is known since the finalised block `since`.
pub(super) fn must_decline(
	failure: Option<&Failure>,
	recurred: u32,
	since: BlockNumber,
	deadline: Option<BlockNumber>,
	head: BlockNumber,
) -> bool {
	let is_late = deadline.is_some_and(|deadline| head.saturating_add(margin(since, deadline)) >= deadline);
	match failure {
		Some(Failure::Permanent(..)) => true,
		Some(Failure::Recurring(..)) => is_late || recurred >= MAX_TRIES,
		Some(Failure::Transient(..) | Failure::Lacking { .. }) | None => is_late,
	}
}

/// How many blocks before the deadline, by the finalised head, a decline must be made: half of a short stage at most.
fn margin(since: BlockNumber, deadline: BlockNumber) -> BlockNumber {
	(deadline.saturating_sub(since) / 2).clamp(MIN_MARGIN, MAX_MARGIN)
}

impl From<ChainError> for Failure {
	fn from(error: ChainError) -> Self {
		Self::transient(error)
	}
}

impl From<DatabaseError> for Failure {
	fn from(error: DatabaseError) -> Self {
		Self::transient(error)
	}
}

impl From<JoinError> for Failure {
	fn from(error: JoinError) -> Self {
		Self::transient(format!("a task failed: {error}"))
	}
}

impl From<ConfigError> for Failure {
	fn from(error: ConfigError) -> Self {
		// Somebody is at work on the file.
		Self::Transient(DeclineReason::Data, error.to_string())
	}
}

impl From<DataError> for Failure {
	fn from(error: DataError) -> Self {
		let text = error.to_string();
		match error.retry() {
			Retry::UntilDeadline => Self::Transient(DeclineReason::Data, text),
			Retry::FewTimes => Self::Recurring(DeclineReason::Data, text),
			Retry::Never => Self::Permanent(DeclineReason::Data, text),
		}
	}
}

impl From<ProtocolError> for Failure {
	fn from(error: ProtocolError) -> Self {
		let reason = match error {
			ProtocolError::UserKey(_) => DeclineReason::UserKey,
			ProtocolError::ComputingKey { .. } => DeclineReason::ComputingKey,
			ProtocolError::Selection(_) | ProtocolError::Sealed { .. } => DeclineReason::Selection,
			ProtocolError::Store(_) => return Self::transient(error),
			_ => DeclineReason::Other,
		};
		Self::Permanent(reason, error.to_string())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::io;

	#[test]
	fn a_confirmation_is_declined_when_it_cannot_pass_before_its_deadline() {
		let transient = Failure::transient("x");
		let recurring = Failure::Recurring(DeclineReason::Data, "x".into());
		let permanent = Failure::Permanent(DeclineReason::Data, "x".into());
		for (name, failure, recurred, since, deadline, head, expected) in [
			("permanent", Some(&permanent), 1, 100, Some(150), 100, true),
			("permanent, no deadline", Some(&permanent), 1, 100, None, 100, true),
			("transient", Some(&transient), 99, 100, Some(150), 139, false),
			("transient and late", Some(&transient), 1, 100, Some(150), 140, true),
			("transient and too late", Some(&transient), 1, 100, Some(150), 151, true),
			("transient, no deadline", Some(&transient), 99, 100, None, 9999, false),
			("transient after some that recurred", Some(&transient), MAX_TRIES, 100, Some(150), 139, false),
			("recurring", Some(&recurring), MAX_TRIES - 1, 100, Some(150), 139, false),
			("recurring and often", Some(&recurring), MAX_TRIES, 100, Some(150), 100, true),
			("recurring and late", Some(&recurring), 1, 100, Some(150), 140, true),
			("under way", None, 1, 100, Some(150), 139, false),
			("under way and late", None, 1, 100, Some(150), 140, true),
			("the shortest stage", Some(&transient), 3, 100, Some(110), 104, false),
			("the shortest stage, late", Some(&transient), 3, 100, Some(110), 105, true),
			("seen after a restart", Some(&transient), 1, 144, Some(150), 144, false),
			("seen after a restart, late", Some(&transient), 1, 144, Some(150), 145, true),
			("at the end of time", Some(&transient), 1, 0, Some(BlockNumber::MAX), BlockNumber::MAX, true),
		] {
			assert_eq!(must_decline(failure, recurred, since, deadline, head), expected, "{name}");
		}
	}

	#[test]
	fn each_cause_has_its_kind_and_reason() {
		let place = || "x".to_string();
		let file = |kind: io::ErrorKind| DataError::Unreadable { path: "x".into(), source: kind.into() };
		let config = ConfigError::Wrong { path: "x".into(), reason: "y".into() };
		let data = DeclineReason::Data;
		let other = DeclineReason::Other;
		let transient = |reason| Failure::Transient(reason, String::new());
		let recurring = |reason| Failure::Recurring(reason, String::new());
		let permanent = |reason| Failure::Permanent(reason, String::new());
		for (failure, expected) in [
			(Failure::from(DataError::Unavailable { place: place(), reason: place() }), transient(data)),
			(DataError::Aborted { place: place(), reason: place() }.into(), recurring(data)),
			(DataError::FileMissing("x".into()).into(), recurring(data)),
			(file(io::ErrorKind::StaleNetworkFileHandle).into(), transient(data)),
			(file(io::ErrorKind::PermissionDenied).into(), permanent(data)),
			(DataError::AccessDenied { place: place(), reason: place() }.into(), permanent(data)),
			(DataError::BadSql { place: place(), reason: place() }.into(), permanent(data)),
			(DataError::BadSource { reason: place() }.into(), permanent(data)),
			(DataError::NoHeader { place: place() }.into(), permanent(data)),
			(config.into(), transient(data)),
			(ChainError::Disconnected.into(), transient(other)),
			(DatabaseError::Sqlite(rusqlite::Error::QueryReturnedNoRows).into(), transient(other)),
			(ProtocolError::Store(place()).into(), transient(other)),
			(ProtocolError::UserKey(place()).into(), permanent(DeclineReason::UserKey)),
			(ProtocolError::ContractHash.into(), permanent(other)),
			(Failure::transient("x").because(DeclineReason::UserKey), transient(DeclineReason::UserKey)),
			(permanent(data).because(DeclineReason::UserKey), permanent(data)),
		] {
			assert_eq!(std::mem::discriminant(&failure), std::mem::discriminant(&expected), "{failure:?}");
			assert_eq!(failure.reason(), expected.reason(), "{failure:?}");
		}
	}
}
