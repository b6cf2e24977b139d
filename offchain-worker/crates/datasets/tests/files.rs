//! CSV and SQLite, over real files.

use encrytrust_datasets::{columns, infer_schema, scan, CellFault, ColumnSpec, DataError, Relation, Source};
use rusqlite::Connection;
use std::{fs, path::Path};
use tempfile::TempDir;

fn column(name: &str, decimals: u8, bits: u8) -> ColumnSpec {
	ColumnSpec { name: name.into(), decimals, bits }
}

fn csv(text: impl AsRef<[u8]>) -> (TempDir, Source) {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("table.csv");
	fs::write(&path, text).unwrap();
	(folder, Source::Csv { path })
}

fn sqlite(sql: &str, relation: Relation) -> (TempDir, Source) {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("table.db");
	Connection::open(&path).unwrap().execute_batch(sql).unwrap();
	(folder, Source::Sqlite { path, relation })
}

fn table(name: &str) -> Relation {
	Relation::Table(name.into())
}

fn query(sql: &str) -> Relation {
	Relation::Query(sql.into())
}

fn rows(source: &Source, columns: &[ColumnSpec]) -> Result<Vec<Vec<i64>>, DataError> {
	let mut rows = vec![];
	let count = scan(source, columns, |row| rows.push(row.to_vec()))?;
	assert_eq!(count, rows.len() as u64);
	Ok(rows)
}

fn hospitals() -> Vec<Source> {
	let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/wdbc");
	(1..=3).map(|hospital| Source::Csv { path: folder.join(format!("hospital-{hospital}.csv")) }).collect()
}

#[test]
fn the_hospitals_have_thirty_columns_of_numbers() {
	let schema = infer_schema(&hospitals(), &[]).unwrap();
	assert_eq!(schema.len(), 30);
	assert!(schema.iter().all(|column| column.name != "patient"));
	for expected in [
		column("mean_radius", 3, 16),
		column("mean_area", 1, 16),
		column("fractal_dimension_error", 7, 20),
		column("worst_area", 1, 17),
	] {
		assert!(schema.contains(&expected), "{expected:?}: {schema:?}");
	}
}

#[test]
fn sums_over_the_hospitals_are_exact() {
	let schema = infer_schema(&hospitals(), &[]).unwrap();
	let wanted: Vec<ColumnSpec> = ["worst_area", "mean_radius", "fractal_dimension_error"]
		.map(|name| schema.iter().find(|column| column.name == name).unwrap().clone())
		.into();
	let mut sums = [0; 3];
	let mut add = |row: &[i64]| sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
	let counts: Vec<u64> = hospitals().iter().map(|hospital| scan(hospital, &wanted, &mut add).unwrap()).collect();
	assert_eq!(counts, [190, 190, 189]);
	// 501051.8, 8038.429 and 2.1593003, by Python's decimal.
	assert_eq!(sums, [5_010_518, 8_038_429, 21_593_003]);
}

#[test]
fn csv_cells_become_fixed_point_numbers() {
	let text = "\u{feff}id, a ,b,\"c, d\"\r\nx,1.5,-2e-1,\"7\"\r\n\"y\nz\", 0 ,10,+.25\r\n";
	let (_folder, source) = csv(text);
	assert_eq!(columns(&source).unwrap(), ["id", "a", "b", "c, d"]);
	let wanted = [column("c, d", 2, 10), column("a", 1, 5), column("b", 1, 7)];
	assert_eq!(rows(&source, &wanted).unwrap(), [[700, 15, -2], [25, 0, 100]]);
	assert_eq!(rows(&source, &[]).unwrap(), [[], []] as [[i64; 0]; 2]);
}

#[test]
fn csv_without_rows_is_a_table() {
	let (_folder, source) = csv("a,b\n");
	assert_eq!(rows(&source, &[column("a", 0, 8)]).unwrap(), Vec::<Vec<i64>>::new());
}

