//! Handling blobs that others offer.

use crate::{
	assemble::{assemble, AssembleError},
	codec::{Refusal, Request, Response},
	command::{Command, Failure, RequestResult},
	pace::Pace,
	BlobSink,
};
use encrytrust_blob_store::cid;
use libp2p::PeerId;
use std::{
	collections::HashSet,
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};
use tokio::{
	sync::{mpsc::WeakSender, oneshot},
	task, time,
};

/// Decides about blobs that are offered, and fetches them.
#[derive(Clone)]
pub(crate) struct OfferHandler {
	sink: Option<Arc<dyn BlobSink>>,
	/// The service's own commands: weak, or the service would keep itself alive.
	commands: WeakSender<Command>,
	/// The peers whose blobs are being fetched: one of each, further offers are refused as [`Refusal::Busy`]. All together
	/// they are no more than connections, so that none of them keeps another waiting.
	active: Arc<Mutex<HashSet<PeerId>>>,
	/// The timeout of handling an offer: the peer that offers waits no longer.
	timeout: Duration,
}

/// A blob of this peer is being fetched, until this is dropped.
struct Active<'h>(&'h OfferHandler, PeerId);

impl Drop for Active<'_> {
	fn drop(&mut self) {
		self.0.lock().remove(&self.1);
	}
}

impl OfferHandler {
	pub(crate) fn new(sink: Option<Arc<dyn BlobSink>>, commands: WeakSender<Command>, timeout: Duration) -> Self {
		Self { sink, commands, active: Arc::default(), timeout }
	}

	/// The response to an offer of `peer`.
	pub(crate) async fn handle(self, peer: PeerId, digest: [u8; 32], length: u64) -> Response {
		let allowed = Pace::OFFER.allowed(length).min(self.timeout);
		let taken = time::timeout(allowed, self.try_take(peer, digest, length)).await;
		match taken.unwrap_or(Err(Refusal::Failed)) {
			Ok(()) => Response::Taken,
			Err(reason) => {
				tracing::debug!(%peer, cid = %cid(&digest), ?reason, "refused an offered blob");
				Response::Refused(reason)
			},
		}
	}

	async fn try_take(&self, peer: PeerId, digest: [u8; 32], length: u64) -> Result<(), Refusal> {
		let sink = self.sink.clone().ok_or(Refusal::Unwanted)?;
		let max = {
			let sink = sink.clone();
			task::spawn_blocking(move || sink.wants(&digest)).await.map_err(|_| Refusal::Failed)?
		};
		let max = max.ok_or(Refusal::Unwanted)?;
		if length > max {
			return Err(Refusal::TooLong);
		}
		let _active = self.lock().insert(peer).then(|| Active(self, peer)).ok_or(Refusal::Busy)?;
		let blob = assemble(digest, max, |request| self.send(peer, request)).await;
		let blob = blob.map_err(|error| match error {
			AssembleError::TooLong { .. } => Refusal::TooLong,
			_ => Refusal::Failed,
		})?;
		let kept = task::spawn_blocking(move || sink.keep(&blob)).await.map_err(|_| Refusal::Failed)?;
		kept.map_err(|error| {
			tracing::warn!(cid = %cid(&digest), %error, "cannot keep an offered blob");
			Refusal::Failed
		})
	}

	fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<PeerId>> {
		self.active.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Sends a request to the peer that offered, over the existing connection.
	async fn send(&self, peer: PeerId, request: Request) -> RequestResult {
		let (reply, response) = oneshot::channel();
		let commands = self.commands.upgrade().ok_or(Failure::Stopped)?;
		commands.send(Command::Request { peer, route: None, request, reply }).await.map_err(|_| Failure::Stopped)?;
		drop(commands);
		response.await.map_err(|_| Failure::Stopped)?
	}
}
