//! Slot time and epoch length, fixed at genesis: BABE reads them as constants, and each chain has its own.

pub use pallet::*;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::{pallet_prelude::*, traits::ConstU64};

	#[pallet::config]
	pub trait Config: frame_system::Config {}

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// Duration of a slot in milliseconds. Never changed after genesis.
	#[pallet::storage]
	pub type SlotDuration<T> = StorageValue<_, u64, ValueQuery, ConstU64<6_000>>;

	/// Slots in an epoch. Never changed after genesis.
	#[pallet::storage]
	pub type EpochSlots<T> = StorageValue<_, u64, ValueQuery, ConstU64<600>>;

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// Duration of a slot in milliseconds.
		pub slot_duration: u64,
		/// Slots in an epoch.
		pub epoch_slots: u64,
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self { slot_duration: 6_000, epoch_slots: 600, _config: PhantomData }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.slot_duration >= 2 && self.epoch_slots > 0, "a slot and an epoch take time");
			SlotDuration::<T>::put(self.slot_duration);
			EpochSlots::<T>::put(self.epoch_slots);
		}
	}
}

/// Slot duration in milliseconds: the time at which blocks are expected.
pub struct SlotTime<T>(core::marker::PhantomData<T>);

impl<T: Config> frame_support::traits::Get<u64> for SlotTime<T> {
	fn get() -> u64 {
		SlotDuration::<T>::get()
	}
}

/// Half a slot: the minimum time between two blocks' timestamps, from which BABE derives the slot.
pub struct MinimumPeriod<T>(core::marker::PhantomData<T>);

impl<T: Config> frame_support::traits::Get<u64> for MinimumPeriod<T> {
	fn get() -> u64 {
		SlotDuration::<T>::get() / 2
	}
}

/// The maximum number of blocks of a session, which is an epoch: one in each slot.
pub struct SessionLength<T>(core::marker::PhantomData<T>);

impl<T: Config> frame_support::traits::Get<crate::BlockNumber> for SessionLength<T> {
	fn get() -> crate::BlockNumber {
		EpochSlots::<T>::get().try_into().unwrap_or(crate::BlockNumber::MAX)
	}
}

/// Slots in an epoch.
pub struct EpochDuration<T>(core::marker::PhantomData<T>);

impl<T: Config> frame_support::traits::Get<u64> for EpochDuration<T> {
	fn get() -> u64 {
		EpochSlots::<T>::get()
	}
}
