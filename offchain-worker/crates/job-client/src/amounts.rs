//! Money as people write it.

use encrytrust_chain_client::Balance;
use encrytrust_paillier::fixed_point;

/// Digits after the decimal point of an ETS.
pub const ETS_DECIMALS: u8 = 12;

/// An amount in ETS, without trailing zeros: `12.5 ETS`.
pub fn ets(amount: Balance) -> String {
	// All that exists has 71 bits.
	let text = fixed_point::format(i128::try_from(amount).unwrap_or(i128::MAX), ETS_DECIMALS);
	format!("{} ETS", trim(&text))
}

/// Reads an amount in ETS: `12.5`, `12.5 ETS`.
///
/// # Errors
///
/// A sentence for people, if it is not a decimal number with at most 12 digits after the point, or is negative.
pub fn parse_ets(text: &str) -> Result<Balance, String> {
	let number = text.trim().trim_end_matches("ETS");
	let bad = |why: String| format!("'{text}' is not an amount in ETS ({why}): write a number such as 12.5");
	let amount = fixed_point::parse(number, ETS_DECIMALS).map_err(|error| bad(error.to_string()))?;
	Balance::try_from(amount).map_err(|_| bad("it is negative".into()))
}

/// A decimal number without zeros behind its last decimal that is none.
pub fn trim(decimal: &str) -> &str {
	match decimal.contains('.') {
		true => decimal.trim_end_matches('0').trim_end_matches('.'),
		false => decimal,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn amounts_read_as_they_are_written() {
		for (text, amount) in [
			("12.5", 12_500_000_000_000),
			("0.000000000001", 1),
			(" 3 ETS", 3_000_000_000_000),
			(".5", 500_000_000_000),
			("0", 0),
		] {
			assert_eq!(parse_ets(text), Ok(amount), "{text}");
		}
	}

	#[test]
	fn what_is_no_amount_is_refused() {
		for text in ["", ".", "1,5", "-1", "ten", "0.0000000000001", "1.2.3", "400000000000000000000000000000000000000"]
		{
			assert!(parse_ets(text).is_err(), "{text}");
		}
	}

	proptest! {
		#[test]
		fn a_written_amount_reads_back(amount in 0..u128::from(u64::MAX)) {
			prop_assert_eq!(parse_ets(&ets(amount)), Ok(amount));
		}
	}

	#[test]
	fn zeros_that_tell_nothing_are_left_out() {
		assert_eq!((trim("10"), trim("1.500"), trim("2.000")), ("10", "1.5", "2"));
	}
}
