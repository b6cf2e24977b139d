//! Workers in one process over the loopback interface: honest ones, and others.

use encrytrust_blob_store::{digest, BlobStore};
use encrytrust_transport::{
	peer_id_of, public_key_of, BlobSink, BlobSource, Config, FetchError, Network, OfferError, Peer, PeerId, Refusal,
	StartError, MAX_CHUNK,
};
use futures::{future::join_all, StreamExt};
use libp2p::{
	identity::Keypair,
	noise,
	request_response::{self, ProtocolSupport},
	swarm::SwarmEvent,
	tcp, yamux, StreamProtocol, Swarm, SwarmBuilder,
};
use std::{
	collections::HashMap,
	io,
	sync::{
		atomic::{AtomicBool, AtomicUsize, Ordering},
		Arc, Condvar, Mutex,
	},
	time::{Duration, Instant},
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	sync::{watch, Notify},
};

const LOOPBACK: &str = "/ip4/127.0.0.1/tcp/0";
/// Longer than any test takes that does not wait for it.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Blobs under the digests that a test gives them.
#[derive(Default)]
struct Blobs(Mutex<HashMap<[u8; 32], Vec<u8>>>);

impl Blobs {
	fn put(&self, bytes: Vec<u8>) -> [u8; 32] {
		let digest = digest(&bytes);
		self.put_as(digest, bytes);
		digest
	}

	fn put_as(&self, digest: [u8; 32], bytes: Vec<u8>) {
		self.0.lock().unwrap().insert(digest, bytes);
	}
}

impl BlobSource for Blobs {
	fn read(&self, digest: &[u8; 32], offset: u64, max: usize) -> io::Result<Option<(u64, Vec<u8>)>> {
		let blobs = self.0.lock().unwrap();
		let piece = |blob: &Vec<u8>| blob.iter().skip(offset as usize).take(max).copied().collect();
		Ok(blobs.get(digest).map(|blob| (blob.len() as u64, piece(blob))))
	}
}

/// A source made of a function.
struct Source<F>(F);

impl<F: Fn(u64) -> io::Result<Option<(u64, Vec<u8>)>> + Send + Sync + 'static> BlobSource for Source<F> {
	fn read(&self, _: &[u8; 32], offset: u64, _: usize) -> io::Result<Option<(u64, Vec<u8>)>> {
		self.0(offset)
	}
}

fn config(seed: u8) -> Config {
	let mut config = Config::new([seed; 32].into());
	config.listen = vec![LOOPBACK.into()];
	config.request_timeout = TIMEOUT;
	config
}

fn start(seed: u8, source: impl BlobSource) -> Network {
	Network::start(config(seed), Arc::new(source)).unwrap()
}

async fn peer(network: &Network) -> Peer {
	Peer { key: network.public_key(), address: network.listen_addresses().await.remove(0) }
}

fn pattern(length: usize) -> Vec<u8> {
	(0..length).map(|index| (index % 251) as u8).collect()
}

/// `/ip4/127.0.0.1/tcp/4001` as `127.0.0.1:4001`.
fn socket(address: &str) -> String {
	let parts: Vec<&str> = address.split('/').collect();
	format!("{}:{}", parts[2], parts[4])
}

fn multiaddress(listener: &TcpListener) -> String {
	format!("/ip4/127.0.0.1/tcp/{}", listener.local_addr().unwrap().port())
}

#[tokio::test]
async fn fetch_returns_blobs_of_any_length_in_both_directions() {
	let blobs = Arc::new(Blobs::default());
	let (a, b) = (Network::start(config(1), blobs.clone()).unwrap(), Network::start(config(2), blobs.clone()).unwrap());
	for length in [0, 1, MAX_CHUNK - 1, MAX_CHUNK, MAX_CHUNK + 1, 5 * MAX_CHUNK, 5 * MAX_CHUNK + 7] {
		let digest = blobs.put(pattern(length));
		for (from, to) in [(&a, &b), (&b, &a)] {
			assert!(from.fetch(peer(to).await, digest, u64::MAX).await.unwrap() == pattern(length), "{length}");
		}
	}
}

#[tokio::test]
async fn blob_store_is_served_without_damaged_blobs() {
	let folder = tempfile::tempdir().unwrap();
	let store = BlobStore::open(folder.path()).unwrap();
	let digest = store.put(b"hello world").unwrap();
	let (a, b) = (start(1, store.clone()), start(2, Blobs::default()));
	assert_eq!(b.fetch(peer(&a).await, digest, u64::MAX).await.unwrap(), b"hello world");
	let shard = std::fs::read_dir(folder.path().join("blobs")).unwrap().next().unwrap().unwrap().path();
	let file = std::fs::read_dir(shard).unwrap().next().unwrap().unwrap().path();
	std::fs::write(file, b"hello w0rld, and more").unwrap();
	let error = b.fetch(peer(&a).await, digest, u64::MAX).await.unwrap_err();
	assert!(matches!(error, FetchError::NotFound { .. }), "{error}");
	store.put(b"hello world").unwrap();
	assert_eq!(b.fetch(peer(&a).await, digest, u64::MAX).await.unwrap(), b"hello world");
}

