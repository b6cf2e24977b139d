//! Proofs without a circuit and without a witness, under keys whose trapdoor is known: for benchmarks and tests, whose
//! statements depend on where they run. Such a proof takes exactly as long to verify as any other.

// Of field elements and points, which do not overflow.
#![allow(clippy::arithmetic_side_effects)]

use crate::{h2f::h2f, Fr, Proof, VerifyingKey};
use alloc::vec::Vec;
use ark_bn254::{G1Projective, G2Projective};
use ark_ec::{CurveGroup, PrimeGroup};
use ark_ff::Field;

/// A verifying key's trapdoor.
#[derive(Clone, Debug)]
pub struct Trapdoor {
	alpha: Fr,
	beta: Fr,
	gamma: Fr,
	delta: Fr,
	ic: Vec<Fr>,
}

impl Trapdoor {
	/// The trapdoor of a key with so many public inputs, from a seed.
	pub fn new(inputs: usize, seed: u64) -> Self {
		let scalar = |index: u64| h2f("trapdoor", &[&seed.to_le_bytes(), &index.to_le_bytes()]);
		Self {
			alpha: scalar(0),
			beta: scalar(1),
			gamma: scalar(2),
			delta: scalar(3),
			ic: (4..).take(inputs.saturating_add(1)).map(scalar).collect(),
		}
	}

	/// The key.
	pub fn verifying_key(&self) -> VerifyingKey {
		VerifyingKey {
			alpha: g1(self.alpha).into_affine(),
			beta: g2(self.beta).into_affine(),
			gamma: g2(self.gamma).into_affine(),
			delta: g2(self.delta).into_affine(),
			ic: self.ic.iter().map(|k| g1(*k).into_affine()).collect(),
		}
	}

	/// A proof of any statement, by solving the verification's equation for `C`: different ones by `nonce`.
	pub fn prove(&self, inputs: &[Fr], nonce: u64) -> Proof {
		let [a, b] = ["a", "b"].map(|tag| h2f(tag, &[&nonce.to_le_bytes()]));
		let scalars = [Fr::ONE].into_iter().chain(inputs.iter().copied());
		let l: Fr = self.ic.iter().zip(scalars).map(|(k, x)| *k * x).sum();
		let c = (a * b - self.alpha * self.beta - self.gamma * l) * self.delta.inverse().unwrap_or_default();
		Proof { a: g1(a).into_affine(), b: g2(b).into_affine(), c: g1(c).into_affine() }
	}
}

fn g1(scalar: Fr) -> G1Projective {
	G1Projective::generator() * scalar
}

fn g2(scalar: Fr) -> G2Projective {
	G2Projective::generator() * scalar
}
