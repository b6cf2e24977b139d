//! Finalised blocks by which a chain is told from one that was started again under the same genesis.

use crate::{Block, BlockNumber, H256};
use std::{collections::BTreeMap, future::Future};

/// The newest known finalised block, and those whose number is a power of two.
///
/// A chain that was started again has other blocks from the first on, so the few old ones show it as soon as it has
/// any. A node that lags behind has the same ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownBlocks(BTreeMap<BlockNumber, H256>);

/// A node's chain, compared with the known blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
	/// The same chain, as far as it is known.
	Same,
	/// The same chain, but the node does not have the newest known block yet.
	Behind,
	/// Another chain.
	Reset(ChainReset),
}

/// A block whose finalised number had another hash before: the chain was started again under the same genesis.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("block {number} was finalised as {known:?}, and is {found:?} on this node")]
pub struct ChainReset {
	/// The block's number.
	pub number: BlockNumber,
	/// Its hash before.
	pub known: H256,
	/// Its hash now.
	pub found: H256,
}

impl KnownBlocks {
	/// Adds a finalised block. The one that was the newest is removed, unless its number is a power of two.
	pub fn insert(&mut self, block: Block) {
		let newest = self.newest();
		if newest.is_some_and(|newest| block.number > newest.number && !newest.number.is_power_of_two()) {
			self.0.pop_last();
		}
		if newest.is_none_or(|newest| block.number > newest.number) || block.number.is_power_of_two() {
			self.0.insert(block.number, block.hash);
		}
	}

	/// The newest block.
	pub fn newest(&self) -> Option<Block> {
		self.0.last_key_value().map(|(number, hash)| Block { number: *number, hash: *hash })
	}

	/// All blocks, the newest last.
	pub fn blocks(&self) -> impl Iterator<Item = Block> + '_ {
		self.0.iter().map(|(number, hash)| Block { number: *number, hash: *hash })
	}

	/// Compares a node's chain, whose finalised block is `head`, with these blocks. The highest one that the node has
	/// by its number decides: a finalised block has only one past.
	pub(crate) async fn compare<E, F: Future<Output = Result<Option<H256>, E>>>(
		&self,
		head: Block,
		hash_at: impl Fn(BlockNumber) -> F,
	) -> Result<Verdict, E> {
		for (number, known) in self.0.range(..=head.number).rev() {
			let found = if *number == head.number { Some(head.hash) } else { hash_at(*number).await? };
			match found {
				Some(found) if found == *known => break,
				Some(found) => return Ok(Verdict::Reset(ChainReset { number: *number, known: *known, found })),
				// A node that synced from a later block does not have the headers before it.
				None => {},
			}
		}
		let is_behind = self.newest().is_some_and(|newest| head.number < newest.number);
		Ok(if is_behind { Verdict::Behind } else { Verdict::Same })
	}
}

/// The powers of two above `after`, up to `last`.
pub(crate) fn powers_of_two(after: BlockNumber, last: BlockNumber) -> impl Iterator<Item = BlockNumber> {
	(0..BlockNumber::BITS).map(|exponent| 1 << exponent).filter(move |number| after < *number && *number <= last)
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::convert::Infallible;

	/// Block `number` of a chain, which has so many digits.
	fn block(chain: u8, number: BlockNumber) -> Block {
		let mut hash = [chain; 32];
		hash[..4].copy_from_slice(&number.to_be_bytes());
		Block { number, hash: H256(hash) }
	}

	fn known(chain: u8, numbers: impl IntoIterator<Item = BlockNumber>) -> KnownBlocks {
		let mut known = KnownBlocks::default();
		numbers.into_iter().for_each(|number| known.insert(block(chain, number)));
		known
	}

	fn numbers(known: &KnownBlocks) -> Vec<BlockNumber> {
		known.blocks().map(|block| block.number).collect()
	}

	#[test]
	fn insert_keeps_newest_block_and_powers_of_two() {
		assert_eq!(numbers(&known(1, 1..=100)), [1, 2, 4, 8, 16, 32, 64, 100]);
		assert_eq!(numbers(&known(1, [70, 90, 80, 64, 3, 4])), [4, 64, 90]);
		assert_eq!(powers_of_two(4, 33).collect::<Vec<_>>(), [8, 16, 32]);
		assert_eq!(powers_of_two(0, BlockNumber::MAX).count(), 32);
	}

	#[tokio::test]
	async fn compare_decides_by_the_highest_block_that_both_have() {
		let known = known(1, 1..=100);
		let reset =
			|number| Verdict::Reset(ChainReset { number, known: block(1, number).hash, found: block(2, number).hash });
		// The node's chain is chain 1 up to `fork`, and chain 2 from there on; it has headers from `first` on.
		for (head, fork, first, verdict) in [
			(100, 999, 1, Verdict::Same),
			(250, 999, 1, Verdict::Same),
			(99, 999, 1, Verdict::Behind),
			(3, 999, 1, Verdict::Behind),
			(0, 999, 1, Verdict::Behind),
			(1, 0, 1, reset(1)),
			(63, 0, 1, reset(32)),
			(250, 0, 1, reset(100)),
			// Started again from a copy that was made at block 70.
			(90, 70, 1, Verdict::Behind),
			(100, 70, 1, reset(100)),
			// A node that has no old headers.
			(250, 999, 120, Verdict::Same),
			(90, 0, 60, reset(64)),
		] {
			let chain = |number| block(if number <= fork { 1 } else { 2 }, number);
			let hash_at = |number| async move { Ok::<_, Infallible>((number >= first).then(|| chain(number).hash)) };
			assert_eq!(known.compare(chain(head), hash_at).await, Ok(verdict), "{head}, {fork}, {first}");
		}
	}

	#[tokio::test]
	async fn compare_accepts_any_chain_if_no_block_is_known() {
		let hash_at = |_| async { Err("asked") };
		assert_eq!(KnownBlocks::default().compare(block(1, 5), hash_at).await, Ok(Verdict::Same));
	}
}
