//! The lines of a point of the second group: all that the Miller loop takes from it.
//!
//! On the way from `Q` to `[6u + 2]Q + ψ(Q) - ψ²(Q)` (Vercauteren, <https://eprint.iacr.org/2008/096>, section 4), each doubling
//! and each addition has its line: through `(x, y)` with the slope `λ` it takes the value `1 - λ·(a/b)·w + (λx - y)/b·w³` at
//! the point `(a, b)` of the first group, after a division by `b`, which is an element of the base field and which the final
//! exponentiation takes to one.

// Of field elements and points, which do not overflow.
#![allow(clippy::arithmetic_side_effects)]

use crate::subgroup::frobenius;
use alloc::{vec, vec::Vec};
use ark_bn254::{Config, Fq2, G2Affine};
use ark_ec::bn::{BnConfig, G2Prepared};
use ark_ff::{batch_inversion, AdditiveGroup, Field};

/// Lines of a point: one for each doubling of the Miller loop, for each of its additions, and for the two at its end.
pub(crate) const LINES: usize = lines();

/// A line whose first coefficient is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Line {
	/// `-λ`.
	pub(crate) slope: Fq2,
	/// `λx - y`.
	pub(crate) offset: Fq2,
}

/// The lines of a point of order `r`.
pub(crate) fn lines_of(point: G2Affine) -> Vec<Line> {
	let lines = G2Prepared::<Config>::from(point).ell_coeffs;
	// No line of a point of order r is vertical.
	let mut inverses: Vec<_> = lines.iter().map(|(first, ..)| *first).collect();
	batch_inversion(&mut inverses);
	let monic = |((_, slope, offset), inverse): (&(_, Fq2, Fq2), _)| Line {
		slope: *slope * inverse,
		offset: *offset * inverse,
	};
	lines.iter().zip(&inverses).map(monic).collect()
}

/// The lines of each of many points of the curve, `None` for one that is not of order `r`.
///
/// The points advance together, so that each step inverts once for all of them: with slopes, lines take half the
/// multiplications that they take without divisions, and that a point is of order `r` is seen where it arrives.
pub(crate) fn lines_of_each(points: &[G2Affine]) -> Vec<Option<Vec<Line>>> {
	let mut walks: Vec<_> = points.iter().map(Walk::new).collect();
	for digit in Config::ATE_LOOP_COUNT.iter().rev().skip(1) {
		advance(&mut walks, |_| None);
		match digit {
			1 => advance(&mut walks, |walk| Some(walk.start)),
			-1 => advance(&mut walks, |walk| Some(-walk.start)),
			_ => (),
		}
	}
	advance(&mut walks, |walk| Some(frobenius(walk.start, 1)));
	advance(&mut walks, |walk| Some(-frobenius(walk.start, 2)));
	walks.into_iter().map(Walk::finish).collect()
}

/// A point on its way.
struct Walk {
	start: G2Affine,
	here: G2Affine,
	lines: Vec<Line>,
	/// No line was vertical, as the lines of a point of order `r` never are.
	regular: bool,
}

impl Walk {
	fn new(point: &G2Affine) -> Self {
		Self { start: *point, here: *point, lines: Vec::with_capacity(LINES), regular: true }
	}

	/// The lines of a point of order `r`: for these and no others on the curve `[6u + 2]Q + ψ(Q) - ψ²(Q) = -ψ³(Q)`. The norm of
	/// `6u + 2 + ψ - ψ² + ψ³` has no factor in common with the cofactor `2p - r`.
	fn finish(self) -> Option<Vec<Line>> {
		(self.regular && self.here == -frobenius(self.start, 3)).then_some(self.lines)
	}
}

/// Takes every walk a step on: by the addend that it has, or else to its double.
fn advance(walks: &mut [Walk], addend: impl Fn(&Walk) -> Option<G2Affine>) {
	let addends: Vec<_> = walks.iter().map(addend).collect();
	let (mut rises, mut runs) = (vec![Fq2::ZERO; walks.len()], vec![Fq2::ZERO; walks.len()]);
	for (((walk, addend), rise), run) in walks.iter().zip(&addends).zip(&mut rises).zip(&mut runs) {
		let here = walk.here;
		(*rise, *run) = match addend {
			Some(addend) => (here.y - addend.y, here.x - addend.x),
			None => {
				let square = here.x.square();
				(square.double() + square, here.y.double())
			},
		};
	}
	// What is zero stays zero.
	batch_inversion(&mut runs);
	for (((walk, addend), rise), inverse) in walks.iter_mut().zip(&addends).zip(&rises).zip(&runs) {
		walk.regular &= *inverse != Fq2::ZERO;
		let here = walk.here;
		let slope = *rise * inverse;
		let x = slope.square() - here.x - addend.map_or(here.x, |addend| addend.x);
		let offset = slope * here.x - here.y;
		walk.here = G2Affine::new_unchecked(x, -(slope * x - offset));
		walk.lines.push(Line { slope: -slope, offset });
	}
}

/// How many lines a point has.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // Evaluated by the compiler.
const fn lines() -> usize {
	let digits = Config::ATE_LOOP_COUNT;
	let (mut lines, mut i) = (2, 0);
	while i < digits.len() - 1 {
		lines += if digits[i] == 0 { 1 } else { 2 };
		i += 1;
	}
	lines
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::subgroup::{
		is_of_order_r,
		tests::{points, points_of_small_order},
	};
	use ark_bn254::Fr;
	use ark_ec::{AffineRepr, CurveGroup};
	use proptest::prelude::*;

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(16))]

		/// However many points advance together, and whichever beside them are of another order.
		#[test]
		fn many_have_the_lines_that_each_has(scalars in prop::collection::vec(prop::option::of(any::<u64>()), 0..6)) {
			let points: Vec<_> = points()
				.zip(&scalars)
				.map(|(other, scalar)| scalar.map_or(other, |k| (G2Affine::generator() * Fr::from(k)).into_affine()))
				.filter(|point| !point.is_zero())
				.collect();
			let expected: Vec<_> = points.iter().map(|point| is_of_order_r(point).then(|| lines_of(*point))).collect();
			prop_assert_eq!(lines_of_each(&points), expected);
		}
	}

	#[test]
	fn points_of_other_orders_have_none() {
		let mut others: Vec<_> = points().take(50).collect();
		others.extend(points_of_small_order());
		assert!(lines_of_each(&others).iter().all(Option::is_none));
		let cleared: Vec<_> = others.iter().take(50).map(AffineRepr::clear_cofactor).collect();
		assert!(lines_of_each(&cleared).iter().all(Option::is_some));
	}

	/// Its inverse is none, and those of the points beside it are not disturbed.
	#[test]
	fn a_vertical_line_is_noticed() {
		let generator = G2Affine::generator();
		let twice = (generator + generator).into_affine();
		let mut walks = [Walk::new(&generator), Walk::new(&twice)];
		advance(&mut walks, |_| Some(-generator));
		let [vertical, other] = &walks;
		assert!(!vertical.regular);
		assert!(other.regular);
		assert_eq!(other.here, generator);
	}
}
