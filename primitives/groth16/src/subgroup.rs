//! Whether a point of the second group's curve is of order `r`.

// Of points, which do not overflow.
#![allow(clippy::arithmetic_side_effects)]

use ark_bn254::{Config, Fq2, G2Affine, G2Projective};
use ark_ec::{bn::BnConfig, AffineRepr};
use ark_ff::AdditiveGroup;

/// Whether a point that is on the curve is of order `r`: iff `[u + 1]P + ψ([u]P) + ψ²([u]P) = ψ³([2u]P)`, with the curve's
/// parameter `u` of 63 bits (Dai, Lin, Zhao, Zhou, <https://eprint.iacr.org/2022/348>, section 5.1).
///
/// Takes half as long as arkworks' check, which multiplies by `6u²`.
pub(crate) fn is_of_order_r(point: &G2Affine) -> bool {
	let multiple = point.mul_bigint(Config::X);
	let once = psi(multiple);
	let twice = psi(once);
	multiple + point + once + twice == psi(twice).double()
}

/// `ψ`: untwist, Frobenius, twist.
fn psi(point: G2Projective) -> G2Projective {
	let [x, y, z] = [point.x, point.y, point.z].map(conjugate);
	G2Projective::new_unchecked(x * Config::TWIST_MUL_BY_Q_X, y * Config::TWIST_MUL_BY_Q_Y, z)
}

/// `ψ`, so many times.
pub(crate) fn frobenius(point: G2Affine, times: u32) -> G2Affine {
	(0..times).fold(point, |point, _| {
		let [x, y] = [point.x, point.y].map(conjugate);
		G2Affine::new_unchecked(x * Config::TWIST_MUL_BY_Q_X, y * Config::TWIST_MUL_BY_Q_Y)
	})
}

fn conjugate(mut element: Fq2) -> Fq2 {
	element.conjugate_in_place();
	element
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use alloc::vec::Vec;
	use ark_bn254::Fr;
	use ark_ec::CurveGroup;
	use ark_ff::{PrimeField, Zero};
	use num_bigint::BigUint;

	/// Points of the curve, hardly any of them of order `r`.
	pub(crate) fn points() -> impl Iterator<Item = G2Affine> {
		(1u64..).filter_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(x.into(), 1.into()), x % 2 == 0))
	}

	/// Of each prime factor of the cofactor `2p - r` that is small, a point of that order, and the same added to a good point.
	pub(crate) fn points_of_small_order() -> Vec<G2Affine> {
		let order = BigUint::from(Fr::MODULUS);
		let cofactor = BigUint::from(ark_bn254::Fq::MODULUS) * 2u8 - &order;
		let of_order = |small: u32| {
			assert!((&cofactor % small).is_zero(), "{small}");
			let others = &cofactor / small * &order;
			let mut multiples = points().map(|point| point.mul_bigint(others.to_u64_digits()).into_affine());
			let point = multiples.find(|point| !point.is_zero()).unwrap();
			assert!(point.mul_bigint([u64::from(small)]).is_zero());
			[point, (point + G2Affine::generator()).into_affine()]
		};
		[10069, 5_864_401].into_iter().flat_map(of_order).collect()
	}

	#[test]
	fn agrees_with_arkworks() {
		for point in points().take(50) {
			assert!(!is_of_order_r(&point));
			assert!(!point.is_in_correct_subgroup_assuming_on_curve());
			assert!(is_of_order_r(&point.clear_cofactor()));
		}
		assert!(is_of_order_r(&G2Affine::generator()));
	}

	#[test]
	fn points_of_small_order_are_found() {
		for point in points_of_small_order() {
			assert!(!is_of_order_r(&point), "{point}");
		}
	}
}
