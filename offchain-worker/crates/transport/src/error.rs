//! What can go wrong between workers.

use crate::Refusal;
use encrytrust_blob_store::cid;
use libp2p::PeerId;
use std::time::Duration;

/// Why a worker's network cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
	/// The address is no address to listen on, or another program listens on it.
	#[error(
		"cannot listen on {address}: {reason}; correct the worker's `listen` addresses (like /ip4/0.0.0.0/tcp/4001)"
	)]
	Listen {
		/// The address.
		address: String,
		/// What is wrong with it.
		reason: String,
	},
	/// An error of the operating system.
	#[error("cannot set up the network: {0}")]
	System(String),
}

/// Why a blob cannot be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
	/// No connection can be made, or it broke.
	#[error("no connection to the worker at {address}: {reason}; it may be away for a while, try again")]
	Unreachable {
		/// The worker's address.
		address: String,
		/// What happened.
		reason: String,
	},
	/// No answer within the time given.
	#[error("the worker at {address} did not answer within {} ms; try again later", after.as_millis())]
	Timeout {
		/// The worker's address.
		address: String,
		/// The timeout.
		after: Duration,
	},
	/// The worker does not have the blob, or not yet.
	#[error("the worker at {address} has no blob {}; it may still be made, try again", cid(digest))]
	NotFound {
		/// The worker's address.
		address: String,
		/// The blob.
		digest: [u8; 32],
	},
	/// The worker sent bytes that are not the blob.
	#[error("the worker at {address} sent bytes that are not the blob {}; they were discarded", cid(digest))]
	WrongBytes {
		/// The worker's address.
		address: String,
		/// The blob.
		digest: [u8; 32],
	},
	/// The blob is longer than the configuration allows.
	#[error(
		"the blob {} at {address} has {total} bytes, at most {max} are taken; raise the worker's `max_blob_bytes`",
		cid(digest)
	)]
	TooLarge {
		/// The worker's address.
		address: String,
		/// The blob.
		digest: [u8; 32],
		/// Its length according to the worker.
		total: u64,
		/// The configuration's limit.
		max: u64,
	},
	/// Another peer answers at the address.
	#[error(
		"{found} answers at {address}, not the worker {expected}; \
		its registered address is wrong, or another program has taken it"
	)]
	WrongPeer {
		/// The worker's address.
		address: String,
		/// The requested peer.
		expected: PeerId,
		/// The peer that answered.
		found: PeerId,
	},
	/// The registered key or address is invalid.
	#[error("the worker's registered {what} is invalid: {reason}; it must register again")]
	BadPeer {
		/// Key or address.
		what: &'static str,
		/// What is wrong with it.
		reason: String,
	},
	/// This worker's network was shut down.
	#[error("the network of this worker is shut down")]
	Stopped,
}

impl FetchError {
	/// Whether the same call may succeed later without a change by anyone.
	pub fn is_transient(&self) -> bool {
		matches!(self, Self::Unreachable { .. } | Self::Timeout { .. } | Self::NotFound { .. })
	}
}

/// Why an offered blob was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
	/// The own source does not have it.
	#[error("cannot offer the blob {}: this worker does not have it", cid(digest))]
	MissingBlob {
		/// The blob.
		digest: [u8; 32],
	},
	/// The other worker refused it.
	#[error("the worker at {address} did not take the blob {}: {reason}", cid(digest))]
	Refused {
		/// The worker's address.
		address: String,
		/// The blob.
		digest: [u8; 32],
		/// Its reason.
		reason: Refusal,
	},
	/// There was no response.
	#[error(transparent)]
	Connection(#[from] FetchError),
}

impl OfferError {
	/// Whether the same call may succeed later without a change by anyone.
	pub fn is_transient(&self) -> bool {
		match self {
			Self::MissingBlob { .. } => false,
			Self::Refused { reason, .. } => *reason != Refusal::TooLong,
			Self::Connection(error) => error.is_transient(),
		}
	}
}
