//! Balances, transaction fees, grants and service fees. Nothing is minted and nothing is burnt: of a transaction's fee
//! the block's author gets a share and its tip, the ecology program the rest and all dust.

use crate::{
	configs::{
		governance::RootOrVotingNodes,
		services::{StorageBaseDeposit, StorageByteDeposit},
	},
	*,
};
use encrytrust_types::token::Program;
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Balanced, Credit},
		ConstU32, ConstU8, Imbalance, LinearStoragePrice, OnUnbalanced,
	},
	weights::{ConstantMultiplier, IdentityFee},
};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{traits::Bounded, FixedPointNumber, Perquintill};

parameter_types! {
	/// An account with less is removed and its dust collected.
	pub const ExistentialDeposit: Balance = MILLI_ETS;
	pub const TransactionByteFee: Balance = MICRO_ETS;
	/// Fees rise while blocks are fuller than a quarter, and fall otherwise.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 10);
	pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

impl pallet_balances::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
	type Balance = Balance;
	type DustRemoval = ToEcology;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type MaxFreezes = ConstU32<50>;
	type DoneSlashHandler = ();
}

/// Pays what comes in to the ecology program's account, which is never empty.
pub struct ToEcology;

impl OnUnbalanced<Credit<AccountId, Balances>> for ToEcology {
	fn on_nonzero_unbalanced(amount: Credit<AccountId, Balances>) {
		let paid = amount.peek();
		if Balances::resolve(&Program::Ecology.account(), amount).is_err() {
			frame_support::defensive!("the ecology program's account takes any amount", paid);
		}
	}
}

/// The percentage of a transaction's fee that the author of its block gets.
const AUTHOR_PERCENT: u32 = 20;

/// Splits what a transaction pays: the author's share and the tip to the block's author, the rest to the ecology program.
pub struct ToAuthorAndEcology;

impl OnUnbalanced<Credit<AccountId, Balances>> for ToAuthorAndEcology {
	fn on_unbalanceds(mut fee_then_tip: impl Iterator<Item = Credit<AccountId, Balances>>) {
		let Some(fee) = fee_then_tip.next() else { return };
		let (mut author, ecology) = fee.ration(AUTHOR_PERCENT, 100 - AUTHOR_PERCENT);
		if let Some(tip) = fee_then_tip.next() {
			author = author.merge(tip);
		}
		ToEcology::on_unbalanced(ecology);
		let unpaid = match Authorship::author() {
			Some(account) => Balances::resolve(&account, author).err(),
			None => Some(author),
		};
		// Nobody known as the author, or an account that cannot take so little.
		if let Some(credit) = unpaid {
			ToEcology::on_unbalanced(credit);
		}
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, ToAuthorAndEcology>;
	type WeightToFee = IdentityFee<Balance>;
	type LengthToFee = ConstantMultiplier<Balance, TransactionByteFee>;
	type FeeMultiplierUpdate =
		TargetedFeeAdjustment<Self, TargetBlockFullness, AdjustmentVariable, MinimumMultiplier, MaximumMultiplier>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	/// Calls of the API that each tier includes every day.
	pub const IncludedCalls: [u32; 3] = [1_000, 100_000, 10_000_000];
}

impl pallet_token_allocation::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type VotingNodes = RootOrVotingNodes;
	type MaxGrants = ConstU32<16>;
	type IncludedCalls = IncludedCalls;
	type StorageDeposit = LinearStoragePrice<StorageBaseDeposit, StorageByteDeposit, Balance>;
	type WeightInfo = crate::weights::pallet_token_allocation::WeightInfo<Runtime>;
}
