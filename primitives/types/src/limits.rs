//! How much of anything there can be.

use bounded_collections::ConstU32;

/// The most data providers in a job.
pub type MaxDataProviders = ConstU32<16>;
/// The most computing providers in a job.
pub type MaxComputingProviders = ConstU32<16>;
/// The most message units of a job: a request for more is refused, and the client splits it.
pub const MAX_UNITS: u32 = 1024;
/// The bytes of a set of units.
pub type MaxUnits = ConstU32<{ MAX_UNITS / 8 }>;
/// The most chunks of a message unit.
pub const MAX_UNIT_CHUNKS: u32 = 512;
/// The bytes of a set of chunks.
pub type MaxUnitChunks = ConstU32<{ MAX_UNIT_CHUNKS / 8 }>;
/// The most accounts that take part in a job: its parties and the user.
pub type MaxParticipants = ConstU32<34>;
/// The most parties in a job: both of the above and the coordinator.
pub type MaxParties = ConstU32<33>;
/// The most columns of a dataset.
pub type MaxColumns = ConstU32<256>;
/// The longest name, in bytes.
pub type MaxName = ConstU32<64>;
/// The longest network address, in bytes.
pub type MaxAddress = ConstU32<128>;
/// The most digits after the decimal point.
pub const MAX_DECIMALS: u8 = 15;
/// The widest column.
pub const MAX_BITS: u8 = 62;
/// The most features that a selection is made from.
pub const MAX_FEATURES: u16 = 1024;
/// The most leaves of a tree over selected features: of a weighted sum's, and of a row-wise template's.
pub const MAX_FEATURE_LEAVES: u64 = 512;
/// The most recipients of a selection: all computing providers and the coordinator.
pub type MaxSelectors = ConstU32<17>;
/// The most weights of a weighted sum.
pub type MaxWeights = ConstU32<32>;
/// The most templates or buyers that a policy names.
pub type MaxPolicyEntries = ConstU32<64>;
/// The most blocks of a job, over all datasets: all entries of its parts can be counted in 32 bits.
pub const MAX_BLOCKS: u64 = 1 << 20;

#[cfg(test)]
mod tests {
	use super::*;
	use bounded_collections::TypedGet;

	#[test]
	fn all_parties_have_room() {
		assert_eq!(MaxParties::get(), MaxDataProviders::get() + MaxComputingProviders::get() + 1);
	}
}
