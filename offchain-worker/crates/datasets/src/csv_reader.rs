//! A strict reader of CSV: RFC 4180, with line feeds alone as line ends too, and a byte order mark at the start.
//!
//! What the RFC does not allow is refused with the line where it begins: a lenient reader would guess, and a wrong guess
//! about a quote swallows rows. Memory is bounded by [`MAX_ROW`], whatever the file holds.

use crate::{encoding, CsvFault, DataError, MAX_ROW};
use std::io::{ErrorKind, Read};

/// How much is read at once, in bytes.
const BUFFER: usize = 64 << 10;

/// Bytes that end the run of plain bytes in a cell without quotes.
const SPECIAL: [bool; 256] = table(b",\"\n\r\0");
/// Bytes that end the run of plain bytes between quotes.
const SPECIAL_IN_QUOTES: [bool; 256] = table(b"\"\n\0");

const fn table(bytes: &[u8]) -> [bool; 256] {
	let mut table = [false; 256];
	let mut index = 0;
	while index < bytes.len() {
		table[bytes[index] as usize] = true;
		index += 1;
	}
	table
}

/// A row's cells, without their quotes.
#[derive(Debug, Default)]
pub(crate) struct Record {
	/// The cells, each followed by a comma: two halves of a character in neighbouring cells do not make a whole one.
	text: String,
	/// Where each cell ends in `text`.
	ends: Vec<usize>,
	/// The line on which it begins, from 1.
	line: u64,
	/// Whether it ends on a later line.
	pub(crate) spans_lines: bool,
	/// Whether the first cell is in quotes.
	pub(crate) begins_quoted: bool,
}

impl Record {
	/// Number of cells.
	pub(crate) fn len(&self) -> usize {
		self.ends.len()
	}

	/// The cell at `index`, empty beyond the last one.
	pub(crate) fn cell(&self, index: usize) -> &str {
		let Some(end) = self.ends.get(index) else { return "" };
		&self.text[self.start(index)..*end]
	}

	/// All cells.
	pub(crate) fn cells(&self) -> impl Iterator<Item = &str> {
		(0..self.len()).map(|index| self.cell(index))
	}

	/// The line on which the row begins, from 1.
	pub(crate) fn line(&self) -> u64 {
		self.line
	}

	/// The line on which the cell at `index` begins.
	pub(crate) fn line_of(&self, index: usize) -> u64 {
		if !self.spans_lines {
			return self.line;
		}
		self.line + line_feeds(&self.text.as_bytes()[..self.start(index)])
	}

	/// Whether the cell at `index` has a line break in it.
	pub(crate) fn has_line_break(&self, index: usize) -> bool {
		self.spans_lines && self.cell(index).contains('\n')
	}

	fn start(&self, index: usize) -> usize {
		match index {
			0 => 0,
			_ => self.ends[index - 1] + 1,
		}
	}
}

