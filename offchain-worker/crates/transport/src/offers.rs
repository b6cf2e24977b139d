//! Handling blobs that others offer.

use crate::{
	assemble::{assemble, AssembleError},
	codec::{Refusal, Request, Response},
	command::{Command, Failure, RequestResult},
	BlobSink,
};
use encrytrust_blob_store::cid;
use libp2p::PeerId;
use std::{sync::Arc, time::Duration};
use tokio::{
	sync::{mpsc::WeakSender, oneshot, Semaphore},
	task, time,
};

/// Offered blobs that are fetched at the same time; further offers are refused as [`Refusal::Busy`]. Fewer than the
/// requests that are served at the same time, so that two workers that offer to each other still serve each other.
const MAX_CONCURRENT: usize = 8;

/// Decides about blobs that are offered, and fetches them.
#[derive(Clone)]
pub(crate) struct OfferHandler {
	sink: Option<Arc<dyn BlobSink>>,
	/// The service's own commands: weak, or the service would keep itself alive.
	commands: WeakSender<Command>,
	permits: Arc<Semaphore>,
	/// The timeout of handling an offer: the peer that offers waits no longer.
	timeout: Duration,
}

impl OfferHandler {
	pub(crate) fn new(sink: Option<Arc<dyn BlobSink>>, commands: WeakSender<Command>, timeout: Duration) -> Self {
		Self { sink, commands, permits: Arc::new(Semaphore::new(MAX_CONCURRENT)), timeout }
	}

	/// The response to an offer of `peer`.
	pub(crate) async fn handle(self, peer: PeerId, digest: [u8; 32], length: u64) -> Response {
		let taken = time::timeout(self.timeout, self.try_take(peer, digest, length)).await;
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
		let _permit = self.permits.try_acquire().map_err(|_| Refusal::Busy)?;
		if length > max {
			return Err(Refusal::TooLong);
		}
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

	/// Sends a request to the peer that offered, over the existing connection.
	async fn send(&self, peer: PeerId, request: Request) -> RequestResult {
		let (reply, response) = oneshot::channel();
		let commands = self.commands.upgrade().ok_or(Failure::Stopped)?;
		commands.send(Command::Request { peer, route: None, request, reply }).await.map_err(|_| Failure::Stopped)?;
		drop(commands);
		response.await.map_err(|_| Failure::Stopped)?
	}
}
