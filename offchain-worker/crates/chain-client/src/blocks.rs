//! Finalised blocks: following them, and what is in one.

use crate::{
	connection::retrying,
	events,
	known_blocks::{powers_of_two, ChainReset, KnownBlocks, Verdict},
	publications, Block, BlockNumber, Client, Error, Event, Publication, H256,
};
use std::time::Duration;
use tokio::sync::watch;
use tracing::{error, info, warn};

/// How long no newer finalised block may come until the subscription is made again.
const RESUBSCRIBE_AFTER: Duration = Duration::from_secs(60);

/// The pause between two looks at a node that is behind or was away.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The finalised blocks, as they come; made by [`Client::follow`].
#[derive(Clone, Debug)]
pub struct Heads(watch::Receiver<Result<Block, ChainReset>>);

impl Heads {
	/// The newest block.
	///
	/// # Errors
	///
	/// [`Error::Reset`], once the node is known to serve a chain that was started again.
	pub fn newest(&mut self) -> Result<Block, Error> {
		let newest = self.0.borrow_and_update().clone();
		Ok(newest?)
	}

	/// Waits for a block that is newer than the last one returned.
	///
	/// # Errors
	///
	/// As [`Self::newest`].
	pub async fn next(&mut self) -> Result<Block, Error> {
		self.0.changed().await.map_err(|_| Error::Disconnected)?;
		self.newest()
	}
}

impl Client {
	/// The newest finalised block.
	pub async fn finalized(&self) -> Result<Block, Error> {
		let hash = retrying(|| async {
			let head = self.rpc().chain_get_finalized_head().await;
			head.map_err(|error| Error::from_rpc("the finalised block", error))
		})
		.await?;
		self.block(hash).await
	}

	async fn block(&self, hash: H256) -> Result<Block, Error> {
		let header = retrying(|| async {
			let header = self.rpc().chain_get_header(Some(hash)).await;
			header.map_err(|error| Error::from_rpc("a block's header", error))
		})
		.await?
		.ok_or_else(|| Error::decode("a block's header", "the node does not have it"))?;
		Ok(Block { number: header.number, hash })
	}

	/// The block of this number in the node's best chain, if there is one yet; meant for finalised numbers.
	pub async fn block_at(&self, number: BlockNumber) -> Result<Option<Block>, Error> {
		let hash = retrying(|| async {
			let hash = self.rpc().chain_get_block_hash(Some(number.into())).await;
			hash.map_err(|error| Error::from_rpc("a block's hash", error))
		})
		.await?;
		Ok(hash.map(|hash| Block { number, hash }))
	}

	/// Follows the finalised blocks, each newer than the one before. It ends with the last receiver.
	///
	/// A lost connection and a request that fails are waited for, and so is a node that serves another chain, or is
	/// behind the blocks that are known to this process or by [`Self::add_known_blocks`].
	///
	/// # Errors
	///
	/// [`Error::Reset`] if the chain was started again, at once or from the receiver.
	pub async fn follow(&self) -> Result<Heads, Error> {
		let (sender, receiver) = watch::channel(Ok(self.caught_up_persistently().await?));
		let client = self.clone();
		tokio::spawn(async move {
			let reset = tokio::select! {
				reset = client.send_blocks(&sender) => reset,
				() = sender.closed() => return,
			};
			let _ = sender.send_replace(Err(reset));
		});
		Ok(Heads(receiver))
	}

	/// Sends finalised blocks until the chain is another.
	async fn send_blocks(&self, sender: &watch::Sender<Result<Block, ChainReset>>) -> ChainReset {
		loop {
			match self.send_blocks_until_interrupted(sender).await {
				Ok(()) => {},
				Err(Error::Reset(reset)) => return reset,
				Err(Error::Disconnected) => {
					warn!(url = %self.url(), "lost the connection to the node: waiting for it to come back");
					match self.finalized().await {
						Ok(block) => info!(block = block.number, "the node is back"),
						Err(error) => error!("{error}"),
					}
				},
				Err(error) => error!("{error}"),
			}
			tokio::time::sleep(POLL_INTERVAL).await;
		}
	}

