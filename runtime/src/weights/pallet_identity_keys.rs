//! Weights of `pallet_identity_keys`, written by `scripts/weights` (Substrate benchmark CLI 64.0.0) on 2026-11-21.
//!
//! CPU: Intel(R) Xeon(R) Processor @ 2.50GHz. Wasm: Compiled. Steps: 20, repetitions: 10.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights as measured on this runtime.
#[derive(Debug)]
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> ::pallet_identity_keys::WeightInfo for WeightInfo<T> {
	/// Storage: `IdentityKeys::AuthenticationNodes` (r:1 w:1)
	/// Proof: `IdentityKeys::AuthenticationNodes` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	fn appoint_node() -> Weight {
		// Fastest run: 30_567 ns.
		Weight::from_parts(32_961_000, 3513)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `IdentityKeys::AuthenticationNodes` (r:1 w:1)
	/// Proof: `IdentityKeys::AuthenticationNodes` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	fn dismiss_node() -> Weight {
		// Fastest run: 30_274 ns.
		Weight::from_parts(32_162_000, 3513)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `IdentityKeys::RequestedBy` (r:1 w:1)
	/// Proof: `IdentityKeys::RequestedBy` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::NewestKey` (r:1 w:0)
	/// Proof: `IdentityKeys::NewestKey` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::AuthenticationNodes` (r:1 w:0)
	/// Proof: `IdentityKeys::AuthenticationNodes` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::IssuedKeys` (r:1 w:0)
	/// Proof: `IdentityKeys::IssuedKeys` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::NextKeyId` (r:1 w:1)
	/// Proof: `IdentityKeys::NextKeyId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::Requests` (r:0 w:1)
	/// Proof: `IdentityKeys::Requests` (`max_values`: None, `max_size`: Some(198), added: 2673, mode: `MaxEncodedLen`)
	fn request_key() -> Weight {
		// Measured before the call verified a signature, for which 250 microseconds are added.
		Weight::from_parts(381_847_000, 3730)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// Storage: `IdentityKeys::Requests` (r:1 w:1)
	/// Proof: `IdentityKeys::Requests` (`max_values`: None, `max_size`: Some(198), added: 2673, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::AuthenticationNodes` (r:1 w:0)
	/// Proof: `IdentityKeys::AuthenticationNodes` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::IssuedKeys` (r:1 w:1)
	/// Proof: `IdentityKeys::IssuedKeys` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::NewestKey` (r:1 w:1)
	/// Proof: `IdentityKeys::NewestKey` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::Histories` (r:1 w:1)
	/// Proof: `IdentityKeys::Histories` (`max_values`: None, `max_size`: Some(164), added: 2639, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::Keys` (r:0 w:1)
	/// Proof: `IdentityKeys::Keys` (`max_values`: None, `max_size`: Some(240), added: 2715, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::RequestedBy` (r:0 w:1)
	/// Proof: `IdentityKeys::RequestedBy` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	fn issue_key() -> Weight {
		// Fastest run: 78_118 ns.
		Weight::from_parts(90_175_000, 3663)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	/// Storage: `IdentityKeys::Requests` (r:1 w:1)
	/// Proof: `IdentityKeys::Requests` (`max_values`: None, `max_size`: Some(198), added: 2673, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::RequestedBy` (r:0 w:1)
	/// Proof: `IdentityKeys::RequestedBy` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	fn refuse_key() -> Weight {
		// Fastest run: 101_385 ns.
		Weight::from_parts(176_910_000, 3730)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `IdentityKeys::Requests` (r:1 w:1)
	/// Proof: `IdentityKeys::Requests` (`max_values`: None, `max_size`: Some(198), added: 2673, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::AuthenticationNodes` (r:1 w:0)
	/// Proof: `IdentityKeys::AuthenticationNodes` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::RequestedBy` (r:0 w:1)
	/// Proof: `IdentityKeys::RequestedBy` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	fn expire_request() -> Weight {
		// Fastest run: 112_916 ns.
		Weight::from_parts(118_882_000, 3730)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `IdentityKeys::Keys` (r:1 w:1)
	/// Proof: `IdentityKeys::Keys` (`max_values`: None, `max_size`: Some(240), added: 2715, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::CurrentVerifyingKey` (r:1 w:0)
	/// Proof: `IdentityKeys::CurrentVerifyingKey` (`max_values`: Some(1), `max_size`: Some(710), added: 1205, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::CurrentPreparedKey` (r:1 w:0)
	/// Proof: `IdentityKeys::CurrentPreparedKey` (`max_values`: Some(1), `max_size`: Some(22949), added: 23444, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::Histories` (r:1 w:1)
	/// Proof: `IdentityKeys::Histories` (`max_values`: None, `max_size`: Some(164), added: 2639, mode: `MaxEncodedLen`)
	fn revoke_key() -> Weight {
		// Fastest run: 1_907_472 ns.
		Weight::from_parts(1_975_436_000, 24434)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `IdentityKeys::Keys` (r:1 w:2)
	/// Proof: `IdentityKeys::Keys` (`max_values`: None, `max_size`: Some(240), added: 2715, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::IssuedKeys` (r:1 w:1)
	/// Proof: `IdentityKeys::IssuedKeys` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::CurrentVerifyingKey` (r:1 w:0)
	/// Proof: `IdentityKeys::CurrentVerifyingKey` (`max_values`: Some(1), `max_size`: Some(710), added: 1205, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::CurrentPreparedKey` (r:1 w:0)
	/// Proof: `IdentityKeys::CurrentPreparedKey` (`max_values`: Some(1), `max_size`: Some(22949), added: 23444, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::NextKeyId` (r:1 w:1)
	/// Proof: `IdentityKeys::NextKeyId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::Histories` (r:2 w:2)
	/// Proof: `IdentityKeys::Histories` (`max_values`: None, `max_size`: Some(164), added: 2639, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::NewestKey` (r:0 w:1)
	/// Proof: `IdentityKeys::NewestKey` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	fn rotate_key() -> Weight {
		// Measured before the call verified a signature and held a deposit, for which 350 microseconds are added.
		Weight::from_parts(2_263_283_000, 24434)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	/// Storage: `IdentityKeys::CurrentVerifyingKey` (r:1 w:0)
	/// Proof: `IdentityKeys::CurrentVerifyingKey` (`max_values`: Some(1), `max_size`: Some(710), added: 1205, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::CurrentPreparedKey` (r:1 w:0)
	/// Proof: `IdentityKeys::CurrentPreparedKey` (`max_values`: Some(1), `max_size`: Some(22949), added: 23444, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::Keys` (r:64 w:32)
	/// Proof: `IdentityKeys::Keys` (`max_values`: None, `max_size`: Some(240), added: 2715, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:32 w:32)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:32 w:32)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::Histories` (r:32 w:32)
	/// Proof: `IdentityKeys::Histories` (`max_values`: None, `max_size`: Some(164), added: 2639, mode: `MaxEncodedLen`)
	/// `n` is in `[1, 64]`.
	fn revoke_keys(n: u32) -> Weight {
		// Fastest run: 1_905_871 ns.
		Weight::from_parts(1_917_608_000, 24434)
			.saturating_add(Weight::from_parts(3_002_845_282, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2715).saturating_mul(n.into()))
	}
	/// Storage: `IdentityKeys::CurrentVerifyingKey` (r:1 w:0)
	/// Proof: `IdentityKeys::CurrentVerifyingKey` (`max_values`: Some(1), `max_size`: Some(710), added: 1205, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::CurrentPreparedKey` (r:1 w:0)
	/// Proof: `IdentityKeys::CurrentPreparedKey` (`max_values`: Some(1), `max_size`: Some(22949), added: 23444, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::Keys` (r:64 w:64)
	/// Proof: `IdentityKeys::Keys` (`max_values`: None, `max_size`: Some(240), added: 2715, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:64 w:64)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:64 w:64)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(265), added: 2740, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::Histories` (r:64 w:64)
	/// Proof: `IdentityKeys::Histories` (`max_values`: None, `max_size`: Some(164), added: 2639, mode: `MaxEncodedLen`)
	/// `n` is in `[1, 64]`.
	fn revoke_keys_good(n: u32) -> Weight {
		// Fastest run: 1_940_191 ns.
		Weight::from_parts(4_627_618_745, 24434)
			.saturating_add(Weight::from_parts(486_778_300, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(4_u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(4_u64.saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2740).saturating_mul(n.into()))
	}
	/// Storage: `IdentityKeys::CurrentVerifyingKey` (r:1 w:1)
	/// Proof: `IdentityKeys::CurrentVerifyingKey` (`max_values`: Some(1), `max_size`: Some(710), added: 1205, mode: `MaxEncodedLen`)
	/// Storage: `IdentityKeys::CurrentPreparedKey` (r:0 w:1)
	/// Proof: `IdentityKeys::CurrentPreparedKey` (`max_values`: Some(1), `max_size`: Some(22949), added: 23444, mode: `MaxEncodedLen`)
	fn set_verifying_key() -> Weight {
		// Fastest run: 6_869_992 ns.
		Weight::from_parts(7_447_517_000, 2195)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `IdentityKeys::IdentityRequired` (r:0 w:1)
	/// Proof: `IdentityKeys::IdentityRequired` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	fn set_identity_required() -> Weight {
		// Fastest run: 14_344 ns.
		Weight::from_parts(30_574_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
}
