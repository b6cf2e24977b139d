//! The circuit: public inputs `C`, `key_fp` and `ctx`, witness `a`, with `Poseidon(a, key_fp) = C` and `ctx · ctx = s`.

use crate::poseidon;
use ark_bn254::Fr;
use ark_ff::Zero;
use ark_r1cs_std::{alloc::AllocVar, eq::EqGadget, fields::fp::FpVar};
use ark_relations::gr1cs::{
	ConstraintSynthesizer, ConstraintSystem, ConstraintSystemRef, Matrix, OptimizationGoal, Result, SynthesisError,
	SynthesisMode, R1CS_PREDICATE_LABEL,
};
use encrytrust_groth16::identity::INPUTS;

/// How many constraints the circuit has.
pub const CONSTRAINTS: usize = 242;

/// What a proof is about.
#[derive(Clone)]
pub(crate) struct Assignment {
	pub(crate) commitment: Fr,
	pub(crate) fingerprint: Fr,
	pub(crate) context: Fr,
	pub(crate) secret: Fr,
}

/// The circuit, with values where something is proven.
#[derive(Clone)]
pub(crate) struct Circuit(pub(crate) Option<Assignment>);

impl ConstraintSynthesizer<Fr> for Circuit {
	fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<()> {
		let value = |pick: fn(&Assignment) -> Fr| self.0.as_ref().map(pick).ok_or(SynthesisError::AssignmentMissing);
		// In the order of the public inputs.
		let commitment = FpVar::new_input(cs.clone(), || value(|assignment| assignment.commitment))?;
		let fingerprint = FpVar::new_input(cs.clone(), || value(|assignment| assignment.fingerprint))?;
		let context = FpVar::new_input(cs.clone(), || value(|assignment| assignment.context))?;
		let secret = FpVar::new_witness(cs, || value(|assignment| assignment.secret))?;

		poseidon::hash(FpVar::Constant(Fr::zero()), [secret, fingerprint]).enforce_equal(&commitment)?;
		// An input in no constraint would be bound to nothing.
		let _square = &context * &context;
		Ok(())
	}
}

/// The circuit as matrices; a constraint's rows say `(A · z) (B · z) = C · z`. The variables `z` are one, the public inputs,
/// then the witness.
pub(crate) struct R1cs {
	pub(crate) a: Matrix<Fr>,
	pub(crate) b: Matrix<Fr>,
	pub(crate) c: Matrix<Fr>,
	pub(crate) variables: usize,
}

/// How large keys for the circuit are.
pub(crate) struct Shape {
	/// The constant one and the public inputs.
	pub(crate) instance: usize,
	/// All variables.
	pub(crate) variables: usize,
	/// Rows, each public input having one of its own, rounded up to a power of two.
	pub(crate) domain: usize,
}

/// How large keys for the circuit are.
pub(crate) fn shape() -> Shape {
	let instance = INPUTS + 1;
	Shape { instance, variables: matrices().variables, domain: (CONSTRAINTS + instance).next_power_of_two() }
}

/// The circuit's matrices.
pub(crate) fn matrices() -> R1cs {
	let cs = synthesise(Circuit(None), SynthesisMode::Setup).expect("the circuit takes no value here");
	let matrices = cs.to_matrices().ok().and_then(|mut all| all.remove(R1CS_PREDICATE_LABEL));
	let [a, b, c] = matrices.and_then(|m| <[_; 3]>::try_from(m).ok()).expect("a rank-1 system has three matrices");
	R1cs { a, b, c, variables: cs.num_instance_variables() + cs.num_witness_variables() }
}

/// The values of all variables, as many as [`R1cs::variables`].
pub(crate) fn full_assignment(assignment: Assignment) -> Result<Vec<Fr>> {
	let mode = SynthesisMode::Prove { construct_matrices: true, generate_lc_assignments: false };
	let cs = synthesise(Circuit(Some(assignment)), mode)?;
	Ok([cs.instance_assignment()?, cs.witness_assignment()?].concat())
}

fn synthesise(circuit: Circuit, mode: SynthesisMode) -> Result<ConstraintSystemRef<Fr>> {
	let cs = ConstraintSystem::new_ref();
	cs.set_optimization_goal(OptimizationGoal::Constraints);
	cs.set_mode(mode);
	circuit.generate_constraints(cs.clone())?;
	cs.finalize();
	Ok(cs)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::poseidon;

	fn assignment() -> Assignment {
		let (secret, fingerprint) = (Fr::from(1u8), Fr::from(2u8));
		Assignment { commitment: poseidon([secret, fingerprint]), fingerprint, context: Fr::from(3u8), secret }
	}

	fn is_satisfied(assignment: Assignment) -> bool {
		let mode = SynthesisMode::Prove { construct_matrices: true, generate_lc_assignments: false };
		synthesise(Circuit(Some(assignment)), mode).unwrap().is_satisfied().unwrap()
	}

	#[test]
	fn circuit_has_documented_size() {
		let r1cs = matrices();
		assert_eq!([r1cs.a.len(), r1cs.b.len(), r1cs.c.len()], [CONSTRAINTS; 3]);
	}

	#[test]
	fn every_public_input_is_constrained() {
		let r1cs = matrices();
		for variable in 1..=3 {
			let rows = r1cs.a.iter().chain(&r1cs.b).chain(&r1cs.c);
			assert!(rows.flatten().any(|(_, index)| *index == variable), "{variable}");
		}
	}

	#[test]
	fn circuit_is_satisfied_only_by_the_secret() {
		let good = assignment();
		assert!(is_satisfied(good.clone()));
		assert!(is_satisfied(Assignment { context: Fr::from(4u8), ..good.clone() }));
		assert!(!is_satisfied(Assignment { secret: Fr::from(4u8), ..good.clone() }));
		assert!(!is_satisfied(Assignment { fingerprint: Fr::from(4u8), ..good.clone() }));
		assert!(!is_satisfied(Assignment { commitment: Fr::from(4u8), ..good }));
	}
}
