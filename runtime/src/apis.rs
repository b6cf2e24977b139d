//! The runtime APIs, for the node and its JSON-RPC.

use crate::*;

use encrytrust_traits::fees::FeeSchedule;
use encrytrust_types::{
	dataset::Dataset,
	identity::{Key, KeyEvent, KeyId, KeyRequest, KeyTerms, Standing, Statement, VerifyingKeyInfo},
	job::{Duty, JobInfo, OpenUnit, Quote, Registration, Request, Role, Template},
	DatasetId, JobId, TemplateId,
};
use frame_support::{
	genesis_builder_helper::{build_state, get_preset},
	weights::Weight,
};
use pallet_bmpc::runtime_api::Refusal;
use pallet_bonds::{BondInfo, BondKind, EraInfo, Parameters, ValidatorInfo};
use pallet_grandpa::AuthorityId as GrandpaId;
use pallet_token_allocation::{
	runtime_api::{AccountInfo, GrantInfo, Supply},
	GrantId,
};
use sp_api::impl_runtime_apis;
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_mmr_primitives as mmr;
use sp_runtime::{
	traits::{Block as BlockT, NumberFor},
	transaction_validity::{TransactionSource, TransactionValidity},
	ApplyExtrinsicResult,
};
use sp_session::OpaqueGeneratedSessionKeys;

impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			VERSION
		}
		fn execute_block(block: <Block as BlockT>::LazyBlock) {
			Executive::execute_block(block);
		}
		fn initialize_block(header: &<Block as BlockT>::Header) -> sp_runtime::ExtrinsicInclusionMode {
			Executive::initialize_block(header)
		}
	}

	impl sp_api::Metadata<Block> for Runtime {
		fn metadata() -> OpaqueMetadata {
			OpaqueMetadata::new(Runtime::metadata().into())
		}
		fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
			Runtime::metadata_at_version(version)
		}
		fn metadata_versions() -> Vec<u32> {
			Runtime::metadata_versions()
		}
	}

	impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
		fn execute_view_function(id: frame_support::view_functions::ViewFunctionId, input: Vec<u8>) -> Result<Vec<u8>, frame_support::view_functions::ViewFunctionDispatchError> {
			Runtime::execute_view_function(id, input)
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			Executive::apply_extrinsic(extrinsic)
		}
		fn finalize_block() -> <Block as BlockT>::Header {
			Executive::finalize_block()
		}
		fn inherent_extrinsics(data: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			data.create_extrinsics()
		}
		fn check_inherents(block: <Block as BlockT>::LazyBlock, data: sp_inherents::InherentData) -> sp_inherents::CheckInherentsResult {
			data.check_extrinsics(&block)
		}
	}

	impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
		fn validate_transaction(source: TransactionSource, tx: <Block as BlockT>::Extrinsic, block_hash: <Block as BlockT>::Hash) -> TransactionValidity {
			Executive::validate_transaction(source, tx, block_hash)
		}
	}

	impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
		fn offchain_worker(header: &<Block as BlockT>::Header) {
			Executive::offchain_worker(header)
		}
	}

	impl sp_consensus_babe::BabeApi<Block> for Runtime {
		fn configuration() -> sp_consensus_babe::BabeConfiguration {
			let epoch_config = Babe::epoch_config().unwrap_or(BABE_GENESIS_EPOCH_CONFIG);
			sp_consensus_babe::BabeConfiguration {
				slot_duration: Babe::slot_duration(),
				epoch_length: consensus_parameters::EpochSlots::<Runtime>::get(),
				c: epoch_config.c,
				authorities: Babe::authorities().to_vec(),
				randomness: Babe::randomness(),
				allowed_slots: epoch_config.allowed_slots,
			}
		}
		fn current_epoch_start() -> sp_consensus_babe::Slot {
			Babe::current_epoch_start()
		}
		fn current_epoch() -> sp_consensus_babe::Epoch {
			Babe::current_epoch()
		}
		fn next_epoch() -> sp_consensus_babe::Epoch {
			Babe::next_epoch()
		}
		fn generate_key_ownership_proof(slot: sp_consensus_babe::Slot, authority_id: sp_consensus_babe::AuthorityId) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
			let session = key_owners::session_of_slot::<Runtime>(slot);
			KeyOwners::prove_in(session, sp_consensus_babe::KEY_TYPE, authority_id.as_ref())
				.map(|proof| sp_consensus_babe::OpaqueKeyOwnershipProof::new(codec::Encode::encode(&proof)))
		}
		fn submit_report_equivocation_unsigned_extrinsic(
			equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
			key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			// The SDK's block import passes headers without seals, which prove nothing; the node's own passes them with
			// seals.
			sp_consensus_babe::check_equivocation_proof(equivocation_proof.clone()).then_some(())?;
			Babe::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
		}
	}

	impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
		fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
			Grandpa::grandpa_authorities()
		}
		fn current_set_id() -> sp_consensus_grandpa::SetId {
			pallet_grandpa::CurrentSetId::<Runtime>::get()
		}
		fn submit_report_equivocation_unsigned_extrinsic(
			equivocation_proof: sp_consensus_grandpa::EquivocationProof<<Block as BlockT>::Hash, NumberFor<Block>>,
			key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			Grandpa::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
		}
		fn generate_key_ownership_proof(set_id: sp_consensus_grandpa::SetId, authority_id: GrandpaId) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
			// The latest session in which the key was active: the chain punishes offences of it for the longest time.
			key_owners::sessions_of_set::<Runtime>(set_id)?
				.rev()
				.find_map(|session| KeyOwners::prove_in(session, sp_consensus_grandpa::KEY_TYPE, authority_id.as_ref()))
				.map(|proof| sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(codec::Encode::encode(&proof)))
		}
	}

	impl sp_authority_discovery::AuthorityDiscoveryApi<Block> for Runtime {
		fn authorities() -> Vec<sp_authority_discovery::AuthorityId> {
			AuthorityDiscovery::authorities()
		}
	}

	impl sp_session::SessionKeys<Block> for Runtime {
		fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
			SessionKeys::generate(&owner, seed).into()
		}
		fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
			SessionKeys::decode_into_raw_public_keys(&encoded)
		}
	}

	impl mmr::MmrApi<Block, Hash, BlockNumber> for Runtime {
		fn mmr_root() -> Result<Hash, mmr::Error> {
			Ok(pallet_mmr::RootHash::<Runtime>::get())
		}
		fn mmr_leaf_count() -> Result<mmr::LeafIndex, mmr::Error> {
			Ok(pallet_mmr::NumberOfLeaves::<Runtime>::get())
		}
		fn generate_proof(block_numbers: Vec<BlockNumber>, best_known_block_number: Option<BlockNumber>) -> Result<(Vec<mmr::EncodableOpaqueLeaf>, mmr::LeafProof<Hash>), mmr::Error> {
			Mmr::generate_proof(block_numbers, best_known_block_number).map(|(leaves, proof)| {
				(leaves.into_iter().map(|leaf| mmr::EncodableOpaqueLeaf::from_leaf(&leaf)).collect(), proof)
			})
		}
		fn generate_ancestry_proof(prev_block_number: BlockNumber, best_known_block_number: Option<BlockNumber>) -> Result<mmr::AncestryProof<Hash>, mmr::Error> {
			Mmr::generate_ancestry_proof(prev_block_number, best_known_block_number)
		}
		fn verify_proof(leaves: Vec<mmr::EncodableOpaqueLeaf>, proof: mmr::LeafProof<Hash>) -> Result<(), mmr::Error> {
			type Leaf = <<Runtime as pallet_mmr::Config>::LeafData as mmr::LeafDataProvider>::LeafData;
			let leaves = leaves.into_iter()
				.map(|leaf| leaf.into_opaque_leaf().try_decode::<Leaf>().ok_or(mmr::Error::Verify))
				.collect::<Result<Vec<_>, _>>()?;
			Mmr::verify_leaves(leaves, proof)
		}
		fn verify_proof_stateless(root: Hash, leaves: Vec<mmr::EncodableOpaqueLeaf>, proof: mmr::LeafProof<Hash>) -> Result<(), mmr::Error> {
			let nodes = leaves.into_iter().map(|leaf| mmr::DataOrHash::Data(leaf.into_opaque_leaf())).collect();
			pallet_mmr::verify_leaves_proof::<<Runtime as pallet_mmr::Config>::Hashing, _>(root, nodes, proof)
		}
	}

	impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
		fn account_nonce(account: AccountId) -> Nonce {
			System::account_nonce(account)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
		fn query_info(uxt: <Block as BlockT>::Extrinsic, len: u32) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_info(uxt, len)
		}
		fn query_fee_details(uxt: <Block as BlockT>::Extrinsic, len: u32) -> pallet_transaction_payment::FeeDetails<Balance> {
			TransactionPayment::query_fee_details(uxt, len)
		}
		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}
		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl pallet_bmpc::runtime_api::BmpcApi<Block, AccountId, Balance, BlockNumber> for Runtime {
		fn quote(who: AccountId, request: Request<AccountId, Balance, BlockNumber>) -> Result<Quote<AccountId, Balance>, Refusal> {
			Bmpc::quote(who, request)
		}
		fn job(id: JobId) -> Option<JobInfo<AccountId, Balance, BlockNumber>> {
			Bmpc::job(id)
		}
		fn duties(who: AccountId) -> Vec<Duty<BlockNumber>> {
			Bmpc::duties(who)
		}
		fn open_units(id: JobId) -> Vec<OpenUnit<BlockNumber>> {
			Bmpc::open_units(id)
		}
		fn publication(id: JobId, unit: u32, chunk: u32, bytes: Vec<u8>, path: Vec<Hash>) -> Option<Vec<u8>> {
			Bmpc::publication(id, unit, chunk, bytes, path)
		}
		fn role(role: Role, who: AccountId) -> Option<Registration<AccountId, Balance, BlockNumber>> {
			Bmpc::role(role, who)
		}
		fn roles(role: Role, after: Option<AccountId>, limit: u32) -> Vec<(AccountId, Registration<AccountId, Balance, BlockNumber>)> {
			Bmpc::roles(role, after, limit)
		}
		fn dataset(id: DatasetId) -> Option<Dataset<AccountId, Balance>> {
			Bmpc::dataset(id)
		}
		fn datasets(from: DatasetId, limit: u32) -> Vec<(DatasetId, Dataset<AccountId, Balance>)> {
			Bmpc::datasets(from, limit)
		}
		fn template(id: TemplateId) -> Option<Template> {
			Bmpc::template(id)
		}
		fn templates() -> Vec<(TemplateId, Template)> {
			Bmpc::templates()
		}
	}

	impl pallet_token_allocation::runtime_api::TokenAllocationApi<Block, AccountId, Balance, BlockNumber> for Runtime {
		fn supply() -> Supply<AccountId, Balance> {
			TokenAllocation::supply()
		}
		fn grants(who: AccountId) -> Vec<(GrantId, GrantInfo<AccountId, Balance, BlockNumber>)> {
			TokenAllocation::grants_of(&who)
		}
		fn grant(id: GrantId) -> Option<GrantInfo<AccountId, Balance, BlockNumber>> {
			TokenAllocation::grant_info(id)
		}
		fn fee_schedule() -> FeeSchedule {
			TokenAllocation::fee_schedule()
		}
		fn account(who: AccountId) -> Option<AccountInfo<Balance>> {
			TokenAllocation::account_info(&who)
		}
	}

	impl pallet_bonds::runtime_api::BondsApi<Block, AccountId, BlockNumber> for Runtime {
		fn parameters() -> Parameters<BlockNumber> {
			Bonds::parameters()
		}
		fn era() -> EraInfo<AccountId> {
			Bonds::era()
		}
		fn validators() -> Vec<ValidatorInfo<AccountId>> {
			Bonds::validators()
		}
		fn bond(kind: BondKind, who: AccountId) -> Option<BondInfo<BlockNumber>> {
			Bonds::bond_info(kind, who)
		}
	}

	impl pallet_identity_keys::runtime_api::IdentityApi<Block, AccountId, Balance, BlockNumber> for Runtime {
		fn key(id: KeyId) -> Option<Key<AccountId, Balance>> {
			IdentityKeys::key(id)
		}
		fn request(id: KeyId) -> Option<KeyRequest<AccountId, Balance, BlockNumber>> {
			IdentityKeys::request(id)
		}
		fn standing(who: AccountId) -> Standing {
			IdentityKeys::standing(&who)
		}
		fn keys_of(who: AccountId, from: Option<KeyId>, limit: u32) -> Vec<(KeyId, Key<AccountId, Balance>)> {
			IdentityKeys::keys_of(&who, from, limit)
		}
		fn history(id: KeyId) -> Vec<KeyEvent<AccountId, BlockNumber>> {
			IdentityKeys::history(id)
		}
		fn statement(id: KeyId, submitter: AccountId, new_terms: Option<KeyTerms>) -> Option<Statement> {
			IdentityKeys::statement(id, &submitter, new_terms)
		}
		fn verifying_key() -> Option<VerifyingKeyInfo> {
			IdentityKeys::verifying_key_info()
		}
		fn authentication_nodes() -> Vec<AccountId> {
			IdentityKeys::authentication_nodes()
		}
		fn identity_required() -> bool {
			IdentityKeys::identity_required()
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	impl frame_benchmarking::Benchmark<Block> for Runtime {
		fn benchmark_metadata(extra: bool) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
			crate::benchmarks::metadata(extra)
		}
		fn dispatch_benchmark(config: frame_benchmarking::BenchmarkConfig) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
			crate::benchmarks::dispatch(config)
		}
	}

	#[cfg(feature = "try-runtime")]
	impl frame_try_runtime::TryRuntime<Block> for Runtime {
		fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
			let weight = Executive::try_runtime_upgrade(checks).expect("a failed check ends the dry run");
			(weight, configs::RuntimeBlockWeights::get().max_block)
		}
		fn execute_block(block: <Block as BlockT>::LazyBlock, state_root_check: bool, signature_check: bool, select: frame_try_runtime::TryStateSelect) -> Weight {
			Executive::try_execute_block(block, state_root_check, signature_check, select).expect("a failed check ends the dry run")
		}
	}

	impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
		fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
			build_state::<RuntimeGenesisConfig>(config)
		}
		fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
			get_preset::<RuntimeGenesisConfig>(id, crate::genesis_config_presets::get_preset)
		}
		fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
			crate::genesis_config_presets::preset_names()
		}
	}
}
