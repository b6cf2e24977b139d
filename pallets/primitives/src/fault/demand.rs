//! Demands: a part of what a party committed to, shown to everybody.

use super::{ensure_path, entry_place, Chunk, FaultContext, FaultError};
use crate::{
	bmpc::Stage,
	merkle,
	product_tree::Tree,
	wire::{self, Entry},
};
use alloc::vec::Vec;
use codec::{DecodeAll, Encode};
use sp_core::H256;

impl<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	/// Number of pieces that a commitment of `stage` can be demanded in.
	pub fn pieces(&self, stage: Stage) -> u32 {
		let providers = self.contract.computing.len() as u32;
		match stage {
			Stage::Confirmation => 0,
			Stage::Selection => providers,
			Stage::Inputs => providers.saturating_mul(self.contract.features().into()),
			Stage::Outputs | Stage::Result => self.contract.outputs().into(),
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
		let pieces = self.pieces(stage);
		if piece >= pieces {
			return Err(FaultError::OutOfRange);
		}
		let root = self.root(stage, who)?;
		let data = match stage {
			Stage::Selection => {
				let ring = self.computing_ring(u16::try_from(piece).map_err(|_| FaultError::OutOfRange)?)?;
				let leaves = wire::selection_leaves(bytes, self.contract.features(), ring.bytes());
				merkle::root(&leaves).encode()
			},
			Stage::Inputs => entry_of(bytes)?.encode(),
			Stage::Confirmation | Stage::Outputs | Stage::Result => {
				let shape = self.contract.tree_shape(stage).ok_or(FaultError::OutOfRange)?;
				let tree = Tree::decode_all(&mut &*bytes).map_err(|_| FaultError::NotCommitted)?;
				let hashes = tree.hashes(shape, self.user_ring()?.bytes()).ok_or(FaultError::NotCommitted)?;
				hashes.root().encode()
			},
		};
		ensure_path(root, pieces.into(), piece.into(), &data, path)
	}

	/// The piece that carries a feature's entry for a computing provider.
	pub fn inputs_piece(&self, computing: u16, feature: u16) -> u32 {
		let (_, index) = entry_place(0, self.contract.features(), computing, feature);
		index as u32
	}
}

/// The entry of a piece of inputs, `SCALE((Entry, Vec<chunk>))`, whose chunks are those that it commits to.
fn entry_of(bytes: &[u8]) -> Result<Entry, FaultError> {
	let (entry, chunks) = <(Entry, Vec<Chunk>)>::decode_all(&mut &*bytes).map_err(|_| FaultError::NotCommitted)?;
	let sealed = merkle::root(&wire::leaves(chunks.iter()));
	let complete = chunks.len() as u64 == u64::from(entry.chunks) && sealed == entry.sealed;
	complete.then_some(entry).ok_or(FaultError::NotCommitted)
}
