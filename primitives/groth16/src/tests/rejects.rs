//! Each way in which bytes can be wrong, and its exact error.

use super::{fixture, Fixture, SEED};
use crate::{
	simulation::Trapdoor, verify, verify_batch, Error, PreparedKey, VerifyingKey, G1_LEN, G2_LEN, PROOF_LEN, SCALAR_LEN,
};
use alloc::{vec, vec::Vec};
use ark_bn254::{Fq, Fq2, Fr, G2Affine};
use ark_ff::{BigInt, BigInteger, PrimeField};
use proptest::prelude::*;

/// Where the points of a proof are.
const A: usize = 0;
const B: usize = G1_LEN;
const C: usize = G1_LEN + G2_LEN;

fn with(bytes: &[u8], at: usize, patch: &[u8]) -> Vec<u8> {
	let mut bytes = bytes.to_vec();
	bytes[at..at + patch.len()].copy_from_slice(patch);
	bytes
}

/// The bytes of the number at `at`, with `modulus` added.
fn plus(bytes: &[u8], at: usize, modulus: BigInt<4>) -> Vec<u8> {
	let mut number = read(&bytes[at..at + SCALAR_LEN]);
	assert!(!number.add_with_carry(&modulus), "the sum must fit into 256 bits");
	with(bytes, at, &number.to_bytes_be())
}

fn read(bytes: &[u8]) -> BigInt<4> {
	let bits: Vec<_> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
	BigInt::from_bits_be(&bits)
}

/// A point on the curve of the second group, but not of order `r`.
fn outside_the_subgroup() -> Vec<u8> {
	let points = (1u64..).filter_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::from(x), false));
	let point = points.into_iter().find(|point| !point.is_in_correct_subgroup_assuming_on_curve()).unwrap();
	assert!(point.is_on_curve());
	[point.x.c1, point.x.c0, point.y.c1, point.y.c0].iter().flat_map(|c| c.into_bigint().to_bytes_be()).collect()
}

#[test]
fn proofs_and_inputs() {
	let Fixture { key, proof, inputs, .. } = fixture();
	let zeros = [0; G2_LEN];
	let compressed = [&proof[A..A + 32], &proof[B..B + 64], &proof[C..C + 32]].concat();
	let negated = {
		let y = -Fq::from_bigint(read(&proof[C + 32..])).unwrap();
		with(proof, C + 32, &y.into_bigint().to_bytes_be())
	};
	for (name, proof, inputs, expected) in [
		("a good proof", proof.clone(), inputs.clone(), Ok(())),
		("no proof", vec![], inputs.clone(), Err(Error::ProofLength)),
		("a truncated proof", proof[..PROOF_LEN - 1].to_vec(), inputs.clone(), Err(Error::ProofLength)),
		("a longer proof", [&proof[..], &[0]].concat(), inputs.clone(), Err(Error::ProofLength)),
		("a compressed proof", compressed, inputs.clone(), Err(Error::ProofLength)),
		("10 kB of garbage", vec![0xa5; 10_000], inputs.clone(), Err(Error::ProofLength)),
		("garbage of the right length", vec![0x25; PROOF_LEN], inputs.clone(), Err(Error::NotOnCurve)),
		("ones", vec![0xff; PROOF_LEN], inputs.clone(), Err(Error::CoordinateNotCanonical)),
		("x + p in A", plus(proof, A, Fq::MODULUS), inputs.clone(), Err(Error::CoordinateNotCanonical)),
		("x + p in B", plus(proof, B, Fq::MODULUS), inputs.clone(), Err(Error::CoordinateNotCanonical)),
		("y + p in C", plus(proof, C + 32, Fq::MODULUS), inputs.clone(), Err(Error::CoordinateNotCanonical)),
		("A off the curve", with(proof, A + 31, &[proof[A + 31] ^ 1]), inputs.clone(), Err(Error::NotOnCurve)),
		("B off the curve", with(proof, B + 31, &[proof[B + 31] ^ 1]), inputs.clone(), Err(Error::NotOnCurve)),
		("C off the curve", with(proof, C + 31, &[proof[C + 31] ^ 1]), inputs.clone(), Err(Error::NotOnCurve)),
		("B of another order", with(proof, B, &outside_the_subgroup()), inputs.clone(), Err(Error::NotInSubgroup)),
		("A the identity", with(proof, A, &zeros[..G1_LEN]), inputs.clone(), Err(Error::IdentityPoint)),
		("B the identity", with(proof, B, &zeros), inputs.clone(), Err(Error::IdentityPoint)),
		("C the identity", with(proof, C, &zeros[..G1_LEN]), inputs.clone(), Err(Error::IdentityPoint)),
		("C negated", negated, inputs.clone(), Err(Error::InvalidProof)),
		(
			"A and C exchanged",
			[&proof[C..], &proof[B..C], &proof[..B]].concat(),
			inputs.clone(),
			Err(Error::InvalidProof),
		),
		("no inputs", proof.clone(), vec![], Err(Error::MissingInput)),
		("a missing input", proof.clone(), inputs[..64].to_vec(), Err(Error::MissingInput)),
		("a surplus input", proof.clone(), [&inputs[..], &[0; 32]].concat(), Err(Error::SurplusInput)),
		("half an input", proof.clone(), inputs[..80].to_vec(), Err(Error::InputsLength)),
		("x + r", proof.clone(), plus(inputs, 0, Fr::MODULUS), Err(Error::ScalarNotCanonical)),
		("another first input", proof.clone(), with(inputs, 31, &[inputs[31] ^ 1]), Err(Error::InvalidProof)),
		("another second input", proof.clone(), with(inputs, 63, &[inputs[63] ^ 1]), Err(Error::InvalidProof)),
		("another third input", proof.clone(), with(inputs, 95, &[inputs[95] ^ 1]), Err(Error::InvalidProof)),
	] {
		assert_eq!(verify(key, &proof, &inputs), expected, "{name}");
		let pair = [(&proof[..], &inputs[..]), (&proof[..], &inputs[..])];
		assert_eq!(verify_batch(key, &pair), [expected; 2], "{name}, in a batch");
	}
}

