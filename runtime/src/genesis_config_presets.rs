//! The chains that the node knows: `development` and `local_testnet`, and `production` for a live one, which still needs
//! its validators.
//!
//! Each starts with exactly 2,000,000,000 ETS in the six programs' accounts; the balances of the well-known accounts
//! come out of the ecology program.

use crate::{
	configs::DAYS, AccountId, BabeConfig, Balance, BalancesConfig, BlockNumber, BmpcConfig, BondsConfig,
	ConsensusParametersConfig, EnactmentConfig, IdentityKeysConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys,
	SudoConfig, TokenAllocationConfig, VotingNodesMembershipConfig, BABE_GENESIS_EPOCH_CONFIG, ETS, MICRO_ETS,
	MILLI_ETS,
};
use alloc::{
	string::{String, ToString},
	vec,
	vec::Vec,
};
use encrytrust_traits::fees::FeeSchedule;
use encrytrust_types::{identity::DEV_VERIFYING_KEY, job::TemplateKind, token::Program, TemplateId};
use frame_support::build_struct_json_patch;
use pallet_bonds::Parameters;
use pallet_token_allocation::ProgramPolicy;
use serde_json::Value;
use sp_core::Bytes;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::Permill;

/// The balance of each well-known account in `development` and `local_testnet`.
const ENDOWMENT: Balance = 1_000_000 * ETS;
/// The bond of each validator at genesis.
const VALIDATOR_BOND: Balance = 100_000 * ETS;
/// How long a party may be cut off without losing anything, in blocks, on the chains for development.
const OUTAGE: BlockNumber = 20;
/// An hour of six-second blocks, on live chains.
const PRODUCTION_OUTAGE: BlockNumber = 600;
/// A year of six-second blocks.
const YEAR: BlockNumber = 365 * DAYS;

/// The preset of a live chain.
pub const PRODUCTION_RUNTIME_PRESET: &str = "production";

/// The genesis of a development chain over `validators`; the first of `accounts` is its sudo key, and four of them are
/// voting nodes.
fn genesis(
	slot_duration: u64,
	epoch_slots: u64,
	validators: Vec<(AccountId, SessionKeys)>,
	accounts: Vec<AccountId>,
) -> Value {
	let members = accounts.iter().take(4).cloned().collect::<Vec<_>>();
	let bonds = validators.iter().map(|(account, _)| (account.clone(), VALIDATOR_BOND)).collect();
	build_struct_json_patch!(RuntimeGenesisConfig {
		consensus_parameters: ConsensusParametersConfig { slot_duration, epoch_slots },
		balances: BalancesConfig { balances: balances(&accounts) },
		token_allocation: TokenAllocationConfig { policies: policies(), fees: fees() },
		bonds: BondsConfig { parameters: development_bonds(), validators: bonds },
		enactment: EnactmentConfig { delay: 5 },
		babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
		session: SessionConfig {
			keys: validators.into_iter().map(|(account, keys)| (account.clone(), account, keys)).collect(),
		},
		voting_nodes_membership: VotingNodesMembershipConfig {
			members: members.try_into().expect("four members are below the maximum"),
		},
		bmpc: BmpcConfig { templates: templates(), outage: OUTAGE },
		identity_keys: IdentityKeysConfig {
			development: true,
			verifying_key: Some(Bytes(DEV_VERIFYING_KEY.to_vec())),
			authentication_nodes: vec![Sr25519Keyring::Ferdie.to_account_id()],
			identity_required: false,
		},
		sudo: SudoConfig { key: accounts.into_iter().next() },
	})
}

/// A live chain without its validators, who are the voting nodes too: `encrytrust-node export-chain-spec` adds them. Nobody
/// has sudo, and blocks take at most a third of a slot.
fn production() -> Value {
	build_struct_json_patch!(RuntimeGenesisConfig {
		consensus_parameters: ConsensusParametersConfig { slot_duration: 6_000, epoch_slots: 600 },
		balances: BalancesConfig { balances: balances(&[]) },
		token_allocation: TokenAllocationConfig { policies: policies(), fees: fees() },
		bonds: BondsConfig { parameters: production_bonds(), validators: vec![] },
		enactment: EnactmentConfig { delay: 3 * DAYS },
		babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
		bmpc: BmpcConfig { templates: templates(), outage: PRODUCTION_OUTAGE },
		identity_keys: IdentityKeysConfig {
			development: false,
			verifying_key: None,
			authentication_nodes: vec![],
			identity_required: false,
		},
		sudo: SudoConfig { key: None },
	})
}

/// The programs' balances, with the endowments of `accounts` taken out of the ecology program.
fn balances(accounts: &[AccountId]) -> Vec<(AccountId, Balance)> {
	let endowed = accounts.len() as Balance * ENDOWMENT;
	let program = |program: Program| {
		let spent = if program == Program::Ecology { endowed } else { 0 };
		(program.account(), program.allocation() - spent)
	};
	let endowments = accounts.iter().map(|account| (account.clone(), ENDOWMENT));
	Program::ALL.map(program).into_iter().chain(endowments).collect()
}

