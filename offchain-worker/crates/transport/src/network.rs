//! The handle that a worker holds.

use crate::{
	assemble::{assemble, Flaw},
	codec::{Refusal, Request, Response},
	service::{self, Command, Failure, MAX_ASKING},
};
use encrytrust_blob_store::{cid, BlobStore};
use libp2p::{identity, multiaddr, multiaddr::Protocol, Multiaddr, PeerId};
use std::{
	collections::HashMap,
	fmt, io,
	sync::{Arc, Mutex, PoisonError},
	time::{Duration, Instant},
};
use tokio::{
	sync::{mpsc, oneshot, Semaphore},
	task,
	time::timeout,
};
use zeroize::Zeroizing;

/// How a worker takes part.
pub struct Config {
	/// Seed of its Ed25519 identity (RFC 8032, section 5.1.5): a secret.
	pub seed: Zeroizing<[u8; 32]>,
	/// Multiaddresses to listen at, `/ip4/0.0.0.0/tcp/4001`; none for a worker that only fetches.
	pub listen: Vec<String>,
	/// Longer blobs are not fetched.
	pub max_blob_bytes: u64,
	/// How long the other side may take for one piece of a blob, with the connection to it, or to take an offered blob.
	pub request_timeout: Duration,
	/// Decides about blobs that others offer; none is taken without it.
	pub offers: Option<Arc<dyn BlobSink>>,
}

impl Config {
	/// Listens nowhere, fetches up to 64 MiB, waits 30 seconds, takes no offers.
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

/// Another worker, as it is registered on chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
	/// Its Ed25519 public key.
	pub key: [u8; 32],
	/// Where it listens: a multiaddress, with or without its peer id.
	pub address: String,
}

/// Where the blobs come from that a worker serves. Called on threads for blocking work.
pub trait BlobSource: Send + Sync + 'static {
	/// The blob's total length, and its bytes from `offset` on: at least one unless the offset is at its end, at most
	/// `max`. `None` if there is no such blob.
	fn read(&self, digest: &[u8; 32], offset: u64, max: usize) -> io::Result<Option<(u64, Vec<u8>)>>;
}

impl BlobSource for BlobStore {
	fn read(&self, digest: &[u8; 32], offset: u64, max: usize) -> io::Result<Option<(u64, Vec<u8>)>> {
		self.read_range(digest, offset, max).map_err(io::Error::other)
	}
}

/// Who decides which offered blobs a worker takes, and keeps them. Called on threads for blocking work.
pub trait BlobSink: Send + Sync + 'static {
	/// How long the blob with this digest may be at most; `None` if it is not wanted. One that is there already may be
	/// wanted again.
	fn wants(&self, digest: &[u8; 32]) -> Option<u64>;

	/// Keeps a blob that was wanted; its bytes have the digest.
	fn keep(&self, blob: &[u8]) -> io::Result<()>;
}

/// Why a worker cannot take part.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
	/// The address is not one to listen at, or another program does.
	#[error("cannot listen at {address}: {why}; correct the worker's `listen` addresses (like /ip4/0.0.0.0/tcp/4001)")]
	Listen {
		/// Which.
		address: String,
		/// What is wrong with it.
		why: String,
	},
	/// The system does not let us.
	#[error("cannot set up the network: {0}")]
	System(String),
}

/// Why a blob did not come.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
	/// Nobody answers there, or the connection broke.
	#[error("no connection to the worker at {address}: {why}; it may be away for a while, try again")]
	Unreachable {
		/// Where.
		address: String,
		/// What happened.
		why: String,
	},
	/// No answer within the time given.
	#[error("the worker at {address} did not answer within {} ms; it may be away for a while, try again", after.as_millis())]
	Timeout {
		/// Where.
		address: String,
		/// How long it had.
		after: Duration,
	},
	/// The worker does not have the blob, or not yet.
	#[error("the worker at {address} has no blob {}; it may still be made, try again", cid(digest))]
	NotFound {
		/// Where.
		address: String,
		/// The blob.
		digest: [u8; 32],
	},
	/// What the worker sends is not the blob.
	#[error("the worker at {address} sent bytes that are not the blob {}; they were thrown away", cid(digest))]
	WrongBytes {
		/// Where.
		address: String,
		/// The blob.
		digest: [u8; 32],
	},
	/// The blob is longer than we take.
	#[error(
		"the blob {} at {address} has {total} bytes, at most {max} are taken; raise the worker's `max_blob_bytes`",
		cid(digest)
	)]
	TooLarge {
		/// Where.
		address: String,
		/// The blob.
		digest: [u8; 32],
		/// Its length, by the worker's word.
		total: u64,
		/// The configuration's limit.
		max: u64,
	},
	/// Somebody else answers there.
	#[error(
		"{found} answers at {address}, not the worker {expected}; \
		its registered address is wrong, or another program has taken it"
	)]
	WrongPeer {
		/// Where.
		address: String,
		/// Whom we asked for.
		expected: PeerId,
		/// Who answered.
		found: PeerId,
	},
	/// The registered key or address is none.
	#[error("the worker's registered {what} is not valid: {why}; it must register again")]
	BadPeer {
		/// Key or address.
		what: &'static str,
		/// What is wrong with it.
		why: String,
	},
	/// This worker's network was shut down.
	#[error("the network of this worker is shut down")]
	Stopped,
}

