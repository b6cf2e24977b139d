//! The worker's own blobs: those that it serves, and those that it takes.

use crate::codec::{Response, MAX_CHUNK};
use encrytrust_blob_store::{cid, BlobStore};
use libp2p::PeerId;
use std::io;

/// The blobs that a worker serves. Called on threads for blocking work.
pub trait BlobSource: Send + Sync + 'static {
	/// The blob's total length, and its bytes from `offset` on: at least one unless the offset is at its end, at most
	/// `max`. `None` if there is no such blob.
	fn read(&self, digest: &[u8; 32], offset: u64, max: usize) -> io::Result<Option<(u64, Vec<u8>)>>;

	/// Whether this peer gets any: one that does not finds no blob.
	fn serves(&self, _peer: &PeerId) -> bool {
		true
	}
}

impl BlobSource for BlobStore {
	fn read(&self, digest: &[u8; 32], offset: u64, max: usize) -> io::Result<Option<(u64, Vec<u8>)>> {
		self.read_range(digest, offset, max).map_err(io::Error::other)
	}
}

/// Decides which offered blobs a worker takes, and keeps them. Called on threads for blocking work.
pub trait BlobSink: Send + Sync + 'static {
	/// The maximal length of the blob with this digest; `None` if it is not wanted. One that is there already may be
	/// wanted again.
	fn wants(&self, digest: &[u8; 32]) -> Option<u64>;

	/// Keeps a blob that was wanted; its bytes have the digest.
	fn keep(&self, blob: &[u8]) -> io::Result<()>;
}

/// The response to `peer` with the piece of a blob from `offset` on. A blob that cannot be read is not found.
pub(crate) fn serve_piece(source: &dyn BlobSource, peer: &PeerId, digest: &[u8; 32], offset: u64) -> Response {
	if source.serves(peer) {
		read_piece(source, digest, offset)
	} else {
		Response::NotFound
	}
}

/// A piece of a blob.
pub(crate) fn read_piece(source: &dyn BlobSource, digest: &[u8; 32], offset: u64) -> Response {
	match source.read(digest, offset, MAX_CHUNK) {
		Ok(Some((total, bytes))) => Response::Chunk { total, bytes },
		Ok(None) => Response::NotFound,
		Err(error) => {
			tracing::warn!(cid = %cid(digest), %error, "cannot read a blob that another worker requests");
			Response::NotFound
		},
	}
}
