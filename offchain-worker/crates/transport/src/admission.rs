//! Who may connect, and whose requests are served: most connections and responses are reserved for *known* peers, the
//! parties of this worker's jobs. All others are *strangers* and share the rest.
//!
//! A peer id costs nothing, so that one attacker can take all that strangers share. No limit on strangers applies to a known
//! peer, and a new connection of a stranger evicts the oldest one: whoever connects for a moment, to offer a blob, gets in
//! however many connections are held open.

use libp2p::{
	core::{transport::PortUse, ConnectedPoint, Endpoint},
	multiaddr::Protocol,
	swarm::{
		behaviour::{ConnectionEstablished, ListenFailure},
		dummy, CloseConnection, ConnectionClosed, ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour,
		THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
	},
	Multiaddr, PeerId,
};
use std::{
	collections::{HashMap, HashSet, VecDeque},
	convert::Infallible,
	net::{IpAddr, Ipv6Addr},
	task::{Context, Poll},
};

/// Inbound connections of all known peers together.
const MAX_KNOWN: usize = 256;
/// Inbound connections of all strangers together.
const MAX_STRANGERS: usize = 128;
/// Of these, from one IP address.
const MAX_STRANGERS_PER_ADDRESS: usize = 16;
/// Inbound connections that are being made: whose they are is not known yet.
const MAX_PENDING: usize = 256;
/// Of these, from one IP address.
const MAX_PENDING_PER_ADDRESS: usize = 16;
/// Pieces that are read and written at the same time, to all peers together; the memory they need is this times
/// [`crate::MAX_CHUNK`]. Further requests wait.
const MAX_SERVING: usize = 32;
/// Of these, to all strangers together.
const MAX_SERVING_STRANGERS: usize = 16;
/// Of these, to one peer: none of them keeps the others waiting.
const MAX_SERVING_PEER: usize = 4;

/// The limits on inbound connections and responses.
#[derive(Default)]
pub(crate) struct Admission {
	/// The parties of this worker's jobs.
	known: HashSet<PeerId>,
	/// Connections that are being made.
	pending: HashMap<ConnectionId, Option<IpAddr>>,
	/// Inbound connections, by age: the oldest first.
	connections: Vec<Inbound>,
	/// Connections of strangers that are to be closed.
	evicted: VecDeque<Inbound>,
}

struct Inbound {
	id: ConnectionId,
	peer: PeerId,
	address: Option<IpAddr>,
}

/// Why a connection was refused.
#[derive(Debug, thiserror::Error)]
enum Full {
	#[error("too many connections are being made")]
	Pending,
	#[error("too many connections are being made from this address")]
	PendingFromAddress,
	#[error("too many connections of known peers")]
	Known,
}

impl Admission {
	/// The known peers, instead of those before.
	pub(crate) fn set_known(&mut self, known: HashSet<PeerId>) {
		self.known = known;
	}

