//! Decimal numbers as integers `v × 10^decimals`, exact from text to text: no floating point anywhere.

use std::cmp::Ordering;

/// Why text is no value of a column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
	/// Nothing but spaces.
	#[error("the value is empty: give a number, or leave the row out")]
	Empty,
	/// NaN or an infinity.
	#[error("{0:?} is no finite number: give a number, or leave the row out")]
	NotFinite(String),
	/// Anything else than digits with a sign, a point and an exponent.
	#[error("{0:?} is not a decimal number such as -12.5 or 3e-4")]
	NotANumber(String),
	/// Not exact with the column's decimals.
	#[error("{text:?} has more than {decimals} decimals: round it, or register the column with more decimals")]
	TooManyDecimals {
		/// The value.
		text: String,
		/// The decimals of the column.
		decimals: u8,
	},
	/// More than 127 bits.
	#[error("{text:?} with {decimals} decimals is too large for 127 bits")]
	TooLarge {
		/// The value.
		text: String,
		/// The decimals of the column.
		decimals: u8,
	},
}

/// Why a quotient has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DivisionError {
	/// Nothing was counted.
	#[error("a mean over nothing has no value")]
	DivisionByZero,
	/// More than 127 bits.
	#[error("the quotient with {extra} more decimals is too large for 127 bits: ask for fewer")]
	TooLarge {
		/// The further decimals that were asked for.
		extra: u8,
	},
}

/// Reads a decimal number, such as `-12.50`, `.5` or `3e-4`, as the integer `v × 10^decimals`.
///
/// Spaces around it are no part of the number. Zeros after the last decimal are fine; other digits are not, since the
/// result is exact.
///
/// # Errors
///
/// Empty text, NaN and infinities, other text, more decimals than allowed, more than 127 bits.
pub fn parse(text: &str, decimals: u8) -> Result<i128, DecimalError> {
	let trimmed = text.trim();
	if trimmed.is_empty() {
		return Err(DecimalError::Empty);
	}
	let (negative, unsigned) = match trimmed.as_bytes()[0] {
		b'-' => (true, &trimmed[1..]),
		b'+' => (false, &trimmed[1..]),
		_ => (false, trimmed),
	};
	if ["nan", "inf", "infinity"].iter().any(|name| unsigned.eq_ignore_ascii_case(name)) {
		return Err(DecimalError::NotFinite(trimmed.into()));
	}
	let not_a_number = || DecimalError::NotANumber(trimmed.into());
	let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
		Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| not_a_number())?),
		None => (unsigned, 0),
	};
	let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
	let mut digits = [whole, fraction].concat();
	if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
		return Err(not_a_number());
	}
	// The value is `digits × 10^shift`.
	let zeros = digits.len() - digits.trim_end_matches('0').len();
	digits.truncate(digits.len() - zeros);
	if digits.is_empty() {
		return Ok(0);
	}
	let shift = i64::from(exponent) - fraction.len() as i64 + zeros as i64 + i64::from(decimals);
	let too_large = || DecimalError::TooLarge { text: trimmed.into(), decimals };
	let shift = match shift.cmp(&0) {
		Ordering::Less => return Err(DecimalError::TooManyDecimals { text: trimmed.into(), decimals }),
		_ => u32::try_from(shift).map_err(|_| too_large())?,
	};
	// A value of 0 has returned above: leading zeros are all that can be left to drop.
	let magnitude = digits.trim_start_matches('0').parse::<i128>().map_err(|_| too_large())?;
	let value = 10i128.checked_pow(shift).and_then(|factor| magnitude.checked_mul(factor)).ok_or_else(too_large)?;
	Ok(if negative { -value } else { value })
}

/// Writes `value / 10^decimals` with exactly `decimals` digits after the point.
pub fn format(value: i128, decimals: u8) -> String {
	let width = usize::from(decimals) + 1;
	let digits = format!("{:0width$}", value.unsigned_abs());
	let (whole, fraction) = digits.split_at(digits.len() - usize::from(decimals));
	let sign = if value < 0 { "-" } else { "" };
	match fraction {
		"" => format!("{sign}{whole}"),
		fraction => format!("{sign}{whole}.{fraction}"),
	}
}

/// `sum × 10^extra / count`, rounded to the nearest integer, halves to the even one: a mean with `extra` more decimals
/// than its column.
///
/// # Errors
///
/// A count of 0, or a result beyond 127 bits.
pub fn divide(sum: i128, count: u64, extra: u8) -> Result<i128, DivisionError> {
	if count == 0 {
		return Err(DivisionError::DivisionByZero);
	}
	let too_large = DivisionError::TooLarge { extra };
	let scaled = 10i128.checked_pow(u32::from(extra)).and_then(|factor| sum.checked_mul(factor)).ok_or(too_large)?;
	let count = i128::from(count);
	// Towards minus infinity, with a remainder in [0, count).
	let (quotient, remainder) = (scaled.div_euclid(count), scaled.rem_euclid(count));
	let up = match (2 * remainder).cmp(&count) {
		Ordering::Less => false,
		Ordering::Equal => quotient % 2 != 0,
		Ordering::Greater => true,
	};
	Ok(quotient + i128::from(up))
}

