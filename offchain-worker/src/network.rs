//! Blobs between workers, by what stands on chain.

use crate::keys::MasterSecret;
use encrytrust_blob_store::{digest, BlobStore};
use encrytrust_transport::{
	peer_id_of, public_key_of, BlobSink, BlobSource, Config, FetchError, Network, OfferError, Peer, StartError,
};
use encrytrust_types::{job::Endpoint, JobId};
use std::{
	collections::HashMap,
	io,
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};
use zeroize::Zeroizing;

/// How long another worker may take for a piece of a blob.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest blob that is taken when it is offered: proofs about keys have less.
const MAX_OFFERED: u64 = 64 * 1024;

/// A worker's place in the network: it listens at `listen`, serves `blobs`, and takes what `wishes` has.
pub fn start(
	secret: &MasterSecret,
	listen: &str,
	blobs: Arc<dyn BlobSource>,
	wishes: Wishes,
) -> Result<Network, StartError> {
	let mut config = Config::new(secret.peer_seed());
	config.listen = vec![listen.into()];
	config.request_timeout = PATIENCE;
	config.offers = Some(Arc::new(wishes));
	Network::start(config, blobs)
}

/// A place for somebody who listens nowhere, with an identity for this time alone; it has `blob` to offer.
pub fn anonymous(blob: Option<Vec<u8>>) -> Result<Network, StartError> {
	let mut seed = Zeroizing::new([0; 32]);
	getrandom::fill(&mut *seed).map_err(|error| StartError::System(error.to_string()))?;
	let mut config = Config::new(seed);
	config.request_timeout = PATIENCE;
	Network::start(config, Arc::new(AtMostOne(blob.map(|blob| (digest(&blob), blob)))))
}

/// Fetches a blob from the worker at `endpoint`.
pub async fn fetch(network: &Network, endpoint: &Endpoint, digest: &[u8; 32]) -> Result<Vec<u8>, FetchError> {
	network.fetch(peer(endpoint), *digest).await
}

/// Offers a blob to the worker at `endpoint`: it has it when this returns.
pub async fn offer(network: &Network, endpoint: &Endpoint, digest: &[u8; 32]) -> Result<(), OfferError> {
	network.offer(peer(endpoint), *digest).await
}

fn peer(endpoint: &Endpoint) -> Peer {
	Peer { key: endpoint.peer, address: String::from_utf8_lossy(&endpoint.address).into_owned() }
}

/// The Ed25519 public key of a worker's libp2p identity, as registered on chain.
pub fn peer_key(secret: &MasterSecret) -> [u8; 32] {
	public_key_of(&secret.peer_seed())
}

/// The libp2p peer id of a public key, as text.
pub fn peer_id(key: &[u8; 32]) -> Result<String, FetchError> {
	Ok(peer_id_of(key)?.to_string())
}

/// The blobs that a worker takes from whoever offers them: one for each job that it knows to need it.
#[derive(Clone, Debug)]
pub struct Wishes {
	blobs: BlobStore,
	wanted: Arc<Mutex<HashMap<JobId, [u8; 32]>>>,
}

impl Wishes {
	/// None yet; what is taken goes to `blobs`.
	pub fn new(blobs: BlobStore) -> Self {
		Self { blobs, wanted: Arc::default() }
	}

	/// From now on a job needs the blob with this digest.
	pub fn add(&self, job: JobId, digest: [u8; 32]) {
		self.lock().insert(job, digest);
	}

	/// Forgets the jobs that need nothing any more.
	pub fn retain(&self, needs: impl Fn(JobId) -> bool) {
		self.lock().retain(|job, _| needs(*job));
	}

	fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, [u8; 32]>> {
		self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

impl BlobSink for Wishes {
	fn wants(&self, digest: &[u8; 32]) -> Option<u64> {
		self.lock().values().any(|wanted| wanted == digest).then_some(MAX_OFFERED)
	}

	fn keep(&self, blob: &[u8]) -> io::Result<()> {
		self.blobs.put(blob).map(|_| ()).map_err(io::Error::other)
	}
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

#[cfg(test)]
mod tests {
	use super::*;

	#[tokio::test]
	async fn a_proof_is_taken_while_a_job_needs_it() {
		let folder = tempfile::tempdir().unwrap();
		let (blobs, proof) = (BlobStore::open(folder.path()).unwrap(), vec![7; 40_000]);
		let (name, wishes) = (digest(&proof), Wishes::new(blobs.clone()));
		let secret = MasterSecret::create(&folder.path().join("master.key")).unwrap();
		let listen = "/ip4/127.0.0.1/tcp/0";
		let coordinator = start(&secret, listen, Arc::new(blobs.clone()), wishes.clone()).unwrap();
		assert_eq!(coordinator.public_key(), peer_key(&secret));
		let address = coordinator.listen_addresses().await.remove(0).into_bytes().try_into().unwrap();
		let endpoint = Endpoint { sealing: [0; 32], peer: peer_key(&secret), address };
		let user = anonymous(Some(proof.clone())).unwrap();
		let refused = offer(&user, &endpoint, &name).await.unwrap_err();
		assert!(refused.is_transient(), "{refused}");
		wishes.add(5, name);
		offer(&user, &endpoint, &name).await.unwrap();
		assert_eq!(blobs.get(&name).unwrap(), Some(proof));
		wishes.retain(|job| job != 5);
		assert!(offer(&user, &endpoint, &name).await.is_err());
	}
}
