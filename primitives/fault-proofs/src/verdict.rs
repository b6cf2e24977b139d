//! What the check of a proof comes to.

use crate::product_tree::PlaceError;
use encrytrust_types::job::{FaultKind, Role, Stage};

/// Who is at fault, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict<AccountId> {
	/// Who.
	pub offender: AccountId,
	/// In which role.
	pub role: Role,
	/// The stage in which the offender committed to what is wrong.
	pub stage: Stage,
	/// What is wrong.
	pub kind: FaultKind,
}

/// Why a proof shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultError {
	/// A party, feature, output or piece that the job does not have.
	OutOfRange,
	/// The commitment is not there yet.
	NotDelivered,
	/// A number has not as many bytes as it must have, or is not below its modulus.
	Length,
	/// A node on another level than where this fault can be, or with children where there are none.
	WrongLevel,
	/// A path that is not as long as it must be.
	PathLength,
	/// Both children of a node are said to be the same.
	EqualChildren,
	/// The children are not those of the node.
	WrongChildren,
	/// The path does not lead to what was committed to: another job, party, tree or version.
	NotCommitted,
	/// The selection's opening does not open its commitment.
	WrongSelection,
	/// The feature is not selected, or belongs to another output or leaf.
	WrongFeature,
	/// The leaf without its blinding is not that leaf.
	WrongBlinding,
	/// The opening does not show what was transferred for a selected feature.
	WrongOpening,
	/// The entry itself is malformed: that is the fault to report.
	MalformedEntry,
	/// The selector is no ciphertext: the coordinator's message is the fault to report.
	MalformedSelector,
	/// Nothing is wrong.
	FaultNotProven,
}

impl From<PlaceError> for FaultError {
	fn from(error: PlaceError) -> Self {
		match error {
			PlaceError::PathLength => Self::PathLength,
			PlaceError::Index => Self::OutOfRange,
			PlaceError::Sibling => Self::WrongChildren,
		}
	}
}
