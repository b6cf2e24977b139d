//! A runtime with accounts that are small numbers.

pub(crate) mod bonds;

use crate as pallet_bmpc;
use bonds::{pallet as pallet_bonds, Bonds, Ledgers};
use encrytrust_traits::{
	fees::{Service, ServiceFees},
	key_registry::KeyRegistry,
};
use encrytrust_types::job::TemplateKind;
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::{InspectHold, Mutate},
		tokens::Preservation::Preserve,
		ConstU128, ConstU32, ConstU64, LinearStoragePrice,
	},
};
use frame_system::{
	mocking::MockUncheckedExtrinsic,
	offchain::{CreateAuthorizedTransaction, CreateTransaction, CreateTransactionBase},
	AuthorizeCall, EnsureRoot,
};
use sp_runtime::{BuildStorage, DispatchError, Permill};
use std::collections::BTreeMap;

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
pub(crate) const DEMAND_DEPOSIT: Balance = 400;
pub(crate) const DEMAND_PERIOD: u64 = 5;
pub(crate) const MAX_DEMANDS: u32 = 2;

pub(crate) const USER: AccountId = 1;
pub(crate) const OTHER_USER: AccountId = 2;
pub(crate) const STRANGER: AccountId = 9;
pub(crate) const DATA: [AccountId; 3] = [11, 12, 13];
pub(crate) const COMPUTING: [AccountId; 2] = [21, 22];
pub(crate) const COORDINATOR: AccountId = 31;
pub(crate) const FEES: AccountId = 41;
/// Who gets what nobody is compensated with.
pub(crate) const POT: AccountId = 42;
/// No money, no existence.
pub(crate) const NOBODY: AccountId = 51;

/// The templates at genesis.
pub(crate) const KINDS: [TemplateKind; 8] = [
	TemplateKind::ColumnSum,
	TemplateKind::ColumnMean,
	TemplateKind::ColumnVariance,
	TemplateKind::Covariance,
	TemplateKind::Histogram,
	TemplateKind::WeightedSum,
	TemplateKind::RowSum,
	TemplateKind::RowWeightedSum,
];

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
	#[runtime::pallet_index(3)]
	pub type BondLedgers = pallet_bonds;
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
	pub static FlatFee: Balance = 100;
	pub static MinJobBond: Balance = 1_000;
	/// Whose identity key was revoked.
	pub static Revoked: Vec<AccountId> = Vec::new();
	pub const NoShow: Permill = Permill::from_percent(1);
}

/// A call without account, as the pool would take it.
type Extrinsic = MockUncheckedExtrinsic<Test, (), (AuthorizeCall<Test>,)>;

impl CreateTransactionBase<pallet_bmpc::Call<Test>> for Test {
	type Extrinsic = Extrinsic;
	type RuntimeCall = RuntimeCall;
}

impl CreateTransaction<pallet_bmpc::Call<Test>> for Test {
	type Extension = (AuthorizeCall<Test>,);

	fn create_transaction(call: RuntimeCall, extension: Self::Extension) -> Extrinsic {
		Extrinsic::new_transaction(call, extension)
	}
}

impl CreateAuthorizedTransaction<pallet_bmpc::Call<Test>> for Test {
	fn create_extension() -> Self::Extension {
		(AuthorizeCall::new(),)
	}
}

impl pallet_bonds::Config for Test {}

/// A flat price, and one per cent of the value.
#[allow(unreachable_pub)] // as the runtime is, whose associated type it becomes
#[derive(Debug)]
pub struct Fees;

impl ServiceFees<AccountId> for Fees {
	fn fee(service: Service, value: Balance) -> Balance {
		assert_eq!(service, Service::ContractCall);
		FlatFee::get().saturating_add(Permill::from_percent(1).mul_floor(value))
	}

	fn destination() -> AccountId {
		FeeDestination::get()
	}

	fn charge(who: &AccountId, service: Service, value: Balance) -> Result<Balance, DispatchError> {
		Balances::transfer(who, &Self::destination(), Self::fee(service, value), Preserve)
	}
}

/// Everyone but those in [`Revoked`] may start.
#[allow(unreachable_pub)] // as the runtime is, whose associated type it becomes
#[derive(Debug)]
pub struct Keys;

impl KeyRegistry<AccountId> for Keys {
	fn is_active(who: &AccountId) -> bool {
		!Revoked::get().contains(who)
	}

	fn may_start(who: &AccountId) -> bool {
		Self::is_active(who)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn activate(_: &AccountId) {}
}

impl pallet_bmpc::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Bonds = Bonds;
	type ServiceFees = Fees;
	type Keys = Keys;
	type MinJobBond = MinJobBond;
	type NoShow = NoShow;
	type ChallengePeriod = ConstU64<CHALLENGE_PERIOD>;
	type MinStage = ConstU64<MIN_STAGE>;
	type MaxJobSpan = ConstU64<MAX_JOB_SPAN>;
	type DemandDeposit = ConstU128<DEMAND_DEPOSIT>;
	type DemandPeriod = ConstU64<DEMAND_PERIOD>;
	type MaxDemands = ConstU32<MAX_DEMANDS>;
	type MaxActiveJobs = ConstU32<MAX_ACTIVE_JOBS>;
	type Retention = ConstU64<RETENTION>;
	type StorageDeposit = LinearStoragePrice<BaseDeposit, ByteDeposit, Balance>;
	type WeightInfo = ();
}

/// Every account that has money at genesis.
pub(crate) fn funded() -> impl Iterator<Item = AccountId> {
	[USER, OTHER_USER, STRANGER, COORDINATOR, FEES, POT].into_iter().chain(DATA).chain(COMPUTING)
}

#[derive(Default)]
pub(crate) struct ExtBuilder;

impl ExtBuilder {
	/// A chain in its first block: funded accounts, and the templates of [`KINDS`] by their place.
	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let templates = (0..).zip(KINDS).map(|(id, kind)| (id, format!("{kind:?}"), kind)).collect();
		let genesis = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: funded().map(|who| (who, FUNDS)).collect(),
				..Default::default()
			},
			bmpc: pallet_bmpc::GenesisConfig { templates, ..Default::default() },
			..Default::default()
		};
		let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is sound"));
		Revoked::take();
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
	check_bonds();
}

/// What is engaged is the open jobs', to the unit, and what is on hold is what the ledgers say.
fn check_bonds() {
	let mut engaged = BTreeMap::<AccountId, Balance>::new();
	for (id, job) in pallet_bmpc::Jobs::<Test>::iter() {
		if pallet_bmpc::Statuses::<Test>::get(id).is_some_and(|status| !status.is_ended()) {
			for (_, party) in job.contract.parties() {
				*engaged.entry(party.who).or_default() += job.contract.bond;
			}
		}
	}
	for (who, ledger) in Ledgers::<Test>::iter() {
		assert_eq!(ledger.engaged, engaged.remove(&who).unwrap_or_default(), "engaged of {who}");
		let bonded = ledger.active + ledger.unbonding.iter().map(|(_, amount)| amount).sum::<Balance>();
		assert_eq!(Balances::balance_on_hold(&bonds::HoldReason::ServiceBond.into(), &who), bonded, "bond of {who}");
	}
	assert!(engaged.is_empty(), "an open job's bond is not engaged: {engaged:?}");
}
