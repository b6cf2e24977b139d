//! A worker's handle to the network.

use crate::{
	assemble::{assemble, AssembleError},
	blobs::read_piece,
	codec::{Request, Response},
	command::{Command, Failure, RequestResult, MAX_OUTBOUND},
	identity::{keypair, peer_id_of},
	service, BlobSource, Config, FetchError, OfferError, StartError,
};
use libp2p::{identity::Keypair, multiaddr, multiaddr::Protocol, Multiaddr, PeerId};
use std::{
	collections::HashMap,
	fmt,
	sync::{Arc, Mutex, PoisonError},
	time::{Duration, Instant},
};
use tokio::{
	sync::{mpsc, oneshot, Semaphore},
	task,
	time::timeout_at,
};

/// Another worker, as it is registered on chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
	/// The Ed25519 public key.
	pub key: [u8; 32],
	/// The multiaddress that it listens on, with or without its peer id.
	pub address: String,
}

/// A worker's handle to the network, which ends with [`Self::shutdown`] or the last clone.
#[derive(Clone)]
pub struct Network {
	commands: mpsc::Sender<Command>,
	key: [u8; 32],
	peer_id: PeerId,
	source: Arc<dyn BlobSource>,
	/// Permits for requests to each peer.
	permits: Arc<Mutex<HashMap<PeerId, Arc<Semaphore>>>>,
	max_blob_bytes: u64,
	request_timeout: Duration,
}

impl Network {
	/// Starts listening and serving `source`, on a task of the current tokio runtime.
	///
	/// # Panics
	///
	/// Outside a tokio runtime.
	pub fn start(config: Config, source: Arc<dyn BlobSource>) -> Result<Self, StartError> {
		let identity = keypair(config.seed.clone());
		let key = identity.public().to_bytes();
		let identity = Keypair::from(identity);
		let peer_id = identity.public().to_peer_id();
		let commands = service::start(identity, &config, source.clone())?;
		let Config { max_blob_bytes, request_timeout, .. } = config;
		Ok(Self { commands, key, peer_id, source, permits: Arc::default(), max_blob_bytes, request_timeout })
	}

	/// This worker's Ed25519 public key: what it registers on chain.
	pub fn public_key(&self) -> [u8; 32] {
		self.key
	}

	/// This worker's libp2p peer id.
	pub fn peer_id(&self) -> PeerId {
		self.peer_id
	}

	/// Reserves connections and responses for the peers with these Ed25519 public keys, the parties of this worker's jobs,
	/// instead of those before; keys that are no point of the curve are left out. All others are strangers, and at first
	/// everybody is.
	pub async fn reserve_for(&self, keys: impl IntoIterator<Item = [u8; 32]>) {
		let peers = keys.into_iter().filter_map(|key| peer_id_of(&key).ok()).collect();
		// A network that is shut down serves nobody.
		let _ = self.command(Command::ReserveFor(peers)).await;
	}

	/// The multiaddresses that this worker listens on, with the ports that the system has chosen; waits until they are
	/// known. Empty after [`Self::shutdown`].
	pub async fn listen_addresses(&self) -> Vec<String> {
		let (reply, addresses) = oneshot::channel();
		if self.commands.send(Command::Addresses(reply)).await.is_err() {
			return vec![];
		}
		addresses.await.unwrap_or_default()
	}

	/// Fetches the blob with this sha2-256 from `peer`, unless it is longer than `max` bytes.
	///
	/// Connects if there is no connection, and once more if one broke. Any number of fetches may run at the same time.
	pub async fn fetch(&self, peer: Peer, digest: [u8; 32], max: u64) -> Result<Vec<u8>, FetchError> {
		let id = peer_id_of(&peer.key)?;
		let route = parse_address(&peer.address, id)?;
		let address = peer.address;
		let send = |request| self.request(id, &route, &address, request);
		assemble(digest, max.min(self.max_blob_bytes), send).await.map_err(|error| match error {
			AssembleError::Request(error) => error,
			AssembleError::NotFound => FetchError::NotFound { address: address.clone(), digest },
			AssembleError::TooLong { total, max } => {
				FetchError::TooLarge { address: address.clone(), digest, total, max }
			},
			AssembleError::WrongBytes => FetchError::WrongBytes { address: address.clone(), digest },
			AssembleError::Stopped => FetchError::Stopped,
		})
	}