#[test]
fn verifying_keys() {
	let good = &fixture().verifying_key;
	let gamma = G1_LEN + G2_LEN;
	let delta = gamma + G2_LEN;
	let zeros = [0; G2_LEN];
	for (name, bytes, expected) in [
		("no key", vec![], Error::KeyLength),
		("a key without a point for the constant", good[..448].to_vec(), Error::KeyLength),
		("a truncated key", good[..good.len() - 1].to_vec(), Error::KeyLength),
		("a longer key", [&good[..], &[0]].concat(), Error::KeyLength),
		("a key of too many inputs", [&good[..], &good[448..].repeat(4)].concat(), Error::KeyLength),
		("10 kB of garbage", vec![0xa5; 10_000], Error::KeyLength),
		("alpha the identity", with(good, 0, &zeros[..G1_LEN]), Error::IdentityPoint),
		("delta the identity", with(good, delta, &zeros), Error::IdentityPoint),
		("an input's point the identity", with(good, good.len() - 64, &zeros[..G1_LEN]), Error::IdentityPoint),
		("alpha off the curve", with(good, 31, &[good[31] ^ 1]), Error::NotOnCurve),
		("gamma of another order", with(good, gamma, &outside_the_subgroup()), Error::NotInSubgroup),
		("x + p in beta", plus(good, G1_LEN, Fq::MODULUS), Error::CoordinateNotCanonical),
		("nobody contributed", with(good, delta, &good[gamma..delta]), Error::NoContribution),
	] {
		assert_eq!(VerifyingKey::decode(&bytes), Err(expected), "{name}");
	}
	let one_input_less = VerifyingKey::decode(&good[..good.len() - G1_LEN]).unwrap();
	assert_eq!(one_input_less.inputs(), 2);
	assert_eq!(VerifyingKey::decode(good).unwrap().encode(), *good);
}

#[test]
fn prepared_keys() {
	let Fixture { key, proof, inputs, .. } = fixture();
	for (name, bytes) in [
		("no key", vec![]),
		("a truncated key", key[..key.len() - 1].to_vec()),
		("a longer key", [&key[..], &[0; 64]].concat()[..key.len() + 32].to_vec()),
		("another version", with(key, 0, &[2])),
		("a number that is no residue", with(key, 33, &[0xff; 32])),
	] {
		assert_eq!(verify(&bytes, proof, inputs), Err(Error::NotPrepared), "{name}");
		assert_eq!(verify_batch(&bytes, &[(&proof[..], &inputs[..]); 3]), [Err(Error::NotPrepared); 3], "{name}");
	}
	assert_eq!(PreparedKey::decode(key).unwrap().encode(), *key);
}

#[test]
fn a_proof_under_another_key_is_invalid() {
	let Fixture { proof, inputs, .. } = fixture();
	let other = PreparedKey::from(&Trapdoor::new(3, SEED + 1).verifying_key()).encode();
	assert_eq!(verify(&other, proof, inputs), Err(Error::InvalidProof));
}

proptest! {
	/// Random bytes are refused, whatever they are.
	#[test]
	fn random_bytes_never_verify(
		key in prop::collection::vec(any::<u8>(), 0..2000),
		proof in prop::collection::vec(any::<u8>(), 0..300),
		inputs in prop::collection::vec(any::<u8>(), 0..200),
	) {
		let good = fixture();
		prop_assert!(VerifyingKey::decode(&key).is_err());
		prop_assert!(verify(&key, &proof, &inputs).is_err());
		prop_assert!(verify(&good.key, &proof, &good.inputs).is_err());
		prop_assert!(verify(&good.key, &good.proof, &inputs).is_err());
	}

	/// One byte changed anywhere: refused, by whatever check finds it.
	#[test]
	fn a_changed_byte_is_refused(at: prop::sample::Index, flip in 1u8..) {
		let Fixture { key, verifying_key, proof, inputs, .. } = fixture();
		let changed = |bytes: &[u8]| { let at = at.index(bytes.len()); with(bytes, at, &[bytes[at] ^ flip]) };
		prop_assert!(verify(key, &changed(proof), inputs).is_err());
		prop_assert!(verify(key, proof, &changed(inputs)).is_err());
		if let Ok(other) = VerifyingKey::decode(&changed(verifying_key)) {
			prop_assert!(PreparedKey::from(&other).verify(proof, inputs).is_err());
		}
	}

	/// A damaged prepared key may do anything but panic.
	#[test]
	fn a_damaged_prepared_key_does_not_panic(at: prop::sample::Index, damage: [u8; 32]) {
		let Fixture { key, proof, inputs, .. } = fixture();
		let at = at.index(key.len() - damage.len());
		let _ = verify(&with(key, at, &damage), proof, inputs);
		let _ = verify_batch(&with(key, at, &[0; 64][..32.min(key.len() - at)]), &[(&proof[..], &inputs[..]); 2]);
	}
}

#[test]
fn every_byte_of_a_proof_matters() {
	let Fixture { key, proof, inputs, .. } = fixture();
	let key = PreparedKey::decode(key).unwrap();
	for at in 0..PROOF_LEN {
		assert!(key.verify(&with(proof, at, &[proof[at] ^ 1]), inputs).is_err(), "byte {at}");
	}
}
