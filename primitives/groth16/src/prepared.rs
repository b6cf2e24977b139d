//! A validated key with everything computed that does not depend on a proof, and the verification under it.

// Of field elements and points, which do not overflow.
#![allow(clippy::arithmetic_side_effects)]

use crate::{
	decode_inputs,
	encoding::Reader,
	lines::{lines_of, Line, LINES},
	miller::pairing_product,
	msm::sum_of_multiples,
	Error, Proof, Verdict, VerifyingKey, MAX_INPUTS,
};
use alloc::vec::Vec;
use ark_bn254::{Bn254, Fq, Fq12, Fq2, Fq6, Fr, G1Affine, G1Projective};
use ark_ec::{pairing::Pairing, CurveGroup};
use ark_ff::{BigInt, Field, PrimeField};
use blake2::{digest::consts::U32, Blake2b, Digest};

/// What the bytes of a prepared key begin with.
const VERSION: u8 = 1;
/// Bytes of an element of the base field.
const RESIDUE_LEN: usize = 32;
/// Bytes of a prepared key but for the points of the inputs.
const FIXED_LEN: usize = 1 + 32 + 12 * RESIDUE_LEN + 2 * LINES * 4 * RESIDUE_LEN;

/// A verifying key after validation: `e(alpha, beta)`, the lines of `-gamma` and `-delta`, and the points of the inputs.
///
/// Its [bytes](Self::encode) are meant for trusted storage. Reading them checks their form, not where they come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PreparedKey {
	/// Blake2b-256 of the verifying key's bytes.
	pub(crate) digest: [u8; 32],
	/// `e(alpha, beta)`.
	pub(crate) alpha_beta: Fq12,
	minus_gamma: Vec<Line>,
	minus_delta: Vec<Line>,
	pub(crate) ic: Vec<G1Affine>,
}

/// Verify a proof, given by its bytes as the public inputs are by theirs, under the bytes of a [`PreparedKey`].
///
/// # Errors
///
/// [`Error::NotPrepared`], and those of [`PreparedKey::verify`].
pub fn verify(prepared_key: &[u8], proof: &[u8], inputs: &[u8]) -> Verdict {
	PreparedKey::decode(prepared_key)?.verify(proof, inputs)
}

impl From<&VerifyingKey> for PreparedKey {
	fn from(key: &VerifyingKey) -> Self {
		Self {
			digest: Blake2b::<U32>::digest(key.encode()).into(),
			alpha_beta: Bn254::pairing(key.alpha, key.beta).0,
			minus_gamma: lines_of(-key.gamma),
			minus_delta: lines_of(-key.delta),
			ic: key.ic.clone(),
		}
	}
}

impl PreparedKey {
	/// Verify a proof and its public inputs, both given by their bytes.
	///
	/// # Errors
	///
	/// What is wrong with the inputs, else with the proof's form, else [`Error::InvalidProof`].
	pub fn verify(&self, proof: &[u8], inputs: &[u8]) -> Verdict {
		let inputs = self.decode_inputs(inputs)?;
		let proof = Proof::decode(proof)?;
		if self.holds(&proof, &lines_of(proof.b), &inputs) {
			Ok(())
		} else {
			Err(Error::InvalidProof)
		}
	}

	/// Whether the equation holds, with the lines of the proof's `B`.
	pub(crate) fn holds(&self, proof: &Proof, lines: &[Line], inputs: &[Fr]) -> bool {
		let scalars = [Fr::ONE].into_iter().chain(inputs.iter().copied());
		let sum = sum_of_multiples(self.ic.iter().copied().zip(scalars));
		self.pairing_product([(proof.a, lines)], sum, proof.c.into()) == Some(self.alpha_beta)
	}

	/// How many public inputs a statement under this key has.
	pub fn inputs(&self) -> usize {
		self.ic.len().saturating_sub(1)
	}

	/// Bytes of a prepared key with so many inputs.
	pub const fn len_with_inputs(inputs: usize) -> usize {
		FIXED_LEN.saturating_add(inputs.saturating_add(1).saturating_mul(2 * RESIDUE_LEN))
	}

