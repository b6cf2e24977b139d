//! PostgreSQL, over a server that the tests start: Debian's package `postgresql`, which `scripts/setup` installs.

use encrytrust_datasets::{
	columns, infer_schema, scan, ColumnSpec, ConnectionUrl, DataError, Reason, Relation, Retry, Source,
};
use std::{
	fs,
	io::{self, Read, Write},
	net::{Shutdown, TcpListener},
	os::unix::fs::{chown, MetadataExt},
	path::PathBuf,
	process::{Command, Output},
	sync::{Arc, Mutex},
	thread,
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// A server on a free port of the loopback, with its data in a folder of its own; stopped when dropped.
struct Server {
	folder: TempDir,
	port: u16,
}

impl Server {
	fn start() -> Self {
		let folder = tempfile::tempdir().unwrap();
		fs::write(folder.path().join("password"), "hush\n").unwrap();
		if is_root() {
			// PostgreSQL refuses to run as root.
			let id = Command::new("id").args(["-u", "postgres"]).output().unwrap();
			let uid = String::from_utf8(id.stdout).unwrap().trim().parse();
			let uid = uid.expect("Debian's package postgresql makes the user postgres: run scripts/setup");
			chown(folder.path(), Some(uid), None).unwrap();
		}
		let server = Self { folder, port: 0 };
		let (data, password) = (server.path("data"), server.path("password"));
		let arguments = ["--pgdata", &data, "--username", "owner", "--pwfile", &password, "--auth=scram-sha-256"];
		let output = server.run("initdb", &[&arguments[..], &["--no-sync", "--encoding=UTF8", "--locale=C"]].concat());
		assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
		server.launch()
	}

	/// Starts it on a port that is free now; if another program takes that first, on another.
	fn launch(mut self) -> Self {
		for _ in 0..10 {
			self.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
			if self.resume() {
				return self;
			}
		}
		panic!("PostgreSQL does not start: {}", fs::read_to_string(self.path("log")).unwrap_or_default());
	}

	/// Starts it on its port and waits until it answers; whether it does.
	fn resume(&self) -> bool {
		let port = self.port;
		let options = format!(
			"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off -c jit=off"
		);
		let (data, log) = (self.path("data"), self.path("log"));
		let arguments = ["--pgdata", &data, "--log", &log, "--options", &options, "--wait", "start"];
		self.run("pg_ctl", &arguments).status.success()
	}

	fn stop(&self) {
		self.run("pg_ctl", &["--pgdata", &self.path("data"), "--mode", "immediate", "--wait", "stop"]);
	}

	fn run(&self, program: &str, arguments: &[&str]) -> Output {
		let program = binaries().join(program);
		let mut command = if is_root() {
			let mut command = Command::new("runuser");
			command.args(["-u", "postgres", "--"]).arg(program);
			command
		} else {
			Command::new(program)
		};
		command.args(arguments).current_dir(self.folder.path()).output().unwrap()
	}

	fn path(&self, name: &str) -> String {
		self.folder.path().join(name).to_str().unwrap().into()
	}

	fn url(&self) -> String {
		format!("postgres://owner:hush@127.0.0.1:{}/postgres", self.port)
	}

	fn table(&self, name: &str) -> Source {
		table_of(&self.url(), name)
	}

	fn query(&self, sql: &str) -> Source {
		Source::Postgres { url: self.url().parse().unwrap(), relation: Relation::Query(sql.into()) }
	}

	/// Does `work` while another session has locked the table.
	fn locking<T>(&self, table: &str, work: impl FnOnce() -> T) -> T {
		let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
		let client = runtime.block_on(async {
			let (client, connection) = tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await.unwrap();
			tokio::spawn(connection);
			client.batch_execute(&format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).await.unwrap();
			client
		});
		let done = work();
		runtime.block_on(client.batch_execute("ROLLBACK")).unwrap();
		done
	}

	fn execute(&self, sql: &str) {
		self.execute_at(&self.url(), sql);
	}

	fn execute_at(&self, url: &str, sql: &str) {
		let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
		runtime.block_on(async {
			let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
			tokio::spawn(connection);
			client.batch_execute(sql).await.unwrap();
		});
	}
}

impl Drop for Server {
	fn drop(&mut self) {
		self.stop();
	}
}

fn is_root() -> bool {
	fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The newest server's programs.
fn binaries() -> PathBuf {
	let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
	let newest = versions.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max();
	newest.expect("these tests need PostgreSQL's server (Debian's package postgresql): run scripts/setup")
}

fn table_of(url: &str, name: &str) -> Source {
	Source::Postgres { url: url.parse().unwrap(), relation: Relation::Table(name.into()) }
}

fn column(name: &str, decimals: u8, bits: u8) -> ColumnSpec {
	ColumnSpec { name: name.into(), decimals, bits }
}

fn rows(source: &Source, columns: &[ColumnSpec]) -> Result<Vec<Vec<i64>>, DataError> {
	let mut rows = vec![];
	let count = scan(source, columns, |row| rows.push(row.to_vec()))?;
	assert_eq!(count, rows.len() as u64);
	Ok(rows)
}

#[test]
fn scan_makes_fixed_point_numbers_of_postgres_cells() {
	let server = Server::start();
	server.execute(
		"CREATE SCHEMA clinic;
		CREATE TABLE clinic.\"odd \"\" name\" (\"A b\" float8, i bigint, n numeric(20, 6), f real, t text);
		INSERT INTO clinic.\"odd \"\" name\" VALUES
			(0.1, 9007199254740993, 17.99, 0.1, 'x'), (1e-7, -1, -0.000001, 1.5, 'y'), (123456.789, 0, 0, 0, 'z');",
	);
	let wanted = [column("n", 6, 30), column("A b", 7, 50), column("i", 0, 62), column("f", 1, 10)];
	let expected = [[17_990_000, 1_000_000, 9_007_199_254_740_993, 1], [-1, 1, -1, 15], [0, 1_234_567_890_000, 0, 0]];
	let source = server.table("clinic.odd \" name");
	assert_eq!(columns(&source).unwrap(), ["A b", "i", "n", "f", "t"]);
	assert_eq!(rows(&source, &wanted).unwrap(), expected);
	assert_eq!(rows(&source, &[]).unwrap().len(), 3);

	let source = server.query("SELECT * FROM clinic.\"odd \"\" name\" WHERE i < 0 -- only one");
	assert_eq!(rows(&source, &wanted).unwrap(), expected[1..2]);

	let schema = infer_schema(&[server.table("clinic.odd \" name")], &[]).unwrap().columns;
	let found = [column("A b", 7, 42), column("i", 0, 55), column("n", 6, 26), column("f", 1, 5)];
	assert_eq!(schema, found);
}

#[test]
fn infer_schema_gives_the_cast_that_makes_numbers_of_a_column_that_is_left_out() {
	let server = Server::start();
	server.execute(
		"CREATE TABLE \"Order\" (\"Select\" int, n numeric, m money, b boolean, d date, a int[], r real, t text,
			stamp timestamptz, clock time, took interval, j jsonb, u uuid, raw bytea, bits bit(4), part int, \"i\"\"d\" money,
			serial int);
		INSERT INTO \"Order\" SELECT 7, 'NaN', 12.5, true, '2024-01-05', '{1,2}', 0.1, 'x',
			'2024-01-05 12:30+00', '12:30', '2 hours', '{\"key\": 1}', gen_random_uuid(), '\\x00', '1010', nullif(v, 3), 1, 5 + v
			FROM generate_series(1, 10) AS v;",
	);
	let inference = infer_schema(&[server.table("Order")], &[]).unwrap();
	assert_eq!(inference.columns, [column("Select", 0, 4), column("r", 1, 2)]);
	let found: Vec<String> =
		inference.left_out.iter().map(|left| format!("{:?} {}", left.reason, left.explanation)).collect();
	let place = server.table("Order").to_string();
	let expected = [
		format!("NotFinite {place}, row 1: \"NaN\" is not a finite number; leave the row out"),
		"Money its type is money; offer it by a query with \"m\"::numeric AS \"m\"".into(),
		"Boolean its type is boolean; offer it by a query with \"b\"::int AS \"b\"".into(),
		"Date its type is date; offer it by a query with \"d\" - DATE '1970-01-01' AS \"d\"".into(),
		"Array its type is an array; offer an item of it by a query with \"a\"[1] AS \"a\"".into(),
		format!("Text it has no numbers, but text: {place}, row 1: \"x\""),
		"Date its type is timestamptz; offer it by a query with extract(epoch FROM \"stamp\") AS \"stamp\"".into(),
		"Date its type is time; offer it by a query with extract(epoch FROM \"clock\") AS \"clock\"".into(),
		"Date its type is interval; offer it by a query with extract(epoch FROM \"took\") AS \"took\"".into(),
		format!("Array {place}, row 1: \"{{\"key\": 1}}\" is not a number but a list; make a column of each item"),
		"Id its type is uuid: it looks like an id, and has no numbers".into(),
		"Type its type is bytea, which has no numbers".into(),
		"Type its type is bit; offer it by a query with \"bits\"::int AS \"bits\"".into(),
		format!("Empty 1 of its 10 cells in {place} is empty, the first in row 3; fill it or leave the row out"),
		"Money its type is money; offer it by a query with \"i\"\"d\"::numeric AS \"i\"\"d\"".into(),
		"Id it has each integer from 6 to 15 once and looks like an id; to offer it all the same, ask for it by its name"
			.into(),
	];
	assert_eq!(found, expected);

	// The casts are what they promise to be.
	let casts = "SELECT m::numeric, b::int, d - DATE '1970-01-01' AS d, a[1] AS a, extract(epoch FROM stamp) AS stamp,
		extract(epoch FROM clock) AS clock, extract(epoch FROM took) AS took, bits::int AS bits
		FROM \"Order\"";
	let inference = infer_schema(&[server.query(casts)], &[]).unwrap();
	assert_eq!(inference.columns.len(), 8);
	let names = ["d", "m", "bits"].map(String::from);
	let columns = infer_schema(&[server.query(casts)], &names).unwrap().columns;
	assert_eq!(rows(&server.query(casts), &columns).unwrap()[0], [19_727, 125, 10]);
}

#[test]
fn scan_works_inside_an_async_runtime() {
	let server = Server::start();
	let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
	let source = server.query("SELECT 1 AS a");
	assert_eq!(runtime.block_on(async { rows(&source, &[column("a", 0, 8)]) }).unwrap(), [[1]]);
}

#[test]
fn scan_streams_many_rows() {
	let server = Server::start();
	let source = server.query("SELECT v + 0.5 AS v, repeat('x', 100) AS note FROM generate_series(1, 300000) AS v");
	let mut sum = 0;
	assert_eq!(scan(&source, &[column("v", 1, 40)], |row| sum += row[0]).unwrap(), 300_000);
	assert_eq!(sum, 300_000 * 300_001 / 2 * 10 + 5 * 300_000);
}

#[test]
fn scan_refuses_bad_tables_and_queries_with_place_and_remedy() {
	let server = Server::start();
	server.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); CREATE SEQUENCE s;");
	let here = format!("PostgreSQL at 127.0.0.1:{}/postgres", server.port);
	for (source, message) in [
		(server.query("SELEKT 1"), "syntax error"),
		(
			server.query("SELECT 1 AS a) AS x; DELETE FROM t; SELECT * FROM (SELECT 1 AS a"),
			"cannot insert multiple commands",
		),
		(server.query("DELETE FROM t RETURNING a"), "syntax error"),
		(server.query("WITH d AS (DELETE FROM t RETURNING a) SELECT a FROM d"), "must be at the top level"),
		(server.query("SELECT nextval('s') AS a"), "in a read-only transaction"),
		(server.query("SELECT 1 AS b"), "has no column \"a\"; it has: b"),
		(server.query("SELECT 1 AS a, 2 AS a"), "has the column \"a\" twice"),
		(server.query("SELECT NULL::int AS a"), "row 1, column \"a\": the cell is empty"),
		(server.query("SELECT 1 AS a UNION ALL SELECT NULL"), "row 2, column \"a\": the cell is empty"),
		(server.query("SELECT 'two' AS a"), "column \"a\": \"two\" is not a number"),
		(
			server.query("SELECT true AS a"),
			"column \"a\" cannot be offered: its type is boolean; offer it by a query with \"a\"::int AS \"a\"",
		),
		(server.query("SELECT B'1010' AS a"), "column \"a\" cannot be offered: its type is bit"),
		(server.query("SELECT 'NaN'::float8 AS a"), "\"NaN\" is not a finite number"),
		(server.query("SELECT '-Infinity'::float8 AS a"), "\"-Infinity\" is not a finite number"),
		(server.query("SELECT 0.1::float8 + 0.2::float8 AS a"), "\"0.30000000000000004\" has 17 decimals"),
		(server.query("SELECT 1024 AS a"), "\"1024\" is too large"),
		(server.query("SELECT 1 / (2 - a) AS a FROM t"), "division by zero"),
	] {
		let error = rows(&source, &[column("a", 0, 10)]).unwrap_err();
		assert!(error.to_string().contains(message), "{source}: {error}");
		assert!(error.to_string().contains(&here), "{source}: {error}");
		assert!(!error.is_transient(), "{error}");
	}
	// What a nightly drop and create makes again.
	for (source, message) in [
		(server.table("none"), "relation \"none\" does not exist; if it is not about to be replaced, correct"),
		(server.table("none.t"), "relation \"none.t\" does not exist"),
		(server.table("t\"; DROP TABLE t; --"), "does not exist"),
		(table_of(&server.url().replace("/postgres", "/none"), "t"), "database \"none\" does not exist"),
	] {
		let error = rows(&source, &[column("a", 0, 10)]).unwrap_err();
		assert!(error.to_string().contains(message), "{source}: {error}");
		assert_eq!(error.retry(), Retry::FewTimes, "{error}");
	}
	assert_eq!(rows(&server.table("t"), &[column("a", 0, 10)]).unwrap(), [[1], [2]]);
}