	/// Sends finalised blocks until the connection breaks, none comes for long, or one comes that is not newer: each
	/// time the chain is checked again.
	async fn send_blocks_until_interrupted(
		&self,
		sender: &watch::Sender<Result<Block, ChainReset>>,
	) -> Result<(), Error> {
		let interrupted = |error| Error::from_rpc("finalised blocks", error);
		let found = self.rpc().genesis_hash().await.map_err(interrupted)?;
		if found != self.genesis() {
			return Err(Error::OtherChain { found, expected: self.genesis() });
		}
		self.send_if_newer(sender, self.caught_up().await?);
		let mut heads = self.rpc().chain_subscribe_finalized_heads().await.map_err(interrupted)?;
		while let Ok(head) = tokio::time::timeout(RESUBSCRIBE_AFTER, heads.next()).await {
			let header = head.ok_or(Error::Disconnected)?.map_err(interrupted)?;
			// Asking by number saves hashing the header here: a finalised number has one block.
			let Some(block) = self.block_at(header.number).await? else { continue };
			if self.known_blocks().newest().is_some_and(|newest| block.number < newest.number) {
				return Ok(());
			}
			self.send_if_newer(sender, block);
		}
		Ok(())
	}

	fn send_if_newer(&self, sender: &watch::Sender<Result<Block, ChainReset>>, block: Block) {
		self.known_blocks().insert(block);
		sender.send_if_modified(|newest| {
			let is_newer = newest.as_ref().is_ok_and(|newest| block.number > newest.number);
			if is_newer {
				*newest = Ok(block);
			}
			is_newer
		});
	}

	/// As [`Self::caught_up`], and again as long as a request fails.
	async fn caught_up_persistently(&self) -> Result<Block, Error> {
		loop {
			match self.caught_up().await {
				Err(error @ Error::Rpc { .. }) => error!("{error}"),
				caught_up => return caught_up,
			}
			tokio::time::sleep(POLL_INTERVAL).await;
		}
	}

	/// The newest finalised block, once the node has all blocks that are known.
	async fn caught_up(&self) -> Result<Block, Error> {
		let mut is_logged = false;
		loop {
			let head = self.finalized().await?;
			let known = self.known_blocks().clone();
			let hash_at =
				|number| async move { self.block_at(number).await.map(|block| block.map(|block| block.hash)) };
			match known.compare(head, hash_at).await? {
				Verdict::Same => {
					self.known_blocks().insert(head);
					if is_logged {
						info!(block = head.number, "the node has caught up");
					}
					return Ok(head);
				},
				Verdict::Reset(reset) => return Err(reset.into()),
				Verdict::Behind => {},
			}
			if !is_logged {
				let newest = known.newest().map(|newest| newest.number);
				warn!(block = head.number, newest, "the node is behind the newest known block: waiting for it");
				is_logged = true;
			}
			tokio::time::sleep(POLL_INTERVAL).await;
		}
	}

	/// Adds blocks that another process has seen finalised, before [`Self::follow`].
	pub fn add_known_blocks(&self, blocks: impl IntoIterator<Item = Block>) {
		let mut known = self.known_blocks();
		blocks.into_iter().for_each(|block| known.insert(block));
	}

	/// The blocks to recognise this chain by at the finalised block `head`, if all those up to `last` are known
	/// already.
	pub async fn known_blocks_at(&self, last: BlockNumber, head: Block) -> Result<KnownBlocks, Error> {
		for number in powers_of_two(last, head.number) {
			if let Some(block) = self.block_at(number).await? {
				self.known_blocks().insert(block);
			}
		}
		Ok(self.known_blocks().clone())
	}

	/// The encoded extrinsics of a finalised block.
	///
	/// # Errors
	///
	/// [`Error::BlockPruned`] if the node keeps its header alone.
	pub(crate) async fn body(&self, block: Block) -> Result<Vec<Vec<u8>>, Error> {
		let body = retrying(|| async {
			let body = self.rpc().chain_get_block(Some(block.hash)).await;
			body.map_err(|error| Error::from_rpc("a block", error))
		})
		.await?
		.ok_or(Error::BlockPruned(block.number))?;
		Ok(body.block.extrinsics.into_iter().map(|bytes| bytes.0).collect())
	}

