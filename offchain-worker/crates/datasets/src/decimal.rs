//! Decimal text to fixed point, exactly.

use crate::{CellFault, MAX_BITS, MAX_DECIMALS};

/// Digits of the largest magnitude below `2^MAX_BITS`.
const MAX_DIGITS: i64 = 19;
/// Exponents beyond this are as good as infinite, and sums of a few of them do not overflow.
const MAX_EXPONENT: i64 = 1 << 40;

/// A number read from decimal text: `±significand × 10^exponent`, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
	negative: bool,
	/// Without trailing zeros; wraps where there are more than 38 digits, which fit no column.
	significand: u128,
	/// Number of the significand's digits, 0 for zero.
	digits: i64,
	exponent: i64,
}

impl Decimal {
	/// Reads an optional sign, digits with at most one point among or next to them, and an optional exponent
	/// (`1.5e-3`); blanks around it do not count. Fails with [`CellFault::Empty`], [`CellFault::NotANumber`],
	/// [`CellFault::NotFinite`].
	pub fn parse(text: &str) -> Result<Self, CellFault> {
		let text = text.trim();
		if text.is_empty() {
			return Err(CellFault::Empty);
		}
		let (negative, unsigned) = match text.as_bytes()[0] {
			b'-' => (true, &text[1..]),
			b'+' => (false, &text[1..]),
			_ => (false, text),
		};
		if ["nan", "inf", "infinity"].iter().any(|name| unsigned.eq_ignore_ascii_case(name)) {
			return Err(CellFault::NotFinite);
		}
		let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
			Some((mantissa, power)) => (mantissa, parse_power(power)?),
			None => (unsigned, 0),
		};
		let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
		if whole.is_empty() && fraction.is_empty() {
			return Err(CellFault::NotANumber);
		}
		let mut number = Self { negative, significand: 0, digits: 0, exponent: 0 };
		let mut zeros = 0;
		for digit in whole.bytes().chain(fraction.bytes()) {
			match digit {
				b'0' => zeros += 1,
				b'1'..=b'9' => number.push(std::mem::take(&mut zeros), digit - b'0'),
				_ => return Err(CellFault::NotANumber),
			}
		}
		if number.digits == 0 {
			return Ok(Self { negative: false, ..number });
		}
		number.exponent = power + zeros - fraction.len() as i64;
		Ok(number)
	}

	/// Appends `zeros` zeros and a digit above zero; leading zeros are dropped.
	fn push(&mut self, zeros: i64, digit: u8) {
		if self.digits > 0 {
			for _ in 0..zeros {
				self.significand = self.significand.wrapping_mul(10);
			}
			self.digits += zeros;
		}
		self.significand = self.significand.wrapping_mul(10).wrapping_add(digit.into());
		self.digits += 1;
	}

	/// Digits after the point, without trailing zeros.
	pub fn decimals(&self) -> u64 {
		self.exponent.min(0).unsigned_abs()
	}

	/// The integer `value × 10^decimals`, if it is one and its magnitude is below `2^bits` (`bits` up to [`MAX_BITS`]).
	/// Fails with [`CellFault::TooManyDecimals`] or [`CellFault::TooLarge`].
	pub fn fixed(&self, decimals: u8, bits: u8) -> Result<i64, CellFault> {
		if self.exponent + i64::from(decimals) < 0 {
			return Err(CellFault::TooManyDecimals { found: self.decimals(), decimals });
		}
		let magnitude = self.magnitude(decimals).filter(|magnitude| *magnitude < 1 << bits.min(MAX_BITS));
		let magnitude = magnitude.ok_or(CellFault::TooLarge { decimals, bits })?;
		let magnitude = i64::try_from(magnitude).map_err(|_| CellFault::TooLarge { decimals, bits })?;
		Ok(if self.negative { -magnitude } else { magnitude })
	}

	/// `|value| × 10^decimals`, where that is an integer that fits a column or, as that of a column with fewer
	/// decimals, be brought to [`MAX_DECIMALS`]; `None` for larger ones.
	pub(crate) fn magnitude(&self, decimals: u8) -> Option<u128> {
		if self.digits == 0 {
			return Some(0);
		}
		let zeros = u32::try_from(self.exponent + i64::from(decimals)).ok()?;
		let fits = self.digits + i64::from(zeros) <= MAX_DIGITS + i64::from(MAX_DECIMALS);
		fits.then(|| self.significand * 10u128.pow(zeros))
	}
}

/// The exponent after the `e`, clamped to ±[`MAX_EXPONENT`].
fn parse_power(text: &str) -> Result<i64, CellFault> {
	let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
	if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
		return Err(CellFault::NotANumber);
	}
	let clamp = |power: i64, digit: u8| (power * 10 + i64::from(digit - b'0')).min(MAX_EXPONENT);
	let power = digits.bytes().fold(0, clamp);
	Ok(if text.starts_with('-') { -power } else { power })
}

#[cfg(test)]
mod tests {
	use super::*;
	use num_bigint::BigInt;
	use proptest::prelude::*;
	use CellFault::*;

	fn fixed(text: &str, decimals: u8, bits: u8) -> Result<i64, CellFault> {
		Decimal::parse(text)?.fixed(decimals, bits)
	}

