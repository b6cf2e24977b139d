//! A key, its signatures, and what its revocation takes.

use crate::{encode_scalar, h2f::h2f, SCALAR_LEN};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Bytes of the salt.
pub const SALT_LEN: usize = 16;

/// The salt of a secret's derivation: random, public, kept on chain.
pub type Salt = [u8; SALT_LEN];

/// A public key, by the signatures that it verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum PublicKey {
	/// Schnorr over ristretto255.
	#[codec(index = 0)]
	Sr25519([u8; 32]),
	/// EdDSA over Curve25519.
	#[codec(index = 1)]
	Ed25519([u8; 32]),
	/// ECDSA over secp256k1, compressed.
	#[codec(index = 2)]
	Ecdsa([u8; 33]),
}

impl PublicKey {
	/// The raw bytes.
	pub fn bytes(&self) -> &[u8] {
		match self {
			Self::Sr25519(bytes) | Self::Ed25519(bytes) => bytes,
			Self::Ecdsa(bytes) => bytes,
		}
	}

	/// The type, as it is hashed: the index that the key's encoding begins with.
	pub fn key_type(&self) -> [u8; 1] {
		match self {
			Self::Sr25519(_) => [0],
			Self::Ed25519(_) => [1],
			Self::Ecdsa(_) => [2],
		}
	}

	/// The number that stands for the key in proofs: `H2F("key", key type, public key)`.
	pub fn fingerprint(&self) -> [u8; SCALAR_LEN] {
		encode_scalar(&h2f("key", &[&self.key_type(), self.bytes()]))
	}
}

/// A signature by a key of the same type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum KeySignature {
	/// Schnorr over ristretto255, in the context `substrate`.
	#[codec(index = 0)]
	Sr25519([u8; 64]),
	/// EdDSA over Curve25519 (RFC 8032).
	#[codec(index = 1)]
	Ed25519([u8; 64]),
	/// ECDSA over secp256k1 of the message's Blake2b-256: `r`, `s`, recovery id.
	#[codec(index = 2)]
	Ecdsa([u8; 65]),
}

/// A key, and what its revocation by proof takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct KeyTerms {
	/// The key.
	pub public_key: PublicKey,
	/// `Poseidon(a, key_fp)`, `a` being the secret that a proof shows knowledge of.
	pub commitment: [u8; SCALAR_LEN],
	/// The salt of the secret's derivation.
	pub salt: Salt,
	/// The parameters of the secret's derivation.
	pub kdf: KdfParams,
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

	const KEYS: [PublicKey; 3] = [PublicKey::Sr25519([7; 32]), PublicKey::Ed25519([7; 32]), PublicKey::Ecdsa([7; 33])];

	#[test]
	fn key_type_is_index_of_encoding() {
		for key in KEYS {
			assert_eq!(key.encode(), [&key.key_type(), key.bytes()].concat());
		}
	}

	#[test]
	fn fingerprints_of_equal_bytes_differ_by_type() {
		for (i, key) in KEYS.iter().enumerate() {
			assert!(KEYS.iter().take(i).all(|other| other.fingerprint() != key.fingerprint()), "{key:?}");
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
