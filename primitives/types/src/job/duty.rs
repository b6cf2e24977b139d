//! What parties should do now.

use crate::ids::JobId;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Something that an account should do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Duty<BlockNumber> {
	/// For which job.
	pub job: JobId,
	/// What.
	pub kind: DutyKind,
	/// The last value of the finality clock at which it is of use; none for what stays useful.
	pub deadline: Option<BlockNumber>,
}

/// The kinds of duties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DutyKind {
	/// Check the contract; confirm or decline it.
	Confirm,
	/// Commit the selection.
	CommitSelection,
	/// Commit a dataset's inputs.
	CommitInputs,
	/// Commit a computing provider's output.
	CommitOutput,
	/// Commit the result.
	CommitResult,
	/// Settle: the challenge window is over.
	Settle,
	/// Expire: a stage is overdue.
	Expire,
	/// Publish challenged units; see the runtime API's `open_units`.
	Publish,
	/// Expire a challenge: a unit was not published in time.
	ExpireChallenge,
	/// Resume a role that was suspended, since a request was neither confirmed nor declined.
	Resume,
}
