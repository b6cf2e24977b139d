//! A verifying key and its bytes.

use crate::{
	encoding::{write_g1, write_g2, Reader},
	Error, G1_LEN, G2_LEN,
};
use alloc::vec::Vec;
use ark_bn254::{G1Affine, G2Affine};

/// The most public inputs that a key may have: bounds its bytes, and the time that a verification takes.
pub const MAX_INPUTS: usize = 16;

/// A verifying key, written `alpha`, `beta`, `gamma`, `delta`, then the points of `ic`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyingKey {
	/// In the first group.
	pub alpha: G1Affine,
	/// In the second group.
	pub beta: G2Affine,
	/// In the second group; divides what the public inputs contribute.
	pub gamma: G2Affine,
	/// In the second group; divides what the witness contributes.
	pub delta: G2Affine,
	/// The point of the constant one, then one for each public input.
	pub ic: Vec<G1Affine>,
}

impl VerifyingKey {
	/// Bytes of a key with so many inputs.
	pub const fn len_with_inputs(inputs: usize) -> usize {
		inputs.saturating_add(2).saturating_mul(G1_LEN).saturating_add(3 * G2_LEN)
	}

	/// How many public inputs the statement of a key of so many bytes has; `None` if no key has so many.
	pub fn inputs_of_length(bytes: usize) -> Option<usize> {
		(0..=MAX_INPUTS).find(|inputs| bytes == Self::len_with_inputs(*inputs))
	}

	/// A key from its bytes, with every check that its use relies upon. An input's point that is the identity is refused: such an
	/// input is bound to nothing.
	///
	/// # Errors
	///
	/// [`Error::KeyLength`], [`Error::NoContribution`], and one of [`Error::CoordinateNotCanonical`], [`Error::IdentityPoint`],
	/// [`Error::NotOnCurve`] and [`Error::NotInSubgroup`] for the first point that is none.
	pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
		Self::inputs_of_length(bytes.len()).ok_or(Error::KeyLength)?;
		let mut reader = Reader(bytes);
		let alpha = reader.g1(Error::KeyLength)?;
		let beta = reader.g2(Error::KeyLength)?;
		let gamma = reader.g2(Error::KeyLength)?;
		let delta = reader.g2(Error::KeyLength)?;
		let mut ic = Vec::new();
		while !reader.0.is_empty() {
			ic.push(reader.g1(Error::KeyLength)?);
		}
		if gamma == delta {
			return Err(Error::NoContribution);
		}
		Ok(Self { alpha, beta, gamma, delta, ic })
	}

	/// The key's bytes.
	pub fn encode(&self) -> Vec<u8> {
		let mut bytes = Vec::with_capacity(Self::len_with_inputs(self.inputs()));
		write_g1(&self.alpha, &mut bytes);
		for point in [&self.beta, &self.gamma, &self.delta] {
			write_g2(point, &mut bytes);
		}
		for point in &self.ic {
			write_g1(point, &mut bytes);
		}
		bytes
	}

	/// How many public inputs a statement under this key has.
	pub fn inputs(&self) -> usize {
		self.ic.len().saturating_sub(1)
	}
}
