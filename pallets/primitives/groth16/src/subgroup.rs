//! Whether a point of the second group's curve is of order `r`.

// Of points, which do not overflow.
#![allow(clippy::arithmetic_side_effects)]

use ark_bn254::{Config, G2Affine, G2Projective};
use ark_ec::{bn::BnConfig, AffineRepr};
use ark_ff::{AdditiveGroup, Field};

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
fn psi(mut point: G2Projective) -> G2Projective {
	for coordinate in [&mut point.x, &mut point.y, &mut point.z] {
		coordinate.frobenius_map_in_place(1);
	}
	point.x *= &Config::TWIST_MUL_BY_Q_X;
	point.y *= &Config::TWIST_MUL_BY_Q_Y;
	point
}

#[cfg(test)]
mod tests {
	use super::*;
	use ark_bn254::{Fq2, Fr};
	use ark_ec::CurveGroup;
	use ark_ff::{PrimeField, Zero};
	use num_bigint::BigUint;

	/// Points of the curve, hardly any of them of order `r`.
	fn points() -> impl Iterator<Item = G2Affine> {
		(1u64..).filter_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(x.into(), 1.into()), x % 2 == 0))
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

	/// The cofactor `2p - r` has the small prime factors 10069 and 5864401.
	#[test]
	fn points_of_small_order_are_found() {
		let order = BigUint::from(Fr::MODULUS);
		let cofactor = BigUint::from(ark_bn254::Fq::MODULUS) * 2u8 - &order;
		for small in [10069u32, 5_864_401] {
			assert!((&cofactor % small).is_zero(), "{small}");
			let others = &cofactor / small * &order;
			let mut multiples = points().map(|point| point.mul_bigint(others.to_u64_digits()).into_affine());
			let point = multiples.find(|point| !point.is_zero()).unwrap();
			assert!(point.mul_bigint([u64::from(small)]).is_zero());
			assert!(!is_of_order_r(&point), "{small}");
			// Nor does it help to add it to a good point.
			assert!(!is_of_order_r(&(point + G2Affine::generator()).into_affine()), "{small}");
		}
	}
}
