//! A runtime with real sessions and offences, accounts that are small numbers, and blocks made by whom a test says.

use crate as pallet_encrytrust_staking;
use crate::{Balance, BondKind, Parameters, ValidatorOf};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU128, ConstU32, ConstU64, FindAuthor, OnFinalize, OnInitialize},
	ConsensusEngineId,
};
use frame_system::EnsureRoot;
use pallet_session::{disabling::UpToLimitWithReEnablingDisablingStrategy, PeriodicSessions};
use sp_runtime::{impl_opaque_keys, testing::UintAuthorityId, traits::ConvertInto, BuildStorage};

pub(crate) type AccountId = u64;

/// What every account has at genesis.
pub(crate) const FUNDS: Balance = 1_000_000;
/// Below this, an account cannot exist.
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 100;
/// Blocks of a session; one begins with each block that this divides.
pub(crate) const SESSION: u64 = 5;
/// Sessions of an era.
pub(crate) const ERA: u32 = 2;
/// Sessions that evidence is kept for.
pub(crate) const EVIDENCE_SESSIONS: u32 = 100_000;
pub(crate) const MAX_VALIDATORS: u32 = 6;
pub(crate) const MAX_CANDIDATES: u32 = 8;
pub(crate) const MAX_UNBONDING: u32 = 3;
pub(crate) const MIN_VALIDATOR_BOND: Balance = 10_000;
pub(crate) const MIN_SERVICE_BOND: Balance = 1_000;
pub(crate) const REWARD: Balance = 50;
pub(crate) const VALIDATOR_UNBONDING: u64 = 40;
pub(crate) const SERVICE_UNBONDING: u64 = 20;

/// Validators at genesis, with less at stake from one to the next.
pub(crate) const VALIDATORS: [AccountId; 4] = [11, 12, 13, 14];
/// What they have bonded.
pub(crate) const STAKES: [Balance; 4] = [40_000, 30_000, 20_000, 10_000];
/// Accounts with session keys that are no candidates.
pub(crate) const NEWCOMERS: [AccountId; 6] = [21, 22, 23, 24, 25, 26];
/// Accounts without session keys.
pub(crate) const PROVIDERS: [AccountId; 3] = [31, 32, 33];
pub(crate) const USER: AccountId = 41;
pub(crate) const POT: AccountId = 51;
/// No money, no existence.
pub(crate) const NOBODY: AccountId = 61;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Staking = pallet_encrytrust_staking;
	#[runtime::pallet_index(3)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(4)]
	pub type Offences = pallet_offences;
	#[runtime::pallet_index(6)]
	pub type Session = pallet_session;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
}

parameter_types! {
	/// Who makes the present block.
	pub static Author: Option<AccountId> = None;
	pub const RewardPot: AccountId = POT;
}

impl FindAuthor<AccountId> for Author {
	fn find_author<'a, I: IntoIterator<Item = (ConsensusEngineId, &'a [u8])>>(_: I) -> Option<AccountId> {
		Self::get()
	}
}

impl pallet_authorship::Config for Test {
	type FindAuthor = Author;
	type EventHandler = Staking;
}

impl_opaque_keys! {
	pub struct SessionKeys {
		pub dummy: UintAuthorityId,
	}
}

impl pallet_session::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = PeriodicSessions<ConstU64<SESSION>, ConstU64<0>>;
	type NextSessionRotation = PeriodicSessions<ConstU64<SESSION>, ConstU64<0>>;
	type SessionManager = Staking;
	type SessionHandler = pallet_session::TestSessionHandler;
	type Keys = SessionKeys;
	type DisablingStrategy = UpToLimitWithReEnablingDisablingStrategy;
	type WeightInfo = ();
	type Currency = Balances;
	type KeyDeposit = ConstU128<0>;
}

impl pallet_offences::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = ValidatorOf<Test>;
	type OnOffenceHandler = Staking;
}

