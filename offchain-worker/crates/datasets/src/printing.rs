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

/// Text whose control characters are escaped: a terminal would obey them.
pub(crate) fn printable(text: &str) -> String {
	let escaped = |character: char| match character.is_control() {
		true => character.escape_default().to_string(),
		false => character.to_string(),
	};
	text.chars().map(escaped).collect()
}
