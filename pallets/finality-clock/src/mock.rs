//! A mock runtime whose validators and block authors are chosen by the tests. Accounts are small numbers.

use crate::{self as pallet_finality_clock, Call};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU32, FindAuthor, OnFinalize, OnInitialize, UnfilteredDispatchable, ValidatorSet},
	ConsensusEngineId,
};
use sp_runtime::{traits::ConvertInto, BuildStorage, DispatchResult};
use sp_staking::SessionIndex;

pub(crate) type AccountId = u64;

pub(crate) const MAX_VALIDATORS: u32 = 8;
/// The validators at genesis.
pub(crate) const VALIDATORS: [AccountId; 4] = [11, 12, 13, 14];
/// An account that is no validator.
pub(crate) const STRANGER: AccountId = 99;

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
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(2)]
	pub type Clock = pallet_finality_clock;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

parameter_types! {
	/// The author of the current block.
	pub static Author: Option<AccountId> = None;
	/// The validators of the current session.
	pub static Current: Vec<AccountId> = VALIDATORS.to_vec();
}

impl FindAuthor<AccountId> for Author {
	fn find_author<'a, I: IntoIterator<Item = (ConsensusEngineId, &'a [u8])>>(_: I) -> Option<AccountId> {
		Self::get()
	}
}

impl ValidatorSet<AccountId> for Current {
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;

	fn session_index() -> SessionIndex {
		0
	}

	fn validators() -> Vec<AccountId> {
		Self::get()
	}
}

impl pallet_authorship::Config for Test {
	type FindAuthor = Author;
	type EventHandler = ();
}

impl pallet_finality_clock::Config for Test {
	type ValidatorSet = Current;
	type MaxValidators = ConstU32<MAX_VALIDATORS>;
	type WeightInfo = ();
}

/// A chain in its first block, of the first validator.
pub(crate) fn new_chain() -> sp_io::TestExternalities {
	let storage = RuntimeGenesisConfig::default().build_storage().expect("the genesis is sound");
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| {
		Current::set(VALIDATORS.to_vec());
		Author::set(Some(VALIDATORS[0]));
		System::set_block_number(1);
	});
	ext
}

/// Run `test`, then check the invariants.
pub(crate) fn execute(test: impl FnOnce()) {
	new_chain().execute_with(|| {
		test();
		check_invariants();
	})
}

/// Begin the next block, of `author`.
pub(crate) fn next_block(author: impl Into<Option<AccountId>>) {
	let now = System::block_number();
	AllPalletsWithSystem::on_finalize(now);
	check_invariants();
	System::set_block_number(now + 1);
	Author::set(author.into());
	AllPalletsWithSystem::on_initialize(now + 1);
}

/// Dispatch the inherent, as a block does.
pub(crate) fn attest(finalized: u64) -> DispatchResult {
	let call = RuntimeCall::from(Call::attest { finalized });
	let result = call.dispatch_bypass_filter(RuntimeOrigin::none());
	result.map(drop).map_err(|error| error.error)
}

pub(crate) fn check_invariants() {
	Clock::do_try_state().expect("the invariants hold");
}
