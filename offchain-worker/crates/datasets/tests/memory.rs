//! A scan's memory does not grow with the rows. Alone in its process, since it measures the process.

use encrytrust_datasets::{scan, ColumnSpec, Relation, Source};
use std::{
	fs::{self, File},
	io::{BufWriter, Write},
};

const ROWS: u64 = 1_000_000;
/// Half of what the rows' values alone would take.
const ALLOWANCE_KIB: u64 = 4 * 1024;

/// The most memory that this process has had, in KiB.
fn peak() -> u64 {
	let status = fs::read_to_string("/proc/self/status").unwrap();
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
	line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn sum(source: &Source) -> i64 {
	let columns = [ColumnSpec { name: "v".into(), decimals: 1, bits: 40 }];
	let mut sum = 0;
	assert_eq!(scan(source, &columns, |row| sum += row[0]).unwrap(), ROWS);
	sum
}

#[test]
fn scan_of_a_million_rows_needs_constant_memory() {
	let folder = tempfile::tempdir().unwrap();
	let csv = folder.path().join("rows.csv");
	let mut file = BufWriter::new(File::create(&csv).unwrap());
	writeln!(file, "note,v").unwrap();
	(1..=ROWS).for_each(|row| writeln!(file, "something else,{row}.5").unwrap());
	drop(file);
	let db = folder.path().join("rows.db");
	rusqlite::Connection::open(&db).unwrap().execute_batch("CREATE TABLE t (v)").unwrap();
	let rows = "WITH RECURSIVE r(v) AS (SELECT 1.5 UNION ALL SELECT v + 1 FROM r WHERE v < 1000000)
		SELECT 'something else' AS note, v FROM r";
	let sources = [Source::Csv { path: csv }, Source::Sqlite { path: db, relation: Relation::Query(rows.into()) }];

	let before = peak();
	for source in sources {
		let rows = ROWS as i64;
		assert_eq!(sum(&source), rows * (rows + 1) / 2 * 10 + 5 * rows);
		let grown = peak() - before;
		assert!(grown < ALLOWANCE_KIB, "{source}: {grown} KiB");
	}
}
