//! Weights of `pallet_bmpc`, written by `scripts/weights` (Substrate benchmark CLI 64.0.0) on 2026-11-20.
//!
//! CPU: Intel(R) Xeon(R) Processor @ 2.50GHz. Wasm: Compiled. Steps: 20, repetitions: 10.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights as measured on this runtime.
#[derive(Debug)]
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> ::pallet_bmpc::WeightInfo for WeightInfo<T> {
	/// Storage: `Bmpc::Roles` (r:1 w:1)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(666), added: 3141, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn register_role() -> Weight {
		// Fastest run: 19_510_590 ns.
		Weight::from_parts(30_971_930_000, 4131)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bmpc::Roles` (r:1 w:1)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(666), added: 3141, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn update_role() -> Weight {
		// Fastest run: 22_739_422 ns.
		Weight::from_parts(39_209_406_000, 4131)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bmpc::Roles` (r:1 w:1)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(666), added: 3141, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn unregister_role() -> Weight {
		// Fastest run: 131_308 ns.
		Weight::from_parts(195_939_000, 4131)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bmpc::Roles` (r:1 w:0)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(666), added: 3141, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::NextTemplateId` (r:1 w:0)
	/// Proof: `Bmpc::NextTemplateId` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::NextDataSetId` (r:1 w:1)
	/// Proof: `Bmpc::NextDataSetId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::DataSets` (r:0 w:1)
	/// Proof: `Bmpc::DataSets` (`max_values`: None, `max_size`: Some(19759), added: 22234, mode: `MaxEncodedLen`)
	/// `c` is in `[1, 256]`.
	fn register_dataset(c: u32) -> Weight {
		// Fastest run: 135_229 ns.
		Weight::from_parts(244_175_152, 4131)
			.saturating_add(Weight::from_parts(3_255_644, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `Bmpc::DataSets` (r:1 w:1)
	/// Proof: `Bmpc::DataSets` (`max_values`: None, `max_size`: Some(19759), added: 22234, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::NextTemplateId` (r:1 w:0)
	/// Proof: `Bmpc::NextTemplateId` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn update_dataset() -> Weight {
		// Fastest run: 218_760 ns.
		Weight::from_parts(445_305_000, 23224)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bmpc::DataSets` (r:1 w:1)
	/// Proof: `Bmpc::DataSets` (`max_values`: None, `max_size`: Some(19759), added: 22234, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn withdraw_dataset() -> Weight {
		// Fastest run: 180_211 ns.
		Weight::from_parts(273_291_000, 23224)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bmpc::NextTemplateId` (r:1 w:1)
	/// Proof: `Bmpc::NextTemplateId` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Templates` (r:0 w:1)
	/// Proof: `Bmpc::Templates` (`max_values`: None, `max_size`: Some(78), added: 2553, mode: `MaxEncodedLen`)
	fn add_template() -> Weight {
		// Fastest run: 26_900 ns.
		Weight::from_parts(45_228_000, 1487)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Bmpc::Templates` (r:1 w:1)
	/// Proof: `Bmpc::Templates` (`max_values`: None, `max_size`: Some(78), added: 2553, mode: `MaxEncodedLen`)
	fn retire_template() -> Weight {
		// Fastest run: 33_067 ns.
		Weight::from_parts(55_361_000, 3543)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Bmpc::Templates` (r:1 w:0)
	/// Proof: `Bmpc::Templates` (`max_values`: None, `max_size`: Some(78), added: 2553, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::DataSets` (r:16 w:0)
	/// Proof: `Bmpc::DataSets` (`max_values`: None, `max_size`: Some(19759), added: 22234, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Answers` (r:16 w:16)
	/// Proof: `Bmpc::Answers` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::ActiveJobs` (r:34 w:34)
	/// Proof: `Bmpc::ActiveJobs` (`max_values`: None, `max_size`: Some(2098), added: 4573, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Roles` (r:33 w:33)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(666), added: 3141, mode: `MaxEncodedLen`)
	/// Storage: `TokenAllocation::Fees` (r:1 w:0)
	/// Proof: `TokenAllocation::Fees` (`max_values`: Some(1), `max_size`: Some(116), added: 611, mode: `MaxEncodedLen`)
	/// Storage: `Staking::Ledgers` (r:33 w:33)
	/// Proof: `Staking::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::NextJobId` (r:1 w:1)
	/// Proof: `Bmpc::NextJobId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Jobs` (r:0 w:1)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(32683), added: 35158, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:0 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// `d` is in `[1, 16]`.
	/// `c` is in `[1, 16]`.
	fn request(d: u32, c: u32) -> Weight {
		// Fastest run: 21_326_897 ns.
		Weight::from_parts(40_762_996_775, 10136)
			.saturating_add(Weight::from_parts(117_693_772, 0).saturating_mul(d.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(5_u64.saturating_mul(d.into())))
			.saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes(9))
			.saturating_add(T::DbWeight::get().writes(4_u64.saturating_mul(d.into())))
			.saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(c.into())))
			.saturating_add(Weight::from_parts(0, 4573).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(0, 22234).saturating_mul(d.into()))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(32683), added: 35158, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	fn confirm() -> Weight {
		// Fastest run: 214_727 ns.
		Weight::from_parts(247_248_000, 36148)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(32683), added: 35158, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::ActiveJobs` (r:34 w:34)
	/// Proof: `Bmpc::ActiveJobs` (`max_values`: None, `max_size`: Some(2098), added: 4573, mode: `MaxEncodedLen`)
	/// Storage: `Staking::Ledgers` (r:33 w:33)
	/// Proof: `Staking::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Roles` (r:33 w:33)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(666), added: 3141, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Answers` (r:16 w:16)
	/// Proof: `Bmpc::Answers` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// `p` is in `[3, 33]`.
	fn decline(p: u32) -> Weight {
		// Fastest run: 373_265 ns.
		Weight::from_parts(397_390_000, 36148)
			.saturating_add(Weight::from_parts(61_059_085, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads(4_u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(T::DbWeight::get().writes(4_u64.saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 4573).saturating_mul(p.into()))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(32683), added: 35158, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:0 w:1)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn commit_selection() -> Weight {
		// Fastest run: 266_202 ns.
		Weight::from_parts(452_273_000, 36148)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(32683), added: 35158, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:0 w:1)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn commit_inputs() -> Weight {
		// Fastest run: 354_034 ns.
		Weight::from_parts(386_630_000, 36148)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(32683), added: 35158, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:0 w:1)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn commit_output() -> Weight {
		// Fastest run: 255_901 ns.
		Weight::from_parts(382_537_000, 36148)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(32683), added: 35158, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:0 w:1)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn commit_result() -> Weight {
		// Fastest run: 243_362 ns.
		Weight::from_parts(462_142_000, 36148)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(32683), added: 35158, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:35 w:35)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::ActiveJobs` (r:34 w:34)
	/// Proof: `Bmpc::ActiveJobs` (`max_values`: None, `max_size`: Some(2098), added: 4573, mode: `MaxEncodedLen`)
	/// Storage: `Staking::Ledgers` (r:33 w:33)
	/// Proof: `Staking::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Roles` (r:33 w:33)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(666), added: 3141, mode: `MaxEncodedLen`)
	/// `p` is in `[3, 33]`.
	fn settle(p: u32) -> Weight {
		// Fastest run: 927_900 ns.
		Weight::from_parts(804_111_678, 36148)
			.saturating_add(Weight::from_parts(234_758_233, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(4_u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(5))
			.saturating_add(T::DbWeight::get().writes(4_u64.saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 4573).saturating_mul(p.into()))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(32683), added: 35158, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:35 w:35)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:17 w:17)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:18 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	/// Storage: `Staking::Ledgers` (r:33 w:33)
	/// Proof: `Staking::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::ActiveJobs` (r:34 w:34)
	/// Proof: `Bmpc::ActiveJobs` (`max_values`: None, `max_size`: Some(2098), added: 4573, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Roles` (r:33 w:33)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(666), added: 3141, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Answers` (r:16 w:16)
	/// Proof: `Bmpc::Answers` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// `p` is in `[3, 33]`.
	fn expire(p: u32) -> Weight {
		// Fastest run: 749_880 ns.
		Weight::from_parts(1_239_718_141, 36148)
			.saturating_add(Weight::from_parts(185_053_070, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(6_u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(T::DbWeight::get().writes(5_u64.saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 4573).saturating_mul(p.into()))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:1)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(32683), added: 35158, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:0 w:67)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn clear_job() -> Weight {
		// Fastest run: 492_430 ns.
		Weight::from_parts(569_192_000, 36148)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(71))
	}

	// Not measured in Wasm yet: the pallet's own, bounded by native measurements.

	fn check_product() -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::check_product()
	}
	fn check_shape() -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::check_shape()
	}
	fn check_output() -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::check_output()
	}
	fn check_result() -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::check_result()
	}
	fn check_selector() -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::check_selector()
	}
	fn check_selection_proof(b: u32) -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::check_selection_proof(b)
	}
	fn check_entry() -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::check_entry()
	}
	fn check_column() -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::check_column()
	}
	fn convict(p: u32) -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::convict(p)
	}
	fn release_demands(d: u32) -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::release_demands(d)
	}
	fn demand() -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::demand()
	}
	fn answer(b: u32) -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::answer(b)
	}
	fn authorize() -> Weight {
		<() as ::pallet_bmpc::WeightInfo>::authorize()
	}
}