#[test]
fn scan_fails_with_wrong_password_or_without_privileges() {
	let server = Server::start();
	server.execute("CREATE TABLE t (a int); CREATE USER other PASSWORD 'other';");
	for (user, database, message) in [
		("owner:wrong", "postgres", "password authentication failed"),
		("owner", "postgres", "password missing"),
		("nobody:hush", "postgres", "password authentication failed"),
		("other:other", "postgres", "permission denied"),
	] {
		let url = format!("postgres://{user}@127.0.0.1:{}/{database}", server.port);
		let error = rows(&table_of(&url, "t"), &[column("a", 0, 9)]).unwrap_err();
		assert_eq!(error.retry(), Retry::Never, "{error}");
		assert!(matches!(error, DataError::AccessDenied { .. }), "{error}");
		assert!(error.to_string().contains(message), "{error}");
	}
}

#[test]
fn retry_class_follows_the_cause_of_a_cancelled_query() {
	let server = Server::start();
	// The functions and views of a replica that cancels queries, and of a table that is locked.
	server.execute(
		"CREATE FUNCTION fail(code text) RETURNS int LANGUAGE plpgsql STABLE AS $$
		BEGIN RAISE EXCEPTION 'failed' USING ERRCODE = code; END $$;
		CREATE VIEW replica AS SELECT fail('40001') AS x; CREATE VIEW locked AS SELECT fail('55P03') AS x;
		CREATE TABLE t (x int); INSERT INTO t VALUES (1);",
	);
	for (source, retry, message) in [
		(server.table("replica"), Retry::UntilDeadline, "SQLSTATE 40001"),
		(server.table("locked"), Retry::UntilDeadline, "SQLSTATE 55P03"),
		(server.query("SELECT fail('53300') AS x"), Retry::UntilDeadline, "SQLSTATE 53300"),
		(server.query("SELECT fail('58030') AS x"), Retry::FewTimes, "SQLSTATE 58030"),
		(server.query("SELECT fail('P0001') AS x"), Retry::Never, "SQLSTATE P0001"),
		(server.query("SELECT 1 / 0 AS x"), Retry::Never, "SQLSTATE 22012"),
	] {
		let error = rows(&source, &[column("x", 0, 8)]).unwrap_err();
		assert_eq!(error.retry(), retry, "{error}");
		assert!(error.to_string().contains(message), "{error}");
	}
	for (option, sql, retry, message) in [
		("statement_timeout=50", "SELECT 1 AS x FROM pg_sleep(60)", Retry::FewTimes, "statement timeout"),
		("lock_timeout=50", "SELECT x FROM t", Retry::UntilDeadline, "lock timeout"),
	] {
		let url = format!("{}?options=-c%20{option}", server.url());
		let source = Source::Postgres { url: url.parse().unwrap(), relation: Relation::Query(sql.into()) };
		let error = server.locking("t", || rows(&source, &[column("x", 0, 8)]).unwrap_err());
		assert_eq!(error.retry(), retry, "{error}");
		assert!(error.to_string().contains(message), "{error}");
	}
	assert_eq!(rows(&server.table("t"), &[column("x", 0, 8)]).unwrap(), [[1]]);
}

