//! A survey of every cell of some columns, to find those with numbers only.

use crate::{
	cell_text::may_have_thousands,
	ids::{is_name_of_id, Consecutive},
	printing::{is_invisible, printable, shown},
	table::{precise_fault, CellSink, CellText, Header, RowPosition},
	CellFault, ColumnSpec, DataError, Decimal, Inference, LeftOut, Reason, MAX_BITS, MAX_DECIMALS,
};

/// What is known of the columns of all sources so far.
pub(crate) struct Survey {
	/// Those that have only numbers, as far as is known.
	columns: Vec<Range>,
	left_out: Vec<LeftOut>,
	remarks: Vec<String>,
	/// The columns of the current source, read or not, with text of several lines, and the line where the first begins.
	line_breaks: Vec<(String, u64)>,
	/// Whether the columns were requested by name: then none is left out, and they may look like ids.
	named: bool,
}

impl Survey {
	/// A survey of all columns except those whose names or types show that they cannot be computed with.
	pub(crate) fn of_all(header: Vec<Header>) -> Self {
		let mut survey = Self::new(vec![], false);
		for column in header {
			match fault_of_name(&column.name).or(column.not_numeric) {
				Some(left_out) => survey.left_out.push(left_out),
				None => survey.columns.push(Range::new(column.name)),
			}
		}
		survey
	}

	/// A survey of these columns, which must all have numbers.
	pub(crate) fn of_named(names: Vec<String>) -> Self {
		Self::new(names.into_iter().map(Range::new).collect(), true)
	}

	fn new(columns: Vec<Range>, named: bool) -> Self {
		Self { columns, left_out: vec![], remarks: vec![], line_breaks: vec![], named }
	}

	/// The columns to read.
	pub(crate) fn names(&self) -> Vec<String> {
		self.columns.iter().map(|range| range.name.clone()).collect()
	}

	/// The next cells are of another source.
	pub(crate) fn begin_source(&mut self) {
		self.columns.iter_mut().for_each(|range| range.here = Seen::default());
	}

	/// All `rows` of the source were seen: leaves out what cannot be offered.
	pub(crate) fn end_source(&mut self, place: &str, rows: u64) -> Result<(), DataError> {
		for mut range in std::mem::take(&mut self.columns) {
			if let Some(error) = range.here.swallowed() {
				return Err(error);
			}
			let fault = range.fault(place, rows).or_else(|| match self.named {
				true => None,
				false => range.looks_like_id(),
			});
			match fault {
				None => {
					self.remarks.extend(range.remark(place));
					self.columns.push(range);
				},
				Some(column) if self.named => return Err(DataError::Unfit { place: place.into(), column }),
				Some(left_out) => self.left_out.push(left_out),
			}
		}
		self.remarks.extend(self.line_breaks.drain(..).map(|(name, line)| remark_on_lines(place, &name, line)));
		Ok(())
	}

	/// A column of another source that the first does not have.
	pub(crate) fn leave_out_foreign(&mut self, name: &str, place: &str, first: &str) {
		let explanation = format!("{place} has it, {first} does not");
		self.left_out.push(LeftOut::new(name, Reason::NotEverywhere, explanation));
	}

	/// What came out; the columns that are left out in the order of `all`.
	pub(crate) fn inference(mut self, all: &[String]) -> Inference {
		self.left_out.sort_by_key(|left_out| all.iter().position(|name| *name == left_out.name).unwrap_or(all.len()));
		let columns = self.columns.iter().map(Range::spec).collect();
		Inference { columns, left_out: self.left_out, remarks: self.remarks }
	}
}

impl CellSink for Survey {
	type Error = DataError;

	fn cell(
		&mut self,
		index: usize,
		text: Result<CellText<'_>, CellFault>,
		at: RowPosition<'_>,
	) -> Result<(), DataError> {
		let range = &mut self.columns[index];
		match range.see(text) {
			Ok(()) => range.here.last_filled = at.row,
			Err(fault) => range.here.note(&range.name, text.map(CellText::as_str), fault, at),
		}
		Ok(())
	}

	fn line_break(&mut self, column: &str, line: u64) {
		if self.line_breaks.iter().all(|(name, _)| name != column) {
			self.line_breaks.push((column.into(), line));
		}
	}

