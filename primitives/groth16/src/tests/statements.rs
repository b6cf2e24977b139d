//! The verifier beside arkworks' own, with a real circuit.

use crate::{encode_inputs, Error, Fr, PreparedKey, Proof, VerifyingKey};
use alloc::{vec, vec::Vec};
use ark_bn254::Bn254;
use ark_groth16::{prepare_verifying_key, Groth16};
use ark_relations::{
	gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, Result, SynthesisError},
	lc,
};
use ark_std::rand::{rngs::StdRng, SeedableRng};

/// Knowledge of `x` and `y` with the public product `x y` and the public square of `x`.
#[derive(Clone, Copy)]
struct Product(Option<[Fr; 2]>);

impl ConstraintSynthesizer<Fr> for Product {
	fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<()> {
		let value = |f: fn([Fr; 2]) -> Fr| self.0.map(f).ok_or(SynthesisError::AssignmentMissing);
		let product = cs.new_input_variable(|| value(|[x, y]| x * y))?;
		let square = cs.new_input_variable(|| value(|[x, _]| x * x))?;
		let x = cs.new_witness_variable(|| value(|[x, _]| x))?;
		let y = cs.new_witness_variable(|| value(|[_, y]| y))?;
		cs.enforce_r1cs_constraint(|| lc!() + x, || lc!() + y, || lc!() + product)?;
		cs.enforce_r1cs_constraint(|| lc!() + x, || lc!() + x, || lc!() + square)
	}
}

#[test]
fn agrees_with_arkworks() {
	let mut rng = StdRng::seed_from_u64(1);
	let proving_key = Groth16::<Bn254>::generate_random_parameters_with_reduction(Product(None), &mut rng).unwrap();
	let vk = &proving_key.vk;
	let theirs = prepare_verifying_key(vk);
	let key = VerifyingKey {
		alpha: vk.alpha_g1,
		beta: vk.beta_g2,
		gamma: vk.gamma_g2,
		delta: vk.delta_g2,
		ic: vk.gamma_abc_g1.clone(),
	};
	let ours = PreparedKey::from(&VerifyingKey::decode(&key.encode()).unwrap());

	let [x, y] = [3u8, 5].map(Fr::from);
	let proof = Groth16::<Bn254>::create_random_proof_with_reduction(Product(Some([x, y])), &proving_key, &mut rng);
	let proof = proof.unwrap();
	let again = Groth16::<Bn254>::rerandomize_proof(vk, &proof, &mut rng);
	assert_ne!(proof, again);
	// Malleable by design: another's proof, made anew without the witness, is a proof of the same statement.
	for proof in [&proof, &again] {
		let bytes = Proof { a: proof.a, b: proof.b, c: proof.c }.encode();
		for (inputs, expected) in [
			(vec![x * y, x * x], Ok(())),
			(vec![x * y, y * y], Err(Error::InvalidProof)),
			(vec![x * x, x * y], Err(Error::InvalidProof)),
		] {
			assert_eq!(Groth16::<Bn254>::verify_proof(&theirs, proof, &inputs).unwrap(), expected.is_ok());
			assert_eq!(ours.verify(&bytes, &encode_inputs(&inputs)), expected);
		}
		// What arkworks' verifier does not look at: that there are as many inputs as the key has.
		let surplus: Vec<_> = [x * y, x * x, Fr::from(1u8)].into();
		assert!(Groth16::<Bn254>::verify_proof(&theirs, proof, &surplus).unwrap());
		assert_eq!(ours.verify(&bytes, &encode_inputs(&surplus)), Err(Error::SurplusInput));
	}
}
