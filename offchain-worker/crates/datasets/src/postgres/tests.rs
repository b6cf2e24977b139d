//! Limits of waiting, over a server that falls silent.

use super::*;
use crate::Retry;
use std::{
	io::{Read, Write},
	net::{TcpListener, TcpStream},
	sync::mpsc,
	time::{Duration, Instant},
};

/// The code of a request to cancel, where others have the protocol's version.
const CANCEL: u32 = 80_877_102;

/// Counts rows.
struct Count(u64);

impl CellSink for Count {
	type Error = DataError;

	fn cell(&mut self, _: usize, _: Result<CellText<'_>, CellFault>, _: RowPosition<'_>) -> Result<(), DataError> {
		Ok(())
	}

	fn end_row(&mut self) -> Result<(), DataError> {
		self.0 += 1;
		Ok(())
	}
}

/// A message of the server.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
	[&[kind], &(body.len() as u32 + 4).to_be_bytes()[..], body].concat()
}

/// The server's answer to a message of the client in a table `t` with a text `a`; the rows are left to the caller.
fn answer(kind: u8) -> Vec<u8> {
	match kind {
		b'Q' => [message(b'C', b"BEGIN\0"), message(b'Z', b"T")].concat(),
		b'P' => message(b'1', b""),
		b'D' => {
			// Name, no table, type text of any length, as text.
			let column = [&b"a\0"[..], &[0; 6], &25u32.to_be_bytes(), &[0xff; 6], &[0; 2]].concat();
			let columns = [&1u16.to_be_bytes()[..], &column].concat();
			[message(b't', &[0, 0]), message(b'T', &columns)].concat()
		},
		b'B' => message(b'2', b""),
		b'C' => message(b'3', b""),
		b'S' => message(b'Z', b"T"),
		_ => vec![],
	}
}

fn read_body(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
	let mut length = [0; 4];
	stream.read_exact(&mut length)?;
	let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
	stream.read_exact(&mut body)?;
	Ok(body)
}

/// Answers until the `nth` message of a `kind`, or to all with `rows` rows and no end, and waits until the client leaves.
fn converse(stream: &mut TcpStream, (kind, nth): (u8, usize), rows: usize) -> std::io::Result<()> {
	stream.write_all(&[message(b'R', &[0; 4]), message(b'K', &[0; 8]), message(b'Z', b"I")].concat())?;
	let mut seen = 0;
	loop {
		let mut found = [0];
		stream.read_exact(&mut found)?;
		read_body(stream)?;
		seen += usize::from(found == [kind]);
		if seen == nth {
			let row = message(b'D', b"\0\x01\0\0\0\x017");
			stream.write_all(&row.repeat(rows))?;
			return stream.read_to_end(&mut vec![]).map(drop);
		}
		stream.write_all(&answer(found[0]))?;
	}
}

/// A server that falls silent; its URL, and what tells that it was asked to cancel.
fn falling_silent(at: (u8, usize), rows: usize) -> (ConnectionUrl, mpsc::Receiver<()>) {
	let listener = TcpListener::bind("127.0.0.1:0").unwrap();
	let url = format!("postgres://u@{}/d", listener.local_addr().unwrap());
	let (cancelled, receiver) = mpsc::channel();
	thread::spawn(move || {
		for stream in listener.incoming() {
			let (mut stream, cancelled) = (stream.unwrap(), cancelled.clone());
			thread::spawn(move || {
				let start = read_body(&mut stream).unwrap();
				if start.starts_with(&CANCEL.to_be_bytes()) {
					return cancelled.send(()).unwrap();
				}
				let _ = converse(&mut stream, at, rows);
			});
		}
	});
	(url.parse().unwrap(), receiver)
}

#[test]
fn read_fails_for_now_and_cancels_when_server_falls_silent() {
	let limits = Limits { start: Duration::from_millis(400), row: Duration::from_millis(400) };
	for (name, at, rows) in [
		("at the transaction", (b'Q', 1), 0),
		("at the columns", (b'P', 1), 0),
		("at the query", (b'P', 2), 0),
		("at the first row", (b'E', 1), 0),
		("after some rows", (b'E', 1), 3),
	] {
		let (url, cancelled) = falling_silent(at, rows);
		let (began, mut count) = (Instant::now(), Count(0));
		let relation = Relation::Table("t".into());
		let error = read_within(limits, &url, &relation, "t", &["a"], &mut count).unwrap_err();
		assert_eq!(error.retry(), Retry::UntilDeadline, "{name}: {error}");
		assert!(error.to_string().contains("no answer within"), "{name}: {error}");
		assert!(began.elapsed() < Duration::from_secs(5), "{name}");
		assert_eq!(count.0, rows as u64, "{name}");
		assert!(cancelled.recv_timeout(Duration::from_secs(5)).is_ok(), "{name}: the server goes on");
	}
}

#[test]
fn limits_leave_time_for_another_attempt_in_a_stage() {
	const STAGE: Duration = Duration::from_secs(300);
	assert!(2 * (LIMITS.start + LIMITS.row) < STAGE);
}
