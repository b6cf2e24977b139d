//! Exact numbers.

use num_bigint::{BigInt, BigUint, Sign};
use std::fmt;

/// A quotient of integers, and how many digits behind the point it is written with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact {
	numerator: BigInt,
	/// Not zero.
	denominator: BigUint,
	digits: u32,
}

impl Exact {
	/// `numerator / (denominator × 10^decimals)`; `None` for a denominator of 0.
	pub(crate) fn new(numerator: BigInt, denominator: BigUint, decimals: u32, digits: u32) -> Option<Self> {
		let denominator = denominator * BigUint::from(10u8).pow(decimals);
		(denominator.bits() > 0).then_some(Self { numerator, denominator, digits })
	}

	/// In decimal, rounded to so many digits behind the point, halves to the even digit.
	pub fn rounded(&self, digits: u32) -> String {
		let scaled = self.numerator.magnitude() * BigUint::from(10u8).pow(digits);
		let quotient = &scaled / &self.denominator;
		let rest = (scaled % &self.denominator) * 2u8;
		let up = rest > self.denominator || rest == self.denominator && quotient.bit(0);
		let quotient = quotient + u8::from(up);
		let minus = if self.numerator.sign() == Sign::Minus && quotient.bits() > 0 { "-" } else { "" };
		let width = digits as usize + 1;
		let text = format!("{:0>width$}", quotient.to_string());
		match text.split_at(text.len() - digits as usize) {
			(whole, "") => format!("{minus}{whole}"),
			(whole, fraction) => format!("{minus}{whole}.{fraction}"),
		}
	}
}

/// With the number's own digits.
impl fmt::Display for Exact {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&self.rounded(self.digits))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn exact(numerator: i64, denominator: u64, decimals: u32) -> Exact {
		Exact::new(numerator.into(), denominator.into(), decimals, 3).unwrap()
	}

	#[test]
	fn halves_go_to_the_even_digit() {
		for (numerator, denominator, decimals, digits, expected) in [
			(1, 3, 0, 3, "0.333"),
			(-1, 3, 2, 14, "-0.00333333333333"),
			(10, 4, 0, 2, "2.50"),
			(5, 10, 0, 0, "0"),
			(15, 10, 0, 0, "2"),
			(25, 10, 0, 0, "2"),
			(-25, 10, 0, 0, "-2"),
			(-35, 10, 0, 0, "-4"),
			(-1, 1000, 0, 2, "0.00"),
			(-5, 1000, 0, 2, "0.00"),
			(-6, 1000, 0, 2, "-0.01"),
			(999_999, 1, 6, 2, "1.00"),
			(1799, 1, 2, 2, "17.99"),
			(i64::MIN, 1, 0, 0, "-9223372036854775808"),
		] {
			assert_eq!(exact(numerator, denominator, decimals).rounded(digits), expected, "{numerator}/{denominator}");
		}
		assert_eq!(exact(7, 2, 0).to_string(), "3.500");
		assert_eq!(Exact::new(1.into(), 0u8.into(), 0, 0), None);
	}

	proptest! {
		#[test]
		fn agrees_with_the_integers(numerator: i32, denominator in 1u32.., extra in 0u8..9) {
			let expected = encrytrust_paillier::fixed_point::divide(numerator.into(), denominator.into(), extra).unwrap();
			let expected = encrytrust_paillier::fixed_point::format(expected, extra);
			prop_assert_eq!(exact(numerator.into(), denominator.into(), 0).rounded(extra.into()), expected);
		}
	}
}
