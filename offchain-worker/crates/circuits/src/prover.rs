//! Proving.

use crate::{
	circuit::{Assignment, Circuit},
	proving_key::Groth16,
	ProvingKey, Secret,
};
use encrytrust_groth16::{decode_scalar, identity::public_inputs, PreparedKey, Proof, SCALAR_LEN};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

/// What is proven: that the prover knows the secret behind `commitment`, for a key and in a context.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statement {
	/// The key's commitment, as it is on chain.
	pub commitment: [u8; SCALAR_LEN],
	/// The [fingerprint](encrytrust_groth16::identity::PublicKey::fingerprint) of the public key.
	pub fingerprint: [u8; SCALAR_LEN],
	/// [`context`](encrytrust_groth16::identity::context) of the proof.
	pub context: [u8; SCALAR_LEN],
}

impl Statement {
	/// The public inputs' bytes.
	pub fn inputs(&self) -> Vec<u8> {
		public_inputs(&self.commitment, &self.fingerprint, &self.context)
	}
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
	/// The secret is not the one behind the commitment.
	#[error("wrong answer or recovery code: it does not belong to this key. Nothing was sent")]
	WrongSecret,
	/// A number of the statement is invalid.
	#[error("the statement is malformed: {0}")]
	Statement(#[source] encrytrust_groth16::Error),
	/// The circuit could not be evaluated.
	#[error("the proof can't be made: {0}")]
	Synthesis(#[from] ark_relations::gr1cs::SynthesisError),
	/// The proof does not verify under the proving key's own verifying key.
	#[error("the proof does not verify ({0}): the proving key is damaged, or this machine computes wrongly")]
	Unsound(#[source] encrytrust_groth16::Error),
}

/// A proof of a statement, as the chain takes it.
///
/// # Errors
///
/// [`ProveError`]; a wrong secret is found first, and a proof is verified before it is handed out.
///
/// # Panics
///
/// Where the system has no random numbers.
pub fn prove(key: &ProvingKey, secret: &Secret, statement: &Statement) -> Result<Vec<u8>, ProveError> {
	let assignment = assignment(secret, statement)?;
	let proof = Groth16::create_random_proof_with_reduction(Circuit(Some(assignment)), &key.0, &mut random())?;
	let proof = Proof { a: proof.a, b: proof.b, c: proof.c }.encode();
	let prepared = PreparedKey::from(&key.verifying_key());
	prepared.verify(&proof, &statement.inputs()).map_err(ProveError::Unsound)?;
	Ok(proof)
}

/// The circuit's values, if the secret is the commitment's.
pub(crate) fn assignment(secret: &Secret, statement: &Statement) -> Result<Assignment, ProveError> {
	let commitment = secret.commitment(&statement.fingerprint).map_err(ProveError::Statement)?;
	if commitment != statement.commitment {
		return Err(ProveError::WrongSecret);
	}
	let [commitment, fingerprint, context] =
		[statement.commitment, statement.fingerprint, statement.context].map(|scalar| decode_scalar(&scalar));
	Ok(Assignment {
		commitment: commitment.map_err(ProveError::Statement)?,
		fingerprint: fingerprint.map_err(ProveError::Statement)?,
		context: context.map_err(ProveError::Statement)?,
		secret: secret.scalar(),
	})
}

fn random() -> ChaCha20Rng {
	let mut seed = Zeroizing::new([0; 32]);
	getrandom::fill(seed.as_mut()).expect("the system has random numbers");
	ChaCha20Rng::from_seed(*seed)
}
