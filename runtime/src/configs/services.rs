//! EncryTrust's services: computation contracts and identity keys.

use crate::{
	configs::{
		governance::{deposit, RootOrVotingNodes},
		RuntimeBlockWeights, DAYS,
	},
	*,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, LinearStoragePrice},
	weights::IdentityFee,
};

parameter_types! {
	/// Paillier moduli of 2048 or 3072 bits, and of no other length.
	pub const ModulusLengths: &'static [u32] = &[256, 384];
	/// The minimum stake of each party in a job; above it, the stake is the job's price.
	pub const MinJobBond: Balance = 10 * ETS;
	/// An hour of six-second slots in which a result can be disputed, in finalised blocks.
	pub const ChallengePeriod: BlockNumber = 600;
	/// Long enough to see a stage finalised, act, and be included.
	pub const MinStage: BlockNumber = 10;
	pub const MaxJobSpan: BlockNumber = 30 * DAYS;
	pub const Retention: BlockNumber = 30 * DAYS;
	/// In so many blocks a call is included though half of the authors censor it: all of them would have to be theirs by
	/// chance.
	pub const InclusionMargin: BlockNumber = 40;
	/// An hour at six seconds a block empties a queue of 150 MiB; a quarter of what is reserved for it in a block.
	pub const PublicationRate: u32 = 256 * 1024;
	pub const MaxPublication: u64 = 64 * 1024 * 1024;
	pub const MaxConfirmedPublication: u64 = 1024 * 1024 * 1024;
	/// Half of what is included in the margin for inclusion if every second author is honest, and one block in two of these
	/// full of something else: twenty seconds.
	pub MaxConfirmedTime: u64 = RuntimeBlockWeights::get().max_block.ref_time() / 4 * u64::from(InclusionMargin::get());
	/// Room for a second costs an ETS for four hours of six-second slots.
	pub const TimeRoomPrice: Balance = ETS / 1_000 / 2_400;
	/// A megabyte costs owner and challenger a thousandth of an ETS each.
	pub const ChargePerByte: Balance = ETS / 1_000_000_000;
	/// Room for a mebibyte costs a hundredth of an ETS for an hour and a half of six-second slots.
	pub const PublicationRoomPrice: Balance = ETS / 100 / (1 << 20) / 900;
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
	type Participants = ();
	type Clock = FinalityClock;
	type ModulusLengths = ModulusLengths;
	type MinJobBond = MinJobBond;
	type ChallengePeriod = ChallengePeriod;
	type MinStage = MinStage;
	type MaxJobSpan = MaxJobSpan;
	type InclusionMargin = InclusionMargin;
	type PublicationRate = PublicationRate;
	type MaxPublication = MaxPublication;
	type MaxConfirmedPublication = MaxConfirmedPublication;
	type MaxConfirmedTime = MaxConfirmedTime;
	type ChargePerByte = ChargePerByte;
	type CallFees = IdentityFee<Balance>;
	type PublicationRoomPrice = PublicationRoomPrice;
	type TimeRoomPrice = TimeRoomPrice;
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
