//! Types of the pallet's storage, parameters and runtime API.

use crate::{Config, HoldReason};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt::Debug;
use frame_support::{
	pallet_prelude::*, traits::fungible::Credit, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound,
	PartialEqNoBound,
};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::traits::{AtLeast32BitUnsigned, One, Zero};
use sp_staking::SessionIndex;

/// An amount of money.
pub type Balance = u128;
/// A bond's ledger.
pub type LedgerOf<T> = Ledger<BlockNumberFor<T>, <T as Config>::MaxUnbonding>;
/// The outcome of an election.
pub type ElectionOf<T> =
	Election<<T as frame_system::Config>::AccountId, BlockNumberFor<T>, <T as Config>::MaxValidators>;
/// The pallet's parameters.
pub type ParametersOf<T> = Parameters<BlockNumberFor<T>>;
/// A validator with its stake.
pub type ValidatorOf<T> = (<T as frame_system::Config>::AccountId, Balance);
/// Money taken from a bond and not yet paid to any account.
pub(crate) type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

/// What a bond is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum BondKind {
	/// To validate.
	#[codec(index = 0)]
	Validator,
	/// To take part in contracts, as provider or coordinator.
	#[codec(index = 1)]
	Service,
}

impl BondKind {
	/// The reason for the hold of such a bond.
	pub fn hold_reason(self) -> HoldReason {
		match self {
			Self::Validator => HoldReason::ValidatorBond,
			Self::Service => HoldReason::ServiceBond,
		}
	}
}

/// The reason why a candidacy ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum ChillReason {
	/// At the candidate's request.
	#[codec(index = 0)]
	Requested,
	/// The bond is below the minimum.
	#[codec(index = 1)]
	BelowMinimum,
	/// An elected validator authored no block in a whole era.
	#[codec(index = 2)]
	Idle,
	/// The validator committed an offence.
	#[codec(index = 3)]
	Offence,
	/// A candidate with a larger bond took the place.
	#[codec(index = 4)]
	Outbid,
}

/// The parameters that [`Config::AdminOrigin`] sets. The default has the minimum that is valid, except that validators'
/// bonds take four weeks of six-second blocks to be unbonded.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parameters<BlockNumber> {
	/// The maximum number of validators that are elected.
	pub validators: u32,
	/// The maximum number of them that were not validators in the era before.
	pub max_new: u32,
	/// The minimum number: an election with fewer leaves the current validators in place.
	pub min_validators: u32,
	/// The number of sessions of an era. An era under way keeps its length, as does one whose validators are elected.
	pub sessions_per_era: u32,
	/// The minimum bond of a candidate.
	pub min_validator_bond: Balance,
	/// The minimum of a service bond.
	pub min_service_bond: Balance,
	/// The reward of a validator for a block. An era's blocks are paid at the rate of its end.
	pub reward_per_block: Balance,
	/// Blocks until an unbonded part of a validator's bond can be withdrawn: at least an era, the session before it, in
	/// which its validators are elected, and one in which offences are reported, because withdrawn money cannot be
	/// slashed.
	pub validator_unbonding: BlockNumber,
	/// Blocks until an unbonded part of a service bond can be withdrawn. Faults are proven while a contract runs, and
	/// what it has engaged cannot be unbonded.
	pub service_unbonding: BlockNumber,
}

/// Four weeks of six-second blocks.
const FOUR_WEEKS: u32 = 403_200;

impl<BlockNumber: One + From<u32>> Default for Parameters<BlockNumber> {
	fn default() -> Self {
		Self {
			validators: 1,
			max_new: 1,
			min_validators: 1,
			sessions_per_era: 1,
			min_validator_bond: 1,
			min_service_bond: 1,
			reward_per_block: 0,
			validator_unbonding: FOUR_WEEKS.into(),
			service_unbonding: One::one(),
		}
	}
}

impl<BlockNumber: Copy> Parameters<BlockNumber> {
	/// The minimum bond of a kind.
	pub fn minimum(&self, kind: BondKind) -> Balance {
		match kind {
			BondKind::Validator => self.min_validator_bond,
			BondKind::Service => self.min_service_bond,
		}
	}

