//! Reports validators that sign two blocks for one slot.
//!
//! The SDK's BABE block import does so too, but since release 2509 it hands over headers whose seals have been taken off:
//! the signatures are missing, and the chain refuses each such proof. The runtime's API drops them
//! (`submit_report_equivocation_unsigned_extrinsic`); this import, around the SDK's, makes those that hold.

use crate::client::FullClient;
use encrytrust_runtime::{opaque::Block, Hash, Header};
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ImportResult};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::{ApiExt, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_consensus::BlockOrigin;
use sp_consensus_babe::{AuthorityId, BabeApi, EquivocationProof, Slot};
use std::{
	collections::BTreeMap,
	error::Error,
	sync::{Arc, Mutex, PoisonError},
};

/// For how many slots headers are kept. A report of an older one would come after many others' anyway.
const SLOTS: u64 = 1_000;

/// Sealed headers by slot and author.
type Seen = BTreeMap<Slot, Vec<(AuthorityId, Header)>>;

/// A block import that looks for equivocations in the blocks that the inner one imported.
#[derive(Clone)]
pub(crate) struct EquivocationReporter<I> {
	inner: I,
	client: Arc<FullClient>,
	pool: OffchainTransactionPoolFactory<Block>,
	/// Lost with the process: other validators keep them too.
	seen: Arc<Mutex<Seen>>,
}

impl<I> EquivocationReporter<I> {
	pub(crate) fn new(inner: I, client: Arc<FullClient>, pool: OffchainTransactionPoolFactory<Block>) -> Self {
		Self { inner, client, pool, seen: Arc::default() }
	}

	fn check(&self, header: Header) -> Result<(), Box<dyn Error>> {
		let hash = header.hash();
		let digest = sc_consensus_babe::find_pre_digest::<Block>(&header)?;
		// The block's own state: its first block makes the epoch begin.
		let epoch = self.client.runtime_api().current_epoch(hash)?;
		let Some((author, _)) = epoch.authorities.get(digest.authority_index() as usize) else { return Ok(()) };
		match self.other_header(digest.slot(), author, &header) {
			Some(other) => self.report(hash, digest.slot(), author, [other, header]),
			None => Ok(()),
		}
	}

	/// Keeps the header, and returns another one that the author signed for the slot.
	fn other_header(&self, slot: Slot, author: &AuthorityId, header: &Header) -> Option<Header> {
		let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
		*seen = seen.split_off(&slot.saturating_sub(SLOTS));
		let headers = seen.entry(slot).or_default();
		let first = headers.iter().find(|(other, _)| other == author).map(|(_, first)| first.clone());
		match first {
			Some(first) => Some(first).filter(|first| first != header),
			None => {
				headers.push((author.clone(), header.clone()));
				None
			},
		}
	}

	/// Makes the runtime report it, by an extrinsic that goes into the pool and into this node's next block.
	fn report(
		&self,
		hash: Hash,
		slot: Slot,
		author: &AuthorityId,
		[first_header, second_header]: [Header; 2],
	) -> Result<(), Box<dyn Error>> {
		log::info!(target: "babe", "{author:?} signed two blocks for slot {slot}: reporting");
		let offender = author.clone();
		let owner = self.client.runtime_api().generate_key_ownership_proof(hash, slot, offender.clone())?;
		let Some(owner) = owner else { return Ok(()) };
		let proof = EquivocationProof { offender, slot, first_header, second_header };
		let best = self.client.info().best_hash;
		let mut api = self.client.runtime_api();
		api.register_extension(self.pool.offchain_transaction_pool(best));
		api.submit_report_equivocation_unsigned_extrinsic(best, proof, owner)?;
		Ok(())
	}
}

#[async_trait::async_trait]
impl<I: BlockImport<Block> + Send + Sync> BlockImport<Block> for EquivocationReporter<I> {
	type Error = I::Error;

	async fn check_block(&self, block: BlockCheckParams<Block>) -> Result<ImportResult, Self::Error> {
		self.inner.check_block(block).await
	}

	async fn import_block(&self, block: BlockImportParams<Block>) -> Result<ImportResult, Self::Error> {
		let origin = block.origin;
		let header = block.post_header();
		let imported = self.inner.import_block(block).await?;
		// Blocks of the initial sync are too old to be reported.
		if origin != BlockOrigin::NetworkInitialSync && matches!(imported, ImportResult::Imported(_)) {
			if let Err(error) = self.check(header) {
				log::debug!(target: "babe", "cannot check for equivocations: {error}");
			}
		}
		Ok(imported)
	}
}
