//! What pallets, node and workers share, without FRAME: the contract types of [`bmpc`] and the proofs of [`fault`] about
//! them, the commitments of [`merkle`], [`product_tree`] and [`wire`], the randomness of [`selector`], the
//! domain-separated [`hash`] and [`transcript`], the [`token`]'s allocation, the [`identity`] keys, the arithmetic of a
//! [`ring`] and the host functions of [`big_integers`] and [`proof_checks`]; and the traits by which pallets meet:
//! [`bonds`], [`fees`] and [`key_registry`].
//!
//! Everything that is hashed or signed here is specified byte for byte in `docs/protocol/`.

#![cfg_attr(not(feature = "std"), no_std)]
// The host functions' macro writes `unsafe` extern declarations for the Wasm side.
#![allow(unsafe_code)]
#![cfg_attr(
	not(test),
	deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

extern crate alloc;

pub mod big_integers;
pub mod bmpc;
pub mod bonds;
pub mod fault;
pub mod fees;
pub mod hash;
pub mod identity;
pub mod key_registry;
pub mod merkle;
pub mod parts;
pub mod product_tree;
pub mod proof_checks;
pub mod ring;
pub mod selector;
pub mod token;
pub mod transcript;
pub mod wire;
