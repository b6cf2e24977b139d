//! The chain, as a worker needs it.

use async_trait::async_trait;
use encrytrust_chain_client::{
	account_of, AccountId, Block, BlockNumber, Call, Client, Dataset, Duty, Error as ChainError, Inclusion, JobInfo,
	Keypair, KnownBlocks, OpenUnit, Publication, Registration, Signed, StorageKey, H256,
};
use encrytrust_fault_proofs::Fault;
use encrytrust_types::{job::Role, DatasetId, JobId};
use std::fmt;

/// A chain, for one account.
#[async_trait]
pub trait Chain: Send + Sync {
	/// The account that has roles, bond and duties.
	fn account(&self) -> AccountId;
	/// The hash of the first block.
	fn genesis(&self) -> H256;

	/// Follows the finalised blocks.
	async fn follow(&self) -> Result<Box<dyn Heads>, ChainError>;
	/// The newest finalised block.
	async fn finalized(&self) -> Result<Block, ChainError>;
	/// The finalised block of a number, if it is there yet.
	async fn block_at(&self, number: BlockNumber) -> Result<Option<Block>, ChainError>;
	/// Learns, before [`Self::follow`], what was seen of the chain by another process.
	fn remember(&self, seen: Vec<Block>);
	/// What is to be remembered at the finalised block `head`, if all was that had to be at `last`.
	async fn seen(&self, last: BlockNumber, head: Block) -> Result<KnownBlocks, ChainError>;

	/// What the account should do at a block.
	async fn duties(&self, at: Block) -> Result<Vec<Duty>, ChainError>;
	/// The finality clock at a block, which deadlines are values of: it lags behind the block's number.
	async fn clock(&self, at: Block) -> Result<BlockNumber, ChainError>;
	/// The challenged units of a job that are not published in full.
	async fn open_units(&self, job: JobId, at: Block) -> Result<Vec<OpenUnit>, ChainError>;
	/// A job, if there is one of this id.
	async fn job(&self, id: JobId, at: Block) -> Result<Option<JobInfo>, ChainError>;
	/// The id of the job that comes next.
	async fn next_job(&self, at: Block) -> Result<JobId, ChainError>;
	/// Whether the account's identity lets it take part in new jobs.
	async fn can_participate(&self, at: Block) -> Result<bool, ChainError>;
	/// The registration of an account in a role.
	async fn registration(&self, role: Role, who: &AccountId, at: Block) -> Result<Option<Registration>, ChainError>;
	/// A data set, if there is one of this id.
	async fn dataset(&self, id: DatasetId, at: Block) -> Result<Option<Dataset>, ChainError>;
	/// The chunks that were published in a block. [`ChainError::BlockPruned`] if they are gone.
	async fn publications(&self, block: Block) -> Result<Vec<Publication>, ChainError>;
	/// Publishes a chunk, which needs no account: hands it to the pool of the node.
	async fn publish(&self, publication: &Publication) -> Result<(), ChainError>;

	/// The nonce, at a block, of the account that signs.
	async fn nonce(&self, at: Block) -> Result<u64, ChainError>;
	/// The lowest nonce that is used neither in the node's best chain nor by what its pool would put into the next block.
	async fn next_nonce(&self) -> Result<u64, ChainError>;
	/// The version of the runtime that executes the blocks after a finalised block.
	async fn spec_version(&self, at: Block) -> Result<u32, ChainError>;
	/// Signs a call at a finalised block.
	fn sign(&self, call: &Call, nonce: u64, born: Block) -> Result<Signed, ChainError>;
	/// Hands signed bytes to the pool.
	async fn submit(&self, bytes: &[u8]) -> Result<(), ChainError>;
	/// Looks for an extrinsic in a block. [`ChainError::BlockPruned`] if the block's extrinsics are gone.
	async fn inclusion(&self, block: Block, extrinsic: H256) -> Result<Option<Inclusion>, ChainError>;
	/// Leaves a fault proof to the node, which sends it without an account.
	async fn submit_via_node(&self, job: JobId, fault: &Fault) -> Result<(), ChainError>;
}

/// The finalised blocks, as they come.
#[async_trait]
pub trait Heads: Send {
	/// The newest block.
	fn newest(&mut self) -> Result<Block, ChainError>;
	/// Waits for a block that is newer than the newest that was asked for. Dropped before it is done, it has done nothing.
	async fn next(&mut self) -> Result<Block, ChainError>;
}

#[async_trait]
impl Heads for encrytrust_chain_client::Heads {
	fn newest(&mut self) -> Result<Block, ChainError> {
		Self::newest(self)
	}

