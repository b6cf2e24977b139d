//! Host functions: what the node computes for the runtime at native speed. Each has a pure fallback, and the tests hold both
//! to the same bytes. Names and encodings are permanent.
//!
//! [`big_integers`] is modular arithmetic, [`proof_checks`] the verification of Groth16 proofs. A node lists
//! [`HostFunctions`] with those of the SDK.

#![cfg_attr(not(feature = "std"), no_std)]
// The host functions' macro writes `unsafe` extern declarations for the Wasm side.
#![allow(unsafe_code)]
#![cfg_attr(
	not(test),
	deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

extern crate alloc;

pub mod big_integers;
pub mod proof_checks;

/// All of them.
#[cfg(feature = "std")]
pub type HostFunctions = (big_integers::big_integers::HostFunctions, proof_checks::proof_checks::HostFunctions);