#[tokio::test]
async fn peer_that_is_not_served_finds_no_blob() {
	struct NotFor(PeerId, Blobs);
	impl BlobSource for NotFor {
		fn read(&self, digest: &[u8; 32], offset: u64, max: usize) -> io::Result<Option<(u64, Vec<u8>)>> {
			self.1.read(digest, offset, max)
		}

		fn serves(&self, peer: &PeerId) -> bool {
			*peer != self.0
		}
	}
	let blobs = Blobs::default();
	let digest = blobs.put(pattern(10));
	let (b, c) = (start(2, Blobs::default()), start(3, Blobs::default()));
	let a = start(1, NotFor(peer_id_of(&b.public_key()).unwrap(), blobs));
	let error = b.fetch(peer(&a).await, digest, u64::MAX).await.unwrap_err();
	assert!(matches!(error, FetchError::NotFound { .. }), "{error}");
	assert_eq!(c.fetch(peer(&a).await, digest, u64::MAX).await.unwrap(), pattern(10));
}

#[tokio::test]
async fn fetch_of_own_blob_needs_no_connection() {
	let blobs = Blobs::default();
	let digest = blobs.put(pattern(3 * MAX_CHUNK));
	let mut config = config(1);
	config.listen = vec![];
	let a = Network::start(config, Arc::new(blobs)).unwrap();
	assert_eq!(a.listen_addresses().await, Vec::<String>::new());
	let own = Peer { key: a.public_key(), address: "/ip4/192.0.2.1/tcp/1".into() };
	assert!(a.fetch(own.clone(), digest, u64::MAX).await.unwrap() == pattern(3 * MAX_CHUNK));
	assert!(matches!(a.fetch(own, [9; 32], u64::MAX).await, Err(FetchError::NotFound { .. })));
}

#[tokio::test]
async fn many_fetches_run_at_the_same_time() {
	let blobs = Arc::new(Blobs::default());
	let digests: Vec<_> = (0..100).map(|blob| blobs.put(vec![blob; 300_000])).collect();
	let networks: Vec<_> = (1..=3).map(|seed| Network::start(config(seed), blobs.clone()).unwrap()).collect();
	let peers = join_all(networks.iter().map(peer)).await;
	let pairs = (0..3).flat_map(|from| (0..3).map(move |to| (from, to)));
	let fetches = pairs.flat_map(|(from, to)| {
		let (network, peer) = (&networks[from], &peers[to]);
		digests.iter().map(move |digest| network.fetch(peer.clone(), *digest, u64::MAX))
	});
	for (index, blob) in join_all(fetches).await.into_iter().enumerate() {
		assert_eq!(blob, Ok(vec![(index % 100) as u8; 300_000]), "{index}");
	}
}

#[tokio::test]
async fn fetch_fails_with_not_found_until_blob_exists() {
	let blobs = Arc::new(Blobs::default());
	let (a, b) = (Network::start(config(1), blobs.clone()).unwrap(), start(2, Blobs::default()));
	let a = peer(&a).await;
	let error = b.fetch(a.clone(), digest(b"late"), u64::MAX).await.unwrap_err();
	assert_eq!(error, FetchError::NotFound { address: a.address.clone(), digest: digest(b"late") });
	assert!(error.is_transient());
	blobs.put(b"late".to_vec());
	assert_eq!(b.fetch(a, digest(b"late"), u64::MAX).await.unwrap(), b"late");
}

#[tokio::test]
async fn fetch_fails_when_bytes_are_not_the_blob() {
	let digest = digest(&pattern(1000));
	type Read = fn(u64) -> io::Result<Option<(u64, Vec<u8>)>>;
	let reads: [(&str, Read); 7] = [
		("another blob", |_| Ok(Some((4, vec![1, 2, 3, 4])))),
		("nothing", |_| Ok(Some((0, vec![])))),
		("a piece that is empty", |_| Ok(Some((1000, vec![])))),
		("a piece that is short", |offset| Ok(Some((1000, pattern(1000)[offset as usize..][..1].to_vec())))),
		("more than it says", |_| Ok(Some((1000, vec![0; 1001])))),
		("a length that changes", |offset| Ok(Some((1000 + offset, vec![0; 600])))),
		("a length that shrinks", |offset| Ok(Some((1000 - offset, vec![0; 300])))),
	];
	let b = start(2, Blobs::default());
	for (name, read) in reads {
		let liar = start(1, Source(read));
		let liar_peer = peer(&liar).await;
		let error = b.fetch(liar_peer.clone(), digest, u64::MAX).await.unwrap_err();
		assert_eq!(error, FetchError::WrongBytes { address: liar_peer.address, digest }, "{name}");
		assert!(!error.is_transient());
		liar.shutdown().await;
	}
	let honest = Blobs::default();
	honest.put(pattern(1000));
	let honest = start(3, honest);
	assert_eq!(b.fetch(peer(&honest).await, digest, u64::MAX).await.unwrap(), pattern(1000));
}

#[tokio::test]
async fn fetch_fails_when_blob_is_longer_than_limit() {
	let blobs = Arc::new(Blobs::default());
	let (fits, large) = (blobs.put(vec![1; 1000]), blobs.put(vec![1; 1001]));
	let mut config = config(2);
	config.max_blob_bytes = 1000;
	let b = Network::start(config, blobs.clone()).unwrap();
	let a = Network::start(self::config(1), blobs).unwrap();
	let a = peer(&a).await;
	assert_eq!(b.fetch(a.clone(), fits, u64::MAX).await.unwrap().len(), 1000);
	let error = b.fetch(a.clone(), large, u64::MAX).await.unwrap_err();
	assert_eq!(error, FetchError::TooLarge { address: a.address, digest: large, total: 1001, max: 1000 });
}