#[test]
fn error_is_transient_when_server_has_too_many_connections() {
	let server = Server::start();
	server.execute("CREATE TABLE t (x int); CREATE USER reader PASSWORD 'reader' CONNECTION LIMIT 0;");
	let url = format!("postgres://reader:reader@127.0.0.1:{}/postgres", server.port);
	let error = columns(&table_of(&url, "t")).unwrap_err();
	assert_eq!(error.retry(), Retry::UntilDeadline, "{error}");
	assert!(error.to_string().contains("too many connections"), "{error}");
}

/// All that is logged in this process, by any crate and of any level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
	fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
		self.0.lock().unwrap().extend_from_slice(bytes);
		Ok(bytes.len())
	}

	fn flush(&mut self) -> io::Result<()> {
		Ok(())
	}
}

#[test]
fn errors_and_logs_show_no_part_of_a_password() {
	const PASSWORD: &str = "zq'K@v/x#7%j W";
	const ENCODED: &str = "zq'K%40v%2Fx%237%25j%20W";
	let log = Log::default();
	let writer = log.clone();
	let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
	subscriber.with_writer(move || writer.clone()).init();

	let server = Server::start();
	server.execute(&format!(
		"CREATE TABLE t (a int); CREATE USER reader PASSWORD '{}'; GRANT SELECT ON t TO reader;
		CREATE FUNCTION fail(text) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE EXCEPTION '%', $1; END $$;",
		PASSWORD.replace('\'', "''")
	));
	let (port, silent) = (server.port, TcpListener::bind("127.0.0.1:0").unwrap());
	let keys = PASSWORD.replace('\'', "\\'");
	let good = format!("postgres://reader:{ENCODED}@127.0.0.1:{port}/postgres");
	assert_eq!(rows(&table_of(&good, "t"), &[column("a", 0, 9)]).unwrap(), Vec::<Vec<i64>>::new());
	let of_keys = format!("host=127.0.0.1 port={port} user=reader dbname=postgres password='{keys}'");
	assert_eq!(columns(&table_of(&of_keys, "t")).unwrap(), ["a"]);

	let quoted = PASSWORD.replace('\'', "''");
	let queries = [
		format!("SELECT fail('{quoted}') AS a"),
		format!("SELECT '{quoted}'::int AS a"),
		format!("SELECT 1 AS a FROM \"{PASSWORD}\""),
		format!("SELECT {PASSWORD}"),
		format!("SELECT fail('host=x user=y password=''{quoted}'' dbname=z') AS a"),
		format!("SELECT fail('postgres://reader:{ENCODED}@h/d') AS a"),
	];
	let parsed = |url: &str| url.parse::<ConnectionUrl>();
	let query = |sql: &String| Source::Postgres { url: good.parse().unwrap(), relation: Relation::Query(sql.clone()) };
	let mut failures: Vec<DataError> =
		queries.iter().map(|sql| rows(&query(sql), &[column("a", 0, 9)]).unwrap_err()).collect();
	for url in [
		// Refused when it is read.
		format!("postgres://reader:{PASSWORD}@127.0.0.1:{port}/postgres"),
		format!("postgres://reader:{ENCODED}@127.0.0.1:port/postgres"),
		format!("postgres://reader@127.0.0.1:{port}/postgres?password={PASSWORD}"),
		format!("postgres://reader@127.0.0.1:{port}/postgres?pwd={ENCODED}"),
		format!("host=127.0.0.1 user=reader password={PASSWORD}"),
		format!("host=127.0.0.1 user=reader password='{PASSWORD}'"),
		format!("reader:{PASSWORD}@127.0.0.1/postgres"),
		// Refused by the server, or without a server.
		format!("postgres://reader:{ENCODED}x@127.0.0.1:{port}/postgres"),
		format!("postgres://owner:{ENCODED}@127.0.0.1:{port}/postgres"),
		format!("postgres://reader:{ENCODED}@127.0.0.1:{port}/none"),
		format!("postgres://reader:{ENCODED}@127.0.0.1:1/postgres"),
		format!("postgres://reader:{ENCODED}@no-such-host.invalid/postgres"),
		format!("postgres://reader:{ENCODED}@{}/postgres?connect_timeout=1", silent.local_addr().unwrap()),
		format!("postgres://reader:{ENCODED}@127.0.0.1:{port}/postgres?options=-c%20no_such_option%3D1"),
		format!("postgres://reader@127.0.0.1:{port}/postgres?password={ENCODED}x"),
	] {
		failures.push(match parsed(&url) {
			Err(error) => error,
			Ok(url) => columns(&Source::Postgres { url, relation: Relation::Table("t".into()) }).unwrap_err(),
		});
	}
	failures.push(columns(&table_of(&good, "none")).unwrap_err());
	failures.push(rows(&table_of(&good, "t"), &[column("b", 0, 9)]).unwrap_err());

	let mut shown: Vec<String> = failures.iter().map(|error| format!("{error} {error:?}")).collect();
	shown.push(format!("{:?}", table_of(&good, "t")));
	let parts = |secret: &str| -> Vec<String> {
		secret.chars().collect::<Vec<_>>().windows(4).map(|part| part.iter().collect()).collect()
	};
	for secret in [PASSWORD, ENCODED] {
		for part in parts(secret) {
			for text in &shown {
				assert!(!text.contains(&part), "{part} is in {text}");
			}
		}
	}
	// The client logs the queries that it sends, hence what is in them; nothing else.
	let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
	assert!(log.contains("preparing query"), "the log is not read");
	for line in log.lines().filter(|line| !line.contains("query") && !line.contains("statement batch")) {
		for part in parts(PASSWORD).iter().chain(&parts(ENCODED)) {
			assert!(!line.contains(part), "{part} is in {line}");
		}
	}
}

