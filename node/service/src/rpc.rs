//! JSON-RPC: the SDK's methods, and `bmpc_*`, `ets_*`, `identity_*`, `bonds_*`, thin wrappers over the runtime APIs.

mod bmpc;
mod bonds;
mod ets;
mod identity;
mod json;
mod reader;

use encrytrust_runtime::{opaque::Block, AccountId, Balance, BlockNumber, Hash, Nonce};
use jsonrpsee::RpcModule;
use reader::Reader;
use sc_client_api::{AuxStore, BlockBackend, StorageProvider};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_grandpa::{FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState};
use sc_rpc::SubscriptionTaskExecutor;
use sc_transaction_pool_api::TransactionPool;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::{Error as BlockChainError, HeaderBackend, HeaderMetadata};
use sp_consensus::SelectChain;
use sp_keystore::KeystorePtr;
use std::sync::Arc;

/// The dependencies of BABE's methods.
pub(crate) struct BabeDeps {
	/// For queries about epochs.
	pub(crate) worker: BabeWorkerHandle<Block>,
	/// The validator's keys.
	pub(crate) keystore: KeystorePtr,
}

/// The dependencies of GRANDPA's methods.
pub(crate) struct GrandpaDeps<B> {
	pub(crate) voter_state: SharedVoterState,
	pub(crate) authority_set: SharedAuthoritySet<Hash, BlockNumber>,
	pub(crate) justifications: GrandpaJustificationStream<Block>,
	/// Runs subscriptions.
	pub(crate) executor: SubscriptionTaskExecutor,
	pub(crate) finality: Arc<FinalityProofProvider<B, Block>>,
}

/// The dependencies of all methods.
pub(crate) struct FullDeps<C, P, SC, B> {
	pub(crate) client: Arc<C>,
	pub(crate) pool: Arc<P>,
	pub(crate) select_chain: SC,
	/// For sync state.
	pub(crate) chain_spec: Box<dyn sc_chain_spec::ChainSpec>,
	pub(crate) babe: BabeDeps,
	pub(crate) grandpa: GrandpaDeps<B>,
	/// For the MMR's nodes.
	pub(crate) backend: Arc<B>,
}

/// All methods except the SDK's basic ones.
pub(crate) fn create_full<C, P, SC, B>(
	deps: FullDeps<C, P, SC, B>,
) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>>
where
	C: ProvideRuntimeApi<Block>
		+ BlockBackend<Block>
		+ HeaderBackend<Block>
		+ HeaderMetadata<Block, Error = BlockChainError>
		+ AuxStore
		+ StorageProvider<Block, B>
		+ Send
		+ Sync
		+ 'static,
	C::Api: substrate_frame_rpc_system::AccountNonceApi<Block, AccountId, Nonce>
		+ pallet_transaction_payment_rpc::TransactionPaymentRuntimeApi<Block, Balance>
		+ mmr_rpc::MmrRuntimeApi<Block, Hash, BlockNumber>
		+ sp_consensus_babe::BabeApi<Block>
		+ sp_block_builder::BlockBuilder<Block>
		+ pallet_bmpc::runtime_api::BmpcApi<Block, AccountId, Balance, BlockNumber>
		+ pallet_bonds::runtime_api::BondsApi<Block, AccountId, BlockNumber>
		+ pallet_identity_keys::runtime_api::IdentityApi<Block, AccountId, Balance, BlockNumber>
		+ pallet_token_allocation::runtime_api::TokenAllocationApi<Block, AccountId, Balance, BlockNumber>,
	P: TransactionPool + 'static,
	SC: SelectChain<Block> + 'static,
	B: sc_client_api::Backend<Block> + Send + Sync + 'static,
{
	use mmr_rpc::{Mmr, MmrApiServer};
	use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
	use sc_consensus_babe_rpc::{Babe, BabeApiServer};
	use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
	use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
	use substrate_frame_rpc_system::{System, SystemApiServer};

	let FullDeps { client, pool, select_chain, chain_spec, babe, grandpa, backend } = deps;
	let mut module = RpcModule::new(());
	module.merge(System::new(client.clone(), pool).into_rpc())?;
	module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
	let storage = backend.offchain_storage().ok_or("the backend has no off-chain storage")?;
	module.merge(Mmr::new(client.clone(), storage).into_rpc())?;
	module.merge(Babe::new(client.clone(), babe.worker.clone(), babe.keystore, select_chain).into_rpc())?;
	module.merge(
		Grandpa::new(
			grandpa.executor,
			grandpa.authority_set.clone(),
			grandpa.voter_state,
			grandpa.justifications,
			grandpa.finality,
		)
		.into_rpc(),
	)?;
	module.merge(SyncState::new(chain_spec, client.clone(), grandpa.authority_set, babe.worker)?.into_rpc())?;
	module.merge(bmpc::BmpcApiServer::into_rpc(Reader::new(client.clone())))?;
	module.merge(ets::EtsApiServer::into_rpc(Reader::new(client.clone())))?;
	module.merge(identity::IdentityApiServer::into_rpc(Reader::new(client.clone())))?;
	module.merge(bonds::BondsApiServer::into_rpc(Reader::new(client)))?;
	Ok(module)
}