	fn end_row(&mut self) -> Result<(), DataError> {
		Ok(())
	}
}

/// Why a column is not offered whatever its cells are.
fn fault_of_name(name: &str) -> Option<LeftOut> {
	let leave_out = |reason, explanation: &str| Some(LeftOut::new(name, reason, explanation.into()));
	if name.trim().is_empty() || name.contains(is_invisible) {
		return leave_out(Reason::Name, "its name is blank or has control or invisible characters; rename it");
	}
	if name.contains(char::REPLACEMENT_CHARACTER) {
		return leave_out(Reason::Name, "its name has lost a character (U+FFFD); correct the name");
	}
	if Decimal::parse(name).is_ok() {
		let explanation =
			"its name is a number: does the first line name the columns? If it does, ask for it by its name";
		return leave_out(Reason::NumberForName, explanation);
	}
	match is_name_of_id(name) {
		true => {
			leave_out(Reason::Id, "its name is like that of an id; to offer it all the same, ask for it by its name")
		},
		false => None,
	}
}

/// What was seen of a column.
struct Range {
	name: String,
	/// The maximal number of digits after the point, in all sources.
	decimals: u8,
	/// The largest magnitude in all sources, times `10^MAX_DECIMALS`.
	largest: u128,
	/// What was seen in the current source.
	here: Seen,
}

/// What was seen of a column in one source.
#[derive(Default)]
struct Seen {
	/// Cells with numbers.
	numbers: u64,
	/// Whether there are values that are no integers.
	has_fractions: bool,
	/// Its integers, as long as there is nothing else.
	integers: Consecutive,
	/// The first number whose point may separate thousands.
	with_point: Option<String>,
	/// Whether some number shows that the point does not.
	is_decimal: bool,
	/// Empty cells.
	empty: u64,
	/// The first of them.
	first_empty: Option<Place>,
	/// The last row whose cell is not empty.
	last_filled: u64,
	/// Cells with line breaks.
	broken: u64,
	/// The first of them.
	first_broken: Option<(u64, DataError)>,
	/// Cells with another fault.
	faults: u64,
	/// The first of them.
	first_fault: Option<Fault>,
}

/// A row.
#[derive(Clone, Copy)]
struct Place {
	row: u64,
	line: Option<u64>,
}

impl std::fmt::Display for Place {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "row {}", self.row)?;
		self.line.map_or(Ok(()), |line| write!(f, " (line {line})"))
	}
}

/// A cell that cannot be.
struct Fault {
	place: Place,
	/// Its text, as errors repeat it.
	shown: String,
	fault: CellFault,
}

impl Range {
	fn new(name: String) -> Self {
		Self { name, decimals: 0, largest: 0, here: Seen::default() }
	}

	fn see(&mut self, text: Result<CellText<'_>, CellFault>) -> Result<(), CellFault> {
		let text = text?;
		let number = Decimal::parse(text.as_str())?;
		self.here.numbers += 1;
		// Refuses what no column holds.
		let decimals = number.decimals().min(MAX_DECIMALS.into()) as u8;
		let value = number.fixed(decimals, MAX_BITS)?;
		match decimals {
			0 => self.here.integers.see(value),
			_ => self.here.has_fractions = true,
		}
		if !self.here.is_decimal {
			self.here.look_for_thousands(text, value, decimals);
		}
		self.decimals = self.decimals.max(decimals);
		self.largest = self.largest.max(number.magnitude(MAX_DECIMALS).unwrap_or(u128::MAX));
		if self.bits() > MAX_BITS {
			return Err(CellFault::TooWide { decimals: self.decimals });
		}
		Ok(())
	}

	/// Bits of the largest magnitude with the decimals seen so far.
	fn bits(&self) -> u8 {
		let largest = self.largest / 10u128.pow(u32::from(MAX_DECIMALS - self.decimals));
		(u128::BITS - largest.leading_zeros()) as u8
	}

	/// Why the column cannot be offered.
	fn fault(&self, place: &str, rows: u64) -> Option<LeftOut> {
		let Some(fault) = &self.here.first_fault else { return self.here.emptiness(&self.name, place, rows) };
		let Fault { place: row, shown, fault } = fault;
		if self.here.numbers == 0 && *fault == CellFault::NotANumber {
			let explanation = format!("it has no numbers, but text: {place}, {row}: {}", shown.trim_end());
			return Some(LeftOut::new(&self.name, Reason::Text, explanation));
		}
		Some(LeftOut::new(&self.name, (*fault).into(), format!("{place}, {row}: {shown}{fault}")))
	}

