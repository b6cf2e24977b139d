//! Demands: a part of what a party committed to, shown to everybody.

use super::{Chunk, FaultContext, FaultError};
use crate::{
	bmpc::Stage,
	merkle,
	wire::{self, Entry, Product},
};
use alloc::vec::Vec;
use codec::{DecodeAll, Encode};
use sp_core::H256;

impl<A: Clone + Encode + PartialEq, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	/// Number of pieces that what `who` commits to in `stage` can be demanded in; none of somebody who commits to nothing.
	pub fn pieces(&self, stage: Stage, who: &A) -> u32 {
		match stage {
			Stage::Confirmation => 0,
			Stage::Selection => self.contract.computing.len() as u32,
			Stage::Inputs => {
				let data = self.data_index(who).map_or(0, |data| self.contract.parts(data));
				data.saturating_mul(self.entries())
			},
			Stage::Outputs | Stage::Result => self.contract.output_parts(),
		}
	}

	/// Check that `bytes` are the piece of what `who` committed to in `stage`, with `path` to the commitment.
	///
	/// # Errors
	///
	/// See [`FaultError`]; what does not decode, or not to what hashes to the commitment, is `NotCommitted`.
	pub fn check_answer(
		&self,
		stage: Stage,
		who: &A,
		piece: u32,
		bytes: &[u8],
		path: &[H256],
	) -> Result<(), FaultError> {
		let root = self.root(stage, who)?;
		if piece >= self.pieces(stage, who) {
			return Err(FaultError::OutOfRange);
		}
		match stage {
			Stage::Confirmation => Err(FaultError::OutOfRange),
			Stage::Selection => {
				let computing = u16::try_from(piece).map_err(|_| FaultError::OutOfRange)?;
				let ring = self.computing_ring(computing)?;
				let leaves = wire::selection_leaves(bytes, self.contract.features(), ring.bytes());
				self.ensure_message(computing, merkle::root(&leaves), path)
			},
			Stage::Inputs => {
				let data = self.data_index(who).ok_or(FaultError::OutOfRange)?;
				let part = piece.checked_div(self.entries()).ok_or(FaultError::OutOfRange)?;
				let index = piece.checked_rem(self.entries()).ok_or(FaultError::OutOfRange)?;
				self.ensure_inputs(root, data, (part, index), &entry_of(bytes)?, path)
			},
			Stage::Outputs | Stage::Result => self.ensure_trees(root, stage, piece, bytes, path),
		}
	}

	/// A part's trees: their root is a node of the Merkle tree over all.
	fn ensure_trees(&self, root: H256, stage: Stage, part: u32, bytes: &[u8], path: &[H256]) -> Result<(), FaultError> {
		let shape = self.contract.tree_shape(stage).ok_or(FaultError::OutOfRange)?;
		let product = Product::decode_all(&mut &*bytes).map_err(|_| FaultError::NotCommitted)?;
		let outputs = self.contract.outputs_of(part);
		if product.trees.len() != outputs.len() {
			return Err(FaultError::NotCommitted);
		}
		let hashes = product.hashes(shape, self.user_ring()?.bytes()).ok_or(FaultError::NotCommitted)?;
		let node = merkle::root(&wire::product_leaves(outputs.start, &hashes));
		match merkle::climb(self.contract.output_parts().into(), part.into(), node, path) {
			None => Err(FaultError::PathLength),
			Some(reached) if reached != root => Err(FaultError::NotCommitted),
			Some(_) => Ok(()),
		}
	}

	/// The piece that carries a feature's entry for a computing provider.
	pub fn inputs_piece(&self, part: u32, computing: u16, feature: u16) -> u32 {
		part.saturating_mul(self.entries()).saturating_add(self.entry_index(computing, feature))
	}

	fn data_index(&self, who: &A) -> Option<u16> {
		let index = self.contract.data.iter().position(|data| data.party.who == *who)?;
		u16::try_from(index).ok()
	}
}

/// What a piece of inputs carries: an entry, its sealed chunks, and the Merkle leaves of its ciphertexts.
pub type InputsPiece = (Entry, Vec<Chunk>, Vec<H256>);

/// The entry of a piece of inputs, whose chunks and leaves are those that it commits to.
fn entry_of(bytes: &[u8]) -> Result<Entry, FaultError> {
	let (entry, chunks, leaves) = InputsPiece::decode_all(&mut &*bytes).map_err(|_| FaultError::NotCommitted)?;
	let is = |leaves: &[H256], count: u32, root: H256| {
		leaves.len() as u64 == u64::from(count) && merkle::root(leaves) == root
	};
	let complete =
		is(&wire::leaves(chunks.iter()), entry.chunks, entry.sealed) && is(&leaves, entry.blocks, entry.ciphertexts);
	complete.then_some(entry).ok_or(FaultError::NotCommitted)
}
