//! Proofs that a party of a job is at fault: one extrinsic each, checked by arithmetic alone. The pallet, the workers and
//! audits run the same [`check`]; [`find`] makes the proofs. What is shown, and to whom it is charged, is in
//! `docs/protocol/bmpc.md`.
//!
//! * [`product_tree`], [`wire`]: what parties commit to and publish. [`unit`], [`answer`]: chunks of it that are published
//!   on chain: checked, made and read.
//! * [`selector`], [`transcript`]: randomness that parties share, and Fiat-Shamir challenges.
//! * [`transfer_proof`]: that a data provider knows what it transfers.
//! * [`ring`], [`modulus`]: Paillier's public arithmetic, over the [`big_integers`] of whoever computes.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

extern crate alloc;

pub mod answer;
pub mod big_integers;
pub mod find;
pub mod modulus;
pub mod product_tree;
pub mod ring;
#[cfg(any(test, feature = "samples"))]
pub mod sample;
pub mod selector;
pub mod transcript;
pub mod transfer_proof;
pub mod unit;
pub mod wire;

mod check;
mod committed;
mod context;
mod fault;
mod opening;
mod selection_proof;
mod verdict;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

pub use check::check;
pub use context::FaultContext;
pub use fault::{
	message_bytes, Chunk, CiphertextProof, EntryProof, Fault, MaxMessage, Message, Opening, Producer, SelectorProof,
};
pub use opening::{opening_holds, opening_power};
pub use selection_proof::Statement;
pub use verdict::{FaultError, Verdict};
