//! `.zkey` files: proving keys as snarkjs' ceremonies make them.

use super::binary::{modulus, read, Reader};
use crate::{
	circuit::{matrices, shape},
	ProvingKey,
};
use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use encrytrust_groth16::{identity::INPUTS, VerifyingKey};
use std::collections::BTreeMap;

/// The number of Groth16 in a `.zkey` file's first section.
const GROTH16: u32 = 1;

/// Why a file was not imported.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ZkeyError {
	/// Not a complete `.zkey` file.
	#[error("not a complete zkey file: copy it again")]
	Malformed,
	/// For another proof system or another curve.
	#[error("this zkey is not for Groth16 over bn128")]
	OtherSystem,
	/// For another circuit.
	#[error("this zkey is for another circuit: export the circuit of this version and hold the ceremony for it")]
	OtherCircuit,
	/// A point is not on its curve, or not of order `r`.
	#[error("a point of this zkey is not in its group: the file is damaged or forged")]
	Point,
	/// The verifying key within is one that the chain refuses.
	#[error("the chain would refuse this verifying key: {0}")]
	VerifyingKey(encrytrust_groth16::Error),
}

/// A proving key from a `.zkey` file.
///
/// The file's coefficients are compared with the circuit's. Whether its points belong to them and come from an honest ceremony,
/// `snarkjs zkey verify` finds out with the help of the `.ptau` file.
///
/// # Errors
///
/// [`ZkeyError`].
pub fn import_zkey(file: &[u8]) -> Result<ProvingKey, ZkeyError> {
	let sections = read(file, b"zkey", 1).ok_or(ZkeyError::Malformed)?;
	let section = |id| sections.get(&id).copied().ok_or(ZkeyError::Malformed);
	if section(1)?.u32() != Some(GROTH16) {
		return Err(ZkeyError::OtherSystem);
	}
	let shape = shape();
	let Header { variables, inputs, domain, alpha_g1, beta_g1, beta_g2, gamma_g2, delta_g1, delta_g2 } =
		header(section(2)?)?;
	if (variables, inputs, domain) != (shape.variables, INPUTS, shape.domain) || !is_our_circuit(section(4)?) {
		return Err(ZkeyError::OtherCircuit);
	}
	let vk = ark_groth16::VerifyingKey {
		alpha_g1,
		beta_g2,
		gamma_g2,
		delta_g2,
		gamma_abc_g1: points(section(3)?, shape.instance, g1)?,
	};
	let key = ProvingKey(ark_groth16::ProvingKey::<Bn254> {
		vk,
		beta_g1,
		delta_g1,
		a_query: points(section(5)?, shape.variables, g1)?,
		b_g1_query: points(section(6)?, shape.variables, g1)?,
		b_g2_query: points(section(7)?, shape.variables, g2)?,
		l_query: points(section(8)?, shape.variables - shape.instance, g1)?,
		h_query: points(section(9)?, shape.domain, g1)?,
	});
	VerifyingKey::decode(&key.verifying_key().encode()).map_err(ZkeyError::VerifyingKey)?;
	Ok(key)
}

struct Header {
	variables: usize,
	inputs: usize,
	domain: usize,
	alpha_g1: G1Affine,
	beta_g1: G1Affine,
	beta_g2: G2Affine,
	gamma_g2: G2Affine,
	delta_g1: G1Affine,
	delta_g2: G2Affine,
}

