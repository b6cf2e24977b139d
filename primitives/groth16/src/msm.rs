//! Sums of a few multiples of points of the first group.

// Of field elements and points, which do not overflow.
#![allow(clippy::arithmetic_side_effects)]

use alloc::vec::Vec;
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInteger, PrimeField};

/// The width of signed digits: odd, and below `2^(WIDTH - 1)` in magnitude.
const WIDTH: usize = 4;
/// The odd multiples that such digits select.
const ODD_MULTIPLES: usize = 1 << (WIDTH - 2);

/// The sum of all `scalar · point`, by Straus' method with signed digits.
///
/// For few points, or short scalars: there ark's method by buckets takes longer.
pub(crate) fn sum_of_multiples(terms: impl IntoIterator<Item = (G1Affine, Fr)>) -> G1Projective {
	let terms: Vec<_> = terms
		.into_iter()
		.map(|(point, scalar)| (odd_multiples(&point), scalar.into_bigint().find_wnaf(WIDTH).unwrap_or_default()))
		.collect();
	let digits = terms.iter().map(|(_, digits)| digits.len()).max().unwrap_or_default();

	let mut sum = G1Projective::ZERO;
	for position in (0..digits).rev() {
		sum.double_in_place();
		for (multiples, digits) in &terms {
			let digit = digits.get(position).copied().unwrap_or_default();
			// An odd digit d selects the multiple at d / 2.
			let multiple = multiples.get((digit.unsigned_abs() >> 1) as usize);
			match (digit.signum(), multiple) {
				(1, Some(multiple)) => sum += multiple,
				(-1, Some(multiple)) => sum -= multiple,
				_ => (),
			}
		}
	}
	sum
}

/// `point`, `3 · point`, `5 · point`, …
fn odd_multiples(point: &G1Affine) -> [G1Projective; ODD_MULTIPLES] {
	let twice = point.into_group().double();
	let mut multiple = point.into_group();
	core::array::from_fn(|_| {
		let this = multiple;
		multiple += twice;
		this
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use ark_ec::CurveGroup;
	use proptest::prelude::*;

	fn scalar() -> impl Strategy<Value = Fr> {
		prop_oneof![
			any::<[u8; 64]>().prop_map(|bytes| Fr::from_be_bytes_mod_order(&bytes)),
			any::<u128>().prop_map(Fr::from),
			(-20i64..20).prop_map(Fr::from),
		]
	}

	proptest! {
		#[test]
		fn equals_the_sum_of_products(terms in prop::collection::vec((scalar(), scalar()), 0..6)) {
			let points: Vec<_> = terms.iter().map(|(p, _)| (G1Affine::generator() * p).into_affine()).collect();
			let expected: Fr = terms.iter().map(|(p, s)| *p * s).sum();
			let sum = sum_of_multiples(points.into_iter().zip(terms.iter().map(|(_, s)| *s)));
			prop_assert_eq!(sum, G1Affine::generator() * expected);
		}
	}
}
