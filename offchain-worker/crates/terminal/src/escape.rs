//! Text that others wrote, made safe to print. A name with terminal escapes, line breaks or marks that reorder a line could
//! otherwise forge what is printed around it.

use encrytrust_types::text::{escaped, is_control};
use std::fmt::Write;

/// Text of several lines, each of them [`escaped`]. What is in a line has to be escaped before, if others wrote it.
pub(crate) fn escaped_lines(text: &str) -> String {
	text.split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}

/// JSON text of the same value: control characters are in its strings alone, and have an escape there. (Those that JSON
/// demands are escaped already; DEL, C1 controls and what reorders a line are not.)
pub(crate) fn escaped_json(text: &str) -> String {
	let mut out = String::with_capacity(text.len());
	for character in text.chars() {
		if is_control(character) && character != '\n' {
			// A string takes any text.
			let _ = write!(out, "\\u{:04x}", u32::from(character));
		} else {
			out.push(character);
		}
	}
	out
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn lines_keep_their_breaks_alone() {
		for (text, shown) in [
			("a\n\nb\n", "a\n\nb\n"),
			("größe\n\u{1b}[2K\r\n", "größe\n\\u{1b}[2K\\u{d}\n"),
			("a\u{2028}\u{202e}", "a\\u{2028}\\u{202e}"),
		] {
			assert_eq!(escaped_lines(text), shown);
		}
	}

	#[test]
	fn json_is_escaped_without_changing_its_value() {
		let value = serde_json::json!({ "title": "a\u{1b}[2K\u{9b}\u{7f}\u{202e}\u{2028}\n\"b\\", "größe": [1, "x"] });
		for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
			let escaped = escaped_json(&text);
			assert!(!escaped.contains(|character| is_control(character) && character != '\n'), "{escaped:?}");
			assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
		}
	}
}