	/// Whether a piece may be sent to a peer now, besides those that are being sent to these peers.
	pub(crate) fn may_serve<'p>(&self, peer: &PeerId, serving: impl Iterator<Item = &'p PeerId> + Clone) -> bool {
		let strangers = serving.clone().filter(|served| !self.is_known(served)).count();
		serving.clone().count() < MAX_SERVING
			&& serving.filter(|served| *served == peer).count() < MAX_SERVING_PEER
			&& (self.is_known(peer) || strangers < MAX_SERVING_STRANGERS)
	}

	fn is_known(&self, peer: &PeerId) -> bool {
		self.known.contains(peer)
	}

	/// A connection is being made.
	fn begin(&mut self, id: ConnectionId, address: Option<IpAddr>) -> Result<(), Full> {
		if self.pending.len() >= MAX_PENDING {
			return Err(Full::Pending);
		}
		let is_from_address = |other: &&Option<IpAddr>| address.is_some() && **other == address;
		if self.pending.values().filter(is_from_address).count() >= MAX_PENDING_PER_ADDRESS {
			return Err(Full::PendingFromAddress);
		}
		self.pending.insert(id, address);
		Ok(())
	}

	/// Whether a connection that turns out to be of this peer is kept. One of a stranger always is: it evicts another.
	fn admit(&mut self, id: ConnectionId, peer: &PeerId) -> Result<(), Full> {
		self.pending.remove(&id);
		let known = self.connections.iter().filter(|connection| self.is_known(&connection.peer));
		match self.is_known(peer) && known.count() >= MAX_KNOWN {
			true => Err(Full::Known),
			false => Ok(()),
		}
	}

	/// A connection was made: evicts the oldest ones of strangers if they are too many now.
	fn add(&mut self, connection: Inbound) {
		let address = connection.address;
		self.connections.push(connection);
		while let Some(index) = self.to_evict(address) {
			self.evicted.push_back(self.connections.remove(index));
		}
	}

	/// The index of the stranger's connection to evict, if there are too many, from this address or in all.
	fn to_evict(&self, address: Option<IpAddr>) -> Option<usize> {
		let strangers = || self.connections.iter().enumerate().filter(move |(_, other)| !self.is_known(&other.peer));
		let from_address = || strangers().filter(move |(_, other)| address.is_some() && other.address == address);
		let oldest = if from_address().count() > MAX_STRANGERS_PER_ADDRESS {
			from_address().next()
		} else if strangers().count() > MAX_STRANGERS {
			strangers().next()
		} else {
			None
		};
		oldest.map(|(index, _)| index)
	}

	fn remove(&mut self, id: ConnectionId) {
		self.connections.retain(|connection| connection.id != id);
		self.evicted.retain(|connection| connection.id != id);
	}
}

impl NetworkBehaviour for Admission {
	type ConnectionHandler = dummy::ConnectionHandler;
	type ToSwarm = Infallible;

	fn handle_pending_inbound_connection(
		&mut self,
		id: ConnectionId,
		_: &Multiaddr,
		from: &Multiaddr,
	) -> Result<(), ConnectionDenied> {
		self.begin(id, address_of(from)).map_err(ConnectionDenied::new)
	}

	fn handle_established_inbound_connection(
		&mut self,
		id: ConnectionId,
		peer: PeerId,
		_: &Multiaddr,
		_: &Multiaddr,
	) -> Result<THandler<Self>, ConnectionDenied> {
		self.admit(id, &peer).map_err(ConnectionDenied::new)?;
		Ok(dummy::ConnectionHandler)
	}

	fn handle_established_outbound_connection(
		&mut self,
		_: ConnectionId,
		_: PeerId,
		_: &Multiaddr,
		_: Endpoint,
		_: PortUse,
	) -> Result<THandler<Self>, ConnectionDenied> {
		Ok(dummy::ConnectionHandler)
	}

	fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
		match event {
			FromSwarm::ConnectionEstablished(ConnectionEstablished {
				peer_id,
				connection_id,
				endpoint: ConnectedPoint::Listener { send_back_addr, .. },
				..
			}) => self.add(Inbound { id: connection_id, peer: peer_id, address: address_of(send_back_addr) }),
			FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. }) => self.remove(connection_id),
			FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => {
				self.pending.remove(&connection_id);
			},
			_ => {},
		}
	}

	fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
		match event {}
	}

	fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
		match self.evicted.pop_front() {
			Some(Inbound { id, peer, .. }) => {
				tracing::debug!(%peer, "too many strangers: disconnecting");
				Poll::Ready(ToSwarm::CloseConnection { peer_id: peer, connection: CloseConnection::One(id) })
			},
			None => Poll::Pending,
		}
	}
}

