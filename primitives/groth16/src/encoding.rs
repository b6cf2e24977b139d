//! Numbers and points as EIP-196 and EIP-197 write them: big-endian, uncompressed, the imaginary part of a coordinate of
//! the second group first.

use crate::{subgroup::is_of_order_r, Error};
use alloc::vec::Vec;
use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ff::{AdditiveGroup, BigInt, PrimeField};

/// Bytes of a scalar, and of a coordinate of the first group.
pub const SCALAR_LEN: usize = 32;
/// Bytes of a point of the first group: `x`, `y`.
pub const G1_LEN: usize = 64;
/// Bytes of a point of the second group: the imaginary and the real part of `x`, then of `y`.
pub const G2_LEN: usize = 128;

/// A scalar from its big-endian bytes.
///
/// # Errors
///
/// [`Error::ScalarNotCanonical`] unless it is below `r`.
pub fn decode_scalar(bytes: &[u8; SCALAR_LEN]) -> Result<Fr, Error> {
	field_element(bytes).ok_or(Error::ScalarNotCanonical)
}

/// The big-endian bytes of a scalar.
pub fn encode_scalar(scalar: &Fr) -> [u8; SCALAR_LEN] {
	field_bytes(scalar)
}

/// Public inputs from their bytes, one scalar after the other.
///
/// # Errors
///
/// [`Error::InputsLength`] unless the scalars are whole, [`Error::ScalarNotCanonical`] unless each is below `r`.
pub fn decode_inputs(bytes: &[u8]) -> Result<Vec<Fr>, Error> {
	let (scalars, rest) = bytes.as_chunks();
	if !rest.is_empty() {
		return Err(Error::InputsLength);
	}
	scalars.iter().map(decode_scalar).collect()
}

/// The bytes of public inputs, one scalar after the other.
pub fn encode_inputs(inputs: &[Fr]) -> Vec<u8> {
	inputs.iter().flat_map(encode_scalar).collect()
}

/// Takes points off the front of bytes.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
	/// The next bytes; `None` where there are fewer.
	pub(crate) fn take<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
		let (head, rest) = self.0.split_first_chunk()?;
		self.0 = rest;
		Some(head)
	}

	/// The next point of the first group; `too_short` where bytes are missing. Its order is `r` like every point's here.
	pub(crate) fn g1(&mut self, too_short: Error) -> Result<G1Affine, Error> {
		let (x, y) = (self.coordinate(too_short)?, self.coordinate(too_short)?);
		if x == Fq::ZERO && y == Fq::ZERO {
			return Err(Error::IdentityPoint);
		}
		let point = G1Affine::new_unchecked(x, y);
		if point.is_on_curve() {
			Ok(point)
		} else {
			Err(Error::NotOnCurve)
		}
	}

	/// The next point of the second group; `too_short` where bytes are missing.
	pub(crate) fn g2(&mut self, too_short: Error) -> Result<G2Affine, Error> {
		let point = self.g2_of_any_order(too_short)?;
		if is_of_order_r(&point) {
			Ok(point)
		} else {
			Err(Error::NotInSubgroup)
		}
	}

	/// The next point of the curve of the second group; `too_short` where bytes are missing.
	pub(crate) fn g2_of_any_order(&mut self, too_short: Error) -> Result<G2Affine, Error> {
		let (x, y) = (self.coordinate2(too_short)?, self.coordinate2(too_short)?);
		if x == Fq2::ZERO && y == Fq2::ZERO {
			return Err(Error::IdentityPoint);
		}
		let point = G2Affine::new_unchecked(x, y);
		if point.is_on_curve() {
			Ok(point)
		} else {
			Err(Error::NotOnCurve)
		}
	}

	fn coordinate(&mut self, too_short: Error) -> Result<Fq, Error> {
		field_element(self.take().ok_or(too_short)?).ok_or(Error::CoordinateNotCanonical)
	}

	fn coordinate2(&mut self, too_short: Error) -> Result<Fq2, Error> {
		let (imaginary, real) = (self.coordinate(too_short)?, self.coordinate(too_short)?);
		Ok(Fq2::new(real, imaginary))
	}
}

/// Appends a point of the first group.
pub(crate) fn write_g1(point: &G1Affine, out: &mut Vec<u8>) {
	for coordinate in [&point.x, &point.y] {
		out.extend(field_bytes(coordinate));
	}
}

