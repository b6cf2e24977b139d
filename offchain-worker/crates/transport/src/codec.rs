//! The encoding of requests and responses: see the table of the [crate](crate).

use crate::pace::Pace;
use async_trait::async_trait;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::{request_response, StreamProtocol};
use std::io;
use tokio::time::{timeout_at, Instant};

/// The maximal length of a piece of a blob in a response, in bytes.
pub const MAX_CHUNK: usize = 1024 * 1024;

pub(crate) const PROTOCOL: StreamProtocol = StreamProtocol::new("/encrytrust/blob/2");

const PIECE: u8 = 0;
const OFFER: u8 = 1;

/// How much of a piece is written before its pace is looked at.
const WRITTEN_AT_ONCE: usize = 64 * 1024;

const NOT_FOUND: u8 = 0;
const CHUNK: u8 = 1;
const TAKEN: u8 = 2;
const REFUSED: u8 = 3;

/// A request of one worker to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
	/// A piece of a blob.
	Piece { digest: [u8; 32], offset: u64 },
	/// To take a blob of this length.
	Offer { digest: [u8; 32], length: u64 },
}

impl Request {
	/// The blob that is requested or offered.
	pub(crate) fn digest(&self) -> [u8; 32] {
		let (Self::Piece { digest, .. } | Self::Offer { digest, .. }) = self;
		*digest
	}
}

/// The response to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Response {
	NotFound,
	Chunk { total: u64, bytes: Vec<u8> },
	Taken,
	Refused(Refusal),
}

/// Why an offered blob was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
	/// No job that the worker knows of needs the blob yet.
	#[error("it does not want the blob, or does not know yet that it will; try again")]
	Unwanted,
	/// The blob is longer than the worker takes.
	#[error("the blob is longer than it takes")]
	TooLong,
	/// The worker is taking as many blobs as it can.
	#[error("it is busy with other offers; try again")]
	Busy,
	/// The worker could not fetch or keep the blob.
	#[error("it could not fetch or keep the blob; try again")]
	Failed,
}

impl Refusal {
	const ALL: [Self; 4] = [Self::Unwanted, Self::TooLong, Self::Busy, Self::Failed];
}

/// Reads and writes requests and responses, never more than their maximal length. A piece is given up as soon as its peer
/// falls behind the pace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlobCodec {
	pace: Pace,
}

impl Default for BlobCodec {
	fn default() -> Self {
		Self { pace: Pace::RESPONSE }
	}
}

#[async_trait]
impl request_response::Codec for BlobCodec {
	type Protocol = StreamProtocol;
	type Request = Request;
	type Response = Response;

	async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Request>
	where
		T: AsyncRead + Unpin + Send,
	{
		let [kind] = read(io).await?;
		let digest = read(io).await?;
		let number = u64::from_le_bytes(read(io).await?);
		let request = match kind {
			PIECE => Request::Piece { digest, offset: number },
			OFFER => Request::Offer { digest, length: number },
			_ => return Err(invalid("an unknown kind of request")),
		};
		end(io).await?;
		Ok(request)
	}

	async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Response>
	where
		T: AsyncRead + Unpin + Send,
	{
		let response = match read(io).await? {
			[NOT_FOUND] => Response::NotFound,
			[CHUNK] => {
				let total = u64::from_le_bytes(read(io).await?);
				let length = u32::from_le_bytes(read(io).await?) as usize;
				if length > MAX_CHUNK {
					return Err(invalid("a piece longer than 1 MiB"));
				}
				let mut bytes = vec![0; length];
				io.read_exact(&mut bytes).await?;
				Response::Chunk { total, bytes }
			},
			[TAKEN] => Response::Taken,
			[REFUSED] => {
				let [reason] = read(io).await?;
				let reason = Refusal::ALL.get(usize::from(reason)).ok_or_else(|| invalid("an unknown refusal"))?;
				Response::Refused(*reason)
			},
			_ => return Err(invalid("an unknown kind of response")),
		};
		end(io).await?;
		Ok(response)
	}