#[test]
fn error_is_transient_when_database_is_down() {
	let server = Server::start();
	server.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (7);");
	let (source, wanted) = (server.table("t"), [column("a", 0, 8)]);
	assert_eq!(rows(&source, &wanted).unwrap(), [[7]]);
	server.stop();
	let error = rows(&source, &wanted).unwrap_err();
	assert!(error.is_transient() && error.to_string().contains("refused"), "{error}");
	assert!(server.resume());
	assert_eq!(rows(&source, &wanted).unwrap(), [[7]]);
}

#[test]
fn error_is_transient_when_database_dies_during_a_scan() {
	let server = Server::start();
	// Far more than sockets hold.
	let source = server.query("SELECT v AS a, repeat('x', 100) AS note FROM generate_series(1, 10000000) AS v");
	let mut seen = 0;
	let error = scan(&source, &[column("a", 0, 30)], |row| {
		seen = row[0];
		if seen == 1000 {
			server.stop();
		}
	})
	.unwrap_err();
	assert!(error.is_transient(), "{error}");
	assert!((1000..10_000_000).contains(&seen), "{seen}");
}

/// A server that gives one client this answer to its greeting, and hangs up.
fn answering(answer: &'static [u8]) -> String {
	let listener = TcpListener::bind("127.0.0.1:0").unwrap();
	let url = format!("postgres://owner:hush@{}/postgres?sslmode=disable", listener.local_addr().unwrap());
	thread::spawn(move || {
		let (mut stream, _) = listener.accept().unwrap();
		let mut length = [0; 4];
		stream.read_exact(&mut length).unwrap();
		stream.read_exact(&mut vec![0; u32::from_be_bytes(length) as usize - 4]).unwrap();
		stream.write_all(answer).unwrap();
		stream.shutdown(Shutdown::Write).unwrap();
		let _ = stream.read_to_end(&mut vec![]);
	});
	url
}