	/// Blocks until an unbonded part of a bond of a kind can be withdrawn.
	pub fn unbonding(&self, kind: BondKind) -> BlockNumber {
		match kind {
			BondKind::Validator => self.validator_unbonding,
			BondKind::Service => self.service_unbonding,
		}
	}
}

/// The maximum number of blocks from the election of an era until its last offence has been reported: the session in
/// which its validators are elected, the era, and a session for reports. A validator's bond cannot be withdrawn sooner.
pub fn min_validator_unbonding<BlockNumber: AtLeast32BitUnsigned>(
	session_length: BlockNumber,
	sessions: u32,
) -> BlockNumber {
	session_length.saturating_mul(sessions.saturating_add(2).into())
}

/// A part of a bond that is being unbonded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Chunk<BlockNumber> {
	/// The amount of this part.
	pub amount: Balance,
	/// The block in which it began to unbond.
	pub since: BlockNumber,
	/// The block from which on it can be withdrawn.
	pub until: BlockNumber,
}

/// An account's bond of one kind. Its total is on hold.
#[derive(
	CloneNoBound, DebugNoBound, DefaultNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(MaxUnbonding))]
pub struct Ledger<BlockNumber, MaxUnbonding>
where
	BlockNumber: Clone + Debug + Eq,
	MaxUnbonding: Get<u32>,
{
	/// The bonded amount.
	pub active: Balance,
	/// The parts that are being unbonded, by the block in which they began to.
	pub unbonding: BoundedVec<Chunk<BlockNumber>, MaxUnbonding>,
	/// The amount that contracts have engaged. After a slash it can exceed the bonded amount.
	pub engaged: Balance,
}

impl<BlockNumber, MaxUnbonding> Ledger<BlockNumber, MaxUnbonding>
where
	BlockNumber: Copy + Debug + Ord,
	MaxUnbonding: Get<u32>,
{
	/// The amount on hold.
	pub fn total(&self) -> Balance {
		self.unbonding.iter().fold(self.active, |sum, chunk| sum.saturating_add(chunk.amount))
	}

	/// The bonded amount that no contract has engaged.
	pub fn available(&self) -> Balance {
		self.active.saturating_sub(self.engaged)
	}

	/// The amount that can be slashed for a fault in block `at`.
	pub fn liable(&self, at: BlockNumber) -> Balance {
		let chunks = self.unbonding.iter().filter(|chunk| chunk.since >= at);
		chunks.fold(self.active, |sum, chunk| sum.saturating_add(chunk.amount))
	}

	/// The amount that can be withdrawn in block `now`.
	pub fn withdrawable(&self, now: BlockNumber) -> Balance {
		let chunks = self.unbonding.iter().filter(|chunk| chunk.until <= now);
		chunks.fold(Zero::zero(), |sum: Balance, chunk| sum.saturating_add(chunk.amount))
	}

	/// Whether nothing is bonded, being unbonded, or engaged.
	pub fn is_empty(&self) -> bool {
		self.active.is_zero() && self.unbonding.is_empty() && self.engaged.is_zero()
	}

	/// Add a part that is being unbonded, merged with the last one if that has the same blocks. Fails if there are too
	/// many.
	pub(crate) fn push_chunk(&mut self, chunk: Chunk<BlockNumber>) -> Result<(), ()> {
		match self.unbonding.last_mut() {
			Some(last) if (last.since, last.until) == (chunk.since, chunk.until) => {
				last.amount = last.amount.saturating_add(chunk.amount);
				Ok(())
			},
			_ => self.unbonding.try_push(chunk).map_err(drop),
		}
	}

	/// Withhold the parts that can be slashed for a fault in block `at` until block `until`.
	pub(crate) fn withhold(&mut self, at: BlockNumber, until: BlockNumber) {
		let chunks = self.unbonding.iter_mut().filter(|chunk| chunk.since >= at);
		chunks.for_each(|chunk| chunk.until = chunk.until.max(until));
	}

	/// Remove the parts that can be withdrawn in block `now`.
	pub(crate) fn drop_withdrawable(&mut self, now: BlockNumber) {
		self.unbonding.retain(|chunk| chunk.until > now);
	}

	/// Take `amount` from what can be slashed for a fault in block `at`: first from the bonded amount, then from the
	/// parts that are being unbonded, the latest first.
	pub(crate) fn take(&mut self, amount: Balance, at: BlockNumber) {
		let mut left = amount;
		let chunks = self.unbonding.iter_mut().rev().filter(|chunk| chunk.since >= at).map(|chunk| &mut chunk.amount);
		for part in core::iter::once(&mut self.active).chain(chunks) {
			let taken = left.min(*part);
			*part = part.saturating_sub(taken);
			left = left.saturating_sub(taken);
		}
		self.unbonding.retain(|chunk| !chunk.amount.is_zero());
	}
}

