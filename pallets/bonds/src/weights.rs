//! Weights of the pallet's calls and hooks.
//!
//! The runtime uses those measured for it, `runtime/src/weights/`. Those below serve tests, and are set above what such
//! work takes: a bond, a candidate or a validator at 100 microseconds and its storage.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use frame_support::{traits::Get, weights::{Weight, constants::RocksDbWeight}};

/// Weight functions needed for `pallet_bonds`.
pub trait WeightInfo {
	/// Weight of `bond`.
	fn bond() -> Weight;
	/// Weight of `bond_more`. Worst case: as many parts being unbonded as may.
	fn bond_more() -> Weight;
	/// Weight of `unbond`. Worst case: the last part that may.
	fn unbond() -> Weight;
	/// Weight of `withdraw`. Worst case: all parts that may.
	fn withdraw() -> Weight;
	/// Weight of `declare`. Worst case: a candidate of as many as may makes room.
	fn declare() -> Weight;
	/// Weight of `chill`. Worst case: as many candidates as may.
	fn chill() -> Weight;
	/// Weight of `chill_other`. Worst case: as many candidates as may.
	fn chill_other() -> Weight;
	/// Weight of `set_parameters`.
	fn set_parameters() -> Weight;
	/// Weight of noting a block's author. Worst case: the last of as many validators as may.
	fn note_author() -> Weight;
	/// Weight of an election. `c`: candidates.
	fn elect(c: u32, ) -> Weight;
	/// Weight of withholding the bonds of validators that stay for another era. `v`: validators.
	fn withhold_bonds(v: u32, ) -> Weight;
	/// Weight of an era's end. `v`: validators.
	fn end_era(v: u32, ) -> Weight;
	/// Weight of offences' punishment. `o`: offenders.
	fn on_offence(o: u32, ) -> Weight;
}

// For tests.
impl WeightInfo for () {
	fn bond() -> Weight {
		Weight::from_parts(100_000_000, 8_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	fn bond_more() -> Weight {
		Weight::from_parts(100_000_000, 8_000)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	fn unbond() -> Weight {
		Weight::from_parts(100_000_000, 12_000)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(100_000_000, 8_000)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	fn declare() -> Weight {
		Weight::from_parts(1_000_000_000, 1_000_000)
			.saturating_add(RocksDbWeight::get().reads(200_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn chill() -> Weight {
		Weight::from_parts(100_000_000, 12_000)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn chill_other() -> Weight {
		Weight::from_parts(100_000_000, 16_000)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn set_parameters() -> Weight {
		Weight::from_parts(50_000_000, 0)
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn note_author() -> Weight {
		Weight::from_parts(50_000_000, 12_000)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn elect(c: u32, ) -> Weight {
		Weight::from_parts(100_000_000, 16_000)
			.saturating_add(Weight::from_parts(100_000_000, 6_000).saturating_mul(c.into()))
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().reads((2_u64).saturating_mul(c.into())))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn withhold_bonds(v: u32, ) -> Weight {
		Weight::from_parts(100_000_000, 16_000)
			.saturating_add(Weight::from_parts(100_000_000, 6_000).saturating_mul(v.into()))
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(v.into())))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(v.into())))
	}
	fn end_era(v: u32, ) -> Weight {
		Weight::from_parts(100_000_000, 16_000)
			.saturating_add(Weight::from_parts(100_000_000, 6_000).saturating_mul(v.into()))
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().reads((2_u64).saturating_mul(v.into())))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
			.saturating_add(RocksDbWeight::get().writes((2_u64).saturating_mul(v.into())))
	}
	fn on_offence(o: u32, ) -> Weight {
		Weight::from_parts(100_000_000, 16_000)
			.saturating_add(Weight::from_parts(200_000_000, 12_000).saturating_mul(o.into()))
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().reads((5_u64).saturating_mul(o.into())))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
			.saturating_add(RocksDbWeight::get().writes((5_u64).saturating_mul(o.into())))
	}
}
