//! Proofs about the keys of a job: `docs/protocol/key-proofs.md`.
//!
//! Everybody encrypts under the user's and the computing providers' keys, so every party verifies the proofs about them
//! before it confirms. A proof is verified once: remember its digest, modulus and owner, see [`Claim`].

use super::{Job, ProtocolError};
use encrytrust_chain_client::{AccountId, H256};
use encrytrust_paillier::{key_proof::ProvenKey, SecretKey};

/// Whose key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
	/// The user's. Its proof's blob is served by the coordinator, to whom the user offers it.
	User,
	/// That of the computing provider with this index, which serves the blob itself.
	Computing(usize),
}

/// That a key is good, and which blob shows it. What identifies a verification to be remembered is all of it but the
/// holder's place: owner, modulus and proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
	/// Whose key.
	pub holder: Holder,
	/// The owner's account.
	pub owner: AccountId,
	/// The modulus.
	pub modulus: Vec<u8>,
	/// sha2-256 of the proof's blob.
	pub proof: [u8; 32],
}

/// The computing providers' keys of a job, all claims of which were verified.
#[derive(Clone, Debug)]
pub struct ProvenKeys {
	pub(super) computing: Vec<ProvenKey>,
}

/// All that a party of the job has to verify: the user's key, then the computing providers'.
pub fn claims(_job: &Job) -> Vec<Claim> {
	unimplemented!()
}

/// The blob with a proof about one's own key, in seconds.
pub fn prove(_secret: &SecretKey, _genesis: H256, _owner: &AccountId) -> Vec<u8> {
	unimplemented!()
}

/// Verifies the blob of a claim, in some hundred milliseconds.
///
/// # Errors
///
/// [`ProtocolError::UserKey`] or [`ProtocolError::ComputingKey`]: decline for this reason.
pub fn verify(_genesis: H256, _claim: &Claim, _blob: &[u8]) -> Result<(), ProtocolError> {
	unimplemented!()
}

impl ProvenKeys {
	/// The keys of a job after [`verify`] has accepted all its claims, now or before.
	pub fn verified(_job: &Job) -> Self {
		unimplemented!()
	}
}
