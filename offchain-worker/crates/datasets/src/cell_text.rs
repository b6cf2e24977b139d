//! The kind of a text that is not a number: the remedy depends on it.

use crate::CellFault;

const TRUTH_VALUES: [&str; 12] = ["true", "false", "t", "f", "yes", "no", "y", "n", "on", "off", "ja", "nein"];
const MISSING: [&str; 13] =
	["na", "n/a", "n.a.", "#n/a", "null", "none", "nil", "missing", "unknown", "-", "--", "?", "."];
const CURRENCIES: [&str; 19] = [
	"$", "€", "£", "¥", "₹", "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD",
	"AUD",
];
/// The comma, the point, both apostrophes, and the blanks between groups of digits.
const GROUP_SEPARATORS: [char; 8] = [',', '.', '\'', '’', '_', ' ', '\u{a0}', '\u{202f}'];

/// The fault of a text that [`crate::Decimal::parse`] does not take for a number.
pub(crate) fn fault_of(text: &str) -> CellFault {
	let text = text.trim();
	let is_one_of = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
	if is_one_of(&TRUTH_VALUES) {
		CellFault::Boolean
	} else if is_one_of(&MISSING) {
		CellFault::Missing
	} else if is_date(text) {
		CellFault::Date
	} else if is_list(text) {
		CellFault::Array
	} else if is_money(text) {
		CellFault::Money
	} else if text.strip_suffix('%').is_some_and(is_digits_and_separators) {
		CellFault::Percentage
	} else if has_thousands(text) {
		CellFault::Thousands
	} else if has_decimal_comma(text) {
		CellFault::DecimalComma
	} else {
		CellFault::NotANumber
	}
}

/// Whether a number is written with one point that may separate thousands: 1.234, but not 0.234 or 1234.567.
pub(crate) fn may_have_thousands(text: &str) -> bool {
	let Some((whole, fraction)) = unsigned(text.trim()).split_once('.') else { return false };
	(1..=3).contains(&whole.len()) && is_digits(whole) && !whole.starts_with('0') && fraction.len() == 3
}

fn is_digits(text: &str) -> bool {
	!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_digits_and_separators(text: &str) -> bool {
	let text = unsigned(text.trim());
	let allowed = |character: char| character.is_ascii_digit() || GROUP_SEPARATORS.contains(&character);
	text.contains(|character: char| character.is_ascii_digit()) && text.chars().all(allowed)
}

fn unsigned(text: &str) -> &str {
	text.strip_prefix(['-', '+', '−']).unwrap_or(text)
}

/// 2024-01-05, 5.1.2024, 1/5/24, each also with a time after it, or a time alone: 12:30.
fn is_date(text: &str) -> bool {
	let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "0:0"));
	(is_day(day) && is_time(time)) || is_time(text)
}

fn is_day(text: &str) -> bool {
	['-', '/', '.'].iter().any(|separator| {
		let parts: Vec<&str> = text.split(*separator).collect();
		let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
		parts.iter().all(|part| is_digits(part)) && matches!(lengths[..], [4, 1..=2, 1..=2] | [1..=2, 1..=2, 2 | 4])
	})
}

/// Hours and minutes, and anything after these.
fn is_time(text: &str) -> bool {
	let mut parts = text.splitn(3, ':');
	let is_short = |part: &str| part.len() <= 2 && is_digits(part);
	let hours = parts.next().is_some_and(is_short);
	let minutes = parts.next().is_some_and(|part| is_digits(part.get(..part.len().min(2)).unwrap_or_default()));
	hours && minutes
}

fn is_list(text: &str) -> bool {
	(text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
}

fn is_money(text: &str) -> bool {
	let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(unsigned(text));
	CURRENCIES.iter().any(|currency| {
		let amount = text.strip_prefix(currency).or_else(|| text.strip_suffix(currency));
		amount.is_some_and(is_digits_and_separators)
	})
}

/// Groups of three digits after a first one of one to three, as in 1,234 and 1.234.567,89; also India's 12,34,567.
fn has_thousands(text: &str) -> bool {
	GROUP_SEPARATORS.iter().any(|separator| {
		let decimal_marks: &[char] = match separator {
			',' => &['.'],
			'.' => &[','],
			_ => &['.', ','],
		};
		let (whole, fraction) = unsigned(text).split_once(decimal_marks).unwrap_or((unsigned(text), "0"));
		let groups: Vec<&str> = whole.split(*separator).collect();
		let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
		let [1..=3, middle @ .., 3] = &lengths[..] else { return false };
		is_digits(fraction) && groups.iter().all(|group| is_digits(group)) && middle.iter().all(|n| matches!(n, 2 | 3))
	})
}

fn has_decimal_comma(text: &str) -> bool {
	unsigned(text).split_once(',').is_some_and(|(whole, fraction)| is_digits(whole) && is_digits(fraction))
}

#[cfg(test)]
mod tests {
	use super::*;
	use CellFault::*;

	#[test]
	fn fault_of_text_names_what_it_is_instead_of_a_number() {
		for (fault, texts) in [
			(Boolean, &["true", " FALSE ", "t", "yes", "No", "nein"][..]),
			(Missing, &["NA", "n/a", "NULL", "-", "?", "."]),
			(
				Date,
				&["2024-01-05", "5.1.2024", "01/05/24", "2024-01-05T12:30:00Z", "2024-01-05 12:30:00.5+01", "12:30"],
			),
			(Array, &["{1,2}", "[1, 2]", "{}"]),
			(Money, &["$12.50", "-$1,234.50", "12,50 €", "EUR 5", "5 CHF", "($5.00)"]),
			(Percentage, &["5%", "12,5 %", "-0.5%"]),
			(
				Thousands,
				&["1,234", "-12,345,678", "1.234.567", "1 234", "1\u{a0}234", "1'234.50", "1.234,56", "12,34,567"],
			),
			(DecimalComma, &["70,5", "-0,25", "1234,567", "1,5"]),
			(
				NotANumber,
				&["fine", "1;2", "5 kg", "0x10", "1.2.3", "10.0.0.1", "1,2,3", "a,234", "%", "$", ",5", "1:x", "é:é"],
			),
		] {
			for text in texts {
				assert_eq!(fault_of(text), fault, "{text:?}");
			}
		}
	}

	#[test]
	fn point_before_three_digits_may_separate_thousands() {
		for (text, may) in [
			("1.234", true),
			(" -12.000", true),
			("0.234", false),
			("1234.567", false),
			("1.23", false),
			("123", false),
		] {
			assert_eq!(may_have_thousands(text), may, "{text}");
		}
	}
}