#[tokio::test]
async fn fetch_fails_when_another_worker_is_at_the_address() {
	let blobs = Arc::new(Blobs::default());
	let digest = blobs.put(b"hello".to_vec());
	let (a, b) = (Network::start(config(1), blobs.clone()).unwrap(), Network::start(config(2), blobs).unwrap());
	let c = start(3, Blobs::default());
	// Even if there is a connection to the wrong peer.
	assert_eq!(c.fetch(peer(&a).await, digest, u64::MAX).await.unwrap(), b"hello");
	let moved = Peer { key: b.public_key(), address: peer(&a).await.address };
	let error = c.fetch(moved.clone(), digest, u64::MAX).await.unwrap_err();
	let expected = FetchError::WrongPeer { address: moved.address, expected: b.peer_id(), found: a.peer_id() };
	assert_eq!(error, expected);
	// An own address that is registered for another worker.
	let error =
		c.fetch(Peer { key: b.public_key(), address: peer(&c).await.address }, digest, u64::MAX).await.unwrap_err();
	assert!(matches!(error, FetchError::WrongPeer { found, .. } if found == c.peer_id()), "{error}");
	assert_eq!(c.fetch(peer(&b).await, digest, u64::MAX).await.unwrap(), b"hello");
}

#[tokio::test]
async fn fetch_succeeds_again_after_peer_was_away() {
	let blobs = Arc::new(Blobs::default());
	let digest = blobs.put(pattern(2 * MAX_CHUNK));
	let b = start(2, Blobs::default());
	let mut config = config(1);
	for _ in 0..3 {
		let listen = config.listen.clone();
		let a = Network::start(config, blobs.clone()).unwrap();
		let peer = peer(&a).await;
		assert!(listen == [LOOPBACK] || listen == [peer.address.clone()]);
		assert!(b.fetch(peer.clone(), digest, u64::MAX).await.unwrap() == pattern(2 * MAX_CHUNK));
		a.shutdown().await;
		let error = b.fetch(peer.clone(), digest, u64::MAX).await.unwrap_err();
		assert!(matches!(&error, FetchError::Unreachable { address, .. } if *address == peer.address), "{error}");
		assert!(error.is_transient());
		let other = Peer { key: b.public_key(), address: peer.address.clone() };
		assert_eq!(a.fetch(other, digest, u64::MAX).await, Err(FetchError::Stopped));
		assert_eq!(a.listen_addresses().await, Vec::<String>::new());
		// Back at the same place.
		config = self::config(1);
		config.listen = vec![peer.address];
	}
}

/// Forwards bytes between its address and another, unless it is told to swallow them, or to cut the connections that there are.
async fn proxy(to: String, swallow: watch::Receiver<bool>, cut: Arc<Notify>) -> String {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = multiaddress(&listener);
	tokio::spawn(async move {
		loop {
			let (inner, _) = listener.accept().await.unwrap();
			let outer = TcpStream::connect(&to).await.unwrap();
			let (from_inner, to_inner) = inner.into_split();
			let (from_outer, to_outer) = outer.into_split();
			// Connections that were made while bytes were swallowed stay dead.
			for (mut from, mut to) in [(from_inner, to_outer), (from_outer, to_inner)] {
				let swallow = swallow.clone();
				let cut = cut.clone();
				tokio::spawn(async move {
					let forward = async {
						let (mut buffer, mut dead) = (vec![0; 4096], false);
						while let Ok(read @ 1..) = from.read(&mut buffer).await {
							dead |= *swallow.borrow();
							if !dead && to.write_all(&buffer[..read]).await.is_err() {
								return;
							}
						}
					};
					tokio::select! {
						() = forward => {},
						() = cut.notified() => {},
					}
				});
			}
		}
	});
	address
}

#[tokio::test]
async fn fetch_replaces_connection_that_died_silently() {
	let blobs = Blobs::default();
	let digest = blobs.put(b"hello".to_vec());
	let a = start(1, blobs);
	let mut config = config(2);
	config.request_timeout = Duration::from_secs(4);
	let b = Network::start(config, Arc::new(Blobs::default())).unwrap();
	let (swallow, swallowing) = watch::channel(false);
	let address = proxy(socket(&peer(&a).await.address), swallowing, Arc::default()).await;
	let a = Peer { key: a.public_key(), address };
	assert_eq!(b.fetch(a.clone(), digest, u64::MAX).await.unwrap(), b"hello");
	swallow.send(true).unwrap();
	let error = b.fetch(a.clone(), digest, u64::MAX).await.unwrap_err();
	assert!(matches!(error, FetchError::Timeout { .. }) && error.is_transient(), "{error}");
	swallow.send(false).unwrap();
	assert_eq!(b.fetch(a, digest, u64::MAX).await.unwrap(), b"hello");
}