#[test]
fn retry_class_of_other_protocol_differs_from_that_of_unreachable_server() {
	for (name, answer, retry, message) in [
		("Kerberos asked for", &b"R\0\0\0\x08\0\0\0\x02"[..], Retry::Never, "authentication"),
		("an unknown message", b"Z\0\0\0\x05I", Retry::FewTimes, "unexpected message"),
		("another protocol", b"HTTP/1.1 400 Bad Request\r\n\r\n", Retry::UntilDeadline, "server"),
		("nothing", b"", Retry::UntilDeadline, "connection closed"),
		("starting up", b"E\0\0\0\x1dSFATAL\0C57P03\0Mstarting\0\0", Retry::UntilDeadline, "SQLSTATE 57P03: starting"),
		("TLS wanted", b"E\0\0\0\x18SFATAL\0C28000\0MTLS\0\0", Retry::Never, "SQLSTATE 28000: TLS"),
	] {
		let error = columns(&table_of(&answering(answer), "t")).unwrap_err();
		assert_eq!(error.retry(), retry, "{name}: {error}");
		assert!(error.to_string().contains(message), "{name}: {error}");
	}
}

#[test]
fn scan_fails_after_timeout_when_server_never_answers() {
	let silent = TcpListener::bind("127.0.0.1:0").unwrap();
	let url = format!("postgres://owner@{}/postgres?connect_timeout=1", silent.local_addr().unwrap());
	let started = Instant::now();
	let error = columns(&table_of(&url, "t")).unwrap_err();
	assert!(error.is_transient() && error.to_string().contains("within 1 s"), "{error}");
	assert!(started.elapsed() < Duration::from_secs(9));
}

