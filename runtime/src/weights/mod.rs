//! Weights of our pallets, measured by `scripts/weights`.

pub mod pallet_bmpc;
pub mod pallet_bonds;
pub mod pallet_finality_clock;
pub mod pallet_identity_keys;
pub mod pallet_token_allocation;
