//! A proof and its bytes.

use crate::{
	encoding::{write_g1, write_g2, Reader},
	subgroup::is_of_order_r,
	Error, G1_LEN, G2_LEN,
};
use alloc::vec::Vec;
use ark_bn254::{G1Affine, G2Affine};

/// Bytes of a proof.
pub const PROOF_LEN: usize = G1_LEN + G2_LEN + G1_LEN;

/// A proof, written `A`, `B`, `C`: as the arguments of the verifying contracts that snarkjs generates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proof {
	/// In the first group.
	pub a: G1Affine,
	/// In the second group.
	pub b: G2Affine,
	/// In the first group.
	pub c: G1Affine,
}

impl Proof {
	/// A proof from exactly [`PROOF_LEN`] bytes.
	///
	/// # Errors
	///
	/// [`Error::ProofLength`]; one of [`Error::CoordinateNotCanonical`], [`Error::IdentityPoint`] and
	/// [`Error::NotOnCurve`] for the first point that is none; then [`Error::NotInSubgroup`] for `B`.
	pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
		let proof = Self::decode_of_any_order(bytes)?;
		if is_of_order_r(&proof.b) {
			Ok(proof)
		} else {
			Err(Error::NotInSubgroup)
		}
	}

	/// As [`Self::decode`], but for the last of its checks and the dearest, that of the order of `B`.
	pub(crate) fn decode_of_any_order(bytes: &[u8]) -> Result<Self, Error> {
		if bytes.len() != PROOF_LEN {
			return Err(Error::ProofLength);
		}
		let mut reader = Reader(bytes);
		let a = reader.g1(Error::ProofLength)?;
		let b = reader.g2_of_any_order(Error::ProofLength)?;
		let c = reader.g1(Error::ProofLength)?;
		Ok(Self { a, b, c })
	}

	/// The proof's bytes.
	pub fn encode(&self) -> Vec<u8> {
		let mut bytes = Vec::with_capacity(PROOF_LEN);
		write_g1(&self.a, &mut bytes);
		write_g2(&self.b, &mut bytes);
		write_g1(&self.c, &mut bytes);
		bytes
	}
}
