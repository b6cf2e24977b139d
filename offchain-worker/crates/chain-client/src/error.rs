//! What can go wrong between here and the chain.

use crate::{dispatch::DispatchFailure, known_blocks::ChainReset, Block, NodeUrl, H256};
use std::time::Duration;

/// An error, as a sentence with its cause and the way out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// Not a WebSocket URL.
	#[error("'{0}' is not the URL of a node: write ws://HOST:PORT or wss://HOST:PORT")]
	Url(NodeUrl),
	/// There was no answer in time.
	#[error("no node answers at {url} (waited {} s): start one, or name another with --url", waited.as_secs())]
	Unreachable {
		/// The node's URL.
		url: NodeUrl,
		/// The timeout.
		waited: Duration,
	},
	/// The connection broke during a request that is not repeated.
	#[error("the connection to the node was lost: try again")]
	Disconnected,
	/// The runtime is not the one that this program was made for.
	#[error(
		"the node's runtime is not compatible with this program: its {part} differs. Use the `encrytrust` that was \
		 released with the runtime"
	)]
	Metadata {
		/// The pallet or runtime API that differs.
		part: String,
	},
	/// The node serves another chain than before.
	#[error("the node serves another chain: its genesis is {found:?}, expected {expected:?}")]
	OtherChain {
		/// Its genesis hash.
		found: H256,
		/// The genesis hash before.
		expected: H256,
	},
	/// The node refused a request.
	#[error("the node refused {what}: {reason}")]
	Rpc {
		/// What was requested.
		what: String,
		/// The node's message.
		reason: String,
	},
	/// The node no longer has the state of an old block: nodes prune states after a while, and keep the blocks.
	#[error("the node has pruned the state of that block: use an archive node (`--state-pruning archive`)")]
	StatePruned,
	/// The node lags behind a finalised block.
	#[error("the node does not have block {0} yet: try again")]
	BlockUnknown(u32),
	/// The node no longer has the extrinsics of an old block.
	#[error("the node has pruned block {0}: use one that keeps all blocks (`--blocks-pruning archive-canonical`)")]
	BlockPruned(u32),
	/// The chain was started again under the same genesis.
	#[error("the chain was reset: {0}")]
	Reset(#[from] ChainReset),
	/// The node's pool refused an extrinsic.
	#[error("the node refused the extrinsic: {reason}")]
	Refused {
		/// The node's message.
		reason: String,
		/// Whether the same bytes may still be included.
		is_transient: bool,
	},
	/// The answer cannot be decoded.
	#[error("cannot read {what}: {reason}")]
	Decode {
		/// What was requested.
		what: String,
		/// The decoder's message.
		reason: String,
	},
	/// An extrinsic was included and failed.
	#[error(transparent)]
	Dispatch(#[from] DispatchFailure),
	/// A secret URI that cannot be read; its text is not repeated.
	#[error("the account's secret is not a secret URI: write //NAME, twelve words, or 0x and 64 hexadecimal digits")]
	SecretUri,
	/// An identity key's secret that cannot be read; its text is not repeated.
	#[error("the identity key's secret cannot be read: write //NAME, twelve words, or 0x and 64 hexadecimal digits; for an ed25519 key, 0x and the 64 digits of its seed")]
	KeySecret,
	/// The secret of another identity key.
	#[error("this is the secret of another key: it must be that of the public key")]
	OtherKey,
	/// Not included before its death.
	#[error("the extrinsic was not included before block {0}: send it again")]
	NotIncluded(u32),
	/// Not included, and another extrinsic has its nonce.
	#[error("another program signed for the same account at the same time: send it again")]
	Superseded,
	/// It was sent, and the node has pruned the blocks that may contain it, or their events cannot be read.
	#[error(
		"the extrinsic was sent, but what came of it cannot be read from the node's blocks up to {}, which may be pruned: \
		 check whether it was executed before you send it again",
		.0.number
	)]
	OutcomeUnknown(Block),
}

impl Error {
	/// Whether trying again may help.
	pub fn is_transient(&self) -> bool {
		match self {
			Self::Unreachable { .. }
			| Self::Disconnected
			| Self::Rpc { .. }
			| Self::BlockUnknown(_)
			| Self::NotIncluded(_) => true,
			Self::Refused { is_transient, .. } => *is_transient,
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
					return Self::StatePruned;
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
