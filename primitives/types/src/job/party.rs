//! Who takes part in jobs, and how they are reached.

use crate::{
	bytes::{Address, Modulus},
	limits::MaxPolicyEntries,
};
use bounded_collections::BoundedVec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What an account does in jobs.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
	/// Answers for datasets; segments, encrypts and commits their columns.
	DataProvider,
	/// Multiplies ciphertexts.
	ComputingProvider,
	/// Schedules jobs blind and aggregates outputs.
	Coordinator,
}

/// What a party offers in a role, and for how much.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Offer<Balance> {
	/// A data provider: its datasets carry the prices.
	DataProvider,
	/// A computing provider.
	ComputingProvider {
		/// Price of one unit of work, see [`Contract::work`](super::Contract::work).
		price: Balance,
		/// Its own Paillier key, for selection vectors.
		paillier: Modulus,
		/// sha2-256 of the blob that proves that the key is sound, see `docs/protocol/key-proofs.md`.
		key_proof: [u8; 32],
	},
	/// A coordinator.
	Coordinator {
		/// Price of one job.
		price: Balance,
	},
}

impl<Balance> Offer<Balance> {
	/// The role that the offer is made in.
	pub fn role(&self) -> Role {
		match self {
			Self::DataProvider => Role::DataProvider,
			Self::ComputingProvider { .. } => Role::ComputingProvider,
			Self::Coordinator { .. } => Role::Coordinator,
		}
	}
}

/// How a party's worker is reached, and the keys that messages to and from it are bound to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Endpoint {
	/// X25519 public key: messages for this party are sealed to it by HPKE.
	pub sealing: [u8; 32],
	/// Ed25519 public key of its libp2p identity; the peer id follows from it.
	pub peer: [u8; 32],
	/// Where it listens.
	pub address: Address,
}

/// What a party asks of the jobs that it is named in. The chain refuses a request outside of them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Terms<AccountId, Balance, BlockNumber> {
	/// Blocks that it needs in each stage that it owes, besides the time for the work and the bytes.
	pub base: BlockNumber,
	/// Units of work that it does in a block: ciphertexts that it makes or multiplies.
	pub work_per_block: u32,
	/// Bytes that it fetches or serves in a block.
	pub bytes_per_block: u32,
	/// The most of its bond that one job may engage.
	pub max_bond: Balance,
	/// The most bytes of a job that may have to be published on chain.
	pub max_publication: u64,
	/// The most blocks that a job can take from its last confirmation on, if nothing is challenged: its bond is engaged as
	/// long.
	pub max_span: BlockNumber,
	/// Whose jobs it takes; everybody's if `None`.
	pub buyers: Option<BoundedVec<AccountId, MaxPolicyEntries>>,
	/// With whom it takes jobs; with everybody if `None`.
	pub co_providers: Option<BoundedVec<AccountId, MaxPolicyEntries>>,
}

/// A registered role.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Registration<AccountId, Balance, BlockNumber> {
	/// Keys and address.
	pub endpoint: Endpoint,
	/// Offer and price.
	pub offer: Offer<Balance>,
	/// What it asks of jobs.
	pub terms: Terms<AccountId, Balance, BlockNumber>,
	/// Whether it takes no new jobs until it resumes, since it neither confirmed nor declined one.
	pub suspended: bool,
	/// What became of its jobs.
	pub record: Record,
	/// Confirmed jobs under way in this role; the role cannot be given up before they end.
	pub jobs: u32,
	/// Storage deposit on hold.
	pub deposit: Balance,
}

/// What became of a role's jobs. Statistics: the numbers saturate.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
)]
pub struct Record {
	/// Confirmed by all.
	pub confirmed: u32,
	/// Neither confirmed nor declined in time.
	pub missed: u32,
	/// Settled.
	pub settled: u32,
	/// Ended by this party being late or at fault.
	pub faults: u32,
}
