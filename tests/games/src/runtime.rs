//! The runtime that games are played on: the chain's own pallets for jobs, bonds, identity keys and finality over the
//! SDK's balances and fees, with clocks short enough for games and with keys of 256 bits among those permitted.
//!
//! Where it differs from the chain's runtime is said at each item. All that decides about a job is the pallets' own.

// FRAME's macros expand to undocumented items with full paths.
#![allow(missing_docs, missing_debug_implementations, unused_qualifications)]

use codec::{Decode, DecodeWithMemTracking, Encode};
use encrytrust_fault_proofs::Fault;
use encrytrust_traits::{
	fees::{Service, ServiceFees},
	finality::FinalityClock,
};
use encrytrust_types::{token::Balance, JobId};
use frame_support::{
	derive_impl,
	dispatch::DispatchInfo,
	ensure, parameter_types,
	traits::{
		fungible::{Balanced, Credit, Mutate},
		tokens::Preservation::Preserve,
		ConstU128, ConstU32, ConstU64, ConstU8, FindAuthor, LinearStoragePrice, OnUnbalanced, ValidatorSet,
	},
	weights::{constants::WEIGHT_REF_TIME_PER_SECOND, ConstantMultiplier, FixedFee, Weight, WeightToFee},
	ConsensusEngineId,
};
use frame_system::{
	limits::BlockWeights,
	offchain::{CreateAuthorizedTransaction, CreateTransaction, CreateTransactionBase},
	AuthorizeCall, CheckNonce, CheckWeight, EnsureRoot,
};
use pallet_bmpc::extension::{ChargeOrDeposit, FindReport};
use pallet_bonds::ValidatorSessions;
use pallet_transaction_payment::{ChargeTransactionPayment, FungibleAdapter};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::{
	generic, impl_tx_ext_default,
	traits::{AsSystemOriginSigner, BlakeTwo256, ConvertInto, IdentityLookup, TransactionExtension, ValidateResult},
	transaction_validity::{InvalidTransaction, TransactionSource},
	AccountId32, DispatchError, Perbill, Permill,
};
use sp_staking::{offence::OffenceSeverity, SessionIndex};

/// An account.
pub type AccountId = AccountId32;
/// A block's number.
pub type BlockNumber = u32;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// What each transaction is checked by: that of the chain, without versions and eras, which games do not change, and
/// without the weighing of content, as calls come decoded.
pub type Extension = (AuthorizeCall<Runtime>, CheckNonce<Runtime>, CheckWeight<Runtime>, Charge, CheckOwed);
/// Takes a transaction's fee, or the deposit of a reporter of a fault that has nothing free.
pub type Charge = ChargeOrDeposit<Runtime, ChargeTransactionPayment<Runtime>, Reports>;
/// A transaction. Who signed it is known without a signature.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<AccountId, RuntimeCall, (), Extension>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// How long a party may be cut off without losing anything: `T`. An hour on the chain.
pub const OUTAGE: BlockNumber = 8;
/// The margin for inclusion: `M`. Forty blocks on the chain.
pub const INCLUSION_MARGIN: BlockNumber = 14;
/// The challenge window.
pub const CHALLENGE_PERIOD: BlockNumber = 30;
/// The shortest confirmation.
pub const MIN_STAGE: BlockNumber = 10;
/// The longest that all stages may be together.
pub const MAX_JOB_SPAN: BlockNumber = 1_000;
/// Bytes that are published in a block.
pub const PUBLICATION_RATE: u32 = 4_096;
/// The longest publication of a job.
pub const MAX_PUBLICATION: u64 = 256 * 1024;
/// What each published byte costs its owner and who challenged it, each.
pub const CHARGE_PER_BYTE: Balance = 1_000;
/// What a request prepays for all calls that the parties may owe.
pub const PREPAID_FEES: Balance = 20_000_000;
/// The service fee of a job, besides a share of what is paid.
pub const FLAT_FEE: Balance = 1_000_000;
/// The fee of a transaction by its weight, whatever that is.
pub const FEE: Balance = 100_000;
/// The fee of a transaction by its length.
pub const BYTE_FEE: Balance = 100;
/// The deposit for a stored item.
pub const BASE_DEPOSIT: Balance = 1_000_000;
/// The deposit for a stored byte.
pub const BYTE_DEPOSIT: Balance = 1_000;
/// The least balance of an account.
pub const EXISTENTIAL_DEPOSIT: Balance = 1_000;
/// The validators: with up to two of them dishonest, the finality clock is right and moves.
pub const VALIDATORS: [AccountId; 5] = [validator(0), validator(1), validator(2), validator(3), validator(4)];
/// Receives all fees, and what nobody can take.
pub const FEES: AccountId = AccountId::new([0xfe; 32]);
/// Where whoever has nothing free has put its money.
pub const SAVINGS: AccountId = AccountId::new([0x5a; 32]);
/// Receives what of a slash makes good for nobody.
pub const FOUNDATION: AccountId = AccountId::new([0xf0; 32]);

