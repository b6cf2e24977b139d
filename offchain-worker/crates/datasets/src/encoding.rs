//! Text must be UTF-8: what is not is refused with the command that converts it, never guessed or replaced.

use crate::DataError;
use std::{fs, path::Path};

/// The byte order mark of UTF-8, which some programs write.
pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";

/// A small text file, such as a schema or a configuration, without its byte order mark.
///
/// Fails with [`DataError::FileMissing`], [`DataError::Unreadable`] or [`DataError::NotUtf8`].
pub fn read_text(path: &Path) -> Result<String, DataError> {
	let bytes = fs::read(path).map_err(|error| DataError::of_file(path, error))?;
	let place = path.display().to_string();
	let marked = of_mark(&bytes).or_else(|| of_zeros(&bytes));
	if let Some(encoding) = marked {
		return Err(not_utf8(&place, None, encoding));
	}
	let text = bytes.strip_prefix(MARK).unwrap_or(&bytes);
	String::from_utf8(text.to_vec()).map_err(|error| {
		let valid = &text[..error.utf8_error().valid_up_to()];
		let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count() as u64;
		not_utf8(&place, Some(line), guess(text))
	})
}

/// The encoding, other than UTF-8, whose byte order mark is at a file's start, as iconv calls it.
pub(crate) fn of_mark(head: &[u8]) -> Option<&'static str> {
	match head {
		[0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
		[0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
		_ => None,
	}
}

/// The encoding by the zeros among a file's first bytes, if the first character is ASCII.
pub(crate) fn of_zeros(head: &[u8]) -> Option<&'static str> {
	let is_zero: Vec<bool> = head.iter().take(4).map(|byte| *byte == 0).collect();
	match is_zero[..] {
		[false, true, true, true] => Some("UTF-32LE"),
		[true, true, true, false] => Some("UTF-32BE"),
		[false, true, false, true] => Some("UTF-16LE"),
		[true, false, true, false] => Some("UTF-16BE"),
		_ => None,
	}
}

/// The likely encoding of text of single bytes that is not UTF-8. ISO-8859-1 has control characters where
/// Windows-1252 has quotation marks and the euro.
pub(crate) fn guess(bytes: &[u8]) -> &'static str {
	match bytes.iter().any(|byte| (0x80..0xa0).contains(byte)) {
		true => "WINDOWS-1252",
		false => "ISO-8859-1",
	}
}

/// The error for a file that is likely in `encoding`.
pub(crate) fn not_utf8(place: &str, line: Option<u64>, encoding: &str) -> DataError {
	let path = Path::new(place);
	let converted = match path.extension() {
		Some(extension) => path.with_extension(format!("utf8.{}", extension.to_string_lossy())),
		None => path.with_extension("utf8"),
	};
	let (from, to) = (shell_word(place), shell_word(&converted.display().to_string()));
	DataError::NotUtf8 { place: place.into(), line, command: format!("iconv -f {encoding} -t UTF-8 {from} > {to}") }
}

/// A word as a shell takes it literally.
fn shell_word(text: &str) -> String {
	format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn read_text_drops_byte_order_mark_and_fails_for_other_encodings() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("it's.json");
		for (bytes, text) in [(&b"\xef\xbb\xbf[]"[..], "[]"), (b"[]", "[]"), (b"", ""), (b"\xef\xbb\xbf", "")] {
			fs::write(&path, bytes).unwrap();
			assert_eq!(read_text(&path).unwrap(), text);
		}
		for (bytes, message) in [
			(
				&b"[\n\"\xe9\"]"[..],
				", line 2: the text is not UTF-8; convert the file, for example by `iconv -f ISO-8859-1",
			),
			(b"\xff\xfe[\0]\0", "it's.json: the text is not UTF-8"),
			(b"[\0]\0", "`iconv -f UTF-16LE -t UTF-8 '"),
			(b"\xff", "/it'\\''s.utf8.json'`"),
		] {
			fs::write(&path, bytes).unwrap();
			let error = read_text(&path).unwrap_err().to_string();
			assert!(error.contains(message), "{bytes:?}: {error}");
		}
		let error = read_text(&folder.path().join("none")).unwrap_err().to_string();
		assert!(error.contains("none does not exist"), "{error}");
	}
}
