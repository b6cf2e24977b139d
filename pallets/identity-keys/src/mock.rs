//! A mock runtime whose verifying key has a known trapdoor, so that tests can prove anything.

use crate as pallet_identity_keys;
use crate::Balance;
use encrytrust_groth16::{identity::INPUTS, simulation::Trapdoor, PreparedKey};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU128, ConstU32, ConstU64, LinearStoragePrice},
};
use frame_system::EnsureRoot;
use sp_core::{Bytes, H256};
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage};
use std::sync::LazyLock;

pub(crate) type AccountId = AccountId32;

/// The balance of every account at genesis.
pub(crate) const FUNDS: Balance = 1_000_000;
pub(crate) const LIFETIME: u64 = 20;
pub(crate) const MAX_BATCH: u32 = 4;

/// An account whose bytes are all `n`.
pub(crate) const fn account(n: u8) -> AccountId {
	AccountId::new([n; 32])
}

pub(crate) const OWNER: AccountId = account(1);
pub(crate) const OTHER: AccountId = account(2);
pub(crate) const STRANGER: AccountId = account(3);
pub(crate) const RELAY: AccountId = account(4);
pub(crate) const NODE: AccountId = account(11);
pub(crate) const OTHER_NODE: AccountId = account(12);
/// An account that does not exist.
pub(crate) const NOBODY: AccountId = account(51);

pub(crate) const GENESIS: H256 = H256::repeat_byte(0xee);

/// The trapdoor of the verifying key at genesis.
pub(crate) static TRAPDOOR: LazyLock<Trapdoor> = LazyLock::new(|| Trapdoor::new(INPUTS, 1));

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
	pub type IdentityKeys = pallet_identity_keys;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<100>;
	type AccountStore = System;
}

parameter_types! {
	pub const BaseDeposit: Balance = 100;
	pub const ByteDeposit: Balance = 1;
}

impl pallet_identity_keys::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = EnsureRoot<AccountId>;
	type RequestLifetime = ConstU64<LIFETIME>;
	type MaxBatch = ConstU32<MAX_BATCH>;
	type StorageDeposit = LinearStoragePrice<BaseDeposit, ByteDeposit, Balance>;
	type WeightInfo = ();
}

/// Every account that has money at genesis.
pub(crate) fn funded() -> impl Iterator<Item = AccountId> {
	[OWNER, OTHER, STRANGER, RELAY, NODE, OTHER_NODE].into_iter()
}

/// The genesis of a live chain with the key of [`TRAPDOOR`].
pub(crate) fn genesis() -> pallet_identity_keys::GenesisConfig<Test> {
	pallet_identity_keys::GenesisConfig {
		verifying_key: Some(Bytes(TRAPDOOR.verifying_key().encode())),
		authentication_nodes: vec![NODE, OTHER_NODE],
		..Default::default()
	}
}

#[derive(Default)]
pub(crate) struct ExtBuilder;

impl ExtBuilder {
	/// A chain in its first block: funded accounts, two authentication nodes, a verifying key.
	pub(crate) fn build(self) -> sp_io::TestExternalities {
		self.build_with(genesis())
	}

	pub(crate) fn build_with(
		self,
		identity_keys: pallet_identity_keys::GenesisConfig<Test>,
	) -> sp_io::TestExternalities {
		let balances = pallet_balances::GenesisConfig {
			balances: funded().map(|who| (who, FUNDS)).collect(),
			..Default::default()
		};
		let genesis = RuntimeGenesisConfig { balances, identity_keys, ..Default::default() };
		let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is sound"));
		// Benchmarks sign with it.
		ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
		ext.execute_with(|| {
			frame_system::BlockHash::<Test>::insert(0, GENESIS);
			System::set_block_number(1);
		});
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
	IdentityKeys::do_try_state().expect("the invariants hold");
	let issuance = FUNDS * funded().count() as Balance;
	assert_eq!(Balances::total_issuance(), issuance, "money came or went");
	let total: Balance =
		frame_system::Account::<Test>::iter_values().map(|account| account.data.free + account.data.reserved).sum();
	assert_eq!(total, issuance, "the accounts do not have all of the money");
	let held: Balance = frame_system::Account::<Test>::iter_values().map(|account| account.data.reserved).sum();
	let deposits: Balance = crate::Requests::<Test>::iter_values().map(|request| request.deposit).sum::<Balance>()
		+ crate::Keys::<Test>::iter_values().map(|key| key.deposit).sum::<Balance>();
	assert_eq!(held, deposits, "money is on hold for nothing");
}

/// The prepared form of a verifying key, as it is stored.
pub(crate) fn prepared() -> Vec<u8> {
	PreparedKey::from(&TRAPDOOR.verifying_key()).encode()
}
