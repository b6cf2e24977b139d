//! `.r1cs` and `.wtns` files.

use super::binary::{little_endian, modulus, write};
use crate::{
	circuit::{full_assignment, matrices},
	prover::assignment,
	ProveError, Secret, Statement,
};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use encrytrust_groth16::identity::INPUTS;

/// The circuit as an `.r1cs` file: what a ceremony starts from.
pub fn r1cs_file() -> Vec<u8> {
	let r1cs = matrices();
	// No outputs, the public inputs, one private input.
	let (outputs, inputs, private) = (0u32, INPUTS as u32, 1u32);
	let header = [
		&32u32.to_le_bytes()[..],
		&modulus::<Fr>(),
		&(r1cs.variables as u32).to_le_bytes(),
		&outputs.to_le_bytes(),
		&inputs.to_le_bytes(),
		&private.to_le_bytes(),
		&(r1cs.variables as u64).to_le_bytes(),
		&(r1cs.a.len() as u32).to_le_bytes(),
	]
	.concat();
	let rows = r1cs.a.iter().zip(&r1cs.b).zip(&r1cs.c);
	let constraints = rows.flat_map(|((a, b), c)| [a, b, c]).flat_map(|row| linear_combination(row)).collect();
	let labels = (0..r1cs.variables as u64).flat_map(u64::to_le_bytes).collect();
	write(b"r1cs", 1, &[header, constraints, labels])
}

/// The values of all variables as a `.wtns` file, for snarkjs to prove with. **It contains the secret.**
///
/// # Errors
///
/// As [`prove`](crate::prove) does for a secret that is not the commitment's, and a malformed statement.
pub fn witness_file(secret: &Secret, statement: &Statement) -> Result<Vec<u8>, ProveError> {
	let values = full_assignment(assignment(secret, statement)?)?;
	let header = [&32u32.to_le_bytes()[..], &modulus::<Fr>(), &(values.len() as u32).to_le_bytes()].concat();
	let values = values.iter().flat_map(|value| little_endian(value.into_bigint())).collect();
	Ok(write(b"wtns", 2, &[header, values]))
}

/// A row's terms in the order of their variables, each as number and coefficient.
fn linear_combination(row: &[(Fr, usize)]) -> Vec<u8> {
	let mut terms = row.to_vec();
	terms.sort_by_key(|(_, variable)| *variable);
	let mut bytes = (terms.len() as u32).to_le_bytes().to_vec();
	for (coefficient, variable) in terms {
		bytes.extend((variable as u32).to_le_bytes());
		bytes.extend(little_endian(coefficient.into_bigint()));
	}
	bytes
}
