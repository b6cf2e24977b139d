//! The task that owns the connections.

use crate::{
	admission::Admission,
	blobs::serve_piece,
	codec::{BlobCodec, Request, Response, PROTOCOL},
	command::{Command, Failure, RequestResult, MAX_OUTBOUND},
	offers::OfferHandler,
	BlobSource, Config, StartError,
};
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
	collections::{HashMap, VecDeque},
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
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// Connections with one peer: dead ones may linger next to the one in use.
const MAX_PER_PEER: u32 = 8;
/// Streams of one connection, both ways: what peers that keep to [`MAX_OUTBOUND`] need, and some to spare.
const MAX_STREAMS: usize = 4 * MAX_OUTBOUND;
/// Commands that wait for the service.
const MAX_COMMANDS: usize = 64;

#[derive(NetworkBehaviour)]
struct Behaviour {
	admission: Admission,
	limits: connection_limits::Behaviour,
	identify: identify::Behaviour,
	blobs: request_response::Behaviour<BlobCodec>,
}

/// Starts the task; it ends with the last sender or at [`Command::Shutdown`].
pub(crate) fn start(
	identity: Keypair,
	config: &Config,
	source: Arc<dyn BlobSource>,
) -> Result<mpsc::Sender<Command>, StartError> {
	let mut swarm = swarm(identity, config.request_timeout).map_err(|error| StartError::System(error.to_string()))?;
	let mut listeners = HashMap::new();
	for address in &config.listen {
		let failed = |reason: String| StartError::Listen { address: address.clone(), reason };
		let parsed: Multiaddr = address.parse().map_err(|error| failed(format!("{error}")))?;
		check_free(&parsed).map_err(|error| failed(error.to_string()))?;
		let id = swarm.listen_on(parsed).map_err(|error| failed(reason(&error)))?;
		listeners.insert(id, vec![]);
	}
	let (sender, commands) = mpsc::channel(MAX_COMMANDS);
	let service = Service {
		swarm,
		source,
		offers: OfferHandler::new(config.offers.clone(), sender.downgrade(), config.request_timeout),
		commands,
		unsent: vec![],
		dials: HashMap::new(),
		outbound: HashMap::new(),
		last_response: HashMap::new(),
		inbound: VecDeque::new(),
		serving: HashMap::new(),
		responses: JoinSet::new(),
		listeners,
		address_requests: vec![],
	};
	tokio::spawn(async {
		if let Some(done) = service.run().await {
			let _ = done.send(());
		}
	});
	Ok(sender)
}

/// libp2p shares a port with other programs that listen on it in the same way, so that two workers would get each
/// other's connections: fails if the port is in use.
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
		let limits = ConnectionLimits::default().with_max_established_per_peer(Some(MAX_PER_PEER));
		let about = identify::Config::new("/encrytrust/1".into(), identity.public())
			.with_agent_version(concat!("encrytrust/", env!("CARGO_PKG_VERSION")).into());
		let blobs = request_response::Config::default()
			.with_request_timeout(request_timeout)
			.with_max_concurrent_streams(MAX_STREAMS);
		Behaviour {
			admission: Admission::default(),
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
		.with_swarm_config(|config| config.with_idle_connection_timeout(IDLE_TIMEOUT))
		.build())
}

/// A request that waits for a connection.
struct Unsent {
	peer: PeerId,
	route: Multiaddr,
	request: Request,
	reply: oneshot::Sender<RequestResult>,
}

/// A peer's request for a piece.
struct Inbound {
	id: InboundRequestId,
	peer: PeerId,
	digest: [u8; 32],
	offset: u64,
	channel: ResponseChannel<Response>,
}

struct Service {
	swarm: Swarm<Behaviour>,
	source: Arc<dyn BlobSource>,
	offers: OfferHandler,
	commands: mpsc::Receiver<Command>,
	/// Requests to peers that are not connected.
	unsent: Vec<Unsent>,
	/// Connections that are being made.
	dials: HashMap<ConnectionId, (PeerId, Multiaddr)>,
	/// Requests without a response yet.
	outbound: HashMap<OutboundRequestId, oneshot::Sender<RequestResult>>,
	/// When a connected peer last responded.
	last_response: HashMap<PeerId, Instant>,
	/// Peers' requests for pieces that wait for their turn.
	inbound: VecDeque<Inbound>,
	/// Peers' requests for pieces that are being responded to.
	serving: HashMap<InboundRequestId, PeerId>,
	/// Their responses: blobs that are being read for peers, or fetched from them.
	responses: JoinSet<(ResponseChannel<Response>, Response)>,
	listeners: HashMap<ListenerId, Vec<Multiaddr>>,
	/// Replies that wait until the listen addresses are known.
	address_requests: Vec<oneshot::Sender<Vec<String>>>,
}