#[test]
fn scan_reads_from_next_host_when_one_is_silent_or_away() {
	let server = Server::start();
	server.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (7);");
	let silent = TcpListener::bind("127.0.0.1:0").unwrap();
	let (port, silent) = (server.port, silent.local_addr().unwrap().port());
	let rest = "user=owner password=hush dbname=postgres connect_timeout=1";
	for url in [
		format!("host=127.0.0.1,127.0.0.1 port={silent},{port} {rest}"),
		format!("hostaddr=127.0.0.1,127.0.0.1 port={silent},{port} {rest}"),
		format!("host=no-such-host.invalid,127.0.0.1 port={port} {rest}"),
		format!("host=/nonexistent,127.0.0.1 port={port} {rest}"),
		format!("host=127.0.0.1,127.0.0.1,127.0.0.1 port=1,{silent},{port} {rest}"),
		format!("postgres://owner:hush@127.0.0.1:{silent},127.0.0.1:{port}/postgres?connect_timeout=1"),
	] {
		assert_eq!(rows(&table_of(&url, "t"), &[column("a", 0, 8)]).unwrap(), [[7]], "{url}");
	}
	// One that may answer later is worth another try, whatever the others say.
	for ports in [format!("{silent},{port}"), format!("{port},{silent}")] {
		let url = format!("host=127.0.0.1,127.0.0.1 port={ports} {rest}").replace("hush", "wrong");
		assert_eq!(columns(&table_of(&url, "t")).unwrap_err().retry(), Retry::UntilDeadline);
	}
	let url = format!("host=127.0.0.1,127.0.0.1 port={port},{port},{port} {rest}");
	assert_eq!(columns(&table_of(&url, "t")).unwrap_err().retry(), Retry::Never);
}