	async fn next(&mut self) -> Result<Block, ChainError> {
		Self::next(self).await
	}
}

/// The chain that a node has.
#[derive(Clone)]
pub struct NodeChain {
	client: Client,
	signer: Keypair,
	account: AccountId,
}

impl NodeChain {
	/// Through this node, for the account of a key pair, or for the one whose proxy that is.
	pub fn new(client: Client, signer: Keypair, proxy_for: Option<AccountId>) -> Self {
		let account = proxy_for.unwrap_or_else(|| account_of(&signer));
		Self { client, signer, account }
	}

	/// The account that signs and pays fees.
	fn signing(&self) -> AccountId {
		account_of(&self.signer)
	}
}

impl fmt::Debug for NodeChain {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("NodeChain").field("account", &self.account.to_string()).finish_non_exhaustive()
	}
}

#[async_trait]
impl Chain for NodeChain {
	fn account(&self) -> AccountId {
		self.account.clone()
	}

	fn genesis(&self) -> H256 {
		self.client.genesis()
	}

	async fn follow(&self) -> Result<Box<dyn Heads>, ChainError> {
		Ok(Box::new(self.client.follow().await?))
	}

	async fn finalized(&self) -> Result<Block, ChainError> {
		self.client.finalized().await
	}

	async fn block_at(&self, number: BlockNumber) -> Result<Option<Block>, ChainError> {
		self.client.block_at(number).await
	}

	fn remember(&self, seen: Vec<Block>) {
		self.client.add_known_blocks(seen);
	}

	async fn seen(&self, last: BlockNumber, head: Block) -> Result<KnownBlocks, ChainError> {
		self.client.known_blocks_at(last, head).await
	}

	async fn duties(&self, at: Block) -> Result<Vec<Duty>, ChainError> {
		self.client.at(at.hash).duties(&self.account).await
	}

	async fn clock(&self, at: Block) -> Result<BlockNumber, ChainError> {
		Ok(self.client.storage(&StorageKey::finality_clock(), at.hash).await?.unwrap_or_default())
	}

	async fn open_units(&self, job: JobId, at: Block) -> Result<Vec<OpenUnit>, ChainError> {
		self.client.at(at.hash).open_units(job).await
	}

	async fn job(&self, id: JobId, at: Block) -> Result<Option<JobInfo>, ChainError> {
		self.client.at(at.hash).job(id).await
	}

	async fn next_job(&self, at: Block) -> Result<JobId, ChainError> {
		Ok(self.client.storage(&StorageKey::next_job_id(), at.hash).await?.unwrap_or_default())
	}

	async fn can_participate(&self, at: Block) -> Result<bool, ChainError> {
		Ok(self.client.at(at.hash).standing(&self.account).await?.can_participate)
	}

	async fn registration(&self, role: Role, who: &AccountId, at: Block) -> Result<Option<Registration>, ChainError> {
		self.client.at(at.hash).role(role, who).await
	}

	async fn dataset(&self, id: DatasetId, at: Block) -> Result<Option<Dataset>, ChainError> {
		self.client.at(at.hash).dataset(id).await
	}

	async fn publications(&self, block: Block) -> Result<Vec<Publication>, ChainError> {
		self.client.publications(block).await
	}

	async fn publish(&self, publication: &Publication) -> Result<(), ChainError> {
		self.client.publish(publication).await
	}

	async fn nonce(&self, at: Block) -> Result<u64, ChainError> {
		self.client.nonce(&self.signing(), at.hash).await
	}

	async fn next_nonce(&self) -> Result<u64, ChainError> {
		self.client.next_nonce(&self.signing()).await
	}

	async fn spec_version(&self, at: Block) -> Result<u32, ChainError> {
		self.client.spec_version(at.hash).await
	}

	fn sign(&self, call: &Call, nonce: u64, born: Block) -> Result<Signed, ChainError> {
		// What is not work in a job only uses up a nonce, which is the proxy's.
		if self.account == self.signing() || call.pallet != "Bmpc" {
			return self.client.sign(call, &self.signer, nonce, born);
		}
		self.client.sign(&self.client.by_worker_proxy(call, &self.account)?, &self.signer, nonce, born)
	}

	async fn submit(&self, bytes: &[u8]) -> Result<(), ChainError> {
		self.client.submit(bytes).await
	}

	async fn inclusion(&self, block: Block, extrinsic: H256) -> Result<Option<Inclusion>, ChainError> {
		self.client.inclusion(block, extrinsic).await
	}

	async fn submit_via_node(&self, job: JobId, fault: &Fault) -> Result<(), ChainError> {
		self.client.submit_via_node(job, fault).await
	}
}
