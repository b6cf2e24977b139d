//! Types of the pallet's storage. What clients and workers see is in [`encrytrust_types::identity`].

use crate::Config;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use encrytrust_groth16::{
	identity::{INPUTS, VERIFYING_KEY_LEN},
	PreparedKey,
};
use encrytrust_types::identity;
use frame_support::{pallet_prelude::ConstU32, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;

pub use encrytrust_types::token::Balance;

/// An account.
pub type AccountIdOf<T> = <T as frame_system::Config>::AccountId;
/// An issued key.
pub type KeyOf<T> = identity::Key<AccountIdOf<T>, Balance>;
/// A key that is yet to be issued.
pub type KeyRequestOf<T> = identity::KeyRequest<AccountIdOf<T>, Balance, BlockNumberFor<T>>;
/// What happened to a key.
pub type KeyEventOf<T> = identity::KeyEvent<AccountIdOf<T>, BlockNumberFor<T>>;
/// All that happened to a key: it was asked for and issued or took another's place, and ended.
pub type HistoryOf<T> = BoundedVec<KeyEventOf<T>, ConstU32<3>>;
/// Keys with the proofs that revoke them. Proofs of any length decode, so that a bad one has its error.
pub type RevocationsOf<T> = BoundedVec<(identity::KeyId, Vec<u8>), <T as Config>::MaxBatch>;

/// What proofs are verified with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct VerifyingKey {
	/// How many were set, this one included.
	pub version: u32,
	/// Its bytes.
	pub bytes: BoundedVec<u8, ConstU32<{ VERIFYING_KEY_LEN as u32 }>>,
}

/// The bytes of a verifying key with everything computed that does not depend on a proof.
pub type PreparedKeyBytes = BoundedVec<u8, ConstU32<{ PreparedKey::len_with_inputs(INPUTS) as u32 }>>;
