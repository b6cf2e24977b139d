//! A blob out of its pieces.

use crate::codec::{Request, Response};
use sha2::{Digest as _, Sha256};
use std::future::Future;
use tokio::task;

/// Why the pieces make no blob.
pub(crate) enum Flaw<E> {
	/// A request failed.
	Request(E),
	/// The other side does not have it.
	NotFound,
	/// It would be longer than it may be.
	TooLong { total: u64, max: u64 },
	/// The pieces do not fit together, or what they make has another digest.
	WrongBytes,
	/// The runtime ends.
	Stopped,
}

/// Asks for one piece after the other of the blob with this digest; what it returns is that blob.
pub(crate) async fn assemble<E, F: Future<Output = Result<Response, E>>>(
	digest: [u8; 32],
	max: u64,
	ask: impl Fn(Request) -> F,
) -> Result<Vec<u8>, Flaw<E>> {
	let (mut blob, mut expected) = (Vec::new(), None);
	loop {
		let request = Request::Ask { digest, offset: blob.len() as u64 };
		let (total, bytes) = match ask(request).await.map_err(Flaw::Request)? {
			Response::Chunk { total, bytes } => (total, bytes),
			Response::NotFound => return Err(Flaw::NotFound),
			Response::Taken | Response::Refused(_) => return Err(Flaw::WrongBytes),
		};
		if total > max {
			return Err(Flaw::TooLong { total, max });
		}
		blob.extend(&bytes);
		let fits = *expected.get_or_insert(total) == total && blob.len() as u64 <= total;
		match blob.len() as u64 == total {
			true if fits => break,
			false if fits && !bytes.is_empty() => {},
			_ => return Err(Flaw::WrongBytes),
		}
	}
	// Hashing megabytes would hold up the runtime's other tasks.
	let checked = task::spawn_blocking(move || (Sha256::digest(&blob)[..] == digest).then_some(blob));
	checked.await.map_err(|_| Flaw::Stopped)?.ok_or(Flaw::WrongBytes)
}