impl FetchError {
	/// Whether the same call may work later without anybody's doing.
	pub fn is_temporary(&self) -> bool {
		matches!(self, Self::Unreachable { .. } | Self::Timeout { .. } | Self::NotFound { .. })
	}
}

/// Why an offered blob was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
	/// We do not have it ourselves.
	#[error("the blob {} is not here: make it first", cid(digest))]
	NotHere {
		/// The blob.
		digest: [u8; 32],
	},
	/// The other worker said no.
	#[error("the worker at {address} did not take the blob {}: {why}", cid(digest))]
	Refused {
		/// Where.
		address: String,
		/// The blob.
		digest: [u8; 32],
		/// Its reason.
		why: Refusal,
	},
	/// There was no answer.
	#[error(transparent)]
	Connection(#[from] FetchError),
}

impl OfferError {
	/// Whether the same call may work later without anybody's doing.
	pub fn is_temporary(&self) -> bool {
		match self {
			Self::NotHere { .. } => false,
			Self::Refused { why, .. } => *why != Refusal::TooLong,
			Self::Connection(error) => error.is_temporary(),
		}
	}
}

/// The Ed25519 public key (RFC 8032, section 5.1.5) of a worker's seed: what it registers on chain.
pub fn public_key_of(seed: &Zeroizing<[u8; 32]>) -> [u8; 32] {
	keypair(seed.clone()).public().to_bytes()
}

fn keypair(mut seed: Zeroizing<[u8; 32]>) -> identity::ed25519::Keypair {
	#[allow(clippy::expect_used)]
	let secret = identity::ed25519::SecretKey::try_from_bytes(&mut seed[..]).expect("any 32 bytes are a seed");
	identity::ed25519::Keypair::from(secret)
}

/// The libp2p peer id of an Ed25519 public key; fails for bytes that are no point of the curve.
pub fn peer_id_of(key: &[u8; 32]) -> Result<PeerId, FetchError> {
	let key = identity::ed25519::PublicKey::try_from_bytes(key);
	let key = key.map_err(|error| FetchError::BadPeer { what: "key", why: error.to_string() })?;
	Ok(identity::PublicKey::from(key).to_peer_id())
}

/// A worker's place in the network. Clones share it; it ends with [`Self::shutdown`] or the last clone.
#[derive(Clone)]
pub struct Network {
	commands: mpsc::Sender<Command>,
	key: [u8; 32],
	peer_id: PeerId,
	source: Arc<dyn BlobSource>,
	/// How many more requests each peer may be sent now.
	slots: Arc<Mutex<HashMap<PeerId, Arc<Semaphore>>>>,
	max_blob_bytes: u64,
	request_timeout: Duration,
}

impl Network {
	/// Starts to listen and to serve `source`, on a task of the current tokio runtime.
	///
	/// # Panics
	///
	/// Outside of a tokio runtime.
	pub fn start(config: Config, source: Arc<dyn BlobSource>) -> Result<Self, StartError> {
		let identity = keypair(config.seed.clone());
		let key = identity.public().to_bytes();
		let identity = identity::Keypair::from(identity);
		let peer_id = identity.public().to_peer_id();
		let commands = service::start(identity, &config, source.clone())?;
		let Config { max_blob_bytes, request_timeout, .. } = config;
		Ok(Self { commands, key, peer_id, source, slots: Arc::default(), max_blob_bytes, request_timeout })
	}

	/// This worker's Ed25519 public key: what it registers on chain.
	pub fn public_key(&self) -> [u8; 32] {
		self.key
	}

	/// This worker's libp2p peer id.
	pub fn peer_id(&self) -> PeerId {
		self.peer_id
	}

	/// The multiaddresses at which this worker listens, with the ports that the system has given; waits until they are
	/// known. None after [`Self::shutdown`].
	pub async fn listen_addresses(&self) -> Vec<String> {
		let (reply, addresses) = oneshot::channel();
		if self.commands.send(Command::Addresses(reply)).await.is_err() {
			return vec![];
		}
		addresses.await.unwrap_or_default()
	}

