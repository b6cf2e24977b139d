//! Assembling a blob from its pieces.

use crate::codec::{Request, Response, MAX_CHUNK};
use sha2::{Digest as _, Sha256};
use std::future::Future;
use tokio::task;

/// Why the pieces do not make a blob.
pub(crate) enum AssembleError<E> {
	/// A request failed.
	Request(E),
	/// The peer does not have the blob.
	NotFound,
	/// The blob is longer than allowed.
	TooLong { total: u64, max: u64 },
	/// The pieces do not fit together, or have another digest.
	WrongBytes,
	/// The runtime is shutting down.
	Stopped,
}

/// Requests one piece after the other of the blob with this digest, and returns the blob.
pub(crate) async fn assemble<E, F: Future<Output = Result<Response, E>>>(
	digest: [u8; 32],
	max: u64,
	send: impl Fn(Request) -> F,
) -> Result<Vec<u8>, AssembleError<E>> {
	let mut blob = Vec::new();
	let mut expected_total = None;
	loop {
		let request = Request::Piece { digest, offset: blob.len() as u64 };
		let (total, bytes) = match send(request).await.map_err(AssembleError::Request)? {
			Response::Chunk { total, bytes } => (total, bytes),
			Response::NotFound => return Err(AssembleError::NotFound),
			Response::Taken | Response::Refused(_) => return Err(AssembleError::WrongBytes),
		};
		if total > max {
			return Err(AssembleError::TooLong { total, max });
		}
		// Each piece is as long as can be: a peer that sends shorter ones could make a fetch last for years.
		let rest = total.saturating_sub(blob.len() as u64);
		let is_whole = bytes.len() as u64 == rest.min(MAX_CHUNK as u64);
		if *expected_total.get_or_insert(total) != total || !is_whole {
			return Err(AssembleError::WrongBytes);
		}
		blob.extend(&bytes);
		if blob.len() as u64 == total {
			break;
		}
	}
	// Hashing megabytes would block the runtime's other tasks.
	let checked = task::spawn_blocking(move || (Sha256::digest(&blob)[..] == digest).then_some(blob));
	checked.await.map_err(|_| AssembleError::Stopped)?.ok_or(AssembleError::WrongBytes)
}
