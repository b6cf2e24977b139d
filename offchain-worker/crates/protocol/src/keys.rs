//! Proofs about the keys of a job: `docs/protocol/key-proofs.md`.
//!
//! Everybody encrypts under the user's and the computing providers' keys, so every party verifies the proofs about them
//! before it confirms. A proof is verified once: remember its digest, modulus and owner, see [`Claim`].

use crate::{
	chain::{AccountId, H256},
	encoding::check_digest,
	error::ProtocolError,
	job::Job,
};
use encrytrust_paillier::{
	key_proof::{Context, KeyProof, ProvenKey},
	PublicKey, SecretKey,
};

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

/// The computing providers' keys of a job, all claims of which were verified: by [`verify_keys`].
#[derive(Clone, Debug)]
pub struct ProvenKeys {
	pub(crate) computing: Vec<ProvenKey>,
}

/// All that a party of the job has to verify: the user's key, then the computing providers'.
pub fn claims(job: &Job) -> Vec<Claim> {
	let contract = &job.contract;
	let user = Claim {
		holder: Holder::User,
		owner: contract.user.clone(),
		modulus: contract.user_key.to_vec(),
		proof: contract.user_key_proof,
	};
	let computing = contract.computing.iter().enumerate().map(|(index, computing)| Claim {
		holder: Holder::Computing(index),
		owner: computing.party.who.clone(),
		modulus: computing.paillier.to_vec(),
		proof: computing.key_proof,
	});
	std::iter::once(user).chain(computing).collect()
}

/// The blob with a proof about one's own key, in seconds.
pub fn prove(secret: &SecretKey, genesis: H256, owner: &AccountId) -> Vec<u8> {
	KeyProof::prove(secret, &context(genesis, owner)).to_bytes()
}

/// Verifies the blob of a claim, in some hundred milliseconds.
///
/// # Errors
///
/// [`ProtocolError::UserKey`] or [`ProtocolError::ComputingKey`]: decline for this reason.
pub fn verify(genesis: H256, claim: &Claim, blob: &[u8]) -> Result<(), ProtocolError> {
	let refused = |reason: String| match claim.holder {
		Holder::User => ProtocolError::UserKey(reason),
		Holder::Computing(index) => ProtocolError::ComputingKey { index, reason },
	};
	check_digest("the proof", blob, &claim.proof).map_err(|error| refused(error.to_string()))?;
	let key = PublicKey::from_modulus(&claim.modulus).map_err(|error| refused(error.to_string()))?;
	let proof = KeyProof::from_bytes(&key, blob).map_err(|error| refused(error.to_string()))?;
	proof.verify(&key, &context(genesis, &claim.owner)).map_err(|error| refused(error.to_string()))?;
	Ok(())
}

fn context(genesis: H256, owner: &AccountId) -> Context {
	Context { genesis: genesis.0, party: owner.0 }
}

/// What shows a claim.
#[derive(Clone, Debug)]
pub enum Evidence {
	/// The blob of its proof, which is verified now.
	Proof(Vec<u8>),
	/// This very claim was verified before, by whoever asks.
	VerifiedBefore,
}

/// Verifies all claims of a job, one after the other; there is no other way to have [`ProvenKeys`]. `evidence` has to give
/// something for every claim.
///
/// # Errors
///
/// The first claim for which there is no evidence, by the error of `evidence`, or whose proof does not hold: decline.
pub fn verify_keys<E: From<ProtocolError>>(
	job: &Job,
	mut evidence: impl FnMut(&Claim) -> Result<Evidence, E>,
) -> Result<ProvenKeys, E> {
	for claim in claims(job) {
		match evidence(&claim)? {
			Evidence::Proof(blob) => verify(job.genesis, &claim, &blob)?,
			Evidence::VerifiedBefore => {},
		}
	}
	let computing = job.computing.iter().map(|computing| ProvenKey::verified_before(computing.key.clone()));
	Ok(ProvenKeys { computing: computing.collect() })
}