	/// Fetches the blob with this sha2-256 from `peer`.
	///
	/// Connects if there is no connection, and once more if one broke. Any number of fetches may be under way.
	pub async fn fetch(&self, peer: Peer, digest: [u8; 32]) -> Result<Vec<u8>, FetchError> {
		let id = peer_id_of(&peer.key)?;
		let route = parse_address(&peer.address, id)?;
		let address = peer.address;
		let ask = |request| self.request(id, &route, &address, request);
		assemble(digest, self.max_blob_bytes, ask).await.map_err(|flaw| match flaw {
			Flaw::Request(error) => error,
			Flaw::NotFound => FetchError::NotFound { address: address.clone(), digest },
			Flaw::TooLong { total, max } => FetchError::TooLarge { address: address.clone(), digest, total, max },
			Flaw::WrongBytes => FetchError::WrongBytes { address: address.clone(), digest },
			Flaw::Stopped => FetchError::Stopped,
		})
	}

	/// Offers the blob with this sha2-256, which must be in the own source, to `peer`: returns when it has fetched and
	/// kept it. It does so over the connection that the offer came by, so whoever offers need not listen.
	pub async fn offer(&self, peer: Peer, digest: [u8; 32]) -> Result<(), OfferError> {
		let id = peer_id_of(&peer.key)?;
		let route = parse_address(&peer.address, id)?;
		let Response::Chunk { total: length, .. } = self.own(digest, 0).await? else {
			return Err(OfferError::NotHere { digest });
		};
		if id == self.peer_id {
			return Ok(());
		}
		let address = peer.address;
		match self.request(id, &route, &address, Request::Offer { digest, length }).await? {
			Response::Taken => Ok(()),
			Response::Refused(why) => Err(OfferError::Refused { address, digest, why }),
			_ => Err(FetchError::WrongBytes { address, digest }.into()),
		}
	}

	/// Stops serving and listening; connections and fetches under way end. Returns when the ports are free.
	pub async fn shutdown(&self) {
		let (reply, stopped) = oneshot::channel();
		if self.commands.send(Command::Shutdown(reply)).await.is_ok() {
			let _ = stopped.await;
		}
	}

	/// A request with its answer.
	async fn request(
		&self,
		peer: PeerId,
		route: &Multiaddr,
		address: &str,
		request: Request,
	) -> Result<Response, FetchError> {
		if let (true, Request::Ask { digest, offset }) = (peer == self.peer_id, request) {
			return self.own(digest, offset).await;
		}
		let answer = match self.ask(peer, route, request).await {
			// The connection may have been dead for long: only now we know, and may make another.
			Err(Failure::Lost(_)) => self.ask(peer, route, request).await,
			answer => answer,
		};
		let address = address.to_string();
		answer.map_err(|failure| match failure {
			Failure::Unreachable(why) | Failure::Lost(why) => FetchError::Unreachable { address, why },
			Failure::Timeout => FetchError::Timeout { address, after: self.request_timeout },
			Failure::WrongPeer(found) => FetchError::WrongPeer { address, expected: peer, found },
			Failure::Nonsense => FetchError::WrongBytes { address, digest: request.digest() },
			Failure::Stopped => FetchError::Stopped,
		})
	}

	/// Sends the request, as soon as the peer has not too many to answer, and waits for the answer.
	async fn ask(&self, peer: PeerId, route: &Multiaddr, request: Request) -> Result<Response, Failure> {
		let slots = self.slots(peer);
		let _slot = slots.acquire().await.map_err(|_| Failure::Stopped)?;
		let (since, (reply, answer)) = (Instant::now(), oneshot::channel());
		self.command(Command::Ask { peer, route: Some(route.clone()), request, reply }).await?;
		match timeout(self.request_timeout, answer).await {
			Ok(answer) => answer.map_err(|_| Failure::Stopped)?,
			Err(_) => {
				self.command(Command::Overdue { peer, since }).await?;
				Err(Failure::Timeout)
			},
		}
	}

	async fn command(&self, command: Command) -> Result<(), Failure> {
		self.commands.send(command).await.map_err(|_| Failure::Stopped)
	}

	fn slots(&self, peer: PeerId) -> Arc<Semaphore> {
		let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
		slots.entry(peer).or_insert_with(|| Arc::new(Semaphore::new(MAX_ASKING))).clone()
	}

	/// A worker in two roles may ask for what it has itself.
	async fn own(&self, digest: [u8; 32], offset: u64) -> Result<Response, FetchError> {
		let source = self.source.clone();
		let read = task::spawn_blocking(move || service::read(&*source, &digest, offset));
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
	let bad = |why: String| FetchError::BadPeer { what: "address", why: format!("\"{address}\": {why}") };
	let mut route: Multiaddr = address.parse().map_err(|error: multiaddr::Error| bad(error.to_string()))?;
	match route.iter().last() {
		None => Err(bad("it is empty".into())),
		Some(Protocol::P2p(peer)) if peer == expected => {
			route.pop();
			Ok(route)
		},
		Some(Protocol::P2p(peer)) => Err(bad(format!("it is that of {peer}, but the key is that of {expected}"))),
		Some(_) => Ok(route),
	}
}
