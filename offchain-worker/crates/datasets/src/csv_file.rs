//! CSV files.

use crate::{
	scan::{positions, At, Sink},
	DataError,
};
use csv::{ByteRecord, ErrorKind, Reader};
use std::{fs::File, io, path::Path};

/// See [`crate::columns`].
pub(crate) fn columns(path: &Path) -> Result<Vec<String>, DataError> {
	header(path, &mut open(path)?)
}

/// See [`crate::scan::read`].
pub(crate) fn read(path: &Path, names: &[&str], sink: &mut dyn Sink) -> Result<u64, DataError> {
	let place = path.display().to_string();
	let mut reader = open(path)?;
	let positions = positions(&place, &header(path, &mut reader)?, names)?;
	let (mut record, mut row) = (ByteRecord::new(), 0);
	while reader.read_byte_record(&mut record).map_err(|error| failure(path, row + 1, error))? {
		row += 1;
		let at = At { place: &place, row, line: record.position().map(csv::Position::line) };
		for (index, position) in positions.iter().enumerate() {
			// Bytes that are not UTF-8 are no number either.
			sink.cell(index, record.get(*position).map(String::from_utf8_lossy).as_deref(), at)?;
		}
		sink.end_row();
	}
	Ok(row)
}

fn open(path: &Path) -> Result<Reader<File>, DataError> {
	let file = File::open(path).map_err(|source| match source.kind() {
		io::ErrorKind::NotFound => DataError::FileMissing(path.into()),
		_ => DataError::Unreadable { path: path.into(), source },
	})?;
	Ok(csv::ReaderBuilder::new().from_reader(file))
}

fn header(path: &Path, reader: &mut Reader<File>) -> Result<Vec<String>, DataError> {
	let record = reader.byte_headers().map_err(|error| failure(path, 0, error))?;
	if record.is_empty() {
		return Err(DataError::NoHeader { place: path.display().to_string() });
	}
	Ok(record.iter().map(|name| String::from_utf8_lossy(name).trim().to_string()).collect())
}

fn failure(path: &Path, row: u64, error: csv::Error) -> DataError {
	match error.into_kind() {
		ErrorKind::UnequalLengths { pos, expected_len, len } => DataError::Ragged {
			place: path.display().to_string(),
			row,
			line: pos.map_or(row + 1, |position| position.line()),
			found: len,
			expected: expected_len,
		},
		ErrorKind::Io(source) => DataError::Unreadable { path: path.into(), source },
		other => DataError::Unreadable { path: path.into(), source: io::Error::other(format!("{other:?}")) },
	}
}