#[test]
fn infer_schema_leaves_out_text_of_an_ascii_database_that_is_not_utf8() {
	let server = Server::start();
	server.execute("CREATE DATABASE old ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
	let url = server.url().replace("/postgres", "/old");
	server.execute_at(
		&url,
		"CREATE TABLE t (age int, name text, code text);
		INSERT INTO t VALUES (30, '12', '1.5');
		INSERT INTO t VALUES (40, convert_from('\\x52656ee9', 'SQL_ASCII'), '2.5');
		CREATE TABLE garbled (a int);
		DO $$ BEGIN EXECUTE convert_from('\\x414c544552205441424c4520676172626c65642041444420e920696e74', 'SQL_ASCII'); END $$;",
	);
	let source = table_of(&url, "t");
	let inference = infer_schema(std::slice::from_ref(&source), &[]).unwrap();
	assert_eq!(inference.columns, [column("age", 0, 7), column("code", 1, 6)]);
	let [left_out] = &inference.left_out[..] else { panic!("{:?}", inference.left_out) };
	assert_eq!((left_out.name.as_str(), left_out.reason), ("name", Reason::Encoding));
	let convert = "convert_from(convert(convert_to(x, 'SQL_ASCII'), 'LATIN1', 'UTF8'), 'SQL_ASCII') AS x";
	assert!(left_out.explanation.contains("row 2") && left_out.explanation.contains(convert), "{left_out}");
	assert_eq!(rows(&source, &inference.columns).unwrap(), [[30, 15], [40, 25]]);
	let sql =
		format!("SELECT age, {} FROM t WHERE age = 40", convert.replace('x', "name").replace(" AS name", " AS text"));
	let relation = Relation::Query(sql);
	let inference = infer_schema(&[Source::Postgres { url: url.parse().unwrap(), relation }], &[]).unwrap();
	assert!(inference.left_out[0].explanation.ends_with("\"René\""), "{:?}", inference.left_out);
	// A name that is not UTF-8, which no query can be prepared with.
	let error = columns(&table_of(&url, "garbled")).unwrap_err();
	assert!(error.to_string().contains("SQLSTATE 22021") && error.to_string().contains(convert), "{error}");
	assert_eq!(error.retry(), Retry::Never);
}

#[test]
fn infer_schema_remarks_on_points_in_text_that_may_separate_thousands() {
	let server = Server::start();
	for (value, remarks) in
		[("'1.234'::text", 1), ("'1.234'::varchar", 1), ("1.234", 0), ("1.234::float8", 0), ("1.234::real", 0)]
	{
		let source = server.query(&format!("SELECT {value} AS x"));
		assert_eq!(infer_schema(&[source], &[]).unwrap().remarks.len(), remarks, "{value}");
	}
}
