//! Other workers: where they are, and blobs from and to them.

use encrytrust_blob_store::digest;
use encrytrust_chain_client::{Party, Registration};
use encrytrust_transport::{peer_id_of, BlobSource, Config, FetchError, Network, OfferError, Peer, StartError};
use encrytrust_types::job::Endpoint;
use std::{io, sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// How long another worker may take for a piece of a blob.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Where a party is to be reached: as it is registered now, or else as the contract has it.
pub fn current_endpoint(registered: Option<Registration>, party: &Party) -> Endpoint {
	registered.map_or_else(|| party.endpoint.clone(), |registration| registration.endpoint)
}

/// A place in the workers' network for somebody who listens nowhere, with an identity for this time alone; it has `blob` to
/// offer.
pub fn anonymous(blob: Option<Vec<u8>>) -> Result<Network, StartError> {
	let mut seed = Zeroizing::new([0; 32]);
	getrandom::fill(&mut *seed).map_err(|error| StartError::System(error.to_string()))?;
	let mut config = Config::new(seed);
	config.request_timeout = REQUEST_TIMEOUT;
	Network::start(config, Arc::new(AtMostOne(blob.map(|blob| (digest(&blob), blob)))))
}

/// Fetches a blob of at most `max` bytes from the worker at `endpoint`.
pub async fn fetch(network: &Network, endpoint: &Endpoint, digest: &[u8; 32], max: u64) -> Result<Vec<u8>, FetchError> {
	network.fetch(peer(endpoint), *digest, max).await
}

/// Offers a blob to the worker at `endpoint`: it has it when this returns.
pub async fn offer(network: &Network, endpoint: &Endpoint, digest: &[u8; 32]) -> Result<(), OfferError> {
	network.offer(peer(endpoint), *digest).await
}

fn peer(endpoint: &Endpoint) -> Peer {
	Peer { key: endpoint.peer, address: String::from_utf8_lossy(&endpoint.address).into_owned() }
}

/// The libp2p peer id of a public key, as text.
pub fn peer_id(key: &[u8; 32]) -> Result<String, FetchError> {
	Ok(peer_id_of(key)?.to_string())
}

/// Serves one blob, or none.
struct AtMostOne(Option<([u8; 32], Vec<u8>)>);

impl BlobSource for AtMostOne {
	fn read(&self, digest: &[u8; 32], offset: u64, max: usize) -> io::Result<Option<(u64, Vec<u8>)>> {
		let Some((_, blob)) = self.0.as_ref().filter(|(name, _)| name == digest) else { return Ok(None) };
		let from = usize::try_from(offset).unwrap_or(usize::MAX).min(blob.len());
		let to = from.saturating_add(max).min(blob.len());
		Ok(Some((blob.len() as u64, blob[from..to].to_vec())))
	}
}
