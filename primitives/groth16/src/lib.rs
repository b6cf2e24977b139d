//! Groth16 over BN254 (<https://eprint.iacr.org/2016/260>) as the chain verifies it, and the numbers to which a proof
//! about an identity key is bound.
//!
//! * [`VerifyingKey`], [`Proof`]: their exact bytes, those of Ethereum's precompiled contracts (EIP-196, EIP-197).
//! * [`PreparedKey`]: a key validated once, with everything that does not depend on a proof computed.
//! * [`verify`], [`verify_batch`]: bytes in, a [`Verdict`] out; many proofs share one final exponentiation.
//! * [`h2f`], [`identity`]: hashes to the scalar field, and what the circuit of an identity key takes as public inputs.
//!
//! All bytes are specified in `docs/protocol/identity.md`.
//!
//! # Security
//!
//! *Checks.* What is decoded is canonical, on its curve, in the subgroup of order `r` and not the identity; the number of
//! public inputs is that of the key. No bytes make this crate panic.
//!
//! *Malleability.* Anybody can turn a proof into another proof of the same statement. A proof's bytes or hash identify
//! nothing; whatever must not be replayed belongs into the public inputs.
//!
//! *Timing.* Nothing here is secret, and nothing is constant time.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

extern crate alloc;

pub mod h2f;
pub mod identity;
#[cfg(any(test, feature = "simulation"))]
pub mod simulation;

mod batch;
mod dot;
mod encoding;
mod error;
mod lines;
mod miller;
mod msm;
mod prepared;
mod proof;
mod subgroup;
mod verifying_key;

#[cfg(test)]
mod tests;

pub use ark_bn254::{Fr, G1Affine, G2Affine};
pub use batch::verify_batch;
pub use encoding::{decode_inputs, decode_scalar, encode_inputs, encode_scalar, G1_LEN, G2_LEN, SCALAR_LEN};
pub use error::{verdict_from_code, verdict_to_code, Error, Verdict};
pub use prepared::{verify, PreparedKey};
pub use proof::{Proof, PROOF_LEN};
pub use verifying_key::{VerifyingKey, MAX_INPUTS};