fn line_feeds(bytes: &[u8]) -> u64 {
	bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Reads records one after the other.
pub(crate) struct CsvReader<R> {
	input: R,
	/// The file, as errors name it.
	place: String,
	buffer: Vec<u8>,
	/// What of the buffer is still to be read.
	unread: std::ops::Range<usize>,
	/// The line of the next byte, from 1.
	line: u64,
	/// The file's first bytes, which show the encoding.
	head: [u8; 4],
	/// The text of the record that is read.
	text: Vec<u8>,
}

impl<R: Read> CsvReader<R> {
	/// A reader at the file's start. Fails if the byte order mark is that of another encoding than UTF-8.
	pub(crate) fn new(input: R, place: String) -> Result<Self, DataError> {
		let buffer = vec![0; BUFFER];
		let text = Vec::new();
		let mut reader = Self { input, place, buffer, unread: 0..0, line: 1, head: [0; 4], text };
		// A pipe may return single bytes.
		while reader.unread.end < reader.head.len() && reader.read_more()? {}
		let head = &reader.buffer[..reader.unread.end.min(4)];
		reader.head[..head.len()].copy_from_slice(head);
		if let Some(encoding) = encoding::of_mark(head) {
			return Err(encoding::not_utf8(&reader.place, None, encoding));
		}
		if head.starts_with(encoding::MARK) {
			reader.unread.start = encoding::MARK.len();
		}
		Ok(reader)
	}

	/// Reads the next row into `record`; false at the end of the file.
	pub(crate) fn read(&mut self, record: &mut Record) -> Result<bool, DataError> {
		self.text = std::mem::take(&mut record.text).into_bytes();
		self.text.clear();
		record.ends.clear();
		record.line = self.line;
		let Some(first) = self.peek()? else { return Ok(false) };
		record.begins_quoted = first == b'"';
		loop {
			match self.peek()? {
				Some(b'"') => self.quoted_cell()?,
				_ => self.plain_cell()?,
			}
			record.ends.push(self.text.len());
			self.text.push(b',');
			if self.end_of_cell()? {
				break;
			}
		}
		record.spans_lines = self.line > record.line + 1;
		if record.ends == [0] && !record.begins_quoted {
			return Err(self.fault(record.line, CsvFault::EmptyLine));
		}
		record.text = String::from_utf8(std::mem::take(&mut self.text)).map_err(|error| {
			let bytes = error.as_bytes();
			let line = record.line + line_feeds(&bytes[..error.utf8_error().valid_up_to()]);
			encoding::not_utf8(&self.place, Some(line), encoding::guess(bytes))
		})?;
		Ok(true)
	}

	/// Reads a cell without quotes, up to what follows it.
	fn plain_cell(&mut self) -> Result<(), DataError> {
		let line = self.line;
		match self.plain_bytes(&SPECIAL, line)? {
			Some(b'"') => Err(self.fault(line, CsvFault::QuoteInCell)),
			Some(0) => Err(self.nul()),
			_ => Ok(()),
		}
	}

	/// Reads a cell in quotes, up to what follows it.
	fn quoted_cell(&mut self) -> Result<(), DataError> {
		let opened = self.line;
		self.unread.start += 1;
		loop {
			match self.plain_bytes(&SPECIAL_IN_QUOTES, opened)? {
				None => return Err(self.fault(opened, CsvFault::OpenQuote)),
				Some(0) => return Err(self.nul()),
				Some(byte) => {
					self.unread.start += 1;
					if byte == b'"' && self.peek()? != Some(b'"') {
						break;
					}
					self.unread.start += usize::from(byte == b'"');
					self.line += u64::from(byte == b'\n');
					self.text.push(byte);
				},
			}
		}
		match self.peek()? {
			None | Some(b',' | b'\n' | b'\r') => Ok(()),
			Some(_) => Err(self.fault(opened, CsvFault::TextAfterQuote { closed: self.line })),
		}
	}

	/// Takes bytes into the record's text up to one of `special`, which is returned and left unread.
	fn plain_bytes(&mut self, special: &[bool; 256], line: u64) -> Result<Option<u8>, DataError> {
		loop {
			let unread = &self.buffer[self.unread.clone()];
			let found = unread.iter().position(|byte| special[usize::from(*byte)]);
			let plain = &unread[..found.unwrap_or(unread.len())];
			self.text.extend_from_slice(plain);
			self.unread.start += plain.len();
			if self.text.len() > MAX_ROW {
				return Err(self.fault(line, CsvFault::TooLong));
			}
			if found.is_some() || !self.read_more()? {
				return Ok(found.map(|_| self.buffer[self.unread.start]));
			}
		}
	}

	/// Reads what follows a cell; whether that ends the row.
	fn end_of_cell(&mut self) -> Result<bool, DataError> {
		let Some(byte) = self.peek()? else {
			// As if there were a line feed: the lines show whether a row spans several.
			self.line += 1;
			return Ok(true);
		};
		self.unread.start += 1;
		if byte == b',' {
			return Ok(false);
		}
		if byte == b'\r' {
			if self.peek()? != Some(b'\n') {
				return Err(self.fault(self.line, CsvFault::LoneReturn));
			}
			self.unread.start += 1;
		}
		self.line += 1;
		Ok(true)
	}

	/// The next byte, which stays unread.
	fn peek(&mut self) -> Result<Option<u8>, DataError> {
		if self.unread.is_empty() && !self.read_more()? {
			return Ok(None);
		}
		Ok(Some(self.buffer[self.unread.start]))
	}

	/// Reads on after the unread bytes; false at the end of the file.
	fn read_more(&mut self) -> Result<bool, DataError> {
		if self.unread.is_empty() {
			self.unread = 0..0;
		}
		loop {
			match self.input.read(&mut self.buffer[self.unread.end..]) {
				Ok(count) => {
					self.unread.end += count;
					return Ok(count > 0);
				},
				Err(error) if error.kind() == ErrorKind::Interrupted => {},
				Err(source) => return Err(DataError::Unreadable { path: (&self.place).into(), source }),
			}
		}
	}

	fn nul(&self) -> DataError {
		match encoding::of_zeros(&self.head) {
			Some(encoding) => encoding::not_utf8(&self.place, None, encoding),
			None => self.fault(self.line, CsvFault::Nul),
		}
	}

	fn fault(&self, line: u64, fault: CsvFault) -> DataError {
		DataError::BadCsv { place: self.place.clone(), line, fault }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::{collection::vec, prelude::*};

	/// Returns few bytes at a time: every place where a buffer may end is tried.
	struct Trickle<'a>(&'a [u8], usize);

	impl Read for Trickle<'_> {
		fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
			let count = self.1.min(buffer.len()).min(self.0.len());
			buffer[..count].copy_from_slice(&self.0[..count]);
			self.0 = &self.0[count..];
			Ok(count)
		}
	}

	type Rows = Vec<Vec<String>>;

	fn read(bytes: &[u8], at_once: usize) -> Result<Rows, DataError> {
		let mut reader = CsvReader::new(Trickle(bytes, at_once), "t.csv".into())?;
		let mut record = Record::default();
		let mut rows = vec![];
		while reader.read(&mut record)? {
			rows.push(record.cells().map(String::from).collect());
		}
		Ok(rows)
	}

	/// What the lenient reader makes of it.
	fn leniently(bytes: &[u8]) -> Rows {
		let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
		reader.records().map(|record| record.unwrap().iter().map(String::from).collect()).collect()
	}

	fn written(rows: &Rows) -> Vec<u8> {
		let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(vec![]);
		rows.iter().for_each(|row| writer.write_record(row).unwrap());
		writer.into_inner().unwrap()
	}

	#[test]
	fn reader_accepts_what_the_rfc_allows() {
		for (text, rows) in [
			("", vec![]),
			("\u{feff}", vec![]),
			("\u{feff}a,b", vec![vec!["a", "b"]]),
			("a,b\r\n1,2\n", vec![vec!["a", "b"], vec!["1", "2"]]),
			("a,\n,\n", vec![vec!["a", ""], vec!["", ""]]),
			("\"\"\n", vec![vec![""]]),
			("\"a\nb\",\"c\r\nd\"\r\n", vec![vec!["a\nb", "c\r\nd"]]),
			("\"a\"\"b\",\"\"\"\",\",\"", vec![vec!["a\"b", "\"", ","]]),
			("\"lone\rreturn\"\n", vec![vec!["lone\rreturn"]]),
			("grö\u{df}e,\u{1f600}\n", vec![vec!["größe", "\u{1f600}"]]),
			(" a , b \n", vec![vec![" a ", " b "]]),
		] {
			for at_once in [1, 3, 4096] {
				assert_eq!(read(text.as_bytes(), at_once).unwrap(), rows, "{text:?}");
			}
		}
	}

	#[test]
	fn reader_refuses_other_csv_with_the_line_where_it_begins() {
		for (text, line, message) in [
			("a,b\n1,\"x\n2,y\n", 2, "the quote that opens here is never closed"),
			("a,b\n1,\"", 2, "the quote that opens here is never closed"),
			("a,b\n\"x\n\",\"y\n\n", 3, "the quote that opens here is never closed"),
			("a,b\n1,x\"\n", 2, "a quote inside a cell that does not begin with one"),
			("a,b\n1, \"x\"\n", 2, "a quote inside a cell that does not begin with one"),
			("a\"b\n", 1, "a quote inside a cell that does not begin with one"),
			("a,b\n1,\"x\n2,\"y\"\n", 2, "the quote that opens here closes on line 3 with text after it"),
			("a,b\n1,\"x\" \n", 2, "the quote that opens here closes on line 2 with text after it"),
			("a\n1\0\n", 2, "has a NUL byte"),
			("a\n\"1\n\0\"\n", 3, "has a NUL byte"),
			("a\r1\r2\r", 1, "a carriage return without a line feed"),
			("a\n1\r", 2, "a carriage return without a line feed"),
			("a\n1\n\n2\n", 3, "the line is empty"),
			("a\n\r\n", 2, "the line is empty"),
			("\na\n", 1, "the line is empty"),
		] {
			for at_once in [1, 4096] {
				let error = read(text.as_bytes(), at_once).unwrap_err().to_string();
				assert!(error.starts_with(&format!("t.csv, line {line}: {message}")), "{text:?}: {error}");
			}
		}
	}

	#[test]
	fn reader_refuses_other_encodings_with_the_command_to_convert() {
		let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
		for (bytes, message) in [
			(
				b"a,gr\xf6\xdfe\n1,2\n".to_vec(),
				"t.csv, line 1: the text is not UTF-8; convert the file, for example by \
				`iconv -f ISO-8859-1 -t UTF-8 't.csv' > 't.utf8.csv'`",
			),
			(b"a,b\n1,\"x\ny\xf6\"\n".to_vec(), "t.csv, line 3: the text is not UTF-8"),
			(
				b"a,b\n1,\x80 5\n".to_vec(),
				"line 2: the text is not UTF-8; convert the file, for example by `iconv -f WINDOWS-1252",
			),
			// Two halves of a character, on both sides of a comma.
			(b"a,b\n\xc3,\xb6\n".to_vec(), "line 2: the text is not UTF-8"),
			(
				wide("\u{feff}a,b\n", u16::to_le_bytes),
				"t.csv: the text is not UTF-8; convert the file, for example by `iconv -f UTF-16 ",
			),
			(wide("\u{feff}a,b\n", u16::to_be_bytes), "`iconv -f UTF-16 "),
			(wide("a,b\n", u16::to_le_bytes), "`iconv -f UTF-16LE "),
			(wide("a,b\n", u16::to_be_bytes), "`iconv -f UTF-16BE "),
			(b"\xff\xfe\0\0a\0\0\0".to_vec(), "`iconv -f UTF-32 "),
			(b"\0\0\xfe\xff\0\0\0a".to_vec(), "`iconv -f UTF-32 "),
			(b"a\0\0\0,\0\0\0".to_vec(), "`iconv -f UTF-32LE "),
			(b"\0\0\0a\0\0\0,".to_vec(), "`iconv -f UTF-32BE "),
		] {
			for at_once in [1, 4096] {
				let error = read(&bytes, at_once).unwrap_err().to_string();
				assert!(error.contains(message), "{bytes:?}: {error}");
			}
		}
	}

	#[test]
	fn reader_refuses_endless_row_before_it_fills_the_memory() {
		let endless = Read::chain(&b"a\n1\n\"x"[..], std::io::repeat(b'\n'));
		let mut reader = CsvReader::new(endless, "t.csv".into()).unwrap();
		let mut record = Record::default();
		let error = loop {
			match reader.read(&mut record) {
				Ok(more) => assert!(more),
				Err(error) => break error.to_string(),
			}
		};
		assert!(error.starts_with("t.csv, line 3: the row is longer than 16 MiB"), "{error}");
		assert!(reader.text.capacity() <= 4 * MAX_ROW);
	}

	#[test]
	fn lines_are_where_rows_and_cells_begin() {
		let text = "a,b,c\n1,\"x\ny\",\"z\n\"\n2,3,4\n";
		let mut reader = CsvReader::new(text.as_bytes(), "t.csv".into()).unwrap();
		let mut record = Record::default();
		let mut lines = vec![];
		while reader.read(&mut record).unwrap() {
			lines.push((0..3).map(|index| (record.line_of(index), record.has_line_break(index))).collect::<Vec<_>>());
		}
		let plain = |line| vec![(line, false); 3];
		assert_eq!(lines, [plain(1), vec![(2, false), (2, true), (3, true)], plain(5)]);
	}

	/// Cells that contain what is special, often.
	fn cell() -> impl Strategy<Value = String> {
		"([a-z0-9.,\"\n ;ö]|\r\n){0,6}"
	}

	proptest! {
		#[test]
		fn reader_agrees_with_lenient_reader_on_well_formed_files(
			rows in vec(vec(cell(), 1..5), 0..6),
			at_once in 1usize..10,
		) {
			let bytes = written(&rows);
			let read = read(&bytes, at_once).unwrap();
			prop_assert_eq!(&read, &rows);
			prop_assert_eq!(&read, &leniently(&bytes));
		}

		/// Any text: what is accepted is what the lenient reader reads, and a file of the same rows reads as these again.
		#[test]
		fn accepted_text_is_unambiguous(text in "([a1,\"\r\n]|\r\n){0,16}", at_once in 1usize..4) {
			if let Ok(rows) = read(text.as_bytes(), at_once) {
				prop_assert_eq!(&rows, &leniently(text.as_bytes()));
				prop_assert_eq!(&rows, &read(&written(&rows), at_once).unwrap());
			}
		}

		#[test]
		fn reader_never_panics(bytes in vec(any::<u8>(), 0..40), at_once in 1usize..5) {
			let _ = read(&bytes, at_once);
		}
	}
}