fn header(mut reader: Reader<'_>) -> Result<Header, ZkeyError> {
	for modulus in [modulus::<Fq>(), modulus::<Fr>()] {
		let len = reader.u32().ok_or(ZkeyError::Malformed)? as usize;
		if reader.take(len).ok_or(ZkeyError::Malformed)? != modulus {
			return Err(ZkeyError::OtherSystem);
		}
	}
	let mut number = || reader.u32().map(|n| n as usize).ok_or(ZkeyError::Malformed);
	let (variables, inputs, domain) = (number()?, number()?, number()?);
	let reader = &mut reader;
	let (alpha_g1, beta_g1) = (g1(reader)?, g1(reader)?);
	let (beta_g2, gamma_g2) = (g2(reader)?, g2(reader)?);
	let (delta_g1, delta_g2) = (g1(reader)?, g2(reader)?);
	if !reader.0.is_empty() {
		return Err(ZkeyError::Malformed);
	}
	Ok(Header { variables, inputs, domain, alpha_g1, beta_g1, beta_g2, gamma_g2, delta_g1, delta_g2 })
}

/// Whether the coefficients of `A` and `B` are the circuit's. Those of `C` are in the key's points alone.
fn is_our_circuit(section: Reader<'_>) -> bool {
	let r1cs = matrices();
	let mut ours = BTreeMap::new();
	for (matrix, rows) in [(0, &r1cs.a), (1, &r1cs.b)] {
		for (row, terms) in rows.iter().enumerate() {
			ours.extend(terms.iter().map(|(coefficient, variable)| ((matrix, row, *variable), *coefficient)));
		}
	}
	// Each public input has a row of its own in A.
	ours.extend((0..=INPUTS).map(|input| ((0, r1cs.a.len() + input, input), Fr::ONE)));
	coefficients(section) == Some(ours)
}

/// The coefficients by matrix, row and variable.
fn coefficients(mut reader: Reader<'_>) -> Option<BTreeMap<(u32, usize, usize), Fr>> {
	// A coefficient `x` is written as `x · 2^512 mod r`.
	let unit = Fr::from(2u8).pow([256]).inverse()?;
	let mut coefficients = BTreeMap::new();
	for _ in 0..reader.u32()? {
		let place = (reader.u32()?, reader.u32()? as usize, reader.u32()? as usize);
		let residue = reader.integer().filter(|residue| *residue < Fr::MODULUS)?;
		if coefficients.insert(place, Fr::new_unchecked(residue) * unit).is_some() {
			return None;
		}
	}
	reader.0.is_empty().then_some(coefficients)
}

/// All points of a section, which are so many.
fn points<P>(
	mut reader: Reader<'_>,
	count: usize,
	point: fn(&mut Reader<'_>) -> Result<P, ZkeyError>,
) -> Result<Vec<P>, ZkeyError> {
	let points = (0..count).map(|_| point(&mut reader)).collect::<Result<_, _>>()?;
	if reader.0.is_empty() {
		Ok(points)
	} else {
		Err(ZkeyError::Malformed)
	}
}

fn g1(reader: &mut Reader<'_>) -> Result<G1Affine, ZkeyError> {
	let (x, y) = (coordinate(reader)?, coordinate(reader)?);
	if x == Fq::ZERO && y == Fq::ZERO {
		return Ok(G1Affine::zero());
	}
	let point = G1Affine::new_unchecked(x, y);
	if point.is_on_curve() {
		Ok(point)
	} else {
		Err(ZkeyError::Point)
	}
}

fn g2(reader: &mut Reader<'_>) -> Result<G2Affine, ZkeyError> {
	let x = Fq2::new(coordinate(reader)?, coordinate(reader)?);
	let y = Fq2::new(coordinate(reader)?, coordinate(reader)?);
	if x == Fq2::ZERO && y == Fq2::ZERO {
		return Ok(G2Affine::zero());
	}
	let point = G2Affine::new_unchecked(x, y);
	let is_good = point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve();
	if is_good {
		Ok(point)
	} else {
		Err(ZkeyError::Point)
	}
}

/// A coordinate, written as its Montgomery residue.
fn coordinate(reader: &mut Reader<'_>) -> Result<Fq, ZkeyError> {
	let residue: BigInt<4> = reader.integer().ok_or(ZkeyError::Malformed)?;
	if residue < Fq::MODULUS {
		Ok(Fq::new_unchecked(residue))
	} else {
		Err(ZkeyError::Point)
	}
}
