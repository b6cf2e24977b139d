//! A runtime with accounts that are small numbers.

use crate as pallet_bmpc;
use encrytrust_primitives::bmpc::TemplateKind;
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU128, ConstU32, ConstU64, LinearStoragePrice},
};
use frame_system::EnsureRoot;
use sp_runtime::{BuildStorage, Permill};

pub(crate) type AccountId = u64;
pub(crate) type Balance = u128;

/// What every account has at genesis.
pub(crate) const FUNDS: Balance = 1_000_000_000;
/// Below this, an account cannot exist.
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 100;
pub(crate) const CHALLENGE_PERIOD: u64 = 10;
pub(crate) const MIN_STAGE: u64 = 2;
pub(crate) const MAX_JOB_SPAN: u64 = 1_000;
pub(crate) const MAX_ACTIVE_JOBS: u32 = 3;
pub(crate) const RETENTION: u64 = 50;

pub(crate) const USER: AccountId = 1;
pub(crate) const OTHER_USER: AccountId = 2;
pub(crate) const STRANGER: AccountId = 9;
pub(crate) const DATA: [AccountId; 3] = [11, 12, 13];
pub(crate) const COMPUTING: [AccountId; 2] = [21, 22];
pub(crate) const COORDINATOR: AccountId = 31;
pub(crate) const FEES: AccountId = 41;
/// No money, no existence.
pub(crate) const NOBODY: AccountId = 51;

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
	pub type Bmpc = pallet_bmpc;
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
	pub static BaseDeposit: Balance = 500;
	pub static ByteDeposit: Balance = 1;
	pub static FeeDestination: AccountId = FEES;
	pub const ProtocolFee: Permill = Permill::from_percent(1);
}

impl pallet_bmpc::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = EnsureRoot<AccountId>;
	type FeeDestination = FeeDestination;
	type ProtocolFee = ProtocolFee;
	type ChallengePeriod = ConstU64<CHALLENGE_PERIOD>;
	type MinStage = ConstU64<MIN_STAGE>;
	type MaxJobSpan = ConstU64<MAX_JOB_SPAN>;
	type MaxActiveJobs = ConstU32<MAX_ACTIVE_JOBS>;
	type Retention = ConstU64<RETENTION>;
	type StorageDeposit = LinearStoragePrice<BaseDeposit, ByteDeposit, Balance>;
	type WeightInfo = ();
}

/// Every account that has money at genesis.
pub(crate) fn funded() -> impl Iterator<Item = AccountId> {
	[USER, OTHER_USER, STRANGER, COORDINATOR, FEES].into_iter().chain(DATA).chain(COMPUTING)
}

#[derive(Default)]
pub(crate) struct ExtBuilder;

impl ExtBuilder {
	/// A chain in its first block: funded accounts, the templates 0 (sum) and 1 (mean).
	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let templates = vec![
			(0, "Column sum".into(), TemplateKind::ColumnSum),
			(1, "Column mean".into(), TemplateKind::ColumnMean),
		];
		let genesis = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: funded().map(|who| (who, FUNDS)).collect(),
				..Default::default()
			},
			bmpc: pallet_bmpc::GenesisConfig { templates, ..Default::default() },
			..Default::default()
		};
		let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is sound"));
		ext.execute_with(|| System::set_block_number(1));
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

/// What must hold after every call of every test.
pub(crate) fn check_invariants() {
	Bmpc::do_try_state().expect("the invariants hold");
	let issuance = FUNDS * funded().count() as Balance;
	assert_eq!(Balances::total_issuance(), issuance, "money came or went");
	let total: Balance =
		frame_system::Account::<Test>::iter_values().map(|account| account.data.free + account.data.reserved).sum();
	assert_eq!(total, issuance, "the accounts do not have all of the money");
}
