//! CSV and SQLite, over real files.

use encrytrust_datasets::{
	columns, infer_schema, remarks, scan, try_scan, CellFault, ColumnSpec, DataError, Inference, LeftOut, Reason,
	Relation, Retry, Source,
};
use rusqlite::Connection;
use std::{fs, path::Path, slice};
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
fn infer_schema_finds_thirty_columns_of_the_hospitals() {
	let schema = infer_schema(&hospitals(), &[]).unwrap().columns;
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
fn scan_gives_exact_sums_over_the_hospitals() {
	let schema = infer_schema(&hospitals(), &[]).unwrap().columns;
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
fn scan_makes_fixed_point_numbers_of_csv_cells() {
	let text = "\u{feff}id, a ,b,\"c, d\"\r\nx,1.5,-2e-1,\"7\"\r\n\"y\nz\", 0 ,10,+.25\r\n";
	let (_folder, source) = csv(text);
	assert_eq!(columns(&source).unwrap(), ["id", "a", "b", "c, d"]);
	let wanted = [column("c, d", 2, 10), column("a", 1, 5), column("b", 1, 7)];
	assert_eq!(rows(&source, &wanted).unwrap(), [[700, 15, -2], [25, 0, 100]]);
	assert_eq!(rows(&source, &[]).unwrap(), [[], []] as [[i64; 0]; 2]);
}

#[test]
fn scan_accepts_csv_without_rows() {
	let (_folder, source) = csv("a,b\n");
	assert_eq!(rows(&source, &[column("a", 0, 8)]).unwrap(), Vec::<Vec<i64>>::new());
}

#[test]
fn scan_refuses_bad_csv_with_place_and_remedy() {
	for (text, message) in [
		("", "table.csv is empty; its first line must name the columns"),
		("b\n1\n", "has no column \"a\"; it has: b"),
		("a,b, a\n1,2,3\n", "has the column \"a\" twice; rename one of them"),
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
		("a,b\n1,\"2\"x\n", "table.csv, line 2: the quote that opens here closes on line 2 with text after it"),
		("a,b\n1,x\n2,\"x\n3,x\n", "line 3: the quote that opens here is never closed"),
		("a,b\n1,5\" long\n", "line 2: a quote inside a cell that does not begin with one"),
		("a,b\n1,\0\n", "line 2: has a NUL byte"),
		("a\r1\r", "line 1: a carriage return without a line feed"),
		("a\n1\n\n2\n", "line 3: the line is empty; remove it"),
		("a,,b\n1,2,3\n", "line 1: column 2 has no name; name it, or remove the column from every row"),
		("a,b,\n1,2,\n", "line 1: column 3 has no name"),
		("a,\" \",b\n1,2,3\n", "line 1: column 2 has no name"),
		("a,\"b\nc\"\n1,2\n", "line 1: the name of column 2 has a line break, or a control or invisible character"),
		(
			"a,\"\u{1b}[2K\"\n1,2\n",
			"line 1: the name of column 2 has a line break, or a control or invisible character",
		),
		(
			"\u{feff}\u{feff}a,b\n1,2\n",
			"line 1: the name of column 1 has a line break, or a control or invisible character",
		),
		("b,a\u{200b}\n1,2\n", "line 1: the name of column 2 has a line break, or a control or invisible character"),
		("a\n1\n\u{feff}2\n", "row 2 (line 3), column \"a\": \"\\u{feff}2\" is not a number"),
		("1,2.5\n3,4\n", "line 1: has numbers where the columns' names should be; add a first line with names"),
		("a;b\n1;2\n", "line 1: the file seems to be separated by semicolons"),
		("a|b\n1|2\n", "line 1: the file seems to be separated by vertical bars"),
		("SEP=;\na;b\n", "line 1: the line only names a separator; remove it"),
		("\n\na\n", "line 1: the line is empty; remove it"),
		("\u{feff}", "table.csv is empty"),
		("a\n\"1,5\"\n", "\"1,5\" is not a number but has a comma for decimals; write a decimal point"),
		("a\nNULL\n", "\"NULL\" is not a number but a mark for a missing value"),
	] {
		let (_folder, source) = csv(text);
		let error = rows(&source, &[column("a", 2, 10)]).unwrap_err();
		assert!(error.to_string().contains(message), "{text:?}: {error}");
		assert!(!error.is_transient());
	}
	// Also in a column that is not read.
	let (_folder, source) = csv(b"a,b\n1,\xff1\n");
	let error = rows(&source, &[column("a", 2, 10)]).unwrap_err().to_string();
	assert!(error.contains("line 2: the text is not UTF-8"), "{error}");
}

#[test]
fn scan_stops_at_the_first_bad_cell() {
	let (_folder, source) = csv("a\n1\n2\nx\n4\n");
	let mut seen = vec![];
	let error = scan(&source, &[column("a", 0, 8)], |row| seen.push(row[0])).unwrap_err();
	assert!(matches!(error, DataError::BadCell { fault: CellFault::NotANumber, .. }), "{error}");
	assert_eq!(seen, [1, 2]);
}

#[test]
fn try_scan_stops_at_the_first_error_of_the_callback() {
	type AnyError = Box<dyn std::error::Error + Send + Sync>;
	let scan_until_two = |text: &str| {
		let mut seen = vec![];
		let (_folder, source) = csv(text);
		let result = try_scan(&source, &[column("a", 0, 8)], |row| {
			seen.push(row[0]);
			if row[0] == 2 {
				Err(AnyError::from("two"))
			} else {
				Ok(())
			}
		});
		(result.map_err(|error| error.to_string()), seen)
	};
	assert_eq!(scan_until_two("a\n1\n3\n"), (Ok(2), vec![1, 3]));
	assert_eq!(scan_until_two("a\n1\n2\n3\n"), (Err("two".into()), vec![1, 2]));
	let (error, seen) = scan_until_two("a\n1\nx\n2\n");
	assert!(error.unwrap_err().contains("\"x\" is not a number"));
	assert_eq!(seen, [1]);
}

#[test]
fn error_repeats_only_the_start_of_a_long_cell() {
	let (_folder, source) = csv(format!("a\n{}\n", "é".repeat(1000)));
	let error = rows(&source, &[column("a", 0, 8)]).unwrap_err().to_string();
	assert!(error.contains(&format!("\"{}…\"", "é".repeat(40))), "{error}");
}

#[test]
fn errors_escape_control_characters_of_cells_and_names() {
	let (_folder, source) = csv("a,b\n\u{1b}[2K\u{7},1\n");
	let error = rows(&source, &[column("a", 0, 8)]).unwrap_err().to_string();
	assert!(error.contains("\"\\u{1b}[2K\\u{7}\" is not a number"), "{error}");
	let (_folder, source) = sqlite("CREATE TABLE t (good, \"x\u{1b}[2K\"); INSERT INTO t VALUES (5, 6);", table("t"));
	let left_out = left_out(&source);
	assert_eq!(left_out.reason, Reason::Name);
	assert!(
		left_out.to_string().starts_with("column \"x\\u{1b}[2K\" is left out: its name is blank or has"),
		"{left_out}"
	);
}

#[test]
fn errors_name_missing_files() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("none");
	for source in [Source::Csv { path: path.clone() }, Source::Sqlite { path: path.clone(), relation: table("t") }] {
		for error in [columns(&source).unwrap_err(), rows(&source, &[]).unwrap_err()] {
			let message = format!("{} does not exist; correct the dataset's path", path.display());
			assert_eq!(error.to_string(), message);
		}
	}
	let error = columns(&Source::Csv { path: folder.path().into() }).unwrap_err();
	assert!(matches!(error, DataError::Unreadable { .. }), "{error}");
}

#[test]
fn scan_refuses_invalid_schemas() {
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
fn scan_makes_fixed_point_numbers_of_sqlite_cells() {
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
fn scan_refuses_bad_sqlite_with_place_and_remedy() {
	let sql = "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2), (1, 3);";
	for (relation, name, message) in [
		(
			table("none"),
			"a",
			"no such table: none; if it is not about to be replaced, correct the dataset's table or query",
		),
		(table("t\"; DROP TABLE t; --"), "a", "no such table"),
		(table("t"), "c", "table \"t\" of "),
		(table("t"), "c", "has no column \"c\"; it has: a, b"),
		(query("SELEKT 1"), "a", "syntax error"),
		(query("SELECT 1 AS a); DELETE FROM t; --"), "a", "the query of "),
		(query("SELECT c FROM t"), "a", "no such column: c"),
		(query("SELECT NULL AS a"), "a", "row 1, column \"a\": the cell is empty"),
		(query("SELECT 1 AS a UNION ALL SELECT 'two'"), "a", "row 2, column \"a\": \"two\" is not a number"),
		(query("SELECT x'00ff' AS a"), "a", "the cell is a BLOB of 2 bytes, not a number"),
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
fn scan_refuses_file_that_is_not_a_database() {
	let (_folder, source) = csv("a\n1\n".repeat(1000));
	let Source::Csv { path } = source else { panic!() };
	let error = columns(&Source::Sqlite { path, relation: table("t") }).unwrap_err();
	assert!(error.to_string().contains("file is not a database"), "{error}");
}

#[test]
fn error_is_transient_when_sqlite_is_locked() {
	let (_folder, source) = sqlite("CREATE TABLE t (a); INSERT INTO t VALUES (1);", table("t"));
	let Source::Sqlite { path, .. } = &source else { panic!() };
	let writer = Connection::open(path).unwrap();
	writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
	let error = rows(&source, &[column("a", 0, 8)]).unwrap_err();
	assert!(error.is_transient(), "{error}");
	writer.execute_batch("COMMIT").unwrap();
	assert_eq!(rows(&source, &[column("a", 0, 8)]).unwrap(), [[1]]);
}

#[test]
fn inferred_schema_holds_all_values_and_one_bit_more() {
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
	let schema = infer_schema(slice::from_ref(&source), &[]).unwrap().columns;
	assert_eq!(schema, expected);
	assert_eq!(rows(&source, &schema).unwrap().len(), 2);
}

#[test]
fn inferred_schema_holds_values_of_all_sources() {
	let (_first, first) = csv("name,a,b,c\nx,1.5,3,1\n");
	let (_second, second) = csv("c,b,a,more\nred,1000,-0.25,1\n");
	let schema = infer_schema(&[first.clone(), second], &[]).unwrap();
	assert_eq!(schema.columns, [column("a", 2, 9), column("b", 0, 11)]);
	let (_folder, third) = csv("a,c\n1,1\n");
	let error = infer_schema(&[first, third], &[]).unwrap_err().to_string();
	assert!(error.contains("no column \"b\""), "{error}");
}

#[test]
fn infer_schema_fails_for_tables_without_numbers() {
	for (text, message) in [
		("a\n", "has no rows"),
		("a\nx\n", "table.csv has no column to offer: column \"a\" is left out: it has no numbers, but text: "),
		("id,b\n1,\"1,234\"\n", "column \"id\" is left out: its name is like that of an id"),
		("id,b\n1,\"1,234\"\n", "column \"b\" is left out: "),
	] {
		let (_folder, source) = csv(text);
		let error = infer_schema(&[source], &[]).unwrap_err().to_string();
		assert!(error.contains(message), "{error}");
	}
	assert_eq!(infer_schema(&[], &[]).unwrap(), Inference::default());
}

/// The one column that is left out of a table which has another to offer.
fn left_out(source: &Source) -> LeftOut {
	let inference = infer_schema(slice::from_ref(source), &[]).unwrap();
	assert_eq!(inference.columns.iter().map(|column| &column.name).collect::<Vec<_>>(), ["good"]);
	let [left_out] = &inference.left_out[..] else { panic!("{:?}", inference.left_out) };
	left_out.clone()
}

#[test]
fn infer_schema_gives_reason_for_every_column_of_a_file_that_is_left_out() {
	for (name, cells, reason, explanation) in [
		("x", &["fine", "ill"][..], Reason::Text, "it has no numbers, but text: table.csv, row 1 (line 2): \"fine\""),
		("x", &["", "text"], Reason::Text, "text: table.csv, row 2 (line 3): \"text\""),
		("x", &["1", "two"], Reason::NotANumber, "table.csv, row 2 (line 3): \"two\" is not a number; write it as digits"),
		("x", &["1", "0x10"], Reason::NotANumber, "\"0x10\" is not a number"),
		("x", &["\"1,234\"", "\"2,345\""], Reason::Thousands, "row 1 (line 2): \"1,234\" is not a number but has separators"),
		("x", &["1.234", "\"1,234\""], Reason::Thousands, "row 2 (line 3): \"1,234\" is not a number but has separators"),
		("x", &["1.234.567", "1"], Reason::Thousands, "without separators of thousands, and with a point for decimals"),
		("x", &["\"70,5\"", "\"80,5\""], Reason::DecimalComma, "\"70,5\" is not a number but has a comma for decimals"),
		("x", &["$12.50", "$1.00"], Reason::Money, "\"$12.50\" is not a number but an amount of money; write the digits"),
		("x", &["true", "false"], Reason::Boolean, "\"true\" is not a number but a truth value; write 1 or 0"),
		("x", &["2024-01-05", "2024-01-06"], Reason::Date, "\"2024-01-05\" is not a number but a date or a time"),
		("x", &["\"{1,2}\"", "{}"], Reason::Array, "\"{1,2}\" is not a number but a list"),
		("x", &["5%", "6%"], Reason::Percentage, "\"5%\" is not a number but a percentage"),
		("x", &["1", "NA"], Reason::Missing, "row 2 (line 3): \"NA\" is not a number but a mark for a missing value"),
		("x", &["1", "", "3"], Reason::Empty, "1 of its 3 cells in table.csv is empty, the first in row 2 (line 3); fill it or"),
		("x", &["1", " ", "3", "", "5"], Reason::Empty, "2 of its 5 cells in table.csv are empty, the first in row 2"),
		("x", &["1", "", ""], Reason::Empty, "its cells in table.csv are empty from row 2 (line 3) on; fill them or leave"),
		("x", &["", ""], Reason::Empty, "all its cells in table.csv are empty"),
		("x", &["1", "NaN"], Reason::NotFinite, "\"NaN\" is not a finite number"),
		("x", &["-inf", "1"], Reason::NotFinite, "\"-inf\" is not a finite number"),
		(
			"x",
			&["0.0123456789012345"],
			Reason::TooManyDecimals,
			"\"0.0123456789012345\" has 16 decimals, at most 15 are possible; round the value",
		),
		("x", &["1e19"], Reason::TooLarge, "\"1e19\" is too large: with 0 decimals its magnitude must be below 2^62"),
		(
			"x",
			&["4611686018427387", "0.0001"],
			Reason::TooLarge,
			"row 2 (line 3): \"0.0001\" makes the column too wide: with 4 decimals its largest value needs more than 62 bits",
		),
		("x", &["\"a\nb\"", ""], Reason::Empty, "are empty from row 2 (line 4) on"),
		("x", &["\"a\nb\""], Reason::Text, "it has no numbers, but text of several lines: table.csv, line 2"),
		("Patient_No", &["7", "9"], Reason::Id, "its name is like that of an id; to offer it all the same, ask for it"),
		("2019", &["7", "9"], Reason::NumberForName, "its name is a number: does the first line name the columns?"),
		("x\u{fffd}", &["7"], Reason::Name, "its name has lost a character (U+FFFD); correct the name"),
	] {
		let rows: String = cells.iter().map(|cell| format!("5,{cell}\n")).collect();
		let (folder, source) = csv(format!("good,{name}\n{rows}"));
		let left_out = left_out(&source);
		assert_eq!((left_out.name.as_str(), left_out.reason), (name, reason), "{left_out}");
		let sentence = left_out.to_string().replace(&format!("{}/", folder.path().display()), "");
		assert!(sentence.starts_with(&format!("column \"{name}\" is left out: ")), "{sentence}");
		assert!(sentence.contains(explanation), "{sentence}");
	}
}

#[test]
fn infer_schema_gives_reason_for_every_column_of_a_database_that_is_left_out() {
	for (value, reason, explanation) in [
		("NULL", Reason::Empty, "all its cells in the query of "),
		("x'00ff'", Reason::Blob, "row 1: the cell is a BLOB of 2 bytes, not a number"),
		("CAST(x'f6' AS TEXT)", Reason::Encoding, "row 1: the cell's text is not UTF-8; write it as UTF-8"),
		("9e999", Reason::NotFinite, "row 1: \"inf\" is not a finite number"),
		("'yes'", Reason::Boolean, "\"yes\" is not a number but a truth value"),
		("'2024-01-05 12:30:00'", Reason::Date, "is not a number but a date or a time"),
		("'1,234'", Reason::Thousands, "\"1,234\" is not a number but has separators"),
		("0.1 + 0.2", Reason::TooManyDecimals, "\"0.30000000000000004\" has 17 decimals, at most 15"),
	] {
		let (_folder, source) = sqlite("", query(&format!("SELECT 5 AS good, {value} AS x")));
		let left_out = left_out(&source);
		assert_eq!(left_out.reason, reason, "{left_out}");
		assert!(left_out.explanation.contains(explanation), "{left_out}");
	}
	for name in [" ", "\u{feff}x", "x\u{200b}", "x\u{202e}"] {
		let (_folder, source) = sqlite("", query(&format!("SELECT 5 AS good, 6 AS \"{name}\"")));
		assert_eq!(left_out(&source).reason, Reason::Name);
	}
}

#[test]
fn infer_schema_leaves_out_columns_that_are_not_in_all_sources() {
	let (_first, first) = csv("a,name\n1,x\n");
	let (_second, second) = csv("more,a\n1,1\n");
	let inference = infer_schema(&[first.clone(), second.clone()], &[]).unwrap();
	let found: Vec<_> = inference.left_out.iter().map(|left| (left.name.as_str(), left.reason)).collect();
	assert_eq!(found, [("name", Reason::Text), ("more", Reason::NotEverywhere)]);
	assert_eq!(inference.left_out[1].explanation, format!("{second} has it, {first} does not"));
}

#[test]
fn infer_schema_takes_consecutive_integers_over_ten_rows_for_an_id() {
	let table = |values: &[i64]| {
		let rows: String = values.iter().map(|value| format!("{value},5\n")).collect();
		csv(format!("who,good\n{rows}"))
	};
	for values in [&[7, 3, 4, 5, 6, 8, 9, 10, 12, 11][..], &[0, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10]] {
		let (_folder, source) = table(values);
		let left_out = left_out(&source);
		assert_eq!(left_out.reason, Reason::Id);
		let range =
			format!("each integer from {} to {} once", values.iter().min().unwrap(), values.iter().max().unwrap());
		assert!(left_out.explanation.contains(&range), "{left_out}");
	}
	for values in [&[1, 2, 3, 4, 5, 6, 7, 8, 9][..], &[1, 2, 2, 4, 6, 6, 7, 8, 9, 10], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 11]]
	{
		let (_folder, source) = table(values);
		assert_eq!(infer_schema(&[source], &[]).unwrap().columns.len(), 2);
	}
	// A number that is none of the integers.
	let (_folder, source) = csv("who,good\n1,5\n2,5\n3,5\n4,5\n5,5\n6,5\n7,5\n8,5\n9,5\n10,5\n10.5,5\n");
	assert_eq!(infer_schema(&[source], &[]).unwrap().columns.len(), 2);
	// One of two sources is enough.
	let (_first, first) = csv("who,good\n3,5\n");
	let (_second, second) = table(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
	assert_eq!(infer_schema(&[first, second], &[]).unwrap().left_out[0].reason, Reason::Id);
}

#[test]
fn infer_schema_offers_named_columns_in_that_order_including_ids() {
	let named = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
	let (_folder, source) = csv("id,age,note,2019\n7,30,\"a\nb\",5\n8,40,\"1,234\",6\n");
	let sources = [source];
	let inference = infer_schema(&sources, &named(&["2019", "id"])).unwrap();
	assert_eq!(inference.columns, [column("2019", 0, 4), column("id", 0, 5)]);
	assert_eq!(inference.left_out, vec![]);
	for (names, message) in [
		(&["age", "note"][..], "column \"note\" cannot be offered: "),
		(&["age", "note"], "\"1,234\" is not a number but has separators"),
		(&["weight"], "has no column \"weight\"; it has: id, age, note, 2019"),
		(&["age", "age"], "the list of columns has the column \"age\" twice"),
	] {
		let error = infer_schema(&sources, &named(names)).unwrap_err().to_string();
		assert!(error.contains(message), "{error}");
	}
}

#[test]
fn infer_schema_remarks_on_what_can_be_read_in_two_ways() {
	for (text, remark) in [
		(
			"x\n1.234\n950\n",
			"the point in column \"x\" of table.csv is read as a decimal point, so that 1.234 is less than 1000",
		),
		(
			"x,t\n1,\"a\nb\"\n",
			"column \"t\" of table.csv has cells in quotes that span lines, the first from line 2 on: check",
		),
		(
			"x,t\n1,\"a\nb\"\n2,c\n",
			"column \"t\" of table.csv has cells in quotes that span lines, the first from line 2 on: check",
		),
	] {
		let (folder, source) = csv(text);
		let inference = infer_schema(&[source], &[]).unwrap();
		let [found] = &inference.remarks[..] else { panic!("{text:?}: {:?}", inference.remarks) };
		let found = found.replace(&format!("{}/", folder.path().display()), "");
		assert!(found.starts_with(remark), "{found}");
	}
	for text in ["x\n1.234\n0.234\n", "x\n1.234\n1.5\n", "x\n1.234\n1000\n", "x\n12\n"] {
		let (_folder, source) = csv(text);
		assert_eq!(infer_schema(&[source], &[]).unwrap().remarks, Vec::<String>::new(), "{text:?}");
	}
	for (sql, remarks) in [
		("SELECT 1.234 AS x", 0),
		("SELECT '1.234' AS x", 1),
		("SELECT '1.234' AS x UNION ALL SELECT 950", 1),
		("SELECT '1.234' AS x UNION ALL SELECT 0.5", 0),
		("SELECT '1.234' AS x UNION ALL SELECT '0.5'", 0),
	] {
		let (_folder, source) = sqlite("", query(sql));
		assert_eq!(infer_schema(&[source], &[]).unwrap().remarks.len(), remarks, "{sql}");
	}
}

#[test]
fn infer_schema_remarks_on_text_of_several_lines_in_every_column() {
	const TEXT: &str = "id,2019,note,age\n7,3,fine,30\n\"8\nb\",\"4\nc\",\"x, y\nz\",40\n";
	let (folder, source) = csv(TEXT);
	for named in [&[][..], &["age".to_string()]] {
		let inference = infer_schema(slice::from_ref(&source), named).unwrap();
		assert_eq!(inference.columns, [column("age", 0, 7)]);
		let text = inference.remarks.join("\n").replace(&format!("{}/", folder.path().display()), "");
		for (name, line) in [("id", 3), ("2019", 4), ("note", 5)] {
			let remark = format!(
				"column \"{name}\" of table.csv has cells in quotes that span lines, the first from line {line}"
			);
			assert!(text.contains(&remark), "{text}");
		}
		assert_eq!(inference.remarks.len(), 3);
	}
	let inference = infer_schema(slice::from_ref(&source), &[]).unwrap();
	assert_eq!(remarks(&source, &["age".into()]).unwrap(), inference.remarks);
	for (text, count) in [("age\n", 0), ("age\n1.234\n", 1)] {
		let (_folder, source) = csv(text);
		assert_eq!(remarks(&source, &["age".into()]).unwrap().len(), count);
	}
}

#[test]
fn reading_fails_when_quotes_enclose_rows_in_any_column() {
	for (name, text, line) in [
		("a name like that of an id", "patient_no,age\n1,10\n\"2,20\n3,30\n4\",40\n", 3),
		("a number for a name", "1,age\n1,10\n\"2,20\n3,30\n4\",40\n", 3),
		("text", "name,age\nAnn,10\n\"Bob,20\nCid,30\nDora\",40\n", 3),
		("two rows", "name,age\nAnn,10\n\"Bob,20\nDora\",40\n", 3),
		("two rows, quotes in the middle", "name,age,town\nBob,\"20,Ulm\nDora,40\",Bonn\n", 2),
		("two rows, quotes at the end", "age,name\n20,\"Bob\n40,Dora\"\n", 2),
		("a cell with a comma before", "name,town,age\n\"Roe, B\",\"Ulm,20\nDora,Bonn\",40\n", 2),
		("a cell of several lines before", "note,name,age\n\"a\nb\",\"Bob,20\nx,Dora\",40\n", 3),
		("CRLF", "name,age\r\n\"Bob,20\r\nCid,30\r\nDora\",40\r\n", 2),
		("a row between text", "note,age\n\"see\nCid,30\nabove\",40\n", 2),
	] {
		let (_folder, source) = csv(text);
		let age = ["age".to_string()];
		for error in [
			infer_schema(slice::from_ref(&source), &[]).unwrap_err(),
			infer_schema(slice::from_ref(&source), &age).unwrap_err(),
			rows(&source, &[column("age", 0, 10)]).unwrap_err(),
			rows(&source, &[]).unwrap_err(),
		] {
			let message =
				format!("table.csv, line {line}: the quotes that open here enclose lines that look like rows");
			assert!(error.to_string().contains(&message), "{name}: {error}");
			assert!(!error.is_transient());
		}
	}
}

#[test]
fn utf16_database_is_read() {
	for encoding in ["UTF-16le", "UTF-16be"] {
		let sql = format!(
			"PRAGMA encoding = '{encoding}'; CREATE TABLE t (\"größe\" INTEGER, x TEXT);
			INSERT INTO t VALUES (180, '1.5'), (179, 'ö');"
		);
		let (_folder, source) = sqlite(&sql, table("t"));
		assert_eq!(columns(&source).unwrap(), ["größe", "x"]);
		assert_eq!(rows(&source, &[column("größe", 0, 10)]).unwrap(), [[180], [179]]);
	}
}

#[test]
fn reading_fails_when_sqlite_columns_have_the_same_name() {
	let sql =
		"CREATE TABLE p (k, age); CREATE TABLE v (k, age); INSERT INTO p VALUES (1, 30); INSERT INTO v VALUES (1, 3);
		CREATE VIEW w AS SELECT v.age, p.age FROM p JOIN v USING (k);";
	let join = "SELECT v.age, p.age FROM p JOIN v USING (k)";
	for relation in [
		query(join),
		query(&format!("SELECT * FROM ({join})")),
		query("SELECT v.age, p.AGE FROM p JOIN v USING (k)"),
		table("w"),
	] {
		let (_folder, source) = sqlite(sql, relation);
		for error in [infer_schema(slice::from_ref(&source), &[]).unwrap_err(), rows(&source, &[]).unwrap_err()] {
			assert!(error.to_string().contains("has the column \"age\" twice; rename one of them"), "{error}");
		}
	}
	let (_folder, source) = sqlite(sql, query("SELECT age AS \"age:1\", k FROM p"));
	assert_eq!(rows(&source, &[column("age:1", 0, 8)]).unwrap(), [[30]]);
}

#[test]
fn retry_is_a_few_times_when_sqlite_has_no_such_table() {
	let (_folder, source) = sqlite("CREATE TABLE t (a);", table("none"));
	for error in [columns(&source).unwrap_err(), rows(&source, &[]).unwrap_err()] {
		assert_eq!(error.retry(), Retry::FewTimes, "{error}");
	}
	let (_folder, source) = sqlite("CREATE TABLE t (a);", query("SELECT b FROM t"));
	assert_eq!(columns(&source).unwrap_err().retry(), Retry::Never);
}

#[test]
fn errors_escape_invisible_characters_of_existing_names() {
	let sql = "CREATE TABLE t (\"\u{feff}age\", \"x\u{1b}[2K\");";
	let (_folder, source) = sqlite(sql, table("t"));
	let error = rows(&source, &[column("age", 0, 8)]).unwrap_err().to_string();
	assert!(error.contains("has no column \"age\"; it has: \\u{feff}age, x\\u{1b}[2K"), "{error}");
}

#[test]
fn infer_schema_refuses_numbers_over_several_lines_with_the_line_of_the_quote() {
	let message = "row 1 (line 3), column \"b\": the cell's quotes open here and hold line breaks; correct the quotes";
	let (_folder, source) = csv("a,b\n\"x\ny\",\"40\n50\"\nz,5\n");
	let error = rows(&source, &[column("b", 0, 8)]).unwrap_err().to_string();
	assert!(error.contains(message), "{error}");
	// Not a matter of one column: the rows that it swallowed are missing from all others.
	let error = infer_schema(&[source], &[]).unwrap_err().to_string();
	assert!(error.contains(message), "{error}");
}

/// The committed inputs: what is wrong with each, or what is remarked about it.
#[test]
fn small_inputs_that_failed_before_are_refused_with_remedy() {
	let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
	for (name, message) in [
		("stray-quote-open.csv", ", line 3: the quote that opens here is never closed"),
		("stray-quote-pair.csv", ", line 3: the quote that opens here closes on line 5 with text after it"),
		("semicolons.csv", ", line 1: the file seems to be separated by semicolons; separate the cells by commas"),
		("tabs.csv", ", line 1: the file seems to be separated by tabs"),
		("separator-line.csv", ", line 1: the line only names a separator; remove it"),
		(
			"latin1.csv",
			"latin1.csv, line 1: the text is not UTF-8; convert the file, for example by `iconv -f ISO-8859-1 -t UTF-8",
		),
		("latin1-collide.csv", ", line 1: the text is not UTF-8"),
		("utf16.csv", "utf16.csv: the text is not UTF-8; convert the file, for example by `iconv -f UTF-16 -t UTF-8"),
	] {
		let source = Source::Csv { path: folder.join(name) };
		for error in [infer_schema(slice::from_ref(&source), &[]).unwrap_err(), rows(&source, &[]).unwrap_err()] {
			assert!(error.to_string().contains(message), "{name}: {error}");
			assert!(!error.is_transient());
		}
	}
	for (name, offered, left_out, remarks) in [
		("bom-crlf.csv", &["age", "weight"][..], &[][..], 0),
		("patients.csv", &["age"], &[("patient_no", Reason::Id)], 0),
		("thousands.csv", &["dotted"], &[("quoted", Reason::Thousands)], 1),
	] {
		let inference = infer_schema(&[Source::Csv { path: folder.join(name) }], &[]).unwrap();
		assert_eq!(inference.columns.iter().map(|column| &column.name).collect::<Vec<_>>(), offered, "{name}");
		let found: Vec<_> = inference.left_out.iter().map(|left| (left.name.as_str(), left.reason)).collect();
		assert_eq!(found, left_out, "{name}");
		assert_eq!(inference.remarks.len(), remarks, "{name}");
	}
}

#[test]
fn inference_serialises_as_object_with_columns_and_left_out() {
	let (_folder, source) = csv("id,age\n7,30\n");
	let json = serde_json::to_value(infer_schema(&[source], &[]).unwrap()).unwrap();
	let explanation = "its name is like that of an id; to offer it all the same, ask for it by its name";
	let expected = serde_json::json!({
		"columns": [{ "name": "age", "decimals": 0, "bits": 6 }],
		"left_out": [{ "name": "id", "reason": "id", "explanation": explanation }],
		"remarks": [],
	});
	assert_eq!(json, expected);
}

#[test]
fn scan_refuses_database_whose_names_are_not_utf8() {
	let (_folder, source) = sqlite("CREATE TABLE t (grXsse INTEGER); INSERT INTO t VALUES (1);", table("t"));
	let Source::Sqlite { path, .. } = &source else { panic!() };
	let bytes = fs::read(path).unwrap();
	let place = bytes.windows(6).position(|window| window == b"grXsse").unwrap();
	fs::write(path, [&bytes[..place + 2], b"\xf6", &bytes[place + 3..]].concat()).unwrap();
	for error in [columns(&source).unwrap_err(), infer_schema(slice::from_ref(&source), &[]).unwrap_err()] {
		assert!(
			error.to_string().contains("has names or definitions that are not UTF-8; convert the database"),
			"{error}"
		);
		assert!(!error.is_transient());
	}
}
