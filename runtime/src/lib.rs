//! The EncryTrust runtime: BABE and GRANDPA, a fixed supply of ETS, and computation contracts.
//!
//! `configs/` configures the pallets, `apis.rs` has the runtime APIs, `genesis_config_presets.rs` the chains.

#![cfg_attr(not(feature = "std"), no_std)]
// The runtime's macros expand to undocumented items with full paths; most types here are names without values.
#![allow(missing_docs, missing_debug_implementations, unused_qualifications)]
#![recursion_limit = "512"]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod consensus_parameters;
pub mod content;
pub mod enactment;
pub mod extrinsic;
pub mod genesis_config_presets;
pub mod key_owners;
pub mod reserved;
pub mod weights;

use alloc::vec::Vec;
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use encrytrust_types::token::{Balance, ETS};
pub use extrinsic::UncheckedExtrinsic;

/// One thousandth of an ETS.
pub const MILLI_ETS: Balance = ETS / 1_000;
/// One millionth of an ETS.
pub const MICRO_ETS: Balance = ETS / 1_000_000;

/// A block's number.
pub type BlockNumber = u32;
/// A transaction's signature.
pub type Signature = MultiSignature;
/// An account's id: its public key or a hash.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// A transaction's nonce.
pub type Nonce = u32;
/// A hash of anything on the chain.
pub type Hash = sp_core::H256;
/// An account's address in transactions.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// The types for the node: extrinsics are opaque bytes, so that the node does not depend on the runtime's calls.
pub mod opaque {
	use super::*;

	/// A block with opaque extrinsics.
	pub type Block = generic::Block<Header, sp_runtime::OpaqueExtrinsic>;
}

/// The transaction extensions of every signed transaction.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	Charge,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	(content::WeighContent, reserved::CheckOwed),
	frame_system::WeightReclaim<Runtime>,
);

/// Takes a transaction's fee, or the deposit of a reporter of a fault that has nothing free.
pub type Charge = pallet_bmpc::extension::ChargeOrDeposit<
	Runtime,
	pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	reserved::Reports,
>;

/// The payload of a signature.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// The migrations of the next upgrade, which run in its first block and have to fit into it. They are removed with the
/// upgrade after it.
pub type Migrations = ();

/// Executes blocks.
pub type Executive =
	frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

impl_opaque_keys! {
	/// The keys that a validator's node signs with.
	#[derive(codec::MaxEncodedLen)]
	pub struct SessionKeys {
		pub babe: Babe,
		pub grandpa: Grandpa,
		pub authority_discovery: AuthorityDiscovery,
	}
}

/// The runtime's version; `spec_version` increases with each change of logic.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: alloc::borrow::Cow::Borrowed("encrytrust"),
	impl_name: alloc::borrow::Cow::Borrowed("encrytrust-node"),
	authoring_version: 1,
	spec_version: 1,
	impl_version: 1,
	apis: apis::RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

/// BABE's initial configuration: a slot without a winner of the lottery has a fallback author, proven by a VRF.
pub const BABE_GENESIS_EPOCH_CONFIG: sp_consensus_babe::BabeEpochConfiguration =
	sp_consensus_babe::BabeEpochConfiguration {
		c: (1, 4),
		allowed_slots: sp_consensus_babe::AllowedSlots::PrimaryAndSecondaryVRFSlots,
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
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type ConsensusParameters = crate::consensus_parameters;
	#[runtime::pallet_index(2)]
	pub type Timestamp = pallet_timestamp;

	// Money
	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(11)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(12)]
	pub type TokenAllocation = pallet_token_allocation;

	// Consensus. Pallets start a block and build their genesis in the order of their indices: BABE before Session, whose
	// end of a session it decides, and Bonds before Session, whose first validators it elects.
	#[runtime::pallet_index(20)]
	pub type Babe = pallet_babe;
	#[runtime::pallet_index(21)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(22)]
	pub type Bonds = pallet_bonds;
	#[runtime::pallet_index(23)]
	pub type KeyOwners = crate::key_owners;
	#[runtime::pallet_index(24)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(25)]
	pub type Grandpa = pallet_grandpa;
	#[runtime::pallet_index(26)]
	pub type AuthorityDiscovery = pallet_authority_discovery;
	#[runtime::pallet_index(27)]
	pub type Mmr = pallet_mmr;
	#[runtime::pallet_index(28)]
	pub type Offences = pallet_offences;
	#[runtime::pallet_index(29)]
	pub type FinalityClock = pallet_finality_clock;

	// Governance
	#[runtime::pallet_index(30)]
	pub type VotingNodes = pallet_collective<Instance1>;
	#[runtime::pallet_index(31)]
	pub type VotingNodesMembership = pallet_membership<Instance1>;
	#[runtime::pallet_index(32)]
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(33)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(34)]
	pub type Sudo = pallet_sudo;
	#[runtime::pallet_index(35)]
	pub type Whitelist = pallet_whitelist;
	#[runtime::pallet_index(36)]
	pub type Enactment = crate::enactment;

	// Accounts
	#[runtime::pallet_index(40)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(41)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(42)]
	pub type Proxy = pallet_proxy;

	// EncryTrust
	#[runtime::pallet_index(50)]
	pub type Bmpc = pallet_bmpc;
	#[runtime::pallet_index(51)]
	pub type IdentityKeys = pallet_identity_keys;
}
