//! Tables of text.

use encrytrust_types::text::escaped;

/// Rows of cells in columns of equal width; the first row is the heading. A cell is one line, whatever is in it.
pub fn table(rows: &[Vec<String>]) -> String {
	let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| escaped(cell)).collect()).collect();
	let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
	let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
	let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
	let line = |row: &Vec<String>| {
		let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
		cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
	};
	rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn columns_line_up() {
		let rows = vec![vec!["a".into(), "b".into()], vec!["longer".into(), "c".into()]];
		assert_eq!(table(&rows), "a       b\nlonger  c");
	}

	#[test]
	fn a_cell_cannot_forge_a_row() {
		let rows = vec![vec!["Doses\n7  Genomes".into(), "x".into()], vec!["\u{1b}[1A\u{1b}[2K".into(), "y".into()]];
		assert_eq!(table(&rows), "Doses\\u{a}7  Genomes  x\n\\u{1b}[1A\\u{1b}[2K    y");
	}
}
