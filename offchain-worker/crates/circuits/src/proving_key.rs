//! Proving keys: the development key, and keys from a ceremony.

use crate::{circuit::Circuit, qap::SnarkjsReduction};
use ark_bn254::{Bn254, Fr, G1Projective, G2Projective};
use ark_ec::PrimeGroup;
use ark_ff::UniformRand;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use encrytrust_groth16::VerifyingKey;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::fmt;

/// Groth16 with the keys that snarkjs makes.
pub(crate) type Groth16 = ark_groth16::Groth16<Bn254, SnarkjsReduction>;

/// What the development key is made from. Anyone who reads this can forge proofs under it.
const DEV_SEED: &[u8; 32] = b"encrytrust/identity/dev key/v1!!";

/// Why a file is not a proving key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
	/// Not a key, or a point in it is not on its curve or not of order `r`.
	#[error("not a proving key of this version ({0}): import the ceremony's zkey again")]
	Malformed(#[from] ark_serialize::SerializationError),
	/// The key is for another circuit.
	#[error("this proving key is for another circuit: import the ceremony's zkey again")]
	OtherCircuit,
}

/// What it takes to prove: the points of a common reference string.
#[derive(Clone, PartialEq)]
pub struct ProvingKey(pub(crate) ark_groth16::ProvingKey<Bn254>);

impl ProvingKey {
	/// The development key, from a public seed. **Anybody can forge proofs under it.**
	///
	/// # Panics
	///
	/// Never: the circuit is fixed.
	pub fn dev() -> Self {
		let mut rng = ChaCha20Rng::from_seed(*DEV_SEED);
		let [alpha, beta, gamma, delta] = std::array::from_fn(|_| Fr::rand(&mut rng));
		let (g1, g2) = (G1Projective::generator(), G2Projective::generator());
		let key = Groth16::generate_parameters_with_qap(Circuit(None), alpha, beta, gamma, delta, g1, g2, &mut rng);
		Self(key.expect("the circuit takes no value here"))
	}

	/// The key with which proofs made under this key are verified.
	pub fn verifying_key(&self) -> VerifyingKey {
		let vk = &self.0.vk;
		VerifyingKey {
			alpha: vk.alpha_g1,
			beta: vk.beta_g2,
			gamma: vk.gamma_g2,
			delta: vk.delta_g2,
			ic: vk.gamma_abc_g1.clone(),
		}
	}

	/// The key's bytes: arkworks' encoding of its points, compressed.
	///
	/// # Panics
	///
	/// Never: memory takes what is written.
	pub fn to_bytes(&self) -> Vec<u8> {
		let mut bytes = Vec::with_capacity(self.0.compressed_size());
		self.0.serialize_compressed(&mut bytes).expect("memory takes what is written");
		bytes
	}

	/// A key from its bytes, every point checked.
	///
	/// # Errors
	///
	/// [`KeyFileError`].
	pub fn from_bytes(mut bytes: &[u8]) -> Result<Self, KeyFileError> {
		let key = ark_groth16::ProvingKey::deserialize_compressed(&mut bytes)?;
		if !bytes.is_empty() {
			return Err(ark_serialize::SerializationError::InvalidData.into());
		}
		Self(key).for_this_circuit().ok_or(KeyFileError::OtherCircuit)
	}

	/// `None` unless there are as many points as the circuit takes.
	pub(crate) fn for_this_circuit(self) -> Option<Self> {
		let key = &self.0;
		let shape = crate::circuit::shape();
		let lengths = [
			key.vk.gamma_abc_g1.len(),
			key.l_query.len(),
			key.a_query.len(),
			key.b_g1_query.len(),
			key.b_g2_query.len(),
			key.h_query.len(),
		];
		let expected = [
			shape.instance,
			shape.variables - shape.instance,
			shape.variables,
			shape.variables,
			shape.variables,
			shape.domain,
		];
		(lengths == expected).then_some(self)
	}
}

impl fmt::Debug for ProvingKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("ProvingKey").field("verifying_key", &self.verifying_key()).finish_non_exhaustive()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_groth16::identity::{DEV_VERIFYING_KEY, VERIFYING_KEY_LEN};

	#[test]
	fn dev_verifying_key_is_current() {
		let bytes = ProvingKey::dev().verifying_key().encode();
		assert_eq!(bytes.len(), VERIFYING_KEY_LEN);
		assert!(bytes == DEV_VERIFYING_KEY, "src/dev_verifying_key.bin must be {}", hex::encode(bytes));
	}

	#[test]
	fn proving_key_round_trips() {
		let key = ProvingKey::dev();
		let bytes = key.to_bytes();
		assert!(ProvingKey::from_bytes(&bytes).unwrap() == key);
		assert!(ProvingKey::from_bytes(&bytes[1..]).is_err());
		assert!(ProvingKey::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
		let mut other = key;
		other.0.h_query.pop();
		assert!(matches!(ProvingKey::from_bytes(&other.to_bytes()), Err(KeyFileError::OtherCircuit)));
	}
}