/// A peer that holds a request for a little less than the timeout, drops the connection, and holds the next one.
#[tokio::test]
async fn a_request_that_is_sent_again_has_the_time_that_is_left() {
	const TIMEOUT: Duration = Duration::from_secs(4);
	let blobs = Blobs::default();
	let digest = blobs.put(b"hello".to_vec());
	let a = start(1, blobs);
	let mut config = config(2);
	config.request_timeout = TIMEOUT;
	let b = Network::start(config, Arc::new(Blobs::default())).unwrap();
	let (swallow, swallowing) = watch::channel(false);
	let cut = Arc::new(Notify::new());
	let address = proxy(socket(&peer(&a).await.address), swallowing, cut.clone()).await;
	let a = Peer { key: a.public_key(), address };
	assert_eq!(b.fetch(a.clone(), digest, u64::MAX).await.unwrap(), b"hello");
	swallow.send(true).unwrap();
	let since = Instant::now();
	let drop_it = async {
		tokio::time::sleep(TIMEOUT * 3 / 4).await;
		cut.notify_waiters();
	};
	let (fetched, ()) = tokio::join!(b.fetch(a, digest, u64::MAX), drop_it);
	assert!(matches!(fetched, Err(FetchError::Timeout { .. })), "{fetched:?}");
	let waited = since.elapsed();
	assert!(waited < TIMEOUT * 3 / 2, "{waited:?}");
}

#[tokio::test]
async fn fetch_fails_with_not_found_when_source_fails() {
	let failing = AtomicBool::new(true);
	let a = start(
		1,
		Source(move |_| match failing.swap(false, Ordering::SeqCst) {
			true => Err(io::Error::other("disk")),
			false => panic!("the source is broken"),
		}),
	);
	let b = start(2, Blobs::default());
	let error = b.fetch(peer(&a).await, [1; 32], u64::MAX).await.unwrap_err();
	assert!(matches!(error, FetchError::NotFound { .. }), "{error}");
	// One that panics breaks its stream, and nothing else.
	let error = b.fetch(peer(&a).await, [1; 32], u64::MAX).await.unwrap_err();
	assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
	assert_eq!(a.listen_addresses().await.len(), 1);
}

#[tokio::test]
async fn fetch_fails_for_invalid_key_or_address() {
	let a = start(1, Blobs::default());
	let here = peer(&a).await.address;
	let other = start(2, Blobs::default());
	// y = 2: the curve has no such point.
	let mut no_point = [0; 32];
	no_point[0] = 2;
	for (key, address, message) in [
		(no_point, here.clone(), "registered key is invalid"),
		(other.public_key(), "127.0.0.1:4001".into(), "registered address is invalid: \"127.0.0.1:4001\""),
		(other.public_key(), String::new(), "registered address is invalid"),
		(other.public_key(), "/ip4/300.0.0.1/tcp/1".into(), "registered address is invalid"),
		(other.public_key(), format!("{here}/p2p/{}", a.peer_id()), "but the key to"),
	] {
		let error = a.fetch(Peer { key, address }, [1; 32], u64::MAX).await.unwrap_err();
		assert!(matches!(error, FetchError::BadPeer { .. }) && error.to_string().contains(message), "{error}");
	}
	for address in ["/unix/nowhere", "/ip4/127.0.0.1", "/ip4/127.0.0.1/udp/9", "/dns4/no.such.host.invalid/tcp/1"] {
		let error =
			a.fetch(Peer { key: other.public_key(), address: address.into() }, [1; 32], u64::MAX).await.unwrap_err();
		assert!(matches!(error, FetchError::Unreachable { .. }), "{address}: {error}");
	}
	// An address may end in the expected peer id, and names are looked up.
	let port = peer(&other).await.address.rsplit('/').next().unwrap().to_string();
	let named = format!("/dns4/localhost/tcp/{port}/p2p/{}", other.peer_id());
	let error = a.fetch(Peer { key: other.public_key(), address: named }, [1; 32], u64::MAX).await.unwrap_err();
	assert!(matches!(error, FetchError::NotFound { .. }), "{error}");
}

#[tokio::test]
async fn start_fails_for_addresses_that_cannot_be_listened_on() {
	let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let other = start(2, Blobs::default());
	let others = peer(&other).await.address;
	for address in ["nowhere".to_string(), "/ip4/127.0.0.1/udp/1".into(), multiaddress(&taken), others] {
		let mut config = config(1);
		config.listen = vec![address.clone()];
		match Network::start(config, Arc::new(Blobs::default())) {
			Err(StartError::Listen { address: refused, .. }) => assert_eq!(refused, address),
			other => panic!("{address}: {other:?}"),
		}
	}
}

#[test]
fn debug_of_config_does_not_show_the_seed() {
	let shown = format!("{:?}", Config::new([171; 32].into()));
	assert!(!shown.contains("171") && !shown.to_lowercase().contains("abab"), "{shown}");
}

/// RFC 8032, section 7.1, test 1; the peer id by the libp2p specification: an identity multihash of the key's protobuf.
#[tokio::test]
async fn keys_and_peer_ids_match_the_standards() {
	let seed = [
		0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49,
		0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
	];
	let key = [
		0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1,
		0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
	];
	let network = Network::start(Config::new(seed.into()), Arc::new(Blobs::default())).unwrap();
	assert_eq!((network.public_key(), public_key_of(&seed.into())), (key, key));
	assert_eq!(peer_id_of(&key), Ok(network.peer_id()));
	let bytes = network.peer_id().to_bytes();
	assert_eq!(bytes, [&[0x00, 36, 0x08, 0x01, 0x12, 32][..], &key[..]].concat());
}

