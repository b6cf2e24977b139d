//! Text of a table as errors repeat it.

/// The maximal length of the part of a cell that an error repeats, in characters.
const MAX_SHOWN: usize = 40;

/// A value as an error repeats it, followed by a blank.
pub(crate) fn shown(value: &str) -> String {
	let value = value.trim();
	match value.char_indices().nth(MAX_SHOWN) {
		_ if value.is_empty() => String::new(),
		Some((end, _)) => format!("\"{}…\" ", printable(&value[..end])),
		None => format!("\"{}\" ", printable(value)),
	}
}

/// Whether a character shows nothing of itself: control characters, byte order marks, spaces without width, marks of
/// direction. Joiners are not among them: some scripts need them to write words.
pub(crate) fn is_invisible(character: char) -> bool {
	character.is_control()
		|| matches!(
			character,
			'\u{ad}'
				| '\u{61c}' | '\u{180e}'
				| '\u{200b}' | '\u{200e}'
				| '\u{200f}' | '\u{2028}'..='\u{202e}'
				| '\u{2060}'..='\u{206f}'
				| '\u{feff}' | '\u{fff9}'..='\u{fffb}'
				| '\u{e0000}'..='\u{e007f}'
		)
}

/// Text whose invisible characters are escaped: a terminal would obey some of them, and nobody would see the others.
pub(crate) fn printable(text: &str) -> String {
	let escaped = |character: char| match is_invisible(character) {
		true => character.escape_default().to_string(),
		false => character.to_string(),
	};
	text.chars().map(escaped).collect()
}