#[cfg(test)]
mod tests {
	use super::*;
	use num_bigint::BigInt;
	use proptest::prelude::*;

	#[test]
	fn parse_is_exact() {
		for (text, decimals, expected) in [
			("0", 0, 0),
			("-0.000", 1, 0),
			("17.99", 2, 1799),
			("17.99", 4, 179_900),
			("-12.500", 1, -125),
			("+3", 2, 300),
			(".5", 1, 5),
			("5.", 1, 50),
			(" 0.0008948 ", 7, 8948),
			("3e-4", 4, 3),
			("1.25E+2", 0, 125),
			("1000e-3", 0, 1),
			("0e999999999", 0, 0),
			("00012", 0, 12),
			("170141183460469231731687303715884105727", 0, i128::MAX),
			("-170141183460469231731687303715884105727", 0, -i128::MAX),
			("000000000000000000000000000000000000000000000000.10", 1, 1),
		] {
			assert_eq!(parse(text, decimals), Ok(expected), "{text}");
		}
	}

	#[test]
	fn parse_fails_for_malformed_numbers() {
		let not_a_number = |text: &str| DecimalError::NotANumber(text.into());
		let too_large = |text: &str, decimals| DecimalError::TooLarge { text: text.into(), decimals };
		let too_many = |text: &str, decimals| DecimalError::TooManyDecimals { text: text.into(), decimals };
		for (text, decimals, expected) in [
			("", 2, DecimalError::Empty),
			("  ", 2, DecimalError::Empty),
			("NaN", 2, DecimalError::NotFinite("NaN".into())),
			("-inf", 2, DecimalError::NotFinite("-inf".into())),
			("Infinity", 2, DecimalError::NotFinite("Infinity".into())),
			("abc", 2, not_a_number("abc")),
			(".", 2, not_a_number(".")),
			("-", 2, not_a_number("-")),
			("--1", 2, not_a_number("--1")),
			("1.2.3", 2, not_a_number("1.2.3")),
			("1,5", 2, not_a_number("1,5")),
			("0x10", 2, not_a_number("0x10")),
			("1e", 2, not_a_number("1e")),
			("1e1.5", 2, not_a_number("1e1.5")),
			("١", 2, not_a_number("١")),
			("1.234", 2, too_many("1.234", 2)),
			("1e-3", 2, too_many("1e-3", 2)),
			("1e-2000000000", 2, too_many("1e-2000000000", 2)),
			("170141183460469231731687303715884105728", 0, too_large("170141183460469231731687303715884105728", 0)),
			("17014118346046923173168730371588410573", 1, too_large("17014118346046923173168730371588410573", 1)),
			("1e39", 0, too_large("1e39", 0)),
			("1e2000000000", 0, too_large("1e2000000000", 0)),
		] {
			assert_eq!(parse(text, decimals), Err(expected), "{text}");
		}
	}

	#[test]
	fn quotient_is_rounded_half_to_even() {
		for (sum, count, extra, expected) in [
			(5, 2, 0, Ok(2)),
			(7, 2, 0, Ok(4)),
			(-5, 2, 0, Ok(-2)),
			(-7, 2, 0, Ok(-4)),
			(1, 3, 4, Ok(3333)),
			(2, 3, 4, Ok(6667)),
			(-2, 3, 4, Ok(-6667)),
			(0, 9, 3, Ok(0)),
			(1, 0, 0, Err(DivisionError::DivisionByZero)),
			(i128::MAX, 1, 0, Ok(i128::MAX)),
			(i128::MIN, 1, 0, Ok(i128::MIN)),
			(i128::MAX, u64::MAX, 1, Err(DivisionError::TooLarge { extra: 1 })),
			(1, 1, 39, Err(DivisionError::TooLarge { extra: 39 })),
		] {
			assert_eq!(divide(sum, count, extra), expected, "{sum} / {count}");
		}
	}

	proptest! {
		#[test]
		fn display_round_trips(value in -i128::MAX..=i128::MAX, decimals in 0u8..60) {
			prop_assert_eq!(parse(&format(value, decimals), decimals), Ok(value));
		}

		#[test]
		fn quotient_is_off_by_at_most_one_half(sum in any::<i64>(), count in 1u64.., extra in 0u8..10) {
			let quotient = BigInt::from(divide(sum.into(), count, extra).unwrap());
			let scaled = BigInt::from(sum) * BigInt::from(10).pow(extra.into());
			let error = (quotient * count - scaled) * 2;
			prop_assert!(error <= BigInt::from(count) && error >= -BigInt::from(count));
		}
	}
}
