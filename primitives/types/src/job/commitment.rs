//! What parties commit to.

use super::stage::Stage;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::H256;
use scale_info::TypeInfo;

/// What a party committed to in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Commitment {
	/// Root of the committed values, by stage: see `docs/protocol/bmpc.md`.
	pub root: H256,
	/// sha2-256 of the blob that carries them: its CIDv1 with the raw codec.
	pub blob: [u8; 32],
}

/// A commitment with its author and place.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Delivered<AccountId, BlockNumber> {
	/// In which stage.
	pub stage: Stage,
	/// By whom.
	pub who: AccountId,
	/// In which block.
	pub at: BlockNumber,
	/// What.
	pub commitment: Commitment,
}