const fn validator(index: u8) -> AccountId {
	AccountId::new([0xa0 + index; 32])
}

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
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(3)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(4)]
	pub type Clock = pallet_finality_clock;
	#[runtime::pallet_index(5)]
	pub type Bonds = pallet_bonds;
	#[runtime::pallet_index(6)]
	pub type IdentityKeys = pallet_identity_keys;
	#[runtime::pallet_index(7)]
	pub type Bmpc = pallet_bmpc;
}

parameter_types! {
	/// As the chain's.
	pub GameBlockWeights: BlockWeights = BlockWeights::with_sensible_defaults(
		Weight::from_parts(2 * WEIGHT_REF_TIME_PER_SECOND, u64::MAX),
		Perbill::from_percent(75),
	);
	/// The author of the block that is made.
	pub static Author: Option<AccountId> = None;
	/// 256 bits for games; and the chain's own.
	pub const ModulusLengths: &'static [u32] = &[32, 256, 384];
	pub const RewardPot: AccountId = FOUNDATION;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = Block;
	type BlockWeights = GameBlockWeights;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
	type MaxConsumers = ConstU32<64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
	type Balance = Balance;
	type DustRemoval = ToFees;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
}

/// Pays all that it receives to [`FEES`].
#[derive(Debug)]
pub struct ToFees;

impl OnUnbalanced<Credit<AccountId, Balances>> for ToFees {
	fn on_nonzero_unbalanced(amount: Credit<AccountId, Balances>) {
		let resolved = Balances::resolve(&FEES, amount);
		assert!(resolved.is_ok(), "the account of fees takes any amount");
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, ToFees>;
	// Games do not depend on what was measured on a machine.
	type WeightToFee = FixedFee<{ FEE as u32 }, Balance>;
	type LengthToFee = ConstantMultiplier<Balance, ConstU128<BYTE_FEE>>;
	type FeeMultiplierUpdate = ();
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = ();
}

impl FindAuthor<AccountId> for Author {
	fn find_author<'a, I: IntoIterator<Item = (ConsensusEngineId, &'a [u8])>>(_: I) -> Option<AccountId> {
		Self::get()
	}
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = Author;
	type EventHandler = ();
}

/// The validators, who stay the same.
#[derive(Debug)]
pub struct Validators;

impl ValidatorSet<AccountId> for Validators {
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;

	fn session_index() -> SessionIndex {
		0
	}

	fn validators() -> Vec<AccountId> {
		VALIDATORS.to_vec()
	}
}

impl ValidatorSessions<AccountId> for Validators {
	fn has_keys(_: &AccountId) -> bool {
		true
	}

	fn validators() -> Vec<AccountId> {
		VALIDATORS.to_vec()
	}

	fn report_offence(_: &AccountId, _: OffenceSeverity) {}
}

impl pallet_finality_clock::Config for Runtime {
	type ValidatorSet = Validators;
	type MaxValidators = ConstU32<8>;
	type WeightInfo = ();
}

impl pallet_bonds::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = EnsureRoot<AccountId>;
	type RewardPot = RewardPot;
	type Sessions = Validators;
	type MaxValidators = ConstU32<8>;
	type MaxCandidates = ConstU32<8>;
	type MaxUnbonding = ConstU32<4>;
	type SessionLength = ConstU32<10>;
	type EvidenceSessions = ConstU32<100_000>;
	type WeightInfo = ();
}

impl pallet_identity_keys::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = EnsureRoot<AccountId>;
	type RequestLifetime = ConstU32<100>;
	type MaxBatch = ConstU32<4>;
	type StorageDeposit = LinearStoragePrice<ConstU128<BASE_DEPOSIT>, ConstU128<BYTE_DEPOSIT>, Balance>;
	type WeightInfo = ();
}

/// A flat price, and one per cent of the value.
#[derive(Debug)]
pub struct Fees;

impl ServiceFees<AccountId> for Fees {
	fn fee(_: Service, value: Balance) -> Balance {
		FLAT_FEE.saturating_add(Permill::from_percent(1).mul_floor(value))
	}

	fn destination() -> AccountId {
		FEES
	}

	fn charge(who: &AccountId, service: Service, value: Balance) -> Result<Balance, DispatchError> {
		Balances::transfer(who, &FEES, Self::fee(service, value), Preserve)
	}
}

