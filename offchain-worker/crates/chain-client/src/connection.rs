//! The connection to a node.

use crate::{
	compatibility,
	known_blocks::KnownBlocks,
	types::{ChainConfig, H256},
	Error, NodeUrl,
};
use std::{
	fmt,
	future::Future,
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc, Mutex, MutexGuard, PoisonError,
	},
	time::Duration,
};
use subxt::{
	backend::{
		legacy::LegacyRpcMethods,
		rpc::{
			reconnecting_rpc_client::{ExponentialBackoff, RpcClient as ReconnectingClient},
			RpcClient,
		},
	},
	ext::subxt_rpcs::client::{RawValue, RpcParams},
	Metadata, OnlineClient,
};
use tracing::warn;

/// How long connecting may take before the log says that the node is being waited for.
const CONNECT_WARN_AFTER: Duration = Duration::from_secs(5);

/// The pause before a request is repeated that a lost connection interrupted.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// The pause before a node is asked again that did not answer what is needed to start.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// Pauses between attempts to connect: 10 ms at first, at most 2 s, without an end.
fn reconnect_backoff() -> ExponentialBackoff {
	ExponentialBackoff::from_millis(10).max_delay(Duration::from_secs(2))
}

/// A connection to a node; cheap to clone.
#[derive(Clone)]
pub struct Client {
	inner: Arc<Inner>,
}

struct Inner {
	url: NodeUrl,
	online: OnlineClient<ChainConfig>,
	rpc_client: RpcClient,
	rpc: LegacyRpcMethods<ChainConfig>,
	/// The version of the runtime whose metadata was found to be compatible.
	checked_version: AtomicU32,
	known_blocks: Mutex<KnownBlocks>,
}

impl fmt::Debug for Client {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Client").field("url", &self.inner.url).finish_non_exhaustive()
	}
}

impl Client {
	/// Connects to the node at `url` (`ws://…` or `wss://…`), waiting for it until `timeout`, or without an end.
	///
	/// # Errors
	///
	/// [`Error::Url`]; [`Error::Unreachable`] after `timeout`; [`Error::Metadata`] if the runtime is incompatible.
	pub async fn connect(url: &str, timeout: Option<Duration>) -> Result<Self, Error> {
		if !["ws://", "wss://"].iter().any(|scheme| url.starts_with(scheme)) {
			return Err(Error::Url(url.into()));
		}
		match timeout {
			None => {
				let connecting = Self::connect_persistently(url);
				tokio::pin!(connecting);
				match tokio::time::timeout(CONNECT_WARN_AFTER, &mut connecting).await {
					Ok(connected) => connected,
					Err(_) => {
						warn!(url = %NodeUrl::from(url), "the node does not answer: waiting for it");
						connecting.await
					},
				}
			},
			Some(waited) => tokio::time::timeout(waited, async { Self::over(rpc_client(url).await?, url).await })
				.await
				.unwrap_or_else(|_| Err(Error::Unreachable { url: url.into(), waited })),
		}
	}

	async fn connect_persistently(url: &str) -> Result<Self, Error> {
		Self::over_persistently(rpc_client(url).await?, url).await
	}

	/// As [`Self::over`], and again as long as a request fails: a node that is busy or starts answers later.
	async fn over_persistently(rpc_client: RpcClient, url: &str) -> Result<Self, Error> {
		loop {
			match Self::over(rpc_client.clone(), url).await {
				Err(error @ Error::Rpc { .. }) => warn!(url = %NodeUrl::from(url), "{error}; connecting again"),
				connected => return connected,
			}
			tokio::time::sleep(RECONNECT_AFTER).await;
		}
	}

	/// A client over a connection.
	pub(crate) async fn over(rpc_client: RpcClient, url: &str) -> Result<Self, Error> {
		let online = retrying(|| async {
			let online = OnlineClient::from_rpc_client(rpc_client.clone()).await;
			online.map_err(|error| Error::from_subxt("its metadata", error))
		})
		.await?;
		compatibility::check(&online.metadata())?;
		// A runtime upgrade changes version and indices: the client learns them from the node.
		let updater = online.updater();
		tokio::spawn(async move { updater.perform_runtime_updates().await });
		let inner = Inner {
			url: url.into(),
			checked_version: AtomicU32::new(online.runtime_version().spec_version),
			online,
			rpc: LegacyRpcMethods::new(rpc_client.clone()),
			rpc_client,
			known_blocks: Mutex::default(),
		};
		Ok(Self { inner: Arc::new(inner) })
	}

