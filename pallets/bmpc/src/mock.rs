//! A mock runtime in which accounts are small numbers.

pub(crate) mod bonds;

use crate as pallet_bmpc;
use bonds::{pallet as pallet_bonds, Bonds, Ledgers};
use encrytrust_traits::{
	fees::{Service, ServiceFees},
	finality::FinalityClock,
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
	weights::{Weight, WeightToFee},
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

/// The balance of every account at genesis.
pub(crate) const FUNDS: Balance = 1_000_000_000;
/// The minimum balance of an account.
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 100;
pub(crate) const CHALLENGE_PERIOD: u64 = 10;
pub(crate) const MIN_STAGE: u64 = 2;
pub(crate) const MAX_JOB_SPAN: u64 = 1_000;
pub(crate) const MAX_ACTIVE_JOBS: u32 = 3;
pub(crate) const RETENTION: u64 = 50;
/// How long a party may be cut off, and the margin for inclusion: together, what a challenged unit may take.
pub(crate) const OUTAGE: u64 = 3;
pub(crate) const INCLUSION_MARGIN: u64 = 2;
pub(crate) const ANSWER_PERIOD: u64 = OUTAGE + INCLUSION_MARGIN;
pub(crate) const PUBLICATION_RATE: u32 = 4_096;
/// Benchmarks are of jobs as large as the runtime takes.
pub(crate) const MAX_PUBLICATION: u64 = if cfg!(feature = "runtime-benchmarks") { 64 << 20 } else { 1_000_000 };

pub(crate) const USER: AccountId = 1;
pub(crate) const OTHER_USER: AccountId = 2;
pub(crate) const STRANGER: AccountId = 9;
pub(crate) const DATA: [AccountId; 3] = [11, 12, 13];
pub(crate) const COMPUTING: [AccountId; 2] = [21, 22];
pub(crate) const COORDINATOR: AccountId = 31;
pub(crate) const FEES: AccountId = 41;
/// Receives the part of slashes that compensates no injured party.
pub(crate) const POT: AccountId = 42;
/// An account that does not exist.
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
	/// The accounts whose identity keys were revoked.
	pub static Revoked: Vec<AccountId> = Vec::new();
	pub static ChargePerByte: Balance = 1;
	/// By how many blocks finality lags behind.
	pub static FinalityLag: u64 = 0;
	pub static MaxConfirmedPublication: u64 = 1 << 30;
	pub static MaxConfirmedTime: u64 = u64::MAX;
	pub static TimeRoomPrice: Balance = 0;
	pub static FeePerMillisecond: Balance = 1;
	pub const ModulusLengths: &'static [u32] = &[256, 384];
}

/// An unsigned extrinsic, as the pool accepts it.
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
#[allow(unreachable_pub)] // like the runtime, whose associated type it is
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

/// All accounts except those in [`Revoked`] can participate.
#[allow(unreachable_pub)] // like the runtime, whose associated type it is
#[derive(Debug)]
pub struct Keys;

impl KeyRegistry<AccountId> for Keys {
	fn is_active(who: &AccountId) -> bool {
		!Revoked::get().contains(who)
	}

	fn can_participate(who: &AccountId) -> bool {
		Self::is_active(who)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn activate(_: &AccountId) {}
}

/// A millionth of what the runtime takes: the weights here are as large as its own.
#[allow(unreachable_pub)] // like the runtime, whose associated type it is
#[derive(Debug)]
pub struct CallFees;

impl WeightToFee for CallFees {
	type Balance = Balance;

	fn weight_to_fee(weight: &Weight) -> Balance {
		Balance::from(weight.ref_time() / 1_000_000_000) * FeePerMillisecond::get()
	}
}

/// The clock shows the block number, less [`FinalityLag`].
#[allow(unreachable_pub)] // like the runtime, whose associated type it is
#[derive(Debug)]
pub struct Clock;

impl FinalityClock<u64> for Clock {
	fn now() -> u64 {
		System::block_number().saturating_sub(FinalityLag::get())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set(now: u64) {
		System::set_block_number(now);
	}
}

impl pallet_bmpc::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Bonds = Bonds;
	type ServiceFees = Fees;
	type Keys = Keys;
	type Participants = ();
	type Clock = Clock;
	type ModulusLengths = ModulusLengths;
	type MinJobBond = MinJobBond;
	type ChallengePeriod = ConstU64<CHALLENGE_PERIOD>;
	type MinStage = ConstU64<MIN_STAGE>;
	type MaxJobSpan = ConstU64<MAX_JOB_SPAN>;
	type InclusionMargin = ConstU64<INCLUSION_MARGIN>;
	type PublicationRate = ConstU32<PUBLICATION_RATE>;
	type MaxPublication = ConstU64<MAX_PUBLICATION>;
	type MaxConfirmedPublication = MaxConfirmedPublication;
	type MaxConfirmedTime = MaxConfirmedTime;
	type ChargePerByte = ChargePerByte;
	type CallFees = CallFees;
	type PublicationRoomPrice = ConstU128<0>;
	type TimeRoomPrice = TimeRoomPrice;
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
			bmpc: pallet_bmpc::GenesisConfig { templates, outage: OUTAGE, ..Default::default() },
			..Default::default()
		};
		let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is sound"));
		Revoked::take();
		FinalityLag::take();
		MaxConfirmedPublication::set(1 << 30);
		MaxConfirmedTime::set(u64::MAX);
		TimeRoomPrice::set(0);
		FeePerMillisecond::set(1);
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	/// Run `test`, then check the invariants and that the issuance is unchanged.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			check_invariants();
		})
	}
}

/// Check the invariants that hold after every call of every test.
pub(crate) fn check_invariants() {
	Bmpc::do_try_state().expect("the invariants hold");
	let issuance = FUNDS * funded().count() as Balance;
	assert_eq!(Balances::total_issuance(), issuance, "money came or went");
	let total: Balance =
		frame_system::Account::<Test>::iter_values().map(|account| account.data.free + account.data.reserved).sum();
	assert_eq!(total, issuance, "the accounts do not have all of the money");
	check_bonds();
}

/// Check that exactly the bonds of confirmed jobs are engaged, and that the ledgers' amounts are on hold.
fn check_bonds() {
	let mut engaged = BTreeMap::<AccountId, Balance>::new();
	for (id, job) in pallet_bmpc::Jobs::<Test>::iter() {
		if pallet_bmpc::Statuses::<Test>::get(id).is_some_and(|status| status.is_active()) {
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
