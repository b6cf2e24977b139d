//! What pallets, node and workers call by the same name, without FRAME and without the SDK: a browser can link it.
//!
//! * [`job`]: computation contracts, from the request to the result, and the rules that chain and workers apply alike.
//! * [`dataset`]: what data providers offer. [`identity`]: identity keys. [`token`]: the token's allocation.
//! * [`hash`], [`merkle`]: domain-separated hashing, and Merkle trees.
//! * [`x25519`]: which keys a secret can be agreed on with. [`text`]: which text a person may be shown.
//! * [`limits`]: how much of anything there can be.
//!
//! Everything that is hashed or signed is specified byte for byte in `docs/protocol/`.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

extern crate alloc;

pub mod dataset;
pub mod hash;
pub mod identity;
pub mod job;
pub mod limits;
pub mod merkle;
pub mod text;
pub mod token;
pub mod x25519;

#[cfg(feature = "account-id")]
mod account;
mod bytes;
mod ids;

#[cfg(feature = "account-id")]
pub use account::{AccountId, AddressError};
pub use bytes::{Address, Modulus, Name, Number, Sealed};
pub use ids::{DatasetId, JobId, TemplateId};