	async fn write_request<T>(&mut self, _: &StreamProtocol, io: &mut T, request: Request) -> io::Result<()>
	where
		T: AsyncWrite + Unpin + Send,
	{
		let (kind, digest, number) = match request {
			Request::Piece { digest, offset } => (PIECE, digest, offset),
			Request::Offer { digest, length } => (OFFER, digest, length),
		};
		io.write_all(&[kind]).await?;
		io.write_all(&digest).await?;
		io.write_all(&number.to_le_bytes()).await
	}

	async fn write_response<T>(&mut self, _: &StreamProtocol, io: &mut T, response: Response) -> io::Result<()>
	where
		T: AsyncWrite + Unpin + Send,
	{
		let (total, bytes) = match response {
			Response::Chunk { total, bytes } => (total, bytes),
			Response::NotFound => return io.write_all(&[NOT_FOUND]).await,
			Response::Taken => return io.write_all(&[TAKEN]).await,
			Response::Refused(reason) => return io.write_all(&[REFUSED, reason as u8]).await,
		};
		let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= MAX_CHUNK);
		let length = length.ok_or_else(|| invalid("a piece longer than 1 MiB"))?;
		let began = Instant::now();
		let head = [&[CHUNK][..], &total.to_le_bytes(), &length.to_le_bytes()].concat();
		let mut written = 0;
		for part in std::iter::once(&head[..]).chain(bytes.chunks(WRITTEN_AT_ONCE)) {
			written += part.len() as u64;
			let in_time = timeout_at(began + self.pace.allowed(written), io.write_all(part)).await;
			in_time.map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "the peer does not read"))??;
		}
		Ok(())
	}
}

async fn read<const N: usize>(io: &mut (impl AsyncRead + Unpin)) -> io::Result<[u8; N]> {
	let mut bytes = [0; N];
	io.read_exact(&mut bytes).await?;
	Ok(bytes)
}

/// Checks that nothing follows the message.
async fn end(io: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
	match io.read(&mut [0]).await? {
		0 => Ok(()),
		_ => Err(invalid("bytes after the message")),
	}
}

