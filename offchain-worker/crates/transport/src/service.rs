//! The task that owns the connections.

use crate::{
	codec::{BlobCodec, Request, Response, PROTOCOL},
	network::{BlobSource, Config, StartError},
	offers::Taker,
	MAX_CHUNK,
};
use encrytrust_blob_store::cid;
use futures::StreamExt;
use libp2p::{
	connection_limits::{self, ConnectionLimits},
	core::transport::ListenerId,
	identify,
	identity::Keypair,
	multiaddr::Protocol,
	noise,
	request_response::{
		self, InboundRequestId, Message, OutboundFailure, OutboundRequestId, ProtocolSupport, ResponseChannel,
	},
	swarm::{
		dial_opts::{DialOpts, PeerCondition},
		ConnectionId, DialError, NetworkBehaviour, SwarmEvent,
	},
	tcp, yamux, Multiaddr, PeerId, Swarm, SwarmBuilder,
};
use std::{
	collections::{HashMap, HashSet, VecDeque},
	io,
	net::{IpAddr, TcpListener},
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::{
	sync::{mpsc, oneshot},
	task::JoinSet,
};

/// How long a connection without requests stays open.
const IDLE: Duration = Duration::from_secs(60);
/// Connections that others may open, in all.
const MAX_INCOMING: u32 = 256;
/// Connections with one peer: dead ones may linger beside the one in use.
const MAX_PER_PEER: u32 = 8;
/// Responses that are read and written at the same time, to all peers together; the memory they need is this times
/// [`MAX_CHUNK`]. Further requests wait.
const MAX_SERVING: usize = 32;
/// Requests to one peer that are not answered; further ones wait.
pub(crate) const MAX_ASKING: usize = 16;
/// Streams of one connection, both ways: what peers that keep to [`MAX_ASKING`] need, and some to spare.
const MAX_STREAMS: usize = 4 * MAX_ASKING;
/// Commands that wait for the task.
const COMMANDS: usize = 64;

/// What the handle asks of the task.
pub(crate) enum Command {
	/// Send `request` to `peer`, which listens at `route`; without a route over a connection that is there.
	Ask { peer: PeerId, route: Option<Multiaddr>, request: Request, reply: oneshot::Sender<Answer> },
	/// A request to `peer` has been waiting in vain since `since`.
	Overdue { peer: PeerId, since: Instant },
	/// Tell the addresses, once every listener has one.
	Addresses(oneshot::Sender<Vec<String>>),
	/// Stop, and tell when all is closed.
	Shutdown(oneshot::Sender<()>),
}

type Answer = Result<Response, Failure>;

/// Why there is no response.
pub(crate) enum Failure {
	/// No connection could be made.
	Unreachable(String),
	/// The connection that was there is no more.
	Lost(String),
	/// No response in time.
	Timeout,
	/// Somebody else answers at the address.
	WrongPeer(PeerId),
	/// The other side does not keep to the protocol.
	Nonsense,
	/// We were shut down.
	Stopped,
}

#[derive(NetworkBehaviour)]
struct Behaviour {
	limits: connection_limits::Behaviour,
	identify: identify::Behaviour,
	blobs: request_response::Behaviour<BlobCodec>,
}

/// Starts the task; it ends when the sender is dropped or at [`Command::Shutdown`].
pub(crate) fn start(
	identity: Keypair,
	config: &Config,
	source: Arc<dyn BlobSource>,
) -> Result<mpsc::Sender<Command>, StartError> {
	let mut swarm = swarm(identity, config.request_timeout).map_err(|error| StartError::System(error.to_string()))?;
	let mut listeners = HashMap::new();
	for address in &config.listen {
		let failed = |why: String| StartError::Listen { address: address.clone(), why };
		let parsed: Multiaddr = address.parse().map_err(|error| failed(format!("{error}")))?;
		check_free(&parsed).map_err(|error| failed(error.to_string()))?;
		let id = swarm.listen_on(parsed).map_err(|error| failed(reason(&error)))?;
		listeners.insert(id, vec![]);
	}
	let (sender, commands) = mpsc::channel(COMMANDS);
	let service = Service {
		swarm,
		source,
		taker: Taker::new(config.offers.clone(), sender.downgrade(), config.request_timeout),
		commands,
		waiting: vec![],
		dials: HashMap::new(),
		asked: HashMap::new(),
		heard: HashMap::new(),
		requests: VecDeque::new(),
		serving: HashSet::new(),
		reads: JoinSet::new(),
		listeners,
		curious: vec![],
	};
	tokio::spawn(async {
		if let Some(done) = service.run().await {
			let _ = done.send(());
		}
	});
	Ok(sender)
}

/// libp2p shares a port with whoever listens there in the same way, so that two workers would get each other's
/// connections: fails where somebody listens.
fn check_free(address: &Multiaddr) -> io::Result<()> {
	let mut parts = address.iter();
	let ip: IpAddr = match parts.next() {
		Some(Protocol::Ip4(ip)) => ip.into(),
		Some(Protocol::Ip6(ip)) => ip.into(),
		_ => return Ok(()),
	};
	match parts.next() {
		Some(Protocol::Tcp(port)) => TcpListener::bind((ip, port)).map(drop),
		_ => Ok(()),
	}
}

fn swarm(identity: Keypair, request_timeout: Duration) -> Result<Swarm<Behaviour>, Box<dyn std::error::Error>> {
	let behaviour = |identity: &Keypair| {
		let limits = ConnectionLimits::default()
			.with_max_established_incoming(Some(MAX_INCOMING))
			.with_max_pending_incoming(Some(MAX_INCOMING))
			.with_max_established_per_peer(Some(MAX_PER_PEER));
		let about = identify::Config::new("/encrytrust/1".into(), identity.public())
			.with_agent_version(concat!("encrytrust/", env!("CARGO_PKG_VERSION")).into());
		let blobs = request_response::Config::default()
			.with_request_timeout(request_timeout)
			.with_max_concurrent_streams(MAX_STREAMS);
		Behaviour {
			limits: connection_limits::Behaviour::new(limits),
			identify: identify::Behaviour::new(about),
			blobs: request_response::Behaviour::new([(PROTOCOL, ProtocolSupport::Full)], blobs),
		}
	};
	Ok(SwarmBuilder::with_existing_identity(identity)
		.with_tokio()
		.with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)?
		.with_dns()?
		.with_behaviour(behaviour)?
		.with_swarm_config(|config| config.with_idle_connection_timeout(IDLE))
		.build())
}

