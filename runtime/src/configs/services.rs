//! EncryTrust's services: computation contracts and identity keys.

use crate::{
	configs::{
		governance::{deposit, RootOrVotingNodes},
		DAYS,
	},
	*,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, LinearStoragePrice},
};
use sp_runtime::Permill;

parameter_types! {
	/// The minimum stake of each party in a job; above it, the stake is the job's price.
	pub const MinJobBond: Balance = 10 * ETS;
	/// The fraction of its stake that a party loses if it neither confirms nor declines.
	pub const NoShow: Permill = Permill::from_percent(1);
	/// An hour of six-second slots in which a result can be disputed.
	pub const ChallengePeriod: BlockNumber = 600;
	/// Long enough to see a stage finalised, act, and be included.
	pub const MinStage: BlockNumber = 10;
	pub const MaxJobSpan: BlockNumber = 30 * DAYS;
	pub const Retention: BlockNumber = 30 * DAYS;
	/// The maximum fee of an answer: for a megabyte and a half in a block.
	pub const DemandDeposit: Balance = 20 * ETS;
	/// An hour.
	pub const DemandPeriod: BlockNumber = 600;
	/// A week in which an authentication node verifies who requests a key.
	pub const RequestLifetime: BlockNumber = 7 * DAYS;
	pub const StorageBaseDeposit: Balance = deposit(1, 0);
	pub const StorageByteDeposit: Balance = deposit(0, 1);
}

impl pallet_bmpc::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = RootOrVotingNodes;
	type Bonds = Bonds;
	type ServiceFees = TokenAllocation;
	type Keys = IdentityKeys;
	type MinJobBond = MinJobBond;
	type NoShow = NoShow;
	type ChallengePeriod = ChallengePeriod;
	type MinStage = MinStage;
	type MaxJobSpan = MaxJobSpan;
	type DemandDeposit = DemandDeposit;
	type DemandPeriod = DemandPeriod;
	type MaxDemands = ConstU32<4>;
	type MaxActiveJobs = ConstU32<256>;
	type Retention = Retention;
	type StorageDeposit = LinearStoragePrice<StorageBaseDeposit, StorageByteDeposit, Balance>;
	type WeightInfo = crate::weights::pallet_bmpc::WeightInfo<Runtime>;
}

impl pallet_identity_keys::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = RootOrVotingNodes;
	type RequestLifetime = RequestLifetime;
	type MaxBatch = ConstU32<64>;
	type StorageDeposit = LinearStoragePrice<StorageBaseDeposit, StorageByteDeposit, Balance>;
	type WeightInfo = crate::weights::pallet_identity_keys::WeightInfo<Runtime>;
}
