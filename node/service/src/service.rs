//! The node's service: database, consensus, network and RPC.

use crate::{
	client::{FullClient, HostFunctions},
	equivocation::EquivocationReporter,
	finality, rpc,
};
use encrytrust_runtime::{apis::RuntimeApi, opaque::Block, BlockNumber, Hash};
use futures::{FutureExt, StreamExt};
use sc_client_api::{Backend, BlockBackend};
use sc_consensus_babe::{BabeLink, BabeWorkerHandle, SlotProportion};
use sc_consensus_grandpa::{GrandpaJustificationStream, SharedVoterState};
use sc_network::{event::Event, NetworkBackend, NetworkEventStream};
use sc_service::{error::Error as ServiceError, Configuration, TaskManager, WarpSyncConfig};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::SlotDuration;
use sp_inherents::CreateInherentDataProviders;
use std::{sync::Arc, time::Duration};

type FullBackend = sc_service::TFullBackend<Block>;
type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
type FullPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;
type FullGrandpaImport = sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
type FullBabeImport =
	sc_consensus_babe::BabeBlockImport<Block, FullClient, FullGrandpaImport, CreateInherents, FullSelectChain>;
/// What the runtime is told about the time of a block, and about finality.
type Inherents = (
	sp_consensus_babe::inherents::InherentDataProvider,
	sp_timestamp::InherentDataProvider,
	finality::InherentDataProvider,
);
type CreateInherents = Arc<dyn CreateInherentDataProviders<Block, (), InherentDataProviders = Inherents>>;
type GrandpaLink = sc_consensus_grandpa::LinkHalf<Block, FullClient, FullSelectChain>;

/// The minimal number of blocks between two justifications that are kept.
const JUSTIFICATION_PERIOD: u32 = 512;

/// How long GRANDPA gossips before it votes.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// What a running node needs in addition to the subcommands' parts.
pub(crate) struct Extra {
	block_import: EquivocationReporter<FullBabeImport>,
	babe_link: BabeLink<Block>,
	babe_worker: BabeWorkerHandle<Block>,
	grandpa_link: GrandpaLink,
	telemetry: Option<Telemetry>,
}

/// The parts that subcommands and the running node share.
pub(crate) type PartialComponents = sc_service::PartialComponents<
	FullClient,
	FullBackend,
	FullSelectChain,
	sc_consensus::DefaultImportQueue<Block>,
	FullPool,
	Extra,
>;

/// Builds the shared parts.
pub(crate) fn new_partial(config: &Configuration) -> Result<PartialComponents, ServiceError> {
	let telemetry = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
		.map(|endpoints| -> Result<_, sc_telemetry::Error> {
			let worker = TelemetryWorker::new(16)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok((worker, telemetry))
		})
		.transpose()?;

	let executor = sc_service::new_wasm_executor::<HostFunctions>(&config.executor);
	let (client, backend, keystore_container, task_manager) = sc_service::new_full_parts::<Block, RuntimeApi, _>(
		config,
		telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
		executor,
		Vec::new(),
	)?;
	let client = Arc::new(client);
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});

	let select_chain = sc_consensus::LongestChain::new(backend.clone());
	let transaction_pool = Arc::from(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry.as_ref().map(|telemetry| telemetry.handle()),
	)?;
	let justification_import = grandpa_import.clone();

	let babe_config = sc_consensus_babe::configuration(&*client)?;
	let slot_duration = babe_config.slot_duration();
	let (babe_import, babe_link) = sc_consensus_babe::block_import(
		babe_config,
		grandpa_import,
		client.clone(),
		Arc::new(move |_, ()| async move { Ok(inherents(slot_duration, finality::InherentDataProvider::for_import())) })
			as CreateInherents,
		select_chain.clone(),
		OffchainTransactionPoolFactory::new(transaction_pool.clone()),
	)?;
	let reports = OffchainTransactionPoolFactory::new(transaction_pool.clone());
	let block_import = EquivocationReporter::new(babe_import, client.clone(), reports);
	let (import_queue, babe_worker) = sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
		link: babe_link.clone(),
		block_import: block_import.clone(),
		justification_import: Some(Box::new(justification_import)),
		client: client.clone(),
		slot_duration,
		spawner: &task_manager.spawn_essential_handle(),
		registry: config.prometheus_registry(),
		telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
	})?;

	Ok(sc_service::PartialComponents {
		client,
		backend,
		task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Extra { block_import, babe_link, babe_worker, grandpa_link, telemetry },
	})
}

