//! Demands for what a party committed to.

use super::stage::Stage;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A demand for a part of what a party committed to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Demand<AccountId, Balance, BlockNumber> {
	/// The stage of the commitment.
	pub stage: Stage,
	/// Whose commitment.
	pub who: AccountId,
	/// Which part, see `docs/protocol/bmpc.md`.
	pub piece: u32,
	/// Who asked.
	pub by: AccountId,
	/// What is on hold of the asker's.
	pub deposit: Balance,
	/// The last block in which it may be answered.
	pub deadline: BlockNumber,
}