	/// The bytes of the extrinsic at `index` of a block, if it has as many.
	pub async fn extrinsic(&self, block: Block, index: u32) -> Result<Option<Vec<u8>>, Error> {
		let body = self.body(block).await?;
		Ok(body.into_iter().nth(index as usize))
	}

	/// The events of a block, up to the first that does not decode, if there is one: where it ends is not known.
	pub async fn events(&self, block: Block) -> Result<Vec<Event>, Error> {
		let events = retrying(|| async {
			let events = self.online().events().at(block.hash).await;
			events.map_err(|error| Error::from_subxt("a block's events", error))
		})
		.await?;
		Ok(events::decode_all(&events, block))
	}

	/// The chunks that a block's extrinsics publish. Whether they are what was committed to is for the reader to check: the
	/// block's state, which a node soon throws away, is not looked at. Whatever else is in the block is passed over.
	///
	/// # Errors
	///
	/// [`Error::BlockPruned`] if the node keeps its header alone, [`Error::Metadata`] if the runtime publishes otherwise.
	pub async fn publications(&self, block: Block) -> Result<Vec<Publication>, Error> {
		self.check_upgrade()?;
		let metadata = self.metadata();
		let body = self.body(block).await?;
		Ok(body.iter().filter_map(|extrinsic| publications::read(extrinsic, &metadata)).collect())
	}

	/// As [`Self::publications`], of the block of this number in the chain of the finalised block `head`.
	///
	/// # Errors
	///
	/// Also [`Error::BlockUnknown`] if the node lags behind `head`, and [`Error::BlockPruned`] if it began later.
	pub async fn publications_at(&self, number: BlockNumber, head: Block) -> Result<Vec<Publication>, Error> {
		match self.block_at(number).await? {
			Some(block) => self.publications(block).await,
			None if self.block_at(head.number).await?.is_some() => Err(Error::BlockPruned(number)),
			None => Err(Error::BlockUnknown(number)),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		fake_node::{client_of, FakeNode, BIRTH},
		publications::tests::{of_strangers, publication, published, whole},
	};
	use std::collections::BTreeMap;

	/// The publications of a block with these extrinsics.
	async fn published_in(extrinsics: Vec<Vec<u8>>) -> Result<Vec<Publication>, Error> {
		let extrinsics: Vec<String> = extrinsics.iter().map(|bytes| format!("0x{}", hex::encode(bytes))).collect();
		let included = BTreeMap::from([(BIRTH, extrinsics)]);
		let (client, _) = client_of(FakeNode { included, ..Default::default() }).await;
		client.publications(client.finalized().await?).await
	}

	#[tokio::test]
	async fn publications_of_a_block_are_read_beside_anything_that_strangers_put_into_it() {
		let good = || published(&[0; 4]);
		assert_eq!(published_in(vec![good()]).await.unwrap(), [publication()]);
		let odd = of_strangers().into_iter().chain([vec![], whole(&[&[0xff; 70]]), good()[..90].to_vec()]);
		for stranger in odd {
			let block = vec![stranger.clone(), good(), stranger.clone()];
			assert_eq!(published_in(block).await.unwrap(), [publication()], "{stranger:?}");
		}
		let all = of_strangers().into_iter().chain([good(), published(&[0, 4, 8, 0])]);
		assert_eq!(published_in(all.collect()).await.unwrap(), [publication(), publication()]);
	}

	#[tokio::test]
	async fn follow_goes_on_when_its_first_request_fails() {
		let (client, node) = client_of(FakeNode::default()).await;
		{
			let mut node = node.lock().unwrap();
			(node.failing, node.fails_before_submission) = (Some(("chain_getFinalizedHead", 1)), true);
		}
		assert_eq!(client.follow().await.unwrap().newest().unwrap().number, BIRTH);
	}
}
