//! Taking what others offer.

use crate::{
	assemble::{assemble, Flaw},
	codec::{Refusal, Request, Response},
	network::BlobSink,
	service::{Command, Failure},
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
const MAX_TAKING: usize = 8;

/// Decides about offers, and takes what is wanted.
#[derive(Clone)]
pub(crate) struct Taker {
	sink: Option<Arc<dyn BlobSink>>,
	/// The service's own commands: weak, or the service would keep itself alive.
	commands: WeakSender<Command>,
	room: Arc<Semaphore>,
	/// How long all of it may take: whoever offers waits no longer.
	patience: Duration,
}

impl Taker {
	pub(crate) fn new(sink: Option<Arc<dyn BlobSink>>, commands: WeakSender<Command>, patience: Duration) -> Self {
		Self { sink, commands, room: Arc::new(Semaphore::new(MAX_TAKING)), patience }
	}

	/// Answers the offer of `peer`.
	pub(crate) async fn take(self, peer: PeerId, digest: [u8; 32], length: u64) -> Response {
		let answer = time::timeout(self.patience, self.try_take(peer, digest, length)).await;
		match answer.unwrap_or(Err(Refusal::Failed)) {
			Ok(()) => Response::Taken,
			Err(why) => {
				tracing::debug!(%peer, cid = %cid(&digest), ?why, "an offered blob is not taken");
				Response::Refused(why)
			},
		}
	}

	async fn try_take(&self, peer: PeerId, digest: [u8; 32], length: u64) -> Result<(), Refusal> {
		let sink = self.sink.clone().ok_or(Refusal::Unwanted)?;
		let _room = self.room.try_acquire().map_err(|_| Refusal::Busy)?;
		let max = {
			let sink = sink.clone();
			task::spawn_blocking(move || sink.wants(&digest)).await.map_err(|_| Refusal::Failed)?
		};
		let max = max.ok_or(Refusal::Unwanted)?;
		if length > max {
			return Err(Refusal::TooLong);
		}
		let blob = assemble(digest, max, |request| self.ask(peer, request)).await;
		let blob = blob.map_err(|flaw| match flaw {
			Flaw::TooLong { .. } => Refusal::TooLong,
			_ => Refusal::Failed,
		})?;
		let kept = task::spawn_blocking(move || sink.keep(&blob)).await.map_err(|_| Refusal::Failed)?;
		kept.map_err(|error| {
			tracing::warn!(cid = %cid(&digest), %error, "an offered blob cannot be kept");
			Refusal::Failed
		})
	}

	/// Asks whoever offered, over a connection that is there.
	async fn ask(&self, peer: PeerId, request: Request) -> Result<Response, Failure> {
		let (reply, answer) = oneshot::channel();
		let commands = self.commands.upgrade().ok_or(Failure::Stopped)?;
		commands.send(Command::Ask { peer, route: None, request, reply }).await.map_err(|_| Failure::Stopped)?;
		drop(commands);
		answer.await.map_err(|_| Failure::Stopped)?
	}
}
