//! The reduction from constraints to polynomials that snarkjs' keys are made for.
//!
//! With `n` rows, `P = A·B - C` has a degree below `2n` and vanishes on the `n` roots of unity, the even powers of a root
//! `w` of order `2n`. Its values at the odd powers of `w` therefore determine it. The prover computes these, and the key
//! has the Lagrange polynomials of the odd powers where libsnark's has powers of `tau`. The division by the vanishing
//! polynomial is left out.

use ark_ff::PrimeField;
use ark_groth16::r1cs_to_qap::{evaluate_constraint, LibsnarkReduction, R1CSToQAP};
use ark_poly::EvaluationDomain;
use ark_relations::gr1cs::{ConstraintSystemRef, Matrix, Result, SynthesisError};

/// snarkjs' reduction.
pub(crate) struct SnarkjsReduction;

impl R1CSToQAP for SnarkjsReduction {
	fn instance_map_with_evaluation<F: PrimeField, D: EvaluationDomain<F>>(
		cs: ConstraintSystemRef<F>,
		t: &F,
	) -> Result<(Vec<F>, Vec<F>, Vec<F>, F, usize, usize)> {
		LibsnarkReduction::instance_map_with_evaluation::<F, D>(cs, t)
	}

	fn witness_map_from_matrices<F: PrimeField, D: EvaluationDomain<F>>(
		matrices: &[Matrix<F>],
		num_inputs: usize,
		num_constraints: usize,
		full_assignment: &[F],
	) -> Result<Vec<F>> {
		let [a, b, _] = matrices else { return Err(SynthesisError::MissingCS) };
		let domain = domain::<F, D>(num_constraints + num_inputs)?;
		let rows = |matrix: &Matrix<F>| matrix.iter().map(|row| evaluate_constraint(row, full_assignment)).collect();

		// Each public input has a row of its own in A.
		let mut a: Vec<F> = rows(a);
		a.extend(&full_assignment[..num_inputs]);
		let mut b: Vec<F> = rows(b);
		b.resize(a.len(), F::ZERO);
		let mut c = domain.mul_polynomials_in_evaluation_domain(&a, &b);

		let odd_powers = domain
			.get_coset(self::domain::<F, D>(2 * domain.size())?.group_gen())
			.ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
		for values in [&mut a, &mut b, &mut c] {
			domain.ifft_in_place(values);
			odd_powers.fft_in_place(values);
		}
		Ok(a.into_iter().zip(b).zip(c).map(|((a, b), c)| a * b - c).collect())
	}

	fn h_query_scalars<F: PrimeField, D: EvaluationDomain<F>>(
		max_power: usize,
		t: F,
		_: F,
		delta_inverse: F,
	) -> Result<Vec<F>> {
		let lagrange = domain::<F, D>(2 * (max_power + 1))?.evaluate_all_lagrange_coefficients(t);
		Ok(lagrange.into_iter().skip(1).step_by(2).map(|value| value * delta_inverse).collect())
	}
}

fn domain<F: PrimeField, D: EvaluationDomain<F>>(size: usize) -> Result<D> {
	D::new(size).ok_or(SynthesisError::PolynomialDegreeTooLarge)
}
