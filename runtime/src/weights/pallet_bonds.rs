//! Weights of `pallet_bonds`, written by `scripts/weights` (Substrate benchmark CLI 64.0.0) on 2026-11-20.
//!
//! CPU: Intel(R) Xeon(R) Processor @ 2.50GHz. Wasm: Compiled. Steps: 20, repetitions: 10.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights as measured on this runtime.
#[derive(Debug)]
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> ::pallet_bonds::WeightInfo for WeightInfo<T> {
	/// Storage: `Bonds::Ledgers` (r:1 w:1)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::CurrentParameters` (r:1 w:0)
	/// Proof: `Bonds::CurrentParameters` (`max_values`: Some(1), `max_size`: Some(72), added: 567, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn bond() -> Weight {
		// Fastest run: 115_775 ns.
		Weight::from_parts(121_613_000, 4315)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bonds::Ledgers` (r:1 w:1)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn bond_more() -> Weight {
		// Fastest run: 120_547 ns.
		Weight::from_parts(131_334_000, 4315)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bonds::CurrentParameters` (r:1 w:0)
	/// Proof: `Bonds::CurrentParameters` (`max_values`: Some(1), `max_size`: Some(72), added: 567, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Ledgers` (r:1 w:1)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Candidates` (r:1 w:0)
	/// Proof: `Bonds::Candidates` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	fn unbond() -> Weight {
		// Fastest run: 105_700 ns.
		Weight::from_parts(133_278_000, 7887)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Bonds::Ledgers` (r:1 w:1)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn withdraw() -> Weight {
		// Fastest run: 108_679 ns.
		Weight::from_parts(128_168_000, 4315)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Bonds::Ledgers` (r:201 w:0)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::CurrentParameters` (r:1 w:0)
	/// Proof: `Bonds::CurrentParameters` (`max_values`: Some(1), `max_size`: Some(72), added: 567, mode: `MaxEncodedLen`)
	/// Storage: `Session::NextKeys` (r:1 w:0)
	/// Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `Bonds::Candidates` (r:1 w:1)
	/// Proof: `Bonds::Candidates` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Elected` (r:1 w:0)
	/// Proof: `Bonds::Elected` (`max_values`: Some(1), `max_size`: Some(4806), added: 5301, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Planned` (r:1 w:0)
	/// Proof: `Bonds::Planned` (`max_values`: Some(1), `max_size`: Some(4806), added: 5301, mode: `MaxEncodedLen`)
	fn declare() -> Weight {
		// Fastest run: 1_907_515 ns.
		Weight::from_parts(6_367_453_000, 669315)
			.saturating_add(T::DbWeight::get().reads(206))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Bonds::Candidates` (r:1 w:1)
	/// Proof: `Bonds::Candidates` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	fn chill() -> Weight {
		// Fastest run: 94_221 ns.
		Weight::from_parts(140_833_000, 7887)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Bonds::Candidates` (r:1 w:1)
	/// Proof: `Bonds::Candidates` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::CurrentParameters` (r:1 w:0)
	/// Proof: `Bonds::CurrentParameters` (`max_values`: Some(1), `max_size`: Some(72), added: 567, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Ledgers` (r:1 w:0)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	fn chill_other() -> Weight {
		// Fastest run: 142_005 ns.
		Weight::from_parts(207_103_000, 7887)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Bonds::CurrentParameters` (r:0 w:1)
	/// Proof: `Bonds::CurrentParameters` (`max_values`: Some(1), `max_size`: Some(72), added: 567, mode: `MaxEncodedLen`)
	fn set_parameters() -> Weight {
		// Fastest run: 15_283 ns.
		Weight::from_parts(18_510_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Bonds::Elected` (r:1 w:0)
	/// Proof: `Bonds::Elected` (`max_values`: Some(1), `max_size`: Some(4806), added: 5301, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Points` (r:1 w:1)
	/// Proof: `Bonds::Points` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	fn note_author() -> Weight {
		// Fastest run: 43_123 ns.
		Weight::from_parts(55_131_000, 6291)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Bonds::CurrentEra` (r:1 w:0)
	/// Proof: `Bonds::CurrentEra` (`max_values`: Some(1), `max_size`: Some(12), added: 507, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::CurrentParameters` (r:1 w:0)
	/// Proof: `Bonds::CurrentParameters` (`max_values`: Some(1), `max_size`: Some(72), added: 567, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Elected` (r:1 w:0)
	/// Proof: `Bonds::Elected` (`max_values`: Some(1), `max_size`: Some(4806), added: 5301, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Candidates` (r:1 w:0)
	/// Proof: `Bonds::Candidates` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Ledgers` (r:200 w:0)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Session::NextKeys` (r:200 w:0)
	/// Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `Bonds::Planned` (r:0 w:1)
	/// Proof: `Bonds::Planned` (`max_values`: Some(1), `max_size`: Some(4806), added: 5301, mode: `MaxEncodedLen`)
	/// `c` is in `[1, 200]`.
	fn elect(c: u32) -> Weight {
		// Fastest run: 60_673 ns.
		Weight::from_parts(61_427_000, 7887)
			.saturating_add(Weight::from_parts(53_541_811, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(Weight::from_parts(0, 3325).saturating_mul(c.into()))
	}
	/// Storage: `Bonds::Elected` (r:1 w:0)
	/// Proof: `Bonds::Elected` (`max_values`: Some(1), `max_size`: Some(4806), added: 5301, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::CurrentParameters` (r:1 w:0)
	/// Proof: `Bonds::CurrentParameters` (`max_values`: Some(1), `max_size`: Some(72), added: 567, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::CurrentEra` (r:1 w:0)
	/// Proof: `Bonds::CurrentEra` (`max_values`: Some(1), `max_size`: Some(12), added: 507, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Ledgers` (r:100 w:100)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// `v` is in `[1, 100]`.
	fn withhold_bonds(v: u32) -> Weight {
		Weight::from_parts(100_000_000, 6301)
			.saturating_add(Weight::from_parts(50_000_000, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(v.into())))
			.saturating_add(Weight::from_parts(0, 3325).saturating_mul(v.into()))
	}
	/// Storage: `Bonds::CurrentEra` (r:1 w:1)
	/// Proof: `Bonds::CurrentEra` (`max_values`: Some(1), `max_size`: Some(12), added: 507, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::CurrentParameters` (r:1 w:0)
	/// Proof: `Bonds::CurrentParameters` (`max_values`: Some(1), `max_size`: Some(72), added: 567, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Elected` (r:1 w:0)
	/// Proof: `Bonds::Elected` (`max_values`: Some(1), `max_size`: Some(4806), added: 5301, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Points` (r:100 w:100)
	/// Proof: `Bonds::Points` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:101 w:101)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Planned` (r:1 w:0)
	/// Proof: `Bonds::Planned` (`max_values`: Some(1), `max_size`: Some(4806), added: 5301, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Offenders` (r:1 w:1)
	/// Proof: `Bonds::Offenders` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::OldestSession` (r:1 w:1)
	/// Proof: `Bonds::OldestSession` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::SessionRecords` (r:2 w:3)
	/// Proof: `Bonds::SessionRecords` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::SessionSlashes` (r:200 w:200)
	/// Proof: `Bonds::SessionSlashes` (`max_values`: None, `max_size`: Some(76), added: 2551, mode: `MaxEncodedLen`)
	/// `v` is in `[1, 100]`.
	fn end_era(v: u32) -> Weight {
		// Fastest run: 209_291 ns.
		Weight::from_parts(543_460_130, 8687)
			.saturating_add(Weight::from_parts(421_135_602, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().reads(4_u64.saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(7))
			.saturating_add(T::DbWeight::get().writes(4_u64.saturating_mul(v.into())))
			.saturating_add(Weight::from_parts(0, 5102).saturating_mul(v.into()))
	}
	/// Storage: `Bonds::SessionRecords` (r:1 w:0)
	/// Proof: `Bonds::SessionRecords` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::SessionSlashes` (r:100 w:100)
	/// Proof: `Bonds::SessionSlashes` (`max_values`: None, `max_size`: Some(76), added: 2551, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Ledgers` (r:100 w:100)
	/// Proof: `Bonds::Ledgers` (`max_values`: None, `max_size`: Some(850), added: 3325, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:100 w:100)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:101 w:101)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Candidates` (r:1 w:1)
	/// Proof: `Bonds::Candidates` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	/// Storage: `Bonds::Offenders` (r:1 w:1)
	/// Proof: `Bonds::Offenders` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
	/// Storage: `Session::DisabledValidators` (r:1 w:0)
	/// Proof: `Session::DisabledValidators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Session::Validators` (r:1 w:0)
	/// Proof: `Session::Validators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// `o` is in `[1, 100]`.
	fn on_offence(o: u32) -> Weight {
		// Fastest run: 234_029 ns.
		Weight::from_parts(256_491_000, 10867)
			.saturating_add(Weight::from_parts(433_108_173, 0).saturating_mul(o.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(4_u64.saturating_mul(o.into())))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(T::DbWeight::get().writes(4_u64.saturating_mul(o.into())))
			.saturating_add(Weight::from_parts(0, 3325).saturating_mul(o.into()))
	}
}
