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
/// An event in the life of a key.
pub type KeyEventOf<T> = identity::KeyEvent<AccountIdOf<T>, BlockNumberFor<T>>;
/// The history of a key: it was requested and issued or replaced another, and ended.
pub type HistoryOf<T> = BoundedVec<KeyEventOf<T>, ConstU32<3>>;
/// Keys with the proofs that revoke them. Proofs of any length decode, so that one of the wrong length has its error.
pub type RevocationsOf<T> = BoundedVec<(identity::KeyId, Vec<u8>), <T as Config>::MaxBatch>;

/// The key with which proofs are verified.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct VerifyingKey {
	/// The number of keys set so far, including this one.
	pub version: u32,
	/// Its bytes.
	pub bytes: BoundedVec<u8, ConstU32<{ VERIFYING_KEY_LEN as u32 }>>,
}

/// A verifying key in prepared form: everything that does not depend on a proof is computed.
pub type PreparedKeyBytes = BoundedVec<u8, ConstU32<{ PreparedKey::len_with_inputs(INPUTS) as u32 }>>;