/// The IP address that limits go by: of IPv6 the network of 64 bits, which whoever has one address of it has whole. None on
/// this machine, where many workers may be.
fn address_of(from: &Multiaddr) -> Option<IpAddr> {
	let address = match from.iter().next()? {
		Protocol::Ip4(address) => IpAddr::V4(address),
		Protocol::Ip6(address) => IpAddr::V6(address).to_canonical(),
		_ => return None,
	};
	match address {
		_ if address.is_loopback() => None,
		IpAddr::V6(address) => Some(Ipv6Addr::from(u128::from(address) >> 64 << 64).into()),
		IpAddr::V4(_) => Some(address),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::net::Ipv4Addr;

	fn id(number: usize) -> ConnectionId {
		ConnectionId::new_unchecked(number)
	}

	/// An address for each number.
	fn address(number: usize) -> Option<IpAddr> {
		Some(Ipv4Addr::from(0x0a00_0000 + number as u32).into())
	}

	fn peers<const N: usize>() -> [PeerId; N] {
		std::array::from_fn(|_| PeerId::random())
	}

	fn knowing(peers: &[PeerId]) -> Admission {
		Admission { known: peers.iter().copied().collect(), ..Admission::default() }
	}

	/// Connects, and returns what that evicts.
	fn connect(admission: &mut Admission, number: usize, peer: PeerId, address: Option<IpAddr>) -> Vec<ConnectionId> {
		admission.begin(id(number), address).unwrap();
		admission.admit(id(number), &peer).unwrap();
		admission.add(Inbound { id: id(number), peer, address });
		admission.evicted.drain(..).map(|connection| connection.id).collect()
	}

	#[test]
	fn connection_of_a_stranger_evicts_the_oldest_one_above_the_limit() {
		let [known] = peers();
		let mut admission = knowing(&[known]);
		assert_eq!(connect(&mut admission, 0, known, address(0)), []);
		for number in 1..=MAX_STRANGERS {
			assert_eq!(connect(&mut admission, number, PeerId::random(), address(number)), []);
		}
		assert_eq!(connect(&mut admission, 1001, PeerId::random(), address(1001)), [id(1)]);
		assert_eq!(connect(&mut admission, 1002, known, address(1002)), [], "a known peer evicts nobody");
		admission.remove(id(2));
		assert_eq!(connect(&mut admission, 1003, PeerId::random(), address(1003)), []);
		assert_eq!(connect(&mut admission, 1004, PeerId::random(), address(1004)), [id(3)]);
		assert!(admission.connections.iter().any(|connection| connection.id == id(0)), "a known peer stays");
	}

	#[test]
	fn strangers_at_one_address_evict_each_other() {
		let [known] = peers();
		let mut admission = knowing(&[known]);
		let (here, elsewhere) = (address(1), address(2));
		assert_eq!(connect(&mut admission, 0, PeerId::random(), elsewhere), []);
		for number in 1..=MAX_STRANGERS_PER_ADDRESS {
			assert_eq!(connect(&mut admission, number, PeerId::random(), here), []);
		}
		assert_eq!(connect(&mut admission, 1000, known, here), [], "a known peer does not count");
		assert_eq!(connect(&mut admission, 1001, PeerId::random(), elsewhere), []);
		assert_eq!(connect(&mut admission, 1002, PeerId::random(), here), [id(1)]);
		// On this machine, only all strangers together are counted.
		let others = MAX_STRANGERS - MAX_STRANGERS_PER_ADDRESS - 2;
		for number in 0..others {
			assert_eq!(connect(&mut admission, 2000 + number, PeerId::random(), None), []);
		}
		assert_eq!(connect(&mut admission, 3000, PeerId::random(), None), [id(0)]);
	}

	#[test]
	fn peer_that_is_not_known_any_more_is_a_stranger() {
		let [known] = peers();
		let mut admission = knowing(&[known]);
		connect(&mut admission, 0, known, address(0));
		admission.set_known(HashSet::new());
		for number in 1..MAX_STRANGERS {
			assert_eq!(connect(&mut admission, number, PeerId::random(), address(number)), []);
		}
		assert_eq!(connect(&mut admission, 1000, PeerId::random(), address(1000)), [id(0)]);
	}

	#[test]
	fn known_peers_are_limited_together() {
		let [first, second] = peers();
		let mut admission = knowing(&[first, second]);
		for number in 0..MAX_KNOWN {
			assert_eq!(connect(&mut admission, number, first, address(0)), []);
		}
		assert!(matches!(admission.admit(id(1000), &second), Err(Full::Known)));
		assert!(admission.admit(id(1000), &PeerId::random()).is_ok());
		admission.remove(id(5));
		assert!(admission.admit(id(1000), &second).is_ok());
	}

	#[test]
	fn connections_that_are_being_made_are_limited_for_each_address_and_together() {
		let mut admission = Admission::default();
		for number in 0..MAX_PENDING_PER_ADDRESS {
			admission.begin(id(number), address(0)).unwrap();
		}
		assert!(matches!(admission.begin(id(1000), address(0)), Err(Full::PendingFromAddress)));
		for number in MAX_PENDING_PER_ADDRESS..MAX_PENDING {
			admission.begin(id(number), None).unwrap();
		}
		assert!(matches!(admission.begin(id(1000), address(1)), Err(Full::Pending)));
		// One was made, another failed.
		admission.admit(id(0), &PeerId::random()).unwrap();
		admission.begin(id(1000), address(0)).unwrap();
		assert!(matches!(admission.begin(id(1001), None), Err(Full::Pending)));
	}

	#[test]
	fn strangers_are_served_up_to_their_share() {
		let [known, other, stranger] = peers();
		let admission = knowing(&[known, other]);
		let strangers: Vec<_> = (0..MAX_SERVING_STRANGERS).map(|_| PeerId::random()).collect();
		let may_serve = |peer: &PeerId, serving: &[PeerId]| admission.may_serve(peer, serving.iter());
		assert!(may_serve(&stranger, &strangers[1..]));
		assert!(!may_serve(&stranger, &strangers));
		assert!(may_serve(&known, &strangers));
		let [of_known, of_other] = [known, other].map(|peer| vec![peer; MAX_SERVING_PEER]);
		assert!(may_serve(&known, &of_known[1..]) && may_serve(&other, &of_known));
		assert!(!may_serve(&known, &of_known));
		let of_stranger = vec![stranger; MAX_SERVING_PEER];
		assert!(may_serve(&stranger, &of_stranger[1..]) && !may_serve(&stranger, &of_stranger));
		let rest = vec![other; MAX_SERVING - MAX_SERVING_STRANGERS];
		assert!(may_serve(&known, &[&strangers[..], &rest[1..]].concat()));
		assert!(!may_serve(&known, &[&strangers[..], &rest].concat()));
		assert!(may_serve(&stranger, &[&of_known[..], &of_other].concat()));
	}

	#[test]
	fn addresses_count_by_what_one_party_has() {
		let of = |text: &str| address_of(&text.parse().unwrap());
		assert_eq!(of("/ip4/192.0.2.1/tcp/1"), Some(Ipv4Addr::new(192, 0, 2, 1).into()));
		assert_eq!(of("/ip6/::ffff:192.0.2.1/tcp/1"), of("/ip4/192.0.2.1/tcp/2"));
		assert_eq!(of("/ip6/2001:db8:1:2:3:4:5:6/tcp/1"), of("/ip6/2001:db8:1:2::9/tcp/1"));
		assert_ne!(of("/ip6/2001:db8:1:2::9/tcp/1"), of("/ip6/2001:db8:1:3::9/tcp/1"));
		for local in ["/ip4/127.0.0.1/tcp/1", "/ip4/127.9.9.9/tcp/1", "/ip6/::1/tcp/1", "/ip6/::ffff:127.0.0.1/tcp/1"] {
			assert_eq!(of(local), None, "{local}");
		}
	}
}
