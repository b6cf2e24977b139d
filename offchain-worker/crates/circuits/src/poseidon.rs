//! Poseidon over BN254's scalar field (<https://eprint.iacr.org/2019/458>) as circomlib has it: `x^5`, eight full rounds,
//! capacity one, the state's first element is the hash.

use ark_bn254::Fr;
use light_poseidon::parameters::bn254_x5::get_poseidon_parameters;
use light_poseidon::PoseidonParameters;
use std::ops::{Add, Mul};

/// What can be hashed: numbers, and variables of a circuit.
pub(crate) trait Element:
	Clone + Add<Fr, Output = Self> + Add<Output = Self> + Mul<Fr, Output = Self> + Mul<Output = Self>
{
}

impl<T> Element for T where T: Clone + Add<Fr, Output = T> + Add<Output = T> + Mul<Fr, Output = T> + Mul<Output = T> {}

/// The hash of one to twelve scalars.
pub fn poseidon<const N: usize>(inputs: [Fr; N]) -> Fr {
	hash(Fr::from(0u8), inputs)
}

/// The hash of one to twelve elements; `zero` is theirs.
pub(crate) fn hash<T: Element, const N: usize>(zero: T, inputs: [T; N]) -> T {
	const { assert!(N >= 1 && N <= 12, "Poseidon takes one to twelve inputs") };
	let parameters = parameters(N + 1);
	let mut state: Vec<T> = [zero].into_iter().chain(inputs).collect();

	let before = parameters.full_rounds / 2;
	let partial = before..before + parameters.partial_rounds;
	for (round, constants) in parameters.ark.chunks(parameters.width).enumerate() {
		// In a partial round, the power is taken of the first element alone.
		let powers = if partial.contains(&round) { 1 } else { state.len() };
		state = state.into_iter().zip(constants).map(|(element, constant)| element + *constant).collect();
		for element in state.iter_mut().take(powers) {
			*element = fifth_power(element.clone());
		}
		state = parameters.mds.iter().map(|row| product(row, &state)).collect();
	}
	state.swap_remove(0)
}

fn parameters(width: usize) -> PoseidonParameters<Fr> {
	get_poseidon_parameters(width as u8).expect("there are constants for widths of 2 to 13")
}

fn fifth_power<T: Element>(x: T) -> T {
	let square = x.clone() * x.clone();
	square.clone() * square * x
}

/// A row of the matrix times the state.
fn product<T: Element>(row: &[Fr], state: &[T]) -> T {
	let terms = row.iter().zip(state).map(|(factor, element)| element.clone() * *factor);
	terms.reduce(|sum, term| sum + term).expect("a state has at least two elements")
}

#[cfg(test)]
mod tests {
	use super::*;
	use ark_ff::{MontFp, PrimeField};
	use light_poseidon::{Poseidon, PoseidonHasher};
	use proptest::prelude::*;

	fn fr(n: u64) -> Fr {
		Fr::from(n)
	}

	/// circomlib's own vectors (`test/poseidoncircuit.js`).
	#[test]
	fn poseidon_gives_known_answers() {
		for (hash, expected) in [
			(
				poseidon([fr(1), fr(2)]),
				MontFp!("7853200120776062878684798364095072458815029376092732009249414926327459813530"),
			),
			(
				poseidon([fr(3), fr(4)]),
				MontFp!("14763215145315200506921711489642608356394854266165572616578112107564877678998"),
			),
			(
				poseidon([fr(1), fr(2), fr(3), fr(4)]),
				MontFp!("18821383157269793795438455681495246036402687001665670618754263018637548127333"),
			),
		] {
			assert_eq!(hash, expected);
		}
	}

	proptest! {
		#[test]
		fn poseidon_agrees_with_light_poseidon(inputs: [[u8; 32]; 3]) {
			let inputs = inputs.map(|bytes| Fr::from_be_bytes_mod_order(&bytes));
			let theirs = Poseidon::<Fr>::new_circom(3).unwrap().hash(&inputs).unwrap();
			prop_assert_eq!(poseidon(inputs), theirs);
		}
	}
}
