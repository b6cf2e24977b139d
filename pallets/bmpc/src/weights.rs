//! Weights of `pallet_bmpc`'s calls.
//!
//! The runtime uses the measured ones in `runtime/src/weights/`. Those below serve tests, and are set above what was
//! ever measured: a test of modular exponentiation by the host at 100 ms, and everything else by its storage.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use frame_support::{traits::Get, weights::{Weight, constants::RocksDbWeight}};

/// Weight functions needed for `pallet_bmpc`.
pub trait WeightInfo {
	/// Weight of `register_role`. Worst case: a computing provider with a key of 3072 bits.
	fn register_role() -> Weight;
	/// Weight of `update_role`. Worst case: a computing provider with a key of 3072 bits.
	fn update_role() -> Weight;
	/// Weight of `unregister_role`.
	fn unregister_role() -> Weight;
	/// Weight of `register_dataset`. `c`: columns.
	fn register_dataset(c: u32, ) -> Weight;
	/// Weight of `update_dataset`.
	fn update_dataset() -> Weight;
	/// Weight of `refresh_dataset`.
	fn refresh_dataset() -> Weight;
	/// Weight of `withdraw_dataset`.
	fn withdraw_dataset() -> Weight;
	/// Weight of `add_template`.
	fn add_template() -> Weight;
	/// Weight of `retire_template`.
	fn retire_template() -> Weight;
	/// Weight of `request`. `d`: datasets. `c`: computing providers.
	fn request(d: u32, c: u32, ) -> Weight;
	/// Weight of `confirm`. Worst case: the last one of 33 parties, which binds all of them.
	fn confirm() -> Weight;
	/// Weight of `confirm` unless it is the last one.
	fn confirm_first() -> Weight;
	/// Weight of `decline`. `p`: parties.
	fn decline(p: u32, ) -> Weight;
	/// Weight of `commit_selection`.
	fn commit_selection() -> Weight;
	/// Weight of `commit_inputs`.
	fn commit_inputs() -> Weight;
	/// Weight of `commit_output`.
	fn commit_output() -> Weight;
	/// Weight of `commit_result`.
	fn commit_result() -> Weight;
	/// Weight of `settle` (and `accept`). `p`: parties.
	fn settle(p: u32, ) -> Weight;
	/// Weight of `expire`. `p`: parties. Worst case: every data provider delivered, no computing provider did.
	fn expire(p: u32, ) -> Weight;
	/// Weight of `clear_job`.
	fn clear_job() -> Weight;
	/// Weight of what a report's proof takes to be checked. Worst case: a tree of a million leaves, 3072 bits.
	fn check_product() -> Weight;
	/// As [`WeightInfo::check_product`], of a node that holds a power.
	fn check_power() -> Weight;
	/// As [`WeightInfo::check_product`].
	fn check_shape() -> Weight;
	/// As [`WeightInfo::check_product`].
	fn check_output() -> Weight;
	/// As [`WeightInfo::check_product`].
	fn check_result() -> Weight;
	/// As [`WeightInfo::check_product`].
	fn check_selector() -> Weight;
	/// As [`WeightInfo::check_product`]. `b`: KiB of the message.
	fn check_selection_proof(b: u32, ) -> Weight;
	/// As [`WeightInfo::check_product`].
	fn check_entry() -> Weight;
	/// As [`WeightInfo::check_product`].
	fn check_column() -> Weight;
	/// As [`WeightInfo::check_product`].
	fn check_transfer() -> Weight;
	/// Weight of a job's end by somebody's fault, `expire_challenge` as much as `report_fault`. `p`: parties.
	fn convict(p: u32, ) -> Weight;
	/// Weight of `challenge`. Worst case: a job of as many units as can be. `u`: units that are named.
	fn challenge(u: u32, ) -> Weight;
	/// Weight of `publish` with a chunk of a selection message. `b`: KiB.
	fn publish_selection(b: u32, ) -> Weight;
	/// Weight of `publish` with a chunk of entries, or of a message of a data provider. `b`: KiB.
	fn publish_inputs(b: u32, ) -> Weight;
	/// Weight of `publish` with trees. `b`: KiB.
	fn publish_trees(b: u32, ) -> Weight;
	/// Weight of looking whether a call without account is due.
	fn authorize() -> Weight;
}