fn invalid(what: &str) -> io::Error {
	io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
	use super::*;
	use futures::io::Cursor;
	use libp2p::request_response::Codec;
	use proptest::prelude::*;
	use std::{
		future::Future,
		pin::Pin,
		task::{Context, Poll},
		time::Duration,
	};

	/// Runs what needs the time.
	fn block_on<T>(future: impl Future<Output = T>) -> T {
		tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
	}

	fn codec() -> BlobCodec {
		BlobCodec::default()
	}

	fn read_request(bytes: &[u8]) -> io::Result<Request> {
		block_on(codec().read_request(&PROTOCOL, &mut Cursor::new(bytes)))
	}

	fn read_response(bytes: &[u8]) -> io::Result<Response> {
		block_on(codec().read_response(&PROTOCOL, &mut Cursor::new(bytes)))
	}

	fn written_request(request: Request) -> Vec<u8> {
		let mut bytes = vec![];
		block_on(codec().write_request(&PROTOCOL, &mut Cursor::new(&mut bytes), request)).unwrap();
		bytes
	}

	fn written_response(response: Response) -> Vec<u8> {
		let mut bytes = vec![];
		block_on(codec().write_response(&PROTOCOL, &mut Cursor::new(&mut bytes), response)).unwrap();
		bytes
	}

	/// Takes so many bytes, and then no more.
	struct Stalled(usize);

	impl AsyncWrite for Stalled {
		fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
			let taken = bytes.len().min(self.0);
			self.0 -= taken;
			if taken == 0 {
				Poll::Pending
			} else {
				Poll::Ready(Ok(taken))
			}
		}

		fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
			Poll::Ready(Ok(()))
		}

		fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
			Poll::Ready(Ok(()))
		}
	}

	#[test]
	fn piece_that_is_not_read_is_given_up() {
		let length = 200_000;
		let message = 1 + 8 + 4 + length;
		let write = |taken: usize| {
			let mut codec = BlobCodec { pace: Pace::new(Duration::from_millis(20), 20_000_000) };
			let chunk = Response::Chunk { total: length as u64, bytes: vec![0; length] };
			block_on(codec.write_response(&PROTOCOL, &mut Stalled(taken), chunk)).map_err(|error| error.kind())
		};
		assert_eq!(write(message), Ok(()));
		for taken in [0, 5, 13, 13 + WRITTEN_AT_ONCE, message - 1] {
			assert_eq!(write(taken), Err(io::ErrorKind::TimedOut), "{taken}");
		}
	}

	#[test]
	fn messages_are_encoded_as_documented() {
		let number = [2, 1, 0, 0, 0, 0, 0, 0];
		let request = Request::Piece { digest: [7; 32], offset: 0x0102 };
		assert_eq!(written_request(request), [&[0][..], &[7; 32], &number].concat());
		let offer = Request::Offer { digest: [7; 32], length: 0x0102 };
		assert_eq!(written_request(offer), [&[1][..], &[7; 32], &number].concat());
		assert_eq!(written_response(Response::NotFound), [0]);
		assert_eq!(written_response(Response::Taken), [2]);
		for (index, reason) in Refusal::ALL.into_iter().enumerate() {
			assert_eq!(written_response(Response::Refused(reason)), [3, index as u8]);
		}
		let chunk = Response::Chunk { total: 3, bytes: vec![8, 9] };
		assert_eq!(written_response(chunk), [1, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 8, 9]);
	}

	#[test]
	fn decode_fails_for_other_bytes() {
		let chunk = |length: u32, bytes: usize| {
			let mut message = vec![1, 9, 0, 0, 0, 0, 0, 0, 0];
			message.extend(length.to_le_bytes());
			message.resize(message.len() + bytes, 5);
			message
		};
		assert!(read_response(&chunk(MAX_CHUNK as u32, MAX_CHUNK)).is_ok());
		for (name, bytes) in [
			("nothing", vec![]),
			("an unknown kind", vec![4]),
			("an unknown refusal", vec![3, 4]),
			("a refusal without reason", vec![3]),
			("bytes after it", vec![0, 0]),
			("a short piece", chunk(5, 4)),
			("a long piece", chunk(5, 6)),
			("a piece that is too long", chunk(MAX_CHUNK as u32 + 1, MAX_CHUNK + 1)),
			("a piece that is far too long", chunk(u32::MAX, 0)),
		] {
			assert!(read_response(&bytes).is_err(), "{name}");
		}
		for length in [0, 1, 40, 42] {
			assert!(read_request(&vec![0; length]).is_err(), "{length}");
		}
		assert!(read_request(&[2; 41]).is_err(), "an unknown kind of request");
		let chunk = Response::Chunk { total: 0, bytes: vec![0; MAX_CHUNK + 1] };
		assert!(block_on(codec().write_response(&PROTOCOL, &mut Cursor::new(vec![]), chunk)).is_err());
	}

	proptest! {
		#[test]
		fn response_round_trips(total: u64, bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
			let chunk = Response::Chunk { total, bytes };
			prop_assert_eq!(read_response(&written_response(chunk.clone())).unwrap(), chunk);
		}

		#[test]
		fn request_round_trips(digest: [u8; 32], number: u64) {
			for request in [Request::Piece { digest, offset: number }, Request::Offer { digest, length: number }] {
				prop_assert_eq!(read_request(&written_request(request)).unwrap(), request);
			}
		}

		#[test]
		fn decode_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
			let _ = (read_request(&bytes), read_response(&bytes));
		}
	}
}