impl pallet_encrytrust_staking::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = EnsureRoot<AccountId>;
	type RewardPot = RewardPot;
	type Sessions = Session;
	type MaxValidators = ConstU32<MAX_VALIDATORS>;
	type MaxCandidates = ConstU32<MAX_CANDIDATES>;
	type MaxUnbonding = ConstU32<MAX_UNBONDING>;
	type SessionLength = ConstU64<SESSION>;
	type EvidenceSessions = ConstU32<EVIDENCE_SESSIONS>;
	type WeightInfo = ();
}

pub(crate) fn parameters() -> Parameters<u64> {
	Parameters {
		validators: 4,
		max_new: 2,
		min_validators: 2,
		sessions_per_era: ERA,
		min_validator_bond: MIN_VALIDATOR_BOND,
		min_service_bond: MIN_SERVICE_BOND,
		reward_per_block: REWARD,
		validator_unbonding: VALIDATOR_UNBONDING,
		service_unbonding: SERVICE_UNBONDING,
	}
}

/// Every account that has money at genesis.
pub(crate) fn funded() -> impl Iterator<Item = AccountId> {
	VALIDATORS.into_iter().chain(NEWCOMERS).chain(PROVIDERS).chain([USER, POT])
}

fn session_keys(accounts: &[AccountId]) -> Vec<(AccountId, AccountId, SessionKeys)> {
	let keys = |who: &AccountId| (*who, *who, SessionKeys { dummy: UintAuthorityId(*who) });
	accounts.iter().map(keys).collect()
}

pub(crate) fn genesis(validators: Vec<(AccountId, Balance)>, parameters: Parameters<u64>) -> RuntimeGenesisConfig {
	RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: funded().map(|who| (who, FUNDS)).collect(),
			..Default::default()
		},
		staking: pallet_encrytrust_staking::GenesisConfig { parameters, validators },
		session: pallet_session::GenesisConfig {
			keys: session_keys(&VALIDATORS),
			non_authority_keys: session_keys(&NEWCOMERS),
		},
		..Default::default()
	}
}

#[derive(Default)]
pub(crate) struct ExtBuilder;

impl ExtBuilder {
	/// A chain in its first block: funded accounts, four validators.
	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let validators = VALIDATORS.into_iter().zip(STAKES).collect();
		let storage = genesis(validators, parameters()).build_storage().expect("the genesis is sound");
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| {
			Author::set(None);
			System::set_block_number(1);
		});
		ext
	}

	/// Run `test`, then check the invariants and that no money came or went.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			check_invariants();
		})
	}
}

/// The next block, made by `author`, begins.
pub(crate) fn next_block(author: Option<AccountId>) {
	let now = System::block_number();
	AllPalletsWithSystem::on_finalize(now);
	System::set_block_number(now + 1);
	Author::set(author);
	AllPalletsWithSystem::on_initialize(now + 1);
}

/// Blocks up to `block`, made by the validators in turn.
pub(crate) fn run_to(block: u64) {
	while System::block_number() < block {
		let validators = Session::validators();
		let turn = System::block_number() as usize % validators.len().max(1);
		next_block(validators.get(turn).copied());
	}
}

/// Blocks up to the first of a session.
pub(crate) fn run_to_session(session: u32) {
	run_to(u64::from(session) * SESSION);
}

/// What must hold after every call of every test.
pub(crate) fn check_invariants() {
	Staking::do_try_state().expect("the invariants hold");
	let issuance = FUNDS * funded().count() as Balance;
	assert_eq!(Balances::total_issuance(), issuance, "money came or went");
	let total: Balance =
		frame_system::Account::<Test>::iter_values().map(|account| account.data.free + account.data.reserved).sum();
	assert_eq!(total, issuance, "the accounts do not have all of the money");
	for (who, holds) in pallet_balances::Holds::<Test>::iter() {
		let held: Balance = holds.iter().map(|hold| hold.amount).sum();
		let bonded: Balance = [BondKind::Validator, BondKind::Service]
			.into_iter()
			.filter_map(|kind| crate::Ledgers::<Test>::get(kind, who))
			.map(|ledger| ledger.total())
			.sum();
		assert_eq!(held, bonded, "money of {who} is on hold without a bond");
	}
}
