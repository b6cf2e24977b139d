//! The bytes of a request and a response: see the [crate's](crate) table.

use async_trait::async_trait;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::{request_response, StreamProtocol};
use std::io;

/// The longest piece of a blob in a response, in bytes.
pub const MAX_CHUNK: usize = 1024 * 1024;

pub(crate) const PROTOCOL: StreamProtocol = StreamProtocol::new("/encrytrust/blob/1");

const NOT_FOUND: u8 = 0;
const CHUNK: u8 = 1;

/// Asks for a piece of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request {
	pub(crate) digest: [u8; 32],
	pub(crate) offset: u64,
}

/// The piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Response {
	NotFound,
	Chunk { total: u64, bytes: Vec<u8> },
}

/// Reads and writes both, never more than they may be long.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BlobCodec;

#[async_trait]
impl request_response::Codec for BlobCodec {
	type Protocol = StreamProtocol;
	type Request = Request;
	type Response = Response;

	async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Request>
	where
		T: AsyncRead + Unpin + Send,
	{
		let request = Request { digest: read(io).await?, offset: u64::from_le_bytes(read(io).await?) };
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
			_ => return Err(invalid("an unknown kind of response")),
		};
		end(io).await?;
		Ok(response)
	}

	async fn write_request<T>(&mut self, _: &StreamProtocol, io: &mut T, request: Request) -> io::Result<()>
	where
		T: AsyncWrite + Unpin + Send,
	{
		io.write_all(&request.digest).await?;
		io.write_all(&request.offset.to_le_bytes()).await
	}

	async fn write_response<T>(&mut self, _: &StreamProtocol, io: &mut T, response: Response) -> io::Result<()>
	where
		T: AsyncWrite + Unpin + Send,
	{
		let Response::Chunk { total, bytes } = response else { return io.write_all(&[NOT_FOUND]).await };
		let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= MAX_CHUNK);
		let length = length.ok_or_else(|| invalid("a piece longer than 1 MiB"))?;
		io.write_all(&[CHUNK]).await?;
		io.write_all(&total.to_le_bytes()).await?;
		io.write_all(&length.to_le_bytes()).await?;
		io.write_all(&bytes).await
	}
}

async fn read<const N: usize>(io: &mut (impl AsyncRead + Unpin)) -> io::Result<[u8; N]> {
	let mut bytes = [0; N];
	io.read_exact(&mut bytes).await?;
	Ok(bytes)
}

/// Nothing comes after a message.
async fn end(io: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
	match io.read(&mut [0]).await? {
		0 => Ok(()),
		_ => Err(invalid("bytes behind the message")),
	}
}

fn invalid(what: &str) -> io::Error {
	io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
	use super::*;
	use futures::{executor::block_on, io::Cursor};
	use libp2p::request_response::Codec;
	use proptest::prelude::*;

	fn read_request(bytes: &[u8]) -> io::Result<Request> {
		block_on(BlobCodec.read_request(&PROTOCOL, &mut Cursor::new(bytes)))
	}

	fn read_response(bytes: &[u8]) -> io::Result<Response> {
		block_on(BlobCodec.read_response(&PROTOCOL, &mut Cursor::new(bytes)))
	}

	fn written(response: Response) -> Vec<u8> {
		let mut bytes = vec![];
		block_on(BlobCodec.write_response(&PROTOCOL, &mut Cursor::new(&mut bytes), response)).unwrap();
		bytes
	}

	#[test]
	fn the_bytes_are_those_of_the_table() {
		let mut bytes = vec![];
		let request = Request { digest: [7; 32], offset: 0x0102 };
		block_on(BlobCodec.write_request(&PROTOCOL, &mut Cursor::new(&mut bytes), request)).unwrap();
		assert_eq!(bytes, [&[7; 32][..], &[2, 1, 0, 0, 0, 0, 0, 0]].concat());
		assert_eq!(written(Response::NotFound), [0]);
		let chunk = Response::Chunk { total: 3, bytes: vec![8, 9] };
		assert_eq!(written(chunk), [1, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 8, 9]);
	}

	#[test]
	fn other_bytes_are_refused() {
		let chunk = |length: u32, bytes: usize| {
			let mut message = vec![1, 9, 0, 0, 0, 0, 0, 0, 0];
			message.extend(length.to_le_bytes());
			message.resize(message.len() + bytes, 5);
			message
		};
		assert!(read_response(&chunk(MAX_CHUNK as u32, MAX_CHUNK)).is_ok());
		for (name, bytes) in [
			("nothing", vec![]),
			("an unknown kind", vec![2]),
			("bytes behind it", vec![0, 0]),
			("a short piece", chunk(5, 4)),
			("a long piece", chunk(5, 6)),
			("a piece that is too long", chunk(MAX_CHUNK as u32 + 1, MAX_CHUNK + 1)),
			("a piece that is far too long", chunk(u32::MAX, 0)),
		] {
			assert!(read_response(&bytes).is_err(), "{name}");
		}
		for length in [0, 39, 41] {
			assert!(read_request(&vec![0; length]).is_err(), "{length}");
		}
		let chunk = Response::Chunk { total: 0, bytes: vec![0; MAX_CHUNK + 1] };
		assert!(block_on(BlobCodec.write_response(&PROTOCOL, &mut Cursor::new(vec![]), chunk)).is_err());
	}

	proptest! {
		#[test]
		fn a_response_reads_back(total: u64, bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
			let chunk = Response::Chunk { total, bytes };
			prop_assert_eq!(read_response(&written(chunk.clone())).unwrap(), chunk);
		}

		#[test]
		fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
			let _ = (read_request(&bytes), read_response(&bytes));
		}
	}
}
