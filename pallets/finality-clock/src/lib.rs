//! A clock that counts finalised blocks, from what validators attest.
//!
//! Whoever acts on finalised blocks alone, as EncryTrust's workers do, should not be late because finality stalls. A
//! runtime cannot see which blocks are final: votes for finality are cast after a block, outside of it. So every author
//! *attests* the latest block that it knows to be final, in an inherent of each block that it authors. The *clock* is the
//! **lower median** of the latest attestations of all current validators, and never decreases. Other pallets read it
//! through [`FinalityClock`](encrytrust_traits::finality::FinalityClock), which states the guarantees.
//!
//! ```text
//! attested by   Alice  Bob  Carol  Dave          sorted: 93, 95, 97, 999
//!               97     93   999    95            lower median, the clock: 95
//! ```
//!
//! # Why the clock can be trusted
//!
//! Let `n` be the number of validators, and the lower median the attestation at place `(n - 1) / 2`, counted from zero and
//! rounded down, of all in ascending order. A validator that has not attested anything counts as attesting block zero,
//! which is final.
//!
//! - `n / 2 + 1` attestations, more than half, are not below the lower median. If at most half of the validators are
//!   dishonest, one of these attestations is honest, so the lower median is not above an honest attestation. What honest
//!   validators say stays true, so it does not matter how old it is. The clock is the largest lower median so far, and
//!   the same holds of it.
//! - `(n - 1) / 2 + 1` attestations, at least half, are not above the lower median. If fewer validators than these are
//!   dishonest, one is honest, so the clock is not below the least of the latest honest attestations.
//!
//! GRANDPA itself only works while fewer than a third of the validators are dishonest: whoever can move the clock wrongly
//! can do worse. Validators have one attestation each, however many blocks they author, because the lottery for slots
//! gives a third of them the majority in many short runs of blocks (ADR 0028).
//!
//! # Blocks without an attestation
//!
//! The inherent is not required: an author whose node does not provide it, or knows of no final block on the branch that
//! it builds on, authors valid blocks, and its previous attestation continues to count. A block with an attestation that
//! cannot be true, with two of them, or of an author that is not a validator is invalid.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

// FRAME's macros write types without `Debug`, full paths, and an `expect`.
#[allow(missing_debug_implementations, unused_qualifications, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{pallet_prelude::*, traits::ValidatorSet};
	use frame_system::{pallet_prelude::*, Pallet as System};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config + pallet_authorship::Config {
		/// The current validators, of whom each has one attestation.
		type ValidatorSet: ValidatorSet<Self::AccountId, ValidatorId = Self::AccountId>;

		/// The maximum number of validators.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// Weights of the call.
		type WeightInfo: WeightInfo;
	}

	/// The clock: a height up to which this chain is final.
	#[pallet::storage]
	pub type Now<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

	/// The latest attestation of each validator that has made one. Those of accounts that are no longer validators are
	/// removed with the next attestation.
	#[pallet::storage]
	pub type Attestations<T: Config> = StorageValue<_, AttestationsOf<T>, ValueQuery>;

	#[pallet::error]
	pub enum Error<T> {
		/// The attested block is the block itself or a later one. Attest one of its ancestors.
		NotAnAncestor,
		/// The author of the block is not a validator. Only validators can attest.
		NotValidator,
		/// The block has an attestation already. Attest once.
		AlreadyAttested,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Attest the latest block that is known to be final.
		///
		/// ## Dispatch Origin
		///
		/// None: an inherent, which the block's author makes.
		///
		/// ## Details
		///
		/// The clock becomes the lower median of the latest attestations of all validators, if that is greater.
		///
		/// ## Errors
		///
		/// A block with a failing inherent is invalid.
		///
		/// - `NotAnAncestor`: attest a block before this one.
		/// - `NotValidator`: only validators can attest.
		/// - `AlreadyAttested`: attest once in a block.
		///
		/// ## Events
		///
		/// None.
		#[pallet::call_index(0)]
		#[pallet::weight((T::WeightInfo::attest(), DispatchClass::Mandatory))]
		pub fn attest(origin: OriginFor<T>, #[pallet::compact] finalized: BlockNumberFor<T>) -> DispatchResult {
			ensure_none(origin)?;
			Self::do_attest(finalized)
		}
	}

	#[pallet::inherent]
	impl<T: Config> ProvideInherent for Pallet<T> {
		type Call = Call<T>;
		type Error = InherentError;
		const INHERENT_IDENTIFIER: InherentIdentifier = INHERENT_IDENTIFIER;

		/// The author's attestation; `None` if its node gives none, or one that the call would refuse: a node cannot
		/// author a block with an inherent that fails.
		fn create_inherent(data: &InherentData) -> Option<Self::Call> {
			let finalized = data.get_data::<BlockNumberFor<T>>(&INHERENT_IDENTIFIER).ok().flatten()?;
			Self::author_among(&T::ValidatorSet::validators())?;
			(finalized < System::<T>::block_number()).then_some(Call::attest { finalized })
		}

		/// The call makes the same check. Here it is made before the block is executed, and so that the node names the
		/// reason. What the importing node knows of finality does not matter: it can know less than the author did, or
		/// more.
		fn check_inherent(call: &Self::Call, _: &InherentData) -> Result<(), Self::Error> {
			match call {
				// Inherents are checked in the state of the parent, which still has the parent's number.
				Call::attest { finalized } if *finalized > System::<T>::block_number() => {
					Err(InherentError::NotAnAncestor)
				},
				_ => Ok(()),
			}
		}

		fn is_inherent(call: &Self::Call) -> bool {
			matches!(call, Call::attest { .. })
		}
	}
}
