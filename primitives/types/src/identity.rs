//! Identity keys: the types that chain and workers share. What a proof about a key is bound to, and how its secret is
//! derived, is in [`encrytrust_groth16::identity`]; `docs/protocol/identity.md` tells the whole.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::H256;
use scale_info::TypeInfo;

pub use encrytrust_groth16::{
	identity::{
		context, possession_message, Action, KdfParams, KdfParamsError, KeySignature, KeyTerms, PublicKey, Purpose,
		Salt, DEV_VERIFYING_KEY,
	},
	PROOF_LEN, SCALAR_LEN,
};

/// Identifies a key from its request on; ids of requests that came to nothing are never used again.
pub type KeyId = u64;
/// A scalar: 32 bytes, big-endian, below the group's order.
pub type Scalar = [u8; SCALAR_LEN];

/// A key that an authentication node has yet to issue.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct KeyRequest<AccountId, Balance, BlockNumber> {
	/// Whose key it will be.
	pub owner: AccountId,
	/// The key.
	pub terms: KeyTerms,
	/// Who is asked to issue it.
	pub node: AccountId,
	/// In which block it was asked for.
	pub requested_at: BlockNumber,
	/// The last block in which it can be issued.
	pub expires_at: BlockNumber,
	/// What the owner has on hold for it.
	pub deposit: Balance,
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum KeyStatus {
	/// It speaks for its owner.
	#[codec(index = 0)]
	Active,
	/// Ended by a proof, for ever.
	#[codec(index = 1)]
	Revoked,
	/// Ended by a proof, for ever; another took its place.
	#[codec(index = 2)]
	Rotated {
		/// Which.
		to: KeyId,
	},
}

/// An issued key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Key<AccountId, Balance> {
	/// Whose it is.
	pub owner: AccountId,
	/// The key.
	pub terms: KeyTerms,
	/// The authentication node that issued it, or the first of those that it took the place of.
	pub issuer: AccountId,
	/// The owner's key before it.
	pub previous: Option<KeyId>,
	/// Where it stands.
	pub status: KeyStatus,
	/// Who has the deposit on hold: the owner who requested the key, or who rotated another to it.
	pub depositor: AccountId,
	/// What is on hold for it, for as long as its record is kept, which is for ever.
	pub deposit: Balance,
}

/// What happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum KeyChange {
	/// Its owner asked for it.
	#[codec(index = 0)]
	Requested,
	/// An authentication node issued it.
	#[codec(index = 1)]
	Issued,
	/// It took the place of another key.
	#[codec(index = 2)]
	Succeeded {
		/// Which.
		from: KeyId,
	},
	/// It was revoked.
	#[codec(index = 3)]
	Revoked {
		/// The version of the verifying key that the proof was verified with.
		verifying_key: u32,
	},
	/// It was rotated.
	#[codec(index = 4)]
	Rotated {
		/// To which key.
		to: KeyId,
		/// The version of the verifying key that the proof was verified with.
		verifying_key: u32,
	},
}

/// An entry of a key's history.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct KeyEvent<AccountId, BlockNumber> {
	/// In which block.
	pub at: BlockNumber,
	/// By whose signature.
	pub by: AccountId,
	/// What.
	pub change: KeyChange,
}

/// What an account has to do with identity keys.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Standing {
	/// Its newest key, which may have ended.
	pub newest: Option<KeyId>,
	/// The key that it asked for and that is not issued yet.
	pub requested: Option<KeyId>,
	/// Whether the newest key is active.
	pub active: bool,
	/// Whether it may take a role, be put into a contract, and confirm one.
	pub can_participate: bool,
}

/// The public inputs of a proof, and what they were computed from.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Statement {
	/// The chain's genesis hash.
	pub genesis: H256,
	/// The key's commitment.
	pub commitment: Scalar,
	/// The key's fingerprint.
	pub fingerprint: Scalar,
	/// The context: action, chain, key, submitter, and the successor of a rotation.
	pub context: Scalar,
}

/// The key that proofs are verified with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct VerifyingKeyInfo {
	/// How many were set, this one included. Proofs under an earlier one are void.
	pub version: u32,
	/// Its bytes.
	pub bytes: Vec<u8>,
	/// Whether it is the development key, under which anybody can forge proofs.
	pub development: bool,
}
