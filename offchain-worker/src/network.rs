//! Blobs between workers, by what stands on chain.

use crate::keys::MasterSecret;
use encrytrust_primitives::bmpc::Endpoint;
use encrytrust_transport::{peer_id_of, BlobSource, Config, FetchError, Network, Peer, StartError};
use std::{io, sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// How long another worker may take for a piece of a blob.
const PATIENCE: Duration = Duration::from_secs(10);

/// A worker's place in the network: it listens at `listen` and serves `blobs`.
pub fn start(secret: &MasterSecret, listen: &str, blobs: Arc<dyn BlobSource>) -> Result<Network, StartError> {
	let mut config = Config::new(secret.peer_seed());
	config.listen = vec![listen.into()];
	config.request_timeout = PATIENCE;
	Network::start(config, blobs)
}

/// A place for somebody who only fetches, with an identity for this time alone.
pub fn anonymous() -> Result<Network, StartError> {
	let mut seed = Zeroizing::new([0; 32]);
	getrandom::fill(&mut *seed).map_err(|error| StartError::System(error.to_string()))?;
	let mut config = Config::new(seed);
	config.request_timeout = PATIENCE;
	Network::start(config, Arc::new(Nothing))
}

/// Fetches a blob from the worker at `endpoint`.
pub async fn fetch(network: &Network, endpoint: &Endpoint, digest: &[u8; 32]) -> Result<Vec<u8>, FetchError> {
	let address = String::from_utf8_lossy(&endpoint.address).into_owned();
	network.fetch(Peer { key: endpoint.peer, address }, *digest).await
}

/// The Ed25519 public key of a worker's libp2p identity, as registered on chain.
pub fn peer_key(secret: &MasterSecret) -> Result<[u8; 32], StartError> {
	// A network that listens nowhere costs a task until it is dropped here.
	Ok(Network::start(Config::new(secret.peer_seed()), Arc::new(Nothing))?.public_key())
}

/// The libp2p peer id of a public key, as text.
pub fn peer_id(key: &[u8; 32]) -> Result<String, FetchError> {
	Ok(peer_id_of(key)?.to_string())
}

/// Serves nothing.
struct Nothing;

impl BlobSource for Nothing {
	fn read(&self, _: &[u8; 32], _: u64, _: usize) -> io::Result<Option<(u64, Vec<u8>)>> {
		Ok(None)
	}
}