	/// The key's bytes, for storage. Elements of the base field are written as their Montgomery residues, `x · 2^256 mod p`
	/// little-endian, so that reading them takes no arithmetic.
	pub fn encode(&self) -> Vec<u8> {
		let mut bytes = Vec::with_capacity(Self::len_with_inputs(self.inputs()));
		bytes.push(VERSION);
		bytes.extend(self.digest);
		let constant = [self.alpha_beta.c0, self.alpha_beta.c1];
		let constant = constant.iter().flat_map(|half| [half.c0, half.c1, half.c2]).flat_map(|c| [c.c0, c.c1]);
		let lines = self.minus_gamma.iter().chain(&self.minus_delta);
		let lines = lines.flat_map(|line| [line.slope, line.offset]).flat_map(|c| [c.c0, c.c1]);
		let points = self.ic.iter().flat_map(|point| [point.x, point.y]);
		for element in constant.chain(lines).chain(points) {
			bytes.extend(element.0 .0.iter().flat_map(|limb| limb.to_le_bytes()));
		}
		bytes
	}

	/// A key from bytes that [`Self::encode`] wrote.
	///
	/// # Errors
	///
	/// [`Error::NotPrepared`] for another version, another length, or a number that is no residue. That points are on
	/// their curve was checked when the key was made and is not checked again.
	pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
		read_prepared(bytes).ok_or(Error::NotPrepared)
	}

	/// As many inputs as statements under this key have, from their bytes.
	pub(crate) fn decode_inputs(&self, bytes: &[u8]) -> Result<Vec<Fr>, Error> {
		let inputs = decode_inputs(bytes)?;
		match inputs.len().cmp(&self.inputs()) {
			core::cmp::Ordering::Less => Err(Error::MissingInput),
			core::cmp::Ordering::Greater => Err(Error::SurplusInput),
			core::cmp::Ordering::Equal => Ok(inputs),
		}
	}

	/// `Π e(a, b) · e(inputs, -gamma) · e(c, -delta)`: for one valid proof, `e(alpha, beta)`.
	pub(crate) fn pairing_product<'a>(
		&'a self,
		pairs: impl IntoIterator<Item = (G1Affine, &'a [Line])>,
		inputs: G1Projective,
		c: G1Projective,
	) -> Option<Fq12> {
		let own =
			G1Projective::normalize_batch(&[inputs, c]).into_iter().zip([&self.minus_gamma[..], &self.minus_delta]);
		pairing_product(&pairs.into_iter().chain(own).collect::<Vec<_>>())
	}
}

fn read_prepared(bytes: &[u8]) -> Option<PreparedKey> {
	if !(0..=MAX_INPUTS).any(|inputs| bytes.len() == PreparedKey::len_with_inputs(inputs)) {
		return None;
	}
	let mut reader = Reader(bytes);
	if reader.take()? != &[VERSION] {
		return None;
	}
	let digest = *reader.take()?;
	let alpha_beta = Fq12::new(read_fq6(&mut reader)?, read_fq6(&mut reader)?);
	let minus_gamma = read_lines(&mut reader)?;
	let minus_delta = read_lines(&mut reader)?;
	let mut ic = Vec::new();
	while !reader.0.is_empty() {
		ic.push(G1Affine::new_unchecked(read_fq(&mut reader)?, read_fq(&mut reader)?));
	}
	Some(PreparedKey { digest, alpha_beta, minus_gamma, minus_delta, ic })
}

fn read_lines(reader: &mut Reader<'_>) -> Option<Vec<Line>> {
	(0..LINES).map(|_| Some(Line { slope: read_fq2(reader)?, offset: read_fq2(reader)? })).collect()
}

fn read_fq6(reader: &mut Reader<'_>) -> Option<Fq6> {
	Some(Fq6::new(read_fq2(reader)?, read_fq2(reader)?, read_fq2(reader)?))
}

fn read_fq2(reader: &mut Reader<'_>) -> Option<Fq2> {
	Some(Fq2::new(read_fq(reader)?, read_fq(reader)?))
}

fn read_fq(reader: &mut Reader<'_>) -> Option<Fq> {
	let bytes: &[u8; RESIDUE_LEN] = reader.take()?;
	let mut limbs = [0; 4];
	for (limb, chunk) in limbs.iter_mut().zip(bytes.as_chunks().0) {
		*limb = u64::from_le_bytes(*chunk);
	}
	let residue = BigInt(limbs);
	(residue < Fq::MODULUS).then(|| Fq::new_unchecked(residue))
}
