//! Demands: a part of what a party committed to, shown to everybody.

use crate::{
	context::FaultContext,
	fault::{message_bytes, Chunk},
	product_tree::root_of_levels,
	ring::Ring,
	verdict::FaultError,
	wire::{self, Entry},
};
use alloc::vec::Vec;
use codec::{Compact, Decode, Encode};
use encrytrust_types::{
	job::{Stage, TreeShape},
	merkle,
};
use primitive_types::H256;

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
	/// The contract says how long each list and each number of a piece is. Nothing is hashed before all of them are
	/// compared with it: whoever sends other bytes makes nobody work for them. So a party whose commitment is to something
	/// of another form cannot answer.
	///
	/// # Errors
	///
	/// See [`FaultError`]; what is not of the form that the contract says, or does not hash to the commitment, is
	/// `NotCommitted`.
	pub fn check_answer(
		&self,
		stage: Stage,
		who: &A,
		piece: u32,
		bytes: &[u8],
		path: &[H256],
	) -> Result<(), FaultError> {
		let root = self.root(stage, who)?;
		match self.read_piece(stage, who, piece, bytes)? {
			Piece::Message { computing, ring } => {
				let leaves = wire::selection_leaves(bytes, self.contract.features(), ring.bytes());
				self.ensure_message(computing, merkle::root(&leaves), path)
			},
			Piece::Inputs { data, part, index, inputs: (entry, chunks, leaves) } => {
				if merkle::root(&wire::leaves(chunks.iter())) != entry.sealed
					|| merkle::root(&leaves) != entry.ciphertexts
				{
					return Err(FaultError::NotCommitted);
				}
				self.ensure_inputs(root, data, (part, index), &entry, path)
			},
			Piece::Trees { shape, trees } => self.ensure_trees(root, shape, piece, &trees, path),
		}
	}

	/// Take the bytes of a piece apart by the lengths that the contract says. Nothing is hashed.
	pub(crate) fn read_piece<'b>(
		&self,
		stage: Stage,
		who: &A,
		piece: u32,
		bytes: &'b [u8],
	) -> Result<Piece<'b>, FaultError> {
		if piece >= self.pieces(stage, who) {
			return Err(FaultError::OutOfRange);
		}
		match stage {
			Stage::Confirmation => Err(FaultError::OutOfRange),
			Stage::Selection => self.read_message_piece(piece, bytes),
			Stage::Inputs => self.read_entry(who, piece, bytes),
			Stage::Outputs | Stage::Result => {
				let shape = self.contract.tree_shape(stage).ok_or(FaultError::OutOfRange)?;
				let trees = read_trees(bytes, self.contract.outputs_of(piece).len(), shape, self.user_ring()?.bytes());
				Ok(Piece::Trees { shape, trees: trees.ok_or(FaultError::NotCommitted)? })
			},
		}
	}

	fn read_message_piece(&self, piece: u32, bytes: &[u8]) -> Result<Piece<'static>, FaultError> {
		let computing = u16::try_from(piece).map_err(|_| FaultError::OutOfRange)?;
		let ring = self.computing_ring(computing)?;
		if bytes.len() != message_bytes(self.contract.features(), ring.n_bytes().len()) {
			return Err(FaultError::NotCommitted);
		}
		Ok(Piece::Message { computing, ring })
	}

	fn read_entry<'b>(&self, who: &A, piece: u32, bytes: &'b [u8]) -> Result<Piece<'b>, FaultError> {
		let data = self.data_index(who).ok_or(FaultError::OutOfRange)?;
		let part = piece.checked_div(self.entries()).ok_or(FaultError::OutOfRange)?;
		let index = piece.checked_rem(self.entries()).ok_or(FaultError::OutOfRange)?;
		let computing = index.checked_div(self.contract.features().into()).and_then(|index| u16::try_from(index).ok());
		let ring = self.computing_ring(computing.ok_or(FaultError::OutOfRange)?)?;
		let user = self.user_ring()?;
		let inputs = read_inputs(bytes, &user, &ring, |entry| self.is_complete(data, part, entry, &user));
		Ok(Piece::Inputs { data, part, index, inputs: inputs.ok_or(FaultError::NotCommitted)? })
	}

	/// A part's trees: their root is a node of the Merkle tree over all.
	fn ensure_trees(
		&self,
		root: H256,
		shape: TreeShape,
		part: u32,
		trees: &[Levels],
		path: &[H256],
	) -> Result<(), FaultError> {
		let leaf =
			|(output, levels): (u32, &Levels)| merkle::leaf(output.into(), root_of_levels(shape, levels).as_bytes());
		let leaves: Vec<_> = self.contract.outputs_of(part).zip(trees).map(leaf).collect();
		match merkle::climb(self.contract.output_parts().into(), part.into(), merkle::root(&leaves), path) {
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

/// A piece, taken apart.
pub(crate) enum Piece<'a> {
	/// A selection message.
	Message { computing: u16, ring: Ring },
	/// A data provider's entry.
	Inputs { data: u16, part: u32, index: u32, inputs: Inputs<'a> },
	/// The product trees of a part.
	Trees { shape: TreeShape, trees: Vec<Levels<'a>> },
}

/// What a piece of inputs carries: an entry, its sealed chunks, and the Merkle leaves of its ciphertexts.
pub type InputsPiece = (Entry, Vec<Chunk>, Vec<H256>);

/// An [`InputsPiece`], whose chunks stand in the answer.
type Inputs<'a> = (Entry, Vec<&'a [u8]>, Vec<H256>);

/// The levels of a published tree, whose values stand in the answer.
type Levels<'a> = Vec<Vec<&'a [u8]>>;

/// The trees of an answer: as many as `count`, of one shape, with values of `value` bytes.
fn read_trees(bytes: &[u8], count: usize, shape: TreeShape, value: usize) -> Option<Vec<Levels<'_>>> {
	let mut reader = Reader(bytes);
	let levels = usize::from(shape.height()).checked_add(1)?;
	let trees = reader.list(count, |reader, _| {
		reader.list(levels, |reader, level| {
			let width = shape.width(u8::try_from(level).ok()?);
			reader.list(usize::try_from(width).ok()?, |reader, _| reader.bytes(value))
		})
	})?;
	reader.is_done().then_some(trees)
}

/// The entry of an [`InputsPiece`] with its chunks and leaves, if there are as many of each as a complete one has.
fn read_inputs<'a>(
	bytes: &'a [u8],
	user: &Ring,
	ring: &Ring,
	is_complete: impl Fn(&Entry) -> bool,
) -> Option<Inputs<'a>> {
	let mut reader = Reader(bytes);
	let entry = Entry::decode(&mut reader.0).ok()?;
	let halves = [&entry.proof.kappa_response, &entry.proof.rho_response];
	let numbers = ring.is_number(&entry.transfer) && ring.is_number(&entry.proof.commitment);
	if !is_complete(&entry) || !numbers || halves.iter().any(|half| half.len() != ring.n_bytes().len()) {
		return None;
	}
	let chunk = |index| wire::sealed_length(entry.blocks, index, user.bytes());
	let chunks = reader.list(entry.chunks as usize, |reader, index| reader.bytes(chunk(index)))?;
	let leaves =
		reader.list(entry.blocks as usize, |reader, _| reader.take(H256::len_bytes()).map(H256::from_slice))?;
	reader.is_done().then_some((entry, chunks, leaves))
}

/// Reads SCALE whose every length is known beforehand. Nothing is allocated but for what was found to be there.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
	/// A list of exactly `count` items.
	fn list<Item>(
		&mut self,
		count: usize,
		mut item: impl FnMut(&mut Self, usize) -> Option<Item>,
	) -> Option<Vec<Item>> {
		self.count(count)?;
		let mut items = Vec::new();
		for index in 0..count {
			items.push(item(self, index)?);
		}
		Some(items)
	}

	/// A string of exactly `length` bytes.
	fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
		self.count(length)?;
		self.take(length)
	}

	/// The prefix of a list of exactly `count` items.
	fn count(&mut self, count: usize) -> Option<()> {
		let expected = Compact(u32::try_from(count).ok()?).encode();
		(self.take(expected.len())? == expected).then_some(())
	}

	fn take(&mut self, length: usize) -> Option<&'a [u8]> {
		let (taken, rest) = self.0.split_at_checked(length)?;
		self.0 = rest;
		Some(taken)
	}

	fn is_done(&self) -> bool {
		self.0.is_empty()
	}
}