	fn looks_like_id(&self) -> Option<LeftOut> {
		let (from, to) = self.here.integers.range().filter(|_| !self.here.has_fractions)?;
		let explanation = format!(
			"it has each integer from {from} to {to} once and looks like an id; \
			to offer it all the same, ask for it by its name"
		);
		Some(LeftOut::new(&self.name, Reason::Id, explanation))
	}

	fn remark(&self, place: &str) -> Option<String> {
		let number = self.here.with_point.as_ref().filter(|_| !self.here.is_decimal)?;
		Some(format!(
			"the point in column \"{}\" of {place} is read as a decimal point, so that {number} is less than 1000; \
			if it separates thousands, remove it from the data",
			self.name
		))
	}

	fn spec(&self) -> ColumnSpec {
		ColumnSpec { name: self.name.clone(), decimals: self.decimals, bits: (self.bits() + 1).min(MAX_BITS) }
	}
}

impl Seen {
	/// Takes a number as evidence for a point that separates thousands, or against.
	fn look_for_thousands(&mut self, text: CellText<'_>, value: i64, decimals: u8) {
		match text {
			CellText::Written(text) if may_have_thousands(text) => {
				self.with_point.get_or_insert_with(|| text.trim().into());
			},
			_ => self.is_decimal = decimals > 0 || value.unsigned_abs() >= 1000,
		}
	}

	/// Takes a cell without a number.
	fn note(&mut self, name: &str, text: Result<&str, CellFault>, fault: CellFault, at: RowPosition<'_>) {
		let place = Place { row: at.row, line: at.line };
		match fault {
			CellFault::Empty => {
				self.empty += 1;
				self.first_empty.get_or_insert(place);
				return;
			},
			CellFault::LineBreak => {
				self.broken += 1;
				self.first_broken.get_or_insert_with(|| (at.line.unwrap_or(0), at.bad_cell(name, text, fault)));
			},
			_ => {
				self.faults += 1;
				self.first_fault.get_or_insert_with(|| {
					let text = text.unwrap_or_default();
					Fault { place, shown: shown(text), fault: precise_fault(fault, text) }
				});
			},
		}
		self.last_filled = at.row;
	}

	/// The error for a cell with line breaks in a column that has nothing else but numbers: it may have swallowed rows.
	fn swallowed(&mut self) -> Option<DataError> {
		let (_, error) = self.first_broken.take_if(|_| self.numbers > 0 && self.faults == 0)?;
		Some(error)
	}

	/// Why a column cannot be offered in which no cell has another fault than to be empty or to have line breaks.
	fn emptiness(&self, name: &str, place: &str, rows: u64) -> Option<LeftOut> {
		let leave_out = |reason, explanation: String| Some(LeftOut::new(name, reason, explanation));
		let Some(first) = self.first_empty else {
			let (line, _) = self.first_broken.as_ref()?;
			return leave_out(
				Reason::Text,
				format!("it has no numbers, but text of several lines: {place}, line {line}"),
			);
		};
		match self.empty {
			all if all == rows => leave_out(Reason::Empty, format!("all its cells in {place} are empty")),
			_ if self.last_filled < first.row => {
				let explanation =
					format!("its cells in {place} are empty from {first} on; fill them or leave the rows out");
				leave_out(Reason::Empty, explanation)
			},
			count => {
				let explanation = format!(
					"{count} of its {rows} cells in {place} {} empty, the first in {first}; fill {} or leave the {} out",
					if count == 1 { "is" } else { "are" },
					if count == 1 { "it" } else { "them" },
					if count == 1 { "row" } else { "rows" },
				);
				leave_out(Reason::Empty, explanation)
			},
		}
	}
}

/// Text of several lines may be right, or rows that a quote swallowed: that needs a human to decide.
fn remark_on_lines(place: &str, name: &str, line: u64) -> String {
	format!(
		"column \"{}\" of {place} has cells in quotes that span lines, the first from line {line} on: \
		check that these are no rows",
		printable(name)
	)
}
