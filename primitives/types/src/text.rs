//! Text that one account stores and others read: names, titles, addresses.

use alloc::string::String;

/// Whether the character moves the cursor, starts a terminal escape, ends a line or changes the order of a line's
/// characters: C0 controls, DEL, C1 controls, line and paragraph separators, and the embeddings, overrides and isolates
/// of the bidirectional algorithm. With any of them, a name can forge what is printed beside it.
pub const fn is_control(character: char) -> bool {
	matches!(
		character,
		'\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
	)
}

/// The bytes as text, if they are UTF-8 without any character that [`is_control`].
pub fn printable(bytes: &[u8]) -> Option<&str> {
	core::str::from_utf8(bytes).ok().filter(|text| !text.contains(is_control))
}

/// The text with every character that [`is_control`] as `\u{1b}`, for people. A chain can have names from before they
/// were refused, and a node can lie.
pub fn escaped(text: &str) -> String {
	let mut shown = String::with_capacity(text.len());
	for character in text.chars() {
		match is_control(character) {
			true => shown.extend(character.escape_unicode()),
			false => shown.push(character),
		}
	}
	shown
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn escaped_text_has_no_control_characters() {
		for (text, shown) in [
			("dose (mg), größe, גיל", "dose (mg), größe, גיל"),
			("a\u{1b}[1A\u{1b}[2K", "a\\u{1b}[1A\\u{1b}[2K"),
			("a\u{9b}2K", "a\\u{9b}2K"),
			("a\r\nb\tc\0", "a\\u{d}\\u{a}b\\u{9}c\\u{0}"),
			("a\u{7f}", "a\\u{7f}"),
			("a\u{202e}b\u{2066}c\u{2069}", "a\\u{202e}b\\u{2066}c\\u{2069}"),
			("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
		] {
			assert_eq!(escaped(text), shown);
			assert!(printable(escaped(text).as_bytes()).is_some(), "{text:?}");
		}
	}

	#[test]
	fn printable_refuses_every_control_character_and_nothing_beside_them() {
		for (first, last) in [(0, 0x1f), (0x7f, 0x9f), (0x2028, 0x202e), (0x2066, 0x2069)] {
			for code in first..=last {
				let text = format!("a{}b", char::from_u32(code).unwrap());
				assert_eq!(printable(text.as_bytes()), None, "U+{code:04X}");
			}
			for code in [i64::from(first) - 1, i64::from(last) + 1] {
				let Some(neighbour) = u32::try_from(code).ok().and_then(char::from_u32) else { continue };
				let text = format!("a{neighbour}b");
				assert_eq!(printable(text.as_bytes()), Some(&*text), "U+{code:04X}");
			}
		}
	}

	#[test]
	fn printable_takes_text_of_any_script_and_refuses_other_bytes() {
		for text in ["", "dose (mg)", "Société", "年齢", "גיל", "العمر"] {
			assert_eq!(printable(text.as_bytes()), Some(text));
		}
		for bytes in [&b"\xff"[..], b"\xc0\x9b", b"\xed\xa0\x80", b"a\xe2\x80"] {
			assert_eq!(printable(bytes), None, "{bytes:?}");
		}
	}
}
