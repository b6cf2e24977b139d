//! How fast a CSV file of a million rows by five columns is read: `cargo run -p encrytrust-datasets --example read_speed`.

use encrytrust_datasets::{scan, ColumnSpec, Source};
use std::{
	fs::File,
	io::{self, BufWriter, Write},
	path::Path,
	time::Instant,
};

const ROWS: u64 = 1_000_000;
const COLUMNS: u64 = 5;
const TIMES: usize = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
	let folder = tempfile::tempdir()?;
	for (what, quote) in [("plain cells", ""), ("cells in quotes", "\"")] {
		let path = folder.path().join("rows.csv");
		write_rows(&path, quote)?;
		let source = Source::Csv { path };
		let column = |index| ColumnSpec { name: format!("c{index}"), decimals: 3, bits: 30 };
		let columns: Vec<ColumnSpec> = (0..COLUMNS).map(column).collect();
		let mut fastest = f64::MAX;
		let mut sum = 0;
		for _ in 0..TIMES {
			let began = Instant::now();
			sum = 0;
			scan(&source, &columns, |row| sum += row.iter().sum::<i64>())?;
			fastest = fastest.min(began.elapsed().as_secs_f64());
		}
		println!("{what}: {:.0} rows a second (the best of {TIMES}); the sum is {sum}", ROWS as f64 / fastest);
	}
	Ok(())
}

fn write_rows(path: &Path, quote: &str) -> io::Result<()> {
	let mut file = BufWriter::new(File::create(path)?);
	writeln!(file, "c0,c1,c2,c3,c4")?;
	for row in 0..ROWS {
		let cells = (0..COLUMNS).map(|column| {
			let value = (row * 7919 + column * 104_729) % 1_000_000;
			format!("{quote}{}.{:03}{quote}", value / 1000, value % 1000)
		});
		writeln!(file, "{}", cells.collect::<Vec<_>>().join(","))?;
	}
	file.flush()
}
