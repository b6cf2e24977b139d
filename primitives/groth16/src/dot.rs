//! Sums of four products in the base field with one reduction.

use ark_bn254::{Fq, FqConfig};
use ark_ff::{BigInt, MontConfig};

/// `Σ a_i · b_i`: Montgomery's reduction, limb by limb, of the products taken together (Aranha, Karabina, Longa, Gebotys, López,
/// EUROCRYPT 2011, section 3). As fast as two of arkworks' sums of two products, without the two additions of these.
///
/// Since `p < 2^256 / 5`, a sum of four multiples of `p` below `2^64 · p`, one to reduce it, and what was carried over, `5p` at
/// most, has five limbs before and four after a step; the last is below `4p² / 2^256 + p < 2p`.
pub(crate) fn dot(a: &[Fq; 4], b: &[Fq; 4]) -> Fq {
	let mut sum = [0; 4];
	step(&mut sum, a.map(|a| a.0 .0[0]), b);
	step(&mut sum, a.map(|a| a.0 .0[1]), b);
	step(&mut sum, a.map(|a| a.0 .0[2]), b);
	step(&mut sum, a.map(|a| a.0 .0[3]), b);
	Fq::new_unchecked(BigInt(below_modulus(sum)))
}

/// `sum ← (sum + Σ limb_i · b_i) / 2^64`, modulo `p`.
#[inline(always)]
fn step(sum: &mut [u64; 4], limbs: [u64; 4], b: &[Fq; 4]) {
	let mut top = 0u64;
	for (limb, b) in limbs.into_iter().zip(b) {
		let mut carry = 0;
		for (sum, b) in sum.iter_mut().zip(b.0 .0) {
			*sum = multiply_add(*sum, limb, b, &mut carry);
		}
		top = top.wrapping_add(carry);
	}
	let ([s0, s1, s2, s3], [p0, p1, p2, p3]) = (*sum, FqConfig::MODULUS.0);
	let quotient = s0.wrapping_mul(FqConfig::INV);
	let mut carry = 0;
	multiply_add(s0, quotient, p0, &mut carry);
	let mut next = |s, p| multiply_add(s, quotient, p, &mut carry);
	let [s0, s1, s2] = [next(s1, p1), next(s2, p2), next(s3, p3)];
	*sum = [s0, s1, s2, top.wrapping_add(carry)];
}

/// The low half of `sum + a · b + carry`; the high half is the next carry.
#[inline(always)]
fn multiply_add(sum: u64, a: u64, b: u64, carry: &mut u64) -> u64 {
	let wide = u128::from(a).wrapping_mul(u128::from(b)).wrapping_add(u128::from(sum)).wrapping_add(u128::from(*carry));
	*carry = (wide >> 64) as u64;
	wide as u64
}

/// A number below `2p`, modulo `p`.
#[inline(always)]
fn below_modulus(number: [u64; 4]) -> [u64; 4] {
	let mut borrow = false;
	let mut difference = number;
	for (limb, p) in difference.iter_mut().zip(FqConfig::MODULUS.0) {
		let (less, first) = limb.overflowing_sub(p);
		let (less, second) = less.overflowing_sub(borrow.into());
		(*limb, borrow) = (less, first | second);
	}
	if borrow {
		number
	} else {
		difference
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use ark_ff::{AdditiveGroup, PrimeField};
	use proptest::prelude::*;

	/// Those at the edges of the field among them.
	fn element() -> impl Strategy<Value = Fq> {
		prop_oneof![
			4 => any::<[u8; 64]>().prop_map(|bytes| Fq::from_be_bytes_mod_order(&bytes)),
			1 => (-3i64..4).prop_map(Fq::from),
			// Residues of the greatest limbs.
			1 => (1u64..4).prop_map(|less| {
				let mut residue = FqConfig::MODULUS;
				residue.0[0] -= less;
				Fq::new_unchecked(residue)
			}),
		]
	}

	proptest! {
		#[test]
		fn equals_the_sum_of_products(a in prop::array::uniform4(element()), b in prop::array::uniform4(element())) {
			let expected: Fq = a.iter().zip(&b).map(|(a, b)| *a * b).sum();
			prop_assert_eq!(dot(&a, &b), expected);
			prop_assert!(dot(&a, &b).0 < FqConfig::MODULUS);
		}
	}

	#[test]
	fn the_greatest_sum_fits() {
		let mut greatest = FqConfig::MODULUS;
		greatest.0[0] -= 1;
		let greatest = Fq::new_unchecked(greatest);
		assert_eq!(dot(&[greatest; 4], &[greatest; 4]), (greatest * greatest).double().double());
	}
}