/// Appends a point of the second group.
pub(crate) fn write_g2(point: &G2Affine, out: &mut Vec<u8>) {
	for coordinate in [&point.x.c1, &point.x.c0, &point.y.c1, &point.y.c0] {
		out.extend(field_bytes(coordinate));
	}
}

/// `None` unless the number is below the field's modulus.
fn field_element<F: PrimeField<BigInt = BigInt<4>>>(bytes: &[u8; 32]) -> Option<F> {
	let mut limbs = [0; 4];
	for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.as_chunks().0) {
		*limb = u64::from_be_bytes(*chunk);
	}
	F::from_bigint(BigInt(limbs))
}

fn field_bytes<F: PrimeField<BigInt = BigInt<4>>>(element: &F) -> [u8; 32] {
	let mut bytes = [0; 32];
	for (chunk, limb) in bytes.as_chunks_mut().0.iter_mut().rev().zip(element.into_bigint().0) {
		*chunk = limb.to_be_bytes();
	}
	bytes
}

#[cfg(test)]
mod tests {
	use super::*;
	use ark_bn254::{Bn254, G1Projective};
	use ark_ec::{pairing::Pairing, AffineRepr, CurveGroup};
	use serde_json::Value;

	const VECTORS: &str = include_str!("../../../tests/fixtures/bn254/precompiles.json");

	/// The vectors of a contract: input, and output where there is one.
	fn vectors(contract: &str) -> Vec<(Vec<u8>, Value)> {
		let vectors: Value = serde_json::from_str(VECTORS).unwrap();
		let vectors = vectors[contract].as_array().unwrap();
		vectors.iter().map(|v| (hex::decode(v["input"].as_str().unwrap()).unwrap(), v["expected"].clone())).collect()
	}

	/// A point or, as the contracts have it and we never do, the identity.
	fn or_identity<P: AffineRepr>(point: Result<P, Error>) -> Result<P, Error> {
		point.or_else(|error| if error == Error::IdentityPoint { Ok(P::zero()) } else { Err(error) })
	}

	fn g1_bytes(point: Result<G1Projective, Error>) -> Value {
		point.map_or(Value::Null, |point| {
			let mut bytes = Vec::new();
			match point.into_affine() {
				identity if identity.is_zero() => bytes.resize(G1_LEN, 0),
				point => write_g1(&point, &mut bytes),
			}
			hex::encode(bytes).into()
		})
	}

	#[test]
	fn additions_are_those_of_the_contract() {
		for (input, expected) in vectors("add") {
			let mut reader = Reader(&input);
			let mut point = || or_identity(reader.g1(Error::ProofLength));
			let sum = point().and_then(|a| Ok(a + point()?));
			assert_eq!(g1_bytes(sum), expected, "{}", hex::encode(&input));
		}
	}

	#[test]
	fn multiples_are_those_of_the_contract() {
		for (input, expected) in vectors("mul") {
			let mut reader = Reader(&input);
			let point = or_identity(reader.g1(Error::ProofLength));
			let product = point.map(|point| point * Fr::from_be_bytes_mod_order(reader.0));
			assert_eq!(g1_bytes(product), expected, "{}", hex::encode(&input));
		}
	}

	#[test]
	fn pairings_are_those_of_the_contract() {
		for (input, expected) in vectors("pairing") {
			let pairs = input.chunks(G1_LEN + G2_LEN).map(|pair| {
				let mut reader = Reader(pair);
				let first = or_identity(reader.g1(Error::ProofLength))?;
				Ok((first, or_identity(reader.g2(Error::ProofLength))?))
			});
			let product = pairs
				.collect::<Result<(Vec<_>, Vec<_>), Error>>()
				.map(|(a, b)| Value::from(Bn254::multi_pairing(a, b) == ark_ec::pairing::PairingOutput::ZERO));
			assert_eq!(product.unwrap_or(Value::Null), expected, "{}", hex::encode(&input));
		}
	}

	#[test]
	fn what_is_written_is_read_again() {
		let mut bytes = Vec::new();
		let (a, b) = (G1Affine::generator(), G2Affine::generator());
		write_g1(&a, &mut bytes);
		write_g2(&b, &mut bytes);
		let mut reader = Reader(&bytes);
		assert_eq!(reader.g1(Error::ProofLength), Ok(a));
		assert_eq!(reader.g2(Error::ProofLength), Ok(b));
		assert_eq!(reader.g1(Error::ProofLength), Err(Error::ProofLength));
	}
}
