//! The finality clock: time, counted in finalised blocks.

use sp_runtime::traits::Zero;

/// A clock that shows a height up to which the chain is final.
///
/// It is for deadlines of parties that act on finalised blocks: while finality stalls, or on a fork that never becomes
/// final, it stands still, and nobody is late. A deadline is the *number of the block* that it is set in plus a length, and
/// has passed once `now()` is greater: so not before that block is final, and not before as many blocks were made after
/// that as the length says, less a 65th.
///
/// # Guarantees
///
/// - It never decreases from a block to its child.
/// - It is less than the number of the block that it is read in, except at genesis, where both are zero.
/// - If at most half of the validators lie, it is not above the height that some honest validator knew to be final when
///   it authored a block of this chain: the block of this chain at height `now()` is final.
/// - If more than half of the validators are honest, it is not below the least that the latest block of any of them
///   attests, or moves towards that in each block. It lags behind finality by the time in which more than half of the
///   validators author a block: about `0.7 n` blocks if there are `n` of them.
/// - It moves by at most one in a block, and in every 64th block by two: so it catches up with finality after a stall, and no
///   deadline passes from one block to the next.
/// - All transactions of a block read the same value: it moves in an inherent, before them. Hooks that initialise a
///   block still read that of its parent.
///
/// # No guarantees
///
/// It does not move evenly, and after a stall of finality it lags for long. Parties that miss at most `t` blocks have at
/// least `n - n / 65 - t` of a length of `n` to do their work in. Of an even number of validators, half can hold it back by
/// attesting nothing; it does not jump when they go on.
pub trait FinalityClock<BlockNumber> {
	/// The height that the clock shows.
	fn now() -> BlockNumber;

	/// Set the clock.
	#[cfg(feature = "runtime-benchmarks")]
	fn set(now: BlockNumber);
}

/// A clock that stands still at zero.
impl<BlockNumber: Zero> FinalityClock<BlockNumber> for () {
	fn now() -> BlockNumber {
		Zero::zero()
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn set(_: BlockNumber) {}
}
