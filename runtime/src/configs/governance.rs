//! The voting nodes and how their decisions take effect, and tools for accounts: multisig, proxies, preimages.

use crate::{
	configs::RuntimeBlockWeights,
	enactment::{self, EnsureEnacted},
	*,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::cmp::Ordering;
use frame_support::{
	parameter_types,
	traits::{
		fungible::HoldConsideration, ConstU32, EitherOfDiverse, InstanceFilter, LinearStoragePrice, NeverEnsureOrigin,
		PrivilegeCmp,
	},
	weights::Weight,
};
use frame_system::EnsureRoot;
use sp_runtime::{FixedU128, Perbill};

/// The collective of the voting nodes.
pub type VotingNodesCollective = pallet_collective::Instance1;

/// A decision of two thirds of the voting nodes whose delay is over, or root.
pub type RootOrVotingNodes = EitherOfDiverse<EnsureRoot<AccountId>, EnsureEnacted>;

/// Who makes decisions, which take effect later: two thirds of the voting nodes, or root.
pub type RootOrTwoThirds = EitherOfDiverse<
	EnsureRoot<AccountId>,
	pallet_collective::EnsureProportionAtLeast<AccountId, VotingNodesCollective, 2, 3>,
>;

/// Who may cancel and reschedule what others scheduled: root everything, the voting nodes what they scheduled.
pub struct RootThenVotingNodes;

impl PrivilegeCmp<OriginCaller> for RootThenVotingNodes {
	fn cmp_privilege(left: &OriginCaller, right: &OriginCaller) -> Option<Ordering> {
		let is_root = |origin: &OriginCaller| matches!(origin, OriginCaller::system(frame_system::RawOrigin::Root));
		match (is_root(left), is_root(right)) {
			(true, false) => Some(Ordering::Greater),
			(false, true) => Some(Ordering::Less),
			_ if left == right => Some(Ordering::Equal),
			_ => None,
		}
	}
}

/// Deposit for storage: `items` entries of `bytes` bytes together.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
	items as Balance * 100 * MILLI_ETS + bytes as Balance * 100 * MICRO_ETS
}

parameter_types! {
	pub const MotionDuration: BlockNumber = 7 * crate::configs::DAYS;
	/// The deposit for a motion while there is no other, and its growth with each open one. All of the issuance does not
	/// suffice for [`MaxProposals`] motions, so nobody can leave no room for others.
	pub const MotionDeposit: Balance = 10 * ETS;
	pub MotionDepositRatio: FixedU128 = FixedU128::from_rational(6, 5);
	pub const MotionHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::VotingNodes(pallet_collective::HoldReason::ProposalSubmission);
	pub MaxProposalWeight: Weight = Perbill::from_percent(50) * RuntimeBlockWeights::get().max_block;
	pub const MultisigDepositBase: Balance = deposit(1, 88);
	pub const MultisigDepositFactor: Balance = deposit(0, 32);
	pub const ProxyDepositBase: Balance = deposit(1, 8);
	pub const ProxyDepositFactor: Balance = deposit(0, 33);
	pub const AnnouncementDepositBase: Balance = deposit(1, 16);
	pub const AnnouncementDepositFactor: Balance = deposit(0, 68);
	pub const PreimageBaseDeposit: Balance = deposit(2, 64);
	pub const PreimageByteDeposit: Balance = deposit(0, 1);
	pub const PreimageHoldReason: RuntimeHoldReason = RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
}

/// The maximum number of voting nodes.
type MaxMembers = ConstU32<100>;
/// The maximum number of open motions.
type MaxProposals = ConstU32<100>;

/// An abstention is not an approval: two thirds means of all voting nodes. A prime member's vote counts only once.
pub struct AbstentionIsNay;

impl pallet_collective::DefaultVote for AbstentionIsNay {
	fn default_vote(_prime: Option<bool>, _ayes: u32, _nays: u32, _members: u32) -> bool {
		false
	}
}

impl pallet_collective::Config<VotingNodesCollective> for Runtime {
	type RuntimeOrigin = RuntimeOrigin;
	type Proposal = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type MotionDuration = MotionDuration;
	type MaxProposals = MaxProposals;
	type MaxMembers = MaxMembers;
	type DefaultVote = AbstentionIsNay;
	type WeightInfo = pallet_collective::weights::SubstrateWeight<Runtime>;
	type SetMembersOrigin = EnsureRoot<AccountId>;
	type MaxProposalWeight = MaxProposalWeight;
	type DisapproveOrigin = EnsureRoot<AccountId>;
	// Killing a motion burns its deposit, and the issuance is fixed.
	type KillOrigin = NeverEnsureOrigin<()>;
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		MotionHoldReason,
		pallet_collective::deposit::Geometric<MotionDepositRatio, MotionDeposit>,
		u32,
	>;
}

impl enactment::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type DecisionOrigin = RootOrTwoThirds;
	type VotingNodes = VotingNodesMembership;
	type MaxVotingNodes = MaxMembers;
	type MaxCallWeight = MaxProposalWeight;
	type Scheduler = Scheduler;
	type Preimages = Preimage;
}

impl pallet_membership::Config<pallet_membership::Instance1> for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type AddOrigin = RootOrVotingNodes;
	type RemoveOrigin = RootOrVotingNodes;
	type SwapOrigin = RootOrVotingNodes;
	type ResetOrigin = RootOrVotingNodes;
	type PrimeOrigin = RootOrVotingNodes;
	type MembershipInitialized = VotingNodes;
	type MembershipChanged = VotingNodes;
	type MaxMembers = MaxMembers;
	type WeightInfo = pallet_membership::weights::SubstrateWeight<Runtime>;
}

impl pallet_preimage::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type ManagerOrigin = RootOrVotingNodes;
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		PreimageHoldReason,
		LinearStoragePrice<PreimageBaseDeposit, PreimageByteDeposit, Balance>,
	>;
}

/// The voting nodes' way to calls of root, such as a runtime upgrade: they whitelist a call and dispatch it.
impl pallet_whitelist::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WhitelistOrigin = RootOrVotingNodes;
	type DispatchWhitelistedOrigin = RootOrVotingNodes;
	type Preimages = Preimage;
	type DeferredDispatchExpiration = MotionDuration;
	type BlockNumberProvider = System;
	type WeightInfo = pallet_whitelist::weights::SubstrateWeight<Runtime>;
}

impl pallet_sudo::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}

impl pallet_utility::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

impl pallet_multisig::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	type MaxSignatories = ConstU32<100>;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
	type BlockNumberProvider = System;
}

/// What a proxy may do for an account.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	scale_info::TypeInfo,
)]
pub enum ProxyType {
	/// Any call.
	#[default]
	Any,
	/// A worker's duties in jobs, without registrations or transfers of money.
	Worker,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		use pallet_bmpc::Call;
		match self {
			Self::Any => true,
			Self::Worker => {
				matches!(
					call,
					RuntimeCall::Bmpc(
						Call::confirm { .. }
							| Call::decline { .. }
							| Call::commit_selection { .. }
							| Call::commit_inputs { .. }
							| Call::commit_output { .. }
							| Call::commit_result { .. }
							| Call::settle { .. } | Call::expire { .. }
							| Call::report_fault { .. }
							| Call::challenge { .. }
							| Call::expire_challenge { .. }
							| Call::resume_role { .. }
					)
				)
			},
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		*self == Self::Any || self == other
	}
}

impl pallet_proxy::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type ProxyType = ProxyType;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type MaxProxies = ConstU32<32>;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
	type MaxPending = ConstU32<32>;
	type CallHasher = sp_runtime::traits::BlakeTwo256;
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
}
