//! Weights of `pallet_bmpc`, written by `scripts/weights` (Substrate benchmark CLI 64.0.0) on 2026-11-21.
//!
//! CPU: Intel(R) Xeon(R) Processor @ 2.50GHz. Wasm: Compiled. Steps: 20, repetitions: 10.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights as measured on this runtime.
#[derive(Debug)]
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> ::pallet_bmpc::WeightInfo for WeightInfo<T> {
	/// Storage: `Bmpc::Roles` (r:1 w:1)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(698), added: 3173, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::NewestKey` (r:1 w:0)
	/// Proof: `IdentityKeys::NewestKey` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::Keys` (r:1 w:0)
	/// Proof: `IdentityKeys::Keys` (`max_values`: None, `max_size`: Some(208), added: 2683, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	fn register_role() -> Weight {
		// Fastest run: 9_672_065 ns.
		Weight::from_parts(14_324_098_000, 4163)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bmpc::Roles` (r:1 w:1)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(698), added: 3173, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	fn update_role() -> Weight {
		// Fastest run: 9_936_473 ns.
		Weight::from_parts(14_957_545_000, 4163)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bmpc::Roles` (r:1 w:1)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(698), added: 3173, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	fn unregister_role() -> Weight {
		// Fastest run: 120_553 ns.
		Weight::from_parts(137_706_000, 4163)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bmpc::Roles` (r:1 w:0)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(698), added: 3173, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::NextTemplateId` (r:1 w:0)
	/// Proof: `Bmpc::NextTemplateId` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::NextDatasetId` (r:1 w:1)
	/// Proof: `Bmpc::NextDatasetId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Datasets` (r:0 w:1)
	/// Proof: `Bmpc::Datasets` (`max_values`: None, `max_size`: Some(19759), added: 22234, mode: `MaxEncodedLen`)
	/// `c` is in `[1, 256]`.
	fn register_dataset(c: u32) -> Weight {
		// Fastest run: 126_573 ns.
		Weight::from_parts(114_394_475, 4163)
			.saturating_add(Weight::from_parts(1_609_680, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `Bmpc::Datasets` (r:1 w:1)
	/// Proof: `Bmpc::Datasets` (`max_values`: None, `max_size`: Some(19759), added: 22234, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::NextTemplateId` (r:1 w:0)
	/// Proof: `Bmpc::NextTemplateId` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	fn update_dataset() -> Weight {
		// Fastest run: 212_691 ns.
		Weight::from_parts(457_374_000, 23224)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bmpc::Datasets` (r:1 w:1)
	/// Proof: `Bmpc::Datasets` (`max_values`: None, `max_size`: Some(19792), added: 22267, mode: `MaxEncodedLen`)
	fn refresh_dataset() -> Weight {
		Weight::from_parts(457_374_000, 23257)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Bmpc::Datasets` (r:1 w:1)
	/// Proof: `Bmpc::Datasets` (`max_values`: None, `max_size`: Some(19759), added: 22234, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	fn withdraw_dataset() -> Weight {
		// Fastest run: 178_441 ns.
		Weight::from_parts(202_697_000, 23224)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bmpc::NextTemplateId` (r:1 w:1)
	/// Proof: `Bmpc::NextTemplateId` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Templates` (r:0 w:1)
	/// Proof: `Bmpc::Templates` (`max_values`: None, `max_size`: Some(78), added: 2553, mode: `MaxEncodedLen`)
	fn add_template() -> Weight {
		// Fastest run: 27_403 ns.
		Weight::from_parts(50_497_000, 1487)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Bmpc::Templates` (r:1 w:1)
	/// Proof: `Bmpc::Templates` (`max_values`: None, `max_size`: Some(78), added: 2553, mode: `MaxEncodedLen`)
	fn retire_template() -> Weight {
		// Fastest run: 38_457 ns.
		Weight::from_parts(47_872_000, 3543)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Bmpc::Templates` (r:1 w:0)
	/// Proof: `Bmpc::Templates` (`max_values`: None, `max_size`: Some(78), added: 2553, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Datasets` (r:16 w:0)
	/// Proof: `Bmpc::Datasets` (`max_values`: None, `max_size`: Some(19759), added: 22234, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::QueryCounts` (r:16 w:16)
	/// Proof: `Bmpc::QueryCounts` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::ActiveJobs` (r:34 w:34)
	/// Proof: `Bmpc::ActiveJobs` (`max_values`: None, `max_size`: Some(2098), added: 4573, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Roles` (r:33 w:33)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(698), added: 3173, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::NewestKey` (r:33 w:0)
	/// Proof: `IdentityKeys::NewestKey` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::Keys` (r:33 w:0)
	/// Proof: `IdentityKeys::Keys` (`max_values`: None, `max_size`: Some(208), added: 2683, mode: `MaxEncodedLen`)
	/// Storage: `TokenAllocation::Fees` (r:1 w:0)
	/// Proof: `TokenAllocation::Fees` (`max_values`: Some(1), `max_size`: Some(116), added: 611, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Ledgers` (r:33 w:33)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::NextJobId` (r:1 w:1)
	/// Proof: `Bmpc::NextJobId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Delays` (r:1 w:0)
	/// Proof: `Bmpc::Delays` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Jobs` (r:0 w:1)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:0 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// `d` is in `[1, 16]`.
	/// `c` is in `[1, 16]`.
	fn request(d: u32, c: u32) -> Weight {
		// Fastest run: 11_586_029 ns.
		Weight::from_parts(12_560_775_482, 10136)
			.saturating_add(Weight::from_parts(433_775_982, 0).saturating_mul(d.into()))
			.saturating_add(Weight::from_parts(129_153_165, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().reads(7_u64.saturating_mul(d.into())))
			.saturating_add(T::DbWeight::get().reads(5_u64.saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes(9))
			.saturating_add(T::DbWeight::get().writes(4_u64.saturating_mul(d.into())))
			.saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(c.into())))
			.saturating_add(Weight::from_parts(0, 4573).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(0, 22234).saturating_mul(d.into()))
	}
	/// An estimate: the last confirmation engages the bonds, holds the charges and takes the slots of 33 parties.
	fn confirm() -> Weight {
		Weight::from_parts(6_000_000_000, 400_000)
			.saturating_add(T::DbWeight::get().reads(300_u64))
			.saturating_add(T::DbWeight::get().writes(270_u64))
	}
	/// An estimate.
	fn confirm_first() -> Weight {
		Weight::from_parts(1_500_000_000, 120_000)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::ActiveJobs` (r:34 w:34)
	/// Proof: `Bmpc::ActiveJobs` (`max_values`: None, `max_size`: Some(2098), added: 4573, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Ledgers` (r:33 w:33)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Roles` (r:33 w:33)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(698), added: 3173, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::QueryCounts` (r:16 w:16)
	/// Proof: `Bmpc::QueryCounts` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// `p` is in `[3, 33]`.
	fn decline(p: u32) -> Weight {
		// Measured, and 60 us, three reads and three writes for each party on top of it: what it has on hold for charges.
		Weight::from_parts(750_997_357, 40951)
			.saturating_add(Weight::from_parts(100_184_241, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads(7_u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(T::DbWeight::get().writes(7_u64.saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 4573).saturating_mul(p.into()))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Delays` (r:1 w:0)
	/// Proof: `Bmpc::Delays` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:0 w:1)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn commit_selection() -> Weight {
		// Fastest run: 254_472 ns.
		Weight::from_parts(278_759_000, 40951)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Delays` (r:1 w:0)
	/// Proof: `Bmpc::Delays` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:0 w:1)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn commit_inputs() -> Weight {
		// Fastest run: 255_232 ns.
		Weight::from_parts(291_046_000, 40951)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Delays` (r:1 w:0)
	/// Proof: `Bmpc::Delays` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:0 w:1)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn commit_output() -> Weight {
		// Fastest run: 251_845 ns.
		Weight::from_parts(274_563_000, 40951)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:0 w:1)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn commit_result() -> Weight {
		// Fastest run: 250_743 ns.
		Weight::from_parts(283_970_000, 40951)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Demands` (r:1 w:0)
	/// Proof: `Bmpc::Demands` (`max_values`: None, `max_size`: Some(5714), added: 8189, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:35 w:35)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::ActiveJobs` (r:34 w:34)
	/// Proof: `Bmpc::ActiveJobs` (`max_values`: None, `max_size`: Some(2098), added: 4573, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Ledgers` (r:33 w:33)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Roles` (r:33 w:33)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(698), added: 3173, mode: `MaxEncodedLen`)
	/// `p` is in `[3, 33]`.
	fn settle(p: u32) -> Weight {
		// Measured, and 60 us, three reads and three writes for each party on top of it: what it has on hold for charges.
		Weight::from_parts(558_545_628, 40951)
			.saturating_add(Weight::from_parts(183_739_563, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().reads(7_u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(5))
			.saturating_add(T::DbWeight::get().writes(7_u64.saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 4573).saturating_mul(p.into()))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Demands` (r:1 w:0)
	/// Proof: `Bmpc::Demands` (`max_values`: None, `max_size`: Some(5714), added: 8189, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:35 w:35)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:17 w:17)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Delays` (r:1 w:0)
	/// Proof: `Bmpc::Delays` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:18 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Ledgers` (r:33 w:33)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::ActiveJobs` (r:34 w:34)
	/// Proof: `Bmpc::ActiveJobs` (`max_values`: None, `max_size`: Some(2098), added: 4573, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Roles` (r:33 w:33)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(698), added: 3173, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::QueryCounts` (r:16 w:16)
	/// Proof: `Bmpc::QueryCounts` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// `p` is in `[3, 33]`.
	fn expire(p: u32) -> Weight {
		// Measured, and 60 us, three reads and three writes for each party on top of it: what it has on hold for charges.
		Weight::from_parts(309_664_932, 40951)
			.saturating_add(Weight::from_parts(220_735_223, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().reads(9_u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(T::DbWeight::get().writes(8_u64.saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 4573).saturating_mul(p.into()))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:1)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:1 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::DemandCounts` (r:0 w:34)
	/// Proof: `Bmpc::DemandCounts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Delays` (r:0 w:1)
	/// Proof: `Bmpc::Delays` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:0 w:67)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn clear_job() -> Weight {
		// Fastest run: 608_522 ns.
		Weight::from_parts(680_600_000, 40951)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(106))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:1 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn check_product() -> Weight {
		// Fastest run: 312_432 ns.
		Weight::from_parts(544_729_000, 40951).saturating_add(T::DbWeight::get().reads(3))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:1 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn check_power() -> Weight {
		Weight::from_parts(1_500_000_000, 40951).saturating_add(T::DbWeight::get().reads(3))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:1 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn check_shape() -> Weight {
		// Fastest run: 236_604 ns.
		Weight::from_parts(266_750_000, 40951).saturating_add(T::DbWeight::get().reads(3))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:2 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn check_output() -> Weight {
		// Fastest run: 22_532_580 ns.
		Weight::from_parts(39_067_336_000, 40951).saturating_add(T::DbWeight::get().reads(4))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:2 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn check_result() -> Weight {
		// Fastest run: 290_085 ns.
		Weight::from_parts(484_295_000, 40951).saturating_add(T::DbWeight::get().reads(4))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:1 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn check_selector() -> Weight {
		// Fastest run: 34_084_648 ns.
		Weight::from_parts(38_213_795_000, 40951).saturating_add(T::DbWeight::get().reads(3))
	}
	/// `b` is in `[3, 1536]`.
	fn check_selection_proof(b: u32) -> Weight {
		// Fastest run: 39_950_757 ns.
		Weight::from_parts(165_083_954_150, 0)
			.saturating_add(Weight::from_parts(345_077_364, 0).saturating_mul(b.into()))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:1 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn check_entry() -> Weight {
		// Fastest run: 512_924 ns.
		Weight::from_parts(633_591_000, 40951).saturating_add(T::DbWeight::get().reads(3))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:2 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn check_column() -> Weight {
		// Fastest run: 23_652_984 ns.
		Weight::from_parts(40_056_975_000, 40951).saturating_add(T::DbWeight::get().reads(4))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:2 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	fn check_transfer() -> Weight {
		// Until the benchmarks are run again: that of `check_column`, of the older opening, and a fifth.
		Weight::from_parts(48_068_370_000, 40951).saturating_add(T::DbWeight::get().reads(4))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Demands` (r:1 w:1)
	/// Proof: `Bmpc::Demands` (`max_values`: None, `max_size`: Some(5714), added: 8189, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:35 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:35 w:35)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:2 w:2)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Ledgers` (r:33 w:33)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::ActiveJobs` (r:34 w:34)
	/// Proof: `Bmpc::ActiveJobs` (`max_values`: None, `max_size`: Some(2098), added: 4573, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Roles` (r:33 w:33)
	/// Proof: `Bmpc::Roles` (`max_values`: None, `max_size`: Some(698), added: 3173, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::QueryCounts` (r:16 w:16)
	/// Proof: `Bmpc::QueryCounts` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Statuses` (r:0 w:1)
	/// Proof: `Bmpc::Statuses` (`max_values`: None, `max_size`: Some(1079), added: 3554, mode: `MaxEncodedLen`)
	/// `p` is in `[3, 33]`.
	fn convict(p: u32) -> Weight {
		// Measured, and 60 us, three reads and three writes for each party on top of it: what it has on hold for charges.
		Weight::from_parts(639_439_485, 40951)
			.saturating_add(Weight::from_parts(210_333_604, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().reads(9_u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(6))
			.saturating_add(T::DbWeight::get().writes(8_u64.saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 4573).saturating_mul(p.into()))
	}
	/// An estimate: 1,024 units are compared with those needed.
	fn challenge(u: u32) -> Weight {
		Weight::from_parts(1_000_000_000, 120_000)
			.saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(u.into()))
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Demands` (r:1 w:1)
	/// Proof: `Bmpc::Demands` (`max_values`: None, `max_size`: Some(5714), added: 8189, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:1 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// `b` is in `[1, 1536]`.
	fn publish_selection(b: u32) -> Weight {
		// Fastest run: 749_634 ns.
		Weight::from_parts(1_019_551_402, 40951)
			.saturating_add(Weight::from_parts(5_898_363, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Demands` (r:1 w:1)
	/// Proof: `Bmpc::Demands` (`max_values`: None, `max_size`: Some(5714), added: 8189, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:1 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// `b` is in `[2, 100]`.
	fn publish_inputs(b: u32) -> Weight {
		Weight::from_parts(1_019_551_402, 40951)
			.saturating_add(Weight::from_parts(8_000_000, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	/// Storage: `Bmpc::Jobs` (r:1 w:0)
	/// Proof: `Bmpc::Jobs` (`max_values`: None, `max_size`: Some(37486), added: 39961, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Demands` (r:1 w:1)
	/// Proof: `Bmpc::Demands` (`max_values`: None, `max_size`: Some(5714), added: 8189, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Bmpc::Commitments` (r:1 w:0)
	/// Proof: `Bmpc::Commitments` (`max_values`: None, `max_size`: Some(125), added: 2600, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// `b` is in `[16, 1_000]`.
	fn publish_trees(b: u32) -> Weight {
		Weight::from_parts(1_019_551_402, 40951)
			.saturating_add(Weight::from_parts(12_000_000, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	/// Storage: `Bmpc::Demands` (r:1 w:0)
	/// Proof: `Bmpc::Demands` (`max_values`: None, `max_size`: Some(5714), added: 8189, mode: `MaxEncodedLen`)
	fn authorize() -> Weight {
		// An estimate: the job and what was challenged of it are decoded, and all of its commitments hashed.
		Weight::from_parts(400_000_000, 120_000).saturating_add(T::DbWeight::get().reads(40))
	}
}
