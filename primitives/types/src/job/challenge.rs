//! Availability challenges: units that a party must publish, because somebody who owes a stage lacks them.

use crate::{
	bytes::Bitmap,
	limits::{MaxUnitChunks, MaxUnits},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Which of a job's units a challenge names, by their numbers ([`Contract::unit`](super::Contract::unit)).
pub type UnitSet = Bitmap<MaxUnits>;
/// Which chunks of a unit.
pub type ChunkSet = Bitmap<MaxUnitChunks>;

/// A challenged unit that is not published in full.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct OpenUnit<BlockNumber> {
	/// The number of the unit.
	pub unit: u32,
	/// Who challenged it first and is charged for it, by place: 0 is the user, `i + 1` the contract's party `i`.
	pub challenger: u8,
	/// Who waits for it: bit `i` is the place `i`.
	pub waiting: u64,
	/// The finality clock's value from which on chunks are accepted: the unit's place in the queue.
	pub from: BlockNumber,
	/// The last value of the finality clock at which chunks are accepted.
	pub deadline: BlockNumber,
	/// The chunks that are published.
	pub published: ChunkSet,
}
