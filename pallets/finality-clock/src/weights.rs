//! Weights of the pallet's call.
//!
//! The runtime uses those measured for it, `runtime/src/weights/`. Those below serve tests, and are set above what such
//! work takes.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use frame_support::{traits::Get, weights::{Weight, constants::RocksDbWeight}};

/// Weight functions needed for `pallet_finality_clock`.
pub trait WeightInfo {
	/// Weight of `attest`. Worst case: as many validators as may, each with an attestation.
	fn attest() -> Weight;
}

// For tests.
impl WeightInfo for () {
	fn attest() -> Weight {
		Weight::from_parts(500_000_000, 16_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
}