/// The outcome of an election: validators and their stakes.
#[derive(
	CloneNoBound, DebugNoBound, DefaultNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(MaxValidators))]
pub struct Election<AccountId, BlockNumber, MaxValidators>
where
	AccountId: Clone + Debug + Eq,
	BlockNumber: Clone + Debug + Default + Eq,
	MaxValidators: Get<u32>,
{
	/// The block of the election: a part that began to unbond in it or later was at stake.
	pub at: BlockNumber,
	/// The validators with their stakes, the largest first.
	pub validators: BoundedVec<(AccountId, Balance), MaxValidators>,
}

impl<AccountId, BlockNumber, MaxValidators> Election<AccountId, BlockNumber, MaxValidators>
where
	AccountId: Clone + Debug + Eq,
	BlockNumber: Clone + Debug + Default + Eq,
	MaxValidators: Get<u32>,
{
	/// The stake of `who`, if elected.
	pub fn exposure(&self, who: &AccountId) -> Option<Balance> {
		self.validators.iter().find(|(validator, _)| validator == who).map(|(_, stake)| *stake)
	}
}

/// Sessions between two elections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Era {
	/// The number of the era, counted from genesis.
	pub index: u32,
	/// Its first session.
	pub start_session: SessionIndex,
	/// The number of its sessions, at least one.
	pub sessions: u32,
}

impl Default for Era {
	fn default() -> Self {
		Self { index: 0, start_session: 0, sessions: 1 }
	}
}

impl Era {
	/// The first session of the next era.
	pub fn end(&self) -> SessionIndex {
		self.start_session.saturating_add(self.sessions)
	}
}

/// What must be known of a session as long as its offences can be punished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SessionRecord<BlockNumber> {
	/// The block in which its validators were elected.
	pub elected_at: BlockNumber,
	/// Its first block.
	pub started_at: BlockNumber,
}

/// An era, as the runtime API returns it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct EraInfo<AccountId> {
	/// The number of the era, counted from genesis.
	pub index: u32,
	/// Its first session.
	pub start_session: SessionIndex,
	/// The number of its sessions.
	pub sessions: u32,
	/// Its validators with their stakes, the largest first.
	pub elected: Vec<(AccountId, Balance)>,
}

/// A validator or candidate, as the runtime API returns it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ValidatorInfo<AccountId> {
	/// Its account.
	pub who: AccountId,
	/// The amount bonded now.
	pub stake: Balance,
	/// The number of blocks that it authored in this era.
	pub points: u32,
	/// The reward for them at the end of the era, at the current rate.
	pub pending_reward: Balance,
	/// Whether it validates in this era.
	pub elected: bool,
	/// Whether it is a candidate in the next election.
	pub candidate: bool,
	/// The amount bonded at the election if elected, zero otherwise.
	pub exposure: Balance,
}

/// A bond, as the runtime API returns it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct BondInfo<BlockNumber> {
	/// The bonded amount.
	pub active: Balance,
	/// The amount that contracts have engaged.
	pub engaged: Balance,
	/// The amount that is bonded and not engaged.
	pub available: Balance,
	/// The parts that are being unbonded, and when each can be withdrawn.
	pub unbonding: Vec<Chunk<BlockNumber>>,
	/// The amount that can be withdrawn in the next block.
	pub withdrawable: Balance,
}
