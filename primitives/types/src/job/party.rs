//! Who takes part in jobs, and how they are reached.

use crate::bytes::{Address, Modulus};
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
	/// Answers for data sets; segments, encrypts and commits their columns.
	DataProvider,
	/// Multiplies ciphertexts.
	ComputingProvider,
	/// Schedules jobs blind and aggregates outputs.
	Coordinator,
}

/// What a party offers in a role, and for how much.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Offer<Balance> {
	/// A data provider: its data sets carry the prices.
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

/// A registered role.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Registration<Balance> {
	/// Keys and address.
	pub endpoint: Endpoint,
	/// Offer and price.
	pub offer: Offer<Balance>,
	/// Jobs under way in this role; the role cannot be given up before they end.
	pub jobs: u32,
	/// Storage deposit on hold.
	pub deposit: Balance,
}
