//! The Miller loop of the optimal ate pairing, over all pairs at once.

// Of field elements and points, which do not overflow.
#![allow(clippy::arithmetic_side_effects)]

use crate::{dot::dot, lines::Line};
use alloc::vec::Vec;
use ark_bn254::{Bn254, Config, Fq, Fq12, Fq12Config, Fq2, Fq6, Fq6Config, G1Affine};
use ark_ec::{
	bn::BnConfig,
	pairing::{MillerLoopOutput, Pairing},
};
use ark_ff::{batch_inversion, Field, Fp12Config, Fp6Config};

/// `Π e(p, q)` for points of the first group and the lines of points of the second. A pair whose first point is the
/// identity contributes one, as it should.
///
/// One square serves all the pairs, where arkworks squares for every four, and a line has one coefficient less to multiply by.
/// `None` is never met: no line is zero.
pub(crate) fn pairing_product(pairs: &[(G1Affine, &[Line])]) -> Option<Fq12> {
	Some(Bn254::final_exponentiation(MillerLoopOutput(miller_loop(pairs)))?.0)
}

fn miller_loop(pairs: &[(G1Affine, &[Line])]) -> Fq12 {
	let places = Place::of_each(pairs.iter().map(|(point, _)| point));
	let mut rest: Vec<_> = places.iter().zip(pairs).map(|(place, (_, lines))| (place, lines.iter())).collect();
	let mut f = Fq12::ONE;
	let mut multiply = |f: &mut Fq12| {
		for (place, lines) in &mut rest {
			if let Some(line) = lines.next() {
				multiply_by_line(f, line, place);
			}
		}
	};
	for digit in Config::ATE_LOOP_COUNT.iter().rev().skip(1) {
		f.square_in_place();
		multiply(&mut f);
		if *digit != 0 {
			multiply(&mut f);
		}
	}
	multiply(&mut f);
	multiply(&mut f);
	f
}

/// Where lines are evaluated: a point `(a, b)` of the first group as `a/b` and `1/b`; zeros for the identity, at which every
/// line is one.
struct Place {
	ratio: Fq,
	inverse: Fq,
}

impl Place {
	fn of_each<'a>(points: impl Iterator<Item = &'a G1Affine> + Clone) -> Vec<Self> {
		let mut inverses: Vec<_> = points.clone().map(|point| point.y).collect();
		// The coordinates of the identity are zeros, which stay.
		batch_inversion(&mut inverses);
		points.zip(inverses).map(|(point, inverse)| Self { ratio: point.x * inverse, inverse }).collect()
	}
}

/// `f · (1 + L·w)` with `L = slope·(a/b) + offset/b·v`, what the line has beside its one.
fn multiply_by_line(f: &mut Fq12, line: &Line, place: &Place) {
	let (mut slope, mut offset) = (line.slope, line.offset);
	slope.mul_assign_by_fp(&place.ratio);
	offset.mul_assign_by_fp(&place.inverse);
	let times = |g: &Fq6| {
		let folded = Fq6Config::mul_fp2_by_nonresidue(g.c2);
		Fq6::new(
			sum_of_two(&g.c0, &slope, &folded, &offset),
			sum_of_two(&g.c0, &offset, &g.c1, &slope),
			sum_of_two(&g.c1, &offset, &g.c2, &slope),
		)
	};
	let (mut even, odd) = (times(&f.c1), times(&f.c0));
	f.c0 += Fq12Config::mul_fp6_by_nonresidue_in_place(&mut even);
	f.c1 += odd;
}

/// `x · y + z · w`.
fn sum_of_two(x: &Fq2, y: &Fq2, z: &Fq2, w: &Fq2) -> Fq2 {
	let left = [x.c0, x.c1, z.c0, z.c1];
	Fq2::new(dot(&left, &[y.c0, -y.c1, w.c0, -w.c1]), dot(&left, &[y.c1, y.c0, w.c1, w.c0]))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::lines::lines_of;
	use ark_bn254::{Fr, G1Affine, G2Affine};
	use ark_ec::{AffineRepr, CurveGroup};
	use proptest::prelude::*;

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(16))]

		#[test]
		fn equals_that_of_arkworks(scalars in prop::collection::vec((0u64.., 1u64..), 0..7), identity: bool) {
			let mut firsts: Vec<_> = scalars.iter().map(|(a, _)| (G1Affine::generator() * Fr::from(*a)).into_affine()).collect();
			if let (true, Some(first)) = (identity, firsts.first_mut()) {
				*first = G1Affine::zero();
			}
			let seconds: Vec<_> =
				scalars.iter().map(|(_, b)| (G2Affine::generator() * Fr::from(*b)).into_affine()).collect();
			let lines: Vec<_> = seconds.iter().map(|point| lines_of(*point)).collect();
			let pairs: Vec<_> = firsts.iter().zip(&lines).map(|(first, lines)| (*first, &lines[..])).collect();
			prop_assert_eq!(pairing_product(&pairs), Some(Bn254::multi_pairing(firsts, seconds).0));
		}
	}
}