/// Says what it is told to on a stream of the blob protocol, as request or as response.
#[derive(Clone, Default)]
struct Raw;

#[async_trait::async_trait]
impl request_response::Codec for Raw {
	type Protocol = StreamProtocol;
	type Request = Vec<u8>;
	type Response = Vec<u8>;

	async fn read_request<T: futures::AsyncRead + Unpin + Send>(
		&mut self,
		_: &StreamProtocol,
		io: &mut T,
	) -> io::Result<Vec<u8>> {
		read_all(io).await
	}

	async fn read_response<T: futures::AsyncRead + Unpin + Send>(
		&mut self,
		_: &StreamProtocol,
		io: &mut T,
	) -> io::Result<Vec<u8>> {
		read_all(io).await
	}

	async fn write_request<T: futures::AsyncWrite + Unpin + Send>(
		&mut self,
		_: &StreamProtocol,
		io: &mut T,
		bytes: Vec<u8>,
	) -> io::Result<()> {
		futures::AsyncWriteExt::write_all(io, &bytes).await
	}

	async fn write_response<T: futures::AsyncWrite + Unpin + Send>(
		&mut self,
		_: &StreamProtocol,
		io: &mut T,
		bytes: Vec<u8>,
	) -> io::Result<()> {
		futures::AsyncWriteExt::write_all(io, &bytes).await
	}
}

