//! What the handle and the service say to each other.

use crate::codec::{Request, Response};
use libp2p::{Multiaddr, PeerId};
use std::{collections::HashSet, time::Instant};
use tokio::sync::oneshot;

/// Requests to one peer without a response yet; further ones wait.
pub(crate) const MAX_OUTBOUND: usize = 16;

/// A command from the handle to the service.
pub(crate) enum Command {
	/// Send `request` to `peer`, which listens on `route`; without a route over an existing connection.
	Request { peer: PeerId, route: Option<Multiaddr>, request: Request, reply: oneshot::Sender<RequestResult> },
	/// A request to `peer` that was sent at `since` has timed out.
	TimedOut { peer: PeerId, since: Instant },
	/// Reserve connections and responses for these peers, instead of those before.
	ReserveFor(HashSet<PeerId>),
	/// Reply with the listen addresses, once every listener has one.
	Addresses(oneshot::Sender<Vec<String>>),
	/// Stop, and reply when everything is closed.
	Shutdown(oneshot::Sender<()>),
}

pub(crate) type RequestResult = Result<Response, Failure>;

/// Why there is no response.
pub(crate) enum Failure {
	/// No connection could be made.
	Unreachable(String),
	/// The connection broke.
	ConnectionLost(String),
	Timeout,
	/// Another peer answers at the address.
	WrongPeer(PeerId),
	/// The peer's bytes do not follow the protocol.
	ProtocolViolation,
	/// The service was shut down.
	Stopped,
}
