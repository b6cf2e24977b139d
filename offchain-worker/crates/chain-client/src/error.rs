//! What can go wrong between here and the chain.

use crate::{Block, NodeUrl, Reset, H256};
use std::time::Duration;

/// An error, as a sentence with its cause and the way out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// Not a WebSocket URL.
	#[error("'{0}' is not the URL of a node: write ws://HOST:PORT or wss://HOST:PORT")]
	Url(NodeUrl),
	/// Nobody answered in time.
	#[error("no node answers at {url} (waited {} s): start one, or name another with --url", waited.as_secs())]
	Unreachable {
		/// Where.
		url: NodeUrl,
		/// How long was waited.
		waited: Duration,
	},
	/// The connection broke during a request that was not repeated.
	#[error("the connection to the node was lost: try again")]
	Disconnected,
	/// The runtime is not the one this program was made for.
	#[error(
		"the node's runtime does not fit this program: its {part} differs from the one known here. Take the `encrytrust` \
		 that was released with the runtime"
	)]
	Metadata {
		/// Which part differs.
		part: String,
	},
	/// The node serves another chain than before.
	#[error("the node serves another chain: its genesis is {found:?}, expected {expected:?}")]
	OtherChain {
		/// What it serves.
		found: H256,
		/// What was asked for.
		expected: H256,
	},
	/// The node refused a request.
	#[error("the node refused {what}: {reason}")]
	Rpc {
		/// What was asked.
		what: String,
		/// Its words.
		reason: String,
	},
	/// The node no longer has the state of an old block: nodes throw states away after a while, and keep the blocks.
	#[error("the node no longer has the state of that block: ask an archive node (`--state-pruning archive`)")]
	Forgotten,
	/// The node no longer has the extrinsics of an old block.
	#[error("the node no longer has the extrinsics of block {0}: ask one that keeps them (`--blocks-pruning archive-canonical`)")]
	Pruned(u32),
	/// The chain was begun anew.
	#[error("the chain was reset: {0}")]
	Reset(#[from] Reset),
	/// The node's pool refused an extrinsic.
	#[error("the node did not take the extrinsic: {reason}")]
	Refused {
		/// Its words.
		reason: String,
		/// Whether the same bytes may still get into the chain.
		passing: bool,
	},
	/// What came back is not what was expected.
	#[error("cannot read {what}: {reason}")]
	Decode {
		/// Of what.
		what: String,
		/// Why.
		reason: String,
	},
	/// An extrinsic was included and failed.
	#[error(transparent)]
	Dispatch(#[from] DispatchFailure),
	/// A secret URI that cannot be read; its text is not repeated.
	#[error("the account's secret is not a secret URI: write //NAME, twelve words, or 0x and 64 hexadecimal digits")]
	SecretUri,
	/// Not in the chain although its time is over.
	#[error("the extrinsic was not included before block {0}: send it again")]
	NotIncluded(u32),
	/// Not in the chain, and something else has its nonce.
	#[error("another program signs for the same account and was faster: send it again")]
	Superseded,
	/// It was sent, and the node no longer knows what became of it.
	#[error(
		"the extrinsic was sent, but the node no longer has the blocks up to {} that tell how it went: look whether it is \
		 done before you send it again",
		.0.number
	)]
	Unknown(Block),
}

impl Error {
	/// Whether trying again may help.
	pub fn is_passing(&self) -> bool {
		match self {
			Self::Unreachable { .. } | Self::Disconnected | Self::Rpc { .. } | Self::NotIncluded(_) => true,
			Self::Refused { passing, .. } => *passing,
			_ => false,
		}
	}

	/// Whether the connection was lost.
	pub fn is_disconnected(&self) -> bool {
		matches!(self, Self::Disconnected)
	}

	/// An error of subxt during `what`.
	pub(crate) fn from_subxt(what: &str, error: subxt::Error) -> Self {
		match error {
			subxt::Error::Rpc(subxt::error::RpcError::ClientError(error)) => Self::from_rpc(what, error),
			error => Self::Rpc { what: what.into(), reason: error.to_string() },
		}
	}

	/// An error of the RPC client during `what`.
	pub(crate) fn from_rpc(what: &str, error: subxt::ext::subxt_rpcs::Error) -> Self {
		use subxt::ext::subxt_rpcs::Error as Rpc;
		match error {
			Rpc::DisconnectedWillReconnect(_) => Self::Disconnected,
			Rpc::User(user) => {
				if user.message.contains("discarded") {
					return Self::Forgotten;
				}
				let data = user.data.as_ref().map(|data| format!(": {}", data.get().trim_matches('"')));
				Self::Rpc { what: what.into(), reason: format!("{}{}", user.message, data.unwrap_or_default()) }
			},
			other => Self::Rpc { what: what.into(), reason: other.to_string() },
		}
	}

	/// Bytes that do not decode as `what`.
	pub(crate) fn decode(what: &str, reason: impl ToString) -> Self {
		Self::Decode { what: what.into(), reason: reason.to_string() }
	}
}

/// Why an included extrinsic failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}{}{docs}", if docs.is_empty() { "" } else { ": " })]
pub struct DispatchFailure {
	/// `Pallet.Error`, or the name of an error of the system.
	pub name: String,
	/// Its documentation, from the metadata.
	pub docs: String,
}