#[test]
fn bad_csv_is_refused_with_place_and_remedy() {
	for (text, message) in [
		("", "table.csv is empty; its first line must name the columns"),
		("b\n1\n", "has no column \"a\"; it has: b"),
		("a,b,a\n1,2,3\n", "has the column \"a\" twice; rename one of them"),
		("b,a\n1,2\n3\n", "row 2 (line 3): 1 cells where the header has 2; correct the row"),
		("b,a\n1,2,3\n", "row 1 (line 2): 3 cells where the header has 2; correct the row"),
		("b,a\n1,2\n3,abc\n", "row 2 (line 3), column \"a\": \"abc\" is not a number"),
		("a\n\u{37e}\n", "column \"a\": \"\u{37e}\" is not a number"),
		("b,a\n\"x\ny\",1\n2,\n", "row 2 (line 4), column \"a\": the cell is empty; fill it or leave the row out"),
		("a,b\n1,2\n  ,3\n", "row 2 (line 3), column \"a\": the cell is empty"),
		("a\nNaN\n", "column \"a\": \"NaN\" is not a finite number"),
		("a\n-inf\n", "column \"a\": \"-inf\" is not a finite number"),
		("a\n1.234\n", "\"1.234\" has 3 decimals, the column has 2; round the value or register"),
		("a\n10.24\n", "\"10.24\" is too large: with 2 decimals its magnitude must be below 2^10"),
		("a\n-10.24\n", "\"-10.24\" is too large"),
		("a\n1;2\n", "\"1;2\" is not a number"),
	] {
		let (_folder, source) = csv(text);
		let error = rows(&source, &[column("a", 2, 10)]).unwrap_err();
		assert!(error.to_string().contains(message), "{text:?}: {error}");
		assert!(!error.is_temporary());
	}
	let (_folder, source) = csv(b"a\n\xff1\n");
	assert!(rows(&source, &[column("a", 2, 10)]).unwrap_err().to_string().contains("is not a number"));
}

#[test]
fn a_scan_stops_at_the_first_bad_cell() {
	let (_folder, source) = csv("a\n1\n2\nx\n4\n");
	let mut seen = vec![];
	let error = scan(&source, &[column("a", 0, 8)], |row| seen.push(row[0])).unwrap_err();
	assert!(matches!(error, DataError::BadCell { fault: CellFault::NotANumber, .. }), "{error}");
	assert_eq!(seen, [1, 2]);
}

#[test]
fn an_error_repeats_only_the_start_of_a_long_cell() {
	let (_folder, source) = csv(format!("a\n{}\n", "é".repeat(1000)));
	let error = rows(&source, &[column("a", 0, 8)]).unwrap_err().to_string();
	assert!(error.contains(&format!("\"{}…\"", "é".repeat(40))), "{error}");
}

#[test]
fn files_that_are_not_there_are_named() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("none");
	for source in [Source::Csv { path: path.clone() }, Source::Sqlite { path: path.clone(), relation: table("t") }] {
		for error in [columns(&source).unwrap_err(), rows(&source, &[]).unwrap_err()] {
			let message = format!("{} does not exist; correct the data set's path", path.display());
			assert_eq!(error.to_string(), message);
		}
	}
	let error = columns(&Source::Csv { path: folder.path().into() }).unwrap_err();
	assert!(matches!(error, DataError::Unreadable { .. }), "{error}");
}

#[test]
fn schemas_that_cannot_be_computed_with_are_refused() {
	let (_folder, source) = csv("a\n1\n");
	for (columns, message) in [
		(vec![column("a", 16, 8)], "has 16 decimals and 8 bits; at most 15 decimals and from 1 to 62 bits"),
		(vec![column("a", 0, 0)], "0 bits"),
		(vec![column("a", 0, 63)], "63 bits"),
		(vec![column("a", 0, 8), column("a", 1, 8)], "the schema has the column \"a\" twice"),
	] {
		let error = rows(&source, &columns).unwrap_err().to_string();
		assert!(error.contains(message), "{error}");
	}
	assert_eq!(rows(&source, &[column("a", 15, 62)]).unwrap(), [[1_000_000_000_000_000]]);
}

#[test]
fn sqlite_cells_become_fixed_point_numbers() {
	let sql = "CREATE TABLE \"odd \"\" name\" (\"a b\" REAL, i INTEGER, t TEXT);
		INSERT INTO \"odd \"\" name\" VALUES (0.1, 9007199254740993, '1.10'), (17.99, -1, ' 2 '), (1e-7, 0, '3e-2');";
	let wanted = [column("t", 2, 20), column("a b", 7, 40), column("i", 0, 62)];
	let expected = [[110, 1_000_000, 9_007_199_254_740_993], [200, 179_900_000, -1], [3, 1, 0]];
	let (_folder, source) = sqlite(sql, table("odd \" name"));
	assert_eq!(columns(&source).unwrap(), ["a b", "i", "t"]);
	assert_eq!(rows(&source, &wanted).unwrap(), expected);
	let (_folder, source) = sqlite(sql, query("SELECT * FROM \"odd \"\" name\" WHERE i < 0 -- only one;"));
	assert_eq!(rows(&source, &wanted).unwrap(), expected[1..2]);
	let (_folder, source) = sqlite(sql, table("main.odd \" name"));
	assert_eq!(rows(&source, &wanted).unwrap(), expected);
}

