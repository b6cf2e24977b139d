//! Finalised blocks that were seen, by which a chain is told from one that was begun anew under the same genesis.

use crate::{Block, BlockNumber, Error, H256};
use std::{collections::BTreeMap, future::Future};

/// The newest finalised block that was seen, and those whose number is a power of two.
///
/// A chain that was begun anew has other blocks from the first on, so the few old ones tell it as soon as it has any. A
/// node that lags behind has the same ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Landmarks(BTreeMap<BlockNumber, H256>);

/// What a node's chain is, compared with what was seen of it before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
	/// The same chain, as far as it was seen.
	Same,
	/// Nothing that was seen is missing, but the node has not come as far yet.
	Behind,
	/// Another chain.
	Reset(Reset),
}

/// A block whose finalised number had another hash before: the chain was begun anew under the same genesis.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("block {number} is {found:?} on this node, and was {known:?} when it was final")]
pub struct Reset {
	/// Which block.
	pub number: BlockNumber,
	/// What it was.
	pub known: H256,
	/// What it is now.
	pub found: H256,
}

impl Landmarks {
	/// Remembers a finalised block. The newest before it is forgotten, unless its number is a power of two.
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

	/// All of them, the newest last.
	pub fn blocks(&self) -> impl Iterator<Item = Block> + '_ {
		self.0.iter().map(|(number, hash)| Block { number: *number, hash: *hash })
	}

	/// The highest one that the node knows by its number decides: a finalised block has only one past.
	pub(crate) async fn judge<F: Future<Output = Result<Option<H256>, Error>>>(
		&self,
		head: Block,
		hash_at: impl Fn(BlockNumber) -> F,
	) -> Result<Verdict, Error> {
		for (number, known) in self.0.range(..=head.number).rev() {
			let found = if *number == head.number { Some(head.hash) } else { hash_at(*number).await? };
			match found {
				Some(found) if found == *known => break,
				Some(found) => return Ok(Verdict::Reset(Reset { number: *number, known: *known, found })),
				// A node that began at a later block does not have the headers before it.
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

	/// Block `number` of a chain, which has so many digits.
	fn block(chain: u8, number: BlockNumber) -> Block {
		let mut hash = [chain; 32];
		hash[..4].copy_from_slice(&number.to_be_bytes());
		Block { number, hash: H256(hash) }
	}

	fn seen(chain: u8, numbers: impl IntoIterator<Item = BlockNumber>) -> Landmarks {
		let mut landmarks = Landmarks::default();
		numbers.into_iter().for_each(|number| landmarks.insert(block(chain, number)));
		landmarks
	}

	fn numbers(landmarks: &Landmarks) -> Vec<BlockNumber> {
		landmarks.blocks().map(|block| block.number).collect()
	}

	#[test]
	fn the_newest_block_and_powers_of_two_are_kept() {
		assert_eq!(numbers(&seen(1, 1..=100)), [1, 2, 4, 8, 16, 32, 64, 100]);
		assert_eq!(numbers(&seen(1, [70, 90, 80, 64, 3, 4])), [4, 64, 90]);
		assert_eq!(powers_of_two(4, 33).collect::<Vec<_>>(), [8, 16, 32]);
		assert_eq!(powers_of_two(0, BlockNumber::MAX).count(), 32);
	}

	#[tokio::test]
	async fn a_chain_is_judged_by_the_highest_block_that_both_have() {
		let known = seen(1, 1..=100);
		let reset =
			|number| Verdict::Reset(Reset { number, known: block(1, number).hash, found: block(2, number).hash });
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
			// Begun anew from a copy that was made at block 70.
			(90, 70, 1, Verdict::Behind),
			(100, 70, 1, reset(100)),
			// A node that has no old headers.
			(250, 999, 120, Verdict::Same),
			(90, 0, 60, reset(64)),
		] {
			let chain = |number| block(if number <= fork { 1 } else { 2 }, number);
			let hash_at = |number| async move { Ok((number >= first).then(|| chain(number).hash)) };
			assert_eq!(known.judge(chain(head), hash_at).await.unwrap(), verdict, "{head}, {fork}, {first}");
		}
	}

	#[tokio::test]
	async fn whoever_has_seen_nothing_takes_any_chain() {
		let hash_at = |_| async { panic!("asked") };
		assert_eq!(Landmarks::default().judge(block(1, 5), hash_at).await.unwrap(), Verdict::Same);
	}
}