/// The inherents of a block that is authored or imported now.
fn inherents(slot_duration: SlotDuration, finality: finality::InherentDataProvider) -> Inherents {
	let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
	let slot =
		sp_consensus_babe::inherents::InherentDataProvider::from_timestamp_and_slot_duration(*timestamp, slot_duration);
	(slot, timestamp, finality)
}

/// Starts a full node, with the network backend that the configuration names.
pub(crate) fn new_full(config: Configuration) -> Result<TaskManager, ServiceError> {
	use sc_network::config::NetworkBackendType::{Libp2p, Litep2p};
	match config.network.network_backend {
		Libp2p => new_full_with::<sc_network::NetworkWorker<Block, Hash>>(config),
		Litep2p => new_full_with::<sc_network::Litep2pNetworkBackend>(config),
	}
}

fn new_full_with<N: NetworkBackend<Block, Hash>>(mut config: Configuration) -> Result<TaskManager, ServiceError> {
	// The MMR's nodes live in the off-chain database: every node can prove what was in the chain.
	config.offchain_worker.indexing_enabled = true;

	let sc_service::PartialComponents {
		client,
		backend,
		mut task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Extra { block_import, babe_link, babe_worker, grandpa_link, mut telemetry },
	} = new_partial(&config)?;

	let registry = config.prometheus_registry().cloned();
	let metrics = N::register_notification_metrics(registry.as_ref());
	let mut net_config =
		sc_network::config::FullNetworkConfiguration::<Block, Hash, N>::new(&config.network, registry.clone());
	let genesis_hash = client.block_hash(0)?.ok_or_else(|| ServiceError::Other("no genesis block".into()))?;
	let grandpa_protocol = sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
	let (grandpa_config, grandpa_notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<Block, N>(
		grandpa_protocol.clone(),
		metrics.clone(),
		net_config.peer_store_handle(),
	);
	net_config.add_notification_protocol(grandpa_config);

	let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
		backend.clone(),
		grandpa_link.shared_authority_set().clone(),
		Vec::new(),
	));
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
		sc_service::build_network(sc_service::BuildNetworkParams {
			config: &config,
			net_config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	if config.offchain_worker.enabled {
		let offchain_workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
			runtime_api_provider: client.clone(),
			keystore: Some(keystore_container.keystore()),
			offchain_db: backend.offchain_storage(),
			transaction_pool: Some(OffchainTransactionPoolFactory::new(transaction_pool.clone())),
			network_provider: Arc::new(network.clone()),
			is_validator: config.role.is_authority(),
			enable_http_requests: false,
			custom_extensions: |_| Vec::new(),
		})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers-runner",
			"offchain-worker",
			offchain_workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
		);
	}
	task_manager.spawn_handle().spawn(
		"mmr-gadget",
		None,
		mmr_gadget::MmrGadget::start(
			client.clone(),
			backend.clone(),
			<encrytrust_runtime::Runtime as pallet_mmr::Config>::INDEXING_PREFIX.to_vec(),
		),
	);

	let role = config.role;
	let force_authoring = config.force_authoring;
	let name = config.network.node_name.clone();
	let enable_grandpa = !config.disable_grandpa;
	let voter_state = SharedVoterState::empty();

	let rpc_builder = {
		let client = client.clone();
		let pool = transaction_pool.clone();
		let backend = backend.clone();
		let select_chain = select_chain.clone();
		let keystore = keystore_container.keystore();
		let chain_spec = config.chain_spec.cloned_box();
		let voter_state = voter_state.clone();
		let authority_set = grandpa_link.shared_authority_set().clone();
		let justifications: GrandpaJustificationStream<Block> = grandpa_link.justification_stream();
		let finality =
			sc_consensus_grandpa::FinalityProofProvider::new_for_service(backend.clone(), Some(authority_set.clone()));
		Box::new(move |executor| {
			rpc::create_full(rpc::FullDeps {
				client: client.clone(),
				pool: pool.clone(),
				select_chain: select_chain.clone(),
				chain_spec: chain_spec.cloned_box(),
				babe: rpc::BabeDeps { worker: babe_worker.clone(), keystore: keystore.clone() },
				grandpa: rpc::GrandpaDeps {
					voter_state: voter_state.clone(),
					authority_set: authority_set.clone(),
					justifications: justifications.clone(),
					executor,
					finality: finality.clone(),
				},
				backend: backend.clone(),
			})
			.map_err(Into::into)
		})
	};
	let public_addresses = config.network.public_addresses.clone();
	sc_service::spawn_tasks(sc_service::SpawnTasksParams {
		config,
		client: client.clone(),
		backend: backend.clone(),
		task_manager: &mut task_manager,
		keystore: keystore_container.keystore(),
		transaction_pool: transaction_pool.clone(),
		rpc_builder,
		network: network.clone(),
		system_rpc_tx,
		tx_handler_controller,
		sync_service: sync_service.clone(),
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;

	if role.is_authority() {
		let mut proposer = sc_basic_authorship::ProposerFactory::new(
			task_manager.spawn_handle(),
			client.clone(),
			transaction_pool.clone(),
			registry.as_ref(),
			telemetry.as_ref().map(|telemetry| telemetry.handle()),
		);
		// The default is below what the runtime reserves for what parties owe.
		proposer.set_default_block_size_limit(encrytrust_runtime::configs::longest_block());
		let slot_duration = babe_link.config().slot_duration();
		let babe = sc_consensus_babe::start_babe(sc_consensus_babe::BabeParams {
			keystore: keystore_container.keystore(),
			client: client.clone(),
			select_chain,
			env: proposer,
			block_import,
			sync_oracle: sync_service.clone(),
			justification_sync_link: sync_service.clone(),
			create_inherent_data_providers: {
				let client = client.clone();
				move |parent: Hash, ()| {
					let finality = finality::InherentDataProvider::new(&*client, parent);
					async move { Ok(inherents(slot_duration, finality)) }
				}
			},
			force_authoring,
			backoff_authoring_blocks: Some(
				sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging::<BlockNumber>::default(),
			),
			babe_link,
			block_proposal_slot_portion: SlotProportion::new(0.5),
			max_block_proposal_slot_portion: None,
			telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
		})?;
		task_manager.spawn_essential_handle().spawn_blocking("babe-proposer", Some("block-authoring"), babe);

		// Validators find each other by the addresses that each signs and publishes in the network's DHT.
		let events = network.event_stream("authority-discovery");
		let (discovery, _service) = sc_authority_discovery::new_worker_and_service_with_config(
			sc_authority_discovery::WorkerConfig {
				publish_non_global_ips: true,
				public_addresses,
				..Default::default()
			},
			client.clone(),
			Arc::new(network.clone()),
			Box::pin(events.filter_map(|event| async move {
				match event {
					Event::Dht(event) => Some(event),
					_ => None,
				}
			})),
			sc_authority_discovery::Role::PublishAndDiscover(keystore_container.keystore()),
			registry.clone(),
			task_manager.spawn_handle(),
		);
		task_manager.spawn_handle().spawn("authority-discovery-worker", Some("networking"), discovery.run());
	}

	if enable_grandpa {
		let grandpa_config = sc_consensus_grandpa::Config {
			gossip_duration: GOSSIP_DURATION,
			justification_generation_period: JUSTIFICATION_PERIOD,
			name: Some(name),
			observer_enabled: false,
			keystore: role.is_authority().then(|| keystore_container.keystore()),
			local_role: role,
			telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
			protocol_name: grandpa_protocol,
		};
		let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
			config: grandpa_config,
			link: grandpa_link,
			network,
			sync: Arc::new(sync_service),
			notification_service: grandpa_notifications,
			voting_rule: voting_rule(),
			prometheus_registry: registry,
			shared_voter_state: voter_state,
			telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
			offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
		})?;
		task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
	}
	Ok(task_manager)
}

/// GRANDPA votes on the best block itself, not two blocks behind it as by default: parties of jobs act on finalised
/// blocks alone, so that these two blocks would delay every stage (docs/adr/0034-votes-on-best-block.md).
fn voting_rule() -> impl sc_consensus_grandpa::VotingRule<Block, FullClient> + Clone {
	sc_consensus_grandpa::VotingRulesBuilder::new()
		.add(sc_consensus_grandpa::ThreeQuartersOfTheUnfinalizedChain)
		.build()
}
