//! A runtime with accounts that are small numbers, and the real allocation.

use crate as pallet_token_allocation;
use crate::{ProgramPolicy, ProgramPolicyOf};
use encrytrust_traits::fees::FeeSchedule;
use encrytrust_types::token::{Program, TOTAL_ISSUANCE};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU128, ConstU32, LinearStoragePrice},
};
use frame_system::EnsureRoot;
use sp_runtime::{BuildStorage, Permill};

pub(crate) type AccountId = u64;
pub(crate) type Balance = u128;

/// What every customer has at genesis, out of the ecology program.
pub(crate) const FUNDS: Balance = 1_000_000_000;
/// Below this, an account cannot exist.
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 100;
pub(crate) const MAX_GRANTS: u32 = 3;
pub(crate) const BASE_DEPOSIT: Balance = 500;
pub(crate) const INCLUDED_CALLS: [u32; 3] = [10, 1_000, 100_000];

/// Accounts with money.
pub(crate) const CUSTOMERS: [AccountId; 3] = [1, 2, 3];
pub(crate) const ALICE: AccountId = CUSTOMERS[0];
pub(crate) const BOB: AccountId = CUSTOMERS[1];
/// No money, no existence.
pub(crate) const NOBODY: AccountId = 51;

/// Grants out of this program can be withdrawn.
pub(crate) const TEAM: ProgramPolicyOf<Test> =
	ProgramPolicy { earliest_cliff: 10, longest_duration: 100, revocable: true };
/// Grants out of this program cannot.
pub(crate) const EARLY_INVESTORS: ProgramPolicyOf<Test> =
	ProgramPolicy { earliest_cliff: 0, longest_duration: 50, revocable: false };

pub(crate) const FEES: FeeSchedule = FeeSchedule {
	developer_registration: 3_000,
	account_creation: 1_000,
	professional: 20_000,
	enterprise: 50_000,
	api_call: 7,
	data_transaction: 400,
	contract_call: 900,
	share: Permill::from_parts(15_000),
};

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
	pub type TokenAllocation = pallet_token_allocation;
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
	pub static ByteDeposit: Balance = 1;
	pub const IncludedCalls: [u32; 3] = INCLUDED_CALLS;
}

impl pallet_token_allocation::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type VotingNodes = EnsureRoot<AccountId>;
	type MaxGrants = ConstU32<MAX_GRANTS>;
	type IncludedCalls = IncludedCalls;
	type StorageDeposit = LinearStoragePrice<ConstU128<BASE_DEPOSIT>, ByteDeposit, Balance>;
	type WeightInfo = ();
}

/// What `who` has at genesis.
pub(crate) fn endowment(who: AccountId) -> Balance {
	let customers = FUNDS * CUSTOMERS.len() as Balance;
	match Program::ALL.into_iter().find(|program| program.account::<AccountId>() == who) {
		Some(Program::Ecology) => Program::Ecology.allocation() - customers,
		Some(program) => program.allocation(),
		None if CUSTOMERS.contains(&who) => FUNDS,
		None => 0,
	}
}

pub(crate) struct ExtBuilder;

impl ExtBuilder {
	/// A chain in its first block, with the programs' allocation, two programs' policies, and fees.
	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let policies = vec![(Program::Team, TEAM), (Program::EarlyInvestors, EARLY_INVESTORS)];
		let mut ext = Self::build_with(pallet_token_allocation::GenesisConfig { policies, fees: FEES });
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	/// A chain at genesis with these policies and fees.
	pub(crate) fn build_with(
		token_allocation: pallet_token_allocation::GenesisConfig<Test>,
	) -> sp_io::TestExternalities {
		let accounts = Program::ALL.map(|program| program.account()).into_iter().chain(CUSTOMERS);
		let balances = accounts.map(|who| (who, endowment(who))).collect();
		let genesis = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
			token_allocation,
			..Default::default()
		};
		sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is sound"))
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
	TokenAllocation::do_try_state().expect("the invariants hold");
	assert_eq!(Balances::total_issuance(), TOTAL_ISSUANCE, "money came or went");
	let total: Balance =
		frame_system::Account::<Test>::iter_values().map(|account| account.data.free + account.data.reserved).sum();
	assert_eq!(total, TOTAL_ISSUANCE, "the accounts do not have all of the money");
}
