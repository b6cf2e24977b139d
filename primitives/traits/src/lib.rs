//! How pallets meet: [`bonds`], [`fees`], [`finality`] and [`key_registry`]. The runtime connects them; no pallet depends
//! on another.
//!
//! A crate of its own, since these traits speak of the SDK's `DispatchError` and `Permill`, and `encrytrust-types` is free of
//! the SDK. Only pallets and what is above them need this one.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

pub mod bonds;
pub mod fees;
pub mod finality;
pub mod key_registry;
