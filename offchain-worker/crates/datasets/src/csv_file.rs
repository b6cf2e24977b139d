//! CSV files.

use crate::{
	csv_reader::{CsvReader, Record},
	printing::is_invisible,
	table::{positions, CellSink, CellText, Header, RowPosition},
	CellFault, CsvFault, DataError, Decimal,
};
use std::{fs::File, path::Path};

/// See [`crate::scan::header`].
pub(crate) fn columns(path: &Path) -> Result<Vec<Header>, DataError> {
	let names = header(path, &mut open(path)?)?;
	Ok(names.into_iter().map(Header::from).collect())
}

/// See [`crate::scan::read`].
pub(crate) fn read<S: CellSink>(path: &Path, names: &[&str], sink: &mut S) -> Result<u64, S::Error> {
	let place = path.display().to_string();
	let mut reader = open(path)?;
	let header = header(path, &mut reader)?;
	let positions = positions(&place, &header, names)?;
	let mut record = Record::default();
	let mut row = 0;
	while reader.read(&mut record)? {
		row += 1;
		if record.len() != header.len() {
			let found = record.len() as u64;
			let expected = header.len() as u64;
			return Err(DataError::Ragged { place, row, line: record.line(), found, expected }.into());
		}
		if record.spans_lines {
			check_line_breaks(&place, &header, &record, sink)?;
		}
		for (index, position) in positions.iter().enumerate() {
			let at = RowPosition { place: &place, row, line: Some(record.line_of(*position)) };
			let text = match record.has_line_break(*position) {
				true => Err(CellFault::LineBreak),
				false => Ok(CellText::Written(record.cell(*position))),
			};
			sink.cell(index, text, at)?;
		}
		sink.end_row()?;
	}
	Ok(row)
}

/// Stray quotes swallow rows of every column, also of those that are not read.
fn check_line_breaks(
	place: &str,
	header: &[String],
	record: &Record,
	sink: &mut impl CellSink,
) -> Result<(), DataError> {
	for (index, name) in header.iter().enumerate().filter(|(index, _)| record.has_line_break(*index)) {
		let line = record.line_of(index);
		if looks_like_rows(record.cell(index), index, header.len()) {
			return Err(DataError::BadCsv { place: place.into(), line, fault: CsvFault::EnclosedRows });
		}
		sink.line_break(name, line);
	}
	Ok(())
}

/// Whether a cell of several lines holds a row of `width` cells, or would be two rows without its quotes. In these the
/// quotes are in the same column: else the row would be too long or too short.
fn looks_like_rows(cell: &str, column: usize, width: usize) -> bool {
	let commas: Vec<usize> = cell.split('\n').map(|line| line.matches(',').count()).collect();
	let [first, inner @ .., last] = &commas[..] else { return false };
	inner.contains(&(width - 1)) || (column + first == width - 1 && *last == column)
}

fn open(path: &Path) -> Result<CsvReader<File>, DataError> {
	let file = File::open(path).map_err(|error| DataError::of_file(path, error))?;
	CsvReader::new(file, path.display().to_string())
}

/// The names of the columns, without the blanks around them.
fn header(path: &Path, reader: &mut CsvReader<File>) -> Result<Vec<String>, DataError> {
	let place = path.display().to_string();
	let mut record = Record::default();
	if !reader.read(&mut record)? {
		return Err(DataError::NoHeader { place });
	}
	match header_fault(&record) {
		Some(fault) => Err(DataError::BadCsv { place, line: record.line(), fault }),
		None => Ok(record.cells().map(|name| name.trim().to_string()).collect()),
	}
}

fn header_fault(record: &Record) -> Option<CsvFault> {
	if !record.begins_quoted && record.cell(0).to_ascii_lowercase().starts_with("sep=") {
		return Some(CsvFault::SeparatorLine);
	}
	let separators = [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")];
	if record.len() == 1 && !record.begins_quoted {
		if let Some((_, name)) = separators.iter().find(|(separator, _)| record.cell(0).contains(*separator)) {
			return Some(CsvFault::Separator(name));
		}
	}
	if let Some(index) = record.cells().position(|name| name.trim().is_empty()) {
		return Some(CsvFault::NoName(index + 1));
	}
	if let Some(index) = record.cells().position(|name| name.trim().contains(is_invisible)) {
		return Some(CsvFault::ControlCharacter(index + 1));
	}
	record.cells().all(|name| Decimal::parse(name).is_ok()).then_some(CsvFault::NumbersForNames)
}