	/// The node's URL.
	pub fn url(&self) -> &NodeUrl {
		&self.inner.url
	}

	/// The chain's genesis hash.
	pub fn genesis(&self) -> H256 {
		self.inner.online.genesis_hash()
	}

	/// The node's metadata.
	pub fn metadata(&self) -> Metadata {
		self.inner.online.metadata()
	}

	/// Whether the chain is one to develop on: of type Development or Local in its specification.
	pub async fn is_development(&self) -> Result<bool, Error> {
		let chain_type: Box<RawValue> = retrying(|| async {
			let chain_type = self.rpc_client().request("system_chainType", RpcParams::new()).await;
			chain_type.map_err(|error| Error::from_rpc("the chain's type", error))
		})
		.await?;
		Ok(matches!(chain_type.get(), "\"Development\"" | "\"Local\""))
	}

	/// Checks the metadata again once the runtime was upgraded.
	pub(crate) fn check_upgrade(&self) -> Result<(), Error> {
		let version = self.online().runtime_version().spec_version;
		if self.inner.checked_version.load(Ordering::Relaxed) != version {
			compatibility::check(&self.metadata())?;
			self.inner.checked_version.store(version, Ordering::Relaxed);
		}
		Ok(())
	}

	pub(crate) fn online(&self) -> &OnlineClient<ChainConfig> {
		&self.inner.online
	}

	pub(crate) fn rpc(&self) -> &LegacyRpcMethods<ChainConfig> {
		&self.inner.rpc
	}

	/// For methods that [`Self::rpc`] does not have.
	pub(crate) fn rpc_client(&self) -> &RpcClient {
		&self.inner.rpc_client
	}

	/// The finalised blocks by which this chain is recognised.
	pub(crate) fn known_blocks(&self) -> MutexGuard<'_, KnownBlocks> {
		// It is sound after a panic elsewhere: each change is one insertion.
		self.inner.known_blocks.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

async fn rpc_client(url: &str) -> Result<RpcClient, Error> {
	let reconnecting = ReconnectingClient::builder().retry_policy(reconnect_backoff()).build(url.to_string()).await;
	Ok(RpcClient::new(reconnecting.map_err(|_| Error::Url(url.into()))?))
}

/// Repeats a request that a lost connection interrupted: the client underneath queues it until the node is back.
pub(crate) async fn retrying<T, F: Future<Output = Result<T, Error>>>(request: impl Fn() -> F) -> Result<T, Error> {
	loop {
		match request().await {
			Err(error) if error.is_disconnected() => tokio::time::sleep(RETRY_AFTER).await,
			other => return other,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::fake_node::{self, FakeNode};

	#[tokio::test]
	async fn connect_fails_for_other_url_schemes() {
		let error = Client::connect("http://127.0.0.1:1", None).await.unwrap_err();
		assert!(matches!(error, Error::Url(_)));
	}

	#[tokio::test]
	async fn connecting_persistently_goes_on_when_a_request_fails() {
		for method in ["chain_getFinalizedHead", "state_getRuntimeVersion"] {
			let node = FakeNode { failing: Some((method, 2)), fails_before_submission: true, ..Default::default() };
			let rpc_client = fake_node::rpc_client(&Arc::new(Mutex::new(node)));
			assert!(matches!(Client::over(rpc_client.clone(), "ws://fake").await, Err(Error::Rpc { .. })), "{method}");
			assert!(Client::over_persistently(rpc_client, "ws://fake").await.is_ok(), "{method}");
		}
	}

	#[tokio::test]
	async fn connect_fails_after_timeout_when_node_is_unreachable() {
		let timeout = Duration::from_millis(200);
		let error = Client::connect("ws://127.0.0.1:1", Some(timeout)).await.unwrap_err();
		assert!(matches!(error, Error::Unreachable { .. }), "{error}");
	}
}
