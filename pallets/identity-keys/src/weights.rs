//! Weights of `pallet_identity_keys`' calls.
//!
//! The runtime uses the measured ones in `runtime/src/weights/`. Those below serve tests, and are set above what was
//! ever measured: a proof, a batch's proof and a prepared key by their pairings, a key's signature at 250 microseconds,
//! everything else at 150 microseconds and its storage.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use frame_support::{traits::Get, weights::{Weight, constants::RocksDbWeight}};

/// Weight functions needed for `pallet_identity_keys`.
pub trait WeightInfo {
	/// Weight of `appoint_node`.
	fn appoint_node() -> Weight;
	/// Weight of `dismiss_node`.
	fn dismiss_node() -> Weight;
	/// Weight of `request_key`. Worst case: an ECDSA key.
	fn request_key() -> Weight;
	/// Weight of `issue_key`.
	fn issue_key() -> Weight;
	/// Weight of `refuse_key`.
	fn refuse_key() -> Weight;
	/// Weight of `expire_request`.
	fn expire_request() -> Weight;
	/// Weight of `revoke_key`. Worst case: a good proof.
	fn revoke_key() -> Weight;
	/// Weight of `rotate_key`. Worst case: a good proof, an ECDSA key.
	fn rotate_key() -> Weight;
	/// Weight of `revoke_keys`. `n`: proofs. Worst case: well-formed ones of which every second is bad.
	fn revoke_keys(n: u32, ) -> Weight;
	/// Weight of `revoke_keys` where every proof is good. `n`: proofs.
	fn revoke_keys_good(n: u32, ) -> Weight;
	/// Weight of `set_verifying_key`.
	fn set_verifying_key() -> Weight;
	/// Weight of `set_identity_required`.
	fn set_identity_required() -> Weight;
}

// For tests.
impl WeightInfo for () {
	fn appoint_node() -> Weight {
		Weight::from_parts(150_000_000, 4_000)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn dismiss_node() -> Weight {
		Weight::from_parts(150_000_000, 4_000)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn request_key() -> Weight {
		Weight::from_parts(400_000_000, 12_000)
			.saturating_add(RocksDbWeight::get().reads(9_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
	fn issue_key() -> Weight {
		Weight::from_parts(150_000_000, 12_000)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
	}
	fn refuse_key() -> Weight {
		Weight::from_parts(150_000_000, 8_000)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	fn expire_request() -> Weight {
		Weight::from_parts(150_000_000, 8_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	fn revoke_key() -> Weight {
		Weight::from_parts(2_500_000_000, 32_000)
			.saturating_add(RocksDbWeight::get().reads(7_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	fn rotate_key() -> Weight {
		Weight::from_parts(2_950_000_000, 40_000)
			.saturating_add(RocksDbWeight::get().reads(10_u64))
			.saturating_add(RocksDbWeight::get().writes(9_u64))
	}
	fn revoke_keys(n: u32, ) -> Weight {
		Weight::from_parts(2_500_000_000, 32_000)
			.saturating_add(Weight::from_parts(6_000_000_000, 8_000).saturating_mul(n.into()))
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().reads((4_u64).saturating_mul(n.into())))
			.saturating_add(RocksDbWeight::get().writes((4_u64).saturating_mul(n.into())))
	}
	fn revoke_keys_good(n: u32, ) -> Weight {
		Weight::from_parts(2_500_000_000, 32_000)
			.saturating_add(Weight::from_parts(1_000_000_000, 8_000).saturating_mul(n.into()))
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().reads((4_u64).saturating_mul(n.into())))
			.saturating_add(RocksDbWeight::get().writes((4_u64).saturating_mul(n.into())))
	}
	fn set_verifying_key() -> Weight {
		Weight::from_parts(100_000_000_000, 32_000)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	fn set_identity_required() -> Weight {
		Weight::from_parts(50_000_000, 0)
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
}