// For tests.
impl WeightInfo for () {
	fn register_role() -> Weight {
		Weight::from_parts(100_000_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	fn update_role() -> Weight {
		Weight::from_parts(100_000_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	fn unregister_role() -> Weight {
		Weight::from_parts(60_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	fn register_dataset(c: u32, ) -> Weight {
		Weight::from_parts(150_000_000, 60_000)
			.saturating_add(Weight::from_parts(3_000_000, 4_000).saturating_mul(c.into()))
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	fn update_dataset() -> Weight {
		Weight::from_parts(150_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	fn refresh_dataset() -> Weight {
		Weight::from_parts(150_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn withdraw_dataset() -> Weight {
		Weight::from_parts(150_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	fn add_template() -> Weight {
		Weight::from_parts(30_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	fn retire_template() -> Weight {
		Weight::from_parts(30_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn request(d: u32, c: u32, ) -> Weight {
		Weight::from_parts(100_500_000_000, 60_000)
			.saturating_add(Weight::from_parts(150_000_000, 4_000).saturating_mul(d.into()))
			.saturating_add(Weight::from_parts(60_000_000, 4_000).saturating_mul(c.into()))
			.saturating_add(RocksDbWeight::get().reads(16_u64))
			.saturating_add(RocksDbWeight::get().reads((8_u64).saturating_mul(d.into())))
			.saturating_add(RocksDbWeight::get().reads((5_u64).saturating_mul(c.into())))
			.saturating_add(RocksDbWeight::get().writes(13_u64))
			.saturating_add(RocksDbWeight::get().writes((5_u64).saturating_mul(d.into())))
			.saturating_add(RocksDbWeight::get().writes((3_u64).saturating_mul(c.into())))
	}
	/// An estimate: the last confirmation engages the bonds, holds the charges and takes the slots of 33 parties.
	fn confirm() -> Weight {
		Weight::from_parts(6_000_000_000, 400_000)
			.saturating_add(RocksDbWeight::get().reads(300_u64))
			.saturating_add(RocksDbWeight::get().writes(270_u64))
	}
	fn confirm_first() -> Weight {
		Weight::from_parts(1_500_000_000, 120_000)
			.saturating_add(RocksDbWeight::get().reads(6_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	fn decline(p: u32, ) -> Weight {
		Weight::from_parts(300_000_000, 60_000)
			.saturating_add(Weight::from_parts(20_000_000, 4_000).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(6_u64))
			.saturating_add(RocksDbWeight::get().reads((4_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
			.saturating_add(RocksDbWeight::get().writes((4_u64).saturating_mul(p.into())))
	}
	fn commit_selection() -> Weight {
		Weight::from_parts(250_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	fn commit_inputs() -> Weight {
		Weight::from_parts(250_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	fn commit_output() -> Weight {
		Weight::from_parts(250_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	fn commit_result() -> Weight {
		Weight::from_parts(250_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	fn settle(p: u32, ) -> Weight {
		Weight::from_parts(400_000_000, 60_000)
			.saturating_add(Weight::from_parts(100_000_000, 4_000).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(6_u64))
			.saturating_add(RocksDbWeight::get().reads((5_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
			.saturating_add(RocksDbWeight::get().writes((5_u64).saturating_mul(p.into())))
	}
	fn expire(p: u32, ) -> Weight {
		Weight::from_parts(300_000_000, 60_000)
			.saturating_add(Weight::from_parts(250_000_000, 12_000).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(8_u64))
			.saturating_add(RocksDbWeight::get().reads((7_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
			.saturating_add(RocksDbWeight::get().writes((6_u64).saturating_mul(p.into())))
	}
	fn clear_job() -> Weight {
		Weight::from_parts(500_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(73_u64))
	}
	fn check_product() -> Weight {
		Weight::from_parts(3_000_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
	}
	fn check_power() -> Weight {
		Weight::from_parts(5_000_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
	}
	fn check_shape() -> Weight {
		Weight::from_parts(1_000_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
	}
	fn check_output() -> Weight {
		Weight::from_parts(90_000_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
	}
	fn check_result() -> Weight {
		Weight::from_parts(1_000_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
	}
	fn check_selector() -> Weight {
		Weight::from_parts(90_000_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
	}
	fn check_selection_proof(b: u32, ) -> Weight {
		Weight::from_parts(100_000_000_000, 60_000)
			.saturating_add(Weight::from_parts(700_000_000, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads(4_u64))
	}
	fn check_entry() -> Weight {
		Weight::from_parts(3_000_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
	}
	fn check_column() -> Weight {
		Weight::from_parts(100_000_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
	}
	fn check_transfer() -> Weight {
		Weight::from_parts(120_000_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
	}
	fn convict(p: u32, ) -> Weight {
		Weight::from_parts(400_000_000, 60_000)
			.saturating_add(Weight::from_parts(250_000_000, 12_000).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads((8_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes((7_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().reads(10_u64))
			.saturating_add(RocksDbWeight::get().writes(10_u64))
	}
	/// An estimate: 1,024 units are compared with those needed.
	fn challenge(u: u32, ) -> Weight {
		Weight::from_parts(1_000_000_000, 120_000)
			.saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(u.into()))
			.saturating_add(RocksDbWeight::get().reads(6_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	fn publish_selection(b: u32, ) -> Weight {
		Weight::from_parts(400_000_000, 60_000)
			.saturating_add(Weight::from_parts(30_000_000, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads(7_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
	fn publish_inputs(b: u32, ) -> Weight {
		Weight::from_parts(400_000_000, 60_000)
			.saturating_add(Weight::from_parts(30_000_000, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads(7_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
	fn publish_trees(b: u32, ) -> Weight {
		Weight::from_parts(400_000_000, 60_000)
			.saturating_add(Weight::from_parts(30_000_000, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads(7_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
	fn authorize() -> Weight {
		Weight::from_parts(30_000_000, 60_000)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
	}
}