	/// Offers the blob with this sha2-256, which must be in the own source, to `peer`: returns when it has fetched and
	/// kept it. It does so over the connection of the offer, so a worker that offers need not listen.
	pub async fn offer(&self, peer: Peer, digest: [u8; 32]) -> Result<(), OfferError> {
		let id = peer_id_of(&peer.key)?;
		let route = parse_address(&peer.address, id)?;
		let Response::Chunk { total: length, .. } = self.read_own(digest, 0).await? else {
			return Err(OfferError::MissingBlob { digest });
		};
		if id == self.peer_id {
			return Ok(());
		}
		let address = peer.address;
		match self.request(id, &route, &address, Request::Offer { digest, length }).await? {
			Response::Taken => Ok(()),
			Response::Refused(reason) => Err(OfferError::Refused { address, digest, reason }),
			_ => Err(FetchError::WrongBytes { address, digest }.into()),
		}
	}

	/// Stops serving and listening; ends connections and fetches. Returns when the ports are free.
	pub async fn shutdown(&self) {
		let (reply, stopped) = oneshot::channel();
		if self.commands.send(Command::Shutdown(reply)).await.is_ok() {
			let _ = stopped.await;
		}
	}

	/// Sends a request to a peer, which may be this worker itself.
	async fn request(
		&self,
		peer: PeerId,
		route: &Multiaddr,
		address: &str,
		request: Request,
	) -> Result<Response, FetchError> {
		if let (true, Request::Piece { digest, offset }) = (peer == self.peer_id, request) {
			return self.read_own(digest, offset).await;
		}
		// As soon as the peer has fewer than MAX_OUTBOUND of them.
		let permits = self.permits(peer);
		let _permit = permits.acquire().await.map_err(|_| FetchError::Stopped)?;
		let until = Instant::now() + self.request_timeout;
		let result = match self.send(peer, route, request, until).await {
			// The connection may have been dead for long, which shows only now: a new one may work, in the time that is left.
			Err(Failure::ConnectionLost(_)) => self.send(peer, route, request, until).await,
			result => result,
		};
		let address = address.to_string();
		result.map_err(|failure| match failure {
			Failure::Unreachable(reason) | Failure::ConnectionLost(reason) => {
				FetchError::Unreachable { address, reason }
			},
			Failure::Timeout => FetchError::Timeout { address, after: self.request_timeout },
			Failure::WrongPeer(found) => FetchError::WrongPeer { address, expected: peer, found },
			Failure::ProtocolViolation => FetchError::WrongBytes { address, digest: request.digest() },
			Failure::Stopped => FetchError::Stopped,
		})
	}

	/// Sends the request and waits for the response.
	async fn send(&self, peer: PeerId, route: &Multiaddr, request: Request, until: Instant) -> RequestResult {
		let since = Instant::now();
		let (reply, response) = oneshot::channel();
		self.command(Command::Request { peer, route: Some(route.clone()), request, reply }).await?;
		match timeout_at(until.into(), response).await {
			Ok(response) => response.map_err(|_| Failure::Stopped)?,
			Err(_) => {
				self.command(Command::TimedOut { peer, since }).await?;
				Err(Failure::Timeout)
			},
		}
	}

	async fn command(&self, command: Command) -> Result<(), Failure> {
		self.commands.send(command).await.map_err(|_| Failure::Stopped)
	}

	fn permits(&self, peer: PeerId) -> Arc<Semaphore> {
		let mut permits = self.permits.lock().unwrap_or_else(PoisonError::into_inner);
		permits.entry(peer).or_insert_with(|| Arc::new(Semaphore::new(MAX_OUTBOUND))).clone()
	}

	/// A piece of an own blob: a worker in two roles may request what it has itself.
	async fn read_own(&self, digest: [u8; 32], offset: u64) -> Result<Response, FetchError> {
		let source = self.source.clone();
		let read = task::spawn_blocking(move || read_piece(&*source, &digest, offset));
		read.await.map_err(|_| FetchError::Stopped)
	}
}

impl fmt::Debug for Network {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Network").field("peer_id", &self.peer_id).finish_non_exhaustive()
	}
}

/// The address without a peer id at its end, which must be the expected one.
fn parse_address(address: &str, expected: PeerId) -> Result<Multiaddr, FetchError> {
	let bad = |reason: String| FetchError::BadPeer { what: "address", reason: format!("\"{address}\": {reason}") };
	let mut route: Multiaddr = address.parse().map_err(|error: multiaddr::Error| bad(error.to_string()))?;
	match route.iter().last() {
		None => Err(bad("it is empty".into())),
		Some(Protocol::P2p(peer)) if peer == expected => {
			route.pop();
			Ok(route)
		},
		Some(Protocol::P2p(peer)) => Err(bad(format!("it belongs to {peer}, but the key to {expected}"))),
		Some(_) => Ok(route),
	}
}