impl Service {
	/// Runs until [`Command::Shutdown`], whose sender is returned, or until all senders are dropped.
	async fn run(mut self) -> Option<oneshot::Sender<()>> {
		loop {
			tokio::select! {
				command = self.commands.recv() => match command? {
					Command::Request { peer, route, request, reply } => self.send(peer, route, request, reply),
					Command::TimedOut { peer, since } => self.disconnect_if_silent(peer, since),
					Command::ReserveFor(peers) => {
						self.swarm.behaviour_mut().admission.set_known(peers);
						self.serve();
					},
					Command::Addresses(reply) => {
						self.address_requests.push(reply);
						self.reply_addresses();
					},
					Command::Shutdown(done) => return Some(done),
				},
				event = self.swarm.select_next_some() => self.on_event(event),
				Some(response) = self.responses.join_next() => match response {
					// A closed channel is one that the peer has given up; there is an event for that.
					Ok((channel, response)) => drop(self.swarm.behaviour_mut().blobs.send_response(channel, response)),
					Err(error) => tracing::error!(%error, "cannot respond to another worker"),
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
				for Unsent { peer, route, request, reply } in std::mem::take(&mut self.unsent) {
					self.send(peer, Some(route), request, reply);
				}
			},
			SwarmEvent::ConnectionClosed { peer_id, cause, num_established, .. } => {
				tracing::debug!(peer = %peer_id, ?cause, "connection closed");
				if num_established == 0 {
					self.last_response.remove(&peer_id);
				}
			},
			SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
				if let Some((peer, route)) = self.dials.remove(&connection_id) {
					tracing::debug!(%peer, %route, %error, "cannot connect");
					self.fail_unsent(&peer, &route, &error);
				}
			},
			// Port scanners connect all the time.
			SwarmEvent::IncomingConnectionError { send_back_addr, error, .. } => {
				tracing::debug!(from = %send_back_addr, %error, "incoming connection refused");
			},
			SwarmEvent::NewListenAddr { listener_id, address } => {
				tracing::info!(%address, "listening");
				self.listeners.entry(listener_id).or_default().push(address);
				self.reply_addresses();
			},
			SwarmEvent::ExpiredListenAddr { listener_id, address } => {
				self.listeners.entry(listener_id).or_default().retain(|known| *known != address);
			},
			SwarmEvent::ListenerClosed { listener_id, reason, .. } => {
				tracing::warn!(?reason, "stopped listening");
				self.listeners.remove(&listener_id);
				self.reply_addresses();
			},
			SwarmEvent::ListenerError { error, .. } => tracing::warn!(%error, "cannot accept connections"),
			_ => {},
		}
	}

	fn on_blobs(&mut self, event: request_response::Event<Request, Response>) {
		match event {
			request_response::Event::Message { peer, message: Message::Request { request_id, request, channel } } => {
				self.on_request(request_id, peer, request, channel);
			},
			request_response::Event::Message { peer, message: Message::Response { request_id, response } } => {
				self.last_response.insert(peer, Instant::now());
				self.reply(request_id, Ok(response));
			},
			request_response::Event::OutboundFailure { peer, request_id, error } => {
				tracing::debug!(%peer, %error, "request failed");
				self.reply(request_id, Err(failure(error)));
			},
			request_response::Event::InboundFailure { peer, request_id, error } => {
				tracing::debug!(%peer, %error, "cannot respond to a request");
				self.served(request_id);
			},
			request_response::Event::ResponseSent { request_id, .. } => self.served(request_id),
		}
	}

	// Outbound requests

	/// Sends a request, or connects to its peer first.
	fn send(
		&mut self,
		peer: PeerId,
		route: Option<Multiaddr>,
		request: Request,
		reply: oneshot::Sender<RequestResult>,
	) {
		// Nobody waits any more for a request that has timed out.
		if reply.is_closed() {
			return;
		}
		if self.swarm.is_connected(&peer) {
			let id = self.swarm.behaviour_mut().blobs.send_request(&peer, request);
			self.outbound.insert(id, reply);
		} else if let Some(route) = route {
			self.unsent.push(Unsent { peer, route: route.clone(), request, reply });
			self.dial(peer, route);
		} else {
			let _ = reply.send(Err(Failure::ConnectionLost("the peer has disconnected".into())));
		}
	}

	/// A connection without any response since `since` may be dead although the system does not know it: the next
	/// request needs a new one. A slow one is kept.
	fn disconnect_if_silent(&mut self, peer: PeerId, since: Instant) {
		let is_silent = self.last_response.get(&peer).is_none_or(|last| *last < since);
		if is_silent && self.swarm.disconnect_peer_id(peer).is_ok() {
			tracing::debug!(%peer, "no response: disconnecting");
		}
	}