/// The same for the calls of all jobs.
#[derive(Debug)]
pub struct CallFees;

impl WeightToFee for CallFees {
	type Balance = Balance;

	fn weight_to_fee(_: &Weight) -> Balance {
		PREPAID_FEES
	}
}

impl pallet_bmpc::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Bonds = Bonds;
	type ServiceFees = Fees;
	type Keys = IdentityKeys;
	type Participants = ();
	type Clock = Clock;
	type ModulusLengths = ModulusLengths;
	type MinJobBond = ConstU128<1_000_000_000>;
	type ChallengePeriod = ConstU32<CHALLENGE_PERIOD>;
	type MinStage = ConstU32<MIN_STAGE>;
	type MaxJobSpan = ConstU32<MAX_JOB_SPAN>;
	type InclusionMargin = ConstU32<INCLUSION_MARGIN>;
	type PublicationRate = ConstU32<PUBLICATION_RATE>;
	type MaxPublication = ConstU64<MAX_PUBLICATION>;
	type MaxConfirmedPublication = ConstU64<{ 2 * MAX_PUBLICATION }>;
	type MaxConfirmedTime = ConstU64<{ u64::MAX }>;
	type ChargePerByte = ConstU128<CHARGE_PER_BYTE>;
	type CallFees = CallFees;
	type PublicationRoomPrice = ConstU128<0>;
	type TimeRoomPrice = ConstU128<0>;
	type MaxActiveJobs = ConstU32<4>;
	type Retention = ConstU32<1_000>;
	type StorageDeposit = LinearStoragePrice<ConstU128<BASE_DEPOSIT>, ConstU128<BYTE_DEPOSIT>, Balance>;
	type WeightInfo = ();
}

impl CreateTransactionBase<pallet_bmpc::Call<Runtime>> for Runtime {
	type Extrinsic = UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

impl CreateTransaction<pallet_bmpc::Call<Runtime>> for Runtime {
	type Extension = Extension;

	fn create_transaction(call: RuntimeCall, extension: Extension) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_transaction(call, extension)
	}
}

impl CreateAuthorizedTransaction<pallet_bmpc::Call<Runtime>> for Runtime {
	fn create_extension() -> Extension {
		extension(0)
	}
}

/// What a transaction with this nonce is checked by.
pub fn extension(nonce: u32) -> Extension {
	let charge = ChargeTransactionPayment::from(0).into();
	(AuthorizeCall::new(), CheckNonce::from(nonce), CheckWeight::new(), charge, CheckOwed)
}

/// Reports of faults by their signers.
#[derive(Debug)]
pub struct Reports;

impl FindReport<Runtime> for Reports {
	fn is_report(call: &RuntimeCall) -> bool {
		matches!(call, RuntimeCall::Bmpc(pallet_bmpc::Call::report_fault { .. }))
	}

	fn find<'a>(signer: &AccountId, call: &'a RuntimeCall) -> Option<(AccountId, JobId, &'a Fault)> {
		match call {
			RuntimeCall::Bmpc(pallet_bmpc::Call::report_fault { job_id, fault }) => {
				Some((signer.clone(), *job_id, fault))
			},
			_ => None,
		}
	}
}

/// Refuses signed calls of the class Operational that nobody owes: as the chain's, but for proxies and those who govern,
/// of whom there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct CheckOwed;

impl TransactionExtension<RuntimeCall> for CheckOwed {
	const IDENTIFIER: &'static str = "CheckOwed";
	type Implicit = ();
	type Val = ();
	type Pre = ();

	fn weight(&self, _: &RuntimeCall) -> Weight {
		Weight::zero()
	}

	fn validate(
		&self,
		origin: RuntimeOrigin,
		call: &RuntimeCall,
		_info: &DispatchInfo,
		_len: usize,
		_implicit: (),
		_inherited_implication: &impl Encode,
		_source: TransactionSource,
	) -> ValidateResult<(), RuntimeCall> {
		if let (Some(signer), RuntimeCall::Bmpc(call)) = (origin.as_system_origin_signer(), call) {
			let owed = match call {
				pallet_bmpc::Call::report_fault { job_id, .. } => Bmpc::is_under_way(*job_id),
				call => Bmpc::is_owed(signer, call).unwrap_or(true),
			};
			ensure!(owed, InvalidTransaction::Stale);
		}
		Ok((Default::default(), (), origin))
	}

	impl_tx_ext_default!(RuntimeCall; prepare);
}

/// The finality clock's value.
pub fn now() -> BlockNumber {
	<Clock as FinalityClock<BlockNumber>>::now()
}

/// The hash of the first block.
pub const GENESIS: H256 = H256([7; 32]);
