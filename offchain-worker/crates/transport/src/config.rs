//! The configuration of a worker's network.

use crate::BlobSink;
use std::{fmt, sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// The configuration of a worker's [`Network`](crate::Network).
pub struct Config {
	/// The seed of its Ed25519 identity (RFC 8032, section 5.1.5): a secret.
	pub seed: Zeroizing<[u8; 32]>,
	/// Multiaddresses to listen on, such as `/ip4/0.0.0.0/tcp/4001`; empty for a worker that only fetches.
	pub listen: Vec<String>,
	/// Longer blobs are not fetched.
	pub max_blob_bytes: u64,
	/// The timeout of one piece of a blob, connecting included, and of taking an offered blob.
	pub request_timeout: Duration,
	/// Decides about blobs that others offer; without it none is taken.
	pub offers: Option<Arc<dyn BlobSink>>,
}

impl Config {
	/// Does not listen, fetches blobs up to 64 MiB, with a timeout of 30 seconds, takes no offers.
	pub fn new(seed: Zeroizing<[u8; 32]>) -> Self {
		Self { seed, listen: vec![], max_blob_bytes: 64 << 20, request_timeout: Duration::from_secs(30), offers: None }
	}
}

impl fmt::Debug for Config {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { seed: _, listen, max_blob_bytes, request_timeout, offers } = self;
		let mut shown = f.debug_struct("Config");
		shown.field("listen", listen).field("max_blob_bytes", max_blob_bytes);
		shown.field("request_timeout", request_timeout).field("offers", &offers.is_some()).finish_non_exhaustive()
	}
}