	/// Connects to `peer` at `route`, unless a connection is being made.
	fn dial(&mut self, peer: PeerId, route: Multiaddr) {
		if self.dials.values().any(|(dialed, to)| *dialed == peer && *to == route) {
			return;
		}
		// From a new port: were it the one that this worker listens on, two workers that dial each other at the same
		// moment would meet in one connection with two initiators, and a lost connection could not be replaced for
		// minutes.
		let dial = DialOpts::peer_id(peer).condition(PeerCondition::Always).addresses(vec![route.clone()]);
		let dial = dial.allocate_new_port().build();
		let id = dial.connection_id();
		match self.swarm.dial(dial) {
			Ok(()) => drop(self.dials.insert(id, (peer, route))),
			Err(error) => self.fail_unsent(&peer, &route, &error),
		}
	}

	/// Fails the requests that wait for a connection to `peer` at `route`.
	fn fail_unsent(&mut self, peer: &PeerId, route: &Multiaddr, error: &DialError) {
		let (failed, unsent) = std::mem::take(&mut self.unsent)
			.into_iter()
			.partition::<Vec<_>, _>(|unsent| unsent.peer == *peer && unsent.route == *route);
		self.unsent = unsent;
		for unsent in failed {
			let failure = match error {
				DialError::WrongPeerId { obtained, .. } => Failure::WrongPeer(*obtained),
				// The swarm does not dial addresses that it listens on itself.
				DialError::LocalPeerId { .. } | DialError::NoAddresses => {
					Failure::WrongPeer(*self.swarm.local_peer_id())
				},
				DialError::Transport(errors) => {
					Failure::Unreachable(errors.iter().map(|(_, error)| reason(error)).collect::<Vec<_>>().join("; "))
				},
				other => Failure::Unreachable(reason(other)),
			};
			let _ = unsent.reply.send(Err(failure));
		}
	}

	fn reply(&mut self, request: OutboundRequestId, result: RequestResult) {
		if let Some(reply) = self.outbound.remove(&request) {
			let _ = reply.send(result);
		}
	}

	// Inbound requests

	fn on_request(&mut self, id: InboundRequestId, peer: PeerId, request: Request, channel: ResponseChannel<Response>) {
		match request {
			Request::Piece { digest, offset } => {
				self.inbound.push_back(Inbound { id, peer, digest, offset, channel });
				self.serve();
			},
			// No piece waits for an offer: two workers that offer to each other serve each other.
			Request::Offer { digest, length } => {
				let response = self.offers.clone().handle(peer, digest, length);
				self.responses.spawn(async { (channel, response.await) });
			},
		}
	}

	/// Responds to the next requests in the queue, to as many at the same time as are allowed.
	fn serve(&mut self) {
		while let Some(Inbound { id, peer, digest, offset, channel }) = self.next_inbound() {
			if !channel.is_open() {
				continue;
			}
			self.serving.insert(id, peer);
			let source = self.source.clone();
			self.responses.spawn_blocking(move || (channel, serve_piece(&*source, &peer, &digest, offset)));
		}
	}

	/// The first request in the queue whose peer may be served now.
	fn next_inbound(&mut self) -> Option<Inbound> {
		let admission = &self.swarm.behaviour().admission;
		let may_serve = |inbound: &Inbound| admission.may_serve(&inbound.peer, self.serving.values());
		let place = self.inbound.iter().position(may_serve)?;
		self.inbound.remove(place)
	}

	/// A request was responded to, or failed.
	fn served(&mut self, id: InboundRequestId) {
		self.serving.remove(&id);
		// One that has timed out does not wait any more.
		self.inbound.retain(|inbound| inbound.id != id);
		self.serve();
	}

	// Addresses

	/// Replies with the listen addresses once every listener has one.
	fn reply_addresses(&mut self) {
		if self.listeners.values().all(|addresses| !addresses.is_empty()) {
			let addresses: Vec<String> = self.listeners.values().flatten().map(Multiaddr::to_string).collect();
			for reply in self.address_requests.drain(..) {
				let _ = reply.send(addresses.clone());
			}
		}
	}
}

fn failure(error: OutboundFailure) -> Failure {
	match error {
		OutboundFailure::Timeout => Failure::Timeout,
		OutboundFailure::Io(error) if error.kind() == io::ErrorKind::InvalidData => Failure::ProtocolViolation,
		OutboundFailure::UnsupportedProtocols => Failure::Unreachable("it does not speak the blob protocol".into()),
		other => Failure::ConnectionLost(reason(&other)),
	}
}

/// An error with its causes: the first alone says little.
fn reason(error: &dyn std::error::Error) -> String {
	let causes = std::iter::successors(error.source(), |cause| cause.source());
	causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