/// A request that is not sent yet.
struct Waiting {
	peer: PeerId,
	route: Multiaddr,
	request: Request,
	reply: oneshot::Sender<Answer>,
}

struct Service {
	swarm: Swarm<Behaviour>,
	source: Arc<dyn BlobSource>,
	taker: Taker,
	commands: mpsc::Receiver<Command>,
	/// Requests for peers that are not connected.
	waiting: Vec<Waiting>,
	/// Connections that are being made, to whom and where.
	dials: HashMap<ConnectionId, (PeerId, Multiaddr)>,
	/// Requests under way.
	asked: HashMap<OutboundRequestId, oneshot::Sender<Answer>>,
	/// When a connected peer last answered.
	heard: HashMap<PeerId, Instant>,
	/// Others' requests that wait for their turn.
	requests: VecDeque<(InboundRequestId, PeerId, Request, ResponseChannel<Response>)>,
	/// Others' requests that are being answered.
	serving: HashSet<InboundRequestId>,
	/// Blobs that are being read for them, or taken from them.
	reads: JoinSet<(ResponseChannel<Response>, Response)>,
	/// Where we listen.
	listeners: HashMap<ListenerId, Vec<Multiaddr>>,
	/// Who wants to know.
	curious: Vec<oneshot::Sender<Vec<String>>>,
}

impl Service {
	/// Runs until it is told to stop; whom to tell when everything is closed.
	async fn run(mut self) -> Option<oneshot::Sender<()>> {
		loop {
			tokio::select! {
				command = self.commands.recv() => match command? {
					Command::Ask { peer, route, request, reply } => self.ask(peer, route, request, reply),
					Command::Overdue { peer, since } => self.suspect(peer, since),
					Command::Addresses(reply) => {
						self.curious.push(reply);
						self.tell_addresses();
					},
					Command::Shutdown(done) => return Some(done),
				},
				event = self.swarm.select_next_some() => self.on_event(event),
				Some(read) = self.reads.join_next() => match read {
					// A closed channel is one that the other side has given up; an event tells of it.
					Ok((channel, response)) => drop(self.swarm.behaviour_mut().blobs.send_response(channel, response)),
					Err(error) => tracing::error!(%error, "reading a blob for another worker failed"),
				},
			}
		}
	}

	fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
		match event {
			SwarmEvent::Behaviour(BehaviourEvent::Blobs(event)) => self.on_blobs(event),
			SwarmEvent::ConnectionEstablished { peer_id, connection_id, .. } => {
				tracing::debug!(peer = %peer_id, "connected");
				self.dials.remove(&connection_id);
				for Waiting { peer, route, request, reply } in std::mem::take(&mut self.waiting) {
					self.ask(peer, Some(route), request, reply);
				}
			},
			SwarmEvent::ConnectionClosed { peer_id, cause, num_established, .. } => {
				tracing::debug!(peer = %peer_id, ?cause, "connection closed");
				if num_established == 0 {
					self.heard.remove(&peer_id);
				}
			},
			SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
				if let Some((peer, route)) = self.dials.remove(&connection_id) {
					tracing::debug!(%peer, %route, %error, "no connection");
					self.give_up(&peer, &route, &error);
				}
			},
			// Scanners and strangers knock all the time.
			SwarmEvent::IncomingConnectionError { send_back_addr, error, .. } => {
				tracing::debug!(from = %send_back_addr, %error, "incoming connection refused");
			},
			SwarmEvent::NewListenAddr { listener_id, address } => {
				tracing::info!(%address, "listening");
				self.listeners.entry(listener_id).or_default().push(address);
				self.tell_addresses();
			},
			SwarmEvent::ExpiredListenAddr { listener_id, address } => {
				self.listeners.entry(listener_id).or_default().retain(|known| *known != address);
			},
			SwarmEvent::ListenerClosed { listener_id, reason, .. } => {
				tracing::warn!(?reason, "no longer listening");
				self.listeners.remove(&listener_id);
				self.tell_addresses();
			},
			SwarmEvent::ListenerError { error, .. } => tracing::warn!(%error, "listening"),
			_ => {},
		}
	}

	fn on_blobs(&mut self, event: request_response::Event<Request, Response>) {
		match event {
			request_response::Event::Message { peer, message: Message::Request { request_id, request, channel } } => {
				self.requests.push_back((request_id, peer, request, channel));
				self.serve();
			},
			request_response::Event::Message { peer, message: Message::Response { request_id, response } } => {
				self.heard.insert(peer, Instant::now());
				self.answer(request_id, Ok(response));
			},
			request_response::Event::OutboundFailure { peer, request_id, error } => {
				tracing::debug!(%peer, %error, "request failed");
				self.answer(request_id, Err(failure(error)));
			},
			request_response::Event::InboundFailure { peer, request_id, error } => {
				tracing::debug!(%peer, %error, "request of another worker failed");
				self.served(request_id);
			},
			request_response::Event::ResponseSent { request_id, .. } => self.served(request_id),
		}
	}

	// Our requests

	/// Sends a request, or connects to whom it is for.
	fn ask(&mut self, peer: PeerId, route: Option<Multiaddr>, request: Request, reply: oneshot::Sender<Answer>) {
		// Nobody waits any more for a request that took too long.
		if reply.is_closed() {
			return;
		}
		if self.swarm.is_connected(&peer) {
			let id = self.swarm.behaviour_mut().blobs.send_request(&peer, request);
			self.asked.insert(id, reply);
		} else if let Some(route) = route {
			self.waiting.push(Waiting { peer, route: route.clone(), request, reply });
			self.dial(peer, route);
		} else {
			let _ = reply.send(Err(Failure::Lost("the other side has hung up".into())));
		}
	}

	/// A connection over which nothing came while an answer was due may be dead without the system's knowing: the next
	/// request shall have another. A slow one is kept.
	fn suspect(&mut self, peer: PeerId, since: Instant) {
		if self.heard.get(&peer).is_none_or(|heard| *heard < since) && self.swarm.disconnect_peer_id(peer).is_ok() {
			tracing::debug!(%peer, "no answer: the connection is given up");
		}
	}

	/// Connects to `peer` at `route`, unless that is under way.
	fn dial(&mut self, peer: PeerId, route: Multiaddr) {
		if self.dials.values().any(|(dialed, to)| *dialed == peer && *to == route) {
			return;
		}
		// From a fresh port: were it the one that we listen at, two workers that dial each other at the same moment would
		// meet in one connection with two initiators, and a lost connection could not be replaced for minutes.
		let dial = DialOpts::peer_id(peer).condition(PeerCondition::Always).addresses(vec![route.clone()]);
		let dial = dial.allocate_new_port().build();
		let id = dial.connection_id();
		match self.swarm.dial(dial) {
			Ok(()) => drop(self.dials.insert(id, (peer, route))),
			Err(error) => self.give_up(&peer, &route, &error),
		}
	}

	/// Tells those who wait for a connection to `peer` by `route` that there will be none.
	fn give_up(&mut self, peer: &PeerId, route: &Multiaddr, error: &DialError) {
		let (failed, waiting) = std::mem::take(&mut self.waiting)
			.into_iter()
			.partition::<Vec<_>, _>(|waiting| waiting.peer == *peer && waiting.route == *route);
		self.waiting = waiting;
		for waiting in failed {
			let failure = match error {
				DialError::WrongPeerId { obtained, .. } => Failure::WrongPeer(*obtained),
				// The swarm does not dial addresses that it listens at itself.
				DialError::LocalPeerId { .. } | DialError::NoAddresses => {
					Failure::WrongPeer(*self.swarm.local_peer_id())
				},
				DialError::Transport(errors) => {
					Failure::Unreachable(errors.iter().map(|(_, error)| reason(error)).collect::<Vec<_>>().join("; "))
				},
				other => Failure::Unreachable(reason(other)),
			};
			let _ = waiting.reply.send(Err(failure));
		}
	}

	fn answer(&mut self, request: OutboundRequestId, answer: Answer) {
		if let Some(reply) = self.asked.remove(&request) {
			let _ = reply.send(answer);
		}
	}

	// Others' requests

	/// Reads or takes for the next in the queue, as many at once as are allowed.
	fn serve(&mut self) {
		while self.serving.len() < MAX_SERVING {
			let Some((id, peer, request, channel)) = self.requests.pop_front() else { return };
			if !channel.is_open() {
				continue;
			}
			self.serving.insert(id);
			match request {
				Request::Ask { digest, offset } => {
					let source = self.source.clone();
					self.reads.spawn_blocking(move || (channel, read(&*source, &digest, offset)));
				},
				Request::Offer { digest, length } => {
					let taken = self.taker.clone().take(peer, digest, length);
					self.reads.spawn(async { (channel, taken.await) });
				},
			}
		}
	}

	fn served(&mut self, id: InboundRequestId) {
		self.serving.remove(&id);
		self.serve();
	}

	// Addresses

	fn tell_addresses(&mut self) {
		if self.listeners.values().all(|addresses| !addresses.is_empty()) {
			let addresses: Vec<String> = self.listeners.values().flatten().map(Multiaddr::to_string).collect();
			for reply in self.curious.drain(..) {
				let _ = reply.send(addresses.clone());
			}
		}
	}
}

/// The piece of a blob from `offset` on. A blob that cannot be read is one that we do not have.
pub(crate) fn read(source: &dyn BlobSource, digest: &[u8; 32], offset: u64) -> Response {
	match source.read(digest, offset, MAX_CHUNK) {
		Ok(Some((total, bytes))) => Response::Chunk { total, bytes },
		Ok(None) => Response::NotFound,
		Err(error) => {
			tracing::warn!(cid = %cid(digest), %error, "a blob that another worker asks for cannot be read");
			Response::NotFound
		},
	}
}

fn failure(error: OutboundFailure) -> Failure {
	match error {
		OutboundFailure::Timeout => Failure::Timeout,
		OutboundFailure::Io(error) if error.kind() == io::ErrorKind::InvalidData => Failure::Nonsense,
		OutboundFailure::UnsupportedProtocols => Failure::Unreachable("it does not speak the blob protocol".into()),
		other => Failure::Lost(reason(&other)),
	}
}

/// An error with its causes: the first alone says little.
fn reason(error: &dyn std::error::Error) -> String {
	let causes = std::iter::successors(error.source(), |cause| cause.source());
	causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
