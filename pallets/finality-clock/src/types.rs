//! Types of the pallet's storage and of its inherent.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedBTreeMap;
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use sp_inherents::{InherentIdentifier, IsFatalError};

/// The inherent's identifier. Its data is the number of the latest block that the author knows to be final.
pub const INHERENT_IDENTIFIER: InherentIdentifier = *b"finality";

/// The latest attestation of each validator that has made one.
pub type AttestationsOf<T> = BoundedBTreeMap<
	<T as frame_system::Config>::AccountId,
	Attestation<BlockNumberFor<T>>,
	<T as Config>::MaxValidators,
>;

/// What a validator says about finality in a block that it authors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Attestation<BlockNumber> {
	/// The number of the latest block that it knows to be final.
	pub finalized: BlockNumber,
	/// The number of the block that it authored.
	pub at: BlockNumber,
}

/// Why an inherent is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum InherentError {
	/// A block attests the finality of itself or of a later one.
	#[codec(index = 0)]
	NotAnAncestor,
}

impl IsFatalError for InherentError {
	fn is_fatal_error(&self) -> bool {
		true
	}
}

impl core::fmt::Display for InherentError {
	fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		match self {
			Self::NotAnAncestor => {
				formatter.write_str("the block attests that a block is final which is no ancestor of it")
			},
		}
	}
}