/// The programs' policies. Grants to investors and the team have a cliff; those to investors cannot be withdrawn.
fn policies() -> Vec<(Program, ProgramPolicy<BlockNumber>)> {
	let policy = |program: Program| {
		let (earliest_cliff, longest_duration, revocable) = match program {
			Program::Ecology | Program::Foundation | Program::UniversityFund => (0, 10 * YEAR, true),
			Program::EarlyInvestors => (YEAR / 2, 4 * YEAR, false),
			Program::PrivatePlacement => (YEAR / 4, 3 * YEAR, false),
			Program::Team => (YEAR, 6 * YEAR, true),
		};
		(program, ProgramPolicy { earliest_cliff, longest_duration, revocable })
	};
	Program::ALL.map(policy).to_vec()
}

/// The prices of services.
fn fees() -> FeeSchedule {
	FeeSchedule {
		developer_registration: 100 * ETS,
		account_creation: ETS,
		professional: 50 * ETS,
		enterprise: 500 * ETS,
		api_call: 10 * MICRO_ETS,
		data_transaction: 50 * MILLI_ETS,
		contract_call: 100 * MILLI_ETS,
		share: Permill::from_percent(1),
	}
}

/// Eras of six hours, and four weeks in which offences can still be shown.
fn production_bonds() -> Parameters<BlockNumber> {
	Parameters {
		validators: 21,
		max_new: 5,
		min_validators: 4,
		sessions_per_era: 6,
		min_validator_bond: 10_000 * ETS,
		min_service_bond: 100 * ETS,
		// 10.5 million ETS in a year, of the Foundation's 280 million.
		reward_per_block: 2 * ETS,
		validator_unbonding: 28 * DAYS,
		service_unbonding: DAYS,
	}
}

/// Eras and delays short enough to watch.
fn development_bonds() -> Parameters<BlockNumber> {
	Parameters {
		validators: 10,
		max_new: 3,
		min_validators: 1,
		sessions_per_era: 2,
		min_validator_bond: 10_000 * ETS,
		min_service_bond: 10 * ETS,
		reward_per_block: 5 * ETS,
		validator_unbonding: 600,
		service_unbonding: 20,
	}
}

/// The templates that every chain starts with.
fn templates() -> Vec<(TemplateId, String, TemplateKind)> {
	vec![
		(0, "column sum".into(), TemplateKind::ColumnSum),
		(1, "column mean".into(), TemplateKind::ColumnMean),
		(2, "column variance".into(), TemplateKind::ColumnVariance),
		(3, "covariance".into(), TemplateKind::Covariance),
		(4, "histogram".into(), TemplateKind::Histogram),
		(5, "weighted sum".into(), TemplateKind::WeightedSum),
		(6, "row sum".into(), TemplateKind::RowSum),
		(7, "row weighted sum".into(), TemplateKind::RowWeightedSum),
	]
}

/// The session keys derived from a well-known account's name.
fn session_keys(sr25519: Sr25519Keyring, ed25519: Ed25519Keyring) -> SessionKeys {
	SessionKeys {
		babe: sr25519.public().into(),
		grandpa: ed25519.public().into(),
		authority_discovery: sr25519.public().into(),
	}
}

/// The well-known validators, at most four. Their accounts are the stashes, so that rewards and slashes do not mix with
/// what the other well-known accounts do.
fn validators(count: usize) -> Vec<(AccountId, SessionKeys)> {
	[
		(Sr25519Keyring::AliceStash, Sr25519Keyring::Alice, Ed25519Keyring::Alice),
		(Sr25519Keyring::BobStash, Sr25519Keyring::Bob, Ed25519Keyring::Bob),
		(Sr25519Keyring::CharlieStash, Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
		(Sr25519Keyring::DaveStash, Sr25519Keyring::Dave, Ed25519Keyring::Dave),
	]
	.into_iter()
	.take(count)
	.map(|(stash, sr25519, ed25519)| (stash.to_account_id(), session_keys(sr25519, ed25519)))
	.collect()
}

fn well_known_accounts() -> Vec<AccountId> {
	Sr25519Keyring::well_known().map(|key| key.to_account_id()).collect()
}

/// The public keys whose secret keys everybody knows, with their names: for checks that a live chain has none of them.
pub fn well_known_keys() -> Vec<(String, [u8; 32])> {
	let sr25519 = Sr25519Keyring::iter().map(|key| (key.to_string(), key.public().0));
	sr25519.chain(Ed25519Keyring::iter().map(|key| (key.to_string(), key.public().0))).collect()
}

/// One validator and slots of one second.
fn development() -> Value {
	genesis(1_000, 60, validators(1), well_known_accounts())
}

/// Four validators and slots of two seconds.
fn local() -> Value {
	genesis(2_000, 30, validators(4), well_known_accounts())
}

/// The preset of that name, as a patch of the default genesis, in JSON.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		sp_genesis_builder::DEV_RUNTIME_PRESET => development(),
		sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET => local(),
		PRODUCTION_RUNTIME_PRESET => production(),
		_ => return None,
	};
	Some(patch.to_string().into_bytes())
}

/// The names of the presets.
pub fn preset_names() -> Vec<PresetId> {
	vec![
		PresetId::from(sp_genesis_builder::DEV_RUNTIME_PRESET),
		PresetId::from(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET),
		PresetId::from(PRODUCTION_RUNTIME_PRESET),
	]
}
