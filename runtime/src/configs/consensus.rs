//! BABE, GRANDPA, sessions, offences, and the bonds by which validators are elected.

use crate::{
	configs::{governance::RootOrVotingNodes, DAYS},
	consensus_parameters as parameters,
	key_owners::{KeyOwnerProof, NoteKeyOwners},
	*,
};
use encrytrust_types::token::Program;
use frame_support::{parameter_types, traits::ConstU32};
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

parameter_types! {
	/// Equivocations can be reported for this many slots: four weeks of six-second ones.
	pub const ReportLongevity: u64 = 28 * DAYS as u64;
	/// Sessions for which GRANDPA keeps the set id, for equivocation reports.
	pub const MaxSetIdSessionEntries: u64 = EVIDENCE_SESSIONS as u64;
	/// Held while an account has session keys.
	pub const KeyDeposit: Balance = 10 * ETS;
}

/// The number of sessions for which evidence of offences is kept. No unbonding period is longer.
const EVIDENCE_SESSIONS: u32 = 1_000;

/// The maximum number of validators.
type MaxAuthorities = ConstU32<100>;

impl pallet_timestamp::Config for Runtime {
	type Moment = u64;
	type OnTimestampSet = Babe;
	type MinimumPeriod = parameters::MinimumPeriod<Runtime>;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

impl pallet_babe::Config for Runtime {
	type EpochDuration = parameters::EpochDuration<Runtime>;
	type ExpectedBlockTime = parameters::SlotTime<Runtime>;
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	type DisabledValidators = Session;
	type WeightInfo = ();
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = ConstU32<0>;
	type KeyOwnerProof = KeyOwnerProof;
	type EquivocationReportSystem = pallet_babe::EquivocationReportSystem<Self, Offences, KeyOwners, ReportLongevity>;
}

impl pallet_grandpa::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = MaxSetIdSessionEntries;
	type KeyOwnerProof = KeyOwnerProof;
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, KeyOwners, ReportLongevity>;
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
	type EventHandler = Bonds;
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Babe;
	type NextSessionRotation = Babe;
	type SessionManager = NoteKeyOwners<Self, Bonds>;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = SessionKeys;
	type DisablingStrategy = pallet_session::disabling::UpToLimitWithReEnablingDisablingStrategy;
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type KeyDeposit = KeyDeposit;
}

impl key_owners::Config for Runtime {
	type ExposureOf = pallet_bonds::ExposureOf<Runtime>;
	type MaxValidators = MaxAuthorities;
	type EvidenceSessions = ConstU32<EVIDENCE_SESSIONS>;
}

impl pallet_finality_clock::Config for Runtime {
	type ValidatorSet = Session;
	type MaxValidators = MaxAuthorities;
	type WeightInfo = crate::weights::pallet_finality_clock::WeightInfo<Runtime>;
}

impl pallet_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = pallet_bonds::ValidatorOf<Runtime>;
	type OnOffenceHandler = Bonds;
}

parameter_types! {
	/// Pays validators, and receives the part of slashes that compensates no injured party.
	pub FoundationProgram: AccountId = Program::Foundation.account();
}

impl pallet_bonds::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = RootOrVotingNodes;
	type RewardPot = FoundationProgram;
	type Sessions = Session;
	type MaxValidators = MaxAuthorities;
	type MaxCandidates = ConstU32<200>;
	type MaxUnbonding = ConstU32<32>;
	type SessionLength = parameters::SessionLength<Runtime>;
	type EvidenceSessions = ConstU32<EVIDENCE_SESSIONS>;
	type WeightInfo = crate::weights::pallet_bonds::WeightInfo<Runtime>;
}

impl pallet_authority_discovery::Config for Runtime {
	type MaxAuthorities = MaxAuthorities;
}

impl pallet_mmr::Config for Runtime {
	const INDEXING_PREFIX: &'static [u8] = b"mmr";
	type Hashing = sp_runtime::traits::BlakeTwo256;
	type LeafData = pallet_mmr::ParentNumberAndHash<Self>;
	type OnNewRoot = ();
	type BlockHashProvider = pallet_mmr::DefaultBlockHashProvider<Runtime>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}