async fn read_all(io: &mut (impl futures::AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
	let mut bytes = vec![];
	futures::AsyncReadExt::read_to_end(io, &mut bytes).await?;
	Ok(bytes)
}

/// Sends what it is told to and never reads a response.
#[derive(Clone, Default)]
struct Deaf;

#[async_trait::async_trait]
impl request_response::Codec for Deaf {
	type Protocol = StreamProtocol;
	type Request = Vec<u8>;
	type Response = Vec<u8>;

	async fn read_request<T: futures::AsyncRead + Unpin + Send>(
		&mut self,
		_: &StreamProtocol,
		_: &mut T,
	) -> io::Result<Vec<u8>> {
		std::future::pending().await
	}

	async fn read_response<T: futures::AsyncRead + Unpin + Send>(
		&mut self,
		_: &StreamProtocol,
		_: &mut T,
	) -> io::Result<Vec<u8>> {
		std::future::pending().await
	}

	async fn write_request<T: futures::AsyncWrite + Unpin + Send>(
		&mut self,
		_: &StreamProtocol,
		io: &mut T,
		bytes: Vec<u8>,
	) -> io::Result<()> {
		futures::AsyncWriteExt::write_all(io, &bytes).await
	}

	async fn write_response<T: futures::AsyncWrite + Unpin + Send>(
		&mut self,
		_: &StreamProtocol,
		_: &mut T,
		_: Vec<u8>,
	) -> io::Result<()> {
		Ok(())
	}
}

fn raw(seed: u8) -> Swarm<request_response::Behaviour<Raw>> {
	raw_with(Keypair::ed25519_from_bytes([seed; 32]).unwrap())
}

fn raw_with<C>(keypair: Keypair) -> Swarm<request_response::Behaviour<C>>
where
	C: request_response::Codec<Protocol = StreamProtocol> + Default + Clone + Send + 'static,
{
	let protocol = (StreamProtocol::new("/encrytrust/blob/2"), ProtocolSupport::Full);
	let config = request_response::Config::default().with_request_timeout(TIMEOUT);
	SwarmBuilder::with_existing_identity(keypair)
		.with_tokio()
		.with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
		.unwrap()
		.with_behaviour(|_| request_response::Behaviour::<C>::new([protocol], config))
		.unwrap()
		.with_swarm_config(|config| config.with_idle_connection_timeout(TIMEOUT))
		.build()
}

#[tokio::test]
async fn fetch_fails_when_response_violates_the_protocol() {
	let mut rogue = raw(1);
	let key = rogue.local_peer_id().to_bytes()[6..].try_into().unwrap();
	rogue.listen_on(LOOPBACK.parse().unwrap()).unwrap();
	let address = loop {
		if let SwarmEvent::NewListenAddr { address, .. } = rogue.select_next_some().await {
			break address.to_string();
		}
	};
	let long = [&[1, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 16, 0][..], &vec![0; MAX_CHUNK + 1]].concat();
	let responses = [vec![7; 100], vec![0, 1], long, vec![1, 5, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3], vec![]];
	let count = responses.len();
	let mut answers = responses.into_iter();
	tokio::spawn(async move {
		loop {
			if let SwarmEvent::Behaviour(request_response::Event::Message {
				message: request_response::Message::Request { channel, .. },
				..
			}) = rogue.select_next_some().await
			{
				let _ = rogue.behaviour_mut().send_response(channel, answers.next().unwrap_or_default());
			}
		}
	});
	let b = start(2, Blobs::default());
	for index in 0..count {
		let error = b.fetch(Peer { key, address: address.clone() }, [5; 32], u64::MAX).await.unwrap_err();
		// Nothing at all may also be a connection that was lost.
		let silent = index == count - 1;
		match error {
			FetchError::WrongBytes { .. } => assert!(!silent),
			FetchError::Unreachable { .. } => assert!(silent),
			other => panic!("{index}: {other}"),
		}
	}
}

/// Wants one blob, up to a length.
struct OneBlobSink {
	digest: [u8; 32],
	max: u64,
	keeps: bool,
	kept: Mutex<Vec<Vec<u8>>>,
}

impl OneBlobSink {
	fn new(digest: [u8; 32], max: u64) -> Arc<Self> {
		Arc::new(Self { digest, max, keeps: true, kept: Mutex::default() })
	}

	fn kept(&self) -> Vec<Vec<u8>> {
		self.kept.lock().unwrap().clone()
	}
}

impl BlobSink for OneBlobSink {
	fn wants(&self, digest: &[u8; 32]) -> Option<u64> {
		(*digest == self.digest).then_some(self.max)
	}

	fn keep(&self, blob: &[u8]) -> io::Result<()> {
		if !self.keeps {
			return Err(io::Error::other("disk"));
		}
		self.kept.lock().unwrap().push(blob.to_vec());
		Ok(())
	}
}

fn start_with_sink(seed: u8, sink: Arc<OneBlobSink>) -> Network {
	let mut config = config(seed);
	config.offers = Some(sink);
	Network::start(config, Arc::new(Blobs::default())).unwrap()
}

/// A worker that does not listen, so that nobody can connect to it, with this source.
fn offering(seed: u8, source: impl BlobSource) -> Network {
	let mut config = config(seed);
	config.listen = vec![];
	Network::start(config, Arc::new(source)).unwrap()
}

#[tokio::test]
async fn offered_blob_is_fetched_over_the_connection_of_the_offer() {
	for length in [0, 1, 50_000, MAX_CHUNK, 2 * MAX_CHUNK + 1] {
		let blobs = Blobs::default();
		let digest = blobs.put(pattern(length));
		let sink = OneBlobSink::new(digest, length as u64);
		let (a, b) = (start_with_sink(1, sink.clone()), offering(2, blobs));
		b.offer(peer(&a).await, digest).await.unwrap();
		assert!(sink.kept() == [pattern(length)], "{length}");
	}
}

#[tokio::test]
async fn offer_is_refused_unless_blob_is_wanted_and_not_too_long() {
	let blobs = Arc::new(Blobs::default());
	let (wanted, other) = (blobs.put(pattern(1001)), blobs.put(pattern(10)));
	let short = OneBlobSink::new(wanted, 1000);
	let broken = Arc::new(OneBlobSink { digest: wanted, max: 2000, keeps: false, kept: Mutex::default() });
	let (a, full, deaf) = (start_with_sink(1, short.clone()), start_with_sink(3, broken), start(4, Blobs::default()));
	let b = Network::start(config(2), blobs.clone()).unwrap();
	for (name, network, digest, reason) in [
		("too long", &a, wanted, Refusal::TooLong),
		("not wanted", &a, other, Refusal::Unwanted),
		("no sink", &deaf, wanted, Refusal::Unwanted),
		("cannot be kept", &full, wanted, Refusal::Failed),
	] {
		let peer = peer(network).await;
		let error = b.offer(peer.clone(), digest).await.unwrap_err();
		assert_eq!(error, OfferError::Refused { address: peer.address, digest, reason }, "{name}");
		assert_eq!(error.is_transient(), reason != Refusal::TooLong, "{name}");
	}
	assert_eq!(short.kept(), Vec::<Vec<u8>>::new());
	let missing = [9; 32];
	assert_eq!(b.offer(peer(&a).await, missing).await, Err(OfferError::MissingBlob { digest: missing }));
	let nobody = Peer { key: a.public_key(), address: "/ip4/127.0.0.1/udp/9".into() };
	let stranger = Network::start(config(5), blobs).unwrap();
	let error = stranger.offer(nobody, wanted).await.unwrap_err();
	assert!(matches!(error, OfferError::Connection(FetchError::Unreachable { .. })) && error.is_transient(), "{error}");
	// A worker that offers to itself has the blob.
	assert_eq!(b.offer(peer(&b).await, wanted).await, Ok(()));
}

#[tokio::test]
async fn offer_is_refused_when_bytes_are_not_the_blob() {
	let digest = digest(&pattern(1000));
	type Read = fn(u64) -> io::Result<Option<(u64, Vec<u8>)>>;
	let reads: [(&str, Read); 4] = [
		("other bytes", |_| Ok(Some((1000, vec![0; 1000])))),
		("pieces shorter than can be", |_| Ok(Some((1000, vec![0; 500])))),
		("an empty piece", |_| Ok(Some((1000, vec![])))),
		("more than it says", |_| Ok(Some((1000, vec![0; 1001])))),
	];
	for (name, read) in reads {
		let sink = OneBlobSink::new(digest, 2000);
		let (a, liar) = (start_with_sink(1, sink.clone()), offering(2, Source(read)));
		let error = liar.offer(peer(&a).await, digest).await.unwrap_err();
		assert!(matches!(error, OfferError::Refused { reason: Refusal::Failed, .. }), "{name}: {error}");
		assert_eq!(sink.kept(), Vec::<Vec<u8>>::new(), "{name}");
	}
}

/// Holds those who pass until it is opened, and counts them. It opens when it is dropped: a test that fails ends.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<(usize, bool)>, Condvar)>);

impl Gate {
	fn pass(&self) {
		let (state, changed) = &*self.0;
		let mut state = state.lock().unwrap();
		state.0 += 1;
		drop(changed.wait_while(state, |(_, is_open)| !*is_open).unwrap());
	}

	fn open(&self) {
		self.0 .0.lock().unwrap().1 = true;
		self.0 .1.notify_all();
	}

	/// Waits until so many have come.
	async fn reached(&self, count: usize) {
		while self.0 .0.lock().unwrap().0 < count {
			tokio::task::yield_now().await;
		}
	}
}

struct Opening(Gate);

impl Drop for Opening {
	fn drop(&mut self) {
		self.0.open();
	}
}

#[tokio::test]
async fn offer_is_refused_as_busy_while_another_of_the_peer_is_taken() {
	/// Keeps no blob until its gate opens.
	struct Slow(Gate);
	impl BlobSink for Slow {
		fn wants(&self, _: &[u8; 32]) -> Option<u64> {
			Some(10)
		}

		fn keep(&self, _: &[u8]) -> io::Result<()> {
			self.0.pass();
			Ok(())
		}
	}
	let gate = Gate::default();
	let _opening = Opening(gate.clone());
	let mut config = config(1);
	config.offers = Some(Arc::new(Slow(gate.clone())));
	let a = Network::start(config, Arc::new(Blobs::default())).unwrap();
	let peer = peer(&a).await;
	let blobs = Arc::new(Blobs::default());
	let digest = blobs.put(vec![1; 10]);
	let [b, c] = [2, 3].map(|seed| Network::start(self::config(seed), blobs.clone()).unwrap());
	let offer = |network: &Network| {
		let (network, peer) = (network.clone(), peer.clone());
		tokio::spawn(async move { network.offer(peer, digest).await })
	};
	let first = offer(&b);
	gate.reached(1).await;
	let error = offer(&b).await.unwrap().unwrap_err();
	assert!(matches!(error, OfferError::Refused { reason: Refusal::Busy, .. }) && error.is_transient(), "{error}");
	let others = offer(&c);
	gate.reached(2).await;
	gate.open();
	assert_eq!([first.await.unwrap(), others.await.unwrap()], [Ok(()), Ok(())]);
	assert_eq!(offer(&b).await.unwrap(), Ok(()));
}

/// Whoever knows a digest may offer the blob, and not give it.
#[tokio::test]
async fn offer_is_taken_while_others_offer_the_blob_and_withhold_it() {
	let blobs = Blobs::default();
	let digest = blobs.put(pattern(50_000));
	let sink = OneBlobSink::new(digest, 64 * 1024);
	let a = start_with_sink(1, sink.clone());
	let peer = peer(&a).await;
	let gate = Gate::default();
	let _opening = Opening(gate.clone());
	let mut others = vec![];
	for seed in 10..30 {
		let (first, gate) = (AtomicBool::new(true), gate.clone());
		let network = offering(
			seed,
			Source(move |_| {
				// To offer it takes its length.
				if !first.swap(false, Ordering::SeqCst) {
					gate.pass();
				}
				Ok(Some((50_000, pattern(50_000))))
			}),
		);
		let peer = peer.clone();
		others.push(tokio::spawn(async move { network.offer(peer, digest).await }));
	}
	gate.reached(8).await;
	offering(2, blobs).offer(peer, digest).await.unwrap();
	assert!(sink.kept() == [pattern(50_000)]);
	// And no one of them may take long.
	for other in others {
		let error = other.await.unwrap().unwrap_err();
		assert!(matches!(error, OfferError::Refused { reason: Refusal::Failed, .. }), "{error}");
	}
}

#[tokio::test]
async fn known_peer_is_served_while_strangers_hold_all_of_their_share() {
	const HELD: [u8; 32] = [7; 32];
	struct Holding(Gate, Blobs);
	impl BlobSource for Holding {
		fn read(&self, digest: &[u8; 32], offset: u64, max: usize) -> io::Result<Option<(u64, Vec<u8>)>> {
			if *digest == HELD {
				self.0.pass();
			}
			self.1.read(digest, offset, max)
		}
	}
	let gate = Gate::default();
	let _opening = Opening(gate.clone());
	let blobs = Blobs::default();
	let digest = blobs.put(pattern(1000));
	let a = start(1, Holding(gate.clone(), blobs));
	let a_peer = peer(&a).await;
	let known = start(2, Blobs::default());
	a.reserve_for([known.public_key()]).await;
	for seed in 10..20 {
		let stranger = start(seed, Blobs::default());
		for _ in 0..4 {
			let (stranger, peer) = (stranger.clone(), a_peer.clone());
			tokio::spawn(async move { stranger.fetch(peer, HELD, u64::MAX).await });
		}
	}
	gate.reached(16).await;
	assert_eq!(known.fetch(a_peer, digest, u64::MAX).await.unwrap(), pattern(1000));
}

#[tokio::test]
async fn response_that_is_not_read_is_given_up_for_others() {
	let blobs = Blobs::default();
	let digest = blobs.put(pattern(MAX_CHUNK));
	let a = start(1, blobs);
	let a_peer = peer(&a).await;
	let address = format!("{}/p2p/{}", a_peer.address, a.peer_id()).parse::<libp2p::Multiaddr>().unwrap();
	let (ready, mut readies) = tokio::sync::mpsc::channel(1);
	for seed in 10..18 {
		let mut deaf = raw_with::<Deaf>(Keypair::ed25519_from_bytes([seed; 32]).unwrap());
		deaf.dial(address.clone()).unwrap();
		let (id, ready) = (a.peer_id(), ready.clone());
		tokio::spawn(async move {
			loop {
				if let SwarmEvent::ConnectionEstablished { .. } = deaf.select_next_some().await {
					for _ in 0..4 {
						deaf.behaviour_mut().send_request(&id, [&[0][..], &digest, &[0; 8]].concat());
					}
					ready.send(()).await.unwrap();
				}
			}
		});
		readies.recv().await.unwrap();
	}
	// Much less than the timeout after which the server gives up any request.
	let mut config = config(2);
	config.request_timeout = TIMEOUT / 3;
	let b = Network::start(config, Arc::new(Blobs::default())).unwrap();
	assert!(b.fetch(a_peer, digest, u64::MAX).await.unwrap() == pattern(MAX_CHUNK));
}

#[tokio::test]
async fn newcomers_are_served_however_many_strangers_are_connected() {
	/// More than may be connected.
	const STRANGERS: usize = 260;
	let blobs = Arc::new(Blobs::default());
	let digest = blobs.put(pattern(1000));
	let a = Network::start(config(1), blobs.clone()).unwrap();
	let a_peer = peer(&a).await;
	let known = start(2, Blobs::default());
	a.reserve_for([known.public_key()]).await;
	// A connection that stays, though it is the oldest one.
	assert_eq!(known.fetch(a_peer.clone(), digest, u64::MAX).await.unwrap(), pattern(1000));
	let address = format!("{}/p2p/{}", a_peer.address, a.peer_id()).parse::<libp2p::Multiaddr>().unwrap();
	for _ in 0..STRANGERS {
		let mut stranger = raw_with::<Raw>(Keypair::generate_ed25519());
		stranger.dial(address.clone()).unwrap();
		while !matches!(stranger.select_next_some().await, SwarmEvent::ConnectionEstablished { .. }) {}
		tokio::spawn(async move { while stranger.next().await.is_some() {} });
	}
	for seed in [3, 4, 2] {
		let network = if seed == 2 { known.clone() } else { start(seed, Blobs::default()) };
		assert_eq!(network.fetch(a_peer.clone(), digest, u64::MAX).await.unwrap(), pattern(1000), "{seed}");
	}
}

#[tokio::test]
async fn service_survives_garbage_on_the_socket() {
	let blobs = Blobs::default();
	let digest = blobs.put(b"hello".to_vec());
	let a = start(1, blobs);
	let (address, b) = (peer(&a).await, start(2, Blobs::default()));
	for garbage in [vec![], vec![0; 10_000], vec![0xff; 10_000], b"GET / HTTP/1.1\r\n\r\n".to_vec(), pattern(100_000)] {
		let mut stream = TcpStream::connect(socket(&address.address)).await.unwrap();
		let _ = stream.write_all(&garbage).await;
		let _ = stream.shutdown().await;
		// Until the peer has disconnected.
		while let Ok(1..) = stream.read(&mut [0; 1000]).await {}
	}
	// And from a peer that has a key and speaks libp2p.
	let mut rogue = raw(3);
	rogue.dial(format!("{}/p2p/{}", address.address, a.peer_id()).parse::<libp2p::Multiaddr>().unwrap()).unwrap();
	for garbage in [vec![], vec![1; 40], vec![1; 42], vec![2; 41], pattern(100_000)] {
		rogue.behaviour_mut().send_request(&a.peer_id(), garbage);
		loop {
			match rogue.select_next_some().await {
				SwarmEvent::Behaviour(request_response::Event::OutboundFailure { .. }) => break,
				SwarmEvent::Behaviour(request_response::Event::Message {
					message: request_response::Message::Response { response, .. },
					..
				}) => {
					assert_eq!(response, Vec::<u8>::new());
					break;
				},
				_ => {},
			}
		}
	}
	assert_eq!(b.fetch(address, digest, u64::MAX).await.unwrap(), b"hello");
}

#[tokio::test]
async fn concurrent_reads_stay_within_the_limit() {
	static READING: AtomicUsize = AtomicUsize::new(0);
	static MOST: AtomicUsize = AtomicUsize::new(0);
	let bytes = vec![1; 1000];
	let name = digest(&bytes);
	let a = start(
		1,
		Source(move |_| {
			MOST.fetch_max(READING.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
			// Long enough that others come meanwhile.
			std::thread::sleep(Duration::from_millis(5));
			READING.fetch_sub(1, Ordering::SeqCst);
			Ok(Some((1000, bytes.clone())))
		}),
	);
	let peer = peer(&a).await;
	let others: Vec<_> = (2..8).map(|seed| start(seed, Blobs::default())).collect();
	let fetches = others.iter().flat_map(|other| (0..50).map(|_| other.fetch(peer.clone(), name, u64::MAX)));
	assert!(join_all(fetches).await.iter().all(Result::is_ok));
	assert!(MOST.load(Ordering::SeqCst) <= 32, "{MOST:?}");
}
