//! Weights of `pallet_token_allocation`, written by `scripts/weights` (Substrate benchmark CLI 64.0.0) on 2026-11-20.
//!
//! CPU: Intel(R) Xeon(R) Processor @ 2.50GHz. Wasm: Compiled. Steps: 20, repetitions: 10.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights as measured on this runtime.
#[derive(Debug)]
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> ::pallet_token_allocation::WeightInfo for WeightInfo<T> {
	/// Storage: `TokenAllocation::Policies` (r:1 w:0)
	/// Proof: `TokenAllocation::Policies` (`max_values`: None, `max_size`: Some(10), added: 2485, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	/// Storage: `TokenAllocation::NextGrantId` (r:1 w:1)
	/// Proof: `TokenAllocation::NextGrantId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `TokenAllocation::GrantsByBeneficiary` (r:1 w:1)
	/// Proof: `TokenAllocation::GrantsByBeneficiary` (`max_values`: None, `max_size`: Some(177), added: 2652, mode: `MaxEncodedLen`)
	/// Storage: `TokenAllocation::Grants` (r:0 w:1)
	/// Proof: `TokenAllocation::Grants` (`max_values`: None, `max_size`: Some(99), added: 2574, mode: `MaxEncodedLen`)
	fn grant() -> Weight {
		// Fastest run: 147_814 ns.
		Weight::from_parts(266_374_000, 6196)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// Storage: `TokenAllocation::Grants` (r:1 w:1)
	/// Proof: `TokenAllocation::Grants` (`max_values`: None, `max_size`: Some(99), added: 2574, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	/// Storage: `TokenAllocation::GrantsByBeneficiary` (r:1 w:1)
	/// Proof: `TokenAllocation::GrantsByBeneficiary` (`max_values`: None, `max_size`: Some(177), added: 2652, mode: `MaxEncodedLen`)
	fn claim() -> Weight {
		// Fastest run: 141_224 ns.
		Weight::from_parts(187_533_000, 6196)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// Storage: `TokenAllocation::Grants` (r:1 w:1)
	/// Proof: `TokenAllocation::Grants` (`max_values`: None, `max_size`: Some(99), added: 2574, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	/// Storage: `TokenAllocation::GrantsByBeneficiary` (r:1 w:1)
	/// Proof: `TokenAllocation::GrantsByBeneficiary` (`max_values`: None, `max_size`: Some(177), added: 2652, mode: `MaxEncodedLen`)
	fn withdraw_grant() -> Weight {
		// Fastest run: 120_789 ns.
		Weight::from_parts(188_146_000, 3694)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `TokenAllocation::Policies` (r:0 w:1)
	/// Proof: `TokenAllocation::Policies` (`max_values`: None, `max_size`: Some(10), added: 2485, mode: `MaxEncodedLen`)
	fn set_policy() -> Weight {
		// Fastest run: 16_494 ns.
		Weight::from_parts(19_026_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `TokenAllocation::Fees` (r:0 w:1)
	/// Proof: `TokenAllocation::Fees` (`max_values`: Some(1), `max_size`: Some(116), added: 611, mode: `MaxEncodedLen`)
	fn set_fees() -> Weight {
		// Fastest run: 14_861 ns.
		Weight::from_parts(16_394_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `TokenAllocation::Accounts` (r:1 w:1)
	/// Proof: `TokenAllocation::Accounts` (`max_values`: None, `max_size`: Some(140), added: 2615, mode: `MaxEncodedLen`)
	/// Storage: `TokenAllocation::Fees` (r:1 w:0)
	/// Proof: `TokenAllocation::Fees` (`max_values`: Some(1), `max_size`: Some(116), added: 611, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn create_account() -> Weight {
		// Fastest run: 165_826 ns.
		Weight::from_parts(181_657_000, 6196)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `TokenAllocation::Accounts` (r:1 w:1)
	/// Proof: `TokenAllocation::Accounts` (`max_values`: None, `max_size`: Some(140), added: 2615, mode: `MaxEncodedLen`)
	/// Storage: `TokenAllocation::Fees` (r:1 w:0)
	/// Proof: `TokenAllocation::Fees` (`max_values`: Some(1), `max_size`: Some(116), added: 611, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn upgrade_account() -> Weight {
		// Fastest run: 109_336 ns.
		Weight::from_parts(123_838_000, 6196)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `TokenAllocation::Accounts` (r:1 w:1)
	/// Proof: `TokenAllocation::Accounts` (`max_values`: None, `max_size`: Some(140), added: 2615, mode: `MaxEncodedLen`)
	/// Storage: `TokenAllocation::Fees` (r:1 w:0)
	/// Proof: `TokenAllocation::Fees` (`max_values`: Some(1), `max_size`: Some(116), added: 611, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn register_developer() -> Weight {
		// Fastest run: 176_411 ns.
		Weight::from_parts(202_239_000, 6196)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `TokenAllocation::Accounts` (r:1 w:1)
	/// Proof: `TokenAllocation::Accounts` (`max_values`: None, `max_size`: Some(140), added: 2615, mode: `MaxEncodedLen`)
	/// Storage: `TokenAllocation::Fees` (r:1 w:0)
	/// Proof: `TokenAllocation::Fees` (`max_values`: Some(1), `max_size`: Some(116), added: 611, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn buy_api_calls() -> Weight {
		// Fastest run: 108_121 ns.
		Weight::from_parts(114_987_000, 6196)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `TokenAllocation::Accounts` (r:1 w:1)
	/// Proof: `TokenAllocation::Accounts` (`max_values`: None, `max_size`: Some(140), added: 2615, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn close_account() -> Weight {
		// Fastest run: 93_018 ns.
		Weight::from_parts(97_383_000, 3694)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
}
