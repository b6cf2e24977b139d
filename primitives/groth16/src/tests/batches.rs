//! A batch gives the verdicts of its proofs one by one.

use super::{fixture, SEED};
use crate::{encode_inputs, simulation::Trapdoor, verify, verify_batch, Error, Fr, Verdict};
use alloc::vec::Vec;
use proptest::prelude::*;

/// A proof and its inputs.
type Item = (Vec<u8>, Vec<u8>);

/// The proof of `statement`; where `damage` is not zero, with that byte of proof or inputs changed, or for another statement.
fn item(statement: u64, damage: u16) -> Item {
	let trapdoor = Trapdoor::new(3, SEED);
	let inputs = [Fr::from(statement), Fr::from(2u8), -Fr::from(1u8)];
	let mut proof = trapdoor.prove(&inputs, statement).encode();
	let mut inputs = encode_inputs(&inputs);
	match usize::from(damage) {
		0 => (),
		at if at < proof.len() => proof[at] ^= 1,
		at => {
			let at = at % inputs.len();
			inputs[at] ^= 1;
		},
	}
	(proof, inputs)
}

fn verdicts(items: &[Item]) -> Vec<Verdict> {
	let items: Vec<_> = items.iter().map(|(proof, inputs)| (&proof[..], &inputs[..])).collect();
	verify_batch(&fixture().key, &items)
}

#[test]
fn all_good() {
	for len in [0, 1, 2, 3, 64, 65] {
		let items: Vec<_> = (0..len).map(|statement| item(statement, 0)).collect();
		assert_eq!(verdicts(&items), vec![Ok(()); items.len()], "{len}");
	}
}

#[test]
fn the_bad_one_is_found_wherever_it_is() {
	for bad in 0..9 {
		let items: Vec<_> = (0..9).map(|statement| item(statement, if statement == bad { 300 } else { 0 })).collect();
		let expected = (0..9).map(|i| if i == bad { Err(Error::InvalidProof) } else { Ok(()) }).collect::<Vec<_>>();
		assert_eq!(verdicts(&items), expected, "{bad}");
	}
}

/// Two invalid proofs whose errors cancel out in a plain product, without coefficients.
#[test]
fn errors_do_not_cancel() {
	use crate::Proof;
	use ark_ec::{AffineRepr, CurveGroup};
	let shifted = |sign: i8| {
		let (proof, inputs) = item(1, 0);
		let proof = Proof::decode(&proof).unwrap();
		let shift = crate::G1Affine::generator() * Fr::from(sign);
		(Proof { c: (proof.c + shift).into_affine(), ..proof }.encode(), inputs)
	};
	assert_eq!(verdicts(&[shifted(1), shifted(-1)]), [Err(Error::InvalidProof); 2]);
}

#[test]
fn every_proof_may_be_bad() {
	let items: Vec<_> = (0..8).map(|statement| item(statement, 300)).collect();
	assert_eq!(verdicts(&items), [Err(Error::InvalidProof); 8]);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(24))]

	#[test]
	fn equals_one_by_one(damages in prop::collection::vec(prop_oneof![2 => Just(0), 1 => 1u16..352], 0..12)) {
		let items: Vec<_> = (0..).zip(damages).map(|(statement, damage)| item(statement, damage)).collect();
		let one_by_one: Vec<_> =
			items.iter().map(|(proof, inputs)| verify(&fixture().key, proof, inputs)).collect();
		prop_assert_eq!(verdicts(&items), one_by_one);
	}
}