#[test]
fn bad_sqlite_is_refused_with_place_and_remedy() {
	let sql = "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2), (1, 3);";
	for (relation, name, message) in [
		(table("none"), "a", "no such table: none; correct the data set's table or query"),
		(table("t\"; DROP TABLE t; --"), "a", "no such table"),
		(table("t"), "c", "table \"t\" of "),
		(table("t"), "c", "has no column \"c\"; it has: a, b"),
		(query("SELEKT 1"), "a", "syntax error"),
		(query("SELECT 1 AS a); DELETE FROM t; --"), "a", "the query of "),
		(query("SELECT c FROM t"), "a", "no such column: c"),
		(query("SELECT NULL AS a"), "a", "row 1, column \"a\": the cell is empty"),
		(query("SELECT 1 AS a UNION ALL SELECT 'two'"), "a", "row 2, column \"a\": \"two\" is not a number"),
		(query("SELECT x'00ff' AS a"), "a", "\"a blob of 2 bytes\" is not a number"),
		(query("SELECT 9e999 AS a"), "a", "\"inf\" is not a finite number"),
		(query("SELECT 0.1 + 0.2 AS a"), "a", "\"0.30000000000000004\" has 17 decimals"),
		(query("SELECT 1024 AS a"), "a", "\"1024\" is too large"),
	] {
		let (_folder, source) = sqlite(sql, relation);
		let error = rows(&source, &[column(name, 0, 10)]).unwrap_err();
		assert!(error.to_string().contains(message), "{source}: {error}");
		let Source::Sqlite { path, .. } = &source else { panic!() };
		let count = |connection: Connection| connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0));
		assert_eq!(count(Connection::open(path).unwrap()), Ok(2));
	}
}

#[test]
fn a_file_that_is_no_database_is_refused() {
	let (_folder, source) = csv("a\n1\n".repeat(1000));
	let Source::Csv { path } = source else { panic!() };
	let error = columns(&Source::Sqlite { path, relation: table("t") }).unwrap_err();
	assert!(error.to_string().contains("file is not a database"), "{error}");
}

#[test]
fn a_database_locked_for_long_is_worth_another_try() {
	let (_folder, source) = sqlite("CREATE TABLE t (a); INSERT INTO t VALUES (1);", table("t"));
	let Source::Sqlite { path, .. } = &source else { panic!() };
	let writer = Connection::open(path).unwrap();
	writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
	let error = rows(&source, &[column("a", 0, 8)]).unwrap_err();
	assert!(error.is_temporary(), "{error}");
	writer.execute_batch("COMMIT").unwrap();
	assert_eq!(rows(&source, &[column("a", 0, 8)]).unwrap(), [[1]]);
}

#[test]
fn a_schema_holds_what_was_seen_and_a_bit_more() {
	let wide = "id,zero,int,dec,neg,exp,mixed,empty,long,huge,edge\n\
		x,0,1,1.50,-8,1e-3,1,,0.1234567890123456,1e19,4611686018427387903\n\
		2,0,127,0.125,3,2E2,two,1,1,1,0\n";
	let (_folder, source) = csv(wide);
	let expected = [
		column("zero", 0, 1),
		column("int", 0, 8),
		column("dec", 3, 12),
		column("neg", 0, 5),
		column("exp", 3, 19),
		column("edge", 0, 62),
	];
	let schema = infer_schema(std::slice::from_ref(&source)).unwrap();
	assert_eq!(schema, expected);
	assert_eq!(rows(&source, &schema).unwrap().len(), 2);
}

#[test]
fn a_schema_is_of_all_sources() {
	let (_first, first) = csv("name,a,b,c\nx,1.5,3,1\n");
	let (_second, second) = csv("c,b,a,more\nred,1000,-0.25,1\n");
	assert_eq!(infer_schema(&[first.clone(), second]).unwrap(), [column("a", 2, 9), column("b", 0, 11)]);
	let (_folder, third) = csv("a,c\n1,1\n");
	let error = infer_schema(&[first, third]).unwrap_err().to_string();
	assert!(error.contains("no column \"b\""), "{error}");
}

#[test]
fn a_column_too_wide_for_its_decimals_is_left_out() {
	let (_folder, source) = csv("a,b\n4611686018427387,1\n0.0001,1\n");
	assert_eq!(infer_schema(&[source]).unwrap(), [column("b", 0, 2)]);
}

#[test]
fn tables_without_numbers_have_no_schema() {
	for (text, message) in [("a\n", "has no rows"), ("a\nx\n", "no column with a number in every row")] {
		let (_folder, source) = csv(text);
		let error = infer_schema(&[source]).unwrap_err().to_string();
		assert!(error.contains(message), "{error}");
	}
	assert_eq!(infer_schema(&[]).unwrap(), []);
}
