//! Weights of `pallet_token_allocation`'s calls.
//!
//! The runtime uses the measured ones in `runtime/src/weights/`. Those below serve tests, and are estimates from above
//! by what each call reads and writes.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use frame_support::{traits::Get, weights::{Weight, constants::RocksDbWeight}};

/// Weight functions needed for `pallet_token_allocation`.
pub trait WeightInfo {
	/// Weight of `grant`. Worst case: the beneficiary's last possible grant.
	fn grant() -> Weight;
	/// Weight of `claim`. Worst case: the last payment, to a new account with as many grants as possible.
	fn claim() -> Weight;
	/// Weight of `withdraw_grant`. Worst case: nothing has vested, so that the record goes.
	fn withdraw_grant() -> Weight;
	/// Weight of `set_policy`.
	fn set_policy() -> Weight;
	/// Weight of `set_fees`.
	fn set_fees() -> Weight;
	/// Weight of `create_account`.
	fn create_account() -> Weight;
	/// Weight of `upgrade_account`.
	fn upgrade_account() -> Weight;
	/// Weight of `register_developer`. Worst case: the longest name.
	fn register_developer() -> Weight;
	/// Weight of `buy_api_calls`.
	fn buy_api_calls() -> Weight;
	/// Weight of `close_account`. Worst case: a developer with the longest name.
	fn close_account() -> Weight;
}

// For tests.
impl WeightInfo for () {
	fn grant() -> Weight {
		Weight::from_parts(200_000_000, 20_000)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
	fn claim() -> Weight {
		Weight::from_parts(200_000_000, 20_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
	fn withdraw_grant() -> Weight {
		Weight::from_parts(200_000_000, 20_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	fn set_policy() -> Weight {
		Weight::from_parts(30_000_000, 20_000)
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn set_fees() -> Weight {
		Weight::from_parts(30_000_000, 20_000)
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn create_account() -> Weight {
		Weight::from_parts(200_000_000, 20_000)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	fn upgrade_account() -> Weight {
		Weight::from_parts(150_000_000, 20_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	fn register_developer() -> Weight {
		Weight::from_parts(200_000_000, 20_000)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	fn buy_api_calls() -> Weight {
		Weight::from_parts(150_000_000, 20_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	fn close_account() -> Weight {
		Weight::from_parts(100_000_000, 20_000)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
}
