//! Other workers, as a worker needs them: blobs from them, and those that it takes when they are offered.

use crate::keys::MasterSecret;
use async_trait::async_trait;
use encrytrust_blob_store::BlobStore;
use encrytrust_job_client::peers::{self, REQUEST_TIMEOUT};
use encrytrust_transport::{self as transport, public_key_of, BlobSink, BlobSource, FetchError, StartError};
use encrytrust_types::{job::Endpoint, JobId};
use std::{
	collections::{BTreeSet, HashMap},
	io,
	sync::{Arc, Mutex, PoisonError},
};

/// The longest blob that is taken when it is offered: proofs about keys have less.
const MAX_OFFERED: u64 = 64 * 1024;

/// The other workers.
#[async_trait]
pub trait Network: Send + Sync {
	/// Fetches a blob of at most `max` bytes from the worker at `from`.
	async fn fetch(&self, from: &Endpoint, digest: &[u8; 32], max: u64) -> Result<Vec<u8>, FetchError>;

	/// Reserves connections and responses for the workers with these public keys: the parties of this worker's jobs.
	async fn reserve_for(&self, _peers: &BTreeSet<[u8; 32]>) {}
}

#[async_trait]
impl Network for transport::Network {
	async fn fetch(&self, from: &Endpoint, digest: &[u8; 32], max: u64) -> Result<Vec<u8>, FetchError> {
		peers::fetch(self, from, digest, max).await
	}

	async fn reserve_for(&self, peers: &BTreeSet<[u8; 32]>) {
		self.reserve_for(peers.iter().copied()).await;
	}
}

/// A worker's place in the network: it listens at `listen`, serves `blobs`, and takes what `expected` has.
pub fn start(
	secret: &MasterSecret,
	listen: &str,
	blobs: Arc<dyn BlobSource>,
	expected: ExpectedBlobs,
) -> Result<transport::Network, StartError> {
	let mut config = transport::Config::new(secret.peer_seed());
	config.listen = vec![listen.into()];
	config.request_timeout = REQUEST_TIMEOUT;
	config.offers = Some(Arc::new(expected));
	transport::Network::start(config, blobs)
}

/// The Ed25519 public key of a worker's libp2p identity, as registered on chain.
pub fn peer_key(secret: &MasterSecret) -> [u8; 32] {
	public_key_of(&secret.peer_seed())
}

/// The blobs that a worker takes from whoever offers them: one for each job that it knows to need it.
#[derive(Clone, Debug)]
pub struct ExpectedBlobs {
	blobs: BlobStore,
	wanted: Arc<Mutex<HashMap<JobId, [u8; 32]>>>,
}

impl ExpectedBlobs {
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

impl BlobSink for ExpectedBlobs {
	fn wants(&self, digest: &[u8; 32]) -> Option<u64> {
		self.lock().values().any(|wanted| wanted == digest).then_some(MAX_OFFERED)
	}

	fn keep(&self, blob: &[u8]) -> io::Result<()> {
		self.blobs.put(blob).map(|_| ()).map_err(io::Error::other)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_blob_store::digest;
	use encrytrust_job_client::peers::{anonymous, offer};

	#[tokio::test]
	async fn a_proof_is_taken_while_a_job_needs_it() {
		let folder = tempfile::tempdir().unwrap();
		let blobs = BlobStore::open(folder.path()).unwrap();
		let proof = vec![7; 40_000];
		let name = digest(&proof);
		let expected = ExpectedBlobs::new(blobs.clone());
		let secret = MasterSecret::generate();
		let listen = "/ip4/127.0.0.1/tcp/0";
		let coordinator = start(&secret, listen, Arc::new(blobs.clone()), expected.clone()).unwrap();
		assert_eq!(coordinator.public_key(), peer_key(&secret));
		let address = coordinator.listen_addresses().await.remove(0).into_bytes().try_into().unwrap();
		let endpoint = Endpoint { sealing: [0; 32], peer: peer_key(&secret), address };
		let user = anonymous(Some(proof.clone())).unwrap();
		let refused = offer(&user, &endpoint, &name).await.unwrap_err();
		assert!(refused.is_transient(), "{refused}");
		expected.add(5, name);
		offer(&user, &endpoint, &name).await.unwrap();
		assert_eq!(blobs.get(&name).unwrap(), Some(proof));
		expected.retain(|job| job != 5);
		assert!(offer(&user, &endpoint, &name).await.is_err());
	}
}