	#[test]
	fn fixed_is_the_exact_integer() {
		for (text, decimals, value) in [
			("0", 0, 0),
			("-0.000", 0, 0),
			("0e999999999999999999999", 3, 0),
			("17.99", 2, 1799),
			("17.99", 4, 179_900),
			("-17.990000", 2, -1799),
			("+5", 1, 50),
			(" 5\t", 0, 5),
			(".5", 1, 5),
			("5.", 1, 50),
			("007", 0, 7),
			("1.5e-3", 4, 15),
			("1.5E+3", 0, 1500),
			("1200e-2", 0, 12),
			("0.1", 15, 100_000_000_000_000),
		] {
			assert_eq!(fixed(text, decimals, 62), Ok(value), "{text}");
		}
		let long = format!("{}12.5{}", "0".repeat(100), "0".repeat(100));
		assert_eq!(fixed(&long, 1, 62), Ok(125));
	}

	#[test]
	fn fixed_fails_for_text_that_is_not_a_fitting_number() {
		let large = |decimals, bits| TooLarge { decimals, bits };
		let decimals = |found, decimals| TooManyDecimals { found, decimals };
		for (text, places, bits, fault) in [
			("", 2, 62, Empty),
			("  ", 2, 62, Empty),
			("abc", 2, 62, NotANumber),
			("-", 2, 62, NotANumber),
			(".", 2, 62, NotANumber),
			("1.2.3", 2, 62, NotANumber),
			("1,5", 2, 62, NotANumber),
			("1_000", 2, 62, NotANumber),
			("1 000", 2, 62, NotANumber),
			("--1", 2, 62, NotANumber),
			("0x10", 2, 62, NotANumber),
			("e5", 2, 62, NotANumber),
			("1e", 2, 62, NotANumber),
			("1e+-5", 2, 62, NotANumber),
			("1e1.5", 2, 62, NotANumber),
			("١٢", 2, 62, NotANumber),
			("−1", 2, 62, NotANumber),
			("NaN", 2, 62, NotFinite),
			("inf", 2, 62, NotFinite),
			("-Infinity", 2, 62, NotFinite),
			("1.234", 2, 62, decimals(3, 2)),
			("1e-4", 3, 62, decimals(4, 3)),
			("1e-99999999999999999999", 3, 62, decimals(MAX_EXPONENT as u64, 3)),
			("10.24", 2, 10, large(2, 10)),
			("-1024", 0, 10, large(0, 10)),
			("4611686018427387904", 0, 62, large(0, 62)),
			("1e19", 0, 62, large(0, 62)),
			("1e99999999999999999999", 0, 62, large(0, 62)),
			("340282366920938463463374607431768211457", 0, 62, large(0, 62)),
		] {
			assert_eq!(fixed(text, places, bits), Err(fault), "{text:?}");
		}
	}

	#[test]
	fn fixed_accepts_the_largest_magnitudes() {
		assert_eq!(fixed("10.23", 2, 10), Ok(1023));
		assert_eq!(fixed("-10.23", 2, 10), Ok(-1023));
		assert_eq!(fixed("4611686018427387903", 0, 62), Ok((1 << 62) - 1));
		assert_eq!(fixed("-4611.686018427387903", 15, 62), Ok(-((1 << 62) - 1)));
	}

	proptest! {
		#[test]
		fn printed_number_round_trips(value in -(1i64 << 62) + 1..1 << 62, decimals in 0u8..=15) {
			let digits = format!("{:0>width$}", value.unsigned_abs(), width = usize::from(decimals) + 1);
			let (whole, fraction) = digits.split_at(digits.len() - usize::from(decimals));
			let text = format!("{}{whole}.{fraction}", if value < 0 { "-" } else { "" });
			prop_assert_eq!(fixed(&text, decimals, 62), Ok(value));
		}

		/// Against big integers: the text's value times 10^decimals, for any number of digits and any exponent.
		#[test]
		fn fixed_agrees_with_big_integers(
			negative: bool,
			whole in "[0-9]{1,45}",
			fraction in "[0-9]{0,20}0{0,25}",
			power in -60i32..60,
			decimals in 0u8..=15,
			bits in 1u8..=62,
		) {
			let text = format!("{}{whole}.{fraction}e{power}", if negative { "-" } else { "" });
			let scaled: BigInt = format!("{whole}{fraction}").parse().unwrap();
			let zeros = power - fraction.len() as i32 + i32::from(decimals);
			let ten = |zeros: i32| BigInt::from(10).pow(zeros.unsigned_abs());
			let exact = match zeros {
				0.. => Some(scaled * ten(zeros)),
				_ if &scaled % ten(zeros) == 0.into() => Some(scaled / ten(zeros)),
				_ => None,
			};
			let result = fixed(&text, decimals, bits);
			match exact {
				None => prop_assert!(matches!(result, Err(TooManyDecimals { .. })), "{:?}", result),
				Some(value) if value >= BigInt::from(1) << bits => prop_assert_eq!(result, Err(TooLarge { decimals, bits })),
				Some(value) => prop_assert_eq!(result.map(BigInt::from), Ok(if negative { -value } else { value })),
			}
		}

		#[test]
		fn parse_never_panics(text in "[-+0-9.eEnaif ]{0,20}|\\PC{0,20}", decimals in 0u8..=15, bits in 1u8..=62) {
			let _ = fixed(&text, decimals, bits);
		}
	}
}
