//! What a proof about an identity key is bound to, computed alike by the chain and by the prover.
//!
//! The circuit's public inputs are, in this order, the commitment `C = Poseidon(a, key_fp)`, the key's fingerprint
//! `key_fp` and the context `ctx`. The chain keeps `C` and computes the other two itself.

use crate::{encode_scalar, h2f::h2f, VerifyingKey, SCALAR_LEN};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// How many public inputs the circuit has.
pub const INPUTS: usize = 3;
/// Bytes of the circuit's public inputs.
pub const INPUTS_LEN: usize = INPUTS * SCALAR_LEN;
/// Bytes of a verifying key of the circuit.
pub const VERIFYING_KEY_LEN: usize = VerifyingKey::len_with_inputs(INPUTS);
/// Bytes of the salt.
pub const SALT_LEN: usize = 16;

/// The salt of a secret's derivation: random, public, kept on chain.
pub type Salt = [u8; SALT_LEN];

/// The verifying key made from a public seed. **Anybody can forge proofs under it**: for development chains alone.
pub const DEV_VERIFYING_KEY: &[u8; VERIFYING_KEY_LEN] = include_bytes!("dev_verifying_key.bin");

/// What a proof asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action<'a> {
	/// The end of the key.
	Revoke,
	/// The end of the key, and another public key in its place.
	Rotate {
		/// The public key that takes its place, its raw bytes.
		new_key: &'a [u8],
	},
}

/// The fingerprint of a public key, given by its raw bytes: `H2F("key", public key)`.
pub fn key_fingerprint(public_key: &[u8]) -> [u8; SCALAR_LEN] {
	encode_scalar(&h2f("key", &[public_key]))
}

/// The context of a proof: `H2F("revoke" | "rotate", genesis, key id, submitter, [new key])`.
///
/// It makes a copied proof worthless in another's hands, on another chain, for another key or another action. `key_id` is
/// hashed as a little-endian `u64`.
pub fn context(action: Action<'_>, genesis: &[u8; 32], key_id: u64, submitter: &[u8; 32]) -> [u8; SCALAR_LEN] {
	let key_id = key_id.to_le_bytes();
	let place: [&[u8]; 3] = [genesis, &key_id, submitter];
	encode_scalar(&match action {
		Action::Revoke => h2f("revoke", &place),
		Action::Rotate { new_key } => {
			let [genesis, key_id, submitter] = place;
			h2f("rotate", &[genesis, key_id, submitter, new_key])
		},
	})
}

/// The circuit's public inputs, for [`verify`](crate::verify).
pub fn public_inputs(
	commitment: &[u8; SCALAR_LEN],
	fingerprint: &[u8; SCALAR_LEN],
	context: &[u8; SCALAR_LEN],
) -> Vec<u8> {
	[*commitment, *fingerprint, *context].concat()
}

/// How a secret is derived from an answer: Argon2id's parameters (RFC 9106, section 3.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct KdfParams {
	/// Memory, in KiB.
	pub memory_kib: u32,
	/// Passes over the memory.
	pub passes: u32,
	/// Lanes.
	pub lanes: u32,
}

impl KdfParams {
	/// The memory that is accepted, in KiB: 16 MiB to 256 MiB.
	pub const MEMORY_KIB: core::ops::RangeInclusive<u32> = 16_384..=262_144;
	/// The passes that are accepted.
	pub const PASSES: core::ops::RangeInclusive<u32> = 1..=8;
	/// The lanes that are accepted.
	pub const LANES: core::ops::RangeInclusive<u32> = 1..=4;

	/// # Errors
	///
	/// The first parameter outside the range that is accepted: weaker ones let an answer be guessed, stronger ones keep its
	/// owner waiting or need memory that phones lack.
	pub fn check(&self) -> Result<(), KdfParamsError> {
		for (range, value, error) in [
			(Self::MEMORY_KIB, self.memory_kib, KdfParamsError::Memory),
			(Self::PASSES, self.passes, KdfParamsError::Passes),
			(Self::LANES, self.lanes, KdfParamsError::Lanes),
		] {
			if !range.contains(&value) {
				return Err(error);
			}
		}
		Ok(())
	}
}

impl Default for KdfParams {
	/// 64 MiB, three passes, one lane.
	fn default() -> Self {
		Self { memory_kib: 65_536, passes: 3, lanes: 1 }
	}
}

/// A parameter of the derivation that is not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum KdfParamsError {
	/// Not in [`KdfParams::MEMORY_KIB`].
	#[codec(index = 0)]
	Memory,
	/// Not in [`KdfParams::PASSES`].
	#[codec(index = 1)]
	Passes,
	/// Not in [`KdfParams::LANES`].
	#[codec(index = 2)]
	Lanes,
}

impl core::fmt::Display for KdfParamsError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.write_str(match self {
			Self::Memory => "the derivation's memory must be 16384 to 262144 KiB",
			Self::Passes => "the derivation takes 1 to 8 passes",
			Self::Lanes => "the derivation has 1 to 4 lanes",
		})
	}
}

impl core::error::Error for KdfParamsError {}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn contexts_differ_in_every_part() {
		let contexts = [
			context(Action::Revoke, &[1; 32], 2, &[3; 32]),
			context(Action::Revoke, &[9; 32], 2, &[3; 32]),
			context(Action::Revoke, &[1; 32], 9, &[3; 32]),
			context(Action::Revoke, &[1; 32], 2, &[9; 32]),
			context(Action::Rotate { new_key: &[] }, &[1; 32], 2, &[3; 32]),
			context(Action::Rotate { new_key: &[4; 32] }, &[1; 32], 2, &[3; 32]),
			context(Action::Rotate { new_key: &[4; 33] }, &[1; 32], 2, &[3; 32]),
		];
		for (i, context) in contexts.iter().enumerate() {
			assert!(!contexts.iter().take(i).any(|other| other == context), "{i}");
		}
	}

	#[test]
	fn parameters_at_their_bounds() {
		let good = KdfParams::default();
		for (params, expected) in [
			(good, Ok(())),
			(KdfParams { memory_kib: 16_384, ..good }, Ok(())),
			(KdfParams { memory_kib: 16_383, ..good }, Err(KdfParamsError::Memory)),
			(KdfParams { memory_kib: 262_144, ..good }, Ok(())),
			(KdfParams { memory_kib: 262_145, ..good }, Err(KdfParamsError::Memory)),
			(KdfParams { memory_kib: 100 << 20, ..good }, Err(KdfParamsError::Memory)),
			(KdfParams { passes: 0, ..good }, Err(KdfParamsError::Passes)),
			(KdfParams { passes: 1, ..good }, Ok(())),
			(KdfParams { passes: 8, ..good }, Ok(())),
			(KdfParams { passes: 9, ..good }, Err(KdfParamsError::Passes)),
			(KdfParams { lanes: 0, ..good }, Err(KdfParamsError::Lanes)),
			(KdfParams { lanes: 4, ..good }, Ok(())),
			(KdfParams { lanes: 5, ..good }, Err(KdfParamsError::Lanes)),
		] {
			assert_eq!(params.check(), expected, "{params:?}");
		}
	}
}
